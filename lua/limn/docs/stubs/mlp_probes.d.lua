---@meta
-- mlp_probes.d.lua: what trained nets compute: activations, features, gradients, kernels, splines.

---@class limn.mlp
local net = {}

---@class limn.mlp.member.options
---@field member? integer net of an ensemble (default 1)

---@class limn.mlp.activations.options: limn.mlp.member.options
---@field pre? boolean values before the activation (default false)
---@field initial? boolean as before training (default false)

---The activations of each layer at the rows of X, the outputs last; .rms lists the root mean square of each layer.
---Errors: raises when X has another number of columns.
---```lua
---local list = limn.mlp.new({ sizes = { 2, 8, 1 } }):activations { { 1, 1 } }
---print(list[1]:shape(), list.rms[1])
---```
---@param X limn.array|table points x inputs
---@param options? limn.mlp.activations.options
---@return limn.array[] points x units
function net:activations(X, options) end

---@class limn.mlp.spline.options: limn.mlp.member.options
---@field from? number only knots above this (default all)
---@field to? number only knots below this (default all)

---The function of a ReLU net of one input and one output: knots, slopes and the integral of |f''|, exactly, at any depth. With start
---"none" the initial function is subtracted.
---Errors: raises for nets of other shapes and activations, and for start "antisymmetric".
---Source: Savarese et al. 2019 (eq. 49).
---```lua
---local net = limn.mlp.new { sizes = { 1, 8, 1 }, init = { weight = 2, bias = 1 } }
---local s = net:spline { from = -1, to = 1 }
---print(s.knots, s.bend)
---```
---@param options? limn.mlp.spline.options
---@return limn.mlp.spline
function net:spline(options) end

---A piecewise linear function of one variable: slopes * x + offsets on the segments between the knots.
---@class limn.mlp.spline
---@field knots limn.array ascending
---@field values limn.array at the knots
---@field slopes limn.array one more than knots
---@field offsets limn.array one more than knots
---@field bend number the integral of |f''|: the sum of the absolute changes of slope
local spline = {}

---Values at numbers; beyond the outermost knots the outermost lines.
---Errors: raises unless points are numbers.
---```lua
---print(limn.mlp.new({ sizes = { 1, 8, 1 } }):spline():at { -1, 0, 1 })
---```
---@param points limn.array|table
---@return limn.array
function spline:at(points) end

---@class limn.mlp.learning_coefficient.options: limn.mlp.member.options
---@field noise? number standard deviation s of the labels' noise; loss = "mse" only (default 1)
---@field beta? number inverse temperature; 1 is the posterior (default 1/ln n)
---@field pull? number gamma: the density contains exp(-gamma |w - w*|^2/2) (default 1)
---@field chains? integer at least 2 (default 4)
---@field samples? integer of each chain (default 500)
---@field warmup? integer paths that fit the step (default 300)
---@field leapfrog? integer the most steps of a path; 1: Langevin dynamics (default 12)
---@field rate? number first step (default 0.05)
---@field loss? limn.words.loss (default "mse")
---@field seed? integer (default 1)

---The local learning coefficient of a net at its parameters, by tempered sampling around them: half the number of parameters in a
---regular minimum, less in a singular one. The net has to be in a minimum of the loss on X, y. theory.learning_coefficient has
---exact values to check it by. The parameters are not changed.
---Errors: nil, message, diagnosis where the chains did not mix or found lower losses; raises for dtype "f32".
---Source: Lau et al. 2023 (eq. 58).
---```lua
---local X = limn.rng.stream(1):normal(200, 3)
---local net = limn.mlp.new { sizes = { 3, 1 }, activation = "linear", bias = false }
---print(net:learning_coefficient(X, net:forward(X), { noise = 0.1, samples = 200 }))
---```
---@param X limn.array|table points x inputs
---@param y limn.array|table labels
---@param options? limn.mlp.learning_coefficient.options
---@return limn.mlp.coefficient|nil
---@return string? message
---@return limn.mlp.coefficient? diagnosis
function net:learning_coefficient(X, y, options) end

---An estimate of a learning coefficient.
---@class limn.mlp.coefficient
---@field value number|nil the estimate
---@field interval number[]|nil of 95 %, over the chains
---@field values limn.array by chain
---@field t number inverse temperature of the loss
---@field beta number
---@field loss number of the net
---@field acceptance limn.array by chain
---@field rhat number of the loss
---@field effective number effective samples of the loss
---@field samples integer of all chains
---@field chains integer
---@field points integer n
---@field warning string|nil why there is no number

