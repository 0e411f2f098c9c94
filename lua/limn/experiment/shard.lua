-- limn/experiment/shard.lua: the parts of a sweep: the stores that they write, the cells that each has, and which of them
-- this process is, as the environment of a cluster's launcher states.

local check = require "limn.base.check"
local cost_model = require "limn.experiment.cost_model"
local native = require "limn.native"

local shard = {}

-- The store of shard k of n of the sweep whose store is at path: "out/t.db" -> "out/t.2-of-9.db".
function shard.store(path, k, n)
  return ("%s.%d-of-%d.db"):format(path:gsub("%.db$", ""), k, n)
end

-- The shards' stores in a folder, those of the sweep whose store is at `path` if there are any: all of each number of
-- shards, whether they are there or not; nil if it is no folder.
function shard.within(folder, path)
  local names = native.folder.list(folder)
  if not names then return nil end
  local own = path and path:match "([^/]*)$":gsub("%.db$", "")
  local found, mine = {}, false
  for _, file in ipairs(names) do
    local name, n = file:match "^(.+)%.%d+%-of%-(%d+)%.db$"
    if name then
      mine = mine or name == own
      found[name .. " " .. n] = { name = name, n = math.tointeger(n) }
    end
  end
  local sets, out = {}, {}
  for _, set in pairs(found) do
    if not mine or set.name == own then sets[#sets + 1] = set end
  end
  table.sort(sets, function(a, b)
    if a.name ~= b.name then return a.name < b.name end
    return a.n < b.n
  end)
  for _, set in ipairs(sets) do
    for k = 1, set.n do out[#out + 1] = shard.store(("%s/%s.db"):format(folder:gsub("/$", ""), set.name), k, set.n) end
  end
  return out
end

-- ---- which cells a shard has -----------------------------------------------------------------------------------------

local ROUNDS, MULTIPLIER, KEY = 4, 0x9E3779B97F4A7C15 | 0, 0x632BE59BD9B4E019 | 0
local PER_OCTAVE = 64 -- costs closer than a factor 2^(1/64) count as equal

-- A fixed permutation of 0 .. m - 1 that looks random, as a function: a Feistel network on the next even number of bits,
-- applied again until the image is below m. It costs no memory.
local function permutation(m)
  local half = 1
  while 1 << 2 * half < m do half = half + 1 end
  local mask = (1 << half) - 1
  return function(i)
    repeat
      local left, right = i >> half, i & mask
      for round = 1, ROUNDS do
        local mixed = (right + round * KEY) * MULTIPLIER
        mixed = (mixed ~ (mixed >> 32)) * MULTIPLIER
        left, right = right, left ~ (mixed >> 40 & mask)
      end
      i = left << half | right
    until i < m
    return i
  end
end

-- The points of a grid by cost, the most expensive first: a list of { count = cells, point(j) = the j-th place }.
local function by_cost(space, cost)
  local points = space.count // space.reps
  if not cost then return { { count = space.count, point = function(j) return j end } } end
  local groups, order = {}, {}
  for q = 0, points - 1 do
    local point = space.point(q * space.reps + 1)
    local w = cost(point)
    if type(w) ~= "number" or w < 0 or w - w ~= 0 then
      check.fail("experiment: cost must give a finite number >= 0, got %s", check.show(w))
    end
    local octave = w > 0 and math.floor(math.log(w, 2) * PER_OCTAVE + 0.5) or math.mininteger
    local group = groups[octave]
    if not group then
      group = { octave = octave }
      groups[octave], order[#order + 1] = group, group
    end
    group[#group + 1] = q
  end
  table.sort(order, function(a, b) return a.octave > b.octave end)
  for _, group in ipairs(order) do
    group.count = #group * space.reps
    function group.point(j) return group[j + 1] end
  end
  return order
end

-- The indices of shard i of n, increasing. Cells are ordered by cost, those of equal cost by a fixed permutation, and dealt
-- to the shards in turn, there and back: 1 .. n, n .. 1, ...
local function deal(space, i, n, cost)
  local out, groups = {}, by_cost(space, cost)
  local g, start, permute = 1, 0, nil
  local t, round = i - 1, 0
  while t < space.count do
    while t - start >= groups[g].count do
      start, g, permute = start + groups[g].count, g + 1, nil
    end
    permute = permute or permutation(groups[g].count)
    local e = permute(t - start)
    out[#out + 1] = groups[g].point(e // space.reps) * space.reps + e % space.reps + 1
    round = round + 1
    t = round * n + (round % 2 == 0 and i - 1 or n - i)
  end
  table.sort(out)
  return out
end

-- The cells of shard i of n as a grid (see grid.space) of their own. Which they are follows from the grid, n, and
-- cost(point) if there is one, alone. `whole`: the cells of all shards.
function shard.part(space, i, n, cost)
  local indices, place, part = deal(space, i, n, cost), {}, {}
  for k, index in ipairs(indices) do place[index] = k end
  for name, v in pairs(space) do part[name] = v end
  part.count, part.whole = #indices, space.count
  function part.enlist() return space.enlist(indices) end
  function part.index(q, rep)
    local index = space.index(q, rep)
    return index and place[index]
  end
  function part.point(k) return space.point(indices[k]) end
  function part.cell(k)
    local cell = space.cell(indices[k])
    cell.index = k
    return cell
  end
  function part.cycles(columns)
    local last, point
    local function column(name)
      return setmetatable({}, { __index = function(_, k)
        if k ~= last then last, point = k, space.point(indices[k]) end
        return point[name]
      end })
    end
    for _, name in ipairs(space.names) do columns:cycle(name, 1, column(name), #indices) end
    columns:cycle("rep", 1, setmetatable({}, { __index = function(_, k) return (indices[k] - 1) % space.reps + 1 end }),
      #indices)
  end
  return part
end

-- The cells that a process has, as a grid, by its options shard and costs (see cost_model.given); its fields cost, a function,
-- and costs, a text, are what the cells are dealt by. Raises if the costs cannot be read.
function shard.of(experiment, space, o)
  local cost, text = experiment.cost, nil
  if o.costs then cost, text = cost_model.given(o.costs, experiment.name, space, cost) end
  if o.shard then space = shard.part(space, o.shard[1], o.shard[2], cost) end
  space.cost, space.costs = cost, text
  return space
end

-- ---- which shard this process is -------------------------------------------------------------------------------------

local function whole(name)
  return math.tointeger(tonumber(os.getenv(name) or ""))
end

-- Array jobs: the variables of the task's index, of the lowest and the highest, of the number of tasks and of the step.
local ARRAYS = {
  { name = "Slurm", task = "SLURM_ARRAY_TASK_ID", low = "SLURM_ARRAY_TASK_MIN", high = "SLURM_ARRAY_TASK_MAX",
    count = "SLURM_ARRAY_TASK_COUNT", step = "SLURM_ARRAY_TASK_STEP" },
  { name = "Grid Engine", task = "SGE_TASK_ID", low = "SGE_TASK_FIRST", high = "SGE_TASK_LAST", step = "SGE_TASK_STEPSIZE" },
  { name = "LSF", task = "LSB_JOBINDEX", high = "LSB_JOBINDEX_END", step = "LSB_JOBINDEX_STEP" },
  { name = "PBS", task = "PBS_ARRAY_INDEX" }, { name = "PBS", task = "PBS_ARRAYID" },
}

-- Ranks of MPI launchers, and the numbers of ranks.
local RANKS = { { "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE" }, { "PMI_RANK", "PMI_SIZE" },
  { "MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE" }, { "PALS_RANKID", "PALS_SIZE" }, { "FLUX_TASK_RANK", "FLUX_JOB_SIZE" } }

-- Which part of an array job this task is: i, n; nil if it is none; nil, message if it cannot be told: of a list such as
-- 7,13, or of an array that does not begin at 0 or 1, the environment does not determine which tasks the others are.
local function of_array()
  for _, a in ipairs(ARRAYS) do
    local task = whole(a.task)
    if task and not (a.name == "LSF" and task == 0) then -- LSF: 0 is no array
      local low, high, step = a.low and whole(a.low), a.high and whole(a.high), a.step and whole(a.step) or 1
      if a.name == "LSF" then low = 1 end
      local n = low and high and step > 0 and (high - low) // step + 1
      local known = n and (low == 0 or low == 1) and n > 1 and task >= low and task <= high and (task - low) % step == 0
        and (not a.count or not whole(a.count) or whole(a.count) == n)
      if known then return (task - low) // step + 1, n end
      return nil, ("task %d of an array job of %s%s: which part of the sweep it is does not follow from that; give --shard "
        .. "i/n, or set LIMN_SHARD=i/n"):format(task, a.name, n and (" (%d to %d)"):format(low, high) or "")
    end
  end
end

-- {i, n} from the variable LIMN_SHARD, array jobs of Slurm, Grid Engine, LSF and PBS, srun and MPI launchers; an array of
-- MPI jobs is both. nil: this process is not one of several. Raises an error of kind "usage" where it cannot be told.
function shard.from_environment()
  local function refuse(text) error(native.error("usage", text), 0) end
  local given = os.getenv "LIMN_SHARD"
  if given then
    local a, b = given:match "^(%d+)/(%d+)$"
    a, b = math.tointeger(a), math.tointeger(b)
    if not a or a < 1 or a > b then refuse(("LIMN_SHARD: expected i/n with 1 <= i <= n, got %q"):format(given)) end
    return { a, b }
  end
  local i, n = of_array()
  if not i and n then refuse(n) end
  i, n = i or 1, n or 1
  -- In a batch script SLURM_PROCID is 0 whatever the job's size: only a step of srun is one of many.
  local ranks = table.move(RANKS, 1, #RANKS, 1, {})
  if os.getenv "SLURM_STEP_ID" then ranks[#ranks + 1] = { "SLURM_PROCID", "SLURM_NTASKS" } end
  for _, names in ipairs(ranks) do
    local rank, size = whole(names[1]), whole(names[2])
    if rank and size and size > 1 and rank >= 0 and rank < size then
      i, n = (i - 1) * size + rank + 1, n * size
      break
    end
  end
  return n > 1 and { i, n } or nil
end

-- Likewise (see shard.of) of a script, which reads its shard from the environment unless it is given.
function shard.own(experiment, space, o)
  o.shard = o.shard or shard.from_environment()
  return shard.of(experiment, space, o)
end

return shard
