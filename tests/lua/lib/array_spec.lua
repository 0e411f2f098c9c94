-- stock: yes
-- array_spec.lua: arrays from Lua: construction, indexing, views, arithmetic, reductions, linear algebra.

local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")
local fails = testing.fails_here

-- A reproducible stream of numbers, independent of limn.
local state = 12345
local function random()
  state = (state * 6364136223846793005 + 1442695040888963407)
  return (state >> 11) / 2 ^ 53 * 2 - 1
end

local function random_table(r, c)
  local t = {}
  for i = 1, r do
    t[i] = {}
    for j = 1, c do t[i][j] = random() end
  end
  return t
end


TestMakers = {}

function TestMakers.testShapes()
  local r, c, d = limn.zeros(3, 2):shape()
  lu.assertEquals({ r, c, d }, { 3, 2 })
  lu.assertEquals({ limn.zeros(2, 3, 4):shape() }, { 2, 3, 4 })
  lu.assertEquals(limn.ones(2, 2):totable(), { { 1, 1 }, { 1, 1 } })
  lu.assertEquals(limn.eye(2):totable(), { { 1, 0 }, { 0, 1 } })
  lu.assertEquals(tostring(limn.zeros(3, 2)), "limn.array 3x2 f64\n  0  0\n  0  0\n  0  0")
  lu.assertEquals(tostring(limn.zeros(3, { dtype = "f32" })), "limn.array 3 f32\n  0  0  0")
  lu.assertEquals(limn.array { limn.array { 1, 2 }, limn.array { 3, 4 } }:totable(), { { 1, 2 }, { 3, 4 } })
end

