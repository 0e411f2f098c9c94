-- limn/frontend/repl/kept.lua: the last results of a session: _ is the last one, __ the one before, ___ the one before
-- that; _1, _2, ... are numbered from the first result of a prompt, and by cells in a notebook.

local kept = { order = {}, values = {}, count = 0 }

local MOST = 20 -- results that are kept, with the memory that they hold

-- Keeps a value that has been shown, with its number (default: the next one).
function kept.keep(value, number)
  number = number or kept.count + 1
  kept.count = math.max(kept.count, number)
  if kept.order[#kept.order] ~= number then kept.order[#kept.order + 1] = number end
  kept.values[number] = value
  if #kept.order > MOST then kept.values[table.remove(kept.order, 1)] = nil end
end

-- The result called `name`; nil for any other name, and for one that is no longer kept.
function kept.get(name)
  local bars = name:match "^_+$"
  if bars then return kept.values[kept.order[#kept.order + 1 - #bars]] end
  local number = name:match "^_(%d+)$"
  return number and kept.values[math.tointeger(number)]
end

return kept
