-- neuron_complexity.lua: how complex are the functions computed by the neurons of a random net? C(f) = -log2 of the
-- probability that a neuron has the signs of f on all 2^k inputs of k bits; C depends on the layer of the neuron.
--
-- The essay postulates p = 2^-C for the fraction of correct neurons. Here C is measured for neurons of layer 1
-- (threshold functions of the inputs), 2, 3 and 4, at finite width and at infinite width, where a neuron is a Gaussian
-- field with the covariance limn.kernel.nngp. Weights are N(0, 2/fan-in) and biases N(0, 2/k); the bias of layer 1 thus
-- acts as one more input.
--
-- Orbits: the distribution of the weights is invariant under sign changes and permutations of the inputs. f, not f, and
-- f with inputs swapped or negated therefore have the same probability, and hits are counted per orbit (222 orbits for
-- the 65536 functions of 4 bits; one hit of a large orbit corresponds to 2^-30 per function). K(f) = -log2 of the mean
-- over the orbit of the prior 2^-length summed over the enumerated circuits (limn.programs), that is the prior with
-- randomly relabelled wires. A function without a circuit of at most `bits` bits has no K.
--
-- Theory. Layer 1: the weight vector has a uniform random direction, so 2^-C is a solid angle. 3 inputs (24-cell): 1/24
-- for a constant or an input, 1/96 for the majority, 1/192 for the other threshold functions (104 in total). 2 inputs
-- (cuboctahedron): (3 acos(1/3) - pi)/(4 pi) for AND. Layer l at infinite width: flipping one input flips the neuron
-- with probability acos(r)/pi, r the correlation by the kernel of that layer. Simplicity bias (Dingle, Camargo and
-- Louis 2018; Valle-Perez et al. 2019): Pr(f) <= 2^-(a K + b), with most of the mass near the bound. Coding theorem: K
-- <= C + O(1) for any distribution that a short program samples.
--
-- Cost: about a minute on two cores (a million neurons for each of 27 distributions); two hours with 100 times the
-- samples, which extends C by 7 bits.

local limn = require "limn"

local LEAST = 30 -- smallest number of hits of an orbit whose C enters a fit
local NEAR = 6   -- largest distance from the bound, in bits, that counts as near
local LAYERS, REPS, MAIN, NARROW = 4, 8, 32, 4
local LOG2 = 1 / math.log(2)

local function log2(x) return math.log(x) * LOG2 end

-- ---- functions and their orbits ----------------------------------------------------------------------------

