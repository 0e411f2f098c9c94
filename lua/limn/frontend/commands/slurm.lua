-- limn/frontend/commands/slurm.lua: limn slurm SCRIPT --tasks N --time T: writes an sbatch script that runs a sweep as
-- an array job. A task that ran out of time or was killed is requeued while that helps; a job that waits for all tasks
-- merges their stores, lists what is missing, and draws.

local usage = [[
usage: limn slurm SCRIPT --tasks N --time T [options] [options of the script...] > job.sh
       sbatch job.sh
  --tasks N          shards of the sweep, one a task; T is 90 (seconds), 50m, 1h or 2d: the limit of one start of a task,
  --time T           which is requeued until its shard is done
  --cpus N           of a task, each a worker (default 1)
  --partition P, --account A, --qos Q, --mem M, --gres G, --constraint C
                     for sbatch; all but gres also for the job that merges
  --sbatch OPTION    any other option of sbatch, of the array
  --module NAME, --setup LINE
                     before limn runs: module load NAME; a line of shell; both may be repeated
  --throttle N       tasks that run at a time
  --max-array N      the site's MaxArraySize (default 1001, Slurm's own); more tasks become several arrays
  --resubmit         only the shards that are not done in --out DIR; damaged stores are set aside
  --out DIR, --limn PROGRAM]]

local system = require "limn.base.system"
local cli = require "limn.experiment.cli"
local posix = require("limn.native").posix
local shard = require "limn.experiment.shard"
local status = require "limn.experiment.status"

-- The options that are passed to the tasks. --store would be one file for all of them, and --fresh would discard
-- finished cells at each requeueing.
local passed = { zip = true, reps = true, seed = true, quiet = true, ["cell-time"] = true, ["cell-memory"] = true,
  ["keep-going"] = true, ["fail-fast"] = true, yes = true, retry = true, base = true, ["time-limit"] = true }

-- Options of a task that the job that draws does not take.
local of_tasks = { base = true, retry = true, ["time-limit"] = true, ["cell-time"] = true, ["cell-memory"] = true,
  ["keep-going"] = true, ["fail-fast"] = true }

local own = { tasks = true, time = true, cpus = true, out = true, limn = true, throttle = true, ["max-array"] = true }
local for_sbatch = { "partition", "account", "qos", "mem", "constraint", "gres" }
local several = { sbatch = true, module = true, setup = true }
local MARGIN = 5 -- seconds between the end of a task and its time limit

-- The shard of a task is the index plus an offset, since an array may have MaxArraySize - 1 tasks only. Slurm kills the
-- script at the time limit too: it gets USR1 before, and hands it to limn, which ends with 75 if another start helps.
local job = [[
#!/bin/sh
#SBATCH --job-name=@NAME@
#SBATCH --array=@ARRAY@
#SBATCH --time=@TIME@
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=@CPUS@
#SBATCH --signal=B:USR1@@RESERVE@
#SBATCH --requeue
#SBATCH --open-mode=append
@MORE@@SETUP@shard=$((SLURM_ARRAY_TASK_ID + ${LIMN_OFFSET:-@OFFSET@}))
# The first task submits the job that merges, at its first start; it runs after all tasks have ended.
if [ "$SLURM_ARRAY_TASK_ID" = "${SLURM_ARRAY_TASK_MIN:-1}" ] && [ "${SLURM_RESTART_COUNT:-0}" = 0 ] && [ -z "$LIMN_OFFSET" ]; then
  jobs=$SLURM_ARRAY_JOB_ID
@CHUNKS@  sbatch --job-name=@NAME@-merge --dependency=afterany:"$jobs"@SHARED@ --wrap @MERGE@
fi
@ASIDE@@LIMN@ @SCRIPT@ --shard "$shard/@TASKS@" --workers "${SLURM_CPUS_PER_TASK:-1}" \
  --time-limit @LIMIT@ --grace @GRACE@ --out @OUT@@REST@ &
limn=$!
trap 'kill -USR1 $limn 2>/dev/null' USR1 TERM
wait $limn
code=$?
while kill -0 $limn 2>/dev/null; do # a signal ends `wait`, not limn
  wait $limn
  code=$?
done
if [ $code = 75 ] || { [ $code -gt 128 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 10 ]; }; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" && exit 0
fi
exit $code
]]

