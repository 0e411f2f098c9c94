-- limn/experiment/grid.lua: from grids to cells. A cell is its parameters: their canonical text names it, and the hash
-- of that text (XXH3-128) keys its random streams, so a cell never depends on where it stands in a list.

local check = require "limn.base.check"
local cli = require "limn.experiment.cli"
local native = require "limn.native"
local nested = require "limn.experiment.zips"
local rng = require "limn.rng"
local system = require "limn.base.system"

local grid = {}

local LONG = 1000000 -- a longer range is not written out: its values are computed when asked for
local COUNTED = 1 << 53 -- more cells, or values, have no exact count
local SHORT = 10000  -- the texts of a shorter one are kept

local forms = "low:high, low:high:count, low:high:log2, low:high:log10/4, low:high:random/20, low:high:lograndom/20, "
  .. "low:high:latin/20, low:high:loglatin/20"

-- Designs of draws: whether they are even in the logarithm, and whether they are Latin hypercubes.
local logarithmic_designs = { random = false, lograndom = true, latin = false, loglatin = true }
local latin_designs = { latin = true, loglatin = true }

-- The nearest whole number; integers do not pass through a double, which has none beyond 2^53 but the even ones.
local function nearest(v) return math.type(v) == "integer" and v or math.tointeger(math.floor(v + 0.5)) end

