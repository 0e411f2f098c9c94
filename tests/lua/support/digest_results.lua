-- digest_results.lua: a list of computations over the whole public API, each the same in every run: what
-- digest_spec.lua turns into text and compares with digest.csv. A restructuring that changes no number changes none
-- of these.
--
-- An entry is { name =, kind = "exact"|"rounding", tol =, value = function() -> ... }. A value is a number, an array, a
-- string, a boolean, a list of numbers (a vector), or a table of such by name. Exact: whole numbers and streams, to the
-- last bit. Rounding: whatever passes through BLAS, LAPACK, libm or the nets' vector code, to within tol of the norm of
-- each array, and of each single number by itself.
--
-- Only names of the documented API are used. Those that are likely to be renamed or to get aliases stand in `names`
-- alone, so that one line follows a change: net:linearised (the "twins" of mlp/twins.lua), the option twin= of
-- net:parameters, theory.sign_accuracy, theory.normal_cdf, contrib.analyse, predictor:trained_variance, kernel.expm1,
-- mlp.coordinate_check, mlp.exponent, data.enumerate, maps.grid.

local limn = require "limn"
local array, stream, data, regress, theory = limn.array, limn.rng.stream, limn.data, limn.regress, limn.theory

local names = {
  linearised = function(net, ...) return net:linearised(...) end,
  twin = function(net, which) return net:parameters { twin = which } end,
  sign_accuracy = function(...) return theory.sign_accuracy(...) end,
  normal_cdf = function(...) return theory.normal_cdf(...) end,
  analyse = function(...) return limn.contrib.analyse(...) end,
  trained_variance = function(predictor, ...) return predictor:trained_variance(...) end,
  expm1 = function(...) return limn.kernel.expm1(...) end,
  coordinate_check = function(...) return limn.mlp.coordinate_check(...) end,
  exponent = function(...) return limn.mlp.exponent(...) end,
  enumerate = function(...) return data.enumerate(...) end,
  grid = function(...) return limn.maps.grid(...) end,
}

local list = {}

