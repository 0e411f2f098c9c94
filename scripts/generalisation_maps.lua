-- generalisation_maps.lua: which functions do narrow and wide nets learn from four training points? The essay's
-- experiment: nets with one hidden ReLU layer are trained on 4 points in the plane from many random initialisations.
-- The learned functions are drawn (rows: width; columns: seeds; last column: the infinite-width limit, computed from
-- its kernel) and measured.
--
-- Theory (standard parameterisation, squared loss, gradient descent to convergence): the limit is kernel regression,
-- f(x) = k(x,X) k(X,X)^-1 y, with the kernel k of the last layer's weights; the contributions of the first layer and of
-- the output bias to the tangent kernel fall as 1/n. With the output at initialisation subtracted (start "none"), the
-- distance of a run to the limit falls as n^-1/2, the variance over seeds as 1/n, and the distance of the mean over
-- seeds as 1/n, down to the standard error of that mean, (variance/runs)^1/2. With the initial output kept (start
-- "random"), the variance tends to the posterior variance of the Gaussian process with kernel k (Lee et al. 2019),
-- averaged over the square. The essay's observation that wider nets become more consistent across runs thus holds
-- without restriction for start "none", and down to that plateau for start "random".
--
-- These are leading terms for small deviations; they are fitted where the distance of a run is below a fifth of the
-- limit's RMS. The squared distance of a run is the variance over seeds plus the squared distance of the mean,
-- v/n + (b/n)^2; its exponent is near -1 at widths below b^2/v and near -1/2 only well above. One part of b is
-- computed: the terms of the first layer and of the output bias in the tangent kernel, 2 E[phi' phi'](x.z + 1)/n + 1/n,
-- change the solution by O(1/n). The change is largest for steep targets, because the kernel of the first layer is
-- rougher. The measured exponent is therefore compared with -1/2 and with the exponent of that sum, v and b measured.
--
-- Sets: the labellings of the corners of a square up to symmetry and sign (1 constant, 2 one, 3 half, 4 xor); 5: four
-- collinear points with alternating labels; from 6: random points with balanced labels (seed = set - 5).
--
-- Cost: a cell takes about width x seeds x (28 x steps + 3 n^2) multiply-adds; the default takes a minute or two on two
-- cores. 100 times the seeds or the width costs 100 times as much; memory is seeds x n^2 numbers. Collinear points need
-- wider nets: --grid set=5 --grid start=none --grid width=1024:16384:log2 takes half a minute more.

local limn = require "limn"
local maps = limn.maps

local NAMES = { "constant", "one", "half", "xor", "collinear" } -- the first four are data.corners's
local BIAS = 0.1 -- variance of the biases at initialisation; weights have 2/fan-in (He)
local SPAN = { -2, 2 }
local TOLERANCE = 0.05 -- largest error at a training point of a run that counts as fitted

-- ---- data, nets, limit -----------------------------------------------------------------------------------------

local function name_of(set) return NAMES[set] or ("random %d"):format(set - 5) end

local function data_of(set)
  if set < 5 then return limn.data.corners(NAMES[set]) end
  if set == 5 then return limn.data.collinear() end
  return limn.data.random { points = 4, balanced = true, seed = set - 5 }
end

local function train(point, seeds)
  local X, y = data_of(point.set)
  local nets = limn.mlp.ensemble { sizes = { 2, point.width, 1 }, count = seeds, dtype = "f32", start = point.start,
    init = { weight = 2, bias = BIAS }, seed = point.seed }
  local run = nets:train(X, y, { steps = point.steps, tol = 1e-7 })
  return nets, run, X, y
end

local function limit_of(set)
  local X, y = data_of(set)
  return limn.kernel.limit(X, y, { kind = "ntk", param = "standard", depth = 1, weight = 2, bias = BIAS })
end

