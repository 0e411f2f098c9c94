-- stock: yes
-- luacheck: allow defined top
-- theory_spec.lua: limn.theory from Lua: options, shapes of results, reference values, messages.
local lu = require "luaunit"
local limn = require "limn"
local theory = limn.theory

TestRatio = {}
function TestRatio:test_leading_law()
  for _, c in ipairs { 1, 4, 10 } do
    for _, d in ipairs { 1, 7, 1000 } do
      local p = 2.0 ^ -c
      lu.assertAlmostEquals(theory.ratio { points = d, complexity = c }, p * d / (1 - p), 1e-12 * d)
      lu.assertAlmostEquals(theory.ratio { points = d, share = p }, p * d / (1 - p), 1e-12 * d)
    end
  end
  local ratio, bits = theory.ratio { points = 1e12, complexity = 40, norm = 1 }
  lu.assertEquals(ratio, math.huge)
  lu.assertAlmostEquals(bits, 1e12 - 41, 1e-2)
end

function TestRatio:test_finite_count()
  local p, n = 64, 4096 - 64
  lu.assertAlmostEquals(theory.ratio { points = 100, complexity = 6, count = 4096 }, p * 100 / (n - 101), 1e-12)
  lu.assertEquals(theory.ratio { points = 5000, complexity = 6, count = 4096 }, math.huge)
  lu.assertEquals(theory.crossover { complexity = 6, count = 4096 }, math.ceil((n - 1) / (p + 1)))
end

function TestRatio:test_crossovers()
  local want = { [1.5] = { 3, 9, 22, 55, 139 }, [1.25] = { 3, 6, 11, 19, 34 }, [1.1] = { 3, 5, 8, 11, 14 } }
  for norm, row in pairs(want) do
    for i, d in ipairs(row) do lu.assertEquals(theory.crossover { complexity = 2 * i, norm = norm }, d) end
  end
  for c = 2, 62 do
    lu.assertEquals(theory.crossover { complexity = c, norm = 1 }, c + 1)
    lu.assertEquals(theory.crossover { complexity = c }, (1 << c) - 1)
    lu.assertEquals(theory.crossover { complexity = c, rule = "bayes" }, c)
  end
  lu.assertEquals(theory.crossover { complexity = 40, norm = 1.05 }, 109)
  lu.assertEquals(math.type(theory.crossover { complexity = 4, norm = math.huge }), "integer")
  lu.assertTrue(theory.crossover { complexity = 20, rule = "bayes", noise = 0.11 } > 39)
end

function TestRatio:test_messages()
  lu.assertErrorMsgContains("complexity", theory.ratio, { points = 4 })
  lu.assertErrorMsgContains('did you mean "complexity"', theory.ratio, { points = 4, complexty = 3 })
  lu.assertErrorMsgContains("theory.ratio: points", theory.ratio, { points = 0, complexity = 3 })
  lu.assertErrorMsgContains("norm", theory.ratio, { points = 4, complexity = 3, norm = 0.5 })
  lu.assertErrorMsgContains("norm must be 2", theory.ratio, { points = 4, complexity = 3, norm = 1, count = 64 })
  lu.assertErrorMsgContains("share", theory.crossover, { share = 1.5 })
  lu.assertErrorMsgContains("rounds to no perfect", theory.sample, { points = 4, complexity = 20, count = 64 })
end

TestPosterior = {}
function TestPosterior:test_mass()
  local p = 2.0 ^ -8
  for d = 0, 20 do
    lu.assertAlmostEquals(theory.posterior { points = d, complexity = 8 }, p / (p + (1 - p) * 0.5 ^ d), 1e-14)
  end
  local mass, bits = theory.posterior { points = 1e6, complexity = 40 }
  lu.assertEquals(mass, 1)
  lu.assertAlmostEquals(bits, 1e6 - 40, 1e-6)
  lu.assertErrorMsgContains("0.5", theory.posterior, { points = 3, complexity = 3, noise = 0.5 })
end

