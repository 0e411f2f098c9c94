-- which_limit.lua: to which function do trained nets converge as their width grows? The essay's limit, in which only
-- the last layer trains and features do not change, is regression with the NNGP kernel. Here nets in the standard
-- parameterisation train all layers at a rate of order 1/width.
--
-- Four random points in the plane, two of each label; inputs (x1, x2, 1); L hidden layers of n ReLUs; He weights; the
-- initial output is subtracted (f_0 = 0); gradient descent to convergence. Three predictors Kz K^-1 y on a 9 x 9 grid:
--     NNGP         K_L = E[phi phi] of the last hidden layer
--     own limit    lim Theta_SP / n = sum_{l=1..L} E[phi phi]_l prod_{k>l} weight E[phi' phi']_k
--     NTK          the same plus the term of the input layer, which the NTK parameterisation keeps
-- "Own" is the limit of the standard parameterisation (SP). There the input layer contributes d/(d + L n) of the trace
-- of the tangent kernel and every other layer an equal part of the rest. For L = 1 the own limit equals the NNGP
-- predictor; for L > 1 the last layer contributes 1/L and the hidden layers keep their part. The distance to the
-- correct limit falls as n^-1/2; the distance to another predictor tends to a constant. Controls: the same nets with
-- only the last layer trained (limit NNGP at every L), and the NTK parameterisation (limit NTK). Distances are relative
-- to the norm of the own limit.
-- The column way is the position of a net on the line between two predictors, 0 at the first and 1 at the second:
-- NNGP and own limit for L > 1, NNGP and NTK for L = 1. Rows whose interval misses the limit by less than 0.15, as
-- expected at finite width, have the verdict "refines".
--
-- Cost: about a minute and a half on two cores. A step costs n^2 at L = 2 and 3; 100 times the time reaches n = 16384.

local limn = require "limn"

local SCHEMES = {
  { name = "standard, all layers", param = "standard", limit = "own" },
  { name = "standard, last layer only", param = "standard", rates = "last", limit = "nngp" },
  { name = "NTK parameterisation", param = "ntk", limit = "ntk" },
}
local LIMITS = { nngp = { kind = "nngp" }, own = { kind = "ntk", param = "standard" }, ntk = { kind = "ntk" } }

-- ---- the task and its predictors, computed once ----------------------------------------------------------------

