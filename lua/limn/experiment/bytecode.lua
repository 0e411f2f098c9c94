-- limn/experiment/bytecode.lua: what a Lua function does, without where it stands: its bytecode as string.dump writes it,
-- stripped, without the line numbers and the places of its own upvalues in the enclosing function, which both change
-- with text outside of the function.
--
-- The format of Lua 5.4 (ldump.c): a header of 31 bytes, the number of upvalues, then a function: source, first and
-- last line, parameters, vararg, stack; code; constants; upvalues; functions within; debug information (empty when
-- stripped). Numbers are groups of 7 bits, the highest first, the last with its top bit set.

local native = require "limn.native"

local bytecode = {}

local HEADER = 31
local INSTRUCTION = 4 -- bytes
local NIL, FALSE, TRUE, INTEGER, FLOAT, SHORT, LONG = 0x00, 0x01, 0x11, 0x03, 0x13, 0x04, 0x14
local UPVALUE = 3 -- bytes: in the stack, index, kind

local function number(text, at)
  local n = 0
  while true do
    local byte = text:byte(at)
    n, at = n << 7 | byte & 0x7f, at + 1
    if byte >= 0x80 then return n, at end
  end
end

local function literal(text, at)
  local size
  size, at = number(text, at)
  if size == 0 then return nil, at end
  return text:sub(at, at + size - 2), at + size - 1
end

-- Reads the constants at `at`; adds the strings among them to `strings`. Returns what follows them.
local function constants(text, at, strings)
  local count
  count, at = number(text, at)
  for _ = 1, count do
    local kind = text:byte(at)
    at = at + 1
    if kind == INTEGER or kind == FLOAT then at = at + 8
    elseif kind == SHORT or kind == LONG then
      local s
      s, at = literal(text, at)
      strings[s] = true
    elseif kind ~= NIL and kind ~= FALSE and kind ~= TRUE then error "unknown constant" end
  end
  return at
end

-- Reads the function at `at`. Returns the text of what it does, what follows it; adds the hash of each function within
-- to `within`, if that is given.
local function read(text, at, strings, within)
  local _, n
  _, at = literal(text, at)
  _, at = number(text, at)
  _, at = number(text, at)
  local parts, first = {}, at
  n, at = number(text, at + 3)
  at = constants(text, at + n * INSTRUCTION, strings)
  parts[1] = text:sub(first, at - 1)
  local upvalues = at
  n, at = number(text, at)
  at = at + n * UPVALUE
  parts[2] = text:sub(upvalues, at - 1)
  n, at = number(text, at)
  local own = parts[1]
  for _ = 1, n do
    local inner
    inner, at = read(text, at, strings, within)
    parts[#parts + 1] = inner
  end
  for _ = 1, 4 do
    n, at = number(text, at)
    if n > 0 then error "not stripped" end
  end
  local whole = parts[1] .. table.concat(parts, "", 3)
  if within then within[native.posix.hash(whole)] = true end
  return table.concat(parts), at, whole, own
end

local known = setmetatable({}, { __mode = "k" })

-- { hash =, strings = set of the strings among its constants and those of the functions within } of a Lua function.
function bytecode.of(f)
  local found = known[f]
  if found then return found end
  local text, strings = string.dump(f, true), {}
  local fine, _, _, whole = pcall(read, text, HEADER + 2, strings)
  found = { hash = native.posix.hash(fine and whole or text), strings = strings }
  known[f] = found
  return found
end

-- The hashes of all functions within a function, at any depth, as a set; the hash of the function's own code, without
-- those within.
function bytecode.within(f)
  local text, within = string.dump(f, true), {}
  local fine, _, _, _, own = pcall(read, text, HEADER + 2, {}, within)
  if not fine then return {}, (native.posix.hash(text)) end
  return within, (native.posix.hash(own))
end

return bytecode
