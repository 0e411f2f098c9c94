-- cluster_spec.lua: which part of a sweep a process is, and which cells it has; how far shards are; the job script of
-- `limn slurm`. A real Slurm is in tests/cluster.
-- slow: 8 s

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")
local limn = require "limn"
local native = require "limn.native"
local shard = require "limn.experiment.shard"
local status_of = require "limn.experiment.status"
local stores = require "limn.experiment.store"

local dir, script, limn_program = toy.dir, toy.script, toy.program
local write, sh, sweep = toy.write, toy.sh, toy.sweep

local function export(file)
  local status, text = sh(("%s store export %s/%s --json"):format(limn_program, dir, file))
  lu.assertEquals(status, 0, text)
  return text
end

local function expected()
  toy.whole()
  return export "whole/toy.db"
end

local function has(said, text) lu.assertTrue(said:find(text, 1, true) ~= nil, ("no %q in:\n%s"):format(text, said)) end

TestCluster = {}

-- A grid whose expensive cells recur every so many cells: by stride the slowest of 500 shards took 7.3 times the mean.
function TestCluster.testShardsCostTheSame()
  local e = limn.experiment { name = "alias", run = false, params = { N = 16, D = 1 }, grid = { N = "16:1024:log2/4", D = "1:50" },
    reps = 20, measure = function() return {} end }
  local space = e:cells()
  local function cost(p) return p.N ^ 2 end
  for n, most in pairs { [1] = 1, [50] = 1.4, [250] = 2, [500] = 2.2 } do
    for _, declared in ipairs { false, true } do
      local seen, worst, sum = {}, 0, 0
      for i = 1, n do
        local part, total, before = shard.part(space, i, n, declared and cost or nil), 0, 0
        for k = 1, part.count do
          local cell = part.cell(k)
          local name = cell.id .. cell.rep
          lu.assertNil(seen[name])
          lu.assertEquals(cell.index, k)
          seen[name], total = true, total + cost(cell.point)
          before = k
        end
        lu.assertEquals(before, part.count)
        lu.assertTrue(math.abs(part.count - space.count / n) <= 1)
        worst, sum = math.max(worst, total), sum + total
      end
      local cells = 0
      for _ in pairs(seen) do cells = cells + 1 end
      lu.assertEquals(cells, space.count)
      lu.assertTrue(worst / (sum / n) <= (declared and 1.01 or most), ("%d shards: %g"):format(n, worst / (sum / n)))
    end
  end
  local part = shard.part(space, 3, 7)
  lu.assertEquals(part.point(1), part.cell(1).point)
end

-- The shard that the environment of a launcher determines, and environments that determine none.
function TestCluster.testTheEnvironmentTellsTheShard()
  local probe = write("probe.lua", [[
    local ok, s = pcall(require("limn.experiment.shard").from_environment)
    print(not ok and tostring(s) or s and s[1] .. "/" .. s[2] or "none")]])
  local function told(environment)
    local _, said = sh("env -i %s %s %s", environment, limn_program, probe)
    return (said:gsub("%s+$", ""))
  end
  local function slurm(id, low, high, count)
    return ("SLURM_ARRAY_TASK_ID=%d SLURM_ARRAY_TASK_MIN=%d SLURM_ARRAY_TASK_MAX=%d SLURM_ARRAY_TASK_COUNT=%d SLURM_ARRAY_TASK_STEP=1")
      :format(id, low, high, count)
  end
  for environment, want in pairs { ["A=1"] = "none", [slurm(3, 1, 4, 4)] = "3/4", [slurm(0, 0, 9, 10)] = "1/10",
    ["SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=9 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_STEP=4"] = "2/3",
    ["SGE_TASK_ID=2 SGE_TASK_FIRST=1 SGE_TASK_LAST=5 SGE_TASK_STEPSIZE=1"] = "2/5", ["SGE_TASK_ID=undefined"] = "none",
    ["LSB_JOBINDEX=4 LSB_JOBINDEX_END=8 LSB_JOBINDEX_STEP=1"] = "4/8", ["LSB_JOBINDEX=0"] = "none",
    ["PBS_ARRAY_INDEX=4 LIMN_SHARD=4/9"] = "4/9", [slurm(7, 7, 13, 2) .. " LIMN_SHARD=7/20"] = "7/20",
    ["OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=3"] = "2/3", ["PALS_RANKID=1 PALS_SIZE=3"] = "2/3",
    ["SLURM_PROCID=1 SLURM_NTASKS=4"] = "none", ["SLURM_STEP_ID=0 SLURM_PROCID=1 SLURM_NTASKS=4"] = "2/4",
    [slurm(2, 1, 3, 3) .. " PMI_RANK=1 PMI_SIZE=2"] = "4/6" } do
    lu.assertEquals(told(environment), want, environment)
  end
  for _, environment in ipairs { slurm(7, 7, 13, 2), slurm(13, 7, 13, 2), slurm(5, 5, 5, 1), slurm(8, 7, 9, 3), slurm(1, 1, 1, 1),
    slurm(2, 1, 5, 3), "PBS_ARRAY_INDEX=4", "PBS_ARRAYID=1", "SGE_TASK_ID=7 SGE_TASK_FIRST=7 SGE_TASK_LAST=9 SGE_TASK_STEPSIZE=1" } do
    has(told(environment), "give --shard i/n, or set LIMN_SHARD=i/n")
  end
  has(told "LIMN_SHARD=5/4", 'expected i/n with 1 <= i <= n, got "5/4"')
  local status, said = sh("%s %s %s --quiet --out %s/none", slurm(13, 7, 13, 2), limn_program, script, dir)
  lu.assertEquals(status, 2, said)
  has(said, "task 13 of an array job of Slurm (7 to 13)")
