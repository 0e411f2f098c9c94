-- stock: yes
-- luacheck: allow defined top
-- programs_spec.lua: limn.programs from Lua: spaces, posterior, features, messages.
local lu = require "luaunit"
local limn = require "limn"
local programs = limn.programs

local function posterior_by_hand(space, X, y, flip)
  local all, total, mass = space:outputs(X), 0, {}
  for i = 1, space.functions do
    local like = space.prior[i]
    for d = 1, #y do like = like * (all[d][i] == y[d] and 1 - flip or flip) end
    mass[i], total = like, total + like
  end
  for i = 1, #mass do mass[i] = mass[i] / total end
  return mass
end

TestPrograms = {}
function TestPrograms:test_space()
  for _, language in ipairs { "circuits", "stack" } do
    local s = programs.space { inputs = 3, language = language, max_bits = 20 }
    lu.assertTrue(s.kraft + s.failed <= 1)
    lu.assertAlmostEquals(s.prior:sum(), 1, 1e-12)
    lu.assertEquals(s.count:sum(), s.programs)
    lu.assertStrContains(tostring(s), language)
    local i = s:find(function(a, b) return a ~= b end)
    lu.assertEquals(s:get(i).table, 0x66)
    lu.assertEquals(s:find(0x66), i)
    lu.assertEquals(s:find { -1, 1, 1, -1, -1, 1, 1, -1 }, i)
    lu.assertEquals(s:get(i).bits, s.bits[i])
    local missing, message = programs.space({ inputs = 3, language = language, max_bits = 5 }):find(0x69)
    lu.assertNil(missing)
    lu.assertStrContains(message, "5 bits")
  end
end

function TestPrograms:test_posterior()
  local s = programs.space { inputs = 3, max_bits = 20 }
  local X = s:points()
  local y = s:outputs(nil, { 40 }):col(1):copy()
  for _, flip in ipairs { 0, 0.1 } do
    for _, d in ipairs { 1, 3, 8 } do
      local p = programs.posterior(s, X:slice(1, d, 1, 3), y:slice(1, d), { flip = flip })
      local want = posterior_by_hand(s, X:slice(1, d, 1, 3), y:slice(1, d), flip)
      for i = 1, s.functions do lu.assertAlmostEquals(p.mass[i], want[i], 1e-12) end
      local says, by_hand = p:predict(), 0
      for i = 1, s.functions do by_hand = by_hand + want[i] * s:outputs(nil, { i })[8][1] end
      lu.assertAlmostEquals(says[8], by_hand, 1e-12)
    end
  end
  lu.assertEquals(programs.posterior(s, X, y).best, 40)
  local none, message = programs.posterior(s, { { 1, 1, 1 }, { 1, 1, 1 } }, { 1, -1 })
  lu.assertNil(none)
  lu.assertStrContains(message, "none of the")
end

