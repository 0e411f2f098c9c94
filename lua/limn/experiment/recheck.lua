-- limn/experiment/recheck.lua: some finished cells of a script's sweep computed again in a fresh process, which shares
-- nothing with the first but the files, and compared to the bit.

local check = require "limn.base.check"
local native = require "limn.native"
local grid = require "limn.experiment.grid"
local keys = require "limn.experiment.key"
local reach = require "limn.experiment.reach"

local posix, message = native.posix, native.message

local recheck = {}

local CELLS = 2
local KEPT = 4 -- cells of either kind that are kept while a sweep runs
local SHARE = 0.1 -- of the sweep's time: what one cell may take
local BRIEF, LONG = 1, 60 -- seconds: a cell that takes less is always checked; one that takes more never
local START = 10 -- seconds that the script may take before its first cell
local RECORD = "<I6Bs4" -- index, whether it succeeded, bytes or message

-- The limit of a cell's time in a sweep of so many seconds.
local function limit(elapsed) return math.min(LONG, math.max(BRIEF, SHARE * elapsed)) end

-- A number that follows from the clock: the random streams of the script are left alone.
local function throw() return (select(2, posix.hash(("%.9f"):format(posix.now())))) end

-- Some of the cells of a sweep, chosen at random as they finish: of those that are brief, and of those that may be.
local Sample = {}
Sample.__index = Sample

-- .finished: cells that have values.
function recheck.sample()
  return setmetatable({ finished = 0, dice = throw(), brief = { seen = 0 }, longer = { seen = 0 } }, Sample)
end

function Sample:add(cell)
  if not cell.values then return end
  self.finished = self.finished + 1
  if not cell.seconds or cell.seconds > LONG then return end
  local some = cell.seconds <= BRIEF and self.brief or self.longer
  some.seen = some.seen + 1
  self.dice = self.dice * 6364136223846793005 + 1442695040888963407
  local place = #some < KEPT and #some + 1 or (self.dice >> 33) % some.seen + 1 -- reservoir sampling
  if place <= KEPT then some[place] = cell end
end

