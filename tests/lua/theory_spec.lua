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
  lu.assertErrorMsgContains("norm 2 only", theory.ratio, { points = 4, complexity = 3, norm = 1, count = 64 })
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

os.exit(lu.LuaUnit.run())
