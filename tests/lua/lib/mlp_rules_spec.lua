-- mlp_rules_spec.lua: optimisers, penalties and losses as net:train offers them: minima with penalties, width rules of
-- every optimiser, divergence, default rates, reasons and warnings.
-- luacheck: allow defined top
-- slow: 8 s
local lu = require "luaunit"
local limn = require "limn"
local vocabulary = require "limn.base.vocabulary"
local mlp = limn.mlp

local XOR, SIGNS = limn.data.xor()

local function raises(text, f, ...)
  local ok, message = pcall(f, ...)
  lu.assertFalse(ok, "no error with " .. text)
  lu.assertStrContains(tostring(message), text)
end

TestPenalties = {}

-- (w - 1)^2/2 + 0.3 |w| has its minimum at 0.7, and with weight 1.5 at 0.
function TestPenalties:test_l1_of_one_weight()
  for _, o in ipairs { {}, { momentum = 0.9 }, { optimizer = "momentum", momentum = 0.5 }, { optimizer = "nesterov" },
    { optimizer = "adam", rate = 1e-2 }, { optimizer = "sign", rate = 1e-2 }, { optimizer = "lion", rate = 1e-2 },
    { optimizer = "sgd", batch = 1 } } do
    for l1, minimum in pairs { [0.3] = 0.7, [1.5] = 0 } do
      local net = mlp.new { sizes = { 1, 1 }, bias = false, activation = "linear", seed = 4 }
      local rule = { steps = 4000, rate = 0.01, l1 = l1 }
      for k, v in pairs(o) do rule[k] = v end
      net:train({ { 1 } }, { 1 }, rule)
      local w = net:parameters()[1].weights[1][1]
      local what = ("%s, momentum %s, l1 %g"):format(o.optimizer, o.momentum, l1)
      if minimum == 0 then lu.assertEquals(w, 0, what) else lu.assertAlmostEquals(w, minimum, 1e-6, what) end
    end
  end
end

-- adamw is adam with a decay outside the moments; for gd a decay is the penalty l2.
function TestPenalties:test_decay()
  local function weights(o)
    local net = mlp.new { sizes = { 2, 6, 1 }, activation = "tanh" }
    o.rate, o.steps = 0.01, 30
    net:train(XOR, SIGNS, o)
    return net:parameters()[1].weights
  end
  lu.assertTrue(weights { optimizer = "adamw" }:equal(weights { optimizer = "adam", decay = 0.01 }))
  lu.assertFalse(weights { optimizer = "adamw" }:equal(weights { optimizer = "adam", l2 = 0.01 }))
  lu.assertTrue((weights { decay = 0.2 } - weights { l2 = 0.2 }):abs():max() < 1e-12)
  raises("decay[1] must be", function() weights { decay = -1 } end)
end

TestWidths = {}

-- The exponents of the changes of the layers (outputs last). mup and meanfield: 0. ntk: 0 for the outputs, -1/2 for hidden
-- layers. standard, whose rates do not depend on the width: gradient steps have changes of the outputs as n, steps of
-- unit size have n^((depth + 1)/2). A Gauss-Newton step prescribes the change of the outputs in each of them; in standard
-- the last layers make it.
local LAWS = {
  mup = function() return { 0, 0 }, { 0, 0, 0 } end,
  meanfield = function() return { 0, 0 } end,
  ntk = function() return { -0.5, 0 }, { -0.5, -0.5, 0 } end,
  standard = function(family)
    if family == "gradient" then return { -0.5, 1 }, { -0.5, 0.5, 1 } end
    if family == "unit" then return { 0, 1 }, { 0, 1, 1.5 } end
    return { -1.5, 0 }, { -1.5, -0.5, 0 }
  end,
}

local OPTIMIZERS = { -- the family and a rate that is small enough at the least width
  gd = { "gradient", 0.1 }, sgd = { "gradient", 0.1 }, momentum = { "gradient", 0.05 }, nesterov = { "gradient", 0.05 },
  langevin = { "gradient", 0.1 }, adam = { "unit", 0.01 }, adamw = { "unit", 0.01 }, sign = { "unit", 0.01 },
  lion = { "unit", 0.01 }, gauss_newton = { "newton", 0.1 },
}

