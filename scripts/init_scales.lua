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
-- Single nets fluctuate about the mean: with k active units, binomial of n, a He ReLU layer multiplies s by (2/n) times a
-- chi-square with k degrees of freedom. The layers are independent; log s after L layers has L times the variance of the
-- logarithm of that factor, 5 L/n to first order.
--
-- Gradients of the loss; ReLU, He, 3 hidden layers. The essay: at infinite width the gradients of early layers are
-- infinitely smaller than those of the last. Exponents in n of a layer's gradient over the last layer's:
--     RMS per entry: input -1/2, hidden -1/2;  Frobenius and spectral norm: input -1/2, hidden 0.
-- The gradient of a hidden layer vanishes per entry; its norm does not, because it has n^2 entries.
--
-- Margins. Factor per layer 2 %: a variance of the weights that is 5 % off (1.9 for 2) must be noticed, and normals that
-- are 3 % too wide. Values at one layer 5 % (10 % where few nets are averaged): a law without its recursion, or 5 % off in each of 4
-- layers, is off by 17 % or more. Variance of log s 15 %:
-- 4 L/n or 6 L/n would be off by 20 %. Exponents 0.15: multiples of 1/2 must be told apart, and 1/4 from 0 and 1/2.
--
-- Cost: a minute and a half on two cores.

local limn = require "limn"

local INITS = { "he", "lecun", "xavier", "uniform", "uniform, no biases", "orthogonal" }
local ACTIVATIONS = { "relu", "tanh", "erf", "gelu", "sin", "linear" }
local NAMES = { relu = "ReLU", tanh = "tanh", erf = "erf", gelu = "GELU", sin = "sin", linear = "linear" }
local TITLES = { he = "He", lecun = "LeCun", xavier = "Xavier", uniform = "uniform", ["uniform, no biases"] = "uniform, b = 0",
  orthogonal = "orthogonal" }
local DEEP, SHALLOW = 16, 3 -- hidden layers: for activations, for gradients
local WIDEST = 256 -- largest width of the deep nets
local EARLY, FROM = 4, 64 -- layer at which all pairs are compared with the law; exponents are fitted from this width on
local MAIN = { -- pairs with a row of their own: more nets
  ["lecun linear"] = true, ["lecun tanh"] = true, ["uniform relu"] = true,
  ["uniform, no biases relu"] = true, ["xavier relu"] = true }

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

-- Variance of the logarithm of the factor (2/n) chi^2_k, k binomial(n, 1/2), by the series of digamma and trigamma.
local function log_variance(n)
  local sum, first, second_, p = 0, 0, 0, 0.5 ^ n * n -- p: probability of k = 1
  for k = 1, n do
    local x = k / 2
    if k > 8 then -- the series; fewer active units do not occur for n >= 64
      local digamma, trigamma = math.log(x) - 1 / (2 * x) - 1 / (12 * x ^ 2), 1 / x + 1 / (2 * x ^ 2) + 1 / (6 * x ^ 3)
      sum, first, second_ = sum + p * trigamma, first + p * digamma, second_ + p * digamma ^ 2
    end
    p = p * (n - k) / (k + 1)
  end
  return sum + second_ - first ^ 2
end

-- ---- one cell: means over some nets ------------------------------------------------------------------------------

local X, y = limn.data.xor() -- |x|^2 = 2
local ONE = X:slice(1, 1, 1, 2) -- one point: activations at several points of one net are dependent

