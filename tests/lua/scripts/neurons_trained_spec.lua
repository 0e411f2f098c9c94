-- neurons_trained_spec.lua: the script on training and the vote of neurons, small, from sweep to ledger and figure.
-- slow: 5 s
local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")

TestNeuronsTrained = {} -- luacheck: ignore

local EXPONENT = "exponent in the width of the fraction of neurons that change their function, "

local function options()
  return { reps = 4, params = { nets = 4, steps = 2000 }, grid = { param = { 1, 2, 3, 4 }, width = { 32, 64, 128 } } }
end

function TestNeuronsTrained:test_ledger_and_figure()
  local e = run.script "neurons_trained"
  local by_key, _, results = run.ledger(e, options())
  for _, name in ipairs { "standard", "ntk" } do
    lu.assertTrue(by_key[EXPONENT .. name].measured < -0.2, name)
    lu.assertTrue(by_key[EXPONENT .. name].measured > -0.9, name)
  end
  for _, name in ipairs { "mup", "meanfield" } do lu.assertTrue(math.abs(by_key[EXPONENT .. name].measured) < 0.2, name) end
  for _, row in ipairs(results:rows()) do lu.assertTrue(row.loss < 0.006) end
  run.well_drawn(e.plot(results))
end

-- Nets that are left at their start change no function.
function TestNeuronsTrained:test_no_training_is_noticed()
  local function still() return { losses = limn.zeros(1) } end
  local method = getmetatable(limn.mlp.new { sizes = { 1, 1 } }).__index
  local o = options()
  o.grid = { param = { 3 }, width = { 32 } }
  o.workers = 0
  local results = run.with(method, "train", still, function() return (run.script("neurons_trained"):run(o)) end)
  for _, row in ipairs(results:rows()) do lu.assertEquals(row.changed, 0) end
end

os.exit(lu.LuaUnit.run())
