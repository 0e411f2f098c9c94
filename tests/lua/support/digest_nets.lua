-- digest_nets.lua: the second part of the computations of digest_results.lua: nets, infinitely wide nets, maps, data sets,
-- claims, sweeps and figures. It is loaded with what the two share.

local shared = ...
local limn = require "limn"
local array, stream, data = limn.array, limn.rng.stream, limn.data
local exact, rounding, names = shared.exact, shared.rounding, shared.names
local centred, spd, labels = shared.centred, shared.spd, shared.labels
local with_file, slurp, spill = shared.with_file, shared.slurp, shared.spill
local BLAS, LIBM, NET, SINGLE = shared.BLAS, shared.LIBM, shared.NET, shared.SINGLE

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
