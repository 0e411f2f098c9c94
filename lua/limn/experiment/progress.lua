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

local function span(seconds)
  seconds = math.floor(seconds + 0.5)
  if seconds < 3600 then return ("%d:%02d"):format(seconds // 60, seconds % 60) end
  return ("%d:%02d:%02d"):format(seconds // 3600, seconds // 60 % 60, seconds % 60)
end

-- Cells a second, or a minute, or an hour, whichever says it in few digits.
local function rate(r)
  for _, unit in ipairs { { 1, "s" }, { 60, "min" }, { 3600, "h" } } do
    if r * unit[1] >= 1 or unit[2] == "h" then return ("%.3g/%s"):format(r * unit[1], unit[2]) end
  end
end

-- weight: how much of the work is done, in 0 .. 1, if cells are known to differ.
function Progress:line(weight)
  local elapsed = posix.now() - self.started
  local share = weight or self.done / self.total
  if share ~= share then share = 1 end -- nothing to do is all done
  local text = ("%3.0f%%  %d/%d cells  %s"):format(100 * share, self.done, self.total, span(elapsed))
  if share > 0 and share < 1 then text = text .. ("  %s left"):format(span(elapsed * (1 - share) / share)) end
  if self.failed > 0 then text = text .. ("  %d failed"):format(self.failed) end
  if self.done > 0 and elapsed > 0 then text = text .. "  " .. rate(self.done / elapsed) end
  return text, share
end

function Progress:update(weight, force)
  if self.quiet then return end
  local t = posix.now()
  local tenth = not self.columns and math.floor(10 * (weight or self.done / self.total) + 1e-9) or self.tenth
  if not force and tenth <= self.tenth and t - self.shown < (self.columns and 0.1 or 30) then return end
  self.shown, self.tenth = t, tenth
  local text, share = self:line(weight)
  if self.columns then
    local room = math.min(30, self.columns - #text - 4)
    local full = math.floor(room * share)
    local bar = room > 2 and ("[%s%s] "):format(("#"):rep(full), ("."):rep(room - full)) or ""
    io.stderr:write("\r", bar, text:sub(1, math.max(1, self.columns - 1)), "\27[K") -- a line that wraps is not redrawn
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

function Progress:finish(weight)
  if self.quiet then return end
  self:update(weight, self.columns ~= nil and self.columns ~= false)
  if self.drawn then io.stderr:write("\n") end
end

return Progress
