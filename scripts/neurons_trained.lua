-- neurons_trained.lua: what does training do to the vote of neurons? Nets 4-n-n-1 of ReLU learn AND of 2 of 4 bits on all 16
-- inputs (parity of 2, tried first at a small size, has no neurons that fit alone). The mean-field parameterisation has no limit
-- for more than one hidden layer: its nets are 4-n-1. The neurons of the last hidden layer are grouped by the Boolean function
-- that they compute, before and after.
--
-- Measured: the fraction of neurons that compute another function than at the start, and the part of the output along the labels
-- that comes from the neurons that fit alone, that is with the signs y or -y on all inputs.
--
-- Theory. A neuron changes its function where its pre-activation at an input crosses 0. Pre-activations have a finite density at
-- 0, so that the fraction of changes is in proportion to their movement: n^-1/2 for hidden-to-hidden layers in the standard (rate
-- 1/n) and the NTK parameterisation, n^0 under maximal update (muP) and, in its one hidden layer, in the mean-field
-- parameterisation. In the first two the neurons that fit alone thus keep the share of the random layer (neurons_vote.lua); only
-- the others can move the vote to them at large width.
--
-- Margins. Exponents 0.15: 0 and -1/2 are excluded by each other, and -1. The difference of shares is one-sided, against 0.
--
-- Cost: a minute on two cores.

local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*/)" or ""
local ledger_rows = dofile(here .. "rows.lua")

local BITS = 4
local ALL = 1 << BITS
local PARAMS = { "standard", "ntk", "mup", "meanfield" }
local EXPONENT = { standard = -0.5, ntk = -0.5, mup = 0, meanfield = 0 }
local TIMES = { 10, 100 } -- steps at which the vote is also taken

local X = limn.functions.cube(BITS)
local y = limn.zeros(ALL)
for v = 0, ALL - 1 do y:set(v + 1, v & 3 == 3 and 1 or -1) end

