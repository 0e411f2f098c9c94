-- random_figures.lua: draws figures of random data and options, extremes among them, and lists those that do not end in a
-- file, or in an error that names its cause, within 5 s of CPU time.
--   build/release/limn tests/random_figures.lua [FROM:TO]      seeds; default 1:10000, about ten minutes
io.stdout:setvbuf "line"
local here = arg[0]:match "^(.*)/[^/]*$" or "."
local random = dofile(here .. "/lua/support/random_figures.lua")

local from, to = (arg[1] or "1:10000"):match "^(%d+):(%d+)$"
if not from then
  io.stderr:write "random_figures: expected FROM:TO, two seeds\n"
  os.exit(2)
end
local folder = os.tmpname()
os.remove(folder)
assert(os.execute("mkdir " .. folder))
local count, wrong, slowest, at = { file = 0, error = 0 }, 0, 0, nil
for seed = tonumber(from), tonumber(to) do
  local why, kind, seconds = random.check(seed, folder)
  count[kind] = count[kind] + 1
  if seconds > slowest then slowest, at = seconds, seed end
  if why then
    wrong = wrong + 1
    print(seed .. ": " .. why)
  end
end
os.execute("rm -rf " .. folder)
print(("%d figures, %d errors that name their cause, %d wrong; the slowest, %s, took %.2f s"):format(count.file, count.error,
  wrong, at, slowest))
os.exit(wrong == 0)
