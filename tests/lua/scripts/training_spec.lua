-- slow: 12 s
-- luacheck: allow defined top
-- training_spec.lua: the scripts on training (rates, output scales, fresh data, weight decay), small, from sweep to ledger
-- and figure.
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")

local function verdict(rows, claim)
  lu.assertNotNil(rows[claim], claim)
  return rows[claim].theory_verdict
end

TestTraining = {}

function TestTraining:test_rate_transfer()
  local rows, results = run.rows_of("rate_transfer", { reps = 4, params = { steps = 24 }, grid = { width = { 64, 128 } } })
  run.near(rows, "best rate ~ n^s, standard, gradient descent", 0.8)
  run.near(rows, "best rate ~ n^s, NTK, Adam", 0.6)
  run.near(rows, "best rate ~ n^s, muP, gradient descent", 0.8)
  lu.assertTrue(rows["best rate ~ n^s, standard, Adam"].measured < -0.8)
  lu.assertTrue(rows["loss of the widest nets at the best rate of the narrowest over their least loss, muP, Adam"].measured < 2)
  for _, row in ipairs(results:rows()) do
    lu.assertTrue(row.loss[1] < 0.5 and row.loss:max() <= 0.5)
  end
end

function TestTraining:test_lazy_to_rich()
  local rows, results = run.rows_of("lazy_to_rich", { reps = 3, grid = { width = { 32, 128 } } })
  run.near(rows, "movement ~ r^s, lazy", 0.1)
  run.near(rows, "movement ~ r^s, rich", 0.1)
  run.near(rows, "movement ~ n^s at fixed r", 0.15)
  run.near(rows, "wrong signs, largest r minus NTK limit", 0.15)
  run.near(rows, "change of the alignment, largest r", 1e-3)
  lu.assertTrue(rows["wrong signs, NTK limit minus smallest r"].measured > 0.1)
  lu.assertTrue(rows["change of the alignment, smallest r"].measured > 0.1)
  for _, row in ipairs(results:rows()) do lu.assertEquals(row.failed, 0) end
end

function TestTraining:test_parities()
  local rows, results = run.rows_of("parities", { reps = 3, grid = { d = { 8, 32 } } })
  run.near(rows, "samples ~ d^s, staircase of 3 bits", 0.5)
  run.near(rows, "samples ~ d^s, parity of 2 bits", 0.5)
  lu.assertTrue(rows["samples ~ d^s, parity of 3 bits"].measured > rows["samples ~ d^s, staircase of 3 bits"].measured)
  lu.assertEquals(rows["fraction of cells that did not learn"].measured, 0)
  for _, row in ipairs(results:rows()) do
    lu.assertTrue(row.curve:min() < 0.1 and row.samples > 0 and row.rate > 2 ^ -6)
  end
  rows = run.rows_of("parities", { reps = 2, params = { steps = 8 }, grid = { d = { 16, 32 }, task = { 4 } } }) -- too few steps
  lu.assertEquals(rows["fraction of cells that did not learn"].measured, 1)
  lu.assertNil(rows["samples ~ d^s, parity of 3 bits"].measured)
end

function TestTraining:test_grokking()
  local rows, results = run.rows_of("grokking", { reps = 2, params = { modulus = 13, steps = 1600 },
    grid = { fraction = { 0.7, 0.8 } } })
  run.near(rows, "steps until generalisation ~ decay^s", 0.5)
  run.near(rows, "change of the alignment after the fit, without decay", 0.1)
  lu.assertTrue(rows["steps until generalisation over steps until the fit"].measured > 3)
  lu.assertTrue(rows["test accuracy with decay"].measured > rows["test accuracy without decay"].measured + 0.5)
  lu.assertNotEquals(verdict(rows, "change of the alignment after the fit, with decay"), "disagrees")
  for _, row in ipairs(results:rows()) do lu.assertEquals({ row.train1[#row.train1], row.train3[#row.train3] }, { 1, 1 }) end
end

os.exit(lu.LuaUnit.run())
