-- weights.lua: how does minimum-norm regression distribute the weights over the features, and what influence does a
-- feature have on a new point?
--
-- D labels L, n random sign features f_i, m perfect features, p = m/(m + n) = 2^-C; w = F'a with K a = L, K = F F'.
-- Theory:
--   - Weight and correlation: w_i = c f_i.L if L is an eigenvector of K, which holds for many features. At finite n the
--     squared uncentred correlation of w_i with f_i.L over the random features is D^2/(s L'WL) = 1 - q, W their Gram
--     matrix, s = L'W^-1 L. For Gaussian features 1 - q follows the beta distribution with parameters (n-D+1)/2 and
--     (D-1)/2, so E q = (D-1)/n; for signs, whose W has a fixed diagonal, E q = (D-1)(D-2)/(nD) to first order in 1/n.
--   - Perpendicular parts (footnote 8 of the essay): the mean over the random features of (f.L) g, g the part of f
--     perpendicular to L, has the expected squared norm (D-1)(D-2)/n; the parallel part has D.
--   - Participation, (sum w^2)^2/sum w^4 over the random features: n/(3 - (2/D)(1-q)^2), from the fourth moment of a sum
--     of D signs and a Gaussian remainder. Under the L1 norm it is m, the number of copies of the labels.
--   - Influence: the perfect features contribute alpha y to the output at a new point of label y; for many features
--     alpha = P/sqrt(D) = pD/(pD + 1 - p), in proportion to p = 2^-C for pD << 1. This is eigenlearning with one mode
--     of eigenvalue p and ridge 1 - p, whose equation has D - alpha in the place of D.
--   - Classes: a class k of n_k features that have the correlation rho_k with the labels contributes along L in
--     proportion to n_k (1 + (D-1) rho_k^2).
--
-- Cost: under a minute on two cores, in proportion to n D^2 + D^3; under an hour with 100 times the features.

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

-- Weights against correlations, and the mean perpendicular part, over several pools where D is small; participation under
-- L2 and L1.
local function spread(D, n, rng)
  local copies, pools, out = n // PER_COPY, math.max(1, 64 // D), { scatter = 0, across = 0 }
  for pool = 1, pools do
    local f = limn.features.toy { points = D, count = n + copies, perfect = copies, seed = rng:integer(1, 1 << 53) }
    local fit, X = limn.regress.minnorm(f), f:columns(copies + 1, copies + n)
    local w, g = fit:weights_of(copies + 1, copies + n), X:T():matmul(f.labels)
    local mean = X:matmul(g) / n
    out.scatter = out.scatter + (1 - w:dot(g) ^ 2 / (w:dot(w) * g:dot(g))) / pools
    out.across = out.across + (mean:dot(mean) - mean:dot(f.labels) ^ 2 / D) / pools
    if pool == 1 then
      local sparse = limn.contrib.analyse(f, assert(limn.regress.l1(f)), { participation = true })
      out.spread, out.copies = (w * w):sum() ^ 2 / (w ^ 4):sum() / n, copies
      out.sparse, out.sparse_random = sparse.participation, sparse.R
    end
  end
  return out
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

local function across_law(D, n) return (D - 1) * (D - 2) / n end
local function scatter_law(D, n) return across_law(D, n) / D end
local function spread_law(D, n) return 1 / (3 - 2 / D * (1 - scatter_law(D, n)) ^ 2) end

local function influence_law(D, n, C) -- with the integer number of copies, for many features
  local copies = copies_of(n, C)
  return D * copies / (D * copies + n), copies / (copies + n)
end

local function shares_law(D) return limn.theory.shares { points = D, classes = CLASSES } end

-- ---- claims, declared before any cell is computed -----------------------------------------------------------------

-- The C with pD < 1/8.
local function linear_part(D, n)
  local out = {}
  for C = LEAST_C, most_C(n) do
    local _, p = influence_law(D, n, C)
    if p * D < 1 / 8 then out[#out + 1] = C end
  end
  return out
end

-- The C at which the perfect and the random features contribute about equally.
local function even_C(D, n) return math.max(LEAST_C, math.min(most_C(n), math.floor(math.log(D, 2) + 0.5))) end

-- Slope of log2 y[i] against log2 p at C = Cs[i].
local function slope_over(D, n, Cs, y)
  local x, log_y = {}, {}
  for i, C in ipairs(Cs) do
    local _, p = influence_law(D, n, C)
    x[i], log_y[i] = math.log(p, 2), math.log(y[i], 2)
  end
  return (limn.claims.slope(x, log_y))
end

-- The least D from 8 on, and the largest.
local function ends(D)
  for _, d in ipairs(D) do if d >= 8 and d < D[#D] then return { d, D[#D] } end end
  return { D[#D] }
end

-- Smallest, middle and largest of a list in order.
local function three(list)
  local out = { list[1] }
  for _, i in ipairs { #list // 2 + 1, #list } do if list[i] ~= out[#out] then out[#out + 1] = list[i] end end
  return out
end

local function claims(_, plan)
  local rows, D, N = {}, plan.grid.D, plan.grid.random
  local d, n = D[#D], N[#N] -- the largest
  local function row(id, key, claim, essay, theory, test)
    test.id, test.key, test.claim, test.essay, test.theory = id, key, claim, essay, theory
    rows[#rows + 1] = test
  end
  local function within(margin) return { equal = { margin = margin, relative = true } } end
  -- 0.15: the law of Gaussian features, D/(D-2) times as large, is excluded at D = 8; D/n is too
  for _, at in ipairs(ends(D)) do
    row("A16", "scatter " .. at, ("residual of w = c f.L over (D-1)(D-2)/(nD), D = %d, all n"):format(at), nil, 1,
      within(0.15))
    row("A15", "across " .. at, ("perpendicular part of the mean, squared, over (D-1)(D-2)/n, D = %d, all n"):format(at), nil,
      1, within(0.15))
  end
  row("A16", "line", ("residual of w = c f.L, fraction of sum w^2, D = %d, n = %d"):format(d, n), 0, nil,
    { equal = { margin = 0.01 } }) -- constant to 1 %
  if #N > 1 then -- 0.1: n^-1/2 and n^-2 are excluded
    row("A16", "scatter slope", ("residual of w = c f.L ~ n^a, D = %d: a"):format(d), nil, -1, { slope = { margin = 0.1 } })
    row("A15", "across slope", ("perpendicular part of the mean, squared, ~ n^a, D = %d: a"):format(d), -1, -1,
      { slope = { margin = 0.1 } })
  end
  for _, at in ipairs(three(D)) do -- 2 %: Gaussian f.L, n/3, is excluded up to D = 32
    row("A7", "spread " .. at, ("L2: participation of the random features / n, D = %d"):format(at), nil, spread_law(at, n),
      within(0.02))
  end
  row("A7", "sparse", ("L1: participation minus the number of copies of the labels, D = %d"):format(d), nil, 0,
    { bound = 1e-6 })
  row("A7", "sparse_random", ("L1: R, D = %d"):format(d), 0, 0, { bound = 1e-9 })
  for _, at in ipairs(three(D)) do -- 0.02: a square root or another power is excluded, and saturation is measured
    local Cs, law = linear_part(at, n), {}
    for i, C in ipairs(Cs) do law[i] = influence_law(at, n, C) end
    if #Cs > 2 then
      row("A21", "power " .. at, ("influence ~ p^a for pD < 1/8, D = %d: a"):format(at), 1, slope_over(at, n, Cs, law),
        { slope = { margin = 0.02 }, refines = "linear for pD << 1; the influence saturates at 1" })
    end
  end
  row("A21", "largest", ("influence at C = %d, D = %d"):format(LEAST_C, d), nil, (influence_law(d, n, LEAST_C)), within(0.005))
  for _, at in ipairs(D[1] == d and { d } or { D[1], d }) do
    local C = even_C(at, n)
    local alpha, p = influence_law(at, n, C)
    local learned = limn.theory.eigenlearning { eigenvalues = { p }, points = at, ridge = 1 - p }.learnability[1]
    local where = ("C = %d, D = %d"):format(C, at)
    -- 2 %: eigenlearning, which has D - alpha in the place of D, differs by 7 % at D = 4
    row("A28", "spiked " .. at, "influence by the spiked kernel p yy' + (1-p), " .. where, nil, alpha, within(0.02))
    if at == d and d >= 64 then
      row("A28", "eigenlearning", "influence by eigenlearning, " .. where, nil, learned, within(0.02))
    end
  end
  local law = shares_law(d)
  for k, class in ipairs(CLASSES) do -- 2 %: contributions in proportion to n_k rho_k or n_k rho_k^2 alone are excluded
    row("A28", "share" .. k, ("contribution of the class %s along L, D = %d"):format(class.name, d), nil, law[k],
      within(0.02))
  end
  row("A28", "whole", "contributions of the classes along L add up to L: largest error", nil, 0, { bound = 1e-9 })
  return rows
end

-- ---- from cells to estimates -------------------------------------------------------------------------------------

-- Replicates x values of D (or of n, for one D), and these values.
local function by_D(results, n, field)
  local out, _, D = results:where { random = n }:pivot("rep", "D", field)
  return out, D
end

local function by_n(results, D, field)
  local out, _, n = results:where { D = D }:pivot("rep", "random", field)
  return out, n
end

local function report(results, ledger)
  local of, D, N = limn.claims, ledger.plan.grid.D, ledger.plan.grid.random
  local d, n = D[#D], N[#N]
  for name, law in pairs { scatter = scatter_law, across = across_law } do
    for _, at in ipairs(ends(D)) do
      local values = {}
      for i, row in ipairs(results:where { D = at }:rows()) do values[i] = row[name] / law(at, row.random) end
      ledger:measure(name .. " " .. at, of.mean(values))
    end
    if #N > 1 then ledger:measure(name .. " slope", of.fit_slope(limn.array(N):log(), by_n(results, d, name):log():totable())) end
  end
  local largest = results:where { D = d, random = n }
  ledger:measure("line", of.mean(largest:column "scatter"))
  ledger:measure("sparse", of.largest(largest:column "sparse" - largest:column "copies"))
  ledger:measure("sparse_random", of.largest(largest:column "sparse_random"))
  ledger:measure("largest", of.mean(largest:column("says" .. LEAST_C)))
  local whole = 0
  for k in ipairs(CLASSES) do
    ledger:measure("share" .. k, of.mean(largest:column("share" .. k)))
    whole = whole + results:column("share" .. k)
  end
  ledger:measure("whole", of.largest(whole - 1))
  for _, at in ipairs(three(D)) do
    local cells, Cs = results:where { D = at, random = n }, linear_part(at, n)
    ledger:measure("spread " .. at, of.mean(cells:column "spread"))
    local slopes = {}
    for i, row in ipairs(#Cs > 2 and cells:rows() or {}) do
      local y = {}
      for k, C in ipairs(Cs) do y[k] = row["says" .. C] end
      slopes[i] = slope_over(at, n, Cs, y)
    end
    if #Cs > 2 then ledger:measure("power " .. at, of.mean(slopes)) end
  end
  for _, at in ipairs { d, D[1] ~= d and D[1] or nil } do
    local alpha = of.mean(results:where { D = at, random = n }:column("says" .. even_C(at, n)))
    ledger:measure("spiked " .. at, alpha)
    if at == d and d >= 64 then ledger:measure("eigenlearning", alpha) end
  end
end

-- ---- the figure --------------------------------------------------------------------------------------------------

local MARKS = { "circle", "square", "triangle", "diamond", "ocircle" }

-- Means and 95 % intervals over the rows of y.
local function bars(panel, x, y, options)
  local n = #y
  options.x, options.y = x, y:mean(1)
  options.error = n > 1 and y:std(1) * (limn.claims.student(n - 1, 0.95) / math.sqrt(n)) or y:mean(1) * 0
  panel:errorbars(options)
end

local function plot(results)
  local fig = limn.plot.figure { rows = 2, cols = 2, size = { 6.75, 5.4 }, letters = true }
  local _, N = by_n(results, results:rows()[1].D, "scatter")
  local n = N[#N]
  local _, Ds = by_D(results, n, "scatter")

  -- (a) weight against correlation in one pool per size
  local D = math.min(64, Ds[#Ds])
  local p = fig:panel(1, 1, { x = { label = m[[\text{correlation }f_i\cdot L/D]] },
    y = { label = m[[w_i\text{ over that of a perfect feature}]] }, legend = "top left" })
  for i, count in ipairs { N[1], 16 * N[1] } do
    local copies, shown = count // PER_COPY, math.min(count, 1024)
    local f = limn.features.toy { points = D, count = count + copies, perfect = copies, seed = i }
    local fit = limn.regress.minnorm(f)
    local unit = fit:weights_of(1, 1)[1]
    local w, g = fit:weights_of(copies + 1, copies + shown), f:columns(copies + 1, copies + shown):T():matmul(f.labels)
    p:points { x = g / D, y = w / unit, color = i, mark = MARKS[i], size = 0.6, label = ("random, n = %d"):format(count) }
  end
  p:points { x = { 1 }, y = { 1 }, color = 3, mark = "star", label = "perfect" }
  p:line { x = { -0.6, 1 }, y = { -0.6, 1 }, law = true, label = "many features" }
  p:text { x = 1, y = -0.5, align = "right", text = m(("D = %d"):format(D)) }

  -- (b) residual of the line
  local q = fig:panel(1, 2, { x = { label = m[[(D-1)(D-2)/(nD)]], scale = "log10" },
    y = { label = "residual of w = c f.L, fraction", scale = "log10" }, legend = "bottom right" })
  local first, last = scatter_law(Ds[1], n), scatter_law(Ds[#Ds], N[1])
  q:line { x = { first, last }, y = { first, last }, law = true, label = "law" }
  for i, size in ipairs(N) do
    local x = {}
    for k, d in ipairs(Ds) do x[k] = scatter_law(d, size) end
    bars(q, x, (by_D(results, size, "scatter")), { color = i, label = ("n = %d"):format(size), mark = MARKS[(i - 1) % 4 + 1] })
  end

  -- (c) influence against complexity
  local r = fig:panel(2, 1, { x = { label = "complexity C (bits)" },
    y = { label = "influence on a new point", scale = "log2" }, legend = "bottom left" })
  local fine = limn.linspace(LEAST_C, MOST_C, 41)
  for i, d in ipairs(three(Ds)) do
    local x, y = {}, {}
    for C = LEAST_C, most_C(n) do
      local _, share = influence_law(d, n, C)
      x[#x + 1], y[#y + 1] = -math.log(share, 2), results:where { D = d, random = n }:column("says" .. C)
    end
    r:line { x = fine, y = d / ((fine * math.log(2)):exp() + (d - 1)), law = true, dash = "solid", label = i == 1 and "laws" or nil }
    bars(r, x, limn.array(y):T(), { color = i, mark = MARKS[i], label = ("D = %d"):format(d) })
  end

  -- (d) classes of partly correct features
  local s = fig:panel(2, 2, { x = { label = m[[\text{data points }D]], scale = "log2" },
    y = { label = "contribution along the labels", scale = "log10", range = { 5e-4, 1 } }, legend = "bottom right" })
  local ds = limn.logspace(Ds[1], Ds[#Ds], 41)
  for k, class in ipairs(CLASSES) do
    local y = {}
    for i, d in ipairs(ds:totable()) do y[i] = shares_law(d)[k] end
    s:line { x = ds, y = y, law = true, dash = "solid", label = k == 1 and "laws" or nil }
    bars(s, Ds, (by_D(results, n, "share" .. k)), { color = k, mark = MARKS[k], label = m((class.name:gsub("rho", "\\rho"))) })
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
  claims = claims,
  report = report,
  plot = plot,
}
