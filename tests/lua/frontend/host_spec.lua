-- host_spec.lua: the command line of the program, run through a shell.
-- slow: 10 s
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")
local limn, dir = testing.program, testing.temp_dir()
local limn_version = testing.read "include/limn/status.h":match '#define LIMN_VERSION "(.-)"'

local function write(name, text) return testing.write(dir .. "/" .. name, text) end

-- Runs a shell line in which LIMN is replaced by the program's path; returns output with errors, and the exit code.
local function run(line)
  return testing.run("cd " .. dir .. "; unset LUA_INIT LUA_INIT_5_4; (" .. line:gsub("%f[%w_]LIMN%f[^%w_]", limn) .. ") 2>&1")
end

TestHost = {} -- luacheck: ignore

function TestHost:test_options()
  lu.assertEquals({ run "LIMN -e 'print(1+1)'" }, { "2\n", 0 })
  lu.assertEquals({ run "LIMN -e 'a=1' -e 'print(a)'" }, { "1\n", 0 })
  lu.assertEquals({ run "LIMN -e'print(2)'" }, { "2\n", 0 })
  lu.assertEquals({ run "LIMN -v" }, { "limn " .. limn_version .. ", " .. _VERSION .. ".4  Copyright (C) 1994-2022 Lua.org, PUC-Rio\n", 0 })
  lu.assertEquals({ run "LIMN -lstring -e 'print(string.rep(\"a\",3))'" }, { "aaa\n", 0 })
  lu.assertEquals({ run "LIMN -l s=string -e 'print(s.len(\"abc\"))'" }, { "3\n", 0 })
  lu.assertStrContains(run "LIMN --version", "limn " .. limn_version .. " (")
  lu.assertStrContains(run "LIMN --help", "usage: limn")
  lu.assertStrContains(run "LIMN -W -e 'warn(\"careful\")'", "Lua warning: careful")
  lu.assertEquals(run "LIMN -e 'warn(\"careful\")'", "")
end

function TestHost:test_bad_options()
  for _, bad in ipairs { "-h", "---", "-Ex", "-vv", "-iv", "-e", "-l", "-e -x", "-Wx" } do
    local text, code = run("LIMN " .. bad)
    lu.assertEquals(code, 1, bad)
    lu.assertStrContains(text, "usage:")
  end
end

function TestHost:test_arg_and_script_arguments()
  local script = write("args.lua", "print(#arg, arg[0], arg[1], arg[2], arg[-1], ...)")
  lu.assertEquals(run("LIMN -e 'x=1' " .. script .. " one 'two words'"),
    ("2\t%s\tone\ttwo words\tx=1\tone\ttwo words\n"):format(script))
  lu.assertEquals(run("LIMN -- " .. script .. " -e"), ("1\t%s\t-e\tnil\t--\t-e\n"):format(script))
  lu.assertEquals(run "echo 'print(arg[0], ...)' | LIMN - a b", "-\ta\tb\n")
  lu.assertEquals(run "echo 'print(7)' | LIMN", "7\n")
  lu.assertEquals(run "LIMN -e 'print(#arg, arg[0] ~= nil, arg[2])'", "2\ttrue\tprint(#arg, arg[0] ~= nil, arg[2])\n")
end

function TestHost:test_exit_codes_and_messages()
  lu.assertEquals(select(2, run "LIMN -e 'os.exit(3)'"), 3)
  lu.assertEquals(select(2, run "LIMN -e 'os.exit(true, true)'"), 0)
  local text, code = run "LIMN -e 'error(\"boom\")'"
  lu.assertEquals(code, 1)
  lu.assertStrContains(text, "(command line):1: boom\nstack traceback:\n")
  lu.assertStrContains(run "LIMN -e 'error({})'", "(error object is a table value)")
  lu.assertStrContains(run "LIMN -e 'error(setmetatable({}, {__tostring=function() return \"mine\" end}))'", "mine")
  text, code = run "LIMN nowhere.lua"
  lu.assertEquals(code, 1)
  lu.assertStrContains(text, "cannot open nowhere.lua")
  text, code = run("LIMN " .. write("syntax.lua", "x = = 1"))
  lu.assertEquals(code, 1)
  lu.assertStrContains(text, "syntax.lua:1: unexpected symbol near '='")
end

