-- limn/experiment/packing.lua: how many tasks of a cluster a sweep needs, from the seconds of cells that were measured before.

local bases = require "limn.experiment.base"
local cost_model = require "limn.experiment.cost_model"
local native = require "limn.native"
local provenance = require "limn.experiment.provenance"
local shard = require "limn.experiment.shard"
local status = require "limn.experiment.status"
local stores = require "limn.experiment.store"

local packing = {}

-- The shards of an experiment whose stores are in a folder, of that number if one is given (see status.of); nil, message if
-- there are none, or several numbers of shards.
function packing.set(folder, name, tasks)
  local found
  for _, set in ipairs((status.of(folder)) or {}) do
    if set.name == name and (not tasks or set.n == tasks) then
      if found then return nil, ("shards of %d and of %d tasks are in %s: give --tasks"):format(found.n, set.n, folder) end
      found = set
    end
  end
  if found then return found end
  return nil, ("no stores of %sshards of %s are in %s"):format(tasks and tasks .. " " or "", name, folder)
end

-- The costs, as text, by which the shards of a set were dealt: nil, true if by none; nil, false if no store says it.
function packing.dealt(set, folder)
  for k, one in ipairs(set.shards) do
    local s = one.expected and stores.open(shard.store(("%s/%s.db"):format(folder, set.name), k, set.n))
    if s then
      local costs = s:expected().costs
      s:close()
      return costs, true
    end
  end
  return nil, false
end

-- Whether a store is there and holds finished cells of the experiment.
local function serves(path, name)
  local s = native.posix.stamp(path) and stores.open(path)
  if not s then return false end
  local n = s.name == name and s:sql "SELECT count(*) FROM (SELECT 1 FROM cell WHERE value IS NOT NULL LIMIT 1)"[1][1] or 0
  s:close()
  return n > 0
end

-- The costs of an experiment's cells as text, and the store that they follow from: of the stores `paths` (false: none) the
-- first that has finished cells; nil if none has.
function packing.costs(experiment, space, paths)
  for _, path in ipairs(paths) do
    if path and serves(path, experiment.name) then
      return cost_model.of_store(path, experiment.name, space, experiment.cost), path
    end
  end
end

-- What the cells of a sweep take that are not in the store `base` (nil: all): { cells =, seconds = of all of them, longest =
-- seconds of the longest, point = of it }.
function packing.total(experiment, space, costs, base, seed)
  local cost, out = cost_model.given(costs, experiment.name, space, experiment.cost), { cells = 0, seconds = 0, longest = 0 }
  local function add(point, n)
    local seconds = cost(point)
    out.cells, out.seconds = out.cells + n, out.seconds + n * seconds
    if seconds > out.longest then out.longest, out.point = seconds, point end
  end
  if base then
    local code = provenance.code(experiment.script, experiment.measure)
    for _, i in ipairs((bases.without(base, experiment.name, space, nil, seed, code.hash))) do add(space.point(i), 1) end
  else
    for i = 1, space.count, space.reps do add(space.point(i), space.reps) end
  end
  return out
end

return packing
