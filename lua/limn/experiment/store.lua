-- limn/experiment/store.lua: finished cells on disk, in an SQLite file. Each is a transaction of its own, so a killed
-- process loses no finished cell; only cells of less than a millisecond share one with those of the next few: to lose
-- them costs less than to write each alone. A cell is reported once its write has reached the disk, so a power cut
-- loses none that was reported. One process writes a file, and says so to a second. Cells are named by the hash of their
-- parameters, replicate and seed; what older code computed is known as stale.
--
-- Tables: meta(key, value); run: who computed what, when, with which code; blob: long texts of runs; cell: one row a cell,
-- its parameters and values as JSON for other tools, and as bytes, exact, for limn; input: the files that a cell has read
-- and their hashes, as JSON, for those that have read any (stores of before that table was known have none); merged: stores
-- whose cells are in this one, and the state that their files had. Views for other tools: views.lua.
-- Arrays above 64 KiB are .npy files in FILE.arrays/.

local check = require "limn.base.check"
local native = require "limn.native"
local digest = require "limn.experiment.digest"
local definitions = require "limn.experiment.definitions"
local facts = require "limn.experiment.facts"
local grid = require "limn.experiment.grid"
local inputs = require "limn.experiment.inputs"
local views = require "limn.experiment.views"

local posix, sqlite, json, message = native.posix, native.sqlite, native.json, native.message
local Store = { __name = "limn.store" }
Store.__index = Store

-- 1: cells were named by another text and drew from other streams.
local store = { schema = 2, class = Store }

local LARGE = 1 << 16  -- bytes of an array
local GROUP = 0.05     -- seconds: the disk is asked to sync at most this often
local BRIEF = 0.001    -- seconds: a cell that takes less shares a transaction
local SHARED = 0.005   -- seconds that a shared transaction stays open
local APPLICATION = 0x6C696D6E -- "limn"

local SCHEMA = {
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID",
  "CREATE TABLE run (id INTEGER PRIMARY KEY, started TEXT, ended TEXT, code TEXT, facts TEXT)",
  "CREATE TABLE cell (id TEXT, rep INTEGER, seed INTEGER, run INTEGER, params TEXT, result TEXT, value BLOB, "
    .. "failure TEXT, seconds REAL, PRIMARY KEY (id, rep, seed)) WITHOUT ROWID",
  ("PRAGMA application_id = %d"):format(APPLICATION),
  ("PRAGMA user_version = %d"):format(store.schema),
}

local writing = {} -- files this very process writes: kernel locks do not stop a process from meeting itself

local RECOVER = "`limn store recover FILE NEW` saves what is readable; else move the file away"
local FRESH = RECOVER .. ", or sweep with --fresh, which sets it aside as FILE.damaged"

-- Raises what went wrong with the file; an error of that kind, if it has one.
local function raise(self, why, kind)
  local text
  if kind == "damaged" then
    text = ("store %s is damaged: %s; %s"):format(self.path, why, RECOVER)
  else
    if kind == "io" then why = why .. " (is the disk full, or over a quota?)" end
    text = ("store %s: %s; what was reported before is safe"):format(self.path, why)
  end
  error(kind and native.error(kind, text) or text, 0)
end

-- for a, b in self:each(sql, ...): a row at a time, as db:each.
function Store:each(text, ...)
  local fine, step, _, _, statement = pcall(self.db.each, self.db, text, ...)
  if not fine then raise(self, tostring(step), check.kind(step)) end
  local function pass(went, first, ...)
    if not went then raise(self, tostring(first), check.kind(first)) end
    return first, ...
  end
  return function() return pass(pcall(step)) end, nil, nil, statement
end

function Store:sql(text, ...)
  local rows, why, kind = self.db:rows(text, ...)
  if why then raise(self, why, kind) end
  return rows
end

