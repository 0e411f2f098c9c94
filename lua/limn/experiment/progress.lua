-- limn/experiment/progress.lua: how far a sweep is, on stderr: one bar that redraws itself on a terminal, else
-- a plain line every 30 seconds and at each tenth of the work. Nothing of it ever goes to stdout.

local posix = require("limn.native").posix

local Progress = {}
Progress.__index = Progress

function Progress.new(total, quiet)
  local columns = not quiet and posix.terminal(2)
  return setmetatable({ total = total, done = 0, failed = 0, started = posix.now(), shown = posix.now(), quiet = quiet,
    columns = columns, drawn = false, tenth = 0 }, Progress)
end

-- Cells a second, or a minute, or an hour, whichever says it in few digits.
local function rate(r)
  for _, unit in ipairs { { 1, "s" }, { 60, "min" }, { 3600, "h" } } do
    if r * unit[1] >= 1 or unit[2] == "h" then return ("%.3g/%s"):format(r * unit[1], unit[2]) end
  end
end

-- weight: the fraction of the work that is done, if cells are known to differ.
function Progress:line(weight)
  local elapsed, notes = posix.now() - self.started, {}
  if self.failed > 0 then notes[1] = ("%d failed"):format(self.failed) end
  if self.done > 0 and elapsed > 0 then notes[#notes + 1] = rate(self.done / elapsed) end
  return posix.bar(weight or self.done / self.total, elapsed, self.columns,
    ("%d/%d cells"):format(self.done, self.total), notes[1] and table.concat(notes, "  "))
end

function Progress:update(weight, force)
  if self.quiet then return end
  local t = posix.now()
  local tenth = not self.columns and math.floor(10 * (weight or self.done / self.total) + 1e-9) or self.tenth
  if not force and tenth <= self.tenth and t - self.shown < (self.columns and 0.1 or 30) then return end
  self.shown, self.tenth = t, tenth
  local text = self:line(weight)
  if self.columns then
    io.stderr:write("\r", text, "\27[K")
    self.drawn = true
  else
    io.stderr:write(text, "\n")
  end
  io.stderr:flush()
end

-- A line of its own, above the bar.
function Progress:say(text)
  if self.quiet then return end
  if self.drawn then io.stderr:write("\r\27[K") end
  io.stderr:write(text, "\n")
  self:update(nil, self.drawn)
end

-- Likewise, also when quiet.
function Progress:warn(text)
  if self.drawn then io.stderr:write("\r\27[K") end
  io.stderr:write(text, "\n")
  self:update(nil, self.drawn)
end

function Progress:finish(weight)
  if self.quiet then return end
  self:update(weight, self.columns ~= nil and self.columns ~= false)
  if self.drawn then io.stderr:write("\n") end
end

return Progress
