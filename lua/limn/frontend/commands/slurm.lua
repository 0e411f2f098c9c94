-- limn/frontend/commands/slurm.lua: limn slurm SCRIPT --tasks N --time T: writes an sbatch script that runs a sweep as
-- an array job. A task that ran out of time or was killed is requeued while that helps; a job that waits for all tasks
-- merges their stores, lists what is missing, and draws.

local usage = [[
usage: limn slurm SCRIPT --time T [--tasks N | --pack T] [options] [options of the script...] > job.sh
       sbatch job.sh
  --time T           50m, 1h, 2d, or as sbatch has it, 90 (minutes), 50:00, 1:30:00, 2-12 or 2-12:00:00: the limit of one
                     start of a task, which is requeued until its shard is done
  --tasks N          shards of the sweep, one a task
  --pack T           as many tasks as take about T each (default half of --time), by the seconds of measured cells
  --costs STORE      whose cells these are, and by which cells are dealt to the tasks (default --base, or the store in --out)
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
local grid = require "limn.experiment.grid"
local packing = require "limn.experiment.packing"
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

local own = { tasks = true, time = true, pack = true, costs = true, cpus = true, out = true, limn = true, throttle = true,
  ["max-array"] = true }
local for_sbatch = { "partition", "account", "qos", "mem", "constraint", "gres" }
local several = { sbatch = true, module = true, setup = true }
local LONGEST = 366 * 86400 -- seconds
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

-- The program that the tasks run: `limn` if that is the running one by PATH, else its file.
local function program()
  local running = posix.real "/proc/self/exe"
  for folder in (os.getenv "PATH" or ""):gmatch "[^:]+" do
    if posix.stamp(folder .. "/limn") then return posix.real(folder .. "/limn") == running and "limn" or running end
  end
  return running
end

-- The words of the command line -> own options, the words for the script; or nil, message.
local function split(words)
  local o, rest, i = { out = "out", cpus = "1", limn = program(), ["max-array"] = "1001", sbatch = {}, module = {}, setup = {} }, {}, 1
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

-- The shards of a set that are to run, and those whose stores are set aside; or nil, message.
local function to_resubmit(set)
  local left, damaged = status.open(set), {}
  for _, k in ipairs(set.states.damaged or {}) do damaged[#damaged + 1] = k end
  if #left == 0 then return nil, "all shards are done or running: nothing to resubmit" end
  return left, damaged
end

-- "45 s", "12 min", "3.4 h".
local function duration(seconds)
  if seconds < 90 then return ("%.3g s"):format(seconds) end
  if seconds < 5400 then return ("%.3g min"):format(seconds / 60) end
  return ("%.3g h"):format(seconds / 3600)
end

-- The number of tasks in which the sweep takes about o.pack each, at most one a cell; or nil, message.
local function pack(o, experiment, space, costs, from, seed)
  if not costs then
    return nil, ("the number of tasks follows from the seconds of measured cells, and %s holds none: give --tasks N, or run some "
      .. "cells first (%s --reps 1, on a part of the grid)"):format(o.costs or o.base or o.store, experiment.script or "the script")
  end
  local all = packing.total(experiment, space, costs, o.base, seed)
  local tasks = math.max(1, math.min(all.cells, math.ceil(all.seconds / (o.cpus * o.pack))))
  io.stderr:write(("limn slurm: %d cells take %s of one core, by those of %s: %d task%s of %s\n"):format(all.cells,
    duration(all.seconds), from or o.out, tasks, tasks == 1 and "" or "s", duration(all.seconds / tasks / o.cpus)))
  if all.longest > o.time then
    io.stderr:write(("limn slurm: %s takes about %s, more than --time; it must save where it is (cell:checkpoint)\n")
      :format(grid.name(all.point), duration(all.longest)))
  end
  return tasks
end

-- Which tasks there are and by what they are dealt -> { n =, indices =, damaged =, costs = text, or nil }; or nil, message.
-- Shards whose stores are there keep the costs by which they were dealt: else all would be computed again.
local function planned(o, experiment, space, seed)
  local set, why = nil, nil
  if o.tasks or o.resubmit then set, why = packing.set(o.out, experiment.name, o.tasks) end
  if o.resubmit and not set then return nil, why end
  local costs, known, from, dealt
  if set then
    o.tasks = set.n
    costs, dealt = packing.dealt(set, o.out)
  end
  if not dealt then
    known, costs, from = pcall(packing.costs, experiment, space, { o.costs or false, o.base or false, not o.costs and o.store })
    if not known then return nil, tostring(costs) end
  end
  if not o.tasks then
    known, o.tasks, why = pcall(pack, o, experiment, space, costs, from, seed)
    if not known then return nil, tostring(o.tasks) end
    if not o.tasks then return nil, why end
    return planned(o, experiment, space, seed) -- that number of shards may be there
  end
  local all = {}
  for k = 1, o.tasks do all[k] = k end
  local indices, damaged = all, {}
  if o.resubmit then indices, damaged = to_resubmit(set) end
  if not indices then return nil, damaged end
  return { n = o.tasks, indices = indices, damaged = damaged, costs = costs }
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

-- The options of sbatch and lines of shell that the site asks for: for the array, for the job that merges, before limn.
local function of_site(o)
  local more, shared, setup = {}, {}, {}
  for _, name in ipairs(for_sbatch) do
    if o[name] then
      more[#more + 1] = ("#SBATCH --%s=%s\n"):format(name, o[name])
      if name ~= "gres" then shared[#shared + 1] = (" --%s=%s"):format(name, system.quoted(o[name])) end
    end
  end
  for _, option in ipairs(o.sbatch) do more[#more + 1] = ("#SBATCH %s\n"):format(option) end
  for _, name in ipairs(o.module) do setup[#setup + 1] = "module load " .. system.quoted(name) .. "\n" end
  for _, line in ipairs(o.setup) do setup[#setup + 1] = line .. "\n" end
  return table.concat(more), table.concat(shared), table.concat(setup)
end

local function text_of_job(o, script, name, rest, tasks)
  local parts, chunks, words = arrays(tasks.indices, o["max-array"], o.throttle), {}, {}
  local more, shared, setup = of_site(o)
  for i = 2, #parts do
    chunks[#chunks + 1] = ('  jobs=$jobs:$(LIMN_OFFSET=%d sbatch --parsable --array=%s "$0")\n'):format(parts[i].offset, parts[i].text)
  end
  for i, word in ipairs(rest) do words[i] = " " .. system.quoted(word) end
  if tasks.costs then words[#words + 1] = " --costs " .. system.quoted(tasks.costs) end
  -- A tenth, at most two minutes, is reserved for cells that run at the time limit and for the last write.
  local reserve = math.min(120, math.max(20, o.time // 10))
  local time = ("%d:%02d:%02d"):format(o.time // 3600, o.time // 60 % 60, o.time % 60)
  local limn, out, file = system.quoted(o.limn), system.quoted(o.out), system.quoted(o.store)
  local values = { NAME = name, ARRAY = parts[1].text, TASKS = tasks.n, CPUS = o.cpus, LIMN = limn, SCRIPT = system.quoted(script),
    OUT = out, REST = table.concat(words), TIME = time, RESERVE = reserve, LIMIT = o.time - reserve, OFFSET = parts[1].offset,
    GRACE = reserve - MARGIN, MORE = more, SETUP = setup, CHUNKS = table.concat(chunks), SHARED = " --time=" .. time .. shared,
    ASIDE = aside(o, name, tasks.n, tasks.damaged),
    -- It inherits the environment of the first task but is not part of the array. What is missing is listed, the rest drawn.
    MERGE = system.quoted(("%sunset SLURM_ARRAY_TASK_ID LIMN_OFFSET; %s store merge %s --shards %d; merged=$?; %s %s --plot-only "
      .. "--partial --out %s%s && exit $merged"):format(setup, limn, file, tasks.n, limn, system.quoted(script), out,
      for_drawing(rest))) }
  return (job:gsub("@(%u+)@", values))
end

-- A time limit as limn or sbatch has it -> seconds, or nil. A number alone is minutes, as in sbatch.
local function time_limit(text)
  if text:match "^%d+$" then text = text .. "m" end
  local seconds = posix.seconds(text)
  if seconds then return math.ceil(seconds) end
  local days, rest = text:match "^(%d+)%-(.+)$"
  local parts = {}
  for part in ((rest or text) .. ":"):gmatch "([^:]*):" do
    if not part:match "^%d%d?%d?%d?$" then return nil end
    parts[#parts + 1] = math.tointeger(part)
  end
  if #parts > 3 then return nil end
  if days or #parts == 3 then -- hours come first
    return (tonumber(days or 0) * 24 + parts[1]) * 3600 + (parts[2] or 0) * 60 + (parts[3] or 0)
  end
  return parts[1] * 60 + parts[2]
end

-- The options of the command -> o with numbers in place of texts; or nil, message.
local function checked(o)
  if not o.time then return nil, "--time T is needed: the limit of one start of a task, such as 50m, 1h or 1:30:00\n" .. usage end
  local time, pack_time = time_limit(o.time), o.pack and posix.seconds(o.pack)
  if not time or time < 60 or time > LONGEST then
    return nil, ("--time must be at least a minute, as 50m, 1.5h or 2d, or as sbatch has it: MM, MM:SS, HH:MM:SS, D-HH, D-HH:MM or "
      .. "D-HH:MM:SS; got %q"):format(o.time)
  end
  if o.pack and not pack_time then return nil, ("--pack: expected a time such as 50m or 1h, got %q"):format(o.pack) end
  if o.pack and o.tasks then return nil, "--tasks says how many tasks there are, --pack asks for it: give one of them" end
  for _, name in ipairs { "tasks", "cpus", "throttle", "max-array" } do
    local least = name == "max-array" and 2 or 1
    local n = whole(o[name], least)
    if o[name] and not n then return nil, ("--%s must be a whole number >= %d, got %q"):format(name, least, o[name]) end
    o[name] = n
  end
  o.time, o.pack = time, pack_time or time / 2
  return o
end

local function run(script, ...)
  if type(script) ~= "string" or script:sub(1, 1) == "-" then
    io.stderr:write(usage, "\n")
    return script == "--help" and 0 or 2
  end
  local o, rest = split { ... }
  if not o then return complain(rest) end
  local why
  o, why = checked(o)
  if not o then return complain(why) end
  local chunk
  chunk, why = loadfile(script)
  if not chunk then return complain(why, 1) end
  local experiment = chunk()
  if type(experiment) ~= "table" or type(experiment.measure) ~= "function" then
    return complain(("%s does not return limn.experiment{...}"):format(script), 1)
  end
  local fine, params, lists, given = pcall(cli.parse, experiment, rest) -- an error is reported here, not by every task
  if not fine then return complain(tostring(params)) end
  for name in pairs(given) do
    if not passed[name] then return complain(("--%s is not for array tasks; the job script sets it"):format(name)) end
  end
  o.base, o.store = given.base, ("%s/%s.db"):format(o.out, experiment.name)
  local counted, space = pcall(experiment.cells, experiment, { params = params, grid = lists, zip = given.zip, reps = given.reps,
    seed = given.seed })
  if not counted then return complain(tostring(space)) end
  local tasks
  tasks, why = planned(o, experiment, space, given.seed or experiment.seed)
  if not tasks then return complain(why) end
  if tasks.n > space.count then
    io.stderr:write(("limn slurm: %d tasks for %d cell%s: %d of the tasks have none; --tasks %d is enough\n"):format(tasks.n,
      space.count, space.count == 1 and "" or "s", tasks.n - space.count, space.count))
  end
  io.write(text_of_job(o, script, experiment.name, rest, tasks))
  return 0
end

return { summary = "write an sbatch script for a sweep as an array job", run = run }
