#!/usr/bin/env limn
-- sampling_spec.lua: parts of data sets: split, kfold, standardise, onehot, batches.

local limn = require "limn"
local lu = require "luaunit"

local testing = dofile(debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../support/testing.lua")
local fails = testing.fails
local data = limn.data

-- Row i is {i, 10 i}, and y[i] = i: a row that lost its label is seen.
local function numbered(n)
  local y = limn.range(1, n)
  return (y .. y * 10):reshape(2, n):T(), y
end

local function rows_of(list)
  local out = {}
  for _, y in ipairs(list) do for _, v in ipairs(y:totable()) do out[#out + 1] = math.tointeger(v) end end
  table.sort(out)
  return out
end

local function one_to(n)
  local out = {}
  for i = 1, n do out[i] = i end
  return out
end

TestSampling = {}

function TestSampling.testSplit()
  local X, y = numbered(20)
  local A, a, B, b = data.split(X, y, { test = 0.3, seed = 2 })
  lu.assertEquals({ #A, #a, #B, #b }, { 14, 14, 6, 6 })
  lu.assertEquals(rows_of { a, b }, one_to(20))
  lu.assertTrue(A:col(1):equal(a) and B:col(2):equal(b * 10))
  lu.assertTrue(select(4, data.split(X, y, { test = 0.3, seed = 2 })):equal(b))
  lu.assertFalse(select(4, data.split(X, y, { test = 0.3, seed = 3 })):equal(b))
  lu.assertEquals(#select(3, data.split(X, y, { test = 1 })), 1)
  lu.assertNil((select(2, data.split(X))))
  for _, test in ipairs { 0, 20, 2.5, 0.001 } do fails("must leave rows on both sides", data.split, X, y, { test = test }) end
  fails("y must have 20 rows like X, got 2", data.split, X, { 1, 2 })
  fails('did you mean "test"?', data.split, X, y, { test_size = 0.2 })
end

function TestSampling.testKfold()
  for _, n in ipairs { 5, 7, 10 } do
    local X, y = numbered(n)
    local tested, folds = {}, 0
    for k, A, a, B, b in data.kfold(X, y, { folds = 3 }) do
      folds = k
      tested[k] = b
      lu.assertEquals(rows_of { a, b }, one_to(n))
      lu.assertTrue(A:col(1):equal(a) and B:col(2):equal(b * 10))
      lu.assertTrue(math.abs(#b - n / 3) < 1)
    end
    lu.assertEquals(folds, 3)
    lu.assertEquals(rows_of(tested), one_to(n))
  end
  fails("folds must be at most the 2 rows, got 5", data.kfold, { { 1 }, { 2 } }, { 1, 2 })
  fails("y is missing", data.kfold, { { 1 }, { 2 } })
end

function TestSampling.testStandardise()
  local X = limn.array { { 1, 5, 1e8 }, { 2, 5, 2e8 }, { 6, 5, 6e8 } }
  local Z, scale = data.standardise(X)
  for _, j in ipairs { 1, 3 } do
    lu.assertAlmostEquals(Z:col(j):mean(), 0, 1e-15)
    lu.assertAlmostEquals(Z:col(j):std(), 1, 1e-15)
  end
  lu.assertEquals(Z:col(2):totable(), { 0, 0, 0 })
  lu.assertTrue(scale.apply(X):equal(Z))
  lu.assertAlmostEquals(scale.apply({ { 3, 5, 3e8 } }):get(1, 3), 0, 1e-15)
  fails("X must have 3 columns, got 2", scale.apply, { { 1, 2 } })
  fails("X must be a matrix", data.standardise, { 1, 2 })
end

function TestSampling.testOnehot()
  local Y, classes = data.onehot { 7, 3, 7 }
  lu.assertEquals({ Y:totable(), classes }, { { { 0, 1 }, { 1, 0 }, { 0, 1 } }, { 3, 7 } })
  Y, classes = data.onehot { "dog", "cat" }
  lu.assertEquals({ Y:totable(), classes }, { { { 1, 0 }, { 0, 1 } }, { "dog", "cat" } })
  Y = data.onehot(limn.array { 1, 3 }, { classes = { 1, 2, 3 } })
  lu.assertEquals(Y:totable(), { { 1, 0, 0 }, { 0, 0, 1 } })
  fails("labels[2], 4, is none of classes", data.onehot, { 1, 4 }, { classes = { 1, 2 } })
  fails("labels must be a list", data.onehot, {})
  fails("labels[1] must be a number or a text, got nan", data.onehot, { 0 / 0 })
end

function TestSampling.testBatches()
  local X, y = numbered(10)
  local batch, steps = data.batches(X, y, { size = 4 })
  lu.assertEquals(steps, 3)
  local orders = {}
  for pass = 0, 1 do
    local seen = {}
    for step = 1, steps do
      local A, a = batch(pass * steps + step)
      lu.assertTrue(A:col(1):equal(a) and A:col(2):equal(a * 10))
      seen[step] = a
    end
    lu.assertEquals({ #seen[1], #seen[2], #seen[3] }, { 4, 4, 2 })
    lu.assertEquals(rows_of(seen), one_to(10))
    orders[pass] = seen[1]
  end
  lu.assertFalse(orders[0]:equal(orders[1]))
  lu.assertTrue(select(2, batch(1)):equal(orders[0]))
  local P, q = data.xor()
  local net = limn.mlp.new { sizes = { 2, 8, 1 } }
  local run = net:train(data.batches(P, q, { size = 2 }), nil, { rate = 0.1, steps = 20 })
  lu.assertEquals(run.steps, 20)
end

os.exit(lu.LuaUnit.run())
