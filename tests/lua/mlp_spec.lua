-- mlp_spec.lua: training. Gradients against finite differences of forward; every way of training against plain steps
-- along those gradients; threads, instruction sets, calls and checkpoints to the bit; misuse.
-- luacheck: allow defined top
local lu = require "luaunit"
local limn = require "limn"
local mlp = limn.mlp

local ACTIVATIONS = { "relu", "tanh", "erf", "gelu", "sin", "linear" }
local PARAMS = { "standard", "ntk", "meanfield", "mup" }

local made = 0
local function stream() -- the same numbers in every run: kinks stay out of the way
  made = made + 1
  return limn.rng.stream { seed = 17, point = made }
end

local function task(points, inputs, outputs)
  local X, y = stream():normal(points, inputs), stream():sign(points, outputs or 1)
  return X, (outputs or 1) == 1 and y:reshape(points) or y
end

local function fails(text, f, ...)
  local ok, message = pcall(f, ...)
  lu.assertFalse(ok, "expected: " .. text)
  lu.assertStrContains(tostring(message), text)
end

local function close(a, b, tol, what)
  local worst, scale = (a - b):abs():max(), math.max(b:abs():max(), 1e-300)
  lu.assertTrue(worst <= tol * scale, ("%s: off by %g of %g"):format(what or "", worst, scale))
end

