-- limn/base/inputs.lua: the files that a measurement reads through limn. They belong to its cell: when one changes, the
-- cell is stale.

local native = require "limn.native"

local inputs = {}

-- To be called by every function that reads a file the user names, before the file is opened: the hash must be that of
-- what is read.
function inputs.note(path)
  local cell = native.measuring
  if cell and cell.reading then cell.reading:note(path) end
end

-- To be called by every function that writes a file the user names: what a cell has written itself is no input of it.
function inputs.wrote(path)
  local cell = native.measuring
  if cell and cell.reading then cell.reading:wrote(path) end
end

return inputs
