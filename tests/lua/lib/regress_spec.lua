-- stock: yes
-- regress_spec.lua: the linear rules from Lua: certified problems, identities of the toy model, misuse.
-- luacheck: allow defined top
local t = require "luaunit"
local limn = require "limn"
local regress = limn.regress

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")
local fails = testing.fails_like
local data = here .. "/../../data/strd/"

-- ---- NIST's Statistical Reference Datasets for linear regression ----

-- Correct digits of the worst coefficient that an answer must have: what a Householder QR in double
-- gives, less half a digit (normal equations fail five of them; an SVD with the usual cut fails Filip).
local GOAL = { norris = 12, pontius = 11, noint1 = 14, noint2 = 14, longley = 10, filip = 7,
  wampler1 = 8.5, wampler2 = 12, wampler3 = 8.5, wampler4 = 7, wampler5 = 5 }
local POLYNOMIAL = { filip = 10, pontius = 2, norris = 1,
  wampler1 = 5, wampler2 = 5, wampler3 = 5, wampler4 = 5, wampler5 = 5 }

local function rows_of(name)
  local rows = {}
  for line in io.lines(data .. name .. ".csv") do
    local row = {}
    for field in line:gmatch("[^,]+") do row[#row + 1] = tonumber(field) or field end
    rows[#rows + 1] = row
  end
  table.remove(rows, 1)
  return rows
end

local function certified()
  local out = {}
  for _, row in ipairs(rows_of("certified")) do
    out[row[1]] = out[row[1]] or {}
    out[row[1]][row[3]] = row[4]
  end
  return out
end

local function design(name)
  local X, y = {}, {}
  for i, row in ipairs(rows_of(name)) do
    y[i] = row[1]
    X[i] = {}
    if POLYNOMIAL[name] then
      for k = 0, POLYNOMIAL[name] do X[i][k + 1] = row[2] ^ k end
    else
      if not name:match("^noint") then X[i][1] = 1 end
      for k = 2, #row do table.insert(X[i], row[k]) end
    end
  end
  return X, y, name:match("^noint") and 1 or 0
end

-- Digits in common (log relative error), 15 at most.
local function lre(value, want)
  local off = want == 0 and math.abs(value) or math.abs(value - want) / math.abs(want)
  if off ~= off then return 0 end
  return off < 1e-15 and 15 or math.max(0, -math.log(off, 10))
end

TestReference = {}

function TestReference:test_every_set_reaches_what_householder_qr_can_give()
  local want, sets = certified(), 0
  for name, goal in pairs(GOAL) do
    local X, y, base = design(name)
    local fit = assert(regress.minnorm(X, y))
    local worst, w = 15, fit.weights:totable()
    for j, value in ipairs(w) do worst = math.min(worst, lre(value, want[name]["B" .. j - 1 + base])) end
    t.assertEquals(fit.rank, #X[1], name)
    t.assertTrue(worst >= goal, string.format("%s: %.1f digits, goal %.1f (%s)", name, worst, goal, fit.method))
    if #X > #X[1] then
      local deviation = fit.residual / math.sqrt(#X - #X[1])
      t.assertTrue(lre(deviation, want[name].RSD) >= math.min(goal, 9), name .. ": residual deviation " .. deviation)
    end
    sets = sets + 1
  end
  t.assertEquals(sets, 11)
end

function TestReference:test_filip_names_its_rank_and_warns()
  local X, y = design "filip"
  local fit = regress.minnorm(X, y)
  t.assertEquals(fit.rank, 11)
  t.assertTrue(fit.rcond < 1e-7 and fit.rcond > 1e-14, fit.rcond)
  t.assertStrContains(fit.warning, "ill-conditioned")
  for i = 1, #X do X[i][12] = X[i][11] end -- a dependent feature: the weight is shared, the rank stays
  local twin = regress.minnorm(X, y)
  t.assertEquals(twin.rank, 11)
  local w, v = fit.weights:totable(), twin.weights:totable()
  t.assertAlmostEquals(v[11] / v[12], 1, 1e-12)
  t.assertTrue(lre(v[1], w[1]) > 6)
end

-- ---- the toy model: identities that hold at any D and N ----

TestToy = {}

-- P, R and the sums of squared weights, from the weights themselves.
local function contributions(features, fit)
  local D, L, np = features.points, features.labels:totable(), features.classes[1].count
  local F, w = features:dense(), fit.weights
  local out = {}
  for name, range in pairs { perfect = { 1, np }, random = { np + 1, features.count } } do
    local sum = F:slice(1, D, range[1], range[2]):matmul(w:slice(range[1], range[2])):totable()
    local along, square, weight_sq = 0, 0, 0
    for i = 1, D do along, square = along + sum[i] * L[i] / math.sqrt(D), square + sum[i] ^ 2 end
    for _, v in ipairs(w:slice(range[1], range[2]):totable()) do weight_sq = weight_sq + v * v end
    out[name] = { length = math.sqrt(square), along = along, weight_sq = weight_sq }
  end
  return out
end

function TestToy:test_P_plus_R_is_sqrt_D_and_squares_have_the_same_ratio()
  for _, case in ipairs { { 2, 64, 1 }, { 7, 200, 3 }, { 16, 256, 4 }, { 40, 700, 8 }, { 64, 1024, 64 } } do
    for _, kind in ipairs { "sign", "gaussian" } do
      local f = limn.features.toy { points = case[1], count = case[2], perfect = case[3], kind = kind, seed = 7 }
      local fit = regress.minnorm(f)
      local c = contributions(f, fit)
      t.assertAlmostEquals(c.perfect.length + c.random.length, math.sqrt(case[1]), 1e-10)
      t.assertAlmostEquals(c.perfect.along + c.random.along, math.sqrt(case[1]), 1e-10)
      t.assertAlmostEquals((c.perfect.weight_sq / c.random.weight_sq) / (c.perfect.length / c.random.length), 1, 1e-9)
      t.assertAlmostEquals(fit.norm ^ 2, c.perfect.weight_sq + c.random.weight_sq, 1e-10)
      t.assertTrue(fit.interpolates)
    end
  end
end

-- Fewer random features than points: the labels are out of their reach, so all falls to the perfect ones.
function TestToy:test_too_few_random_features_leave_everything_to_the_perfect_ones()
  for _, case in ipairs { { 16, 12, 1 }, { 64, 40, 8 }, { 100, 128, 64 }, { 30, 31, 2 } } do
    local f = limn.features.toy { points = case[1], count = case[2], perfect = case[3], seed = 3 }
    local fit = regress.minnorm(f, f.labels)
    local c = contributions(f, fit)
    t.assertAlmostEquals(c.perfect.length, math.sqrt(case[1]), 1e-10)
    t.assertAlmostEquals(c.random.length, 0, 1e-10)
    t.assertEquals(fit.rank, case[2] - case[3] + 1, fit.method)
    t.assertTrue(fit.interpolates, fit.method)
    t.assertEquals(fit.method:find("equal columns merged", 1, true) ~= nil, case[3] > 1)
  end
end

function TestToy:test_storage_changes_nothing()
  local reference
  for _, storage in ipairs { "dense", "bits", "stream" } do
    local f = limn.features.toy { points = 24, count = 4096, complexity = 5, storage = storage, seed = 2 }
    local fit = regress.minnorm(f)
    local w = fit:weights_of(120, 140):totable()
    reference = reference or w
    for i = 1, #w do t.assertEquals(w[i], reference[i]) end
    local again = fit:predict(f):totable()
    for i, label in ipairs(f.labels:totable()) do t.assertAlmostEquals(again[i], label, 1e-12) end
  end
end

-- A set, and the same numbers as an array, have the same answer by different routes.
function TestToy:test_a_feature_set_and_its_numbers_agree()
  for _, kind in ipairs { "sign", "binary", "gaussian" } do
    for _, case in ipairs { { 20, 300 }, { 20, 15 }, { 12, 14 } } do
      local f = limn.features.toy { points = case[1], count = case[2], perfect = 3, kind = kind,
        bias = kind == "binary", seed = 5 }
      local a, b = regress.minnorm(f), regress.minnorm(f:dense(), f.labels)
      local u, v = a.weights:totable(), b.weights:totable()
      for i = 1, #u do t.assertAlmostEquals(u[i], v[i], 1e-10) end
      t.assertEquals(a.rank, b.rank)
      t.assertAlmostEquals(a.norm, b.norm, 1e-10)
      t.assertAlmostEquals(a.residual, b.residual, 1e-10)
    end
  end
end

-- ---- misuse ----

TestMisuse = {}


function TestMisuse:test_minnorm_names_what_clashed()
  fails("minnorm: labels has 3 entries but features has 2 rows", regress.minnorm, { { 1, 2 }, { 3, 4 } }, { 1, 2, 3 })
  fails("minnorm: features is missing", regress.minnorm)
  fails("minnorm: labels is missing", regress.minnorm, { { 1 } })
  fails("minnorm: features must be an array or a table of numbers, got string", regress.minnorm, "x", { 1 })
  fails("minnorm: unknown option \"lambda\"", regress.minnorm, { { 1 } }, { 1 }, { lambda = 1 })
  fails("features%[2,1%] must be finite, got nan", regress.minnorm, { { 1 }, { 0 / 0 } }, { 1, 1 })
  fails("labels%[1%] must be finite, got inf", regress.minnorm, { { 1 }, { 2 } }, { 1 / 0, 1 })
  fails("labels must be a vector", regress.minnorm, { { 1 }, { 2 } }, { { 1, 2 }, { 3, 4 } })
end

function TestMisuse:test_a_fit_predicts_only_rows_of_its_length()
  local fit = regress.minnorm({ { 1, 0 }, { 0, 1 }, { 1, 1 } }, { 1, 2, 3 })
  fails("predict: features has 3 columns but the fit has 2 weights", fit.predict, fit, { { 1, 2, 3 } })
  fails("predict: features is missing", fit.predict, fit)
  fails("weights_of: last must be at most 2", fit.weights_of, fit, 1, 3)
  t.assertAlmostEquals(fit:predict({ 2, 5 }):totable()[1], 12, 1e-12)
  t.assertAlmostEquals(fit:predict({ { 2, 5 }, { 1, 1 } }):totable()[2], 3, 1e-12)
  t.assertAlmostEquals(fit:weights_of(2, 2):totable()[1], 2, 1e-12)
  t.assertStrContains(tostring(fit), "minnorm: 3 points, 2 features, rank 2")
end

function TestMisuse:test_contributions_of_a_fit_to_other_features_are_refused()
  local f = limn.features.toy { points = 8, count = 50, perfect = 2 }
  local g = limn.features.toy { points = 8, count = 40, perfect = 2 }
  fails("contrib.analyse: the fit has 50 weights but features has 40 columns", limn.contrib.analyse, g, regress.minnorm(f))
end

os.exit(t.LuaUnit.run())
