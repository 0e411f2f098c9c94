-- grokking.lua: delayed generalisation on modular addition: how long does a net that fits its data need until it
-- generalises, as a function of the weight decay, and what do its features align with?
--
-- All pairs a, b of 0 .. p-1, each number one-hot; the classes are (a + b) mod p. A random fraction of the pairs is trained
-- on, the others are the test items. Nets with one hidden layer x^2, without biases, squared loss on the one-hot classes,
-- AdamW with all points in each step. All decays start from the same weights: one call of net:train sweeps them.
--
-- Theory. Without decay a net that fits its data stays near the interpolant that it has reached, which depends on the
-- initial weights. With decay lambda the weights not needed for the fit shrink as exp(-rate lambda t), until the interpolant
-- of small norm remains, here the Fourier solution that generalises (Gromov 2023). The transition is after
-- t = log(initial scale)/(rate lambda) steps, up to a constant (Lyu, Jin, Li, Du, Lee and Hu 2024): exponent -1 in lambda,
-- and it is the later the fewer pairs are known (Power et al. 2022). Before it the features are those of the start; at it
-- the kernel of the features aligns with that of the labels.
--
-- Alignment: of the centred kernels phi phi' and Y Y' on the test items, <K, L>/(|K| |L|).
-- Fitted: training accuracy of at least 0.99; generalised: test accuracy of at least 1/2. The ledger's decay is 1.
--
-- Margins. Exponent of the time in lambda 0.25: -1/2 and -2 compete. Delay: more than 3 times the time to the fit. Test
-- accuracy above 0.9 with decay, below 0.5 without. Alignment: change up to the fit and without decay 0.05, afterwards more
-- than 0.1. Time of half the alignment's rise over the time of generalisation: 1 to within 0.5. They were declared before the
-- first run. It refuted one row: the alignment rises by 0.2 up to the fit already, with and without decay, although the
-- test accuracy is that of chance there.
--
-- Cost: half a minute on two cores.

local limn = require "limn"
local ledger_rows = dofile((debug.getinfo(1, "S").source:match "^@(.*/)" or "") .. "rows.lua")

local DECAYS = { 0, 0.5, 1, 2, 4 }
local NONE, AT = 1, 3 -- places of no decay and of the ledger's
local EVERY, WIDTH, RATE = 20, 128, 3e-3
local FIT, HALF = 0.99, 0.5

-- ---- one cell ------------------------------------------------------------------------------------------------

