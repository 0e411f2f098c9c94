-- limn/frontend/repl/shell.lua: commands of the prompt that leave Lua: !COMMAND, :cd, :edit.

local native = require "limn.native"
local system = require "limn.base.system"

local folder, quoted = native.folder, system.quoted
local shell = {}

-- A path whose first ~ is the home folder.
function shell.expanded(path)
  local home = os.getenv "HOME"
  return home and (path:gsub("^~%f[/\0]", function() return home end)) or path
end

-- Runs a command of the shell, on this terminal; a failure is told.
function shell.run(command)
  if command == "" then error("expected a command of the shell after !", 0) end
  local inner = command:match "^cd%s+(%S+)%s*$" or command == "cd" and "~"
  if inner then return shell.cd(inner) end -- a shell of its own would not change this program's folder
  io.stdout:flush()
  local ok, how, code = os.execute(command)
  if ok then return end
  io.stderr:write(how == "signal" and ("the command ended by signal %d\n"):format(code) or ("exit code %d\n"):format(code))
end

-- Changes the folder of the program; without a path it prints it.
function shell.cd(path)
  if path ~= "" then
    local ok, message = folder.go(shell.expanded(path))
    if not ok then error(message, 0) end
  end
  print(folder.current())
end

-- Opens the user's editor on a file, at a line. An error if the editor fails.
local function editor(path, line)
  local name = os.getenv "VISUAL" or os.getenv "EDITOR" or "vi"
  io.stdout:flush()
  local ok = os.execute(("%s %s%s"):format(name, line and ("+%d "):format(line) or "", quoted(path)))
  if not ok then error(("the editor %s failed; $VISUAL or $EDITOR names another one"):format(name), 0) end
end

-- Edits `text` in a temporary file -> the new text, or nil where it is empty.
local function edited(text)
  local path = os.tmpname()
  os.remove(path)
  path = path .. ".lua" -- editors colour by the suffix
  local put, why = native.files.put(path, text .. "\n")
  if not put then error(why, 0) end
  local ok, message = pcall(editor, path)
  local new = system.text_of(path)
  os.remove(path)
  if not ok then error(message, 0) end
  return new and new:find "%S" and (new:gsub("%s+$", "")) or nil
end

-- :edit. of = { last = the last block, load = function(path), run = function(text), source = function(name) -> path, line }
function shell.edit(what, of)
  if what == "" then
    local text = edited(of.last or "")
    if text then of.run(text) end
    return
  end
  local path, line = of.source(what)
  if not path and not what:find "[/.]" then
    error(("%s is neither a file nor a function from a file"):format(what), 0)
  end
  path = path or shell.expanded(what)
  editor(path, line)
  if system.text_of(path) then of.load(path) end
end

return shell
