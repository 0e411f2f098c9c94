-- optimisers.lua: which norm does each training algorithm minimise implicitly, and what are the contributions of
-- perfect and random features under it?
--
-- The essay's nets are trained in the standard way. With more features than points every algorithm fits the labels;
-- which interpolant it reaches depends on the geometry of its steps. Steepest descent with steps of unit length in a
-- norm moves in the direction of the most negative slope under that norm:
--     L2     gradient descent:                             along the gradient g;
--     L1     coordinate descent (boosting, Lasso):         the one weight with the largest |g_j|;
--     Linf   sign descent, and Adam without its epsilon:   sign(g), the same amount for every weight.
-- Adam's steps are equal only as far as its moving averages of g and g^2 span the same steps. With the usual rates 0.9 and
-- 0.99 the second spans ten times as many, the steps differ, and the margin approaches the maximum much more slowly than
-- with 0.9 and 0.9.
-- On the logistic loss the direction of w tends to the maximum margin under that norm, that is to the minimum norm with
-- y_d (F w)_d >= 1 at all points (Gunasekar et al. 2018; for Adam Zhang et al. 2024). The points of the toy pool are
-- statistically equivalent and all margins become equal, so the maximum margin is the minimum-norm interpolant and
-- (see ladder.lua)
--     P/R = p/(1-p) D^q / E|S_D|^q,   S_D a sum of D fair signs, q the exponent dual to that of the norm:
--     L1: R = 0.   L2: pD/(1-p).   Linf: p/(1-p) D/E|S_D|, the smallest P/R of the three.
-- On the squared loss gradient descent from 0 ends exactly at the minimum L2 norm; the other two need not end at the
-- minimum of their norms.
--
-- Cost: about a minute on two cores, in proportion to steps x D x N.

local limn = require "limn"
local m = limn.plot.math

local RULES = {
  { name = "coordinate descent", norm = 1, text = "L1" },
  { name = "gradient descent", norm = 2, text = "L2" },
  { name = "sign descent", norm = math.huge, text = "L∞" },
  { name = "Adam", norm = math.huge, text = "L∞", square = 0.99 },
  { name = "Adam, b2 = b1", norm = math.huge, text = "L∞", square = 0.9 },
}
local COORDINATE, GRADIENT, SIGN = 1, 2, 3
local LOSSES = { "logistic", "squared" }

-- ---- steps --------------------------------------------------------------------------------------------------

-- By norm. Each takes the negative gradient and returns a step.
local steps = {}

