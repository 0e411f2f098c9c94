-- limn/experiment/costs.lua: how long the rest of a sweep takes, from the measured seconds of the cells that are done
-- (cost_model.lua). Beyond a few hundred cells a part of them stands for all: the cost does not grow with the sweep.

local model = require "limn.experiment.cost_model"

local Costs = {}
Costs.__index = Costs

local LISTED = 1024 -- cells that stand for all
local MEASURED = 256 -- measured cells that are regressed on
local GROWTH = 1.2 -- cells to measure, as a multiple of those of the last fit, before the next
local PAUSE = 0.2 -- seconds between two fits

-- Every `step`-th item such that at most `most` are taken.
local function step_of(count, most) return math.max(1, math.ceil(count / most)) end

-- cells: those to run, in the order in which they start; workers: how many run at a time (0: this process); cost(point),
-- if the experiment has one.
function Costs.new(cells, workers, cost)
  local self = setmetatable({ count = #cells, workers = math.max(1, workers), cost = cost, done = 0, seconds = 0,
    measured = {}, stride = 1, listed = {}, open = {}, fitted = 0, fitted_at = -math.huge }, Costs)
  local points = {}
  for i = 1, #cells, step_of(#cells, LISTED) do
    local cell = cells[i]
    self.listed[#self.listed + 1], self.open[cell.index], points[#points + 1] = cell, true, cell.point
  end
  self.columns = model.columns(points)
  return self
end

-- A cell is done, or has failed, after so many seconds.
function Costs:add(cell, seconds)
  self.done, self.seconds = self.done + 1, self.seconds + (seconds or 0)
  self.open[cell.index] = nil
  if not seconds or self.done % self.stride ~= 0 then return end
  self.measured[#self.measured + 1] = { cell.point, seconds }
  if #self.measured > MEASURED then -- every second one is kept, now and from here on
    local kept = {}
    for i = 2, #self.measured, 2 do kept[#kept + 1] = self.measured[i] end
    self.measured, self.stride = kept, 2 * self.stride
  end
end

-- Predicts every cell that is left -> seconds until the last is done.
function Costs:predict(elapsed)
  local fitted, left, n, running, longest = model.fit(self.columns, self.measured, self.cost), 0, 0, 0, 0
  for _, cell in ipairs(self.listed) do
    if self.open[cell.index] then
      local seconds = fitted(cell.point)
      n, left = n + 1, left + seconds
      if n < self.workers then running = running + seconds / 2 -- one has just begun; the others are half done on average
      else longest = math.max(longest, seconds) end
    end
  end
  if n == 0 then return 0 end
  local whole = (self.count - self.done) / n -- the cells that each one stands for
  running = math.min(running, self.workers * elapsed)
  local speed = math.min(math.min(self.workers, self.count), (self.seconds + running) / elapsed)
  return math.max((left * whole - running) / speed, longest)
end

-- Seconds until the sweep is done, `elapsed` seconds after it began; nil before the first cell is done.
function Costs:left(elapsed)
  if #self.measured == 0 or elapsed <= 0 then return nil end
  if elapsed - self.fitted_at >= PAUSE and self.done >= GROWTH * self.fitted or not self.estimate then
    self.estimate, self.fitted, self.fitted_at = self:predict(elapsed), self.done, elapsed
  end
  return math.max(0, self.estimate - (elapsed - self.fitted_at))
end

-- The part of the sweep's time that has gone by. Where cells take longer than was predicted, the time that is left is not
-- known: so close to 1 no bar shows one.
function Costs:fraction(elapsed)
  if self.done >= self.count then return 1 end
  local left = self:left(elapsed)
  return left and math.min(elapsed / (elapsed + left), 1 - 1e-6) or 0
end

return Costs
