-- slow: 5 s
-- equations_learning_spec.lua: equations 46 to 49 and 56 to 59 of the page "The mathematics of limn" (learning curves, nets of
-- one input, learning coefficients), recomputed on small cases.
local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local equations = dofile(here .. "/../support/equations.lua")

TestEquations = {}
local function eq(n, tex, f) equations.test(TestEquations, n, tex, f) end

-- All points of the cube; parity(x, set) over the bits of the number set.
local function cube(n)
  local rows = {}
  for v = 0, (1 << n) - 1 do
    rows[v + 1] = {}
    for i = 1, n do rows[v + 1][i] = (v >> (i - 1) & 1) == 1 and -1 or 1 end
  end
  return rows
end

local function bits_of(set)
  local k = 0
  while set > 0 do k, set = k + (set & 1), set >> 1 end
  return k
end

eq(46, [[\lambda_k = 2^{-n} \sum_{h=0}^{n} \frac{n!}{h!\, (n - h)!}\, \kappa(h)\, \bar{K}_k(h) \qquad ]]
  .. [[(n - k)\, \bar{K}_{k+1}(h) = (n - 2 h)\, \bar{K}_k(h) - k\, \bar{K}_{k-1}(h)]], function(c, close)
  local n = 5
  local rows = cube(n)
  local o = { depth = 2, bias = 0.2 }
  local row = limn.kernel.ntk({ rows[1] }, rows, o)
  local s = limn.kernel.spectrum { on = "cube", dim = n, kind = "ntk", depth = 2, bias = 0.2 }
  local transformed = row:reshape(1 << n):walsh() * 2.0 ^ -n
  for set = 0, (1 << n) - 1 do close(s.eigenvalues[bits_of(set) + 1], c * transformed[set + 1], 1e-14) end
  local points = limn.kernel.spectrum { on = rows, kind = "ntk", depth = 2, bias = 0.2 } -- sorted eigenvalues of the Gram matrix
  local list = {}
  for k = 1, n + 1 do for _ = 1, s.multiplicities[k] do list[#list + 1] = s.eigenvalues[k] end end
  table.sort(list, function(a, b) return a > b end)
  for i = 1, 1 << n do close(points.eigenvalues[i], c * list[i], 1e-13) end
  -- the weight of majority of 3 bits: 3/4 on single bits, 1/4 on the parity of all three
  local target = s:target(function(x) return x[1] + x[2] + x[3] > 0 and 1 or -1 end)
  close(target[2] ^ 2, c * 0.75, 1e-14)
  close(target[4] ^ 2, c * 0.25, 1e-14)
end)

eq(47, [[\lambda_k = \frac{\int_0^\pi \kappa(\theta)\, P_k(\cos \theta) \sin^{d-2} \theta\, d\theta}{\int_0^\pi \sin^{d-2} \theta\, ]]
  .. [[d\theta} \qquad m_k = \frac{2 k + d - 2}{k} \frac{(k + d - 3)!}{(k - 1)!\, (d - 2)!}]], function(c, close)
  -- d = 3: Legendre polynomials, and the midpoint rule in cos(theta)
  local s = limn.kernel.spectrum { on = "sphere", dim = 3, kind = "nngp", depth = 2, bias = 0.1, degrees = 3 }
  local legendre = { function() return 1 end, function(t) return t end, function(t) return (3 * t * t - 1) / 2 end,
    function(t) return (5 * t ^ 3 - 3 * t) / 2 end }
  local n, Z, r = 4000, {}, math.sqrt(3)
  for i = 1, n do
    local t = (2 * i - 1) / n - 1
    Z[i] = { r * t, r * math.sqrt(1 - t * t), 0 }
  end
  local kappa = limn.kernel.nngp({ { r, 0, 0 } }, Z, { depth = 2, bias = 0.1 })
  for k = 0, 3 do
    local sum = 0
    for i = 1, n do sum = sum + kappa:get(1, i) * legendre[k + 1](Z[i][1] / r) / n end
    close(s.eigenvalues[k + 1], c * sum, 1e-6)
    close(s.multiplicities[k + 1], c * (2 * k + 1))
  end
  local circle = limn.kernel.spectrum { on = "sphere", dim = 2, kind = "nngp", activation = "linear", degrees = 2 }
  close(circle.eigenvalues[2], c * 0.5, 1e-14) -- K = cos(theta), of which half is in each of two modes
  close(circle.multiplicities[2], c * 2)
end)

eq(48, [[\mathrm{test} = \mathrm{bias}^2 + \mathrm{variance} = \frac{D}{D - \sum_i m_i l_i^2} \left(\sum_i (1 - l_i)^2 c_i^2 + ]]
  .. [[\sigma^2\right) - \sigma^2 \qquad \mathrm{bias}^2 = \sum_i (1 - l_i)^2 c_i^2 \qquad ]]
  .. [[\sum_i m_i l_i + \frac{\mathrm{ridge}}{\kappa} = D]], function(c, close)
  local values, times, power, D, ridge, noise = { 0.7, 0.2, 0.05 }, { 1, 3, 20 }, { 0.8, 0.5, 0.1 }, 6, 0.4, 0.3
  local curve = limn.theory.learning_curve { spectrum = { eigenvalues = values, multiplicities = times, rest = 0.1 },
    coefficients = power, points = D, ridge = ridge - 0.1, noise = noise }
  local total, squares, lost = 0, 0, 0
  for i = 1, 3 do
    local l = values[i] / (values[i] + curve.kappa[1])
    close(curve.learnability:get(1, i), c * l, 1e-12)
    total, squares, lost = total + times[i] * l, squares + times[i] * l * l, lost + (1 - l) ^ 2 * power[i] ^ 2
  end
  close(total + c * ridge / curve.kappa[1], D, 1e-9)
  close(curve.total[1], D, 1e-9)
  close(curve.bias2[1], c * lost, 1e-12)
  close(curve.test[1], c * D / (D - squares) * (lost + noise ^ 2) - noise ^ 2, 1e-12)
  close(curve.test[1], curve.bias2[1] + c * curve.variance[1], 1e-12)
end)

eq(49, [[f(x) = c + \sum_i v_i \max(0,\, w_i x + b_i) \qquad ]]
  .. [[\int |f''| = \sum_t \left| \sum_{i: t_i = t} v_i |w_i| \right|]], function(c, close)
  local net = limn.mlp.new { sizes = { 1, 3, 1 } }
  net:set(1, { weights = { { 2 }, { -1 }, { 4 } }, bias = { 1, 0.5, 2 } }) -- knots at -1/2, 1/2, -1/2
  net:set(2, { weights = { { 1, 3, -2 } }, bias = { 0.3 } })
  local s = net:spline()
  close(#s.knots, 2)
  close(s.bend, c * (math.abs(1 * 2 - 2 * 4) + 3), 1e-12)
  for _, x in ipairs { -2, -0.5, 0.2, 3 } do
    close(s:at({ x })[1], c * (0.3 + math.max(0, 2 * x + 1) + 3 * math.max(0, 0.5 - x) - 2 * math.max(0, 4 * x + 2)), 1e-12)
  end
end)

-- The growth of the free energy of (a b)^2 with normal a and b from n to 10 n, by a sum over ln |a|, b integrated out.
local function free_energy(n)
  local z, total = 0, 0
  for i = 1, 4000 do
    local u = -40 + 43 * i / 4000
    local a = math.exp(u)
    local weight = a * math.exp(-a * a / 2)
    z, total = z + weight / math.sqrt(1 + 2 * n * a * a), total + weight
  end
  return -math.log(z / total)
end

eq(56, [[-\ln \int e^{-n K(w)} \varphi(w)\, dw = \lambda \ln n - (m - 1) \ln \ln n + O(1) \qquad ]]
  .. [[K = \prod_i w_i^{2 k_i}: \; \lambda = \min_i \frac{h_i + 1}{2 k_i}]], function(c, close)
  local exact = limn.theory.learning_coefficient
  local lambda, m = exact { model = "monomial", exponents = { 1, 1 } }
  close(m, c * 2)
  for _, n in ipairs { 1e6, 1e9, 1e12 } do
    local grown = free_energy(10 * n) - free_energy(n)
    close(lambda * math.log(10) - (m - 1) * (math.log(math.log(10 * n)) - math.log(math.log(n))), c * grown, 0.02)
  end
  close(exact { model = "monomial", exponents = { 3, 2, 1 }, prior = { 0, 0, 4 } }, c / 6, 1e-15)
  close(exact { model = "regular", dim = 7 }, c * 3.5)
end)

eq(57, [[\lambda = \frac{r (H_1 + H_{L+1}) - r^2}{2} + \frac{a (l - a)}{4 l} - \frac{l - 1}{4 l} \left(\sum_i \Delta_i\right)^2 + ]]
  .. [[\frac{1}{2} \sum_{i < j} \Delta_i \Delta_j \qquad m = a (l - a) + 1]], function(c, close)
  local function reduced_rank(M, N, H, r) -- Aoyagi and Watanabe 2005, main theorem
    if N + r <= M + H and M + r <= N + H and H + r <= M + N then
      local v = -(H + r) ^ 2 - M ^ 2 - N ^ 2 + 2 * (H + r) * (M + N) + 2 * M * N
      if (M + N + H + r) % 2 == 0 then return v / 8, 1 end
      return (v + 1) / 8, 2
    elseif M + H < N + r then return (H * M - H * r + N * r) / 2, 1
    elseif N + H < M + r then return (H * N - H * r + M * r) / 2, 1 end
    return M * N / 2, 1
  end
  for M = 1, 5 do
    for N = 1, 5 do
      for H = 1, 5 do
        for r = 0, math.min(M, N, H) do
          local lambda, m = limn.theory.learning_coefficient { model = "deep_linear", widths = { M, H, N }, rank = r }
          local want, times = reduced_rank(M, N, H, r)
          close(lambda, c * want, 1e-12)
          close(m, times)
        end
      end
    end
  end
  close(limn.theory.learning_coefficient { model = "deep_linear", widths = { 1, 1, 1, 1 } }, c / 2) -- a monomial of 3 factors
end)

eq(58, [[\hat{\lambda} = t\, \left(\mathrm{E}_t L(w) - L(w^*)\right) \qquad ]]
  .. [[\mathrm{density} ]]
  .. [[\propto e^{-t L(w) - \gamma |w - w^*|^2/2} \qquad t = \frac{n \beta}{s^2} \qquad \beta = \frac{1}{\ln n}]], function(c, close)
  -- a linear model: t h/(t h + gamma)/2 for each eigenvalue h of the covariance of the inputs
  local n, d, pull, noise = 100, 20, 30, 0.5
  local X = limn.rng.stream(2):normal(n, d)
  local net = limn.mlp.new { sizes = { d, 1 }, activation = "linear", bias = false, init = { weight = 1 }, param = "ntk" }
  local scale = net:parameters()[1].multiplier
  local e = assert(net:learning_coefficient(X, net:forward(X), { noise = noise, pull = pull, samples = 500, leapfrog = 20 }))
  local want = 0
  for _, h in ipairs((X:T():matmul(X) * (scale ^ 2 / n)):eigh():totable()) do want = want + e.t * h / (e.t * h + pull) / 2 end
  close(e.t, c * n / math.log(n) / noise ^ 2, 1e-9)
  close(e.value, want, 0.06 * want)
end)

-- The language of programs.sequences, from its definition: the first n bits printed as a number; nil if there are not as many, false if
-- brackets do not match.
local function printed(code, n, steps)
  local tape, at, out, partner, open = {}, 0, {}, {}, {}
  for i, op in ipairs(code) do
    if op == 5 then open[#open + 1] = i end
    if op == 6 then
      local from = table.remove(open)
      if not from then return false end
      partner[i], partner[from] = from, i
    end
  end
  if #open > 0 or #code == 0 then return false end
  local pc = 1
  for _ = 1, steps do
    local op, cell = code[pc], tape[at] or 0
    if op == 1 then at = at + 1 elseif op == 2 then at = at - 1
    elseif op == 3 then tape[at] = 1 - cell
    elseif op == 4 then out[#out + 1] = cell
    elseif op == 5 then if cell == 0 then pc = partner[pc] end
    elseif op == 6 then if cell == 1 then pc = partner[pc] end
    else tape[at + 1] = (tape[at + 1] or 0) ~ cell end
    if #out == n then
      local x = 0
      for i = 1, n do x = x | out[i] << (i - 1) end
      return x
    end
    pc = pc % #code + 1
  end
end

eq(59, [[M(x) = \sum_{\pi \to x} 2^{-|\pi|} \qquad ]]
  .. [[\sum_{t=1}^{n} \left(1 - \frac{M(x_1 \ldots x_t)}{M(x_1 \ldots x_{t-1})}\right)^2 \le \frac{\ln 2}{2} K(x)]], function(c, close)
  local n, max_bits, steps = 5, 15, 100
  local s = limn.programs.sequences { length = n, max_bits = max_bits, steps = steps }
  local weight, least, silent, invalid, count = {}, {}, 0, 0, 0
  local function walk(code)
    local x, mass = printed(code, n, steps), 2.0 ^ (-3 * (#code + 1))
    count = count + 1
    if x == false then invalid = invalid + mass elseif not x then silent = silent + mass else
      weight[x] = (weight[x] or 0) + mass
      least[x] = math.min(least[x] or math.huge, 3 * (#code + 1))
    end
    if 3 * (#code + 2) > max_bits then return end
    for op = 1, 7 do
      code[#code + 1] = op
      walk(code)
      code[#code] = nil
    end
  end
  walk {}
  close(s.programs, count)
  close(s.silent, c * silent, 1e-15)
  close(s.invalid, c * invalid, 1e-15)
  local errors = s:errors()
  for x = 0, (1 << n) - 1 do
    close(s.weight[x + 1], c * (weight[x] or 0), 1e-15)
    close(s.bits[x + 1], least[x] or math.huge)
    if weight[x] then
      local sum = 0
      for t = 1, n do
        local before, now = 0, 0
        for y, w in pairs(weight) do
          if y & (1 << (t - 1)) - 1 == x & (1 << (t - 1)) - 1 then before = before + w end
          if y & (1 << t) - 1 == x & (1 << t) - 1 then now = now + w end
        end
        sum = sum + (1 - now / before) ^ 2
      end
      close(errors[x + 1], c * sum, 1e-12)
      lu.assertTrue(sum <= math.log(2) / 2 * least[x])
    end
  end
end)

os.exit(lu.LuaUnit.run())
