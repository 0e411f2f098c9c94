-- arrays.lua: cells of 800 KB each; what scale.sh measures.
local limn = require "limn"

return limn.experiment {
  name = "arrays", question = "What do large values cost?",
  params = { n = 1 }, grid = { n = "1:2000" },
  measure = function(_, rng) return { a = rng:uniform(100000) } end,
  report = function(results) print(#results .. " cells") end,
}
