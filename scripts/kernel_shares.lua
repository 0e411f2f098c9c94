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
-- Hence "only the last layer trains" holds for one hidden layer only. Standard nets (f - f_0, rate below 1/lambda) are
-- trained to convergence on four points of a circle and compared, on the rest of the circle, with two limits:
-- regression with the tangent kernel of all layers but the first, and with that of the last layer. For L = 1 the two
-- are equal. For L >= 2 the distance to the first falls as n^-1/2, the order of the fluctuations of the kernel at
-- initialisation; the distance to the second does not tend to 0. The distance of a net to its own linearisation is
-- bounded by O(n^-1/2) (Lee et al. 2019). For L = 1 it falls as n^-2, because features move by n^-3/2 (see
-- feature_movement.lua) and enter in second order. For L >= 2 power counting gives n^-1 for smooth activations; ReLU
-- units that switch add n^-3/4, and the fits at these widths are close to the bound.
--
-- Cost: a minute or two on two cores, most of it for training at width 512; two hours with 100 times the nets.

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

local function measure(point, rng)
  local law, L, n = LAWS[point.law], point.depth, point.width
  if L > (law.deepest or 3) then return { skipped = 1 } end
  local seed = rng:integer(1, 1 << 53)
  local out, d = { skipped = 0 }, point.inputs
  local x = rng:normal(1, d)
  x = x * (math.sqrt(d) / x:norm()) -- fixed norm: every input has the same weight in the ratio of means
  for r = 0, math.max(1, math.min(1024, point.entries // (n * n))) - 1 do -- more nets at small widths
    local net = limn.mlp.new { sizes = sizes(d, L, n), param = law.param, readout = law.readout, bias = false, seed = seed, rep = r }
    for l, k in ipairs(net:kernel(x).layers) do out["k" .. l] = (out["k" .. l] or 0) + k:get(1, 1) end
  end
  if point.law == 1 and n <= point.widest and d == 2 then
    local net = limn.mlp.new { sizes = sizes(2, L, n), bias = false, start = "none", seed = seed }
    local run = net:train(X, y, { tol = 1e-10, steps = 20000 })
    out.reached = run.reason == "tolerance" and 1 or 0
    local f = net:forward(Z)
    out.all_layers, out.last_layer = rms(f - limit(L, "ntk")), rms(f - limit(L, "nngp"))
    net = limn.mlp.new { sizes = sizes(2, L, n), bias = false, start = "none", seed = seed }
    out.linearised = rms(f - net:linearised(X, y):forward(Z))
  end
  return out
end

-- ---- from cells to claims --------------------------------------------------------------------------------------

local function rows_of(results, law, L, n)
  return results:where({ law = law, depth = L, width = n, skipped = 0 }):rows()
end

local function values(results, name)
  local seen, list = {}, {}
  for _, row in ipairs(results:rows()) do
    if not seen[row[name]] then seen[row[name]], list[#list + 1] = true, row[name] end
  end
  table.sort(list)
  return list
end

-- Fraction contributed by layer l, as a ratio of means over replicates, with its interval.
local function measured(rows, L, l)
  return limn.claims.jackknife(rows, function(list)
    local part, all = 0, 0
    for _, row in ipairs(list) do
      part = part + row["k" .. l]
      for m = 1, L + 1 do all = all + row["k" .. m] end
    end
    return part / all
  end, 0.99)
end

-- Geometric mean over replicates of a distance at each width; mean over replicates and interval of its exponent from
-- width `from` on.
local function distances(results, L, name, from)
  local by_rep, widths, mean, slopes = {}, {}, {}, {}
  for _, n in ipairs(values(results, "width")) do
    local sum, count = 0, 0
    for _, row in ipairs(rows_of(results, 1, L, n)) do
      if row[name] then
        sum, count = sum + math.log(row[name]), count + 1
        local of = by_rep[row.rep] or { n = {}, v = {} }
        by_rep[row.rep] = of
        if n >= from then of.n[#of.n + 1], of.v[#of.v + 1] = n, row[name] end
      end
    end
    if count > 0 then widths[#widths + 1], mean[#mean + 1] = n, math.exp(sum / count) end
  end
  for _, of in pairs(by_rep) do if #of.n > 1 then slopes[#slopes + 1] = limn.mlp.exponent(of.n, of.v).slope end end
  if #slopes < 2 then return widths, mean end
  return widths, mean, limn.claims.interval(slopes)
end

local FROM = 64 -- exponents are fitted from this width on

local function report(results)
  local ledger = limn.claims.new "Tangent kernel by layer, and the limit of trained nets"
  local widths, depths, d = values(results, "width"), values(results, "depth"), results:rows()[1].inputs
  local narrow, wide = widths[1], widths[#widths]
  for k, law in ipairs(LAWS) do
    for _, L in ipairs(depths) do
      for _, n in ipairs(k == 1 and { narrow, wide } or { wide }) do
        local rows = rows_of(results, k, L, n)
        for l = 1, #rows > 1 and L + 1 or 0 do
          if l == 1 or l == L + 1 or (l == 2 and L > 1) then
            local m, interval = measured(rows, L, l)
            if n == wide and L < depths[#depths] and l > 1 then goto next end -- the input layer's row suffices
            ledger:row { id = (k == 1 or k == 2) and "A2" or "A24", predicted = share(law, d, L, n, l),
              measured = m, interval = interval, claim = ("kernel fraction of the %s layer, %s, L = %d, n = %d"):format(
                l == 1 and "input" or l == L + 1 and "output" or "second", law.name, L, n) }
            ::next::
          end
        end
      end
    end
  end
  for _, L in ipairs(depths) do
    local _, mean, slope, interval = distances(results, L, "all_layers", FROM)
    if slope then
      ledger:row { id = "A3", claim = ("distance to the limit of all layers ~ n^r, L = %d"):format(L), predicted = -0.5,
        measured = slope, interval = interval, note = ("n >= %d; %.2g at the largest n"):format(FROM, mean[#mean]) }
      _, mean, slope, interval = distances(results, L, "last_layer", FROM)
      local apart = rms(limit(L, "ntk") - limit(L, "nngp"))
      ledger:row { id = "A3", claim = ("distance to the limit of the last layer ~ n^r, L = %d"):format(L),
        predicted = L == 1 and -0.5 or 0, measured = slope, interval = interval,
        note = L == 1 and "the same limit" or ("%.2g at the largest n; distance between the limits %.2g"):format(mean[#mean], apart) }
      _, mean, slope, interval = distances(results, L, "linearised", FROM)
      local note = ("%.2g at the largest n"):format(mean[#mean])
      if L == 1 then
        ledger:row { id = "A3", claim = "distance to the linearised net ~ n^r, L = 1", predicted = -2,
          measured = slope, interval = interval, note = note }
      else
        ledger:row { id = "A3", claim = ("distance to the linearised net ~ n^r, r <= -1/2, L = %d"):format(L),
          predicted = -0.5, measured = slope, interval = interval, note = note,
          verdict = interval[1] > -0.5 and "disagrees" or interval[2] < -0.5 and "refines" or "agrees" }
      end
    end
  end
  local left = 0
  for _, row in ipairs(results:rows()) do if row.reached == 0 then left = left + 1 end end
  if left > 0 then io.stderr:write(("kernel_shares: %d nets did not reach loss 1e-10\n"):format(left)) end
  ledger:print()
  return ledger
end

-- ---- the figure ------------------------------------------------------------------------------------------------

local MARKS = { "circle", "osquare", "triangle", "diamond" }

local function plot(results)
  local fig = limn.plot.figure { rows = 1, cols = 3, size = { 7.2, 2.7 }, letters = true }
  local widths, depths, d = values(results, "width"), values(results, "depth"), results:rows()[1].inputs
  local deepest = depths[#depths]
  local lines = limn.logspace(widths[1], widths[#widths], 60):totable()

  -- every layer of the deepest standard nets
  local p = fig:panel(1, 1, { title = ("standard, He, %d hidden layers"):format(deepest), x = { label = "width n", scale = "log2" },
    y = { label = "fraction of the tangent kernel", scale = "log10", range = { 2e-4, 1.5 } }, legend = "bottom left" })
  for l = 1, deepest + 1 do
    local law, x, m, lo, hi = {}, {}, {}, {}, {}
    for i, n in ipairs(lines) do law[i] = share(LAWS[1], d, deepest, n, l) end
    for _, n in ipairs(widths) do
      local rows = rows_of(results, 1, deepest, n)
      if #rows > 1 then
        local v, interval = measured(rows, deepest, l)
        x[#x + 1], m[#m + 1], lo[#lo + 1], hi[#hi + 1] = n * 2 ^ (l == 1 and 0 or (l - 3) / 10), v, interval[1], interval[2]
      end
    end
    if l <= 2 then p:line { x = lines, y = law, color = "black", mark = false, law = true } end
    p:errorbars { x = x, y = m, lo = lo, hi = hi, color = l, mark = MARKS[l],
      label = l == 1 and "input" or l == deepest + 1 and "output" or ("hidden %d"):format(l) }
  end

  -- the input layer under each law
  local q = fig:panel(1, 2, { title = ("input layer, %d hidden layers"):format(deepest), x = { label = "width n", scale = "log2" },
    y = { label = "fraction of the tangent kernel", scale = "log10", range = { 2e-4, 1.5 } }, legend = "bottom left" })
  for k, law in ipairs(LAWS) do
    if not law.deepest then
      local curve, x, m = {}, {}, {}
      for i, n in ipairs(lines) do curve[i] = share(law, d, deepest, n, 1) end
      for _, n in ipairs(widths) do
        local rows = rows_of(results, k, deepest, n)
        if #rows > 1 then x[#x + 1], m[#m + 1] = n, (measured(rows, deepest, 1)) end
      end
      q:line { x = lines, y = curve, color = k, mark = false, law = true }
      q:points { x = x, y = m, color = k, mark = MARKS[k], label = law.name:gsub("standard, readout", "readout") }
    end
  end

  -- trained nets against the two limits
  local s = fig:panel(1, 3, { title = "trained standard nets", x = { label = "width n", scale = "log2" },
    y = { label = "RMS distance at new points", scale = "log10", range = { 8e-3, 1 } }, legend = "bottom left" })
  for _, L in ipairs(depths) do
    local x, m = distances(results, L, "all_layers", FROM)
    if #x > 0 then
      s:line { x = x, y = m, color = L, dash = "solid", mark = MARKS[L], label = ("L = %d, all layers"):format(L) }
      if L > 1 then
        x, m = distances(results, L, "last_layer", FROM)
        s:line { x = x, y = m, color = L, dash = "dashed", mark = MARKS[L], label = ("L = %d, last layer"):format(L) }
        s:hline { y = rms(limit(L, "ntk") - limit(L, "nngp")), color = L, width = 0.5, dash = "dotted" }
      end
      if L == depths[1] then
        s:line { x = { x[1], x[#x] }, y = { m[#m] * (x[#x] / x[1]) ^ 0.5 * 0.6, m[#m] * 0.6 }, color = "black", law = true, mark = false }
      end
    end
  end
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
    entries = { default = 1 << 18, help = "a cell averages entries/width^2 nets, at most 1024" },
    widest = { default = 512, help = "largest width that is trained" },
  },
  grid = { law = "1:5", depth = "1:3", width = "16:1024:log2" },
  reps = 12,
  cost = function(p) return p.width ^ 2 * p.depth * (p.law == 1 and 40 or 1) + 1e5 end,
  measure = measure,
  report = report,
  plot = plot,
}
