-- slow: 6 s
-- luacheck: allow defined top
-- interrupt_spec.lua: one Ctrl-C ends a script that sweeps, with the finished cells kept; and what ends a sweep, its
-- parent or one of its cells ends the programs that cells have started.

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")

TestInterrupts = {}

-- Three sweeps in a row, as a user's script has them; cell 3 takes long.
local several = toy.write("several.lua", [[
local limn = require "limn"
local posix = require("limn.native").posix
for i = 1, 3 do
  local e = limn.experiment { name = "s" .. i, run = false, params = { n = 1 }, grid = { n = "1:4" }, measure = function(p)
    if p.n == 3 then
      io.open("begun", "w"):close()
      local stop = posix.now() + 60
      while posix.now() < stop do end
    end
    return { m = p.n }
  end }
  local call = function() return e:run { workers = tonumber(arg[1]), store = "s" .. arg[1] .. ".db", interrupt = arg[2] } end
  if arg[3] then
    local ok, why = pcall(call)
    print("caught", ok, #why.results)
    return
  end
  local r, failed, stopped = call()
  print("table", i, #r, failed, stopped)
  os.exit(arg[2] == "return" and 5 or true)
end]])

local function interrupted(arguments, delay)
  return toy.sh([[cd %s; rm -f begun *.db; %s %s %s & p=$!
    n=0; while [ ! -e begun ] && [ $n -lt 2000 ]; do sleep 0.01; n=$((n+1)); done; sleep %g; kill -INT $p; wait $p]],
    toy.dir, toy.program, several, arguments, delay or 0.3)
end

function TestInterrupts.testOneCtrlCEndsTheScript()
  for _, workers in ipairs { 0, 1 } do
    local status, said = interrupted(tostring(workers))
    lu.assertEquals(status, 130, said)
    lu.assertEquals(said:match "several%.lua:%d+: interrupted!\n" ~= nil, true, said)
    lu.assertNil(said:find("table", 1, true))
    local store = require("limn.experiment.store").open(("%s/s%d.db"):format(toy.dir, workers))
    lu.assertEquals(#store:cells(), 2)
    store:close()
  end
end

-- Also cells that finished while their sweep's run was still being entered in the store.
function TestInterrupts.testFinishedCellsAreKeptHoweverEarlyItComes()
  for _ = 1, 8 do
    local status, said = interrupted("1 return", 0)
    lu.assertEquals({ status, said }, { 5, "table\t1\t2\t0\tinterrupted\n" })
  end
end

function TestInterrupts.testScriptsMayCatchItOrAskForTheTable()
  local status, said = interrupted "1 raise catch"
  lu.assertEquals({ status, said }, { 0, "caught\tfalse\t2\n" })
  status, said = interrupted "1 return"
  lu.assertEquals({ status, said }, { 5, "table\t1\t2\t0\tinterrupted\n" })
end

-- ---- programs that cells start -----------------------------------------------------------------------------------------

-- A program has written everything else when its line is in `begun`: from then on it may be ended.
local outside = toy.write("outside.lua", [[
local limn = require "limn"
local native = require "limn.native"
return limn.experiment { name = "o", question = "q", params = { n = 1, way = "system" }, grid = { n = "1:2" },
  measure = function(p)
    local command = ("grep SigIgn /proc/self/status > ignored; echo $$ >> begun; exec sleep %s"):format(os.getenv "NAP")
    if p.way == "system" then os.execute(command)
    elseif p.way == "pipe" then io.popen(command):read "a"
    else native.process.run({ "sh", "-c", command }, {}, 1000) end
    return { m = p.n }
  end }]])

-- Ends the sweep by a signal (or by an option) and counts the programs that are left.
local function left(way, signal, options, workers)
  local nap = ("7%06d"):format(math.random(0, 999999))
  local status, said = toy.sh([[cd %s; rm -rf begun o; NAP=%s %s %s --quiet --workers %s --out o --way %s %s >said 2>&1 & p=$!
    n=0; until [ -e begun ] && [ $(wc -l <begun) -ge %d ] || [ $n -ge 2000 ]; do sleep 0.02; n=$((n+1)); done
    %s; wait $p 2>/dev/null; echo "code $?"; n=0
    while kill -0 $(sed -n 1p begun) 2>/dev/null || kill -0 $(sed -n '$p' begun) 2>/dev/null
    do sleep 0.05; n=$((n+1)); [ $n -gt 100 ] && { echo alive; kill -9 $(cat begun); break; }; done
    cat ignored]], toy.dir, nap, toy.program, outside, workers or "2", way, options or "",
    workers and 1 or 2, signal and "kill -" .. signal .. " $p" or ":")
  return status, said
end

function TestInterrupts.testProgramsEndWithTheSweep()
  for _, way in ipairs { "system", "pipe", "run" } do
    for signal, code in pairs { INT = 130, TERM = 143, HUP = 129, KILL = 137 } do
      local _, said = left(way, signal)
      lu.assertEquals(said:match "code (%d+)", tostring(code), said)
      lu.assertNil(said:find("alive", 1, true), way .. " after " .. signal)
    end
    local _, said = left(way, nil, "--cell-time 1")
    lu.assertEquals(said:match "code (%d+)", "1", said)
    lu.assertNil(said:find("alive", 1, true), way .. " after its time")
  end
end

-- Also those of a sweep in the program's own process, whose session is that of its terminal.
function TestInterrupts.testProgramsEndWithASweepWithoutWorkers()
  for _, way in ipairs { "system", "pipe", "run" } do
    for signal, code in pairs { TERM = 143, KILL = 137 } do
      local _, said = left(way, signal, nil, "0")
      lu.assertEquals(said:match "code (%d+)", tostring(code), said)
      lu.assertNil(said:find("alive", 1, true), way .. " after " .. signal)
    end
  end
end

-- What a worker ignores, its programs would ignore: the signal 2 must have its usual effect in them.
function TestInterrupts.testProgramsInheritNoIgnoredSignal()
  local _, said = left("pipe", "INT")
  local mask = tonumber(said:match "SigIgn:%s*(%x+)", 16)
  lu.assertEquals(mask & 1 << 1, 0, said)
end

toy.finish(lu.LuaUnit.run())
