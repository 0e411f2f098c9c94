-- stock: yes
-- norms_spec.lua: minimum p-norm and L1 interpolation against their optimality certificates, computed
-- here in plain Lua, against an independent iteration, and against the laws of the toy model.
-- luacheck: allow defined top
-- slow: 2 s
local t = require "luaunit"
local limn = require "limn"
local regress = limn.regress

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")
local fails = testing.fails_like

local function gaussian(points, count, seed)
  local rng = limn.rng and limn.rng.stream { seed = seed }
  local X = {}
  if rng then return rng:normal(points, count), rng:normal(points) end
  local f = limn.features.toy { points = points, count = count + 1, perfect = 0, kind = "gaussian", seed = seed }
  for i = 1, points do X[i] = f:dense():slice(i, i, 1, count):totable()[1] end
  return limn.array(X), f:dense():slice(1, points, count + 1, count + 1):reshape(points)
end

local function pnorm(w, p)
  local sum, top = 0, 0
  for _, v in ipairs(w) do top = math.max(top, math.abs(v)) end
  if p == math.huge or top == 0 then return top end
  for _, v in ipairs(w) do sum = sum + (math.abs(v) / top) ^ p end
  return top * sum ^ (1 / p)
end

local function missed(X, w, y) -- |y - X w|, X and y as tables
  local sum = 0
  for i = 1, #X do
    local r = y[i]
    for j = 1, #w do r = r - X[i][j] * w[j] end
    sum = sum + r * r
  end
  return math.sqrt(sum)
end

