-- limn/experiment/results.lua: what a sweep measured, as a table of results: parameters, rep, measured values.

local grid = require "limn.experiment.grid"
local lists = require "limn.table.lists"
local tables = require "limn.table.results"

local results = { new = tables.new }

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
  return results.new(rows, columns_of(rows, cells[1] and cells[1].point))
end

-- Cells of a store with several seeds, or of several versions of the script ("code"), get a column for it -> a message,
-- or nil.
function results.tell_apart(cells, what)
  local seen, n = {}, 0
  for _, cell in ipairs(cells) do
    if cell.values and not seen[cell[what]] then seen[cell[what]], n = true, n + 1 end
  end
  if n < 2 then return nil end
  for _, cell in ipairs(cells) do
    if cell.values and cell.point[what] == nil then cell.values[what] = cell[what] end
  end
  return ("cells of %d %s; they are in the column %q"):format(n, what == "seed" and "seeds" or "versions of the script", what)
end

-- From the values that are held of a sweep's cells (held.lua), in the grid's order.
function results.from_held(held)
  local at, columns = held:rows(), held.columns
  local values, names = columns:names()
  table.sort(values)
  for i = #names, 1, -1 do if names[i] == "rep" then table.remove(names, i) end end
  table.sort(names)
  names[#names + 1] = "rep"
  table.move(values, 1, #values, #names + 1, names)
  if #columns > LISTED then return results.new(lists.lazy(#columns, at), names) end
  local rows = {}
  for i = 1, #columns do rows[i] = at(i) end
  return results.new(rows, names)
end

return results
