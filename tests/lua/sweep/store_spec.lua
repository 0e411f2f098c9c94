-- store_spec.lua: the same table for any workers, shards and interruptions; a second writer, foreign, old and damaged
-- files. Kills are in kill_spec.lua, full disks in disk_spec.lua.
-- slow: 12 s

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")
local native = require "limn.native"

local dir, script, limn_program = toy.dir, toy.script, toy.program
local write, read, sh, sweep = toy.write, toy.read, toy.sh, toy.sweep

local stores = require "limn.experiment.store"

local function export(file)
  local status, text = sh(("%s store export %s/%s --json"):format(limn_program, dir, file))
  lu.assertEquals(status, 0, text)
  return text
end

local whole
local function expected()
  if not whole then
    toy.whole()
    whole = export "whole/toy.db"
  end
  return whole
end

TestSweeps = {}

function TestSweeps.testAnyNumberOfWorkers()
  for _, n in ipairs { 1, 2, 8 } do
    lu.assertEquals(sweep("w" .. n, "--workers " .. n), 0)
    lu.assertTrue(export(("w%d/toy.db"):format(n)) == expected())
    lu.assertTrue(read(("%s/w%d/toy.csv"):format(dir, n)) == read(dir .. "/whole/toy.csv"))
  end
end

function TestSweeps.testShardsMergeToTheSameTable()
  lu.assertEquals(sweep("s", "--shard 1/3"), 0)
  lu.assertEquals(sweep("s", "--shard 2/3"), 0)
  lu.assertEquals(sh(("SLURM_ARRAY_TASK_ID=2 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=2 %s %s --quiet --out %s/s")
    :format(limn_program, script, dir)), 0)
  local files = ""
  for i = 1, 3 do files = files .. (" %s/s/toy.%d-of-3.db"):format(dir, i) end
  local status, said = sh(("%s store merge %s/s/all.db %s"):format(limn_program, dir, files))
  lu.assertEquals(status, 0, said)
  lu.assertStrContains(said, "60 new cells")
  lu.assertTrue(export "s/all.db" == expected())
end

function TestSweeps.testTimeLimitThenTheSameCommand()
  local status = sh(("TOY_WORK=0.02 %s %s --quiet --workers 1 --time-limit 0.3 --out %s/t"):format(limn_program,
    script, dir))
  lu.assertEquals(status, 75)
  lu.assertEquals(sweep("t", "--workers 2 --resume"), 0)
  lu.assertTrue(export("t/toy.db") == expected())
end

function TestSweeps.testChangedScriptIsStale()
  local first = sweep("stale", "--reps 1")
  lu.assertEquals(first, 0)
  local changed = write("toy2.lua", (read(script):gsub("i = p.n,", "i = p.n + 1,")))
  local command = ("%s %s --reps 1 --out %s/stale"):format(limn_program, changed, dir)
  local status, said = sh(command .. " --plot-only --stale --quiet")
  lu.assertEquals(status, 0, said)
  lu.assertStrContains(said, "20 are stale (changed: function measure) and are taken as they are")
  status, said = sh(command .. " --plot-only --quiet")
  lu.assertEquals(status, 1)
  lu.assertStrContains(said, "20 cells are missing")
  status, said = sh(command)
  lu.assertEquals(status, 0)
  lu.assertStrContains(said, "20 are stale")
  status, said = sh(command)
  lu.assertEquals(status, 0)
  lu.assertStrContains(said, "20 of 20 cells are in")
  lu.assertNotStrContains(said, "are stale")
end

