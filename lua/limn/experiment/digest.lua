-- limn/experiment/digest.lua: hashes of files, kept from one process to the next in a file of the user's cache, so that
-- a file is read again only when its size, times or place on the disk have changed. The hash of a Lua file is that of
-- its bytecode: comments and blank lines do not count.

local native = require "limn.native"
local bytecode = require "limn.experiment.bytecode"
local text_of = require("limn.base.system").text_of

local posix = native.posix
local digest = {}

local MOST = 300 -- files that the cache remembers; a sweep uses some 50, and all of them are read at its start
local SETTLED = 2 -- seconds after which a second change of a file must show in its times

-- known: resolved path -> { stamp, hash, names of the modules it requires joined by spaces }; used: likewise by the path as
-- it was given, of this process: a stamp holds the device and the inode, so that a link that leads elsewhere is noticed.
local known, used, changed, file

local function folder()
  local cache, home = os.getenv "XDG_CACHE_HOME", os.getenv "HOME"
  if cache and cache:sub(1, 1) == "/" then return cache .. "/limn" end
  -- a home that is missing is not made
  return home and home:sub(1, 1) == "/" and posix.stamp(home) and home .. "/.cache/limn" or nil
end

local function read()
  known, used, changed = {}, {}, false
  file = folder() and folder() .. "/digests.json"
  local text = text_of(file)
  if not text then return end
  local fine, entries = pcall(native.json.decode, text)
  for path, entry in pairs(fine and type(entries) == "table" and entries or {}) do
    if type(entry) == "table" and type(entry[1]) == "string" and type(entry[2]) == "string" then known[path] = entry end
  end
end

-- Writes what was learnt; without a cache folder nothing is kept. A full cache begins again with the files of this process.
function digest.keep()
  if not changed or not file then return end
  changed = false
  local count = 0
  for _ in pairs(known) do count = count + 1 end
  if count > MOST then
    local mine, others = {}, known
    for _, entry in pairs(used) do mine[entry] = true end
    known = {}
    for place, entry in pairs(others) do
      if mine[entry] then known[place] = entry end
    end
  end
  if posix.mkdir(folder()) then native.files.put(file, native.json.encode(known)) end
end

local function compute(path)
  if path:match "%.lua$" then
    local chunk = loadfile(path)
    if chunk then
      local names = {}
      for name in (text_of(path) or ""):gmatch "require%s*%(?%s*[\"']([%w_.-]+)[\"']" do names[#names + 1] = name end
      return bytecode.of(chunk).hash, table.concat(names, " ")
    end
  end
  return posix.hash_file(path), ""
end

-- The hash of a file, or nil if it cannot be read; the names of the modules that it requires, if it is a Lua file.
function digest.of(path)
  if not known then read() end
  local stamp = posix.stamp(path)
  if not stamp then return nil end
  local entry = used[path]
  if entry and entry[1] == stamp then return entry[2], entry[3] end
  local _, place = posix.real(path)
  entry = known[place]
  if entry and entry[1] == stamp then
    used[path] = entry
    return entry[2], entry[3]
  end
  local hash, names = compute(path)
  if not hash then return nil end
  local modified = tonumber(stamp:match ":(%d+)%.%d+$")
  if os.time() - modified > SETTLED and posix.stamp(path) == stamp then
    known[place], changed = { stamp, hash, names }, true
    used[path] = known[place]
  end
  return hash, names
end

return digest
