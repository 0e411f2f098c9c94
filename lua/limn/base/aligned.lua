-- limn/base/aligned.lua: a table as text: columns under their names, cut at the width of the terminal, with the first and
-- the last rows if there are many.

local check = require "limn.base.check"

local aligned = { MOST = 20 } -- rows from which on some are left out

local FIRST, LAST = 10, 5 -- rows that are shown then
local LONG = 40 -- characters of a text

-- The numbers of the rows to show, in order; a negative one stands for that many rows left out.
function aligned.shown(count, most)
  local places = {}
  local first = math.min(FIRST, (2 * most + 2) // 3)
  local last = math.min(LAST, most - first)
  for i = 1, count do
    if count <= most or i <= first or i > count - last then places[#places + 1] = math.tointeger(i)
    elseif i == first + 1 then places[#places + 1] = -math.tointeger(count - first - last) end
  end
  return places
end

-- A value on one line; of an object, such as an array, the line that names it.
function aligned.cell(v, digits)
  if v == nil then return "" end
  if v ~= v then return "nan" end
  if math.type(v) == "float" then return ("%." .. digits .. "g"):format(v) end
  local text = type(v) == "string" and v or type(v) == "table" and check.typename(v) == "table" and "{...}"
    or tostring(v):match "^[^\n]*"
  text = text:gsub("\n", "\\n"):gsub("%c", " "):gsub("\xC2[\x80-\x9F]", " ") -- no control characters, of C1 neither
  local n = utf8.len(text) or #text
  if n <= LONG then return text end
  return text:sub(1, (utf8.offset(text, LONG - 2) or LONG - 2) - 1) .. "..."
end

local function length(text) return utf8.len(text) or #text end

-- names: the heads of the columns; rows: lists of values. All columns are set to the right, under their heads.
function aligned.text(names, rows, width, digits, most)
  local heads, lines, widths, out = {}, {}, {}, {}
  for j, name in ipairs(names) do
    heads[j] = aligned.cell(name, digits)
    widths[j] = length(heads[j])
  end
  lines[1] = heads
  for _, i in ipairs(aligned.shown(#rows, most)) do
    local line = i > 0 and {} or -i
    if i > 0 then
      local row = rows[i]
      for j in ipairs(names) do
        line[j] = aligned.cell(row[j], digits)
        widths[j] = math.max(widths[j], length(line[j]))
      end
    end
    lines[#lines + 1] = line
  end
  local fits, used, total = #names, 0, 0
  for j in ipairs(names) do total = total + widths[j] + 2 end
  for j in ipairs(names) do
    used = used + widths[j] + 2
    if total > width and used + #"  ..." > width and j > 1 then
      fits = j - 1
      break
    end
  end
  for k, line in ipairs(lines) do
    if type(line) == "number" then
      out[k] = ("  ... %d more"):format(line)
    else
      local parts = {}
      for j = 1, fits do parts[j] = (" "):rep(widths[j] - length(line[j])) .. line[j] end
      if fits < #names then parts[fits + 1] = "..." end
      out[k] = "  " .. table.concat(parts, "  ")
    end
  end
  return table.concat(out, "\n")
end

return aligned
