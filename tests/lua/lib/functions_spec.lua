-- functions_spec.lua: limn.functions against cases whose answers are known, and its messages.
-- slow: 6 s

local lu = require "luaunit"
local limn = require "limn"
local functions = limn.functions

TestFunctions = {}

local function ones(f) return select(2, f:gsub("%+", "")) end

-- Every pattern of n signs.
local function all(n)
  local list = {}
  for code = 0, (1 << n) - 1 do
    local signs = {}
    for i = 1, n do signs[i] = code >> (i - 1) & 1 end
    list[code + 1] = functions.pattern(signs)
  end
  return list
end

-- A count within z standard errors of its expectation.
local function near(count, samples, p, z, what)
  local sd = math.sqrt(samples * p * (1 - p))
  lu.assertTrue(math.abs(count - samples * p) <= z * sd + 1e-9, ("%s: %d of %d, expected %.6g"):format(what, count, samples, samples * p))
end

-- A perceptron without bias on {0,1}^n has every number of + from 0 to 2^n - 1 with probability 2^-n (Mingard et al. 2019).
function TestFunctions.testPerceptronOnZeroOne()
  local n, samples = 5, 100000
  local d = functions.prior { sizes = { n, 1 }, X = (functions.cube(n) + 1) / 2, samples = samples, seed = 3 }
  local by = {}
  for f, count in pairs(d.counts) do by[ones(f)] = (by[ones(f)] or 0) + count end
  for t = 0, 31 do near(by[t] or 0, samples, 1 / 32, 4.5, t .. " ones") end
  lu.assertNil(by[32])
end

-- The perceptron with a bias of the weights' variance on 3 bits: solid angles of the 24-cell, 104 functions.
local function of_cell()
  local probability, sum = {}, 0
  for _, f in ipairs(all(8)) do
    local m, t = functions.complexity(f), ones(f)
    t = math.min(t, 8 - t)
    local p = 0
    if t == 0 or m.degree == 1 then p = 1 / 24 end
    if t == 2 and m.influence == 1 or t == 4 and m.degree == 3 and m.influence == 1.5 then p = 1 / 96 end
    if t == 1 or t == 3 and m.influence == 1.25 then p = 1 / 192 end
    probability[f], sum = p, sum + p
  end
  lu.assertAlmostEquals(sum, 1, 1e-12)
  return probability
end

local CELL = { sizes = { 3, 1 }, weight = 1, bias = 1 / 3 }
local function cell(more)
  local o = {}
  for k, v in pairs(CELL) do o[k] = v end
  for k, v in pairs(more) do o[k] = v end
  return o
end

function TestFunctions.testPriorOfThresholdFunctions()
  local samples, want = 200000, of_cell()
  local d = functions.prior(cell { samples = samples })
  lu.assertEquals(d.kinds, 104)
  for f, p in pairs(want) do
    if p > 0 then near(d.counts[f], samples, p, 5, f) else lu.assertNil(d.counts[f]) end
    if p > 1 / 100 then
      local bits, error = d:orthant(f, { samples = 4096 })
      lu.assertTrue(math.abs(2 ^ -bits / p - 1) < math.max(0.01, 6 * error), f)
    end
  end
  local entropy, interval = d:entropy()
  local exact = (8 * math.log(24, 2) / 24 + 32 * math.log(96, 2) / 96 + 64 * math.log(192, 2) / 192)
  lu.assertTrue(interval[1] <= exact and exact <= interval[2] and math.abs(entropy - exact) < 0.02)
  local _, c = d:bits "++++++++"
  lu.assertTrue(c[1] <= math.log(24, 2) and math.log(24, 2) <= c[2] and c[2] - c[1] < 0.1)
  lu.assertEquals((d:bits "+--++--+"), math.huge)
end

-- Both samplers of the posterior against its enumeration.
function TestFunctions.testPosteriorEnumerated()
  local S, y, want, total = { 1, 4, 6 }, { 1, -1, 1 }, of_cell(), 0
  for f, p in pairs(want) do
    local fits = true
    for i, row in ipairs(S) do fits = fits and (f:sub(row, row) == "+") == (y[i] == 1) end
    want[f] = fits and p or 0
    total = total + want[f]
  end
  local rejection = functions.posterior(cell { S = S, y = y, samples = 200000 })
  local slice = functions.posterior(cell { S = S, y = y, samples = 20000, method = "slice" })
  lu.assertTrue(rejection.evidence_interval[1] <= total and total <= rejection.evidence_interval[2])
  lu.assertEquals(rejection.tried, 200000)
  lu.assertTrue(slice.rhat < 1.05 and slice.effective > 1000 and slice.effective < slice.samples)
  for f, p in pairs(want) do
    for _, d in ipairs { rejection, slice } do
      local found = d:probability(f)
      lu.assertTrue(math.abs(found - p / total) <= 5 * math.sqrt(p / total / d.independent), f .. " " .. d.how)
    end
  end
  local one, two = functions.posterior(cell { S = S, y = y, samples = 200000, limit = true }), rejection
  lu.assertEquals(one.counts["+++++---"], two.counts["+++++---"]) -- a perceptron is its own limit
