-- limn/experiment/merge.lua: the union of stores. Stores are read one at a time, by ATTACH; their cells are gathered in a
-- temporary table and go into the store in the order of its key. What cannot be merged is listed and does not stop the rest.
--
-- Where several rows stand for one cell, the newest code wins (that of the latest run); of its rows one with values; of
-- these the earliest. So the union does not depend on the order of the stores. Rows of one code with different values
-- are listed; where that is known to happen (nets on different instruction sets) they are only noted.

local check = require "limn.base.check"
local facts = require "limn.experiment.facts"
local native = require "limn.native"
local stores = require "limn.experiment.store"
local transfer = require "limn.experiment.transfer"

local posix, sqlite, message = native.posix, native.sqlite, native.message
local Merge = {}
Merge.__index = Merge

local merge = {}

local GATHERED = 1 << 28 -- bytes of stores after which what is gathered is written
local CACHE = 1 << 16    -- KiB of the temporary tables in memory
local ROUNDING = 1e-6    -- of a value: nets on two instruction sets differ by less; training enlarges what rounding begins
local SETTLED = 2        -- seconds after which a second change of a file must show in its times

local KEY = "id, rep, seed"
local COLUMNS = "id, rep, seed, run, params, result, value, failure, seconds"

local SCHEMA = {
  ("PRAGMA temp.cache_size = -%d"):format(CACHE),
  "CREATE TEMP TABLE gathered (source INTEGER, id TEXT, rep INTEGER, seed INTEGER, run INTEGER, params TEXT, result TEXT, "
    .. "value BLOB, failure TEXT, seconds REAL)",
  "CREATE TEMP TABLE gathered_input (source INTEGER, id TEXT, rep INTEGER, seed INTEGER, run INTEGER, files TEXT)",
  "CREATE TEMP TABLE arrived (run INTEGER PRIMARY KEY, here INTEGER)",
  "CREATE TABLE IF NOT EXISTS merged (path TEXT PRIMARY KEY, stamp TEXT) WITHOUT ROWID",
  facts.table,
}

-- Runs a statement on the connection; raises what SQLite reports, as an error of its kind.
local function sql(self, text, ...)
  local rows, why, kind = self.db:rows(text, ...)
  if why then error(kind and native.error(kind, why) or why, 0) end
  return rows
end

local function has(self, schema, name)
  return sql(self, ("SELECT count(*) FROM %s.sqlite_schema WHERE name = ?"):format(schema), name)[1][1] > 0
end

local function counts(self)
  local n = sql(self, "SELECT count(value), count(failure) FROM main.cell")[1]
  return n[1], n[2]
end

-- ---- looking at a store ------------------------------------------------------------------------------------------------

-- The state of a store's files as text, and whether a further change would show in it; nil without the file.
local function stamp_of(path)
  local stamp = posix.stamp(path)
  if not stamp then return nil end
  local log = posix.stamp(path .. "-wal")
  local empty = not log or log:match "^%x+:%x+:0:" ~= nil
  return stamp, empty and os.time() - tonumber(stamp:match ":(%d+)%.%d+$") > SETTLED
end

local function describe(self, path, what, why)
  table.insert(self.listed, { store = path, what = what, why = why })
end

-- A copy in the store's own folder, for one that lies where SQLite cannot make its files.
local function copy_of(self, path)
  local copy = self.to.path .. ".merging"
  local from, into = assert(io.open(path, "rb")), assert(io.open(copy, "wb"))
  for bytes in function() return from:read(1 << 20) end do assert(into:write(bytes)) end
  from:close()
  assert(into:close())
  return copy
end

local function attach(self, path)
  local function try(file)
    sql(self, "ATTACH ? AS shard", file)
    local fine, why = pcall(sql, self, "SELECT count(*) FROM shard.sqlite_schema")
    if not fine then self.db:rows "DETACH shard" end
    return fine, why
  end
  local fine, why = try(path)
  if fine or check.kind(why) == "damaged" then return fine, why end
  self.copy = copy_of(self, path)
  return try(self.copy)
end

local function detach(self)
  self.db:rows "DETACH shard"
  for _, suffix in ipairs { "", "-wal", "-shm" } do
    if self.copy then os.remove(self.copy .. suffix) end
  end
  self.copy = nil
end

-- ---- gathering ---------------------------------------------------------------------------------------------------------

-- The number that a run has in the store: that of the same run, if it was merged before.
local function adopt(self, started, ended, code, text)
  local name = ("%s %s %s"):format(started, code, text)
  local id = self.runs[name]
  if not id then
    self.last_run = self.last_run + 1
    id = self.last_run
    self.runs[name] = id
    table.insert(self.arrivals, { id, started, ended or nil, code, text })
  elseif ended then table.insert(self.endings, { ended, id }) end
  return id
