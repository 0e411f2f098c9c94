-- init_scales.lua: how large are the activations and gradients of an untrained net, as a function of width, depth,
-- initialisation and activation?
--
-- Standard parameterisation, d = 2 inputs with |x|^2 = d. For large widths the mean square s of a layer obeys
--     q = c s + b,   s' = E phi(sqrt(q) z)^2,   s = 1 at the inputs,
-- with weights of variance c/fan-in and biases of variance b: He c = 2, LeCun c = 1, Xavier
-- c = 2 fan_in/(fan_in + fan_out), the uniform default of common frameworks U(+-1/sqrt(fan_in)) c = 1/3, b = 1/(3
-- fan_in). For ReLU (s' = q/2) and linear nets the mean is exact at every width:
--     He with ReLU and LeCun with linear units preserve the scale; uniform weights without biases multiply the mean
--     square by 1/6 per layer; with biases of the same law it tends to 1/(5 n); Xavier's first layer has s = d/(d + n).
-- Single nets fluctuate about the mean: each layer multiplies s by (2/n) sum z^2 [z > 0], so that log s after L He ReLU
-- layers has the variance 5 L/n to first order.
--
-- Gradients of the loss, divided by the RMS of f - y (a random factor of order 1 common to all layers); ReLU, He, 3
-- hidden layers; exponents in n for the output, hidden-to-hidden and input layers:
--     RMS per entry 0, -1/2, -1/2;  Frobenius and spectral norm 1/2, 1/2, 0.
-- The gradients of early layers vanish per entry; the norm of a hidden layer's does not, because it has n^2 entries.
--
-- Cost: about a minute and a half on two cores; ten times that up to width 4096 (--grid width=16:4096:log2); two and a
-- half hours with 100 times the replicates.

local limn = require "limn"

local INITS = { "he", "lecun", "xavier", "uniform", "uniform, no biases", "orthogonal" }
local ACTIVATIONS = { "relu", "tanh", "erf", "gelu", "sin", "linear" }
local NAMES = { relu = "ReLU", tanh = "tanh", erf = "erf", gelu = "GELU", sin = "sin", linear = "linear" }
local TITLES = { he = "He", lecun = "LeCun", xavier = "Xavier", uniform = "uniform", ["uniform, no biases"] = "uniform, b = 0",
  orthogonal = "orthogonal" }
local DEEP, SHALLOW = 16, 3 -- hidden layers: for activations, for gradients
local WIDEST = 256 -- largest width of the deep nets

-- ---- the law ---------------------------------------------------------------------------------------------------

-- E phi(sqrt(q) z)^2.
local function second(activation, q)
  if activation == "relu" then return q / 2 elseif activation == "linear" then return q end
  return limn.kernel.nngp({ { math.sqrt(q) } }, nil, { depth = 1, activation = activation, weight = 1 }):get(1, 1)
end

-- Mean squares of the activations of `layers` hidden layers of width n.
local function law(init, activation, d, n, layers)
  local list, s = {}, 1
  for l = 1, layers do
    local fan_in = l == 1 and d or n
    local c, b = 1 / 3, 0
    if init == "he" then c = 2 elseif init == "lecun" then c = 1
    elseif init == "xavier" then c = 2 * fan_in / (fan_in + n)
    elseif init == "uniform" then b = 1 / (3 * fan_in)
    elseif init == "orthogonal" then c = activation == "relu" and 2 or 1 end
    s = second(activation, c * s + b)
    list[l] = s
  end
  return list
end

-- ---- one cell ------------------------------------------------------------------------------------------------

local X, y = limn.data.xor() -- |x|^2 = 2
local ONE = X:slice(1, 1, 1, 2) -- one point: activations at several points of one net are dependent

local function net_of(init, activation, width, depth, seed)
  local sizes = { 2 }
  for l = 1, depth do sizes[l + 1] = width end
  sizes[#sizes + 1] = 1
  local plain = init == "uniform, no biases"
  return limn.mlp.new { sizes = sizes, init = plain and "uniform" or init, activation = activation, bias = init == "uniform",
    seed = seed }
end

local function measure(point, rng)
  local init, activation, n = INITS[point.init], ACTIVATIONS[point.activation], point.width
  local seed = rng:integer(1, 1 << 53)
  local out = {}
  if n <= WIDEST then
    for l, rms in ipairs(net_of(init, activation, n, DEEP, seed):activations(ONE).rms) do
      if l <= DEEP then out["s" .. l] = rms ^ 2 end
    end
  end
  if init == "he" and activation == "relu" then
    local net = net_of(init, activation, n, SHALLOW, seed)
    local miss = math.sqrt(((net:forward(X) - y) ^ 2):mean())
    for l, g in ipairs(net:gradients(X, y)) do
      out["entry" .. l], out["frobenius" .. l], out["spectral" .. l] = g.rms / miss, g.frobenius / miss, g.spectral / miss
    end
  elseif init == "xavier" and activation == "relu" then
    out.first = net_of(init, activation, n, 1, seed):activations(ONE).rms[1] ^ 2
  end
  return out
end

-- ---- from cells to claims --------------------------------------------------------------------------------------

local function rows_of(results, init, activation, n)
  local i, a = 0, 0
  for k, name in ipairs(INITS) do if name == init then i = k end end
  for k, name in ipairs(ACTIVATIONS) do if name == activation then a = k end end
  return results:where({ init = i, activation = a, width = n }):rows()
end

local function widths_of(results, most)
  local seen, list = {}, {}
  for _, row in ipairs(results:rows()) do
    if row.width <= most and not seen[row.width] then seen[row.width], list[#list + 1] = true, row.width end
  end
  table.sort(list)
  return list
end

local function mean_of(rows, name)
  local sum = 0
  for _, row in ipairs(rows) do sum = sum + row[name] end
  return sum / #rows
end

-- Slope of log column against log width (from width `from`) for each replicate; mean and interval over replicates.
local function slope_of(results, init, activation, name, from)
  local by_rep, slopes = {}, {}
  for _, n in ipairs(widths_of(results, math.huge)) do
    for _, row in ipairs(n >= from and rows_of(results, init, activation, n) or {}) do
      local of = by_rep[row.rep] or { n = {}, v = {} }
      by_rep[row.rep] = of
      of.n[#of.n + 1], of.v[#of.v + 1] = n, row[name]
    end
  end
  for _, of in pairs(by_rep) do if #of.n > 1 then slopes[#slopes + 1] = limn.mlp.exponent(of.n, of.v).slope end end
  if #slopes > 1 then return limn.claims.interval(slopes) end
end

local function claim_scales(ledger, results)
  local n = math.max(table.unpack(widths_of(results, WIDEST)))
  -- factor per layer: (mean square of the last layer / that of the first)^(1/(DEEP - 1))
  for _, case in ipairs { { "lecun", "linear", 1 }, { "he", "relu", 1 }, { "uniform, no biases", "relu", 1 / 6 } } do
    local rows = rows_of(results, case[1], case[2], n)
    if #rows > 1 then
      local m, interval = limn.claims.jackknife(rows, function(list)
        return (mean_of(list, "s" .. DEEP) / mean_of(list, "s1")) ^ (1 / (DEEP - 1))
      end)
      ledger:row { id = "A1", claim = ("mean square, factor per layer, %s, %s, n = %d"):format(case[1], NAMES[case[2]], n),
        predicted = case[3], measured = m, interval = interval }
    end
  end
  local rows = rows_of(results, "uniform", "relu", n)
  if #rows > 1 then
    local m, interval = limn.claims.jackknife(rows, function(list) return n * mean_of(list, "s" .. DEEP) end)
    ledger:row { id = "A1", claim = ("n x mean square of layer %d, uniform with biases, ReLU, n = %d"):format(DEEP, n), predicted = 1 / 5,
      measured = m, interval = interval }
  end
  rows = rows_of(results, "lecun", "tanh", n)
  if #rows > 1 then
    local m, interval = limn.claims.jackknife(rows, function(list) return math.sqrt(mean_of(list, "s" .. DEEP)) end)
    ledger:row { id = "A1", claim = ("RMS of layer %d, lecun, tanh, n = %d"):format(DEEP, n), measured = m, interval = interval,
      predicted = math.sqrt(law("lecun", "tanh", 2, n, DEEP)[DEEP]), tolerance = 0.01, note = "layer 1: " ..
      ("%.3f"):format(math.sqrt(mean_of(rows, "s1"))) }
  end
  local m, interval = slope_of(results, "xavier", "relu", "first", 64)
  if m then
    local wide = widths_of(results, math.huge)
    local list, v = {}, {}
    for _, w in ipairs(wide) do if w >= 64 then list[#list + 1], v[#v + 1] = w, 2 / (2 + w) end end
    ledger:row { id = "A1", claim = "mean square of Xavier's first layer, ReLU, ~ n^s",
      predicted = limn.mlp.exponent(list, v).slope, measured = m, interval = interval, note = "d/(d + n)" }
  end
  for _, w in ipairs { n // 4, n } do
    rows = rows_of(results, "he", "relu", w)
    if #rows > 2 then
      m, interval = limn.claims.jackknife(rows, function(list)
        local sum, square = 0, 0
        for _, row in ipairs(list) do sum, square = sum + math.log(row["s" .. DEEP]), square + math.log(row["s" .. DEEP]) ^ 2 end
        return (square - sum ^ 2 / #list) / (#list - 1)
      end)
      ledger:row { id = "A1", claim = ("variance of log mean square of layer %d, he, ReLU, n = %d"):format(DEEP, w),
        predicted = 5 * DEEP / w, measured = m, interval = interval, tolerance = 0.1, note = "first order in L/n" }
    end
  end
  -- all pairs of initialisation and activation: |log| of the mean over the law
  local worst, where, pairs_, chi = 0, "", 0, 0
  for _, init in ipairs(INITS) do
    for _, activation in ipairs(ACTIVATIONS) do
      rows = rows_of(results, init, activation, n)
      if #rows > 1 then
        local want, values = law(init, activation, 2, n, DEEP)[DEEP], {}
        for i, row in ipairs(rows) do values[i] = row["s" .. DEEP] end
        local mean = limn.claims.interval(values)
        local off = math.abs(math.log(mean / want))
        pairs_, chi = pairs_ + 1, chi + off
        if off > worst then worst, where = off, init .. ", " .. NAMES[activation] end
      end
    end
  end
  ledger:row { id = "A1", claim = ("mean square of layer %d over the law: largest |log| of %d pairs"):format(DEEP, pairs_),
    predicted = 0, measured = worst, verdict = worst < 4 * math.sqrt(5 * DEEP / n / #rows) and "agrees" or "refines",
    note = ("%s; mean %.3f; fluctuations grow where the factor per layer increases with s"):format(where, chi / pairs_) }
end

local function report(results)
  local ledger = limn.claims.new "Activations and gradients at initialisation"
  claim_scales(ledger, results)
  local names = { [1] = "input", [2] = "hidden", [SHALLOW + 1] = "output" }
  for _, kind in ipairs { { "entry", "RMS per entry", { -0.5, -0.5, 0 } }, { "frobenius", "Frobenius norm", { 0, 0.5, 0.5 } },
    { "spectral", "spectral norm", { 0, 0.5, 0.5 } } } do
    for k, l in ipairs { 1, 2, SHALLOW + 1 } do
      local m, interval = slope_of(results, "he", "relu", kind[1] .. l, 64)
      if m then
        ledger:row { id = "A2", claim = ("gradient of the %s layer ~ n^s, %s"):format(names[l], kind[2]), predicted = kind[3][k],
          measured = m, interval = interval, note = "n >= 64" }
      end
    end
  end
  local widths = widths_of(results, math.huge)
  if widths[1] < 64 then
    local slopes, by = {}, {}
    for _, n in ipairs(widths) do
      for _, row in ipairs(n <= 64 and rows_of(results, "he", "relu", n) or {}) do
        by[row.rep] = by[row.rep] or { n = {}, v = {} }
        table.insert(by[row.rep].n, n)
        table.insert(by[row.rep].v, row.entry2)
      end
    end
    for _, of in pairs(by) do if #of.n > 1 then slopes[#slopes + 1] = limn.mlp.exponent(of.n, of.v).slope end end
    if #slopes > 1 then
      local m, interval = limn.claims.interval(slopes)
      ledger:row { id = "A2", claim = "gradient of the hidden layer ~ n^s, RMS per entry, n = 16 .. 64", predicted = -0.5,
        measured = m, interval = interval, note = "the mean logarithm is lower by O(L/n)" }
    end
  end
  ledger:print()
  return ledger
end

-- ---- the figure ------------------------------------------------------------------------------------------------

local MARKS = { "circle", "osquare", "triangle", "diamond", "ocircle", "plus" }

local function plot(results)
  local fig = limn.plot.figure { rows = 2, cols = 3, size = { 7.2, 4.8 }, letters = true }
  local deep = widths_of(results, WIDEST)
  local n = deep[#deep]
  -- activations against depth, one panel per activation, every initialisation
  for column, activation in ipairs { "relu", "tanh", "linear" } do
    local p = fig:panel(1, column, { title = ("%s, n = %d"):format(NAMES[activation], n),
      x = { label = "hidden layer", range = { 0, DEEP + 1 } },
      y = { label = column == 1 and "mean square of activations" or nil, scale = "log10", range = { 1e-13, 1e6 } },
      legend = column == 3 and "bottom left" or "none" })
    for k, init in ipairs(INITS) do
      local rows = rows_of(results, init, activation, n)
      if #rows > 0 then
        local x, v, list = {}, {}, law(init, activation, 2, n, DEEP)
        for l = 1, DEEP do x[l], v[l] = l, mean_of(rows, "s" .. l) end
        p:line { x = x, y = list, color = k, mark = false, law = true }
        p:points { x = x, y = v, color = k, mark = MARKS[k], label = TITLES[init] }
      end
    end
  end
  -- gradients against width
  local widths = widths_of(results, math.huge)
  for column, kind in ipairs { { "entry", "gradient, RMS per entry", { -0.5, -0.5, -0.5, 0 } },
    { "frobenius", "gradient, Frobenius norm", { 0, 0.5, 0.5, 0.5 } } } do
    local p = fig:panel(2, column, { title = "ReLU, He, 3 hidden layers", x = { label = "width n", scale = "log2" },
      y = { label = kind[2], scale = "log10" }, legend = column == 1 and "bottom left" or "top left" })
    for l = 1, SHALLOW + 1 do
      local v = {}
      for i, w in ipairs(widths) do
        local sum, rows = 0, rows_of(results, "he", "relu", w)
        for _, row in ipairs(rows) do sum = sum + math.log(row[kind[1] .. l]) end
        v[i] = math.exp(sum / #rows)
      end
      local sum, count = 0, 0 -- the constant of the law is fitted on widths from 64
      for i, w in ipairs(widths) do
        if w >= 64 then sum, count = sum + math.log(v[i]) - kind[3][l] * math.log(w), count + 1 end
      end
      if l ~= 3 and count > 0 then
        local first, last, c = widths[1], widths[#widths], math.exp(sum / count)
        p:line { x = { first, last }, y = { c * first ^ kind[3][l], c * last ^ kind[3][l] }, color = l, mark = false, law = true }
      end
      p:points { x = widths, y = v, color = l, mark = MARKS[l],
        label = l == 1 and "input" or l > SHALLOW and "output" or ("hidden %d"):format(l) }
    end
  end
  -- variance between nets against L/n
  local p = fig:panel(2, 3, { title = "ReLU, He", x = { label = "depth over width, L/n", scale = "log10" },
    y = { label = "variance of log mean square", scale = "log10" }, legend = "top left" })
  local low, high = 1 / n, 1
  for k, w in ipairs(deep) do
    local rows, x, v = rows_of(results, "he", "relu", w), {}, {}
    for l = 1, DEEP do
      local sum, square, count = 0, 0, 0
      for _, row in ipairs(rows) do
        local s = row["s" .. l]
        if s > 0 then sum, square, count = sum + math.log(s), square + math.log(s) ^ 2, count + 1 end
      end
      if count > 1 then x[#x + 1], v[#v + 1] = l / w, (square - sum ^ 2 / count) / (count - 1) end
    end
    if #x > 0 then p:points { x = x, y = v, color = k, mark = MARKS[(k - 1) % 6 + 1], label = ("n = %d"):format(w) } end
  end
  p:line { x = { low, high }, y = { 5 * low, 5 * high }, color = "black", mark = false, law = true, label = "5 L/n" }
  return fig
end

return limn.experiment {
  name = "init_scales",
  question = "How large are activations and gradients at initialisation, by width, depth, initialisation and activation?",
  params = {
    init = { default = 1, help = "1 He, 2 LeCun, 3 Xavier, 4 uniform, 5 uniform without biases, 6 orthogonal", min = 1, max = #INITS },
    activation = { default = 1, help = "1 ReLU, 2 tanh, 3 erf, 4 GELU, 5 sin, 6 linear", min = 1, max = #ACTIVATIONS },
    width = { default = 64, help = "units per hidden layer", min = 1 },
  },
  grid = { init = "1:6", activation = "1:6", width = "16:1024:log2" },
  reps = 20,
  cost = function(p)
    local gradients = p.activation == 1 and p.init == 1
    return 1e4 + (p.width <= WIDEST and DEEP * p.width ^ 2 or 0) + (gradients and 4 * p.width ^ 2 or 0)
  end,
  measure = measure,
  report = report,
  plot = plot,
}
