-- sandbox_spec.lua: scripts that are not trusted: what `limn --sandbox FOLDER script.lua` lets them do, and 60 attempts to do more.
-- slow: 12 s

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local testing = dofile(here .. "/../support/testing.lua")
local root = testing.temp_dir()
local box = root .. "/box"

TestSandbox = {} -- luacheck: ignore

local function write(name, text) return testing.write(root .. "/" .. name, text) end

function TestSandbox:setUp()
  testing.run(("rm -rf %s/* && mkdir -p %s/sub && ln -s /etc %s/link && ln -s /nowhere/x %s/dangling"):format(root, box, box, box))
  write("secret.txt", "secret")
  write("moved.lua", "return 'outside'")
end

-- The output, with errors, and the exit code of a script in the box.
local function script(text, options)
  write("box/script.lua", text)
  return testing.run(("cd / && %s --sandbox %s %s %s/script.lua 2>&1"):format(testing.program, box, options or "", box))
end

-- Attempts by name: code that returns what it should not get. An error, nil and false are a refusal.
local attempts = {
  -- Lua's own libraries
  { "os.execute", "return os.execute 'true'" },
  { "io.popen", "return io.popen('id'):read 'a'" },
  { "os.exit", "os.exit(0) return 1" },
  { "os.getenv", "return os.getenv 'PATH'" },
  { "os.setlocale", "return os.setlocale 'C'" },
  { "os.tmpname", "return os.tmpname()" },
  { "io.tmpfile", "return io.tmpfile()" },
  { "io.read", "return io.read and io.read(0)" },
  { "io.stdin", "return io.stdin" },
  { "debug", "return debug" },
  { "require debug", "return require 'debug'" },
  { "package", "return package or require 'package'" },
  { "loadlib", "return package.loadlib('/lib/x.so', 'f')" },
  { "string.dump", "return string.dump or ('').dump" },
  { "bytecode by load", "return load('\\27Lua')" },
  { "bytecode by mode", "return load('\\27LuaT\\0', 'x', 'b')" },
  { "collector stopped", "return collectgarbage 'stop'" },
  { "collector in a mode", "return collectgarbage 'incremental'" },
  { "finalizer", "return setmetatable({}, {__gc = function() end})" },
  { "finalizer of a file", "return getmetatable(io.stdout) and getmetatable(io.stdout).__gc" },
  { "methods of strings", "return getmetatable '' and getmetatable('').__index" },
  { "globals of limn", "return _ENV.package or _G.debug or _G._G.io.popen" },
  { "global of a loaded chunk", "return load 'return debug'()" },
  { "environment of load", "return load('return io.popen', 'x', 't', nil)" .. "()" },
  -- files
  { "file outside", "return io.open '/etc/passwd'" },
  { "file above", "return io.open '../secret.txt'" },
  { "file above, from a folder", "return io.open 'sub/../../secret.txt'" },
  { "file above, through a missing folder", "return io.open('none/../../secret.txt', 'w')" },
  { "link to a folder", "return io.open 'link/passwd'" },
  { "link without a target", "return io.open('dangling', 'w')" },
  { "zero byte", "return io.open('script.lua\\0/../../secret.txt')" },
  { "lines", "return io.lines('/etc/passwd')()" },
  { "remove", "return os.remove '../secret.txt'" },
  { "rename to outside", "return os.rename('script.lua', '../script.lua')" },
  { "rename from outside", "return os.rename('../secret.txt', 'secret.txt')" },
  { "dofile", "return dofile '../moved.lua'" },
  { "loadfile", "return loadfile '../moved.lua'" },
  { "require above", "return require '..moved'" },
  { "require by path", "return require '../moved'" },
  { "descriptor", "return io.open '/proc/self/fd/1'" },
  { "limn's files for writing", "return io.open(HOME .. '/init.lua', 'a')" },
  { "limn's files for reading", "return io.open(HOME .. '/init.lua')" },
  -- limn
  { "native", "return require 'limn.native'" },
  { "native in loaded", "return require('limn').native or limn.native" },
  { "base modules", "return require 'limn.base.system'" },
  { "parts of modules", "return require 'limn.experiment.run'" },
  { "save", "return limn.save('/tmp/limn_sandbox.npy', limn.array{1})" },
  { "save above", "return limn.save('../x.csv', limn.array{{1}})" },
  { "load", "return limn.load '/etc/passwd'" },
  { "net:save", "limn.mlp.new{sizes={2, 2, 1}}:save '../net' return 1" },
  { "mlp.load", "return limn.mlp.load '/etc/passwd'" },
  { "table:save", "return limn.results.load('/etc/passwd', {name='x'})" },
  { "data.csv", "return limn.data.csv '/etc/passwd'" },
  { "store", "local e = limn.experiment{name='s', run=false, params={n=1}, grid={n='1:2'}, "
    .. "measure=function(p) return {v=p.n} end} local rows = e:run{quiet=true, store='../s.db'} return rows" },
  { "workers", "local e = limn.experiment{name='s', run=false, params={n=1}, grid={n='1:2'}, "
    .. "measure=function(p) return {v=p.n} end} return #e:run{quiet=true, workers=2}" },
  { "figure outside", "local f = limn.plot.figure{} f:line{x=limn.array{1, 2}, y=limn.array{1, 2}} return f:save '/tmp/limn_sandbox.gp'" },
  { "figure by gnuplot", "local f = limn.plot.figure{} f:line{x=limn.array{1, 2}, y=limn.array{1, 2}} return f:save 'f.pdf'" },
  { "gnuplot's commands", "local f = limn.plot.figure{title='\"; system \"touch ../made\"'} "
    .. "f:line{x=limn.array{1, 2}, y=limn.array{1, 2}} f:save 'g.svg' return io.open '../made'" },
  { "figure shown", "local f = limn.plot.figure{} f:line{x=limn.array{1, 2}, y=limn.array{1, 2}} return f:show()" },
  { "prompt", "return limn.repl{env={}}" },
  -- C functions that no hook interrupts
  { "pattern", "return ('a'):rep(30000):find(('.-'):rep(6) .. 'b')" },
  { "rep of nothing", "return #(''):rep(1 << 60) > 0" },
  { "move", "return table.move({}, 1, 1 << 60, 2)" },
  { "concat of computed entries", "return table.concat(setmetatable({}, {__index = table.concat}), '', 1, 1 << 60)" },
  { "insert with a computed length", "return table.insert(setmetatable({}, {__len = function() return 1 << 60 end}), 1, 1)" },
  { "insert into a border", "local t = {} for k = 0, 62 do t[1 << k] = 1 end return table.insert(t, 1, 1)" },
}

