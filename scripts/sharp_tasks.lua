-- sharp_tasks.lua: on which tasks does the infinite-width limit generalise poorly? The essay expects it on many tasks
-- (footnote 4) and did not test it. Measured: test accuracy against the number D of labelled items, for the limit and
-- for rules that may do better.
--
-- Boolean tasks on 16 input bits (+-1); D labelled items and 400 test items are different random inputs:
--     parity of 2 and of 3 relevant bits; needle: +1 where 3 relevant bits are all +1 (1 of 8); majority of 5 bits;
--     random: an independent fair sign for each input, on which no rule exceeds chance.
-- Iris: versicolor against the other species, 4 measurements standardised to mean 0 and variance 1; D of 150, the others
-- are the test items. --data adds a task from a file.
-- Rules: kernel regression with the NNGP and the NTK kernel of one hidden ReLU layer; the minimum L1 norm over sampled
-- neurons; Bayes' rule over the functions of at most 3 (majority: 5) input bits, prior 2^-(k + 2^k) / binomial(bits, k) for
-- each function of k bits, assumed label noise 0.02 (real inputs as bits: above the median or not). Trained nets, at one D
-- for each task: standard parameterisation (which should agree with NNGP: which_limit.lua), and three remedies (A37): muP,
-- where features move; muP with weight decay; a standard net with small initial weights (a tenth of He's). Inputs are
-- extended by a constant 1; f_0 is subtracted, except from small starts. Nets that do not reach the loss are counted and
-- left out. On iris they need more than 30000 steps and are not trained.
-- On the parities also the dial of Chizat, Oyallon and Bach (2019): the output a (f - f_0) of a net in NTK parameterisation is
-- trained. A large a is the NTK limit at any width; with a small one the weights have to move far. It is the same as
-- training f - f_0 on the labels over a.
--
-- Score: balanced accuracy, the mean of the accuracies on +1 and on -1 items, outputs of 0 counting 1/2; chance and
-- constant outputs score 1/2.
--
-- Theory. The NNGP and the NTK kernel on uniform bits are functions of x.z, and parities are their eigenfunctions;
-- eigenlearning (Simon et al. 2023) gives the learnability l of a parity and the test error E, hence the accuracy
-- Phi(l/sqrt(E - (1 - l)^2)), drawn as dashed lines.
-- Bayes' rule needs about K labels; at the D of the ledger it has several times as many and should score 1.
-- "Poorly" is made precise as: by at least 0.1 less than Bayes' rule. The essay says "many tasks", not all.
--
-- Margins. Accuracies 0.1 against a computed law: chance is 0.2 or more below it for parity of 2 bits. Wide nets minus limit
-- 0.1, as above. Bayes and remedies one-sided: above 0.9, more than 0.1 better than the limit on the parities.
--
-- Cost: two minutes on two cores.

local limn = require "limn"

local BITS, TEST = 16, 400
local RULES = { "linear", "nngp", "ntk", "l1", "bayes" } -- at every D
local NETS = { "wide", "mup", "decay", "small" } -- at the D of the ledger
local DIAL = { 16, 4, 1, 1 / 4, 1 / 16 } -- output scales a
local LAZY, RICH = 1, #DIAL
local NAMES = { linear = "linear", nngp = "NNGP limit", ntk = "NTK limit", l1 = "min. L1 over neurons", bayes = "Bayes' rule",
  wide = "wide nets", mup = "muP nets", decay = "muP nets, weight decay", small = "small initial weights" }

-- ---- tasks -----------------------------------------------------------------------------------------------------

local function product(k)
  return function(x)
    local p = 1
    for i = 1, k do p = p * x[i] end
    return p
  end
end

-- at: the D of the ledger; most: largest number of bits of a function under Bayes' rule.
local TASKS = {
  { name = "parity of 2 bits", at = 64, most = 3, parity = 2, label = product(2) },
  { name = "parity of 3 bits", at = 256, most = 3, parity = 3, label = product(3) },
  { name = "needle, 3 bits", at = 64, most = 3, label = function(x) return x[1] + x[2] + x[3] == 3 and 1 or -1 end },
  { name = "majority of 5 bits", at = 128, most = 5,
    label = function(x) return x[1] + x[2] + x[3] + x[4] + x[5] > 0 and 1 or -1 end },
  { name = "random Boolean", at = 64, most = 3, label = function(_, rng) return rng:sign() end, chance = true },
  { name = "iris, versicolor", at = 64, most = 3, no_nets = true,
    items = function() return limn.data.iris { positive = "versicolor" } end },
  { name = "file", at = 64, most = 3, file = true },
}

-- Items of a file, NAME.csv or IMAGES.idx,LABELS.idx; labels above their median become 1, the others -1.
local function from_file(name)
  local images, labels = name:match "^(.-),(.+)$"
  local X, y = assert(limn.data[images and "idx" or "csv"](images or name, labels or nil))
  local middle = y:quantile(0.5)
  if y:gt(middle):sum() == 0 then middle = middle - 1e-9 end
  return X, y:gt(middle) * 2 - 1
end

-- Items of a task: {X = inputs and a constant 1, bits = inputs as +-1, y = labels}, the labelled ones and the others.
local function make(task, point, rng)
  local D, X, y, bits = point.D
  if task.label then
    X = limn.data.parity { bits = BITS, points = D + TEST, seed = rng:integer(1, 1 << 31) }
    y, bits = limn.zeros(D + TEST), X
    for i = 1, D + TEST do y:set(i, task.label(X:row(i):totable(), rng)) end
  else
    X, y = (task.items or from_file)(point.data)
    bits = X:copy()
  end
  local n, d = X:shape()
  local order, lifted = {}, limn.ones(n, d + 1)
  for i, row in ipairs(rng:permutation(n):totable()) do order[i] = math.tointeger(row) end
  for c = 1, d do
    local column = X:col(c)
    local m, s, middle = column:mean(), column:std(), column:quantile(0.5)
    for i = 1, n do
      local v = X:get(i, c)
      lifted:set(i, c, task.label and v or s > 0 and (v - m) / s or 0)
      if not task.label then bits:set(i, c, v > middle and 1 or -1) end
    end
  end
  local function part(from, to)
    local rows = table.move(order, from, math.min(to, n), 1, {})
    return { X = lifted:take(rows), bits = bits:take(rows), y = y:take(rows) }
  end
  return part(1, D), part(D + 1, D + TEST)
end

-- ---- Bayes' rule over functions of a few bits -----------------------------------------------------------------------

-- Calls use(list of k positions) for each subset of 1..n.
local function subsets(n, k, use, list, from)
  list = list or {}
  if #list == k then return use(list) end
  for i = from or 1, n do
    list[#list + 1] = i
    subsets(n, k, use, list, i + 1)
    list[#list] = nil
  end
end

-- The expected label at the test items. For each subset the 2^k cells of its bits have independent fair labels; a cell
-- with a labels +1 and b labels -1 has the evidence ((1-e)^a e^b + e^a (1-e)^b)/2, so that all 2^2^k functions are summed
-- in closed form.
local function mixture(seen, unseen, most, e)
  local X, Z, y = seen.bits:totable(), unseen.bits:totable(), seen.y:totable()
  local bits, terms, best = #X[1], {}, -math.huge
  local function cell(x, list)
    local c = 0
    for _, i in ipairs(list) do c = c << 1 | (x[i] > 0 and 1 or 0) end
    return c
  end
  local choose = 1
  for k = 0, math.min(most, bits) do
    subsets(bits, k, function(list)
      local a, b, log, says = {}, {}, -(k * math.log(2) + math.log(choose)), {}
      for i, x in ipairs(X) do
        local c = cell(x, list)
        local t = y[i] > 0 and a or b
        t[c] = (t[c] or 0) + 1
      end
      for c = 0, (1 << k) - 1 do
        local plus, minus = a[c] or 0, b[c] or 0
        local p, q = (1 - e) ^ plus * e ^ minus, e ^ plus * (1 - e) ^ minus
        log, says[c] = log + math.log((p + q) / 2), (1 - 2 * e) * (p - q) / (p + q)
      end
      best = math.max(best, log)
      if log > best - 30 then terms[#terms + 1] = { log = log, says = says, list = table.move(list, 1, k, 1, {}) } end
    end)
    choose = choose * (bits - k) / (k + 1)
  end
  local out = limn.zeros(#Z)
  for _, t in ipairs(terms) do
    if t.log > best - 30 then
      local w = math.exp(t.log - best)
      for i, z in ipairs(Z) do out:set(i, out[i] + w * t.says[cell(z, t.list)]) end
    end
  end
  return out
end

-- ---- rules: each takes the labelled items (seen) and the test items (unseen) and returns its outputs on the latter ------

local function limit(kind)
  return function(seen, unseen) return limn.kernel.limit(seen.X, seen.y, { kind = kind, param = "ntk" }):predict(unseen.X) end
end

-- -> outputs, whether the loss was reached, movement of the features
local function trained(options)
  return function(seen, unseen, point, rng)
    local _, inputs = seen.X:shape()
    local width = options.wide and point.wide_width or point.width
    local net = limn.mlp.new { sizes = { inputs, width, 1 }, param = options.param, bias = false, dtype = "f32",
      start = options.init and "random" or "none", init = options.init, seed = rng:integer(1, 1 << 53) }
    local scale = 1 / (options.scale or 1)
    local reach = (options.l2 and 0.02 or 1e-3) * scale ^ 2
    local run = net:train(seen.X, seen.y * scale, { tol = options.l2 and 1e-9 or reach, l2 = options.l2,
      steps = options.l2 and 4000 or point.steps, rate = options.init and 4 / width or nil })
    return net:forward(unseen.X), run.loss <= reach, net:movement()[1].rms
  end
end

local HOW = {
  linear = function(seen, unseen) return limn.regress.minnorm(seen.X, seen.y):predict(unseen.X) end,
  nngp = limit "nngp", ntk = limit "ntk",
  l1 = function(seen, unseen, point, rng)
    local _, inputs = seen.X:shape()
    local net = limn.mlp.new { sizes = { inputs, point.neurons, 1 }, bias = false, seed = rng:integer(1, 1 << 53) }
    local fit, message = limn.regress.l1(limn.features.neurons(net, seen.X), seen.y)
    if not fit then error(message, 0) end
    return fit:predict(net:features(unseen.X))
  end,
  bayes = function(seen, unseen, point) return mixture(seen, unseen, TASKS[point.task].most, 0.02) end,
  wide = trained { param = "standard", wide = true }, mup = trained { param = "mup" }, decay = trained { param = "mup", l2 = 1e-4 },
  small = trained { param = "standard", init = { weight = 0.02, bias = 0 } },
}

local function balanced(values, labels)
  local right, count = { 0, 0 }, { 0, 0 }
  for i = 1, #labels do
    local k, says = labels[i] > 0 and 1 or 2, values[i] * labels[i]
    count[k] = count[k] + 1
    right[k] = right[k] + (says > 1e-9 and 1 or says >= -1e-9 and 0.5 or 0)
  end
  local sum, classes = 0, 0
  for k = 1, 2 do if count[k] > 0 then sum, classes = sum + right[k] / count[k], classes + 1 end end
  return sum / classes
end

local function measure(point, rng)
  local task = TASKS[point.task]
  if task.file and point.data == "" or not task.label and point.D > 128 then return { skipped = 1 } end
  local seen, unseen = make(task, point, rng)
  local out = { skipped = 0, failed = 0 }
  for _, rule in ipairs(RULES) do out[rule] = balanced(HOW[rule](seen, unseen, point, rng), unseen.y) end
  for _, rule in ipairs(point.D == task.at and not task.no_nets and NETS or {}) do
    local values, reached, moved = HOW[rule](seen, unseen, point, rng)
    if reached then out[rule], out["moved_" .. rule] = balanced(values, unseen.y), moved else out.failed = out.failed + 1 end
  end
  if task.parity and point.D == task.at then
    out.dial = limn.zeros(#DIAL)
    for i, scale in ipairs(DIAL) do
      local values, reached = trained { param = "ntk", scale = scale } (seen, unseen, point, rng)
      out.dial:set(i, balanced(values, unseen.y))
      if not reached then out.failed = out.failed + 1 end
    end
  end
  return out
end

-- ---- the accuracy of a limit on a parity, by eigenlearning -----------------------------------------------------------

-- By kind and k: the learning curve at each D of `points`; inputs are the bits and a constant 1.
local function parity_accuracy(kind, k, points)
  local spectrum = limn.kernel.spectrum { on = "cube", dim = BITS, kind = kind, constant = 1 }
  return limn.theory.learning_curve { spectrum = spectrum, target = k, points = points }.accuracy
end

-- ---- the claims --------------------------------------------------------------------------------------------------------

local FAILED = "fraction of nets trained on Boolean tasks that did not reach the loss"
local MOVED = "relative movement of features, wide nets minus muP nets, parity of 3 bits"

-- Every row: {declaration, task, a and b: the columns whose difference is measured; a number: that place of the dial}.
local function rows_of(grid, data)
  local list, has = {}, { task = {}, D = {} }
  for name, seen in pairs(has) do for _, v in ipairs(grid[name]) do seen[v] = true end end
  local function add(t, id, what, a, b, declaration)
    declaration.id, declaration.claim = id, ("%s: %s, D = %d"):format(what, TASKS[t].name, TASKS[t].at)
    list[#list + 1] = { declaration = declaration, task = t, a = a, b = b }
  end
  for t, task in ipairs(TASKS) do
    if has.task[t] and has.D[task.at] and not (task.file and data == "") then
      local hard = task.parity or t == 4
      if task.parity then
        add(t, "A9", "accuracy of the NNGP limit", "nngp", nil, { theory = parity_accuracy("nngp", task.parity, task.at)[1],
          equal = { margin = 0.1 }, note = "theory: eigenlearning" })
        add(t, "A9", "accuracy of the NTK limit", "ntk", nil, { theory = parity_accuracy("ntk", task.parity, task.at)[1],
          equal = { margin = 0.1 }, note = "theory: eigenlearning" })
      elseif task.chance then
        add(t, "A9", "accuracy of the NNGP limit", "nngp", nil, { theory = 0.5, equal = { margin = 0.05 } })
      else
        add(t, "A9", "accuracy of the NNGP limit", "nngp", nil, { describe = true })
      end
      if not task.chance then
        add(t, "A9", "accuracy, Bayes' rule minus NNGP limit", "bayes", "nngp", { above = 0.1, note = "essay: poorly, on many tasks" })
        if task.label then add(t, "A38", "accuracy of Bayes' rule", "bayes", nil, { theory = 1, above = 0.9 }) end
      end
      if not task.no_nets then
        add(t, "A3", "accuracy, wide nets minus NNGP limit", "wide", "nngp", { essay = 0, theory = 0, equal = { margin = 0.1 } })
      end
      for _, rule in ipairs(hard and { "mup", "decay", "small" } or {}) do
        add(t, "A37", ("accuracy, %s minus NNGP limit"):format(NAMES[rule]), rule, "nngp", { above = task.parity and 0.1 or 0,
          note = "essay: probably fixable" })
      end
      if task.parity then
        add(t, "A37", ("accuracy, output scale 1/%d minus NTK limit"):format(1 / DIAL[RICH]), RICH, "ntk", { above = 0.1,
          note = "essay: probably fixable" })
        add(t, "A37", ("accuracy, output scale %d minus NTK limit"):format(DIAL[LAZY]), LAZY, "ntk", { theory = 0,
          equal = { margin = 0.1 } })
        add(t, "A25", ("accuracy, %s minus NNGP limit"):format(NAMES.l1), "l1", "nngp", { theory = 0, equal = { margin = 0.1 },
          note = "no sampled neuron computes the task" })
      end
    end
  end
  return list
end

local function claims(params, plan)
  local rows = {}
  for i, r in ipairs(rows_of(plan.grid, params.data)) do rows[i] = r.declaration end
  rows[#rows + 1] = { id = "A33", claim = FAILED, theory = 0, proportion = { margin = 0.05 },
    replicates = (5 * #NETS + 2 * #DIAL) * plan.reps }
  rows[#rows + 1] = { id = "A4", claim = MOVED, essay = 0, theory = 0, below = true }
  return rows
end

local function cells_of(results, task, D) return results:where({ task = task, D = D, skipped = 0 }):rows() end

local function report(results, ledger)
  local failed, nets = 0, 0
  for _, row in ipairs(results:rows()) do
    if row.skipped == 0 and TASKS[row.task].label and row.D == TASKS[row.task].at then
      failed, nets = failed + row.failed, nets + #NETS + (TASKS[row.task].parity and #DIAL or 0)
    end
  end
  for _, r in ipairs(rows_of(ledger.plan.grid, ledger.params.data)) do
    local values, without = {}, 0
    for _, row in ipairs(cells_of(results, r.task, TASKS[r.task].at)) do
      local a, b = type(r.a) == "number" and row.dial[r.a] or row[r.a], r.b and row[r.b] or 0
      if a then values[#values + 1] = a - b else without = without + 1 end
    end
    local equal = #values > 1
    for i = 2, #values do equal = equal and values[i] == values[1] end
    ledger:measure(r.declaration.claim, equal and limn.claims.exact(values[1]) or #values > 0 and limn.claims.mean(values) or nil,
      { note = equal and ("the same in all %d replicates"):format(#values) or without > 0
        and ("%d nets that did not reach the loss left out"):format(without) or nil })
  end
  ledger:measure(FAILED, nets > 0 and limn.claims.proportion(failed, nets) or nil, { note = ("%d of %d"):format(failed, nets) })
  local wide, mup = {}, {}
  for _, row in ipairs(cells_of(results, 2, TASKS[2].at)) do
    if row.moved_wide and row.moved_mup then wide[#wide + 1], mup[#mup + 1] = row.moved_wide, row.moved_mup end
  end
  ledger:measure(MOVED, #wide > 1 and limn.claims.paired(wide, mup) or nil)
end

-- ---- the figure: means with 95 % intervals over replicates ---------------------------------------------------------------

local LOOK = { linear = { "gray", "plus" }, nngp = { 2, "circle" }, ntk = { 3, "triangle" }, l1 = { 6, "osquare" },
  bayes = { 1, "square" }, wide = { 5, "ocircle" }, mup = { 4, "diamond" }, decay = { 7, "odiamond" }, small = { "black", "star" } }

-- The accuracy against the output scale on the parities, and the NTK limit's as lines.
local function dial(panel, results)
  for t, task in ipairs(TASKS) do
    local rows = task.parity and cells_of(results, t, task.at) or {}
    local o = { x = {}, y = {}, lo = {}, hi = {}, color = t, mark = t == 1 and "circle" or "square", line = true, label = task.name }
    for i, scale in ipairs(#rows > 0 and DIAL or {}) do
      local values = {}
      for k, row in ipairs(rows) do values[k] = row.dial[i] end
      local m, interval = values[1], { values[1], values[1] }
      if #values > 1 then m, interval = limn.claims.interval(values) end
      o.x[i], o.y[i], o.lo[i], o.hi[i] = scale, m, math.max(interval[1], 0.35), math.min(interval[2], 1.05)
    end
    if #rows > 0 then
      local sum = 0
      for _, row in ipairs(rows) do sum = sum + row.ntk end
      panel:errorbars(o)
      panel:hline { y = sum / #rows, color = t, dash = "dashed", label = t == 1 and NAMES.ntk or nil }
    end
  end
end

local function plot(results)
  local points, seen, given = {}, {}, results:rows()[1].data ~= ""
  for _, row in ipairs(results:rows()) do
    if not seen[row.D] then seen[row.D], points[#points + 1] = true, row.D end
  end
  table.sort(points)
  local fig = limn.plot.figure { rows = given and 3 or 2, cols = 3, size = { 7.2, given and 7.4 or 5.2 }, letters = true,
    legend = "top" }
  local place = 0
  for t, task in ipairs(TASKS) do
    if not task.chance and (not task.file or given) then -- no rule exceeds chance on random functions
      place = place + (place == 5 and 2 or 1) -- the sixth panel is the dial
      local p = fig:panel((place - 1) // 3 + 1, (place - 1) % 3 + 1, { title = task.name, x = { label = "labelled items D", scale = "log2",
          range = { points[1] / 1.5, points[#points] * 2.2 } },
        y = { label = place % 3 == 1 and "balanced accuracy" or nil, range = { 0.35, 1.05 } } })
      p:hline { y = 0.5, width = 0.5, dash = "dotted" }
      for k, rule in ipairs(table.move(NETS, 1, #NETS, #RULES + 1, table.move(RULES, 1, #RULES, 1, {}))) do
        local look = LOOK[rule]
        local o = { x = {}, y = {}, lo = {}, hi = {}, color = look[1], mark = look[2], line = k <= #RULES,
          label = NAMES[rule] }
        for _, D in ipairs(points) do
          local values = {}
          for _, row in ipairs(cells_of(results, t, D)) do values[#values + 1] = row[rule] end
          if #values > 0 then
            local m, i = values[1], { values[1], values[1] }
            if #values > 1 then m, i = limn.claims.interval(values) end
            table.insert(o.x, D * 2 ^ (k <= #RULES and 0 or 0.14 * (k - #RULES))) -- nets: to the right, so that bars do not overlap
            table.insert(o.y, m)
            table.insert(o.lo, math.max(i[1], 0.35))
            table.insert(o.hi, math.min(i[2], 1.05))
          end
        end
        if #o.x > 0 then p:errorbars(o) end
      end
      for _, kind in ipairs(task.parity and { "nngp", "ntk" } or {}) do
        local D = limn.logspace(points[1], points[#points], 24)
        p:line { x = D, y = parity_accuracy(kind, task.parity, D), color = LOOK[kind][1], dash = "dashed", mark = false, law = true,
          label = kind == "nngp" and "learning curve" or nil }
      end
    end
  end
  dial(fig:panel(2, 3, { title = "NTK parameterisation", x = { label = "output scale a", scale = "log2", range = { 1 / 32, 32 } },
    y = { range = { 0.35, 1.05 } }, legend = "top right" }), results)
  return fig
end

return limn.experiment {
  name = "sharp_tasks",
  question = "On which tasks does the infinite-width limit generalise poorly, and which rules do better there?",
  params = {
    task = { default = 1, help = "1, 2 parity of 2, 3 bits, 3 needle, 4 majority, 5 random Boolean, 6 iris, 7 the file of --data",
      min = 1, max = #TASKS },
    D = { default = 64, help = "number of labelled items", min = 2, max = 4096 },
    data = { default = "", help = "NAME.csv (labels last) or IMAGES.idx,LABELS.idx for task 7" },
    width = { default = 256, help = "width of the nets with a remedy", min = 1 },
    wide_width = { default = 1024, help = "width of the wide nets", min = 1 },
    neurons = { default = 1024, help = "number of sampled neurons for the minimum L1 norm", min = 64 },
    steps = { default = 30000, help = "largest number of gradient descent steps", min = 1 },
  },
  grid = { task = "1:7", D = { 32, 64, 128, 256 } },
  reps = 16,
  cost = function(p) return p.D ^ 2 + (p.task == 2 and p.D == 256 and 1e7 or 0) end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
