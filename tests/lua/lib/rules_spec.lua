-- stock: yes
-- rules_spec.lua: lasso, gradient descent and the posterior against plain Lua: optimality conditions, step-by-step descent,
-- counting. Ridge is in ridge_spec.lua.
-- luacheck: allow defined top
local t = require "luaunit"
local limn = require "limn"
local regress = limn.regress

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local tools = dofile(here .. "/../support/rules_tools.lua")
local fails, gaussian, close, dot = tools.fails, tools.gaussian, tools.close, tools.dot

TestLasso = {}

-- |f_j.r| <= lambda, and = lambda sign(w_j) where w_j is not 0: necessary and sufficient.
local function conditions(X, y, w, lambda)
  local r = {}
  for i = 1, #X do r[i] = y[i] - dot(X[i], w) end
  for j = 1, #w do
    local g = 0
    for i = 1, #X do g = g + X[i][j] * r[i] end
    if w[j] ~= 0 then t.assertAlmostEquals(g, w[j] > 0 and lambda or -lambda, 1e-9 * lambda)
    else t.assertTrue(math.abs(g) <= lambda * (1 + 1e-8)) end
  end
end

function TestLasso:test_optimality_conditions_along_the_path()
  for seed, shape in ipairs { { 20, 8 }, { 10, 60 }, { 30, 30 }, { 1, 5 }, { 25, 300 } } do
    local X, y = gaussian(shape[1], shape[2], 60 + seed)
    local path = assert(regress.lasso(X, y, { path = 15, ratio = 1e-2 }))
    t.assertEquals(path[1].norm, 0)
    for _, fit in ipairs(path) do
      conditions(X, y, fit.weights:totable(), fit.lambda)
      t.assertTrue(fit.gap < 1e-9, fit.gap)
    end
    t.assertTrue(path[15].rank > 0)
  end
end

function TestLasso:test_orthogonal_features_are_shrunk_by_lambda()
  local fit = regress.lasso({ { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } }, { 3, -0.5, 2 }, { lambda = 1 })
  close(fit.weights:totable(), { 2, 0, 1 }, 1e-14)
end

function TestLasso:test_small_lambda_meets_l1_and_equal_columns_share()
  local X, y = gaussian(6, 20, 71)
  local l1 = regress.l1(X, y)
  local fit = regress.lasso(X, y, { lambda = { 1, 1e-2, 1e-4, 1e-8 } })[4]
  close(fit.weights:totable(), l1.weights:totable(), 1e-6)
  for i = 1, 6 do X[i][21], X[i][22] = -X[i][3], X[i][3] end
  local many = regress.lasso(X, y, { lambda = 0.1 })
  local w = many.weights:totable()
  conditions(X, y, w, 0.1)
  t.assertEquals(w[21], -w[3])
  t.assertEquals(w[22], w[3])
end

function TestLasso:test_streams_and_numbers_agree()
  local f = limn.features.toy { points = 24, count = 3000, perfect = 2, storage = "stream", seed = 9 }
  local noisy = f.labels:totable()
  noisy[1], noisy[5] = -noisy[1], -noisy[5]
  local a = regress.lasso(f, noisy, { lambda = { 8, 2, 0.5 } })
  local b = regress.lasso(f:dense(), noisy, { lambda = { 8, 2, 0.5 } })
  local X = f:dense():totable()
  for l = 1, 3 do
    conditions(X, noisy, a[l].weights:totable(), a[l].lambda)
    t.assertAlmostEquals(a[l].norm, b[l].norm, 1e-9)
  end
end

function TestLasso:test_misuse()
  local X, y = { { 1, 2 } }, { 1 }
  fails("lasso: give one of lambda and path, got neither", regress.lasso, X, y)
  fails("lasso: give one of lambda and path, got both", regress.lasso, X, y, { lambda = 1, path = 3 })
  fails("lasso: lambda must be finite and above 0, got 0", regress.lasso, X, y, { lambda = 0 })
  fails("lasso: lambda must be at least 0, got %-1", regress.lasso, X, y, { lambda = -1 })
  fails("lasso: path must be at least 2", regress.lasso, X, y, { path = 1 })
  fails("lasso: every feature is orthogonal", regress.lasso, X, { 0 }, { path = 3 })
