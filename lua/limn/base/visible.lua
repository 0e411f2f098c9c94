-- limn/base/visible.lua: texts from files for a terminal: control characters, which a terminal would obey, as \xHH.

local check = require "limn.base.check"

local visible = {}

local function byte(c) return ("\\x%02X"):format(c:byte()) end

-- The text, with its lines and tabs as they are; bytes that are not UTF-8 as \xHH too, since a terminal may take them for
-- control characters of eight bits.
function visible.text(text)
  text = text:gsub("[%z\1-\8\11-\31\127]", byte)
  if not utf8.len(text) then return (text:gsub("[\128-\255]", byte)) end
  return (text:gsub("\xC2([\x80-\x9F])", byte))
end

-- As Lua's print, of visible texts.
function visible.print(...)
  local words = table.pack(...)
  for i = 1, words.n do words[i] = visible.text(tostring(words[i])) end
  print(table.unpack(words, 1, words.n))
end

return check.sealed("visible.", visible)