end

-- Chains of nets with a hidden layer, whose functions depend on the scale of the parameters, against rejection.
function TestFunctions.testChainsOfNets()
  local o = { sizes = { 3, 6, 1 }, bias = 0.3, S = { 1, 8 }, y = { 1, 1 }, samples = 100000 }
  local rejection = functions.posterior(o)
  o.method, o.samples = "slice", 10000
  local slice = functions.posterior(o)
  for _, f in ipairs(rejection:ranked(10)) do
    local sd = math.sqrt(f.probability * (1 / slice.effective + 1 / rejection.samples))
    lu.assertTrue(math.abs(slice:probability(f.pattern) - f.probability) < 5 * sd, f.pattern)
  end
end

-- Wide nets approach the Gaussian process; sampling that process agrees with its orthants.
function TestFunctions.testLimit()
  local o = { sizes = { 3, 1, 1 }, bias = 0.3, samples = 100000, limit = true }
  local limit = functions.prior(o)
  for _, f in ipairs(limit:ranked(10)) do
    local bits, error = limit:orthant(f.pattern)
    near(f.count, 100000, 2 ^ -bits, 5 + 100 * error, f.pattern)
  end
  o.limit, o.sizes[2] = false, 256
  local wide = functions.compare(functions.prior(o), limit)
  o.sizes[2] = 3
  local narrow = functions.compare(functions.prior(o), limit)
  lu.assertTrue(wide.tv < 1.6 * wide.noise and narrow.tv > 3 * narrow.noise)
  lu.assertTrue(wide.correlation > 0.98)
  lu.assertErrorMsgContains("limit=true", function() functions.prior({ sizes = { 3, 4, 1 }, samples = 10 }):orthant "--------" end)
end

function TestFunctions.testOrthants()
  for n = 1, 4 do
    local bits, error = functions.orthant { covariance = limn.eye(n) * 0.5 + 0.5, signs = ("+"):rep(n) }
    lu.assertAlmostEquals(bits, math.log(n + 1, 2), 1e-11)
    lu.assertEquals(error, 0)
  end
  -- two independent pairs, where neither correlation nor signs are equal
  local p = (0.25 - math.asin(0.3) / (2 * math.pi)) * (0.25 - math.asin(0.6) / (2 * math.pi))
  local C = { { 4, 0.6, 0, 0 }, { 0.6, 1, 0, 0 }, { 0, 0, 1, -0.6 }, { 0, 0, -0.6, 1 } }
  lu.assertAlmostEquals((functions.orthant { covariance = C, signs = "+-++" }), -math.log(p, 2), 1e-10)
  -- AR(1): the chance of staying above 0 does not depend on the order of the variables
  local a, b = limn.zeros(7, 7), limn.zeros(7, 7)
  for i = 1, 7 do
    for j = 1, 7 do
      a:set(i, j, 0.6 ^ math.abs(i - j))
      b:set(i, j, 0.6 ^ math.abs((3 * i) % 7 - (3 * j) % 7))
    end
  end
  local x, ex = functions.orthant { covariance = a, signs = "+++++++", samples = 65536 }
  local y, ey = functions.orthant { covariance = b, signs = "+++++++", samples = 65536, seed = 9 }
  lu.assertTrue(ex < 0.002 and math.abs(x - y) < 5 * math.sqrt(ex ^ 2 + ey ^ 2) + 1e-12)
  -- a determined variable: x3 = -x1
  local S = limn.array { { 1, 0.2, -1, 0, 0 }, { 0.2, 1, -0.2, 0, 0 }, { -1, -0.2, 1, 0, 0 }, { 0, 0, 0, 1, 0 }, { 0, 0, 0, 0, 1 } }
  lu.assertEquals((functions.orthant { covariance = S, signs = "+++++" }), math.huge)
  lu.assertAlmostEquals((functions.orthant { covariance = S, signs = "++-++" }), 2 - math.log(0.25 + math.asin(0.2) / 2 / math.pi, 2), 0.01)
end

