-- limn/mlp/studies.lua: studies over many nets: scaling with width, complexity of neurons.

local native = require("limn.native").mlp
local check = require "limn.base.check"
local rules = require "limn.mlp.options"
local nets = require "limn.mlp.net"
local training = require "limn.mlp.rule"

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

-- The RMS change of the pre-activations of each layer after each number of steps in `at`, at one width.
local function changes(who, o, options, n, X)
  local sizes, sums = { (select(2, X:shape())) }, {}
  for l = 1, o.depth do sizes[l + 1] = n end
  sizes[#sizes + 1] = 1
  local at_width = {}
  for _, name in ipairs { "rate", "rates", "temperature" } do
    at_width[name] = o[name]
    if type(o[name]) == "function" then at_width[name] = o[name](n) end
  end
  for rep = 0, o.reps - 1 do
    local net = nets.new { sizes = sizes, activation = o.activation, init = options.init, readout = o.readout, alpha = o.alpha,
      param = o.param, bias = o.bias, start = o.start, dtype = o.dtype, seed = o.seed, point = o.point, rep = rep }
    for k, steps in ipairs(o.at) do
      local rule = { optimizer = o.optimizer, loss = o.loss, rate = at_width.rate, rates = at_width.rates,
        temperature = training.uses(o.optimizer, "temperature") and at_width.temperature or nil,
        steps = steps - (o.at[k - 1] or 0), tol = -1 }
      for _, name in ipairs { "momentum", "beta2", "epsilon" } do
        rule[name] = training.uses(o.optimizer, name) and o[name] or nil
      end
      local run = net:train(X, o.y, rule)
      if run.reason == "diverged" then check.fail("%s: diverged at width %d with rate %g", who, n, at_width.rate) end
      sums[k] = sums[k] or {}
      for l = 1, o.depth + 1 do
        local now = native.activations(net.handle, 1, l, true, false, X)
        local start = native.activations(net.handle, 1, l, true, true, X)
        sums[k][l] = (sums[k][l] or 0) + ((now - start) ^ 2):mean()
      end
    end
  end
  for _, sum in ipairs(sums) do
    for l = 1, o.depth + 1 do sum[l] = math.sqrt(sum[l] / o.reps) end
  end
  return sums
end

-- All values of an option that may be a list.
local function each(who, name, value, rule)
  local list = type(value) == "table" and value or { value }
  if #list == 0 then check.fail("%s: %s must not be empty", who, name) end
  local out = {}
  for i, v in ipairs(list) do out[i] = check.value(who, type(value) == "table" and ("%s[%d]"):format(name, i) or name, v, rule) end
  return out
end

-- coordinate_check{widths=, depth=1, X=, y=, steps=1, rate=, rates=, optimizer=, reps=4, ...} -> {widths=, change=,
-- exponents=, runs=}: change[l][k] is the RMS change of the pre-activations of layer l (outputs last) in `steps` steps
-- at width k; exponents[l] is the fitted power of the width. rate, rates and temperature may be functions of the width. optimizer,
-- depth and steps may be lists: runs holds {optimizer=, depth=, steps=, change=, exponents=} for each combination, and change
-- and exponents are those of the first. Further options: those of mlp.new (without sizes), loss, momentum, beta2, epsilon.
function studies.coordinate_check(options)
  local who = "mlp.coordinate_check"
  local whole, number = { type = "integer", min = 1, required = true }, rules.train.momentum
  local known = { widths = { type = "table", required = true }, depth = { type = "any", default = 1 },
    X = { type = "array", required = true }, y = { type = "array", required = true }, steps = { type = "any", default = 1 },
    rate = { type = "any", required = true }, rates = { type = "any" }, reps = { type = "integer", min = 1, default = 4 },
    optimizer = { type = "any", default = "gd" }, loss = rules.loss, momentum = number, beta2 = number,
    epsilon = rules.train.epsilon, temperature = { type = "any" } }
  for name, rule in pairs(rules.net) do
    if name ~= "sizes" and name ~= "count" and name ~= "rep" then known[name] = rule end
  end
  local o = check.options(who, options, known)
  local X = rules.points(who, o.X)
  if #o.widths < 2 then check.fail("%s: widths must have at least 2 entries, got %d", who, #o.widths) end
  local depths, optimizers = each(who, "depth", o.depth, whole), each(who, "optimizer", o.optimizer, rules.train.optimizer)
  training.used(who, options, optimizers)
  if type(o.temperature) ~= "function" then check.value(who, "temperature", o.temperature, rules.train.temperature) end
  o.at = each(who, "steps", o.steps, whole)
  table.sort(o.at)
  local out = { widths = o.widths, runs = {} }
  for _, optimizer in ipairs(optimizers) do
    for _, depth in ipairs(depths) do
      o.optimizer, o.depth = optimizer, depth
      local runs = {}
      for k, steps in ipairs(o.at) do
        runs[k] = { optimizer = optimizer, depth = depth, steps = steps, change = {}, exponents = {} }
        for l = 1, depth + 1 do runs[k].change[l] = {} end
        out.runs[#out.runs + 1] = runs[k]
      end
      for i, n in ipairs(o.widths) do
        for k, change in ipairs(changes(who, o, options, n, X)) do
          for l = 1, depth + 1 do runs[k].change[l][i] = change[l] end
        end
      end
      for _, run in ipairs(runs) do
        for l = 1, depth + 1 do
          local moved = true -- a layer below frozen ones does not
          for _, change in ipairs(run.change[l]) do moved = moved and change > 0 end
          run.exponents[l] = moved and studies.exponent(o.widths, run.change[l])
            or { slope = 0 / 0, interval = { 0 / 0, 0 / 0 }, at_one = 0 }
        end
      end
    end
  end
  out.change, out.exponents = out.runs[1].change, out.runs[1].exponents
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
