-- repl_spec.lua: what the prompt adds: values, commands, completion.
-- stock: yes
local lu = require "luaunit"
local limn = require "limn"
local repl = require "limn.repl"

TestRepl = {} -- luacheck: ignore

function TestRepl:test_values()
  lu.assertEquals(repl.text { 1, 2, x = "a" }, '{ 1, 2, x = "a" }')
  lu.assertEquals(repl.text {}, "{}")
  lu.assertStrContains(repl.text(limn.array { { 1, 2 }, { 3, 4 } }), "3  4")
  local loop = {}
  loop.me = loop
  lu.assertEquals(repl.text(loop), "{ me = (itself) }")
  local long = {}
  for i = 1, 1000 do long[i] = i end
  lu.assertTrue(#repl.text(long) < 200)
  lu.assertStrContains(repl.text(long), "980 more")
end

local function printed(f, ...)
  local lines, before = {}, print
  print = function(...) lines[#lines + 1] = table.concat({ ... }, "\t") end -- luacheck: ignore
  local ok, e = pcall(f, ...)
  print = before -- luacheck: ignore
  if not ok then error(e, 0) end
  return table.concat(lines, "\n")
end

function TestRepl:test_show()
  lu.assertEquals(printed(repl.show, "6*7", 42), "42")
  lu.assertEquals(ans, 42) -- luacheck: ignore
  lu.assertEquals(printed(repl.show, "6*8;", 48), "")
  lu.assertEquals(ans, 48) -- luacheck: ignore
  lu.assertEquals(printed(repl.show, "nil", nil), "nil")
end

function TestRepl:test_commands()
  lu.assertNil(repl.command "x = 1")
  lu.assertEquals(repl.command "limn> 1 + 1", "1 + 1")
  lu.assertStrContains(printed(repl.command, ":help"), ":time")
  lu.assertStrContains(printed(repl.command, ":time 1+1"), "CPU")
  lu.assertErrorMsgContains("did you mean :help", repl.command, ":hlep")
end

function TestRepl:test_completion()
  local function try(line) return repl.complete(line, #line) end
  lu.assertEquals({ try "string.form" }, { "at" })
  lu.assertEquals({ try "pri" }, { "nt" })
  _G.a = limn.array { 1, 2 } -- luacheck: ignore
  lu.assertEquals({ try "x = a:tota" }, { "ble" })
  _G.limn = limn -- luacheck: ignore
  lu.assertEquals({ try "limn.feat" }, { "ures" })
  lu.assertEquals({ try "limn.features.t" }, { "oy" })
  local insert, list = try "string.re"
  lu.assertEquals(insert, "")
  lu.assertEquals(list, "rep  reverse")
  lu.assertNil(try "nowhere.x")
  lu.assertNil(try "")
end

os.exit(lu.LuaUnit.run())
