-- limn/table/show.lua: results as text for a terminal and as HTML for a notebook.

local aligned = require "limn.base.aligned"
local check = require "limn.base.check"
local class = require "limn.table.class"
local native = require "limn.native"

local Results = class.Results

-- The rows as lists in the order of the columns; only those that are shown.
local function cells(self)
  return setmetatable({}, { __len = function() return #self.list end, __index = function(_, i)
    local row = {}
    for j, name in ipairs(self.names) do row[j] = self.list[i][name] end
    return row
  end })
end

local function head(self)
  return ("limn.results: %d rows; %s"):format(#self.list, table.concat(self.names, " "))
end

-- The table in columns of at most `width` characters (default: that of the terminal), with the first and the last rows.
-- digits: significant digits of numbers (default 6); most: rows from which on some are left out (default 20).
function Results:show(width, digits, most)
  width = check.value("results:show", "width", width, { type = "integer", min = 1, default = native.posix.terminal(1) or 80 })
  digits = check.value("results:show", "digits", digits, { type = "integer", min = 1, max = 17, default = 6 })
  most = check.value("results:show", "most", most, { type = "number", min = 1, finite = false, default = aligned.MOST })
  local lines = { head(self) }
  if #self.list > 0 and #self.names > 0 then lines[2] = aligned.text(self.names, cells(self), width, digits, most) end
  if self.warning then lines[#lines + 1] = self.warning end
  return table.concat(lines, "\n")
end

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

local function escaped(text) return (text:gsub('[&<>"]', ESCAPES)) end

-- The table as HTML. most: rows from which on some are left out (default 20).
function Results:html(most)
  most = check.value("results:html", "most", most, { type = "number", min = 1, finite = false, default = aligned.MOST })
  local out = { "<table>", "<thead><tr>" }
  for _, name in ipairs(self.names) do out[#out + 1] = ("<th>%s</th>"):format(escaped(name)) end
  out[#out + 1] = "</tr></thead>"
  out[#out + 1] = "<tbody>"
  local rows = cells(self)
  for _, i in ipairs(aligned.shown(#rows, most)) do
    if i < 0 then
      out[#out + 1] = ('<tr><td colspan="%d">... %d more</td></tr>'):format(#self.names, -i)
    else
      local row = { "<tr>" }
      for j = 1, #self.names do
        local v = rows[i][j]
        row[#row + 1] = ("<td%s>%s</td>"):format(type(v) == "number" and ' style="text-align: right"' or "",
          escaped(aligned.cell(v, 6)))
      end
      row[#row + 1] = "</tr>"
      out[#out + 1] = table.concat(row)
    end
  end
  out[#out + 1] = "</tbody>"
  out[#out + 1] = "</table>"
  out[#out + 1] = ("<p>%d rows%s</p>"):format(#self.list, self.warning and "; " .. escaped(self.warning) or "")
  return table.concat(out, "\n")
end
