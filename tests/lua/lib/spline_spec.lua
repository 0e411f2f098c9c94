-- spline_spec.lua: ReLU nets of one input as splines, against the forward pass and against second differences.
local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local testing = dofile(here .. "/../support/testing.lua")
local fails = testing.fails

TestSpline = {}

local x = limn.linspace(-3, 3, 1001)
local points = x:reshape(1001, 1)

-- Depths, parameterisations and starts; trained, so that the start that is subtracted differs from the net.
function TestSpline.testForward()
  for _, sizes in ipairs { { 1, 8, 1 }, { 1, 16, 12, 1 }, { 1, 6, 6, 6, 1 } } do
    for _, param in ipairs { "standard", "ntk", "mup" } do
      for _, start in ipairs { "random", "none" } do
        local nets = limn.mlp.ensemble { sizes = sizes, param = param, start = start, count = 2, alpha = 2, seed = 5,
          init = { weight = 2, bias = 0.5 } }
        nets:train({ { -1 }, { 0 }, { 1 } }, { 1, -1, 1 }, { steps = 20 })
        local s, f = nets:spline { member = 2 }, nets:forward(points):row(2)
        lu.assertTrue((s:at(x) - f):abs():max() < 1e-12, param .. start)
        for k = 2, #s.knots do lu.assertTrue(s.knots[k] > s.knots[k - 1]) end
        for k = 1, #s.knots do lu.assertAlmostEquals(s:at({ s.knots[k] })[1], s.values[k], 1e-10) end
      end
    end
  end
end

-- The integral over a range without knots at its ends, against second differences between the knots.
function TestSpline.testIntegral()
  local net = limn.mlp.new { sizes = { 1, 12, 12, 1 }, init = { weight = 2, bias = 1 }, seed = 2 }
  local s, n = net:spline { from = -2, to = 2 }, 40000
  local f = net:forward(limn.linspace(-2, 2, n + 1):reshape(n + 1, 1)):reshape(n + 1)
  local sum = (f:slice(3, n + 1) - f:slice(2, n) * 2 + f:slice(1, n - 1)):abs():sum() / (4 / n)
  lu.assertAlmostEquals(sum / s.bend, 1, 1e-3)
  lu.assertTrue(s.knots:min() > -2 and s.knots:max() < 2)
  lu.assertEquals(#s.slopes, #s.knots + 1)
  lu.assertTrue(net:spline().bend >= s.bend)
  local part = net:spline { from = 5000, to = 5001 }
  lu.assertEquals(#part.knots, 0)
  lu.assertAlmostEquals(part:at({ 5000.5 })[1], net:forward({ { 5000.5 } }):sum(), 1e-8)
end

function TestSpline.testLinear()
  local net = limn.mlp.new { sizes = { 1, 4, 1 }, activation = "linear", init = { weight = 1, bias = 1 } }
  local s = net:spline()
  lu.assertEquals(s.bend, 0)
  lu.assertAlmostEquals(s:at({ 0.3 })[1], net:forward({ { 0.3 } }):sum(), 1e-12)
end

function TestSpline.testRefused()
  local function spline(options) return limn.mlp.new(options):spline() end
  fails("net:spline: the net must have 1 input and 1 output, got sizes 2-4-1", spline, { sizes = { 2, 4, 1 } })
  fails('net:spline: only nets with activation="relu" are piecewise linear, got "tanh"', spline,
    { sizes = { 1, 4, 1 }, activation = "tanh" })
  fails('start must be "random" or "none", got "antisymmetric"', spline, { sizes = { 1, 4, 1 }, start = "antisymmetric" })
end

os.exit(lu.LuaUnit.run())
