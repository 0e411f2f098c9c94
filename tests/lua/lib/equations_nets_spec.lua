-- equations_nets_spec.lua: equations 20 to 32 of the page "The mathematics of limn" (kernels, nets), recomputed on small cases.
-- slow: 5 s
local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local equations = dofile(here .. "/../support/equations.lua")
local kernel, mlp = limn.kernel, limn.mlp
local pi = math.pi

TestEquations = {}
local function eq(n, tex, f) equations.test(TestEquations, n, tex, f) end

local function normal(seed, rows, columns) return limn.rng.stream(seed):normal(rows, columns) end
local function solve(A, b) return (A:solve(b)) end -- without the condition number
local function erf(x) return 2 * limn.stats.normal.cdf(x * math.sqrt(2)) - 1 end
local function tanh(x) return (math.exp(2 * x) - 1) / (math.exp(2 * x) + 1) end

-- Activations with their derivatives.
local PHI = {
  relu = { function(x) return math.max(x, 0) end, function(x) return x > 0 and 1 or 0 end },
  tanh = { tanh, function(x) return 1 - tanh(x) ^ 2 end },
  erf = { erf, function(x) return 2 / math.sqrt(pi) * math.exp(-x * x) end },
  gelu = { function(x) return x * limn.stats.normal.cdf(x) end,
    function(x) return limn.stats.normal.cdf(x) + x * math.exp(-x * x / 2) / math.sqrt(2 * pi) end },
  sin = { math.sin, math.cos },
  linear = { function(x) return x end, function() return 1 end },
}

-- E[f(u) f(v)] for variances q1, q2 and covariance k, on a grid in two independent directions; the kink of ReLU limits it to
-- about 1e-4.
local function expectation(f, q1, q2, k)
  local rho, sum, total, h = k / math.sqrt(q1 * q2), 0, 0, 0.05
  for i = -130, 130 do
    local a = i * h
    local fu, wa = f(math.sqrt(q1) * a), math.exp(-a * a / 2)
    for j = -130, 130 do
      local b = j * h
      local weight = wa * math.exp(-b * b / 2)
      sum, total = sum + weight * fu * f(math.sqrt(q2) * (rho * a + math.sqrt(1 - rho * rho) * b)), total + weight
    end
  end
  return sum / total
end

local XA, ZA = { 0.8, -0.3 }, { 0.2, 1.1 }

-- Per layer: E[phi phi] and E[phi' phi'] at (x, z), and the weight variance; the first entry of K.
local function layers_of(activation, o)
  local function start(a, b) return o.weight * (a[1] * b[1] + a[2] * b[2]) / 2 + o.bias end
  local xx, zz, xz, list = start(XA, XA), start(ZA, ZA), start(XA, ZA), {}
  local first, phi = xz, PHI[activation]
  for l = 1, o.depth do
    local weight = l == o.depth and o.readout or o.weight
    local e = { expectation(phi[1], xx, zz, xz), expectation(phi[2], xx, zz, xz), weight }
    list[l] = e
    xx = weight * expectation(phi[1], xx, xx, xx) + o.bias
    zz = weight * expectation(phi[1], zz, zz, zz) + o.bias
    xz = weight * e[1] + o.bias
  end
  return list, first
end

local OPTIONS = { depth = 2, weight = 1.3, bias = 0.2, readout = 0.7 }
local function options(activation, more)
  local o = { activation = activation }
  for name, v in pairs(OPTIONS) do o[name] = v end
  for name, v in pairs(more or {}) do o[name] = v end
  return o
end

eq(20, [[K_l = \mathrm{weight}_l\, \mathrm{E}[\phi(u) \phi(v)] + \mathrm{bias} \qquad ]]
  .. [[\Theta_l = K_l + \mathrm{weight}_l\, \mathrm{E}[\phi'(u) \phi'(v)]\, \Theta_{l-1}]], function(c, close)
  for _, activation in ipairs { "relu", "tanh", "gelu" } do
    local list, theta = layers_of(activation, OPTIONS)
    local K
    for _, e in ipairs(list) do
      K = e[3] * e[1] + c * OPTIONS.bias
      theta = K + c * e[3] * e[2] * theta
    end
    local o, accuracy = options(activation), activation == "relu" and 5e-3 or 1e-8
    close(kernel.nngp({ XA }, { ZA }, o):get(1, 1), K, accuracy)
    close(kernel.ntk({ XA }, { ZA }, o):get(1, 1), theta, accuracy)
  end
end)

