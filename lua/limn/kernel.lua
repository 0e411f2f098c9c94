-- limn/kernel.lua: kernels of infinitely wide networks (NNGP, NTK), kernel regression, and the limit function.
--
-- weight and bias are variances. K0 = weight x.z/dim + bias, Theta0 = K0; each hidden layer computes
-- K <- weight E[phi phi] + bias and Theta <- K + weight E[phi' phi'] Theta.
-- param="standard" gives the limit, for width n -> infinity, of Theta/n in the standard parameterisation.
-- The kernels (nngp, ntk, both) are by default those of the NTK parameterisation; the limit of nets (limit) has the
-- defaults of mlp.new: standard parameterisation, He weights.

local native = require "limn.native"
local check = require "limn.base.check"

local new_spectrum = require "limn.kernel.spectrum"

local kernel = {}

local vocabulary = require "limn.base.vocabulary"

local function spec(who, options, more, weight, param)
  local rules = {
    depth = { type = "integer", default = 1, min = 1, max = 64 },
    activation = { type = "string", default = "relu", one_of = vocabulary.names "kernel_activation" },
    weight = { type = "number", min = 0, help = "a variance" },
    bias = { type = "number", default = 0, min = 0 },
    readout = { type = "number", min = 0 },
    param = { type = "string", default = param or "ntk", one_of = vocabulary.names "kernel_param" },
  }
  for name, rule in pairs(more or {}) do rules[name] = rule end
  local o = check.options(who, options, rules)
  -- The kernels' default weight variance preserves the scale of the activations: He for ReLU, LeCun otherwise.
  o.weight = o.weight or weight or (o.activation == "relu" and 2 or 1)
  o.readout = o.readout or o.weight
  if o.weight == 0 or o.readout == 0 then check.fail("%s: weight variances must be positive, got 0", who) end
  o.standard = o.param == "standard"
  return o
end

local layers = { layers = { type = "boolean", default = false } }

local function facts(o, error)
  return { param = o.param, width_factor = o.standard and "n" or "1", error = error,
    depth = o.depth, activation = o.activation, weight = o.weight, bias = o.bias, readout = o.readout }
end

-- nngp(X, Z|nil, options) -> K, facts: the covariance of the outputs at initialisation. In the NTK parameterisation it
-- is also the kernel of a net of which only the last layer trains; with bias = 0, up to the factor readout (times n), in
-- the standard parameterisation as well; with biases it is (K - bias)/readout there. facts.error
-- bounds the relative error of the series for tanh (0 for closed forms).
function kernel.nngp(X, Z, options)
  local o = spec("kernel.nngp", options, layers)
  if o.layers then check.fail("kernel.nngp: layers=true is an option of kernel.ntk only") end
  local k, _, _, error = native.kernel.evaluate("kernel.nngp", X, Z, o, "k")
  return k, facts(o, error)
end

-- ntk(X, Z|nil, options) -> Theta [, layers], facts: the tangent kernel. With layers=true also a list of
-- matrices, one per weight layer from the input on, whose sum is Theta.
function kernel.ntk(X, Z, options)
  local o = spec("kernel.ntk", options, layers)
  local _, theta, terms, error = native.kernel.evaluate("kernel.ntk", X, Z, o, o.layers and "tl" or "t")
  if o.layers then return theta, terms, facts(o, error) end
  return theta, facts(o, error)
end

-- both(X, Z|nil, options) -> K, Theta, facts: nngp and ntk in one pass, at little more than the cost of one.
function kernel.both(X, Z, options)
  local o = spec("kernel.both", options)
  local k, theta, _, error = native.kernel.evaluate("kernel.both", X, Z, o, "kt")
  return k, theta, facts(o, error)
end

-- ---- regression ------------------------------------------------------------------------------------------

local Predictor = { __name = "limn.kernel.predictor" }
Predictor.__index = Predictor

function Predictor:__tostring()
  return ("limn.kernel.predictor: %d points, %d new points, rank %d, residual %.3g%s%s"):format(self.points, self.new_points,
    self.rank, self.residual, self.ridge > 0 and (", ridge %g"):format(self.ridge) or "",
    self.warning and "; " .. self.warning or "")
end

-- A regression without ridge should reproduce its labels; a larger relative residual is reported.
local FITS = 1e-6

