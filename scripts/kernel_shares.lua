-- kernel_shares.lua: which fraction of the tangent kernel does each layer of a wide net contribute, and which limit do
-- trained nets approach?
--
-- ReLU nets with L hidden layers of width n, d inputs, no biases, weights of variance 2/fan-in. Layer l contributes
-- |x^(l-1)|^2 |delta^l|^2 to the kernel at x. In expectation |x^l|^2 = n |x|^2/d for l >= 1 and, with output weights of
-- variance v/n, |delta^l|^2 = v/2 below the output layer. The contributions of (input, each hidden, output) are in the
-- ratio
--     standard, v = 2     d : n : n             input d/(d + L n); every other layer tends to 1/L
--     standard, v = 1     d/2 : n/2 : n         depth 2: 0, 1/3, 2/3; depth 3: 0, 1/4, 1/4, 1/2
--     NTK                 1 : 1 : 1             1/(L + 1) each, at every width
--     muP                 d : 1 : 1             d/(d + L), 1/(d + L), at every width
--     mean field (L = 1)  d : . : 2             d/(d + 2), 2/(d + 2), at every width
-- These ratios of expectations are exact at every width; the expectation of the ratio differs from them by O(1/n).
--
-- In the essay's limit only the last layer trains: its fraction is 1, and that of every earlier layer falls as 1/n. This
-- holds for one hidden layer only. Standard nets (f - f_0, rate below 1/lambda) are trained to convergence on four points
-- of a circle and compared, on the rest of the circle, with two limits: regression with the tangent kernel of all layers
-- but the first, and with that of the last layer. For L = 1 the two are equal. For L >= 2 the distance to the first falls
-- as n^-1/2, the order of the fluctuations of the kernel at initialisation; the distance to the second tends to a
-- constant. The distance of a net to its own linearisation is bounded by O(n^-1/2) (Lee et al. 2019). For L = 1 it falls
-- as n^-2, because features move by n^-3/2 (see feature_movement.lua) and enter in second order. For L >= 2 power counting
-- gives n^-1 for smooth activations; ReLU units that switch add n^-3/4, and the fits at these widths are close to the
-- bound.
--
-- Margins. Fractions 10 %: d/(d + L n) with another L, or without the d, is off by a third or more, and a readout of
-- variance 1/n instead of 2/n by a quarter. Exponents of fractions 0.2, so that 0, -1/2 and -1 are told apart; exponents
-- of distances 0.2 as well, since -1/2 competes with 0 and -1, and 0.4 for the linearised net at L = 1, where -2 competes
-- with -1 and -3/2.
--
-- Cost: a minute and a half on two cores, most of it for training at width 512.

local limn = require "limn"

local LAWS = {
  { name = "standard, He", param = "standard", readout = 2, shares = function(d, L, n) return d, n, n, d + L * n end },
  { name = "standard, readout 1/n", param = "standard", readout = 1,
    shares = function(d, L, n) return d / 2, n / 2, n, d / 2 + (L - 1) * n / 2 + n end },
  { name = "NTK", param = "ntk", readout = 2, shares = function(_, L) return 1, 1, 1, L + 1 end },
  { name = "muP", param = "mup", readout = 2, shares = function(d, L) return d, 1, 1, d + L end },
  { name = "mean field", param = "meanfield", readout = 2, deepest = 1, shares = function(d) return d, 0, 2, d + 2 end },
}

-- Fraction contributed by layer l (1: input, L + 1: output) under a law.
local function share(law, d, L, n, l)
  local input, hidden, output, all = law.shares(d, L, n)
  return (l == 1 and input or l == L + 1 and output or hidden) / all
end

local function sizes(d, L, n)
  local list = { d }
  for l = 1, L do list[l + 1] = n end
  list[L + 2] = 1
  return list
end

-- ---- one cell ------------------------------------------------------------------------------------------------

local function circle(angles) -- |x|^2 = 2
  local list = {}
  for i, a in ipairs(angles) do list[i] = { math.sqrt(2) * math.cos(a), math.sqrt(2) * math.sin(a) } end
  return limn.array(list)
end

local FROM, MOST = 64, 256 -- exponents are fitted from this width on; fractions are compared up to this one, many nets a cell

local X, y = circle { 0, 0.7, 1.4, 3 }, limn.array { 1, -1, 1, -1 }
local Z = circle(limn.linspace(0, 2 * math.pi * 63 / 64, 64):totable())