end

-- Three shards, then five: what is done is not computed again.
function TestCluster.testTheNumberOfShardsMayChange()
  local log = dir .. "/base.log"
  for i = 1, 2 do lu.assertEquals(sweep("base", ("--no-check --shard %d/3"):format(i), "TOY_LOG=" .. log), 0) end
  lu.assertEquals(sh("%s store merge %s/base/toy.db --shards 3", limn_program, dir), 3)
  sh("rm %s/base/toy.*-of-3.db", dir)
  for i = 1, 5 do
    lu.assertEquals(sweep("base", ("--no-check --shard %d/5 --base %s/base/toy.db"):format(i, dir), "TOY_LOG=" .. log), 0)
  end
  lu.assertEquals(sh("%s store status %s/base", limn_program, dir), 0)
  lu.assertEquals(sh("%s store merge %s/base/toy.db --shards 5", limn_program, dir), 0)
  lu.assertTrue(toy.held "base/toy.db" == toy.whole())
  local _, lines = toy.read(log):gsub("\n", "")
  lu.assertEquals(lines, 60)
  local status, said = sweep("base", "--base " .. dir .. "/base/toy.db")
  lu.assertTrue(status ~= 0)
  has(said, "base is for shards")
end

-- A store of the toy sweep whose cells took `seconds`, an expression of n and x.
local function took(folder, seconds)
  lu.assertEquals(sweep(folder, ""), 0)
  local path = ("%s/%s/toy.db"):format(dir, folder)
  local db = assert(native.sqlite.open(path, "write"))
  assert(db:rows(("UPDATE cell SET seconds = (SELECT %s FROM (SELECT json_extract(params, '$.n') AS n, "
    .. "json_extract(params, '$.x') AS x))"):format(seconds)))
  db:close()
  return path
end

