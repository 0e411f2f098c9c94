-- verdicts_spec.lua: how often verdicts are wrong, in simulations with known truth; which rows stay undecided; estimates
-- and their intervals.
-- slow: 8 s
local lu = require "luaunit"
local limn = require "limn"
local claims = limn.claims

TestVerdicts = {} -- luacheck: ignore

-- A ledger of one row with its verdict.
local function verdict(row, estimate, options)
  row.key = "r"
  row.claim = "r"
  local ledger = claims.new("t"):declare(row)
  local essay, theory = ledger:measure("r", estimate, options)
  return essay, theory, ledger.rows[1]
end

local function nth(k, ...) return (select(k, ...)) end
local function on_essay(...) return nth(1, verdict(...)) end
local function on_theory(...) return nth(2, verdict(...)) end

local function sample(rng, n, mean, sd)
  local out = {}
  for i = 1, n do out[i] = mean + sd * rng:normal() end
  return out
end

-- Verdicts on `truth` of `runs` samples, as fractions; judged with margin 1 around 0.
local function fractions(truth, n, sd, runs, seed)
  local rng, seen = limn.rng.stream(seed), { agrees = 0, disagrees = 0, undecided = 0 }
  for _ = 1, runs do
    local _, theory = verdict({ theory = 0, equal = { margin = 1 } }, claims.mean(sample(rng, n, truth, sd)))
    seen[theory] = seen[theory] + 1 / runs
  end
  return seen
end

-- At the edge of the margin either verdict is wrong: each has probability (1 - level)/2. At the prediction and far from
-- it the right verdict comes with the computed power.
function TestVerdicts:test_error_rates()
  local runs = 1000
  local allowed = 0.025 + 5 * math.sqrt(0.025 * 0.975 / runs)
  for k, n in ipairs { 4, 16 } do
    local edge = fractions(1, n, 0.5, runs, k)
    lu.assertTrue(edge.agrees <= allowed, edge.agrees)
    lu.assertTrue(edge.disagrees <= allowed, edge.disagrees)
    lu.assertTrue(edge.disagrees > 0.005, edge.disagrees) -- of size (1 - level)/2, not 0
  end
  local power = limn.stats.power { low = -1, high = 1, mean = 0, sd = 1, n = 13 }
  local right = fractions(0, 13, 1, runs, 3)
  lu.assertAlmostEquals(right.agrees, power, 5 * math.sqrt(power * (1 - power) / runs))
  lu.assertEquals(right.disagrees, 0)
  local far = fractions(3, 13, 1, runs, 4)
  lu.assertTrue(far.disagrees > 0.99, far.disagrees)
  lu.assertEquals(far.agrees, 0)
end

-- With a part of the replicates a row agrees less often, and is undecided instead.
function TestVerdicts:test_fewer_replicates_never_agree_more()
  local last = 2
  for _, n in ipairs { 26, 13, 6, 3, 2 } do
    local seen = fractions(0, n, 1, 400, 5)
    lu.assertTrue(seen.agrees <= last, n)
    lu.assertTrue(seen.undecided >= 1 - last, n)
    last = seen.agrees
  end
  lu.assertTrue(last < 0.1, last) -- two replicates
end

-- The level of the ledger holds for all its rows together.
function TestVerdicts:test_family()
  local rng, runs, rows, wrong = limn.rng.stream(6), 200, 10, 0
  for _ = 1, runs do
    local ledger, bad = claims.new("t"), false
    for i = 1, rows do ledger:declare { claim = "c" .. i, theory = 0, equal = { margin = 1 } } end
    ledger:declare { claim = "identity", bound = 0 }:declare { claim = "number", describe = true }
    for i = 1, rows do
      local _, theory = ledger:measure("c" .. i, claims.mean(sample(rng, 8, 1, 0.5))) -- at the edge
      bad = bad or theory ~= "undecided"
    end
    lu.assertAlmostEquals(ledger.rows[1].level, 1 - 0.05 / rows, 1e-15)
    wrong = wrong + (bad and 1 or 0)
  end
  lu.assertTrue(wrong / runs <= 0.05 + 5 * math.sqrt(0.05 * 0.95 / runs), wrong)
  lu.assertTrue(wrong / runs > 0.01, wrong)