-- The mean loss, from forward alone.
local function loss_of(net, X, y, kind, member)
  local f, total = net:forward(X), 0
  if net.count > 1 then f = f[member] end
  local points = #X
  f, y = f:reshape(points, f:norm() ~= f:norm() and 1 or net.sizes[#net.sizes]), y:reshape(points, net.sizes[#net.sizes])
  for p = 1, points do
    for o = 1, net.sizes[#net.sizes] do
      local a, t = f:get(p, o), y:get(p, o)
      total = total + (kind == "logistic" and math.log(1 + math.exp(-t * a)) or (a - t) ^ 2 / 2)
    end
  end
  return total / points
end

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

-- ---- training, against plain steps -----------------------------------------------------------------------

-- One member in f64, its twin with the two nets of an antisymmetric pair swapped, and `steps` steps by the book.
local function plain(spec, member, X, y, o)
  local s = {}
  for k, v in pairs(spec) do s[k] = v end
  s.count, s.dtype, s.rep = 1, "f64", (spec.rep or 0) + member - 1
  local nets, moments = { mlp.new(s) }, {}
  if s.start == "antisymmetric" then nets[2] = mlp.new(s) end
  local layers = #nets[1].layers
  local function per(value, l, default)
    if value == "last" then return l == layers and 1 or 0 end
    return type(value) == "table" and value[l] or value or default
  end
  for step = 1, o.steps do
    local Xs, ys = X, y
    if o.rows then Xs, ys = o.rows(step) end
    local grads = {}
    for k, net in ipairs(nets) do grads[k] = net:gradients(Xs, k == 1 and ys or -ys, { loss = o.loss }) end
    local fresh = {}
    for k, net in ipairs(nets) do
      fresh[k] = {}
      for l, layer in ipairs(net:parameters()) do
        local rate, after = o.rate * layer.rate * per(o.rates, l, 1), {}
        for _, key in ipairs { "weights", "bias" } do
          local w, g = layer[key], grads[k][l][key]
          local m = moments[k .. key .. l] or { u = w * 0, v = w * 0 }
          moments[k .. key .. l] = m
          if key == "weights" then g = g + w * per(o.l2, l, 0) end
          local move = g
          if o.optimizer == "momentum" then
            m.u = m.u * o.momentum + g
            move = m.u
          elseif o.optimizer == "adam" then
            m.u, m.v = m.u * 0.9 + g * (1 - 0.9), m.v * 0.999 + g ^ 2 * (1 - 0.999)
            move = (m.u / (1 - 0.9 ^ step)) / ((m.v / (1 - 0.999 ^ step)):sqrt() + 1e-8)
          end
          w = w - move * rate
          local cut = key == "weights" and rate * per(o.l1, l, 0) or 0
          if cut > 0 then w = w:map(function(v) return math.abs(v) > cut and v - (v > 0 and cut or -cut) or 0 end) end
          if rate > 0 and (key == "weights" or layer.bias_multiplier > 0) then after[key] = w end
        end
        fresh[k][l] = after
      end
    end
    for k, net in ipairs(nets) do
      for l, after in ipairs(fresh[k]) do
        if after.weights then net:set(l, after) end
        -- The pair is one net in two copies, each with the other as its second.
        if #nets == 2 and after.weights then nets[3 - k]:set(l, { weights = after.weights, bias = after.bias, twin = 2 }) end
      end
    end
  end
  return nets[1]
end

local function check_training(what, spec, X, y, o, tol)
  local net = (spec.count or 1) > 1 and mlp.ensemble(spec) or mlp.new(spec)
  local options = { tol = -1 }
  for k, v in pairs(o) do if k ~= "rows" then options[k] = v end end
  local run = net:train(X, y, options)
  lu.assertEquals(run.reason, "steps", what)
  lu.assertEquals(run.steps, o.steps, what)
  for _, member in ipairs(spec.count and spec.count > 1 and { 1, spec.count // 2 + 1, spec.count } or { 1 }) do
    local want = plain(spec, member, X, y, o)
    local single = spec.count and spec.count > 1 and net:member(member) or net
    for l, layer in ipairs(want:parameters()) do
      local got = single:parameters()[l]
      close(got.weights, layer.weights, tol, ("%s: weights of layer %d, member %d"):format(what, l, member))
      lu.assertTrue((got.bias - layer.bias):abs():max() <= tol * (1 + layer.bias:abs():max()),
        ("%s: bias of layer %d, member %d"):format(what, l, member))
    end
    local f = net:forward(X)
    if net.count > 1 then f = f[member] end
    close(f, want:forward(X), tol * 10, what .. ": outputs")
    local loss = loss_of(want, X, y, o.loss)
    lu.assertAlmostEquals(net.count > 1 and run.losses[member] or run.loss, loss, tol * 100 * (1 + loss), what .. ": loss")
  end
end

local function each_length(what, spec, X, y, o)
  for _, dtype in ipairs { "f64", "f32" } do
    for _, steps in ipairs { 1, o.long or 200 } do
      local s, rule = { dtype = dtype }, { steps = steps }
      for k, v in pairs(spec) do s[k] = v end
      for k, v in pairs(o) do if k ~= "long" then rule[k] = v end end
      check_training(("%s, %s, %d steps"):format(what, dtype, steps), s, X, y, rule, dtype == "f64" and 1e-9 or 2e-3)
    end
  end
end

TestTraining = {}
function TestTraining:test_one_hidden_layer_of_four_points()
  local X, y = task(4, 2)
  for _, count in ipairs { 1, 19 } do -- units in lanes; nets in lanes, the last vector half empty
    for _, width in ipairs { 7, 67 } do
      each_length(("%d of width %d"):format(count, width), { sizes = { 2, width, 1 }, count = count, init = "uniform" }, X, y,
        { rate = 0.02 })
    end
  end
  each_length("ntk", { sizes = { 2, 70, 1 }, param = "ntk", init = { weight = 2, bias = 0.5 } }, X, y, { rate = 0.2 })
  each_length("in groups", { sizes = { 2, 260, 1 }, count = 2, init = "uniform" }, X, y, { rate = 0.002 })
  each_length("meanfield, no start", { sizes = { 2, 9, 1 }, count = 5, param = "meanfield", start = "none" }, X, y, { rate = 0.05 })
end

function TestTraining:test_lanes_by_shape()
  local X, y = task(4, 3)
  for _, activation in ipairs(ACTIVATIONS) do
    each_length(activation, { sizes = { 3, 5, 6, 1 }, count = 11, activation = activation, param = "ntk",
      init = { weight = 1, bias = 0.1 } },
      X, y, { rate = 0.05, long = 50 })
  end
  for _, start in ipairs { "none", "antisymmetric" } do
    each_length(start, { sizes = { 3, 5, 1 }, count = 5, activation = "tanh", start = start, init = "lecun" }, X, y, { rate = 0.05 })
  end
  local Z, t = task(7, 3, 2) -- more points than a tile, two outputs
  each_length("two outputs", { sizes = { 3, 7, 2 }, count = 6, activation = "erf", param = "mup", init = "lecun" }, Z, t, { rate = 0.05 })
  each_length("batches of all points", { sizes = { 3, 7, 2 }, count = 6, start = "none" }, Z, t, { rate = 0.05, batch = 7 })
  local wide = { sizes = { 3, 35, 34, 37, 1 }, count = 5 } -- tiles of weights with gaps between them
  each_length("larger layers", wide, X, y, { rate = 0.02, long = 40 })
  each_length("larger layers, momentum", wide, X, y, { rate = 0.02, optimizer = "momentum", momentum = 0.9, long = 20 })
  each_length("no hidden layer", { sizes = { 3, 1 }, count = 9 }, X, y, { rate = 0.05 })
  each_length("no biases", { sizes = { 3, 4, 1 }, count = 4, bias = false, activation = "sin" }, X, y, { rate = 0.05 })
end

-- Rules of training, for small nets at once, one net by hand-written loops, and one through BLAS.
local RULES = {
  gd = { rate = 0.03 },
  logistic = { rate = 0.05, loss = "logistic" },
  momentum = { rate = 0.005, optimizer = "momentum", momentum = 0.9 },
  adam = { rate = 0.003, optimizer = "adam" },
  l2 = { rate = 0.02, l2 = { 0.3, 0, 0.1 } },
  l1 = { rate = 0.02, l1 = 0.02 },
  adam_with_both = { rate = 0.003, optimizer = "adam", l1 = { 0, 0.01, 0.02 }, l2 = 0.05, long = 60 },
  rates = { rate = 0.02, rates = { 0.5, 0, 2 } },
  frozen_below = { rate = 0.02, rates = { 0, 1, 1 } },
  last = { rate = 0.02, rates = "last" },
  last_momentum = { rate = 0.005, rates = "last", optimizer = "momentum", momentum = 0.5 },
}

local function check_rules(what, spec, points)
  local X, y = task(points, spec.sizes[1], spec.sizes[#spec.sizes])
  for name, o in pairs(RULES) do
    for _, param in ipairs { "standard", "ntk" } do
      local s, rule = { param = param, init = { weight = 1.5, bias = 0.1 } }, { long = 30 }
      for k, v in pairs(spec) do s[k] = v end
      for k, v in pairs(o) do rule[k] = v end
      rule.long = math.min(rule.long, 30)
      each_length(what .. " " .. name .. " " .. param, s, X, y, rule)
    end
  end
end

function TestTraining:test_rules_in_lanes()
  check_rules("lanes", { sizes = { 2, 6, 5, 1 }, count = 5, activation = "tanh" }, 6)
end
function TestTraining:test_rules_of_one_net() check_rules("wide", { sizes = { 2, 21, 33, 1 }, activation = "tanh" }, 6) end
function TestTraining:test_rules_through_blas() check_rules("blas", { sizes = { 3, 18, 35, 2 }, activation = "tanh" }, 23) end
function TestTraining:test_rules_of_a_pair()
  check_rules("pair", { sizes = { 2, 21, 18, 1 }, activation = "tanh", start = "antisymmetric" }, 5)
end

function TestTraining:test_wide_by_shape()
  local X, y = task(4, 2)
  each_length("relu", { sizes = { 2, 130, 70, 1 }, param = "ntk" }, X, y, { rate = 0.1, long = 60 })
  each_length("narrow in the middle", { sizes = { 2, 40, 3, 40, 1 }, activation = "gelu", param = "mup" }, X, y, { rate = 0.02, long = 60 })
  each_length("three nets", { sizes = { 2, 40, 40, 1 }, count = 3, activation = "sin", param = "ntk", init = "lecun", start = "none" },
    X, y, { rate = 0.1, long = 60 })
  local Z, t = task(11, 20, 17) -- as many outputs as make a vector
  each_length("many outputs", { sizes = { 20, 19, 17 }, activation = "erf", init = "xavier" }, Z, t, { rate = 0.02, long = 60 })
end

-- A layer of more than 12 MB, whose steps are kept as factors and added every eighth step.
function TestTraining:test_a_large_layer()
  local X, y = task(3, 2)
  for _, case in ipairs { { "f64", 1300, 1e-9 }, { "f32", 1800, 2e-3 } } do
    local dtype, n, tol = table.unpack(case)
    local spec = { sizes = { 2, n, n, 1 }, dtype = dtype, param = "ntk", start = dtype == "f64" and "antisymmetric" or "none" }
    check_training("large " .. dtype, spec, X, y, { rate = 0.2, steps = 11 }, tol)
  end
end

-- The rows of each epoch's batches are some permutation, the same for every net, another one each epoch.
function TestTraining:test_batches()
  local X, y = task(4, 2)
  local orders = {}
  local function permute(list, n)
    if n == 0 then orders[#orders + 1] = { table.unpack(list) } end
    for i = 1, n do
      list[i], list[n] = list[n], list[i]
      permute(list, n - 1)
      list[i], list[n] = list[n], list[i]
    end
  end
  permute({ 1, 2, 3, 4 }, 4)
  local function rows(order, from, to)
    local a, b = {}, {}
    for k = from, math.min(to, 4) do a[#a + 1], b[#b + 1] = { X:get(order[k], 1), X:get(order[k], 2) }, y[order[k]] end
    return limn.array(a), limn.array(b)
  end
  for _, case in ipairs { { 1, { 2, 5, 1 } }, { 6, { 2, 5, 1 } }, { 1, { 2, 20, 1 } } } do
    for _, batch in ipairs { 1, 3 } do
      local count, per_epoch = case[1], math.ceil(4 / batch)
      local spec = { sizes = case[2], activation = "tanh", count = count, init = "lecun" }
      local net, found, before = mlp.new(spec), {}, {}
      for epoch = 1, 6 do
        net:train(X, y, { rate = 0.1, steps = per_epoch, batch = batch, tol = -1, seed = 3 })
        for _, order in ipairs(orders) do
          local function step(s)
            local o = s > per_epoch * (epoch - 1) and order or before[math.ceil(s / per_epoch)]
            local k = (s - 1) % per_epoch
            return rows(o, 1 + k * batch, (k + 1) * batch)
          end
          local want = plain(spec, count, X, y, { rate = 0.1, steps = per_epoch * epoch, rows = step })
          local got = count > 1 and net:member(count) or net
          if (got:forward(X) - want:forward(X)):abs():max() < 1e-10 then
            found[table.concat(order)], before[epoch] = true, order
            break
          end
        end
        lu.assertNotNil(before[epoch], ("count %d, batch %d, epoch %d"):format(count, batch, epoch))
      end
      local different = 0
      for _ in pairs(found) do different = different + 1 end
      lu.assertTrue(different > 2)
    end
  end
end

-- ---- the same to the bit ---------------------------------------------------------------------------------

local function same(a, b, X, what)
  lu.assertEquals(a:steps(), b:steps(), what)
  lu.assertTrue(a:forward(X):equal(b:forward(X)), what)
  for member = 1, a.count do
    for twin = 1, a.start == "antisymmetric" and 2 or 1 do
      local p, q = a:parameters { member = member, twin = twin }, b:parameters { member = member, twin = twin }
      for l = 1, #p do lu.assertTrue(p[l].weights:equal(q[l].weights) and p[l].bias:equal(q[l].bias), what) end
    end
  end
end

-- One of each way of training.
local function ways()
  local list = {}
  for _, c in ipairs {
    { { 2, 9, 1 }, 1, 4, {} }, { { 2, 80, 1 }, 1, 4, {} }, { { 2, 9, 1 }, 21, 4, {} },
    { { 2, 6, 5, 1 }, 21, 4, {} }, { { 2, 6, 5, 1 }, 21, 6, { optimizer = "adam", batch = 4 } },
    { { 2, 6, 1 }, 9, 5, { optimizer = "momentum", l1 = 0.01 }, "antisymmetric" },
    { { 3, 200, 190, 1 }, 1, 4, {} }, { { 3, 200, 190, 1 }, 3, 5, { optimizer = "adam", batch = 3 }, "antisymmetric" },
    { { 600, 60, 1 }, 1, 5, { optimizer = "momentum" } }, { { 600, 60, 1 }, 1, 5, { optimizer = "adam", rates = "last" }, "none" },
    { { 3, 60, 200, 5 }, 1, 30, { l2 = 0.1 } },
  } do
    local X, y = task(c[3], c[1][1], c[1][#c[1]])
    list[#list + 1] = { name = ("%s, %d nets, %d points, %s"):format(table.concat(c[1], "-"), c[2], c[3], c[4].optimizer),
      spec = { sizes = c[1], count = c[2], start = c[5], param = "ntk", init = { weight = 2, bias = 0.1 } },
      X = X, y = y,
      rule = function(steps)
        local o = { rate = c[4].optimizer == "adam" and 0.01 or 0.001, steps = steps, tol = -1 }
        for k, v in pairs(c[4]) do o[k] = v end
        return o
      end }
  end
  return list
end

TestBits = {}
function TestBits:tearDown() limn.threads(0) end

function TestBits:test_threads()
  for _, way in ipairs(ways()) do
    local first
    for threads = 1, 3 do
      limn.threads(threads)
      local net = mlp.new(way.spec)
      net:train(way.X, way.y, way.rule(11))
      if first then same(net, first, way.X, way.name) end
      first = first or net
      lu.assertTrue((net:forward(way.X) - net:initial():forward(way.X)):abs():max() > 0)
    end
  end
end

-- Vectors of nets that take turns on one thread, nets of which some stop, against each vector by itself.
function TestBits:test_many_nets_in_turn()
  local X, y = limn.array { { 1, 1 }, { 1, -1 }, { -1, 1 }, { -1, -1 } }, limn.array { 1, -1, -1, 1 }
  local rule = { rate = 0.1, steps = 90, tol = 0.2 }
  for _, dtype in ipairs { "f32", "f64" } do
    local first
    for threads = 1, 2 do
      limn.threads(threads)
      local nets = mlp.ensemble { sizes = { 2, 5, 1 }, count = 83, dtype = dtype }
      local run = nets:train(X, y, rule)
      first = first or { nets = nets, run = run }
      lu.assertTrue(run.steps_of:max() == 90 and run.steps_of:min() < 90)
      lu.assertEquals((run.losses - first.run.losses):abs():max(), 0)
      lu.assertEquals((run.steps_of - first.run.steps_of):abs():max(), 0)
      same(nets, first.nets, X, dtype)
    end
  end
end

function TestBits:test_steps_in_several_calls()
  for _, way in ipairs(ways()) do
    local one, many = mlp.new(way.spec), mlp.new(way.spec)
    one:train(way.X, way.y, way.rule(13))
    many:train(way.X, way.y, way.rule(1))
    local o = way.rule(2)
    many:step(way.X, way.y, o)
    local copied = many:copy()
    copied:train(way.X, way.y, way.rule(10))
    for _ = 1, 10 do many:step(way.X, way.y, way.rule(1)) end
    same(one, many, way.X, way.name)
    same(one, copied, way.X, way.name)
    local curve = mlp.new(way.spec)
    o = way.rule(13)
    o.every = 5
    local run = curve:train(way.X, way.y, o)
    same(one, curve, way.X, way.name)
    lu.assertEquals(run.curve.steps:totable(), { 0, 5, 10, 13 })
  end
end

function TestBits:test_checkpoints()
  local path = os.tmpname()
  for _, way in ipairs(ways()) do
    for _, dtype in ipairs { "f64", "f32" } do
      way.spec.dtype = dtype
      local whole, part = mlp.new(way.spec), mlp.new(way.spec)
      whole:train(way.X, way.y, way.rule(12))
      part:train(way.X, way.y, way.rule(5))
      lu.assertEquals(part:save(path), path)
      local back = assert(mlp.load(path))
      same(part, back, way.X, way.name)
      back:train(way.X, way.y, way.rule(7))
      same(whole, back, way.X, way.name)
      lu.assertEquals(tostring(whole), tostring(back))
      same(whole:initial(), back:initial(), way.X, way.name)
    end
  end
  os.remove(path)
end

function TestBits:test_damaged_files()
  local path = os.tmpname()
  local net = mlp.ensemble { sizes = { 2, 3, 1 }, count = 2 }
  local X, y = task(4, 2)
  net:train(X, y, { steps = 3, optimizer = "adam", rate = 0.01 })
  net:save(path)
  local file = io.open(path, "rb")
  local text = file:read "a"
  file:close()
  local function load_of(bytes)
    local f = io.open(path, "wb")
    f:write(bytes)
    f:close()
    local got, message = mlp.load(path)
    return got, tostring(message)
  end
  lu.assertNotNil((load_of(text)))
  for cut = 0, #text - 1, 13 do
    local got, message = load_of(text:sub(1, cut))
    lu.assertNil(got)
    lu.assertStrContains(message, "ends too early")
  end
  for at = 1, #text, 3 do -- every byte counts
    local got, message = load_of(text:sub(1, at - 1) .. string.char(text:byte(at) ~ 0x41) .. text:sub(at + 1))
    lu.assertNil(got, "byte " .. at)
    lu.assertStrContains(message, "mlp.")
  end
  local got, message = load_of(text .. "x")
  lu.assertNil(got)
  lu.assertStrContains(message, "goes on after its end")
  got, message = load_of(("a picture, not a net\n"):rep(100))
  lu.assertNil(got)
  lu.assertStrContains(message, "is not a checkpoint")
  got, message = load_of(text:sub(1, 8) .. "\9" .. text:sub(10))
  lu.assertNil(got)
  lu.assertStrContains(message, "is of version 9")
  os.remove(path)
  got, message = mlp.load(path)
  lu.assertNil(got)
  lu.assertStrContains(message, "No such file")
  got, message = net:save "/nonexistent/net"
  lu.assertNil(got)
  lu.assertStrContains(message, "No such file")
end

function TestBits:test_instruction_sets_agree()
  local best = limn.isa()
  for _, way in ipairs(ways()) do
    local first
    for _, isa in ipairs { "ref", "avx2", "avx512" } do
      if pcall(limn.isa, isa) then
        local net = mlp.new(way.spec)
        net:train(way.X, way.y, way.rule(11))
        if first then close(net:forward(way.X), first:forward(way.X), 1e-9, isa) end
        first = first or net
      end
    end
    limn.isa(best)
  end
end

-- ---- ends of training ------------------------------------------------------------------------------------

TestEnds = {}
local XOR, SIGNS = limn.array { { 1, 1 }, { 1, -1 }, { -1, 1 }, { -1, -1 } }, limn.array { 1, -1, -1, 1 }

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
          if run.reason == "diverged" then lu.assertTrue(run.steps < 2000, what) end
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

-- A Ctrl-C may fall on any instruction of train's Lua code, just behind the kernels' call too: what the run says is
-- what the nets did. Here it falls on each in turn.
function TestEnds:test_interrupt_on_each_instruction()
  local function interrupted(at, count)
    local net = mlp.ensemble { sizes = { 2, 3, 1 }, count = count, rep = at }
    net:train(XOR, SIGNS, { rate = 0.01, steps = 5, tol = -1 })
    local run, fell
    pcall(function()
      debug.sethook(function()
        debug.sethook()
        fell = true
        error "interrupted!"
      end, "", at)
      run = net:train(XOR, SIGNS, { rate = 0.01, steps = 2, tol = -1, every = 1 })
      debug.sethook()
    end)
    return net, run, fell
  end
  for _, count in ipairs { 1, 2 } do
    local at, seen, fell, net, run = 0, {}, true, nil, nil
    while fell do
      at = at + 1
      net, run, fell = interrupted(at, count)
      local steps = net:steps() - 5
      if run then -- else it fell before or behind the training itself
        seen[steps] = true
        lu.assertEquals(run.steps, steps, "steps at " .. at)
        lu.assertEquals(run.steps_of:totable(), (limn.ones(count) * steps):totable())
        lu.assertAlmostEquals(run.losses[count], loss_of(net, XOR, SIGNS, "mse", count), 1e-12)
        if run.curve then lu.assertEquals(#run.curve.steps, #run.curve.loss, "curve at " .. at) end
      end
    end
    lu.assertEquals(seen, { [0] = true, true, true })
    lu.assertTrue(at > 300, at)
    lu.assertEquals(run.reason, "steps")
  end
end

-- Ctrl-C: train returns the nets as they are; the script goes on.
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
    local out = io.popen(("cd %s && rm -f ready; %s go.lua %s 2>&1 & p=$!; n=0; while [ ! -e %s/ready ] && [ $n -lt 400 ]; do sleep 0.05; "
      .. "n=$((n+1)); done; sleep 0.5; kill -INT $p; (sleep 30; kill -9 $p) >/dev/null 2>&1 & q=$!; wait $p; kill $q")
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
      local run = net:train(X, y, { rate = 1e-9, steps = 1 << 50, tol = -1 })
      print(run.reason, net:steps() > 0, run.loss == run.loss, net:forward(X):max() < math.huge)
    ]]):format(shape), "cancelled\ttrue\ttrue\ttrue\n")
  end
  -- Between the kernels' calls it falls on Lua code: the same answer, with the curve so far.
  ends("every", ready .. [[
    local net = limn.mlp.new { sizes = { 2, 4, 1 } }
    local run = net:train(X, y, { rate = 1e-9, steps = 1 << 50, tol = -1, every = 1, on = function() for _ = 1, 20000 do end end })
    print(run.reason, run.steps == net:steps(), run.loss == run.loss, #run.curve.loss > 2)
  ]], "cancelled\ttrue\ttrue\ttrue\n")
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

-- More than the machine has: refused at once, with the number of bytes.
function TestMisuse:test_sizes_beyond_memory()
  fails("1.759e+13 bytes", mlp.new, { sizes = { 2, 1 << 20, 1 << 20, 1 } })
  fails("e+19 bytes", mlp.new, { sizes = { 2, 1 << 30, 1 << 30, 1 } })
  fails("e+25 bytes", mlp.new, { sizes = { 1 << 40, 1 << 40, 1 } })
  fails("bytes", mlp.ensemble, { sizes = { 2, 30, 1 }, count = 1 << 60 })
  fails("bytes", mlp.ensemble, { sizes = { 1000, 1000 }, count = 1 << 40, start = "antisymmetric", dtype = "f32" })
end

function TestMisuse:test_training()
  local net = mlp.new { sizes = { 2, 3, 1 } }
  local X, y = XOR, SIGNS
  local function train(text, ...) fails(text, net.train, net, ...) end
  train "X is missing"
  train("y is missing", X)
  train("y has 3 entries but X has 4 rows", X, limn.ones(3))
  train("X has 3 columns but the net has 2 inputs", limn.ones(4, 3), y)
  train("X has 3 columns but the net has 2 inputs", limn.ones(4, 3), y, { rate = 0.1 })
  train("X has no rows", limn.zeros(0, 2), limn.zeros(0), { rate = 0.1 })
  train("X[2,2] is", limn.array { { 1, 1 }, { 1, 0 / 0 }, { 1, 2 }, { 2, 1 } }, y, { rate = 0.1 })
  train("y[4] is inf", X, limn.array { 0, 1, 1, math.huge }, { rate = 0.1 })
  train("needs labels -1 or +1, y[1] is 0", X, limn.array { 0, 1, 1, 0 }, { loss = "logistic", rate = 0.1 })
  train("rate must be positive, got 0", X, y, { rate = 0 })
  train("rate must be positive, got -1", X, y, { rate = -1 })
  train("rate must be finite", X, y, { rate = math.huge })
  train("steps must be at least 0, got -1", X, y, { steps = -1 })
  train("did you mean \"rate\"", X, y, { rat = 1 })
  train("rates must have one entry a weight layer, 2, got 3", X, y, { rates = { 1, 2, 3 } })
  train("all rates are 0", X, y, { rates = { 0, 0 }, rate = 1 })
  train("or \"last\", got \"first\"", X, y, { rates = "first" })
  train("l2[2] must be at least 0, got -1", X, y, { l2 = { 1, -1 } })
  train("l1[1] must be a number", X, y, { l1 = { "a", 1 } })
  train("momentum must be in [0, 1), got 1", X, y, { optimizer = "momentum", momentum = 1, rate = 0.1 })
  train("adam needs beta2 in [0, 1)", X, y, { optimizer = "adam", beta2 = 1 })
  train("batch must be at most the number of points, 4, got 5", X, y, { batch = 5, rate = 0.1 })
  train("optimizer must be", X, y, { optimizer = "newton" })
  train("loss must be", X, y, { loss = "hinge" })
  train("on must be a function", X, y, { on = 3 })
  train("every must be at least 1", X, y, { every = 0 })
  train("X must be an array or a table of numbers, got \"abc\"", "abc", y)
  train("y must be 4 x 1 (points x outputs), got 1 x 4", X, y:reshape(1, 4), { rate = 0.1 })
  fails("every is of net:train", net.step, net, X, y, { rate = 0.1, every = 2 })
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
  fails("weights[1,1] of layer 1 is", net.set, net, 1, { weights = limn.zeros(3, 2) + 0 / 0 })
  fails("must have 3 entries, got 2", net.set, net, 1, { bias = limn.zeros(2) })
  fails("layer 1 of this net has no biases", net.set, net, 1, { bias = limn.zeros(3) })
  fails("twin must be at most 1, got 2", net.set, net, 1, { twin = 2, weights = limn.zeros(3, 2) })
  fails("member must be at most 1, got 2", net.parameters, net, { member = 2 })
  fails("i must be at most 1, got 2", net.member, net, 2)
  fails("X has 3 columns but the net has 2 inputs", net.forward, net, limn.zeros(3, 3))
  fails("X[1,2] is inf", net.forward, net, limn.array { { 1, math.huge } })
  fails("Z has 3 columns", net.kernel, net, XOR, limn.zeros(2, 3))
  fails("y has 2 entries but X has 4 rows", net.gradients, net, XOR, limn.zeros(2))
  fails("X is missing, and this net was not trained", net.movement, net)
  fails("rate is missing (steps = 3)", net.linearised, net, XOR, SIGNS, { steps = 3 })
  fails("no hidden layer", mlp.new({ sizes = { 2, 1 } }).features, mlp.new { sizes = { 2, 1 } }, XOR)
  fails("must have 1 output, got 2", mlp.new({ sizes = { 2, 2 } }).linearised, mlp.new { sizes = { 2, 2 } }, XOR, SIGNS)
  fails("must have a hidden layer", mlp.complexity, XOR, { sizes = { 2, 1 } })
  fails("path is missing", mlp.load)
  fails("y[2] is inf", net.gradients, net, XOR, { 1, math.huge, 1, 1 })
  fails("needs labels -1 or +1, y[1] is 0", net.gradients, net, XOR, limn.zeros(4), { loss = "logistic" })
  fails("weights and bias are missing", net.set, net, 1)
  fails("y has 2 entries but X has 4 rows", net.linearised, net, XOR, limn.ones(2))
  fails("y is missing", net.linearised, net, XOR)
  fails("y[2] must be finite", net.linearised, net, XOR, { 1, math.huge, 1, 1 })
  fails("rate must be positive, got 0", net.linearised, net, XOR, SIGNS, { rate = 0, steps = 1 })
  fails("steps must be a whole number", net.linearised, net, XOR, SIGNS, { rate = 1, steps = 1.5 })
  fails("w must be an array", mlp.spectral, 3)
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