-- By the seconds of a store's cells the shards of a larger sweep take the same time, whatever the experiment declares.
function TestCluster.testShardsTakeTheSameTime()
  local path = took("took", "0.001 * n * n * n * (1 + 8 * (x = 0.5))")
  local function truth(p) return p.n ^ 3 * (p.x == 0.5 and 9 or 1) end
  for _, cost in ipairs { false, function(p) return p.n end } do
    local e = limn.experiment { name = "toy", run = false, params = { n = 3, k = "a", x = 0.5, bad = "" }, cost = cost or nil,
      grid = { n = "1:60", x = { 0.25, 0.5 } }, reps = 20, measure = function() return {} end }
    for _, known in ipairs { true, false } do
      local worst, sum = 0, 0
      for i = 1, 20 do
        local part, total = shard.of(e, e:cells(), { shard = { i, 20 }, costs = known and path or nil }), 0
        for k = 1, part.count do total = total + truth(part.point(k)) end
        worst, sum = math.max(worst, total), sum + total
        lu.assertEquals({ part.costs ~= nil, part.cost ~= nil }, { known, known or cost ~= false })
      end
      lu.assertTrue((worst / (sum / 20) < 1.03) == known, ("%s: %g"):format(known, worst / (sum / 20)))
    end
  end
  for i = 1, 3 do lu.assertEquals(sweep("even", ("--no-check --shard %d/3 --costs %s"):format(i, path)), 0) end
  lu.assertEquals(sh("%s store merge %s/even/toy.db --shards 3", limn_program, dir), 0)
  lu.assertTrue(toy.held "even/toy.db" == toy.whole())
  for given, why in pairs { ["no.db"] = "no.db", ["'[1]'"] = "expected a store, or the costs that `limn slurm` wrote" } do
    local status, said = sweep("even", "--shard 1/3 --costs " .. given)
    lu.assertEquals(status, 2, said)
    has(said, why)
  end
end

-- The number of tasks from measured cells; tasks that are submitted again keep the costs by which they were dealt.
function TestCluster.testCellsArePackedIntoTasks()
  local path = took("pack", "60 * n * n") -- 38.5 hours
  local function slurm(options) return sh("%s slurm %s --out %s/pack %s", limn_program, script, dir, options) end
  local _
  local status, said = slurm "--time 8h --pack 4h"
  lu.assertEquals(status, 0, said)
  for _, text in ipairs { "60 cells take 38.", "10 tasks of 3.8", "#SBATCH --array=1-10\n", " --costs '[{" } do has(said, text) end
  status, said = slurm "--time 8h --cpus 2"
  lu.assertEquals(status, 0, said)
  for _, text in ipairs { "5 tasks of ", "#SBATCH --array=1-5\n" } do has(said, text) end
  _, said = slurm "--time 1h"
  has(said, "n=10, x=0.")
  has(said, "more than --time; it must save where it is (cell:checkpoint)")
  _, said = slurm "--time 8h --reps 1 --grid n=1:2"
  has(said, "#SBATCH --array=1\n")
  _, said = slurm("--time 8h --base " .. path)
  has(said, "0 cells take 0 s")
  -- A job, of which one task is done; the store grows.
  status, said = slurm "--time 8h --tasks 3"
  local costs = said:match "%-%-costs '(.-)'"
  lu.assertEquals(status, 0, said)
  sh("%s %s --quiet --no-check --out %s/pack --shard 1/3 --costs '%s'", limn_program, script, dir, costs)
  sh("%s %s --quiet --no-check --out %s/pack --reps 4", limn_program, script, dir)
  for _, options in ipairs { "--time 8h --tasks 3", "--time 8h --resubmit" } do
    status, said = slurm(options)
    lu.assertEquals(status, 0, said)
    lu.assertTrue(said:match "%-%-costs '(.-)'" == costs)
  end
  has(said, "#SBATCH --array=2-3\n")
  sh("%s %s --quiet --no-check --out %s/pack --shard 1/7", limn_program, script, dir)
  status, said = slurm "--time 8h --tasks 7"
  lu.assertTrue(status == 0 and not said:find("--costs", 1, true)) -- these shards began without
  for options, why in pairs { ["--time 8h --resubmit"] = "shards of 3 and of 7 tasks are in",
    ["--time 8h --tasks 2 --pack 1h"] = "give one of them", ["--time 8h --pack x"] = "expected a time such as 50m",
    ["--time 8h --out nowhere"] = "give --tasks N, or run some cells first" } do
    status, said = slurm(options)
    lu.assertEquals(status, 2, said)
    has(said, why)
  end
end

