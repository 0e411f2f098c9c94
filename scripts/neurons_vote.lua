-- neurons_vote.lua: how much do the neurons that compute the target contribute to the readout of a random layer?
--
-- N neurons of layer l of a random net with k input bits (weights N(0, 2/fan-in), biases N(0, 2/k)); their signs, or their
-- ReLU outputs, are the features f_i of a readout that learns the labels y on D of the 2^k inputs. Neurons are grouped by
-- the Boolean function that they compute on all inputs; p is the fraction of a group and C = -log2 p. The share of a group
-- is its part of the output along the labels, sum over the group of w_i f_i.y/D; the shares of all groups sum to 1.
--
-- Theory. Minimum norm: w = F'K^-1 y, K = F F', so that share = p y' M k^-1 y/D with k = E[f f'], M = E[f f' | group] and
-- many neurons. For signs M = y y' on the group of the target, k = (2/pi) asin(r), r the correlations of the layer by
-- limn.kernel.nngp, and
--     share = p |y|_k^2,   |y|_k^2 = y' k^-1 y: the squared norm of the labels in the space of the kernel.
-- The toy model of the essay is the case k = p yy' + (1 - p) I, where |y|_k^2 = D/(pD + 1 - p). What follows:
--   1. k - p yy' is positive, so that |y|_k^2 <= 1/p; and the norm of the restriction to fewer points is smaller: the share
--      grows with D, to p times the squared norm of the whole function.
--   2. On all inputs a parity is an eigenvector of k, with the eigenvalue 2^k E[c^2], c the Fourier coefficient of a neuron at
--      that parity: share = p/E[c^2], the part of the neurons' power at the parity that comes from those that compute it.
--   3. Bayes' rule over neurons gives the target p/P(S), P(S) the probability that a neuron has the labels. So both
--      rules multiply p: Bayes by 1/P(S), the inverse of an orthant, minimum norm by |y|_k^2, which is at most D over
--      the least eigenvalue.
--   4. Minimum L1 norm: the norm is 1, and only neurons with the signs y or -y on all D points have weights. Ties broken by the
--      least L2 norm give each of these the same weight: the share of the target is that of Bayes' rule.
-- Probabilities p and P(S) are orthants of the infinitely wide layer (limn.functions.orthant).
--
-- Margins. Shares: 20 %; the finite width changes C by about layers/width, and a group of 1500 neurons is known to 5 %. The toy law
-- is off by more wherever |y|_k^2 differs from D by more. L1: identities, to the accuracy of the solver.
--
-- Cost: two minutes on two cores. A first run, of 16 nets, left half of the rows
-- undecided; claims and margins are unchanged. Both had 2^13 points of the lattice for p in layer 1 too: an error of up to 15 %.

local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*/)" or ""
local neurons = dofile(here .. "neurons.lua")
local ledger_rows = dofile(here .. "rows.lua")

local INPUTS, LAYERS, FEW = 4, 3, 4096
local POINTS = { 4, 8, 16 } -- D, of nested sets
local ALL = 1 << INPUTS
local LEAST = 300 -- expected neurons of a group, over all replicates, for a claim

-- The targets, as functions of the bits.
local TARGETS = {
  { name = "one input", f = function(a) return a == 1 end },
  { name = "AND of 2", f = function(a, b) return a + b == 2 end },
  { name = "AND of 3", f = function(a, b, c) return a + b + c == 3 end },
  { name = "at least 3 of 4", f = function(a, b, c, d) return a + b + c + d > 2 end },
  { name = "parity of 2", f = function(a, b) return a ~= b end },
}

local X = neurons.inputs_of(INPUTS)
for _, t in ipairs(TARGETS) do
  t.y = limn.zeros(ALL)
  for v = 0, ALL - 1 do t.y:set(v + 1, t.f(v & 1, v >> 1 & 1, v >> 2 & 1, v >> 3 & 1) and 1 or -1) end
  t.pattern = limn.functions.pattern(t.y)
end

-- The order in which inputs become data points: a fixed one, so that laws are known before the measurement.
local ORDER = limn.rng.stream { seed = 26 }:permutation(ALL):totable()

-- The first D rows of a vector or matrix in that order; square: of a square matrix, rows and columns.
local function part(a, D, square)
  local rows = a:take({ table.unpack(ORDER, 1, D) })
  return square and rows:T():take({ table.unpack(ORDER, 1, D) }) or rows
end

