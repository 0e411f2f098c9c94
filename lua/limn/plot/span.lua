-- limn/plot/span.lua: coordinates, margins and ranges of axes; the only place that computes them. All results are
-- finite for every finite double: logarithmic ranges are limited to the positive doubles, and a linear axis whose values
-- are near the largest or the smallest double is drawn in a unit, a power of ten (axis.unit, axis.exponent).

local native = require("limn.native").plot

local span = {}

local LARGEST, LEAST = 0x1.fffffffffffffp+1023, 0x1p-1074

-- place: from a value to its coordinate u, in which the axis is uniform (log, asinh or identity). value: the inverse.
function span.place(axis, v)
  if axis.log then return v > 0 and math.log(v) or -math.huge end
  if axis.scale == "symlog" then
    local a, sign = math.abs(v), v < 0 and -1 or 1
    local ratio = a / axis.linear
    if ratio > 1e100 then return sign * (math.log(a) - math.log(axis.linear)) end -- the ratio may overflow
    return sign * math.log(ratio / 2 + math.sqrt(ratio * ratio / 4 + 1))
  end
  return v
end

function span.value(axis, u)
  if axis.log then return math.max(LEAST, math.min(LARGEST, math.exp(u))) end
  if axis.scale == "symlog" then
    local a, sign = math.abs(u), u < 0 and -1 or 1
    if a > 200 then return sign * math.min(LARGEST, math.exp(a + math.log(axis.linear))) end
    return math.max(-LARGEST, math.min(LARGEST, axis.linear * (math.exp(u) - math.exp(-u))))
  end
  return u
end

-- Extends a range {low, high, positive} to include a column; positive is the smallest positive value.
function span.include(extent, column)
  local low, high, positive = native.extent(column)
  span.include_values(extent, low, high, positive)
end

function span.include_values(extent, low, high, positive)
  if low and (not extent.low or low < extent.low) then extent.low = low end
  if high and (not extent.high or high > extent.high) then extent.high = high end
  if not positive and low and low > 0 then positive = low end
  if positive and (not extent.positive or positive < extent.positive) then extent.positive = positive end
end

-- The decimal exponent of the unit of a linear axis whose values reach up to `reach`: 0 for all but extreme values.
-- Margins, spans, and the products of gnuplot's differences then neither overflow nor vanish.
function span.exponent(reach)
  if reach == 0 or (reach >= 1e-100 and reach <= 1e100) then return 0 end
  return math.max(-300, math.min(300, math.floor(math.log(reach, 10) / 50) * 50))
end

-- The room on both sides of a single value at coordinate a.
local function room_about(axis, a)
  if axis.log then return math.log(axis.base) / 2 end
  if axis.scale == "symlog" then return 0.5 end
  return a ~= 0 and math.abs(a) * 0.5 or 0.5
end

-- Coordinates a < b of the ends of the range of the data, with margins at the ends that are not given.
local function with_margins(axis, extent, given, low, high)
  local a, b = span.place(axis, given[1] or low), span.place(axis, given[2] or high)
  if b <= a then -- a single value
    local room = room_about(axis, a)
    if not given[1] then a = given[2] and b - 2 * room or a - room end
    if not given[2] then b = given[1] and a + 2 * room or b + room end
    return a, b
  end
  local margin = (axis.margin or 0.04) * (b - a)
  if not given[1] and not extent.tight and not (extent.tight_zero and low == 0) then a = a - margin end
  if not given[2] and not extent.tight and not (extent.tight_zero and high == 0) then b = b + margin end
  return a, b
end

-- A range about a single value whose margin is below the resolution of doubles.
local function widen(axis)
  local v = axis.low
  if axis.log then
    axis.low, axis.high = math.max(LEAST, v / axis.base), math.min(LARGEST, v * axis.base)
  else
    local eps = math.max(math.abs(v) * 1e-6, 1e-300)
    axis.low, axis.high = math.max(-LARGEST, v - eps), math.min(LARGEST, v + eps)
  end
end

-- Sets axis.low and axis.high: the given range, else the range of the data with a margin of 4 % (none if extent.tight).
function span.fit(axis, extent)
  local low, high = extent.low, extent.high
  if axis.log then
    low = extent.positive
    if high and high <= 0 then high = nil end
  end
  if not low or not high then low, high = axis.log and 1 or 0, axis.log and axis.base or 1 end
  if axis.zero and not axis.log then low, high = math.min(low, 0), math.max(high, 0) end
  local given = axis.range or {}
  local a, b = with_margins(axis, extent, given, low, high)
  axis.low, axis.high = given[1] or span.value(axis, a), given[2] or span.value(axis, b)
  if extent.tight then axis.low, axis.high = given[1] or low, given[2] or high end
  if axis.high <= axis.low then widen(axis) end
end

-- Position 0..1 along the axis.
function span.fraction(axis, v)
  local a, b = span.place(axis, axis.low), span.place(axis, axis.high)
  local f = (span.place(axis, v) - a) / (b - a)
  return axis.reverse and 1 - f or f
end

return span
