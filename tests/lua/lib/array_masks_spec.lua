-- stock: yes
-- array_masks_spec.lua: masks, positions, whole-number dtypes and joining of arrays: what numpy_spec.lua does not compare
-- (errors, dtypes, views, writing).

local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")
local fails = testing.fails_here

local A = limn.array { { 1, -2, 3 }, { 4, 5, -6 } }

TestSelection = {}

function TestSelection.testMasksAndLists()
  lu.assertEquals(A[A:gt(0)]:totable(), { 1, 3, 4, 5 })
  lu.assertEquals(A[{ false, true }]:totable(), { { 4, 5, -6 } }) -- whole rows
  lu.assertEquals(A[{ -1, 1, -1 }]:totable(), { { 4, 5, -6 }, { 1, -2, 3 }, { 4, 5, -6 } })
  lu.assertEquals(A:T()[A:T():lt(0)]:totable(), { -2, -6 }) -- a view with strides
  lu.assertEquals({ A[A:gt(9)]:shape() }, { 0 })
  lu.assertEquals(A[-1][-1], -6)
  lu.assertEquals(A:slice(-1, -1, -2, -1):totable(), { { 5, -6 } })
  lu.assertEquals({ A:reshape(-1, 2):shape() }, { 3, 2 })
  fails("the mask has shape 3; expected 2x3, or 2 for whole rows", function() return A[limn.array { true, false, true }] end)
  fails("entry 2 of which must be a boolean like entry 1, got number", function() return A[{ true, 1 }] end)
  fails('a mask of 0 and 1 has dtype bool: a:gt(0), w:copy("bool")', function() return A:take { 0, 1 } end)
  fails("which must be an array or a table of numbers, got boolean", function() return A[true] end)
end

function TestSelection.testWriting()
  local a = A:copy()
  a[a:lt(0)] = 0
  lu.assertEquals(a:totable(), { { 1, 0, 3 }, { 4, 5, 0 } })
  a[{ -1 }] = { 7, 8, 9 }
  lu.assertEquals(a:totable(), { { 1, 0, 3 }, { 7, 8, 9 } })
  a:T()[a:T():gt(6)] = { 70, 80, 90 } -- through the view
  lu.assertEquals(a:totable(), { { 1, 0, 3 }, { 70, 80, 90 } })
  a[-1][-1] = 5
  lu.assertEquals(a:get(2, 3), 5)
  fails("expected a number or an array of shape 2, got shape 3", function() a[a:gt(60)] = { 1, 2, 3 } end)
end

-- ipairs and table.unpack read one entry past the end, which ends them; anybody else gets an error.
function TestSelection.testReadsOutOfRangeRaise()
  local v, n = limn.array { 5, 6 }, 0
  for _, x in ipairs(v) do n = n + x end
  for _, row in ipairs(A) do n = n + row[1] end
  lu.assertEquals(n, 16)
  lu.assertEquals({ table.unpack(v, 1, 2) }, { 5, 6 })
  fails("i must be a whole number in 1 .. 2, or -2 .. -1 from the end, got 3", function() return v[3] end)
  fails("got -3", function() return v[-3] end)
  fails("the array is empty", function() return limn.zeros(0)[1] end)
end

