-- limits_spec.lua: the scripts on the limits of wide nets and on sharp tasks, small, from sweep to ledger and figure.
-- slow: 9 s
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

local run = dofile(here .. "/../support/script_run.lua")

local function mean(results, name, where)
  local sum, count = 0, 0
  for _, row in ipairs(results:rows()) do
    local fits = row[name] ~= nil
    for k, v in pairs(where) do fits = fits and row[k] == v end
    if fits then sum, count = sum + row[name], count + 1 end
  end
  return sum / count
end

local rows_of, near = run.rows_of, run.near

TestScripts = {} -- luacheck: ignore

-- One hidden layer: the standard parameterisation tends to the last layer's predictor; two: to its own limit.
function TestScripts:test_which_limit()
  local rows, results = rows_of("which_limit", { reps = 4, params = { widest = 256 },
    grid = { scheme = "1:5", depth = { 1, 2 }, width = { 64, 256, 512, 2048 } } })
  for _, row in ipairs(results:rows()) do
    local mean_too_wide = row.scheme == 5 and row.width > 1024 or row.scheme > 3 and (row.width < 128 or row.depth > 1)
    lu.assertEquals(row.skipped, (row.depth == 2 and row.width > 256 or mean_too_wide) and 1 or 0)
  end
  local function at(name, scheme, depth, width)
    return mean(results, name, { scheme = scheme, depth = depth, width = width })
  end
  lu.assertTrue(at("own", 1, 1, 2048) < 0.4 * at("ntk", 1, 1, 2048))
  lu.assertTrue(at("position", 1, 2, 256) > 0.5)
  lu.assertTrue(at("own", 1, 2, 256) < at("nngp", 1, 2, 256))
  lu.assertTrue(math.abs(at("position", 2, 2, 256)) < 0.45)
  lu.assertTrue(at("ntk", 3, 1, 2048) < 0.15)
  near(rows, "fraction of the tangent kernel, last layer, n = 256, standard, 2 hidden layers", 0.05)
  near(rows, "position between NNGP (0) and NTK (1), n = 2048, standard, 1 hidden layer", 0.2)
  near(rows, "distance to the own limit ~ n^s, standard, 1 hidden layer", 0.25)
  near(rows, "distance of the mean over nets to the limit ~ n^s, NTK parameterisation, ReLU, 1 hidden layer", 0.2)
  near(rows, "distance of the mean over nets to the limit ~ n^s, NTK parameterisation, erf, 1 hidden layer", 0.3)
  local last = rows["fraction of the tangent kernel, last layer, n = 256, standard, 2 hidden layers"]
  lu.assertEquals(last.essay_verdict, "disagrees") -- 1/2, not 1
end

-- The user's own points in place of random ones.
function TestScripts:test_which_limit_on_a_file()
  local path = os.tmpname() .. ".csv"
  local file, rng = assert(io.open(path, "w")), require("limn").rng.stream { seed = 1 }
  for _ = 1, 30 do
    local a, b, c = rng:normal(), rng:normal(), rng:normal()
    file:write(("%g,%g,%g,%g\n"):format(a, b, c, a * b + c))
  end
  file:close()
  local rows = rows_of("which_limit", { reps = 3, params = { data = path, points = 6, widest = 128 },
    grid = { scheme = { 1 }, depth = { 1 }, width = { 64, 256 } } })
  os.remove(path)
  near(rows, "fraction of the tangent kernel, last layer, n = 256, standard, 1 hidden layer", 0.02)
  lu.assertAlmostEquals(rows["fraction of the tangent kernel, input layer, n = 256, standard, 1 hidden layer"].theory, 4 / 260, 1e-12)
end

function TestScripts:test_sharp_tasks()
  local rows, results = rows_of("sharp_tasks", { reps = 3, params = { wide_width = 128, width = 64, neurons = 256, steps = 4000 },
    grid = { task = { 1, 2, 3, 5, 6 }, D = { 64, 128 } } })
  for _, row in ipairs(results:rows()) do
    for _, rule in ipairs { "linear", "nngp", "ntk", "l1", "bayes" } do lu.assertTrue(row[rule] >= 0 and row[rule] <= 1, rule) end
    if row.moved_mup and row.moved_wide then lu.assertTrue(row.moved_mup > row.moved_wide) end
    lu.assertEquals(row.moved_mup ~= nil or row.failed > 0, row.D == 64 and row.task ~= 2 and row.task ~= 6) -- nets at the D of the ledger
  end
  lu.assertEquals(mean(results, "bayes", { task = 2, D = 128 }), 1) -- 128 labels, 14 bits
  local chance = mean(results, "nngp", { task = 2, D = 128 })
  lu.assertTrue(chance > 0.42 and chance < 0.6, chance)
  near(rows, "accuracy of the NNGP limit: parity of 2 bits, D = 64", 0.15)
  near(rows, "accuracy of Bayes' rule: parity of 2 bits, D = 64", 0)
  near(rows, "accuracy of Bayes' rule: needle, 3 bits, D = 64", 0.02)
  near(rows, "accuracy of the NNGP limit: random Boolean, D = 64", 0.1)
  lu.assertTrue(mean(results, "ntk", { task = 6, D = 64 }) > 0.8)
  lu.assertTrue(mean(results, "mup", { task = 1, D = 64 }) > mean(results, "nngp", { task = 1, D = 64 }) + 0.05)
end

-- Bayes' rule: every function of k bits is counted; with few labels it is undecided, with many it is certain.
function TestScripts:test_sharp_tasks_on_a_file()
  local path = os.tmpname() .. ".csv"
  local file, rng = assert(io.open(path, "w")), require("limn").rng.stream { seed = 2 }
  for _ = 1, 160 do
    local x = rng:normal(5):totable()
    file:write(table.concat(x, ","), ",", x[2] * x[4] > 0 and 3 or 1, "\n")
  end
  file:close()
  local _, results = rows_of("sharp_tasks", { reps = 2, params = { data = path, wide_width = 64, width = 64, steps = 500 },
    grid = { task = { 7 }, D = { 64 } } })
  os.remove(path)
  lu.assertTrue(mean(results, "bayes", { task = 7 }) > 0.85, mean(results, "bayes", { task = 7 })) -- a parity of 2 signs
  lu.assertTrue(mean(results, "linear", { task = 7 }) < 0.75)
end

os.exit(lu.LuaUnit.run())