local function complain(text, code)
  io.stderr:write("limn slurm: ", text, "\n")
  return code or 2
end

-- The words of the command line -> own options, the words for the script; or nil, message.
local function split(words)
  local o, rest, i = { out = "out", cpus = "1", limn = "limn", ["max-array"] = "1001", sbatch = {}, module = {}, setup = {} }, {}, 1
  local known = {}
  for _, name in ipairs(for_sbatch) do known[name] = true end
  while words[i] do
    local name, value = words[i]:match "^%-%-([%a-]+)=?(.*)$"
    if name == "resubmit" then o.resubmit = true
    elseif own[name] or known[name] or several[name] then
      if not words[i]:find("=", 1, true) then value, i = words[i + 1], i + 1 end
      if not value or value == "" then return nil, ("--%s needs a value"):format(name) end
      if several[name] then table.insert(o[name], value) else o[name] = value end
    else rest[#rest + 1] = words[i] end
    i = i + 1
  end
  return o, rest
end

local function whole(text, least)
  local n = text and math.tointeger(tonumber(text))
  return n and n >= least and n or nil
end

-- Indices as arrays of sbatch that each hold fewer than `most`: a list of { text =, offset = }.
local function arrays(indices, most, throttle)
  local out, i = {}, 1
  while indices[i] do
    local offset = indices[i] < most and 0 or indices[i] - 1
    local part = {}
    while indices[i] and indices[i] - offset < most do
      part[#part + 1] = indices[i] - offset
      i = i + 1
    end
    out[#out + 1] = { text = status.ranges(part) .. (throttle and "%" .. throttle or ""), offset = offset }
  end
  return out
end

-- The shards that are to run, and the stores that are set aside; or nil, message.
local function chosen(o, name, tasks)
  local all = {}
  for k = 1, tasks do all[k] = k end
  if not o.resubmit then return all, {} end
  for _, set in ipairs((status.of(o.out)) or {}) do
    if set.name == name and set.n == tasks then
      local left, damaged = status.open(set), {}
      for _, k in ipairs(set.states.damaged or {}) do damaged[#damaged + 1] = k end
      if #left == 0 then return nil, "all shards are done or running: nothing to resubmit" end
      return left, damaged
    end
  end
  return nil, ("no stores of %d shards of %s are in %s"):format(tasks, name, o.out)
end

-- Lines that move damaged stores aside, for the task that computes their cells again.
local function aside(o, name, tasks, damaged)
  local lines = {}
  for _, k in ipairs(damaged) do
    local path = system.quoted(shard.store(("%s/%s.db"):format(o.out, name), k, tasks))
    lines[#lines + 1] = ('if [ "$shard" = %d ] && [ "${SLURM_RESTART_COUNT:-0}" = 0 ]; then mv %s %s.damaged; fi\n'):format(k, path, path)
  end
  return table.concat(lines)
end

-- Words of the script's options that the drawing job takes, quoted.
local function for_drawing(rest)
  local out, i = {}, 1
  while rest[i] do
    local name = rest[i]:match "^%-%-([%w_-]+)"
    local flag = name == "keep-going" or name == "fail-fast"
    if of_tasks[name] then
      if not flag and not rest[i]:find("=", 1, true) then i = i + 1 end
    else out[#out + 1] = " " .. system.quoted(rest[i]) end
    i = i + 1
  end
  return table.concat(out)
end

local function run(script, ...)
  if type(script) ~= "string" or script:sub(1, 1) == "-" then
    io.stderr:write(usage, "\n")
    return script == "--help" and 0 or 2
  end
  local o, rest = split { ... }
  if not o then return complain(rest) end
  local tasks, time, cpus = whole(o.tasks, 1), math.tointeger(posix.seconds(o.time)), whole(o.cpus, 1)
  local most, throttle = whole(o["max-array"], 2), o.throttle and whole(o.throttle, 1)
  if not tasks or not time or time < 60 or not cpus then
    return complain("--tasks and --cpus must be whole numbers >= 1, --time at least a minute\n" .. usage)
  end
  if not most or o.throttle and not throttle then return complain "--max-array must be >= 2, --throttle >= 1" end
  local chunk, why = loadfile(script)
  if not chunk then return complain(why, 1) end
  local experiment = chunk()
  if type(experiment) ~= "table" or type(experiment.measure) ~= "function" then
    return complain(("%s does not return limn.experiment{...}"):format(script), 1)
  end
  local fine, params, _, given = pcall(cli.parse, experiment, rest) -- an error is reported here, not by every task
  if not fine then return complain(tostring(params)) end
  for name in pairs(given) do
    if not passed[name] then return complain(("--%s is not for array tasks; the job script sets it"):format(name)) end
  end
  local indices, damaged = chosen(o, experiment.name, tasks)
  if not indices then return complain(damaged) end
  local parts, more, shared, setup, chunks, words = arrays(indices, most, throttle), {}, {}, {}, {}, {}
  for _, name in ipairs(for_sbatch) do
    if o[name] then
      more[#more + 1] = ("#SBATCH --%s=%s\n"):format(name, o[name])
      if name ~= "gres" then shared[#shared + 1] = (" --%s=%s"):format(name, system.quoted(o[name])) end
    end
  end
  for _, option in ipairs(o.sbatch) do more[#more + 1] = ("#SBATCH %s\n"):format(option) end
  for _, name in ipairs(o.module) do setup[#setup + 1] = "module load " .. system.quoted(name) .. "\n" end
  for _, line in ipairs(o.setup) do setup[#setup + 1] = line .. "\n" end
  for i = 2, #parts do
    chunks[#chunks + 1] = ('  jobs=$jobs:$(LIMN_OFFSET=%d sbatch --parsable --array=%s "$0")\n'):format(parts[i].offset, parts[i].text)
  end
  for i, word in ipairs(rest) do words[i] = " " .. system.quoted(word) end
  -- A tenth, at most two minutes, is reserved for cells that run at the time limit and for the last write.
  local reserve = math.min(120, math.max(20, time // 10))
  local time_text = ("%d:%02d:%02d"):format(time // 3600, time // 60 % 60, time % 60)
  local limn, out, file = system.quoted(o.limn), system.quoted(o.out), system.quoted(("%s/%s.db"):format(o.out, experiment.name))
  local values = { NAME = experiment.name, ARRAY = parts[1].text, TASKS = tasks, CPUS = cpus, LIMN = limn,
    SCRIPT = system.quoted(script), OUT = out, REST = table.concat(words), TIME = time_text, RESERVE = reserve,
    LIMIT = time - reserve, OFFSET = parts[1].offset, GRACE = reserve - MARGIN,
    MORE = table.concat(more), SETUP = table.concat(setup), CHUNKS = table.concat(chunks),
    SHARED = (" --time=%s"):format(time_text) .. table.concat(shared),
    ASIDE = aside(o, experiment.name, tasks, damaged),
    -- It inherits the environment of the first task but is not part of the array. What is missing is listed, the rest drawn.
    MERGE = system.quoted(("%sunset SLURM_ARRAY_TASK_ID LIMN_OFFSET; %s store merge %s --shards %d; merged=$?; %s %s --plot-only "
      .. "--partial --out %s%s && exit $merged"):format(table.concat(setup), limn, file, tasks, limn, system.quoted(script), out,
      for_drawing(rest))) }
  io.write((job:gsub("@(%u+)@", values)))
  return 0
end

return { summary = "write an sbatch script for a sweep as an array job", run = run }
