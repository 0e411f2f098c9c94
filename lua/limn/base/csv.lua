-- limn/base/csv.lua: comma-separated values (RFC 4180): quoted fields, doubled quotes, commas and line
-- breaks inside quotes, LF or CRLF, an optional byte-order mark. Malformed input gives nil and a message with
-- the line number; it is never repaired.

local native = require("limn.native").files
local limn_native = require "limn.native"
local check = require "limn.base.check"
local inputs = require "limn.base.inputs"

local csv = {}

-- Splits text into records (tables of strings) -> records, the line on which each starts. An empty field without quotes
-- is `empty`.
local function parse(path, text, empty)
  local records, lines = {}, {}
  local at, line, size = 1, 1, #text
  if text:sub(1, 3) == "\xEF\xBB\xBF" then at = 4 end
  while at <= size do
    local record, start, n = {}, line, 0
    while true do -- one field per iteration
      local field
      if text:byte(at) == 34 then -- quoted
        local from, parts = at + 1, nil
        while true do
          local close = text:find('"', from, true)
          if not close then return nil, ("%s: line %d: a quoted field is not closed"):format(path, line) end
          local piece = text:sub(from, close - 1)
          parts = parts and parts .. '"' .. piece or piece
          from = close + 1
          if text:byte(from) ~= 34 then break end
          from = from + 1
        end
        field, at = parts, from
        for _ in field:gmatch "\n" do line = line + 1 end
        local after = text:sub(at, at)
        if after ~= "" and after ~= "," and after ~= "\n" and text:sub(at, at + 1) ~= "\r\n" then
          return nil, ("%s: line %d: expected a comma or the end of the line after a quoted field, got %q")
            :format(path, line, after)
        end
      else
        local stop = text:find("[,\n]", at) or size + 1
        field = text:sub(at, stop - 1)
        at = stop
        if text:byte(stop) ~= 44 and field:sub(-1) == "\r" then field = field:sub(1, -2) end
        if field:find('"', 1, true) then
          return nil, ("%s: line %d: a quote inside a field that is not quoted"):format(path, line)
        end
        if field == "" then field = empty end
      end
      n = n + 1
      record[n] = field
      if text:byte(at) ~= 44 then break end
      at = at + 1
    end
    if text:sub(at, at + 1) == "\r\n" then at = at + 1 end
    at, line = at + 1, line + 1
    local blank = n == 1 and record[1] == empty -- in a table of one column it is a missing value
    if not blank or empty == false and records[1] and #records[1] == 1 then
      records[#records + 1], lines[#lines + 1] = record, start
    end
  end
  return records, lines
end

local huge = math.huge
local WORDS = {
  nan = 0 / 0, inf = huge, ["+inf"] = huge, ["-inf"] = -huge, infinity = huge, ["-infinity"] = -huge,
}

-- A decimal number, nan or inf; nil for anything else (hexadecimal too).
function csv.number(text)
  text = text:match "^%s*(.-)%s*$"
  local x = text:find "^[%d%.%+%-eE]+$" and tonumber((text:gsub("^%+", ""))) or WORDS[text:lower()]
  return x and x + 0.0
end

-- read(path, header, table_) -> records (rows of strings), names or nil, the line of each row.
-- The first row holds names if header is true; by default (nil), if none of its fields is a number. With table_ = true
-- an empty field without quotes is false, and a file of names without rows is accepted.
function csv.read(path, header, table_)
  inputs.note(path)
  local file, why = io.open(path, "rb")
  if not file then return nil, ("%s: cannot open: %s"):format(path, why:sub(#path + 3)) end
  local text, reason = file:read "a"
  file:close()
  if not text then return nil, ("%s: cannot read: %s"):format(path, reason) end
  if text:find "\0" then return nil, path .. ": is not text (it contains a zero byte)" end
  local records, lines = parse(path, text, not table_ and "")
  if not records then return nil, lines end
  if #records == 0 then return nil, path .. ": is empty" end
  local width = #records[1]
  for i, record in ipairs(records) do
    if #record ~= width then
      return nil, ("%s: line %d: has %d fields but line %d has %d"):format(path, lines[i], #record, lines[1], width)
    end
  end
  if header == nil then
    header = true
    for _, field in ipairs(records[1]) do
      if csv.number(field) then header = false end
    end
  end
  local names
  if header then
    names = table.remove(records, 1)
    table.remove(lines, 1)
    if #records == 0 and not table_ then return nil, path .. ": has names but no rows" end
  end
  return records, names, lines
end

-- The given columns (a list of positions) of the records as a matrix of numbers.
function csv.matrix(path, records, lines, columns, names, dtype)
  local rows = {}
  for i, record in ipairs(records) do
    local row = {}
    for k, j in ipairs(columns) do
      local x = csv.number(record[j])
      if not x then
        return nil, ("%s: line %d, column %d%s: expected a number, got %q"):format(path, lines[i], j,
          names and " (" .. names[j] .. ")" or "",
          #record[j] > 40 and record[j]:sub(1, 37) .. "..." or record[j])
      end
      row[k] = x
    end
    rows[i] = row
  end
  return limn_native.array.array(rows, dtype)
end

-- load(path, options) -> matrix, names (a list; nil without a header)
function csv.load(path, options)
  local records, names, lines = csv.read(path, options and options.header)
  if not records then return nil, names end
  local columns = {}
  for j = 1, #records[1] do columns[j] = j end
  local a, message = csv.matrix(path, records, lines, columns, names, options and options.dtype)
  if not a then return nil, message end
  return a, names
end

-- save(path, array[, names]): numbers as %.17g (f32: %.9g), so that a reader recovers them exactly.
function csv.save(path, a, names)
  local rank = select("#", a:shape())
  if rank > 2 then check.fail("save: a .csv holds a vector or a matrix, got %s", (tostring(a):match "^[^\n]*")) end
  local rows, columns = a:shape()
  columns = columns or 1
  local out = {}
  if names then
    if type(names) ~= "table" or #names ~= columns then
      check.fail("save: names must be a list of %d strings, got %s", columns,
        type(names) == "table" and #names or check.show(names))
    end
    local header = {}
    for j, name in ipairs(names) do header[j] = limn_native.rows.quote(tostring(name)) end
    out[1] = table.concat(header, ",")
  end
  local format = a:dtype() == "f32" and "%.9g" or "%.17g"
  for i = 1, rows do
    local line = {}
    for j = 1, columns do
      local x = rank == 1 and a:get(i) or a:get(i, j)
      line[j] = x ~= x and "nan" or format:format(x)
    end
    out[#out + 1] = table.concat(line, ",")
  end
  out[#out + 1] = ""
  return native.put(path, table.concat(out, "\n"), "save")
end

return csv
