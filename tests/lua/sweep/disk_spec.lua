-- slow: 8 s
-- luacheck: allow defined top
-- disk_spec.lua: the store on disk: every cell is synced before it is reported; a disk that becomes full at any write
-- destroys no stored cell; folders that cannot be written; large arrays in separate files.

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")
local native = require "limn.native"

TestDisk = {}

-- Runs a program under strace and returns its system calls; nil if strace cannot run here.
local function traced(line)
  local log = toy.dir .. "/strace.log"
  if toy.sh "strace -o /dev/null true" ~= 0 then return nil end
  -- The leak check of a sanitizer does not work under strace.
  local status, said = toy.sh('ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" ' .. "strace -f -y -o %s "
    .. "-e trace=openat,pwrite64,write,fsync,fdatasync,rename,sendto,sendmsg %s", log, line)
  return toy.read(log), status, said
end

-- Every cell of the toy fails and is therefore named on stderr when it is reported: by then the last thing that
-- happened to the store's log must be a sync, not a write.
function TestDisk.testReportedCellsAreSynced()
  local log, status, said = traced(("%s %s --workers 2 --set bad=all --out %s/sync"):format(toy.program, toy.script, toy.dir))
  toy.skip_if(not log, "syncs of the store: strace does not run here")
  lu.assertEquals(status, 1, said)
  local dirty, reports, syncs = false, 0, 0
  for line in log:gmatch "[^\n]+" do
    if line:find "pwrite64%(%d+<[^>]*toy%.db%-wal>" then dirty = true
    elseif line:find "fdatasync%(%d+<[^>]*toy%.db%-wal>" or line:find "fsync%(%d+<[^>]*toy%.db%-wal>" then
      dirty, syncs = false, syncs + 1
    elseif line:find 'write%(2<.-, "failed' then
      reports = reports + 1
      lu.assertFalse(dirty, "a cell was reported before it was on the disk: " .. line)
    end
  end
  lu.assertTrue(reports >= 60 and syncs > 0, ("%d reports, %d syncs"):format(reports, syncs))
end

-- Written under another name, synced, renamed; read back with their shapes.
function TestDisk.testLargeArraysAreFilesThatAppearWhole()
  local log, status, said = traced(("%s %s --quiet --workers 0 --grid n=1 --reps 1 --out %s/npy"):format(toy.program,
    toy.script, toy.dir))
  toy.skip_if(not log, "syncs of large arrays: strace does not run here")
  lu.assertEquals(status, 0, said)
  local synced, renamed = {}, 0
  for line in log:gmatch "[^\n]+" do
    local file = line:match "f?d?a?t?a?sync%(%d+<([^>]*toy%.db%.arrays/[^>]*)>"
    if file then synced[file] = true end
    local from = line:match 'rename%("([^"]*toy%.db%.arrays/[^"]*)", "[^"]*%.npy"'
    if from then
      renamed = renamed + 1
      lu.assertTrue(synced[from] or synced[from:gsub("//", "/")], "renamed before it was synced: " .. line)
    end
  end
  lu.assertEquals(renamed, 2) -- n = 1 with two values of x: one array of 80 kB each
  local s = require("limn.experiment.store").open(toy.dir .. "/npy/toy.db")
  local values = s:cells()[1].values
  s:close()
  lu.assertEquals({ values.many:shape() }, { 100, 100 })
  lu.assertEquals({ values.stack:shape() }, { 2, 3, 2 })
end

-- n-th write fails, for every n until a sweep needs fewer: old cells whole, a clear message, exit code 1; then, with
-- room again, the same command ends in the undisturbed table.
function TestDisk.testDiskFullAtEveryWrite()
  toy.skip_if(toy.sanitized, "a disk that fills up at any write: the sanitizer's run time must be loaded first")
  local shim = toy.dir .. "/disk_full.so"
  local built, said = toy.sh("cc -shared -fPIC -O1 -o %s %s/../../fault/disk_full.c -ldl", shim, here)
  lu.assertEquals(built, 0, said)
  local options = "--workers 1 --reps 1 --grid n=1,2"
  lu.assertEquals(toy.sweep("before", "--workers 1 --reps 1 --grid n=1"), 0)
  lu.assertEquals(toy.sweep("after", options), 0)
  local before, after = toy.held "before/toy.db", toy.held "after/toy.db"
  local n, refused, status = 0, 0
  repeat
    n = n + 1
    local out = "full" .. n
    toy.sh("cp -r %s/before %s/%s", toy.dir, toy.dir, out)
    status, said = toy.sweep(out, options, ("LD_PRELOAD=%s LIMN_DISK_FULL_AT=%d"):format(shim, n))
    local held = toy.held(out .. "/toy.db")
    lu.assertNotNil(held, ("write %d: the store cannot be read any more"):format(n))
    for line in before:gmatch "[^\n]+" do lu.assertStrContains(held, line) end
    if status ~= 0 then
      refused = refused + 1
      lu.assertEquals(status, 1, said)
      lu.assertNotNil(said:find "[dD]isk" or said:find("No space left", 1, true), ("write %d: %s"):format(n, said))
      lu.assertEquals(toy.sweep(out, options), 0)
    end
    lu.assertTrue(toy.held(out .. "/toy.db") == after, ("write %d"):format(n))
    toy.sh("rm -rf %s/%s", toy.dir, out)
  until status == 0 or n == 400
  lu.assertEquals(status, 0, "a sweep of four cells needs more than 400 writes?")
  lu.assertTrue(refused > 10, refused .. " writes")
end

