-- solomonoff.lua: the same programs, used in two ways. Bayes' rule puts its mass on a few programs that
-- fit; minimum-norm regression spreads its weight over all that correlate. How many labels does the true
-- program need before it dominates each of them?
--
-- Every Boolean circuit of at most `bits` code bits on 6 inputs is enumerated, with prior 2^-length; K is
-- -log2 of the prior of a function, all its programs together. The regression has the same programs as
-- features, each 2^-length times. Labels come from a target function at D of the 64 inputs, drawn
-- without replacement; share is P/sqrt(D), P the length of what the target's own programs contribute.
--
-- Predicted: posterior odds 2^D p/(1-p), so D* = K; P/R = D p/(1-p), so D* = 2^K - 1, where p = 2^-K.
-- Both laws take the other programs for coin flips; real ones are correlated, which is what is measured.
--
-- Cost: about half a minute on one core, 10 to 25 ms a cell. 100 times the replicates: under an hour on one core.

local limn = require "limn"

local INPUTS, TARGETS, CHECKED = 6, 18, 16
local LOG2 = 1 / math.log(2)

-- ---- the space and the targets, made once ------------------------------------------------------------

local cache = {}

local function space_of(bits)
  if cache[bits] then return cache[bits] end
  local space = limn.programs.space { inputs = INPUTS, max_bits = bits }
  local features, order = limn.features.programs(space)
  local c = { space = space, inputs = space:points(), outputs = space:outputs(), kernel = features:gram(),
    complexity = (space.prior:log() * -LOG2):totable(), order = order }
  -- targets: evenly spread over K, the function nearest to each goal
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

-- Rows `chosen` (a list of row numbers) of a matrix, or entries of a vector.
local function take(a, chosen)
  local out = {}
  for i, r in ipairs(chosen) do out[i] = type(a[r]) == "number" and a[r] or a[r]:totable() end
  return limn.array(out)
end

-- exp of the entropy of nonnegative weights.
local function effective(weights)
  local total, sum = 0, 0
  for _, w in ipairs(weights) do total = total + w end
  for _, w in ipairs(weights) do if w > 0 then sum = sum - w / total * math.log(w / total) end end
  return math.exp(sum)
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
  local X, y = take(c.inputs, chosen), take(labels, chosen)
  local n_seen = point.D
  local post = assert(limn.programs.posterior(space, X, y))

  -- regression on the same programs: K a = y with K their Gram matrix at the labelled inputs
  local gram = limn.zeros(n_seen, n_seen)
  for i, a in ipairs(chosen) do
    for j, b in ipairs(chosen) do gram:set(i, j, c.kernel:get(a, b)) end
  end
  local dual, spread = gram:solve(y), limn.zeros(n)
  for i, a in ipairs(chosen) do spread:set(a, dual[i]) end
  local share = space.prior[target] * y:dot(dual)
  -- every program of function f weighs f.a, and there are prior[f] of them: squared weights per function
  local w = c.outputs:T():matmul(spread)
  local out = {
    K = c.complexity[target], mass = post.mass[target], share = share,
    used_bayes = post.effective, used_regression = effective((space.prior * w * w):totable()),
  }
  if n_seen == CHECKED then -- the same by the front door: a FeatureSet, a fit, its contributions
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
  if point.D == n - 1 then -- Solomonoff's bound, over the whole sequence: sum of (1 - Pr(label))^2
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

-- ---- from cells to answers ---------------------------------------------------------------------------

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

