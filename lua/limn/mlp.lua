-- limn/mlp.lua: multilayer perceptrons: initialise, train, probe, one net or many at once.
--   net = mlp.new { sizes = {2, 64, 64, 1}, init = "he", param = "ntk" }
--   run = net:train(X, y, { steps = 1000 })
-- The mathematics and its conventions are in limn/mlp.h; sizes, losses and rates are explained there.

local native = require("limn.native").mlp
local arrays = require("limn.native").array
local check = require "limn.check"

local mlp = {}

local Net = { __name = "limn.mlp" }
Net.__index = Net

-- ---- making ----------------------------------------------------------------------------------------------

local INITS = { "he", "lecun", "xavier", "uniform", "orthogonal" }

local rules = {
  sizes = { type = "table", required = true, help = "{inputs, hidden, ..., outputs}" },
  activation = { type = "string", default = "relu", one_of = { "relu", "tanh", "erf", "gelu", "sin", "linear" } },
  init = { type = "any", default = "he" },
  readout = { type = "number", min = 0, default = 0, help = "variance of the last layer's weights, times fan-in" },
  param = { type = "string", default = "standard", one_of = { "standard", "ntk", "meanfield", "mup" } },
  bias = { type = "boolean", default = true },
  start = { type = "string", default = "random", one_of = { "random", "none", "antisymmetric" } },
  dtype = { type = "string", default = "f64", one_of = { "f64", "f32" } },
  count = { type = "integer", min = 1, default = 1 },
  seed = { type = "integer", default = 1 },
  point = { type = "integer", default = 0 },
  rep = { type = "integer", default = 0 },
}

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
    check.value(who, "init", o.init, { type = "string", one_of = INITS })
    o.weight, o.bias_variance = o.activation == "relu" and 2 or 1, 0 -- orthogonal uses it
  end
end

local function wrap(handle)
  local d = native.describe(handle)
  local self = setmetatable({ handle = handle }, Net)
  for _, name in ipairs { "sizes", "activation", "init", "param", "start", "dtype", "count", "seed", "bias", "layers" } do
    self[name] = d[name]
  end
  self.depth = #d.layers - 1 -- hidden layers
  return self
end

local function make(who, options, more)
  local known = {}
  for name, rule in pairs(rules) do known[name] = rule end
  for name, rule in pairs(more) do known[name] = rule end
  local o = check.options(who, options, known)
  for l, n in ipairs(o.sizes) do
    o.sizes[l] = check.value(who, ("sizes[%d]"):format(l), n, { type = "integer", min = 1, max = 1 << 40 })
  end
  initialisation(who, o)
  return wrap(native.new(o))
end

-- new{sizes=, activation=, init=, param=, bias=, start=, dtype=, seed=} -> a net.
function mlp.new(options) return make("mlp.new", options, {}) end

-- ensemble{..., count=100} -> that many independent nets as one object; net r has the seed's stream rep + r - 1.
function mlp.ensemble(options)
  return make("mlp.ensemble", options, { count = { type = "integer", min = 1, required = true, help = "how many nets" } })
end

-- load(path) -> the net that net:save wrote, or nil, message.
function mlp.load(path)
  check.value("mlp.load", "path", path, { type = "string", required = true })
  local handle, message = native.load(path)
  if not handle then return nil, message end
  return wrap(handle)
end

-- ---- what a net is ---------------------------------------------------------------------------------------

-- Exponents a, b, c of each kind of layer (Yang & Hu 2021): W = n^-a w, w ~ N(0, n^-2b), rate n^-c.
local ABC = {
  standard = "a = 0, b = 0 | 1/2 | 1/2, c = 0 (stable as width grows only with a rate of order 1/n)",
  ntk = "a = 0 | 1/2 | 1/2, b = 0, c = 0",
  meanfield = "a = 0 | 1, b = 0, c = -1",
  mup = "a = -1/2 | 0 | 1/2, b = 1/2, c = 0",
}

function Net:__tostring()
  return ("limn.mlp: %s%s, %s, init %s, %s: %s, start %s, %s, %d step%s"):format(self.count > 1 and self.count .. " nets " or "",
    table.concat(self.sizes, "-"), self.activation, self.init, self.param, ABC[self.param], self.start, self.dtype,
    self:steps(), self:steps() == 1 and "" or "s")
