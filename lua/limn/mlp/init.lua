-- limn/mlp: multilayer perceptrons, single or in ensembles: initialisation, training, probes.
--   net = mlp.new { sizes = {2, 64, 64, 1}, init = "he", param = "ntk" }
--   run = net:train(X, y, { steps = 1000 })
-- The formulas and conventions (sizes, losses, rates) are in limn/mlp.h.
--   options.lua     rules of options      net.lua      construction, parameters, outputs
--   train.lua       training              probes.lua   gradients, tangent kernel, movement
--   rule.lua        its options           own_loss.lua losses that are Lua functions
--   gauss_newton.lua its steps         own_activation.lua activations that are Lua functions
--   posterior.lua   Hamiltonian Monte Carlo   state.lua  parameters by PyTorch's names
--   linearised.lua  the tangent model     studies.lua  scaling with width, complexity of neurons
--   spline.lua     nets of one input, exactly   learning_coefficient.lua  by tempered sampling

local check = require "limn.base.check"
local net = require "limn.mlp.net"
local state = require "limn.mlp.state"
local studies = require "limn.mlp.studies"
local probes = require "limn.mlp.probes"
local train = require "limn.mlp.train"
require "limn.mlp.linearised"
require "limn.mlp.posterior"
require "limn.mlp.spline"
require "limn.mlp.learning_coefficient"
check.sealed("net:", net.Net) -- after all files above have added their methods

return check.sealed("mlp.", {
  new = net.new,
  ensemble = net.ensemble,
  load = net.load,
  from_state_dict = state.new,
  spectral = probes.spectral,
  Run = train.Run,
  exponent = studies.exponent,
  coordinate_check = studies.coordinate_check,
  complexity = studies.complexity,
})
