-- votes_spec.lua: the script on the contributions of classes and of a bias, small, from sweep to ledger.
local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")

TestVotes = {} -- luacheck: ignore

local function options()
  return { reps = 4, params = { random = 1024, perfect = 8, new = 8 },
    grid = { D = { 8, 64 }, power = { 0, 0.5, 1 }, imbalance = { 0.25, 0.75 } } }
end

function TestVotes:test_ledger_and_figure()
  local e = run.script "votes"
  local by_key, rows, results = run.ledger(e, options())
  for _, row in ipairs(results:rows()) do
    lu.assertAlmostEquals(row.P + row.R + row.B, 1, 1e-9) -- the fit interpolates
    lu.assertEquals(row.other >= 0, row.D == 8 and row.power < 1)
  end
  lu.assertEquals(run.disagree(rows), {})
  local seen = {}
  for _, row in ipairs(rows) do
    seen[row.id] = (seen[row.id] or 0) + 1
    if row.test == "bound" then
      lu.assertEquals(row.theory_verdict, "agrees", row.key)
    else
      lu.assertAlmostEquals(row.measured / row.theory, 1, row.key:match "^taking" and 0.15 or 0.1, row.key)
    end
  end
  lu.assertEquals(seen, { A27 = 7, A32 = 8 })
  lu.assertEquals(by_key["change 0 64"].essay, 1)
  run.well_drawn(e.plot(results))
end

function TestVotes:test_a_small_ridge_is_noticed()
  local function ridge(f, y) return limn.regress.ridge(f, y, { lambda = 1e-6 * f.count }) end
  local _, rows = run.with(limn.regress, "minnorm", ridge, function() return run.ledger(run.script "votes", options()) end)
  lu.assertEquals(run.disagree(rows), { "exact", "say", "other" })
end

os.exit(lu.LuaUnit.run())
