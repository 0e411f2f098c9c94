-- independence_spec.lua: replicates are independent by default: default seeds and math.random are the cell's own,
-- streams outside of the measurement start every cell in one state, state that cells change is named, equal replicates
-- are named, and two cells are computed again in a fresh process.
-- slow: 5 s

local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")

TestIndependence = {}

local function declare(t)
  t.name, t.run, t.params = t.name or "t", false, t.params or { n = 1 }
  local e = limn.experiment(t)
  return e
end

-- The rows' values of v, in order, for each number of workers; all must be equal. `before` runs before each sweep.
local function values(e, before)
  local out
  for _, workers in ipairs { 0, 1, 3 } do
    if before then before() end
    local list = {}
    for i, row in ipairs(e:run({ workers = workers, check = false }):rows()) do list[i] = row.v end
    lu.assertEquals(list, out or list)
    out = list
  end
  return out
end

local function distinct(list)
  local seen, n = {}, 0
  for _, v in ipairs(list) do
    if not seen[v] then seen[v], n = true, n + 1 end
  end
  return n
end

-- Runs a script of that text; its exit code and its output.
local function script(name, text, options, more)
  local path = toy.write(name .. ".lua", text)
  return toy.sh("%s %s --out %s/%s --quiet %s", more and more .. " " .. toy.program or toy.program, path, toy.dir, name, options or "")
end

function TestIndependence.testDefaultSeedsAreTheCellsOwn()
  local makers = {
    net = function() return limn.mlp.new({ sizes = { 2, 3, 1 } }):forward(limn.ones(1, 2)):sum() end,
    ensemble = function() return limn.mlp.ensemble({ sizes = { 2, 3, 1 }, count = 2 }):forward(limn.ones(1, 2)):sum() end,
    features = function()
      return limn.features.toy({ points = 4, count = 60, perfect = 0, kind = "gaussian" }):dense():sum()
    end,
    data = function() return limn.data.random():sum() end,
    stream = function() return limn.rng.stream():uniform() end,
    bootstrap = function() return select(2, limn.stats.bootstrap(limn.rng.stream(3):normal(50)))[1] end,
  }
  for name, make in pairs(makers) do
    local e = declare { grid = { n = "1:2" }, reps = 3, measure = function() return { v = make() } end }
    lu.assertEquals(distinct(values(e)), 6, name)
    lu.assertEquals(make(), make(), name) -- outside of a measurement: seed 1
    local two = declare { measure = function() return { a = make(), b = make() } end }
    local row = two:run({ workers = 0 }):rows()[1]
    lu.assertTrue(row.a ~= row.b, name)
  end
end

-- The cell of another shard, or alone, has the same numbers.
function TestIndependence.testDefaultSeedsDependOnTheCellAlone()
  local e = declare { grid = { n = "1:4" }, reps = 2, measure = function() return { v = limn.rng.stream():uniform() } end }
  local all = e:run({ workers = 2 }):rows()
  local shard = e:run({ workers = 0, shard = { 2, 3 } }):rows()
  local value, found = {}, 0
  for _, row in ipairs(all) do value[row.n .. " " .. row.rep] = row.v end
  for _, row in ipairs(shard) do
    lu.assertEquals(row.v, value[row.n .. " " .. row.rep])
    found = found + 1
  end
  lu.assertTrue(found == 2 or found == 3)
  lu.assertTrue(e:run({ workers = 0, seed = 2 }):rows()[1].v ~= all[1].v)
end

function TestIndependence.testGivenSeedsStay()
  local e = declare { reps = 2, measure = function()
    local net = limn.mlp.new { sizes = { 2, 3, 1 }, seed = 1 }
    return { v = net:forward(limn.ones(1, 2)):sum(), w = limn.rng.stream(1):uniform() }
  end }
  for _, row in ipairs(e:run({ workers = 0, check = false }):rows()) do
    lu.assertEquals(row.v, limn.mlp.new({ sizes = { 2, 3, 1 } }):forward(limn.ones(1, 2)):sum())
    lu.assertEquals(row.w, limn.rng.stream(1):uniform())
  end
