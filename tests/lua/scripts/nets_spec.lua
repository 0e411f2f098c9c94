-- slow: 5 s
-- luacheck: allow defined top
-- nets_spec.lua: the scripts on nets of finite width, small, from sweep to ledger and figure.
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

local run = dofile(here .. "/../support/script_run.lua")
local script = run.script

-- Runs a small sweep, report and plot; returns the rows of the ledger by claim, and the results.
local function rows_of(e, options)
  options.workers = 0
  local results, failed = e:run(options)
  lu.assertEquals(failed, 0)
  local rows = {}
  for _, row in ipairs(run.report(e, results, options)) do rows[row.claim] = row end
  run.well_drawn(e.plot(results))
  return rows, results
end

local near = run.near

local function verdicts(rows, claim, essay, theory)
  lu.assertNotNil(rows[claim], claim)
  lu.assertEquals(rows[claim].essay_verdict .. ", " .. rows[claim].theory_verdict, essay .. ", " .. theory, claim)
end

TestScripts = {}
function TestScripts:test_init_scales()
  local rows = rows_of(script "init_scales", { reps = 5, params = { entries = 1 << 15 },
    grid = { init = { 1, 2, 3, 5 }, activation = { 1, 2, 6 }, width = { 16, 64, 128 } } })
  near(rows, "mean square, factor per layer, He, ReLU, n = 128", 0.06)
  near(rows, "mean square, factor per layer, LeCun, linear, n = 128", 0.04)
  near(rows, "mean square, factor per layer, uniform, b = 0, ReLU, n = 128", 0.01)
  near(rows, "RMS of layer 16, LeCun, tanh, n = 128", 0.02)
  near(rows, "mean square of layer 1, Xavier, ReLU, n = 128", 3e-3)
  near(rows, "mean square of layer 4 over the law, LeCun, mean over activations", 0.1)
  near(rows, "variance of log mean square of layer 16, He, ReLU, n = 64", 0.8)
  near(rows, "gradient of the hidden layer over the last ~ n^s, RMS per entry", 0.25)
  near(rows, "gradient of the hidden layer over the last ~ n^s, Frobenius norm", 0.25)
  verdicts(rows, "mean square, factor per layer, uniform, b = 0, ReLU, n = 128", "disagrees", "undecided")
end

function TestScripts:test_kernel_shares()
  local rows, results = rows_of(script "kernel_shares", { reps = 4, params = { widest = 64, entries = 1 << 14 },
    grid = { law = "1:5", depth = "1:2", width = { 16, 64, 128 } } })
  near(rows, "kernel fraction of the input layer, standard, He, L = 2, n = 16", 0.02)
  near(rows, "kernel fraction of the output layer, standard, He, L = 2, n = 16", 0.1)
  near(rows, "kernel fraction of the input layer, standard, He, L = 2, n = 128", 0.004)
  near(rows, "kernel fraction of the input layer, standard, readout 1/n, L = 2, n = 128", 0.004)
  near(rows, "kernel fraction of the input layer, NTK, L = 2, n = 128", 0.15)
  near(rows, "kernel fraction of the input layer, muP, L = 2, n = 128", 0.2)
  near(rows, "kernel fraction of the input layer, mean field, L = 1, n = 128", 0.15)
  near(rows, "kernel fraction of the input layer, standard, He, ~ n^r, L = 1", 0.5)
  near(rows, "kernel fraction of the second layer, standard, He, ~ n^r, L = 2", 0.5)
  lu.assertStrContains(rows["distance to the limit of all layers ~ n^r, L = 1"].reason, "not measured") -- one trained width
  for _, row in ipairs(results:where({ law = 1, width = 64 }):rows()) do
    lu.assertEquals(row.reached, 1)
    if row.depth == 1 then -- one limit; a net is nearer to its own tangent model than to that
      lu.assertTrue(math.abs(row.all_layers / row.last_layer - 1) < 1e-9 and row.linearised < row.all_layers)
    end
  end
end

function TestScripts:test_feature_movement()
  local rows, results = rows_of(script "feature_movement", { reps = 3, params = { widest = 128 },
    grid = { param = "1:4", depth = "1:2", width = { 64, 128, 256 } } })
  near(rows, "movement of layer 1 ~ n^s, standard, depth 1", 0.4)
  near(rows, "movement of layer 2 ~ n^s, standard, depth 2", 0.3)
  near(rows, "movement of layer 1 ~ n^s, NTK, depth 1", 0.3)
  near(rows, "movement of layer 1 ~ n^s, mean field, depth 1", 0.3)
  near(rows, "movement of layer 1 ~ n^s, muP, depth 2", 0.3)
  near(rows, "movement of layer 2 ~ n^s, muP, depth 2", 0.3)
  near(rows, "largest stable rate ~ n^s, standard, depth 1", 0.5)
  near(rows, "one step of Adam, standard: change of layer 1 ~ n^s", 0.01)
  near(rows, "one step of Adam, standard: change of layer 2 ~ n^s", 0.2)
  near(rows, "fraction of nets that did not reach the loss, n >= 64", 0)
  verdicts(rows, "one step of Adam, standard: change of layer 1 ~ n^s", "-", "agrees")
  for _, row in ipairs(results:where({ width = 64, skipped = 0 }):rows()) do
    lu.assertTrue(row.edge > 0.7 * row.linear and row.edge < 16 * row.linear)
  end
end

os.exit(lu.LuaUnit.run())
