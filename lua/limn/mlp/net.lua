-- limn/mlp/net.lua: construction of nets; their parameters, copies, files and outputs.

local native = require("limn.native").mlp
local check = require "limn.base.check"
local inputs = require "limn.base.inputs"
local rules = require "limn.mlp.options"

local Net = { __name = "limn.mlp" }
Net.__index = Net

local own_activation = require "limn.mlp.own_activation"

local function wrap(handle)
  local d = native.describe(handle)
  local self = setmetatable({ handle = handle }, Net)
  for _, name in ipairs { "sizes", "activation", "init", "param", "start", "dtype", "count", "seed", "bias",
    "layers", "weight", "bias_variance", "readout", "alpha" } do
    self[name] = d[name]
  end
  self.depth = #d.layers - 1 -- hidden layers
  return self
end

-- ---- construction ----------------------------------------------------------------------------------------

local function initialisation(who, o)
  if type(o.init) == "table" then
    local i = check.options(who .. ": init", o.init, {
      weight = { type = "number", required = true, help = "a variance, times fan-in" },
      bias = { type = "number", min = 0, default = 0 },
      orthogonal = { type = "boolean", default = false },
    })
    if i.weight <= 0 then check.fail("%s: init.weight must be a positive variance, got %g", who, i.weight) end
    o.init, o.weight, o.bias_variance = i.orthogonal and "orthogonal" or "custom", i.weight, i.bias
  else
    check.value(who, "init", o.init, { type = "string", one_of = rules.inits })
    o.weight, o.bias_variance = o.activation == "relu" and 2 or 1, 0 -- read by init = "orthogonal"
  end
end

