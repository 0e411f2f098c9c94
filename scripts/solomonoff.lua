-- solomonoff.lua: how many labels are needed before the true program dominates, under Bayes' rule and under
-- minimum-norm regression on the same enumerated programs? Bayes' rule concentrates on the programs that fit;
-- regression distributes the weight over all programs that correlate with the labels.
--
-- Every Boolean circuit of at most `bits` code bits on 6 inputs is enumerated, with prior 2^-length. K is -log2 of the
-- prior of a function, summed over its programs. The features of the regression are the same programs, with
-- multiplicities in proportion to 2^-length. Labels are the values of a target function at D of the 64 inputs, drawn
-- without replacement. The column share is P/sqrt(D), P the contribution of the target's programs.
--
-- Theory, p = 2^-K: posterior odds 2^D p/(1-p), so D* = K; P/R = D p/(1-p), so D* = 2^K - 1. Both laws assume that the
-- other programs are independent fair signs. Enumerated programs are correlated; the script measures the difference.
-- The enumeration lists about 10^4 functions at the default size: log2 of that number of labels (about 14)
-- distinguishes any two of them, so that D* = K can be tested for K < 14 only.
--
-- Noise: if each label is wrong with probability e, and e is known to the posterior, a label carries 1 - H(e) bits, H
-- the binary entropy: E log2 odds = log2 p/(1-p) + D (1 - H(e)), so D* = K/(1 - H(e)). Measured on the programs, and on
-- a pool of random signs with n_p copies of the truth, for which the law is derived. Here inputs are drawn with
-- replacement; every draw has an independent label.
--
-- Cost: under two minutes on one core, 40 ms per cell; three hours on one core with 100 times the replicates.

local limn = require "limn"

local INPUTS, TARGETS, CHECKED = 6, 18, 16
local LOG2 = 1 / math.log(2)
local NOISE = { 0, 0.05, 0.1, 0.2 } -- rates of wrong labels
local POOL, LONGEST = 1 << 14, 6    -- size of the pool of random signs; the largest D (1 - H) for which it suffices
local DRAWS = 8                     -- draws of noisy labels per pool

-- ---- the programs and the targets, computed once -----------------------------------------------------

local cache = {}

local function space_of(bits)
  if cache[bits] then return cache[bits] end
  local space = limn.programs.space { inputs = INPUTS, max_bits = bits }
  local features, order = limn.features.programs(space)
  local c = { space = space, inputs = space:points(), outputs = space:outputs(), kernel = features:gram(),
    complexity = (space.prior:log() * -LOG2):totable(), order = order }
  -- targets: the functions nearest to equally spaced values of K
  local low, high = math.huge, 0
  for _, k in ipairs(c.complexity) do low, high = math.min(low, k), math.max(high, k) end
  c.targets = {}
  local taken = {}
  for t = 1, TARGETS do
    local goal, best = low + (high - low) * (t - 1) / (TARGETS - 1), nil
    for i, k in ipairs(c.complexity) do
      if not taken[i] and (not best or math.abs(k - goal) < math.abs(c.complexity[best] - goal)) then best = i end
    end
    taken[best] = true
    c.targets[t] = best
  end
  cache[bits] = c
  return c
end

-- exp of the entropy of nonnegative weights.
local function effective(weights)
  local total, sum = 0, 0
  for _, w in ipairs(weights) do total = total + w end
  for _, w in ipairs(weights) do if w > 0 then sum = sum - w / total * math.log(w / total) end end
  return math.exp(sum)
end

-- ---- noisy labels --------------------------------------------------------------------------------------

-- Bits carried by a label that is wrong with probability e: 1 - H(e).
local function capacity(e)
  return e == 0 and 1 or 1 + (e * math.log(e) + (1 - e) * math.log(1 - e)) * LOG2
end

-- Number of labels at noise e that carry D bits.
local function stretched(D, e) return math.floor(D / capacity(e) + 0.5) end

