-- limn/jupyter/json.lua: JSON as the Jupyter protocol needs it: all of it is read, lists may be empty, and a text that is
-- broken says where. What is written holds texts, booleans, finite numbers and tables of them, names in order.

local json = {}

json.list = {} -- the metatable of a table that is a list even when it is empty

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function text(s)
  return '"' .. s:gsub('[%c"\\\127]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end

local function encode(v)
  local kind = type(v)
  if kind == "number" then return (math.type(v) == "integer" and "%d" or "%.17g"):format(v) end
  if kind == "string" then return text(v) end
  if kind == "boolean" or v == nil then return v == nil and "null" or tostring(v) end
  local parts = {}
  if v[1] ~= nil or getmetatable(v) == json.list then
    for i, x in ipairs(v) do parts[i] = encode(x) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for k in pairs(v) do parts[#parts + 1] = k end
  table.sort(parts)
  for i, k in ipairs(parts) do parts[i] = text(k) .. ":" .. encode(v[k]) end
  return "{" .. table.concat(parts, ",") .. "}"
end

json.encode = encode

-- ---- reading ------------------------------------------------------------------------------------------

local DEEPEST = 200
local unescape = { n = "\n", r = "\r", t = "\t", b = "\b", f = "\f", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }
local words = { ["true"] = true, ["false"] = false }

local function fail(at, what) error(("json: %s at byte %d"):format(what, at), 0) end

-- The string that begins with the quote at `at` -> text, what follows. A surrogate pair is one character.
local function string_at(s, at)
  local stop = at
  repeat
    stop = s:find('["\\]', stop + 1) or fail(at, "a text does not end")
    local quote = s:byte(stop) == 34
    if not quote then stop = stop + 1 end
  until quote
  local raw = s:sub(at + 1, stop - 1)
  if raw:find("\\", 1, true) then
    raw = raw:gsub("\\(.)(%x?%x?%x?%x?)", function(c, hex)
      if c == "u" then return #hex == 4 and utf8.char(tonumber(hex, 16)) or fail(at, "a bad \\u in the text") end
      return (unescape[c] or fail(at, "a bad escape in the text")) .. hex
    end)
    raw = raw:gsub("\xED([\xA0-\xAF])([\x80-\xBF])\xED([\xB0-\xBF])([\x80-\xBF])", function(a, b, c, d)
      return utf8.char(0x10000 + ((a:byte() & 15) << 16 | (b:byte() & 63) << 10 | (c:byte() & 15) << 6 | d:byte() & 63))
    end)
  end
  return raw, stop + 1
end

local value_at

local function list_at(s, at, depth)
  local list, n = {}, 0
  at = s:match("^%s*()", at + 1)
  if s:byte(at) == 93 then return list, at + 1 end
  while true do
    n = n + 1
    list[n], at = value_at(s, at, depth)
    local after, sign = at
    sign, at = s:match("^%s*([,%]])()", after)
    if sign == "]" then return list, at end
    if not sign then fail(after, "a list without , or ]") end
  end
end

local function object_at(s, at, depth)
  local object = {}
  at = s:match("^%s*()", at + 1)
  if s:byte(at) == 125 then return object, at + 1 end
  while true do
    at = s:match('^%s*()"', at) or fail(at, "a name is missing")
    local name, sign
    name, at = string_at(s, at)
    local from = s:match("^%s*:()", at) or fail(at, "a : is missing")
    object[name], at = value_at(s, from, depth)
    local after = at
    sign, at = s:match("^%s*([,}])()", after)
    if sign == "}" then return object, at end
    if not sign then fail(after, "an object without , or }") end
  end
end

-- The value at `at` -> value (nil for null), what follows it.
function value_at(s, at, depth)
  if depth > DEEPEST then fail(at, "too deeply nested") end
  at = s:match("^%s*()", at)
  local c = s:sub(at, at)
  if c == '"' then return string_at(s, at) end
  if c == "{" then return object_at(s, at, depth + 1) end
  if c == "[" then return list_at(s, at, depth + 1) end
  local word, after = s:match("^([%w.+-]+)()", at)
  if word == "null" then return nil, after end
  if words[word] ~= nil then return words[word], after end
  local x = word and word:find "^-?%d" and not word:find "[xX]" and tonumber(word)
  if not x then fail(at, "a value is missing") end
  return x, after
end

-- The value that a JSON text holds; raises "json: ..." on anything else. null is nil; a list with a null has a hole.
function json.decode(s)
  local value, after = value_at(s, 1, 0)
  after = s:match("^%s*()", after)
  if after <= #s then fail(after, "something follows the value") end
  return value
end

return json
