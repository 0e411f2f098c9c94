-- limn/experiment/cost_model.lua: the seconds of a cell as a function of its parameters, regressed on those of measured cells.
-- The time of many measurements is a product of powers of the parameters, such as n^3, so the logarithm of the seconds is
-- regressed on the logarithms of the numbers in the grid:
--
--   log seconds = log cost(point) + a + sum_p b_p log p + sum_p c_p(p) + noise
--
-- b: exponents; c: an offset for each value of a parameter with few values (texts, booleans, and what no power describes).
-- Least squares with a normal prior on b and c, which is ridge regression with one penalty for each kind of column.

local native = require "limn.native"
local stores = require "limn.experiment.store"

local cost_model = {}

local LEVELS = 12 -- values of a parameter that get offsets
local COLUMNS = 48 -- of the regression
local NOISE, EXPONENT, OFFSET = 0.1, 3, 0.5 -- standard deviations: of log seconds, and of the prior on b and on c
local FREE = 1e-9 -- penalty of the intercept
local TINY = 1e-7 -- seconds; a clock may show none
local GOLDEN = (5 ^ 0.5 - 1) / 2
local LISTED = 1024 -- points of a grid that stand for all
local SAMPLE = 1024 -- cells of a store that are regressed on

-- ---- columns: { form =, name = of the parameter, low =, high =, level =, penalty = } ----------------------------------------

-- The value of a column, by its form, for the value v of its parameter.
local forms = {
  one = function() return 1 end,
  log = function(_, v) return math.type(v) and v > 0 and math.log(v) or 0 end,
  span = function(column, v) return math.type(v) and (v - column.low) / (column.high - column.low) or 0 end,
  level = function(column, v) return v == column.level and 1 or 0 end,
}

