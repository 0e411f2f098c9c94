-- occam_spec.lua: the script on random nets, trained nets and programs, small, from sweep to ledger and figure.
-- slow: 8 s
local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")

TestOccam = {} -- luacheck: ignore

local function options(task) return { reps = 4, params = { samples = 200000, nets = 256 }, grid = { task = task } } end

function TestOccam:test_prior()
  local e = run.script "occam"
  local by_key, rows, results = run.ledger(e, options { 1, 2 })
  lu.assertEquals(run.disagree(rows), {})
  for _, bits in ipairs { "5 bits", "7 bits" } do
    lu.assertTrue(by_key["slope a of the bound 2^-(a K + b), " .. bits].measured > 0.1)
    lu.assertTrue(by_key["correlation of bits with Lempel-Ziv complexity, " .. bits].measured > 0.3)
  end
  for _, row in ipairs(results:rows()) do
    for i = 2, row.kinds do lu.assertTrue(row.cloud:get(i, 2) >= row.cloud:get(i - 1, 2)) end
  end
  run.well_drawn(e.plot(results))
end

function TestOccam:test_learners()
  local e = run.script "occam"
  local by_key, _, results = run.ledger(e, options { 3, 4 })
  lu.assertTrue(by_key["correlation of log P_SGD with log P_B, one input"].measured > 0.5)
  for _, row in ipairs(results:rows()) do
    for _, name in ipairs { "programs", "bayes", "trained", "kernel" } do lu.assertTrue(row[name] >= 0 and row[name] < 0.6, name) end
    lu.assertTrue(row.unfitted < 0.1)
  end
  run.well_drawn(e.plot(results))
end

-- Without labels to go by, programs do not predict better than chance.
function TestOccam:test_a_posterior_of_other_labels_is_noticed()
  local posterior = limn.programs.posterior
  local function mistaken(space, X, y)
    local flipped = {}
    for i, v in ipairs(y) do flipped[i] = -v end
    return posterior(space, X, flipped)
  end
  local rows = run.with(limn.programs, "posterior", mistaken, function() return (run.ledger(run.script "occam", options { 5 })) end)
  lu.assertTrue(rows["mean error of programs minus that of kernel regression, parity of 2"].measured > 0)
end

os.exit(lu.LuaUnit.run())
