-- stock: yes
-- misuse_spec.lua: error messages for common mistakes (a dot instead of a colon, text among numbers); inherited
-- options.

local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")

local function fails(expected, f, ...)
  lu.assertNotStrContains(testing.fails(expected, f, ...), "attempt to")
end

TestMisuse = {}

-- Every method in Lua, called as object.method(x): the message describes the value received instead of the object.
function TestMisuse.testMethodsOfTheWrongObject()
  local X, y = limn.array { { 1, 0 }, { 0, 1 } }, { 1, -1 }
  local fit = limn.regress.minnorm(X, y)
  local posterior = limn.regress.bayes(X, y, { flip = 0.1 })
  local limit = limn.kernel.limit(X, y)
  local spectrum = limn.kernel.spectrum { on = "cube", dim = 3 }
  local predictor = limn.kernel.regress(limn.eye(2), limn.eye(2), y)
  local net = limn.mlp.new { sizes = { 2, 3, 1 } }
  local maps = limn.maps.grid(function(P) return P:T() end, { n = 4 })
  local space = limn.programs.space { inputs = 2, max_bits = 8 }
  local mixture = limn.programs.posterior(space, { { -1, 1 } }, { 1 })
  local methods = {
    ["limn.fit"] = { fit.predict, fit.weights_of },
    ["limn.posterior"] = { posterior.predict },
    ["limn.kernel.limit"] = { limit.predict, limit.variance, limit.kernel },
    ["limn.kernel.predictor"] = { predictor.solve, predictor.variance, predictor.trained_variance, predictor.at },
    ["limn.kernel.spectrum"] = { spectrum.target },
    ["limn.mlp.spline"] = { limn.mlp.new({ sizes = { 1, 2, 1 } }):spline().at },
    ["limn.mlp"] = { net.forward, net.predict, net.train, net.step, net.save, net.map, net.gradients, net.activations,
      net.features, net.kernel, net.movement, net.parameters, net.set, net.linearised, net.spline },
    ["limn.maps"] = { maps.map, maps.mean, maps.variance, maps.shape, maps.pairs, maps.distinct, maps.distance,
      maps.boundary, maps.variation, maps.consistency, maps.agreement, maps.entropy, maps.measure },
    ["limn.programs.posterior"] = { mixture.predict },
  }
  for class, list in pairs(methods) do
    for _, method in ipairs(list) do
      for _, wrong in ipairs { X, {}, "x", 3, limn.rng.stream(1) } do
        -- net.step looks at its options first
        fails(("expected a %s before the colon, got "):format(class), method, wrong, X, y, { rate = 1 })
      end
      fails(("expected a %s before the colon, got nil"):format(class), method, nil, X, y, { rate = 1 })
    end
  end
end

function TestMisuse.testFiguresCalledWithADot()
  local fig = limn.plot.figure {}
  local panel = fig:panel(1, 1)
  for _, name in ipairs { "line", "points", "bars", "heatmap", "text", "set", "inset" } do
    fails(("figure:%s: expected a limn.plot.figure before the colon, got table"):format(name), fig[name], { x = { 1 }, y = { 1 } })
    fails(("panel:%s: expected a limn.plot.panel before the colon, got table"):format(name), panel[name], { x = { 1 }, y = { 1 } })
  end
  for _, name in ipairs { "save", "show", "panel" } do
    fails(("figure:%s: expected a limn.plot.figure before the colon, got \"f.pdf\""):format(name), fig[name], "f.pdf")
  end
end

-- The function that the user has called is named, not one that it calls.
function TestMisuse.testTrainNamesItself()
  local net = limn.mlp.new { sizes = { 2, 2, 1 } }
  fails("net:train: X[2,1] must be finite, got nan", net.train, net, { { 1, 2 }, { 0 / 0, 1 } }, { 1, 2 }, { steps = 3 })
  fails("regress.gd: seed must be at least 0, got -1", limn.regress.gd, limn.eye(2), { 1, 1 }, { seed = -1 })
end

-- An error of a public function begins with the name as it was typed, without "limn.".
function TestMisuse.testErrorsBeginWithTheName()
  local aliases, told = { ["plot.heat"] = "panel:heatmap", ["plot.hist"] = "panel:histogram" }, 0
  local wrong = { {}, { false }, { "x" }, { false, false, false }, { { 1, -1 }, { 1, 2, 3 }, { bogus = 1 } } }
  for _, entry in ipairs(require("limn.docs").read().order) do
    if entry.module and entry.module ~= "repl" and entry.module ~= "help" then
      local module = entry.module == "" and limn or limn[entry.module]
      for _, arguments in ipairs(wrong) do
        local ok, message = pcall(module[entry.short], table.unpack(arguments))
        if not ok then
          local name = tostring(message):gsub("^[^:]*:%d+: ", ""):match "^[%w_%.:]+: "
          if name ~= (aliases[entry.name] or "") .. ": " then lu.assertEquals(name, entry.name .. ": ", tostring(message)) end
          told = told + 1
        end
      end
    end
  end
  lu.assertTrue(told > 150, told)
