-- limn/experiment/independence.lua: whether cells depend on nothing but their parameters, replicate and seed.
--   - the seeds that a measurement does not give are the cell's own, and so is the state of math.random
--   - streams made outside of the measurement are in the same state at the start of every cell
--   - a variable or table outside of it that a cell changes is named
--   - replicates that are equal to the bit are named

local native = require "limn.native"
local reach = require "limn.experiment.reach"
local reading = require "limn.experiment.reading"

local independence = {}

local MOST_VALUES = 20000 -- of a snapshot; a larger table is not watched
local MOST_ENTRIES = 1 << 22 -- of an array that is watched
local GOLDEN = 0x9E3779B97F4A7C15 -- odd: no two seeds have the same product
local MOST_ROWS = 100000 -- of a table; the others stay unread
local MOST_NAMED = 3 -- points in a warning

-- ---- the state of one cell ---------------------------------------------------------------------------------------

-- What native.measuring is while the cell is measured: which it is, and how many default seeds it has taken.
function independence.state(cell, seed)
  math.randomseed(cell.key ~ seed * GOLDEN, cell.rep)
  return { id = cell.id, rep = cell.rep, seed = seed, seeds = 0, reading = reading.new() }
end

-- Runs f, then puts math.random into a state that does not depend on what f drew: the same for any number of workers.
function independence.keeping_random(f, ...)
  local a, b = math.random(0), math.random(0)
  local answer = table.pack(f(...))
  math.randomseed(a, b)
  return table.unpack(answer, 1, answer.n)
end

-- ---- state outside of the measurement ----------------------------------------------------------------------------

local Watch = {}
Watch.__index = Watch

