-- limn/table/files.lua: results as CSV and .npz, written and read.

local check = require "limn.base.check"
local inputs = require "limn.base.inputs"
local class = require "limn.table.class"
local csv = require "limn.base.csv"
local lists = require "limn.table.lists"
local native = require "limn.native"

local Results = class.Results
local files = {}

-- ---- writing -------------------------------------------------------------------------------------------------------

local ENTRIES = 1 << 16 -- of arrays in one part of a CSV file, and characters of long texts

-- for rows in light_blocks(list, names): the blocks of a list, cut where their arrays have more than ENTRIES entries, so
-- that the text of one part stays small.
local function light_blocks(list, names)
  local next_block = lists.blocks(list)
  local rows, at
  return function()
    if not rows or at >= #rows then
      rows, at = next_block(), 0
      if not rows or #rows == 0 then return rows end
    end
    local first = at + 1
    at = native.rows.weighed(rows, names, first, ENTRIES)
    if first == 1 and at == #rows then return rows end
    return table.move(rows, first, at, 1, {})
  end
end

-- for text in files.parts(results): the table as CSV, one part after the other; a table that is not lazy, and whose arrays
-- are small, is one part.
function files.parts(self)
  local next_block, started = light_blocks(self.list, self.names), false
  return function()
    local rows = next_block()
    if not rows then
      if started then return nil end
      rows = {}
    end
    local text = native.rows.csv(rows, self.names, native.json.encode)
    if started then text = text:sub(#native.rows.csv({}, self.names, native.json.encode) + 1) end
    started = true
    return text
  end
end

-- The hash of the table: that of its CSV text; of a lazy table, that of the hashes of its parts.
function files.hash(self)
  local hashes, hash = {}, native.posix.hash
  for text in files.parts(self) do hashes[#hashes + 1] = (hash(text)) end
  return #hashes == 1 and hashes[1] or (hash(table.concat(hashes)))
end

-- The table as CSV text, numbers to the last bit; an array is a nested list in JSON.
function Results:csv()
  local out = {}
  for text in files.parts(self) do out[#out + 1] = text end
  return table.concat(out)
end

-- The table as JSON text: a list of objects, one a row; NaN and infinite numbers are texts, as in stores.
function Results:json()
  local out = {}
  for _, row in ipairs(self.list) do out[#out + 1] = native.json.encode(row) end
  return "[" .. table.concat(out, ",\n") .. "]"
end

-- A column as numbers: booleans as 0 and 1, missing values as NaN; arrays of one shape become one array.
local function numbers(self, name)
  local out, arrays = {}, false
  for i, row in ipairs(self.list) do
    local v = row[name]
    if type(v) == "boolean" then v = v and 1 or 0 end
    if v == nil then v = 0 / 0 end
    if check.typename(v) == "limn.array" then
      arrays = true
    elseif type(v) ~= "number" then
      check.fail("results:save: an .npz holds numbers, but %s is %s in row %d; leave the column out with select, or write "
        .. "a .csv", name, check.show(v), i)
    end
    out[i] = v
  end
  if not arrays then return #out > 0 and native.array.array(out) or native.array.zeros(0) end
  local ok, array = pcall(native.array.array, out)
  if not ok then check.fail("results:save: the arrays of %s do not have one shape; write one row, or leave it out", name) end
  return array
end

-- Writes the table, whole or not at all: as .npz, an array per column, if the name ends so, else as CSV -> path, or nil,
-- message.
function Results:save(path)
  path = check.path("results:save", "path", path)
  if path == "-" then
    for text in files.parts(self) do io.write(text) end
    return path
  end
  inputs.wrote(path)
  if not path:find "%.npz$" then return native.files.put(path, files.parts(self)) end
  local columns = {}
  for _, name in ipairs(self.names) do columns[name] = numbers(self, name) end
  if next(columns) == nil then check.fail "results:save: there are no columns" end
  return native.files.npz_save(path, columns)
end

-- ---- reading -------------------------------------------------------------------------------------------------------

-- "nan" and "inf" inside a list are texts in JSON.
local function with_words(list)
  for i, v in ipairs(list) do
    if type(v) == "table" then with_words(v) elseif type(v) == "string" then list[i] = assert(csv.number(v)) end
  end
  return list
end

local function array_of(text)
  if text:sub(1, 1) ~= "[" then return nil end
  local ok, array = pcall(function() return native.array.array(with_words(native.json.decode(text))) end)
  return ok and array or nil
end

local function whole(text) -- -0 is a float
  return text:find "^[+-]?%d+$" and not text:find "^%-0+$" and math.tointeger(tonumber(text)) or nil
end
local function boolean(text)
  if text == "true" or text == "false" then return text == "true" end
end

-- What reads every field of a column that has one: whole numbers, numbers, booleans or arrays; else it is text. Then also
-- a remark if some fields are numbers.
local function reader(sheet, j)
  local records = sheet.records
  local function number(text) return csv.number(text, sheet.decimal) end
  for _, read in ipairs { whole, number, boolean, array_of } do
    local all, any = true, false
    for _, record in ipairs(records) do
      if record[j] then
        any = true
        if read(record[j]) == nil then
          all = false
          break
        end
      end
    end
    if all and any then return read end
  end
  local bad, found = nil, 0
  for i, record in ipairs(records) do
    if record[j] and not number(record[j]) then bad = bad or i elseif record[j] then found = found + 1 end
  end
  local remark = found > 0 and ("column %s holds texts: %d of its fields are numbers, but line %d is %s"):format(
    sheet.names[j], found, sheet.lines[bad], check.show(records[bad][j]))
  return function(text) return text end, remark
end

-- A text file with a line of names -> results; or nil, message. An empty field is a missing value. options: separator,
-- decimal, comment.
function files.read_csv(path, options)
  local sheet, why = csv.read(path, setmetatable({ header = true }, { __index = options }), "results.load", true)
  if not sheet then return nil, why end
  local records, names = sheet.records, sheet.names
  local seen = {}
  for j, name in ipairs(names) do
    if not name then return nil, ("%s: column %d has no name"):format(path, j) end
    if seen[name] then return nil, ("%s: columns %d and %d are both called %q"):format(path, seen[name], j, name) end
    seen[name] = j
  end
  local rows, remarks = {}, {}
  for i in ipairs(records) do rows[i] = native.rows.new(#names) end
  for j, name in ipairs(names) do
    local read, remark = reader(sheet, j)
    if remark then remarks[#remarks + 1] = remark end
    for i, record in ipairs(records) do
      if record[j] then rows[i][name] = read(record[j]) end
    end
  end
  return class.new(rows, names, #remarks > 0 and table.concat(remarks, "; ") or nil)
end

-- An .npz archive of vectors of one length -> results; or nil, message.
function files.read_npz(path)
  local columns, skipped = native.files.npz_load(path)
  if not columns then return nil, skipped end
  local names, rows, count = {}, {}, nil
  for name, a in pairs(columns) do
    local n, more = a:shape()
    if more or count and n ~= count then
      return nil, ("%s: is no table: its arrays are not vectors of one length (limn.load reads it)"):format(path)
    end
    count, names[#names + 1] = n, name
  end
  table.sort(names)
  for i = 1, count or 0 do rows[i] = native.rows.new(#names) end
  for _, name in ipairs(names) do
    for i, v in ipairs(columns[name]:totable()) do rows[i][name] = v end
  end
  local left = {}
  for i, member in ipairs(skipped) do left[i] = member.why end
  return class.new(rows, names, #left > 0 and "left out: " .. table.concat(left, "; ") or nil)
end

return files