-- One of each state.
function TestCluster.testStatus()
  for _, i in ipairs { 1, 2, 4 } do lu.assertEquals(sweep("state", ("--shard %d/7"):format(i)), 0) end
  sh("%s %s --quiet --shard 5/7 --time-limit 0.2 --workers 1 --out %s/state", "TOY_WORK=0.1 " .. limn_program, script, dir)
  write("state/toy.6-of-7.db", "")
  write("state/toy.7-of-7.db", toy.read(dir .. "/state/toy.4-of-7.db"):sub(1, 9000))
  local writer = assert(stores.open(dir .. "/state/toy.2-of-7.db", "toy"))
  local status, said = sh("%s store status %s/state", limn_program, dir)
  writer:close()
  lu.assertEquals(status, 3)
  for _, line in ipairs { "toy: 7 shards: 2 done, 1 running, 1 stopped, 1 empty, 1 damaged, 1 missing", "  running: 2\n",
    "  missing: 3\n", "  stopped: 5\n", "  empty: 6\n", "  damaged: 7\n", " of 60 cells, 0 failed" } do has(said .. "\n", line) end
  status, said = sh("%s store status %s/state --json", limn_program, dir)
  lu.assertEquals({ status, native.json.decode(said)[1].states.missing[1] }, { 3, 3 })
  -- Those that are not done, as a job.
  status, said = sh("%s slurm %s --tasks 7 --time 1h --out %s/state --resubmit", limn_program, script, dir)
  lu.assertEquals(status, 0, said)
  has(said, "#SBATCH --array=3,5-7\n")
  has(said, 'if [ "$shard" = 7 ]')
  has(said, ("mv %s/state/toy.7-of-7.db %s/state/toy.7-of-7.db.damaged"):format(dir, dir))
  lu.assertEquals(status_of.ranges { 1, 2, 3, 7, 9, 10 }, "1-3,7,9-10")
  lu.assertEquals(sh("%s store status %s/nothing", limn_program, dir), 1)
  -- Live, until nothing runs.
  lu.assertEquals(sweep("live", "--shard 1/2"), 0)
  status, said = sh(("cd %s; TOY_WORK=0.1 %s %s --quiet --workers 2 --shard 2/2 --out live & sleep 1; "
    .. "%s store status live --every 0.3; wait"):format(dir, limn_program, script, limn_program))
  lu.assertEquals(status, 0, said)
  has(said, "toy: 2 shards: 2 done")
  has(said, "1 running")
end

-- Options of a site reach the array and the job that merges; more tasks than an array may have become several.
function TestCluster.testOptionsOfASite()
  local status, said = sh("%s slurm %s --tasks 2500 --time 90m --partition big --account a1 --mem 4G --gres gpu:1 --constraint 'a&b' "
    .. "--module gcc/12 --setup 'ulimit -s unlimited' --throttle 50 --sbatch --exclusive --reps 3 --retry 2", limn_program, script)
  lu.assertEquals(status, 0, said)
  for _, line in ipairs { "#SBATCH --array=1-1000%50\n", "#SBATCH --time=1:30:00\n", "#SBATCH --partition=big\n", "#SBATCH --account=a1\n",
    "#SBATCH --mem=4G\n", "#SBATCH --gres=gpu:1\n", "#SBATCH --constraint=a&b\n", "#SBATCH --exclusive\n", "#SBATCH --signal=B:USR1@120\n",
    "\nmodule load gcc/12\nulimit -s unlimited\n", 'LIMN_OFFSET=1000 sbatch --parsable --array=1-1000%50 "$0"',
    'LIMN_OFFSET=2000 sbatch --parsable --array=1-500%50 "$0"',
    "--time=1:30:00 --partition=big --account=a1 --mem=4G --constraint='a&b' --wrap",
    "--time-limit 5280 --grace 115 --out out --reps 3 --retry 2", "store merge out/toy.db --shards 2500",
    "--plot-only --partial --out out --reps 3 && exit" } do has(said, line) end
  local folder = write("job.sh", said)
  lu.assertEquals(sh("sh -n %s", folder), 0)
end

