-- slow: 9 s
-- luacheck: allow defined top
-- sweep_spec.lua: the assignment of cells to workers: the shared board, Ctrl-C, workers that exit early, and the order
-- by cost.

local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")
local native = require "limn.native"

TestSweeps = {}

local function declare(t)
  local e = limn.experiment(t) -- in a function: declared, not run
  return e
end

-- Each place is one worker's; what is released is the next that anybody gets.
function TestSweeps.testBoard()
  local board = native.board.new(5, 2)
  lu.assertNil(board:held(1))
  lu.assertEquals({ board:take(1), board:take(2), board:take(1) }, { 1, 2, 3 })
  local place, since = board:held(1)
  lu.assertEquals(place, 3)
  lu.assertTrue(since > 0 and since <= native.posix.now())
  board:rest(1)
  lu.assertEquals({ board:held(1) }, { 3 })
  board:release(2)
  lu.assertNil(board:held(2)) -- no worker holds it
  lu.assertEquals({ board:take(1), board:take(1), board:take(2) }, { 2, 4, 5 })
  lu.assertFalse(board:left())
  lu.assertNil(board:take(1))
  board:release(1)
  board:release(4)
  lu.assertTrue(board:left())
  lu.assertEquals({ board:take(2), board:take(2) }, { 1, 4 })
  board:clear(2)
  lu.assertNil(board:held(2))
  board:release(5)
  board:stop()
  lu.assertNil(board:take(1))
  for what, f in pairs { ["no worker 3 of 2"] = function() board:take(3) end,
    ["no cell 6 of 5"] = function() board:release(6) end,
    ["cells must be a whole number in 1 .."] = function() native.board.new(0, 1) end,
    ["workers must be a whole number in 1 .. 65534, got 70000"] = function() native.board.new(1, 70000) end } do
    lu.assertErrorMsgContains(what, f)
  end
  board:close()
  lu.assertErrorMsgContains("closed", board.left, board)
end

-- Processes that take as fast as they can: every place is taken, and none twice, also when some are given back.
function TestSweeps.testBoardOfManyProcesses()
  local n, workers = 20000, 4
  local board, ends = native.board.new(n, workers), {}
  for w = 1, workers do
    local mine, theirs = native.posix.channel()
    if native.posix.fork() == 0 then
      local got, back = {}, {}
      while true do
        local place = board:take(w)
        if not place then break end
        if place % 97 == 0 and not back[place] then
          back[place] = true
          board:release(place)
        else got[#got + 1] = place end
      end
      native.posix.put(theirs, table.concat(got, " "))
      native.posix.quit(0)
    end
    native.posix.close(theirs)
    ends[w] = mine
  end
  local seen, count = {}, 0
  for _, fd in ipairs(ends) do
    for place in native.posix.get(fd):gmatch "%d+" do
      lu.assertNil(seen[place])
      seen[place], count = true, count + 1
    end
    native.posix.close(fd)
  end
  lu.assertEquals(count, n)
end

-- Ctrl-C during short cells: the sweep ends when the running cells are finished, before the grace period of a second
-- ends. Every computed cell is stored, because the parent handles the signal only while it waits.
function TestSweeps.testInterruptAmongBriefCells()
  local fastest, tries = math.huge, 0
  repeat -- a loaded machine needs more tries to see one that is quick
    tries = tries + 1
    local i = tries
    local log = ("%s/brief%d.log"):format(toy.dir, i)
    local status, said = toy.sh("TOY_WORK=0.001 TOY_LOG=%s %s %s --quiet --workers 2 --reps 300 --out %s/b%d & p=$!; "
      .. "until [ -s %s ]; do sleep 0.02; done; sleep 0.%d; "
      .. "kill -INT $p; date +%%s.%%N; wait $p; code=$?; date +%%s.%%N; exit $code", log, toy.program, toy.script, toy.dir, i,
      log, 2 + i % 5)
    lu.assertEquals(status, 130, said)
    local from, to = said:match "([%d.]+)\n.-([%d.]+)\n"
    if not tonumber(to) then from, to = said:match "^([%d.]+)\n", said:match "\n([%d.]+)\n" end
    fastest = math.min(fastest, tonumber(to) - tonumber(from))
    local _, computed = toy.read(log):gsub("\n", "")
    lu.assertEquals(select(2, toy.held(("b%d/toy.db"):format(i))), computed)
  until tries >= 4 and fastest < 0.9 or tries == 20
  lu.assertTrue(fastest < 0.9, fastest .. " s") -- the moment is a second
end

-- A worker that is killed by the time limit has just begun another cell: that cell must not be recorded as failed.
function TestSweeps.testOnlyTheSlowCellFails()
  local slow = declare { name = "slow", params = { n = 1 }, grid = { n = "1:40" }, measure = function(p)
    local stop = native.posix.now() + (p.n % 8 == 0 and 20 or 0.01)
    while native.posix.now() < stop do end
    return { v = p.n }
  end }
  local r, failed = slow:run { workers = 4, cell_time = 1.5 }
  lu.assertEquals({ #r, failed }, { 35, 5 })
end

-- Expensive cells run first; an invalid cost is an error that names the cell.
function TestSweeps.testCosts()
  local log = toy.dir .. "/order.log"
  local function run(cost)
    os.remove(log)
    return declare { name = "dear", params = { n = 1 }, grid = { n = "1:9" }, cost = cost, measure = function(p)
      local file = assert(io.open(log, "a"))
      file:write(p.n, " ")
      file:close()
      return { v = p.n }
    end }:run { workers = 1 }
  end
  run(function(p) return p.n % 3 end)
  lu.assertEquals(toy.read(log), "2 5 8 1 4 7 3 6 9 ")
  run()
  lu.assertEquals(toy.read(log), "1 2 3 4 5 6 7 8 9 ")
  for said, v in pairs { ["a string"] = "dear", nan = 0 / 0, ["-1"] = -1, inf = math.huge } do
    local r, failed, why = run(function() return v end)
    lu.assertEquals({ r, failed }, { nil, 0 })
    lu.assertStrContains(why, "cost: expected a finite number >= 0 for n=1")
    lu.assertStrContains(why, said == "a string" and '"dear"' or said)
  end
end

toy.finish(lu.LuaUnit.run())
