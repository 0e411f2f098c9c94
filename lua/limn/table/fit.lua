-- limn/table/fit.lua: straight lines through two columns, and where a column crosses a level. Both are computed for each
-- replicate by itself, since replicates are independent; the interval is that of Student over the replicates.

local check = require "limn.base.check"
local class = require "limn.table.class"
local order = require "limn.table.order"
local stats = require "limn.stats"
local Groups = require "limn.table.groups"

local Results = class.Results

local Fit = { __name = "limn.results.fit" }
Fit.__index = Fit
local Crossing = { __name = "limn.results.crossing" }
Crossing.__index = Crossing

local COMMON = { x = { type = "string", required = true }, y = { type = "string", required = true },
  log = { type = "string", one_of = { "x", "y", "xy" } }, level = { type = "number", min = 0, max = 1 } }

local function rules(more)
  for k, v in pairs(COMMON) do if more[k] == nil then more[k] = v end end
  return more
end

local FIT = rules { level = { type = "number", default = 0.95, min = 0, max = 1 } }
local CROSSING = rules { level = { type = "number", required = true },
  confidence = { type = "number", default = 0.95, min = 0, max = 1 } }

local function warn(self, text) self.warning = self.warning and self.warning .. "; " .. text or text end

-- A coordinate, as its logarithm if asked; nil for a missing value, NaN and infinity.
local function coordinate(who, row, name, logarithmic)
  local v = row[name]
  if v == nil then return nil end
  if type(v) ~= "number" then check.fail("%s: %s must be a column of numbers, got %s", who, name, check.show(v)) end
  if v - v ~= 0 then return nil end
  if not logarithmic then return v end
  if v <= 0 then check.fail("%s: %s must be positive for its logarithm, got %s", who, name, order.show(v)) end
  return math.log(v)
end

