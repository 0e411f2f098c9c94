-- limn/base/pooled.lua: parameters that differ between rows which a table or figure takes for replicates of one point.

-- parameters: names of what a sweep varies; groups: lists of rows; by: the names that the groups have in common.
-- -> "pooled over rate: 5 values", or nil. The number of values is the largest of a group.
return function(parameters, groups, by)
  local fixed, told = { rep = true }, {}
  for _, name in ipairs(by) do fixed[name] = true end
  for _, name in ipairs(parameters or {}) do
    local most = 0
    for _, rows in ipairs(fixed[name] and {} or groups) do
      local seen, count = {}, 0
      for _, row in ipairs(rows) do
        local v = row[name]
        if v ~= nil and v == v and not seen[v] then seen[v], count = true, count + 1 end
      end
      most = math.max(most, count)
    end
    if most > 1 then told[#told + 1] = ("%s: %d values"):format(name, most) end
  end
  return told[1] and "pooled over " .. table.concat(told, ", ") or nil
end