-- The kept cells that take at most so many seconds.
function Sample:within(seconds)
  local out = {}
  for _, some in ipairs { self.brief, self.longer } do
    for _, cell in ipairs(some) do if cell.seconds <= seconds then out[#out + 1] = cell end end
  end
  return out
end

-- `count` elements of a list, chosen by the clock.
local function choose(list, count)
  local dice = throw()
  local out = {}
  while #out < count and #list > 0 do
    out[#out + 1] = table.remove(list, dice % #list + 1)
    dice = dice // 7919
  end
  return out
end

-- The command of this process, with further options, without --only.
local function command(script, args, ...)
  local words = { (posix.real "/proc/self/exe") }
  local first = -1
  while arg[first - 1] do first = first - 1 end
  for i = first + 1, -1 do
    if arg[i] ~= "-i" then words[#words + 1] = arg[i] end
  end
  words[#words + 1] = script
  for i, word in ipairs(args) do
    if not word:match "^%-%-only" and args[i - 1] ~= "--only" then words[#words + 1] = word end
  end
  return table.move({ ... }, 1, select("#", ...), #words + 1, words)
end

local function show(v)
  if type(v) == "number" then return math.type(v) == "float" and ("%.17g"):format(v) or tostring(v) end
  return check.show(v)
end

-- How two tables of values differ: "w (0.5 and 0.25)", the fields in the order of their names.
local function difference(a, b)
  local names, out = {}, {}
  for k in pairs(a) do names[k] = true end
  for k in pairs(b) do names[k] = true end
  for k in pairs(names) do
    local u, v = a[k], b[k]
    local alike = rawequal(u, v) or u ~= u and v ~= v
      or type(u) == "userdata" and type(v) == "userdata" and reach.content(u) == reach.content(v)
    if not alike then
      out[#out + 1] = type(u) == "userdata" and k or ("%s (%s and %s)"):format(k, show(u), show(v))
    end
  end
  table.sort(out)
  return table.concat(out, ", ")
end

-- Computes the cells that are listed in a file, and writes what comes out into another; the exit code of the process.
-- one(cell): true and bytes, or false and message.
function recheck.answer(space, path, one)
  local out = {}
  for line in io.lines(path) do
    local cell = space.cell(math.tointeger(line))
    local ok, bytes = one(cell)
    out[#out + 1] = RECORD:pack(cell.index, ok and 1 or 0, bytes)
  end
  local written = native.files.put(path .. ".out", table.concat(out))
  return written and 0 or 1
end

-- The records that the fresh process wrote, index -> {ok =, bytes =}; or nil and why there are none.
local function again(name, script, args, chosen, seconds)
  local folder, why = native.process.temp_dir()
  if not folder then return nil, why end
  local path, lines = folder .. "/cells", {}
  for i, cell in ipairs(chosen) do lines[i] = ("%d\n"):format(cell.index) end
  local text
  local fine, e = pcall(function()
    assert(native.files.put(path, table.concat(lines)))
    local status, out, err = native.process.run(command(script, args, "--only", name, "--recompute", path), {}, seconds)
    if status == nil and out == "time" then error(("it took longer than %.3g s"):format(seconds), 0) end
    local file = status == 0 and io.open(path .. ".out", "rb")
    if not file then error(check.first_line(err ~= "" and err or tostring(out or status)), 0) end
    text = file:read "a"
    file:close()
  end)
  os.remove(path)
  os.remove(path .. ".out")
  os.remove(folder)
  if not fine then
    if check.kind(e) == "interrupted" then error(e, 0) end
    return nil, tostring(e)
  end
  local records, at = {}, 1
  while at <= #text do
    local index, ok, bytes
    index, ok, bytes, at = RECORD:unpack(text, at)
    records[index] = { ok = ok == 1, bytes = bytes }
  end
  return records
end

-- Compares some of the cells that a sweep computed with what a fresh process computes. experiment: with its .name, .script
-- and .code; script, args: the command; sample: of its cells; elapsed: seconds that they took; say(text, always) reports:
-- what is always to be said is a difference.
function recheck.compare(experiment, script, args, sample, elapsed, say)
  if sample.finished == 0 then return end
  local fit = sample:within(limit(elapsed))
  if #fit == 0 then
    say(("no cell was computed again as a check: each takes longer than %.3g s"):format(limit(elapsed)))
    return
  end
  local chosen, seconds = choose(fit, CELLS), 0
  for _, cell in ipairs(chosen) do seconds = seconds + cell.seconds end
  local records, why = again(experiment.name, script, args, chosen, math.max(START, SHARE * elapsed) + 10 * seconds)
  local changed, moved = keys.now { key = experiment.code.key, script = experiment.script }
  if #changed > 0 then
    local code = true -- a file that measure reads by loadfile is read when a cell runs
    for _, what in ipairs(changed) do code = code and (what:find "^function " or what:find "^value " or what:find "^limn") ~= nil end
    say(("edited while the sweep ran: %s; the cells %s and count as stale now; none was computed again as a check"):format(
      table.concat(changed, ", "), code and "are those of the code as it was at the start"
        or "may have read a file before or after the edit"), true)
    return
  end
  if not records then
    say(("no cell was computed again as a check: the fresh process failed: %s"):format(why))
    return
  end
  for _, cell in ipairs(chosen) do
    local title = ("%s, rep=%d"):format(grid.name(cell.point), cell.rep)
    local record = records[cell.index]
    if not record then say(("%s was not computed again"):format(title))
    elseif not record.ok then
      say(("%s fails when it is computed again in a fresh process: %s"):format(title, check.first_line(record.bytes)), true)
    elseif record.bytes ~= message.encode(cell.values) then
      say(("%s differs when it is computed again in a fresh process: %s; %s (--no-check skips this comparison)"):format(title,
        difference(cell.values, message.decode(record.bytes)), moved and "the script was edited while the sweep ran"
          or "measure depends on more than its two arguments"), true)
    end
  end
end

return recheck
