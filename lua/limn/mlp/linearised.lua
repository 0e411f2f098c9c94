-- limn/mlp/linearised.lua: the tangent model of a net at its initial parameters, trained in closed form.

local check = require "limn.base.check"
local rules = require "limn.mlp.options"
local Net = require("limn.mlp.net").Net

local native = require("limn.native").kernel

local FITS = 1e-6 -- relative residual up to which labels count as fitted, as in limn.kernel

local Linearised = { __name = "limn.mlp.linearised" }
Linearised.__index = Linearised

function Linearised:__tostring()
  return ("limn.mlp.linearised: tangent model of %s, %s after %s steps%s"):format(table.concat(self.net.sizes, "-"),
    self.last and "last layer" or "all layers", self.steps == math.huge and "infinitely many" or self.steps,
    self.warning and "; " .. self.warning or "")
end

-- forward(Z) -> the outputs of the trained tangent model.
function Linearised:forward(Z)
  local cross = self.net:kernel(Z, self.X, { member = 1 }).layers
  local k
  for l, layer in ipairs(cross) do
    if self.rates[l] > 0 then k = k and k + layer * self.rates[l] or layer * self.rates[l] end
  end
  return self.net:forward(Z) + k:matmul(self.dual)
end
Linearised.predict = Linearised.forward

-- linearised(X, y, {rate=, steps=, rates=, member=1}) -> the net's tangent model at its initial parameters, trained on
-- (X, y) by gradient descent on the mean squared loss, in closed form:
-- f0 + K (1 - (1 - rate K/D)^steps) K^+ (y - f0).
-- steps = math.huge (default): to convergence. rates="last" trains only the last layer (then exact for every width).
function Net:linearised(X, y, options)
  local who = "net:linearised"
  local o = rules.probe(self, who, options, { rate = { type = "number" }, steps = { type = "number", min = 0, finite = false },
    rates = { type = "any" } })
  if self.sizes[#self.sizes] ~= 1 then check.fail("%s: the net must have 1 output, got %d", who, self.sizes[#self.sizes]) end
  X = rules.points(who, X)
  if y == nil then check.fail("%s: y is missing", who) end
  y = rules.points(who, y, "y")
  if #y ~= #X or y:size() ~= #X then check.fail("%s: y has %d entries but X has %d rows", who, y:size(), #X) end
  y = y:reshape(#X)
  for i = 1, #y do check.value(who, ("y[%d]"):format(i), y[i], { type = "number" }) end
  local rates = rules.per_layer(who, "rates", o.rates, #self.layers, 1)
  local net = self:initial(self.count > 1 and o.member or nil)
  local layers, K = net:kernel(X).layers, nil
  for l, layer in ipairs(layers) do
    if rates[l] > 0 then K = K and K + layer * rates[l] or layer * rates[l] end
  end
  if not K then check.fail("%s: rates must have an entry above 0, got only zeros", who) end
  local w, V, facts = native.factorise(who, K)
  local steps = o.steps or math.huge
  if steps < math.huge then
    if not o.rate then check.fail("%s: rate is missing (steps = %g)", who, steps) end
    if steps % 1 ~= 0 then check.fail("%s: steps must be a whole number or math.huge, got %g", who, steps) end
  end
  if o.rate and o.rate <= 0 then check.fail("%s: rate must be positive, got %g", who, o.rate) end
  local miss = y - net:forward(X)
  local last = true
  for l = 1, #rates - 1 do last = last and rates[l] == 0 end
  local model = setmetatable({ net = net, X = X, rates = rates, steps = steps, last = last, kernel = K, eigenvalues = w,
    rank = facts.rank, dual = native.descent(who, { eigenvalues = w, vectors = V, cut = facts.cut }, o.rate or 1, steps, miss) },
    Linearised)
  model.residual = (K:matmul(model.dual) - miss):norm() / math.max(y:norm(), 1e-300)
  if steps == math.huge and model.residual > FITS then
    model.warning = ("the labels are not fitted: relative residual %.3g at rank %d of %d"):format(model.residual, facts.rank, #X)
  end
  return model
end

check.sealed("linearised:", Linearised)
