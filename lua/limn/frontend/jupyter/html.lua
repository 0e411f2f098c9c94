-- limn/frontend/jupyter/html.lua: values as HTML tables for a notebook: arrays by their edges, results, and objects by
-- their fields.

local check = require "limn.base.check"
local values = require "limn.frontend.repl.values"

local html = {}

local MOST, EDGE = 20, 8 -- rows or columns that are shown whole; else so many at each edge

local ESCAPED = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }
local function escaped(text) return (text:gsub("[&<>]", ESCAPED)) end

local function number(v)
  if type(v) ~= "number" then return tostring(v) end
  return math.type(v) == "float" and ("%." .. (values.digits or 6) .. "g"):format(v) or tostring(v)
end

-- The indices 1 .. n that are shown; false stands for those that are left out.
local function shown(n)
  local list = {}
  for i = 1, n <= MOST and n or EDGE do list[i] = i end
  if n > MOST then
    list[EDGE + 1] = false
    for i = n - EDGE + 1, n do list[#list + 1] = i end
  end
  return list
end

local function rows_of(a, columns, matrix)
  local list, n = {}, (a:shape())
  for _, i in ipairs(shown(n)) do
    local cells = {}
    for _, j in ipairs(shown(columns)) do
      cells[#cells + 1] = ("<td>%s</td>"):format(i and j and number(matrix and a:get(i, j) or not matrix and a:get(i)) or "&#8943;")
    end
    list[#list + 1] = ("<tr><th>%s</th>%s</tr>"):format(i or "&#8942;", table.concat(cells))
  end
  return list
end

local function array(a)
  local dims = select("#", a:shape())
  local _, columns = a:shape()
  if dims > 2 or a:size() == 0 then return nil end
  local lines = { ("<table><caption>%s</caption>"):format(escaped(values.short(a))) }
  if dims == 2 then
    local heads = {}
    for _, j in ipairs(shown(columns)) do heads[#heads + 1] = ("<th>%s</th>"):format(j or "") end
    lines[2] = ("<tr><th></th>%s</tr>"):format(table.concat(heads))
  end
  for _, row in ipairs(rows_of(a, columns or 1, dims == 2)) do lines[#lines + 1] = row end
  return table.concat(lines, "\n") .. "\n</table>"
end

-- An object by its rows, each a list of texts or numbers.
local function object(head, names, rows)
  local lines = { ("<table><caption>%s</caption>"):format(escaped(head)) }
  local function add(tag, row, n)
    local cells = {}
    for i = 1, n do
      local v = row[i]
      cells[i] = ("<%s style=\"text-align:left\">%s</%s>"):format(tag, v == nil and "" or escaped(number(v)), tag)
    end
    lines[#lines + 1] = "<tr>" .. table.concat(cells) .. "</tr>"
  end
  if names then add("th", names, #names) end
  for _, row in ipairs(rows) do add("td", row, names and #names or 2) end
  return table.concat(lines, "\n") .. "\n</table>"
end

-- The HTML of a value, or nil where its text is all there is.
function html.of(v)
  local class = check.typename(v)
  if class == "limn.results" then return v:html() end
  if class == "limn.array" then return array(v) end
  if not class:find "^limn%." then return nil end
  local head, names, rows = values.rows(v, class)
  return rows and #rows > 0 and object(head, names, rows) or nil
end

return html
