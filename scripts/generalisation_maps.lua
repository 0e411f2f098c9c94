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
-- These are leading terms for small deviations; exponents are fitted from the width FROM of the set on. The distance of the
-- mean contains the terms of the first layer and of the output bias in the tangent kernel, which change the solution by
-- O(1/n). Its square is estimated without bias, as the inner product of the deviations of two halves of the runs, at
-- widths where the noise does not cover it. Replicates draw their nets from streams of their own.
--
-- The essay: small nets learn many different, jagged functions; wider ones are more consistent, very smooth, and of much
-- higher circuit complexity. Kinds of sign map on a coarse grid are counted and their entropy estimated from all replicates
-- together; a count that most runs raise is a lower bound. Circuit complexity is measured as the number of ReLUs of a net
-- that is trained to draw the limit (start "limit": 16 nets, the best counts) to a relative RMS of 1 %; description length
-- as the Lempel-Ziv phrases of the sign map, in which the limit, 4 coefficients and a formula, is short.
--
-- Margins. Exponents 0.2: -1/2 and -1 compete, and 0; one halfway belongs to neither. Variance over the
-- posterior variance 8 %: a posterior that is 15 % off must be noticed. Wide nets that do not fit 10 %: all
-- do or none. One-sided: entropy lower by half a bit at the
-- widest, kinds above 10, differences of agreement and smoothness on the right side of 0.
--
-- Sets: the labellings of the corners of a square up to symmetry and sign (1 constant, 2 one, 3 half, 4 xor); 5: four
-- collinear points with alternating labels; from 6: random points with balanced labels (seed = set - 5). Sets from 5
-- approach their limits in wide nets only: --grid set=5 --grid width=2:16384:log2.
--
-- Cost: two minutes on two cores, and as much for the figures.

local limn = require "limn"
local ledger_rows = dofile((debug.getinfo(1, "S").source:match "^@(.*/)" or "") .. "rows.lua")
local maps = limn.maps

local NAMES = { "constant", "one", "half", "xor", "collinear" } -- the first four are data.corners's
local BIAS = 0.1 -- variance of the biases at initialisation; weights have 2/fan-in (He)
local SPAN = { -2, 2 }
local TOLERANCE = 0.05 -- largest error at a training point of a run that counts as fitted
local NARROW = { 2, 2, 2, 4, 8 } -- by set (others 4): the narrow nets of the ledger, of which half or more fit
local FROM = { 64, 64, 64, 64 } -- by set (others 1024): smallest width of a fit of exponents; narrower nets deviate too far
local LEVEL = 256 -- width at which the variance over seeds is compared with the posterior variance
local DRAWN, DRAWERS, CLOSE = 64, 16, 0.01 -- nets that draw the limit: largest width, how many, relative RMS that counts

-- ---- data, nets, limit -----------------------------------------------------------------------------------------

local function name_of(set) return NAMES[set] or ("random %d"):format(set - 5) end

local function data_of(set)
  if set < 5 then return limn.data.corners(NAMES[set]) end
  if set == 5 then return limn.data.collinear() end
  return limn.data.random { points = 4, balanced = true, seed = set - 5 }
end

local function train(point, seeds, seed)
  local X, y = data_of(point.set)
  local nets = limn.mlp.ensemble { sizes = { 2, point.width, 1 }, count = seeds, dtype = "f32", start = point.start,
    init = { weight = 2, bias = BIAS }, seed = seed }
  local run = nets:train(X, y, { steps = point.steps, tol = 1e-7 })
  return nets, run, X, y
end

local function limit_of(set)
  local X, y = data_of(set)
  return limn.kernel.limit(X, y, { kind = "ntk", param = "standard", depth = 1, weight = 2, bias = BIAS })
end

-- ---- one cell --------------------------------------------------------------------------------------------------

local MEASURES = { "rms", "correlation", "agreement", "boundary", "energy", "phrases" }

