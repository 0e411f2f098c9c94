-- weights.lua: how does minimum-norm regression distribute the weights over the features, and what influence does a
-- feature have on a new point?
--
-- D labels L, n random sign features f_i, m perfect features, p = m/(m + n) = 2^-C; w = F'a with K a = L, K = F F'.
-- Theory:
--   - Weight and correlation: w_i = c f_i.L if L is an eigenvector of K, which holds for many features. At finite n the
--     squared uncentred correlation of w_i with f_i.L over the random features is D^2/(s L'WL) = 1 - q, W their Gram
--     matrix, s = L'W^-1 L. For Gaussian features 1 - q follows the beta distribution with parameters (n-D+1)/2 and
--     (D-1)/2, so E q = (D-1)/n; for signs, whose W has a fixed diagonal, E q = (D-1)(D-2)/(nD) to first order in 1/n.
--   - Participation, (sum w^2)^2/sum w^4 over the random features: n/(3 - (2/D)(1-q)^2), from the fourth moment of a
--   sum
--     of D signs and a Gaussian remainder. Under the L1 norm it is m, the number of copies of the labels.
--   - Influence: the perfect features contribute alpha y to the output at a new point of label y; for many features
--     alpha = P/sqrt(D) = pD/(pD + 1 - p), in proportion to p = 2^-C for pD << 1. This is eigenlearning with one mode
--     of eigenvalue p and ridge 1 - p, whose equation has D - alpha in the place of D.
--   - Classes: a class k of n_k features that have the correlation rho_k with the labels contributes along L in
--     proportion to n_k (1 + (D-1) rho_k^2).
--
-- Cost: a minute on two cores, in proportion to n D^2 + D^3; under an hour with 100 times the features.

local limn = require "limn"
local m = limn.plot.math

local PER_COPY = 256 -- random features per perfect one where participation is measured
local CLASSES = { -- classes of partly correct features; share: fraction of the pool
  { name = "rho = 1", rho = 1, share = 1 / 1024 }, { name = "rho = 1/2", rho = 1 / 2, share = 1 / 256 },
  { name = "rho = 1/4", rho = 1 / 4, share = 1 / 64 }, { name = "rho = 1/8", rho = 1 / 8, share = 1 / 16 },
  { name = "rho = 0", rho = 0, share = 1 - 1 / 1024 - 1 / 256 - 1 / 64 - 1 / 16 },
}
local LEAST_C, MOST_C = 2, 12

-- ---- one cell: (D, random, replicate), three pools ---------------------------------------------------------

-- Weights against correlations; participation under L2 and L1.
local function spread(D, n, rng)
  local copies = n // PER_COPY
  local f = limn.features.toy { points = D, count = n + copies, perfect = copies, seed = rng:integer(1, 1 << 53) }
  local fit = limn.regress.minnorm(f)
  local w, g = fit:weights_of(copies + 1, copies + n), f:columns(copies + 1, copies + n):T():matmul(f.labels)
  local sparse = assert(limn.regress.l1(f))
  local ones = limn.contrib.analyse(f, sparse, { participation = true })
  return {
    scatter = 1 - w:dot(g) ^ 2 / (w:dot(w) * g:dot(g)),
    spread = (w * w):sum() ^ 2 / (w ^ 4):sum() / n,
    copies = copies, sparse = ones.participation, sparse_random = ones.R / math.sqrt(D),
  }
end

local function copies_of(n, C) return math.floor(n / (2 ^ C - 1) + 0.5) end
local function most_C(n) return math.min(MOST_C, math.floor(math.log(n, 2) + 1e-9)) end

-- Contribution of the perfect features at new points, for each complexity.
local function influence(D, n, rng)
  local out = {}
  for C = LEAST_C, most_C(n) do
    local copies = copies_of(n, C)
    local f = limn.features.toy { points = D, count = n + copies, perfect = copies, seed = rng:integer(1, 1 << 53) }
    local new = limn.features.toy { points = 16, count = n + copies, perfect = copies, seed = rng:integer(1, 1 << 53) }
    local says = limn.contrib.analyse(f, limn.regress.minnorm(f)).at(new)
    out["says" .. C] = (says.perfect * new.labels):mean() -- the random features contribute noise of mean 0
  end
  return out
end

-- The contribution of each class along the labels.
local function shares(D, n, rng)
  local classes = {}
  for k, class in ipairs(CLASSES) do
    classes[k] = { name = class.name, rho = class.rho, count = math.floor(class.share * n + 0.5) }
  end
  local f = limn.features.correlated { points = D, classes = classes, seed = rng:integer(1, 1 << 53) }
  local found, out = limn.contrib.analyse(f, limn.regress.minnorm(f)), {}
  for k, class in ipairs(CLASSES) do out["share" .. k] = found.classes[class.name].along / math.sqrt(D) end
  return out
end

local function measure(point, rng)
  local out = {}
  for _, part in ipairs { spread, influence, shares } do
    for name, value in pairs(part(point.D, point.random, rng)) do out[name] = value end
  end
  return out
end

-- ---- laws ----------------------------------------------------------------------------------------------------

local function scatter_law(D, n) return (D - 1) * (D - 2) / (D * n) end
local function spread_law(D, n) return 1 / (3 - 2 / D * (1 - scatter_law(D, n)) ^ 2) end

local function influence_law(D, n, C) -- with the integer number of copies, for many features
  local copies = copies_of(n, C)
  return D * copies / (D * copies + n), copies / (copies + n)
end

local function shares_law(D) return limn.theory.shares { points = D, classes = CLASSES } end

-- ---- from cells to claims --------------------------------------------------------------------------------------

-- {D, n, list of rows}, in order of n and D.
local function gather(results)
  local by, order = {}, {}
  for _, row in ipairs(results:rows()) do
    local key = row.D .. ":" .. row.random
    if not by[key] then
      by[key] = { D = row.D, n = row.random, rows = {} }
      order[#order + 1] = by[key]
    end
    table.insert(by[key].rows, row)
  end
  table.sort(order, function(a, b) return a.n < b.n or a.n == b.n and a.D < b.D end)
  return order
end

local function interval(cell, field)
  local list = {}
  for i, row in ipairs(cell.rows) do list[i] = row[field] end
  return limn.claims.interval(list, 0.99)
end

-- Slope of log2 influence against log2 p over the C with pD < 1/8: measured, its interval, and by the law.
local function linear_part(cell)
  local x, y, law, slopes = {}, {}, {}, {}
  for C = LEAST_C, most_C(cell.n) do
    local alpha, p = influence_law(cell.D, cell.n, C)
    if p * cell.D < 1 / 8 then x[#x + 1], law[#law + 1] = math.log(p, 2), math.log(alpha, 2) end
  end
  if #x < 3 then return end
  for i, row in ipairs(cell.rows) do
    for k = 1, #x do y[k] = math.log(row["says" .. most_C(cell.n) - #x + k], 2) end
    slopes[i] = limn.claims.slope(x, y)
  end
  local measured, bounds = limn.claims.interval(slopes, 0.99)
  return measured, bounds, (limn.claims.slope(x, law))
end

local function report(results)
  local ledger = limn.claims.new "Distribution of the minimum-norm weights (99 % intervals)"
  local cells = gather(results)
  local largest = cells[#cells]
  local wide = {} -- the cells of the largest pool
  for _, c in ipairs(cells) do if c.n == largest.n then wide[#wide + 1] = c end end
  local function row(c, id, claim, field, predicted, tolerance, note)
    local value, bounds = interval(c, field)
    ledger:row { id = id, claim = claim, predicted = predicted, measured = value, interval = bounds,
      tolerance = tolerance, note = note }
  end
  for _, c in ipairs(cells) do
    if c.D == largest.D or c.n == cells[1].n then
      row(c, "A16", ("residual of w = c f.L, fraction of sum w^2, D = %d, n = %d"):format(c.D, c.n), "scatter",
        scatter_law(c.D, c.n), 0.01, "0 for many features")
    end
  end
  for _, c in ipairs(wide) do
    row(c, "A7", ("L2: participation of the random features / n, D = %d"):format(c.D), "spread", spread_law(c.D, c.n), 0.01)
  end
  row(largest, "A7", ("L1: participation, D = %d"):format(largest.D), "sparse", largest.rows[1].copies, 1e-6,
    "number of copies of the labels")
  row(largest, "A7", "L1: R/sqrt(D) at the largest D", "sparse_random", 0, 0)
  for _, c in ipairs(wide) do
    local measured, bounds, predicted = linear_part(c)
    if measured then
      ledger:row { id = "A21", claim = ("influence ~ p^a for pD < 1/8, D = %d: a"):format(c.D), tolerance = 0.005,
        predicted = predicted, measured = measured, interval = bounds, note = "1 for pD -> 0" }
    end
  end
  row(largest, "A21", ("influence at C = %d, D = %d"):format(LEAST_C, largest.D), "says" .. LEAST_C,
    influence_law(largest.D, largest.n, LEAST_C), 0.005, "saturates at 1")
  for _, c in ipairs { wide[1], largest } do
    local C = math.max(LEAST_C, math.min(most_C(c.n), math.floor(math.log(c.D, 2) + 0.5)))
    local alpha, p = influence_law(c.D, c.n, C)
    row(c, "A28", ("influence by the spiked kernel p yy' + (1-p), C = %d, D = %d"):format(C, c.D), "says" .. C, alpha, 0.005)
    local value, bounds = interval(c, "says" .. C)
    local learned = limn.theory.eigenlearning { eigenvalues = { p }, points = c.D, ridge = 1 - p }.learnability[1]
    local inside = learned >= bounds[1] * 0.995 and learned <= bounds[2] * 1.005
    ledger:row { id = "A28", claim = ("influence by eigenlearning, C = %d, D = %d"):format(C, c.D), predicted = learned,
      measured = value, interval = bounds, verdict = inside and "agrees" or "refines",
      note = inside and "" or "valid for large D: has D - alpha in the place of D" }
  end
  local law = shares_law(largest.D)
  for k, class in ipairs(CLASSES) do
    row(largest, "A28", ("contribution of the class %s along L, D = %d"):format(class.name, largest.D), "share" .. k,
      law[k], 0.005)
  end
  ledger:print()
  return ledger
end

-- ---- the figure --------------------------------------------------------------------------------------------------

local function powers(first, last, count)
  local out = {}
  for i = 0, count do out[i + 1] = first * (last / first) ^ (i / count) end
  return out
end

local function map(list, f)
  local out = {}
  for i, v in ipairs(list) do out[i] = f(v) end
  return out
end

local function bars(panel, cells, field, options)
  local o = { x = {}, y = {}, lo = {}, hi = {} }
  for i, c in ipairs(cells) do
    local value, bounds = interval(c, field)
    o.x[i], o.y[i], o.lo[i], o.hi[i] = options.x(c), value, math.max(bounds[1], 1e-12), bounds[2]
  end
  panel:errorbars { x = o.x, y = o.y, lo = o.lo, hi = o.hi, color = options.color, mark = options.mark or "circle",
    label = options.label }
end

-- At most `count` equally spaced entries of a list, with the last.
local function some(list, count)
  local out, step = {}, math.max(1, (#list - 1) // (count - 1))
  for i = #list, 1, -step do table.insert(out, 1, list[i]) end
  return out
end

local function plot(results)
  local fig = limn.plot.figure { rows = 2, cols = 2, size = { 6.75, 5.4 }, letters = true }

  -- (a) weight against correlation in one pool per size
  local cells = gather(results)
  local D, n = cells[1].D, cells[1].n
  for _, c in ipairs(cells) do if c.n == n and c.D <= 64 then D = math.max(D, c.D) end end
  local p = fig:panel(1, 1, { x = { label = m[[\text{correlation }f_i\cdot L/D]] },
    y = { label = m[[w_i\text{ over that of a perfect feature}]] }, legend = "top left" })
  for i, count in ipairs { n, 16 * n } do
    local copies = count // PER_COPY
    local f = limn.features.toy { points = D, count = count + copies, perfect = copies, seed = i }
    local fit = limn.regress.minnorm(f)
    local unit, shown = fit:weights_of(1, 1)[1], math.min(count, 1024)
    local w, g = fit:weights_of(copies + 1, copies + shown), f:columns(copies + 1, copies + shown):T():matmul(f.labels)
    p:points { x = g / D, y = w / unit, color = i, mark = "circle", size = 0.25, label = ("random, n = %d"):format(count) }
  end
  p:points { x = { 1 }, y = { 1 }, color = 3, mark = "square", label = "perfect" }
  p:line { x = { -0.6, 1 }, y = { -0.6, 1 }, law = true, label = "many features" }
  p:text { x = 1, y = -0.5, align = "right", text = m(("D = %d"):format(D)) }

  -- (b) residual of the line
  local first, last = math.huge, 0
  for _, c in ipairs(cells) do
    first, last = math.min(first, scatter_law(c.D, c.n)), math.max(last, scatter_law(c.D, c.n))
  end
  local q = fig:panel(1, 2, { x = { label = m[[(D-1)(D-2)/(nD)]], scale = "log10" },
    y = { label = "residual of w = c f.L, fraction", scale = "log10", range = { first / 4, 1 } }, legend = "bottom right" })
  local sizes, seen = {}, {}
  for _, c in ipairs(cells) do
    if not seen[c.n] then
      seen[c.n] = {}
      sizes[#sizes + 1] = c.n
    end
    table.insert(seen[c.n], c)
  end
  q:line { x = { first, last }, y = { first, last }, law = true, label = "law" }
  for i, size in ipairs(sizes) do
    bars(q, seen[size], "scatter", { x = function(c) return scatter_law(c.D, c.n) end, color = i,
      label = ("n = %d"):format(size), mark = ({ "circle", "square", "triangle", "diamond" })[(i - 1) % 4 + 1] })
  end

  -- (c) influence against complexity
  local r = fig:panel(2, 1, { x = { label = "complexity C (bits)" },
    y = { label = "influence on a new point", scale = "log2" }, legend = "bottom left" })
  local wide = seen[sizes[#sizes]]
  for i, c in ipairs(some(wide, 4)) do
    local x, y, lo, hi = {}, {}, {}, {}
    for C = LEAST_C, most_C(c.n) do
      local _, share = influence_law(c.D, c.n, C)
      local value, bounds = interval(c, "says" .. C)
      x[#x + 1], y[#y + 1], lo[#lo + 1], hi[#hi + 1] = -math.log(share, 2), value, bounds[1], bounds[2]
    end
    local cs = powers(LEAST_C, MOST_C, 40)
    r:line { x = cs, y = map(cs, function(C) return c.D / (c.D + 2 ^ C - 1) end), color = i, mark = false, dash = "solid",
      width = 0.8 }
    r:errorbars { x = x, y = y, lo = lo, hi = hi, color = i, mark = "circle", label = ("D = %d"):format(c.D) }
  end

  -- (d) classes of partly correct features
  local s = fig:panel(2, 2, { x = { label = m[[\text{data points }D]], scale = "log2" },
    y = { label = "contribution along the labels", scale = "log10", range = { 5e-4, 1 } }, legend = "bottom right" })
  local ds = powers(wide[1].D, wide[#wide].D, 40)
  for k, class in ipairs(CLASSES) do
    s:line { x = ds, y = map(ds, function(d) return shares_law(d)[k] end), color = k, mark = false, dash = "solid", width = 0.8 }
    bars(s, wide, "share" .. k, { x = function(c) return c.D end, color = k,
      label = m((class.name:gsub("rho", "\\rho"))) })
  end
  return fig
end

return limn.experiment {
  name = "weights",
  question = "How does minimum-norm regression distribute the weights, and what influence does a feature have?",
  params = {
    D = { default = 16, help = "number of data points", min = 4 },
    random = { default = 4096, help = "number of random features", min = PER_COPY },
  },
  grid = { D = "4:256:log2", random = { 1024, 4096, 16384, 65536 } },
  reps = 16,
  cost = function(point) return point.random * point.D * (point.D + 64) end,
  measure = measure,
  report = report,
  plot = plot,
}
