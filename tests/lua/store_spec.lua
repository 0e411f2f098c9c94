-- store_spec.lua: sweeps that survive: the same table for any workers, shards and interruptions; kills, crashes,
-- a full disk, a second writer, foreign and damaged files.

local lu = require "luaunit"
local native = require "limn.native"

local build = os.getenv "LIMN_TEST_BUILD" or "build/release"
if not build:match "^/" then build = os.getenv "PWD" .. "/" .. build end
local limn_program = build .. "/limn"
local dir = native.process.temp_dir()
local KILLS = tonumber(os.getenv "LIMN_TEST_KILLS") or 8

local SCRIPT = [[
local limn = require "limn"
return limn.experiment { name = "toy", question = "q",
  params = { n = 3, k = "a", x = 0.5, bad = "" }, grid = { n = "1:10", x = { 0.25, 0.5 } }, reps = 3,
  measure = function(p, rng)
    local stop = limn.native_clock() + tonumber(os.getenv "TOY_WORK" or 0)
    while limn.native_clock() < stop do end
    if p.n == 4 and p.bad == "error" then error "no luck" end
    if p.n == 4 and p.bad == "crash" then
      require("limn.native").posix.kill(tonumber(io.open("/proc/self/stat"):read "n"), "KILL")
    end
    if p.n == 4 and p.bad == "slow" then while true do end end
    if p.n == 4 and p.bad == "table" then return { t = {} } end
    return { v = rng:normal(), i = p.n, nan = 0 / 0, s = 'a "quoted", text\n', yes = true, few = rng:uniform(3),
      many = p.n == 1 and rng:uniform(100, 100) or 1 }
  end }
]]

local function write(name, text)
  local file = assert(io.open(dir .. "/" .. name, "wb"))
  file:write(text)
  file:close()
  return dir .. "/" .. name
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

local script = write("toy.lua", (SCRIPT:gsub("limn.native_clock", "require('limn.native').posix.now")))

-- Runs a shell line; returns its exit code and what it said.
local function sh(line)
  local status, out, err = native.process.run({ "sh", "-c", line }, {}, 60)
  return status, (out or "") .. (err or "")
end

local function sweep(out, options)
  return sh(("%s %s --quiet --out %s/%s %s"):format(limn_program, script, dir, out, options or ""))
end

local function export(file)
  local status, text = sh(("%s store export %s/%s --json"):format(limn_program, dir, file))
  lu.assertEquals(status, 0, text)
  return text
end

local whole
local function expected()
  if not whole then
    lu.assertEquals(sweep("whole", "--workers 0"), 0)
    whole = export "whole/toy.db"
    local _, n = whole:gsub("\n", "")
    lu.assertEquals(n, 60)
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
  lu.assertEquals(sh(("SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_MIN=7 SLURM_ARRAY_TASK_MAX=9 %s %s --quiet --out %s/s")
    :format(limn_program, script, dir)), 0)
  local files = ""
  for i = 1, 3 do files = files .. (" %s/s/toy.%d-of-3.db"):format(dir, i) end
  local status, said = sh(("%s store merge %s/s/all.db %s"):format(limn_program, dir, files))
  lu.assertEquals(status, 0, said)
  lu.assertStrContains(said, "60 new cells")
  lu.assertTrue(export "s/all.db" == expected())
end

function TestSweeps.testKilledAtAnyMoment()
  for i = 1, KILLS do
    local out = "k" .. i
    local line = ("TOY_WORK=0.004 %s %s --quiet --workers 2 --out %s/%s & p=$!; sleep %.3f; kill -9 $p; wait $p")
      :format(limn_program, script, dir, out, 0.02 + 0.25 * i / KILLS)
    sh(line)
    local before = sh(("test -s %s/%s/toy.db"):format(dir, out)) == 0 and select(2,
      sh(("%s store export %s/%s/toy.db --json")
      :format(limn_program, dir, out))) or ""
    lu.assertEquals(sweep(out, "--workers 2"), 0)
    local after = export(out .. "/toy.db")
    lu.assertTrue(after == expected(), "killed at " .. i)
    for row in before:gmatch '(%b{})\n' do lu.assertStrContains(after, row) end
  end
