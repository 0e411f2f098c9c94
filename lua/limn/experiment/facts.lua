-- limn/experiment/facts.lua: what is known of a run, as text. Long values (the script, modules, the patch) stand once in
-- a store, in the table blob(hash, text), however many runs have them; the text of a run names them by their hashes.

local native = require "limn.native"

local json, hash = native.json, native.posix.hash
local facts = {}

local LONG = 200 -- bytes of JSON; longer values stand in blob
local MARK = "blob:" -- of a value's text in place of the value

facts.table = "CREATE TABLE IF NOT EXISTS blob (hash TEXT PRIMARY KEY, text TEXT) WITHOUT ROWID"

-- pack(known, keep) -> JSON. keep(hash, text): stores a long value.
function facts.pack(known, keep)
  local out = {}
  for name, value in pairs(known) do
    out[name] = value
    if type(value) == "table" or type(value) == "string" and (#value > LONG or value:sub(1, #MARK) == MARK) then
      local text = json.encode(value)
      if #text > LONG or type(value) == "string" then
        local id = hash(text)
        keep(id, text)
        out[name] = MARK .. id
      end
    end
  end
  return json.encode(out)
end

-- The hashes of the long values of a packed text: a list.
function facts.blobs(text)
  local out = {}
  for id in text:gmatch('"' .. MARK .. '(%x+)"') do out[#out + 1] = id end
  return out
end

-- unpack(text, find) -> the table that was packed. find(hash): the value whose text was kept, or false.
function facts.unpack(text, find)
  local known = json.decode(text)
  for name, value in pairs(known) do
    local id = type(value) == "string" and value:match("^" .. MARK .. "(%x+)$")
    local long = id and find(id)
    if long then known[name] = long end
  end
  return known
end

return facts
