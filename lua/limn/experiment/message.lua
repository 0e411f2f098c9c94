-- limn/experiment/message.lua: measured values as bytes, exact to the last bit: what goes through the pipe
-- between a worker and its parent. A result is a flat table: names to numbers, strings, booleans or arrays.

local native = require "limn.native"
local check = require "limn.check"

local message = {}

local function encode(v, name)
  local kind = math.type(v) or type(v)
  if kind == "integer" then return string.pack("<c1i8", "i", v) end
  if kind == "float" then return string.pack("<c1d", "f", v) end
  if kind == "string" then return string.pack("<c1s8", "s", v) end
  if kind == "boolean" then return string.pack("<c1B", "b", v and 1 or 0) end
  if check.typename(v) == "limn.array" then
    local rows, cols = v:shape()
    local parts = { string.pack("<c1i8i8", "a", rows, cols or -1) }
    for i = 1, rows do
      for j = 1, cols or 1 do parts[#parts + 1] = string.pack("<d", cols and v:get(i, j) or v:get(i)) end
    end
    return table.concat(parts)
  end
  error(("measure: %s is a %s; results must be numbers, strings, booleans or arrays"):format(name, check.typename(v)),
    0)
end

function message.encode(result)
  if type(result) ~= "table" then
    error(("measure: expected a table of named values, got %s"):format(check.typename(result)), 0)
  end
  local names, parts = {}, {}
  for name in pairs(result) do
    if type(name) ~= "string" then error(("measure: results must have names, got the key %s"):format(check.show(name)), 0) end
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do parts[i] = string.pack("<s4", name) .. encode(result[name], name) end
  return string.pack("<I4", #names) .. table.concat(parts)
end

local function decode(bytes, at)
  local kind = bytes:sub(at, at)
  at = at + 1
  if kind == "i" then return string.unpack("<i8", bytes, at) end
  if kind == "f" then return string.unpack("<d", bytes, at) end
  if kind == "s" then return string.unpack("<s8", bytes, at) end
  if kind == "b" then return bytes:byte(at) == 1, at + 1 end
  local rows, cols
  rows, cols, at = string.unpack("<i8i8", bytes, at)
  local vector = cols < 0
  local a = vector and native.array.zeros(rows) or native.array.zeros(rows, cols)
  for i = 1, rows do
    for j = 1, vector and 1 or cols do
      local v
      v, at = string.unpack("<d", bytes, at)
      if vector then a:set(i, v) else a:set(i, j, v) end
    end
  end
  return a, at
end

function message.decode(bytes)
  local out = {}
  local n, at = string.unpack("<I4", bytes)
  for _ = 1, n do
    local name
    name, at = string.unpack("<s4", bytes, at)
    out[name], at = decode(bytes, at)
  end
  return out
end

return message