-- Why the open file is no store of ours, and the kind of that failure; or nil, "empty" or nil, whose cells it holds.
local function stranger(db, name)
  local id, why, kind = db:rows "PRAGMA application_id"
  if not id or why then
    return ("cannot be read: %s; %s"):format(why, FRESH), kind
  end
  local tables = db:rows "SELECT count(*) FROM sqlite_schema"
  if not tables then return "cannot be read: it is damaged; " .. FRESH, "damaged" end
  if tables[1][1] == 0 then return nil, "empty" end
  if id[1][1] ~= APPLICATION then return "is a database, but not a store of limn" end
  local version = db:rows("PRAGMA user_version")[1][1]
  if version > store.schema then
    return ("was written by a newer limn (schema %d; this one supports up to %d)"):format(version, store.schema)
  elseif version < store.schema then
    return ("was written by an older limn (schema %d; this one writes %d), whose cells drew from other random streams: "
      .. "they cannot go on here; move the file away, or give another --store"):format(version, store.schema)
  end
  local foreign = definitions.foreign(db)
  if foreign then return ("is damaged: %s; %s"):format(foreign, FRESH), "damaged" end
  local meta
  meta, why, kind = db:rows "SELECT value FROM meta WHERE key = 'experiment'"
  if not meta or not meta[1] then return "cannot be read: " .. (why or "it does not say whose cells it holds"), kind end
  -- A look at every row: what was overwritten shows as a broken page, or as a cell without a name.
  local nameless
  nameless, why = db:rows "SELECT count(*) FROM cell WHERE +id IS NULL OR value IS NULL AND failure IS NULL"
  if not nameless or why or nameless[1][1] > 0 then
    return ("is damaged: %s; %s"):format(why or "it has cells without names", FRESH), "damaged"
  end
  if name and meta[1][1] ~= name then return ("holds the experiment %q, not %q"):format(meta[1][1], name) end
  return nil, nil, meta[1][1]
end

-- Gives a store's files another name, FILE.damaged or the next that is free -> that name; or nil, message.
local function set_damaged_aside(path)
  local new, n = path .. ".damaged", 1
  while posix.stamp(new) do
    n = n + 1
    new = ("%s.damaged%d"):format(path, n)
  end
  local moved, why = os.rename(path, new)
  if not moved then return nil, why end
  for _, suffix in ipairs { "-wal", "-journal", ".arrays" } do os.rename(path .. suffix, new .. suffix) end
  os.remove(path .. "-shm")
  return new
end

-- open(path[, name[, fresh]]) -> a store to read; with a name, to write the experiment of that name (made if absent);
-- nil, message, kind. fresh: a damaged file is set aside, and the store's field aside is its new name.
function store.open(path, name, fresh)
  local canonical
  path, canonical = posix.real(path) -- one file has one lock and one log, whatever it is called
  local self = setmetatable({ path = path, canonical = canonical, pending = {}, gathered = {}, synced = -math.huge }, Store)
  if not name or posix.stamp(path) then -- a store that is written may be absent
    local fine, why = native.files.regular(path)
    if not fine then return nil, why end
  end
  if name then
    if writing[canonical] then return nil, ("store %s is already open for writing in this process"):format(path), "busy" end
    local lock, holder = sqlite.lock(path .. ".lock")
    if not lock then
      if type(holder) == "string" then return nil, holder end
      return nil, ("store %s is being written by process %d; wait for it, or give another --store"):format(path, holder), "busy"
    end
    self.lock = lock
  end
  local function refuse(why, kind)
    if self.db then self.db:close() end
    if self.lock then self.lock:close() end
    return nil, ("store %s %s"):format(path, why), kind
  end
  local why, kind
  self.db, why, kind = sqlite.open(path, name and "write" or "read")
  if not self.db then return refuse("cannot be opened: " .. why, kind) end
  local strange, about, holds = stranger(self.db, name)
  if strange and about == "damaged" and name and fresh then
    self.db:close()
    self.db, self.aside = nil, set_damaged_aside(path)
    if not self.aside then return refuse(strange, about) end
    self.db, why, kind = sqlite.open(path, "write")
    if not self.db then return refuse("cannot be opened: " .. why, kind) end
    strange, about, holds = stranger(self.db, name)
  end
  if strange then return refuse(strange, about) end
  local empty = about == "empty"
  if empty and not name then return refuse("is empty", "empty") end
  self.name = name or holds
  if name then
    local folder = path:match "^(.*)/[^/]*$" or "."
    local made, e = pcall(function()
      -- On a network file system every transaction syncs; on a local one the log is synced for many at once.
      self.log = not sqlite.shared(folder) and path .. "-wal" or nil
      self:sql(self.log and "PRAGMA journal_mode = WAL" or "PRAGMA journal_mode = DELETE")
      self:sql(self.log and "PRAGMA synchronous = NORMAL" or "PRAGMA synchronous = FULL")
      if empty then
        self:sql "BEGIN IMMEDIATE"
        for _, text in ipairs(SCHEMA) do self:sql(text) end
        self:sql("INSERT INTO meta VALUES ('experiment', ?)", name)
        self:sql "COMMIT"
      end
    end)
    if not made then return refuse("cannot be written: " .. tostring(e), check.kind(e)) end
    writing[canonical] = true
  end
  return self