end

function TestIndependence.testMathRandom()
  local e = declare { grid = { n = "1:3" }, reps = 2, measure = function() return { v = math.random() } end }
  local after = {}
  local list = values(e, function() math.randomseed(5) end)
  lu.assertEquals(distinct(list), 6)
  for i, workers in ipairs { 0, 2 } do
    math.randomseed(5)
    e:run { workers = workers }
    after[i] = math.random()
  end
  lu.assertEquals(after[1], after[2]) -- the script's own state does not depend on the number of workers
end

function TestIndependence.testStreamsOutsideStartInOneState()
  local rng, box = limn.rng.stream(1), { inner = limn.rng.stream(2) }
  rng:uniform(7)
  local e = declare { grid = { n = "1:3" }, reps = 2, measure = function(p)
    return { v = rng:uniform() + box.inner:uniform() + rng:fork(p.n):uniform() } end }
  lu.assertEquals(distinct(values(e)), 3)
  local expected = limn.rng.stream(1)
  expected:uniform(7)
  lu.assertEquals(rng:uniform(), expected:uniform()) -- and the sweep leaves it as it was
end

local STATE = [[
  local limn = require "limn"
  local rng, count, total, memo = limn.rng.stream(1), 0, { sum = 0 }, {}
  local X = limn.zeros(3)
  local net = limn.mlp.new { sizes = { 1, 2, 1 } }
  return limn.experiment { name = "state", params = { n = 1, what = "" }, grid = { n = "1:6" }, reps = 2,
    measure = function(p, own)
      if p.what == "stream" then return { v = rng:uniform() } end
      if p.what == "fork" then return { v = rng:fork(p.n):uniform() + own:uniform() } end
      if p.what == "count" then count = count + 1 end
      if p.what == "table" then total.sum = total.sum + 1 end
      if p.what == "array" then X[1] = X[1] + 1 end
      if p.what == "net" then net:train(limn.ones(1, 1), limn.ones(1), { rate = 0.1, steps = 1 }) end
      if p.what == "global" then tally = (tally or 0) + 1 end
      if p.what == "memo" then memo[p.n] = memo[p.n] or p.n ^ 2 end
      return { v = own:uniform() }
    end }]]

function TestIndependence.testStateThatCellsChangeIsNamed()
  for what, name in pairs { stream = "measure draws from rng,", count = "measure changes count,", table = "measure changes total.sum,",
    array = "measure changes X,", net = "measure changes net,", global = "measure changes tally," } do
    for _, workers in ipairs { 0, 2 } do
      local status, said = script("state", STATE, ("--fresh --what %s --workers %d"):format(what, workers))
      lu.assertEquals(status, 0, said)
      lu.assertStrContains(said, "state: " .. name)
      lu.assertEquals(select(2, said:gsub(name, "")), 1, said) -- once, whatever the number of workers
    end
  end
  for _, what in ipairs { "fork", "memo", "none" } do
    local _, said = script("state", STATE, ("--fresh --what %s --workers 2"):format(what))
    lu.assertEquals(said, "")
  end
  local _, said = script("state", STATE, "--fresh --what count --workers 2 --no-check")
  lu.assertEquals(said, "")
end

local EQUAL = [[
  local limn = require "limn"
  return limn.experiment { name = "equal", params = { n = 1, how = "" }, grid = { n = "1:3" }, reps = 3,
    measure = function(p, rng)
      if p.how == "seed" then return { w = limn.rng.stream(p.n):uniform(), law = 1 / p.n } end
      if p.how == "constant" then return { w = 2.5 } end
      if p.how == "one" then return { w = p.n == 2 and 0.123456789 or rng:uniform() } end
      if p.how == "accuracy" then return { w = p.n == 1 and rng:integer(0, 100) / 100 or 1.0 } end
      if p.how == "skip" then return p.n == 2 and { skipped = 1 } or { skipped = 0, w = rng:uniform() } end
      if p.how == "array" then return { w = limn.rng.stream(p.n):uniform(4) } end
      return { w = rng:uniform(), law = 1 / p.n }
    end }]]

