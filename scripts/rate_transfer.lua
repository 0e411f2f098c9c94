-- rate_transfer.lua: does the best learning rate of narrow nets remain the best for wide ones?
--
-- ReLU nets with two hidden layers and no biases learn the product of two of ten bits from 64 points in a fixed number of
-- steps, all points in each step, from f_0 = 0. All rates of a grid of factors of 2 are tried from the same initial
-- weights. Losses after the last step are averaged over replicates (geometric mean; losses above that of f_0 count as that
-- one); the best rate is their minimum, by a parabola in the logarithms of loss and rate through the least value and its
-- two neighbours. Intervals are those of the jackknife over replicates.
--
-- Theory. As the width n grows, the loss after t steps becomes a function of t and of
--                                    gradient descent                    Adam
--     standard parameterisation      rate n                              see below
--     NTK, muP                       rate                                rate, with the factors of limn/mlp.h
-- so the best rate has the exponent -1 in the first case and 0 in the others. Gradient descent: the tangent kernel grows
-- as n in the standard parameterisation only. Adam moves each weight by the rate. In the standard parameterisation its
-- first step changes the hidden layers as n and the outputs as n^3/2; the best rate falls at least as n^-1/2, and no law
-- predicts the exponent, since in later steps the second moments count, too (Yang, Hu, Babuschkin et al. 2022 report a
-- minimum that moves to lower rates with the width). The exponents hold for n -> infinity; no fit uses widths below 64.
--
-- Transfer: the widest nets at the best rate of the narrowest nets. In the standard parameterisation with gradient descent
-- this is 8 times their own best rate, and more than the stability limit. With muP the loss must be near the
-- least one.
--
-- Margins. Exponents 0.25: 0, -1/2 and -1 compete. Fractions 0.25, between 0 and 1. Loss at the transferred rate: less than
-- twice the least one. They were declared before the first run, on the product of three bits with one minimum for each
-- replicate, in which gradient descent learnt little in the standard parameterisation and most rows were undecided; task
-- and average were changed, the margins were not.
--
-- Cost: one minute on two cores.

local limn = require "limn"
local ledger_rows = dofile((debug.getinfo(1, "S").source:match "^@(.*/)" or "") .. "rows.lua")

local PARAMS = {
  { name = "standard", param = "standard", exponent = { gd = -1 } },
  { name = "NTK", param = "ntk", exponent = { gd = 0, adam = 0 } },
  { name = "muP", param = "mup", exponent = { gd = 0, adam = 0 } },
}
local OPTIMIZERS = { "gd", "adam" }
local TITLES = { gd = "gradient descent", adam = "Adam" }
local STANDARD, MUP = 1, 3
local BITS, RELEVANT = 10, 2
local LOW, HIGH = -14, 3 -- log2 of the rates
local FIRST = 0.5 -- the loss of f_0 = 0
local FROM = 64 -- smallest width of a fit

-- ---- one cell ------------------------------------------------------------------------------------------------

-- Place of the least entry, by a parabola through it and its neighbours; nil at an end.
local function least(values)
  local k = 1
  for i, v in ipairs(values) do if v < values[k] then k = i end end
  local a, b, c = values[k - 1], values[k], values[k + 1]
  if not a or not c or a + c == 2 * b then return nil end
  return k + (a - c) / (2 * (a + c - 2 * b))
end

