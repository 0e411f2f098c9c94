-- limn/base/csv.lua: tables as text: fields between commas (RFC 4180) or another separator, quoted fields, doubled
-- quotes, separators and line breaks inside quotes, LF or CRLF, an optional byte-order mark, gzip. Malformed input gives
-- nil and a message with the line number; it is never repaired. Blanks around a field that is not quoted do not count.

local native = require("limn.native").files
local limn_native = require "limn.native"
local check = require "limn.base.check"
local inputs = require "limn.base.inputs"
local separators = require "limn.base.separators"
local system = require "limn.base.system"

local STREAM = 1 << 30 -- bytes of standard input, which need not end

local csv = {}

-- Options of every function that reads such a file.
csv.options = {
  header = { type = "boolean" },
  separator = { type = "string" },
  decimal = { type = "string", one_of = { ".", "," } },
  comment = { type = "string" },
  missing = { type = "string", one_of = { "error", "drop", "nan" }, default = "error" },
}

-- Fields that stand for a missing value.
local MISSING = { [""] = true, NA = true, ["N/A"] = true, ["n/a"] = true, ["#N/A"] = true, NULL = true, null = true,
  ["?"] = true }

function csv.is_missing(text) return not text or MISSING[text] == true end

-- ---- numbers -------------------------------------------------------------------------------------------------------

local huge = math.huge
local WORDS = {
  nan = 0 / 0, ["-nan"] = 0 / 0, inf = huge, ["+inf"] = huge, ["-inf"] = -huge, infinity = huge, ["-infinity"] = -huge,
}

-- A decimal number, nan or inf -> number; or nil, and "range" for a number that no double holds, or "exact" for a whole
-- number that a double would round. decimal: the decimal sign, "." unless given.
function csv.number(text, decimal)
  text = text:match "^%s*(.-)%s*$"
  if decimal == "," then
    if text:find(".", 1, true) then return nil end
    text = text:gsub(",", ".", 1)
  end
  if not text:find "^[%d%.%+%-eE]+$" then return WORDS[text:lower()] end
  local x = tonumber(text)
  if not x then return nil end
  if math.type(x) == "integer" then
    if x == 0 and text:byte() == 45 then return -0.0 end
    if x + 0.0 ~= x then return nil, "exact" end
    return x + 0.0
  end
  if x == huge or x == -huge then return nil, "range" end
  if text:find "^[+-]?%d+$" and ("%.0f"):format(math.abs(x)) ~= text:match "^[+-]?0*(%d+)$" then return nil, "exact" end
  return x
end

-- ---- records -------------------------------------------------------------------------------------------------------

-- The quoted field that begins at `at` -> field, the position after it, the number of line breaks in it; or nil.
local function quoted(text, at)
  local from, parts = at + 1, nil
  while true do
    local close = text:find('"', from, true)
    if not close then return nil end
    local piece = text:sub(from, close - 1)
    parts = parts and parts .. '"' .. piece or piece
    from = close + 1
    if text:byte(from) ~= 34 then break end
    from = from + 1
  end
  return parts, from, select(2, parts:gsub("\n", "\n"))
end

local BLANK = { [32] = true, [9] = true }

