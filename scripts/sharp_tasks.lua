-- sharp_tasks.lua: on which tasks does the infinite-width limit generalise poorly? The essay expects it on many tasks
-- (footnote 4) and did not test it. Measured: test accuracy against the number D of labelled items, for the limit and
-- for rules that may do better.
--
-- Boolean tasks on 6 input bits (+-1); D of the 64 inputs are drawn without replacement, the others are the test set:
--     parity of 2 and of 3 relevant bits; needle: +1 where 3 relevant bits are all +1 (8 of 64); majority of 5 bits;
--     random: an independent fair sign for each input, on which no rule exceeds chance.
-- Iris: versicolor against the other species, 4 measurements standardised to mean 0 and variance 1, D of 150.
-- Rules: kernel regression with the NNGP and the NTK kernel of one hidden ReLU layer; trained nets in the standard
-- parameterisation, narrow and wide (the wide ones should agree with NNGP: which_limit.lua), and in muP, where features
-- move; the minimum L1 norm over sampled neurons; the Bayes mixture over every Boolean circuit of at most `bits` code
-- bits, prior 2^-length, assumed label noise 0.02 (iris as 6 bits: measurements above their medians, petals also above
-- their third quartiles). Reference: the minimum-norm linear function. Inputs are extended by a constant 1; the initial
-- output of a net is subtracted.
--
-- Score: balanced accuracy, the mean of the accuracies on +1 and on -1 items, outputs of 0 counting 1/2; chance and
-- constant outputs score 1/2. Scores below chance occur: training and test set together are the full table, so that
-- for parity the labels that are rarer in the training set are more frequent in the test set.
--
-- Cost: about two minutes on two cores; 100 times as much allows 1000 replicates, or 8 input bits and nets of width
-- 4096.

local limn = require "limn"

local BITS = 6
local RULES = { "linear", "nngp", "ntk", "narrow", "wide", "mup", "l1", "bayes" }
local NAMES = { linear = "linear", nngp = "NNGP limit", ntk = "NTK limit", narrow = "narrow nets", wide = "wide nets",
  mup = "muP nets", l1 = "min. L1 over neurons", bayes = "Bayes mixture" }

-- ---- tasks -----------------------------------------------------------------------------------------------------

local function every_input() return (limn.data.parity { bits = BITS }) end

-- Labels of all 64 inputs that depend on the first k bits only.
local function on_first(k, labels)
  local y = limn.zeros(1 << BITS)
  for code = 0, (1 << BITS) - 1 do y[code + 1] = labels[(code >> (BITS - k)) + 1] end
  return y
end

local function second(_, y) return y end

local TASKS = {
  { name = "parity of 2 bits", labels = function() return second(limn.data.parity { bits = BITS, relevant = 2 }) end },
  { name = "parity of 3 bits", labels = function() return second(limn.data.parity { bits = BITS, relevant = 3 }) end },
  { name = "needle, 3 bits", labels = function() return on_first(3, second(limn.data.needle { bits = 3, at = 7 })) end },
  { name = "majority of 5 bits", labels = function() return on_first(5, second(limn.data.majority { bits = 5 })) end },
  { name = "random Boolean", labels = function(rng)
    return second(limn.data.boolean { bits = BITS, seed = rng:integer(1, 1 << 31) })
  end },
  { name = "iris, versicolor", iris = true },
}

-- Columns scaled to mean 0 and variance 1.
local function standardised(X)
  local out = X:copy()
  local n, d = X:shape()
  for c = 1, d do
    local column = X:col(c)
    local m, s = column:mean(), column:std()
    for i = 1, n do out:set(i, c, (X:get(i, c) - m) / s) end
  end
  return out
end

-- 6 bits per item: each measurement above its median; petal measurements above their third quartiles.
local function as_bits(X)
  local n = #X
  local out = limn.zeros(n, BITS)
  for c = 1, 6 do
    local source = c <= 4 and c or c - 2
    local cut = X:col(source):quantile(c <= 4 and 0.5 or 0.75)
    for i = 1, n do out:set(i, c, X:get(i, source) > cut and 1 or -1) end
  end
  return out
end

-- {X = inputs and a constant 1, bits = inputs as bits, y = labels}
local function make(task, rng)
  local bits, y, X
  if task.iris then
    X, y = limn.data.iris { positive = "versicolor" }
    X, bits = standardised(X), as_bits(X)
  else
    bits, y = every_input(), task.labels(rng)
    X = bits
  end
  local n, d = X:shape()
  local lifted = limn.ones(n, d + 1)
  for i = 1, n do
    for c = 1, d do lifted:set(i, c, X:get(i, c)) end
  end
  return { X = lifted, bits = bits, y = y }
end

-- ---- rules: each takes the training items (seen) and the test items (unseen) and returns its outputs on the latter --