end

-- A store of the experiment `name` as it is now, to read: without a lock, where nothing may be written or while another
-- process writes it; nil, message, kind.
function store.snapshot(path, name)
  local self, why, kind = store.open(path)
  if not self then return nil, why, kind end
  if self.name ~= name then
    self:close()
    return nil, ("store %s holds the experiment %q, not %q"):format(path, self.name, name)
  end
  self:sql "BEGIN"
  return self
end

-- Raises that the store is damaged, and why.
function Store:damaged(why) raise(self, why, "damaged") end

function Store:__tostring()
  return ("limn.store %s: %s"):format(self.path, self.name)
end

-- Opens a run: what all its cells have in common. known: a table of facts (see facts.lua).
function Store:begin(code, known)
  self.code = code
  self:sql "BEGIN IMMEDIATE"
  self:sql(facts.table)
  local text = facts.pack(known, function(hash, long) self:sql("INSERT OR IGNORE INTO blob VALUES (?, ?)", hash, long) end)
  self:sql("INSERT INTO run (started, code, facts) VALUES (?, ?, ?)", os.date "!%Y-%m-%dT%H:%M:%SZ", code, text)
  self:sql "COMMIT"
  self.run = self:sql("SELECT last_insert_rowid()")[1][1]
end

local function bytes_of(array)
  local n = array:dtype() == "f32" and 4 or 8
  for _, d in ipairs { array:shape() } do n = n * d end
  return n
end

-- Large arrays go to files of their own; the row keeps their names, and the hashes of what they hold. Returns nil if
-- there are none.
local function set_aside(self, cell, seed)
  local values
  for k, v in pairs(cell.values) do
    if type(v) == "userdata" and bytes_of(v) > LARGE then
      local folder = self.path .. ".arrays"
      local made, why = posix.mkdir(folder)
      local file = ("%s-%d-%d-%s.npy"):format(cell.id, seed, cell.rep, k:gsub("[^%w_]", "_"))
      if made then made, why = native.files.npy_save(folder .. "/" .. file, v) end
      if made then made, why = posix.hash_file(folder .. "/" .. file) end
      if not made then raise(self, why) end
      if not values then
        values = {}
        for name, value in pairs(cell.values) do values[name] = value end
      end
      values[k], values["npy:" .. k] = "npy:" .. file, made
    end
  end
  return values
end

