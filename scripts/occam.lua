-- occam.lua: do random nets prefer simple functions, do trained nets follow random nets that fit, and which of the learners of
-- the essay's table generalises?
--
-- Part "prior": nets n-40-40-1 of ReLU (weights N(0, 2/fan-in), biases N(0, 2/n)) on all inputs of n = 5 and 7 bits. The bits
-- -log2 P(f) of functions that occur at least LEAST times are compared with the Lempel-Ziv complexity K of their tables, in
-- bits. The bound 2^-(aK + b) (Dingle, Camargo and Louis 2018) is fitted to one half of the nets, a to the most frequent
-- function of each bin of K and b so that no function of that half is above, and is judged on the other half.
--
-- Part "learners": a target of 4 bits, labels on 8 of the 16 inputs, the others to be predicted by
--   programs  the posterior with the prior 2^-length of circuits (limn.programs): the essay's Solomonoff column
--   bayes     P_B(f|S): random nets 4-24-24-1 that fit, by rejection
--   trained   P_SGD(f|S): the same nets after Adam, those that do not fit counted apart
--   kernel    the sign of kernel regression with the kernel of the infinitely wide layer (NNGP), the ensemble's prior
-- with the mean error on the other 8 inputs.
--
-- Theory. Simplicity bias is an upper bound on P; a > 0 says that there is one. P_SGD and P_B agree to first order (Mingard et
-- al. 2021): their logarithms correlate. The essay: Bayes' rule over programs needs about K labels, regression 2^C, so that on
-- targets with short programs that are not smooth (parity of 2) programs err less than the kernel; on one input both are right.
--
-- Margins. One-sided: correlations and slopes against 0, errors against each other at 0; the correlation of P_SGD with P_B above 1/2.
-- Held-out functions above the bound: at most 5 % of the functions.
--
-- Cost: a minute on two cores.

local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*/)" or ""
local ledger_rows = dofile(here .. "rows.lua")

local BITS, LABELLED, LEAST = 4, 8, 10
local ALL = 1 << BITS

local TASKS = {
  { prior = 5, name = "5 bits" },
  { prior = 7, name = "7 bits" },
  { name = "one input", f = function(a) return a == 1 end },
  { name = "AND of 2", f = function(a, b) return a + b == 2 end },
  { name = "parity of 2", f = function(a, b) return a ~= b end },
  { name = "at least 3 of 4", f = function(a, b, c, d) return a + b + c + d > 2 end },
}
local LEARNERS = { "programs", "bayes", "trained", "kernel" }

-- ---- one cell ------------------------------------------------------------------------------------------------------------

-- Bits and complexity of the frequent functions of random nets, at most `most` of them.
local function prior(n, point, rng)
  local d = limn.functions.prior { sizes = { n, 40, 40, 1 }, bias = 2 / n, samples = point.samples, readouts = 4,
    seed = rng:integer(1, 1 << 53) }
  local kinds = 0
  for rank, f in ipairs(d:ranked(1 << 20)) do
    if f.count < LEAST then break end
    kinds = rank
  end
  local K = d:complexity({ functions = math.max(kinds, 1) }).phrases
  local P, out = d:probabilities(), limn.zeros(math.max(kinds, 1), 2)
  for rank = 1, kinds do
    out:set(rank, 1, K[rank])
    out:set(rank, 2, -math.log(P[rank], 2))
  end
  return { cloud = out, kinds = kinds, entropy = d:entropy() }
end

local space

