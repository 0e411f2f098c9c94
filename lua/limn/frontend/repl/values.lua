-- limn/frontend/repl/values.lua: display of a value at the prompt: arrays by their edges, tables bounded in depth and
-- length, results, paths and contributions as small tables, other objects by their tostring and their fields.

local aligned = require "limn.base.aligned"
local check = require "limn.base.check"
local posix = require("limn.native").posix

local values = {} -- .digits: the number of digits of :set digits

local MANY, DEPTH = 20, 2 -- entries of a table, rows of results; levels of tables
local LINES, BYTES = 60, 8000 -- of a string

local function number(v)
  if math.type(v) ~= "float" or v ~= v or v == math.huge or v == -math.huge then return tostring(v) end
  if values.digits then return ("%." .. values.digits .. "g"):format(v) end
  return tostring(v)
end

-- A value on one line, for tables and :who.
function values.short(v)
  if type(v) == "string" then return #v > 60 and ("%q..."):format(v:sub(1, 57)):gsub("\\\n", "\\n") or ("%q"):format(v) end
  if type(v) == "number" then return number(v) end
  local ok, text = pcall(tostring, v)
  if ok and check.typename(v) == "limn.array" then return (text:match "^[^\n]*") end
  return ok and (text:gsub("\n.*", " ...")) or "(its tostring raises)"
end

local function plain(t)
  local mt = getmetatable(t)
  return type(t) == "table" and not (type(mt) == "table" and mt.__tostring)
end

