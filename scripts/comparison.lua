-- comparison.lua: the essay's table, measured: Bayes' rule over programs, minimum norms over the same programs, the kernel
-- limits of wide nets, and trained nets, on the same tasks.
--
-- Tasks are functions of the 64 inputs of 6 bits: one bit, AND of 3 bits, a choice (bit 2 or bit 3, chosen by bit 1), and
-- the sharp ones, parities of 2, 3 and 4 bits. --data adds a task from a file. In each replicate the inputs have a random
-- order, the same for all rules, and a rule learns from the first D of them, D = 4 .. 56.
--
-- Rules
--   programs   Bayes' rule over all circuits of at most `bits` code bits, prior 2^-length (Solomonoff's rule, truncated)
--   L1, L1.25, L2   minimum norms over the same circuits, each in copies in proportion to 2^-length. For a norm q in
--              1 < q the n_k copies of a function have equal weights, so that the columns are scaled by n_k^(1 - 1/q). The
--              minimum L1 norm is 1 if a function fits, and is reached by every mean of such functions, f or -f; of
--              these, equal weights of all copies are taken, the limit of q -> 1. It is Bayes' rule with the prior
--              n_f + n_-f.
--   NNGP, NTK  kernel regression, the limits of one hidden ReLU layer: only its last layer trained, or both (NTK
--              parameterisation)
--   narrow, wide    standard nets of 8 and of 512 hidden units, trained; f_0 is subtracted
--   muP        nets of 512 hidden units in muP, trained likewise
--
-- Measures, g the function learnt, over the 64 inputs
--   labels     labels until the sign of g is wrong on at most 5 % of all inputs (3 of 64; g = 0 counts 1/2): the D of the
--              first crossing, interpolated linearly between the D measured; 1/2 is wrong at D = 0. Over tasks and
--              replicates: the geometric mean. A rule that does not generalise needs 58 = 64 - 2 * 3.2.
--   hypotheses exp of the entropy of the shares of the hypotheses. Bayes: the posterior. Otherwise a hypothesis k, a
--              function or a hidden unit, contributes g_k(x) to g(x), g = sum_k g_k, and its share is in proportion to
--              sum_x g_k(x)^2. For nets g_k is the change of a_k phi_k(x) in training; for NNGP and NTK that of the
--              linearised net of as many units as "wide". At 24 labels.
--   degree     sum_i E[((g(x) - g(x with bit i changed))/2)^2] / E[g(x)^2], the mean Fourier degree of g, over that of the
--              task: smooth functions have small degrees. At 24 labels.
--   accuracy   fraction of the other 40 inputs on which the sign of g is right, at 24 labels. Chance is less than 1/2 for
--              rules that interpolate parities: where 24 inputs of a balanced table are taken away, the others tend to
--              the opposite.
-- The tests are over the sharp tasks and pair the rules: one replicate gives one mean over the tasks (of the logarithm, for
-- labels and hypotheses). Nets that do not reach the loss count as they are.
--
-- Margins. The essay states no numbers. "Exponentially less data-efficient" is tested as: at least twice the labels; "a
-- small number of programs": fewer than 10, and under L2 at least ten times as many; "smooth": a degree below the task's;
-- "poorly": an accuracy lower by 0.1 or more. L1 needs the labels of Bayes' rule with a similar prior, 1/4 of the ratio:
-- the other norms need 1.5 times as many. Wide nets and their limit: 0.1 of the accuracy, as in sharp_tasks.lua.
--
-- Cost: under two minutes on two cores.

local limn = require "limn"

local INPUTS, POOL = 6, 64
local POINTS = { 4, 8, 12, 16, 20, 24, 32, 40, 48, 56 }
local AT = 6         -- the place of 24 in POINTS
local WRONG = 0.05   -- fraction of wrong signs at which a task counts as learnt
local NORM = 1.25    -- between L1 and L2

local RULES = { "programs", "L1", "L1.25", "L2", "NNGP", "NTK", "narrow", "wide", "muP" }
local PROGRAMS, L1, BETWEEN, L2, NNGP, NARROW, WIDE, MUP = 1, 2, 3, 4, 5, 7, 8, 9

