---@meta limn.kernel
-- kernel.d.lua: infinitely wide networks as kernels.

---Infinitely wide networks as kernels. weight and bias are variances, of weights times fan-in. With
---$K_0 = weight x * z/dim + bias$ and $Theta_0 = K_0$, each hidden layer maps $K <- weight E[phi phi] + bias$ and
---$Theta <- K + weight E[phi' phi'] Theta$.
---@class limn.lib.kernel
local kernel = {}

---@class limn.kernel.options
---@field depth? integer hidden layers (default 1)
---@field activation? limn.words.kernel_activation (default "relu")
---@field weight? number variance of the weights (default 2 for relu, else 1)
---@field bias? number variance of the biases (default 0)
---@field readout? number weight variance of the last layer (default weight)
---@field param? limn.words.kernel_param: Theta, or the limit of that of standard nets divided by the width n (default "ntk")
---@field layers? boolean ntk only: also return the part of every weight layer (default false)

---The covariance of the outputs at initialisation. In the parameterisation "ntk" it is also the kernel of training the last
---layer alone; in "standard" with bias = 0 up to the factor n/readout; with a bias that kernel is $n (K - bias)/readout$.
---Errors: raises for unequal dimensions of X and Z and for layers=true.
---Source: Lee et al. 2018; moments: Cho and Saul 2009 and others (eq. 20, 22).
---```lua
---print(limn.kernel.nngp({ { 1, 0 }, { 0, 1 } }, nil, { depth = 2 }))
---```
---@param X limn.array|table n x dim
---@param Z? limn.array|table m x dim (default X)
---@param options? limn.kernel.options
---@return limn.array n x m
---@return table facts: the options used; .error bounds the relative error of the series for tanh (0: closed form); .width_factor
function kernel.nngp(X, Z, options) end

---The tangent kernel: training all layers, in the NTK parameterisation or (param="standard") in the standard one with rates of
---order 1/n, where the first layer and the biases drop out.
---Errors: raises for unequal dimensions of X and Z and for the activation "step", which has no slope.
---Source: Jacot, Gabriel and Hongler 2018; standard: Yang and Hu 2021 (eq. 20, 21, 22).
---```lua
---local theta, layers = limn.kernel.ntk({ { 1, 0 }, { 0, 1 } }, nil, { layers = true })
---print(theta, #layers)
---```
---@param X limn.array|table n x dim
---@param Z? limn.array|table m x dim (default X)
---@param options? limn.kernel.options
---@return limn.array n x m
---@return limn.array[]|table with layers=true: one matrix per weight layer, input side first; then facts
function kernel.ntk(X, Z, options) end

---@class limn.kernel.both.options
---@field depth? integer hidden layers (default 1)
---@field activation? limn.words.kernel_activation (default "relu")
---@field weight? number variance of the weights (default 2 for relu, else 1)
---@field bias? number variance of the biases (default 0)
---@field readout? number weight variance of the last layer (default weight)
---@field param? limn.words.kernel_param (default "ntk")

---nngp and ntk in one pass, at little more than the cost of one.
---Errors: raises for unequal dimensions of X and Z.
---Source: as nngp and ntk (eq. 20, 22).
---```lua
---local K, Theta = limn.kernel.both({ { 1, 0 }, { 0, 1 } }, nil, { depth = 3 })
---print(K, Theta)
---```
---@param X limn.array|table n x dim
---@param Z? limn.array|table m x dim (default X)
---@param options? limn.kernel.both.options
---@return limn.array n x m covariance of the outputs
---@return limn.array n x m tangent kernel
---@return table facts: the options used
function kernel.both(X, Z, options) end

---@class limn.kernel.regress.options
---@field ridge? number (default 0)

---Kernel regression: the predictions of training to convergence. A singular K is inverted on its numerical range.
---A K of doubles that is symmetric only to between 1e-12 and 1e-6 of its largest entry, as single precision or products in blocks
---leave it, is taken with a warning: its mean with its transpose is used. y may also be n x 1; for
---several outputs at once, Kz:matmul(predictor:solve(Y)).
---Errors: raises when K is not symmetric, not positive semidefinite, or the shapes do not fit.
---Source: $mean = K_z (K + ridge I)^+ y$ (eq. 23, 27).
---```lua
---local X, y = limn.data.xor()
---local K = limn.kernel.ntk(X, nil, { bias = 0.1 })
---print(limn.kernel.regress(K, K, y).mean)
---```
---@param K limn.array|table n x n between the data
---@param Kz limn.array|table m x n between new points and the data
---@param y limn.array|table n labels
---@param options? limn.kernel.regress.options
---@return limn.kernel.predictor
function kernel.regress(K, Kz, y, options) end