end

function TestVerdicts:test_bounds_fail_when_they_must()
  local function bound(v, row) return (select(2, verdict(row or { bound = 1e-9 }, v))) end
  lu.assertEquals(bound(claims.largest { 1e-12, -1e-10 }), "agrees")
  lu.assertEquals(bound(claims.largest { 1e-12, -1e-8 }), "disagrees")
  lu.assertEquals(bound(claims.exact(1e9)), "disagrees")
  lu.assertEquals(bound(claims.exact(math.huge)), "disagrees")
  lu.assertEquals(bound(claims.exact(0 / 0)), "undecided")
  lu.assertEquals(bound(claims.largest { 0, 0 / 0 }), "undecided") -- NaN is not passed over
  lu.assertEquals(bound(claims.largest {}), "undecided")
  lu.assertEquals(bound(claims.exact(15), { theory = 15, bound = 0 }), "agrees")
  lu.assertEquals(bound(claims.exact(16), { theory = 15, bound = 0 }), "disagrees")
  lu.assertErrorMsgContains("which takes claims.exact or claims.largest", verdict, { bound = 1 }, claims.mean { 1, 2 })
  lu.assertErrorMsgContains("whose prediction is 0", verdict, { theory = 2, bound = 1 }, claims.largest { 1 })
  lu.assertErrorMsgContains("belongs to a bound", verdict, { theory = 2, equal = { margin = 1 } }, claims.largest { 1 })
end

-- Each way of having no interval leaves a row undecided, with its reason.
function TestVerdicts:test_no_interval()
  local function why(estimate)
    local _, theory, row = verdict({ theory = 0, equal = { margin = 100 } }, estimate)
    lu.assertEquals(theory, "undecided")
    return row.reason
  end
  lu.assertEquals(why(claims.mean {}), "no values")
  lu.assertEquals(why(claims.mean { 1 }), "one replicate has no interval")
  lu.assertEquals(why(claims.mean { 1, 0 / 0, 2 }), "1 of 3 values are not finite")
  lu.assertEquals(why(claims.mean { 1, math.huge }), "1 of 2 values are not finite")
  lu.assertEquals(why(claims.mean { 1, 1, 1 }), "all 3 replicates are equal: copies?")
  lu.assertEquals(why(claims.mean { 1, 1 + 1e-15, 1 }), "all 3 replicates are equal: copies?")
  lu.assertEquals(why(claims.paired({ 1, 2 }, { 0, 1 })), "all 2 replicates are equal: copies?")
  lu.assertEquals(why(claims.difference({ 1, 1 }, { 2, 2 })), "all replicates are equal: copies?")
  lu.assertEquals(why(claims.difference({ 1 }, { 2, 2 })), "one replicate has no interval")
  lu.assertEquals(why(claims.statistic({}, print)), "no measurements")
  lu.assertEquals(why(claims.statistic({ 1, 2 }, function() return 1 end)), "all 2 measurements are equal: copies?")
  lu.assertEquals(why(claims.statistic({ 1, 2 }, function(l) return l[2] or 0 / 0 end)),
    "the statistic is not finite, or not without one of the measurements")
  lu.assertEquals(why(claims.fit_slope({ 1, 2 }, { 3, 4 })), "a line through two points has no scatter")
  lu.assertEquals(why(claims.fit_slope({ 1, 2, 3 }, { 3, 4, 5 })), "the points lie on a line to rounding: copies of a law?")
  lu.assertEquals(why(claims.fit_slope({ 1, 2, 3 }, {})), "no values")
  lu.assertEquals(why(claims.proportion(0, 0)), "no trials")
  lu.assertEquals(why(claims.outside(0, -math.huge, math.huge, 0.95)), "the interval is infinite")
  lu.assertEquals(why(claims.entropy { 7 }), "no spread: all kinds were seen equally often")
  -- one that is infinite on one side agrees with nothing either, but may disagree
  local _, theory = verdict({ theory = 0, equal = { margin = 1 } }, claims.outside(0.5, 0.4, math.huge, 0.95))
  lu.assertEquals(theory, "undecided")
  _, theory = verdict({ theory = 0, equal = { margin = 1 } }, claims.outside(5, 4, math.huge, 0.95))
  lu.assertEquals(theory, "disagrees")