local function unfit(self)
  if self.ridge > 0 or self.residual <= FITS then return nil end
  return ("the labels are not fitted: relative residual %.3g at rank %d of %d (rcond %.2g); points coincide, or the kernel is too "
    .. "smooth to separate them in double precision: a ridge makes the fit well defined"):format(self.residual, self.rank, self.points,
    self.rcond)
end

-- Refuses nan and inf by name and place.
local function finite(who, name, value)
  local sum = value:sum()
  if sum - sum == 0 then return value end
  local columns = select(2, value:shape())
  for i, x in ipairs(value:reshape(value:size()):totable()) do
    if x - x ~= 0 then
      local row, column = (i - 1) // (columns or 1) + 1, columns and (i - 1) % columns + 1
      check.fail("%s: %s must be finite, got %s at %s%d%s", who, name, x, columns and "row " or "entry ", row,
        column and ", column " .. column or "")
    end
  end
  return value -- finite, only the sum is not
end

local function matrix(who, name, value, rows, cols)
  value = check.array(who, name, value)
  local shape = { value:shape() }
  if #shape == 1 and rows == 1 then value, shape = value:reshape(1, shape[1]), { 1, shape[1] } end
  if #shape ~= 2 or (rows and shape[1] ~= rows) or (cols and shape[2] ~= cols) then
    check.fail("%s: %s must be %s x %s, got %s", who, name, rows or "m", cols or "m", table.concat(shape, " x "))
  end
  return finite(who, name, value)
end

local function vector(who, name, value, n)
  value = check.array(who, name, value)
  local rows, columns, more = value:shape()
  if rows == n and columns == 1 and not more then value = value:reshape(n) end -- as other tools write it
  if #{ value:shape() } ~= 1 or #value ~= n then
    check.fail("%s: %s must have %d entries, got %s", who, name, n, table.concat({ value:shape() }, " x "))
  end
  return finite(who, name, value)
end

local EXACT, ROUNDED = 1e-12, 1e-6 -- of the largest entry

-- The relative rounding error of a symmetric matrix of doubles that was computed in single precision or by blocks, by its
-- asymmetry -> rounding, warning; nothing if it is symmetric to EXACT, or not symmetric.
local function rounding_of(K)
  if K:dtype() ~= "f64" then return nil end
  local scale = K:abs():max()
  local asymmetry = (K - K:T()):abs():max() / scale
  if not (asymmetry > EXACT and asymmetry <= ROUNDED) then return nil end
  return asymmetry, ("K is symmetric only to %.2g of its largest entry: the mean of K and its transpose is used, and eigenvalues of that "
    .. "size count as rounding error"):format(asymmetry)
end

-- regress(K, Kz, y, {ridge=0}) -> predictor with .mean = Kz (K + ridge I)^+ y, .rank, .rcond, .residual,
-- .eigenvalues, .warning (where K has too low a rank to fit y). K (n,n) between the data; Kz (m,n) between new points
-- and the data. A singular K
-- (duplicated points) is handled by its rank, which is reported; an indefinite one is an error.
function kernel.regress(K, Kz, y, options)
  local who = "kernel.regress"
  local o = check.options(who, options, { ridge = { type = "number", min = 0, default = 0 } })
  K = matrix(who, "K", K)
  local n = K:shape()
  K = matrix(who, "K", K, n, n)
  Kz = matrix(who, "Kz", Kz, n == 1 and 1 or nil, n)
  y = vector(who, "y", y, n)
  local rounding, remark = rounding_of(K)
  local w, V, spectrum = native.kernel.factorise(who, K, o.ridge, rounding)
  local self = setmetatable({ points = n, ridge = o.ridge, eigenvalues = w, vectors = V, cut = spectrum.cut, rank = spectrum.rank,
    rcond = spectrum.rcond, Kz = Kz, y = y, new_points = (Kz:shape()) }, Predictor)
  self.coefficients = self:solve(y)
  self.mean = Kz:matmul(self.coefficients)
  self.residual = (K:matmul(self.coefficients) - y):norm() / math.max(y:norm(), 1e-300)
  local misfit = unfit(self)
  self.warning = remark and misfit and misfit .. "; " .. remark or misfit or remark
  return self
end

