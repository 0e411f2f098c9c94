-- lazy_to_rich.lua: when do features move, and what do they learn: output scale against width.
--
-- A ReLU net with one hidden layer in NTK parameterisation, f = alpha n^-1/2 sum_j a_j relu(w_j.x/sqrt(d)), minus f_0, is
-- trained on the parity of two of 15 bits and a constant 1, D labelled items, by gradient descent to the loss 10^-3. Labels
-- are +-1. All alpha of a width start from the same weights; one call of net:train sweeps them (alpha and rate as lists).
--
-- Theory (Chizat, Oyallon and Bach 2019; Woodworth et al. 2020). The gradient by w_j is of order alpha n^-1/2 and the
-- tangent kernel of order alpha^2: features move by order 1/r with r = alpha sqrt(n), and the net is a function of r and n
-- in which n enters through fluctuations only.
--     lazy, r >> 1:   movement ~ r^-1, the function is the regression with the tangent kernel at the start, whatever n
--     rich, r << 1:   all weights must grow by a common factor c with r c^2 of order 1: movement ~ r^-1/2
--     mean field and muP are r = 1 at every width: alpha = n^-1/2
-- With r fixed the movement does not depend on n. In the lazy regime the alignment of the features' kernel
-- K = phi(X) phi(X)' with the labels, y'Ky/(|K|_F |y|^2) on new items, does not change; in the rich regime it grows, because
-- the neurons turn to the two relevant bits. The limit for infinite width does not learn this task from D = 64 items
-- (sharp_tasks.lua); a rich net does.
--
-- The rate is half the stability limit of the tangent model, times min(1, r): in the rich regime the kernel grows by the
-- factor c^2, of order 1/r.
--
-- Margins. Exponents 0.15: -1 and -1/2 compete; exponent in n at fixed r 0.1: -1/2 competes. Errors against the limit
-- 0.05, of 0 to 1/2; gain of the rich nets more than 0.1. Alignment 0.05 in the lazy regime, more than 0.1 in the rich one.
--
-- Cost: ten seconds on two cores.

local limn = require "limn"
local ledger_rows = dofile((debug.getinfo(1, "S").source:match "^@(.*/)" or "") .. "rows.lua")
local m = limn.plot.math

local BITS, TEST = 15, 256
local DIAL = { 1 / 16, 1 / 4, 1, 4, 16, 64, 256 } -- r = alpha sqrt(n)
local RICH, LAZY = { 1, 2 }, { 5, 6, 7 } -- places of the dial between which exponents are measured
local REACH = 1e-3

-- ---- one cell ------------------------------------------------------------------------------------------------

local function items(count, rng)
  local X, Z = limn.data.parity { bits = BITS, points = count, seed = rng:integer(1, 1 << 31) }, limn.ones(count, BITS + 1)
  for j = 1, BITS do for i = 1, count do Z:set(i, j, X:get(i, j)) end end
  return Z, X:col(1) * X:col(2)
end

local function wrong(f, y) -- fraction of wrong signs, 0 counting one half
  return ((f * y):sign():mean() * -1 + 1) / 2
end

