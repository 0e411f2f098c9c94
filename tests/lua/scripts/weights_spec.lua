-- weights_spec.lua: the scripts on the spread of weights and on the geometry of optimisers, small, from sweep to ledger.
-- slow: 2 s
local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")

TestWeights = {}

function TestWeights:test_weights()
  local e = run.script "weights"
  local options = { reps = 6, grid = { D = { 8, 64 }, random = { 1024, 4096 } } }
  local by_key, rows, results = run.ledger(e, options)
  lu.assertEquals(run.disagree(rows), {})
  for _, row in ipairs(results:rows()) do
    local sum = 0
    for k = 1, 5 do sum = sum + row["share" .. k] end
    lu.assertAlmostEquals(sum, 1, 1e-9) -- contributions along the labels add up to them
    for C = 3, 10 do lu.assertTrue(row["says" .. C] < row["says" .. C - 1]) end
  end
  for _, key in ipairs { "scatter 8", "scatter 64", "across 8", "across 64", "scatter slope", "across slope" } do
    lu.assertAlmostEquals(by_key[key].measured / by_key[key].theory, 1, 0.2, key)
  end
  lu.assertAlmostEquals(by_key["power 64"].measured, by_key["power 64"].theory, 0.02)
  lu.assertEquals(by_key.sparse.theory_verdict .. by_key.sparse_random.theory_verdict, "agreesagrees")
  run.well_drawn(e.plot(results))
end

function TestWeights:test_a_fit_by_another_norm_is_noticed()
  local function l2(f, y) return limn.regress.minnorm(f, y) end
  local options = { reps = 3, grid = { D = { 8, 64 }, random = { 1024 } } }
  local _, rows = run.with(limn.regress, "l1", l2, function() return run.ledger(run.script "weights", options) end)
  lu.assertEquals(run.disagree(rows), { "sparse", "sparse_random" })
end

function TestWeights:test_a_small_ridge_is_noticed()
  local function ridge(f, y) return limn.regress.ridge(f, y, { lambda = 1e-6 * f.count }) end
  local options = { reps = 3, grid = { D = { 8, 64 }, random = { 1024 } } }
  local _, rows = run.with(limn.regress, "minnorm", ridge, function() return run.ledger(run.script "weights", options) end)
  lu.assertEquals(run.disagree(rows), { "whole" })
end

function TestWeights:test_optimisers()
  local e = run.script "optimisers"
  local by_key, rows, results = run.ledger(e, { reps = 3, params = { random = 1024, steps = 300 },
    grid = { rule = "1:5", loss = { 1, 2 }, D = { 32 } } })
  for _, row in ipairs(results:rows()) do
    local at = row.rule .. ":" .. row.loss
    lu.assertAlmostEquals(row.share, row.best, 0.02, at) -- as at the minimum of the rule's norm
    lu.assertTrue(row.margin <= 1 + 1e-9, at) -- no margin exceeds the maximum
    if row.loss == 2 then lu.assertTrue(row.residual < 1e-4 and row.size >= 1 - 1e-4, at) end
  end
  lu.assertEquals(run.disagree(rows), {})
  lu.assertEquals(by_key["norm 1 1"].theory_verdict, "agrees")
  lu.assertEquals(by_key["norm 2 2"].theory_verdict, "agrees")
  lu.assertTrue(by_key["norm 1 5"].measured > by_key["norm 1 4"].measured) -- Adam with b2 = b1 is nearer to the maximum
  run.well_drawn(e.plot(results))
end

function TestWeights:test_a_margin_above_the_maximum_is_noticed()
  local lp = limn.regress.lp
  local function wrong(f, y) return lp(f, y, { norm = 3 }) end -- too large in the maximum norm
  local options = { reps = 3, params = { random = 1024, steps = 300 }, grid = { rule = { 3 }, loss = { 1 }, D = { 32 } } }
  local by_key = run.with(limn.regress, "lp", wrong, function() return run.ledger(run.script "optimisers", options) end)
  lu.assertTrue(by_key["norm 1 3"].measured > 1.1)
  lu.assertEquals(by_key["norm 1 3"].theory_verdict, "disagrees")
end

os.exit(lu.LuaUnit.run())
