-- ledger_by_hand_spec.lua: verdicts of rows whose intervals are known by hand.
-- stock: yes
local lu = require "luaunit"
local claims = require("limn").claims

TestLedgerByHand = {} -- luacheck: ignore

-- The verdicts on the essay and on the theory of one row, alone in its ledger or beside `others` that are not measured.
local function verdicts(row, estimate, others)
  local ledger = claims.new "by hand"
  row.claim = "row"
  ledger:declare(row)
  for i = 1, others or 0 do
    ledger:declare { claim = "other " .. i, theory = 0, equal = { margin = 1 } }
  end
  local essay, theory = ledger:measure("row", estimate)
  return { essay, theory }, ledger
end

local function on_theory(row, estimate, others) return verdicts(row, estimate, others)[2] end

function TestLedgerByHand:test_margins()
  for value, expected in pairs { [0.97] = "disagrees", [0.99] = "agrees", [1.019] = "agrees", [1.021] = "disagrees" } do
    lu.assertEquals(on_theory({ theory = 1, equal = { margin = 0.02 } }, claims.exact(value)), expected, value)
    lu.assertEquals(on_theory({ theory = 100, equal = { margin = 0.02, relative = true } }, claims.exact(100 * value)),
      expected, value)
  end
  lu.assertEquals(on_theory({ theory = 2, above = true }, claims.exact(3)), "agrees")
  lu.assertEquals(on_theory({ theory = 2, below = true }, claims.exact(3)), "disagrees")
  lu.assertEquals(on_theory({ bound = 1e-9 }, claims.largest { 1e-12, -9e-10 }), "agrees")
  lu.assertEquals(on_theory({ bound = 1e-9 }, claims.largest { 1e-12, -2e-9 }), "disagrees")
end

-- The mean of 1, 2, 3 is 2 +- 1/sqrt(3) t: +- 2.484 at 95 %, +- 3.583 at 97.5 %.
function TestLedgerByHand:test_intervals()
  local function mean(margin, others)
    return on_theory({ theory = 2, equal = { margin = margin } }, claims.mean { 1, 2, 3 }, others)
  end
  lu.assertEquals({ mean(2.4), mean(2.6) }, { "undecided", "agrees" })
  lu.assertEquals({ mean(3, 0), mean(3, 1), mean(3.7, 1) }, { "agrees", "undecided", "agrees" })
  local function from(theory) return on_theory({ theory = theory, equal = { margin = 0.5 } }, claims.mean { 1, 2, 3 }) end
  lu.assertEquals({ from(2), from(4.9), from(5.1), from(-1.1) }, { "undecided", "undecided", "disagrees", "disagrees" })
end

-- Clopper and Pearson's intervals of 1 and 5 in 10 at 95 %.
function TestLedgerByHand:test_proportions()
  for k, ends in pairs { [1] = { 0.0025286, 0.4450161 }, [5] = { 0.1870860, 0.8129140 } } do
    local interval = claims.proportion(k, 10):interval(0.95)
    lu.assertAlmostEquals(interval[1], ends[1], 1e-6)
    lu.assertAlmostEquals(interval[2], ends[2], 1e-6)
  end
end

-- "refines" needs a statement of the essay that fails and one of the theory that holds.
function TestLedgerByHand:test_refinements()
  local function row() return { essay = 1, theory = 2, equal = { margin = 0.1 }, refines = "twice as much" } end
  lu.assertEquals(verdicts(row(), claims.exact(2)), { "refines", "agrees" })
  lu.assertEquals(verdicts(row(), claims.exact(1)), { "agrees", "disagrees" })
  lu.assertEquals(verdicts(row(), claims.exact(3)), { "disagrees", "disagrees" })
end

-- Without a measurement, or with copies for replicates, nothing agrees.
function TestLedgerByHand:test_no_data()
  local row = function() return { theory = 1, equal = { margin = 0.1 } } end
  lu.assertEquals(on_theory(row(), claims.mean { 1, 1, 1, 1 }), "undecided")
  lu.assertEquals(on_theory(row(), claims.mean { 1 }), "undecided")
  lu.assertEquals(on_theory(row(), nil), "undecided")
  local _, ledger = verdicts(row(), claims.exact(1), 2)
  lu.assertEquals({ #ledger.rows, ledger:count "undecided", ledger:count "agrees" }, { 3, 2, 1 })
end

os.exit(lu.LuaUnit.run())
