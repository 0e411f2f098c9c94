-- limn/base/system.lua: words for the shell, and files read whole.

local text = require("limn.native").files.text

local system = {}

-- A word as a shell reads it: quoted where it must be.
function system.quoted(word)
  if word:match "^[%w_./:=,+@%%-]+$" then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- The command line of a program with the list of words `args` (a table as Lua's arg) for a shell; "limn" without one.
function system.command(args)
  local words = { "limn" }
  for i = args and args[0] and 0 or 1, args and #args or 0 do words[#words + 1] = system.quoted(tostring(args[i])) end
  return table.concat(words, " ")
end

-- One line that cites limn.
function system.citation(version)
  return ("the limn authors (2026). %s. Version %s."):format(system.TITLE, version)
end

system.TITLE = "limn: a workbench for how learning rules weigh hypotheses"

-- The bytes of a regular file, unpacked if it is a gzip file; nil without a path, and nil, message for a file that cannot
-- be read.
function system.text_of(path)
  if not path or path == "" then return nil end
  return text(path)
end

return system
