-- rerun_spec.lua: NAME.json beside every table, unchanged when nothing ran; limn rerun computes the table again from it in a
-- fresh folder and names what differs; limn cite.
-- slow: 6 s
-- luacheck: ignore 111 112 113
local lu = require "luaunit"
local native = require "limn.native"

local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")
local testing = dofile(here .. "/../support/testing.lua")

local dir = toy.dir
local script = [[
local limn = require "limn"
local extra = require "extra"
return limn.experiment { name = "g", question = "q", params = { n = 3, s = "a" }, grid = { n = "1:4" }, reps = 2,
  measure = function(p, rng)
    return { m = rng:normal(), w = extra.twice((limn.data.csv("w.csv")):sum()) }
  end }
]]

local function sh(...)
  return toy.sh("cd %s && export PATH=%s:$PATH; %s", dir,
    native.posix.real(toy.program):match "^(.*)/", (...):format(select(2, ...)))
end

local function has(text, part)
  if not text:find(part, 1, true) then lu.fail(("no %q in:\n%s"):format(part, text)) end
end

TestRerun = {}

function TestRerun:setUp()
  sh "rm -rf out two three four g.rerun"
  toy.write("g.lua", script)
  toy.write("extra.lua", "return { twice = function(x) return 2 * x end }\n")
  toy.write("w.csv", "a,y\n1,0\n2,1\n")
  local status, said = sh "limn g.lua --s 'b c;d' --reps=3 --quiet --out out"
  lu.assertEquals(status, 0, said)
end

local function record() return native.json.decode(toy.read(dir .. "/out/g.json")) end

function TestRerun:testEverySweepHasARecordThatStaysWhenNothingRuns()
  local text, r = toy.read(dir .. "/out/g.json"), record() -- the experiment has no figure
  lu.assertEquals(r.drawn.argv, { "g.lua", "--s", "b c;d", "--reps=3", "--quiet", "--out", "out" })
  lu.assertEquals(r.drawn.command, "limn g.lua --s 'b c;d' --reps=3 --quiet --out out")
  lu.assertEquals(r.from.inputs, { ["w.csv"] = (native.posix.hash(toy.read(dir .. "/w.csv"))) })
  lu.assertEquals(r.from.modules["./extra.lua"], toy.read(dir .. "/extra.lua"))
  lu.assertEquals(r.from.software.licence, "MIT")
  lu.assertStrContains(r.from.software.citation, "Version " .. require("limn").version)
  sh "sleep 1.1"
  sh "limn g.lua --s 'b c;d' --reps=3 --quiet --out out"
  lu.assertTrue(toy.read(dir .. "/out/g.json") == text)
  sh "limn g.lua --s 'b c;d' --reps=4 --quiet --out out"
  lu.assertEquals(record().from.cells, 16)
end

function TestRerun:testEqualInAnyFolder()
  local status, said = sh "mkdir -p far && cd far && limn rerun ../out/g.json --in ../two"
  lu.assertEquals(status, 0, said)
  has(said, "g: 12 cells, equal to the bit (../two)")
  lu.assertEquals(toy.read(dir .. "/two/out/g.csv"), toy.read(dir .. "/out/g.csv"))
  sh "rm extra.lua g.lua" -- the record holds their texts
  status, said = sh "limn rerun out/g.json"
  lu.assertEquals(status, 0, said)
  has(said, "equal to the bit (out/g.rerun)")
  status, said = sh "limn rerun out/g.json"
  lu.assertEquals(status, 2)
  has(said, "out/g.rerun is not empty")
end

function TestRerun:testDifferencesAreNamed()
  toy.write("w.csv", "a,y\n1,0\n4,1\n")
  local status, said = sh "limn rerun out/g.json --in two"
  lu.assertEquals(status, 1, said)
  has(said, "g: DIFFERS (two)")
  has(said, "w differs in 12 of 12 rows (relatively by 0.4 at most); row 1: 10, before 6")
  has(said, "w.csv has changed")
  lu.assertNil(said:find "m differs")
  toy.write("w.csv", "a,y\n1,0\n2,1\n")
  local r = record()
  r.from.modules["./extra.lua"] = "return { twice = function(x) return 3 * x end }\n"
  r.from.version = "0.0.1"
  toy.write("out/g.json", native.json.encode(r))
  status, said = sh "limn rerun out/g.json --in three"
  lu.assertEquals(status, 1, said)
  has(said, "changed: function extra.twice")
  has(said, ("changed: limn %s, and 0.0.1 then"):format(require("limn").version))
