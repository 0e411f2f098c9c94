-- generalisation_maps.lua: what do small and wide nets say between four training points? The essay's experiment: nets of
-- one hidden layer of ReLUs fit 4 points in the plane from many random starts; the functions that come out are drawn
-- (rows: width, columns: starts, last column: the limit of infinite width, computed and not fitted) and measured.
--
-- Theory (standard parameterisation, gradient descent on the squared loss to the end): the limit is kernel regression,
-- f(x) = k(x,X) k(X,X)^-1 y, k the kernel of the last layer's weights, since the share
-- of the first layer and of the output's bias falls as 1/n. With the output at
-- the start taken off (start "none") a run's distance to it falls as n^-1/2, the variance over seeds as 1/n, the
-- distance of the mean over seeds as 1/n until it meets the noise of that mean, (variance/runs)^1/2. With the start left in
-- ("random") the variance does not vanish: it levels off at the posterior variance of the Gaussian process with kernel k
-- (Lee et al. 2019), averaged over the square. The essay's "increasingly consistent across runs" is therefore true without
-- the offset, and with it only down to that plateau.
--
-- These are laws of small deviations: they are read where a run's distance is below a fifth of the limit's own size, and
-- they are leading terms. A run's squared distance is the variance over seeds and the square of the mean's distance,
-- v/n + (b/n)^2, so its exponent is nearer to -1 up to widths of b^2/v and -1/2 only well beyond them. One part of b can be
-- computed: the first layer's and the output bias's part of the tangent kernel, 2 E[phi' phi'](x.z + 1)/n + 1/n, which
-- moves the solution by about 1/n, most on points that ask for a steep function, where the rougher first kernel weighs
-- more. So the exponent is held against -1/2 and, with v and b measured, against that sum over the same widths.
--
-- Sets: the labellings of the square's corners up to turns, mirrors and sign (1 constant, 2 one, 3 half, 4 xor), 5 four
-- collinear points with alternating labels, 6 and on: random points with balanced labels (seed = set - 5).
--
-- Cost: a cell is about width x seeds x (28 x steps + 3 n^2) multiply-adds. All cells of the default take a minute or two on
-- 2 cores; 100 times the seeds, or the width, costs 100 times as much, and memory of seeds x n^2 numbers. Collinear points
-- want wider nets for small deviations: --grid set=5 --grid start=none --grid width=1024:16384:log2, half a minute more.

local limn = require "limn"
local maps = limn.maps

local NAMES = { "constant", "one", "half", "xor", "collinear" } -- the first four are data.corners's
local BIAS = 0.1 -- variance of the biases at the start; weights have 2/fan-in (He)
local SPAN = { -2, 2 }
local TOLERANCE = 0.05 -- a run that misses a label by more has failed to fit

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

-- Root mean square over the frame of what the first layer's weights and the output's bias add at this width: regression
-- with the whole tangent kernel of width n (its mean over starts) less the limit.
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
  -- the mean over seeds wants many more of them than what is measured on each; narrow nets are cheap
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
  -- kinds of generalisation: what the signs at few points are; on a fine grid no two maps are equal
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

-- ---- reading the results ----------------------------------------------------------------------------------------

-- One list of rows, narrow first, for each set and start.
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

-- Widths and values of a column, where there are any; with the ends of its interval.
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
-- first of these widths.
local SMALL = 0.2 -- of the limit's root mean square

local function small(r) return r.rms and r.rms < SMALL * r.limit_rms end

