-- rng_distributions_spec.lua: numbers of further distributions against exact means, variances and probabilities; named
-- options; choice, shuffle; sizes that are refused.

local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")
local fails = testing.fails_here

local N = 40000

-- Mean and variance of x agree with the exact ones: within 5 standard errors, those of the variance from the sample.
local function moments(name, x, mean, variance)
  local n = #x
  lu.assertTrue(math.abs(x:mean() - mean) <= 5 * math.sqrt(variance / n) + 1e-12, ("%s: mean %g, exact %g"):format(name, x:mean(), mean))
  local squares = (x - mean) ^ 2
  lu.assertTrue(math.abs(squares:mean() - variance) <= 5 * squares:std() / math.sqrt(n) + 1e-12,
    ("%s: variance %g, exact %g"):format(name, squares:mean(), variance))
end

TestDistributions = {}

function TestDistributions.testMoments()
  local s = limn.rng.stream(25)
  moments("exponential", s:exponential { scale = 3, shape = N }, 3, 9)
  for _, k in ipairs { 0.05, 0.7, 1, 3.5, 200 } do moments("gamma " .. k, s:gamma { k = k, scale = 2, shape = N }, 2 * k, 4 * k) end
  for _, ab in ipairs { { 0.01, 0.02 }, { 0.5, 0.5 }, { 2, 5 }, { 100, 3 } } do
    local a, b = ab[1], ab[2]
    local x = s:beta(a, b, N)
    lu.assertTrue(x:isfinite():all())
    moments(("beta %g %g"):format(a, b), x, a / (a + b), a * b / ((a + b) ^ 2 * (a + b + 1)))
  end
  for _, tp in ipairs { { 1, 0.3 }, { 10, 0.5 }, { 19, 0.97 }, { 40, 0.3 }, { 1000, 0.9 }, { 1000000, 0.25 }, { 7, 0 }, { 7, 1 } } do
    local t, p = tp[1], tp[2]
    local x = s:binomial(t, p, N)
    lu.assertEquals(x:dtype(), "i64")
    lu.assertTrue(x:min() >= 0 and x:max() <= t)
    moments(("binomial %d %g"):format(t, p), x, t * p, t * p * (1 - p))
  end
  for _, mean in ipairs { 0, 0.2, 4, 9.99, 10, 11, 300, 1e6 } do moments("poisson " .. mean, s:poisson(mean, N), mean, mean) end
  moments("normal", s:normal { mean = -2, sd = 3, shape = N }, -2, 9)
  moments("uniform", s:uniform { low = -1, high = 3, shape = N }, 1, 16 / 12)
end

