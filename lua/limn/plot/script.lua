-- limn/plot/script.lua: writes a laid-out page as one self-contained gnuplot script. User data enters the script only
-- as numbers through native.plot and as text through text.emit.

local native = require("limn.native").plot
local axes = require "limn.plot.axes"
local drawing = require "limn.plot.elements"
local fonts = require "limn.plot.fonts"
local legend = require "limn.plot.legend"
local measures = require "limn.plot.measures"
local style = require "limn.plot.style"
local text = require "limn.plot.text"
local pen = require "limn.plot.pen"
local typed = require "limn.plot.typed"

local elements, marks = drawing.elements, drawing.marks
local script = {}

local num = native.number
local LABEL_SHIFT = { svg = 0.5, pdf = 0.6, tex = 0.6, png = 0.45 } -- y tick labels towards the axis, in characters
local TICK_SCALE = { svg = 0.4, pdf = 0.75, tex = 0.75, png = 0.55 } -- gives ticks of measures.TICK points

local Writer = {}
Writer.__index = Writer

function Writer:line(format, ...)
  self.out[#self.out + 1] = select("#", ...) > 0 and string.format(format, ...) or format
end

-- Writes a data block of the given columns -> its name, the number of omitted rows. positive[k]: column k is on a log
-- axis, and rows in which it is not positive are omitted. parted: rows with a gap are written as blank lines, which
-- end a filled area.
function Writer:data(columns, positive, per, parted)
  local rows, refused = native.rows(columns, positive, per)
  if parted and rows:find("NaN", 1, true) then
    rows = rows:gsub("[^\n]*NaN[^\n]*", ""):gsub("\n\n+", "\n\n"):gsub("^\n+", "")
    if rows == "" then rows = "NaN NaN\n" end
  end
  self.blocks = self.blocks + 1
  local name = "$d" .. self.blocks
  self.data_out[#self.data_out + 1] = name .. " << EOD\n" .. rows .. "EOD\n"
  return name, refused
end

-- Adds a note on data missing from the picture; figure:save also prints these notes to stderr.
function Writer:lost(format, ...)
  self.notes[#self.notes + 1] = { lost = string.format(format, ...) }
end

function Writer:x(points) return num(math.floor(points / self.page.width * 1e6 + 0.5) / 1e6) end
function Writer:y(points) return num(math.floor(points / self.page.height * 1e6 + 0.5) / 1e6) end
function Writer:screen(x, y) return "screen " .. self:x(x) .. ", screen " .. self:y(y) end

-- Notes a literal text that is written as LaTeX, for it is drawn as it stands.
function Writer:literal(label)
  local source = label.source
  if not label.literal or self.literals[source] or not text.looks_like_latex(source) then return end
  self.literals[source] = true
  self:lost("'%s' is drawn as it stands; plot.math draws maths", source)
end

-- One `set label` at a position in points.
function Writer:words(label, x, y, o)
  self:literal(label)
  local quoted, how = text.emit(label, self.target, o.size)
  local sign = self.target == "tex" and text.not_in_latex(label)
  if sign then
    self.notes[#self.notes + 1] = string.format("LaTeX needs an additional package to typeset '%s' in '%s'", sign,
      label.source)
  end
  self.labels = self.labels + 1
  self:line("set label %d %s at %s %s%s font ',%s' tc rgb '%s' front %s", self.labels, quoted, self:screen(x, y),
    o.align or "left",
    o.rotate and " rotate by " .. num(o.rotate) or "", num(o.size * self.text), o.color or style.ink, how)
end

-- ---- legends ---------------------------------------------------------------------------------------------------

local function typed_sample(w, entry, x, y)
  local stroke, mark = nil, nil
  for _, d in ipairs(entry.list) do
    stroke, mark = stroke or d.typed_pen, mark or (d.point and typed.mark(d.point))
  end
  local only = entry.list[1].kind
  local s = (only == "points" or not stroke) and " " .. (mark or "#") .. " " or stroke .. (mark or stroke) .. stroke
  w:words(text.label("legend", "sample", s), x, y, { size = w.page.small, color = entry.list[1].color })
end

local function legend_sample(w, entry, x, y)
  if w.target == "typed" then return typed_sample(w, entry, x, y) end
  local length = legend.sample
  for _, d in ipairs(entry.list) do
    if d.kind == "band" or d.band_lo or d.kind == "bars" or d.kind == "histogram" or d.kind == "violin" then
      local narrow = (d.kind == "bars" or d.kind == "histogram" or d.kind == "violin") and 4 or 0
      local h = w.page.small * 0.36
      local alpha = d.alpha or (d.kind == "bars" and 0.9 or d.kind == "histogram" and 0.55 or d.kind == "violin" and 0.35 or 0.2)
      local function rectangle(fill)
        w.objects = w.objects + 1
        w:line("set object %d rectangle from %s to %s front %s", w.objects, w:screen(x + narrow, y - h),
          w:screen(x + length - narrow, y + h), fill)
      end
      rectangle(("fc rgb '%s' fs transparent solid %s noborder"):format(d.color, num(alpha)))
      if d.hatch then rectangle(pen.hatch(d, alpha)) end
    end
    local stroked = d.kind == "line" or d.kind == "func" or d.kind == "steps" or d.kind == "contour"
      or d.kind == "hline" or d.kind == "vline"
      or d.kind == "arrow" or (d.kind == "errorbars" and d.line)
    if stroked then
      w.arrows = w.arrows + 1
      w:line("set arrow %d from %s to %s nohead front %s", w.arrows, w:screen(x, y), w:screen(x + length, y),
        pen.stroke(d))
    end
    if d.kind == "errorbars" then
      w.arrows = w.arrows + 1
      w:line("set arrow %d from %s to %s nohead front lc rgb '%s' lw %s", w.arrows,
        w:screen(x + length / 2, y - w.page.small * 0.45),
        w:screen(x + length / 2, y + w.page.small * 0.45), d.color, num(d.width))
    end
    if d.point then
      w.labels = w.labels + 1
      w:line("set label %d '' at %s point %s lc rgb '%s' front", w.labels, w:screen(x + length / 2, y), pen.shape(d, w.marks),
        d.z
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

-- The list of a `set tics` command. gnuplot interprets tick labels as number formats and truncates those with a percent
-- sign. Labels given by the user are therefore empty in this list and drawn by tick_words.
local function tick_list(w, ticks, shown)
  local parts = {}
  for _, t in ipairs(ticks) do
    if t.label and not t.minor then
      local worded = t.label.literal or t.turned or t.lines or t.label.source:find("%", 1, true)
      parts[#parts + 1] = (shown and not worded and text.emit(t.label, w.target, w.page.small) or "''") .. " " .. num(t.v)
    else
      parts[#parts + 1] = "'' " .. num(t.v) .. " 1"
    end
  end
  return "(" .. table.concat(parts, ", ") .. ")"
end

-- Draws the tick labels given by the user: side is "x", "y" or "y2"; b is the box of the axes.
local function tick_words(w, axis, ticks, side, b)
  local size = w.page.small
  for _, t in ipairs(ticks) do
    if t.label and not t.minor and (t.label.literal or t.turned or t.lines or t.label.source:find("%", 1, true)) then
      local f = axes.fraction(axis, t.v)
      if t.turned then
        w:words(t.label, b.x0 + f * (b.x1 - b.x0), b.y0 - measures.TICK - 1.5, { align = "right", size = size, rotate = 90 })
      elseif t.lines then
        for k, line in ipairs(t.lines) do
          w:words(line, b.x0 + f * (b.x1 - b.x0), b.y0 - (w.page.typed and w.page.typed.y * k
            or measures.TICK + size * (0.78 + 1.15 * (k - 1))), { align = "center", size = size })
        end
      elseif side == "x" then
        w:words(t.label, b.x0 + f * (b.x1 - b.x0), b.y0 - (w.page.typed and w.page.typed.y
          or measures.TICK + size * 0.78), { align = "center", size = size })
      else
        local away = measures.TICK + measures.GAP - 0.6
        w:words(t.label, side == "y" and b.x0 - away or b.x1 + away, b.y0 + f * (b.y1 - b.y0),
          { align = side == "y" and "right" or "left", size = size })
      end
    end
  end
end

-- The option that moves tick labels closer to the ticks than gnuplot's default.
local function offset(w, name)
  if name == "x" then return " offset 0,0.45" end
  local shift = LABEL_SHIFT[w.format]
  if not shift then return "" end
  return " offset " .. num(name == "y" and shift or -shift) .. ",0"
end

local function axis_lines(w, view, name, axis, ticks, shown, mirrored)
  local low, high = axis.low, axis.high
  if axis.reverse then low, high = high, low end
  if axis.log then
    w:line("set logscale %s %d", name, axis.base)
  elseif axis.scale == "symlog" then
    local c, v = num(axis.linear), name == "x" and "x" or "y"
    local function inner(u) return math.abs(u) < 1e-12 * axis.linear and 0 or u end -- gnuplot cannot tell such ends from 0
    low, high = inner(low), inner(high)
    w:line("set %srange [-10:10]", name) -- gnuplot tries the inverse on the range of the panel before
    w:line("set nonlinear %s via asinh(%s/(2.0*%s)) inverse 2.0*%s*sinh(%s)", name, v, c, c, v)
  end
  w:line("set %srange [%s:%s] noextend", name, num(low), num(high))
  if #ticks == 0 then
    w:line("unset %stics", name)
  else
    w:line("set %stics %s out scale %s,%s font ',%s' tc rgb '%s'%s %s %s", name, mirrored and "mirror" or "nomirror",
      num(w.tick), num(w.tick * 0.55),
      num(w.page.small * w.text), style.ink, offset(w, name), w.target and "noenhanced" or "enhanced",
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
  w:line("set colorbox user origin %s size screen %s, screen %s border", w:screen(x, y0), w:x(measures.BAR),
    w:y(y1 - y0))
  w:line("set cbtics out nomirror scale %s,%s font ',%s' tc rgb '%s' offset -0.6,0 %s %s", num(w.tick * 0.7),
    num(w.tick * 0.4), num(w.page.small * w.text), style.ink,
    w.target and "noenhanced" or "enhanced", tick_list(w, axis.ticks_drawn, true))
  if axis.label then
    w:words(axis.label, x + measures.BAR + measures.TICK + measures.GAP + axis.tick_room + w.page.size * 0.75, (y0 + y1) / 2,
      { align = "center", rotate = 90, size = w.page.size })
  end
end

-- The font size at which a label fits into `room`: at most `size`, at least 0.75 times that.
local function fitted(label, size, room, page)
  if page.typed then return size end
  local wide = text.width(label, size, page.font)
  return wide <= room and size or math.floor(size * math.max(0.75, room / wide) * 10) / 10
end

-- A panel without layers that holds the legend of the figure.
local function blank_panel(w, view)
  local b, page, entries = view.box, w.page, view.entries_here
  w:line("unset border; unset xtics; unset ytics; set xrange [0:1]; set yrange [0:1]")
  local width, height = legend.measure(entries, 1, page.small, page.font)
  local columns = 1
  if height > b.y1 - b.y0 and #entries > 1 then
    columns = math.max(2, legend.columns(entries, b.x1 - b.x0, page.small, page.font))
    width, height = legend.measure(entries, columns, page.small, page.font)
  end
  draw_legend(w, entries, columns, math.max(2, (b.x0 + b.x1 - width) / 2), (b.y0 + b.y1 - height) / 2)
  w:line("plot NaN notitle")
  w.group = w.group + 1
end

-- Marks the part of the host that an inset enlarges: a frame, and two lines to the corners of the inset.
local function zoom_marks(w, view)
  local host, b = view.host, view.box
  local function place(axis, v, low, high)
    return low + math.max(0, math.min(1, axes.fraction(axis, v))) * (high - low)
  end
  local frame = { x0 = place(host.x, view.x.low, host.box.x0, host.box.x1), x1 = place(host.x, view.x.high, host.box.x0,
    host.box.x1), y0 = place(host.y, view.y.low, host.box.y0, host.box.y1), y1 = place(host.y, view.y.high, host.box.y0,
    host.box.y1) }
  w.objects = w.objects + 1
  w:line("set object %d rectangle from %s to %s front fs empty border rgb '#7f7f7f' lw 0.5", w.objects,
    w:screen(frame.x0, frame.y0), w:screen(frame.x1, frame.y1))
  local rising = ((b.x0 + b.x1) - (frame.x0 + frame.x1)) * ((b.y0 + b.y1) - (frame.y0 + frame.y1)) > 0
  for _, corner in ipairs(rising and { { "x0", "y1" }, { "x1", "y0" } } or { { "x1", "y1" }, { "x0", "y0" } }) do
    w.arrows = w.arrows + 1
    w:line("set arrow %d from %s to %s nohead front lc rgb '#7f7f7f' lw 0.4", w.arrows,
      w:screen(frame[corner[1]], frame[corner[2]]), w:screen(b[corner[1]], b[corner[2]]))
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
  if view.blank then return blank_panel(w, view) end
  if view.panel.zoom then zoom_marks(w, view) end
  if view.panel.inset_box then
    local m = view.margins
    w.objects = w.objects + 1
    w:line("set object %d rectangle from %s to %s back fc rgb '#ffffff' fs solid noborder", w.objects,
      w:screen(b.x0 - m[1] - 2, b.y0 - m[4] - 2),
      w:screen(b.x1 + m[2], b.y1 + m[3]))
  end
  local boxed = view.has_field and not view.sheet
  local border = view.border or view.sheet and 0 or (boxed and 31) or (view.uses_y2 and 11 or 3)
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
    local down = (view.sheet and 0 or measures.TICK) + (#view.xticks > 0 and view.x_depth or 0)
    if page.typed then down = page.typed.y * 2.4 - size * 0.62 end
    w:words(view.x.label, (b.x0 + b.x1) / 2, b.y0 - down - size * 0.62,
      { align = "center", size = fitted(view.x.label, size, (b.x1 - b.x0) * 1.2, page) })
  end
  if view.y.label and view.y_labels and page.typed then
    w:words(view.y.label, math.max(0, b.x0 - view.ywide - 6), b.y1 + page.typed.y * (view.letter and 2.1 or 1.1),
      { size = size })
  elseif view.y.label and view.y_labels then
    local wide = view.aspect == nil and view.panel.aspect == nil and view.ycolumn or view.ywide
    local out = (view.sheet and 0 or measures.TICK) + (wide > 0 and measures.GAP + wide or 0)
    w:words(view.y.label, b.x0 - out - size * 0.8, (b.y0 + b.y1) / 2,
      { align = "center", rotate = 90, size = fitted(view.y.label, size, (b.y1 - b.y0) * 1.2, page) })
  end
  if view.uses_y2 and view.y2.label then
    w:words(view.y2.label, b.x1 + measures.TICK + measures.GAP + view.y2wide + size * 0.8, (b.y0 + b.y1) / 2,
      { align = "center", rotate = 90, size = fitted(view.y2.label, size, (b.y1 - b.y0) * 1.2, page) })
  end
  local list = {}
  for _, d in ipairs(view.drawn) do
    local axis = d.axis == "y2" and view.y2 or view.y
    if marks[d.kind] then
      marks[d.kind](w, view, d)
    elseif (d.n == nil or d.n > 0) and not d.void then
      local made = (w.target == "typed" and (d.kind == "heatmap" or d.kind == "image")) and typed.field(w, view, d)
        or elements[d.kind](w, view, d, axis)
      if #made > 0 then w.groups[d] = { w.group + #list + 1, w.group + #list + #made } end
      for _, element in ipairs(made) do
        if element:find(" with lines", 1, true) or element:find("steps ", 1, true) then d.typed_pen = typed.pen(#list) end
        list[#list + 1] = element .. " notitle"
      end
    end
  end
  local top = b.y1 + (view.room_up or 0)
  if view.letter then
    for i, line in ipairs(view.lines) do
      w:words(line, b.x0, top + size * (0.8 + 1.2 * (#view.lines - i)),
        { size = fitted(line, size, page.width - b.x0, page) })
    end
    top = top + size * (0.25 + 1.2 * #view.lines)
  end
  if view.above then
    local total = legend.measure(view.entries, view.above.columns, page.small, page.font)
    draw_legend(w, view.entries, view.above.columns, math.max(b.x0, b.x0 + (b.x1 - b.x0 - total) / 2), top + 2)
  end
  if view.inside then draw_legend(w, view.entries, view.inside.columns, b.x0 + view.inside.x, b.y0 + view.inside.y) end
  for _, e in ipairs(view.direct_at or {}) do
    w:words(e.label, math.min(e.x, b.x1) + 4 + (e.x >= b.x1 and view.room_right or 0), e.y, { size = page.small, color = e.d.color })
  end
  if first and page.title then
    w:words(page.title, page.width / 2, page.height - measures.EDGE - size * 0.75,
      { align = "center", size = fitted(page.title, size, page.width - 2 * measures.EDGE, page) })
  end
  for k, label in ipairs(first and page.lines or {}) do
    w:words(label, measures.EDGE, measures.EDGE + page.small * (0.6 + (#page.lines - k) * (page.typed and 2 or 1.5)),
      { size = fitted(label, page.small, page.width - 2 * measures.EDGE, page) })
  end
  if first and page.entries and #page.entries > 0 then
    local total = legend.measure(page.entries, page.legend_columns, page.small, page.font)
    local y = page.legend == "top" and page.height - measures.EDGE - page.legend_height - (page.title and size * 1.7
      or 0) or page.foot
    draw_legend(w, page.entries, page.legend_columns, (page.width - total) / 2, y)
  end
  if view.colour and w.target ~= "typed" then
    palette(w, view.colour)
    if view.bar then
      colour_bar(w, view.colour, b.x1 + (view.room_right or 0) + 6, b.y0, b.y1)
    elseif page.colour and not w.shared_drawn then
      local low, high = math.huge, 0
      for _, v in ipairs(page.views) do
        if v.colour then low, high = math.min(low, v.box.y0), math.max(high, v.box.y1) end
      end
      colour_bar(w, page.colour, page.width - measures.EDGE - page.bar_room + 6, low, high)
      w.shared_drawn = true
    else
      w:line("unset colorbox")
    end
  end
  if #list == 0 then list[1] = "NaN notitle" end
  w.group = w.group + #list
  w:line("plot \\\n  " .. table.concat(list, ", \\\n  "))
end

-- ---- the complete script -----------------------------------------------------------------------------------------

-- body(page, target, format, zoom) -> the script without its `set terminal`, the notes, those on omitted data, the numbers
-- of the first and last plot element of each layer drawn, the number of all elements.
-- target: "tex" (text for LaTeX), "typed" (drawn with characters), or nil. zoom = {text=, marks=}: factors for
-- terminals that do not draw sizes in points.
function script.body(page, target, format, zoom)
  local w = setmetatable({ out = {}, data_out = {}, blocks = 0, page = page, notes = {}, target = target,
    tick = TICK_SCALE[format] or 0.6, format = format, text = zoom and zoom.text or 1, marks = zoom and zoom.marks or 1,
    labels = 0, arrows = 0, objects = 0, literals = {}, groups = {}, group = 0 }, Writer)
  local many = #page.views > 1
  w:line("unset key")
  w:line("set clip two") -- gnuplot omits segments with both ends outside the panel
  w:line("set tics front")
  if many then w:line("set multiplot") end
  for k, view in ipairs(page.views) do panel(w, view, page, k == 1) end
  if many then w:line("unset multiplot") end
  local notes, lost = {}, {}
  for _, list in ipairs { page.notes, w.notes } do
    for _, note in ipairs(list) do
      if type(note) == "table" then
        note = note.lost
        lost[#lost + 1] = note
      end
      notes[#notes + 1] = note
    end
  end
  local commands, missing = table.concat(w.out, "\n"), {}
  if not target and format ~= "svg" then commands, missing = fonts.replaced(commands) end
  for _, note in ipairs(missing) do notes[#notes + 1], lost[#lost + 1] = note, note end
  return table.concat(w.data_out) .. "\n" .. commands .. "\n", notes, lost,
    w.groups, w.group
end

return script
