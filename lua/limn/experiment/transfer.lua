-- limn/experiment/transfer.lua: what is readable of a damaged store, into a new one; the arrays of cells that go from one
-- store to another.

local native = require "limn.native"
local stores = require "limn.experiment.store"

local posix, sqlite, message, files = native.posix, native.sqlite, native.message, native.files
local transfer = {}

local ROW = "id, rep, seed, run, params, result, value, failure, seconds"
local INSERT = "INTO cell VALUES (?,?,?,?,?,?,?,?,?)"

-- Copies the large arrays of a row, which are files beside its store. from: the path of the store. Raises if one is lost.
function transfer.arrays(to, from, bytes)
  if not bytes:find("npy:", 1, true) then return end
  for _, file in pairs(assert(stores.aside_in(message.decode(bytes)), "it names a file that is no array of a store")) do
    local a = assert(stores.aside(from, file))
    assert(posix.mkdir(to.path .. ".arrays"))
    assert(files.npy_save(("%s.arrays/%s"):format(to.path, file.name), a))
  end
end

-- Whether a row is one that a store wrote, as far as can be seen: whose point has the name that it stands under, and
-- whose values can be read.
local function sound(r)
  if type(r[1]) ~= "string" or math.type(r[2]) ~= "integer" or math.type(r[3]) ~= "integer" or type(r[5]) ~= "string" then
    return false
  end
  return posix.hash(r[5]) == r[1] and (r[7] and pcall(message.decode, r[7]) or not r[7] and r[8] ~= false)
end

-- What can still be read of a damaged file, as rows of the table `cell`: from its start to the damage, and from its
-- end back to it. Returns the rows, and what SQLite says.
function transfer.salvage(path)
  local db, why = sqlite.open(path, "read")
  if not db then return nil, why end
  local table_, other = db:rows "SELECT count(*) FROM sqlite_schema WHERE name = 'cell' COLLATE NOCASE AND type <> 'table'"
  if table_ and table_[1] and table_[1][1] > 0 then
    db:close()
    return nil, other or "cell is not a table"
  end
  local seen, out, said = {}, {}, nil
  for _, direction in ipairs { "ASC", "DESC" } do
    local rows, complaint = db:rows(("SELECT %s FROM cell ORDER BY id %s, rep %s, seed %s"):format(ROW, direction,
      direction, direction))
    said = said or complaint
    for _, r in ipairs(rows or {}) do
      local key = sound(r) and ("%s %d %d"):format(r[1], r[2], r[3])
      if not key then said = said or "there are rows that make no sense"
      elseif not seen[key] then seen[key], out[#out + 1] = true, r end
    end
  end
  db:close()
  return out, said
end

-- Writes salvaged rows into a new store as one run; from: the damaged store's path, for its arrays. Returns how many
-- cells it holds then, and how many were left out because their arrays cannot be read.
function transfer.restore(to, rows, from)
  local lost = 0
  to:begin("recovered", { note = "cells saved from a damaged store" })
  to:sql "BEGIN IMMEDIATE"
  for _, r in ipairs(rows) do
    if r[7] and not pcall(transfer.arrays, to, from, r[7]) then lost = lost + 1
    else
      to:sql("INSERT OR IGNORE " .. INSERT, r[1], r[2], r[3], to.run, r[5], r[6] or nil, r[7] and { r[7] } or nil,
        r[8] or nil, r[9] or nil)
    end
  end
  to:sql "COMMIT"
  return to:sql("SELECT count(*) FROM cell")[1][1], lost
end

return transfer
