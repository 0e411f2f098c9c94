-- slow: 6 s
-- learning_coefficient_spec.lua: learning coefficients of nets against exact values, and chains that give no number.
local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local testing = dofile(here .. "/../support/testing.lua")
local fails = testing.fails

local SIGNS = limn.array { { 1, 1 }, { 1, -1 }, { -1, 1 }, { -1, -1 } }

local function zero_net(sizes, activation)
  local net = limn.mlp.new { sizes = sizes, activation = activation or "linear", bias = false, init = { weight = 1 } }
  for l, layer in ipairs(net:parameters()) do net:set(l, { weights = layer.weights * 0 }) end
  return net
end

TestCoefficient = {}

-- t E[K] of K = a^2 b^4/2 with normal a, b, by a sum over ln b, a integrated out; lambda is 1/4, reached as t^(-1/4).
local function quartic_mean(t)
  local z, slope = 0, 0
  for i = 1, 4000 do
    local b = math.exp(-20 + 23 * i / 4000)
    local weight = b * math.exp(-b * b / 2)
    z, slope = z + weight / math.sqrt(1 + t * b ^ 4), slope + weight * t * b ^ 4 / 2 * (1 + t * b ^ 4) ^ -1.5
  end
  return slope / z
end

function TestCoefficient.testSingularNets()
  local quartic = zero_net({ 1, 1, 1 }, "quadratic")
  local e = assert(quartic:learning_coefficient({ { 1 }, { -1 } }, { 0, 0 }, { beta = 1, noise = math.sqrt(2 / 1000), samples = 1000 }))
  lu.assertTrue(math.abs(e.value - quartic_mean(1000)) < 0.04, ("%s for %g"):format(e, quartic_mean(1000)))
  lu.assertAlmostEquals(quartic_mean(1e16), limn.theory.learning_coefficient { model = "monomial", exponents = { 1, 2 } }, 1e-3)
  lu.assertTrue(e.interval[1] < e.value and e.value < e.interval[2])
  local square = zero_net { 2, 2, 2 }
  e = assert(square:learning_coefficient(SIGNS, limn.zeros(4, 2), { beta = 1, noise = math.sqrt(4 / 2000), samples = 800 }))
  lu.assertTrue(math.abs(e.value - 1.5) < 0.2, tostring(e))
end

function TestCoefficient.testTheNetIsLeftAlone()
  local net = zero_net { 2, 1 }
  local before = net:parameters()[1].weights
  local e = assert(net:learning_coefficient(SIGNS, { 0, 0, 0, 0 }, { samples = 300, noise = 0.1 }))
  lu.assertEquals((net:parameters()[1].weights - before):abs():max(), 0)
  local again = assert(net:learning_coefficient(SIGNS, { 0, 0, 0, 0 }, { samples = 300, noise = 0.1 }))
  lu.assertEquals(e.value, again.value)
end

-- No number: too few samples, a step that was not fitted, a net that is in no minimum.
function TestCoefficient.testNoNumber()
  local net = zero_net { 2, 2, 2 }
  local value, message, diagnosis = net:learning_coefficient(SIGNS, limn.zeros(4, 2), { samples = 20, warmup = 5, leapfrog = 1,
    rate = 1e-4 })
  lu.assertNil(value)
  lu.assertStrContains(message, "net:learning_coefficient: the chains did not mix: ")
  lu.assertNil(diagnosis.value)
  lu.assertStrContains(tostring(diagnosis), "no number: the chains did not mix")
  local off = limn.mlp.new { sizes = { 2, 1 }, activation = "linear", bias = false, init = { weight = 1 } }
  value, message = off:learning_coefficient(SIGNS, off:forward(SIGNS) + SIGNS:col(1), { noise = 0.1, samples = 300 })
  lu.assertNil(value)
  lu.assertStrContains(message, "have a lower loss than the net, which is in no minimum")
end

function TestCoefficient.testRefused()
  local net = zero_net { 2, 1 }
  local function of(options) return net.learning_coefficient(net, SIGNS, { 0, 0, 0, 0 }, options) end
  fails("net:learning_coefficient: noise must be positive, got 0", of, { noise = 0 })
  fails("chains", of, { chains = 1 })
  fails('dtype = "f64" only', function()
    limn.mlp.new({ sizes = { 2, 1 }, dtype = "f32" }):learning_coefficient(SIGNS, { 0, 0, 0, 0 })
  end)
  local exact = limn.theory.learning_coefficient
  fails('model="regular" requires dim', exact, { model = "regular" })
  fails('dim is no option of model="monomial"', exact, { model = "monomial", exponents = { 1 }, dim = 2 })
  fails("widths[2] is 1, but the rank is 2", exact, { model = "deep_linear", widths = { 3, 1, 3 }, rank = 2 })
  fails("exponents must not all be 0", exact, { model = "monomial", exponents = { 0, 0 } })
end

os.exit(lu.LuaUnit.run())
