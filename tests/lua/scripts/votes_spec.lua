-- votes_spec.lua: the script on the contributions of classes and of a bias, small, from sweep to ledger.
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")

TestVotes = {} -- luacheck: ignore

function TestVotes:test_ledger_and_figure()
  local e = run.script "votes"
  local results, failed = e:run { workers = 0, reps = 4, params = { random = 1024, perfect = 8, new = 8 },
    grid = { D = { 8, 64 }, power = { 0, 0.5, 1 }, imbalance = { 0.25, 0.75 } } }
  lu.assertEquals(failed, 0)
  for _, row in ipairs(results:rows()) do
    lu.assertAlmostEquals(row.P + row.R + row.B, 1, 1e-9) -- the fit interpolates
    lu.assertTrue(row.exact < 1e-9 and row.sum < 1e-9 and row.kernel < 1e-9 and row.say < 1e-9)
    lu.assertEquals(row.other >= 0, row.D == 8 and row.power < 1)
    lu.assertTrue(row.other < 1e-8)
  end
  local seen = {}
  for _, row in ipairs(run.report(e, results)) do
    seen[row.id] = (seen[row.id] or 0) + 1
    if row.predicted == 0 then
      lu.assertNotEquals(row.theory_verdict, "disagrees")
    else
      lu.assertAlmostEquals(row.measured / row.predicted, 1, row.claim:match "participation" and 0.15 or 0.1)
    end
  end
  lu.assertEquals(seen, { A27 = 7, A32 = 8 })
  e.plot(results)
end

os.exit(lu.LuaUnit.run())
