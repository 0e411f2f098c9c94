-- stock: yes
-- files_spec.lua: limn.load and limn.save: reading and writing .npy, .npz and .csv.

local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")
local fails = testing.fails_here

local DATA = "tests/data/npy/"
local WANT = { { 0, 1, 2 }, { 3, 4, 100 } } -- what every matrix there holds

local scratch = {}
local function temporary(suffix)
  local name = os.tmpname()
  os.remove(name)
  scratch[#scratch + 1] = name .. suffix
  return name .. suffix
end

local write = testing.write


local function refused(expected, path, ...)
  local a, message = limn.load(path, ...)
  lu.assertNil(a)
  lu.assertStrContains(message, expected)
end

TestNpy = {}

function TestNpy.testEveryDtypeAndOrder()
  local names = { "i1", "u1", "fortran_f8", "fortran_be_i4", "v2", "v3" }
  for _, order in ipairs { "le_", "be_" } do
    for _, d in ipairs { "f8", "f4", "f2", "i2", "i4", "i8", "u2", "u4", "u8" } do names[#names + 1] = order .. d end
  end
  for _, name in ipairs(names) do
    local a = assert(limn.load(DATA .. name .. ".npy"))
    lu.assertEquals(a:totable(), WANT, name)
    lu.assertEquals(a:dtype(), name:find "f[24]" and "f32" or "f64", name)
  end
  lu.assertEquals(limn.load(DATA .. "bool.npy"):totable(), { { 0, 0, 1 }, { 1, 1, 1 } })
  lu.assertEquals(limn.load(DATA .. "scalar.npy"):totable(), { 3.5 })
  lu.assertEquals({ limn.load(DATA .. "empty.npy"):shape() }, { 0, 3 })
  for _, name in ipairs { "rank3", "rank3_fortran" } do
    lu.assertTrue(limn.load(DATA .. name .. ".npy"):equal(limn.range(0, 23):reshape(2, 3, 4)))
  end
  lu.assertEquals(limn.load(DATA .. "le_f8.npy", { dtype = "f32" }):dtype(), "f32")
end

function TestNpy.testSpecialNumbers()
  for name, least in pairs { special = 5e-324, special_f2 = 2 ^ -24 } do
    local a = limn.load(DATA .. name .. ".npy")
    lu.assertNaN(a[1])
    lu.assertEquals({ a[2], a[3] }, { math.huge, -math.huge })
    lu.assertEquals(1 / a[4], -math.huge)
    lu.assertEquals(a[5], least)
  end
end

function TestNpy.testRefused()
  refused("4 dimensions, at most 3", DATA .. "bad_rank4.npy")
  refused("dtype '<c16' is not supported", DATA .. "bad_complex.npy")
  refused("dtype '<U2'", DATA .. "bad_string.npy")
  refused("records", DATA .. "bad_record.npy")
  refused("dtype '<M8[D]'", DATA .. "bad_date.npy")
  refused("dtype '<f16'", DATA .. "bad_longdouble.npy")
  refused("dtype '|O'", DATA .. "bad_object.npy")
  refused("No such file", DATA .. "absent.npy")
  refused("not a .npy file", write(temporary ".npy", "hello, world"))
end

-- The file `header` with padding, and no data but `data`.
local function npy(header, data)
  header = header .. (" "):rep(-(#header + 11) % 64) .. "\n"
  return write(temporary ".npy", "\x93NUMPY\1\0" .. string.pack("<s2", header) .. (data or ""))
end

-- A C string would end at the NUL, and what follows would be accepted.
function TestNpy.testZeroBytesInTheHeader()
  local data = string.pack("<dd", 1, 2)
  lu.assertEquals(limn.load(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", data)):totable(), { 1, 2 })
  for _, header in ipairs { "{'descr': '<f8\0evil', 'fortran_order': False, 'shape': (2,), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape\0x': (2,), }", "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), \0}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (2\0,), }" } do
    refused("header", npy(header, data))
  end
end

-- The strides of an empty array are products of its other dimensions.
function TestNpy.testShapesOfEmptyArraysFit()
  for _, shape in ipairs { "0, 4294967295, 4294967295", "4611686018427387904, 0", "0, 4611686018427387904", "4294967295, 0, 4294967295",
    "0, 35184372088832", "4294967296, 4294967296" } do
    for _, order in ipairs { "False", "True" } do
      refused("its shape does not fit into memory", npy(("{'descr': '|u1', 'fortran_order': %s, 'shape': (%s), }"):format(order, shape)))
    end
  end
  lu.assertEquals({ limn.load(npy "{'descr': '|u1', 'fortran_order': False, 'shape': (0, 4294967296), }"):shape() }, { 0, 1 << 32 })
  local idx = write(temporary ".idx", "\0\0\8\3" .. string.pack(">I4I4I4", 0, 4294894796, 2510447204))
  local x, why = limn.data.idx(idx, idx)
  lu.assertNil(x)
  lu.assertStrContains(why, "its shape does not fit into memory")
  for _, shape in ipairs { { 0, 1 << 62 }, { 1 << 62, 0 }, { 0, 1 << 32, 1 << 32 } } do
    fails("do not fit into memory", limn.zeros, table.unpack(shape))
    fails("do not fill shape", limn.zeros(0).reshape, limn.zeros(0), table.unpack(shape))
  end
end

function TestNpy.testWrittenHeader()
  local path = temporary ".npy"
  lu.assertEquals(limn.save(path, limn.array { { 1, 2 } }:T()), path)
  local f = assert(io.open(path, "rb"))
  local bytes = f:read "a"
  f:close()
  lu.assertEquals(bytes:sub(1, 8), "\x93NUMPY\1\0")
  local length = string.unpack("<I2", bytes, 9)
  lu.assertEquals((length + 10) % 64, 0)
  lu.assertStrContains(bytes, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }")
  lu.assertEquals({ string.unpack("<dd", bytes, length + 11) }, { 1.0, 2.0, #bytes + 1 })
end

function TestNpy.testRoundTrips()
  local r = limn.rng.stream { seed = 8 }
  for _, a in ipairs { r:normal(1000), r:normal(37, 21), r:normal(37, 21):T(), r:normal(5, 4):copy "f32",
    r:normal(24):reshape(2, 3, 4), limn.zeros(0), limn.zeros(0, 3), limn.array { 0 / 0, math.huge, -0.0 } } do
    local path = temporary ".npy"
    assert(limn.save(path, a))
    local b = limn.load(path)
    lu.assertEquals(tostring(b), tostring(a))
    lu.assertTrue(b:equal(a) or b[1] ~= b[1])
  end
end

function TestNpy.testFailuresLeaveNothing()
  for _, path in ipairs { "/nonexistent/x.npy", "/proc/x.npy", "/dev/null/x.npy" } do
    local ok, message = limn.save(path, limn.eye(2))
    lu.assertNil(ok)
    lu.assertStrContains(message, path)
  end
  fails("path must end in .npy, .npz or .csv", limn.save, "x.txt", limn.eye(2))
  fails("value must be an array, got table", limn.save, "x.npy", { 1 })
  fails("path must be a string, got nil", limn.load)
  fails("zero byte", limn.load, "a\0.npy")
  fails('unknown option "dtyp"; did you mean "dtype"?', limn.load, "x.npy", { dtyp = "f32" })
end

TestNpz = {}

function TestNpz.testReadAndWrite()
  local z = assert(limn.load(DATA .. "pair.npz"))
  lu.assertEquals(z.a:totable(), WANT)
  lu.assertEquals(tostring(z.b):match "^[^\n]*", "limn.array 3 f32")
  lu.assertEquals(limn.load(DATA .. "packed.npz").a:T():totable(), WANT)
  local path = temporary ".npz"
  assert(limn.save(path, { w = z.a:T(), ["b 2"] = z.b }))
  local back = limn.load(path)
  lu.assertTrue(back.w:equal(z.a:T()))
  lu.assertTrue(back["b 2"]:equal(z.b))
  refused("not an .npz archive", write(temporary ".npz", "PK but not really"))
  refused("No such file", "absent.npz")
  fails("takes a table of arrays by name, got limn.array", limn.save, path, z.a)
  fails("names of an .npz must be strings", limn.save, path, { z.a })
  fails("'a/b' cannot name", limn.save, path, { ["a/b"] = z.a })
end

-- Scalars, lists and dtypes as numpy sees them.
function TestNpz.testWhatNumpyReads()
  local python
  for _, p in ipairs { "python3", "/usr/bin/python3" } do
    if os.execute(p .. " -c 'import numpy' 2>/dev/null") then python = p end
  end
  testing.skip_if(not python, "scalars and dtypes in numpy: numpy is not installed")
  local path = temporary ".npz"
  assert(limn.save(path, { lr = 0.1, n = 7, big = (1 << 53) + 1, yes = true, no = false, list = { 1, 2.5 }, mask = limn.eye(2):gt(0),
    order = limn.array({ 3, 1, 2 }):argsort(), single = limn.ones(2):copy "f32", view = limn.array({ { 1, 2 }, { 3, 4 } }):T() }))
  local program = write(temporary ".py", ("import numpy as np\na = np.load(%q)\n"
    .. "for k in sorted(a): print(k, a[k].dtype, a[k].shape, a[k].tolist())\n"):format(path))
  local out = testing.run(python .. " " .. program)
  lu.assertEquals(out, [=[
big int64 () 9007199254740993
list float64 (2,) [1.0, 2.5]
lr float64 () 0.1
mask bool (2, 2) [[True, False], [False, True]]
n int64 () 7
no bool () False
order int64 (3,) [2, 3, 1]
single float32 (2,) [1.0, 1.0]
view float64 (2, 2) [[1.0, 3.0], [2.0, 4.0]]
yes bool () True
]=])
  local back = limn.load(path, { only = { "lr", "n", "yes" } })
  lu.assertEquals({ back.lr[1], back.n[1], back.yes[1] }, { 0.1, 7, 1 })
  fails("text must be an array", limn.save, path, { text = "a" })
  fails("list", limn.save, path, { list = { 1, "b" } })
end

function TestNpz.testCutArchives()
  local f = assert(io.open(DATA .. "packed.npz", "rb"))
  local bytes = f:read "a"
  f:close()
  local path = temporary ".npz"
  for n = 0, #bytes - 1, 7 do
    local z, message = limn.load(write(path, bytes:sub(1, n)))
    lu.assertNil(z)
    lu.assertStrContains(message, path)
  end
end

function TestNpz.testDamagedNumbers() -- the archive's structure is valid; only checksums detect the damage
  local a, path = limn.range(1, 500), temporary ".npz"
  assert(limn.save(path, { a = a, b = limn.ones(3) }))
  local f = assert(io.open(path, "rb"))
  local bytes = f:read "a"
  f:close()
  for at = 400, 4000, 171 do
    refused("is damaged (checksum mismatch)",
      write(path, bytes:sub(1, at - 1) .. string.char(bytes:byte(at) ~ 4) .. bytes:sub(at + 1)))
  end
  lu.assertTrue(limn.load(write(path, bytes)).a:equal(a))
end

TestCsv = {}

function TestCsv.testGood()
  local path = temporary ".csv"
  local a, names = limn.load(write(path, "1,2\r\n3,-4e2\r\n"))
  lu.assertEquals(a:totable(), { { 1, 2 }, { 3, -400 } })
  lu.assertNil(names)
  a, names = limn.load(write(path, '\xEF\xBB\xBFa,"b, ""c""\nd"\n" 1 ",+.5\n\nnan,-INF'))
  lu.assertEquals(names, { "a", 'b, "c"\nd' })
  lu.assertEquals(a[1]:totable(), { 1, 0.5 })
  lu.assertNaN(a[2][1])
  lu.assertEquals(a[2][2], -math.huge)
  a, names = limn.load(write(path, "1,2\n3,4\n"), { header = true, dtype = "f32" })
  lu.assertEquals(names, { "1", "2" })
  lu.assertEquals(tostring(a):match "^[^\n]*", "limn.array 1x2 f32")
end

function TestCsv.testBad()
  local path = temporary ".csv"
  local cases = {
    { "1,2\n3\n", "line 2: has 1 fields but line 1 has 2" },
    { 'a,b\n1,2\n"x\ny",4\n5\n', "line 5: has 1 fields" },
    { "a,b\n1,2\n3,x\n", 'line 3, column 2 (b): expected a number, got "x"' },
    { "a,b\n1,\n", 'line 2, column 2 (b): expected a number, got ""' },
    { "a,b\n1,0x10\n", 'got "0x10"' },
    { '"a,b\n1,2\n', "line 1: a quoted field is not closed" },
    { 'a,b\n"1"2,3\n', "line 2: expected a comma or the end of the line" },
    { 'a,b\n1"2,3\n', "line 2: a quote inside a field" },
    { "a,b\n", "has names but no rows" },
    { "", "is empty" }, { "\n\n", "is empty" }, { "1,\0", "zero byte" },
  }
  for _, case in ipairs(cases) do refused(case[2], write(path, case[1])) end
  refused("No such file", "absent.csv")
  refused("", "/tmp/../tmp.csv/x.csv")
  fails("header is an option of .csv", limn.load, DATA .. "v2.npy", { header = true })
end

function TestCsv.testRoundTripToTheBit()
  local path = temporary ".csv"
  local a = limn.rng.stream { seed = 4 }:normal(50, 3) * 1e-150
  assert(limn.save(path, a, { "x", "y, z", ' "q" ' }))
  local b, names = limn.load(path)
  lu.assertTrue(a:equal(b))
  lu.assertEquals(names, { "x", "y, z", ' "q" ' })
  assert(limn.save(path, a:col(1):copy "f32"))
  lu.assertTrue(limn.load(path):reshape(50):equal(a:col(1):copy "f32"))
  fails("names must be a list of 3 strings, got 2", limn.save, path, a, { "x", "y" })
  fails("a .csv holds a vector or a matrix", limn.save, path, limn.zeros(1, 1, 1))
end

function TestCsv.testMutations() -- read or refused, never an error
  local seed = '"a",b,"c ""d"""\r\n1,2.5e3,-3\r\n"4",5,6\n7,8,9\n'
  local r = limn.rng.stream { seed = 6 }
  local path = temporary ".csv"
  local letters = '",\r\n0e.-ax\xff'
  for _ = 1, 2000 do
    local bytes = { seed:byte(1, -1) }
    for _ = 1, r:integer(1, 4) do bytes[r:integer(1, #bytes)] = letters:byte(r:integer(1, #letters)) end
    local a, message = limn.load(write(path, string.char(table.unpack(bytes))))
    lu.assertTrue(a ~= nil or type(message) == "string")
  end
end

TestStandard = {}

function TestStandard.testInputAndOutput()
  local input = write(temporary ".csv", "a,y\n1,0\n2.5,5\n")
  local function run(code, from) return testing.run(("%s -e '%s' %s 2>&1"):format(testing.program, code, from or "<" .. input)) end
  local get = "local limn = require \"limn\" "
  lu.assertEquals(run(get .. "local a, names = limn.load(\"-\") print(a:get(2, 1), names[2])"), "2.5\ty\n")
  lu.assertEquals(run(get .. "local X, y = limn.data.csv(\"-\") print(X[2][1], y[2])", "<&- ; cat " .. input .. " | "
    .. testing.program .. " -e '" .. get .. "local X, y = limn.data.csv(\"-\") print(X[2][1], y[2])'"):match "[^\n]*\n$", "2.5\t5.0\n")
  lu.assertEquals(run(get .. "limn.save(\"-\", limn.load(\"-\"), { \"p\", \"q\" })"), "p,q\n1,0\n2.5,5\n")
  lu.assertEquals(run(get .. "limn.results.load(\"-\"):save \"-\""), "a,y\n1,0\n2.5,5\n")
  lu.assertStrContains(run(get .. "print(limn.load \"-\")", "</dev/null"), "standard input: is empty")
  lu.assertStrContains(run(get .. "print(limn.experiment({ name = \"e\", question = \"q\", run = false, params = { n = 1 },"
    .. " measure = function() return { m = select(2, pcall(limn.load, \"-\")) } end }):run({ workers = 0 })[1].m)"),
    "cannot read standard input")
end

local result = lu.LuaUnit.run()
for _, path in ipairs(scratch) do os.remove(path) end
os.exit(result)
