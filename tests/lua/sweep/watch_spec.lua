-- watch_spec.lua: limn store watch: one look at a finished store, and looks at one that a sweep writes meanwhile.

local lu = require "luaunit"
local testing = dofile(debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../support/testing.lua")

local dir = testing.temp_dir()
local script = testing.write(dir .. "/slow.lua", [[
return require("limn").experiment { name = "slow", params = { n = 1, k = "a" }, grid = { n = "1:6", k = { "a", "b" } }, reps = 2,
  cost = function(p) return p.k == "a" and 1 or 2 end, -- b comes first
  measure = function(p)
    if p.n == 5 then error "bad luck" end
    local start = os.clock()
    while os.clock() - start < tonumber(os.getenv "WAIT") do end
    return { y = 100 + p.n, yy = p.k == "b" and (p.n == 3 or p.n == 4) and 0 / 0 or 1, list = require("limn").zeros(3) }
  end }]])

local function sweep(wait, out, tail)
  return os.execute(("WAIT=%s %s %s --quiet --workers 1 --out %s/%s >/dev/null 2>&1 %s"):format(wait, testing.program, script, dir,
    out, tail or ""))
end

local function watch(arguments, zone)
  return testing.run(("cd %s && %s timeout 60 %s store watch %s 2>&1"):format(dir, zone or "", testing.program, arguments))
end

local function holds(text, part) lu.assertTrue(text:find(part, 1, true) ~= nil, part .. " is not in:\n" .. text) end

TestWatch = {}

function TestWatch.testOneLook()
  sweep(0, "done")
  local text = watch "done/slow.db y"
  holds(text, "done/slow.db: slow, 20 cells, 4 failed\nrun 1: 24 cells since ")
  holds(text, ", ended 20")
  holds(text, "failed\n  k=a, n=5, rep=1: ")
  holds(text, "bad luck\n  ... 1 more\nnewest rows\n  rep  k   list  n")
  local _, rows = text:gsub("\n +[12]  [ab]  {%.%.%.}  [1-6]  10[1-6]", "")
  lu.assertEquals(rows, 5)
  holds(text, " y\n")
  holds(text, "#") -- the line of characters
  holds(watch "done/slow.db yy", "(2 places are means of fewer replicates)\n(pooled over k: 2 values)\n(4 of 20 rows omitted: no "
    .. "numbers in n and yy)")
  lu.assertNil(watch("done/slow.db"):find("#", 1, true))
  lu.assertNil(text:find "\27")
end

-- The looks end when the sweep does; each shows rows that the one before did not. Times are those of UTC in any zone.
function TestWatch.testWhileItRuns()
  sweep(0.08, "live", "&")
  for _ = 1, 200 do
    os.execute "sleep 0.05"
    if testing.exists(dir .. "/live/slow.db") and watch("live/slow.db"):find " [1-9]%d* cells, %d failed" then break end
  end
  local text = watch("live/slow.db --every 0.3", "TZ=Asia/Kolkata")
  local looks, last, growing = 0, 0, 0
  for cells, failed in text:gmatch ": slow, (%d+) cells, (%d+) failed" do
    looks, growing = looks + 1, growing + (tonumber(cells) > last and 1 or 0)
    last = tonumber(cells)
    lu.assertTrue(tonumber(failed) <= 4)
  end
  lu.assertTrue(looks >= 2 and growing >= 2, text)
  lu.assertEquals(last, 20)
  local rows = text:match ".*newest rows(.*)$"
  lu.assertTrue(rows:find "\n +[12]  a  " ~= nil and not rows:find "\n +[12]  b  ", rows)
  holds(text, ", running")
  for rate in text:gmatch "Z, ([%d%.e-]+) a second" do lu.assertTrue(tonumber(rate) > 0.1 and tonumber(rate) < 1000, rate) end
end

-- Ctrl-C is the way to leave a watch: no message, and the exit code of an interrupt.
function TestWatch.testCtrlC()
  sweep(0, "left")
  local store = require("limn.experiment.store").open(dir .. "/left/slow.db", "slow")
  store:sql "UPDATE run SET ended = NULL" -- as while it runs
  store:close()
  local said = testing.run(("cd %s; timeout --preserve-status -k 20 -s INT 1 %s store watch left/slow.db --every 0.2 2>err >/dev/null; "
    .. "echo $?; cat err"):format(dir, testing.program))
  lu.assertEquals(said, "130\n")
end

function TestWatch.testRefuses()
  sweep(0, "done")
  holds(watch "none.db", "none.db")
  holds(watch "done/slow.db z", 'no column "z" (there are: rep k list n y yy)')
  holds(watch "done/slow.db y --every x", "--every takes a number of seconds")
  holds(watch "done/slow.db y --every", "got nothing")
  holds(watch "done/slow.db a b c", "usage: watch FILE")
end

local result = lu.LuaUnit.run()
os.execute("rm -r " .. dir)
os.exit(result)