-- The same at the file's own limit, which the kernel sets: stores of any size up to one that nearly fits.
function TestDisk.testFileSizeLimit()
  local refused = 0
  for blocks = 1, 91, 15 do -- of 1 KiB
    local out = "limit" .. blocks
    local status, said = toy.sh("trap '' XFSZ; ulimit -f %d; %s %s --workers 1 --out %s/%s", blocks * 2, toy.program,
      toy.script, toy.dir, out)
    if status ~= 0 then
      refused = refused + 1
      lu.assertNotNil(said:find("disk", 1, true) or said:find("File too large", 1, true), said)
    end
    lu.assertEquals(toy.sweep(out), 0)
    lu.assertTrue(toy.held(out .. "/toy.db") == toy.whole())
  end
  lu.assertTrue(refused > 2)
end

-- The table cannot be written: the message is also on the cells that are stored.
function TestDisk.testATableThatCannotBeWritten()
  toy.sh("mkdir -p %s/nocsv/toy.csv", toy.dir) -- a folder of that name
  local status, said = toy.sweep("nocsv", "--reps 1")
  lu.assertEquals(status, 1, said)
  lu.assertStrContains(said, ("20 of 20 cells are stored in %s/nocsv/toy.db, and the same command goes on"):format(toy.dir))
end

-- A file system of 128 KiB, where this system lets us mount one: the cells that fit are there, also without any room left; with
-- more room the same command ends in the undisturbed table.
function TestDisk.testSmallFileSystem()
  local status, said = toy.sh([[mkdir -p %s/small && cd %s && exec unshare -m sh -c 'mount -t tmpfs -o size=128k none small || exit 77
    run="%s %s --workers 2 --grid n=2:10 --reps 9 --out small"
    $run; echo "first $?"
    cat /dev/zero >small/rest 2>/dev/null
    $run; echo "full $?"
    %s store ls small/toy.db
    $run --plot-only --out elsewhere --store small/toy.db 2>&1 | grep -o "[0-9]* of 162 cells are in small"
    rm small/rest; mount -o remount,size=16m small && $run --quiet; echo "last $?"
    cp small/toy.db grown.db']], toy.dir, toy.dir, toy.program, toy.script, toy.program)
  toy.skip_if(status == 77 or said:find "unshare", "a small file system: nothing can be mounted here (needs root)")
  lu.assertNotNil(said:find("first 1\n", 1, true) and said:find("full 1\n", 1, true), said)
  lu.assertNotNil(said:find("disk", 1, true) or said:find("No space left", 1, true), said)
  local listed = said:match "toy%.db: toy, (%d+) cells, 0 failed"
  lu.assertEquals(said:match "(%d+) of 162 cells are in small\n", listed, said)
  lu.assertStrContains(said, "last 0\n")
  lu.assertEquals(toy.sweep("wide", "--grid n=2:10 --reps 9"), 0)
  lu.assertTrue(toy.held "grown.db" == toy.held "wide/toy.db")
end

-- A read-only store is read, and no file is made beside it; for one with a write-ahead log the message has a remedy.
function TestDisk.testStoresThatCannotBeWritten()
  local stores = require "limn.experiment.store"
  lu.assertEquals(toy.sweep("still", "--grid n=1"), 0)
  local _, want = toy.sh("%s store export %s/still/toy.db --csv", toy.program, toy.dir)
  local writer = assert(stores.open(toy.dir .. "/still/toy.db", "toy"))
  writer:begin("code", {})
  lu.assertEquals(toy.sh("cd %s && mkdir left && cp still/toy.db still/toy.db-wal left && test -s left/toy.db-wal", toy.dir), 0)
  writer:close()
  local status, said = toy.sh("cd %s && unshare -m sh -c 'mount --bind still still && mount -o remount,ro,bind still || exit 77; "
    .. "mount --bind left left && mount -o remount,ro,bind left; %s store ls left/toy.db; %s store export still/toy.db --csv'",
    toy.dir, toy.program, toy.program)
  toy.skip_if(status == 77 or said:find "unshare", "read-only stores: nothing can be mounted here (needs root)")
  lu.assertEquals(status, 0, said)
  lu.assertEquals(said:sub(1, #want), want)
  lu.assertStrContains(said, "its log left/toy.db-wal holds cells that are not in it yet")
  status, said = toy.sh("cd %s && unshare -m sh -c 'mount --bind still still && mount -o remount,ro,bind still || exit 77; %s %s "
    .. "--grid n=1 --plot-only --store still/toy.db --out table'; cmp still/toy.csv table/toy.csv", toy.dir, toy.program, toy.script)
  lu.assertEquals(status, 0, said)
  status, said = toy.sh("cd %s && unshare -m sh -c 'mount --bind still still && mount -o remount,ro,bind still || exit 77; %s %s "
    .. "--grid n=1,2 --store still/toy.db --out table'", toy.dir, toy.program, toy.script)
  lu.assertEquals(status, 1, said)
  lu.assertStrContains(said, "Read-only file system")
end

function TestDisk.testFoldersThatCannotBeWritten()
  local status, said = toy.sweep("x", "--out /proc/nowhere")
  lu.assertEquals(status, 1)
  lu.assertStrContains(said, "cannot make the folder")
  status, said = toy.sh("mkdir -p %s/ro && unshare -m sh -c 'mount --bind %s/ro %s/ro && mount -o remount,ro,bind %s/ro "
    .. "|| exit 77; %s %s --quiet --out %s/ro'", toy.dir, toy.dir, toy.dir, toy.dir, toy.program, toy.script, toy.dir)
  toy.skip_if(status == 77 or said:find "unshare", "a read-only folder: nothing can be mounted here (needs root)")
  lu.assertEquals(status, 1, said)
  lu.assertStrContains(said, "Read-only file system")
  lu.assertNil(native.posix.mkdir(toy.script .. "/x"))
end

toy.finish(lu.LuaUnit.run())
