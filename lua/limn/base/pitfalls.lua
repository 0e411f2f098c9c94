-- limn/base/pitfalls.lua: what people write who come from Python or C, in a text that does not compile: one line of advice.

local system = require "limn.base.system"

local pitfalls = {}

local IMPORT = ("Lua has no import: limn = require %q, and limn.NAME loads its modules"):format "limn"

-- Patterns in the order in which they are looked for in a line without strings and comments, and the advice.
local PATTERNS = {
  { "!=", "not equal is ~= in Lua" },
  { "&&", "Lua writes `and`" },
  { "||", "Lua writes `or`" },
  { "%*%*", "a power is x ^ 2 in Lua" },
  { "%+%+", "Lua has no ++: write x = x + 1" },
  { "[%w_%]%)]%s*[%+%-%*/%%]=[^=]", "Lua has no += and the like: write x = x + 1" },
  { "^%s*import%f[^%w_]", IMPORT },
  { "^%s*from%s+[%w_%.]+%s+import%f[^%w_]", IMPORT },
  { "^%s*def%s", "a function is written function f(x) .. end in Lua" },
  { "^%s*elif%f[^%w_]", "Lua writes elseif" },
  { "[=%(,{]%s*%[[^%[=%]]-[,%]]%s*[^%s=]*%s*$", "a list is written {1, 2} in Lua, an array limn.array {1, 2}" },
  { "[=%(,]%s*%[%d", "a list is written {1, 2} in Lua, an array limn.array {1, 2}" },
  { "^%s*#", "a comment begins with -- in Lua" },
  { "!", "not is `not x` in Lua" },
}

-- The advice on the first line of a text that has such a form, with its number; nil without one.
function pitfalls.of(text)
  text = text:gsub("^#[^\n]*", "")
  local n = 0
  for line in (text .. "\n"):gmatch "(.-)\n" do
    n = n + 1
    line = line:gsub("\\.", ""):gsub('"[^"]*"', '""'):gsub("'[^']*'", "''"):gsub("%-%-.*$", "")
    for _, row in ipairs(PATTERNS) do
      if line:find(row[1]) then return ("line %d: %s"):format(n, row[2]) end
    end
  end
end

-- The advice on a file, or nil.
function pitfalls.of_file(path)
  local text = system.text_of(path)
  return text and pitfalls.of(text)
end

return require("limn.base.check").sealed("pitfalls.", pitfalls)
