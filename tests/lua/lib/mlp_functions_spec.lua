-- mlp_functions_spec.lua: activations that are Lua functions, and samples from the posterior of small nets.
-- luacheck: allow defined top
-- slow: 5 s
local lu = require "luaunit"
local limn = require "limn"
local mlp = limn.mlp

local XOR, SIGNS = limn.data.xor()

local function raises(text, f, ...)
  local ok, message = pcall(f, ...)
  lu.assertFalse(ok, "no error with " .. text)
  lu.assertStrContains(tostring(message), text)
end

local function tanh(h)
  local t = h:tanh()
  return t, 1 - t ^ 2
end

TestActivation = {}

-- tanh as a function gives the nets of the built-in tanh: outputs, probes, and training with every optimiser, penalty and
-- kind of start; in f32 to its rounding.
function TestActivation:test_as_the_built_in_one()
  local X, y = limn.rng.stream(5):normal(7, 2), limn.rng.stream(6):sign(7)
  for _, o in ipairs { {}, { optimizer = "adam", l1 = 0.01 }, { optimizer = "momentum", l2 = 0.1 }, { optimizer = "nesterov" },
    { optimizer = "sign" }, { optimizer = "lion", decay = 0.1 }, { optimizer = "sgd", batch = 2 }, { schedule = "cosine" },
    { optimizer = "langevin", temperature = 1e-3 }, { optimizer = "gauss_newton" }, { constrain = { kind = "norm", norm = 1 } },
    { loss = "logistic" }, { loss = function(f, t) return ((f - t) ^ 2):sum() / 2 / #f, (f - t) / #f end } } do
    for _, spec in ipairs { {}, { start = "none", count = 3 }, { start = "antisymmetric" }, { param = "mup", dtype = "f32" } } do
      spec.sizes = { 2, 7, 5, 1 }
      spec.activation = "tanh"
      local a = mlp.new(spec.count and { sizes = { 2, 1 } } or spec)
      a = spec.count and mlp.ensemble(spec) or a
      spec.activation = tanh
      local b = spec.count and mlp.ensemble(spec) or mlp.new(spec)
      lu.assertEquals({ b.activation, a.activation }, { "function", "tanh" })
      local rule = { rate = 0.02, steps = 6, tol = -1 }
      for k, v in pairs(o) do rule[k] = v end
      local what = ("%s, %s"):format(rule.optimizer or rule.schedule or "gd", spec.start or spec.dtype or "plain")
      local close = spec.dtype == "f32" and 1e-4 or 1e-9
      lu.assertTrue((a:forward(X) - b:forward(X)):abs():max() < close, what)
      -- From f = 0 the signs of the first gradients are those of rounding errors.
      if not ((o.optimizer == "sign" or o.optimizer == "lion") and spec.start or o.optimizer == "gauss_newton" and spec.dtype) then
        local want, got = a:train(X, y, rule), b:train(X, y, rule)
        lu.assertEquals({ b:steps(), got.steps, got.reason }, { a:steps(), want.steps, want.reason }, what)
        lu.assertTrue((a:forward(X) - b:forward(X)):abs():max() < close, what)
      end
    end
  end
  local net = mlp.new { sizes = { 2, 7, 1 }, activation = tanh }
  local run = net:train(XOR, SIGNS, { rate = 0.1, steps = 300, tol = 0.1 })
  lu.assertEquals({ run.algorithm, run.reason, run.steps < 300 }, { "wide, activation in Lua", "tolerance", true })
  local twin = mlp.new { sizes = { 2, 7, 1 }, activation = "tanh" }
  twin:train(XOR, SIGNS, { rate = 0.1, steps = run.steps, tol = -1 })
  for name, probe in pairs {
    gradients = function(n) return n:gradients(XOR, SIGNS)[1].weights end, kernel = function(n) return n:kernel(XOR).total end,
    features = function(n) return n:features(XOR) end, map = function(n) return (n:map { n = 9 }) end,
    linear = function(n) return n:linearised(XOR, SIGNS):forward(XOR) end, copy = function(n) return n:copy():forward(XOR) end,
    initial = function(n) return n:initial():forward(XOR) end,
  } do lu.assertTrue((probe(net) - probe(twin)):abs():max() < 1e-10, name) end
  local check = { widths = { 8, 16 }, X = XOR, y = SIGNS, rate = 0.1, activation = tanh, reps = 2 }
  lu.assertTrue(mlp.coordinate_check(check).change[1][1] > 0)
end

-- A net lives on when only a copy of it is left.
function TestActivation:test_copies_keep_the_function()
  local copy = mlp.new({ sizes = { 2, 7, 1 }, activation = function(h) return h ^ 2, h * 2 end }):copy()
  for _ = 1, 3 do collectgarbage() end
  lu.assertTrue((copy:forward(XOR) - mlp.new({ sizes = { 2, 7, 1 }, activation = "quadratic" }):forward(XOR)):abs():max() < 1e-13)
end

function TestActivation:test_faults_are_named()
  local function new(f) return mlp.new { sizes = { 2, 4, 1 }, activation = f } end
  raises("activation must be a name or a function", new, 7)
  raises("activation must be", new, "tahn")
  raises("must return derivatives of 3 entries, as its argument has, got nil", new, function(h) return h end)
  raises("must return values of 3 entries, as its argument has, got 2 entries", new, function(h) return { 1, 2 }, h end)
  raises("must act on each entry by itself", new, function(h) return h / h:norm(), h end)
  raises("my own fault", new, function() error "my own fault" end)
  local path = os.tmpname()
  raises("cannot be stored in a file", new(tanh).save, new(tanh), path)
  raises("cannot be stored in a file", new(tanh).train, new(tanh), XOR, SIGNS, { rate = 0.1, steps = 2, checkpoint = path })
  os.remove(path)
  raises("kernels of infinite width are known for the activations relu, tanh", limn.kernel.limit, new(tanh), XOR, SIGNS)
  raises("the net's is a function", limn.kernel.limit, new(tanh), XOR, SIGNS)
  raises("the net's is softplus", limn.kernel.limit, mlp.new { sizes = { 2, 4, 1 }, activation = "softplus" }, XOR, SIGNS)
end

-- A fault at any call of the activation in the middle of training leaves the nets as they were after the steps before,
-- moments included: with every kind of step, one net or several.
function TestActivation:test_state_is_kept()
  local calls, fault = 0, nil
  local function f(h)
    calls = calls + 1
    if fault and calls == fault.at then return fault.values(h) end
    return tanh(h)
  end
  local slopes = "activation returned derivatives that are not finite" -- which a forward pass does not read
  local faults = {
    ["late fault"] = function() error "late fault" end,
    ["activation returned values that are not finite at"] = function(h) return h * (0 / 0), h end,
    [slopes] = function(h) return h, h / 0 * 0 end,
    ["as its argument has, got 1"] = function(h) return { 1 }, h end,
  }
  for _, more in ipairs { { optimizer = "adam" }, { optimizer = "sgd", batch = 2 }, { optimizer = "lion", count = 3 },
    { optimizer = "gauss_newton" }, { loss = function(g, t) return ((g - t) ^ 2):sum() / 8, (g - t) / 4 end } } do
    local count, o = more.count, { rate = 0.1, tol = -math.huge }
    for _, name in ipairs { "optimizer", "batch", "loss" } do o[name] = more[name] end
    local function train(net, steps)
      o.steps = steps
      return net:train(XOR, SIGNS, o)
    end
    local function start()
      local net = (count and mlp.ensemble or mlp.new) { sizes = { 2, 5, 1 }, activation = f, count = count }
      train(net, 3)
      return net
    end
    fault = nil
    local probe = start()
    local before = calls
    train(probe, 2)
    local kept = {}
    for k = 1, calls - before do
      for text, values in pairs(faults) do
        fault = nil
        local a, b = start(), start()
        fault = { at = calls + k, values = values }
        local what = ("%s, fault at call %d: %s"):format(o.optimizer or "loss", k, text)
        local ok, message = pcall(train, a, 2)
        fault = nil
        if ok then -- the fault's values stood in for the activation's
          lu.assertEquals({ text, a:steps() }, { slopes, 5 }, what)
        else
          lu.assertStrContains(tostring(message), text)
          kept[a:steps()] = true
          lu.assertTrue(a:steps() >= 3 and a:steps() <= 5, what)
          if a:steps() > 3 then train(b, a:steps() - 3) end
          lu.assertTrue(a:forward(XOR):equal(b:forward(XOR)), what)
          train(a, 2) -- goes on
          train(b, 2)
          lu.assertTrue(a:forward(XOR):equal(b:forward(XOR)), what)
        end
      end
    end
    lu.assertTrue(kept[3] and kept[4], "faults in the first step and in the second")
  end
  local net
  net = mlp.new { sizes = { 2, 5, 1 }, activation = function(h)
    if net then net:forward(XOR) end
    return tanh(h)
  end }
  raises("the net's activation cannot use the net itself", net.forward, net, XOR)
  lu.assertEquals(limn.threads() >= 1, true)
end

TestBatches = {}

-- Nets that stopped at different steps would continue with other batches than alone; that is refused.
function TestBatches:test_nets_that_stopped_at_different_steps()
  local rng = limn.rng.stream(5)
  local X = rng:normal(8, 2)
  local y = X:col(1):gt(0) * 2 - 1
  local nets = limn.mlp.ensemble { sizes = { 2, 6, 1 }, count = 4, seed = 3 }
  local function square(f, t) return ((f - t) ^ 2):mean() / 2, (f - t) / #t end
  local o = { loss = square, rate = 0.1, steps = 5, batch = 3 }
  nets:train(X, y, o)
  nets:train(X, y, { rate = 0.1, steps = 5000, tol = 0.1 })
  local steps = limn.array { nets:member(1):steps(), nets:member(2):steps(), nets:member(3):steps(), nets:member(4):steps() }
  lu.assertTrue(steps:max() > steps:min())
  lu.assertErrorMsgContains(("have made %d to %d steps"):format(steps:min(), steps:max()), function() nets:train(X, y, o) end)
  o.batch = nil
  nets:train(X, y, o)
  o.batch = 3
  nets:member(2):train(X, y, o)
end

TestPosterior = {}

-- A linear net's posterior is normal: mean and variance of the outputs in closed form.
function TestPosterior:test_against_the_closed_form()
  local X, y, Z = limn.rng.stream(1):normal(6, 3), limn.rng.stream(2):normal(6), limn.rng.stream(3):normal(4, 3)
  local noise = 0.25 -- variance
  local nets = mlp.ensemble { sizes = { 3, 1 }, activation = "linear", init = { weight = 1.5, bias = 0.5 }, count = 4 }
  local run = nets:sample(X, y, { temperature = noise / #X, samples = 600, warmup = 200, leapfrog = 10, at = Z })
  lu.assertNil(run.warning)
  lu.assertTrue(run.rhat < 1.02 and run.effective > 400, tostring(run))
  lu.assertTrue(run.acceptance:min() > 0.6 and run.acceptance:max() < 0.97, tostring(run.acceptance))
  local function kernel(a, b) return a:matmul(b:T()) * (1.5 / 3) + 0.5 end
  local K = kernel(X, X) + limn.eye(6) * noise
  local cross = kernel(Z, X)
  local mean, cover = cross:matmul((K:solve(y))), kernel(Z, Z) - cross:matmul((K:solve(cross:T())))
  for p = 1, 4 do
    local sd = math.sqrt(cover:get(p, p))
    lu.assertAlmostEquals(run.mean[p], mean[p], 5 * sd / math.sqrt(run.effective))
    lu.assertAlmostEquals(run.variance[p] / sd ^ 2, 1, 0.2)
  end
  lu.assertEquals({ run.outputs:shape() }, { 2400, 4 })
  lu.assertTrue((nets:forward(Z)[4] - run.outputs[2400]):abs():max() < 1e-12) -- the last sample is kept
  local again = mlp.ensemble({ sizes = { 3, 1 }, activation = "linear", init = { weight = 1.5, bias = 0.5 }, count = 4 })
    :sample(X, y, { temperature = noise / #X, samples = 600, warmup = 200, leapfrog = 10, at = Z })
  lu.assertTrue(again.outputs:equal(run.outputs))
end

-- Without data (a constant loss) the samples are the prior's; in the NTK parameterisation and with the start subtracted, too.
function TestPosterior:test_the_prior()
  local net = mlp.new { sizes = { 2, 3, 1 }, activation = "tanh", init = { weight = 1, bias = 0.3 }, param = "ntk" }
  local run = net:sample(XOR, SIGNS, { temperature = 1e9, samples = 800, warmup = 100, leapfrog = 8 })
  local many = mlp.ensemble({ sizes = { 2, 3, 1 }, activation = "tanh", init = { weight = 1, bias = 0.3 }, param = "ntk", count = 4000 })
    :forward(XOR)
  lu.assertAlmostEquals(run.variance[1] / many:var(1)[1], 1, 0.25)
end

-- Chains that do not mix are named: few samples of a sharp posterior, a step that is too large, separate modes.
function TestPosterior:test_diagnosis()
  local nets = mlp.ensemble { sizes = { 2, 4, 1 }, activation = "tanh", init = { weight = 4, bias = 1 }, count = 3 }
  local run = nets:sample(XOR, SIGNS, { temperature = 1e-3, samples = 20, warmup = 0, rate = 1e-4, leapfrog = 2 })
  lu.assertStrContains(run.warning, "the chains did not mix: R-hat")
  lu.assertStrContains(tostring(run), "did not mix")
  run = nets:sample(XOR, SIGNS, { temperature = 1e-3, samples = 20, warmup = 0, rate = 3, leapfrog = 2 })
  lu.assertStrContains(run.warning, "the acceptance of a chain is 0.00, below 0.4")
end

function TestPosterior:test_bad_input()
  local net = mlp.new { sizes = { 2, 4, 1 }, activation = "tanh" }
  raises("temperature is missing", net.sample, net, XOR, SIGNS, {})
  raises("temperature must be positive, got 0", net.sample, net, XOR, SIGNS, { temperature = 0 })
  raises("unknown option", net.sample, net, XOR, SIGNS, { temperature = 1, step = 3 })
  raises("y has 3 entries but X has 4 rows", net.sample, net, XOR, { 1, 1, 1 }, { temperature = 1, samples = 4 })
  local other = mlp.new { sizes = { 2, 4, 1 }, dtype = "f32" }
  raises('dtype = "f64" only', other.sample, other, XOR, SIGNS, { temperature = 1 })
  other = mlp.new { sizes = { 2, 4, 1 }, init = "uniform" }
  raises("must be normal", other.sample, other, XOR, SIGNS, { temperature = 1 })
  other = mlp.new { sizes = { 2, 4, 2 } }
  raises("must have 1 output, got 2", other.sample, other, XOR, SIGNS, { temperature = 1 })
end

os.exit(lu.LuaUnit.run())
