-- limn/plot/legend.lua: the entries and the position of a legend. Legends are drawn by limn (samples as arrows,
-- points and rectangles, text as labels) and not by gnuplot, so that their size is known and they cover no data.

local native = require("limn.native").plot
local axes = require "limn.plot.axes"
local text = require "limn.plot.text"

local legend = {}

legend.sample = 18 -- length of a line sample, points
legend.gap = 4 -- distance between sample and text, points

-- The labelled layers of a list of views, one entry per label: {label=, list = its layers}.
function legend.entries(views)
  local out, seen = {}, {}
  for _, view in ipairs(views) do
    local ordered = table.move(view.drawn, 1, #view.drawn, 1, {})
    table.sort(ordered, function(a, b) return a.order < b.order end)
    for _, d in ipairs(ordered) do
      if d.label and d.kind ~= "text" and d.kind ~= "heatmap" and d.kind ~= "image" then
        local name = d.label.source
        if not seen[name] then
          seen[name] = { label = d.label, list = { d } }
          out[#out + 1] = seen[name]
        elseif seen[name].view == view then
          table.insert(seen[name].list, d)
        end
        seen[name].view = seen[name].view or view
      end
    end
  end
  return out
end

-- measure(entries, columns, size, font) -> width, height, column widths, row height, in points.
function legend.measure(entries, columns, size, font)
  local widths, row = {}, size * 1.28
  for i, e in ipairs(entries) do
    local c = (i - 1) % columns + 1
    widths[c] = math.max(widths[c] or 0, legend.sample + legend.gap + text.width(e.label, size, font))
  end
  local total = (#widths - 1) * 10
  for _, w in ipairs(widths) do total = total + w end
  return total, math.ceil(#entries / columns) * row, widths, row
end

-- The largest number of columns that fit into a width.
function legend.columns(entries, width, size, font)
  for columns = #entries, 2, -1 do
    if legend.measure(entries, columns, size, font) <= width then return columns end
  end
  return 1
end

-- The drawn area on a 48 x 36 grid over the box of the axes, as counts per grid cell. Returns a function that sums the
-- counts in a rectangle given in fractions of the box.
function legend.ink(view, width, height)
  local nx, ny = 48, 36
  local grid = {}
  local function mark(fx, fy)
    if fx >= 0 and fx <= 1 and fy >= 0 and fy <= 1 then
      local i = math.min(nx - 1, math.floor(fx * nx)) * ny + math.min(ny - 1, math.floor(fy * ny))
      grid[i] = (grid[i] or 0) + 1
    end
  end
  local function curve(d, xs, ys, axis, joined)
    local x, y = native.totable(xs), native.totable(ys)
    local stride = math.max(1, #x // 3000)
    local px, py
    for i = 1, #x, stride do
      local fx, fy = axes.fraction(view.x, x[i]), axes.fraction(axis, y[i])
      if fx == fx and fy == fy and math.abs(fx) < 50 and math.abs(fy) < 50 then
        mark(fx, fy)
        if joined and px then
          local steps = math.min(100, math.ceil(math.max(math.abs(fx - px) * nx, math.abs(fy - py) * ny) * 1.5))
          for s = 1, steps - 1 do mark(px + (fx - px) * s / steps, py + (fy - py) * s / steps) end
        end
        px, py = fx, fy
      else
        px = nil
      end
    end
    return d
  end
  local function box(x1, x2, y1, y2)
    x1, x2, y1, y2 = math.max(0, math.min(x1, x2)), math.min(1, math.max(x1, x2)), math.max(0, math.min(y1, y2)),
      math.min(1, math.max(y1, y2))
    for i = math.floor(x1 * nx), math.ceil(x2 * nx) - 1 do
      for j = math.floor(y1 * ny), math.ceil(y2 * ny) - 1 do mark((i + 0.5) / nx, (j + 0.5) / ny) end
    end
  end
  for _, d in ipairs(view.drawn) do
    local axis = d.axis == "y2" and view.y2 or view.y
    if d.kind == "heatmap" or d.kind == "image" then
      box(0, 1, 0, 1)
    elseif d.kind == "bars" or d.kind == "histogram" then
      if d.left then
        local l, r, t = native.totable(d.left), native.totable(d.right), native.totable(d.top or d.y)
        for i = 1, math.min(#l, 500) do
          box(axes.fraction(view.x, l[i]), axes.fraction(view.x, r[i]),
            math.max(0, axes.fraction(axis, d.hi and native.totable(d.hi)[i] or t[i])),
            math.max(0, math.min(1, axis.log and 0 or axes.fraction(axis, d.base or 0))))
        end
      end
    elseif d.shape_x then
      curve(d, d.shape_x, d.shape_y, axis, d.kind == "violin")
    elseif d.kind == "hline" then
      box(0, 1, axes.fraction(axis, d.y), axes.fraction(axis, d.y) + 1e-3)
    elseif d.kind == "vline" then
      box(axes.fraction(view.x, d.x), axes.fraction(view.x, d.x) + 1e-3, 0, 1)
    elseif d.kind == "text" and d.text then
      local fx, fy = d.x, d.y
      if d.at == "data" then fx, fy = axes.fraction(view.x, d.x), axes.fraction(axis, d.y) end
      local w = text.width(d.text, d.size or 8, "sans") / width
      local start = d.align == "right" and fx - w or d.align == "center" and fx - w / 2 or fx
      box(start, start + w, fy - 5 / height, fy + 5 / height)
    elseif d.kind == "arrow" then
      local x1, x2 = axes.fraction(view.x, d.from[1]), axes.fraction(view.x, d.to[1])
      local y1, y2 = axes.fraction(axis, d.from[2]), axes.fraction(axis, d.to[2])
      for s = 0, 40 do mark(x1 + (x2 - x1) * s / 40, y1 + (y2 - y1) * s / 40) end
      if d.text then
        local w = text.width(d.text, 8, "sans") / width
        box(x1 - w / 2, x1 + w / 2, y1 - 8 / height, y1 + 8 / height)
      end
    else
      if d.y and type(d.y) == "userdata" and d.x and d.kind ~= "contour" then
        curve(d, d.x, d.y, axis, d.kind == "line" or d.kind == "func" or d.kind == "steps")
      end
      for _, name in ipairs { "lo", "hi", "band_lo", "band_hi" } do
        local at = name:find "^band" and d.band_x or d.x
        if type(d[name]) == "userdata" then curve(d, at, d[name], axis, true) end
      end
      if type(d.lo) == "userdata" or type(d.band_lo) == "userdata" then -- the interior of a band
        local x = native.totable(d.band_lo and d.band_x or d.x)
        local lo, hi = native.totable(d.lo or d.band_lo), native.totable(d.hi or d.band_hi)
        for i = 1, #x, math.max(1, #x // 200) do
          local fx = axes.fraction(view.x, x[i])
          local a, b = axes.fraction(axis, lo[i]), axes.fraction(axis, hi[i])
          if a == a and b == b then box(fx, fx + 1e-3, a, b) end
        end
      end
    end
  end
  for _, inset in ipairs(view.panel.insets or {}) do box(inset.box[1] - 0.1, inset.box[2], inset.box[3] - 0.12,
    inset.box[4]) end
  return function(x1, x2, y1, y2)
    local sum = 0
    for i = math.max(0, math.floor(x1 * nx)), math.min(nx - 1, math.ceil(x2 * nx) - 1) do
      for j = math.max(0, math.floor(y1 * ny)), math.min(ny - 1,
        math.ceil(y2 * ny) - 1) do sum = sum + (grid[i * ny + j] or 0) end
    end
    return sum
  end
end

local corners = {
  ["top right"] = { 1, 1 }, ["top left"] = { 0, 1 }, ["bottom right"] = { 1, 0 }, ["bottom left"] = { 0, 0 },
  ["right"] = { 1, 0.5 }, ["left"] = { 0, 0.5 }, ["center"] = { 0.5, 0.5 }, ["centre"] = { 0.5, 0.5 },
  ["top center"] = { 0.5, 1 }, ["bottom center"] = { 0.5, 0 }, ["top centre"] = { 0.5, 1 },
    ["bottom centre"] = { 0.5, 0 },
}
local order = { "top right", "top left", "bottom right", "bottom left", "top center", "bottom center", "right",
  "left" }
legend.places = { best = true, above = true, outside = true, direct = true, none = true }
for name in pairs(corners) do legend.places[name] = true end

-- The lower left corner, in points, of a w x h legend at a named position in a width x height box.
function legend.corner(name, w, h, width, height)
  local c = corners[name]
  local pad = 4
  return pad + c[1] * (width - w - 2 * pad), pad + c[2] * (height - h - 2 * pad)
end

-- The position that covers the least drawn area: its lower left corner in points, and the area covered.
function legend.best(ink, w, h, width, height)
  local best, least
  for _, name in ipairs(order) do
    local x, y = legend.corner(name, w, h, width, height)
    local covered = ink((x - 4) / width, (x + w + 6) / width, (y - 2) / height, (y + h + 2) / height)
    if not least or covered < least then best, least = { x, y }, covered end
    if covered == 0 then break end
  end
  if w + 8 > width or h + 8 > height then least = math.huge end
  return best[1], best[2], least
end

return legend
