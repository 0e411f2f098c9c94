-- stock: yes
-- data_spec.lua: the data sets of limn.data, against their definitions.

local lu = require "luaunit"
local limn = require "limn"
local data = limn.data

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")
local fails = testing.fails_here


local scratch = {}
local function write(suffix, text)
  local path = os.tmpname()
  os.remove(path)
  path = path .. suffix
  scratch[#scratch + 1] = path
  return testing.write(path, text)
end

TestPlane = {}

function TestPlane.testXorAndCorners()
  local X, y = data.xor()
  lu.assertEquals({ X:shape() }, { 4, 2 })
  for i = 1, 4 do lu.assertEquals(y[i], -X[i][1] * X[i][2]) end
  lu.assertEquals(select(2, data.corners { 1, -1, -1, 1 }):totable(), { 1, -1, -1, 1 })
  fails("pattern must be one of", data.corners, "xnor")
  fails("label 2 must be -1 or 1, got 0", data.corners, { 1, 0, 1, 1 })
  fails("expected 4 labels, got 3", data.corners, { 1, 1, 1 })
end

-- Brute force: apply the 8 symmetries of the square to all 16 labellings; each has one representative.
function TestPlane.testEnumerationIsCompleteAndWithoutRepeats()
  local turn = { { 1, 2, 3, 4 }, { 2, 3, 4, 1 }, { 3, 4, 1, 2 }, { 4, 1, 2, 3 },
    { 4, 3, 2, 1 }, { 1, 4, 3, 2 }, { 2, 1, 4, 3 }, { 3, 2, 1, 4 } }
  for _, signs in ipairs { false, true } do
    local hit = {}
    for _, set in ipairs(data.enumerate { signs = signs }) do
      local orbit = {}
      for _, t in ipairs(turn) do
        for _, s in ipairs(signs and { 1, -1 } or { 1 }) do
          local key = ""
          for k = 1, 4 do key = key .. (set.y[t[k]] * s > 0 and "+" or "-") end
          orbit[key] = true
        end
      end
      for key in pairs(orbit) do
        lu.assertNil(hit[key], key)
        hit[key] = set.name
      end
    end
    local n = 0
    for _ in pairs(hit) do n = n + 1 end
    lu.assertEquals(n, 16)
  end
  lu.assertEquals({ #data.enumerate(), #data.enumerate { signs = true } }, { 6, 4 })
end

function TestPlane.testCollinearAndRandom()
  local X, y = data.collinear { points = 5, angle = 0.3 }
  lu.assertTrue((X:col(2) * math.cos(0.3)):equal(X:col(1) * math.sin(0.3), 1e-15))
  lu.assertEquals(y:totable(), { 1, -1, 1, -1, 1 })
  local A, a = data.random { points = 1000, dim = 3, seed = 5 }
  local B, b = data.random { points = 1000, dim = 3, seed = 5 }
  lu.assertTrue(A:equal(B) and a:equal(b))
  lu.assertTrue(A:min() >= -1 and A:max() <= 1)
  lu.assertTrue(math.abs(a:sum()) < 5 * math.sqrt(1000))
  lu.assertFalse((data.random { seed = 6 }):equal((data.random { seed = 7 })))
  local _, c = data.random { points = 10, balanced = true, kind = "normal" }
  lu.assertEquals(c:sum(), 0.0)
  lu.assertEquals({ data.random():shape() }, { 4, 2 })
  fails("points must be at least 1, got 0", data.random, { points = 0 })
  fails('unknown option "point"; did you mean "points"?', data.random, { point = 3 })
  fails("points must be at least 2", data.collinear, { points = 1 })
end

TestBoolean = {}

function TestBoolean.testDefinitions()
  local X, y = data.parity { bits = 5, relevant = 3 }
  lu.assertEquals({ X:shape() }, { 32, 5 })
  lu.assertEquals(X[2]:totable(), { -1, -1, -1, -1, 1 }) -- the number 1
  for i = 1, 32 do lu.assertEquals(y[i], X[i][1] * X[i][2] * X[i][3]) end
  X, y = data.majority { bits = 5 }
  for i = 1, 32 do lu.assertEquals(y[i], X[i]:sum() > 0 and 1.0 or -1.0) end
  X, y = data.needle { bits = 6, at = 37 }
  lu.assertEquals({ y:sum(), y:argmax() }, { -62.0, 38 })
  lu.assertEquals(X[38]:totable(), { 1, -1, -1, 1, -1, 1 })
  local _, b = data.boolean { bits = 10, seed = 3 }
  lu.assertTrue(math.abs(b:sum()) < 5 * 32)
  local _, other = data.boolean { bits = 10, seed = 4 }
  lu.assertTrue(math.abs(b:dot(other)) < 5 * 32) -- another seed, another function
end

function TestBoolean.testDrawnPointsAreDifferentRowsOfTheTable()
  local full, truth = data.boolean { bits = 6, seed = 4 }
  local X, y = data.boolean { bits = 6, points = 40, seed = 4 }
  local seen = {}
  for i = 1, 40 do
    local code = 0
    for j = 1, 6 do code = code * 2 + (X[i][j] > 0 and 1 or 0) end
    lu.assertNil(seen[code])
    seen[code] = true
    lu.assertEquals(y[i], truth[code + 1])
    lu.assertTrue(full[code + 1]:equal(X[i]))
  end
end

function TestBoolean.testModular()
  local X, y = data.modular { modulus = 7 }
  lu.assertEquals({ X:shape() }, { 49, 14 })
  for i = 1, 49 do
    local a, b = X[i]:slice(1, 7):argmax() - 1, X[i]:slice(8, 14):argmax() - 1
    lu.assertEquals(X[i]:sum(), 2.0)
    lu.assertEquals(y[i], (a + b) % 7 + 0.0)
  end
  local _, z = data.modular { modulus = 7, target = 3 }
  for i = 1, 49 do lu.assertEquals(z[i], y[i] == 3 and 1.0 or -1.0) end
  lu.assertEquals({ data.modular { modulus = 5, terms = 3, points = 20 }:shape() }, { 20, 15 })
end

function TestBoolean.testBadInput()
  fails("parity: bits is missing", data.parity, {})
  fails("relevant must be at most bits = 3, got 4", data.parity, { bits = 3, relevant = 4 })
  fails("bits must be at most 20, got 21", data.parity, { bits = 21 })
  fails("bits must be at most 20", data.needle, { bits = 2 ^ 40 })
  fails("points must be at most 2^bits = 8, got 9", data.parity, { bits = 3, points = 9 })
  fails("bits must be odd, got 4", data.majority, { bits = 4 })
  fails("at must be below 2^bits = 8, got 8", data.needle, { bits = 3, at = 8 })
  fails("target must be below modulus = 5, got 5", data.modular, { modulus = 5, target = 5 })
  fails("modulus^terms must be at most 2^20", data.modular, { modulus = 1000, terms = 3 })
  fails("bits must be a whole number", data.boolean, { bits = 2.5 })
end

TestFiles = {}

function TestFiles.testIris()
  local X, y, info = data.iris()
  lu.assertEquals({ X:shape() }, { 150, 4 })
  for j, mean in ipairs { 5.843, 3.057, 3.758, 1.199 } do lu.assertAlmostEquals(X:col(j):mean(), mean, 5e-4) end
  lu.assertEquals(y:sum(), -50.0)
  lu.assertEquals(info.classes, { "setosa", "versicolor", "virginica" })
  lu.assertEquals(info.names, { "sepal_length", "sepal_width", "petal_length", "petal_width" })
  lu.assertEquals(X[35]:totable(), { 4.9, 3.1, 1.5, 0.2 }) -- the two rows that are wrong in many copies
  lu.assertEquals(X[38]:totable(), { 4.9, 3.6, 1.4, 0.1 })
  for _, name in ipairs(info.classes) do
    local _, z = data.iris { positive = name }
    lu.assertEquals(z:sum(), -50.0)
  end
  local A, b = data.csv("tests/data/iris.csv", { labels = "species", positive = "setosa" })
  lu.assertTrue(A:equal(X) and b:equal(y))
  lu.assertTrue(select(2, data.csv("tests/data/iris.csv", { labels = "", positive = "" })):equal(y))
  fails('positive must be "setosa"', data.iris, { positive = "rose" })
end

function TestFiles.testCsv()
  local path = write(".csv", "a,b,label\n1,2,no\n3,4,yes\n5,6,no\n")
  local X, y = data.csv(path, { labels = "label", positive = "yes" })
  lu.assertEquals(X:totable(), { { 1, 2 }, { 3, 4 }, { 5, 6 } })
  lu.assertEquals(y:totable(), { -1, 1, -1 })
  lu.assertEquals(select(2, data.csv(path)):totable(), { -1, 1, -1 }) -- yes is 1
  X, y = data.csv(path, { labels = "a", columns = { 2 } })
  lu.assertEquals(X:totable(), { { 2 }, { 4 }, { 6 } })
  lu.assertEquals(y:totable(), { 1, 3, 5 })
  lu.assertEquals({ data.csv(path, { columns = {} }):shape() }, { 3, 0 })
  local none, message = data.csv(path, { labels = "a" })
  lu.assertNil(none)
  lu.assertStrContains(message, 'line 2, column 3 (label): expected a number, got "no"')
  lu.assertEquals(select(2, data.csv(write(".csv", "5.1,-1\n4.9,1\n"), { positive = "" })):totable(), { -1, 1 })
  lu.assertEquals(select(2, data.csv(write(".csv", "5.1,cat\n4.9,dog\n"))):totable(), { 1, -1 }) -- no names
  lu.assertNil((data.csv "absent.csv"))
  fails('has no column "lable"; did you mean "label"?', data.csv, path, { labels = "lable" })
  fails('is "yess"; did you mean "yes"?', data.csv, path, { positive = "yess" })
  fails("a column must be a number in 1 .. 3 or a name, got 4", data.csv, path, { labels = 4 })
end

local function idx(kind, dims, body)
  local head = string.pack(">BBBB", 0, 0, kind, #dims)
  for _, d in ipairs(dims) do head = head .. string.pack(">I4", d) end
  return head .. body
end

function TestFiles.testIdx()
  local images = write(".idx", idx(8, { 3, 2, 2 }, string.char(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255)))
  local labels = write(".idx", idx(8, { 3 }, string.char(7, 8, 9)))
  local X, y = data.idx(images, labels)
  lu.assertEquals(X:totable(), { { 0, 1, 2, 3 }, { 4, 5, 6, 7 }, { 8, 9, 10, 255 } })
  lu.assertEquals(y:totable(), { 7, 8, 9 })
  X, y = data.idx(images, labels, { count = 2, scale = 2 })
  lu.assertEquals(X:totable(), { { 0, 2, 4, 6 }, { 8, 10, 12, 14 } })
  lu.assertEquals(#y, 2)
  local packed = images .. ".gz"
  assert(os.execute(("gzip -c %s > %s"):format(images, packed)))
  X, y = data.idx(packed, labels)
  lu.assertEquals({ X:shape() }, { 3, 4 })
  lu.assertEquals({ X[3][4], y[3] }, { 255, 9 })
  testing.write(packed, testing.read(packed):sub(1, -6))
  lu.assertStrContains(select(2, data.idx(packed, labels)), "compressed data are damaged or end early")
  local float = write(".idx", idx(13, { 2 }, string.pack(">ff", 1.5, -2)))
  lu.assertEquals(data.idx(float, float):totable(), { { 1.5 }, { -2 } })
  local int = write(".idx", idx(11, { 2 }, string.pack(">i2i2", -300, 4)))
  lu.assertEquals(data.idx(int, int):totable(), { { -300 }, { 4 } })
  local function refused(says, a, b)
    local none, message = data.idx(a, b)
    lu.assertNil(none)
    lu.assertStrContains(message, says)
  end
  refused("needs 12 bytes but 11", write(".idx", idx(8, { 3, 2, 2 }, ("x"):rep(11))), labels)
  refused("compressed data are damaged or end early", write(".idx", "\x1f\x8b\8\0\0\0"), labels)
  refused("unknown IDX type 07", write(".idx", idx(7, { 1 }, "x")), labels)
  refused("4 dimensions", write(".idx", idx(8, { 1, 1, 1, 1 }, "x")), labels)
  refused("its shape does not fit into memory", write(".idx", idx(14, { 2 ^ 32 - 1 | 0, 2 ^ 32 - 1 | 0, 2 ^ 32 - 1 | 0 }, "")), labels)
  refused("ends in its header", write(".idx", "\0\0\8\2\0\0"), labels)
  refused("has 3 items but", images, float)
  refused("No such file", "absent.idx", labels)
end

function TestFiles.testNpy()
  local X, y = data.random { points = 5 }
  local px, py = write(".npy", ""), write(".npy", "")
  limn.save(px, X)
  limn.save(py, y)
  local A, b = data.npy(px, py)
  lu.assertTrue(A:equal(X) and b:equal(y))
  limn.save(py, limn.zeros(4))
  local none, message = data.npy(px, py)
  lu.assertNil(none)
  lu.assertStrContains(message, "has 5 rows but")
end

local result = lu.LuaUnit.run()
for _, path in ipairs(scratch) do os.remove(path) end
os.exit(result)