end

TestDescent = {}

-- The same descent on the weights, one number at a time.
local function descend(X, y, rule, rate, steps, momentum, w)
  local n = #X[1]
  local v, m = {}, {}
  w = w or {}
  for j = 1, n do w[j], v[j], m[j] = w[j] or 0, 0, 0 end
  for step = 1, steps do
    local r = {}
    for i = 1, #X do r[i] = dot(X[i], w) - y[i] end
    for j = 1, n do
      local g = 0
      for i = 1, #X do g = g + X[i][j] * r[i] end
      if rule == "gd" then w[j] = w[j] - rate * g
      elseif rule == "momentum" then
        v[j] = momentum * v[j] + g
        w[j] = w[j] - rate * v[j]
      elseif rule == "sign" then w[j] = w[j] - rate * (g > 0 and 1 or g < 0 and -1 or 0)
      else
        m[j], v[j] = 0.9 * m[j] + 0.1 * g, 0.999 * v[j] + 0.001 * g * g
        w[j] = w[j] - rate * (m[j] / (1 - 0.9 ^ step)) / (math.sqrt(v[j] / (1 - 0.999 ^ step)) + 1e-8)
      end
    end
  end
  return w
end

function TestDescent:test_every_rule_against_the_plain_loop()
  local X, y = gaussian(5, 9, 81)
  local start = {}
  for j = 1, 9 do start[j] = math.sin(j) end
  for rule, rate in pairs { gd = 0.01, momentum = 0.005, adam = 0.02, sign = 0.003 } do
    for _, from in ipairs { false, start } do
      local o = { rule = rule, rate = rate, steps = 40, start = from or nil }
      if rule == "momentum" then o.momentum = 0.8 end
      local want = descend(X, y, rule, rate, 40, 0.8, from and { table.unpack(start) } or nil)
      close(regress.gd(X, y, o).weights:totable(), want, 1e-10, rule)
    end
  end
end

function TestDescent:test_from_zero_it_ends_at_minnorm_and_from_elsewhere_beside_it()
  local X, y = gaussian(4, 10, 82)
  local best = regress.minnorm(X, y)
  for _, o in ipairs { {}, { momentum = 0.5 }, { batch = 2 } } do
    o.tol = 1e-11
    local fit = assert(regress.gd(X, y, o))
    close(fit.weights:totable(), best.weights:totable(), 1e-9, fit.method)
  end
  local w0 = {}
  for j = 1, 10 do w0[j] = math.cos(3 * j) end
  -- w_min + (I - F^+ F) w0
  local f0 = {}
  for i = 1, 4 do f0[i] = dot(X[i], w0) end
  local inside, want = regress.minnorm(X, f0).weights:totable(), best.weights:totable()
  for j = 1, 10 do want[j] = want[j] + w0[j] - inside[j] end
  close(regress.gd(X, y, { tol = 1e-11, start = w0 }).weights:totable(), want, 1e-9, "start")
  close(regress.gd(X, y, { tol = 1e-11, start = w0, antisymmetric = true }).weights:totable(), best.weights:totable(),
    1e-9, "antisymmetric")
end