-- Every parameterisation with every optimiser. start = "none" in ntk and standard: there the sizes of the outputs at the
-- start, which are random, would enter the changes.
function TestWidths:test_coordinate_check_of_every_optimiser()
  local X, y = limn.rng.stream(1):normal(4, 4), limn.rng.stream(2):sign(4)
  for _, optimizer in ipairs(vocabulary.names "optimizer") do lu.assertNotNil(OPTIMIZERS[optimizer], optimizer) end
  for _, param in ipairs(vocabulary.names "param") do
    for optimizer, row in pairs(OPTIMIZERS) do
      local family, rate = row[1], row[2]
      if param == "standard" and family ~= "newton" then rate = rate / 1000 end -- changes grow with the width
      local laws = { LAWS[param](family) }
      local depths = {}
      for depth in ipairs(laws) do depths[depth] = depth end
      local check = mlp.coordinate_check { widths = { 64, 128, 256, 512 }, X = X, y = y, rate = rate, param = param,
        optimizer = optimizer, depth = depths, steps = { 1, 3 }, activation = "tanh", init = "lecun", reps = 3,
        start = (param == "ntk" or param == "standard") and "none" or "random",
        temperature = optimizer == "langevin" and 1e-12 or nil }
      lu.assertEquals(#check.runs, 2 * #depths)
      for _, run in ipairs(check.runs) do
        for l, want in ipairs(laws[run.depth]) do
          local slope = run.exponents[l].slope
          -- Of standard's outputs the last layer's part is as n, that of the layer below as n^1/2.
          local near = param == "standard" and run.depth == 1 and l == 2 and 0.2 or 0.1
          lu.assertTrue(math.abs(slope - want) < near, ("%s, %s, depth %d, %d steps, layer %d: slope %.3f, not %g"):format(param,
            optimizer, run.depth, run.steps, l, slope, want))
        end
      end
    end
  end
end

-- Where the noise of langevin is all that moves: hidden layers change as n^1/2 in mup and meanfield at one temperature, and
-- as n^0 at a temperature as 1/n; in ntk as n^0 at one temperature.
function TestWidths:test_noise_of_langevin()
  local X, y = limn.rng.stream(1):normal(4, 4), limn.rng.stream(2):sign(4)
  for _, case in ipairs { { "mup", 1, 0.5 }, { "meanfield", 1, 0.5 }, { "ntk", 1, 0 },
    { "mup", function(n) return 64 / n end, 0 }, { "meanfield", function(n) return 64 / n end, 0 } } do
    local param, temperature, want = case[1], case[2], case[3]
    local check = mlp.coordinate_check { widths = { 64, 128, 256, 512 }, X = X, y = y, rate = 1e-4, param = param,
      optimizer = "langevin", temperature = temperature, depth = param == "meanfield" and 1 or 2, activation = "tanh",
      init = "lecun", steps = { 1, 3 }, reps = 3 }
    for _, run in ipairs(check.runs) do
      for l = 1, run.depth do
        local slope = run.exponents[l].slope
        lu.assertTrue(math.abs(slope - want) < 0.1, ("%s, %s, layer %d: slope %.3f, not %g"):format(param, temperature, l, slope, want))
      end
    end
  end
end

function TestWidths:test_rates_and_lists()
  local X, y = limn.rng.stream(1):normal(6, 3), limn.rng.stream(2):sign(6)
  local check = mlp.coordinate_check { widths = { 16, 32 }, X = X, y = y, rate = 0.1, param = "mup", rates = { 0, 1 }, reps = 1,
    optimizer = { "gd", "adam" }, steps = { 3, 1 } }
  lu.assertEquals(#check.runs, 4)
  local run = check.runs[4]
  lu.assertEquals({ run.optimizer, run.depth, run.steps }, { "adam", 1, 3 })
  lu.assertEquals(run.change[1], { 0, 0 }) -- the first layer is frozen
  lu.assertTrue(run.change[2][1] > 0 and run.exponents[1].slope ~= run.exponents[1].slope)
  lu.assertEquals(check.change[2][1], check.runs[1].change[2][1])
  raises("depth[2] must be", mlp.coordinate_check, { widths = { 8, 16 }, X = X, y = y, rate = 0.1, depth = { 1, 0 } })
  raises("optimizer must not be empty", mlp.coordinate_check, { widths = { 8, 16 }, X = X, y = y, rate = 0.1, optimizer = {} })
end

TestEnds = {}

-- Inputs in natural units: the loss at the start is of order 1e10, and falls from there.
function TestEnds:test_inputs_in_natural_units()
  local X, y = limn.linspace(0, 1, 20):reshape(20, 1) * 1e6, limn.rng.stream(1):sign(20)
  for _, start in ipairs { "random", "none" } do
    local net = mlp.new { sizes = { 1, 64, 1 }, seed = 1, start = start }
    local run = net:train(X, y, { steps = 300 })
    lu.assertEquals(run.reason, "steps")
    lu.assertTrue(run.loss < 1, run.loss)
    lu.assertNil(run.warning)
  end
  local net = mlp.new { sizes = { 1, 64, 1 }, seed = 1 }
  local rate = mlp.new({ sizes = { 1, 64, 1 }, seed = 1 }):train(X, y, { steps = 1 }).rate
  local before = net:step(X, y, { rate = rate })
  lu.assertEquals(net:steps(), 1)
  lu.assertTrue(net:step(X, y, { rate = rate, steps = 100 }) < before)
  local deep = { 2 }
  for l = 1, 20 do deep[l + 1] = 64 end
  deep[22] = 1
  local run = mlp.new({ sizes = deep, init = { weight = 6, bias = 0 } }):train(XOR, SIGNS, { steps = 5, rate = 1e-30 })
  lu.assertEquals({ run.reason, run.steps }, { "steps", 5 })
end

-- The limit does not follow the loss: training in calls of one step ends like training in one call.
function TestEnds:test_divergence_in_calls_of_one_step()
  local spec = { sizes = { 2, 16, 1 }, seed = 4 }
  local run = mlp.new(spec):train(XOR, SIGNS, { rate = 3, steps = 500 })
  lu.assertEquals(run.reason, "diverged")
  lu.assertStrContains(tostring(run), "the net diverged after " .. run.steps .. " step")
  local net, steps = mlp.new(spec), 0
  for _ = 1, 500 do
    local ok, loss, reason = pcall(net.step, net, XOR, SIGNS, { rate = 3 })
    if not ok then
      lu.assertStrContains(tostring(loss), "net:step: the net has diverged")
      break
    end
    steps = net:steps()
    lu.assertEquals(reason, steps == run.steps and "diverged" or "steps")
  end
  lu.assertEquals(steps, run.steps)
end

-- Labels of order 1 and no large loss at the start: 1e9 max(1, mean y^2) is the limit, as before.
function TestEnds:test_parameters_that_were_set()
  local net = mlp.new { sizes = { 2, 8, 1 }, start = "none" }
  net:set(2, { weights = limn.ones(1, 8) * 1e9 })
  local run = net:train(XOR, SIGNS, { steps = 3, rate = 1e-30, tol = -1 })
  lu.assertEquals({ run.reason, run.steps }, { "steps", 3 })
end

function TestEnds:test_reasons_of_an_ensemble()
  local nets = mlp.ensemble { sizes = { 2, 64, 1 }, count = 20, seed = 3, start = "none" }
  local run = nets:train(XOR, SIGNS, { rate = 0.3, steps = 3000, tol = 1e-4 })
  local diverged, least, most = 0, math.huge, 0
  for i, reason in ipairs(run.reasons) do
    if reason == "diverged" then
      diverged, least, most = diverged + 1, math.min(least, run.steps_of[i]), math.max(most, run.steps_of[i])
    end
  end
  lu.assertTrue(diverged > 0 and diverged < 20, diverged)
  lu.assertEquals(run.reason, "diverged")
  lu.assertEquals(run.warning, ("%d of 20 diverged after %d..%d steps"):format(diverged, least, most))
  for _, text in ipairs { tostring(run), tostring(nets), tostring(limn.maps.grid(nets, { n = 4 })) } do
    lu.assertStrContains(text, run.warning)
  end
  local bad, good
  for i, reason in ipairs(run.reasons) do
    if reason == "diverged" then bad = bad or i else good = good or i end
  end
  lu.assertStrContains(nets:member(bad).warning, "the net diverged after")
  lu.assertNil(nets:member(good).warning)
  lu.assertStrContains(nets:kernel(XOR, nil, { member = bad }).warning, ("net %d diverged after"):format(bad))
  lu.assertNil(nets:kernel(XOR, nil, { member = good }).warning)
  lu.assertEquals(nets:copy().warning, run.warning)
  for _, name in ipairs { "activations", "movement" } do
    lu.assertNotNil(nets[name](nets, XOR, { member = bad }).warning, name)
    lu.assertNil(nets[name](nets, XOR, { member = good }).warning, name)
  end
  lu.assertNotNil(nets:gradients(XOR, SIGNS, { member = bad }).warning)
  lu.assertNil(nets:initial().warning)
  -- All or some at the tolerance: the worst of the two.
  local small = mlp.ensemble { sizes = { 2, 16, 1 }, count = 6, seed = 4 }
  run = small:train(XOR, SIGNS, { rate = 0.05, steps = 5, tol = 1e9 })
  lu.assertEquals({ run.reason, small.warning }, { "tolerance" })
end

-- The default rate of sgd allows for the batch.
function TestEnds:test_default_rate_knows_the_batch()
  local y = limn.rng.stream(2):sign(20)
  for _, batch in ipairs { 1, 2, 5, 19, 20 } do
    local net = mlp.new { sizes = { 20, 1 }, bias = false, activation = "linear", seed = 1 }
    local run = net:train(limn.eye(20), y, { optimizer = "sgd", batch = batch, steps = 3000 })
    lu.assertTrue(run.reason ~= "diverged" and run.loss < 1e-6, ("batch %d: %s"):format(batch, run))
    if batch == 20 then lu.assertAlmostEquals(run.rate, 20, 1e-9) end
  end
  local X = limn.rng.stream(5):normal(64, 50)
  for _, batch in ipairs { 1, 2, 8 } do
    local run = mlp.new({ sizes = { 50, 100, 1 } }):train(X, limn.rng.stream(6):sign(64), { optimizer = "sgd", batch = batch,
      steps = 600 })
    lu.assertEquals(run.reason, "steps", batch)
  end
  local net = mlp.new { sizes = { 20, 1 }, bias = false, activation = "linear", seed = 1 }
  lu.assertEquals(net:train(limn.eye(20), y, { l2 = 1000, steps = 50 }).reason, "steps")
end

TestLosses = {}

-- Softmax on two outputs is the logistic loss of their difference; classes and probabilities are the same labels.
function TestLosses:test_softmax()
  local X = limn.rng.stream(3):normal(9, 2)
  local classes = limn.array { 1, 2, 3, 1, 2, 3, 1, 2, 3 }
  local onehot = limn.zeros(9, 3)
  for i = 1, 9 do onehot:set(i, classes[i], 1) end
  for _, count in ipairs { 1, 5 } do
    local a, b = mlp.new { sizes = { 2, 20, 3 }, count = count }, mlp.new { sizes = { 2, 20, 3 }, count = count }
    local run = a:train(X, classes, { loss = "softmax", steps = 400 })
    b:train(X, onehot, { loss = "softmax", steps = 400, rate = run.rate })
    lu.assertTrue(a:forward(X):equal(b:forward(X)))
    lu.assertTrue(run.loss < 0.7 and run.reason == "steps", tostring(run))
    local f, total = a:member(count):forward(X), 0
    for i = 1, 9 do
      local row = f[i]
      total = total + math.log((row - row:max()):exp():sum()) - (row[classes[i]] - row:max())
    end
    lu.assertAlmostEquals(run.losses[count], total / 9, 1e-10)
  end
  local net = mlp.new { sizes = { 2, 4, 3 } }
  raises("y[2] must be a class, a whole number from 1 to 3", net.train, net, { { 1, 1 }, { 1, 2 } }, { 1, 4 }, { loss = "softmax" })
  raises("y[1] must be a class", net.gradients, net, { { 1, 1 } }, { 1.5 }, { loss = "softmax" })
  raises("probabilities that sum to 1", net.train, net, { { 1, 1 } }, { { 0.5, 0.6, 0 } }, { loss = "softmax", rate = 1 })
  local one = mlp.new { sizes = { 2, 4, 1 } }
  raises("2 or more outputs", one.train, one, { { 1, 1 } }, { 1 }, { loss = "softmax" })
end

function TestLosses:test_hinge_and_exponential()
  for loss, value in pairs { hinge = function(z) return math.max(0, 1 - z) end, exponential = function(z) return math.exp(-z) end } do
    for _, count in ipairs { 1, 6 } do
      local net = mlp.new { sizes = { 2, 12, 1 }, count = count, activation = "tanh" }
      local run = net:train(XOR, SIGNS, { loss = loss, steps = 2000, rate = 0.05 })
      local f, total = net:member(count):forward(XOR), 0
      for i = 1, 4 do total = total + value(f[i] * SIGNS[i]) / 4 end
      lu.assertAlmostEquals(run.losses[count], total, 1e-12)
      lu.assertTrue(run.loss < 0.5, tostring(run))
    end
    local net = mlp.new { sizes = { 2, 3, 1 } }
    raises("must be -1 or +1 for the " .. loss .. " loss", net.train, net, XOR, { 1, 1, 0, 1 }, { loss = loss, rate = 1 })
  end
end

TestKernels = {}

function TestKernels:test_regressions_that_do_not_fit()
  local x = (2 * limn.rng.stream(1):uniform(16) - 1):sort()
  local o = { depth = 2, activation = "tanh", bias = 0.1, weight = 1, readout = 1, param = "ntk" }
  local l = limn.kernel.limit(x:reshape(16, 1), x:sign(), o)
  lu.assertTrue(l.fit.residual > 0.1)
  for _, text in ipairs { l.warning, l.fit.warning, tostring(l), tostring(limn.kernel.limit(XOR, SIGNS, { activation = "sin" })) } do
    lu.assertStrContains(text, "the labels are not fitted: relative residual")
  end
  lu.assertStrContains(l.warning, ("rank %d of 16"):format(l.fit.rank))
  lu.assertNil(limn.kernel.limit(XOR, SIGNS).warning)
  o.ridge = 0.1
  lu.assertNil(limn.kernel.limit(x:reshape(16, 1), x:sign(), o).warning)
end

os.exit(lu.LuaUnit.run())