local limits = {} -- by depth and kind, at Z
local function limit(depth, kind)
  local key = kind .. depth
  limits[key] = limits[key] or limn.kernel.limit(X, y, { kind = kind, depth = depth,
    param = kind == "ntk" and "standard" or nil }):predict(Z)
  return limits[key]
end

local function rms(a) return math.sqrt((a ^ 2):mean()) end

-- Distances of trained nets to the limits and to their linearisation, as geometric means over a few nets.
local function trained(out, L, n, seed)
  local count = math.max(1, 512 // n)
  out.reached = 0
  for r = 0, count - 1 do
    local options = { sizes = sizes(2, L, n), bias = false, start = "none", seed = seed, rep = r }
    local net, fresh = limn.mlp.new(options), limn.mlp.new(options)
    local run = net:train(X, y, { tol = 1e-10, steps = 20000 })
    local f = net:forward(Z)
    out.reached = out.reached + (run.reason == "tolerance" and 1 or 0) / count
    for name, other in pairs { all_layers = limit(L, "ntk"), last_layer = limit(L, "nngp"),
      linearised = fresh:linearised(X, y):forward(Z) } do
      out[name] = (out[name] or 1) * rms(f - other) ^ (1 / count)
    end
  end
end

local function measure(point, rng)
  local law, L, n, d = LAWS[point.law], point.depth, point.width, point.inputs
  if L > (law.deepest or 3) then return { skipped = 1 } end
  local seed, out = rng:integer(1, 1 << 53), { skipped = 0 }
  local x = rng:normal(1, d)
  x = x * (math.sqrt(d) / x:norm()) -- fixed norm: every input has the same weight in the ratio of means
  for r = 0, math.max(1, math.min(256, point.entries // (n * n))) - 1 do -- more nets at small widths
    local net = limn.mlp.new { sizes = sizes(d, L, n), param = law.param, readout = law.readout, bias = false, seed = seed, rep = r }
    for l, k in ipairs(net:kernel(x).layers) do out["k" .. l] = (out["k" .. l] or 0) + k:get(1, 1) end
  end
  if point.law == 1 and n >= FROM and n <= point.widest and d == 2 then trained(out, L, n, seed) end
  return out
end

-- ---- from cells to claims --------------------------------------------------------------------------------------

local function rows_of(results, law, L, n)
  return results:where({ law = law, depth = L, width = n, skipped = 0 }):rows()
end

local function ascending(list, least, most)
  local out = {}
  for _, v in ipairs(list) do if v >= (least or v) and v <= (most or v) then out[#out + 1] = v end end
  table.sort(out)
  return out
end

-- Fraction contributed by layer l: a ratio of means over replicates.
local function fraction(list, L, l)
  local part, all = 0, 0
  for _, row in ipairs(list) do
    part = part + row["k" .. l]
    for m = 1, L + 1 do all = all + row["k" .. m] end
  end
  return part / all
end

-- Slope of log2 value(row) against log2 width over the given widths, one slope for each replicate.
local function exponent(results, L, widths, value)
  local x, ys = {}, {}
  for i, n in ipairs(widths) do
    x[i] = math.log(n, 2)
    for k, row in ipairs(rows_of(results, 1, L, n)) do
      ys[k] = ys[k] or {}
      ys[k][i] = math.log(value(row), 2)
    end
  end
  return #x > 1 and #ys > 0 and limn.claims.fit_slope(x, ys) or nil
end

local LAYER = { "input", "second", "output" }

-- The rows on fractions: {law, L, n, layer l, key}.
local function fraction_rows(widths, depths)
  local list, narrow = {}, widths[1]
  local wide = ascending(widths, nil, MOST)
  wide = wide[#wide] or narrow
  for k, law in ipairs(LAWS) do
    for _, L in ipairs(depths) do
      local deepest = L == depths[#depths]
      for _, n in ipairs((k == 1 and deepest and narrow < wide) and { narrow, wide } or { wide }) do
        for i, l in ipairs { 1, 2, L + 1 } do
          if L <= (law.deepest or 3) and (i == 1 or deepest and (i == 3 or L > 1) or i == 3 and k == 1) then
            list[#list + 1] = { law = k, L = L, n = n, l = l,
              key = ("kernel fraction of the %s layer, %s, L = %d, n = %d"):format(LAYER[i], law.name, L, n) }
          end
        end
      end
    end
  end
  return list
end

local function slope_key(L, l) return ("kernel fraction of the %s layer, standard, He, ~ n^r, L = %d"):format(LAYER[l], L) end

local DISTANCES = { { "all_layers", "limit of all layers" }, { "last_layer", "limit of the last layer" },
  { "linearised", "linearised net" } }
local function distance_key(k, L) return ("distance to the %s ~ n^r, L = %d"):format(DISTANCES[k][2], L) end

local function claims(params, plan)
  local rows, depths, d = {}, ascending(plan.grid.depth), params.inputs
  for _, r in ipairs(fraction_rows(ascending(plan.grid.width), depths)) do
    rows[#rows + 1] = { id = r.law <= 2 and "A2" or "A24", claim = r.key, theory = share(LAWS[r.law], d, r.L, r.n, r.l),
      essay = r.law <= 2 and r.l == r.L + 1 and 1 or nil, equal = { margin = 0.1, relative = true } }
  end
  for _, L in ipairs(depths) do
    for l = 1, math.min(L, 2) do
      rows[#rows + 1] = { id = "A2", claim = slope_key(L, l), essay = -1, theory = l == 1 and -1 or 0, slope = { margin = 0.2 } }
    end
    rows[#rows + 1] = { id = "A3", claim = distance_key(1, L), theory = -0.5, slope = { margin = 0.2 } }
    if L > 1 then
      rows[#rows + 1] = { id = "A3", claim = distance_key(2, L), essay = -0.5, theory = 0, slope = { margin = 0.2 } }
      rows[#rows + 1] = { id = "A3", claim = distance_key(3, L) .. ", at most -1/2", theory = -0.5, below = -0.25 }
    else
      rows[#rows + 1] = { id = "A3", claim = distance_key(3, L), theory = -2, slope = { margin = 0.4 } }
    end
  end
  return rows
end

local function report(results, ledger)
  local widths, depths = ascending(ledger.plan.grid.width), ascending(ledger.plan.grid.depth)
  for _, r in ipairs(fraction_rows(widths, depths)) do
    local rows = rows_of(results, r.law, r.L, r.n)
    if #rows > 0 then
      ledger:measure(r.key, limn.claims.statistic(rows, function(list) return fraction(list, r.L, r.l) end))
    end
  end
  for _, L in ipairs(depths) do
    for l = 1, math.min(L, 2) do
      ledger:measure(slope_key(L, l), exponent(results, L, ascending(widths, FROM), function(row) return fraction({ row }, L, l) end))
    end
    local trained_widths, last, short = {}, nil, 0
    for _, n in ipairs(ascending(widths, FROM)) do
      local rows = rows_of(results, 1, L, n)
      if #rows > 0 and rows[1].reached then trained_widths[#trained_widths + 1], last = n, rows end
      for _, row in ipairs(rows) do short = short + ((row.reached or 1) < 1 and 1 or 0) end
    end
    for k, kind in ipairs(DISTANCES) do
      if k ~= 2 or L > 1 then
        local mean = 0
        for _, row in ipairs(last or {}) do mean = mean + row[kind[1]] / #last end
        ledger:measure(distance_key(k, L) .. ((k == 3 and L > 1) and ", at most -1/2" or ""),
          exponent(results, L, trained_widths, function(row) return row[kind[1]] end),
          { note = last and ("%.2g at n = %d; %s cells with nets that did not reach loss 1e-10"):format(mean,
            trained_widths[#trained_widths], short > 0 and short or "no") or "no trained nets" })
      end
    end
  end
end

-- ---- the figure: 95 % intervals over replicates ------------------------------------------------------------------

local MARKS = { "circle", "osquare", "triangle", "diamond" }

-- Draws estimate(rows) -> value, interval at each width; shift: factor on the widths, so that bars do not overlap.
local function curve(panel, results, k, L, widths, shift, estimate, options)
  options.x, options.y, options.lo, options.hi = {}, {}, {}, {}
  for _, n in ipairs(widths) do
    local rows = rows_of(results, k, L, n)
    local v, interval = estimate(rows)
    if v then
      table.insert(options.x, n * shift)
      table.insert(options.y, v)
      table.insert(options.lo, math.max(interval[1], v / 10))
      table.insert(options.hi, interval[2])
    end
  end
  if #options.x > 0 then panel:errorbars(options) end
end

local function fraction_of(L, l)
  return function(rows)
    if #rows > 1 then return limn.claims.jackknife(rows, function(list) return fraction(list, L, l) end) end
  end
end

local function geometric(name)
  return function(rows)
    if #rows < 2 or not rows[1][name] then return end
    local logs = {}
    for i, row in ipairs(rows) do logs[i] = math.log(row[name]) end
    local m, interval = limn.claims.interval(logs)
    return math.exp(m), { math.exp(interval[1]), math.exp(interval[2]) }
  end
end

local function plot(results)
  local fig = limn.plot.figure { rows = 1, cols = 3, size = { 7.2, 2.9 }, letters = true }
  local widths, depths, d = results:distinct "width", results:distinct "depth", results:rows()[1].inputs
  local deepest = depths[#depths]
  local lines = limn.logspace(widths[1], widths[#widths], 60):totable()
  local x = { label = "width n", scale = "log2" }
  local function law_of(k, l)
    local out = {}
    for i, n in ipairs(lines) do out[i] = share(LAWS[k], d, deepest, n, l) end
    return out
  end

  local p = fig:panel(1, 1, { title = ("standard, He, L = %d"):format(deepest), x = x,
    y = { label = "fraction of the tangent kernel", scale = "log10", range = { 1e-5, 1.5 } }, legend = "bottom left" })
  for l = 1, deepest + 1 do
    if l <= 2 then
      p:line { x = lines, y = law_of(1, l), color = "black", mark = false, law = true, label = l == 1 and "laws" or nil }
    end
    curve(p, results, 1, deepest, widths, 2 ^ (l == 1 and 0 or (l - 3) / 10), fraction_of(deepest, l), { color = l, mark = MARKS[l],
      label = l == 1 and "input" or l == deepest + 1 and "output" or ("hidden %d"):format(l) })
  end

  local q = fig:panel(1, 2, { title = ("input layer, L = %d"):format(deepest), x = x,
    y = { label = "fraction of the tangent kernel", scale = "log10", range = { 1e-5, 1.5 } }, legend = "bottom left" })
  for k, law in ipairs(LAWS) do
    if not law.deepest then
      q:line { x = lines, y = law_of(k, 1), color = k, mark = false, law = true, label = k == 1 and "laws" or nil }
      curve(q, results, k, deepest, widths, 1, fraction_of(deepest, 1), { color = k, mark = MARKS[k],
        label = law.name:gsub("standard, readout", "readout") })
    end
  end

  local s = fig:panel(1, 3, { title = "trained standard nets", x = x,
    y = { label = "RMS distance at new points", scale = "log10", range = { 1e-4, 2 } }, legend = "bottom left" })
  for _, L in ipairs(depths) do
    curve(s, results, 1, L, widths, 1, geometric "all_layers", { color = L, mark = MARKS[L], line = true,
      label = ("to all layers, L = %d"):format(L) })
    if L > 1 then
      curve(s, results, 1, L, widths, 1, geometric "last_layer", { color = L, mark = "plus", line = true,
        label = ("to last layer, L = %d"):format(L) })
    end
  end
  local ends = { math.max(widths[1], FROM), widths[#widths] }
  s:line { x = ends, y = { 0.2, 0.2 * (ends[1] / ends[2]) ^ 0.5 }, color = "black", law = true, mark = false,
    label = limn.plot.math "n^{-1/2}" }
  return fig
end

return limn.experiment {
  name = "kernel_shares",
  question = "Which fraction of the tangent kernel does each layer contribute, and which limit do trained nets approach?",
  params = {
    law = { default = 1, help = "1 standard He, 2 standard with readout 1/n, 3 NTK, 4 muP, 5 mean field", min = 1, max = #LAWS },
    depth = { default = 2, help = "hidden layers", min = 1, max = 3 },
    width = { default = 64, help = "units per hidden layer", min = 1 },
    inputs = { default = 2, help = "number of inputs d", min = 1 },
    entries = { default = 1 << 19, help = "a cell averages entries/width^2 nets, at most 256" },
    widest = { default = 512, help = "largest width that is trained" },
  },
  grid = { law = "1:5", depth = "1:3", width = "16:1024:log2" },
  reps = 32,
  cost = function(p) return p.width ^ 2 * p.depth * (p.law == 1 and 40 or 1) + 1e5 end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