steps[1] = function(g)
  local j, step = g:abs():argmax(), limn.zeros(#g)
  step[j] = g[j] > 0 and 1 or -1
  return step
end

steps[2] = function(g) return g / g:norm() end

steps[math.huge] = function(g) return g:sign() end

-- Adam; `state` keeps its moments.
local function adam(g, state, b2)
  local b1 = 0.9
  state.t = (state.t or 0) + 1
  state.m = state.m and state.m * b1 + g * (1 - b1) or g * (1 - b1)
  state.v = state.v and state.v * b2 + g * g * (1 - b2) or g * g * (1 - b2)
  return (state.m / (1 - b1 ^ state.t)) / ((state.v / (1 - b2 ^ state.t)):sqrt() + 1e-300)
end

-- Negative derivative of the loss in the output of each point, up to a common factor; steps have unit length.
local pulls = {}

function pulls.logistic(outputs, y)
  local margins = outputs * y
  local least = margins:min()
  if least <= 0 then return y / (margins:exp() + 1) end
  local fall = (least - margins):exp() -- avoids underflow at large margins
  return y * fall / (fall * math.exp(-least) + 1)
end

function pulls.squared(outputs, y) return y - outputs end

-- ---- one cell: (rule, loss, D, replicate) --------------------------------------------------------------------

local norms = {
  [1] = function(w) return w:abs():sum() end,
  [2] = function(w) return w:norm() end,
  [math.huge] = function(w) return w:abs():max() end,
}

-- The minimum-norm interpolant on the same pool.
local function best_of(f, norm)
  if norm == 1 then return assert(limn.regress.l1(f)) end
  if norm == 2 then return limn.regress.minnorm(f) end
  return assert(limn.regress.lp(f, nil, { norm = norm }))
end

-- P/(P+R) along the labels: 1 where R = 0.
local function share_of(f, weights)
  local parts = limn.contrib.analyse(f, { weights = weights })
  local P, R = parts.classes.perfect.along, parts.classes.random.along
  return P / (P + R), parts.classes.random.across / (P + R)
end

-- Descent from w = 0; calls note(t, w, outputs) after each step.
local function descend(f, rule, loss, count, unit, note)
  local F, y = f:dense(), f.labels
  local FT, w, outputs, state = F:T():copy(), limn.zeros(f.count), limn.zeros(f.points), {}
  for t = 1, count do
    local g = FT:matmul(pulls[loss](outputs, y))
    if g:abs():max() == 0 then break end
    -- Steps of size 1/sqrt(t): their sum diverges, as the margins must. On the squared loss they are also reduced to 0,
    -- so that the weights converge. The unit is the norm of the minimum-norm interpolant.
    local size = (loss == "logistic" and 1 or 0.1 * (1 - (t - 1) / count)) / math.sqrt(t)
    local step = rule.square and adam(g, state, rule.square) or steps[rule.norm](g)
    w = w + step * (size * unit)
    outputs = F:matmul(w)
    if note then note(t, w, outputs) end
  end
  return w, outputs
end

local function copies_of(random, C) return math.max(1, math.floor(random / (2 ^ C - 1) + 0.5)) end

local function pool(D, random, C, rng)
  local copies = copies_of(random, C)
  return limn.features.toy { points = D, count = random + copies, perfect = copies, seed = rng:integer(1, 1 << 53) }
end

local function measure(point, rng)
  local rule, loss = RULES[point.rule], LOSSES[point.loss]
  local f = pool(point.D, point.random, point.C, rng)
  local norm, best = norms[rule.norm], best_of(f, rule.norm)
  local w, outputs = descend(f, rule, loss, point.steps, best.norm)
  local share, across = share_of(f, w)
  -- (f.L)^2/D of the random features, 1 in expectation. Coordinate descent has the same share and norm on every pool.
  local random = f:dense():T():matmul(f.labels):slice(f.count - point.random + 1, f.count)
  return {
    correlation = (random ^ 2):mean() / point.D, share = share, across = across, best = (share_of(f, best:weights_of(1, f.count))),
    margin = (outputs * f.labels):min() / norm(w) * best.norm, -- over the maximum margin
    residual = (f.labels - outputs):norm() / math.sqrt(point.D), size = norm(w) / best.norm,
  }
end

-- ---- claims, declared before any cell is computed --------------------------------------------------------------

-- P/(P+R) by the law of the rule's norm; for norm 2 at the finite number of features.
local function law(rule, D, C, random)
  local sizes = { points = D, complexity = C, norm = rule.norm }
  if rule.norm == 2 then sizes = { points = D, count = random + copies_of(random, C), perfect = copies_of(random, C) } end
  local ratio = limn.theory.ratio(sizes)
  return ratio == math.huge and 1 or ratio / (1 + ratio)
end

-- The D at which P/(P+R) is compared: the second largest of three or more, since the laws are those of N >> D.
local function middle(D)
  table.sort(D)
  return D[math.max(1, #D - 1)]
end

local function claims(params, plan)
  local rows, D = {}, middle(plan.grid.D)
  local function row(key, claim, essay, theory, test)
    test.id, test.key, test.claim, test.essay, test.theory = "A23", key, claim, essay, theory
    rows[#rows + 1] = test
  end
  for _, l in ipairs(plan.grid.loss) do
    for _, r in ipairs(plan.grid.rule) do
      local rule = RULES[r]
      local name, share = LOSSES[l] .. ", " .. rule.name, ("share %d %d"):format(l, r)
      local what = ("%s: P/(P+R), D = %d"):format(name, D)
      local exactly = l == 1 or r <= GRADIENT -- the theory names the norm that is minimised
      if r == COORDINATE then -- it takes a perfect feature in its first step and no other afterwards
        row("norm " .. l .. " 1", ("%s: %s over the optimum, and P/(P+R): largest |x - 1|"):format(name,
          l == 1 and "margin" or "norm"), nil, 0, { bound = 1e-4 }) -- its last step is about 10^-5
      elseif l == 1 then
        -- 5 %, on both sides: the optimum of another norm has 0.71 of the margin or less, and none has more than 1;
        -- 1 % where Adam's averages span the same steps
        row("norm 1 " .. r, ("%s: margin over the maximum in %s, all D"):format(name, rule.text), r == GRADIENT and 1 or nil, 1,
          { equal = { margin = r == #RULES and 0.01 or 0.05 },
            note = rule.square == 0.99 and "g^2 is averaged over ten times as many steps as g" or nil })
      elseif exactly then -- 1 %: the minimum norm itself
        row("norm 2 " .. r, ("%s: %s norm over the minimum, all D"):format(name, rule.text), 1, 1, { equal = { margin = 0.01 } })
      else
        row("norm 2 " .. r, ("%s: %s norm over the minimum, all D"):format(name, rule.text), nil, nil, { describe = true })
      end
      if r > COORDINATE then -- the laws of the three norms are 0.2 or more apart; 10 % of P/R, to be noticed, is 0.015 or more
        row(share, what, nil, exactly and law(rule, D, params.C, params.random) or nil,
          exactly and { equal = { margin = rule.norm == 2 and 0.015 or 0.0075 } } or { describe = true })
      end
    end
  end
  return rows
end

-- ---- from cells to estimates ---------------------------------------------------------------------------------

-- Replicates x values of D for a loss and a rule, and the values of D; nil if they were not run.
local function cells(results, l, r, field)
  local rows = results:where { loss = l, rule = r }
  if #rows == 0 then return end
  local out, _, D = rows:pivot("rep", "D", field)
  return out, D
end

local function report(results, ledger)
  local of = limn.claims
  for l in ipairs(LOSSES) do
    for r in ipairs(RULES) do
      local share, D = cells(results, l, r, "share")
      if share then
        local key = ("%d %d"):format(l, r)
        local ratio = cells(results, l, r, l == 1 and "margin" or "size")
        if r == COORDINATE then
          ledger:measure("norm " .. key, of.largest(limn.array { (ratio - 1):abs():max(), (share - 1):abs():max() }))
        else
          ledger:measure("norm " .. key, of.mean(ratio:mean(2))) -- over D
          ledger:measure("share " .. key, of.mean(share:col(math.max(1, #D - 1))))
        end
      end
    end
  end
end

-- ---- the figure ----------------------------------------------------------------------------------------------

local COLORS, MARKS = { 3, 1, 2, 5, 4 }, { "square", "circle", "triangle", "odiamond", "ocircle" }

-- Means and 95 % intervals over the rows of y.
local function bars(panel, x, y, options)
  local n = #y
  options.x, options.y = x, y:mean(1)
  options.error = n > 1 and y:std(1) * (limn.claims.student(n - 1, 0.95) / math.sqrt(n)) or y:mean(1) * 0
  panel:errorbars(options)
end

local function plot(results)
  local row = results:rows()[1]
  local fig = limn.plot.figure { rows = 1, cols = 3, size = { 7.2, 3 }, letters = true, legend = "top" }
  for l, loss in ipairs(LOSSES) do
    local p = fig:panel(1, l, { title = loss .. " loss", x = { label = m[[\text{data points }D]], scale = "log2" },
      y = { label = m[[P/(P+R)]], range = { 0, 1.05 } } })
    for r, rule in ipairs(RULES) do
      local share, D = cells(results, l, r, "share")
      if share then
        local xs, ys = {}, {}
        for i = 0, 40 do -- even D; the law differs between even and odd
          xs[i + 1] = 2 * math.floor(D[1] * (D[#D] / D[1]) ^ (i / 40) / 2 + 0.5)
          ys[i + 1] = law(rule, xs[i + 1], row.C, row.random)
        end
        if r <= SIGN then
          p:line { x = xs, y = ys, law = true, dash = "solid", label = r == 1 and "minimum norms" or nil }
        end
        bars(p, limn.array(D) * 1.06 ^ (r - 3), share, { color = COLORS[r], mark = MARKS[r],
          label = rule.name })
      end
    end
  end
  -- (c) margin against step, for one pool and the logistic loss
  local f = pool(32, row.random, row.C, limn.rng.stream { seed = 1 })
  local q = fig:panel(1, 3, { title = "logistic loss, D = 32", x = { label = "step t", scale = "log10" },
    y = { label = "1 - margin/maximum margin", scale = "log10", range = { 1e-6, 1 } } })
  for r = GRADIENT, #RULES do
    local rule, x, y, next_t = RULES[r], {}, {}, 1
    local best = best_of(f, rule.norm)
    descend(f, rule, "logistic", row.steps, best.norm, function(t, w, outputs)
      if t < next_t then return end
      local short = 1 - (outputs * f.labels):min() / norms[rule.norm](w) * best.norm
      if short > 1e-12 then x[#x + 1], y[#y + 1] = t, short end
      next_t = math.max(t + 1, math.floor(t * 1.15))
    end)
    q:points { x = x, y = y, color = COLORS[r], mark = MARKS[r], label = rule.name }
  end
  q:line { x = { 1, row.steps }, y = { 0.7, 0.7 / math.sqrt(row.steps) }, dash = "dashed", mark = false, color = "#666666",
    label = m[[t^{-1/2}]] }
  return fig
end

return limn.experiment {
  name = "optimisers",
  question = "Which norm does each training algorithm minimise implicitly, and which features dominate under it?",
  params = {
    rule = { default = 2, min = 1, max = #RULES, help = "1 coordinate, 2 gradient, 3 sign descent, 4 Adam, 5 Adam with b2 = b1" },
    loss = { default = 1, help = "1 logistic, 2 squared", min = 1, max = #LOSSES },
    D = { default = 32, help = "number of data points", min = 2 },
    C = { default = 5, help = "complexity of the perfect features, bits", min = 1 },
    random = { default = 4096, help = "number of random features", min = 8 },
    steps = { default = 1000, help = "number of descent steps", min = 10 },
  },
  grid = { rule = "1:5", loss = "1:2", D = { 16, 32, 64, 128 } },
  reps = 8,
  cost = function(point) return point.D end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