end

-- Gathers which runs the cells of the attached store follow from, with their long texts.
local function gather_runs(self)
  local packed = has(self, "shard", "blob")
  sql(self, "DELETE FROM temp.arrived")
  for _, r in ipairs(sql(self, "SELECT id, started, ended, code, facts FROM shard.run WHERE id IN "
    .. "(SELECT DISTINCT run FROM shard.cell)")) do
    local text = r[5]
    if type(text) ~= "string" then error(("the facts of run %s are malformed"):format(tostring(r[1])), 0) end
    if not packed then text = facts.pack(native.json.decode(text), function(id, long) self.blobs[id] = long end) end
    for _, id in ipairs(packed and facts.blobs(text) or {}) do
      if not self.blobs[id] and not self.known_blobs[id] then
        local row = sql(self, "SELECT text FROM shard.blob WHERE hash = ?", id)[1]
        self.blobs[id] = row and row[1]
      end
    end
    sql(self, "INSERT INTO temp.arrived VALUES (?, ?)", r[1], adopt(self, r[2], r[3], r[4], text))
  end
end

-- The cells of the attached store that are not in the store as they are -> how many rows there are, how many are sound.
local function gather_cells(self, source, again)
  local there = again and " AND NOT EXISTS (SELECT 1 FROM main.cell h WHERE h.id = c.id AND h.rep = c.rep AND "
    .. "h.seed = c.seed AND h.run = a.here AND h.value IS c.value AND h.failure IS c.failure)" or ""
  sql(self, ("INSERT INTO temp.gathered SELECT ?, c.id, c.rep, c.seed, a.here, c.params, c.result, c.value, c.failure, "
    .. "c.seconds FROM shard.cell c JOIN temp.arrived a ON a.run = c.run WHERE sound(c.id, c.params, c.value)%s"):format(there),
    source)
  local input = sql(self, "SELECT sql FROM shard.sqlite_schema WHERE name = 'input'")[1]
  if input then
    self.input_schema = input[1]
    sql(self, "INSERT INTO temp.gathered_input SELECT ?, i.id, i.rep, i.seed, a.here, i.files FROM shard.input i "
      .. "JOIN shard.cell c USING (id, rep, seed) JOIN temp.arrived a ON a.run = c.run", source)
  end
  local n = sql(self, "SELECT count(*), sum(sound(id, params, value) AND run IN (SELECT run FROM temp.arrived)) "
    .. "FROM shard.cell")[1]
  return n[1], n[2] or 0
end

local function gather(self, path, again)
  local fine, why = attach(self, path)
  if not fine then error(why, 0) end
  local source = #self.sources + 1
  self.sources[source] = path
  local ok, rows, sound = pcall(function()
    gather_runs(self)
    for _, row in ipairs(sql(self, "SELECT key, value FROM shard.meta WHERE key LIKE 'claim/%'")) do
      self.meta[row[1]] = self.meta[row[1]] or row[2] -- what was declared with its cells
    end
    local plan = sql(self, "SELECT value FROM shard.meta WHERE key = 'plan'")[1]
    plan = plan and native.json.decode(plan[1])
    self.whole = math.max(self.whole, plan and (plan.whole or plan.cells) or 0)
    return gather_cells(self, source, again)
  end)
  detach(self)
  if not ok then
    self.db:rows("DELETE FROM temp.gathered WHERE source = ?", source)
    self.db:rows("DELETE FROM temp.gathered_input WHERE source = ?", source)
    error(rows, 0)
  end
  if sound < rows then describe(self, path, "damaged", ("damaged cells: %d of %d"):format(rows - sound, rows)) end
end

-- ---- writing -----------------------------------------------------------------------------------------------------------

local function write_runs(self)
  for id, text in pairs(self.blobs) do
    sql(self, "INSERT OR IGNORE INTO main.blob VALUES (?, ?)", id, text)
    self.known_blobs[id] = true
  end
  for _, r in ipairs(self.arrivals) do sql(self, "INSERT INTO main.run VALUES (?,?,?,?,?)", r[1], r[2], r[3], r[4], r[5]) end
  for _, r in ipairs(self.endings) do sql(self, "UPDATE main.run SET ended = ? WHERE id = ?", r[1], r[2]) end
  for key, value in pairs(self.meta) do sql(self, "INSERT OR IGNORE INTO main.meta VALUES (?, ?)", key, value) end
  self.blobs, self.arrivals, self.endings, self.meta = {}, {}, {}, {}
end

