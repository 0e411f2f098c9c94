-- limn/plot/clip.lua: coordinates outside the panel. gnuplot 5.4 omits the segments of a line to a point more than some
-- thousand panels away, so such lines are cut, and other ends are moved, at REACH panels from the range. It misplaces
-- the corners of areas that reach beyond a large panel, so areas are cut at the range itself.

local native = require("limn.native").plot
local span = require "limn.plot.span"

local clip = {}

local REACH = 100

-- The least and the largest coordinate that gnuplot gets.
local function limits(axis)
  local a, b = span.place(axis, axis.low), span.place(axis, axis.high)
  local room = REACH * (b - a)
  return a - room, b + room
end

local function beyond(axis, column)
  local low, high, positive = native.extent(column)
  if not low then return false end
  if axis.log then low = positive or high end
  local a, b = limits(axis)
  return span.place(axis, low) < a or span.place(axis, high) > b
end

-- Moves the values of a column to the limits.
local function moved(axis, column)
  if not column or type(column) ~= "userdata" or not beyond(axis, column) then return column end
  local a, b = limits(axis)
  local t = native.totable(column)
  for i, v in ipairs(t) do
    local u = span.place(axis, v)
    if u < a and not (axis.log and v <= 0) then t[i] = span.value(axis, a) end
    if u > b then t[i] = span.value(axis, b) end
  end
  return (native.column(t, "plot", "column"))
end

-- The part of the segment p-q inside [a, b] along coordinate k, by its parameters t0 .. t1; nil if there is none.
local function inside(p, q, k, a, b, t0, t1)
  local u, v = p[k], q[k]
  if u - u ~= 0 or v - v ~= 0 then return nil end
  if u == v then
    if u < a or u > b then return nil end
    return t0, t1
  end
  local function at(limit) return (limit / 2 - u / 2) / (v / 2 - u / 2) end
  local first, last = at(u < v and a or b), at(u < v and b or a)
  t0, t1 = math.max(t0, first), math.min(t1, last)
  if t0 > t1 then return nil end
  return t0, t1
end

-- Cuts a line at the limits of both axes; parts outside become gaps.
local function cut(d, ax, ay)
  local xs, ys = native.totable(d.x), native.totable(d.y)
  local xa, xb = limits(ax)
  local ya, yb = limits(ay)
  local out_x, out_y, last = {}, {}, nil
  local function put(u, v)
    out_x[#out_x + 1], out_y[#out_y + 1] = u and span.value(ax, u) or 0 / 0, v and span.value(ay, v) or 0 / 0
  end
  local function within(p, q)
    local t0, t1 = inside(p, q, 1, xa, xb, 0, 1)
    if t0 then return inside(p, q, 2, ya, yb, t0, t1) end
  end
  local function between(p, q, t) return p[1] + (q[1] - p[1]) * t, p[2] + (q[2] - p[2]) * t end
  for i = 1, #xs do
    local here = { span.place(ax, xs[i]), span.place(ay, ys[i]) }
    if here[1] - here[1] ~= 0 or here[2] - here[2] ~= 0 then
      put()
      last = nil
    else
      local known = here[1] >= xa and here[1] <= xb and here[2] >= ya and here[2] <= yb
      local t0, t1
      if last then t0, t1 = within(last, here) end
      if t0 and t0 > 0 then
        put()
        local _, far = within(here, last) -- from this end, for t0 may be rounded to 1
        put(between(here, last, far or 1 - t0))
      end
      if known then
        out_x[#out_x + 1], out_y[#out_y + 1] = xs[i], ys[i]
      elseif t0 then
        put(between(last, here, t1))
      end
      last = here
    end
  end
  if #out_x == 0 then put() end -- all of it is outside
  d.x, d.y, d.n = (native.column(out_x, "plot", "x")), (native.column(out_y, "plot", "y")), #out_x
end

local EDGES = { x = { "xlo", "xhi", "left", "right", "middle" }, y = { "lo", "hi", "top", "bottom" } }

-- Limits the coordinates of a layer whose axes have their ranges.
function clip.layer(d, ax, ay)
  if d.kind == "heatmap" or d.kind == "image" or d.kind == "contour" or d.kind == "band" or d.n == 0 then return end
  for name, axis in pairs { x = ax, y = ay } do
    for _, field in ipairs(EDGES[name]) do
      if d[field] then d[field] = moved(axis, d[field]) end
    end
  end
  if type(d.x) ~= "userdata" or type(d.y) ~= "userdata" then
    if type(d.x) == "userdata" then d.x = moved(ax, d.x) end
    if type(d.y) == "userdata" then d.y = moved(ay, d.y) end
  elseif not beyond(ax, d.x) and not beyond(ay, d.y) then
    return
  elseif (d.kind == "line" and not d.band_lo) or d.kind == "func" then
    cut(d, ax, ay)
  else
    if d.kind == "line" then -- the band keeps its own abscissa
      d.band_x = d.band_x or d.x
      cut(d, ax, ay)
      return
    end
    d.x, d.y = moved(ax, d.x), moved(ay, d.y)
  end
end

-- The corners of the part of a polygon where coordinate k is at least limit (sign = 1) or at most (sign = -1), after
-- Sutherland and Hodgman (1974).
local function half(corners, k, limit, sign)
  local out, last = {}, corners[#corners]
  for _, here in ipairs(corners) do
    local was, is = sign * (last[k] - limit) >= 0, sign * (here[k] - limit) >= 0
    if was ~= is then
      local t = (limit / 2 - last[k] / 2) / (here[k] / 2 - last[k] / 2)
      local other = last[3 - k] + (here[3 - k] / 2 - last[3 - k] / 2) * t * 2
      out[#out + 1] = k == 1 and { limit, other } or { other, limit }
    end
    if is then out[#out + 1] = here end
    last = here
  end
  return out
end

-- The part of a polygon (lists of the coordinates of its corners) inside the panel; empty lists if there is none.
function clip.polygon(xs, ys, ax, ay)
  local x0, x1, y0, y1 = span.place(ax, ax.low), span.place(ax, ax.high), span.place(ay, ay.low), span.place(ay, ay.high)
  local corners, within = {}, true
  for i = 1, #xs do
    local u, v = span.place(ax, xs[i]), span.place(ay, ys[i])
    within = within and u >= x0 and u <= x1 and v >= y0 and v <= y1
    corners[i] = { u, v }
  end
  if within then return xs, ys end
  corners = half(half(half(half(corners, 1, x0, 1), 1, x1, -1), 2, y0, 1), 2, y1, -1)
  local px, py = {}, {}
  for i, c in ipairs(corners) do px[i], py[i] = span.value(ax, c[1]), span.value(ay, c[2]) end
  return px, py
end

-- The part of the straight line p-q (fractions of the panel) inside it; nil if there is none.
function clip.segment(p, q)
  local t0, t1 = inside(p, q, 1, 0, 1, 0, 1)
  if t0 then t0, t1 = inside(p, q, 2, 0, 1, t0, t1) end
  if not t0 then return nil end
  local function point(t) return { p[1] + (q[1] - p[1]) * t, p[2] + (q[2] - p[2]) * t } end
  return point(t0), point(t1), t1 < 1
end

return clip
