-- limn/experiment/results.lua: what a sweep measured, as a table of results: parameters, rep, measured values.

local grid = require "limn.experiment.grid"
local native = require "limn.native"
local tables = require "limn.table.results"

local results = { new = tables.new }

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

-- From what a store held of the cells first, first + step, ... of a grid (see store:resume) and from those that ran, in
-- the grid's order. read(bytes, row) puts the values of a cell into a row.
function results.gather(space, first, step, found, ran, read)
  local rows, n, size = {}, 0, #space.names + 8
  for _, cell in ipairs(ran) do found[(cell.index - first) // step + 1] = cell end
  for k, it in ipairs(found) do
    if type(it) == "string" then
      local i = first + (k - 1) * step
      local row = space.written(i, native.rows.new(size))
      row.rep = (i - 1) % space.reps + 1
      n = n + 1
      rows[n] = read(it, row)
    elseif it and it.values then
      local row = {}
      for name, v in next, it.point do row[name] = grid.written(v) end
      row.rep = it.rep
      for name, v in next, it.values do row[name] = v end
      n = n + 1
      rows[n] = row
    end
  end
  return results.new(rows, columns_of(rows, space.point(1)))
end

return results
