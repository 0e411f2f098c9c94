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
-- layer has r = 3/2. The largest movement of a unit exceeds the RMS by the factor sqrt(2 log n), the maximum of n
-- Gaussians, which lowers the exponent by about 0.1 at these widths.
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
-- the logarithm of its mean by L/n. Nets narrower than 256 therefore train longer and move further than the law: the
-- exponents of deep standard nets fitted on n >= 64 are 0.03 to 0.06 too high; the notes give the fit on n >= 256. The
-- ratio of the stability limit to that of the tangent model also depends on width. The rows n = 16 .. 64 cover smaller
-- widths; nets that do not reach the loss (a few of width 16) are excluded.
--
-- Cost: about two minutes on two cores; three hours with 100 times the replicates.

local limn = require "limn"

local PARAMS = { -- r by depth and layer; exponent in n of the stability limit
  { name = "standard", param = "standard", r = { { 1.5 }, { 1.5, 0.5 } }, edge = -1 },
  { name = "NTK", param = "ntk", r = { { 0.5 }, { 0.5, 0.5 } }, edge = 0 },
  { name = "mean field", param = "meanfield", r = { { 0 } }, edge = 0 },
  { name = "muP", param = "mup", r = { { 0 }, { 0, 0 } }, edge = 0 },
}
local ADAM = { 0, 1, 1.5 } -- exponents in n of the change of layers 1, 2 and the output in one step of Adam
local FROM, FURTHER = 64, 256 -- smallest width of a fit; that of the second fit, where the first one misses

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

-- ---- from cells to exponents ---------------------------------------------------------------------------------

