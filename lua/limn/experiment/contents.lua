-- limn/experiment/contents.lua: what a store holds, to be read: its runs; cells, all or those with some values; the failed
-- ones; all finished cells as a table, which takes some 10 bytes a number.

local check = require "limn.base.check"
local native = require "limn.native"
local facts = require "limn.experiment.facts"
local Held = require "limn.experiment.held"

local posix, json = native.posix, native.json

local PRINTED = 6e-14 -- relative error of a number in the name of a cell (grid.name), and more than that of a grid's values
local HASH = 12 -- leading digits of the hash of a file, as they are shown

-- Methods of a store.
local contents = {}

local CELL = "SELECT c.id, rep, seed, code, run, params, value, failure, seconds FROM cell c JOIN run r ON r.id = c.run"

-- By parameters, one after the other in the order of their names, numbers as numbers; then seed, then rep.
local function sort(cells)
  local names = {}
  for k in pairs(cells[1] and cells[1].point or {}) do names[#names + 1] = k end
  table.sort(names)
  table.sort(cells, function(a, b)
    for _, k in ipairs(names) do
      local u, v = a.point[k], b.point[k]
      if u ~= v then
        if type(u) == "number" and type(v) == "number" then return u < v end
        return tostring(u) < tostring(v)
      end
    end
    if a.seed ~= b.seed then return a.seed < b.seed end
    return a.rep < b.rep
  end)
  return cells
end

-- The parameters in a row of the table `cell`, and the key of their streams.
local function point_of(self, id, params, rep, seed)
  local name, key, point
  if type(params) == "string" then name, key = posix.hash(params) end
  if name == id and math.type(rep) and math.type(seed) then point = json.decode(params) end
  if type(point) ~= "table" then self:damaged "the parameters of a cell are malformed" end
  return point, key
end

-- The cells for which `condition`, a text of SQL with its values, holds, in order of parameters, seed and rep; fits(cell),
-- if given, is asked before its values are read.
local function chosen(self, condition, values, fits)
  local out = {}
  for id, rep, seed, code, run, params, value, failure, seconds in self:each(CELL .. condition, table.unpack(values)) do
    local point, key = point_of(self, id, params, rep, seed)
    local cell = { id = id, key = key, rep = rep, seed = seed, code = code, run = run, point = point,
      failure = failure or nil, seconds = seconds }
    if not fits or fits(cell) then
      cell.values = value and self:values(value) or nil
      out[#out + 1] = cell
    end
  end
  return sort(out)
end

-- All cells as {id=, key=, rep=, seed=, code=, run=, point=, values=, failure=, seconds=}, in order of parameters, seed
-- and rep: the same for any history of the file.
function contents:cells() return chosen(self, "", {}) end

-- Likewise, those that failed.
function contents:failed() return chosen(self, " WHERE failure IS NOT NULL", {}) end

-- The texts that a parameter may have among those of a cell if it is written so on a command line.
local function fragments(name, word)
  local head, out = native.names.head(name), {}
  if not head then return out end
  local number = tonumber(word)
  local values = { word, number, number and number + 0.0, number and math.tointeger(number) }
  if word == "true" or word == "false" then values[5] = word == "true" end
  for i = 1, 5 do
    local text = values[i] ~= nil and native.names.value(values[i])
    if text then out[#out + 1] = head .. text end
  end
  return out
end

-- Whether a parameter, rep or seed of a cell is the one of this text; near: or is printed like it.
local function is(have, word, near)
  if tostring(have) == word then return true end
  local want = type(have) == "number" and tonumber(word)
  if not want then return false end
  return have == want or near and math.type(have) == "float" and math.abs(have - want) <= PRINTED * math.max(math.abs(have),
    math.abs(want))
end

-- Likewise, those whose id begins with `id` and whose parameters, rep and seed are `wanted`, name -> text; without such, those
-- whose numbers are equal as they are printed.
function contents:matching(id, wanted, near)
  local conditions, values = { "substr(c.id, 1, ?) = ?" }, { #id, id }
  for name, word in pairs(wanted) do
    local either = {}
    for _, text in ipairs(fragments(name, word)) do
      either[#either + 1], values[#values + 1] = "instr(params, ?)", text
    end
    if name == "rep" or name == "seed" then
      either[#either + 1], values[#values + 1] = name .. " = ?", tonumber(word) or -1
    end
    if not near or not tonumber(word) then conditions[#conditions + 1] = either[1] and "(" .. table.concat(either, " OR ") .. ")" or "0"
    else
      for _ = 1, #either do table.remove(values) end
    end
  end
  local found = chosen(self, " WHERE " .. table.concat(conditions, " AND "), values, function(cell)
    for name, word in pairs(wanted) do
      local have = cell.point[name]
      if have == nil and (name == "rep" or name == "seed") then have = cell[name] end
      if not is(have, word, near) then return false end
    end
    return true
  end)
  if near or found[1] then return found end
  return self:matching(id, wanted, true)
end

-- JSON, path -> hash, as "PATH HASH, ..." with the first digits of the hashes.
local function brief_inputs()
  return setmetatable({}, { __index = function(known, text)
    local parts = {}
    for path, hash in pairs(json.decode(text)) do parts[#parts + 1] = ("%s %s"):format(path, hash:sub(1, HASH)) end
    table.sort(parts)
    rawset(known, text, table.concat(parts, ", "))
    return rawget(known, text)
  end })
end

-- The finished cells by column (held.lua), in the same order; the number of failed ones; notes: what the columns seed,
-- code and input are for, if the cells have several. written(v): a parameter as tables show it.
function contents:table(written)
  local counts = self:sql("SELECT count(value), count(failure), count(DISTINCT CASE WHEN value IS NOT NULL THEN seed END), "
    .. "count(DISTINCT CASE WHEN value IS NOT NULL THEN code END) FROM cell JOIN run ON run.id = cell.run")[1]
  local held, notes = Held.of_store(counts[1], self.path), {}
  local columns, k, names, last, point, brief = held.columns, 0, {}, nil, nil, brief_inputs()
  for i, what in ipairs { "seed", "code" } do
    if counts[2 + i] > 1 then
      notes[#notes + 1] = ("cells of %d %s; they are in the column %q"):format(counts[2 + i],
        i == 1 and "seeds" or "versions of the script", what)
    end
  end
  local several = self:input_contents()
  for _, c in ipairs(several) do
    notes[#notes + 1] = ("%d cell%s of %s with the hash %s, and others of it with another content; the column \"input\" has "
      .. "the hashes"):format(c.cells, c.cells == 1 and "" or "s", c.path, c.hash:sub(1, HASH))
  end
  local own
  local query = ("SELECT c.id, rep, seed, params, value, %s, %s FROM cell c%s WHERE value IS NOT NULL"):format(
    counts[4] > 1 and "code" or "NULL", several[1]
    and "(SELECT files FROM input i WHERE i.id = c.id AND i.rep = c.rep AND i.seed = c.seed)" or "NULL",
    counts[4] > 1 and " JOIN run r ON r.id = c.run" or "")
  for id, rep, seed, params, value, code, files in self:each(query) do
    k = k + 1
    if id ~= last then
      last, point, own = id, {}, point_of(self, id, params, rep, seed)
      for name, v in next, own do point[name], names[name] = written(v), true end
    end
    point.rep = rep
    if counts[3] > 1 and own.seed == nil then point.seed = seed end
    if counts[4] > 1 and own.code == nil then point.code = code end
    if several[1] and own.input == nil then point.input = files and brief[files] or "" end
    columns:set(k, point)
    local whole, size = self:complete(value)
    if not whole then self:values(value) end -- raises
    local fine, why = held:put_row(k, value, size, id, rep, seed)
    if not fine then self:damaged(why) end
  end
  held.parameters = {}
  for name in pairs(names) do held.parameters[#held.parameters + 1] = name end
  table.sort(held.parameters)
  local by = table.move(held.parameters, 1, #held.parameters, 1, {})
  if counts[3] > 1 then by[#by + 1] = "seed" end
  by[#by + 1] = "rep"
  columns:order(by)
  return held, counts[2], notes
end

-- The types of the facts of a run that are used, not only shown.
local TYPES = { script = "string", script_text = "string", folder = "string", modules = "table", key = "table", host = "string",
  argv = "table" }

local function all_texts(t)
  for k, v in pairs(t) do if type(k) ~= "string" or type(v) ~= "string" then return false end end
  return true
end

-- Whether the facts of a run are such as a store writes.
local function well_formed(known)
  if type(known) ~= "table" then return false end
  for name, kind in pairs(TYPES) do
    if known[name] ~= nil and type(known[name]) ~= kind then return false end
  end
  local key = known.key
  if known.modules and not all_texts(known.modules) then return false end
  if not key then return true end
  if type(key.parts) ~= "table" or not all_texts(key.parts) then return false end
  if key.functions ~= nil and type(key.functions) ~= "table" then return false end
  for _, f in ipairs(key.functions or {}) do
    if type(f) ~= "table" or type(f.file) ~= "string" or type(f.name) ~= "string" or type(f.hash) ~= "string" then return false end
  end
  return true
end

-- The runs, oldest first, or the one of that number: {id=, started=, ended=, code=, facts={}}.
function contents:runs(id)
  local out, blobs = {}, self:sql("SELECT count(*) FROM sqlite_schema WHERE name = 'blob'")[1][1] > 0
  local long = setmetatable({}, { __index = function(texts, hash)
    local row = blobs and self:sql("SELECT text FROM blob WHERE hash = ?", hash)[1]
    local value = row and json.decode(row[1]) or false -- once, however many runs have it
    rawset(texts, hash, value)
    return value
  end })
  for i, r in ipairs(self:sql("SELECT id, started, ended, code, facts FROM run WHERE ? IS NULL OR id = ? ORDER BY id", id, id)) do
    local fine, known = pcall(facts.unpack, r[5], function(hash) return long[hash] end)
    if not fine or not well_formed(known) or type(r[2]) ~= "string" or type(r[4]) ~= "string" then
      self:damaged(("the facts of run %s are malformed"):format(tostring(r[1])))
    end
    out[i] = { id = r[1], started = r[2], ended = type(r[3]) == "string" and r[3] or nil, code = r[4], facts = known }
  end
  return out
end

return check.sealed("contents.", contents)
