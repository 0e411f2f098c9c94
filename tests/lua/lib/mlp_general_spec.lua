-- mlp_general_spec.lua: what net:train accepts beyond one loss on fixed points: losses that are Lua functions, rates and
-- penalties of each net, schedules, fresh points, held-out sets, checkpoints, Langevin dynamics.
-- luacheck: allow defined top
-- slow: 3 s
local lu = require "luaunit"
local limn = require "limn"
local mlp = limn.mlp

local XOR, SIGNS = limn.data.xor()

local function raises(text, f, ...)
  local ok, message = pcall(f, ...)
  lu.assertFalse(ok, "no error with " .. text)
  lu.assertStrContains(tostring(message), text)
end

local function mse(f, y) return ((f - y) ^ 2):sum() / 2 / #f, (f - y) / #f end

TestLoss = {}

-- The built-in losses, written as functions, give the same nets, with every optimiser, penalty and kind of start.
function TestLoss:test_functions_as_the_built_in_losses()
  local function logistic(f, y)
    local z = (f * y):map(function(v) return math.log(1 + math.exp(-v)) end)
    return z:sum() / #f, (f * y):map(function(v) return -1 / (1 + math.exp(v)) end) * y / #f
  end
  local X, y = limn.rng.stream(1):normal(7, 3), limn.rng.stream(2):sign(7)
  for _, o in ipairs { {}, { optimizer = "adam", l1 = 0.01 }, { optimizer = "nesterov", l2 = 0.1 }, { optimizer = "lion", decay = 0.1 },
    { schedule = "cosine" } } do
    for _, start in ipairs { "random", "none", "antisymmetric" } do
      for _, count in ipairs { 1, 5 } do
        for name, f in pairs { mse = mse, logistic = logistic } do
          local spec = { sizes = { 3, 8, 1 }, activation = "tanh", start = start, count = count }
          local a, b = mlp.new(spec), mlp.new(spec)
          local rule = { rate = 0.02, steps = 12, tol = -1 }
          for k, v in pairs(o) do rule[k] = v end
          rule.loss = name
          local want = a:train(X, y, rule)
          rule.loss = f
          local got = b:train(X, y, rule)
          local what = ("%s, %s, %d nets, %s"):format(o.optimizer, start, count, name)
          -- From f = 0 the first gradients of lion are signs of rounding errors.
          if not (o.optimizer == "lion" and start ~= "random") then
            lu.assertTrue((a:forward(X) - b:forward(X)):abs():max() < 1e-9, what)
            lu.assertTrue((want.losses - got.losses):abs():max() < 1e-9, what)
          end
          lu.assertEquals(got.algorithm, "wide, loss in Lua")
          lu.assertEquals({ got.steps, b:steps(), got.reason }, { 12, 12, "steps" }, what)
        end
      end
    end
  end
end

function TestLoss:test_several_outputs_and_batches()
  local X, y = limn.rng.stream(1):normal(10, 3), limn.rng.stream(2):normal(10, 2)
  local net = mlp.new { sizes = { 3, 12, 2 }, activation = "tanh" }
  local run = net:train(X, y, { loss = mse, rate = 0.05, steps = 300, batch = 4 })
  local f = net:forward(X)
  lu.assertAlmostEquals(run.loss, (mse(f, y)), 1e-12)
  lu.assertTrue(run.loss < 0.5, run.loss)
end

-- Each net stops for its own reason.
function TestLoss:test_ends()
  local nets = mlp.ensemble { sizes = { 2, 16, 1 }, count = 4, seed = 4 }
  local run = nets:train(XOR, SIGNS, { loss = mse, rate = 0.05, steps = 400, tol = 0.05 })
  local same = mlp.ensemble { sizes = { 2, 16, 1 }, count = 4, seed = 4 }:train(XOR, SIGNS, { rate = 0.05, steps = 400, tol = 0.05 })
  lu.assertEquals(run.reasons, same.reasons)
  lu.assertEquals(run.steps_of:totable(), same.steps_of:totable())
  run = mlp.new({ sizes = { 2, 16, 1 } }):train(XOR, SIGNS, { loss = mse, rate = 30, steps = 400 })
  lu.assertEquals(run.reason, "diverged")
end

