-- kernel_spec.lua: infinite-width kernels from Lua: conventions, shares, regression, misuse.
-- stock: yes
-- isa: yes
local lu = require "luaunit"
local limn = require "limn"
local kernel = limn.kernel

local made = 0
local function stream() -- a new one each time
  made = made + 1
  return limn.rng.stream { seed = tonumber(os.getenv "LIMN_TEST_SEED") or os.time(), point = made }
end

TestKernel = {} -- luacheck: ignore

-- One hidden ReLU layer by hand: arc-cosine of first and zeroth order.
function TestKernel:test_one_layer_by_hand()
  local X = stream():normal(5, 3)
  local K = kernel.nngp(X, nil, { depth = 1, weight = 2, bias = 0.25 })
  local T = kernel.ntk(X, nil, { depth = 1, weight = 2, bias = 0.25 })
  for i = 1, 5 do
    for j = 1, 5 do
      local q1, q2, c = 0, 0, 0
      for k = 1, 3 do
        q1, q2, c = q1 + X:get(i, k) ^ 2, q2 + X:get(j, k) ^ 2, c + X:get(i, k) * X:get(j, k)
      end
      q1, q2, c = 2 * q1 / 3 + 0.25, 2 * q2 / 3 + 0.25, 2 * c / 3 + 0.25
      local t = math.acos(math.max(-1, math.min(1, c / math.sqrt(q1 * q2))))
      local k = 2 * math.sqrt(q1 * q2) * (math.sin(t) + (math.pi - t) * math.cos(t)) / (2 * math.pi) + 0.25
      lu.assertAlmostEquals(K:get(i, j), k, 1e-7)
      lu.assertAlmostEquals(T:get(i, j), k + 2 * (math.pi - t) / (2 * math.pi) * c, 1e-7)
    end
  end
end

