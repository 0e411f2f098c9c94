-- memory_spec.lua: the memory of a sweep's process: a cell takes some 30 bytes of it, arrays stay in the store; tables of
-- many rows and of large arrays answer as small ones.
-- slow: 20 s

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")
local limn = require "limn"

TestMemory = {}

local CELLS, FEW = 120000, 2000 -- the first makes a table that is not held as rows
local BYTES = 120 -- a cell; 30 to 60 were measured with two values, 1600 before values left the memory

local SCRIPT = toy.write("many.lua", [[
  local limn = require "limn"
  return limn.experiment { name = "many", params = { n = 1, k = "text" }, grid = { n = "1:1000" }, reps = 2,
    measure = function(p, rng) return { v = rng:uniform(), w = p.n } end,
    report = function(results)
      local mean = results:by("n"):mean("v")
      print(io.open("/proc/self/status"):read("a"):match "VmHWM:%s*(%d+) kB", #results, #mean)
    end }]])

-- The peak of the resident set of a sweep, in bytes.
local function peak(cells, options)
  local status, said = toy.sh("cd %s && %s %s --workers 0 --quiet --no-check --reps %d %s", toy.dir, toy.program, SCRIPT,
    cells // 1000, options)
  lu.assertEquals(status, 0, said)
  local kilobytes, rows, points = said:match "(%d+)\t(%d+)\t(%d+)"
  lu.assertEquals({ tonumber(rows), tonumber(points) }, { cells, 1000 })
  return tonumber(kilobytes) * 1024
end

function TestMemory.testBytesOfACell()
  toy.skip_if(toy.sanitized, "a sanitizer's memory is not that of the program")
  for _, options in ipairs { "--fresh", "--plot-only" } do -- values that were computed, and that the store held
    local few = peak(FEW, options .. " --out few")
    local many = peak(CELLS, options .. " --out many")
    local bytes = (many - few) / (CELLS - FEW)
    lu.assertTrue(bytes < BYTES, ("%s: %.0f bytes a cell"):format(options, bytes))
  end
end

function TestMemory.testArraysStayInTheStore()
  toy.skip_if(toy.sanitized, "a sanitizer's memory is not that of the program")
  toy.write("arrays.lua", [[
    local limn = require "limn"
    return limn.experiment { name = "arrays", params = { n = 1 }, grid = { n = "1:200" },
      measure = function(p, rng) return { a = rng:uniform(100000) + p.n, text = ("x"):rep(p.n == 7 and 5000 or 5) } end,
      report = function(results)
        local sum, first = 0, results[7]
        for _, row in ipairs(results) do sum = sum + row.a:min() // 1 end
        assert(sum == 200 * 201 // 2 and #first.text == 5000 and first.a:min() > 7)
        local names = {}
        for name in pairs(first) do names[#names + 1] = name end
        table.sort(names)
        local with = results:with { twice = function(row) return 2 * row.n end }:where { twice = 400 }
        print(io.open("/proc/self/status"):read("a"):match "VmHWM:%s*(%d+) kB", table.concat(names, " "), #with[1].a)
      end }]])
  for _, options in ipairs { "--workers 2", "--plot-only" } do
    local status, said = toy.sh("cd %s && %s arrays.lua --quiet --no-check %s", toy.dir, toy.program, options)
    lu.assertEquals(status, 0, said)
    local kilobytes, names, n = said:match "(%d+)\t(%C+)\t(%d+)"
    lu.assertEquals({ names, tonumber(n) }, { "a n rep text", 100000 })
    lu.assertTrue(tonumber(kilobytes) < 130000, said) -- the arrays take 160 MB, their text in the CSV 400 MB
  end
end

-- Every method of a lazy table, against the table of its rows.
function TestMemory.testLazyTablesAnswerAsOthers()
  local e = limn.experiment { name = "lazy", params = { n = 1, x = 0.5, k = "a" }, grid = { n = "1:300", k = { "a", "b" } },
    reps = 200, run = false, measure = function(p, rng)
      if p.n == 3 then return { v = rng:uniform(), w = "odd", b = true } end
      return { v = rng:uniform(), a = p.n == 5 and limn.ones(2) or nil }
    end }
  local lazy = e:run { workers = 0 }
  lu.assertEquals(#lazy, 120000)
  lu.assertNil(rawget(lazy:rows(), 1))
  local rows = {}
  for i, row in ipairs(lazy) do rows[i] = row end
  local plain = limn.results.new(rows, lazy:columns())
  lu.assertEquals(lazy:columns(), { "k", "n", "x", "rep", "a", "b", "v", "w" })
  lu.assertEquals(rows[1].x, 0.5)
  lu.assertTrue(lazy:csv() == plain:csv())
  local function same(f)
    local a, b = f(lazy), f(plain)
    lu.assertTrue(a:csv() == b:csv())
    lu.assertTrue(#a > 0)
  end
  same(function(r) return r:where { n = 3, k = "b" } end)
  same(function(r) return r:where(function(row) return row.v > 0.99 end) end)
  same(function(r) return r:by("n", "k"):mean("v") end)
  same(function(r) return r:with { z = function(row) return row.n > 5 and row.n * row.v or nil end }:complete("z"):head(7) end)
  same(function(r) -- an array, and a column without values in some rows
    return r:with { array = function(row) return row.n == 7 and limn.ones(3) * row.rep or nil end,
      v = function(row) if row.rep ~= 2 then return row.v end end }:where { n = { 5, 7 } }
  end)
  same(function(r) return r:sort("-v", "n"):tail(9) end)
  same(function(r) return r:select("v", "n"):complete("v"):where { n = { 1, 300 } } end)
  same(function(r) return r:where { rep = 1 }:pivot { rows = "n", cols = "k", value = "v" } end)
  same(function(r) return r:where { rep = 2, k = "a" }:join(r:where { rep = 3, k = "a" }, { on = "n", suffix = "'" }) end)
  lu.assertEquals(lazy:distinct "k", { "a", "b" })
  lu.assertEquals(tostring(lazy), tostring(plain))
  local path = toy.dir .. "/lazy.csv"
  lu.assertEquals(lazy:save(path), path)
  lu.assertTrue(toy.read(path) == plain:csv())
end

toy.finish(lu.LuaUnit.run())
