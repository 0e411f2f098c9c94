-- inputs_spec.lua: the files that cells read: one that changes while a cell runs, between two starts of a cell, or that is
-- away for a time; and which functions of Lua's make a file an input.
-- slow: 8 s

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")

TestInputs = {}

local folder = toy.dir .. "/inputs"

-- A folder with the script that measures by this text, and with x.csv.
local function fresh(measure, grid)
  toy.sh("rm -rf %s; mkdir %s", folder, folder)
  toy.write("inputs/x.csv", "a,b\n1,2\n")
  toy.write("inputs/i.lua", ([[
    local limn, posix = require "limn", require("limn.native").posix
    local open = io.open
    opened = io.open
    local tools = setmetatable({ deep = { io.open } }, { __index = { lines = io.lines } })
    return limn.experiment { name = "i", question = "q", params = { set = "x", k = 1 }, grid = { k = "%s" },
      measure = function(point, rng, cell)
        local path = point.set .. ".csv"
        %s
      end }]]):format(grid or "1:2", measure))
end

-- Runs the script; before: a shell line. Returns the exit code, what was printed, and the table.
local function run(options, before)
  local status, said = toy.sh("cd %s; %s %s i.lua --no-check --workers 2 %s 2>&1 </dev/null", folder, before or "", toy.program,
    options or "")
  return status, said, toy.read(folder .. "/out/i.csv")
end

local function has(text, part) lu.assertTrue(text:find(part, 1, true) ~= nil, part .. "\nis not in\n" .. text) end
local function lacks(text, part) lu.assertTrue(text:find(part, 1, true) == nil, part .. "\nis in\n" .. text) end

local EDIT = "(until [ -e started ]; do sleep 0.02; done; printf 'a,b\\n3,2\\n' > x.csv; touch go) & "

function TestInputs.testEditedWhileCellsRun()
  fresh [[
    local v = limn.results.load(path):column("a"):sum()
    local file = io.open("started", "w")
    file:close()
    while not posix.stamp "go" do posix.ready({}, 0.01) end
    return { v = v }]]
  local status, said, csv = run("", EDIT)
  lu.assertEquals(status, 0)
  has(csv, "1,x,1,1\n")
  has(said, "i: x.csv changed while the sweep ran; ")
  has(said, "stale; the same command computes ")
  status, said, csv = run()
  lu.assertEquals(status, 0)
  has(said, "stale (changed: x.csv)")
  lacks(said, "while the sweep ran")
  has(csv, "1,x,1,3\n2,x,1,3\n")
  has(select(2, run()), "2 of 2 cells are in out/i.db\n")
end

-- Also a sweep that no store keeps reports it.
function TestInputs.testEditedWithoutAStore()
  for workers = 0, 1 do
    fresh [[
      local v = limn.results.load(path):column("a"):sum()
      require("limn.native").files.put(path, "a,b\\n3,2\\n") -- not as a function of the cell's
      return { v = v }]]
    toy.write("inputs/run.lua", ('arg = nil; dofile("i.lua"):run { workers = %d, check = false }'):format(workers))
    local _, said = toy.sh("cd %s; %s run.lua 2>&1", folder, toy.program)
    has(said, "i: x.csv changed while the sweep ran; 1 cell that read it before is stale\n")
  end
end

-- Two reads of one cell that give two contents: its values belong to neither, though the first content comes back before the
-- cell ends.
function TestInputs.testEditedBetweenTwoReads()
  fresh([[
    local v = limn.results.load(path):column("a"):sum()
    local file = io.open("started", "w")
    file:close()
    while not posix.stamp "go" do posix.ready({}, 0.01) end
    v = v + limn.results.load(path):column("a"):sum()
    require("limn.native").files.put(path, "a,b\n1,2\n")
    return { v = v }]], "1")
  has(select(3, run("", EDIT)), "1,x,1,4\n")
  local _, said, csv = run()
  has(said, "1 are stale (changed: x.csv)")
  has(csv, "1,x,1,2\n")
end