end

-- The object stands alone on standard output; what the command itself has to say is elsewhere.
function TestRerun:testAsJson()
  local status, said = sh "limn rerun out/g.json --in two --json 2>/dev/null"
  lu.assertEquals(status, 0, said)
  lu.assertEquals(native.json.decode(said), { experiment = "g", equal = true, cells = 12, folder = "two", differences = {}, changed = {} })
  toy.write("w.csv", "a,y\n1,0\n4,1\n")
  status, said = sh "limn rerun --json out/g.json --in three 2>/dev/null"
  lu.assertEquals(status, 1, said)
  local answer = native.json.decode(said)
  lu.assertFalse(answer.equal)
  has(table.concat(answer.differences, "\n"), "w differs in 12 of 12 rows")
  has(table.concat(answer.differences, "\n"), "w.csv has changed")
  status, said = sh "limn store rerun out/g.db --yes --json 2>/dev/null"
  lu.assertEquals(status, 1, said)
  answer = native.json.decode(said)
  lu.assertEquals({ answer.experiment, answer.differ, #answer.cells, answer.cells[1].equal }, { "g", 12, 12, false })
  has(table.concat(answer.changed, "\n"), "w.csv has changed")
  toy.write("w.csv", "a,y\n1,0\n2,1\n")
  status, said = sh "limn store rerun out/g.db --yes --json n=1 2>/dev/null"
  lu.assertEquals(status, 0, said)
  answer = native.json.decode(said)
  lu.assertEquals({ answer.differ, answer.changed, answer.cells[1].equal, answer.cells[1].params.n }, { 0, {}, true, 1 })
end

function TestRerun:testWhatCannotBeRunAgain()
  local function refused(line, part)
    local status, said = sh(line)
    lu.assertEquals(status, 2, said)
    has(said, part)
    lu.assertFalse(testing.exists(dir .. "/four")) -- nothing is written
  end
  refused("limn rerun w.csv", "expected NAME.json")
  refused("limn rerun none.json", "cannot read none.json")
  toy.write("other.json", '{"a":1}')
  refused("limn rerun other.json", "other.json is not a record of a sweep")
  toy.write("other.json", "{")
  refused("limn rerun other.json", "other.json is not a record of a sweep")
  local r = record()
  r.drawn.argv = nil
  toy.write("other.json", native.json.encode(r))
  refused("limn rerun other.json --in four", "kept no list of the command's words")
  r = record()
  r.from.modules = { ["/nowhere/extra.lua"] = "return 1" }
  toy.write("other.json", native.json.encode(r))
  refused("limn rerun other.json --in four", "the module /nowhere/extra.lua is not as it was")
  sh "mv w.csv w.gone"
  refused("limn rerun out/g.json --in four", "w.csv is missing")
  r = record()
  r.drawn.script, r.from.modules, r.from.inputs = "../../evil.lua", { ["../up.lua"] = "x" }, nil -- stays below its folder
  toy.write("other.json", native.json.encode(r))
  refused("limn rerun other.json --in four", "the module ../up.lua is not as it was")
  lu.assertFalse(testing.exists(dir .. "/up.lua"))
end

TestCite = {}

function TestCite:testCommand()
  local status, said = sh "limn --cite"
  lu.assertEquals({ status, said }, { 0, ([[
cff-version: 1.2.0
message: "If limn contributes to a publication, please cite it."
type: software
title: "limn: a workbench for how learning rules weigh hypotheses"
authors:
  - name: "The limn authors"
version: %s
license: MIT
]]):format(require("limn").version) })
  lu.assertEquals(select(2, sh "limn cite"), said)
  status, said = sh "limn cite theory.risk"
  lu.assertEquals(status, 0)
  has(said, "@software{limn,")
end

os.exit(lu.LuaUnit.run())
