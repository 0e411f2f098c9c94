---@meta limn.mlp
-- mlp.d.lua: networks of finite width.

---Multilayer perceptrons: one net or many at once, with the parameterisations of the limits of infinite width. A
---pre-activation is multiplier * weights x + bias_multiplier * bias; losses are means over the data points.
---@class limn.lib.mlp
local mlp = {}

---@class limn.mlp.net.options
---@field activation? limn.words.activation|fun(h: limn.array): limn.array, limn.array a function gives its values and its derivatives, entry by entry (default "relu")
---@field init? limn.words.init|table or {weight=, bias=, orthogonal=}: variances, of weights times fan-in (default "he")
---@field readout? number variance of the last layer's weights, times fan-in; 0: that of the other layers (default 0)
---@field alpha? number|number[] factor of the outputs: large values give the lazy regime; of ensembles a number or one per net (default 1)
---@field param? limn.words.param (default "standard")
---@field bias? boolean (default true; with param "ntk" and a bias variance of 0, as in "he", the net has no biases)
---@field start? limn.words.start (default "random")
---@field dtype? limn.words.precision (default "f64")
---@field seed? integer|integer[] of ensembles one number or one per net (default 1)
---@field point? integer number of the cell (default 0)
---@field rep? integer number of the replicate (default 0)

---@class limn.mlp.shape.options: limn.mlp.net.options
---@field sizes integer[] {inputs, hidden, ..., outputs}

---@class limn.mlp.options: limn.mlp.shape.options
---@field count? integer independent nets as one object (default 1)

---A net with random initial parameters. An activation of one's own is called with arrays of any length, in one thread; such a
---net cannot be stored in a file, and has no kernel of infinite width. The rate of the weights of a layer of fan-in n is the
---option rate times a factor, by param and optimizer (gd: also momentum and nesterov; adam: also sign and lion), for the
---input, hidden and output layers: standard 1, 1, 1; ntk 1, 1, 1 with gd and $n^{-1/2}$, $1/n$, $n^{-1/2}$ with adam; mup the
---same as ntk; meanfield n, n with gd and 1, 1 with adam. In the input layer of mup n is the fan-out. The fields rate and
---unit_rate of net:parameters hold the factors; howto-training has the table of multipliers.
---Errors: raises for unknown options, sizes below 1, a param that does not fit the depth, an activation that mixes entries.
---Source: parameterisations of Yang and Hu 2021: $W = n^{-a} w$, $w ~ N(0, n^{-2b})$, rate $n^{-c}$ (eq. 28).
---```lua
---local net = limn.mlp.new { sizes = { 2, 16, 1 }, activation = "tanh", init = "lecun", param = "ntk" }
---print(net, net:forward { { 1, -1 } })
---```
---@param options limn.mlp.options
---@return limn.mlp
function mlp.new(options) end

---Many independent nets as one object; net r is initialised from replicate rep + r - 1. seed and
---alpha may be lists with one entry per net; net r then is mlp.new{seed = seed[r], alpha = alpha[r]}.
---Errors: as mlp.new, and when count is missing.
---```lua
---local nets = limn.mlp.ensemble { sizes = { 2, 8, 1 }, count = 10 }
---print(nets:forward({ { 1, 1 } }):std())
---```
---@param options limn.mlp.options
---@return limn.mlp
function mlp.ensemble(options) end

---Reads a net that net:save wrote; continued training gives the same bits.
---Errors: nil, message when the file cannot be read or contains no net.
---```lua
---local path = os.tmpname()
---limn.mlp.new({ sizes = { 2, 4, 1 } }):save(path)
---print(limn.mlp.load(path))
---os.remove(path)
---```
---@param path string
---@return limn.mlp
function mlp.load(path) end

---The largest singular value of a matrix, by power iteration.
---Errors: raises when w is not an array.
---```lua
---print(limn.mlp.spectral(limn.array { { 3, 0 }, { 0, 4 } }))
---```
---@param w limn.array
---@return number
function mlp.spectral(w) end