function TestDescent:test_the_path_and_gradient_flow()
  local f = limn.features.toy { points = 20, count = 600, perfect = 30, seed = 5 }
  local fit = regress.gd(f, nil, { steps = 400, record = 20, rate = 1e-6 })
  local p = fit.path
  t.assertEquals(p.step:totable()[2], 20)
  t.assertEquals(#p.step, 21)
  -- a rate this small follows the flow to first order
  close(p.P:totable(), p.flow_P:totable(), 1e-3, "P")
  close(p.loss:totable(), p.flow_loss:totable(), 1e-3, "loss")
  local loss, away = p.loss:totable(), p.distance:totable()
  for i = 2, #loss do t.assertTrue(loss[i] < loss[i - 1] and away[i] < away[i - 1]) end
  t.assertAlmostEquals(away[1], regress.minnorm(f).norm, 1e-12)
  -- at the end P and R are those of minnorm, and P + R = sqrt(D)
  local done = regress.gd(f, nil, { tol = 1e-12, rate = 5e-5 }).path
  local last = #done.P
  t.assertAlmostEquals(done.P:totable()[last] + done.R:totable()[last], math.sqrt(20), 1e-8)
  t.assertAlmostEquals(done.P:totable()[last], done.flow_P:totable()[last], 1e-6)
  -- early stopping: the first step has P/R = n_p s with s = L'L / L'W L, known in closed form
  local first = regress.gd(f, nil, { steps = 1 }).path
  local a = f:dense():slice(1, 20, 31, 600)
  local along = a:T():matmul(f.labels)
  local rest = a:matmul(along)
  t.assertAlmostEquals(first.P:totable()[2] / first.R:totable()[2], 30 * 20 * math.sqrt(20) / rest:norm(), 1e-9)
end

function TestDescent:test_random_starts_and_batches_are_reproducible()
  local f = limn.features.toy { points = 10, count = 50, perfect = 5, seed = 5 }
  local function run(seed)
    return regress.gd(f, nil, { steps = 30, batch = 3, start = { scale = 0.1 }, seed = seed }).weights:totable()
  end
  t.assertEquals(run(1), run(1))
  t.assertNotEquals(run(1), run(2))
end

function TestDescent:test_failure_is_nil_message_and_the_best_fit()
  local X, y = gaussian(5, 9, 83)
  local fit, message, best = regress.gd(X, y, { rate = 10, steps = 1000 })
  t.assertNil(fit)
  t.assertStrContains(message, "gd: diverged")
  t.assertStrContains(message, "2/lambda_max")
  t.assertEquals(#best.weights, 9)
  fit, message, best = regress.gd(X, y, { steps = 3, tol = 1e-9 })
  t.assertNil(fit)
  t.assertStrContains(message, "3 steps did not reach tol")
  t.assertEquals(best.iterations, 3)
end

function TestDescent:test_misuse()
  local X, y = { { 1, 2 } }, { 1 }
  fails("gd: rate must be above 0, got %-1", regress.gd, X, y, { rate = -1 })
  fails("gd: momentum must be in %[0, 1%), got 1", regress.gd, X, y, { momentum = 1 })
  fails("gd: batch must be in 1 .. 1, got 2", regress.gd, X, y, { batch = 2 })
  fails("gd: start has 3 entries but features has 2 columns", regress.gd, X, y, { start = { 1, 2, 3 } })
  fails("gd: start must be \"zero\"", regress.gd, X, y, { start = "random" })
  fails("gd: rule must be", regress.gd, X, y, { rule = "newton" })
  fails("gd: batch requires optimizer", regress.gd, X, y, { rule = "adam", batch = 1 })
end

TestBayes = {}

function TestBayes:test_against_counting()
  local f = limn.features.toy { points = 7, count = 300, perfect = 4, seed = 12 }
  local X, L = f:dense():totable(), f.labels:totable()
  local prior = {}
  for j = 1, 300 do prior[j] = 1 + math.sin(j) end
  for _, flip in ipairs { 0, 0.01, 0.3 } do
    for _, weights in ipairs { false, prior } do
      local masses, total, sum = {}, 0, 0
      for j = 1, 300 do
        masses[j] = weights and weights[j] or 1
        sum = sum + masses[j]
        for i = 1, 7 do masses[j] = masses[j] * (X[i][j] == L[i] and 1 - flip or flip) end
        total = total + masses[j]
      end
      for j = 1, 300 do masses[j] = masses[j] / total end
      local post = regress.bayes(f, nil, { flip = flip, prior = weights or nil })
      close(post.weights:totable(), masses, 1e-12)
      close(regress.bayes(X, L, { flip = flip, prior = weights or nil }).weights:totable(), masses, 1e-12)
      t.assertAlmostEquals(post.log_evidence, math.log(total / sum), 1e-11)
      local entropy, perfect = 0, 0
      for j = 1, 300 do
        entropy = entropy - (masses[j] > 0 and masses[j] * math.log(masses[j]) or 0)
        perfect = perfect + (j <= 4 and masses[j] or 0)
      end
      t.assertAlmostEquals(post.entropy, entropy, 1e-10)
      t.assertAlmostEquals(post.classes.perfect, perfect, 1e-12)
      t.assertAlmostEquals(post.classes.perfect + post.classes.random, 1, 1e-12)
      t.assertEquals(post.fewest, 0)
      local mean = post:predict(f):totable()
      for i = 1, 7 do
        local want = 0
        for j = 1, 300 do want = want + masses[j] * X[i][j] end
        t.assertAlmostEquals(mean[i], want, 1e-12)
      end
    end
  end
end

function TestBayes:test_the_law_of_the_perfect_mass_and_extremes()
  -- p/(p + (1-p) 2^-D): with D = 12, p = 1/1024 the random mass is a binomial count of lucky columns
  local f = limn.features.toy { points = 12, count = 2 ^ 18, complexity = 10, storage = "stream", seed = 3 }
  local post = regress.bayes(f)
  local lucky = post.consistent - 256
  t.assertTrue(math.abs(lucky - 64) < 6 * 8, lucky)
  t.assertAlmostEquals(post.classes.perfect, 256 / post.consistent, 1e-12)
  -- a thousand points: likelihoods of e^-690 and below do not vanish
  local long = limn.features.toy { points = 1000, count = 50, perfect = 0, seed = 3 }
  local sure = regress.bayes(long, nil, { flip = 0.25 })
  local sum = 0
  for _, v in ipairs(sure.weights:totable()) do sum = sum + v end
  t.assertAlmostEquals(sum, 1, 1e-12)
  t.assertTrue(sure.log_evidence < -300 and sure.log_evidence > -1500)
end

function TestBayes:test_kinds_agree_and_nothing_consistent_is_an_expected_failure()
  local b = limn.features.toy { points = 9, count = 400, perfect = 2, kind = "binary", storage = "bits", seed = 4 }
  close(regress.bayes(b, nil, { flip = 0.1 }).weights:totable(),
    regress.bayes(b:dense(), b.labels, { flip = 0.1 }).weights:totable(), 1e-12)
  local post = regress.bayes(b, nil, { flip = 0.1 })
  close(post:predict(b):totable(), post:predict(b:dense()):totable(), 1e-12)
  local fit, message = regress.bayes({ { 1 }, { 1 } }, { 1, -1 })
  t.assertNil(fit)
  t.assertStrContains(message, "no feature matches all 2 labels (the nearest misses 1)")
  fails("bayes: flip must be in %[0, 0.5%), got 0.5", regress.bayes, { { 1 } }, { 1 }, { flip = 0.5 })
  fails("bayes: labels%[1%] must be %-1 or %+1, got 2", regress.bayes, { { 1 } }, { 2 })
  fails("bayes: prior%[1%] must be finite and at least 0, got %-1", regress.bayes, { { 1 } }, { 1 },
    { prior = { -1 } })
  fails("bayes: prior has 2 entries but features has 1 columns", regress.bayes, { { 1 } }, { 1 }, { prior = { 1, 2 } })
  fails("bayes: prior must have a finite sum above 0, got 0", regress.bayes, { { 1 } }, { 1 }, { prior = { 0 } })
end

os.exit(t.LuaUnit.run())