-- Counts do not depend on threads, and nearly not on the instruction set (rounding of outputs near 0).
function TestFunctions.testDeterministic()
  local o = { sizes = { 5, 12, 7, 1 }, bias = 0.1, samples = 30000, readouts = 3, activation = "tanh" }
  local threads, isa = limn.threads(), limn.isa()
  local lists = {}
  for i, n in ipairs { 1, 2, 3 } do
    limn.threads(n)
    lists[i] = functions.prior(o):ranked(1 << 20)
  end
  limn.threads(threads)
  lu.assertEquals(lists[2], lists[1])
  lu.assertEquals(lists[3], lists[1])
  limn.isa "ref"
  local ref = functions.prior(o)
  limn.isa(isa)
  local here = functions.prior(o)
  lu.assertEquals(here.samples, 30000)
  lu.assertEquals(here.independent, 10000)
  local moved = 0
  for f, count in pairs(ref.counts) do moved = moved + math.abs(count - (here.counts[f] or 0)) end
  lu.assertTrue(moved <= 60)
  o.seed = 2
  lu.assertNotEquals(functions.prior(o):ranked(5), lists[1])
end

-- The outputs are those of limn.mlp for the same law: the probability of one sign at one input given another.
function TestFunctions.testAgainstNets()
  for _, phi in ipairs { "relu", "erf", "gelu", "sin", "linear" } do
    local X, samples = limn.array { { 1, 0.2 }, { -0.3, 1 }, { 0.5, 0.5 } }, 40000
    local d = functions.prior { sizes = { 2, 4, 1 }, X = X, activation = phi, weight = 1.5, bias = 0.4, samples = samples }
    local nets = limn.mlp.ensemble { sizes = { 2, 4, 1 }, activation = phi, init = { weight = 1.5, bias = 0.4 }, count = samples, seed = 5 }
    local z, counts = nets:forward(X):reshape(samples, 3):gt(0):totable(), {}
    for _, row in ipairs(z) do
      local f = functions.pattern(row)
      counts[f] = (counts[f] or 0) + 1
    end
    for f, count in pairs(counts) do
      near((d.counts[f] or 0) - count + samples * 0.5, samples, 0.5, 5 * 2 * math.sqrt(2 * count / samples) + 0.02, phi .. " " .. f)
    end
  end
end

function TestFunctions.testTrained()
  local S, y = { 1, 2, 3, 4 }, { -1, 1, 1, -1 }
  local o = { sizes = { 2, 3, 1 }, X = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 }, { 0.5, 0.4 } }, S = S, y = y, count = 260,
    train = { steps = 400, rate = 0.1 } }
  local d = functions.trained(o)
  lu.assertTrue(d.unfitted > 10) -- XOR with 3 units
  lu.assertEquals(d.samples + d.unfitted, 260)
  lu.assertEquals(d.tried, 260)
  for f in pairs(d.counts) do lu.assertEquals(f:sub(1, 4), "-++-") end
  local counted = 0 -- one by one
  for rep = 0, 259 do
    local net = limn.mlp.new { sizes = o.sizes, rep = rep }
    net:train({ o.X[1], o.X[2], o.X[3], o.X[4] }, y, o.train)
    if functions.pattern(net:forward(o.X)):sub(1, 4) == "-++-" then counted = counted + 1 end
  end
  lu.assertEquals(counted, d.samples)
  o.train = { steps = 0 }
  o.count = 3
  local none, message = functions.trained(o)
  lu.assertNil(none)
  lu.assertStrContains(message, "none of 3 trained nets fits")
end

function TestFunctions.testComplexity()
  -- Knuth 2011, section 7.1.2, table 1: functions of 4 variables by the least number of gates of a formula
  local want, seen, list = { [0] = 10, 60, 456, 2474, 10624, 24184, 25008, 2720 }, {}, {}
  local d = functions.prior { sizes = { 4, 24, 1 }, bias = 0.5, samples = 60 }
  local gates = d:complexity({ gates = true }).gates
  for rank, f in ipairs(d:ranked(d.kinds)) do list[rank] = functions.complexity(f.pattern, { gates = true }).gates end
  lu.assertEquals(gates:totable(), list)
  for code = 0, 65535, 655 do -- a sample of all, by inclusion of each length
    local signs = {}
    for i = 1, 16 do signs[i] = code >> (i - 1) & 1 end
    local g = functions.complexity(signs, { gates = true }).gates
    lu.assertNotNil(want[g])
    seen[g] = (seen[g] or 0) + 1
  end
  for g = 3, 6 do near(seen[g] or 0, 101, want[g] / 65536, 4, g .. " gates") end
  local parity = "-++-+--++--+-++-+--+-++--++-+--+"
  local m = functions.complexity(parity, { gates = true })
  lu.assertEquals({ m.ones, m.entropy, m.degree, m.influence, m.sensitivity, m.gates, m.gates_exact }, { 16, 1, 5, 5, 5, 4, false })
  local space = limn.programs.space { inputs = 3, max_bits = 24 }
  local and3 = functions.complexity("-------+", { space = space, gates = true })
  lu.assertEquals(and3.gates, 2)
  lu.assertEquals(and3.program, space.bits[space:find(0x80)])
  lu.assertEquals(functions.complexity("+++++").phrases, math.log(5, 2))
  lu.assertNil(functions.complexity("+++++").degree)
