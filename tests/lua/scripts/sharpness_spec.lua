-- sharpness_spec.lua: the script on the cost of a step function, small, from sweep to ledger.
local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

TestSharpness = {} -- luacheck: ignore

function TestSharpness:test_exponents_and_constants()
  local e = assert(loadfile(here .. "/../../../scripts/sharpness.lua"))()
  local results, failed = e:run { workers = 0, grid = { kernel = { 1, 2, 3, 4 }, depth = { 1, 2 },
    step = { 3, 4, 5, 6, 7, 10, 11, 12, 22, 23, 24 } } }
  lu.assertEquals(failed, 0)
  for _, row in ipairs(results:rows()) do
    if row.skipped == 0 then
      lu.assertEquals(row.rank, 4)
      if row.predicted and row.d < 2e-3 then lu.assertTrue(math.abs(row.norm / row.predicted - 1) < 0.01) end
    end
    if row.kernel == 1 and row.depth == 1 and row.step == 12 then lu.assertAlmostEquals(row.norm / 8.4825e10, 1, 1e-4) end
  end
  local new, rows = limn.claims.new, nil
  limn.claims.new = function(...)
    local ledger = new(...)
    ledger.print = function() rows = ledger.rows end
    return ledger
  end
  local ok, message = pcall(e.report, results)
  limn.claims.new = new
  lu.assertTrue(ok, message)
  lu.assertTrue(#rows >= 8)
  for _, row in ipairs(rows) do lu.assertEquals(row.verdict, "agrees", row.claim) end
end

os.exit(lu.LuaUnit.run())