function TestSelection.testDtypes()
  lu.assertEquals(A:gt(0):dtype(), "bool")
  lu.assertEquals(A:isnan():dtype(), "bool")
  for _, positions in ipairs { A:argsort(), A:argmax(1), limn.rng.stream(1):permutation(4), limn.rng.stream(1):integer(1, 3, 4) } do
    lu.assertEquals(positions:dtype(), "i64")
  end
  local i = limn.array({ 7, -7 }, { dtype = "i64" })
  for _, whole in ipairs { i + 1, i * i, i % 3, i // 2, -i, i:abs(), i:gt(0) + i:lt(0), i:cumsum(), i:diff(), i:round() } do
    lu.assertEquals(whole:dtype(), "i64")
    lu.assertEquals(math.type(whole[1]), "integer")
  end
  for _, real in ipairs { i / 7, i ^ 2, i + 0.5, i:sqrt(), i + limn.ones(2), i + limn.ones(2, { dtype = "f32" }) } do
    lu.assertEquals(real:dtype(), "f64")
  end
  lu.assertEquals((limn.ones(2, { dtype = "f32" }) * limn.array { true, false }):dtype(), "f32")
  lu.assertEquals((2 * limn.array { true, false } - 1):totable(), { 1, -1 })
  lu.assertEquals({ i:sum(), i:max(), i:prod(), i:count() }, { 0, 7, -49, 2 })
  lu.assertEquals(math.type(i:sum()), "integer")
  lu.assertEquals((i % 3):totable(), { 1, 2 })
  lu.assertEquals((i // 2):totable(), { 3, -4 })
  lu.assertEquals(limn.array({ 1.5, 2.5, -0.5 }):round():copy("i64"):totable(), { 2, 2, 0 })
  fails("array:copy: entry 2 is 1.500000, which an array of dtype i64 cannot hold; round() first", limn.array({ 1, 1.5 }).copy,
    limn.array { 1, 1.5 }, "i64")
  fails("dtype bool cannot hold", limn.array, { 1, 2 }, { dtype = "bool" })
  fails("v must be a whole number within +-2^53 in an array of dtype i64, got 2.5", function() i[1] = 2.5 end)
  fails("value must be 0 or 1 in an array of dtype bool, got 2", function() limn.array({ true }):set(1, 2) end)
end

function TestSelection.testPrintShowsNumbers()
  lu.assertEquals(tostring(A:gt(0)), "limn.array 2x3 bool\n  1  0  1\n  1  1  0")
  lu.assertEquals(tostring(limn.array({ 10000000, 2 }, { dtype = "i64" })), "limn.array 2 i64\n  10000000         2")
  lu.assertStrContains(tostring(limn.range(1, 1000)), "...")
  lu.assertStrContains(tostring(limn.range(1, 1000)), "1000")
  lu.assertTrue(#tostring(limn.zeros(1000, 1000)) < 2000)
  lu.assertEquals(tostring(limn.zeros(0, 3)), "limn.array 0x3 f64 (empty)")
end

function TestSelection.testMapPassesTheEntryAlone()
  lu.assertEquals(limn.array({ 1, 100 }):map(math.log)[2], math.log(100))
  lu.assertEquals(limn.array({ 1, 1 }):map(math.atan):totable(), { math.atan(1), math.atan(1) })
  lu.assertEquals(limn.zeros(2, 2):map_indexed(function(x, i, j) return x + 10 * i + j end):totable(), { { 11, 12 }, { 21, 22 } })
end

function TestSelection.testTablesInArithmetic()
  lu.assertEquals((A + { 10, 20, 30 }):totable(), { { 11, 18, 33 }, { 14, 25, 24 } })
  lu.assertEquals(({ 1, 1, 1 } - A):totable(), { { 0, 3, -2 }, { -3, -4, 7 } })
  lu.assertTrue(A:equal { { 1, -2, 3 }, { 4, 5, -6 } })
  lu.assertFalse(A:equal { 1, 2 })
  lu.assertEquals(A:where(A:gt(0), { 7, 8, 9 }):totable(), { { 1, 8, 3 }, { 4, 5, 9 } })
end

function TestSelection.testJoining()
  lu.assertEquals((limn.array { 1, 2 } .. { 3 }):totable(), { 1, 2, 3 })
  lu.assertEquals(limn.concat({ { 1 }, 2, limn.array { 3 } }):totable(), { 1, 2, 3 })
  lu.assertEquals(limn.concat({ A:gt(0), A:lt(0) }):dtype(), "bool")
  lu.assertEquals(limn.concat({ A:copy "f32", A:copy "f32" }):dtype(), "f32")
  fails("concat: array 2 has shape 3, which does not fit 2x3 along dimension 1", limn.concat, { A, { 1, 2, 3 } })
  fails("concat: arrays must not be empty", limn.concat, {})
  fails("stack: array 1 has rank 3", limn.stack, { limn.zeros(1, 1, 1) })
  fails("use tostring(a) for text, limn.concat { a, b } to join arrays", function() return "a: " .. A end)
end

function TestSelection.testSearchingRefuses()
  fails("self must be ascending, but self[1] = 2 and self[2] = 1", limn.array({ 2, 1 }).searchsorted, limn.array { 2, 1 }, 1)
  fails("interp: at must be strictly increasing", limn.interp, 1, { 0, 0 }, { 1, 2 })
  fails("interp: at and values must have equally many entries", limn.interp, 1, { 0, 1 }, { 1, 2, 3 })
  fails("entry 2 must be a whole number >= 1, got 0.0", limn.array({ 1, 0 }).bincount, limn.array { 1, 0 })
  fails("give low and high, or select a:isfinite()", limn.array({ 1, 0 / 0 }).histogram, limn.array { 1, 0 / 0 })
  fails("most is 2, but an entry is 3", limn.array({ 3 }).bincount, limn.array { 3 }, 2)
end

-- Large passes are divided between threads; the numbers do not depend on it.
function TestSelection.testThreads()
  local before = limn.threads()
  local m = limn.rng.stream(9):normal(700, 1000)
  local function results()
    return { m:sin(), m:T():tanh(), m + m:T():reshape(700, 1000), m:slice(2, -1, 3, -2):gt(0), m:copy("f32"):exp(), m:mod(0.3) }
  end
  limn.threads(1)
  local one = results()
  limn.threads(2)
  local two = results()
  limn.threads(before)
  for k, a in ipairs(one) do lu.assertTrue(a:equal(two[k]), k) end
  lu.assertEquals(one[1]:get(700, 1000), m[700]:sin()[1000])
end

function TestSelection.testMatrixFailures()
  local inverse, why = limn.array({ { 1, 2 }, { 2, 4 } }):inv()
  lu.assertNil(inverse)
  lu.assertStrContains(why, "singular")
  lu.assertEquals(limn.array({ { 1, 2 }, { 2, 4 } }):det(), 0)
  lu.assertEquals(limn.array({ { 1, 2 }, { 2, 4 } }):copy():cond() > 1e15, true)
  lu.assertEquals((1e200 * limn.eye(4)):det(), math.huge)
  lu.assertAlmostEquals(select(2, (1e200 * limn.eye(4)):det()), 800 * math.log(10), 1e-9)
  fails("needs a square matrix", A.det, A)
  fails("einsum: index j has size 3 and size 2", limn.einsum, "ij,jk->ik", A, A)
  fails("einsum: operand 1 has 2 dimensions but 1 indices", limn.einsum, "i,i->i", A, { 1, 2 })
  fails("einsum: index z of the result is in no operand", limn.einsum, "ij->z", A)
  fails("dimension 2 must have a power of 2 entries, got 3", A.walsh, A)
end

os.exit(lu.LuaUnit.run())
