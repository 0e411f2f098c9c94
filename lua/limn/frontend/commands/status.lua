-- limn/frontend/commands/status.lua: limn store status: the shards of a sweep, once or again and again.

local native = require "limn.native"
local status = require "limn.experiment.status"
local visible = require "limn.base.visible"

local posix = native.posix

local LONG = 60 -- characters of a list of shards
local PARTIAL = 3 -- exit code: not all shards are done, or not of one seed and the same data

local usage = "usage: status DIR [--every SECONDS] [--json]"

local function complain(text)
  io.stderr:write("limn store: ", visible.text(text), "\n")
  return 1
end

local function shorten(text)
  if #text <= LONG then return text end
  return text:sub(1, LONG):match "^(.*),[^,]*$" .. ",..."
end

-- "45 s", "12 min", "3.4 h".
local function duration(seconds)
  if seconds < 90 then return ("%d s"):format(math.ceil(seconds)) end
  if seconds < 5400 then return ("%d min"):format(math.ceil(seconds / 60)) end
  return ("%.1f h"):format(seconds / 3600)
end

-- The lines on one sweep.
local function lines_of(set)
  local counts, out = {}, {}
  for _, state in ipairs(status.states) do
    local list = set.states[state]
    if list then counts[#counts + 1] = ("%d %s"):format(#list, state) end
  end
  out[1] = ("%s: %d shards: %s"):format(set.name, set.n, table.concat(counts, ", "))
  out[2] = ("  %d%s cells, %d failed%s%s"):format(set.cells, set.expected and " of " .. set.expected or "", set.failed,
    set.rate > 0 and ("; %.3g cells/s"):format(set.rate) or "",
    set.left and ("; the running shards need %s"):format(duration(set.left)) or "")
  for _, state in ipairs(status.states) do
    local list = set.states[state]
    if list and state ~= "done" and #list < set.n then out[#out + 1] = ("  %s: %s"):format(state, shorten(status.ranges(list))) end
  end
  if #set.older > 0 then out[#out + 1] = "  of older code: " .. shorten(status.ranges(set.older)) end
  for _, m in ipairs(set.mixed) do out[#out + 1] = ("  of %s: %s"):format(m.what, shorten(status.ranges(m.shards))) end
  return out
end

return function(folder, ...)
  local every, as_json, words, i = nil, false, { ... }, 1
  while words[i] do
    if words[i] == "--json" then as_json = true
    elseif words[i] == "--every" then
      i = i + 1
      every = posix.seconds(words[i])
      if not every then return complain(usage) end
    else return complain(usage) end
    i = i + 1
  end
  local sets, known
  local drawn = 0
  repeat
    sets, known = status.of(folder, known)
    if not sets then return complain(known) end
    if #sets == 0 then return complain(("no stores of shards, NAME.i-of-n.db, are in %s"):format(folder)) end
    local running, lines = false, {}
    for _, set in ipairs(sets) do
      running = running or set.states.running ~= nil
      local more = lines_of(set)
      table.move(more, 1, #more, #lines + 1, lines)
    end
    if as_json then print(native.json.encode(sets))
    else
      if drawn > 0 and posix.terminal(1) then io.write(("\27[%dA\27[J"):format(drawn)) end
      print(visible.text(table.concat(lines, "\n")))
      drawn = #lines
    end
    io.stdout:flush()
    if every and running then posix.ready({}, every) end
  until not every or not running
  for _, set in ipairs(sets) do
    if #(set.states.done or {}) < set.n or #set.mixed > 0 then return PARTIAL end
  end
  return 0
end