function TestSandbox:testAttempts()
  local pieces = { ("HOME = %q\nlocal limn = require 'limn'\n_G.limn = limn\n"):format(os.getenv "PWD" .. "/lua/limn") }
  for _, a in ipairs(attempts) do
    pieces[#pieces + 1] = ("do local f = assert(load(%q, %q)) local ok, got = pcall(f) "
      .. "if ok and got then print('ESCAPED', %q, got) end end\n"):format(a[2], a[1], a[1])
  end
  pieces[#pieces + 1] = "print('end of the attempts')\n"
  lu.assertTrue(#attempts >= 60, #attempts)
  local said, code = script(table.concat(pieces))
  lu.assertNil(said:find "ESCAPED", said)
  lu.assertTrue(said:find "end of the attempts" ~= nil, said)
  lu.assertEquals(code, 0, said)
  for _, path in ipairs { root .. "/made", "/tmp/limn_sandbox.npy", "/tmp/limn_sandbox.gp" } do
    lu.assertFalse(testing.exists(path), path)
  end
  lu.assertEquals(testing.read(root .. "/secret.txt"), "secret")
end

-- Outside of a sandbox most of the attempts succeed: the table can fail.
function TestSandbox:testAttemptsWithoutASandbox()
  write("box/free.lua", "limn = require 'limn' print(io.popen('echo free'):read 'l', io.open '../secret.txt' ~= nil, "
    .. "require 'limn.native' ~= nil)")
  local said = testing.run(("cd %s && %s free.lua"):format(box, testing.program))
  lu.assertEquals(said, "free\ttrue\ttrue\n")
end

-- Each is ended by a limit: of time, of memory, of the stack.
function TestSandbox:testEndless()
  for name, text in pairs {
    loop = "while true do end",
    caught = "while true do pcall(function() while true do end end) end",
    coroutines = "while true do coroutine.wrap(function() while true do end end)() end",
    ["caught in coroutines"] = "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    ["message handlers"] = "while true do xpcall(function() while true do end end, function() while true do end end) end",
    native = "local limn = require 'limn' local X, y = limn.data.xor() "
      .. "while true do pcall(function() limn.mlp.new{sizes={2, 300, 300, 1}}:train(X, y, {rate=1e-9, steps=1 << 50, tol=-1}) end) end",
    sort = "table.sort({3, 2, 1, 5, 4}, function() while true do end end)",
    gsub = "('a'):gsub('a', function() while true do end end)",
    close = "local x <close> = setmetatable({}, {__close = function() while true do end end})",
  } do
    local said, code = script(text, "--seconds 1")
    lu.assertTrue(said:find "time budget is used up" ~= nil, name .. ": " .. said)
    lu.assertEquals(code, 1, name)
  end
  for name, text in pairs {
    string = "local s = ('x'):rep(1 << 20) while true do s = s .. s end",
    ["table"] = "local t = {} while true do t[#t + 1] = {} end",
    array = "local t = {} while true do t[#t + 1] = require 'limn'.zeros(1000, 1000) end",
    net = "local t = {} while true do t[#t + 1] = require 'limn'.mlp.new{sizes={2, 2000, 2000, 1}} end",
    recursion = "local function f() return 1 + f() end f()",
    format = "return ('%99.99f'):rep(1 << 22):format()",
  } do
    local said, code = script(text, "--memory 64M --seconds 20")
    lu.assertTrue(said:find "memory" ~= nil or said:find "stack overflow" ~= nil or said:find "bad argument" ~= nil, name .. ": " .. said)
    lu.assertEquals(code, 1, name)
  end
end

-- What a script is meant to do works.
function TestSandbox:testWork()
  local said, code = script [[
    local limn = require "limn"
    assert(require "limn.regress" == limn.regress)
    io.open("part.lua", "w"):write("return { seven = 7 }"):close()
    assert(require "part".seven == 7 and dofile "part.lua".seven == 7)
    assert(limn.save("a.npy", limn.array{1, 2}) and limn.load("a.npy"):sum() == 3)
    local e = limn.experiment { name = "s", run = false, params = { n = 1 }, grid = { n = "1:5" }, measure = function(p, rng)
      return { v = p.n + rng:normal(10):mean() }
    end }
    local rows = e:run { quiet = true, store = "s.db" }
    assert(#rows == 5 and #e:run { quiet = true, store = "s.db" } == 5)
    assert(rows:save "rows.csv")
    local f = limn.plot.figure {}
    f:line { x = limn.array { 1, 2 }, y = limn.array { 1, 2 } }
    assert(f:save "f.gp")
    assert(("key = value"):match "^(%w+)%s*=%s*(%w+)$" == "key")
    local t = { 3, 1, 2 }
    table.sort(t)
    assert(table.concat(t, ",") == "1,2,3" and select("#", table.unpack(t)) == 3)
    print "worked"]]
  lu.assertEquals(said, "worked\n")
  lu.assertEquals(code, 0)
  said, code = script [[return require("limn").experiment { name = "peak", params = { n = 1 }, grid = { n = "1:5" },
    measure = function(p) return { v = p.n } end }]]
  lu.assertEquals(code, 0, said)
  lu.assertTrue(testing.exists(box .. "/out/peak.csv"))
end

function TestSandbox:testUsage()
  for _, words in ipairs { "--sandbox", "--sandbox /tmp", "--sandbox /tmp --memory 1Q x.lua", "--sandbox /tmp --seconds -1 x.lua" } do
    local said, code = testing.run(("%s %s 2>&1"):format(testing.program, words))
    lu.assertTrue(said:find "^usage: limn %-%-sandbox FOLDER" ~= nil, said)
    lu.assertEquals(code, 2)
  end
  local said, code = testing.run(testing.program .. " --sandbox /no/such/folder x.lua 2>&1")
  lu.assertTrue(said:find("cannot make a sandbox of /no/such/folder", 1, true) ~= nil, said)
  lu.assertEquals(code, 1)
end

local code = lu.LuaUnit.run()
os.execute("rm -rf " .. root)
os.exit(code)
