-- limn/base/inputs.lua: the files that a measurement reads through limn. They belong to its cell: when one changes, the
-- cell is stale.

local native = require "limn.native"

local inputs = {}

-- To be called by every function that reads a file the user names.
function inputs.note(path)
  local cell = native.measuring
  if not cell then return end
  cell.inputs = cell.inputs or {}
  cell.inputs[path] = true
end

return inputs
