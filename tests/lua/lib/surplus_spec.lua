-- stock: yes
-- surplus_spec.lua: a surplus argument is an error in every documented function and method in C: arrays, their
-- constructors, streams, features. Functions in Lua are tested in surplus_stubs_spec.lua.

local lu = require "luaunit"
local limn = require "limn"
local stubs = require "limn.docs"

local testing = dofile(debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../support/testing.lua")

TestSurplus = {}

local receivers = {
  ["limn.array"] = limn.array { { 2, 1 }, { 1, 2 } },
  ["limn.rng"] = limn.rng.stream(1),
  ["limn.features"] = limn.features.toy { points = 4, count = 9, perfect = 1 },
}

local A = receivers["limn.array"]

-- Arguments that are as many as a function takes, where nil for each of them will not do.
local full = {
  ["array:get"] = { 1, 2 }, ["array:set"] = { 1, 2, 0 }, ["array:slice"] = { 1, 1, 1, 1 },
  ["array:reshape"] = { 1, 2, 2 }, zeros = { 2, 2, 2, {} }, ones = { 2, 2, 2, {} },
}

-- The number of indices depends on the array; its messages differ from those of other functions.
local own_words = {
  ["array:get"] = "array:get: an array of shape 2x2 takes 2 indices, got 3 arguments",
  ["array:set"] = "array:set: an array of shape 2x2 takes 2 indices and a value, got 4 arguments",
  ["array:slice"] = "array:slice: an array of rank 2 takes at most 4 bounds, got 5",
}

local function takes(most)
  return most == 0 and "no arguments" or most == 1 and "at most 1 argument" or ("at most %d arguments"):format(most)
end

function TestSurplus.testEveryFunctionInC()
  local seen = 0
  for _, entry in ipairs(stubs.read().order) do
    local receiver = entry.method and receivers[entry.class]
    local f = receiver and receiver[entry.short] or entry.module == "" and limn[entry.short]
    if f and debug.getinfo(f, "S").what == "C" then
      local given = full[entry.name]
      local most = given and #given or #entry.params
      local arguments = given and table.move(given, 1, most, 1, {}) or {}
      arguments[most + 1] = 1
      local expected = own_words[entry.name] or ("%s: takes %s, got %d"):format(entry.name, takes(most), most + 1)
      if receiver then
        testing.fails_here(expected, f, receiver, table.unpack(arguments, 1, most + 1))
      else
        testing.fails_here(expected, f, table.unpack(arguments, 1, most + 1))
      end
      seen = seen + 1
    end
  end
  lu.assertTrue(seen >= 60, seen)
end

-- The last documented argument is accepted.
function TestSurplus.testAllThatAreDocumentedAreTaken()
  lu.assertEquals(A:std(1, 0):totable(), { 0.5, 0.5 })
  lu.assertEquals(A:quantile(0.5, 1):totable(), { 1.5, 1.5 })
  lu.assertTrue(A:equal(A, 0.1))
  lu.assertStrContains(A:show(80, 3), "2")
  lu.assertEquals(limn.zeros(1, 2, 3, { dtype = "f32" }):dtype(), "f32")
  lu.assertEquals(#limn.range(1, 3, 1, { dtype = "f32" }), 3)
  lu.assertEquals(#limn.linspace(1, 3, 5, "f32"), 5)
  lu.assertEquals({ limn.rng.stream(1):integer(1, 9, 2, 3):shape() }, { 2, 3 })
end

function TestSurplus.testOptionsComeLast()
  testing.fails_here("zeros: takes at most 2 arguments, got 3", limn.zeros, 2, { dtype = "f32" }, 3)
  testing.fails_here('zeros: dtype must be "f64" or "f32" or "i64" or "bool", got number', limn.zeros, 2, 3, 4, 5)
end

-- Lua calls metamethods with arguments of its own.
function TestSurplus.testMetamethods()
  lu.assertEquals((-A):totable(), { { -2, -1 }, { -1, -2 } })
  lu.assertEquals(#A, 2)
  lu.assertStrContains(tostring(A), "2x2")
  lu.assertEquals((A + A):sum(), 12)
end

os.exit(lu.LuaUnit.run())
