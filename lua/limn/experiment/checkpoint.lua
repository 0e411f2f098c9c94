-- limn/experiment/checkpoint.lua: the third argument of measure, by which a long cell saves where it is and goes on from
-- there after the process has ended:
--
--   measure = function(point, rng, cell)
--     local net, state = limn.mlp.new{...}, { epoch = 0 }
--     cell:checkpoint { rng = rng, net = net, state = state }  -- takes up what was saved, if anything was
--     while state.epoch < 1000 do
--       net:train(...)
--       state.epoch = state.epoch + 1
--       cell:checkpoint { rng = rng, net = net, state = state } -- saves
--     end
--
-- A resumed cell gives the bits of one that was not interrupted: streams, nets, default seeds and math.random
-- continue.

local check = require "limn.base.check"
local native = require "limn.native"
local reading = require "limn.experiment.reading"

local message, posix = native.message, native.posix
local Cell = { __name = "limn.cell" }
Cell.__index = Cell

local checkpoint = {}

local EVERY = 30 -- seconds between two checkpoints that are written
local WHO = "cell:checkpoint"

-- ---- values as bytes -----------------------------------------------------------------------------------------------

-- Adds the leaves of a table to `out`: a path of keys, each with its type, -> value.
local function flatten(t, path, out, seen)
  if seen[t] then check.fail("%s: %s contains itself", WHO, path:match "^%w+:([^\0]*)" or "a table") end
  seen[t] = true
  out[path] = true -- an empty table is one too
  for k, v in next, t do
    local kind = math.type(k) == "integer" and "i" or type(k) == "string" and "s"
    if not kind then check.fail("%s: keys of a state must be texts or whole numbers, got %s", WHO, check.show(k)) end
    local place = path .. string.pack("<s4", kind .. k)
    if type(v) == "table" then flatten(v, place .. "t", out, seen)
    elseif type(v) == "number" or type(v) == "string" or type(v) == "boolean" or check.typename(v) == "limn.array" then
      out[place .. "v"] = v
    else
      check.fail("%s: a state holds numbers, texts, booleans, arrays and tables of them; %s is a %s", WHO, tostring(k),
        check.typename(v))
    end
  end
  seen[t] = nil
end

-- Puts a leaf at its path into a table.
local function place(t, path, v)
  local at = 1
  while true do
    local key
    key, at = string.unpack("<s4", path, at)
    local k = key:sub(1, 1) == "i" and math.tointeger(key:sub(2)) or key:sub(2)
    local kind = path:sub(at, at)
    at = at + 1
    if at > #path then
      if kind == "v" then t[k] = v else t[k] = t[k] or {} end
      return
    end
    t[k] = t[k] or {}
    t = t[k]
  end
end

local function net_bytes(net)
  local path = os.tmpname()
  local bytes, why
  local saved
  saved, why = net:save(path)
  if saved then
    local file = assert(io.open(path, "rb"))
    bytes = file:read "a"
    file:close()
  end
  os.remove(path)
  if not bytes then error(("%s: a net cannot be saved: %s"):format(WHO, why), 0) end
  return bytes
end

local function restore_net(net, bytes)
  local path = os.tmpname()
  local done, why = native.files.put(path, bytes)
  local handle
  if done then handle, why = native.mlp.load(path) end
  os.remove(path)
  if not handle then error(("%s: a net cannot be read: %s"):format(WHO, why), 0) end
  net.handle = handle
end

-- The kind of an object that can be saved: "rng", "net" or "state".
local function kind_of(name, object)
  local class = check.typename(object)
  local kind = class == "limn.rng" and "rng" or class == "limn.mlp" and "net" or type(object) == "table"
    and getmetatable(object) == nil and "state"
  if not kind then
    check.fail("%s: %s must be a random stream, a net or a plain table, got %s", WHO, tostring(name), check.show(object))
  end
  return kind
end

local function save(self, objects)
  local out = { calls = self.calls, seeds = native.measuring.seeds, inputs = native.measuring.reading:text() }
  for name, object in pairs(objects) do
    local kind = kind_of(name, object)
    if kind == "rng" then out["rng:" .. name] = native.rng.state(object)
    elseif kind == "net" then out["net:" .. name] = net_bytes(object)
    else flatten(object, ("state:%s\0"):format(name), out, {}) end
  end
  return message.encode(out)
end

local function restore(self, objects, saved)
  native.measuring.reading:resume(saved.inputs)
  self.calls, native.measuring.seeds = saved.calls, saved.seeds
  for name, object in pairs(objects) do
    local kind = kind_of(name, object)
    local held = saved[("%s:%s"):format(kind, name)]
    if kind == "rng" and held then native.rng.restore(object, held)
    elseif kind == "net" and held then restore_net(object, held)
    elseif kind == "state" and saved[("state:%s\0"):format(name)] then
      for k in pairs(object) do object[k] = nil end
      local prefix = ("state:%s\0"):format(name)
      for path, v in pairs(saved) do
        if path:sub(1, #prefix) == prefix and #path > #prefix then place(object, path:sub(#prefix + 1), v) end
      end
    else
      check.fail("%s: no %s called %s was saved; the calls of a cell must name the same objects", WHO, kind, name)
    end
  end
end

-- ---- the argument ------------------------------------------------------------------------------------------------------

-- The third argument of measure. keep = { save(bytes), stop() }: writes a checkpoint; whether the sweep is to end now. nil:
-- nothing is saved, nor restored. What was saved is discarded when a file that had been read by then has changed since.
function checkpoint.cell(cell, seed, keep)
  local saved = keep and cell.checkpoint and message.decode(cell.checkpoint) or nil
  if saved and not reading.unchanged(saved.inputs) then saved = nil end
  return setmetatable({ id = cell.id, rep = cell.rep, seed = seed, key = cell.key, calls = 0, keep = keep,
    saved = saved, written = posix.now() }, Cell)
end

-- checkpoint{ name = object, ..., every = seconds }: see above. The first call takes up what was saved of the objects: true
-- if anything was. Later ones save, once in `every` seconds (30), and when the sweep is to end; the cell then ends, too.
function Cell:checkpoint(objects)
  check.self(WHO, self, "limn.cell")
  if type(objects) ~= "table" then check.fail("%s: expected a table of objects, got %s", WHO, check.show(objects)) end
  local every, named = objects.every, {}
  check.value(WHO, "every", every, { type = "number", min = 0 })
  for name, object in pairs(objects) do
    if name ~= "every" then
      kind_of(name, object)
      named[name] = object
    end
  end
  if not next(named) then check.fail("%s: expected objects by name, such as { rng = rng, state = state }, got none", WHO) end
  local taken = false
  if self.calls == 0 and self.saved then
    restore(self, named, self.saved)
    taken = true
  else
    self.calls = self.calls + 1
    local ending = self.keep and self.calls > 1 and self.keep.stop()
    if self.keep and self.calls > 1 and (ending or posix.now() - self.written >= (every or EVERY)) then
      self.keep.save(save(self, named))
      self.written = posix.now()
    end
    if ending then
      self.keep.parked = true
      error(native.error("parked", "the cell is saved and goes on with the next start"), 0)
    end
  end
  math.randomseed(self.key ~ self.seed, self.rep + (self.calls << 32)) -- as after any interruption: its state cannot be saved
  return taken
end

check.sealed("cell:", Cell)

return checkpoint
