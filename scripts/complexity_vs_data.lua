-- complexity_vs_data.lua: how many data points does minimum-norm regression need before features of complexity C
-- contribute more than the random features?
--
-- Model: D labels L in {-1, +1}; n random features with fair, independent signs; m perfect features, copies of L, so
-- that p = m/(m + n) = 2^-C. The minimum-norm interpolant gives the perfect features the contribution P and the random
-- ones R, with P + R = sqrt(D) and P/R = m s exactly, where s = L'W^-1 L and W is the Gram matrix of the random features.
-- Theory: P/R = pD/(1-p) for many features, D times the ratio of their numbers. At finite n the mean of P/R is
-- mD/(n-D-1), so that P = R at D* = (n-1)/(m+1), which tends to (1-p)/p = 2^C - 1.
-- n < D random features cannot fit L. n random sign features at D = 3 points fail with probability 3 (2^n - 1)/4^n: a
-- column is one of four up to sign, any three of them are independent, so that at most two kinds occur, without +-L.
--
-- Cell: one (D, replicate). The random features are fitted alone, which gives s, and with the m copies of each C.
-- Cost: a minute on two cores; about an hour with 100 times the features.

local limn = require "limn"

local LEAST_C, MOST_C = 4, 10
local LOOK = { points = 64, columns = 4096 } -- the part of the random features whose signs are tested
local FEW, DRAWS = { 4, 8 }, 200             -- numbers of random features, and fits of 3 labels by each, per cell
local m = limn.plot.math

local function copies(random, c) return math.floor(random / (2 ^ c - 1) + 0.5) end

-- ---- one cell: (D, replicate) ----------------------------------------------------------------------

-- The labels of the user's file, as signs: of a CSV file the label column, of an IDX file all entries; nil without a file.
local function read(o)
  local path = o.data ~= "" and o.data or o.labels
  if path == "" then return end
  if not path:find "%.idx" and not path:find "%-ubyte$" then
    return select(2, assert(limn.data.csv(path, { labels = o.column, positive = o.positive })))
  end
  local _, y = assert(limn.data.idx(path, path))
  return y:eq(o.positive == "" and y[1] or tonumber(o.positive)) * 2 - 1
end

