-- neuron_complexity_spec.lua: what random neurons compute, small, from sweep to ledger and figure.
-- slow: 2 s
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")

local rows_of = run.rows_of

TestNeurons = {} -- luacheck: ignore

function TestNeurons:test_complexity()
  local rows, results = rows_of("neuron_complexity", { reps = 4, params = { samples = 16384 },
    grid = { inputs = { 2, 3 }, layer = { 1, 2, 3 }, width = { 0, 4, 32 } } })
  for _, row in ipairs(results:rows()) do
    if row.skipped == 0 then
      lu.assertEquals(#row.hits, row.inputs == 2 and 4 or 14) -- orbits of functions
      lu.assertEquals(row.hits:sum(), 16384)
    end
  end
  for claim, most in pairs { ["C in layer 1: constant, 2 inputs"] = 0.04, ["C in layer 1: AND, 2 inputs"] = 0.04,
    ["C in layer 1: constant, 3 inputs"] = 0.06, ["C in layer 1: majority, 3 inputs"] = 0.04,
    ["C in layer 1: AND, 3 inputs"] = 0.04, ["functions met in layer 1, 2 inputs"] = 0,
    ["functions met in layer 1, 3 inputs"] = 0,
    ["entropy of the functions in layer 1, 3 inputs"] = 0.03,
    ["probability that one flipped input flips the neuron, layer 2, infinite width"] = 0.005,
    ["probability that one flipped input flips the neuron, layer 3, infinite width"] = 0.005 } do
    local row = rows[claim]
    lu.assertNotNil(row, claim)
    lu.assertTrue(math.abs(row.measured - row.theory) <= most, claim)
  end
  local shift = rows["C of a constant, layer 1 minus layer 2, 3 inputs"]
  lu.assertTrue(shift.measured > 0.5) -- deeper neurons are constant more often
  lu.assertEquals(shift.essay_verdict, "disagrees")
  lu.assertTrue(rows["C of a constant, layer 3 minus layer 2, 3 inputs"].measured < -0.4)
  local step = rows["C of a constant, layer 2: distance to the limit, width 32 / width 4"]
  lu.assertTrue(step.measured > 0 and step.measured < 0.4)
end

-- Functions are counted by orbit: 8192 neurons meet all threshold functions of 4 inputs.
function TestNeurons:test_threshold_functions()
  local rows = rows_of("neuron_complexity", { reps = 2, params = { samples = 4096 },
    grid = { inputs = { 4 }, layer = { 1 }, width = { 0 } } })
  local row = rows["functions met in layer 1, 4 inputs"]
  lu.assertEquals(row.measured, 1882)
  lu.assertEquals(row.theory_verdict, "agrees")
end

function TestNeurons:test_simplicity_bias()
  local rows = rows_of("simplicity_bias", { reps = 4, params = { samples = 16384, bits = 32 },
    grid = { inputs = { 3 }, layer = { 1, 2, 3 }, width = { 0, 32 } } })
  for l = 2, 3 do
    local where = ("layer %d, 3 inputs"):format(l)
    local a = rows["slope a of the bound 2^-(a K + b), " .. where]
    lu.assertTrue(a.measured > 0.15 and a.measured < 0.45)
    lu.assertEquals(a.theory_verdict, "agrees")
    lu.assertTrue(rows["fraction of the mass within 6 bits of the bound, " .. where].measured > 0.8)
    lu.assertTrue(rows["correlation of C with Lempel-Ziv complexity, " .. where].measured > 0.5)
    local gap = rows["K - C, mean over neurons, " .. where]
    lu.assertTrue(gap.measured > 2 and gap.measured < 4) -- a divergence
    lu.assertEquals(gap.essay_verdict, "described")
  end
  lu.assertEquals(rows["sum of 2^-length over the circuits on 3 inputs"].theory_verdict, "agrees")
end

-- Other activations have their own limits; a table of more than 4 inputs is refused.
function TestNeurons:test_tanh_and_bounds()
  local e = run.script "neuron_complexity"
  local results, failed = e:run { workers = 0, reps = 2, grid = { inputs = { 3 }, layer = { 2 }, width = { 0, 32 } },
    params = { samples = 8192, activation = "tanh" } }
  lu.assertEquals(failed, 0)
  lu.assertEquals(#results:rows(), 4)
  lu.assertError(function() e:run { workers = 0, grid = { inputs = { 5 } } } end)
end

os.exit(lu.LuaUnit.run())
