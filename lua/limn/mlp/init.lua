-- limn/mlp: multilayer perceptrons: initialise, train, probe, one net or many at once.
--   net = mlp.new { sizes = {2, 64, 64, 1}, init = "he", param = "ntk" }
--   run = net:train(X, y, { steps = 1000 })
-- The mathematics and its conventions are in limn/mlp.h; sizes, losses and rates are explained there.
--   options.lua  rules of options        net.lua      making nets, what one is, its outputs
--   train.lua    training                probes.lua   gradients, tangent kernel, movement
--   linearised.lua the tangent model     studies.lua  many nets: exponents, complexity

local check = require "limn.base.check"
local net = require "limn.mlp.net"
local studies = require "limn.mlp.studies"
local probes = require "limn.mlp.probes"
local train = require "limn.mlp.train"
require "limn.mlp.linearised"
check.sealed("net:", net.Net) -- whose methods stand in all of these files

return check.sealed("mlp.", {
  new = net.new,
  ensemble = net.ensemble,
  load = net.load,
  spectral = probes.spectral,
  Run = train.Run,
  exponent = studies.exponent,
  coordinate_check = studies.coordinate_check,
  complexity = studies.complexity,
})