local function exact(name, value) list[#list + 1] = { name = name, kind = "exact", value = value } end

local function rounding(name, tol, value)
  list[#list + 1] = { name = name, kind = "rounding", tol = tol, value = value }
end

-- Tolerances. Nets in f32 keep seven digits and lose some in training.
local LIBM, BLAS, SOLVER, NET, SINGLE = 1e-12, 1e-9, 1e-7, 1e-8, 1e-4

-- ---- data that need neither libm nor BLAS -----------------------------------------------------------------------

local function centred(seed, rows, columns) return stream { seed = seed }:uniform(rows, columns) * 2 - 1 end

local function spd(seed, n) -- symmetric, its eigenvalues well apart
  local a = centred(seed, n, n)
  return (a + a:T()) / 8 + limn.eye(n) * limn.range(1, n)
end

local function labels(seed, n) return stream { seed = seed, point = 9 }:sign(n) end

-- A file of its own for as long as f runs.
local function with_file(suffix, f)
  local path = os.tmpname()
  os.remove(path)
  local ok, value = pcall(f, path .. suffix)
  os.remove(path .. suffix)
  if not ok then error(value, 0) end
  return value
end

local function slurp(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

local function spill(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

-- ---- random streams ---------------------------------------------------------------------------------------------

exact("rng streams", function()
  local s = stream { seed = 3, point = 4, rep = 5 }
  return { a_uniform = s:uniform(1000), b_sign = s:sign(30, 20), c_integer = s:integer(-7, 1000, 400),
    d_permutation = s:permutation(300), e_fork = s:fork(3):uniform(50), f_next = s:fork():uniform(5),
    g_single = s:uniform(), h_wide = s:integer(math.mininteger, math.maxinteger) }
end)

rounding("rng normal", LIBM, function()
  local s = stream { seed = 11, rep = 2 }
  return { a = s:normal(40, 25), b = s:normal(), c = s:fork(2):normal(7) }
end)

-- ---- arrays -----------------------------------------------------------------------------------------------------

exact("array arithmetic", function()
  local a, b = centred(1, 30, 20), centred(2, 20)
  return { sum = a + b, product = a * b, quotient = a / (b + 3), square = a ^ 2, root = a:abs():sqrt(), sign = a:sign(),
    below = a:lt(b), above = a:gt(0.5), equal = a:sign():eq(1), most = a:le(b), least = a:ge(0.25),
    other = a:sign():ne(1), filled = limn.zeros(2, 3):fill(7),
    single = a:copy "f32" * 0.1, column = a:col(3) - a:col(4),
    transposed = a:T():copy(), part = a:slice(3, 9, 2, 5), taken = a:take { 3, 1, 3 }, shaped = a:reshape(5, 4, 30),
    mapped = a:map(function(x, i, j) return x * i - j end), line = limn.linspace(-1, 2, 41),
    range = limn.range(1, 20, 3), table = a:row(5):totable(), eye = limn.eye(4) }
end)

exact("array order statistics", function()
  local a = centred(3, 41, 13)
  local i, j = a:argmin()
  return { sort = a:sort(), down = a:sort(1), argsort = a:argsort(), min = a:min(1), max = a:max(2), argmin = { i, j },
    argmax = a:argmax(1), quantile = a:quantile(0.3), list = a:reshape(41 * 13):quantile { 0, 0.25, 0.5, 1 },
    along = a:quantile(0.75, 2) }
end)

rounding("array reductions", LIBM, function()
  local a = centred(4, 50, 17)
  return { sum = a:sum(1), total = a:abs():sum(), mean = a:mean(2), var = a:var(), std = a:std(1), cumsum = a:cumsum(1),
    norm = a:norm(), norm3 = a:norm(3), largest = a:norm(math.huge), exp = a:exp(), log = (a + 2):log(),
    tanh = a:tanh(), power = (a + 2) ^ 1.7, logspace = limn.logspace(1, 1e4, 9) }
end)

rounding("array matmul", BLAS, function()
  local a, b = centred(5, 60, 45), centred(6, 45, 33)
  return { product = a:matmul(b), vector = a:matmul(centred(7, 45)), dot = a:col(1):dot(a:col(2) + 1),
    big = centred(8, 300, 700):matmul(centred(9, 700, 520)) }
end)

rounding("array matmul f32", 1e-5, function()
  return centred(5, 60, 45):copy "f32":matmul(centred(6, 45, 33):copy "f32")
end)

rounding("array svd", BLAS, function()
  local u, s, vt = centred(10, 40, 25):svd()
  return { s = s, again = (u * s):matmul(vt), left = u:slice(nil, nil, 1, 3):abs(), right = vt:slice(1, 3):abs() }
end)

rounding("array eigh", BLAS, function()
  local w, v = spd(11, 30):eigh()
  return { w = w, v = v:abs(), again = (v * w):matmul(v:T()) }
end)

rounding("array qr and chol", BLAS, function()
  local q, r = centred(12, 40, 22):qr()
  return { q = q:abs(), r = r:abs(), again = q:matmul(r), chol = spd(13, 30):chol() }
end)

rounding("array solve", BLAS, function()
  local x, rcond = spd(14, 35):solve(centred(15, 35, 3))
  return { x = x, rcond = rcond }
end)

exact("array text", function() return (limn.range(-6, 5) / 4):reshape(3, 4):show(60) end)

exact("npy, npz and csv round trips", function()
  local a, b = centred(16, 9, 4), centred(17, 5):copy "f32"
  local value = {}
  value.npy = with_file(".npy", function(path)
    limn.save(path, a)
    value.npy_bytes = slurp(path)
    return limn.load(path)
  end)
  local both = with_file(".npz", function(path)
    limn.save(path, { a = a, b = b })
    return limn.load(path)
  end)
  value.npz_a, value.npz_b = both.a, both.b
  value.csv = with_file(".csv", function(path)
    limn.save(path, a, { "w", "x", "y", "z" })
    value.csv_bytes = slurp(path)
    local back, columns = limn.load(path)
    value.columns = table.concat(columns, " ")
    return back
  end)
  return value
end)

-- ---- pools of features ------------------------------------------------------------------------------------------

exact("features toy, three storages", function()
  local value = {}
  for _, storage in ipairs { "dense", "bits", "stream" } do
    local f = limn.features.toy { points = 24, count = 3000, complexity = 5, storage = storage, seed = 4 }
    value[storage] = f:columns(60, 140)
    value[storage .. "_gram"] = f:gram()
    value[storage .. "_labels"] = f.labels
    value[storage .. "_perfect"] = f.classes.perfect.count
  end
  return value
end)

exact("features toy, large Gram", function()
  local f = limn.features.toy { points = 96, count = 1 << 17, complexity = 6, bias = true, rep = 3, point = 2 }
  return { gram = f:gram(), share = f.share, storage = f.storage }
end)

exact("features correlated and binary", function()
  local f = limn.features.correlated { points = 30, kind = "binary", seed = 6,
    classes = { { count = 50, rho = 0.6, name = "good" }, { count = 700, rho = -0.2 }, { count = 300, rho = 0 } } }
  return { dense = f:dense(), gram = f:gram(), second = f.classes[2].first }
end)

rounding("features gaussian", LIBM, function()
  local f = limn.features.toy { points = 20, count = 900, perfect = 3, kind = "gaussian", storage = "stream", seed = 8 }
  return { dense = f:dense(), gram = f:gram() }
end)

exact("features from a matrix", function()
  local f = limn.features.from(centred(18, 6, 10), { classes = { early = { 1, 4 }, late = { 5, 10 } },
    labels = labels(1, 6) })
  return { dense = f:dense(), last = f:columns(9, 10), kind = f.kind, first = f.classes.late.first }
end)

-- ---- rules ------------------------------------------------------------------------------------------------------

local function fit_parts(fit, new)
  return { weights = fit.weights, dual = fit.dual, rank = fit.rank, norm = fit.norm, interpolates = fit.interpolates,
    predict = new and fit:predict(new) or nil, gap_closed = fit.gap and fit.gap < 1e-6 or nil }
end

local function toy(points, count, complexity, seed)
  return limn.features.toy { points = points, count = count, complexity = complexity, seed = seed }
end

rounding("regress.minnorm tall", BLAS, function()
  local fit = regress.minnorm(centred(20, 90, 25), centred(21, 90))
  local parts = fit_parts(fit, centred(22, 7, 25))
  parts.residual = fit.residual
  return parts
end)

rounding("regress.minnorm wide", BLAS, function()
  return fit_parts(regress.minnorm(centred(23, 40, 300), labels(2, 40)), centred(24, 7, 300))
end)

rounding("regress.minnorm square and deficient", BLAS, function()
  local a, b = centred(25, 50, 12), centred(26, 12, 120)
  local wide = regress.minnorm(a:matmul(b), centred(27, 50))
  local tall = regress.minnorm(b:T():matmul(a:T()), centred(28, 120))
  local value = { wide = fit_parts(wide), tall = fit_parts(tall), square = fit_parts(regress.minnorm(spd(29, 30),
    centred(30, 30))), wide_residual = wide.residual, tall_residual = tall.residual }
  value.wide.dual, value.tall.dual = nil, nil -- many duals give the same weights
  return value
end)

rounding("regress.minnorm pool", BLAS, function()
  local f = toy(48, 20000, 5, 3)
  local fit = regress.minnorm(f, f.labels)
  return { dual = fit.dual, norm = fit.norm, rank = fit.rank, rcond = fit.rcond, some = fit:weights_of(610, 700) }
end)

rounding("regress.ridge path, loo and gcv", BLAS, function()
  local value = {}
  for name, X in pairs { tall = centred(31, 60, 20), wide = centred(32, 30, 200) } do
    local path = regress.ridge(X, centred(33, #X), { lambda = { 0.01, 0.1, 1, 10 } })
    value[name] = { loo = path.loo, gcv = path.gcv, best = path.best, first = path[1].weights, last = path[4].weights,
      loo_one = path[2].loo }
  end
  return value
end)

rounding("regress.ridge one", BLAS, function()
  local f = toy(32, 5000, 4, 5)
  return { pool = fit_parts(regress.ridge(f, f.labels, { lambda = 3 })).dual,
    dense = fit_parts(regress.ridge(centred(34, 40, 150), labels(3, 40), { lambda = 0.5 }), centred(35, 4, 150)) }
end)

-- Large enough for tiles and threads.
rounding("regress.minnorm and ridge, large", BLAS, function()
  local X, y = centred(43, 320, 2600), centred(44, 320)
  local path = regress.ridge(X, y, { lambda = { 0.1, 5 } })
  local T = X:slice(1, 300, 1, 1500):T():copy()
  return { wide = fit_parts(regress.minnorm(X, y)), tall = fit_parts(regress.minnorm(T, centred(45, 1500))),
    loo = path.loo, gcv = path.gcv, weights = path[2].weights,
    tall_ridge = regress.ridge(T, centred(45, 1500), { lambda = 2 }).weights }
end)

rounding("regress of a streamed pool, P and R", BLAS, function()
  local f = limn.features.toy { points = 200, count = 1 << 19, complexity = 7, storage = "stream", seed = 12 }
  local fit = regress.minnorm(f, f.labels)
  local parts = names.analyse(f, fit)
  return { dual = fit.dual, norm = fit.norm, P = parts.P, R = parts.R, effective = parts.effective }
end)

for _, norm in ipairs { 1.5, 3, math.huge } do
  rounding(("regress.lp %s"):format(norm == math.huge and "maximum" or norm), SOLVER, function()
    return { dense = fit_parts(regress.lp(centred(36, 12, 80), labels(4, 12), { norm = norm })),
      pool = regress.lp(toy(10, 400, 3, 6), nil, { norm = norm }).norm }
  end)
end

rounding("regress.l1", SOLVER, function()
  local fit = regress.l1(centred(37, 15, 120), labels(5, 15))
  local f = limn.features.toy { points = 12, count = 600, perfect = 4, seed = 2 }
  local pool = regress.l1(f, f.labels)
  return { dense = fit_parts(fit), degenerate = fit.degenerate, pool = pool.weights, pool_degenerate = pool.degenerate }
end)

rounding("regress.lasso", SOLVER, function()
  local X, y = centred(38, 40, 90), centred(39, 40)
  local path = regress.lasso(X, y, { path = 12 })
  local value = { lambda = array(path.lambda), one = regress.lasso(X, y, { lambda = 0.3 }).weights }
  for _, i in ipairs { 2, 7, 12 } do value["weights" .. i] = path[i].weights end
  return value
end)

for _, rule in ipairs { "gd", "momentum", "sgd", "adam", "sign" } do
  rounding("regress.gd " .. rule, BLAS, function()
    local X, y = centred(40, 16, 40), labels(6, 16)
    local fit = regress.gd(X, y, { rule = rule, steps = 60, rate = rule == "sign" and 1e-3 or 0.01, record = 20,
      batch = rule == "sgd" and 3 or nil, start = { scale = 0.1 }, antisymmetric = rule == "momentum" or nil })
    return { weights = fit.weights, loss = fit.path.loss, step = fit.path.step, distance = fit.path.distance,
      flow = fit.path.flow_loss }
  end)
end

rounding("regress.gd pool, path of P and R", BLAS, function()
  local f = toy(12, 256, 3, 7)
  local fit = regress.gd(f, f.labels, { steps = 100, record = 25 })
  return { rate = fit.rate, loss = fit.path.loss, P = fit.path.P, R = fit.path.R, flow_P = fit.path.flow_P,
    flow_R = fit.path.flow_R, time = fit.path.time }
end)

rounding("regress.bayes", LIBM, function()
  local f, value = toy(7, 512, 6, 9), {}
  for name, flip in pairs { clean = 0, noisy = 0.1 } do
    local p = regress.bayes(f, f.labels, { flip = flip })
    value[name] = { weights = p.weights, perfect = p.classes.perfect, evidence = p.log_evidence, entropy = p.entropy,
      consistent = p.consistent, fewest = p.fewest }
  end
  local prior = regress.bayes(f:dense(), f.labels, { prior = limn.range(1, 512), flip = 0.2 })
  value.prior = { weights = prior.weights, predict = prior:predict(limn.features.toy { points = 3, count = 512,
    perfect = 8 }:dense()) }
  return value
end)

-- ---- contributions ----------------------------------------------------------------------------------------------

rounding("contrib of pools", BLAS, function()
  local value = {}
  local f = toy(64, 65536, 6, 1)
  local g = limn.features.correlated { points = 20, seed = 3, classes = { { count = 30, rho = 0.7, name = "perfect" },
    { count = 600, rho = 0 } } }
  for name, pool in pairs { toy = f, correlated = g } do
    local parts = names.analyse(pool, regress.minnorm(pool, pool.labels), { participation = true })
    value[name] = { P = parts.P, R = parts.R, ratio = parts.ratio, effective = parts.effective,
      participation = parts.participation, names = table.concat(parts.names, " ") }
    for class, part in pairs(parts.classes) do
      value[name][class] = { length = part.length, along = part.along, weight_sq = part.weight_sq, count = part.count }
    end
  end
  local own = limn.features.from(centred(41, 10, 30), { classes = { perfect = { 1, 6 }, random = { 7, 30 } },
    labels = labels(7, 10) })
  local parts = names.analyse(own, regress.l1(own, own.labels))
  local at = parts.at(centred(42, 5, 30))
  value.own = { P = parts.P, R = parts.R, perfect = at.perfect, random = at.random, total = at.total }
  return value
end)

-- ---- laws -------------------------------------------------------------------------------------------------------

rounding("theory.ratio", LIBM, function()
  local value = {}
  for name, norm in pairs { one = 1, half = 1.5, two = 2, three = 3, most = math.huge } do
    local ratio, log2 = theory.ratio { points = { 1, 7, 64, 1000 }, complexity = 5, norm = norm }
    value[name] = { ratio = ratio, log2 = log2 }
  end
  value.finite = theory.ratio { points = 63, count = 256, perfect = 4 }
  return value
end)

rounding("theory.crossover", LIBM, function()
  local value = { ten = theory.crossover { complexity = 10 }, finite = theory.crossover { complexity = 4, count = 256 },
    bayes = theory.crossover { complexity = 10, rule = "bayes" },
    noisy = theory.crossover { complexity = 10, rule = "bayes", noise = 0.1 } }
  for name, norm in pairs { one = 1, half = 1.5, three = 3, most = math.huge } do
    value[name] = theory.crossover { complexity = 6, norm = norm }
  end
  return value
end)

rounding("theory.posterior, shares, risk", LIBM, function()
  local mass, odds = theory.posterior { points = { 5, 10, 15 }, complexity = 10, noise = 0.05 }
  local risk, parts = theory.risk { points = 64, count = 256, complexity = 4 }
  return { mass = mass, odds = odds, clean = theory.posterior { points = 12, complexity = 10 },
    shares = theory.shares { points = 100, classes = { { share = 0.01, rho = 1 }, { share = 0.2, rho = 0.3 },
      { share = 0.79, rho = 0 } } },
    risk = risk, bias2 = parts.bias2, variance = parts.variance }
end)

rounding("theory.sample", 1e-10, function()
  local value = {}
  for name, o in pairs {
    many = { points = 1023, count = 2 ^ 40, complexity = 10 },
    start = { points = 60, count = 400, complexity = 4, start = "random" },
    bias = { points = 60, count = 400, complexity = 4, bias = 0.5, imbalance = 0.2 },
    opposed = { points = 20, count = 90, perfect = 3, start = "antisymmetric" },
    ridge = { points = 30, count = 200, perfect = 5, ridge = 0.3 },
    sign = { points = 30, count = 200, perfect = 5, kind = "sign" },
    classes = { points = 25, classes = { { count = 10, rho = 1 }, { count = 500, rho = 0.1 } } },
  } do
    o.reps, o.seed = 40, 5
    local s = theory.sample(o)
    value[name] = { P = s.P, R = s.R, log2ratio = s.log2ratio, noise = s.noise, offset = s.offset,
      accuracy = s.accuracy, share = s.share }
  end
  return value
end)

rounding("theory.sign_accuracy, normal_cdf, eigenlearning", LIBM, function()
  local p, parts = names.sign_accuracy { points = 64, complexity = 6, count = 65536, start = "random" }
  local e = theory.eigenlearning { eigenvalues = { 3, 1, 0.5, 0.1 }, multiplicities = { 1, 4, 6, 40 }, points = 9,
    coefficients = { 1, 0.5, 0.25, 0.1 }, ridge = 0.05, noise = 0.1 }
  return { accuracy = p, margin = parts.margin, noise = parts.noise, offset = parts.offset,
    many = names.sign_accuracy { points = 30, share = 0.02 },
    cdf_far = names.normal_cdf(-9), cdf_near = names.normal_cdf(-1), cdf = names.normal_cdf(1.96),
    kappa = e.kappa, learnability = e.learnability, total = e.total, risk = e.risk, train = e.train }
end)

-- ---- programs ---------------------------------------------------------------------------------------------------

for _, c in ipairs { { "circuits", 3, 26 }, { "circuits", 4, 24 }, { "stack", 3, 30 } } do
  exact(("programs.space %s %d %d"):format(c[1], c[2], c[3]), function()
    local space = limn.programs.space { language = c[1], inputs = c[2], max_bits = c[3] }
    local some = space:get(math.min(17, space.functions))
    return { programs = space.programs, evaluations = space.evaluations, functions = space.functions,
      kraft = space.kraft, failed = space.failed, bits = space.bits, count = space.count, prior = space.prior,
      program = some.program, find = space:find(some.table), table = some.table, points = space:points(),
      outputs = space:outputs(nil, { 1, 2, 3 }), hits = space:sample({ count = 5000, seed = 2 }).hits }
  end)
end

rounding("programs.posterior", LIBM, function()
  local space, value = limn.programs.space { inputs = 3, max_bits = 22 }, {}
  local X = space:points()
  local y = X:col(1) * X:col(2)
  for name, flip in pairs { clean = 0, noisy = 0.1 } do
    local p = limn.programs.posterior(space, X:slice(1, 5), y:slice(1, 5), { flip = flip })
    value[name] = { mass = p.mass, evidence = p.log_evidence, best = p.best, effective = p.effective,
      predict = p:predict() }
  end
  return value
end)

rounding("programs.features", LIBM, function()
  local space = limn.programs.space { inputs = 3, max_bits = 20 }
  local X = space:points()
  local y = X:col(1):gt(0) * X:col(3):gt(0) * 2 - 1
  local f, which = limn.programs.features(space, X:slice(1, 6), y:slice(1, 6), { truth = space:table_of(y:gt(0)) })
  return { dense = f:dense(), which = array(which), lucky = f.classes.lucky and f.classes.lucky.count }
end)

-- ---- nets -------------------------------------------------------------------------------------------------------

local XOR, SIGNS = data.xor()
local mlp = limn.mlp

-- Outputs, the first and last weights and the losses of a net, or of each of an ensemble.
local function net_parts(net, Z, run)
  local value = { forward = net:forward(Z), steps = net:steps() }
  for member = 1, math.min(net.count, 2) do
    local p = net:parameters { member = member }
    value["first" .. member], value["last" .. member] = p[1].weights, p[#p].weights
    value["bias" .. member] = p[1].bias
  end
  if run then
    value.loss, value.losses = run.loss, net.count > 1 and run.losses or nil
    value.rate, value.reason = run.rate, run.reason
  end
  return value
end

rounding("mlp every init", NET, function()
  local value = {}
  for _, init in ipairs { "he", "lecun", "xavier", "uniform", "orthogonal" } do
    value[init] = net_parts(mlp.new { sizes = { 3, 20, 12, 2 }, init = init, seed = 5 }, centred(50, 6, 3))
  end
  value.own = net_parts(mlp.new { sizes = { 3, 20, 1 }, init = { weight = 1.5, bias = 0.2 }, readout = 0.7 },
    centred(50, 6, 3))
  return value
end)

rounding("mlp every param, trained", NET, function()
  local value = {}
  for _, param in ipairs { "standard", "ntk", "meanfield", "mup" } do
    local net = mlp.new { sizes = { 2, 24, 1 }, param = param, activation = "tanh", seed = 6 }
    value[param] = net_parts(net, XOR, net:train(XOR, SIGNS, { steps = 30, rate = 0.05 }))
    value[param].multiplier = net:parameters()[2].multiplier
  end
  return value
end)

rounding("mlp every activation, trained", NET, function()
  local value, X = {}, centred(51, 9, 3)
  for _, activation in ipairs { "relu", "tanh", "erf", "gelu", "sin", "linear" } do
    local net = mlp.new { sizes = { 3, 14, 10, 1 }, activation = activation, seed = 7 }
    value[activation] = net_parts(net, centred(52, 5, 3), net:train(X, labels(8, 9), { steps = 25, rate = 0.05 }))
  end
  return value
end)

-- Every way of training. Which one is taken depends on shape and rule: one hidden layer on four points (narrow; in
-- groups from 256 units), small deep nets of ReLUs, lanes (four nets or more), wide (one net at a time; large nets
-- read their bottom layer once). Entries: name, shape, points, rule.
local X6, Y6 = centred(53, 6, 2), labels(9, 6)
local X12, Y12 = centred(54, 12, 3), labels(10, 12)
local ways = {
  { "one hidden, narrow", { sizes = { 2, 16, 1 } }, XOR, SIGNS, { steps = 60, rate = 0.05 } },
  { "one hidden, 30 nets", { sizes = { 2, 16, 1 }, count = 30 }, XOR, SIGNS, { steps = 100, rate = 0.05 } },
  { "one hidden, groups of 300", { sizes = { 2, 300, 1 }, param = "ntk" }, XOR, SIGNS, { steps = 60, rate = 0.05 } },
  { "one hidden, groups of 2048", { sizes = { 2, 2048, 1 }, param = "ntk", init = { weight = 2, bias = 0.1 } },
    X6:slice(1, 4), Y6:slice(1, 4), { steps = 400, rate = 0.2 } },
  { "one hidden, groups, mup", { sizes = { 2, 512, 1 }, param = "mup", count = 2 }, XOR, SIGNS,
    { steps = 60, rate = 0.1 } },
  { "one hidden, stable rate of its own", { sizes = { 2, 64, 1 } }, XOR, SIGNS, { steps = 4 } },
  { "small, deep", { sizes = { 2, 40, 30, 20, 1 } }, XOR, SIGNS, { steps = 25, rate = 0.005 } },
  { "small, antisymmetric, 5 nets", { sizes = { 2, 32, 32, 1 }, start = "antisymmetric", count = 5 }, XOR, SIGNS,
    { steps = 15, rate = 0.01 } },
  { "lanes, adam in batches", { sizes = { 3, 10, 9, 1 }, count = 9 }, X12, Y12,
    { optimizer = "adam", rate = 0.01, steps = 40, batch = 5, seed = 3 } },
  { "lanes, momentum, l1 and l2", { sizes = { 3, 18, 1 }, count = 6, activation = "gelu" }, X12, Y12,
    { optimizer = "momentum", rate = 0.01, steps = 40, l1 = 0.001, l2 = { 0.01, 0.02 } } },
  { "wide, sgd in batches", { sizes = { 3, 90, 70, 1 } }, X12, Y12,
    { optimizer = "sgd", rate = 0.02, steps = 40, batch = 4, seed = 8 } },
  { "wide, adam, logistic", { sizes = { 3, 80, 1 }, activation = "tanh" }, X12, Y12,
    { optimizer = "adam", rate = 0.005, steps = 40, loss = "logistic" } },
  { "wide, logistic with l2", { sizes = { 3, 60, 50, 1 } }, X12, Y12,
    { steps = 40, rate = 0.1, loss = "logistic", l2 = 0.01 } },
  { "wide, last layer alone", { sizes = { 2, 100, 100, 1 }, start = "none" }, X6, Y6,
    { steps = 40, rate = 0.02, rates = "last" } },
  { "wide, 600 x 600, deferred", { sizes = { 2, 600, 600, 1 }, param = "ntk" }, XOR, SIGNS,
    { steps = 13, rate = 0.1 } },
  { "wide, 1024 x 1024 x 1024", { sizes = { 2, 1024, 1024, 1024, 1 }, param = "ntk" }, XOR, SIGNS,
    { steps = 11, rate = 0.1 } },
  { "wide, 640 x 520 x 600, 6 points", { sizes = { 2, 640, 520, 600, 1 }, param = "mup" }, X6, Y6,
    { steps = 6, rate = 0.02 } },
  { "wide, many points", { sizes = { 3, 200, 150, 1 } }, centred(55, 70, 3), labels(11, 70),
    { steps = 10, rate = 0.02 } },
}
for _, way in ipairs(ways) do
  for _, dtype in ipairs { "f64", "f32" } do
    rounding(("mlp.train %s, %s"):format(way[1], dtype), dtype == "f64" and NET or SINGLE, function()
      local spec = { dtype = dtype, seed = 13 }
      for k, v in pairs(way[2]) do spec[k] = v end
      local net = (spec.count or 1) > 1 and mlp.ensemble(spec) or mlp.new(spec)
      local run = net:train(way[3], way[4], way[5])
      local Z = centred(56, 5, spec.sizes[1])
      local value = net_parts(net, Z, run)
      value.initial = net:initial():forward(Z)
      return value
    end)
  end
end

rounding("mlp several outputs", NET, function()
  local net = mlp.new { sizes = { 3, 30, 25, 4 }, seed = 2 }
  local run = net:train(X12, stream { seed = 4 }:sign(12, 4), { steps = 30, rate = 0.03, every = 10 })
  local value = net_parts(net, centred(57, 5, 3), run)
  value.curve, value.curve_steps = array(run.curve.loss), array(run.curve.steps)
  return value
end)

rounding("mlp step, set, copy, member, checkpoint", NET, function()
  local nets = mlp.ensemble { sizes = { 2, 12, 1 }, count = 5, activation = "tanh" }
  local opposed = mlp.new { sizes = { 2, 12, 1 }, start = "antisymmetric", activation = "erf" }
  opposed:step(XOR, SIGNS, { rate = 0.05, steps = 10, optimizer = "momentum" })
  local losses = nets:step(XOR, SIGNS, { rate = 0.05, steps = 20, optimizer = "adam" })
  local one = nets:member(3):copy()
  one:set(1, { bias = centred(58, 12) })
  local back = with_file(".net", function(path)
    assert(nets:save(path))
    return assert(mlp.load(path))
  end)
  back:step(XOR, SIGNS, { rate = 0.05, steps = 5, optimizer = "adam" })
  return { losses = losses, one = one:forward(XOR), back = back:forward(XOR), steps = back:steps(),
    twin = names.twin(opposed, 2)[1].weights, opposed = opposed:forward(XOR + 0.5),
    deviations = nets:parameters()[1].deviations }
end)

rounding("mlp kernel", NET, function()
  local value = {}
  for _, param in ipairs { "standard", "ntk" } do
    local net = mlp.new { sizes = { 2, 60, 40, 1 }, param = param, seed = 3 }
    local k = net:kernel(XOR, centred(59, 3, 2))
    value[param] = { total = k.total, shares = array(k.shares), first = k.layers[1], last = k.layers[3] }
  end
  return value
end)

rounding("mlp activations, features, gradients", NET, function()
  local net = mlp.new { sizes = { 3, 20, 15, 1 }, seed = 21 }
  local acts, pre = net:activations(X12), net:activations(X12, { pre = true })
  local value = { a = acts[1], b = acts[3], pre = pre[2], rms = array(acts.rms), features = net:features(X12) }
  for _, loss in ipairs { "mse", "logistic" } do
    for l, g in ipairs(net:gradients(X12, Y12, { loss = loss })) do
      value[loss .. l] = { weights = g.weights, bias = g.bias, frobenius = g.frobenius, spectral = g.spectral }
    end
  end
  return value
end)

rounding("mlp movement", NET, function()
  local net, value = mlp.new { sizes = { 2, 50, 30, 1 }, param = "mup" }, {}
  net:train(XOR, SIGNS, { steps = 60, rate = 0.05 })
  for l, m in ipairs(net:movement()) do value[l] = { rms = m.rms, max = m.max, absolute = m.absolute } end
  return value
end)

rounding("mlp linearised", NET, function()
  local net = mlp.new { sizes = { 2, 64, 1 }, param = "ntk", seed = 9 }
  local ended = names.linearised(net, XOR, SIGNS)
  local some = names.linearised(net, XOR, SIGNS, { rate = 0.2, steps = 30 })
  local last = names.linearised(net, X6, Y6, { rate = 0.1, steps = 50, rates = "last" })
  local Z = centred(60, 5, 2)
  return { ended = ended:forward(Z), some = some:forward(Z), last = last:forward(Z), kernel = ended.kernel,
    eigenvalues = ended.eigenvalues }
end)

rounding("mlp coordinate check, exponent, spectral", NET, function()
  local check = names.coordinate_check { widths = { 8, 16, 32 }, X = XOR, y = SIGNS, rate = 0.1, param = "mup",
    reps = 3 }
  local e = names.exponent({ 16, 32, 64, 128 }, { 1, 0.6, 0.26, 0.14 })
  return { slope = check.exponents[1].slope, out = check.exponents[2].slope, own = e.slope, interval = e.interval,
    spectral = mlp.spectral(spd(61, 12)) }
end)

exact("mlp complexity of neurons", function()
  local c = mlp.complexity(XOR, { sizes = { 2, 32, 1 }, nets = 20 })
  local bits = c.bits "-+++"
  local _, of_features = limn.features.neurons(mlp.new { sizes = { 2, 16, 1 } }, XOR,
    { labels = SIGNS, complexity = 30 })
  return { samples = c.samples, bits = ("%.10g"):format(bits), features = ("%.10g"):format(of_features:sum()) }
end)

-- ---- infinitely wide nets ---------------------------------------------------------------------------------------

rounding("kernel nngp, ntk, both", BLAS, function()
  local X, Z, value = centred(62, 9, 3), centred(63, 5, 3), {}
  for _, activation in ipairs { "relu", "tanh", "erf", "gelu", "sin", "linear" } do
    local o = { depth = 2, activation = activation, bias = 0.1, weight = 1.3 }
    local k, theta = limn.kernel.both(X, Z, o)
    value[activation] = { nngp = limn.kernel.nngp(X, nil, o), ntk = limn.kernel.ntk(X, Z, o), k = k, theta = theta }
  end
  value.step = limn.kernel.nngp(X, Z, { activation = "step", depth = 1 })
  return value
end)

rounding("kernel layers, standard, readout", BLAS, function()
  local X = centred(62, 9, 3)
  local theta, layers = limn.kernel.ntk(X, nil, { depth = 3, layers = true, bias = 0.05, readout = 0.7 })
  return { theta = theta, first = layers[1], third = layers[3], last = layers[4],
    standard = limn.kernel.ntk(X, nil, { param = "standard", depth = 2 }),
    large = limn.kernel.nngp(centred(64, 200, 4), nil, { depth = 2 }) }
end)

rounding("kernel regress, at, variances", BLAS, function()
  local X, Z, y = centred(65, 12, 2), centred(66, 6, 2), labels(12, 12)
  local o = { depth = 2, bias = 0.1 }
  local K, Kz = limn.kernel.ntk(X, nil, o), limn.kernel.ntk(Z, X, o)
  local p = limn.kernel.regress(K, Kz, y, { ridge = 0.01 })
  local q = limn.kernel.regress(K, Kz, y)
  local kzz = array { 1, 1.2, 0.9, 1.1, 1, 1.4 }
  return { mean = p.mean, rank = p.rank, eigenvalues = p.eigenvalues, coefficients = p.coefficients,
    solve = p:solve(limn.range(1, 12)), variance = p:variance(kzz), at = q:at(0.7), ended = q:at(math.huge),
    from = q:at(0.7, { f = limn.ones(12) * 0.2, fz = limn.ones(6) * 0.1 }),
    trained = names.trained_variance(q, { k = limn.kernel.nngp(X, nil, o), kz = limn.kernel.nngp(Z, X, o),
      kzz = kzz }),
    expm1_small = names.expm1(1e-12), expm1 = names.expm1(-0.4) }
end)

rounding("kernel limit", BLAS, function()
  local Z, value = centred(67, 6, 2), {}
  for _, kind in ipairs { "ntk", "nngp" } do
    local limit = limn.kernel.limit(X6, Y6, { kind = kind, param = "ntk", depth = 2, bias = 0.1 })
    value[kind] = { predict = limit:predict(Z), variance = limit:variance(Z), kernel = limit:kernel(Z),
      rank = limit.fit.rank }
  end
  return value
end)

-- ---- maps -------------------------------------------------------------------------------------------------------

exact("maps points and phrases", function()
  local signs = stream { seed = 5 }:sign(400)
  return { points = limn.maps.points { x = { -1, 3 }, y = { 0, 2 }, n = { 5, 4 } }, phrases = limn.maps.phrases(signs),
    known = limn.maps.phrases { 0, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 1 } }
end)

-- Seven functions without libm on a grid on which none is 0.
local function seven()
  local a = centred(68, 7, 4)
  return names.grid(function(P)
    local rows, x, y = {}, P:col(1), P:col(2)
    for k = 1, 7 do
      local c = a[k]
      rows[k] = x * x * c[1] + x * y * c[2] + y * c[3] + c[4] * 0.5
    end
    return array(rows)
  end, { n = { 37, 31 }, x = { -2, 2 }, y = { -1.5, 1.7 } })
end

rounding("maps every measure", BLAS, function()
  local m = seven()
  local value = { values = m.values, x = m.x, y = m.y, mean = m:mean().values, variance = m:variance(),
    third = m:map(3), boundary = m:boundary(), variation = m:variation() }
  for name, v in pairs(m:shape()) do value["shape_" .. name] = v end
  for name, v in pairs(m:pairs()) do value["pairs_" .. name] = v end
  value.distinct, value.which = m:distinct()
  local d = m:distance(m:mean())
  value.sup, value.rms = d.sup, d.rms
  for _, what in ipairs { "consistency", "agreement", "entropy" } do
    local v, interval = m[what](m, { resamples = 200, seed = 3 })
    value[what], value[what .. "_interval"] = v, interval
  end
  return value
end)

rounding("maps measure with intervals", BLAS, function()
  local m, value = seven(), {}
  for name, v in pairs(m:measure { limit = m:map(2), variance = m:variance(), resamples = 200 }) do
    value[name] = { value = v.value, interval = v.interval }
  end
  local b = limn.maps.bootstrap({ 1.2, 0.7, 1.1, 0.9, 2 }, { resamples = 300, level = 0.9, seed = 4 })
  local f = limn.maps.failed({ { 1, -1 }, { 0.2, -1 }, { 0.95, -0.99 } }, { 1, -1 })
  value.bootstrap, value.failed = { b.value, b.interval[1], b.interval[2] }, { f.value, f.interval[1], f.interval[2] }
  return value
end)

rounding("maps of nets, patches and dense", NET, function()
  local nets = mlp.ensemble { sizes = { 2, 24, 16, 1 }, count = 3, seed = 4 }
  local patches, kinks = nets:map { n = 40 }
  local single = mlp.new { sizes = { 2, 64, 1 }, seed = 2, dtype = "f64" }
  return { patches = patches, kinks = kinks:sum(), dense = nets:map { n = 40, dense = true },
    grid = names.grid(single, { n = 24 }).values, regions = limn.maps.regions(single, { n = 50 }),
    limit = names.grid(limn.kernel.limit(XOR, SIGNS, { param = "ntk", bias = 0.1 }), { n = 16 }).values }
end)

rounding("maps of nets in f32", 1e-5, function()
  return mlp.ensemble({ sizes = { 2, 40, 40, 1 }, count = 2, dtype = "f32" }):map { n = 33 }
end)

-- ---- data sets --------------------------------------------------------------------------------------------------

exact("data sets", function()
  local value = {}
  local function add(name, X, y) value[name .. "_X"], value[name .. "_y"] = X, y end
  add("xor", data.xor())
  for _, p in ipairs { "xor", "half", "one", "three", "constant", "none" } do
    add("corners_" .. p, data.corners(p))
  end
  for i, task in ipairs(names.enumerate()) do
    value["task" .. i], value["task_name" .. i] = task.y, task.name
  end
  value.fewer = #names.enumerate { signs = true }
  add("random", data.random { points = 9, dim = 3, balanced = true, seed = 5 })
  add("parity", data.parity { bits = 6, relevant = 3, points = 40, seed = 2 })
  add("majority", data.majority { bits = 5 })
  add("boolean", data.boolean { bits = 5, seed = 7 })
  add("needle", data.needle { bits = 4, at = 11 })
  add("modular", data.modular { modulus = 5, terms = 2, points = 20, target = 2 })
  add("sums", data.modular { modulus = 3 })
  add("iris", data.iris { positive = "virginica" })
  return value
end)

rounding("data sets with libm", LIBM, function()
  local X, y = data.collinear { points = 5, angle = 0.3 }
  local N, z = data.random { points = 20, kind = "normal", seed = 3 }
  return { X = X, y = y, N = N, z = z }
end)

exact("data from csv, npy and idx", function()
  local value = {}
  with_file(".csv", function(path)
    spill(path, "a,b,kind\n1,2.5,cat\n3,4,dog\n-5,6e-3,dog\n")
    local X, y, info = data.csv(path, { positive = "dog" })
    value.csv_X, value.csv_y, value.classes = X, y, table.concat(info.classes, " ")
  end)
  with_file(".npy", function(path)
    limn.save(path, centred(69, 4, 3))
    value.npy_X, value.npy_y = data.npy(path, path)
  end)
  with_file(".idx", function(path)
    spill(path, string.pack(">BBBB I4I4", 0, 0, 13, 2, 2, 3) .. string.pack(">ffffff", 1, 2, 3.5, -4, 5, 0.1))
    value.idx_X = data.idx(path, path, { scale = 0.5 })
  end)
  return value
end)

-- ---- claims, sweeps, figures ------------------------------------------------------------------------------------

rounding("claims statistics", LIBM, function()
  local values = { 1.2, 0.7, 1.1, 0.9, 2.3 }
  local mean, interval = limn.claims.interval(values, 0.9)
  local slope, error_, at_zero = limn.claims.slope({ 1, 2, 3, 5 }, { 2.1, 3.9, 6.2, 9.7 })
  local jack, jack_interval = limn.claims.jackknife(values, function(list_)
    local s = 0
    for _, v in ipairs(list_) do s = s + math.sqrt(v) end
    return s / #list_
  end)
  return { student = { limn.claims.student(1, 0.95), limn.claims.student(11, 0.95), limn.claims.student(200, 0.99) },
    mean = mean, interval = interval, slope = slope, error = error_, at_zero = at_zero, jack = jack,
    jack_interval = jack_interval }
end)

exact("claims ledger", function()
  local ledger = limn.claims.new "coins"
  local verdicts = {
    ledger:row { claim = "share of heads", predicted = 0.5, measured = 0.49, interval = { 0.47, 0.51 } },
    ledger:row { claim = "pi", predicted = 3.14, measured = 3.14159, tolerance = 1e-4 },
    ledger:row { claim = "far", predicted = 1, measured = 2, note = "so" },
    ledger:row { claim = "wide", predicted = 10, measured = 12, tolerance = 0.5, id = "w" },
  }
  return { text = ledger:text(), verdicts = table.concat(verdicts, " "), agrees = ledger:count "agrees" }
end)

local function sweep()
  return limn.experiment { name = "digest", run = false, params = { n = 2, k = 1.5 }, reps = 3, seed = 4,
    grid = { n = "4:64:log2", k = { 0.5, 1.5 } },
    measure = function(point, rng)
      return { share = rng:sign(point.n):mean(), low = rng:uniform() * point.k, whole = rng:integer(1, 1 << 40) }
    end }
end

exact("experiment sweep", function()
  local e = sweep()
  local r, failed = e:run { workers = 0 }
  local cell = e:cells().cell(7)
  return { csv = r:csv(), failed = failed, rows = #r, columns = table.concat(r:columns(), " "), count = e:cells().count,
    id = cell.id, n = cell.point.n, where = #r:where { n = function(n) return n > 8 end },
    median = r:group("n"):median("low"):csv(), most = r:group("n", "k"):max("whole"):csv(),
    pivot = r:where({ rep = 1 }):pivot("n", "k", "whole"),
    other = e:run({ workers = 0, seed = 9, grid = { n = "1:3" }, reps = 1 }):csv() }
end)

rounding("experiment statistics", LIBM, function()
  local g, value = sweep():run({ workers = 0 }):group "n", {}
  for _, what in ipairs { "mean", "sum", "min" } do value[what] = g[what](g, "low"):column "low" end
  value.quantile = g:quantile("low", 0.9):column "low"
  value.quantiles = g:quantiles("low", { 0.25, 0.75 }):csv():gsub("%d+%.%d+", function(n)
    return ("%.10g"):format(tonumber(n))
  end)
  value.count = g:count():column "count"
  local i = g:interval("low", { draws = 200 })
  value.interval_low, value.interval_high = i:column "low_low", i:column "low_high"
  return value
end)

local function shorter(text)
  return (text:gsub("%d+%.%d+", function(n) return ("%.10g"):format(tonumber(n)) end))
end

-- The script that a figure is drawn by, without version and paths; its numbers to 10 digits, for logarithmic axes pass
-- through libm.
local function script_of(fig)
  return with_file(".gp", function(path)
    assert(fig:save(path))
    local text = slurp(path)
    local stem = path:gsub("%.gp$", "")
    text = text:gsub(stem:gsub("%p", "%%%0"), "STEM"):gsub((stem:match "[^/]*$"):gsub("%p", "%%%0"), "STEM")
    text = text:gsub(limn.version:gsub("%p", "%%%0"), "VERSION")
    return shorter(text:gsub("/tmp/[%w_./-]*", "TMP"))
  end)
end

exact("plot scripts", function()
  local plot = limn.plot
  local fig = plot.figure { x = { label = "points", scale = "log2" }, y = "P/R", venue = "icml",
    font = "DejaVu Sans", quiet = true }
  fig:line { x = { 1, 2, 4, 8 }, y = { 1, 2.5, 4, 8 }, label = "law", law = true }
  fig:errorbars { x = { 1, 2, 4 }, y = { 1, 2, 3 }, error = { 0.1, 0.2, 0.25 }, label = plot.math "$2^C$" }
  fig:band { x = { 1, 2, 4 }, lo = { 0.5, 1, 2 }, hi = { 1.5, 3, 5 } }:hline { y = 1 }
  local panels = plot.figure { cols = 2, letters = true, quiet = true, title = "two" }
  panels:panel(1, 1):histogram { values = centred(70, 60), bins = 8 }
  panels:panel(1, 2, { title = "right" }):heatmap { z = (limn.range(1, 12) / 8):reshape(3, 4) }
  local rows = { { D = 1, r = 2 }, { D = 1, r = 3 }, { D = 2, r = 4 }, { D = 2, r = 6 } }
  return { one = script_of(fig), two = script_of(panels), colours = table.concat(plot.map("lagoon", 5), " "),
    ci = script_of(plot.ci(rows, { x = "D", y = "r", show = false, quiet = true })), svg = shorter((fig:script "svg")) }
end)

return list
