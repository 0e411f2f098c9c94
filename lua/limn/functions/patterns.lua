-- limn/functions/patterns.lua: patterns of signs as strings of + and -, first row of X first.

local check = require "limn.base.check"
local native = require "limn.native"

local patterns = {}

-- A pattern of `points` signs (any number if nil) from a string or a list of numbers (+ where above 0).
function patterns.checked(who, value, points)
  if type(value) == "string" then
    if not value:find "^[+-]*$" then check.fail("%s: a pattern consists of + and -, got %s", who, check.show(value)) end
  elseif type(value) == "table" or check.typename(value) == "limn.array" then
    local list = {}
    for i = 1, #value do
      local x = value[i]
      if type(x) ~= "number" or x ~= x then check.fail("%s: sign %d must be a number, got %s", who, i, check.show(x)) end
      list[i] = x > 0 and "+" or "-"
    end
    value = table.concat(list)
  else
    check.fail("%s: a pattern must be a string of + and - or a list of numbers, got %s", who, check.show(value))
  end
  if points and #value ~= points then check.fail("%s: the pattern has %d signs, but X has %d rows", who, #value, points) end
  return value
end

-- The pattern with + at the rows S (off: at the others), and the number of +.
function patterns.mask(who, S, points, off)
  local set, n, list = {}, 0, {}
  for i = 1, #S do
    local row = S[i]
    if math.type(row) ~= "integer" and math.tointeger(row) == nil or row < 1 or row > points then
      check.fail("%s: S[%d] must be the number of a row of X, 1 .. %d, got %s", who, i, points, check.show(row))
    end
    row = math.tointeger(row)
    if set[row] then check.fail("%s: S names row %d twice", who, row) end
    set[row] = true
  end
  for row = 1, points do
    local plus = (set[row] or false) ~= (off or false)
    list[row], n = plus and "+" or "-", n + (plus and 1 or 0)
  end
  return table.concat(list), n
end

-- The pattern with the labels y at the rows S, - elsewhere.
function patterns.labels(who, S, y, points)
  if #y ~= #S then check.fail("%s: y has %d labels for %d rows of S", who, #y, #S) end
  local list = {}
  for row = 1, points do list[row] = "-" end
  for i = 1, #S do
    local label = y[i]
    if label ~= 1 and label ~= -1 then check.fail("%s: y[%d] must be -1 or 1, got %s", who, i, check.show(label)) end
    list[math.tointeger(S[i])] = label == 1 and "+" or "-"
  end
  return table.concat(list)
end

-- All 2^bits inputs as rows of -1 and 1; bit i of the row's number (from 0) is column i + 1.
function patterns.cube(bits)
  local rows = {}
  for v = 0, (1 << bits) - 1 do
    rows[v + 1] = {}
    for i = 1, bits do rows[v + 1][i] = (v >> (i - 1) & 1) * 2 - 1 end
  end
  return native.array.array(rows)
end

-- log2 of the rows of X if they are a cube in the order of patterns.cube (two values per column, low first), else 0.
function patterns.cube_bits(X)
  local rows, columns = X:shape()
  if not columns or columns > 12 or rows ~= 1 << columns then return 0 end
  local low, high = X:min(1), X:max(1)
  for v = 0, rows - 1 do
    for i = 1, columns do
      local l, h = low[i], high[i]
      if X:get(v + 1, i) ~= ((v >> (i - 1) & 1) == 1 and h or l) or l == h then return 0 end
    end
  end
  return columns
end

-- Raises where two rows of X are equal: a function has one sign at an input.
function patterns.distinct_rows(who, X)
  local seen, rows, columns = {}, X:shape()
  for r = 1, rows do
    local key = {}
    for c = 1, columns do key[c] = ("%a"):format(X:get(r, c) + 0.0) end
    key = table.concat(key, " ")
    if seen[key] then check.fail("%s: rows %d and %d of X are equal; a function has one sign at an input", who, seen[key], r) end
    seen[key] = r
  end
end

return patterns
