-- limn/experiment/preview.lua: what --dry-run prints: the cells of a sweep, how many of them its store holds, and its claims.

local check = require "limn.base.check"
local native = require "limn.native"
local json = native.json
local declared = require "limn.experiment.declared"
local grid = require "limn.experiment.grid"
local Held = require "limn.experiment.held"
local provenance = require "limn.experiment.provenance"
local stores = require "limn.experiment.store"
local power = require "limn.claims.power"

local preview = {}

-- How many cells the store holds, how many of those are stale, and of how many the arrays are lost; or nil, why that is not
-- known. The store is only read.
local function stored(experiment, space, path, seed)
  local kept, why = stores.snapshot(path, experiment.name)
  if not kept then return nil, why end
  kept.code = provenance.code(experiment.script, experiment.measure).hash
  local fine, _, there, stale, broken = pcall(kept.resume, kept, space, seed, false, Held.new(space, seed, path))
  kept:close()
  if not fine then return nil, tostring(_) end
  return there, stale, broken
end

local function stored_text(path, there, stale, broken)
  if not there then return stale end -- why it is not known
  return ("%d of them are in %s%s%s"):format(there, path, stale > 0 and (", and %d more that are stale"):format(stale) or "",
    broken > 0 and (", and %d more whose arrays are lost"):format(broken) or "")
end

-- The plan as JSON: o as below.
local function as_json(experiment, space, o)
  local out = { name = experiment.name, cells = space.count, of = o.of or nil, store = o.store, plan = json.list {} }
  if space.count <= o.most and native.posix.stamp(o.store) then
    local there, stale, broken = stored(experiment, space, o.store, o.seed)
    if there then out.stored, out.stale, out.lost = there, stale, broken else out.unreadable = stale end
  end
  for i = 1, math.min(space.count, o.most) do
    local cell = space.cell(i)
    out.plan[i] = { params = cell.point, rep = cell.rep }
  end
  if o.ledger then
    out.claims = json.list {}
    for i, row in ipairs(o.ledger.rows) do out.claims[i] = { key = row.key, claim = row.claim, test = row.test } end
  end
  return json.encode(out)
end

-- o = { ledger = | nil, of = cells of all shards, if this is one of them, out = folder, store = path, seed =, most = cells
-- that are listed, json = whether the plan is printed as JSON }.
function preview.print(experiment, space, o)
  if o.json then return print(as_json(experiment, space, o)) end
  print(("%s: %d cells%s"):format(experiment.name, space.count, o.of and (" of %d"):format(o.of) or ""))
  if space.count <= o.most and native.posix.stamp(o.store) then
    print(stored_text(o.store, stored(experiment, space, o.store, o.seed)))
  end
  for i = 1, math.min(space.count, o.most) do
    local cell = space.cell(i)
    print(("%s, rep=%d"):format(grid.name(cell.point), cell.rep))
  end
  if space.count > o.most then print(("... and more: none beyond cell %d is listed"):format(o.most)) end
  if o.ledger then
    print(("\nclaims (%g %% for all of them together):"):format(100 * o.ledger.level))
    print(power.text(o.ledger, space.reps, declared.spreads(("%s/%s.ledger.json"):format(o.out, experiment.name))))
  end
end

return check.sealed("preview.", preview)
