-- sweep_toy.lua: common functions of the specs on stores, kills and disks: a toy sweep of 60 cells, and functions to
-- run it and to read its store.

local native = require "limn.native"
local stores = require "limn.experiment.store"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/testing.lua")

local toy = { build = testing.build, program = testing.program, sanitized = testing.sanitized, dir = native.process.temp_dir(),
  read = testing.read, skip_if = testing.skip_if }

-- TOY_WORK: seconds a cell takes; TOY_LOG: a file that gets a line when a cell has been computed; bad: what happens
-- where n = 4.
local SCRIPT = [[
local limn = require "limn"
local posix = require("limn.native").posix
local function me() return tonumber(io.open("/proc/self/stat"):read "n") end
return limn.experiment { name = "toy", question = "q",
  params = { n = 3, k = "a", x = 0.5, bad = "" }, grid = { n = "1:10", x = { 0.25, 0.5 } }, reps = 3,
  measure = function(p, rng)
    local stop = posix.now() + tonumber(os.getenv "TOY_WORK" or 0)
    while posix.now() < stop do end
    if p.n == 4 and p.bad == "error" then error "no luck" end
    if p.n == 4 and p.bad == "crash" then posix.kill(me(), "KILL") end
    if p.n == 4 and p.bad == "segv" then os.execute("kill -SEGV " .. me()) posix.ready({}, 5) end
    if p.n == 4 and p.bad == "abort" then os.execute("kill -ABRT " .. me()) posix.ready({}, 5) end
    if p.n == 4 and p.bad == "exit" then os.exit(0) end
    if p.n == 4 and p.bad == "slow" then while true do end end
    if p.n == 4 and p.bad == "greedy" then
      local held = {}
      for i = 1, 64 do held[i] = limn.ones(1024, 1024 * 8) end
    end
    if p.n == 4 and p.bad == "table" then return { t = {} } end
    if p.bad == "all" then -- each in words of its own, so that each is reported
      error("refused " .. tostring(rng:integer(0, 1 << 53)):gsub("%d", function(digit) return ("abcdefghij"):sub(digit + 1, digit + 1) end))
    end
    local result = { v = rng:normal(), i = p.n, nan = 0 / 0, s = 'a "quoted", text\n', yes = true, few = rng:uniform(3),
      many = p.n == 1 and rng:uniform(100, 100) or 1, stack = rng:uniform(2, 6):reshape(2, 3, 2) }
    local log = os.getenv "TOY_LOG"
    if log then
      local file = assert(io.open(log, "a"))
      file:write(p.n, " ", p.x, "\n")
      file:close()
    end
    return result
  end }
]]

function toy.write(name, text) return testing.write(toy.dir .. "/" .. name, text) end


toy.script = toy.write("toy.lua", SCRIPT)

-- Runs a shell line; returns its exit code and output.
function toy.sh(line, ...)
  local status, out, err = native.process.run({ "sh", "-c", line:format(...) }, {}, 1200)
  return status, (out or "") .. (err or "")
end

-- The sweep, into a folder of its own.
function toy.sweep(out, options, environment)
  return toy.sh("%s %s %s --quiet --out %s/%s %s", environment or "", toy.program, toy.script, toy.dir, out, options or "")
end

-- Everything that a store holds, to the bit: a line a cell, in order; nil, message.
function toy.held(file)
  local s, why = stores.open(toy.dir .. "/" .. file)
  if not s then return nil, why end
  local lines = {}
  for _, cell in ipairs(s:cells()) do
    if cell.values then
      lines[#lines + 1] = ("%s %d %d %s"):format(cell.id, cell.rep, cell.seed,
        (native.posix.hash(native.message.encode(cell.values))))
    end
  end
  s:close()
  return table.concat(lines, "\n"), #lines
end

local whole
-- The same for a sweep that was not interrupted.
function toy.whole()
  if not whole then
    local status, said = toy.sweep("whole", "--workers 0")
    assert(status == 0, said)
    local n
    whole, n = toy.held "whole/toy.db"
    assert(n == 60)
  end
  return whole
end

function toy.finish(code)
  toy.sh("rm -rf %s", toy.dir)
  os.exit(code)
end

return toy