TestSample = {}
function TestSample:test_shapes_and_scale()
  local s = theory.sample { points = 1e12, count = 2.0 ^ 60, complexity = 45, reps = 1000, seed = 3 }
  for _, k in ipairs { "P", "R", "s", "ratio", "log2ratio", "accuracy", "offset", "noise" } do
    lu.assertNotNil(s[k], k)
  end
  lu.assertTrue(s.exact)
  lu.assertStrContains(tostring(s), "1000 draws")
  lu.assertFalse(theory.sample({ points = 8, kind = "sign", count = 64, complexity = 3, reps = 5 }).exact)
  lu.assertErrorMsgContains("start", theory.sample, { points = 8, count = 64, complexity = 3, start = "nowhere" })
end

function TestSample:test_sign_accuracy()
  local a, d = theory.sign_accuracy { points = 64, count = 514, perfect = 2 }
  local s = 64 / (512 - 65)
  lu.assertAlmostEquals(a, theory.normal_cdf(2 * math.sqrt(s)), 1e-12)
  lu.assertAlmostEquals(d.margin, 2 * s / (1 + 2 * s), 1e-12)
  local b = theory.sign_accuracy { points = 64, count = 514, perfect = 2, start = "random" }
  lu.assertTrue(b < a and b > 0.5)
  lu.assertEquals((theory.sign_accuracy { points = 64, complexity = 10 }), 1.0)
  lu.assertTrue(theory.sign_accuracy { points = 64, complexity = 10, start = "random" } < 0.53)
end

function TestSample:test_shares_and_risk()
  local x = theory.shares { points = 1023,
    classes = { { complexity = 10, rho = 1 }, { share = 1 - 2.0 ^ -10, rho = 0 } } }
  lu.assertAlmostEquals(x[1], 0.5, 1e-12)
  lu.assertAlmostEquals(x[1] + x[2], 1, 1e-12)
  lu.assertAlmostEquals(theory.risk { points = 100, random = 301, perfect = 0 }, 1.5, 1e-12)
  lu.assertAlmostEquals(theory.risk { points = 301, random = 100, perfect = 0 }, 1.5, 1e-12)
  lu.assertEquals(theory.risk { points = 100, random = 100, perfect = 0 }, math.huge)
end

