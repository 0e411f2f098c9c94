-- limn/plot/formats.lua: forms of tick labels that an axis can ask for with format=.

local text = require "limn.plot.text"

local formats = {}

-- The decimals that tell the values of the labelled ticks apart, at most 6.
local function decimals_of(values)
  for digits = 0, 6 do
    local exact = true
    for _, v in ipairs(values) do
      if math.abs(tonumber((("%%.%df"):format(digits):format(v):gsub(",", "."))) - v) > 1e-9 * math.max(1, math.abs(v)) then
        exact = false
      end
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

-- Each: function(v, digits) -> text; digits: decimals that tell the ticks apart.
local forms = {
  plain = fixed,
  percent = function(v) return ("%.6g"):format(100 * v):gsub(",", ".") .. " %" end,
  thousands = function(v, digits) return grouped(fixed(v, digits)) end,
  time = duration,
  date = function(v) return os.date("!%Y-%m-%d", math.floor(v)) end,
  si = function(v)
    if v == 0 then return "0" end
    local e = math.max(-12, math.min(12, 3 * math.floor(math.log(math.abs(v), 1000) + 1e-9)))
    return ("%.6g"):format(v / 10.0 ^ e):gsub(",", ".") .. SI[e]
  end,
}

formats.names = { "plain", "percent", "thousands", "time", "date", "si", "power" }

-- Gives the labelled ticks of an axis the form axis.format; "power" writes m x 10^e.
function formats.apply(axis, ticks)
  local unit, values = 10.0 ^ (axis.exponent or 0), {}
  for _, t in ipairs(ticks) do
    if t.label then values[#values + 1] = t.v * unit end
  end
  local digits = decimals_of(values)
  for _, t in ipairs(ticks) do
    local v = t.v * unit
    if t.label and axis.format == "power" and v ~= 0 then
      local e = math.floor(math.log(math.abs(v), 10) + 1e-9)
      t.label = text.number((("%.6g"):format(v / 10.0 ^ e):gsub(",", ".")), e)
    elseif t.label and axis.format ~= "power" and math.abs(v) < 1e15 then
      t.label = text.number((forms[axis.format](v, digits)))
    end
  end
end

return formats
