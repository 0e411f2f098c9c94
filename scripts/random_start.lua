-- random_start.lua: how do random initial weights change the output at points outside the training set?
--
-- Gradient descent from w0 ends at w = F^+ L + (I - F^+ F) w0. The outputs at the training points do not depend on w0.
-- At a new point phi with label y (m perfect features equal to y, n random fair signs) w0 adds an offset. For
-- w0 ~ N(0, sigma^2) with sigma^2 = 1/N, as in a standard initialisation, K = F F' and k = F phi:
--     variance of the output                sigma^2 (phi'phi - k'K^-1 k), a Gaussian process posterior variance;
--     its mean over new points              sigma^2 (n - D + m (1+s)/(1+ms)), about 1 - D/N;
--     variance of the perfect features' sum sigma^2 m/(1+ms), much smaller.
-- s = L'W^-1 L, W the Gram matrix of the random features. The output is alpha y + noise with alpha = ms/(1+ms) and
-- noise variance s/(1+ms)^2. The sign is correct with probability
--     Phi(m sqrt s), about Phi(p sqrt(N D)), from w0 = 0: it tends to 1 with N at any D, also where P << R;
--     Phi(alpha/sqrt(noise + offset)) from one random start: it needs D of the order of 1/p;
--     Phi(alpha/sqrt(noise + offset/k)) for the mean of k runs. The mean reduces the offset; start "antisymmetric",
--     which subtracts the initial function, removes it.
-- All fits are by regress.gd, run until the labels are met to 10^-9.
--
-- Cost: about a minute on two cores; work and memory grow as N. With 100 times the features an hour and 30 GB over all
-- workers; fewer new points or storage = "stream" need less.

local limn = require "limn"
local m = limn.plot.math

local PER_COPY = 256 -- random features per perfect one: p = 1/257 at every N
local GROUP = 4 -- size of the small ensembles
local LEVEL = 0.99 -- of every interval; the ledger has about twenty

-- ---- one cell: (D, random, replicate) ------------------------------------------------------------------

