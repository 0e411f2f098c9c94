-- which_limit.lua: to which function do trained nets converge as their width grows? The essay's limit, in which only the
-- last layer trains and features do not change, is regression with the NNGP kernel. Here nets in the standard
-- parameterisation train all layers at a rate of order 1/width.
--
-- Four random points in the plane, two of each label, or rows of a file (--data); inputs (x, 1), so that d = 3; L hidden
-- layers of n ReLUs; He weights; the initial output is subtracted (f_0 = 0); gradient descent to convergence. Three
-- predictors Kz K^-1 y on a 9 x 9 grid (or on further rows of the file):
--     NNGP         K_L = E[phi phi] of the last hidden layer
--     own limit    lim Theta_SP / n = sum_{l=1..L} E[phi phi]_l prod_{k>l} weight E[phi' phi']_k
--     NTK          the same plus the term of the input layer, which the NTK parameterisation keeps
-- "Own" is the limit of the standard parameterisation (SP). There the input layer contributes d/(d + L n) of the trace
-- of the tangent kernel and every other layer an equal part of the rest. For L = 1 the own limit equals the NNGP
-- predictor; for L > 1 the last layer contributes 1/L and the hidden layers keep their part. The distance to the
-- correct limit falls as n^-1/2; the distance to another predictor tends to a constant. Controls: the same nets with
-- only the last layer trained (limit NNGP at every L), and the NTK parameterisation (limit NTK). Distances are relative
-- to the norm of the own limit. The position of a net on the line between two predictors is 0 at the first, 1 at the
-- second: NNGP and own limit for L > 1, NNGP and NTK for L = 1.
--
-- The mean over nets is nearer to the limit than one net. Where features move as n^-1/2 (NTK parameterisation) and the
-- activation is smooth, the deviation of the mean falls as 1/n. ReLU units whose kink is within n^-1/2 of a data point
-- switch during training, a fraction n^-1/2 of all; their effect on the mean is of order n^-1/2. The squared deviation of
-- the mean is estimated without bias as the inner product of the deviations of two independent half ensembles.
--
-- Margins. Positions 0.25: the two ends are 1 apart, and a net halfway must belong to neither. Exponents 0.2: 0, -1/2 and
-- -1 compete, and one halfway must belong to neither. Fractions of the kernel 15 %: another L
-- changes them by a quarter or more. Rate 10 %: the largest eigenvalue
-- of the last layer's kernel alone, or of another L, is off by a third or more, and the value is one of infinite width.
--
-- Cost: a minute on two cores. A step costs n^2 at L = 2 and 3.

local limn = require "limn"

local SCHEMES = {
  { name = "standard", param = "standard", limit = "own" },
  { name = "standard, last layer only", param = "standard", rates = "last", limit = "nngp" },
  { name = "NTK parameterisation", param = "ntk", limit = "ntk" },
  { name = "NTK parameterisation, ReLU", param = "ntk", limit = "ntk", mean = "relu", from = 256, to = 4096, slope = -0.5,
    units = 1 << 16 },
  { name = "NTK parameterisation, erf", param = "ntk", limit = "ntk", mean = "erf", from = 128, to = 1024, slope = -1,
    units = 1 << 17 },
}
local LIMITS = { nngp = { kind = "nngp" }, own = { kind = "ntk", param = "standard" }, ntk = { kind = "ntk", param = "ntk" } }
local FROM = 64 -- exponents of single nets are fitted from this width on

-- ---- the task and its predictors, computed once ----------------------------------------------------------------

local function lifted(X)
  local n, d = X:shape()
  local out = limn.ones(n, d + 1)
  for i = 1, n do
    for c = 1, d do out:set(i, c, X:get(i, c)) end
  end
  return out
end

-- Points and labels of a file, NAME.csv or IMAGES.idx,LABELS.idx, as standardised columns: the first `points` rows to
-- train on, at most 81 others to compare on.
local function from_file(name, points)
  local images, labels = name:match "^(.-),(.+)$"
  local X, y = assert(limn.data[images and "idx" or "csv"](images or name, labels or nil))
  local n, d = X:shape()
  local rows, rest = {}, {}
  for i, row in ipairs(limn.rng.stream { seed = 1 }:permutation(n):totable()) do
    table.insert(i <= points and rows or rest, i <= points + 81 and math.tointeger(row) or nil)
  end
  for c = 1, d do
    local column = X:col(c)
    local m, s = column:mean(), column:std()
    for i = 1, n do X:set(i, c, s > 0 and (X:get(i, c) - m) / s or 0) end
  end
  return X:take(rows), ((y - y:mean()) / y:std()):take(rows), X:take(rest)
end

