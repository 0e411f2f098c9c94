-- mlp_tools.lua: common functions of the specs of nets: random tasks, comparisons, and the loss computed from forward.

local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/testing.lua")

local tools = {}

tools.ACTIVATIONS = { "relu", "tanh", "erf", "gelu", "sin", "linear" }
tools.PARAMS = { "standard", "ntk", "meanfield", "mup" }
tools.XOR, tools.SIGNS = limn.array { { 1, 1 }, { 1, -1 }, { -1, 1 }, { -1, -1 } }, limn.array { 1, -1, -1, 1 }

local made = 0
function tools.stream() -- the same numbers in every run: kinks stay out of the way
  made = made + 1
  return limn.rng.stream { seed = 17, point = made }
end

function tools.task(points, inputs, outputs)
  local X, y = tools.stream():normal(points, inputs), tools.stream():sign(points, outputs or 1)
  return X, (outputs or 1) == 1 and y:reshape(points) or y
end

tools.fails = testing.fails

function tools.close(a, b, tol, what)
  local worst, scale = (a - b):abs():max(), math.max(b:abs():max(), 1e-300)
  lu.assertTrue(worst <= tol * scale, ("%s: off by %g of %g"):format(what or "", worst, scale))
end

-- The mean loss, from forward alone.
function tools.loss_of(net, X, y, kind, member)
  local f, total = net:forward(X), 0
  if net.count > 1 then f = f[member] end
  local points = #X
  f, y = f:reshape(points, f:norm() ~= f:norm() and 1 or net.sizes[#net.sizes]), y:reshape(points, net.sizes[#net.sizes])
  for p = 1, points do
    for o = 1, net.sizes[#net.sizes] do
      local a, t = f:get(p, o), y:get(p, o)
      total = total + (kind == "logistic" and math.log(1 + math.exp(-t * a)) or (a - t) ^ 2 / 2)
    end
  end
  return total / points
end

return tools
