-- mlp_misuse_spec.lua: bad input to training: what is refused, by name, and what the net's state is afterwards.
-- slow: 6 s
-- luacheck: allow defined top
local lu = require "luaunit"
local limn = require "limn"
local mlp = limn.mlp
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local testing = dofile(here .. "/../support/testing.lua")

local XOR, SIGNS = limn.data.xor()
local NAN = 0 / 0

local function raises(text, f, ...)
  local ok, message = pcall(f, ...)
  lu.assertFalse(ok, "no error with " .. text)
  lu.assertStrContains(tostring(message), text)
end

TestMisuse = {}

-- Each optimiser with each option: it trains, or the error names option and optimiser.
function TestMisuse:test_options_that_an_optimizer_does_not_use()
  local uses = {
    gd = { momentum = true }, sgd = { momentum = true }, momentum = { momentum = true }, nesterov = { momentum = true },
    adam = { momentum = true, beta2 = true, epsilon = true }, adamw = { momentum = true, beta2 = true, epsilon = true },
    lion = { momentum = true, beta2 = true }, sign = {}, langevin = { temperature = true }, gauss_newton = { damping = true },
  }
  local values = { momentum = 0.5, beta2 = 0.9, epsilon = 1e-6, temperature = 0.1, damping = 1e-3 }
  for _, optimizer in ipairs(require("limn.base.vocabulary").names "optimizer") do lu.assertNotNil(uses[optimizer], optimizer) end
  for optimizer, used in pairs(uses) do
    for option, value in pairs(values) do
      local net = mlp.new { sizes = { 2, 4, 1 } }
      local rule = { optimizer = optimizer, rate = 0.01, steps = 2, temperature = optimizer == "langevin" and 0.1 or nil }
      rule[option] = value
      if used[option] then
        lu.assertEquals(net:train(XOR, SIGNS, rule).steps, 2, optimizer .. option)
      else
        raises(("net:train: %s is an option of optimizer = "):format(option), net.train, net, XOR, SIGNS, rule)
        raises(('not of "%s"'):format(optimizer), net.step, net, XOR, SIGNS, rule)
        lu.assertEquals(net:steps(), 0)
      end
    end
  end
end