local function measure(point, rng)
  local n, rates, seeds = point.width, {}, {}
  local X = limn.data.parity { bits = BITS, points = point.D, seed = rng:integer(1, 1 << 31) }
  local y, seed = limn.ones(point.D), rng:integer(1, 1 << 53)
  for i = 1, RELEVANT do y = y * X:col(i) end
  for k = LOW, HIGH do rates[#rates + 1], seeds[#seeds + 1] = 2.0 ^ k, seed end
  local nets = limn.mlp.ensemble { sizes = { BITS, n, n, 1 }, param = PARAMS[point.param].param, bias = false, start = "none",
    dtype = "f32", count = #rates, seed = seeds }
  local run = nets:train(X, y, { optimizer = OPTIMIZERS[point.optimizer], rate = rates, steps = point.steps, tol = -1 })
  local loss = limn.zeros(#rates)
  for k, reason in ipairs(run.reasons) do
    loss:set(k, reason == "diverged" and FIRST or math.min(run.losses[k], FIRST))
  end
  return { loss = loss }
end

-- ---- from cells to claims ------------------------------------------------------------------------------------

-- Cells of a parameterisation and an optimiser: by_rep[replicate][width] = row; the widths, ascending.
local function cells_of(results, p, o)
  local by_rep, widths, seen = {}, {}, {}
  for _, row in ipairs(results:where({ param = p, optimizer = o }):rows()) do
    by_rep[row.rep] = by_rep[row.rep] or {}
    by_rep[row.rep][row.width] = row
    if not seen[row.width] then seen[row.width], widths[#widths + 1] = true, row.width end
  end
  table.sort(widths)
  return by_rep, widths
end

-- Mean over cells of log2 of the loss at each rate.
local function mean_logs(cells)
  local sum = limn.zeros(HIGH - LOW + 1)
  for _, row in ipairs(cells) do sum = sum + row.loss:log() / math.log(2) end
  return (sum / #cells):totable()
end

-- log2 of the best rate of cells of one width; nil where it is at an end of the grid.
local function best_of(cells)
  local k = least(mean_logs(cells))
  return k and LOW + k - 1
end

-- The replicates that have all of the widths, as lists of cells.
local function complete(by_rep, widths)
  local list = {}
  for _, cells in pairs(by_rep) do
    local row = {}
    for i, n in ipairs(widths) do row[i] = cells[n] end
    if #row == #widths then list[#list + 1] = row end
  end
  return list
end

local function column(list, i)
  local out = {}
  for k, row in ipairs(list) do out[k] = row[i] end
  return out
end

-- Slope of the best rate's log2 against that of the width, from FROM on.
local function exponent(results, p, o)
  local by_rep, widths = cells_of(results, p, o)
  local x, used = {}, {}
  for _, n in ipairs(widths) do if n >= FROM then x[#x + 1], used[#used + 1] = math.log(n, 2), n end end
  local note, list = ("n = %d .. %d"):format(used[1] or 0, used[#used] or 0), complete(by_rep, used)
  if #x < 2 or #list < 2 then return nil, note end
  local ok, estimate = pcall(limn.claims.statistic, list, function(some)
    local y = {}
    for i in ipairs(used) do y[i] = best_of(column(some, i)) or error "no minimum" end
    return (limn.claims.slope(x, y))
  end)
  if not ok then return nil, note .. "; no minimum inside the grid at some width" end
  return estimate, note
end

local function ends(widths) return ("n = %d and %d"):format(widths[1] or 0, widths[#widths] or 0) end

-- The widest nets at the best rate of the narrowest ones (to the next rate of the grid): their loss over the least one,
-- and how many of them are no better than f_0.
local function transferred(results, p, o)
  local by_rep, widths = cells_of(results, p, o)
  local list = complete(by_rep, { widths[1], widths[#widths] })
  local function at(some) return math.floor((best_of(column(some, 1)) or LOW) - LOW + 1.5) end
  if #list < 2 then return nil, 0, 0, ends(widths) end
  local ratio = limn.claims.statistic(list, function(some)
    local logs = mean_logs(column(some, 2))
    return 2 ^ (logs[at(some)] - math.min(table.unpack(logs)))
  end)
  local k, lost = at(list), 0
  for _, row in ipairs(list) do lost = lost + (row[2].loss[k] >= FIRST and 1 or 0) end
  return ratio, lost, #list, ends(widths)
end

local function rows_of(grid)
  local list, has = {}, { param = {}, optimizer = {} }
  for name, seen in pairs(has) do for _, v in ipairs(grid[name]) do seen[v] = true end end
  local function add(id, claim, declaration, what)
    declaration.id, declaration.claim = id, claim
    list[#list + 1] = { declaration = declaration, what = what }
  end
  for o, optimizer in ipairs(OPTIMIZERS) do
    for p, kind in ipairs(PARAMS) do
      local of = ("%s, %s"):format(kind.name, TITLES[optimizer])
      if has.optimizer[o] and has.param[p] then
        local s = kind.exponent[optimizer]
        add(p == STANDARD and "A5" or "A24", ("best rate ~ n^s, %s"):format(of),
          s and { theory = s, slope = { margin = 0.25 } } or { theory = -0.5, below = true },
          function(results) return exponent(results, p, o) end)
        if p == STANDARD and optimizer == "gd" then
          add("A5", ("fraction of the widest nets that are no better than f_0 at the best rate of the narrowest, %s"):format(of),
            { theory = 1, proportion = { margin = 0.25 } }, function(results)
              local _, lost, count, note = transferred(results, p, o)
              return count > 0 and limn.claims.proportion(lost, count) or nil, note
            end)
        elseif p == MUP then
          add("A24", ("loss of the widest nets at the best rate of the narrowest over their least loss, %s"):format(of),
            { theory = 2, below = true }, function(results)
              local ratio, _, _, note = transferred(results, p, o)
              return ratio, note
            end)
        end
      end
    end
  end
  return list
end

local function claims(_, plan) return ledger_rows.declared(rows_of(plan.grid)) end

local function report(results, ledger) ledger_rows.measure(ledger, rows_of(ledger.plan.grid), results) end

-- ---- the figure ------------------------------------------------------------------------------------------------

local COLORS = { "#9ecae1", "#4292c6", "#2171b5", "#08306b" } -- narrow to wide
local MARKS = { "circle", "osquare", "triangle" }

local function all_of(by_rep, n)
  local list = {}
  for _, cells in pairs(by_rep) do list[#list + 1] = cells[n] end
  return list
end

-- Geometric means over replicates of the loss against the rate, a line for each width.
local function curves(panel, by_rep, widths)
  for i, n in ipairs(widths) do
    local x, y, logs = {}, {}, mean_logs(all_of(by_rep, n))
    for k, v in ipairs(logs) do x[k], y[k] = 2.0 ^ (LOW + k - 1), 2 ^ v end
    local color = COLORS[1 + (i - 1) * (#COLORS - 1) // math.max(1, #widths - 1)]
    panel:line { x = x, y = y, color = color, mark = false, label = ("n = %d"):format(n) }
  end
end

-- The best rate against the width with a 95 % interval, and the law through the widest nets.
local function bests(panel, results, p, o)
  local by_rep, widths = cells_of(results, p, o)
  local out = { x = {}, y = {}, lo = {}, hi = {}, color = p, mark = MARKS[p], label = PARAMS[p].name }
  for _, n in ipairs(widths) do
    local list = all_of(by_rep, n)
    local ok, best, interval = pcall(limn.claims.jackknife, list, function(some) return best_of(some) or error "no minimum" end)
    if ok then
      table.insert(out.x, n)
      table.insert(out.y, 2 ^ best)
      table.insert(out.lo, 2 ^ interval[1])
      table.insert(out.hi, 2 ^ interval[2])
    end
  end
  local s = PARAMS[p].exponent[OPTIMIZERS[o]]
  if #out.x == 0 then return end
  if s then
    local first, last = out.x[1], out.x[#out.x]
    panel:line { x = { first, last }, y = { out.y[#out.y] * (first / last) ^ s, out.y[#out.y] }, color = p, mark = false, law = true }
  end
  panel:errorbars(out)
end

local function plot(results)
  local fig = limn.plot.figure { rows = 2, cols = 3, size = { 7.2, 5.2 }, letters = true, legend = "top" }
  for o, optimizer in ipairs(OPTIMIZERS) do
    for j, p in ipairs { STANDARD, MUP } do
      local by_rep, widths = cells_of(results, p, o)
      local panel = fig:panel(o, j, { title = ("%s, %s"):format(PARAMS[p].name, TITLES[optimizer]),
        x = { label = "rate", scale = "log2", range = { 2.0 ^ (LOW - 1), 2.0 ^ HIGH } },
        y = { label = j == 1 and "loss after the last step" or nil, scale = "log10" } })
      curves(panel, by_rep, widths)
    end
    local panel = fig:panel(o, 3, { title = TITLES[optimizer] .. ", best rate", x = { label = "width n", scale = "log2" },
      y = { label = "best rate", scale = "log2" } })
    for p in ipairs(PARAMS) do bests(panel, results, p, o) end
  end
  return fig
end

return limn.experiment {
  name = "rate_transfer",
  question = "Does the best learning rate of narrow nets remain the best for wide ones?",
  params = {
    param = { default = 1, help = "1 standard, 2 NTK, 3 muP", min = 1, max = #PARAMS },
    optimizer = { default = 1, help = "1 gradient descent, 2 Adam", min = 1, max = #OPTIMIZERS },
    width = { default = 64, help = "units per hidden layer", min = 1 },
    D = { default = 64, help = "number of data points", min = 2, max = 1 << BITS },
    steps = { default = 48, help = "number of steps", min = 1 },
  },
  grid = { param = "1:3", optimizer = "1:2", width = "32:256:log2" },
  reps = 24,
  cost = function(p) return p.width ^ 2 + 1000 end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