local task
local function the_task(params)
  if task then return task end
  local X, y, Z
  if params.data ~= "" then
    X, y, Z = from_file(params.data, params.points)
  else
    X, y = limn.data.random { points = params.points, balanced = true, seed = 5 }
    Z = limn.maps.points { x = { -2, 2 }, n = 9 }
  end
  task = { X = lifted(X), y = y, Z = lifted(Z), predictor = {}, rate = {} }
  for L = 1, 3 do
    task.predictor[L] = {}
    for name, o in pairs(LIMITS) do
      local limit = limn.kernel.limit(task.X, y, { kind = o.kind, param = o.param, depth = L })
      task.predictor[L][name] = limit:predict(task.Z)
      if name == "own" then task.rate[L] = #y / limit.fit.eigenvalues[#y] end -- times 1/n: the rate 1/lambda
    end
  end
  task.predictor[1].erf = limn.kernel.limit(task.X, y, { kind = "ntk", param = "ntk", activation = "erf", weight = 2 }):predict(task.Z)
  task.inputs = select(2, task.X:shape())
  return task
end

-- The line from NNGP to the other predictor of a depth, and the position of f on it.
local function position(at, L, f)
  local line = (L > 1 and at.own or at.ntk) - at.nngp
  return (f - at.nngp):dot(line) / line:dot(line)
end

-- ---- one cell: (scheme, depth, width, replicate) ---------------------------------------------------------------

