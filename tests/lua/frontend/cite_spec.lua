-- cite_spec.lua: limn.cite prints BibTeX for limn and for the literature of the functions that a script calls.
local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local testing = dofile(here .. "/../support/testing.lua")
local references = require "limn.docs.references"

TestCite = {}

local function printed(what)
  local text, old = nil, print
  print = function(s) text = s end -- luacheck: ignore
  local ok, message = pcall(limn.cite, what)
  print = old -- luacheck: ignore
  assert(ok, message)
  return text
end

-- The keys of the entries, joined.
local function keys(what)
  local list = {}
  for key in printed(what):gmatch "@%a+{(%w+)," do list[#list + 1] = key end
  return table.concat(list, " ")
end

local function keys_of_script(code)
  local path = os.tmpname() .. ".lua"
  testing.write(path, code)
  local found = keys(path)
  os.remove(path)
  return found
end

function TestCite:test_functions()
  lu.assertEquals(keys {}, "limn")
  lu.assertEquals(keys "theory.risk", "limn belkin2020 hastie2022")
  lu.assertEquals(keys { "limn.stats.wilson", "theory.risk", "stats.wilson" }, "limn belkin2020 hastie2022 wilson1927 clopper1934")
  lu.assertEquals(keys "theory.shares", "limn")
end

function TestCite:test_scripts()
  lu.assertEquals(keys_of_script [[
    local limn = require "limn"
    local theory, S = limn.theory, require "limn.stats"
    print(theory.risk { points = 3, random = 9 }) -- limn.kernel.ntk(X)
    print(S.bootstrap { 1, 2 }, other.theory.sample)
  ]], "limn belkin2020 hastie2022 efron1979 efron1981")
  lu.assertEquals(keys_of_script "print(limn.mlp.load 'a':linearised(X, y))", "limn lee2019")
  lu.assertEquals(keys_of_script "print(a:linearised(X, y))", "limn") -- no module of limn is named
  lu.assertEquals(keys_of_script "print(limn.theory.risks, mytheory.risk)", "limn")
  local found = keys "scripts/ladder.lua"
  lu.assertNotNil(found:match "tibshirani1996")
  lu.assertNil(found:match "jacot2018")
end

-- Without an argument: the script that runs.
function TestCite:test_running_script()
  local path = os.tmpname() .. ".lua"
  testing.write(path, 'local limn = require "limn"\nlimn.stats.wilson(1, 2)\nlimn.cite()\n')
  local pipe = io.popen(testing.program .. " " .. path)
  local text = pipe:read "a"
  pipe:close()
  os.remove(path)
  lu.assertNotNil(text:match "@article{wilson1927,")
  lu.assertNil(text:match "@article{welch1947,")
end

function TestCite:test_entries()
  local text = printed "mlp.new"
  lu.assertNotNil(text:find("version = {" .. limn.version .. "}", 1, true))
  for _, r in ipairs(references.list) do
    local entry = references.bibtex(r.key)
    local depth = 0
    for brace in entry:gmatch "[{}]" do
      depth = depth + (brace == "{" and 1 or -1)
      lu.assertTrue(depth >= 0, r.key)
    end
    lu.assertEquals(depth, 0, r.key)
    for _, field in ipairs { "author", "title", "year" } do lu.assertNotNil(entry:match("\n  " .. field .. " = {"), r.key) end
    lu.assertNil(entry:match "[^\\]&", r.key)
  end
end

function TestCite:test_messages()
  testing.fails('did you mean "kernel.ntk"', limn.cite, "kernel.ntq")
  testing.fails("cite: cannot read /nowhere.lua", limn.cite, "/nowhere.lua")
  testing.fails("cite: entry 2 must be", limn.cite, { "kernel.ntk", 3 })
  testing.fails("cite: expected a script", limn.cite, 3)
end

os.exit(lu.LuaUnit.run())