-- Where y first reaches `goal`, along straight lines between the points; nil if never.
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
        "miss_bayes", "miss_regression" } do
        out[field] = {}
        for i, d in ipairs(points) do
          local list = {}
          for _, row in ipairs(by[t][d]) do list[#list + 1] = row[field] end
          out[field][i] = #list > 0 and (field == "mass" and median or mean)(list) or nil
        end
      end
      out.K = by[t][points[1]][1].K
      out.bayes = reaches(points, out.mass, 0.5)
      out.regression = reaches(points, out.share, 0.5)
      -- P/R grows in proportion to D where the law holds: how far the last point is from 1
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

-- Slope and its standard error of y on x.
local function slope(x, y)
  local n, sx, sy = #x, mean(x), mean(y)
  local sxx, sxy, left = 0, 0, 0
  for i = 1, n do sxx, sxy = sxx + (x[i] - sx) ^ 2, sxy + (x[i] - sx) * (y[i] - sy) end
  local b = sxy / sxx
  for i = 1, n do left = left + (y[i] - sy - b * (x[i] - sx)) ^ 2 end
  return b, math.sqrt(left / (n - 2) / sxx)
end

local function report(results)
  local targets, ledger = analyse(results), limn.claims.new "Programs: Bayes' rule and regression on the same ones"
  local k, bayes, needed, odds, worst, identity = {}, {}, {}, {}, 0, 0
  for i, t in ipairs(targets) do
    k[i], bayes[i], needed[i] = t.K, t.bayes, math.log(t.needed, 2)
    odds[i] = math.log(2 ^ t.K - 1, 2)
    worst = math.max(worst, t.errors / (math.log(2) / 2 * t.K))
    identity = math.max(identity, t.identity)
  end
  local most = 0
  for i = 1, #k do most = math.max(most, bayes[i] / k[i]) end
  ledger:row { id = "A8", claim = "labels until Bayes' mass is 1/2, over K: largest", predicted = "about 1",
    measured = most,
    verdict = most < 1.5 and "agrees" or "disagrees" }
  local b, e = slope(k, bayes)
  ledger:row { id = "A8", claim = "the same, slope against K", predicted = 1, measured = b,
    interval = { b - 2 * e, b + 2 * e }, verdict = math.abs(b - 1) <= 2 * e and "agrees" or "refines",
    note = ("below 1: only %d functions are listed, so log2 of that many labels tell any two apart"):format(
      space_of(results:rows()[1].bits).space.functions) }
  local r, f = slope(odds, needed)
  ledger:row { id = "A6", claim = "log2 of labels until P = R, slope against K", predicted = 1, measured = r,
    interval = { r - 2 * f, r + 2 * f }, verdict = math.abs(r - 1) <= 2 * f and "agrees" or "refines",
    note = "exponential in K; P/R carried on in proportion to D past 63" }
  local reached = 0
  for _, t in ipairs(targets) do if t.regression then reached = reached + 1 end end
  ledger:row { id = "A11", claim = "targets whose programs ever carry half of the regression", predicted = "few",
    measured = ("%d of %d"):format(reached, #targets), verdict = reached < #targets / 2 and "agrees" or "disagrees" }
  ledger:row { id = "A38", claim = "sum of squared errors / ((ln 2 / 2) K), largest", predicted = "at most 1",
    measured = worst, verdict = worst <= 1 and "agrees" or "disagrees" }
  ledger:row { id = "A12", claim = "share by the kernel and by fit and contributions: worst error", predicted = 0,
    measured = identity,
    interval = { -1e-8, 1e-8 } }
  ledger:print()
  return ledger
end

-- ---- the figure ----------------------------------------------------------------------------------------

local function nearest(targets, K)
  local best = targets[1]
  for _, t in ipairs(targets) do if math.abs(t.K - K) < math.abs(best.K - K) then best = t end end
  return best
end

local function plot(results)
  local targets = analyse(results)
  local fig = limn.plot.figure { rows = 2, cols = 2, size = { 6.75, 5.4 }, letters = true }
  local math_text, BAYES, REGRESSION = limn.plot.math, 4, 5 -- colours of (a); 1 to 3 are targets

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
  p:points { x = xf, y = yf, label = "the same, extrapolated from D = 63", color = REGRESSION, mark = "ocircle" }
  p:line { x = ks, y = linear, color = BAYES, width = 0.8, mark = false, dash = "solid", label = math_text "K" }
  p:points { x = xb, y = yb, label = "Bayes, posterior mass 1/2", color = BAYES, mark = "square" }
  p:hline { y = 64, dash = "dotted" }

  local shown = { nearest(targets, 5.5), nearest(targets, 12), nearest(targets, 18) }
  local labels = { label = "labels D", range = { 0, 64 } }

  local q = fig:panel(1, 2, { x = labels, y = { label = "share of the true program", scale = "log10" },
    legend = "bottom right" })
  for i, t in ipairs(shown) do
    local odds, laws = 2 ^ -t.K / (1 - 2 ^ -t.K), {}
    for j, d in ipairs(t.D) do laws[j] = odds * d / (1 + odds * d) end
    q:line { x = t.D, y = t.mass, color = i, mark = false, dash = "solid", label = ("Bayes, K = %.1f"):format(t.K) }
    q:line { x = t.D, y = laws, law = true, color = i, mark = false, dash = "dotted", width = 0.8 }
    q:points { x = t.D, y = t.share, color = i, mark = "ocircle", label = i == 3 and "regression, and its law" or nil }
  end

  local r = fig:panel(2, 1, { x = labels, y = { label = "squared error on unseen inputs" }, legend = "top right" })
  local s = fig:panel(2, 2, { x = labels, y = { label = "effective number of functions", scale = "log10" },
    legend = "none" }) -- dashes and colours as in (c)
  for i, t in ipairs(shown) do
    local K = ("K = %.1f"):format(t.K)
    r:line { x = t.D, y = t.miss_bayes, color = i, mark = false, dash = "solid", label = "Bayes, " .. K }
    s:line { x = t.D, y = t.used_bayes, color = i, mark = false, dash = "solid", label = "Bayes, " .. K }
    r:line { x = t.D, y = t.miss_regression, color = i, dash = "dashed", mark = false, label = "regression, " .. K }
    s:line { x = t.D, y = t.used_regression, color = i, dash = "dashed", mark = false, label = "regression, " .. K }
  end

  return fig
end

return limn.experiment {
  name = "solomonoff",
  question = "How many labels until the true program dominates, by Bayes' rule and by regression on the same programs?",
  params = {
    bits = { default = 30, help = "longest program, in bits of code", min = 12, max = 40 },
    target = { default = 1, help = "target function: 1 simplest .. 18 most complex", min = 1, max = TARGETS },
    D = { default = 16, help = "labels seen, of the 64 inputs", min = 1, max = 63 },
  },
  grid = { target = "1:18", D = { 1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 48, 56, 63 } },
  reps = 8,
  measure = measure,
  report = report,
  plot = plot,
}
