-- cells.lua: cells that compute nothing: 10^6 of them as declared, 10^7 with --grid k=1:100; what scale.sh measures.
local limn = require "limn"

return limn.experiment {
  name = "cells", question = "What does a sweep cost beside its cells?",
  params = { n = 1, k = 1 }, grid = { n = "1:1000", k = "1:10" }, reps = 100,
  measure = function(point, rng) return { v = rng:normal(), w = point.n * point.k } end,
  report = function(results) print(#results .. " cells") end,
  plot = function(results) return limn.plot.ci(results, { x = "n", y = "v", show = false }) end,
}
