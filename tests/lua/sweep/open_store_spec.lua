-- luacheck: allow defined top
-- open_store_spec.lua: a store as other tools see it: its views, its exports, and a finished file where nothing may be
-- written; standard streams that are closed or full.

local lu = require "luaunit"
local limn = require "limn"
local native = require "limn.native"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")

TestOpenStore = {}

toy.write("open.lua", [[local limn = require "limn"
  return limn.experiment { name = "open", params = { rate = 0.1, kind = "relu", n = 3 },
    grid = { rate = { 0.5, 1 }, kind = { "relu", "tanh" } },
    reps = 2, measure = function(p, rng)
      if p.rate == 1 and p.kind == "tanh" then error "no luck" end
      local out = { a = rng:normal(3), big = rng:normal(100, 100), ["o'x y"] = true, none = 0 / 0, s = "x", seconds = 5,
        odd = rng:normal(p.rate == 1 and 2 or 3) }
      if p.rate == 1 then out.late = 7 end
      return out
    end }]])

local function sweep(out, words) return toy.sh("cd %s && %s open.lua --quiet --out %s %s", toy.dir, toy.program, out, words or "") end

local function rows_of(path, text)
  local db = assert(native.sqlite.open(toy.dir .. "/" .. path, "read"))
  local rows, why = db:rows(text)
  db:close()
  return rows or why
end

local function names_of(path, view)
  local names = {}
  for i, row in ipairs(rows_of(path, ("PRAGMA table_info(%s)"):format(view))) do names[i] = row[2] end
  return table.concat(names, " ")
end

-- The views have a column for each parameter and value; a value of the name of one of limn's columns takes its place. Values
-- that come later get columns too, and none is lost.
function TestOpenStore.testViews()
  sweep("v", "--rate 0.5 --kind relu")
  lu.assertEquals(names_of("v/open.db", "results"), "kind n rate rep seed a big none o'x y odd s seconds code")
  sweep "v"
  lu.assertEquals(names_of("v/open.db", "results"), "kind n rate rep seed a big late none o'x y odd s seconds code")
  lu.assertEquals(names_of("v/open.db", "failures"), "kind n rate rep seed seconds code failure")
  lu.assertEquals(rows_of("v/open.db", [[SELECT kind, n, rate, seed, seconds, "o'x y", late FROM results WHERE rep = 1
    ORDER BY kind, rate]]),
    { { "relu", 3, 0.5, 1, 5, 1, false }, { "relu", 3, 1.0, 1, 5, 1, 7 }, { "tanh", 3, 0.5, 1, 5, 1, false } })
  lu.assertEquals(rows_of("v/open.db", "SELECT count(*), min(instr(failure, 'no luck') > 0) FROM failures"), { { 2, 1 } })
  lu.assertEquals(rows_of("v/open.db", "SELECT count(*) FROM results WHERE json_array_length(a) = 3"), { { 6 } })
  sweep("v", "--fresh --rate 0.5") -- the views that are there are kept
  lu.assertEquals(names_of("v/open.db", "results"), "kind n rate rep seed a big late none o'x y odd s seconds code")
end

-- A killed sweep has its views as soon as it has cells on the disk.
function TestOpenStore.testViewsOfAKilledSweep()
  toy.sh("cd %s && TOY_WORK=0.05 timeout -s KILL 1.5 %s toy.lua --quiet --workers 1 --out killed", toy.dir, toy.program)
  local count = rows_of("killed/toy.db", "SELECT count(v) FROM results")[1][1]
  lu.assertTrue(count > 0 and count < 60, tostring(count))
end

-- A finished store has a rollback journal and no files beside it, so that it is read by anybody who may read it.
function TestOpenStore.testFinishedStoresAreReadWhereNothingMayBeWritten()
  sweep("r", "--rate 0.5")
  local bytes = toy.read(toy.dir .. "/r/open.db")
  lu.assertEquals({ bytes:byte(19, 20) }, { 1, 1 }) -- of the file format: 1 is a rollback journal, 2 a write-ahead log
  lu.assertEquals(select(2, toy.sh("cd %s/r && ls -d open.db*", toy.dir)), "open.db\nopen.db.arrays\nopen.db.lock\n")
  local _, user = toy.sh "id -u"
  local as = user == "0\n" and "setpriv --reuid=65534 --regid=65534 --clear-groups" or ""
  toy.sh("chmod 755 %s %s/r; chmod 444 %s/r/open.db; chmod 555 %s/r", toy.dir, toy.dir, toy.dir, toy.dir)
  local reached = toy.sh("cd %s/r && %s %s -v", toy.dir, as, toy.program) == 0
  local status, said = toy.sh("cd %s/r && ! %s touch new && %s %s store export open.db --csv | wc -l", toy.dir, as, as, toy.program)
  toy.sh("chmod 755 %s/r", toy.dir)
  toy.skip_if(not reached, "reading as another user: it cannot run the program here")
  lu.assertEquals(status, 0, said)
  lu.assertEquals(said:match "^%s*5\n", "5\n", said)
