-- neurons_vote_spec.lua: the script on the share of the neurons that compute the target, small, from sweep to ledger and figure.
-- slow: 10 s
local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")

TestNeuronsVote = {} -- luacheck: ignore

local function options() return { reps = 8, params = { neurons = 32768, width = 128 }, grid = { layer = { 1, 2 } } } end

function TestNeuronsVote:test_ledger_and_figure()
  local e = run.script "neurons_vote"
  local by_key, rows, results = run.ledger(e, options())
  local laws = 0
  for _, row in ipairs(rows) do
    if row.test == "bound" then
      lu.assertEquals(row.theory_verdict, "agrees", row.key)
    else -- groups of 300 neurons and more, in nets of width 128
      lu.assertTrue(math.abs(row.measured / row.theory - 1) < 0.35, row.key)
      laws = laws + 1
    end
  end
  lu.assertTrue(laws >= 8, laws)
  local one = by_key["share of one input, D = 16, layer 1"]
  lu.assertTrue(one.theory < 0.6 * one.essay) -- the toy law is refused
  lu.assertEquals(one.essay_verdict, "disagrees")
  run.well_drawn(e.plot(results))
end

-- Groups of twice the probability would have twice the share.
function TestNeuronsVote:test_a_wrong_probability_is_noticed()
  local orthant = limn.functions.orthant
  local function likelier(o)
    local bits, error = orthant(o)
    return bits - 1, error
  end
  local o = options()
  o.grid.layer = { 2 }
  local rows = select(2, run.with(limn.functions, "orthant", likelier, function() return run.ledger(run.script "neurons_vote", o) end))
  lu.assertTrue(#run.disagree(rows) > 2)
end

os.exit(lu.LuaUnit.run())