local function slope(rows, value)
  local x, y = {}, {}
  for _, r in ipairs(rows) do
    local v = small(r) and value(r)
    if v and v > 0 then x[#x + 1], y[#y + 1] = r.width, v end
  end
  if #x < 4 then return nil end -- an interval from fewer holds anything
  local law = limn.mlp.exponent(x, y)
  law.from, law.to, law.x, law.y = x[1], x[#x], x, y
  return law
end

-- The square of the mean's distance to the limit, the noise of a mean of so many runs taken off; nil where that noise is
-- the larger part.
local function bias(r)
  local square = r.mean_rms and r.mean_rms ^ 2 - r.spread / r.mean_runs
  return square and square > 0.5 * r.mean_rms ^ 2 and square or nil
end

-- v and b of v/n + (b/n)^2, a run's squared distance, each the geometric mean over the widths where deviations are small;
-- the first of these widths, and the slope that the sum has over them. b is 0 where the mean is lost in its noise.
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

-- Whether an exponent's interval holds the predicted one.
local function holds(law, predicted) return law.interval[1] <= predicted and predicted <= law.interval[2] end

-- The slope from each width to the next, as text.
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
    local narrow, wide = nil, s.rows[#s.rows] -- narrow: the first of which most runs fit
    for _, r in ipairs(s.rows) do if not narrow and r.rms and r.fitted >= r.seeds / 2 then narrow = r end end
    local what = ("%s, start %s: "):format(name_of(s.set), s.start)
    local function say(id, claim, predicted, measured, interval, verdict, note)
      ledger:row { id = id, claim = what .. claim, predicted = predicted, measured = measured, interval = interval,
        verdict = verdict, note = note }
    end
    if narrow and wide.rms and narrow.width < wide.width then
      local both = ("width %d, then %d"):format(narrow.width, wide.width)
      say("A33", ("bits of entropy of the sign maps, width %d"):format(narrow.width), ("> %.2f (width %d)"):format(wide.entropy,
        wide.width), narrow.entropy, { narrow.entropy_lo, narrow.entropy_hi },
        narrow.entropy_lo > wide.entropy_hi and "agrees" or "disagrees", ("%d kinds in %d runs, then %d in %d"):format(
          narrow.distinct, narrow.fitted, wide.distinct, wide.fitted))
      say("A33", ("share that failed to fit, width %d"):format(s.rows[1].width), "some", s.rows[1].failed,
        { s.rows[1].failed_lo, s.rows[1].failed_hi }, s.rows[1].failed > 0 and "agrees" or "disagrees")
      say("A34", ("agreement of signs, width %d"):format(wide.width), ("> %.3f (width %d)"):format(narrow.agreement, narrow.width),
        wide.agreement, { wide.agreement_lo, wide.agreement_hi }, wide.agreement_lo > narrow.agreement_hi and "agrees" or "disagrees",
        both)
      local law = slope(s.rows, function(r) return r.spread end)
      if s.start == "random" then
        say("A34", ("variance over seeds, width %d, over the GP posterior's"):format(wide.width), 1, wide.spread / wide.predicted,
          { wide.spread_lo / wide.predicted, wide.spread_hi / wide.predicted }, nil, "does not go to 0")
      elseif not law then
        say("A35", "exponent of a run's distance to the limit", -0.5, "not tested", nil, "refines",
          ("too few wide nets: still %.2f of the limit's size at width %d; --grid set=%d --grid start=none "
          .. "--grid width=%d:%d:log2 goes on"):format(wide.rms / wide.limit_rms, wide.width, s.set, wide.width // 4, wide.width * 4))
      else
        say("A34", "exponent of the variance over seeds", -1, law.slope, law.interval, nil, ("widths from %d"):format(law.from))
        law = slope(s.rows, function(r) return r.rms end)
        local sum = parts(s.rows)
        say("A35", "exponent of a run's distance to the limit", -0.5, law.slope, law.interval,
          not holds(law, -0.5) and holds(law, sum.slope) and "refines" or nil, ("widths from %d, one to the next: %s"):format(
            law.from, local_slopes(law)))
        say("A35", "the same, against v/n + (b/n)^2", sum.slope, law.slope, law.interval, nil,
          ("v = %.3g, b = %.3g, equal at width %.2g; the first layer's kernel alone: b = %.3g"):format(sum.v, sum.b, sum.b ^ 2 / sum.v,
            wide.tangent_rms * wide.width))
        law = slope(s.rows, function(r)
          local square = bias(r)
          return square and math.sqrt(square)
        end)
        if law then
          say("A35", "exponent of the mean's distance, its noise taken off", -1, law.slope, law.interval, nil,
            ("widths %d to %d"):format(law.from, law.to))
        end
      end
      say("A35", ("Dirichlet energy, width %d (smooth is low)"):format(wide.width), ("< %.3g (width %d)"):format(narrow.energy,
        narrow.width), wide.energy, { wide.energy_lo, wide.energy_hi }, wide.energy_hi < narrow.energy_lo and "agrees" or "disagrees",
        ("the limit has %.3g"):format(wide.limit_energy))
      if s.start == "none" then
        -- circuit size: units that bring a run within 0.05 of the limit, by the law through the widest
        local units = wide.width * (wide.rms / 0.05) ^ 2
        say("A36", "units for a distance of 0.05 to the limit", ("> %d that fit"):format(narrow.width), units, { wide.width *
          (wide.rms_lo / 0.05) ^ 2, wide.width * (wide.rms_hi / 0.05) ^ 2 }, units > narrow.width and "agrees" or "disagrees",
          ("linear regions met: %.0f, then %.0f"):format(narrow.regions, wide.regions))
        local longer = wide.limit_phrases > narrow.phrases_hi
        say("A36", "Lempel-Ziv phrases of the limit's sign map", ("> %.1f (width %d)"):format(narrow.phrases, narrow.width),
          wide.limit_phrases, nil, longer and "agrees" or "refines",
          ("zlib: %.0f bytes against %.0f; the limit itself is 4 numbers and a formula"):format(wide.limit_bytes, narrow.bytes))
      end
    end
  end
  ledger:print()
  return ledger
end

-- ---- figures -------------------------------------------------------------------------------------------------------

local CELLS, COLUMNS = 96, 6

-- The contact sheet of one set and start.
local function sheet(s)
  local widths = {}
  for k, r in ipairs(s.rows) do widths[k] = r end
  while #widths > 8 do -- every other one, both ends kept
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
    title = ("%s, %s"):format(name_of(s.set), s.start == "none" and "start taken off" or "random start") }
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

-- The measures against width, one colour a start, for one set.
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
  local failed = panel(2, 4, "share of runs that failed to fit", "linear", { -0.02, 1 }, "best")
  for k, s in ipairs(list) do
    local name = "start " .. s.start
    local x = curve(distance, s.rows, "rms", k, "a run, " .. name)
    local sum, from = s.start == "none" and parts(s.rows), {} -- laws are drawn where deviations are small
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
  question = "What do small and wide nets say between four training points, and how near do they come to the limit?",
  params = {
    width = { default = 64, help = "hidden units", min = 1 },
    set = { default = 4, help = "1 constant, 2 one, 3 half, 4 xor, 5 collinear, 6.. random", min = 1 },
    start = { default = "none", help = "none: the output at the start is taken off; random: it is left" },
    seeds = { default = 60, help = "independent starts a cell", min = 2 },
    steps = { default = 8000, help = "of gradient descent, at most", min = 1 },
    coarse = { default = 6, help = "points a side of the sign maps that are told apart as kinds", min = 2, max = 64 },
    n = { default = 48, help = "points a side of the maps that are measured", min = 8, max = 1024 },
    seed = { default = 1, help = "of the starts" },
  },
  grid = { width = "2:4096:log2", set = "1:6", start = "none,random" },
  cost = function(p) return p.width end,
  reps = 1,
  measure = measure,
  report = report,
  plot = plot,
}
