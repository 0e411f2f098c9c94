-- plot_spec.lua: figures: what is drawn, what is refused, and what hostile text cannot do.
-- stock: yes
local lu = require "luaunit"
local limn = require "limn"
local native = require "limn.native"
local plot = limn.plot

local scratch = assert(native.process.temp_dir())

local function read(path)
  local f = assert(io.open(path, "rb"))
  local s = f:read("a")
  f:close()
  return s
end

local function count(s, what)
  local n, at = 0, 1
  while true do
    local i, j = s:find(what, at, true)
    if not i then return n end
    n, at = n + 1, j + 1
  end
end

-- ---- numbers ------------------------------------------------------------------------------------

TestNumbers = {}

function TestNumbers:test_text_reads_back_to_the_same_double()
  math.randomseed(20251)
  for _ = 1, 200000 do
    local x = string.unpack("d", string.pack("I8", math.random(0)))
    if x == x and math.abs(x) < math.huge then
      local t = native.plot.number(x)
      lu.assertEquals(tonumber(t) + 0.0, x, t)
      lu.assertTrue(#t <= 25)
    end
  end
  for e = -1074, 1023 do lu.assertEquals(tonumber(native.plot.number(2.0 ^ e)) + 0.0, 2.0 ^ e) end
end

function TestNumbers:test_text_is_the_shortest()
  for _, s in ipairs { "0.1", "0.3", "1e+23", "5e-324", "1.7976931348623157e+308", "2.2250738585072014e-308", "123456.789", "1e+22",
    "4.35", "0.0001", "1e-5", "9007199254740991" } do
    lu.assertEquals(native.plot.number(tonumber(s) + 0.0), s)
  end
  lu.assertEquals(native.plot.number(1 / 0), "NaN")
  lu.assertEquals(native.plot.number(0 / 0), "NaN")
end

-- ---- saving -------------------------------------------------------------------------------------

TestSave = {}

local function simple()
  return plot.figure { x = { label = "x" }, y = { label = "y" }, quiet = true }:line { x = { 1, 2, 3 }, y = { 1, 4, 9 }, label = "squares" }
end

function TestSave:test_every_format()
  local starts = { pdf = "%PDF", png = "\137PNG", svg = "<?xml", tex = "% GNUPLOT", gp = "# Drawn" }
  for format, start in pairs(starts) do
    local path = scratch .. "/all." .. format
    local saved, why = simple():save(path)
    lu.assertEquals(saved, path, why)
    lu.assertEquals(read(path):sub(1, #start), start)
    lu.assertStrContains(read(scratch .. "/all.gp"), "$d1 << EOD")
  end
end

function TestSave:test_same_input_same_bytes()
  for _, format in ipairs { "pdf", "png", "svg", "gp" } do
    local path = scratch .. "/twice." .. format
    assert(simple():save(path))
    local first = read(path)
    os.execute("sleep 1.1")
    assert(simple():save(path))
    lu.assertTrue(read(path) == first, format .. " differs between two saves")
  end
end

os.exit(lu.LuaUnit.run())