-- The option `name` of an ensemble as a list, one entry per net; nil if it is not a list.
local function of_nets(who, name, value, count, rule)
  if type(value) ~= "table" and check.typename(value) ~= "limn.array" then return nil end
  if #value ~= count then
    check.fail("%s: %s must be a number or a list with one entry per net, %d, got %d entries", who, name, count, #value)
  end
  local list = {}
  for i = 1, count do
    local v = value[i]
    if name == "seed" then v = math.tointeger(v) or v end -- arrays hold reals
    list[i] = check.value(who, ("%s[%d]"):format(name, i), v, rule)
    if name == "alpha" and list[i] <= 0 then check.fail("%s: alpha[%d] must be positive, got %g", who, i, list[i]) end
  end
  return list
end

local function make(who, options, more)
  local known = {}
  for name, rule in pairs(rules.net) do known[name] = rule end
  for name, rule in pairs(more) do known[name] = rule end
  if more.count then known.seed, known.alpha = { type = "any", default = 1 }, { type = "any" } end
  local o = check.options(who, options, known)
  for name, list in pairs { seed = "seeds", alpha = "alphas" } do
    local of_one = { type = rules.net[name].type, required = true }
    o[list] = of_nets(who, name, o[name], o.count, of_one)
    if o[list] then
      o[name] = rules.net[name].default
    elseif o[name] ~= nil then
      o[name] = check.value(who, name, o[name], of_one)
    end
  end
  o.sizes = table.move(o.sizes, 1, #o.sizes, 1, {}) -- the caller's table is not changed
  for l, n in ipairs(o.sizes) do
    o.sizes[l] = check.value(who, ("sizes[%d]"):format(l), n, { type = "integer", min = 1, max = 1 << 40 })
  end
  o.activation = rules.activation(who, o.activation)
  if type(o.activation) == "function" then own_activation.check(who, o.activation) end
  initialisation(who, o)
  if o.alpha and o.alpha <= 0 then check.fail("%s: alpha must be positive, got %g", who, o.alpha) end
  return wrap(native.new(o, who))
end

-- new{sizes=, activation=, init=, param=, bias=, start=, dtype=, seed=} -> a net.
local function new(options) return make("mlp.new", options, {}) end

-- ensemble{..., count=100} -> count independent nets as one object; net r uses stream (seed, point, rep + r - 1), or with
-- seed = list (seed[r], point, rep). alpha may be a list, too.
local function ensemble(options)
  return make("mlp.ensemble", options, { count = { type = "integer", min = 1, required = true, help = "how many nets" } })
end

-- load(path) -> the net that net:save wrote, or nil, message.
local function load(path)
  check.path("mlp.load", "path", path)
  inputs.note(path)
  local handle, message = native.load(path)
  if not handle then return nil, message end
  return wrap(handle)
end

-- ---- description, parameters, copies, files --------------------------------------------------------------

-- Exponents a, b, c of each kind of layer (Yang & Hu 2021): W = n^-a w, w ~ N(0, n^-2b), rate n^-c.
local ABC = {
  standard = "a = 0, b = 0 | 1/2 | 1/2, c = 0 (stable as width grows only with a rate of order 1/n)",
  ntk = "a = 0 | 1/2 | 1/2, b = 0, c = 0",
  meanfield = "a = 0 | 1, b = 0, c = -1",
  mup = "a = -1/2 | 0 | 1/2, b = 1/2, c = 0",
}

function Net:__tostring()
  return ("limn.mlp: %s%s, %s, init %s, %s: %s, start %s, %s, %d step%s%s"):format(self.count > 1 and self.count .. " nets " or "",
    table.concat(self.sizes, "-"), self.activation, self.init, self.param, ABC[self.param], self.start, self.dtype,
    self:steps(), self:steps() == 1 and "" or "s", self.warning and "; " .. self.warning or "")
end

-- The number of training steps made so far.
function Net:steps() return native.describe(self.handle).steps end

-- parameters([{member=, pair=}]) -> {{weights = (out,in), bias = (out), multiplier=, ...}, ...}, one table per layer.
-- The pre-activation is multiplier * weights x + bias_multiplier * bias.
function Net:parameters(options)
  local o = rules.probe(self, "net:parameters", options, { pair = { type = "integer", min = 1, max = 2, default = 1, was = "twin" } })
  local list = {}
  for l, facts in ipairs(self.layers) do
    local layer = {}
    for k, v in pairs(facts) do layer[k] = v end
    layer.weights, layer.bias = native.get(self.handle, o.member, o.pair, l)
    if l == #self.layers and type(self.alpha) == "table" then
      local alpha = self.alpha[o.member]
      layer.multiplier, layer.bias_multiplier = layer.multiplier * alpha, layer.bias_multiplier * alpha
    end
    list[l] = layer
  end
  return list
end

-- set(layer, {weights=, bias=, member=, pair=}): replaces parameters; resets the optimiser's moments.
function Net:set(layer, options)
  local o = rules.probe(self, "net:set", options, { weights = { type = "array" }, bias = { type = "array" },
    pair = { type = "integer", min = 1, max = 2, default = 1, was = "twin" } })
  if o.weights == nil and o.bias == nil then check.fail("net:set: expected weights, bias or both, got neither") end
  native.set(self.handle, o.member, o.pair, layer, o.weights, o.bias)
end

-- member(i) -> a copy of net i of the ensemble.
function Net:member(i)
  check.value("net:member", "i", i, { type = "integer", required = true, min = 1, max = self.count })
  local net = wrap(native.copy(self.handle, i, false))
  net.diverged = self.diverged and self.diverged[i] and { self.diverged[i] } or nil
  net.warning = rules.warning(net)
  return net
end

-- initial([i]) -> a copy of net i, or of all nets, with the parameters before training.
function Net:initial(i)
  check.value("net:initial", "i", i, { type = "integer", min = 1, max = self.count })
  return wrap(native.copy(self.handle, i or 0, true))
end

function Net:copy()
  local net = wrap(native.copy(self.handle, 0, false))
  net.diverged, net.warning = self.diverged, self.warning
  return net
end

-- save(path) -> path, or nil, message. A net read by mlp.load trains on bit for bit as the saved one would.
function Net:save(path)
  check.self("net:save", self, "limn.mlp")
  check.path("net:save", "path", path)
  own_activation.no_file("net:save", self)
  inputs.wrote(path)
  return native.save(self.handle, path)
end

-- ---- outputs ---------------------------------------------------------------------------------------------

-- forward(X) -> outputs at the rows of X: (points) or (points, outputs); for an ensemble with a first dimension count.
function Net:forward(X)
  check.self("net:forward", self, "limn.mlp")
  return native.forward(self.handle, X)
end
Net.predict = Net.forward

-- map{x={-2,2}, y={-2,2}, n=256, dense=false} -> the outputs on a grid of n x n cells (n = {nx, ny}), row j at the j-th y:
-- (ny, nx), or (count, ny, nx); and the mean number of units per hidden layer whose sign changes inside a patch of 8 x
-- 8 points. ReLU nets are evaluated by exact affine patches; dense=true evaluates every point.
function Net:map(options)
  local who = "net:map"
  check.self(who, self, "limn.mlp")
  local o = check.options(who, options, { x = { type = "table", default = { -2, 2 } }, y = { type = "table" },
    n = { type = "any", default = 256 }, dense = { type = "boolean", default = false } })
  local x, y = o.x, o.y or o.x
  for _, side in ipairs { "x", "y" } do
    for k = 1, 2 do
      check.value(who, ("%s[%d]"):format(side, k), (o[side] or x)[k], { type = "number", required = true })
    end
  end
  local n = type(o.n) == "table" and o.n or { o.n, o.n }
  for i = 1, 2 do n[i] = check.value(who, "n", n[i], { type = "integer", required = true, min = 2 }) end
  local cells = 1.0 * n[1] * n[2] * self.count
  if cells > 2 ^ 31 then check.fail("%s: %d maps of %d x %d cells need %.3g bytes", who, self.count, n[1], n[2], 8 * cells) end
  return native.map(self.handle, x[1], (x[2] - x[1]) / (n[1] - 1), n[1], y[1], (y[2] - y[1]) / (n[2] - 1), n[2], o.dense)
end

-- activations(X, {member=, pre=false, initial=false}) -> list of arrays (points, units), one per layer, outputs last.
-- The field rms of the list holds the root mean square of each.
function Net:activations(X, options)
  local o = rules.probe(self, "net:activations", options, { pre = { type = "boolean", default = false },
    initial = { type = "boolean", default = false } })
  local list, rms = native.states(self.handle, o.member, o.pre, o.initial, X), {}
  for l = 1, #self.layers do
    rms[l] = math.sqrt((list[l] ^ 2):mean())
  end
  list.rms = rms
  if not o.initial then list.warning = rules.warning(self, o.member) end
  return list
end

-- features(X, {member=, initial=false}) -> the last hidden layer at the rows of X, (points, units).
function Net:features(X, options)
  local o = rules.probe(self, "net:features", options, { initial = { type = "boolean", default = false } })
  if self.depth == 0 then check.fail("net:features: this net has no hidden layer") end
  X = rules.points("net:features", X)
  return native.activations(self.handle, o.member, self.depth, false, o.initial, X)
end

return { Net = Net, new = new, ensemble = ensemble, load = load }
