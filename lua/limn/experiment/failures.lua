-- limn/experiment/failures.lua: the failed cells of a sweep: which failed alike, what a script prints about them, and the
-- values that are not finite.

local check = require "limn.base.check"
local system = require "limn.base.system"
local grid = require "limn.experiment.grid"
local native = require "limn.native"
local visible = require "limn.base.visible"

local failures = { first = 20 } -- if so many cells finish first and all fail alike, the sweep ends

local MOST_KINDS = 5 -- kinds of failure that are printed
local MOST_COUNTED = 1000 -- kinds that are told apart
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

-- The failed cells by kind; of each kind the first cell of the grid.
local Tally = {}
Tally.__index = Tally

function failures.tally() return setmetatable({ kinds = {}, count = 0, others = 0 }, Tally) end

function Tally:add(cell)
  local name = failures.kind(cell.failure)
  local kind = self.kinds[name]
  if not kind then
    if self.count >= MOST_COUNTED then
      self.others = self.others + 1
      return
    end
    kind, self.count = { count = 0, cell = cell }, self.count + 1
    self.kinds[name] = kind
  end
  kind.count = kind.count + 1
  if cell.index < kind.cell.index then kind.cell = cell end
end

-- The failed cells by message, the most frequent first, with a traceback and the command that computes one of them alone;
-- nil without failures. store: the path of the store that holds them; script: that of the sweep, or nil.
function Tally:summary(store, script)
  local list, out = {}, {}
  for _, kind in pairs(self.kinds) do list[#list + 1] = kind end
  table.sort(list, function(a, b)
    if a.count ~= b.count then return a.count > b.count end
    return a.cell.index < b.cell.index
  end)
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
    out[#out + 1] = ("  %s: %s, rep=%d; run it alone with: limn store rerun %s %s rep=%d %s"):format(
      count == 1 and "the cell" or "one of them", grid.name(cell.point), cell.rep, system.quoted(store), cell.id:sub(1, ID),
      cell.rep, script and "--script " .. system.quoted(script) or "--yes")
  end
  if #list > MOST_KINDS then
    out[#out + 1] = ("and %s%d other messages: limn store failed %s"):format(self.others > 0 and "at least " or "",
      #list - MOST_KINDS, system.quoted(store))
  end
  return out[1] and visible.text(table.concat(out, "\n")) or nil
end

-- How many cells of a grid have failed by the store, for this seed and the current code, or with `older` for any.
function failures.recorded(kept, space, seed, older)
  local n = 0
  kept.db:places(space.enlist())
  for q, rep, code in kept:each("SELECT q, rep, code FROM (SELECT place(cell.id) AS q, rep, run.code AS code FROM cell "
    .. "JOIN run ON run.id = cell.run WHERE seed = ? AND failure IS NOT NULL) WHERE q IS NOT NULL", seed) do
    if space.index(q, rep) and (older or code == kept.code) then n = n + 1 end
  end
  return n
end

-- "3 of 40 cells hold values that are not finite, or \"diverged\" (loss 3)", or nil. columns: native.columns.
function failures.not_finite(columns)
  local cells, counts = columns:broken()
  if cells == 0 then return nil end
  local names, parts = columns:names(), {}
  table.sort(names)
  for _, name in ipairs(names) do
    if counts[name] then parts[#parts + 1] = ("%s %d"):format(name, counts[name]) end
  end
  return ("%d of %d cells hold values that are not finite or \"diverged\" (%s); they are in the table as they are"):format(
    cells, #columns, table.concat(parts, ", "))
end

-- The number of cells that a run computed and that failed, kept at its end: a later run takes over the rows of cells
-- that it computes again.
function failures.remember(kept, done, failed)
  kept:sql("INSERT OR REPLACE INTO meta VALUES (?, ?)", ("run/%d"):format(kept.run),
    native.json.encode { done = done, failed = failed })
end

-- -> the cells that runs finished and that failed.
function failures.of_runs(kept, runs)
  local done, failed, left = 0, 0, {}
  for _, run in ipairs(runs) do
    local held = kept:sql("SELECT value FROM meta WHERE key = ?", ("run/%d"):format(run.id))[1]
    if held then
      local counts = native.json.decode(held[1])
      done, failed = done + counts.done, failed + counts.failed
    else left[#left + 1] = run.id end
  end
  if #left > 0 then
    local n = kept:sql(("SELECT count(value), count(failure) FROM cell WHERE run IN (%s)"):format(table.concat(left, ",")))[1]
    done, failed = done + n[1], failed + n[2]
  end
  return done, failed
end

return failures
