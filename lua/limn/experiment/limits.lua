-- limn/experiment/limits.lua: when a sweep ends before its last cell: at its time limit, or when SIGUSR1 or SIGTERM
-- announces the end of the job. Then no cell starts, cells that save where they are end (checkpoint.lua), and others may
-- finish within the grace. A cell that would need more is not begun.

local native = require "limn.native"

local posix = native.posix
local Limits = {}
Limits.__index = Limits

local limits = {}

local GRACE = 20     -- seconds between a signal and the end of running cells, where none are given
local EARLY = 0.1    -- of the span: a cell that begins as early has all the time that any can have
local MOST = 0.9     -- of the span: a cell that ran as long without an end is too long
local TYPICAL = 0.1  -- of the longest cell; shorter ones do not tell what a unit of cost takes: they are mostly overhead
local SAMPLE = 200   -- of the longest cells of a store

-- o = { time_limit =, grace = seconds, or nil; cost(point), tried = (tried.lua) or nil, since = (posix.now), heed = whether
-- signals count }. Without a grace running cells end when they end, and any cell may begin before the limit.
function limits.new(o)
  local self = setmetatable({ started = o.since or posix.now(), grace = o.grace, cost = o.cost, tried = o.tried, heed = o.heed,
    rate = 0, longest = 0 }, Limits)
  self.deadline = o.time_limit and self.started + o.time_limit
  self.span = limits.span(o)
  return self
end

-- The seconds that a cell can have at most, or nil.
function limits.span(o) return o.grace and o.time_limit and o.time_limit + o.grace or nil end

-- The seconds without an end after which a cell is too long for a span.
function limits.too_long(span) return span and MOST * span end

-- Learns what cells took from those of a store.
function Limits:recall(kept, seed)
  if not self.span then return end
  for params, seconds in kept:each(("SELECT params, seconds FROM cell WHERE seed = ? AND value IS NOT NULL AND seconds > 0 "
    .. "ORDER BY seconds DESC LIMIT %d"):format(SAMPLE), seed) do
    self:learn({ point = native.json.decode(params) }, seconds)
  end
end

function Limits:weight(cell) return self.cost and self.cost(cell.point) or 1 end

-- A cell has finished after so many seconds.
function Limits:learn(cell, seconds)
  if not self.span or not seconds then return end
  self.longest = math.max(self.longest, seconds)
  local weight = self:weight(cell)
  if weight > 0 and seconds >= TYPICAL * self.longest then self.rate = math.max(self.rate, seconds / weight) end
end

-- The seconds that a cell is likely to take.
function Limits:expected(cell)
  return math.max(self.rate * self:weight(cell), self.tried and self.tried.spent[cell.index] or 0)
end

-- Whether a cell is likely to take more than all the time that there is. It may begin early, when no other is left: the
-- estimate may be wrong.
function Limits:hopeless(cell) return self.span ~= nil and self:expected(cell) > self.span end

-- Whether a cell can finish in what is left.
function Limits:fits(cell)
  if not self.span or self.tried and self.tried.saved[cell.index] then return true end
  local now = posix.now()
  return now - self.started + self:expected(cell) <= self.span or now - self.begun <= EARLY * self.span
end

-- Remembers the first cell that did not begin for lack of time.
function Limits:skip(cell) self.unfit = self.unfit or { cell = cell, seconds = self:expected(cell) } end

-- The time that a cell had which ran so many seconds until now without an end: all that there is, if it began early and
-- the limit has come.
function Limits:had(seconds)
  local now = posix.now()
  local all = self.span and now - seconds - self.begun <= EARLY * self.span and now - self.started >= MOST * self.span
  return all and math.max(seconds, self.span) or seconds
end

-- The first cells begin now.
function Limits:begin() self.begun = posix.now() end

-- Whether no cell starts any more.
function Limits:late()
  return self.deadline ~= nil and posix.now() > self.deadline or self.heed and posix.noticed() ~= nil
end

-- Whether a signal has come since this was asked last.
function Limits:noticed()
  if self.told or not self.heed or not posix.noticed() then return false end
  self.told = posix.now()
  return true
end

-- Whether running cells are to end now.
function Limits:over()
  local now = posix.now()
  return self.span and now > self.started + self.span or self.told and now > self.told + (self.grace or GRACE) or false
end

-- Whether the job was ended well before its time: its next start may do what this one did not.
function Limits:cut_short()
  return self.told ~= nil and not (self.deadline and self.told - self.started >= MOST * (self.deadline - self.started))
end

return limits
