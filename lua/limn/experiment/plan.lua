-- limn/experiment/plan.lua: the cells that a sweep is to compute, counted but not made: each is made when it is asked for,
-- so that 10^7 cells take no memory.

local plan = {}

local metatable = {
  __len = function(self) return rawget(self, "count") end,
  __index = function(self, i)
    if math.type(i) == "integer" and i >= 1 and i <= rawget(self, "count") then return rawget(self, "cell")(i) end
  end,
}

-- The cells of a grid, or those of these indices -> a list: #, [i], ipairs.
function plan.new(space, indices)
  return setmetatable({ count = indices and #indices or space.count, cell = function(i)
    return space.cell(indices and indices[i] or i)
  end }, metatable)
end

-- The same cells, the most expensive first; equal ones in their order.
function plan.by_cost(cells, cost)
  local weights, order = {}, {}
  for i, cell in ipairs(cells) do weights[i], order[i] = cost(cell), i end
  table.sort(order, function(a, b)
    if weights[a] ~= weights[b] then return weights[a] > weights[b] end
    return a < b
  end)
  return setmetatable({ count = #order, cell = function(i) return cells[order[i]] end }, metatable)
end

return plan
