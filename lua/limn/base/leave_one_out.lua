-- limn/base/leave_one_out.lua: a statistic of a list, and of the list without each of its entries in turn.

local check = require "limn.base.check"

-- leave_one_out(who, list, statistic) -> statistic(list), { statistic without entry i }; `who` is the called function.
return function(who, list, statistic)
  check.value(who, "list", list, { type = "array", required = true, help = "a list of measurements" })
  local n, without = #list, {}
  if n < 2 then check.fail("%s: list must be at least 2 measurements, got %d", who, n) end
  check.value(who, "statistic", statistic, { type = "function", required = true })
  local function of(entries)
    local v = statistic(entries)
    if type(v) ~= "number" then check.fail("%s: statistic must give a number, got %s", who, check.show(v)) end
    return v
  end
  local all = of(list)
  for i = 1, n do
    local rest = table.move(list, 1, i - 1, 1, {})
    without[i] = of(table.move(list, i + 1, n, i, rest))
  end
  return all, without
end
