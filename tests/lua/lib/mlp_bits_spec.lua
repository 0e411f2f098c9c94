-- mlp_bits_spec.lua: training gives the same bits on any number of threads, in several calls and from a checkpoint;
-- damaged files are detected; instruction sets agree.
-- isa: yes
-- luacheck: allow defined top
-- slow: 2 s
local lu = require "luaunit"
local limn = require "limn"
local mlp = limn.mlp

local tools = dofile(debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/../support/mlp_tools.lua")
local task, close = tools.task, tools.close

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

-- One net per training algorithm.
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

-- Several vectors of nets interleaved on one thread, some of which stop early, compared with each vector alone.
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

-- A loop of net:step reuses a plan while the arguments are the same; data, options and nets that were changed in place count.
function TestBits:test_changes_between_steps()
  for _, way in ipairs(ways()) do
    local one, many = mlp.new(way.spec), mlp.new(way.spec)
    local X, y, rule = limn.array(way.X):copy(), limn.array(way.y):copy(), way.rule(1)
    local function both()
      one:train(X:copy(), y:copy(), rule) -- other arrays: no plan
      many:step(X, y, rule)
      many:step(X, y, rule)
      one:train(X:copy(), y:copy(), rule)
    end
    for change, f in pairs {
      nothing = function() end,
      data = function() X:set(1, 1, X:get(1, 1) + 0.25) end,
      labels = function()
        local rows, columns = y:shape()
        if columns then y:set(rows, 1, -y:get(rows, 1)) else y:set(rows, -y[rows]) end
      end,
      rule = function() rule.rate = rule.rate / 2 end,
      parameters = function()
        for _, net in ipairs { one, many } do
          net:set(1, { weights = net:parameters { member = 1 }[1].weights * 1.5 })
        end
      end,
      training = function()
        for _, net in ipairs { one, many } do net:train(way.X, way.y, way.rule(2)) end
      end,
      collection = function() collectgarbage() end,
    } do
      both()
      f()
      both()
      same(one, many, way.X, way.name .. ", change of " .. change)
    end
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
    lu.assertStrContains(message, "is truncated")
  end
  for at = 1, #text, 3 do -- every byte counts
    local got, message = load_of(text:sub(1, at - 1) .. string.char(text:byte(at) ~ 0x41) .. text:sub(at + 1))
    lu.assertNil(got, "byte " .. at)
    lu.assertStrContains(message, "mlp.")
  end
  local got, message = load_of(text .. "x")
  lu.assertNil(got)
  lu.assertStrContains(message, "extra bytes after the end")
  got, message = load_of(("a picture, not a net\n"):rep(100))
  lu.assertNil(got)
  lu.assertStrContains(message, "is not a checkpoint")
  got, message = load_of(text:sub(1, 8) .. "\9" .. text:sub(10))
  lu.assertNil(got)
  lu.assertStrContains(message, "format version 9")
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

os.exit(lu.LuaUnit.run())
