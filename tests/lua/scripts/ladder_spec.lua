-- slow: 4 s
-- luacheck: allow defined top
-- ladder_spec.lua: the scripts on programs, on the ladder of norms and on random starts, small, from sweep to ledger.
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

local run = dofile(here .. "/../support/script_run.lua")
local script, report = run.script, run.report

TestScripts = {}
function TestScripts:test_solomonoff()
  local e = script "solomonoff"
  local results, failed = e:run { workers = 0, reps = 6, params = { bits = 22 },
    grid = { target = { 1, 5, 9, 13, 18 }, D = { 2, 4, 8, 16, 32, 63 } } }
  lu.assertEquals(failed, 0)
  for _, row in ipairs(results:rows()) do
    lu.assertTrue(row.mass >= 0 and row.mass <= 1 + 1e-12 and row.share > 0 and row.share < 1)
    lu.assertTrue(row.used_bayes >= 1 - 1e-9)
    if row.D == 16 then lu.assertTrue(row.identity < 1e-9) end
    if row.D == 63 then lu.assertTrue(row.errors <= math.log(2) / 2 * row.K) end -- Solomonoff's bound
  end
  local noisy = 0
  for _, row in ipairs(report(e, results)) do
    lu.assertTrue(row.verdict ~= "disagrees", row.claim)
    if row.claim:find "labels wrong" then -- 1/(1 - H): exact for the pool of random signs, approximate for the programs
      noisy = noisy + 1
      local least, most = 0.7, 2
      if row.claim:find "even odds" then least, most = 0.75, 1.3 end
      local ratio = row.measured / row.predicted
      lu.assertTrue(ratio > least and ratio < most, ("%s: %g"):format(row.claim, ratio))
    end
  end
  lu.assertEquals(noisy, 6)
  lu.assertEquals(tostring(e.plot(results)):sub(1, 4), "limn")
end

function TestScripts:test_ladder()
  local e = script "ladder"
  local results, failed = e:run { workers = 0, reps = 3, params = { entries = 1 << 15 },
    grid = { C = { 3 }, rule = { 1, 2, 5, 7, 8 } } }
  lu.assertEquals(failed, 0)
  local rows = report(e, results)
  lu.assertEquals(#rows, 7)
  for _, row in ipairs(rows) do
    if type(row.predicted) == "number" and row.predicted > 0 then
      lu.assertAlmostEquals(row.measured / row.predicted, 1, 0.15)
    end
  end
end

function TestScripts:test_random_start()
  local e = script "random_start"
  local results, failed = e:run { workers = 0, reps = 6, grid = { D = { 16, 64 }, random = { 512 } } }
  lu.assertEquals(failed, 0)
  for _, row in ipairs(results:rows()) do
    lu.assertTrue(row.train < 1e-7 and row.antisymmetric < 1e-7 and row.nearest < 1e-7)
    lu.assertAlmostEquals(row.spread / row.kernel, 1, 0.2)
    lu.assertTrue(row.one < row.zero)
  end
  local rows = report(e, results)
  lu.assertEquals(#rows, 12)
  for _, row in ipairs(rows) do
    if row.id == "A29" and row.claim:match "^extra variance over" then lu.assertAlmostEquals(row.measured, 1, 0.03) end
    if row.id == "A31" then lu.assertAlmostEquals(row.measured, row.predicted, 0.06) end
  end
  lu.assertEquals(rows[#rows].verdict, "refines")
  e.plot(results)
end

os.exit(lu.LuaUnit.run())
