-- limn/experiment/status.lua: how far the shards of a sweep are, by their stores, which may be written meanwhile.

local native = require "limn.native"
local shard = require "limn.experiment.shard"

local json, posix, sqlite = native.json, native.posix, native.sqlite
local status = {}

-- The states of a shard, in the order in which they are listed.
status.states = { "done", "running", "stopped", "empty", "damaged", "missing" }

-- "2001-02-03T04:05:06Z" -> seconds since 1970.
local function seconds_of(text)
  local y, mo, d, h, mi, s = (text or ""):match "^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)Z$"
  if not y then return nil end
  local days = -719468 -- Howard Hinnant's days_from_civil
  y, mo, d = tonumber(y), tonumber(mo), tonumber(d)
  if mo <= 2 then y = y - 1 end
  local era = y // 400
  local of_era = y - era * 400
  local of_year = (153 * (mo + (mo > 2 and -3 or 9)) + 2) // 5 + d - 1
  days = days + era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year
  return math.tointeger(days * 86400 + h * 3600 + mi * 60 + s)
end

-- { state =, cells =, failed =, expected = | nil, whole = | nil, code =, started =, own = cells of the last run } of a store.
local function look(path)
  if not posix.stamp(path) then return { state = "missing", cells = 0, failed = 0 } end
  local running = sqlite.holder(path .. ".lock") ~= nil
  local db = sqlite.open(path, "read")
  local function rows(...)
    local found, why = db:rows(...)
    return not why and found or nil
  end
  local tables = db and rows "SELECT count(*) FROM sqlite_schema"
  local out = { cells = 0, failed = 0 }
  if tables and tables[1][1] == 0 then out.state = running and "running" or "empty"
  else
    local n = tables and rows "SELECT count(value), count(failure) FROM cell"
    local meta = n and rows "SELECT value FROM meta WHERE key = 'plan'"
    local run = meta and rows "SELECT id, started, code FROM run ORDER BY id DESC LIMIT 1"
    local seeds = run and rows "SELECT group_concat(seed) FROM (SELECT DISTINCT seed FROM cell ORDER BY seed)"
    local inputs = seeds and rows "SELECT 1 FROM sqlite_schema WHERE name = 'input'"
    if inputs and inputs[1] then
      inputs = rows("SELECT DISTINCT j.key, j.value FROM input i JOIN cell c USING (id, rep, seed), json_each(i.files) j "
        .. "WHERE c.value IS NOT NULL")
    end
    local own = inputs and rows("SELECT count(*) FROM cell WHERE run = ?", run[1] and run[1][1] or 0)
    if not own then out.state = "damaged"
    else
      local plan = meta[1] and json.decode(meta[1][1]) or {}
      out.cells, out.failed, out.expected, out.whole = n[1][1], n[1][2], plan.cells, plan.whole
      out.seeds, out.inputs = seeds[1][1] or nil, inputs
      if run[1] then out.started, out.code, out.own = seconds_of(run[1][2]), run[1][3], own[1][1] end
      local whole = out.expected and out.cells + out.failed >= out.expected
      out.state = running and "running" or whole and "done" or "stopped"
    end
  end
  if db then db:close() end
  return out
end

-- What some shards of a set have otherwise than others: a list of { what = "seed 1" or "x.csv with the hash ...", shards = list
-- of numbers }, for each seed and for each content of a file, if there are several.
local function mixed(set)
  local by, order = {}, {}
  local function add(group, what, k)
    if not by[group] then by[group], order[#order + 1] = {}, group end
    local list = by[group]
    if not list[what] then list[what], list[#list + 1] = {}, what end
    if list[what][#list[what]] ~= k then table.insert(list[what], k) end
  end
  for k = 1, set.n do
    local one = set.shards[k]
    if one and one.seeds then add("seed", "seed " .. one.seeds, k) end
    for _, r in ipairs(one and one.inputs or {}) do add("file " .. r[1], ("%s with the hash %s"):format(r[1], r[2]:sub(1, 12)), k) end
  end
  local out = {}
  table.sort(order)
  for _, group in ipairs(order) do
    for _, what in ipairs(#by[group] > 1 and by[group] or {}) do out[#out + 1] = { what = what, shards = by[group][what] } end
  end
  return out
end

-- The shards of each sweep whose stores are in a folder: a list of { name =, shards = list of the above by number, n = how
-- many, states = state -> list of numbers, older = numbers of those whose last run has not the newest code, cells =, failed =,
-- expected =, mixed = see above, rate = cells a second, left = seconds until the running ones are done, or nil }. known: the answer of
-- before, of which the shards that have not changed are taken.
function status.of(folder, known)
  local paths = shard.within(folder)
  if not paths then return nil, folder .. " is no folder" end
  local sets, by = {}, {}
  known = known or {}
  for _, path in ipairs(paths) do
    local name, k, n = path:match "([^/]*)%.(%d+)%-of%-(%d+)%.db$"
    local key = name .. " " .. n
    if not by[key] then
      by[key] = { name = name, n = math.tointeger(n), shards = {}, states = {}, older = {}, cells = 0, failed = 0, rate = 0 }
      sets[#sets + 1] = by[key]
    end
    local stamp = posix.stamp(path)
    local before = stamp and known[path]
    local one = before and before.stamp == stamp and before.state == "done" and before or look(path)
    one.stamp, known[path] = stamp, one
    by[key].shards[math.tointeger(k)] = one
  end
  for _, set in ipairs(sets) do
    local newest, code = -1, nil
    for _, one in ipairs(set.shards) do
      if (one.started or -1) > newest then newest, code = one.started, one.code end
    end
    set.mixed = mixed(set)
    local now = os.time()
    for k, one in ipairs(set.shards) do
      set.states[one.state] = set.states[one.state] or {}
      table.insert(set.states[one.state], k)
      if one.code and one.code ~= code then table.insert(set.older, k) end
      set.cells, set.failed = set.cells + one.cells, set.failed + one.failed
      set.expected = one.whole or set.expected
      if one.state == "running" and one.started and one.own > 0 then
        local rate = one.own / math.max(1, now - one.started)
        set.rate = set.rate + rate
        local left = ((one.expected or 0) - one.cells - one.failed) / rate
        set.left = math.max(set.left or 0, left)
      end
    end
  end
  return sets, known
end

-- The numbers of the shards that are to be computed: all that are neither done nor running.
function status.open(set)
  local out = {}
  for k, one in ipairs(set.shards) do
    if one.state ~= "done" and one.state ~= "running" then out[#out + 1] = k end
  end
  return out
end

-- "1,3-7" of increasing numbers, as sbatch reads it.
function status.ranges(numbers)
  local out, i = {}, 1
  while numbers[i] do
    local j = i
    while numbers[j + 1] == numbers[j] + 1 do j = j + 1 end
    out[#out + 1] = i == j and tostring(numbers[i]) or ("%d-%d"):format(numbers[i], numbers[j])
    i = j + 1
  end
  return table.concat(out, ",")
end

return status
