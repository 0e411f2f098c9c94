#!/usr/bin/env limn
-- csv_spec.lua: tables as text: limn.load, limn.data.csv and limn.results.load on files that people have: missing and
-- mistyped values, several classes, other separators and decimal signs, comments, gzip; and files that are no files.

local limn = require "limn"
local lu = require "luaunit"

local testing = dofile(debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../support/testing.lua")
local fails = testing.fails

local folder = testing.run("mktemp -d"):match "%S+"
local count = 0

local function write(text, suffix)
  count = count + 1
  local path = ("%s/%d%s"):format(folder, count, suffix or ".csv")
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

local function refused(says, read, ...)
  local none, message = read(...)
  lu.assertNil(none, says)
  lu.assertStrContains(message, says)
end

TestNumbers = {}

function TestNumbers.testOneBadFieldIsAnError()
  for _, bad in ipairs { "", "NA", '"1,234"', "\u{2212}3", "2.5x" } do
    refused("line 3, column 2 (y): expected a number, got", limn.data.csv, write("x,y\n1,2.5\n2," .. bad .. "\n3,4.5\n"))
  end
  refused("line 2, column 1 (x)", limn.data.csv, write "x,y\n?,2.5\n2,3\n")
  refused('missing = "drop"', limn.data.csv, write "x,y\n1,2.5\n2,\n3,4.5\n")
  refused("U+2212", limn.load, write "x,y\n1,\u{2212}3\n")
  refused('positive = WORD, or targets = "number"', limn.data.csv, write "x,y\n1,2\n2,b\n")
  refused("limn.results.load reads tables with texts", limn.load, write "x,k\n1,a\n2,b\n")
  lu.assertEquals(limn.data.csv(write "x,y\n1,2.5\n2,3\n"):totable(), { { 1 }, { 2 } })
end

-- A first line of hexadecimal numbers, or of words for missing values, is not taken for names.
function TestNumbers.testFirstLineThatMayBeData()
  for _, text in ipairs { "0x10,0x1p4\n1,2\n", "NA,NA\n1,2\n" } do
    refused("may hold names or data; give header = true or header = false", limn.load, write(text))
    lu.assertEquals(limn.load(write(text), { header = true }):totable(), { { 1, 2 } })
  end
  lu.assertEquals(select(2, limn.load(write "a,0x10\n1,2\n")), { "a", "0x10" })
  lu.assertNaN(limn.load(write "1,-nan\n2,3\n"):get(1, 2)) -- as C's printf writes it
end

-- A quoted field without a text is a field, also alone on its line.
function TestNumbers.testQuotedAndEmptyAlone()
  refused('line 2, column 1: expected a number, got ""', limn.load, write '1\n""\n2\n')
  lu.assertEquals(limn.load(write '1\n""\n2\n', { missing = "drop" }):totable(), { { 1 }, { 2 } })
  lu.assertEquals(limn.load(write "1\n\n2\n"):totable(), { { 1 }, { 2 } })
end

function TestNumbers.testMissing()
  local path = write "a,b,y\n1,2,3\n,5,6\n7,NA,9\n10,11,\n13,14,15\n"
  local X, y, info = limn.data.csv(path, { missing = "drop" })
  lu.assertEquals(X:totable(), { { 1, 2 }, { 13, 14 } })
  lu.assertEquals(y:totable(), { 3, 15 })
  lu.assertEquals(info.dropped, 3)
  X, y, info = limn.data.csv(path, { missing = "nan" })
  lu.assertNaN(X:get(2, 1))
  lu.assertEquals(X:get(2, 2), 5)
  lu.assertNaN(y[4])
  lu.assertEquals({ #y, info.dropped }, { 5, 0 })
  lu.assertEquals(#limn.data.csv(path, { missing = "drop", columns = { "a" } }), 3) -- only columns that are used
  local a, _, told = limn.load(path, { missing = "drop" })
  lu.assertEquals({ #a, told.dropped }, { 2, 3 })
  lu.assertNaN((limn.load(path, { missing = "nan" })):get(3, 2))
  refused("a value is missing in every row", limn.load, write "a,b\n1,\n", { missing = "drop" })
  refused("expected a label", limn.data.csv, write "a,k\n1,x\n2,\n3,y\n")
  lu.assertEquals(select(2, limn.data.csv(write "a,k\n1,x\n2,\n3,y\n", { missing = "drop" })):totable(), { 1, -1 })
  fails('missing must be "error" or "drop" or "nan"', limn.load, path, { missing = "skip" })
end

function TestNumbers.testKeptToTheBit()
  lu.assertEquals(1 / limn.load(write "-0\n1\n"):get(1, 1), -math.huge)
  lu.assertEquals(1 / limn.load(write "-0.0\n1\n"):get(1, 1), -math.huge)
  local path = folder .. "/z.csv"
  limn.save(path, limn.array { -0.0, 1 })
  lu.assertEquals(1 / limn.load(path):get(1, 1), -math.huge)
  lu.assertEquals(1 / limn.results.load(write "x\n-0\n1\n")[1].x, -math.huge)
  lu.assertEquals(limn.load(write "9007199254740992,36893488147419103232\n"):totable(), { { 2 ^ 53, 2 ^ 65 } })
  refused("9007199254740993 is a whole number that a double rounds", limn.load, write "9007199254740993\n1\n")
  refused("36893488147419103233 is a whole number", limn.data.csv, write "1,36893488147419103233\n1,2\n")
  refused("1e400 is too large", limn.load, write "1e400\n1\n")
  lu.assertEquals(limn.load(write "+1\ninf\n"):totable(), { { 1 }, { math.huge } })
  for _, bad in ipairs { "++1", "+-1", "0x1", "1e", "." } do refused("expected a number", limn.load, write("1," .. bad .. "\n1,2\n")) end
  lu.assertEquals(limn.results.load(write "id\n9223372036854775807\n1\n")[1].id, math.maxinteger)
  lu.assertEquals(limn.results.load(write "id\n12345678901234567890123\n1\n")[1].id, "12345678901234567890123")
end

TestClasses = {}

local THREE = "x,kind\n1,cat\n2, dog\n3,cat \n4,emu\n"

function TestClasses.testNumbersAndNames()
  local _, y, info = limn.data.csv(write(THREE))
  lu.assertEquals(y:totable(), { 1, 2, 1, 3 })
  lu.assertEquals({ info.classes, info.targets }, { { "cat", "dog", "emu" }, "number" }) -- blanks are trimmed alike
  _, y, info = limn.data.csv(write(THREE), { classes = { "emu", "dog", "cat" } })
  lu.assertEquals({ y:totable(), info.classes }, { { 3, 2, 3, 1 }, { "emu", "dog", "cat" } })
  _, y = limn.data.csv(write(THREE), { targets = "onehot" })
  lu.assertEquals(y:totable(), { { 1, 0, 0 }, { 0, 1, 0 }, { 1, 0, 0 }, { 0, 0, 1 } })
  _, y = limn.data.csv(write(THREE), { positive = "dog" })
  lu.assertEquals(y:totable(), { -1, 1, -1, -1 })
  refused('the label "emu" is none of classes', limn.data.csv, write(THREE), { classes = { "cat", "dog" } })
  fails("needs positive = WORD where there are 3 classes", limn.data.csv, write(THREE), { targets = "sign" })
  fails('"cat" is given twice', limn.data.csv, write(THREE), { classes = { "cat", "cat" } })
  fails("its labels are cat, dog, emu", limn.data.csv, write(THREE), { positive = "crocodile" })
end

function TestClasses.testTwoClassesAndNumbers()
  local _, y, info = limn.data.csv(write "x,k\n1,a\n2,b\n")
  lu.assertEquals({ y:totable(), info.targets }, { { 1, -1 }, "sign" })
  _, y = limn.data.csv(write "x,k\n1,a\n2,b\n", { targets = "number" })
  lu.assertEquals(y:totable(), { 1, 2 })
  _, y, info = limn.data.csv(write "x,digit\n1,7\n2,10\n3,0\n", { targets = "onehot" })
  lu.assertEquals({ y:totable(), info.classes }, { { { 0, 1, 0 }, { 0, 0, 1 }, { 1, 0, 0 } }, { "0", "7", "10" } })
  _, y, info = limn.data.csv(write "x,digit\n1,7\n2,10\n3,0\n")
  lu.assertEquals({ y:totable(), info.targets }, { { 7, 10, 0 }, "value" })
end

TestForms = {}

function TestForms.testSeparators()
  for separator, name in pairs { [";"] = "semicolon", ["\t"] = "tab", ["|"] = "bar" } do
    local text = ("x,y,k\n1,2.5,cat\n3,4,dog\n"):gsub(",", separator)
    local X, y, info = limn.data.csv(write(text))
    lu.assertEquals({ X:totable(), y:totable(), info.separator }, { { { 1, 2.5 }, { 3, 4 } }, { 1, -1 }, separator }, name)
    lu.assertEquals(#limn.results.load(write(text)).names, 3)
  end
  local a, _, told = limn.load(write " 1.5   2 3\n4  5 6\n", { header = false })
  lu.assertEquals({ a:totable(), told.separator }, { { { 1.5, 2, 3 }, { 4, 5, 6 } }, " " })
  lu.assertEquals(limn.load(write("1\t2\n3\t4\n", ".tsv")):totable(), { { 1, 2 }, { 3, 4 } })
  lu.assertEquals(limn.load(write "1:2\n3:4\n", { separator = ":" }):totable(), { { 1, 2 }, { 3, 4 } })
  lu.assertEquals(limn.results.load(write "k\na;b\nc;d\n")[1].k, "a;b") -- the name has no semicolon
  local _, _, comma = limn.data.csv(write 'x,k\n1,"a;b"\n2,"c;d"\n')
  lu.assertEquals(comma.separator, ",")
  refused("has one column, so that X would be empty", limn.data.csv, write "x\n1\n2\n")
  refused('is a semicolon the separator?', limn.load, write "x\n1;2;3\n4;5\n")
  fails("separator must be one character", limn.load, write "1,2\n", { separator = ", " })
end

function TestForms.testDecimalComma()
  local a, _, told = limn.load(write "x;y\n1,5;2\n-,25;3e2\n")
  lu.assertEquals({ a:totable(), told.decimal }, { { { 1.5, 2 }, { -0.25, 300 } }, "," })
  lu.assertEquals(select(2, limn.data.csv(write "1,5\t2,25\n3\t4\n")):totable(), { 2.25, 4 })
  lu.assertEquals(limn.results.load(write "x;y\n1,5;2\n")[1].x, 1.5)
  lu.assertEquals(limn.load(write '"1,5","2"\n"3","4"\n', { decimal = "," }):totable(), { { 1.5, 2 }, { 3, 4 } })
  refused('1,234 may be a decimal number or a whole one', limn.load, write "x;y\n1,234;2\n3;4\n")
  lu.assertEquals(limn.load(write "x;y\n1,234;2\n3;4\n", { decimal = "," }):get(1, 1), 1.234)
  refused('give decimal = ","', limn.load, write '"1,5","2"\n"3","4"\n')
  refused("expected a number", limn.load, write "x;y\n1.234,5;2\n3;4\n", { decimal = "," })
end

function TestForms.testCommentsAndQuotes()
  local text = "# made by hand\nx,y\n1,2\n# half\n3,4\n"
  refused('give comment = "#"', limn.load, write(text))
  lu.assertEquals(limn.load(write(text), { comment = "#" }):totable(), { { 1, 2 }, { 3, 4 } })
  local X, _, info = limn.data.csv(write 'x , "the ""k"", b"\n1, "a, b" \n2,"c\nd"\n')
  lu.assertEquals({ X:totable(), info.names, info.classes }, { { { 1 }, { 2 } }, { "x" }, { "a, b", "c\nd" } })
end

function TestForms.testNumericNames()
  refused("may hold names or data", limn.data.csv, write "0,1,2,label\n1,2,3,cat\n4,5,6,dog\n")
  lu.assertEquals(#limn.data.csv(write "0,1,2,label\n1,2,3,cat\n4,5,6,dog\n", { header = true }), 2)
  refused("may hold names or data", limn.load, write "0,1,2\n0.5,1.5,2.5\n")
  lu.assertEquals(#limn.load(write "0,1,2\n3,4,5\n"), 2) -- a table of whole numbers
  refused("give header = true if the first line holds names", limn.load, write "id,2019,2020\n1,2,3\n")
end

function TestForms.testNamesThatOccurTwice()
  fails('has two columns "x", 1 and 2; give the position', limn.data.csv, write "x,x,y\n1,2,3\n", { labels = "x" })
  fails("it has x, y", limn.data.csv, write "x,y\n1,2\n", { labels = "temperature" })
end

function TestForms.testGzip()
  local path = write "x,k\n1,a\n2,b\n"
  testing.run("gzip -k " .. path)
  lu.assertEquals(limn.data.csv(path .. ".gz"):totable(), { { 1 }, { 2 } })
  lu.assertEquals(#limn.results.load(path .. ".gz"), 2)
  local big = write(("1,2\n"):rep(40000))
  testing.run("gzip -k " .. big)
  lu.assertEquals(limn.load(big .. ".gz"):sum(), 120000.0)
  local file = assert(io.open(big .. ".gz", "rb"))
  local bytes = file:read "a"
  file:close()
  refused("damaged or end early", limn.load, write(bytes:sub(1, -20), ".csv.gz"))
end

TestNoFile = {}

-- Each reader on a FIFO, /dev/zero and a folder; none may block or read without end, so a child process does it.
function TestNoFile.testRefusedAtOnce()
  testing.run(("cd %s && mkfifo f && mkdir d && ln -s /dev/zero z"):format(folder))
  for _, suffix in ipairs { ".csv", ".npy", ".npz", "" } do
    for _, name in ipairs { "f", "d", "z" } do testing.run(("cd %s && ln -s %s %s_%s"):format(folder, name, name, "x" .. suffix)) end
  end
  local script = write([[
    local limn = require "limn"
    local function try(read, ...) local none, message = read(...) assert(none == nil) print(message) end
    for _, n in ipairs { "f", "d", "z" } do
      local path = arg[1] .. "/" .. n .. "_x"
      for _, suffix in ipairs { ".csv", ".npy", ".npz" } do try(limn.load, path .. suffix) end
      try(limn.data.csv, path .. ".csv")
      try(limn.data.idx, path, path)
      try(limn.data.npy, path .. ".npy", path .. ".npy")
      try(limn.results.load, path .. ".csv")
      try(limn.results.load, path .. ".npz")
      try(limn.results.load, path)
      try(limn.mlp.load, path)
    end]], ".lua")
  local out = testing.run(("ulimit -v 4000000; timeout 20 %s %s %s 2>&1; echo rc $?"):format(testing.program, script, folder))
  lu.assertStrContains(out, "rc 0")
  lu.assertEquals(select(2, out:gsub("is not a regular file", "")), 30, out)
end

TestArchives = {}

-- The bytes of a .npy file.
local function npy(descr, n, bytes)
  local head = ("{'descr': '%s', 'fortran_order': False, 'shape': (%d,), }"):format(descr, n)
  head = head .. (" "):rep(64 - (#head + 11) % 64) .. "\n"
  return "\x93NUMPY\1\0" .. string.pack("<I2", #head) .. head .. bytes
end

function TestArchives.testOtherArraysAreRead()
  local path = folder .. "/m.npz"
  local members = { a = npy("<i8", 3, string.pack("<i8i8i8", 0, 1, 2)), s = npy("<U1", 2, ("x\0\0\0"):rep(2)),
    b = npy("<f8", 2, string.pack("<dd", 1, 1)), c = npy("<c16", 1, string.pack("<dd", 1, 1)) }
  local packer = write([[
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
    for f in sys.argv[2:]: z.write(f, f.rsplit("/", 1)[1].split("_")[1])
]], ".py")
  local names = {}
  for i, name in ipairs { "a", "s", "b", "c" } do names[i] = write(members[name], "_" .. name .. ".npy") end
  testing.run(("python3 %s %s %s"):format(packer, path, table.concat(names, " ")))
  local z, skipped = limn.load(path)
  lu.assertEquals({ z.a:totable(), z.b:totable(), z.s }, { { 0, 1, 2 }, { 1, 1 } })
  table.sort(skipped, function(p, q) return p.name < q.name end)
  lu.assertEquals({ #skipped, skipped[1].name, skipped[2].name }, { 2, "c", "s" })
  lu.assertStrContains(skipped[2].why, "dtype '<U1' is not supported")
  z, skipped = limn.load(path, { only = { "b" } })
  lu.assertEquals({ z.b:totable(), z.a, skipped }, { { 1, 1 } })
  lu.assertEquals(limn.load(path, { only = "a", dtype = "f32" }).a:dtype(), "f32")
  refused("dtype '<U1' is not supported", limn.load, path, { only = { "s" } })
  refused('has no array "x"; it has a, s, b, c', limn.load, path, { only = "x" })
  fails("only is an option of .npz files", limn.load, "x.csv", { only = "a" })
  fails("only[1] must be a string", limn.load, path, { only = { 1 } })
end

function TestArchives.testDamagedArraysRefuse()
  local path = folder .. "/d.npz"
  assert(limn.save(path, { a = limn.range(1, 500), b = limn.ones(3) }))
  local file = assert(io.open(path, "rb"))
  local bytes = file:read "a"
  file:close()
  bytes = bytes:sub(1, 899) .. string.char(bytes:byte(900) ~ 4) .. bytes:sub(901)
  path = write(bytes, ".npz")
  refused("only = {names} reads other arrays", limn.load, path)
  lu.assertEquals(limn.load(path, { only = { "b" } }).b:totable(), { 1, 1, 1 })
end

function TestArchives.testWholeNumbersBeyondDoubles()
  local path
  local function second(descr, format, value)
    path = write(npy(descr, 2, string.pack("<" .. format .. format, 1, value)), ".npy")
  end
  second("<i8", "i8", (1 << 53) + 1)
  refused("entry 2 is a whole number beyond 2^53 that no double equals", limn.load, path)
  second("<u8", "i8", -1)
  refused("entry 2", limn.load, path)
  second("<i8", "i8", math.maxinteger)
  refused("entry 2", limn.load, path)
  second("<i8", "i8", math.mininteger)
  lu.assertEquals(limn.load(path)[2], -2.0 ^ 63)
  second("<u8", "i8", math.mininteger)
  lu.assertEquals(limn.load(path)[2], 2.0 ^ 63)
end

TestMixed = {}

function TestMixed.testTextsAmongNumbersAreTold()
  local r = limn.results.load(write "x,y\n1,2\nn/a,3\n")
  lu.assertEquals(r[1].x, "1")
  lu.assertStrContains(r.warning, 'column x holds texts: 1 of its fields are numbers, but line 3 is "n/a"')
  lu.assertNil(limn.results.load(write "x,y\n1,a\n2,b\n").warning)
end

local result = lu.LuaUnit.run()
testing.run("rm -rf " .. folder)
-- The sign of a label follows from what the word means, not from the order of the rows; else info names the word.
function TestNumbers.testMeaningOfTwoLabels()
  for one, other in pairs { True = "False", yes = "no", Y = "N", positive = "negative", ON = "OFF", t = "F" } do
    for _, pair in ipairs { { one, other }, { other, one } } do
      local _, y, info = limn.data.csv(write(("a,b\n1,%s\n2,%s\n"):format(pair[1], pair[2])))
      lu.assertEquals({ y:totable(), info.positive }, { pair[1] == one and { 1, -1 } or { -1, 1 }, one })
    end
  end
  local _, y, info = limn.data.csv(write "a,b\n1,no\n2,true\n") -- no pair
  lu.assertEquals({ y:totable(), info.positive }, { { 1, -1 }, "no" })
  _, y, info = limn.data.csv(write "a,b\n1,True\n2,False\n", { positive = "False" })
  lu.assertEquals({ y:totable(), info.positive }, { { -1, 1 }, "False" })
end

os.exit(result)