---Least squares of $log_2 v$ against $log_2 n$: the exponent with which a quantity grows with the width.
---Errors: raises when the lists differ in length, are shorter than 2 or contain numbers that are not positive.
---Source: least squares; Student's interval of the slope (eq. 30).
---```lua
---print(limn.mlp.exponent({ 16, 32, 64 }, { 1, 0.5, 0.26 }).slope)
---```
---@param widths number[]
---@param values number[]
---@return table {slope=, interval={low, high}, at_one=}
function mlp.exponent(widths, values) end

---@class limn.mlp.coordinate_check.options
---@field widths integer[]
---@field X limn.array|table points x inputs
---@field y limn.array|table
---@field rate number|fun(width: integer): number
---@field depth? integer|integer[] hidden layers (default 1)
---@field steps? integer|integer[] (default 1)
---@field rates? table|string|fun(width: integer): table factors of the layers' rates, as in net:train
---@field reps? integer initialisations for each width (default 4)
---@field optimizer? limn.words.optimizer|limn.words.optimizer[] (default "gd")
---@field momentum? number as of net:train
---@field beta2? number as of net:train
---@field epsilon? number of adam (default 1e-8)
---@field temperature? number|fun(width: integer): number of langevin
---@field loss? limn.words.loss (default "mse")
---@field activation? limn.words.activation|fun(h: limn.array): limn.array, limn.array (default "relu")
---@field init? limn.words.init|table or {weight=, bias=, orthogonal=} (default "he")
---@field readout? number (default 0)
---@field alpha? number factor of the outputs (default 1)
---@field param? limn.words.param (default "standard")
---@field bias? boolean (default true)
---@field start? limn.words.start (default "random")
---@field dtype? limn.words.precision (default "f64")
---@field seed? integer (default 1)
---@field point? integer (default 0)

---The root mean square of the change of the pre-activations of each layer (outputs last) in a few steps, as a function of
---the width. The coordinate check of the literature plots their size instead. With param="mup" all exponents are 0 under
---every optimiser, whose rates the parameterisation contains; but the noise of langevin moves hidden layers of mup and meanfield
---as $n^{1/2}$, except at a temperature proportional to 1/n. Lists of optimizer, depth and
---steps give one entry of runs for each combination, {optimizer=, depth=, steps=, change=, exponents=}; change and exponents
---are those of the first.
---Errors: as mlp.new and net:train; raises where a net diverges, with its width.
---Source: after Yang, Hu, Babuschkin et al. 2022 (eq. 30).
---```lua
---local X, y = limn.data.xor()
---local check = limn.mlp.coordinate_check { widths = { 8, 16, 32 }, X = X, y = y, rate = 0.1, param = "mup" }
---print(check.exponents[1].slope)
---```
---@param options limn.mlp.coordinate_check.options
---@return table {widths=, change={numbers per layer}, exponents={mlp.exponent per layer}, runs=}
function mlp.coordinate_check(options) end

---@class limn.mlp.complexity.options: limn.mlp.shape.options
---@field nets? integer (default 100)

---The frequency of each sign pattern on the rows of X among neurons of the last hidden layer of untrained nets; + where the
---pre-activation is above 0.
---Errors: raises when there is no hidden layer.
---Source: the complexity of a pattern is -log2 of its fraction of neurons (eq. 32).
---```lua
---local X, y = limn.data.xor()
---print(limn.mlp.complexity(X, { sizes = { 2, 64, 1 }, nets = 20 }).bits "-+++")
---```
---@param X limn.array|table points x inputs
---@param options limn.mlp.complexity.options
---@return table {bits=function(pattern), counts=, samples=}
function mlp.complexity(X, options) end

---A net, or an ensemble of them.
---@class limn.mlp
---@field sizes integer[]
---@field activation string
---@field init string
---@field param string
---@field start string
---@field dtype string
---@field count integer nets
---@field depth integer hidden layers
---@field seed integer|integer[]
---@field alpha number|number[]
---@field warning string|nil which nets diverged in their last training
local net = {}

