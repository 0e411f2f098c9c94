-- limn/frontend/commands/watch.lua: limn store watch FILE [COLUMN [BY]] [--every SECONDS]: a store while a sweep writes it:
-- how many cells, how fast, which failed, the newest rows, and a column drawn with characters.

local aligned = require "limn.base.aligned"
local check = require "limn.base.check"
local grid = require "limn.experiment.grid"
local native = require "limn.native"
local stores = require "limn.experiment.store"
local tables = require "limn.table.results"
local visible = require "limn.base.visible"

local json, posix = native.json, native.posix

local ROWS, FAILURES = 5, 3 -- how many are shown
local EVERY = 2 -- seconds between two looks

local Watch = {}
Watch.__index = Watch

-- "2026-01-31T12:00:00Z" -> seconds since 1970
local function seconds_of(text)
  local year, month, day, hour, minute, second = text:match "^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)Z$"
  if not year then return nil end
  local then_ = os.time { year = year, month = month, day = day, hour = hour, min = minute, sec = second, isdst = false }
  local now = os.time()
  return then_ + os.difftime(now, os.time(os.date("!*t", now))) -- os.time takes local time
end

-- The table that a text of the store holds; raises that the store is damaged if it holds none.
local function decoded(store, text, what)
  local fine, value = pcall(json.decode, text)
  if not fine or type(value) ~= "table" then store:damaged(("the %s of a cell are malformed"):format(what)) end
  return value
end

-- A row as a flat table: parameters, rep, values; arrays are lists.
local function row_of(store, params, rep, result)
  local row = decoded(store, params, "parameters")
  row.rep = rep
  for k, v in pairs(type(result) == "string" and decoded(store, result, "values") or {}) do row[k] = v end
  return row
end

