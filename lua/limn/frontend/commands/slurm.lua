-- limn/frontend/commands/slurm.lua: limn slurm SCRIPT --tasks N --time T: writes an sbatch script that runs a sweep as
-- an array job, requeues tasks that reached their time limit (exit 75) or were killed, and merges and draws in a
-- dependent job. The merge depends on the end of the array, not on its success: after a failed cell the others are
-- still merged.

local usage = [[
usage: limn slurm SCRIPT --tasks N --time T [--cpus N] [--out DIR] [options of the script...] > job.sh
       sbatch job.sh
T is 90 (seconds), 50m, 1h or 2d: the limit of one task, which is requeued until its shard is done.]]

local system = require "limn.base.system"
local cli = require "limn.experiment.cli"
local posix = require("limn.native").posix

-- The options that are passed to the tasks. --store would be one file for all of them, and --fresh would discard
-- finished cells at each requeueing.
local passed = { zip = true, reps = true, seed = true, quiet = true, ["cell-time"] = true, ["cell-memory"] = true,
  ["keep-going"] = true, ["fail-fast"] = true, yes = true, ["time-limit"] = true } -- may be shorter than the default

local LONGEST = 100000 -- bytes of one argument of a command; the system's limit is 128 KiB

local job = [[
#!/bin/sh
#SBATCH --job-name=@NAME@
#SBATCH --array=1-@TASKS@
#SBATCH --time=@TIME@
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=@CPUS@
#SBATCH --requeue
#SBATCH --open-mode=append
# Task 1 submits the merge at its first start; it runs after all tasks have ended.
if [ "$SLURM_ARRAY_TASK_ID" = 1 ] && [ "${SLURM_RESTART_COUNT:-0}" = 0 ]; then
  sbatch --job-name=@NAME@-merge --dependency=afterany:"$SLURM_ARRAY_JOB_ID" --wrap @MERGE@
fi
@LIMN@ @SCRIPT@ --shard "$SLURM_ARRAY_TASK_ID/@TASKS@" --workers "${SLURM_CPUS_PER_TASK:-1}" \
  --time-limit @LIMIT@ --out @OUT@@REST@
code=$?
if [ $code = 75 ] || { [ $code -gt 128 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 10 ]; }; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" && exit 0
fi
exit $code
]]

local function run(script, ...)
  if type(script) ~= "string" or script:sub(1, 1) == "-" then
    io.stderr:write(usage, "\n")
    return script == "--help" and 0 or 2
  end
  local o, rest, more, words, i = { out = "out", cpus = "1", limn = "limn" }, {}, {}, { ... }, 1
  while words[i] do
    local name, value = words[i]:match "^%-%-([%a-]+)=?(.*)$"
    if name == "tasks" or name == "time" or name == "cpus" or name == "out" or name == "limn" then
      if not words[i]:find("=", 1, true) then value, i = words[i + 1], i + 1 end
      o[name] = value
    else
      rest[#rest + 1], more[#more + 1] = words[i], " " .. system.quoted(words[i])
    end
    i = i + 1
  end
  local tasks, time, cpus = math.tointeger(o.tasks), math.tointeger(posix.seconds(o.time)), math.tointeger(o.cpus)
  if not tasks or tasks < 1 or not time or time < 60 or not cpus or cpus < 1 or not o.out or not o.limn then
    io.stderr:write("limn slurm: --tasks and --cpus must be whole numbers >= 1, --time at least a minute\n", usage,
      "\n")
    return 2
  end
  local chunk, why = loadfile(script)
  if not chunk then
    io.stderr:write("limn slurm: ", why, "\n")
    return 1
  end
  local experiment = chunk()
  if type(experiment) ~= "table" or type(experiment.measure) ~= "function" then
    io.stderr:write(("limn slurm: %s does not return limn.experiment{...}\n"):format(script))
    return 1
  end
  local fine, params, _, given = pcall(cli.parse, experiment, rest) -- an error is reported here, not by every task
  if not fine then
    io.stderr:write("limn slurm: ", tostring(params), "\n")
    return 2
  end
  for name in pairs(given) do
    if not passed[name] then
      io.stderr:write(("limn slurm: --%s is not for array tasks; the job script sets it\n"):format(name))
      return 2
    end
  end
  local limn, out, shards = system.quoted(o.limn), system.quoted(o.out), {}
  local path = ("%s/%s"):format(out, experiment.name)
  for k = 1, tasks do shards[k] = ("%s.%d-of-%d.db"):format(path, k, tasks) end
  local values = { NAME = experiment.name, TASKS = tasks, CPUS = cpus, LIMN = limn, SCRIPT = system.quoted(script), OUT = out,
    REST = table.concat(more),
    -- a tenth, at most two minutes, is reserved for cells that run at the time limit and for the last write
    LIMIT = time - math.min(120, math.max(10, time // 10)),
    TIME = ("%d:%02d:%02d"):format(time // 3600, time // 60 % 60, time % 60),
    -- the merge inherits the environment of task 1 but is not part of the array
    MERGE = system.quoted(("unset SLURM_ARRAY_TASK_ID; %s store merge %s.db %s && %s %s --plot-only --out %s%s"):format(limn,
      path, table.concat(shards, " "), limn, system.quoted(script), out, table.concat(more))) }
  if #values.MERGE > LONGEST then
    io.stderr:write(("limn slurm: the names of %d stores do not fit into one command; use fewer tasks with more --cpus\n")
      :format(tasks))
    return 2
  end
  io.write((job:gsub("@(%u+)@", values)))
  return 0
end

return { summary = "write an sbatch script for a sweep as an array job", run = run }
