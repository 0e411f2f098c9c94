-- votes.lua: how do perfect features, random features and a bias contribute to a prediction?
--
-- D labels L of mean b; n random features (fair signs), n_p copies of L and one constant feature of value beta, the
-- bias of a last layer (footnote 5 of the essay). Minimum-norm weights w = F'a, K a = L, K = W + n_p LL' + beta^2 11'.
-- As w is unique, so is the decomposition of F w, and of the output at a new point, by class of features. The output is
-- the posterior mean of a Gaussian process with kernel K. With the 2 x 2 matrix S of inner products of L and 1 under
-- W^-1,
--     (1 + S C)(L'a, 1'a)' = S (1, 0)', C = diag(n_p, beta^2)   exactly.
-- For many features W = n I. With kappa = beta^2 D/(n + beta^2 D), and contributions along L in units of sqrt(D):
--     B/(B + R) = b^2 kappa for the bias B, and P/R = n_p D/n, as without a bias.
-- A bias with beta = 1 thus contributes b^2 D/n of B + R, which vanishes in a wide layer; one with beta = sqrt(n)
-- learns the mean label and contributes b^2 D/(D + 1). (At finite n the mean of W^-1 is 1/(n - D - 1).)
-- Participation, (sum w^2)^2/sum w^4, is the effective number of features in the fit: about N/3 for D << 1/p, n_p for
-- D >> 1/p.
--
-- Cost: under a minute on two cores, in proportion to D N; 100 times that with 100 times the features.

local limn = require "limn"
local m = limn.plot.math

-- ---- laws for many features ------------------------------------------------------------------------------------

-- The limit of many features, with n replaced by n - D - 1 = 1/E[1/W].
local function law(c)
  local D, b, n, copies, square = c.D, c.imbalance, c.random - c.D - 1, c.perfect, c.random ^ c.power
  local kappa = square * D / (n + square * D)
  local x = 1 / (n + copies * D * (1 - kappa * b ^ 2))
  local z = -kappa * b * x -- a = x L + z 1
  local l, one = D * (x + b * z), D * (b * x + z) -- L'a, 1'a
  local out = { kappa = kappa, P = copies * l, B = square * one * b, share = kappa * b ^ 2, vote = square * one }
  out.R = 1 - out.P - out.B
  -- moments of the weights: L'a (perfect), sums of D signed entries of a (random), beta 1'a (bias);
  -- the squares of the random ones add up to a'Wa, which without a bias is s/(1+ms)^2, s = D/(n - D - 1)
  local two, four = D * (x * x + 2 * b * x * z + z * z) * n / c.random,
    D / 2 * ((1 + b) * (x + z) ^ 4 + (1 - b) * (x - z) ^ 4)
  local second = copies * l ^ 2 + c.random * two + square * one ^ 2
  local fourth = copies * l ^ 4 + c.random * (3 * two ^ 2 - 2 * four) + square ^ 2 * one ^ 4
  out.taking_part = second ^ 2 / fourth
  return out
end

-- ---- one cell ----------------------------------------------------------------------------------------------------

-- The feature matrix with its constant column: perfect, random, bias.
local function pool(points, labels, c, seed, beta)
  local f = limn.features.toy { points = points, count = c.random + c.perfect, perfect = c.perfect, labels = labels,
    bias = true, seed = seed }
  local X = f:dense()
  for i = 1, points do X:set(i, c.random + c.perfect + 1, beta) end
  return X
end

local function measure(point, rng)
  local D, n, copies, b = point.D, point.random, point.perfect, point.imbalance
  local square = n ^ point.power
  local order, L = rng:permutation(D), limn.zeros(D)
  local up = math.floor(D * (1 + b) / 2 + 0.5)
  for i = 1, D do L[order[i]] = i <= up and 1 or -1 end
  b = L:mean()
  local X = pool(D, L, point, rng:integer(1, 1 << 53), math.sqrt(square))
  local N = n + copies + 1
  local f = limn.features.from(X, { labels = L,
    classes = { perfect = { 1, copies }, random = { copies + 1, copies + n }, bias = { N, N } } })
  local fit = limn.regress.minnorm(f, L)
  local parts = limn.contrib.analyse(f, fit, { participation = true })
  local root = math.sqrt(D)
  local P, R, B = parts.classes.perfect.along / root, parts.classes.random.along / root, parts.classes.bias.along / root

  -- the 2 x 2 system, from the random features only
  local coins = X:slice(1, D, copies + 1, copies + n)
  local W = coins:matmul(coins:T())
  local one = limn.ones(D)
  local to_L, to_1 = W:solve(L), W:solve(one)
  local s, u, v = L:dot(to_L), L:dot(to_1), one:dot(to_1)
  local a11, a12, a21, a22 = 1 + s * copies, u * square, u * copies, 1 + v * square
  local det = a11 * a22 - a12 * a21
  local l, ones = (s * a22 - u * a12) / det, (u * a11 - s * a21) / det
  local exact = math.max(math.abs(P - copies * l), math.abs(B - square * ones * b))

  -- new points, fair labels
  local y = rng:sign(point.new)
  local Z = pool(point.new, y, point, rng:integer(1, 1 << 53), math.sqrt(square))
  local votes = parts:at(Z)
  local kernel = Z:matmul(X:T()):matmul(fit.dual)
  local sum = votes.perfect + votes.random + votes.bias
  local out = {
    P = P, R = R, B = B, share = B / (B + R), change = P / R / (copies * s), exact = exact,
    sum = (sum - fit:predict(Z)):abs():max(), kernel = (kernel - votes.total):abs():max(),
    say = (votes.perfect * y - copies * l):abs():max(), vote = votes.bias:mean(),
    taking_part = parts.participation, other = -1,
  }
  if D <= 32 and point.power <= 0.5 then -- the same weights by gradient descent
    local descent, message = limn.regress.gd(f, L, { tol = 1e-11 })
    if not descent then error(message, 0) end
    local other = limn.contrib.analyse(f, descent):at(Z)
    out.other = math.max((other.perfect - votes.perfect):abs():max(), (other.random - votes.random):abs():max(),
      (other.bias - votes.bias):abs():max())
  end
  return out