-- The columns of the regression for the points of a grid, a list.
function cost_model.columns(points)
  local values, names, columns = {}, {}, { { form = "one", penalty = FREE } }
  for _, point in ipairs(points) do
    for name, v in next, point do
      if not values[name] then
        values[name], names[#names + 1] = { seen = {}, numbers = true, positive = true }, name
      end
      local it = values[name]
      if not it.seen[v] then it.seen[v], it[#it + 1] = true, v end
      it.numbers = it.numbers and type(v) == "number"
      it.positive = it.positive and it.numbers and v > 0
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local it = values[name]
    if it.numbers and #it > 1 then
      columns[#columns + 1] = { form = it.positive and "log" or "span", name = name, low = math.min(table.unpack(it)),
        high = math.max(table.unpack(it)), penalty = (NOISE / EXPONENT) ^ 2 }
    end
  end
  for _, name in ipairs(names) do
    local it = values[name]
    if #it > 1 and #it <= LEVELS and #columns + #it <= COLUMNS then
      for _, level in ipairs(it) do
        columns[#columns + 1] = { form = "level", name = name, level = level, penalty = (NOISE / OFFSET) ^ 2 }
      end
    end
  end
  return columns
end

local function row_of(columns, point)
  local row = {}
  for j, column in ipairs(columns) do row[j] = forms[column.form](column, point[column.name]) end
  return row
end

local function declared(cost, point) return cost and math.log(math.max(cost(point), TINY)) or 0 end

-- ---- least squares ----------------------------------------------------------------------------------------------------------

-- Solves the symmetric system a x = b in place, by elimination; the penalties keep it positive definite.
local function solve(a, b)
  local n = #b
  for k = 1, n do
    for i = k + 1, n do
      local f = a[i][k] / a[k][k]
      if f ~= 0 then
        for j = k, n do a[i][j] = a[i][j] - f * a[k][j] end
        b[i] = b[i] - f * b[k]
      end
    end
  end
  for i = n, 1, -1 do
    for j = i + 1, n do b[i] = b[i] - a[i][j] * b[j] end
    b[i] = b[i] / a[i][i]
  end
  return b
end

local function dot(u, v)
  local sum = 0
  for j = 1, #u do sum = sum + u[j] * v[j] end
  return sum
end

-- measured: a list of { point, seconds } -> the weights of the columns; the mean of what the noise multiplies by.
local function regress(columns, measured, cost)
  local n, a, b, rows, targets = #columns, {}, {}, {}, {}
  for j = 1, n do
    a[j], b[j] = {}, 0
    for k = 1, n do a[j][k] = j == k and columns[j].penalty or 0 end
  end
  for i, m in ipairs(measured) do
    local row = row_of(columns, m[1])
    rows[i], targets[i] = row, math.log(math.max(m[2], TINY)) - declared(cost, m[1])
    for j = 1, n do
      local x = row[j]
      if x ~= 0 then
        for k = 1, n do a[j][k] = a[j][k] + x * row[k] end
        b[j] = b[j] + x * targets[i]
      end
    end
  end
  local w, smear = solve(a, b), 0
  for i, row in ipairs(rows) do smear = smear + math.exp(targets[i] - dot(row, w)) end
  return w, smear / #rows
end

-- fit(columns, measured, cost) -> seconds(point), the expected seconds of a cell. cost(point): as declared, or nil.
function cost_model.fit(columns, measured, cost)
  local w, smear = regress(columns, measured, cost)
  return function(point) return smear * math.exp(dot(row_of(columns, point), w) + declared(cost, point)) end
end

-- ---- of a store -------------------------------------------------------------------------------------------------------------

-- A model as text, which job scripts hand to their tasks: its weights in millionths.
local function text_of(columns, w, smear)
  local out = {}
  for j, column in ipairs(columns) do
    local weight = j == 1 and w[1] + math.log(smear) or w[j]
    out[j] = { form = column.form, name = column.name, level = column.level, millionths = math.floor(weight * 1e6 + 0.5) }
    if column.form == "span" then out[j].low, out[j].high = column.low, column.high end
  end
  return native.json.encode(out)
end

-- The function of a model's text. It is evaluated for each point of a grid: the terms of a parameter's value are added once.
local function function_of(text, cost)
  local fine, columns = pcall(native.json.decode, text)
  if not fine or type(columns) ~= "table" or type(columns[1]) ~= "table"
    or columns[1].form ~= "one" then
    error("costs: expected a store, or the costs that `limn slurm` wrote, got " .. text, 0)
  end
  local by, sums = {}, {}
  for _, column in ipairs(columns) do column.weight = column.millionths / 1e6 end
  for j = 2, #columns do
    local name = columns[j].name
    by[name] = by[name] or {}
    table.insert(by[name], columns[j])
  end
  for name, list in pairs(by) do
    sums[name] = setmetatable({}, { __index = function(known, v)
      local sum = 0
      for _, column in ipairs(list) do sum = sum + column.weight * forms[column.form](column, v) end
      known[v] = sum
      return sum
    end })
  end
  local names = {}
  for name in pairs(by) do names[#names + 1] = name end
  table.sort(names) -- one order of addition, on all machines
  return function(point)
    local sum = columns[1].weight
    for _, name in ipairs(names) do
      local v = point[name]
      if v ~= nil then sum = sum + sums[name][v] end
    end
    return math.exp(sum + declared(cost, point))
  end
end

-- The costs of a sweep's cells by those in a store that have values, as text; nil if it holds none. space: see grid.space.
-- Raises if the store cannot be read.
function cost_model.of_store(path, name, space, cost)
  local s, why = stores.open(path)
  if not s then error(why, 0) end
  if s.name ~= name then error(("store %s holds the experiment %q, not %q"):format(path, s.name, name), 0) end
  local count = s:sql "SELECT count(*) FROM cell WHERE value IS NOT NULL AND seconds > 0"[1][1]
  local step, measured, points = math.max(1, count // SAMPLE), {}, {}
  for params, seconds in s:each("SELECT params, seconds FROM (SELECT params, seconds, row_number() OVER () AS i FROM cell WHERE "
    .. "value IS NOT NULL AND seconds > 0) WHERE i % ? = 0", step) do
    measured[#measured + 1] = { native.json.decode(params), seconds }
  end
  s:close()
  if not measured[1] then return nil end
  for i = 1, math.min(LISTED, space.count) do -- steps of the golden ratio do not keep time with the grid
    points[i] = space.point(space.count <= LISTED and i or 1 + math.floor(i * GOLDEN % 1 * space.count))
  end
  local columns = cost_model.columns(points)
  return text_of(columns, regress(columns, measured, cost)), count
end

-- cost(point) by what --costs names: a store, or a model's text.
function cost_model.given(given, name, space, cost)
  local text = given
  if given:sub(1, 1) ~= "[" then
    text = cost_model.of_store(given, name, space, cost)
    if not text then error(("costs: store %s holds no finished cell"):format(given), 0) end
  end
  return function_of(text, cost), text
end

return cost_model