end

function TestVerdicts:test_one_sided()
  local yes, no, open = claims.outside(2, 1.5, 2.5, 0.95), claims.outside(0, -0.5, 0.5, 0.95), claims.outside(1, 0.5, 1.5, 0.95)
  for test, order in pairs { above = { yes, no, open }, below = { no, yes, open } } do
    for k, want in ipairs { "agrees", "disagrees", "undecided" } do
      lu.assertEquals(on_essay({ [test] = 1 }, order[k]), want) -- without a name: the verdict on the essay
      lu.assertEquals(on_theory({ [test] = true, theory = 1 }, order[k]), want)
      local essay, theory = verdict({ [test] = 1, theory = true }, order[k])
      lu.assertEquals({ essay, theory }, { "-", want })
    end
  end
  lu.assertEquals((verdict({ above = 1 }, claims.exact(1))), "disagrees") -- equal is not above
  lu.assertErrorMsgContains("needs a number in essay or theory", verdict, { above = true, essay = true }, yes)
  lu.assertErrorMsgContains("nothing is predicted", verdict, { above = true }, yes)
end

function TestVerdicts:test_refines()
  local at_15 = claims.mean { 15.01, 15.02, 14.99 }
  local function row(refines, essay, theory)
    return { essay = essay, theory = theory, refines = refines, equal = { margin = 0.2 } }
  end
  lu.assertEquals(on_essay(row("finite N", 16, 15), at_15), "refines")
  lu.assertEquals(on_theory(row("finite N", 16, 15), at_15), "agrees")
  lu.assertEquals(nth(3, verdict(row("finite N", 16, 15), at_15)).reason, "finite N")
  lu.assertEquals((verdict(row(nil, 16, 15), at_15)), "disagrees") -- it was not announced
  lu.assertEquals((verdict(row("finite N", 16, 17), at_15)), "disagrees") -- the theory does not hold either
  lu.assertEquals((verdict(row("finite N", 15, 15), at_15)), "agrees")
  lu.assertEquals((verdict(row("finite N", 16, 15.35), at_15)), "disagrees") -- the theory is undecided
  lu.assertErrorMsgContains("needs both essay and theory", verdict, row("x", 16), at_15)
end

function TestVerdicts:test_declarations_that_are_refused()
  local ledger = claims.new "t"
  local function refused(text, row)
    row.claim = row.claim or "c"
    lu.assertErrorMsgContains(text, ledger.declare, ledger, row)
  end
  refused("expected exactly one test", { theory = 1 })
  refused("got equal and bound", { theory = 1, equal = { margin = 1 }, bound = 1 })
  refused("margin is missing", { theory = 1, equal = {} })
  refused("did you mean \"margin\"", { theory = 1, equal = { margn = 1 } })
  refused("must be above 0", { theory = 1, equal = { margin = 0 } })
  refused("margin around theory = 0 is empty", { theory = 0, equal = { margin = 0.1, relative = true } })
  refused("nothing is predicted", { equal = { margin = 1 } })
  refused("must be a finite number", { theory = "poorly", equal = { margin = 1 } })
  refused("must be a finite number", { theory = 0 / 0, equal = { margin = 1 } })
  refused("have no verdict", { theory = 1, describe = true })
  refused("did you mean \"theory\"", { theroy = 1, bound = 1 })
  ledger:declare { { claim = "a", theory = 1, equal = { margin = 1 } }, { claim = "b", describe = true } }
  refused("two rows have the key \"a\"", { claim = "a", bound = 1 })
  lu.assertErrorMsgContains("did you mean \"a\"", ledger.measure, ledger, "A", claims.mean { 1, 2 })
  lu.assertErrorMsgContains("expected an estimate", ledger.measure, ledger, "a", 1)
  lu.assertErrorMsgContains("a prediction given afterwards is refused", ledger.measure, ledger, "a", claims.mean { 1, 2 },
    { theory = 1.5 })
  ledger:measure("a", claims.mean { 1, 2 })
  lu.assertErrorMsgContains("measured already", ledger.measure, ledger, "a", claims.mean { 1, 2 })
  refused("before the first is measured", { claim = "late", bound = 1 })
