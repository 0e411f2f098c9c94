-- sharpness.lua: how does the squared norm of a step function grow in the kernel of an infinitely wide net as the step
-- narrows? The step has four points: -1 at -d and -d/3, +1 at d/3 and d; its squared norm is y' K^-1 y.
--
-- Inputs are (x, 1); two points near x = 0 then differ by the angle t = x - z to first order. The least smooth term of
-- the kernel at t = 0 determines the norm:
--     -c |t|    (hidden layers train; NNGP of step units):    norm^2 = int f'^2 /(2c)   = 3/(c d)
--     +c |t|^3  (NNGP of ReLU, only the last layer trains):   norm^2 = int f''^2/(12 c) = 9/(2 c d^3)
-- The integrals are those of the piecewise linear function and of the natural cubic spline through the four points, 6/d
-- and 54/d^3. With L hidden layers, He weights and output weights of variance 1/n: c = L/(6 pi) for the NNGP, L(L+1)/(4
-- pi) for the NTK, 1/(2 pi) for step units. Nets in the standard parameterisation train all layers, but the term of the
-- first one vanishes as 1/n: their limit is the NNGP for L = 1 and has c = L(L-1)/(8 pi) for L > 1, so that the exponent
-- changes from -3 to -1 at the second hidden layer. In the essay's limit only the last layer trains: -3 at any depth. An
-- analytic kernel (erf) has no such term; the norm of four points is then d^-6.
--
-- Entries of K are accurate to 16 digits and the least eigenvalue of the NNGP falls as d^3. Its steps therefore end at
-- d = 10^-3, where five digits remain, and those of erf at d = 10^-1.75.
--
-- All numbers are computed, without sampling error. Margins: exponents 0.05, integers must be told apart and corrections
-- of relative order d are below 0.01 at the narrowest step; norms 1 %, c may not be off by a layer or a factor 2.
--
-- Cost: a second.

local limn = require "limn"
local pi = math.pi

local function cubic(c) return function(L, d) return 4.5 / c(L) / d ^ 3 end end
local function kinked(c) return function(L, d) return 3 / c(L) / d end end
local last_layer = cubic(function(L) return L / (6 * pi) end)

-- norm(L, d): the leading order; least: log10 of the narrowest step; essay: the exponent if only the last layer trained
local KINDS = {
  { name = "NNGP of ReLU", short = "last layer (NNGP)", kernel = "nngp", least = function() return -3 end, deepest = 3,
    exponent = function() return -3 end, norm = last_layer },
  { name = "NTK of ReLU", short = "all layers (NTK)", kernel = "ntk", least = function() return -6 end, deepest = 3,
    exponent = function() return -1 end, norm = kinked(function(L) return L * (L + 1) / (4 * pi) end) },
  { name = "limit of standard ReLU nets", short = "standard nets", kernel = "ntk", param = "standard", deepest = 3, essay = -3,
    least = function(L) return L == 1 and -3 or -6 end, exponent = function(L) return L == 1 and -3 or -1 end,
    norm = function(L, d) return L == 1 and last_layer(1, d) or 3 / (L * (L - 1) / (8 * pi)) / d end },
  { name = "NNGP of step units", short = "step units (NNGP)", kernel = "nngp", activation = "step", deepest = 1,
    least = function() return -6 end, exponent = function() return -1 end, norm = kinked(function() return 1 / (2 * pi) end) },
  { name = "NNGP of erf", short = "erf (NNGP)", kernel = "nngp", activation = "erf", deepest = 1,
    least = function() return -1.75 end, exponent = function() return -6 end },
}

-- ---- one cell ------------------------------------------------------------------------------------------------

local labels = limn.array { -1, -1, 1, 1 }

local function points(d) return limn.array { { -d, 1 }, { -d / 3, 1 }, { d / 3, 1 }, { d, 1 } } end

local function options(kind, depth)
  return { depth = depth, activation = kind.activation or "relu", weight = 2, readout = 1, param = kind.param } -- K0 = x z + 1
end

local function measure(point)
  local kind, log = KINDS[point.kernel], -point.step / 4 -- log10 of the half-width
  if point.depth > kind.deepest or log < kind.least(point.depth) then return { skipped = 1 } end
  local K = limn.kernel[kind.kernel](points(10 ^ log), nil, options(kind, point.depth))
  local fit = limn.kernel.regress(K, K, labels)
  return { skipped = 0, d = 10 ^ log, norm = (fit.coefficients * labels):sum(), rank = fit.rank }
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

local function key(what, kind, depth) return ("%s, %s, %d hidden layer%s"):format(what, kind.name, depth, depth == 1 and "" or "s") end