-- Fair signs, or the labels of D rows drawn without replacement from the file.
local function labels_of(point, rng)
  local y = read(point)
  if y and point.D > #y then error(("D = %d, but the file has only %d rows"):format(point.D, #y), 0) end
  return y and y:take(rng:permutation(#y):slice(1, point.D)) or rng:sign(point.D)
end

-- The signs of the random features: their mean, their mean correlation with the labels, and the mean square of the
-- inner product of two points over its expectation, the number of features.
local function signs(random, labels)
  local d, n = math.min(LOOK.points, random.points), math.min(LOOK.columns, random.count)
  local X = random:columns(1, n):slice(1, d, 1, n)
  local W = X:matmul(X:T())
  return X:mean(), labels:slice(1, d):matmul(X):mean() / d, ((W * W):sum() - d * n * n) / (d * (d - 1) * n)
end

local function measure(point, rng)
  local D, n = point.D, point.random
  local labels, seed = labels_of(point, rng), rng:integer(1, 1 << 53)
  local random = limn.features.toy { points = D, count = n, perfect = 0, labels = labels, seed = seed }
  local fit = limn.regress.minnorm(random, labels)
  local s, root = labels:dot(fit.dual), math.sqrt(D)
  local out = { s = s, alone = fit.residual / root, sum = 0, shortcut = 0, weight = 0, squares = 0, across = 0 }
  out.mean, out.correlation, out.inner = signs(random, labels)
  local function worst(name, error_) out[name] = math.max(out[name], math.abs(error_)) end
  for c = LEAST_C, MOST_C do
    local perfect = copies(n, c)
    local f = limn.features.toy { points = D, count = n + perfect, perfect = perfect, labels = labels, seed = seed }
    local parts = limn.contrib.analyse(f, limn.regress.minnorm(f, labels))
    local own, other = parts.classes.perfect, parts.classes.random
    out["ratio" .. c] = parts.ratio
    worst("sum", (parts.P + parts.R) / root - 1)
    worst("shortcut", parts.ratio / (perfect * s) - 1)
    worst("weight", parts.P / root - perfect * s / (1 + perfect * s))
    worst("squares", own.weight_sq / other.weight_sq / parts.ratio - 1)
    worst("across", other.across / root)
  end
  for i, count in ipairs(FEW) do
    local failed = 0
    for _ = 1, DRAWS do
      local f = limn.features.toy { points = 3, count = count, perfect = 0, labels = rng:sign(3),
        seed = rng:integer(1, 1 << 53) }
      if limn.regress.minnorm(f).residual > 1e-9 then failed = failed + 1 end
    end
    out["failed" .. i] = failed
  end
  return out
end

-- ---- claims, declared before any cell is computed -----------------------------------------------------------------

-- The complexities whose crossover lies inside the grid, an octave or more from its ends.
local function inside(D)
  local out = {}
  for c = LEAST_C, MOST_C do if D[1] <= 2 ^ (c - 1) and D[#D] >= 2 ^ (c + 1) then out[#out + 1] = c end end
  return out
end

-- Slope of log2 of the crossovers y of the complexities cs against log2 (1-p)/p.
local function slope_over(cs, n, y)
  local x, log_y = {}, {}
  for i, c in ipairs(cs) do x[i], log_y[i] = math.log(n / copies(n, c), 2), math.log(y[i], 2) end
  return (limn.claims.slope(x, log_y))
end

local function claims(params, plan)
  local D, n, rows, law = plan.grid.D, params.random, {}, {}
  local function row(id, key, claim, essay, theory, test)
    test.id, test.key, test.claim, test.essay, test.theory = id, key, claim, essay, theory
    rows[#rows + 1] = test
  end
  table.sort(D)
  local cs = inside(D)
  for i, c in ipairs(cs) do
    law[i] = (n - 1) / (copies(n, c) + 1)
    -- 1 %: 2^C in place of 2^C - 1 is excluded up to C = 6, another norm or power of D at every C
    row("A17", "D* " .. c, ("crossover D* at C = %d"):format(c), n / copies(n, c), law[i],
      { equal = { margin = 0.01, relative = true }, spread = math.sqrt(2 / n) * 2 ^ c })
  end
  if #cs > 1 then -- 0.01: 4 % over six octaves
    row("A18", "slope", "slope of log2 D* against log2 (1-p)/p", 1, slope_over(cs, n, law), { slope = { margin = 0.01 } })
  end
  -- identities hold to rounding; a ridge of 10^-8 N exceeds the bound
  row("A14", "sum", "P + R = sqrt(D): largest relative error", 0, 0, { bound = 1e-9 })
  row("A14", "across", "random sum perpendicular to L: largest norm", 0, 0, { bound = 1e-9 })
  row("A17", "shortcut", "P/R = m s: largest relative error", nil, 0, { bound = 1e-9 })
  row("A19", "squares", "sums of w^2 are in the ratio P/R: largest error", 0, 0, { bound = 1e-9 })
  row("A11", "weight", "P/sqrt(D) = ms/(1+ms): largest error", nil, 0, { bound = 1e-9 })
  row("A12", "alone", "random features alone fit the labels: residual/sqrt(D)", 0, 0, { bound = 1e-9 })
  -- "small": at most a twentieth of the weight 1 that perfect features have where they fit alone
  row("A11", "small", ("sum of the perfect features' weights, C = %d, D = %d"):format(MOST_C, D[1]), 0.05, nil, { below = true })
  if #D > 1 then -- 0.02: the ratio of the numbers alone (0) and every other power of D are excluded
    row("A11", "power", "P/R over the ratio of the numbers of features ~ D^a: a", 1, 1, { slope = { margin = 0.02 } })
  end
  for i, count in ipairs(FEW) do -- a quarter: failures of the rank, twice as many, and other powers of 2 are excluded
    local fails = 3 * (2 ^ count - 1) / 4 ^ count
    row("A12", "failed" .. i, ("fits of 3 labels by %d random features that fail"):format(count), nil, fails,
      { proportion = { margin = fails / 4 } })
  end
  -- Pr(+1) off 1/2 by 0.0025, and a correlation of 0.005, which counts as 0.005^2 D features more, are excluded
  row("A17", "mean", "random features: mean sign", 0, 0, { equal = { margin = 0.005 } })
  row("A17", "correlation", "random features: mean correlation with L", 0, 0, { equal = { margin = 0.005 } })
  row("A17", "inner", "random features: mean square of points' inner products / n", 1, 1, { equal = { margin = 0.05 } })
  -- a quarter of a bit: 19 % in D
  row("A22", "far", "complexity with P = R at D = 10^12, bits (law)", 40, math.log(1e12 + 1, 2), { equal = { margin = 0.25 } })
  row("A30", nil, "D is the number of data points and the length of a feature vector", nil, nil, { definition = true })
  return rows
end

-- ---- from cells to estimates ---------------------------------------------------------------------------------------

-- The D at which P/R passes 1, interpolated linearly in the logarithms. A curve that does not pass is continued along
-- its first or last two points, so that a crossover declared inside the grid is measured outside it.
local function crossing(D, ratio)
  local i = 1
  while i < #D - 1 and ratio[i + 1] < 1 do i = i + 1 end
  return D[i] * (D[i + 1] / D[i]) ^ (-math.log(ratio[i]) / math.log(ratio[i + 1] / ratio[i]))
end

-- P/R for one C: replicates x values of D; and these values.
local function ratios(results, c)
  local ratio, _, D = results:pivot("rep", "D", "ratio" .. c)
  return ratio, D
end

-- The crossovers of one C, one per replicate.
local function crossings(results, c)
  local ratio, D = ratios(results, c)
  local out = ratio:totable()
  for i, y in ipairs(out) do out[i] = crossing(D, y) end
  return out
end

-- Mean of P/R at N = 2^60, without matrices: draws of s for Gaussian features.
local function exact(D, C)
  return limn.theory.sample { points = math.tointeger(D), count = 1 << 60, complexity = C, reps = 10 }.ratio:mean()
end

local function report(results, ledger)
  local of, n, top, D = limn.claims, ledger.params.random, ratios(results, MOST_C)
  local cs, found = #D == #ledger.plan.grid.D and inside(D) or {}, {} -- interpolated between neighbours of the grid
  for i, c in ipairs(cs) do
    found[i] = crossings(results, c)
    ledger:measure("D* " .. c, of.mean(found[i]))
  end
  if #cs > 1 then
    local slopes = limn.array(found):T():totable()
    for rep, y in ipairs(slopes) do slopes[rep] = slope_over(cs, n, y) end
    ledger:measure("slope", of.mean(slopes), { note = "1 for N -> infinity" })
  end
  for _, name in ipairs { "sum", "across", "shortcut", "squares", "weight", "alone" } do
    ledger:measure(name, of.largest(results:column(name)))
  end
  local fewest = results:where { D = ledger.plan.grid.D[1] }
  ledger:measure("small", of.mean(1 - 1 / (1 + fewest:column("ratio" .. MOST_C))))
  if #D > 1 then
    ledger:measure("power", of.fit_slope(limn.array(D):log(), (top * n / copies(n, MOST_C)):log():totable()))
  end
  for i in ipairs(FEW) do
    local failed = results:column("failed" .. i)
    ledger:measure("failed" .. i, of.proportion(math.tointeger(failed:sum()), DRAWS * #failed))
  end
  local large = results:where { D = function(d) return d >= math.min(LOOK.points, D[#D]) end } -- many pairs of points
  for _, name in ipairs { "mean", "correlation", "inner" } do ledger:measure(name, of.mean(large:column(name))) end
  ledger:measure("far", of.exact(39 + math.log(exact(1e12, 39), 2)))
end

-- ---- the figure -----------------------------------------------------------------------------------------------------

-- Means and 95 % intervals over the rows of y.
local function bars(panel, x, y, options)
  local n = #y
  options.x, options.y = x, y:mean(1)
  options.error = n > 1 and y:std(1) * (limn.claims.student(n - 1, 0.95) / math.sqrt(n)) or y:mean(1) * 0
  panel:errorbars(options)
end

local function plot(results)
  local n, top, D = results:rows()[1].random, ratios(results, MOST_C)
  local measured = ("measured, %d replicates"):format(#top)
  local fig = limn.plot.figure { rows = 2, cols = 2, size = { 6.75, 5.4 }, letters = true }
  local x = { label = m[[\text{data points }D]], scale = "log2", range = { D[1] / 1.3, D[#D] * 1.3 } }
  local d = limn.array(D)

  -- (a) P/R against D for each C, with the law; (b) one of them over its law
  local p = fig:panel(1, 1, { title = "lines: laws", x = x,
    y = { label = m[[\text{contribution ratio }P/R]], scale = "log10" }, legend = "direct" })
  for c = LEAST_C, MOST_C do
    p:line { x = D, y = d * copies(n, c) / n, law = true, dash = "solid" } -- pD/(1-p)
    bars(p, D, (ratios(results, c)), { label = m(("C = %d"):format(c)) })
  end
  p:hline { y = 1, dash = "dotted" }
  local noise = 8 * math.sqrt(2 / n)
  local q = fig:panel(1, 2, { x = x, y = { label = m[[P/R\text{ over its law}]], range = { 1 - noise, 1 + noise } },
    legend = "top right" })
  q:line { x = D, y = d * 0 + 1, law = true, dash = "solid", label = m[[mD/(n - D - 1)]] }
  bars(q, D, top * (n - 1 - d) / d / copies(n, MOST_C), { label = ("C = %d, "):format(MOST_C) .. measured })

  -- (c) the crossover
  local r = fig:panel(2, 1, { x = { label = m[[\text{complexity }C\text{ (bits)}]] },
    y = { label = m[[\text{crossover }D\text{*}]], scale = "log2" }, legend = "top left" })
  local cs, found = inside(D), {}
  for i, c in ipairs(cs) do found[i] = crossings(results, c) end
  local fine = limn.linspace(LEAST_C, MOST_C, 25)
  r:line { x = fine, y = (fine * math.log(2)):exp() - 1, law = true, dash = "solid", label = m[[D\text{*} = 2^C - 1]] }
  if #cs > 0 then bars(r, cs, limn.array(found):T(), { label = measured }) end

  -- (d) sizes for which no matrix is formed
  local e = fig:panel(2, 2, { title = "lines: laws", x = { label = m[[\text{data points }D]], scale = "log10" },
    y = { label = m[[P/R\text{, draws of the law, }N = 2^{60}]], scale = "log10" }, legend = "direct" })
  for c = 15, 45, 10 do
    local points, ratio = {}, {}
    for i = 0, 15 do points[i + 1], ratio[i + 1] = 10.0 ^ i, exact(10 ^ i, c) end
    e:line { x = { 1, 1e15 }, y = { 1 / (2 ^ c - 1), 1e15 / (2 ^ c - 1) }, law = true, dash = "solid" }
    e:points { x = points, y = ratio, label = m(("C = %d"):format(c)) }
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
    data = { default = "", help = "CSV or IDX file whose labels are used (default: fair signs)" },
    labels = { default = "", help = "the same as data" },
    column = { default = "", help = "label column of the CSV file (default: the last)" },
    positive = { default = "", help = "label mapped to +1 (default: the first in the file)" },
  },
  grid = { D = function(params) return ("2:%d:log2"):format(#(read(params) or limn.zeros(2 << MOST_C))) end },
  reps = 12,
  cost = function(point) return point.D ^ 2 end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
