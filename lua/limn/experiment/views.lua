-- limn/experiment/views.lua: the views of a store for other tools, made from what its cells hold:
--   results: a row for each finished cell, with a column for each parameter and each value, and rep, seed, seconds and code;
--   failures: a row for each failed cell: the parameters, rep, seed, seconds, code, failure.
-- howto-store describes them. A store is complete without them: a failure to make them is ignored.

local views = {}

local LOOKED = 1000 -- cells whose fields become columns; cells lie in the order of hashes, so these are a random sample
local MOST = 1000 -- columns; SQLite allows 2000

local function quoted(name) return '"' .. name:gsub('"', '""') .. '"' end

-- The fields of the JSON objects in a column of cells, in order. What SQL cannot name is left out.
local function fields(db, column, into)
  local rows = db:rows(("SELECT DISTINCT key FROM (SELECT %s AS object FROM cell WHERE %s IS NOT NULL LIMIT %d), "
    .. "json_each(object) ORDER BY key LIMIT %d"):format(column, column, LOOKED, MOST))
  for _, row in ipairs(rows or {}) do
    local name = row[1]
    if type(name) == "string" and name:match "^[^%z\1-\31\"\\]+$" and not name:find "^npy:" and not into[name] then
      into[name], into[#into + 1] = true, name
    end
  end
  table.sort(into)
  return into
end

-- The columns of a view that is there already, beside those that every cell has.
local function known(db, view, params, always)
  local out, fixed = {}, {}
  for _, name in ipairs(params) do fixed[name] = true end
  for _, name in ipairs(always) do fixed[name] = true end
  for _, row in ipairs(db:rows(("PRAGMA table_info(%s)"):format(view)) or {}) do
    if not fixed[row[2]] then out[row[2]], out[#out + 1] = true, row[2] end
  end
  return out
end

local ALWAYS = { "rep", "seed", "seconds", "code" }

local function text_of(view, params, values, condition, more)
  local columns, taken = {}, { rep = true, seed = true }
  local function json(column, name)
    columns[#columns + 1] = ("json_extract(%s, '$.\"%s\"') AS %s"):format(column, name:gsub("'", "''"), quoted(name))
  end
  for _, name in ipairs(params) do json("params", name) end
  columns[#columns + 1] = "rep"
  columns[#columns + 1] = "seed"
  for _, name in ipairs(values) do
    taken[name:lower()] = true
    json("result", name)
  end
  for _, name in ipairs { "seconds", "code" } do
    if not taken[name] then
      columns[#columns + 1] = name == "code" and "(SELECT code FROM run WHERE run.id = cell.run) AS code" or name
    end
  end
  return ("CREATE VIEW %s AS SELECT %s%s FROM cell WHERE %s"):format(view, table.concat(columns, ", "), more or "", condition)
end

-- Makes the views, or makes them again where cells have fields that have no column.
function views.make(db)
  local params = fields(db, "params", {})
  if #params == 0 then return end
  local values = fields(db, "result", known(db, "results", params, ALWAYS))
  local wanted = { results = text_of("results", params, values, "value IS NOT NULL"),
    failures = text_of("failures", params, {}, "failure IS NOT NULL", ", failure") }
  for _, row in ipairs(db:rows "SELECT name, sql FROM sqlite_schema WHERE type = 'view'" or {}) do
    if wanted[row[1]] == row[2] then wanted[row[1]] = nil end
  end
  if not next(wanted) or not db:rows "BEGIN IMMEDIATE" then return end
  for _, name in ipairs { "results", "failures" } do
    if wanted[name] then
      db:rows("DROP VIEW IF EXISTS " .. name)
      db:rows(wanted[name])
    end
  end
  db:rows "COMMIT"
end

return views