-- Splits text into records (tables of strings) -> records, the line on which each starts. An empty field without quotes
-- is `empty`. A separator of " " means any number of blanks.
local function parse(path, text, separator, comment, empty)
  local records, lines = {}, {}
  local at, line, size, spaced = 1, 1, #text, separator == " "
  local stops, byte = separators.pattern(separator), separator:byte()
  local function skip() -- blanks that are no separators
    while BLANK[text:byte(at)] and (spaced or text:byte(at) ~= byte) do at = at + 1 end
  end
  if text:sub(1, 3) == "\xEF\xBB\xBF" then at = 4 end
  while at <= size do
    local record, start, n, in_quotes = {}, line, 0, false
    local remark = comment and text:sub(at, at + #comment - 1) == comment
    if remark then at = text:find("\n", at, true) or size + 1 end
    while not remark do -- one field per iteration
      local field
      skip()
      if text:byte(at) == 34 then
        local after, breaks
        field, after, breaks = quoted(text, at)
        if not field then return nil, ("%s: line %d: a quoted field is not closed"):format(path, line) end
        at, line, in_quotes = after, line + breaks, true
        skip()
        local got = text:sub(at, at)
        if got ~= "" and got ~= separator and got ~= "\n" and text:sub(at, at + 1) ~= "\r\n"
          and not (spaced and BLANK[text:byte(at - 1)]) then
          return nil, ("%s: line %d: expected %s or the end of the line after a quoted field, got %q"):format(path, line,
            separators.name(separator), got)
        end
      else
        local stop = text:find(stops, at) or size + 1
        field = text:sub(at, stop - 1)
        at = stop
        if field:find("%s", -1) then field = field:match "^(.-)%s*$" end
        if field:find('"', 1, true) then
          return nil, ("%s: line %d: a quote inside a field that is not quoted"):format(path, line)
        end
        if field == "" then field = empty end
      end
      n = n + 1
      record[n] = field
      if spaced then skip() end
      local next_byte = text:byte(at)
      if spaced then
        if next_byte == nil or next_byte == 10 or next_byte == 13 then break end
      elseif next_byte ~= byte then
        break
      else
        at = at + 1
      end
    end
    if text:sub(at, at + 1) == "\r\n" then at = at + 1 end
    at, line = at + 1, line + 1
    local blank = n == 1 and record[1] == empty and not in_quotes -- in a table of one column it is a missing value
    if not remark and (not blank or empty == false and records[1] and #records[1] == 1) then
      records[#records + 1], lines[#lines + 1] = record, start
    end
  end
  return records, lines
end

-- ---- names ---------------------------------------------------------------------------------------------------------

-- Whether the first record may hold names that are numbers, as data frames without names write them: 0, 1, 2, ..
-- besides texts that do not occur again in their column. `whole`: a table without texts counts only where no other
-- record holds a whole number.
local function numbered(records)
  local count, texts = 0, 0
  for j, field in ipairs(records[1]) do
    local x = field and csv.number(field)
    if x then
      if x ~= count then return false end
      count = count + 1
    else
      texts = texts + 1
      for i = 2, #records do if records[i][j] == field then return false end end
    end
  end
  if count < 2 or #records < 2 then return false end
  if texts > 0 then return true end
  for i = 2, #records do
    for _, field in ipairs(records[i]) do if field and field:find "^[+-]?%d+$" then return false end end
  end
  return count > 2
end

-- Whether the first record may hold data though none of its fields is a decimal number: each is a hexadecimal number or
-- stands for a missing value.
local function doubtful(record)
  for _, field in ipairs(record) do
    if not field or field == "" or not (tonumber(field) or MISSING[field]) then return false end
  end
  return true
end

-- Whether the first record holds names: if none of its fields is a number.
local function named(records, decimal)
  for _, field in ipairs(records[1]) do
    local x, why = csv.number(field or "", decimal)
    if x or why then return false end
  end
  return true
end

-- ---- a file --------------------------------------------------------------------------------------------------------

-- A message about one field: where it is, what was expected, and what may be the cause.
function csv.complaint(sheet, i, j, hint, wanted)
  local text = sheet.records[i][j] or ""
  local where = ("%s: line %d, column %d%s: "):format(sheet.path, sheet.lines[i], j,
    sheet.names and (" (%s)"):format(sheet.names[j]) or "")
  local shown = #text > 40 and text:sub(1, 37) .. "..." or text
  local _, why = csv.number(text, sheet.decimal)
  if why == "exact" then
    return ("%s%s is a whole number that a double rounds (such numbers are exact up to 2^53)"):format(where, shown)
  elseif why == "range" then
    return ("%s%s is too large for a double (at most 1.8e308); write inf for infinity"):format(where, shown)
  end
  local cause = hint or ""
  if csv.is_missing(text) then cause = '; with missing = "drop" its row is left out, with "nan" it is nan'
  elseif #sheet.records[i] == 1 and separators.within(text) then
    cause = ("; is %s the separator? give separator = %q"):format(separators.name(separators.within(text)),
      separators.within(text))
  elseif sheet.decimal ~= "," and text:find "^[+-]?%d*,%d*$" then cause = '; give decimal = "," if the comma is the decimal sign'
  elseif text:find "^[#%%]" then cause = ("; give comment = %q if such lines are comments"):format(text:sub(1, 1))
  elseif text:find "\u{2212}" then cause = '; its minus sign is U+2212, not "-"'
  elseif i == 1 and not sheet.names then cause = "; give header = true if the first line holds names"
  end
  return ("%sexpected %s, got %q%s"):format(where, wanted or "a number", shown, cause)
end

local function decimal_of(sheet, given)
  if given then return given end
  if sheet.separator == "," then return "." end
  local sign, i, j = separators.decimal(sheet.records)
  if sign then return sign end
  return nil, ("%s: line %d, column %d: %s may be a decimal number or a whole one with a mark of thousands; give decimal = "
    .. '"," or "."'):format(sheet.path, sheet.lines[i], j, sheet.records[i][j])
end

-- read(path, options, who[, table_]) -> {path=, records= (rows of strings), names= or nil, lines= of each row, separator=,
-- decimal=}; or nil, message. options: those of csv.options. The first row holds names if header is true; by default
-- (nil), if none of its fields is a number. With table_ = true an empty field without quotes is false, and a file of names
-- without rows is accepted.
function csv.read(path, options, who, table_)
  local o = options or {}
  separators.check(who, o.separator, o.comment)
  local text, why
  if path == "-" then
    if limn_native.measuring then check.fail("%s: a measurement cannot read standard input; read it before the sweep", who) end
    path = "standard input"
    text, why = system.rest_of(io.stdin, path, STREAM)
  else
    inputs.note(path)
    text, why = native.text(path)
  end
  if not text then return nil, why end
  if text:find "\0" then
    return nil, path .. (text:find "^[\xFF\xFE][\xFF\xFE]" and ": is UTF-16; save it as UTF-8"
      or ": is not text (it contains a zero byte)")
  end
  local sheet = { path = path, separator = o.separator or separators.of(text, o.comment) }
  local records, lines = parse(path, text, sheet.separator, o.comment, not table_ and "")
  if not records then return nil, lines end
  if #records == 0 then return nil, path .. ": is empty" end
  sheet.records, sheet.lines = records, lines
  local width = #records[1]
  for i, record in ipairs(records) do
    if #record ~= width then
      local remark = (record[1] or ""):match "^[#%%]" or (records[1][1] or ""):match "^[#%%]"
      return nil, ("%s: line %d: has %d fields but line %d has %d%s"):format(path, lines[i], #record, lines[1], width,
        remark and ("; give comment = %q if such lines are comments"):format(remark) or "")
    end
  end
  sheet.decimal, why = decimal_of(sheet, o.decimal)
  if not sheet.decimal then return nil, why end
  local header = o.header
  if header == nil then
    header = named(records, sheet.decimal)
    if header and doubtful(records[1]) or not header and numbered(records) then
      return nil, ("%s: line %d (%s) may hold names or data; give header = true or header = false"):format(path, lines[1],
        table.concat(records[1], ", "))
    end
  end
  if header then
    sheet.names = table.remove(records, 1)
    table.remove(lines, 1)
    if #records == 0 and not table_ then return nil, path .. ": has names but no rows" end
  end
  return sheet
end

-- The numbers of the rows that missing = "drop" keeps: those with a value in each of the columns.
function csv.complete(sheet, columns)
  local rows = {}
  for i, record in ipairs(sheet.records) do
    local whole = true
    for _, j in ipairs(columns) do
      if csv.is_missing(record[j]) or record[j]:lower() == "nan" then whole = false end
    end
    if whole then rows[#rows + 1] = i end
  end
  return rows
end

-- The given columns (a list of positions) of the given rows (default: all) as a matrix of numbers; or nil, message.
function csv.matrix(sheet, columns, o, chosen, hint)
  local rows, decimal, nan = {}, sheet.decimal, o.missing == "nan"
  for r = 1, chosen and #chosen or #sheet.records do
    local i = chosen and chosen[r] or r
    local record, row = sheet.records[i], {}
    for k, j in ipairs(columns) do
      local x = csv.number(record[j], decimal) or nan and MISSING[record[j]] and 0 / 0
      if not x then return nil, csv.complaint(sheet, i, j, hint) end
      row[k] = x
    end
    rows[r] = row
  end
  return limn_native.array.array(rows, o.dtype)
end

-- load(path, options) -> matrix, names (a list; nil without a header), {separator=, decimal=, dropped=}; or nil, message.
function csv.load(path, options)
  local o = options or {}
  local sheet, why = csv.read(path, o, "load")
  if not sheet then return nil, why end
  local columns, chosen = {}, nil
  for j = 1, #sheet.records[1] do columns[j] = j end
  if o.missing == "drop" then
    chosen = csv.complete(sheet, columns)
    if #chosen == 0 then return nil, path .. ": a value is missing in every row" end
  end
  local a, message = csv.matrix(sheet, columns, o, chosen, "; limn.results.load reads tables with texts")
  if not a then return nil, message end
  return a, sheet.names, { separator = sheet.separator, decimal = sheet.decimal,
    dropped = chosen and #sheet.records - #chosen or 0 }
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
  local text = table.concat(out, "\n")
  if path == "-" then
    io.write(text)
    return path
  end
  return native.put(path, text, "save")
end

return csv
