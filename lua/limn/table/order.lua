-- limn/table/order.lua: order and equality of the values in a table of results: numbers, texts, booleans, arrays, nil.

local check = require "limn.base.check"

local order = {}

local RANKS = { number = 1, string = 2, boolean = 3 }
local NAN, MISSING = 5, 6 -- after all values, also in descending order

local function rank(v)
  if v == nil then return MISSING end
  if v ~= v then return NAN end
  return RANKS[type(v)] or 4
end

-- Compares two values -> -1, 0 or 1: numbers before texts before booleans. NaN and missing values come last, also if
-- `descending`.
function order.compare(u, v, descending)
  local a, b = rank(u), rank(v)
  if a ~= b then
    if descending and a < NAN and b < NAN then a, b = b, a end
    return a < b and -1 or 1
  end
  if a >= NAN then return 0 end
  if a >= 3 then u, v = tostring(u), tostring(v) end
  if u == v then return 0 end
  return ((u < v) ~= (descending or false)) and -1 or 1
end

-- The text that names a value among those of a column; equal for 1 and 1.0, and for numbers that agree in 14 digits,
-- such as 0.3 and 3 * 0.1. nil for a value that cannot be compared (an array), and for a missing one.
function order.key(v)
  if math.type(v) == "integer" then return "n" .. v end
  if math.type(v) == "float" then
    if v ~= v then return "nan" end
    local whole = math.tointeger(v)
    return "n" .. (whole or ("%.14g"):format(v))
  end
  if type(v) == "string" then return "s" .. v end
  return type(v) == "boolean" and tostring(v) or nil
end

-- The key of several columns of a row; nil and the name of the column without one.
function order.keys(row, names)
  local keys = {}
  for i, name in ipairs(names) do
    keys[i] = order.key(row[name])
    if not keys[i] then return nil, name end
  end
  for i, text in ipairs(keys) do keys[i] = #text .. ":" .. text end -- no two lists of texts give the same key
  return table.concat(keys)
end

-- The different values of a column of rows, in order; missing ones are left out.
function order.distinct(rows, name)
  local list, seen = {}, {}
  for _, row in ipairs(rows) do
    local v = row[name]
    local key = order.key(v) or v
    if v ~= nil and not seen[key] then seen[key], list[#list + 1] = true, v end
  end
  table.sort(list, function(u, v) return order.compare(u, v) < 0 end)
  return list
end

-- A value in a message: numbers with 14 digits.
function order.show(v)
  if math.type(v) == "float" and v == v then return ("%.14g"):format(v) end
  return check.show(v)
end

-- "0, 0.1, 0.2, ... 1 (11 values)"
function order.list(values)
  local parts = {}
  for i, v in ipairs(values) do
    if #values <= 12 or i <= 8 then parts[#parts + 1] = order.show(v) end
  end
  if #values > 12 then parts[#parts + 1] = ("... %s (%d values)"):format(order.show(values[#values]), #values) end
  return table.concat(parts, ", ")
end

return order