-- The points of some rows by replicate: a list of {rep =, x = {}, y = {}}; of a table without the column rep, one entry.
-- Without points out.failure says so.
local function curves(out, who, rows, o)
  local by_rep, list, lost = {}, {}, 0
  local log_x, log_y = o.log == "x" or o.log == "xy", o.log == "y" or o.log == "xy"
  for _, row in ipairs(rows) do
    local x, y = coordinate(who, row, o.x, log_x), coordinate(who, row, o.y, log_y)
    if x and y then
      local key = order.key(row.rep) or ""
      if not by_rep[key] then
        by_rep[key] = { rep = row.rep, x = {}, y = {} }
        list[#list + 1] = by_rep[key]
      end
      local curve = by_rep[key]
      curve.x[#curve.x + 1], curve.y[#curve.y + 1] = x, y
    else
      lost = lost + 1
    end
  end
  if #list == 0 then out.failure = ("no row has numbers in both %s and %s"):format(o.x, o.y)
  elseif lost > 0 then
    warn(out, ("%d of %d rows have no finite number in %s and %s and are left out"):format(lost, #rows, o.x, o.y))
  end
  table.sort(list, function(a, b) return order.compare(a.rep, b.rep) < 0 end)
  return list
end

local function options_of(self, who, options, known)
  local o = check.options(who, options, known)
  for _, axis in ipairs { "x", "y" } do class.known(self, who, o[axis]) end
  if o.x == o.y then check.fail("%s: x and y must be two columns, got %q twice", who, o.x) end
  return o
end

-- What was computed, or an error.
local function result(who, out)
  if out.failure then check.fail("%s: %s", who, out.failure) end
  return out
end

-- ---- lines ---------------------------------------------------------------------------------------------------------

local function several(values)
  for _, v in ipairs(values) do if v ~= values[1] then return true end end
  return false
end

local function fit(who, rows, o)
  local out = setmetatable({ level = o.level, x = o.x, y = o.y, log = o.log }, Fit)
  local list, slopes, kept, base = curves(out, who, rows, o), {}, {}, 0
  out.n = 0
  for _, curve in ipairs(list) do
    if several(curve.x) then
      local slope, interval, _, at_zero = stats.slope(curve.x, curve.y, o.level)
      slopes[#slopes + 1] = slope
      kept[#kept + 1] = { rep = curve.rep, slope = slope, at_zero = at_zero, n = #curve.x }
      base, out.n, out.interval = base + at_zero, out.n + #curve.x, #curve.x > 2 and interval or nil
    end
  end
  if #slopes == 0 then
    out.failure = out.failure or o.x .. " must have at least 2 different values in a replicate"
    return out
  end
  if #slopes < #list then
    warn(out, ("%d of %d replicates have a single value of %s and are left out"):format(#list - #slopes, #list, o.x))
  end
  out.slope, out.at_zero = slopes[1], base / #slopes
  if #slopes > 1 then out.slope, out.interval = stats.mean(slopes, o.level) end
  out.replicates = class.new(kept, { "rep", "slope", "at_zero", "n" })
  return out
end

-- {x=, y=, log="x"|"y"|"xy", level=0.95}: the least-squares line y = at_zero + slope x, of natural logarithms with log.
-- With several replicates the slope is the mean of theirs; of one, the interval is that of the scatter about the line.
function Results:fit(options)
  local o = options_of(self, "results:fit", options, FIT)
  class.filled(self, "results:fit")
  return result("results:fit", fit("results:fit", self.list, o))
end

local function between(interval)
  return interval and (" (%.5g to %.5g)"):format(interval[1], interval[2]) or " (no interval)"
end

function Fit:__tostring()
  local axis = self.log or ""
  return ("limn.results.fit: slope %.5g%s of %s against %s, %d points, %d replicate%s%s"):format(self.slope,
    between(self.interval), axis:find "y" and "log " .. self.y or self.y, axis:find "x" and "log " .. self.x or self.x,
    self.n, #self.replicates, #self.replicates == 1 and "" or "s", self.warning and "\n" .. self.warning or "")
end

-- ---- crossings -----------------------------------------------------------------------------------------------------

-- Where a curve first crosses the level, or nil; how many times it does; "up" or "down", or the side on which it stays.
-- A curve that begins or ends on the level crosses there; one that touches it and turns back does not.
local function cross(who, curve, o, level)
  local places, at, direction = {}, nil, nil
  for i in ipairs(curve.x) do places[i] = i end
  table.sort(places, function(a, b) return curve.x[a] < curve.x[b] end)
  local count, side = 0, 0 -- side: that of the last point which is not on the level
  local touched, last_x, last_y -- touched: x of the first point on the level since
  local function record(where, to)
    count = count + 1
    if not at then at, direction = where, to > 0 and "up" or to < 0 and "down" or "on" end
  end
  for _, place in ipairs(places) do
    local x, y = curve.x[place], curve.y[place]
    if x == last_x then
      check.fail("%s: two rows%s have the same %s; choose with where, or reduce with by first", who,
        curve.rep and " with rep = " .. order.show(curve.rep) or "", o.x)
    end
    local now = y > level and 1 or y < level and -1 or 0
    if now == 0 then
      touched = touched or x
    else
      if side == 0 and touched then record(touched, now)
      elseif side ~= 0 and now ~= side then
        record(touched or last_x + (x - last_x) * ((level - last_y) / (y - last_y)), now)
      end
      side, touched = now, nil
    end
    last_x, last_y = x, y
  end
  if touched then record(touched, -side) end
  return at, count, direction or side > 0 and "above" or "below"
end

local function crossing(who, rows, o)
  local out = setmetatable({ level = o.level, x = o.x, y = o.y, missing = 0 }, Crossing)
  local list, found, table_, often = curves(out, who, rows, o), {}, {}, 0
  if out.failure then return out end
  local level, log_x = o.level, o.log == "x" or o.log == "xy"
  if o.log == "y" or o.log == "xy" then
    if level <= 0 then check.fail("%s: level must be positive for its logarithm, got %s", who, order.show(level)) end
    level = math.log(level)
  end
  for i, curve in ipairs(list) do
    local at, count, direction = cross(who, curve, o, level)
    found[#found + 1] = at
    if at and log_x then at = math.exp(at) end
    if not at then out.missing = out.missing + 1 end
    if count > 1 then often = often + 1 end
    table_[i] = { rep = curve.rep, at = at, direction = direction, count = count }
  end
  if out.missing > 0 then
    warn(out, ("%d of %d replicates do not cross: %s"):format(out.missing, #list, out.missing == #list
      and ("%s stays %s %s"):format(o.y, table_[1].direction, order.show(o.level)) or "the mean is that of the others"))
  end
  if often > 0 then warn(out, ("%d of %d replicates cross several times; the first is taken"):format(often, #list)) end
  out.at = found[1]
  if #found > 1 then out.at, out.interval = stats.mean(found, o.confidence) end
  if out.at and log_x then
    out.at = math.exp(out.at)
    if out.interval then out.interval = { math.exp(out.interval[1]), math.exp(out.interval[2]) } end
  end
  out.replicates = class.new(table_, { "rep", "at", "direction", "count" })
  return out
end

-- {x=, y=, level=, log="x"|"y"|"xy", confidence=0.95}: where y crosses a level, by straight lines between neighbouring
-- points (of logarithms with log): the mean over the replicates that cross; with log = "x" the geometric one.
function Results:crossing(options)
  local o = options_of(self, "results:crossing", options, CROSSING)
  class.filled(self, "results:crossing")
  return result("results:crossing", crossing("results:crossing", self.list, o))
end

function Crossing:__tostring()
  local head = self.at and ("%s crosses %s at %s = %.5g%s"):format(self.y, order.show(self.level), self.x, self.at,
    between(self.interval)) or ("%s does not cross %s"):format(self.y, order.show(self.level))
  return ("limn.results.crossing: %s, %d replicate%s%s"):format(head, #self.replicates, #self.replicates == 1 and "" or "s",
    self.warning and "\n" .. self.warning or "")
end

-- ---- the same in groups --------------------------------------------------------------------------------------------

-- One row per group: `fields` of what compute gives. A group for which nothing can be computed keeps its row.
local function each(self, who, columns, compute, fields)
  local names, rows, warnings = { table.unpack(self.by) }, {}, {}
  for _, name in ipairs(columns) do names[#names + 1] = name end
  class.names(class.new({}, names), who, "the table of groups", names)
  for i, group in ipairs(self.order) do
    local row, one = {}, compute(group.rows)
    for _, name in ipairs(self.by) do row[name] = group.rows[1][name] end
    fields(row, one)
    rows[i] = row
    local note = one.failure or one.warning
    if note then warnings[#warnings + 1] = class.place(group.rows[1], self.by) .. ": " .. note end
  end
  return class.derived(self.table, rows, names, #warnings > 0 and table.concat(warnings, "; ") or nil)
end

-- One row per group: slope, slope_low, slope_high, at_zero, n.
function Groups:fit(options)
  local o = options_of(self.table, "groups:fit", options, FIT)
  return each(self, "groups:fit", { "slope", "slope_low", "slope_high", "at_zero", "n" }, function(rows)
    return fit("groups:fit", rows, o)
  end, function(row, one)
    row.slope, row.at_zero, row.n = one.slope, one.at_zero, one.n
    if one.interval then row.slope_low, row.slope_high = one.interval[1], one.interval[2] end
  end)
end

-- One row per group: the crossing under the name of x, NAME_low, NAME_high, and how many replicates do not cross.
function Groups:crossing(options)
  local o = options_of(self.table, "groups:crossing", options, CROSSING)
  return each(self, "groups:crossing", { o.x, o.x .. "_low", o.x .. "_high", "missing" }, function(rows)
    return crossing("groups:crossing", rows, o)
  end, function(row, one)
    row[o.x], row.missing = one.at, one.missing
    if one.interval then row[o.x .. "_low"], row[o.x .. "_high"] = one.interval[1], one.interval[2] end
  end)
end