-- Fraction of the neurons of all nets whose function has changed, and the share of those that fit alone.
local function vote(nets)
  local changed, own, all = 0, 0, 0
  for k = 1, nets.count do
    local f, before = nets:features(X, { member = k }), nets:features(X, { member = k, initial = true })
    local now = f:gt(0)
    changed = changed + now:ne(before:gt(0)):sum(1):gt(0):mean() / nets.count
    local layers = nets:parameters { member = k }
    local weights = layers[#layers].weights
    local along = y:matmul(f) * weights:reshape(weights:size())
    own, all = own + along:dot(y:matmul(now * 2 - 1):abs():gt(ALL - 0.5)), all + along:sum()
  end
  return changed, own / all
end

local function measure(point, rng)
  local param = PARAMS[point.param]
  local sizes = param == "meanfield" and { BITS, point.width, 1 } or { BITS, point.width, point.width, 1 }
  local nets = limn.mlp.ensemble { sizes = sizes, param = param, count = point.nets, init = { weight = 2, bias = 2 / BITS },
    seed = rng:integer(1, 1 << 53) }
  local out, taken = {}, 0
  out.share_0 = select(2, vote(nets))
  for _, steps in ipairs(TIMES) do
    nets:train(X, y, { steps = steps - taken, tol = 0.005 })
    taken = steps
    out["changed_" .. steps], out["share_" .. steps] = vote(nets)
  end
  local run = nets:train(X, y, { steps = point.steps, tol = 0.005 })
  out.changed, out.share = vote(nets)
  out.loss = run.losses:mean()
  return out
end

-- ---- claims, declared before any cell is computed -----------------------------------------------------------------------------

-- Replicates of one parameterisation: lists of rows by width.
local function replicates(results, param)
  local by, list = {}, {}
  for _, row in ipairs(results:rows()) do
    if row.param == param then
      if not by[row.rep] then
        by[row.rep] = {}
        list[#list + 1] = by[row.rep]
      end
      table.insert(by[row.rep], row)
    end
  end
  return list
end

-- Slope of the logarithm of a field, averaged over replicates, against that of the width.
local function exponent(field)
  return function(list)
    local sum, count, widths = {}, {}, {}
    for _, rows in ipairs(list) do
      for _, row in ipairs(rows) do
        if not sum[row.width] then widths[#widths + 1] = row.width end
        sum[row.width], count[row.width] = (sum[row.width] or 0) + row[field], (count[row.width] or 0) + 1
      end
    end
    local n, sx, sy, sxx, sxy = #widths, 0, 0, 0, 0
    table.sort(widths)
    for _, width in ipairs(widths) do
      local u, v = math.log(width), math.log(sum[width] / count[width])
      sx, sy, sxx, sxy = sx + u, sy + v, sxx + u * u, sxy + u * v
    end
    return (n * sxy - sx * sy) / (n * sxx - sx * sx)
  end
end

-- The values of a field at one width.
local function at(results, param, width, field)
  local values = {}
  for _, row in ipairs(results:rows()) do
    if row.param == param and row.width == width then values[#values + 1] = row[field] end
  end
  return values
end

local function rows_of(grid)
  local list, has, widest = {}, {}, 0
  for _, p in ipairs(grid.param) do has[p] = true end
  for _, n in ipairs(grid.width) do widest = math.max(widest, n) end
  local function add(declaration, what) list[#list + 1] = { declaration = declaration, what = what } end
  for p, name in ipairs(PARAMS) do
    if has[p] then
      local last = ("width %d, %s"):format(widest, name)
      add({ id = "A4", claim = "exponent in the width of the fraction of neurons that change their function, " .. name, essay = 0,
        theory = EXPONENT[name], equal = { margin = 0.15 } }, function(results)
        local reps = replicates(results, p)
        if #reps < 2 then return nil, "too few replicates" end
        return limn.claims.statistic(reps, exponent "changed")
      end)
      add({ id = "A11", claim = "share of the neurons that fit alone after training, " .. last, describe = true },
        function(results)
          local values = at(results, p, widest, "share")
          return #values > 1 and limn.claims.mean(values) or nil
        end)
    end
  end
  for p = 1, 2 do
    if has[p] and has[3] then
      add({ id = "A37", claim = ("share of the neurons that fit alone, width %d, mup minus %s"):format(widest, PARAMS[p]), theory = 0,
        above = true }, function(results)
        local a, b = at(results, 3, widest, "share"), at(results, p, widest, "share")
        return #a > 1 and #b > 1 and limn.claims.difference(a, b) or nil
      end)
    end
  end
  return list
end

local function claims(_, plan) return ledger_rows.declared(rows_of(plan.grid)) end
local function report(results, ledger) ledger_rows.measure(ledger, rows_of(ledger.plan.grid), results) end

-- ---- the figure ----------------------------------------------------------------------------------------------------------------

local MARKS = { "circle", "square", "triangle", "diamond" }

local function plot(results)
  local widths = results:distinct "width"
  local fig = limn.plot.figure { rows = 1, cols = 2, size = { 6.75, 2.9 }, letters = true }
  local p = fig:panel(1, 1, { x = { label = "width n", scale = "log2" }, y = { label = "neurons that change function", scale = "log10",
    range = { 0.03, 1.5 } }, legend = "bottom left" })
  local q = fig:panel(1, 2, { title = ("width %d"):format(widths[#widths]), x = { label = "steps", scale = "log10",
    range = { 7, 2e4 } }, y = { label = "share of neurons that fit alone", range = { -0.01, 0.06 } }, legend = "top right" })
  for k, name in ipairs(PARAMS) do
    local x, y_, line = {}, {}, {}
    for _, n in ipairs(widths) do
      local values = at(results, k, n, "changed")
      if #values > 0 then x[#x + 1], y_[#y_ + 1] = n, limn.array(values):mean() end
    end
    for i, n in ipairs(x) do line[i] = y_[1] * (n / x[1]) ^ EXPONENT[name] end
    if #x > 0 then
      p:line { x = x, y = line, color = k, mark = false, law = true, dash = "solid" }
      p:points { x = x, y = y_, color = k, mark = MARKS[k], label = name }
    end
    local u, v = {}, {}
    for _, time in ipairs { 10, 100, 10000 } do
      local values = at(results, k, widths[#widths], time == 10000 and "share" or "share_" .. time)
      if #values > 0 then u[#u + 1], v[#v + 1] = time, limn.array(values):mean() end
    end
    if #u > 0 then q:points { x = u, y = v, color = k, mark = MARKS[k], label = name } end
  end
  return fig
end

return limn.experiment {
  name = "neurons_trained",
  question = "What does training do to the functions that neurons compute, and to their vote?",
  params = {
    param = { default = 1, help = "1: standard, 2: NTK, 3: maximal update, 4: mean field", min = 1, max = 4 },
    width = { default = 64, help = "units of each hidden layer", min = 4, max = 65536 },
    nets = { default = 8, help = "nets per cell", min = 1 },
    steps = { default = 10000, help = "most steps", min = 1 },
  },
  grid = { param = "1:4", width = { 64, 128, 256, 512, 1024 } },
  reps = 8,
  cost = function(point) return point.width ^ 2 end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
