-- limits_spec.lua: the scripts on the limits of wide nets and on sharp tasks, small, from sweep to ledger and figure.
-- slow: 2 s
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

local run = dofile(here .. "/../support/script_run.lua")
local script, report = run.script, run.report

local function mean(results, name, where)
  local sum, count = 0, 0
  for _, row in ipairs(results:rows()) do
    local fits = true
    for k, v in pairs(where) do fits = fits and row[k] == v end
    if fits then sum, count = sum + row[name], count + 1 end
  end
  return sum / count
end

TestScripts = {} -- luacheck: ignore

-- One hidden layer: the standard parameterisation tends to the last layer's predictor; two: to its own limit.
function TestScripts:test_which_limit()
  local e = script "which_limit"
  local results, failed = e:run { workers = 0, reps = 4, params = { widest = 256 },
    grid = { scheme = { 1, 2, 3 }, depth = { 1, 2 }, width = { 64, 256, 2048 } } }
  lu.assertEquals(failed, 0)
  for _, row in ipairs(results:rows()) do lu.assertEquals(row.skipped, row.depth == 2 and row.width > 256 and 1 or 0) end
  local function at(name, scheme, depth, width)
    return mean(results, name, { scheme = scheme, depth = depth, width = width })
  end
  lu.assertTrue(at("own", 1, 1, 2048) < 0.4 * at("ntk", 1, 1, 2048))
  lu.assertTrue(at("way", 1, 2, 256) > 0.5)
  lu.assertTrue(at("own", 1, 2, 256) < at("nngp", 1, 2, 256))
  lu.assertTrue(math.abs(at("way", 2, 2, 256)) < 0.45)
  lu.assertTrue(at("ntk", 3, 1, 2048) < 0.15)
  lu.assertTrue(#report(e, results) > 15)
  lu.assertEquals(tostring(e.plot(results)):sub(1, 4), "limn")
end

function TestScripts:test_sharp_tasks()
  local e = script "sharp_tasks"
  local results, failed = e:run { workers = 0, reps = 2, params = { wide_width = 64, neurons = 256, steps = 1500, bits = 30 },
    grid = { task = { 1, 2, 5, 6 }, D = { 16, 40 } } }
  lu.assertEquals(failed, 0)
  for _, row in ipairs(results:rows()) do
    for _, rule in ipairs { "linear", "nngp", "ntk", "narrow", "wide", "mup", "l1", "bayes" } do
      lu.assertTrue(row[rule] >= 0 and row[rule] <= 1, rule)
    end
    lu.assertTrue(row.moved_mup > row.moved_wide)
  end
  lu.assertEquals(mean(results, "bayes", { task = 2, D = 40 }), 1) -- 40 labels, 13 bits
  lu.assertTrue(mean(results, "nngp", { task = 2, D = 40 }) < 0.6)
  lu.assertTrue(mean(results, "nngp", { task = 1, D = 40 }) > 0.9)
  lu.assertTrue(mean(results, "ntk", { task = 6, D = 40 }) > 0.8)
  lu.assertTrue(#report(e, results) > 20)
  lu.assertEquals(tostring(e.plot(results)):sub(1, 4), "limn")
end

os.exit(lu.LuaUnit.run())
