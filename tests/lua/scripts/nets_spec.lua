-- slow: 4 s
-- luacheck: allow defined top
-- nets_spec.lua: the scripts on nets of finite width, small, from sweep to ledger and figure.
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

local run = dofile(here .. "/../support/script_run.lua")
local script = run.script

-- Runs report and plot without printing; the ledger's rows by claim.
local function report(e, results)
  local list = run.report(e, results)
  lu.assertStrContains(tostring(e.plot(results)), "figure")
  local rows = {}
  for _, row in ipairs(list) do rows[row.claim] = row end
  return rows
end

local function near(rows, claim, tolerance)
  local row = rows[claim]
  lu.assertNotNil(row, claim)
  lu.assertTrue(math.abs(row.measured - row.predicted) <= tolerance,
    ("%s: %g, predicted %g"):format(claim, row.measured, row.predicted))
end

TestScripts = {}
function TestScripts:test_init_scales()
  local e = script "init_scales"
  local results, failed = e:run { workers = 0, reps = 6,
    grid = { init = { 1, 2, 3, 5 }, activation = { 1, 2, 6 }, width = { 16, 64, 256 } } }
  lu.assertEquals(failed, 0)
  local rows = report(e, results)
  near(rows, "mean square, factor per layer, lecun, linear, n = 256", 0.05)
  near(rows, "mean square, factor per layer, he, ReLU, n = 256", 0.06)
  near(rows, "mean square, factor per layer, uniform, no biases, ReLU, n = 256", 0.01)
  near(rows, "RMS of layer 16, lecun, tanh, n = 256", 0.02)
  near(rows, "mean square of Xavier's first layer, ReLU, ~ n^s", 0.2)
  near(rows, "gradient of the hidden layer ~ n^s, RMS per entry", 0.5)
  near(rows, "gradient of the output layer ~ n^s, Frobenius norm", 0.5)
end

function TestScripts:test_kernel_shares()
  local e = script "kernel_shares"
  local results, failed = e:run { workers = 0, reps = 4, params = { widest = 64, entries = 1 << 14 },
    grid = { law = "1:5", depth = "1:2", width = { 16, 32, 64 } } }
  lu.assertEquals(failed, 0)
  local rows = report(e, results)
  near(rows, "kernel fraction of the input layer, standard, He, L = 2, n = 16", 0.02)
  near(rows, "kernel fraction of the output layer, standard, He, L = 2, n = 16", 0.1)
  near(rows, "kernel fraction of the input layer, standard, He, L = 2, n = 64", 0.005)
  near(rows, "kernel fraction of the input layer, standard, readout 1/n, L = 2, n = 64", 0.005)
  near(rows, "kernel fraction of the input layer, NTK, L = 2, n = 64", 0.1)
  near(rows, "kernel fraction of the input layer, muP, L = 2, n = 64", 0.15)
  near(rows, "kernel fraction of the input layer, mean field, L = 1, n = 64", 0.1)
  for _, row in ipairs(results:where({ law = 1, width = 64 }):rows()) do
    lu.assertEquals(row.reached, 1)
    if row.depth == 1 then -- one limit; a net is nearer to its own tangent model than to that
      lu.assertTrue(row.all_layers == row.last_layer and row.linearised < row.all_layers)
    end
  end
end

function TestScripts:test_feature_movement()
  local e = script "feature_movement"
  local results, failed = e:run { workers = 0, reps = 2, params = { widest = 64 },
    grid = { param = "1:4", depth = "1:2", width = { 64, 128, 256 } } }
  lu.assertEquals(failed, 0)
  local rows = report(e, results)
  near(rows, "r of layer 1 of 1, standard, RMS", 0.4)
  near(rows, "r of layer 2 of 2, standard, RMS", 0.3)
  near(rows, "r of layer 1 of 1, NTK, RMS", 0.3)
  near(rows, "r of layer 1 of 1, mean field, RMS", 0.3)
  near(rows, "r of layer 2 of 2, muP, RMS", 0.3)
  near(rows, "one step of Adam, standard: change of layer 1 ~ n^s", 0.01)
  near(rows, "one step of Adam, standard: change of layer 2 ~ n^s", 0.2)
  for _, row in ipairs(results:where({ width = 64, skipped = 0 }):rows()) do
    lu.assertTrue(row.edge > 0.7 * row.linear and row.edge < 16 * row.linear)
  end
end

os.exit(lu.LuaUnit.run())
