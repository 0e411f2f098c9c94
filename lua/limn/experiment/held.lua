-- limn/experiment/held.lua: the values of a sweep's cells, by column (src/sys/columns.h). Arrays and long texts are held as
-- the bytes of their cell while they take little room; beyond that they stay in the store and are read when a row is
-- asked for them.

local check = require "limn.base.check"
local native = require "limn.native"

local Held = {}
Held.__index = Held

local ROOM = 16 << 20 -- bytes of arrays and long texts that are held
local RECENT = 8 -- cells whose arrays stay in memory after they were read

-- The values of the cells of a grid; none yet. path: of the store, if there is one.
local function new(space, seed, path)
  local self = setmetatable({ columns = native.columns.new(space.count, 1, 1), space = space, seed = seed, path = path,
    bytes = {}, size = 0 }, Held)
  space.cycles(self.columns)
  return self
end

-- The values of the cells of a store, `count` rows; none yet.
local function of_store(count, path)
  return setmetatable({ columns = native.columns.new(count), path = path, bytes = {}, size = 0, cells = {} }, Held)
end

-- The values of the k-th cell -> true and whether some are kept aside; or nil, message. size: bytes of the arrays in files that it names.
function Held:put(k, bytes, size)
  local aside, why = self.columns:put(k, bytes)
  if aside == nil then return nil, why end
  if aside then
    self.size = self.size + #bytes + (size or 0)
    if self.size <= ROOM or not self.path then self.bytes[k] = bytes end
  end
  return true, aside
end

-- The indices of the cells that are not there, a list.
function Held:missing()
  local out, k = {}, self.columns:absent(1)
  while k do
    out[#out + 1] = k
    k = self.columns:absent(k + 1)
  end
  return out
end

-- Likewise, a row of a store's table; id, rep, seed: the cell.
function Held:put_row(k, bytes, size, id, rep, seed)
  local fine, aside = self:put(k, bytes, size)
  if fine and aside then self.cells[k] = { id = id, rep = rep, seed = seed } end
  return fine, aside
end

-- The values of the k-th cell, all of them, from its bytes or from the store.
function Held:values(k)
  local bytes = self.bytes[k]
  if bytes and not bytes:find("npy:", 1, true) then return native.message.decode(bytes) end
  self.reader = self.reader or require("limn.experiment.store").reader(self.path)
  local cell = self.cells and self.cells[k] or self.space.cell(k)
  return self.reader(cell.id, cell.rep, cell.seed or self.seed, bytes)
end

-- Adds what is kept aside to rows when it is asked for: complete(row, k).
local function on_demand(self)
  local recent, turn = {}, 0 -- recent: list of { k, values }
  local function values(k)
    for _, one in ipairs(recent) do if one[1] == k then return one[2] end end
    local found = self:values(k)
    turn = turn % RECENT + 1
    recent[turn] = { k, found }
    return found
  end
  return function(row, k)
    local names = {}
    for _, name in ipairs(self.columns:aside(k)) do names[name] = true end
    return setmetatable(row, {
      __index = function(_, name) if names[name] then return values(k)[name] end end,
      __pairs = function(t)
        local all = {}
        for name in next, names do all[name] = values(k)[name] end
        for name, v in next, t do all[name] = v end
        return next, all
      end })
  end
end

-- A function that returns the i-th of the cells that are there as a row.
function Held:rows()
  local columns = self.columns
  if not self.cells then columns:order {} end
  local later = self.size > ROOM and on_demand(self)
  return function(i)
    local row, k, aside = columns:get(i)
    if not aside then return row end
    if later then return later(row, k) end
    local values = self:values(k)
    for _, name in ipairs(columns:aside(k)) do row[name] = values[name] end
    return row
  end
end

return check.sealed("held.", { new = new, of_store = of_store })
