-- limn/experiment/script.lua: an experiment that the program's script declares is run where it is declared, with the
-- script's command line; then the script goes on, with the table in e.results. So several experiments and code after
-- them run in the order of the file. The exit code of the script is the greatest of theirs.
--
-- The program keeps a table for this in the registry: { interactive =, finish = }; see src/host/main.c. Where the script
-- must not go on, an error of kind "exit" with the exit code as its field code ends it: the program returns that code, and
-- another host of the Lua state gets the error like any other. limn itself ends no process but its program's.

local check = require "limn.base.check"
local native = require "limn.native"

local script = {}

local FIELD = "limn.script"
local code, names, matched, wanted, latest = 0, {}, {}, nil, nil
local collected -- experiments that a script declares while limn store reads it

-- The names after --only, or nil.
local function chosen(args)
  local out
  for i, word in ipairs(args) do
    local list = word:match "^%-%-only=(.*)$" or word == "--only" and args[i + 1]
    if list then
      out = out or {}
      for name in list:gmatch "[^,]+" do out[name] = true end
    end
  end
  return out
end

-- finish(first value that the script returned, whether it ended without error) -> exit code
local function finish(value, fine)
  local state = debug.getregistry()[FIELD]
  if state.interactive then
    if value == nil then value = latest end
    if value ~= nil then rawset(_G, "ans", value) end
  end
  for name in pairs(fine and wanted or {}) do
    if not matched[name] then
      local near = check.nearest(name, names)
      io.stderr:write(("--only: the script has no experiment %q%s\n"):format(name, near
        and ("; did you mean %q?"):format(near) or ""))
      return 2
    end
  end
  return code
end

-- What a message on an undefined name may end with, for the handler of the message; "" where limn is a module of another
-- program.
function script.advice(message)
  local of = debug.getregistry()["limn.advice"]
  return of and of(message) or ""
end

-- The experiment that was declared last, or nil.
function script.latest() return latest end

-- Registers a declared experiment -> whether it may run.
function script.declared(e)
  latest = e
  local state = debug.getregistry()[FIELD]
  if state then state.finish = finish end
  if collected then collected[#collected + 1] = e end
  return not collected
end

-- Runs an experiment of the program's script. args: the command line; path: the script; tail: whether the call is the
-- script's last.
function script.run(e, args, path, tail)
  local state = debug.getregistry()[FIELD]
  if names[e.name] then
    check.fail("experiment: two experiments of the script are called %q: their stores, tables and figures would be one", e.name)
  end
  names[e.name] = true
  wanted = chosen(args)
  if wanted and not wanted[e.name] then return end
  matched[e.name] = true
  local this, results = e:main(args, path)
  e.results = results
  if this > code then code = this end
  if state and (results or state.interactive) then return end
  if not state and code == 0 and (results or tail) then return end
  local ended = native.error("exit", ("%s: ended with exit code %d"):format(e.name, code))
  ended.code, ended.results = code, results
  error(ended, 0)
end

-- The experiment of that name that a chunk declares, whatever becomes of the rest of it; or nil, message.
function script.find(chunk, name)
  collected = {}
  local list = collected
  local fine, value = pcall(chunk)
  collected = nil
  for _, e in ipairs(list) do
    if e.name == name then return e end
  end
  if not fine then return nil, tostring(value) end
  return nil, ("it declares no experiment %q"):format(name)
end

return script
