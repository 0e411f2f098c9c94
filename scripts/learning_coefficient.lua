-- learning_coefficient.lua: does tempered sampling of nets give the learning coefficients that are known exactly?
--
-- The local learning coefficient lambda is that of the free energy: the volume of parameters whose loss is within e of the minimum
-- falls as e^lambda. net:learning_coefficient estimates it as t (mean of L - L(w*)) under exp(-t L - |w - w*|^2/2). Here labels
-- are those of w* itself, without noise, so that t can be chosen and L(w*) = 0.
-- Cases, all without biases and with inputs of covariance 1: 1 regular, a linear model of 5 inputs; 2 f = a b x, a product of two
-- weights, around 0; 3 f = a (b x)^2 around 0; 4 linear 2-2-2 around 0; 5 linear 2-1-2 around 0; 6 linear 3-2-3 around a matrix of
-- rank 1; 7 a tanh net 2-16-16-1 trained on 300 noisy labels, at 1/ln n: no exact value.
--
-- Theory. lambda = 5/2; 1/2 (multiplicity 2); 1/4; 3/2; 1 (multiplicity 2); by Aoyagi's formula for 6. For multiplicity m the mean at
-- t is lambda - (m - 1)/ln t to leading order; for 2, 3 and 5 the mean at finite t is a one-dimensional integral, exactly; for 3 it
-- approaches 1/4 as t^(-1/4) only.
--
-- Margins, declared before the first run. Coefficient at t = 10000, cases 1, 4 and 6: within 0.1 lambda + 0.05. Sampled over exact mean
-- at each t, cases 2, 3 and 5: 1 to within 0.1. Case 7 is described, as is the fraction of estimates that were refused. Case 3 had a
-- row of the first kind, given up when a test gave 0.19 at t = 1000: the exact mean there.
--
-- Cost: three minutes on two cores.

local limn = require "limn"
local ledger_rows = dofile((debug.getinfo(1, "S").source:match "^@(.*/)" or "") .. "rows.lua")

local CASES = {
  { name = "regular, 5 parameters", sizes = { 5, 1 }, model = { model = "regular", dim = 5 } },
  { name = "a b x", sizes = { 1, 1, 1 }, model = { model = "monomial", exponents = { 1, 1 } }, normals = 1 },
  { name = "a (b x)^2", sizes = { 1, 1, 1 }, activation = "quadratic", model = { model = "monomial", exponents = { 1, 2 } },
    normals = 1, power = 2 },
  { name = "linear 2-2-2, rank 0", sizes = { 2, 2, 2 }, model = { model = "deep_linear", widths = { 2, 2, 2 } } },
  { name = "linear 2-1-2, rank 0", sizes = { 2, 1, 2 }, model = { model = "deep_linear", widths = { 2, 1, 2 } }, normals = 2 },
  { name = "linear 3-2-3, rank 1", sizes = { 3, 2, 3 }, rank = 1, model = { model = "deep_linear", widths = { 3, 2, 3 }, rank = 1 } },
  { name = "tanh 2-16-16-1, trained" },
}
local LAST = #CASES
local AT = 10000

-- Points whose covariance is the identity: all signs.
local function points(d)
  local rows = {}
  for v = 0, (1 << d) - 1 do
    rows[v + 1] = {}
    for i = 1, d do rows[v + 1][i] = (v >> (i - 1) & 1) == 1 and -1 or 1 end
  end
  return limn.array(rows)
end

-- -t dlog Z/dt for Z = E[(1 + t r^power)^(-normals/2)], r chi-square with `normals` degrees of freedom: the mean of
-- t |a|^2 |b|^(2 power)/2.
local function exact_mean(normals, power, t)
  local z, slope, steps = 0, 0, 20000
  for i = 1, steps do -- in u = ln r
    local u = -40 + 45 * (i - 0.5) / steps
    local r = math.exp(u)
    local weight = math.exp(normals / 2 * u - r / 2)
    local s = t * r ^ power
    z = z + weight * (1 + s) ^ (-normals / 2)
    slope = slope + weight * normals / 2 * s * (1 + s) ^ (-normals / 2 - 1)
  end
  return slope / z
end

