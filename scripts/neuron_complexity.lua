-- neuron_complexity.lua: how complex are the functions computed by the neurons of a random net? C(f) = -log2 of the
-- probability that a neuron has the signs of f on all 2^k inputs of k bits; C depends on the layer of the neuron.
--
-- The essay postulates p = 2^-C for the fraction of correct neurons. Here C is measured for neurons of layer 1
-- (threshold functions of the inputs), 2, 3 and 4, at finite width and at infinite width (see neurons.lua). Weights are
-- N(0, 2/fan-in) and biases N(0, 2/k). simplicity_bias.lua compares C with the length of programs.
--
-- Theory. Layer 1: the weight vector has a uniform random direction, so 2^-C is a solid angle. 3 inputs (24-cell): 1/24
-- for the 8 constants and inputs, 1/96 for 32 functions (8 majorities, and AND and OR of two of the inputs, 24), 1/192 for
-- the other 64 threshold functions. 2 inputs (cuboctahedron): (3 acos(1/3) - pi)/(4 pi) for AND. A constant of 4 inputs:
-- P(w_0 > |w_1| + ... + |w_4|) = 0.014570 by numerical integration. Layer l at infinite width: flipping one input flips
-- the neuron with probability acos(r)/pi, r the correlation by the kernel of that layer. At width n, C differs from its
-- limit by a term of order layers/n.
--
-- Margins. C in layer 1: 0.1 bits; the solid angles of other functions differ by 0.4 bits or more. Flips: 0.005; the next
-- layer's probability is 0.025 away. Distance to the limit: a factor 1.5 about 1/8, so that n^-1/2 and n^-2 (0.35, 0.016)
-- are excluded and the next order, (layers/n)^2, is not. Differences between layers: 0.1 bits about the essay's 0.
--
-- Cost: half a minute on two cores (1.5 million neurons for each of 27 distributions).

local limn = require "limn"
local neurons = dofile((debug.getinfo(1, "S").source:match "^@(.*/)" or "") .. "neurons.lua")
local ledger_rows = dofile((debug.getinfo(1, "S").source:match "^@(.*/)" or "") .. "rows.lua")

local LEAST, LAYERS, MAIN, NARROW, REPS = neurons.LEAST, neurons.LAYERS, neurons.MAIN, 4, 12
local C_of, main_of = neurons.complexity_of, neurons.main_of

-- ---- the ledger --------------------------------------------------------------------------------------------------

-- Probabilities in layer 1, as solid angles: inputs, table, function.
local TRIANGLE = (3 * math.acos(1 / 3) - math.pi) / (4 * math.pi)
local ANGLES = {
  { 2, 0x0, "constant, 2 inputs", (1 - 8 * TRIANGLE) / 6 }, { 2, 0x8, "AND, 2 inputs", TRIANGLE },
  { 3, 0x00, "constant, 3 inputs", 1 / 24 }, { 3, 0xe8, "majority, 3 inputs", 1 / 96 }, { 3, 0x80, "AND, 3 inputs", 1 / 192 },
  { 4, 0x0000, "constant, 4 inputs", 0.014570 },
}
local THRESHOLD = { false, 14, 104, 1882 } -- number of linear threshold functions of k inputs

-- Mean over neurons of the fraction of inputs that flip the neuron when they are flipped.
local function flips(law, batches)
  local C, mass = neurons.complexities(law, batches)
  local sum = 0
  for c, orbit in ipairs(law.orbits.list) do sum = sum + (C[c] and mass[c] * orbit.sensitivity or 0) end
  return sum
end

-- The same at infinite width, from the kernel.
local function flips_by_kernel(k, layer, params)
  local K = neurons.covariance(neurons.inputs_of(k), { inputs = k, layer = layer, weight = params.weight, activation = params.activation })
  return math.acos(K:get(1, 2) / K:get(1, 1)) / math.pi
end

-- Functions met in layer 1; nil where some are met so seldom that others may be missing.
local function met(law)
  if not law then return end
  local seen = 0
  for c, orbit in ipairs(law.orbits.list) do
    if law.hits[c] > 0 and law.hits[c] < LEAST then return nil, "too few neurons: some functions are met by chance only" end
    if law.hits[c] > 0 then seen = seen + orbit.size end
  end
  return limn.claims.exact(seen)
end

