-- neuron_complexity_spec.lua: the script on the functions of random neurons, small, from sweep to ledger and figure.
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")

TestNeurons = {} -- luacheck: ignore

function TestNeurons:test_small_sweep()
  local e = run.script "neuron_complexity"
  local results, failed = e:run { workers = 0, reps = 4, grid = { inputs = { 2, 3 }, layer = { 1, 2, 3 }, width = { 0, 4, 32 } },
    params = { samples = 16384, bits = 32 } }
  lu.assertEquals(failed, 0)
  for _, row in ipairs(results:rows()) do
    if row.skipped == 0 then
      lu.assertEquals(#row.hits, row.inputs == 2 and 4 or 14) -- orbits of functions
      lu.assertEquals(row.hits:sum(), 16384)
    end
  end
  local by, shifts = {}, {}
  for _, row in ipairs(run.report(e, results)) do
    by[row.claim] = row
    local layer = row.claim:match "^C of a constant, layer (%d) minus layer 2"
    if layer then shifts[layer] = row.measured end
  end
  for claim, most in pairs { ["C in layer 1: constant, 2 inputs"] = 0.04, ["C in layer 1: AND, 2 inputs"] = 0.04,
    ["C in layer 1: constant, 3 inputs"] = 0.06, ["C in layer 1: majority, 3 inputs"] = 0.04,
    ["C in layer 1: AND, 3 inputs"] = 0.04, ["distinct functions in layer 1, 2 inputs"] = 0,
    ["distinct functions in layer 1, 3 inputs"] = 0, ["probability that one flipped input flips the neuron, layer 2"] = 0.005,
    ["probability that one flipped input flips the neuron, layer 3"] = 0.005 } do
    local row = by[claim]
    lu.assertNotNil(row, claim)
    lu.assertTrue(math.abs(row.measured - row.predicted) <= most, claim)
  end
  for _, l in ipairs { 2, 3 } do
    local a, mass = by[("slope a of the bound 2^-(a K + b), layer %d, 3 inputs"):format(l)],
      by[("mass within 6 bits of the bound, layer %d, 3 inputs"):format(l)]
    lu.assertTrue(a.interval[1] > 0.15 and a.interval[2] < 0.45)
    lu.assertTrue(mass.measured > 0.8)
    local gap = by[("K - C, mean over neurons of layer %d, 3 inputs"):format(l)]
    lu.assertTrue(gap.measured > 2 and gap.measured < 4) -- a divergence
  end
  lu.assertTrue(shifts["1"] > 0.5 and shifts["3"] < -0.4) -- deeper neurons are constant more often
  local step = by["C of a constant, layer 2: distance to the limit, width 32 / width 4"]
  lu.assertTrue(step.measured > 0 and step.measured < 0.4)
  lu.assertEquals(tostring(e.plot(results)):sub(1, 4), "limn")
end

-- Other activations have their own limits; a table of more than 4 inputs is refused.
function TestNeurons:test_tanh_and_bounds()
  local e = run.script "neuron_complexity"
  local results, failed = e:run { workers = 0, reps = 2, grid = { inputs = { 3 }, layer = { 2 }, width = { 0, 32 } },
    params = { samples = 8192, activation = "tanh", bits = 24 } }
  lu.assertEquals(failed, 0)
  lu.assertEquals(#results:rows(), 4)
  lu.assertError(function() e:run { workers = 0, grid = { inputs = { 5 } } } end)
end

os.exit(lu.LuaUnit.run())
