-- mlp_reference_spec.lua: trainers whose steps are made in Lua against a net in plain Lua tables: Gauss-Newton, losses that
-- are functions with every optimiser and penalty, Hamiltonian Monte Carlo. (tests/c/mlp/test_mlp_reference.c has the others.)
local lu = require "luaunit"
local limn = require "limn"
local mlp = limn.mlp


local POINTS = 5
local X, Y = limn.rng.stream(21):normal(POINTS, 3), limn.rng.stream(22):normal(POINTS)
local x, y = X:totable(), Y:totable()

-- ---- a net in plain Lua: layers {W = {row of each unit}, b =, m =, mb =, deviation, rates} ---------------------------------

local function plain(net, member)
  local layers = net:parameters { member = member }
  for _, layer in ipairs(layers) do
    layer.W, layer.b = layer.weights:totable(), layer.bias:totable()
    if type(layer.W[1]) ~= "table" then layer.W = { layer.W } end
    layer.m, layer.mb = layer.multiplier, layer.bias_multiplier
  end
  return layers
end

-- The output at one point, and the activations of each layer's inputs (units: tanh).
local function forward(layers, point)
  local a, inputs = point, {}
  for l, layer in ipairs(layers) do
    inputs[l] = a
    local next = {}
    for o, row in ipairs(layer.W) do
      local sum = 0
      for i, w in ipairs(row) do sum = sum + w * a[i] end
      sum = layer.m * sum + layer.mb * layer.b[o]
      next[o] = l < #layers and math.exp(2 * sum) or sum
      if l < #layers then next[o] = (next[o] - 1) / (next[o] + 1) end
    end
    a = next
  end
  return a[1], inputs
end

-- Adds `by` times the derivatives of the output at one point to g[l] = {W =, b =}.
local function add_gradient(layers, point, by, g)
  local _, inputs = forward(layers, point)
  local d = { by }
  for l = #layers, 1, -1 do
    local layer, below = layers[l], {}
    for o, row in ipairs(layer.W) do
      g[l].b[o] = g[l].b[o] + layer.mb * d[o]
      for i in ipairs(row) do
        g[l].W[o][i] = g[l].W[o][i] + layer.m * d[o] * inputs[l][i]
        below[i] = (below[i] or 0) + layer.m * row[i] * d[o] * (1 - inputs[l][i] ^ 2)
      end
    end
    d = below
  end
end

local function zeros(layers)
  local g = {}
  for l, layer in ipairs(layers) do
    g[l] = { W = {}, b = {} }
    for o, row in ipairs(layer.W) do
      g[l].W[o], g[l].b[o] = {}, 0
      for i in ipairs(row) do g[l].W[o][i] = 0 end
    end
  end
  return g
end

-- Calls f(list, index, layer, whether it is a bias, unit) for each parameter, which is list[index].
local function each(layers, f)
  for l, layer in ipairs(layers) do
    for o, row in ipairs(layer.W) do
      for i in ipairs(row) do f(row, i, l, false, o) end
    end
    for o in ipairs(layer.b) do f(layer.b, o, l, true, o) end
  end
end

local function entry(g, l, bias, o, i)
  if bias then return g[l].b[o] end
  return g[l].W[o][i]
end

local function same(net, member, layers, tolerance, what)
  for l, layer in ipairs(net:parameters { member = member }) do
    local far = math.max((layer.weights - limn.array(layers[l].W)):abs():max(), (layer.bias - limn.array(layers[l].b)):abs():max())
    lu.assertTrue(far < tolerance, ("%s, layer %d: off by %g"):format(what, l, far))
  end
end

local function moved(net, before)
  return (net:forward(X) - before:forward(X)):abs():max() > 1e-3
end

-- Solves A z = b by elimination with pivots.
local function solve(A, b)
  local n, z = #b, {}
  for k = 1, n do
    local best = k
    for i = k, n do if math.abs(A[i][k]) > math.abs(A[best][k]) then best = i end end
    A[k], A[best], b[k], b[best] = A[best], A[k], b[best], b[k]
    for i = k + 1, n do
      local f = A[i][k] / A[k][k]
      for j = k, n do A[i][j] = A[i][j] - f * A[k][j] end
      b[i] = b[i] - f * b[k]
    end
  end
  for i = n, 1, -1 do
    local sum = b[i]
    for j = i + 1, n do sum = sum - A[i][j] * z[j] end
    z[i] = sum / A[i][i]
  end
  return z
end

TestReference = {}

