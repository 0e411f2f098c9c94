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

local LEVEL = 0.99

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

-- ---- from cells to means -------------------------------------------------------------------------------------

local FIELDS = { "P", "R", "B", "share", "change", "vote", "taking_part" }

-- One entry per (D, imbalance, power): means and intervals over replicates.
local function gather(results)
  local cells, order = {}, {}
  for _, row in ipairs(results:rows()) do
    local key = ("%d:%g:%g"):format(row.D, row.imbalance, row.power)
    local c = cells[key]
    if not c then
      c = { D = row.D, random = row.random, perfect = row.perfect, imbalance = row.imbalance, power = row.power, mean = {},
        interval = {} }
      for _, name in ipairs(FIELDS) do c[name] = {} end
      cells[key], order[#order + 1] = c, c
    end
    for _, name in ipairs(FIELDS) do table.insert(c[name], row[name]) end
  end
  table.sort(order, function(a, b)
    if a.imbalance ~= b.imbalance then return a.imbalance < b.imbalance end
    if a.power ~= b.power then return a.power < b.power end
    return a.D < b.D
  end)
  for _, c in ipairs(order) do
    c.law = law { D = c.D, random = c.random, perfect = c.perfect, imbalance = c.imbalance, power = c.power }
    for _, name in ipairs(FIELDS) do c.mean[name], c.interval[name] = limn.claims.interval(c[name], LEVEL) end
  end
  return order
end

local function report(results)
  local ledger = limn.claims.new "Contributions of perfect features, random features and a bias (99 % intervals)"
  local cells = gather(results)
  local function bound(id, claim, name, most)
    ledger:row { id = id, claim = claim, predicted = 0, measured = math.max(0, results:column(name):max()), interval = { -most, most } }
  end
  bound("A27", "P, B by the 2 x 2 system and by the fit: largest error", "exact", 1e-9)
  bound("A32", "sum over classes = prediction: largest error", "sum", 1e-9)
  bound("A32", "prediction = Gaussian process posterior mean: largest error", "kernel", 1e-9)
  bound("A32", "perfect features contribute n_p L'a y: largest error", "say", 1e-9)
  bound("A32", "contributions by gradient descent from zero: largest difference", "other", 1e-8)
  local b, most = cells[#cells].imbalance, 0
  for _, c in ipairs(cells) do most = math.max(most, c.D) end
  local function row(c, id, claim, name, predicted, verdict, note, tolerance)
    ledger:row { id = id, claim = ("%s, D = %d, b = %g"):format(claim, c.D, c.imbalance), predicted = predicted,
      measured = c.mean[name], interval = c.interval[name], tolerance = tolerance or 0.01, verdict = verdict, note = note }
  end
  for _, c in ipairs(cells) do
    if c.imbalance == b and (c.D == 64 or c.D == most) and (c.power == 0 or c.power == 1) then
      local size = c.power == 0 and "beta = 1" or "beta = sqrt(n)"
      row(c, "A27", "B/(B + R), " .. size, "share", c.law.share)
      row(c, "A27", "P/R over P/R without a bias, " .. size, "change", 1)
      row(c, "A27", "contribution of the bias to a new point, " .. size, "vote", c.law.vote)
    end
  end
  for _, c in ipairs(cells) do
    if c.imbalance == cells[1].imbalance and c.power == 0 and (c.D == 8 or c.D == 64 or c.D == most) then
      row(c, "A32", "participation (sum w^2)^2/sum w^4", "taking_part", c.law.taking_part, nil,
        ("of %d features, %d of them perfect"):format(c.random + c.perfect + 1, c.perfect), 0.03)
      row(c, "A32", "contribution R of the random features", "R", c.law.R)
    end
  end
  ledger:print()
  return ledger
end

-- ---- the figure ------------------------------------------------------------------------------------------------

local function bars(panel, cells, x, name, options)
  local o = { x = {}, y = {}, lo = {}, hi = {} }
  for i, c in ipairs(cells) do
    o.x[i], o.y[i], o.lo[i], o.hi[i] = x(c), c.mean[name], c.interval[name][1], c.interval[name][2]
  end
  for key, value in pairs(options) do o[key] = value end
  panel:errorbars(o)
end

local function plot(results)
  local cells = gather(results)
  local fig = limn.plot.figure { rows = 1, cols = 3, size = { 7.2, 2.7 }, letters = true }

  -- (a) B/(B + R) against the strength of the bias, every cell
  local lists, levels = {}, {}
  for _, c in ipairs(cells) do
    if not lists[c.imbalance] then lists[c.imbalance], levels[#levels + 1] = {}, c.imbalance end
    table.insert(lists[c.imbalance], c)
  end
  local function strength(c) return c.random ^ c.power * c.D / (c.random - c.D - 1) end
  local p = fig:panel(1, 1, { x = { label = m[[\beta^2 D/n]], scale = "log10" },
    y = { label = m[[\text{bias, }B/(B + R)]], scale = "log10" }, legend = "bottom right" })
  for i, b in ipairs(levels) do
    local low, high = math.huge, 0 -- the laws are drawn first, below the points
    for _, c in ipairs(lists[b]) do low, high = math.min(low, strength(c)), math.max(high, strength(c)) end
    local x = limn.logspace(low, high, 50)
    p:line { x = x, y = x / (x + 1) * b ^ 2, color = "black", dash = "solid", width = 0.8, mark = false,
      label = i == 1 and m[[b^2\kappa]] or nil }
  end
  for i = #levels, 1, -1 do
    local b = levels[i]
    bars(p, lists[b], strength, "share", { label = m(("b = %g"):format(b)), color = i, mark = ({ "circle", "square" })[i] })
  end

  -- (b) contributions along L against D, at the strongest bias and the largest imbalance; (c) participation, beta = 1
  local b, power = levels[#levels], 0
  for _, c in ipairs(cells) do power = math.max(power, c.power) end
  local strong, plain = {}, {}
  for _, c in ipairs(cells) do
    if c.imbalance == b and c.power == power then strong[#strong + 1] = c end
    if c.imbalance == levels[1] and c.power == 0 then plain[#plain + 1] = c end
  end
  local function by_D(c) return c.D end
  local function curve(list, name)
    local x, y, first, last = {}, {}, list[1], list[#list]
    for i = 0, 40 do
      local D = first.D * (last.D / first.D) ^ (i / 40)
      x[#x + 1] = D
      y[#y + 1] = law({ D = D, random = first.random, perfect = first.perfect, imbalance = first.imbalance,
        power = first.power })[name]
    end
    return x, y
  end
  local q = fig:panel(1, 2, { x = { label = m[[\text{data points }D]], scale = "log2" },
    y = { label = m[[\text{contribution along }L]], range = { 0, 1 } }, legend = "top right" })
  for i, name in ipairs { "R", "B", "P" } do
    local x, y = curve(strong, name)
    q:line { x = x, y = y, color = "black", dash = "solid", width = 0.8, mark = false, label = i == 1 and "laws" or nil }
    bars(q, strong, by_D, name, { label = ({ R = "random", B = "bias", P = "perfect" })[name], color = i,
      mark = ({ "circle", "square", "triangle" })[i] })
  end
  q:text { x = strong[1].D, y = 0.95, text = m(("\\beta^2 = n,\\; b = %g"):format(b)) }
  local r = fig:panel(1, 3, { x = { label = m[[\text{data points }D]], scale = "log2" },
    y = { label = "participation", scale = "log10" }, legend = "top right" })
  local x, y = curve(plain, "taking_part")
  r:line { x = x, y = y, law = true, dash = "solid", label = "law" }
  bars(r, plain, by_D, "taking_part", { color = 1, mark = "circle", label = m[[(\sum w^2)^2/\sum w^4]] })
  r:hline { y = plain[1].perfect, dash = "dotted" }
  r:text { x = plain[1].D, y = plain[1].perfect * 1.15, text = ("%d perfect"):format(plain[1].perfect) }
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
  reps = 8,
  cost = function(point) return point.D ^ 2 end,
  measure = measure,
  report = report,
  plot = plot,
}