---Outputs at the rows of X; for an ensemble with a leading dimension over the nets.
---Errors: raises when X has another number of columns.
---```lua
---print(limn.mlp.new({ sizes = { 2, 8, 1 } }):forward { { 1, 1 }, { 1, -1 } })
---```
---@param X limn.array|table points x inputs
---@return limn.array points, or points x outputs
function net:forward(X) end

---@class limn.mlp.train.options
---@field optimizer? limn.words.optimizer (default "gd")
---@field rate? number|table or one per net (default: stable for the tangent kernel and the batch; 1e-3 for adam and sign, 1e-4 for lion)
---@field steps? integer at most (default 100000)
---@field tol? number stop at this loss (default 1e-6 when no steps are given; of a loss that is a function: none)
---@field loss? limn.words.loss|fun(f: limn.array, y: limn.array): number, limn.array a function gives the value and its derivatives by f (default "mse")
---@field momentum? number of gd and sgd (default 0), momentum, nesterov, adam, adamw and lion (0.9); options that an optimiser does not use are refused
---@field beta2? number of adam (default 0.999) and lion (0.99)
---@field epsilon? number of adam (default 1e-8)
---@field batch? integer points per step (default 32 for sgd, else all)
---@field rates? string|table factors of the rate, one per weight layer, or "last" (default 1)
---@field l2? number|table penalty l2 |w|^2/2 on the raw weights, not on biases; one number or one per layer (default 0)
---@field l1? number|table penalty l1 |w|_1, by a proximal step with each optimiser's own rate: exact zeros (default 0)
---@field decay? number|table w -= rate decay w beside the optimiser's step (default 0; 0.01 for adamw)
---@field schedule? string|table|fun(step: integer, steps: integer): number factor of the rate: "linear", "cosine", or {kind=, warmup=, final=, factor=, every=} with kind also "constant" and "step" (factor every `every` steps)
---@field constrain? string|table "nonnegative", or {kind=, norm=, layers=}: each step ends with the projection of the raw weights w, not the biases, onto w >= 0 ("nonnegative"), |w| <= norm ("max_norm") or |w| = norm ("norm"), norms of the weights into each unit; layers: a list of weight layers (default all)
---@field temperature? number of langevin: at rest the density of w is exp(-loss/temperature)
---@field damping? number of gauss_newton, relative to the mean diagonal of the tangent kernel (default 1e-6)
---@field validate? table {X, y}: at each record the loss on these points; the nets with the least one are kept
---@field patience? integer records without a fall of that loss, after which training ends (default 10)
---@field checkpoint? string path to which the nets are saved at the start and at each record
---@field every? integer record the loss every this many steps
---@field on? fun(state: table): boolean|nil called at each record; false stops
---@field interrupt? string "raise": Ctrl-C is an error, as everywhere; "return": it ends the training (default "raise")
---@field seed? integer of the batches (default 1)

---Trains the net, or all nets of an ensemble; the same bits for any number of threads. X may be a function of the step,
---from 1, that returns X, y: new points at each step. The options rate, l2, l1 and decay may be lists with one entry per
---net: a sweep in one call (of l2, l1 and decay a list with one entry per layer is by layer; { nets = list } is by net).
---Ctrl-C ends the training and keeps the parameters reached; then it ends the script, too, unless pcall catches the error,
---whose field run is the run so far, with the reason "cancelled". With interrupt = "return" train returns that run. In a
---sweep the cell is not stored.
---A net has diverged if its loss exceeds 1e9 max(1, mean y^2) and 1e6 times that at its start. The .reason of an ensemble
---is the worst of its nets' (.reasons, .steps_of); .warning counts the nets that diverged, as do the net's own field
---warning and the results computed from it. Labels of loss = "softmax" are classes 1 .. outputs, or probabilities.
---Errors: raises for shapes that do not fit, labels outside the classes and unknown options, and "interrupted!" at a
---Ctrl-C; the .reason of a diverged run is "diverged".
---Source: gradient flow at fixed kernel K obeys $f_t = y + exp(-t K/D)(f_0 - y)$, $t = rate * steps$ (Lee et al. 2019)
---(eq. 31).
---```lua
---local X, y = limn.data.xor()
---local net = limn.mlp.new { sizes = { 2, 32, 1 } }
---print(net:train(X, y, { steps = 200 }))
---```
---@param X limn.array|table|fun(step: integer): limn.array, limn.array points x inputs
---@param y? limn.array|table points, or points x outputs
---@param options? limn.mlp.train.options
---@return limn.mlp.run
function net:train(X, y, options) end

