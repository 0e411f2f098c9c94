---@meta limn.words
-- words.d.lua: the words that options take, for lua-language-server. Made from include/limn/vocabulary.h and
-- lua/limn/base/vocabulary.lua; a spec compares them. To generate it:
--   build/release/limn -e 'io.write(require("limn.docs.words").aliases())' >lua/limn/docs/stubs/words.d.lua

---@alias limn.words.activation
---| "relu" # max(x, 0)
---| "tanh" # tanh x
---| "erf" # erf x
---| "gelu" # x Phi(x), Phi the normal distribution function
---| "sin" # sin x
---| "linear" # x
---| "leaky_relu" # x for x > 0, else x/100
---| "elu" # x for x > 0, else exp(x) - 1
---| "softplus" # log(1 + exp(x))
---| "silu" # x/(1 + exp(-x))
---| "sigmoid" # 1/(1 + exp(-x)), a smooth step
---| "quadratic" # x^2
---| "hermite2" # (x^2 - 1)/sqrt(2), E phi(N)^2 = 1
---| "hermite3" # (x^3 - 3 x)/sqrt(6), E phi(N)^2 = 1

---@alias limn.words.any_activation
---| "relu" # max(x, 0)
---| "tanh" # tanh x
---| "erf" # erf x
---| "gelu" # x Phi(x), Phi the normal distribution function
---| "sin" # sin x
---| "linear" # x
---| "step" # 1 for x > 0, else 0; NNGP only
---| "leaky_relu" # x for x > 0, else x/100
---| "elu" # x for x > 0, else exp(x) - 1
---| "softplus" # log(1 + exp(x))
---| "silu" # x/(1 + exp(-x))
---| "sigmoid" # 1/(1 + exp(-x)), a smooth step
---| "quadratic" # x^2
---| "hermite2" # (x^2 - 1)/sqrt(2), E phi(N)^2 = 1
---| "hermite3" # (x^3 - 3 x)/sqrt(6), E phi(N)^2 = 1
---| "function" # a function of the caller's

---@alias limn.words.any_init
---| "he" # N(0, 2/fan_in), biases 0
---| "lecun" # N(0, 1/fan_in), biases 0
---| "xavier" # N(0, 2/(fan_in + fan_out)), biases 0
---| "uniform" # U(+-1/sqrt(fan_in)), biases too
---| "orthogonal" # a random orthonormal frame times sqrt(weight), scaled to weight/fan_in where not square
---| "custom" # N(0, weight/fan_in), biases N(0, bias)

---@alias limn.words.any_kind
---| "sign" # -1, 1
---| "binary" # 0, 1
---| "gaussian" # normal
---| "real" # entries of a given matrix

---@alias limn.words.any_loss
---| "mse" # |f - y|^2/2
---| "logistic" # log(1 + exp(-y f)), y = -1 or 1
---| "softmax" # cross-entropy -log softmax(f)_y, y = 1 .. outputs
---| "hinge" # max(0, 1 - y f), y = -1 or 1
---| "exponential" # exp(-y f), y = -1 or 1
---| "linear" # y.f: the targets are the derivatives

---@alias limn.words.constraint
---| "max_norm" # |w| <= norm for the weights into each unit
---| "norm" # |w| = norm for the weights into each unit
---| "nonnegative" # w >= 0

---@alias limn.words.descent
---| "gd" # w -= rate F'(F w - y): all points in every step
---| "momentum" # v = momentum v + gradient; w -= rate v
---| "sgd" # batches without replacement; a batch's gradient times points/batch
---| "adam" # moments 0.9 and 0.999, epsilon 1e-8
---| "sign" # w -= rate sign(gradient)

---@alias limn.words.dtype
---| "f64" # 8 bytes per number
---| "f32" # 4 bytes per number
---| "i64" # 8 bytes; whole numbers: labels, positions, counts
---| "bool" # 1 byte; 1 and 0: masks

---@alias limn.words.init
---| "he" # N(0, 2/fan_in), biases 0
---| "lecun" # N(0, 1/fan_in), biases 0
---| "xavier" # N(0, 2/(fan_in + fan_out)), biases 0
---| "uniform" # U(+-1/sqrt(fan_in)), biases too
---| "orthogonal" # a random orthonormal frame times sqrt(weight), scaled to weight/fan_in where not square

---@alias limn.words.kernel_activation
---| "relu" # max(x, 0)
---| "tanh" # tanh x
---| "erf" # erf x
---| "gelu" # x Phi(x), Phi the normal distribution function
---| "sin" # sin x
---| "linear" # x
---| "step" # 1 for x > 0, else 0; NNGP only

---@alias limn.words.kernel_param
---| "ntk" # every layer trains with the same rate
---| "standard" # W ~ N(0, v/fan_in), one rate: Theta is divided by the width n

---@alias limn.words.kind
---| "sign" # -1, 1
---| "binary" # 0, 1
---| "gaussian" # normal

---@alias limn.words.language
---| "circuits" # gates on wires
---| "stack" # a stack machine of truth tables

---@alias limn.words.limit_kind
---| "ntk" # all layers train
---| "nngp" # only the last layer trains

---@alias limn.words.loss
---| "mse" # |f - y|^2/2
---| "logistic" # log(1 + exp(-y f)), y = -1 or 1
---| "softmax" # cross-entropy -log softmax(f)_y, y = 1 .. outputs
---| "hinge" # max(0, 1 - y f), y = -1 or 1
---| "exponential" # exp(-y f), y = -1 or 1

---@alias limn.words.optimizer
---| "gd" # w -= rate g
---| "sgd" # gd on batches of batch= points (default 32, or all if fewer)
---| "momentum" # u = momentum u + g; w -= rate u
---| "adam" # Kingma and Ba 2015, beta1 = momentum
---| "adamw" # adam with decay= (default 0.01)
---| "nesterov" # u = momentum u + g; w -= rate (g + momentum u)
---| "sign" # w -= rate sign(g)
---| "lion" # w -= rate sign(momentum u + (1 - momentum) g); Chen et al. 2023
---| "langevin" # gd with noise N(0, 2 rate temperature)
---| "gauss_newton" # w -= rate J' (K + damping)^-1 (f - y): few steps, small nets

---@alias limn.words.param
---| "standard" # W ~ N(0, v/fan_in); the rate is not scaled
---| "ntk" # W = sqrt(v/fan_in) w, w ~ N(0, 1)
---| "meanfield" # one hidden layer: readout 1/n, rate times n
---| "mup" # maximal update: features change equally at every width

---@alias limn.words.precision
---| "f64" # 8 bytes per number
---| "f32" # 4 bytes per number

---@alias limn.words.reason
---| "steps" # all steps were taken
---| "tolerance" # the loss is at most tol
---| "diverged" # the loss exceeded 1e9 max(1, mean y^2) and 1e6 times that at the start
---| "validation" # the loss on validate= did not fall for patience= records
---| "stopped" # on returned false
---| "cancelled" # Ctrl-C, or the host's cancel flag

---@alias limn.words.start
---| "random" # the function of the random initial parameters
---| "none" # the net minus its initial function: f_0 = 0
---| "antisymmetric" # (g_1 - g_2)/sqrt(2) of two nets with equal initial parameters: f_0 = 0

---@alias limn.words.storage
---| "auto" # dense up to 1e6 entries, bits up to 256 MiB, else stream
---| "dense" # doubles
---| "bits" # one bit per entry; sign and binary features
---| "stream" # not stored: regenerated in every pass

---@alias limn.words.theory_kind
---| "gaussian" # normal features, exact at any size
---| "sign" # features of -1 and 1