function TestMisuse:test_coordinate_check()
  local function check(o)
    o.widths, o.X, o.y, o.rate, o.reps = { 8, 16 }, XOR, SIGNS, 0.01, 1
    return mlp.coordinate_check(o)
  end
  raises('optimizer = "langevin" needs temperature', check, { optimizer = "langevin" })
  raises("temperature must be", check, { optimizer = "langevin", temperature = -1 })
  raises('temperature is an option of optimizer = "langevin", not of "gd"', check, { temperature = 1 })
  raises('beta2 is an option of optimizer = "adam", "adamw", "lion", not of "gd", "sign"', check,
    { optimizer = { "gd", "sign" }, beta2 = 0.9 })
  lu.assertEquals(#check({ optimizer = { "langevin", "adam", "sign" }, temperature = 1e-3, beta2 = 0.9, momentum = 0.5 }).runs, 3)
end

function TestMisuse:test_labels_outside_the_classes()
  local net = mlp.new { sizes = { 2, 4, 3 } }
  for _, label in ipairs { 0, 4, 1.5, NAN, -1 } do
    raises("y[2] must be a class, a whole number from 1 to 3", net.train, net, XOR, { 1, label, 2, 3 },
      { loss = "softmax", rate = 0.1, steps = 2 })
  end
  local one = mlp.new { sizes = { 2, 4, 1 } }
  for _, loss in ipairs { "logistic", "hinge", "exponential" } do
    raises("y", one.train, one, XOR, { 1, 0, -1, 1 }, { loss = loss, rate = 0.1, steps = 2 })
  end
  lu.assertEquals({ net:steps(), one:steps() }, { 0, 0 })
end

function TestMisuse:test_held_out_labels_that_are_not_finite()
  local net = mlp.new { sizes = { 2, 4, 1 } }
  raises("validate", net.train, net, XOR, SIGNS, { rate = 0.1, steps = 4, validate = { XOR, { 1, NAN, 1, 1 } } })
  raises("validate", net.train, net, XOR, SIGNS, { rate = 0.1, steps = 4, validate = { limn.array { { 1, NAN } }, { 1 } } })
  raises("validate", net.train, net, XOR, SIGNS, { loss = "logistic", rate = 0.1, steps = 4, validate = { XOR, { 1, 0, 1, 1 } } })
  lu.assertEquals(net:steps(), 0)
end

function TestMisuse:test_lists_of_another_length()
  local nets = mlp.ensemble { sizes = { 2, 4, 1 }, count = 3 }
  for _, name in ipairs { "rate", "l2", "l1", "decay" } do
    for _, list in ipairs { { 0.1, 0.1, 0.1, 0.1 }, {}, limn.ones(5) } do
      local rule = { rate = 0.1, steps = 2 }
      rule[name] = list
      raises(name .. " must be a number, ", nets.train, nets, XOR, SIGNS, rule)
      raises("one entry per net, 3, got " .. #list, nets.train, nets, XOR, SIGNS, rule)
    end
    local rule = { rate = 0.1, steps = 2 }
    rule[name] = { 0.1, NAN, 0.1 }
    raises(name .. "[2] must be", nets.train, nets, XOR, SIGNS, rule)
    rule[name] = { 0.1, -1, 0.1 }
    raises(name .. "[2] must be", nets.train, nets, XOR, SIGNS, rule)
  end
  raises("seed must be a number or a list with one entry per net, 3, got 2", mlp.ensemble, { sizes = { 2, 1 }, count = 3, seed = { 1, 2 } })
  raises("alpha must be a number or a list with one entry per net, 3, got 4", mlp.ensemble,
    { sizes = { 2, 1 }, count = 3, alpha = { 1, 2, 3, 4 } })
  lu.assertEquals(nets:steps(), 0)
end

-- The tangent model, the limit, kernel regression and a regression on neurons carry a warning where they do not fit their data.
function TestMisuse:test_regressions_that_do_not_fit()
  local X, y = limn.rng.stream(1):normal(12, 2), limn.rng.stream(2):normal(12)
  local net = mlp.new { sizes = { 2, 3, 1 }, activation = "linear", bias = false }
  local model = net:linearised(X, y)
  lu.assertStrContains(model.warning, "the labels are not fitted: relative residual 0.")
  lu.assertStrContains(tostring(model), "at rank 2 of 12")
  lu.assertNil(net:linearised(X, y, { rate = 0.01, steps = 5 }).warning)
  lu.assertNil(mlp.new({ sizes = { 2, 64, 1 } }):linearised(X, y).warning)
  lu.assertStrContains(limn.kernel.limit(X, y, { activation = "linear" }).warning, "rank 2 of 12")
  lu.assertStrContains(limn.kernel.regress(X:matmul(X:T()), X:matmul(X:T()), y).warning, "rank 2 of 12")
  local fit = limn.regress.minnorm(limn.features.neurons(mlp.new { sizes = { 2, 4, 1 } }, X), y)
  lu.assertTrue(fit.rank <= 4 and fit.residual > 1e-3)
  lu.assertNotNil(fit.warning)
end

-- A Lua loss that fails in the middle: the steps before it are kept, and training goes on from there.
function TestMisuse:test_a_loss_that_fails_late()
  for text, fault in pairs {
    ["my own fault"] = function() error "my own fault" end,
    ["for finite outputs"] = function(f) return NAN, f end,
    ["a gradient that is not finite"] = function(f) return 1, f * NAN end,
    ["a gradient of 4 entries"] = function() return 1, { 1, 2, 3 } end,
    ["loss must return a number"] = function(_, y) return y, y end,
  } do
    local calls = 0
    local function loss(f, y)
      calls = calls + 1
      if calls == 4 then return fault(f, y) end
      return ((f - y) ^ 2):sum() / 8, (f - y) / 4
    end
    local net, twin = mlp.new { sizes = { 2, 6, 1 } }, mlp.new { sizes = { 2, 6, 1 } }
    raises(text, net.train, net, XOR, SIGNS, { loss = loss, optimizer = "adam", rate = 0.05, steps = 9 })
    lu.assertEquals(net:steps(), 3)
    twin:train(XOR, SIGNS, { optimizer = "adam", rate = 0.05, steps = 3, tol = -1 })
    lu.assertTrue((net:forward(XOR) - twin:forward(XOR)):abs():max() < 1e-12, text)
    net:train(XOR, SIGNS, { optimizer = "adam", rate = 0.05, steps = 2, tol = -1 })
    twin:train(XOR, SIGNS, { optimizer = "adam", rate = 0.05, steps = 2, tol = -1 })
    lu.assertTrue((net:forward(XOR) - twin:forward(XOR)):abs():max() < 1e-12, text)
  end
end

-- An error from `on`, as a Ctrl-C is one, keeps the steps made, whatever makes them.
function TestMisuse:test_an_interrupt_keeps_the_state()
  local native = require "limn.native"
  local function own(f, y) return ((f - y) ^ 2):sum() / 8, (f - y) / 4 end
  for what, rule in pairs { plain = {}, loss = { loss = own }, newton = { optimizer = "gauss_newton" }, activation = {},
    fresh = { fresh = true } } do
    local net = mlp.new { sizes = { 2, 6, 1 }, activation = what == "activation" and function(h) return h ^ 2, h * 2 end or "tanh" }
    local fresh = rule.fresh
    rule.fresh, rule.rate, rule.steps, rule.every, rule.tol = nil, 0.01, 20, 5, -1
    rule.on = function(state)
      if state.step == 10 then error(native.error("interrupted", "interrupted!"), 0) end
    end
    local ok, e = pcall(net.train, net, fresh and function() return XOR, SIGNS end or XOR, not fresh and SIGNS or nil, rule)
    lu.assertFalse(ok, what)
    lu.assertStrContains(tostring(e), "interrupted!")
    lu.assertEquals({ e.run.reason, e.run.steps, net:steps() }, { "cancelled", 10, 10 }, what)
    local f = net:forward(XOR)
    lu.assertAlmostEquals(e.run.loss, ((f - SIGNS) ^ 2):mean() / 2, 1e-12, what)
  end
end

-- SIGINT to a process that trains: the exit code is 130 where the script raises the error again; the nets hold the steps made,
-- moments included, and the run has the loss of these nets.
function TestMisuse:test_sigint()
  local dir = testing.temp_dir()
  testing.write(dir .. "/train.lua", [[
    local limn = require "limn"
    local X, y = limn.rng.stream(1):normal(6, 3), limn.rng.stream(2):sign(6)
    local function own(f, t) return ((f - t) ^ 2):sum() / 12, (f - t) / 6 end
    local rules = { plain = {}, adam = { optimizer = "adam" }, loss = { loss = own, optimizer = "adam" },
      activation = { optimizer = "adam" }, newton = { optimizer = "gauss_newton" }, fresh = { optimizer = "adam" },
      many = { optimizer = "adam", constrain = { kind = "max_norm", norm = 2 } } } -- more nets than threads: some have not begun
    local what = arg[1]
    local count = what == "many" and 9 or 1
    local rule, points, labels = rules[what], X, y
    if what == "fresh" then points, labels = function() return X, y end, nil end
    rule.rate, rule.tol, rule.steps = 0.001, -1, 1 << 40
    local function start()
      return limn.mlp.ensemble { sizes = { 3, 20, 10, 1 }, count = count,
        activation = what == "activation" and function(h) local t = h:tanh() return t, 1 - t * t end or "tanh" }
    end
    local net = start()
    io.open("begun", "w"):close()
    local ok, e = pcall(net.train, net, points, labels, rule)
    local run = e.run
    print(ok, run.reason)
    local function outputs(of, i) return count == 1 and of:forward(X) or of:forward(X)[i] end
    local function same(more) -- each net as one that made its steps, and `more`, without a break
      for i = 1, count do
        local twin = start()
        rule.steps = math.tointeger(run.steps_of[i])
        if rule.steps > 0 then twin:train(points, labels, rule) end
        rule.steps = more
        if more > 0 then twin:train(points, labels, rule) end
        if not outputs(net, i):equal(outputs(twin, i)) then return false end
      end
      return true
    end
    local worst = 0
    for i = 1, count do
      local far = math.abs(((outputs(net, i) - y) ^ 2):mean() / 2 - run.losses[i])
      worst = far == far and math.max(worst, far) or math.huge
    end
    print(net:steps() == run.steps and run.steps > 0, worst < 1e-12, same(0))
    rule.steps = 3
    net:train(points, labels, rule)
    print(same(3))
    error(e, 0)]])
  for _, what in ipairs { "plain", "adam", "loss", "activation", "newton", "fresh", "many" } do
    local text, code = testing.run(("(cd %s; rm -f begun; %s train.lua %s & p=$!; n=0; while [ ! -e begun ] && [ $n -lt 2000 ]; do"
      .. " sleep 0.02; n=$((n+1)); done; sleep 0.1; kill -INT $p; (sleep 100; kill -9 $p) >/dev/null 2>&1 & q=$!; wait $p; code=$?;"
      .. " kill $q; exit $code) 2>&1"):format(dir, testing.program, what))
    lu.assertEquals(code, 130, what .. ": " .. text)
    lu.assertStrContains(text, "false\tcancelled\ntrue\ttrue\ttrue\ntrue\n", false, what)
    lu.assertStrContains(text, "interrupted!")
  end
end

os.exit(lu.LuaUnit.run())
