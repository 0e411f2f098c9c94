#!/usr/bin/env limn
-- scales_spec.lua: the answer of every rule of limn.regress follows what is done to its problem: powers of two from 2^-990 to
-- 2^990, permutations, repeated points and columns, other dtypes. One generator of problems for all rules.

local limn = require "limn"
local lu = require "luaunit"

local testing = dofile(debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../support/testing.lua")

local regress = limn.regress

-- name -> { fit(X, y, unit, repeats), digits, exact =, unique =, columns = }. unit: the factor that features have been multiplied
-- by, squared, which ridge's lambda follows; label: that of the labels; repeats: how often each point occurs.
local RULES = {
  minnorm = { fit = function(X, y) return regress.minnorm(X, y) end, digits = 1e-10 },
  ridge = { fit = function(X, y, unit, _, repeats) return regress.ridge(X, y, { lambda = 0.3 * unit * unit * (repeats or 1) }) end,
    digits = 1e-10, limit = 500 },
  l1 = { fit = function(X, y) return regress.l1(X, y) end, digits = 1e-7 },
  ["lp 1.5"] = { fit = function(X, y) return regress.lp(X, y, { norm = 1.5 }) end, digits = 1e-7 },
  ["lp inf"] = { fit = function(X, y) return regress.lp(X, y, { norm = math.huge }) end, digits = 1e-6, norm = true },
  lasso = { fit = function(X, y, unit, label, repeats)
    return regress.lasso(X, y, { lambda = 0.2 * unit * label * (repeats or 1) })
  end, digits = 1e-6, limit = 500 },
  gd = { fit = function(X, y) return regress.gd(X, y, { steps = 400 }) end, digits = 1e-9, limit = 400, points = false },
}

local WIDE, TALL = { 5, 12 }, { 12, 5 }

-- f(name, rule, X, y, digits) for random problems of each rule; `number` of them for each shape.
local function problems(number, f)
  for name, rule in pairs(RULES) do
    for s, shape in ipairs { WIDE, TALL } do
      for k = 1, number do
        if s == 1 or not name:find "^l[p1]" then
          local rng = limn.rng.stream { seed = 11, point = s, rep = k }
          f(name, rule, rng:normal(table.unpack(shape)), rng:normal(shape[1]), rng)
        end
      end
    end
  end
end

local function solved(rule, ...)
  local fit, why = rule.fit(...)
  lu.assertNotNil(fit, why)
  if rule.norm then return limn.array { fit.norm } end -- the set of optima is not a point
  return fit.weights
end

-- got is within `digits` of want, both multiplied by 2^by.
local function follows(got, want, by, digits, what)
  local unit = 2.0 ^ (by // 2)
  local scaled = got * unit * 2.0 ^ (by - by // 2)
  lu.assertTrue(((scaled - want):norm(math.huge)) <= digits * want:norm(math.huge), what)
end

TestScales = {}

function TestScales.testPowersOfTwo()
  problems(2, function(name, rule, X, y)
    local want = solved(rule, X, y, 1, 1)
    for _, by in ipairs { -990, -700, -450, -300, -40, 1, 40, 300, 450, 700, 990 } do
      local what = ("%s, features times 2^%d"):format(name, by)
      if math.abs(by) <= (rule.limit or math.huge) then
        follows(solved(rule, X * 2.0 ^ by, y, 2.0 ^ by, 1), want, by, rule.digits, what)
      elseif name == "gd" and math.abs(by) > 460 then
        testing.fails("features must have entries between", rule.fit, X * 2.0 ^ by, y)
      end
      if math.abs(by) <= 450 and name ~= "lasso" and name ~= "gd" then
        follows(solved(rule, X, y * 2.0 ^ by, 1, 2.0 ^ by), want, -by, rule.digits, ("%s, labels times 2^%d"):format(name, by))
      end
    end
  end)
end

function TestScales.testPermutations()
  problems(3, function(name, rule, X, y, rng)
    local want = solved(rule, X, y, 1, 1)
    local points, columns = rng:permutation(#X), rng:permutation(#X[1])
    follows(solved(rule, X[points], y[points], 1, 1), want, 0, rule.digits, name .. ", points")
    local moved = solved(rule, X:T()[columns]:T():copy(), y, 1, 1)
    follows(moved, rule.norm and want or want[columns], 0, rule.digits, name .. ", columns")
  end)
end

-- Each point twice: the same weights, for twice the lambda.
function TestScales.testRepeatedPoints()
  problems(2, function(name, rule, X, y)
    if rule.points == false then return end
    local want = solved(rule, X, y, 1, 1)
    local XX, yy = limn.concat({ X, X }), limn.concat({ y, y })
    follows(solved(rule, XX, yy, 1, 1, 2), want, 0, 100 * rule.digits, name)
  end)
end

-- A column twice has the weight of sqrt(2) times the column, shared equally (L2 rules).
function TestScales.testRepeatedColumns()
  problems(2, function(name, rule, X, y)
    if name ~= "minnorm" and name ~= "ridge" and name ~= "gd" then return end
    local first, n = X:slice(1, #X, 1, 1), #X[1]
    local one = solved(rule, limn.concat({ first * math.sqrt(2), X:slice(1, #X, 2, n) }, 2), y, 1, 1)
    local two = solved(rule, limn.concat({ first, X }, 2), y, 1, 1)
    lu.assertAlmostEquals(two[1], one[1] / math.sqrt(2), 1e-9)
    lu.assertAlmostEquals(two[2], one[1] / math.sqrt(2), 1e-9)
    lu.assertAlmostEquals(two[3], one[2], 1e-9)
  end)
end

-- f32 data are the same numbers as f64 data.
function TestScales.testDtypes()
  problems(2, function(name, rule, X, y)
    local single = X:copy "f32"
    lu.assertEquals(solved(rule, single, y, 1, 1):totable(), solved(rule, single:copy "f64", y, 1, 1):totable(), name)
  end)
end

-- Ridge on columns of 1e-6, 1 and 1e6 against exact rationals.
function TestScales.testColumnsInOtherUnits()
  local X = limn.array { { .3e-6, .7, .2e6 }, { .9e-6, -.4, .5e6 }, { -.2e-6, .1, .8e6 } }
  local w = regress.ridge(X, { 1, 2, 3 }, { lambda = 1e-8 }).weights
  for i, exact in ipairs { 17.814100034470787, 0.18585415614521036, 3.866964174131273e-06 } do
    lu.assertAlmostEquals(w[i] / exact, 1, 1e-11)
  end
end

-- The rank of F is known, or nil: never that of F F' + lambda I.
function TestScales.testRankOfRidge()
  local one = limn.ones(5, 1):matmul(limn.ones(1, 20))
  for _, lambda in ipairs { 0, 1e-12, 1e-6, 1, 100 } do
    local rank = regress.ridge(one, { 1, 2, 3, 4, 5 }, { lambda = lambda }).rank
    lu.assertTrue(rank == 1 or rank == nil, rank)
  end
  local zero = regress.ridge(limn.zeros(3, 4), { 1, 2, 3 }, { lambda = 1 })
  lu.assertNil(zero.rank)
  lu.assertNil(tostring(zero):find "rank")
  lu.assertEquals(regress.ridge(limn.eye(4), { 1, 2, 3, 4 }, { lambda = 1e-3 }).rank, 4)
  local X = limn.rng.stream(3):normal(6, 40)
  lu.assertEquals(regress.ridge(X, limn.ones(6), { lambda = 1e-3 }).rank, 6)
end

-- P and R follow the labels' scale at any scale of the features, or the call is refused.
function TestScales.testContributions()
  local X, y = limn.rng.stream(1):normal(6, 10), limn.rng.stream(2):sign(6)
  local function parts(rule, unit, lambda)
    local f = limn.features.from(X * unit, { classes = { perfect = { 1, 3 }, random = { 4, 10 } } })
    return limn.contrib.analyse(f, regress[rule](f, y, lambda and { lambda = lambda }))
  end
  local want = parts("minnorm", 1)
  for _, by in ipairs { -990, -520, -300, 300, 510, 700, 990 } do
    local got = parts("minnorm", 2.0 ^ by)
    lu.assertAlmostEquals(got.P / want.P, 1, 1e-10, by)
    lu.assertAlmostEquals(got.R / want.R, 1, 1e-10, by)
    lu.assertAlmostEquals(got.ratio / want.ratio, 1, 1e-10, by)
  end
  for _, unit in ipairs { 1e-155, 1e-300 } do testing.fails("the contributions are below", parts, "ridge", unit, 1) end
end

function TestScales.testSolve()
  local x, why = (limn.eye(2) * 1e-310):solve { 1, 1 }
  lu.assertNil(x)
  lu.assertStrContains(why, "the solution exceeds 1.8e308")
  local fine, rcond = (limn.eye(2) * 0x1p-1030):solve { 0x1p-1030, 0x1p-1029 }
  lu.assertEquals({ fine[1], fine[2], rcond }, { 1, 2, 1 })
  fine = (limn.array { { 0x1p1022, 0x1p1022 }, { 0x1p1022, -0x1p1022 } }):solve { 0x1p1022, 0 }
  lu.assertEquals(fine:totable(), { 0.5, 0.5 })
end

os.exit(lu.LuaUnit.run())