-- Weak duality: |w|_p >= a.y / |X'a|_q for every a, so equality proves both optimal.
local function certified(fit, X, y, p, gap)
  local w, a = fit.weights:totable(), fit.dual:totable()
  local z, reach = {}, 0
  for j = 1, #w do
    z[j] = 0
    for i = 1, #X do z[j] = z[j] + X[i][j] * a[i] end
  end
  for i = 1, #X do reach = reach + a[i] * y[i] end
  local q = p == 1 and math.huge or p == math.huge and 1 or p / (p - 1)
  local bound = reach / pnorm(z, q)
  t.assertTrue(missed(X, w, y) < 1e-9 * pnorm(y, 2), "labels missed by " .. missed(X, w, y))
  t.assertTrue(math.abs(1 - bound / pnorm(w, p)) < gap,
    string.format("norm %s, %d x %d: bound %.17g, reached %.17g", p, #X, #w, bound, pnorm(w, p)))
  t.assertTrue(math.abs(pnorm(w, p) / fit.norm - 1) < 1e-12)
  t.assertTrue(fit.gap < gap)
end

TestNorms = {}

function TestNorms:test_every_norm_is_certified_by_weak_duality()
  for seed, shape in ipairs { { 1, 4 }, { 3, 30 }, { 12, 40 }, { 25, 400 }, { 7, 7 } } do
    local X, y = gaussian(shape[1], shape[2], seed)
    local rows, labels = X:totable(), y:totable()
    for _, p in ipairs { 1.02, 1.1, 1.5, 2, 2.01, 2.5, 4, 12, 50, 1000, 1e6, math.huge } do
      certified(assert(regress.lp(X, y, { norm = p })), rows, labels, p, 1e-9)
    end
    certified(assert(regress.l1(X, y)), rows, labels, 1, 1e-12)
  end
end

function TestNorms:test_scale_is_carried_through()
  local X, y = gaussian(5, 20, 9)
  for _, p in ipairs { 1.3, 3, math.huge } do
    local one = regress.lp(X, y, { norm = p })
    local other = regress.lp(X * 2.0 ^ 400, y * 2.0 ^ -300, { norm = p })
    local u, v = one.weights:totable(), other.weights:totable()
    for j = 1, #u do t.assertAlmostEquals(v[j] * 2.0 ^ 700, u[j], 1e-6) end
    t.assertAlmostEquals(other.norm * 2.0 ^ 700 / one.norm, 1, 1e-9)
  end
  local one, other = regress.l1(X, y), regress.l1(X * 2.0 ^ 400, y * 2.0 ^ -300)
  t.assertAlmostEquals(other.norm * 2.0 ^ 700 / one.norm, 1, 1e-10)
end

function TestNorms:test_norm_2_is_minnorm()
  for _, case in ipairs { { 10, 60 }, { 16, 12 } } do
    local f = limn.features.toy { points = case[1], count = case[2], perfect = 2, seed = 4 }
    local u, v = regress.lp(f, nil, { norm = 2 }).weights:totable(), regress.minnorm(f).weights:totable()
    for j = 1, #u do t.assertAlmostEquals(u[j], v[j], 1e-12) end
  end
end

-- An independent method: damped reweighted least squares, in norm 1.5.
function TestNorms:test_reweighted_least_squares_agrees()
  local X, y = gaussian(4, 12, 21)
  local p, w = 1.5, regress.minnorm(X, y).weights
  for _ = 1, 400 do
    local scale = (w:abs() + 1e-15) ^ ((2 - p) / 2)
    local v = regress.minnorm(X * scale, y).weights * scale
    w = w * 0.3 + v * 0.7
  end
  local u, v = regress.lp(X, y, { norm = p }).weights:totable(), w:totable()
  for j = 1, #u do t.assertAlmostEquals(u[j], v[j], 1e-7) end
end

-- Above norm 2 no weight sits on a face: |w|^(p-1) sign w = F'a, weight by weight, and few steps do at any norm.
function TestNorms:test_above_norm_2_every_weight_is_stationary_after_few_steps()
  for seed, shape in ipairs { { 4, 30 }, { 20, 600 }, { 16, 20000 } } do
    local X, y = gaussian(shape[1], shape[2], 30 + seed)
    for _, p in ipairs { 2.2, 3, 5, 20 } do
      local fit = assert(regress.lp(X, y, { norm = p }))
      local want = X:T():matmul(fit.dual)
      local got = fit.weights:abs() ^ (p - 1) * fit.weights:sign()
      t.assertTrue((got - want):abs():max() < 1e-5 * want:abs():max(), ("norm %g: %g"):format(p,
        (got - want):abs():max() / want:abs():max()))
      t.assertTrue(fit.iterations <= 40, ("norm %g took %d steps"):format(p, fit.iterations))
      t.assertTrue((X:matmul(fit.weights) - y):norm() < 1e-10 * y:norm())
    end
  end
end

-- Streams, bits, numbers: one answer; beyond norm 2 the weights are those that fit, not powers of a rounded dual.
function TestNorms:test_high_norms_on_every_storage()
  for _, p in ipairs { 3, 50, math.huge } do
    local reference
    for _, storage in ipairs { "dense", "bits", "stream" } do
      local f = limn.features.toy { points = 12, count = 3000, perfect = 3, storage = storage, seed = 6 }
      local fit = assert(regress.lp(f, nil, { norm = p }))
      t.assertTrue((fit:predict(f) - f.labels):abs():max() < 1e-12)
      t.assertTrue(fit.gap < 1e-10)
      reference = reference or fit.norm
      t.assertAlmostEquals(fit.norm / reference, 1, 1e-12)
    end
  end
end

-- The law of every norm, P/R = p/(1-p) D^q/E|S_D|^q: one draw at finite N lies within some percent of it.
function TestNorms:test_the_law_of_the_ladder()
  for _, case in ipairs { { 1.25, 16, 6 }, { 1.5, 32, 6 }, { 2, 64, 6 }, { 3, 64, 4 }, { math.huge, 32, 3 } } do
    local f = limn.features.toy { points = case[2], count = 65536, complexity = case[3], seed = 3 }
    local measured = limn.contrib.analyse(f, assert(regress.lp(f, nil, { norm = case[1] }))).ratio
    local law = limn.theory.ratio { points = case[2], complexity = case[3], norm = case[1] }
    t.assertAlmostEquals(measured / law, 1, 0.05)
  end
end

TestL1 = {}

function TestL1:test_one_perfect_feature_takes_all()
  for _, case in ipairs { { 24, 2000, 4 }, { 40, 5000, 1 }, { 16, 12, 1 }, { 30, 31, 2 } } do
    for _, storage in ipairs { "dense", "stream" } do
      local f = limn.features.toy { points = case[1], count = case[2], perfect = case[3], storage = storage, seed = 6 }
      local fit = regress.l1(f)
      t.assertAlmostEquals(fit.norm, 1, 1e-9)
      local w = fit.weights:totable()
      for j = 1, case[2] do t.assertAlmostEquals(w[j], j <= case[3] and 1 / case[3] or 0, 1e-9) end
      t.assertEquals(fit.degenerate, 0)
    end
  end
end

-- At small D many random features equal +-L by chance: these and the perfect ones have equal weights.
function TestL1:test_lucky_copies_share_and_are_reported()
  local f = limn.features.toy { points = 4, count = 500, perfect = 3, seed = 3 }
  local fit = regress.l1(f)
  local L, F, w = f.labels:totable(), f:dense():totable(), fit.weights:totable()
  local lucky, sign = 0, {}
  for j = 1, 500 do
    local dot = 0
    for i = 1, 4 do dot = dot + F[i][j] * L[i] end
    sign[j] = math.abs(dot) == 4 and dot / 4 or 0
    lucky = lucky + math.abs(sign[j])
  end
  t.assertTrue(lucky > 20)
  for j = 1, 500 do t.assertAlmostEquals(w[j], sign[j] / lucky, 1e-12) end
  t.assertAlmostEquals(fit.norm, 1, 1e-12)
  t.assertTrue(fit.degenerate > 0)
end

-- A tie between (1,0)+(0,1) and (1,1)/... : min |w|_1 of x1 + x3 = 1, x2 + x3 = 1 is 1, at w = (0,0,1) only;
-- with columns (1,0),(0,1),(1/2,1/2) all points of a segment are optimal, the shortest is the answer.
function TestL1:test_ties_are_broken_by_the_least_l2_norm()
  local one = regress.l1({ { 1, 0, 1 }, { 0, 1, 1 } }, { 1, 1 })
  t.assertAlmostEquals(one.weights:totable()[3], 1, 1e-12)
  t.assertEquals(one.degenerate, 0)
  local tie = regress.l1({ { 1, 0, 0.5 }, { 0, 1, 0.5 } }, { 1, 1 }) -- w = (1-s/2, 1-s/2, s), |w|_1 = 2
  local w = tie.weights:totable()
  t.assertAlmostEquals(tie.norm, 2, 1e-12)
  t.assertEquals(tie.degenerate, 1)
  t.assertAlmostEquals(w[1], 2 / 3, 1e-10) -- 2(1-s/2)^2 + s^2 is least at s = 2/3
  t.assertAlmostEquals(w[3], 2 / 3, 1e-10)
end

function TestL1:test_duplicates_opposites_and_zeros()
  local X, y = gaussian(6, 15, 31)
  local rows = X:totable()
  for i = 1, 6 do
    local r = rows[i]
    for j = 1, 15 do
      r[15 + j] = r[j]
      r[30 + j] = -r[j]
    end
    r[46] = 0
  end
  local plain, many = regress.l1(X, y), regress.l1(rows, y)
  local u, v = plain.weights:totable(), many.weights:totable()
  t.assertAlmostEquals(plain.norm, many.norm, 1e-10)
  for j = 1, 15 do
    t.assertAlmostEquals(v[j], u[j] / 3, 1e-9)
    t.assertAlmostEquals(v[15 + j], u[j] / 3, 1e-9)
    t.assertAlmostEquals(v[30 + j], -u[j] / 3, 1e-9)
  end
  t.assertEquals(v[46], 0)
end

TestMisuse = {}


function TestMisuse:test_norms_below_one_and_not_numbers_are_refused()
  local X, y = { { 1, 2 } }, { 1 }
  for _, p in ipairs { 1, 0.5, 0, -2, -math.huge } do
    fails("lp: norm must be above 1", regress.lp, X, y, { norm = p })
  end
  fails("lp: norm must be a number, got %-?nan", regress.lp, X, y, { norm = 0 / 0 })
  fails("lp: norm is missing", regress.lp, X, y)
  fails("lp: unknown option \"nrom\"; did you mean \"norm\"", regress.lp, X, y, { nrom = 2 })
  fails("l1: unknown option \"tol\"", regress.l1, X, y, { tol = 1 })
  fails("l1: features%[1,2%] must be finite, got nan", regress.l1, { { 1, 0 / 0 } }, y)
  fails("lp: labels%[1%] must be finite, got inf", regress.lp, X, { math.huge }, { norm = 1.5 })
  fails("l1: labels has 2 entries but features has 1 rows", regress.l1, X, { 1, 2 })
end

-- Labels outside the span of the features: their projection is fitted, with a warning.
function TestMisuse:test_infeasible_labels_give_least_squares_with_a_warning()
  local X, y = { { 1, 1 }, { 1, 1 }, { 0, 0 } }, { 1, 3, 5 }
  for _, fit in ipairs { regress.l1(X, y), regress.lp(X, y, { norm = 1.5 }), regress.lp(X, y, { norm = 4 }),
    regress.lp(X, y, { norm = math.huge }), regress.minnorm(X, y) } do
    t.assertAlmostEquals(fit.residual, math.sqrt(1 + 1 + 25), 1e-12)
    t.assertStrContains(fit.warning, "no weights fit the labels exactly")
    t.assertAlmostEquals(fit.weights:totable()[1], 1, 1e-9)
    t.assertEquals(fit.rank, 1)
    t.assertFalse(fit.interpolates)
  end
  -- features that are all zero reach nothing
  local zero = { { 0, 0 }, { 0, 0 } }
  for _, fit in ipairs { regress.l1(zero, { 3, 4 }), regress.lp(zero, { 3, 4 }, { norm = 1.5 }),
    regress.lp(zero, { 3, 4 }, { norm = 4 }), regress.minnorm(zero, { 3, 4 }) } do
    t.assertEquals(fit.residual, 5)
    t.assertEquals(fit.rank, 0)
    t.assertEquals(fit.weights:totable(), { 0, 0 })
    t.assertStrContains(fit.warning, "no weights fit the labels exactly")
  end
  t.assertEquals(regress.l1(limn.features.from(limn.array(zero)), { 3, 4 }).residual, 5)
  local flat = regress.lasso(zero, { 3, 4 }, { lambda = 1 })
  t.assertEquals({ flat.residual, flat.weights[1], flat.rank }, { 5, 0, 0 })
  local nothing = regress.l1(X, { 0, 0, 0 })
  t.assertEquals(nothing.norm, 0)
  t.assertNil(nothing.warning)
end

-- More points than independent features: one answer for every norm, also where the columns' scales lie decades apart
-- (the Gram matrix would count too few of them). Dependent ones at a norm next to 1 converge too.
TestNearOne = {}
function TestNearOne:test_independent_columns_have_one_answer()
  local draws = limn.rng.stream { seed = 4 }
  for _, shape in ipairs { { 3, 2 }, { 60, 30 }, { 12, 12 } } do
    for _, scale in ipairs { 1, 1e4 } do
      local X, y = draws:normal(shape[1], shape[2]) * limn.logspace(1 / scale, scale, shape[2]):reshape(1, shape[2]),
        draws:normal(shape[1])
      local least = limn.regress.minnorm(X, y)
      for _, norm in ipairs { 1, 1.00001, 1.0001, 1.5, 3, math.huge } do
        local fit, message
        if norm == 1 then fit, message = limn.regress.l1(X, y) else fit, message = limn.regress.lp(X, y, { norm = norm }) end
        t.assertNotNil(fit, message)
        t.assertTrue((fit.weights - least.weights):abs():max() <= 1e-7 * least.weights:abs():max())
        t.assertTrue(math.abs(fit.residual - least.residual) <= 1e-9 * y:norm())
        t.assertTrue(fit.gap < 1e-6, ("%g: gap %g"):format(norm, fit.gap))
      end
    end
  end
end

function TestNearOne:test_dependent_columns_converge()
  for seed = 1, 4 do
    local draws = limn.rng.stream { seed = seed }
    local X, y = draws:normal(10, 1) + draws:normal(10, 14) * 1e-3, draws:normal(10)
    local least = limn.regress.l1(X, y).norm
    for _, norm in ipairs { 1.00001, 1.0001, 1.01 } do
      local fit, message = limn.regress.lp(X, y, { norm = norm })
      t.assertNotNil(fit, message)
      t.assertTrue(fit.gap < 1e-9 and (X:matmul(fit.weights) - y):norm() < 1e-9 * y:norm())
      if norm < 1.001 then t.assertAlmostEquals(fit.norm / least, 1, 30 * (norm - 1)) end
    end
  end
end

os.exit(t.LuaUnit.run())