-- Frequencies against exact probabilities, where both ways of drawing meet.
function TestDistributions.testProbabilities()
  local s = limn.rng.stream(26)
  local function compare(name, x, probability, from, to)
    for k = from, to do
      local p = probability(k)
      lu.assertTrue(math.abs(x:eq(k):mean() - p) <= 5 * math.sqrt(p * (1 - p) / #x) + 1e-12, ("%s at %d"):format(name, k))
    end
  end
  local function log_choose(n, k)
    local l = limn.array({ n + 1, k + 1, n - k + 1 }):lgamma()
    return l[1] - l[2] - l[3]
  end
  for _, mean in ipairs { 3, 12, 40 } do
    local function p(k) return math.exp(-mean + k * math.log(mean) - limn.array({ k + 1 }):lgamma()[1]) end
    compare("poisson " .. mean, s:poisson(mean, N), p, 0, 60)
  end
  for _, t in ipairs { 12, 30, 60 } do
    local function p(k) return math.exp(log_choose(t, k) + k * math.log(0.4) + (t - k) * math.log(0.6)) end
    compare("binomial " .. t, s:binomial(t, 0.4, N), p, 0, t)
  end
end

function TestDistributions.testForms()
  local function fresh() return limn.rng.stream(3) end
  lu.assertTrue(fresh():normal(5, 2, 4):equal(fresh():normal(4) * 2 + 5, 1e-14))
  lu.assertTrue(fresh():normal { mean = 5, sd = 2, shape = { 2, 2 } }:reshape(4):equal(fresh():normal(5, 2, 4)))
  lu.assertTrue(fresh():uniform(-1, 1, 4):equal(fresh():uniform(4) * 2 - 1, 1e-14))
  lu.assertEquals(type(fresh():normal {}), "number")
  lu.assertEquals({ fresh():uniform({ shape = { 2, 3, 4 } }):shape() }, { 2, 3, 4 })
  lu.assertEquals({ fresh():gamma(2, 3, 4):shape() }, { 3, 4 })
  lu.assertEquals(fresh():exponential(3):totable(), fresh():exponential({ shape = 3 }):totable())
  lu.assertEquals(math.type(fresh():poisson(3)), "integer")
  fails("0 x 1 numbers; parameters go by name (mean=, sd=)", function() return fresh():normal(0, 1) end)
  fails("two numbers are rows and columns; parameters go by name (low=, high=)", function() return fresh():uniform(-1, 1) end)
  fails("takes at most 3 arguments, got 4", function() return fresh():normal(1, 2, 3, 4) end)
  fails("rng:normal: rows must be a whole number >= 0, got 2.5", function() return fresh():normal(0, 1, 2.5) end)
  fails("rng:gamma: k is missing", function() return fresh():gamma() end)
  fails("rng:gamma: k must be at least", function() return fresh():gamma(0) end)
  fails('rng:normal: unknown option "size"', function() return fresh():normal { size = 3 } end)
  fails("shape must have 1 to 3 sizes, got 0", function() return fresh():normal { shape = {} } end)
end

function TestDistributions.testChoiceAndShuffle()
  local s = limn.rng.stream(27)
  local x = s:choice(3, N, { weights = { 1, 0, 3 } })
  lu.assertEquals(x:eq(2):count(), 0)
  lu.assertTrue(math.abs(x:eq(1):mean() - 0.25) < 0.011)
  lu.assertEquals(s:choice(5, 5, { replace = false }):sort():totable(), { 1, 2, 3, 4, 5 })
  lu.assertEquals(s:shuffle(limn.range(1, 9)):sort():totable(), limn.range(1, 9):totable())
  lu.assertEquals({ s:choice(limn.eye(3), 2):shape() }, { 2, 3 })
  lu.assertEquals(#s:choice({ 10, 20 }, 0), 0)
  local one = s:choice { 10, 20 }
  lu.assertTrue(one == 10 or one == 20)
  -- without replacement and with weights 1, 2, 3 the first of two is 3 with probability 1/2, the pair {1, 2} comes with
  -- 1/6 * 2/5 + 2/6 * 1/4 = 3/20
  local pairs_12 = 0
  for _ = 1, 4000 do
    local p = s:choice(3, 2, { replace = false, weights = { 1, 2, 3 } })
    if p:max() == 2 then pairs_12 = pairs_12 + 1 end
  end
  lu.assertTrue(math.abs(pairs_12 / 4000 - 3 / 20) < 0.029, pairs_12)
  fails("count is 4, but there are 3 to choose from without replacement", s.choice, s, 3, 4, { replace = false })
  fails("weights must be finite and at least 0", s.choice, s, 2, 1, { weights = { 1, -1 } })
  fails("from must be a whole number >= 1", s.choice, s, 0)
end

function TestDistributions.testMultivariateNormal()
  local s = limn.rng.stream(28)
  local cov = limn.array { { 2, 1, 0 }, { 1, 2, 0 }, { 0, 0, 0 } } -- singular
  local x = s:multivariate_normal({ 1, -1, 5 }, cov, N)
  lu.assertTrue(x:mean(1):equal({ 1, -1, 5 }, 0.05))
  lu.assertTrue(x:cov():equal(cov, 0.1))
  lu.assertEquals({ s:multivariate_normal({ 0, 0 }, limn.eye(2)):shape() }, { 2 })
  fails("cov is not positive semidefinite", s.multivariate_normal, s, { 0, 0 }, { { 1, 2 }, { 2, 1 } })
  fails("cov must be 2 x 2 like mean", s.multivariate_normal, s, { 0, 0 }, limn.eye(3))
end

os.exit(lu.LuaUnit.run())
