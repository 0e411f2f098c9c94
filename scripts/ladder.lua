-- ladder.lua: how many data points D* does each rule need before the perfect features contribute more than the random
-- ones? The rules are Bayes' rule and the minimum-norm interpolants of norms 1 to infinity, on the same pool of
-- features.
--
-- Norm 1 puts all weight on features equal to the labels; norm 2 is the rule of wide nets. Theory, for many features:
--     R/P = (1-p)/p E(|S_D|/D)^q,   q = norm/(norm-1),   S_D a sum of D fair signs,   p = 2^-C.
-- Norm 1: R/P = (1-p)/p 2^(1-D), so D* = C + 1. Bayes: (1-p)/p 2^-D, so D* = C. Norm 2: D* = 2^C - 1.
--
-- Each (rule, C) is measured at four values of D around its predicted crossover. The crossover is the D at which the
-- mean of R/P over replicates passes 1, interpolated linearly in the logarithms; the prediction is interpolated in the
-- same way. A rule that does not cross within the four values gives no row.
--
-- Cost: two minutes on two cores; a tenth of that with --grid C=2:5 --reps 1. With 100 times the replicates over three
-- hours on two cores, or a quarter of an hour in 32 tasks of a cluster (limn slurm).

local limn = require "limn"

local RULES = { "bayes", 1, 1.02, 1.05, 1.1, 1.25, 1.5, 2, 3, math.huge }
local MOST = { bayes = 10, [1] = 10, -- the largest C measured
  [1.02] = 10, [1.05] = 10, [1.1] = 10, [1.25] = 10, [1.5] = 8, [2] = 7, [3] = 5, [math.huge] = 3 }

local function name_of(rule)
  if rule == "bayes" then return "Bayes" end
  return "L" .. (rule == math.huge and "∞" or ("%g"):format(rule))
end

-- ---- the laws ------------------------------------------------------------------------------------------

-- R/P of a rule at D points; odds = p/(1-p) of the pool.
local function law(rule, D, odds)
  if rule == "bayes" then return 2.0 ^ -D / odds end
  return 1 / (limn.theory.ratio { points = D, share = odds / (1 + odds), norm = rule })
end

local function crossover(rule, C)
  if rule == "bayes" then return limn.theory.crossover { complexity = C, rule = "bayes" } end
  return limn.theory.crossover { complexity = C, norm = rule }
end

