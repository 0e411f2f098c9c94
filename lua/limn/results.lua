-- limn/results.lua: tables of results from files and from rows.

local check = require "limn.base.check"
local csv = require "limn.base.csv"
local gathered = require "limn.experiment.results"
local stores = require "limn.experiment.store"
local tables = require "limn.table.results"

local results = {}

-- The finished cells of a store, in the order of their parameters.
local function read_store(path)
  local store, why = stores.open(path)
  if not store then return nil, why end
  local ok, out, failed, notes = pcall(gathered.from_store, store)
  store:close()
  if not ok then return nil, tostring(out) end
  if failed > 0 then
    table.insert(notes, 1, ("%d of %d cells failed and are left out; `limn store failed %s` lists them"):format(failed,
      failed + #out, path))
  end
  if #notes > 0 then out.warning = table.concat(notes, "; ") end
  return out
end

local TEXT = { csv = true, tsv = true, txt = true }
local OF_TEXT = { separator = csv.options.separator, decimal = csv.options.decimal, comment = csv.options.comment }

-- load(path[, {separator=, decimal=, comment=}]): the table in a .csv, an .npz of vectors, or the store of a sweep ->
-- results; nil, message when it cannot be read.
function results.load(path, options)
  local name = check.path("results.load", "path", path):lower():gsub("%.gz$", "")
  local suffix = name == "-" and "csv" or name:match "%.(%w+)$"
  local o = check.options("results.load", options, TEXT[suffix] and OF_TEXT or {})
  if TEXT[suffix] then return tables.read_csv(path, o) end
  if suffix == "npz" then return tables.read_npz(path) end
  return read_store(path)
end

-- new(rows[, columns]): results from a list of rows; columns: their order (default: that of the names).
function results.new(rows, columns)
  if check.typename(rows) ~= "table" then check.fail("results.new: rows must be a list of tables, got %s", check.show(rows)) end
  local names, seen = {}, {}
  for i, row in ipairs(rows) do
    if type(row) ~= "table" then check.fail("results.new: row %d must be a table, got %s", i, check.show(row)) end
    for name in next, row do
      if type(name) ~= "string" then
        check.fail("results.new: the fields of a row go by name, got the key %s in row %d", check.show(name), i)
      end
      if not seen[name] then seen[name], names[#names + 1] = true, name end
    end
  end
  table.sort(names)
  if columns ~= nil then
    check.value("results.new", "columns", columns, { type = "table" })
    names, seen = {}, {}
    for i, name in ipairs(columns) do
      if type(name) ~= "string" or seen[name] then
        check.fail("results.new: columns must be different names, got %s%s", check.show(name), seen[name] and " twice" or "")
      end
      seen[name], names[i] = true, name
    end
  end
  return tables.new(table.move(rows, 1, #rows, 1, {}), names)
end

return check.sealed("results.", results)