eq(21, [[\lim_{n \to \infty} \frac{\Theta}{n} = \sum_{l=1}^{\mathrm{depth}} \mathrm{E}[\phi \phi]_l ]]
  .. [[\prod_{k > l} \mathrm{weight}_k\, \mathrm{E}[\phi' \phi']_k]], function(c, close)
  local list = layers_of("tanh", OPTIONS)
  local want = list[2][1] + c * list[1][1] * list[2][3] * list[2][2]
  close(kernel.ntk({ XA }, { ZA }, options("tanh", { param = "standard" })):get(1, 1), want, 1e-8)
  local mean, n = 0, 256 -- over wide standard nets
  for seed = 1, 24 do
    local net = mlp.new { sizes = { 2, n, n, 1 }, activation = "tanh", init = { weight = 1.3, bias = 0.2 }, readout = 0.7, seed = seed }
    mean = mean + net:kernel({ XA }, { ZA }).total:get(1, 1) / n / 24
  end
  close(mean, want, 0.03)
end)

eq(22, [[\mathrm{relu}: \frac{\sqrt{q_1 q_2}}{2 \pi} (\sin\theta + (\pi - \theta) \cos\theta) \qquad \mathrm{step}: \frac{\pi - ]]
  .. [[\theta}{2 \pi} \qquad ]]
  .. [[\mathrm{erf}: \frac{2}{\pi} \arcsin \frac{2 k}{\sqrt{(1 + 2 q_1)(1 + 2 q_2)}}]], function(c, close)
  local weight = 2 -- with inputs of two coordinates K0 is the product x.z
  local q1, q2 = XA[1] ^ 2 + XA[2] ^ 2, ZA[1] ^ 2 + ZA[2] ^ 2
  local k = XA[1] * ZA[1] + XA[2] * ZA[2]
  local theta = math.acos(k / math.sqrt(q1 * q2))
  local moment = {
    relu = math.sqrt(q1 * q2) / (2 * pi) * (math.sin(theta) + (pi - c * theta) * math.cos(theta)),
    step = (pi - c * theta) / (2 * pi),
    erf = 2 / pi * math.asin(c * 2 * k / math.sqrt((1 + 2 * q1) * (1 + 2 * q2))),
    sin = math.exp(-(q1 + q2) / 2) * (math.exp(c * k) - math.exp(-c * k)) / 2,
    linear = c * k,
  }
  for activation, want in pairs(moment) do
    close(kernel.nngp({ XA }, { ZA }, { activation = activation, weight = weight, readout = 1 }):get(1, 1), want, 1e-12)
  end
  for _, activation in ipairs { "gelu", "tanh", "erf", "sin" } do
    close(kernel.nngp({ XA }, { ZA }, { activation = activation, weight = weight, readout = 1 }):get(1, 1),
      c * expectation(PHI[activation][1], q1, q2, k), 1e-8)
  end
  local slopes = { relu = (pi - c * theta) / (2 * pi), erf = 4 / pi / math.sqrt((1 + 2 * q1) * (1 + 2 * q2) - c * 4 * k * k) }
  for activation, want in pairs(slopes) do
    local o = { activation = activation, weight = weight, readout = 1 }
    close(kernel.ntk({ XA }, { ZA }, o):get(1, 1) - kernel.nngp({ XA }, { ZA }, o):get(1, 1), want * k, 1e-12)
  end
end)

local function problem()
  local X, Z, y = normal(1, 5, 2), normal(2, 3, 2), normal(3, 5)
  local o = { bias = 0.3, depth = 2 }
  local Kzz = kernel.nngp(Z, nil, o)
  return X, Z, y, kernel.nngp(X, nil, o), kernel.nngp(Z, X, o), limn.array { Kzz:get(1, 1), Kzz:get(2, 2), Kzz:get(3, 3) }, o
end

eq(23, [[\mathrm{mean} = K_z (K + \mathrm{ridge}\, I)^{-1} y \qquad f_t(Z) = f_0(Z) + K_z K^{-1} (1 - \exp(-t K)) (y - f_0)]],
  function(c, close)
    local X, Z, y, K, Kz = problem()
    local mean = Kz:matmul(solve(K + limn.eye(5) * (c * 0.1), y))
    local got = kernel.regress(K, Kz, y, { ridge = 0.1 }).mean
    local limit = kernel.limit(X, y, { kind = "nngp", bias = 0.3, depth = 2, ridge = 0.1 }):predict(Z)
    for i = 1, 3 do
      close(got[i], mean[i])
      close(limit[i], mean[i])
    end
    local values, vectors = K:eigh()
    local f, fz, t = normal(4, 5), normal(5, 3), 0.8
    local part = vectors:T():matmul(y - f)
    for i = 1, 5 do part:set(i, (1 - math.exp(-c * t * values[i])) / values[i] * part[i]) end
    local want = fz + Kz:matmul(vectors:matmul(part))
    local at = kernel.regress(K, Kz, y):at(t, { f = f, fz = fz })
    for i = 1, 3 do close(at[i], want[i], 1e-9) end
  end)

