-- jupyter_spec.lua: the kernel under the real Jupyter client, which jupyter_drive.py drives; what needs no client is
-- tested here.
-- slow: 8 s
local lu = require "luaunit"
local cell = require "limn.frontend.repl.cell"
local wire = require "limn.frontend.jupyter.wire"

local testing = dofile(debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/../support/testing.lua")
local limn, run = testing.program, testing.run
local WITHOUT = "the Jupyter client is not here (Debian: python3-jupyter-client, libzmq5)"

TestCell = {} -- luacheck: ignore

-- The values of a cell as text, or the message of the compiler.
local function value(code)
  local f, message = cell.compile(code, "=cell")
  if not f then return message end
  local values = table.pack(f())
  for i = 1, values.n do values[i] = tostring(values[i]) end
  return table.concat(values, " ")
end

function TestCell:test_the_last_expression_is_the_value()
  local echo = "local function f(...) return ... end\n"
  for code, wanted in pairs {
    ["1 + 1"] = "2", ["local x = 2\nx + 1"] = "3", ["local x = 2; x * 3"] = "6", ["return 7"] = "7", [""] = "",
    [echo .. "f(1, 2)"] = "1 2", [echo .. "f(1)\nf(\n  2,\n  3)"] = "2 3", [echo .. "f(8)\n- 3"] = "5",
    [echo .. "f(1); -- note\n--[[ long\nf(2)\n]]"] = "1", ["local x = 5 -- set\n-- bye"] = "",
    ["local s = [[\nfoo\n]]"] = "", ["local s = [==[\nfoo]]\n]==]\ns"] = "foo]]\n", ["local s = 'a\\'\\\nb'\n#s"] = "4",
    ["local t = {\n  1,\n  2 }\n#t"] = "2", ["local x = 1\nlocal y = x\n  - 1"] = "", ["local x = 9\n(x)"] = "9",
    ["local n = 0 for i = 1, 3 do\n  n = n + i\nend n"] = "6", [echo .. "for i = 1, 3 do\n  f(i)\nend"] = "",
    ["local function g()\n  print(1)\nend"] = "", ["local x = 1 if x then x = 2 end\nx > 1, x"] = "true 2",
    ["local i = 0\nrepeat\n  i = i + 1\nuntil i > 3\ni"] = "4",
  } do
    lu.assertEquals(value(code), wanted, code)
  end
  lu.assertStrContains(value "x = = 1", "cell:1: unexpected symbol")
  lu.assertStrContains(value("x = 1\n" .. ("y = x\n"):rep(20000) .. "z ="), "cell:20002: ") -- and soon
end

TestWire = {} -- luacheck: ignore

function TestWire:test_utf8()
  lu.assertEquals(wire.utf8 "aé€😀", "aé€😀")
  lu.assertEquals(wire.utf8 "a\xffb\xc3", "a\u{FFFD}b\u{FFFD}")
  for text, rest in pairs { ["aé"] = "", ["a\xc3"] = "\xc3", ["\xe2\x82"] = "\xe2\x82", ["€"] = "", ["\xf0\x9f\x98"] =
    "\xf0\x9f\x98", ["\xff\xff"] = "\xff", [""] = "", ["\x80\x80\x80\x80"] = "" } do
    local whole, tail = wire.whole(text)
    lu.assertEquals(tail, rest)
    lu.assertEquals(whole .. tail, text)
  end
end

function TestWire:test_messages()
  local here, other = wire.new "key", wire.new "other key"
  local frames = here:pack({ "id1", "id2" }, "execute_request", '{"code":"1"}', '{"msg_id":"p"}')
  local message = here:unpack(frames)
  lu.assertEquals(message.from, { "id1", "id2" })
  lu.assertEquals(message.header.msg_type, "execute_request")
  lu.assertEquals(message.content, '{"code":"1"}')
  lu.assertStrContains(select(2, other:unpack(frames)), "wrong signature")
  lu.assertStrContains(select(2, here:unpack { "id", "<IDS|MSG>", "", "{}", "{}" }), "with missing parts")
  lu.assertStrContains(select(2, here:unpack(frames)), "a message that came before") -- a recorded message is not obeyed again
  for _ = 1, 5000 do assert(here:unpack(here:pack({}, "execute_request", "{}"))) end
  frames[#frames] = '{"code":"2"}'
  lu.assertStrContains(select(2, here:unpack(frames)), "wrong signature")
  local open = wire.new ""
  lu.assertEquals(open:unpack(open:pack({}, "x", "{}")).content, "{}")
  local twice = open:pack({}, "x", "{}")
  lu.assertNotNil(open:unpack(twice) and open:unpack(twice)) -- without a key anybody may send
end

function TestWire:test_empty_lists()
  local json = require("limn.native").json
  lu.assertEquals(json.encode { a = json.list {}, b = {}, c = json.list { 1 } }, '{"a":[],"b":{},"c":[1]}')
  lu.assertErrorMsgContains("table expected", json.list, 1)
end

TestKernel = {} -- luacheck: ignore

function TestKernel:test_without_libzmq_it_names_the_package()
  local text, code = run(("cd / && LD_LIBRARY_PATH= %s -e '%s' 2>&1"):format(limn, [[
    package.preload["limn.frontend.commands.jupyter"] = nil
    require("limn.native").zmq.open = function() return nil, "no such file" end
    os.exit(require("limn.frontend.commands").kernel("run", "x.json"))]]))
  lu.assertStrContains(text, "apt-get install libzmq5")
  lu.assertEquals(code, 1)
end

-- One run of the driver serves all its checks.
local verdicts, trouble

local function drive()
  if verdicts then return end
  verdicts = {}
  local dir = testing.temp_dir()
  local python = io.open "/usr/bin/python3" and "/usr/bin/python3" or "python3"
  local text, code = run(("timeout 1200 %s tests/lua/support/jupyter_drive.py %s %s 2>&1"):format(python, limn, dir))
  os.execute("rm -rf " .. dir)
  if code == 77 then trouble = WITHOUT end
  for name, verdict in text:gmatch "([%w_]+)\t([^\t\n]*)" do verdicts[name] = verdict end
  verdicts.text = text
end

for _, name in ipairs { "installation", "info", "values", "errors", "after_an_error", "completion", "inspection",
  "completeness", "history", "figures", "order", "questions", "beside", "interruption",
  "stopped_work", "native_progress", "huge_output", "strangers", "heartbeat", "shutdown", "session_lost",
  "killed", "bad_files" } do
  TestKernel["test_" .. name] = function()
    drive()
    testing.skip_if(trouble, trouble)
    lu.assertEquals(verdicts[name] or verdicts.text, "ok")
  end
end

os.exit(lu.LuaUnit.run())