-- Squared deviation of the mean over nets from the limit: from two halves of the ensemble.
local function of_mean(point, scheme, t, rng)
  local off = {}
  local f = scheme.mean == "erf" and t.predictor[1].erf or t.predictor[1].ntk
  for half = 1, 2 do
    local count = math.max(2, scheme.units // point.width)
    local nets = limn.mlp.ensemble { sizes = { t.inputs, point.width, 1 }, count = count, activation = scheme.mean, init = "he",
      param = scheme.param, bias = false, start = "none", dtype = "f32", seed = rng:integer(1, 1 << 53) }
    nets:train(t.X, t.y, { tol = 1e-6, steps = 50000 })
    off[half] = limn.ones(1, count):matmul(nets:forward(t.Z):reshape(count, #t.Z)) / count - f
  end
  return { skipped = 0, square = (off[1] * off[2]):sum() / f:dot(f) }
end

local function measure(point, rng)
  local t, scheme = the_task(point), SCHEMES[point.scheme]
  if point.depth > 1 and (point.width > point.widest or scheme.mean) then return { skipped = 1 } end
  if scheme.mean then
    if point.width < scheme.from or point.width > scheme.to then return { skipped = 1 } end
    return of_mean(point, scheme, t, rng)
  end
  local sizes = { t.inputs }
  for l = 1, point.depth do sizes[l + 1] = point.width end
  sizes[#sizes + 1] = 1
  local net = limn.mlp.new { sizes = sizes, init = "he", param = scheme.param, bias = false, start = "none",
    dtype = "f32", seed = rng:integer(1, 1 << 53) }
  local shares = net:kernel(t.X).shares
  local run = net:train(t.X, t.y, { tol = 1e-7, steps = 50000, rates = scheme.rates })
  local f, at = net:forward(t.Z), t.predictor[point.depth]
  local scale = at.own:norm()
  return { skipped = 0, nngp = (f - at.nngp):norm() / scale, own = (f - at.own):norm() / scale,
    ntk = (f - at.ntk):norm() / scale, position = position(at, point.depth, f), fitted = run.reason == "tolerance" and 1 or 0,
    rate = run.rate * point.width / t.rate[point.depth], input = shares[1], last = shares[#shares] }
end

-- ---- the claims --------------------------------------------------------------------------------------------------

local NAMES = { nngp = "the NNGP predictor", own = "the own limit", ntk = "the NTK predictor" }

local function layers(L) return ("%d hidden layer%s"):format(L, L == 1 and "" or "s") end

-- The widths of a sweep in order, from..to.
local function widths(list, from, to)
  local out, seen = {}, {}
  for _, n in ipairs(list) do
    if n >= from and n <= to and not seen[n] then out[#out + 1], seen[n] = n, true end
  end
  table.sort(out)
  return out
end

-- Every row: {key, scheme, L, widths or n, column or slope of a column, declaration}.
local function rows_of(params, grid)
  local list, t = {}, the_task(params)
  local function add(id, s, L, claim, how, declaration)
    declaration.id, declaration.claim = id, ("%s, %s, %s"):format(claim, SCHEMES[s].name, layers(L))
    how.scheme, how.L, how.declaration = s, L, declaration
    list[#list + 1] = how
  end
  for _, s in ipairs(grid.scheme) do
    local scheme = SCHEMES[s]
    for _, L in ipairs(scheme.mean and { 1 } or grid.depth) do
      local all = widths(grid.width, scheme.from or FROM, scheme.to or (L > 1 and params.widest) or math.huge)
      local n = all[#all] or 0
      if scheme.mean then
        add("A35", s, L, "distance of the mean over nets to the limit ~ n^s", { slope = "square", widths = all },
          { theory = scheme.slope, slope = { margin = 0.2 } })
      else
        local to = L > 1 and "own limit" or "NTK"
        local want = s == 1 and (L > 1 and 1 or 0) or position(t.predictor[L], L, t.predictor[L][scheme.limit])
        add("A3", s, L, ("position between NNGP (0) and %s (1), n = %d"):format(to, n), { column = "position", n = n },
          { essay = s == 1 and 0 or nil, theory = want, equal = { margin = 0.25 } })
        add("A35", s, L, ("distance to %s ~ n^s"):format(NAMES[scheme.limit]), { slope = scheme.limit, widths = all },
          { theory = -0.5, slope = { margin = 0.2 } })
      end
      if s == 1 and L > 1 then
        add("A3", s, L, "distance to the NNGP predictor ~ n^s", { slope = "nngp", widths = all },
          { essay = -0.5, theory = 0, slope = { margin = 0.2 } })
      end
      if s == 1 then
        local d = t.inputs
        add("A2", s, L, ("fraction of the tangent kernel, input layer, n = %d"):format(n), { column = "input", n = n },
          { theory = d / (d + L * n), equal = { margin = 0.15, relative = true } })
        add("A2", s, L, ("fraction of the tangent kernel, last layer, n = %d"):format(n), { column = "last", n = n },
          { essay = 1, theory = n / (d + L * n), equal = { margin = 0.15, relative = true } })
        add("A5", s, L, ("rate x n over its infinite-width value, n = %d"):format(n), { column = "rate", n = n },
          { theory = 1, equal = { margin = 0.1 } })
      end
    end
  end
  return list
end

local FITTED = "fraction of nets that did not reach the loss 1e-7"

local function claims(params, plan)
  local rows = {}
  for i, r in ipairs(rows_of(params, plan.grid)) do rows[i] = r.declaration end
  rows[#rows + 1] = { id = "A33", claim = FITTED, theory = 0, proportion = { margin = 0.02 },
    replicates = math.max(1, plan.cells // 2) } -- nets, without the cells that are skipped
  return rows
end

local function cells_of(results, scheme, L, n)
  return results:where({ scheme = scheme, depth = L, width = n, skipped = 0 }):rows()
end

-- Exponent of a column: slopes of each replicate, or, for the squared deviation of the mean, of the mean over replicates.
local function exponent(results, r)
  local x, ys, reps, by_rep = {}, {}, {}, {}
  for i, n in ipairs(r.widths) do
    x[i] = math.log(n, 2)
    for _, row in ipairs(cells_of(results, r.scheme, r.L, n)) do
      by_rep[row.rep] = by_rep[row.rep] or {}
      table.insert(by_rep[row.rep], r.slope == "square" and row.square or math.log(row[r.slope], 2))
    end
  end
  for _, values in pairs(by_rep) do -- replicates of which no width is missing
    if #values == #x then ys[#ys + 1], reps[#reps + 1] = values, #reps + 1 end
  end
  if #x < 2 or #ys == 0 then return end
  if r.slope ~= "square" then return limn.claims.fit_slope(x, ys) end
  return limn.claims.statistic(reps, function(list)
    local y = {}
    for i = 1, #x do
      local sum = 0
      for _, k in ipairs(list) do sum = sum + ys[k][i] / #list end
      y[i] = math.log(sum, 2) / 2
    end
    return (limn.claims.slope(x, y))
  end)
end

local function report(results, ledger)
  local failed, all = 0, 0
  for _, row in ipairs(results:rows()) do
    if row.fitted then failed, all = failed + 1 - row.fitted, all + 1 end
  end
  for _, r in ipairs(rows_of(ledger.params, ledger.plan.grid)) do
    if r.column then
      local values = {}
      for k, row in ipairs(cells_of(results, r.scheme, r.L, r.n)) do values[k] = row[r.column] end
      ledger:measure(r.declaration.claim, limn.claims.mean(values))
    else
      ledger:measure(r.declaration.claim, exponent(results, r), { note = ("n = %d .. %d"):format(r.widths[1] or 0,
        r.widths[#r.widths] or 0) })
    end
  end
  ledger:measure(FITTED, all > 0 and limn.claims.proportion(failed, all) or nil)
end

-- ---- the figure: 95 % intervals over replicates ------------------------------------------------------------------

local LOOK = { nngp = { color = 2, mark = "circle" }, own = { color = 1, mark = "square" }, ntk = { color = 3, mark = "triangle" } }

-- A column against width: geometric means of distances, means of positions; square roots of the squared deviation.
local function draw(panel, results, s, L, name, look, label)
  local o = { x = {}, y = {}, lo = {}, hi = {}, color = look.color, mark = look.mark, dash = look.dash, line = true, label = label }
  local wide = {}
  for _, row in ipairs(results:where({ scheme = s, depth = L, skipped = 0 }):rows()) do wide[#wide + 1] = row.width end
  local to, back = math.log, math.exp
  if name == "position" then to, back = function(v) return v end, function(v) return v end end
  if name == "square" then to, back = function(v) return v end, function(v) return math.sqrt(math.max(v, 1e-8)) end end
  for i, n in ipairs(widths(wide, 0, math.huge)) do
    local values = {}
    for k, row in ipairs(cells_of(results, s, L, n)) do values[k] = to(row[name]) end
    local m, interval = values[1], { values[1], values[1] }
    if #values > 1 then m, interval = limn.claims.interval(values) end
    o.x[i], o.y[i], o.lo[i], o.hi[i] = n, back(m), back(interval[1]), back(interval[2])
  end
  if #o.x > 0 then panel:errorbars(o) end
end

local function plot(results)
  local fig = limn.plot.figure { rows = 2, cols = 3, size = { 7.2, 5.2 }, letters = true }
  local x = { label = "width n", scale = "log2" }
  local function panel(row, col, title, y)
    return fig:panel(row, col, { title = title, x = x, legend = "bottom left",
      y = y or { label = col == 1 and "distance to the predictor" or nil, scale = "log10", range = { 2e-4, 3 } } })
  end
  local function law(p, from, to, y)
    p:line { x = { from, to }, y = { y, y * (from / to) ^ 0.5 }, color = "black", mark = false, dash = "dashed", width = 0.7,
      law = true, label = limn.plot.math "n^{-1/2}" }
  end
  for L = 1, 3 do
    local p, at = panel(1, L, ("standard, %s"):format(layers(L))), the_task(results:rows()[1]).predictor[L]
    if L > 1 then
      p:hline { y = (at.own - at.nngp):norm() / at.own:norm(), color = 2, dash = "dotted", width = 0.8 }
      draw(p, results, 1, L, "nngp", LOOK.nngp, "to NNGP (dotted: from own)")
    end
    p:hline { y = (at.own - at.ntk):norm() / at.own:norm(), color = 3, dash = "dotted", width = 0.8 }
    draw(p, results, 1, L, "ntk", LOOK.ntk, "to NTK (dotted: from own)")
    draw(p, results, 1, L, "own", LOOK.own, L == 1 and "to own limit = NNGP" or "to the own limit")
    law(p, 32, L == 1 and 4096 or 1024, 0.3)
  end
  for k, name in ipairs { "nngp", "ntk" } do
    local p = panel(2, k, k == 1 and "last layer only, to NNGP" or "NTK param., to NTK")
    for L = 1, 3 do
      local look = { color = LOOK[name].color, mark = ({ "circle", "osquare", "plus" })[L] }
      draw(p, results, k + 1, L, name, look, ("a net, L = %d"):format(L))
    end
    if k == 2 then
      draw(p, results, 4, 1, "square", { color = 5, mark = "diamond" }, "mean, L = 1, ReLU")
      draw(p, results, 5, 1, "square", { color = 6, mark = "odiamond" }, "mean, L = 1, erf")
    end
    law(p, 32, 4096, 1.2)
  end
  local p = panel(2, 3, "two hidden layers", { label = "position: NNGP 0, own limit 1", range = { -1.6, 1.8 } })
  for s = 3, 1, -1 do
    local name = SCHEMES[s].limit
    draw(p, results, s, 2, "position", LOOK[name], ({ "standard", "last layer only", "NTK param." })[s])
  end
  for y = 0, 1 do p:hline { y = y, width = 0.5, dash = "dotted" } end
  return fig
end

return limn.experiment {
  name = "which_limit",
  question = "To which predictor do wide trained nets converge: that of the last layer or that of the tangent kernel?",
  params = {
    scheme = { default = 1, help = "1 standard, 2 only the last layer trained, 3 NTK; mean over NTK nets: 4 of ReLU, 5 of erf",
      min = 1, max = #SCHEMES },
    depth = { default = 1, help = "hidden layers", min = 1, max = 3 },
    width = { default = 256, help = "units per hidden layer", min = 2 },
    widest = { default = 1024, help = "largest width trained with more than one hidden layer" },
    data = { default = "", help = "NAME.csv (labels last) or IMAGES.idx,LABELS.idx to use instead of random points" },
    points = { default = 4, help = "data points to train on", min = 2, max = 64 },
  },
  grid = { scheme = "1:5", depth = "1:3", width = "32:4096:log2" },
  reps = 20,
  cost = function(point) return point.width ^ math.min(point.depth, 2) + (point.scheme > 3 and 1e6 or 0) end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