-- Least relative RMS distance at which nets of this width draw the limit.
local function drawn_limit(point, seed)
  if point.width > DRAWN then return { skipped = 1 } end
  local G = maps.points { x = SPAN, n = 16 }
  local f = limit_of(point.set):predict(G)
  local nets = limn.mlp.ensemble { sizes = { 2, point.width, 1 }, count = DRAWERS, init = { weight = 2, bias = 1 }, seed = seed }
  nets:train(G, f, { optimizer = "adam", rate = 0.01, steps = point.steps // 2, tol = 1e-9 })
  local loss = nets:train(G, f, { optimizer = "adam", rate = 0.001, steps = point.steps // 2, tol = 1e-9 }).losses:min()
  return { skipped = 0, close = math.sqrt(2 * loss / (f * f):mean()) }
end

local function measure(point, rng)
  local seed = rng:integer(1, 1 << 53)
  if point.start == "limit" then return drawn_limit(point, seed) end
  -- kinds, variance and mean need more runs than the other measures; narrow nets are cheap
  local runs = math.max(point.seeds, math.min(32 * point.seeds, 65536 // point.width))
  local nets, run, X, y = train(point, runs, seed)
  local frame, limit = { x = SPAN, n = point.n }, limit_of(point.set)
  local drawn, ideal = maps.grid(nets, frame), maps.grid(limit, frame)
  local failed = maps.failed(nets:forward(X), y, { tol = TOLERANCE }).failed
  local fits = 1 - failed
  local out = { skipped = 0, runs = runs, failed = failed:sum(), steps_taken = run.steps, codes = limn.zeros(0) }
  local shape = ideal:shape()
  for _, name in ipairs { "boundary", "energy", "phrases" } do out["limit_" .. name] = shape[name][1] end
  out.limit_rms = math.sqrt((ideal.values * ideal.values):mean())
  local kept, fitted = {}, {}
  for k = 1, runs do
    if failed[k] == 0 then
      fitted[#fitted + 1] = k
      if k <= point.seeds then kept[#kept + 1] = k end
    end
  end
  if #kept < 2 or #fitted < 4 then return out end
  local all = maps.grid(function() return drawn.stack:take(kept) end, frame):measure { limit = ideal, resamples = 20 }
  for _, name in ipairs(MEASURES) do out[name] = all[name].value end
  local stack, count = drawn.stack, #fitted -- variance over all fitted runs, and the squared distance of their mean
  local weight = limn.zeros(2, runs)
  for i, k in ipairs(fitted) do weight:set(1 + i % 2, k, 1 / (i % 2 == 1 and (count + 1) // 2 or count // 2)) end
  local mean = fits:reshape(1, runs):matmul(stack) / count
  out.spread = (fits:reshape(1, runs):matmul(stack * stack) / count - mean * mean):mean() * count / (count - 1)
  local halves = weight:matmul(stack)
  local ideal_row = ideal.values:reshape(#halves:row(1))
  out.square = ((halves:row(1) - ideal_row) * (halves:row(2) - ideal_row)):mean()
  if point.start == "random" then out.predicted = limit:variance(maps.points(frame)):mean() end
  -- sign maps as integers, on a coarse grid: on a fine one no two of them are equal
  local signs = maps.grid(nets, { x = SPAN, n = point.coarse }).stack:take(fitted):gt(0)
  local bit = limn.zeros(point.coarse ^ 2 // 1 | 0)
  for i = 1, #bit do bit:set(i, 2 ^ (i - 1)) end
  out.codes = signs:matmul(bit)
  return out
end

-- ---- the claims --------------------------------------------------------------------------------------------------

-- The cells of one set, start and width.
local function cells_of(results, set, start, width)
  return results:where({ set = set, start = start, width = width, skipped = 0 }):rows()
end

local function column_of(rows, name)
  local list = {}
  for _, row in ipairs(rows) do list[#list + 1] = row[name] end
  return list
end

-- How often each kind of sign map was met in some cells.
local function counts_of(rows)
  local times, list = {}, {}
  for _, row in ipairs(rows) do
    for _, code in ipairs(row.codes:totable()) do times[code] = (times[code] or 0) + 1 end
  end
  for _, n in pairs(times) do list[#list + 1] = n end
  table.sort(list)
  return list
end

local function widths_of(list, from, to)
  local out, seen = {}, {}
  for _, n in ipairs(list) do
    if n >= from and n <= to and not seen[n] then out[#out + 1], seen[n] = n, true end
  end
  table.sort(out)
  return out
end

-- The slope over replicates of log2 of a column against log2 width.
local function exponent(results, set, widths, name)
  local x, ys = {}, {}
  for i, n in ipairs(widths) do
    x[i] = math.log(n, 2)
    for k, row in ipairs(cells_of(results, set, "none", n)) do
      ys[k] = ys[k] or {}
      ys[k][i] = row[name] and math.log(row[name], 2) or 0 / 0
    end
  end
  return #x > 1 and #ys > 0 and limn.claims.fit_slope(x, ys) or nil, ("n = %d .. %d"):format(x[1] and widths[1] or 0, widths[#widths] or 0)
end

-- The same for the distance of the mean, whose square is averaged over replicates first.
local function mean_exponent(results, set, widths)
  local x, reps = {}, {}
  for i, n in ipairs(widths) do
    x[i] = math.log(n, 2)
    for k, row in ipairs(cells_of(results, set, "none", n)) do
      reps[k] = reps[k] or {}
      reps[k][i] = row.square
    end
  end
  if #x < 2 or #reps < 2 then return end
  return limn.claims.statistic(reps, function(list)
    local y = {}
    for i = 1, #x do
      local sum = 0
      for _, rep in ipairs(list) do sum = sum + rep[i] / #list end
      y[i] = math.log(sum, 2) / 2
    end
    return (limn.claims.slope(x, y))
  end), ("n = %d .. %d"):format(widths[1], widths[#widths])
end

-- Entropy of the sign maps at one width minus that at another, each from all replicates.
local function entropy_drop(first, last)
  local pairs_ = {}
  for i = 1, math.min(#first, #last) do pairs_[i] = { first[i], last[i] } end
  if #pairs_ < 2 then return end
  local function bits(list, which)
    local rows = {}
    for i, pair in ipairs(list) do rows[i] = pair[which] end
    local counts = counts_of(rows)
    return #counts > 1 and limn.claims.entropy(counts).value or 0
  end
  return limn.claims.statistic(pairs_, function(list) return bits(list, 1) - bits(list, 2) end),
    ("%d kinds in %s; then %d"):format(#counts_of(first), "all runs", #counts_of(last))
end

-- Fraction of runs that failed to fit.
local function failures(rows)
  local failed, runs = 0, 0
  for _, row in ipairs(rows) do failed, runs = failed + row.failed, runs + row.runs end
  return runs > 0 and limn.claims.proportion(math.tointeger(failed), math.tointeger(runs)) or nil
end

-- Every row: {declaration, what(results) -> estimate, note}.
local function rows_of(grid)
  local list, widest = {}, 0
  for _, n in ipairs(grid.width) do widest = math.max(widest, n) end
  local set, start
  local function add(id, claim, declaration, what)
    declaration.id, declaration.claim = id, ("%s, start %s: %s"):format(name_of(set), start, claim)
    local s, t = set, start
    list[#list + 1] = { declaration = declaration, what = function(results)
      return what(function(n) return cells_of(results, s, t, n) end, results, s)
    end }
  end
  local function difference(narrow, name)
    return function(at)
      local one, two = column_of(at(widest), name), column_of(at(narrow), name)
      if #one > 1 and #two > 1 then return limn.claims.difference(one, two) end
    end
  end
  local starts, sets = {}, {}
  for _, v in ipairs(grid.start) do starts[v] = true end
  for _, v in ipairs(grid.set) do sets[v] = true end
  for s = 1, 64 do
    local narrow, from = NARROW[s] or 4, FROM[s] or 1024
    for _, t in ipairs(sets[s] and { "none", "random" } or {}) do
      set, start = s, t
      if starts[t] then
        add("A33", ("kinds of sign map, width %d"):format(narrow), { above = 10, note = "essay: many" }, function(at)
          local counts = counts_of(at(narrow))
          return #counts > 1 and limn.claims.distinct(counts) or nil
        end)
        add("A33", ("entropy of the sign maps in bits, width %d minus width %d"):format(narrow, widest), { above = 0.5 },
          function(at) return entropy_drop(at(narrow), at(widest)) end)
        add("A34", ("sign agreement between runs, width %d minus width %d"):format(widest, narrow), { essay = 0, above = true },
          difference(narrow, "agreement"))
      end
      if starts[t] and t == "random" then
        add("A34", ("variance over seeds / GP posterior variance, width %d"):format(LEVEL), { essay = 0, theory = 1,
          equal = { margin = 0.08 }, note = "essay: consistent" }, function(at)
          local ratios = {}
          for i, row in ipairs(at(LEVEL)) do ratios[i] = row.spread and row.spread / row.predicted or 0 / 0 end
          return #ratios > 0 and limn.claims.mean(ratios) or nil
        end)
      elseif starts[t] then
        add("A33", "fraction of runs that failed to fit, width 2", { essay = 0, above = true }, function(at) return failures(at(2)) end)
        add("A33", ("fraction of runs that failed to fit, width %d"):format(widest), { theory = 0, proportion = { margin = 0.1 },
          replicates = 240 }, function(at) return failures(at(widest)) end)
        local fitted = widths_of(grid.width, from, math.huge)
        add("A34", "variance over seeds ~ n^s", { theory = -1, slope = { margin = 0.2 } },
          function(_, results, k) return exponent(results, k, fitted, "spread") end)
        add("A35", "a run's distance to the limit ~ n^s", { theory = -0.5, slope = { margin = 0.2 } },
          function(_, results, k) return exponent(results, k, fitted, "rms") end)
        local for_mean = widths_of(grid.width, from // 8, from) -- in wider nets its noise covers it
        add("A35", "the mean's distance to the limit ~ n^s", { theory = -1, slope = { margin = 0.2 } },
          function(_, results, k) return mean_exponent(results, k, for_mean) end)
        add("A35", ("Dirichlet energy, width %d minus width %d"):format(widest, narrow), { essay = 0, below = true,
          note = "low: smooth" }, difference(narrow, "energy"))
        for _, row in ipairs { { "more", essay = 0, above = true }, { "fewer", theory = 0, below = true } } do
          add("A36", ("Lempel-Ziv phrases, limit minus nets of width %d: %s in the limit"):format(narrow, row[1]), { essay = row.essay,
            theory = row.theory, above = row.above, below = row.below }, function(at)
            local values = {}
            for i, cell in ipairs(at(narrow)) do values[i] = cell.phrases and cell.limit_phrases - cell.phrases or 0 / 0 end
            return #values > 0 and limn.claims.mean(values) or nil
          end)
        end
      end
    end
    if sets[s] and starts.limit then
      set, start = s, "limit"
      add("A36", ("fraction of trials in which %d nets of %d units do not draw the limit to 1 %%"):format(DRAWERS, narrow),
        { above = 0.5, note = "essay: more units than narrow nets" }, function(at)
          local missed, rows = 0, at(narrow)
          for _, row in ipairs(rows) do missed = missed + (row.close > CLOSE and 1 or 0) end
          return #rows > 0 and limn.claims.proportion(missed, #rows) or nil
        end)
    end
  end
  return list
end

local function claims(_, plan) return ledger_rows.declared(rows_of(plan.grid)) end

local function report(results, ledger)
  ledger_rows.measure(ledger, rows_of(ledger.plan.grid), results)
end

-- ---- figures -------------------------------------------------------------------------------------------------------

local CELLS, COLUMNS = 96, 6

-- The maps of one set and start; rows: one cell of each width.
local function sheet(s)
  local widths = {}
  for k, r in ipairs(s.rows) do widths[k] = r end
  while #widths > 6 do -- every other width, including both ends
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
    local nets = train(r, columns, 1)
    local m, failed = maps.grid(nets, frame), maps.failed(nets:forward(X), y, { tol = TOLERANCE }).failed
    for k = 1, columns do
      draw(i, k, m:map(k), { title = i == 1 and ("seed %d"):format(k) or nil, side = k == 1 and ("n = %d"):format(r.width) or nil,
        below = failed[k] > 0 and "does not fit" or nil })
    end
    draw(i, columns + 1, ideal.values, { title = i == 1 and "limit" or nil })
  end
  return fig
end

-- The measures against width for one set, one colour per start; bars: 95 % over replicates.
local function measures(set, results, widths)
  local fig = limn.plot.figure { rows = 2, cols = 3, size = { 7.2, 4.8 }, letters = true, quiet = true }
  local ideal = nil
  local function panel(i, j, label, scale, range, legend)
    return fig:panel(i, j, { x = { label = i == 2 and "width n" or nil, scale = "log2" },
      y = { label = label, scale = scale, range = range }, legend = legend })
  end
  -- value(rows of a width) -> list of one number a replicate
  local function curve(p, start, value, options)
    local o = options
    o.x, o.y, o.lo, o.hi, o.line = {}, {}, {}, {}, true
    for _, n in ipairs(widths) do
      local list = value(cells_of(results, set, start, n), n)
      if #list > 0 then
        local m, interval = list[1], { list[1], list[1] }
        if #list > 1 then m, interval = limn.claims.interval(list) end
        table.insert(o.x, n)
        table.insert(o.y, m)
        table.insert(o.lo, o.positive and math.max(interval[1], m / 3) or interval[1])
        table.insert(o.hi, interval[2])
      end
    end
    o.positive = nil
    if #o.x > 0 then p:errorbars(o) end
  end
  local function named(name)
    return function(rows)
      ideal = rows[1] or ideal
      return column_of(rows, name)
    end
  end
  local distance = panel(1, 1, "distance to the limit (RMS)", "log10", nil, "bottom left")
  local variance = panel(1, 2, "variance over seeds", "log10", nil, "bottom left")
  local agreement = panel(1, 3, "sign agreement of two runs", "linear", { 0.4, 1.02 }, "bottom right")
  local entropy = panel(2, 1, "entropy of sign maps (bits)", "linear", { -4, 14 }, "bottom left")
  local energy = panel(2, 2, "Dirichlet energy", "log10", nil, "top right")
  local failed = panel(2, 3, "fraction that failed to fit", "linear", { -0.02, 1.2 }, "top right")
  for k, start in ipairs { "none", "random" } do
    local function look(label, mark)
      return { color = k, mark = mark or k == 1 and "circle" or "osquare", label = label, positive = true }
    end
    local name = "start " .. start
    curve(variance, start, named "spread", look(name))
    curve(agreement, start, named "agreement", look(name))
    curve(energy, start, named "energy", look(name))
    curve(failed, start, function(rows)
      local list = {}
      for i, row in ipairs(rows) do list[i] = row.failed / row.runs end
      return list
    end, { color = k, mark = k == 1 and "circle" or "osquare", label = name })
    curve(entropy, start, function(rows)
      local list = {}
      for i, row in ipairs(rows) do
        local counts = counts_of { row }
        list[i] = #counts > 1 and limn.claims.entropy(counts).value or 0
      end
      return list
    end, { color = k, mark = k == 1 and "circle" or "osquare", label = name })
    if k == 1 then
      curve(distance, start, named "rms", look "a run")
      curve(distance, start, function(rows)
        local sum = 0
        for _, row in ipairs(rows) do sum = sum + (row.square or 0) / #rows end
        return sum > 0 and { math.sqrt(sum) } or {}
      end, look("mean of runs", "triangle"))
    end
  end
  local x, ceiling = {}, {}
  for i, n in ipairs(widths) do
    local row = cells_of(results, set, "random", n)[1] or cells_of(results, set, "none", n)[1]
    if row then x[i], ceiling[i] = n, math.log(row.runs, 2) end
  end
  if #x > 1 then
    entropy:line { x = x, y = ceiling, color = "black", dash = "dotted", mark = false, label = "log2 of runs" }
    local from = math.max(x[1], 32)
    local rows = cells_of(results, set, "none", x[#x])
    local root = limn.plot.math "n^{-1/2}"
    for _, l in ipairs { { distance, "rms", 0.5, root }, { variance, "spread", 1, limn.plot.math "1/n" } } do
      local v = rows[1] and rows[1][l[2]]
      if v then
        l[1]:line { x = { from, x[#x] }, y = { v * (x[#x] / from) ^ l[3], v }, color = "black", dash = "dashed", mark = false, law = true,
          label = l[4] }
      end
    end
  end
  local random = cells_of(results, set, "random", widths[#widths])[1]
  if random and random.predicted then variance:hline { y = random.predicted, dash = "dotted", width = 0.7, label = "GP posterior" } end
  if ideal then energy:hline { y = ideal.limit_energy, dash = "dashed", width = 0.7, label = "limit" } end
  return fig
end

local function plot(results, out)
  local sets, widths, figures, tags = {}, {}, {}, {}
  for _, row in ipairs(results:rows()) do sets[#sets + 1], widths[#widths + 1] = row.set, row.width end
  widths = widths_of(widths, 0, math.huge)
  for _, set in ipairs(widths_of(sets, 1, math.huge)) do
    local tag = name_of(set):gsub(" ", "_")
    figures["measures_" .. tag] = measures(set, results, widths)
    for _, start in ipairs { "none", "random" } do
      local rows = {}
      for _, n in ipairs(widths) do rows[#rows + 1] = cells_of(results, set, start, n)[1] end
      if #rows > 0 then figures[("%s_%s"):format(tag, start)] = sheet { set = set, start = start, rows = rows } end
    end
  end
  for tag in pairs(figures) do tags[#tags + 1] = tag end
  table.sort(tags)
  for _, tag in ipairs(tags) do
    -- .svg is what the report shows; a sheet of maps would have 15 MB of it
    for _, kind in ipairs(tag:find "^measures" and { "pdf", "svg", "png" } or { "pdf", "png" }) do
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
    start = { default = "none", help = "none: the initial output is subtracted; random: it is kept; limit: nets draw the limit" },
    seeds = { default = 24, help = "independent initialisations per cell; up to 32 times as many in narrow nets", min = 2 },
    steps = { default = 8000, help = "largest number of gradient descent steps", min = 1 },
    coarse = { default = 6, help = "grid points per side of the sign maps that are compared", min = 2, max = 7 },
    n = { default = 32, help = "grid points per side of the maps that are measured", min = 8, max = 1024 },
  },
  grid = { width = "2:1024:log2", set = { 3, 4 }, start = "none,random,limit" },
  cost = function(p) return p.width end,
  reps = 12,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