function TestIndependence.testEqualReplicatesAreNamed()
  local all = "equal: all 3 replicates of n=1 are equal; all 3 replicates of n=2 are equal; all 3 replicates of n=3 are "
    .. "equal: does measure use rng?\n"
  for how, expected in pairs { seed = all, array = all, one = "equal: all 3 replicates of n=2 are equal: does measure use rng?\n",
    constant = "", accuracy = "", skip = "", none = "" } do
    local status, said = script("equal", EQUAL, "--fresh --how " .. how)
    lu.assertEquals({ status, said }, { 0, expected }, how)
  end
  local _, said = script("equal", EQUAL, "--fresh --how seed --no-check")
  lu.assertEquals(said, "")
  _, said = script("equal", EQUAL, "--how seed") -- nothing is computed: no warning
  lu.assertEquals(said, "")
  _, said = script("equal", EQUAL, "--fresh --how seed --n 1")
  lu.assertStrContains(said, "all 3 replicates of")
  _, said = script("equal", EQUAL, "--fresh --how seed --reps 1")
  lu.assertEquals(said, "")
  _, said = script("equal", EQUAL, "--fresh --how seed --grid n=1:9")
  lu.assertStrContains(said, "and so are those of 6 more points")
end

local FRESH = [[
  local limn = require "limn"
  local me = io.open("/proc/self/stat"):read "n"
  return limn.experiment { name = "fresh", params = { n = 1, how = "" }, grid = { n = "1:3" }, reps = 2,
    measure = function(p, rng)
      local log = os.getenv "FRESH_LOG"
      if log then
        local file = io.open(log, "a")
        file:write(p.n, "\n")
        file:close()
      end
      if p.how == "slow" then require("limn.native").posix.ready({}, 1.3) end
      return { v = rng:uniform(), process = p.how == "process" and me or 0, few = rng:uniform(3) }
    end }]]

function TestIndependence.testTwoCellsAreComputedAgain()
  local log = toy.dir .. "/fresh.log"
  local status, said = script("fresh", FRESH, "", "FRESH_LOG=" .. log)
  lu.assertEquals({ status, said }, { 0, "" })
  lu.assertEquals(select(2, toy.read(log):gsub("\n", "")), 8) -- 6 cells, and 2 again
  os.remove(log)
  status, said = script("fresh", FRESH, "--fresh --no-check", "FRESH_LOG=" .. log)
  lu.assertEquals({ status, said }, { 0, "" })
  lu.assertEquals(select(2, toy.read(log):gsub("\n", "")), 6)
  for _, workers in ipairs { 0, 2 } do
    status, said = script("fresh", FRESH, "--fresh --how process --workers " .. workers)
    lu.assertEquals(status, 0)
    local number = "%d+ and %d+"
    lu.assertEquals(select(2, said:gsub("fresh: how=process, n=%d, rep=%d differs when it is computed again in a fresh process: "
      .. "process %(" .. number .. "%);", "")), 2, said)
  end
end

function TestIndependence.testLongCellsAreNotComputedAgain()
  local path = toy.write("fresh.lua", FRESH)
  local _, said = toy.sh("%s %s --out %s/slow --how slow --n 1 --reps 1 --workers 1", toy.program, path, toy.dir)
  lu.assertStrContains(said, "no cell was computed again as a check: each takes longer than 1 s")
end

-- The interpreter may be stock Lua, the script may lie elsewhere, and what it prints is not repeated.
function TestIndependence.testFreshProcessOfAnyScript()
  toy.sh("mkdir -p '%s/a b'", toy.dir)
  toy.write("a b/s.lua", 'print "body"\n' .. FRESH)
  local status, said = toy.sh("cd %s && %s 'a b/s.lua' --quiet --how process", toy.dir, toy.program)
  lu.assertEquals(status, 0, said)
  lu.assertEquals(select(2, said:gsub("body", "")), 1)
  lu.assertEquals(select(2, said:gsub("differs when", "")), 2)
end

toy.finish(lu.LuaUnit.run())