end

function TestMisuse.testWordsAmongNumbers()
  fails('claims.interval: entry 2 of values must be a number, got string', limn.claims.interval, { 1, "a", 2 })
  fails("claims.interval: values must be an array or a table of numbers, got 3", limn.claims.interval, 3)
  fails("claims.slope: y is missing", limn.claims.slope, { 1, 2 })
  fails("claims.slope: entry 2 of x must be a number, got string", limn.claims.slope, { 1, "a" }, { 1, 2 })
  fails("claims.jackknife: list is missing", limn.claims.jackknife)
  fails('kernel.expm1: x must be a number, got "x"', limn.kernel.expm1, "x")
  fails("theory.eigenlearning: coefficients[2] must be a number, got true",
    limn.theory.eigenlearning, { eigenvalues = { 1, 2 }, points = 1, coefficients = { 1, true } })
  local space = limn.programs.space { inputs = 2, max_bits = 8 }
  fails("programs.posterior: labels must be an array or a table of numbers, got true", limn.programs.posterior, space,
    {}, true)
  fails("maps.regions: options must be a table, got 3", limn.maps.regions, limn.mlp.new { sizes = { 2, 3, 1 } }, 3)
end

-- Options may be inherited through a metatable: they are used and checked as those of the table itself.
function TestMisuse.testInheritedOptions()
  local X, y = limn.array { { 1, 0 }, { 0, 1 } }, { 1, -1 }
  local function like(defaults, own) return setmetatable(own or {}, { __index = defaults }) end
  lu.assertTrue(limn.regress.ridge(X, y, like { lambda = 1 }).weights:equal(limn.array { 0.5, -0.5 }, 1e-15))
  lu.assertTrue(limn.regress.ridge(X, y, like({ lambda = 1 }, { lambda = 3 })).weights:equal(limn.array { 0.25, -0.25 }, 1e-15))
  fails("lambda must be at least 0, got -1", limn.regress.ridge, X, y, like { lambda = -1 })
  lu.assertEquals(limn.regress.gd(X, y, like({ rate = 0.5 }, { steps = 1 })).rate, 0.5)
  lu.assertEquals(limn.regress.gd(X, y, like({}, { steps = 7 })).iterations, 7)
end

-- Reading something other than a regular file fails at once: a pipe might never receive data.
function TestMisuse.testCheckpointThatIsNoFile()
  local name = os.tmpname()
  os.remove(name)
  assert(os.execute("mkfifo " .. name))
  local net, message = limn.mlp.load(name)
  os.remove(name)
  lu.assertNil(net)
  lu.assertStrContains(message, name .. ": is not a regular file")
end

-- Old names of options give the same results as the new ones; both together are an error.
function TestMisuse:testOldNamesOfOptions()
  local theory, X, y = limn.theory, limn.rng.stream(1):normal(6, 4), limn.rng.stream(2):normal(6)
  lu.assertEquals(theory.ratio { points = 64, share = 0.01 }, theory.ratio { points = 64, fraction = 0.01 })
  lu.assertEquals(theory.crossover { share = 0.01 }, theory.crossover { fraction = 0.01 })
  local old, new = limn.features.toy { points = 8, count = 64, share = 0.125 }, limn.features.toy { points = 8,
    count = 64, fraction = 0.125 }
  lu.assertEquals(old.classes.perfect.count, 8)
  lu.assertEquals({ new.fraction, new.share }, { 0.125, 0.125 })
  lu.assertTrue(old:gram():equal(new:gram()))
  local a, b = limn.regress.gd(X, y, { rule = "adam", steps = 3 }), limn.regress.gd(X, y, { optimizer = "adam", steps = 3 })
  lu.assertTrue(a.weights:equal(b.weights))
  lu.assertFalse(a.weights:equal(limn.regress.gd(X, y, { steps = 3 }).weights))
  local net = limn.mlp.new { sizes = { 2, 3, 1 }, start = "antisymmetric" }
  lu.assertTrue(net:parameters({ twin = 2 })[1].weights:equal(net:parameters({ pair = 2 })[1].weights))
  lu.assertErrorMsgContains("share is the old name of fraction; give one of them", theory.ratio, { points = 1,
    share = 0.1, fraction = 0.1 })
  lu.assertErrorMsgContains("unknown option \"shar\"", theory.ratio, { points = 1, shar = 0.1 })
end

os.exit(lu.LuaUnit.run())
