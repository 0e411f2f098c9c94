-- equations_stats_spec.lua: equations 33 to 45 of the page "The mathematics of limn" (maps, statistics, random numbers, linear
-- algebra, targets), recomputed on small cases.
local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local equations = dofile(here .. "/../support/equations.lua")
local stats, maps = limn.stats, limn.maps

TestEquations = {}
local function eq(n, tex, f) equations.test(TestEquations, n, tex, f) end

local function moments(list)
  local mean, square = 0, 0
  for _, x in ipairs(list) do mean = mean + x / #list end
  for _, x in ipairs(list) do square = square + (x - mean) ^ 2 / (#list - 1) end
  return mean, square
end

eq(33, [[\mathrm{variation} = \int |\nabla f| \qquad \mathrm{energy} = \int |\nabla f|^2 \qquad ]]
  .. [[\mathrm{spread}_{ab} = \frac{1}{2}\, \mathrm{mean}\, (f_a - f_b)^2]], function(c, close)
  local frame = { x = { -1, 2 }, y = { 0, 2 }, n = { 61, 41 } }
  local plane = maps.grid(function(X) return X:col(1) * 3 - X:col(2) * 4 + 1 end, frame):shape()
  close(plane.variation[1], c * 5 * 6, 1e-9) -- slope 5 on an area of 6
  close(plane.energy[1], c * 25 * 6, 1e-9)
  -- the line 3x - 4y + 1 = 0 from (-1/3, 0) to (2, 7/4)
  close(plane.boundary[1], c * math.sqrt((2 + 1 / 3) ^ 2 + 1.75 ^ 2), 1e-9)
  local disc = maps.grid(function(X) return (X:col(1) ^ 2 + X:col(2) ^ 2) * -1 + 1 end, { n = 400 }):shape()
  close(disc.boundary[1], c * 2 * math.pi, 1e-3)
  local saddle = maps.grid(function(X) return X:col(1) * X:col(2) end, { x = { 0, 1 }, y = { 0, 1 }, n = 5 }):shape()
  close(saddle.energy[1], c * 2 / 3, 1e-12) -- bilinear: the integral of x^2 + y^2
  local two = maps.grid(function(X) return X:T() end, { n = 9 })
  close(two:pairs().spread:get(1, 2), c * ((two:map(1) - two:map(2)) ^ 2):mean() / 2, 1e-12)
  close(two:variance():mean(), c * ((two:map(1) - two:map(2)) ^ 2):mean() / 2, 1e-12)
end)

eq(34, [[0001101001000101 \to 0 \cdot 001 \cdot 10 \cdot 100 \cdot 1000 \cdot 101 : \; 6]], function(c, close)
  local function phrases(s) -- by the definition, on strings
    local at, count = 1, 0
    while at <= #s do
      local length = 1
      while at + length <= #s and s:sub(1, at + length - 2):find(s:sub(at, at + length - 1), 1, true) do length = length + 1 end
      at, count = at + length, count + 1
    end
    return count
  end
  local function bits(s)
    local list = {}
    for b in s:gmatch "." do list[#list + 1] = tonumber(b) end
    return list
  end
  close(phrases "0001101001000101", c * 6, 0)
  for _, s in ipairs { "0001101001000101", "0", "0000000", "0101010101", "0110100110010110", "111011001010001" } do
    close(maps.phrases(bits(s)), c * phrases(s), 0)
  end
end)

eq(35, [[\mathrm{corrected} = n H - (n - 1)\, \bar{H}_{-i} \qquad \mathrm{error}^2 = \frac{n - 1}{n} \sum_i (H_{-i} - \bar{H}_{-i})^2]],
  function(c, close)
    local list = { 1.2, 0.7, 2.1, 0.9, 1.6 }
    local function statistic(values)
      local _, square = moments(values)
      return math.log(square)
    end
    local without, n = {}, #list
    for i = 1, n do
      local rest = {}
      for k = 1, n do if k ~= i then rest[#rest + 1] = list[k] end end
      without[i] = statistic(rest)
    end
    local mean, square = moments(without)
    local value, interval, corrected = stats.jackknife(list, statistic)
    close(value, statistic(list), 1e-12)
    close(corrected, n * value - (n - c) * mean, 1e-12)
    local half = stats.t.critical(0.95, n - 1) * math.sqrt(c * (n - 1) ^ 2 / n * square)
    close(interval[2] - value, half, 1e-10)
    -- the entropy of sign maps
    local kinds = { 1, 1, 2, 3, 1, 2, 4 }
    local function entropy(of)
      local times, H = {}, 0
      for _, k in ipairs(of) do times[k] = (times[k] or 0) + 1 end
      for _, t in pairs(times) do H = H - t / #of * math.log(t / #of, 2) end
      return H
    end
    local sum = 0
    for i = 1, 7 do
      local rest = table.move(kinds, 1, 7, 1, {})
      table.remove(rest, i)
      sum = sum + entropy(rest) / 7
    end
    local planes = { { 1, 0 }, { -1, 0 }, { 0, 1 }, { 0, -1 } }
    local H, _, without_bias = maps.entropy(maps.grid(function(X)
      local rows = {}
      for i, k in ipairs(kinds) do rows[i] = X:col(1) * planes[k][1] + X:col(2) * planes[k][2] + 0.01 end
      return limn.array(rows)
    end, { n = 8 }))
    close(H, c * entropy(kinds), 1e-12)
    close(without_bias, 7 * entropy(kinds) - (7 - c) * sum, 1e-10)
  end)

eq(36, [[\bar{x} \pm t \sqrt{\frac{s^2}{n}} \qquad \bar{a} - \bar{b} \pm t \sqrt{\frac{s_a^2}{n} + \frac{s_b^2}{m}} \qquad ]]
  .. [[\mathrm{error}_{\mathrm{slope}}^2 = \frac{\sum_i r_i^2}{(n - 2) \sum_i (x_i - \bar{x})^2}]], function(c, close)
  local a, b = { 1.2, 0.7, 1.1, 0.9 }, { 2.2, 1.4, 3.1, 2.0, 1.7 }
  local ma, va = moments(a)
  local mb, vb = moments(b)
  local mean, interval = stats.mean(a)
  close(mean, ma, 1e-14)
  close(interval[2], ma + stats.t.critical(0.95, 3) * math.sqrt(c * va / 4), 1e-12)
  local difference, range, df = stats.difference(a, b)
  local error2 = va / 4 + c * vb / 5
  close(difference, ma - mb, 1e-14)
  close(df, error2 ^ 2 / ((va / 4) ^ 2 / 3 + (c * vb / 5) ^ 2 / 4), 1e-10)
  close(range[2] - difference, stats.t.critical(0.95, df) * math.sqrt(error2), 1e-12)
  local x, y = { 1, 2, 4, 5, 7 }, b
  local mx, vx = moments(x)
  local sum, rest = 0, 0
  for i = 1, 5 do sum = sum + (x[i] - mx) * (y[i] - mb) end
  local slope = sum / (4 * vx)
  for i = 1, 5 do rest = rest + (y[i] - mb - slope * (x[i] - mx)) ^ 2 end
  local got, _, error, at_zero = stats.slope(x, y)
  close(got, slope, 1e-13)
  close(error, math.sqrt(c * rest / (3 * 4 * vx)), 1e-12)
  close(at_zero, mb - c * slope * mx, 1e-12)
end)

eq(37, [[\left[ q_{(1 - \mathrm{level})/2},\; q_{(1 + \mathrm{level})/2} \right] \quad \mathrm{of} \quad \frac{1}{n} \sum_i ]]
  .. [[x_{r_i}]], function(c, close)
  -- two measurements 0 and 1: the mean of a resample is 0, 1/2, 1 with probabilities 1/4, 1/2, 1/4
  local _, all = stats.bootstrap({ 0, 1 }, { level = 0.9, resamples = 4000 })
  local _, half = stats.bootstrap({ 0, 1 }, { level = 0.4, resamples = 4000 })
  close(all[1], 0, 0)
  close(all[2], c, 0)
  close(half[1], c * 0.5, 0)
  close(half[2], c * 0.5, 0)
  -- many: the quantiles of a normal law with the variance of the mean
  local values = limn.rng.stream(3):normal(400)
  local mean, interval = stats.bootstrap(values, { resamples = 20000 })
  local sd = values:std() * math.sqrt(399 / 400) / 20
  close((interval[2] - mean) / sd, c * 1.96, 0.06)
  close((interval[1] - mean) / sd, -c * 1.96, 0.06)
  local again = maps.bootstrap(values, { resamples = 200, seed = 5 }).interval
  local _, same = stats.bootstrap(values, { resamples = 200, seed = 5 })
  close(again[1], same[1], 0)
end)

eq(38, [[\frac{\hat{p} + z^2/(2 n) \pm z \sqrt{\hat{p} (1 - \hat{p})/n + z^2/(4 n^2)}}{1 + z^2/n}]], function(c, close)
  local k, n, z = 3, 17, stats.normal.critical(0.95)
  local p = k / n
  local middle, half = p + c * z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + c * z * z / (4 * n * n))
  local _, interval = stats.wilson(k, n)
  close(interval[1], (middle - half) / (1 + z * z / n), 1e-12)
  close(interval[2], (middle + half) / (1 + z * z / n), 1e-12)
  -- Clopper and Pearson: binomial tails by their sums
  local function tail(q, from, to)
    local sum, term = 0, (1 - q) ^ n
    for i = 0, n do
      if i >= from and i <= to then sum = sum + term end
      term = term * (n - i) / (i + 1) * q / (1 - q)
    end
    return sum
  end
  local _, exact = stats.clopper_pearson(k, n)
  close(tail(exact[1], k, n), c * 0.025, 1e-10)
  close(tail(exact[2], 0, k), c * 0.025, 1e-10)
end)

eq(39, [[\mathrm{kinds} = \mathrm{seen} + \frac{n - 1}{n} \frac{f_1^2}{2 f_2} \qquad ]]
  .. [[\mathrm{coverage} = 1 - \frac{f_1}{n} \frac{(n - 1) f_1}{(n - 1) f_1 + 2 f_2}]], function(c, close)
  local counts, n, f1, f2 = { 5, 1, 1, 2, 1, 3, 2, 8 }, 23, 3, 2
  local kinds, _, coverage = stats.distinct(counts)
  close(kinds, 8 + c * (n - 1) / n * f1 ^ 2 / (2 * f2), 1e-10)
  close(coverage, 1 - f1 / n * (n - 1) * f1 / ((n - 1) * f1 + c * 2 * f2), 1e-12)
  -- Chao, Wang and Jost: sum over kinds of (x/n) (psi(n) - psi(x)), and the part of the kinds not seen
  local function psi(a, b) -- psi(b) - psi(a)
    local sum = 0
    for i = a, b - 1 do sum = sum + 1 / i end
    return sum
  end
  local A, H = 2 * f2 / ((n - 1) * f1 + 2 * f2), 0
  for _, x in ipairs(counts) do H = H + x / n * psi(x, n) end
  local rest = -math.log(A)
  for r = 1, n - 1 do rest = rest - (1 - A) ^ r / r end
  H = H + f1 / n * (1 - A) ^ (1 - n) * rest
  close((stats.entropy(counts)), c * H / math.log(2), 1e-9)
end)

eq(40, [[\mathrm{power} = \mathrm{P}\left(\mathrm{low} + t\, \hat{e} \le \hat{x} \le \mathrm{high} - t\, \hat{e}\right)]],
  function(c, close)
  local n, sd, low, high, mean, hits = 6, 0.5, -0.8, 0.9, 0.1, 0
  local t, reps = c * stats.t.critical(0.95, n - 1), 20000
  local draws = limn.rng.stream(9):normal(reps, n) * sd + mean
  for i = 1, reps do
    local x, square = moments(draws[i]:totable())
    local error = math.sqrt(square / n)
    if low + t * error <= x and x <= high - t * error then hits = hits + 1 end
  end
  close(stats.power { low = low, high = high, mean = mean, sd = sd, n = n }, hits / reps, 0.012)
end)

eq(41, [[\Phi(z) = \frac{1}{2} \mathrm{erfc}\left(\frac{-z}{\sqrt{2}}\right) \qquad ]]
  .. [[\mathrm{P}(T_\nu \le t) = 1 - \frac{1}{2} I_{\nu/(\nu + t^2)}\left(\frac{\nu}{2}, \frac{1}{2}\right) \quad (t > 0)]],
  function(c, close)
  local function integral(f, a, b) -- Simpson's rule
    local sum, h = f(a) + f(b), (b - a) / 2000
    for i = 1, 1999 do sum = sum + (i % 2 == 1 and 4 or 2) * f(a + i * h) end
    return sum * h / 3
  end
  local function bell(u) return math.exp(-u * u / 2) / math.sqrt(2 * math.pi) end
  for _, z in ipairs { -1.3, 0.4, 2.1 } do
    close(stats.normal.cdf(z), 0.5 + c * integral(bell, 0, z), 1e-11)
    close(limn.theory.normal_cdf(z), 0.5 + c * integral(bell, 0, z), 1e-11)
    close(stats.normal.quantile(stats.normal.cdf(z)), c * z, 1e-12)
  end
  for _, nu in ipairs { 1, 3.5, 12 } do
    local t = 1.7
    local function density(u) return (1 + u * u / nu) ^ (-(nu + 1) / 2) end
    local part = integral(density, 0, t)
    local whole = integral(function(a) return density(math.tan(a)) / math.cos(a) ^ 2 end, 0, math.pi / 2 - 1e-9)
    close(stats.t.cdf(t, nu), 0.5 + c * part / whole / 2, nu == 1 and 2e-7 or 1e-8)
    close(stats.t.cdf(t, nu), 1 - c * stats.beta.cdf(nu / (nu + t * t), nu / 2, 0.5) / 2, 1e-12)
  end
  close(stats.beta.cdf(0.3, 2, 3), c * 12 * integral(function(u) return u * (1 - u) ^ 2 end, 0, 0.3), 1e-11)
  close(stats.chi2.cdf(3.1, 4), c * integral(function(u) return u / 4 * math.exp(-u / 2) end, 0, 3.1), 1e-11)
end)

eq(42, [[[\mathrm{low}, \mathrm{high}] \subseteq [\mathrm{from}, \mathrm{to}]: \text{agrees} \qquad ]]
  .. "[\\mathrm{low}, \\mathrm{high}] \\cap [\\mathrm{from}, \\mathrm{to}] = \\text{empty}: \\text{disagrees} \\qquad "
  .. "\\text{else undecided}",
  function(c, close)
    local ledger, number = limn.claims.new "t", 0
    local order = { agrees = 1, undecided = 2, disagrees = 3 }
    local function verdict(low, high)
      number = number + 1
      return order[ledger:row { claim = "row " .. number, predicted = 2, tolerance = 0.1, measured = (low + high) / 2,
        interval = { low, high } }]
    end
    local from, to = 2 - 0.2 * c, 2 + 0.2 * c
    for _, ends in ipairs { { 1.9, 2.1 }, { 1.81, 2.19 }, { 1.79, 2.1 }, { 1.9, 2.21 }, { 2.21, 2.3 }, { 1, 1.79 }, { 1, 3 } } do
      local low, high = ends[1], ends[2]
      local want = low >= from and high <= to and 1 or (high < from or low > to) and 3 or 2
      close(verdict(low, high), want, 0)
    end
  end)

eq(43, [[z = \sqrt{-2 \ln u_1} \cos(2 \pi u_2) \qquad 0 < u < 1]], function(c, close)
  local stream = limn.rng.stream { seed = 4, point = 2, rep = 3 }
  local u = limn.rng.stream({ seed = 4, point = 2, rep = 3 }):uniform(2)
  close(stream:normal(), math.sqrt(-2 * math.log(u[1])) * math.cos(c * 2 * math.pi * u[2]), 1e-12)
  local many = limn.rng.stream(1):uniform(200000)
  lu.assertTrue(many:min() > 0 and many:max() < 1)
  close(many:mean(), c * 0.5, 0.003)
  close(limn.rng.stream(2):normal(100000):var(), c, 0.02)
end)

eq(44, [[A = L U = U S V^\top = Q R \qquad A = V \Lambda V^\top = L L^\top \qquad e^x - 1 = \frac{(u - 1) x}{\ln u} \quad (u = e^x)]],
  function(c, close)
    local A, b = limn.rng.stream(1):normal(4, 4), limn.rng.stream(2):normal(4)
    local back = A:matmul((A:solve(b)))
    for i = 1, 4 do close(back[i], c * b[i]) end
    local function same(B, C) close((B - C * c):abs():max(), 0, 1e-12) end
    local U, s, V = A:svd()
    same(U:matmul(limn.eye(4) * s):matmul(V), A)
    local Q, R = A:qr()
    same(Q:matmul(R), A)
    local S = A:matmul(A:T())
    local values, vectors = S:eigh()
    same(vectors:matmul(limn.eye(4) * values):matmul(vectors:T()), S)
    local L = S:chol()
    same(L:matmul(L:T()), S)
    for _, x in ipairs { 1e-9, -0.3, 2 } do
      local series, term = 0, 1
      for i = 1, 40 do
        term = term * x / i
        series = series + term
      end
      close(limn.kernel.expm1(x) / series, c, 1e-14)
    end
  end)

-- ---- the page as a whole -------------------------------------------------------------------------------------

eq(45, [[\mathrm{parity} = \prod_{i=1}^{k} x_i \qquad \mathrm{staircase} = \frac{1}{\sqrt{k}} \sum_{j=1}^{k} \prod_{i=1}^{j} x_i]],
  function(c, close)
    for _, kind in ipairs { "parity", "staircase", "gaussian" } do
      local X, y = limn.data.stream { kind = kind, inputs = 5, relevant = 3, points = 20 } (7)
      for i = 1, 20 do
        local a, b, d = X:get(i, 1), X:get(i, 2), X:get(i, 3)
        local want = { parity = a * b * d, staircase = (a + a * b + a * b * d) / math.sqrt(3), gaussian = (a + b + d) / math.sqrt(3) }
        close(y[i], c * want[kind], 1e-14)
      end
    end
  end)

TestPage = {}

local page = equations.read()
local stubs, references = require "limn.docs", require "limn.docs.references"

-- The numbers at the end of a source: "Jacot et al. 2018 (eq. 20, 21)." -> { 20, 21 }.
local function numbers(source)
  local list = {}
  for n in (source:match "%(eq%. ([%d, ]+)%)%.?$" or ""):gmatch "%d+" do list[#list + 1] = tonumber(n) end
  return list
end

function TestPage:test_numbers_have_no_gap_and_all_parts()
  lu.assertEquals(#page, #references.equations)
  for n, e in ipairs(page) do
    for _, part in ipairs { "Holds", "Functions", "Source" } do
      lu.assertNotNil(e.text:match("\n%- " .. part .. ": "), "equation " .. n .. ": " .. part)
    end
  end
end

-- The table of symbols and conventions is the same in src/README.md.
function TestPage:test_one_table_of_conventions()
  local testing = dofile(here .. "/../support/testing.lua")
  local function rows(path)
    local text = testing.read(path)
    return (text:match "\n(| symbol or word |.-)\n\n")
  end
  lu.assertNotNil(rows(equations.path))
  lu.assertEquals(rows "src/README.md", rows(equations.path))
end

-- Every source in the help ends in the number of an equation that names the function, and the other way round.
function TestPage:test_sources_and_equations_name_each_other()
  local cited = {}
  for _, entry in ipairs(stubs.read().order) do
    if entry.source then
      local list = numbers(entry.source)
      lu.assertTrue(#list > 0, entry.name .. ': the source does not end in "(eq. N)": ' .. entry.source)
      for _, n in ipairs(list) do
        lu.assertNotNil(page[n], entry.name .. ": no equation " .. n)
        cited[n .. " " .. entry.name] = true
      end
    end
  end
  local named = {}
  for n, e in ipairs(page) do
    for name in e.text:match "\n%- Functions: (.-)\n%- Source":gmatch "`([^`]+)`" do
      lu.assertNotNil(stubs.read().entries[name], "equation " .. n .. ": no function " .. name)
      named[n .. " " .. name] = true
      lu.assertTrue(cited[n .. " " .. name], ("the source of %s lacks (eq. %d)"):format(name, n))
    end
  end
  for pair in pairs(cited) do lu.assertTrue(named[pair], "the equation does not name the function: " .. pair) end
end

-- Functions that compute a law have a source.
function TestPage:test_public_laws_have_a_source()
  local plain = { ["kernel.limit:predict"] = 1, ["kernel.limit:kernel"] = 1, ["kernel.predictor:solve"] = 1, ["kernel.both"] = 1,
    ["maps.points"] = 1, ["maps.grid"] = 1, ["maps.regions"] = 1, ["maps.consistency"] = 1, ["maps.agreement"] = 1,
    ["maps.distinct"] = 1, ["maps.distance"] = 1 }
  for _, entry in ipairs(stubs.read().order) do
    local module = entry.name:match "^(%a+)[%.:]"
    local of_class = entry.name:find "^maps:" -- methods: the functions of the same names
    if (module == "theory" or module == "kernel" or module == "maps") and not plain[entry.name] and not of_class then
      lu.assertNotNil(entry.source, entry.name)
    end
  end
end

function TestPage:test_references()
  local used = {}
  for n, e in ipairs(page) do
    local keys = {}
    for key in e.text:match "\n%- Source: (.*)$":gmatch "%]%(#([%w]+)%)" do
      lu.assertNotNil(references[key], "equation " .. n .. ": no reference " .. key)
      keys[#keys + 1], used[key] = key, true
    end
    lu.assertEquals(keys, references.equations[n], "equation " .. n)
  end
  for _, r in ipairs(references.list) do
    lu.assertTrue(used[r.key], r.key .. " is not cited")
    lu.assertTrue((r.doi or r.arxiv or r.url) ~= nil, r.key .. " has neither DOI nor arXiv number nor address")
    if r.doi then lu.assertStrMatches(r.doi, "10%.%d+/%S+") end
    if r.arxiv then lu.assertNotNil(r.arxiv:match "^%d%d%d%d%.%d%d%d%d%d?$" or r.arxiv:match "^[%a-]+/%d+$", r.key) end
    lu.assertTrue(r.key:find(("%d$"):format(r.year)) ~= nil, r.key)
  end
end

os.exit(lu.LuaUnit.run())
