-- limn/plot/axes.lua: scale, range and ticks of one axis. Ticks are chosen here and not by gnuplot, because the
-- layout of the page needs the widths of their labels, and so that labels do not overlap.

local check = require "limn.base.check"
local formats = require "limn.plot.formats"
local span = require "limn.plot.span"
local text = require "limn.plot.text"

local axes = {}
local prune

local SCALES = { "linear", "log", "log10", "log2", "symlog" }

axes.rules = {
  label = { type = "any" },
  scale = { type = "string", one_of = SCALES, default = "linear" },
  range = { type = "table" },
  ticks = { type = "any" },
  minor = { type = "boolean", default = true },
  format = { type = "string", one_of = formats.names },
  grid = { type = "boolean", default = false },
  linear = { type = "number", min = 1e-300, default = 1, help = "symlog: |value| below which the scale is linear" },
  reverse = { type = "boolean", default = false },
  zero = { type = "boolean", default = false, help = "include 0 in an automatic range" },
}

-- A new axis from the user's options: {label=, scale=, ...}, or only a label.
function axes.new(who, name, options)
  if type(options) == "string" or text.is_math(options) then options = { label = options } end
  local axis = check.options(who .. ": " .. name, options, axes.rules)
  axis.who, axis.name = who, name
  axis.label = text.label(who, name .. ".label", axis.label)
  if axis.scale == "log" then axis.scale = "log10" end
  axis.base = axis.scale == "log2" and 2 or 10
  if axis.format and type(axis.ticks) == "table" then
    check.fail("%s: %s.format has no effect with a list of ticks", who, name)
  end
  axis.log = axis.scale == "log10" or axis.scale == "log2"
  if axis.range then
    for i, edge in pairs(axis.range) do
      if i ~= 1 and i ~= 2 then
        check.fail("%s: %s.range must be {low, high}, got an entry %s", who, name, check.show(i))
      end
      if type(edge) ~= "number" or edge ~= edge or math.abs(edge) == math.huge then
        check.fail("%s: %s.range[%d] must be a finite number, got %s", who, name, i, check.show(edge))
      end
      if axis.log and edge <= 0 then
        check.fail("%s: %s.range[%d] must be positive on a log axis, got %g", who, name, i, edge)
      end
    end
    if axis.range[1] and axis.range[2] and axis.range[1] >= axis.range[2] then
      check.fail("%s: %s.range must be {low, high} with low < high, got {%g, %g}%s", who, name, axis.range[1],
        axis.range[2],
        axis.range[1] > axis.range[2] and " (use reverse=true)" or "")
    end
  end
  return axis
end

for name, f in pairs(span) do axes[name] = f end

-- ---- ticks --------------------------------------------------------------------------------------

-- A step of 1, 2, 2.5 or 5 times a power of ten that gives at most `most` intervals.
local function nice_step(width, most)
  local raw = width / math.max(most, 1)
  local exponent = math.floor(math.log(raw, 10) + 1e-9)
  for e = exponent, exponent + 1 do
    for _, m in ipairs { 1, 2, 2.5, 5 } do
      local step = m * 10.0 ^ e
      if (m ~= 2.5 or e ~= 0) and step >= raw * (1 - 1e-9) then return step, m, e end
    end
  end
  return 10.0 ^ (exponent + 2), 1, exponent + 2
end