function TestLoss:test_faults_are_named()
  local net = mlp.new { sizes = { 2, 4, 1 } }
  local function train(loss) return net:train(XOR, SIGNS, { loss = loss, rate = 0.1, steps = 3 }) end
  raises("my own fault", train, function() error "my own fault" end)
  raises("loss must return a gradient of 4 entries", train, function() return 1, { 1, 2 } end)
  raises("loss must return a gradient", train, function() return 1 end)
  raises("loss must return a number and a gradient", train, function() return "a" end)
  raises("loss returned", train, function(f) return 0 / 0, f end)
  lu.assertEquals(net:steps(), 0)
  raises("loss returned a gradient that is not finite", train, function(f) return 1, f * (0 / 0) end)
  raises("loss must be a name or a function", train, 7)
  raises("y has 3 rows but X has 4", net.train, net, XOR, { 1, 1, 1 }, { loss = mse, rate = 0.1, steps = 3 })
  local three = mlp.new { sizes = { 2, 4, 3 } }
  raises("a gradient of 4 x 3 entries, as f has, got 3 x 4", three.train, three, XOR, limn.ones(4, 3),
    { loss = function(f) return 1, f:T() end, rate = 0.1, steps = 3 })
  local calls = 0 -- the steps before the fault are kept
  pcall(train, function(f, y)
    calls = calls + 1
    if calls == 3 then error "late" end
    return mse(f, y)
  end)
  lu.assertEquals(net:steps(), 2)
end

-- A loss of one's own may be negative: training goes on unless tol is given.
function TestLoss:test_negative_values()
  local function lower(f, y)
    local value, gradient = mse(f, y)
    return value - 10, gradient
  end
  local net = mlp.new { sizes = { 2, 4, 1 } }
  lu.assertEquals(net:train(XOR, SIGNS, { loss = lower, rate = 0.1, steps = 7 }).steps, 7)
  lu.assertEquals({ select(2, net:step(XOR, SIGNS, { loss = lower, rate = 0.1 })) }, { "steps" })
  lu.assertEquals(net:train(XOR, SIGNS, { loss = lower, rate = 0.1, steps = 7, tol = 0 }).steps, 0)
end

TestSweep = {}

-- Rates and penalties of each net are those of nets trained alone.
function TestSweep:test_values_of_each_net()
  local rates, l2, l1, decay = { 0.01, 0.05, 0.1, 0.02, 0.03 }, { 0, 0.1, 0.2, 0.3, 0 }, { 0.1, 0, 0.2, 0, 0.05 }, { 0, 0.5, 0, 0.1, 0 }
  for _, optimizer in ipairs { "gd", "momentum", "adam" } do
    local spec = { sizes = { 2, 7, 1 }, count = 5, activation = "tanh" }
    local nets = mlp.ensemble(spec)
    local run = nets:train(XOR, SIGNS, { optimizer = optimizer, rate = rates, l2 = l2, l1 = limn.array(l1), decay = decay, steps = 20 })
    lu.assertEquals(run.algorithm, "wide")
    for i = 1, 5 do
      local alone = mlp.new { sizes = { 2, 7, 1 }, activation = "tanh", rep = i - 1 }
      alone:train(XOR, SIGNS, { optimizer = optimizer, rate = rates[i], l2 = l2[i], l1 = l1[i], decay = decay[i], steps = 20 })
      lu.assertTrue((alone:forward(XOR) - nets:member(i):forward(XOR)):abs():max() < 1e-12, optimizer .. i)
    end
  end
  -- With as many nets as layers a list is by layer; nets = says otherwise.
  local two = mlp.ensemble { sizes = { 2, 7, 1 }, count = 2, activation = "tanh" }
  two:train(XOR, SIGNS, { rate = 0.1, l2 = { nets = { 0, 1 } }, steps = 10 })
  local alone = mlp.new { sizes = { 2, 7, 1 }, activation = "tanh", rep = 1 }
  alone:train(XOR, SIGNS, { rate = 0.1, l2 = 1, steps = 10 })
  lu.assertTrue((alone:forward(XOR) - two:member(2):forward(XOR)):abs():max() < 1e-12)
  local nets = mlp.ensemble { sizes = { 2, 7, 1 }, count = 5 }
  raises("rate must be a number, or a list with one entry per net, 5, got 3 entries", nets.train, nets, XOR, SIGNS, { rate = { 1, 2, 3 } })
  raises("l2 must be a number, a list with one entry per weight layer, 2, or a list with one entry per net, 5, got 4 entries", nets.train,
    nets, XOR, SIGNS, { rate = 1, l2 = { 1, 2, 3, 4 } })
  raises("rate[2] must be positive", nets.train, nets, XOR, SIGNS, { rate = { 1, 0, 1, 1, 1 } })
