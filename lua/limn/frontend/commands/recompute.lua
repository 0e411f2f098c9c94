-- limn/frontend/commands/recompute.lua: limn store rerun: cells of a store computed again and compared. A store may come from
-- anywhere, so the script that it names runs only with consent.

local check = require "limn.base.check"
local grid = require "limn.experiment.grid"
local keys = require "limn.experiment.key"
local native = require "limn.native"
local json = native.json
local scripts = require "limn.experiment.script"
local stores = require "limn.experiment.store"
local sweep = require "limn.experiment.run"
local system = require "limn.base.system"
local visible = require "limn.base.visible"

local message, posix = native.message, native.posix
local print = visible.print

local function complain(text)
  io.stderr:write("limn store: ", visible.text(text), "\n")
  return 1
end

-- What has changed since the run that computed a cell: a list. code: the key of today.
local function changes_of(runs, cell, code)
  if cell.code == code.hash then return {} end
  for _, run in ipairs(runs) do
    if run.id == cell.run then return run.facts.key and keys.difference(run.facts.key.parts, code.parts) or { "the script" } end
  end
  return {}
end

-- The path of the script that the facts of a run name, as it was started.
local function named(facts)
  local script, folder = facts.script, facts.folder
  if not folder or script:sub(1, 1) == "/" or not posix.stamp(folder .. "/" .. script) then return script end
  return folder .. "/" .. script
end

-- The facts of a run with another script, or with that of the facts if it is the same file: then it runs in the folder
-- in which it was started.
local function with(facts, script)
  local full = posix.real(script)
  if facts.script and full and posix.real(named(facts)) == full then return facts end
  local out = setmetatable({ script = script, folder = false }, { __index = facts })
  if facts.key then
    local functions = {}
    for i, f in ipairs(facts.key.functions or {}) do
      functions[i] = { file = f.file == facts.script and script or f.file, name = f.name, hash = f.hash }
    end
    out.key = { parts = facts.key.parts, functions = functions, body = facts.key.body }
  end
  return out
end

-- Whether the script that the store names may run: after a yes at a terminal.
local function consent(path, facts)
  local script = visible.text(posix.real(named(facts)) or facts.script)
  if not posix.terminal(0) then
    return nil, ("%s names the script %s, and a store may come from anywhere: give --script %s, or --yes to run it"):format(path,
      script, system.quoted(script))
  end
  io.stderr:write(("%s names the script %s; run it? [y/N] "):format(visible.text(path), script))
  local answer = (io.read "l" or ""):lower()
  if answer == "y" or answer == "yes" then return true end
  return nil, "not run"
end

-- The script of a run as a chunk; or nil, message. This process enters the folder in which the script was started, where
-- it finds its modules and data. changed: whether a script that has changed since may be run: it may be another one of
-- that name.
local function script_of(facts, changed)
  local script, folder = facts.script, facts.folder
  if folder and posix.stamp(script:sub(1, 1) == "/" and script or folder .. "/" .. script) then posix.chdir(folder) end
  local regular, problem = native.files.regular(script) -- a device or a pipe need not end
  if not regular then return nil, problem end
  local chunk, why = loadfile(script, "t")
  if not chunk or changed then return chunk, why end
  local parts = keys.now(facts)
  if not parts then parts = facts.script_text ~= system.text_of(script) and { "its text" } or {} end
  local differ = {}
  for _, part in ipairs(parts) do
    if not part:match "^limn" then differ[#differ + 1] = part end
  end
  if #differ == 0 then return chunk end
  return nil, ("%s has changed since (%s); --changed runs it as it is now"):format(posix.real(script), table.concat(differ, ", "))
end

-- Which parameter stands for several values that are printed alike, and those; or nil.
local function ambiguous(cells, wanted)
  for name, word in pairs(wanted) do
    local seen, values = {}, {}
    for _, cell in ipairs(cells) do
      local v = cell.point[name]
      if v ~= nil and not seen[v] then seen[v], values[#values + 1] = true, ("%.17g (cell %s)"):format(v, cell.id:sub(1, 12)) end
    end
    if #values > 1 then return ("%s=%s is near several values: %s; give one of them in full"):format(name, word,
      table.concat(values, ", ")) end
  end
end

-- The words of the command -> { values = {}, id =, changed =, yes =, json =, script = }; or nil, message.
local function options_of(...)
  local out, words, i = { values = {}, id = "" }, { ... }, 1
  while words[i] do
    local word = words[i]
    local k, v = word:match "^([%w_]+)=(.*)$"
    if word == "--changed" or word == "--yes" or word == "--json" then out[word:sub(3)] = true
    elseif word == "--script" then
      i = i + 1
      out.script = words[i]
      if not out.script then return nil, "--script takes the name of a Lua script" end
    elseif k then out.values[k] = v
    elseif word:match "^%x+$" then out.id = word
    else return nil, ("expected NAME=VALUE or the id of a cell, got %q"):format(word) end
    i = i + 1
  end
  return out
end

return function(path, ...)
  local o, why = options_of(...)
  if not o then return complain(why) end
  local s
  s, why = stores.open(path)
  if not s then return complain(why) end
  local wanted, id = o.values, o.id
  local runs = s:runs()
  local facts = runs[#runs] and runs[#runs].facts or {}
  local name = s.name
  local chosen = s:matching(id, wanted)
  if #chosen == 0 then return complain "no cell has these values" end
  local unclear = ambiguous(chosen, wanted)
  if unclear then return complain(unclear) end
  if o.script then facts = with(facts, o.script) end
  local script = facts.script
  if not script then return complain "the store does not say which script it was; give --script SCRIPT.lua" end
  local allowed = o.script or o.yes
  if not allowed then allowed, why = consent(path, facts) end
  if not allowed then return complain(why) end
  local chunk
  chunk, why = script_of(facts, o.changed)
  local _, files = s:input_files()
  s:close()
  if not chunk then return complain(("cannot load the script that filled %s: %s"):format(path, why)) end
  local experiment, differ
  experiment, why = scripts.find(chunk, name)
  if not experiment then return complain(("%s, which filled %s: %s"):format(script, path, why)) end
  differ = 0
  local changed = {}
  for i, file in ipairs(files) do changed[i] = file .. " has changed" end
  for _, what in ipairs(changes_of(runs, chosen[1], keys.of(experiment.measure, script))) do
    changed[#changed + 1] = what .. " has changed"
  end
  local measured, answers = sweep.measurer(experiment.measure), {}
  for i, cell in ipairs(chosen) do
    local ok, bytes = measured(cell, cell.seed)
    local equal = ok and cell.values and bytes == message.encode(cell.values)
    if not equal then differ = differ + 1 end
    local told = equal and "equal to the bit" or cell.values and "DIFFERS" or ok and "failed before, and now it does not"
      or "fails"
    answers[i] = { params = cell.point, rep = cell.rep, seed = cell.seed, equal = equal and true or false,
      failure = not ok and bytes or nil }
    if not o.json then
      print(("%s, rep=%d, seed=%d: %s%s"):format(grid.name(cell.point), cell.rep, cell.seed, told,
        ok and "" or cell.values and " (" .. check.first_line(bytes) .. ")" or ": " .. bytes))
    end
  end
  if o.json then
    print(json.encode { experiment = name, differ = differ, cells = json.list(answers), changed = json.list(changed) })
  elseif changed[1] then
    print(("%s%s"):format(differ > 0 and "differs: " or "no difference, though ", table.concat(changed, ", ")))
  end
  return differ == 0 and 0 or 1
end
