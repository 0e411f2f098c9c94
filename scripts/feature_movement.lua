-- feature_movement.lua: how far do features move in training, and which learning rates are stable, as a function of
-- width and parameterisation?
--
-- ReLU nets without biases on XOR; f - f_0 is trained by gradient descent to the loss 10^-3. A coordinate of layer l
-- moves by an amount of order n^-r. With W = n^-a w, w ~ N(0, n^-2b), rate n^-c (Yang and Hu 2021), the gradients at
-- initialisation give r:
--                    rate      layer 1 of 1   layer 1 of 2   layer 2 of 2
--     standard       eta/n     3/2            3/2            1/2
--     NTK            eta       1/2            1/2            1/2
--     mean field     eta n     0
--     muP            eta       0              0              0
-- The usual value for standard nets, r = 1/2, belongs to hidden-to-hidden weights, whose n updates add coherently.
-- The number of inputs d is fixed; the first layer therefore moves by a factor n less, and a net with one hidden
-- layer has r = 3/2. The largest movement of a unit exceeds the RMS by the factor sqrt(2 log 4n), the maximum of 4 n
-- Gaussians, whose slope in log n is about 0.07 at these widths. With two hidden layers the
-- tails are heavier, and the row is left out.
--
-- Stability: gradient descent on the tangent model is stable up to the rate 2 D/lambda_max; lambda_max grows as n in
-- the standard parameterisation only. The stability limit of a net is found by bisection, as the largest rate at which
-- the loss is lower after 60 steps. It exceeds that of the tangent model, because the kernel shrinks when the loss
-- overshoots: by a factor up to 2 where f is quadratic in the weights and about 6 in ReLU nets (Lewkowycz et al. 2020
-- report 12/lambda). Where features move, the kernel may also grow; the limit is then slightly lower.
--
-- Adam in standard nets, one step at a small fixed rate: each weight changes by the rate, independently of the size of
-- its gradient. With n coherent inputs the layers change as n^0 (first), n^1 (second) and n^3/2 (output).
--
-- Finite width: lambda of one net deviates from its mean by a relative sqrt(L/n), and the mean of its logarithm from
-- the logarithm of its mean by L/n. Narrow nets therefore train longer and move further than the law: the exponents of
-- deep standard nets fitted on n >= 64 are 0.03 to 0.06 too high. Nets that do not reach the loss (a few of width 16) are
-- counted and left out; no fit uses widths below 64.
--
-- Margins. Movement 0.15: exponents that differ by 1/2 compete, and 1/4 must not pass for 0 or 1/2. Excess of the largest
-- unit 0.06: 0 (no excess) must not pass. Stability limit 0.2: 0, -1/2 and -1 compete. Adam 0.15. Fractions of nets 0.25,
-- between 0 and 1.
--
-- Cost: three quarters of a minute on two cores.

local limn = require "limn"

local PARAMS = { -- r by depth and layer; exponent in n of the stability limit
  { name = "standard", param = "standard", r = { { 1.5 }, { 1.5, 0.5 } }, edge = -1 },
  { name = "NTK", param = "ntk", r = { { 0.5 }, { 0.5, 0.5 } }, edge = 0 },
  { name = "mean field", param = "meanfield", r = { { 0 } }, edge = 0 },
  { name = "muP", param = "mup", r = { { 0 }, { 0, 0 } }, edge = 0 },
}
local ADAM = { 0, 1, 1.5 } -- exponents in n of the change of layers 1, 2 and the output in one step of Adam
local FROM = 64 -- smallest width of a fit

-- ---- one cell ------------------------------------------------------------------------------------------------

local X, y = limn.data.xor()