-- The streams that a measurement reaches, in their state of now.
function independence.watch(measure)
  local self = setmetatable({ measure = measure, streams = {} }, Watch)
  local nodes = reach.of(measure)
  reading.look(measure, nodes)
  for _, node in ipairs(nodes) do
    if node.kind == "userdata" and native.typename(node.value) == "limn.rng" then
      local kept = native.rng.stream(0, 0, 0)
      native.rng.assign(kept, node.value)
      self.streams[#self.streams + 1] = { stream = node.value, kept = kept, name = node.name }
    end
  end
  return self
end

-- Before a cell, and after the last one.
function Watch:reset()
  for _, s in ipairs(self.streams) do native.rng.assign(s.stream, s.kept) end
end

local function large(u) return native.typename(u) == "limn.array" and u:size() > MOST_ENTRIES end

-- Remembers all values that can be reached now.
function Watch:remember()
  self.nodes = reach.of(self.measure)
  local values, n = {}, 0
  local function keep(node, key, v, index)
    n = n + 1
    values[n] = { node = node, key = key, value = v, index = index }
  end
  for _, node in ipairs(self.nodes) do
    if n > MOST_VALUES then break end
    if node.kind == "function" then
      for _, u in ipairs(node.upvalues) do keep(node, u.name, u.value, u.index) end
      for _, g in ipairs(node.globals) do keep(node, g.name, g.value) end
    elseif node.kind == "table" and not node.class then
      for k, v in next, node.value do
        if n > MOST_VALUES then break end
        keep(node, k, v)
      end
    elseif node.kind == "userdata" and native.typename(node.value) ~= "limn.rng" and not large(node.value) then
      values[#values + 1] = { node = node, content = reach.content(node.value) }
      n = n + 1
    end
  end
  self.values = values
end

local function same(a, b) return rawequal(a, b) or a ~= a and b ~= b end

-- The names of what has changed since `remember`; values that were nil then, as those of a memo table, do not count.
-- Streams: whether one has been drawn from since `reset`.
function Watch:changes()
  local out, told = {}, {}
  local function tell(name, stream)
    if not told[name] then told[name], out[#out + 1] = true, { name = name, stream = stream } end
  end
  for _, s in ipairs(self.streams) do
    if not native.rng.same(s.stream, s.kept) then tell(s.name, true) end
  end
  for _, v in ipairs(self.values) do
    local node = v.node
    if node.kind == "function" then
      local _, now = nil, _G[v.key]
      if v.index then _, now = debug.getupvalue(node.value, v.index) end
      if v.value ~= nil and not same(v.value, now) then
        tell(node == self.nodes[1] and v.key or v.index and ("%s of %s"):format(v.key, node.name) or v.key)
      end
    elseif node.kind == "table" then
      if v.value ~= nil and not same(v.value, rawget(node.value, v.key)) then tell(("%s.%s"):format(node.name, tostring(v.key))) end
    elseif v.content ~= reach.content(node.value) then tell((node.name:gsub("%.handle$", ""))) end
  end
  return out
end

-- The sentence for a change.
function independence.sentence(change)
  if change.stream then
    return ("measure draws from %s, a stream made outside of it, which is in the same state at the start of every cell: "
      .. "all cells draw the same numbers; draw from the second argument of measure"):format(change.name)
  end
  return ("measure changes %s, which is outside of it: results may depend on the order of the cells and on the number of "
    .. "workers"):format(change.name)
end

-- ---- replicates --------------------------------------------------------------------------------------------------

local function equal(a, b)
  if rawequal(a, b) or a ~= a and b ~= b then return true end
  if type(a) == "userdata" and type(b) == "userdata" then return reach.content(a) == reach.content(b) end
  return false
end

-- The columns of results (of results.new) that differ between any two rows.
local function varying(rows, columns)
  local out = {}
  for _, name in ipairs(columns) do
    local first = rows[1][name]
    for k = 2, #rows do
      if not equal(first, rows[k][name]) then
        out[#out + 1] = name
        break
      end
    end
  end
  return out
end

-- Whether a number cannot be a count, nor a fraction with a short decimal form: one that rarely comes twice by chance.
local function long(v) return math.type(v) == "float" and v - v == 0 and ("%.5g"):format(v) + 0.0 ~= v end

-- The places {first, last} of the rows of each point, which follow one another.
local function points_of(rows, parameters)
  local out, first = {}, 1
  for k = 2, #rows + 1 do
    local other = k > #rows
    for _, name in ipairs(parameters) do other = other or not equal(rows[k][name], rows[k - 1][name]) end
    if other then
      out[#out + 1] = { first, k - 1 }
      first = k
    end
  end
  return out
end

-- Whether the rows of a point have the same values.
local function alike(rows, point, columns)
  for k = point[1] + 1, point[2] do
    for _, name in ipairs(columns) do
      if not equal(rows[k][name], rows[point[1]][name]) then return false end
    end
  end
  return true
end

-- Those of `suspects` with a value that no other point has.
local function alone(rows, points, suspects, columns)
  local holders, out = {}, {} -- holders: column -> value -> the point that has it, false if several do
  for _, name in ipairs(columns) do holders[name] = {} end
  for _, point in ipairs(points) do
    for k = point[1], point[2] do
      for _, name in ipairs(columns) do
        local v, held = rows[k][name], holders[name]
        if v ~= nil and v == v and type(v) ~= "userdata" then held[v] = (held[v] == nil or held[v] == point) and point end
      end
    end
  end
  for _, point in ipairs(suspects) do
    for _, name in ipairs(columns) do
      local v = rows[point[1]][name]
      if v ~= nil and v == v and (type(v) == "userdata" or holders[name][v] == point) then
        out[#out + 1] = point
        break
      end
    end
  end
  return out
end

-- "all 3 replicates of n=1 are equal; ...": some of the points, and how many more.
local function named(rows, suspects, parameters)
  local shown, out = varying(rows, parameters), {}
  if #shown == 0 then shown = parameters end
  for i = 1, math.min(MOST_NAMED, #suspects) do
    local point, words = suspects[i], {}
    for k, name in ipairs(shown) do words[k] = ("%s=%s"):format(name, tostring(rows[point[1]][name])) end
    out[i] = ("all %d replicates of %s are equal"):format(point[2] - point[1] + 1, table.concat(words, ", "))
  end
  if #suspects > MOST_NAMED then out[#out + 1] = ("and so are those of %d more points"):format(#suspects - MOST_NAMED) end
  return table.concat(out, "; ")
end

-- How many of the columns have a value in a row, and whether all of these are flags: short numbers, texts, booleans.
local function filled(row, columns)
  local n, flags = 0, true
  for _, name in ipairs(columns) do
    local v = row[name]
    if v ~= nil and v == v then n, flags = n + 1, flags and type(v) ~= "userdata" and not long(v) end
  end
  return n, flags
end

-- A sentence that names the points of a sweep all of whose replicates are equal to the bit, or nil. table_: results;
-- parameters: names. Columns that are the same in all cells do not count. Where only some points have equal replicates,
-- those do not count either whose values other points have too: an accuracy of 1 is no sign of a fault; nor those that
-- leave out columns of other points and have flags alone, as {skipped = 1}.
function independence.equal_replicates(table_, parameters)
  local rows, is_parameter, values = table_:rows(), { rep = true }, {}
  if #rows > MOST_ROWS then rows = table.move(rows, 1, MOST_ROWS, 1, {}) end
  local several = false
  for _, row in ipairs(rows) do
    if row.rep ~= 1 then
      several = true
      break
    end
  end
  if not several then return nil end
  for _, name in ipairs(parameters) do is_parameter[name] = true end
  for _, name in ipairs(table_:columns()) do
    if not is_parameter[name] then values[#values + 1] = name end
  end
  local points, columns, repeated, suspects, most = points_of(rows, parameters), varying(rows, values), 0, {}, 0
  if #points == 1 then
    for _, name in ipairs(values) do
      if long(rows[1][name]) then columns[#columns + 1] = name end
    end
  end
  if #columns == 0 then return nil end
  for _, row in ipairs(rows) do most = math.max(most, (filled(row, columns))) end
  for _, point in ipairs(points) do
    if point[2] > point[1] then
      local n, flags = filled(rows[point[1]], columns)
      repeated = repeated + 1
      if (n == most or not flags) and alike(rows, point, columns) then suspects[#suspects + 1] = point end
    end
  end
  if #suspects < repeated then suspects = alone(rows, points, suspects, columns) end
  if #suspects == 0 then return nil end
  return named(rows, suspects, parameters) .. ": does measure use rng?"
end

-- A sentence on results that look wrong as a whole, or nil: no values at all, or equal replicates.
function independence.doubts(table_, parameters)
  if #table_ == 0 then return nil end
  local known = { rep = true }
  for _, name in ipairs(parameters) do known[name] = true end
  for _, name in ipairs(table_:columns()) do
    if not known[name] then return independence.equal_replicates(table_, parameters) end
  end
  return "measure returned no values in any cell: nothing was measured"
end

return independence
