-- limn/mlp: multilayer perceptrons: initialise, train, probe, one net or many at once.
--   net = mlp.new { sizes = {2, 64, 64, 1}, init = "he", param = "ntk" }
--   run = net:train(X, y, { steps = 1000 })
-- The mathematics and its conventions are in limn/mlp.h; sizes, losses and rates are explained there.
--   options.lua  rules of options        net.lua      making nets, what one is, its outputs
--   train.lua    training                probes.lua   gradients, tangent kernel, movement
--   twins.lua    the tangent model       studies.lua  many nets: exponents, complexity

local net = require "limn.mlp.net"
local studies = require "limn.mlp.studies"
require "limn.mlp.linearised"

return {
  new = net.new,
  ensemble = net.ensemble,
  load = net.load,
  spectral = require("limn.mlp.probes").spectral,
  Run = require("limn.mlp.train").Run,
  exponent = studies.exponent,
  coordinate_check = studies.coordinate_check,
  complexity = studies.complexity,
}