end

function TestFunctions.testGeneralisationAndBound()
  local d = functions.posterior(cell { S = { 1, 8 }, y = { -1, 1 }, samples = 20000 })
  local target = "---+-+++"
  local mean, interval, list = d:generalisation { target = target, S = d.S }
  local sum, mass = 0, 0
  for f, count in pairs(d.counts) do
    local wrong = 0
    for i = 2, 7 do wrong = wrong + (f:sub(i, i) ~= target:sub(i, i) and 1 or 0) end
    sum = sum + wrong / 6 * count / d.samples
  end
  for _, e in ipairs(list) do mass = mass + e.probability end
  lu.assertAlmostEquals(mean, sum, 1e-12)
  lu.assertAlmostEquals(mass, 1, 1e-12)
  lu.assertTrue(interval[1] < mean and mean < interval[2])
  lu.assertTrue(functions.bound { bits = 5, points = 20 } < functions.bound { bits = 10, points = 20 })
end

-- ---- what cannot be done ---------------------------------------------------------------------------------------------------

local function refuses(text, f, ...)
  local good, message = pcall(f, ...)
  lu.assertFalse(good)
  lu.assertTrue(tostring(message):find(text, 1, true) ~= nil, tostring(message))
end

function TestFunctions.testBadInput()
  local prior, posterior = functions.prior, functions.posterior
  refuses("functions.prior: rows 1 and 3 of X are equal", prior, { sizes = { 2, 1 }, X = { { 0, 1 }, { 1, 1 }, { 0, 1 } } })
  refuses("functions.prior: X must have 2 columns", prior, { sizes = { 2, 1 }, X = { { 0, 1, 1 } } })
  refuses("functions.prior: sizes must end in 1 output, got 2", prior, { sizes = { 2, 4, 2 } })
  refuses("functions.prior: X[2,1] must be finite, got nan", prior, { sizes = { 2, 1 }, X = { { 0, 1 }, { 0 / 0, 1 } } })
  refuses("may take 268 GiB; lower space", prior, { sizes = { 3, 1 }, X = limn.rng.stream(1):normal(4096, 3), space = 1 << 28 })
  refuses("all inputs of 20 bits are more than 4096", prior, { sizes = { 20, 1 } })
  refuses("functions.posterior: 4096 chains of", posterior,
    cell { S = { 1 }, y = { 1 }, method = "slice", chains = 4096, samples = 1 << 40 })
  refuses("S[2] must be the number of a row of X, 1 .. 8, got 9", posterior, cell { S = { 1, 9 }, y = { 1, 1 } })
  refuses("S names row 3 twice", posterior, cell { S = { 3, 3 }, y = { 1, 1 } })
  refuses("y has 1 labels for 2 rows of S", posterior, cell { S = { 1, 2 }, y = { 1 } })
  refuses("y[1] must be -1 or 1, got 0", posterior, cell { S = { 1 }, y = { 0 } })
  refuses("covariance[1,2] must be symmetric", functions.orthant, { covariance = { { 1, 0.3 }, { 0, 1 } }, signs = "++" })
  refuses("covariance[1,2] must be at most", functions.orthant, { covariance = { { 1, 2 }, { 2, 1 } }, signs = "++" })
  refuses("has 3 signs, but X has 8 rows", function() prior(cell { samples = 10 }):bits "+++" end)
  -- no threshold function is the parity of two bits
  local S, y = { 1, 2, 3, 4 }, { 1, -1, -1, 1 }
  for _, method in ipairs { "rejection", "slice" } do
    local d, message = posterior(cell { S = S, y = y, method = method, samples = 1000 })
    lu.assertNil(d)
    lu.assertStrContains(message, method == "slice" and "found no net that fits all labels" or "none of 1000 nets fits")
  end
  -- one sample after each of few steps of chains that start far apart
  local d, message = posterior { sizes = { 4, 30, 1 }, S = { 1 }, y = { 1 }, method = "slice", samples = 20, burn = 20, chains = 2 }
  lu.assertNil(d)
  lu.assertStrContains(message, "the chains did not mix: R-hat")
  refuses("rare functions were not counted", function() prior({ sizes = { 5, 9, 1 }, samples = 9999, space = 10 }):entropy() end)
end

os.exit(lu.LuaUnit.run())
