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
-- other programs are independent fair signs. Enumerated programs are correlated, and regression follows another law:
-- P = p y'G^-1 y, G the kernel of all programs at the labelled inputs, has the expectation of eigenlearning,
--     P = p sum_i v_i^2/(l_i + kappa),   sum_i l_i/(l_i + kappa) = D,
-- l_i the eigenvalues of the kernel on all inputs, over 64, and v_i the components of the target. Independent signs are the
-- case of one mode. A target in modes of small l_i is fitted by large weights of all programs, its own among them.
-- The enumeration lists about 10^4 functions at the default size: log2 of that number of labels (about 14)
-- distinguishes any two of them. Targets of a larger K are left out of the rows on D*. P/R is compared at a fixed number
-- of labels, since most targets do not reach P = R within the 64 inputs.
--
-- Noise: if each label is wrong with probability e, and e is known to the posterior, a label carries 1 - H(e) bits, H
-- the binary entropy: E log2 odds = log2 p/(1-p) + D (1 - H(e)), so D* = K/(1 - H(e)). Measured on the programs, and on
-- a pool of random signs with n_p copies of the truth, for which the law is derived. Here inputs are drawn with
-- replacement; every draw has an independent label.
--
-- Cost: under two minutes on one core, 40 ms per cell.

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

-- log2 P/R of some targets at D labels, by eigenlearning on the kernel of the programs.
local function ratio_law(bits, chosen, D)
  local c, n, out = space_of(bits), 1 << INPUTS, {}
  local eigenvalues, modes = c.kernel:eigh()
  eigenvalues = (eigenvalues / n):map(function(l) return math.max(l, 1e-300) end)
  local kappa = limn.theory.eigenlearning({ eigenvalues = eigenvalues, points = D }).kappa
  for i, t in ipairs(chosen) do
    local v = modes:T():matmul(c.outputs:col(c.targets[t]))
    local P = c.space.prior[c.targets[t]] * (v * v / (eigenvalues + kappa)):sum() / n
    out[i] = math.log(P / (1 - P), 2)
  end
  return out
end

local function odds_of(K) return math.log(2 ^ K - 1, 2) end -- log2 of (1-p)/p, p = 2^-K

-- exp of the entropy of nonnegative weights.
local function effective(weights)
  local total, sum = 0, 0
  for _, w in ipairs(weights) do total = total + w end
  for _, w in ipairs(weights) do if w > 0 then sum = sum - w / total * math.log(w / total) end end
  return math.exp(sum)
end

-- ---- noisy labels --------------------------------------------------------------------------------------

-- Bits carried by a label that is wrong with probability e: 1 - H(e).
local function capacity(e) return e == 0 and 1 or 1 + (e * math.log(e) + (1 - e) * math.log(1 - e)) * LOG2 end

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
  local labels, chosen, rest = c.outputs:col(target):copy(), {}, {}
  for i, row in ipairs(rng:permutation(n):totable()) do table.insert(i <= point.D and chosen or rest, math.tointeger(row)) end
  local X, y, n_seen = c.inputs:take(chosen), labels:take(chosen), point.D
  local post = assert(limn.programs.posterior(space, X, y))

  -- regression on the same programs: K a = y, K their Gram matrix at the labelled inputs
  local gram = limn.zeros(n_seen, n_seen)
  for i, a in ipairs(chosen) do
    for j, b in ipairs(chosen) do gram:set(i, j, c.kernel:get(a, b)) end
  end
  local dual, spread = gram:solve(y), limn.zeros(n)
  for i, a in ipairs(chosen) do spread:set(a, dual[i]) end
  local share = space.prior[target] * y:dot(dual)
  local w = c.outputs:T():matmul(spread) -- of each program of a function; their number is in proportion to the prior
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

-- ---- claims, declared before any cell is computed ------------------------------------------------------

