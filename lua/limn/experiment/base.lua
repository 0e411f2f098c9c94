-- limn/experiment/base.lua: the store that shards are given to read (--base): the cells of former shards, merged. Which
-- cells a shard has follows from the number of shards alone, so that nothing is computed again when that number changes.

local stores = require "limn.experiment.store"

local base = {}

-- The cells of a sweep without those that the store at `path` holds, for this seed and code. indices: a list, or nil: all
-- -> a list, how many are left out. Raises if the store cannot be read.
function base.without(path, name, space, indices, seed, code)
  local s, why = stores.open(path)
  if not s then error(why, 0) end
  if s.name ~= name then error(("store %s holds the experiment %q, not %q"):format(path, s.name, name), 0) end
  local held, out, n = {}, {}, 0
  s.db:places(space.enlist())
  for q, rep in s:each("SELECT q, rep FROM (SELECT place(cell.id) AS q, rep FROM cell JOIN run ON run.id = cell.run WHERE seed = ? "
    .. "AND value IS NOT NULL AND run.code = ?) WHERE q IS NOT NULL", seed, code) do
    local i = space.index(q, rep)
    if i then held[i] = true end
  end
  s:close()
  for k = 1, indices and #indices or space.count do
    local i = indices and indices[k] or k
    if held[i] then n = n + 1 else out[#out + 1] = i end
  end
  return out, n
end

return base
