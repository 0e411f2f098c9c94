-- limn/experiment/reading.lua: the files that one cell reads, each with the hash that it has before it is read: by limn's
-- functions (base/inputs.lua), by io.open, io.lines and io.input. A file that the cell writes itself is none of them.

local digest = require "limn.experiment.digest"
local native = require "limn.native"
local reach = require "limn.experiment.reach"

local Reading = {}
Reading.__index = Reading

local reading = {}
local CHANGED = ", then " -- between two hashes that a file had while one cell ran: equal to no hash

-- What a cell has read: nothing yet.
function reading.new() return setmetatable({ since = os.time() }, Reading) end

-- The cell is about to read a file.
function Reading:note(path)
  if self.written and self.written[path] then return end
  self.files, self.made = self.files or {}, self.made or {}
  local hash, was = digest.of(path) or "", self.files[path]
  if was == nil then
    local stamp = native.posix.stamp(path)
    self.files[path], self.made[path] = hash, stamp ~= nil and tonumber(stamp:match ":(%d+)%.%d+$") >= self.since
  elseif was ~= hash and not was:find(CHANGED, 1, true) then self.files[path] = was .. CHANGED .. hash end
end

-- The cell is about to write a file.
function Reading:wrote(path)
  self.written = self.written or {}
  self.written[path] = true
end

-- The files read so far as JSON, path -> hash, or two hashes if the file has changed since it was read; nil: none. Left out
-- are those that the cell has made: by a program that it started, too.
function Reading:text()
  local out = {}
  for path, hash in pairs(self.files or {}) do
    local now = digest.of(path) or ""
    if self.written and self.written[path] then hash = now ~= "" and now or nil
    elseif now ~= hash then
      if not hash:find(CHANGED, 1, true) then hash = hash .. CHANGED .. now end
      if self.made[path] and self.started then hash = nil end
    end
    out[path] = hash
  end
  return next(out) and native.json.encode(out) or nil
end

-- Takes up what the cell had read when it was saved; files: as `text` gives it, or nil.
function Reading:resume(files)
  for path, hash in pairs(files and native.json.decode(files) or {}) do
    self.files, self.made = self.files or {}, self.made or {}
    self.files[path] = hash
  end
end

-- Whether all files of such a text are as they were.
function reading.unchanged(files)
  for path, hash in pairs(files and native.json.decode(files) or {}) do
    if (digest.of(path) or "") ~= hash then return false end
  end
  return true
end

-- ---- Lua's own functions -------------------------------------------------------------------------------------------

local originals = { open = io.open, lines = io.lines, input = io.input, popen = io.popen, execute = os.execute,
  rename = os.rename, tmpname = os.tmpname }

-- The reading of the running cell, for a call by the measurement; nil for one by limn's own code, and for files of the
-- system's state. Level 3: what has called the function that calls this one.
local function current(path)
  local caller = debug.getinfo(3, "f")
  if caller and reach.file(caller.func) or type(path) ~= "string" then return nil end
  if path:find "\0" or path:find "^/proc/" or path:find "^/sys/" or path:find "^/dev/" then return nil end
  return native.measuring and native.measuring.reading
end

local recorded = {}

function recorded.open(path, mode, ...)
  local cell = current(path)
  if cell and (mode == nil or type(mode) == "string" and mode:find "[r+]" and not mode:find "w") then cell:note(path) end
  if cell and type(mode) == "string" and mode:find "[wa+]" then cell:wrote(path) end
  return originals.open(path, mode, ...)
end

function recorded.lines(path, ...)
  local cell = current(path)
  if cell then cell:note(path) end
  return originals.lines(path, ...)
end

function recorded.input(...)
  local cell = current((...))
  if cell then cell:note((...)) end
  return originals.input(...)
end

function recorded.popen(...)
  local cell = current ""
  if cell then cell.started = true end
  return originals.popen(...)
end

function recorded.execute(...)
  local cell = current ""
  if cell then cell.started = true end
  return originals.execute(...)
end

function recorded.rename(from, to, ...)
  local cell = current(to)
  if cell then cell:wrote(to) end
  return originals.rename(from, to, ...)
end

function recorded.tmpname()
  local cell, path = current "", originals.tmpname()
  if cell then cell:wrote(path) end
  return path
end

local files, system = package.loaded.io, package.loaded.os

local function install(functions, copies)
  files.open, files.lines, files.input, files.popen = functions.open, functions.lines, functions.input, functions.popen
  system.execute, system.rename, system.tmpname = functions.execute, functions.rename, functions.tmpname
  for _, copy in ipairs(copies or {}) do
    if copy.index then debug.setupvalue(copy.of, copy.index, functions[copy.name])
    else rawset(copy.of, copy.key, functions[copy.name]) end
  end
end

-- By measure: what a script has as `local open = io.open`, as a global, or in a field of a table.
local copies_of = setmetatable({}, { __mode = "k" })

-- Looks for such copies among the nodes that measure reaches (reach.of).
function reading.look(measure, nodes)
  local names, copies, any = {}, {}, false
  for name, f in pairs(originals) do names[f] = name end
  for _, node in ipairs(nodes) do any = any or names[node.value] ~= nil end
  for _, node in ipairs(any and nodes or {}) do
    for _, u in ipairs(node.kind == "function" and node.upvalues or {}) do
      local name = names[u.value]
      if name then copies[#copies + 1] = { of = node.value, index = u.index, name = name } end
    end
    for _, g in ipairs(node.kind == "function" and node.globals or {}) do
      local name = names[g.value]
      if name then copies[#copies + 1] = { of = _G, key = g.name, name = name } end
    end
    for key, v in next, node.kind == "table" and node.value or {} do
      local name = names[v]
      if name then copies[#copies + 1] = { of = node.value, key = key, name = name } end
    end
  end
  copies_of[measure] = copies[1] and copies
end

-- From here on what Lua's own functions read is noted, for the running cell of measure, until `unwatch`.
function reading.watch(measure) install(recorded, copies_of[measure]) end
function reading.unwatch(measure) install(originals, copies_of[measure]) end

return reading