-- (K + ridge I)^+ b, b a vector or a matrix of n rows.
function Predictor:solve(b)
  check.self("predictor:solve", self, "limn.kernel.predictor")
  b = check.array("predictor:solve", "b", b)
  if #b ~= self.points then
    check.fail("predictor:solve: b must have %d rows, got %s", self.points, table.concat({ b:shape() }, " x "))
  end
  return native.kernel.solve("predictor:solve", self, self.ridge, b)
end

-- Posterior variance of a Gaussian process with this kernel: kzz - Kz (K + ridge I)^-1 Kz'; kzz (m) is the
-- kernel of each new point with itself. Values that rounding makes negative are set to 0.
function Predictor:variance(kzz)
  check.self("predictor:variance", self, "limn.kernel.predictor")
  kzz = vector("predictor:variance", "kzz", kzz, self.new_points)
  return native.kernel.variance("predictor:variance", self, self.ridge, self.Kz, kzz)
end

-- Variance over random initialisations of nets trained to convergence with this tangent kernel T; their initial
-- outputs have covariance K (NNGP): k** + T* T^-1 K T^-1 T*' - 2 T* T^-1 K*' (Lee et al. 2019). It differs
-- from the posterior variance of a Gaussian process with kernel T.
-- start = {k=K (n,n), kz=K* (m,n), kzz=k** (m)}.
function Predictor:trained_variance(start)
  local who = "predictor:trained_variance"
  check.self(who, self, "limn.kernel.predictor")
  local o = check.options(who, start, { k = { type = "array", required = true }, kz = { type = "array", required = true },
    kzz = { type = "array", required = true } })
  local k, kz = matrix(who, "k", o.k, self.points, self.points), matrix(who, "kz", o.kz, self.new_points, self.points)
  local kzz = vector(who, "kzz", o.kzz, self.new_points)
  return native.kernel.variance(who, self, self.ridge, self.Kz, kzz, k, kz)
end

-- Gradient flow on the squared loss |f - y|^2/2 for a time t: f_t(Z) = f0z + Kz K^+ (1 - exp(-t K)) (y - f0).
-- start = {f=f0 (n), fz=f0z (m)}, default 0. t = math.huge gives the limit of training. The ridge has no effect. For
-- nets of limn.mlp, whose loss is a mean over D points, t = rate * steps / D.
function Predictor:at(t, start)
  local who = "predictor:at"
  check.self(who, self, "limn.kernel.predictor")
  check.value(who, "t", t, { type = "number", required = true, min = 0, finite = false })
  local o = check.options(who, start, { f = { type = "array" }, fz = { type = "array" } })
  local miss = o.f and self.y - vector(who, "f", o.f, self.points) or self.y
  local moved = self.Kz:matmul(native.kernel.flow(who, self, t, miss))
  return o.fz and vector(who, "fz", o.fz, self.new_points) + moved or moved
end

-- ---- the limit function ------------------------------------------------------------------------------------

local Limit = { __name = "limn.kernel.limit" }
Limit.__index = Limit

function Limit:__tostring()
  return ("limn.kernel.limit: %s, %s, depth %d, %d points, rank %d%s"):format(self.kind, self.options.activation,
    self.options.depth, self.points, self.fit.rank, self.warning and "; " .. self.warning or "")
end