-- Programs, functions and Kraft sum of the circuits of at most 20 bits: counted from the definition of the language by
-- other means.
local KNOWN = { { 2, 37458, 16, 0.9375 }, { 3, 11559, 78, 0.8837890625 }, { 4, 6468, 230, 0.875 } }
local FEW, MANY = 8, 32 -- labels at which P/R is compared

local function claims(params, plan)
  local rows, D = {}, {}
  for _, d in ipairs(plan.grid.D) do D[d] = true end
  local function row(id, key, claim, essay, theory, test)
    test.id, test.key, test.claim, test.essay, test.theory = id, key, claim, essay, theory
    rows[#rows + 1] = test
  end
  for _, known in ipairs(KNOWN) do
    local at = (" of at most 20 bits on %d inputs"):format(known[1])
    row("A20", "programs " .. known[1], "circuits" .. at, nil, known[2], { bound = 0.5 })
    row("A20", "functions " .. known[1], "functions of the circuits" .. at, nil, known[3], { bound = 0.5 })
    row("A20", "kraft " .. known[1], "sum of 2^-length over the circuits" .. at, nil, known[4], { bound = 1e-9 })
  end
  -- a prior that is a sum of 2^-length is a multiple of 2^-20 over the Kraft sum
  row("A20", "prior", "prior of a function times 2^20 times the Kraft sum: distance from whole numbers", nil, 0,
    { bound = 1e-6 })
  row("A14", "identity", "P/sqrt(D) by the kernel and by contrib.analyse: largest relative error", nil, 0, { bound = 1e-8 })
  row("A38", "errors", "sum of squared errors beyond (ln 2 / 2) K, over it: largest", 0, 0, { bound = 1e-9 })
  -- 0.3: K/2 and 2 K are excluded; 0.4: a square, a square root and an exponential are
  row("A8", "labels", "labels at even odds over K: mean over the targets with K < log2(functions)", 1, 1,
    { equal = { margin = 0.3 } })
  row("A8", "power", "labels at even odds ~ K^a: a", 1, 1, { slope = { margin = 0.4 } })
  local c, x = space_of(params.bits), {}
  for i, t in ipairs(plan.grid.target) do x[i] = -odds_of(c.complexity[c.targets[t]]) end
  for _, d in ipairs { FEW, MANY } do
    if D[d] then
      local law = #x > 1 and limn.claims.slope(x, ratio_law(params.bits, plan.grid.target, d)) or 1
      -- 0.1: the prior is off by at most a factor of 5 over 23 bits
      row("A6", "ratio " .. d, ("log2 P/R at %d labels against -log2(2^K - 1): slope"):format(d), 1, law,
        { slope = { margin = 0.1 }, refines = "programs are correlated: P = p sum v^2/(l + kappa)" })
      -- half a bit: D p/(1-p) is wrong by 1.5 bits on average at 32 labels
      row("A6", "law " .. d, ("log2 P/R at %d labels minus the law of correlated programs, mean over targets"):format(d), nil, 0,
        { equal = { margin = 0.5 } })
    end
  end
  -- "hardly used": less than half of the targets
  if D[63] then row("A11", "reached", "targets with P >= R at D = 63", TARGETS / 2, nil, { below = true }) end
  for i = 2, #NOISE do
    local law, wrong = 1 / capacity(NOISE[i]), ("%g %% of labels wrong"):format(100 * NOISE[i])
    -- 8 %: 1/(1 - 2e)^2, the loss of signal of a mean of labels, is excluded at every rate
    row("A38", "pool " .. i, ("labels at even odds / C, random signs, %s"):format(wrong), nil, law,
      { equal = { margin = 0.08, relative = true }, note = "1/(1 - H)" })
    row("A38", "noisy " .. i, ("labels at even odds / none wrong, programs, %s"):format(wrong), nil, nil,
      { describe = true, note = ("1/(1 - H) = %.2f is derived for independent signs; K < log2(functions)"):format(law) })
  end
  return rows
end

-- ---- from cells to estimates ---------------------------------------------------------------------------

local function mean(list)
  local sum = 0
  for _, v in ipairs(list) do sum = sum + v end
  return sum / #list
end

-- log2 odds of a posterior mass, within 2^-60 .. 2^20: a single excluded draw does not decide a mean.
local function odds(mass) return math.max(-60, math.min(20, math.log(mass / math.max(1 - mass, 1e-300), 2))) end

-- The x at which y first reaches 0, interpolated linearly; the last x if it does not.
local function reaches(x, y)
  for i = 1, #x do
    if y[i] >= 0 then return i == 1 and x[1] or x[i - 1] - (x[i] - x[i - 1]) * y[i - 1] / (y[i] - y[i - 1]) end
  end
  return x[#x]
end

-- Whether the rows of a target have every D and replicate: a sweep may be unfinished.
local function complete(rows, D, reps)
  for _, d in ipairs(rows and D or {}) do
    for _, rep in ipairs(reps) do if not (rows[d] and rows[d][rep]) then return false end end
  end
  return rows ~= nil
end

-- The complete targets in order of K: rows by D and replicate, the means over replicates, and labels(i, reps): the number of labels
-- at which the mean log2 odds over the replicates listed are even, at noise number i. Also the replicates.
local function analyse(results)
  local by, D, seen, reps = {}, {}, {}, {}
  for _, row in ipairs(results:rows()) do
    by[row.target] = by[row.target] or {}
    by[row.target][row.D] = by[row.target][row.D] or {}
    by[row.target][row.D][row.rep] = row
    if not seen[row.D] then seen[row.D], D[#D + 1] = true, row.D end
    if not seen["rep" .. row.rep] then seen["rep" .. row.rep], reps[#reps + 1] = true, row.rep end
  end
  table.sort(D)
  table.sort(reps)
  local targets = {}
  for t = 1, TARGETS do
    if complete(by[t], D, reps) then
      local out = { D = D, rows = by[t], K = by[t][D[1]][reps[1]].K }
      local function over(field, chosen, f)
        local y = {}
        for j, d in ipairs(D) do
          local list = {}
          for _, rep in ipairs(chosen) do list[#list + 1] = f(by[t][d][rep][field] or 0) end
          y[j] = mean(list)
        end
        return y
      end
      for _, field in ipairs { "share", "used_bayes", "used_regression", "miss_bayes", "miss_regression" } do
        out[field] = over(field, reps, function(v) return v end)
      end
      out.target, out.odds = t, odds_of(out.K)
      function out.spread(field, chosen, least) -- the ends of the 95 % interval of the mean at each D, at least `least`
        local lo, hi = {}, {}
        for j, d in ipairs(D) do
          local list = {}
          for k, rep in ipairs(chosen) do list[k] = by[t][d][rep][field] or 0 end
          local interval = #list > 1 and select(2, limn.claims.interval(list)) or { list[1], list[1] }
          lo[j], hi[j] = math.max(interval[1], least), math.max(interval[2], least)
        end
        return lo, hi
      end
      function out.labels(i, chosen)
        local x = {}
        for j, d in ipairs(D) do x[j] = stretched(d, NOISE[i]) end
        return reaches(x, over(i == 1 and "mass" or "noisy" .. i, chosen, odds))
      end
      targets[#targets + 1] = out
    end
  end
  return targets, reps
end

-- The targets whose D* the list of functions can test.
local function testable(targets, bits)
  local out, most = {}, math.log(space_of(bits).space.functions, 2)
  for _, t in ipairs(targets) do if t.K < most then out[#out + 1] = t end end
  return out
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

-- log2 of P/R of each target: against minus its log2 odds, one slope per replicate; minus its law, one mean per replicate.
local function ratios(targets, reps, D, bits)
  local x, ys, chosen, off = {}, {}, {}, {}
  for i, t in ipairs(targets) do x[i], chosen[i] = -t.odds, t.target end
  local law = ratio_law(bits, chosen, D)
  for k, rep in ipairs(reps) do
    ys[k], off[k] = {}, 0
    for i, t in ipairs(targets) do
      local share = t.rows[D][rep].share
      ys[k][i] = math.log(share / (1 - share), 2)
      off[k] = off[k] + (ys[k][i] - law[i]) / #targets
    end
  end
  return #x > 1 and limn.claims.fit_slope(x, ys) or nil, limn.claims.mean(off)
end

local function enumeration(ledger, of)
  local worst = 0
  for _, known in ipairs(KNOWN) do
    local space = limn.programs.space { inputs = known[1], max_bits = 20 }
    ledger:measure("programs " .. known[1], of.exact(space.programs))
    ledger:measure("functions " .. known[1], of.exact(space.functions))
    ledger:measure("kraft " .. known[1], of.exact(space.kraft))
    for _, v in ipairs((space.prior * (known[4] * 2 ^ 20)):totable()) do
      worst = math.max(worst, math.abs(v - math.floor(v + 0.5)))
    end
  end
  ledger:measure("prior", of.exact(worst))
end

local function report(results, ledger)
  local of, targets, reps = limn.claims, analyse(results)
  if #targets == 0 then return end
  local low = testable(targets, results:rows()[1].bits)
  local function tested(f) return #low > 1 and of.statistic(reps, f) or nil end
  local none = { note = #low < 2 and "no two targets with K < log2(functions)" or nil }
  local identity, beyond, reached, D = {}, {}, 0, targets[1].D
  enumeration(ledger, of)
  for _, row in ipairs(results:rows()) do
    identity[#identity + 1] = row.identity
    if row.errors then beyond[#beyond + 1] = math.max(0, row.errors / (math.log(2) / 2 * row.K) - 1) end
  end
  ledger:measure("identity", #identity > 0 and of.largest(identity) or nil, { note = ("computed at D = %d"):format(CHECKED) })
  ledger:measure("errors", #beyond > 0 and of.largest(beyond) or nil, { note = "computed at D = 63" })
  ledger:measure("labels", tested(function(chosen)
    local list = {}
    for i, t in ipairs(low) do list[i] = t.labels(1, chosen) / t.odds end
    return mean(list)
  end), none)
  ledger:measure("power", tested(function(chosen)
    local x, y = {}, {}
    for i, t in ipairs(low) do x[i], y[i] = math.log(t.odds), math.log(t.labels(1, chosen)) end
    return (limn.claims.slope(x, y))
  end), none)
  for _, d in ipairs(D) do
    if d == FEW or d == MANY then
      local slope, off = ratios(targets, reps, d, results:rows()[1].bits)
      ledger:measure("ratio " .. d, slope)
      ledger:measure("law " .. d, off)
    end
  end
  if D[#D] == 63 then
    for _, t in ipairs(targets) do if t.share[#D] >= 0.5 then reached = reached + 1 end end
    ledger:measure("reached", of.exact(reached), { note = ("of %d"):format(#targets) })
  end
  for i = 2, #NOISE do
    ledger:measure("pool " .. i, of.statistic(reps, function(chosen)
      local use = {}
      for _, rep in ipairs(chosen) do use[rep] = true end
      return labels_a_bit(results, i, function(row) return use[row.rep] end) or 0 / 0
    end))
    ledger:measure("noisy " .. i, tested(function(chosen)
      local top, bottom = 0, 0
      for _, t in ipairs(low) do
        local with, without = t.labels(i, chosen), t.labels(1, chosen)
        top, bottom = top + with * without, bottom + without ^ 2
      end
      return top / bottom
    end), none)
  end
end

-- ---- the figure ----------------------------------------------------------------------------------------

local MARKS = { "circle", "square", "triangle", "diamond" }

-- An estimate per target, with its 95 % interval where it has one.
local function bars(panel, targets, f, options)
  options.x, options.y, options.lo, options.hi = {}, {}, {}, {}
  for i, t in ipairs(targets) do
    local estimate = f(t)
    local interval = estimate:interval(0.95) or { estimate.value, estimate.value }
    options.x[i], options.y[i], options.lo[i], options.hi[i] = t.K, estimate.value, interval[1], interval[2]
  end
  panel:errorbars(options)
end

local function plot(results)
  local of, targets, reps = limn.claims, analyse(results)
  if #targets == 0 then return limn.plot.figure {} end
  local m, bits = limn.plot.math, results:rows()[1].bits
  local most = math.log(space_of(bits).space.functions, 2)
  local fig = limn.plot.figure { rows = 2, cols = 2, size = { 6.75, 5.4 }, letters = true }
  local K = { label = "complexity K of the target (bits)", range = { 0, 27 } }

  -- (a) labels at even odds, without noise and with it
  local p = fig:panel(1, 1, { x = K, y = { label = "labels at even odds", range = { 0, 150 } }, legend = "top left" })
  for i, e in ipairs(NOISE) do
    p:line { x = { 0, most }, y = { 0, most / capacity(e) }, law = true, dash = "solid", label = i == 1 and m "K/(1 - H)" or nil }
    bars(p, targets, function(t)
      return of.statistic(reps, function(chosen) return t.labels(i, chosen) end)
    end, { color = i, mark = MARKS[i], label = ("%g %% wrong"):format(100 * e) })
  end
  p:vline { x = most, dash = "dotted" }
  p:text { x = most + 0.4, y = 4, text = "list too short" }

  -- (b) P/R at fixed numbers of labels
  local q = fig:panel(1, 2, { x = K, y = { label = m[[\log_2 P/R]], range = { -25, 9 } }, legend = "top right" })
  local chosen, K_of = {}, {}
  for i, t in ipairs(targets) do chosen[i], K_of[i] = t.target, t.K end
  for i, d in ipairs { FEW, MANY } do
    if targets[1].rows[d] then
      q:points { x = K_of, y = ratio_law(bits, chosen, d), mark = "plus", color = "black", law = true,
        label = i == 1 and "law, correlated programs" or nil }
      q:line { x = { 1, 27 }, y = { math.log(d, 2), math.log(d, 2) - 27 }, law = true, dash = "solid",
        label = i == 1 and m[[\log_2 D/(2^K - 1)]] or nil }
      bars(q, targets, function(t)
        local list = {}
        for k, rep in ipairs(reps) do list[k] = math.log(1 / (1 / t.rows[d][rep].share - 1), 2) end
        return of.mean(list)
      end, { color = i, mark = MARKS[i], label = ("D = %d"):format(d) })
    end
  end

  -- (c), (d) three targets
  local r = fig:panel(2, 1, { x = { label = "labels D" }, y = { label = "squared error on unseen inputs" }, legend = "top right" })
  local s = fig:panel(2, 2, { x = { label = "labels D" }, legend = "top right",
    y = { label = "effective number of functions", scale = "log10", range = { 0.8, 2e4 } } })
  for i, wanted in ipairs { 5.5, 12, 18 } do
    local t = targets[1]
    for _, one in ipairs(targets) do if math.abs(one.K - wanted) < math.abs(t.K - wanted) then t = one end end
    local name = ("K = %.1f"):format(t.K)
    for panel, field in pairs { [r] = "miss_", [s] = "used_" } do
      for _, rule in ipairs { "Bayes", "regression" } do
        local column = field .. rule:lower()
        local lo, hi = t.spread(column, reps, field == "used_" and 0.8 or 0)
        panel:band { x = t.D, lo = lo, hi = hi, color = i, alpha = 0.15 }
        panel:line { x = t.D, y = t[column], color = i, mark = MARKS[i], size = 2, dash = rule == "Bayes" and "solid" or "dashed",
          label = ("%s, %s"):format(rule, name) }
      end
    end
  end
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
  claims = claims,
  report = report,
  plot = plot,
}
