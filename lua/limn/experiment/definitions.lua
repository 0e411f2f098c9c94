-- limn/experiment/definitions.lua: whether the tables of a database are those of a store.

local definitions = {}

-- The tables of a store, as it makes them.
local OURS = { meta = true, run = true, cell = true, blob = true, input = true, merged = true, tried = true }

-- Why the definitions in a database are not those of a store, or nil: a view in the place of a table, or a trigger, would
-- run with what is read and written. Views and indexes of other tools have names of their own.
function definitions.foreign(db)
  local rows, why = db:rows "SELECT type, name, tbl_name, sql FROM sqlite_schema"
  if not rows or why then return why or "its definitions cannot be read" end
  for _, row in ipairs(rows) do
    local kind, name, of, text = row[1], tostring(row[2]), row[3], row[4]
    if kind == "trigger" then return "it has a trigger, " .. name end
    if OURS[name:lower()] and (kind ~= "table" or not tostring(text):find "^CREATE TABLE ") then return name .. " is not a table" end
    if kind == "index" and text and OURS[tostring(of):lower()] and tostring(text):find "%(.*%(" then
      return "it has an index on an expression, " .. name
    end
  end
  for name in pairs(OURS) do
    for _, row in ipairs(db:rows(("PRAGMA table_xinfo(%s)"):format(name)) or {}) do
      if row[7] ~= 0 then return ("the column %s of the table %s is computed"):format(row[2], name) end
    end
  end
end

return definitions
