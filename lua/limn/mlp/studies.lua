-- limn/mlp/studies.lua: studies over many nets: scaling with width, complexity of neurons.

local native = require("limn.native").mlp
local check = require "limn.base.check"
local rules = require "limn.mlp.options"
local nets = require "limn.mlp.net"

local studies = {}

-- Least-squares fit of log2 v against log2 n: slope, its 95 % interval, and the fitted v at n = 1.
function studies.exponent(widths, values)
  local who, stats = "mlp.exponent", require "limn.stats"
  check.value(who, "widths", widths, { type = "array", required = true })
  check.value(who, "values", values, { type = "array", required = true })
  if #widths ~= #values then check.fail("%s: got %d widths but %d values", who, #widths, #values) end
  if #widths < 2 then check.fail("%s: expected at least 2 widths, got %d", who, #widths) end
  for i = 1, #widths do
    for name, v in pairs { widths = widths[i], values = values[i] } do
      if type(v) ~= "number" or not (v > 0 and v < math.huge) then
        check.fail("%s: %s[%d] must be a positive number, got %s", who, name, i, check.show(v))
      end
    end
  end
  local x, y = {}, {}
  for i = 1, #widths do x[i], y[i] = math.log(widths[i], 2), math.log(values[i], 2) end
  local slope, interval, _, offset = stats.slope(x, y)
  return { slope = slope, interval = interval, at_one = 2 ^ offset }
end

-- coordinate_check{widths=, depth=1, X=, y=, steps=1, rate=, reps=4, ...} -> {widths=, change=, exponents=}:
-- change[l][k] is the RMS change of the pre-activations of layer l (outputs last) in `steps` steps at width k;
-- exponents[l] is the fitted power of the width. rate may be a function of the width, and so may rates, the factors of
-- the layers' rates. Further options: those of mlp.new (without sizes), optimizer and loss.
function studies.coordinate_check(options)
  local who = "mlp.coordinate_check"
  local known = { widths = { type = "table", required = true }, depth = { type = "integer", min = 1, default = 1 },
    X = { type = "array", required = true }, y = { type = "array", required = true }, steps = { type = "integer", min = 1, default = 1 },
    rate = { type = "any", required = true }, rates = { type = "any" }, reps = { type = "integer", min = 1, default = 4 },
    optimizer = rules.train.optimizer, loss = rules.train.loss }
  for name, rule in pairs(rules.net) do
    if name ~= "sizes" and name ~= "count" and name ~= "rep" then known[name] = rule end
  end
  local o = check.options(who, options, known)
  local X = rules.points(who, o.X)
  if #o.widths < 2 then check.fail("%s: widths must have at least 2 entries, got %d", who, #o.widths) end
  local out = { widths = o.widths, change = {}, exponents = {} }
  for l = 1, o.depth + 1 do out.change[l] = {} end
  for k, n in ipairs(o.widths) do
    local sizes = { ({ X:shape() })[2] }
    for l = 1, o.depth do sizes[l + 1] = n end
    sizes[#sizes + 1] = 1
    local sums = {}
    for rep = 0, o.reps - 1 do
      local net = nets.new { sizes = sizes, activation = o.activation, init = options.init, readout = o.readout, param = o.param,
        bias = o.bias, start = o.start, dtype = o.dtype, seed = o.seed, point = o.point, rep = rep }
      local rate = type(o.rate) == "function" and o.rate(n) or o.rate
      local rates = o.rates
      if type(rates) == "function" then rates = rates(n) end
      local run = net:train(X, o.y, { optimizer = o.optimizer, loss = o.loss, rate = rate, rates = rates, steps = o.steps, tol = -1 })
      if run.reason == "diverged" then check.fail("%s: diverged at width %d with rate %g", who, n, rate) end
      for l = 1, o.depth + 1 do
        local now = native.activations(net.handle, 1, l, true, false, X)
        local start = native.activations(net.handle, 1, l, true, true, X)
        sums[l] = (sums[l] or 0) + ((now - start) ^ 2):mean()
      end
    end
    for l = 1, o.depth + 1 do out.change[l][k] = math.sqrt(sums[l] / o.reps) end
  end
  for l = 1, o.depth + 1 do out.exponents[l] = studies.exponent(o.widths, out.change[l]) end
  return out
end

-- complexity(X, {sizes=, ..., nets=100}) -> {bits = function(pattern), counts = {[pattern] = number}, samples=}: the
-- frequencies of sign patterns of neurons of the last hidden layer on the rows of X, over untrained nets. bits(pattern)
-- is -log2 of the frequency. A pattern is a table or array of numbers, of which only the signs are read, or a string of
-- + and -.
function studies.complexity(X, options)
  local who = "mlp.complexity"
  local known = { nets = { type = "integer", min = 1, default = 100 } }
  for name, rule in pairs(rules.net) do if name ~= "count" then known[name] = rule end end
  local o = check.options(who, options, known)
  local spec = {}
  for name in pairs(rules.net) do if name ~= "count" then spec[name] = options[name] end end
  X = rules.points(who, X)
  if #o.sizes < 3 then check.fail("%s: sizes must have a hidden layer, got %d entries", who, #o.sizes) end
  local counts, samples = {}, 0
  for r = 1, o.nets do
    spec.rep = o.rep + r - 1
    local net = nets.new(spec)
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

return studies
