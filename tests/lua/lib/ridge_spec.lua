-- stock: yes
-- ridge_spec.lua: ridge against plain Lua: elimination, refits without a point, closed forms.
-- luacheck: allow defined top
local t = require "luaunit"
local limn = require "limn"
local regress = limn.regress

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local tools = dofile(here .. "/../support/rules_tools.lua")
local fails, gaussian, close, dot = tools.fails, tools.gaussian, tools.close, tools.dot

-- A x = b by elimination with partial pivoting; A and b are overwritten.
local function eliminate(A, b)
  local n = #b
  for k = 1, n do
    local p = k
    for i = k + 1, n do if math.abs(A[i][k]) > math.abs(A[p][k]) then p = i end end
    A[k], A[p], b[k], b[p] = A[p], A[k], b[p], b[k]
    for i = k + 1, n do
      local f = A[i][k] / A[k][k]
      for j = k, n do A[i][j] = A[i][j] - f * A[k][j] end
      b[i] = b[i] - f * b[k]
    end
  end
  for k = n, 1, -1 do
    for j = k + 1, n do b[k] = b[k] - A[k][j] * b[j] end
    b[k] = b[k] / A[k][k]
  end
  return b
end

-- (X'X + lambda I) w = X'y, leaving out point `out`.
local function ridge_by_hand(X, y, lambda, out)
  local n, A, b = #X[1], {}, {}
  for p = 1, n do
    A[p], b[p] = {}, 0
    for q = 1, n do
      A[p][q] = p == q and lambda or 0
      for i = 1, #X do if i ~= out then A[p][q] = A[p][q] + X[i][p] * X[i][q] end end
    end
    for i = 1, #X do if i ~= out then b[p] = b[p] + X[i][p] * y[i] end end
  end
  return eliminate(A, b)
end

TestRidge = {}

function TestRidge:test_weights_and_leave_one_out_against_elimination_and_refits()
  for seed, shape in ipairs { { 12, 5 }, { 5, 12 }, { 6, 6 }, { 1, 3 }, { 4, 1 } } do
    local X, y = gaussian(shape[1], shape[2], 40 + seed)
    local lambdas = { 0.01, 0.5, 3, 100 }
    local path = regress.ridge(X, y, { lambda = lambdas })
    t.assertEquals(#path, 4)
    for l, lambda in ipairs(lambdas) do
      close(path[l].weights:totable(), ridge_by_hand(X, y, lambda), 1e-10, "path")
      local one = regress.ridge(X, y, { lambda = lambda })
      close(one.weights:totable(), path[l].weights:totable(), 1e-10, "single")
      local sum = 0
      for i = 1, #X do sum = sum + (y[i] - dot(X[i], ridge_by_hand(X, y, lambda, i))) ^ 2 end
      t.assertAlmostEquals(path[l].loo / (sum / #X), 1, 1e-9)
      t.assertAlmostEquals(one.loo / path[l].loo, 1, 1e-9)
      t.assertAlmostEquals(one.gcv / path[l].gcv, 1, 1e-9)
    end
    local least = math.min(table.unpack(path.loo:totable()))
    t.assertEquals(path[path.best].loo, least)
  end
end

function TestRidge:test_gcv_is_its_definition()
  local X, y = gaussian(9, 4, 51)
  local lambda, n = 0.7, 9
  local w = ridge_by_hand(X, y, lambda)
  local squares, trace = 0, n
  for i = 1, n do squares = squares + (y[i] - dot(X[i], w)) ^ 2 end
  for i = 1, n do -- hat matrix column by column: fit the i-th unit vector
    local unit = {}
    for k = 1, n do unit[k] = k == i and 1 or 0 end
    trace = trace - dot(X[i], ridge_by_hand(X, unit, lambda))
  end
  t.assertAlmostEquals(regress.ridge(X, y, { lambda = lambda }).gcv, n * squares / trace ^ 2, 1e-11)
end

function TestRidge:test_lambda_to_zero_meets_minnorm()
  for _, case in ipairs { { 20, 300, 4 }, { 16, 12, 3 }, { 10, 10, 1 } } do
    local f = limn.features.toy { points = case[1], count = case[2], perfect = case[3], seed = 8 }
    for _, X in ipairs { f, f:dense() } do
      local best = regress.minnorm(X, f.labels)
      close(regress.ridge(X, f.labels, { lambda = 0 }).weights:totable(), best.weights:totable(), 1e-11, "at 0")
      close(regress.ridge(X, f.labels, { lambda = 1e-9 }).weights:totable(), best.weights:totable(), 1e-7, "near 0")
    end
  end
end

-- More features than points and a Gram matrix that is singular, or has lost half of its digits: the path by
-- another factorisation has the limits and the single fits it must have.
function TestRidge:test_a_path_over_a_singular_gram_matrix()
  local X, y = gaussian(6, 15, 52)
  X[4] = X[2]
  y[4] = y[2]
  for _, tilt in ipairs { 0, 1e-9 } do
    for j = 1, 15 do X[5][j] = X[1][j] + tilt * X[6][j] end
    y[5] = y[1] + tilt * y[6]
    local path = regress.ridge(X, y, { lambda = { 0, 1e-3, 2 } })
    close(path[1].weights:totable(), regress.minnorm(X, y).weights:totable(), 1e-5, "at 0")
    for l = 2, 3 do
      close(path[l].weights:totable(), ridge_by_hand(X, y, path[l].lambda), 1e-8, "path")
      t.assertAlmostEquals(path[l].loo / regress.ridge(X, y, { lambda = path[l].lambda }).loo, 1, 1e-8)
    end
  end
end

-- F = u v': w = v (u.y)/(|u|^2 |v|^2 + lambda), whatever of y lies out of reach and however small lambda is.
function TestRidge:test_rank_one_in_closed_form_with_labels_out_of_reach()
  for _, shape in ipairs { { 8, 20 }, { 20, 8 }, { 10, 10 } } do
    local X, y, u, v = {}, {}, {}, {}
    for i = 1, shape[1] do u[i], y[i] = 5 * i % 11 - 4, (-1) ^ i + i / 16 end
    for j = 1, shape[2] do v[j] = 7 * j % 13 - 5 end
    for i = 1, shape[1] do
      X[i] = {}
      for j = 1, shape[2] do X[i][j] = u[i] * v[j] end
    end
    local lambdas = { 1e-12, 1e-6, 0.125, 1, 100 }
    local path = regress.ridge(X, y, { lambda = lambdas })
    for l, lambda in ipairs(lambdas) do
      local want, factor = {}, dot(u, y) / (dot(u, u) * dot(v, v) + lambda)
      for j = 1, shape[2] do want[j] = v[j] * factor end
      close(path[l].weights:totable(), want, 1e-13, "path")
      close(regress.ridge(X, y, { lambda = lambda }).weights:totable(), want, 1e-13, "single")
      t.assertEquals(path[l].rank, 1)
    end
  end
end

function TestRidge:test_a_set_and_its_numbers_agree()
  local f = limn.features.toy { points = 15, count = 200, perfect = 5, bias = true, kind = "binary", seed = 3 }
  local o = { lambda = { 0.1, 10 } }
  local a, b = regress.ridge(f, nil, o), regress.ridge(f:dense(), f.labels, o)
  for l = 1, 2 do
    close(a[l].weights:totable(), b[l].weights:totable(), 1e-10)
    t.assertAlmostEquals(a[l].loo / b[l].loo, 1, 1e-10)
    t.assertAlmostEquals(a[l].gcv / b[l].gcv, 1, 1e-10)
  end
end

-- Points that repeat, with labels that contradict each other: whatever lambda is, weights, and scores as by leaving
-- out and solving again; for lambda -> 0 they level off at those of minnorm. Sets with null vectors of K likewise.
function TestRidge:test_repeated_points_at_any_lambda()
  local f = limn.features.toy { points = 6, count = 9, perfect = 0, seed = 3 }
  local X, y = f:dense():totable(), f.labels:totable()
  X[7], y[7], X[8], y[8] = X[3], -y[3], X[5], y[5]
  for _, lambda in ipairs { 1e-4, 1e-2, 1 } do
    local sum = 0
    for i = 1, 8 do sum = sum + (y[i] - dot(X[i], ridge_by_hand(X, y, lambda, i))) ^ 2 end
    t.assertAlmostEquals(regress.ridge(X, y, { lambda = lambda }).loo / (sum / 8), 1, 1e-8)
  end
  local best, path = regress.minnorm(X, y), regress.ridge(X, y, { lambda = { 1e-6, 1e-14, 1e-100, 0 } })
  for _, fit in ipairs(path) do
    close(fit.weights:totable(), best.weights:totable(), 1e-6)
    t.assertAlmostEquals(fit.loo / path[1].loo, 1, 1e-5)
    t.assertAlmostEquals(fit.gcv / path[1].gcv, 1, 1e-5)
  end
  local seen = 0
  for _, case in ipairs { { "sign", 171, "bits" }, { "binary", 36, "stream" }, { "binary", 171, "bits" } } do
    local set = limn.features.toy { points = 8, count = 11, perfect = 0, kind = case[1], seed = case[2], storage = case[3] }
    local labels = limn.rng.stream { seed = case[2] }:sign(8)
    local short = regress.minnorm(set, labels)
    if short.rank < 8 then seen = seen + 1 end
    local list = { lambda = { 1e-300, 1e-20, 1e-13, 1e-9, 1e-3 } }
    local a, b = regress.ridge(set, labels, list), regress.ridge(set:dense(), labels, list)
    for l, lambda in ipairs(list.lambda) do
      close(a[l].weights:totable(), b[l].weights:totable(), 1e-12)
      close(a[l].weights_of and a[l]:predict(set):totable(), (set:dense():matmul(a[l].weights)):totable(), 1e-12)
      if lambda < 1e-8 then close(a[l].weights:totable(), short.weights:totable(), 1e-7) end
      t.assertAlmostEquals(a[l].loo / b[l].loo, 1, 1e-9)
      t.assertAlmostEquals(regress.ridge(set, labels, { lambda = lambda }).loo / a[l].loo, 1, 1e-9)
    end
  end
  t.assertEquals(seen, 3)
end

-- Scores have the magnitude of the squared labels, for any ratio of penalty to features.
function TestRidge:test_scores_where_their_parts_are_no_numbers()
  local X, y = gaussian(8, 20, 12)
  local small, labels = {}, {}
  for i = 1, 8 do
    small[i], labels[i] = {}, y[i] * 1e-30
    for j = 1, 20 do small[i][j] = X[i][j] * 1e-120 end
  end
  for _, lambda in ipairs { 1, { 1, 2 } } do
    local fit = regress.ridge(small, labels, { lambda = lambda })
    fit = fit[1] or fit
    t.assertAlmostEquals(fit.gcv / (dot(labels, labels) / 8), 1, 1e-12)
    t.assertAlmostEquals(fit.loo / fit.gcv, 1, 1e-12)
  end
end

-- A problem large enough for tiling: the same bits on one thread and two, and the results of single fits.
function TestRidge:test_a_path_on_any_number_of_threads()
  local f = limn.features.toy { points = 390, count = 700, perfect = 0, kind = "gaussian", seed = 9 }
  local X, y, list = f:dense(), f.labels, {}
  for i = 1, 11 do list[i] = 2 ^ (i - 3) end
  local before = limn.threads()
  local runs = {}
  for threads = 1, 2 do
    limn.threads(threads)
    runs[threads] = regress.ridge(X, y, { lambda = list })
  end
  limn.threads(before)
  local a, b = runs[1], runs[2]
  for l = 1, 11 do
    t.assertEquals(a[l].weights:totable(), b[l].weights:totable())
    t.assertEquals({ a[l].loo, a[l].gcv }, { b[l].loo, b[l].gcv })
  end
  for _, l in ipairs { 1, 11 } do
    local one = regress.ridge(X, y, { lambda = list[l] })
    close(a[l].weights:totable(), one.weights:totable(), 1e-13)
    t.assertAlmostEquals(a[l].loo / one.loo, 1, 1e-11)
    t.assertAlmostEquals(a[l].gcv / one.gcv, 1, 1e-11)
  end
end

-- Problems that differ by powers of two, in features, labels and lambda, have weights that do too; where
-- lambda / |X|^2 overflows, w = X'y/lambda.
function TestRidge:test_scales()
  local y = limn.rng.stream(31):normal(6)
  for _, shape in ipairs { { 6, 10 }, { 6, 4 } } do
    local X = limn.rng.stream(32):normal(shape[1], shape[2])
    local one = regress.ridge(X, y, { lambda = 0.5 })
    local limit = X:T():matmul(y:reshape(6, 1)):reshape(shape[2])
    for _, e in ipairs { -990, -532, -300, -200, 200, 500, 990 } do
      for _, f in ipairs { -30, 0, 30 } do
        if e >= -500 and e <= 500 then
          local scaled = regress.ridge(X * 2.0 ^ e, y * 2.0 ^ f, { lambda = 0.5 * 2.0 ^ (2 * e) })
          close((scaled.weights * 2.0 ^ (e - f)):totable(), one.weights:totable(), 1e-12)
          t.assertAlmostEquals(scaled.loo * 2.0 ^ (-2 * f) / one.loo, 1, 1e-10)
        end
      end
      for _, lambda in ipairs { 1e-6, 1.0, 1e300 } do
        local fits = { regress.ridge(X * 2.0 ^ e, y, { lambda = lambda }),
          regress.ridge(X * 2.0 ^ e, y, { lambda = { lambda, 2 * lambda } })[1] }
        for _, fit in ipairs(fits) do
          t.assertTrue(fit.norm >= 0 and fit.norm < math.huge and fit.residual >= 0 and fit.loo >= 0 and fit.gcv >= 0,
            ("2^%d, lambda %g"):format(e, lambda))
          if e < 0 and -2 * e > 500 and e > -900 and lambda < 2 then
            close((fit.weights * (lambda * 2.0 ^ -e)):totable(), limit:totable(), 1e-12)
            t.assertAlmostEquals(fit.residual / y:norm(), 1, 1e-12)
          end
        end
      end
    end
  end
end

function TestRidge:test_misuse()
  local X, y = { { 1, 2 } }, { 1 }
  fails("regress.ridge: lambda is missing", regress.ridge, X, y)
  fails("regress.ridge: lambda must be at least 0, got %-1", regress.ridge, X, y, { lambda = -1 })
  fails("regress.ridge: lambda%[2%] must be finite and at least 0, got %-2", regress.ridge, X, y, { lambda = { 1, -2 } })
  fails("regress.ridge: lambda must be finite, got %-?nan", regress.ridge, X, y, { lambda = 0 / 0 })
  fails("regress.ridge: entry 2 of lambda must be finite", regress.ridge, X, y, { lambda = { 1, math.huge } })
  fails("regress.ridge: lambda must have at least 1 entry", regress.ridge, X, y, { lambda = {} })
  fails("regress.ridge: unknown option \"lamda\"; did you mean \"lambda\"", regress.ridge, X, y, { lamda = 1 })
end

os.exit(t.LuaUnit.run())