-- The options of the limit that belong to a net: those that the net fixes, added to `options`.
local function options_of(net, options)
  local who, o = "kernel.limit", {}
  for name, value in pairs(options or {}) do o[name] = value end
  for _, name in ipairs { "depth", "activation", "weight", "bias", "readout", "param" } do
    if o[name] ~= nil then check.fail("%s: %s is taken from the net; leave it out, or leave out the net", who, name) end
  end
  if net.param ~= "standard" and net.param ~= "ntk" then
    check.fail('%s: the features of a net with param=%q change at every width, so its limit is no kernel regression; use param '
      .. '"standard" or "ntk"', who, net.param)
  end
  if net.sizes[#net.sizes] ~= 1 or net.depth < 1 then
    check.fail("%s: the net must have hidden layers and 1 output, got sizes %s", who, table.concat(net.sizes, "-"))
  end
  local closed = vocabulary.names "kernel_activation"
  local has_one = false
  for _, name in ipairs(closed) do has_one = has_one or name == net.activation end
  if not has_one then
    check.fail("%s: kernels of infinite width are known for the activations %s; the net's is %s", who, table.concat(closed, ", "),
      net.activation == "function" and "a function" or net.activation)
  end
  local known = { he = 2, lecun = 1, custom = net.weight, orthogonal = net.weight }
  o.weight = known[net.init]
  if not o.weight then
    check.fail("%s: variances by init=%q depend on the width, so that the weight and bias of the limit differ by layer; give the "
      .. "net init={weight=, bias=}", who, net.init)
  end
  local biases = net.bias and (net.init == "custom" or net.init == "orthogonal")
  o.depth, o.activation, o.param, o.bias = net.depth, net.activation, net.param, biases and net.bias_variance or 0
  o.readout = net.readout > 0 and net.readout or nil
  return o
end

-- limit([net, ] X, y, {kind="ntk"|"nngp", ridge=0, and the options of ntk}) -> the limit, for infinite width, of nets
-- trained on (X, y) to convergence, averaged over initialisations: kind "ntk" if all layers train, "nngp" if only the
-- last one does. The other options are those of the net, or, without one, have the defaults of mlp.new. :predict(Z) gives its
-- values, :variance(Z) the variance over initialisations. .fit is the predictor at X itself (rank, eigenvalues,
-- residual).
function kernel.limit(net, X, y, options)
  local who = "kernel.limit"
  local start = "random"
  if check.typename(net) == "limn.mlp" then
    start, options = net.start, options_of(net, options)
  else
    if options ~= nil then check.surplus(who, 3, 4) end
    X, y, options = net, X, y
  end
  local o = spec(who, options, { kind = { type = "string", default = "ntk", one_of = vocabulary.names "limit_kind" },
    ridge = { type = "number", min = 0, default = 0 } }, 2, "standard")
  local self = setmetatable({ kind = o.kind, options = o, start = start, X = matrix(who, "X", X) }, Limit)
  local K = self:kernel(self.X)
  self.fit = kernel.regress(K, K, vector(who, "y", y, self.X:shape()), { ridge = o.ridge })
  self.points, self.warning = self.fit.points, self.fit.warning
  return self
end

function Limit:kernel(Z)
  check.self("limit:kernel", self, "limn.kernel.limit")
  local k, theta = native.kernel.evaluate("kernel.limit", self.X, Z ~= self.X and Z or nil, self.options,
    self.kind == "ntk" and "t" or "k")
  return k or theta
end

function Limit:predict(Z)
  check.self("limit:predict", self, "limn.kernel.limit")
  return self:kernel(matrix("limit:predict", "Z", Z)):T():matmul(self.fit.coefficients)
end

-- One formula covers both kinds (see trained_variance): with T = K and ridge 0 it is the posterior variance. A ridge
-- pulls the nets towards their start, and the variance is then smaller than the posterior's (noise of variance ridge) by
-- ridge K* (K + ridge)^-2 K*'. Nets whose initial function is subtracted do not vary.
function Limit:variance(Z)
  check.self("limit:variance", self, "limn.kernel.limit")
  Z = matrix("limit:variance", "Z", Z)
  if self.start ~= "random" then return native.array.zeros((Z:shape())) end
  local own = self:kernel(Z):T():copy()
  local kz = native.kernel.evaluate("kernel.limit", Z, self.X, self.options, "k")
  local kzz = native.kernel.diagonal("kernel.limit", Z, self.options)
  local k = native.kernel.evaluate("kernel.limit", self.X, nil, self.options, "k")
  return native.kernel.variance("limit:variance", self.fit, self.fit.ridge, own, kzz, k, kz)
end

-- spectrum{on="cube"|"sphere"|X, dim=, kind="ntk"|"nngp", ...} -> eigenvalues and multiplicities of the kernel's operator under
-- the uniform distribution on the cube {-1,1}^dim, on the sphere or on given points; see kernel/spectrum.lua.
function kernel.spectrum(options) return new_spectrum("kernel.spectrum", options, spec) end

-- exp(x) - 1 without cancellation (Kahan's form).
function kernel.expm1(x)
  check.value("kernel.expm1", "x", x, { type = "number", required = true, finite = false })
  local u = math.exp(x)
  if u == 1 then return x end
  if u - 1 == -1 then return -1.0 end
  return (u - 1) * x / math.log(u)
end

check.sealed("predictor:", Predictor)
check.sealed("limit:", Limit)
return check.sealed("kernel.", kernel)
