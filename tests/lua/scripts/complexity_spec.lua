-- complexity_spec.lua: the script on data against complexity, small, from sweep to ledger; its rows notice faults.
-- slow: 6 s
local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")

TestComplexity = {} -- luacheck: ignore

local function options()
  return { reps = 6, params = { random = 8192 }, grid = { D = "2:128:log2" } }
end

function TestComplexity:test_ledger_and_figure()
  local e = run.script "complexity_vs_data"
  local by_key, rows, results = run.ledger(e, options())
  lu.assertEquals(run.disagree(rows), {})
  for _, key in ipairs { "sum", "across", "shortcut", "squares", "weight", "alone", "far" } do
    lu.assertEquals(by_key[key].theory_verdict, "agrees", key)
  end
  lu.assertEquals(by_key.small.essay_verdict, "agrees")
  for c = 4, 6 do lu.assertAlmostEquals(by_key["D* " .. c].measured / by_key["D* " .. c].theory, 1, 0.02) end
  lu.assertNil(by_key["D* 7"]) -- its crossover lies at the end of this grid
  run.well_drawn(e.plot(results))
end

function TestComplexity:test_a_small_ridge_is_noticed()
  local function ridge(f, y) return limn.regress.ridge(f, y, { lambda = 1e-6 * f.count }) end
  local _, rows = run.with(limn.regress, "minnorm", ridge, function()
    return run.ledger(run.script "complexity_vs_data", options())
  end)
  local found = table.concat(run.disagree(rows), " ")
  for _, key in ipairs { "sum", "alone" } do lu.assertStrContains(found, key) end
end

function TestComplexity:test_a_factor_of_two_in_the_ratio_is_noticed()
  local analyse = limn.contrib.analyse
  local function wrong(...)
    local parts = analyse(...)
    parts.ratio = parts.ratio / 2
    return parts
  end
  local _, rows = run.with(limn.contrib, "analyse", wrong, function()
    return run.ledger(run.script "complexity_vs_data", options())
  end)
  lu.assertEquals(run.disagree(rows), { "D* 4", "D* 5", "D* 6", "shortcut", "squares" })
end

function TestComplexity:test_labels_of_a_file()
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write "x,kind\n"
  for i = 1, 32 do file:write(i, ",", i % 3 == 0 and "cat" or "dog", "\n") end
  file:close()
  for _, name in ipairs { "data", "labels" } do
    local e = run.script "complexity_vs_data"
    local _, rows, results = run.ledger(e, { reps = 3, params = { random = 4096, [name] = path, positive = "cat" } })
    lu.assertEquals(run.disagree(rows), {})
    lu.assertEquals(results:column("D"):max(), 32) -- the grid ends at the number of rows
  end
  os.remove(path)
end

os.exit(lu.LuaUnit.run())
