-- complexity_vs_data.lua: how many data points does minimum-norm regression need before features of complexity C
-- contribute more than the random features?
--
-- Model: D labels L in {-1, +1}; n_r random features with fair, independent signs; n_p perfect features, copies of
-- L, so p = n_p/(n_p + n_r) = 2^-C. The minimum-norm interpolant gives the perfect features the contribution P and
-- the random ones R, with P + R = sqrt(D) and P/R = n_p s, where s = L'W^-1 L and W is the Gram matrix of the random
-- features. s does not depend on C; one solve per (D, replicate) therefore serves every C.
-- Theory: P/R = pD/(1-p) for many features; the crossover P = R is at D* = 2^C - 1.
--
-- Cost: under a minute on two cores; about an hour with 100 times the features (n_r = 2^25).

local limn = require "limn"

local LEAST_C, MOST_C = 4, 10
local m = limn.plot.math

-- ---- one cell: (D, replicate) ----------------------------------------------------------------------

-- The labels of a cell: fair signs, or the labels of D rows drawn without replacement from the user's file.
local function labels_of(point, rng)
  if point.labels == "" then return rng:sign(point.D) end
  local _, y = assert(limn.data.csv(point.labels, { labels = point.column, positive = point.positive }))
  if point.D > #y then error(("D = %d, but %s has only %d rows"):format(point.D, point.labels, #y), 0) end
  local order, chosen = rng:permutation(#y), limn.zeros(point.D)
  for i = 1, point.D do chosen[i] = y[order[i]] end
  return chosen
end

-- D from 2 to beyond the largest crossover, two values per octave; at most the number of rows in the user's file.
local function grid(params)
  if params.labels == "" then return "2:2048:log2/2" end
  local _, y = assert(limn.data.csv(params.labels, { labels = params.column, positive = params.positive }))
  return ("2:%d:log2/2"):format(#y)
end

local function copies(random, c) return math.floor(random / (2 ^ c - 1) + 0.5) end

local function measure(point, rng)
  local labels, seed = labels_of(point, rng), rng:integer(1, 1 << 53)

  -- s from the random features; P/R = n_p s at every C.
  local random = limn.features.toy { points = point.D, count = point.random, perfect = 0, labels = labels, seed = seed }
  local s = labels:dot(limn.regress.minnorm(random, labels).dual)

  -- For one C the perfect features are included in the fit, to check the identities numerically.
  local c = math.max(LEAST_C, math.min(MOST_C, math.floor(math.log(point.D, 2) + 0.5)))
  local perfect = copies(point.random, c)
  local pool = limn.features.toy { points = point.D, count = point.random + perfect, perfect = perfect,
    labels = labels, seed = seed }
  local parts = limn.contrib.analyse(pool, limn.regress.minnorm(pool, labels))
  local p_sq, r_sq = parts.classes.perfect.weight_sq, parts.classes.random.weight_sq
  return {
    s = s,
    sum = math.abs((parts.P + parts.R) / math.sqrt(point.D) - 1),
    shortcut = math.abs(parts.ratio / (perfect * s) - 1),
    weights = math.abs(p_sq / r_sq / parts.ratio - 1),
    across = parts.classes.random.across / math.sqrt(point.D),
  }
end

-- ---- from cells to crossovers ----------------------------------------------------------------------

-- The x at which y first rises through 1, interpolated linearly in (log x, log y); nil if it does not.
local function meets_one(x, y)
  for i = 1, #x - 1 do
    if y[i] < 1 and y[i + 1] >= 1 then
      local a, b = math.log(y[i]), math.log(y[i + 1])
      return math.exp(math.log(x[i]) + (math.log(x[i + 1]) - math.log(x[i])) * -a / (b - a))
    end
  end
end

-- Rows -> the values of D, the rows of each D, and for each C the curve P/R(D) with its crossover per replicate.
local function analyse(results)
  local rows, points, by_point = results:rows(), {}, {}
  for _, row in ipairs(rows) do
    if not by_point[row.D] then
      by_point[row.D] = {}
      points[#points + 1] = row.D
    end
    table.insert(by_point[row.D], row)
  end
  table.sort(points)
  local random = rows[1].random
  local out = { points = points, by_point = by_point, random = random, curves = {}, rows = rows }
  for c = LEAST_C, MOST_C do
    local perfect = copies(random, c)
    local curve = { c = c, perfect = perfect, share = perfect / (perfect + random), ratio = {}, low = {}, high = {}, crossings = {} }
    for i, d in ipairs(points) do
      local sum, low, high = 0, math.huge, 0
      for _, row in ipairs(by_point[d]) do
        local ratio = perfect * row.s
        sum, low, high = sum + ratio, math.min(low, ratio), math.max(high, ratio)
      end
      curve.ratio[i], curve.low[i], curve.high[i] = sum / #by_point[d], low, high
    end
    for rep = 1, #by_point[points[1]] do
      local ratio = {}
      for i, d in ipairs(points) do ratio[i] = perfect * by_point[d][rep].s end
      curve.crossings[#curve.crossings + 1] = meets_one(points, ratio)
    end
    if #curve.crossings > 1 and #curve.crossings == #by_point[points[1]] then
      curve.crossover, curve.interval = limn.claims.interval(curve.crossings)
      curve.predicted = (random - 1) / (perfect + 1) -- finite N; 2^C - 1 in the limit
    end
    out.curves[#out.curves + 1] = curve
  end
  -- Slope of log2 D* against log2 (1-p)/p, one per replicate; p is that of the integer number of copies.
  local reps, slopes = #by_point[points[1]], {}
  for rep = 1, reps do
    local x, y = {}, {}
    for _, curve in ipairs(out.curves) do
      if curve.crossover then
        x[#x + 1], y[#y + 1] = math.log((1 - curve.share) / curve.share, 2), math.log(curve.crossings[rep], 2)
      end
    end
    if #x > 1 then slopes[#slopes + 1] = limn.claims.slope(x, y) end
  end
  local x, y = {}, {} -- the slope by the finite-N law
  for _, curve in ipairs(out.curves) do
    if curve.crossover then
      x[#x + 1], y[#y + 1] = math.log((1 - curve.share) / curve.share, 2), math.log(curve.predicted, 2)
    end
  end
  out.slope_predicted = #x > 1 and limn.claims.slope(x, y)
  if #slopes > 1 then out.slope, out.slope_interval = limn.claims.interval(slopes) end
  return out
end

-- P/R at N = 2^60 without matrices: exact draws of s for Gaussian features.
local EXACT_COUNT, EXACT_C = 1 << 60, { 15, 25, 35, 45 }

local function exact_curves()
  local out = {}
  for _, c in ipairs(EXACT_C) do
    local curve = { c = c, points = {}, ratio = {} }
    for log10 = 0, 15 do
      local draws = limn.theory.sample { points = math.tointeger(10 ^ log10), count = EXACT_COUNT, complexity = c, reps = 10 }
      curve.points[#curve.points + 1] = 10.0 ^ log10
      curve.ratio[#curve.ratio + 1] = draws.ratio:mean()
    end
    curve.crossover = meets_one(curve.points, curve.ratio)
    out[#out + 1] = curve
  end
  return out
end

-- ---- ledger and figure -------------------------------------------------------------------------------

local function report(results)
  local a, ledger = analyse(results), limn.claims.new "Data needed against complexity: minimum L2 norm, toy model"
  for _, curve in ipairs(a.curves) do
    if curve.crossover then
      ledger:row { id = "A17", claim = ("crossover D* at C = %d"):format(curve.c), predicted = curve.predicted,
        measured = curve.crossover, interval = curve.interval, tolerance = 0.002,
        note = ("2^C - 1 = %d; %d copies among %d"):format(2 ^ curve.c - 1, curve.perfect, curve.perfect + a.random) }
    end
  end
  if a.slope then
    ledger:row { id = "A18", claim = "slope of log2 D* against log2 (1-p)/p", predicted = a.slope_predicted, measured = a.slope,
      interval = a.slope_interval, tolerance = 5e-4, note = "1 for N -> infinity" }
  end
  ledger:row { id = "A14", claim = "P + R = sqrt(D): largest relative error", predicted = 0,
    measured = results:column("sum"):max(), interval = { -1e-9, 1e-9 } }
  ledger:row { id = "A17", claim = "P/R = n_p s: largest relative error", predicted = 0,
    measured = results:column("shortcut"):max(), interval = { -1e-9, 1e-9 } }
  ledger:row { id = "A19", claim = "sums of w^2 are in the ratio P/R: largest error", predicted = 0,
    measured = results:column("weights"):max(), interval = { -1e-9, 1e-9 } }
  ledger:row { id = "A15", claim = "random sum perpendicular to L: largest norm", predicted = 0,
    measured = results:column("across"):max(), interval = { -1e-9, 1e-9 } }
  local far = limn.theory.sample { points = math.tointeger(1e12), count = EXACT_COUNT, complexity = 39, reps = 100 }
  ledger:row { id = "A22", claim = "complexity with P = R at D = 10^12, bits (exact law)",
    predicted = math.log(1e12, 2), measured = 39 + math.log(far.ratio:mean(), 2), tolerance = 1e-3 }
  ledger:print()
  return ledger
end

local function plot(results)
  local a = analyse(results)
  local most = a.points[#a.points]
  local fig = limn.plot.figure { rows = 2, cols = 2, size = { 6.75, 5.4 }, letters = true }

  -- (a) P/R against D for each C, with the law
  local p = fig:panel(1, 1, { x = { label = m[[\text{data points }D]], scale = "log2", range = { a.points[1] / 1.3, most * 1.3 } },
    y = { label = m[[\text{contribution ratio }P/R]], scale = "log10" }, legend = "direct" })
  local d = limn.logspace(a.points[1], most, 60)
  for _, curve in ipairs(a.curves) do
    local odds = curve.share / (1 - curve.share)
    p:line { x = d, y = d * odds, law = true, dash = "solid" }
    p:points { x = a.points, y = curve.ratio, label = m(("C = %d"):format(curve.c)) }
  end
  p:hline { y = 1, dash = "dotted" }

  -- (b) every cell against the scaled variable
  local q = fig:panel(1, 2, { x = { label = m"p D / (1 - p)", scale = "log10" },
    y = { label = m[[\text{contribution ratio }P/R]], scale = "log10" },
    legend = "top left" })
  local all = {}
  for i, curve in ipairs(a.curves) do
    local xs, ys = {}, {}
    for _, row in ipairs(a.rows) do
      xs[#xs + 1], ys[#ys + 1] = row.D * curve.share / (1 - curve.share), curve.perfect * row.s
      all[#all + 1] = xs[#xs]
    end
    q:points { x = xs, y = ys, size = 1.8, color = i, mark = "ocircle" }
  end
  all = limn.array(all)
  local law = limn.logspace(all:min(), all:max(), 2)
  q:line { x = law, y = law, law = true, dash = "solid", label = m"P/R = p D / (1 - p)" }
  q:points { x = { all:min() }, y = { all:min() }, size = 1.8, color = 7, mark = "ocircle",
    label = ("%d points: every cell and C"):format(#all) }

  -- (c) the crossover
  local r = fig:panel(2, 1, { x = { label = m[[\text{complexity }C\text{ (bits)}]] },
    y = { label = m[[\text{crossover }D\text{*}]], scale = "log2" }, legend = "top left" })
  local cx, cy, lo, hi = {}, {}, {}, {}
  for _, curve in ipairs(a.curves) do
    if curve.crossover then
      cx[#cx + 1], cy[#cy + 1] = -math.log(curve.share, 2), curve.crossover
      lo[#lo + 1], hi[#hi + 1] = curve.interval[1], curve.interval[2]
    end
  end
  local cs, ds = {}, {}
  for c = LEAST_C * 4, MOST_C * 4 do cs[#cs + 1], ds[#ds + 1] = c / 4, 2 ^ (c / 4) - 1 end
  r:line { x = cs, y = ds, law = true, dash = "solid", label = m[[D\text{*} = 2^C - 1]] }
  r:errorbars { x = cx, y = cy, lo = lo, hi = hi, label = ("measured, %d replicates"):format(#a.by_point[a.points[1]]) }
  if a.slope then
    local say = { x = MOST_C, align = "right", y = 2.0 ^ (LEAST_C + 0.9), text = ("slope %.4f"):format(a.slope) }
    r:text(say)
    r:text { x = say.x, align = say.align, y = 2.0 ^ (LEAST_C + 0.4),
      text = ("95 %% interval [%.4f, %.4f]"):format(a.slope_interval[1], a.slope_interval[2]) }
  end

  -- (d) sizes for which no matrix is formed
  local e = fig:panel(2, 2, { x = { label = m[[\text{data points }D]], scale = "log10" },
    y = { label = m[[P/R\text{, exact law, }N = 2^{60}]], scale = "log10" },
    legend = "direct" })
  local far = limn.logspace(1, 1e15, 40)
  for _, curve in ipairs(exact_curves()) do
    local odds = 2 ^ -curve.c / (1 - 2 ^ -curve.c)
    e:line { x = far, y = far * odds, law = true, dash = "solid" }
    e:points { x = curve.points, y = curve.ratio, label = m(("C = %d"):format(curve.c)) }
  end
  e:hline { y = 1, dash = "dotted" }

  return fig
end

return limn.experiment {
  name = "complexity_vs_data",
  question = "How many data points does minimum-norm regression need before features of complexity C contribute most?",
  params = {
    D = { default = 64, help = "number of data points" },
    random = { default = 1 << 18, help = "number of random features" },
    labels = { default = "", help = "CSV file whose labels are used (default: fair signs)" },
    column = { default = "", help = "label column of the CSV file (default: the last)" },
    positive = { default = "", help = "label mapped to +1 (default: the first in the file)" },
  },
  grid = { D = grid },
  reps = 12,
  cost = function(point) return point.D ^ 2 end,
  measure = measure,
  report = report,
  plot = plot,
}
