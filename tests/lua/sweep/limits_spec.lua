-- limits_spec.lua: limits of the address space end in an error and not in a loop; a home that is missing is not made; signals
-- and limits end a cell whatever it does: {INT, TERM, HUP, --cell-time, --cell-memory} x {Lua, native, BLAS, os.execute,
-- io.popen}, and nothing is left behind.
-- slow: 30 s

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")

TestLimits = {}

function TestLimits.testAddressSpaceOfAnySize()
  toy.skip_if(toy.sanitized, "a sanitizer reserves terabytes")
  toy.write("blas.lua", [[local limn = require "limn"
    print(limn.eye(50):matmul(limn.eye(50)):sum(), limn.rng.stream(1):normal(60, 60):svd() ~= nil)]])
  local ended, refused = 0, 0
  for megabytes = 20, 620, 60 do
    local status, said = toy.sh("cd %s && ulimit -v %d && OPENBLAS_NUM_THREADS=1 timeout 60 %s blas.lua 2>&1", toy.dir, megabytes * 1000,
      toy.program)
    lu.assertTrue(status == 0 or status == 1 or status == 127, megabytes .. " MB: " .. status .. " " .. said)
    if status == 0 then ended = ended + 1 elseif said:find "the limit of the address space" then refused = refused + 1 end
  end
  lu.assertTrue(ended >= 3 and refused >= 2, ended .. " " .. refused)
end

function TestLimits.testMissingHomeIsNotMade()
  local home = toy.dir .. "/missing/home"
  toy.write("quit.txt", "print(1)\n:quit\n")
  toy.sh("cd %s && env -u XDG_STATE_HOME -u XDG_CACHE_HOME HOME=%s timeout 60 %s -i <quit.txt", toy.dir, home, toy.program)
  toy.write("home.lua", [[return require("limn").experiment { name = "home", params = { n = 1 },
    measure = function() return { v = 1 } end }]])
  local status, said = toy.sh("cd %s && env -u XDG_STATE_HOME -u XDG_CACHE_HOME HOME=%s %s home.lua --quiet --out home", toy.dir,
    home, toy.program)
  lu.assertEquals(status, 0, said)
  lu.assertNotEquals((toy.sh("ls %s/missing 2>&1", toy.dir)), 0)
end

-- What a cell does for a minute, unless it is stopped.
local WORK = {
  lua = "while true do end",
  native = "rng:normal(40000, 40000)",
  blas = "local A = rng:normal(1500, 1500) while true do A = A:matmul(A) / 1e6 end",
  execute = "os.execute 'sleep 61.7'",
  popen = "io.popen('sleep 61.7'):read 'a'",
}

local EVENTS = {
  INT = { signal = "INT", codes = { [130] = true } },
  TERM = { signal = "TERM", codes = { [143] = true, [130] = true } },
  HUP = { signal = "HUP", codes = { [129] = true, [130] = true } },
  time = { options = "--cell-time 1s", codes = { [1] = true } },
}

function TestLimits.testSignalsAndTimeEndEveryCell()
  for work, code in pairs(WORK) do
    toy.write(work .. ".lua", ([[local limn = require "limn"
      return limn.experiment { name = "%s", params = { n = 1 }, measure = function(_, rng)
        io.open("began", "w"):close()
        %s
        return { v = 1 } end }]]):format(work, code))
    for event, e in pairs(EVENTS) do
      local what = work .. ", " .. event
      os.remove(toy.dir .. "/began")
      local kill = e.signal and ("(for i in $(seq 200); do [ -e began ] && break; sleep 0.1; done; sleep 0.3; kill -%s $p) &"):format(
        e.signal) or ""
      local status, said = toy.sh("cd %s && { timeout 50 sh -c 'echo $$ >pid; exec %s %s.lua --workers 1 --no-check --out o_%s_%s %s' "
        .. "& while [ ! -s pid ]; do sleep 0.05; done; p=$(cat pid); rm pid; %s wait %%1; } 2>&1", toy.dir, toy.program, work, work,
        event, e.options or "", kill)
      lu.assertTrue(e.codes[status], ("%s: exit %d\n%s"):format(what, status, said))
      lu.assertEquals(toy.sh("pgrep -f 'slee[p] 61.7'"), 1, what .. ": a process is left")
    end
  end
end

-- A cell whose memory is limited fails, and the sweep goes on.
function TestLimits.testMemoryOfACell()
  toy.skip_if(toy.sanitized, "a sanitizer reserves terabytes")
  toy.write("memory.lua", [[local limn = require "limn"
    return limn.experiment { name = "memory", params = { n = 1 }, grid = { n = "1:3" }, measure = function(p, rng)
      if p.n == 1 then local t = {} for i = 1, 1e9 do t[i] = { i } end end
      if p.n == 2 then return { v = rng:normal(20000, 20000):sum() } end
      local A = rng:normal(200, 200)
      return { v = A:matmul(A):sum() + A:svd():sum() } end }]])
  local status, said = toy.sh("cd %s && timeout 100 %s memory.lua --workers 1 --no-check --out memory --cell-memory 700M 2>&1",
    toy.dir, toy.program)
  lu.assertEquals(status, 1, said)
  lu.assertStrContains(said, "memory")
  local _, listed = toy.sh("cd %s && %s store ls memory/memory.db", toy.dir, toy.program)
  lu.assertStrContains(listed, "1 cells, 2 failed")
end

toy.finish(lu.LuaUnit.run())
