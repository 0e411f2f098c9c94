-- luacheck: allow defined top
-- comparison_spec.lua: the script with the essay's table, small, from sweep to ledger and figure; a task from a file.
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")
local testing = dofile(here .. "/../support/testing.lua")

TestComparison = {}

local function options(grid, data)
  return { reps = 2, params = { width = 64, steps = 2000, bits = 26, data = data }, grid = grid }
end

-- The table at 24 labels: the true parity alone under Bayes' rule and L1, many functions under L2.
function TestComparison:test_parity_of_three_bits()
  local e = run.script "comparison"
  local by_key, rows, results = run.ledger(e, options { task = { 5 } })
  local function value(measure, rule) return by_key[measure .. " | " .. rule].measured end
  for _, rule in ipairs { "programs", "L1" } do
    lu.assertEquals(value("accuracy", rule), 1)
    lu.assertAlmostEquals(value("degree", rule), 1, 1e-3)
    lu.assertTrue(value("hypotheses", rule) < 1.3)
    lu.assertTrue(value("labels, sharp tasks", rule) < 16)
  end
  lu.assertTrue(value("hypotheses", "L2") > 4 and value("hypotheses", "NNGP") > 8 and value("hypotheses", "NNGP") < 64)
  lu.assertTrue(value("labels, sharp tasks", "L2") > value("labels, sharp tasks", "programs"))
  lu.assertEquals(by_key.norm.theory_verdict, "agrees")
  lu.assertEquals(run.disagree(rows), {})
  run.well_drawn(e.plot(results))
end

-- A file with the lines of a parity gives what the task gives, in another order of the lines.
function TestComparison:test_a_truth_table_from_a_file()
  local lines = {}
  for v = 63, 0, -1 do
    local bits = {}
    for i = 1, 6 do bits[i] = v >> i - 1 & 1 end
    lines[#lines + 1] = table.concat(bits, ",") .. "," .. (bits[1] ~ bits[2])
  end
  local path = testing.temp_dir() .. "/table.csv"
  testing.write(path, table.concat(lines, "\n") .. "\n")
  local e = run.script "comparison"
  local by_key = run.ledger(e, options({ task = { 7 } }, path))
  lu.assertEquals(by_key["accuracy, file | programs"].measured, 1)
  lu.assertTrue(by_key["accuracy, file | NNGP"].measured > 0.6)
  testing.write(path, table.concat(lines, "\n", 1, 63) .. "\n")
  local _, failed = e:run { workers = 0, reps = 1, params = { data = path }, grid = { task = { 7 } }, quiet = true }
  lu.assertEquals(failed, 1)
end

os.exit(lu.LuaUnit.run())
