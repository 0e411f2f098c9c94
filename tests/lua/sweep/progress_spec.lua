-- progress_spec.lua: the time that a sweep still takes, told from recorded costs of its first cells, and the line that a
-- front end displays.

local lu = require "luaunit"
local Costs = require "limn.experiment.costs"
local Progress = require "limn.experiment.progress"
local rng = require "limn.rng"

TestProgress = {} -- luacheck: ignore

-- All pairs of the values of two parameters, the last one fastest, as a grid has them.
local function pairs_of(first, second)
  local cells = {}
  for _, u in ipairs(first[2]) do
    for _, v in ipairs(second[2]) do
      cells[#cells + 1] = { index = #cells + 1, point = { [first[1]] = u, [second[1]] = v, fixed = "same" } }
    end
  end
  return cells
end

local function range(first, last, step)
  local out = {}
  for v = first, last, step do out[#out + 1] = v end
  return out
end

-- Runs the cells on workers that each take the next one -> at the time when `part` of them were done: the seconds told to
-- be left, those that were left, and those by equal cells.
local function replay(cells, workers, part, cost, given)
  local free, ends, total = {}, {}, 0
  for w = 1, workers do free[w] = 0 end
  for _, cell in ipairs(cells) do
    table.sort(free)
    cell.seconds = cost(cell.point)
    free[1] = free[1] + cell.seconds
    ends[#ends + 1] = { free[1], cell }
    total = math.max(total, free[1])
  end
  table.sort(ends, function(a, b) return a[1] < b[1] end)
  local costs, left, now = Costs.new(cells, workers, given), nil, 0
  for k = 1, math.floor(part * #cells) do
    now = ends[k][1]
    costs:add(ends[k][2], ends[k][2].seconds)
    left = costs:left(now)
  end
  return left, total - now, now * (1 - part) / part
end

local function agrees(factor, left, truth, what)
  lu.assertTrue(left < factor * truth and left > truth / factor, ("%s: %g s left, told %g"):format(what, truth, left))
end

-- Matrices of n x n take n^3; the small ones come first, so that by equal cells the rest is all but done.
function TestProgress:test_cubic_cells()
  local noise = rng.stream(3)
  local cells = pairs_of({ "n", range(50, 1000, 50) }, { "rep", range(1, 5, 1) })
  local left, truth, equal = replay(cells, 4, 0.2, function(p) return 1e-6 * p.n ^ 3 * math.exp(0.1 * noise:normal()) end)
  lu.assertTrue(truth > 5 * equal, ("equal cells: %g, truth %g"):format(equal, truth))
  agrees(1.5, left, truth, "n^3")
end

-- A method that takes ten times as long has an offset of its own; a parameter without a power has one for each value.
function TestProgress:test_texts_and_odd_parameters()
  local takes = { slow = 30, fast = 3 }
  local cells = pairs_of({ "n", range(1, 40, 1) }, { "kind", { "fast", "slow" } })
  local left, truth = replay(cells, 2, 0.2, function(p) return takes[p.kind] * p.n end)
  agrees(1.2, left, truth, "kinds")
  local odd = { 5, 1, 80 }
  cells = pairs_of({ "n", range(-20, 20, 1) }, { "m", { 1, 2, 3 } })
  left, truth = replay(cells, 3, 0.3, function(p) return odd[p.m] end)
  agrees(1.2, left, truth, "no power of m")
end

-- The declared cost is taken as known: the first cell is enough. The last long cell is not divided among the workers.
function TestProgress:test_declared_costs_and_the_last_cell()
  local cost = function(p) return p.n ^ 4 end
  local cells = pairs_of({ "n", range(1, 30, 1) }, { "rep", { 1, 2 } })
  local left, truth = replay(cells, 1, 0.05, function(p) return 0.01 * p.n ^ 4 end, cost)
  agrees(1.3, left, truth, "declared")
  cells = pairs_of({ "n", { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 100 } }, { "rep", { 1 } })
  left, truth = replay(cells, 8, 0.2, function(p) return p.n end, function(p) return p.n end)
  agrees(1.3, left, truth, "one long cell")
end

-- A sample stands for a sweep of many cells; equal ones keep their rate.
function TestProgress:test_many_cells()
  local cells = pairs_of({ "n", range(1, 300, 1) }, { "m", range(1, 100, 1) })
  local left, truth = replay(cells, 2, 0.25, function(p) return 1e-3 * p.n * p.m end)
  agrees(1.3, left, truth, "30000 cells")
  left, truth = replay(cells, 2, 0.5, function() return 1e-4 end)
  agrees(1.05, left, truth, "equal")
end

-- Cells that hang: the time that was predicted is over, and neither 100 % nor a time is shown.
function TestProgress:test_cells_that_hang()
  local costs = Costs.new(pairs_of({ "n", range(1, 6, 1) }, { "rep", { 1 } }), 3)
  for k = 1, 3 do costs:add({ index = k, point = { n = k, rep = 1 } }, 1) end
  costs:left(1)
  for _, elapsed in ipairs { 100, 10000 } do
    local text = require("limn.native").posix.bar(costs:fraction(elapsed), elapsed, nil, "3/6 cells")
    lu.assertStrContains(text, "99%  3/6 cells")
    lu.assertNil(text:find("left", 1, true), text)
  end
end

-- In a notebook there is one line for each sweep, and none for what a cell itself sweeps.
function TestProgress:test_a_front_end_displays_the_line()
  local lines = {}
  Progress.display = function(text) lines[#lines + 1] = text or "new" end
  local e = require("limn").experiment { name = "shown", params = { n = 1 }, grid = { n = "1:3" }, run = false,
    measure = function(p) return { m = p.n } end }
  e:run { workers = 0 }
  e:run { workers = 0, quiet = true }
  require("limn").experiment { name = "outer", run = false, measure = function()
    return { rows = #e:run { workers = 0 } }
  end }:run { workers = 0, quiet = true }
  Progress.display = nil
  lu.assertEquals(lines[1], "new")
  lu.assertStrContains(lines[2], "100%  3/3 cells")
  lu.assertEquals(#lines, 2, table.concat(lines, "\n"))
end

os.exit(lu.LuaUnit.run())
