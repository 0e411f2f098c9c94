-- slow: 20 s
-- luacheck: allow defined top
-- learning_spec.lua: the scripts on learning theory, small, from sweep to ledger and figure.
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")

TestLearning = {}

function TestLearning:test_learning_curves()
  local rows, results = run.rows_of("learning_curves", { reps = 4, params = { width = 128, steps = 4000 },
    grid = { place = { 1, 2, 3 }, depth = { 1 }, D = { 64, 256 } } })
  for _, kind in ipairs { "NNGP", "NTK" } do
    for _, place in ipairs { "cube", "sphere" } do
      run.near(rows, ("test error over the learning curve, %s, %s, 1 hidden layer, D = 256"):format(kind, place), 0.35)
    end
  end
  lu.assertEquals(rows["sum of the learnabilities of all parities minus D"].theory_verdict, "agrees")
  lu.assertEquals(#results:where({ place = 3, skipped = 1 }):rows(), 4) -- iris has 150 items
end

function TestLearning:test_splines()
  local rows = run.rows_of("splines", { reps = 2, params = { width = 128, steps = 60000 }, grid = { alpha = { 1 / 64, 1.0, 16.0 } } })
  run.near(rows, "distance of the NNGP limit to the natural cubic spline ~ r^s", 0.25)
  lu.assertEquals(rows["forward pass minus the spline of knots, largest"].theory_verdict, "agrees")
  lu.assertEquals(rows["integral of |f''| below that of the linear spline, largest"].theory_verdict, "agrees")
  run.near(rows, "integral of |f''| over the linear spline's, rich", 0.3)
end

function TestLearning:test_learning_coefficient()
  local rows = run.rows_of("learning_coefficient", { reps = 2, params = { samples = 300 }, grid = { case = { 1, 5 }, t = { 100, 10000 } } })
  run.near(rows, "coefficient at t = 10000, regular, 5 parameters", 0.5)
  run.near(rows, "sampled over exact mean at t = 100, linear 2-1-2, rank 0", 0.25)
end

function TestLearning:test_sequences()
  local rows = run.rows_of("sequences", { reps = 1, params = { bits = 15 } })
  lu.assertEquals(rows["sum of squared errors beyond (ln 2 / 2) K, over it: largest"].theory_verdict, "agrees")
  lu.assertEquals(rows["sum of 2^-length of all codes"].theory_verdict, "agrees")
  lu.assertTrue(rows["sum of squared errors over (ln 2 / 2) K, mean over sequences"].measured < 1)
end

os.exit(lu.LuaUnit.run())