end

-- Rows never vanish, and a prediction may come with the data if that was declared.
function TestVerdicts:test_unmeasured_and_late()
  local ledger = claims.new("t"):declare {
    { claim = "left", essay = 1, equal = { margin = 1 } }, { claim = "given up", theory = 1, equal = { margin = 1 } },
    { claim = "law", theory = "measured with the row", equal = { margin = 0.1 } },
    { claim = "described", describe = true }, { claim = "defined", definition = true, id = "A30" } }
  ledger:measure("given up", nil, { note = "no curve crossed" })
  lu.assertErrorMsgContains("give theory = NUMBER", ledger.measure, ledger, "law", claims.exact(2))
  ledger:measure("law", claims.exact(2.05), { theory = 2 })
  ledger:measure("described", claims.mean { 1, 2, 3 })
  local text = ledger:text()
  for _, part in ipairs { "not measured", "not measured: no curve crossed", "2 ±0.1", "[-0.484", "definition" } do
    lu.assertStrContains(text, part)
  end
  lu.assertEquals({ ledger:count "undecided", ledger:count("undecided", "essay"), ledger:count "agrees",
    ledger:count "described", ledger:count "definition" }, { 2, 1, 1, 1, 1 })
  lu.assertErrorMsgContains("verdict must be", ledger.count, ledger, "agree")
  lu.assertErrorMsgContains("a definition, which nothing measures", ledger.measure, ledger, "defined", claims.exact(1))
  lu.assertStrContains(ledger:text "law", "law")
  lu.assertNotStrContains(ledger:text "law", "given up")
  lu.assertErrorMsgContains("did you mean \"law\"", ledger.text, ledger, "lax")
end

-- The number of replicates that the note asks for does decide.
function TestVerdicts:test_how_many_more()
  local rng = limn.rng.stream(7)
  local _, _, row = verdict({ theory = 0, equal = { margin = 1 } }, claims.outside(0, -2, 2, 0.95))
  lu.assertNil(row.reason)
  local few = sample(rng, 5, 0, 1)
  local estimate = claims.mean(few)
  _, _, row = verdict({ theory = 0, equal = { margin = 1 } }, estimate)
  local more = tonumber(row.reason:match "^about (%d+) more replicates$")
  lu.assertEquals(more, estimate:more(-1, 1, 0.95, 0.8))
  local function power(n) return limn.stats.power { low = -1, high = 1, mean = estimate.value, sd = estimate.sd, n = n } end
  lu.assertTrue(power(5 + more) >= 0.8 and power(4 + more) < 0.8)
  _, _, row = verdict({ essay = 3, theory = 0, equal = { margin = 2 } }, claims.mean { 0, 4 })
  lu.assertStrMatches(row.reason, "essay: about %d+ more replicates, theory: the estimate lies at the edge of the margin")
  _, _, row = verdict({ theory = 0.5, proportion = { margin = 0.1 } }, claims.proportion(5, 10))
  lu.assertStrMatches(row.reason, "about %d+ more trials")
end

TestEstimates = {} -- luacheck: ignore

local function near(estimate, level, low, high)
  local i = estimate:interval(level)
  lu.assertAlmostEquals(i[1], low, 1e-9)
  lu.assertAlmostEquals(i[2], high, 1e-9)
end