-- Rounds to whole numbers where the parameter is one, and drops what is then equal to its neighbour.
local function tidy(values, kind)
  local out = {}
  for _, v in ipairs(values) do
    if kind == "integer" then v = nearest(v) end
    if v ~= out[#out] then out[#out + 1] = v end
  end
  return out
end

local function geometric(who, low, high, base, per)
  local n = math.log(high / low) / math.log(base) * per + 1
  if n > LONG then check.fail("%s: %.0f values; a geometric range has at most %d", who, n, LONG) end
  local out, k = {}, 0
  while low * base ^ (k / per) <= high * (1 + 1e-9) do
    out[#out + 1] = low * base ^ (k / per)
    k = k + 1
  end
  return out
end

-- n values from `low`, `step` apart.
local function linear(low, step, n, kind)
  if n > LONG and kind == "integer" and step < 1 then -- it meets every whole number on its way
    local first = math.floor(low + 0.5)
    return linear(first, 1, math.floor(low + step * (n - 1) + 0.5) - first + 1, kind)
  end
  local function at(i) return low + step * (i - 1) end
  if n <= LONG then
    local out = {}
    if math.type(low) == "integer" and step == 1 then -- the usual range
      for i = 1, n do out[i] = low + i - 1 end
      return out
    end
    for i = 1, n do out[i] = at(i) end
    return tidy(out, kind)
  end
  return setmetatable({}, { __len = function() return n end, __index = function(_, i)
    return kind == "integer" and nearest(at(i)) or at(i)
  end })
end

-- n draws between low and high. Each has a stream of its own, so the first draws of a longer search are the shorter one.
-- latin: a Latin hypercube: one draw in each of n equal parts of the range, in an order of the parameter's own.
local function random(low, high, n, logarithmic, kind, name, seed, latin)
  local out, _, key = { random = true }, native.posix.hash("random search " .. name)
  local order = latin and rng.stream { seed = seed, point = key, rep = 0 }:permutation(n)
  local function at(k)
    local u = rng.stream { seed = seed, point = key, rep = k }:uniform()
    if latin then u = (order[k] - 1 + u) / n end
    local v
    if logarithmic then v = math.exp(math.log(low) + u * math.log(high / low))
    elseif kind == "integer" then v = math.floor(low + u * (high - low + 1))
    else v = low + u * (high - low) end
    return kind == "integer" and math.tointeger(math.floor(v + 0.5)) or v
  end
  if n > LONG then
    if latin then check.fail("experiment: grid.%s: a Latin hypercube has at most %d draws", name, LONG) end
    return setmetatable(out, { __len = function() return n end, __index = function(_, k) return at(k) end })
  end
  for k = 1, n do out[k] = at(k) end
  return out
end

-- How many steps of 1 lead from a to b at most.
local function steps_between(a, b)
  if math.type(a) == "integer" and math.type(b) == "integer" then return b - a end
  return math.floor(b - a + 1e-9)
end

-- The items of a list "a, b,c". An item in quotes may hold commas, and a quote that is doubled.
local function items(who, text)
  local out, at = {}, 1
  repeat
    local after
    if text:match('^%s*"', at) then
      local from = text:find('"', at, true) + 1
      local parts = {}
      repeat
        local close = text:find('"', from, true)
        if not close then check.fail("%s: %s: a quote is not closed", who, text) end
        parts[#parts + 1] = text:sub(from, close - 1)
        from = close + 1
        local doubled = text:sub(from, from) == '"'
        if doubled then from = from + 1 end
      until not doubled
      after = text:match("^%s*()", from)
      if after <= #text and text:sub(after, after) ~= "," then
        check.fail("%s: %s: expected a comma after a text in quotes", who, text)
      end
      out[#out + 1] = table.concat(parts, '"')
    else
      local item
      item, after = text:match("^%s*([^,]*)()", at)
      out[#out + 1] = item
    end
    at = after + 1
  until at > #text + 1
  return out
end

-- The lines of a file, without empty ones.
local function lines(who, path)
  local found, why = system.short_text_of(path)
  if not found then check.fail("%s: %s", who, why) end
  local out = {}
  for line in found:gmatch "[^\n]+" do
    line = line:match "^%s*(.-)%s*$"
    if line ~= "" then out[#out + 1] = line end
  end
  return out
end

-- A text such as "2:2048:log2", "1:100:log10/4" (four values a decade), "0:1:11" (eleven values), "1:9" (one apart),
-- "1e-4:1:lograndom/20" (twenty draws), "4,6,8", "relu,tanh" or '"a,b",c', or "@FILE" (a value a line) -> a list.
-- kind: the parameter's type; name and seed: what names the draws.
function grid.values(who, text, kind, name, seed)
  local low, high, rest = text:match "^%s*([^:,]+):([^:,]+):?([^:,]*)%s*$"
  local file = text:match "^@(.*)"
  if not low or file or kind == "string" then
    local out = {}
    for _, item in ipairs(file and lines(who, file) or items(who, text)) do
      local v = kind ~= "string" and tonumber(item) or item
      if kind == "boolean" and (item == "true" or item == "false") then v = item == "true" end
      out[#out + 1] = v
    end
    return out
  end
  local a, b = tonumber(low), tonumber(high)
  local base, per = rest:match "^log(%d+)/?(%d*)$"
  local design, draws = rest:match "^(%a+)/(%d+)$"
  local logarithmic, latin = logarithmic_designs[design], latin_designs[design]
  if logarithmic == nil then draws = nil end
  local finite = a and b and a - a == 0 and b - b == 0
  if not finite or b < a or ((base or logarithmic) and a <= 0) then
    check.fail("%s: %q is no range: expected %s, with low <= high (and 0 < low for log)", who, text, forms)
  end
  local n = math.tointeger(draws or base and (per == "" and 1 or per) or rest == "" and steps_between(a, b) + 1 or rest)
  if not n or n < 1 or n > COUNTED or base and tonumber(base) < 2 then check.fail("%s: %q: expected %s", who, text, forms) end
  if base then return tidy(geometric(who, a, b, tonumber(base), n), kind) end
  if draws then return random(a, b, n, logarithmic, kind, name or "", seed or 1, latin) end
  if rest == "" then return linear(a, 1, n, kind) end
  return linear(a, n == 1 and 0 or (b - a) / (n - 1), n, kind)
end

local WHOLE = 1 << 31 -- products of two smaller whole numbers do not overflow

-- A number as it is written in tables, legends and names of curves: 1 and not 1.0. In `measure` it is 1.0, as declared.
function grid.written(v)
  if math.type(v) ~= "float" or v >= WHOLE or v <= -WHOLE then return v end
  return math.tointeger(v) or v
end

-- "D=64, kind=sign": the parameters for people, in the order of their names.
function grid.name(point)
  local names = {}
  for k in pairs(point) do names[#names + 1] = k end
  table.sort(names)
  for i, k in ipairs(names) do
    local v = point[k]
    names[i] = k .. "=" .. (math.type(v) == "float" and ("%.14g"):format(v) or tostring(v))
  end
  return table.concat(names, ", ")
end

-- The canonical text of a point, which names a cell (src/sys/cell_text.h).
function grid.text(point) return (assert(native.names.text(point))) end

-- A value as the parameter's type has it: 1 and 1.0 are one value, and one text.
local function typed(name, v, kind)
  local out = v
  if kind == "integer" then out = math.tointeger(v)
  elseif kind == "number" then out = type(v) == "number" and v + 0.0 or nil
  elseif type(v) ~= kind then out = nil end
  if out == nil then
    check.fail("experiment: %s must be %s, got %s%s", name, kind == "integer" and "a whole number" or "a " .. kind,
      check.show(v), kind == "integer" and type(v) == "number" and cli.fractions or "")
  end
  return out
end

local function fragment(name, prefix, v)
  local text, why = native.names.value(v)
  if not text then check.fail("experiment: %s %s", name, why) end
  return prefix .. text
end

local function prefix_of(name)
  local text, why = native.names.head(name)
  if not text then check.fail("experiment: the name of the parameter %s %s", check.show(name), why) end
  return text
end

local function increasing(list)
  local before = -math.huge
  for _, v in ipairs(list) do
    local above = type(v) == "number" and v > before -- NaN is above nothing
    if not above then return false end
    before = v
  end
  return true
end

-- The lists without what is there already. lists: columns of equal length, each of a name; a step is equal if it is
-- in each of them.
local function distinct(names, lists, n)
  if #lists == 1 and increasing(lists[1]) then return lists end
  local seen, kept = {}, {}
  for k in ipairs(lists) do kept[k] = {} end
  for j = 1, n do
    local id = lists[1][j]
    if #lists > 1 or id ~= id then -- NaN, which `fragment` refuses
      local values = {}
      for k, list in ipairs(lists) do values[k] = fragment(names[k], "", list[j]) end
      id = table.concat(values, ",")
    end
    if not seen[id] then
      seen[id] = true
      for k, list in ipairs(lists) do kept[k][#kept[k] + 1] = list[j] end
    end
  end
  return kept
end

-- One axis: names that run together; columns[k][j] is the value of the k-th name at step j, text(k, j) its member
-- of a point's text. Equal steps count once.
local function axis(names, lists, kinds)
  local n, columns, prefixes, texts = #lists[names[1]], {}, {}, {}
  for k, name in ipairs(names) do
    local list = lists[name]
    if #list == 0 then check.fail("experiment: the grid of %q has no values", name) end
    if #list ~= n then
      check.fail("experiment: %q and %q run together, but have %d and %d values", names[1], name, n, #list)
    end
    columns[k], prefixes[k], texts[k] = list, prefix_of(name), {}
    if n > LONG then
      columns[k] = setmetatable({}, { __index = function(_, j) return typed(name, list[j], kinds[name]) end })
    else
      local column, kind = {}, kinds[name]
      for j = 1, n do
        local v = list[j]
        column[j] = kind == "integer" and math.type(v) == "integer" and v or typed(name, v, kind)
      end
      columns[k] = column
    end
  end
  if n <= LONG then
    columns = distinct(names, columns, n)
    n = #columns[1]
  end
  -- A whole number stands for itself: names.hash writes it.
  local function text(k, j)
    local t = texts[k][j]
    if t then return t end
    t = columns[k][j]
    if math.type(t) == "integer" then return t end
    t = fragment(names[k], prefixes[k], t)
    if n <= SHORT then texts[k][j] = t end
    return t
  end
  return { names = names, n = n, columns = columns, text = text }
end

-- Which names run together: those of each zip, and all that are drawn.
local function bundles(lists, zips)
  local taken, out, drawn = {}, {}, {}
  for _, names in ipairs(zips or {}) do
    for _, name in ipairs(names) do
      if not lists[name] then check.fail("experiment: zip names %q, which the grid has not", tostring(name)) end
      if taken[name] then check.fail("experiment: zip names %q twice", name) end
      taken[name] = true
    end
    out[#out + 1] = { table.unpack(names) }
  end
  for name, list in pairs(lists) do
    if not taken[name] then
      if type(list) == "table" and rawget(list, "random") then drawn[#drawn + 1] = name
      else out[#out + 1] = { name } end
    end
  end
  if #drawn > 0 then out[#out + 1] = drawn end
  for _, names in ipairs(out) do table.sort(names) end
  table.sort(out, function(a, b) return a[1] < b[1] end)
  return out
end

-- The cells of a grid, counted but not made: { count =, reps =, enlist(), index(place, rep), point(i), cell(i), cycles(columns) }. base: a
-- value for every parameter; kinds: their types; lists: values of the swept ones; zips: lists of names that run together
-- (zips.lua). Order: the
-- product of the axes, sorted by name, the last one fastest, then the replicate. A cell is {index=, point=, rep=, id=,
-- key=}: id is the hash of its point's canonical text (grid.text), key 63 bits of it. enlist names many for a store to
-- look up, and makes no table, nor a string, for each.
function grid.space(base, kinds, lists, zips, reps)
  local axes, names, fixed, places = {}, {}, {}, {}
  lists, zips = nested.flat(lists, zips)
  local count, about = reps, reps + 0.0
  for k, together in ipairs(bundles(lists, zips)) do
    axes[k] = axis(together, lists, kinds)
    count, about = count * axes[k].n, about * axes[k].n
  end
  if about > COUNTED then check.fail("experiment: the grid has about %.2g cells, more than can be counted", about) end
  local place = {}
  for name in pairs(base) do names[#names + 1] = name end
  table.sort(names)
  for k, name in ipairs(names) do place[name] = k end
  for k, a in ipairs(axes) do
    places[k] = {}
    for c, name in ipairs(a.names) do places[k][c] = place[name] end
  end
  local texts = {} -- of the point that was named last: only what differs is made anew
  local heads = {}
  for k, name in ipairs(names) do heads[k] = prefix_of(name) end
  for name, v in pairs(base) do
    if not lists[name] then
      fixed[name] = typed(name, v, kinds[name])
      texts[place[name]] = fragment(name, heads[place[name]], fixed[name])
    end
  end
  local at = {} -- the step of each axis that `texts` stands for
  local function write(q)
    for k = #axes, 1, -1 do
      local a = axes[k]
      local j = q % a.n + 1
      q = q // a.n
      if j ~= at[k] then
        at[k] = j
        for c = 1, #a.names do texts[places[k][c]] = a.text(c, j) end
      end
    end
  end
  local last, id, key
  local function cell_of(i, point)
    local q = (i - 1) // reps
    if q ~= last then
      write(q)
      last, id, key = q, native.names.hash(texts, heads)
    end
    return { index = i, point = point, rep = (i - 1) % reps + 1, id = id, key = key }
  end
  -- The parameters of cell i.
  local function point_of(i)
    local point, q = {}, (i - 1) // reps
    for name, v in next, fixed do point[name] = v end
    for k = #axes, 1, -1 do
      local a = axes[k]
      local j = q % a.n + 1
      q = q // a.n
      for c = 1, #a.names do point[a.names[c]] = a.columns[c][j] end
    end
    return point
  end
  -- The names of the cells, or of those in a list of increasing indices; the place of one is (index - rep) // reps.
  local function enlist(indices)
    local out, before = native.names.new(), nil
    for k = 1, indices and #indices or count do
      local i = indices and indices[k] or k
      local q = (i - 1) // reps
      if q ~= before then
        write(q)
        out:add(texts, heads, q)
        before = q
      end
    end
    return out
  end
  -- The parameters and the replicates as cyclic columns (src/sys/columns.h), numbers as tables show them.
  local function cycles(columns)
    local run = reps
    for k = #axes, 1, -1 do
      local a = axes[k]
      for c, name in ipairs(a.names) do
        local column = a.columns[c]
        if kinds[name] == "number" then
          local numbers = column
          column = setmetatable({}, { __index = function(_, j) return grid.written(numbers[j]) end })
        end
        columns:cycle(name, run, column, a.n)
      end
      run = run * a.n
    end
    for name, v in next, fixed do columns:cycle(name, 1, { grid.written(v) }, 1) end
    columns:cycle("rep", 1, setmetatable({}, { __index = function(_, i) return i end }), reps)
  end
  return { count = count, reps = reps, names = names, enlist = enlist, point = point_of, cycles = cycles,
    index = function(q, rep) return rep >= 1 and rep <= reps and q * reps + rep or nil end,
    cell = function(i) return cell_of(i, point_of(i)) end }
end

return grid
