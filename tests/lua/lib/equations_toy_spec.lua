-- equations_toy_spec.lua: equations 1 to 19 of the page "The mathematics of limn", recomputed on small random cases.
local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local equations = dofile(here .. "/../support/equations.lua")
local theory, regress, contrib = limn.theory, limn.regress, limn.contrib

TestEquations = {}
local function eq(n, tex, f) equations.test(TestEquations, n, tex, f) end

local function solve(A, b) return (A:solve(b)) end -- without the condition number
local function normal(seed, rows, columns) return limn.rng.stream(seed):normal(rows, columns) end

-- A pool of m perfect and n normal features, its labels L, s, and the matrices F and W.
local function pool(D, m, n, o)
  o = o or {}
  local f = limn.features.toy { kind = "gaussian", points = D, count = m + n, perfect = m, seed = o.seed or 4, bias = o.bias,
    labels = o.labels }
  local F = f:dense()
  local L, random = f.labels, F:slice(1, D, m + 1, m + n)
  local W = random:matmul(random:T())
  return { f = f, F = F, L = L, W = W, s = L:dot(solve(W, L)), D = D, m = m, n = n }
end

eq(1, [[w = F^\top (F F^\top)^{-1} y]], function(c, close)
  local F, y = normal(1, 4, 9), normal(2, 4)
  local w, want = regress.minnorm(F, y).weights, F:T():matmul(solve(F:matmul(F:T()), y))
  for j = 1, 9 do close(w[j], c * want[j]) end
end)

eq(2, [[P = \sqrt{D} \frac{m s}{1 + m s} \qquad R = \sqrt{D} \frac{1}{1 + m s} \qquad \sum_{\text{perfect}} w^2 : ]]
  .. [[\sum_{\text{random}} w^2 = P : R]],
  function(c, close)
    local p = pool(6, 3, 17)
    local parts = contrib.analyse(p.f, regress.minnorm(p.f))
    close(parts.P, math.sqrt(6) * 3 * p.s / (1 + c * 3 * p.s))
    close(parts.R, math.sqrt(6) / (1 + c * 3 * p.s))
    close(parts.classes.perfect.weight_sq / parts.classes.random.weight_sq, c * parts.P / parts.R)
    close(parts.P / parts.R, c * 3 * p.s)
  end)

eq(3, [[(1 + m s)\, L^\top a + \beta v\, 1^\top a = s \qquad m v\, L^\top a + (1 + \beta t)\, 1^\top a = v]], function(c, close)
  local p = pool(6, 2, 17, { bias = true, labels = { 1, 1, 1, 1, -1, 1 } })
  local one = limn.ones(6)
  local s, v, t, beta = p.s, p.L:dot(solve(p.W, one)), one:dot(solve(p.W, one)), 1
  local A = limn.array { { 1 + 2 * s, c * beta * v }, { 2 * v, 1 + beta * t } }
  local a = solve(A, limn.array { s, v })
  local parts = contrib.analyse(p.f, regress.minnorm(p.f))
  close(parts.P, math.sqrt(6) * 2 * a[1])
  close(parts.classes.random.along, math.sqrt(6) * (1 - 2 * a[1]) - beta * a[2] * p.L:sum() / math.sqrt(6))
  lu.assertTrue(parts.R > parts.classes.random.along + 1e-3)
end)

