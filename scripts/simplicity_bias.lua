-- simplicity_bias.lua: are the functions that random neurons compute often those with short programs? C(f) = -log2 of the
-- probability that a neuron of layer l computes f (neuron_complexity.lua); K(f) = -log2 of the mean over the symmetry orbit
-- of f of the prior 2^-length summed over the enumerated circuits (limn.programs), that is the prior with randomly
-- relabelled wires. A function without a circuit of at most `bits` bits has no K.
--
-- Theory. Simplicity bias (Dingle, Camargo and Louis 2018; Valle-Perez et al. 2019): Pr(f) <= 2^-(a K + b), with most of
-- the mass near the bound. The unit of K is a bit of code of one machine, so that a itself says nothing; that it is
-- positive does. Coding theorem: K <= C + O(1) for any distribution that a short program samples; the mean of K - C over
-- neurons is a divergence and cannot be below 0, so the rows on it describe the constant. Circuits have a prefix code:
-- their 2^-length add up to at most 1.
--
-- One-sided tests against 0 (slope, correlation) and 1/2 (mass): a and the correlations are 0 if neurons had no bias.
--
-- Cost: half a minute on two cores, most of it for the enumeration of circuits and for their Lempel-Ziv complexities.

local limn = require "limn"
local neurons = dofile((debug.getinfo(1, "S").source:match "^@(.*/)" or "") .. "neurons.lua")
local ledger_rows = dofile((debug.getinfo(1, "S").source:match "^@(.*/)" or "") .. "rows.lua")

local NEAR = 6 -- largest distance from the bound, in bits, that counts as near
local LEAST, LAYERS, MAIN = neurons.LEAST, neurons.LAYERS, neurons.MAIN
local log2, complexities, cloud, main_of = neurons.log2, neurons.complexities, neurons.cloud, neurons.main_of

-- ---- complexities of functions -----------------------------------------------------------------------------------

-- K of each orbit from the circuits of at most `bits` bits (nil: none).
local function add_programs(o, k, bits)
  if o.bits == bits then return end
  local space = limn.programs.space { inputs = k, max_bits = bits }
  o.bits, o.kraft = bits, space.kraft
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

local function gather(results)
  return neurons.gather(results, function(o, row)
    add_programs(o, row.inputs, row.bits)
    add_phrases(o, row.inputs)
  end)
end

-- ---- statistics of a distribution ----------------------------------------------------------------------------------

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

-- Mean over neurons of K - C: the divergence of the distribution from the prior, never below 0; K - C where it is largest.
local function excess(law, batches)
  local C, mass, hits = complexities(law, batches)
  local mean, most = 0, -math.huge
  for c, orbit in ipairs(law.orbits.list) do
    if C[c] and orbit.K then
      mean = mean + mass[c] * (orbit.K - C[c])
      if hits[c] >= LEAST then most = math.max(most, orbit.K - C[c]) end
    end
  end
  return mean, most
end

-- Correlation of C with the Lempel-Ziv complexity.
local function correlation(law, batches) return (select(2, fit(cloud(law, "phrases", batches)))) end

-- ---- the ledger --------------------------------------------------------------------------------------------------