function TestInputs.testACheckpointEndsWithItsInputs()
  fresh([[
    local state = { i = 0, sum = 0 }
    cell:checkpoint { state = state }
    while state.i < 20 do
      state.sum, state.i = state.sum + limn.results.load(path):column("a"):sum(), state.i + 1
      posix.ready({}, posix.stamp "quick" and 0 or 0.1)
      cell:checkpoint { state = state, every = 0 }
    end
    return { v = state.sum }]], "1")
  lu.assertEquals(run "--time-limit 1 --grace 0.5", 75)
  toy.sh("cd %s && touch quick && printf 'a,b\\n3,2\\n' > x.csv", folder)
  local status, _, csv = run()
  lu.assertEquals(status, 0)
  has(csv, "1,x,1,60\n")
end

-- A checkpoint of the same files is resumed; what the cell has read before it belongs to its inputs.
function TestInputs.testACheckpointGoesOn()
  fresh([[
    local state = { i = 0, starts = 0 }
    cell:checkpoint { state = state }
    state.starts = state.starts + 1
    state.step = state.step or limn.results.load(path):column("a"):sum()
    while state.i < 20 do
      state.i = state.i + state.step
      posix.ready({}, posix.stamp "quick" and 0 or 0.1)
      cell:checkpoint { state = state, every = 0 }
    end
    return { v = state.starts }]], "1")
  lu.assertEquals(run "--time-limit 1 --grace 0.5", 75)
  toy.sh("touch %s/quick", folder)
  has(select(3, run()), "1,x,1,2\n")
  toy.write("inputs/x.csv", "a,b\n2,2\n")
  has(select(2, run "--plot-only"), "1 are stale (changed: x.csv)")
end

function TestInputs.testAFileThatIsAwayForATime()
  fresh 'return { v = assert(limn.results.load(path)):column("a"):sum() }'
  lu.assertEquals(run(), 0)
  toy.sh("cd %s && mv x.csv away", folder)
  lu.assertEquals(run(), 1)
  lu.assertEquals(run(), 1)
  toy.sh("cd %s && mv away x.csv", folder)
  local status, said, csv = run()
  lu.assertEquals(status, 0)
  has(said, "2 of 2 cells are in out/i.db\n") -- the values of before
  has(csv, "1,x,1,1\n2,x,1,1\n")

  toy.sh("cd %s && rm -r out && mv x.csv away", folder) -- now without values of before
  lu.assertEquals(run(), 1)
  has(select(2, run()), "2 cells failed before and are not begun again")
  toy.sh("cd %s && mv away x.csv", folder)
  status, said, csv = run()
  lu.assertEquals(status, 0)
  lacks(said, "failed before")
  has(csv, "1,x,1,1\n2,x,1,1\n")
end