-- A module that the script requires, and one that this one requires, are its code too.
function TestSweeps.testChangedModuleIsStale()
  write("outer.lua", "return { f = require('inner').f }")
  write("inner.lua", "return { f = function(n) return n end }")
  local path = write("mod.lua", [[
    local limn, outer = require "limn", require("outer")
    return limn.experiment { name = "mod", params = { n = 1 }, grid = { n = "1:5" },
      measure = function(p) return { v = outer.f(p.n) } end }]])
  local line = ("cd %s && LUA_PATH='%s/?.lua;;' %s %s"):format(dir, dir, limn_program, path)
  lu.assertEquals(sh("%s --quiet", line), 0)
  local _, said = sh("%s", line)
  lu.assertStrContains(said, "5 of 5 cells are in")
  write("inner.lua", "return { f = function(n) return 2 * n end }")
  _, said = sh("LUA_PATH='%s/?.lua;;' %s store ls %s/out/mod.db", dir, limn_program, dir)
  lu.assertStrContains(said, "5 stale")
  _, said = sh("%s", line)
  lu.assertStrContains(said, "5 are stale")
  lu.assertStrContains(read(dir .. "/out/mod.csv"), "5,1,10")
end

-- So is a file that it runs by dofile, whose name only a function that the measurement calls gives away.
function TestSweeps.testChangedFileIsStale()
  local file = write("helper.lua", "local h = {}\nfunction h.f(n) return n end\nreturn h")
  local path = write("file.lua", [[
    local limn = require "limn"
    local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
    local helpers = { inner = dofile(here .. "/helper.lua") }
    return limn.experiment { name = "file", params = { n = 1 }, grid = { n = "1:5" },
      measure = function(p) return { v = helpers.inner.f(p.n) } end }]])
  lu.assertEquals(sh("%s %s --quiet --out %s/file", limn_program, path, dir), 0)
  local _, said = sh("%s store ls %s/file/file.db", limn_program, dir)
  lu.assertNotStrContains(said, "stale")
  write("helper.lua", read(file):gsub("return n ", "return 3 * n "))
  _, said = sh("%s store ls %s/file/file.db", limn_program, dir)
  lu.assertStrContains(said, "5 stale")
  _, said = sh("%s %s --out %s/file", limn_program, path, dir)
  lu.assertStrContains(said, "5 are stale")
  lu.assertStrContains(read(dir .. "/file/file.csv"), "5,1,15")
end

-- What a store holds is found for any grid and any shard that names it, beside cells of other grids; a cell whose large
-- array is gone is computed again.
function TestSweeps.testCellsAreFoundByName()
  lu.assertEquals(sweep("named", "--grid n=1:6"), 0)
  local function found(options)
    local _, said = sh("%s %s --plot-only --out %s/named --store %s/named/toy.db %s", limn_program, script, dir, dir, options)
    return tonumber(said:match "toy: (%d+) of") or 0, tonumber(said:match "(%d+) cells are missing") or 0
  end
  lu.assertEquals({ found "--grid n=5,3,9 --reps 2" }, { 8, 4 })
  lu.assertEquals({ found "--grid n=5,3,9 --reps 4" }, { 12, 12 })
  lu.assertEquals({ found "--grid n=6:9 --shard 2/5" }, { 1, 4 }) -- of the 24 cells it has 6, this shard 5
  lu.assertEquals({ found "--seed 2" }, { 0, 60 })
  sh("rm -f %s/named/toy.db.arrays/*", dir)
  lu.assertEquals({ found "--grid n=1:6" }, { 30, 6 })
  lu.assertEquals(sweep "named", 0)
  lu.assertTrue(export "named/toy.db" == expected())
end