local function lifted(X)
  local out = limn.ones(#X, 3)
  for i = 1, #X do
    for c = 1, 2 do out:set(i, c, X:get(i, c)) end
  end
  return out
end

local function grid()
  local rows = {}
  for i = -4, 4 do
    for j = -4, 4 do rows[#rows + 1] = { i / 2, j / 2 } end
  end
  return lifted(limn.array(rows))
end

local task
local function the_task()
  if task then return task end
  local X, y = limn.data.random { points = 4, balanced = true, seed = 5 }
  task = { X = lifted(X), y = y, Z = grid(), predictor = {}, rate = {} }
  for L = 1, 3 do
    task.predictor[L] = {}
    for name, o in pairs(LIMITS) do
      local limit = limn.kernel.limit(task.X, y, { kind = o.kind, param = o.param, depth = L })
      task.predictor[L][name] = limit:predict(task.Z)
      if name == "own" then task.rate[L] = #y / limit.fit.eigenvalues[#y] end -- times 1/n: the rate 1/lambda
    end
  end
  return task
end

-- ---- one cell: (scheme, depth, width, replicate) ---------------------------------------------------------------

local function measure(point, rng)
  if point.depth > 1 and point.width > point.widest then return { skipped = 1 } end
  local t, scheme = the_task(), SCHEMES[point.scheme]
  local sizes = { 3 }
  for l = 1, point.depth do sizes[l + 1] = point.width end
  sizes[#sizes + 1] = 1
  local net = limn.mlp.new { sizes = sizes, init = "he", param = scheme.param, bias = false, start = "none",
    dtype = "f32", seed = rng:integer(1, 1 << 53) }
  local shares = net:kernel(t.X).shares
  local run = net:train(t.X, t.y, { tol = 1e-7, steps = 50000, rates = scheme.rates })
  local f, at = net:forward(t.Z), t.predictor[point.depth]
  local scale = at.own:norm()
  local from, to = at.nngp, point.depth > 1 and at.own or at.ntk
  local line = to - from
  return { skipped = 0, nngp = (f - at.nngp):norm() / scale, own = (f - at.own):norm() / scale,
    ntk = (f - at.ntk):norm() / scale, way = (f - from):dot(line) / line:dot(line),
    steps = run.steps, fitted = run.reason == "tolerance" and 1 or 0,
    rate = run.rate * point.width / t.rate[point.depth], input = shares[1], last = shares[#shares] }
end

-- ---- from cells to curves --------------------------------------------------------------------------------------

local function mean(list)
  local sum = 0
  for _, v in ipairs(list) do sum = sum + v end
  return sum / #list
end

-- For each scheme and depth {scheme, depth, width = {...}, cells = {[k] = rows of the k-th width}}.
local function curves(results)
  local by, list = {}, {}
  for _, row in ipairs(results:rows()) do
    if row.skipped == 0 then
      local key = row.scheme * 10 + row.depth
      if not by[key] then
        by[key] = { key = key, scheme = row.scheme, depth = row.depth, at = {}, width = {}, cells = {} }
        list[#list + 1] = by[key]
      end
      local c = by[key]
      if not c.at[row.width] then
        c.at[row.width] = {}
        c.width[#c.width + 1] = row.width
      end
      table.insert(c.at[row.width], row)
    end
  end
  for _, c in ipairs(list) do
    table.sort(c.width)
    for k, n in ipairs(c.width) do c.cells[k] = c.at[n] end
  end
  table.sort(list, function(a, b) return a.key < b.key end)
  return list
end

local function column(cell, name)
  local out = {}
  for k = 1, #cell do out[k] = cell[k][name] end
  return out
end

-- Geometric mean over replicates with its 95 % interval.
local function distance(cell, name)
  local logs = {}
  for k, v in ipairs(column(cell, name)) do logs[k] = math.log(v) end
  if #logs < 2 then return math.exp(logs[1]), { math.exp(logs[1]), math.exp(logs[1]) } end
  local m, i = limn.claims.interval(logs)
  return math.exp(m), { math.exp(i[1]), math.exp(i[2]) }
end

-- Exponent of the distance to a predictor over the largest `count` widths, with Student's interval from the residuals
-- of the fit; the first of these widths.
local function exponent(c, name, count)
  local n, d = {}, {}
  for k = math.max(1, #c.width - count + 1), #c.width do
    n[#n + 1], d[#d + 1] = c.width[k], distance(c.cells[k], name)
  end
  if #n < 3 then return end
  local fit = limn.mlp.exponent(n, d)
  return fit.slope, fit.interval, n[1]
end

-- "agrees" if the interval contains the prediction, "refines" if it misses by less than 0.15 (finite width).
local function near(predicted, interval)
  local miss = math.max(interval[1] - predicted, predicted - interval[2], 0)
  return miss == 0 and "agrees" or miss < 0.15 and "refines" or "disagrees"
end

local NAMES = { nngp = "the NNGP predictor", own = "the own limit", ntk = "the NTK predictor" }

local function layers(L) return ("%d hidden layer%s"):format(L, L == 1 and "" or "s") end

local function report(results)
  local ledger = limn.claims.new "Wide trained nets against three infinite-width predictors"
  local list, failed, all = curves(results), 0, 0
  for _, c in ipairs(list) do
    local scheme, L = SCHEMES[c.scheme], c.depth
    local last, n = c.cells[#c.cells], c.width[#c.width]
    for _, cell in ipairs(c.cells) do
      for _, row in ipairs(cell) do failed, all = failed + 1 - row.fitted, all + 1 end
    end
    if #last > 1 then
      local m, interval = limn.claims.interval(column(last, "way"))
      local note = ("n = %d"):format(n)
      if c.scheme == 1 then
        ledger:row { id = "A3", claim = ("essay: limit NNGP; position from NNGP, %s"):format(layers(L)),
          predicted = 0, measured = m, interval = interval,
          note = note .. (L > 1 and "; 1 is the own limit" or "; 1 is NTK") }
        if L > 1 then
          ledger:row { id = "A3", claim = ("position between NNGP and the own limit, %s"):format(layers(L)), predicted = 1,
            measured = m, interval = interval, note = note, verdict = near(1, interval) }
          local s, is = exponent(c, "nngp", 5)
          if s then
            ledger:row { id = "A3", claim = ("standard: distance to NNGP tends to a constant, ~ n^s, %s"):format(layers(L)),
              predicted = "> -0.5", measured = s, interval = is, verdict = is[1] > -0.5 and "agrees" or "disagrees",
              note = "-0.5 if NNGP were the limit" }
          end
        end
        local input, ii = limn.claims.interval(column(last, "input"))
        ledger:row { id = "A2", claim = ("fraction of the tangent kernel, input layer, %s"):format(layers(L)),
          predicted = 3 / (3 + L * n), measured = input, interval = ii, note = note }
        local top, it = limn.claims.interval(column(last, "last"))
        ledger:row { id = "A2", claim = ("fraction of the tangent kernel, last layer, %s"):format(layers(L)), predicted = n / (3 + L * n),
          measured = top, interval = it, note = note }
        local rate, ir = limn.claims.interval(column(last, "rate"))
        ledger:row { id = "A5", claim = ("rate x n over its infinite-width value, %s"):format(layers(L)), predicted = 1,
          measured = rate, interval = ir, note = note }
      else
        local t = the_task().predictor[L]
        local line = (L > 1 and t.own or t.ntk) - t.nngp
        local want = (t[scheme.limit] - t.nngp):dot(line) / line:dot(line)
        ledger:row { id = "A3", claim = ("%s: position from NNGP, %s"):format(scheme.name, layers(L)), predicted = want,
          measured = m, interval = interval, note = note, verdict = near(want, interval) }
      end
    end
    local s, is, from = exponent(c, scheme.limit, 6)
    if s then
      ledger:row { id = "A35", claim = ("%s: distance to %s ~ n^s, %s"):format(scheme.name, NAMES[scheme.limit], layers(L)),
        predicted = -0.5, measured = s, interval = is, note = ("n = %d .. %d"):format(from, n) }
    end
  end
  ledger:row { id = "A33", claim = "fraction of nets that did not reach the loss 1e-7", predicted = 0, measured = failed / all }
  ledger:print()
  return ledger
end

-- ---- the figure ------------------------------------------------------------------------------------------------

local LOOK = { nngp = { color = 2, mark = "circle" }, own = { color = 1, mark = "square" }, ntk = { color = 3, mark = "triangle" } }

local function draw(panel, c, name, look, label)
  local y, lo, hi = {}, {}, {}
  for k, cell in ipairs(c.cells) do
    local d, i = distance(cell, name)
    y[k], lo[k], hi[k] = d, i[1], i[2]
  end
  panel:errorbars { x = c.width, y = y, lo = lo, hi = hi, color = look.color, mark = look.mark, line = true, label = label }
  return y
end

-- A line n^-1/2 through the last point of a curve.
local function law(panel, c, y, color)
  local n, d = c.width[#c.width], y[#y]
  local x = { c.width[1], n }
  panel:line { x = x, y = { d * math.sqrt(n / x[1]), d }, color = color, mark = false, dash = "dashed", width = 0.7, law = true }
end

local function plot(results)
  local list, by = curves(results), {}
  for _, c in ipairs(list) do by[c.scheme * 10 + c.depth] = c end
  local fig = limn.plot.figure { rows = 2, cols = 3, size = { 7.2, 4.9 }, letters = true }
  local x = { label = "width n", scale = "log2" }
  for L = 1, 3 do
    local c = by[10 + L]
    local p = fig:panel(1, L, { title = ("standard, depth %d"):format(L), x = x,
      y = { label = L == 1 and "distance to the predictor" or nil, scale = "log10", range = { 0.004, 3 } },
      legend = L < 3 and "bottom left" or "none" })
    if c then
      local t = the_task().predictor[L]
      if L > 1 then
        p:hline { y = (t.own - t.nngp):norm() / t.own:norm(), color = 2, dash = "dotted", width = 0.8 }
        draw(p, c, "nngp", LOOK.nngp, "to NNGP: last layer only")
      end
      p:hline { y = (t.own - t.ntk):norm() / t.own:norm(), color = 3, dash = "dotted", width = 0.8 }
      draw(p, c, "ntk", LOOK.ntk, "to NTK: input layer too")
      law(p, c, draw(p, c, "own", LOOK.own, L == 1 and "to the own limit = NNGP" or "to the own limit"), 1)
    end
  end
  for k, name in ipairs { "nngp", "ntk" } do
    local p = fig:panel(2, k, { title = k == 1 and "last layer only, to NNGP" or "NTK param., to NTK", x = x,
      y = { label = k == 1 and "distance to the predictor" or nil, scale = "log10", range = { 0.004, 3 } },
      legend = k == 1 and "bottom left" or "none" })
    for L = 1, 3 do
      local c = by[(k + 1) * 10 + L]
      if c then
        local look = { color = LOOK[name].color, mark = ({ "circle", "osquare", "triangle" })[L] }
        law(p, c, draw(p, c, name, look, layers(L)), look.color)
      end
    end
  end
  local p = fig:panel(2, 3, { title = "depths 2 and 3", x = x,
    y = { label = "position: NNGP 0, own limit 1", range = { -0.6, 1.6 } }, legend = "direct" })
  for _, s in ipairs { 3, 1, 2 } do
    for L = 2, 3 do
      local c = by[s * 10 + L]
      if c then
        local y, lo, hi = {}, {}, {}
        for k, cell in ipairs(c.cells) do
          local way = column(cell, "way")
          y[k], lo[k], hi[k] = mean(way), way[1], way[1]
          if #way > 1 then
            local _, i = limn.claims.interval(way)
            lo[k], hi[k] = i[1], i[2]
          end
        end
        local name = SCHEMES[s].limit
        p:errorbars { x = c.width, y = y, lo = lo, hi = hi, color = LOOK[name].color, line = true,
          mark = L == 2 and "osquare" or "triangle", label = L == 2 and ({ "standard", "last layer only", "NTK param." })[s] or nil }
      end
    end
  end
  p:hline { y = 0, width = 0.5, dash = "dotted" }
  p:hline { y = 1, width = 0.5, dash = "dotted" }
  return fig
end

return limn.experiment {
  name = "which_limit",
  question = "To which predictor do wide trained nets converge: that of the last layer or that of the tangent kernel?",
  params = {
    scheme = { default = 1, help = "1 standard, 2 standard, only the last layer trained, 3 NTK parameterisation", min = 1, max = 3 },
    depth = { default = 1, help = "hidden layers", min = 1, max = 3 },
    width = { default = 256, help = "units per hidden layer", min = 2 },
    widest = { default = 2048, help = "largest width trained with more than one hidden layer" },
  },
  grid = { scheme = "1:3", depth = "1:3", width = "32:8192:log2" },
  reps = 8,
  cost = function(point) return point.width ^ math.min(point.depth, 2) end,
  measure = measure,
  report = report,
  plot = plot,
}
