#!/usr/bin/env limn
-- habits_spec.lua: what people type who come from numpy, matplotlib, scikit-learn and Python: each habit works, or the
-- message has the way out. One row a habit.

local limn = require "limn"
local lu = require "luaunit"

local testing = dofile(debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../support/testing.lua")

local a, m = limn.array { 3, 1, 2 }, limn.array { { 1, 2 }, { 3, 4 } }
local X, y = limn.data.xor()
local function net() return limn.mlp.new { sizes = { 2, 3, 1 } } end
local function train(options) return net():train(X, y, options) end
local function line(options) return limn.plot.figure():line(options) end
local function params(p) return limn.experiment { name = "h", measure = print, params = { k = p } } end

-- { habit, what is done, the result as text or a table }
local WORKS = {
  { "print(a)", function() return tostring(a):find "3  1  2" ~= nil end, true },
  { "a[mask]", function() return a[a:gt(1)]:totable() end, { 3, 2 } },
  { "a[{1, 2}]", function() return a[{ 1, 2 }]:totable() end, { 3, 1 } },
  { "a[-1]", function() return a[-1] end, 2 },
  { "a[1:] from the end", function() return a:slice(-2, -1):totable() end, { 1, 2 } },
  { "concatenate", function() return limn.concat({ a, a }):size() end, 6 },
  { "hstack", function() return limn.hstack({ a, limn.array { 5 } }):totable() end, { 3, 1, 2, 5 } },
  { "a .. a", function() return (a .. a):size() end, 6 },
  { "where", function() return a:where(a:gt(1), 0 * a):totable() end, { 3, 0, 2 } },
  { "clip", function() return a:clip(1, 2):totable() end, { 2, 1, 2 } },
  { "sin, cos, round, floor", function() return (a:sin() ^ 2 + a:cos() ^ 2):round():floor():totable() end, { 1, 1, 1 } },
  { "a % 2", function() return (a % 2):totable() end, { 1, 1, 0 } },
  { "any, all, isnan", function() return { a:any(), a:all(), a:isnan():any() } end, { true, true, false } },
  { "unique, bincount, histogram", function()
    return { #a:unique(), a:bincount():size(), (a:histogram(2)):size() }
  end, { 3, 3, 2 } },
  { "median, prod, diff", function() return { a:median(), a:prod(), #a:diff() } end, { 2, 6, 2 } },
  { "diag, trace, inv, outer", function() return { m:trace(), #m:diag(), #m:inv(), #a:outer(a) } end, { 5, 2, 2, 3 } },
  { "einsum, meshgrid", function() return { limn.einsum("ii->", m), #(limn.meshgrid(a, a)) } end, { 5, 3 } },
  { "choice, shuffle", function() return { #limn.rng.stream(1):choice(a, 2), #limn.rng.stream(1):shuffle(a) } end, { 2, 3 } },
  { "searchsorted, interp, cov, corrcoef", function()
    return { limn.array { 1, 2 }:searchsorted(1.5), #m:cov(), #m:corrcoef() }
  end, { 2, 2, 2 } },
  { "rng.normal(0, 1, 5)", function() return #limn.rng.stream(1):normal(0, 1, 5) end, 5 },
  { "rng.uniform(2.0, 3)", function() return limn.rng.stream(1):uniform(2.0, 3):size() end, 6 },
  { "rng.uniform(-1, 1, 5)", function() return #limn.rng.stream(1):uniform(-1, 1, 5) end, 5 },
  { "a:equal of a table", function() return a:equal { 3, 1, 2 } end, true },
  { "a + a table", function() return (a + { 1, 1, 1 }):totable() end, { 4, 2, 3 } },
  { "whole numbers", function() return limn.array({ 1, 2 }, "i64"):dtype() end, "i64" },
  { "map(math.log)", function() return limn.array { 1, 1 }:map(math.log):totable() end, { 0, 0 } },
  { "choices of a parameter", function() return params { default = "a", choices = { "a", "b" } } ~= nil end, true },
}

-- { habit, what is done, text of the message }
local EXPLAINED = {
  { "a[11] of 3", function() return a[11] end, "1 .. 3" },
  { "a > 0", function() return a > 0 end, "entries are compared by a:lt(b), a:le(b), a:gt(b) and a:ge(b), which give masks" },
  { "a[a >= b]", function() return a[a >= a] end, "which give masks" },
  { "rng.uniform(-1, 1)", function() limn.rng.stream(1):uniform(-1, 1) end, "parameters go by name (low=, high=)" },
  { "rng.uniform(0.5, 2)", function() limn.rng.stream(1):uniform(0.5, 2) end, "or before a size: rng:uniform(a, b, n)" },
  { "rng.normal(0.5, 2)", function() limn.rng.stream(1):normal(0.5, 2) end, "parameters go by name (mean=, sd=)" },
  { "fig:line(x, y)", function() limn.plot.figure():line({ 1 }, { 2 }) end, "options go by name: line{x =, y =, ..}" },
  { "fig:line(x)", function() line { 1, 2 } end, "options go by name: line{x =, y =, ..}" },
  { "fig:line(array)", function() line(a) end, "options go by name: line{x =, y =, ..}" },
  { "mlp.new{2, 16, 1}", function() limn.mlp.new { 2, 16, 1 } end, "options go by name: new{sizes =, ..}" },
  { "crossover{10}", function() limn.theory.crossover { 10 } end, "options go by name: crossover{" },
  { "lr", function() train { lr = 1 } end, 'did you mean "rate"?' },
  { "learning_rate", function() train { learning_rate = 1 } end, 'did you mean "rate"?' },
  { "epochs", function() train { epochs = 1 } end, 'did you mean "steps"?' },
  { "noise for flip", function() limn.regress.bayes({ { 1 } }, { 1 }, { noise = 0.1 }) end, 'did you mean "flip"?' },
  { "flip for noise", function() limn.theory.eigenlearning { flip = 0.1 } end, 'did you mean "noise"?' },
  { "xlabel", function() limn.plot.figure { xlabel = "D" } end, "did you mean x = { label = .. }?" },
  { "log of an axis", function() limn.plot.figure { y = { log = true } } end, 'did you mean "scale"?' },
  { "yscale", function() limn.plot.figure { yscale = "log" } end, "did you mean y = { scale = .. }?" },
  { "linewidth", function() line { y = { 1 }, linewidth = 2 } end, 'did you mean "width"?' },
  { "lw", function() line { y = { 1 }, lw = 2 } end, 'did you mean "width"?' },
  { "c", function() line { y = { 1 }, c = "red" } end, 'did you mean "color"?' },
  { "marker", function() line { y = { 1 }, marker = "o" } end, 'did you mean "mark"?' },
  { "figsize", function() limn.plot.figure { figsize = { 4, 3 } } end, 'did you mean "width"?' },
  { "label of a heat map", function() limn.plot.figure():heatmap { z = { { 1 } }, label = "a" } end, 'did you mean "bar"?' },
  { "axis", function() return m:sum { axis = 1 } end, "it goes without a name" },
  { "keepdims", function() return m:sum(1, true) end, "there is no keepdims: a:sum(1):reshape(1, n)" },
  { "keepdims by name", function() return m:mean { keepdims = true } end, "there is no keepdims: a:sum(1):reshape(1, n)" },
  { "sep", function() limn.data.csv("x.csv", { sep = ";" }) end, 'did you mean "separator"?' },
  { "no near name", function() limn.maps.grid(net(), { zzzzzz = 1 }) end, "it takes n, x, y" },
  { "no options at all", function() limn.regress.minnorm({ { 1 } }, { 1 }, { lambda = 1 }) end, "it takes none" },
  { "net:train(limn.data.xor(), {..})", function() net():train(limn.data.xor(), { steps = 5 }) end,
    "a call in the middle of the arguments passes only its first result" },
}

-- { text that does not compile, the advice }
local PITFALLS = {
  { "if x != 3 then end", "not equal is ~= in Lua" }, { "x += 1", "write x = x + 1" }, { "x++", "write x = x + 1" },
  { "y = [1, 2]", "a list is written {1, 2}" }, { "f([1, 2])", "a list is written {1, 2}" },
  { "import numpy as np", 'limn = require "limn"' }, { "from numpy import array", 'limn = require "limn"' },
  { "def f(x):", "function f(x) .. end" }, { "x = a && b", "Lua writes `and`" }, { "x = 2 ** 3", "x ^ 2" },
  { "print(1)\n# a comment", "line 2: a comment begins with --" }, { "if !x then end", "not x" },
  { "print x", "print(x)" }, { "print 'a', 1", "print(x, y)" },
  { "y = a @ b", "a:matmul(b)" }, { "y = a[:, 1]", "a:slice(from, to)" }, { "y = a[1:3]", "a:slice(from, to)" },
  { "y = a[:-1]", "a:slice(from, to)" }, { "x:std(axis=0)", "f {name = value}" }, { "for (i = 0; i < 3; i++) {", "for i = 1, n do" },
  { "x = (a == 1) b", nil }, { "f({a = 1}) f[x:f()] b", nil },
  { "x = 1 -- a != b\nx = 'a += 1' x x", nil }, { "x = t[1] y", nil }, { "x = {[1] = 2} y", nil }, { "x = ((1)", nil },
}

TestHabits = {}

function TestHabits.testPitfallsOfSyntax()
  local pitfalls = require "limn.base.pitfalls"
  for _, row in ipairs(PITFALLS) do
    lu.assertNil((load(row[1])), row[1])
    local advice = pitfalls.of(row[1])
    if row[2] then lu.assertStrContains(advice or "", row[2]) else lu.assertNil(advice, row[1]) end
  end
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write "print(1)\nx += 1\n"
  file:close()
  lu.assertStrContains(testing.run(("%s %s 2>&1"):format(testing.program, path)), "line 2: Lua has no +=")
  os.remove(path)
  lu.assertStrContains(testing.run(testing.program .. " -e 'x = [1]' 2>&1"), "a list is written {1, 2}")
  lu.assertNotStrContains(testing.run(testing.program .. " -e 'x = (' 2>&1"), "in Lua")
end

-- { text that compiles and calls or indexes a global that Lua does not have, the advice }
local CALLED = {
  { "print(len({1}))", "the length of x is #x" }, { "for i in range(3) do end", "for i = 1, n do" },
  { "x = 'a'; y = str(x)", "tostring(x)" }, { "np.array({1})", "limn.array" }, { "print(\"len(\"); local t = nil; t()", nil },
  { "local len; len(1)", nil }, { "len = {}; len.x()", nil }, { "error('no len(')", nil },
  { "local limn; local function f() g() end f()", nil },
}

-- { text that calls or indexes an undefined member or global, the end of the message or nil, what must not be in it }
local MISSPELT = {
  { "local limn = require 'limn'; limn.regress.minorm {}", "did you mean minnorm?" },
  { "local limn = require 'limn'; limn.plot.scatter {}", "did you mean plot.panel:points?" },
  { "local limn = require 'limn'; limn.minnorm {}", "did you mean limn.regress.minnorm?" },
  { "local limn = require 'limn'; limn.regres.minnorm {}", "did you mean regress?" },
  { "local limn = require 'limn'; local m = limn.mlp; local function f() m.nwe {} end f()", "did you mean new?" },
  { "local limn = require 'limn'; local net = limn.mlp.new { sizes = { 1, 1 } }; net:trian()", "did you mean train?" },
  { "local limn = require 'limn'; limn.zeros(3):cosn()", "did you mean cos?" },
  { "local limn = require 'limn'; limn.zeros(3):sinn()", "did you mean sin?" }, -- not sign, which is as near
  { "local limn = require 'limn'; limn.regress\n  .rigde({ { 1 } }, { 1 })", "did you mean ridge?" },
  { "local limn = require 'limn'; limn.plot.figure()\n  :lin { y = { 1 } }", "did you mean line?" },
  { "local limn = require 'limn'; limn.regress.\n  rigde({ { 1 } }, { 1 })", "did you mean ridge?" },
  { "local limn = require 'limn'; limn.zeros(3):append(1)", "did you mean limn.concat?" },
  { "local limn = require 'limn'; limn.zeros(3):percentile(1)", "did you mean quantile?" },
  { "local limn = require 'limn'; limn.zeros(3):groupby()", nil }, { "pritn(1)", "did you mean print?" },
  { "minnorm {}", "did you mean limn.regress.minnorm?" }, { "local t = { minnorm = 1 }; t.a.b = 1", nil },
  { "local t = {}; t.qqqq.b = 1", nil }, { "local t = { a = 1 }; t:append(2)", nil },
  { "local limn = require 'limn'; limn.zeros(3):astype 'i64'", "did you mean limn.array?" },
  { "local limn = require 'limn'; limn.zeros(3):len()", "did you mean size?" }, { "randn(3)", "did you mean limn.rng.stream?" },
  { "local limn = require 'limn'; limn.rng.stream(1):randn(3)", "did you mean normal?" },
  { "local limn = require 'limn'; limn.mlp.new { sizes = { 2, 1 } }:fit()", "did you mean train?" },
  { "local limn = require 'limn'; limn.plot.figure():plot {}", "did you mean line?" },
  { "local limn = require 'limn'; limn.sqrt(2)", "did you mean array:sqrt?" }, { "mean {}", "did you mean array:mean?" },
  { "local limn = require 'limn'; limn.random.normal()", "did you mean limn.rng.stream?" },
}

function TestHabits.testCallsOfWhatLuaDoesNotHave()
  local path = os.tmpname()
  for _, row in ipairs(CALLED) do
    testing.write(path, "\n" .. row[1] .. "\n")
    for _, words in ipairs { path, "-e " .. require("limn.base.system").quoted("\n" .. row[1]), "<" .. path, "- <" .. path } do
      local text = testing.run(("%s %s 2>&1"):format(testing.program, words))
      lu.assertStrContains(text, "stack traceback")
      if row[2] then lu.assertStrContains(text, row[2]) else lu.assertNotStrContains(text, "Lua has no", row[1]) end
    end
  end
  os.remove(path)
end

function TestHabits.testMisspeltNamesInScripts()
  local path = os.tmpname()
  for i, row in ipairs(MISSPELT) do
    testing.write(path, "\n" .. row[1] .. "\n")
    local text = testing.run(("%s %s%s 2>&1"):format(testing.program, i % 2 == 0 and "<" or "", path))
    lu.assertStrContains(text, "stack traceback")
    if row[2] then lu.assertStrContains(text, row[2] .. "\n") else lu.assertNotStrContains(text, "did you mean", row[1]) end
  end
  os.remove(path)
end

-- Also in the cells of a sweep, in this process and in workers.
function TestHabits.testMisspeltNamesInCells()
  local path, dir = os.tmpname(), os.tmpname()
  os.remove(dir)
  testing.write(path, [[local limn = require "limn"
    return limn.experiment { name = "e", question = "q", params = { n = 1 }, grid = { n = "1:2" }, measure = function(p)
      return { v = p.n == 1 and limn.regress.rigde({ { 1 } }, { 1 }) or len({}) } end }]])
  for workers = 0, 1 do
    local text = testing.run(("%s %s --fresh --workers %d --out %s 2>&1"):format(testing.program, path, workers, dir))
    lu.assertStrContains(text, "(field 'rigde'); did you mean ridge?")
    lu.assertStrContains(text, "Lua has no len: the length of x is #x")
  end
  os.execute(("rm -rf %s %s"):format(path, dir))
end

-- The text of a script on standard input is read whole; its first line and its mark of UTF-8 are those of a file.
function TestHabits.testScriptOnStandardInput()
  local function run(text, words) return testing.run(("printf '%s' | %s %s 2>&1"):format(text, testing.program, words or "")) end
  lu.assertEquals(run("#!x\\nprint(..., io.read())", "- a"), "a\tnil\n")
  lu.assertEquals(run "\\357\\273\\277#!x\\nprint(1)", "1\n")
  lu.assertEquals(run "#!x", "")
  lu.assertEquals(run "", "")
  lu.assertStrContains(run "#!x\\nx = [1, 2]", "stdin:2:")
  lu.assertStrContains(run "#!x\\nx = [1, 2]", "line 2: a list is written {1, 2}")
  lu.assertStrContains(testing.run(testing.program .. " 2>&1 </"), "cannot read stdin")
end

function TestHabits.testPrompt()
  local lines = { "import numpy as np", "print x", "n = len({1})", "y = True", "limn.regress.minnorm:help", "dofile '/dev/zero'" }
  local text = testing.run(("printf '%%s\\n' %s | (%s TERM=dumb %s -i) 2>&1"):format(
    '"' .. table.concat(lines, '" "') .. '"', testing.sanitized and "" or "ulimit -v 4000000;", testing.program))
  for _, advice in ipairs { "Lua has no import", "a call has parentheses: print(x)", "len is not defined; the length of x is #x",
    "True is not defined; true in Lua", "regress.minnorm(", "/dev/zero:1: unexpected symbol" } do
    lu.assertStrContains(text, advice)
  end
end

for i, row in ipairs(WORKS) do
  TestHabits[("test_%02d_works_%s"):format(i, row[1])] = function() lu.assertEquals(row[2](), row[3]) end
end
for i, row in ipairs(EXPLAINED) do
  TestHabits[("test_%02d_explains_%s"):format(i, row[1])] = function() testing.fails(row[3], row[2]) end
end

function TestHabits.testScriptThatShadowsTheLibrary()
  local folder = testing.run("mktemp -d"):match "%S+"
  local text = testing.run(("cd %s && echo 'print(1)' > limn.lua && %s limn.lua 2>&1; mv limn.lua a.lua; %s a.lua 2>&1; rm -r %s")
    :format(folder, testing.program, testing.program, folder))
  local note = 'limn: note: require "limn" loads ./limn.lua instead of the library; rename that file\n'
  lu.assertEquals(text, note .. "1\n1\n")
  folder = testing.temp_dir()
  testing.write(folder .. "/limn.lua", "return {}")
  lu.assertEquals(testing.run(("cd %s && %s -e 'print(1)' 2>&1"):format(folder, testing.program)), note .. "1\n")
  lu.assertStrContains(testing.run(("cd %s && %s -i 2>&1 </dev/null"):format(folder, testing.program)), note)
  testing.run("rm -r " .. folder)
end

os.exit(lu.LuaUnit.run())
