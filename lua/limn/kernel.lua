-- limn/kernel.lua: infinitely wide networks as kernels: NNGP, NTK, and regression with them.
--
-- Variances, not standard deviations: K0 = weight x.z/dim + bias; each hidden layer does
-- K <- weight E[phi phi] + bias and Theta <- K + weight E[phi' phi'] Theta, Theta0 = K0.
-- param="standard" gives Theta of the standard parameterisation divided by the width n (n -> infinity).

local native = require "limn.native"
local check = require "limn.check"

local kernel = {}

local activations = { "relu", "tanh", "erf", "gelu", "sin", "linear", "step" }

local function spec(who, options)
  local o = check.options(who, options, {
    depth = { type = "integer", default = 1, min = 1, max = 64 },
    activation = { type = "string", default = "relu", one_of = activations },
    weight = { type = "number", min = 0, help = "a variance" },
    bias = { type = "number", default = 0, min = 0 },
    readout = { type = "number", min = 0 },
    param = { type = "string", default = "ntk", one_of = { "ntk", "standard" } },
    layers = { type = "boolean", default = false },
  })
  -- The default weight variance keeps the scale of the activations: He for ReLU, LeCun otherwise.
  o.weight = o.weight or (o.activation == "relu" and 2 or 1)
  o.readout = o.readout or o.weight
  if o.weight == 0 or o.readout == 0 then check.fail("%s: weight variances must be positive, got 0", who) end
  o.standard = o.param == "standard"
  return o
end

local function facts(o, error)
  return { param = o.param, width_factor = o.standard and "n" or "1", error = error,
    depth = o.depth, activation = o.activation, weight = o.weight, bias = o.bias, readout = o.readout }
end

-- nngp(X, Z|nil, options) -> K, facts: the covariance of the outputs at initialisation, which is also the
-- kernel of training the last layer alone. facts.error bounds the truncation of a series (0: closed form).
function kernel.nngp(X, Z, options)
  local o = spec("kernel.nngp", options)
  if o.layers then check.fail("kernel.nngp: layers=true belongs to kernel.ntk") end
  local k, _, _, error = native.kernel.evaluate("kernel.nngp", X, Z, o, "k")
  return k, facts(o, error)
end

-- ntk(X, Z|nil, options) -> Theta [, layers], facts: the tangent kernel. With layers=true also a list of
-- one matrix a weight layer, input side first, which sums to Theta.
function kernel.ntk(X, Z, options)
  local o = spec("kernel.ntk", options)
  local _, theta, layers, error = native.kernel.evaluate("kernel.ntk", X, Z, o, o.layers and "tl" or "t")
  if o.layers then return theta, layers, facts(o, error) end
  return theta, facts(o, error)
end

return kernel