local function claims(_, plan)
  local rows = {}
  for _, k in ipairs(plan.grid.kernel) do
    local kind = KINDS[k]
    for _, L in ipairs(plan.grid.depth) do
      if L <= kind.deepest then
        rows[#rows + 1] = { id = "A10", claim = key("exponent of norm^2 in d", kind, L), essay = kind.essay, theory = kind.exponent(L),
          equal = { margin = 0.05 } }
        rows[#rows + 1] = kind.norm and { id = "A10", claim = key("norm^2 over its leading order", kind, L), theory = 1,
          equal = { margin = 0.01 } }
      end
    end
  end
  return rows
end

local function report(results, ledger)
  for _, c in ipairs(curves(results)) do
    local n, d = #c.exponent, c.d[#c.d]
    ledger:measure(key("exponent of norm^2 in d", c.kind, c.depth), limn.claims.exact(c.exponent[n]),
      { note = ("at d = %.1e"):format(c.middle[n]) })
    if c.kind.norm then
      ledger:measure(key("norm^2 over its leading order", c.kind, c.depth), limn.claims.exact(c.norm[#c.d] / c.kind.norm(c.depth, d)),
        { note = ("at d = %.0e"):format(d) })
    end
  end
end

-- ---- the figure: computed points without error bars; laws dashed -------------------------------------------------

local COLORS, MARKS = { 2, 3, 1, 4, 5 }, { "circle", "triangle", "square", "odiamond", "ocircle" } -- by kernel

local function plot(results)
  local fig = limn.plot.figure { rows = 1, cols = 3, size = { 7.2, 2.7 }, letters = true }
  local x = { label = "half-width d of the step", scale = "log10", range = { 1e-6, 1 } }
  local p = fig:panel(1, 1, { title = "squared norm", x = x,
    y = { label = "squared norm of the step", scale = "log10", range = { 1, 1e20 } }, legend = "top right" })
  local q = fig:panel(1, 2, { title = "local exponent", x = x, y = { label = limn.plot.math "d log norm$^2$ / d log d", range = { -8, 0 } },
    legend = "bottom left" })
  for _, c in ipairs(curves(results)) do
    local k, L = c.key // 100, c.depth
    local standard = k == 3
    if (standard and L < 3) or (not standard and L == 1 and k > 1) then -- NNGP, L = 1: the same as standard, L = 1
      local ends = { c.d[#c.d], 1 }
      local label = ("%s, L = %d"):format(c.kind.short, L)
      if c.kind.norm then
        p:line { x = ends, y = { c.kind.norm(L, ends[1]), c.kind.norm(L, 1) }, color = COLORS[k], mark = false, law = true,
          dash = "dashed", label = k == 3 and L == 1 and "laws" or nil }
      end
      p:points { x = c.d, y = c.norm, color = COLORS[k], mark = standard and L == 2 and "osquare" or MARKS[k], size = 2.2, label = label }
    end
    if k <= 3 and (k == 3 or L == 2) then
      q:line { x = c.middle, y = c.exponent, color = COLORS[k], dash = "solid", size = 2.5, width = 0.6,
        mark = k < 3 and MARKS[k] or ({ "square", "osquare", "plus" })[L], label = ("%s, L = %d"):format(c.kind.short, L) }
    end
  end
  for _, e in ipairs { -1, -3 } do q:hline { y = e, width = 0.4, dash = "dashed" } end

  -- the interpolants at one half-width
  local d, xs = 0.1, limn.linspace(-0.3, 0.3, 241)
  local Z = limn.ones(241, 2)
  for i = 1, 241 do Z:set(i, 1, xs:get(i)) end
  local s = fig:panel(1, 3, { title = "interpolant at d = 0.1",
    x = { label = "x" }, y = { label = "f(x)", range = { -3.5, 2.2 } },
    legend = "bottom right" })
  for i, case in ipairs { { 1, 1, "last layer, L = 1" }, { 3, 2, "standard, L = 2" }, { 4, 1, "step units" } } do
    local kind = KINDS[case[1]]
    local o = options(kind, case[2])
    o.kind = kind.kernel
    s:line { x = xs, y = limn.kernel.limit(points(d), labels, o):predict(Z), color = COLORS[case[1]], mark = false,
      dash = ({ "solid", "dashed", "dotted" })[i], label = case[3] }
  end
  s:points { x = { -d, -d / 3, d / 3, d }, y = labels, color = "black", mark = "circle", label = "data" }
  return fig
end

return limn.experiment {
  name = "sharpness",
  question = "How does the norm of a step grow as the step narrows, if only the last layer trains and if all layers do?",
  params = {
    kernel = { default = 1, help = "1 NNGP, 2 NTK, 3 standard nets, 4 step units, 5 erf", min = 1, max = #KINDS },
    depth = { default = 1, help = "hidden layers", min = 1, max = 3 },
    step = { default = 12, help = "half-width d = 10^(-step/4)", min = 0, max = 24 },
  },
  grid = { kernel = "1:5", depth = "1:3", step = "0:24" },
  reps = 1,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
