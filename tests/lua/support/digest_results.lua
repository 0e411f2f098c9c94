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
    mapped = a:map_indexed(function(x, i, j) return x * i - j end), line = limn.linspace(-1, 2, 41),
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

-- Nets, limits of wide nets, maps, data sets, claims, sweeps and figures.
local folder = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
assert(loadfile(folder .. "/digest_nets.lua"))({ exact = exact, rounding = rounding, centred = centred, spd = spd, labels = labels,
  with_file = with_file, slurp = slurp, spill = spill, names = names, BLAS = BLAS, LIBM = LIBM, NET = NET, SINGLE = SINGLE })

return list