-- (J R J' + damping mean(diag) I) a = f - y, w -= rate R J' a, R the factors of the rates.
function TestReference:test_gauss_newton()
  for _, param in ipairs { "standard", "ntk", "mup" } do
    local nets = mlp.new { sizes = { 3, 4, 3, 1 }, activation = "tanh", param = param, init = { weight = 1.2, bias = 0.2 }, count = 2 }
    local before, layers = nets:copy(), plain(nets, 2)
    local rates, damping, rate = { 1, 0.5, 2 }, 0.01, 0.7
    for _ = 1, 3 do
      local J, K, miss, trace = {}, {}, {}, 0
      for p = 1, POINTS do
        J[p] = zeros(layers)
        add_gradient(layers, x[p], 1, J[p])
        miss[p] = forward(layers, x[p]) - y[p]
      end
      for p = 1, POINTS do
        K[p] = {}
        for q = 1, POINTS do
          local sum = 0
          each(layers, function(_, i, l, bias, o)
            sum = sum + rates[l] * layers[l].rate * entry(J[p], l, bias, o, i) * entry(J[q], l, bias, o, i)
          end)
          K[p][q] = sum
        end
        trace = trace + K[p][p]
      end
      for p = 1, POINTS do K[p][p] = K[p][p] + damping * trace / POINTS end
      local a = solve(K, miss)
      each(layers, function(list, i, l, bias, o)
        for p = 1, POINTS do
          list[i] = list[i] - rate * rates[l] * layers[l].rate * entry(J[p], l, bias, o, i) * a[p]
        end
      end)
    end
    nets:train(X, Y, { optimizer = "gauss_newton", rate = rate, rates = rates, damping = damping, steps = 3, tol = -1 })
    same(nets, 2, layers, 1e-10, param)
    lu.assertTrue(moved(nets:member(2), before:member(2)))
  end
end

local function sign(a) return a > 0 and 1 or a < 0 and -1 or 0 end
local function shrink(w, by) return sign(w) * math.max(math.abs(w) - by, 0) end

-- One step of each optimiser by the gradient g, with constants c and state s, from the weight w: the formulas at the top
-- of src/num/mlp/reference.c.
local STEP = {
  gd = function(g, c) return shrink(c.kept - c.eta * g, c.eta * c.l1) end,
  momentum = function(g, c, s)
    local u = 0.8 * s.u + g
    local next = shrink(c.kept - c.eta * u, c.eta * c.l1)
    s.u = (c.kept - next) / c.eta
    return next
  end,
  nesterov = function(g, c, s, w)
    local from, to = w + c.eta * 0.8 * s.u, shrink(w - c.eta * g, c.eta * c.l1)
    s.u = (from - to) / c.eta
    return to - c.eta * 0.8 * s.u + (c.kept - w)
  end,
  adam = function(g, c, s)
    s.u, s.v = 0.8 * s.u + 0.2 * g, 0.9 * s.v + 0.1 * g * g
    local eta = c.eta / (math.sqrt(s.v / (1 - 0.9 ^ c.t)) + c.l1 + c.epsilon)
    return shrink(c.kept - eta * s.u / (1 - 0.8 ^ c.t), eta * c.l1)
  end,
  sign = function(g, c)
    local eta = c.eta / (math.abs(g) + c.l1)
    return shrink(c.kept - eta * g, eta * c.l1)
  end,
  lion = function(g, c, s)
    local move = 0.8 * s.u + 0.2 * g
    s.u = 0.9 * s.u + 0.1 * g
    local eta = c.eta / (math.abs(move) + c.l1)
    return shrink(c.kept - eta * move, eta * c.l1)
  end,
}

-- A loss that no built-in one is: 3 for f above y and 1 below, rounded off, and products of neighbouring outputs.
local function gradient_of(f)
  local value, g = 0, {}
  for p = 1, POINTS do
    local miss, q = f[p] - y[p], p % POINTS + 1
    local slope = miss > 0 and 3 or 1
    value = value + slope * (math.sqrt(1 + miss ^ 2) - 1) + 0.1 * f[p] * f[q]
    g[p] = (g[p] or 0) + slope * miss / math.sqrt(1 + miss ^ 2) + 0.1 * f[q]
    g[q] = (g[q] or 0) + 0.1 * f[p]
  end
  return value, g
end

local function loss(f)
  local value, g = gradient_of(f:totable())
  return value, limn.array(g)
end

function TestReference:test_losses_that_are_functions()
  for optimizer, step in pairs(STEP) do
    for _, param in ipairs { "standard", "ntk", "mup" } do
      for _, penalty in ipairs { {}, { l1 = 0.05 }, { l2 = 0.1, decay = 0.3 }, { l1 = 0.03, l2 = 0.1, decay = 0.2 } } do
        local what = ("%s, %s, l1 %s, l2 %s"):format(optimizer, param, penalty.l1, penalty.l2)
        local unit = optimizer == "adam" or optimizer == "sign" or optimizer == "lion"
        local nets = mlp.new { sizes = { 3, 4, 3, 1 }, activation = "tanh", param = param, init = { weight = 1.2, bias = 0.2 },
          count = 2 }
        local before, layers, state = nets:copy(), plain(nets, 2), {}
        local rate, momentum = unit and 0.01 or 0.02, optimizer ~= "gd" and optimizer ~= "sign" and 0.8 or nil
        for t = 1, 6 do
          local g, f = zeros(layers), {}
          for p = 1, POINTS do f[p] = forward(layers, x[p]) end
          local _, slopes = gradient_of(f)
          for p = 1, POINTS do add_gradient(layers, x[p], slopes[p], g) end
          each(layers, function(list, i, l, bias, o)
            local layer, w = layers[l], list[i]
            state[l] = state[l] or {}
            local key = (bias and "b" or o .. ",") .. i
            local s = state[l][key] or { u = 0, v = 0 }
            state[l][key] = s
            local factor = not unit and layer.rate or bias and layer.unit_bias_rate or layer.unit_rate
            local c = { t = t, eta = rate * factor, l1 = bias and 0 or penalty.l1 or 0,
              kept = bias and w or w * (1 - rate * (penalty.decay or 0)),
              epsilon = 0.01 * (bias and layer.bias_gradient or layer.gradient) }
            list[i] = step(entry(g, l, bias, o, i) + (bias and 0 or penalty.l2 or 0) * w, c, s, w)
          end)
        end
        local o = { loss = loss, optimizer = optimizer, rate = rate, momentum = momentum, steps = 6, l1 = penalty.l1, l2 = penalty.l2,
          decay = penalty.decay }
        if optimizer == "adam" or optimizer == "lion" then o.beta2 = 0.9 end
        if optimizer == "adam" then o.epsilon = 0.01 end
        nets:train(X, Y, o)
        same(nets, 2, layers, 1e-10, what)
        lu.assertTrue(moved(nets:member(2), before:member(2)), what)
      end
    end
  end
end

-- Paths without a warm-up: a number of leapfrog steps, momenta, and a uniform number for the acceptance, in this order from
-- the stream of the chain.
function TestReference:test_hamiltonian_monte_carlo()
  for _, param in ipairs { "standard", "ntk" } do
    local nets = mlp.new { sizes = { 3, 4, 1 }, activation = "tanh", param = param, init = { weight = 1.2, bias = 0.4 }, count = 2 }
    local layers, temperature, rate, accepted = plain(nets, 2), 0.05, 0.35, 0
    local stream = limn.rng.stream { seed = 5, point = 2 }
    local function deviation(l, bias) return bias and layers[l].bias_deviation or layers[l].deviation end
    local function energy(p)
      local sum = 0
      for q = 1, POINTS do sum = sum + (forward(layers, x[q]) - y[q]) ^ 2 / 2 / POINTS / temperature end
      each(layers, function(list, i, l, bias) sum = sum + (list[i] / deviation(l, bias)) ^ 2 / 2 end)
      for _, v in pairs(p) do sum = sum + v ^ 2 / 2 end
      return sum
    end
    local function kick(p, by)
      local g, k = zeros(layers), 0
      for q = 1, POINTS do add_gradient(layers, x[q], (forward(layers, x[q]) - y[q]) / POINTS, g) end
      each(layers, function(list, i, l, bias, o)
        k = k + 1
        local s = deviation(l, bias)
        p[k] = p[k] - by * (list[i] / s + entry(g, l, bias, o, i) * s / temperature)
      end)
    end
    for _ = 1, 30 do
      local steps, p, k, start = stream:integer(3, 5), {}, 0, {}
      for _, layer in ipairs(layers) do
        for _, v in ipairs(stream:normal(#layer.W * #layer.W[1]):totable()) do p[#p + 1] = v end
        for _, v in ipairs(stream:normal(#layer.b):totable()) do p[#p + 1] = v end
      end
      each(layers, function(list, i) start[#start + 1] = list[i] end)
      local before = energy(p)
      kick(p, rate / 2)
      for step = 1, steps do
        k = 0
        each(layers, function(list, i, l, bias)
          k = k + 1
          list[i] = list[i] + rate * p[k] * deviation(l, bias)
        end)
        kick(p, step < steps and rate or rate / 2)
      end
      if stream:uniform() < math.min(1, math.exp(before - energy(p))) then
        accepted = accepted + 1
      else
        k = 0
        each(layers, function(list, i)
          k = k + 1
          list[i] = start[k]
        end)
      end
    end
    nets:sample(X, Y, { temperature = temperature, rate = rate, warmup = 0, leapfrog = 5, samples = 30, seed = 5 })
    same(nets, 2, layers, 1e-9, param)
    lu.assertTrue(accepted > 5 and accepted < 30, accepted)
  end
end

os.exit(lu.LuaUnit.run())