end

-- Steps of training so far.
function Net:steps() return native.describe(self.handle).steps end

local function member_of(self, options) return options and options.member or 1 end

local PROBE = { member = { type = "integer", min = 1, default = 1 } }

local function probe_options(self, who, options, more)
  local known = {}
  for name, rule in pairs(PROBE) do known[name] = rule end
  for name, rule in pairs(more or {}) do known[name] = rule end
  local o = check.options(who, options, known)
  if o.member > self.count then check.fail("%s: member must be at most %d, got %d", who, self.count, o.member) end
  return o
end

-- parameters([{member=, twin=}]) -> {{weights = (out,in), bias = (out), multiplier=, ...}, ...}, a table a layer; the
-- pre-activation is multiplier * weights x + bias_multiplier * bias.
function Net:parameters(options)
  local o = probe_options(self, "net:parameters", options, { twin = { type = "integer", min = 1, max = 2, default = 1 } })
  local list = {}
  for l, facts in ipairs(self.layers) do
    local layer = {}
    for k, v in pairs(facts) do layer[k] = v end
    layer.weights, layer.bias = native.get(self.handle, o.member, o.twin, l)
    list[l] = layer
  end
  return list
end

-- set(layer, {weights=, bias=, member=, twin=}): replaces parameters; forgets the optimiser's moments.
function Net:set(layer, options)
  local o = probe_options(self, "net:set", options, { weights = { type = "array" }, bias = { type = "array" },
    twin = { type = "integer", min = 1, max = 2, default = 1 } })
  native.set(self.handle, o.member, o.twin, layer, o.weights, o.bias)
end

-- member(i) -> net i as a net of its own (a copy).
function Net:member(i)
  check.value("net:member", "i", i, { type = "integer", required = true, min = 1, max = self.count })
  return wrap(native.copy(self.handle, i, false))
end

-- initial([i]) -> the net(s) as they were before training (a copy).
function Net:initial(i)
  check.value("net:initial", "i", i, { type = "integer", min = 1, max = self.count })
  return wrap(native.copy(self.handle, i or 0, true))
end

function Net:copy() return wrap(native.copy(self.handle, 0, false)) end

-- save(path) -> path, or nil, message. mlp.load reads it; training goes on to the bit.
function Net:save(path)
  check.value("net:save", "path", path, { type = "string", required = true })
  return native.save(self.handle, path)
end

-- ---- forward ---------------------------------------------------------------------------------------------

-- forward(X) -> outputs at the rows of X: (points) or (points, outputs); an ensemble gives one more dimension in front.
function Net:forward(X) return native.forward(self.handle, X) end
Net.predict = Net.forward

-- map{x={-2,2}, y={-2,2}, n=256, dense=false} -> the outputs on a grid of n x n cells (n = {nx, ny}), row j at the j-th y:
-- (ny, nx), or (count, ny, nx); and the mean number of units a hidden layer that kink inside a patch of 8 x 8 points.
-- ReLU nets are computed by exact affine patches; dense=true goes point by point.
function Net:map(options)
  local who = "net:map"
  local o = check.options(who, options, { x = { type = "table", default = { -2, 2 } }, y = { type = "table" },
    n = { type = "any", default = 256 }, dense = { type = "boolean", default = false } })
  local x, y = o.x, o.y or o.x
  local n = type(o.n) == "table" and o.n or { o.n, o.n }
  for i = 1, 2 do n[i] = check.value(who, "n", n[i], { type = "integer", required = true, min = 2 }) end
  local cells = 1.0 * n[1] * n[2] * self.count
  if cells > 2 ^ 31 then check.fail("%s: %d maps of %d x %d cells need %.3g bytes", who, self.count, n[1], n[2], 8 * cells) end
  return native.map(self.handle, x[1], (x[2] - x[1]) / (n[1] - 1), n[1], y[1], (y[2] - y[1]) / (n[2] - 1), n[2], o.dense)
end

