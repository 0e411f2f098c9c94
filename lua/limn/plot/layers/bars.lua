-- limn/plot/layers/bars.lua: bars and histograms.

local check = require "limn.base.check"
local native = require("limn.native").plot
local common = require "limn.plot.layers.common"

local bars = {}
local any, rules, finish, column = { type = "any" }, common.rules, common.finish, common.column

function bars.bars(who, o)
  local layer = check.options(who, o, rules(common.series, { x = any, y = any, error = any, lo = any, hi = any,
    width = { type = "number", min = 0 }, base = { type = "number", default = 0 },
    stack = { type = "boolean", default = false } }))
  common.xy(who, layer)
  if layer.n == 0 then check.fail("%s: y must not be empty", who) end
  if layer.error ~= nil or layer.lo ~= nil or layer.hi ~= nil then
    layer.lo, layer.hi = common.bounds(who, layer.n, layer.y, layer.error, layer.lo, layer.hi)
  end
  layer.kind = "bars"
  return finish(who, layer)
end

-- Freedman-Diaconis rule: bins of width 2 IQR / n^(1/3). If the quartiles coincide, Sturges' rule. At most 500 bins.
local function bin_count(v, n, low, high)
  local finite = {}
  for _, x in ipairs(native.totable(v)) do
    if x - x == 0 then finite[#finite + 1] = x end
  end
  table.sort(finite)
  local function quantile(q)
    local at = q * (#finite - 1) + 1
    local i = math.floor(at)
    return finite[i] + (at - i) * ((finite[i + 1] or finite[i]) - finite[i])
  end
  local width = 2 * (quantile(0.75) - quantile(0.25)) / (#finite) ^ (1 / 3)
  local count = width > 0 and math.min(math.ceil((high - low) / width), 500) or math.ceil(math.log(n, 2)) + 1
  return math.max(1, math.min(count, 500))
end

local function checked_range(who, range)
  local low, high = range[1], range[2]
  if type(low) ~= "number" or type(high) ~= "number" or high <= low or high - high ~= 0 or low - low ~= 0 then
    check.fail("%s: range must be {low, high} with low < high, both finite, got {%s, %s}", who, check.show(low),
      check.show(high))
  end
  return low, high
end

-- Values and range divided by a power of two, so that neither the width of the range nor the quotient by a bin's width
-- overflows or is rounded to 0 -> values, low, high, the divisor.
local function comfortable(v, low, high)
  local reach, unit = math.max(math.abs(low), math.abs(high)), 1
  if reach > 1e300 then unit = 2.0 ^ 40 elseif reach > 0 and reach < 1e-290 then unit = 2.0 ^ -100 end
  if unit == 1 then return v, low, high, 1 end
  return v * (1 / unit), low / unit, high / unit, unit
end

local function fill_bins(who, layer, v, n, low, high, finite)
  local unit
  v, low, high, unit = comfortable(v, low, high)
  if high <= low then
    local room = math.max(0.5, math.abs(low) * 1e-6)
    low, high = low - room, high + room
  end
  local bins = layer.bins or bin_count(v, finite, low, high)
  local counts, outside = native.bins(v, low, high, bins)
  local width, inside = (high - low) / bins, math.max(1, n - outside)
  local scale = layer.norm == "density" and 1 / (inside * width * unit) or layer.norm == "share" and 1 / inside or 1
  if scale == math.huge then scale = 1.7e308 / n end
  local left, right, height = {}, {}, native.totable(counts)
  for i = 1, bins do
    left[i], right[i] = (low + (i - 1) * width) * unit, (low + i * width) * unit
    height[i] = height[i] * scale
  end
  layer.left, layer.right = (native.column(left, who, "values")), (native.column(right, who, "values"))
  layer.y = (native.column(height, who, "values"))
  if outside > 0 then
    layer.notes[1] = { lost = string.format("%d of %d values outside the bins or not finite", outside, n) }
  end
  layer.notes[#layer.notes + 1] = string.format("histogram of %d values in %d bins of width %.4g%s", n - outside, bins,
    width * unit, layer.bins and "" or " (Freedman-Diaconis)")
end

function bars.histogram(who, o)
  local layer = check.options(who, o, rules(common.series, common.stroke, { values = any, x = any,
    bins = { type = "integer", min = 1, max = 100000 }, range = { type = "table" },
    norm = { type = "string", one_of = { "count", "density", "share" }, default = "count" },
    fill = { type = "boolean", default = true } }))
  common.one_of(who, layer, "values", "x")
  if layer.fill then common.only_with(who, layer, { "width", "dash" }, "fill=false") end
  if not layer.fill then common.only_with(who, layer, { "alpha" }, "fill=true") end
  local v, n = column(who, "values", layer.values ~= nil and layer.values or layer.x)
  local low, high, _, finite = native.extent(v)
  if layer.range then low, high = checked_range(who, layer.range) end
  layer.kind, layer.n, layer.x, layer.notes = "histogram", n, nil, {}
  if finite == 0 then
    layer.n, layer.y = 0, nil
    finish(who, layer)
    if n > 0 then layer.notes = { { lost = string.format("histogram: none of %d values is finite", n) } } end
    return layer
  end
  fill_bins(who, layer, v, n, low, high, finite)
  return finish(who, layer)
end

return bars