-- Cells that several rows stand for, as rows of the table `met`: `at` is the row of gathered, NULL for that in the store.
local function meet(self)
  local fields = "x.run, r.code AS code, r.started || r.code AS age, x.value AS value, x.value IS NULL AS failed"
  sql(self, "CREATE TEMP TABLE met AS SELECT x.rowid AS at, x.id AS id, x.rep AS rep, x.seed AS seed, " .. fields
    .. " FROM temp.gathered x CROSS JOIN main.cell h ON h.id = x.id AND h.rep = x.rep AND h.seed = x.seed "
    .. "JOIN main.run r ON r.id = x.run JOIN main.run k ON k.id = h.run "
    .. "WHERE NOT (r.code = k.code AND (x.value IS h.value OR x.value IS NULL))")
  sql(self, ("INSERT INTO temp.met SELECT NULL, x.id, x.rep, x.seed, %s FROM (SELECT DISTINCT %s FROM temp.met) d "
    .. "CROSS JOIN main.cell x ON x.id = d.id AND x.rep = d.rep AND x.seed = d.seed JOIN main.run r ON r.id = x.run")
    :format(fields, KEY))
  sql(self, ("CREATE TEMP TABLE ranked AS SELECT *, row_number() OVER (PARTITION BY %s, code = top ORDER BY failed, age, value) "
    .. "AS place FROM (SELECT *, first_value(code) OVER (PARTITION BY %s ORDER BY age DESC) AS top FROM temp.met)")
    :format(KEY, KEY))
end

-- What a list says of a run: the build and the machine.
local function build_of(self, run)
  local row = self.to:runs(run)[1]
  local f = row and row.facts or {}
  return { isa = f.isa, blas = f.blas, version = f.version, host = f.host, started = row and row.started,
    nets = (function()
      for name in pairs(f.key and f.key.parts or {}) do
        if name:match "^limn/mlp" then return true end
      end
      return false
    end)() }
end

-- other: a build that it is told apart from, or nil.
local function build_text(b, other)
  return ("%s on %s, %s%s, run of %s"):format(b.version or "?", b.isa or "?", other and b.blas and b.blas ~= other.blas
    and b.blas .. ", " or "", b.host or "?", b.started or "?")
end

-- The largest relative difference of the numbers of two results; math.huge if they differ in anything else.
local function distance(a, b)
  local most = 0
  for k, u in pairs(a) do
    local v = b[k]
    if type(u) == "userdata" and type(v) == "userdata" and u:size() == v:size() then
      local scale = math.max(u:abs():max(), v:abs():max())
      most = math.max(most, scale > 0 and (u - v):abs():max() / scale or 0)
    elseif math.type(u) == "float" and math.type(v) == "float" then
      local scale = math.max(math.abs(u), math.abs(v))
      if u ~= v then most = math.max(most, math.abs(u - v) / scale) end
    elseif u ~= v then return math.huge end
  end
  return most
end

-- Lists cells that two runs of the same code gave different values for.
local function differing(self)
  local function values(bytes)
    local fine, decoded = pcall(message.decode, bytes)
    return fine and decoded or {}
  end
  for _, cell in ipairs(sql(self, ("SELECT %s FROM temp.ranked WHERE code = top AND NOT failed GROUP BY %s "
    .. "HAVING count(DISTINCT value) > 1"):format(KEY, KEY))) do
    local rows = sql(self, "SELECT run, value FROM temp.ranked WHERE id = ? AND rep = ? AND seed = ? AND code = top "
      .. "AND NOT failed ORDER BY place", table.unpack(cell))
    local params = sql(self, "SELECT params FROM main.cell WHERE id = ? AND rep = ? AND seed = ?", table.unpack(cell))[1][1]
    local kept = build_of(self, rows[1][1])
    for i = 2, #rows do
      if rows[i][2] ~= rows[1][2] then
        local other = build_of(self, rows[i][1])
        local apart = distance(values(rows[1][2]), values(rows[i][2]))
        local known = kept.nets and kept.isa ~= other.isa and apart <= ROUNDING
        table.insert(known and self.rounded or self.differ, { params = params, rep = cell[2], seed = cell[3], id = cell[1],
          kept = build_text(kept, other), other = build_text(other, kept), isa = { kept.isa, other.isa }, difference = apart,
          run = rows[i][1] })
      end
    end
  end
end

