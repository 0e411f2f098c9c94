-- weights_spec.lua: the scripts on the spread of weights and on the geometry of optimisers, small, from sweep to ledger.
-- slow: 2 s
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")

TestWeights = {}

function TestWeights:test_weights()
  local e = run.script "weights"
  local results, failed = e:run { workers = 0, reps = 6, grid = { D = { 8, 64 }, random = { 1024, 4096 } } }
  lu.assertEquals(failed, 0)
  for _, row in ipairs(results:rows()) do
    if row.D == 64 then -- too many points for lucky copies
      lu.assertAlmostEquals(row.sparse, row.random // 256, 1e-6) -- L1: only copies of the labels
      lu.assertTrue(row.sparse_random < 1e-9)
    end
    local sum = 0
    for k = 1, 5 do sum = sum + row["share" .. k] end
    lu.assertAlmostEquals(sum, 1, 1e-9) -- contributions along the labels add up to them
    for C = 3, 10 do lu.assertTrue(row["says" .. C] < row["says" .. C - 1]) end
  end
  local ids, wrong = {}, 0
  for _, row in ipairs(run.report(e, results)) do
    ids[row.id] = (ids[row.id] or 0) + 1
    if row.verdict == "disagrees" then wrong = wrong + 1 end
    if row.id == "A16" then lu.assertAlmostEquals(row.measured / row.predicted, 1, 0.35) end
    if row.id == "A21" then lu.assertAlmostEquals(row.measured, row.predicted, 0.02) end
  end
  for _, id in ipairs { "A7", "A16", "A21", "A28" } do lu.assertTrue(ids[id] >= 2, id) end
  lu.assertTrue(wrong <= 2) -- of about twenty 99 % intervals from six replicates
  e.plot(results)
end

function TestWeights:test_optimisers()
  local e = run.script "optimisers"
  local results, failed = e:run { workers = 0, reps = 2, params = { random = 1024, steps = 300 }, grid = { rule = "1:4",
    loss = { 1, 2 }, D = { 32 } } }
  lu.assertEquals(failed, 0)
  for _, row in ipairs(results:rows()) do
    local at = row.rule .. ":" .. row.loss
    lu.assertAlmostEquals(row.share, row.best, 0.02, at) -- as at the minimum of the rule's norm
    if row.rule == 1 then lu.assertEquals(row.share, 1, at) end
    lu.assertTrue(row.margin <= 1 + 1e-9, at) -- no margin exceeds the maximum
    if row.loss == 1 then lu.assertTrue(row.margin > 0.93, at) end
    if row.loss == 2 then lu.assertTrue(row.residual < 1e-4 and row.size >= 1 - 1e-4, at) end
    if row.loss == 2 and row.rule == 2 then lu.assertAlmostEquals(row.size, 1, 1e-4) end
  end
  for _, row in ipairs(run.report(e, results)) do
    if row.claim:find("P/(P+R)", 1, true) then lu.assertAlmostEquals(row.measured, row.predicted, 0.06, row.claim) end
  end
  e.plot(results)
end

os.exit(lu.LuaUnit.run())
