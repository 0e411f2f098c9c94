-- limn/experiment/tried.lua: cells of a sweep that were begun and have no values: which failed and how often, which ran into
-- the time limit, and what long ones saved (checkpoint.lua). It decides which are begun again: a failure counts as
-- finished, so that cells that always fail do not keep a job going for ever.

local grid = require "limn.experiment.grid"
local inputs = require "limn.experiment.inputs"

local Tried = {}
Tried.__index = Tried

local KILLED = 3 -- a cell whose process was killed so often counts as failed; before, as not tried

local SCHEMA = "CREATE TABLE IF NOT EXISTS tried (id TEXT, rep INTEGER, seed INTEGER, code TEXT, tries INTEGER, "
  .. "killed INTEGER DEFAULT 0, seconds REAL, saved BLOB, PRIMARY KEY (id, rep, seed)) WITHOUT ROWID"
local ROW = "INSERT INTO tried (id, rep, seed, code, tries, seconds, saved, killed) VALUES (?1,?2,?3,?4,?5,?6,?7,?8) "
  .. "ON CONFLICT DO UPDATE SET "

-- The cells of a sweep that are left: space (grid.space), indices of the cells (nil: all), seed, for the store's code.
-- o = { retry = how often a failed cell is begun again, span = seconds that a cell has, or nil }.
-- -> { indices = of the cells to begin, those that have saved something first and those that have failed last;
--      again = index -> how often it has failed, saved = index -> bytes, failed = how many have failed and are not begun,
--      long = how many need more time than there is, longest = { cell =, seconds = } of these }
local function new(kept, space, indices, seed, o)
  local self = setmetatable({ kept = kept, seed = seed, again = {}, saved = {}, killed = {}, failed = 0, long = 0, spent = {} }, Tried)
  kept:sql(SCHEMA)
  local tries, skip, retried, again, killed = {}, {}, {}, {}, self.killed
  kept.db:places(space.enlist())
  for q, rep, n, deaths, seconds, saved in kept:each("SELECT q, rep, tries, killed, seconds, saved FROM (SELECT place(id) AS q, "
    .. "rep, tries, killed, seconds, saved FROM tried WHERE seed = ? AND code = ?) WHERE q IS NOT NULL", seed, kept.code) do
    local i = space.index(q, rep)
    if i then
      tries[i], killed[i] = n, deaths > 0 and deaths or nil
      if n > 0 then again[#again + 1] = i end
      self.spent[i] = seconds or 0
      self.saved[i] = saved or nil
      if not saved and o.span and (seconds or 0) >= o.span then
        skip[i] = true
        self.long = self.long + 1
        if not self.longest or seconds > self.longest.seconds then self.longest = { cell = space.cell(i), seconds = seconds } end
      end
    end
  end
  local moved = inputs.moved(kept, space, seed)
  for q, rep in kept:each("SELECT q, rep FROM (SELECT place(cell.id) AS q, rep FROM cell JOIN run ON run.id = cell.run "
    .. "WHERE seed = ? AND failure IS NOT NULL AND run.code = ?) WHERE q IS NOT NULL", seed, kept.code) do
    local i = space.index(q, rep)
    if i and not skip[i] and not moved[i] then
      local n = math.max(1, tries[i] or 1)
      skip[i] = true
      if n <= (o.retry or 0) or (killed[i] or KILLED) < KILLED then
        self.again[i] = n
        retried[#retried + 1] = i
      else self.failed = self.failed + 1 end
    end
  end
  local absent
  for _, i in ipairs(again) do
    if not skip[i] then -- it has values of before, which are stale
      if not absent then
        absent = {}
        for k = 1, indices and #indices or space.count do absent[indices and indices[k] or k] = true end
      end
      if absent[i] then skip[i], self.again[i], retried[#retried + 1] = true, tries[i], i end
    end
  end
  if next(skip) or next(self.saved) then
    local first, rest = {}, {}
    for k = 1, indices and #indices or space.count do
      local i = indices and indices[k] or k
      if not skip[i] then
        local list = self.saved[i] and first or rest
        list[#list + 1] = i
      end
    end
    table.move(rest, 1, #rest, #first + 1, first)
    table.sort(retried)
    indices = table.move(retried, 1, #retried, #first + 1, first)
  end
  self.indices = indices
  return self
end

-- A cell has saved where it is.
function Tried:save(cell, bytes)
  self.saved[cell.index] = bytes
  self.kept:sql(ROW .. "code = excluded.code, saved = excluded.saved", cell.id, cell.rep, self.seed, self.kept.code, 0, 0,
    { bytes }, 0)
end

-- A cell has finished or failed.
function Tried:ended(cell)
  local n = self.again[cell.index]
  if cell.failure and (n or cell.killed or cell.kept) then
    self.kept:sql(ROW .. "code = excluded.code, tries = excluded.tries, killed = excluded.killed, saved = NULL", cell.id,
      cell.rep, self.seed, self.kept.code, (n or 0) + 1, 0, nil, cell.killed and (self.killed[cell.index] or 0) + 1 or 0)
  elseif n or self.saved[cell.index] or self.spent[cell.index] then
    self.kept:sql("DELETE FROM tried WHERE id = ? AND rep = ? AND seed = ?", cell.id, cell.rep, self.seed)
  end
  self.saved[cell.index] = nil
end

-- A cell was ended by the time limit after so many seconds.
function Tried:lost(cell, seconds)
  if self.saved[cell.index] then return end -- it goes on from there
  seconds = math.max(seconds, self.spent[cell.index] or 0)
  self.kept:sql(ROW .. "code = excluded.code, seconds = excluded.seconds", cell.id, cell.rep, self.seed, self.kept.code, 0,
    seconds, nil, 0)
end

-- How many starts in a row have finished and saved nothing, this one included; moved: this one has.
function Tried:in_vain(moved)
  local row = self.kept:sql "SELECT value FROM meta WHERE key = 'in vain'"[1]
  local n = moved and 0 or (row and math.tointeger(tonumber(row[1])) or 0) + 1
  if n > 0 or row then self.kept:sql("INSERT OR REPLACE INTO meta VALUES ('in vain', ?)", tostring(n)) end
  return n
end

-- "n=3, rep=1".
function Tried.name(cell) return ("%s, rep=%d"):format(grid.name(cell.point), cell.rep) end

return { new = new, name = Tried.name }