end

-- Arrays are whole in CSV, whatever their size; an .npz holds numbers, and what it leaves out is named.
function TestOpenStore.testExports()
  sweep("e", "--rate 0.5")
  local function export(words) return toy.sh("cd %s && %s store export e/open.db %s", toy.dir, toy.program, words) end
  local _, csv = export "--csv"
  lu.assertEquals(csv, toy.read(toy.dir .. "/e/open.csv"))
  local table_ = limn.results.load(toy.dir .. "/e/open.csv")
  lu.assertEquals({ table_[1].big:shape() }, { 100, 100 })
  local stored = limn.results.load(toy.dir .. "/e/open.db")
  lu.assertEquals(stored[1].big:get(100, 100), table_[1].big:get(100, 100))
  local status, said = export "--npz e/open.npz"
  lu.assertEquals({ status, said }, { 0, "" })
  local arrays = limn.load(toy.dir .. "/e/open.npz")
  local names = {}
  for name, a in pairs(arrays) do names[#names + 1] = name .. ":" .. table.concat({ a:shape() }, "x") end
  table.sort(names)
  lu.assertEquals(table.concat(names, " "),
    "a:4x3 big:4x100x100 kind=relu:4 kind=tanh:4 n:4 none:4 o'x y:4 odd:4x3 rate:4 rep:4 s=x:4 seconds:4")
  lu.assertEquals(arrays["kind=tanh"]:totable(), { 0, 0, 1, 1 })
  sweep "e"
  status, said = export "--npz e/open.npz"
  lu.assertEquals({ status, said }, { 0, "limn store: odd is left out: its arrays have several shapes; --csv has it\n" })
  status, said = export "--npz"
  lu.assertEquals({ status, said }, { 1, "limn store: usage: export FILE --csv|--json|--npz OUT.npz\n" })
end

-- What is printed to a closed stream goes nowhere, and into no file that was opened in its place.
function TestOpenStore.testClosedStreams()
  for i, closed in ipairs { "2>&-", ">&-", "<&-", "<&- >&- 2>&-" } do
    local status = toy.sh("cd %s && %s -e 'io.stderr:write(\"STRAY\")' toy.lua --out closed%d --grid n=1,4 --bad error %s",
      toy.dir, toy.program, i, closed)
    lu.assertEquals(status, 1) -- of the cells that fail
    lu.assertEquals(toy.read(("%s/closed%d/toy.db.lock"):format(toy.dir, i)), "")
    lu.assertEquals(rows_of(("closed%d/toy.db"):format(i), "SELECT count(value), count(failure) FROM cell"), { { 6, 6 } })
  end
end

-- Whatever prints to a full disk fails, and says why.
function TestOpenStore.testAFullDisk()
  for _, words in ipairs { "slurm open.lua --tasks 2 --time 1h", "--help", "--version", "-e 'print(1)'", "open.lua --help" } do
    local status, said = toy.sh("cd %s && %s %s >/dev/full", toy.dir, toy.program, words)
    lu.assertEquals(status, 1, words)
    lu.assertStrContains(said, "cannot write to the standard output", false, words)
  end
  lu.assertEquals(toy.sh("%s -e 'print(1)' >/dev/null", toy.program), 0)
end

-- An error has the cause of the first failure, not of what failed for lack of it.
function TestOpenStore.testCauses()
  local opened, why = native.sqlite.open(toy.dir, "write")
  lu.assertEquals({ opened, why }, { nil, "unable to open database file: Is a directory" })
  toy.write("file", "")
  lu.assertErrorMsgContains("file: File exists", function() assert(native.posix.mkdir(toy.dir .. "/file")) end)
  lu.assertErrorMsgContains("file/a/b: Not a directory", function() assert(native.posix.mkdir(toy.dir .. "/file/a/b")) end)
  local _, user = toy.sh "id -u"
  local as = user == "0\n" and "setpriv --reuid=65534 --regid=65534 --clear-groups" or ""
  toy.sh("mkdir %s/shut && chmod 755 %s && chmod 555 %s/shut", toy.dir, toy.dir, toy.dir)
  local reached = toy.sh("%s %s -v", as, toy.program) == 0
  toy.skip_if(not reached, "a folder without permission: another user cannot run the program here")
  local _, said = toy.sh("cd %s && %s %s open.lua --quiet --out shut/a/b", toy.dir, as, toy.program)
  lu.assertEquals(said, "open: cannot make the folder shut/a/b: Permission denied\n")
end

toy.finish(lu.LuaUnit.run())
