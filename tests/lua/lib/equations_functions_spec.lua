-- equations_functions_spec.lua: equations 50 to 55 of the page "The mathematics of limn" (functions of nets), recomputed on small
-- cases.
local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local equations = dofile(here .. "/../support/equations.lua")
local functions = limn.functions
local pi, asin = math.pi, math.asin

TestEquations = {}
local function eq(n, tex, f) equations.test(TestEquations, n, tex, f) end

eq(50, [[\mathrm{bits}(f) = -\log_2 \frac{\mathrm{count}(f)}{\mathrm{samples}} \qquad ]]
  .. [[0 \le \mathrm{true}(f) - \mathrm{count}(f) \le \mathrm{error} \le \frac{\mathrm{samples}}{\mathrm{space}}]], function(c, close)
  local o = { sizes = { 4, 8, 1 }, samples = 20000, bias = 0.1 }
  local all = functions.prior(o)
  local hits = 0
  for _, f in ipairs(all:ranked(5)) do close(all:bits(f.pattern), -c * math.log(f.count / 20000, 2), 1e-12) end
  o.space = 50
  local few = functions.prior(o)
  lu.assertTrue(few.error > 0 and few.error <= 20000 / 50)
  for pattern, count in pairs(few.counts) do
    lu.assertTrue(count <= all.counts[pattern] and all.counts[pattern] <= count + few.error)
    hits = hits + 1
  end
  lu.assertTrue(hits > 10)
end)

eq(51, [[P_2 = \frac{1}{4} + \frac{\arcsin r}{2 \pi} \qquad ]]
  .. [[P_3 = \frac{1}{8} + \frac{\arcsin r_{12} + \arcsin r_{13} + \arcsin r_{23}}{4 \pi} ]]
  .. [[\qquad P_n = \mathrm{E} \prod_i \Phi\left(\frac{1}{L_{ii}} \sum_{j<i} L_{ij} y_j\right)]], function(c, close)
  local r, s, t = 0.3, -0.5, 0.4
  close(2 ^ -functions.orthant { covariance = { { 2, r * 2 }, { r * 2, 2 } }, signs = "+-" }, c / 4 - asin(r) / 2 / pi)
  close(2 ^ -functions.orthant { covariance = { { 1, r, s }, { r, 1, t }, { s, t, 1 } }, signs = "+++" },
    c / 8 + (asin(r) + asin(s) + asin(t)) / 4 / pi)
  local C, D = limn.eye(4) * 0.5 + 0.5, limn.eye(9) * 0.5 + 0.5 -- correlation 1/2: P = 1/(n + 1)
  close(2 ^ -functions.orthant { covariance = C, signs = "++++" }, c / 5)
  local bits, error = functions.orthant { covariance = D, signs = "---------", samples = 65536 }
  lu.assertTrue(error < 0.002)
  close(bits, c * math.log(10, 2), 6 * error)
end)

eq(52, [[P(f | S) = \frac{P(f)\, [f_S = y]}{P(S)} \qquad P(S) = \sum_{g:\, g_S = y} P(g) \qquad \hat{R}^2 = \frac{(n - 1) W/n + B}{W}]],
  function(c, close)
  local o = { sizes = { 3, 6, 1 }, samples = 50000, bias = 0.2 }
  local prior, sum = functions.prior(o), 0
  o.S, o.y = { 2, 5, 8 }, { 1, -1, 1 }
  local posterior = functions.posterior(o) -- the same nets
  local function fits(f) return f:sub(2, 2) == "+" and f:sub(5, 5) == "-" and f:sub(8, 8) == "+" end
  for f, count in pairs(prior.counts) do if fits(f) then sum = sum + count / prior.samples end end
  close(posterior.evidence, c * sum)
  for _, f in ipairs(posterior:ranked(8)) do
    close(posterior:probability(f.pattern), c * prior:probability(f.pattern) / sum)
    lu.assertTrue(fits(f.pattern))
  end
end)

eq(53, [[c_T = 2^{-n} \sum_x f(x) \prod_{i \in T} x_i \qquad ]]
  .. [[\mathrm{degree} = \max_{c_T \ne 0} |T| \qquad \mathrm{influence} = \sum_T |T|\, c_T^2]],
  function(c, close)
  local f = "+--+-+++-+++--+-"
  local degree, influence = 0, 0
  for T = 0, 15 do
    local sum, size = 0, 0
    for i = 0, 3 do size = size + (T >> i & 1) end
    for x = 0, 15 do
      local term = f:sub(x + 1, x + 1) == "+" and 1 or -1
      for i = 0, 3 do if T >> i & 1 == 1 then term = term * ((x >> i & 1) * 2 - 1) end end
      sum = sum + term
    end
    if sum ~= 0 then degree = math.max(degree, size) end
    influence = influence + size * (sum / 16) ^ 2
  end
  local measured = functions.complexity(f)
  close(measured.degree, degree)
  close(measured.influence, c * influence, 1e-12)
end)

eq(54, [[\mathrm{TV} = \frac{1}{2} \sum_f |P(f) - Q(f)| \qquad \mathrm{KL} = \sum_f P(f) \log_2 \frac{P(f)}{Q(f)} \qquad ]]
  .. [[\mathrm{noise} = \frac{1}{2} \sum_f \sqrt{\frac{2}{\pi}\, p\, (1 - p) \left(\frac{1}{n} + \frac{1}{m}\right)}]], function(c, close)
  local n, m = 30000, 20000
  local a = functions.prior { sizes = { 3, 1 }, samples = n }
  local b = functions.prior { sizes = { 3, 5, 1 }, samples = m, seed = 2 }
  local tv, kl, noise, kinds, all = 0, 0, 0, 0, {}
  for _, d in ipairs { a, b } do for f in pairs(d.counts) do all[f] = true end end
  for _ in pairs(all) do kinds = kinds + 1 end
  for f in pairs(all) do
    local p, q = (a.counts[f] or 0) / n, (b.counts[f] or 0) / m
    local pool = (p * n + q * m) / (n + m)
    tv, noise = tv + math.abs(p - q) / 2, noise + math.sqrt(2 / pi * pool * (1 - pool) * (1 / n + 1 / m)) / 2
    if p > 0 then kl = kl + p * math.log(p / ((q * m + 0.5) / (m + kinds / 2)), 2) end
  end
  local both = functions.compare(a, b)
  close(both.tv, c * tv, 1e-10)
  close(both.kl, kl, 1e-10)
  close(both.noise, noise, 1e-10)
end)

eq(55, [[-\ln(1 - \mathrm{error}) \le \frac{\ln \frac{1}{P(S)} + \ln \frac{2 m}{1 - \mathrm{confidence}}}{m - 1}]], function(c, close)
  local error = functions.bound { bits = 12, points = 50, confidence = 0.9 }
  close(-math.log(1 - error), c * (12 * math.log(2) + math.log(100 / 0.1)) / 49, 1e-12)
end)

os.exit(lu.LuaUnit.run())
