-- limn/table/reshape.lua: new columns, order of the rows, one table from two, wide tables.

local native = require "limn.native"
local check = require "limn.base.check"
local class = require "limn.table.class"
local lists = require "limn.table.lists"
local order = require "limn.table.order"

local Results = class.Results

local KINDS = { number = true, string = true, boolean = true, ["limn.array"] = true, ["nil"] = true }

-- The values of a new column: a function of the row, a list or array with an entry per row, or one value for all.
local function values_of(self, name, given)
  local kind, n = check.typename(given), #self.list
  local rank, first = 0, nil
  if kind == "limn.array" then rank, first = select("#", given:shape()), (given:shape()) end
  if kind == "function" then return function(row) return given(row) end end
  if rank == 1 or kind == "table" then
    local list = rank == 1 and given:totable() or given
    local count = first or #given
    if count ~= n then
      check.fail("results:with: %s must have an entry for each of %d rows, got %d", name, n, count)
    end
    return function(_, i) return list[i] end
  end
  return function() return given end
end

local function copied(row, size)
  local new = native.rows.new(size)
  for k, v in next, row do new[k] = v end
  return setmetatable(new, getmetatable(row)) -- which reads the arrays of a large table
end

-- A lazy list with new columns, whose values are held by column. value(name, row, i).
local function widened(list, added, value)
  local columns, arrays = native.columns.new(#list), {}
  for i, row in ipairs(list) do
    for _, name in ipairs(added) do
      local v = value(name, row, i)
      if type(v) == "userdata" then
        arrays[i] = arrays[i] or {}
        arrays[i][name] = v
      elseif v ~= nil then columns:set(i, { [name] = v }) end
    end
    columns:mark(i)
  end
  columns:order {}
  return lists.lazy(#list, function(i)
    local row, more = list[i], columns:get(i)
    for _, name in ipairs(added) do row[name] = arrays[i] and arrays[i][name] or more[name] end
    return row
  end)
end

-- The rows with new columns, which are in the order of their names. A function gets the row as it was before.
function Results:with(columns)
  check.value("results:with", "columns", columns, { type = "table", required = true })
  local names, known, added, values = { table.unpack(self.names) }, {}, {}, {}
  for _, name in ipairs(names) do known[name] = true end
  for name, given in pairs(columns) do
    if type(name) ~= "string" then
      check.fail("results:with: columns go by name, with{name = function(row) ... end}; got the key %s", check.show(name))
    end
    added[#added + 1] = name
    values[name] = values_of(self, name, given)
  end
  table.sort(added)
  for _, name in ipairs(added) do if not known[name] then names[#names + 1] = name end end
  local function value(name, row, i)
    local v = values[name](row, i)
    if not KINDS[check.typename(v)] then
      check.fail("results:with: %s must be a number, a text, a boolean or an array, got %s in row %d", name,
        check.show(v), i)
    end
    return v
  end
  if lists.is_lazy(self.list) then return class.derived(self, widened(self.list, added, value), names) end
  local rows = {}
  for i, row in ipairs(self.list) do
    local new = copied(row, #names)
    for _, name in ipairs(added) do new[name] = value(name, row, i) end
    rows[i] = new
  end
  return class.derived(self, rows, names)
end

-- The rows in the order of columns; "-name" descends. Equal rows keep their order; NaN and missing values come last.
function Results:sort(...)
  local names, down = { ... }, {}
  if #names == 0 then check.fail "results:sort: name at least one column" end
  local known = {}
  for _, name in ipairs(self.names) do known[name] = true end
  for i, name in ipairs(names) do
    if type(name) == "string" and not known[name] and name:sub(1, 1) == "-" then names[i], down[i] = name:sub(2), true end
    class.known(self, "results:sort", names[i])
  end
  local places, values = {}, {}
  for j in ipairs(names) do values[j] = {} end
  for i, row in ipairs(self.list) do
    places[i] = i
    for j, name in ipairs(names) do values[j][i] = row[name] end
  end
  table.sort(places, function(a, b)
    for i, column in ipairs(values) do
      local c = order.compare(column[a], column[b], down[i])
      if c ~= 0 then return c < 0 end
    end
    return a < b
  end)
  return class.derived(self, lists.pick(self.list, places))
end

-- ---- one table from two --------------------------------------------------------------------------------------------

local HOW = { on = { type = "any", required = true, help = "the name of a column or a list of names" },
  keep = { type = "string", default = "both", one_of = { "both", "left" } }, suffix = { type = "string" } }

-- Rows by the key of some columns. Rows that lack one of them have no key.
local function index(rows, on)
  local groups = {}
  for _, row in ipairs(rows) do
    local key = order.keys(row, on)
    if key then
      groups[key] = groups[key] or {}
      table.insert(groups[key], row)
    end
  end
  return groups
end

-- The columns of `other` besides the keys -> their names in the joined table.
local function renamed(self, other, on, suffix)
  local taken, keys, map = {}, {}, {}
  for _, name in ipairs(self.names) do taken[name] = true end
  for _, name in ipairs(on) do keys[name] = true end
  for _, name in ipairs(other.names) do
    if not keys[name] then
      local new = taken[name] and suffix and name .. suffix or name
      if taken[new] then
        check.fail("results:join: both tables have the column %q; add it to on, leave it out with select, or give "
          .. "suffix = \"_2\"", new)
      end
      taken[new], map[#map + 1] = true, { name, new }
    end
  end
  return map
end

-- Each row beside the row of `other` with the same values in the columns `on`. keep: "both", only rows with a partner,
-- or "left", all rows of this table.
function Results:join(other, options)
  if check.typename(other) ~= "limn.results" then
    check.fail("results:join: other must be results, got %s (limn.results.new makes them from rows)", check.show(other))
  end
  local o = check.options("results:join", options, HOW)
  local on = class.names(self, "results:join", "on", o.on)
  class.names(other, "results:join (the other table)", "on", on)
  local map = renamed(self, other, on, o.suffix)
  local here, there, alone, rows = index(self.list, on), index(other.list, on), 0, {}
  local names = { table.unpack(self.names) }
  for _, pair in ipairs(map) do names[#names + 1] = pair[2] end
  for _, row in ipairs(self.list) do
    local key = order.keys(row, on)
    local partners = key and there[key] or {}
    if #partners > 1 and #here[key] > 1 then
      check.fail("results:join: both tables have several rows with %s; add a column to on (\"rep\"?), or reduce one table "
        .. "with by", class.place(row, on))
    end
    if #partners == 0 then
      alone = alone + 1
      if o.keep == "left" then partners = { {} } end
    end
    for _, partner in ipairs(partners) do
      local new = copied(row, #names)
      for _, pair in ipairs(map) do new[pair[2]] = partner[pair[1]] end
      rows[#rows + 1] = new
    end
  end
  return class.derived(self, rows, names, alone > 0 and ("%d of %d rows have no partner with the same %s%s"):format(alone,
    #self.list, table.concat(on, ", "), o.keep == "left" and "" or " and are left out") or nil)
end

-- ---- wide tables ---------------------------------------------------------------------------------------------------

local function several(row, names)
  check.fail("results:pivot: several rows have %s; choose with where, or reduce with by first",
    (class.place(row, names):gsub(", ", " and ")))
end

-- The different values of a column without gaps, and the place of each.
local function levels(self, name)
  class.known(self, "results:pivot", name)
  local list, place = order.distinct(self.list, name), {}
  for i, row in ipairs(self.list) do
    if not order.key(row[name]) then
      check.fail("results:pivot: %s must be numbers or texts, got %s in row %d", name, check.show(row[name]), i)
    end
  end
  for i, v in ipairs(list) do place[order.key(v)] = i end
  return list, place
end

-- A matrix: a row for each value of `down`, a column for each value of `across`; NaN where there is no row.
local function matrix(self, down, across, value)
  class.filled(self, "results:pivot")
  if #self.list == 0 then return native.array.zeros(0, 0), {}, {} end
  local rows, row_of = levels(self, down)
  local columns, column_of = levels(self, across)
  class.known(self, "results:pivot", value)
  local out, taken = native.array.zeros(#rows, #columns) + 0 / 0, {}
  for _, row in ipairs(self.list) do
    local i, j, v = row_of[order.key(row[down])], column_of[order.key(row[across])], row[value]
    if type(v) ~= "number" then check.fail("results:pivot: %s must be a number, got %s", tostring(value), check.show(v)) end
    local at = (i - 1) * #columns + j
    if taken[at] then several(row, { down, across }) end
    taken[at] = true
    out:set(i, j, v)
  end
  return out, rows, columns
end

local function wide(self, options)
  local o = check.options("results:pivot", options, { rows = { type = "any", required = true }, cols = { type = "string",
    required = true }, value = { type = "string", required = true } })
  local down = class.names(self, "results:pivot", "rows", o.rows)
  local across, column_of = levels(self, o.cols)
  class.known(self, "results:pivot", o.value)
  local names, rows, of = { table.unpack(down) }, {}, {}
  for i, v in ipairs(across) do
    names[#down + i] = ("%s=%s"):format(o.cols, type(v) == "string" and v or order.show(v))
  end
  class.names(class.new({}, names), "results:pivot", "the wide table", names)
  for _, row in ipairs(self.list) do
    local key, gap = order.keys(row, down)
    if not key then
      check.fail("results:pivot: %s must be numbers or texts, got %s", gap, check.show(row[gap]))
    end
    if not of[key] then
      of[key] = { row = {}, taken = {} }
      for _, name in ipairs(down) do of[key].row[name] = row[name] end
      rows[#rows + 1] = of[key].row
    end
    local j = column_of[order.key(row[o.cols])]
    if of[key].taken[j] then several(row, { table.unpack(down), [#down + 1] = o.cols }) end
    of[key].taken[j], of[key].row[names[#down + j]] = true, row[o.value]
  end
  return Results.sort(class.derived(self, rows, names), table.unpack(down))
end

-- pivot{rows=, cols=, value=}: a table with one row for each value of `rows`, and a column NAME=VALUE for each value of
-- `cols`. pivot(down, across, value): the same as an array -> the array, the values down, the values across.
function Results:pivot(down, across, value)
  if type(down) ~= "table" then return matrix(self, down, across, value) end
  if across ~= nil or value ~= nil then check.surplus("results:pivot", 1, value ~= nil and 3 or 2) end
  return wide(self, down)
end
