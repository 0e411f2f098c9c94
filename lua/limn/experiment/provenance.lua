-- limn/experiment/provenance.lua: where numbers come from: command line, script, commit and patch, versions, machine.

local native = require "limn.native"

local provenance = {}

-- What a program says, or nil; never an error: no git is a fact like another.
local function says(folder, ...)
  local status, out = native.process.run({ ... }, {}, 10, folder)
  if status ~= 0 then return nil end
  return (out:gsub("%s+$", ""))
end

local function text_of(path)
  local file = path and io.open(path, "rb")
  if not file then return nil end
  local text = file:read "a"
  file:close()
  return text
end

-- The code that computes cells: script text and limn's version. Cells of another code are stale.
function provenance.code(script)
  local text = text_of(script) or ""
  return ("%016x"):format(native.posix.hash(native.machine.info().version .. "\0" .. text))
end

-- A flat table of everything worth knowing later. words: the command line.
function provenance.facts(script, words, seed)
  local info = native.machine.info()
  local facts = { script = script, script_text = text_of(script), command = table.concat(words or {}, " "), seed = seed,
    sqlite = native.sqlite.version }
  for k, v in pairs(info) do facts[k] = v end
  local folder = script and script:match "^(.*)/[^/]*$" or "."
  facts.git_commit = says(folder, "git", "rev-parse", "HEAD")
  if facts.git_commit then
    local patch = says(folder, "git", "diff", "HEAD")
    facts.git_dirty = patch ~= nil and patch ~= ""
    if facts.git_dirty and #patch < 1 << 20 then facts.git_patch = patch end
  end
  facts.host = (text_of "/proc/sys/kernel/hostname" or ""):gsub("%s+$", "")
  return facts
end

return provenance