-- One finished or failed cell, in a transaction of its own if it took its time. `reported` is called for it when it is
-- safe from a power cut, which `flush` sees to. bytes: its values, if they are at hand as such. The values that a stale cell
-- has stay when it fails: the file or the code that they belong to may come back.
function Store:put(cell, seed, seconds, reported, bytes)
  local aside = cell.values and set_aside(self, cell, seed)
  if cell.values and (aside or not bytes) then bytes = message.encode(aside or cell.values) end
  local values = aside or cell.values
  local brief = seconds and seconds < BRIEF
  if brief and not self.opened then
    self:sql "BEGIN"
    self.opened = posix.now()
  end
  cell.kept = cell.failure and self:sql("SELECT 1 FROM cell WHERE id = ? AND rep = ? AND seed = ? AND value IS NOT NULL",
    cell.id, cell.rep, seed)[1] ~= nil
  if not cell.kept then
    local _, why, kind = self:prepared():run(cell.id, cell.rep, seed, self.run, grid.text(cell.point),
      values and json.encode(values), values and { bytes }, cell.failure, seconds)
    if why then raise(self, why, kind) end
    if cell.inputs or self:has_inputs() then self:keep_inputs(cell, seed) end
  end
  self.gathered[#self.gathered + 1] = { cell, reported }
  if not brief or posix.now() - self.opened > SHARED then self:commit() end
end

-- Keeps how many cells the sweep of this store has: { cells =, whole = of all shards, shard = {i, n}, costs = the text by
-- which they were dealt }; see `expected`.
function Store:expect(plan)
  local text = json.encode(plan)
  local before = self:sql "SELECT value FROM meta WHERE key = 'plan'"[1]
  if not before or before[1] ~= text then self:sql("INSERT OR REPLACE INTO meta VALUES ('plan', ?)", text) end
end

-- What the last sweep of this store was to compute, as it was given to `expect`; {} if that is not known.
function Store:expected()
  local row = self:sql "SELECT value FROM meta WHERE key = 'plan'"[1]
  return row and json.decode(row[1]) or {}
end

for name, method in pairs(inputs.methods) do Store[name] = method end

-- Ends the transaction that is open, if one is: its cells wait for the disk from here on.
function Store:commit()
  if self.opened then
    self.opened = nil
    local _, why, kind = self.db:rows "COMMIT"
    if why then
      self.gathered = {}
      self.db:rows "ROLLBACK"
      raise(self, why, kind)
    end
  end
  table.move(self.gathered, 1, #self.gathered, #self.pending + 1, self.pending)
  self.gathered = {}
end

function Store:prepared()
  if not self.insert then
    local why, kind
    self.insert, why, kind = self.db:prepare "INSERT OR REPLACE INTO cell VALUES (?,?,?,?,?,?,?,?,?)"
    if why then raise(self, why, kind) end
  end
  return self.insert
end

-- Brings what was put to the disk and reports it, if `force` or when the last time is long enough ago.
function Store:flush(force)
  local now = posix.now()
  if self.opened and (force or now - self.opened > SHARED) then self:commit() end
  if not force and now - self.synced < GROUP then return end
  if self.gathered[1] then self:commit() end
  if not self.pending[1] then return end
  if self.log then
    local done, why, kind = sqlite.sync(self.log)
    if not done then raise(self, why, kind) end
  end
  self.synced = posix.now()
  local pending = self.pending
  self.pending = {}
  for _, p in ipairs(pending) do
    if p[2] then p[2](p[1]) end
  end
  if not self.viewed then -- also a sweep that is killed leaves views
    self.viewed = true
    views.make(self.db)
  end
end

-- The files that hold large arrays of these values: field -> { name =, hash = }; nil if a name is not one that `set_aside`
-- gives: it would be read, and with a merge written, at another place.
local function aside_in(values)
  local out = {}
  for k, hash in pairs(values) do
    local field = k:match "^npy:(.*)"
    if field then
      local named = values[field]
      local name = type(named) == "string" and type(hash) == "string" and named:match "^npy:(%x+%-%-?%d+%-%-?%d+%-[%w_]*%.npy)$"
      if not name then return nil end
      out[field] = { name = name, hash = hash }
    end
  end
  return out
end

local MISNAMED = "the values of a cell name a file that is no array of a store"

-- Whether a file of a store still holds what was written to it; or nil, message.
local function intact(store_path, file)
  local path = ("%s.arrays/%s"):format(store_path, file.name)
  local hash, why = posix.hash_file(path)
  if not hash then return nil, why end
  if hash ~= file.hash then return nil, path .. " does not hold what was written to it" end
  return path
end

-- The array in a file that stands beside a store; or nil, message.
function store.aside(store_path, file)
  local path, why = intact(store_path, file)
  if not path then return nil, why end
  return native.files.npy_load(path)
end

store.aside_in = aside_in

-- The values of a row, arrays included; put into the table `into` if there is one.
function Store:values(bytes, into)
  local fine, values = pcall(message.decode, bytes, into)
  if not fine then raise(self, "the values of a cell are malformed", "damaged") end
  if not bytes:find("npy:", 1, true) then return values end
  for field, file in pairs(aside_in(values) or raise(self, MISNAMED, "damaged")) do
    local a, why = store.aside(self.path, file)
    if not a then
      error(native.error("damaged", ("store %s is damaged: %s; the sweep's command computes its cell again"):format(
        self.path, why)), 0)
    end
    values[field], values["npy:" .. field] = a, nil
  end
  return values
end

-- Whether the large arrays of a row, if it has any, are as they were written; the bytes of their files. A damaged row is
-- an error.
function Store:complete(bytes)
  if not message.whole(bytes) then raise(self, "the values of a cell are malformed", "damaged") end
  if not bytes:find("npy:", 1, true) then return true, 0 end
  local size = 0
  for _, file in pairs(aside_in(message.decode(bytes)) or raise(self, MISNAMED, "damaged")) do
    local path = intact(self.path, file)
    if not path then return false end
    size = size + tonumber(posix.stamp(path):match "^%x+:%x+:(%d+)")
  end
  return true, size
end

-- A function (id, rep, seed[, bytes]) that reads the values of single cells of a store, which must be there; bytes: as in
-- its row, if they are known.
function store.reader(path)
  local db, why, kind = sqlite.open(path, "read")
  local self = setmetatable({ path = path, db = db }, Store)
  if not db then raise(self, why, kind) end
  return function(id, rep, seed, bytes)
    if not bytes then
      local row = self:sql("SELECT value FROM cell WHERE id = ? AND rep = ? AND seed = ?", id, rep, seed)[1]
      bytes = row and row[1]
    end
    if not bytes then error(("store %s: a cell of this table is no longer in it"):format(path), 0) end
    return self:values(bytes)
  end
end

-- What the store holds of the cells of a grid, for this seed and code, is put into `held` (held.lua). Returns the indices
-- of the cells that are left, or nil: all; how many are held; how many were there but
-- stale: computed by other code, and therefore computed again, or with `older` taken as they are; how many have lost an
-- array, and are left too; what of the stale ones is known: {seconds = that they took, runs = set of the runs that
-- computed them, files = list of those that have changed}.
function Store:resume(space, seed, older, held)
  local current, n, stale, broken = {}, 0, 0, 0
  local about, spoilt = { seconds = 0, runs = {}, files = {} }, nil
  if not self:sql("SELECT 1 FROM cell LIMIT 1")[1] then return nil, 0, 0, 0, about end
  for id in self:each("SELECT id FROM run WHERE code = ?", self.code) do current[id] = true end
  self.db:places(space.enlist())
  if self:has_inputs() then
    spoilt = inputs.moved(self, space, seed)
  end
  local function outdated(i, run, seconds)
    about.seconds = about.seconds + (seconds or 0)
    if not current[run] then about.runs[run] = true end
    for _, path in ipairs(spoilt and spoilt[i] or {}) do
      if not about.files[path] then about.files[path], about.files[#about.files + 1] = true, path end
    end
  end
  for q, rep, run, value, seconds in self:each("SELECT q, rep, run, value, seconds FROM (SELECT place(id) AS q, rep, "
    .. "run, value, seconds FROM cell WHERE seed = ? AND value IS NOT NULL) WHERE q IS NOT NULL", seed) do
    local i = space.index(q, rep)
    if i then
      local fresh = current[run] and not (spoilt and spoilt[i])
      if not fresh then outdated(i, run, seconds) end
      if not fresh then stale = stale + 1 end
      if fresh or older then
        local whole, size = self:complete(value)
        if whole then
          n = n + 1
          held:put(i, value, size)
        else
          broken = broken + 1
          if not fresh then stale = stale - 1 end
        end
      end
    end
  end
  digest.keep()
  self.db:places(native.names.new()) -- the names of the cells are not needed any more
  return held:missing(), n, stale, broken, about
end

function Store:clear()
  self:sql "DELETE FROM cell"
  if self:has_inputs() then self:sql "DELETE FROM input" end
  self:sql "DELETE FROM meta WHERE key LIKE 'claim/%'"
  self:sql "DROP TABLE IF EXISTS merged" -- stores that were merged into this one are no longer in it
end

-- Ends the run: the file is whole by itself from here on, also if this process is killed. It can still be written until
-- `close`; no other process can write it.
function Store:settle()
  self:flush(true)
  if self.run then self:sql("UPDATE run SET ended = ? WHERE id = ?", os.date "!%Y-%m-%dT%H:%M:%SZ", self.run) end
  if self.insert then self.insert:close() end
  self.insert = nil
  views.make(self.db)
  -- With a rollback journal the file is whole by itself, and is read where nothing may be written. Where another process
  -- reads it now, it stays with its log, which is valid too.
  if self.log then self.db:rows "PRAGMA journal_mode = DELETE" end
  self.settled = true
end

function Store:close()
  if not self.db then return end
  local ok, e = true, nil
  if self.lock then
    if not self.settled then ok, e = pcall(self.settle, self) end
    if self.insert then self.insert:close() end
    writing[self.canonical] = nil
  end
  self.db:close()
  self.db = nil
  if self.lock then self.lock:close() end
  if not ok then error(e, 0) end
end

Store.__close = Store.close

for name, method in pairs(require "limn.experiment.contents") do Store[name] = method end

return store