-- The large arrays of the rows that went into the store: files beside it. Cells whose arrays are lost go out again.
local function write_arrays(self)
  local lost = {}
  for _, r in ipairs(sql(self, "SELECT x.source, x.value, x.id, x.rep, x.seed FROM temp.gathered x JOIN main.cell h "
    .. "ON h.id = x.id AND h.rep = x.rep AND h.seed = x.seed AND h.run = x.run AND h.value = x.value "
    .. "WHERE instr(x.value, x'6E70793A') > 0")) do
    local from = self.sources[r[1]]
    local fine, why = pcall(transfer.arrays, self.to, from, r[2])
    if not fine then
      sql(self, "DELETE FROM main.cell WHERE id = ? AND rep = ? AND seed = ?", r[3], r[4], r[5])
      lost[from] = lost[from] or { n = 0, why = tostring(why) }
      lost[from].n = lost[from].n + 1
    end
  end
  for path, l in pairs(lost) do
    describe(self, path, "damaged", ("%s an array: %s"):format(l.n == 1 and "1 cell has lost" or l.n .. " cells have lost", l.why))
  end
end

local function write_inputs(self)
  local there = has(self, "main", "input")
  if not there and not self.input_schema then return end
  if not there then sql(self, self.input_schema) end
  self.to.inputs = nil -- the store looks again
  sql(self, "DELETE FROM main.input WHERE EXISTS (SELECT 1 FROM temp.gathered x JOIN main.cell h ON h.id = x.id AND "
    .. "h.rep = x.rep AND h.seed = x.seed AND h.run = x.run WHERE x.id = input.id AND x.rep = input.rep AND x.seed = input.seed)")
  sql(self, "INSERT OR REPLACE INTO main.input SELECT i.id, i.rep, i.seed, i.files FROM temp.gathered_input i "
    .. "JOIN main.cell h ON h.id = i.id AND h.rep = i.rep AND h.seed = i.seed AND h.run = i.run")
end

local function resolve(self)
  meet(self)
  differing(self)
  local n = sql(self, "SELECT sum(code = top AND place = 1 AND at IS NOT NULL), sum(code <> top AND at IS NOT NULL AND NOT failed) "
    .. "FROM temp.ranked")[1]
  self.replaced = self.replaced + sql(self, "SELECT count(*) FROM temp.ranked w JOIN main.cell h USING (id, rep, seed) "
    .. "WHERE w.code = w.top AND w.place = 1 AND w.at IS NOT NULL AND h.value IS NOT NULL AND NOT w.failed AND "
    .. "(SELECT code FROM main.run WHERE id = h.run) <> w.code")[1][1]
  self.older = self.older + (n[2] or 0)
  sql(self, ("INSERT OR REPLACE INTO main.cell SELECT %s FROM temp.gathered WHERE rowid IN "
    .. "(SELECT at FROM temp.ranked WHERE code = top AND place = 1) ORDER BY %s"):format(COLUMNS, KEY))
  sql(self, "DROP TABLE temp.met")
  sql(self, "DROP TABLE temp.ranked")
end

local function write(self)
  self.bytes = 0
  if not self.unwritten then return end
  self.unwritten = false
  sql(self, "BEGIN IMMEDIATE")
  write_runs(self)
  local rows = sql(self, "SELECT count(*) FROM temp.gathered")[1][1]
  if rows > 0 then
    sql(self, ("INSERT OR IGNORE INTO main.cell SELECT %s FROM temp.gathered ORDER BY %s"):format(COLUMNS, KEY))
    if sql(self, "SELECT changes()")[1][1] < rows then resolve(self) end
    write_inputs(self)
    write_arrays(self)
    sql(self, "DELETE FROM temp.gathered")
    sql(self, "DELETE FROM temp.gathered_input")
  end
  if self.whole > (self.before.whole or self.before.cells or 0) then self.to:expect { cells = self.whole } end
  for path, stamp in pairs(self.settled) do sql(self, "INSERT OR REPLACE INTO main.merged VALUES (?, ?)", path, stamp) end
  self.settled = {}
  sql(self, "COMMIT")
end

-- ---- the whole ---------------------------------------------------------------------------------------------------------

-- Looks at one store and gathers its cells; what is wrong with it is listed.
local function take(self, path)
  local _, canonical = posix.real(path)
  if canonical == self.to.canonical then return describe(self, path, "itself", "it is the store that the others go into") end
  local stamp, settled = stamp_of(path)
  if not stamp then return describe(self, path, "missing", "there is no such file") end
  local holder = sqlite.holder(path .. ".lock")
  local before = self.known[canonical]
  if before == stamp and settled and not holder then
    self.unchanged = self.unchanged + 1
    return
  end
  local from, why, kind = stores.open(path)
  if not from then
    return describe(self, path, kind or "foreign", why)
  end
  local name = from.name
  from:close()
  if name ~= self.to.name then
    return describe(self, path, "foreign", ("it holds the experiment %q, not %q"):format(name, self.to.name))
  end
  local fine
  fine, why = pcall(gather, self, path, before ~= nil)
  if not fine then
    if check.kind(why) == "interrupted" then error(why, 0) end
    return describe(self, path, check.kind(why) or "damaged", tostring(why))
  end
  self.taken, self.unwritten = self.taken + 1, true
  if holder then
    describe(self, path, "written", ("process %d is writing it; what it holds so far is merged"):format(holder))
  elseif settled then self.settled[canonical] = stamp end
  self.bytes = self.bytes + tonumber(stamp:match "^%x+:%x+:(%d+)")
  if self.bytes > GATHERED then write(self) end
