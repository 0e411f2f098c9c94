-- surplus_stubs_spec.lua: a surplus argument is an error, like an unknown option, in every documented function and
-- method in Lua. The message contains the name as it was typed and the numbers of arguments expected and received.
-- Methods in C are tested in surplus_spec.lua.

local lu = require "luaunit"
local limn = require "limn"
local stubs = require "limn.docs"

local testing = dofile(debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../support/testing.lua")

TestSurplus = {}

local X, y = limn.array { { 1, 0 }, { 0, 1 } }, { 1, -1 }
local space = limn.programs.space { inputs = 2, max_bits = 8 }
local fit = limn.regress.minnorm(X, y)
local pool = limn.features.toy { points = 4, count = 100, complexity = 2 }
local experiment = limn.experiment { name = "surplus", run = false, params = { n = 1 }, measure = function() return { v = 1 } end }
local results = experiment:run { workers = 0 }
local net = limn.mlp.new { sizes = { 2, 3, 1 } }
local figure = limn.plot.figure { quiet = true }

-- An object of each class whose methods are written in Lua.
local objects = {
  ["limn.fit"] = fit,
  ["limn.posterior"] = limn.regress.bayes(X, y, { flip = 0.1 }),
  ["limn.contributions"] = limn.contrib.analyse(pool, limn.regress.minnorm(pool, pool.labels)),
  ["limn.programs.space"] = space,
  ["limn.programs.posterior"] = limn.programs.posterior(space, { { -1, 1 } }, { 1 }),
  ["limn.mlp"] = net,
  ["limn.mlp.linearised"] = net:linearised(X, y),
  ["limn.mlp.spline"] = limn.mlp.new({ sizes = { 1, 3, 1 } }):spline(),
  ["limn.programs.sequences"] = limn.programs.sequences { length = 2, max_bits = 6 },
  ["limn.kernel.limit"] = limn.kernel.limit(X, y),
  ["limn.kernel.predictor"] = limn.kernel.regress(limn.eye(2), limn.eye(2), y),
  ["limn.kernel.spectrum"] = limn.kernel.spectrum { on = "cube", dim = 3 },
  ["limn.functions.distribution"] = limn.functions.prior { sizes = { 2, 1 }, samples = 9 },
  ["limn.maps"] = limn.maps.grid(function(P) return P:T() end, { n = 4 }),
  ["limn.experiment"] = experiment,
  ["limn.cell"] = require("limn.experiment.checkpoint").cell({ id = "", rep = 1, key = 1 }, 1),
  ["limn.results"] = results,
  ["limn.results.groups"] = results:group "n",
  ["limn.claims"] = limn.claims.new "t",
  ["limn.claims.estimate"] = limn.claims.exact(1),
  ["limn.plot.panel"] = figure:panel(1, 1),
  ["limn.plot.figure"] = figure,
  ["limn.plot.live"] = limn.plot.live { to = { write = function() end, flush = function() end } },
}
for _, law in ipairs { "t", "normal", "beta", "chi2" } do objects["limn.stats." .. law] = limn.stats[law] end
local in_c = { ["limn.array"] = true, ["limn.rng"] = true, ["limn.features"] = true }
local undocumented = { ["regress.minnorm"] = 1, ["regress.l1"] = 1 } -- an empty table of options
local variadic = { ["results:group"] = true, ["results:by"] = true, ["results:sort"] = true, ["results:select"] = true,
  ["results:complete"] = true }

local function function_of(entry)
  if not entry.module then return objects[entry.class][entry.short] end
  local module = entry.module == "" and limn or limn[entry.module]
  return module[entry.short]
end

-- How many arguments a function in Lua takes, the receiver of a method not counted.
local function refuses(name, f, receiver, most)
  local given = {}
  for i = 1, most do given[i] = false end -- the count is looked at first, so that values do not matter
  local function call(n)
    if receiver then return pcall(f, receiver, table.unpack(given, 1, n)) end
    return pcall(f, table.unpack(given, 1, n))
  end
  given[most + 1] = 5
  local ok, message = call(most + 1)
  lu.assertFalse(ok, name)
  local takes = most == 0 and "no arguments" or most == 1 and "at most 1 argument" or ("at most %d arguments"):format(most)
  lu.assertStrContains(message, ("%s: takes %s, got %d"):format(name, takes, most + 1))
  lu.assertStrMatches(message, "[^\n]*%.lua:%d+: .*", nil, nil, name)
end

function TestSurplus.testEveryFunctionOfTheStubs()
  local seen = 0
  local nets = { ["limn.mlp"] = "net", ["limn.programs.space"] = "space", ["limn.programs.posterior"] = "posterior" }
  for _, entry in ipairs(stubs.read().order) do
    local f = not in_c[entry.class] and (entry.module or objects[entry.class]) and function_of(entry)
    local native = f and debug.getinfo(f, "S").what == "C"
    if not variadic[entry.name] and not in_c[entry.class] and not native then
      lu.assertIsFunction(f, entry.name)
      local receiver = entry.method and objects[entry.class] or nil
      local name = not entry.method and entry.name
        or (nets[entry.class] or entry.class:match "[%w_]+$") .. ":" .. entry.short
      local ok, message = pcall(f, table.unpack({ receiver, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, receiver and 1 or 2, 10))
      local most = not ok and (message:match "takes at most (%d+) argument" or message:find "takes no arguments" and 0)
      if not ok and most then
        most = math.tointeger(most)
        lu.assertEquals(most, #entry.params + (undocumented[entry.name] or 0), entry.name .. ": arguments that it takes")
        refuses(name, f, receiver, most)
        seen = seen + 1
      else
        lu.fail(("%s takes any number of arguments: %s"):format(entry.name, tostring(message)))
      end
    end
  end
  lu.assertTrue(seen > 120, seen)
end

function TestSurplus.testWithValidArguments()
  testing.fails_here("figure:save: takes at most 1 argument, got 2", figure.save, figure, "/dev/null/a.pdf", "a.png")
  testing.fails_here("data.xor: takes no arguments, got 1", limn.data.xor, 1)
  testing.fails_here("regress.minnorm: takes at most 3 arguments, got 4", limn.regress.minnorm, X, y, {}, 5)
  testing.fails_here("net:train: takes at most 3 arguments, got 4", net.train, net, X, y, { steps = 1 }, 1)
  testing.fails_here("load: takes at most 2 arguments, got 3", limn.load, "x.npy", {}, 1)
  testing.fails_here("maps.distinct: takes at most 1 argument, got 2", limn.maps.distinct, objects["limn.maps"], 1)
end

function TestSurplus.testCalledModules()
  testing.fails_here("experiment: takes at most 1 argument, got 2", limn.experiment, { name = "x" }, 1)
  testing.fails_here("plot: takes at most 3 arguments, got 4", limn.plot, { 1, 2 }, { 1, 2 }, {}, 1)
  testing.fails_here("help: takes at most 1 argument, got 2", limn.help, "regress", 1)
  testing.fails_here("repl: takes at most 1 argument, got 2", limn.repl, {}, 1)
end

-- If a method is called with a dot on another value, the message reports that first.
function TestSurplus.testTheReceiverIsNamedFirst()
  testing.fails_here("net:save: expected a limn.mlp before the colon, got \"x\"", net.save, "x", "y", "z")
end

-- help and the prompt still find the functions and their source.
function TestSurplus.testHelpKnowsThem()
  local help = limn.help
  lu.assertStrContains(help.text(limn.regress.minnorm), "regress.minnorm(")
  lu.assertStrContains(help.text(net.train), "mlp:train(")
  lu.assertStrContains(help.text(figure.line), "plot.panel:line")
end

os.exit(lu.LuaUnit.run())