function TestKernel:test_layers_sum_to_the_whole()
  local X, Z = stream():normal(4, 2), stream():normal(6, 2)
  for _, activation in ipairs { "relu", "erf", "tanh", "gelu", "sin", "linear" } do
    for _, param in ipairs { "ntk", "standard" } do
      local T, layers, facts = kernel.ntk(X, Z, { depth = 3, activation = activation, param = param, layers = true })
      lu.assertEquals(#layers, 4)
      local sum = layers[1] + layers[2] + layers[3] + layers[4]
      lu.assertTrue((sum - T):abs():max() <= 1e-14 * T:abs():max())
      lu.assertEquals(facts.width_factor, param == "standard" and "n" or "1")
      if param == "standard" then lu.assertEquals(layers[1]:abs():max(), 0) end
    end
  end
end

function TestKernel:test_regression_interpolates_and_reports_rank()
  local X = stream():normal(6, 2)
  local y = stream():normal(6)
  local K = kernel.ntk(X, nil, { depth = 2 })
  local fit = kernel.regress(K, K, y)
  lu.assertEquals(fit.rank, 6)
  lu.assertTrue((fit.mean - y):abs():max() < 1e-8)
  lu.assertTrue(fit:variance(limn.array { K:get(1, 1), K:get(2, 2), K:get(3, 3), K:get(4, 4), K:get(5, 5), K:get(6, 6) }):max() < 1e-8)
  -- a duplicated point: rank 6 of 7, same predictions
  local rows = X:totable()
  rows[7] = rows[2]
  local y7 = y:totable()
  y7[7] = y7[2]
  local D = limn.array(rows)
  local twice = kernel.regress(kernel.ntk(D, nil, { depth = 2 }), kernel.ntk(X, D, { depth = 2 }), y7)
  lu.assertEquals(twice.rank, 6)
  lu.assertTrue((twice.mean - y):abs():max() < 1e-8)
end

-- With the NNGP kernel for T the trained variance is the Gaussian-process posterior; with the NTK it is not.
function TestKernel:test_trained_variance()
  local X, Z = stream():normal(4, 2), stream():normal(3, 2)
  local o = { depth = 2, bias = 0.1 }
  local function all(f)
    local zz = f(Z, nil, o)
    return f(X, nil, o), f(Z, X, o), limn.array { zz:get(1, 1), zz:get(2, 2), zz:get(3, 3) }
  end
  local K, Kz, kzz = all(kernel.nngp)
  local T, Tz, tzz = all(kernel.ntk)
  local start = { k = K, kz = Kz, kzz = kzz }
  local y = limn.array { 1, -1, 1, -1 }
  local gp = kernel.regress(K, Kz, y)
  lu.assertTrue((gp:trained_variance(start) - gp:variance(kzz)):abs():max() < 1e-9 * kzz:max())
  local ntk = kernel.regress(T, Tz, y)
  lu.assertTrue((ntk:trained_variance(start) - ntk:variance(tzz)):abs():max() > 1e-3)
end

-- The closed form against many small steps of gradient descent on the outputs.
function TestKernel:test_dynamics()
  local X, Z = stream():normal(3, 2), stream():normal(2, 2)
  local K, Kz = kernel.ntk(X, nil, { depth = 1 }), kernel.ntk(Z, X, { depth = 1 })
  local y, f, fz = limn.array { 1, -1, 1 }, limn.array { 0.3, 0.1, -0.2 }, limn.array { 0.5, -0.5 }
  local fit = kernel.regress(K, Kz, y)
  local f0, fz0, steps, t = f, fz, 20000, 0.7
  for _ = 1, steps do
    local miss = y - f
    f, fz = f + K:matmul(miss) * (t / steps), fz + Kz:matmul(miss) * (t / steps)
  end
  lu.assertTrue((fit:at(t, { f = f0, fz = fz0 }) - fz):abs():max() < 1e-3)
  lu.assertTrue((fit:at(math.huge) - fit.mean):abs():max() < 1e-9)
  lu.assertEquals(fit:at(0):abs():max(), 0)
end

-- Points that are doubled, opposite, nearly parallel or zero, at every scale: eigenvalues at least -n eps of the largest.
function TestKernel:test_positive_semidefinite()
  for _, scale in ipairs { 1e-6, 1, 1e6 } do
    local rows = (stream():normal(8, 3) * scale):totable()
    for i, f in ipairs { 1, -1, 1 + 1e-8, 1 + 1e-12, 0 } do
      rows[8 + i] = { rows[1][1] * f, rows[1][2], rows[1][3] }
      if f == -1 or f == 0 then rows[8 + i] = { rows[1][1] * f, rows[1][2] * f, rows[1][3] * f } end
    end
    local X = limn.array(rows)
    for _, activation in ipairs { "relu", "tanh", "erf", "gelu", "sin", "linear", "step" } do
      for depth = 1, 3 do
        local o = { activation = activation, depth = depth, weight = 1.5, bias = depth == 2 and 0.1 or 0 }
        for _, f in ipairs { kernel.nngp, activation ~= "step" and kernel.ntk or kernel.nngp } do
          local K = f(X, nil, o)
          local w = K:eigh()
          local what = ("%s, depth %d, scale %g: %g of %g"):format(activation, depth, scale, w[1], w[13])
          lu.assertTrue(w[1] >= -1e-14 * 13 * w[13], what)
          lu.assertEquals((K - K:T()):abs():max(), 0)
        end
      end
    end
  end
end

-- tanh reports an error bound; for large variances it is that of the mixture. Other activations report 0.
function TestKernel:test_stated_error()
  for activation, most in pairs { relu = 0, erf = 0, gelu = 0, sin = 0, linear = 0, tanh = 2e-14 } do
    for _, scale in ipairs { 0.1, 1, 30 } do
      local _, _, facts = kernel.both(stream():normal(5, 2) * scale, nil, { activation = activation, depth = 2 })
      lu.assertTrue(facts.error <= most, activation)
      if activation == "tanh" then lu.assertTrue(facts.error > 0) end
    end
  end
end

-- With a ridge a singular K is regular: (K + ridge I) c = y, also with contradicting labels of a duplicated point.
function TestKernel:test_ridge_on_a_doubled_point()
  local X = limn.array { { 1, 0.5 }, { 1, 0.5 }, { -1, 2 } }
  local K, y = kernel.ntk(X), limn.array { 1, -1, 1 }
  local fit = kernel.regress(K, K, y, { ridge = 0.1 })
  lu.assertEquals(fit.rank, 2)
  lu.assertTrue(((K + limn.eye(3) * 0.1):matmul(fit.coefficients) - y):abs():max() < 1e-12)
  lu.assertAlmostEquals(fit.mean[1], fit.mean[2], 1e-12)
  local plain = kernel.regress(K, K, y) -- contradicting labels: their mean, and a residual above zero
  lu.assertAlmostEquals(plain.mean[1], 0, 1e-12)
  lu.assertTrue(plain.residual > 0.5)
end

-- limit{param="standard"}: the tangent kernel of the standard parameterisation, whatever its scale.
function TestKernel:test_limit_of_the_standard_parameterisation()
  local s = stream()
  local X, Z, y = s:normal(5, 2), s:normal(4, 2), s:normal(5)
  local o = { depth = 3, param = "standard" }
  local want = kernel.regress(kernel.ntk(X, nil, o), kernel.ntk(Z, X, o), y).mean
  lu.assertTrue((kernel.limit(X, y, o):predict(Z) - want):abs():max() < 1e-9)
  local one = kernel.limit(X, y, { param = "standard" }):predict(Z) -- one hidden layer: the last layer is all of it
  lu.assertTrue((one - kernel.limit(X, y, { kind = "nngp" }):predict(Z)):abs():max() < 1e-9)
end

function TestKernel:test_misuse_is_named()
  local X = limn.array { { 1, 2 }, { 3, 4 } }
  local says = lu.assertErrorMsgContains
  says("depth must be at least 1", kernel.nngp, X, nil, { depth = 0 })
  says("did you mean \"activation\"", kernel.nngp, X, nil, { activasion = "relu" })
  says("X has 2 columns but Z has 3", kernel.nngp, X, limn.array { { 1, 2, 3 } }, {})
  says("no derivative", kernel.ntk, X, nil, { activation = "step" })
  says("must be finite", kernel.ntk, X, nil, { weight = 0 / 0 })
  says("not positive semidefinite: its least eigenvalue is -1", kernel.regress, { { 1, 2 }, { 2, 1 } }, { { 1, 2 } }, { 1, 1 })
  says("not symmetric", kernel.regress, { { 1, 2 }, { 0, 1 } }, { { 1, 2 } }, { 1, 1 })
  local nan, one = 0 / 0, { { 1, 0 }, { 0, 1 } }
  says("kernel.ntk: X[1,2] must be finite", kernel.ntk, { { 1, nan } })
  says("kernel.nngp: Z[1,2] must be finite, got inf", kernel.nngp, X, { { 1, 1 / 0 } }, {})
  says("kernel.nngp: points must not be empty", kernel.nngp, limn.zeros(0, 2))
  says("kernel.limit: depth must be at least 1, got 0", kernel.limit, X, { 1, 1 }, { depth = 0 })
  says("kernel.both: X[1] has a variance that overflows after hidden layer 1", kernel.both, { { 1e153, 1 } }, nil, { weight = 4 })
  says("kernel.regress: K must be finite, got ", kernel.regress, { { 1, nan }, { nan, 1 } }, one, { 1, 1 })
  says("kernel.regress: Kz must be finite, got inf at row 2, column 1", kernel.regress, one, { { 1, 0 }, { 1 / 0, 1 } }, { 1, 1 })
  says("at entry 2", kernel.regress, one, one, { 1, nan })
  says("limit:predict: Z must be finite", function() return kernel.limit(X, { 1, 1 }):predict { { 1, nan } } end)
  says("b must have 2 rows, got 3", kernel.regress(one, one, { 1, 1 }).solve, kernel.regress(one, one, { 1, 1 }), { 1, 2, 3 })
  says("kernel.regress: row 2 of K must be a table of 2 numbers", kernel.regress, { { 1, 2 }, { 3 } }, one, { 1, 1 })
  says("kernel.limit: X must be an array or a table of numbers, got 3", kernel.limit, 3, { 1, 1 })
  says("kernel.limit: y must have 2 entries, got 3", kernel.limit, X, { 1, 1, 1 })
  says("predictor:solve: b must not be empty", kernel.regress(one, one, { 1, 1 }).solve, kernel.regress(one, one, { 1, 1 }), {})
  says("y must have 2 entries", kernel.regress, { { 1, 0 }, { 0, 1 } }, { { 1, 2 } }, { 1, 1, 1 })
  says("Kz must be m x 2", kernel.regress, { { 1, 0 }, { 0, 1 } }, { { 1, 2, 3 } }, { 1, 1 })
end

-- The limit function against regress and its two variances, point sets of different size.
function TestKernel:test_limit_function()
  local s = stream()
  local X, Z, y = s:normal(5, 2), s:normal(7, 2), s:normal(5)
  local options = { depth = 2, bias = 0.1, weight = 1.7 }
  local K, Kz, Kzz = kernel.nngp(X, nil, options), kernel.nngp(Z, X, options), kernel.nngp(Z, nil, options)
  local T, Tz = kernel.ntk(X, nil, options), kernel.ntk(Z, X, options)
  local kzz = limn.zeros(7)
  for i = 1, 7 do kzz:set(i, Kzz:get(i, i)) end
  local function limit(kind)
    return kernel.limit(X, y, { kind = kind, param = "ntk", depth = 2, bias = 0.1, weight = 1.7 })
  end
  local nngp, ntk = kernel.regress(K, Kz, y), kernel.regress(T, Tz, y)
  lu.assertTrue((limit "nngp":predict(Z) - nngp.mean):abs():max() < 1e-9)
  lu.assertTrue((limit "ntk":predict(Z) - ntk.mean):abs():max() < 1e-9)
  lu.assertTrue((limit "nngp":variance(Z) - nngp:variance(kzz)):abs():max() < 1e-9)
  lu.assertTrue((limit "ntk":variance(Z) - ntk:trained_variance { k = K, kz = Kz, kzz = kzz }):abs():max() < 1e-9)
  lu.assertTrue((limit "ntk":predict(X) - y):abs():max() < 1e-8)
  lu.assertErrorMsgContains("did you mean \"kind\"", kernel.limit, X, y, { knd = "ntk" })
  lu.assertErrorMsgContains("unknown option \"layers\"", kernel.limit, X, y, { layers = true })
end

os.exit(lu.LuaUnit.run())