-- Entropy of the functions that neurons compute; the hits of an orbit are divided among its functions.
local function entropy(law)
  if not law then return end
  local counts = {}
  for c, orbit in ipairs(law.orbits.list) do
    for i = 0, orbit.size - 1 do counts[#counts + 1] = (law.hits[c] + i) // orbit.size // 1 | 0 end
  end
  return limn.claims.entropy(counts)
end

-- Distance of a constant's C at width MAIN to its limit over that at width NARROW; batches of the three distributions
-- are independent and taken together.
local function distance_ratio(at)
  if not (at and at[0] and at[NARROW] and at[MAIN]) then return end
  local batches = {}
  for i = 1, math.min(#at[0].batches, #at[NARROW].batches, #at[MAIN].batches) do
    batches[i] = { [0] = at[0].batches[i], [NARROW] = at[NARROW].batches[i], [MAIN] = at[MAIN].batches[i] }
  end
  return limn.claims.statistic(batches, function(some)
    local C = {}
    for _, n in ipairs { 0, NARROW, MAIN } do
      local hits = {}
      for i, b in ipairs(some) do hits[i] = b[n] end
      C[n] = C_of(0)(at[n], hits)
    end
    return (C[MAIN] - C[0]) / (C[NARROW] - C[0])
  end)
end

-- C of a function in one layer minus another, batch by batch.
local function difference(one, other, table_)
  if not (one and other) then return end
  local lists = { {}, {} }
  for i, law in ipairs { one, other } do
    for j, hits in ipairs(law.batches) do lists[i][j] = C_of(table_)(law, { hits }) or 0 / 0 end
  end
  return limn.claims.difference(lists[1], lists[2])
end

-- Every row: {declaration, what(laws) -> estimate, note}.
local function rows_of(grid, params)
  local list, has, k = {}, neurons.present(grid), 0
  for i = 2, 4 do k = has.inputs[i] and i or k end
  local function add(declaration, what)
    declaration.id = "A20"
    list[#list + 1] = { declaration = declaration, what = what }
  end
  for _, e in ipairs(has.layer[1] and has.width[0] and ANGLES or {}) do
    if has.inputs[e[1]] then
      add({ claim = "C in layer 1: " .. e[3], theory = -neurons.log2(e[4]), equal = { margin = 0.1 }, note = "-log2 of a solid angle" },
        function(laws) return neurons.estimate(main_of(laws, e[1], 1), C_of(e[2])) end)
    end
  end
  if has.layer[1] and has.width[0] and has.inputs[3] then -- 8, 32 and 64 functions of probability 1/24, 1/96 and 1/192
    add({ claim = "entropy of the functions in layer 1, 3 inputs", theory = neurons.log2(24 * 96 * 192) / 3, equal = { margin = 0.1 },
      note = "bits" }, function(laws) return entropy(main_of(laws, 3, 1)) end)
  end
  for inputs = 2, has.layer[1] and has.width[0] and k or 0 do
    if has.inputs[inputs] then
      add({ claim = ("functions met in layer 1, %d inputs"):format(inputs), theory = THRESHOLD[inputs], count = { margin = 0.5 },
        note = ("linear threshold functions, of %d"):format(1 << (1 << inputs)) }, function(laws) return met(main_of(laws, inputs, 1)) end)
    end
  end
  for l = 2, k > 2 and has.width[0] and LAYERS or 0 do
    if has.layer[l] then
      add({ claim = ("probability that one flipped input flips the neuron, layer %d, infinite width"):format(l),
        theory = flips_by_kernel(k, l, params), equal = { margin = 0.005 }, note = "acos(r)/pi" },
        function(laws) return neurons.estimate(laws[k] and laws[k][l] and laws[k][l][0], flips) end)
      if has.width[NARROW] and has.width[MAIN] then
        add({ claim = ("C of a constant, layer %d: distance to the limit, width %d / width %d"):format(l, MAIN, NARROW),
          theory = NARROW / MAIN, equal = { margin = 0.5, relative = true }, note = "falls as 1/n" },
          function(laws) return distance_ratio(laws[k] and laws[k][l]) end)
      end
    end
  end
  for _, l in ipairs(k > 2 and has.layer[2] and has.width[MAIN] and { 1, 3, 4 } or {}) do
    if has.layer[l] and (l > 1 or has.width[0]) then
      for _, f in ipairs { { "a constant", 0 }, { "one input", k == 4 and 0xaaaa or 0xaa } } do
        add({ claim = ("C of %s, layer %d minus layer 2, %d inputs"):format(f[1], l, k), essay = 0, equal = { margin = 0.1 },
          note = "the essay's C does not depend on the layer" },
          function(laws) return difference(main_of(laws, k, l), main_of(laws, k, 2), f[2]) end)
      end
    end
  end
  return list
end

local function claims(params, plan) return ledger_rows.declared(rows_of(plan.grid, params)) end

local function report(results, ledger)
  ledger_rows.measure(ledger, rows_of(ledger.plan.grid, ledger.params), neurons.gather(results))
end

-- ---- the figure: bars are 95 % intervals over batches --------------------------------------------------------------

local MARKS = { "circle", "osquare", "triangle", "diamond", "ocircle" }

-- The functions drawn against depth, and the smallest number of inputs at which they are.
local FOLLOWED = {
  { name = "constant", table = 0, inputs = 3 }, { name = "one input", table = 0xaaaa, inputs = 3 },
  { name = "AND of 3", table = 0x8080, inputs = 3 }, { name = "AND of 4", table = 0x8000, inputs = 4 },
  { name = "at least 3 of 4", table = 0xe880, inputs = 4 },
}

local function plot(results)
  local laws = neurons.gather(results)
  local k = laws[4] and 4 or laws[3] and 3 or 2
  local all = 1 << (1 << k)
  local fig = limn.plot.figure { rows = 1, cols = 2, size = { 6.75, 3.1 }, letters = true }
  local q = fig:panel(1, 1, { title = ("%d inputs, width %d"):format(k, MAIN), x = { label = "rank of the function", scale = "log10",
    range = { 1, all } }, y = { label = "probability", scale = "log10", range = { 1e-9, 1 } }, legend = "bottom left" })
  for l = 1, LAYERS do
    local law = main_of(laws, k, l)
    if law then
      local order, x, y, rank = neurons.cloud(law, "size"), {}, {}, 0
      table.sort(order, function(g, h) return g[2] < h[2] end)
      for _, point in ipairs(order) do
        x[#x + 1], y[#y + 1] = rank + 1, 2 ^ -point[2]
        rank = rank + point[1]
        x[#x + 1], y[#y + 1] = rank, 2 ^ -point[2]
      end
      q:line { x = x, y = y, color = l, mark = false, dash = ({ "solid", "dashed", "dotted", "dashdot" })[l],
        label = ("layer %d, at least %d hits"):format(l, LEAST) }
    end
  end
  q:line { x = { 1, all }, y = { 1 / math.log(all), 1 / (all * math.log(all)) }, color = "black", mark = false, law = true,
    dash = "long", label = "Zipf, 1/(r ln N)" }

  local s = fig:panel(1, 2, { title = ("points: width %d; lines: infinite width"):format(MAIN), x = { label = "layer of the neuron",
    range = { 0.8, LAYERS + 0.3 }, minor = false, ticks = { 1, 2, 3, 4 } }, y = { label = "C = -log2 probability (bits)",
    range = { 0, 24 } }, legend = "top left" })
  for i, f in ipairs(FOLLOWED) do
    local table_, o = f.table & (all - 1), { x = {}, y = {}, lo = {}, hi = {}, color = i, mark = MARKS[i], label = f.name }
    local x, y = {}, {}
    for l = 1, f.inputs <= k and LAYERS or 0 do
      local limit, law = laws[k] and laws[k][l] and laws[k][l][0], main_of(laws, k, l)
      local c = law and law.orbits.of[table_]
      if limit and limit.hits[limit.orbits.of[table_]] >= LEAST then x[#x + 1], y[#y + 1] = l, limit.C[limit.orbits.of[table_]] end
      if law and law.hits[c] >= LEAST then
        local interval = #law.batches > 1 and neurons.estimate(law, C_of(table_)):interval(0.95) or { law.C[c], law.C[c] }
        table.insert(o.x, l)
        table.insert(o.y, law.C[c])
        table.insert(o.lo, interval[1])
        table.insert(o.hi, interval[2])
      end
    end
    if #x > 0 then s:line { x = x, y = y, color = i, mark = false, dash = "solid", width = 0.8 } end
    if #o.x > 0 then s:errorbars(o) end
  end
  return fig
end

return limn.experiment {
  name = "neuron_complexity",
  question = "How complex are the functions computed by random neurons, and how does their complexity depend on depth?",
  params = neurons.params(),
  grid = { inputs = { 2, 3, 4 }, layer = "1:4", width = { 0, NARROW, MAIN } },
  reps = REPS,
  cost = function(point) return point.layer == 1 and 1 or point.width == 0 and 5 or point.layer * point.width / 4 end,
  measure = neurons.measure,
  claims = claims,
  report = report,
  plot = plot,
}