-- The cells that the last look did not see; of the first look, those of the newest run.
function Watch:news()
  local fresh, newest = {}, self.store:sql("SELECT max(run) FROM cell")[1][1]
  local first = next(self.seen) == nil
  for id, rep, seed, run, finished in self.store:each("SELECT id, rep, seed, run, value IS NOT NULL FROM cell "
    .. "ORDER BY run, params, rep") do
    if not (math.type(rep) == "integer" and math.type(seed) == "integer" and math.type(run) == "integer") then
      self.store:damaged "the numbers of a cell are malformed"
    end
    local key = ("%s %d %d %d"):format(id, rep, seed, run)
    if not self.seen[key] then
      self.seen[key] = true
      if finished == 1 and (not first or run == newest) then fresh[#fresh + 1] = { id, rep, seed } end
    end
  end
  return fresh
end

local function names_of(rows)
  local names, seen = {}, { rep = true }
  for _, row in ipairs(rows) do
    for k in pairs(row) do if not seen[k] then seen[k], names[#names + 1] = true, k end end
  end
  table.sort(names)
  table.insert(names, 1, "rep")
  return names
end

function Watch:rows(fresh)
  if #fresh > 0 then self.newest = table.move(fresh, math.max(1, #fresh - ROWS + 1), #fresh, 1, {}) end
  local rows = {}
  for _, key in ipairs(self.newest) do
    local found = self.store:sql("SELECT params, result FROM cell WHERE id = ? AND rep = ? AND seed = ?", table.unpack(key))[1]
    if found then rows[#rows + 1] = row_of(self.store, found[1], key[2], found[2]) end
  end
  if #rows == 0 then return nil end
  local names, lists = names_of(rows), {}
  for i, row in ipairs(rows) do
    lists[i] = {}
    for j, name in ipairs(names) do lists[i][j] = row[name] end
  end
  return "newest rows\n" .. aligned.text(names, lists, posix.terminal(1) or 80, 6, math.huge)
end

function Watch:failures()
  local lines, count = {}, self.store:sql("SELECT count(failure) FROM cell")[1][1]
  if count == 0 then return nil end
  for _, f in ipairs(self.store:sql("SELECT params, rep, failure FROM cell WHERE failure IS NOT NULL "
    .. "ORDER BY params, rep LIMIT ?", FAILURES)) do
    lines[#lines + 1] = ("  %s, rep=%s: %s"):format(grid.name(decoded(self.store, f[1], "parameters")), f[2], check.first_line(f[3]))
  end
  if count > #lines then lines[#lines + 1] = ("  ... %d more"):format(count - #lines) end
  return "failed\n" .. table.concat(lines, "\n")
end

-- The parameter with the most values among those that are numbers.
local function widest(points)
  local seen, count, best = {}, {}, nil
  for _, point in ipairs(points) do
    for k, v in pairs(point) do
      seen[k] = seen[k] or {}
      if type(v) == "number" and not seen[k][v] then seen[k][v], count[k] = true, (count[k] or 0) + 1 end
    end
  end
  for k, n in pairs(count) do if not best or n > count[best] or n == count[best] and k < best then best = k end end
  return best
end

-- The mean of the column for each value of a parameter, with characters.
function Watch:figure()
  local points, rows = {}, {}
  for params, rep, result in self.store:each("SELECT params, rep, result FROM cell WHERE value IS NOT NULL") do
    points[#points + 1], rows[#rows + 1] = decoded(self.store, params, "parameters"), row_of(self.store, params, rep, result)
  end
  if #rows == 0 then return nil end
  local x, known = self.by or widest(points), {}
  for _, name in ipairs(names_of(rows)) do known[name] = true end
  for _, name in ipairs { self.column, x } do
    if not known[name] then error(("no column %q (there are: %s)"):format(name, table.concat(names_of(rows), " ")), 0) end
  end
  local out, table_ = {}, tables.new(rows, names_of(rows))
  table_.parameters = {}
  for name in pairs(points[1]) do table.insert(table_.parameters, name) end
  table.sort(table_.parameters)
  local drawn, figure = pcall(require("limn.plot").ci, table_, { x = x, y = self.column, show = false, quiet = true })
  if not drawn then return nil end -- no row has numbers yet
  local shown, why = figure:show { as = "text", columns = math.min(posix.terminal(1) or 80, 100), rows = 16,
    to = { write = function(_, ...) out[#out + 1] = table.concat { ... } end, flush = function() end } }
  return shown and table.concat(out):gsub("%s+$", "") or "not drawn: " .. why
end

-- What the store holds now -> text, whether the newest run has ended
function Watch:look()
  local counts = self.store:sql "SELECT count(value), count(failure) FROM cell"[1]
  local run = self.store:sql("SELECT id, started, ended FROM run ORDER BY id DESC LIMIT 1")[1]
  local parts = { ("%s: %s, %d cells, %d failed"):format(self.store.path, self.store.name, counts[1], counts[2]) }
  if run then
    local n = self.store:sql("SELECT count(*) FROM cell WHERE run = ?", run[1])[1][1]
    local from, to = seconds_of(run[2]), run[3] and seconds_of(run[3]) or os.time()
    parts[2] = ("run %d: %d cells since %s%s, %s"):format(run[1], n, run[2],
      from and to > from and (", %.3g a second"):format(n / (to - from)) or "", run[3] and "ended " .. run[3] or "running")
  end
  parts[#parts + 1] = self:failures()
  parts[#parts + 1] = self:rows(self:news())
  parts[#parts + 1] = self.column and self:figure() or nil
  for i, part in ipairs(parts) do parts[i] = visible.text(part) end -- a store may come from anywhere
  return table.concat(parts, "\n"), run ~= nil and run[3] and true or false
end

local function options_of(path, ...)
  local words, every = {}, nil
  local list = { ... }
  local i = 1
  while list[i] do
    if list[i] == "--every" then
      every, i = tonumber(list[i + 1]), i + 1
      if not every or every ~= every or every < 0.01 or every > 86400 then
        error(("--every takes a number of seconds from 0.01 to 86400, got %s"):format(list[i] or "nothing"), 0)
      end
    else
      words[#words + 1] = list[i]
    end
    i = i + 1
  end
  if #words > 2 or path:sub(1, 2) == "--" then error("usage: watch FILE [COLUMN [BY]] [--every SECONDS]", 0) end
  return words[1], words[2], every
end

-- Shows the store until the newest run has ended. If stdout is no terminal, one look is printed, or with --every one
-- after the other.
return function(path, ...)
  local column, by, every = options_of(path, ...)
  local store, why = stores.open(path)
  if not store then error(why, 0) end
  local self = setmetatable({ store = store, column = column, by = by, seen = {}, newest = {} }, Watch)
  local screen = posix.terminal(1)
  while true do
    local text, ended = self:look()
    io.write(screen and "\27[H\27[2J" or "", text, "\n")
    io.flush()
    if ended or not (screen or every) then break end
    posix.ready({}, every or EVERY)
  end
  store:close()
end