-- The generators of the symmetry group, as exchanges of table entries v and v + shift (v in the mask): negation of an
-- input, transposition of two neighbouring inputs.
local function exchanges(k)
  local list = {}
  for i = 0, k - 1 do
    local negate, swap = 0, 0
    for v = 0, (1 << k) - 1 do
      negate = negate | (v >> i & 1 == 0 and 1 << v or 0)
      swap = swap | (v >> i & 3 == 1 and 1 << v or 0)
    end
    list[#list + 1] = { mask = negate, shift = 1 << i }
    if i < k - 1 then list[#list + 1] = { mask = swap, shift = 1 << i } end
  end
  return list
end

-- Fraction of the pairs of inputs at Hamming distance 1 on which the function differs.
local function sensitivity(table_, k)
  local differ = 0
  for v = 0, (1 << k) - 1 do
    for i = 0, k - 1 do differ = differ + (table_ >> v & 1 ~ table_ >> (v ~ 1 << i) & 1) end
  end
  return differ / (k << k)
end

local made = {}

-- {of = index of the orbit of each table, list = {{table=, size=, sensitivity=}, ...}} for k inputs.
local function orbits(k)
  if made[k] then return made[k] end
  local full, moves, of, list = (1 << (1 << k)) - 1, exchanges(k), {}, {}
  for t = 0, full do
    if not of[t] then
      local orbit, open = { table = t, size = 0, sensitivity = sensitivity(t, k) }, { t }
      list[#list + 1] = orbit
      of[t] = #list
      local function reach(u)
        if not of[u] then of[u], open[#open + 1] = #list, u end
      end
      while #open > 0 do
        local u = table.remove(open)
        orbit.size = orbit.size + 1
        reach(full ~ u)
        for _, m in ipairs(moves) do
          reach(u & ~(m.mask | m.mask << m.shift) | (u & m.mask) << m.shift | u >> m.shift & m.mask)
        end
      end
    end
  end
  made[k] = { of = of, list = list }
  return made[k]
end

-- K of each orbit from the circuits of at most `bits` bits (nil: none).
local function add_programs(o, k, bits)
  if o.bits == bits then return end
  local space = limn.programs.space { inputs = k, max_bits = bits }
  o.bits = bits
  for _, orbit in ipairs(o.list) do orbit.prior = 0 end
  for i = 1, space.functions do
    local f = space:get(i)
    local orbit = o.list[o.of[f.table]]
    orbit.prior = orbit.prior + f.prior / orbit.size
  end
  for _, orbit in ipairs(o.list) do orbit.K = orbit.prior > 0 and -log2(orbit.prior) or nil end
end

-- Mean over the orbit of log2 n times the number of Lempel-Ziv phrases of the table of n entries, averaged over both
-- reading directions (Dingle, Camargo and Louis 2018).
local function add_phrases(o, k)
  local n = 1 << k
  if o.list[1].phrases then return end
  for _, orbit in ipairs(o.list) do orbit.phrases = 0 end
  for t = 0, (1 << n) - 1 do
    local ahead, back = {}, {}
    for v = 0, n - 1 do ahead[v + 1], back[n - v] = t >> v & 1, t >> v & 1 end
    local orbit, both = o.list[o.of[t]], limn.maps.phrases(ahead) + limn.maps.phrases(back)
    local phrases = (t == 0 or t == (1 << n) - 1) and 1 or both / 2 -- 1 phrase for a constant
    orbit.phrases = orbit.phrases + k * phrases / orbit.size
  end
end

-- ---- one cell: a batch of neurons of one distribution --------------------------------------------------------

-- Covariance of a neuron's values on the rows of X at infinite width.
local function covariance(X, point)
  local b = point.weight / point.inputs
  if point.layer == 1 then return X:matmul(X:T()) * b + b end
  return (limn.kernel.nngp(X, nil, { depth = point.layer - 1, activation = point.activation, weight = point.weight, bias = b }))
end

-- Row v + 1: the bits of v, lowest first, as -1 and 1.
local function inputs_of(k)
  return limn.zeros(1 << k, k):map(function(_, row, i) return (row - 1 >> i - 1 & 1) * 2 - 1 end)
end

local function measure(point, rng)
  local k, layer, width = point.inputs, point.layer, point.width
  if layer == 1 and width > 0 or k == 2 and layer > 1 then return { skipped = 1 } end
  local X, n, o = inputs_of(k), 1 << k, orbits(k)
  local bit, counts = limn.zeros(n), limn.zeros(#o.list)
  for v = 1, n do bit:set(v, 2 ^ (v - 1)) end
  local function count(values) -- neurons x inputs
    local hits = {}
    for _, code in ipairs(values:gt(0):matmul(bit):totable()) do
      local c = o.of[math.tointeger(code)]
      hits[c] = (hits[c] or 0) + 1
    end
    for c, times in pairs(hits) do counts:set(c, counts[c] + times) end
  end
  if width == 0 and layer > 1 then
    local w, V = covariance(X, point):eigh()
    local root = V * w:map(function(x) return math.sqrt(math.max(x, 0)) end)
    for _ = 1, point.samples // 4096 do count(rng:normal(4096, n):matmul(root:T())) end
  else -- neurons of one net share the layers below them
    local sizes, share = { k }, layer == 1 and 1024 or 64
    for l = 2, layer do sizes[l] = width end
    sizes[#sizes + 1] = share
    local nets = limn.mlp.ensemble { sizes = sizes, activation = point.activation, count = point.samples // share,
      init = { weight = point.weight, bias = point.weight / k }, seed = rng:integer(1, 1 << 53) }
    local z = nets:forward(X)
    for i = 1, nets.count do count((nets.count == 1 and z or z[i]):T()) end
  end
  local K = covariance(X, point)
  return { skipped = 0, hits = counts, flips = math.acos(K:get(1, 2) / K:get(1, 1)) / math.pi }
end

-- ---- from batches to complexities ------------------------------------------------------------------------------

-- For each orbit: C of one of its functions (nil: no hits), the mass of the orbit, its hits.
local function complexities(law, batches)
  local C, mass, total, samples = {}, {}, {}, 0
  for _, hits in ipairs(batches or law.batches) do
    for c, times in ipairs(hits) do total[c], samples = (total[c] or 0) + times, samples + times end
  end
  for c, orbit in ipairs(law.orbits.list) do
    mass[c] = total[c] / samples
    C[c] = total[c] > 0 and log2(orbit.size) - log2(mass[c]) or nil
  end
  return C, mass, total
end

-- laws[k][layer][width] = {k=, layer=, width=, flips=, orbits=, batches = lists of hits}
local function gather(results)
  local laws, all = {}, {}
  for _, row in ipairs(results:rows()) do
    if row.skipped == 0 then
      local k = row.inputs
      laws[k] = laws[k] or {}
      laws[k][row.layer] = laws[k][row.layer] or {}
      local law = laws[k][row.layer][row.width]
      if not law then
        law = { k = k, layer = row.layer, width = row.width, flips = row.flips, orbits = orbits(k), batches = {} }
        add_programs(law.orbits, k, row.bits)
        add_phrases(law.orbits, k)
        laws[k][row.layer][row.width], all[#all + 1] = law, law
      end
      table.insert(law.batches, row.hits:totable())
    end
  end
  for _, law in ipairs(all) do law.C, law.mass, law.hits = complexities(law) end
  return laws
end

-- The distribution of a layer at the width used in the ledger.
local function main_of(laws, k, layer)
  local of_layer = laws[k] and laws[k][layer]
  return of_layer and (of_layer[layer == 1 and 0 or MAIN])
end

-- Slope of y on x, and their correlation, over points {x, y, weight}.
local function fit(points)
  local n, sx, sy, sxx, syy, sxy = 0, 0, 0, 0, 0, 0
  for _, q in ipairs(points) do
    local x, y, w = q[1], q[2], q[3]
    n, sx, sy = n + w, sx + w * x, sy + w * y
    sxx, syy, sxy = sxx + w * x * x, syy + w * y * y, sxy + w * x * y
  end
  local across, along, up = n * sxy - sx * sy, n * sxx - sx * sx, n * syy - sy * sy
  return across / along, across / math.sqrt(along * up)
end

-- {field of the orbit, C, number of functions} of the orbits with at least LEAST hits.
local function cloud(law, field, batches)
  local C, _, hits = complexities(law, batches)
  local points = {}
  for c, orbit in ipairs(law.orbits.list) do
    if orbit[field] and hits[c] >= LEAST then points[#points + 1] = { orbit[field], C[c], orbit.size } end
  end
  return points
end

-- The bound 2^-(a K + b): a fitted to the least C in each bin of 4 bits of K; b the largest with no function above.
local function bound(law, batches)
  local points, least, lowest = cloud(law, "K", batches), {}, {}
  for _, q in ipairs(points) do
    local bin = q[1] // 4
    if not least[bin] or q[2] < least[bin][2] then least[bin] = { q[1], q[2], 1 } end
  end
  for _, q in pairs(least) do lowest[#lowest + 1] = q end
  table.sort(lowest, function(q, r) return q[1] < r[1] end) -- a fixed order of summation
  local a, b = fit(lowest), math.huge
  for _, q in ipairs(points) do b = math.min(b, q[2] - a * q[1]) end
  return a, b
end

-- Functions with a K: fraction of their mass within NEAR bits of the bound; fraction of the functions further below;
-- their total mass.
local function near(law, batches)
  local a, b = bound(law, batches)
  local C, mass = complexities(law, batches)
  local inside, all, outside, functions = 0, 0, 0, 0
  for c, orbit in ipairs(law.orbits.list) do
    if orbit.K then
      local close = C[c] and C[c] - a * orbit.K - b <= NEAR
      all, functions = all + mass[c], functions + orbit.size
      inside, outside = inside + (close and mass[c] or 0), outside + (close and 0 or orbit.size)
    end
  end
  return inside / all, outside / functions, all
end

-- Means over neurons: of C, which is the entropy of the distribution; of the sensitivity.
local function mean_over(law, batches, value)
  local C, mass = complexities(law, batches)
  local sum = 0
  for c, orbit in ipairs(law.orbits.list) do sum = sum + (C[c] and mass[c] * value(orbit, C[c]) or 0) end
  return sum
end

local function entropy(law, batches) return mean_over(law, batches, function(_, C) return C end) end
local function flips(law, batches) return mean_over(law, batches, function(orbit) return orbit.sensitivity end) end

-- K - C: its mean over neurons (the divergence of the distribution from the prior), its largest value over functions,
-- and the fraction of the functions where it is positive.
local function excess(law, batches)
  local C, mass, hits = complexities(law, batches)
  local mean, most, above, seen = 0, -math.huge, 0, 0
  for c, orbit in ipairs(law.orbits.list) do
    if C[c] and orbit.K then
      mean = mean + mass[c] * (orbit.K - C[c])
      seen, above = seen + orbit.size, above + (orbit.K > C[c] and orbit.size or 0)
      if hits[c] >= LEAST then most = math.max(most, orbit.K - C[c]) end
    end
  end
  return mean, most, above / seen
end

-- ---- the ledger --------------------------------------------------------------------------------------------------

local function jackknife(law, statistic, level)
  return limn.claims.jackknife(law.batches, function(batches) return (statistic(law, batches)) end, level)
end

-- C of the function with this table.
local function complexity_of(table_)
  return function(law, batches) return complexities(law, batches)[law.orbits.of[table_]] end
end

-- The difference of a statistic between two distributions, with its interval; their batches are independent.
local function difference(law, other, statistic)
  local u, i = jackknife(law, statistic)
  local v, j = jackknife(other, statistic)
  local half = math.sqrt((i[2] - u) ^ 2 + (j[2] - v) ^ 2)
  return u - v, { u - v - half, u - v + half }
end

-- Layer 1 against closed forms; five rows at level 0.99 have the joint level 0.95.
local function exact_rows(ledger, laws)
  local triangle = (3 * math.acos(1 / 3) - math.pi) / (4 * math.pi)
  for _, e in ipairs {
    { 2, 0x0, "constant, 2 inputs", (1 - 8 * triangle) / 6 }, { 2, 0x8, "AND, 2 inputs", triangle },
    { 3, 0x00, "constant, 3 inputs", 1 / 24 }, { 3, 0xe8, "majority, 3 inputs", 1 / 96 },
    { 3, 0x80, "AND, 3 inputs", 1 / 192 } } do
    local law = main_of(laws, e[1], 1)
    if law then
      local C, interval = jackknife(law, complexity_of(e[2]), 0.99)
      ledger:row { id = "A20", claim = "C in layer 1: " .. e[3], predicted = -log2(e[4]), measured = C, interval = interval,
        note = "-log2 of a solid angle" }
    end
  end
  for k, count in ipairs { false, 14, 104, 1882 } do -- linear threshold functions of k inputs
    local law, seen = main_of(laws, k, 1), 0
    if law then
      for c, orbit in ipairs(law.orbits.list) do if law.hits[c] > 0 then seen = seen + orbit.size end end
      ledger:row { id = "A20", claim = ("distinct functions in layer 1, %d inputs"):format(k), predicted = count, measured = seen,
        note = ("of %d; the threshold functions"):format(1 << (1 << k)) }
    end
  end
end

-- The slope of the bound, and the mass near it.
local function bias_rows(ledger, law)
  local where = ("layer %d, %d inputs"):format(law.layer, law.k)
  local a, interval = jackknife(law, bound)
  local _, b = bound(law)
  local largest = 0
  for _, orbit in ipairs(law.orbits.list) do largest = math.max(largest, orbit.K or 0) end
  ledger:row { id = "A20", claim = "slope a of the bound 2^-(a K + b), " .. where, predicted = "above 0", measured = a,
    interval = interval, verdict = interval[1] > 0 and "agrees" or "disagrees",
    note = ("b = %.1f; 2^k / largest K = %.2f; coding theorem: a -> 1"):format(b, (1 << law.k) / largest) }
  local inside, within = jackknife(law, near)
  local _, outside, known = near(law)
  ledger:row { id = "A20", claim = ("mass within %d bits of the bound, %s"):format(NEAR, where), predicted = "above 0.5", measured = inside,
    interval = within, verdict = within[1] > 0.5 and "agrees" or "disagrees",
    note = ("%.0f %% of the functions are further below; the functions with a K have %.0f %% of the mass"):format(100 * outside,
      100 * known) }
end

-- Calls use(law) for every layer at the width used in the ledger.
local function each(laws, k, use)
  for l = 1, LAYERS do
    local law = main_of(laws, k, l)
    if law then use(law) end
  end
end

-- Infinite width: the effect of one flipped input; the convergence of C with width.
local function limit_rows(ledger, of_l)
  local limit, narrow, wide = of_l[0], of_l[NARROW], of_l[MAIN]
  if not limit then return end
  local measured, interval = jackknife(limit, flips)
  ledger:row { id = "A20", claim = ("probability that one flipped input flips the neuron, layer %d"):format(limit.layer),
    predicted = limit.flips, measured = measured, interval = interval, note = "acos(r)/pi; infinite width" }
  if not narrow or not wide then return end
  local far, ratio = difference(narrow, limit, complexity_of(0)), NARROW / MAIN
  local step, between = difference(wide, limit, complexity_of(0))
  local low, high = math.min(between[1] / far, between[2] / far), math.max(between[1] / far, between[2] / far)
  ledger:row { id = "A20", claim = ("C of a constant, layer %d: distance to the limit, width %d / width %d"):format(
    limit.layer, MAIN, NARROW), predicted = ratio, measured = step / far, interval = { low, high },
    verdict = low <= ratio and ratio <= high and "agrees" or "refines", note = "falls as 1/n; next order (layers/n)^2" }
end

local function report(results)
  local laws, ledger = gather(results), limn.claims.new "Complexity of the functions computed by random neurons"
  local k = laws[4] and 4 or 3
  if results:column("rep"):max() < 2 then
    print "neuron_complexity: intervals need at least two replicates (--reps 2)"
    return ledger
  end
  exact_rows(ledger, laws)
  for l = 2, LAYERS do limit_rows(ledger, laws[k] and laws[k][l] or {}) end
  each(laws, k, function(law) bias_rows(ledger, law) end)
  each(laws, 3, function(law) -- every function of 3 inputs has a K
    local mean, interval = jackknife(law, excess)
    local _, most, above = excess(law)
    ledger:row { id = "A8", claim = ("K - C, mean over neurons of layer %d, 3 inputs"):format(law.layer), predicted = "O(1)",
      measured = mean, interval = interval, verdict = mean >= 0 and "refines" or "disagrees", -- a divergence: >= 0 by definition
      note = ("K <= C + %.1f bits for every function met; C < K for %.0f %% of them"):format(most, 100 * above) }
  end)
  local second = main_of(laws, k, 2)
  each(laws, k, function(law)
    if law.layer == 2 or not second then return end
    for _, n in ipairs { { "mean C over neurons", entropy }, { "C of a constant", complexity_of(0) },
      { "C of one input", complexity_of(k == 4 and 0xaaaa or 0xaa) } } do
      local shift, interval = difference(law, second, n[2])
      ledger:row { id = "A20", claim = ("%s, layer %d minus layer 2, %d inputs"):format(n[1], law.layer, k), predicted = 0,
        measured = shift, interval = interval, verdict = (interval[1] > 0 or interval[2] < 0) and "refines" or "agrees",
        note = "0 if C did not depend on the layer" }
    end
  end)
  each(laws, k, function(law)
    local function with(field)
      return function(batches) return (select(2, fit(cloud(law, field, batches)))) end
    end
    local r, interval = limn.claims.jackknife(law.batches, with "phrases")
    ledger:row { id = "A20", claim = ("correlation of C with Lempel-Ziv complexity, layer %d, %d inputs"):format(law.layer, k),
      predicted = "above 0", measured = r, interval = interval, verdict = interval[1] > 0 and "agrees" or "disagrees",
      note = ("with K: %.2f"):format(with "K"(law.batches)) }
  end)
  ledger:print()
  return ledger
end

-- ---- the figure ----------------------------------------------------------------------------------------------------

local MARKS = { "ocircle", "square", "triangle", "diamond" }

-- The functions drawn against depth, and the smallest number of inputs at which they are.
local FOLLOWED = {
  { name = "constant", table = 0, inputs = 3 }, { name = "one input", table = 0xaaaa, inputs = 3 },
  { name = "AND of 3", table = 0x8080, inputs = 3 }, { name = "AND of 4", table = 0x8000, inputs = 4 },
  { name = "at least 3 of 4", table = 0xe880, inputs = 4 },
}

local function plot(results)
  local laws = gather(results)
  local k = laws[4] and 4 or 3
  local fig = limn.plot.figure { rows = 2, cols = 2, size = { 6.75, 5.6 }, letters = true }
  local C_LABEL = "C = -log2 probability (bits)"
  local p = fig:panel(1, 1, { x = { label = "circuit complexity K (bits)", range = { 0, 42 } },
    y = { label = C_LABEL, range = { 0, 30 } }, legend = "top left" })
  local q = fig:panel(1, 2, { x = { label = "rank of the function", scale = "log10", range = { 1, 1 << (1 << k) } },
    y = { label = "probability", scale = "log10", range = { 1e-8, 1 } }, legend = "bottom left" })
  local r = fig:panel(2, 1, { x = { label = "Lempel-Ziv complexity (bits)" }, y = { label = C_LABEL, range = { 0, 28 } },
    legend = "top left" })
  local s = fig:panel(2, 2, { x = { label = "layer of the neuron", range = { 0.8, LAYERS + 1.4 }, minor = false,
    ticks = { 1, 2, 3, 4 } }, y = { label = C_LABEL }, legend = "top left" })

  p:line { x = { 0, 30 }, y = { 0, 30 }, color = "black", mark = false, dash = "dotted", law = true, label = "C = K" }
  for l = 1, 3 do
    local law = main_of(laws, k, l)
    if law then
      local x, y, u, v = {}, {}, {}, {}
      for i, point in ipairs(cloud(law, "K")) do x[i], y[i] = point[1], point[2] end
      for i, point in ipairs(cloud(law, "phrases")) do u[i], v[i] = point[1], point[2] end
      local name, a, b = ("layer %d"):format(l), bound(law)
      p:line { x = { 0, 42 }, y = { b, 42 * a + b }, color = l, mark = false, dash = "dashed", law = true,
        label = l == 1 and "bounds" or nil }
      p:points { x = x, y = y, color = l, mark = MARKS[l], size = 1.1, label = name }
      r:points { x = u, y = v, color = l, mark = MARKS[l], size = 1.1, label = name }
    end
  end

  for l = 1, LAYERS do
    local law = main_of(laws, k, l)
    if law then
      local order, x, y, rank = cloud(law, "size"), {}, {}, 0
      table.sort(order, function(g, h) return g[2] < h[2] end)
      for _, point in ipairs(order) do
        x[#x + 1], y[#y + 1] = rank + 1, 2 ^ -point[2]
        rank = rank + point[1]
        x[#x + 1], y[#y + 1] = rank, 2 ^ -point[2]
      end
      q:line { x = x, y = y, color = l, mark = false, dash = "solid", label = ("layer %d"):format(l) }
    end
  end
  local all = 1 << (1 << k)
  q:line { x = { 1, all }, y = { 1 / math.log(all), 1 / (all * math.log(all)) }, color = "black", mark = false, law = true,
    dash = "dotted", label = "Zipf, 1/(r ln N)" }

  for i, f in ipairs(FOLLOWED) do
    local c, x, y, u, v = orbits(k).of[f.table & (all - 1)], {}, {}, {}, {}
    for l = 1, f.inputs <= k and LAYERS or 0 do
      local limit, law = laws[k] and laws[k][l] and laws[k][l][0], main_of(laws, k, l)
      if limit and limit.hits[c] >= LEAST then x[#x + 1], y[#y + 1] = l, limit.C[c] end
      if law and law.hits[c] >= LEAST then u[#u + 1], v[#v + 1] = l, law.C[c] end
    end
    if #x > 0 then
      s:line { x = x, y = y, color = i, mark = false, dash = "solid", width = 0.8, label = i == 1 and "infinite width" or nil }
      s:text { x = LAYERS + 0.15, y = y[#y], text = f.name, color = i, size = 7 }
    end
    if #u > 0 then
      s:points { x = u, y = v, color = i, mark = "circle", size = 1.1, label = i == 1 and ("width %d"):format(MAIN) or nil }
    end
  end
  return fig
end

return limn.experiment {
  name = "neuron_complexity",
  question = "How complex are the functions computed by random neurons, and how does their complexity depend on depth?",
  params = {
    inputs = { default = 4, help = "number of input bits k", min = 2, max = 4 },
    layer = { default = 2, help = "layer of the neuron", min = 1, max = LAYERS },
    width = { default = MAIN, help = "units per layer below; 0: infinite width", min = 0, max = 4096 },
    samples = { default = 1 << 17, help = "neurons per batch", min = 4096, max = 1 << 24 },
    activation = { default = "relu", help = "relu, tanh, erf, gelu, sin or linear" },
    weight = { default = 2.0, help = "variance of the weights, times fan-in", min = 0.01, max = 100 },
    bits = { default = 40, help = "largest code length of a circuit, bits", min = 20, max = 44 },
  },
  grid = { inputs = { 2, 3, 4 }, layer = "1:4", width = { 0, NARROW, MAIN } },
  reps = REPS,
  cost = function(point) return point.layer == 1 and 1 or point.width == 0 and 5 or point.layer * point.width / 4 end,
  measure = measure,
  report = report,
  plot = plot,
}
