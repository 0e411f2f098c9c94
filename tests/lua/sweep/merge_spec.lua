-- merge_spec.lua: the union of stores: any number of them with few open files, whatever is wrong with some; newer code
-- replaces older; values that differ; merging again; what is stored once.
-- slow: 15 s

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")
local native = require "limn.native"
local stores = require "limn.experiment.store"
local shard = require "limn.experiment.shard"

local sqlite, json = native.sqlite, native.json
local dir, sh = toy.dir, toy.sh

TestMerge = {}

local function merge(into, from) return sh("%s store merge %s/%s %s", toy.program, dir, into, from) end

local function merged(into, from)
  local status, said = merge(into, from .. " --json")
  return json.decode(said), status
end

local function copy(from, to, bytes)
  local text = toy.read(from)
  local file = assert(io.open(to, "wb"))
  file:write(bytes and text:sub(1, bytes) or text)
  file:close()
end

local function rows(path, query, ...)
  local db = assert(sqlite.open(path, "write"))
  local out = assert(db:rows(query, ...))
  db:close()
  return out
end

-- The cells of a store that holds a whole sweep, dealt to n shards by copying: DIR/NAME.k-of-n.db.
local function deal(whole, folder, name, n)
  native.posix.mkdir(folder)
  local blank = folder .. "/blank"
  copy(whole, blank)
  rows(blank, "PRAGMA journal_mode = DELETE")
  rows(blank, "DELETE FROM cell")
  rows(blank, "VACUUM")
  local cells = rows(whole, "SELECT * FROM cell")
  for k = 1, n do
    local path = shard.store(("%s/%s.db"):format(folder, name), k, n)
    copy(blank, path)
    local db = assert(sqlite.open(path, "write"))
    db:rows "PRAGMA synchronous = OFF"
    db:rows "BEGIN"
    for i = k, #cells, n do
      local c = cells[i]
      assert(db:rows("INSERT INTO cell VALUES (?,?,?,?,?,?,?,?,?)", c[1], c[2], c[3], c[4], c[5], c[6] or nil,
        c[7] and { c[7] } or nil, c[8] or nil, c[9] or nil))
    end
    db:rows("UPDATE run SET facts = json_set(facts, '$.command', ?)", "limn --shard " .. k)
    db:rows "COMMIT"
    db:close()
  end
  os.remove(blank)
end

-- Shards that have read other data, or that are of other seeds: named by status, merge and export; the exit code is 3.
function TestMerge.testShardsOfOtherDataAndSeeds()
  local script = toy.write("data.lua", ([[return require("limn").experiment { name = "data", params = { n = 1 },
    grid = { n = "1:4" }, reps = 2, measure = function(p)
      return { v = p.n * require("limn").results.load("%s/x.csv")[1].x } end }]]):format(dir))
  local function shard_of(k, folder, options)
    local status, said = sh("%s %s --quiet --workers 0 --no-check --shard %d/2 --out %s/%s %s", toy.program, script, k,
      dir, folder, options)
    lu.assertEquals(status, 0, said)
  end
  for k, x in ipairs { 1, 9 } do
    toy.write("x.csv", "x\n" .. x .. "\n")
    shard_of(k, "data", "")
  end
  local function named(line, ...)
    local status, said = sh(line, ...)
    lu.assertEquals(status, 3, said)
    return said
  end
  local said = named("%s store status %s/data", toy.program, dir)
  lu.assertEquals(select(2, said:gsub("  of %S*x%.csv with the hash %x+: [12]\n", "")), 2, said)
  said = named("%s store merge %s/data/data.db --shards 2", toy.program, dir)
  lu.assertEquals(select(2, said:gsub("  4 cells of %S*x%.csv with the hash", "")), 2, said)
  local _, export = sh("%s store export %s/data/data.db --csv", toy.program, dir)
  lu.assertEquals(select(2, export:gsub("has 4 cells of %S*x%.csv with the hash", "")), 2, export)
  for k = 1, 2 do shard_of(k, "seeds", "--seed " .. k) end
  said = named("%s store status %s/seeds", toy.program, dir)
  for k = 1, 2 do lu.assertStrContains(said, ("  of seed %d: %d\n"):format(k, k)) end
  said = named("%s store merge %s/seeds/data.db --shards 2", toy.program, dir)
  lu.assertStrContains(said, "4 cells of the sweep are missing")
  for k = 1, 2 do lu.assertStrContains(said, ("  4 cells of seed %d\n"):format(k)) end
  for k = 1, 2 do shard_of(k, "seeds", "--seed " .. 3 - k) end -- now each seed is whole
  lu.assertEquals(sh("%s store status %s/seeds", toy.program, dir), 0)
  lu.assertEquals(sh("%s store merge %s/seeds/data.db --shards 2", toy.program, dir), 0)