end

-- Which code the cells follow from, where they follow from several: a list, the newest first.
local function codes(self)
  local out = {}
  for _, r in ipairs(sql(self, "SELECT code, count(value), min(started), max(started), max(run.id) FROM main.cell "
    .. "JOIN main.run ON run.id = cell.run WHERE value IS NOT NULL GROUP BY code ORDER BY max(started || code) DESC")) do
    out[#out + 1] = { code = r[1], cells = r[2], from = r[3], to = r[4], build = build_text(build_of(self, r[5])) }
  end
  return #out > 1 and out or {}
end

-- The seeds of the cells, where no seed has all cells of the sweep: a list of { seed =, cells = }.
local function seeds(self, whole)
  local out, most = {}, 0
  for _, r in ipairs(sql(self, "SELECT seed, count(*) FROM main.cell GROUP BY seed ORDER BY seed")) do
    out[#out + 1], most = { seed = r[1], cells = r[2] }, math.max(most, r[2])
  end
  return #out > 1 and most < whole and out or {}, most
end

-- Merges stores into `to`, which is open for writing. Returns a table:
--   new        cells that are new in it        replaced   cells that newer code replaced
--   cells      cells in it                     older      rows of older code that were left out
--   failed     of its cells, have failed       missing    cells that the sweep of the shards has besides
--   stores     that were named                 taken      that were read
--   unchanged  stores whose files are as they were when they were merged before
--   listed     { {store, what, why} }; what: "missing", "empty", "damaged", "foreign", "written", "itself", "busy", "io"
--   differ     cells whose values differ between two runs of the same code, an entry a pair of runs; rounded: those of nets
--              on two instruction sets, which agree to rounding
--   codes      the codes of its cells, if they are several
--   inputs     files of which its cells have read several contents: { {path, hash, cells} }, a content an entry
--   seeds      { {seed, cells} }, if its cells are of several seeds and none has them all; those of one are then missing
function merge.into(to, paths)
  local self = setmetatable({ to = to, db = to.db, listed = {}, differ = {}, rounded = {}, sources = {}, runs = {}, blobs = {},
    known_blobs = {}, arrivals = {}, endings = {}, meta = {}, settled = {}, known = {}, bytes = 0, taken = 0, unchanged = 0,
    replaced = 0, older = 0, whole = 0 }, Merge)
  self.before = to:expected()
  for _, text in ipairs(SCHEMA) do sql(self, text) end
  for _, r in ipairs(sql(self, "SELECT path, stamp FROM main.merged")) do self.known[r[1]] = r[2] end
  for _, r in ipairs(sql(self, "SELECT hash FROM main.blob")) do self.known_blobs[r[1]] = true end
  self.last_run = 0
  for _, r in ipairs(sql(self, "SELECT id, started, code, facts FROM main.run")) do
    self.runs[("%s %s %s"):format(r[2], r[3], r[4])] = r[1]
    self.last_run = math.max(self.last_run, r[1])
  end
  local before = counts(self)
  local fine, why = pcall(function()
    for _, path in ipairs(paths) do take(self, path) end
    write(self)
  end)
  if not fine then self.db:rows "ROLLBACK" end
  for _, name in ipairs { "gathered", "gathered_input", "arrived" } do self.db:rows("DROP TABLE IF EXISTS temp." .. name) end
  if not fine then error(why, 0) end
  local cells, failed = counts(self)
  local plan = to:expected()
  local whole = plan.whole or plan.cells or 0
  local of_seeds, most = seeds(self, whole)
  local missing = math.max(0, whole - (of_seeds[1] and most or cells + failed))
  return { missing = missing, new = cells - before, cells = cells, failed = failed, replaced = self.replaced, older = self.older,
    unchanged = self.unchanged, stores = #paths, taken = self.taken, listed = self.listed, differ = self.differ,
    rounded = self.rounded, codes = codes(self), inputs = to:input_contents(), seeds = of_seeds }
end

return merge