-- Fraction of the outputs (new points x fits) with the sign of y.
local function right(outputs, y)
  return ((outputs * y:reshape(#y, 1)):gt(0)):mean()
end

local function measure(point, rng)
  local D, n, starts = point.D, point.random, point.starts
  local perfect = math.max(1, n // PER_COPY)
  local N = n + perfect
  local f = limn.features.toy { points = D, count = N, perfect = perfect, seed = rng:integer(1, 1 << 53) }
  -- new points: fair labels, perfect features equal to them, independent random features
  local phi = limn.features.toy { points = point.new, count = N, perfect = perfect, seed = rng:integer(1, 1 << 53) }
  local y = phi.labels
  local function descend(start, antisymmetric)
    local fit, message = limn.regress.gd(f, nil, { tol = 1e-9, start = start, antisymmetric = antisymmetric,
      seed = rng:integer(1, 1 << 53) })
    if not fit then error(message, 0) end
    return fit
  end
  local zero, best = descend "zero", limn.regress.minnorm(f)
  local scale = { scale = N ^ -0.5 }
  local still = descend(scale, true)

  local rows, sums, train = {}, limn.zeros(starts), 0
  for k = 1, starts do
    local fit = descend(scale)
    rows[k] = fit:predict(phi):totable()
    sums[k] = fit.weights:slice(1, perfect):sum()
    train = math.max(train, (fit:predict(f) - f.labels):abs():max())
  end
  local outputs = limn.array(rows):T() -- new points x starts
  local mean = outputs:mean(2)
  local spread = ((outputs - mean:reshape(#y, 1)) ^ 2):sum() / (starts - 1) / #y

  -- the same variance from the kernel
  local k = f:dense():matmul(phi:dense():T())
  local kernel = 1 - (k * f:gram():solve(k)):sum() / N / #y -- phi'phi = N
  local reach = f.labels:dot(best.dual) -- s/(1+ms)
  local plain = zero:predict(phi)
  local groups = {}
  for g = 1, starts // GROUP do
    groups[g] = right(outputs:slice(1, #y, (g - 1) * GROUP + 1, g * GROUP):mean(2):reshape(#y, 1), y)
  end
  return {
    perfect = perfect, train = train, s = reach / (1 - perfect * reach),
    spread = spread, kernel = kernel, sums = sums:var(),
    margin = (plain * y):mean(), noise = (plain * y):var(),
    zero = right(plain:reshape(#y, 1), y), one = right(outputs, y),
    few = limn.array(groups):mean(), all = right(mean:reshape(#y, 1), y),
    antisymmetric = (still.weights - best.weights):norm() / best.norm,
    nearest = (zero.weights - best.weights):norm() / best.norm,
  }
end

-- ---- laws --------------------------------------------------------------------------------------------------

-- Means over the distribution of s of the measured quantities; at(k): mean of k runs (0: no random start).
local function law(D, random, perfect)
  local draws = limn.theory.sample { points = D, count = random + perfect, perfect = perfect, kind = "sign",
    start = "random", reps = 2000 }
  local out = { offset = draws.offset:mean(), sums = 0 }
  local s = draws.s:totable()
  local noise, offset = draws.noise:totable(), draws.offset:totable()
  function out.at(k) -- probability of a correct sign
    local sum = 0
    for i = 1, #s do
      local alpha = perfect * s[i] / (1 + perfect * s[i])
      sum = sum + limn.theory.normal_cdf(alpha / math.sqrt(noise[i] + (k == 0 and 0 or offset[i] / k)))
    end
    return sum / #s
  end
  for i = 1, #s do out.sums = out.sums + perfect / (1 + perfect * s[i]) / (random + perfect) / #s end
  return out
end

-- ---- from cells to means -------------------------------------------------------------------------------------

local FIELDS = { "spread", "kernel", "sums", "zero", "one", "few", "all", "margin", "noise" }

-- One entry per (D, random), in order: the values of the replicates, their means and intervals.
local function gather(results)
  local cells, order = {}, {}
  for _, row in ipairs(results:rows()) do
    local key = row.D .. ":" .. row.random
    local c = cells[key]
    if not c then
      c = { D = row.D, random = row.random, perfect = row.perfect, starts = row.starts, ratio = {}, perfect_ratio = {} }
      for _, name in ipairs(FIELDS) do c[name] = {} end
      cells[key] = c
      order[#order + 1] = c
    end
    for _, name in ipairs(FIELDS) do table.insert(c[name], row[name]) end
    table.insert(c.ratio, row.spread / row.kernel)
    local predicted = row.perfect / (1 + row.perfect * row.s) / (row.random + row.perfect)
    table.insert(c.perfect_ratio, row.sums / predicted)
  end
  table.sort(order, function(a, b) return a.random < b.random or a.random == b.random and a.D < b.D end)
  for _, c in ipairs(order) do
    c.law = law(c.D, c.random, c.perfect)
    c.mean, c.interval = {}, {}
    for _, name in ipairs(FIELDS) do c.mean[name], c.interval[name] = limn.claims.interval(c[name], LEVEL) end
  end
  return order
end

local function report(results)
  local ledger = limn.claims.new "Random initial weights: the output off the training set (99 % intervals)"
  local cells = gather(results)
  local ratio, perfect_ratio = {}, {}
  for _, c in ipairs(cells) do
    table.move(c.ratio, 1, #c.ratio, #ratio + 1, ratio)
    table.move(c.perfect_ratio, 1, #c.perfect_ratio, #perfect_ratio + 1, perfect_ratio)
  end
  local function bound(id, claim, name, most)
    ledger:row { id = id, claim = claim, predicted = 0, measured = results:column(name):max(), interval = { -most, most } }
  end
  bound("A13", "start zero: relative distance to the minimum-norm weights", "nearest", 1e-7)
  bound("A29", "random start: largest error at a training point", "train", 1e-7)
  bound("A29", "antisymmetric: relative distance to the minimum-norm weights", "antisymmetric", 1e-7)
  local value, interval = limn.claims.interval(ratio, LEVEL)
  ledger:row { id = "A29", claim = "extra variance over sigma^2 (phi'phi - k'K^-1 k), all cells", predicted = 1,
    measured = value, interval = interval, note = ("%d cells"):format(#ratio) }
  value, interval = limn.claims.interval(perfect_ratio, LEVEL)
  ledger:row { id = "A29", claim = "variance of the perfect sum over sigma^2 m/(1+ms), all cells", predicted = 1,
    measured = value, interval = interval, note = ("%d cells"):format(#perfect_ratio) }
  local function row(c, id, claim, name, predicted, verdict, note)
    ledger:row { id = id, claim = ("%s, D = %d, N = %d"):format(claim, c.D, c.random + c.perfect), predicted = predicted,
      measured = c.mean[name], interval = c.interval[name], tolerance = 0.002, verdict = verdict, note = note }
  end
  for _, c in ipairs(cells) do
    if c.D == 64 and (c.random == cells[1].random or c.random == cells[#cells].random) or #cells == 1 then
      row(c, "A29", "extra variance", "spread", c.law.offset)
      row(c, "A29", "variance of the perfect sum", "sums", c.law.sums)
      row(c, "A31", "sign correct, start zero", "zero", c.law.at(0))
      row(c, "A31", "sign correct, one random start", "one", c.law.at(1))
      row(c, "A31", ("sign correct, mean of %d runs"):format(GROUP), "few", c.law.at(GROUP))
      row(c, "A31", ("sign correct, mean of %d runs"):format(c.starts), "all", c.law.at(c.starts))
    end
  end
  -- the essay's footnote 7 neglects the offset; its effect on the signs of one run
  local c = cells[1]
  for _, other in ipairs(cells) do if other.D == 64 then c = other end end
  local lost = c.mean.zero - c.mean.one
  ledger:row { id = "A29", claim = "essay: the offset has no effect; fraction of new signs lost to it",
    predicted = 0, measured = lost, interval = { c.interval.zero[1] - c.interval.one[2],
      c.interval.zero[2] - c.interval.one[1] }, verdict = c.interval.zero[1] > c.interval.one[2] and "refines" or "agrees",
    note = ("D = %d, N = %d; no effect at training points only"):format(c.D, c.random + c.perfect) }
  ledger:print()
  return ledger
end

-- ---- the figure ------------------------------------------------------------------------------------------------

local RULES = {
  { field = "zero", k = 0, label = "start zero", color = 1 },
  { field = "all", k = "starts", color = 3 },
  { field = "few", k = GROUP, label = ("mean of %d runs"):format(GROUP), color = 5 },
  { field = "one", k = 1, label = "one random start", color = 2 },
}

local function bars(panel, cells, x, field, options)
  local o = { x = {}, y = {}, lo = {}, hi = {} }
  for i, c in ipairs(cells) do
    o.x[i], o.y[i] = x(c), c.mean[field]
    o.lo[i], o.hi[i] = math.max(c.interval[field][1], 1e-9), c.interval[field][2]
  end
  for key, value in pairs(options) do o[key] = value end
  panel:errorbars(o)
end

local function plot(results)
  local cells = gather(results)
  local least, most = cells[1].random, cells[#cells].random
  local across, up, D_up = {}, {}, nil -- along D at the least N; along N at one D
  for _, c in ipairs(cells) do
    if c.random == least then across[#across + 1] = c end
    if c.random == most then D_up = D_up and math.abs(math.log(D_up / 32)) < math.abs(math.log(c.D / 32)) and D_up or c.D end
  end
  for _, c in ipairs(cells) do if c.D == D_up then up[#up + 1] = c end end
  local fig = limn.plot.figure { rows = 1, cols = 3, size = { 7.2, 2.8 }, letters = true }
  local perfect, starts = across[1].perfect, across[1].starts
  local N = least + perfect

  -- (a) variances due to the start
  local ds, offset, sums, kernel = {}, {}, {}, {}
  local first, last = across[1].D, across[#across].D
  for i = 0, 40 do
    local D = first * (last / first) ^ (i / 40)
    local s = D / (least - D - 1)
    ds[#ds + 1] = D
    offset[#offset + 1] = (least - D + perfect * (1 + s) / (1 + perfect * s)) / N
    sums[#sums + 1] = perfect / (1 + perfect * s) / N
    kernel[#kernel + 1] = s / (1 + perfect * s) ^ 2
  end
  local p = fig:panel(1, 1, { x = { label = m[[\text{data points }D]], scale = "log2" },
    y = { label = "variance on a new point", scale = "log10", range = { 1e-4, 3 } }, legend = "bottom right" })
  p:line { x = ds, y = offset, law = true, dash = "solid" }
  p:line { x = ds, y = kernel, law = true, dash = "solid" }
  p:line { x = ds, y = sums, law = true, dash = "solid", label = "laws" }
  local function by_D(c) return c.D end
  bars(p, across, by_D, "spread", { label = "output, over starts", color = 2, mark = "circle" })
  bars(p, across, by_D, "noise", { label = "output, over points", color = 1, mark = "square" })
  bars(p, across, by_D, "sums", { label = "perfect sum, over starts", color = 4, mark = "triangle" })

  -- (b) probability of a correct sign against D, (c) against N
  local function signs(panel, list, x, laws)
    for _, rule in ipairs(RULES) do
      local xs, ys = {}, {}
      for i, at in ipairs(laws) do xs[i], ys[i] = at[1], at[2].at(rule.k == "starts" and starts or rule.k) end
      panel:line { x = xs, y = ys, color = rule.color, mark = false, dash = "solid", width = 0.8 }
      bars(panel, list, x, rule.field, { color = rule.color, mark = "circle",
        label = rule.label or ("mean of %d runs"):format(starts) })
    end
    panel:hline { y = 0.5, dash = "dotted" }
  end
  local q = fig:panel(1, 2, { x = { label = m[[\text{data points }D]], scale = "log2" },
    y = { label = "sign correct, new points", range = { 0.48, 1.02 } }, legend = "top left" })
  local along_D, along_N = {}, {}
  for i = 0, 20 do
    local D = math.floor(first * (last / first) ^ (i / 20) + 0.5)
    along_D[#along_D + 1] = { D, law(D, least, perfect) }
  end
  for i = 0, 20 do
    local copies = math.max(1, math.floor(perfect * (most / least) ^ (i / 20) + 0.5))
    along_N[#along_N + 1] = { copies * (PER_COPY + 1), law(D_up, copies * PER_COPY, copies) }
  end
  signs(q, across, by_D, along_D)
  q:text { x = last, y = 0.515, align = "right", text = m(("N = %d,\\; p = 1/%d"):format(N, PER_COPY + 1)) }
  local r = fig:panel(1, 3, { x = { label = m[[\text{features }N]], scale = "log2" },
    y = { label = "sign correct, new points", range = { 0.48, 1.02 } }, legend = "none" })
  signs(r, up, function(c) return c.random + c.perfect end, along_N)
  r:text { x = up[#up].random, y = 0.515, align = "right", text = m(("D = %d,\\; p = 1/%d"):format(D_up, PER_COPY + 1)) }
  return fig
end

return limn.experiment {
  name = "random_start",
  question = "How do random initial weights change the output at points outside the training set?",
  params = {
    D = { default = 64, help = "number of data points", min = 2 },
    random = { default = 512, help = "number of random features; one perfect feature per 256 of them", min = 8 },
    starts = { default = 16, help = "random starts per cell", min = 4 },
    new = { default = 256, help = "new points per cell", min = 8 },
  },
  grid = { D = { 8, 16, 32, 64, 128, 256 }, random = { 512, 2048, 8192 } },
  reps = 16,
  cost = function(point) return point.random * (point.D + 64) end,
  measure = measure,
  report = report,
  plot = plot,
}