---@class limn.kernel.limit.options
---@field kind? limn.words.limit_kind all layers train, or the last one only (default "ntk")
---@field ridge? number (default 0)
---@field depth? integer hidden layers; this and the next five options only without a net (default 1)
---@field activation? limn.words.kernel_activation "step" for kind "nngp" only (default "relu")
---@field weight? number variance of the weights (default 2, as init "he")
---@field bias? number variance of the biases (default 0)
---@field readout? number weight variance of the last layer (default weight)
---@field param? limn.words.kernel_param (default "standard", as mlp.new)

---The limit, as the width tends to infinity, of the mean over initialisations of nets trained on (X, y) to convergence by
---gradient descent on the squared loss, in the parameterisation "standard" (rates of order 1/n) or "ntk". With a net the
---depth, the activation, the variances, the parameterisation and the start are the net's; without one they have the defaults
---of mlp.new, not those of kernel.ntk. A ridge is a penalty on the distance from the initial weights. Nets in other
---parameterisations change their features and have another limit.
---Errors: raises for shapes that do not fit, for a kernel that is not positive semidefinite, for a net without such a limit
---(param "mup", "meanfield"; init "xavier", "uniform") and for options that the net fixes.
---Source: Lee et al. 2019 (eq. 21, 23).
---```lua
---local X, y = limn.data.xor()
---print(limn.kernel.limit(X, y, { depth = 2, bias = 0.1 }):predict { { 0.5, 0.5 } })
---local net = limn.mlp.new { sizes = { 2, 64, 1 }, init = { weight = 2, bias = 0.1 } }
---print(limn.kernel.limit(net, X, y):predict { { 0.5, 0.5 } })
---```
---@param net? limn.mlp may be left out
---@param X limn.array|table n x dim
---@param y limn.array|table n labels
---@param options? limn.kernel.limit.options
---@return limn.kernel.limit
function kernel.limit(net, X, y, options) end