local function limit(kind)
  return function(seen, unseen) return limn.kernel.limit(seen.X, seen.y, { kind = kind }):predict(unseen.X) end
end

local function trained(param, width)
  return function(seen, unseen, point, rng)
    local _, inputs = seen.X:shape()
    local net = limn.mlp.new { sizes = { inputs, point[width], 1 }, param = param, bias = false, start = "none",
      dtype = "f32", seed = rng:integer(1, 1 << 53) }
    local run = net:train(seen.X, seen.y, { tol = 1e-3, steps = point.steps })
    return net:forward(unseen.X), run.reason == "tolerance" and 1 or 0, net:movement()[1].rms
  end
end

local spaces = {}
local HOW = {
  linear = function(seen, unseen) return limn.regress.minnorm(seen.X, seen.y):predict(unseen.X) end,
  nngp = limit "nngp", ntk = limit "ntk",
  narrow = trained("standard", "narrow_width"), wide = trained("standard", "wide_width"), mup = trained("mup", "wide_width"),
  l1 = function(seen, unseen, point, rng)
    local _, inputs = seen.X:shape()
    local net = limn.mlp.new { sizes = { inputs, point.neurons, 1 }, bias = false, seed = rng:integer(1, 1 << 53) }
    local fit, message = limn.regress.l1(limn.features.neurons(net, seen.X), seen.y)
    if not fit then error(message, 0) end
    return fit:predict(net:features(unseen.X))
  end,
  bayes = function(seen, unseen, point)
    spaces[point.bits] = spaces[point.bits] or limn.programs.space { inputs = BITS, max_bits = point.bits }
    return assert(limn.programs.posterior(spaces[point.bits], seen.bits, seen.y, { flip = 0.02 })):predict(unseen.bits)
  end,
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
  local all = make(task, rng)
  local n = #all.y
  local chosen, rest = {}, {}
  for i, row in ipairs(rng:permutation(n)) do table.insert(i <= point.D and chosen or rest, row // 1 | 0) end
  local function part(rows) return { X = all.X:take(rows), bits = all.bits:take(rows), y = all.y:take(rows) } end
  local seen, unseen, out = part(chosen), part(rest), {}
  for _, rule in ipairs(RULES) do
    local values, fitted, moved = HOW[rule](seen, unseen, point, rng)
    out[rule] = balanced(values, unseen.y)
    if fitted then out["fitted_" .. rule], out["moved_" .. rule] = fitted, moved end
  end
  return out
end

-- ---- from cells to curves ----------------------------------------------------------------------------------------

-- rows[task][D] = list of rows; the values of D in order.
local function sorted(results)
  local rows, points, seen = {}, {}, {}
  for _, row in ipairs(results:rows()) do
    rows[row.task] = rows[row.task] or {}
    rows[row.task][row.D] = rows[row.task][row.D] or {}
    table.insert(rows[row.task][row.D], row)
    if not seen[row.D] then seen[row.D], points[#points + 1] = true, row.D end
  end
  table.sort(points)
  return rows, points
end

-- Mean over replicates of field a (minus field b), and its interval.
local function average(list, a, b)
  local values = {}
  for k, row in ipairs(list) do values[k] = row[a] - (b and row[b] or 0) end
  if #values < 2 then return values[1], { values[1], values[1] } end
  return limn.claims.interval(values)
end

local function report(results)
  local rows, points = sorted(results)
  local ledger = limn.claims.new "Sharp tasks: generalisation of the infinite-width limit and of other rules"
  local D = points[1]
  for _, d in ipairs(points) do if d <= 32 then D = d end end
  local note = ("D = %d"):format(D)
  for t, task in ipairs(TASKS) do
    local list = rows[t] and rows[t][D]
    if list then
      for _, rule in ipairs { "nngp", "ntk" } do
        local m, i = average(list, rule)
        ledger:row { id = "A9", claim = ("%s, accuracy no better than chance: %s"):format(NAMES[rule], task.name),
          predicted = "at most 0.5", measured = m, interval = i, note = note, verdict = i[1] <= 0.5 and "agrees" or "disagrees" }
      end
      local gap, ig = average(list, "wide", "nngp")
      ledger:row { id = "A3", claim = ("accuracy, wide nets minus NNGP limit: %s"):format(task.name), predicted = 0, measured = gap,
        interval = ig, verdict = ig[1] <= 0 and ig[2] >= 0 and "agrees" or math.abs(gap) < 0.05 and "refines" or "disagrees",
        note = note }
      for _, rule in ipairs { "mup", "l1", "bayes" } do
        local m, i = average(list, rule, "nngp")
        local chance = task.name == "random Boolean"
        ledger:row { id = rule == "mup" and "A37" or rule == "l1" and "A25" or "A9",
          claim = ("accuracy, %s minus NNGP limit: %s"):format(NAMES[rule], task.name), predicted = chance and 0 or "above 0",
          measured = m, interval = i, note = note,
          verdict = not chance and (i[1] > 0 and "agrees" or i[2] < 0 and "disagrees" or "refines") or nil }
      end
    end
  end
  local fitted, moved, count = { 0, 0, 0 }, { 0, 0, 0 }, 0
  for _, row in ipairs(results:rows()) do
    count = count + 1
    for k, rule in ipairs { "narrow", "wide", "mup" } do
      fitted[k], moved[k] = fitted[k] + row["fitted_" .. rule], moved[k] + row["moved_" .. rule]
    end
  end
  ledger:row { id = "A33", claim = "fraction of nets that reached the loss 1e-3: narrow, wide, muP", predicted = "wide: 1",
    measured = ("%.3f, %.3f, %.3f"):format(fitted[1] / count, fitted[2] / count, fitted[3] / count),
    verdict = fitted[2] == count and "agrees" or "disagrees" }
  ledger:row { id = "A4", claim = "relative movement of the features: narrow, wide, muP",
    predicted = "wide: least", measured = ("%.3f, %.3f, %.3f"):format(moved[1] / count, moved[2] / count, moved[3] / count),
    verdict = moved[2] < math.min(moved[1], moved[3]) and "agrees" or "disagrees" }
  ledger:print()
  return ledger
end

-- ---- the figure ----------------------------------------------------------------------------------------------------

local LOOK = {
  linear = { color = "gray", dash = "dotted" }, nngp = { color = 2, mark = "circle" }, ntk = { color = 3, mark = "triangle" },
  narrow = { color = 7, mark = "odiamond" }, wide = { color = 5, mark = "ocircle" }, mup = { color = 4, mark = "diamond" },
  l1 = { color = 6, mark = "osquare" }, bayes = { color = 1, mark = "square" },
}

local function plot(results)
  local rows, points = sorted(results)
  local fig = limn.plot.figure { rows = 2, cols = 3, size = { 7.2, 5 }, letters = true }
  for t, task in ipairs(TASKS) do
    local at = rows[t] or {}
    local p = fig:panel((t - 1) // 3 + 1, (t - 1) % 3 + 1, { title = task.name,
      x = { label = t > 3 and "labelled items D" or nil, range = { 0, points[#points] + 4 } },
      y = { label = t % 3 == 1 and "balanced accuracy" or nil, range = { 0.15, 1.03 } }, legend = t % 3 == 0 and "bottom right" or "none" })
    p:hline { y = 0.5, width = 0.5, dash = "dotted" }
    local named = { [3] = { 1, 4 }, [6] = { 5, #RULES } } -- the legend is split over two panels
    for k, rule in ipairs(RULES) do
      local name = named[t] and k >= named[t][1] and k <= named[t][2] and NAMES[rule] or nil
      local look, x, y, lo, hi = LOOK[rule], {}, {}, {}, {}
      for _, D in ipairs(points) do
        if at[D] then
          local m, i = average(at[D], rule)
          -- offset in D, so that the bars do not overlap
          x[#x + 1], y[#y + 1], lo[#lo + 1], hi[#hi + 1] = D + 0.4 * (k - 4.5), m, math.max(i[1], 0.15), math.min(i[2], 1.02)
        end
      end
      if #x > 0 then
        if look.mark then
          p:errorbars { x = x, y = y, lo = lo, hi = hi, color = look.color, mark = look.mark, line = true, label = name }
        else
          p:line { x = x, y = y, color = look.color, dash = look.dash, mark = false, label = name }
        end
      end
    end
  end
  return fig
end

return limn.experiment {
  name = "sharp_tasks",
  question = "On which tasks does the infinite-width limit generalise poorly, and which rules do better there?",
  params = {
    task = { default = 1, help = "1, 2 parity of 2, 3 bits, 3 needle, 4 majority, 5 random Boolean, 6 iris", min = 1, max = #TASKS },
    D = { default = 32, help = "number of labelled items, of 64 (iris: 150)", min = 2, max = 63 },
    narrow_width = { default = 16, help = "width of the narrow nets", min = 1 },
    wide_width = { default = 1024, help = "width of the wide and of the muP nets", min = 1 },
    neurons = { default = 1024, help = "number of sampled neurons for the minimum L1 norm", min = 64 },
    bits = { default = 34, help = "largest code length of a circuit in the Bayes mixture, bits", min = 12, max = 40 },
    steps = { default = 10000, help = "largest number of gradient descent steps", min = 1 },
  },
  grid = { task = "1:6", D = { 8, 16, 24, 32, 40, 48 } },
  reps = 10,
  measure = measure,
  report = report,
  plot = plot,
}
