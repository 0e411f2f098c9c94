-- slow: 28 s
-- luacheck: allow defined top
-- kill_spec.lua: a sweep whose parent or workers are killed at any moment, or whose cells crash, can be resumed to the
-- table of an undisturbed sweep; finished cells are not computed again.

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")
local native = require "limn.native"

local KILLS = tonumber(os.getenv "LIMN_TEST_KILLS") or (toy.sanitized and 5 or 50)
local WORK = 0.004 -- seconds a cell: 60 cells and two workers make moments enough

TestKills = {}

local function lines(path)
  local file = io.open(path)
  if not file then return 0 end
  local _, n = file:read("a"):gsub("\n", "")
  file:close()
  return n
end

-- Runs the sweep, sends SIGKILL to what `victim` (a shell word) names after `seconds`, goes on, and compares.
local function disturbed(out, seconds, victim)
  local log = ("%s/%s.log"):format(toy.dir, out)
  local environment = ("TOY_WORK=%g TOY_LOG=%s"):format(WORK, log)
  toy.sh("%s %s %s --quiet --workers 2 --out %s/%s & p=$!; sleep %.3f; kill -9 %s 2>/dev/null; wait $p", environment,
    toy.program, toy.script, toy.dir, out, seconds, victim)
  local before, kept = toy.held(out .. "/toy.db")
  local status, said = toy.sweep(out, "--workers 2", environment)
  lu.assertEquals(status, 0, said)
  lu.assertTrue(toy.held(out .. "/toy.db") == toy.whole(), ("killed after %.3f s"):format(seconds))
  lu.assertTrue(toy.read(("%s/%s/toy.csv"):format(toy.dir, out)) == toy.read(toy.dir .. "/whole/toy.csv"))
  if before then
    for line in before:gmatch "[^\n]+" do lu.assertStrContains(toy.whole(), line) end
  end
  -- Computed twice: at most what two workers had under way, and the eight each that a parent may not have written yet.
  local computed = lines(log)
  lu.assertTrue(computed <= 60 + 2 * 9, ("%d cells were computed for 60; %s were kept"):format(computed, kept))
  return before and kept or 0
end

-- Moments over the whole life of the sweep, from before its store exists to after its last cell.
function TestKills.testKilledAtAnyMoment()
  toy.whole()
  local start = native.posix.now()
  lu.assertEquals(toy.sweep("k", "--workers 2", "TOY_WORK=" .. WORK), 0)
  local span, midway = native.posix.now() - start, 0
  math.randomseed(20261124)
  for i = 1, KILLS do
    local kept = disturbed("k" .. i, span * math.random(), i % 2 == 0 and "$p" or "$(pgrep -P $p | head -1)")
    if kept > 0 and kept < 60 then midway = midway + 1 end
  end
  lu.assertTrue(midway > 0, "no kill fell into the sweep")
end

function TestKills.testCellsThatDieAreOneFailedCellEach()
  -- A sanitizer would turn the signals into an exit of its own.
  local signals = toy.sanitized and 'ASAN_OPTIONS="$ASAN_OPTIONS:handle_segv=0:handle_abort=0"' or ""
  for bad, message in pairs { error = "toy.lua:9: no luck", crash = "Killed", table = "t is a table", slow = "--cell-time",
    segv = "Segmentation fault", abort = "Aborted", exit = "ended: exit 0" } do
    local status, said = toy.sweep(bad, ("--workers 2 --set bad=%s --reps 1 --cell-time %s"):format(bad, bad == "slow"
      and "2" or "600"), signals)
    lu.assertEquals(status, 1, said)
    local _, listed = toy.sh("%s store failed %s/%s/toy.db", toy.program, toy.dir, bad)
    lu.assertStrContains(listed, message)
    lu.assertStrContains(listed, "n=4")
    if bad == "error" then lu.assertStrContains(listed, "in upvalue 'measure'\n") end -- the traceback
    lu.assertEquals(select(2, toy.held(bad .. "/toy.db")), 18)
  end
end

-- A worker's own limit: the cell that asks for 4 GiB fails, with the reason, and the worker goes on.
function TestKills.testCellMemory()
  toy.skip_if(toy.sanitized, "a cell's memory limit: the sanitizers reserve terabytes")
  local status, said = toy.sweep("memory", "--workers 2 --set bad=greedy --reps 1 --cell-memory 500M")
  lu.assertEquals(status, 1, said)
  local _, listed = toy.sh("%s store failed %s/memory/toy.db", toy.program, toy.dir)
  lu.assertStrContains(listed, "memory")
  lu.assertEquals(select(2, toy.held "memory/toy.db"), 18)
end

-- The kernel's out-of-memory killer, triggered by a memory cgroup if the system permits one.
function TestKills.testKilledForMemory()
  local status, said = toy.sh([[
    if [ -f /sys/fs/cgroup/cgroup.controllers ]; then g=/sys/fs/cgroup/limn-$$ limit=memory.max
    else g=/sys/fs/cgroup/memory/limn-$$ limit=memory.limit_in_bytes; fi
    mkdir $g 2>/dev/null && echo 400M >$g/$limit || { rmdir $g 2>/dev/null; exit 77; }
    sh -c 'echo $$ >'$g'/cgroup.procs && exec %s %s --quiet --workers 2 --set bad=greedy --reps 1 --out %s/oom'
    code=$?; sleep 0.1; rmdir $g; exit $code]], toy.program, toy.script, toy.dir)
  toy.skip_if(toy.sanitized, "the out-of-memory killer: the sanitizers reserve terabytes")
  toy.skip_if(status == 77, "the out-of-memory killer: no memory cgroup can be made here (needs root)")
  lu.assertEquals(status, 1, said)
  local _, listed = toy.sh("%s store failed %s/oom/toy.db", toy.program, toy.dir)
  lu.assertStrContains(listed, "Killed (was the memory used up?)")
  lu.assertEquals(select(2, toy.held "oom/toy.db"), 18)
end

function TestKills.testInterruptKeepsWhatFinishes()
  local status, said = toy.sh([[cd %s
    TOY_LOG=begun TOY_WORK=0.1 %s toy.lua --workers 2 --out i & p=$!
    until [ -s begun ]; do sleep 0.05; done; sleep 0.3; kill -INT $p; wait $p]], toy.dir, toy.program)
  lu.assertEquals(status, 130, said)
  local kept = tonumber(said:match "interrupted after (%d+) of 60 cells; the same command goes on")
  lu.assertNotNil(kept, said)
  lu.assertEquals(select(2, toy.held "i/toy.db"), kept)
  lu.assertEquals(toy.sweep "i", 0)
  lu.assertTrue(toy.held "i/toy.db" == toy.whole())
end

-- The first Ctrl-C gives running cells a second; the second one does not.
function TestKills.testSecondInterruptEndsAtOnce()
  local status, said
  for _ = 1, 5 do -- a loaded machine may need more than one try to see it
    status, said = toy.sh([[cd %s; rm -rf ii
      TOY_WORK=30 %s toy.lua --workers 2 --out ii & p=$!
      until [ -s ii/toy.db ]; do sleep 0.05; done; sleep 0.3
      kill -INT $p; sleep 0.1; kill -INT $p; sleep 0.4; kill -0 $p 2>/dev/null && echo alive; wait $p]], toy.dir, toy.program)
    lu.assertEquals(status, 130, said)
    if not said:find("alive", 1, true) then break end
  end
  lu.assertNotStrContains(said, "alive")
  lu.assertStrContains(said, "interrupted after 0 of 60 cells")
end

toy.finish(lu.LuaUnit.run())