local function learners(point, rng)
  local target, X = TASKS[point.task], limn.functions.cube(BITS)
  local S, y, labels, rest = {}, {}, {}, {}
  local order = rng:permutation(ALL)
  for v = 0, ALL - 1 do labels[v + 1] = target.f(v & 1, v >> 1 & 1, v >> 2 & 1, v >> 3 & 1) and 1 or -1 end
  for i = 1, LABELLED do S[i], y[i] = math.tointeger(order[i]), labels[math.tointeger(order[i])] end
  for i = LABELLED + 1, ALL do rest[#rest + 1] = math.tointeger(order[i]) end
  local sizes, seed = { BITS, 24, 24, 1 }, rng:integer(1, 1 << 53)
  local bayes = limn.functions.posterior { sizes = sizes, bias = 2 / BITS, S = S, y = y, samples = point.samples, seed = seed }
  local trained = limn.functions.trained { sizes = sizes, S = S, y = y, count = point.nets, seed = seed,
    net = { init = { weight = 2, bias = 2 / BITS }, dtype = "f32" },
    train = { optimizer = "adam", rate = 0.01, steps = 300, tol = 0.01 } }
  local out = { skipped = 0 }
  if not bayes or not trained then return { skipped = 1 } end
  local both = limn.functions.compare(bayes, trained)
  out.correlation, out.tv, out.noise, out.unfitted = both.correlation or -2, both.tv, both.noise, trained.unfitted / trained.tried
  out.bayes = bayes:generalisation { target = labels, S = S }
  out.trained = trained:generalisation { target = labels, S = S }
  space = space or limn.programs.space { inputs = BITS, max_bits = 26 }
  local rows = X:take(S)
  local posterior = limn.programs.posterior(space, rows, y)
  local mean = posterior and posterior:predict() or limn.zeros(ALL)
  local o = { depth = 2, weight = 2, bias = 2 / BITS }
  local f = limn.kernel.nngp(X, rows, o):matmul((limn.kernel.nngp(rows, nil, o):solve(limn.array(y))))
  out.programs, out.kernel = 0, 0
  for _, row in ipairs(rest) do
    out.programs = out.programs + (1 - mean[row] * labels[row]) / 2 / #rest
    out.kernel = out.kernel + (f[row] * labels[row] > 0 and 0 or 1) / #rest
  end
  return out
end

local function measure(point, rng)
  local bits = TASKS[point.task].prior
  if bits then return prior(bits, point, rng) end
  return learners(point, rng)
end

-- ---- statistics of the prior -----------------------------------------------------------------------------------------------

-- The functions {K, bits} of a list of cells.
local function cloud_of(cells)
  local list = {}
  for _, row in ipairs(cells) do
    for i = 1, row.kinds do list[#list + 1] = { row.cloud:get(i, 1), row.cloud:get(i, 2) } end
  end
  return list
end

-- Slope of y on x, and their correlation.
local function fit(points)
  local n, sx, sy, sxx, syy, sxy = #points, 0, 0, 0, 0, 0
  for _, q in ipairs(points) do
    sx, sy, sxx, syy, sxy = sx + q[1], sy + q[2], sxx + q[1] ^ 2, syy + q[2] ^ 2, sxy + q[1] * q[2]
  end
  local across, along, up = n * sxy - sx * sy, n * sxx - sx * sx, n * syy - sy * sy
  return across / along, across / math.sqrt(along * up)
end

-- The bound 2^-(a K + b) of a list of cells.
local function bound(cells)
  local least, lowest, points, b = {}, {}, cloud_of(cells), math.huge
  for _, q in ipairs(points) do
    local bin = q[1] // 8
    if not least[bin] or q[2] < least[bin][2] then least[bin] = q end
  end
  for _, q in pairs(least) do lowest[#lowest + 1] = q end
  table.sort(lowest, function(q, r) return q[1] < r[1] end)
  local a = fit(lowest)
  for _, q in ipairs(points) do b = math.min(b, q[2] - a * q[1]) end
  return a, b
end

-- Fraction of the functions of the second half of the cells that are above the bound of the first.
local function above(cells)
  local half = #cells // 2
  local a, b = bound({ table.unpack(cells, 1, half) })
  local points, over = cloud_of({ table.unpack(cells, half + 1) }), 0
  for _, q in ipairs(points) do over = over + (q[2] < a * q[1] + b and 1 or 0) end
  return over / #points
end

-- ---- claims, declared before any cell is computed -----------------------------------------------------------------------------

local function mean_of(name)
  return function(cells)
    local values = {}
    for _, row in ipairs(cells) do
      local v = type(name) == "function" and name(row) or row[name]
      if v and v > -2 then values[#values + 1] = v end
    end
    return #values > 1 and limn.claims.mean(values) or nil
  end
end

-- Every row: {declaration, what(cells by task) -> estimate}.
local function rows_of(grid)
  local list, has = {}, {}
  for _, task in ipairs(grid.task) do has[task] = true end
  local function add(task, claim, declaration, what)
    declaration.id, declaration.claim = declaration.id or "A20", claim .. ", " .. TASKS[task].name
    list[#list + 1] = { declaration = declaration, what = function(cells)
      if cells[task] and #cells[task] > 1 then return what(cells[task]) end
      return nil, "no cells"
    end }
  end
  for task, t in ipairs(TASKS) do
    if has[task] and t.prior then
      add(task, "slope a of the bound 2^-(a K + b)", { theory = 0, above = true },
        function(cells) return limn.claims.statistic(cells, function(some) return (bound(some)) end) end)
      add(task, "correlation of bits with Lempel-Ziv complexity", { theory = 0, above = true },
        function(cells) return limn.claims.statistic(cells, function(some) return (select(2, fit(cloud_of(some)))) end) end)
      add(task, "held-out functions above the bound, fraction", { theory = 0.05, below = true },
        function(cells) return limn.claims.exact(above(cells)) end)
    elseif has[task] then
      add(task, "correlation of log P_SGD with log P_B", { theory = 0.5, above = true }, mean_of "correlation")
      add(task, "mean error of trained nets minus that of random nets that fit", { describe = true },
        mean_of(function(row) return row.trained - row.bayes end))
      local test = t.name == "parity of 2" and { id = "A9", theory = 0, below = true } or { id = "A9", describe = true }
      add(task, "mean error of programs minus that of kernel regression", test,
        mean_of(function(row) return row.programs - row.kernel end))
    end
  end
  return list
end

local function claims(_, plan) return ledger_rows.declared(rows_of(plan.grid)) end

local function by_task(results)
  local cells = {}
  for _, row in ipairs(results:rows()) do
    if row.skipped ~= 1 then
      cells[row.task] = cells[row.task] or {}
      table.insert(cells[row.task], row)
    end
  end
  return cells
end

local function report(results, ledger) ledger_rows.measure(ledger, rows_of(ledger.plan.grid), by_task(results)) end

-- ---- the figure ----------------------------------------------------------------------------------------------------------------

local function plot(results)
  local cells = by_task(results)
  local fig = limn.plot.figure { rows = 1, cols = 2, size = { 6.75, 3 }, letters = true }
  local p = fig:panel(1, 1, { title = ("nets n-40-40-1, at least %d hits"):format(LEAST),
    x = { label = "Lempel-Ziv complexity K (bits)", range = { 0, 60 } }, y = { label = "-log2 P (bits)", range = { 0, 20 } },
    legend = "bottom right" })
  for task = 1, 2 do
    if cells[task] and #cells[task] > 0 then
      local x, y, points = {}, {}, cloud_of({ cells[task][1] })
      for i, q in ipairs(points) do x[i], y[i] = q[1], q[2] end
      local a, b = bound(cells[task])
      p:points { x = x, y = y, color = task, mark = task == 1 and "circle" or "square", size = 0.8, label = TASKS[task].name }
      p:line { x = { 0, 60 }, y = { b, b + 60 * a }, color = task, mark = false, dash = "dashed", law = true,
        label = task == 1 and "bound a K + b" or nil }
    end
  end
  local q = fig:panel(1, 2, { title = ("%d labels of %d"):format(LABELLED, ALL), y = { label = "mean error on the others",
    range = { 0, 0.7 } }, x = { label = "target", range = { 0.5, 4.5 }, minor = false, ticks = { 1, 2, 3, 4 } }, legend = "top left" })
  for k, name in ipairs(LEARNERS) do
    local o = { x = {}, y = {}, error = {}, color = k, mark = ({ "circle", "square", "triangle", "diamond" })[k], label = name }
    for task = 3, 6 do
      local estimate = cells[task] and mean_of(name)(cells[task])
      if estimate then
        local interval = estimate:interval(0.95) or { estimate.value, estimate.value }
        table.insert(o.x, task - 2 + (k - 2.5) * 0.12)
        table.insert(o.y, (interval[1] + interval[2]) / 2)
        table.insert(o.error, (interval[2] - interval[1]) / 2)
      end
    end
    if #o.x > 0 then q:errorbars(o) end
  end
  return fig
end

return limn.experiment {
  name = "occam",
  question = "Do random nets prefer simple functions, and do trained nets follow the random nets that fit?",
  params = {
    task = { default = 1, help = "1, 2: prior on 5 and 7 bits; 3 to 6: targets", min = 1, max = #TASKS },
    samples = { default = 1000000, help = "random nets per cell", min = 1000 },
    nets = { default = 1024, help = "trained nets per cell", min = 16 },
  },
  grid = { task = "1:6" },
  reps = 10,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
