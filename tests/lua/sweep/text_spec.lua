-- text_spec.lua: text formats of sweeps: canonical texts of cells, durations, CSV fields.

local lu = require "luaunit"
local limn = require "limn"
local native = require "limn.native"
local grid = require "limn.experiment.grid"
local csv = require "limn.base.csv"

local names, json, posix = native.names, native.json, native.posix

TestTexts = {}

-- limn store export --json: valid UTF-8 stays, each other byte is written as \xHH.
function TestTexts.testJsonKeepsUtf8()
  for text, written in pairs { ["ü\xff"] = "ü\\\\xff", ["a\xe2\x82"] = "a\\\\xe2\\\\x82", ["€\xed\xa0\x80z"] = "€\\\\xed\\\\xa0\\\\x80z",
    ["\xc3"] = "\\\\xc3", ["ü"] = "ü" } do
    lu.assertEquals(json.encode(text), '"' .. written .. '"')
  end
end

-- The names of cells in every store follow from these bytes. jansson writes the same for what is finite.
function TestTexts.testCanonicalTextIsJson()
  local stream = limn.rng.stream { seed = 5 }
  local strings = { "", "sign", "a\"b\\c/d", "\n\t\b\f\r\1\31\127", "nul\0inside", "äöü €", "\u{10FFFF}" }
  for i = 1, 2000 do
    local bits = stream:integer(0, 1 << 52) * 4096 + stream:integer(0, 4095)
    local x = string.unpack("d", string.pack("i8", bits * (i % 2 * 2 - 1)))
    if x - x ~= 0 then x = 0.5 end
    local point = { n = stream:integer(-10 ^ 9 // 1, 10 ^ 9 // 1), x = x, kind = strings[i % #strings + 1],
      B = i % 3 == 0, ["ä"] = 10.0 ^ (i % 40 - 20), z = i + 0.0 }
    lu.assertEquals(names.text(point), json.encode(point))
    lu.assertEquals(json.decode(names.text(point)), point)
  end
  for _, n in ipairs { 0, -1, math.mininteger, math.maxinteger } do lu.assertEquals(names.value(n), json.encode(n)) end
  lu.assertEquals(names.head "a\"b", json.encode "a\"b" .. ":")
end

-- A text and a name that stores of earlier versions hold.
function TestTexts.testTheNameOfACellDoesNotChange()
  local point = { D = 64, rate = 0.1, kind = "sign", bias = false, width = 1e22, limit = math.huge }
  local text = '{"D":64,"bias":false,"kind":"sign","limit":{"real":"inf"},"rate":0.10000000000000001,"width":1e22}'
  lu.assertEquals(grid.text(point), text)
  lu.assertEquals((posix.hash(text)), "61b5683e98f5ea073cf9237714f357a0")
  lu.assertEquals({ names.hash({ 64, '"bias":false', '"kind":"sign"', '"limit":{"real":"inf"}', '"rate":0.10000000000000001',
    '"width":1e22' }, { '"D":' }) }, { posix.hash(text) })
  lu.assertEquals(json.decode(text), point)
end

function TestTexts.testWhatHasNoCanonicalText()
  lu.assertEquals({ names.value(0 / 0) }, { nil, "is not a number (NaN)" })
  lu.assertEquals({ names.value "\xE4" }, { nil, "is not UTF-8 text" })
  lu.assertEquals({ names.head "\xE4" }, { nil, "is not UTF-8 text" })
  lu.assertEquals({ names.value {} }, { nil, "is a table, not a number, string or boolean" })
  lu.assertEquals({ names.text { a = 1, b = 0 / 0 } }, { nil, "b is not a number (NaN)" })
  lu.assertEquals({ names.text { a = {} } }, { nil, "a is not a number, string or boolean" })
  lu.assertEquals({ names.text { 1 } }, { nil, "the name of a parameter is not a string" })
  for _, lists in ipairs { { a = { 1, 0 / 0 } }, { a = { 1, 0 / 0 }, b = { 1, 2 } } } do
    lu.assertErrorMsgContains("a is not a number (NaN)", grid.space, { a = 1.0, b = 1 }, { a = "number", b = "integer" }, lists,
      lists.b and { { "a", "b" } }, 1)
  end
end

function TestTexts.testDurations()
  for text, seconds in pairs { ["90"] = 90, ["50m"] = 3000, ["30min"] = 1800, ["1.5h"] = 5400, ["2d"] = 172800 } do
    lu.assertEquals(posix.seconds(text), seconds, text)
  end
  for _, text in ipairs { "", "0", "h", "1 h", "-1", "1e3", 90 } do lu.assertNil(posix.seconds(text)) end
  lu.assertNil(posix.seconds(nil))
end

-- A field is quoted where a reader would take it for several, for none, or for less than it is.
function TestTexts.testFieldsOfACsvFile()
  for text, field in pairs { plain = "plain", ["a b"] = "a b", ["a,b"] = '"a,b"', ['say "x"'] = '"say ""x"""', ["1\n2"] = '"1\n2"',
    ["1\r"] = '"1\r"', [" a"] = '" a"', ["a\t"] = '"a\t"', [""] = '""', ["é"] = "é" } do
    lu.assertEquals(native.rows.quote(text), field)
    lu.assertEquals(native.rows.csv({ { v = text } }, { "v" }, print), "v\n" .. field .. "\n")
  end
  lu.assertEquals(native.rows.csv({ { a = 1 }, { b = "x" } }, { "a", "b" }, print), "a,b\n1,\n,x\n")
  local function words(v) return v[1] end
  lu.assertEquals(native.rows.csv({ { v = { "[1,2]" } }, { v = { "[1]" } } }, { "v" }, words), 'v\n"[1,2]"\n[1]\n')
  local path = os.tmpname()
  assert(csv.save(path, limn.array { { 1, 2, 3 } }, { "a,b", " c", "" }))
  local _, read = csv.load(path)
  os.remove(path)
  lu.assertEquals(read, { "a,b", " c", "" })
end

-- Whole numbers are passed to the system unchanged, or are errors.
function TestTexts.testWholeNumbers()
  for _, bad in ipairs { 0, -1, 1.5, "1", 1 << 40 } do
    lu.assertErrorMsgContains("posix.kill: process must be a whole number", posix.kill, bad)
    lu.assertErrorMsgContains("posix.wait: process must be a whole number", posix.wait, bad)
  end
  for _, bad in ipairs { -1, 0.5, "0", 1 << 31 } do
    lu.assertErrorMsgContains("posix.get: file must be a whole number", posix.get, bad)
    lu.assertErrorMsgContains("posix.close: file must be a whole number", posix.close, bad)
  end
  for _, bad in ipairs { 0, -1, 1.5, "1", 2 ^ 63 } do
    lu.assertErrorMsgContains("posix.limit: memory must be a whole number", posix.limit, { memory = bad })
  end
end

os.exit(lu.LuaUnit.run())