end

function TestSweeps.testInterruptKeepsWhatFinishes()
  local status, said = sh(("TOY_WORK=0.1 %s %s --workers 2 --out %s/i & p=$!; sleep 0.6; kill -INT $p; wait $p")
    :format(limn_program, script, dir))
  lu.assertEquals(status, 130, said)
  local kept = tonumber(said:match "interrupted after (%d+) of 60 cells; the same command goes on")
  lu.assertNotNil(kept, said)
  local _, n = export("i/toy.db"):gsub("\n", "")
  lu.assertEquals(n, kept)
  lu.assertEquals(sweep("i"), 0)
  lu.assertTrue(export "i/toy.db" == expected())
end

function TestSweeps.testTimeLimitThenTheSameCommand()
  local status = sh(("TOY_WORK=0.02 %s %s --quiet --workers 1 --time-limit 0.3 --out %s/t"):format(limn_program,
    script, dir))
  lu.assertEquals(status, 75)
  lu.assertEquals(sweep("t", "--workers 2 --resume"), 0)
  lu.assertTrue(export("t/toy.db") == expected())
end

function TestSweeps.testFailedCellsAreRowsNotTheEnd()
  for bad, message in pairs { error = "toy.lua:7: no luck", crash = "Killed", table = "t is a table",
    slow = "--cell-time" } do
    local status, said = sweep(bad, ("--workers 2 --set bad=%s --reps 1 --cell-time %s"):format(bad, bad == "slow"
      and "0.5" or "60"))
    lu.assertEquals(status, 1, said)
    local _, listed = sh(("%s store failed %s/%s/toy.db"):format(limn_program, dir, bad))
    lu.assertStrContains(listed, message)
    lu.assertStrContains(listed, "n=4")
    local _, n = export(bad .. "/toy.db"):gsub("\n", "")
    lu.assertEquals(n, 18)
  end
end

function TestSweeps.testChangedScriptIsStale()
  local first = sweep("stale", "--reps 1")
  lu.assertEquals(first, 0)
  local changed = write("toy2.lua", read(script) .. "-- changed\n")
  local status, said = sh(("%s %s --reps 1 --out %s/stale"):format(limn_program, changed, dir))
  lu.assertEquals(status, 0)
  lu.assertStrContains(said, "20 are stale")
  status, said = sh(("%s %s --reps 1 --out %s/stale"):format(limn_program, changed, dir))
  lu.assertEquals(status, 0)
  lu.assertStrContains(said, "20 of 20 cells are in")
  lu.assertNotStrContains(said, "stale (")
end

TestStores = {}

function TestStores.testSecondWriterIsRefused()
  local status, said = sh(("TOY_WORK=0.05 %s %s --quiet --workers 1 --out %s/two & p=$!; sleep 0.5; "
    .. "%s %s --quiet --out %s/two; echo code $? parent $p; kill $p"):format(limn_program, script, dir, limn_program,
      script, dir))
  lu.assertEquals(status, 0)
  local pid = said:match "parent (%d+)"
  lu.assertStrContains(said, "is being written by process " .. pid)
  lu.assertStrContains(said, "code 1")
end

function TestStores.testFullDiskKeepsWhatWasReported()
  local refused = 0
  for blocks = 1, 91, 15 do -- of 1 KiB: from a store that cannot begin to one that nearly fits
    local out = "full" .. blocks
    local status, said = sh(("trap '' XFSZ; ulimit -f %d; %s %s --workers 1 --out %s/%s"):format(blocks * 2,
      limn_program, script,
      dir, out))
    if status ~= 0 then
      refused = refused + 1
      lu.assertNotNil(said:find("disk", 1, true) or said:find("File too large", 1, true), said)
    end
    lu.assertEquals(sweep(out), 0)
    lu.assertTrue(export(out .. "/toy.db") == expected())
  end
  lu.assertTrue(refused > 2)
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
  -- arrays stand beside the damaged file
  sh(("mv %s.arrays %s/d/new.db.arrays"):format(path, dir))
  for row in export("d/new.db"):gmatch "[^\n]+" do lu.assertTrue(all[row]) end
