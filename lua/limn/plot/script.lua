-- limn/plot/script.lua: a laid-out page as one self-contained gnuplot script. Numbers enter through
-- native.plot, text through text.emit; nothing else of the user's reaches the script.

local native = require("limn.native").plot
local axes = require "limn.plot.axes"
local layout = require "limn.plot.layout"
local legend = require "limn.plot.legend"
local style = require "limn.plot.style"
local text = require "limn.plot.text"
local resolve = require "limn.plot.resolve"
local contour = require "limn.plot.contour"
local typed = require "limn.plot.typed"

local script = {}

local num = native.number
local DIAMETER = 6 -- points across that `pointsize 1` draws
local NEARER = { svg = 0.5, pdf = 0.6, tex = 0.6, png = 0.45 } -- characters by which y tick labels move in
local TICKS = { svg = 0.4, pdf = 0.75, tex = 0.75, png = 0.55 } -- scales that give ticks of layout.TICK points

local Writer = {}
Writer.__index = Writer

function Writer:line(format, ...)
  self.out[#self.out + 1] = select("#", ...) > 0 and string.format(format, ...) or format
end

-- A data block holding these columns; returns its name. `positive[k]`: column k is on a log axis.
function Writer:data(columns, positive, per)
  local rows, refused = native.rows(columns, positive, per)
  self.blocks = self.blocks + 1
  local name = "$d" .. self.blocks
  self.data_out[#self.data_out + 1] = name .. " << EOD\n" .. rows .. "EOD\n"
  return name, refused
end

function Writer:x(points) return num(math.floor(points / self.page.width * 1e6 + 0.5) / 1e6) end
function Writer:y(points) return num(math.floor(points / self.page.height * 1e6 + 0.5) / 1e6) end
function Writer:screen(x, y) return "screen " .. self:x(x) .. ", screen " .. self:y(y) end

-- One `set label` at a place given in points.
function Writer:words(label, x, y, o)
  local quoted, how = text.emit(label, self.target)
  self.labels = self.labels + 1
  self:line("set label %d %s at %s %s%s font ',%s' tc rgb '%s' front %s", self.labels, quoted, self:screen(x, y),
    o.align or "left",
    o.rotate and " rotate by " .. num(o.rotate) or "", num(o.size), o.color or style.ink, how)
end

local function dash(pattern)
  if not pattern or #pattern == 0 then return " dt solid" end
  local parts = {}
  for i, v in ipairs(pattern) do parts[i] = num(v) end
  return " dt (" .. table.concat(parts, ",") .. ")"
end

local function pen(d) return string.format("lc rgb '%s' lw %s%s", d.color, num(d.width), dash(d.dash)) end
local function shape(d, scale) return string.format("pt %d ps %s", d.point,
  num((d.size or 2.6) / DIAMETER * (scale or 1))) end

-- Transparent fill of a colour.
local function fill(d, alpha) return string.format("fc rgb '%s' fs transparent solid %s noborder", d.color,
  num(d.alpha or alpha)) end

-- ---- layers -> plot elements ----------------------------------------------------------------------------

local function refusal(w, d, refused, axis_name)
  if refused > 0 then
    w.notes[#w.notes + 1] = string.format("%d of %d points <= 0 not shown on log axis%s%s", refused, d.n, axis_name
      or "",
      d.label and " (" .. d.kind .. " '" .. d.label.source .. "')" or " (" .. d.kind .. ")")
  end
end

-- Runs of rows without gaps, separated by blank lines: filled areas must not bridge a gap.
local function band_block(w, d, x, lo, hi, view, axis)
  local block, refused = w:data({ x, lo, hi }, { view.x.log, axis.log, axis.log })
  refusal(w, d, refused)
  return block
end

local elements = {}

local function axes_of(d) return d.axis == "y2" and " axes x1y2" or "" end

function elements.line(w, view, d, axis)
  local list = {}
  if d.band_lo then
    local block = band_block(w, d, d.x, d.band_lo, d.band_hi, view, axis)
    list[1] = string.format("%s using 1:2:3%s with filledcurves %s", block, axes_of(d), fill(d, 0.2))
  end
  local block, refused = w:data({ d.x, d.y }, { view.x.log, axis.log })
  refusal(w, d, refused)
  if d.point then
    local every = d.every or (d.n > 40 and math.ceil(d.n / 14)) or 1
    list[#list + 1] = string.format("%s using 1:2%s with linespoints %s %s%s", block, axes_of(d), pen(d), shape(d),
      every > 1 and " pi " .. every or "")
  else
    list[#list + 1] = string.format("%s using 1:2%s with lines %s", block, axes_of(d), pen(d))
  end
  return list
end
elements.func = elements.line

function elements.points(w, view, d, axis)
  local columns = { d.x, d.y, d.z }
  local block, refused = w:data(columns, { view.x.log, axis.log, d.z and view.colour.log })
  refusal(w, d, refused)
  if d.z then return { string.format("%s using 1:2:3%s with points %s lc palette", block, axes_of(d), shape(d)) } end
  local color = d.alpha and string.format("#%02x%s", math.floor((1 - d.alpha) * 255 + 0.5), d.color:sub(2)) or d.color
  return { string.format("%s using 1:2%s with points %s lc rgb '%s' lw 0.7", block, axes_of(d), shape(d), color) }
end

function elements.band(w, view, d, axis)
  local block = band_block(w, d, d.x, d.lo, d.hi, view, axis)
  return { string.format("%s using 1:2:3%s with filledcurves %s", block, axes_of(d), fill(d, 0.2)) }
end

function elements.errorbars(w, view, d, axis)
  local list = {}
  local block, refused
  if d.lo and d.xlo then
    block, refused = w:data({ d.x, d.y, d.xlo, d.xhi, d.lo, d.hi },
      { view.x.log, axis.log, view.x.log, view.x.log, axis.log, axis.log })
  elseif d.lo then
    block, refused = w:data({ d.x, d.y, d.lo, d.hi }, { view.x.log, axis.log })
  else
    block, refused = w:data({ d.x, d.y, d.xlo, d.xhi }, { view.x.log, axis.log })
  end
  refusal(w, d, refused)
  if d.line then
    list[1] = string.format("%s using 1:2%s with lines lc rgb '%s' lw 1.2%s", block, axes_of(d), d.color, dash(d.dash))
  end
  local pen_ = string.format("lc rgb '%s' lw %s", d.color, num(d.width))
  if d.lo then
    local low = d.xlo and 5 or 3
    local from = axis.log and string.format("($%d > 0 ? $%d : %s)", low, low, num(axis.low)) or "($" .. low .. ")"
    list[#list + 1] = string.format("%s using 1:%s:(0):($%d-%s)%s with vectors nohead %s", block, from, low + 1, from,
      axes_of(d), pen_)
  end
  if d.xlo then
    list[#list + 1] = string.format("%s using 3:2:($4-$3):(0)%s with vectors nohead %s", block, axes_of(d), pen_)
  end
  list[#list + 1] = string.format("%s using 1:2%s with points lc rgb '%s' %s", block, axes_of(d), d.color, shape(d))
  return list
end

function elements.steps(w, view, d, axis)
  local block, refused = w:data({ d.x, d.y }, { view.x.log, axis.log })
  refusal(w, d, refused)
  local how = ({ post = "steps", pre = "fsteps", mid = "histeps" })[d.where]
  return { string.format("%s using 1:2%s with %s %s", block, axes_of(d), how, pen(d)) }
end

function elements.bars(w, view, d, axis)
  local bottom = d.bottom or axis.low
  local block, refused = w:data({ d.middle, d.top, d.left, d.right, bottom, d.top }, { view.x.log, axis.log })
  refusal(w, d, refused)
  local list = { string.format("%s%s with boxxyerror fc rgb '%s' fs solid %s noborder", block, axes_of(d), d.color,
    num(d.alpha or 0.9)) }
  if d.lo then
    local whiskers = w:data({ d.middle, d.top, d.lo, d.hi }, { view.x.log, axis.log })
    list[2] = string.format("%s using 1:3:(0):($4-$3)%s with vectors nohead lc rgb '%s' lw 0.9", whiskers, axes_of(d),
      style.ink)
  end
  return list
end

function elements.histogram(w, view, d, axis)
  if not d.left then return {} end
  local block = w:data({ d.left, d.y, d.left, d.right, axis.log and axis.low or 0, d.y }, { view.x.log, axis.log })
  if not d.fill then
    return { string.format("%s using 3:5:($4-$3):(0)%s with vectors nohead %s", block, axes_of(d), pen(d)) }
  end
  return { string.format("%s%s with boxxyerror fc rgb '%s' fs transparent solid %s border rgb '%s' lw 0.4", block,
    axes_of(d), d.color,
    num(d.alpha or 0.55), d.color) }
end

-- A field of equal cells: x = {centre of the first, step}, y likewise. Small fields stay vectors: rectangles that
-- reach a little under the next one, so that no viewer shows seams between them. Large ones are a raster.
local function quick_image(w, view, d, z, rows, cols, x, y)
  local value = view.colour.log and "($3 > 0 ? $3 : NaN)" or "3"
  local vector = d.vector
  if vector == nil then vector = rows * cols <= 40000 end
  if not vector then z = native.rounded(z, 5) end -- a colour tells three digits
  local block = w:data({ z }, nil, cols)
  if not vector then
    w.notes[#w.notes + 1] = string.format("%s of %dx%d cells drawn as a raster, one pixel a cell, values to 5 digits",
      d.kind, rows, cols)
    return string.format("%s matrix using (%s+(%s)*$1):(%s+(%s)*$2):%s with image", block, num(x[1]), num(x[2]),
      num(y[1]), num(y[2]), value)
  end
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
  local values = native.totable(z)
  local xl, xr, yl, yr = {}, {}, {}, {}
  for i = 1, d.rows do
    for j = 1, d.cols do
      local k = (i - 1) * d.cols + j
      xl[k], xr[k], yl[k], yr[k] = ex[j], ex[j + 1], ey[i], ey[i + 1]
    end
  end
  local block, refused = w:data({ xl, yl, xl, xr, yl, yr, values }, { [7] = positive })
  if refused > 0 then w.notes[#w.notes + 1] = string.format("%d of %d cells <= 0 not shown on a log colour scale",
    refused, #values) end
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
      list[#list + 1] = string.format("%s using 1:2 with lines %s", block, pen(d))
    end
  end
  return list
end

-- ---- words, rules, arrows ------------------------------------------------------------------------------------

local function coordinates(d, x, y)
  return string.format("first %s, %s %s", num(x), d.axis == "y2" and "second" or "first", num(y))
end

local marks = {}

function marks.hline(w, _, d)
  w.arrows = w.arrows + 1
  local system = d.axis == "y2" and "second" or "first"
  w:line("set arrow %d from graph 0, %s %s to graph 1, %s %s nohead back %s", w.arrows, system, num(d.y), system,
    num(d.y), pen(d))
end

function marks.vline(w, _, d)
  w.arrows = w.arrows + 1
  w:line("set arrow %d from first %s, graph 0 to first %s, graph 1 nohead back %s", w.arrows, num(d.x), num(d.x),
    pen(d))
end

function marks.arrow(w, view, d)
  w.arrows = w.arrows + 1
  w:line("set arrow %d from %s to %s %s front %s", w.arrows, coordinates(d, d.from[1], d.from[2]),
    coordinates(d, d.to[1], d.to[2]),
    d.head and "head filled size screen " .. w:x(4) .. ",18" or "nohead", pen(d))
  if d.text then
    local axis = d.axis == "y2" and view.y2 or view.y
    local b = view.box
    local fx, fy = axes.fraction(view.x, d.from[1]), axes.fraction(axis, d.from[2])
    local tx, ty = axes.fraction(view.x, d.to[1]), axes.fraction(axis, d.to[2])
    local px, py = b.x0 + fx * (b.x1 - b.x0), b.y0 + fy * (b.y1 - b.y0)
    local dx, dy = (tx - fx) * (b.x1 - b.x0), (ty - fy) * (b.y1 - b.y0)
    if math.abs(dy) >= math.abs(dx) then
      w:words(d.text, px, py - (dy < 0 and -1 or 1) * w.page.small * 0.75,
        { align = "center", size = w.page.small, color = d.color })
    else
      w:words(d.text, px - (dx < 0 and -3 or 3), py, { align = dx < 0 and "left" or "right", size = w.page.small,
        color = d.color })
    end
  end
end

function marks.text(w, view, d)
  if not d.text then return end
  local b = view.box
  local fx, fy = d.x, d.y
  if d.at == "data" then
    fx, fy = axes.fraction(view.x, d.x), axes.fraction(d.axis == "y2" and view.y2 or view.y, d.y)
  end
  if not (fx > -1 and fx < 2 and fy > -1 and fy < 2) then
    w.notes[#w.notes + 1] = "text '" .. d.text.source .. "' lies outside the panel and is not shown"
    return
  end
  w:words(d.text, b.x0 + fx * (b.x1 - b.x0), b.y0 + fy * (b.y1 - b.y0),
    { align = d.align, size = d.size or w.page.small, rotate = d.rotate ~= 0 and d.rotate or nil, color = d.color })
end

-- ---- legends ---------------------------------------------------------------------------------------------------

local function typed_sample(w, entry, x, y)
  local pen_, mark = nil, nil
  for _, d in ipairs(entry.list) do
    pen_, mark = pen_ or d.typed_pen, mark or (d.point and typed.mark(d.point))
  end
  local only = entry.list[1].kind
  local s = (only == "points" or not pen_) and " " .. (mark or "#") .. " " or pen_ .. (mark or pen_) .. pen_
  w:words(text.label("legend", "sample", s), x, y, { size = w.page.small, color = entry.list[1].color })
end

local function legend_sample(w, entry, x, y)
  if w.target == "typed" then return typed_sample(w, entry, x, y) end
  local length = legend.sample
  for _, d in ipairs(entry.list) do
    if d.kind == "band" or d.band_lo or d.kind == "bars" or d.kind == "histogram" then
      w.objects = w.objects + 1
      local narrow = (d.kind == "bars" or d.kind == "histogram") and 4 or 0
      local h = w.page.small * 0.36
      w:line("set object %d rectangle from %s to %s front fc rgb '%s' fs transparent solid %s noborder", w.objects,
        w:screen(x + narrow, y - h),
        w:screen(x + length - narrow, y + h), d.color, num(d.alpha
          or (d.kind == "bars" and 0.9 or d.kind == "histogram" and 0.55 or 0.2)))
    end
    local stroked = d.kind == "line" or d.kind == "func" or d.kind == "steps" or d.kind == "contour"
      or d.kind == "hline" or d.kind == "vline"
      or d.kind == "arrow" or (d.kind == "errorbars" and d.line)
    if stroked then
      w.arrows = w.arrows + 1
      w:line("set arrow %d from %s to %s nohead front %s", w.arrows, w:screen(x, y), w:screen(x + length, y), pen(d))
    end
    if d.kind == "errorbars" then
      w.arrows = w.arrows + 1
      w:line("set arrow %d from %s to %s nohead front lc rgb '%s' lw %s", w.arrows,
        w:screen(x + length / 2, y - w.page.small * 0.45),
        w:screen(x + length / 2, y + w.page.small * 0.45), d.color, num(d.width))
    end
    if d.point then
      w.labels = w.labels + 1
      w:line("set label %d '' at %s point %s lc rgb '%s' front", w.labels, w:screen(x + length / 2, y), shape(d), d.z
        and "#7f7f7f" or d.color)
    end
  end
end

local function draw_legend(w, entries, columns, x, y)
  local page = w.page
  local _, height, widths, row = legend.measure(entries, columns, page.small, page.font)
  local lefts, at = {}, x
  for c = 1, columns do
    lefts[c] = at
    at = at + (widths[c] or 0) + 10
  end
  for i, entry in ipairs(entries) do
    local c, r = (i - 1) % columns + 1, (i - 1) // columns
    local cy = y + height - (r + 0.5) * row
    legend_sample(w, entry, lefts[c], cy)
    w:words(entry.label, lefts[c] + legend.sample + (page.typed and 8 or legend.gap), cy, { size = page.small })
  end
end

-- ---- a panel -----------------------------------------------------------------------------------------------------

-- The list of a `set tics` command. gnuplot takes tick labels as number formats and cuts those with a percent sign,
-- so labels of the user's words are left out here and drawn by tick_words.
local function tick_list(w, ticks, shown)
  local parts = {}
  for _, t in ipairs(ticks) do
    if t.label and not t.minor then
      local worded = t.label.literal or t.label.source:find("%", 1, true)
      parts[#parts + 1] = (shown and not worded and text.emit(t.label, w.target) or "''") .. " " .. num(t.v)
    else
      parts[#parts + 1] = "'' " .. num(t.v) .. " 1"
    end
  end
  return "(" .. table.concat(parts, ", ") .. ")"
end

-- Tick labels in the user's words: side is "x", "y" or "y2"; x0 .. y1 is the box they stand beside.
local function tick_words(w, axis, ticks, side, b)
  local size = w.page.small
  for _, t in ipairs(ticks) do
    if t.label and not t.minor and (t.label.literal or t.label.source:find("%", 1, true)) then
      local f = axes.fraction(axis, t.v)
      if side == "x" then
        w:words(t.label, b.x0 + f * (b.x1 - b.x0), b.y0 - (w.page.typed and w.page.typed.y
          or layout.TICK + size * 0.78), { align = "center", size = size })
      else
        local away = layout.TICK + layout.GAP - 0.6
        w:words(t.label, side == "y" and b.x0 - away or b.x1 + away, b.y0 + f * (b.y1 - b.y0),
          { align = side == "y" and "right" or "left", size = size })
      end
    end
  end
end

-- Tick labels nearer to their ticks than gnuplot puts them.
local function offset(w, name)
  if name == "x" then return " offset 0,0.45" end
  local shift = NEARER[w.format]
  if not shift then return "" end
  return " offset " .. num(name == "y" and shift or -shift) .. ",0"
end

local function axis_lines(w, view, name, axis, ticks, shown, mirrored)
  local low, high = axis.low, axis.high
  if axis.reverse then low, high = high, low end
  if axis.log then
    w:line("set logscale %s %d", name, axis.base)
  elseif axis.scale == "symlog" then
    local c = num(axis.linear)
    w:line("set nonlinear %s via asinh(%s/(2.0*%s)) inverse 2.0*%s*sinh(%s)", name, name, c, c, name)
  end
  w:line("set %srange [%s:%s] noextend", name, num(low), num(high))
  if #ticks == 0 then
    w:line("unset %stics", name)
  else
    w:line("set %stics %s out scale %s,%s font ',%s' tc rgb '%s'%s %s %s", name, mirrored and "mirror" or "nomirror",
      num(w.tick), num(w.tick * 0.55),
      num(w.page.small), style.ink, offset(w, name), w.target and "noenhanced" or "enhanced",
      tick_list(w, ticks, shown))
  end
  return view
end

local function palette(w, axis)
  local colours, parts = style.map("plot", axis.map, 33), {}
  for i, c in ipairs(colours) do parts[i] = string.format("%d '%s'", i - 1, c) end
  w:line("set palette maxcolors 0")
  w:line("set palette defined (%s)", table.concat(parts, ", "))
  if axis.log then w:line("set logscale cb 10") end
  w:line("set cbrange [%s:%s] noextend", num(axis.low), num(axis.high))
end

local function colour_bar(w, axis, x, y0, y1)
  w:line("set colorbox user origin %s size screen %s, screen %s border", w:screen(x, y0), w:x(layout.BAR),
    w:y(y1 - y0))
  w:line("set cbtics out scale %s,%s font ',%s' tc rgb '%s' offset -0.6,0 %s %s", num(w.tick * 0.7),
    num(w.tick * 0.4), num(w.page.small), style.ink,
    w.target and "noenhanced" or "enhanced", tick_list(w, axis.ticks_drawn, true))
  if axis.label then
    w:words(axis.label, x + layout.BAR + layout.TICK + layout.GAP + axis.tick_room + w.page.size * 0.75, (y0 + y1) / 2,
      { align = "center", rotate = 90, size = w.page.size })
  end
end

local function panel(w, view, page, first)
  local b = view.box
  w:line("")
  w:line("# ---- panel %d,%d%s", view.panel.row or 1, view.panel.col or 1, view.panel.inset_box and " (inset)" or "")
  if not first then
    w:line("unset label; unset arrow; unset object; unset logscale; unset colorbox; unset y2tics; unset grid")
    w:line("unset nonlinear x; unset nonlinear y; unset nonlinear y2")
  end
  w.labels, w.arrows, w.objects = 0, 0, 0
  w:line("set lmargin at screen %s; set rmargin at screen %s", w:x(b.x0), w:x(b.x1))
  w:line("set bmargin at screen %s; set tmargin at screen %s", w:y(b.y0), w:y(b.y1))
  if view.panel.inset_box then
    local m = view.margins
    w.objects = w.objects + 1
    w:line("set object %d rectangle from %s to %s back fc rgb '#ffffff' fs solid noborder", w.objects,
      w:screen(b.x0 - m[1] - 2, b.y0 - m[4] - 2),
      w:screen(b.x1 + m[2], b.y1 + m[3]))
  end
  local boxed = view.has_field and not view.sheet
  local border = view.sheet and 0 or (boxed and 31) or (view.uses_y2 and 11 or 3)
  w:line("set border %d lc rgb '%s' lw 0.5", border, style.ink)
  axis_lines(w, view, "x", view.x, view.xticks, view.x_labels)
  axis_lines(w, view, "y", view.y, view.yticks, view.y_labels)
  if view.uses_y2 then axis_lines(w, view, "y2", view.y2, view.y2ticks, true) end
  if view.x_labels then tick_words(w, view.x, view.xticks, "x", b) end
  if view.y_labels then tick_words(w, view.y, view.yticks, "y", b) end
  if view.uses_y2 then tick_words(w, view.y2, view.y2ticks, "y2", b) end
  if view.x.grid or view.y.grid then
    w:line("set grid%s%s back lt 1 lc rgb '#d4d4d4' lw 0.5 dt solid", view.x.grid and " xtics" or "", view.y.grid
      and " ytics" or "")
  end
  local size = page.size
  if view.x.label and view.x_labels then
    local down = (view.sheet and 0 or layout.TICK) + (#view.xticks > 0 and page.small * 1.5 or 0)
    if page.typed then down = page.typed.y * 2.4 - size * 0.62 end
    w:words(view.x.label, (b.x0 + b.x1) / 2, b.y0 - down - size * 0.62, { align = "center", size = size })
  end
  if view.y.label and view.y_labels and page.typed then
    w:words(view.y.label, math.max(0, b.x0 - view.ywide - 6), b.y1 + page.typed.y * (view.letter and 2.1 or 1.1),
      { size = size })
  elseif view.y.label and view.y_labels then
    local out = (view.sheet and 0 or layout.TICK) + (view.ywide > 0 and layout.GAP + view.ywide or 0)
    w:words(view.y.label, b.x0 - out - size * 0.8, (b.y0 + b.y1) / 2, { align = "center", rotate = 90, size = size })
  end
  if view.uses_y2 and view.y2.label then
    w:words(view.y2.label, b.x1 + layout.TICK + layout.GAP + view.y2wide + size * 0.8, (b.y0 + b.y1) / 2,
      { align = "center", rotate = 90, size = size })
  end
  local list = {}
  for _, d in ipairs(view.drawn) do
    local axis = d.axis == "y2" and view.y2 or view.y
    if marks[d.kind] then
      marks[d.kind](w, view, d)
    elseif d.n == nil or d.n > 0 then
      local made = (w.target == "typed" and (d.kind == "heatmap" or d.kind == "image")) and typed.field(w, view, d)
        or elements[d.kind](w, view, d, axis)
      for _, e in ipairs(made) do
        if e:find(" with lines", 1, true) or e:find("steps ", 1, true) then d.typed_pen = typed.pen(#list) end
        list[#list + 1] = e .. " notitle"
      end
    end
  end
  local top = b.y1
  if view.letter then
    w:words(view.letter, b.x0, top + size * 0.8, { size = size })
    top = top + size * 1.45
  end
  if view.above then
    local total = legend.measure(view.entries, view.above.columns, page.small, page.font)
    draw_legend(w, view.entries, view.above.columns, math.max(b.x0, b.x0 + (b.x1 - b.x0 - total) / 2), top + 2)
  end
  if view.inside then draw_legend(w, view.entries, view.inside.columns, b.x0 + view.inside.x, b.y0 + view.inside.y) end
  for _, e in ipairs(view.direct_at or {}) do
    w:words(e.label, math.min(e.x, b.x1) + 4, e.y, { size = page.small, color = e.d.color })
  end
  if first and page.title then
    w:words(page.title, page.width / 2, page.height - layout.EDGE - size * 0.75, { align = "center", size = size })
  end
  if first and page.entries and #page.entries > 0 then
    local total = legend.measure(page.entries, page.legend_columns, page.small, page.font)
    local y = page.legend == "top" and page.height - layout.EDGE - page.legend_height - (page.title and size * 1.7
      or 0) or layout.EDGE
    draw_legend(w, page.entries, page.legend_columns, (page.width - total) / 2, y)
  end
  if view.colour and w.target ~= "typed" then
    palette(w, view.colour)
    if view.bar then
      colour_bar(w, view.colour, b.x1 + 6, b.y0, b.y1)
    elseif page.colour and not w.shared_drawn then
      local low, high = math.huge, 0
      for _, v in ipairs(page.views) do
        if v.colour then low, high = math.min(low, v.box.y0), math.max(high, v.box.y1) end
      end
      colour_bar(w, page.colour, page.width - layout.EDGE - page.bar_room + 6, low, high)
      w.shared_drawn = true
    else
      w:line("unset colorbox")
    end
  end
  if #list == 0 then list[1] = "NaN notitle" end
  w:line("plot \\\n  " .. table.concat(list, ", \\\n  "))
end

-- ---- the whole script
-- -----------------------------------------------------------------------------------------------

-- The script without its terminal, and the notes made while writing it. target: "tex" (text is for LaTeX),
-- "typed" (a terminal of characters), or nil.
function script.body(page, target, format)
  local w = setmetatable({ out = {}, data_out = {}, blocks = 0, page = page, notes = {}, target = target,
    tick = TICKS[format] or 0.6, format = format,
    labels = 0, arrows = 0, objects = 0 }, Writer)
  local many = #page.views > 1
  w:line("unset key")
  w:line("set tics front")
  if many then w:line("set multiplot") end
  for k, view in ipairs(page.views) do panel(w, view, page, k == 1) end
  if many then w:line("unset multiplot") end
  local notes = table.move(page.notes, 1, #page.notes, 1, {})
  table.move(w.notes, 1, #w.notes, #notes + 1, notes)
  return table.concat(w.data_out) .. "\n" .. table.concat(w.out, "\n") .. "\n", notes
end

return script
