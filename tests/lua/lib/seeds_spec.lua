-- stock: yes
-- seeds_spec.lua: all 64 bits of a seed are used: 2^60 and 2^60 + 1, which are the same double, give different draws in
-- every function with a seed.

local lu = require "luaunit"
local limn = require "limn"
local stubs = require "limn.docs"
local encode = require("limn.native").json.encode

TestSeeds = {}

local X, y = limn.rng.stream(1):normal(12, 3), limn.rng.stream(2):sign(12)
local maps = limn.maps.grid(function(P) return limn.rng.stream(3):normal(6, #P) end, { n = 4 })

local function text(v)
  return limn.array(v):totable()
end

local function trained(call)
  return function(seed)
    local net = limn.mlp.new { sizes = { 3, 4, 1 } }
    net[call](net, X, y, { optimizer = "sgd", batch = 2, rate = 0.1, steps = 3, seed = seed })
    return text(net:forward(X))
  end
end

local function measured(seed)
  local e = limn.experiment { name = "seeds", run = false, params = { n = 1 }, seed = seed,
    measure = function(_, stream) return { u = stream:uniform() } end }
  return e:run({ workers = 0, quiet = true }):rows()[1].u
end

-- What each function draws from a seed.
local draws = {
  ["rng.stream"] = function(seed) return limn.rng.stream { seed = seed }:uniform() end,
  ["features.toy"] = function(seed) return text(limn.features.toy({ points = 8, count = 40, perfect = 2, seed = seed }):dense()) end,
  ["features.correlated"] = function(seed)
    return text(limn.features.correlated({ points = 8, classes = { { count = 40, rho = 0.2 } }, seed = seed }):dense())
  end,
  ["regress.gd"] = function(seed)
    return text(limn.regress.gd(X, y, { rule = "sgd", batch = 2, steps = 4, seed = seed }).weights)
  end,
  ["theory.sample"] = function(seed) return text(limn.theory.sample({ points = 9, count = 99, perfect = 2, reps = 3, seed = seed }).P) end,
  ["programs.space:sample"] = function(seed)
    return text(limn.programs.space({ inputs = 2, max_bits = 12 }):sample({ count = 500, seed = seed }).hits)
  end,
  ["functions.prior"] = function(seed) return limn.functions.prior({ sizes = { 4, 5, 1 }, samples = 99, seed = seed }):ranked() end,
  ["functions.posterior"] = function(seed)
    return limn.functions.posterior({ sizes = { 4, 5, 1 }, S = { 1 }, y = { 1 }, samples = 99, seed = seed }):ranked()
  end,
  ["functions.trained"] = function(seed)
    return limn.functions.trained({ sizes = { 4, 9, 1 }, S = { 1 }, y = { 1 }, count = 9, train = { steps = 5 }, seed = seed }):ranked()
  end,
  ["functions.orthant"] = function(seed)
    return (limn.functions.orthant { covariance = limn.eye(5) + 0.5, signs = "+++++", samples = 32, seed = seed })
  end,
  ["functions.distribution:orthant"] = function(seed)
    return (limn.functions.prior({ sizes = { 3, 1 }, samples = 9 }):orthant("+-++--+-", { samples = 32, seed = seed }))
  end,
  ["mlp.new"] = function(seed) return text(limn.mlp.new({ sizes = { 3, 4, 1 }, seed = seed }):forward(X)) end,
  ["mlp.from_state_dict"] = function(seed) -- that of the parameters before the dict's, and of later batches
    return text(limn.mlp.from_state_dict({ ["0.weight"] = limn.ones(1, 3) }, { seed = seed }):initial():forward(X))
  end,
  ["mlp.ensemble"] = function(seed) return text(limn.mlp.ensemble({ sizes = { 3, 4, 1 }, count = 2, seed = seed }):forward(X)) end,
  ["mlp.coordinate_check"] = function(seed)
    return limn.mlp.coordinate_check({ widths = { 4, 8 }, X = X, y = y, rate = 0.1, reps = 1, seed = seed }).change
  end,
  ["mlp.complexity"] = function(seed)
    local c = limn.mlp.complexity(X:slice(1, 3, 1, 3), { sizes = { 3, 64, 1 }, nets = 5, seed = seed })
    return { c.bits "+++", c.bits "++-", c.bits "+--" }
  end,
  ["mlp:train"] = trained "train",
  ["mlp:step"] = trained "step",
  ["mlp:learning_coefficient"] = function(seed)
    local net = limn.mlp.new { sizes = { 1, 1 }, activation = "linear", bias = false, init = { weight = 1 } }
    local at = { { 1 }, { -1 }, { 1 } }
    local e, _, none = net:learning_coefficient(at, net:forward(at), { seed = seed, samples = 40, warmup = 10 })
    return (e or none).acceptance
  end,
  ["mlp:sample"] = function(seed)
    local net = limn.mlp.new { sizes = { 3, 2, 1 } }
    return text(net:sample(X, y, { temperature = 1, samples = 4, warmup = 0, leapfrog = 2, seed = seed }).outputs)
  end,
  ["maps.bootstrap"] = function(seed) return limn.maps.bootstrap(X:col(1), { seed = seed }).interval end,
  ["maps.consistency"] = function(seed) return { limn.maps.consistency(maps, { seed = seed }) } end,
  ["maps.agreement"] = function(seed) return { limn.maps.agreement(maps, { seed = seed }) } end,
  ["maps:consistency"] = function(seed) return { maps:consistency { seed = seed } } end,
  ["maps:agreement"] = function(seed) return { maps:agreement { seed = seed } } end,
  ["maps:measure"] = function(seed) return { maps:measure { seed = seed } } end,
  ["stats.bootstrap"] = function(seed) return { limn.stats.bootstrap(X:col(1), { seed = seed }) } end,
  ["data.random"] = function(seed) return text((limn.data.random { seed = seed })) end,
  ["data.parity"] = function(seed) return text((limn.data.parity { bits = 8, points = 9, seed = seed })) end,
  ["data.majority"] = function(seed) return text((limn.data.majority { bits = 9, points = 9, seed = seed })) end,
  ["data.boolean"] = function(seed) return text((select(2, limn.data.boolean { bits = 8, seed = seed }))) end,
  ["data.needle"] = function(seed) return text((limn.data.needle { bits = 8, points = 9, seed = seed })) end,
  ["data.stream"] = function(seed) return text((limn.data.stream { kind = "parity", inputs = 20, seed = seed } (1))) end,
  ["data.split"] = function(seed) return text((limn.data.split(limn.range(1, 50), nil, { seed = seed }))) end,
  ["data.kfold"] = function(seed)
    local _, train = limn.data.kfold(limn.range(1, 50), limn.range(1, 50), { seed = seed })()
    return text(train)
  end,
  ["data.batches"] = function(seed) return text((limn.data.batches(limn.range(1, 50), limn.range(1, 50), { seed = seed })(1))) end,
  ["data.modular"] = function(seed) return text((limn.data.modular { modulus = 7, points = 9, seed = seed })) end,
  ["experiment:run"] = measured,
  ["results.groups:interval"] = function(seed)
    local e = limn.experiment { name = "seeds", run = false, params = { n = 1 }, reps = 9,
      measure = function(_, stream) return { u = stream:uniform() } end }
    return e:run({ workers = 0, quiet = true }):group("n"):interval("u", { seed = seed }):rows()[1].u_low
  end,
}

-- The interval of an entropy is the jackknife's, which draws nothing.
local without = { ["maps.entropy"] = true, ["maps:entropy"] = true }

function TestSeeds.testNeighboursPastTheIntegersOfADouble()
  local seen = 0
  for _, entry in ipairs(stubs.read().order) do
    for _, field in ipairs(entry.options and stubs.fields(entry.options) or {}) do
      if field.name == "seed" and not without[entry.name] then
        local draw = draws[entry.name]
        lu.assertNotNil(draw, entry.name .. " takes a seed: say here what it draws")
        local a, again, b = encode { draw(1 << 60) }, encode { draw(1 << 60) }, encode { draw((1 << 60) + 1) }
        lu.assertEquals(a, again, entry.name)
        lu.assertNotEquals(a, b, entry.name .. ": seeds 2^60 and 2^60 + 1 draw the same")
        seen = seen + 1
      end
    end
  end
  local known = 0
  for _ in pairs(draws) do known = known + 1 end
  lu.assertEquals(seen, known)
end

os.exit(lu.LuaUnit.run())
