-- slow: 15 s
-- luacheck: allow defined top
-- partial_spec.lua: a sweep of 2000 cells, of which some fail, diverge or take long, is killed again and again; its figure is
-- made from what is there at every stage, and in the end it holds what an undisturbed sweep holds.
-- LIMN_TEST_KILLS=50 kills it as often as kill_spec.

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")

local KILLS = tonumber(os.getenv "LIMN_TEST_KILLS") or 5

TestPartial = {}

toy.write("rough.lua", [[
local limn = require "limn"
local posix = require("limn.native").posix
return limn.experiment { name = "rough", question = "q", params = { a = 1, b = 1 }, grid = { a = "1:40", b = "1:50" },
  measure = function(p, rng)
    if p.a * p.b % 37 == 0 or p.a % 19 == 0 and p.b % 7 == 0 then error("bad luck at " .. p.a) end
    local stop = posix.now() + (p.a * p.b % 41 == 0 and 0.05 or 0.0005 * os.getenv "ROUGH_WORK")
    while posix.now() < stop do end
    local log <close> = assert(io.open("measured", "a"))
    log:write("one\n")
    if p.a == 7 and p.b % 3 == 0 then return { m = 0 / 0, diverged = true } end
    if p.b == 50 and p.a % 5 == 0 then return { m = 2.0 ^ 1024, diverged = true } end
    return { m = rng:normal(100):std() * p.a, diverged = false }
  end,
  plot = function(results)
    local means = results:where(function(row) return not row.diverged end):group("a"):mean "m"
    return limn.plot.figure { x = "a", y = "m" }:line { x = means:column "a", y = means:column "m" }
  end }
]])

local function command(out, words)
  return ("cd %s && exec env ROUGH_WORK=%g %s rough.lua --out %s %s"):format(toy.dir, KILLS > 7 and KILLS / 2 or 1, toy.program, out, words)
end

local function exported(out)
  local status, text = toy.sh("%s store export %s/%s/rough.db --json", toy.program, toy.dir, out)
  lu.assertEquals(status, 0)
  return text
end

local function count(out, what)
  local _, said = toy.sh("%s store ls %s/%s/rough.db", toy.program, toy.dir, out)
  return tonumber(said:match("(%d+) " .. what))
end

function TestPartial.testKilledAgainAndAgain()
  toy.skip_if(not require("limn.native").process.run({ "gnuplot", "--version" }, {}, 60), "figures: gnuplot is not here")
  local status, said = toy.sh(command("whole", "--workers 2 --quiet"))
  lu.assertEquals(status, 1, said) -- cells have failed
  local whole, failed = exported "whole", count("whole", "failed")
  lu.assertTrue(failed > 20 and count("whole", "cells") == 2000 - failed, tostring(failed))
  toy.sh("rm %s/measured", toy.dir)
  math.randomseed(20261130)
  local drawn, midway, last, span = 0, 0, 0, math.max(1 / KILLS, 0.1) -- the cells take two workers 1.5 s at least
  for i = 1, KILLS do
    -- the sweep at a moment after its workers have started, every fourth time after one of its workers
    toy.sh("(%s) >/dev/null 2>&1 & p=$!; n=0; until w=$(pgrep -P $p) || [ $n -ge 1000 ]; do sleep 0.01; n=$((n+1)); done; "
      .. "sleep %.3f; %s; sleep %.3f; kill -9 $p; wait", command("k", "--workers 2 --quiet"), span * math.random(),
      i % 4 == 0 and "kill -9 ${w##*\n}" or ":", span * math.random())
    local there = count("k", "cells") or 0
    lu.assertTrue(there >= last, ("%d cells after %d"):format(there, last)) -- none that was there is lost
    if there > last and there < 2000 - failed then midway = midway + 1 end
    last = there
    toy.sh("cd %s/k && rm -f rough.pdf rough.png rough.svg", toy.dir)
    said = select(2, toy.sh(command("k", "--plot-only --partial")))
    if there > 0 then
      drawn = drawn + 1
      lu.assertNotNil(said:find "wrote k/rough.pdf", said)
      if there < 2000 - failed then
        lu.assertNotNil(said:find(("%d of 2000 cells are missing"):format(2000 - there), 1, true)
          or said:find(("%d of 2000 cells failed"):format(2000 - there), 1, true), said)
        lu.assertStrContains(toy.read(toy.dir .. "/k/rough.json"), ('"missing":%d'):format(2000 - there))
      end
    end
  end
  status, said = toy.sh(command("k", "--workers 2 --quiet"))
  lu.assertEquals(status, 1, said)
  lu.assertTrue(exported "k" == whole, "the table of the killed sweep is another one")
  lu.assertEquals(count("k", "failed"), failed)
  -- Computed twice: for each kill at most what two workers had under way, and the eight each that wait for their parent.
  local _, measured = toy.read(toy.dir .. "/measured"):gsub("one", "")
  lu.assertTrue(measured <= 2000 - failed + KILLS * 2 * 9, ("%d cells were computed for %d"):format(measured, 2000 - failed))
  lu.assertTrue(toy.read(toy.dir .. "/k/rough.csv") == toy.read(toy.dir .. "/whole/rough.csv"))
  lu.assertTrue(midway > 0, "no kill fell into the sweep")
  if os.getenv "LIMN_TEST_KILLS" then print(("%d kills, %d within the sweep, %d figures"):format(KILLS, midway, drawn)) end
end

-- Beside each figure stands what it does not show.
function TestPartial.testWhatTheFigureDoesNotShow()
  toy.skip_if(not require("limn.native").process.run({ "gnuplot", "--version" }, {}, 60), "figures: gnuplot is not here")
  toy.write("gaps.lua", [[
    local limn = require "limn"
    return limn.experiment { name = "gaps", question = "q", params = { a = 1 }, grid = { a = "1:4" },
      measure = function(p) return { m = p.a == 3 and 0 / 0 or p.a } end,
      plot = function(results, out)
        local function drawn(rows) return limn.plot.figure {}:line { x = rows:column "a", y = rows:column "m" } end
        assert(drawn(results:where { a = 1 }):save(out .. "/one.svg"))
        return drawn(results)
      end }]])
  lu.assertEquals((toy.sh("cd %s && %s gaps.lua --out g --quiet", toy.dir, toy.program)), 0)
  local function warnings(name) return require("limn.native").json.decode(toy.read(toy.dir .. "/g/" .. name)).from.warnings end
  lu.assertEquals(warnings "gaps.json", { "1 of 4 points not finite, left as gaps (line)" })
  lu.assertNil(warnings "one.json")
end

toy.finish(lu.LuaUnit.run())
