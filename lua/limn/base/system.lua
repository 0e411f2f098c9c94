-- limn/base/system.lua: words for the shell, and files and streams read whole.

local native = require "limn.native"

local text, sandboxed = native.files.text, native.sandboxed

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
  if sandboxed then -- a file outside of its folder is one that cannot be read
    local fine, found, why = pcall(text, path)
    if not fine then return nil, found end
    return found, why
  end
  return text(path)
end

local PIECE = 1 << 20
local MOST = 1 << 26 -- bytes of a list of values or files, and of a record of a table

-- The text that an open file or stream holds, to its end or to the MiB with the first zero byte, which is in no text; nil, message
-- if it is longer than `most` bytes, or cannot be read. A device or a pipe need not end.
function system.rest_of(file, name, most)
  local pieces, n = {}, 0
  while true do
    local piece, why, code = file:read(PIECE)
    if not piece then
      if code then return nil, ("%s: cannot read: %s"):format(name, why) end
      return table.concat(pieces)
    end
    n = n + #piece
    pieces[#pieces + 1] = piece
    if piece:find("\0", 1, true) then return table.concat(pieces) end
    if n > most then return nil, ("%s: has more than %d MiB"):format(name, most >> 20) end
  end
end

-- The bytes of a short text: of a file, or of a pipe such as the shell's <(..); nil, message if it cannot be read, is no text or
-- has more than 64 MiB.
function system.short_text_of(path)
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  local found, message = system.rest_of(file, path, MOST)
  file:close()
  if found and found:find("\0", 1, true) then return nil, path .. ": is not text (it contains a zero byte)" end
  return found, message
end

return system
