-- kernel_nets_spec.lua: infinite-width kernels compared with wide nets: covariance and tangent kernel of untrained
-- nets; mean, variance and training dynamics of trained ones; each within stated standard errors.
-- stock: yes
-- slow: 4 s
-- isa: yes
local lu = require "luaunit"
local limn = require "limn"
local kernel = limn.kernel

local SEED = tonumber(os.getenv "LIMN_TEST_SEED") or os.time()
print("LIMN_TEST_SEED=" .. SEED)

-- Some 400 numbers are compared: 5 standard errors leave one false alarm in 4000 runs.
local ERRORS = 5

local X = limn.array { { 1, 0.5 }, { -0.6, 1.2 }, { -1, -0.45 }, { 0.3, -0.2 } }

-- Mean and standard error of a list.
local function mean(list)
  local n, sum, square = #list, 0, 0
  for _, v in ipairs(list) do sum = sum + v end
  for _, v in ipairs(list) do square = square + (v - sum / n) ^ 2 end
  return sum / n, math.sqrt(square / (n - 1) / n)
end

-- slack: what a finite width may add to ERRORS standard errors.
local function within(list, want, slack, what)
  local m, error = mean(list)
  lu.assertTrue(math.abs(m - want) <= ERRORS * error + slack,
    ("%s: nets %.6g +- %.2g, kernel %.6g"):format(what, m, error, want))
end

TestNets = {} -- luacheck: ignore

-- One hidden layer: the mean over nets is the kernel at any width. Two: up to O(1/width).
function TestNets:test_start()
  for _, activation in ipairs { "relu", "erf", "tanh", "gelu", "sin", "linear" } do
    for depth = 1, 2 do
      local sizes = depth == 1 and { 2, 64, 1 } or { 2, 128, 128, 1 }
      local o = { activation = activation, depth = depth, weight = 1.6, bias = 0.2 }
      local nets = limn.mlp.ensemble { sizes = sizes, activation = activation, init = { weight = 1.6, bias = 0.2 },
        param = "ntk", count = depth == 1 and 1200 or 500, seed = SEED }
      local K, T = kernel.both(X, nil, o)
      local f, products, tangents = nets:forward(X):totable(), {}, {}
      for i = 1, 4 do
        for j = i, 4 do products[i * 4 + j], tangents[i * 4 + j] = {}, {} end
      end
      for r = 1, nets.count do
        local t = r % 4 == 0 and nets:kernel(X, { member = r }).total
        for i = 1, 4 do
          for j = i, 4 do
            table.insert(products[i * 4 + j], f[r][i] * f[r][j])
            if t then table.insert(tangents[i * 4 + j], t:get(i, j)) end
          end
        end
      end
      for i = 1, 4 do
        for j = i, 4 do
          local what = ("%s, depth %d, points %d and %d"):format(activation, depth, i, j)
          local slack = depth == 1 and 0 or 0.02
          within(products[i * 4 + j], K:get(i, j), slack * math.sqrt(K:get(i, i) * K:get(j, j)), "nngp of " .. what)
          within(tangents[i * 4 + j], T:get(i, j), slack * math.sqrt(T:get(i, i) * T:get(j, j)), "ntk of " .. what)
        end
      end
    end
  end
end

-- limn.mlp has no step activation: the neurons are computed here.
function TestNets:test_step()
  local K = kernel.nngp(X, nil, { activation = "step", weight = 1.6, bias = 0.2, readout = 1 })
  local rng, n = limn.rng.stream { seed = SEED }, 40000
  local h = X:matmul(rng:normal(2, n)) * math.sqrt(1.6 / 2) + rng:normal(n):reshape(1, n) * math.sqrt(0.2)
  local on = h:gt(0)
  for i = 1, 4 do
    for j = i, 4 do
      within((on[i] * on[j]):totable(), K:get(i, j) - 0.2, 0, ("step, points %d and %d"):format(i, j))
    end
  end
end

-- The standard parameterisation: its tangent kernel over the width, layer by layer, the input layer's part gone as 1/n.
function TestNets:test_standard_shares()
  local n, d = 1024, 2
  local _, layers, facts = kernel.ntk(X, nil, { depth = 2, weight = 2, param = "standard", layers = true })
  lu.assertEquals(facts.width_factor, "n")
  local parts = { {}, {}, {} }
  for r = 1, 8 do
    local net = limn.mlp.new { sizes = { d, n, n, 1 }, init = "he", bias = false, seed = SEED, rep = r }
    for l, part in ipairs(net:kernel(X).layers) do table.insert(parts[l], part:get(1, 1) / n) end
  end
  within(parts[2], layers[2]:get(1, 1), 0.02 * layers[2]:get(1, 1), "hidden layer")
  within(parts[3], layers[3]:get(1, 1), 0.02 * layers[3]:get(1, 1), "last layer")
  lu.assertEquals(layers[1]:get(1, 1), 0)
  local whole = layers[2]:get(1, 1) + layers[3]:get(1, 1)
  within(parts[1], whole * d / (2 * n), 0.02 * whole * d / (2 * n), "input layer") -- d/(d + L n) of all
