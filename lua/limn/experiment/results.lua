-- limn/experiment/results.lua: what a sweep measured, as rows: parameters, rep, measured values.
--   results:where{C = 6}:group("D"):mean("ratio") -> {{D = 2, ratio = ..}, ...}

local native = require "limn.native"
local check = require "limn.check"
local rng = require "limn.rng"

local Results = { __name = "limn.results" }
Results.__index = Results

local results = {}

-- rows: a list of flat tables; columns: their names in the order to print.
function results.new(rows, columns)
  return setmetatable({ list = rows, names = columns }, Results)
end

-- From run cells; failed ones are left out.
function results.from_cells(cells)
  local rows, seen, params, values = {}, {}, {}, {}
  for _, cell in ipairs(cells) do
    if cell.values then
      local row = {}
      for k, v in pairs(cell.point) do
        row[k] = v
        if not seen[k] then seen[k], params[#params + 1] = true, k end
      end
      row.rep = cell.rep
      for k, v in pairs(cell.values) do
        row[k] = v
        if not seen[k] then seen[k], values[#values + 1] = true, k end
      end
      rows[#rows + 1] = row
    end
  end
  table.sort(params)
  table.sort(values)
  local columns = params
  columns[#columns + 1] = "rep"
  for _, k in ipairs(values) do columns[#columns + 1] = k end
  return results.new(rows, columns)
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
  local rows = {}
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
      if u ~= v then
        if type(u) == type(v) and type(u) ~= "boolean" then return u < v end
        return tostring(u) < tostring(v)
      end
    end
    return false
  end)
  return setmetatable({ by = by, order = order, names = self.names }, Groups)
end

function Groups:__tostring() return ("limn.results: %d groups by %s"):format(#self.order, table.concat(self.by,
  ", ")) end

-- One row a group: the grouping columns, and f(array of the group's values) under the column's name.
local function reduce(self, column, f)
  local rows = {}
  for i, group in ipairs(self.order) do
    local row = {}
    for _, name in ipairs(self.by) do row[name] = group.rows[1][name] end
    local values = results.new(group.rows, self.names):column(column)
    f(row, values)
    rows[i] = row
  end
  local columns = { table.unpack(self.by) }
  columns[#columns + 1] = column
  return results.new(rows, columns)
end

for _, name in ipairs { "mean", "std", "min", "max", "sum" } do
  Groups[name] = function(self, column)
    return reduce(self, column, function(row, v) row[column] = v[name](v) end)
  end
end

function Groups:count()
  return reduce(self, "rep", function(row, v) row.count, row.rep = #v, nil end)
end

function Groups:quantile(column, q)
  return reduce(self, column, function(row, v) row[column] = v:quantile(q) end)
end

function Groups:median(column) return self:quantile(column, 0.5) end

-- Mean with a bootstrap interval: columns NAME, NAME_low, NAME_high. {level=0.95, draws=2000, seed=1}
function Groups:interval(column, options)
  local o = check.options("results:interval", options, { level = { type = "number", default = 0.95, min = 0, max = 1 },
    draws = { type = "integer", default = 2000, min = 10 }, seed = { type = "integer", default = 1, min = 0 } })
  return reduce(self, column, function(row, v)
    local stream, n, means = rng.stream { seed = o.seed }, #v, native.array.zeros(o.draws)
    local list = v:totable()
    for b = 1, o.draws do
      local sum = 0
      for _ = 1, n do sum = sum + list[stream:integer(1, n)] end
      means[b] = sum / n
    end
    row[column] = v:mean()
    row[column .. "_low"], row[column .. "_high"] = means:quantile((1 - o.level) / 2), means:quantile((1 + o.level) / 2)
  end)
end

local function field(v)
  if type(v) == "string" then return v:find '[",\r\n]' and '"' .. v:gsub('"', '""') .. '"' or v end
  if math.type(v) == "float" then return ("%.17g"):format(v) end
  if v == nil then return "" end
  return tostring(v)
end

-- The table as CSV text, numbers to the last bit.
function Results:csv()
  local lines = { table.concat(self.names, ",") }
  for _, row in ipairs(self.list) do
    local cells = {}
    for j, name in ipairs(self.names) do cells[j] = field(row[name]) end
    lines[#lines + 1] = table.concat(cells, ",")
  end
  return table.concat(lines, "\n") .. "\n"
end

-- Writes the CSV, whole or not at all -> path, or nil, message.
function Results:save(path)
  return native.process.write_file(path, self:csv())
end

return results
