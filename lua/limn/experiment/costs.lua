-- limn/experiment/costs.lua: how long the rest of a sweep takes, from the measured seconds of the cells that are done.
-- Cells are rarely equal: the time of many measurements is a product of powers of the parameters, such as n^3, so the
-- logarithm of the seconds is regressed on the logarithms of the numbers in the grid:
--
--   log seconds = log cost(point) + a + sum_p b_p log p + sum_p c_p(p) + noise
--
-- b: exponents; c: an offset for each value of a parameter with few values (texts, booleans, and what no power describes).
-- Least squares with a normal prior on b and c, which is ridge regression with one penalty for each kind of column.
-- Beyond a few hundred cells a part of them stands for all: the cost does not grow with the sweep.

local Costs = {}
Costs.__index = Costs

local LISTED = 1024 -- cells that stand for all
local MEASURED = 256 -- measured cells that are regressed on
local LEVELS = 12 -- values of a parameter that get offsets
local COLUMNS = 48 -- of the regression
local NOISE, EXPONENT, OFFSET = 0.1, 3, 0.5 -- standard deviations: of log seconds, and of the prior on b and on c
local FREE = 1e-9 -- penalty of the intercept
local GROWTH = 1.2 -- cells to measure, as a multiple of those of the last fit, before the next
local PAUSE = 0.2 -- seconds between two fits
local TINY = 1e-7 -- seconds; a clock may show none

-- Every `step`-th item such that at most `most` are taken.
local function step_of(count, most) return math.max(1, math.ceil(count / most)) end

local function logarithm(v) return v > 0 and math.log(v) or nil end

-- The columns of the regression for points: a list of { name, of(value) -> number, penalty }.
local function columns_of(points)
  local values, names, columns = {}, {}, { { of = function() return 1 end, penalty = FREE } }
  for _, point in ipairs(points) do
    for name, v in next, point do
      if not values[name] then
        values[name], names[#names + 1] = { seen = {}, numbers = true, positive = true }, name
      end
      local it = values[name]
      if not it.seen[v] then it.seen[v], it[#it + 1] = true, v end
      it.numbers = it.numbers and type(v) == "number"
      it.positive = it.positive and it.numbers and v > 0
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local it = values[name]
    if it.numbers and #it > 1 then
      local low, high = math.min(table.unpack(it)), math.max(table.unpack(it))
      local of = it.positive and logarithm or function(v) return (v - low) / (high - low) end
      columns[#columns + 1] = { name = name, of = of, penalty = (NOISE / EXPONENT) ^ 2 }
    end
  end
  for _, name in ipairs(names) do
    local it = values[name]
    if #it > 1 and #it <= LEVELS and #columns + #it <= COLUMNS then
      for _, level in ipairs(it) do
        columns[#columns + 1] = { name = name, of = function(v) return v == level and 1 or 0 end,
          penalty = (NOISE / OFFSET) ^ 2 }
      end
    end
  end
  return columns
end

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
  self.columns = columns_of(points)
  return self
end

function Costs:row(point)
  local row = {}
  for j, column in ipairs(self.columns) do row[j] = column.of(point[column.name]) or 0 end
  return row, self.cost and math.log(math.max(self.cost(point), TINY)) or 0
end

-- A cell is done, or has failed, after so many seconds.
function Costs:add(cell, seconds)
  self.done, self.seconds = self.done + 1, self.seconds + (seconds or 0)
  self.open[cell.index] = nil
  if not seconds or self.done % self.stride ~= 0 then return end
  self.measured[#self.measured + 1] = { cell.point, math.log(math.max(seconds, TINY)) }
  if #self.measured > MEASURED then -- every second one is kept, now and from here on
    local kept = {}
    for i = 2, #self.measured, 2 do kept[#kept + 1] = self.measured[i] end
    self.measured, self.stride = kept, 2 * self.stride
  end
end

-- Solves the symmetric system a x = b in place, by elimination; the penalties keep it positive definite.
local function solve(a, b)
  local n = #b
  for k = 1, n do
    for i = k + 1, n do
      local f = a[i][k] / a[k][k]
      if f ~= 0 then
        for j = k, n do a[i][j] = a[i][j] - f * a[k][j] end
        b[i] = b[i] - f * b[k]
      end
    end
  end
  for i = n, 1, -1 do
    for j = i + 1, n do b[i] = b[i] - a[i][j] * b[j] end
    b[i] = b[i] / a[i][i]
  end
  return b
end

local function dot(u, v)
  local sum = 0
  for j = 1, #u do sum = sum + u[j] * v[j] end
  return sum
end

-- Regresses -> predict(point), the expected seconds of a cell.
function Costs:fit()
  local n, a, b, rows, targets = #self.columns, {}, {}, {}, {}
  for j = 1, n do
    a[j], b[j] = {}, 0
    for k = 1, n do a[j][k] = j == k and self.columns[j].penalty or 0 end
  end
  for i, m in ipairs(self.measured) do
    local row, known = self:row(m[1])
    rows[i], targets[i] = row, m[2] - known
    for j = 1, n do
      local x = row[j]
      if x ~= 0 then
        for k = 1, n do a[j][k] = a[j][k] + x * row[k] end
        b[j] = b[j] + x * targets[i]
      end
    end
  end
  local w, smear = solve(a, b), 0
  for i, row in ipairs(rows) do smear = smear + math.exp(targets[i] - dot(row, w)) end
  smear = smear / #rows -- the mean of what the noise multiplies by
  return function(point)
    local row, known = self:row(point)
    return smear * math.exp(dot(row, w) + known)
  end
end

-- Predicts every cell that is left -> seconds until the last is done.
function Costs:predict(elapsed)
  local predict, left, n, running, longest = self:fit(), 0, 0, 0, 0
  for _, cell in ipairs(self.listed) do
    if self.open[cell.index] then
      local seconds = predict(cell.point)
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

-- The part of the sweep's time that has gone by.
function Costs:fraction(elapsed)
  if self.done >= self.count then return 1 end
  local left = self:left(elapsed)
  return left and math.min(elapsed / (elapsed + left), 0.999) or 0
end

return Costs
