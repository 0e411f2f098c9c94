-- limn/plot/stacks.lua: the rectangles of the bar layers of a panel, side by side or stacked: d.left, d.right, d.bottom,
-- d.top, and d.middle. A stacked bar is drawn on all earlier bars at its x; positive and negative bars form two stacks.

local native = require("limn.native").plot

local stacks = {}

local function step_of(x)
  local sorted, step = table.move(x, 1, #x, 1, {}), math.huge
  table.sort(sorted)
  for i = 2, #sorted do
    if sorted[i] > sorted[i - 1] then step = math.min(step, sorted[i] - sorted[i - 1]) end
  end
  return step == math.huge and 1 or step
end

local function set(d, columns)
  for name, t in pairs(columns) do d[name] = (native.column(t, d.who, name)) end
end

-- Sets d.left, d.right and d.middle. Bars that are not stacked share the width of a bar.
function stacks.across(drawn)
  local groups = 0
  for _, d in ipairs(drawn) do
    if d.kind == "bars" and not d.stack then groups = groups + 1 end
  end
  local slot = 0
  for _, d in ipairs(drawn) do
    if d.kind == "bars" then
      local x = native.totable(d.x)
      local whole = d.width_given or 0.78 * step_of(x)
      local count, index = 1, 0
      if not d.stack then
        count, index = groups, slot
        slot = slot + 1
      end
      local one = whole / count
      local left, right, middle = {}, {}, {}
      for i = 1, d.n do
        left[i] = x[i] - whole / 2 + index * one + (count > 1 and 0.04 * one or 0)
        right[i] = left[i] + one - (count > 1 and 0.08 * one or 0)
        middle[i] = left[i] / 2 + right[i] / 2
      end
      set(d, { left = left, right = right, middle = middle })
    end
  end
end

-- Sets d.bottom and d.top; d.bottom is nil on a log axis, where bars start at the lower edge of the panel.
function stacks.upward(drawn, view)
  local piles = { y = { up = {}, down = {} }, y2 = { up = {}, down = {} } }
  for _, d in ipairs(drawn) do
    if d.kind == "bars" then
      local x, y, bottom, top = native.totable(d.x), native.totable(d.y), {}, {}
      for i = 1, d.n do
        local pile = piles[d.axis][y[i] >= (d.stack and 0 or d.base) and "up" or "down"]
        bottom[i] = d.stack and (pile[x[i]] or d.base) or d.base
        top[i] = d.stack and bottom[i] + y[i] or y[i]
        if top[i] == top[i] and x[i] == x[i] then pile[x[i]] = top[i] end
      end
      set(d, { bottom = bottom, top = top })
      if view[d.axis].log then d.bottom = nil end
    end
  end
end

return stacks