-- RMS over the grid of the difference that the first layer's weights and the output bias make at this width: regression
-- with the full tangent kernel of width n (its mean over initialisations) minus the limit.
local function tangent_part(set, width, frame)
  local X, y = data_of(set)
  local G = maps.points(frame)
  local function kernels(A)
    local last = limn.kernel.ntk(A, X, { depth = 1, weight = 2, bias = BIAS, param = "standard" })
    local slope = (limn.kernel.nngp(A, X, { depth = 1, weight = 2, bias = BIAS, activation = "step" }) - BIAS) / 2
    return last, last + (2 * slope * (A:matmul(X:T()) + 1) + 1) / width
  end
  local labels = limn.array(y):reshape(#y, 1)
  local K, T = kernels(X)
  local k, t = kernels(G)
  local moved = t:matmul((T:solve(labels))) - k:matmul((K:solve(labels))) -- solve returns the rank as well
  return math.sqrt((moved * moved):mean())
end

-- ---- one cell --------------------------------------------------------------------------------------------------

local MEASURES = { "rms", "sup", "correlation", "agreement", "spread", "boundary", "variation", "energy", "phrases", "bytes" }

local function measure(point)
  -- the mean over seeds needs more runs than the other measures; narrow nets are cheap
  local runs = math.max(point.seeds, math.min(32 * point.seeds, 65536 // point.width))
  local nets, run, X, y = train(point, runs)
  local frame = { x = SPAN, n = point.n }
  local limit = limit_of(point.set)
  local drawn, ideal = maps.grid(nets, frame), maps.grid(limit, frame)
  local failed = maps.failed(nets:forward(X), y, { tol = TOLERANCE })
  local out = { failed = failed.value, failed_lo = failed.interval[1], failed_hi = failed.interval[2], steps_taken = run.steps,
    predicted = point.start == "random" and limit:variance(maps.points(frame)):mean() or 0 }
  local shape = ideal:shape()
  for _, name in ipairs { "boundary", "variation", "energy", "phrases", "bytes" } do out["limit_" .. name] = shape[name][1] end
  out.limit_rms, out.tangent_rms = math.sqrt((ideal.values * ideal.values):mean()), tangent_part(point.set, point.width, frame)
  local kept, regions = {}, 0
  for k = 1, point.seeds do
    if failed.failed[k] == 0 then kept[#kept + 1] = drawn.stack:row(k):totable() end
  end
  local few = math.min(4, point.seeds)
  for k = 1, few do regions = regions + maps.regions(nets, { x = SPAN, n = point.n, member = k }) / few end
  out.regions, out.fitted = regions, #kept
  if #kept < 2 then return out end
  local m = maps.grid(function() return limn.array(kept) end, frame)
  local all = m:measure { limit = ideal, resamples = 400 }
  for _, name in ipairs(MEASURES) do
    local v = all[name]
    out[name], out[name .. "_lo"], out[name .. "_hi"] = v.value, v.interval and v.interval[1], v.interval and v.interval[2]
  end
  local fits = 1 - failed.failed
  out.mean_runs = fits:sum()
  local mean = fits:reshape(1, runs):matmul(drawn.stack) / out.mean_runs
  out.mean_rms = maps.grid(function() return mean end, frame):distance(ideal).rms[1]
  -- sign maps are compared on a coarse grid; on a fine one no two of them are equal
  local fit = {}
  local rough = maps.grid(nets, { x = SPAN, n = point.coarse })
  for k = 1, point.seeds do
    if failed.failed[k] == 0 then fit[#fit + 1] = rough.stack:row(k):totable() end
  end
  local kinds = maps.grid(function() return limn.array(fit) end, { x = SPAN, n = point.coarse })
  local bits, interval = kinds:entropy()
  out.distinct, out.entropy, out.entropy_lo, out.entropy_hi = kinds:distinct(), bits, interval and interval[1], interval and interval[2]
  return out
end

-- ---- from cells to exponents ------------------------------------------------------------------------------------

-- For each set and start the rows in order of width.
local function series(results)
  local found, list = {}, {}
  for _, row in ipairs(results:rows()) do
    local key = ("%03d %s"):format(row.set, row.start)
    if not found[key] then
      found[key] = { key = key, set = row.set, start = row.start, rows = {} }
      list[#list + 1] = found[key]
    end
    table.insert(found[key].rows, row)
  end
  table.sort(list, function(a, b) return a.key < b.key end)
  for _, s in ipairs(list) do table.sort(s.rows, function(a, b) return a.width < b.width end) end
  return list
end

-- Widths, values and interval ends of a column, where it has values.
local function column(rows, name)
  local x, y, lo, hi = {}, {}, {}, {}
  for _, r in ipairs(rows) do
    if r[name] and r[name] == r[name] then
      x[#x + 1], y[#y + 1] = r.width, r[name]
      lo[#lo + 1], hi[#hi + 1] = r[name .. "_lo"] or r[name], r[name .. "_hi"] or r[name]
    end
  end
  return x, y, lo, hi
end

-- The slope of log value(row) against log width over the widths where deviations are small, with its interval and the
-- first and last of these widths.
local SMALL = 0.2 -- small: RMS distance below this fraction of the limit's RMS

local function small(r) return r.rms and r.rms < SMALL * r.limit_rms end

local function slope(rows, value)
  local x, y = {}, {}
  for _, r in ipairs(rows) do
    local v = small(r) and value(r)
    if v and v > 0 then x[#x + 1], y[#y + 1] = r.width, v end
  end
  if #x < 4 then return nil end -- fewer points give an uninformative interval
  local law = limn.mlp.exponent(x, y)
  law.from, law.to, law.x, law.y = x[1], x[#x], x, y
  return law
end

-- The squared distance of the mean to the limit, minus the variance of that mean; nil where the variance is the larger
-- part.
local function bias(r)
  local square = r.mean_rms and r.mean_rms ^ 2 - r.spread / r.mean_runs
  return square and square > 0.5 * r.mean_rms ^ 2 and square or nil
end

-- v and b of the squared distance of a run, v/n + (b/n)^2, as geometric means over the widths where deviations are
-- small; the first of these widths; the slope of the sum over them. b is 0 where the mean is within its noise.
local function parts(rows)
  local x, v, b, met = {}, 0, 0, 0
  for _, r in ipairs(rows) do
    if small(r) then
      x[#x + 1], v = r.width, v + math.log(r.spread * r.width)
      local square = bias(r)
      if square then b, met = b + math.log(square * r.width ^ 2), met + 1 end
    end
  end
  if #x < 4 then return nil end
  local out = { from = x[1], v = math.exp(v / #x), b = met > 0 and math.exp(b / met / 2) or 0 }
  function out.distance(n) return math.sqrt(out.v / n + (out.b / n) ^ 2) end
  local y = {}
  for k, n in ipairs(x) do y[k] = out.distance(n) end
  out.slope = limn.mlp.exponent(x, y).slope
  return out
end

-- Whether the interval of an exponent contains the predicted value.
local function holds(law, predicted) return law.interval[1] <= predicted and predicted <= law.interval[2] end

-- The slopes between neighbouring widths, as text.
local function local_slopes(law)
  local out = {}
  for k = 2, #law.x do
    out[#out + 1] = ("%.2f"):format(math.log(law.y[k] / law.y[k - 1]) / math.log(law.x[k] / law.x[k - 1]))
  end
  return table.concat(out, " ")
end

local function report(results)
  local ledger = limn.claims.new "Generalisation of small and wide nets on four points"
  for _, s in ipairs(series(results)) do
    local narrow, wide = nil, s.rows[#s.rows] -- narrow: the smallest width at which half of the runs fit
    for _, r in ipairs(s.rows) do if not narrow and r.rms and r.fitted >= r.seeds / 2 then narrow = r end end
    local what = ("%s, start %s: "):format(name_of(s.set), s.start)
    local function say(id, claim, predicted, measured, interval, verdict, note)
      ledger:row { id = id, claim = what .. claim, predicted = predicted, measured = measured, interval = interval,
        verdict = verdict, note = note }
    end
    if narrow and wide.rms and narrow.width < wide.width then
      local both = ("width %d, then %d"):format(narrow.width, wide.width)
      say("A33", ("entropy of the sign maps in bits, width %d"):format(narrow.width), ("> %.2f (width %d)"):format(wide.entropy,
        wide.width), narrow.entropy, { narrow.entropy_lo, narrow.entropy_hi },
        narrow.entropy_lo > wide.entropy_hi and "agrees" or "disagrees", ("%d maps in %d runs, then %d in %d"):format(
          narrow.distinct, narrow.fitted, wide.distinct, wide.fitted))
      say("A33", ("fraction of runs that failed to fit, width %d"):format(s.rows[1].width), "above 0", s.rows[1].failed,
        { s.rows[1].failed_lo, s.rows[1].failed_hi }, s.rows[1].failed > 0 and "agrees" or "disagrees")
      say("A34", ("sign agreement between runs, width %d"):format(wide.width), ("> %.3f (width %d)"):format(narrow.agreement, narrow.width),
        wide.agreement, { wide.agreement_lo, wide.agreement_hi }, wide.agreement_lo > narrow.agreement_hi and "agrees" or "disagrees",
        both)
      local law = slope(s.rows, function(r) return r.spread end)
      if s.start == "random" then
        say("A34", ("variance over seeds / GP posterior variance, width %d"):format(wide.width), 1, wide.spread / wide.predicted,
          { wide.spread_lo / wide.predicted, wide.spread_hi / wide.predicted }, nil, "does not tend to 0")
      elseif not law then
        say("A35", "exponent of a run's distance to the limit", -0.5, "not tested", nil, "refines",
          ("nets too narrow: distance %.2f of the limit's RMS at width %d; use --grid set=%d --grid start=none "
          .. "--grid width=%d:%d:log2"):format(wide.rms / wide.limit_rms, wide.width, s.set, wide.width // 4, wide.width * 4))
      else
        say("A34", "exponent of the variance over seeds", -1, law.slope, law.interval, nil, ("widths from %d"):format(law.from))
        law = slope(s.rows, function(r) return r.rms end)
        local sum = parts(s.rows)
        say("A35", "exponent of a run's distance to the limit", -0.5, law.slope, law.interval,
          not holds(law, -0.5) and holds(law, sum.slope) and "refines" or nil, ("widths from %d, local slopes: %s"):format(
            law.from, local_slopes(law)))
        say("A35", "the same, against v/n + (b/n)^2", sum.slope, law.slope, law.interval, nil,
          ("v = %.3g, b = %.3g, terms equal at width %.2g; from the first layer's kernel: b = %.3g"):format(sum.v, sum.b, sum.b ^ 2 / sum.v,
            wide.tangent_rms * wide.width))
        law = slope(s.rows, function(r)
          local square = bias(r)
          return square and math.sqrt(square)
        end)
        if law then
          say("A35", "exponent of the mean's distance, noise subtracted", -1, law.slope, law.interval, nil,
            ("widths %d to %d"):format(law.from, law.to))
        end
      end
      say("A35", ("Dirichlet energy, width %d (low: smooth)"):format(wide.width), ("< %.3g (width %d)"):format(narrow.energy,
        narrow.width), wide.energy, { wide.energy_lo, wide.energy_hi }, wide.energy_hi < narrow.energy_lo and "agrees" or "disagrees",
        ("limit: %.3g"):format(wide.limit_energy))
      if s.start == "none" then
        -- circuit size: width at distance 0.05 from the limit, extrapolated as n^-1/2 from the widest nets
        local units = wide.width * (wide.rms / 0.05) ^ 2
        say("A36", "units for a distance of 0.05 to the limit", ("> %d (fit)"):format(narrow.width), units, { wide.width *
          (wide.rms_lo / 0.05) ^ 2, wide.width * (wide.rms_hi / 0.05) ^ 2 }, units > narrow.width and "agrees" or "disagrees",
          ("linear regions on the grid: %.0f, then %.0f"):format(narrow.regions, wide.regions))
        local longer = wide.limit_phrases > narrow.phrases_hi
        say("A36", "Lempel-Ziv phrases of the limit's sign map", ("> %.1f (width %d)"):format(narrow.phrases, narrow.width),
          wide.limit_phrases, nil, longer and "agrees" or "refines",
          ("zlib: %.0f bytes against %.0f; the limit is given by 4 coefficients"):format(wide.limit_bytes, narrow.bytes))
      end
    end
  end
  ledger:print()
  return ledger
end

-- ---- figures -------------------------------------------------------------------------------------------------------

local CELLS, COLUMNS = 96, 6

-- The maps of one set and start.
local function sheet(s)
  local widths = {}
  for k, r in ipairs(s.rows) do widths[k] = r end
  while #widths > 8 do -- every other width, including both ends
    local fewer = {}
    for k = 1, #widths do if k == #widths or (k % 2 == 1 and k < #widths - 1) then fewer[#fewer + 1] = widths[k] end end
    widths = fewer
  end
  local columns = math.min(COLUMNS, s.rows[1].seeds)
  local frame = { x = SPAN, n = CELLS }
  local ideal = maps.grid(limit_of(s.set), frame)
  local X, y = data_of(s.set)
  local top = 1.5
  local fig = limn.plot.figure { rows = #widths, cols = columns + 1, width = 0.82 * (columns + 1) + 1.1,
    height = 0.86 * #widths + 0.5, fontsize = 7, letters = false, colorbar = "f(x)", legend = "none", quiet = true,
    title = ("%s, %s"):format(name_of(s.set), s.start == "none" and "initial output subtracted" or "random start") }
  local function draw(row, col, values, options)
    options.x = { ticks = {}, range = SPAN, label = options.below }
    options.y = { ticks = {}, range = SPAN, label = options.side }
    options.below, options.side, options.aspect = nil, nil, "equal"
    local p = fig:panel(row, col, options)
    p:heatmap { z = values, x = ideal.x, y = ideal.y, map = "diverging", centre = 0, range = { -top, top }, bar = true }
    local low, high = values:min(), values:max()
    if low < 0 and high > 0 then p:contour { z = values, x = ideal.x, y = ideal.y, levels = { 0 }, color = "black", width = 0.6 } end
    for i = 1, 4 do
      p:points { x = { X:get(i, 1) }, y = { X:get(i, 2) }, color = "black", mark = y[i] > 0 and "circle" or "ocircle", size = 3 }
    end
  end
  for i, r in ipairs(widths) do
    local nets = train(r, columns)
    local m, failed = maps.grid(nets, frame), maps.failed(nets:forward(X), y, { tol = TOLERANCE }).failed
    for k = 1, columns do
      draw(i, k, m:map(k), { title = i == 1 and ("seed %d"):format(k) or nil, side = k == 1 and ("n = %d"):format(r.width) or nil,
        below = failed[k] > 0 and "does not fit" or nil })
    end
    draw(i, columns + 1, ideal.values, { title = i == 1 and "limit" or nil })
  end
  return fig
end

-- The measures against width for one set, one colour per start.
local function measures(list)
  local fig = limn.plot.figure { rows = 2, cols = 4, size = { 10, 5.4 }, letters = true, fontsize = 7.5, quiet = true }
  local function panel(i, j, label, scale, range, legend)
    return fig:panel(i, j, { x = { label = "width n", scale = "log2" }, y = { label = label, scale = scale, range = range },
      legend = legend or "none" })
  end
  local function curve(p, rows, name, color, label, dash, mark)
    local x, y, lo, hi = column(rows, name)
    if #x > 0 then
      if mark == nil then mark = "circle" end
      p:line { x = x, y = y, band = { lo, hi }, color = color, label = label, dash = dash, mark = mark, size = 3 }
    end
    return x, y
  end
  local function law(p, x, f, label)
    local z = {}
    for k, n in ipairs(x) do z[k] = f(n) end
    p:line { x = x, y = z, law = true, color = "black", mark = false, dash = "dashed", label = label }
  end
  local distance = panel(1, 1, "distance to the limit (rms)", "log10", nil, "best")
  local variance = panel(1, 2, "variance over seeds", "log10", nil, "bottom left")
  local alike = panel(1, 3, "pairs of seeds", "linear", { 0, 1.02 }, "bottom right")
  local kinds = panel(1, 4, "entropy of sign maps (bits)", "linear", nil, "best")
  local boundary = panel(2, 1, "length of the zero contour", "linear", nil, "best")
  local energy = panel(2, 2, "Dirichlet energy", "log10", nil, "best")
  local code = panel(2, 3, "Lempel-Ziv phrases, regions", "log10", nil, "best")
  local failed = panel(2, 4, "fraction of runs that failed to fit", "linear", { -0.02, 1 }, "best")
  for k, s in ipairs(list) do
    local name = "start " .. s.start
    local x = curve(distance, s.rows, "rms", k, "a run, " .. name)
    local sum, from = s.start == "none" and parts(s.rows), {} -- the laws hold, and are drawn, where deviations are small
    for i = 1, #x do if sum and x[i] >= sum.from then from[#from + 1] = x[i] end end
    if s.start == "none" then
      curve(distance, s.rows, "mean_rms", k, "mean of seeds, " .. name, "dotted", "osquare")
      curve(distance, s.rows, "tangent_rms", "gray", "first layer's kernel", "dashdot", false)
    end
    curve(variance, s.rows, "spread", k, name)
    if sum then
      law(distance, from, sum.distance, "laws")
      law(distance, from, function(n) return sum.b > 0 and sum.b / n or 0 / 0 end)
      law(variance, from, function(n) return sum.v / n end, "1/n")
    end
    local last = s.rows[#s.rows]
    if s.start == "random" then variance:hline { y = last.predicted, dash = "dashed", width = 0.7, label = "GP posterior" } end
    curve(alike, s.rows, "correlation", k, "correlation, " .. name)
    curve(alike, s.rows, "agreement", k, "agreement, " .. name, "dashed", "osquare")
    curve(kinds, s.rows, "entropy", k, name)
    curve(boundary, s.rows, "boundary", k, name)
    curve(energy, s.rows, "energy", k, name)
    curve(code, s.rows, "phrases", k, "phrases, " .. name)
    curve(code, s.rows, "regions", k, "regions, " .. name, "dotted", "osquare")
    curve(failed, s.rows, "failed", k, name)
    if k == 1 then
      boundary:hline { y = last.limit_boundary, dash = "dashed", width = 0.7, label = "limit" }
      energy:hline { y = last.limit_energy, dash = "dashed", width = 0.7, label = "limit" }
      code:hline { y = last.limit_phrases, dash = "dashed", width = 0.7 }
    end
  end
  return fig
end

local function plot(results, out)
  local by_set, sets = {}, {}
  for _, s in ipairs(series(results)) do
    if not by_set[s.set] then
      by_set[s.set] = {}
      sets[#sets + 1] = s.set
    end
    table.insert(by_set[s.set], s)
  end
  local figures = {}
  for _, set in ipairs(sets) do
    local tag = name_of(set):gsub(" ", "_")
    figures["measures_" .. tag] = measures(by_set[set])
    for _, s in ipairs(by_set[set]) do figures[("%s_%s"):format(tag, s.start)] = sheet(s) end
  end
  local tags = {}
  for tag in pairs(figures) do tags[#tags + 1] = tag end
  table.sort(tags)
  for _, tag in ipairs(tags) do
    for _, kind in ipairs { "pdf", "png" } do
      local path, why = figures[tag]:save(("%s/generalisation_maps_%s.%s"):format(out, tag, kind))
      if not path then return nil, why end
      print("wrote " .. path)
    end
  end
  return true
end

return limn.experiment {
  name = "generalisation_maps",
  question = "Which functions do narrow and wide nets learn from four points, and how close are they to the limit?",
  params = {
    width = { default = 64, help = "hidden units", min = 1 },
    set = { default = 4, help = "1 constant, 2 one, 3 half, 4 xor, 5 collinear, 6.. random", min = 1 },
    start = { default = "none", help = "none: the initial output is subtracted; random: it is kept" },
    seeds = { default = 60, help = "independent initialisations per cell", min = 2 },
    steps = { default = 8000, help = "largest number of gradient descent steps", min = 1 },
    coarse = { default = 6, help = "grid points per side of the sign maps that are compared", min = 2, max = 64 },
    n = { default = 48, help = "grid points per side of the maps that are measured", min = 8, max = 1024 },
    seed = { default = 1, help = "seed of the initialisations" },
  },
  grid = { width = "2:4096:log2", set = "1:6", start = "none,random" },
  cost = function(p) return p.width end,
  reps = 1,
  measure = measure,
  report = report,
  plot = plot,
}
