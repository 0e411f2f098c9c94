-- requeue_spec.lua: a sweep that is started again and again comes to an end: cells that were not tried go first, failures
-- count as tried, no cell begins that cannot finish, and a long cell goes on from what it saved.
-- slow: 20 s

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")

TestRequeue = {}

local SCRIPT = [[
local limn = require "limn"
local posix = require("limn.native").posix
local function wait(seconds)
  local stop = posix.now() + seconds
  while posix.now() < stop do posix.ready({}, 0.01) end
end
local function note(text)
  local file = assert(io.open(os.getenv "LOG", "a"))
  file:write(text, "\n")
  file:close()
end
local work, steps = tonumber(os.getenv "WORK"), tonumber(os.getenv "STEPS" or 0)
return limn.experiment { name = "r", params = { n = 1, bad = 0 }, grid = { n = "1:20" },
  cost = os.getenv "COST" and function(p) return p.n == 20 and 10 or 1 end or nil,
  measure = function(p, rng, cell)
    note(p.n)
    if p.n <= p.bad then
      wait(work)
      error("bad luck")
    end
    if os.getenv "COST" and p.n == 20 then wait(10 * work) end
    if steps == 0 then
      wait(work)
      return { v = rng:uniform() }
    end
    local net = limn.mlp.new { sizes = { 2, 4, 1 } }
    local other, state = rng:fork(), { step = 0, trace = {}, sums = { a = { limn.zeros(2) } } }
    local taken = cell:checkpoint { rng = rng, other = other, net = net, state = state, every = 0 }
    if taken then note("taken " .. state.step) end
    while state.step < steps do
      local X, y = rng:normal(8, 2), other:normal(8)
      net:train(X, y, { steps = 4, batch = 4, optimizer = "adam", rate = 0.01 })
      state.step = state.step + 1
      state.trace[state.step] = math.random()
      state.sums.a[1] = state.sums.a[1] + X:sum()
      state.seed = limn.rng.stream():uniform()
      wait(work)
      cell:checkpoint { rng = rng, other = other, net = net, state = state, every = 0 }
    end
    local last = state.trace[#state.trace]
    return { out = net:forward(limn.ones(1, 2)):sum(), u = rng:uniform(), m = last, s = state.sums.a[1]:sum(), d = state.seed }
  end }
]]
local script = toy.write("r.lua", SCRIPT)

local function start(out, options, environment)
  return toy.sh("cd %s && LOG=%s.log WORK=0.2 %s timeout 100 %s %s --quiet --no-check --out %s %s", toy.dir, out, environment or "",
    toy.program, script, out, options)
end

local function log_of(out)
  local lines = {}
  for line in toy.read(("%s/%s.log"):format(toy.dir, out)):gmatch "[^\n]+" do lines[#lines + 1] = line end
  return lines
end

local function has(said, text) lu.assertTrue(said:find(text, 1, true) ~= nil, ("no %q in:\n%s"):format(text, said)) end

-- Ten failing and ten good cells, a limit of a few: each start tries what was not tried, and the last has nothing to do.
function TestRequeue.testFailingCellsDoNotStarveTheOthers()
  local codes, said = {}, nil
  for i = 1, 30 do
    codes[i], said = start("fails", "--bad 10 --workers 2 --time-limit 0.9 --keep-going")
    if codes[i] ~= 75 then break end
  end
  lu.assertEquals(codes[#codes], 1, said)
  lu.assertEquals(select(2, toy.held "fails/r.db"), 10)
  lu.assertEquals(#log_of "fails", 20) -- each once
  local status
  status, said = start("fails", "--bad 10 --workers 2")
  lu.assertEquals(status, 1)
  has(said, "10 cells failed before and are not begun again (--retry N")
  lu.assertEquals(#log_of "fails", 20)
  start("fails", "--bad 10 --workers 2 --retry 1 --keep-going")
  lu.assertEquals(#log_of "fails", 30)
  start("fails", "--bad 10 --workers 2 --retry 1")
  lu.assertEquals(#log_of "fails", 30)
end

-- Every cell is longer than the limit and the grace: it is not "try again", and the cell is named.
function TestRequeue.testACellThatIsTooLongIsNamed()
  local status, said = start("long", "--workers 2 --time-limit 0.5 --grace 0.5", "WORK=3")
  lu.assertEquals(status, 1, said)
  has(said, "r: stopped: no cell finishes within the time limit: bad=0, n=")
  lu.assertEquals(#log_of "long", 2)
  status, said = start("long", "--workers 2 --time-limit 0.5 --grace 0.5 --grid n=1:2", "WORK=3")
  lu.assertEquals(status, 1, said)
  has(said, "2 cells need more time than the limit")
  lu.assertEquals(#log_of "long", 2)
  status, said = start("long", "--workers 2 --grid n=1:2", "WORK=0.1") -- without a limit they run
  lu.assertEquals(status, 0, said)
end

-- A cell that costs ten times as much does not begin when it cannot end: the others come first. When it is alone it is tried
-- once, and named.
function TestRequeue.testNoCellBeginsThatCannotFinish()
  local cost = "COST=1 WORK=0.2"
  toy.write("values", "1\n2\n3\n4\n20\n")
  lu.assertEquals(start("fits", "--workers 1 --grid n=1:2", cost), 0)
  local limit = "--workers 1 --time-limit 1.5 --grace 0.3 --grid n=@values"
  local status, said = start("fits", limit, cost)
  lu.assertEquals(status, 75, said)
  lu.assertEquals(table.concat(log_of "fits", " "), "1 2 3 4")
  status, said = start("fits", limit, cost)
  lu.assertEquals(status, 1, said)
  has(said, "no cell finishes within the time limit: bad=0, n=20, rep=1 needs more than 1.")
  lu.assertEquals(table.concat(log_of "fits", " "), "1 2 3 4 20")
  status, said = start("fits", limit, cost)
  lu.assertEquals(status, 1, said)
  has(said, "1 cell needs more time than the limit")
  lu.assertEquals(table.concat(log_of "fits", " "), "1 2 3 4 20")
  status, said = start("fits", "--workers 1 --time-limit 10 --grace 5 --grid n=@values", cost)
  lu.assertEquals(status, 0, said)
end

-- A long cell in five parts: the bits of one that was not interrupted, by workers and in the process itself.
function TestRequeue.testACellGoesOnFromItsCheckpoint()
  local one = "--grid n=7 "
  lu.assertEquals(start("whole", one .. "--workers 0", "WORK=0 STEPS=12"), 0)
  local whole = toy.held "whole/r.db"
  for workers = 0, 1 do
    local out, status, said = "parts" .. workers, nil, nil
    for _ = 1, 12 do
      status, said = start(out, one .. ("--workers %d --time-limit 0.7 --grace 5"):format(workers), "WORK=0.2 STEPS=12")
      if status ~= 75 then break end
    end
    lu.assertEquals(status, 0, said)
    local log, taken = log_of(out), 0
    for _, line in ipairs(log) do if line:find "taken" then taken = taken + 1 end end
    lu.assertTrue(taken >= 2, table.concat(log, " "))
    lu.assertTrue(toy.held(out .. "/r.db") == whole, "workers " .. workers)
    local db = assert(require("limn.native").sqlite.open(("%s/%s/r.db"):format(toy.dir, out), "read"))
    lu.assertEquals(db:rows "SELECT count(*) FROM tried"[1][1], 0)
    db:close()
    status, said = toy.sh("cd %s && LOG=%s.log WORK=0 STEPS=12 %s store rerun %s/r.db --yes", toy.dir, out, toy.program, out)
    lu.assertEquals(status, 0, said)
    has(said, "equal to the bit")
  end
end

-- SIGUSR1 before the limit: what saves, saves and ends; the exit code asks for another start.
function TestRequeue.testASignalEndsASweep()
  local status, said = toy.sh([[cd %s; LOG=sig.log WORK=0.1 STEPS=600 %s %s --quiet --no-check --out sig --workers 2 --grace 20 & p=$!
    until grep -q . sig.log 2>/dev/null; do sleep 0.05; done; sleep 0.6; kill -USR1 $p; wait $p]], toy.dir, toy.program, script)
  lu.assertEquals(status, 75, said)
  has(said, "stopped by a signal after 0 of 20 cells")
  status, said = start("sig", "--workers 2 --time-limit 0.6 --grace 5", "WORK=0.1 STEPS=600")
  lu.assertEquals(status, 75, said)
  has(table.concat(log_of "sig", "\n"), "taken ")
  -- A cell that does not save ends with the grace.
  status, said = toy.sh([[cd %s; LOG=sig2.log WORK=60 %s %s --quiet --no-check --out sig2 --workers 2 --grace 0.5 & p=$!
    until grep -q . sig2.log 2>/dev/null; do sleep 0.05; done; sleep 0.3; kill -TERM $p; wait $p]], toy.dir, toy.program, script)
  lu.assertEquals(status, 75, said)
  has(said, "stopped by a signal after 0 of 20 cells")
end

-- Slurm may signal a minute early. A cell that is too long is begun three times, although each start was cut short, and then
-- named; a start that finishes or saves something counts anew.
function TestRequeue.testEarlySignalsDoNotRequeueForEver()
  local function cut()
    return toy.sh([[cd %s; old=$(grep -c . early.log); LOG=early.log WORK=60 %s %s --quiet --no-check --out early --workers 1 \
      --grid n=1:2 --time-limit 60 --grace 0.2 & p=$!; until [ $(grep -c . early.log) -gt $old ]; do sleep 0.05; done; sleep 0.3;
      kill -USR1 $p; wait $p]], toy.dir, toy.program, script)
  end
  toy.write("early.log", "")
  local codes, said = {}, nil
  for i = 1, 3 do codes[i], said = cut() end
  lu.assertEquals(codes, { 75, 75, 1 })
  has(said, "no cell finishes before a signal ends the start, 3 times in a row: bad=0, n=")
  lu.assertEquals(start("early", "--workers 1 --grid n=1", "WORK=0.01"), 0)
  codes[1], said = cut()
  lu.assertEquals(codes[1], 75, said)
end

function TestRequeue.testWhatCannotBeSavedIsRefused()
  local path = toy.write("refused.lua", [[return require("limn").experiment { name = "refused", params = { n = 1 },
    measure = function(p, rng, cell)
      local cases = { "x", {}, { state = print }, { state = { [1.5] = 1 } }, { state = { f = print } }, { rng = 3 } }
      local said = {}
      for i, case in ipairs(cases) do
        if type(case) == "table" and next(case) then case.every = 0 end
        local ok, e = pcall(cell.checkpoint, cell, case)
        said["e" .. i] = tostring(e)
        cell:checkpoint { rng = rng, every = 0 }
      end
      return said
    end }]])
  lu.assertEquals(toy.sh("cd %s && %s %s --quiet --workers 1 --out refused", toy.dir, toy.program, path), 0)
  local _, text = toy.sh("cd %s && %s store export refused/refused.db --json", toy.dir, toy.program)
  for _, part in ipairs { "expected a table of objects, got", "expected objects by name", "must be a random stream, a net or a plain table",
    "keys of a state must be texts or whole numbers, got 1.5", "f is a function" } do
    has(text, part)
  end
end

toy.finish(lu.LuaUnit.run())