-- ---- theory ----------------------------------------------------------------------------------------------------------------

-- Of a layer: correlations r, the kernel of signs, and for each target p, |y|_k^2 and P(S) for each D.
local function law_of(layer)
  local K = neurons.covariance(X, { inputs = INPUTS, layer = layer, weight = 2, activation = "relu" })
  local root = K:diag():sqrt()
  local k = (K / root:outer(root)):clip(-1, 1):asin() * (2 / math.pi)
  local law = { K = K, k = k }
  for i, t in ipairs(TARGETS) do
    -- layer 1 has rank 5 in 16 dimensions, where the lattice converges slowly
    local bits = limn.functions.orthant { covariance = K, signs = t.pattern, samples = layer == 1 and 1 << 16 or 1 << 13 }
    law[i] = { p = 2 ^ -bits, bits = bits, norm = {}, fits = {} }
    for j, D in ipairs(POINTS) do
      local y = part(t.y, D)
      law[i].norm[j] = y:dot((part(k, D, true):solve(y)))
      law[i].fits[j] = 2 ^ -limn.functions.orthant { covariance = part(K, D, true), signs = limn.functions.pattern(y), samples = 1 << 12 }
    end
  end
  return law
end

-- y' M k^-1 y/D of the group of each target with ReLU features on all inputs, from normal draws with the covariance K.
local function relu_factors(K)
  local values, V = K:eigh()
  local root = (V * values:maximum(0):sqrt()):T()
  local stream, k, M, hits, draws = limn.rng.stream { seed = 26, point = 2 }, 0, {}, {}, 0
  for _ = 1, 128 do
    local z = stream:normal(4096, ALL):matmul(root)
    local f, signs = z:maximum(0), z:gt(0) * 2 - 1
    k, draws = f:T():matmul(f) + k, draws + 4096
    for t, target in ipairs(TARGETS) do
      local own = signs:matmul(target.y):gt(ALL - 0.5)
      M[t], hits[t] = (f * own:reshape(4096, 1)):T():matmul(f) + (M[t] or 0), (hits[t] or 0) + own:sum()
    end
  end
  local out = {}
  for t, target in ipairs(TARGETS) do
    out[t] = target.y:dot(M[t]:matmul(((k / draws):solve(target.y)))) / hits[t] / ALL
  end
  return out
end

-- ---- one cell: a net ---------------------------------------------------------------------------------------------------------

