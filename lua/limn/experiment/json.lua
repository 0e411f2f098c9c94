-- limn/experiment/json.lua: flat tables as JSON objects with sorted keys, and back: what the store and its exports
-- write for other tools. Whole numbers stay whole; the others have 17 digits; NaN and infinities are strings.

local json = {}

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function text(s)
  return '"' .. s:gsub('[%c"\\\127]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end

local function number(v)
  if math.type(v) == "integer" then return ("%d"):format(v) end
  if v ~= v then return '"nan"' end
  if v == math.huge then return '"inf"' end
  if v == -math.huge then return '"-inf"' end
  local s = ("%.17g"):format(v)
  return s:find "[.e]" and s or s .. ".0"
end

local function encode(v)
  local kind = type(v)
  if kind == "number" then return number(v) end
  if kind == "string" then return text(v) end
  if kind == "boolean" or v == nil then return v == nil and "null" or tostring(v) end
  if kind == "userdata" then v = v:totable() end
  local parts = {}
  if v[1] ~= nil then
    for i, x in ipairs(v) do parts[i] = encode(x) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for k in pairs(v) do parts[#parts + 1] = k end
  table.sort(parts)
  for i, k in ipairs(parts) do parts[i] = text(k) .. ":" .. encode(v[k]) end
  return "{" .. table.concat(parts, ",") .. "}"
end

json.encode = encode

local unescape = { n = "\n", r = "\r", t = "\t", b = "\b", f = "\f" }

-- Reads what encode writes for a flat table: {"name":value,...} with numbers, strings and booleans.
function json.decode(s)
  local out, at = {}, 2
  local function string_at()
    local stop = at + 1
    while s:sub(stop, stop) ~= '"' do
      if stop > #s then error("json: a text does not end", 0) end
      stop = stop + (s:sub(stop, stop) == "\\" and 2 or 1)
    end
    local raw = s:sub(at + 1, stop - 1)
    at = stop + 1
    raw = raw:gsub("\\(u?)(%x?%x?%x?%x?)(.?)", function(u, hex, c)
      if u == "u" then return string.char(tonumber(hex, 16)) .. c end
      if hex ~= "" then return (unescape[hex:sub(1, 1)] or hex:sub(1, 1)) .. hex:sub(2) .. c end
      return unescape[c] or c
    end)
    return raw
  end
  while s:sub(at, at) == '"' do
    local key = string_at()
    at = at + 1
    if s:sub(at, at) == '"' then out[key] = string_at()
    else
      local word = s:match("^[^,}]+", at) or error("json: a value is missing", 0)
      at = at + #word
      if word == "true" or word == "false" then out[key] = word == "true"
      elseif word ~= "null" then out[key] = math.tointeger(word:find "[.eE]" and "" or word) or tonumber(word) end
    end
    at = at + 1
  end
  return out
end

return json