-- Pairs as inputs and one-hot classes: {X, Y, classes} of the known and of the other pairs.
local function pairs_of(p, fraction, rng)
  local X, sums = limn.data.modular { modulus = p }
  local Y, known, other = limn.zeros(p * p, p), {}, {}
  for i, sum in ipairs(sums:totable()) do Y:set(i, math.tointeger(sum) + 1, 1) end
  for i, j in ipairs(rng:permutation(p * p):totable()) do
    local list = i <= fraction * p * p + 0.5 and known or other
    list[#list + 1] = math.tointeger(j)
  end
  local function part(rows) return { X = X:take(rows), Y = Y:take(rows), classes = sums:take(rows):totable() } end
  return part(known), part(other)
end

local function accuracy(f, classes)
  local right = 0
  for i, row in ipairs(f:totable()) do
    local best = 1
    for k = 2, #row do if row[k] > row[best] then best = k end end
    if best == classes[i] + 1 then right = right + 1 end
  end
  return right / #classes
end

local function centred(F) return F - F:mean(1) end

-- <K, L>/(|K| |L|) for K = F F' and L = Y Y', from the smaller products.
local function alignment(F, Y)
  local function square(A, B) return (A:T():matmul(B) ^ 2):sum() end
  return square(F, Y) / math.sqrt(square(F, F) * square(Y, Y))
end

local function measure(point, rng)
  local known, other = pairs_of(point.modulus, point.fraction, rng)
  local count, seeds, seed = #DECAYS, {}, rng:integer(1, 1 << 53)
  for i = 1, count do seeds[i] = seed end
  local p = point.modulus
  local nets = limn.mlp.ensemble { sizes = { 2 * p, WIDTH, p }, activation = "quadratic", init = { weight = 1 }, bias = false,
    dtype = "f32", count = count, seed = seeds }
  local Y, records, out = centred(other.Y), point.steps // EVERY + 1, {}
  for i = 1, count do
    for _, name in ipairs { "train", "test", "aligned" } do out[name .. i] = limn.zeros(records) end
  end
  nets:train(known.X, known.Y, { optimizer = "adamw", rate = RATE, beta2 = 0.98, decay = { nets = DECAYS }, steps = point.steps, tol = -1,
    every = EVERY, on = function(state)
      local f, g, k = nets:forward(known.X), nets:forward(other.X), state.step // EVERY + 1
      for i = 1, count do
        out["train" .. i]:set(k, accuracy(f[i], known.classes))
        out["test" .. i]:set(k, accuracy(g[i], other.classes))
        out["aligned" .. i]:set(k, alignment(centred(nets:features(other.X, { member = i })), Y))
      end
    end })
  return out
end

-- ---- from cells to claims ------------------------------------------------------------------------------------

-- The first step at which a recorded curve is at least `level`; nil if none.
local function reached(curve, level)
  for k = 1, #curve do if curve[k] >= level then return math.max(1, (k - 1) * EVERY) end end
end

local function fitted(row, i) return reached(row["train" .. i], FIT) end
local function generalised(row, i) return reached(row["test" .. i], HALF) end

local function at_step(curve, step) return curve[step // EVERY + 1] end

-- The fraction of pairs of the ledger: the middle one of those in the results; all of them, ascending.
local function fractions_of(results)
  local list = results:distinct "fraction"
  return list[(#list + 1) // 2], list
end

-- The mean over replicates of value(row), at the fraction of the ledger; replicates for which it is nil are left out.
local function mean_of(value)
  return function(results)
    local fraction, values, without = fractions_of(results), {}, 0
    for _, row in ipairs(results:where({ fraction = fraction }):rows()) do
      local v = value(row)
      if v then values[#values + 1] = v else without = without + 1 end
    end
    local note, equal = ("%g of the pairs"):format(fraction), #values > 1
    for i = 2, #values do equal = equal and values[i] == values[1] end
    if without > 0 then note = note .. ("; %d replicates left out"):format(without) end
    if equal then return limn.claims.exact(values[1]), ("the same in all %d replicates; "):format(#values) .. note end
    return #values > 1 and limn.claims.mean(values) or nil, note
  end
end

local function in_decay(results)
  local fraction, x, ys, without = fractions_of(results), {}, {}, 0
  for i = NONE + 1, #DECAYS do x[#x + 1] = math.log(DECAYS[i], 2) end
  for _, row in ipairs(results:where({ fraction = fraction }):rows()) do
    local y = {}
    for i = NONE + 1, #DECAYS do
      local t = generalised(row, i)
      y[#y + 1] = t and math.log(t, 2)
    end
    if #y == #x then ys[#ys + 1] = y else without = without + 1 end
  end
  return #ys > 0 and limn.claims.fit_slope(x, ys) or nil, ("decay %g .. %g, %g of the pairs%s"):format(DECAYS[NONE + 1],
    DECAYS[#DECAYS], fraction, without > 0 and ("; %d replicates that did not generalise left out"):format(without) or "")
end

-- log2 of the time at the least over that at the largest fraction of the pairs.
local function in_fraction(results)
  local _, list = fractions_of(results)
  local times = {}
  for k, fraction in ipairs { list[1], list[#list] } do
    times[k] = {}
    for _, row in ipairs(results:where({ fraction = fraction }):rows()) do
      local t = generalised(row, AT)
      times[k][#times[k] + 1] = t and math.log(t, 2)
    end
  end
  local note = ("%g and %g of the pairs"):format(list[1], list[#list])
  local enough = #list > 1 and #times[1] > 1 and #times[2] > 1
  return enough and limn.claims.difference(times[1], times[2]) or nil, note
end

-- The step at which half the alignment's rise from the fit to the end is reached, over the step of generalisation.
local function together(row)
  local curve, fit, half = row["aligned" .. AT], fitted(row, AT), generalised(row, AT)
  if not fit or not half then return nil end
  local from, to = at_step(curve, fit), curve[#curve]
  for k = fit // EVERY + 1, #curve do
    if curve[k] >= (from + to) / 2 then return (k - 1) * EVERY / half end
  end
end

local function change(i, from_fit)
  return function(row)
    local curve, fit = row["aligned" .. i], fitted(row, i)
    if not fit then return nil end
    return from_fit and curve[#curve] - at_step(curve, fit) or at_step(curve, fit) - curve[1]
  end
end

local ROWS = {
  { what = in_decay, declaration = { id = "A37", claim = "steps until generalisation ~ decay^s", theory = -1, slope = { margin = 0.25 } } },
  { what = mean_of(function(row)
      local fit, half = fitted(row, AT), generalised(row, AT)
      return fit and half and half / fit
    end), declaration = { id = "A37", claim = "steps until generalisation over steps until the fit", above = 3, theory = 10,
      note = "theory: late" } },
  { what = in_fraction, declaration = { id = "A37", claim = "log2 of the steps until generalisation, fewest over most pairs",
      theory = 1, above = 0 } },
  { what = mean_of(function(row) return row["test" .. AT][#row["test" .. AT]] end),
    declaration = { id = "A37", claim = "test accuracy with decay", theory = 1, above = 0.9, note = "essay: probably fixable" } },
  { what = mean_of(function(row) return row["test" .. NONE][#row["test" .. NONE]] end),
    declaration = { id = "A37", claim = "test accuracy without decay", theory = 0, below = 0.5 } },
  { what = mean_of(change(AT, false)), declaration = { id = "A37", claim = "change of the alignment until the fit, with decay", theory = 0,
      equal = { margin = 0.05 } } },
  { what = mean_of(change(AT, true)), declaration = { id = "A37", claim = "change of the alignment after the fit, with decay",
      theory = 1, above = 0.1 } },
  { what = mean_of(change(NONE, true)), declaration = { id = "A37", claim = "change of the alignment after the fit, without decay",
      theory = 0, equal = { margin = 0.05 } } },
  { what = mean_of(together), declaration = { id = "A37", claim = "step of half the alignment's rise over step of generalisation",
      theory = 1, equal = { margin = 0.5 } } },
}

local function claims() return ledger_rows.declared(ROWS) end

local function report(results, ledger) ledger_rows.measure(ledger, ROWS, results) end

-- ---- the figure: means over replicates -----------------------------------------------------------------------

local MARKS = { "circle", "osquare", "triangle", "diamond" }

local function plot(results)
  local fraction, list = fractions_of(results)
  local rows = results:where({ fraction = fraction }):rows()
  local fig = limn.plot.figure { rows = 2, cols = 2, size = { 7.2, 5.4 }, letters = true }
  local function mean(name)
    local sum = 0
    for _, row in ipairs(rows) do sum = row[name] + sum end
    return sum / #rows
  end
  local steps = limn.range(0, #rows[1].test1 - 1) * EVERY
  local last = #steps
  local x = { label = "step", scale = "log10", range = { EVERY, steps[last] } }
  local title = ("%g of the pairs"):format(fraction)
  local p = fig:panel(1, 1, { title = title, x = x, y = { label = "accuracy", range = { 0, 1.05 } }, legend = "left" })
  local q = fig:panel(1, 2, { title = title, x = x, y = { label = "test accuracy", range = { 0, 1.05 } }, legend = "top left" })
  local r = fig:panel(2, 1, { title = title, x = x, y = { label = "alignment with the labels" }, legend = "top left" })
  local s = fig:panel(2, 2, { x = { label = "weight decay", scale = "log2" },
    y = { label = "steps until generalisation", scale = "log10" }, legend = "bottom left" })
  local function curve(panel, name, options)
    local y = mean(name)
    options.x, options.y, options.mark = steps:slice(2, last), y:slice(2, last), false
    panel:line(options)
  end
  curve(p, "train" .. AT, { color = "gray", dash = "dotted", label = ("training, decay %g"):format(DECAYS[AT]) })
  curve(p, "test" .. AT, { color = AT, label = ("test, decay %g"):format(DECAYS[AT]) })
  curve(p, "test" .. NONE, { color = NONE, label = "test, no decay" })
  for i, decay in ipairs(DECAYS) do
    local label = i == NONE and "no decay" or ("decay %g"):format(decay)
    curve(q, "test" .. i, { color = i, label = label })
    curve(r, "aligned" .. i, { color = i, label = label })
  end
  for c, part in ipairs(list) do
    local o = { x = {}, y = {}, lo = {}, hi = {}, color = c, mark = MARKS[c], label = ("%g of the pairs"):format(part) }
    for i = NONE + 1, #DECAYS do
      local logs = {}
      for _, row in ipairs(results:where({ fraction = part }):rows()) do
        local t = generalised(row, i)
        logs[#logs + 1] = t and math.log(t)
      end
      if #logs > 0 then
        local m, interval = logs[1], { logs[1], logs[1] }
        if #logs > 1 then m, interval = limn.claims.interval(logs) end
        table.insert(o.x, DECAYS[i])
        table.insert(o.y, math.exp(m))
        table.insert(o.lo, math.exp(interval[1]))
        table.insert(o.hi, math.exp(interval[2]))
      end
    end
    if #o.x > 0 then s:errorbars(o) end
    if part == fraction and #o.x > 1 then
      s:line { x = { o.x[1], o.x[#o.x] }, y = { o.y[1], o.y[1] * o.x[1] / o.x[#o.x] }, color = "black", mark = false, law = true,
        label = "1/decay" }
    end
  end
  return fig
end

return limn.experiment {
  name = "grokking",
  question = "How long does a net that fits its data need until it generalises, and what decides it?",
  params = {
    fraction = { default = 0.6, help = "fraction of the pairs that are trained on", min = 0.05, max = 0.95 },
    modulus = { default = 17, help = "numbers are added modulo this", min = 3, max = 101 },
    steps = { default = 2400, help = "number of steps", min = EVERY },
  },
  grid = { fraction = { 0.5, 0.6, 0.7 } },
  reps = 6,
  cost = function(p) return p.fraction end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
