-- limn/base/separators.lua: which separator and which decimal sign a table of text has.

local check = require "limn.base.check"

local separators = {}

local NAMES = { [","] = "a comma", [";"] = "a semicolon", ["\t"] = "a tab", ["|"] = "a bar", [" "] = "a blank" }
local CANDIDATES = { ",", ";", "\t", "|", " " }
local SAMPLE = 1 << 16 -- bytes that are looked at
local LINES = 100 -- lines that are looked at

-- The separator in words.
function separators.name(separator) return NAMES[separator] or ("%q"):format(separator) end

-- A Lua pattern that matches the end of a field.
function separators.pattern(separator)
  if separator == " " then return "[ \t\r\n]" end
  return ("[%%%s\n]"):format(separator)
end

-- Raises unless the options are nil or usable.
function separators.check(who, separator, comment)
  if separator and not separator:find "^[^%w\"\r\n%.+-]$" then
    check.fail('%s: separator must be one character other than a letter, a digit and " . + -, got %s', who,
      check.show(separator))
  end
  if comment == "" then check.fail("%s: comment must not be empty", who) end
end

-- A separator other than the comma that occurs in a field, or nil.
function separators.within(text) return text:match "[;\t|]" end

-- The lines of the beginning of a text, without comments, blank lines and the contents of quotes.
local function sample(text, comment)
  local cut = text
  if #text > SAMPLE then cut = text:sub(1, SAMPLE):match "^(.*)\n" or text:sub(1, SAMPLE) end
  local lines = {}
  for line in cut:gsub('"[^"]*"', "Q"):gmatch "[^\r\n]+" do
    if line:find "%S" and not (comment and line:sub(1, #comment) == comment) then lines[#lines + 1] = line end
    if #lines == LINES then break end
  end
  return lines
end

local function fields(line, separator)
  local out = {}
  if separator == " " then
    for field in line:gmatch "[^ \t]+" do out[#out + 1] = field end
  else
    for field in (line .. separator):gmatch("([^" .. "%" .. separator .. "]*)%" .. separator) do
      out[#out + 1] = field:match "^%s*(.-)%s*$"
    end
  end
  return out
end

-- If each line has the same number of fields, above 1: the share of numbers among the fields after the first line (of
-- all, if there is one line); else nil. Outside commas a comma may be the decimal sign.
local function share(lines, separator)
  local width, numbers, count = nil, 0, 0
  for i, line in ipairs(lines) do
    local list = fields(line, separator)
    width = width or #list
    if #list ~= width or width < 2 then return nil end
    if i > 1 or #lines == 1 then
      for _, field in ipairs(list) do
        count = count + 1
        if tonumber(separator == "," and field or (field:gsub(",", ".", 1))) then numbers = numbers + 1 end
      end
    end
  end
  return count > 0 and numbers / count or nil
end

-- The separator of a text: the candidate that divides all lines into equally many fields, and of several the one with
-- which most of them are numbers; a comma, if there is none. Blanks separate only tables of numbers.
function separators.of(text, comment)
  local lines, best, most = sample(text, comment), ",", nil
  for _, separator in ipairs(CANDIDATES) do
    local s = share(lines, separator)
    if s and (separator ~= " " or s == 1) and (not most or s > most) then best, most = separator, s end
  end
  return best
end

-- The decimal sign of the fields of a table that commas do not separate; or nil and the record and column of a number
-- such as 1,234, where no other field decides.
function separators.decimal(records)
  local thousands, at, comma
  for i, record in ipairs(records) do
    for j, field in ipairs(record) do
      if field and field:find "^[+-]?[%d%.,]+[eE%d+-]*$" then
        if field:find(".", 1, true) then return "." end
        if field:find "^[+-]?[1-9]%d?%d?,%d%d%d$" then
          if not thousands then thousands, at = i, j end
        elseif field:find "^[+-]?%d*,%d*[eE%d+-]*$" then
          comma = true
        end
      end
    end
  end
  if comma then return "," end
  if thousands then return nil, thousands, at end
  return "."
end

return check.sealed("separators.", separators)