-- Time limits as limn and as sbatch write them; what is neither is named.
function TestCluster.testTimeLimits()
  for given, want in pairs { ["90"] = "1:30:00", ["90:30"] = "1:30:30", ["1:00:00"] = "1:00:00", ["2-12"] = "60:00:00",
    ["1-2:30"] = "26:30:00", ["1-2:30:15"] = "26:30:15", ["1.5h"] = "1:30:00", ["90s"] = "0:01:30", ["2d"] = "48:00:00" } do
    local status, said = sh("%s slurm %s --tasks 2 --time %s", limn_program, script, given)
    lu.assertEquals(status, 0, said)
    has(said, ("#SBATCH --time=%s\n"):format(want))
  end
  for _, given in ipairs { "2h30m", "abc", "0", "-5", "0:30", "1:2:3:4", "1-", ":", "1-x", "-1:00" } do
    local status, said = sh("%s slurm %s --tasks 2 --time %s", limn_program, script, given)
    lu.assertEquals(status, 2, said)
    has(said, ("D-HH:MM:SS; got %q"):format(given))
  end
  local status, said = sh("%s slurm %s --tasks 2", limn_program, script)
  lu.assertEquals(status, 2, said)
  has(said, "--time T is needed")
end

-- Tasks without a cell are told; the job runs the program that wrote it.
function TestCluster.testTasksWithoutCellsAndTheProgram()
  local _, said = sh("%s slurm %s --tasks 70 --time 1h", limn_program, script)
  has(said, "70 tasks for 60 cells: 10 of the tasks have none; --tasks 60 is enough")
  local own = native.posix.real(limn_program)
  has(said, ("\n%s %s --shard"):format(own, script))
  sh("mkdir -p %s/path; ln -sf %s %s/path/limn", dir, own, dir)
  _, said = sh("PATH=%s/path:$PATH limn slurm %s --tasks 2 --time 1h", dir, script)
  has(said, ("\nlimn %s --shard"):format(script))
  lu.assertNil(said:find("have none", 1, true))
end

-- The job script run by a shell, with a substitute of two lines for Slurm's scheduler.
function TestCluster.testSlurmJobSweepsRequeuesAndMerges()
  sh(("mkdir -p %s/bin"):format(dir))
  write("bin/sbatch", '#!/bin/sh\nfor last; do :; done\nprintf "%s\\n" "$last" >"$LATER"\n')
  write("bin/scontrol", '#!/bin/sh\necho "$@" >>"$LATER.requeued"\n')
  sh(("chmod +x %s/bin/*"):format(dir))
  local status, said = sh(("%s slurm %s --tasks 2 --time 1m --out %s/q --limn %s > %s/job.sh"):format(limn_program,
    script, dir,
    limn_program, dir))
  lu.assertEquals(status, 0, said)
  for i = 1, 2 do
    status, said = sh(("cd %s; export PATH=%s/bin:$PATH LATER=%s/merge.sh SLURM_ARRAY_JOB_ID=5 SLURM_ARRAY_TASK_ID=%d; sh job.sh")
      :format(dir, dir, dir, i))
    lu.assertEquals(status, 0, said)
  end
  status, said = sh(("sh %s/merge.sh"):format(dir))
  lu.assertEquals(status, 0, said)
  lu.assertTrue(export "q/toy.db" == expected())
  -- a task whose time is up asks to be requeued
  sh(("sed -i 's/--time-limit [0-9]*/--time-limit 0.6 --fresh/' %s/job.sh"):format(dir))
  status, said = sh(("cd %s; export PATH=%s/bin:$PATH LATER=%s/merge.sh SLURM_ARRAY_JOB_ID=5 SLURM_ARRAY_TASK_ID=2 TOY_WORK=0.1; "
    .. "sh job.sh"):format(dir, dir, dir))
  lu.assertEquals(status, 0, said)
  lu.assertEquals(toy.read(dir .. "/merge.sh.requeued"), "requeue 5_2\n")
  lu.assertEquals(sh(("%s slurm %s --tasks 0 --time 1h"):format(limn_program, script)), 2)
  for options, why in pairs { ["--tasks=2 --store a.db"] = "--store is not for array tasks", ["--tasks=2 --grid m=3"] = "no parameter",
    ["--tasks=2 --throttle 0"] = "--throttle must be a whole number >= 1", ["--tasks=2 --partition"] = "--partition needs a value",
    ["--tasks=2 --resubmit"] = "no stores of 2 shards of toy", ["--tasks=2 --fresh"] = "--fresh is not for array" } do
    status, said = sh("%s slurm %s --time=1h %s", limn_program, script, options)
    lu.assertEquals(status, 2)
    lu.assertStrContains(said, why)
  end
end

toy.finish(lu.LuaUnit.run())
