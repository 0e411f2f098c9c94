-- limn/plot/elements.lua: each kind of layer as elements of a gnuplot `plot` command, or as labels and arrows. Data
-- blocks, labels and notes are passed to the writer `w` (script.lua).

local native = require("limn.native").plot
local axes = require "limn.plot.axes"
local clip = require "limn.plot.clip"
local contour = require "limn.plot.contour"
local pen = require "limn.plot.pen"
local resolve = require "limn.plot.resolve"
local style = require "limn.plot.style"

local num = native.number

local elements = {} -- kind -> function(w, view, layer, axis) -> list of elements
local marks = {} -- kind -> function(w, view, layer): writes labels and arrows

-- ---- layers -> plot elements ----------------------------------------------------------------------------

-- The ends of intervals as columns: an end that the axis has no place for (0 or below on a log axis, an infinity) is
-- moved to the edge of the panel. Intervals whose ends are unknown, or that lie below a log axis, are nan.
local function interval_ends(lo, hi, axis)
  local low, high, _, finite, refused = native.extent(lo)
  local _, _, _, finite_hi, refused_hi = native.extent(hi)
  local _, n = native.column(lo, "plot", "lo")
  if low and high and finite == n and finite_hi == n and not (axis.log and refused + refused_hi > 0) then
    return lo, hi
  end
  local a, b = native.totable(lo), native.totable(hi)
  for i = 1, #a do
    if a[i] ~= a[i] or b[i] ~= b[i] or (axis.log and b[i] <= 0) then
      a[i], b[i] = 0 / 0, 0 / 0
    else
      if a[i] == -math.huge or (axis.log and a[i] <= 0) then a[i] = math.min(axis.low, b[i]) end
      if b[i] == math.huge then b[i] = math.max(axis.high, a[i]) end
    end
  end
  return (native.column(a, "plot", "lo")), (native.column(b, "plot", "hi"))
end

local function axes_of(d) return d.axis == "y2" and " axes x1y2" or "" end