-- The four values of D at which (rule, C) is measured.
local function points_of(rule, C)
  local d, out, last = crossover(rule, C), {}, 0
  local factor = d < 12 and 1 or 1.3
  for step = -2, 1 do
    last = math.max(last + 1, math.floor(d * factor ^ step + (factor == 1 and step or 0) + 0.5))
    out[#out + 1] = last
  end
  return out
end

-- ---- one cell: (rule, C, step, replicate) ----------------------------------------------------------------

-- Number of random features at D points: the largest power of two that `entries` allows, within 2^12 .. 2^15.
local function random_of(entries, D) return 1 << math.max(12, math.min(15, math.floor(math.log(entries / D, 2)))) end

local function copies(random, C) return math.max(1, math.floor(random / (2 ^ C - 1) + 0.5)) end

local function measure(point, rng)
  local rule = RULES[point.rule]
  if point.C > MOST[rule] then return { skipped = 1 } end
  local D = points_of(rule, point.C)[point.step]
  local random = random_of(point.entries, D)
  local perfect = copies(random, point.C)
  local f = limn.features.toy { points = D, count = random + perfect, perfect = perfect,
    seed = rng:integer(1, 1 << 53) }
  if rule == "bayes" then -- uniform prior over the pool: the posterior is uniform on the features that match every label
    local posterior = limn.regress.bayes(f)
    return { skipped = 0, D = D, random = random, odds = posterior.classes.random / posterior.classes.perfect }
  end
  local fit, message
  if rule == 1 then
    fit, message = limn.regress.l1(f)
  elseif rule == 2 then
    fit, message = limn.regress.minnorm(f)
  else
    fit, message = limn.regress.lp(f, nil, { norm = rule })
  end
  if not fit then error(message, 0) end
  local parts = limn.contrib.analyse(f, fit)
  return { skipped = 0, D = D, random = random, odds = parts.classes.random.along / parts.P,
    across = parts.classes.random.across / math.sqrt(D) }
end

-- ---- from cells to crossovers ------------------------------------------------------------------------------

-- The x at which y falls through 1, interpolated linearly in (log x, log y), y >= 1e-3; nil if it does not.
local function falls(x, y)
  for i = 2, #x do
    if y[i - 1] > 1 and y[i] <= 1 then
      local a, b = math.log(y[i - 1]), math.log(math.max(y[i], 1e-3))
      return math.exp(math.log(x[i - 1]) + (math.log(x[i]) - math.log(x[i - 1])) * a / (a - b))
    end
  end
end

local function analyse(results)
  local cells = {}
  for _, row in ipairs(results:rows()) do
    if row.skipped == 0 then
      local key = row.rule .. ":" .. row.C
      cells[key] = cells[key] or { rule = RULES[row.rule], index = row.rule, C = row.C, D = {}, random = {}, odds = {} }
      local c = cells[key]
      c.D[row.step], c.random[row.step] = row.D, row.random
      c.odds[row.step] = c.odds[row.step] or {}
      table.insert(c.odds[row.step], row.odds)
    end
  end
  local out, stream = {}, limn.rng.stream { seed = 1 }
  for r, rule in ipairs(RULES) do
    for C = 2, MOST[rule] do
      local c = cells[r .. ":" .. C]
      if c then
        local want = {}
        for i, d in ipairs(c.D) do want[i] = law(rule, d, copies(c.random[i], C) / c.random[i]) end
        c.predicted = falls(c.D, want)
        local function crossing(pick)
          local y = {}
          for i, list in ipairs(c.odds) do
            local sum = 0
            for k = 1, #list do sum = sum + list[pick and pick(#list) or k] end
            y[i] = sum / #list
          end
          return falls(c.D, y)
        end
        c.measured = crossing()
        local boot = {}
        for _ = 1, 400 do boot[#boot + 1] = crossing(function(n) return stream:integer(1, n) end) end
        if c.measured and c.predicted and #boot > 300 then
          table.sort(boot)
          c.interval = { boot[math.ceil(0.025 * #boot)], boot[math.ceil(0.975 * #boot)] }
          out[#out + 1] = c
        end
      end
    end
  end
  return out
end

local function report(results)
  local ledger = limn.claims.new "Data needed by each rule on the same pool of features"
  local cells, last = analyse(results), {}
  for _, c in ipairs(cells) do last[c.index] = c end
  for r, rule in ipairs(RULES) do
    local c = last[r]
    if c then
      ledger:row { id = rule == "bayes" and "A8" or rule == 1 and "A25" or rule == 2 and "A18" or "A26",
        claim = ("crossover under %s at C = %d"):format(name_of(rule), c.C), predicted = c.predicted,
        measured = c.measured, interval = c.interval, tolerance = 0.02,
        note = ("smallest integer D: %d"):format(crossover(rule, c.C)) }
    end
  end
  local worst, where = 0, ""
  for _, c in ipairs(cells) do
    local off = math.abs(math.log(c.measured / c.predicted))
    if off > worst then worst, where = off, name_of(c.rule) .. (", C = %d"):format(c.C) end
  end
  ledger:row { id = "A26", claim = ("largest |log(measured/predicted)| of %d crossovers"):format(#cells), predicted = 0,
    measured = worst, interval = { 0, worst }, tolerance = 0,
    verdict = worst < 0.1 and "agrees" or "disagrees", note = where }
  ledger:row { id = "A22", claim = "D* at C = 40: Bayes, L1, L1.05, L2", predicted = "40, 41, 109, 2^40 - 1",
    measured = ("%d, %d, %d, %d"):format(crossover("bayes", 40), crossover(1, 40), crossover(1.05, 40),
      crossover(2, 40)),
    verdict = crossover(2, 40) == (1 << 40) - 1 and crossover(1, 40) == 41 and "agrees" or "disagrees",
    note = "theory only" }
  ledger:print()
  return ledger
end

-- ---- the figure ----------------------------------------------------------------------------------------------

local function plot(results)
  local cells = analyse(results)
  local fig = limn.plot.figure { rows = 1, cols = 3, size = { 7.2, 2.9 }, letters = true }
  local colors = limn.plot.map("lagoon", #RULES + 2) -- in the order of the data needed

  local p = fig:panel(1, 1, { x = { label = "complexity C (bits)", range = { 0, 11 } },
    y = { label = "crossover D*", scale = "log2", range = { 1.5, 2 ^ 11 } }, legend = "none" })
  local q = fig:panel(1, 2, { x = { label = "complexity C (bits)", range = { 2, 40 } },
    y = { label = "crossover D*, theory", scale = "log10", range = { 1, 1e16 } }, legend = "direct" })
  for r, rule in ipairs(RULES) do
    local cs, ds = {}, {}
    for C = 2, 40 do
      local d = crossover(rule, C)
      if d and d < 1e17 then cs[#cs + 1], ds[#ds + 1] = C, d end
    end
    p:line { x = cs, y = ds, color = colors[r], mark = false, dash = "solid", width = 0.8 }
    q:line { x = cs, y = ds, color = colors[r], mark = false, dash = "solid", label = name_of(rule) }
    local x, y, lo, hi = {}, {}, {}, {}
    for _, c in ipairs(cells) do
      if c.index == r then
        -- drawn: integer crossover by theory x (measured / predicted at the same four D)
        local shift = crossover(rule, c.C) / c.predicted
        x[#x + 1], y[#y + 1] = c.C, c.measured * shift
        lo[#lo + 1], hi[#hi + 1] = c.interval[1] * shift, c.interval[2] * shift
      end
    end
    if #x > 0 then
      p:errorbars { x = x, y = y, lo = lo, hi = hi, color = colors[r], mark = "circle", label = name_of(rule) }
    end
  end

  local s = fig:panel(1, 3, { x = { label = "norm of the weights", range = { 1, 3 } },
    y = { label = "crossover D*, theory", scale = "log10", range = { 1, 1e16 } }, legend = "direct" })
  for i, C in ipairs { 5, 10, 20, 40 } do
    local x, y = {}, {}
    for k = 0, 120 do
      local norm = 1 + 2 * (k / 120) ^ 2
      local d = crossover(norm, C)
      if d then x[#x + 1], y[#y + 1] = norm, d end
    end
    s:line { x = x, y = y, color = i, mark = false, dash = "solid", label = ("C = %d"):format(C) }
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
    step = { default = 2, help = "index of D among the four values around the predicted crossover", min = 1, max = 4 },
  },
  grid = { rule = "1:10", C = "2:10", step = "1:4" },
  reps = 4,
  measure = measure,
  report = report,
  plot = plot,
}
