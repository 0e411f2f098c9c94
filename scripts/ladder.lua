-- ladder.lua: how many data points D* does each rule need before the perfect features contribute more than the random
-- ones? The rules are Bayes' rule and the minimum-norm interpolants of norms 1 to infinity, on the same pool of
-- features.
--
-- Norm 1 puts all weight on features equal to the labels; norm 2 is the rule of wide nets. Theory, for many features:
--     R/P = (1-p)/p E(|S_D|/D)^q,   q = norm/(norm-1),   S_D a sum of D fair signs,   p = 2^-C.
-- Norm 1: R/P = (1-p)/p 2^(1-D), so D* = ceil(1 + log2(2^C - 1)); Bayes: (1-p)/p 2^-D, so D* = ceil(log2(2^C - 1)). These
-- are C + 1 and C for whole C >= 2; at C = 1, 1 and 0. Norm 2: D* = 2^C - 1. For norm 2 the
-- predictions are those of the finite number of features; for the other norms no such law is known.
--
-- Cell: one (rule, C, replicate). The crossover is searched by bisection over D = 1 .. 512, whatever the rule, with a new
-- pool at each D, until its bounds are neighbours or within 20 %; between them R/P is interpolated linearly in the
-- logarithms. The predictions are the crossovers that the same search finds on the laws.
--
-- Cost: under two minutes on two cores; a few seconds with --entries 32768 --grid C=3,5 --reps 2.

local limn = require "limn"

local RULES = { "bayes", 1, 1.02, 1.05, 1.1, 1.25, 1.5, 2, 3, math.huge }
local NAMES = { "Bayes", "L1", "L1.02", "L1.05", "L1.1", "L1.25", "L1.5", "L2", "L3", "L∞" }
local IDS = { "A8", "A25", "A26", "A26", "A26", "A26", "A26", "A18", "A26", "A26" }
local BAYES, L1, L2 = 1, 2, 8
local MOST = { 10, 10, 10, 10, 10, 10, 9, 7, 5, 3 } -- the largest C measured: D* < 256

-- ---- the search --------------------------------------------------------------------------------------------

-- The D at which R/P falls through 1. odds(D) gives R/P; at D = 1 every random feature is +L or -L, and R/P is the ratio of
-- the numbers. A rule that does not cross up to 512 is continued along its last two points.
local function search(at_one, odds)
  local low, high, above, below = 1, 512, at_one, nil
  local before, above_before = 1, at_one
  while high - low > 1 and high / low > 1.2 do
    local D = math.max(low + 1, math.min(high - 1, math.floor(math.sqrt(low * high) + 0.5)))
    local ratio = odds(D)
    if ratio > 1 then
      before, above_before, low, above = low, above, D, ratio
    else
      high, below = D, ratio
    end
  end
  if not below then -- no crossing: a straight line through the last two points
    local power = math.log(above_before / above) / math.log(low / before)
    return low * math.min(above ^ (1 / math.max(power, 0.1)), 2 ^ 20)
  end
  local a, b = math.log(above), math.log(math.max(below, 1e-3))
  return low * (high / low) ^ (a / (a - b))
end

-- Number of random features at D points: the largest power of two that `entries` allows, within 2^12 .. 2^15.
local function random_of(entries, D) return 1 << math.max(12, math.min(15, math.floor(math.log(entries / D, 2)))) end

local function copies(random, C) return math.max(1, math.floor(random / (2 ^ C - 1) + 0.5)) end

-- ---- the laws ------------------------------------------------------------------------------------------

-- The crossover that the search finds on the law of rule r; with entries, at the pools' sizes.
local function law(r, C, entries)
  local function pool(D)
    local random = entries and random_of(entries, D) or 2.0 ^ 40
    return random, entries and copies(random, C) or random / (2 ^ C - 1)
  end
  local first, perfect = pool(1)
  return search(first / perfect, function(D)
    local random, m = pool(D)
    if r == BAYES then return 2.0 ^ -D * random / m end
    local sizes = r == L2 and entries and { points = D, count = random + m, perfect = m }
      or { points = D, fraction = m / (m + random), norm = RULES[r] }
    return 1 / (limn.theory.ratio(sizes))
  end)
end

-- The smallest whole D, for many features.
local function smallest(r, C)
  return limn.theory.crossover(r == BAYES and { complexity = C, rule = "bayes" } or { complexity = C, norm = RULES[r] })
end

-- ---- one cell: (rule, C, replicate) ----------------------------------------------------------------

