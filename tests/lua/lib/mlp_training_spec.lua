-- mlp_training_spec.lua: every training algorithm compared with plain steps along the gradients.
-- slow: 14 s
-- isa: yes
-- luacheck: allow defined top
local lu = require "luaunit"
local limn = require "limn"
local mlp = limn.mlp

local tools = dofile(debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/../support/mlp_tools.lua")
local ACTIVATIONS, task, close, loss_of = tools.ACTIVATIONS, tools.task, tools.close, tools.loss_of

-- ---- training, against plain steps -----------------------------------------------------------------------

-- One member in f64, its copy with the two nets of an antisymmetric pair exchanged, and `steps` steps by the
-- definition.
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
          local l1 = key == "weights" and per(o.l1, l, 0) or 0
          local move, cut = g, rate * l1
          if o.optimizer == "momentum" then
            m.u = m.u * o.momentum + g
            move = m.u
          elseif o.optimizer == "adam" then
            local unit = key == "weights" and "unit_rate" or "unit_bias_rate"
            local scale = key == "weights" and layer.gradient or layer.bias_gradient
            m.u, m.v = m.u * 0.9 + g * (1 - 0.9), m.v * 0.999 + g ^ 2 * (1 - 0.999)
            local size = (m.v / (1 - 0.999 ^ step)):sqrt() + (1e-8 * scale + l1)
            move = (m.u / (1 - 0.9 ^ step)) / size * (layer[unit] / layer.rate)
            cut = rate * l1 / size * (layer[unit] / layer.rate)
          end
          local before = w
          w = w - move * rate
          if l1 > 0 then
            local size = w:abs() - cut
            w = w:sign() * (size + size:abs()) / 2
            if o.optimizer == "momentum" then m.u = (before - w) / rate end
          end
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

os.exit(lu.LuaUnit.run())
