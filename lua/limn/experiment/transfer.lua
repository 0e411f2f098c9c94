-- limn/experiment/transfer.lua: cells from one store to another: shards into one table, and what is readable of a
-- damaged file into a new one.

local check = require "limn.base.check"
local native = require "limn.native"
local stores = require "limn.experiment.store"

local posix, sqlite, message, files = native.posix, native.sqlite, native.message, native.files
local transfer = {}

local ROW = "id, rep, seed, run, params, result, value, failure, seconds"
local INSERT = "INTO cell VALUES (?,?,?,?,?,?,?,?,?)"

-- The large arrays of a row: files beside its store.
local function copy_arrays(to, from, bytes)
  if not bytes:find("npy:", 1, true) then return end
  for _, file in pairs(stores.aside_in(message.decode(bytes))) do
    local a = assert(stores.aside(from.path, file))
    assert(posix.mkdir(to.path .. ".arrays"))
    assert(files.npy_save(("%s.arrays/%s"):format(to.path, file.name), a))
  end
end

-- The number that a run of `from` has in `to`, which takes it over with its first cell.
local function adopt(to, from, run)
  local facts = from:sql("SELECT started, ended, code, facts FROM run WHERE id = ?", run)[1]
  to:sql("INSERT INTO run (started, ended, code, facts) VALUES (?,?,?,?)", facts[1], facts[2] or nil, facts[3],
    facts[4])
  return to:sql("SELECT last_insert_rowid()")[1][1]
end

local function copy_inputs(to, from, id, rep, seed)
  if not from:has_inputs() then return end
  local row = from:sql("SELECT files FROM input WHERE id = ? AND rep = ? AND seed = ?", id, rep, seed)[1]
  if row then to:put_inputs(id, rep, seed, row[1]) end
end

local function copy(to, from)
  if from.name ~= to.name then
    error(("%s holds the experiment %q, not %q"):format(from.path, from.name, to.name), 0)
  end
  for key, value in from:each "SELECT key, value FROM meta WHERE key LIKE 'claim/%'" do -- what was declared with its cells
    to:sql("INSERT OR IGNORE INTO meta VALUES (?, ?)", key, value)
  end
  local adopted, new = {}, 0
  for id, rep, seed, run, params, result, value, failure, seconds in from:each("SELECT " .. ROW .. " FROM cell") do
    local here = to:sql("SELECT value, code FROM cell JOIN run ON run.id = run WHERE cell.id = ? AND rep = ? AND seed = ?",
      id, rep, seed)[1]
    if here and here[1] and value and here[1] ~= value then
      local code = from:sql("SELECT code FROM run WHERE id = ?", run)[1][1]
      error(("%s: the cell %s rep=%d differs between the stores%s"):format(from.path, params, rep,
        here[2] ~= code and " (computed by different scripts)" or ""), 0)
    end
    if not here or value and not here[1] then
      new = new + 1
      adopted[run] = adopted[run] or adopt(to, from, run)
      if value then copy_arrays(to, from, value) end
      copy_inputs(to, from, id, rep, seed)
      to:sql("INSERT OR REPLACE " .. INSERT, id, rep, seed, adopted[run], params, result or nil,
        value and { value } or nil, failure or nil, seconds or nil)
    end
  end
  return new
end

-- Copies the cells of other stores of the same experiment into `to`. The same cell computed twice must be equal: where
-- it is not, nothing is copied. Returns how many cells were new; or nil, message, kind.
function transfer.merge(to, others)
  local new = 0
  local ok, why = pcall(function()
    to:sql "BEGIN IMMEDIATE"
    for _, from in ipairs(others) do new = new + copy(to, from) end
    to:sql "COMMIT"
  end)
  if ok then return new end
  to.db:rows "ROLLBACK"
  return nil, tostring(why), check.kind(why)
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
    if r[7] and not pcall(copy_arrays, to, { path = from }, r[7]) then lost = lost + 1
    else
      to:sql("INSERT OR IGNORE " .. INSERT, r[1], r[2], r[3], to.run, r[5], r[6] or nil, r[7] and { r[7] } or nil,
        r[8] or nil, r[9] or nil)
    end
  end
  to:sql "COMMIT"
  return to:sql("SELECT count(*) FROM cell")[1][1], lost
end

return transfer
