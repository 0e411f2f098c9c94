-- limn/plot/formats.lua: kinds of files of figures; forms of tick labels that an axis can ask for with format=.

local text = require "limn.plot.text"

local formats = {}

-- The decimals that tell the values of the labelled ticks apart, at most 6.
local function decimals_of(values)
  for digits = 0, 6 do
    local exact = true
    for _, v in ipairs(values) do
      local written = math.abs(v) < 1e15 and tonumber((("%%.%df"):format(digits):format(v):gsub(",", ".")))
      if written and math.abs(written - v) > 1e-9 * math.max(1, math.abs(v)) then exact = false end
    end
    if exact then return digits end
  end
  return 6
end

local function fixed(v, digits) return ((("%%.%df"):format(digits)):format(v):gsub(",", ".")) end

-- Groups of three digits, parted by a thin space.
local function grouped(number)
  local sign, whole, rest = number:match "^(-?)(%d+)(.*)$"
  whole = whole:reverse():gsub("(%d%d%d)", "%1 "):reverse():gsub("^ ", "")
  return sign .. whole:gsub(" ", "\u{2009}") .. rest
end

-- Seconds as 45 s, 3 min, 1 h 30 min, 2 d.
local function duration(v)
  local sign = v < 0 and "-" or ""
  v = math.abs(v)
  if v < 60 then return sign .. ("%.6g"):format(v):gsub(",", ".") .. " s" end
  local parts, left = {}, math.floor(v + 0.5)
  for _, unit in ipairs { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } } do
    local count = left // unit[1]
    left = left % unit[1]
    if count > 0 then parts[#parts + 1] = count .. " " .. unit[2] end
  end
  return sign .. table.concat(parts, " ", 1, math.min(2, #parts))
end

local SI = { [-12] = "p", [-9] = "n", [-6] = "µ", [-3] = "m", [0] = "", [3] = "k", [6] = "M", [9] = "G", [12] = "T" }

-- Each: function(v, digits, least) -> text; digits: decimals that tell the ticks apart; least: a day, a minute or a second,
-- of which all ticks are multiples.
local forms = {
  plain = fixed,
  percent = function(v) return ("%.6g"):format(100 * v):gsub(",", ".") .. " %" end,
  thousands = function(v, digits) return grouped(fixed(v, digits)) end,
  time = duration,
  date = function(v, _, least) return os.date(least >= 86400 and "!%Y-%m-%d" or least >= 60 and "!%m-%d %H:%M" or "!%H:%M:%S",
    math.floor(v)) end,
  si = function(v)
    if v == 0 then return "0" end
    local e = math.max(-12, math.min(12, 3 * math.floor(math.log(math.abs(v), 1000) + 1e-9)))
    return ("%.6g"):format(v / 10.0 ^ e):gsub(",", ".") .. SI[e]
  end,
}

-- Kinds of files, by their suffixes.
formats.files = { html = true, pdf = true, svg = true, png = true, tex = true, gp = true }

formats.names = { "plain", "percent", "thousands", "time", "date", "si", "power" }

-- ---- dates and durations ----------------------------------------------------------------------------------

local MINUTE, HOUR, DAY = 60, 3600, 86400
local STEPS = { -- seconds
  time = { 1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR,
    6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 5 * DAY, 10 * DAY, 20 * DAY, 50 * DAY, 100 * DAY },
  date = { 1, 5, 15, 30, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY,
    2 * DAY, 7 * DAY, 14 * DAY },
}
local MONTHS = { 1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200 }

-- Days from 1970-01-01 to the first of a month counted from year 0 (H. Hinnant, days_from_civil).
local function day_of(month)
  local y, m = month // 12, month % 12
  if m < 2 then y = y - 1 end
  local era = y // 400
  local year = y - era * 400
  return era * 146097 + year * 365 + year // 4 - year // 100 + (153 * ((m + 10) % 12) + 2) // 5 - 719468
end

local function multiples(axis, step, from)
  local out, unit = {}, 10.0 ^ (axis.exponent or 0)
  for k = math.ceil((axis.low * unit - from) / step), math.floor((axis.high * unit - from) / step) do
    out[#out + 1] = { v = (from + k * step) / unit, label = text.number "0" }
  end
  return out
end

local function months(axis, step)
  local out, low, high = {}, axis.low / DAY, axis.high / DAY
  local first = math.floor(low / 365.2425 + 1970) - 1
  for month = first * 12 // step * step, math.floor((high / 365.2425 + 1972) * 12), step do
    local day = day_of(month)
    if day >= low and day <= high then out[#out + 1] = { v = day * DAY, label = text.number "0" } end
  end
  return out
end

-- Ticks of an axis of dates or durations at whole units of the calendar, at most `most` intervals; nil if the range is too
-- narrow, or too far from 1970, for any of them.
function formats.calendar(axis, most)
  local steps, width = STEPS[axis.format], axis.high - axis.low
  if not steps or (axis.exponent or 0) ~= 0 or math.max(math.abs(axis.low), math.abs(axis.high)) > 1e12 then return nil end
  for _, step in ipairs(steps) do
    if width / step <= most + 1 then
      local out = multiples(axis, step, step % (7 * DAY) == 0 and 4 * DAY or 0) -- weeks begin on Mondays
      if #out > 0 and #out <= most + 1 then return #out >= 2 and out or nil end
    end
  end
  for _, step in ipairs(axis.format == "date" and MONTHS or {}) do
    if width / (step * 30.4 * DAY) <= most + 1 then
      local out = months(axis, step)
      if #out >= 2 and #out <= most + 1 then return out end
    end
  end
end

-- Gives the labelled ticks of an axis the form axis.format; "power" writes m x 10^e.
function formats.apply(axis, ticks)
  local unit, values = 10.0 ^ (axis.exponent or 0), {}
  for _, t in ipairs(ticks) do
    if t.label then values[#values + 1] = t.v * unit end
  end
  local digits, least = decimals_of(values), 86400
  for _, v in ipairs(values) do
    if v % least ~= 0 then least = v % 60 == 0 and 60 or 1 end
  end
  for _, t in ipairs(ticks) do
    local v = t.v * unit
    if t.label and axis.format == "power" and v ~= 0 and v - v == 0 then
      local e = math.floor(math.log(math.abs(v), 10) + 1e-9)
      t.label = text.number((("%.6g"):format(v / 10.0 ^ e):gsub(",", ".")), e)
    elseif t.label and axis.format ~= "power" and math.abs(v) < 1e15 then
      t.label = text.number((forms[axis.format](v, digits, least)))
    end
  end
end

return formats