-- One column as { [rep] = { [width] = value } }, the sorted widths, and the geometric mean at each width.
local function collect(results, param, depth, name)
  local reps, widths, sums, counts = {}, {}, {}, {}
  for _, row in ipairs(results:where({ param = param, depth = depth, skipped = 0 }):rows()) do
    local v, n = row[name], row.width
    if v and v > 0 and row.reached == 1 then -- exclude nets that did not fit
      reps[row.rep] = reps[row.rep] or {}
      reps[row.rep][n] = v
      if not sums[n] then sums[n], counts[n], widths[#widths + 1] = 0, 0, n end
      sums[n], counts[n] = sums[n] + math.log(v), counts[n] + 1
    end
  end
  table.sort(widths)
  local mean = {}
  for i, n in ipairs(widths) do mean[i] = math.exp(sums[n] / counts[n]) end
  return reps, widths, mean
end

-- Slope of log value against log width over widths in [from, to]: mean over replicates and its interval.
local function slope_of(results, param, depth, name, from, to)
  local slopes = {}
  for _, by_width in pairs((collect(results, param, depth, name))) do
    local widths, values = {}, {}
    for n in pairs(by_width) do if n >= from and n <= (to or math.huge) then widths[#widths + 1] = n end end
    table.sort(widths)
    for i, n in ipairs(widths) do values[i] = by_width[n] end
    if #widths > 1 then slopes[#slopes + 1] = limn.mlp.exponent(widths, values).slope end
  end
  if #slopes < 2 then return end
  return limn.claims.interval(slopes)
end

-- Slope in log n of sqrt(2 log 4n), the maximum of 4 n Gaussians, over the fitted widths.
local function extreme(widths)
  local list, values = {}, {}
  for _, n in ipairs(widths) do
    if n >= FROM then list[#list + 1], values[#values + 1] = n, math.sqrt(2 * math.log(4 * n)) end
  end
  return limn.mlp.exponent(list, values).slope
end

local function report(results)
  local ledger = limn.claims.new "Movement of features and stability limits against width"
  for k, kind in ipairs(PARAMS) do
    for depth, list in ipairs(kind.r) do
      for l, r in ipairs(list) do
        local m, interval = slope_of(results, k, depth, "rms" .. l, FROM)
        if m then
          local usual = (k == 1 and depth == 1) and "; usual value: 1/2" or ""
          local inside = -r >= interval[1] and -r <= interval[2]
          local far, within = slope_of(results, k, depth, "rms" .. l, FURTHER)
          local later = not inside and far and -r >= within[1] and -r <= within[2]
          ledger:row { id = k == 1 and "A4" or "A24", predicted = r, measured = -m, interval = { -interval[2], -interval[1] },
            claim = ("r of layer %d of %d, %s, RMS"):format(l, depth, kind.name),
            verdict = inside and (usual ~= "" and "refines" or "agrees") or later and "refines" or "disagrees",
            note = ("n >= %d%s%s"):format(FROM, usual, not inside and far
              and ("; n >= %d: %.3f [%.3f, %.3f]"):format(FURTHER, -far, -within[2], -within[1]) or "") }
          local _, widths = collect(results, k, depth, "rms" .. l)
          if l == depth and r > 0 then
            m, interval = slope_of(results, k, depth, "max" .. l, FROM)
            ledger:row { id = k == 1 and "A4" or "A24", predicted = r - extreme(widths), measured = -m,
              interval = { -interval[2], -interval[1] }, tolerance = 0.02,
              claim = ("r of layer %d of %d, %s, largest unit"):format(l, depth, kind.name), note = "r less the slope of sqrt(2 log 4n)" }
          end
          if l == depth and widths[1] < FROM then
            m, interval = slope_of(results, k, depth, "rms" .. l, widths[1], FROM)
            ledger:row { id = "A4", predicted = r, measured = -m, interval = { -interval[2], -interval[1] },
              verdict = (r >= -interval[2] and r <= -interval[1]) and "agrees" or "refines",
              claim = ("r of the last hidden layer at n = %d .. %d, %s, depth %d"):format(widths[1], FROM, kind.name, depth),
              note = "below the asymptotic range" }
          end
        end
      end
      local m, interval = slope_of(results, k, depth, "edge", FROM)
      if m then
        local own, of_own = slope_of(results, k, depth, "linear", FROM)
        local far, within = slope_of(results, k, depth, "edge", FURTHER)
        local inside = kind.edge >= interval[1] and kind.edge <= interval[2]
        ledger:row { id = "A5", claim = ("stability limit ~ n^s, %s, depth %d"):format(kind.name, depth),
          predicted = kind.edge, measured = m, interval = interval,
          verdict = inside and "agrees" or far and kind.edge >= within[1] and kind.edge <= within[2] and "refines" or "disagrees",
          note = ("2 D/lambda_max: n^%.3f [%.3f, %.3f]%s"):format(own, of_own[1], of_own[2], not inside and far
            and ("; limit on n >= %d: %.3f [%.3f, %.3f]"):format(FURTHER, far, within[1], within[2]) or "") }
        local _, widths, edge = collect(results, k, depth, "edge")
        local _, _, linear = collect(results, k, depth, "linear")
        local past = edge[#widths] / linear[#widths]
        ledger:row { id = "A5", claim = ("stability limit over 2 D/lambda_max, %s, depth %d, n = %d"):format(
          kind.name, depth, widths[#widths]), predicted = "1 .. 6", measured = past,
          verdict = past >= 1 and past <= 6 and "agrees" or "refines",
          note = past < 1 and "the kernel grows during training" or "" }
      end
    end
  end
  for l, s in ipairs(ADAM) do
    local m, interval = slope_of(results, 1, 2, "adam" .. l, FROM)
    if m then
      ledger:row { id = "A4", predicted = s, measured = m, interval = interval,
        verdict = math.abs(m - s) < 0.02 and "agrees" or m > 0.5 and "refines" or "disagrees",
        claim = ("one step of Adam, standard: change of %s ~ n^s"):format(l < 3 and "layer " .. l or "the output"),
        note = l == 1 and "at a fixed rate" or "diverges with width; prediction for fully coherent entries" }
    end
  end
  local left = 0
  for _, row in ipairs(results:rows()) do if row.reached == 0 then left = left + 1 end end
  if left > 0 then io.stderr:write(("feature_movement: %d nets did not reach the loss tol\n"):format(left)) end
  ledger:print()
  return ledger
end

-- ---- the figure ------------------------------------------------------------------------------------------------

local MARKS = { "circle", "osquare", "triangle", "diamond" }

-- A line of slope s through the measurement at the largest width <= FROM (or the first).
local function law(panel, widths, mean, s, color)
  local at = 1
  for i, n in ipairs(widths) do if n <= FROM then at = i end end
  local first, last = widths[1], widths[#widths]
  local function value(n) return mean[at] * (n / widths[at]) ^ s end
  panel:line { x = { first, last }, y = { value(first), value(last) }, color = color, mark = false, law = true }
end

local function plot(results)
  local fig = limn.plot.figure { rows = 1, cols = 3, size = { 7.2, 2.7 }, letters = true }
  local x = { label = "width n", scale = "log2" }
  local p = fig:panel(1, 1, { title = "one hidden layer", x = x, y = { label = "relative movement of features", scale = "log10" },
    legend = "bottom left" })
  local q = fig:panel(1, 2, { title = "two hidden layers (+: first)", x = x,
    y = { label = "relative movement of features", scale = "log10" }, legend = "none" })
  local s = fig:panel(1, 3, { title = "two hidden layers", x = x, y = { label = "largest stable rate", scale = "log10" },
    legend = "bottom left" })
  for k, kind in ipairs(PARAMS) do
    for depth, list in ipairs(kind.r) do
      local panel = depth == 1 and p or q
      for l, r in ipairs(list) do
        local _, widths, mean = collect(results, k, depth, "rms" .. l)
        if #widths > 1 then
          law(panel, widths, mean, -r, k)
          panel:points { x = widths, y = mean, color = k, mark = l == depth and MARKS[k] or "plus",
            label = depth == 1 and kind.name or ("%s, layer %d"):format(kind.name, l) }
        end
      end
    end
    local _, widths, mean = collect(results, k, 2, "edge")
    if #widths > 1 then
      local _, at, linear = collect(results, k, 2, "linear")
      s:line { x = at, y = linear, color = k, mark = false, law = true, label = k == 1 and "2 D/λ" or nil }
      s:points { x = widths, y = mean, color = k, mark = MARKS[k], label = kind.name }
    end
  end
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
    widest = { default = 512, help = "largest width at which the stability limit is measured" },
  },
  grid = { param = "1:4", depth = "1:2", width = "16:1024:log2" },
  reps = 12,
  cost = function(p) return p.width ^ p.depth + 1000 end,
  measure = measure,
  report = report,
  plot = plot,
}
