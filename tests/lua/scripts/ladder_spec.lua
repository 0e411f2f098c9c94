-- slow: 4 s
-- luacheck: allow defined top
-- ladder_spec.lua: the scripts on programs, on the ladder of norms and on random starts, small, from sweep to ledger.
local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

local run = dofile(here .. "/../support/script_run.lua")
local script = run.script

TestScripts = {}
function TestScripts:test_solomonoff()
  local e = script "solomonoff"
  local by_key, rows, results = run.ledger(e, { reps = 6, params = { bits = 22 },
    grid = { target = { 1, 5, 9, 13, 18 }, D = { 2, 4, 8, 16, 32, 63 } } })
  for _, row in ipairs(results:rows()) do
    lu.assertTrue(row.mass >= 0 and row.mass <= 1 + 1e-12 and row.share > 0 and row.share < 1)
    lu.assertTrue(row.used_bayes >= 1 - 1e-9)
  end
  for _, row in ipairs(rows) do
    if row.test == "bound" then lu.assertEquals(row.theory_verdict, "agrees", row.key) end
    lu.assertNotEquals(row.theory_verdict, "disagrees", row.key)
  end
  for i = 2, 4 do
    local law = by_key["pool " .. i].theory
    lu.assertAlmostEquals(by_key["pool " .. i].measured / law, 1, 0.3)
    lu.assertAlmostEquals(by_key["noisy " .. i].measured / law, 1, 1) -- about 1/(1 - H) for programs
  end
  lu.assertAlmostEquals(by_key["ratio 32"].measured, by_key["ratio 32"].theory, 0.05)
  lu.assertAlmostEquals(by_key["law 32"].measured, 0, 0.3)
  run.well_drawn(e.plot(results))
end

-- A prior of 1.9^-length in place of 2^-length: the priors are no longer multiples of 2^-20.
function TestScripts:test_solomonoff_notices_another_prior()
  local space = limn.programs.space
  local function wrong(o)
    local s = space(o)
    local K = s.prior:log() / -math.log(2)
    local prior = (K * -math.log(1.9)):exp()
    return setmetatable({ prior = prior / prior:sum() }, { __index = s, __len = function() return #s end })
  end
  local e = script "solomonoff"
  local options = { reps = 2, params = { bits = 12 }, grid = { target = { 1, 9, 18 }, D = { 4, 8, 16 } } }
  local results = e:run { workers = 0, reps = 2, params = options.params, grid = options.grid }
  local rows = run.with(limn.programs, "space", wrong, function() return run.report(e, results, options) end)
  lu.assertEquals(run.disagree(rows), { "prior" })
end

local function rungs() return { reps = 4, params = { entries = 1 << 17 }, grid = { C = { 2, 3, 4 }, rule = { 1, 2, 5, 7, 8 } } } end

function TestScripts:test_ladder()
  local e = script "ladder"
  local by_key, rows, results = run.ledger(e, rungs())
  lu.assertEquals(run.disagree(rows), {})
  for _, r in ipairs { 1, 2, 5, 7, 8 } do lu.assertAlmostEquals(by_key["mean " .. r].measured, 1, 0.05) end
  run.well_drawn(e.plot(results))
end

-- A factor of two in R/P, a factor of two in D, and a rule that does not cross within the range of the search.
function TestScripts:test_ladder_notices_wrong_rules()
  local analyse = limn.contrib.analyse
  local function with_factor(factor)
    local function wrong(...)
      local parts = analyse(...)
      parts.classes.random.along = parts.classes.random.along * factor
      return parts
    end
    local options = rungs()
    options.grid.rule = { 8 }
    local _, rows = run.with(limn.contrib, "analyse", wrong, function() return run.ledger(script "ladder", options) end)
    return table.concat(run.disagree(rows), ", ")
  end
  lu.assertStrContains(with_factor(2), "mean 8")
  lu.assertStrContains(with_factor(0.5), "mean 8")
  lu.assertStrContains(with_factor(1000), "mean 8")
end

function TestScripts:test_random_start()
  local e = script "random_start"
  local by_key, rows, results = run.ledger(e, { reps = 6, params = { new = 256 }, grid = { D = { 16, 64 }, random = { 512 } } })
  for _, row in ipairs(results:rows()) do
    lu.assertAlmostEquals(row.spread / row.kernel, 1, 0.2)
    lu.assertTrue(row.one < row.zero)
  end
  for _, row in ipairs(rows) do
    lu.assertNotEquals(row.theory_verdict, "disagrees", row.key)
    if row.test == "bound" then lu.assertEquals(row.theory_verdict, "agrees", row.key) end
    if row.id == "A31" then lu.assertAlmostEquals(row.measured, row.theory, 0.06, row.key) end
  end
  lu.assertAlmostEquals(by_key.spread.measured, 1, 0.03)
  lu.assertNotEquals(by_key["lost 512"].essay_verdict, "agrees")
  lu.assertAlmostEquals(by_key["early 512"].measured, by_key["early 512"].theory, 0.05)
  run.well_drawn(e.plot(results))
end

function TestScripts:test_random_start_notices_a_smaller_start()
  local gd = limn.regress.gd
  local function wrong(f, y, o)
    if type(o.start) == "table" then o.start = { scale = 0.9 * o.start.scale } end
    return gd(f, y, o)
  end
  local options = { reps = 4, params = { new = 64 }, grid = { D = { 16 }, random = { 512 } } }
  local by_key = run.with(limn.regress, "gd", wrong, function() return run.ledger(script "random_start", options) end)
  lu.assertEquals(by_key.spread.theory_verdict, "disagrees")
end

os.exit(lu.LuaUnit.run())