end

-- ---- claims, declared before any cell is computed ----------------------------------------------------------

local IDENTITIES = {
  { "exact", "A27", "P, B by the 2 x 2 system and by the fit: largest error" },
  { "sum", "A32", "sum over classes = prediction: largest error" },
  { "kernel", "A32", "prediction = Gaussian process posterior mean: largest error" },
  { "say", "A32", "perfect features contribute n_p L'a y: largest error" },
  { "other", "A32", "contributions by gradient descent from zero: largest difference" },
}

local function law_at(row, D, imbalance, power)
  return law { D = D, random = row.random, perfect = row.perfect, imbalance = imbalance, power = power }
end

-- The cells that the ledger names: D = 8, 64 and the largest, where they are in the grid.
local function shown(D, all)
  table.sort(D)
  local out = {}
  for _, d in ipairs(D) do if d == 64 or d == D[#D] or all and d == 8 then out[#out + 1] = d end end
  return out
end

local function claims(params, plan)
  local rows, g = {}, plan.grid
  table.sort(g.imbalance)
  local function row(id, key, claim, essay, theory, test)
    test.id, test.key, test.claim, test.essay, test.theory = id, key, claim, essay, theory
    rows[#rows + 1] = test
  end
  for _, r in ipairs(IDENTITIES) do -- rounding; descent is run until the labels are met to 10^-11
    row(r[2], r[1], r[3], nil, 0, { bound = r[1] == "other" and 1e-8 or 1e-9 })
  end
  for _, power in ipairs(g.power) do
    for _, D in ipairs(power % 1 == 0 and shown(g.D, false) or {}) do
      local b = g.imbalance[#g.imbalance]
      local at = ("%s, D = %d, b = %g"):format(power == 0 and "beta = 1" or "beta = sqrt(n)", D, b)
      local key, l = (" %g %d"):format(power, D), law_at(params, D, b, power)
      -- 10 %: b in place of b^2 is 33 % more, and the law without 1 - kappa or with another power of D is further off
      row("A27", "share" .. key, "B/(B + R), " .. at, nil, l.share, { equal = { margin = 0.1, relative = true } })
      row("A27", "vote" .. key, "contribution of the bias to a new point, " .. at, nil, l.vote,
        { equal = { margin = 0.1, relative = true } })
      -- 5 %: a bias that reduced R alone would raise P/R by 7 % (beta = 1, D = 512) or double it (beta = sqrt(n))
      row("A27", "change" .. key, "P/R over P/R without a bias, " .. at, 1, 1, { equal = { margin = 0.05 } })
    end
  end
  for _, D in ipairs(shown(g.D, true)) do
    local at = (", D = %d, b = %g"):format(D, g.imbalance[1])
    local l = law_at(params, D, g.imbalance[1], 0)
    -- 5 %: N/3 is 6 % off at D = 8, and far off at larger D
    row("A32", "taking_part " .. D, "participation (sum w^2)^2/sum w^4" .. at, nil, l.taking_part,
      { equal = { margin = 0.05, relative = true },
        note = ("of %d features, %d of them perfect"):format(params.random + params.perfect + 1, params.perfect) })
    -- 0.015: R = 1 is excluded at D = 8
    row("A32", "R " .. D, "contribution R of the random features" .. at, nil, l.R, { equal = { margin = 0.015 } })
  end
  return rows
end

-- ---- from cells to estimates -----------------------------------------------------------------------------------

-- Replicates x values of D for one imbalance and power, and the values of D.
local function cells(results, imbalance, power, field)
  local out, _, D = results:where { imbalance = imbalance, power = power }:pivot("rep", "D", field)
  return out, D
end

local function report(results, ledger)
  local of, g = limn.claims, ledger.plan.grid
  local bs, powers, Ds = g.imbalance, g.power, g.D
  local function computed(v) return v >= 0 end
  for _, r in ipairs(IDENTITIES) do
    ledger:measure(r[1], of.largest(results:where { [r[1]] = computed }:column(r[1])))
  end
  local function mean(D, b, power, field)
    return of.mean(results:where { D = D, imbalance = b, power = power }:column(field))
  end
  for _, power in ipairs(powers) do
    for _, D in ipairs(power % 1 == 0 and shown(Ds, false) or {}) do
      for _, name in ipairs { "share", "vote", "change" } do
        ledger:measure(("%s %g %d"):format(name, power, D), mean(D, bs[#bs], power, name))
      end
    end
  end
  for _, D in ipairs(shown(Ds, true)) do
    for _, name in ipairs { "taking_part", "R" } do ledger:measure(name .. " " .. D, mean(D, bs[1], 0, name)) end
  end
end

-- ---- the figure ------------------------------------------------------------------------------------------------

local MARKS = { "circle", "square", "triangle" }

-- Means and 95 % intervals over the rows of y.
local function bars(panel, x, y, options)
  local n = #y
  options.x, options.y = x, y:mean(1)
  options.error = n > 1 and y:std(1) * (limn.claims.student(n - 1, 0.95) / math.sqrt(n)) or y:mean(1) * 0
  panel:errorbars(options)
end

local function plot(results)
  local row, bs, powers, Ds = results:rows()[1], results:distinct("imbalance"), results:distinct("power"), results:distinct("D")
  local b, power = bs[#bs], powers[#powers]
  local fig = limn.plot.figure { rows = 1, cols = 3, size = { 7.2, 2.7 }, letters = true }

  -- (a) B/(B + R) against the strength of the bias, every cell
  local function strength(D, at) return row.random ^ at * D / (row.random - D - 1) end
  local p = fig:panel(1, 1, { x = { label = m[[\beta^2 D/n]], scale = "log10" },
    y = { label = m[[\text{bias, }B/(B + R)]], scale = "log10" }, legend = "bottom right" })
  local x = limn.logspace(strength(Ds[1], powers[1]), strength(Ds[#Ds], power), 50)
  for i, imbalance in ipairs(bs) do
    p:line { x = x, y = x / (x + 1) * imbalance ^ 2, law = true, dash = "solid", label = i == 1 and m[[b^2\kappa]] or nil }
    for k, at in ipairs(powers) do
      local xs = {}
      for j, D in ipairs(Ds) do xs[j] = strength(D, at) end
      bars(p, xs, (cells(results, imbalance, at, "share")), { color = i, mark = MARKS[i],
        label = k == 1 and m(("b = %g"):format(imbalance)) or nil })
    end
  end

  -- (b) contributions along L against D, at the strongest bias and the largest imbalance; (c) participation
  local fine = limn.logspace(Ds[1], Ds[#Ds], 41)
  local function curve(imbalance, at, name)
    local y = {}
    for i, D in ipairs(fine:totable()) do y[i] = law_at(row, D, imbalance, at)[name] end
    return y
  end
  local q = fig:panel(1, 2, { x = { label = m[[\text{data points }D]], scale = "log2" },
    y = { label = m[[\text{contribution along }L]], range = { 0, 1 } }, legend = "top right" })
  for i, name in ipairs { "R", "B", "P" } do
    q:line { x = fine, y = curve(b, power, name), law = true, dash = "solid", label = i == 1 and "laws" or nil }
    bars(q, Ds, (cells(results, b, power, name)), { label = ({ R = "random", B = "bias", P = "perfect" })[name], color = i,
      mark = MARKS[i] })
  end
  q:text { x = Ds[1], y = 0.95, text = m(("\\beta^2 = %s,\\; b = %g"):format(power == 1 and "n" or ("n^{%g}"):format(power), b)) }
  local r = fig:panel(1, 3, { x = { label = m[[\text{data points }D]], scale = "log2" },
    y = { label = "participation", scale = "log10" }, legend = "top right" })
  r:line { x = fine, y = curve(bs[1], powers[1], "taking_part"), law = true, dash = "solid", label = "law" }
  bars(r, Ds, (cells(results, bs[1], powers[1], "taking_part")), { mark = "circle", label = m[[(\sum w^2)^2/\sum w^4]] })
  r:hline { y = row.perfect, dash = "dotted" }
  r:text { x = Ds[1], y = row.perfect * 1.15, text = ("%d perfect"):format(row.perfect) }
  return fig
end

return limn.experiment {
  name = "votes",
  question = "How do perfect features, random features and a bias contribute to a prediction?",
  params = {
    D = { default = 64, help = "number of data points (a multiple of 8)", min = 8 },
    random = { default = 4096, help = "number of random features", min = 8 },
    perfect = { default = 16, help = "copies of the labels", min = 1 },
    power = { default = 0.0, help = "exponent of the bias: beta^2 = random^power" },
    imbalance = { default = 0.75, help = "mean b of the labels" },
    new = { default = 64, help = "new points per cell", min = 1 },
  },
  grid = { D = { 8, 16, 32, 64, 128, 256, 512 }, power = { 0, 0.25, 0.5, 0.75, 1 }, imbalance = { 0.25, 0.75 } },
  reps = 12,
  cost = function(point) return point.D ^ 2 end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
