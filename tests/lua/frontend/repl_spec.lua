-- repl_spec.lua: the prompt: display of values, commands, completion, error messages.
-- stock: yes
local lu = require "luaunit"
local limn = require "limn"
local repl = require "limn.frontend.repl"
local testing = dofile(debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/../support/testing.lua")

TestRepl = {} -- luacheck: ignore

function TestRepl:test_values()
  lu.assertEquals(repl.text { 1, 2, x = "a" }, '{ 1, 2, x = "a" }')
  lu.assertEquals(repl.text {}, "{}")
  lu.assertStrContains(repl.text(limn.array { { 1, 2 }, { 3, 4 } }), "3  4")
  local loop = {}
  loop.me = loop
  lu.assertEquals(repl.text(loop), "{ me = (itself) }")
  local long = {}
  for i = 1, 1000 do long[i] = i end
  lu.assertTrue(#repl.text(long) < 200)
  lu.assertStrContains(repl.text(long), "980 more")
end

function TestRepl:test_big_values_never_flood()
  local text = repl.text(("x"):rep(1000000))
  lu.assertTrue(#text < 10000)
  lu.assertStrContains(text, "992000 more bytes")
  lu.assertTrue(select(2, repl.text(("line\n"):rep(5000)):gsub("\n", "")) < 70)
  lu.assertNotNil(utf8.len(repl.text(("€"):rep(10000))))
  lu.assertEquals(#repl.text(("y"):rep(8000)), 8000)
  lu.assertTrue(#repl.text(setmetatable({}, { __tostring = function() return ("z"):rep(100000) end })) < 10000)
  local many = {}
  for i = 1, 100000 do many["k" .. i] = i end
  local before = os.clock()
  text = repl.text(many)
  lu.assertTrue(os.clock() - before < 3)
  lu.assertStrContains(text, "k1 = 1,\n  k10 = 10,\n  k100 = 100,")
  lu.assertStrContains(text, "99980 more")
  lu.assertTrue(#repl.text(limn.zeros(3000, 3000)) < 3000)
  lu.assertTrue(#repl.text(limn.zeros(30, 30, 30)) < 6000)
end

function TestRepl:test_a_module_prints_its_names()
  lu.assertStrContains(repl.text(limn.regress), "regress.minnorm          The weights")
  lu.assertStrContains(repl.text(limn), "limn 0.")
end

local function printed(f, ...)
  local lines, before = {}, print
  print = function(...) lines[#lines + 1] = table.concat({ ... }, "\t") end -- luacheck: ignore
  local ok, e = pcall(f, ...)
  print = before -- luacheck: ignore
  if not ok then error(e, 0) end
  return table.concat(lines, "\n")
end

function TestRepl:test_show()
  lu.assertEquals(printed(repl.show, "6*7", 42), "42")
  lu.assertEquals(ans, 42) -- luacheck: ignore
  lu.assertEquals(printed(repl.show, "6*8;", 48), "")
  lu.assertEquals(ans, 48) -- luacheck: ignore
  lu.assertEquals(printed(repl.show, "nil", nil), "nil")
end

function TestRepl:test_commands()
  lu.assertNil(repl.command "x = 1")
  lu.assertEquals(repl.command "limn> 1 + 1", "1 + 1")
  lu.assertStrContains(printed(repl.command, ":help"), ":time")
  lu.assertStrContains(printed(repl.command, ":time 1+1"), "CPU")
  lu.assertErrorMsgContains("did you mean :help", repl.command, ":hlep")
end

function TestRepl:test_completion()
  local function try(line) return (function(insert, list) return insert, list end)(repl.complete(line, #line)) end
  lu.assertEquals({ try "string.form" }, { "at" })
  lu.assertEquals({ try "pri" }, { "nt" })
  _G.a = limn.array { 1, 2 } -- luacheck: ignore
  lu.assertEquals({ try "x = a:tota" }, { "ble" })
  _G.limn = limn -- luacheck: ignore
  lu.assertEquals({ try "limn.feat" }, { "ures" })
  lu.assertEquals({ try "limn.features.t" }, { "oy" })
  local insert, list = try "string.re"
  lu.assertEquals(insert, "")
  lu.assertEquals(list, "rep      reverse")
  lu.assertNil(try "nowhere.x")
  lu.assertNil(try "")
end

function TestRepl:test_completion_by_place()
  local function choices(line)
    local _, list = repl.choices(line, #line)
    return list and table.concat(list, " ") or nil
  end
  _G.limn = limn -- luacheck: ignore
  lu.assertEquals(choices "limn.regress.ridge(X, y, {la", "lambda=") -- the options of a known function
  lu.assertEquals(choices "limn.regress.lasso(X, y, { lambda = 3, ", "path= ratio=") -- those not given yet
  lu.assertEquals(choices "limn.theory.ratio { points = 3, comp", "complexity=")
  lu.assertEquals(choices "limn.experiment { ques", "question=")
  lu.assertNotStrContains(choices "limn.features.toy{points=lim", "=") -- a value, not an option
  lu.assertStrContains(choices "limn.features.toy{\n  points=3,\n  ", "complexity=")
  lu.assertEquals(choices "require 'limn.reg", "limn.regress")
  lu.assertEquals(choices "require(\"limn.reg", "limn.regress")
  lu.assertEquals(choices "f = io.open('tests/lua/frontend/repl_sp", "repl_spec.lua")
  lu.assertEquals(choices "f = io.open('tests/lu", "lua/")
  lu.assertNil(choices "-- in a comment limn.reg")
  lu.assertNil(choices "x = [[ in a long string limn.reg")
  lu.assertEquals(choices ":rel", "reload")
  lu.assertEquals(choices "?regress.minn", "regress.minnorm")
  lu.assertEquals({ repl.complete("'\\alpha", 7) }, { "α", nil, 6 })
  lu.assertEquals({ repl.complete("'\\alp", 5) }, { "ha", nil, 0 })
  local fit = limn.regress.minnorm({ { 1, 2 } }, { 1 })
  _G.fit = fit -- luacheck: ignore
  lu.assertEquals(choices "fit:pre", "predict")
  lu.assertEquals(choices "fit.res", "residual")
  -- of what is no plain name: members or nothing, never globals
  lu.assertEquals(choices "x = ('x'):re", "rep reverse")
  lu.assertEquals(choices 'x = "x":re', "rep reverse")
  _G.m = { limn.zeros(2, 2), name = "n" } -- luacheck: ignore
  lu.assertEquals(choices "m[1]:sh", "shape show")
  lu.assertEquals(choices "m.name:re", "rep reverse")
  lu.assertEquals(choices "x = limn.zeros(2, 3):sha", "shape")
  lu.assertEquals(choices "limn.zeros(2, 3):T():resh", "reshape")
  lu.assertEquals(choices "limn.regress.minnorm(m[1], {1, 2}).resi", "residual")
  lu.assertEquals(choices "limn.features.toy { points = 4 }:gra", "gram")
  lu.assertNil(choices "f(x):pri")
  lu.assertNil(choices "f(x).pri")
  lu.assertNil(choices "unknown.pri")
  lu.assertEquals(choices "x = 1 ..tostr", "tostring")
  lu.assertEquals(choices "('a')..tostr", "tostring")
end

function TestRepl:test_completion_of_values_nested_options_and_help()
  local function choices(line)
    local _, list = repl.choices(line, #line)
    return list and table.concat(list, " ") or nil
  end
  _G.limn = limn -- luacheck: ignore
  lu.assertEquals(choices 'limn.mlp.new { sizes = { 2, 1 }, activation = "ta', "tanh")
  lu.assertEquals(choices "limn.features.toy{kind='", "binary gaussian sign")
  lu.assertEquals(choices 'limn.plot.figure{x={scale="', "linear log10 log2 symlog")
  lu.assertEquals(choices 'limn.plot.figure{legend="top', "top top left")
  lu.assertEquals(choices "limn.plot.figure{x={la", "label=") -- options of the axis, not of the figure
  lu.assertEquals(choices "limn.plot.figure { x = { label = 'a', sc", "scale=")
  lu.assertEquals(choices "limn.plot.figure { x = { label = 'a' }, venu", "venue=")
  lu.assertEquals(choices "limn.plot({ 1, 2 }, { 3, 4 }, { xsc", "xscale=")
  lu.assertEquals(choices "limn.experiment { claims = { { theo", "theory=")
  lu.assertNil(choices "limn.plot.figure { x = { label = { la") -- no table of options
  lu.assertNotStrContains(choices "limn.plot.figure { x = unknown(l", "label=")
  lu.assertEquals(choices "?limn.regress.minn", "minnorm")
  lu.assertStrContains(choices "?limn.reg", "regress")
  lu.assertEquals(choices "??regress.minn", "regress.minnorm")
  lu.assertEquals(choices ":help regress.minn", "regress.minnorm")
  _G.my_own_value = 5 -- luacheck: ignore
  lu.assertEquals(choices "?my_own", "my_own_value")
  lu.assertEquals(choices ":edit tests/lua/frontend/repl_sp", "repl_spec.lua")
  lu.assertEquals(choices "!ls tests/lua/frontend/repl_sp", "repl_spec.lua")
  _G.my_own_value = nil -- luacheck: ignore
end

-- What the program does with a block: its last expression is its value.
local function value(code)
  local f, message = repl.compile(code, "=stdin")
  return f and f() or message
end

function TestRepl:test_a_block_ends_in_an_expression()
  lu.assertEquals(value "pasted = 41\npasted + 1", 42)
  lu.assertEquals(value "local n = 0\nfor i = 1, 3 do\n  n = n + i\nend\nn", 6)
  lu.assertEquals(value "local n = 3; n * 2", 6)
  lu.assertStrContains(value "for i = 1, 3 do", "<eof>") -- more lines are expected
  lu.assertStrContains(value "f(", "<eof>")
  pasted = nil -- luacheck: ignore
end

function TestRepl:test_numbered_results()
  local kept = require "limn.frontend.repl.kept"
  printed(repl.show, "11", 11)
  local number = kept.count
  printed(repl.show, "22", 22)
  printed(repl.show, "nil", nil)
  lu.assertEquals({ kept.get "_", kept.get "__", kept.get("_" .. number), kept.get("_" .. number + 1) }, { 22, 11, 11, 22 })
  lu.assertNil(kept.get "_x")
  lu.assertStrContains(printed(repl.command, ":results"), ("_%d"):format(number + 1))
  for i = 1, 30 do printed(repl.show, "i", i) end
  lu.assertNil(kept.get("_" .. number)) -- only the last ones are kept
  lu.assertEquals(kept.get "___", 28)
end

function TestRepl:test_the_shell_and_the_folder()
  local folder = require("limn.native").folder
  local before, dir = folder.current(), testing.temp_dir()
  lu.assertTrue(repl.command("!touch " .. dir .. "/made"))
  lu.assertNotNil(testing.read(dir .. "/made"))
  lu.assertEquals(printed(repl.command, ":cd " .. dir), dir)
  lu.assertEquals(folder.current(), dir)
  lu.assertEquals(printed(repl.command, "!cd /"), "/")
  lu.assertErrorMsgContains("No such file", repl.command, ":cd nowhere_at_all")
  assert(folder.go(before))
  lu.assertErrorMsgContains("expected a command", repl.command, "!")
end

function TestRepl:test_edit()
  local dir = testing.temp_dir()
  local editor = testing.write(dir .. "/editor", '#!/bin/sh\ncase $1 in +*) shift ;; esac\necho "edited_value = 7" >>"$1"\n')
  os.execute("chmod +x " .. editor)
  local script = testing.write(dir .. "/s.lua", "first_value = 3\n")
  local lua = ([[package.path = "%s;" .. package.path
    local repl = require "limn.frontend.repl"
    repl.command ":edit %s"
    print(first_value, edited_value)
    edited_value = nil
    repl.command ":edit"
    print("again", edited_value)
    print(pcall(repl.command, ":edit nothing_of_that_name"))]]):format(package.path, script)
  local text = testing.run(("VISUAL=%s %s -e %q 2>&1"):format(editor, testing.program, lua))
  lu.assertStrContains(text, "3\t7\n")
  lu.assertStrContains(text, "again\t7\n")
  lu.assertStrContains(text, "nothing_of_that_name is neither a file nor a function")
end

function TestRepl:test_post_mortem()
  repl.begin "function outer(a)"
  local code = "local up = 'u'\nlocal function inner(t, none)\n  local s = t.a\n  return s.b, up, none\nend\n"
    .. "function outer_of(a) local k = a * 2 local r = inner({ k = k }) return r end\nouter_of(4)"
  local ok = xpcall(load(code, "=stdin"), repl.handler)
  lu.assertFalse(ok)
  local frames = require "limn.frontend.repl.frames"
  lu.assertEquals(frames.list[1].place, "stdin:4")
  lu.assertEquals(frames.text(1), "1  inner, stdin:4\n   up    \"u\"\n   t     { k = 8 }\n   none  nil\n   s     nil")
  lu.assertStrContains(frames.text(2), "k      8")
  local env = frames.scope(1, { none = "hidden by the local", global = 6 })
  lu.assertEquals({ env.up, env.none == nil, env.global }, { "u", true, 6 })
  lu.assertErrorMsgContains(":debug takes a number in 1 .. ", repl.command, ":debug 99")
  outer_of = nil -- luacheck: ignore
end

function TestRepl:test_nothing_wanted_is_hidden()
  local nets = limn.mlp.ensemble { sizes = { 2, 4, 1 }, count = 3 }
  local run = nets:train({ { 1, 2 }, { 0, 1 } }, { 1, -1 }, { steps = 2, rate = 0.1 })
  lu.assertStrContains(repl.text(nets), "sizes       { 2, 4, 1 }")
  lu.assertStrContains(repl.text(run), "tally      { steps = 3 }")
end

function TestRepl:test_signature_hint()
  _G.limn = limn -- luacheck: ignore
  local function hint(line) return repl.hint(line, #line) end
  lu.assertEquals(hint "limn.regress.lp(", "regress.lp(features, labels?, {norm=}) -> fit")
  lu.assertEquals(hint "x = limn.regress.lp(f, {1, 2}, ", "regress.lp(features, labels?, {norm=}) -> fit")
  lu.assertEquals(hint "limn.regress.lp(f, g, {", "regress.lp(features, labels?, {norm=}) -> fit")
  lu.assertNil(hint "limn.regress.lp(f)")
  lu.assertNil(hint "print(")
  lu.assertNil(hint "'limn.regress.lp(")
end

function TestRepl:test_paste()
  lu.assertEquals(repl.paste "a\r\nb\rc", "a\nb\nc")
  lu.assertEquals(repl.paste "limn> for i = 1, 2 do\n....>   print(i)\n....> end\n1\n2\nlimn> x", "for i = 1, 2 do\n  print(i)\nend\nx")
  lu.assertEquals(repl.paste "x = '....> '\ny = 2", "x = '....> '\ny = 2") -- nothing to strip
end

function TestRepl:test_small_tables()
  local f = limn.features.toy { points = 4, count = 16, perfect = 2 }
  local path = limn.regress.ridge(f, f.labels, { lambda = { 1, 2 } })
  lu.assertStrContains(repl.text(path), "lambda")
  lu.assertEquals(select(2, repl.text(path):gsub("\n", "")), 3)
  lu.assertStrContains(repl.text(limn.contrib.analyse(f, path[1])), "perfect")
  lu.assertStrContains(repl.text(path[1]), "rcond")
  local e = limn.experiment { name = "e", run = false, params = { n = 1 }, grid = { n = "1:100" },
    measure = function(p) return { square = p.n ^ 2 } end }
  local text = repl.text((e:run { workers = 0 }))
  lu.assertStrContains(text, "... 85 more")
  lu.assertTrue(select(2, text:gsub("\n", "")) < 20)
  lu.assertStrContains(repl.text(setmetatable({}, { __index = function() error "no" end })), "{}")
end

function TestRepl:test_syntax_carets()
  local _, message = load("a = = 2", "=stdin")
  lu.assertStrContains(repl.syntax(message, "a = = 2"), "\n    a = = 2\n        ^")
  local code = "x = 1\nfor i = 1 do\nend"
  _, message = load(code, "=stdin")
  lu.assertStrContains(repl.syntax(message, code), "\n    for i = 1 do\n              ^")
  _, message = load("x = 'abc", "=stdin")
  lu.assertStrContains(repl.syntax(message, "x = 'abc"), "x = 'abc")
end

function TestRepl:test_errors_name_the_users_frames()
  local ok, text = xpcall(function() error({}) end, repl.handler)
  lu.assertFalse(ok)
  lu.assertEquals(text:match "^[^\n]*", "(error object is a table value)")
  ok, text = xpcall(function() error { code = 7 } end, repl.handler)
  lu.assertFalse(ok)
  lu.assertStrContains(text, "(error object is a table value)\n    { code = 7 }")
  ok, text = xpcall(function() error(setmetatable({}, { __tostring = function() return "mine" end })) end, repl.handler)
  lu.assertEquals(text, "mine")
  repl.begin "q.r.s = 1"
  lu.assertFalse(ok)
  text = select(2, xpcall(load("q.r.s = 1", "=stdin"), repl.handler))
  lu.assertStrContains(text, "q.r.s = 1\n    ^")
  lu.assertNotStrContains(text, "[C]")
end

function TestRepl:test_a_mistyped_name_is_put_right()
  _G.limn = limn -- luacheck: ignore
  _G.net = limn.mlp.new { sizes = { 2, 4, 1 } } -- luacheck: ignore
  local function said(code)
    repl.begin(code)
    local ok, text = xpcall(load(code, "=stdin"), repl.handler)
    lu.assertFalse(ok)
    return text
  end
  lu.assertStrContains(said "limn.regres.minnorm()", "(field 'regres'); did you mean regress?")
  lu.assertStrContains(said "print(limn.mpl.new)", "did you mean mlp?") -- two exchanged letters count as one error
  lu.assertStrContains(said "limn.regress.minorm(3)", "did you mean minnorm?")
  lu.assertStrContains(said "net:trian({}, {})", "did you mean train?")
  lu.assertStrContains(said "limn.eye(3):quantil(.3)", "did you mean quantile?")
  lu.assertStrContains(said "limn.minnorm({{1}}, {1})", "did you mean limn.regress.minnorm?")
  lu.assertNotStrContains(said "net.sizes.zz.x = 1", "did you mean")
  lu.assertNotStrContains(said "local x = { b = 3 }; x.b.c.d = 1", "did you mean")
  lu.assertEquals(require("limn.frontend.repl.complete").elsewhere "toy", "limn.features.toy")
  lu.assertNil(require("limn.frontend.repl.complete").elsewhere "no such name")
end

function TestRepl:test_a_function_shows_its_signature()
  lu.assertEquals(repl.text(limn.regress.minnorm), "regress.minnorm(features, labels?) -> fit\n  ?regress.minnorm explains it")
  lu.assertStrContains(repl.text(limn.eye(2).norm), "array:norm(p?)")
  lu.assertStrMatches(repl.text(print), "function: .*")
  lu.assertStrMatches(repl.text(function() end), "function: .*")
end

function TestRepl:test_the_line_of_an_older_chunk()
  repl.begin "function deep(n)\n  return n == 0 and 0 or 1 + deep(n - 1)\nend"
  local deep = load("local deep deep = function(n)\n  return n == 0 and 0 or 1 + deep(n - 1)\nend return deep", "=stdin")()
  repl.begin "x = 1\ny = deep(1e7)\nz = 2"
  local before = os.clock()
  local ok, text = xpcall(deep, repl.handler, 1e7)
  lu.assertFalse(ok)
  lu.assertTrue(os.clock() - before < 2) -- each look at a frame walks the stack
  lu.assertStrContains(text, "stack overflow")
  lu.assertStrContains(text, "return n == 0 and 0")
  lu.assertStrContains(text, "... and many more")
end

function TestRepl:test_more_commands()
  lu.assertStrContains(printed(repl.command, ":bench 1 + 1"), "median ")
  lu.assertErrorMsgContains("after the command", repl.command, ":bench")
  lu.assertStrContains(printed(repl.command, "?regress.lp"), "above 1")
  lu.assertStrContains(printed(repl.command, "regress.lp?"), "above 1")
  lu.assertStrContains(printed(repl.command, ":help regress.lp"), "above 1")
  _G.own = limn.zeros(2) -- luacheck: ignore
  lu.assertStrContains(printed(repl.command, "?own"), "own: limn.array\nlimn.array 2 f64\n  0  0\n?array lists")
  repl.begin "function twice(a)\n  return 2 * a\nend"
  _G.twice = load("return function(a)\n  return 2 * a\nend", "=stdin")() -- luacheck: ignore
  lu.assertEquals(printed(repl.command, "twice?"), "twice(a): a function, stdin:1")
  lu.assertStrContains(printed(repl.command, "twice??"), "function twice(a)\n  return 2 * a\nend")
  lu.assertStrContains(printed(repl.command, "??theory.crossover"), "theory.crossover{")
  lu.assertStrContains(printed(repl.command, "??limn.theory.crossover"), "function theory.crossover(options)")
  lu.assertStrContains(printed(repl.command, "?time"), ":time CODE")
  lu.assertStrContains(printed(repl.command, "?tostring"), "tostring: a function of Lua")
  lu.assertStrContains(printed(repl.command, "?zeros"), "An array of zeros")
  lu.assertStrContains(printed(repl.command, "?nothingatall"), "no entry for")
  repl.command ":set digits 4"
  lu.assertEquals(repl.text(math.pi), "3.142")
  repl.command ":set digits 17"
  lu.assertEquals(repl.text(0.1), "0.10000000000000001")
  local a = limn.array { math.pi, 31.4, -0.01 }
  lu.assertStrContains(repl.text(a), "3.141592653589793")
  repl.command ":set digits 3"
  lu.assertStrContains(repl.text(a), "   3.1  31.4  -0.0")
  lu.assertStrContains(repl.text(a * 1e9), "3.14e+09   3.14e+10")
  repl.command ":set digits off"
  lu.assertEquals(repl.text(0.1), "0.1")
  lu.assertStrContains(repl.text(a), "3.1416")
  lu.assertErrorMsgContains("digits 1..17", repl.command, ":set digits 40")
  repl.command ":set seed 5"
  local first = math.random(1 << 40)
  repl.command ":set seed 5"
  lu.assertEquals(math.random(1 << 40), first)
  lu.assertStrContains(printed(repl.command, ":env"), "compiler")
  lu.assertStrContains(printed(repl.command, ":show (function() local t = {} for i = 1, 90 do t[i] = {{{i}}} end return t end)()"),
    "{ 90 }")
  local path = os.tmpname() .. ".lua"
  printed(repl.show, "kept = 11")
  printed(repl.show, "kept * 2", 22)
  printed(repl.command, ":save " .. path)
  lu.assertErrorMsgContains("exists already", repl.command, ":save " .. path)
  kept = nil -- luacheck: ignore
  repl.command(":load " .. path)
  lu.assertEquals(kept, 11) -- luacheck: ignore
  lu.assertEquals(ans, 22) -- luacheck: ignore
  lu.assertStrContains(printed(repl.command, ":reload"), path)
  lu.assertErrorMsgContains("no module", repl.command, ":reload nothing")
  os.remove(path)
end

-- A store, a table and an experiment become ans, and are shown.
function TestRepl:test_stores_and_experiments_that_are_loaded_are_ans()
  local dir = testing.temp_dir()
  local script = testing.write(dir .. "/e.lua", [[local limn = require "limn"
    limn.experiment { name = "e", question = "why", params = { n = 1 }, grid = { n = "1:3" },
      measure = function(p) return { m = 7 * p.n } end }]])
  local text = printed(repl.command, ":load " .. script)
  lu.assertStrContains(text, 'limn.experiment "e": why')
  lu.assertEquals(ans.name, "e") -- luacheck: ignore
  ans:run { store = dir .. "/e.db", workers = 0 }:save(dir .. "/e.csv") -- luacheck: ignore
  for _, name in ipairs { "e.db", "e.csv" } do
    lu.assertStrContains(printed(repl.command, (":load %s/%s"):format(dir, name)), "limn.results: 3 rows; n rep m")
    lu.assertEquals(ans:column("m"):sum(), 42) -- luacheck: ignore
  end
  printed(repl.command, ":save " .. dir .. "/session.lua")
  lu.assertStrContains(testing.read(dir .. "/session.lua"), 'ans = limn.results.load("')
  printed(repl.command, (":load %s"):format(testing.write(dir .. "/three.lua", "return 3")))
  lu.assertEquals(ans, 3) -- luacheck: ignore
  printed(repl.command, (":load %s"):format(testing.write(dir .. "/none.lua", "kept = 12")))
  lu.assertEquals(ans, 3) -- luacheck: ignore
  lu.assertErrorMsgContains("No such file", repl.command, ":load " .. dir .. "/none.db")
  os.execute("rm -rf " .. dir)
end

os.exit(lu.LuaUnit.run())
