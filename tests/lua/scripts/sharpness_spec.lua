-- sharpness_spec.lua: the script on the cost of a step function, small, from sweep to ledger.
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")

TestSharpness = {} -- luacheck: ignore

function TestSharpness:test_exponents_and_constants()
  local e = run.script "sharpness"
  local options = { workers = 0, grid = { kernel = { 1, 2, 3, 4, 5 }, depth = { 1, 2 }, step = { 3, 4, 5, 6, 7, 10, 11, 12, 22, 23, 24 } } }
  local results, failed = e:run(options)
  lu.assertEquals(failed, 0)
  for _, row in ipairs(results:rows()) do
    if row.skipped == 0 then lu.assertEquals(row.rank, 4) end
    if row.kernel == 1 and row.depth == 1 and row.step == 12 then lu.assertAlmostEquals(row.norm / 8.4825e10, 1, 1e-4) end
  end
  local rows, essay = run.report(e, results, options), 0
  lu.assertEquals(#rows, 15)
  for _, row in ipairs(rows) do
    lu.assertEquals(row.theory_verdict, "agrees", row.claim)
    if row.essay_verdict == "disagrees" then essay = essay + 1 end
  end
  lu.assertEquals(essay, 1) -- standard nets of two layers: -1, not -3
  run.well_drawn(e.plot(results))
end

os.exit(lu.LuaUnit.run())
