-- neurons.lua: what neuron_complexity.lua and simplicity_bias.lua share: batches of random neurons, the functions that they
-- compute, and the symmetry orbits of these functions. Not an experiment.
--
-- A neuron of layer l of a random net with k input bits computes a Boolean function, the signs of its values on all 2^k
-- inputs. Weights are N(0, weight/fan-in) and biases N(0, weight/k); the bias of layer 1 thus acts as one more input. At
-- infinite width a neuron is a Gaussian field with the covariance limn.kernel.nngp.
--
-- Orbits: the distribution of the weights is invariant under sign changes and permutations of the inputs. f, not f, and
-- f with inputs swapped or negated therefore have the same probability, and hits are counted per orbit (222 orbits for
-- the 65536 functions of 4 bits; one hit of a large orbit corresponds to 2^-30 per function).

local limn = require "limn"

local neurons = {
  LEAST = 30, -- smallest number of hits of an orbit whose C enters a fit
  LAYERS = 4, -- deepest layer
  MAIN = 32,  -- width of the distributions in ledgers
}
local LEAST, LAYERS, MAIN, LOG2 = neurons.LEAST, neurons.LAYERS, neurons.MAIN, 1 / math.log(2)

function neurons.log2(x) return math.log(x) * LOG2 end

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
function neurons.orbits(k)
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

-- ---- one cell: a batch of neurons of one distribution --------------------------------------------------------

-- Row v + 1: the bits of v, lowest first, as -1 and 1.
function neurons.inputs_of(k)
  return limn.zeros(1 << k, k):map_indexed(function(_, row, i) return (row - 1 >> i - 1 & 1) * 2 - 1 end)
end

-- Covariance of a neuron's values on the rows of X at infinite width.
function neurons.covariance(X, point)
  local b = point.weight / point.inputs
  if point.layer == 1 then return X:matmul(X:T()) * b + b end
  return (limn.kernel.nngp(X, nil, { depth = point.layer - 1, activation = point.activation, weight = point.weight, bias = b }))
end

function neurons.measure(point, rng)
  local k, layer, width = point.inputs, point.layer, point.width
  if layer == 1 and width > 0 or k == 2 and layer > 1 then return { skipped = 1 } end
  local X, n, o = neurons.inputs_of(k), 1 << k, neurons.orbits(k)
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
    local w, V = neurons.covariance(X, point):eigh()
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
  return { skipped = 0, hits = counts }
end

-- ---- from batches to complexities ------------------------------------------------------------------------------

-- For each orbit: C of one of its functions (nil: no hits), the mass of the orbit, its hits.
function neurons.complexities(law, batches)
  local C, mass, total, samples = {}, {}, {}, 0
  for _, hits in ipairs(batches or law.batches) do
    for c, times in ipairs(hits) do total[c], samples = (total[c] or 0) + times, samples + times end
  end
  for c, orbit in ipairs(law.orbits.list) do
    mass[c] = total[c] / samples
    C[c] = total[c] > 0 and neurons.log2(orbit.size) - neurons.log2(mass[c]) or nil
  end
  return C, mass, total
end

-- laws[k][layer][width] = {k=, layer=, width=, orbits=, batches = lists of hits}; prepare(orbits, row): called before the
-- batches of a distribution are counted.
function neurons.gather(results, prepare)
  local laws, all = {}, {}
  for _, row in ipairs(results:rows()) do
    if row.skipped == 0 then
      local k = row.inputs
      laws[k] = laws[k] or {}
      laws[k][row.layer] = laws[k][row.layer] or {}
      local law = laws[k][row.layer][row.width]
      if not law then
        law = { k = k, layer = row.layer, width = row.width, orbits = neurons.orbits(k), batches = {} }
        if prepare then prepare(law.orbits, row) end
        laws[k][row.layer][row.width], all[#all + 1] = law, law
      end
      table.insert(law.batches, row.hits:totable())
    end
  end
  for _, law in ipairs(all) do law.C, law.mass, law.hits = neurons.complexities(law) end
  return laws
end

-- The distribution of a layer at the width used in ledgers.
function neurons.main_of(laws, k, layer)
  local of_layer = laws[k] and laws[k][layer]
  return of_layer and (of_layer[layer == 1 and 0 or MAIN])
end

-- A statistic of a distribution, statistic(law, batches), with its interval over batches.
function neurons.estimate(law, statistic)
  return law and limn.claims.statistic(law.batches, function(batches) return (statistic(law, batches)) end) or nil
end

-- The statistic C of the function with this table.
function neurons.complexity_of(table_)
  return function(law, batches) return neurons.complexities(law, batches)[law.orbits.of[table_]] end
end

-- The values of each parameter in a table of results, and whether each occurs: { inputs = {[3] = true, ...}, ... }.
function neurons.present(grid)
  local has = {}
  for _, name in ipairs { "inputs", "layer", "width" } do
    has[name] = {}
    for _, v in ipairs(grid[name]) do has[name][v] = true end
  end
  return has
end

-- The grid of a table of results.
function neurons.grid_of(results)
  local grid = { inputs = {}, layer = {}, width = {} }
  for _, row in ipairs(results:rows()) do
    for name, list in pairs(grid) do list[#list + 1] = row[name] end
  end
  return grid, results:rows()[1]
end

-- {field of the orbit, C, number of functions} of the orbits with at least LEAST hits.
function neurons.cloud(law, field, batches)
  local C, _, hits = neurons.complexities(law, batches)
  local points = {}
  for c, orbit in ipairs(law.orbits.list) do
    if orbit[field] and hits[c] >= LEAST then points[#points + 1] = { orbit[field], C[c], orbit.size } end
  end
  return points
end

-- Parameters of both experiments; `more`: another one.
function neurons.params(more)
  local list = {
    inputs = { default = 4, help = "number of input bits k", min = 2, max = 4 },
    layer = { default = 2, help = "layer of the neuron", min = 1, max = LAYERS },
    width = { default = MAIN, help = "units per layer below; 0: infinite width", min = 0, max = 4096 },
    samples = { default = 1 << 17, help = "neurons per batch", min = 4096, max = 1 << 24 },
    activation = { default = "relu", help = "relu, tanh, erf, gelu, sin or linear" },
    weight = { default = 2.0, help = "variance of the weights, times fan-in", min = 0.01, max = 100 },
  }
  for name, rule in pairs(more or {}) do list[name] = rule end
  return list
end

return neurons