eq(24, [[v_{\mathrm{post}} = k_{zz} - K_z (K + \mathrm{ridge}\, I)^{-1} K_z^\top]], function(c, close)
  local _, _, y, K, Kz, kzz = problem()
  local B = solve(K + limn.eye(5) * 0.1, Kz:T():copy())
  local got = kernel.regress(K, Kz, y, { ridge = 0.1 }):variance(kzz)
  for i = 1, 3 do close(got[i], kzz[i] - c * Kz[i]:dot(B:col(i))) end
end)

eq(25, [[v_{\mathrm{nets}} = k_{zz} + A K A^\top - 2 A K_z^\top \qquad v_{\mathrm{post}} - v_{\mathrm{nets}} = ]]
  .. [[\mathrm{ridge}\, K_z (K + \mathrm{ridge}\, I)^{-2} K_z^\top \quad (T = K)]], function(c, close)
  local X, Z, y, K, Kz, kzz, o = problem()
  local T, Tz, ridge = kernel.ntk(X, nil, o), kernel.ntk(Z, X, o), 0.2
  local A = solve(T + limn.eye(5) * ridge, Tz:T():copy()):T()
  local got = kernel.regress(T, Tz, y, { ridge = ridge }):trained_variance { k = K, kz = Kz, kzz = kzz }
  local limit = kernel.limit(X, y, { param = "ntk", bias = 0.3, depth = 2, ridge = ridge }):variance(Z)
  local B = solve(K + limn.eye(5) * ridge, Kz:T():copy())
  local same = kernel.limit(X, y, { kind = "nngp", bias = 0.3, depth = 2, ridge = ridge }):variance(Z)
  local posterior = kernel.regress(K, Kz, y, { ridge = ridge }):variance(kzz)
  for i = 1, 3 do
    local a = A[i]
    local want = kzz[i] + a:dot(K:matmul(a)) - c * 2 * a:dot(Kz[i])
    close(got[i], want)
    close(limit[i], want)
    close(posterior[i] - same[i], c * ridge * B:col(i):dot(B:col(i)))
  end
  -- over starts: the linear model f = w.phi from normal weights, penalised about its start
  local phi = normal(6, 5, 40) / math.sqrt(40)
  local new = normal(7, 1, 40) / math.sqrt(40)
  local G, Gz = phi:matmul(phi:T()), new:matmul(phi:T())
  local target, list = normal(8, 5), {}
  local plus = solve(G + limn.eye(5) * ridge, phi)
  for rep = 1, 4000 do
    local w = normal(100 + rep, 40)
    list[rep] = new[1]:dot(w + plus:T():matmul(target - phi:matmul(w)))
  end
  local variance = kernel.regress(G, Gz, target, { ridge = ridge }):trained_variance { k = G, kz = Gz,
    kzz = { new[1]:dot(new[1]) } }
  close(variance[1] / limn.array(list):var(), c, 0.09)
end)

eq(26, [[\sum_i m_i \frac{\lambda_i}{\lambda_i + \kappa} + \frac{\mathrm{ridge}}{\kappa} = D \qquad l_i = ]]
  .. [[\frac{\lambda_i}{\lambda_i + \kappa} \qquad ]]
  .. [[\mathrm{risk} = \frac{D}{D - \sum_i m_i l_i^2} \left(\sum_i (1 - l_i)^2 c_i^2 + \sigma^2\right)]], function(c, close)
  local values, times, power, D, ridge, noise = { 0.7, 0.2, 0.05 }, { 1, 3, 20 }, { 0.8, 0.5, 0.1 }, 6, 0.4, 0.3
  local e = limn.theory.eigenlearning { eigenvalues = values, multiplicities = times, coefficients = power, points = D, ridge = ridge,
    noise = noise }
  local total, squares, lost = 0, 0, 0
  for i = 1, 3 do
    local l = values[i] / (values[i] + e.kappa)
    close(e.learnability[i], c * l, 1e-12)
    total, squares, lost = total + times[i] * l, squares + times[i] * l * l, lost + (1 - l) ^ 2 * power[i] ^ 2
  end
  close(total + c * ridge / e.kappa, D, 1e-9)
  close(e.risk, c * D / (D - squares) * (lost + noise ^ 2), 1e-12)
end)

