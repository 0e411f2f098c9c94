-- mlp_ends_spec.lua: the end of training: tolerance, divergence, callbacks and curves, Ctrl-C.
-- slow: 4 s
-- luacheck: allow defined top
local lu = require "luaunit"
local limn = require "limn"
local mlp = limn.mlp

local tools = dofile(debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/../support/mlp_tools.lua")
local PARAMS, XOR, SIGNS, close, loss_of = tools.PARAMS, tools.XOR, tools.SIGNS, tools.close, tools.loss_of

-- ---- ends of training ------------------------------------------------------------------------------------

TestEnds = {}

function TestEnds:test_tolerance()
  for _, case in ipairs { { 1, { 2, 16, 1 } }, { 12, { 2, 16, 1 } }, { 12, { 2, 8, 8, 1 } }, { 1, { 2, 32, 32, 1 } } } do
    local net = mlp.new { sizes = case[2], count = case[1], seed = 4 }
    local run = net:train(XOR, SIGNS, { tol = 1e-4, rate = 0.05, steps = 50000 })
    lu.assertEquals(run.reason, "tolerance", tostring(run))
    local steps = run.steps_of:totable()
    for member = 1, case[1] do
      local alone = mlp.new { sizes = case[2], seed = 4, rep = member - 1 }
      local loss = loss_of(net, XOR, SIGNS, "mse", member)
      lu.assertTrue(loss <= 1e-4 * (1 + 1e-9))
      lu.assertAlmostEquals(run.losses[member], loss, 1e-12)
      alone:train(XOR, SIGNS, { tol = -1, rate = 0.05, steps = steps[member] - 1 })
      lu.assertTrue(loss_of(alone, XOR, SIGNS, "mse") > 1e-4)
    end
    local again = net:train(XOR, SIGNS, { tol = 1e-4, rate = 0.05, steps = 10 })
    lu.assertEquals(again.steps, 0)
  end
end

function TestEnds:test_a_rate_of_its_own_is_stable()
  for _, param in ipairs(PARAMS) do
    for _, kind in ipairs { "mse", "logistic" } do
      local net = mlp.new { sizes = { 2, 50, 1 }, param = param, activation = "tanh", init = "lecun" }
      local before = loss_of(net, XOR, SIGNS, kind)
      local run = net:train(XOR, SIGNS, { steps = 300, loss = kind })
      lu.assertTrue(run.loss < before and run.reason ~= "diverged", tostring(run))
    end
  end
end

local function finite(net)
  for member = 1, net.count do
    for _, layer in ipairs(net:parameters { member = member }) do
      for _, a in ipairs { layer.weights, layer.bias } do
        local sum = (a * 0):sum()
        if sum ~= 0 then return false end
      end
    end
  end
  return true
end

-- Stops with a reason, and no NaN or Inf among the parameters whatever the rate.
function TestEnds:test_divergence()
  for _, case in ipairs { { 1, { 2, 16, 1 } }, { 12, { 2, 16, 1 } }, { 12, { 2, 8, 8, 1 } }, { 1, { 2, 32, 32, 1 } },
    { 5, { 2, 4, 1 }, "antisymmetric" },
    { 1, { 2, 32, 32, 1 }, "none" } } do
    for _, dtype in ipairs { "f64", "f32" } do
      for _, rate in ipairs { 30, 1e15, 1e38, 1e300 } do
        for _, optimizer in ipairs { "gd", "momentum" } do
          local net = mlp.new { sizes = case[2], count = case[1], start = case[3], dtype = dtype, param = "ntk", activation = "relu" }
          local run = net:train(XOR, SIGNS, { rate = rate, steps = 2000, optimizer = optimizer })
          local what = ("%s, %d nets, %s, rate %g, %s"):format(table.concat(case[2], "-"), case[1], dtype, rate, optimizer)
          lu.assertTrue(run.reason == "diverged" or (run.tally and run.tally.diverged > 0), what .. tostring(run))
          if run.reason == "diverged" and (not run.tally or run.tally.diverged == case[1]) then lu.assertTrue(run.steps < 2000, what) end
          lu.assertTrue(finite(net), what)
        end
      end
    end
  end
  -- One that diverges leaves the others alone: labels so large that only a wild start is lost.
  local net = mlp.ensemble { sizes = { 2, 8, 1 }, count = 6, init = { weight = 1 } }
  local wild = net:parameters { member = 3 }[2].weights * 1e3
  net:set(2, { weights = wild, member = 3 })
  local run = net:train(XOR, SIGNS, { rate = 0.05, steps = 100, tol = -1 })
  lu.assertEquals(run.reasons[3], "diverged")
  lu.assertEquals(run.tally, { steps = 5, diverged = 1 })
  local alone = mlp.new { sizes = { 2, 8, 1 }, init = { weight = 1 }, rep = 3 }
  alone:train(XOR, SIGNS, { rate = 0.05, steps = 100, tol = -1 })
  close(net:member(4):forward(XOR), alone:forward(XOR), 1e-10)
end

function TestEnds:test_on_and_curves()
  local net, seen = mlp.new { sizes = { 2, 16, 1 } }, {}
  local run = net:train(XOR, SIGNS, { rate = 0.05, steps = 100, every = 10, tol = -1, on = function(e)
    seen[#seen + 1] = e.step
    lu.assertAlmostEquals(e.loss, loss_of(net, XOR, SIGNS, "mse"), 1e-12)
    return e.step < 40
  end })
  lu.assertEquals(run.reason, "stopped")
  lu.assertEquals(seen, { 10, 20, 30, 40 })
  lu.assertEquals(net:steps(), 40)
  lu.assertEquals(run.curve.steps:totable(), { 0, 10, 20, 30, 40 })
  lu.assertEquals(#run.curve.loss, 5)
  local many = mlp.ensemble { sizes = { 2, 5, 1 }, count = 3 }
  run = many:train(XOR, SIGNS, { rate = 0.01, steps = 20, every = 10, tol = -1 })
  lu.assertEquals({ run.curve.loss:shape() }, { 3, 3 })
  for i = 1, 3 do lu.assertAlmostEquals(run.curve.loss:get(3, i), loss_of(many, XOR, SIGNS, "mse", i), 1e-12) end
end

-- Other moments start afresh, and so does their bias correction.
function TestEnds:test_changing_the_optimizer()
  for _, case in ipairs { { 1, { 2, 20, 1 } }, { 5, { 2, 4, 1 } } } do
    local net = mlp.new { sizes = case[2], count = case[1], activation = "tanh" }
    net:train(XOR, SIGNS, { rate = 0.01, steps = 50, tol = -1 })
    local before = net:parameters { member = case[1] }[2].weights
    net:train(XOR, SIGNS, { rate = 1e-3, steps = 1, tol = -1, optimizer = "adam" })
    local moved = (net:parameters { member = case[1] }[2].weights - before):abs()
    lu.assertAlmostEquals(moved:max(), 1e-3, 1e-6) -- Adam's first step is the rate, whatever the gradient
    lu.assertAlmostEquals(moved:min(), 1e-3, 1e-6)
  end
end

-- A Ctrl-C may interrupt any instruction of the Lua code of net:train, also directly after the native call. The run
-- must report the steps that the nets made, and no step may be made by half. Here the interrupt is raised at each
-- instruction in turn, and at each return from a function, where a signal during a native call takes effect.
function TestEnds:test_interrupt_on_each_instruction()
  local function half_square(f, y) return ((f - y) ^ 2):sum() / 8, (f - y) / 4 end
  local function square(h) return h ^ 2, h * 2 end
  local kinds = {
    plain = {}, loss = { loss = half_square }, activation = { activation = square },
    both = { loss = half_square, activation = square }, newton = { optimizer = "gauss_newton" },
  }
  local function start(at, count, kind)
    return mlp.ensemble { sizes = { 2, 3, 1 }, count = count, rep = at, activation = kinds[kind].activation }
  end
  local function rule(kind, steps, more)
    local o = { rate = 0.01, steps = steps, tol = -1, loss = kinds[kind].loss, optimizer = kinds[kind].optimizer or "adam" }
    for name, value in pairs(more or {}) do o[name] = value end
    return o
  end
  local function interrupted(at, count, kind, event)
    local net = start(at, count, kind)
    net:train(XOR, SIGNS, rule(kind, 5))
    local run, fell
    pcall(function()
      local left = event == "return" and at or 1
      debug.sethook(function()
        left = left - 1
        if left > 0 then return end
        debug.sethook()
        fell = true
        error(require("limn.native").error("interrupted", "interrupted!"), 0)
      end, event == "return" and "r" or "", event == "return" and 0 or at)
      run = net:train(XOR, SIGNS, rule(kind, 2, { every = 1, interrupt = "return" }))
      debug.sethook()
    end)
    return net, run, fell
  end
  local function check(count, kind, event, stride)
    local at, seen, fell = 0, {}, true
    local net, run
    while fell do
      at = at + stride
      net, run, fell = interrupted(at, count, kind, event)
      local steps = net:steps() - 5
      local whole = start(at, count, kind)
      whole:train(XOR, SIGNS, rule(kind, 5 + steps))
      lu.assertTrue(net:forward(XOR):equal(whole:forward(XOR)), ("%s: parameters at %d"):format(kind, at))
      if run then -- else it fell before or behind the training itself
        seen[steps] = true
        lu.assertEquals(run.steps, steps, kind .. ": steps at " .. at)
        lu.assertEquals(run.steps_of:totable(), (limn.ones(count) * steps):totable())
        lu.assertAlmostEquals(run.losses[count], loss_of(net, XOR, SIGNS, "mse", count), 1e-12)
        if run.curve then lu.assertEquals(#run.curve.steps, #run.curve.loss, "curve at " .. at) end
      end
    end
    lu.assertEquals(seen, { [0] = true, true, true }, kind)
    lu.assertTrue(at > (event == "return" and 100 or 300), at)
    lu.assertEquals(run.reason, "steps")
  end
  check(1, "plain", "instruction", 1)
  check(2, "plain", "instruction", 3)
  for kind in pairs(kinds) do
    check(1, kind, "return", 1)
    check(1, kind, "instruction", 11)
  end
end

-- Ctrl-C: the nets are kept as they are. The error holds the run so far, and ends a script that does not catch it.
function TestEnds:test_interrupt()
  local dir = os.tmpname()
  os.remove(dir)
  os.execute("mkdir " .. dir)
  local limn_program = (os.getenv "LIMN_TEST_BUILD" or "build/release") .. "/limn"
  if not limn_program:match "^/" then limn_program = os.getenv "PWD" .. "/" .. limn_program end
  local function ends(what, body, expected, arguments)
    local file = io.open(dir .. "/go.lua", "w")
    file:write([[
      local limn = require "limn"
      local X, y = limn.array { { 1, 1 }, { 1, -1 }, { -1, 1 }, { -1, -1 } }, limn.array { 1, -1, -1, 1 }
    ]] .. body)
    file:close()
    local out = io.popen(("cd %s && rm -f ready; %s go.lua %s 2>&1 & p=$!; n=0; while [ ! -e %s/ready ] && [ $n -lt 4000 ]; do sleep 0.05; "
      .. "n=$((n+1)); done; sleep 0.5; kill -INT $p; (sleep 300; kill -9 $p) >/dev/null 2>&1 & q=$!; wait $p; kill $q")
      :format(dir, limn_program, arguments or "", dir))
    local text = out:read "a"
    out:close()
    lu.assertStrContains(text, expected, false, what)
  end
  local ready = "io.open(\"ready\", \"w\"):close()\n"
  for _, shape in ipairs { "{ sizes = { 2, 16, 1 } }", "{ sizes = { 2, 16, 1 }, count = 40 }", "{ sizes = { 2, 16, 16, 1 }, count = 40 }",
    "{ sizes = { 2, 300, 300, 1 } }" } do
    ends(shape, ([[
      local net = limn.mlp.new %s
      io.open("ready", "w"):close()
      local ok, e = pcall(net.train, net, X, y, { rate = 1e-9, steps = 1 << 50, tol = -1 })
      local run = e.run
      print(ok, run.reason, net:steps() > 0, run.loss == run.loss, net:forward(X):max() < math.huge)
    ]]):format(shape), "false\tcancelled\ttrue\ttrue\ttrue\n")
  end
  -- Between the kernels' calls it falls on Lua code: the same answer, with the curve so far.
  ends("every", ready .. [[
    local net = limn.mlp.new { sizes = { 2, 4, 1 } }
    local run = net:train(X, y, { rate = 1e-9, steps = 1 << 50, tol = -1, every = 1, interrupt = "return",
      on = function() for _ = 1, 20000 do end end })
    print(run.reason, run.steps == net:steps(), run.loss == run.loss, #run.curve.loss > 2)
  ]], "cancelled\ttrue\ttrue\ttrue\n")
  ends("uncaught", ready .. [[
    limn.mlp.new({ sizes = { 2, 16, 1 } }):train(X, y, { rate = 1e-9, steps = 1 << 50, tol = -1 })
    print "goes on"
  ]], "go.lua:4: interrupted!\n")
  -- A loop of the script's own ends, and a sweep does not keep a cell cut short.
  ends("step", ready .. [[
    local net = limn.mlp.new { sizes = { 2, 300, 300, 1 } }
    print(pcall(function() while true do net:step(X, y, { rate = 1e-9, steps = 1 << 40 }) end end))
  ]], "interrupted!")
  ends("sweep", [[
    return limn.experiment { name = "cut", params = { a = { default = 1 } }, grid = { a = { 1, 2 } }, measure = function()
      io.open("ready", "w"):close()
      return { loss = limn.mlp.new({ sizes = { 2, 16, 1 } }):train(X, y, { rate = 1e-9, steps = 1 << 50, tol = -1 }).loss }
    end }
  ]], "interrupted after 0 of 2 cells", "--workers 0 --store cut.db")
  os.execute("rm -r " .. dir)
end

os.exit(lu.LuaUnit.run())
