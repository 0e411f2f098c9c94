-- sharpness.lua: how does the squared norm of a step function grow in the kernel of an infinitely wide net as the step
-- narrows? The step has four points: -1 at -d and -d/3, +1 at d/3 and d; its squared norm is y' K^-1 y.
--
-- Inputs are (x, 1); two points near x = 0 then differ by the angle t = x - z to first order. The least smooth term of
-- the kernel at t = 0 determines the norm:
--     -c |t|    (NTK of ReLU, all layers train; NNGP of step units):  norm^2 = int f'^2 /(2c)   = 3/(c d)
--     +c |t|^3  (NNGP of ReLU, only the last layer trains):           norm^2 = int f''^2/(12 c) = 9/(2 c d^3)
-- The integrals are those of the piecewise linear function and of the natural cubic spline through the four points, 6/d
-- and 54/d^3. With L hidden layers, He weights and output weights of variance 1/n: c = L/(6 pi) for the NNGP, L(L+1)/(4
-- pi) for the NTK, 1/(2 pi) for step units. An analytic kernel (erf) has no such term; the norm of four points is then
-- d^-6.
--
-- Entries of K are accurate to 16 digits and the least eigenvalue of the NNGP falls as d^3. Its steps therefore end at
-- d = 10^-3, where five digits remain, and those of erf at d = 10^-1.75.
--
-- Cost: a second, 0.2 ms per cell; about ten seconds with 100 times the cells.

local limn = require "limn"
local pi = math.pi

local KINDS = {
  { name = "ReLU, last layer (NNGP)", short = "last layer", kernel = "nngp", activation = "relu", exponent = -3, least = -3, deepest = 3,
    price = function(L, d) return 4.5 / (L / (6 * pi)) / d ^ 3 end },
  { name = "ReLU, all layers (NTK)", short = "all layers", kernel = "ntk", activation = "relu", exponent = -1, least = -6, deepest = 3,
    price = function(L, d) return 3 / (L * (L + 1) / (4 * pi)) / d end },
  { name = "step units, last layer (NNGP)", short = "step units", kernel = "nngp", activation = "step", exponent = -1, least = -6,
    deepest = 1, price = function(_, d) return 3 * 2 * pi / d end },
  { name = "erf, last layer (NNGP)", short = "erf", kernel = "nngp", activation = "erf", exponent = -6, least = -1.75, deepest = 1 },
}

-- ---- one cell ------------------------------------------------------------------------------------------------

local labels = limn.array { -1, -1, 1, 1 }

local function points(d) return limn.array { { -d, 1 }, { -d / 3, 1 }, { d / 3, 1 }, { d, 1 } } end

local function options(kind, depth)
  return { depth = depth, activation = kind.activation, weight = 2, readout = 1 } -- K0 = x z + 1
end

local function measure(point)
  local kind = KINDS[point.kernel]
  local log = -point.step / 4 -- log10 of the half-width
  if point.depth > kind.deepest or log < kind.least then return { skipped = 1 } end
  local d = 10 ^ log
  local K = limn.kernel[kind.kernel](points(d), nil, options(kind, point.depth))
  local fit = limn.kernel.regress(K, K, labels)
  return { skipped = 0, d = d, norm = (fit.coefficients * labels):sum(), rank = fit.rank, rcond = fit.rcond,
    predicted = kind.price and kind.price(point.depth, d) or nil }
end

-- ---- from cells to exponents ---------------------------------------------------------------------------------

-- The cells of each kernel and depth in order of decreasing d, with the exponents between neighbours.
local function curves(results)
  local out = {}
  for _, row in ipairs(results:rows()) do
    if row.skipped == 0 then
      local key = row.kernel * 100 + row.depth
      out[key] = out[key] or { kind = KINDS[row.kernel], depth = row.depth, cells = {} }
      table.insert(out[key].cells, row)
    end
  end
  local list = {}
  for key, c in pairs(out) do
    table.sort(c.cells, function(a, b) return a.d > b.d end)
    c.key, c.d, c.norm, c.middle, c.exponent = key, {}, {}, {}, {}
    for i, cell in ipairs(c.cells) do
      c.d[i], c.norm[i] = cell.d, cell.norm
      if i > 1 then
        c.middle[i - 1] = math.sqrt(cell.d * c.d[i - 1])
        c.exponent[i - 1] = math.log(cell.norm / c.norm[i - 1]) / math.log(cell.d / c.d[i - 1])
      end
    end
    if #c.exponent > 1 then list[#list + 1] = c end
  end
  table.sort(list, function(a, b) return a.key < b.key end)
  return list
