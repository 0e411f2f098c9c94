-- limn/experiment/failures.lua: the failed cells of a sweep: which failed alike, what a script prints about them, and the
-- values that are not finite.

local check = require "limn.base.check"
local system = require "limn.base.system"
local grid = require "limn.experiment.grid"
local native = require "limn.native"

local failures = { first = 20 } -- if so many cells finish first and all fail alike, the sweep ends

local MOST_KINDS = 5 -- kinds of failure that are printed
local MOST_FRAMES = 6 -- lines of a traceback
local ID = 12 -- leading digits of a cell's id in a command; `limn store rerun` accepts them

-- What equal failures have in common: the first line of the message without its numbers, which are those of the cell,
-- but with the number of the script's line.
function failures.kind(text)
  local line = check.first_line(text)
  local place, rest = line:match "^(.-:%d+:)(.*)$"
  return (place or "") .. (rest or line):gsub("%d[%w.]*", "#")
end

-- observe(cell) for each finished cell -> the message that ends the sweep, once `failures.first` cells have finished
-- and all of them have failed alike.
function failures.watch()
  local kind, seen = nil, 0
  return function(cell)
    if not seen then return nil end
    local this = cell.failure and failures.kind(cell.failure)
    if not this or kind and this ~= kind then
      seen = nil
      return nil
    end
    kind, seen = this, seen + 1
    if seen < failures.first then return nil end
    seen = nil
    return ("stopped: the first %d cells failed alike"):format(failures.first)
  end
end

-- The failures by kind, the most frequent first: { {count=, cell=} }.
local function by_kind(cells)
  local kinds, list = {}, {}
  for _, cell in ipairs(cells) do
    if cell.failure then
      local kind = failures.kind(cell.failure)
      if not kinds[kind] then
        kinds[kind] = { count = 0, cell = cell, place = #list + 1 }
        list[#list + 1] = kinds[kind]
      end
      kinds[kind].count = kinds[kind].count + 1
    end
  end
  table.sort(list, function(a, b)
    if a.count ~= b.count then return a.count > b.count end
    return a.place < b.place
  end)
  return list
end

-- The failed cells by message, with a traceback and the command that computes one of them alone; nil without failures.
-- store: the path of the store that holds them.
function failures.summary(cells, store)
  local list, out = by_kind(cells), {}
  for i = 1, math.min(#list, MOST_KINDS) do
    local cell, count = list[i].cell, list[i].count
    out[#out + 1] = ("%d cell%s failed%s: %s"):format(count, count == 1 and "" or "s", count == 1 and "" or " alike",
      check.first_line(cell.failure))
    local frames = 0
    for line in (cell.failure:match "\n(.*)" or ""):gmatch "[^\n]+" do
      frames = frames + 1
      if frames > MOST_FRAMES then break end
      out[#out + 1] = "  " .. line
    end
    out[#out + 1] = ("  %s: %s, rep=%d; run it alone with: limn store rerun %s %s rep=%d"):format(
      count == 1 and "the cell" or "one of them", grid.name(cell.point), cell.rep, system.quoted(store), cell.id:sub(1, ID),
      cell.rep)
  end
  if #list > MOST_KINDS then
    out[#out + 1] = ("and %d other messages: limn store failed %s"):format(#list - MOST_KINDS, system.quoted(store))
  end
  return out[1] and table.concat(out, "\n") or nil
end

-- How many cells of a grid have failed by the store, for this seed and the current code, or with `older` for any.
function failures.recorded(kept, space, first, step, seed, older)
  local n = 0
  kept.db:places(space.enlist(first, step))
  for q, rep, code in kept:each("SELECT q, rep, code FROM (SELECT place(cell.id) AS q, rep, run.code AS code FROM cell "
    .. "JOIN run ON run.id = cell.run WHERE seed = ? AND failure IS NOT NULL) WHERE q IS NOT NULL", seed) do
    local i = q * space.reps + rep
    if rep <= space.reps and (i - first) % step == 0 and (older or code == kept.code) then n = n + 1 end
  end
  return n
end

local function is_broken(v)
  if v == "diverged" then return true end
  if math.type(v) == "float" then return v - v ~= 0 end
  if check.typename(v) ~= "limn.array" then return false end
  local sum = v:sum()
  return sum - sum ~= 0
end

-- "3 of 40 cells hold values that are not finite, or \"diverged\" (loss 3)", or nil. parameters: names of columns that
-- are not measured.
function failures.not_finite(rows, columns, parameters)
  local skip, cells, counts, parts = { rep = true }, 0, {}, {}
  for _, name in ipairs(parameters) do skip[name] = true end
  for _, row in ipairs(rows) do
    local any = false
    for _, name in ipairs(columns) do
      if not skip[name] and is_broken(row[name]) then any, counts[name] = true, (counts[name] or 0) + 1 end
    end
    if any then cells = cells + 1 end
  end
  if cells == 0 then return nil end
  for _, name in ipairs(columns) do
    if counts[name] then parts[#parts + 1] = ("%s %d"):format(name, counts[name]) end
  end
  return ("%d of %d cells hold values that are not finite or \"diverged\" (%s); they are in the table as they are"):format(
    cells, #rows, table.concat(parts, ", "))
end

-- The number of cells that a run computed and that failed, kept at its end: a later run takes over the rows of cells
-- that it computes again.
function failures.remember(kept, done, failed)
  kept:sql("INSERT OR REPLACE INTO meta VALUES (?, ?)", ("run/%d"):format(kept.run),
    native.json.encode { done = done, failed = failed })
end

-- -> the cells that a run finished and that failed.
function failures.of_run(kept, id)
  local held = kept:sql("SELECT value FROM meta WHERE key = ?", ("run/%d"):format(id))[1]
  if held then
    local counts = native.json.decode(held[1])
    return counts.done, counts.failed
  end
  local n = kept:sql("SELECT count(value), count(failure) FROM cell WHERE run = ?", id)[1]
  return n[1], n[2]
end

return failures
