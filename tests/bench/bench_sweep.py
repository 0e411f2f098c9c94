"""Sweeps: overhead per cell, including the store; time to resume a sweep; two workers."""
import statistics

SWEEP = r'''
local limn = require "limn"
local native = require "limn.native"
local now, dir = native.posix.now, native.process.temp_dir()
local cells, workers, work, again = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3]), arg[4] == "again"
local function busy(n) local x = 0.0; for i = 1, n do x = x + i * 0.5 end; return x end
local function declare(t)
  local e = limn.experiment(t) -- inside a function: declared, not run as this script's command line
  return e
end
local first
local function grid(n) return { n = ("1:%d"):format(n) } end
local e = declare { name = "trivial", params = { n = 1 }, grid = grid(cells),
  measure = function(p) first = first or now(); return { v = p.n * 0.5, w = busy(work) } end }
local function run(n)
  return e:run { workers = math.tointeger(workers), store = dir .. "/t.db", grid = grid(n or cells) }
end
if again then
  run()
  collectgarbage() -- a resumed sweep is a new process
  first = nil
  local t = now()
  run(cells + 1)
  print("first " .. first - t)
  cells = cells + 1
end
local t = now()
local results = run(cells)
if again then assert(results:save(dir .. "/t.csv")) end
t = now() - t
assert(#results == cells)
os.execute("rm -rf " .. dir)
print("seconds " .. t)
'''

# The same computation with cells assigned in advance to separate processes: the maximum gain of two on this machine.
PLAIN = r'''
local posix = require("limn.native").posix
local cells, processes, work = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3])
local function busy(n) local x = 0.0; for i = 1, n do x = x + i * 0.5 end; return x end
local t, pids = posix.now(), {}
for p = 1, processes do
  pids[p] = posix.fork()
  if pids[p] == 0 then
    for _ = 1, cells / processes do busy(work) end
    posix.quit(0)
  end
end
for _, pid in ipairs(pids) do posix.wait(pid) end
print("seconds " .. posix.now() - t)
'''


def run(bench):
    """Goals: 100 us a cell inline, 300 with workers; resuming from 10^5 finished cells in under 1 s; 1.9 with two."""
    n = 2000 if bench.quick else 10000
    for name, workers in (("inline", 0), ("2 workers", 2)):
        t = bench.limn(SWEEP, n, workers, 0).values["seconds"]
        bench.note("trivial cells, %s, store included: %.0f us a cell (%d cells)" % (name, t / n * 1e6, n))
    again = bench.limn(SWEEP, 10 * n, 0, 0, "again").values
    bench.note("resume of %d finished cells: the first new cell starts after %.2f s" % (10 * n, again["first"]))
    bench.note("all %d finished: table and CSV after %.2f s" % (10 * n + 1, again["seconds"]))
    cells, work = (40, 1000000) if bench.quick else (120, 5000000)
    took = {name: [] for name in ("1 worker", "2 workers", "1 process", "2 processes")}
    for _ in range(bench.repeats):
        for workers in (1, 2):
            took["%d worker%s" % (workers, "s"[:workers - 1])].append(
                bench.limn(SWEEP, cells, workers, work).values["seconds"])
            took["%d process%s" % (workers, "es" * (workers - 1))].append(
                bench.limn(PLAIN, cells, workers, work).values["seconds"])
    took = {name: statistics.median(seconds) for name, seconds in took.items()}
    bench.note("%d cells of pure computing, medians of %d rounds in turn: 1 worker %.2f s, 2 workers %.2f s, ratio %.2f; "
               "the same work in bare processes, no sweep around it: %.2f s, %.2f s, ratio %.2f"
               % (cells, bench.repeats, took["1 worker"], took["2 workers"], took["1 worker"] / took["2 workers"],
                  took["1 process"], took["2 processes"], took["1 process"] / took["2 processes"]))
