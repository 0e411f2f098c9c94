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
-- From w0 = 0 the weights stay in proportion to f.L if L is an eigenvector of K, so that P/R is the same at every time. At
-- finite n it is (1 - (D+1)/n)/sqrt(1 + (D-1)/n) of its final value at the start, where R has a part perpendicular to L.
-- All fits are by regress.gd, run until the labels are met to 10^-9.
--
-- Cost: about a minute on two cores; work and memory grow as N.

local limn = require "limn"
local m = limn.plot.math

local PER_COPY = 256 -- random features per perfect one: p = 1/257 at every N
local GROUP = 4 -- size of the small ensembles

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

  -- the path from 0, in steps a twentieth as long: P/R over its final value at the first step and at half the labels
  local path = limn.regress.gd(f, nil, { steps = 40, rate = zero.rate / 20, record = 1 }).path
  local half = 2
  while half < #path.P and path.loss[half] > path.loss[1] / 4 do half = half + 1 end
  local last = limn.contrib.analyse(f, zero).ratio

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
    early = path.P[2] / path.R[2] / last, half = path.P[half] / path.R[half] / last,
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

-- ---- claims, declared before any cell is computed --------------------------------------------------------------

-- The D at which the ledger compares single cells: 64, or else the largest.
local function at_D(D)
  for _, d in ipairs(D) do if d == 64 then return 64 end end
  return D[#D]
end

local function ends(list) return #list > 1 and { list[1], list[#list] } or { list[1] } end

local function claims(params, plan)
  local rows, D, sizes = {}, at_D(plan.grid.D), plan.grid.random
  table.sort(sizes)
  local function row(id, key, claim, essay, theory, test)
    test.id, test.key, test.claim, test.essay, test.theory = id, key, claim, essay, theory
    rows[#rows + 1] = test
  end
  -- descent stops at 10^-9 of the labels
  row("A13", "nearest", "start zero: relative distance to the minimum-norm weights", 0, 0, { bound = 1e-7 })
  row("A29", "train", "random start: largest error at a training point", 0, 0, { bound = 1e-7 })
  row("A29", "antisymmetric", "antisymmetric: relative distance to the minimum-norm weights", 0, 0, { bound = 1e-7 })
  -- 5 %: a start of standard deviation 0.97/sqrt(N) is excluded
  row("A29", "spread", "extra variance over sigma^2 (phi'phi - k'K^-1 k), all cells", nil, 1, { equal = { margin = 0.05 } })
  -- 15 %: sigma^2 m, without the perfect features' part in K, would give 0.79 over the default grid
  row("A29", "sums", "variance of the perfect sum over sigma^2 m/(1+ms), all cells", nil, 1, { equal = { margin = 0.15 } })
  for _, n in ipairs(ends(sizes)) do
    local perfect = math.max(1, n // PER_COPY)
    local at, key, l = (", D = %d, N = %d"):format(D, n + perfect), " " .. n, law(D, n, perfect)
    -- 5 %: P and R that are learned at different rates, n + mD and n, would differ by mD/n = 25 %; the law is of first order
    row("A13", "early" .. key, "P/R at the first step over P/R at the end" .. at, 1, (1 - (D + 1) / n) / math.sqrt(1 + (D - 1) / n),
      { equal = { margin = 0.05 }, refines = "constant for n >> D" })
    -- 5 %: a variance without -D/N is excluded at the smallest N
    row("A29", "spread" .. key, "extra variance" .. at, nil, l.offset, { equal = { margin = 0.05, relative = true } })
    -- 0.03: one run, means of 4 and of 16 runs, and no offset are 0.05 or more apart
    for _, rule in ipairs { { "zero", "start zero", 0 }, { "one", "one random start", 1 },
      { "few", ("mean of %d runs"):format(GROUP), GROUP }, { "all", ("mean of %d runs"):format(params.starts), params.starts } } do
      row("A31", rule[1] .. key, ("sign correct, %s%s"):format(rule[2], at), nil, l.at(rule[3]), { equal = { margin = 0.03 } })
    end
    -- the essay's footnote 7 neglects the offset
    row("A29", "lost" .. key, "fraction of new signs lost to the offset" .. at, 0, l.at(0) - l.at(1),
      { equal = { margin = 0.03 }, refines = "no effect at the training points only" })
  end
  local n = sizes[#sizes]
  row("A13", "half", ("P/R at half the labels over P/R at the end, D = %d, N = %d"):format(D, n + math.max(1, n // PER_COPY)),
    1, nil, { equal = { margin = 0.02 } })
  return rows
end

-- ---- from cells to estimates -----------------------------------------------------------------------------------

local function report(results, ledger)
  local of, D, sizes = limn.claims, at_D(ledger.plan.grid.D), ledger.plan.grid.random
  for _, name in ipairs { "nearest", "train", "antisymmetric" } do ledger:measure(name, of.largest(results:column(name))) end
  local spread, sums = {}, {}
  for i, row in ipairs(results:rows()) do
    spread[i] = row.spread / row.kernel
    sums[i] = row.sums * (1 + row.perfect * row.s) * (row.random + row.perfect) / row.perfect
  end
  ledger:measure("spread", of.mean(spread))
  ledger:measure("sums", of.mean(sums))
  for _, n in ipairs(ends(sizes)) do
    local cells = results:where { D = D, random = n }
    for _, name in ipairs { "early", "spread", "zero", "one", "few", "all" } do
      ledger:measure(("%s %d"):format(name, n), of.mean(cells:column(name)))
    end
    ledger:measure("lost " .. n, of.paired(cells:column "zero", cells:column "one"))
  end
  ledger:measure("half", of.mean(results:where { D = D, random = sizes[#sizes] }:column "half"))
end

-- ---- the figure ------------------------------------------------------------------------------------------------

local RULES = {
  { field = "zero", k = 0, label = "start zero", color = 1, mark = "circle" },
  { field = "all", k = "starts", color = 3, mark = "square" },
  { field = "few", k = GROUP, label = ("mean of %d runs"):format(GROUP), color = 5, mark = "triangle" },
  { field = "one", k = 1, label = "one random start", color = 2, mark = "diamond" },
}

-- Means and 95 % intervals over the rows of y.
local function bars(panel, x, y, options)
  local n = #y
  options.x, options.y = x, y:mean(1)
  options.error = n > 1 and y:std(1) * (limn.claims.student(n - 1, 0.95) / math.sqrt(n)) or y:mean(1) * 0
  panel:errorbars(options)
end

local function plot(results)
  local Ds, sizes, starts = results:distinct("D"), results:distinct("random"), results:rows()[1].starts
  local least, most, D_up = sizes[1], sizes[#sizes], Ds[math.min(3, #Ds)] -- along D at the least N; along N at one D
  local function along_D(field) return (results:where { random = least }:pivot("rep", "D", field)) end
  local function along_N(field) return (results:where { D = D_up }:pivot("rep", "random", field)) end
  local fig = limn.plot.figure { rows = 1, cols = 3, size = { 7.2, 3 }, letters = true, legend = "top" }
  local perfect = math.max(1, least // PER_COPY)
  local N, first, last = least + perfect, Ds[1], Ds[#Ds]

  -- (a) variances due to the start
  local ds, offset, sums, kernel = {}, {}, {}, {}
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
  bars(p, Ds, along_D "spread", { label = "output, over starts", color = 2, mark = "circle" })
  bars(p, Ds, along_D "noise", { label = "output, over points", color = 1, mark = "square" })
  bars(p, Ds, along_D "sums", { label = "perfect sum, over starts", color = 4, mark = "triangle" })

  -- (b) probability of a correct sign against D, (c) against N
  local function signs(panel, x, values, laws)
    for i, rule in ipairs(RULES) do
      local xs, ys = {}, {}
      for k, at in ipairs(laws) do xs[k], ys[k] = at[1], at[2].at(rule.k == "starts" and starts or rule.k) end
      panel:line { x = xs, y = ys, law = true, dash = "solid", label = i == 1 and "laws" or nil }
      bars(panel, x, values(rule.field), { color = rule.color, mark = rule.mark,
        label = rule.label or ("mean of %d runs"):format(starts) })
    end
    panel:hline { y = 0.5, dash = "dotted" }
  end
  local by_D, by_N, Ns = {}, {}, {}
  for i, n in ipairs(sizes) do Ns[i] = n + math.max(1, n // PER_COPY) end
  for i = 0, 20 do
    local D = math.floor(first * (last / first) ^ (i / 20) + 0.5)
    local copies = math.max(1, math.floor(perfect * (most / least) ^ (i / 20) + 0.5))
    by_D[i + 1] = { D, law(D, least, perfect) }
    by_N[i + 1] = { copies * (PER_COPY + 1), law(D_up, copies * PER_COPY, copies) }
  end
  local y = { label = "sign correct, new points", range = { 0.46, 1.02 } }
  local q = fig:panel(1, 2, { x = { label = m[[\text{data points }D]], scale = "log2" }, y = y })
  signs(q, Ds, along_D, by_D)
  q:text { x = last, y = 0.475, align = "right", text = m(("N = %d,\\; p = 1/%d"):format(N, PER_COPY + 1)) }
  local r = fig:panel(1, 3, { x = { label = m[[\text{features }N]], scale = "log2" }, y = y })
  signs(r, Ns, along_N, by_N)
  r:text { x = Ns[#Ns], y = 0.475, align = "right", text = m(("D = %d,\\; p = 1/%d"):format(D_up, PER_COPY + 1)) }
  return fig
end

return limn.experiment {
  name = "random_start",
  question = "How do random initial weights change the output at points outside the training set?",
  params = {
    D = { default = 64, help = "number of data points", min = 2 },
    random = { default = 512, help = "number of random features; one perfect feature per 256 of them", min = 8 },
    starts = { default = 16, help = "random starts per cell", min = 4 },
    new = { default = 512, help = "new points per cell", min = 8 },
  },
  grid = { D = { 8, 16, 32, 64, 128, 256 }, random = { 512, 2048, 8192 } },
  reps = 16,
  cost = function(point) return point.random * (point.D + 64) end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