function TestHost:test_words_that_are_neither_files_nor_commands()
  local text, code = run "LIMN stroe ls"
  lu.assertEquals(code, 1)
  lu.assertStrContains(text, 'cannot open stroe: No such file or directory\nlimn has no command "stroe" either: did you mean limn store?')
  text = run "LIMN frobnicate"
  lu.assertStrContains(text, 'limn has no command "frobnicate" either: limn --help lists the commands')
  lu.assertNotStrContains(run "LIMN nowhere.lua", "command")
  lu.assertNotStrContains(run("LIMN " .. write("empty", "")), "command")
end

function TestHost:test_limn_is_not_a_global_of_scripts()
  lu.assertStrContains(run "LIMN -e 'print(limn.eye(2))'", 'limn is not loaded: local limn = require "limn" at the head of a script, '
    .. "limn -l limn -e .. on the command line")
  lu.assertStrContains(run "LIMN -l limn -e 'print(limn.eye(2))'", "limn.array 2x2")
end

-- Modules beside the script are found from any folder, after those of the current folder and of package.path.
function TestHost:test_modules_beside_the_script()
  write("beside.lua", "return 'beside'")
  local script = write("uses.lua", "print((require 'beside')) print((package.path:gsub('.*;(.-;.-)$', '%1')))")
  lu.assertEquals(run("cd / && LIMN " .. script), ("beside\n%s?.lua;%s?/init.lua\n"):format(dir .. "/", dir .. "/"))
  lu.assertStrContains(run "mkdir -p first && echo 'return 7' >first/beside.lua && cd first && LIMN ../uses.lua", "7\n")
  os.execute(("mkdir -p '%s/a?b' && cp %s '%s/a?b'"):format(dir, script, dir))
  lu.assertStrContains(run(("cd / && LIMN '%s/a?b/uses.lua'"):format(dir)), "module 'beside' not found")
end

-- A tail call removes the frame of the script: its errors name the file without a line.
function TestHost:test_errors_in_a_tail_call_name_the_file()
  local text, code = run("LIMN " .. write("tail.lua", [[
    local limn = require "limn"
    return limn.experiment { nam = "x" }]]))
  lu.assertEquals(code, 1)
  lu.assertStrContains(text, "tail.lua (in a tail call): experiment: unknown option \"nam\"")
  text = run("LIMN " .. write("tail.lua", [[
    local fig = require "limn".plot.figure {}
    return fig:save(-5)]]))
  lu.assertStrContains(text, "tail.lua (in a tail call): ")
  lu.assertStrContains(run [[LIMN -e 'return require "limn".mlp.new { sizes = {} , n = 1 }']],
    "(command line) (in a tail call): mlp.new: unknown option")
  -- where the script's frame exists, the message has its line
  lu.assertStrContains(run("LIMN " .. write("tail.lua", "local e = require 'limn'.experiment { nam = 1 }\nreturn e")),
    "tail.lua:1: experiment: unknown option")
  -- the prompt runs lines of its own after a script
  text = run("echo 'return limn.rng.stream { sed = 1 }' | LIMN -i " .. write("before.lua", "x = 1"))
  lu.assertStrContains(text, "rng.stream: unknown option")
  lu.assertNotStrContains(text, "in a tail call")
end

function TestHost:test_environment()
  lu.assertEquals(run "LUA_INIT='print(5)' LIMN -e ''", "5\n")
  lu.assertEquals(run "LUA_INIT_5_4='print(6)' LUA_INIT='print(5)' LIMN -e ''", "6\n")
  lu.assertEquals(run "LUA_INIT='print(5)' LIMN -E -e ''", "")
  write("init.lua", "print 'from file'")
  lu.assertEquals(run "LUA_INIT=@init.lua LIMN -e ''", "from file\n")
  lu.assertEquals(run "LUA_PATH=x LIMN -e 'print(package.path)'", "x\n")
  lu.assertNotEquals(run "LUA_PATH=x LIMN -E -e 'print(package.path)'", "x\n")
  lu.assertEquals(run "LUA_PATH=x LUA_CPATH=y LIMN -e 'print(require \"limn\".version)'", limn_version .. "\n")
  lu.assertStrContains(run "LUA_INIT='error(9)' LIMN -e 'print(1)'", "9")
end

function TestHost:test_an_unknown_instruction_set_is_an_error()
  local text, code = run "LIMN_ISA=mmx LIMN -e 'require \"limn\"'"
  lu.assertEquals(code, 1)
  lu.assertStrContains(text, "LIMN_ISA: expected ref, avx2 or avx512, got 'mmx'")
  lu.assertEquals(run "LIMN_ISA=ref LIMN -e 'print(require \"limn\".isa())'", "ref\n")
end

