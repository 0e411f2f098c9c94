-- limn/experiment/grid.lua: from grids to cells. A cell is its parameters; its name is their canonical text,
-- and the hash of that text keys its random streams, so a cell never depends on where it stands in a list.

local check = require "limn.check"
local posix = require("limn.native").posix

local grid = {}

local function whole(v) return math.type(v) == "integer" end

-- Rounds to whole numbers where the parameter is one, and drops what is then equal to its neighbour.
local function tidy(values, integer)
  local out = {}
  for _, v in ipairs(values) do
    if integer then v = math.tointeger(math.floor(v + 0.5)) end
    if v ~= out[#out] then out[#out + 1] = v end
  end
  return out
end

local function geometric(low, high, base, per)
  local out, k = {}, 0
  while low * base ^ (k / per) <= high * (1 + 1e-9) do
    out[#out + 1] = low * base ^ (k / per)
    k = k + 1
  end
  return out
end

-- A text such as "2:2048:log2", "1:100:log10/4" (four values a decade), "0:1:11" (eleven values), "1:9"
-- (whole numbers), "4,6,8" or "relu,tanh" -> a list. integer: whether the parameter is a whole number.
function grid.values(who, text, integer)
  local low, high, rest = text:match "^%s*([^:,]+):([^:,]+):?([^:,]*)%s*$"
  if not low then
    local out = {}
    for item in (text .. ","):gmatch "%s*([^,]*),%s*" do
      local n = math.tointeger(item) or tonumber(item)
      out[#out + 1] = n == nil and item or integer and math.tointeger(n) or n
    end
    return out
  end
  local a, b = tonumber(low), tonumber(high)
  local base, per = rest:match "^log(%d+)/?(%d*)$"
  if not a or not b or b < a or (base and a <= 0) then
    check.fail("%s: %q is no range: expected "
      .. "low:high, low:high:count, low:high:log2 or low:high:log10/4 with low <= high", who, text)
  end
  if base then return tidy(geometric(a, b, tonumber(base), tonumber(per) or 1), integer) end
  if rest == "" then
    local out = {}
    for v = a, b do out[#out + 1] = v end
    return tidy(out, integer)
  end
  local n = math.tointeger(rest)
  if not n or n < 1 then check.fail("%s: %q: the count must be a whole number >= 1, log2 or log10", who, text) end
  local out = {}
  for i = 1, n do out[i] = n == 1 and a or a + (b - a) * (i - 1) / (n - 1) end
  return tidy(out, integer)
end

local function canonical(v)
  if type(v) == "string" then return ("%q"):format(v) end
  if type(v) == "boolean" or whole(v) then return tostring(v) end
  return ("%.17g"):format(v)
end

-- "D=64,kind=\"sign\"": the parameters in the order of their names.
function grid.name(point)
  local names = {}
  for k in pairs(point) do names[#names + 1] = k end
  table.sort(names)
  for i, k in ipairs(names) do names[i] = k .. "=" .. canonical(point[k]) end
  return table.concat(names, ",")
end

-- All cells: the product of the grid's lists, each reps times, in a fixed order (the last name of the sorted
-- grid runs fastest, then the replicate). Each is {index=, point=, rep=, name=, key=}.
function grid.cells(params, lists, reps)
  local names = {}
  for name in pairs(lists) do names[#names + 1] = name end
  table.sort(names)
  local cells = {}
  local function walk(depth, point)
    if depth > #names then
      local name = grid.name(point)
      local key = posix.hash(name)
      for rep = 1, reps do
        local copy = {}
        for k, v in pairs(point) do copy[k] = v end
        cells[#cells + 1] = { index = #cells + 1, point = copy, rep = rep, name = name, key = key }
      end
      return
    end
    for _, v in ipairs(lists[names[depth]]) do
      point[names[depth]] = v
      walk(depth + 1, point)
    end
  end
  local base = {}
  for k, v in pairs(params) do base[k] = v end
  walk(1, base)
  return cells
end

return grid