-- activations(X, {member=, pre=false, initial=false}) -> list of (points, units), one a layer, the outputs last;
-- its field rms lists the root mean square of each.
function Net:activations(X, options)
  local o = probe_options(self, "net:activations", options, { pre = { type = "boolean", default = false },
    initial = { type = "boolean", default = false } })
  local list, rms = {}, {}
  for l = 1, #self.layers do
    list[l] = native.activations(self.handle, o.member, l, o.pre, o.initial, X)
    rms[l] = math.sqrt((list[l] ^ 2):mean())
  end
  list.rms = rms
  return list
end

-- features(X, {member=, initial=false}) -> the last hidden layer at the rows of X, (points, units).
function Net:features(X, options)
  local o = probe_options(self, "net:features", options, { initial = { type = "boolean", default = false } })
  if self.depth == 0 then check.fail("net:features: this net has no hidden layer") end
  return native.activations(self.handle, o.member, self.depth, false, o.initial, X)
end

-- ---- training --------------------------------------------------------------------------------------------

local train_rules = {
  optimizer = { type = "string", default = "gd", one_of = { "gd", "sgd", "momentum", "adam" } },
  rate = { type = "number" },
  steps = { type = "integer", min = 0 },
  tol = { type = "number", finite = false },
  loss = { type = "string", default = "mse", one_of = { "mse", "logistic" } },
  momentum = { type = "number", min = 0 },
  beta2 = { type = "number", min = 0, default = 0.999 },
  epsilon = { type = "number", min = 0, default = 1e-8 },
  batch = { type = "integer", min = 1 },
  rates = { type = "any" },
  l2 = { type = "any", default = 0 },
  l1 = { type = "any", default = 0 },
  every = { type = "integer", min = 1 },
  on = { type = "function" },
  seed = { type = "integer", default = 1 },
}

-- A number for all layers, or one a layer; rates may also be "last".
local function per_layer(who, name, value, layers, default)
  local list = {}
  if value == nil then value = default end
  if value == "last" and name == "rates" then
    for l = 1, layers do list[l] = l == layers and 1 or 0 end
    return list
  end
  if type(value) == "number" then
    for l = 1, layers do list[l] = value end
  elseif type(value) == "table" or check.typename(value) == "limn.array" then
    if #value ~= layers then check.fail("%s: %s must have one entry a weight layer, %d, got %d", who, name, layers, #value) end
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

