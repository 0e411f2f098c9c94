-- limn/table/lists.lua: lists of rows that are made when they are asked for, so that a table of 10^7 rows takes no Lua
-- table for each. They answer #, [i] and ipairs as other lists; a row that is asked for twice is made twice.

local lists = {}

local BLOCK = 4096 -- rows of a block

local metatable = {
  __len = function(self) return rawget(self, "count") end,
  __index = function(self, i)
    if math.type(i) == "integer" and i >= 1 and i <= rawget(self, "count") then return rawget(self, "at")(i) end
  end,
}

-- The list of at(1) .. at(count).
function lists.lazy(count, at) return setmetatable({ count = count, at = at }, metatable) end

function lists.is_lazy(list) return getmetatable(list) == metatable end

-- The rows at some places of a list; lazy if the list is.
function lists.pick(list, places)
  if lists.is_lazy(list) then return lists.lazy(#places, function(i) return list[places[i]] end) end
  local rows = {}
  for i, k in ipairs(places) do rows[i] = list[k] end
  return rows
end

-- for rows in lists.blocks(list): the rows, one block after the other; a list that is not lazy is one block.
function lists.blocks(list)
  local at = 0
  return function()
    if not lists.is_lazy(list) then
      at = at + 1
      return at == 1 and list or nil
    end
    if at >= #list then return nil end
    local first, last = at + 1, math.min(at + BLOCK, #list)
    at = last
    return table.move(list, first, last, 1, {})
  end
end

return lists