eq(4, [[w = F^\top a \qquad \mathrm{loo} = \frac{1}{D} \sum_i \left(\frac{a_i}{(A^{-1})_{ii}}\right)^2 \qquad \mathrm{gcv} = ]]
  .. [[\frac{D \|y - F w\|^2}{(\lambda\, \tr A^{-1})^2}]],
  function(c, close)
    local F, y, lambda = normal(3, 5, 3), normal(4, 5), 0.7
    local fit = regress.ridge(F, y, { lambda = lambda })
    local inverse = solve(F:matmul(F:T()) + limn.eye(5) * lambda, limn.eye(5))
    local a, trace, loo = inverse:matmul(y), 0, 0
    local w = F:T():matmul(a)
    for j = 1, 3 do close(fit.weights[j], c * w[j]) end
    for i = 1, 5 do trace, loo = trace + inverse:get(i, i), loo + (a[i] / inverse:get(i, i)) ^ 2 / 5 end
    close(fit.loo, c * loo)
    close(fit.gcv, c * 5 * ((y - F:matmul(w)) ^ 2):sum() / (lambda * trace) ^ 2)
    -- leave-one-out by leaving one out
    local left = 0
    for i = 1, 5 do
      local rows, targets = {}, {}
      for k = 1, 5 do
        if k ~= i then
          rows[#rows + 1] = F[k]:totable()
          targets[#targets + 1] = y[k]
        end
      end
      left = left + (y[i] - F[i]:dot(regress.ridge(rows, targets, { lambda = lambda }).weights)) ^ 2 / 5
    end
    close(fit.loo, left)
  end)

eq(5, [[F w_t = y + \exp(-t K) (F w_0 - y) \qquad w_\infty = w_0 + F^\top K^{-1} (y - F w_0)]], function(c, close)
  local F, y, start = normal(5, 4, 7), normal(6, 4), normal(7, 7)
  local K = F:matmul(F:T())
  local values, vectors = K:eigh()
  local fit = regress.gd(F, y, { steps = 400, rate = 0.01, start = start, record = 100 })
  local path = fit.path
  for k = 1, #path.time do
    local miss = vectors:T():matmul(F:matmul(start) - y)
    local loss = 0
    for i = 1, 4 do loss = loss + (math.exp(-c * path.time[k] * values[i]) * miss[i]) ^ 2 / 2 end
    close(path.flow_loss[k], loss, 1e-9)
  end
  local last = regress.gd(F, y, { steps = 200000, start = start }).weights
  local want = start + F:T():matmul(solve(K, y - F:matmul(start))) * c
  for j = 1, 7 do close(last[j], want[j], 1e-8) end
end)

eq(6, [[w_j = \sign(t_j) |t_j|^{q - 1} \qquad t = F^\top a \qquad F w = y]], function(c, close)
  local F, y = normal(8, 3, 8), normal(9, 3)
  for _, p in ipairs { 1.3, 1.5, 3 } do
    local fit, q = regress.lp(F, y, { norm = p }), p / (p - 1)
    local t = F:T():matmul(fit.dual)
    for j = 1, 8 do close(fit.weights[j], (t[j] > 0 and 1 or -1) * math.abs(t[j]) ^ (c * q - 1), 1e-6) end
    local back = F:matmul(fit.weights)
    for i = 1, 3 do close(back[i], y[i], 1e-8) end
  end
end)

eq(7, [[f_j^\top (y - F w) = \lambda\, \sign(w_j) \quad (w_j \ne 0) \qquad |f_j^\top (y - F w)| \le \lambda \quad (w_j = 0)]],
  function(c, close)
  local F, y, lambda = normal(10, 6, 9), normal(11, 6), 0.8
  local w = regress.lasso(F, y, { lambda = lambda }).weights
  local slope, used = F:T():matmul(y - F:matmul(w)), 0
  for j = 1, 9 do
    if w[j] ~= 0 then
      used = used + 1
      close(slope[j], c * lambda * (w[j] > 0 and 1 or -1), 1e-8)
    else
      lu.assertTrue(math.abs(slope[j]) <= lambda + 1e-8)
    end
  end
  lu.assertTrue(used > 0 and used < 9)
  local fit = regress.l1(F, y)
  local t = F:T():matmul(fit.dual)
  for j = 1, 9 do
    lu.assertTrue(math.abs(t[j]) < 1 + 1e-6)
    if math.abs(fit.weights[j]) > 1e-7 then close(t[j], c * (fit.weights[j] > 0 and 1 or -1), 1e-6) end
  end
  local p = pool(5, 2, 40)
  close(p.f and regress.l1(p.f).norm, c, 1e-8)
end)

eq(8, [[\mathrm{along}_k = \frac{L^\top c_k}{\|L\|} \qquad \mathrm{across}_k^2 = \|c_k\|^2 - \mathrm{along}_k^2 \qquad ]]
  .. [[\mathrm{effective} = \exp\left(-\sum_j v_j \ln v_j\right) \qquad \mathrm{participation} = \frac{(\sum_j ]]
  .. [[w_j^2)^2}{\sum_j w_j^4}]],
  function(c, close)
    local p = pool(6, 2, 5)
    local fit = regress.ridge(p.f, p.L, { lambda = 2 })
    local parts, w = contrib.analyse(p.f, fit, { participation = true }), fit.weights
    local random = p.F:slice(1, 6, 3, 7):matmul(w:slice(3, 7))
    local along = random:dot(p.L) / p.L:norm()
    close(parts.classes.random.along, c * along)
    close(parts.classes.random.across, math.sqrt(random:dot(random) - c * along ^ 2), 1e-9)
    close(parts.R, random:norm())
    local square, fourth, entropy = (w ^ 2):sum(), (w ^ 4):sum(), 0
    for j = 1, 7 do entropy = entropy - w[j] ^ 2 / square * math.log(w[j] ^ 2 / square) end
    close(parts.effective, math.exp(c * entropy), 1e-9)
    close(parts.participation, c * square ^ 2 / fourth, 1e-9)
  end)

-- ---- laws of random pools ----------------------------------------------------------------------------------

local function mean_of(reps, f)
  local list = {}
  for rep = 1, reps do list[rep] = f(rep) end
  local a = limn.array(list)
  return a:mean(), a:std() / math.sqrt(reps)
end

eq(9, [[s = \frac{D}{X} \qquad X \sim \chi^2_{n - D + 1} \qquad \mathrm{E}\, \frac{P}{R} = \frac{m D}{n - D - 1}]], function(c, close)
  close(theory.ratio { points = 20, count = 64, perfect = 4 }, c * 4 * 20 / (60 - 21), 1e-12)
  close(theory.crossover { count = 64, perfect = 4 }, math.ceil(c * (60 - 1) / (4 + 1)), 0)
  local draws = theory.sample { points = 20, count = 64, perfect = 4, reps = 20000 }
  local n = 60
  close((20 / draws.s):mean(), c * (n - 20 + 1), 0.3) -- the mean of X
  close((20 / draws.s):var(), c * 2 * (n - 20 + 1), 3)
  for i = 1, 5 do close(draws.ratio[i], c * 4 * draws.s[i], 1e-9) end
  -- by pools: the quantiles of s
  local below = limn.stats.chi2.quantile(0.3, n - 19)
  local share = mean_of(600, function(rep) return pool(20, 4, n, { seed = 100 + rep }).s > 20 / below and 1 or 0 end)
  close(share, c * 0.3, 0.029)
end)

-- kappa of equation 10 by bisection.
local function kappa_of(D, classes)
  local low, high = -30, 30
  for _ = 1, 200 do
    local middle, sum = (low + high) / 2, 0
    for _, k in ipairs(classes) do
      local t2 = 1 - k.rho ^ 2
      sum = sum + k.count * t2 / (t2 + math.exp(middle))
    end
    if sum > D - 1 then low = middle else high = middle end
  end
  return math.exp(high)
end

eq(10, [[\mathrm{share}_k = \frac{n_k d_k e_k}{Q} \qquad \mathrm{noise} = \frac{D}{Q^2} \frac{D - 1}{D - 1 - \sum_k n_k (1 - ]]
  .. [[d_k)^2} \sum_k n_k \tau_k^2 d_k^2 e_k]],
  function(c, close)
    local D, classes = 4e5, { { count = 3e5, rho = 0.8 }, { count = 5e5, rho = -0.3 }, { count = 2, rho = 1 } }
    local kappa, Q, used, sum = kappa_of(D, classes), 0, 0, 0
    local share = {}
    for i, k in ipairs(classes) do
      local t2 = 1 - k.rho ^ 2
      local d, e = kappa / (t2 + kappa), D * k.rho ^ 2 + t2
      share[i] = k.count * d * e
      Q, used, sum = Q + share[i], used + k.count * (1 - d) ^ 2, sum + k.count * t2 * d ^ 2 * e
    end
    local draws = theory.sample { points = D, classes = classes, reps = 400 }
    close(draws.noise:mean() / (D / Q ^ 2 * (D - 1) / (D - 1 - c * used) * sum), 1, 2e-3)
    for i = 1, 3 do close(draws.share:col(i):mean(), c * share[i] / Q, 2e-4) end
  end)

eq(11, [[\mathrm{offset} = \sigma^2 \left(n - D + \frac{m + m s}{1 + m s}\right)]], function(c, close)
  local D, m, n, sigma2 = 5, 2, 12, 0.3
  local draws = theory.sample { points = D, count = m + n, perfect = m, start = sigma2, reps = 20 }
  for i = 1, 20 do close(draws.offset[i], sigma2 * (n - D + (m + c * m * draws.s[i]) / (1 + m * draws.s[i])), 1e-12) end
  -- the variance of a new point's output over normal starts: trace of the projection off the rows of F, where the perfect
  -- features of a new point are all equal to its label
  local p = pool(D, m, n)
  local plus = p.F:T():matmul(solve(p.F:matmul(p.F:T()), p.F))
  local off, want = limn.eye(m + n) - plus, 0
  for j = m + 1, m + n do want = want + off:get(j, j) end
  for i = 1, m do for j = 1, m do want = want + off:get(i, j) end end
  close(want, n - D + c * (m + m * p.s) / (1 + m * p.s), 1e-9)
end)

eq(12, [[\mathrm{accuracy} = \Phi\left(\frac{\alpha}{\sqrt{v + \mathrm{offset}}}\right) \qquad \alpha = \frac{m s}{1 + m s} ]]
  .. [[\qquad v = \frac{s}{(1 + m s)^2}]],
  function(c, close)
    local p = pool(6, 2, 15)
    local s, m = p.s, 2
    local w = regress.minnorm(p.f).weights
    close(w:slice(1, 2):sum(), c * m * s / (1 + m * s))
    close((w:slice(3, 17) ^ 2):sum(), c * s / (1 + m * s) ^ 2)
    local draws = theory.sample { points = 6, count = 17, perfect = 2, start = 0.01, reps = 10 }
    for i = 1, 10 do
      local z = draws.s[i]
      local v = z / (1 + m * z) ^ 2
      close(draws.noise[i], c * v, 1e-12)
      close(draws.accuracy[i], limn.stats.normal.cdf(c * m * z / (1 + m * z) / math.sqrt(v + draws.offset[i])), 1e-12)
    end
    local a, d = theory.sign_accuracy { points = 6, count = 17, perfect = 2 }
    local mean = 6 / (15 - 7)
    close(a, limn.stats.normal.cdf(c * m * math.sqrt(mean)), 1e-12)
    close(d.noise, c * mean / (1 + m * mean) ^ 2, 1e-12)
  end)

eq(13, [=[\mathrm{risk} = \mathrm{E}\left[\left(\frac{1}{1 + m s}\right)^2\right] + \mathrm{E}\left[\frac{s}{(1 + m s)^2}\right]]=],
  function(c, close)
  for _, case in ipairs { { 20, 40, 3 }, { 5, 7, 2 } } do
    local D, n, m = table.unpack(case)
    -- Simpson's rule over the density of X ~ chi2(n - D + 1), in u = sqrt X
    local nu, total, bias, noise, h = n - D + 1, 0, 0, 0, 0.005
    for i = 1, 4000 do
      local u = i * h
      local x = u * u
      local weight = (i % 2 == 1 and 4 or 2) * math.exp((nu - 1) * math.log(u) - x / 2 - nu)
      local q = x + c * m * D
      total, bias, noise = total + weight, bias + weight * (x / q) ^ 2, noise + weight * D * x / q ^ 2
    end
    local risk, parts = theory.risk { points = D, random = n, perfect = m }
    close(risk, (bias + noise) / total, 1e-6)
    close(parts.bias2, bias / total, 1e-6)
  end
  close(theory.risk { points = 20, random = 40 }, 1 + c * 20 / 19, 1e-12)
  close(theory.risk { points = 40, random = 20 }, 1 + c * 20 / 19, 1e-12)
end)

eq(14, [[\mathrm{share}_k = \frac{p_k (1 + (D - 1) \rho_k^2)}{\sum_j p_j (1 + (D - 1) \rho_j^2)}]], function(c, close)
  local classes = { { fraction = 0.01, rho = 1 }, { fraction = 0.2, rho = 0.3 }, { fraction = 0.79, rho = 0 } }
  local shares, total, want = theory.shares { points = 30, classes = classes }, 0, {}
  for i, k in ipairs(classes) do
    want[i] = k.fraction * (1 + (30 - c) * k.rho ^ 2)
    total = total + want[i]
  end
  for i = 1, 3 do close(shares[i], want[i] / total, 1e-12) end
  -- the order of its error: D/N
  local function far(N)
    local counted = { { count = N // 10, rho = 0.5 }, { count = N - N // 10, rho = 0 } }
    local draws = theory.sample { points = 100, classes = counted, reps = 20000 }
    return theory.shares({ points = 100, classes = counted })[1] - draws.share:col(1):mean()
  end
  local near, further = far(4000), far(1000)
  lu.assertTrue(further / near > 3 and further / near < 6, further .. " " .. near)
end)

-- ---- norms and Bayes' rule -----------------------------------------------------------------------------------

local function choose(n, k)
  local b = 1
  for i = 1, k do b = b * (n - k + i) / i end
  return b
end

eq(15, [[\frac{P}{R} = \frac{p}{1 - p} \frac{D^q}{\mathrm{E} |S_D|^q} \qquad q = \frac{\mathrm{norm}}{\mathrm{norm} - 1}]],
  function(c, close)
  for _, D in ipairs { 1, 2, 7, 20 } do
    for _, norm in ipairs { 1.2, 1.5, 2, 5 } do
      local q, mean, p = c * norm / (norm - 1), 0, 0.03
      for k = 0, D do mean = mean + choose(D, k) / 2 ^ D * math.abs(D - 2 * k) ^ q end
      local want = p / (1 - p) * D ^ q / mean
      close(theory.ratio { points = D, fraction = p, norm = norm } / want, 1, 1e-11)
    end
    close(theory.ratio { points = D, fraction = 0.1, norm = 1 }, c * 2 ^ (D - 1) / 9, 1e-6)
  end
  close(theory.ratio { points = 1e5, fraction = 0.5, norm = math.huge }, c * math.sqrt(math.pi * 1e5 / 2), 1e-2)
end)

eq(16, [[D_2 = \left\lceil \frac{1 - p}{p} \right\rceil \qquad D_1 = \left\lceil 1 + \log_2 \frac{1 - p}{p} \right\rceil \qquad ]]
  .. [[D_{\mathrm{Bayes}} = \left\lceil \frac{1}{1 - H(\epsilon)} \log_2 \frac{1 - p}{p} \right\rceil]],
  function(c, close)
    for _, C in ipairs { 3.3, 7.1, 12.6 } do
      local odds = (1 - 2 ^ -C) / 2 ^ -C
      local function up(x) return math.ceil(x - 1e-9) end
      close(theory.crossover { complexity = C }, up(c * odds), 0)
      close(theory.crossover { complexity = C, norm = 1 }, up(1 + c * math.log(odds, 2)), 0)
      local e = 0.15
      local H = -e * math.log(e, 2) - (1 - e) * math.log(1 - e, 2)
      close(theory.crossover { complexity = C, rule = "bayes", flip = e }, up(c * math.log(odds, 2) / (1 - H)), 0)
    end
  end)

eq(17, [[\mathrm{odds} = \frac{p}{1 - p} 2^D (1 - \epsilon)^{D - k} \epsilon^k]], function(c, close)
  local p, D, e, k = 0.01, 9, 0.2, 2
  local odds = p / (1 - p) * (2 * c) ^ D * (1 - e) ^ (D - k) * e ^ k
  local mass, bits = theory.posterior { points = D, fraction = p, flip = e, errors = k }
  close(mass, odds / (1 + odds), 1e-12)
  close(bits, math.log(odds, 2), 1e-11)
  close(theory.posterior { points = 30, complexity = 10, flip = 0.2 }, c * 0.241, 1e-3) -- the mass at 6 errors
  local mean = 0 -- and not the mean mass
  for errors = 0, 30 do
    mean = mean + choose(30, errors) * 0.2 ^ errors * 0.8 ^ (30 - errors)
      * theory.posterior { points = 30, complexity = 10, flip = 0.2, errors = errors }
  end
  close(mean, c * 0.383, 1e-3)
  local f = limn.features.toy { points = 7, count = 20, perfect = 1, seed = 3 }
  local posterior, F, total, mine = regress.bayes(f, f.labels, { flip = 0.1 }), f:dense(), 0, {}
  for j = 1, 20 do
    local wrong = 0
    for i = 1, 7 do if F:get(i, j) ~= f.labels[i] then wrong = wrong + 1 end end
    mine[j] = 0.9 ^ (7 - wrong) * (c * 0.1) ^ wrong
    total = total + mine[j]
  end
  for j = 1, 20 do close(posterior.weights[j], mine[j] / total, 1e-12) end
end)

-- Every code of at most `bits` bits of the stack machine, by a machine of its own: tables as lists of outputs.
local function stack_programs(inputs, bits, visit)
  local words = { "100", "101", "110", "1110", "11110", "111110", "111111" }
  local names = { "and", "xor", "end", "not", "or", "dup", "over" }
  local wire = inputs == 2 and { "00", "01" } -- two wires: one bit behind the 0
  local function run(code, stack)
    local function with(word, change)
      if #code + #word > bits then return end
      local copy = table.move(stack, 1, #stack, 1, {})
      if change(copy) == false then return end
      run(code .. word, copy)
    end
    for i = 1, inputs do
      with(wire[i], function(s)
        local t = 0
        for v = 0, 2 ^ inputs - 1 do t = t | (v >> (i - 1) & 1) << v end
        s[#s + 1] = t
      end)
    end
    local full = (1 << (1 << inputs)) - 1
    for w, name in ipairs(names) do
      if name == "end" then
        if #code + 3 <= bits and #stack > 0 then visit(stack[#stack], #code + 3) end
      else
        with(words[w], function(s)
          local need = (name == "not" or name == "dup") and 1 or 2
          if #s < need then return false end
          local top, under = s[#s], s[#s - 1]
          if name == "not" then s[#s] = ~top & full
          elseif name == "dup" then s[#s + 1] = top
          elseif name == "over" then s[#s + 1] = under
          else
            s[#s] = nil
            s[#s] = name == "and" and top & under or name == "or" and top | under or top ~ under
          end
        end)
      end
    end
  end
  run("", {})
end

eq(18, [[\mathrm{prior}(f) = \sum_{\pi \to f} 2^{-|\pi|} \qquad \sum_\pi 2^{-|\pi|} \le 1]], function(c, close)
  local space = limn.programs.space { inputs = 2, max_bits = 14, language = "stack" }
  local prior, total, programs = {}, 0, 0
  stack_programs(2, 14, function(t, length)
    prior[t] = (prior[t] or 0) + 2.0 ^ -(c * length)
    total, programs = total + 2.0 ^ -(c * length), programs + 1
  end)
  lu.assertTrue(total <= 1)
  close(space.programs, programs, 0)
  for i = 1, #space.prior do close(space.prior[i], prior[space:get(i).table] / total, 1e-12) end
end)

eq(19, [[\mathrm{mass}(f) \propto \mathrm{prior}(f) (1 - \epsilon)^{D - k_f} \epsilon^{k_f} \qquad F_{\cdot f} = ]]
  .. [[\sqrt{\mathrm{prior}(f)}\, f(X)]], function(c, close)
  local space = limn.programs.space { inputs = 2, max_bits = 14 }
  local X, y, e = limn.array { { -1, -1 }, { 1, -1 }, { -1, 1 } }, { 1, -1, -1 }, 0.1
  local posterior = limn.programs.posterior(space, X, y, { flip = e })
  local F, number = limn.programs.features(space, X, y)
  F = F:dense()
  local total, mine = 0, {}
  local function value(i, row) -- input 1 is bit 0 of the row's number
    local at = (X:get(row, 1) > 0 and 1 or 0) + (X:get(row, 2) > 0 and 2 or 0)
    return space:get(i).table >> at & 1 == 1 and 1 or -1
  end
  for i = 1, #space.prior do
    local wrong = 0
    for row = 1, 3 do if value(i, row) ~= y[row] then wrong = wrong + 1 end end
    mine[i] = space.prior[i] * (1 - e) ^ (3 - wrong) * (c * e) ^ wrong
    total = total + mine[i]
  end
  for i = 1, #space.prior do close(posterior.mass[i], mine[i] / total, 1e-12) end
  for j, i in ipairs(number) do
    for row = 1, 3 do close(F:get(row, j), c * math.sqrt(space.prior[i]) * value(i, row), 1e-12) end
  end
end)

os.exit(lu.LuaUnit.run())
