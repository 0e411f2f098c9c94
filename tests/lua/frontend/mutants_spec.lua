-- mutants_spec.lua: tests/mutants distinguishes faults that are noticed, faults that are not, and faults whose text is gone; it judges
-- rows of a ledger, and takes results of an earlier run.
-- slow: 4 s
local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local testing = dofile(here .. "/../support/testing.lua")
local root = os.getenv "PWD"
local json = require("limn.native").json
local catchers = dofile(root .. "/tests/mutants/catchers.lua")

local dir = testing.temp_dir()

TestMutants = {} -- luacheck: ignore

local CAUGHT = [[{ name = "caught", what = "majority of the wrong sign", file = "lua/limn/data.lua",
  from = "return sum > 0 and 1 or -1", to = "return sum < 0 and 1 or -1", caught_by = { { spec = "data_spec", case = "TestBoolean" } } }]]
local SURVIVES = [[{ name = "survives", what = "a comment", file = "lua/limn/data.lua",
  from = "the sign of the sum.", to = "the sign of the total.", caught_by = { { spec = "data_spec", case = "TestBoolean" } } }]]
local STALE = [[{ name = "stale", what = "what is not there", file = "lua/limn/data.lua",
  from = "no such text", to = "x", caught_by = { { spec = "data_spec", case = "TestBoolean" } } }]]
local TWICE = STALE:gsub('"stale"', '"twice"'):gsub("no such text", "local ")
local BROKEN = CAUGHT:gsub('"caught"', '"broken"'):gsub("< 0 and", "< < 0 and")
local RED = CAUGHT:gsub('"caught"', '"red"'):gsub('case = "TestBoolean"', 'case = "TestNoSuch.test"')

-- Runs the faults -> exit code, what is printed, name -> result.
local function run(...)
  testing.write(dir .. "/faults.lua", "return {" .. table.concat({ ... }, ",") .. "}")
  local said, code = testing.run(("%s tests/mutants/run.lua --build %s --faults %s/faults.lua --dir %s/m 2>&1"):format(
    testing.program, testing.build, dir, dir))
  local file, results = io.open(dir .. "/m.json"), {}
  if file then
    for _, r in ipairs(json.decode(file:read "a").faults) do results[r.name] = r end
    file:close()
    os.remove(dir .. "/m.json")
  end
  return code, said, results
end

function TestMutants:test_a_fault_that_is_noticed()
  local code, said, results = run(CAUGHT)
  lu.assertEquals(code, 0, said)
  lu.assertEquals(results.caught.status, "killed")
  lu.assertEquals(results.caught.by, { "data_spec: TestBoolean.testDefinitions" })
  lu.assertTrue(said:find("1 faults: 1 killed", 1, true) ~= nil, said)
  lu.assertTrue(testing.read(dir .. "/m.md"):find("| majority of the wrong sign | lua/limn/data.lua | killed |", 1, true) ~= nil)
  -- the product is as it was, and the second run takes the result of the first
  lu.assertTrue(testing.read "lua/limn/data.lua":find("return sum > 0 and 1 or -1", 1, true) ~= nil)
  code, said = run(CAUGHT)
  lu.assertEquals(code, 0)
  lu.assertTrue(said:find "killed +caught +kept" ~= nil, said)
end

function TestMutants:test_faults_that_fail_the_run()
  for name, fault in pairs { survives = SURVIVES, stale = STALE, twice = TWICE, broken = BROKEN, red = RED } do
    local code, said, results = run(fault)
    lu.assertEquals(code, 1, name)
    local expected = ({ twice = "stale", broken = "build failed", red = "not green" })[name] or name:gsub("survives", "survived")
    lu.assertEquals(results[name] and results[name].status, expected, said)
  end
  local code, said = run(CAUGHT, SURVIVES)
  lu.assertEquals(code, 1)
  lu.assertTrue(said:find("1 killed, 1 survived", 1, true) ~= nil, said)
end

function TestMutants:test_a_list_that_is_wrong()
  local code, said = run '{ name = "x", what = "x", file = "x", from = "x", to = "y" }'
  lu.assertEquals(code, 1)
  lu.assertTrue(said:find('fault "x"', 1, true) and said:find("has no caught_by", 1, true) ~= nil, said)
  said, code = testing.run(testing.program .. " tests/mutants/run.lua --only nobody --dir " .. dir .. "/m 2>&1")
  lu.assertEquals(code, 1)
  lu.assertTrue(said:find('no fault is called "nobody"', 1, true) ~= nil, said)
end

-- A row notices a fault when its verdict turns from agrees to disagrees; that it is gone, or undecided, is not enough.
function TestMutants:test_rows()
  local c = { script = "s", rows = { "a" } }
  local clean = { code = 0, rows = { a = { essay = "refines", theory = "agrees" }, b = { essay = "agrees" } } }
  lu.assertNil(catchers.not_green(c, clean))
  lu.assertStrContains(catchers.not_green({ script = "s", rows = { "z" } }, clean), 'no row "z"')
  local undecided = { code = 0, rows = { a = { theory = "undecided" } } }
  lu.assertStrContains(catchers.not_green(c, undecided), "does not agree without a fault")
  local function judge(row, becomes)
    local found = catchers.judge({ script = "s", rows = { "a" }, becomes = becomes }, clean,
      { code = 0, rows = { a = row, b = { essay = "disagrees" } } })
    lu.assertEquals(found.also, { "b" })
    return #found.by == 1 and #found.missed == 0
  end
  lu.assertTrue(judge { essay = "disagrees", theory = "disagrees" })
  lu.assertFalse(judge { essay = "disagrees", theory = "agrees" }) -- the essay's row did not agree before
  lu.assertFalse(judge { theory = "undecided" })
  lu.assertTrue(judge({ theory = "undecided" }, "undecided"))
  lu.assertFalse(judge(nil))
  lu.assertEquals(catchers.judge(c, clean, { code = 1 }).by, {})
end

-- Every fault of the repository has a text that occurs once in its file, and names tests and scripts that exist.
function TestMutants:test_the_list_is_not_stale()
  local said, code = testing.run(testing.program .. " tests/mutants/run.lua --check 2>&1")
  lu.assertEquals(code, 0, said)
end

local code = lu.LuaUnit.run()
os.execute("rm -rf " .. dir)
os.exit(code)