local function alignment(features, y)
  local along = features:T():matmul(y)
  local square = features:T():matmul(features) -- the same Frobenius norm as K
  return (along ^ 2):sum() / (square:norm() * #y)
end

local function measure(point, rng)
  local n, count = point.width, #DIAL
  local X, y = items(point.D, rng)
  local Z, target = items(TEST, rng)
  local alphas, rates, seeds, seed = {}, {}, {}, rng:integer(1, 1 << 53)
  for i, r in ipairs(DIAL) do alphas[i], seeds[i] = r / math.sqrt(n), seed end
  local shape = { sizes = { BITS + 1, n, 1 }, param = "ntk", bias = false, start = "none", dtype = "f32" }
  shape.count, shape.seed, shape.alpha = count, seeds, alphas
  local nets = limn.mlp.ensemble(shape)
  local w = nets:kernel(X, { member = count }).total:eigh()
  for i, r in ipairs(DIAL) do -- the kernel of net i is that of the last times the square of the ratio of their alphas
    rates[i] = #X / w[#w] * (DIAL[count] / r) ^ 2 * math.min(1, r)
  end
  local run = nets:train(X, y, { rate = rates, steps = point.steps, tol = REACH })
  local out = { moved = limn.zeros(count), wrong = limn.zeros(count), aligned = limn.zeros(count), taken = run.steps_of, failed = 0 }
  local f = nets:forward(Z)
  local start = alignment(nets:features(Z, { initial = true }), target)
  for i = 1, count do
    out.moved:set(i, nets:movement(X, { member = i })[1].rms)
    out.wrong:set(i, wrong(f[i], target))
    out.aligned:set(i, alignment(nets:features(Z, { member = i }), target) - start)
    if run.reasons[i] ~= "tolerance" then out.failed = out.failed + 1 end
  end
  out.limit = wrong(limn.kernel.limit(X, y, { param = "ntk" }):predict(Z), target)
  return out
end

-- ---- from cells to claims ------------------------------------------------------------------------------------

local function widths_of(results) return results:distinct "width" end

local function cells(results, n) return results:where({ width = n }):rows() end

-- One number of each replicate at the widest nets.
local function at_widest(results, value)
  local widths, values = widths_of(results), {}
  for i, row in ipairs(cells(results, widths[#widths])) do values[i] = value(row) end
  return #values > 1 and limn.claims.mean(values) or nil, ("n = %d"):format(widths[#widths])
end

-- Slope of log movement against log r over places of the dial, at the widest nets.
local function in_r(places)
  return function(results)
    local widths, x, ys = widths_of(results), {}, {}
    for i, k in ipairs(places) do x[i] = math.log(DIAL[k], 2) end
    for j, row in ipairs(cells(results, widths[#widths])) do
      ys[j] = {}
      for i, k in ipairs(places) do ys[j][i] = math.log(row.moved[k], 2) end
    end
    return limn.claims.fit_slope(x, ys), ("r = %g .. %g, n = %d"):format(DIAL[places[1]], DIAL[places[#places]], widths[#widths])
  end
end

-- Slope of log movement against log n, mean over the dial, one for each replicate.
local function in_n(results)
  local widths, by_rep, x, ys = widths_of(results), {}, {}, {}
  for i, n in ipairs(widths) do
    x[i] = math.log(n, 2)
    for _, row in ipairs(cells(results, n)) do
      by_rep[row.rep] = by_rep[row.rep] or {}
      by_rep[row.rep][i] = row.moved:log():mean() / math.log(2)
    end
  end
  for _, y in pairs(by_rep) do if #y == #x then ys[#ys + 1] = y end end
  return #x > 1 and #ys > 0 and limn.claims.fit_slope(x, ys) or nil, ("n = %d .. %d"):format(widths[1], widths[#widths])
end

local FAILED = "fraction of nets that did not reach the loss"

local ROWS = {
  { what = in_r(LAZY), declaration = { id = "A37", claim = "movement ~ r^s, lazy", theory = -1, slope = { margin = 0.15 } } },
  { what = in_r(RICH), declaration = { id = "A37", claim = "movement ~ r^s, rich", theory = -0.5, slope = { margin = 0.15 } } },
  { what = in_n, declaration = { id = "A37", claim = "movement ~ n^s at fixed r", theory = 0, slope = { margin = 0.1 } } },
  { what = function(results) return at_widest(results, function(row) return row.wrong[#DIAL] - row.limit end) end,
    declaration = { id = "A3", claim = "wrong signs, largest r minus NTK limit", theory = 0, equal = { margin = 0.05 } } },
  { what = function(results) return at_widest(results, function(row) return row.limit - row.wrong[1] end) end,
    declaration = { id = "A37", claim = "wrong signs, NTK limit minus smallest r", above = 0.1, note = "essay: probably fixable" } },
  { what = function(results) return at_widest(results, function(row) return row.aligned[#DIAL] end) end,
    declaration = { id = "A37", claim = "change of the alignment, largest r", theory = 0, equal = { margin = 0.05 } } },
  { what = function(results) return at_widest(results, function(row) return row.aligned[1] end) end,
    declaration = { id = "A37", claim = "change of the alignment, smallest r", above = 0.1 } },
}

local function claims(_, plan)
  local rows = ledger_rows.declared(ROWS)
  rows[#rows + 1] = { id = "A33", claim = FAILED, theory = 0, proportion = { margin = 0.05 }, replicates = plan.cells * #DIAL }
  return rows
end

local function report(results, ledger)
  ledger_rows.measure(ledger, ROWS, results)
  local failed, all = 0, 0
  for _, row in ipairs(results:rows()) do failed, all = failed + row.failed, all + #DIAL end
  ledger:measure(FAILED, limn.claims.proportion(failed, all), { note = ("%d of %d"):format(failed, all) })
end

-- ---- the figure: means with 95 % intervals over replicates ---------------------------------------------------

local MARKS = { "circle", "osquare", "triangle", "diamond" }

local function plot(results)
  local fig = limn.plot.figure { rows = 1, cols = 3, size = { 7.2, 3.1 }, letters = true, legend = "top" }
  local r = { label = m[[r = \alpha \sqrt{n}]], scale = "log2", range = { DIAL[1] / 2, DIAL[#DIAL] * 2 } }
  local panels = {
    moved = fig:panel(1, 1, { title = "slopes -1/2 and -1", x = r, y = { label = "relative movement", scale = "log10" } }),
    wrong = fig:panel(1, 2, { title = "parity of 2 bits", x = r, y = { label = "fraction of wrong signs", range = { 0, 0.6 } } }),
    aligned = fig:panel(1, 3, { x = r, y = { label = "change of the kernel's alignment" } }),
  }
  local widths = widths_of(results)
  for c, n in ipairs(widths) do
    for name, panel in pairs(panels) do
      local o = { x = DIAL, y = {}, lo = {}, hi = {}, color = c, mark = MARKS[c], label = ("n = %d"):format(n) }
      for i in ipairs(DIAL) do
        local values = {}
        for k, row in ipairs(cells(results, n)) do values[k] = name == "moved" and math.log(row.moved[i]) or row[name][i] end
        local mean, interval = values[1], { values[1], values[1] }
        if #values > 1 then mean, interval = limn.claims.interval(values) end
        local back = name == "moved" and math.exp or function(v) return v end
        o.y[i], o.lo[i], o.hi[i] = back(mean), back(interval[1]), back(interval[2])
      end
      o.line = name ~= "moved"
      panel:errorbars(o)
      if name == "moved" and c == #widths then
        for _, law in ipairs { { RICH, -0.5, 1, 3 }, { LAZY, -1, 4, 7 } } do
          local k, first, last = law[1][#law[1]], DIAL[law[3]], DIAL[law[4]]
          panel:line { x = { first, last }, y = { o.y[k] * (first / DIAL[k]) ^ law[2], o.y[k] * (last / DIAL[k]) ^ law[2] }, mark = false,
            color = "black", dash = "solid", law = true, label = law[2] == -1 and "theory" or nil }
        end
      end
    end
  end
  local sum, count = 0, 0
  for _, row in ipairs(results:rows()) do sum, count = sum + row.limit, count + 1 end
  panels.wrong:hline { y = sum / count, dash = "dashed", label = "NTK limit" }
  return fig
end

return limn.experiment {
  name = "lazy_to_rich",
  question = "When do the features of a net move, and what do they learn, against output scale and width?",
  params = {
    width = { default = 64, help = "number of hidden units", min = 1 },
    D = { default = 64, help = "number of labelled items", min = 2, max = 4096 },
    steps = { default = 30000, help = "largest number of steps", min = 1 },
  },
  grid = { width = { 64, 256, 1024 } },
  reps = 16,
  cost = function(p) return p.width end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