-- R/P of rule r on a new pool.
local function odds_of(r, D, random, perfect, rng)
  local f = limn.features.toy { points = D, count = random + perfect, perfect = perfect, seed = rng:integer(1, 1 << 53) }
  if r == BAYES then -- uniform prior over the pool: the posterior is uniform on the features that match every label
    local masses = limn.regress.bayes(f).classes
    return masses.random / masses.perfect
  end
  local fit, message
  if r == L1 then
    fit, message = limn.regress.l1(f)
  elseif r == L2 then
    fit, message = limn.regress.minnorm(f)
  else
    fit, message = limn.regress.lp(f, nil, { norm = RULES[r] })
  end
  if not fit then error(message, 0) end
  local parts = limn.contrib.analyse(f, fit)
  return parts.classes.random.along / parts.P
end

local function measure(point, rng)
  local r, C = point.rule, point.C
  if C > MOST[r] then return { skipped = 1 } end
  local first = random_of(point.entries, 1)
  return { skipped = 0, crossover = search(first / copies(first, C), function(D)
    local random = random_of(point.entries, D)
    return odds_of(r, D, random, copies(random, C), rng)
  end) }
end

-- ---- claims, declared before any cell is computed ----------------------------------------------------------

-- The C of a list that are measured for rule r, in order.
local function measured_C(r, list)
  local out = {}
  for _, C in ipairs(list) do if C <= MOST[r] then out[#out + 1] = C end end
  table.sort(out)
  return out
end

local function claims(params, plan)
  local rows, has = {}, {}
  local function row(id, key, claim, essay, theory, test)
    test.id, test.key, test.claim, test.essay, test.theory = id, key, claim, essay, theory
    rows[#rows + 1] = test
  end
  for _, r in ipairs(plan.grid.rule) do
    local Cs = measured_C(r, plan.grid.C)
    local C = Cs[#Cs]
    has[r] = C ~= nil and Cs
    if C then
      -- 5 % in one crossover, 3 % in the mean of all: Bayes and L1 differ by 1/C, L1.05 and L1.1 by 10 %
      row(IDS[r], "last " .. r, ("crossover under %s at C = %d"):format(NAMES[r], C), r == BAYES and C or r == L2 and 2 ^ C or nil,
        law(r, C, params.entries), { equal = { margin = 0.05, relative = true },
          note = ("smallest integer D: %d"):format(smallest(r, C)) })
      row(IDS[r], "mean " .. r, ("crossover under %s over the law: geometric mean over C"):format(NAMES[r]), nil, 1,
        { equal = { margin = 0.03 } })
    end
    if #Cs > 2 and (r <= L1 or r == L2) then -- 0.1: linear and exponential are told apart, and from powers of C
      row(IDS[r], "slope " .. r, ("slope of %s under %s against log2(2^C - 1)"):format(r == L2 and "log2 D*" or "D*", NAMES[r]),
        1, 1, { slope = { margin = 0.1 } })
    end
  end
  local both = has[L1] and has[L2] and has[L2][#has[L2]]
  if both then -- "very differently": at most half
    row("A25", "L1 over L2", ("D* under L1 over D* under L2, C = %d"):format(both), 0.5, nil, { below = true })
  end
  -- 1 %: 40 and 41 are told apart
  for r, theory in pairs { [BAYES] = 40, [L1] = 41, [L2] = 2 ^ 40 - 1 } do
    row("A22", "far " .. r, ("D* under %s at C = 40 (theory only)"):format(NAMES[r]), r == L2 and 2 ^ 40 or r == BAYES and 40 or nil,
      theory, { equal = { margin = 0.01, relative = true } })
  end
  row("A22", "far 4", "D* under L1.05 at C = 40 (theory only)", nil, nil, { describe = true })
  return rows
end

-- ---- from cells to estimates ------------------------------------------------------------------------------

-- The measured crossovers of rule r: replicates x C, and the C.
local function crossovers(results, r)
  local cells = results:where { rule = r, skipped = 0 }
  if #cells == 0 then return end
  local out, _, Cs = cells:pivot("rep", "C", "crossover")
  return out, Cs
end

-- The same over the laws.
local function over_law(results, r)
  local out, Cs = crossovers(results, r)
  local entries, laws = results:rows()[1].entries, {}
  for i, C in ipairs(Cs) do laws[i] = law(r, C, entries) end
  return out / limn.array(laws):reshape(1, #laws), Cs
end

local function report(results, ledger)
  local of, last = limn.claims, {}
  for r in ipairs(RULES) do
    local found, Cs = crossovers(results, r)
    if found then
      local most = measured_C(r, ledger.plan.grid.C)
      last[r] = most[#most]
      ledger:measure("last " .. r, of.mean(results:where({ rule = r, C = last[r], skipped = 0 }):column "crossover"))
      ledger:measure("mean " .. r, of.mean(over_law(results, r):log():mean(2):exp()))
      if #Cs > 2 and (r <= L1 or r == L2) then
        local x = {}
        for i, C in ipairs(Cs) do x[i] = math.log(2 ^ C - 1, 2) end
        ledger:measure("slope " .. r, of.fit_slope(x, (r == L2 and found:log() / math.log(2) or found):totable()))
      end
    end
  end
  if last[L1] and last[L2] then
    local both = results:where { C = last[L2], skipped = 0, rule = function(r) return r == L1 or r == L2 end }
    local found, _, rules = both:pivot("rep", "rule", "crossover")
    ledger:measure("L1 over L2", #rules == 2 and of.mean(found:col(1) / found:col(2)) or nil)
  end
  for _, r in ipairs { BAYES, L1, 4, L2 } do ledger:measure("far " .. r, of.exact(smallest(r, 40))) end
end

-- ---- the figure ----------------------------------------------------------------------------------------------

local MARKS = { "circle", "square", "triangle", "diamond", "ocircle", "osquare", "otriangle", "odiamond", "circle", "square" }

-- Means and 95 % intervals over the rows of y.
local function bars(panel, x, y, options)
  local n = #y
  options.x, options.y = x, y:mean(1)
  options.error = n > 1 and y:std(1) * (limn.claims.student(n - 1, 0.95) / math.sqrt(n)) or y:mean(1) * 0
  panel:errorbars(options)
end

local function plot(results)
  local fig = limn.plot.figure { rows = 1, cols = 3, size = { 7.2, 3.2 }, letters = true, legend = "bottom" }
  local colors = limn.plot.map("lagoon", #RULES + 2) -- in the order of the data needed
  local p = fig:panel(1, 1, { x = { label = "complexity C (bits)", range = { 2, 10 } },
    y = { label = "crossover D*", scale = "log2", range = { 1.5, 2 ^ 9 } } })
  local q = fig:panel(1, 2, { x = { label = "complexity C (bits)", range = { 2, 10 } },
    y = { label = "crossover D* over the law", range = { 0.95, 1.05 } } })
  local s = fig:panel(1, 3, { x = { label = "complexity C (bits)", range = { 2, 40 } },
    y = { label = "crossover D*, theory", scale = "log10", range = { 1, 1e16 } }, legend = "direct" })
  p:text { x = 2.3, y = 380, text = "lines: laws" }
  q:hline { y = 1, color = "black" }
  for r in ipairs(RULES) do
    local far, D, cs, ds = {}, {}, {}, {}
    for C = 2, 40 do
      local d = smallest(r, C)
      if d and d < 1e17 then far[#far + 1], D[#D + 1] = C, d end
      if C <= MOST[r] then cs[#cs + 1], ds[#ds + 1] = C, law(r, C) end
    end
    s:line { x = far, y = D, color = colors[r], mark = false, dash = "solid", label = NAMES[r] }
    local found, Cs = crossovers(results, r)
    if found then
      p:line { x = cs, y = ds, color = colors[r], mark = false, dash = "solid", width = 0.8 }
      bars(p, Cs, found, { color = colors[r], mark = MARKS[r], label = NAMES[r] })
      bars(q, limn.array(Cs) + (r - 5.5) * 0.1, (over_law(results, r)), { color = colors[r], mark = MARKS[r],
        label = NAMES[r] })
    end
  end
  return fig
end

return limn.experiment {
  name = "ladder",
  question = "How many data points does each rule need, Bayes' rule and minimum norms from 1 to infinity?",
  params = {
    entries = { default = 1 << 21, help = "largest number of entries of the matrix of random features" },
    rule = { default = 8, help = "1 Bayes, 2-10 norms 1, 1.02, 1.05, 1.1, 1.25, 1.5, 2, 3, inf", min = 1, max = #RULES },
    C = { default = 4, help = "complexity of the perfect features, bits", min = 2, max = 10 },
  },
  grid = { rule = "1:10", C = { 3, 5, 7, 9 } },
  reps = 6,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