local function trained(point, rng)
  local n, noise = 300, 0.3
  local X = rng:normal(n, 2)
  local y = X:col(1):sin() + X:col(2) * 0.5 + rng:normal(n) * noise
  local net = limn.mlp.new { sizes = { 2, 16, 16, 1 }, activation = "tanh", init = { weight = 1, bias = 0.1 },
    seed = rng:integer(1, 1 << 53) }
  net:train(X, y, { optimizer = "adam", rate = 1e-3, steps = point.steps, tol = -1 })
  return net:learning_coefficient(X, y, { noise = noise, samples = point.samples // 4, pull = 100, seed = rng:integer(1, 1 << 53) })
end

local function measure(point, rng)
  local case = CASES[point.case]
  if point.case == LAST then
    if point.t ~= AT then return { skipped = 1 } end
    local estimate = trained(point, rng)
    return { skipped = 0, refused = estimate and 0 or 1, value = estimate and estimate.value }
  end
  local X, sizes = points(case.sizes[1]), case.sizes
  local net = limn.mlp.new { sizes = sizes, activation = case.activation or "linear", bias = false, init = { weight = 1 } }
  for l, layer in ipairs(net:parameters()) do
    local w = layer.weights * 0
    for k = 1, case.rank or 0 do w:set(k, k, 1 / layer.multiplier) end
    net:set(l, { weights = w })
  end
  local estimate = net:learning_coefficient(X, net:forward(X), { beta = 1, noise = math.sqrt(#X / point.t), samples = point.samples,
    seed = rng:integer(1, 1 << 53) })
  return { skipped = 0, refused = estimate and 0 or 1, value = estimate and estimate.value }
end

-- ---- from cells to claims --------------------------------------------------------------------------------------

local function values_of(results, case, t)
  local values, refused = {}, 0
  for _, row in ipairs(results:where({ case = case, t = t, skipped = 0 }):rows()) do
    if row.value then values[#values + 1] = row.value else refused = refused + 1 end
  end
  return values, refused > 0 and ("%d estimates refused"):format(refused) or nil
end

local function mean_of(case, t, over)
  return function(results)
    local values, note = values_of(results, case, t)
    for i, v in ipairs(values) do values[i] = v / (over or 1) end
    return #values > 1 and limn.claims.mean(values) or nil, note
  end
end

local function refused(results)
  local k, n = 0, 0
  for _, row in ipairs(results:where({ skipped = 0 }):rows()) do k, n = k + row.refused, n + 1 end
  return n > 0 and limn.claims.proportion(k, n) or nil, ("%d of %d"):format(k, n)
end

local function rows_of(grid)
  local list, has = {}, { case = {}, t = {} }
  for name, seen in pairs(has) do for _, v in ipairs(grid[name]) do seen[v] = true end end
  local function add(what, claim, declaration)
    declaration.id, declaration.claim = "lambda", claim
    list[#list + 1] = { what = what, declaration = declaration }
  end
  for i, case in ipairs(CASES) do
    if has.case[i] and case.model then
      local lambda, times = limn.theory.learning_coefficient(case.model)
      if not case.normals and has.t[AT] then
        add(mean_of(i, AT), ("coefficient at t = %d, %s"):format(AT, case.name),
          { theory = lambda - (times - 1) / math.log(AT), equal = { margin = 0.1 * lambda + 0.05 },
            note = ("lambda %g, multiplicity %d"):format(lambda, times) })
      end
      for _, t in ipairs(case.normals and grid.t or {}) do
        add(mean_of(i, t, exact_mean(case.normals, case.power or 1, t)), ("sampled over exact mean at t = %d, %s"):format(t, case.name),
          { theory = 1, equal = { margin = 0.1 }, note = ("lambda %g, multiplicity %d"):format(lambda, times) })
      end
    end
  end
  if has.case[LAST] and has.t[AT] then
    add(mean_of(LAST, AT), "coefficient at 1/ln n, " .. CASES[LAST].name, { describe = true,
      note = "337 parameters: at most 168.5 in a minimum" })
  end
  add(refused, "fraction of the estimates that were refused", { describe = true })
  return list
end

local function claims(_, plan) return ledger_rows.declared(rows_of(plan.grid)) end

local function report(results, ledger) ledger_rows.measure(ledger, rows_of(ledger.plan.grid), results) end

-- ---- the figure --------------------------------------------------------------------------------------------------

local MARKS = { "circle", "square", "triangle", "diamond", "ocircle", "osquare" }

local function plot(results)
  local fig = limn.plot.figure { rows = 1, cols = 1, size = { 6.4, 3.8 }, legend = "top" }
  local p = fig:panel(1, 1, { x = { label = "inverse temperature t", scale = "log10" },
    y = { label = "estimate over the exact coefficient", range = { 0, 1.6 } } })
  p:hline { y = 1, dash = "dotted" }
  for i, case in ipairs(CASES) do
    if case.model then
      local lambda = limn.theory.learning_coefficient(case.model)
      local o = { x = {}, y = {}, lo = {}, hi = {}, color = i, mark = MARKS[i], line = true, label = case.name }
      for _, t in ipairs(results:distinct "t") do
        local values = values_of(results, i, t)
        if #values > 0 then
          local m, interval = values[1], { values[1], values[1] }
          if #values > 1 then m, interval = limn.claims.interval(values) end
          table.insert(o.x, t * 1.06 ^ (i - 3))
          table.insert(o.y, m / lambda)
          table.insert(o.lo, interval[1] / lambda)
          table.insert(o.hi, interval[2] / lambda)
        end
      end
      if #o.x > 0 then p:errorbars(o) end
    end
  end
  return fig
end

return limn.experiment {
  name = "learning_coefficient",
  question = "Does tempered sampling of nets give the learning coefficients that are known exactly?",
  params = {
    case = { default = 1, help = "1 regular, 2 a b x, 3 a (b x)^2, 4 2-2-2, 5 2-1-2, 6 3-2-3 of rank 1, 7 a trained tanh net", min = 1,
      max = LAST },
    t = { default = AT, help = "points over noise variance", min = 1 },
    samples = { default = 800, help = "samples of each of 4 chains", min = 20 },
    steps = { default = 20000, help = "training steps of case 7", min = 1 },
  },
  grid = { case = "1:7", t = { 100, 1000, 10000 } },
  reps = 8,
  cost = function(p) return p.case == LAST and 20 or 1 end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
