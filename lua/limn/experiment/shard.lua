-- limn/experiment/shard.lua: which part of a sweep this process is, when a cluster's launcher says so.

local shard = {}

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