-- unit: the decimal exponent of the unit in which the axis is drawn.
local function linear_labels(first, last, step, mantissa, exponent, unit)
  local out = {}
  local greatest = math.max(math.abs(first), math.abs(last)) * step
  local power = math.floor(math.log(greatest > 0 and greatest or 1, 10) + 1e-9)
  local common = (unit ~= 0 or power >= 5 or power <= -4) and power or nil
  local decimals = math.max(0, (mantissa == 2.5 and 1 or 0) - exponent + (common or 0))
  for k = first, last do
    local v = k * step
    local shown = common and v / 10.0 ^ common or v
    local label = k == 0 and text.number("0") or text.number(string.format("%." .. math.min(decimals, 17) .. "f", shown):gsub(",",
      "."), common and common + unit)
    out[#out + 1] = { v = k == 0 and 0 or v, label = label }
  end
  return out
end

-- Labels relative to a round value, for a range that is far from 0 compared with its width: 1, 2, 3 and "relative to
-- 10^9" -> the labels, the round value. Exact, for all are multiples of the step.
local function relative_labels(first, last, step, mantissa, exponent)
  local round = 10.0 ^ math.ceil(math.log((last - first) * step, 10) - 1e-9)
  local from = math.floor(math.floor(first * step / round + 1e-9) * round / step + 0.5)
  local out = linear_labels(first - from, last - from, step, mantissa, exponent, 0)
  for i, tick in ipairs(out) do
    local k = first + i - 1
    tick.v = k * step
  end
  return out, from * step
end

local MOST_PLACES = 1e5 -- of the last tick, in steps: beyond, labels are relative

-- Ticks at the two ends, for a range that is too narrow to be divided.
local function end_ticks(low, high, unit)
  local digits = 10
  while digits < 17 and string.format("%." .. digits .. "g", low) == string.format("%." .. digits .. "g", high) do
    digits = digits + 1
  end
  local function label(v)
    local mantissa, power = string.format("%." .. digits .. "g", v):match "^([^e]*)e?(.*)$"
    power = (tonumber(power) or 0) + unit
    return text.number((mantissa:gsub(",", ".")), power ~= 0 and math.tointeger(power) or nil)
  end
  return { { v = low, label = label(low) }, { v = high, label = label(high) } }
end

local function linear_ticks(low, high, most, minor, unit)
  unit = unit or 0
  if high - low < 1e-300 then return end_ticks(low, high, unit) end
  local step, mantissa, exponent = nice_step(high - low, most)
  local slack = (high - low) * 1e-9
  local first, last = math.ceil((low - slack) / step), math.floor((high + slack) / step)
  if math.abs(first) > 2 ^ 50 or math.abs(last) > 2 ^ 50 then return end_ticks(low, high, unit) end
  local out, offset
  if unit == 0 and last > first and math.max(math.abs(first), math.abs(last)) > MOST_PLACES then
    out, offset = relative_labels(first, last, step, mantissa, exponent)
  else
    out = linear_labels(first, last, step, mantissa, exponent, unit)
  end
  if minor then
    local parts = mantissa == 2 and 4 or 5
    for k = math.ceil((low - slack) / step * parts), math.floor((high + slack) / step * parts) do
      if k % parts ~= 0 then out[#out + 1] = { v = step < 1e290 and k * step / parts or k / parts * step, minor = true } end
    end
  end
  return out, offset
end

-- "relative to 10^9", added to the label of an axis; nil without one.
local function set_offset(axis, offset)
  if axis.own_label == nil then axis.own_label = axis.label or false end
  local own = axis.own_label or nil
  axis.label = own
  if not offset then return end
  local s = string.format("%.15g", offset):gsub(",", ".")
  local power = math.log(math.abs(offset), 10)
  local number = power == math.floor(power) and power >= 3 and text.power(10, math.floor(power)) or text.number(s)
  if offset < 0 and power == math.floor(power) and power >= 3 then number = text.join(text.number "-", number) end
  local whole = text.join(text.label("axis", "label", own and " (relative to " or "relative to "), number)
  axis.label = text.join(own, own and text.join(whole, text.label("axis", "label", ")")) or whole)
end

local function plain_number(v)
  local s = string.format("%.10g", v):gsub(",", ".")
  if not s:find("e") and #s <= 6 then return text.number(s) end
  local e = math.floor(math.log(v, 10) + 1e-9)
  if v < 1e-300 then return text.number((s:match "^[^e]*"), math.tointeger(tonumber(s:match "e(.*)$"))) end
  return text.number((string.format("%.6g", v / 10.0 ^ e):gsub(",", ".")), e)
end

local MOST_MINOR = 60 -- more small ticks than that are a black line

local function log_ticks(axis, most)
  local base = axis.base
  local lo, hi = math.log(axis.low, base), math.log(axis.high, base)
  local first, last = math.ceil(lo - 1e-9), math.floor(hi + 1e-9)
  local out, decades = {}, last - first
  if decades < 1 and base == 10 then -- at most one power of 10 in range: label 1, 2, 5 or fall back to linear ticks
    local count = 0
    for e = math.floor(lo), math.ceil(hi) do
      for _, m in ipairs { 1, 2, 3, 5 } do
        local v = m * 10.0 ^ e
        if v > 0 and v < math.huge and v >= axis.low * (1 - 1e-9) and v <= axis.high * (1 + 1e-9) then count = count + 1 end
      end
    end
    if count < 2 then return linear_ticks(axis.low, axis.high, math.min(most, 4), axis.minor) end
    for e = math.floor(lo), math.ceil(hi) do
      for m = 1, 9 do
        local v = m * 10.0 ^ e
        if v > 0 and v < math.huge and v >= axis.low * (1 - 1e-9) and v <= axis.high * (1 + 1e-9) then
          local labelled = m == 1 or m == 2 or m == 5 or (m == 3 and count <= 3)
          out[#out + 1] = labelled and { v = v, label = plain_number(v) } or { v = v, minor = true }
        end
      end
    end
    return out
  end
  local step = 1
  while math.floor(decades / step) + 1 > most do step = step < 3 and step + 1
    or (step == 3 and 4 or step + (step < 10 and 1 or 5)) end
  for e = first, last do
    local v = base ^ (e + 0.0)
    if v == 0 or v == math.huge then goto next end -- beyond the doubles
    if e % step == 0 then
      out[#out + 1] = { v = v, label = text.power(base, e) }
    elseif axis.minor and decades <= MOST_MINOR then
      out[#out + 1] = { v = v, minor = true }
    end
    ::next::
  end
  if axis.minor and base == 10 and step == 1 and hi - lo <= 8 then
    for e = first - 1, last do
      for m = 2, 9 do
        local v = m * 10.0 ^ e
        if v >= axis.low and v <= axis.high then out[#out + 1] = { v = v, minor = true } end
      end
    end
  end
  return out
end

local function symlog_ticks(axis, most)
  local out = {}
  local reach = math.max(math.abs(axis.low), math.abs(axis.high))
  local first = math.ceil(math.log(axis.linear, 10) - 1e-9)
  local last = math.floor(math.log(reach, 10) + 1e-9)
  if last < first then return linear_ticks(axis.low, axis.high, most, axis.minor) end
  local sides = (axis.low < 0 and axis.high > 0) and 2 or 1
  local step = math.max(1, math.ceil((last - first + 1) * sides / math.max(1, most - 1)))
  if axis.low <= 0 and axis.high >= 0 then out[1] = { v = 0, label = text.number("0") } end
  for e = first, last do
    for _, sign in ipairs { -1, 1 } do
      local v = sign * 10.0 ^ e
      if v >= axis.low and v <= axis.high then
        local label = text.power(10, e)
        if sign < 0 then label = text.join(text.number("-"), label) end
        if (last - e) % step == 0 then
          out[#out + 1] = { v = v, label = label }
        elseif (last - first) * sides <= MOST_MINOR then
          out[#out + 1] = { v = v, minor = true }
        end
      end
      if axis.minor and step == 1 then
        for m = 2, 9 do
          local w = sign * m * 10.0 ^ e
          if w >= axis.low and w <= axis.high then out[#out + 1] = { v = w, minor = true } end
        end
      end
    end
  end
  return out
end

local function given_ticks(axis)
  local out = {}
  for i, tick in ipairs(axis.ticks) do
    local v, label = tick, nil
    if type(tick) == "table" then v, label = tick[1], tick[2] end
    if type(v) ~= "number" or v ~= v or math.abs(v) == math.huge then
      check.fail("%s: %s.ticks[%d] must be a number or {number, label}, got %s", axis.who, axis.name, i, check.show(v))
    end
    local at = v / 10.0 ^ (axis.exponent or 0)
    if at >= axis.low - 1e-9 * math.abs(axis.low) and at <= axis.high + 1e-9 * math.abs(axis.high) then
      local shown = label ~= nil and text.label(axis.who, axis.name .. ".ticks", label)
        or label == nil and text.number((string.format("%.6g", v):gsub(",", "."))) or nil
      out[#out + 1] = { v = at, label = shown, minor = label == "" or nil }
    end
  end
  return out
end

-- If labels still overlap: ticks become minor where their label would overlap one of higher priority. Priority: zero,
-- then by decreasing magnitude.
function prune(axis, ticks, length, size, font, along)
  table.sort(ticks, function(a, b)
    if (a.v == 0) ~= (b.v == 0) then return a.v == 0 end
    if math.abs(a.v) ~= math.abs(b.v) then return math.abs(a.v) > math.abs(b.v) end
    return a.v > b.v
  end)
  local kept = {}
  for _, tick in ipairs(ticks) do
    local at = axes.fraction(axis, tick.v) * length
    local half = along == "x" and text.width(tick.label, size, font) / 2 or size * 0.55
    local free = true
    for _, k in ipairs(kept) do
      if math.abs(at - k[1]) < half + k[2] + size * 0.4 then free = false end
    end
    if free then
      kept[#kept + 1] = { at, half }
    else
      tick.label, tick.minor = nil, true
    end
  end
end

-- Ticks for an axis `length` points long with text of `size` points: a list of {v=, label=} and {v=, minor=true}.
-- `along` is "x" (labels side by side) or "y" (one above the other).
function axes.ticks(axis, length, size, font, along)
  if axis.source then
    local out = axes.ticks(axis.source, length, size, font, along)
    for _, tick in ipairs(out) do tick.v = axes.place(axis.source, tick.v) end
    return out
  end
  if type(axis.ticks) == "table" then return given_ticks(axis) end
  if axis.ticks == false then return {} end
  local most = axis.ticks
  if most ~= nil and (math.type(most) ~= "integer" or most < 1) then
    check.fail("%s: %s.ticks must be a count, a list, or false, got %s", axis.who, axis.name, check.show(most))
  end
  local count = most or math.max(2, math.floor(length / (along == "x" and 3.2 * size or 2.4 * size)))
  if not most then count = math.min(count, 7) end
  local out
  while true do -- reduce the count until labels do not overlap
    if axis.log then
      out = log_ticks(axis, count)
    elseif axis.scale == "symlog" then
      out = symlog_ticks(axis, count)
    else
      local offset
      out = formats.calendar(axis, count)
      if not out then out, offset = linear_ticks(axis.low, axis.high, count, axis.minor, axis.exponent) end
      set_offset(axis, not axis.format and offset)
    end
    if axis.format then formats.apply(axis, out) end
    local ends, collide = -math.huge, false
    local labelled = {}
    for _, tick in ipairs(out) do
      if tick.label then labelled[#labelled + 1] = tick end
    end
    table.sort(labelled, function(a, b) return axes.place(axis, a.v) < axes.place(axis, b.v) end)
    for _, tick in ipairs(labelled) do
      local f = axes.fraction(axis, tick.v)
      local at = (axis.reverse and 1 - f or f) * length
      local half = along == "x" and text.width(tick.label, size, font) / 2 or size * 0.55
      if at - half < ends + (along == "x" and size * 0.55 or size * 0.35) then collide = true end
      ends = at + half
    end
    if not collide then break end
    if count <= 1 then
      prune(axis, labelled, length, size, font, along)
      break
    end
    count = count - 1
  end
  return out
end

return axes
