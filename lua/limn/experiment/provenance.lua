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

-- The Lua modules that a text requires by a literal name, theirs too, as module -> text; limn's own are left out, since
-- its version stands for them. Only files count: what C modules hold is not seen.
local function modules(text, found)
  for name in text:gmatch "require%s*%(?%s*[\"']([%w_.-]+)[\"']" do
    if not found[name] and name ~= "limn" and not name:match "^limn%." then
      local module = text_of(package.searchpath(name, package.path))
      if module then
        found[name] = module
        modules(module, found)
      end
    end
  end
  return found
end

-- The code that computes cells, as a hash: the script, the modules it requires and limn's version. Cells of another
-- code are stale.
function provenance.code(script)
  local text = text_of(script) or ""
  local parts, names = { native.machine.info().version, text }, {}
  local found = modules(text, {})
  for name in pairs(found) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    parts[#parts + 1] = name
    parts[#parts + 1] = found[name]
  end
  return (native.posix.hash(native.json.encode(parts)))
end

-- A table of everything worth knowing later. words: the command line.
function provenance.facts(script, words, seed)
  local info = native.machine.info()
  local facts = { script = script, script_text = text_of(script), command = table.concat(words or {}, " "), seed = seed,
    sqlite = native.sqlite.version }
  facts.modules = modules(facts.script_text or "", {})
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
