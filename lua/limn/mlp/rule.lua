-- limn/mlp/rule.lua: the options of net:train with all defaults: rates, penalties, schedules, one value per net.

local limn_native = require "limn.native"
local check = require "limn.base.check"
local native, arrays = limn_native.mlp, limn_native.array
local vocabulary = require "limn.base.vocabulary"
local rules = require "limn.mlp.options"
local gauss_newton = require "limn.mlp.gauss_newton"

local rule = {}

-- Upper bounds of the second derivative of a loss by the outputs; hinge and exponential have none, and are treated as mse.
local CURVATURE = { logistic = 1 / 4, softmax = 1 / 2 }

-- Half the stability limit of gradient descent on the linearised net. With all points the limit is 2/lambda, where
-- lambda is the largest eigenvalue of the tangent kernel K divided by D (times the loss's curvature), here the maximum
-- over a sample of nets, on at most 200 points. With batches of b points it is 2 b/(max K_ii + (b - 1) lambda), in the mean
-- square (Ma, Bassily and Belkin 2018). l2 is a curvature too.
local function stable_rate(who, self, X, o)
  local most, all = 0, #X
  local points = math.min(all, 200)
  if points < all then X = X:slice(1, points, 1, self.sizes[1]) end
  for i = 1, self.count, type(self.alpha) == "table" and 1 or math.max(1, self.count // 16) do
    local layers, sum = native.kernel(self.handle, i, X, nil, who), nil
    for l = 1, #self.layers do
      local k = layers[l] * o.rates[l]
      sum = sum and sum + k or k
    end
    if sum:sum() - sum:sum() ~= 0 then
      check.fail("%s: rate has no default: the tangent kernel at X is not finite; scale X or give rate", who)
    end
    local w = sum:eigh()
    local curvature = w[#w] / points
    if o.batch > 0 and o.batch < all then
      local diagonal = 0
      for p = 1, points do diagonal = math.max(diagonal, sum:get(p, p)) end
      curvature = (diagonal + (o.batch - 1) * curvature) / o.batch
    end
    most = math.max(most, curvature)
  end
  local penalty = 0
  for l = 1, #self.layers do
    penalty = math.max(penalty, o.rates[l] * self.layers[l].rate * (o.l2[l] * (o.most_l2 or 1) + o.decay[l] * (o.most_decay or 1)))
  end
  most = math.max(most * (CURVATURE[o.loss] or 1), penalty)
  if most <= 0 then return 1 end
  return 1 / most * (o.optimizer == "gd" and 1 or 1 - o.momentum)
end

local UNIT_RATES = { adam = 1e-3, sign = 1e-3, lion = 1e-4, gauss_newton = 1 } -- default rates of optimisers with steps of that size

-- One number for each net, if `value` is a list with as many entries as nets (and not as layers: that is a list by
-- layer), or { nets = list }. Returns them as an array and their maximum; nil for other values.
local function of_nets(who, self, name, value, by_layer)
  local list, named = value, false
  if type(value) == "table" and value.nets ~= nil then list, named = value.nets, true end
  if type(list) ~= "table" and check.typename(list) ~= "limn.array" then
    if named then check.fail("%s: %s.nets must be a list of %d numbers, got %s", who, name, self.count, check.show(list)) end
    return nil
  end
  if not named and by_layer and (#list == #self.layers or self.count == 1) then return nil end
  if #list ~= self.count then
    check.fail("%s: %s must be a number, %sor a list with one entry per net, %d, got %d entries", who, name,
      by_layer and ("a list with one entry per weight layer, %d, "):format(#self.layers) or "", self.count, #list)
  end
  local values, most = arrays.zeros(self.count), 0
  for i = 1, self.count do
    local v = check.value(who, ("%s[%d]"):format(name, i), list[i], { type = "number", required = true, min = 0 })
    if v == 0 and not by_layer then check.fail("%s: %s[%d] must be positive, got 0", who, name, i) end
    values:set(i, v)
    most = math.max(most, v)
  end
  return values, most
end

local function penalties(who, self, o)
  for name, default in pairs { rates = 1, l2 = 0, l1 = 0, decay = 0 } do
    if name ~= "rates" then
      local values, most = of_nets(who, self, name, o[name], true)
      if values then o["net_" .. name], o["most_" .. name], o[name] = values, most, 1 end
    end
    o[name] = rules.per_layer(who, name, o[name], #self.layers, default)
  end
end

-- ---- schedules -------------------------------------------------------------------------------------------

local KINDS = {
  constant = function() return 1 end,
  linear = function(t, steps, s) return 1 - (1 - s.final) * (t - 1) / steps end,
  cosine = function(t, steps, s) return s.final + (1 - s.final) * (1 + math.cos(math.pi * (t - 1) / steps)) / 2 end,
  step = function(t, _, s) return s.factor ^ ((t - 1) // s.every) end,
}

local SCHEDULE = {
  kind = { type = "string", default = "constant", one_of = { "constant", "linear", "cosine", "step" } },
  warmup = { type = "integer", min = 0, default = 0 },
  final = { type = "number", min = 0, default = 0 },
  factor = { type = "number", default = 0.1 },
  every = { type = "integer", min = 1 },
}

-- The function (step, steps) -> factor of the rate that the option schedule describes; nil for none.
local function schedule_of(who, value)
  if value == nil or type(value) == "function" then return value end
  if type(value) == "string" then value = { kind = value } end
  local s = check.options(who .. ": schedule", value, SCHEDULE)
  if s.kind == "step" and not s.every then check.fail('%s: schedule: kind "step" needs every, the steps between two falls', who) end
  if s.factor <= 0 then check.fail("%s: schedule: factor must be positive, got %g", who, s.factor) end
  local shape = KINDS[s.kind]
  return function(t, steps) return shape(t, steps, s) * (t < s.warmup and t / s.warmup or 1) end
end

-- The factors of steps first .. first + n - 1 of `steps`, as an array.
function rule.factors(who, schedule, first, n, steps)
  local list = arrays.zeros(n)
  for k = 1, n do
    local factor = schedule(first + k - 1, steps)
    if type(factor) ~= "number" or not (factor > 0 and factor < math.huge) then
      check.fail("%s: schedule must give a positive factor of the rate, got %s at step %d", who, check.show(factor), first + k - 1)
    end
    list:set(k, factor)
  end
  return list
end

-- ---- constraints -----------------------------------------------------------------------------------------

local CONSTRAIN = {
  kind = { type = "string", required = true, one_of = vocabulary.names "constraint" },
  norm = { type = "number" },
  layers = { type = "table" },
}

-- Sets o.constraint, its word, and o.bound, one number per layer, from the option constrain.
local function constraint(who, self, o)
  if o.constrain == nil then return end
  local name = who .. ": constrain"
  local c = check.options(name, type(o.constrain) == "string" and { kind = o.constrain } or o.constrain, CONSTRAIN)
  local free = c.kind == "nonnegative"
  if free and c.norm then check.fail('%s: norm must be left out with "nonnegative"', name) end
  if not free and not c.norm then check.fail('%s: kind = "%s" needs norm, of the weights into each unit', name, c.kind) end
  if not free and c.norm <= 0 then check.fail("%s: norm must be positive, got %g", name, c.norm) end
  o.constraint, o.bound = c.kind, {}
  for l = 1, #self.layers do o.bound[l] = c.layers and 0 or c.norm or 1 end
  for i, l in ipairs(c.layers or {}) do
    l = check.value(name, ("layers[%d]"):format(i), l, { type = "integer", min = 1, max = #self.layers })
    o.bound[l] = c.norm or 1
  end
end

-- ---- all options -----------------------------------------------------------------------------------------

-- The optimisers that use an option; all use the others.
local USED_BY = {
  momentum = { "gd", "sgd", "momentum", "nesterov", "adam", "adamw", "lion" },
  beta2 = { "adam", "adamw", "lion" },
  epsilon = { "adam", "adamw" },
  temperature = { "langevin" },
  damping = { "gauss_newton" },
}

-- Whether an optimiser uses an option.
function rule.uses(optimizer, option)
  for _, name in ipairs(USED_BY[option]) do if name == optimizer then return true end end
  return false
end

-- Refuses options that none of the optimisers uses. given: the options as the caller wrote them.
function rule.used(who, given, optimizers)
  for option, names in pairs(USED_BY) do
    local used = given == nil or given[option] == nil or option == "momentum" and given[option] == 0
    for _, optimizer in ipairs(optimizers) do used = used or rule.uses(optimizer, option) end
    if not used then
      check.fail('%s: %s is an option of optimizer = "%s", not of "%s"', who, option, table.concat(names, '", "'),
        table.concat(optimizers, '", "'))
    end
  end
end

-- Checks the arguments of a call -> X as an array or a function of the step, y, the options with all defaults.
function rule.arguments(self, who, X, y, options)
  check.self(who, self, "limn.mlp")
  local o = check.options(who, options, rules.train)
  rule.used(who, options, { o.optimizer })
  if type(o.loss) == "string" then
    check.value(who, "loss", o.loss, rules.loss)
  elseif type(o.loss) ~= "function" then
    check.fail("%s: loss must be a name or a function(f, y) -> value, gradient, got %s", who, check.show(o.loss))
  end
  if type(X) == "function" then
    if y ~= nil then check.fail("%s: y must be left out when X is a function, which returns both", who) end
    if o.batch then check.fail("%s: batch cannot be combined with data from a function: each call gives one batch", who) end
  else
    X = rules.points(who, X)
    y = rules.targets(who, self, y, o.loss)
  end
  local own = type(o.loss) == "function" -- its values may be negative
  o.tol = o.tol or own and -math.huge or o.steps and 0 or 1e-6
  o.steps = o.steps or 100000
  local points = type(X) == "function" and 0 or #X
  o.named = o.optimizer -- in the run
  if o.optimizer == "sgd" then o.batch, o.optimizer = o.batch or points > 0 and math.min(32, points) or nil, "gd" end
  if o.optimizer == "gd" and o.momentum and o.momentum > 0 then o.optimizer = "momentum" end
  if o.optimizer ~= "adamw" and o.optimizer ~= "langevin" then o.named = o.optimizer end
  if o.optimizer == "adamw" then o.optimizer, o.decay = "adam", o.decay or 0.01 end
  if o.optimizer == "langevin" then
    o.optimizer = "gd"
    if not o.temperature then check.fail('%s: optimizer = "langevin" needs temperature', who) end
  end
  penalties(who, self, o)
  local newton = o.optimizer == "gauss_newton"
  o.momentum = o.momentum or ((o.optimizer == "gd" or newton) and 0 or 0.9)
  o.beta2 = o.beta2 or (o.optimizer == "lion" and 0.99 or 0.999)
  o.batch = o.batch or 0
  if newton then gauss_newton.check(who, self, o) end
  constraint(who, self, o)
  o.schedule = schedule_of(who, o.schedule)
  local values, most = of_nets(who, self, "rate", o.rate, false)
  if values then
    o.net_rate, o.most_rate, o.rate = values, most, 1
  elseif o.rate == nil then
    if points == 0 and not UNIT_RATES[o.optimizer] then check.fail("%s: rate is missing (X is a function)", who) end
    o.rate = UNIT_RATES[o.optimizer] or stable_rate(who, self, X, o)
  else
    check.value(who, "rate", o.rate, { type = "number" })
    if o.rate <= 0 then check.fail("%s: rate must be positive, got %s", who, check.show(o.rate)) end
  end
  return X, y, o
end

return rule
