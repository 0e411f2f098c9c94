-- limn/table/class.lua: the class of results: rows with named columns. Rows are shared between results and never
-- changed; the other files of this folder add the methods.

local native = require "limn.native"
local check = require "limn.base.check"
local lists = require "limn.table.lists"
local order = require "limn.table.order"

local class = {}

-- list: the rows; names: the columns in order; warning: why there are no rows, or which were left out; partial: cells of
-- the sweep are missing, so that a column of no rows is empty instead of an error: a report has other rows to measure;
-- parameters: the names of what the sweep varies, if the rows are those of a sweep.
local Results = { __name = "limn.results" }
class.Results = Results

-- What results are besides their rows: { list =, names =, warning =, partial =, parameters = }. The entries of the object
-- itself are the rows alone, so that other modules take it for a sequence; of more than MOST rows that are made when they are
-- asked for it has none, and the key FACTS, at which a writer of JSON stops instead of writing an empty list.
local facts = setmetatable({}, { __mode = "k" })
local MOST = 4096
local FACTS = {}

-- results[i] is the i-th row, so that ipairs runs over them.
local metatable = {
  __name = "limn.results",
  __methods = Results,
  __len = function(self) return #facts[self].list end,
  __index = function(self, key)
    if math.type(key) then return facts[self].list[key] end
    local method = Results[key]
    if method ~= nil then return method end
    return facts[self][key]
  end,
  __newindex = function(self, key, value) facts[self][key] = value end,
  __pairs = function(self) return ipairs(self.list) end,
  __tostring = function(self) return Results.show(self) end,
}

-- rows: a list of flat tables; columns: their names in the order to print.
function class.new(rows, columns, warning)
  local self, own = {}, { list = rows, names = columns, warning = warning }
  if lists.is_lazy(rows) and #rows > MOST then self[FACTS] = own
  else for i = 1, #rows do self[i] = rows[i] end end
  facts[self] = own
  return setmetatable(self, metatable)
end

-- Results made from others. Without rows they keep the reason why there are none.
function class.derived(self, rows, columns, warning)
  local out = class.new(rows, columns or self.names, warning or #rows == 0 and self.warning or nil)
  out.partial, out.parameters = self.partial, self.parameters
  return out
end

-- ---- checks --------------------------------------------------------------------------------------------------------

-- Raises unless the table has the column.
function class.known(self, who, name)
  local names = {}
  for _, known in ipairs(self.names) do
    if known == name then return name end
    names[known] = true
  end
  local near = type(name) == "string" and check.nearest(name, names)
  check.fail("%s: no column %s%s (there are: %s)", who, check.show(name), near and ("; did you mean %q?"):format(near) or "",
    table.concat(self.names, ", "))
end

-- One name or a list of names, each a column of the table and given once -> a list.
function class.names(self, who, what, given)
  if type(given) == "string" then given = { given } end
  if type(given) ~= "table" or #given == 0 then
    check.fail("%s: %s must be the name of a column or a list of names, got %s", who, what,
      type(given) == "table" and "an empty table" or check.show(given))
  end
  local list, seen = {}, {}
  for i, name in ipairs(given) do
    list[i] = class.known(self, who, name)
    if seen[name] then check.fail("%s: %s has the column %q twice", who, what, name) end
    seen[name] = true
  end
  return list
end

-- Raises if there are no rows, with the reason; not if cells of the sweep are missing.
function class.filled(self, who)
  if #self.list > 0 or self.partial then return end
  check.fail("%s: there are no rows%s", who, self.warning and ": " .. self.warning or "")
end

-- "D = 4, rep = 1": some columns of a row, in a message.
function class.place(row, names)
  local parts = {}
  for i, name in ipairs(names) do parts[i] = ("%s = %s"):format(name, order.show(row[name])) end
  return table.concat(parts, ", ")
end

-- ---- access --------------------------------------------------------------------------------------------------------

function Results:rows() return self.list end
function Results:columns() return self.names end

-- One column as an array (numbers) or a list.
function Results:column(name)
  if self.partial and #self.list == 0 then return native.array.zeros(0) end
  class.known(self, "results:column", name)
  if self.warning then class.filled(self, "results:column") end
  local out, numbers = {}, #self.list > 0
  for i, row in ipairs(self.list) do
    local v = row[name]
    if v == nil then
      check.fail("results:column: row %d has no %q; results:complete(%q) leaves such rows out", i, name, name)
    end
    out[i], numbers = v, numbers and type(v) == "number"
  end
  return numbers and native.array.array(out) or out
end

-- The different values of a column, in order.
function Results:distinct(name)
  return order.distinct(self.list, class.known(self, "results:distinct", name))
end

-- Some of the columns, in the order given.
function Results:select(...)
  local names = { ... }
  if #names == 1 and type(names[1]) == "table" then names = names[1] end
  return class.derived(self, self.list, class.names(self, "results:select", "columns", names))
end

local COUNT = { type = "integer", min = 0, default = 5 }

-- The first rows.
function Results:head(count)
  count = math.min(check.value("results:head", "count", count, COUNT), #self.list)
  return class.derived(self, table.move(self.list, 1, count, 1, {}))
end

-- The last rows.
function Results:tail(count)
  count = math.min(check.value("results:tail", "count", count, COUNT), #self.list)
  return class.derived(self, table.move(self.list, #self.list - count + 1, #self.list, 1, {}))
end

-- The rows that have a value in each of the columns (by default in all); NaN is a value.
function Results:complete(...)
  local names = { ... }
  if #names == 1 and type(names[1]) == "table" then names = names[1] end
  names = #names == 0 and self.names or class.names(self, "results:complete", "columns", names)
  local places = {}
  for i, row in ipairs(self.list) do
    local whole = true
    for _, name in ipairs(names) do whole = whole and row[name] ~= nil end
    if whole then places[#places + 1] = i end
  end
  local rows = lists.pick(self.list, places)
  local none = #rows == 0 and #self.list > 0
  return class.derived(self, rows, nil, none and ("no row has a value in each of %s"):format(table.concat(names, ", ")) or nil)
end

return class
