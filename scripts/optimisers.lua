-- optimisers.lua: which norm does each training algorithm minimise implicitly, and what are the contributions of
-- perfect and random features under it?
--
-- The essay's nets are trained in the standard way. With more features than points every algorithm fits the labels;
-- which interpolant it reaches depends on the geometry of its steps. Steepest descent with steps of unit length in a
-- norm moves in the direction of the most negative slope under that norm:
--     L2     gradient descent:                             along the gradient g;
--     L1     coordinate descent (boosting, Lasso):         the one weight with the largest |g_j|;
--     Linf   sign descent, and Adam without its epsilon:   sign(g), the same amount for every weight.
-- On the logistic loss the direction of w tends to the maximum margin under that norm, that is to the minimum norm with
-- y_d (F w)_d >= 1 at all points (Gunasekar et al. 2018; for Adam Zhang et al. 2024). The points of the toy pool are
-- statistically equivalent and all margins become equal, so the maximum margin is the minimum-norm interpolant and
-- (see ladder.lua)
--     P/R = p/(1-p) D^q / E|S_D|^q,   S_D a sum of D fair signs, q the exponent dual to that of the norm:
--     L1: R = 0.   L2: pD/(1-p).   Linf: p/(1-p) D/E|S_D|, the smallest P/R of the three.
-- On the squared loss gradient descent from 0 ends exactly at the minimum L2 norm; the other two need not end at the
-- minimum of their norms.
--
-- Cost: about a minute on two cores, in proportion to steps x D x N; an hour and a half with 100 times the features.

local limn = require "limn"
local m = limn.plot.math

local RULES = {
  { name = "coordinate descent", norm = 1, text = "L1" },
  { name = "gradient descent", norm = 2, text = "L2" },
  { name = "sign descent", norm = math.huge, text = "L∞" },
  { name = "Adam", norm = math.huge, text = "L∞" },
}
local LOSSES = { "logistic", "squared" }

-- ---- steps --------------------------------------------------------------------------------------------------

-- Each takes the negative gradient and returns a step; `state` keeps its moments.
local steps = {}

