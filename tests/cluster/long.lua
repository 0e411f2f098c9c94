-- long.lua: what the cluster test runs: one cell that takes longer than its task may (LONG_SECONDS, 75), and saves where it
-- is, or does not.
local limn = require "limn"
local posix = require("limn.native").posix

return limn.experiment {
  name = "long", question = "Does a cell go on where it was?",
  params = { saves = true },
  measure = function(point, rng, cell)
    local net = limn.mlp.new { sizes = { 2, 8, 1 } }
    local state, seconds = { step = 0 }, tonumber(os.getenv "LONG_SECONDS" or 75)
    if point.saves then cell:checkpoint { rng = rng, net = net, state = state, every = 5 } end
    while state.step < 25 do
      net:train(rng:normal(16, 2), rng:normal(16), { steps = 10, rate = 0.01 })
      state.step = state.step + 1
      local stop = posix.now() + seconds / 25
      while posix.now() < stop do posix.ready({}, 0.05) end
      if point.saves then cell:checkpoint { rng = rng, net = net, state = state, every = 5 } end
    end
    return { output = net:forward(limn.ones(1, 2)):sum(), last = rng:uniform() }
  end,
}