function TestInputs.testWhatLuaItselfReads()
  fresh([[
    local first
    if point.k == 1 then
      local file = io.open(path)
      first = file:read "l"
      file:close()
    elseif point.k == 2 then
      for line in io.lines(path) do first = first or line end
    elseif point.k == 3 then
      io.input(path)
      first = io.read "l"
      io.close(io.input())
      io.input(io.stdin)
    elseif point.k == 4 then
      local file = open(path)
      first = file:read "l"
      file:close()
    elseif point.k == 5 then
      local file = tools.deep[1](path)
      first = file:read "l"
      file:close()
    elseif point.k == 6 then
      for line in tools.lines(path) do first = first or line end
    elseif point.k == 7 then
      local file = opened(path)
      first = file:read "l"
      file:close()
    end
    return { v = #first }]], "1:7")
  lu.assertEquals(run "--workers 0", 0)
  toy.write("inputs/x.csv", "aaaa,b\n1,2\n")
  local _, said = run "--plot-only"
  has(said, "7 are stale (changed: x.csv)")
  has(select(3, run()), "1,x,1,6\n2,x,1,6\n3,x,1,6\n4,x,1,6\n5,x,1,6\n6,x,1,6\n7,x,1,6\n")
end

-- Files that a cell makes are none of its inputs, whoever removes or writes them later.
function TestInputs.testWhatACellMakesItself()
  fresh [[
    local own, theirs, sum = os.tmpname(), "theirs" .. point.k, 0
    for i = 1, 2 do
      local file = io.open(own, "w")
      file:write(i)
      file:close()
      sum = sum + io.open(own):read "n"
      if point.k == 2 then -- the other starts no program
        os.execute(("cp %s %s"):format(own, theirs))
        sum = sum + io.open(theirs):read "n"
        os.remove(theirs)
      end
    end
    os.remove(own)
    local log = io.open("log", "a")
    log:write(point.k, "\n")
    log:close()
    return { v = sum }]]
  local status, said = run()
  lu.assertEquals(status, 0)
  lacks(said, "while the sweep ran")
  toy.sh("cd %s && echo > log", folder)
  has(select(2, run()), "2 of 2 cells are in out/i.db\n")
end

-- A store whose cells have read several contents of a file shows which, cell by cell.
function TestInputs.testTheColumnInput()
  fresh('return { v = point.k < 3 and limn.results.load(path):column("a"):sum() or 0 }', "1:3")
  lu.assertEquals(run "--grid k=1,3", 0)
  local _, exported = toy.sh("cd %s; %s store export out/i.db --csv 2>&1", folder, toy.program)
  has(exported, "k,set,rep,v\n1,x,1,1\n")
  toy.write("inputs/x.csv", "a,b\n3,2\n")
  lu.assertEquals(run "--grid k=2", 0)
  _, exported = toy.sh("cd %s; %s store export out/i.db --csv 2>&1", folder, toy.program)
  has(exported, ' of x.csv with the hash 16d51c327d7d, and others of it with another content; the column "input" has the hashes\n')
  has(exported, "k,set,rep,input,v\n1,x,1,x.csv 16d51c327d7d,1\n2,x,1,x.csv 63905e12175d,3\n3,x,1,\"\",0\n")
  toy.sh("cd %s; %s store merge both.db out/i.db", folder, toy.program)
  local _, merged = toy.sh("cd %s; %s store export both.db --csv 2>&1", folder, toy.program)
  has(merged, "k,set,rep,input,v\n1,x,1,x.csv 16d51c327d7d,1\n2,x,1,x.csv 63905e12175d,3\n3,x,1,\"\",0\n")
end

-- limn store failed: the failures that are stale, and those of cells that keep their values of before.
function TestInputs.testStaleFailuresAreListed()
  fresh [[
    local v = limn.results.load(path):column("a"):sum()
    if v == (point.k == 1 and 1 or 3) then error "no luck" end
    return { v = v }]]
  local function failed()
    local _, said = toy.sh("cd %s; %s store failed out/i.db", folder, toy.program)
    return said
  end
  lu.assertEquals(run(), 1)
  lacks(failed(), "stale")
  toy.write("inputs/x.csv", "a,b\n3,2\n")
  has(failed(), "k=1, set=x, rep=1, seed=1 (stale)\n")
  has(failed(), "1 of 1 failed cells is stale (changed: x.csv): the sweep's command begins it again\n")
  lu.assertEquals(run(), 1) -- now 1 has values and 2 has failed, but keeps those of before
  lacks(failed(), "(stale)")
  has(failed(), "1 more cell failed when computed again, and the store keeps the stale values of before; limn store rerun "
    .. "out/i.db NAME=VALUE... shows why:\n  k=2, set=x, rep=1, seed=1\n")
end

-- After the sweep Lua's functions are its own again.
function TestInputs.testLuasFunctionsComeBack()
  local limn = require "limn"
  local open, execute, seen = io.open, os.execute, nil
  limn.experiment { name = "b", question = "q", params = { n = 1 }, grid = { n = { 1 } },
    measure = function() seen = io.open; error "no" end }:run { workers = 0, check = false }
  lu.assertFalse(rawequal(seen, open))
  lu.assertTrue(rawequal(io.open, open) and rawequal(os.execute, execute))
end

toy.finish(lu.LuaUnit.run())