steps["coordinate descent"] = function(g)
  local j, step = g:abs():argmax(), limn.zeros(#g)
  step[j] = g[j] > 0 and 1 or -1
  return step
end

steps["gradient descent"] = function(g) return g / g:norm() end

steps["sign descent"] = function(g) return g:sign() end

steps["Adam"] = function(g, state)
  local b1, b2 = 0.9, 0.99
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
    w = w + steps[rule.name](g, state) * (size * unit)
    outputs = F:matmul(w)
    if note then note(t, w, outputs) end
  end
  return w, outputs
end

local function pool(D, random, C, rng)
  local copies = math.max(1, math.floor(random / (2 ^ C - 1) + 0.5))
  return limn.features.toy { points = D, count = random + copies, perfect = copies, seed = rng:integer(1, 1 << 53) }
end

local function measure(point, rng)
  local rule, loss = RULES[point.rule], LOSSES[point.loss]
  local f = pool(point.D, point.random, point.C, rng)
  local norm, best = norms[rule.norm], best_of(f, rule.norm)
  local w, outputs = descend(f, rule, loss, point.steps, best.norm)
  local share, across = share_of(f, w)
  return {
    share = share, across = across, best = (share_of(f, best:weights_of(1, f.count))),
    margin = (outputs * f.labels):min() / norm(w) * best.norm, -- over the maximum margin
    residual = (f.labels - outputs):norm() / math.sqrt(point.D), size = norm(w) / best.norm,
  }
end

-- ---- from cells to claims --------------------------------------------------------------------------------------

-- P/(P+R) by the law of the rule's norm.
local function law(rule, D, C)
  local ratio = limn.theory.ratio { points = D, complexity = C, norm = rule.norm }
  return ratio == math.huge and 1 or ratio / (1 + ratio)
end

-- cells[loss][rule] = list of {D, rows} in order of D.
local function gather(results)
  local cells = {}
  for l = 1, #LOSSES do
    cells[l] = {}
    for r = 1, #RULES do cells[l][r] = {} end
  end
  for _, row in ipairs(results:rows()) do
    local list, found = cells[row.loss][row.rule], nil
    for _, c in ipairs(list) do if c.D == row.D then found = c end end
    if not found then
      found = { D = row.D, C = row.C, rows = {} }
      list[#list + 1] = found
    end
    table.insert(found.rows, row)
  end
  for l = 1, #LOSSES do
    for r = 1, #RULES do table.sort(cells[l][r], function(a, b) return a.D < b.D end) end
  end
  return cells
end

-- Mean and interval of f(row) over the rows of the listed cells.
local function interval(list, f)
  local values = {}
  for _, c in ipairs(list) do
    for _, row in ipairs(c.rows) do values[#values + 1] = f(row) end
  end
  return limn.claims.interval(values, 0.99)
end

local function share(row) return row.share end

local function report(results)
  local ledger = limn.claims.new "Implicit norms of training algorithms (99 % intervals)"
  local cells = gather(results)
  for r, rule in ipairs(RULES) do
    local list = cells[1][r]
    if #list > 0 then
      local value, bounds = interval(list, function(row) return row.margin end)
      ledger:row { id = "A23", claim = ("logistic, %s: margin over the maximum in %s, all D"):format(rule.name, rule.text),
        predicted = 1, measured = value, interval = bounds, verdict = value > 0.99 and "agrees" or "refines",
        note = value > 0.99 and "" or ("after %d steps"):format(list[1].rows[1].steps) }
      for _, c in ipairs { list[#list // 2 + 1], list[#list] } do
        value, bounds = interval({ c }, share)
        ledger:row { id = "A23", claim = ("logistic, %s: P/(P+R), D = %d"):format(rule.name, c.D),
          predicted = law(rule, c.D, c.C), measured = value, interval = bounds, tolerance = 0.02 }
      end
    end
  end
  for r, rule in ipairs(RULES) do
    local list = cells[2][r]
    if #list > 0 then
      local value, bounds = interval(list, function(row) return row.size end)
      local least = value < 1.001
      ledger:row { id = "A23", claim = ("squared, %s: %s norm over the minimum, all D"):format(rule.name, rule.text),
        predicted = 1, measured = value, interval = bounds, verdict = least and "agrees" or "refines",
        note = least and "" or "interpolates, but not with the minimum norm" }
      local c = list[#list]
      value, bounds = interval({ c }, share)
      ledger:row { id = "A23", claim = ("squared, %s: P/(P+R), D = %d"):format(rule.name, c.D),
        predicted = law(rule, c.D, c.C), measured = value, interval = bounds, tolerance = 0.02 }
    end
  end
  ledger:print()
  return ledger
end

-- ---- the figure ----------------------------------------------------------------------------------------------

local COLORS, MARKS = { 3, 1, 2, 5 }, { "square", "circle", "triangle", "odiamond" }

local function plot(results)
  local cells = gather(results)
  local fig = limn.plot.figure { rows = 1, cols = 3, size = { 7.2, 2.8 }, letters = true }
  for l, loss in ipairs(LOSSES) do
    local p = fig:panel(1, l, { title = loss .. " loss", x = { label = m[[\text{data points }D]], scale = "log2" },
      y = { label = m[[P/(P+R)]], range = { 0, 1.05 } }, legend = "none" }) -- legend in (c)
    for r, rule in ipairs(RULES) do
      local list = cells[l][r]
      local o = { x = {}, y = {}, lo = {}, hi = {}, color = COLORS[r], mark = MARKS[r], label = rule.name }
      local xs, ys = {}, {}
      for i, c in ipairs(list) do
        local value, bounds = interval({ c }, share)
        o.x[i], o.y[i], o.lo[i], o.hi[i] = c.D, value, bounds[1], bounds[2]
      end
      if r < 4 and #list > 0 then
        for i = 0, 40 do
          local D = 2 * math.floor(list[1].D * (list[#list].D / list[1].D) ^ (i / 40) / 2 + 0.5) -- the law differs between even and odd D
          xs[#xs + 1], ys[#ys + 1] = D, law(rule, D, list[1].C)
        end
        p:line { x = xs, y = ys, color = COLORS[r], mark = false, dash = "solid", width = 0.8 }
      end
      if #list > 0 then p:errorbars(o) end
    end
  end
  -- (c) margin against step, for one pool and the logistic loss
  local row = results:rows()[1]
  local f = pool(32, row.random, row.C, limn.rng.stream { seed = 1 })
  local q = fig:panel(1, 3, { title = "logistic loss, D = 32", x = { label = "step t", scale = "log10" },
    y = { label = "1 - margin/maximum margin", scale = "log10", range = { 1e-6, 1 } }, legend = "bottom left" })
  local first, last = 1, row.steps
  for r, rule in ipairs(RULES) do
    local best, x, y, next_t = best_of(f, rule.norm), {}, {}, 1
    descend(f, rule, "logistic", last, best.norm, function(t, w, outputs)
      if t < next_t then return end
      local short = 1 - (outputs * f.labels):min() / norms[rule.norm](w) * best.norm
      if short > 1e-12 then x[#x + 1], y[#y + 1] = t, short end
      next_t = math.max(t + 1, math.floor(t * 1.15))
    end)
    q:points { x = x, y = y, color = COLORS[r], mark = MARKS[r], label = rule.name .. (#x == 0 and " (0)" or "") }
  end
  q:line { x = { first, last }, y = { 0.7, 0.7 / math.sqrt(last) }, dash = "dashed", mark = false, color = "#666666",
    label = m[[t^{-1/2}]] }
  return fig
end

return limn.experiment {
  name = "optimisers",
  question = "Which norm does each training algorithm minimise implicitly, and which features dominate under it?",
  params = {
    rule = { default = 2, help = "1 coordinate descent, 2 gradient descent, 3 sign descent, 4 Adam", min = 1, max = #RULES },
    loss = { default = 1, help = "1 logistic, 2 squared", min = 1, max = #LOSSES },
    D = { default = 32, help = "number of data points", min = 2 },
    C = { default = 5, help = "complexity of the perfect features, bits", min = 1 },
    random = { default = 4096, help = "number of random features", min = 8 },
    steps = { default = 1000, help = "number of descent steps", min = 10 },
  },
  grid = { rule = "1:4", loss = "1:2", D = { 16, 32, 64, 128 } },
  reps = 6,
  cost = function(point) return point.D end,
  measure = measure,
  report = report,
  plot = plot,
}