end

-- A sweep of 5000 cells on 1000 shards. 20 stores are missing, 10 empty, 10 cut off, 5 of another sweep, 5 of older code
-- with other values: all others are merged, with 256 files at most; what is mended is merged by the same command.
function TestMerge.testAThousandStores()
  local SHARDS, FEW = 1000, "ulimit -n 256; "
  local script = toy.write("many.lua", [[return require("limn").experiment { name = "many", params = { n = 1 },
    grid = { n = "1:500" }, reps = 10, measure = function(p, rng) return { v = rng:normal(), n2 = p.n ^ 2 } end }]])
  lu.assertEquals(sh("%s %s --quiet --workers 0 --out %s/many", toy.program, script, dir), 0)
  local whole = dir .. "/many/many.db"
  lu.assertEquals(toy.sweep("foreign", "--workers 0 --reps 1"), 0)
  local folder = dir .. "/parts"
  deal(whole, folder, "many", SHARDS)
  local function part(k) return shard.store(folder .. "/many.db", k, SHARDS) end
  local kept = {}
  local function spoil(k, how)
    kept[k] = toy.read(part(k))
    how(part(k))
  end
  for k = 20, 400, 20 do spoil(k, os.remove) end
  for k = 401, 410 do spoil(k, function(path) copy(path, path, 0) end) end
  for k = 411, 420 do spoil(k, function(path) copy(path, path, 9000) end) end
  for k = 421, 425 do spoil(k, function(path) copy(dir .. "/foreign/toy.db", path) end) end
  for k = 426, 430 do
    kept[k] = toy.read(part(k))
    rows(part(k), "UPDATE run SET code = 'older', started = '2001-01-01T00:00:00Z'")
    rows(part(k), "UPDATE cell SET value = (SELECT value FROM cell ORDER BY value LIMIT 1)")
  end
  local status, said = sh("%s%s store merge %s/many.db --shards %d --json", FEW, toy.program, folder, SHARDS)
  local r = json.decode(said)
  lu.assertEquals(status, 3)
  local n = {}
  for _, entry in ipairs(r.listed) do n[entry.what] = (n[entry.what] or 0) + 1 end
  lu.assertEquals(n, { missing = 20, empty = 10, damaged = 10, foreign = 5 })
  lu.assertEquals({ r.cells, r.new, r.failed, r.taken }, { 4775, 4775, 0, 955 })
  lu.assertEquals({ #r.codes, r.codes[1].cells, r.codes[2].cells, r.codes[2].code }, { 2, 4750, 25, "older" })
  status, said = merge("parts/many.db", folder)
  lu.assertEquals(status, 3)
  for _, text in ipairs { "20 stores missing:", "10 stores empty:", "10 stores damaged:", "5 stores of something else:",
    "25 cells of code older", 'it holds the experiment "toy", not "many"', "... and 10 more" } do
    lu.assertStrContains(said, text)
  end
  for k, text in pairs(kept) do toy.write(part(k):sub(#dir + 2), text) end
  status, said = sh("%s%s store merge %s/many.db --shards %d --json", FEW, toy.program, folder, SHARDS)
  lu.assertEquals(status, 0, said)
  r = json.decode(said)
  lu.assertEquals({ r.cells, r.new, r.replaced, #r.codes }, { 5000, 225, 25, 0 })
  lu.assertTrue(toy.held "parts/many.db" == toy.held "many/many.db")
  lu.assertEquals(#rows(folder .. "/many.db", "SELECT * FROM run WHERE code <> 'older'"), SHARDS)
end

-- A script whose cells fail for n > FAIL, with the value ADD added.
local function small()
  return toy.write("small.lua", [[
    return require("limn").experiment { name = "small", params = { n = 1 }, grid = { n = "1:10" }, measure = function(p, rng)
      if p.n > (tonumber(os.getenv "FAIL") or 100) then error "no luck" end
      return { v = rng:normal() + (tonumber(os.getenv "ADD") or 0), big = p.n == 2 and rng:uniform(200, 100) or 0 } end }]])
end

local function store(name, environment, options)
  local status, said = sh("%s %s %s --quiet --workers 0 --no-check --out %s/small --store %s/small/%s.db %s", environment,
    toy.program, small(), dir, dir, name, options or "")
  assert(status == 0 or status == 1, said)
  return ("%s/small/%s.db"):format(dir, name)
end

-- The same code, other values: those of the first run are kept, in whatever order the stores come.
function TestMerge.testWhatDiffersIsListed()
  local a, b = store("a", "ADD=0"), store("b", "ADD=1")
  rows(b, "UPDATE run SET started = '2099-01-01T00:00:00Z', facts = json_set(facts, '$.isa', 'other')")
  local first = toy.held "small/a.db"
  for i, order in ipairs { { a, b }, { b, a } } do
    local into = ("small/all%d.db"):format(i)
    local r, status = merged(into, table.concat(order, " "))
    lu.assertEquals({ status, r.new, #r.differ, #r.rounded }, { 3, 10, 10, 0 })
    lu.assertTrue(toy.held(into) == first)
  end
  local _, said = merge("small/all3.db", a .. " " .. b)
  lu.assertStrContains(said, "10 cells of the same code differ between two runs")
  lu.assertStrContains(said, '{"n":1} rep=1: ' .. native.machine.info().version .. " on ")
end

-- Likewise of nets, on two instruction sets.
function TestMerge.testNetsOnTwoInstructionSets()
  local function known(path, isa, started)
    rows(path, "UPDATE run SET facts = json_set(facts, '$.isa', ?, '$.key', json(?)), started = ?", isa,
      '{"parts":{"limn/mlp/net.lua":"x"}}', started)
  end
  local a, b = store("na", "ADD=0"), store("nb", "ADD=1e-15")
  known(a, "ref", "2001-01-01T00:00:00Z")
  known(b, "avx2", "2002-01-01T00:00:00Z")
  local r, status = merged("small/nets.db", b .. " " .. a)
  lu.assertEquals({ status, r.new, #r.differ }, { 0, 10, 0 })
  lu.assertTrue(#r.rounded > 0 and r.rounded[1].difference < 1e-13)
  lu.assertEquals(r.rounded[1].isa, { "ref", "avx2" })
  lu.assertTrue(toy.held "small/nets.db" == toy.held "small/na.db")
  local d = store("nd", "ADD=-1e-15")
  known(d, "avx512", "2003-01-01T00:00:00Z")
  local _, said = merge("small/nets3.db", a .. " " .. b .. " " .. d)
  local n = tonumber(said:match "(%d+) cells of nets differ between instruction sets, by ")
  lu.assertTrue(n and n <= 10 and #merged("small/nets4.db", a .. " " .. b .. " " .. d).rounded > n, said)
  local c = store("nc", "ADD=1e-3") -- more than rounding
  known(c, "avx512", "2003-01-01T00:00:00Z")
  rows(c, "UPDATE run SET facts = json_set(facts, '$.blas', 'MyBLAS 3')")
  r, status = merged("small/nets2.db", a .. " " .. c)
  lu.assertEquals({ status, #r.differ, #r.rounded }, { 3, 10, 0 })
  lu.assertStrContains(r.differ[1].other, " on avx512, MyBLAS 3, ")
  lu.assertStrContains(r.differ[1].kept, native.machine.info().version .. " on ref, ")
end

-- Nets that two instruction sets have trained: a cell counts once, and has the run that its values are from.
function TestMerge.testTrainedOnTwoInstructionSets()
  local best = native.machine.info().isa
  toy.skip_if(best == "ref", "the machine has one instruction set")
  local path = toy.write("trained.lua", [[local limn = require "limn"
    return limn.experiment { name = "trained", params = { w = 4 }, grid = { w = { 4, 8, 16 } }, reps = 4,
      measure = function(p, rng)
        local net = limn.mlp.new { sizes = { 2, p.w, 1 }, seed = rng:integer(0, 1000) }
        net:train(rng:normal(16, 2), rng:normal(16), { steps = 50, rate = 0.05 })
        return { out = net:forward(limn.ones(1, 2)):sum(), draw = rng:uniform() }
      end }]])
  for _, isa in ipairs { "ref", best } do
    lu.assertEquals(sh("cd %s && LIMN_ISA=%s %s %s --quiet --no-check --workers 0 --store trained.%s.db", dir, isa, toy.program, path,
      isa), 0)
  end
  for k, isa in ipairs { "ref", best } do -- whose time is the earlier is kept
    rows(("%s/trained.%s.db"):format(dir, isa), "UPDATE run SET started = ?", ("200%d-01-01T00:00:00Z"):format(k))
  end
  local status, said = merge("trained.db", ("%s/trained.ref.db %s/trained.%s.db %s/trained.ref.db"):format(dir, dir, best, dir))
  lu.assertEquals(status, 0, said)
  local n = tonumber(said:match "(%d+) cells of nets differ between instruction sets, by ")
  lu.assertTrue(n and n > 0 and n <= 12, said)
  lu.assertTrue(toy.held "trained.db" == toy.held "trained.ref.db")
  lu.assertEquals(rows(dir .. "/trained.db", "SELECT DISTINCT json_extract(facts, '$.isa') FROM cell JOIN run ON run.id = cell.run")[1][1],
    "ref")
end

-- The newest code wins: also over more cells, and by a failure; of one code a value wins over a failure.
function TestMerge.testNewerCodeReplacesOlder()
  local old, new = store("old", "ADD=0"), store("new", "ADD=1 FAIL=7")
  rows(old, "UPDATE run SET code = 'old', started = '2001-01-01T00:00:00Z'")
  for i, order in ipairs { { old, new }, { new, old } } do
    local into = ("small/codes%d.db"):format(i)
    local r, status = merged(into, table.concat(order, " "))
    lu.assertEquals({ status, r.cells, r.failed, #r.codes, #r.differ }, { 0, 7, 3, 0, 0 })
    lu.assertTrue(toy.held(into) == toy.held "small/new.db")
    lu.assertEquals(#rows(dir .. "/" .. into, "SELECT 1 FROM cell WHERE value IS NULL"), 3)
  end
  local failed, done = store("failed", "FAIL=0"), store("done", "ADD=0")
  for i, order in ipairs { { failed, done }, { done, failed } } do
    local r, status = merged(("small/luck%d.db"):format(i), table.concat(order, " "))
    lu.assertEquals({ status, r.cells, r.failed }, { 0, 10, 0 })
  end
  local r = merged("small/all-failed.db", failed)
  lu.assertEquals({ r.new, r.cells, r.failed }, { 0, 0, 10 })
end

-- A store that has grown, one that has not, one that is being written, and the store itself.
function TestMerge.testAgain()
  local a = store("g", "ADD=0", "--grid n=1:4")
  native.posix.ready({}, 3.1) -- a change of the file shows in its times
  local r = merged("small/grown.db", a)
  lu.assertEquals({ r.new, r.unchanged }, { 4, 0 })
  r = merged("small/grown.db", a)
  lu.assertEquals({ r.new, r.unchanged }, { 0, 1 })
  store("g", "ADD=0")
  r = merged("small/grown.db", a)
  lu.assertEquals({ r.new, r.unchanged, r.cells }, { 6, 0, 10 })
  lu.assertTrue(toy.held "small/grown.db" == toy.held "small/g.db")
  local writer = assert(stores.open(a, "small"))
  local status
  r, status = merged("small/live.db", a)
  writer:close()
  lu.assertEquals({ status, r.new, r.listed[1].what }, { 3, 10, "written" })
  r, status = merged("small/live.db", dir .. "/small/live.db")
  lu.assertEquals({ status, r.listed[1].what }, { 3, "itself" })
  lu.assertEquals(sh("%s %s --quiet --workers 0 --out %s/small --store %s/small/grown.db --fresh --grid n=1", toy.program, small(),
    dir, dir), 0)
  r = merged("small/grown.db", a)
  lu.assertEquals({ r.cells, r.unchanged }, { 10, 0 })
end

-- An array whose file is lost, a row that is damaged: these cells alone are left out.
function TestMerge.testDamagedCells()
  local a = store("torn", "ADD=0")
  sh("rm %s.arrays/*", a)
  rows(a, "UPDATE cell SET value = x'010000' WHERE params = '{\"n\":5}'")
  local r, status = merged("small/rest.db", a)
  lu.assertEquals({ status, r.cells, #r.listed }, { 3, 8, 2 })
  lu.assertEquals(r.listed[1].why, "damaged cells: 1 of 10")
  lu.assertStrContains(r.listed[2].why, "1 cell has lost an array: ")
  local list = toy.write("list.txt", store("whole", "ADD=0") .. "\n\n")
  r, status = merged("small/listed.db", "@" .. list)
  lu.assertEquals({ status, r.cells }, { 0, 10 })
end

-- Script, modules and patch stand once in a store, however many runs there are.
function TestMerge.testTextsAreStoredOnce()
  local long = ("-- a comment that is long\n"):rep(4000)
  local path = toy.write("long.lua", long .. [[return require("limn").experiment { name = "long", grid = { n = "1:40" },
    params = { n = 1 }, measure = function(p) return { v = p.n } end,
    plot = function(results, out) return require("limn").plot(results:column "v", { show = false }) end }]])
  lu.assertEquals(sh("%s %s --quiet --workers 0 --out %s/long", toy.program, path, dir), 0)
  deal(dir .. "/long/long.db", dir .. "/texts", "long", 20)
  local r = merged("texts/long.db", "--shards 20")
  lu.assertEquals(r.cells, 40)
  local file = dir .. "/texts/long.db"
  lu.assertEquals(#rows(file, "SELECT 1 FROM run"), 20)
  lu.assertEquals(#rows(file, "SELECT 1 FROM blob WHERE length(text) > 100000"), 1)
  lu.assertTrue(rows(file, "SELECT sum(length(facts)) FROM run")[1][1] < 50000)
  local s = stores.open(file)
  lu.assertStrContains(s:runs()[7].facts.script_text, "a comment that is long")
  s:close()
  local _, shown = sh("%s store show %s", toy.program, file)
  lu.assertStrContains(shown, "20 runs, the first is 1: ")
  lu.assertStrContains(shown, ", 40 cells, 0 failed, code ")
  lu.assertTrue(select(2, shown:gsub("\n", "")) < 20)
  lu.assertEquals(sh("%s %s --quiet --plot-only --store %s --out %s/texts", toy.program, path, file, dir), 0)
  local beside = json.decode(toy.read(dir .. "/texts/long.json"))
  lu.assertEquals({ #beside.runs, beside.runs[1].runs, #beside.runs[1].hosts }, { 1, 20, 1 })
end

toy.finish(lu.LuaUnit.run())
