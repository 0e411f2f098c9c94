-- limn/frontend/commands/failed.lua: limn store failed FILE: the failed cells of a store and why; which of them are stale, so
-- that the sweep's command begins them again; and the cells that have failed since they got the values that the store keeps.

local failures = require "limn.experiment.failures"
local grid = require "limn.experiment.grid"
local inputs = require "limn.experiment.inputs"
local json = require("limn.native").json
local keys = require "limn.experiment.key"
local stores = require "limn.experiment.store"
local system = require "limn.base.system"
local print = require("limn.base.visible").print -- a store may come from anywhere

local function name(cell) return ("%s, rep=%d, seed=%d"):format(grid.name(cell.point), cell.rep, cell.seed) end

-- Gives the stale ones of the cells a field .stale -> how many they are, and what has changed, a list. By the files as they
-- are now, without running the script.
local function find_stale(s, cells)
  local runs, n, known = s:runs(), 0, {}
  local last = runs[#runs]
  local changed = last and keys.now(last.facts) or {}
  local any, state = changed[1] ~= nil, inputs.states(last and last.facts.folder)
  for _, cell in ipairs(cells) do
    local files = s:has_inputs() and s:sql("SELECT files FROM input WHERE id = ? AND rep = ? AND seed = ?", cell.id, cell.rep,
      cell.seed)[1]
    local moved = files and state[files[1]] or true
    for _, path in ipairs(moved ~= true and moved or {}) do
      if not known[path] then known[path], changed[#changed + 1] = true, path end
    end
    cell.stale = any or moved ~= true or cell.code ~= last.code
    if cell.stale then n = n + 1 end
  end
  return n, changed
end

-- The cells that have values, and have failed when they were computed again: no row of the store holds that failure.
local function kept(s)
  if s:sql("SELECT count(*) FROM sqlite_schema WHERE name = 'tried'")[1][1] == 0 then return {} end
  local out = {}
  for _, row in ipairs(s:sql("SELECT t.id, t.rep, t.seed FROM tried t JOIN cell c USING (id, rep, seed) JOIN run r ON r.id = c.run "
    .. "WHERE t.tries > 0 AND c.value IS NOT NULL AND (t.code = r.code "
    .. "OR (SELECT max(id) FROM run WHERE code = t.code) > c.run)")) do
    for _, cell in ipairs(s:matching(row[1], { rep = tostring(row[2]), seed = tostring(row[3]) })) do out[#out + 1] = cell end
  end
  return out
end

-- The cells with their whole failures as JSON; kept: those that keep older values.
local function as_json(cells, older, changed)
  local function plain(list)
    local out = {}
    for i, cell in ipairs(list) do
      out[i] = { id = cell.id, params = cell.point, rep = cell.rep, seed = cell.seed, stale = cell.stale, failure = cell.failure,
        kind = cell.failure and failures.kind(cell.failure) }
    end
    return json.list(out)
  end
  return json.encode { failed = plain(cells), kept = plain(older), changed = json.list(changed) }
end

-- By kind of failure: of each kind one with its traceback, of the others the names. With wants_json one line of JSON.
return function(path, wants_json)
  local s, why = stores.open(path)
  if not s then error(why, 0) end
  local cells, kinds, order = s:failed(), {}, {}
  local stale, changed = find_stale(s, cells)
  local older = kept(s)
  s:close()
  if wants_json then return print(as_json(cells, older, changed)) end
  for _, cell in ipairs(cells) do
    local kind = failures.kind(cell.failure)
    if not kinds[kind] then kinds[kind], order[#order + 1] = {}, kind end
    table.insert(kinds[kind], cell)
  end
  local function marked(cell) return name(cell) .. (cell.stale and " (stale)" or "") end
  for _, kind in ipairs(order) do
    local alike = kinds[kind]
    print(marked(alike[1]) .. "\n" .. alike[1].failure)
    if #alike > 1 then print(("%d more failed alike:"):format(#alike - 1)) end
    for i = 2, #alike do print("  " .. marked(alike[i])) end
    print ""
  end
  if stale > 0 then
    print(("%d of %d failed cells %s stale (%s): the sweep's command begins %s again\n"):format(stale, #cells,
      stale == 1 and "is" or "are", changed[1] and "changed: " .. table.concat(changed, ", ") or "of an older version of the script",
      stale == 1 and "it" or "them"))
  end
  if older[1] then
    print(("%d more cell%s failed when computed again, and the store keeps the stale values of before; limn store rerun %s NAME=VALUE... "
      .. "shows why:"):format(#older, #older == 1 and "" or "s", system.quoted(path)))
    for _, cell in ipairs(older) do print("  " .. name(cell)) end
    print ""
  end
end
