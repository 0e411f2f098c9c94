-- splines.lua: which functions of one input do ReLU nets learn: the linear spline (rich) or the cubic spline (lazy)?
--
-- Five points x = -1, -0.5, 0.1, 0.5, 1 with labels drawn N(0, 1). Nets 1-n-1 in standard parameterisation, start none (f_0
-- subtracted), weights of variance 2 and biases of variance 8; the output is multiplied by alpha (Chizat, Oyallon and Bach 2019).
-- Gradient descent until the loss is 1e-6. The nets are piecewise linear: knots and the integral of |f''| are exact (net:spline).
--
-- Theory. Among all functions through the points the linear spline has the least integral of |f''|: the ratio to it is at
-- least 1. This integral is the least sum of squared weights of a net (Savarese et al. 2019; Williams et al. 2019), which rich
-- training, from small outputs, approaches; it has other minimisers beside the linear spline. A large alpha is the limit in which
-- the last layer trains. It minimises the integral of f''^2/rho with rho(t) = (1 + t^2/r^2)^-2, r^2 the bias variance over the
-- weight variance (the density of the knots, by size), and the affine part at a price of order 1/r: for r -> infinity the natural
-- cubic spline, at a distance of order 1/r.
--
-- Distances: root mean square over [-1, 1]. The integral of |f''| of a lazy net is not that of its limit: f - f_0 has two knots for
-- each unit, which moved a little, and their kinks nearly cancel but add up in the integral. Against alpha the integral is therefore
-- taken at a resolution of 0.05, from second differences.
--
-- Margins. Exponent in r 0.2. Forward pass against net:spline: a bound of 1e-6 (identity). Integral below that of the linear spline: a
-- bound of 0.02. Integral over that of the linear spline, rich: below 1.1; at the resolution, lazy minus rich: above 0. log2 of the
-- distance of lazy nets to their limit over the distance of that limit to the linear spline: below -1. The distance of rich nets
-- to the linear spline is described. Changed after first runs of 3 and 16 replicates, before the full one: NTK parameterisation to
-- standard, since the NTK limit, of both layers, is near the linear spline itself (the row "lazy nets are near their limit, not the
-- linear spline" disagreed); the exact integral of lazy nets (200 times the linear spline's) to the one at a resolution; means of
-- ratios to means of logarithms; r = 4 .. 32 to 32 .. 256, where the next term, of order 1/r^2, is small; the row "rich nets are near
-- the linear spline" to a description: it was undecided, and the minimiser is not unique.
--
-- Cost: a minute on two cores.

local limn = require "limn"
local ledger_rows = dofile((debug.getinfo(1, "S").source:match "^@(.*/)" or "") .. "rows.lua")

local X = { -1, -0.5, 0.1, 0.5, 1 }
local VARIANCE = 8
local SCALES = { 32, 64, 128, 256 } -- r of the kernel of the last layer
local LAZY, RICH = 16, 1 / 64
local GRID = 401

local function column(list) return limn.array(list):reshape(#list, 1) end

local AT = limn.linspace(-1, 1, GRID)

-- ---- splines -------------------------------------------------------------------------------------------------

local function segment(x)
  local i = 1
  while i < #X - 1 and x > X[i + 1] do i = i + 1 end
  return i
end

local function linear(y)
  local out = limn.zeros(GRID)
  for k = 1, GRID do
    local i = segment(AT[k])
    local t = (AT[k] - X[i]) / (X[i + 1] - X[i])
    out:set(k, (1 - t) * y[i] + t * y[i + 1])
  end
  return out
end

-- The integral of |f''| of the linear spline.
local function bend(y)
  local sum, before = 0, nil
  for i = 1, #X - 1 do
    local slope = (y[i + 1] - y[i]) / (X[i + 1] - X[i])
    if before then sum = sum + math.abs(slope - before) end
    before = slope
  end
  return sum
end

-- The same of values at AT, at a resolution of 10 of its steps.
local function coarse(f)
  local step, sum = 10, 0
  for k = 1 + step, GRID - step, step do sum = sum + math.abs(f[k + step] - 2 * f[k] + f[k - step]) end
  return sum / (step * (AT[2] - AT[1]))
end

-- The natural cubic spline, from its second derivatives at the points.
local function cubic(y)
  local n = #X
  local A, b = limn.eye(n), limn.zeros(n)
  for i = 2, n - 1 do
    local h, k = X[i] - X[i - 1], X[i + 1] - X[i]
    A:set(i, i - 1, h)
    A:set(i, i, 2 * (h + k))
    A:set(i, i + 1, k)
    b:set(i, 6 * ((y[i + 1] - y[i]) / k - (y[i] - y[i - 1]) / h))
  end
  local m, out = A:solve(b), limn.zeros(GRID)
  for k = 1, GRID do
    local i = segment(AT[k])
    local h, u, v = X[i + 1] - X[i], X[i + 1] - AT[k], AT[k] - X[i]
    out:set(k, (m[i] * u ^ 3 + m[i + 1] * v ^ 3) / (6 * h) + (y[i] / h - m[i] * h / 6) * u + (y[i + 1] / h - m[i + 1] * h / 6) * v)
  end
  return out
end

local function distance(f, g) return math.sqrt(((f - g) ^ 2):mean()) end

-- ---- one cell ------------------------------------------------------------------------------------------------

local function measure(point, rng)
  local y = rng:normal(#X)
  local out = { failed = 0 }
  local straight, smooth = linear(y), cubic(y)
  local limit = limn.kernel.limit(column(X), y, { param = "standard", bias = VARIANCE }):predict(column(AT:totable()))
  out.linear, out.cubic, out.limit, out.apart = straight, smooth, limit, distance(limit, straight)
  out.lazy = limn.zeros(#SCALES)
  for i, r in ipairs(SCALES) do
    local f = limn.kernel.limit(column(X), y, { kind = "nngp", param = "ntk", weight = 1, bias = r ^ 2 }):predict(column(AT:totable()))
    out.lazy:set(i, distance(f, smooth) / (smooth:std() + 1e-300))
  end
  local net = limn.mlp.new { sizes = { 1, point.width, 1 }, param = "standard", init = { weight = 2, bias = VARIANCE }, start = "none",
    alpha = point.alpha, seed = rng:integer(1, 1 << 53) }
  local run = net:train(column(X), y, { tol = 1e-6, steps = point.steps })
  if run.loss > 1e-6 then return { failed = 1, linear = straight, cubic = smooth, limit = limit, lazy = out.lazy, apart = out.apart } end
  local spline = net:spline { from = -1, to = 1 }
  out.net = net:forward(column(AT:totable())):reshape(GRID)
  out.wrong = (spline:at(AT) - out.net):abs():max()
  out.bend, out.coarse, out.knots = spline.bend / bend(y), coarse(out.net) / bend(y), #spline.knots
  out.to_limit = math.log(distance(out.net, limit) / out.apart, 2)
  out.to_linear = math.log(distance(out.net, straight) / out.apart, 2)
  return out
end

-- ---- from cells to claims --------------------------------------------------------------------------------------

local function values_of(results, alpha, name)
  local values, without = {}, 0
  for _, row in ipairs(results:where({ alpha = alpha }):rows()) do
    if row[name] then values[#values + 1] = row[name] else without = without + 1 end
  end
  return values, without > 0 and ("%d nets that did not reach the loss left out"):format(without) or nil
end

local function mean_of(alpha, name)
  return function(results)
    local values, note = values_of(results, alpha, name)
    return #values > 1 and limn.claims.mean(values) or nil, note
  end
end

local function in_scale(results)
  local x, ys = {}, {}
  for i, r in ipairs(SCALES) do x[i] = math.log(r, 2) end
  for _, row in ipairs(results:rows()) do
    local y = {}
    for i = 1, #SCALES do y[i] = math.log(row.lazy[i], 2) end
    ys[#ys + 1] = y -- every cell has labels of its own
  end
  return #ys > 1 and limn.claims.fit_slope(x, ys) or nil, ("r = %d .. %d"):format(SCALES[1], SCALES[#SCALES])
end

local function worst(results)
  local values = {}
  for _, row in ipairs(results:rows()) do values[#values + 1] = row.wrong end
  return #values > 0 and limn.claims.largest(values) or nil
end

local function least(results)
  local values = {}
  for _, row in ipairs(results:rows()) do if row.bend then values[#values + 1] = math.min(0, row.bend - 1) end end
  return #values > 0 and limn.claims.largest(values) or nil
end

local function lazy_minus_rich(results)
  local lazy, rich = values_of(results, LAZY, "coarse"), values_of(results, RICH, "coarse")
  return #lazy > 1 and #rich > 1 and limn.claims.difference(lazy, rich) or nil
end

local ROWS = {
  { what = in_scale, declaration = { id = "A35", claim = "distance of the NNGP limit to the natural cubic spline ~ r^s", theory = -1,
    slope = { margin = 0.2 } } },
  { what = worst, declaration = { id = "A35", claim = "forward pass minus the spline of knots, largest", theory = 0, bound = 1e-6 } },
  { what = least, declaration = { id = "A35", claim = "integral of |f''| below that of the linear spline, largest", theory = 0,
    bound = 0.02, note = "the fit has a loss of 1e-6" } },
  { what = mean_of(RICH, "bend"), declaration = { id = "A37", claim = "integral of |f''| over the linear spline's, rich", theory = 1,
    below = 1.1 } },
  { what = lazy_minus_rich, declaration = { id = "A37", claim = "integral of |f''| at a resolution, over the linear's, lazy minus rich",
    theory = 0.5, above = 0 } },
  { what = mean_of(LAZY, "to_limit"), declaration = { id = "A35",
    claim = "log2 of the distance to the limit over limit to linear spline, lazy",
    theory = -2, below = -1 } },
  { what = mean_of(RICH, "to_linear"), declaration = { id = "A37",
    claim = "log2 of the distance to the linear spline over limit to linear spline, rich",
    describe = true } },
}

local function claims() return ledger_rows.declared(ROWS) end

local function report(results, ledger) ledger_rows.measure(ledger, ROWS, results) end

-- ---- the figure ------------------------------------------------------------------------------------------------

local function functions(panel, row, first, labelled)
  panel:line { x = AT, y = row.linear, color = "gray", dash = "dotted", mark = false, label = first and "linear spline" or nil }
  panel:line { x = AT, y = row.cubic, color = 3, dash = "dashed", mark = false, label = first and "natural cubic spline" or nil }
  panel:line { x = AT, y = row.limit, color = 2, dash = "dashdot", mark = false, label = first and "lazy limit" or nil }
  if row.net then panel:line { x = AT, y = row.net, color = 1, mark = false, label = not labelled and "net" or nil } end
end

local function plot(results)
  local fig = limn.plot.figure { rows = 2, cols = 2, size = { 7.2, 5.2 }, letters = true, legend = "top" }
  local alphas, labelled = results:distinct "alpha", false
  for c, alpha in ipairs { alphas[#alphas], alphas[1] } do
    local row = results:where({ alpha = alpha, failed = 0 }):rows()[1] or results:where({ alpha = alpha }):rows()[1]
    local p = fig:panel(1, c, { title = ("output scale %g"):format(alpha), x = { label = "x" },
      y = { label = c == 1 and "f" or nil } })
    functions(p, row, c == 1, labelled)
    labelled = labelled or row.net ~= nil
  end
  local p = fig:panel(2, 1, { x = { label = "output scale", scale = "log2" }, y = { label = "integral of |f''|, relative" } })
  local q = fig:panel(2, 2, { legend = "top right",
    x = { label = "r", scale = "log2" }, y = { label = "distance to the cubic spline", scale = "log10" } })
  local o = { x = {}, y = {}, lo = {}, hi = {}, color = 1, mark = "circle", line = true }
  for _, alpha in ipairs(alphas) do
    local values = values_of(results, alpha, "coarse")
    if #values > 0 then
      local m, interval = values[1], { values[1], values[1] }
      if #values > 1 then m, interval = limn.claims.interval(values) end
      table.insert(o.x, alpha)
      table.insert(o.y, m)
      table.insert(o.lo, interval[1])
      table.insert(o.hi, interval[2])
    end
  end
  if #o.x > 0 then p:errorbars(o) end
  p:hline { y = 1, dash = "dotted" }
  local rows, means = results:rows(), {}
  for i = 1, #SCALES do
    local sum = 0
    for _, row in ipairs(rows) do sum = sum + math.log(row.lazy[i]) end
    means[i] = math.exp(sum / #rows)
  end
  q:line { x = SCALES, y = means, color = 3, mark = "circle", label = "last layer's limit" }
  q:line { x = { SCALES[1], SCALES[#SCALES] }, y = { means[1], means[1] * SCALES[1] / SCALES[#SCALES] }, color = "black", mark = false,
    law = true, dash = "dashed", label = "1/r" }
  return fig
end

return limn.experiment {
  name = "splines",
  question = "Which functions of one input do ReLU nets learn: linear or cubic splines?",
  params = {
    alpha = { default = 1.0, help = "output scale", min = 1e-3, max = 1e3 },
    width = { default = 512, help = "width of the nets", min = 1 },
    steps = { default = 200000, help = "largest number of gradient descent steps", min = 1 },
  },
  grid = { alpha = { 1 / 64, 1 / 16, 1 / 4, 1, 16 } },
  reps = 16,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
