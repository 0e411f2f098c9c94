"""Sweeps: what a cell costs beyond its own work, store included; the start of a resumed sweep; two workers."""

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


def run(bench):
    """Goals: 100 us a cell inline, 300 with workers; 10^5 finished cells taken up in under 1 s; 1.9 with two."""
    n = 2000 if bench.quick else 10000
    for name, workers in (("inline", 0), ("2 workers", 2)):
        t = bench.limn(SWEEP, n, workers, 0).values["seconds"]
        bench.note("trivial cells, %s, store included: %.0f us a cell (%d cells)" % (name, t / n * 1e6, n))
    again = bench.limn(SWEEP, 10 * n, 0, 0, "again").values
    bench.note("resume of %d finished cells: the first new cell starts after %.2f s" % (10 * n, again["first"]))
    bench.note("all %d finished: table and CSV after %.2f s" % (10 * n + 1, again["seconds"]))
    one, two = (bench.limn(SWEEP, 40, w, 5000000).values["seconds"] for w in (1, 2))
    bench.note("40 cells of pure computing: 1 worker %.2f s, 2 workers %.2f s, ratio %.2f" % (one, two, one / two))