eq(27, [[y^\top K^{-1} y \to \frac{3}{c\, d} \quad (K = K(0) - c |t| + \ldots) \qquad ]]
  .. [[y^\top K^{-1} y \to \frac{9}{2 c\, d^3} \quad (\ldots + c |t|^3)]], function(c, close)
  local function price(d, evaluate, o)
    local K = evaluate({ { -d, 1 }, { -d / 3, 1 }, { d / 3, 1 }, { d, 1 } }, nil, o)
    local y = limn.array { -1, -1, 1, 1 }
    return y:dot(kernel.regress(K, K, y).coefficients)
  end
  for L = 1, 2 do
    local o = { depth = L, weight = 2, readout = 1 }
    close(price(1e-4, kernel.ntk, o) * 1e-4, 3 / (c * L * (L + 1) / (4 * pi)), 0.02)
    close(price(1e-2, kernel.nngp, o) * 1e-6 / (9 / (2 * c * L / (6 * pi))), 1, 0.05)
  end
end)

-- ---- nets of finite width ------------------------------------------------------------------------------------

eq(28, [[z = m_l W x + b_l\, \beta \qquad W \sim N(0, \sigma_l^2) \qquad \eta_l = \eta\, n^{-c}]], function(c, close)
  local d, n, v, b = 3, 48, 1.7, 0.4
  local want = { -- multiplier, deviation, bias multiplier, bias deviation, rate; input, hidden, last layer
    standard = { { 1, (v / d) ^ 0.5, 1, b ^ 0.5, 1 }, { 1, (v / n) ^ 0.5, 1, b ^ 0.5, 1 }, { 1, (v / n) ^ 0.5, 1, b ^ 0.5, 1 } },
    ntk = { { (v / d) ^ 0.5, 1, b ^ 0.5, 1, 1 }, { (v / n) ^ 0.5, 1, b ^ 0.5, 1, 1 }, { (v / n) ^ 0.5, 1, b ^ 0.5, 1, 1 } },
    mup = { { n ^ 0.5, (v / d / n) ^ 0.5, n ^ 0.5, (b / n) ^ 0.5, 1 }, { 1, (v / n) ^ 0.5, n ^ 0.5, (b / n) ^ 0.5, 1 },
      { n ^ -0.5, (v / n) ^ 0.5, 1, b ^ 0.5, 1 } },
    meanfield = { { 1, (v / d) ^ 0.5, 1, b ^ 0.5, n }, { v ^ 0.5 / n, 1, n ^ -0.5, (b * n) ^ 0.5, n } },
  }
  for param, layers in pairs(want) do
    local net = mlp.new { sizes = #layers == 3 and { d, n, n, 1 } or { d, n, 1 }, param = param, activation = "linear",
      init = { weight = v, bias = b }, seed = 2 }
    local x, out = limn.array { { 0.3, -0.8, 1.2 } }, nil
    for l, layer in ipairs(net:parameters()) do
      local w = layers[l]
      close(layer.multiplier, c * w[1], 1e-12)
      close(layer.bias_multiplier, c * w[3], 1e-12)
      close(layer.rate, c * w[5], 1e-12)
      out = (out or x:T()) -- the outputs by the definition
      local bias = layer.bias:reshape(#layer.bias, 1)
      out = layer.weights:matmul(out) * w[1] + bias * (c * w[3])
      if l == 2 and #layers == 3 then close(layer.weights:std() / w[2], c, 0.06) end
      if l == 1 then close(layer.bias:std() / w[4], c, 0.35) end
    end
    close(net:forward(x)[1], out:get(1, 1), 1e-10)
  end
  for init, variance in pairs { he = 2, lecun = 1, xavier = 2 * d / (d + n), uniform = 1 / 3 } do
    local net = mlp.new { sizes = { d, n * 40, 1 }, init = init }
    if init == "xavier" then variance = 2 * d / (d + n * 40) end
    close(net:parameters()[1].weights:std() / math.sqrt(variance / d), c, 0.03)
  end
end)

eq(29, [[\Theta(x, z) = \sum_l n^{-c} \sum_{\theta \in l} \frac{\partial f(x)}{\partial \theta} \frac{\partial f(z)}{\partial \theta}]],
  function(c, close)
    local x, z = { { 0.8, -0.3 } }, { { 0.2, 1.1 } }
    for _, param in ipairs { "standard", "ntk", "meanfield", "mup" } do
      local net = mlp.new { sizes = { 2, 5, 1 }, param = param, init = { weight = 1.2, bias = 0.3 }, activation = "tanh" }
      local k = net:kernel(x, z)
      for l, layer in ipairs(net:parameters()) do
        local h, sum = 1e-5, 0
        local rows, columns = layer.weights:shape()
        local function slope(points, set)
          set(h)
          local up = net:forward(points)[1]
          set(-h)
          local down = net:forward(points)[1]
          set(0)
          return (up - down) / (2 * h)
        end
        for i = 1, rows do
          for j = 1, columns + 1 do
            local function set(by)
              local w, bias = layer.weights:copy(), layer.bias:copy()
              if j <= columns then w:set(i, j, w:get(i, j) + by) else bias:set(i, bias[i] + by) end
              net:set(l, { weights = w, bias = bias })
            end
            sum = sum + slope(x, set) * slope(z, set)
          end
        end
        close(k.layers[l]:get(1, 1), c * layer.rate * sum, 1e-7)
      end
      close(k.total:get(1, 1), c * (k.layers[1] + k.layers[2]):get(1, 1), 1e-12)
    end
    -- the input layer's part of the trace for He weights is d/(d + L n)
    local first, total = 0, 0
    for seed = 1, 400 do
      local k = mlp.new({ sizes = { 2, 16, 16, 1 }, bias = false, seed = seed }):kernel { { 1, 0.5 } }
      first, total = first + k.layers[1]:get(1, 1), total + k.total:get(1, 1)
    end
    close(first / total / (2 / (2 + 2 * 16)), c, 0.06)
  end)

eq(30, [[\log_2 v = r \log_2 n + \mathrm{const} \qquad \mathrm{change}_l^2 = \mathrm{mean}\, (h_l - h_l^{\mathrm{start}})^2]],
  function(c, close)
  local fit = mlp.exponent({ 16, 64, 256 }, { 5, 5 * 4 ^ -0.7, 5 * 4 ^ -1.4 })
  close(fit.slope, c * -0.7, 1e-12)
  close(fit.at_one, 5 * 16 ^ (c * 0.7), 1e-10)
  local X, y = limn.data.xor()
  local check = mlp.coordinate_check { widths = { 4, 8 }, X = X, y = y, rate = 0.1, reps = 1 }
  for k, n in ipairs { 4, 8 } do
    local net = mlp.new { sizes = { 2, n, 1 } }
    local function hidden()
      local layer = net:parameters()[1]
      return X:matmul(layer.weights:T()) + layer.bias
    end
    local start = hidden()
    net:train(X, y, { rate = 0.1, steps = 1, tol = -1 })
    close(check.change[1][k], math.sqrt(((hidden() - start) ^ 2):mean() * c), 1e-9)
  end
end)

eq(31, [[f_t = f_0 + K \left(1 - (1 - \mathrm{rate}\, K/D)^t\right) K^{-1} (y - f_0)]], function(c, close)
  local X, y = limn.data.xor()
  local D = 4
  y = limn.array(y)
  local net = mlp.new { sizes = { 2, 30, 1 }, activation = "tanh", init = { weight = 1, bias = 0.3 } }
  local K, f0, rate, steps = net:kernel(X).layers[2], net:forward(X), 0.05, 30
  local values, vectors = K:eigh()
  local part = vectors:T():matmul(y - f0)
  for i = 1, D do part:set(i, (1 - (1 - c * rate * values[i] / D) ^ steps) * part[i]) end
  local want = f0 + vectors:matmul(part)
  local model = net:linearised(X, y, { rate = rate, steps = steps, rates = "last" }):forward(X)
  net:train(X, y, { rate = rate, steps = steps, rates = "last", tol = -1 })
  local trained = net:forward(X)
  for i = 1, D do
    close(model[i], want[i], 1e-9)
    close(trained[i], want[i], 1e-9)
  end
end)

eq(32, [[C = -\log_2 \frac{\mathrm{count}}{\mathrm{samples}}]], function(c, close)
  local X = limn.data.xor()
  local found = mlp.complexity(X, { sizes = { 2, 64, 1 }, nets = 20 })
  local counts, total = {}, 0
  for rep = 0, 19 do
    local w = mlp.new({ sizes = { 2, 64, 1 }, rep = rep }):parameters()[1].weights
    local h = X:matmul(w:T())
    for u = 1, 64 do
      local pattern = ""
      for i = 1, 4 do pattern = pattern .. (h:get(i, u) > 0 and "+" or "-") end
      counts[pattern], total = (counts[pattern] or 0) + 1, total + 1
    end
  end
  for pattern, count in pairs(counts) do close(found.bits(pattern), -c * math.log(count / total, 2), 1e-12) end
  lu.assertEquals(found.samples, total)
end)

os.exit(lu.LuaUnit.run())