-- The settings of an editor name the folder of the stubs, whose operators are those of arrays.
function TestHost:test_new_writes_the_settings_of_editors()
  os.execute("mkdir -p " .. dir .. "/new")
  lu.assertStrContains(run "cd new && LIMN new first", "wrote .luarc.json")
  local settings = require("limn.native").json.decode(testing.read(dir .. "/new/.luarc.json"))
  lu.assertEquals(settings["runtime.version"], "Lua 5.4")
  local stub = testing.read(settings["workspace.library"][1] .. "/array.d.lua")
  local names = {}
  for name in stub:gmatch "@operator (%l+)" do names[#names + 1] = name end
  lu.assertTrue(#names >= 10)
  local meta = debug.getmetatable(require("limn").zeros(2))
  for _, name in ipairs(names) do lu.assertNotNil(meta["__" .. name], name) end
  lu.assertStrContains(run "cd new && LIMN new second", ".luarc.json is as it was\n")
  write("new/.luarc.json", "{}")
  lu.assertStrContains(run "cd new && LIMN new third", 'add "')
  lu.assertEquals(testing.read(dir .. "/new/.luarc.json"), "{}")
end

function TestHost:test_limn_is_global_at_the_prompt_only()
  lu.assertEquals(run "LIMN -e 'print(limn)'", "nil\n")
  lu.assertStrContains(run "echo 'print(limn.version)' | LIMN -i", limn_version)
end

function TestHost:test_prompt_over_a_pipe()
  local text = run [[printf '6*7\nx = 2\nx + 1\nfor i = 1, 2 do\nio.write(i, ";")\nend\n=x\nerror("no")\nx + 2\n' | LIMN -i]]
  for _, want in ipairs { "42", "3", "1;2;", "2", "stdin:1: no", "4" } do lu.assertStrContains(text, want) end
  lu.assertStrContains(run [[printf 'a = 1\na\n' | LIMN -e "_PROMPT='ready? '" -i]], "ready? ")
  lu.assertStrContains(run [[printf 'x =\n' | LIMN -i]], "<eof>")
end

-- Ctrl-C in Lua code and in a native loop: the script ends as after an error, with the exit code of an interrupt.
function TestHost:test_interrupt()
  local lua = write("spin.lua", "io.open('ready', 'w'):close() while true do string.rep('x', 10) end")
  local inside = write("inside.lua", [[
    local w = coroutine.wrap(function()
      io.open("ready", "w"):close()
      print(coroutine.resume(coroutine.create(function() while true do end end)))
      while true do coroutine.yield() end
    end)
    w()
    error("interrupted once")]])
  local native = write("native.lua", [[
    local limn = require "limn"
    local f = limn.features.toy { points = 600, count = 1 << 40, complexity = 6, storage = "stream" }
    io.open("ready", "w"):close()
    f:gram()]])
  for _, script in ipairs { lua, inside, native } do
    local text, code = run("rm -f ready; LIMN " .. script .. " & p=$!; n=0; while [ ! -e ready ] && [ $n -lt 2000 ]; do"
      .. " sleep 0.05; n=$((n+1)); done; sleep 0.3; kill -INT $p; "
      .. "(sleep 200; kill -9 $p) >/dev/null 2>&1 & q=$!; wait $p; code=$?; kill $q; exit $code")
    lu.assertEquals(code, script == inside and 1 or 130, text) -- inside.lua ends by an error of its own
    lu.assertStrContains(text, "interrupted")
  end
  local _, code = run [[LIMN -e "error('interrupted!')"]]
  lu.assertEquals(code, 1)
end

-- One Ctrl-C raises one error, in native code and in Lua, inside and outside of coroutines.
function TestHost:test_one_interrupt_raises_once()
  local works = {
    gram = "limn.features.toy { points = 64, count = 50000, complexity = 10, storage = 'stream' }:gram()",
    normal = "limn.rng.stream {}:normal(500, 1000)",
    train = "limn.mlp.new { sizes = { 1, 300, 300, 1 } }:step(X, X, { rate = 1e-9, steps = 1000 })",
  }
  for name, work in pairs(works) do
    write("once.lua", ([[
      local limn = require "limn"
      local X = limn.array { { 1 }, { -1 } }
      local function work() %s end
      local function forever() while true do work() end end
      work()
      io.open("ready", "w"):close()
      local ok, e = pcall(arg[1] == "inside" and coroutine.wrap(forever) or forever)
      for _ = 1, 1e6 do math.abs(1) end
      work()
      print(ok, type(e), tostring(e):match "interrupted!")
    ]]):format(work))
    for try = 1, 8 do
      local text, code = run(([[rm -f ready; LIMN once.lua %s & p=$!; until [ -e ready ]; do sleep 0.02; done
        sleep %.3f; kill -INT $p; wait $p]]):format(try % 2 == 0 and "inside" or "", 0.005 + 0.02 * math.random()))
      lu.assertEquals({ text, code }, { "false\ttable\tinterrupted!\n", 0 }, name .. ", try " .. try)
    end
  end
end

-- limn replaces the coroutine library so that Ctrl-C interrupts coroutines; its results must equal those of stock Lua.
function TestHost:test_coroutines_are_as_in_stock_lua()
  local script = write("coroutines.lua", [[
    local function closer(name, e)
      return setmetatable({}, { __close = function(_, err) print(name, err) if e then error(e, 0) end end })
    end
    local first = coroutine.wrap(function()
      local a <close> = closer "a"
      local b <close> = closer("b", "from closing")
      error("first", 0)
    end)
    print(pcall(first)) print(pcall(first))
    print(pcall(function() coroutine.wrap(function() error "x" end)() end))
    print(pcall(coroutine.resume, 5)) print(pcall(coroutine.wrap)) print(pcall(coroutine.wrap, {}))
    local co = coroutine.create(function(...) print(...) local x <close> = closer "c" print(coroutine.yield(1, nil)) end)
    print(coroutine.resume(co, 7, nil)) print(coroutine.close(co), coroutine.status(co)) print(coroutine.resume(co))
    local me
    me = coroutine.wrap(function() return me() end)
    print(pcall(me))
    print(coroutine.resume(coroutine.create(function() error(nil) end)))
    print(select("#", coroutine.resume(coroutine.create(function() return table.unpack({}, 1, 5000) end))))
    print(coroutine.resume(coroutine.create(function() return table.unpack({}, 1, 999990) end)))
    print(coroutine.isyieldable(), coroutine.wrap(function() return coroutine.isyieldable() end)())
    local function count(n)
      return coroutine.wrap(function()
        if n > 0 then for v in count(n - 1) do coroutine.yield(v) end end
        coroutine.yield(n)
      end)
    end
    local sum = 0
    for v in count(90) do sum = sum + v end
    print(sum)
    local function nest() return coroutine.wrap(nest)() end
    print(pcall(nest))]])
  local text, code = run("LIMN " .. script)
  lu.assertEquals(code, 0, text)
  lu.assertEquals(text, (run("lua5.4 " .. script)))
end

-- At the prompt the session and its data survive.
function TestHost:test_interrupt_at_the_prompt()
  local text = run [[rm -f go ready asked; mkfifo go
    (printf 'x = 41\nio.open("ready", "w"):close() while true do end\n'
      until [ -e asked ]; do sleep 0.05; done; printf 'x + 1\n') > go &
    LIMN -i < go & p=$!; until [ -e ready ]; do sleep 0.05; done; sleep 0.2; kill -INT $p; : > asked
    (sleep 200; kill -9 $p) >/dev/null 2>&1 & q=$!; wait $p; kill $q]]
  lu.assertStrContains(text, "interrupted!")
  lu.assertStrContains(text, "42")
end

-- On a terminal native work of more than a second shows its progress on one line, which is erased at the end.
function TestHost:test_progress_of_native_work()
  write("long.lua", [[
    local limn = require "limn"
    limn.features.toy { points = 400, count = 1 << 40, complexity = 6, storage = "stream" }:gram()]])
  -- Interrupted as soon as the line is there, however long that takes.
  local text = run [[rm -f shown pid; script -qfec 'echo $$ > pid; exec LIMN long.lua' shown < /dev/null > /dev/null 2>&1 & s=$!
    until grep -q left shown 2>/dev/null; do sleep 0.1; kill -0 $s || break; done; kill -INT $(cat pid); wait $s; cat shown]]
  lu.assertStrMatches(text, ".*%[%.+%]%s+%d+%%  0:0%d  %d+:%d+.* left.*")
  lu.assertStrMatches(text, ".*left\27%[K\r\27%[K.*interrupted.*")
  lu.assertEquals(run "timeout -s INT 2 LIMN long.lua 2>&1 | grep -c left", "0\n") -- no terminal, no bar
end

function TestHost:test_state_is_closed_at_the_end()
  lu.assertEquals(run "LIMN -e 'setmetatable({}, {__gc = function() print \"closed\" end})'", "closed\n")
end

local code = lu.LuaUnit.run()
os.execute("rm -rf " .. dir)
os.exit(code)
