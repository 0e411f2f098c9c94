-- luacheck: allow defined top
-- parameters_spec.lua: which parameters can be declared, which values they take, and the texts of grids.

local lu = require "luaunit"
local limn = require "limn"
local grid = require "limn.experiment.grid"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")

TestParameters = {}

local function declare(params, more)
  local t = { name = "p", run = false, params = params, measure = function(p) return { v = 1, of = p.n } end }
  for k, v in pairs(more or {}) do t[k] = v end
  return limn.experiment(t)
end

function TestParameters.testNamesThatTheCommandLineNeeds()
  for _, name in ipairs { "seed", "workers", "out", "store", "quiet", "row" } do
    lu.assertErrorMsgContains(("a parameter cannot be called %s: the command line has an option"):format(name), declare, { [name] = 1 })
  end
  for _, name in ipairs { "learning-rate", "a b", "1st", "" } do
    lu.assertErrorMsgContains("cannot be set on a command line", declare, { [name] = 1 })
  end
end

function TestParameters.testChoices()
  local e = declare { act = { default = "relu", choices = { "relu", "tanh" } }, n = { default = 2, choices = { 2, 4 } } }
  lu.assertEquals(e:cells({ grid = { act = "relu,tanh", n = { 4 } } }).count, 2)
  lu.assertErrorMsgContains('experiment: act must be one of relu, tanh, got "sin"', e.cells, e, { grid = { act = "relu,sin" } })
  lu.assertErrorMsgContains("experiment: n must be one of 2, 4, got 3", e.cells, e, { params = { n = 3 } })
  lu.assertErrorMsgContains("params.act: default must be one of", declare, { act = { default = "sin", choices = { "relu" } } })
  lu.assertErrorMsgContains("each of choices", declare, { n = { default = 1, choices = { 1, "x" } } })
end

function TestParameters.testHelpTellsTheValues()
  local script = toy.write("help.lua", [[return require "limn".experiment { name = "h", measure = function() return {} end,
    params = { act = { default = "relu", help = "activation", choices = { "relu", "tanh" } },
      t = { default = 0.5, min = 0, max = 2, unit = "s", help = "time" }, n = 3, l = 1 }, grid = { n = { 1, 2, 5 }, l = "1:4" } }]])
  local _, said = toy.sh("%s %s --help", toy.program, script)
  for _, line in ipairs { '--act          activation  (default "relu"; one of relu, tanh)\n',
    "time [s]  (default 0.5; must lie in 0 .. 2)\n",
    "(sweeps 1, 2, 5)\n", "(sweeps 1:4)\n" } do
    lu.assertTrue(said:find(line, 1, true) ~= nil, line .. said)
  end
  local status
  status, said = toy.sh("%s %s --act sin", toy.program, script)
  lu.assertEquals(status, 2)
  lu.assertTrue(said:find("--act must be one of relu, tanh, got sin", 1, true) ~= nil, said)
  _, said = toy.sh("%s %s --n 0.5", toy.program, script)
  lu.assertTrue(said:find('declare a default such as 1.0, or type = "number", for fractions', 1, true) ~= nil, said)
end

function TestParameters.testAFractionForAWholeNumber()
  local e = declare { l2 = 0 }
  lu.assertErrorMsgContains('l2 must be a whole number, got 0.001; its default is a whole number: declare a default such as 1.0, or '
    .. 'type = "number", for fractions', e.cells, e, { grid = { l2 = { 0, 1e-3 } } })
end

function TestParameters.testTextsWithCommas()
  lu.assertEquals(grid.values("g", '"a,b",c', "string"), { "a,b", "c" })
  lu.assertEquals(grid.values("g", 'x, "say ""no"", then" ,"",y', "string"), { "x", 'say "no", then', "", "y" })
  lu.assertEquals(grid.values("g", "relu,tanh", "string"), { "relu", "tanh" })
  lu.assertEquals(grid.values("g", "4, 6,8", "integer"), { 4, 6, 8 })
  lu.assertErrorMsgContains("a quote is not closed", grid.values, "g", '"a,b', "string")
  lu.assertErrorMsgContains("expected a comma", grid.values, "g", '"a"b', "string")
end

function TestParameters.testListsFromFiles()
  local path = toy.write("list.txt", "a,b\n\n  c d  \n")
  lu.assertEquals(grid.values("g", "@" .. path, "string"), { "a,b", "c d" })
  path = toy.write("numbers.txt", "1\n2.5\n")
  lu.assertEquals(grid.values("g", "@" .. path, "number"), { 1, 2.5 })
  lu.assertErrorMsgContains("No such file", grid.values, "g", "@/no/such:file", "number")
  lu.assertEquals(grid.values("g", '"@x"', "string"), { "@x" })
end

-- One draw in each of n equal parts, for each parameter in an order of its own.
function TestParameters.testLatinHypercubes()
  local n = 20
  local function parts(name, seed, text, low, high)
    local seen, list = {}, grid.values("g", text, "number", name, seed)
    lu.assertEquals(#list, n)
    for k, v in ipairs(list) do
      local part = math.floor((v - low) / (high - low) * n)
      lu.assertNil(seen[part])
      seen[part] = k
    end
    for k = 0, n - 1 do lu.assertNotNil(seen[k], k) end
    return table.concat(seen, " ")
  end
  local a = parts("a", 1, "-1:3:latin/20", -1, 3)
  lu.assertNotEquals(a, parts("b", 1, "-1:3:latin/20", -1, 3))
  lu.assertNotEquals(a, parts("a", 2, "-1:3:latin/20", -1, 3))
  lu.assertEquals(a, parts("a", 1, "-1:3:latin/20", -1, 3))
  local logs = {}
  for k, v in ipairs(grid.values("g", "1e-3:1:loglatin/3", "number", "x", 1)) do logs[k] = math.floor(math.log(v, 10)) end
  table.sort(logs)
  lu.assertEquals(logs, { -3, -2, -1 })
  local e = declare({ a = 0.5, b = 0.5 }, { grid = { a = "0:1:latin/8", b = "0:1:latin/8" } })
  lu.assertEquals(e:cells().count, 8) -- drawn together
end

toy.finish(lu.LuaUnit.run())