end

-- A schedule is the same as calls at the scheduled rates; for one net, and for nets in lanes.
function TestSweep:test_schedules()
  local shapes = {
    { "cosine", function(t) return (1 + math.cos(math.pi * (t - 1) / 10)) / 2 end },
    { { kind = "linear", final = 0.2 }, function(t) return 1 - 0.8 * (t - 1) / 10 end },
    { { kind = "step", every = 4, factor = 0.5 }, function(t) return 0.5 ^ ((t - 1) // 4) end },
    { { kind = "constant", warmup = 5 }, function(t) return math.min(1, t / 5) end },
    { function(t, steps) return t / steps end, function(t) return t / 10 end },
  }
  for _, shape in ipairs(shapes) do
    for _, count in ipairs { 1, 6 } do
      for _, optimizer in ipairs { "gd", "momentum", "adam" } do
        local spec = { sizes = { 2, 6, 1 }, count = count, activation = "tanh" }
        local a, b = mlp.new(spec), mlp.new(spec)
        a:train(XOR, SIGNS, { optimizer = optimizer, rate = 0.05, steps = 10, schedule = shape[1], tol = -1, every = 4 })
        for t = 1, 10 do b:step(XOR, SIGNS, { optimizer = optimizer, rate = 0.05 * shape[2](t), tol = -1 }) end
        lu.assertTrue((a:forward(XOR) - b:forward(XOR)):abs():max() < 1e-10, ("%s, %d nets"):format(optimizer, count))
      end
    end
  end
  local net = mlp.new { sizes = { 2, 6, 1 } }
  local function train(schedule) return net:train(XOR, SIGNS, { rate = 0.1, steps = 3, schedule = schedule }) end
  raises("schedule must give a positive factor of the rate, got 0 at step 1", train, function() return 0 end)
  raises("needs every", train, "step")
  raises("kind must be", train, "cosinus")
end

TestData = {}

-- A function that returns the same points is training on these points; its steps count from 1.
function TestData:test_fresh_points()
  for _, count in ipairs { 1, 5 } do
    local a, b, seen = mlp.new { sizes = { 2, 9, 1 }, count = count }, mlp.new { sizes = { 2, 9, 1 }, count = count }, {}
    a:train(XOR, SIGNS, { rate = 0.05, steps = 8, optimizer = "adam", tol = -1 })
    local run = b:train(function(step)
      seen[#seen + 1] = step
      return XOR, SIGNS
    end, nil, { rate = 0.05, steps = 8, optimizer = "adam", tol = -1 })
    lu.assertTrue(a:forward(XOR):equal(b:forward(XOR)))
    lu.assertEquals(seen, { 1, 2, 3, 4, 5, 6, 7, 8 })
    lu.assertEquals({ run.steps, run.reason }, { 8, "steps" })
  end
  local net = mlp.new { sizes = { 2, 9, 1 } }
  raises("X must return points and targets, got nil at step 1", net.train, net, function() end, nil, { rate = 1, steps = 2 })
  raises("rate is missing", net.train, net, function() return XOR, SIGNS end, nil, { steps = 2 })
  raises("y must be left out", net.train, net, function() return XOR, SIGNS end, SIGNS, { steps = 2, rate = 1 })
end

function TestData:test_streams()
  local stream = limn.data.stream
  local X, y = stream { kind = "parity", inputs = 6, relevant = 3, points = 50 } (7)
  lu.assertEquals({ X:shape() }, { 50, 6 })
  lu.assertTrue(y:equal(X:col(1) * X:col(2) * X:col(3)) and (X * X):min() == 1)
  X, y = stream { kind = "staircase", inputs = 6, relevant = 3, points = 50 } (7)
  local a, b, c = X:col(1), X:col(2), X:col(3)
  lu.assertTrue((y - (a + a * b + a * b * c) / math.sqrt(3)):abs():max() < 1e-14)
  local gaussian = stream { kind = "gaussian", inputs = 4, relevant = 2, points = 2000, noise = 0.5, seed = 3 }
  X, y = gaussian(1)
  lu.assertAlmostEquals((y - (X:col(1) + X:col(2)) / math.sqrt(2)):std(), 0.5, 0.03)
  lu.assertTrue(X:equal((gaussian(1))) and not X:equal((gaussian(2))))
  local teacher = mlp.new { sizes = { 3, 4, 1 }, seed = 8 }
  local data = stream { kind = "teacher", inputs = 3, teacher = teacher, points = 64 }
  X, y = data(5)
  lu.assertTrue(y:equal(teacher:forward(X)))
  local net = mlp.new { sizes = { 3, 60, 1 }, seed = 2 }
  local run = net:train(data, nil, { rate = 0.02, steps = 600, every = 100 })
  lu.assertTrue(run.loss < run.curve.loss[1] / 5, tostring(run))
  raises("relevant must be at most inputs", stream, { kind = "parity", inputs = 2, relevant = 3 })
  raises("teacher is needed", stream, { kind = "teacher", inputs = 2 })
  raises("kind must be", stream, { kind = "moons", inputs = 2 })
end

function TestData:test_held_out_set_and_checkpoints()
  local path = os.tmpname()
  local X, y = limn.rng.stream(1):normal(10, 5), limn.rng.stream(2):sign(10)
  local Z, t = limn.rng.stream(3):normal(40, 5), limn.rng.stream(4):sign(40)
  local net = mlp.new { sizes = { 5, 60, 1 } }
  local run = net:train(X, y, { rate = 0.1, steps = 4000, every = 5, validate = { Z, t }, patience = 6, checkpoint = path })
  lu.assertEquals(run.reason, "validation")
  lu.assertTrue(run.steps < 4000)
  local curve = run.curve.validation
  lu.assertEquals(run.best.loss, curve:min())
  lu.assertEquals(run.best.step, run.curve.steps[curve:argmin()])
  lu.assertEquals(net:steps(), run.best.step)
  lu.assertAlmostEquals(((net:forward(Z) - t) ^ 2):mean() / 2, run.best.loss, 1e-12)
  lu.assertEquals(assert(mlp.load(path)):steps(), run.steps)
  os.remove(path)
end

-- The held-out set is named where it does not fit; schedules go with it; a checkpoint that cannot be written is refused
-- before the first step.
function TestData:test_held_out_sets_that_do_not_fit()
  local net = mlp.new { sizes = { 2, 8, 1 } }
  local function train(o)
    o.rate, o.steps = 0.1, 6
    return net:train(XOR, SIGNS, o)
  end
  raises("validate: X has 3 columns but the net has 2 inputs", train, { validate = { { { 1, 2, 3 } }, { 1 } } })
  raises("validate: y has 1 rows but X has 4", train, { validate = { XOR, { 1 } } })
  raises("checkpoint must not be empty", train, { checkpoint = "" })
  raises("net:train: checkpoint", train, { checkpoint = "/nonexistent/net" })
  lu.assertEquals(net:steps(), 0)
  lu.assertEquals(train({ validate = { XOR, SIGNS }, schedule = "cosine", every = 2 }).steps, 6)
  local run = net:train(function() return XOR, SIGNS end, nil, { rate = 0.1, steps = 6, validate = { XOR, SIGNS }, schedule = "cosine" })
  lu.assertEquals(run.steps, 6)
  lu.assertEquals(train({ optimizer = "langevin", temperature = 1e-3 }).optimizer, "langevin")
end

TestLangevin = {}

-- One weight on (w - 1)^2/2 at temperature T: mean 1, variance T/(1 - rate/2). The noise does not depend on threads.
function TestLangevin:test_stationary_distribution()
  local nets = mlp.ensemble { sizes = { 1, 1 }, count = 400, bias = false, activation = "linear" }
  local sum, square, n = 0, 0, 0
  for k = 1, 12 do
    nets:train({ { 1 } }, { 1 }, { optimizer = "langevin", rate = 0.2, temperature = 0.09, steps = 20, tol = -1 })
    if k > 2 then
      local w = nets:forward({ { 1 } }):reshape(400)
      sum, square, n = sum + w:sum(), square + ((w - 1) ^ 2):sum(), n + 400
    end
  end
  lu.assertAlmostEquals(sum / n, 1, 0.03)
  lu.assertAlmostEquals(square / n, 0.09 / 0.9, 0.01)
  local first
  for threads = 1, 2 do
    limn.threads(threads)
    local net = mlp.new { sizes = { 2, 200, 200, 1 } }
    net:train(XOR, SIGNS, { optimizer = "langevin", rate = 1e-3, temperature = 1e-3, steps = 5, seed = 7, tol = -1 })
    first = first or net
    lu.assertTrue(net:forward(XOR):equal(first:forward(XOR)))
  end
  limn.threads(0)
  local net = mlp.new { sizes = { 2, 4, 1 } }
  raises("needs temperature", net.train, net, XOR, SIGNS, { optimizer = "langevin", rate = 1 })
  raises("temperature is an option", net.train, net, XOR, SIGNS, { temperature = 1, rate = 1 })
end

TestNewton = {}

-- One step solves a linear problem; a net that gradient descent trains in thousands of steps takes a few.
function TestNewton:test_gauss_newton()
  local X, y = limn.rng.stream(1):normal(6, 9), limn.rng.stream(2):normal(6)
  for _, param in ipairs { "standard", "ntk" } do
    local linear = mlp.new { sizes = { 9, 1 }, activation = "linear", param = param, init = { weight = 1, bias = 0.5 } }
    local run = linear:train(X, y, { optimizer = "gauss_newton", steps = 1, damping = 0 })
    lu.assertTrue(run.loss < 1e-25, run.loss)
  end
  for _, start in ipairs { "random", "none", "antisymmetric" } do
    for _, count in ipairs { 1, 4 } do
      local nets = mlp.new { sizes = { 9, 20, 1 }, count = count, activation = "tanh", start = start, init = "lecun" }
      local run = nets:train(X, y, { optimizer = "gauss_newton", steps = 30, tol = 1e-20 })
      lu.assertEquals(run.reason, "tolerance", start)
      lu.assertTrue(run.steps < 12, run.steps)
      lu.assertEquals(run.algorithm, "wide, steps in Lua")
      lu.assertTrue(((nets:member(count):forward(X) - y) ^ 2):mean() < 4e-20)
    end
  end
  local net = mlp.new { sizes = { 2, 4, 1 } }
  raises('needs loss = "mse"', net.train, net, XOR, SIGNS, { optimizer = "gauss_newton", loss = "logistic" })
  raises("rates must not all be 0", net.train, net, XOR, SIGNS, { optimizer = "gauss_newton", rates = 0 })
  raises("singular", net.train, net, { { 1, 1 }, { 1, 1 } }, { 1, -1 }, { optimizer = "gauss_newton", damping = 0, steps = 1 })
  raises("the tangent kernel at X is not finite", net.train, net, { { 1e200, 1 } }, { 1 }, { steps = 1 })
  raises("l2 cannot be combined", net.train, net, XOR, SIGNS, { optimizer = "gauss_newton", l2 = 1 })
end

TestConstraints = {}

-- The conditions of Karush, Kuhn and Tucker at the end, in one linear layer, by several optimisers.
function TestConstraints:test_optimality()
  local X = limn.rng.stream(1):normal(30, 5)
  local y = X:matmul { { 1 }, { -1 }, { 2 }, { 0.5 }, { -2 } }:reshape(30) + limn.rng.stream(2):normal(30)
  for _, optimizer in ipairs { "gd", "momentum", "nesterov" } do
    for _, param in ipairs { "standard", "ntk" } do
      local function trained(constrain)
        local net = mlp.new { sizes = { 5, 1 }, activation = "linear", param = param, init = { weight = 1, bias = 0.1 } }
        net:train(X, y, { optimizer = optimizer, rate = param == "ntk" and 0.2 or 0.04, steps = 4000, tol = -1, constrain = constrain })
        return net:parameters()[1].weights:reshape(5), net:gradients(X, y)[1].weights:reshape(5), optimizer .. ", " .. param
      end
      local w, g, what = trained "nonnegative"
      lu.assertEquals((w:eq(0)):sum(), 2, what)
      for i = 1, 5 do lu.assertTrue(w[i] > 0 and math.abs(g[i]) < 1e-8 or w[i] == 0 and g[i] > 0.1, what) end
      for _, kind in ipairs { "max_norm", "norm" } do
        w, g, what = trained { kind = kind, norm = 0.5 }
        lu.assertAlmostEquals(w:norm(), 0.5, 1e-12)
        lu.assertTrue((g + w * (g:norm() / 0.5)):abs():max() < 1e-8, what) -- g = -lambda w
      end
      w, g, what = trained { kind = "max_norm", norm = 100 }
      lu.assertTrue(w:norm() < 100 and g:abs():max() < 1e-8, what)
      lu.assertAlmostEquals((trained { kind = "norm", norm = 100 }):norm(), 100, 1e-10)
    end
  end
end

-- Layers, ensembles, losses in Lua, threads; a large layer, of several slabs of units.
function TestConstraints:test_layers_and_threads()
  local first
  for threads = 1, 2 do
    limn.threads(threads)
    local net = mlp.new { sizes = { 2, 200, 180, 1 } }
    local run = net:train(XOR, SIGNS, { rate = 1e-3, steps = 4, tol = -1, constrain = { kind = "norm", norm = 0.7, layers = { 2 } } })
    lu.assertEquals(run.algorithm, "wide")
    local w = net:parameters()[2].weights
    for i = 1, 180 do lu.assertAlmostEquals(w[i]:norm(), 0.7, 1e-12) end
    lu.assertTrue(math.abs(net:parameters()[1].weights[1]:norm() - 0.7) > 1e-3)
    first = first or net
    lu.assertTrue(net:forward(XOR):equal(first:forward(XOR)))
  end
  limn.threads(0)
  for _, loss in ipairs { "mse", mse } do
    local nets = mlp.ensemble { sizes = { 2, 7, 1 }, count = 5, start = "antisymmetric" }
    nets:train(XOR, SIGNS, { loss = loss, optimizer = "adam", rate = 0.1, steps = 20, constrain = "nonnegative" })
    for i = 1, 5 do
      for pair = 1, 2 do
        for l = 1, 2 do lu.assertTrue(nets:parameters({ member = i, pair = pair })[l].weights:min() >= 0) end
      end
    end
  end
  local net = mlp.new { sizes = { 2, 4, 1 } }
  local function train(c) return net:train(XOR, SIGNS, { rate = 0.1, steps = 1, constrain = c }) end
  raises("kind must be", train, "positive")
  raises("needs norm", train, "norm")
  raises("norm must be positive", train, { kind = "norm", norm = 0 })
  raises("norm must be finite", train, { kind = "norm", norm = 0 / 0 })
  raises("norm must be left out", train, { kind = "nonnegative", norm = 1 })
  raises("layers[1] must be at most 2, got 3", train, { kind = "nonnegative", layers = { 3 } })
  raises("constrain", train, 7)
end

TestAlpha = {}

-- alpha multiplies the outputs and the tangent kernel's root; with rates 1/alpha^2 features move less and less.
function TestAlpha:test_lazy_and_rich()
  local one = mlp.new { sizes = { 2, 50, 1 }, param = "ntk", activation = "tanh", init = { weight = 1, bias = 0.1 }, start = "none" }
  local moved = {}
  for _, alpha in ipairs { 0.1, 1, 10 } do
    local net = mlp.new { sizes = { 2, 50, 1 }, param = "ntk", activation = "tanh", init = { weight = 1, bias = 0.1 }, start = "none",
      alpha = alpha }
    lu.assertEquals(net.alpha, alpha)
    for l, layer in ipairs(net:parameters()) do
      lu.assertTrue((layer.weights - one:parameters()[l].weights):abs():max() < 1e-14)
    end
    local k, k1 = net:kernel(XOR).total, one:kernel(XOR).total
    lu.assertTrue((k - k1 * alpha ^ 2):abs():max() < 1e-12 * alpha ^ 2 * k1:max())
    local run = net:train(XOR, SIGNS, { rate = 0.1 / alpha ^ 2, steps = 40000, tol = 1e-3 })
    lu.assertEquals(run.reason, "tolerance", alpha)
    moved[#moved + 1] = net:movement()[1].rms
    local path = os.tmpname()
    assert(net:save(path))
    local back = assert(mlp.load(path))
    os.remove(path)
    lu.assertTrue(back:forward(XOR):equal(net:forward(XOR)) and back.alpha == alpha)
    net:train(XOR, SIGNS, { rate = 0.05 / alpha ^ 2, steps = 3 })
    back:train(XOR, SIGNS, { rate = 0.05 / alpha ^ 2, steps = 3 })
    lu.assertTrue(back:forward(XOR):equal(net:forward(XOR)))
  end
  lu.assertTrue(moved[1] > 2 * moved[2] and moved[2] > 5 * moved[3], table.concat(moved, " "))
  raises("alpha must be positive", mlp.new, { sizes = { 2, 1 }, alpha = 0 })
end

-- With lists of seeds and factors net r is the net of that seed and that factor, in every start and parameterisation:
-- outputs, parameters, kernel, gradients, copies, files and training.
function TestAlpha:test_seed_and_alpha_of_each_net()
  local seeds, alphas, path = { 7, 3, 7 }, { 0.5, 1, 4 }, os.tmpname()
  for _, start in ipairs { "random", "none", "antisymmetric" } do
    for _, param in ipairs { "standard", "ntk", "mup" } do
      for _, optimizer in ipairs { "gd", "adam" } do
        local spec = { sizes = { 2, 6, 1 }, activation = "tanh", start = start, param = param, init = { weight = 1, bias = 0.1 } }
        spec.seed, spec.alpha, spec.count = seeds, alphas, 3
        local nets = mlp.ensemble(spec)
        local rule = { rate = 0.03, steps = 9, tol = -1, optimizer = optimizer }
        nets:train(XOR, SIGNS, rule)
        assert(nets:save(path))
        local back = assert(mlp.load(path))
        lu.assertEquals({ back.seed, back.alpha }, { seeds, alphas })
        lu.assertTrue(back:forward(XOR):equal(nets:forward(XOR)))
        spec.count = nil
        for i = 1, 3 do
          spec.seed, spec.alpha = seeds[i], alphas[i]
          local alone = mlp.new(spec)
          lu.assertTrue(alone:forward(XOR):equal(nets:initial(i):forward(XOR)), start .. param)
          alone:train(XOR, SIGNS, rule)
          local member = nets:member(i)
          lu.assertEquals({ member.seed, member.alpha }, { seeds[i], alphas[i] })
          local what = ("%s, %s, %s, net %d"):format(start, param, optimizer, i)
          local function same(a, b) lu.assertTrue((a - b):abs():max() < 1e-10 * (1 + b:abs():max()), what) end
          same(member:forward(XOR), alone:forward(XOR))
          same(nets:forward(XOR)[i], alone:forward(XOR))
          same(back:kernel(XOR, nil, { member = i }).total, alone:kernel(XOR).total)
          same(nets:parameters({ member = i })[2].weights, alone:parameters()[2].weights)
          lu.assertAlmostEquals(nets:parameters({ member = i })[2].multiplier, alone:parameters()[2].multiplier, 1e-14)
          same(nets:gradients(XOR, SIGNS, { member = i })[2].weights, alone:gradients(XOR, SIGNS)[2].weights)
        end
      end
    end
  end
  os.remove(path)
  raises("seed must be a number or a list with one entry per net, 3, got 2", mlp.ensemble, { sizes = { 2, 1 }, count = 3, seed = { 1, 2 } })
  raises("seed[2] must be a whole number", mlp.ensemble, { sizes = { 2, 1 }, count = 2, seed = { 1, 2.5 } })
  raises("alpha[2] must be positive", mlp.ensemble, { sizes = { 2, 1 }, count = 2, alpha = { 1, 0 } })
  raises("alpha[1] must be finite", mlp.ensemble, { sizes = { 2, 1 }, count = 2, alpha = { 0 / 0, 1 } })
  raises("seed must be a whole number", mlp.ensemble, { sizes = { 2, 1 }, count = 2, seed = "a" })
  raises("seed must be a whole number", mlp.new, { sizes = { 2, 1 }, seed = { 1 } })
end

os.exit(lu.LuaUnit.run())