local function net_of(point, seed)
  local sizes = { 2 }
  for l = 1, point.depth do sizes[l + 1] = point.width end
  sizes[#sizes + 1] = 1
  return limn.mlp.new { sizes = sizes, param = PARAMS[point.param].param, bias = false, start = "none", seed = seed }
end

-- The largest rate at which the loss is lower after 60 steps, to within a factor 2^(1/8).
local function edge_of(point, seed, guess)
  local before = (y ^ 2):mean() / 2
  local low, high = math.log(guess, 2) - 2, math.log(guess, 2) + 4
  while high - low > 1 / 8 do
    local middle = (low + high) / 2
    local run = net_of(point, seed):train(X, y, { rate = 2 ^ middle, steps = 60, tol = 1e-9 })
    if run.reason ~= "diverged" and run.loss < before then low = middle else high = middle end
  end
  return 2 ^ ((low + high) / 2)
end

local function measure(point, rng)
  local kind = PARAMS[point.param]
  if not kind.r[point.depth] then return { skipped = 1 } end
  local seed = rng:integer(1, 1 << 53)
  local net = net_of(point, seed)
  local run = net:train(X, y, { tol = point.tol, steps = 100000 })
  local out = { skipped = 0, reached = run.reason == "tolerance" and 1 or 0, rate = run.rate }
  for l, moved in ipairs(net:movement(X)) do out["rms" .. l], out["max" .. l] = moved.rms, moved.max end
  if point.width <= point.widest then
    local w = net_of(point, seed):kernel(X).total:eigh()
    out.linear = 2 * #X / w[#w]
    out.edge = edge_of(point, seed, out.linear)
  end
  if kind.param == "standard" and point.depth == 2 then
    net = net_of(point, seed)
    net:step(X, y, { optimizer = "adam", rate = 1e-4 })
    local now, start = net:activations(X, { pre = true }), net:activations(X, { pre = true, initial = true })
    for l = 1, 3 do out["adam" .. l] = math.sqrt(((now[l] - start[l]) ^ 2):mean()) end
  end
  return out
end

-- ---- from cells to claims ------------------------------------------------------------------------------------

local function sorted(list, from, to)
  local out, seen = {}, {}
  for _, n in ipairs(list) do
    if n >= from and n <= to and not seen[n] then out[#out + 1], seen[n] = n, true end
  end
  table.sort(out)
  return out
end

-- values[replicate][width] of value(row), where the net has reached the loss.
local function by_replicate(results, k, depth, value)
  local reps = {}
  for _, row in ipairs(results:where({ param = k, depth = depth, skipped = 0 }):rows()) do
    local v = row.reached == 1 and value(row)
    reps[row.rep] = reps[row.rep] or {}
    reps[row.rep][row.width] = v or nil
  end
  return reps
end

-- Slope of log2 value against log2 width, one for each replicate that has all the widths; the number of others.
local function exponent(results, k, depth, widths, value)
  local x, ys, without = {}, {}, 0
  for i, n in ipairs(widths) do x[i] = math.log(n, 2) end
  for _, values in pairs(by_replicate(results, k, depth, value)) do
    local logs = {}
    for i, n in ipairs(widths) do logs[i] = values[n] and math.log(values[n], 2) end
    if #logs == #widths then ys[#ys + 1] = logs else without = without + 1 end
  end
  if #x < 2 or #ys == 0 then return nil, without end
  return limn.claims.fit_slope(x, ys), without
end

-- Slope in log n of sqrt(2 log 4n) over widths.
local function extreme(widths)
  local x, logs = {}, {}
  for i, n in ipairs(widths) do x[i], logs[i] = math.log(n), math.log(2 * math.log(4 * n)) / 2 end
  return #x > 1 and (limn.claims.slope(x, logs)) or 0
end

-- Every row: {declaration, param, depth, kind, ...}; `wide`: widths of movement, `tested`: of stability limits.
local function rows_of(grid, widest)
  local list, wide, tested = {}, sorted(grid.width, FROM, math.huge), sorted(grid.width, FROM, widest)
  local function add(how, id, claim, declaration)
    declaration.id, declaration.claim = id, claim
    how.declaration = declaration
    list[#list + 1] = how
  end
  for _, k in ipairs(grid.param) do
    local kind = PARAMS[k]
    local id = k == 1 and "A4" or "A24"
    for depth, layers in ipairs(kind.r) do
      local of, n = ("%s, depth %d"):format(kind.name, depth), tested[#tested] or 0
      for l, r in ipairs(layers) do
        add({ k = k, depth = depth, widths = wide, value = function(row) return row["rms" .. l] end }, id,
          ("movement of layer %d ~ n^s, %s"):format(l, of), { theory = -r, slope = { margin = 0.15 },
            note = k == 1 and depth == 1 and "usual value: -1/2" or "" })
        if depth == 1 and r > 0 then
          add({ k = k, depth = depth, widths = wide, value = function(row) return row["max" .. l] / row["rms" .. l] end }, id,
            ("largest movement of a unit over RMS ~ n^s, layer %d, %s"):format(l, of), { theory = extreme(wide),
              slope = { margin = 0.06 } })
        end
      end
      add({ k = k, depth = depth, widths = tested, value = function(row) return row.edge end }, "A5",
        ("largest stable rate ~ n^s, %s"):format(of), { theory = kind.edge, slope = { margin = 0.2 } })
      add({ k = k, depth = depth, ratio = n }, "A5", ("largest stable rate over 2 D/lambda_max, %s, n = %d"):format(of, n),
        k <= 2 and { theory = 1, above = 1 } or { describe = true, note = "below 1: the kernel grows during training" })
      if k <= 2 then
        add({ k = k, depth = depth, fixed = { tested[1] or 0, n } }, "A5",
          ("fraction of nets of width %d stable at half the limit for n = %d, %s"):format(n, tested[1] or 0, of),
          { theory = k - 1, proportion = { margin = 0.25 } })
      end
    end
    if k == 1 then
      for l, s in ipairs(ADAM) do
        add({ k = 1, depth = 2, widths = wide, value = function(row) return row["adam" .. l] end }, "A4",
          ("one step of Adam, standard: change of %s ~ n^s"):format(l < 3 and "layer " .. l or "the output"),
          { theory = s, slope = { margin = 0.15 } })
      end
    end
  end
  return list
end

local REACHED = "fraction of nets that did not reach the loss, n >= 64"

local function claims(params, plan)
  local rows = {}
  for i, r in ipairs(rows_of(plan.grid, params.widest)) do rows[i] = r.declaration end
  rows[#rows + 1] = { id = "A33", claim = REACHED, theory = 0, proportion = { margin = 0.02 },
    replicates = math.max(1, plan.cells // 2) } -- nets, without narrow and skipped ones
  return rows
end

local function report(results, ledger)
  local failed, all, narrow = 0, 0, 0
  for _, row in ipairs(results:where({ skipped = 0 }):rows()) do
    if row.width >= FROM then failed, all = failed + 1 - row.reached, all + 1 else narrow = narrow + 1 - row.reached end
  end
  for _, r in ipairs(rows_of(ledger.plan.grid, ledger.params.widest)) do
    local estimate, note
    if r.widths then
      local without
      estimate, without = exponent(results, r.k, r.depth, r.widths, r.value)
      note = ("n = %d .. %d%s"):format(r.widths[1] or 0, r.widths[#r.widths] or 0,
        without > 0 and ("; %d replicates with nets that did not fit left out"):format(without) or "")
    elseif r.ratio then
      local values = {}
      for _, at in pairs(by_replicate(results, r.k, r.depth, function(row) return row.edge and row.edge / row.linear end)) do
        values[#values + 1] = at[r.ratio]
      end
      estimate = #values > 0 and limn.claims.mean(values) or nil
    else
      local stable, count = 0, 0
      for _, at in pairs(by_replicate(results, r.k, r.depth, function(row) return row.edge end)) do
        local first, last = at[r.fixed[1]], at[r.fixed[2]]
        if first and last then stable, count = stable + (last > first / 2 and 1 or 0), count + 1 end
      end
      estimate = count > 0 and limn.claims.proportion(stable, count) or nil
    end
    ledger:measure(r.declaration.claim, estimate, { note = note })
  end
  ledger:measure(REACHED, all > 0 and limn.claims.proportion(failed, all) or nil,
    { note = ("%d of %d; narrower: %d"):format(failed, all, narrow) })
end

-- ---- the figure: geometric means with 95 % intervals over replicates ----------------------------------------------

local MARKS = { "circle", "square", "triangle", "diamond" }
local OPEN = { "ocircle", "osquare", "otriangle", "odiamond" }

-- Points of value(row) against width, and a law of slope s (or none) through the mean at the widest nets.
local function draw(panel, results, k, depth, value, s, options)
  local logs, o = {}, options
  o.x, o.y, o.lo, o.hi = {}, {}, {}, {}
  for _, values in pairs(by_replicate(results, k, depth, value)) do
    for n, v in pairs(values) do
      logs[n] = logs[n] or {}
      table.insert(logs[n], math.log(v))
    end
  end
  local widths = {}
  for n in pairs(logs) do widths[#widths + 1] = n end
  for i, n in ipairs(sorted(widths, 0, math.huge)) do
    local m, interval = logs[n][1], { logs[n][1], logs[n][1] }
    if #logs[n] > 1 then m, interval = limn.claims.interval(logs[n]) end
    o.x[i], o.y[i], o.lo[i], o.hi[i] = n, math.exp(m), math.exp(interval[1]), math.exp(interval[2])
  end
  if #o.x == 0 then return end
  if s then
    local first, last = o.x[1], o.x[#o.x]
    panel:line { x = { first, last }, y = { o.y[#o.y] * (first / last) ^ s, o.y[#o.y] }, color = o.color, mark = false, law = true }
  end
  panel:errorbars(o)
end

-- Fraction of nets that are stable, by width and rate, in the standard parameterisation at depth 2.
local function map(panel, results)
  local edges, widths = by_replicate(results, 1, 2, function(row) return row.edge end), {}
  for _, at in pairs(edges) do for n in pairs(at) do widths[#widths + 1] = n end end
  widths = sorted(widths, 0, math.huge)
  if #widths < 2 then return end
  local rates, z = limn.linspace(-8, 4, 49), limn.zeros(49, #widths)
  local x = limn.zeros(#widths)
  for j, n in ipairs(widths) do
    x:set(j, math.log(n, 2))
    for i = 1, #rates do
      local stable, count = 0, 0
      for _, at in pairs(edges) do
        if at[n] then stable, count = stable + (at[n] > 2 ^ rates[i] and 1 or 0), count + 1 end
      end
      z:set(i, j, count > 0 and stable / count or 0)
    end
  end
  panel:heatmap { z = z, x = x, y = rates, range = { 0, 1 }, bar = true }
end

local function plot(results)
  local fig = limn.plot.figure { rows = 2, cols = 2, size = { 7.2, 5.6 }, letters = true, colorbar = "fraction stable" }
  local x = { label = "width n", scale = "log2" }
  local function panel(i, j, title, label, range)
    return fig:panel(i, j, { title = title, x = x, y = { label = label, scale = "log10", range = range }, legend = "bottom left" })
  end
  local p = panel(1, 1, "one hidden layer; lines: theory", "relative movement of features", { 1e-7, 5 })
  local q = panel(1, 2, "two hidden layers; lines: theory", "relative movement of features", { 1e-10, 5 })
  local s = panel(2, 1, "two hidden layers", "largest stable rate", { 1e-6, 1e3 })
  for k, kind in ipairs(PARAMS) do
    for depth, layers in ipairs(kind.r) do
      for l, r in ipairs(layers) do
        draw(depth == 1 and p or q, results, k, depth, function(row) return row["rms" .. l] end, -r, { color = k,
          mark = l == depth and MARKS[k] or OPEN[k], label = depth == 1 and kind.name or ("%s, layer %d"):format(kind.name, l) })
      end
    end
    draw(s, results, k, 2, function(row) return row.linear end, nil, { color = k, mark = OPEN[k],
      label = ("2 D/λ, %s"):format(kind.name) })
    draw(s, results, k, 2, function(row) return row.edge end, kind.edge, { color = k, mark = MARKS[k], label = kind.name })
  end
  local m = fig:panel(2, 2, { title = "standard, two layers; line: 1/n", x = { label = "log2 width n" }, y = { label = "log2 rate" },
    legend = "none" })
  map(m, results)
  m:line { x = { 4, 9 }, y = { 0, -5 }, color = "white", mark = false, law = true }
  return fig
end

return limn.experiment {
  name = "feature_movement",
  question = "How far do the features of each layer move in training, and which rates are stable, at each width?",
  params = {
    param = { default = 1, help = "1 standard, 2 NTK, 3 mean field, 4 muP", min = 1, max = #PARAMS },
    depth = { default = 2, help = "hidden layers", min = 1, max = 2 },
    width = { default = 64, help = "units per hidden layer", min = 1 },
    tol = { default = 1e-3, help = "loss at which training stops" },
    widest = { default = 1024, help = "largest width at which the stability limit is measured" },
  },
  grid = { param = "1:4", depth = "1:2", width = "16:1024:log2" },
  reps = 32,
  cost = function(p) return p.width ^ p.depth + 1000 end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