local TASKS = {
  { name = "one bit", kind = "other", f = function(a) return a end },
  { name = "AND of 3", kind = "other", f = function(a, b, c) return a & b & c end },
  { name = "choice", kind = "other", f = function(a, b, c) return a & b | (1 - a) & c end },
  { name = "parity of 2", kind = "sharp", f = function(a, b) return a ~ b end },
  { name = "parity of 3", kind = "sharp", f = function(a, b, c) return a ~ b ~ c end },
  { name = "parity of 4", kind = "sharp", f = function(a, b, c, d) return a ~ b ~ c ~ d end },
  { name = "file", kind = "file" },
}

-- ---- the inputs and the programs, computed once ----------------------------------------------------------------------

local spaces = {}

-- The row of each input with one bit changed: near[row][bit]. row: that of an input by its bits.
local function neighbours_of(list, row)
  local near = {}
  for i, x in ipairs(list) do
    near[i] = {}
    for c = 1, INPUTS do
      x[c] = 1 - x[c]
      near[i][c] = row[table.concat(x)]
      x[c] = 1 - x[c]
    end
  end
  return near
end

local function space_of(bits)
  if not spaces[bits] then
    local space = limn.programs.space { inputs = INPUTS, max_bits = bits }
    local inputs, lifted, list, row = space:points(), limn.ones(POOL, INPUTS + 1), {}, {}
    for i = 1, POOL do
      list[i] = {}
      for c = 1, INPUTS do
        lifted:set(i, c, inputs:get(i, c))
        list[i][c] = inputs:get(i, c) > 0 and 1 or 0
      end
      row[table.concat(list[i])] = i
    end
    spaces[bits] = { space = space, inputs = inputs, lifted = lifted, outputs = space:outputs(), bits = list, row = row,
      near = neighbours_of(list, row) }
  end
  return spaces[bits]
end

-- The labels of a truth table, NAME.csv: a line for each input, its 6 bits (above their mean or not) and the label.
local function from_file(name, row_of)
  local X, y = assert(limn.data.csv(name))
  local n, d = X:shape()
  if n ~= POOL or d ~= INPUTS then
    error(("--data %s: expected %d lines of %d bits and a label, got %d lines of %d"):format(name, POOL, INPUTS, n, d), 0)
  end
  local out, middle = limn.zeros(POOL), y:mean()
  local means = X:mean(1)
  for i = 1, POOL do
    local bits = {}
    for c = 1, INPUTS do bits[c] = X:get(i, c) > means[c] and 1 or 0 end
    out:set(row_of(bits), y[i] > middle and 1 or -1)
  end
  if out:abs():sum() < POOL then error(("--data %s: an input occurs twice"):format(name), 0) end
  return out
end

-- The labels of a task on all inputs.
local function labels_of(task, c, data)
  if task.kind == "file" then return from_file(data, function(bits) return c.row[table.concat(bits)] end) end
  return limn.zeros(POOL):map_indexed(function(_, i) return 2 * task.f(table.unpack(c.bits[i])) - 1 end)
end

-- ---- measures of a learnt function ---------------------------------------------------------------------------------

local function degree(g, near)
  local values, up, down = g:totable(), 0, 0
  for i, v in ipairs(values) do
    for c = 1, INPUTS do up = up + ((v - values[near[i][c]]) / 2) ^ 2 end
    down = down + v * v
  end
  return down > 0 and up / down or 0
end

-- exp of the entropy of nonnegative shares, of any sum.
local function effective(shares)
  local sum, entropy = shares:sum(), 0
  for _, s in ipairs(shares:totable()) do if s > 0 then entropy = entropy - s / sum * math.log(s / sum) end end
  return math.exp(entropy)
end

-- Fraction of the rows listed on which the sign of g is that of y; 0 counts 1/2.
local function right(g, y, rows)
  local sum = 0
  for _, row in ipairs(rows) do
    local v = g[row] * y[row]
    sum = sum + (v > 1e-9 and 1 or v >= -1e-9 and 0.5 or 0)
  end
  return sum / #rows
end

-- ---- rules: (cell) -> g on all inputs, shares of the hypotheses, whether a net reached the loss ------------------------
-- cell: { point, rng, c = inputs and programs, rows = of the labelled inputs, y = their labels }

local function bayes(cell)
  local c = cell.c
  local post = limn.programs.posterior(c.space, c.inputs:take(cell.rows), cell.y)
  if not post then return limn.zeros(POOL) end -- no function of the list fits
  return c.outputs:matmul(post.mass), post.mass
