-- experiment_spec.lua: declared experiments: cells, workers, failures, command line, and the main experiment
-- itself on a small grid.
-- slow: 4 s
local lu = require "luaunit"
local limn = require "limn"
local grid = require "limn.experiment.grid"

local testing = dofile(debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/../support/testing.lua")
local here, program, dir = os.getenv "PWD", testing.program, testing.temp_dir()

local function run(line) return testing.run("cd " .. dir .. "; (" .. line:gsub("LIMN", program) .. ") 2>&1") end
local function write(name, text) testing.write(dir .. "/" .. name, text) end

local function slurp(name)
  local f = assert(io.open(dir .. "/" .. name))
  local text = f:read "a"
  f:close()
  return text
end

local function declare(measure, more)
  local e = { name = "t", params = { n = 3, kind = "a" }, grid = { n = "1:6" }, reps = 2, measure = measure }
  for k, v in pairs(more or {}) do e[k] = v end
  return limn.experiment(e)
end

TestExperiment = {} -- luacheck: ignore

function TestExperiment:test_grid_texts()
  lu.assertEquals(grid.values("g", "4,6,8", "integer"), { 4, 6, 8 })
  lu.assertEquals(grid.values("g", "relu,tanh"), { "relu", "tanh" })
  lu.assertEquals(grid.values("g", "2:16:log2", "integer"), { 2, 4, 8, 16 })
  lu.assertEquals(grid.values("g", "2:8:log2/2", "integer"), { 2, 3, 4, 6, 8 })
  lu.assertEquals(grid.values("g", "1:4", "integer"), { 1, 2, 3, 4 })
  lu.assertAlmostEquals(grid.values("g", "0:1:5")[2], 0.25, 1e-15)
  lu.assertErrorMsgContains("is no range", grid.values, "g", "9:1")
  lu.assertErrorMsgContains("is no range", grid.values, "g", "0:1:log2")
end

-- What runs together, what is drawn: the cells, not the product.
function TestExperiment:test_grids_zip_and_draw()
  local function points(e, options)
    local space, out = e:cells(options), {}
    for i = 1, space.count do
      local p = space.cell(i).point
      out[i] = p.n .. "/" .. p.x
    end
    return out
  end
  local e = limn.experiment { name = "z", params = { n = 3, x = 0.5 }, measure = print, run = false,
    grid = { n = "1:3", x = limn.linspace(0, 1, 3) }, zip = { { "n", "x" } } }
  lu.assertEquals(points(e), { "1/0.0", "2/0.5", "3/1.0" })
  lu.assertEquals(#points(e, { zip = {} }), 9)
  lu.assertEquals(points(e, { params = { n = 2 }, grid = { n = { 2 } } }), { "2/0.0", "2/0.5", "2/1.0" })
  lu.assertErrorMsgContains("run together, but have 4 and 3 values", e.cells, e, { grid = { n = "1:4" } })
  lu.assertErrorMsgContains("which the grid has not", e.cells, e, { zip = { { "n", "y" } } })
  local draw = { grid = { n = "1:1000000:lograndom/20", x = "-1:1:random/20" }, zip = {} }
  local long = points(e, draw)
  lu.assertEquals(#long, 20)
  draw.grid = { n = "1:1000000:lograndom/5", x = "-1:1:random/5" }
  lu.assertEquals(points(e, draw), { table.unpack(long, 1, 5) }) -- a longer search has the shorter one in it
  draw.seed = 2
  lu.assertNotEquals(points(e, draw), { table.unpack(long, 1, 5) })
  local below, sum, many = 0, 0, e:cells { grid = { n = "1:1000000:lograndom/2000", x = "-1:1:random/2000" }, zip = {} }
  for i = 1, many.count do
    local p = many.cell(i).point
    lu.assertTrue(p.n >= 1 and p.n <= 1000000 and p.x >= -1 and p.x < 1)
    below, sum = below + (p.n < 1000 and 1 or 0), sum + p.x
  end
  lu.assertAlmostEquals(below / many.count, 0.5, 5 * 0.5 / math.sqrt(2000)) -- five standard errors
  lu.assertAlmostEquals(sum / many.count, 0, 5 / math.sqrt(3 * 2000))
end

-- Numbers to the last bit, texts quoted where they must be, small arrays written out.
function TestExperiment:test_csv()
  local results = require "limn.experiment.results"
  local r = results.new({ { a = 0.1, b = 'x "y"', c = limn.array { 1, 2 }, d = true, e = 0 / 0 },
    { a = math.pi, b = "u,v\n", d = false, e = -math.huge }, { a = 2 ^ 60, b = "plain", c = limn.zeros(100, 100), e = math.mininteger } },
    { "a", "b", "c", "d", "e" })
  local lines = r:csv()
  lu.assertStrContains(lines, 'a,b,c,d,e\n0.1,"x ""y""","[1.0,2.0]",true,nan\n3.141592653589793,"u,v\n",,false,-inf\n')
  lu.assertEquals(tonumber(lines:match "\n([^,\n]*),plain,"), 2 ^ 60)
  lu.assertStrContains(lines, ",-9223372036854775808\n")
  lu.assertTrue(lines:find('plain,"[[0.0,0.0,', 1, true) ~= nil) -- an array of any size is whole
end

-- The name is the hash of the text, however long it is and whatever its values are.
function TestExperiment:test_names_are_hashes()
  local e = limn.experiment { name = "z", params = { n = 3, m = 0, x = 0.5, s = "a" }, measure = print, run = false }
  local space = e:cells { grid = { n = { -9, 0, math.maxinteger, math.mininteger }, x = { 0.1, 1 / 3 }, s = { "", ("long"):rep(400) } } }
  lu.assertEquals(space.count, 16)
  for i = 1, 16 do
    local cell = space.cell(i)
    lu.assertEquals({ cell.id, cell.key }, { require("limn.native").posix.hash(grid.text(cell.point)) })
  end
end

-- Equal values are one cell, whatever their Lua type or how often they are listed; a huge grid is only counted.
function TestExperiment:test_cells_are_their_values()
  local e = limn.experiment { name = "z", params = { n = 3, x = 0.5 }, measure = print, run = false }
  lu.assertEquals(e:cells({ grid = { x = { 1, 1.0, 2 } } }).count, 2)
  lu.assertEquals(e:cells({ params = { x = 1 } }).cell(1).id, e:cells({ params = { x = 1.0 } }).cell(1).id)
  lu.assertErrorMsgContains("n must be a whole number, got 0.5", e.cells, e, { grid = { n = { 0.5 } } })
  lu.assertErrorMsgContains("NaN", e.cells, e, { params = { x = 0 / 0 } })
  local huge = e:cells { grid = { n = "1:1000000000" }, reps = 3 }
  lu.assertEquals(huge.count, 3000000000)
  local last = huge.cell(3000000000)
  lu.assertEquals({ last.point.n, last.rep }, { 1000000000, 3 })
  lu.assertEquals(last.id, (require("limn.native").posix.hash(grid.text(last.point))))
  local infinite = e:cells({ params = { x = -math.huge } }).cell(1)
  lu.assertEquals(require("limn.native").json.decode(grid.text(infinite.point)).x, -math.huge)
end

function TestExperiment:test_pivot_quantiles_and_intervals()
  local e = declare(function(p, rng) return { y = p.n * 10 + #p.kind, u = rng:normal() } end,
    { grid = { n = "1:3", kind = "a,bb" }, reps = 30 })
  local r = e:run { workers = 0 }
  local a, down, across = r:where({ rep = 1 }):pivot("n", "kind", "y")
  lu.assertEquals({ a:totable(), down, across }, { { { 11, 12 }, { 21, 22 }, { 31, 32 } }, { 1, 2, 3 }, { "a", "bb" } })
  local hole = r:where({ rep = 1, y = function(y) return y ~= 22 end }):pivot("n", "kind", "y"):get(2, 2)
  lu.assertTrue(hole ~= hole)
  lu.assertErrorMsgContains("several rows have n = 1", r.pivot, r, "n", "kind", "y")
  lu.assertErrorMsgContains("no column \"z\"", r.pivot, r, "z", "kind", "y")
  lu.assertErrorMsgContains("kind must be a number", r.pivot, r, "n", "rep", "kind")
  local q = r:group("kind"):quantiles("u", { 0.25, 0.75 }):rows()[1]
  local u = r:where({ kind = "a" }):column "u"
  lu.assertEquals({ q["u_0.25"], q["u_0.75"] }, { u:quantile(0.25), u:quantile(0.75) })
  -- 90 normal numbers: the interval of the mean is 1.96 standard errors on either side, to the bootstrap's own noise
  local i = r:group("kind"):interval("u"):rows()[1]
  local half = 1.96 * u:std() / math.sqrt(90)
  lu.assertAlmostEquals((i.u_high - i.u_low) / 2 / half, 1, 0.1)
  local m = r:group("kind"):interval("u", { of = "median" }):rows()[1]
  lu.assertTrue(m.u == u:quantile(0.5) and m.u_low < m.u and m.u < m.u_high)
end

function TestExperiment:test_names_are_canonical()
  lu.assertEquals(grid.text { b = 2, a = 0.1, c = "x", d = -0.0 }, '{"a":0.10000000000000001,"b":2,"c":"x","d":0.0}')
end

-- The same table from any number of workers, whole or in shards.
function TestExperiment:test_workers_do_not_change_results()
  local e = declare(function(p, rng) return { u = rng:uniform(), v = rng:normal(p.n):sum(), s = p.kind,
    big = rng:uniform(3) } end)
  local base = e:run { workers = 0 }:csv()
  for _, w in ipairs { 1, 2, 8 } do lu.assertEquals(e:run { workers = w }:csv(), base) end
  local rows = {}
  for i = 1, 3 do
    for _, row in ipairs(e:run { workers = 2, shard = { i, 3 } }:rows()) do rows[#rows + 1] = row.u end
  end
  table.sort(rows)
  local whole = e:run { workers = 0 }:column("u"):sort():totable()
  lu.assertEquals(rows, whole)
end

function TestExperiment:test_a_cell_depends_on_its_parameters_only()
  local function measure(_, rng) return { u = rng:uniform() } end
  local all = declare(measure):run {}
  local one = declare(measure):run { grid = { n = { 4 } } }
  lu.assertEquals(one:rows()[1].u, all:where { n = 4, rep = 1 }:rows()[1].u)
  lu.assertNotEquals(declare(measure):run { seed = 2 }:rows()[1].u, all:rows()[1].u)
end

-- Errors, a killed worker and a bad result are each one failed cell.
function TestExperiment:test_failing_cells()
  local e = declare(function(p)
    if p.n == 2 then error "on purpose" end
    if p.n == 3 then os.execute("kill -SEGV $PPID") end
    if p.n == 4 then return { f = print } end
    return { n2 = p.n ^ 2 }
  end)
  local table_, failed, stopped = e:run { workers = 2 }
  lu.assertEquals(failed, 6)
  lu.assertEquals(#table_, 6)
  lu.assertNil(stopped)
  local _, _, why = e:run { workers = 2, fail_fast = true }
  lu.assertStrContains(why, "fail-fast")
end

function TestExperiment:test_results()
  local r = declare(function(p) return { y = p.n * 2.0 } end):run {}
  lu.assertEquals(r:group("n"):mean("y"):column("y"):totable(), { 2, 4, 6, 8, 10, 12 })
  lu.assertEquals(#r:where { n = 2 }, 2)
  lu.assertEquals(#r:where { y = function(y) return y > 8 end }, 4)
  local ci = r:group("n"):interval("y"):rows()[1]
  lu.assertEquals({ ci.y_low, ci.y_high }, { 2, 2 })
  lu.assertErrorMsgContains("no column \"z\"", r.group, r, "z")
end

function TestExperiment:test_misuse()
  lu.assertErrorMsgContains("did you mean \"measure\"", limn.experiment, { name = "x", mesure = print })
  lu.assertErrorMsgContains("measure is missing", limn.experiment, { name = "x" })
  lu.assertErrorMsgContains("which is no parameter", limn.experiment, { name = "x", measure = print,
    grid = { D = "1:2" } })
  lu.assertErrorMsgContains("has no values", declare(print, { grid = { n = {} } }).run, declare(print,
    { grid = { n = {} } }), {})
end

-- Names that the table has already, errors that are no text.
function TestExperiment:test_results_have_names_and_errors_messages()
  local said
  local e = declare(function(p)
    if p.n == 1 then return { kind = "b" } end
    if p.n == 2 then return { rep = 7 } end
    if p.n == 3 then return { ["npy:v"] = "../x" } end
    if p.n == 4 then error({}) end
    if p.n == 5 then error(setmetatable({}, { __tostring = function() return "own words" end })) end
    error()
  end, { reps = 1 })
  local store = dir .. "/named.db"
  local rows, failed = e:run { workers = 0, store = store }
  lu.assertEquals({ #rows, failed }, { 0, 6 })
  local s = require("limn.experiment.store").open(store)
  for i, cell in ipairs(s:cells()) do
    said = ({ "a result cannot be called kind", "a result cannot be called rep", "a result cannot be called npy:v",
      "(the error is a table)", "own words", "(the error is a nil)" })[i]
    lu.assertStrContains(cell.failure, said)
  end
  s:close()
end

function TestExperiment:test_misuse_from_lua()
  local e = declare(function(p) return { y = p.n, s = "a" } end, { params = { n = { default = 3, min = 1, max = 9 }, kind = "a" } })
  local r = e:run { workers = 0 }
  for message, f in pairs {
    ['where: no column "m"'] = function() r:where { m = 1 } end,
    ["s must be a column of numbers"] = function() r:group("n"):median "s" end,
    ["must be at most 1000, got 1001"] = function() e:run { workers = 1001 } end,
    ["must be a whole number, got \"al\""] = function() e:run { workers = "al" } end,
    ["shard must be {i, n}"] = function() e:run { shard = { 3, 2 } } end,
    ['no parameter "m"; did you mean "n"?'] = function() e:run { params = { m = 1 } } end,
    ["n must lie in 1 .. 9, got 10"] = function() e:run { grid = { n = "1:10" } } end,
    ["n must lie in 1 .. 9, got 0"] = function() e:run { params = { n = 0 } } end,
    ["need a store"] = function() e:run { plot_only = true } end,
    ["cannot be called rep"] = function() declare(print, { params = { rep = 1 } }) end,
    ["default must be at least 3"] = function() declare(print, { params = { n = { default = 1, min = 3 } } }) end,
    ["min and max are for numbers"] = function() declare(print, { params = { n = { default = "x", min = 3 } } }) end,
  } do lu.assertErrorMsgContains(message, f) end
end

-- However many values a text asks for: counted, not made; the same cells as from a short list.
function TestExperiment:test_long_grids_are_counted()
  local e = limn.experiment { name = "z", params = { n = 3, x = 0.5 }, measure = print, run = false }
  local long = e:cells { grid = { x = "1:1000000000:random/1000000000" } }
  lu.assertEquals(long.count, 1000000000)
  lu.assertEquals(long.cell(2).id, e:cells({ grid = { x = "1:1000000000:random/3" } }).cell(2).id)
  lu.assertEquals(e:cells({ grid = { n = "1:2000000:1000000000000" } }).count, 2000000)
  lu.assertEquals(e:cells({ grid = { x = "1:2000000" } }).cell(7).id, e:cells({ grid = { x = "1:10" } }).cell(7).id)
  for text, message in pairs { ["1:1e300"] = "expected low:high", ["1:1e999"] = "is no range", ["1:9:log1"] = "expected low:high",
    ["1:9:log2/0"] = "expected low:high", ["1:9:log2/1000000000"] = "at most 1000000" } do
    lu.assertErrorMsgContains(message, e.cells, e, { grid = { x = text } })
  end
  lu.assertErrorMsgContains("more than can be counted", e.cells, e, { grid = { n = "1:2" }, reps = math.maxinteger })
end

-- Ctrl-C before the first cell is an interruption like a later one.
function TestExperiment:test_interrupted_while_counting()
  local e = declare(print, { grid = { n = function() error(require("limn.native").error("interrupted", "interrupted!"), 0) end } })
  lu.assertEquals(e:main({ "--quiet" }, "t.lua"), 130)
end

function TestExperiment:test_progress()
  local Progress = require "limn.experiment.progress"
  local cells, lines = {}, {}
  for i = 1, 40 do cells[i] = { index = i, point = {}, seconds = 1, failure = i > 19 and i < 21 and "no" or nil } end
  local p = Progress.new { cells = cells, workers = 1 }
  p.columns = nil
  local real = io.stderr
  io.stderr = { write = function(_, ...) lines[#lines + 1] = table.concat { ... } end, flush = print } -- luacheck: ignore
  io.stderr.flush = function() end -- luacheck: ignore
  for i = 1, 40 do
    p.started = p.started - 1
    p:add(cells[i])
    p:update()
  end
  lu.assertEquals(#lines, 10)
  lu.assertStrMatches(lines[5], "^ 5%d%%  2%d/40 cells  0:2%d  0:%d%d left  1 failed  60/min\n$")
  p.columns = 40 -- a terminal that narrow: no line of it wraps
  p:update(true)
  io.stderr = real -- luacheck: ignore
  lu.assertTrue(#lines[11]:match "\r(.*)\27" < 40)
end

function TestExperiment:test_command_line()
  write("e.lua", [[
    local limn = require "limn"
    return limn.experiment { name = "e", question = "Is it?", params = { n = { default = 2, help = "how many" } },
      grid = { n = "1:3" }, reps = 2, measure = function(p, rng) return { u = rng:uniform(), sq = p.n ^ 2 } end,
      report = function(r) print("rows", #r) end }]])
  local text, code = run "LIMN e.lua --quiet"
  lu.assertEquals({ text, code }, { "rows\t6\n", 0 })
  lu.assertStrContains(slurp "out/e.csv", "n,rep,sq,u\n1,1,1,0.")
  lu.assertEquals(run "LIMN e.lua --quiet --n 5 --reps 1", "rows\t1\n")
  lu.assertEquals(run "LIMN e.lua --quiet --grid n=1,9 --reps=1", "rows\t2\n")
  lu.assertStrContains(run "LIMN e.lua --help", "how many")
  lu.assertStrContains(run "LIMN e.lua --dry-run", "n=3, rep=2")
  lu.assertEquals(run "LIMN e.lua --quiet --keep-going", "rows\t6\n")
  text, code = run "LIMN e.lua --quiet >/dev/full"
  lu.assertEquals({ text, code }, { "e: cannot write to the standard output (is the disk full?)\n", 1 })
  for line, message in pairs { ["--rep 3"] = "did you mean --reps", ["--reps 0"] = "whole number >= 1",
    ["--n x"] = "whole number",
    ["--grid m=1"] = "no parameter", ["--shard 3/2"] = "1 <= i <= n", ["--keep-going --fail-fast"] = "give one of them",
    ["--plot-only --fresh"] = "give one of them", ["--yes=no"] = "takes no value", ["--workers 1001"] = "at most 1000",
    ["--n"] = "needs a value",
      ["word"] = "expected an option" } do
    text, code = run("LIMN e.lua " .. line)
    lu.assertEquals(code, 2, line)
    lu.assertStrContains(text, message)
  end
  text, code = run "LIMN e.lua --quiet --out /proc/nowhere"
  lu.assertEquals(code, 1)
  lu.assertStrContains(text, "cannot make the folder")
  lu.assertStrContains(run "LIMN e.lua --grid n=1:2000000", "add --yes")
end

-- The main experiment, small: the table agrees, the figure is there, iris labels work.
function TestExperiment:test_complexity_vs_data()
  local text, code = run("LIMN " .. here
    .. "/scripts/complexity_vs_data.lua --quiet --random 65536 --reps 3 --grid D=8:64:log2/2")
  lu.assertEquals(code, 0, text)
  lu.assertStrContains(text, "crossover D* at C = 5")
  lu.assertNil(text:find("disagrees", 1, true), text)
  for _, kind in ipairs { "pdf", "svg", "png", "gp" } do lu.assertTrue(#slurp("out/complexity_vs_data."
    .. kind) > 1000) end
  -- A path is a parameter: one that depends on the machine would change the draws.
  run("cp " .. here .. "/tests/data/iris.csv iris.csv")
  text, code = run("LIMN " .. here
    .. "/scripts/complexity_vs_data.lua --quiet --random 65536 --reps 3 --labels iris.csv" ..
    " --positive setosa --grid D=8:128:log2")
  lu.assertEquals(code, 0, text)
  lu.assertNil(text:find("disagrees", 1, true), text)
end

local code = lu.LuaUnit.run()
os.execute("rm -rf " .. dir)
os.exit(code)
