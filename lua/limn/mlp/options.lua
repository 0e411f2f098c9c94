-- limn/mlp/options.lua: rules of the options of nets and of training, and of options shared by several functions.

local check = require "limn.base.check"
local vocabulary = require "limn.base.vocabulary"
local arrays = require("limn.native").array

local options = {}

options.inits = vocabulary.names "init"

options.net = {
  sizes = { type = "table", required = true, help = "{inputs, hidden, ..., outputs}" },
  activation = { type = "any", default = "relu" }, -- options.activation
  init = { type = "any", default = "he" },
  readout = { type = "number", min = 0, default = 0, help = "variance of the last layer's weights, times fan-in" },
  alpha = { type = "number", help = "factor of the outputs" },
  param = { type = "string", default = "standard", one_of = vocabulary.names "param" },
  bias = { type = "boolean", default = true },
  start = { type = "string", default = "random", one_of = vocabulary.names "start" },
  dtype = { type = "string", default = "f64", one_of = vocabulary.names "dtype" },
  count = { type = "integer", min = 1, default = 1 },
  seed = { type = "integer", default = 1 },
  point = { type = "integer", default = 0 },
  rep = { type = "integer", default = 0 },
}

-- An activation is a word or a function(h) -> values, derivatives, arrays of the shape of h.
function options.activation(who, value)
  if type(value) == "function" then return value end
  if type(value) ~= "string" then
    check.fail("%s: activation must be a name or a function(h) -> values, derivatives, got %s", who, check.show(value))
  end
  return check.value(who, "activation", value, { type = "string", one_of = vocabulary.names "activation" })
end

options.loss = { type = "string", default = "mse", one_of = vocabulary.names "loss" }

options.train = {
  optimizer = { type = "string", default = "gd", one_of = vocabulary.names "optimizer" },
  rate = { type = "any" },
  steps = { type = "integer", min = 0 },
  tol = { type = "number", finite = false },
  loss = { type = "any", default = "mse" },
  momentum = { type = "number", min = 0 },
  beta2 = { type = "number", min = 0 },
  epsilon = { type = "number", min = 0, default = 1e-8 },
  batch = { type = "integer", min = 1 },
  rates = { type = "any" },
  l2 = { type = "any", default = 0 },
  l1 = { type = "any", default = 0 },
  decay = { type = "any" },
  schedule = { type = "any" },
  constrain = { type = "any" },
  temperature = { type = "number", min = 0 },
  damping = { type = "number", min = 0, default = 1e-6 },
  validate = { type = "table" },
  patience = { type = "integer", min = 1, default = 10 },
  checkpoint = { type = "string" },
  every = { type = "integer", min = 1 },
  on = { type = "function" },
  interrupt = { type = "string", default = "raise", one_of = { "raise", "return" } },
  seed = { type = "integer", default = 1 },
}

-- One number per weight layer, from a number for all layers or a list; rates may also be "last".
function options.per_layer(who, name, value, layers, default)
  local list = {}
  if value == nil then value = default end
  if value == "last" and name == "rates" then
    for l = 1, layers do list[l] = l == layers and 1 or 0 end
    return list
  end
  if type(value) == "number" then
    for l = 1, layers do list[l] = value end
  elseif type(value) == "table" or check.typename(value) == "limn.array" then
    if #value ~= layers then
      check.fail("%s: %s must have one entry per weight layer, %d, got %d", who, name, layers, #value)
    end
    for l = 1, layers do list[l] = value[l] end
  else
    check.fail("%s: %s must be a number or a table of %d numbers%s, got %s", who, name, layers,
      name == "rates" and ' or "last"' or "", check.show(value))
  end
  for l = 1, layers do
    list[l] = check.value(who, ("%s[%d]"):format(name, l), list[l], { type = "number", required = true, min = 0 })
  end
  return list
end

-- The targets of `net` for a loss: softmax takes the class 1 .. outputs of each point, or the probabilities of all.
function options.targets(who, net, y, loss)
  if y == nil then check.fail("%s: y is missing", who) end
  if loss ~= "softmax" then return y end
  local outputs = net.sizes[#net.sizes]
  if outputs < 2 then check.fail('%s: loss = "softmax" needs a net with 2 or more outputs, one per class, got 1', who) end
  y = check.array(who, "y", y)
  local shape = { y:shape() }
  if #shape == 2 and shape[2] == outputs then return y end
  if #shape == 2 and shape[2] ~= 1 then
    check.fail("%s: y must hold a class for each point, or %d probabilities, got %d columns", who, outputs, shape[2])
  end
  y = y:reshape(y:size())
  local rows = arrays.zeros(#y, outputs)
  for i = 1, #y do
    local class = math.tointeger(y[i])
    if not class or class < 1 or class > outputs then
      check.fail("%s: y[%d] must be a class, a whole number from 1 to %d (the net's outputs), got %s", who, i, outputs,
        check.show(y[i]))
    end
    rows:set(i, class, 1)
  end
  return rows
end

-- X as an array with one row per point.
function options.points(who, X, name)
  X = check.array(who, name or "X", X)
  if #{ X:shape() } == 1 then X = X:reshape(#X, 1) end
  return X
end

-- Which nets, or whether net `member`, ended their last training by divergence, as a sentence; nil if none did.
-- net.diverged: net -> its steps in that training. Tables of results computed from a diverged net hold the sentence in
-- their field warning; so does the net itself.
function options.warning(net, member)
  local at = net.diverged
  if not at or member and not at[member] then return nil end
  if net.count == 1 or member then
    local steps = at[member or 1]
    return ("%s diverged after %d step%s"):format(net.count > 1 and "net " .. member or "the net", steps, steps == 1 and "" or "s")
  end
  local nets, least, most = 0, math.huge, 0
  for _, steps in pairs(at) do nets, least, most = nets + 1, math.min(least, steps), math.max(most, steps) end
  return ("%d of %d diverged after %d%s step%s"):format(nets, net.count, least, most > least and ".." .. most or "",
    most == 1 and "" or "s")
end

local PROBE = { member = { type = "integer", min = 1, default = 1 } }

-- Checks the options of a probe of `net`: `member` and those in `more`.
function options.probe(net, who, given, more)
  check.self(who, net, "limn.mlp")
  local known = {}
  for name, rule in pairs(PROBE) do known[name] = rule end
  for name, rule in pairs(more or {}) do known[name] = rule end
  local o = check.options(who, given, known)
  if o.member > net.count then check.fail("%s: member must be at most %d, got %d", who, net.count, o.member) end
  return o
end

return options