local function net_of(init, activation, width, depth, seed, r)
  local sizes = { 2 }
  for l = 1, depth do sizes[l + 1] = width end
  sizes[#sizes + 1] = 1
  local plain = init == "uniform, no biases"
  return limn.mlp.new { sizes = sizes, init = plain and "uniform" or init, activation = activation, bias = init == "uniform",
    seed = seed, rep = r }
end

local function measure(point, rng)
  local init, activation, n = INITS[point.init], ACTIVATIONS[point.activation], point.width
  local seed, out = rng:integer(1, 1 << 53), {}
  local relu = init == "he" and activation == "relu"
  local count = relu and math.max(4, math.min(256, point.entries // n ^ 2)) or MAIN[init .. " " .. activation] and 8 or 2
  local logs = limn.zeros(DEEP, count)
  for r = 0, n <= WIDEST and count - 1 or -1 do
    local layers = net_of(init, activation, n, DEEP, seed, r):activations(ONE).rms
    for l = 1, DEEP do
      out["s" .. l] = (out["s" .. l] or 0) + layers[l] ^ 2 / count
      if relu then logs:set(l, r + 1, 2 * math.log(layers[l])) end
    end
  end
  if relu then
    out.averaged = count
    for l = 1, count > 1 and n <= WIDEST and DEEP or 0 do out["v" .. l] = logs:row(l):std() ^ 2 end
    for r = 0, point.nets - 1 do -- geometric means over nets
      for l, g in ipairs(net_of(init, activation, n, SHALLOW, seed, r):gradients(X, y)) do
        for name, v in pairs { entry = g.rms, frobenius = g.frobenius, spectral = g.spectral } do
          out[name .. l] = (out[name .. l] or 1) * v ^ (1 / point.nets)
        end
      end
    end
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

local function mean_of(rows, name)
  local sum = 0
  for _, row in ipairs(rows) do sum = sum + row[name] end
  return sum / #rows
end

local function values_of(rows, name)
  local list = {}
  for i, row in ipairs(rows) do list[i] = row[name] end
  return list
end

local function factor(list) return (mean_of(list, "s" .. DEEP) / mean_of(list, "s1")) ^ (1 / (DEEP - 1)) end

-- Rows on one pair at the largest width n of deep nets: what is computed from the replicates, and what the law gives.
local PAIRS = {
  { "he", "relu", "mean square, factor per layer", factor, 1, margin = 0.02, essay = 1 },
  { "lecun", "linear", "mean square, factor per layer", factor, 1, margin = 0.02, essay = 1 },
  { "uniform, no biases", "relu", "mean square, factor per layer", factor, 1 / 6, margin = 0.02, essay = 1,
    refines = "holds for the variance that fits the activation" },
  { "uniform", "relu", "n x mean square of layer 16", function(list, n) return n * mean_of(list, "s" .. DEEP) end, 1 / 5, margin = 0.05 },
  { "xavier", "relu", "mean square of layer 1", function(list) return mean_of(list, "s1") end, function(n) return 2 / (2 + n) end,
    margin = 0.05, essay = 1, refines = "fan-out counts in Xavier's variance: few inputs are scaled down" },
  { "lecun", "tanh", "RMS of layer 16", function(list) return math.sqrt(mean_of(list, "s" .. DEEP)) end,
    function(n) return math.sqrt(law("lecun", "tanh", 2, n, DEEP)[DEEP]) end, margin = 0.05, essay = 1,
    refines = "tanh decreases the scale slowly" },
}

local function pair_key(pair, n) return ("%s, %s, %s, n = %d"):format(pair[3], TITLES[pair[1]], NAMES[pair[2]], n) end

-- exponents of the gradient of a layer over the last layer's
local KINDS = { { "entry", "RMS per entry", { -0.5, -0.5 } }, { "frobenius", "Frobenius norm", { -0.5, 0 } },
  { "spectral", "spectral norm", { -0.5, 0 } } }
local EARLIER = { "input", "hidden" }

local function gradient_key(kind, l) return ("gradient of the %s layer over the last ~ n^s, %s"):format(EARLIER[l], kind[2]) end
local function variance_key(n) return ("variance of log mean square of layer %d, He, ReLU, n = %d"):format(DEEP, n) end
local function early_key(init) return ("mean square of layer %d over the law, %s, mean over activations"):format(EARLY, TITLES[init]) end

-- The widths of a sweep up to the largest of deep nets, and those from which exponents are fitted.
local function widths_of(grid)
  local deep, fitted = {}, {}
  for _, n in ipairs(grid.width) do
    if n <= WIDEST then deep[#deep + 1] = n end
    if n >= FROM then fitted[#fitted + 1] = n end
  end
  table.sort(deep)
  table.sort(fitted)
  return deep, fitted
end

local function claims(_, plan)
  local rows, deep = {}, widths_of(plan.grid)
  local n = deep[#deep]
  for _, pair in ipairs(PAIRS) do
    rows[#rows + 1] = { id = "A1", claim = pair_key(pair, n), essay = pair.essay, refines = pair.refines,
      theory = type(pair[5]) == "number" and pair[5] or pair[5](n), equal = { margin = pair.margin, relative = true } }
  end
  for _, w in ipairs(deep) do
    if w == FROM then
      rows[#rows + 1] = { id = "A1", claim = variance_key(w), theory = DEEP * log_variance(w), equal = { margin = 0.15, relative = true },
        note = ("5 L/n = %.3f"):format(5 * DEEP / w) }
    end
  end
  for _, init in ipairs(INITS) do
    rows[#rows + 1] = { id = "A1", claim = early_key(init), theory = 1, equal = { margin = 0.1 }, note = ("n = %d"):format(n) }
  end
  for _, kind in ipairs(KINDS) do
    for l = 1, #EARLIER do
      rows[#rows + 1] = { id = "A2", claim = gradient_key(kind, l), essay = -0.5, theory = kind[3][l], slope = { margin = 0.15 } }
    end
  end
  return rows
end

local function report(results, ledger)
  local deep, fitted = widths_of { width = results:distinct "width" }
  local n = deep[#deep]
  for _, pair in ipairs(PAIRS) do
    local rows = rows_of(results, pair[1], pair[2], n)
    if #rows > 0 then
      ledger:measure(pair_key(pair, n), limn.claims.statistic(rows, function(list) return pair[4](list, n) end))
    end
  end
  for _, w in ipairs(deep) do
    local rows = rows_of(results, "he", "relu", w)
    if w == FROM and #rows > 0 and rows[1]["v" .. DEEP] then
      ledger:measure(variance_key(w), limn.claims.mean(values_of(rows, "v" .. DEEP)),
        { note = ("5 L/n = %.3f; %d nets a replicate"):format(5 * DEEP / w, rows[1].averaged) })
    end
  end
  for _, init in ipairs(INITS) do
    local by_rep, all = {}, {} -- replicate: rows of the activations
    for _, activation in ipairs(ACTIVATIONS) do
      local want = law(init, activation, 2, n, EARLY)[EARLY]
      for _, row in ipairs(rows_of(results, init, activation, n)) do
        if not by_rep[row.rep] then by_rep[row.rep], all[#all + 1] = {}, row.rep end
        by_rep[row.rep][activation] = row["s" .. EARLY] / want
      end
    end
    if #all > 0 then
      ledger:measure(early_key(init), limn.claims.statistic(all, function(reps)
        local log, count = 0, 0
        for activation in pairs(by_rep[reps[1]]) do
          local sum = 0
          for _, rep in ipairs(reps) do sum = sum + by_rep[rep][activation] end
          log, count = log + math.log(sum / #reps), count + 1
        end
        return math.exp(log / count)
      end))
    end
  end
  for _, kind in ipairs(KINDS) do
    for l = 1, #fitted > 1 and #EARLIER or 0 do
      local ys = {} -- log2 of the ratio: replicate, width
      for i, w in ipairs(fitted) do
        for k, row in ipairs(rows_of(results, "he", "relu", w)) do
          ys[k] = ys[k] or {}
          ys[k][i] = math.log(row[kind[1] .. l] / row[kind[1] .. SHALLOW + 1], 2)
        end
      end
      local xs = {}
      for i, w in ipairs(fitted) do xs[i] = math.log(w, 2) end
      if #ys > 0 then
        ledger:measure(gradient_key(kind, l), limn.claims.fit_slope(xs, ys), { note = ("n = %d .. %d"):format(fitted[1], fitted[#fitted]) })
      end
    end
  end
end

-- ---- the figure: means over replicates with 95 % intervals ---------------------------------------------------------

local MARKS = { "circle", "osquare", "triangle", "diamond", "ocircle", "plus" }

-- Points with intervals; log: of geometric means.
local function points(panel, x, lists, log, options)
  options.x, options.y, options.lo, options.hi = x, {}, {}, {}
  local exp = log and math.exp or function(v) return v end
  for i, values in ipairs(lists) do
    for k, v in ipairs(values) do values[k] = log and math.log(v) or v end
    local m, interval = values[1], { values[1], values[1] }
    if #values > 1 then m, interval = limn.claims.interval(values) end
    options.y[i], options.lo[i], options.hi[i] = exp(m), exp(interval[1]), exp(interval[2])
    if not log then options.lo[i] = math.max(options.lo[i], m / 10) end -- log axis
  end
  panel:errorbars(options)
  return options.y
end

local function plot(results)
  local fig = limn.plot.figure { rows = 2, cols = 3, size = { 7.2, 5 }, letters = true, legend = "top" }
  local widths = results:distinct "width"
  local deep, fitted = widths_of { width = widths }
  local n = deep[#deep]
  for column, activation in ipairs { "relu", "tanh", "linear" } do
    local p = fig:panel(1, column, { title = ("%s, n = %d"):format(NAMES[activation], n),
      x = { label = "hidden layer", range = { 0, DEEP + 1 } },
      y = { label = column == 1 and "mean square of activations" or nil, scale = "log10", range = { 1e-18, 1e6 } } })
    for k, init in ipairs(INITS) do
      local rows = rows_of(results, init, activation, n)
      if #rows > 0 then
        local x, lists = {}, {}
        for l = 1, DEEP do x[l], lists[l] = l, values_of(rows, "s" .. l) end
        p:line { x = x, y = law(init, activation, 2, n, DEEP), color = k, mark = false, law = true,
          label = k == 1 and "laws (lines)" or nil }
        points(p, x, lists, false, { color = k, mark = MARKS[k], label = TITLES[init] })
      end
    end
  end
  for column, kind in ipairs { { "entry", "gradient, RMS per entry", { -0.5, -0.5, -0.5, 0 }, { 1e-3, 3 } },
    { "frobenius", "gradient, Frobenius norm", { 0, 0.5, 0.5, 0.5 }, { 1, 3e3 } } } do
    local p = fig:panel(2, column, { title = "ReLU, He, 3 hidden layers", x = { label = "width n", scale = "log2" },
      y = { label = kind[2], scale = "log10", range = kind[4] }, legend = column == 1 and "bottom left" or "top left" })
    for l = 1, SHALLOW + 1 do
      local lists = {}
      for i, w in ipairs(widths) do lists[i] = values_of(rows_of(results, "he", "relu", w), kind[1] .. l) end
      if #(lists[1] or {}) > 0 then
        local means = points(p, widths, lists, true, { color = l, mark = MARKS[l],
          label = l == 1 and "input" or l > SHALLOW and "output" or ("hidden %d"):format(l) })
        local w = fitted[#fitted] or widths[#widths] -- the law passes through the widest nets
        if l ~= 3 then
          p:line { x = { widths[1], w }, y = { means[#means] * (widths[1] / w) ^ kind[3][l], means[#means] }, color = l, mark = false,
            law = true, label = l == 1 and limn.plot.math "$n^s$, s by theory" or nil }
        end
      end
    end
  end
  local p = fig:panel(2, 3, { title = "ReLU, He", x = { label = "depth over width, L/n", scale = "log10" },
    y = { label = "variance of log mean square", scale = "log10" }, legend = "top left" })
  for k, w in ipairs(deep) do
    local rows, x, lists = rows_of(results, "he", "relu", w), {}, {}
    for l = 1, #rows > 0 and rows[1].v1 and DEEP or 0 do x[l], lists[l] = l / w, values_of(rows, "v" .. l) end
    if #x > 0 then points(p, x, lists, true, { color = k, mark = MARKS[k], label = ("n = %d"):format(w) }) end
  end
  p:line { x = { 1 / n, 1 }, y = { 5 / n, 5 }, color = "black", mark = false, law = true, label = "5 L/n" }
  return fig
end

return limn.experiment {
  name = "init_scales",
  question = "How large are activations and gradients at initialisation, by width, depth, initialisation and activation?",
  params = {
    init = { default = 1, help = "1 He, 2 LeCun, 3 Xavier, 4 uniform, 5 uniform without biases, 6 orthogonal", min = 1, max = #INITS },
    activation = { default = 1, help = "1 ReLU, 2 tanh, 3 erf, 4 GELU, 5 sin, 6 linear", min = 1, max = #ACTIVATIONS },
    width = { default = 64, help = "units per hidden layer", min = 1 },
    entries = { default = 1 << 20, help = "a cell of He's ReLU nets averages entries/width^2 nets, 4 to 256" },
    nets = { default = 4, help = "nets averaged for the gradients", min = 1 },
  },
  grid = { init = "1:6", activation = "1:6", width = { 16, 64, 256, 1024 } },
  reps = 16,
  cost = function(p)
    local gradients = p.activation == 1 and p.init == 1
    return 1e4 + (p.width <= WIDEST and DEEP * p.width ^ 2 * 4 or 0) + (gradients and 4 * p.nets * p.width ^ 2 or 0)
  end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
