-- sweep.lua: the sweep of the cluster test: 48 cells of a quarter of a second each, with values of every type.
local limn = require "limn"
local posix = require("limn.native").posix

return limn.experiment {
  name = "sweep", question = "Is the table the same from a cluster?",
  params = { n = 1, kind = "sign", share = 0.5 },
  grid = { n = "1:8", kind = "sign,gaussian", share = "0.25,0.5,0.75" },
  measure = function(point, rng)
    local stop = posix.now() + 0.25
    while posix.now() < stop do end
    return { normal = rng:normal(point.n):sum(), below = rng:uniform() < point.share, text = point.kind .. ", \"quoted\"",
      few = rng:uniform(3), many = point.n == 1 and rng:uniform(100, 100) or nil }
  end,
  report = function(results) print(#results .. " cells") end,
}
