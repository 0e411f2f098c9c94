-- limn/plot/direct.lua: labels at the ends of curves.

local axes = require "limn.plot.axes"
local native = require("limn.native").plot
local text = require "limn.plot.text"

-- The last visible point of a curve, as fractions of the box of the axes; and 1 or -1 if the curve leaves the box there
-- through the top or the bottom.
local function last_seen(view, axis, x, y)
  local seen, px, py, fx, fy, leaves
  for i = 1, #x do
    local cx, cy = axes.fraction(view.x, x[i]), axes.fraction(axis, y[i])
    if cx == cx and cy == cy and cx >= -1e-4 and cx <= 1.0001 then
      local inside = cy >= -1e-4 and cy <= 1.0001
      if inside and (not fx or cx >= fx) then
        fx, fy, leaves = cx, math.max(0, math.min(1, cy)), nil
      elseif not inside and seen and math.abs(cy) < math.huge and cx >= fx then
        local edge = cy > 1 and 1 or 0
        fx, fy, leaves = px + (cx - px) * (edge - py) / (cy - py), edge, edge == 1 and 1 or -1
      end
      seen, px, py = inside, cx, cy
    else
      seen = false
    end
  end
  return fx, fy, leaves
end

-- Direct labels: to the right of the last visible point of each curve, moved apart so that they do not overlap.
return function(page)
  for _, view in ipairs(page.views) do
    if view.direct then
      local b, list, edges = view.box, {}, {}
      for _, e in ipairs(view.direct) do
        local d = e.list[1]
        if d.x and type(d.x) == "userdata" and d.y then
          local axis = d.axis == "y2" and view.y2 or view.y
          local fx, fy, leaves = last_seen(view, axis, native.totable(d.x), native.totable(d.y))
          if fx and leaves and fx < 0.97 then -- the curve leaves through top or bottom: label next to that point
            local y = leaves > 0 and b.y1 - page.small * 0.6 or b.y0 + page.small * 0.7
            edges[#edges + 1] = { label = e.label, d = d, y = y, x = b.x0 + fx * (b.x1 - b.x0), up = leaves > 0 }
          elseif fx then
            list[#list + 1] = { label = e.label, d = d, y = b.y0 + fy * (b.y1 - b.y0), x = b.x0 + fx * (b.x1 - b.x0) }
          end
        end
      end
      table.sort(edges, function(p, q) return p.x < q.x end)
      for i, e in ipairs(edges) do -- below or above those that they would cover
        local wide, down = text.width(e.label, page.small, page.font), e.up and -1 or 1
        local free
        repeat
          free = true
          for k = 1, i - 1 do
            local o = edges[k]
            if e.x < o.x + o.wide + 4 and math.abs(e.y - o.y) < page.small * 1.15 then free = false end
          end
          if not free then e.y = e.y + down * page.small * 1.2 end
        until free or e.y < b.y0 or e.y > b.y1
        e.wide = wide
      end
      table.sort(list, function(p, q) return p.y < q.y end)
      local need = page.small * 1.2
      for _ = 1, 60 do
        for i = 2, #list do
          local lack = need - (list[i].y - list[i - 1].y)
          if lack > 0 then
            list[i - 1].y, list[i].y = list[i - 1].y - lack / 2, list[i].y + lack / 2
          end
        end
        if #list > 0 and list[#list].y > b.y1 then list[#list].y = b.y1 end
        if #list > 0 and list[1].y < b.y0 then list[1].y = b.y0 end
      end
      if #list > 1 then -- whatever is left of overlaps, from the top down and then from the bottom up
        local least = math.min(need, (b.y1 - b.y0) / (#list - 1))
        list[#list].y = math.min(list[#list].y, b.y1)
        for i = #list - 1, 1, -1 do list[i].y = math.min(list[i].y, list[i + 1].y - least) end
        list[1].y = math.max(list[1].y, b.y0)
        for i = 2, #list do list[i].y = math.max(list[i].y, list[i - 1].y + least) end
      end
      view.direct_at = table.move(edges, 1, #edges, #list + 1, list)
    end
  end
end