function TestMakers.testSpaced()
  lu.assertEquals(limn.linspace(0, 1, 5):totable(), { 0, 0.25, 0.5, 0.75, 1 })
  lu.assertEquals(limn.linspace(7, 9, 1):totable(), { 7 })
  local g = limn.logspace(1, 10000, 5)
  for i, want in ipairs { 1, 10, 100, 1000, 10000 } do lu.assertAlmostEquals(g[i] / want, 1, 1e-14) end
  lu.assertEquals(g[5], 10000) -- both ends exact
  lu.assertEquals(limn.logspace(-8, -2, 3)[1], -8)
  lu.assertEquals(limn.range(1, 4):totable(), { 1, 2, 3, 4 })
  lu.assertEquals(#limn.range(0, 1, 0.1), 11)
  lu.assertEquals(limn.range(3, 1, -1):totable(), { 3, 2, 1 })
  lu.assertEquals(#limn.range(1, 0), 0)
end

function TestMakers.testBadInput()
  fails("zeros: rows must be a whole number >= 0, got -1", limn.zeros, -1)
  fails("got 2.5", limn.zeros, 2.5)
  fails("got nan", limn.zeros, 0 / 0)
  fails("got string", limn.zeros, "3")
  fails("do not fit into memory", limn.zeros, 2 ^ 62)
  fails("do not fit into memory", limn.zeros, 2 ^ 40, 2 ^ 40)
  fails("more than this machine has", limn.zeros, 2 ^ 21, 2 ^ 21)
  fails('unknown option dtyp; did you mean "dtype"?', limn.zeros, 2, { dtyp = "f32" })
  fails('dtype must be "f64" or "f32" or "i64" or "bool", got "f16"', limn.zeros, 2, { dtype = "f16" })
  fails("array: row 2 of entries must be a table of 2 numbers", limn.array, { { 1, 2 }, { 3 } })
  fails("array: entry 2 of entries must be a number, got string", limn.array, { 1, "x" })
  fails("must not be empty", limn.array, {})
  fails("got nil", limn.array)
  fails("array: entry 2 of entries must be an array of shape 2", limn.array, { limn.zeros(2), limn.zeros(3) })
  fails("linspace: first must be finite, got inf", limn.linspace, math.huge, 1, 3)
  fails("linspace: count", limn.linspace, 0, 1, 0)
  fails("of one sign", limn.logspace, -1, 1, 3)
  fails("of one sign", limn.logspace, 0, 1, 3)
  fails("step must not be 0", limn.range, 1, 2, 0)
  fails("too many", limn.range, 0, 1e300, 1)
end

TestIndexing = {}

function TestIndexing.testEntriesRowsViews()
  local a = limn.array { { 1, 2, 3 }, { 4, 5, 6 } }
  lu.assertEquals(#a, 2)
  lu.assertEquals(a[2][3], 6)
  lu.assertEquals(a:get(1, 2), 2)
  a[1][2] = 20
  lu.assertEquals(a:get(1, 2), 20) -- a row is a view
  a:row(2)[1] = 40
  a:col(3)[2] = 60
  lu.assertEquals(a:totable(), { { 1, 20, 3 }, { 40, 5, 60 } })
  a:T():set(1, 1, 10)
  a:slice(1, 2, 3, 3):fill(0)
  lu.assertEquals(a:totable(), { { 10, 20, 0 }, { 40, 5, 0 } })
  a[1] = 7
  a[2] = { 1, 2, 3 }
  lu.assertEquals(a:totable(), { { 7, 7, 7 }, { 1, 2, 3 } })
  local seen = {}
  for i, x in ipairs(limn.array { 5, 6 }) do seen[i] = x end
  lu.assertEquals(seen, { 5, 6 })
  for i, row in pairs(a) do seen[i] = row:sum() end
  lu.assertEquals(seen, { 21, 6 })
end

function TestIndexing.testViewsKeepTheirNumbersAlive()
  local rows = {}
  for i = 1, 200 do rows[i] = (limn.ones(50, 50) * i):row(50):slice(1, 25):T() end
  collectgarbage()
  collectgarbage()
  for i = 1, 200 do lu.assertEquals(rows[i]:sum(), 25 * i) end
end

function TestIndexing.testOverlappingAssignment()
  local a = limn.array { { 1, 2 }, { 3, 4 } }
  local s = limn.array { a }
  s[1] = s[1]:T()
  lu.assertEquals(s[1]:totable(), { { 1, 3 }, { 2, 4 } })
end

function TestIndexing.testReshapeCopyDtype()
  local a = limn.array { { 1, 2, 3 }, { 4, 5, 6 } }
  local v = a:reshape(3, 2)
  v:set(1, 1, 9)
  lu.assertEquals(a:get(1, 1), 9)
  lu.assertEquals(a:T():reshape(6):totable(), { 9, 4, 2, 5, 3, 6 })
  local c = a:copy()
  c:set(1, 1, 0)
  lu.assertEquals(a:get(1, 1), 9)
  lu.assertEquals(a:copy("f32"):dtype(), "f32")
  lu.assertEquals((a:copy("f32") + 0.5):dtype(), "f32")
  lu.assertEquals((a:copy("f32") + a):dtype(), "f64")
  lu.assertEquals(a:map_indexed(function(x, i, j) return x + 10 * i + 100 * j end):totable(),
    { { 119, 212, 313 }, { 124, 225, 326 } })
end

function TestIndexing.testTake()
  local a = limn.array { { 1, 2, 3 }, { 4, 5, 6 }, { 7, 8, 9 } }
  lu.assertEquals(a:take({ 3, 1, 3 }):totable(), { { 7, 8, 9 }, { 1, 2, 3 }, { 7, 8, 9 } })
  lu.assertEquals(a:T():take(limn.array { 2 }):totable(), { { 2, 5, 8 } })
  lu.assertEquals(a:col(2):take({ 3, 2 }):totable(), { 8, 5 })
  lu.assertEquals(limn.range(1, 8):reshape(2, 2, 2):take({ 2 }):totable(), { { { 5, 6 }, { 7, 8 } } })
  a:take({ 1 })[1][1] = 0
  lu.assertEquals(a[1][1], 1) -- a copy
end

function TestIndexing.testBadInput()
  local a = limn.array { { 1, 2, 3 }, { 4, 5, 6 } }
  local function index(i) return function() return a[i] end end
  fails("array[i]: i must be a whole number in 1 .. 2, or -2 .. -1 from the end, got 0", index(0))
  fails("got -3", index(-3))
  fails("got 3", index(3))
  fails("got 4", index(4))
  fails("got 1.5", index(1.5))
  fails("got nan", index(0 / 0))
  fails("takes 2 indices", a.get, a, 1)
  fails("j must be a whole number in 1 .. 3, or -3 .. -1 from the end, got 4", a.get, a, 1, 4)
  fails("value must be a number, got string", a.set, a, 1, 1, "x")
  fails("self must be an array, got table", a.get, {}, 1, 1)
  fails("needs a matrix", function() return a[1]:row(1) end)
  fails("which[2] must be a whole number in 1 .. 2, or -2 .. -1 from the end, got 3", a.take, a, { 1, 3 })
  fails("which[1] must be a whole number in 1 .. 2, or -2 .. -1 from the end, got nan", a.take, a, { 0 / 0 })
  fails("the positions must be a vector, got rank 2", a.take, a, { { 1, 2 } })
  fails("r1 = 2 must not exceed r2 = 1", a.slice, a, 2, 1)
  fails("c2 must be a whole number in 1 .. 3, or -3 .. -1 from the end, got 4", a.slice, a, 1, 1, 1, 4)
  fails("reshape: shape 2x3 has 6 entries, which do not fill shape 4x2", a.reshape, a, 4, 2)
  fails("do not fill", a.reshape, a, 2 ^ 40, 2 ^ 40)
  fails("expected a number or an array of shape 3, got shape 2", function() a[1] = { 1, 2 } end)
  fails("f must return a number, got nil", a.map, a, function() end)
  lu.assertErrorMsgContains("boom", a.map, a, function() error "boom" end)
  lu.assertEquals(a:totable(), { { 1, 2, 3 }, { 4, 5, 6 } }) -- nothing changed
end

TestArithmetic = {}

function TestArithmetic.testElementwiseAgainstLua()
  local x, y = random_table(7, 5), random_table(7, 5)
  local a, b = limn.array(x), limn.array(y)
  local ops = {
    { a + b, function(p, q) return p + q end }, { a - b, function(p, q) return p - q end },
    { a * b, function(p, q) return p * q end }, { a / b, function(p, q) return p / q end },
    { a ^ 2, function(p) return p * p end }, { 2 ^ a, function(p) return 2 ^ p end },
    { -a, function(p) return -p end }, { 3 - a, function(p) return 3 - p end },
    { a:exp(), math.exp, 2 ^ -51 }, { a:abs(), math.abs }, { a:abs():sqrt(), function(p) return math.sqrt(math.abs(p)) end },
    { a:abs():log(), function(p) return math.log(math.abs(p)) end, 2 ^ -51 },
    { a:sign(), function(p) return p > 0 and 1 or p < 0 and -1 or 0 end },
    { a:lt(b), function(p, q) return p < q and 1 or 0 end }, { a:ge(b), function(p, q) return p >= q and 1 or 0 end },
    { a:T():copy():T() * b:T():copy():T(), function(p, q) return p * q end },
  }
  for k, case in ipairs(ops) do
    for i = 1, 7 do
      for j = 1, 5 do
        local want = case[2](x[i][j], y[i][j]) + 0.0
        lu.assertAlmostEquals(case[1]:get(i, j), want, (case[3] or 0) * math.abs(want), "operation " .. k)
      end
    end
  end
  local t = a:tanh()
  for i = 1, 7 do
    local e = math.exp(2 * x[i][1])
    lu.assertAlmostEquals(t:get(i, 1), (e - 1) / (e + 1), 1e-15)
  end
end

function TestArithmetic.testBroadcasting()
  local a = limn.array { { 1, 2, 3 }, { 4, 5, 6 } }
  lu.assertEquals((a + limn.array { 10, 20, 30 }):totable(), { { 11, 22, 33 }, { 14, 25, 36 } })
  lu.assertEquals((a + limn.array { { 100 }, { 200 } }):totable(), { { 101, 102, 103 }, { 204, 205, 206 } })
  lu.assertEquals((limn.array { { 1 }, { 2 } } * limn.array { { 3, 4 } }):totable(), { { 3, 4 }, { 6, 8 } })
  local s = limn.zeros(2, 3, 4) + limn.range(1, 4)
  lu.assertEquals(s[2][3]:totable(), { 1, 2, 3, 4 })
  lu.assertEquals({ (limn.zeros(0, 3) + 1):shape() }, { 0, 3 })
  fails("array + array: shapes 2x3 and 2 cannot be broadcast", function() return a + limn.zeros(2) end)
  fails("operand 2 must not be empty", function() return a * {} end)
  fails("got string", function() return "2" .. "" + a end)
  fails("got nil", function() return a - nil end)
end

function TestArithmetic.testLongRowsAndStrides() -- longer than the inner chunk
  local n = 1300
  local v = limn.range(1, n)
  local m = limn.zeros(n, 3)
  for j = 1, 3 do m:col(j):fill(v * j) end
  lu.assertEquals((m:col(2) + m:col(3)):get(n), 5.0 * n)
  lu.assertEquals((m:T() + v):sum(), (1 + 2 + 3 + 3) * n * (n + 1) / 2)
  lu.assertTrue((m:T() * 2):equal((m * 2):T()))
end

function TestArithmetic.testEqual()
  local a = limn.array { 1, 2 }
  lu.assertTrue(a:equal(limn.array { 1, 2 }))
  lu.assertTrue(a == limn.array { 1, 2 })
  lu.assertFalse(a:equal(limn.array { { 1, 2 } }))
  lu.assertTrue(a:equal(limn.array { 1.05, 2 }, 0.1))
  lu.assertFalse(limn.array { 0 / 0 }:equal(limn.array { 0 / 0 }, 1))
  lu.assertTrue(limn.array { math.huge }:equal(limn.array { math.huge }))
end

TestReductions = {}

function TestReductions.testAgainstLua()
  for _, shape in ipairs { { 1, 1 }, { 7, 5 }, { 300, 37 }, { 3, 1000 } } do
    local r, c = shape[1], shape[2]
    local t = random_table(r, c)
    local a = limn.array(t)
    for _, view in ipairs { a, a:T():copy():T(), a:copy("f64") } do
      local sums, total, most, at = {}, 0, -math.huge, nil
      for j = 1, c do sums[j] = 0 end
      for i = 1, r do
        for j = 1, c do
          sums[j] = sums[j] + t[i][j]
          total = total + t[i][j]
          if t[i][j] > most then most, at = t[i][j], { i, j } end
        end
      end
      lu.assertAlmostEquals(view:sum(), total, 1e-12 * r * c)
      lu.assertEquals(view:sum(), a:sum()) -- bit for bit, whatever the strides
      lu.assertEquals(view:max(), most)
      lu.assertEquals({ view:argmax() }, at)
      local s = view:sum(1)
      for j = 1, c do
        lu.assertAlmostEquals(s[j], sums[j], 1e-13 * r)
        lu.assertEquals(s[j], view:col(j):sum())
      end
      lu.assertAlmostEquals(view:sum(2):sum(), total, 1e-12 * r * c)
      local m = total / (r * c)
      local square = 0
      for i = 1, r do for j = 1, c do square = square + (t[i][j] - m) ^ 2 end end
      if r * c > 1 then
        lu.assertAlmostEquals(view:var(), square / (r * c - 1), 1e-12)
        lu.assertAlmostEquals(view:std(nil, 0), math.sqrt(square / (r * c)), 1e-12)
      else
        lu.assertNaN(view:var())
      end
      lu.assertAlmostEquals(view:norm(), math.sqrt((view * view):sum()), 1e-12 * r * c)
      lu.assertEquals(view:cumsum()[r * c], view:cumsum():get(r * c))
      lu.assertAlmostEquals(view:cumsum(1):get(r, c), sums[c], 1e-13 * r)
      lu.assertAlmostEquals(view:cumsum()[r * c], total, 1e-12 * r * c)
    end
  end
end

function TestReductions.testAccuracy()
  local n = 1000000
  lu.assertAlmostEquals((limn.ones(n) * 0.1):sum(), 0.1 * n, 1e-9)
  lu.assertAlmostEquals((limn.ones(n) * 0.1):cumsum()[n], 0.1 * n, 1e-9)
  lu.assertEquals((limn.ones(1000) + 1e9):var(), 0.0)
  lu.assertAlmostEquals((limn.range(1, 10) + 1e9):var(), 55 / 6, 1e-6)
  lu.assertAlmostEquals(limn.array { 3e200, 4e200 }:norm() / 5e200, 1, 1e-15)
  lu.assertAlmostEquals(limn.array { 3e-200, 4e-200 }:norm() / 5e-200, 1, 1e-15)
  lu.assertEquals(limn.array { 3, -4 }:norm(1), 7.0)
  lu.assertEquals(limn.array { 3, -4 }:norm(math.huge), 4.0)
  for _, p in ipairs { 3, 50, 5000, 1e6 } do -- powers underflow unless the largest entry counts as 1
    for _, scale in ipairs { 1, 2.0 ^ 900, 2.0 ^ -900, 2.0 ^ -1050 } do
      lu.assertAlmostEquals((limn.array { -3, 3 } * scale):norm(p) / (3 * scale * 2 ^ (1 / p)), 1, 1e-14)
    end
  end
end

function TestReductions.testNaNAndEmpty()
  local a = limn.array { 1, 0 / 0, -3 }
  for _, f in ipairs { "sum", "mean", "var", "std", "min", "max", "norm" } do lu.assertNaN(a[f](a), f) end
  lu.assertEquals(a:argmax(), 2)
  lu.assertNaN(a:quantile(0.5))
  lu.assertEquals(a:sort()[1], -3.0)
  lu.assertNaN(a:sort()[3])
  local e = limn.zeros(0)
  lu.assertEquals(e:sum(), 0.0)
  lu.assertNaN(e:mean())
  fails("min: the array is empty", e.min, e)
  fails("argmax: the array is empty", e.argmax, e)
  fails("quantile: the array is empty", e.quantile, e, 0.5)
  lu.assertEquals(limn.zeros(0, 3):sum(1):totable(), { 0, 0, 0 })
end

function TestReductions.testSortAndQuantile()
  local t = {}
  for i = 1, 1000 do t[i] = math.floor(random() * 50) + 0.0 end
  local a = limn.array(t)
  local order = a:argsort()
  table.sort(t)
  lu.assertEquals(a:sort():totable(), t)
  for k = 2, 1000 do
    local p, q = order[k - 1] // 1 | 0, order[k] // 1 | 0
    lu.assertTrue(a[p] < a[q] or (a[p] == a[q] and p < q)) -- stable
  end
  lu.assertEquals(limn.array { { 3, 1 }, { 2, 5 } }:sort():totable(), { { 1, 3 }, { 2, 5 } })
  lu.assertEquals(limn.array { { 3, 1 }, { 2, 5 } }:sort(1):totable(), { { 2, 1 }, { 3, 5 } })
  local v = limn.array { 4, 1, 3, 2 }
  lu.assertEquals(v:quantile(0.5), 2.5)
  lu.assertEquals(v:quantile { 0, 1 / 3, 1 }:totable(), { 1, 2, 4 })
  lu.assertEquals(limn.array { { 1, 2 }, { 3, 6 } }:quantile(0.5, 1):totable(), { 2, 4 })
  for _, pair in ipairs { { 0.1, 0.3 }, { 1, 1 + 2 ^ -50 }, { -0.7, 0.2 }, { -0.3, -0.1 }, { 1.1e308, 1.7e308 } } do
    local q = limn.linspace(0, 1, 2001)
    local values = limn.array(pair):quantile(q) -- never falls, to the last digit, and stays between the entries
    lu.assertTrue(values:diff():min() >= 0)
    lu.assertEquals({ values[1], values[2001] }, pair)
  end
  fails("q must lie in 0 .. 1, got 1.5", v.quantile, v, 1.5)
  fails("q must lie in 0 .. 1, got", v.quantile, v, 0 / 0)
  fails("sum: dim must be a whole number in 1 .. 1, got 2", v.sum, v, 2)
  fails("norm: p must be at least 1, got 0.5", v.norm, v, 0.5)
end

TestLinear = {}

local function near(a, b, tol) lu.assertTrue(a:equal(b, tol), "\n" .. a:show() .. "\n" .. b:show()) end

function TestLinear.testProducts()
  local x, y = random_table(6, 4), random_table(4, 3)
  local a, b = limn.array(x), limn.array(y)
  local want = limn.zeros(6, 3)
  for i = 1, 6 do
    for j = 1, 3 do
      local s = 0
      for k = 1, 4 do s = s + x[i][k] * y[k][j] end
      want:set(i, j, s)
    end
  end
  near(a:matmul(b), want, 1e-15)
  near(b:T():matmul(a:T()), want:T(), 1e-15)
  near(a:T():copy():T():matmul(b:T():copy():T()), want, 1e-15)
  near(a:matmul(b:col(2)), want:col(2), 1e-15)
  near(a:matmul(b:col(2):copy()), want:col(2), 1e-15)
  near(a:T():copy():T():matmul(b:col(2):copy()), want:col(2), 1e-15)
  near(a:row(3):matmul(b), want:row(3), 1e-15)
  near(a:slice(2, 4, 1, 4):matmul(b), want:slice(2, 4, 1, 3), 1e-15)
  local part, other = a:slice(1, 6, 2, 3), b:slice(2, 3, 1, 3)
  near(part:matmul(other), part:copy():matmul(other:copy()), 1e-15)
  near(a:copy("f32"):matmul(b:copy("f32")), want, 1e-6)
  lu.assertEquals(a:copy("f32"):matmul(b:copy("f32")):dtype(), "f32")
  lu.assertAlmostEquals(a:col(1):dot(a:col(2)), (a:col(1) * a:col(2)):sum(), 1e-15)
  lu.assertEquals(limn.array { 1, 2 }:dot { 3, 4 }, 11.0)
  lu.assertEquals({ limn.zeros(0, 3):matmul(limn.zeros(3, 2)):shape() }, { 0, 2 })
  lu.assertEquals(limn.zeros(2, 0):matmul(limn.zeros(0, 2)):totable(), { { 0, 0 }, { 0, 0 } })
  fails("matmul: inner dimensions of shapes 6x4 and 6x4 differ", a.matmul, a, a)
  fails("b must be an array or a table of numbers, got nil", a.matmul, a)
  fails("b must be a vector or a matrix, got rank 3", a.matmul, a, limn.zeros(2, 2, 2))
end

function TestLinear.testFactorisations()
  for _, n in ipairs { 1, 2, 5, 20 } do
    local a = limn.array(random_table(n + 2, n))
    local g = a:T():matmul(a)
    local x, rcond = g:solve(limn.ones(n))
    lu.assertTrue(rcond > 0 and rcond <= 1 + 1e-12)
    near(g:matmul(x), limn.ones(n), 1e-8)
    local u, s, vt = a:svd()
    near((u * s):matmul(vt), a, 1e-13)
    local u2, s2, vt2 = a:T():svd()
    near((u2 * s2):matmul(vt2), a:T(), 1e-13)
    near(s, s2, 1e-13)
    local w, v = g:eigh()
    near(g:matmul(v), v * w, 1e-12)
    near(w, (s * s):sort(), 1e-12)
    local q, r = a:qr()
    near(q:matmul(r), a, 1e-13)
    near(q:T():matmul(q), limn.eye(n), 1e-13)
    local l = g:chol()
    near(l:matmul(l:T()), g, 1e-12)
  end
end

function TestLinear.testFailures()
  local x, message = limn.array { { 1, 2 }, { 2, 4 } }:solve { 1, 1 }
  lu.assertNil(x)
  lu.assertStrContains(message, "solve: matrix is singular")
  local l, why = limn.array { { 1, 2 }, { 2, 1 } }:chol()
  lu.assertNil(l)
  lu.assertStrContains(why, "not positive definite")
  for _, bad in ipairs { 0 / 0, math.huge, -math.huge } do
    local a = limn.eye(3)
    a:set(2, 1, bad)
    a:set(1, 2, bad)
    for _, f in ipairs { "svd", "qr", "eigh", "chol" } do fails("must be finite, got", a[f], a) end
    fails("matrix[1,2] must be finite", a.solve, a, { 1, 2, 3 })
    fails("b[2,1] must be finite", limn.eye(3).solve, limn.eye(3), { 1, bad, 3 })
  end
  fails("needs a symmetric matrix, but entries (2,1) and (1,2) are 3 and 2", limn.array { { 1, 2 }, { 3, 4 } }.chol,
    limn.array { { 1, 2 }, { 3, 4 } })
  fails("needs a square matrix, got shape 2x3", limn.zeros(2, 3).solve, limn.zeros(2, 3), { 1, 2 })
  fails("b has 3 rows but the matrix has 2", limn.eye(2).solve, limn.eye(2), { 1, 2, 3 })
  fails("needs a matrix, got rank 1", limn.ones(3).svd, limn.ones(3))
end

TestEqual = {}

-- == of arrays compares shapes and entries, whatever the dtype or layout; nan equals nothing; other values never equal an array.
function TestEqual.testOperator()
  local a = limn.rng.stream(3):normal(3, 4)
  lu.assertTrue(a == a:copy() and a == a:T():copy():T())
  lu.assertFalse(a == a:reshape(12) or a == a:reshape(4, 3) or a == a * 2)
  local b = a:copy()
  b[3][4] = b[3][4] * (1 + 2 ^ -52)
  lu.assertFalse(a == b)
  lu.assertTrue(limn.array { 1, 2 } == limn.array({ 1, 2 }):copy "i64")
  lu.assertFalse(limn.array { 0 / 0 } == limn.array { 0 / 0 })
  lu.assertFalse(limn.array { 1 } == limn.rng.stream(1))
  lu.assertFalse(rawequal(a, a:copy()))
  lu.assertEquals(limn.array { 1, 2 }, limn.array { 1, 2 })
  lu.assertErrorMsgContains("expected", lu.assertEquals, limn.array { 1, 2 }, limn.array { 1, 3 })
end

TestShow = {}

function TestShow.testShow()
  lu.assertEquals(limn.array { { 1, 2 }, { 30, 4 } }:show(), "limn.array 2x2 f64\n   1   2\n  30   4")
  lu.assertEquals(limn.array { 0.5, -1 }:show(), "limn.array 2 f64\n   0.5000  -1.0000")
  lu.assertStrContains(limn.zeros(0, 2):show(), "(empty)")
  lu.assertStrContains(limn.array { 1, 0 / 0, math.huge }:show(), "nan")
  local text = limn.zeros(100, 100):show(60)
  for line in text:gmatch "[^\n]+" do lu.assertTrue(#line <= 60, line) end
  lu.assertStrContains(text, "...")
  lu.assertStrContains(limn.zeros(5, 2, 2):show(), "[3]")
  fails("width must be a whole number", limn.zeros(2).show, limn.zeros(2), -3)
end

-- Extremes along a dimension, which are computed in vectors: the first of equal entries (0 and -0 differ in sign only),
-- NaN before all others, lanes longer than a block.
function TestReductions.testExtremesAlongADimension()
  local rng = limn.rng.stream(4)
  for _, n in ipairs { 1, 3, 4, 5, 70, 131, 4100 } do
    local a = (rng:normal(n, 9) * 2):floor()
    a:set(n, 2, 0 / 0)
    a:set(n, 5, math.huge)
    a:set(1, 6, -math.huge)
    for j = 3, 4 do for i = 1, n do a:set(i, j, i == 1 and -1 or (i == 2) == (j == 3) and 0.0 or -0.0) end end
    local t = a:T():copy()
    for j = 1, 9 do
      local best, at, least, low = a:get(1, j), 1, a:get(1, j), 1
      for i = 2, n do
        local x = a:get(i, j)
        if best == best and (x ~= x or x > best) then best, at = x, i end
        if least == least and (x ~= x or x < least) then least, low = x, i end
      end
      for _, found in ipairs { { a:max(1), a:argmax(1), a:min(1), a:argmin(1) },
        { t:max(2), t:argmax(2), t:min(2), t:argmin(2) } } do
        lu.assertEquals(("%g"):format(found[1][j]), ("%g"):format(best))
        lu.assertEquals(("%g"):format(found[3][j]), ("%g"):format(least))
        lu.assertEquals(found[2][j], at)
        lu.assertEquals(found[4][j], low)
      end
    end
  end
  local wide = (rng:normal(6, 2100) * 2):floor() -- more columns than are read together
  for _, name in ipairs { "max", "min", "argmax", "argmin" } do
    local all = wide[name](wide, 1)
    for j = 1, 2100, 13 do lu.assertEquals(all[j], (wide:col(j)[name](wide:col(j)))) end
  end
end

os.exit(lu.LuaUnit.run())
