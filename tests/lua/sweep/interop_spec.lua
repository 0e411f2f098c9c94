-- interop_spec.lua: the table of a sweep as pandas and R read it: CSV, JSON Lines, npz, and the store by SQL. A part whose
-- program is not installed is skipped visibly.
-- slow: 5 s
-- luacheck: ignore 111 112 113
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")

local dir = toy.dir
local script = toy.write("mixed.lua", [[
local limn = require "limn"
return limn.experiment { name = "mixed", question = "q", params = { n = 3, kind = "a" }, grid = { n = "1:4" }, reps = 2,
  measure = function(p, rng)
    return { m = 1 / 3 + p.n, big = (1 << 62) + p.n, fits = p.n > 2, word = 'a "b", c', bad = p.n == 2 and 0 / 0 or 1.5,
      far = p.n == 3 and math.huge or 0.25 }
  end }
]])

TestInterop = {}

local function sweep()
  local status, said = toy.sh("cd %s && %s %s --quiet --out out && %s store export out/mixed.db --json >out/mixed.jsonl"
    .. " && %s store export out/mixed.db --npz out/numbers.npz 2>/dev/null; test -s out/mixed.jsonl", dir, toy.program, script,
    toy.program, toy.program)
  lu.assertEquals(status, 0, said)
end

-- All of the program's checks hold: it prints the name of each.
local function checked(words, names)
  local status, said = toy.sh("cd %s && %s", dir, words)
  lu.assertEquals(status, 0, said)
  for name in names:gmatch "%a+" do lu.assertStrContains(said, name .. " right") end
end

function TestInterop.testPandas()
  toy.skip_if(not os.execute "/usr/bin/python3 -c 'import pandas' 2>/dev/null", "tables in pandas: python3-pandas is not installed")
  sweep()
  toy.write("check.py", [==[
import math, sqlite3
import numpy, pandas
def check(name, t):
    assert len(t) == 8, t
    assert list(t["n"]) == [1, 1, 2, 2, 3, 3, 4, 4] and t["n"].dtype == "int64"
    assert all(t["m"] == [1 / 3 + n for n in t["n"]])  # to the bit
    assert [int(v) for v in t["big"]] == [2 ** 62 + n for n in t["n"]]
    assert [bool(v) for v in t["fits"]] == [n > 2 for n in t["n"]]
    assert all(t["word"] == 'a "b", c')
    assert [math.isnan(float(v)) for v in t["bad"]] == [n == 2 for n in t["n"]]
    assert [math.isinf(float(v)) for v in t["far"]] == [n == 3 for n in t["n"]]
    print(name, "right")
check("csv", pandas.read_csv("out/mixed.csv", float_precision="round_trip"))
check("json", pandas.read_json("out/mixed.jsonl", lines=True, precise_float=True))
store = sqlite3.connect("file:out/mixed.db?mode=ro", uri=True)
views = [v for v, in store.execute("select name from sqlite_master where type = 'view'")]
check("sql", pandas.read_sql("select * from \"%s\" order by n, rep" % views[0], store))
]==])
  checked("/usr/bin/python3 check.py", "csv json sql")
end

function TestInterop.testR()
  toy.skip_if(not os.execute "command -v Rscript >/dev/null 2>&1", "tables in R: r-base-core is not installed")
  sweep()
  toy.write("check.R", [[
t <- read.csv("out/mixed.csv")
stopifnot(nrow(t) == 8, all(t$n == c(1, 1, 2, 2, 3, 3, 4, 4)), all(t$m == 1 / 3 + t$n), all(t$word == 'a "b", c'),
  all(is.nan(t$bad) == (t$n == 2)), all(is.infinite(t$far) == (t$n == 3)), all(as.logical(t$fits) == (t$n > 2)))
cat("csv right\n")
]])
  checked("Rscript check.R", "csv")
end

-- Results are a sequence of rows to a module that reads tables raw; one of very many rows, which are made when they are
-- asked for, is refused instead of written as an empty list.
function TestInterop.testCjson()
  local found, cjson = pcall(require, "cjson")
  toy.skip_if(not found, "results in cjson: lua-cjson is not installed")
  local limn = require "limn"
  sweep()
  local results = limn.results.load(dir .. "/out/mixed.db"):where { n = { 1, 4 } } -- JSON has no nan
  local rows = cjson.decode(cjson.encode(results))
  lu.assertEquals(#rows, 4)
  for i, row in ipairs(rows) do
    lu.assertEquals({ row.n, row.rep, row.word, row.fits }, { results[i].n, results[i].rep, results[i].word, results[i].fits })
    lu.assertAlmostEquals(row.m, results[i].m, 1e-12)
  end
  local lists, class = require "limn.table.lists", require "limn.table.class"
  local many = class.new(lists.lazy(5000, function(i) return { i = i } end), { "i" })
  lu.assertEquals({ #many, many[5000].i }, { 5000, 5000 })
  lu.assertErrorMsgContains("table key must be", cjson.encode, many)
end

os.exit(lu.LuaUnit.run())
