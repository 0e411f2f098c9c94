-- limn/experiment/results.lua: what a sweep measured, as a table of results: parameters, rep, measured values.

local grid = require "limn.experiment.grid"
local files = require "limn.table.files"
local lists = require "limn.table.lists"
local tables = require "limn.table.results"

local results = { new = tables.new, parts = files.parts }

local LISTED = 100000 -- rows of a table that is not lazy

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

-- The same table, with the names of the parameters, which by and plot.ci tell from measured values.
local function swept(table_, point)
  table_.parameters = {}
  for name in pairs(point or {}) do table.insert(table_.parameters, name) end
  table.sort(table_.parameters)
  return table_
end

-- From run cells; failed ones are left out.
function results.from_cells(cells)
  local rows = {}
  for _, cell in ipairs(cells) do
    if cell.values then
      local row = {}
      for k, v in pairs(cell.point) do row[k] = grid.written(v) end
      row.rep = cell.rep
      for k, v in pairs(cell.values) do row[k] = v end
      rows[#rows + 1] = row
    end
  end
  return swept(results.new(rows, columns_of(rows, cells[1] and cells[1].point)), cells[1] and cells[1].point)
end

-- From the values that are held of cells (held.lua), in their order.
function results.from_held(held)
  local at, columns = held:rows(), held.columns
  local varying, cyclic = columns:names()
  local names, taken, point = {}, { rep = true }, {}
  for _, name in ipairs(held.parameters or cyclic) do
    if name ~= "rep" then taken[name], point[name], names[#names + 1] = true, true, name end
  end
  table.sort(names)
  names[#names + 1] = "rep"
  table.sort(varying)
  for _, name in ipairs(varying) do if not taken[name] then names[#names + 1] = name end end
  if #columns > LISTED then return swept(results.new(lists.lazy(#columns, at), names), point) end
  local rows = {}
  for i = 1, #columns do rows[i] = at(i) end
  return swept(results.new(rows, names), point)
end

-- The finished cells of a store; the number of failed ones; notes on the columns seed and code, a list. as(v): how
-- parameters are shown (default grid.written).
function results.from_store(store, as)
  local held, failed, notes = store:table(as or grid.written)
  return results.from_held(held), failed, notes
end

return results