-- The outline of a filled area as data: of each run of rows without a gap, the upper edge and the lower edge backwards.
-- gnuplot 5.4 corrupts its memory when it is to fill between two edges that cross often. A single row has no area: it is
-- a bar of the same colour.
local function band(w, d, x, lo, hi, view, axis)
  lo, hi = interval_ends(lo, hi, axis)
  local xs, low, high, px, py, from = native.totable(x), native.totable(lo), native.totable(hi), {}, {}, nil
  local lone = { {}, {}, {} }
  local function known(v, log) return v and v - v == 0 and (not log or v > 0) end
  local function close(last) -- the run of the rows from .. last
    local cx, cy = {}, {}
    for i = from, last do cx[#cx + 1], cy[#cy + 1] = xs[i], high[i] end
    for i = last, from, -1 do cx[#cx + 1], cy[#cy + 1] = xs[i], low[i] end
    cx, cy = clip.polygon(cx, cy, view.x, axis)
    for i = 1, #cx do px[#px + 1], py[#py + 1] = cx[i], cy[i] end
    if #cx > 0 then px[#px + 1], py[#py + 1] = 0 / 0, 0 / 0 end
    if from == last and high[from] >= axis.low and low[from] <= axis.high then
      local k = #lone[1] + 1
      lone[1][k], lone[2][k], lone[3][k] = xs[from], math.max(low[from], axis.low), math.min(high[from], axis.high)
    end
    from = nil
  end
  for i = 1, #xs + 1 do
    if known(xs[i], view.x.log) and known(low[i], axis.log) and known(high[i], axis.log) then
      from = from or i
    elseif from then
      close(i - 1)
    end
  end
  if #px == 0 then px[1], py[1] = 0 / 0, 0 / 0 end
  local list = { string.format("%s using 1:2%s with filledcurves closed %s", w:data({ px, py }, nil, nil, true), axes_of(d),
    pen.fill(d, 0.2)) }
  if lone[1][1] then
    list[2] = string.format("%s using 1:2:(0):($3-$2)%s with vectors nohead lc rgb '%s' lw 1", w:data(lone), axes_of(d), d.color)
  end
  return list
end

function elements.line(w, view, d, axis)
  local list = d.band_lo and band(w, d, d.band_x or d.x, d.band_lo, d.band_hi, view, axis) or {}
  local block = w:data({ d.x, d.y }, { view.x.log, axis.log })
  if d.point then
    local every = d.every or (d.n > 40 and math.ceil(d.n / 14)) or 1
    list[#list + 1] = string.format("%s using 1:2%s with linespoints %s %s%s", block, axes_of(d), pen.stroke(d),
      pen.shape(d, w.marks),
      every > 1 and " pi " .. every or "")
  else
    list[#list + 1] = string.format("%s using 1:2%s with lines %s", block, axes_of(d), pen.stroke(d))
  end
  return list
end
elements.func = elements.line

function elements.points(w, view, d, axis)
  local columns = { d.x, d.y, d.z }
  local block = w:data(columns, { view.x.log, axis.log, d.z and view.colour.log })
  if d.z then return { string.format("%s using 1:2:3%s with points %s lc palette", block, axes_of(d),
    pen.shape(d, w.marks)) } end
  return { string.format("%s using 1:2%s with points %s lc rgb '%s' lw 0.7", block, axes_of(d),
    pen.shape(d, w.marks), pen.color(d)) }
end

function elements.band(w, view, d, axis)
  return band(w, d, d.x, d.lo, d.hi, view, axis)
end

function elements.errorbars(w, view, d, axis)
  local list, lo, hi, xlo, xhi = {}, nil, nil, nil, nil
  if d.lo then lo, hi = interval_ends(d.lo, d.hi, axis) end
  if d.xlo then xlo, xhi = interval_ends(d.xlo, d.xhi, view.x) end
  local block
  if lo and xlo then
    block = w:data({ d.x, d.y, xlo, xhi, lo, hi }, { view.x.log, axis.log, view.x.log, view.x.log, axis.log, axis.log })
  elseif lo then
    block = w:data({ d.x, d.y, lo, hi }, { view.x.log, axis.log })
  else
    block = w:data({ d.x, d.y, xlo, xhi }, { view.x.log, axis.log })
  end
  local color = pen.color(d)
  if d.line then
    list[1] = string.format("%s using 1:2%s with lines lc rgb '%s' lw 1.2%s", block, axes_of(d), color, pen.dash(d.dash))
  end
  local whisker = string.format("lc rgb '%s' lw %s", color, num(d.width))
  if lo then
    local low = xlo and 5 or 3
    local from = axis.log and string.format("($%d > 0 ? $%d : %s)", low, low, num(axis.low)) or "($" .. low .. ")"
    list[#list + 1] = string.format("%s using 1:%s:(0):($%d-%s)%s with vectors nohead %s", block, from, low + 1, from,
      axes_of(d), whisker)
  end
  if xlo then
    list[#list + 1] = string.format("%s using 3:2:($4-$3):(0)%s with vectors nohead %s", block, axes_of(d), whisker)
  end
  list[#list + 1] = string.format("%s using 1:2%s with points lc rgb '%s' %s", block, axes_of(d), color,
    pen.shape(d, w.marks))
  return list
end

function elements.steps(w, view, d, axis)
  local block = w:data({ d.x, d.y }, { view.x.log, axis.log })
  local how = ({ post = "steps", pre = "fsteps", mid = "histeps" })[d.where]
  return { string.format("%s using 1:2%s with %s %s", block, axes_of(d), how, pen.stroke(d)) }
end

function elements.bars(w, view, d, axis)
  local bottom = d.bottom or axis.low
  local block = w:data({ d.middle, d.top, d.left, d.right, bottom, d.top }, { view.x.log, axis.log })
  local list = { string.format("%s%s with boxxyerror fc rgb '%s' fs solid %s noborder", block, axes_of(d), d.color,
    num(d.alpha or 0.9)) }
  if d.hatch then list[2] = block .. axes_of(d) .. " with boxxyerror " .. pen.hatch(d, d.alpha or 0.9) end
  if d.lo then
    local lo, hi = interval_ends(d.lo, d.hi, axis)
    local whiskers = w:data({ d.middle, d.top, lo, hi }, { view.x.log, axis.log })
    list[#list + 1] = string.format("%s using 1:3:(0):($4-$3)%s with vectors nohead lc rgb '%s' lw 0.9", whiskers, axes_of(d),
      style.ink)
  end
  return list
end

function elements.histogram(w, view, d, axis)
  if not d.left then return {} end
  if d.sideways then -- counts to the right
    local zero = native.totable(d.y)
    for i = 1, #zero do zero[i] = 0 end
    return { string.format("%s with boxxyerror fc rgb '%s' fs transparent solid %s border rgb '%s' lw 0.4",
      w:data({ zero, d.left, zero, d.y, d.left, d.right }, { [2] = axis.log, [5] = axis.log, [6] = axis.log }), d.color,
      num(d.alpha), d.color) }
  end
  local block = w:data({ d.left, d.y, d.left, d.right, axis.log and axis.low or 0, d.y }, { view.x.log, axis.log })
  if not d.fill then
    return { string.format("%s using 3:5:($4-$3):(0)%s with vectors nohead %s", block, axes_of(d), pen.stroke(d)) }
  end
  return { string.format("%s%s with boxxyerror fc rgb '%s' fs transparent solid %s border rgb '%s' lw 0.4", block,
    axes_of(d), d.color, num(d.alpha or 0.55), d.color),
    d.hatch and block .. axes_of(d) .. " with boxxyerror " .. pen.hatch(d, d.alpha or 0.55) or nil }
end

-- A filled polygon per place, and the quartiles and the median in it.
function elements.violin(w, view, d, axis)
  local list, x, y, px, py = {}, native.totable(d.shape_x), native.totable(d.shape_y), {}, {}
  for i = 1, #x + 1 do
    if x[i] and x[i] == x[i] then
      px[#px + 1], py[#py + 1] = x[i], y[i]
    elseif #px > 0 then
      px, py = clip.polygon(px, py, view.x, axis)
      if #px == 0 then px[1], py[1] = 0 / 0, 0 / 0 end
      local outline = w:data({ px, py })
      list[#list + 1] = string.format("%s using 1:2%s with filledcurves closed fc rgb '%s' fs transparent solid %s border "
        .. "lc rgb '%s' lw 0.6", outline, axes_of(d), d.color, num(d.alpha or 0.35), d.color)
      if d.hatch then
        list[#list + 1] = string.format("%s using 1:2%s with filledcurves closed %s", outline, axes_of(d), pen.hatch(d, d.alpha or 0.35))
      end
      px, py = {}, {}
    end
  end
  local block = w:data({ d.middle, d.top, d.lo, d.hi }, { view.x.log, axis.log })
  list[#list + 1] = string.format("%s using 1:3:(0):($4-$3)%s with vectors nohead lc rgb '%s' lw 2.5", block, axes_of(d),
    d.color)
  list[#list + 1] = string.format("%s using 1:2%s with points pt 7 ps %s lc rgb '#ffffff'", block, axes_of(d),
    num(0.22 * w.marks))
  return list
end

-- Marks, and a line at the mean of each place.
function elements.strip(w, view, d, axis)
  local block = w:data({ d.shape_x, d.shape_y }, { view.x.log, axis.log })
  local from, to, k = {}, {}, 0
  for _, v in ipairs(native.totable(d.middle)) do
    local u = axes.place(view.x, v)
    k = k + 1
    from[k], to[k] = axes.value(view.x, u - 0.7 * d.slot[2]), axes.value(view.x, u + 0.7 * d.slot[2])
  end
  return { string.format("%s using 1:2%s with points %s lc rgb '%s' lw 0.7", block, axes_of(d), pen.shape(d, w.marks),
    pen.color(d)), string.format("%s using 1:3:($2-$1):(0)%s with vectors nohead lc rgb '%s' lw 1.6",
    w:data({ from, to, d.top }, { view.x.log, view.x.log, axis.log }), axes_of(d), style.ink) }
end

local MOST_VECTOR_CELLS = 40000 -- fields with more cells are drawn as a raster

-- A raster is drawn on the axes x2 and y2, which count cells: gnuplot is seven times slower when it evaluates an
-- expression per cell. A panel has one such pair of axes; further fields with another range use expressions.
local function raster(w, view, block, x, y)
  local function span(axis, v)
    local low, high = (axis.low - v[1]) / v[2], (axis.high - v[1]) / v[2]
    if axis.reverse then low, high = high, low end
    return string.format("[%s:%s]", num(low), num(high))
  end
  local frame = string.format("set x2range %s; set y2range %s", span(view.x, x), span(view.y, y))
  view = view.own or view
  if not view.uses_y2 and (view.raster_frame or frame) == frame then
    if not view.raster_frame then w:line("%s", frame) end
    view.raster_frame = frame
    return block .. " matrix using 1:2:3 axes x2y2 with image"
  end
  return string.format("%s matrix using (%s+(%s)*$1):(%s+(%s)*$2):3 with image", block, num(x[1]), num(x[2]), num(y[1]),
    num(y[2]))
end

-- A field of equal cells: x = {centre of the first, step}, y likewise. Small fields are drawn as vector rectangles,
-- each extended slightly below the next one, because viewers show seams between adjacent rectangles. Large fields are a
-- raster.
local function quick_image(w, view, d, z, rows, cols, x, y)
  local vector = d.vector
  if vector == nil then vector = rows * cols <= MOST_VECTOR_CELLS end
  if not vector then
    w.notes[#w.notes + 1] = string.format("%s of %dx%d cells drawn as a raster, one pixel per cell, "
      .. "values rounded to 5 digits", d.kind, rows, cols)
    local block = w:data({ native.rounded(z, 5) }, { view.colour.log }, cols) -- a colour resolves about 3 digits
    return raster(w, view, block, x, y)
  end
  local value = view.colour.log and "($3 > 0 ? $3 : NaN)" or "3"
  local block = w:data({ z }, nil, cols)
  local b = view.box
  local px = (view.x.high - view.x.low) / (b.x1 - b.x0) * 0.6 -- 0.6 points in data units
  local py = (view.y.high - view.y.low) / (b.y1 - b.y0) * 0.6
  local function span(v, count, k, under)
    local half = v[2] / 2
    local reach = math.min(under, math.abs(half)) * (v[2] < 0 and -1 or 1)
    local low = string.format("(%s+(%s)*$%d)", num(v[1] - half), num(v[2]), k)
    local high = string.format("($%d < %d ? %s+(%s)*$%d : %s)", k, count - 1, num(v[1] + half + reach), num(v[2]), k,
      num(v[1] + half + v[2] * (count - 1)))
    return low, high
  end
  local xl, xh = span(x, cols, 1, px)
  local yl, yh = span(y, rows, 2, py)
  return string.format("%s matrix using (%s+(%s)*$1):(%s+(%s)*$2):%s:%s:%s:%s:%s "
    .. "with boxxyerror lc palette fs solid noborder", block, num(x[1]), num(x[2]), num(y[1]), num(y[2]), xl, xh, yl,
      yh, value)
end

-- A large field whose cells are unequal on the axes: a raster of four pixels per point; each pixel has the value of the
-- cell at its centre.
local function resampled(w, view, d, ex, ey, axis)
  local b = view.box
  local function indices(edges, along, length)
    local count, n, out = math.ceil(length * 4), #edges - 1, {}
    local a, z = axes.place(along, along.low), axes.place(along, along.high)
    local up, k = edges[n + 1] > edges[1], edges[n + 1] > edges[1] and 1 or n
    for i = 1, count do -- pixel positions ascend, so the cell index changes in one direction only
      local v = axes.value(along, a + (z - a) * (i - 0.5) / count)
      while k >= 1 and k <= n and v > math.max(edges[k], edges[k + 1]) do k = up and k + 1 or k - 1 end
      out[i] = k >= 1 and k <= n and v >= math.min(edges[k], edges[k + 1]) and k or 0
    end
    return out
  end
  local rows, cols = indices(ey, axis, b.y1 - b.y0), indices(ex, view.x, b.x1 - b.x0)
  w.notes[#w.notes + 1] = string.format("%s of %dx%d unequal cells drawn as a raster of %dx%d pixels, "
    .. "values rounded to 5 digits", d.kind, d.rows, d.cols, #rows, #cols)
  local block = w:data({ native.rounded(native.pick(d.z, d.cols, rows, cols), 5) }, { view.colour.log }, #cols)
  local function plain(along, count) return { low = 0, high = count, reverse = along.reverse } end
  return raster(w, { x = plain(view.x, #cols), y = plain(axis, #rows), own = view }, block, { 0.5, 1 }, { 0.5, 1 })
end

function elements.heatmap(w, view, d, axis)
  local z = d.z
  local positive = view.colour.log
  if d.x_uniform and d.y_uniform and not view.x.log and not axis.log and view.x.scale ~= "symlog"
    and axis.scale ~= "symlog" then
    local x, y = native.totable(d.x), native.totable(d.y)
    local dx = d.cols > 1 and (x[d.cols] - x[1]) / (d.cols - 1) or 1
    local dy = d.rows > 1 and (y[d.rows] - y[1]) / (d.rows - 1) or 1
    return { quick_image(w, view, d, z, d.rows, d.cols, { x[1], dx }, { y[1], dy }) }
  end
  local ex, ey = resolve.cell_edges(d.x, d.cols, view.x), resolve.cell_edges(d.y, d.rows, axis)
  local large = d.rows * d.cols > MOST_VECTOR_CELLS and d.vector ~= true
  if large and not view.uses_y2 and not view.raster_frame then return { resampled(w, view, d, ex, ey, axis) } end
  local values = native.totable(z)
  local xl, xr, yl, yr = {}, {}, {}, {}
  for i = 1, d.rows do
    for j = 1, d.cols do
      local k = (i - 1) * d.cols + j
      xl[k], xr[k], yl[k], yr[k] = ex[j], ex[j + 1], ey[i], ey[i + 1]
    end
  end
  local block = w:data({ xl, yl, xl, xr, yl, yr, values }, { [7] = positive })
  return { string.format("%s with boxxyerror lc palette fs solid noborder", block) }
end

function elements.image(w, view, d)
  local list = {}
  for k, picture in ipairs(d.pictures) do
    local i, j = (k - 1) // d.across, (k - 1) % d.across
    local x0, top = j * d.pitch_x, d.total_h - i * d.pitch_y - (d.titles and d.h * 0.2 or 0)
    list[k] = quick_image(w, view, d, picture, d.h, d.w, { x0 + 0.5, 1 }, { top - 0.5, -1 })
    local title = d.titles and d.titles[k]
    local b = view.box
    local scale_x, scale_y = (b.x1 - b.x0) / d.total_w, (b.y1 - b.y0) / d.total_h
    w.objects = w.objects + 1
    w:line("set object %d rectangle from %s to %s front fs empty border rgb '%s' lw 0.4", w.objects,
      w:screen(b.x0 + x0 * scale_x, b.y0 + (top - d.h) * scale_y),
        w:screen(b.x0 + (x0 + d.w) * scale_x, b.y0 + top * scale_y), style.ink)
    if title then
      w:words(title, b.x0 + (x0 + d.w / 2) * scale_x, b.y0 + (top + d.h * 0.1) * scale_y,
        { align = "center", size = w.page.small })
    end
  end
  return list
end

function elements.contour(w, _, d)
  local list = {}
  local x, y, z = native.totable(d.x), native.totable(d.y), native.totable(d.z)
  for _, level in ipairs(d.levels) do
    local cx, cy = contour.trace(x, y, z, d.rows, d.cols, level)
    if #cx > 0 then
      local block = w:data({ cx, cy })
      list[#list + 1] = string.format("%s using 1:2 with lines %s", block, pen.stroke(d))
    end
  end
  return list
end

-- ---- text, straight lines, arrows ----------------------------------------------------------------------------

local function coordinates(d, x, y)
  return string.format("first %s, %s %s", num(x), d.axis == "y2" and "second" or "first", num(y))
end


function marks.hline(w, _, d)
  w.arrows = w.arrows + 1
  local system = d.axis == "y2" and "second" or "first"
  w:line("set arrow %d from graph 0, %s %s to graph 1, %s %s nohead back %s", w.arrows, system, num(d.y), system,
    num(d.y), pen.stroke(d))
end

function marks.vline(w, _, d)
  w.arrows = w.arrows + 1
  w:line("set arrow %d from first %s, graph 0 to first %s, graph 1 nohead back %s", w.arrows, num(d.x), num(d.x),
    pen.stroke(d))
end

-- The text of an arrow, beside its tail; p and q: the ends in points.
local function arrow_text(w, d, p, q)
  local dx, dy = q[1] - p[1], q[2] - p[2]
  if math.abs(dy) >= math.abs(dx) then
    w:words(d.text, p[1], p[2] - (dy < 0 and -1 or 1) * w.page.small * 0.75,
      { align = "center", size = w.page.small, color = d.color })
  else
    w:words(d.text, p[1] - (dx < 0 and -3 or 3), p[2], { align = dx < 0 and "left" or "right", size = w.page.small,
      color = d.color })
  end
end

function marks.arrow(w, view, d)
  local axis, b = d.axis == "y2" and view.y2 or view.y, view.box
  local function fractions(at) return { axes.fraction(view.x, at[1]), axes.fraction(axis, at[2]) } end
  local from, to = fractions(d.from), fractions(d.to)
  local p, q, cut = clip.segment(from, to)
  if not p then
    if not view.panel.zoom then w:lost("arrow lies outside the panel and is not shown") end
    return
  end
  local function points(f) return { b.x0 + f[1] * (b.x1 - b.x0), b.y0 + f[2] * (b.y1 - b.y0) } end
  local moved = cut or p[1] ~= from[1] or p[2] ~= from[2]
  if moved and not view.panel.zoom then w:lost("arrow is cut at the edge of the panel") end
  p, q = points(p), points(q)
  w.arrows = w.arrows + 1
  w:line("set arrow %d from %s to %s %s front %s", w.arrows,
    moved and w:screen(p[1], p[2]) or coordinates(d, d.from[1], d.from[2]),
    moved and w:screen(q[1], q[2]) or coordinates(d, d.to[1], d.to[2]),
    d.head and not cut and "head filled size screen " .. w:x(4) .. ",18" or "nohead", pen.stroke(d))
  if d.text then arrow_text(w, d, p, q) end
end

function marks.text(w, view, d)
  if not d.text then return end
  local b = view.box
  local fx, fy = d.x, d.y
  if d.at == "data" then
    fx, fy = axes.fraction(view.x, d.x), axes.fraction(d.axis == "y2" and view.y2 or view.y, d.y)
  end
  local room = view.panel.zoom and 0 or 1
  if not (fx > -room and fx < 1 + room and fy > -room and fy < 1 + room) then
    if room > 0 then w:lost("text '%s' lies outside the panel and is not shown", d.text.source) end
    return
  end
  w:words(d.text, b.x0 + fx * (b.x1 - b.x0), b.y0 + fy * (b.y1 - b.y0),
    { align = d.align, size = d.size or w.page.small, rotate = d.rotate ~= 0 and d.rotate or nil, color = d.color })
end

return { elements = elements, marks = marks }