-- The largest rate that gradient descent on the linearised net surely bears is 2/lambda, lambda the largest eigenvalue
-- of the tangent kernel over D (times 1/4 for the logistic loss); half of that, over a sample of nets and points.
local function stable_rate(self, X, o)
  local most, points = 0, math.min(#X, 200)
  if points < #X then X = X:slice(1, points, 1, self.sizes[1]) end
  for i = 1, self.count, math.max(1, self.count // 16) do
    local layers, sum = native.kernel(self.handle, i, X), nil
    for l = 1, #self.layers do
      local k = layers[l] * o.rates[l]
      sum = sum and sum + k or k
    end
    local w = sum:eigh()
    most = math.max(most, w[#w] / points)
  end
  if most <= 0 then return 1 end
  local curvature = most * (o.loss == "logistic" and 0.25 or 1)
  return 1 / curvature * (o.optimizer == "momentum" and 1 - o.momentum or 1)
end

local function points_of(X)
  if check.typename(X) ~= "limn.array" then X = arrays.array(X) end
  if #{ X:shape() } == 1 then X = X:reshape(#X, 1) end
  return X
end

-- The arrays and the rule of a call, checked.
local function settle(self, who, X, y, options)
  local o = check.options(who, options, train_rules)
  if X == nil or y == nil then check.fail("%s: %s is missing", who, X == nil and "X" or "y") end
  o.tol = o.tol or (o.steps and 0 or 1e-6)
  o.steps = o.steps or 100000
  o.rates = per_layer(who, "rates", o.rates, #self.layers, 1)
  o.l2, o.l1 = per_layer(who, "l2", o.l2, #self.layers), per_layer(who, "l1", o.l1, #self.layers)
  X = points_of(X)
  if o.optimizer == "sgd" then
    o.batch = o.batch or math.min(32, #X)
    o.optimizer = o.momentum and o.momentum > 0 and "momentum" or "gd"
  end
  o.momentum = o.momentum or (o.optimizer == "gd" and 0 or 0.9)
  o.batch = o.batch or 0
  if o.rate == nil then
    o.rate = o.optimizer == "adam" and 1e-3 or stable_rate(self, X, o)
  elseif o.rate <= 0 then
    check.fail("%s: rate must be positive, got %s", who, check.show(o.rate))
  end
  return X, o
end

local function merge(self, total, losses, steps, reasons)
  total.losses, total.reasons = losses, reasons
  total.steps_of = total.steps_of and total.steps_of + steps or steps
  if self.count == 1 then
    total.loss, total.steps, total.reason = losses[1], math.tointeger(total.steps_of[1]), reasons[1]
  else
    total.loss, total.steps = losses:mean(), math.tointeger(total.steps_of:max())
    local tally = {}
    for _, r in ipairs(reasons) do tally[r] = (tally[r] or 0) + 1 end
    total.tally = tally
    total.reason = tally.tolerance == self.count and "tolerance" or tally.diverged == self.count and "diverged" or "steps"
  end
end

-- train(X, y, {optimizer=, rate=, steps=, tol=, loss=, momentum=, batch=, rates=, l2=, l1=, every=, on=}) -> run:
-- .loss .steps .reason ("steps", "tolerance", "diverged", "stopped" by on, "cancelled" by Ctrl-C), .rate; of an ensemble
-- .losses .steps_of .reasons, one a net, and .tally. every=k records the loss each k steps in .curve = {steps=, loss=}
-- (one row a record, one column a net) and calls on{step=, loss=, net=, run=}, which may return false to stop.
-- Without rate a stable one is taken from the tangent kernel; without steps, 100 000 or loss 1e-6.
function Net:train(X, y, options)
  local who = "net:train"
  local o
  X, o = settle(self, who, X, y, options)
  local run, left, records, at = { rate = o.rate, optimizer = o.optimizer }, o.steps, {}, {}
  local function record(loss)
    records[#records + 1], at[#at + 1] = loss:copy(), run.steps or 0
  end
  self.trained_on = X
  if o.every or o.on then
    o.every = o.every or math.max(1, o.steps // 100)
    o.steps = 0
    merge(self, run, native.train(self.handle, X, y, o))
    record(run.losses)
  end
  repeat
    o.steps = math.min(left, o.every or left)
    local losses, steps, reasons, cancelled = native.train(self.handle, X, y, o)
    left = left - o.steps
    if cancelled then -- nets whose turn had not come have no loss yet
      o.steps = 0
      losses = native.train(self.handle, X, y, o)
    end
    merge(self, run, losses, steps, reasons)
    if cancelled then
      run.reason = "cancelled"
      if mlp.interrupt then mlp.interrupt() end -- a sweep stops as a whole
    end
    if o.every then record(losses) end
    local over = cancelled or left == 0 or steps:max() == 0
    if o.on and o.on { step = run.steps, loss = run.loss, losses = losses, net = self, run = run } == false then
      run.reason, over = "stopped", true
    end
  until over
  if #records > 0 then
    local curve = arrays.zeros(#records, self.count)
    for r, loss in ipairs(records) do
      for i = 1, self.count do curve:set(r, i, loss[i]) end
    end
    run.curve = { steps = arrays.array(at), loss = self.count == 1 and curve:col(1) or curve }
  end
  return setmetatable(run, mlp.Run)
end

-- step(X, y, options) -> loss: one step (options.steps of them) for loops that a script writes itself; the loss is that
-- after it. Needs a rate.
function Net:step(X, y, options)
  local who = "net:step"
  if type(options) ~= "table" or options.rate == nil then check.fail("%s: rate is missing", who) end
  local o
  X, o = settle(self, who, X, y, options)
  o.steps = options.steps or 1
  o.tol = options.tol or 0
  self.trained_on = X
  local losses = native.train(self.handle, X, y, o)
  return self.count == 1 and losses[1] or losses
end

mlp.Run = { __name = "limn.mlp.run" }
mlp.Run.__index = mlp.Run
function mlp.Run:__tostring()
  return ("limn.mlp.run: %d steps of %s, rate %.4g, loss %.6g, %s"):format(self.steps, self.optimizer, self.rate, self.loss, self.reason)
end

-- ---- probes ----------------------------------------------------------------------------------------------

-- gradients(X, y, {loss="mse", member=1}) -> list a layer: {weights=, bias=, rms= (per entry, weights), frobenius=,
-- spectral=}, of the mean loss with respect to the raw parameters.
function Net:gradients(X, y, options)
  local o = probe_options(self, "net:gradients", options, { loss = { type = "string", default = "mse",
    one_of = { "mse", "logistic" } } })
  local list = {}
  for l = 1, #self.layers do
    local w, b = native.gradient(self.handle, o.member, l, X, y, o.loss)
    local frobenius = w:norm()
    local rows, columns = w:shape()
    list[l] = { weights = w, bias = b, frobenius = frobenius, rms = frobenius / math.sqrt(rows * columns) }
    -- The rank is at most the number of points, so the small side's Gram matrix tells the largest singular value.
    list[l].spectral = mlp.spectral(w)
  end
  return list
end

-- The largest singular value of a matrix, by power iteration on the smaller of w w' and w' w.
function mlp.spectral(w)
  local rows, columns = w:shape()
  if rows == 1 or columns == 1 then return w:norm() end
  local v = arrays.ones(columns)
  for j = 1, columns do v[j] = 1 + 0.5 * math.cos(j) end -- not orthogonal to anything likely
  local last = 0
  for _ = 1, 500 do
    local norm = v:norm()
    if norm == 0 then return 0 end
    v = w:T():matmul(w:matmul(v / norm))
    local now = math.sqrt(v:norm())
    if math.abs(now - last) <= 1e-13 * now then return now end
    last = now
  end
  return last
end

-- kernel(X [, Z], {member=1}) -> {total=, layers={...}, shares={...}}: the empirical tangent kernel, one array a weight
-- layer, input side first; shares: each layer's part of the trace (of the sum, when Z is given).
function Net:kernel(X, Z, options)
  if Z ~= nil and check.typename(Z) ~= "limn.array" and type(Z) == "table" and Z.member then Z, options = nil, Z end
  local o = probe_options(self, "net:kernel", options)
  local stack = native.kernel(self.handle, o.member, X, Z)
  local out = { layers = {}, shares = {}, total = nil }
  local sizes = {}
  for l = 1, #self.layers do
    local k = stack[l]:copy()
    out.layers[l] = k
    out.total = out.total and out.total + k or k
    local rows = k:shape()
    local sum = 0
    if Z == nil then for i = 1, rows do sum = sum + k:get(i, i) end else sum = k:sum() end
    sizes[l] = sum
  end
  local all = 0
  for _, v in ipairs(sizes) do all = all + v end
  for l, v in ipairs(sizes) do out.shares[l] = v / all end
  return out
end

-- movement([X, {member=1}]) -> list a hidden layer: {rms= |x - x0|/|x0| over points and units, max= the largest
-- |x - x0| in units of the root mean square of x0}; X: by default the points last trained on.
function Net:movement(X, options)
  local who = "net:movement"
  local o = probe_options(self, who, options)
  X = X or self.trained_on
  if X == nil then check.fail("%s: X is missing, and this net was not trained yet", who) end
  local list = {}
  for l = 1, self.depth do
    local now = native.activations(self.handle, o.member, l, false, false, X)
    local start = native.activations(self.handle, o.member, l, false, true, X)
    local scale = math.sqrt((start ^ 2):mean())
    local moved = (now - start):abs()
    list[l] = { rms = math.sqrt((moved ^ 2):mean()) / scale, max = moved:max() / scale, absolute = math.sqrt((moved ^ 2):mean()) }
  end
  return list
end

-- ---- twins -----------------------------------------------------------------------------------------------

local Twin = { __name = "limn.mlp.twin" }
Twin.__index = Twin

function Twin:__tostring()
  return ("limn.mlp.twin: tangent model of %s, %s after %s steps"):format(table.concat(self.net.sizes, "-"),
    self.last and "last layer" or "all layers", self.steps == math.huge and "infinitely many" or self.steps)
end

-- forward(Z) -> what the tangent model says after its training.
function Twin:forward(Z)
  local cross = self.net:kernel(Z, self.X, { member = 1 }).layers
  local k
  for l, layer in ipairs(cross) do
    if self.rates[l] > 0 then k = k and k + layer * self.rates[l] or layer * self.rates[l] end
  end
  return self.net:forward(Z) + k:matmul(self.dual)
end
Twin.predict = Twin.forward

-- linearised(X, y, {rate=, steps=, rates=, member=1}) -> twin: the net's tangent model at its start, trained on the same
-- data by the same gradient descent on the mean squared loss, in closed form: f0 + K (1 - (1 - rate K/D)^steps) K^+ (y - f0).
-- steps = math.huge (default): to the end. rates="last" trains the last layer alone (exact for every width).
function Net:linearised(X, y, options)
  local who = "net:linearised"
  local o = probe_options(self, who, options, { rate = { type = "number" }, steps = { type = "number", min = 0, finite = false },
    rates = { type = "any" } })
  if self.sizes[#self.sizes] ~= 1 then check.fail("%s: the net must have 1 output, got %d", who, self.sizes[#self.sizes]) end
  X = points_of(X)
  y = check.typename(y) == "limn.array" and y or arrays.array(y)
  if y.reshape and #{ y:shape() } == 2 then y = y:reshape(#X) end
  local rates = per_layer(who, "rates", o.rates, #self.layers, 1)
  local net = self:initial(self.count > 1 and o.member or nil)
  local layers, K = net:kernel(X).layers, nil
  for l, layer in ipairs(layers) do
    if rates[l] > 0 then K = K and K + layer * rates[l] or layer * rates[l] end
  end
  if not K then check.fail("%s: all rates are 0: nothing would train", who) end
  local w, V = K:eigh()
  local n, most = #X, w[#w]
  local steps = o.steps or math.huge
  if steps < math.huge and not o.rate then check.fail("%s: rate is missing (steps = %g)", who, steps) end
  local gain = w:map(function(v)
    if v <= n * 2.3e-16 * most then return 0 end
    if steps == math.huge then return 1 / v end
    local shrink = 1 - o.rate * v / n
    return (1 - (shrink == 0 and 0 or (shrink < 0 and steps % 2 == 1 and -1 or 1) * math.abs(shrink) ^ steps)) / v
  end)
  local miss = y - net:forward(X)
  local last = true
  for l = 1, #rates - 1 do last = last and rates[l] == 0 end
  return setmetatable({ net = net, X = X, rates = rates, steps = steps, last = last, kernel = K, eigenvalues = w,
    dual = V:matmul((V:T():matmul(miss)) * gain) }, Twin)
end

-- ---- studies ---------------------------------------------------------------------------------------------

-- Least squares of log2 v against log2 n: slope and its 95 % interval.
local function exponent(widths, values)
  local claims = require "limn.claims"
  local k, sx, sy, sxx, sxy = #widths, 0, 0, 0, 0
  for i = 1, k do
    local a, b = math.log(widths[i], 2), math.log(values[i], 2)
    sx, sy, sxx, sxy = sx + a, sy + b, sxx + a * a, sxy + a * b
  end
  local slope = (k * sxy - sx * sy) / (k * sxx - sx * sx)
  local offset, rest = (sy - slope * sx) / k, 0
  for i = 1, k do rest = rest + (math.log(values[i], 2) - offset - slope * math.log(widths[i], 2)) ^ 2 end
  local half = k > 2 and claims.student(k - 2, 0.95) * math.sqrt(rest / (k - 2) / (sxx - sx * sx / k)) or math.huge
  return { slope = slope, interval = { slope - half, slope + half }, at_one = 2 ^ offset }
end
mlp.exponent = exponent

-- coordinate_check{widths=, depth=1, X=, y=, steps=1, rate=, reps=4, ...} -> {widths=, change={{...} a layer}, exponents=}:
-- how far pre-activations of each layer (outputs last) move in `steps` steps, as an RMS, against the width, with the
-- fitted exponent of each layer. Other options are those of mlp.new (without sizes) and optimizer.
-- rate may be a function of the width.
function mlp.coordinate_check(options)
  local who = "mlp.coordinate_check"
  local known = { widths = { type = "table", required = true }, depth = { type = "integer", min = 1, default = 1 },
    X = { type = "array", required = true }, y = { type = "array", required = true }, steps = { type = "integer", min = 1, default = 1 },
    rate = { type = "any", required = true }, reps = { type = "integer", min = 1, default = 4 },
    optimizer = train_rules.optimizer, loss = train_rules.loss }
  for name, rule in pairs(rules) do
    if name ~= "sizes" and name ~= "count" and name ~= "rep" then known[name] = rule end
  end
  local o = check.options(who, options, known)
  local X = points_of(o.X)
  local out = { widths = o.widths, change = {}, exponents = {} }
  for l = 1, o.depth + 1 do out.change[l] = {} end
  for k, n in ipairs(o.widths) do
    local sizes = { ({ X:shape() })[2] }
    for l = 1, o.depth do sizes[l + 1] = n end
    sizes[#sizes + 1] = 1
    local sums = {}
    for rep = 0, o.reps - 1 do
      local net = mlp.new { sizes = sizes, activation = o.activation, init = options.init, readout = o.readout, param = o.param,
        bias = o.bias, start = o.start, dtype = o.dtype, seed = o.seed, point = o.point, rep = rep }
      local rate = type(o.rate) == "function" and o.rate(n) or o.rate
      net:train(X, o.y, { optimizer = o.optimizer, loss = o.loss, rate = rate, steps = o.steps })
      for l = 1, o.depth + 1 do
        local now = native.activations(net.handle, 1, l, true, false, X)
        local start = native.activations(net.handle, 1, l, true, true, X)
        sums[l] = (sums[l] or 0) + ((now - start) ^ 2):mean()
      end
    end
    for l = 1, o.depth + 1 do out.change[l][k] = math.sqrt(sums[l] / o.reps) end
  end
  for l = 1, o.depth + 1 do out.exponents[l] = exponent(o.widths, out.change[l]) end
  return out
end

-- complexity(X, {sizes=, ..., nets=100}) -> {bits = function(pattern), counts = {[pattern] = times}, samples=}: how often
-- a neuron of the last hidden layer has each sign pattern on the rows of X over nets at their start. The complexity of a
-- pattern is -log2 of its share. A pattern is a table or array of numbers whose signs count, or a string of + and -.
function mlp.complexity(X, options)
  local who = "mlp.complexity"
  local known = { nets = { type = "integer", min = 1, default = 100 } }
  for name, rule in pairs(rules) do if name ~= "count" then known[name] = rule end end
  local o = check.options(who, options, known)
  local spec = {}
  for name in pairs(rules) do if name ~= "count" then spec[name] = options[name] end end
  X = points_of(X)
  if #o.sizes < 3 then check.fail("%s: sizes must have a hidden layer, got %d entries", who, #o.sizes) end
  local counts, samples = {}, 0
  for r = 1, o.nets do
    spec.rep = o.rep + r - 1
    local net = mlp.new(spec)
    local h = native.activations(net.handle, 1, net.depth, true, true, X)
    local points, units = h:shape()
    local rows = h:totable()
    for u = 1, units do
      local signs = {}
      for p = 1, points do signs[p] = rows[p][u] > 0 and "+" or "-" end
      local pattern = table.concat(signs)
      counts[pattern] = (counts[pattern] or 0) + 1
    end
    samples = samples + units
  end
  local function key(pattern)
    if type(pattern) == "string" then return pattern end
    local signs = {}
    for p = 1, #pattern do signs[p] = pattern[p] > 0 and "+" or "-" end
    return table.concat(signs)
  end
  return { counts = counts, samples = samples,
    bits = function(pattern)
      local n = counts[key(pattern)]
      return n and -math.log(n / samples, 2) or math.huge
    end }
end

return mlp