end

local function report(results)
  local ledger = limn.claims.new "Squared norm of a step against its half-width d"
  for _, c in ipairs(curves(results)) do
    local n = #c.exponent
    local low, high = math.min(c.exponent[n], c.exponent[n - 1]), math.max(c.exponent[n], c.exponent[n - 1])
    local depth = ("%d hidden layer%s"):format(c.depth, c.depth == 1 and "" or "s")
    local last = c.cells[#c.cells]
    ledger:row { id = "A10", claim = ("exponent of norm^2 in d, %s, %s"):format(c.kind.name, depth), predicted = c.kind.exponent,
      measured = c.exponent[n], interval = { low, high }, tolerance = 0.01, note = ("at d = %.1e"):format(c.middle[n]) }
    if c.kind.price then
      ledger:row { id = "A10", claim = ("norm^2, %s, %s"):format(c.kind.name, depth), predicted = last.predicted,
        measured = last.norm, tolerance = 0.01, note = ("at d = %.0e"):format(last.d) }
    end
  end
  ledger:print()
  return ledger
end

-- ---- the figure ------------------------------------------------------------------------------------------------

local MARKS = { "circle", "osquare", "triangle", "diamond" }
local DASHES = { "solid", "dashed", "dotted", "solid" }

local function plot(results)
  local fig = limn.plot.figure { rows = 1, cols = 3, size = { 7.2, 2.6 }, letters = true }
  local p = fig:panel(1, 1, { x = { label = "half-width d of the step", scale = "log10", range = { 1e-6, 1 } },
    y = { label = "squared norm of the step", scale = "log10", range = { 1, 1e12 } }, legend = "bottom left" })
  local q = fig:panel(1, 2, { x = { label = "half-width d of the step", scale = "log10", range = { 1e-6, 1 } },
    y = { label = "local exponent", range = { -7, 0 } }, legend = "none" })
  for _, c in ipairs(curves(results)) do
    local k = c.key // 100
    if c.depth == 1 then
      if c.kind.price then
        local x, y = {}, {}
        for i = 0, 1 do
          x[#x + 1] = c.d[#c.d] ^ i
          y[#y + 1] = c.kind.price(1, x[#x])
        end
        p:line { x = x, y = y, color = k, mark = false, dash = "dashed", width = 0.7 }
      end
      p:points { x = c.d, y = c.norm, color = k, mark = MARKS[k], label = c.kind.short }
    end
    q:line { x = c.middle, y = c.exponent, color = k, mark = false, dash = DASHES[c.depth] }
  end
  for _, e in ipairs { -1, -3, -6 } do q:hline { y = e, width = 0.4 } end

  -- the interpolants at one half-width
  local d, xs = 0.1, limn.linspace(-0.3, 0.3, 241)
  local Z = limn.ones(241, 2)
  for i = 1, 241 do Z:set(i, 1, xs:get(i)) end
  local s = fig:panel(1, 3, { x = { label = "x" }, y = { label = "minimum-norm interpolant", range = { -2.5, 2.5 } },
    legend = "none" })
  for k, kind in ipairs(KINDS) do
    local o = options(kind, 1)
    o.kind = kind.kernel
    s:line { x = xs, y = limn.kernel.limit(points(d), labels, o):predict(Z), color = k, mark = false, dash = DASHES[k] }
  end
  s:points { x = { -d, -d / 3, d / 3, d }, y = labels, color = "black", mark = "circle" }
  return fig
end

return limn.experiment {
  name = "sharpness",
  question = "How does the norm of a step grow as the step narrows, if only the last layer trains and if all layers do?",
  params = {
    kernel = { default = 1, help = "1 ReLU NNGP, 2 ReLU NTK, 3 step NNGP, 4 erf NNGP", min = 1, max = #KINDS },
    depth = { default = 1, help = "hidden layers", min = 1, max = 3 },
    step = { default = 12, help = "half-width d = 10^(-step/4)", min = 0, max = 24 },
  },
  grid = { kernel = "1:4", depth = "1:3", step = "0:24" },
  reps = 1,
  measure = measure,
  report = report,
  plot = plot,
}