end

-- Nets trained to convergence: their mean and variance over initialisations. The variance is that of Lee et
-- al. 2019 and not the posterior variance of a process with kernel T, which would be many standard errors away.
function TestNets:test_trained()
  local D = limn.array { { 1, 0.5 }, { -0.6, 1.2 }, { -1, -0.45 } }
  local Z = limn.array { { 1.5, -1 }, { -1.6, 0.2 }, { 0.2, 0.9 } }
  local y, count = limn.array { 1, -1, 1 }, 300
  local nets = limn.mlp.ensemble { sizes = { 2, 512, 1 }, param = "ntk", bias = false, dtype = "f32", count = count, seed = SEED }
  local run = nets:train(D, y, { tol = 1e-5, steps = 5000 })
  lu.assertEquals(run.tally.tolerance, count)
  local f = nets:forward(Z)
  local limit = kernel.limit(D, y, { kind = "ntk", param = "ntk" })
  local want, variance = limit:predict(Z), limit:variance(Z)
  local T, Tz, Tzz = kernel.ntk(D), kernel.ntk(Z, D), kernel.ntk(Z)
  local posterior = kernel.regress(T, Tz, y):variance(limn.array { Tzz:get(1, 1), Tzz:get(2, 2), Tzz:get(3, 3) })
  local apart = 0
  for j = 1, 3 do
    local values, squares = f:col(j):totable(), {}
    within(values, want[j], 0.03, "mean at " .. j)
    local m = mean(values)
    for r, v in ipairs(values) do squares[r] = (v - m) ^ 2 * count / (count - 1) end
    within(squares, variance[j], 0.05 * variance[j], "variance at " .. j)
    local v, error = mean(squares)
    apart = math.max(apart, math.abs(v - posterior[j]) / error)
  end
  lu.assertTrue(apart > 8, apart)
end

-- Training the last layer alone gives exact samples of the posterior of the process with the NNGP kernel.
function TestNets:test_last_layer_samples_the_posterior()
  local D, Z = limn.array { { 1, 0.5 }, { -0.6, 1.2 } }, limn.array { { 1.5, -1 }, { -1, -0.4 } }
  local y, count = limn.array { 1, -1 }, 300
  local nets = limn.mlp.ensemble { sizes = { 2, 512, 1 }, param = "ntk", bias = false, dtype = "f32", count = count, seed = SEED }
  nets:train(D, y, { tol = 1e-5, steps = 5000, rates = "last" })
  local f = nets:forward(Z)
  local limit = kernel.limit(D, y, { kind = "nngp" })
  local want, variance = limit:predict(Z), limit:variance(Z)
  for j = 1, 2 do
    local values, squares = f:col(j):totable(), {}
    within(values, want[j], 0.03, "mean at " .. j)
    local m = mean(values)
    for r, v in ipairs(values) do squares[r] = (v - m) ^ 2 * count / (count - 1) end
    within(squares, variance[j], 0.05 * variance[j], "variance at " .. j)
  end
end

-- Half-trained nets against the closed form at t = rate steps / D; and, to the rate's error, the tangent model of one
-- small net against the same closed form with that net's own kernel.
function TestNets:test_course_of_training()
  local D, Z = limn.array { { 1, 0.5 }, { -0.6, 1.2 }, { -1, -0.45 } }, limn.array { { 1.5, -1 }, { 0.2, 0.9 } }
  local y, rate, count = limn.array { 1, -1, 1 }, 0.02, 24
  local T, Tz = kernel.ntk(D), kernel.ntk(Z, D)
  local fit = kernel.regress(T, Tz, y)
  local nets = limn.mlp.ensemble { sizes = { 2, 2048, 1 }, param = "ntk", bias = false, start = "none", count = count, seed = SEED }
  local steps = 0
  for _, more in ipairs { 20, 60, 120 } do
    nets:train(D, y, { rate = rate, steps = more })
    steps = steps + more
    local f, want = nets:forward(Z), fit:at(rate * steps / 3)
    for j = 1, 2 do within(f:col(j):totable(), want[j], 0.03, ("after %d steps at %d"):format(steps, j)) end
    lu.assertTrue((want - fit.mean):abs():max() > 0.01) -- not at the end yet
  end
  local net = limn.mlp.new { sizes = { 2, 16, 1 }, param = "ntk", seed = SEED }
  local own = kernel.regress(net:kernel(D).total, net:kernel(Z, D).total, y)
  local twin = net:linearised(D, y, { rate = 1e-4, steps = 20000 })
  local flow = own:at(1e-4 * 20000 / 3, { f = net:forward(D), fz = net:forward(Z) })
  lu.assertTrue((twin:forward(Z) - flow):abs():max() < 1e-3 * math.max(1, flow:abs():max()))
end

os.exit(lu.LuaUnit.run())