---@class limn.mlp.sample.options
---@field temperature number the density is prior x exp(-loss/temperature); noise of variance $s^2$ on D points: $s^2/D$
---@field samples? integer of each chain (default 1000)
---@field warmup? integer paths before the first sample, in which the step is fitted to an acceptance of 0.8 (default 500)
---@field leapfrog? integer largest number of steps of a path, which is random between half of it and all (default 20)
---@field rate? number first step, in units of the initial deviations (default 0.1)
---@field loss? limn.words.loss (default "mse")
---@field at? limn.array|table points at which the outputs are recorded (default X)
---@field seed? integer (default 1)

---Samples of the parameters from a posterior by Hamiltonian Monte Carlo (Duane et al. 1987; Hoffman and Gelman 2014 for the
---step; Gelman et al. 2013 for R-hat and effective samples), one chain for each net of an ensemble. The prior of a
---parameter is its initial distribution; parameters whose initial deviation is 0 (biases with init = "he") are 0. The nets
---keep the last sample of their chains, also after Ctrl-C. For small nets; optimizer = "langevin" costs less per step, and is
---biased by its rate.
---Errors: raises for nets of f32, with init = "uniform" or antisymmetric pairs, more than 1 output; .warning where the chains
---did not mix: R-hat above 1.05 or fewer than 50 effective samples of the loss or of the outputs at the first 16 points, or an
---acceptance below 0.4.
---```lua
---local X, y = limn.data.xor()
---local nets = limn.mlp.ensemble { sizes = { 2, 4, 1 }, activation = "tanh", init = { weight = 2, bias = 1 }, count = 4 }
---print(nets:sample(X, y, { temperature = 0.1, samples = 100, warmup = 100, leapfrog = 10 }))
---```
---@param X limn.array|table points x inputs
---@param y limn.array|table
---@param options limn.mlp.sample.options
---@return limn.mlp.posterior
function net:sample(X, y, options) end

---One step of training, or options.steps of them, for user-defined loops. Options are those of train without every, on,
---schedule, validate and checkpoint.
---Errors: raises when rate is missing, when no net can make a step because all have diverged, and "interrupted!" at a
---Ctrl-C, which ends the loop.
---```lua
---local X, y = limn.data.xor()
---local net = limn.mlp.new { sizes = { 2, 32, 1 } }
---print(net:step(X, y, { rate = 0.1 }))
---```
---@param X limn.array|table
---@param y limn.array|table
---@param options limn.mlp.train.options
---@return number|limn.array loss after the step
---@return limn.words.reason|string[] reason why training ended, of an ensemble one per net
function net:step(X, y, options) end

---Steps of training so far.
---Errors: none.
---```lua
---print(limn.mlp.new({ sizes = { 2, 4, 1 } }):steps())
---```
---@return integer
function net:steps() end

---@class limn.mlp.parameters.options
---@field member? integer net of an ensemble (default 1)
---@field pair? integer 1 or 2, of an antisymmetric pair (default 1)

---The parameters, one table per layer: weights (out x in), bias (out), multiplier, bias_multiplier, deviations, rate.
---Errors: raises when member exceeds count.
---```lua
---print(limn.mlp.new({ sizes = { 2, 4, 1 } }):parameters()[1].weights)
---```
---@param options? limn.mlp.parameters.options
---@return table[]
function net:parameters(options) end