---@class limn.kernel.spectrum.options: limn.kernel.both.options
---@field on string|limn.array|table "cube" {-1,1}^dim, "sphere" or points, each with the uniform distribution
---@field kind? limn.words.limit_kind (default "ntk")
---@field dim? integer the number of bits, at most 1000, or of dimensions; required on the cube and the sphere
---@field radius? number of the sphere (default sqrt(dim), that of the cube)
---@field degrees? integer the largest degree on the sphere (default 20)
---@field constant? number the value of an input added to each point (default none)
---@field kernel? function|limn.array|table a kernel of your own on given points: k(x, z), or its Gram matrix (default limn's)

---Eigenvalues and multiplicities of the operator $f -> E[k(x, Z) f(Z)]$ of a kernel of limn: by the number of bits of a parity on
---the cube, by degree on the sphere, from the largest on for given points, of which at most 23170 fit the 8 GB allowed. Sums in
---closed form on the cube, a quadrature on the sphere; errors bounds both roundings and quadrature. Eigenvalues below their error
---are 0, and their trace is in rest. A kernel of your own has the spectrum of its Gram matrix on given points.
---Errors: raises without dim on the cube and the sphere, for options that on does not read, and for a kernel that is not symmetric,
---has a negative eigenvalue or is given without points.
---Source: Krawtchouk polynomials: MacWilliams and Sloane 1977; Gegenbauer polynomials: Mueller 1966 (eq. 46, 47).
---```lua
---local s = limn.kernel.spectrum { on = "cube", dim = 16, kind = "nngp", bias = 0.1 }
---print(s, s.eigenvalues[1], s.multiplicities[3])
---local function gauss(x, z) return math.exp(-((x - z) ^ 2):sum() / 2) end
---print(limn.kernel.spectrum { on = limn.rng.stream(1):normal(50, 3), kernel = gauss })
---```
---@param options limn.kernel.spectrum.options
---@return limn.kernel.spectrum
function kernel.spectrum(options) end

---The spectrum of a kernel.
---@class limn.kernel.spectrum
---@field on string "cube", "sphere" or "points"
---@field kind? limn.words.limit_kind nil for a kernel of your own
---@field dim integer bits, dimensions, or the number of points
---@field eigenvalues limn.array from level or degree 0 on; of points descending
---@field errors limn.array bounds on their absolute errors
---@field multiplicities limn.array
---@field trace number the kernel of a point with itself; of points the mean
---@field rest number the part of the trace that is in no eigenvalue listed
---@field options table the options used
local spectrum = {}

---The root of a target's power in each eigenspace, for limn.theory.learning_curve: of a level or degree (mode, of points) a target
---of mean square 1 in it; of a function of the bits (-1 or 1), or of its 2^dim values in the order of array:walsh, its Fourier
---weights by level; of labels of points their components.
---Errors: raises for functions on the sphere and of more than 24 bits, and for a wrong number of values.
---Source: Walsh-Hadamard transform (eq. 46).
---```lua
---local s = limn.kernel.spectrum { on = "cube", dim = 4 }
---print(s:target(function(x) return x[1] * x[2] end))
---```
---@param f integer|function|limn.array|table
---@return limn.array one coefficient per eigenvalue
function spectrum:target(f) end

---The limit of wide nets as a function.
---@class limn.kernel.limit
---@field options table depth, activation, weight, bias, readout, param
---@field start string of the nets
---@field kind limn.words.limit_kind
---@field points integer n
---@field fit limn.kernel.predictor at the data points: rank, eigenvalues, residual
local limit = {}

---Its values at new points.
---Errors: raises when Z has another number of columns.
---```lua
---local X, y = limn.data.xor()
---print(limn.kernel.limit(X, y, { bias = 0.1 }):predict { { 1, 0.5 } })
---```
---@param Z limn.array|table m x dim
---@return limn.array m
function limit:predict(Z) end

---Variance over initialisations at new points; 0 for nets whose initial function is subtracted. For "nngp" without a ridge it
---is the posterior variance of the Gaussian process. A ridge pulls towards the start, and the variance is smaller than the
---posterior's, predictor:variance, by $ridge K_z (K + ridge I)^{-2} K_z'$.
---Errors: raises when Z has another number of columns.
---Source: Lee et al. 2019; sample-then-optimise: Matthews et al. 2017 (eq. 25).
---```lua
---local X, y = limn.data.xor()
---print(limn.kernel.limit(X, y, { bias = 0.1 }):variance { { 1, 0.5 } })
---```
---@param Z limn.array|table m x dim
---@return limn.array m
function limit:variance(Z) end

---Its kernel between the data and new points.
---Errors: raises when Z has another number of columns.
---```lua
---local X, y = limn.data.xor()
---print(limn.kernel.limit(X, y, { bias = 0.1 }):kernel { { 1, 0.5 } })
---```
---@param Z limn.array|table m x dim
---@return limn.array n x m
function limit:kernel(Z) end

---exp(x) - 1 without cancellation.
---Errors: raises when x is not a number.
---Source: Kahan's form (Higham 2002) (eq. 44).
---```lua
---print(limn.kernel.expm1(1e-12))
---```
---@param x number
---@return number
function kernel.expm1(x) end

---The result of a kernel regression.
---@class limn.kernel.predictor
---@field points integer n
---@field new_points integer m
---@field mean limn.array m predictions
---@field rank integer numerical rank of K
---@field rcond number least over largest eigenvalue of K
---@field residual number |K c - y| / |y|, relative (that of a fit of limn.regress is absolute)
---@field eigenvalues limn.array of K, ascending
---@field coefficients limn.array c = (K + ridge I)^+ y
---@field ridge number
local predictor = {}

---$(K + ridge I)^+ b$.
---Errors: raises when b has another number of rows.
---```lua
---local p = limn.kernel.regress(limn.eye(2), limn.eye(2), { 1, -1 })
---print(p:solve { 1, 2 })
---```
---@param b limn.array|table n, or n x k
---@return limn.array
function predictor:solve(b) end

---Posterior variance of a Gaussian process with this kernel and labels with noise of variance ridge.
---Errors: raises when kzz has another length.
---Source: $k_{zz} - K_z (K + ridge I)^{-1} K_z'$ (eq. 24).
---```lua
---local p = limn.kernel.regress(limn.eye(2), { { 0.5, 0 } }, { 1, -1 })
---print(p:variance { 1 })
---```
---@param kzz limn.array|table m: the kernel of each new point with itself
---@return limn.array m
function predictor:variance(kzz) end

---@class limn.kernel.trained_variance.options
---@field k limn.array|table n x n: covariance (NNGP) at initialisation between the data
---@field kz limn.array|table m x n: between new points and the data
---@field kzz limn.array|table m: of each new point with itself

---Variance over initialisations of nets trained to convergence with this tangent kernel; a ridge is a penalty on the distance from
---the initial weights. It is not a posterior variance, but for k the same kernel and ridge 0.
---Errors: raises when a shape does not fit.
---Source: Lee et al. 2019, section 2.3 (eq. 25).
---```lua
---local p = limn.kernel.regress(limn.eye(2), { { 0.5, 0 } }, { 1, -1 })
---print(p:trained_variance { k = limn.eye(2), kz = { { 0.5, 0 } }, kzz = { 1 } })
---```
---@param start limn.kernel.trained_variance.options
---@return limn.array m
function predictor:trained_variance(start) end

---@class limn.kernel.at.options
---@field f? limn.array|table n outputs at initialisation (default 0)
---@field fz? limn.array|table m outputs at initialisation (default 0)

---Gradient flow on the squared loss $|f - y|^2/2$ for a time t; math.huge is the end of training. The ridge has no effect.
---For nets of limn.mlp, whose loss is a mean over D points, $t = rate * steps / D$.
---Errors: raises for t below 0.
---Source: $f_t(Z) = f_0(Z) + K_z K^+ (1 - exp(-t K)) (y - f_0)$ (eq. 23).
---```lua
---local p = limn.kernel.regress(limn.eye(2), limn.eye(2), { 1, -1 })
---print(p:at(0.5), p:at(math.huge))
---```
---@param t number
---@param start? limn.kernel.at.options
---@return limn.array m
function predictor:at(t, start) end

return kernel
