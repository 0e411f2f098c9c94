-- limn/experiment/shard.lua: which part of a sweep this process is, when a cluster's launcher says so.

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

local function whole(name)
  return math.tointeger(os.getenv(name) or "")
end

-- {i, n} from Slurm arrays, srun and MPI launchers, or nil; an array of MPI jobs is both.
function shard.from_environment()
  local i, n = 1, 1
  local task, low = whole "SLURM_ARRAY_TASK_ID", whole "SLURM_ARRAY_TASK_MIN"
  if task and low then
    local step = whole "SLURM_ARRAY_TASK_STEP" or 1
    n = whole "SLURM_ARRAY_TASK_COUNT" or ((whole "SLURM_ARRAY_TASK_MAX" or task) - low) // step + 1
    i = (task - low) // step + 1
  end
  -- In a batch script SLURM_PROCID is 0 whatever the job's size: only a step of srun is one of many.
  for _, names in ipairs { { "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE" }, { "PMI_RANK", "PMI_SIZE" },
    os.getenv "SLURM_STEP_ID" and { "SLURM_PROCID", "SLURM_NTASKS" } or nil } do
    local rank, size = whole(names[1]), whole(names[2])
    if rank and size and size > 1 then
      i, n = (i - 1) * size + rank + 1, n * size
      break
    end
  end
  if n > 1 and i >= 1 and i <= n then return { i, n } end
end

return shard