-- Largest distance of two empirical distributions, in units of the critical value at level 1e-6.
local function ks(a, b)
  table.sort(a)
  table.sort(b)
  local i, j, far = 1, 1, 0
  while i <= #a and j <= #b do
    if a[i] <= b[j] then i = i + 1 else j = j + 1 end
    far = math.max(far, math.abs((i - 1) / #a - (j - 1) / #b))
  end
  return far / (math.sqrt(-0.5 * math.log(0.5e-6)) * math.sqrt(1 / #a + 1 / #b))
end

-- The engine against FeatureSets solved by limn.regress: both kinds, well away from and near the peak.
TestEngine = {}
function TestEngine:test_draws_have_the_law_of_fits()
  for _, case in ipairs { { "gaussian", 8, 40, 3 }, { "gaussian", 12, 16, 1 }, { "sign", 6, 300, 4 } } do
    local kind, d, n, perfect = table.unpack(case)
    local p, noise = {}, {}
    for rep = 1, 600 do
      local f = limn.features.toy { kind = kind, points = d, count = n, perfect = perfect, seed = 11, rep = rep }
      local c = limn.contrib.analyse(f, limn.regress.minnorm(f))
      p[rep], noise[rep] = c.P, c.classes.random.weight_sq
    end
    local s = theory.sample { kind = kind, points = d, count = n, perfect = perfect, reps = 6000, seed = 2 }
    lu.assertTrue(ks(p, s.P:totable()) < 1, kind .. " P")
    lu.assertTrue(ks(noise, s.noise:totable()) < 1, kind .. " noise")
    local other = theory.sample { kind = kind, points = d, count = n, perfect = perfect + 2, reps = 6000, seed = 2 }
    lu.assertTrue(ks(p, other.P:totable()) > 1, "the test must be able to fail")
  end
end

-- Signs on new points: sign_accuracy compared with the predictions of fits on new features.
function TestEngine:test_sign_accuracy_of_fits()
  local d, n, perfect, right, asked = 16, 160, 2, 0, 0
  for rep = 1, 150 do
    local f = limn.features.toy { kind = "gaussian", points = d, count = n, perfect = perfect, seed = 5, rep = rep }
    local fresh = limn.features.toy { kind = "gaussian", points = 64,
      count = n, perfect = perfect, seed = 6, rep = rep }
    local says = limn.contrib.analyse(f, limn.regress.minnorm(f)):at(fresh).total
    for i = 1, 64 do
      asked = asked + 1
      if says[i] * fresh.labels[i] > 0 then right = right + 1 end
    end
  end
  local s = theory.sample { points = d, count = n, perfect = perfect, reps = 5000 }
  local want = s.accuracy:mean()
  local slack = 5 * math.sqrt(want * (1 - want) / asked) + 1e-3
  lu.assertTrue(math.abs(right / asked - want) < slack, right / asked .. " " .. want)
  lu.assertAlmostEquals(theory.sign_accuracy { points = d, count = n, perfect = perfect }, want, 0.01)
end

-- Classes with partial correlation, against the leading law and against fits.
function TestEngine:test_spectrum_of_classes()
  local d, classes = 10, { { count = 2, rho = 1 }, { count = 300, rho = 0.5 }, { count = 2000, rho = 0 } }
  local s = theory.sample { points = d, classes = classes, reps = 4000 }
  local shares = theory.shares { points = d, classes = classes }
  local middle = {}
  for rep = 1, 300 do
    local f = limn.features.correlated { kind = "gaussian", points = d, classes = classes, seed = 3, rep = rep }
    middle[rep] = limn.contrib.analyse(f, limn.regress.minnorm(f)).classes.class2.along / math.sqrt(d)
  end
  local mean = limn.array(middle):mean()
  lu.assertAlmostEquals(s.share:col(2):mean(), mean, 0.005)
  lu.assertAlmostEquals(shares[2], mean, 0.02)
  lu.assertAlmostEquals(s.share:col(1):mean() + s.share:col(2):mean() + s.share:col(3):mean(), 1, 1e-12)
end

TestLearning = {}
function TestLearning:test_eigenlearning()
  local e = theory.eigenlearning { eigenvalues = { 1, 0.5, 0.25, 0.1, 0.01 }, points = 3,
    coefficients = { 1, 1, 0, 0, 0 } }
  lu.assertAlmostEquals(e.total, 3, 1e-9)
  lu.assertEquals(e.bound, 3)
  lu.assertTrue(e.risk > 0 and e.train == 0)
  -- two equal modes, one point: kappa = lambda, each is half learned, and overfitting doubles the error
  local half = theory.eigenlearning { eigenvalues = { 1, 1 }, points = 1, coefficients = { 1, 0 }, noise = 0.5 }
  lu.assertAlmostEquals(half.learnability[1], 0.5, 1e-12)
  lu.assertAlmostEquals(half.risk, 2 * (0.25 + 0.25), 1e-9)
  local all = theory.eigenlearning { eigenvalues = { 1, 0.5 }, points = 10 }
  lu.assertAlmostEquals(all.total, 2, 1e-12)
  lu.assertErrorMsgContains("coefficients has 1", theory.eigenlearning,
    { eigenvalues = { 1, 2 }, points = 1, coefficients = { 1 } })
  lu.assertErrorMsgContains("eigenvalues[1] and its multiplicity", theory.eigenlearning, { eigenvalues = { -1, 2 }, points = 1 })
end

function TestLearning:test_lists_of_points()
  local ratio, bits = theory.ratio { points = { 1, 63, 1e12 }, complexity = 6, norm = 1.5 }
  for i, d in ipairs { 1, 63, 1e12 } do
    local r, b = theory.ratio { points = d, complexity = 6, norm = 1.5 }
    lu.assertEquals(ratio[i], r)
    lu.assertEquals(bits[i], b)
  end
  lu.assertErrorMsgContains("points[2]", theory.ratio, { points = { 1, -3 }, complexity = 6 })
end

os.exit(lu.LuaUnit.run())