local function flipped(labels, e, rng) return labels * (1 - 2 * rng:uniform(#labels):lt(e)) end

local function pool_complexity(target) return 1 + target / 4 end

-- log2 (1-p)/p of that pool.
local function pool_odds(target)
  local perfect = math.floor(POOL * 2 ^ -pool_complexity(target) + 0.5)
  return math.log((POOL - perfect) / perfect) * LOG2
end

-- Adds to `out`, for each noise rate: the posterior mass of the target, with inputs drawn with replacement; the gain in
-- log2 odds of the true features in a pool of random signs, averaged over draws of the noise.
local function noisy(out, point, c, rng)
  for i, e in ipairs(NOISE) do
    local n, rows = stretched(point.D, e), {}
    for j = 1, n do rows[j] = rng:integer(1, 1 << INPUTS) end
    local y = flipped(c.outputs:col(c.targets[point.target]):take(rows), e, rng)
    local post = assert(limn.programs.posterior(c.space, c.inputs:take(rows), y, { flip = e }))
    out["noisy" .. i] = post.mass[c.targets[point.target]]
    if e > 0 and point.D <= LONGEST then
      local f = limn.features.toy { points = n, count = POOL, complexity = pool_complexity(point.target),
        seed = rng:integer(1, 1 << 53) }
      local gain = 0
      for _ = 1, DRAWS do
        local masses = limn.regress.bayes(f, flipped(f.labels, e, rng), { flip = e }).classes
        gain = gain + math.log(masses.perfect / masses.random) * LOG2 + pool_odds(point.target)
      end
      out["pool" .. i] = gain / DRAWS
    end
  end
end

-- ---- one cell: (target, D, replicate) ----------------------------------------------------------------

local function measure(point, rng)
  local c = space_of(point.bits)
  local space, n = c.space, 1 << INPUTS
  local target = c.targets[point.target]
  local labels = c.outputs:col(target):copy()
  local order, chosen, rest = rng:permutation(n), {}, {}
  for i = 1, n do
    local row = math.tointeger(order[i]) or math.floor(order[i])
    table.insert(i <= point.D and chosen or rest, row)
  end
  local X, y = c.inputs:take(chosen), labels:take(chosen)
  local n_seen = point.D
  local post = assert(limn.programs.posterior(space, X, y))

  -- regression on the same programs: K a = y, K their Gram matrix at the labelled inputs
  local gram = limn.zeros(n_seen, n_seen)
  for i, a in ipairs(chosen) do
    for j, b in ipairs(chosen) do gram:set(i, j, c.kernel:get(a, b)) end
  end
  local dual, spread = gram:solve(y), limn.zeros(n)
  for i, a in ipairs(chosen) do spread:set(a, dual[i]) end
  local share = space.prior[target] * y:dot(dual)
  -- each program of function f has the weight f.a; their number is in proportion to prior[f]
  local w = c.outputs:T():matmul(spread)
  local out = {
    K = c.complexity[target], mass = post.mass[target], share = share,
    used_bayes = post.effective, used_regression = effective((space.prior * w * w):totable()),
  }
  if n_seen == CHECKED then -- the same through a feature set, a fit and its contributions
    local f = limn.features.programs(space, X, y, { truth = space:get(target).table })
    local parts = limn.contrib.analyse(f, limn.regress.minnorm(f, y))
    out.identity = math.abs(parts.P / math.sqrt(n_seen) - share) / share
  end
  if #rest > 0 then
    local mixture, right_b, right_r, miss_b, miss_r = post:predict(), 0, 0, 0, 0
    local says = c.kernel:matmul(spread)
    for _, row in ipairs(rest) do
      local truth, b, r = labels[row], mixture[row], says[row]
      right_b = right_b + (b * truth > 1e-9 and 1 or math.abs(b) <= 1e-9 and 0.5 or 0)
      right_r = right_r + (r * truth > 1e-9 and 1 or math.abs(r) <= 1e-9 and 0.5 or 0)
      miss_b, miss_r = miss_b + (b - truth) ^ 2, miss_r + (r - truth) ^ 2
    end
    out.right_bayes, out.right_regression = right_b / #rest, right_r / #rest
    out.miss_bayes, out.miss_regression = miss_b / #rest, miss_r / #rest
  end
  noisy(out, point, c, rng)
  if point.D == n - 1 then -- Solomonoff's bound over the whole sequence: sum of (1 - Pr(label))^2
    local last, errors = 0, 0
    for t = 1, point.D do
      local p = limn.programs.posterior(space, X:slice(1, t, 1, INPUTS), y:slice(1, t))
      errors = errors + (1 - math.exp(p.log_evidence - last)) ^ 2
      last = p.log_evidence
    end
    out.errors = errors
  end
  return out
end

-- ---- from cells to claims ----------------------------------------------------------------------------

local function median(list)
  table.sort(list)
  local n = #list
  return n % 2 == 1 and list[(n + 1) // 2] or (list[n // 2] + list[n // 2 + 1]) / 2
end

local function mean(list)
  local sum = 0
  for _, v in ipairs(list) do sum = sum + v end
  return sum / #list
end

-- The x at which y first reaches `goal`, interpolated linearly; nil if it does not.
local function reaches(x, y, goal)
  if y[1] >= goal then return x[1] end
  for i = 2, #x do
    if y[i] >= goal then return x[i - 1] + (x[i] - x[i - 1]) * (goal - y[i - 1]) / (y[i] - y[i - 1]) end
  end
end

local function analyse(results)
  local by, points, seen = {}, {}, {}
  for _, row in ipairs(results:rows()) do
    by[row.target] = by[row.target] or {}
    by[row.target][row.D] = by[row.target][row.D] or {}
    table.insert(by[row.target][row.D], row)
    if not seen[row.D] then seen[row.D] = true points[#points + 1] = row.D end
  end
  table.sort(points)
  local targets = {}
  for t = 1, TARGETS do
    if by[t] then
      local out = { D = points }
      for _, field in ipairs { "mass", "share", "used_bayes", "used_regression", "right_bayes", "right_regression",
        "miss_bayes", "miss_regression", "noisy1", "noisy2", "noisy3", "noisy4" } do
        out[field] = {}
        for i, d in ipairs(points) do
          local list = {}
          for _, row in ipairs(by[t][d]) do list[#list + 1] = row[field] end
          out[field][i] = #list > 0 and ((field == "mass" or field:find "^noisy") and median or mean)(list) or nil
        end
      end
      out.labels, out.noisy = {}, {} -- for each noise rate: numbers of labels; labels at which the mass is 1/2
      for i, e in ipairs(NOISE) do
        out.labels[i] = {}
        for j, d in ipairs(points) do out.labels[i][j] = stretched(d, e) end
        out.noisy[i] = reaches(out.labels[i], out["noisy" .. i], 0.5)
      end
      out.K = by[t][points[1]][1].K
      out.bayes = reaches(points, out.mass, 0.5)
      out.regression = reaches(points, out.share, 0.5)
      -- not reached: extrapolated from the last point with P/R in proportion to D
      local last, share = points[#points], out.share[#points]
      out.needed = out.regression or last * (1 - share) / share
      out.errors, out.identity = 0, 0
      for _, d in ipairs(points) do
        for _, row in ipairs(by[t][d]) do
          out.errors = math.max(out.errors, row.errors or 0)
          out.identity = math.max(out.identity, row.identity or 0)
        end
      end
      targets[#targets + 1] = out
    end
  end
  return targets
end

-- Labels per bit of C in the pool at noise number i: 1/slope of log2 odds against labels over the rows for which
-- use(row); nil if there are none.
local function labels_a_bit(results, i, use)
  local top, bottom = 0, 0
  for _, row in ipairs(results:rows()) do
    local gain, n = row["pool" .. i], stretched(row.D, NOISE[i])
    if gain and use(row) then top, bottom = top + n * n, bottom + n * gain end
  end
  return top > 0 and top / bottom or nil
end

local function noise_rows(ledger, results, targets)
  local reps, seen = {}, {}
  for _, row in ipairs(results:rows()) do
    if not seen[row.rep] then seen[row.rep], reps[#reps + 1] = true, row.rep end
  end
  local both = {}
  for _, t in ipairs(targets) do if t.noisy[1] then both[#both + 1] = t end end
  for i = 2, #NOISE do
    local e, law = NOISE[i], 1 / capacity(NOISE[i])
    if #reps > 1 then
      local r, interval = limn.claims.jackknife(reps, function(chosen)
        local use = {}
        for _, rep in ipairs(chosen) do use[rep] = true end
        return labels_a_bit(results, i, function(row) return use[row.rep] end)
      end)
      ledger:row { id = "A38", claim = ("labels at even odds / C, %g %% of labels wrong"):format(100 * e),
        predicted = law, measured = r, interval = interval, note = "1/(1 - H); pool of random signs" }
    end
    local r, interval = limn.claims.jackknife(both, function(list)
      local top, bottom = 0, 0
      for _, t in ipairs(list) do
        if t.noisy[i] then top, bottom = top + t.noisy[i] * t.noisy[1], bottom + t.noisy[1] ^ 2 end
      end
      return top / bottom
    end)
    ledger:row { id = "A38", claim = ("labels at posterior mass 1/2, %g %% of labels wrong / none"):format(100 * e),
      predicted = law, measured = r, interval = interval,
      verdict = interval[1] <= law and law <= interval[2] and "agrees" or "refines",
      note = "1/(1 - H); programs: one mismatch excludes a program only if there is no noise" }
  end
end

local function report(results)
  local targets, ledger = analyse(results), limn.claims.new "Bayes' rule and regression on the same programs"
  local k, bayes, needed, odds, worst, identity = {}, {}, {}, {}, 0, 0
  for i, t in ipairs(targets) do
    k[i], bayes[i], needed[i] = t.K, t.bayes, math.log(t.needed, 2)
    odds[i] = math.log(2 ^ t.K - 1, 2)
    worst = math.max(worst, t.errors / (math.log(2) / 2 * t.K))
    identity = math.max(identity, t.identity)
  end
  local most = 0
  for i = 1, #k do most = math.max(most, bayes[i] / k[i]) end
  ledger:row { id = "A8", claim = "labels at posterior mass 1/2, over K: largest", predicted = "about 1",
    measured = most,
    verdict = most < 1.5 and "agrees" or "disagrees" }
  local b, e = limn.claims.slope(k, bayes)
  ledger:row { id = "A8", claim = "labels at posterior mass 1/2: slope against K", predicted = 1, measured = b,
    interval = { b - 2 * e, b + 2 * e }, verdict = math.abs(b - 1) <= 2 * e and "agrees" or "refines",
    note = ("%d functions are listed; log2 of that number of labels separates any two"):format(
      space_of(results:rows()[1].bits).space.functions) }
  local r, f = limn.claims.slope(odds, needed)
  ledger:row { id = "A6", claim = "log2 of labels at P = R: slope against K", predicted = 1, measured = r,
    interval = { r - 2 * f, r + 2 * f }, verdict = math.abs(r - 1) <= 2 * f and "agrees" or "refines",
    note = "beyond 63 labels P/R is extrapolated in proportion to D" }
  local reached = 0
  for _, t in ipairs(targets) do if t.regression then reached = reached + 1 end end
  ledger:row { id = "A11", claim = "targets with P >= R at some D <= 63", predicted = "few",
    measured = ("%d of %d"):format(reached, #targets), verdict = reached < #targets / 2 and "agrees" or "disagrees" }
  ledger:row { id = "A38", claim = "sum of squared errors / ((ln 2 / 2) K), largest", predicted = "at most 1",
    measured = worst, verdict = worst <= 1 and "agrees" or "disagrees" }
  noise_rows(ledger, results, targets)
  ledger:row { id = "A12", claim = "P/sqrt(D) by the kernel and by contrib.analyse: largest error", predicted = 0,
    measured = identity,
    interval = { -1e-8, 1e-8 } }
  ledger:print()
  return ledger
end

-- Mean posterior mass of the true program in bins of D (1 - H)/K, at noise number i.
local function collapsed(results, i)
  local sums, x, y = {}, {}, {}
  for _, row in ipairs(results:rows()) do
    local bin = math.floor(stretched(row.D, NOISE[i]) * capacity(NOISE[i]) / row.K * 5 + 0.5)
    sums[bin] = sums[bin] or { 0, 0 }
    sums[bin] = { sums[bin][1] + row["noisy" .. i], sums[bin][2] + 1 }
  end
  for bin = 0, 15 do
    if sums[bin] then x[#x + 1], y[#y + 1] = bin / 5, sums[bin][1] / sums[bin][2] end
  end
  return x, y
end

-- ---- the figure ----------------------------------------------------------------------------------------

local MARKS = { "circle", "square", "triangle", "diamond" } -- by noise rate

local function nearest(targets, K)
  local best = targets[1]
  for _, t in ipairs(targets) do if math.abs(t.K - K) < math.abs(best.K - K) then best = t end end
  return best
end

local function plot(results)
  local targets = analyse(results)
  local fig = limn.plot.figure { rows = 3, cols = 2, size = { 6.75, 8 }, letters = true }
  local math_text, BAYES, REGRESSION = limn.plot.math, 4, 5 -- colours in (a); 1 to 3 are targets

  local p = fig:panel(1, 1, { x = { label = "complexity K of the target (bits)", range = { 0, 27 } },
    y = { label = "labels needed D*", scale = "log2", range = { 1, 2 ^ 27 } }, legend = "top left" })
  local ks, linear, exponential = {}, {}, {}
  for i = 1, 100 do ks[i] = 1.2 + 25 * i / 100; linear[i], exponential[i] = ks[i], 2 ^ ks[i] - 1 end
  local xb, yb, xr, yr, xf, yf = {}, {}, {}, {}, {}, {}
  for _, t in ipairs(targets) do
    if t.bayes then xb[#xb + 1], yb[#yb + 1] = t.K, t.bayes end
    if t.regression then
      xr[#xr + 1], yr[#yr + 1] = t.K, t.regression
    else
      xf[#xf + 1], yf[#yf + 1] = t.K, t.needed
    end
  end
  p:line { x = ks, y = exponential, color = REGRESSION, width = 0.8, mark = false, label = math_text "2^K - 1" }
  p:points { x = xr, y = yr, label = "regression, P = R", color = REGRESSION, mark = "circle" }
  p:points { x = xf, y = yf, label = "extrapolated from D = 63", color = REGRESSION, mark = "ocircle" }
  p:line { x = ks, y = linear, color = BAYES, width = 0.8, mark = false, dash = "solid", label = math_text "K" }
  p:points { x = xb, y = yb, label = "Bayes, posterior mass 1/2", color = BAYES, mark = "square" }
  p:hline { y = 64, dash = "dotted" }

  local shown = { nearest(targets, 5.5), nearest(targets, 12), nearest(targets, 18) }
  local labels = { label = "labels D", range = { 0, 64 } }

  local q = fig:panel(1, 2, { x = labels, y = { label = "weight of the true program", scale = "log10" },
    legend = "bottom right" })
  for i, t in ipairs(shown) do
    local odds, laws = 2 ^ -t.K / (1 - 2 ^ -t.K), {}
    for j, d in ipairs(t.D) do laws[j] = odds * d / (1 + odds * d) end
    q:line { x = t.D, y = t.mass, color = i, mark = false, dash = "solid", label = ("Bayes, K = %.1f"):format(t.K) }
    q:line { x = t.D, y = laws, law = true, color = i, mark = false, dash = "dotted", width = 0.8 }
    q:points { x = t.D, y = t.share, color = i, mark = "ocircle", label = i == 3 and "regression and its law" or nil }
  end

  local r = fig:panel(2, 1, { x = labels, y = { label = "squared error on unseen inputs" }, legend = "top right" })
  local s = fig:panel(2, 2, { x = labels, y = { label = "effective number of functions", scale = "log10" },
    legend = "none" }) -- legend in (c)
  for i, t in ipairs(shown) do
    local K = ("K = %.1f"):format(t.K)
    r:line { x = t.D, y = t.miss_bayes, color = i, mark = false, dash = "solid", label = "Bayes, " .. K }
    s:line { x = t.D, y = t.used_bayes, color = i, mark = false, dash = "solid", label = "Bayes, " .. K }
    r:line { x = t.D, y = t.miss_regression, color = i, dash = "dashed", mark = false, label = "regression, " .. K }
    s:line { x = t.D, y = t.used_regression, color = i, dash = "dashed", mark = false, label = "regression, " .. K }
  end

  -- with noise: all targets in the scaled variable; each target, and the pool of random signs
  local u = fig:panel(3, 1, { x = { label = math_text "D (1 - H) / K", range = { 0, 3 } },
    y = { label = "mean mass of the true program", range = { 0, 1 } }, legend = "bottom right" })
  local v = fig:panel(3, 2, { x = { label = "complexity K or C (bits)", range = { 0, 27 } },
    y = { label = "labels needed D*", range = { 0, 120 } }, legend = "top left" })
  for i, e in ipairs(NOISE) do
    local name = ("%g %% wrong"):format(100 * e)
    local x, y = collapsed(results, i)
    u:line { x = x, y = y, color = i, mark = MARKS[i], size = 1, label = name }
    v:line { x = { 0, 27 }, y = { 0, 27 / capacity(e) }, law = true, color = i, mark = false, width = 0.8,
      label = i == 1 and math_text "K/(1 - H)" or nil }
    x, y = {}, {}
    for _, one in ipairs(targets) do
      if one.noisy[i] then x[#x + 1], y[#y + 1] = one.K, one.noisy[i] end
    end
    v:points { x = x, y = y, color = i, mark = MARKS[i], size = 1.1, label = name }
    x, y = {}, {}
    for target = 1, TARGETS, 3 do
      local each = labels_a_bit(results, i, function(row) return row.target == target end)
      if each then x[#x + 1], y[#y + 1] = pool_odds(target), pool_odds(target) * each end
    end
    if #x > 0 then
      v:points { x = x, y = y, color = i, mark = "ocircle", size = 2, label = i == #NOISE and "random signs" or nil }
    end
  end
  local fine, laws = {}, {}
  for j = 0, 60 do
    local sum = 0
    for _, t in ipairs(targets) do sum = sum + 1 / (1 + (2 ^ t.K - 1) * 2 ^ (-j / 20 * t.K)) end
    fine[j + 1], laws[j + 1] = j / 20, sum / #targets
  end
  u:line { x = fine, y = laws, law = true, color = "black", mark = false, dash = "dotted", label = "law" }

  return fig
end

return limn.experiment {
  name = "solomonoff",
  question = "How many labels does the true program need to dominate, under Bayes' rule and under regression?",
  params = {
    bits = { default = 30, help = "largest code length of a program, bits", min = 12, max = 40 },
    target = { default = 1, help = "target function, 1 simplest .. 18 most complex", min = 1, max = TARGETS },
    D = { default = 16, help = "number of labelled inputs, of 64", min = 1, max = 63 },
  },
  grid = { target = "1:18", D = { 1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 48, 56, 63 } },
  reps = 8,
  measure = measure,
  report = report,
  plot = plot,
}
