-- luacheck: allow defined top
-- several_spec.lua: a script may declare several experiments and go on after them; `limn -i` ends in a prompt with the
-- experiment as ans.
-- slow: 2 s

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")

TestSeveral = {}

local two = toy.write("two.lua", [[
local limn = require "limn"
local function measure(p)
  if p.bad >= 1 and p.n == 2 then error "x" end
  return { v = p.n }
end
local function other(p) -- only the first fails for bad = 2
  if p.bad == 1 and p.n == 2 then error "x" end
  return { v = -p.n }
end
local a = limn.experiment { name = "a", question = "A", params = { n = 1, bad = 0 }, grid = { n = "1:3" }, measure = measure }
print("after a", a.results and #a.results)
local b = limn.experiment { name = "b", question = "B", params = { n = 1, bad = 0 }, grid = { n = "1:4" }, measure = other }
print("after b", b.results and #b.results)
if os.getenv "DIE" then error "die" end
if os.getenv "AGAIN" then limn.experiment { name = "a", measure = measure } end
]])

local one = toy.write("one.lua", [[
return require "limn".experiment { name = "one", params = { n = 1 }, grid = { n = "1:3" }, measure = function(p)
  return { v = p.n }
end }]])

local function run(options, environment)
  return toy.sh("cd %s && %s %s %s --quiet --workers 0 %s", toy.dir, environment or "", toy.program, two, options or "")
end

function TestSeveral.testTheyRunInTheOrderOfTheFile()
  local status, said = run()
  lu.assertEquals({ status, said }, { 0, "after a\t3\nafter b\t4\n" })
  for _, name in ipairs { "a", "b" } do lu.assertTrue(toy.read(("%s/out/%s.csv"):format(toy.dir, name)) ~= nil) end
end

-- The script goes on after failed cells, whose exit code is that of the script.
function TestSeveral.testTheExitCodeIsTheGreatest()
  local status, said = run "--bad 1"
  lu.assertEquals(status, 1)
  lu.assertTrue(said:find("after a\t2\n", 1, true) and said:find("after b\t3\n", 1, true) ~= nil, said)
  lu.assertEquals(run "--bad 2", 1)
  status, said = run("", "DIE=1")
  lu.assertEquals(status, 1, said)
end

function TestSeveral.testOnlyOneOfThem()
  local status, said = run "--only b"
  lu.assertEquals({ status, said }, { 0, "after a\tnil\nafter b\t4\n" })
  status, said = run "--only=c"
  lu.assertEquals(status, 2)
  lu.assertTrue(said:find('--only: the script has no experiment "c"', 1, true) ~= nil, said)
end

-- What ends the sweep early, or is no sweep, ends the script.
function TestSeveral.testACutSweepEndsTheScript()
  for options, code in pairs { ["--time-limit 0.000001 --fresh"] = 75, ["--no-such"] = 2, ["--help"] = 0, ["--dry-run"] = 0 } do
    local status, said = run(options)
    lu.assertEquals(status, code, said)
    lu.assertNil(said:find("after a\t", 1, true), options)
  end
end

function TestSeveral.testNamesDiffer()
  local status, said = run("", "AGAIN=1")
  lu.assertEquals(status, 1)
  lu.assertTrue(said:find('two experiments of the script are called "a"', 1, true) ~= nil, said)
end

function TestSeveral.testRerunFindsItsExperiment()
  run "--bad 0"
  local status, said = toy.sh("cd %s && %s store rerun out/b.db n=4 bad=0 --yes", toy.dir, toy.program)
  lu.assertEquals(status, 0, said)
  lu.assertTrue(said:find("bad=0, n=4, rep=1, seed=1: equal to the bit", 1, true) ~= nil, said)
end

-- limn -i: a prompt after the sweep, also after a script that returns nothing, or fails.
function TestSeveral.testThePromptHasTheExperiment()
  local function prompt(script, environment)
    return select(2, toy.sh("cd %s && echo 'print(\"at\", ans.name, #ans.results)' | %s %s -i %s --quiet --workers 0", toy.dir,
      environment or "", toy.program, script))
  end
  for _, case in ipairs { { one, "", "at\tone\t3" }, { two, "", "at\tb\t4" }, { two, "DIE=1", "at\tb\t4" } } do
    local said = prompt(case[1], case[2])
    lu.assertTrue(said:find(case[3], 1, true) ~= nil, said)
  end
end

toy.finish(lu.LuaUnit.run())
