-- limn/base/system.lua: words for the shell, and files read whole.

local system = {}

-- A word as a shell reads it: quoted where it must be.
function system.quoted(word)
  if word:match "^[%w_./:=,+@%%-]+$" then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- The bytes of a file; nil without a path, and for a file that cannot be opened.
function system.text_of(path)
  local file = path and io.open(path, "rb")
  if not file then return nil end
  local text = file:read "a"
  file:close()
  return text
end

return system