-- The provenance is in a file beside each figure; the part that determines the numbers is equal for every drawing.
function TestSweeps.testProvenanceBesideFigures()
  local path = write("fig.lua", [[
    local limn = require "limn"
    return limn.experiment { name = "fig", question = "Up?", params = { n = 1 }, grid = { n = "1:5" },
      measure = function(p, rng) return { v = rng:normal() } end,
      plot = function(r, out)
        local function figure()
          local f = limn.plot.figure {}
          f:line { x = r:column "n", y = r:column "v" }
          return f
        end
        figure():save(out .. "/second.gp")
        return figure()
      end }]])
  local json = native.json
  local lines = {}
  for k, options in ipairs { "", "--workers 0", "--plot-only" } do
    local status, said = sh("%s %s --quiet --out %s/fig%d %s", limn_program, path, dir, k % 2, options)
    lu.assertEquals(status, 0, said)
    local text = read(("%s/fig%d/fig.json"):format(dir, k % 2))
    lines[k] = text:match "[^\n]*"
    local told = json.decode(text)
    lu.assertEquals({ told.from.experiment, told.from.cells, told.from.seed }, { "fig", 5, 1 })
    lu.assertEquals(told.from.script_text, read(path))
    for _, name in ipairs { "command", "cpu", "isa", "blas", "threads", "host", "time" } do
      lu.assertNotNil(told.drawn[name], name)
    end
    lu.assertEquals(#told.runs, 1)
    lu.assertNotNil(told.runs[1].started)
    lu.assertEquals(read(("%s/fig%d/second.json"):format(dir, k % 2)), text)
  end
  lu.assertEquals(lines[1], lines[2])
  lu.assertEquals(lines[1], lines[3])
end

-- An array that keeps its rank and its dtype through worker, store and shard.
function TestSweeps.testArraysKeepTheirShape()
  local path = write("arrays.lua", [[
    local limn = require "limn"
    return limn.experiment { name = "arrays", params = { n = 2 }, grid = { n = "1:2" },
      measure = function(p, rng) return { cube = rng:normal(24):reshape(2, 3, 4), turned = rng:normal(3, 2):T(),
        single = limn.zeros(3, "f32") + p.n, empty = limn.zeros(0), large = rng:normal(40 * 30 * 20):reshape(40, 30, 20) }
      end }]])
  local one, why = sh("%s %s --quiet --workers 0 --out %s/a0", limn_program, path, dir)
  lu.assertEquals(one, 0, why)
  lu.assertEquals(sh("%s %s --quiet --workers 2 --shard 1/1 --out %s/a2", limn_program, path, dir), 0)
  lu.assertEquals(sh("%s store merge %s/a2/all.db %s/a2/arrays.1-of-1.db", limn_program, dir, dir), 0)
  lu.assertEquals(toy.held "a2/all.db", toy.held "a0/arrays.db")
  local s = require("limn.experiment.store").open(dir .. "/a2/all.db")
  local v = s:cells()[2].values
  s:close()
  lu.assertEquals({ v.cube:shape() }, { 2, 3, 4 })
  lu.assertEquals({ v.turned:shape() }, { 2, 3 })
  lu.assertEquals({ v.large:shape() }, { 40, 30, 20 })
  lu.assertEquals({ v.single:dtype(), v.single:totable() }, { "f32", { 2, 2, 2 } })
  lu.assertEquals(#v.empty, 0)
end

TestStores = {}

function TestStores.testSecondWriterIsRefused()
  local status, said = sh(("TOY_WORK=0.5 %s %s --quiet --workers 1 --out %s/two & p=$!; "
    .. "until [ -s %s/two/toy.db ]; do sleep 0.05; done; sleep 0.3; "
    .. "%s %s --quiet --out %s/two; echo code $? parent $p; kill $p"):format(limn_program, script, dir, dir, limn_program,
      script, dir))
  lu.assertEquals(status, 0)
  local pid = said:match "parent (%d+)"
  lu.assertStrContains(said, "is being written by process " .. pid)
  lu.assertStrContains(said, "code 1")
end

function TestStores.testForeignFilesAreRefused()
  write("text.db", ("not a database "):rep(100))
  local status, said = sweep("f", "--store " .. dir .. "/text.db")
  lu.assertEquals(status, 1)
  lu.assertStrContains(said, "not a database")
  lu.assertEquals(sweep("g", "--reps 1"), 0)
  local other = write("other.lua", (read(script):gsub('name = "toy"', 'name = "other"')))
  status, said = sh(("%s %s --quiet --out %s/g --store %s/g/toy.db"):format(limn_program, other, dir, dir))
  lu.assertEquals(status, 1)
  lu.assertStrContains(said, 'holds the experiment "toy", not "other"')
  local db = native.sqlite.open(dir .. "/g/toy.db", "write")
  db:rows "PRAGMA user_version = 99"
  db:close()
  status, said = sweep("g", "--reps 1")
  lu.assertEquals(status, 1)
  lu.assertStrContains(said, "newer limn (schema 99")
  db = native.sqlite.open(dir .. "/g/toy.db", "write")
  db:rows "PRAGMA user_version = 1"
  db:close()
  for _, options in ipairs { "", "--plot-only" } do
    status, said = sweep("g", options)
    lu.assertEquals(status, 1)
    lu.assertStrContains(said, "older limn (schema 1")
  end
  status, said = sh("%s store ls %s/g/toy.db", limn_program, dir)
  lu.assertEquals(status, 1)
  lu.assertStrContains(said, "older limn (schema 1")
  status, said = sweep("h", "--resume")
  lu.assertEquals(status, 1)
  lu.assertStrContains(said, "nothing to resume")
end

function TestStores.testDamagedFileIsRecovered()
  lu.assertEquals(sweep("d", "--reps 20"), 0)
  local path = dir .. "/d/toy.db"
  local bytes = read(path)
  local at = (#bytes // 4096 // 2) * 4096 -- a page in the middle
  write("d/toy.db", bytes:sub(1, at) .. ("\255"):rep(4096) .. bytes:sub(at + 4097))
  local status, said = sh(("%s store recover %s %s/d/new.db"):format(limn_program, path, dir))
  lu.assertEquals(status, 0, said)
  local saved = tonumber(said:match "(%d+) cells saved")
  lu.assertTrue(saved > 100 and saved <= 400, said)
  local whole_store = sweep("e", "--reps 20")
  lu.assertEquals(whole_store, 0)
  local all = {}
  for row in export("e/toy.db"):gmatch "[^\n]+" do all[row] = true end
  -- arrays are in a folder beside the damaged file
  sh(("mv %s.arrays %s/d/new.db.arrays"):format(path, dir))
  for row in export("d/new.db"):gmatch "[^\n]+" do lu.assertTrue(all[row]) end
end

-- A long cell is written at once; short cells share a transaction, and none of them is reported before it is committed.
function TestStores.testBriefCellsShareATransaction()
  local path, told = dir .. "/brief.db", 0
  local s = assert(stores.open(path, "brief"))
  s:begin("code", {})
  local function put(n, seconds)
    s:put({ id = "id" .. n, rep = 1, point = { n = n }, values = { v = n } }, 1, seconds, function() told = told + 1 end)
  end
  local function kept()
    local db = assert(native.sqlite.open(path, "read"))
    local n = db:rows("SELECT count(*) FROM cell")[1][1]
    db:close()
    return n
  end
  for n = 1, 3 do put(n, 0.0001) end
  lu.assertEquals({ kept(), told }, { 0, 0 })
  put(4, 1)
  lu.assertEquals({ kept(), told }, { 4, 0 })
  s:flush(true)
  lu.assertEquals(told, 4)
  put(5, 0.0001)
  native.posix.ready({}, 0.006)
  s:flush()
  lu.assertEquals({ kept(), told }, { 5, 4 }) -- in the file after a moment, on the disk with the next sync
  put(6, 0.0001)
  s:sql "ROLLBACK" -- as a full disk does
  lu.assertErrorMsgContains("no transaction is active", s.flush, s, true)
  s:flush(true)
  lu.assertEquals({ kept(), told }, { 5, 5 })
  s:close()
end

-- Damaged rows and values are reported and ignored; the others are read.
function TestStores.testFreshSetsADamagedStoreAside()
  lu.assertEquals(sweep("cut", "--reps 1"), 0)
  local path = dir .. "/cut/toy.db"
  local bytes = read(path)
  for n, name in ipairs { "toy.db.damaged", "toy.db.damaged2" } do
    write("cut/toy.db", bytes:sub(1, n == 1 and 300 or 5000))
    local status, said = sweep("cut", "--reps 1")
    lu.assertEquals(status, 1, said)
    lu.assertStrContains(said, "--fresh, which sets it aside as FILE.damaged")
    if n == 1 then
      status, said = sh("%s store recover %s %s/cut/new.db", limn_program, path, dir)
      lu.assertEquals(status, 1, said)
      lu.assertStrContains(said, "--fresh, which sets it aside as")
    end
    status, said = sweep("cut", "--reps 1 --fresh")
    lu.assertEquals(status, 0, said)
    lu.assertStrContains(said, "the damaged store is set aside as " .. dir .. "/cut/" .. name)
    lu.assertEquals(read(dir .. "/cut/" .. name), bytes:sub(1, n == 1 and 300 or 5000))
    lu.assertEquals(select(2, toy.held "cut/toy.db"), 20)
  end
end

-- --plot-only and --dry-run read a store that another process writes, and one where nothing may be written.
function TestStores.testDrawingNeedsNoLock()
  lu.assertEquals(sweep("shown", "--reps 1"), 0)
  local path = dir .. "/shown/toy.db"
  local writer = assert(stores.open(path, "toy"))
  local status, said = sh("%s %s --quiet --plot-only --partial --reps 2 --store %s --out %s/drawn", limn_program, script, path, dir)
  lu.assertEquals(status, 1, said) -- cells are missing
  lu.assertStrContains(said, "20 cells are missing")
  lu.assertTrue(native.posix.stamp(dir .. "/drawn/toy.csv") ~= nil)
  writer:close()
  sh("rm -f %s/shown/*.lock %s/shown/toy.csv %s/shown/toy.json; cp -r %s/shown %s/rom; chmod a-w %s/rom %s/rom/*", dir, dir, dir, dir,
    dir, dir, dir)
  local before = read(dir .. "/rom/toy.db")
  status, said = sh("%s %s --quiet --plot-only --reps 1 --store %s/rom/toy.db --out %s/drawn", limn_program, script, dir, dir)
  local _, files = sh("ls %s/rom", dir)
  sh("chmod u+w %s/rom", dir)
  lu.assertEquals(status, 0, said)
  lu.assertEquals(files, "toy.db\ntoy.db.arrays\n")
  lu.assertTrue(read(dir .. "/rom/toy.db") == before)
  status, said = sh("%s %s --dry-run --reps 2 --store %s", limn_program, script, path)
  lu.assertEquals(status, 0, said)
  lu.assertStrContains(said, ("toy: 40 cells\n20 of them are in %s\n"):format(path))
  local db = native.sqlite.open(path, "write")
  db:rows "UPDATE run SET code = 'other'"
  db:close()
  _, said = sh("%s %s --dry-run --reps 2 --store %s", limn_program, script, path)
  lu.assertStrContains(said, ("0 of them are in %s, and 20 more that are stale"):format(path))
  _, said = sh("%s %s --quiet --plot-only --reps 1 --store %s; sed 's/\"toy\"/\"tob\"/' %s > %s/tob.lua; %s %s/tob.lua --quiet "
    .. "--plot-only --store %s", limn_program, script, path, script, dir, limn_program, dir, path)
  lu.assertStrContains(said, 'holds the experiment "toy", not "tob"')
end

function TestStores.testOverwrittenCellsAreSaid()
  lu.assertEquals(sweep("o", "--reps 1"), 0)
  local path = dir .. "/o/toy.db"
  local function damage(sql)
    sh("rm -rf %s/o/bad.db*; cp %s %s/o/bad.db; cp -r %s.arrays %s/o/bad.db.arrays", dir, path, dir, path, dir)
    local db = native.sqlite.open(dir .. "/o/bad.db", "write")
    db:rows(sql)
    db:close()
    for _, line in ipairs { "%s %s --quiet --reps 1 --store %s/o/bad.db --out %s/o", "%s store export %3$s/o/bad.db --csv" } do
      line = line:gsub("%%3%$s", dir)
      local status, said = sh(line, limn_program, script, dir, dir)
      lu.assertEquals(status, 1, said)
      lu.assertStrContains(said, "bad.db is damaged")
      lu.assertStrContains(said, "limn store recover")
    end
    local status, said = sh("rm -rf %s/o/new.db*; %s store recover %s/o/bad.db %s/o/new.db", dir, limn_program, dir, dir)
    lu.assertEquals(status, 0, said)
    lu.assertStrContains(said, "17 cells saved (")
  end
  damage "UPDATE cell SET value = zeroblob(40) WHERE id IN (SELECT id FROM cell WHERE value IS NOT NULL LIMIT 3)"
  damage "UPDATE cell SET value = NULL WHERE id IN (SELECT id FROM cell LIMIT 3)"
end

-- Parameters that are not valid JSON, or whose hash is not the name of the cell.
function TestStores.testOverwrittenParametersAreSaid()
  lu.assertEquals(sweep("params", "--reps 1"), 0)
  local path = dir .. "/params/toy.db"
  for _, sql in ipairs { "params = substr(params, 2)", "params = replace(params, '0.25', '0.26')", "id = 'x' || id",
    "params = NULL", "rep = 'x'" } do
    sh("cp %s %s/params/bad.db; cp -r %s.arrays %s/params/bad.db.arrays", path, dir, path, dir)
    local db = native.sqlite.open(dir .. "/params/bad.db", "write")
    db:rows("UPDATE cell SET " .. sql .. " WHERE params LIKE '%0.25%'")
    db:close()
    local s = assert(stores.open(dir .. "/params/bad.db"))
    lu.assertErrorMsgContains("bad.db is damaged: the parameters of a cell are malformed", s.cells, s)
    s:close()
  end
end

-- An array that is lost or damaged is noticed before the sweep goes on, and its cell is computed again; values that are
-- damaged are said before any cell is.
function TestStores.testDamageIsNoticedBeforeCellsRun()
  lu.assertEquals(sweep("early", "--reps 1"), 0)
  local path = dir .. "/early/toy.db"
  local file = assert(io.popen("ls " .. path .. ".arrays/*.npy")):read "l"
  local bytes = read(file)
  for _, broken in ipairs { bytes:sub(1, -9), bytes:sub(1, 4000) .. "\1" .. bytes:sub(4002), "" } do
    write(file:sub(#dir + 2), broken)
    local status, said = sh("%s store export %s --csv", limn_program, path)
    lu.assertEquals(status, 1)
    lu.assertStrContains(said, "does not hold what was written to it; the sweep's command computes its cell again")
    status, said = sweep("early", "--reps 1 --plot-only")
    lu.assertEquals(status, 1)
    lu.assertStrContains(said, "1 cells are missing")
    status, said = sh("%s store merge %s/early/merged.db %s", limn_program, dir, path)
    lu.assertEquals(status, 3, said)
    lu.assertStrContains(said, "1 cell has lost an array: ")
    lu.assertStrContains(said, "does not hold what was written")
    status, said = sweep("early", "--reps 1")
    lu.assertEquals(status, 0, said)
    lu.assertStrContains(said, "of 1 cells in " .. path .. " an array is lost or damaged")
    lu.assertTrue(read(file) == bytes)
  end
  local db = native.sqlite.open(path, "write")
  db:rows "UPDATE cell SET value = substr(value, 1, length(value) - 1) WHERE id IN (SELECT id FROM cell LIMIT 1)"
  db:close()
  local log = dir .. "/early.log"
  local status, said = sh("TOY_LOG=%s %s %s --quiet --reps 2 --out %s/early", log, limn_program, script, dir)
  lu.assertEquals(status, 1)
  lu.assertStrContains(said, "is damaged: the values of a cell are malformed")
  lu.assertNil(io.open(log)) -- no cell ran
end

-- One file is one store in one process, however its name is written; what needs more memory than there is is refused.
function TestStores.testOneStoreByEveryName()
  lu.assertEquals(sh("mkdir -p %s/names/sub && ln -s names %s/alias", dir, dir), 0)
  local first = assert(stores.open(dir .. "/names/x.db", "names"))
  for _, name in ipairs { "/names/x.db", "/names/./x.db", "/names/sub/../x.db", "/alias/x.db", "//names//x.db" } do
    local s, why = stores.open(dir .. name, "names")
    lu.assertNil(s)
    lu.assertStrContains(why, "already open for writing in this process")
  end
  first:close()
  assert(stores.open(dir .. "/alias/x.db", "names")):close()
  lu.assertEquals({ native.posix.real "nowhere.db" }, { "nowhere.db", os.getenv "PWD" .. "/nowhere.db" })
  lu.assertEquals({ native.posix.real "./no/where.db" }, { "./no/where.db", "./no//where.db" })
  local status, said = sweep("huge", "--grid x=0:1:1000000000 --yes")
  lu.assertEquals(status, 1)
  lu.assertStrContains(said, "30000000000 cells take about 3e+03 GB of memory in one process, and ")
  lu.assertStrContains(said, "shards or more (--shard i/n)")
end

-- One file is one store, by whatever name; rows of several seeds and of several scripts have columns for both.
function TestStores.testWhatIsMixedIsTold()
  lu.assertEquals(sweep("mix", "--reps 1 --grid n=2"), 0)
  sh("ln -s toy.db %s/mix/link.db", dir)
  lu.assertEquals(sweep("mix", ("--reps 1 --grid n=2 --seed 2 --store %s/mix/link.db"):format(dir)), 0)
  local line = ("%s store export %s/mix/toy.db --csv"):format(limn_program, dir)
  local _, said = sh("%s", line)
  lu.assertStrContains(said, 'cells of 2 seeds; they are in the column "seed"')
  lu.assertStrContains(said, "i,many,nan,s,seed,stack,v,yes\n")
  local changed = write("toy3.lua", (read(script):gsub("i = p.n,", "i = p.n + 1,")))
  lu.assertEquals(sh("%s %s --quiet --reps 1 --grid n=3 --out %s/mix", limn_program, changed, dir), 0)
  _, said = sh("%s", line)
  lu.assertStrContains(said, 'cells of 2 versions of the script; they are in the column "code"')
  lu.assertEquals(sh("%s >/dev/full", line), 1)
end

-- Cells are found by their values as they are printed, though a grid's are a bit away; values printed alike are named.
function TestStores.testRerunFindsValuesAsPrinted()
  local near = write("near.lua", [[return require("limn").experiment { name = "near", params = { q = 0.5, n = 1 },
    grid = { q = "0:1:11", n = { 1, 2 } }, measure = function(p) return { v = p.q } end }]])
  local function run(options) return sh("%s %s --quiet --workers 0 --out %s/near %s", limn_program, near, dir, options) end
  local function rerun(words) return sh("%s store rerun %s/near/near.db --yes %s", limn_program, dir, words) end
  lu.assertEquals(run "", 0)
  for words, cells in pairs { ["q=0.3"] = 2, ["n=2 q=0.3"] = 1, ["q=0.30000000000000004"] = 2, ["q=0.3 rep=1 seed=1"] = 2 } do
    local status, said = rerun(words)
    lu.assertEquals({ status, select(2, said:gsub("equal to the bit", "")) }, { 0, cells }, words .. ": " .. said)
  end
  lu.assertEquals(rerun "q=0.3000001", 1)
  lu.assertEquals(run "--grid q=0.30000000000001,0.30000000000002 --set n=1", 0)
  local _, said = sh("%s %s --dry-run --grid q=0:1:lograndom/1 2>&1; %s %s --dry-run --grid q=0.1:1:lograndom/3 --out %s/drawn",
    limn_program, near, limn_program, near, dir)
  lu.assertEquals(run "--grid q=0.1:1:lograndom/3", 0)
  for q in said:gmatch "q=(%d%.%d+)" do lu.assertEquals(rerun("q=" .. q), 0, q) end
  local status
  status, said = rerun "q=0.300000000000015"
  lu.assertEquals(status, 1)
  lu.assertStrContains(said, "q=0.300000000000015 is near several values: 0.30000000000000004 (cell ")
end

function TestStores.testRerunComparesToTheBit()
  lu.assertEquals(sweep("r", "--reps 2"), 0)
  local path = dir .. "/r/toy.db"
  local status, said = sh(("%s store rerun %s n=1 --yes"):format(limn_program, path))
  lu.assertEquals(status, 0, said)
  local _, n = said:gsub("equal to the bit", "")
  lu.assertEquals(n, 4)
  local db = native.sqlite.open(path, "write") -- one stored value a bit away from what the script computes
  local row = db:rows("SELECT id, rep, value FROM cell WHERE params LIKE '%\"n\":2,%' LIMIT 1")[1]
  local at = assert(row[3]:find("few", 1, true)) + 20
  local changed = row[3]:sub(1, at - 1) .. string.char(row[3]:byte(at) ~ 1) .. row[3]:sub(at + 1)
  db:rows("UPDATE cell SET value = ? WHERE id = ? AND rep = ?", { changed }, row[1], row[2])
  db:close()
  status, said = sh(("%s store rerun %s n=2 --yes"):format(limn_program, path))
  lu.assertEquals(status, 1)
  _, n = said:gsub("DIFFERS", "")
  lu.assertEquals(n, 1)
end

-- The script that filled the store is the one in the folder where it was started, with the data that stands there.
function TestStores.testRerunEntersTheFolderOfItsScript()
  local text = [[local limn = require "limn"
    return limn.experiment { name = "here", params = { n = 1 }, grid = { n = "1:2" },
      measure = function(p) return { v = p.n * limn.load("factor.csv"):sum() } end }]]
  sh(("mkdir -p %s/here %s/elsewhere"):format(dir, dir))
  write("here/here.lua", text)
  write("here/factor.csv", "7\n")
  write("elsewhere/here.lua", "io.open('ran', 'w'):close()\n" .. text:gsub("p.n %*", "p.n +"))
  write("elsewhere/factor.csv", "8\n")
  local status, said = sh(("cd %s/here && %s here.lua --quiet"):format(dir, limn_program))
  lu.assertEquals(status, 0, said)
  local again = ("cd %s/elsewhere && %s store rerun ../here/out/here.db n=2 --yes"):format(dir, limn_program)
  status, said = sh(again)
  lu.assertEquals({ status, said }, { 0, "n=2, rep=1, seed=1: equal to the bit\n" })
  status, said = sh(("cd %s/elsewhere && %s store ls ../here/out/here.db"):format(dir, limn_program))
  lu.assertEquals({ status, said }, { 0, "../here/out/here.db: here, 2 cells, 0 failed\n" })
  sh(("mv %s/here/here.lua %s/here/there.lua"):format(dir, dir)) -- now only another script has that name
  status, said = sh(again)
  lu.assertEquals(status, 1)
  lu.assertStrContains(said, "here.lua has changed since (function measure); --changed runs it as it is now")
  lu.assertNil(io.open(dir .. "/elsewhere/ran"))
  status, said = sh(again .. " --changed")
  lu.assertEquals(status, 1)
  lu.assertStrContains(said, "n=2, rep=1, seed=1: DIFFERS")
  lu.assertNotNil(io.open(dir .. "/elsewhere/ran"))
end

function TestStores.testNewWritesAnExperimentThatRuns()
  local status, said = sh(("cd %s && %s new coin && %s coin.lua --quiet --reps 2"):format(dir, limn_program,
    limn_program))
  lu.assertEquals(status, 0, said)
  lu.assertEquals(sh(("test -s %s/out/coin.db"):format(dir)), 0)
  lu.assertEquals(sh(("cd %s && %s new coin"):format(dir, limn_program)), 1)
  lu.assertEquals(sh(("cd %s && %s new --help && ! test -e ./--help.lua"):format(dir, limn_program)), 0)
end

toy.finish(lu.LuaUnit.run())