-- The keys outside the list part, sorted as text, and `left`, how many are omitted. Of a large table only MANY keys are
-- collected, so that a table of a million names is shown without delay.
local function first_names(t, length)
  local names, left = {}, 0
  local function before(a, b) return a[1] < b[1] end
  local most = MANY == math.huge and math.huge or 2 * MANY + 1000
  for k in next, t do
    if not (math.type(k) == "integer" and k >= 1 and k <= length) then
      names[#names + 1] = { tostring(k), k }
      if #names > most then
        table.sort(names, before)
        left = left + #names - MANY
        for i = #names, MANY + 1, -1 do names[i] = nil end
      end
    end
  end
  table.sort(names, before)
  for i, pair in ipairs(names) do names[i] = pair[2] end
  names.left = left
  return names
end

-- A table on a few lines: list part first, then names in order; two levels, at most 20 entries each.
local function table_text(t, depth, seen)
  if seen[t] then return "(itself)" end
  seen[t] = true
  local parts, n = {}, 0
  local function add(text)
    n = n + 1
    if n <= MANY then parts[#parts + 1] = text end
  end
  local function value(v)
    if plain(v) then return depth < DEPTH and table_text(v, depth + 1, seen) or next(v) == nil and "{}" or "{...}" end
    return values.short(v)
  end
  local length = rawlen(t)
  for i = 1, length <= MANY and length or MANY + 1 do add(value(rawget(t, i))) end
  n = math.max(n, length)
  local names = first_names(t, length)
  for _, k in ipairs(names) do
    local name = type(k) == "string" and k:match "^[%a_][%w_]*$" or ("[%s]"):format(values.short(k))
    if n < MANY then add(("%s = %s"):format(name, value(rawget(t, k)))) else n = n + 1 end
  end
  n = n + names.left
  seen[t] = nil
  if n > MANY then parts[#parts + 1] = ("... %d more"):format(n - MANY) end
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if n == 0 then return "{}" end
  if #line <= 80 and not line:find "\n" then return line end
  local pad = ("  "):rep(depth)
  return "{\n" .. pad .. table.concat(parts, ",\n" .. pad) .. "\n" .. ("  "):rep(depth - 1) .. "}"
end

local LINE = 200 -- characters of a value on one line

-- A value on one line, with the entries of a plain table.
function values.line(v)
  local text = plain(v) and table_text(v, DEPTH - 1, {}):gsub("\n%s*", " ") or values.short(v)
  if (utf8.len(text) or #text) <= LINE then return text end
  return text:sub(1, (utf8.offset(text, LINE - 3) or LINE) - 1) .. " ..."
end

-- ---- small tables ----------------------------------------------------------------------------------------

local function cell(v)
  if math.type(v) == "float" then return ("%." .. (values.digits or 6) .. "g"):format(v) end
  return v == nil and "" or type(v) == "string" and v or values.short(v)
end

local tables = {}

tables["limn.path"] = function(path)
  local rows = {}
  for i, fit in ipairs(path) do rows[i] = { i == path.best and "best" or "", fit.lambda, fit.rank, fit.norm, fit.residual, fit.loo } end
  return { "", "lambda", "rank", "norm", "residual", "loo" }, rows
end

tables["limn.contributions"] = function(parts)
  local rows = {}
  for i, name in ipairs(parts.names) do
    local c = parts.classes[name]
    rows[i] = { name, c.count, c.length, c.along, c.across, c.weight_sq }
  end
  return { "class", "count", "length", "along", "across", "weight_sq" }, rows
end

-- The documented fields that an object has, as name and value.
local function fields_of(object, class)
  local rows = {}
  for _, f in ipairs(class.fields) do
    local ok, v = pcall(function() return object[f.name] end)
    if ok and v ~= nil and type(v) ~= "function" then
      rows[#rows + 1] = { f.name, plain(v) and values.line(v) or cell(v) }
    end
  end
  return rows
end

-- An object as a table: its tostring, the names of the columns (nil: a field a row), the rows; no rows for one without
-- documented fields.
function values.rows(object, class)
  local ok, head = pcall(tostring, object)
  if not ok then error(("tostring of a %s raised: %s"):format(class, tostring(head)), 0) end
  if tables[class] then return head, tables[class](object) end
  local stub = require("limn.docs").read().classes[class]
  return head, nil, stub and not class:find "^limn%.lib" and fields_of(object, stub) or {}
end

local function object_text(object, class, width)
  local head, names, rows = values.rows(object, class)
  if names then
    return #rows > 0 and head .. "\n" .. aligned.text(names, rows, width, values.digits or 6, MANY) or head
  end
  local widest = 0
  for _, row in ipairs(rows) do widest = math.max(widest, #row[1]) end
  for i, row in ipairs(rows) do
    local line = ("  %-" .. widest .. "s  %s"):format(row[1], row[2])
    rows[i] = utf8.len(line) and utf8.len(line) > width and line:sub(1, width - 4) .. " ..." or line
  end
  return #rows > 0 and head .. "\n" .. table.concat(rows, "\n") or head
end

-- A long string: its beginning, and the number of omitted bytes.
local function string_text(v)
  local at, lines = 0, 0
  repeat
    at = v:find("\n", at + 1, true)
    lines = lines + 1
  until not at or lines >= LINES
  local keep = math.min(at and at - 1 or #v, BYTES)
  if MANY == math.huge or keep == #v then return v end
  while keep > 0 and v:byte(keep + 1) and v:byte(keep + 1) & 0xC0 == 0x80 do keep = keep - 1 end -- keep characters whole
  return ("%s\n... %d more bytes (:show prints all)"):format(v:sub(1, keep), #v - keep)
end

-- The name of a module of limn, or nil; a module is shown as its help text.
local function module_name(v)
  for name, module in next, package.loaded do
    if rawequal(module, v) and type(name) == "string" and name:find "^limn%.%a+$" then return name end
  end
end

-- The text of a value at the prompt.
function values.text(v)
  local width = posix.terminal(1) or 80
  local class = check.typename(v)
  if class == "limn.array" then return v:show(width, values.digits) end
  if class == "limn.results" then return v:show(width, values.digits, MANY) end
  if type(v) == "table" and module_name(v) then return require("limn.docs.help").text(v) end
  if type(v) == "table" and plain(v) then return table_text(v, 1, {}) end
  if type(v) == "string" then return string_text(v) end
  if type(v) == "number" then return number(v) end
  if class:find "^limn%." then return object_text(v, class, width) end
  local entry = type(v) == "function" and require("limn.docs.find").of_function(v)
  if entry then return ("%s\n  ?%s explains it"):format(require("limn.docs").signature(entry), entry.name) end
  return string_text(tostring(v))
end

-- The text of a value without bounds.
function values.full(v)
  local many, depth = MANY, DEPTH
  MANY, DEPTH = math.huge, 32
  local ok, text = pcall(values.text, v)
  MANY, DEPTH = many, depth
  if not ok then error(text, 0) end
  return text
end

return values
