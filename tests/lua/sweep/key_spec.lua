-- key_spec.lua: which changes make cells stale: those of what measure reaches, and no others; what is said about them,
-- and when they are not computed again unasked.
-- slow: 8 s

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")
local native = require "limn.native"
local bytecode = require "limn.experiment.bytecode"
local digest = require "limn.experiment.digest"

TestKey = {}

local SCRIPT = [[
local limn = require "limn"
local inner = require "inner"
local C, options = 3, { scale = 2, list = { 1, 2 } }
options.self = options
local weights = limn.array { 1, 2, 3 }
local stream = limn.rng.stream(7)
local start = limn.mlp.new { sizes = { 1, 2, 1 }, seed = 3 }
local sin = math.sin
local function helper(x) return x * C + options.scale end
function twice(x) return 2 * x end
local LABEL = "label"
return limn.experiment { name = "k", question = "q",
  params = { n = 1 }, grid = { n = "1:3" },
  measure = function(p, rng)
    local data = limn.load("data.csv")
    return { v = helper(p.n) + inner.f(p.n) + weights:sum() + sin(p.n) + twice(1) + stream:fork(p.n):uniform(), w = rng:uniform(),
      d = data:sum(), s = start:forward(limn.ones(1, 1)):sum() }
  end,
  report = function(results) io.stderr:write("report ", #results, LABEL, "\n") end,
}
]]

local folder = toy.dir .. "/key"

local function put(name, text) return toy.write("key/" .. name, text) end

local function fresh()
  toy.sh("rm -rf %s; mkdir %s", folder, folder)
  put("k.lua", SCRIPT)
  put("inner.lua", "-- a module\nlocal m = {}\nfunction m.f(x) return x + 1 end\nreturn m\n")
  put("data.csv", "a,b\n1,2\n3,4\n")
end

local function run(options, more)
  return toy.sh("cd %s && %s LUA_PATH='%s/?.lua;;' %s k.lua --no-check %s 2>&1 </dev/null", folder, more or "", folder, toy.program,
    options or "")
end

local function edit(name, from, to)
  local text, n = toy.read(folder .. "/" .. name):gsub(from, (to:gsub("%%", "%%%%")))
  lu.assertEquals(n, 1, from)
  put(name, text)
end

local function stale(options)
  local status, said = run("--plot-only " .. (options or ""))
  local n, why = said:match "(%d+) are stale %((.-)%); they took"
  if not n then lu.assertEquals(status, 0, said) end
  return tonumber(n) or 0, why or "", said
end

function TestKey.testWhatChangesNothing()
  fresh()
  lu.assertEquals(run "--quiet", 0)
  for from, to in pairs { ["^"] = "-- a comment\n\n", ['"label"'] = '"another"', ['question = "q"'] = 'question = "why"',
    ['"report "'] = '"table "', ["    local data"] = "    -- reads\n    local data",
    ["local sin"] = "local unused = 5\nlocal sin", ["C, options = 3"] = "D, options = 3" } do
    fresh()
    lu.assertEquals(run "--quiet", 0)
    edit("k.lua", from, to)
    if from == "C, options = 3" then edit("k.lua", "x %* C", "x * D") end
    lu.assertEquals(stale(), 0, from)
  end
  fresh()
  lu.assertEquals(run "--quiet", 0)
  edit("inner.lua", "a module", "the module")
  lu.assertEquals(stale(), 0)
  local _, said = toy.sh("cd %s && %s store ls out/k.db", folder, toy.program)
  lu.assertNotStrContains(said, "stale")
end

function TestKey.testWhatMakesCellsStale()
  local cases = {
    { "k.lua", "d = data:sum%(%)", "d = data:mean()", "changed: function measure" },
    { "k.lua", "C, options = 3", "C, options = 4", "changed: value C of helper (4, was 3)" },
    { "k.lua", "scale = 2", "scale = 5", "changed: value options of helper" },
    { "k.lua", "list = { 1, 2 }", "list = { 1, 2.0 }", "changed: value options of helper.list" },
    { "k.lua", "x %* C", "x + C", "changed: function helper" },
    { "k.lua", "array { 1, 2, 3 }", "array { 1, 2, 4 }", "changed: value weights" },
    { "k.lua", "stream%(7%)", "stream(8)", "changed: value stream" },
    { "k.lua", "seed = 3", "seed = 4", "changed: value start" },
    { "k.lua", "math.sin", "math.cos", "" },
    { "k.lua", "2 %* x", "3 * x", "changed: function twice" },
    { "inner.lua", "x %+ 1", "x + 2", "changed: function inner.f" },
    { "data.csv", "4", "5", "changed: data.csv" },
  }
  for _, case in ipairs(cases) do
    fresh()
    lu.assertEquals(run "--quiet", 0)
    edit(case[1], case[2], case[3])
    local n, why = stale()
    lu.assertEquals(n, 3, case[2])
    lu.assertStrContains(why, case[4])
    lu.assertEquals(stale "--stale", 0)
    local status, said = run()
    lu.assertEquals(status, 0)
    lu.assertStrContains(said, "--stale takes them as they are, --fresh discards")
    lu.assertEquals(stale(), 0, case[2])
  end
end

-- Files that measure loads itself, a module of C code, metatables, and what is reached by keys that are objects.
function TestKey.testWhatMeasureLoads()
  fresh()
  put("late.lua", "return { f = function(x) return x + 1 end }\n")
  put("part.lua", "return 5\n")
  put("native.c", "#include <lua.h>\nint luaopen_onlyc(lua_State *L);\nint luaopen_onlyc(lua_State *L) {"
    .. " lua_pushcfunction(L, luaopen_onlyc); return 1; }\n")
  local function compile(options)
    local status, said = toy.sh("cd %s && cc -shared -fPIC %s $(pkg-config --cflags lua5.4) native.c -o onlyc.so", folder, options)
    lu.assertEquals(status, 0, said)
  end
  compile ""
  put("k.lua", [[
    package.cpath = "./?.so;" .. package.cpath
    local limn, onlyc, key = require "limn", require "onlyc", {}
    local half = setmetatable({}, { __index = function(_, k) return 0.5 end })
    local by_object = { [key] = function(x) return x * 3 end }
    return limn.experiment { name = "k", params = { n = 1 }, grid = { n = "1:3" }, measure = function(p)
      return { v = require("late").f(p.n) + dofile "part.lua" + half[p.n], c = onlyc ~= nil, k = by_object[key](p.n) }
    end }]])
  lu.assertEquals(run "--quiet", 0)
  lu.assertEquals(stale(), 0)
  for _, case in ipairs { { "late.lua", "x %+ 1", "x + 2", "late.lua" }, { "part.lua", "5", "6", "part.lua" },
    { "k.lua", "0%.5", "0.25", "function half.__index" }, { "k.lua", "x %* 3", "x * 4", "the script" } } do
    edit(case[1], case[2], case[3])
    local n, why = stale()
    lu.assertEquals(n, 3, case[1])
    lu.assertStrContains(why, case[4])
    if case[1] == "late.lua" then
      local _, said = toy.sh("cd %s && LUA_PATH='%s/?.lua;;' %s store ls out/k.db", folder, folder, toy.program)
      lu.assertStrContains(said, "3 stale (changed: ")
      lu.assertStrContains(said, "late.lua")
    end
    lu.assertEquals(run "--quiet", 0)
    lu.assertEquals(stale(), 0)
  end
  compile "-DOTHER -g"
  lu.assertStrContains(select(2, stale()), "onlyc.so")
end

-- A build of limn with another solver.
function TestKey.testChangedLimnIsStale()
  fresh()
  local copy = folder .. "/lua"
  toy.sh("cp -r %s %s", here .. "/../../../lua", copy)
  put("k.lua", (SCRIPT:gsub('d = data:sum%(%)', 'd = limn.regress.ridge(weights:reshape(3, 1), weights, { lambda = 1 }).weights:sum()')))
  local function other(options)
    return run(options, ("LUA_INIT=\"package.path='%s/?.lua;%s/?/init.lua;'..package.path\""):format(copy, copy))
  end
  lu.assertEquals(other "--quiet", 0)
  toy.sh("sed -i '1,3s/^--.*/-- another comment/' %s/limn/regress.lua", copy)
  local _, said = other "--plot-only"
  lu.assertNotStrContains(said, "stale")
  for _, module in ipairs { "regress", "base/vocabulary" } do -- the second is required by the first
    toy.sh("cd %s && echo 'local unused = 12345' > new; cat limn/%s.lua >> new; mv new limn/%s.lua", copy, module, module)
    _, said = other "--plot-only"
    lu.assertStrContains(said, ("limn/%s.lua"):format(module))
  end
end

function TestKey.testInputsAreRecorded()
  fresh()
  put("k.lua", (SCRIPT:gsub("report = .-\n", 'plot = function() return limn.plot.figure {}:line { x = { 1, 2 }, y = { 1, 2 } } end,\n')))
  lu.assertEquals(run "--quiet", 0)
  local from = native.json.decode(toy.read(folder .. "/out/k.json")).from
  lu.assertEquals(from.inputs["data.csv"], (native.posix.hash_file(folder .. "/data.csv")))
  lu.assertNotNil(from.key.parts["value C of helper"])
  lu.assertEquals(from.key.parts["limn's compiled code"], (native.posix.hash_file(native.posix.binary())))
  edit("data.csv", "4", "5")
  local line = ("cd %s && LUA_PATH='%s/?.lua;;' %s store"):format(folder, folder, toy.program)
  local status, said, _ = toy.sh("%s rerun out/k.db n=1 --yes", line)
  lu.assertEquals(status, 1)
  lu.assertStrContains(said, "differs: data.csv has changed")
  _, said = toy.sh("%s ls out/k.db", line)
  lu.assertStrContains(said, "3 stale (changed: data.csv)")
  toy.sh("%s merge out/all.db out/k.db", line)
  _, said = toy.sh("%s ls out/all.db", line)
  lu.assertStrContains(said, "3 stale (changed: data.csv)")
  edit("data.csv", "5", "4")
  edit("k.lua", "x %* C", "x + C")
  _, said = toy.sh("%s ls out/k.db", line)
  lu.assertStrContains(said, "3 stale (changed: function helper)")
  status, said = toy.sh("%s rerun out/k.db n=1 --script k.lua 2>&1", line)
  lu.assertEquals(status, 1)
  lu.assertStrContains(said, "k.lua has changed since (function helper); --changed runs it as it is now")
  _, said = toy.sh("%s rerun out/k.db n=1 --yes --changed", line)
  lu.assertStrContains(said, "differs: function helper has changed")
  edit("k.lua", "x %+ C", "x * C")
  edit("k.lua", "C, options = 3", "C, options = 4")
  _, said = toy.sh("%s ls out/k.db", line)
  lu.assertStrContains(said, "perhaps stale")
end

-- More than a minute of recorded work is not computed again unasked.
function TestKey.testDearCellsAreAskedFor()
  fresh()
  lu.assertEquals(run "--quiet", 0)
  local db = native.sqlite.open(folder .. "/out/k.db", "write")
  db:rows "UPDATE cell SET seconds = 1300"
  db:close()
  edit("k.lua", "x %* C", "x + C")
  local status, said = run()
  lu.assertEquals(status, 2)
  lu.assertStrContains(said, "3 stale cells took 1:05:00 h and are not computed again unasked: --stale takes them as they are")
  lu.assertEquals(run "--stale", 0)
  lu.assertEquals(run "--plot-only --stale", 0)
  status, said = run "--quiet"
  lu.assertEquals({ status, select(2, said:gsub("\n", "")) }, { 2, 1 })
  lu.assertEquals(run "--yes", 0)
  lu.assertEquals(stale(), 0)
  edit("k.lua", "x %+ C", "x - C")
  lu.assertEquals(run(), 0) -- these took no time
  db = native.sqlite.open(folder .. "/out/k.db", "write")
  db:rows "UPDATE cell SET seconds = 1300"
  db:close()
  edit("k.lua", "x %- C", "x / C")
  lu.assertEquals(run "--fresh", 0)
end

-- A store without the keys of today is stale, and says so.
function TestKey.testStoresOfOlderLimn()
  fresh()
  lu.assertEquals(run "--quiet", 0)
  local db = native.sqlite.open(folder .. "/out/k.db", "write")
  db:rows "UPDATE run SET code = 'old', facts = '{\"script\": \"k.lua\"}'"
  db:rows "DROP TABLE input"
  db:close()
  local n, why = stale()
  lu.assertEquals(n, 3)
  lu.assertStrContains(why, "an older limn computed them")
  lu.assertEquals(stale "--stale", 0)
end

-- A mistake in plot or report is told before the cells are done; output of the trial is discarded.
function TestKey.testReportAndPlotAreTriedEarly()
  local function script(plot)
    return toy.write("early.lua", ([[
      require("limn.experiment.rehearsal").after = 0.05
      local limn, posix = require "limn", require("limn.native").posix
      return limn.experiment { name = "early", params = { n = 1 }, grid = { n = "1:8" },
        measure = function(p, rng)
          posix.ready({}, p.n == 8 and 1 or 0.05)
          if p.n == 8 then io.stderr:write(io.open "early.svg" and "saved too early\n" or "the last cell\n") end
          return { v = rng:uniform() }
        end,
        report = function(results) print("reported " .. #results) io.write("written\n") end,
        plot = function(results, out)
          limn.plot.figure {}:line { x = { 1, 2 }, y = { 1, 2 } }:save "early.svg"
          %s
        end }]]):format(plot))
  end
  for _, workers in ipairs { 0, 2 } do
    local line = ("cd %s && rm -f early.svg && %s %%s --quiet --no-check --fresh --workers %d"):format(toy.dir, toy.program, workers)
    local status, said = toy.sh(line .. " 2>&1", script "return nosuch.thing")
    lu.assertTrue(status ~= 0)
    local warned, last = said:find("early: plot fails on the first %d cells: [^\n]*nosuch"), said:find("the last cell", 1, true)
    lu.assertTrue(warned and last and warned < last, said)
    lu.assertEquals(select(2, said:gsub("plot fails", "")), 1) -- it is tried once
    lu.assertEquals(select(2, said:gsub("reported", "")), 1)
    lu.assertEquals(select(2, said:gsub("written", "")), 1)
    status, said = toy.sh((line:gsub("%-%-quiet ", "")) .. " 2>&1", script "return limn.plot.figure {}:line { x = { 1, 2 }, y = { 1, 2 } }")
    lu.assertEquals(status, 0, said)
    lu.assertFalse(said:find("fails", 1, true) ~= nil, said)
    lu.assertEquals(select(2, said:gsub("wrote", "")), 3)
  end
end

function TestKey.testBytecode()
  local function hash(text) return bytecode.of(assert(load(text))()).hash end
  local base = hash "return function(a) local b = 1.5; return function() return a + b, 'text', 7, nil, true end end"
  lu.assertEquals(hash("\n\n--[[x]] local z = 3\nreturn function(a)\n local b = 1.5\n return function()\n"
    .. "return a + b, 'text', 7, nil, true end end"), base)
  for _, other in ipairs { "1.25; return function() return a + b, 'text', 7", "1.5; return function() return a - b, 'text', 7",
    "1.5; return function() return a + b, 'texts', 7", "1.5; return function() return a + b, 'text', 7.0" } do
    lu.assertNotEquals(hash(("return function(a) local b = %s, nil, true end end"):format(other)), base)
  end
  local long = ("x"):rep(300)
  lu.assertTrue(bytecode.of(load(("return '%s'"):format(long))).strings[long])
  local chunk = load "local x = 1 local function f() return x end return function() return f, function() return 2 end end"
  lu.assertTrue(bytecode.within(chunk)[bytecode.of(chunk()).hash])
end

function TestKey.testDigestsAreKept()
  local path = toy.write("some.lua", "return 1 -- one\n")
  local hash = digest.of(path)
  toy.write("some.lua", "return 1\n")
  lu.assertEquals(digest.of(path), hash)
  toy.write("some.lua", "return 2\n")
  lu.assertNotEquals(digest.of(path), hash)
  lu.assertNil(digest.of(toy.dir .. "/absent.lua"))
  toy.sh("touch -d '1 hour ago' %s", path)
  hash = digest.of(path)
  toy.write("some.lua", "return 4\n")
  lu.assertNotEquals(digest.of(path), hash)
  for i = 1, 50 do -- changes that the times of the file may be too coarse to show
    toy.write("some.txt", ("%3d"):format(i))
    hash = digest.of(toy.dir .. "/some.txt")
    toy.write("some.txt", ("%3d"):format(-i))
    lu.assertNotEquals(digest.of(toy.dir .. "/some.txt"), hash)
  end
end

-- A cache that is full of files of other places is no reason to read limn's files again in each process.
function TestKey.testFullCacheBeginsAgain()
  local cache = toy.dir .. "/cache"
  toy.sh("mkdir -p %s/limn", cache)
  local others = {}
  for i = 1, 1000 do others[("/nowhere/%d.lua"):format(i)] = { "1:1:1:1.0:1.0", "hash", "" } end
  toy.write("cache/limn/digests.json", native.json.encode(others))
  toy.write("cached.lua", [[
    local limn = require "limn"
    local keys = require "limn.experiment.key"
    local least = math.huge
    for _ = 1, 100 do
      local start = os.clock()
      keys.of(function(p) return { v = limn.features.toy { points = p.n, count = 8 }:gram():sum(), s = limn.mlp, r = limn.regress } end)
      least = math.min(least, os.clock() - start)
    end
    print(least)]])
  local _, least = toy.sh("XDG_CACHE_HOME=%s %s %s/cached.lua", cache, toy.program, toy.dir)
  local held = native.json.decode(toy.read(cache .. "/limn/digests.json"))
  lu.assertNil(held["/nowhere/1.lua"])
  local names = {}
  for path in pairs(held) do names[path:match "[^/]*$"] = true end
  lu.assertTrue(names["features.lua"] and names["stats.lua"])
  if not toy.sanitized then lu.assertTrue(tonumber(least) < 1e-3, "a key takes " .. least) end
end

toy.finish(lu.LuaUnit.run())
