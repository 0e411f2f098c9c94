-- limn/experiment/inputs.lua: the files that the cells of a store have read, with their hashes: table input of store.lua. The
-- table is made when the first cell has read one.

local digest = require "limn.experiment.digest"
local json = require("limn.native").json

local methods = {} -- of a store
local inputs = { methods = methods }

local INPUT = "CREATE TABLE IF NOT EXISTS input (id TEXT, rep INTEGER, seed INTEGER, files TEXT, "
  .. "PRIMARY KEY (id, rep, seed)) WITHOUT ROWID"

-- The inputs of cells: for each set of files, as JSON, true or the list of those that have changed since. folder: where the
-- sweep was started, if that is not the current folder.
function inputs.states(folder)
  return setmetatable({}, { __index = function(self, text)
    local out = {}
    for path, hash in pairs(json.decode(text)) do
      local full = folder and path:sub(1, 1) ~= "/" and folder .. "/" .. path
      if (full and digest.of(full) or digest.of(path) or "") ~= hash then out[#out + 1] = path end
    end
    table.sort(out)
    rawset(self, text, #out == 0 or out)
    return rawget(self, text)
  end })
end

-- The cells of a grid that have read files which have changed since: index -> list of the files. The places of the grid's
-- cells must be known to the store's database.
function inputs.moved(kept, space, seed)
  local out, state = {}, inputs.states()
  if not kept:has_inputs() then return out end
  for q, rep, files in kept:each("SELECT q, rep, files FROM (SELECT place(id) AS q, rep, files FROM input "
    .. "WHERE seed = ?) WHERE q IS NOT NULL", seed) do
    local i = space.index(q, rep)
    if i and state[files] ~= true then out[i] = state[files] end
  end
  return out
end

-- Whether a cell of the store has read files.
function methods:has_inputs()
  if self.inputs == nil then
    self.inputs = self:sql("SELECT count(*) FROM sqlite_schema WHERE name = 'input'")[1][1] > 0
  end
  return self.inputs
end

-- Keeps which files a cell has read, with the hashes that they had then: cell.inputs, or none.
function methods:keep_inputs(cell, seed)
  if not cell.inputs then
    self:sql("DELETE FROM input WHERE id = ? AND rep = ? AND seed = ?", cell.id, cell.rep, seed)
  else
    self:put_inputs(cell.id, cell.rep, seed, cell.inputs)
  end
end

-- Likewise; files: JSON, path -> hash.
function methods:put_inputs(id, rep, seed, files)
  if not self:has_inputs() then
    self:sql(INPUT)
    self.inputs = true
  end
  self:sql("INSERT OR REPLACE INTO input VALUES (?,?,?,?)", id, rep, seed, files)
end

-- Adds the files of `state` (true, or a list of those that have changed) to the list; how many of the cells have read one.
local function add_changed(changed, state, cells)
  if state == true then return 0 end
  for _, path in ipairs(state) do
    if not changed[path] then changed[path], changed[#changed + 1] = true, path end
  end
  return cells
end

-- Of files that cells have read, those that have changed since: a list; how many cells these are. counts: JSON as
-- `keep_inputs` takes it -> cells that have read just these.
function inputs.outdated(counts)
  local changed, n, state = {}, 0, inputs.states()
  for files, count in pairs(counts) do n = n + add_changed(changed, state[files], count) end
  table.sort(changed)
  return changed, n
end

-- Likewise of the cells of the run that is open.
function methods:outdated()
  local counts = {}
  if not self.run or not self:has_inputs() then return {}, 0 end
  for files, count in self:each("SELECT files, count(*) FROM input JOIN cell USING (id, rep, seed) WHERE run = ? "
    .. "AND value IS NOT NULL GROUP BY files", self.run) do
    counts[files] = count
  end
  return inputs.outdated(counts)
end

-- The files that the cells of this seed (nil: of any) have read: path -> hash; those that have changed since: a list; how
-- many cells have read one of these. folder: see `states`.
function methods:input_files(seed, folder)
  local all, changed, n, state = {}, {}, 0, inputs.states(folder)
  if not self:has_inputs() then return all, changed, n end
  for files, count in self:each("SELECT files, count(*) FROM input WHERE ? IS NULL OR seed = ? GROUP BY files", seed, seed) do
    for path, hash in pairs(json.decode(files)) do all[path] = hash end
    n = n + add_changed(changed, state[files], count)
  end
  table.sort(changed)
  return all, changed, n
end

-- Files of which the finished cells have read several contents: { path =, hash =, cells = }, a content an entry, by path.
function methods:input_contents()
  local out, paths = {}, {}
  if not self:has_inputs() then return out end
  for path, hash, count in self:each("SELECT j.key, j.value, count(*) FROM input i JOIN cell c USING (id, rep, seed), "
    .. "json_each(i.files) j WHERE c.value IS NOT NULL GROUP BY j.key, j.value") do
    paths[path] = (paths[path] or 0) + 1
    out[#out + 1] = { path = path, hash = hash, cells = count }
  end
  local several = {}
  for _, entry in ipairs(out) do
    if paths[entry.path] > 1 then several[#several + 1] = entry end
  end
  return several
end

return inputs