end

function TestStores.testRerunComparesToTheBit()
  lu.assertEquals(sweep("r", "--reps 2"), 0)
  local path = dir .. "/r/toy.db"
  local status, said = sh(("%s store rerun %s n=1"):format(limn_program, path))
  lu.assertEquals(status, 0, said)
  local _, n = said:gsub("equal to the bit", "")
  lu.assertEquals(n, 4)
  local db = native.sqlite.open(path, "write") -- one stored value a bit away from what the script computes
  local row = db:rows("SELECT id, rep, value FROM cell WHERE params LIKE '%\"n\":2,%' LIMIT 1")[1]
  local at = assert(row[3]:find("few", 1, true)) + 20
  local changed = row[3]:sub(1, at - 1) .. string.char(row[3]:byte(at) ~ 1) .. row[3]:sub(at + 1)
  db:rows("UPDATE cell SET value = ? WHERE id = ? AND rep = ?", { changed }, row[1], row[2])
  db:close()
  status, said = sh(("%s store rerun %s n=2"):format(limn_program, path))
  lu.assertEquals(status, 1)
  _, n = said:gsub("DIFFERS", "")
  lu.assertEquals(n, 1)
end

-- The job script as a shell runs it, with a scheduler of two lines in place of Slurm's.
function TestStores.testSlurmJobSweepsRequeuesAndMerges()
  sh(("mkdir -p %s/bin"):format(dir))
  write("bin/sbatch", '#!/bin/sh\nfor last; do :; done\nprintf "%s\\n" "$last" >"$LATER"\n')
  write("bin/scontrol", '#!/bin/sh\necho "$@" >>"$LATER.requeued"\n')
  sh(("chmod +x %s/bin/*"):format(dir))
  local status, said = sh(("%s slurm %s --tasks 2 --time 1m --out %s/q --limn %s > %s/job.sh"):format(limn_program,
    script, dir,
    limn_program, dir))
  lu.assertEquals(status, 0, said)
  for i = 1, 2 do
    status, said = sh(("cd %s; export PATH=%s/bin:$PATH LATER=%s/merge.sh SLURM_ARRAY_JOB_ID=5 SLURM_ARRAY_TASK_ID=%d; sh job.sh")
      :format(dir, dir, dir, i))
    lu.assertEquals(status, 0, said)
  end
  status, said = sh(("sh %s/merge.sh"):format(dir))
  lu.assertEquals(status, 0, said)
  lu.assertTrue(export "q/toy.db" == expected())
  -- a task whose time is up asks to be requeued
  sh(("sed -i 's/--time-limit [0-9]*/--time-limit 0.05 --fresh/' %s/job.sh"):format(dir))
  status, said = sh(("cd %s; export PATH=%s/bin:$PATH LATER=%s/merge.sh SLURM_ARRAY_JOB_ID=5 SLURM_ARRAY_TASK_ID=2 TOY_WORK=0.02; "
    .. "sh job.sh"):format(dir, dir, dir))
  lu.assertEquals(status, 0, said)
  lu.assertEquals(read(dir .. "/merge.sh.requeued"), "requeue 5_2\n")
  lu.assertEquals(sh(("%s slurm %s --tasks 0 --time 1h"):format(limn_program, script)), 2)
end

function TestStores.testNewWritesAnExperimentThatRuns()
  local status, said = sh(("cd %s && %s new coin && %s coin.lua --quiet --reps 2"):format(dir, limn_program,
    limn_program))
  lu.assertEquals(status, 0, said)
  lu.assertEquals(sh(("test -s %s/out/coin.db"):format(dir)), 0)
  lu.assertEquals(sh(("cd %s && %s new coin"):format(dir, limn_program)), 1)
end

local code = lu.LuaUnit.run()
sh("rm -rf " .. dir)
os.exit(code)
