-- limn/experiment/store.lua: finished cells on disk, in an SQLite file. A cell that was reported survives a killed
-- process and a power cut (synchronous=FULL); one process writes a file, and says so to a second; cells are named
-- by their parameters, replicate and seed; what an older script computed is known as stale.
--
-- Tables: meta(key, value); run: who computed what, when, with which code; cell: one row a cell, its parameters and
-- values as JSON for other tools, and as bytes, exact, for limn. Arrays above 64 KiB are .npy files in FILE.arrays/.

local native = require "limn.native"
local json = require "limn.experiment.json"
local message = require "limn.experiment.message"

local posix, sqlite = native.posix, native.sqlite
local Store = { __name = "limn.store" }
Store.__index = Store

local store = { schema = 1 }

local LARGE = 8192     -- entries: 64 KiB
local GROUP = 0.05     -- seconds: cells that finish this close together share one write to the disk
local APPLICATION = 0x6C696D6E -- "limn"

local SCHEMA = {
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID",
  "CREATE TABLE run (id INTEGER PRIMARY KEY, started TEXT, ended TEXT, code TEXT, facts TEXT)",
  "CREATE TABLE cell (name TEXT, rep INTEGER, seed INTEGER, key INTEGER, code TEXT, run INTEGER, params TEXT, "
    .. "result TEXT, value BLOB, failure TEXT, seconds REAL)",
  "CREATE UNIQUE INDEX cell_name ON cell (name, rep, seed)",
  ("PRAGMA application_id = %d"):format(APPLICATION),
  ("PRAGMA user_version = %d"):format(store.schema),
}

local writing = {} -- files this very process writes: kernel locks do not stop a process from meeting itself

local function raise(self, why)
  if why:find("I/O error", 1, true) then why = why .. " (is the disk full, or over a quota?)" end
  error(("store %s: %s; what was reported before is safe"):format(self.path, why), 0)
end

function Store:sql(text, ...)
  local rows, why = self.db:rows(text, ...)
  if why then raise(self, why) end
  return rows
end

-- Why the open file is no store of ours, or nil.
local function stranger(db, name)
  local id, why = db:rows "PRAGMA application_id"
  if not id or why then
    return ("cannot be read: %s; `limn store recover FILE NEW` saves what is readable"):format(why)
  end
  local tables = db:rows "SELECT count(*) FROM sqlite_schema"
  if not tables then return "cannot be read: it is damaged; `limn store recover FILE NEW` saves what is readable" end
  if tables[1][1] == 0 then return nil, "empty" end
  if id[1][1] ~= APPLICATION then return "is a database, but not a store of limn" end
  local version = db:rows("PRAGMA user_version")[1][1]
  if version > store.schema then
    return ("was written by a newer limn (schema %d; this one knows %d)"):format(version, store.schema)
  end
  local meta
  meta, why = db:rows "SELECT value FROM meta WHERE key = 'experiment'"
  if not meta or not meta[1] then return "cannot be read: " .. (why or "it does not say whose cells it holds") end
  if name and meta[1][1] ~= name then return ("holds the experiment %q, not %q"):format(meta[1][1], name) end
  return nil, nil, meta[1][1]
end

-- open(path[, name]) -> a store to read; with a name, to write the experiment of that name (made if absent);
-- nil, message.
function store.open(path, name)
  local self = setmetatable({ path = path, pending = {}, since = nil }, Store)
  if name then
    if writing[path] then return nil, ("store %s is already open for writing in this process"):format(path) end
    local lock, holder = sqlite.lock(path .. ".lock")
    if not lock then
      if type(holder) == "string" then return nil, holder end
      return nil, ("store %s is being written by process %d; wait for it, or give another --store"):format(path, holder)
    end
    self.lock = lock
  else
    local file, why = io.open(path, "rb")
    if not file then return nil, why end
    file:close()
  end
  local function refuse(why)
    if self.db then self.db:close() end
    if self.lock then self.lock:close() end
    return nil, ("store %s %s"):format(path, why)
  end
  local why
  self.db, why = sqlite.open(path, name and "write" or "read")
  if not self.db then return refuse("cannot be opened: " .. why) end
  local strange, empty, holds = stranger(self.db, name)
  if strange then return refuse(strange) end
  if empty and not name then return refuse "is empty" end
  self.name = name or holds
  if name then
    local folder = path:match "^(.*)/[^/]*$" or "."
    local made, e = pcall(function()
      self:sql(sqlite.shared(folder) and "PRAGMA journal_mode = DELETE" or "PRAGMA journal_mode = WAL")
      self:sql "PRAGMA synchronous = FULL"
      if empty then
        self:sql "BEGIN IMMEDIATE"
        for _, text in ipairs(SCHEMA) do self:sql(text) end
        self:sql("INSERT INTO meta VALUES ('experiment', ?)", name)
        self:sql "COMMIT"
      end
    end)
    if not made then return refuse("cannot be written: " .. e) end
    writing[path] = true
  end
  return self
