-- limn/experiment/zips.lua: which parameters of a grid run together. {"D", "N"}: the values of D and N, step by step. A list
-- inside is crossed, and its points run as the values of one name do: {"D", {"N", "rate"}} takes a value of D for each pair of
-- N and rate, rate fastest. A list inside that one runs together again, and so on.

local check = require "limn.base.check"

local zips = {}

local MOST = 1000000 -- steps of a zip with a crossed part, which are written out

local function malformed()
  check.fail 'experiment: zip must be a list of lists of names, as {{"D", "N"}} or {{"D", {"N", "rate"}}}'
end

-- "D, (N, rate)" -> { "D", { "N", "rate" } }; nil for a text that is not of that form.
function zips.parse(text)
  local at = 1
  local function list(closed)
    local out = {}
    while true do
      local name, after = text:match("^%s*([%w_]+)%s*()", at)
      local inner = not name and text:match("^%s*%(()", at)
      if inner then
        at = inner
        name = list(true)
        after = text:match("^%s*()", at)
      end
      if not name then return nil end
      out[#out + 1], at = name, after
      local mark = text:sub(at, at)
      at = at + 1
      if mark ~= "," then return (closed and mark == ")" or not closed and mark == "") and out or nil end
    end
  end
  return list(false)
end

-- The names in a list, in order.
function zips.names(node, out)
  out = out or {}
  if type(node) == "string" then out[#out + 1] = node
  elseif type(node) == "table" and #node > 0 then
    for _, child in ipairs(node) do zips.names(child, out) end
  else malformed() end
  return out
end

function zips.check(list)
  for _, node in ipairs(list) do
    if type(node) ~= "table" then malformed() end
    zips.names(node)
  end
end

-- The lists without the names that have one value.
function zips.without(list, fixed)
  local out = {}
  -- What is left of a list or a name: nil if nothing is.
  local function prune(node)
    if type(node) == "string" then return fixed[node] == nil and node or nil end
    local kept = {}
    for _, child in ipairs(node) do kept[#kept + 1] = prune(child) end
    if #kept < 2 then return kept[1] end
    return kept
  end
  local function add(node) -- of names that run together
    local kept = {}
    for _, child in ipairs(node) do kept[#kept + 1] = prune(child) end
    if #kept > 1 then
      out[#out + 1] = kept
    elseif type(kept[1]) == "table" then -- crossed, as all names are
      for _, child in ipairs(kept[1]) do if type(child) == "table" then add(child) end end
    end
  end
  for _, node in ipairs(list) do add(node) end
  return out
end

-- The columns of a list, a step each, and their number. crossed: whether its members are.
local function expand(node, lists, crossed, columns)
  if type(node) == "string" then
    columns[node] = lists[node]
    return #lists[node]
  end
  local n, parts, first = nil, {}, zips.names(node[1])[1]
  for k, child in ipairs(node) do
    local part = {}
    local steps = expand(child, lists, not crossed, part)
    if n and not crossed and steps ~= n then
      check.fail("experiment: %q and %q run together, but have %d and %d values", first, zips.names(child)[1], n, steps)
    end
    n = crossed and (n or 1) * steps or n or steps
    if n > MOST and type(child) == "table" then check.fail("experiment: zip: more than %d steps", MOST) end
    parts[k] = { columns = part, steps = steps }
  end
  local inner = n
  for _, part in ipairs(parts) do
    inner = crossed and inner // math.max(1, part.steps) or 1
    for name, list in pairs(part.columns) do
      local column = list
      if crossed then
        column = {}
        for j = 1, n do column[j] = list[(j - 1) // inner % part.steps + 1] end
      end
      columns[name] = column
    end
  end
  return n
end

-- lists: the values of the swept names -> the same, with the steps of crossed parts written out; and flat lists of the names
-- that run together.
function zips.flat(lists, list)
  local out, together = {}, {}
  for name, values in pairs(lists) do out[name] = values end
  for i, node in ipairs(list or {}) do
    if type(node) ~= "table" then malformed() end
    together[i] = zips.names(node)
    local nested, known = false, {}
    for _, child in ipairs(node) do nested = nested or type(child) == "table" end
    for _, name in ipairs(together[i]) do
      if not lists[name] then check.fail("experiment: zip names %q, which the grid has not", name) end
      if known[name] then check.fail("experiment: zip names %q twice", name) end
      known[name] = true
    end
    if nested then
      local columns = {}
      expand(node, lists, false, columns)
      for name, column in pairs(columns) do out[name] = column end
    end
  end
  return out, together
end

return zips
