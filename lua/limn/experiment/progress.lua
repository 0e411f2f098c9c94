-- limn/experiment/progress.lua: how far a sweep is, on stderr: one bar that redraws itself on a terminal, one line that is
-- replaced in a notebook, else a plain line every 30 seconds and at each tenth of the time. Nothing of it ever goes to
-- stdout. The time that is left comes from the measured costs of cells (costs.lua).

local Costs = require "limn.experiment.costs"
local native = require "limn.native"

local posix = native.posix

local Progress = {}
Progress.__index = Progress

local WIDTH = 80 -- columns of the line that a front end displays

-- display(text): shows one line in place of the last one, where stderr cannot; a front end sets it. display(nil): the
-- next line is another one.
Progress.display = nil

-- Progress.display, unless a cell of a sweep is measured: the line is that of the sweep.
function Progress.displays() return not native.measuring and Progress.display or nil end

-- o = { cells =, workers =, cost =, quiet = }; see costs.lua.
function Progress.new(o)
  local columns = not o.quiet and posix.terminal(2)
  local self = setmetatable({ total = #o.cells, done = 0, failed = 0, started = posix.now(), shown = posix.now(),
    quiet = o.quiet, columns = columns, drawn = false, tenth = 0, show = not o.quiet and Progress.displays() or nil,
    costs = not o.quiet and Costs.new(o.cells, o.workers, o.cost) or nil }, Progress)
  if self.show then self.show(nil) end
  return self
end

-- A cell has been measured or has failed.
function Progress:add(cell)
  self.done = self.done + 1
  if cell.failure then self.failed = self.failed + 1 end
  if self.costs then self.costs:add(cell, cell.seconds) end
end

function Progress:fraction() return self.costs:fraction(posix.now() - self.started) end

-- Cells a second, or a minute, or an hour, whichever says it in few digits.
local function rate(r)
  for _, unit in ipairs { { 1, "s" }, { 60, "min" }, { 3600, "h" } } do
    if r * unit[1] >= 1 or unit[2] == "h" then return ("%.3g/%s"):format(r * unit[1], unit[2]) end
  end
end

function Progress:line(fraction)
  local elapsed, notes = posix.now() - self.started, {}
  if self.failed > 0 then notes[1] = ("%d failed"):format(self.failed) end
  if self.done > 0 and elapsed > 0 then notes[#notes + 1] = rate(self.done / elapsed) end
  return posix.bar(fraction, elapsed, self.columns or self.show and WIDTH,
    ("%d/%d cells"):format(self.done, self.total), notes[1] and table.concat(notes, "  "))
end

function Progress:update(force)
  if self.quiet then return end
  local t = posix.now()
  local redrawn = self.columns or self.show
  if redrawn and not force and t - self.shown < 0.1 then return end
  local fraction = self:fraction()
  local tenth = not redrawn and math.floor(10 * fraction + 1e-9) or self.tenth
  if not redrawn and not force and tenth <= self.tenth and t - self.shown < 30 then return end
  self.shown, self.tenth = t, math.max(tenth, self.tenth)
  local text = self:line(fraction)
  if self.columns then
    io.stderr:write("\r", text, "\27[K")
    self.drawn = true
  elseif self.show then
    self.show(text)
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
  self:update(self.drawn)
end

-- Likewise, also when quiet.
function Progress:warn(text)
  if self.drawn then io.stderr:write("\r\27[K") end
  io.stderr:write(text, "\n")
  self:update(self.drawn)
end

function Progress:finish()
  if self.quiet then return end
  self:update(self.columns or self.show)
  if self.drawn then io.stderr:write("\n") end
end

return Progress
