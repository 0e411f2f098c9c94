-- laws_spec.lua: the laws of limn.theory, limn.kernel and limn.regress where their corrections are large: half as many
-- points as features, a ridge, a constant feature, pools without perfect features, options that exclude each other.
local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local testing = dofile(here .. "/../support/testing.lua")
local theory, kernel = limn.theory, limn.kernel

-- Mean and standard error, over fits to drawn features, of the noise variance at a new point and of the first class's part
-- along the labels.
local function noise_of_fits(points, classes, reps)
  local list, first = {}, {}
  for rep = 1, reps do
    local f = limn.features.correlated { kind = "gaussian", points = points, classes = classes, seed = 3, rep = rep }
    local parts = limn.contrib.analyse(f, limn.regress.minnorm(f))
    list[rep], first[rep] = 0, parts.classes[parts.names[1]].along
    for k, class in ipairs(classes) do
      list[rep] = list[rep] + (1 - class.rho ^ 2) * parts.classes[parts.names[k]].weight_sq
    end
  end
  local a, b = limn.array(list), limn.array(first)
  return a:mean(), a:std() / math.sqrt(reps), b:mean(), b:std() / math.sqrt(reps)
end

TestSpectrum = {}

-- Classes that are partly right, at D/N = 1/2: the relative error falls as 1/N (1.5/N here; a law to leading order in D/N is
-- wrong by 40 % at every N).
function TestSpectrum:test_noise_at_half_as_many_points_as_features()
  for _, case in ipairs { { 40, 1500 }, { 160, 200 } } do
    local N, reps = table.unpack(case)
    local classes = { { count = N // 2, rho = 0.9 }, { count = N // 2, rho = 0 } }
    local mean, error = noise_of_fits(N // 2, classes, reps)
    local law = theory.sample { points = N // 2, classes = classes, reps = 20000 }.noise:mean()
    lu.assertTrue(math.abs(law - mean) < 4 * error + 3 / N * mean, ("N = %d: %g, fits %g +- %g"):format(N, law, mean, error))
  end
end

-- The means of P and of the noise from far below to near the peak: the relative error is of order 1/(n - D).
function TestSpectrum:test_order_of_the_error()
  for _, case in ipairs { { 40, 600 }, { 120, 60 } } do
    local n, reps = table.unpack(case)
    for _, fraction in ipairs { 0.05, 0.5, 0.95 } do
      for _, rho in ipairs { 0.5, 0.9 } do
        local D = (fraction * n + 0.5) // 1
        local classes = { { count = 1, rho = 1 }, { count = n // 2, rho = rho }, { count = n // 2, rho = 0 } }
        local noise, error, P, spread = noise_of_fits(D, classes, reps)
        local law = theory.sample { points = D, classes = classes, reps = 10000 }
        local bound = 1.2 / (n - D + 1)
        local place = ("D = %d, n = %d, rho = %g"):format(D, n, rho)
        lu.assertTrue(math.abs(law.noise:mean() - noise) < 4 * error + bound * noise, place)
        lu.assertTrue(math.abs(law.P:mean() - P) < 4 * spread + bound * P, place)
      end
    end
  end
end

-- The deterministic limit of the law, for many features, with a perfect class too.
function TestSpectrum:test_noise_of_large_pools()
  for _, classes in ipairs { { { count = 4e5, rho = 0.9 }, { count = 6e5, rho = 0 } },
    { { count = 2, rho = 1 }, { count = 5e5, rho = 0.7 }, { count = 1e6, rho = -0.2 }, { count = 1e5, rho = 0 } } } do
    for _, fraction in ipairs { 0.02, 0.5, 0.9 } do
      local N = 0
      for _, c in ipairs(classes) do N = N + (c.rho ^ 2 < 1 and c.count or 0) end
      local D = fraction * N // 1
      local low, high = -40, 40 -- of log kappa
      local function sum(f)
        local s = 0
        for _, c in ipairs(classes) do s = s + c.count * f(1 - c.rho ^ 2, c.rho) end
        return s
      end
      for _ = 1, 200 do
        local middle = (low + high) / 2
        local k = math.exp(middle)
        if sum(function(t2) return t2 / (t2 + k) end) > D - 1 then low = middle else high = middle end
      end
      local k = math.exp(high)
      local q = sum(function(t2, rho) return k / (t2 + k) * (D * rho ^ 2 + t2) end)
      local df2 = sum(function(t2) return (t2 / (t2 + k)) ^ 2 end)
      local want = D / q ^ 2 * (D - 1) / (D - 1 - df2)
        * sum(function(t2, rho) return t2 * (k / (t2 + k)) ^ 2 * (D * rho ^ 2 + t2) end)
      local got = theory.sample { points = D, classes = classes, reps = 400 }.noise:mean()
      lu.assertTrue(math.abs(got / want - 1) < 2e-3, ("D/N = %g: %g, expected %g"):format(fraction, got, want))
    end
  end
end

-- The accuracy, from the same noise: measured 0.9403 on 20 points, 20 + 20 features (1e5 fits).
function TestSpectrum:test_accuracy()
  local s = theory.sample { points = 20, classes = { { count = 20, rho = 0.5 }, { count = 20, rho = 0 } }, reps = 20000 }
  lu.assertTrue(math.abs(s.accuracy:mean() - 0.9403) < 0.007, s.accuracy:mean())
end

function TestSpectrum:test_one_variance_is_exact()
  local two = theory.sample { points = 30, classes = { { count = 20, rho = 0 }, { count = 30, rho = 0 } }, reps = 50, seed = 4 }
  lu.assertAlmostEquals(((two.R / math.sqrt(30)) ^ 2 * two.s - two.noise):abs():max(), 0, 1e-12)
end

TestWords = {}

-- The R of the laws is the component along the labels; contrib's R is the length.
function TestWords:test_R_with_a_ridge_is_the_component_along_the_labels()
  local along, length, D, N, reps = 0, 0, 40, 62, 60
  for rep = 1, reps do
    local f = limn.features.toy { kind = "gaussian", points = D, count = N, perfect = 2, seed = 8, rep = rep }
    local parts = limn.contrib.analyse(f, limn.regress.ridge(f, f.labels, { lambda = 30 }))
    along, length = along + parts.classes.random.along / reps, length + parts.R / reps
  end
  local law = theory.sample { points = D, count = N, perfect = 2, ridge = 30, reps = 4000 }.R:mean()
  lu.assertTrue(math.abs(along - law) < 0.03, along .. " " .. law)
  lu.assertTrue(length > law + 0.08, length .. " " .. law)
end

-- gd's path ends at contrib's P and R, with a constant feature too, from every start and by every optimiser.
function TestWords:test_path_of_gd_and_contrib_mean_the_same_R()
  local labels = { 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1 }
  local f = limn.features.toy { points = 12, count = 64, perfect = 2, bias = true, kind = "gaussian", labels = labels, seed = 3 }
  for _, o in ipairs { { steps = 20000 }, { steps = 300, start = { scale = 0.1 }, antisymmetric = true },
    { steps = 300, start = { scale = 0.1 } }, { steps = 500, optimizer = "adam" } } do
    local fit = limn.regress.gd(f, labels, o)
    local parts, path = limn.contrib.analyse(f, fit), fit.path
    lu.assertAlmostEquals(path.P[#path.P], parts.P, 1e-9)
    lu.assertAlmostEquals(path.R[#path.R], parts.R, 1e-9)
    if not o.optimizer then lu.assertAlmostEquals(path.flow_R[#path.R], parts.R, o.steps > 10000 and 1e-9 or 0.3) end
  end
  local plain = limn.features.toy { points = 12, count = 64, perfect = 2, seed = 3 }
  local fit = limn.regress.gd(plain, plain.labels, { steps = 2000 })
  local last = fit.path.R[#fit.path.R]
  lu.assertAlmostEquals(last, limn.contrib.analyse(plain, fit).R, 1e-9)
end

-- The variance of trained nets and the posterior variance: equal without a ridge, apart by ridge K* (K + ridge)^-2 K*'.
function TestWords:test_two_variances_with_a_ridge()
  local X, y = limn.data.xor()
  local Z = limn.array { { 1, 0.5 }, { 0.2, -0.4 } }
  local o = { bias = 0.1 }
  local K, Kz, kzz = kernel.nngp(X, nil, o), kernel.nngp(Z, X, o), kernel.nngp(Z, nil, o)
  local diagonal = limn.array { kzz:get(1, 1), kzz:get(2, 2) }
  for _, ridge in ipairs { 0, 0.1, 1 } do
    local trained = kernel.limit(X, y, { kind = "nngp", bias = 0.1, ridge = ridge }):variance(Z)
    local posterior = kernel.regress(K, Kz, y, { ridge = ridge }):variance(diagonal)
    local inverse = (K + limn.eye(4) * ridge):solve(Kz:T():copy())
    for i = 1, 2 do
      local gap = ridge * (inverse:T()[i] ^ 2):sum()
      lu.assertAlmostEquals(posterior[i] - trained[i], gap, 1e-12)
    end
  end
  local trained = kernel.limit(X, y, { kind = "nngp", bias = 0.1, ridge = 1 }):variance(Z)
  lu.assertAlmostEquals(trained[1], 0.1753, 1e-4)
end

TestAccuracy = {}

-- Fits from a random start of variance v: the mean accuracy at a new point, with its standard error.
local function accuracy_of_fits(D, m, n, v, reps)
  local list = {}
  for rep = 1, reps do
    local f = limn.features.toy { kind = "gaussian", points = D, count = m + n, perfect = m, seed = 8, rep = rep }
    local F, start = f:dense(), limn.rng.stream({ seed = 9, rep = rep }):normal(m + n) * math.sqrt(v)
    local w = start + limn.regress.minnorm(F, f.labels - F:matmul(start)).weights
    local perfect, random = w:slice(1, m), w:slice(m + 1, m + n)
    list[rep] = limn.stats.normal.cdf(perfect:sum() / random:norm())
  end
  local a = limn.array(list)
  return a:mean(), a:std() / math.sqrt(reps)
end

-- The mean over starts, given s: the variance of the offset is not its mean but differs from start to start.
local function accuracy_of_starts(D, m, n, v, s)
  local z, sum = limn.rng.stream(10):normal(#s, n - D + 1), 0
  for i = 1, #s do
    local grow, chi2 = 1 + m * s[i], 0
    for k = 1, n - D do chi2 = chi2 + z:get(i, k) ^ 2 end
    local along = math.sqrt(v * m / grow) * z:get(i, n - D + 1)
    sum = sum + limn.stats.normal.cdf((m * s[i] / grow + along) / math.sqrt(s[i] * (1 / grow - along) ^ 2 + v * chi2))
  end
  return sum / #s
end

-- The accuracy with a random start: too low near the peak, the error of order 1/(n - D).
function TestAccuracy:test_order_of_the_error_with_a_random_start()
  for _, case in ipairs { { 8, 1, 9 }, { 8, 1, 12 }, { 8, 2, 40 } } do
    local D, m, n = table.unpack(case)
    local v = 4 / n
    local place = ("D = %d, m = %d, n = %d"):format(D, m, n)
    local fits, error = accuracy_of_fits(D, m, n, v, 1500)
    local draws = theory.sample { points = D, count = m + n, perfect = m, start = v, reps = 10000 }
    local mean = accuracy_of_starts(D, m, n, v, draws.s)
    lu.assertTrue(math.abs(mean - fits) < 4 * error + 0.005, ("%s: %g, fits %g +- %g"):format(place, mean, fits, error))
    local excess = (mean - draws.accuracy:mean()) * (n - D)
    lu.assertTrue(excess > 0.02 and excess < 0.2, ("%s: %g"):format(place, excess))
  end
end

TestPools = {}

function TestPools:test_no_perfect_feature()
  for _, points in ipairs { 1, 50, 98, 99, 100, 200 } do
    local ratio, bits = theory.ratio { points = points, count = 100, perfect = 0 }
    lu.assertEquals(ratio, 0)
    lu.assertEquals(bits, -math.huge)
  end
  lu.assertEquals(theory.ratio { points = 99, count = 100, perfect = 1 }, math.huge) -- the mean diverges
  local D, message = theory.crossover { count = 1000, perfect = 0 }
  lu.assertNil(D)
  lu.assertStrContains(message, "theory.crossover: without perfect features")
end

function TestPools:test_options_that_exclude_each_other()
  local fails = testing.fails
  fails("theory.risk: complexity cannot be combined with random", theory.risk, { points = 64, random = 256, complexity = 4 })
  fails("theory.risk: fraction cannot be combined with random", theory.risk, { points = 64, random = 256, share = 0.1 })
  fails("theory.risk: count cannot be combined with random", theory.risk, { points = 64, random = 256, count = 300 })
  lu.assertAlmostEquals(theory.risk { points = 64, random = 240, perfect = 16 }, (theory.risk { points = 64, count = 256, complexity = 4 }),
    1e-15)
  fails("give either counts or fractions of the pool", theory.shares,
    { points = 10, classes = { { count = 100, rho = 1 }, { share = 0.5, rho = 0 } } })
  fails("theory.shares: classes[1]: fraction cannot be combined with count", theory.shares,
    { points = 10, classes = { { count = 100, fraction = 0.1, rho = 1 } } })
  fails("theory.shares: classes[1]: complexity cannot be combined with fraction", theory.shares,
    { points = 10, classes = { { complexity = 3, fraction = 0.1, rho = 1 } } })
  fails("theory.crossover: norm requires rule=\"norm\"", theory.crossover, { complexity = 5, rule = "bayes", norm = 1 })
  fails("theory.crossover: count requires rule=\"norm\"", theory.crossover, { complexity = 5, rule = "bayes", count = 100 })
  fails("theory.crossover: perfect requires count", theory.crossover, { complexity = 5, perfect = 3 })
  fails("theory.sign_accuracy: perfect requires count", theory.sign_accuracy, { points = 5, complexity = 5, perfect = 3 })
  fails("theory.sample: count cannot be combined with classes", theory.sample,
    { points = 5, count = 100, classes = { { count = 10, rho = 0 } } })
  fails("theory.eigenlearning: noise requires coefficients", theory.eigenlearning, { eigenvalues = { 1, 1 }, points = 1, noise = 0.1 })
  fails("kernel.limit: depth is taken from the net", kernel.limit, limn.mlp.new { sizes = { 2, 4, 1 } }, limn.data.xor(),
    { 1, 1, 1, 1 }, { depth = 2 })
end

-- A rate of wrong labels is called flip, as in programs and regress; its old name is accepted.
function TestPools:test_flip_and_its_old_name()
  lu.assertEquals((theory.posterior { points = 9, complexity = 5, flip = 0.1 }),
    (theory.posterior { points = 9, complexity = 5, noise = 0.1 }))
  lu.assertEquals(theory.crossover { complexity = 5, rule = "bayes", flip = 0.1 },
    theory.crossover { complexity = 5, rule = "bayes", noise = 0.1 })
  testing.fails("theory.crossover: flip requires rule=\"bayes\"", theory.crossover, { complexity = 5, flip = 0.1 })
  testing.fails("theory.posterior: flip must be below 0.5", theory.posterior, { points = 3, complexity = 5, flip = 0.5 })
end

-- Norm 1 and Bayes' rule by exhaustion of D, also where C is no whole number of at least 2.
function TestPools:test_crossovers_of_small_and_fractional_complexity()
  for _, C in ipairs { 0.3, 1, 1.5, 2, 3, 4.2, 9, 17.5 } do
    local odds = 2 ^ C - 1 -- (1-p)/p
    local l1, bayes = 1, 0
    while 2 ^ (l1 - 1) < odds * (1 - 1e-12) do l1 = l1 + 1 end
    while 2 ^ bayes < odds * (1 - 1e-12) do bayes = bayes + 1 end
    lu.assertEquals(theory.crossover { complexity = C, norm = 1 }, l1, C)
    lu.assertEquals(theory.crossover { complexity = C, rule = "bayes" }, bayes, C)
    lu.assertEquals(math.max(1, math.ceil(1 + math.log(odds, 2) - 1e-9)), l1, C)
  end
end

TestNets = {}

-- In muP Adam's rates differ by layer from those of gradient descent.
function TestNets:test_coordinate_check_by_optimiser()
  local X, y = limn.data.xor()
  local function slopes(optimizer, rate, rates)
    local check = limn.mlp.coordinate_check { widths = { 32, 64, 128, 256 }, X = X, y = y, depth = 2, param = "mup", rate = rate,
      optimizer = optimizer, rates = rates }
    return check.exponents[1].slope, check.exponents[2].slope, check.exponents[3].slope
  end
  for _, slope in ipairs { slopes("gd", 0.1) } do lu.assertTrue(math.abs(slope) < 0.2, slope) end
  for _, slope in ipairs { slopes("adam", 0.01) } do lu.assertTrue(math.abs(slope) < 0.1, slope) end
  -- The rates of gradient descent, 1, 1, 1, are too large for adam's steps.
  local function plain(n) return { n ^ 0.5, n, n ^ 0.5 } end
  for _, slope in ipairs { slopes("adam", 0.01, plain) } do lu.assertTrue(slope > 0.4, slope) end
end

-- A net and its limit agree: without options for nets of the default kind, and by kernel.limit(net, X, y).
function TestNets:test_a_net_and_its_limit_agree()
  local X, y = limn.array { { 1, 0.3 }, { -0.2, 1 }, { 0.4, -1 }, { -1, -0.7 } }, limn.array { 1, -1, 1, 1 }
  local Z = limn.array { { 1, 0.5 }, { 0.3, -1.2 }, { -0.4, 0.1 } }
  local shape = { { param = "standard" }, { param = "ntk" },
    { param = "standard", depth = 2, activation = "tanh", init = { weight = 1.8, bias = 0.6 } },
    { param = "standard", init = { weight = 1.5, bias = 0.2 }, readout = 0.6, start = "none" } }
  for _, o in ipairs(shape) do
    local depth = o.depth or 1
    local n = depth == 1 and 8192 or 1024
    local net = limn.mlp.new { sizes = depth == 1 and { 2, n, 1 } or { 2, n, n, 1 }, param = o.param, activation = o.activation,
      init = o.init, readout = o.readout, start = o.start, seed = o.seed }
    -- the mean over starts of trained tangent models is regression with the net's own tangent kernel
    local weights = net:kernel(X).total:solve(y)
    local mean, limit = net:kernel(Z, X).total:matmul(weights), kernel.limit(net, X, y)
    lu.assertTrue((mean - limit:predict(Z)):abs():max() < 0.04,
      ("%s: %s, limit %s"):format(net, mean:show(), limit:predict(Z):show()))
    if o.start == "none" then lu.assertEquals(limit:variance(Z):max(), 0) else lu.assertTrue(limit:variance(Z):min() > 0) end
  end
  local default = kernel.limit(X, y):predict(Z)
  lu.assertEquals((default - kernel.limit(limn.mlp.new { sizes = { 2, 3, 1 } }, X, y):predict(Z)):abs():max(), 0)
  lu.assertTrue((default - kernel.limit(X, y, { param = "ntk" }):predict(Z)):abs():max() > 0.02)
  local tanh = limn.mlp.new { sizes = { 2, 3, 1 }, activation = "tanh" }
  lu.assertEquals((kernel.limit(X, y, { activation = "tanh" }):predict(Z) - kernel.limit(tanh, X, y):predict(Z)):abs():max(), 0)
end

function TestNets:test_nets_without_a_kernel_limit()
  local X, y = limn.data.xor()
  local function new(o)
    o.sizes = o.sizes or { 2, 4, 1 }
    return limn.mlp.new(o)
  end
  testing.fails('param="mup"', kernel.limit, new { param = "mup" }, X, y)
  testing.fails('init="xavier"', kernel.limit, new { init = "xavier" }, X, y)
  testing.fails('init="uniform"', kernel.limit, new { init = "uniform" }, X, y)
  testing.fails("1 output", kernel.limit, new { sizes = { 2, 4, 2 } }, X, y)
  testing.fails("at most 3 arguments, got 4", kernel.limit, X, y, {}, {})
end

-- The mean of two measurements whose intervals overlap is not "disagrees".
TestVerdicts = {}
function TestVerdicts:test_difference_of_two_intervals()
  local ledger = limn.claims.new "laws"
  local narrow, wide = { 4.1, 4.5, 4.2, 4.3 }, { 5.3, 4.0, 6.8, 5.1 }
  local row = ledger:row { claim = "wide minus narrow", predicted = 0, measured = 1.0, interval = { -0.3, 2.3 }, tolerance = 0.1 }
  lu.assertEquals(row, "undecided")
  local interval = limn.claims.difference(wide, narrow):interval(0.95)
  lu.assertTrue(interval[1] < 0 and interval[2] > 0)
end

os.exit(lu.LuaUnit.run())