function TestEstimates:test_are_those_of_stats()
  local stats, a, b = limn.stats, { 1.2, 0.7, 1.1, 0.9, 2.3 }, { 0.2, 0.4, 0.1, 0.8, 0.3 }
  local _, i = stats.mean(a, 0.9)
  near(claims.mean(a), 0.9, i[1], i[2])
  lu.assertAlmostEquals(claims.mean(a).sd, limn.array(a):std(), 1e-12)
  _, i = stats.mean(limn.array(a) - limn.array(b), 0.9)
  near(claims.paired(a, b), 0.9, i[1], i[2])
  local function root(list)
    local s = 0
    for _, v in ipairs(list) do s = s + v end
    return math.sqrt(s / #list)
  end
  _, i = stats.jackknife(a, root, 0.9)
  near(claims.statistic(a, root), 0.9, i[1], i[2])
  _, i = stats.slope({ 1, 2, 3, 4, 5 }, a, 0.9)
  near(claims.fit_slope({ 1, 2, 3, 4, 5 }, a), 0.9, i[1], i[2])
  local slopes = { (stats.slope({ 1, 2, 3 }, { 1, 2, 4 })), (stats.slope({ 1, 2, 3 }, { 2, 3, 3 })),
    (stats.slope({ 1, 2, 3 }, { 0, 1, 3 })) }
  _, i = stats.mean(slopes, 0.9)
  near(claims.fit_slope({ 1, 2, 3 }, { { 1, 2, 4 }, { 2, 3, 3 }, { 0, 1, 3 } }), 0.9, i[1], i[2])
  near(claims.outside(1, 0, 3, 0.9), 0.9, 0, 3)
  local wider = stats.normal.critical(0.99) / stats.normal.critical(0.9)
  near(claims.outside(1, 0, 3, 0.9), 0.99, 1 - wider, 1 + 2 * wider)
  lu.assertErrorMsgContains("value must lie in its interval", claims.outside, 5, 0, 3, 0.9)
  lu.assertErrorMsgContains("k must be at most n", claims.proportion, 3, 2)
  lu.assertErrorMsgContains("of one length", claims.paired, { 1, 2 }, { 1 })
  lu.assertErrorMsgContains("level must lie in (0, 1)", claims.exact(1).interval, claims.exact(1), 1)
end

-- Student and Welch on samples with a known difference.
function TestEstimates:test_difference_covers()
  local rng, runs, held = limn.rng.stream(8), 2000, 0
  for _ = 1, runs do
    local i = claims.difference(sample(rng, 5, 1, 3), sample(rng, 12, 0, 0.5)):interval(0.9)
    if i[1] <= 1 and 1 <= i[2] then held = held + 1 end
  end
  lu.assertAlmostEquals(held / runs, 0.9, 5 * math.sqrt(0.9 * 0.1 / runs) + 0.005) -- Welch's law is approximate
end

-- The interval for k of n covers at least at its level, for every n.
function TestEstimates:test_proportion_covers()
  for _, n in ipairs { 3, 10, 40 } do
    for p = 0.05, 0.95, 0.15 do
      local held, weight = 0, (1 - p) ^ n
      for k = 0, n do
        local i = claims.proportion(k, n):interval(0.9)
        if i[1] <= p and p <= i[2] then held = held + weight end
        weight = weight * (n - k) / (k + 1) * p / (1 - p)
      end
      lu.assertTrue(held >= 0.9, ("%d trials, p = %g: %g"):format(n, p, held))
    end
  end
end

-- ---- kinds -----------------------------------------------------------------------------------------------------------

-- A gamma variate (Marsaglia and Tsang 2000).
local function gamma(rng, a)
  if a < 1 then return gamma(rng, a + 1) * rng:uniform() ^ (1 / a) end
  local d = a - 1 / 3
  while true do
    local x = rng:normal()
    local v = (1 + x / math.sqrt(9 * d)) ^ 3
    if v > 0 and math.log(rng:uniform()) < x * x / 2 + d - d * v + d * math.log(v) then return d * v end
  end
end

-- A fresh population of kinds, drawn from Dirichlet's law or falling as 1/i; its entropy in bits.
local function population(rng, law, kinds)
  local p, sum, bits = {}, 0, 0
  for i = 1, kinds do
    p[i] = law == "zipf" and 1 / i or gamma(rng, law)
    sum = sum + p[i]
  end
  for i = 1, kinds do
    p[i] = p[i] / sum
    if p[i] > 0 then bits = bits - p[i] * math.log(p[i], 2) end
  end
  return p, bits
end

local function seen(rng, p, n)
  local counts = {}
  for i = 1, #p do counts[i] = 0 end
  for _ = 1, n do
    local u, i = rng:uniform(), 1
    while i < #p and u >= p[i] do u, i = u - p[i], i + 1 end
    counts[i] = counts[i] + 1
  end
  return counts
end

-- How often the intervals hold the truth: entropy both ends, the number of kinds its lower end.
function TestEstimates:test_kinds_of_random_populations()
  local rng, runs = limn.rng.stream(9), 300
  for _, case in ipairs { { 100, 20, 60 }, { 5, 100, 200 }, { 1, 20, 30 }, { 1, 100, 60 }, { 1, 100, 200 }, { 0.3, 100, 60 },
    { 0.3, 20, 200 }, { "zipf", 100, 200 }, { 1, 400, 100 }, { 100, 400, 40 } } do
    local law, kinds, n = table.unpack(case)
    local entropy, least, at_least = 0, 0, 0
    for _ = 1, runs do
      local p, bits = population(rng, law, kinds)
      local counts = seen(rng, p, n)
      local i = claims.entropy(counts):interval(0.95)
      if i[1] <= bits and bits <= i[2] then entropy = entropy + 1 / runs end
      if i[2] == math.huge then at_least = at_least + 1 / runs end
      i = claims.distinct(counts):interval(0.95)
      if i[1] <= kinds then least = least + 1 / runs end
      lu.assertEquals(i[2], math.huge)
    end
    local name = ("law %s, %d kinds, %d seen: %.3f, %.3f"):format(law, kinds, n, entropy, least)
    lu.assertTrue(entropy >= 0.95 - 4 * math.sqrt(0.95 * 0.05 / runs), name)
    lu.assertTrue(least >= 0.95 - 4 * math.sqrt(0.95 * 0.05 / runs), name)
    if kinds == 400 then lu.assertTrue(at_least > 0.99, name) end
    if kinds == 20 then lu.assertTrue(at_least < 0.05, name) end
  end
end

-- More kinds than a sample can show: the entropy is "at least", and never within a margin.
function TestEstimates:test_saturation()
  local counts = {}
  for i = 1, 46 do counts[i] = i <= 10 and 2 or 1 end
  local estimate = claims.entropy(counts)
  lu.assertStrContains(estimate.method, "at least")
  lu.assertEquals(on_theory({ theory = 5, equal = { margin = 3 } }, estimate), "undecided")
  lu.assertEquals(on_essay({ above = 4 }, estimate), "agrees")
  lu.assertEquals(on_essay({ below = 4 }, estimate), "disagrees")
  lu.assertEquals(on_essay({ essay = 45, count = { margin = 5 } }, claims.distinct(counts)), "disagrees")
end

-- With a doubt about the cells nothing agrees, whatever the way a row is given.
function TestVerdicts:test_doubt()
  local ledger = claims.new "t"
  ledger.doubt = "1 of 2 cells failed"
  lu.assertEquals(ledger:row { claim = "a", predicted = 1, measured = 1, bound = 0.1 }, "undecided")
  lu.assertEquals(ledger:row { claim = "b", predicted = 1, measured = 2, bound = 0.1 }, "disagrees")
  lu.assertEquals({ ledger:count "undecided", ledger:count "agrees" }, { 1, 0 })
  lu.assertStrContains(ledger:text(), "undecided  1 of 2 cells failed")

  ledger = claims.new "declared"
  ledger.doubt = "1 of 2 cells failed"
  ledger:declare { { claim = "both", essay = 1, theory = 1, equal = { margin = 0.5 } },
    { claim = "better", essay = 1, theory = 2, equal = { margin = 0.1 }, refines = "by a factor" },
    { claim = "neither", essay = 1, theory = 1, equal = { margin = 0.5 } } }
  local function on(key, mean) return { ledger:measure(key, claims.mean { mean - 0.01, mean, mean + 0.01 }) } end
  lu.assertEquals(on("both", 1), { "undecided", "undecided" })
  lu.assertEquals(on("better", 2), { "undecided", "undecided" }) -- without the doubt: refines, agrees
  lu.assertEquals(on("neither", 3), { "disagrees", "disagrees" })
end

os.exit(lu.LuaUnit.run())