end

-- g and the shares of the functions; w: the sum over the copies of each.
local function weighted(c, w, prior)
  return c.outputs:matmul(w), w * w / prior
end

local function least_l1(cell)
  local c, D, prior = cell.c, #cell.rows, cell.c.space.prior
  local seen = c.outputs:take(cell.rows)
  local fit = assert(limn.regress.l1(seen, cell.y))
  local agree = seen:T():matmul(cell.y)
  local w = (agree:gt(D - 0.5) - agree:lt(0.5 - D)) * prior
  local sum = w:abs():sum()
  cell.l1 = fit.norm
  return weighted(c, sum > 0 and w / sum or fit.weights, prior)
end

local function least_norm(norm)
  return function(cell)
    local c, prior = cell.c, cell.c.space.prior
    local scale = prior ^ (1 - 1 / norm)
    local seen = c.outputs:take(cell.rows) * scale
    local fit = norm == 2 and limn.regress.minnorm(seen, cell.y) or assert(limn.regress.lp(seen, cell.y, { norm = norm }))
    return weighted(c, fit.weights * scale, prior)
  end
end

-- Shares of the hidden units of a linearised net in NTK parameterisation; kind "nngp": its last layer alone.
local function units(cell, kind)
  local X, n = cell.c.lifted, cell.point.width
  local V, a = cell.rng:normal(INPUTS + 1, n), cell.rng:normal(n)
  local z = X:matmul(V)
  local on = z:gt(0)
  local phi, seen, G = z * on, cell.c.lifted:take(cell.rows), X:matmul(X:T())
  local phi_seen, on_seen = phi:take(cell.rows), on:take(cell.rows)
  local K = phi_seen:matmul(phi_seen:T())
  if kind == "ntk" then
    local slopes = on_seen * a
    K = K + slopes:matmul(slopes:T()) * seen:matmul(seen:T())
  end
  local alpha = K:solve(cell.y)
  local parts = phi * phi_seen:T():matmul(alpha)
  if kind == "ntk" then
    local pull = G:take(cell.rows):T():matmul(on_seen * alpha:reshape(#cell.rows, 1))
    parts = parts + on * pull * (a * a)
  end
  return (parts * parts):sum(1)
end

local function limit(kind)
  return function(cell)
    local X = cell.c.lifted
    return limn.kernel.limit(X:take(cell.rows), cell.y, { kind = kind, param = "ntk" }):predict(X), cell.at and units(cell, kind)
  end
end

local function trained(param, width)
  return function(cell)
    local X = cell.c.lifted
    local net = limn.mlp.new { sizes = { INPUTS + 1, cell.point[width], 1 }, param = param, bias = false, dtype = "f32",
      start = "none", seed = cell.rng:integer(1, 1 << 53) }
    local run = net:train(X:take(cell.rows), cell.y, { tol = 1e-3, steps = cell.point.steps })
    local function parts(one) return one:features(X) * one:parameters()[2].weights:reshape(cell.point[width]) end
    local change = cell.at and parts(net) - parts(net:initial())
    return net:forward(X), change and (change * change):sum(1), run.loss <= 1e-3
  end
end

local HOW = { bayes, least_l1, least_norm(NORM), least_norm(2), limit "nngp", limit "ntk", trained("standard", "narrow"),
  trained("standard", "width"), trained("mup", "width") }

-- What a rule learns from the first labelled inputs of an order: puts its measures into `out`.
local function follow(rule, point, task, order, rng, out)
  local c = space_of(point.bits)
  local y, all = labels_of(task, c, point.data), {}
  for i = 1, POOL do all[i] = i end
  local before, needed, failed = { 0, 0.5 }, nil, 0
  for i, D in ipairs(POINTS) do
    local rows = table.move(order, 1, D, 1, {})
    local cell = { point = point, rng = rng, c = c, rows = rows, y = y:take(rows), at = i == AT }
    local g, shares, reached = HOW[rule](cell)
    local wrong = 1 - right(g, y, all)
    if reached == false then failed = failed + 1 end
    if cell.l1 then out.norm:set(i, cell.l1) end
    if wrong <= WRONG and not needed then needed = before[1] + (D - before[1]) * (before[2] - WRONG) / (before[2] - wrong) end
    before = { D, wrong }
    if i == AT then
      out.accuracy:set(rule, right(g, y, table.move(order, D + 1, POOL, 1, {})))
      out.hypotheses:set(rule, shares and effective(shares) or 0)
      out.degree:set(rule, degree(g, c.near) / degree(y, c.near))
    end
  end
  out.labels:set(rule, needed or before[1] + (POOL - before[1]) * (before[2] - WRONG) / before[2])
  out.failed:set(rule, failed / #POINTS)
end

-- One cell: (task, replicate), all rules. Each column is an array over the rules, norm one over POINTS.
local function measure(point, rng)
  local task, order = TASKS[point.task], {}
  if task.kind == "file" and point.data == "" then return { skipped = 1 } end
  for i, row in ipairs(rng:permutation(POOL):totable()) do order[i] = math.tointeger(row) end
  local out = { skipped = 0, norm = limn.zeros(#POINTS) }
  for _, column in ipairs { "labels", "hypotheses", "degree", "accuracy", "failed" } do out[column] = limn.zeros(#RULES) end
  for rule in ipairs(RULES) do follow(rule, point, task, order, rng, out) end
  return out
end

-- ---- the claims --------------------------------------------------------------------------------------------------------

-- labels and hypotheses are averaged as logarithms
local MEASURES = {
  { name = "labels, sharp tasks", id = "A8", field = "labels", log = true, kind = "sharp" },
  { name = "labels, other tasks", id = "A8", field = "labels", log = true, kind = "other" },
  { name = "hypotheses", id = "A7", field = "hypotheses", log = true, kind = "sharp" },
  { name = "degree", id = "A10", field = "degree", kind = "sharp" },
  { name = "accuracy", id = "A9", field = "accuracy", kind = "sharp" },
  { name = "labels, file", id = "A8", field = "labels", log = true, kind = "file" },
  { name = "accuracy, file", id = "A9", field = "accuracy", kind = "file" },
}
local LABELS, HYPOTHESES, DEGREE, ACCURACY = 1, 3, 4, 5

-- Tests: {id, measure, rule, another rule, declaration}: of the measure, of its ratio to that of the other rule, or of the
-- difference.
local TESTS = {
  { "A8", LABELS, L2, PROGRAMS, { essay = 2, above = true, note = "the same programs" } },
  { "A8", LABELS, NNGP, PROGRAMS, { essay = 2, above = true } },
  { "A25", LABELS, L1, PROGRAMS, { theory = 1, equal = { margin = 0.25 }, note = "Bayes' rule with the prior n_f + n_-f" } },
  { "A25", LABELS, L1, L2, { essay = 0.5, below = true, note = "essay: very differently" } },
  { "A26", LABELS, BETWEEN, L1, { theory = 1, above = true } },
  { "A26", LABELS, L2, BETWEEN, { theory = 1, above = true } },
  { "A37", LABELS, MUP, NNGP, { essay = 1, below = true, note = "essay: probably fixable" } },
  { "A7", HYPOTHESES, PROGRAMS, nil, { essay = 10, below = true } },
  { "A7", HYPOTHESES, L2, PROGRAMS, { essay = 10, above = true } },
  { "A10", DEGREE, PROGRAMS, nil, { essay = 1, equal = { margin = 0.05 } } },
  { "A10", DEGREE, NNGP, nil, { essay = 1, below = true } },
  { "A10", DEGREE, WIDE, nil, { essay = 1, below = true } },
  { "A9", ACCURACY, PROGRAMS, NNGP, { essay = 0.1, above = true } },
  { "A3", ACCURACY, WIDE, NNGP, { essay = 0, theory = 0, equal = { margin = 0.1 } } },
  { "A37", ACCURACY, MUP, NNGP, { essay = 0.1, above = true, note = "essay: probably fixable" } },
}

local function key(m, rule) return MEASURES[m].name .. " | " .. RULES[rule] end

local function wording(test)
  local _, m, rule, against = table.unpack(test, 1, 4)
  local what = against and (" %s %s"):format(MEASURES[m].log and "over" or "minus", RULES[against]) or ""
  return ("%s, %s%s"):format(MEASURES[m].name, RULES[rule], what)
end

-- The tasks of a kind that are in a list.
local function tasks_of(list, kind)
  local out, seen = {}, {}
  for _, t in ipairs(list) do
    if TASKS[t].kind == kind and not seen[t] then seen[t], out[#out + 1] = true, t end
  end
  return out
end

-- The tasks of a grid that are measured.
local function measured_of(tasks, data)
  local out = {}
  for _, t in ipairs(tasks) do if TASKS[t].kind ~= "file" or data ~= "" then out[#out + 1] = t end end
  return out
end

local function claims(params, plan)
  local rows, tasks = {}, measured_of(plan.grid.task, params.data)
  for m, measured in ipairs(MEASURES) do
    for r = 1, #tasks_of(tasks, measured.kind) > 0 and #RULES or 0 do
      rows[#rows + 1] = { id = measured.id, key = key(m, r), claim = ("%s: %s"):format(measured.name, RULES[r]), describe = true }
    end
  end
  for _, test in ipairs(#tasks_of(tasks, "sharp") > 0 and TESTS or {}) do
    local row = { id = test[1], key = "test " .. wording(test), claim = "test: " .. wording(test) }
    for k, v in pairs(test[5]) do row[k] = v end
    rows[#rows + 1] = row
  end
  if #tasks_of(tasks, "sharp") + #tasks_of(tasks, "other") > 0 then
    rows[#rows + 1] = { id = "A25", key = "norm", claim = "minimum L1 norm over the programs: largest distance from 1", theory = 0,
      bound = 1e-6 }
  end
  for _, r in ipairs { NARROW, WIDE, MUP } do
    rows[#rows + 1] = { id = "A33", key = "failed " .. r, claim = "fraction of trainings that did not reach the loss: " .. RULES[r],
      describe = true }
  end
  return rows
end

-- ---- from cells to estimates ---------------------------------------------------------------------------------------------

-- The rows of each replicate: { { row of a task, ... }, ... }, of tasks of a kind.
local function replicates(results, kind)
  local out, place = {}, {}
  for _, row in ipairs(results:rows()) do
    if row.skipped == 0 and TASKS[row.task].kind == kind then
      if not place[row.rep] then out[#out + 1], place[row.rep] = {}, #out + 1 end
      table.insert(out[place[row.rep]], row)
    end
  end
  return out
end

-- For each replicate, the mean over tasks of a measure (of its logarithm), against that of another rule where one is named.
local function means(results, m, rule, against)
  local measured, out = MEASURES[m], {}
  local function value(row, r)
    local v = row[measured.field][r]
    return measured.log and math.log(v) or v
  end
  for i, rows in ipairs(replicates(results, measured.kind)) do
    local sum = 0
    for _, row in ipairs(rows) do sum = sum + value(row, rule) - (against and value(row, against) or 0) end
    out[i] = sum / #rows
  end
  return out
end

local function itself(x) return x end

-- The estimate of f(mean of the values), and a note; a value that all replicates share is exact.
local function estimate(values, f)
  local equal = #values > 1
  for i = 2, #values do equal = equal and math.abs(values[i] - values[1]) < 1e-12 end
  if equal then return limn.claims.exact(f(values[1])), ("the same in all %d replicates"):format(#values) end
  return limn.claims.statistic(values, function(list)
    local sum = 0
    for _, v in ipairs(list) do sum = sum + v end
    return f(sum / #list)
  end)
end

local function report(results, ledger)
  local function put(name, values, f)
    local value, note = estimate(values, f)
    ledger:measure(name, value, { note = note })
  end
  local tasks, norms = {}, {}
  for i, row in ipairs(results:where({ skipped = 0 }):rows()) do
    tasks[i] = row.task
    if TASKS[row.task].kind ~= "file" then norms[#norms + 1] = (row.norm - 1):abs():max() end
  end
  for m, measured in ipairs(MEASURES) do
    for r = 1, #tasks_of(tasks, measured.kind) > 0 and #RULES or 0 do
      put(key(m, r), means(results, m, r), measured.log and math.exp or itself)
    end
  end
  for _, test in ipairs(#tasks_of(tasks, "sharp") > 0 and TESTS or {}) do
    local _, m, rule, against = table.unpack(test, 1, 4)
    put("test " .. wording(test), means(results, m, rule, against), MEASURES[m].log and math.exp or itself)
  end
  if #norms > 0 then ledger:measure("norm", limn.claims.largest(norms)) end
  for _, r in ipairs { NARROW, WIDE, MUP } do
    local failed = {}
    for i, row in ipairs(results:where({ skipped = 0 }):rows()) do failed[i] = row.failed[r] end
    put("failed " .. r, failed, itself)
  end
end

-- ---- the figure: means over replicates with 95 % intervals, one mark for each task ---------------------------------------

local LOOK = { { "gray", "ocircle" }, { "gray", "osquare" }, { "gray", "otriangle" }, { 1, "circle" }, { 2, "square" },
  { 3, "triangle" }, { "black", "diamond" } }

local PANELS = {
  { field = "labels", x = { label = "labels needed", scale = "log2", range = { 2, 80 }, ticks = { 2, 4, 8, 16, 32, 64 } } },
  { field = "hypotheses", x = { label = "effective number of hypotheses", scale = "log10", range = { 0.7, 1500 } } },
  { field = "degree", x = { label = "Fourier degree of g over that of the task", range = { 0.2, 1.4 } } },
  { field = "accuracy", x = { label = "accuracy on unlabelled inputs", range = { 0.2, 1.05 } } },
}

local function plot(results)
  local ticks = {}
  for r, name in ipairs(RULES) do ticks[r] = { r, name } end
  local fig = limn.plot.figure { rows = 2, cols = 2, size = { 7.2, 6.2 }, letters = true, legend = "top" }
  local tasks, seen = {}, {}
  for _, row in ipairs(results:where({ skipped = 0 }):rows()) do
    if not seen[row.task] then seen[row.task], tasks[#tasks + 1] = true, row.task end
  end
  for k, panel in ipairs(PANELS) do
    local p = fig:panel((k - 1) // 2 + 1, (k - 1) % 2 + 1, { x = panel.x,
      y = { ticks = ticks, minor = false, range = { 0.4, #RULES + 0.6 }, reverse = true } })
    if panel.field == "labels" then p:vline { x = POOL * (1 - 2 * WRONG), dash = "dotted", label = "no generalisation" }
    elseif panel.field == "degree" then p:vline { x = 1, dash = "dashed", label = "degree of the task" }
    elseif panel.field == "accuracy" then p:vline { x = 0.5, dash = "dashdot", label = "chance" } end
    for i, t in ipairs(tasks) do
      local look = LOOK[t]
      local o = { x = {}, y = {}, xlo = {}, xhi = {}, color = look[1], mark = look[2], label = TASKS[t].name }
      for r = 1, #RULES do
        local values = {}
        for _, row in ipairs(results:where({ task = t }):rows()) do
          local v = row[panel.field][r]
          values[#values + 1] = panel.x.scale and math.log(math.max(v, panel.x.range[1])) or v
        end
        if #values > 0 then
          local back = panel.x.scale and math.exp or itself
          local m, interval = values[1], { values[1], values[1] }
          if #values > 1 then m, interval = limn.claims.interval(values) end
          local n = #o.x + 1
          o.x[n], o.y[n] = back(m), r + 0.12 * (i - (#tasks + 1) / 2)
          o.xlo[n], o.xhi[n] = math.max(back(interval[1]), panel.x.range[1]), math.min(back(interval[2]), panel.x.range[2])
        end
      end
      if #o.x > 0 then p:errorbars(o) end
    end
  end
  return fig
end

return limn.experiment {
  name = "comparison",
  question = "How do programs, minimum norms, kernel limits and trained nets compare on the same tasks?",
  params = {
    task = { default = 4, help = "1 one bit, 2 AND of 3, 3 choice, 4-6 parity of 2-4 bits, 7 the file of --data", min = 1,
      max = #TASKS },
    data = { default = "", help = "NAME.csv, a truth table for task 7: 64 lines of 6 bits and a label" },
    bits = { default = 28, help = "largest code length of a program, bits", min = 26, max = 40 },
    narrow = { default = 8, help = "hidden units of narrow nets", min = 1 },
    width = { default = 512, help = "hidden units of wide nets and of muP nets", min = 1 },
    steps = { default = 10000, help = "largest number of gradient descent steps", min = 1 },
  },
  grid = { task = "1:7" },
  reps = 24,
  sizes = { quick = { "--reps", "16" }, paper = { "--reps", "192" } },
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