---@class limn.mlp.features.options: limn.mlp.member.options
---@field initial? boolean as before training (default false)

---The activations of the last hidden layer at the rows of X. features.neurons makes a FeatureSet of them.
---Errors: raises when there is no hidden layer.
---```lua
---print(limn.mlp.new({ sizes = { 2, 8, 1 } }):features({ { 1, 1 } }):shape())
---```
---@param X limn.array|table points x inputs
---@param options? limn.mlp.features.options
---@return limn.array points x units
function net:features(X, options) end

---@class limn.mlp.gradients.options: limn.mlp.member.options
---@field loss? limn.words.loss (default "mse")

---The gradient of the mean loss with respect to the raw parameters, one table per layer.
---Errors: raises when the shapes do not fit.
---```lua
---local X, y = limn.data.xor()
---print(limn.mlp.new({ sizes = { 2, 8, 1 } }):gradients(X, y)[1].frobenius)
---```
---@param X limn.array|table
---@param y limn.array|table
---@param options? limn.mlp.gradients.options
---@return table[] {weights=, bias=, rms=, frobenius=, spectral=}
function net:gradients(X, y, options) end

---The empirical tangent kernel at the present parameters: one matrix per weight layer with its biases, input side first, their
---sum, and the fraction of each layer: of the trace, or with Z of the sum of all entries. The factors of the layers' rates are part of
---it (mean field: n). For several outputs it is the mean of their kernels.
---Errors: raises when the shapes do not fit.
---Source: Jacot, Gabriel and Hongler 2018 (eq. 29).
---```lua
---local X = limn.data.xor()
---print(limn.mlp.new({ sizes = { 2, 64, 1 }, param = "ntk" }):kernel(X).total)
---```
---@param X limn.array|table n x inputs
---@param Z? limn.array|table m x inputs (default X)
---@param options? limn.mlp.member.options
---@return table {total=, layers={...}, shares={...}}
function net:kernel(X, Z, options) end

---@class limn.mlp.map.options
---@field x? number[] {first, last} (default {-2, 2})
---@field y? number[] (default as x)
---@field n? integer|integer[] cells a side, or {across, up} (default 256)
---@field dense? boolean evaluate every point, without affine patches (default false)

---The outputs on a regular grid, row j at the j-th y: (ny, nx), or (count, ny, nx) of an ensemble. Nets of ReLUs are
---computed by exact affine patches of 8 x 8 points; the second value is the number of units per patch whose sign
---changes inside it.
---Errors: raises unless the net has two inputs and one output, and for a grid of 2^31 cells or more (names its size).
---```lua
---print((limn.mlp.new { sizes = { 2, 32, 1 } }:map { n = 32 }):shape())
---```
---@param options? limn.mlp.map.options
---@return limn.array outputs
---@return limn.array sign changes per patch and hidden layer, one entry per net
function net:map(options) end

---The change of the hidden layers' activations since initialisation, over points and units: rms and max relative to the root mean
---square of the initial activations, and absolute.
---Errors: raises when X is missing and the net was never trained.
---```lua
---local X, y = limn.data.xor()
---local net = limn.mlp.new { sizes = { 2, 32, 1 } }
---net:train(X, y, { steps = 50 })
---print(net:movement()[1].rms)
---```
---@param X? limn.array|table (default the points last trained on)
---@param options? limn.mlp.member.options
---@return table[] {rms=, max=, absolute=} per hidden layer
function net:movement(X, options) end

---@class limn.mlp.linearised.options: limn.mlp.member.options
---@field rate? number required with steps
---@field steps? number (default math.huge: to convergence)
---@field rates? string|table factors of the rate, one per weight layer, or "last" (default 1)

---The linearisation of the net at its initial parameters, trained on the same data in closed form.
---Errors: raises unless the net has one output, and for y of another length, a rate of 0 or less, steps that are not whole.
---Source: $f_0 + K (1 - (1 - rate K/D)^{steps}) K^+ (y - f_0)$ (Lee et al. 2019) (eq. 31).
---```lua
---local X, y = limn.data.xor()
---print(limn.mlp.new({ sizes = { 2, 64, 1 } }):linearised(X, y):forward(X))
---```
---@param X limn.array|table
---@param y limn.array|table
---@param options? limn.mlp.linearised.options
---@return limn.mlp.linearised
function net:linearised(X, y, options) end

---The same as forward.
---Errors: as forward.
---```lua
---print(limn.mlp.new({ sizes = { 2, 8, 1 } }):predict { { 1, 1 } })
---```
---@param X limn.array|table
---@return limn.array
function net:predict(X) end
