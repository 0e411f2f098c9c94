-- luacheck: allow defined top
-- parameters_spec.lua: which parameters can be declared, which values they take, and the texts of grids.

local lu = require "luaunit"
local limn = require "limn"
local grid = require "limn.experiment.grid"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")

-- Bounds the memory of a command; a sanitized build reserves more than it uses.
local BOUND = toy.sanitized and "" or "ulimit -v 8000000; "

local function read(line)
  local pipe = assert(io.popen(line))
  local text = pipe:read "a"
  pipe:close()
  return text
end

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

-- In measure a number is one, also where it has no fraction; tables, names of curves, plans and the help write 1, not 1.0.
function TestParameters.testNumbersKeepTheirWrittenForm()
  local script = toy.write("rate.lua", [[local limn = require "limn"
    return limn.experiment { name = "rate", params = { rate = { default = 0.1, min = 0.0 }, k = 2.0 }, grid = { rate = { 0.03, 1, 2.5 } },
      measure = function(p) assert(math.type(p.rate) == "float") return { m = p.rate / 2 } end,
      report = function(r)
        for _, rate in ipairs(r:distinct "rate") do print("rate " .. rate) end
        limn.plot.ci(r, { x = "m", y = "m", by = "rate", show = false, quiet = true }):save "rate.gp"
      end }]])
  local _, said = toy.sh("cd %s && %s %s --quiet", toy.dir, toy.program, script)
  lu.assertEquals(said, "rate 0.03\nrate 1\nrate 2.5\n")
  _, said = toy.sh("grep -o 'rate = 1[^0-9]*' %s/rate.gp", toy.dir)
  lu.assertNil(said:find("1.0", 1, true))
  lu.assertTrue(said:find("rate = 1", 1, true) ~= nil)
  _, said = toy.sh("cd %s && %s %s --dry-run", toy.dir, toy.program, script)
  lu.assertTrue(said:find("\nk=2, rate=1, rep=1\n", 1, true) ~= nil, said)
  _, said = toy.sh("cd %s && %s %s --help", toy.dir, toy.program, script)
  lu.assertTrue(said:find("(sweeps 0.03, 1, 2.5; must be at least 0)", 1, true) ~= nil, said)
  lu.assertTrue(said:find("(default 2)", 1, true) ~= nil, said)
  local loaded = limn.results.load(toy.dir .. "/out/rate.db")
  lu.assertEquals("rate " .. loaded[2].rate, "rate 1")
  lu.assertEquals("m " .. loaded[2].m, "m 0.5")
  _, said = toy.sh("cd %s && %s store rerun out/rate.db rate=1 --yes", toy.dir, toy.program)
  lu.assertTrue(said:find("equal to the bit", 1, true) ~= nil, said)
  lu.assertEquals(grid.written(2.0 ^ 40), 2.0 ^ 40)
  lu.assertEquals(math.type(grid.written(2.0 ^ 40)), "float") -- a product of two would overflow
end

-- A list inside of a zip is crossed; its points run as the values of one name do.
function TestParameters.testNestedZips()
  local e = declare({ a = 1, b = 1, c = 1, d = 1 }, { zip = { { "a", { "b", "c" } } },
    grid = { a = { 1, 2, 3, 4, 5, 6 }, b = { 1, 2 }, c = { 7, 8, 9 }, d = { 0, 1 } } })
  local function texts(options)
    local out, space = {}, e:cells(options)
    for i = 1, space.count do
      local p = space.point(i)
      out[i] = ("%d%d%d%d"):format(p.a, p.b, p.c, p.d)
    end
    return table.concat(out, " ")
  end
  lu.assertEquals(texts(), "1170 1171 2180 2181 3190 3191 4270 4271 5280 5281 6290 6291")
  lu.assertEquals(texts { params = { b = 1 }, grid = { a = { 1, 2, 3 }, b = { 1 } } }, "1170 1171 2180 2181 3190 3191")
  lu.assertEquals(texts { params = { a = 1 }, grid = { a = { 1 }, d = { 0 } } }, "1170 1180 1190 1270 1280 1290")
  local deep = { grid = { a = { 1, 2, 3, 4 }, b = { 1, 2 }, c = { 5, 6 }, d = { 8, 9 } }, zip = { { "a", { "b", { "c", "d" } } } } }
  lu.assertEquals(texts(deep), "1158 2169 3258 4269")
  lu.assertErrorMsgContains('"a" and "b" run together, but have 5 and 6 values', e.cells, e, { grid = { a = "1:5" } })
  lu.assertErrorMsgContains('zip names "a" twice', e.cells, e, { zip = { { "a", { "a", "b" } } } })
  lu.assertErrorMsgContains("zip must be a list of lists of names", declare, { n = 1 }, { zip = { "n" } })
  lu.assertErrorMsgContains("zip must be a list of lists of names", declare, { n = 1 }, { zip = { { "n", {} } } })
  local parse = require("limn.experiment.zips").parse
  lu.assertEquals(parse " a, (b,(c ,d)),e", { "a", { "b", { "c", "d" } }, "e" })
  for _, text in ipairs { "", "a,", "a,(b", "a)", "(a)b", "a b", "(,)" } do lu.assertNil(parse(text), text) end
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
  lu.assertErrorMsgContains("is not text", grid.values, "g", "@/dev/zero", "number")
  lu.assertErrorMsgContains("cannot read: Is a directory", grid.values, "g", "@/tmp", "number")
end

-- In a process of its own with bounded memory: a list that does not end would fill it.
function TestParameters.testListsWithoutEnd()
  local code = ('require("limn.experiment.grid").values("g", "@%s", "number")'):format "/dev/stdin"
  local text = read(("yes | (" .. BOUND .. "%s -e '%s' 2>&1)"):format(toy.program, code))
  lu.assertStrContains(text, "/dev/stdin: has more than 64 MiB")
  text = read(("yes | (" .. BOUND .. "%s store merge %s/into.db @/dev/stdin 2>&1)"):format(toy.program, toy.dir))
  lu.assertStrContains(text, "/dev/stdin: has more than 64 MiB")
  text = read(("%s store merge %s/into.db @/dev/zero 2>&1; %s store merge %s/into.db @/tmp 2>&1"):format(toy.program,
    toy.dir, toy.program, toy.dir))
  lu.assertStrContains(text, "/dev/zero: is not text")
  lu.assertStrContains(text, "/tmp: cannot read: Is a directory")
  text = read(("(" .. BOUND .. "%s -e 'print(require(\"limn\").load \"-\")' </dev/zero 2>&1)"):format(toy.program))
  lu.assertStrContains(text, "standard input: is not text")
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