-- The neurons in parts: values on all inputs, ALL x at most 4096 each.
local function layer_of(point, rng)
  local H, fan, parts, bias = X, INPUTS, {}, math.sqrt(2 / INPUTS)
  for _ = 1, point.layer - 1 do
    H = (H:matmul(rng:normal(fan, point.width) * math.sqrt(2 / fan)) + rng:normal(1, point.width) * bias):maximum(0)
    fan = point.width
  end
  for first = 1, point.neurons, FEW do
    local n = math.min(FEW, point.neurons - first + 1)
    parts[#parts + 1] = H:matmul(rng:normal(fan, n) * math.sqrt(2 / fan)) + rng:normal(1, n) * bias
  end
  return parts
end

-- Minimum-norm readout of features (points x neurons, in parts): contribution along y of the neurons in `groups` (masks), and the
-- number of neurons whose features are y at all points.
local function minimum_norm(features, y, groups)
  local D, K, share, fit = #y, 0, 0, 0
  for _, F in ipairs(features) do K = F:matmul(F:T()) + K end
  local dual = K:solve(y)
  for i, F in ipairs(features) do
    local along = y:matmul(F)
    share, fit = share + (dual:matmul(F) * along):dot(groups[i]) / D, fit + along:gt(D - 0.5):sum()
  end
  return share, fit
end

-- Minimum-L1 readout of signs: shares of the neurons that are y or -y on the data, and on all inputs; nil if there is none.
local function minimum_l1(signs, y, full)
  local F = part(signs, #y)
  local along = y:matmul(F):abs():gt(#y - 0.5)
  if along:sum() == 0 then return nil end
  local fit = limn.regress.l1(F, y)
  if not fit then return nil end
  local part_of = fit.weights * y:matmul(F) / #y
  local own = full:matmul(signs):abs():gt(ALL - 0.5)
  return part_of:dot(along), part_of:dot(own), own:sum() / along:sum()
end

local function measure(point, rng)
  local parts, signs, positive = layer_of(point, rng), {}, {}
  for i, z in ipairs(parts) do signs[i], positive[i] = z:gt(0) * 2 - 1, z:maximum(0) end
  local T, n = #TARGETS, #POINTS
  local out = { hits = limn.zeros(T), share = limn.zeros(T, n), fits = limn.zeros(T, n), relu = limn.zeros(T),
    l1_fit = -1, l1_tie = -1 }
  for t, target in ipairs(TARGETS) do
    local groups = {}
    for i, s in ipairs(signs) do
      groups[i] = target.y:matmul(s):gt(ALL - 0.5)
      out.hits:set(t, out.hits[t] + groups[i]:sum())
    end
    for j, D in ipairs(POINTS) do
      local F = {}
      for i, s in ipairs(signs) do F[i] = part(s, D) end
      local share, fits = minimum_norm(F, part(target.y, D), groups)
      out.share:set(t, j, share)
      out.fits:set(t, j, fits)
    end
    out.relu:set(t, (minimum_norm(positive, target.y, groups)))
    local fitting, own, tie = minimum_l1(signs[1]:slice(1, ALL, 1, math.min(FEW // 4, point.neurons)), part(target.y, 8), target.y)
    if fitting then
      out.l1_fit, out.l1_tie = math.max(out.l1_fit, math.abs(fitting - 1)), math.max(out.l1_tie, math.abs(own - tie))
    end
  end
  return out
end

-- ---- claims, declared before any cell is computed -----------------------------------------------------------------------------

-- Sum over the cells of a layer of a field at [t] or [t, j], over that of the neurons.
local function fraction(field, t, j)
  return function(cells)
    local sum = 0
    for _, row in ipairs(cells) do sum = sum + (j and row[field]:get(t, j) or row[field][t]) end
    return sum / #cells
  end
end

local laws = {}
local function law_at(layer)
  if not laws[layer] then
    laws[layer] = law_of(layer)
    laws[layer].relu = layer == 2 and relu_factors(laws[layer].K) or nil
  end
  return laws[layer]
end

local function toy(p, D) return p * D / (p * D + 1 - p) end

-- Every row: {declaration, what(cells by layer) -> estimate}.
local function rows_of(grid, params, reps)
  local list, seen = {}, {}
  local function add(claim, layer, statistic, declaration)
    declaration.id, declaration.claim = "A11", claim
    list[#list + 1] = { declaration = declaration, what = function(cells)
      local of = cells[layer]
      if not of or #of < 2 then return nil, "too few nets" end
      return limn.claims.statistic(of, statistic)
    end }
  end
  for _, layer in ipairs(grid.layer) do
    if not seen[layer] then
      seen[layer] = true
      local law = law_at(layer)
      for t, target in ipairs(TARGETS) do
        local l = law[t]
        if l.p * params.neurons * reps >= LEAST then
          local at = (", layer %d"):format(layer)
          local relative = { margin = 0.2, relative = true }
          for j, D in ipairs(POINTS) do
            if D == ALL or layer == 2 then
              add(("share of %s, D = %d%s"):format(target.name, D, at), layer, fraction("share", t, j),
                { essay = toy(l.p, D), theory = l.p * l.norm[j], equal = relative, note = ("C = %.1f; p y' k^-1 y"):format(l.bits) })
            end
          end
          if layer == 2 then
            local half, whole = fraction("share", t, 2), fraction("share", t, 3)
            add(("share at D = 16 over that at D = 8 of %s%s"):format(target.name, at), layer,
              function(cells) return whole(cells) / half(cells) end,
              { essay = toy(l.p, 16) / toy(l.p, 8), theory = l.norm[3] / l.norm[2], equal = { margin = 0.1, relative = true } })
            local hits, fits = fraction("hits", t), fraction("fits", t, 2)
            add(("Bayes' rule: mass of %s, D = 8%s"):format(target.name, at), layer, function(cells) return hits(cells) / fits(cells) end,
              { theory = l.p / l.fits[2], equal = relative, note = "p/P(S)" })
            add(("share of %s, ReLU features, D = 16%s"):format(target.name, at), layer, fraction("relu", t),
              { essay = toy(l.p, ALL), theory = l.p * law.relu[t], equal = relative, note = "p y' M k^-1 y/D" })
          end
        end
      end
    end
  end
  for key, claim in pairs { l1_fit = "minimum L1: 1 - share of the neurons with the signs y or -y on the data, largest",
    l1_tie = "minimum L1: share of the target minus its part of these neurons, largest" } do
    list[#list + 1] = { declaration = { id = "A25", claim = claim, theory = 0, bound = 1e-6 }, what = function(_, results)
      local values = {}
      for _, row in ipairs(results:rows()) do if row[key] >= 0 then values[#values + 1] = row[key] end end
      return #values > 0 and limn.claims.largest(values) or nil, "no neuron has the labels"
    end }
  end
  table.sort(list, function(a, b) return a.declaration.claim < b.declaration.claim end)
  return list
end

local function claims(params, plan) return ledger_rows.declared(rows_of(plan.grid, params, plan.reps)) end

local function by_layer(results)
  local cells = {}
  for _, row in ipairs(results:rows()) do
    cells[row.layer] = cells[row.layer] or {}
    table.insert(cells[row.layer], row)
  end
  return cells
end

local function report(results, ledger)
  local cells = by_layer(results)
  for _, r in ipairs(rows_of(ledger.plan.grid, ledger.params, ledger.plan.reps)) do
    local estimate, note = r.what(cells, results)
    ledger:measure(r.declaration.claim, estimate, { note = note })
  end
end

-- ---- the figure ----------------------------------------------------------------------------------------------------------------

local MARKS = { "ocircle", "osquare", "otriangle" }

local function plot(results)
  local cells = by_layer(results)
  local fig = limn.plot.figure { rows = 1, cols = 2, size = { 6.75, 3 }, letters = true }
  local p = fig:panel(1, 1, { title = "all 16 inputs, sign features", x = { label = "C = -log2 p (bits)", range = { 3, 16 } },
    y = { label = "share of the target's neurons", scale = "log10", range = { 1e-4, 1 } }, legend = "bottom left" })
  local x = limn.linspace(3, 16, 40)
  p:line { x = x, y = x:map(function(c) return toy(2 ^ -c, ALL) end), mark = false, color = "black", dash = "dashed", law = true,
    label = "toy law" }
  local law_x, law_y = {}, {}
  for layer = 1, LAYERS do
    if cells[layer] then
      local law, at, measured = law_at(layer), {}, {}
      for t in ipairs(TARGETS) do
        local share = fraction("share", t, #POINTS)(cells[layer])
        if share > 1e-4 then
          at[#at + 1], measured[#measured + 1] = law[t].bits, share
          law_x[#law_x + 1], law_y[#law_y + 1] = law[t].bits, law[t].p * law[t].norm[#POINTS]
        end
      end
      p:points { x = at, y = measured, color = layer, mark = MARKS[layer], label = ("layer %d"):format(layer) }
    end
  end
  p:points { x = law_x, y = law_y, color = "black", mark = "plus", size = 0.8, label = "law of the kernel" }
  local layer = cells[2] and 2 or next(cells)
  local law = law_at(layer)
  local q = fig:panel(1, 2, { title = ("layer %d"):format(layer), x = { label = "data points D", scale = "log2" },
    y = { label = "share over p", scale = "log10", range = { 1, 3e4 } }, legend = "top left" })
  q:line { x = POINTS, y = POINTS, mark = false, color = "black", dash = "dashed", law = true, label = "toy law, D" }
  for k, t in ipairs { 1, 2, 4 } do
    local inverse, measured = {}, {}
    for j in ipairs(POINTS) do
      inverse[j], measured[j] = 1 / law[t].fits[j], fraction("share", t, j)(cells[layer]) / law[t].p
    end
    q:line { x = POINTS, y = law[t].norm, color = k, mark = false, law = true, dash = "solid" }
    q:points { x = POINTS, y = measured, color = k, mark = MARKS[k], label = TARGETS[t].name }
    q:line { x = POINTS, y = inverse, color = k, mark = false, dash = "dotted", law = true, label = k == 1 and "Bayes, 1/P(S)" or nil }
  end
  return fig
end

return limn.experiment {
  name = "neurons_vote",
  question = "How much do the neurons that compute the target contribute to the readout of a random layer?",
  params = {
    layer = { default = 2, help = "layer of the neurons", min = 1, max = LAYERS },
    width = { default = 1024, help = "units of each layer below", min = 1, max = 65536 },
    neurons = { default = 32768, help = "neurons N of the layer", min = 256, max = 1 << 20 },
  },
  grid = { layer = "1:3" },
  reps = 48,
  cost = function(point) return point.layer == 1 and 0.2 or 1 end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