-- Merged and scaled columns are the same regression as one column per program, 2^-K copies each.
function TestPrograms:test_features_are_the_prior()
  local s = programs.space { inputs = 2, max_bits = 14 }
  local y = { -1, 1, 1, -1 }
  local f, order = limn.features.programs(s, nil, y)
  lu.assertEquals(#order, s.functions)
  local K, all = f:gram(), s:outputs()
  for a = 1, 4 do
    for b = 1, 4 do
      local want = 0
      for i = 1, s.functions do want = want + s.prior[i] * all[a][i] * all[b][i] end
      lu.assertAlmostEquals(K[a][b], want, 1e-13)
    end
  end
  local c = limn.contrib.analyse(f, { dual = K:solve(limn.array(y)) })
  lu.assertAlmostEquals(c.P + c.classes.other.along, 2, 1e-10)
  lu.assertEquals(c.classes.perfect.count, 1)
  local g = limn.features.programs(s, { { -1, -1 }, { 1, -1 } }, { -1, 1 }, { truth = 0x6 })
  local n = {}
  local parts = limn.contrib.analyse(g, { dual = g:gram():solve(limn.array { -1, 1 }) })
  for name, class in pairs(parts.classes) do n[name] = class.count end
  lu.assertEquals(n.perfect, 1)
  lu.assertTrue(n.lucky > 1)
end

function TestPrograms:test_sampling_is_the_prior()
  local s = programs.space { inputs = 2, language = "stack", max_bits = 24 }
  local draws = s:sample { count = 50000, seed = 4 }
  local p = s.prior[1] * s.kraft
  lu.assertTrue(math.abs(draws.hits[1] - 50000 * p) < 5 * math.sqrt(50000 * p * (1 - p)))
  lu.assertEquals(draws.hits:sum() + draws.failed + draws.open, 50000)
end

function TestPrograms:test_messages()
  lu.assertErrorMsgContains("max_bits", programs.space, { inputs = 3 })
  lu.assertErrorMsgContains("inputs", programs.space, { inputs = 9, max_bits = 8 })
  lu.assertErrorMsgContains('"circuits" or "stack"', programs.space, { inputs = 3, max_bits = 8, language = "lisp" })
  local s = programs.space { inputs = 3, max_bits = 8 }
  lu.assertErrorMsgContains("3 entries", programs.posterior, s, { { 1, 1 } }, { 1 })
  lu.assertErrorMsgContains("labels", programs.posterior, s, { { 1, 1, 1 } }, { 1, 1 })
  lu.assertErrorMsgContains("flip", programs.posterior, s, { { 1, 1, 1 } }, { 1 }, { flip = 0.7 })
  lu.assertErrorMsgContains("space", programs.posterior, 3, {}, {})
  lu.assertErrorMsgContains("2^8 - 1, got 256", s.find, s, 256)
  lu.assertErrorMsgContains("output 2 must be", s.find, s, { 1, 0 / 0, 1, 1, 1, 1, 1, 1 })
  lu.assertErrorMsgContains("output 1 must be", s.find, s, function() end)
  lu.assertErrorMsgContains("output 1 must be", s.find, s, limn.zeros(8, 2))
  lu.assertErrorMsgContains("space:outputs: X[1][2] must be", s.outputs, s, { { 1, 0 / 0, 1 } })
  lu.assertErrorMsgContains("space:outputs: X has no rows", s.outputs, s, {})
  lu.assertErrorMsgContains("functions[2] must be a whole number", s.outputs, s, nil, { 1, 1.5 })
  lu.assertErrorMsgContains("functions[1] must be a whole number", s.outputs, s, nil, { 1e300 })
  lu.assertErrorMsgContains("space:sample: space", s.sample)
  lu.assertErrorMsgContains("1 entries but X has 0 rows", programs.posterior, s, {}, { 1 })
  local empty = programs.space { inputs = 3, max_bits = 1 }
  local none, message = programs.posterior(empty, nil, { 1, 1, 1, 1, 1, 1, 1, 1 })
  lu.assertNil(none)
  lu.assertStrContains(message, "no program")
  lu.assertNil((programs.features(empty)))
end

TestContrib = {}
function TestContrib:test_toy_identities()
  for _, storage in ipairs { "dense", "bits", "stream" } do
    local f = limn.features.toy { points = 16, count = 512, complexity = 4, storage = storage, seed = 3 }
    local c = limn.contrib.analyse(f, { dual = f:gram():solve(f.labels) }, { participation = true })
    lu.assertAlmostEquals(c.P + c.R, 4, 1e-10)
    lu.assertAlmostEquals(c.ratio, c.classes.perfect.weight_sq / c.classes.random.weight_sq, 1e-9)
    lu.assertTrue(c.classes.random.across < 1e-10)
    lu.assertTrue(c.participation <= c.effective and c.effective <= 512)
    local out = c:at(f) -- the training points themselves: the classes must add up to the labels
    for i = 1, 16 do lu.assertAlmostEquals(out.total[i], f.labels[i], 1e-10) end
    lu.assertAlmostEquals(out.perfect:norm(), c.P, 1e-10)
    lu.assertStrContains(tostring(c), "effective")
  end
end

-- Rules whose weights are not F'a: the weights are read, and the classes still add up to the labels.
function TestContrib:test_other_norms()
  local f = limn.features.toy { points = 8, count = 256, complexity = 3, seed = 2 }
  for _, fit in ipairs { limn.regress.lp(f, nil, { norm = 1.5 }), limn.regress.l1(f), limn.regress.minnorm(f) } do
    local c = limn.contrib.analyse(f, fit)
    lu.assertAlmostEquals(c.classes.perfect.along + c.classes.random.along, math.sqrt(8), 1e-6)
    local out = c:at(f)
    for i = 1, 8 do lu.assertAlmostEquals(out.total[i], f.labels[i], 1e-6) end
  end
  local l1 = limn.contrib.analyse(f, limn.regress.l1(f))
  lu.assertTrue(l1.P / math.sqrt(8) > 0.9 and l1.effective < 40) -- 32 copies, and the lucky few
end

function TestContrib:test_messages()
  local f = limn.features.toy { points = 4, count = 64, complexity = 2 }
  lu.assertErrorMsgContains("features must be a FeatureSet", limn.contrib.analyse, { 1 }, {})
  lu.assertErrorMsgContains("neither weights nor dual", limn.contrib.analyse, f, {})
  lu.assertErrorMsgContains("fit.dual has 3 entries", limn.contrib.analyse, f, { dual = { 1, 2, 3 } })
  lu.assertErrorMsgContains("fit.weights has 3 entries", limn.contrib.analyse, f, { weights = { 1, 2, 3 } })
  local c = limn.contrib.analyse(f, { dual = { 1, 2, 3, 4 } })
  lu.assertErrorMsgContains("64", c.at, { { 1, 2 } })
end

os.exit(lu.LuaUnit.run())
