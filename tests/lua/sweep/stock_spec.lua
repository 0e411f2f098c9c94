-- stock_spec.lua: sweeps in Debian's lua5.4, which has limn as a module and a handler of its own for Ctrl-C.
-- slow: 5 s

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")

TestStock = {}

local function stock(out, options, environment)
  return toy.sh("cd %s && LUA_CPATH='%s/?.so;;' %s lua5.4 toy.lua --out %s %s", toy.dir, toy.build, environment or "", out, options)
end

function TestStock:setUp()
  toy.skip_if(toy.sh "command -v lua5.4 >/dev/null" ~= 0, "lua5.4 is not installed")
  toy.skip_if(toy.sanitized, "lua5.4 lacks the run-time library of the sanitizer")
end

function TestStock:testSameCellsAsInTheProgram()
  for _, workers in ipairs { "0", "2" } do
    local status, said = stock("stock" .. workers, "--quiet --workers " .. workers)
    lu.assertEquals(status, 0, said)
    lu.assertEquals((toy.held(("stock%s/toy.db"):format(workers))), toy.whole())
  end
  local status, said = toy.sweep "whole" -- a cell is current whichever of the two has computed it
  lu.assertEquals(status, 0, said)
  status, said = stock("whole", "--plot-only --workers 2")
  lu.assertEquals(status, 0, said)
  lu.assertStrContains(said, "toy: 60 of 60 cells are in whole/toy.db\n")
end

-- The handler of lua5.4 raises a text; the sweep ends all the same with its cells kept.
function TestStock:testInterrupt()
  for _, workers in ipairs { "0", "2" } do
    local out = "cut" .. workers
    local status, said = stock(out, "--workers " .. workers, "TOY_WORK=0.3 timeout --foreground -s INT 4")
    lu.assertStrContains(said, "toy: interrupted after ")
    lu.assertStrContains(said, " of 60 cells; the same command goes on (" .. out .. "/toy.db)")
    lu.assertNil(said:find("failed", 1, true), said)
    lu.assertEquals(status, 124, said) -- of timeout
    local _, n = toy.held(out .. "/toy.db")
    lu.assertTrue(0 < n and n < 60, n)
    status, said = stock(out, "--quiet --workers " .. workers)
    lu.assertEquals(status, 0, said)
    lu.assertEquals((toy.held(out .. "/toy.db")), toy.whole())
  end
end

-- A script catches the interrupt once and goes on.
function TestStock:testCaughtOnce()
  toy.write("caught.lua", [[
    local limn = require "limn"
    local posix = require("limn.native").posix
    local e = limn.experiment { name = "c", run = false, params = { n = 1 }, grid = { n = "1:20" },
      measure = function(p)
        if p.n == 4 then io.stderr:write "begun\n" end
        local stop = posix.now() + (arg[2] and 0 or 5)
        while p.n > 3 and posix.now() < stop do end
        return { v = p.n }
      end }
    local ok, why = pcall(e.run, e, { workers = tonumber(arg[1]) })
    print(ok, tostring(why):match "[^ ]*$", #why.results < 20)
    arg[2] = "quick"
    print(#e:run { workers = 2 })]])
  for workers = 0, 2, 2 do
    local _, said = toy.sh([[cd %s && LUA_CPATH='%s/?.so;;' exec lua5.4 caught.lua %d 2>err_%d & p=$!
      until grep -qs begun %s/err_%d; do sleep 0.05; done; kill -INT $p; wait $p]], toy.dir, toy.build, workers, workers, toy.dir, workers)
    lu.assertEquals(said, "false\tinterrupted!\ttrue\n20\n")
  end
end

-- A native loop ends too, and the interrupt is raised once: alone, in a cell of this process and in one of a worker.
function TestStock:testNativeLoop()
  toy.write("native.lua", [[
    local limn = require "limn"
    local posix = require("limn.native").posix
    local X, y = limn.data.random { points = 64, dim = 8 }
    local function train(steps)
      return limn.mlp.new { sizes = { 8, 64, 1 } }:train(X, y, { rate = 1e-5, steps = steps, tol = 0 })
    end
    local function long()
      io.stderr:write "begun\n"
      return train(1 << 40)
    end
    local e = limn.experiment { name = "n", run = false, params = { n = 1 }, grid = { n = "1:2" },
      measure = function(p) return p.n == 1 and { v = 1 } or long() end }
    local workers = tonumber(arg[1])
    local since = posix.now()
    local ok, why = pcall(workers and function() return e:run { workers = workers } end or long)
    print(ok, tostring(why):match "[^ ]*$", posix.now() - since < 30)
    for i = 1, 1000 do math.sin(i) end
    print(train(10).steps)]])
  for _, how in ipairs { "alone", "0", "1" } do
    local _, said = toy.sh([[cd %s && LUA_CPATH='%s/?.so;;' timeout -s KILL 100 lua5.4 native.lua %s 2>err_%s & p=$!
      until grep -qs begun %s/err_%s; do sleep 0.05; done; sleep 0.3; kill -INT $(pgrep -P $p | head -1); wait $p]],
      toy.dir, toy.build, how, how, toy.dir, how)
    lu.assertEquals(said, "false\tinterrupted!\ttrue\n10\n", how)
  end
end

toy.finish(lu.LuaUnit.run())