---@class limn.mlp.set.options: limn.mlp.parameters.options
---@field weights? limn.array|table out x in
---@field bias? limn.array|table out

---Replaces parameters of a layer and resets the optimiser's moments.
---Errors: raises for another shape, NaN and Inf, and when there is nothing to set.
---```lua
---local net = limn.mlp.new { sizes = { 2, 1 } }
---net:set(1, { weights = { { 1, 2 } }, bias = { 3 } })
---print(net:forward { { 1, 1 } })
---```
---@param layer integer
---@param options limn.mlp.set.options
function net:set(layer, options) end

---A copy of net i of an ensemble as a single net.
---Errors: raises when i is outside 1 .. count.
---```lua
---print(limn.mlp.ensemble({ sizes = { 2, 4, 1 }, count = 3 }):member(2))
---```
---@param i integer
---@return limn.mlp
function net:member(i) end

---A copy of the net, or of net i, with its initial parameters.
---Errors: raises when i is outside 1 .. count.
---```lua
---print(limn.mlp.new({ sizes = { 2, 4, 1 } }):initial())
---```
---@param i? integer
---@return limn.mlp
function net:initial(i) end

---A copy.
---Errors: none.
---```lua
---print(limn.mlp.new({ sizes = { 2, 4, 1 } }):copy())
---```
---@return limn.mlp
function net:copy() end

---Writes the net to a file, completely or not at all; mlp.load reads it.
---Errors: nil, message when it cannot be written.
---```lua
---local path = os.tmpname()
---print(limn.mlp.new({ sizes = { 2, 4, 1 } }):save(path) == path)
---os.remove(path)
---```
---@param path string
---@return string path
function net:save(path) end

---The result of a training run.
---@class limn.mlp.run
---@field loss number at the end (mean over an ensemble)
---@field steps integer
---@field rate number
---@field reason limn.words.reason
---@field losses limn.array one per net
---@field curve table|nil {steps=, loss=} with every; with validate also validation=
---@field best table|nil {step=, loss=} on the set of validate
---@field algorithm string which trained: "groups", "one_hidden", "small", "lanes", "wide"; "wide, loss in Lua", "wide, steps in Lua"
---@field tally table|nil how many nets of an ensemble ended for each reason
---@field reasons string[] one per net
---@field steps_of limn.array steps, one per net
---@field warning string|nil how many nets diverged, and after how many steps
local run = {}

---Samples from the posterior of a net.
---@class limn.mlp.posterior
---@field outputs limn.array samples x points of `at`, chain by chain
---@field mean limn.array of the outputs, one per point
---@field variance limn.array of the outputs, one per point
---@field loss limn.array one per sample
---@field acceptance limn.array mean probability, one per chain
---@field rates limn.array steps after the warm-up, one per chain
---@field rhat number the largest of the loss and the outputs at the first 16 points; 1: the chains agree
---@field effective number the least effective number of samples of the same
---@field samples integer of all chains
---@field chains integer
---@field temperature number
---@field warning string|nil why the samples are not to be trusted

---A linearised net after its training.
---@class limn.mlp.linearised
---@field steps number
---@field kernel limn.array K at the data
---@field eigenvalues limn.array
---@field dual limn.array
---@field rank integer of K
---@field residual number relative, at the data
---@field warning string|nil after infinitely many steps: that the labels are not fitted
local linearised = {}

---The outputs of the linearised net.
---Errors: raises when Z has another number of columns.
---```lua
---local X, y = limn.data.xor()
---print(limn.mlp.new({ sizes = { 2, 64, 1 } }):linearised(X, y):forward { { 0.5, 0.5 } })
---```
---@param Z limn.array|table
---@return limn.array
function linearised:forward(Z) end

---The same as forward.
---Errors: as forward.
---```lua
---local X, y = limn.data.xor()
---print(limn.mlp.new({ sizes = { 2, 64, 1 } }):linearised(X, y):predict { { 0.5, 0.5 } })
---```
---@param Z limn.array|table
---@return limn.array
function linearised:predict(Z) end

return mlp
