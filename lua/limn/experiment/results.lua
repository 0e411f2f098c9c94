-- limn/experiment/results.lua: what a sweep measured, as rows: parameters, rep, measured values.
--   results:where{C = 6}:group("D"):mean("ratio") -> {{D = 2, ratio = ..}, ...}

local native = require "limn.native"
local check = require "limn.base.check"
local rng = require "limn.rng"

local LARGEST = 8192 -- entries of an array that stands in a CSV field

local Results = { __name = "limn.results" }
Results.__index = Results

local results = {}

-- rows: a list of flat tables; columns: their names in the order to print.
function results.new(rows, columns)
  return setmetatable({ list = rows, names = columns }, Results)
end

-- The names of what rows hold: parameters first, then rep, then values, each in order.
local function columns_of(rows, point)
  local columns, seen, values = {}, { rep = true }, {}
  for k in pairs(point or {}) do seen[k], columns[#columns + 1] = true, k end
  for _, row in ipairs(rows) do
    for k in next, row do
      if not seen[k] then seen[k], values[#values + 1] = true, k end
    end
  end
  table.sort(columns)
  table.sort(values)
  columns[#columns + 1] = "rep"
  return table.move(values, 1, #values, #columns + 1, columns)
end

-- From run cells; failed ones are left out.
function results.from_cells(cells)
  local rows = {}
  for _, cell in ipairs(cells) do
    if cell.values then
      local row = {}
      for k, v in pairs(cell.point) do row[k] = v end
      row.rep = cell.rep
      for k, v in pairs(cell.values) do row[k] = v end
      rows[#rows + 1] = row
    end
  end
  return results.new(rows, columns_of(rows, cells[1] and cells[1].point))
end

-- From what a store held of the cells first, first + step, ... of a grid (see store:resume) and from those that ran, in
-- the grid's order. read(bytes, row) puts the values of a cell into a row.
function results.gather(space, first, step, found, ran, read)
  local rows, n, size = {}, 0, #space.names + 8
  for _, cell in ipairs(ran) do found[(cell.index - first) // step + 1] = cell end
  for k, it in ipairs(found) do
    if type(it) == "string" then
      local i = first + (k - 1) * step
      local row = space.point(i, native.rows.new(size))
      row.rep = (i - 1) % space.reps + 1
      n = n + 1
      rows[n] = read(it, row)
    elseif it and it.values then
      local row = {}
      for name, v in next, it.point do row[name] = v end
      row.rep = it.rep
      for name, v in next, it.values do row[name] = v end
      n = n + 1
      rows[n] = row
    end
  end
  return results.new(rows, columns_of(rows, space.point(1)))
end

function Results:__tostring()
  return ("limn.results: %d rows; %s"):format(#self.list, table.concat(self.names, " "))
end

function Results:__len() return #self.list end

function Results:rows() return self.list end
function Results:columns() return self.names end

-- The rows whose values equal those given; a function as value is a test.
function Results:where(conditions)
  check.value("results:where", "conditions", conditions, { type = "table", required = true })
  local rows, known = {}, {}
  for _, name in ipairs(self.names) do known[name] = true end
  for name in pairs(conditions) do
    if not known[name] then check.fail("results:where: no column %q (there are: %s)", tostring(name),
      table.concat(self.names, ", ")) end
  end
  for _, row in ipairs(self.list) do
    local fits = true
    for k, want in pairs(conditions) do
      if type(want) == "function" and not want(row[k]) or type(want) ~= "function"
        and row[k] ~= want then fits = false end
    end
    if fits then rows[#rows + 1] = row end
  end
  return results.new(rows, self.names)
end

-- One column as an array (numbers) or a list.
function Results:column(name)
  local out = {}
  for i, row in ipairs(self.list) do
    out[i] = row[name]
    if out[i] == nil then check.fail("results:column: row %d has no %q (there are: %s)", i, tostring(name),
      table.concat(self.names, ", ")) end
  end
  if #out > 0 and type(out[1]) == "number" then return native.array.array(out) end
  return out
end

local function before(u, v)
  if type(u) == type(v) and type(u) ~= "boolean" then return u < v end
  return tostring(u) < tostring(v)
end

-- The different values of a column, in order, and the place of each.
local function levels(self, name)
  local list, place = {}, {}
  for _, row in ipairs(self.list) do
    local v = row[name]
    if v == nil then check.fail("results:pivot: no column %q (there are: %s)", tostring(name),
      table.concat(self.names, ", ")) end
    if not place[v] then place[v], list[#list + 1] = true, v end
  end
  table.sort(list, before)
  for i, v in ipairs(list) do place[v] = i end
  return list, place
end

-- One column as a matrix: a row for each value of `down`, a column for each value of `across`; NaN where there is no
-- row. -> the array, the values down, the values across.
function Results:pivot(down, across, value)
  local rows, row_of = levels(self, down)
  local columns, column_of = levels(self, across)
  if #rows == 0 then check.fail "results:pivot: there are no rows" end
  local out, taken = native.array.zeros(#rows, #columns) + 0 / 0, {}
  for _, row in ipairs(self.list) do
    local i, j, v = row_of[row[down]], column_of[row[across]], row[value]
    if type(v) ~= "number" then check.fail("results:pivot: %s must be a number, got %s", tostring(value), check.show(v)) end
    local at = (i - 1) * #columns + j
    if taken[at] then
      check.fail("results:pivot: several rows have %s = %s and %s = %s; choose with where, or reduce with group first",
        down, check.show(row[down]), across, check.show(row[across]))
    end
    taken[at] = true
    out:set(i, j, v)
  end
  return out, rows, columns
end

local Groups = { __name = "limn.results.groups" }
Groups.__index = Groups

-- Groups by one or more columns, in the order of their values.
function Results:group(...)
  local by, groups, order = { ... }, {}, {}
  if #by == 0 then check.fail("results:group: name at least one column") end
  for _, row in ipairs(self.list) do
    local key = {}
    for i, name in ipairs(by) do
      if row[name] == nil then check.fail("results:group: no column %q (there are: %s)", tostring(name),
        table.concat(self.names, ", ")) end
      key[i] = ("%s"):format(row[name])
    end
    local text = table.concat(key, "\0")
    if not groups[text] then
      groups[text] = { rows = {} }
      order[#order + 1] = groups[text]
    end
    table.insert(groups[text].rows, row)
  end
  table.sort(order, function(a, b)
    for _, name in ipairs(by) do
      local u, v = a.rows[1][name], b.rows[1][name]
      if u ~= v then return before(u, v) end
    end
    return false
  end)
  return setmetatable({ by = by, order = order, names = self.names }, Groups)
end

function Groups:__tostring() return ("limn.results: %d groups by %s"):format(#self.order, table.concat(self.by,
  ", ")) end

-- One row a group: the grouping columns, and f(array of the group's values) under the column's name. numbers: the name
-- of what takes numbers only.
local function reduce(self, column, f, numbers)
  local rows = {}
  for i, group in ipairs(self.order) do
    local row = {}
    for _, name in ipairs(self.by) do row[name] = group.rows[1][name] end
    local values = results.new(group.rows, self.names):column(column)
    if numbers and check.typename(values) ~= "limn.array" then
      check.fail("%s: %s must be a column of numbers, got %s", numbers, column, check.show(values[1]))
    end
    f(row, values)
    rows[i] = row
  end
  local columns = { table.unpack(self.by) }
  columns[#columns + 1] = column
  return results.new(rows, columns)
end

for _, name in ipairs { "mean", "std", "min", "max", "sum" } do
  Groups[name] = function(self, column)
    return reduce(self, column, function(row, v) row[column] = v[name](v) end, "groups:" .. name)
  end
end

function Groups:count()
  return reduce(self, "rep", function(row, v) row.count, row.rep = #v, nil end)
end

function Groups:quantile(column, q)
  return reduce(self, column, function(row, v) row[column] = v:quantile(q) end, "groups:quantile")
end

function Groups:median(column) return self:quantile(column, 0.5) end

-- Several quantiles at once: columns NAME_0.25, NAME_0.75, ...
function Groups:quantiles(column, list)
  check.value("groups:quantiles", "list", list, { type = "table", required = true })
  local out = reduce(self, column, function(row, v)
    for _, q in ipairs(list) do row[("%s_%g"):format(column, q)] = v:quantile(q) end
  end, "groups:quantiles")
  out.names[#out.names] = nil
  for _, q in ipairs(list) do out.names[#out.names + 1] = ("%s_%g"):format(column, q) end
  return out
end

-- Mean, median or std with a percentile bootstrap interval: columns NAME, NAME_low, NAME_high.
-- {of="mean", level=0.95, draws=2000, seed=1}
function Groups:interval(column, options)
  local o = check.options("groups:interval", options, { level = { type = "number", default = 0.95, min = 0, max = 1 },
    of = { type = "string", default = "mean", one_of = { "mean", "median", "std" } },
    draws = { type = "integer", default = 2000, min = 10 }, seed = { type = "integer", default = 1, min = 0 } })
  local function statistic(v) return o.of == "median" and v:quantile(0.5) or o.of == "std" and v:std() or v:mean() end
  local out = reduce(self, column, function(row, v)
    local stream, n, found = rng.stream { seed = o.seed }, #v, native.array.zeros(o.draws)
    local list, drawn = v:totable(), native.array.zeros(#v)
    for b = 1, o.draws do
      for i = 1, n do drawn[i] = list[stream:integer(1, n)] end
      found[b] = statistic(drawn)
    end
    row[column] = statistic(v)
    row[column .. "_low"], row[column .. "_high"] = found:quantile((1 - o.level) / 2), found:quantile((1 + o.level) / 2)
  end, "groups:interval")
  out.names[#out.names + 1] = column .. "_low"
  out.names[#out.names + 1] = column .. "_high"
  return out
end

-- An array in a CSV field: a small one is written out, a large one is named.
local function words(v)
  local n = 1
  for _, d in ipairs { v:shape() } do n = n * d end
  return n <= LARGEST and native.json.encode(v) or tostring(v)
end

-- The table as CSV text, numbers to the last bit.
function Results:csv() return native.rows.csv(self.list, self.names, words) end

-- Writes the CSV, whole or not at all -> path, or nil, message.
function Results:save(path)
  return native.files.put(check.path("results:save", "path", path), self:csv())
end

check.sealed("results:", Results)
check.sealed("groups:", Groups)

return results
