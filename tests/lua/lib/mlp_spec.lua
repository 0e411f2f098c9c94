-- mlp_spec.lua: nets: gradients against finite differences of forward, activations, the complexity of neurons, misuse.
-- Training is in mlp_training_spec.lua, the same to the bit in mlp_bits_spec.lua, how it ends in mlp_ends_spec.lua.
-- isa: yes
-- luacheck: allow defined top
local lu = require "luaunit"
local limn = require "limn"
local mlp = limn.mlp

local tools = dofile(debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/../support/mlp_tools.lua")
local ACTIVATIONS, PARAMS, XOR, SIGNS = tools.ACTIVATIONS, tools.PARAMS, tools.XOR, tools.SIGNS
local stream, task, fails, close, loss_of = tools.stream, tools.task, tools.fails, tools.close, tools.loss_of

-- ---- gradients -------------------------------------------------------------------------------------------

local function check_gradients(spec, kind)
  local net = mlp.new(spec)
  local X, y = task(5, spec.sizes[1], spec.sizes[#spec.sizes])
  local exact, h, what = net:gradients(X, y, { loss = kind }), 1e-5, spec.activation .. " " .. spec.param .. " " .. kind
  for l, layer in ipairs(net:parameters()) do
    local function entry(array, key, i, j)
      local function at(v)
        local changed = array:copy()
        if j then changed:set(i, j, v) else changed[i] = v end
        net:set(l, { [key] = changed })
        return loss_of(net, X, y, kind)
      end
      local now = j and array:get(i, j) or array[i]
      local before, here, after = at(now - h), at(now), at(now + h)
      at(now)
      local slope = (after - before) / (2 * h)
      if math.abs(after - 2 * here + before) / h > 1e-4 * (1 + math.abs(slope)) then return end -- a kink of ReLU inside
      local got = j and exact[l][key]:get(i, j) or exact[l][key][i]
      lu.assertAlmostEquals(got, slope, 1e-7 * (1 + math.abs(slope)), ("%s, %s[%d,%s] of layer %d"):format(what, key, i, j, l))
    end
    local rows, columns = layer.weights:shape()
    for k = 0, 5 do entry(layer.weights, "weights", 1 + k % rows, 1 + (k * 7) % columns) end
    if layer.bias_multiplier > 0 then
      for i = 1, math.min(rows, 3) do entry(layer.bias, "bias", i) end
    end
    lu.assertAlmostEquals(exact[l].frobenius, math.sqrt((exact[l].weights ^ 2):sum()), 1e-12)
    lu.assertAlmostEquals(exact[l].rms, exact[l].frobenius / math.sqrt(rows * columns), 1e-12)
    local _, singular = exact[l].weights:svd()
    lu.assertAlmostEquals(exact[l].spectral, singular:max(), 1e-6 * (1 + singular:max()))
  end
end

TestGradients = {}
function TestGradients:test_all()
  for _, activation in ipairs(ACTIVATIONS) do
    for _, param in ipairs(PARAMS) do
      for _, kind in ipairs { "mse", "logistic" } do
        local sizes = param == "meanfield" and { 3, 6, 2 } or { 3, 6, 5, 2 }
        check_gradients({ sizes = sizes, activation = activation, param = param, init = { weight = 1.5, bias = 0.1 }, seed = 5 }, kind)
      end
    end
  end
end

function TestGradients:test_starts_depths_and_members()
  for _, start in ipairs { "none", "antisymmetric" } do
    check_gradients({ sizes = { 2, 5, 1 }, activation = "tanh", param = "ntk", start = start, init = { weight = 1, bias = 0.2 } }, "mse")
  end
  check_gradients({ sizes = { 3, 1 }, activation = "relu", param = "standard" }, "logistic")
  check_gradients({ sizes = { 2, 20, 3, 17, 1 }, activation = "gelu", param = "mup", init = { weight = 2, bias = 1 } }, "mse")
  local many = mlp.ensemble { sizes = { 2, 4, 1 }, count = 3 }
  local X, y = task(4, 2)
  local wide = mlp.new({ sizes = { 2, 40, 50, 1 } }):gradients(X, y)[2] -- by its rank
  local _, singular = wide.weights:svd()
  lu.assertAlmostEquals(wide.spectral, singular:max(), 1e-12 * singular:max())
  local a, b = many:gradients(X, y, { member = 2 }), many:member(2):gradients(X, y)
  lu.assertTrue(a[1].weights:equal(b[1].weights) and a[2].bias:equal(b[2].bias))
end

-- Layer by layer from the parameters.
function TestGradients:test_activations()
  local f = { relu = function(v) return math.max(v, 0) end, tanh = function(v) return (1 - math.exp(-2 * v)) / (1 + math.exp(-2 * v)) end,
    sin = math.sin, linear = function(v) return v end }
  for name, phi in pairs(f) do
    local net = mlp.ensemble { sizes = { 3, 6, 5, 2 }, activation = name, param = "ntk", init = { weight = 1.5, bias = 0.3 }, count = 2 }
    local X, y = task(5, 3, 2)
    local first = net:activations(X, { member = 2 })
    net:train(X, y, { rate = 0.1, steps = 3 })
    local x, after, before = X, net:activations(X, { member = 2 }), net:activations(X, { member = 2, pre = true })
    for l, layer in ipairs(net:parameters { member = 2 }) do
      local h = x:matmul(layer.weights:T()) * layer.multiplier + layer.bias * layer.bias_multiplier
      x = l < 3 and h:map(phi) or h
      close(before[l], h, 1e-12, name)
      close(after[l], x, 1e-12, name)
      lu.assertAlmostEquals(after.rms[l], math.sqrt((x ^ 2):mean()), 1e-12)
    end
    close(net:forward(X)[2], x, 1e-12, name)
    lu.assertTrue(net:features(X, { member = 2 }):equal(after[2]))
    lu.assertTrue(net:activations(X, { member = 2, initial = true })[2]:equal(first[2]))
    lu.assertTrue((first[2] - after[2]):norm() > 1e-6)
  end
end

-- ---- complexity of neurons -----------------------------------------------------------------------------------

-- Without biases a neuron of the first layer is a half-plane through the origin: on the corners four patterns, equally
-- likely. With biases all agree with some probability; the pool's complexity is that of the net's own variances.
TestComplexity = {}
function TestComplexity:test_half_planes()
  local law = mlp.complexity(XOR, { sizes = { 2, 64, 1 }, bias = false, nets = 300 })
  for _, pattern in ipairs { "++--", "--++", "+-+-", { -1, 1, -1, 1 } } do lu.assertAlmostEquals(law.bits(pattern), 2, 0.1) end
  lu.assertEquals(law.bits "++++", math.huge)
  lu.assertEquals(law.samples, 300 * 64)
  local net = mlp.new { sizes = { 2, 200, 1 }, init = { weight = 1, bias = 4 } }
  local set, bits = limn.features.neurons(net, XOR, { labels = SIGNS, complexity = 100 })
  lu.assertEquals({ set.points, set.count }, { 4, 200 })
  lu.assertTrue(bits:max() < 12)
  local z, all = stream():normal(20000, 3), 0 -- all +: the bias exceeds |w1| + |w2|
  for i = 1, 20000 do
    if 2 * z:get(i, 1) > math.sqrt(0.5) * (math.abs(z:get(i, 2)) + math.abs(z:get(i, 3))) then all = all + 1 end
  end
  lu.assertAlmostEquals(bits:min(), -math.log(all / 20000, 2), 0.1)
end

-- ---- misuse ----------------------------------------------------------------------------------------------

TestMisuse = {}
function TestMisuse:test_shapes()
  fails("sizes is missing", mlp.new, {})
  fails("sizes must have 2 to 65 entries, got 1", mlp.new, { sizes = { 2 } })
  fails("sizes must have 2 to 65 entries, got 66", mlp.new, { sizes = limn.ones(66):totable() })
  fails("sizes[2] must be at least 1, got 0", mlp.new, { sizes = { 2, 0, 1 } })
  fails("sizes[1] must be at least 1, got -3", mlp.new, { sizes = { -3, 1 } })
  fails("sizes[2] must be a whole number, got 2.5", mlp.new, { sizes = { 2, 2.5, 1 } })
  fails("sizes[2] must be a whole number, got \"a\"", mlp.new, { sizes = { 2, "a", 1 } })
  fails("activation must be", mlp.new, { sizes = { 2, 1 }, activation = "step" })
  fails("is defined for one hidden layer, got 2", mlp.new, { sizes = { 2, 3, 3, 1 }, param = "meanfield" })
  fails("init must be", mlp.new, { sizes = { 2, 1 }, init = "glorot" })
  fails("init: weight is missing", mlp.new, { sizes = { 2, 1 }, init = {} })
  fails("init.weight must be a positive variance, got 0", mlp.new, { sizes = { 2, 1 }, init = { weight = 0 } })
  fails("bias must be at least 0", mlp.new, { sizes = { 2, 1 }, init = { weight = 1, bias = -1 } })
  fails("unknown option \"width\"", mlp.new, { sizes = { 2, 1 }, width = 3 })
  fails("count is missing", mlp.ensemble, { sizes = { 2, 1 } })
  fails("count must be at least 1, got 0", mlp.ensemble, { sizes = { 2, 1 }, count = 0 })
end

-- A net that does not fit into memory is an error before any allocation; the message gives the number of bytes.
function TestMisuse:test_sizes_beyond_memory()
  fails("1.759e+13 bytes", mlp.new, { sizes = { 2, 1 << 20, 1 << 20, 1 } })
  fails("e+19 bytes", mlp.new, { sizes = { 2, 1 << 30, 1 << 30, 1 } })
  fails("e+25 bytes", mlp.new, { sizes = { 1 << 40, 1 << 40, 1 } })
  -- the maker that was called is named, wherever the size is refused
  for name, make in pairs { ["mlp.new"] = mlp.new, ["mlp.ensemble"] = mlp.ensemble } do
    local count = name == "mlp.ensemble" and 1 or nil
    fails(name .. ": 1 net of ", make, { sizes = { 2, 1 << 20, 1 << 20, 1 }, count = count })
    fails(name .. ": this shape needs ", make, { sizes = { 1 << 40, 1 << 40, 1 }, count = count })
    fails(name .. ": sizes must have 2 to ", make, { sizes = { 2 }, count = count })
  end
  fails("bytes", mlp.ensemble, { sizes = { 2, 30, 1 }, count = 1 << 60 })
  fails("bytes", mlp.ensemble, { sizes = { 1000, 1000 }, count = 1 << 40, start = "antisymmetric", dtype = "f32" })
end

function TestMisuse:test_training()
  local net = mlp.new { sizes = { 2, 3, 1 } }
  local X, y = XOR, SIGNS
  local function train(text, ...) fails(text, net.train, net, ...) end
  train "X is missing"
  train("net:train: X must not be empty", {}, y)
  train("net:train: entry 2 of X must be a number, got string", { 1, "a" }, y)
  train("net:train: entry 2 of X must be an array of shape 2 like entry 1, got limn.array 1", { limn.ones(2), limn.ones(1) }, y)
  fails("net:features: row 1 of X is empty", net.features, net, { {} })
  fails("features.neurons: X must not be empty", limn.features.neurons, net, {})
  train("y is missing", X)
  train("y has 3 entries but X has 4 rows", X, limn.ones(3))
  train("X has 3 columns but the net has 2 inputs", limn.ones(4, 3), y)
  train("X has 3 columns but the net has 2 inputs", limn.ones(4, 3), y, { rate = 0.1 })
  train("X has no rows", limn.zeros(0, 2), limn.zeros(0), { rate = 0.1 })
  train("X[2,2] must be finite, got", limn.array { { 1, 1 }, { 1, 0 / 0 }, { 1, 2 }, { 2, 1 } }, y, { rate = 0.1 })
  train("y[4] must be finite, got inf", X, limn.array { 0, 1, 1, math.huge }, { rate = 0.1 })
  train("y[1] must be -1 or +1 for the logistic loss, got 0", X, limn.array { 0, 1, 1, 0 }, { loss = "logistic", rate = 0.1 })
  train("rate must be positive, got 0", X, y, { rate = 0 })
  train("rate must be positive, got -1", X, y, { rate = -1 })
  train("rate must be finite", X, y, { rate = math.huge })
  train("steps must be at least 0, got -1", X, y, { steps = -1 })
  train("did you mean \"rate\"", X, y, { rat = 1 })
  train("rates must have one entry per weight layer, 2, got 3", X, y, { rates = { 1, 2, 3 } })
  train("rates must not all be 0", X, y, { rates = { 0, 0 }, rate = 1 })
  train("or \"last\", got \"first\"", X, y, { rates = "first" })
  train("l2[2] must be at least 0, got -1", X, y, { l2 = { 1, -1 } })
  train("l1[1] must be a number", X, y, { l1 = { "a", 1 } })
  train("momentum must be in [0, 1), got 1", X, y, { optimizer = "momentum", momentum = 1, rate = 0.1 })
  train("beta2 must be in [0, 1), got 1", X, y, { optimizer = "adam", beta2 = 1 })
  train("batch must be at most the number of points, 4, got 5", X, y, { batch = 5, rate = 0.1 })
  train("optimizer must be", X, y, { optimizer = "newton" })
  train("loss must be", X, y, { loss = "huber" })
  train("on must be a function", X, y, { on = 3 })
  train("every must be at least 1", X, y, { every = 0 })
  train("X must be an array or a table of numbers, got \"abc\"", "abc", y)
  train("y must be 4 x 1 (points x outputs), got 1 x 4", X, y:reshape(1, 4), { rate = 0.1 })
  fails("every is an option of net:train only", net.step, net, X, y, { rate = 0.1, every = 2 })
  fails("rate is missing", net.step, net, X, y)
  lu.assertEquals(net:steps(), 0)
  local two = mlp.new { sizes = { 2, 3, 2 } }
  fails("y must be 4 x 2 (points x outputs), got 4 x 1", two.train, two, X, y, { rate = 0.1 })
  lu.assertEquals(net:train(X:totable(), y:totable(), { rate = 0.1, steps = 2 }).steps, 2) -- tables will do
  local a, b = net:copy(), net:copy() -- a column is as good as a vector
  a:train(X, y, { rate = 0.1, steps = 2 })
  b:train(X, y:reshape(4, 1), { rate = 0.1, steps = 2 })
  lu.assertTrue(a:forward(X):equal(b:forward(X)))
  lu.assertTrue(a:linearised(X, y):forward(X):equal(a:linearised(X, y:reshape(4, 1)):forward(X)))
  lu.assertEquals(net:train(X, y, { optimizer = "gd", momentum = 0.9, rate = 0.1, steps = 1 }).optimizer, "momentum")
end

function TestMisuse:test_parameters_and_probes()
  local net = mlp.new { sizes = { 2, 3, 1 }, param = "ntk" }
  fails("layer must be a whole number in 1 .. 2, got 3", net.set, net, 3, { weights = limn.zeros(1, 3) })
  fails("must be 3 x 2 (outputs x inputs), got 2 x 3", net.set, net, 1, { weights = limn.zeros(2, 3) })
  fails("weights[1,1] must be finite, got", net.set, net, 1, { weights = limn.zeros(3, 2) + 0 / 0 })
  fails("must have 3 entries, got 2", net.set, net, 1, { bias = limn.zeros(2) })
  fails("bias cannot be set: the layer has no biases", net.set, net, 1, { bias = limn.zeros(3) })
  fails("twin must be the first net: only antisymmetric nets are pairs", net.set, net, 1, { twin = 2, weights = limn.zeros(3, 2) })
  fails("member must be at most 1, got 2", net.parameters, net, { member = 2 })
  fails("i must be at most 1, got 2", net.member, net, 2)
  fails("X has 3 columns but the net has 2 inputs", net.forward, net, limn.zeros(3, 3))
  fails("X[1,2] must be finite, got inf", net.forward, net, limn.array { { 1, math.huge } })
  fails("Z has 3 columns", net.kernel, net, XOR, limn.zeros(2, 3))
  fails("y has 2 entries but X has 4 rows", net.gradients, net, XOR, limn.zeros(2))
  fails("X is missing (by default the points of the last training", net.movement, net)
  fails("rate is missing (steps = 3)", net.linearised, net, XOR, SIGNS, { steps = 3 })
  fails("no hidden layer", mlp.new({ sizes = { 2, 1 } }).features, mlp.new { sizes = { 2, 1 } }, XOR)
  fails("must have 1 output, got 2", mlp.new({ sizes = { 2, 2 } }).linearised, mlp.new { sizes = { 2, 2 } }, XOR, SIGNS)
  fails("must have a hidden layer", mlp.complexity, XOR, { sizes = { 2, 1 } })
  fails("mlp.load: path must be a string, got nil", mlp.load)
  fails("y[2] must be finite, got inf", net.gradients, net, XOR, { 1, math.huge, 1, 1 })
  fails("y[1] must be -1 or +1 for the logistic loss, got 0", net.gradients, net, XOR, limn.zeros(4), { loss = "logistic" })
  fails("net:set: expected weights, bias or both, got neither", net.set, net, 1)
  fails("y has 2 entries but X has 4 rows", net.linearised, net, XOR, limn.ones(2))
  fails("y is missing", net.linearised, net, XOR)
  fails("y[2] must be finite", net.linearised, net, XOR, { 1, math.huge, 1, 1 })
  fails("rate must be positive, got 0", net.linearised, net, XOR, SIGNS, { rate = 0, steps = 1 })
  fails("steps must be a whole number", net.linearised, net, XOR, SIGNS, { rate = 1, steps = 1.5 })
  fails("w must be an array", mlp.spectral, 3)
  fails("mlp.spectral: row 2 of w must be", mlp.spectral, { { 1, 2 }, { 3 } })
  lu.assertEquals(mlp.spectral { 3, 4 }, 5) -- a vector
  fails("mlp.exponent: widths must be an array or a table", mlp.exponent, 3, { 1, 2 })
  fails("mlp.exponent: values is missing", mlp.exponent, { 1, 2 })
  fails("x[2] is missing", net.map, net, { x = { 1 } })
  fails("y[1] must be a number", net.map, net, { y = { "a", 1 } })
  fails("got 2 widths but 1 values", mlp.exponent, { 1, 2 }, { 1 })
  fails("values[2] must be a positive number, got 0", mlp.exponent, { 1, 2 }, { 1, 0 })
  fails("widths must have at least 2 entries, got 1", mlp.coordinate_check, { widths = { 8 }, X = XOR, y = SIGNS, rate = 1 })
  fails("diverged at width 8 with rate 1000", mlp.coordinate_check,
    { widths = { 8, 16 }, X = XOR, y = SIGNS, rate = 1000, steps = 50 })
  local sizes = { 2.0, 3.0, 1.0 }
  mlp.new { sizes = sizes }
  lu.assertEquals(math.type(sizes[1]), "float") -- the caller's table stays as it is
end

os.exit(lu.LuaUnit.run())
