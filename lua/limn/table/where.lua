-- limn/table/where.lua: the choice of rows by their values.

local check = require "limn.base.check"
local class = require "limn.table.class"
local lists = require "limn.table.lists"
local order = require "limn.table.order"

local Results = class.Results

local ULPS = 8 * 2 ^ -53 -- of the larger value: several steps of a double
local GAP = 1e-6         -- of the distance between neighbouring values of a column

-- Whether two numbers are equal up to the rounding of a few operations. Whole numbers are compared exactly.
local function close(v, want)
  if v == want then return true end
  if math.type(v) ~= "float" then return false end
  if v ~= v or want ~= want then return v ~= v and want ~= want end
  local size = math.max(math.abs(v), math.abs(want))
  return size < math.huge and math.abs(v - want) <= ULPS * size
end

-- The value that an evenly spaced grid has for `want`, or nil. Where its sum cancels ("-0.3:0.3:7" has 5.6e-17 for 0)
-- the rounding is relative to the largest value of the column, and is much smaller than the distance to the next value.
local function rounded(values, want)
  local best, least, second, largest = nil, math.huge, math.huge, 0
  for _, v in ipairs(values) do
    if math.type(v) == "float" and v - v == 0 then
      local d = math.abs(v - want)
      if d < least then best, least, second = v, d, least elseif d < second then second = d end
      largest = math.max(largest, math.abs(v))
    end
  end
  return best and least <= 2 * ULPS * largest and least <= GAP * second and best or nil
end

-- A test of the values of a column, and its text for a message.
local function test_of(self, name, want)
  if type(want) == "function" then return want, "passes the test of " .. name end
  if check.typename(want) == "table" then
    local tests = {}
    for i, one in ipairs(want) do tests[i] = test_of(self, name, one) end
    if #tests == 0 then
      check.fail("results:where: %s must be a value, a list of values or a function, got an empty table", name)
    end
    return function(v)
      for _, test in ipairs(tests) do if test(v) then return true end end
      return false
    end, ("has %s in {%s}"):format(name, order.list(want))
  end
  local text = ("has %s = %s"):format(name, order.show(want))
  if type(want) ~= "number" then return function(v) return v == want end, text end
  local found = false
  for _, row in ipairs(self.list) do
    local v = row[name]
    if type(v) == "number" and close(v, want) then
      found = true
      break
    end
  end
  local stored = not found and rounded(order.distinct(self.list, name), want)
  if stored then return function(v) return v == stored end, text end
  return function(v) return type(v) == "number" and close(v, want) end, text
end

-- Why no row fits: the conditions that no row meets on its own, with the values of their columns.
local function reason(self, names, tests, texts)
  local parts = {}
  for k, name in ipairs(names) do
    local met = false
    for _, row in ipairs(self.list) do
      if tests[k](row[name]) then
        met = true
        break
      end
    end
    if not met then
      parts[#parts + 1] = ("no row %s; %s has %s"):format(texts[k], name, order.list(order.distinct(self.list, name)))
    end
  end
  if #parts == 0 then parts[1] = "no row " .. table.concat(texts, " and ") end
  return table.concat(parts, "; ")
end

-- The rows whose values equal those given, up to rounding; a list means one of its values; a function as value is a
-- test. A function in place of the table is a test of the whole row.
function Results:where(conditions)
  if type(conditions) == "function" then
    local places = {}
    for i, row in ipairs(self.list) do if conditions(row) then places[#places + 1] = i end end
    local rows = lists.pick(self.list, places)
    return class.derived(self, rows, nil, #rows == 0 and #self.list > 0 and "no row passes the test" or nil)
  end
  check.value("results:where", "conditions", conditions, { type = "table", required = true, help = "a table or a function" })
  local names, tests, texts = {}, {}, {}
  for name in pairs(conditions) do names[#names + 1] = class.known(self, "results:where", name) end
  table.sort(names)
  for k, name in ipairs(names) do tests[k], texts[k] = test_of(self, name, conditions[name]) end
  local places = {}
  for i, row in ipairs(self.list) do
    local fits = true
    for k, name in ipairs(names) do
      if not tests[k](row[name]) then
        fits = false
        break
      end
    end
    if fits then places[#places + 1] = i end
  end
  local rows = lists.pick(self.list, places)
  if #rows > 0 or #self.list == 0 then return class.derived(self, rows) end
  return class.derived(self, rows, nil, reason(self, names, tests, texts))
end