-- Every row: {declaration, what(laws) -> estimate, note}.
local function rows_of(grid)
  local list, has = {}, neurons.present(grid)
  local k = has.inputs[4] and 4 or 3
  local function add(id, inputs, l, claim, declaration, statistic, note)
    declaration.id, declaration.claim = id, ("%s, layer %d, %d inputs"):format(claim, l, inputs)
    list[#list + 1] = { declaration = declaration, what = function(laws)
      local law = main_of(laws, inputs, l)
      return neurons.estimate(law, statistic), law and note and note(law)
    end }
  end
  for l = 1, LAYERS do
    if has.layer[l] and has.width[l == 1 and 0 or MAIN] then
      add("A20", k, l, "slope a of the bound 2^-(a K + b)", { theory = 0, above = true }, bound,
        function(law) return ("b = %.1f"):format((select(2, bound(law)))) end)
      if l > 1 then -- in layer 1 all of it, at any number of neurons
        add("A20", k, l, ("fraction of the mass within %d bits of the bound"):format(NEAR), { theory = 0.5, above = true }, near,
          function(law)
            local _, outside, known = near(law)
            return ("%.0f %% of the functions are further below; functions with a K: %.0f %% of the mass"):format(100 * outside,
              100 * known)
          end)
      end
      add("A20", k, l, "correlation of C with Lempel-Ziv complexity", { theory = 0, above = true }, correlation)
      if has.inputs[3] then -- every function of 3 inputs has a K
        add("A8", 3, l, "K - C, mean over neurons", { describe = true, note = "a divergence: at least 0" }, excess,
          function(law) return ("K <= C + %.1f bits"):format((select(2, excess(law)))) end)
      end
    end
  end
  for i = 3, 4 do
    if has.inputs[i] then
      list[#list + 1] = { declaration = { id = "A20", claim = ("sum of 2^-length over the circuits on %d inputs"):format(i), theory = 1,
        below = 1 + 1e-9, note = "a prefix code" }, what = function(laws)
        local of_layer = laws[i] and select(2, next(laws[i]))
        local law = of_layer and select(2, next(of_layer))
        return law and limn.claims.exact(law.orbits.kraft)
      end }
    end
  end
  return list
end

local function claims(_, plan) return ledger_rows.declared(rows_of(plan.grid)) end

local function report(results, ledger)
  ledger_rows.measure(ledger, rows_of(ledger.plan.grid), gather(results))
end

-- ---- the figure: one point for each orbit; the standard error of C is below 0.27 bits at LEAST hits ------------------

local MARKS = { "ocircle", "square", "triangle", "diamond" }

local function plot(results)
  local laws = gather(results)
  local k = laws[4] and 4 or 3
  local fig = limn.plot.figure { rows = 1, cols = 2, size = { 6.75, 3.2 }, letters = true }
  local C_LABEL = "C = -log2 probability (bits)"
  local p = fig:panel(1, 1, { title = ("%d inputs"):format(k), x = { label = "circuit complexity K (bits)", range = { 0, 42 } },
    y = { label = C_LABEL, range = { 0, 40 } }, legend = "top left" })
  local r = fig:panel(1, 2, { title = ("%d inputs, at least %d hits"):format(k, LEAST), x = { label = "Lempel-Ziv complexity (bits)" },
    y = { label = C_LABEL, range = { 0, 40 } }, legend = "top left" })
  p:line { x = { 0, 36 }, y = { 0, 36 }, color = "black", mark = false, dash = "dotted", law = true, label = "C = K" }
  for l = 1, LAYERS - 1 do
    local law = main_of(laws, k, l)
    if law then
      local x, y, u, v = {}, {}, {}, {}
      for i, point in ipairs(cloud(law, "K")) do x[i], y[i] = point[1], point[2] end
      for i, point in ipairs(cloud(law, "phrases")) do u[i], v[i] = point[1], point[2] end
      local name, a, b = ("layer %d"):format(l), bound(law)
      p:line { x = { 0, 42 }, y = { b, 42 * a + b }, color = l, mark = false, dash = "dashed", law = true,
        label = l == 1 and "bounds a K + b" or nil }
      p:points { x = x, y = y, color = l, mark = MARKS[l], size = 1.3, label = name }
      r:points { x = u, y = v, color = l, mark = MARKS[l], size = 1.3, label = name }
    end
  end
  return fig
end

return limn.experiment {
  name = "simplicity_bias",
  question = "Are the functions that random neurons compute often those with short programs?",
  params = neurons.params { bits = { default = 40, help = "largest code length of a circuit, bits", min = 20, max = 44 } },
  grid = { inputs = { 3, 4 }, layer = "1:4", width = { 0, MAIN } },
  reps = 12,
  cost = function(point) return point.layer * (1 + point.width) end,
  measure = function(point, rng)
    if point.width == 0 and point.layer > 1 then return { skipped = 1 } end -- infinite width: neuron_complexity.lua
    return neurons.measure(point, rng)
  end,
  claims = claims,
  report = report,
  plot = plot,
}