end

function Store:__tostring()
  return ("limn.store %s: %s"):format(self.path, self.name)
end

-- Opens a run: what all its cells have in common. facts: a flat table.
function Store:begin(code, facts)
  self.code = code
  self:sql("INSERT INTO run (started, code, facts) VALUES (?, ?, ?)", os.date "!%Y-%m-%dT%H:%M:%SZ", code,
    json.encode(facts))
  self.run = self:sql("SELECT last_insert_rowid()")[1][1]
end

-- Large arrays go to files of their own; the row keeps their names.
local function set_aside(self, cell, seed)
  local values = {}
  for k, v in pairs(cell.values) do
    values[k] = v
    if type(v) == "userdata" then
      local rows, cols = v:shape()
      if rows * (cols or 1) > LARGE then
        local folder = self.path .. ".arrays"
        assert(posix.mkdir(folder))
        local file = ("%s/%x-%d-%d-%s.npy"):format(folder, cell.key, seed, cell.rep, k:gsub("[^%w_]", "_"))
        local saved, why = native.files.npy_save(file, v)
        if not saved then raise(self, why) end
        values[k] = "npy:" .. file:match "[^/]+$"
        values["npy:" .. k] = true
      end
    end
  end
  return values
end

-- One finished or failed cell. It is safe once flush has returned; `reported` is called for it then.
function Store:put(cell, seed, seconds, reported)
  if not self.since then
    self:sql "BEGIN IMMEDIATE"
    self.since = posix.now()
  end
  local values = cell.values and set_aside(self, cell, seed)
  self:sql("INSERT OR REPLACE INTO cell VALUES (?,?,?,?,?,?,?,?,?,?,?)", cell.name, cell.rep, seed, cell.key,
    self.code, self.run,
    json.encode(cell.point), values and json.encode(values), values and { message.encode(values) }, cell.failure,
      seconds)
  self.pending[#self.pending + 1] = { cell, reported }
end

-- Writes what waits to the disk, if `force` or when the oldest has waited long enough.
function Store:flush(force)
  if not self.since or not force and posix.now() - self.since < GROUP then return end
  self:sql "COMMIT"
  local pending = self.pending
  self.pending, self.since = {}, nil
  for _, p in ipairs(pending) do
    if p[2] then p[2](p[1]) end
  end
end

-- The values of a row, arrays included.
function Store:values(bytes)
  local values = message.decode(bytes)
  if not bytes:find("npy:", 1, true) then return values end
  local aside = {}
  for k in pairs(values) do aside[#aside + 1] = k:match "^npy:(.*)" end
  for _, field in ipairs(aside) do
    local a, why = native.files.npy_load(("%s.arrays/%s"):format(self.path, values[field]:sub(5)))
    if not a then raise(self, why) end
    values[field], values["npy:" .. field] = a, nil
  end
  return values
end

-- Fills the cells that the store holds for this seed and code. Returns the cells that are left, how many were
-- found, and how many were there but stale: computed by other code, and therefore computed again.
function Store:resume(cells, seed)
  local held, stale = {}, {}
  for _, row in ipairs(self:sql("SELECT name, rep, value, code FROM cell WHERE seed = ? AND value IS NOT NULL",
    seed)) do
    local id = row[1] .. "\0" .. row[2]
    if row[4] == self.code then held[id] = row[3] else stale[id] = true end
  end
  local left, found, old = {}, 0, 0
  for _, cell in ipairs(cells) do
    local id = cell.name .. "\0" .. cell.rep
    if held[id] then
      cell.values, found = self:values(held[id]), found + 1
    else
      left[#left + 1] = cell
      if stale[id] then old = old + 1 end
    end
  end
  return left, found, old
end

function Store:clear() self:sql "DELETE FROM cell" end

-- All cells as {name=, rep=, seed=, key=, code=, run=, point=, values=, failure=, seconds=}, in order of name, seed
-- and rep: the same for any history of the file.
function Store:cells()
  local out = {}
  for i, r in ipairs(self:sql("SELECT name, rep, seed, key, code, run, params, value, failure, seconds FROM cell")) do
    out[i] = { name = r[1], rep = r[2], seed = r[3], key = r[4], code = r[5], run = r[6], point = json.decode(r[7]),
      values = r[8] and self:values(r[8]) or nil, failure = r[9] or nil, seconds = r[10] }
  end
  store.sort(out)
  return out
end

-- The runs, oldest first: {id=, started=, ended=, code=, facts={}}.
function Store:runs()
  local out = {}
  for i, r in ipairs(self:sql "SELECT id, started, ended, code, facts FROM run ORDER BY id") do
    out[i] = { id = r[1], started = r[2], ended = r[3] or nil, code = r[4], facts = json.decode(r[5]) }
  end
  return out
end

-- Copies the cells of other stores of the same experiment into this one. The same cell computed twice by the same
-- code must be equal: where it is not, nothing is copied. Returns how many cells were new.
function Store:merge(others)
  local new = 0
  self:sql "BEGIN IMMEDIATE"
  local ok, e = pcall(function()
    for _, other in ipairs(others) do
      if other.name ~= self.name then
        error(("%s holds the experiment %q, not %q"):format(other.path, other.name, self.name), 0)
      end
      for _, run in ipairs(other:sql "SELECT id, started, ended, code, facts FROM run ORDER BY id") do
        self:sql("INSERT INTO run (started, ended, code, facts) VALUES (?,?,?,?)", run[2], run[3] or nil, run[4],
          run[5])
        local id = self:sql("SELECT last_insert_rowid()")[1][1]
        for _, r in ipairs(other:sql("SELECT name, rep, seed, key, code, params, result, value, failure, seconds FROM cell "
          .. "WHERE run = ?", run[1])) do
          local here = self:sql("SELECT value, code FROM cell WHERE name = ? AND rep = ? AND seed = ?", r[1], r[2],
            r[3])[1]
          if here and here[1] and r[8] and here[1] ~= r[8] then
            error(("%s: cell %s rep=%d differs between the stores%s"):format(other.path, r[1], r[2],
              here[2] ~= r[5] and " (computed by different scripts)" or ""), 0)
          end
          if not here or r[8] and not here[1] then
            new = new + 1
            self:copy_arrays(other, r[8])
            self:sql("INSERT OR REPLACE INTO cell VALUES (?,?,?,?,?,?,?,?,?,?,?)", r[1], r[2], r[3], r[4], r[5], id,
              r[6],
              r[7] or nil, r[8] and { r[8] } or nil, r[9] or nil, r[10] or nil)
          end
        end
      end
    end
    self:sql "COMMIT"
  end)
  if not ok then
    self.db:rows "ROLLBACK"
    return nil, e
  end
  return new
end

function Store:copy_arrays(other, bytes)
  if not bytes then return end
  local values = message.decode(bytes)
  for k in pairs(values) do
    local field = k:match "^npy:(.*)"
    if field then
      local file = values[field]:sub(5)
      local a, why = native.files.npy_load(("%s.arrays/%s"):format(other.path, file))
      if not a then error(why, 0) end
      assert(posix.mkdir(self.path .. ".arrays"))
      assert(native.files.npy_save(("%s.arrays/%s"):format(self.path, file), a))
    end
  end
end

-- What can still be read of a damaged file, as rows of the table `cell`: from its start to the damage, and from its
-- end back to it. Returns the rows, and what SQLite says.
function store.salvage(path)
  local db, why = sqlite.open(path, "read")
  if not db then return nil, why end
  local seen, out, said = {}, {}, nil
  for _, direction in ipairs { "ASC", "DESC" } do
    local rows, message_ = db:rows("SELECT rowid, name, rep, seed, key, code, params, result, value, failure, seconds "
      .. "FROM cell NOT INDEXED ORDER BY rowid " .. direction)
    said = said or message_
    for _, r in ipairs(rows or {}) do
      if not seen[r[1]] then seen[r[1]], out[#out + 1] = true, r end
    end
  end
  db:close()
  return out, said
end

-- Writes salvaged rows into this new store as one run. Returns how many.
function Store:restore(rows)
  self:begin("recovered", { note = "cells saved from a damaged store" })
  self:sql "BEGIN IMMEDIATE"
  for _, r in ipairs(rows) do
    self:sql("INSERT OR IGNORE INTO cell VALUES (?,?,?,?,?,?,?,?,?,?,?)", r[2], r[3], r[4], r[5], r[6], self.run,
      r[7], r[8] or nil,
      r[9] and { r[9] } or nil, r[10] or nil, r[11] or nil)
  end
  self:sql "COMMIT"
  return self:sql("SELECT count(*) FROM cell")[1][1]
end

-- By parameters, one after the other in the order of their names, numbers as numbers; then seed, then rep.
function store.sort(cells)
  local names = {}
  for k in pairs(cells[1] and cells[1].point or {}) do names[#names + 1] = k end
  table.sort(names)
  table.sort(cells, function(a, b)
    for _, k in ipairs(names) do
      local u, v = a.point[k], b.point[k]
      if u ~= v then
        if type(u) == "number" and type(v) == "number" then return u < v end
        return tostring(u) < tostring(v)
      end
    end
    if a.seed ~= b.seed then return a.seed < b.seed end
    return a.rep < b.rep
  end)
end

function Store:close()
  if not self.db then return end
  if self.lock then
    local ok, e = pcall(function()
      self:flush(true)
      if self.run then self:sql("UPDATE run SET ended = ? WHERE id = ?", os.date "!%Y-%m-%dT%H:%M:%SZ", self.run) end
    end)
    self.db:close()
    self.lock:close()
    writing[self.path] = nil
    self.db = nil
    if not ok then error(e, 0) end
    return
  end
  self.db:close()
  self.db = nil
end

return store
