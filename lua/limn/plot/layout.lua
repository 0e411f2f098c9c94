-- limn/plot/layout.lua: the layout of the page. Lengths are in points; the origin is the lower left corner. Margins are
-- computed from the text in them, so that nothing overlaps; the axes of all panels of a grid have the same size.

local axes = require "limn.plot.axes"
local legend = require "limn.plot.legend"
local native = require("limn.native").plot
local resolve = require "limn.plot.resolve"
local text = require "limn.plot.text"

local layout = {}

local EDGE, TICK, GAP = 3, 2.4, 3.6 -- margin of the page; length of ticks; distance from tick to label

-- ---- colour bars -------------------------------------------------------------------------------------

local function colour_extent(extent, d)
  if d.pictures then
    for _, picture in ipairs(d.pictures) do axes.include(extent, (native.column(picture, d.who, "z"))) end
  else
    axes.include(extent, d.z)
  end
end

-- The common colour axis of a list of layers: options (range, scale, map) of the first, extent of the data of all.
local function colour_axis(list)
  local first = list[1]
  local axis = { scale = first.scale == "log10" and "log10" or "linear", log = first.scale == "log10", base = 10,
    minor = true,
    range = first.range, map = first.map, label = first.bar_label, who = first.who, name = "bar", linear = 1 }
  local extent = {}
  for _, d in ipairs(list) do
    colour_extent(extent, d)
    axis.label = axis.label or d.bar_label
  end
  extent.tight = true
  axes.fit(axis, extent)
  if first.centre and not first.range then
    local reach = math.max(axis.high - first.centre, first.centre - axis.low)
    axis.low, axis.high = first.centre - reach, first.centre + reach
  end
  return axis
end

local function bars(page)
  local shared = {}
  for _, view in ipairs(page.views) do
    local own = {}
    for _, d in ipairs(view.drawn) do
      if d.coloured then
        own[#own + 1] = d
        shared[#shared + 1] = d
      end
    end
    if #own > 0 then view.colour = colour_axis(own) end
    view.bar = view.colour and own[1].bar ~= false and own[1].bar ~= nil and not page.shared_bar
    if view.colour and own[1].kind == "points" and own[1].bar == nil and not page.shared_bar then view.bar = true end
  end
  if page.shared_bar and #shared > 0 then
    local axis = colour_axis(shared)
    axis.label = page.bar_label or axis.label
    for _, view in ipairs(page.views) do
      if view.colour then view.colour = axis end
    end
    page.colour = axis
  end
end

local BAR = 6.5 -- width of a colour bar

local function bar_room(axis, length, page)
  if page.font == "typed" then return 0 end
  axis.ticks_drawn = axes.ticks(axis, length, page.small, page.font, "y")
  local widest = 0
  for _, t in ipairs(axis.ticks_drawn) do
    if t.label then widest = math.max(widest, text.width(t.label, page.small, page.font)) end
  end
  axis.tick_room = widest
  return 6 + BAR + TICK + GAP + widest + (axis.label and page.size * 1.45 or 0)
end

-- ---- margins of one panel -------------------------------------------------------------------------------

local function widest_label(ticks, page)
  local w = 0
  for _, t in ipairs(ticks) do
    if t.label then w = math.max(w, text.width(t.label, page.small, page.font)) end
  end
  return w
end

-- The heading of a panel, letter and title, as lines no wider than `room`; one line if more than three are needed.
local function head_lines(view, page, room)
  local title = view.headline
  if page.font == "typed" or not title or not title.literal
    or text.width(view.letter, page.size, page.font) <= room then return { view.letter } end
  local lines, line = {}, ""
  local function words(more) return text.join(#lines == 0 and view.head or nil, text.label("figure", "title", more)) end
  for word in title.source:gmatch("%S+") do
    local longer = line == "" and word or line .. " " .. word
    if line ~= "" and text.width(words(longer), page.size, page.font) > room then
      lines[#lines + 1] = words(line)
      longer = word
    end
    line = longer
  end
  lines[#lines + 1] = words(line)
  return #lines <= 3 and lines or { view.letter }
end

local function measure(view, page, width, height)
  local panel = view.panel
  view.xticks = view.sheet and {} or axes.ticks(view.x, width, page.small, page.font, "x")
  view.yticks = view.sheet and {} or axes.ticks(view.y, height, page.small, page.font, "y")
  view.y2ticks = view.uses_y2 and axes.ticks(view.y2, height, page.small, page.font, "y") or {}
  view.ywide, view.y2wide = view.y_labels and widest_label(view.yticks, page) or 0, widest_label(view.y2ticks, page)
  local tick = view.sheet and 0 or TICK
  local left = tick + (view.ywide > 0 and GAP + view.ywide or 0)
  if view.y.label and view.y_labels and page.font ~= "typed" then left = left + page.size * 1.5 end
  local bottom = tick
  if view.x_labels and #view.xticks > 0 then bottom = bottom + page.small * 1.5 end
  if view.x.label and view.x_labels then bottom = bottom + page.size * 1.25 end
  if page.font == "typed" then bottom = page.size * ((view.x.label and view.x_labels) and 2.9 or 1.6) end
  local right, overshoot = 1.5, 0
  for _, t in ipairs(view.x_labels and view.xticks or {}) do
    if t.label then
      local half = text.width(t.label, page.small, page.font) / 2
      local f = axes.fraction(view.x, t.v)
      overshoot = math.max(overshoot, half - (1 - f) * width)
      left = math.max(left, half - f * width)
    end
  end
  right = math.max(right, overshoot)
  if view.uses_y2 then right = math.max(right, TICK + GAP + view.y2wide + (view.y2.label and page.size * 1.5 or 0)) end
  if view.direct then
    for _, e in ipairs(view.direct) do right = math.max(right, 5 + text.width(e.label, page.small, page.font)) end
  end
  if view.bar then
    view.bar_room = bar_room(view.colour, height, page)
    right = math.max(right, view.bar_room)
  end
  view.lines = view.letter and head_lines(view, page, width + right
    + (panel.col < page.cols and 0.4 * left or -1)) or {}
  local top = view.letter and page.size * (0.35 + 1.2 * #view.lines) or (view.y_labels and page.small * 0.5 or 1.5)
  if page.font == "typed" then
    left = left + 3
    top = (view.letter and 12 or 0) + ((view.y.label and view.y_labels) and 14 or 2)
  end
  if view.above then top = top + view.above.height + 3 end
  if panel.inset_box then top = 2 end
  return left, right, top, bottom
end

-- ---- the page ---------------------------------------------------------------------------------------------

local function fit_axes(views, name, share, extent_name)
  local pool = {}
  for _, view in ipairs(views) do
    if share and not view.panel.inset_box then pool[#pool + 1] = view[extent_name] end
  end
  local union = share and resolve.union(pool)
  for _, view in ipairs(views) do
    if view.sheet then
      local s = view.sheet
      local pitch_x, pitch_y = s.w * (1 + s.gap), s.h * (1 + s.gap) + (s.titles and s.h * 0.2 or 0)
      local w, h = s.across * pitch_x - s.w * s.gap, s.down * pitch_y - s.h * s.gap
      s.pitch_x, s.pitch_y, s.total_w, s.total_h = pitch_x, pitch_y, w, h
      view[name].low, view[name].high = 0, name == "x" and w or h
      view.aspect = h / w
    else
      axes.fit(view[name], share and not view.panel.inset_box and union or view[extent_name])
    end
  end
end

local function letters(page)
  local n = 0
  for _, view in ipairs(page.views) do
    local panel = view.panel
    if not panel.inset_box then
      n = n + 1
      local letter
      if page.letters then
        letter = text.letter("(" .. (n <= 26 and string.char(96 + n) or tostring(n)) .. ")")
      end
      local title = panel.title
      if letter and title then letter = text.join(letter, text.label("figure", "letters", " ")) end
      view.letter = text.join(letter, title)
      view.head, view.headline = letter, title
    end
  end
end

-- Collects the legend entries: of the figure (page.entries), or of each panel (view.entries, or view.direct for labels
-- at the ends of curves).
local function legends(page)
  local main = {}
  for _, view in ipairs(page.views) do
    if not view.panel.inset_box then main[#main + 1] = view end
  end
  if page.legend == "top" or page.legend == "bottom" then
    page.entries = legend.entries(main)
    return
  end
  for _, view in ipairs(page.views) do
    local wish = view.panel.legend
    if wish == nil then wish = page.legend end
    if wish == nil then wish = "best" end
    view.wish = wish
    if wish ~= false and wish ~= "none" then
      local entries = legend.entries { view }
      if wish == "direct" then
        view.direct = #entries > 0 and entries or nil
      elseif #entries > 0 then
        view.entries = entries
      end
    end
  end
end

-- Extends an automatic y range upwards so that the legend fits above the data; not if the legend takes over 42 % of it.
local function make_room(view, page, height)
  local axis = view.y
  if view.retry or view.has_field or page.share_y or view.uses_y2 or axis.reverse
    or (axis.range and axis.range[2]) then
    view.retry = nil
    return
  end
  local columns = legend.columns(view.entries, view.box.x1 - view.box.x0 - 8, page.small, page.font)
  local w, h = legend.measure(view.entries, columns, page.small, page.font)
  local need = (h + 7) / height
  if need > 0.42 or w + 8 > view.box.x1 - view.box.x0 then return end
  local a, b = axes.place(axis, axis.low), axes.place(axis, axis.high)
  axis.high = axes.value(axis, a + (b - a) / (1 - need))
  view.retry = true
end

local function place_legends(page)
  local changed = false
  for _, view in ipairs(page.views) do
    if view.entries and not view.above then
      local b = view.box
      local width, height = b.x1 - b.x0, b.y1 - b.y0
      local w, h = legend.measure(view.entries, 1, page.small, page.font)
      local wish = view.wish
      if wish == "above" or wish == "outside" then
        changed = true
      elseif wish == "best" or wish == true then
        local ink = legend.ink(view, width, height)
        local x, y, covered = legend.best(ink, w, h, width, height)
        if covered > 0 and #view.entries > 1 then
          local w2, h2 = legend.measure(view.entries, 2, page.small, page.font)
          local x2, y2, covered2 = legend.best(ink, w2, h2, width, height)
          if covered2 < covered then x, y, covered, w, h = x2, y2, covered2, w2, h2 end
          view.inside = { x = x, y = y, w = w, h = h, columns = covered == covered2 and 2 or 1 }
        else
          view.inside = { x = x, y = y, w = w, h = h, columns = 1 }
        end
        if covered > 0 and not view.raised then
          view.inside = nil
          changed = true
          make_room(view, page, height)
        end
        if covered > 0 and view.raised then -- the space that make_room added
          local columns = legend.columns(view.entries, width - 8, page.small, page.font)
          w, h = legend.measure(view.entries, columns, page.small, page.font)
          x, y = legend.corner("top right", w, h, width, height)
          view.inside = { x = x, y = y, w = w, h = h, columns = columns }
        end
      else
        local x, y = legend.corner(wish, w, h, width, height)
        view.inside = { x = x, y = y, w = w, h = h, columns = 1 }
      end
      if not view.inside and not view.retry then
        local columns = legend.columns(view.entries, width, page.small, page.font)
        local _, tall = legend.measure(view.entries, columns, page.small, page.font)
        view.above = { height = tall, columns = columns }
      end
    end
  end
  return changed
end

local function arrange(page)
  local rows, cols = page.rows, page.cols
  local grid = {}
  for _, view in ipairs(page.views) do
    if not view.panel.inset_box then grid[#grid + 1] = view end
  end
  local head = EDGE + (page.title and page.size * 1.7 or 0)
  local foot = EDGE
  if page.entries and #page.entries > 0 then
    page.legend_columns = legend.columns(page.entries, page.width - 20, page.small, page.font)
    local _, tall = legend.measure(page.entries, page.legend_columns, page.small, page.font)
    if page.legend == "top" then head = head + tall + 4 else foot = foot + tall + 5 end
    page.legend_height = tall
  end
  local gap_x, gap_y = 9, 7
  if page.auto_height then page.height = page.width / cols * page.ratio * rows end
  local width, height = page.width / cols * 0.8, page.height / rows * 0.75
  local left, right, top, bottom, side
  for _ = 1, 3 do -- iterate: margins depend on tick labels, which depend on the lengths of the axes
    left, right, top, bottom, side = {}, {}, {}, {}, EDGE
    for _, view in ipairs(grid) do
      local l, r, t, b = measure(view, page, width, height)
      local i, j = view.panel.row, view.panel.col
      left[j], right[j] = math.max(left[j] or 0, l), math.max(right[j] or 0, r)
      top[i], bottom[i] = math.max(top[i] or 0, t), math.max(bottom[i] or 0, b)
    end
    if page.colour then
      page.bar_room = bar_room(page.colour, height * rows, page)
      side = side + page.bar_room
    end
    local w, h = page.width - EDGE - side - gap_x * (cols - 1), page.height - head - foot - gap_y * (rows - 1)
    for j = 1, cols do w = w - (left[j] or 0) - (right[j] or 0) end
    for i = 1, rows do h = h - (top[i] or 0) - (bottom[i] or 0) end
    width, height = math.max(12, w / cols), math.max(12, h / rows)
    if page.auto_height then -- the height of the page follows from the aspect ratio of the axes
      height = math.max(30, width * page.ratio)
      local total = head + foot + gap_y * (rows - 1) + rows * height
      for i = 1, rows do total = total + (top[i] or 0) + (bottom[i] or 0) end
      page.height = math.ceil(total)
    end
  end
  for _, view in ipairs(grid) do
    local x, y = EDGE, page.height - head
    for j = 1, view.panel.col - 1 do x = x + (left[j] or 0) + (right[j] or 0) + width + gap_x end
    for i = 1, view.panel.row - 1 do y = y - (top[i] or 0) - (bottom[i] or 0) - height - gap_y end
    x, y = x + (left[view.panel.col] or 0), y - (top[view.panel.row] or 0)
    local box = { x0 = x, x1 = x + width, y1 = y, y0 = y - height }
    local aspect = view.aspect or view.panel.aspect
    if aspect then -- shrink the box to the given aspect ratio, centred
      if height > width * aspect then
        local spare = height - width * aspect
        box.y0, box.y1 = box.y0 + spare / 2, box.y1 - spare / 2
      else
        local spare = width - height / aspect
        box.x0, box.x1 = box.x0 + spare / 2, box.x1 - spare / 2
      end
    end
    view.box = box
  end
  for _, view in ipairs(grid) do -- align the y labels of a column, except where that is far from the tick labels
    view.ycolumn = view.ywide
    for _, other in ipairs(grid) do
      if other.panel.col == view.panel.col and other.ywide - view.ywide < 1.7 * page.size then
        view.ycolumn = math.max(view.ycolumn, other.ywide)
      end
    end
  end
  page.right_edge = page.width - EDGE
  page.side = side
  for _, view in ipairs(page.views) do
    local inset = view.panel.inset_box
    if inset then
      local host = view.host.box
      local w, h = host.x1 - host.x0, host.y1 - host.y0
      view.box = { x0 = host.x0 + inset[1] * w, x1 = host.x0 + inset[2] * w, y0 = host.y0 + inset[3] * h,
        y1 = host.y0 + inset[4] * h }
      view.margins = { measure(view, page, view.box.x1 - view.box.x0, view.box.y1 - view.box.y0) }
    end
  end
end

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
local function direct_labels(page)
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
            edges[#edges + 1] = { label = e.label, d = d, y = y, x = b.x0 + fx * (b.x1 - b.x0) }
          elseif fx then
            list[#list + 1] = { label = e.label, d = d, y = b.y0 + fy * (b.y1 - b.y0), x = b.x0 + fx * (b.x1 - b.x0) }
          end
        end
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
      view.direct_at = table.move(edges, 1, #edges, #list + 1, list)
    end
  end
end

-- page(figure) -> the layout: views (panels and insets) with their boxes, ticks, legends and colour bars.
function layout.page(figure)
  local page = {
    width = figure.width, height = figure.height, auto_height = figure.height == nil, dpi = figure.dpi,
      font_size = figure.font_size, size = figure.font_size, small = figure.small_size, font = figure.font,
    rows = figure.rows, cols = figure.cols, title = figure.title, legend = figure.legend, views = {}, notes = {},
    shared_bar = figure.colorbar ~= nil, bar_label = type(figure.colorbar) == "table" and figure.colorbar or nil,
  }
  local known = {}
  local function add(panel, host)
    local view = resolve.begin(panel, known)
    view.host = host
    page.views[#page.views + 1] = view
    for _, inset in ipairs(panel.insets or {}) do add(inset.panel, view) end
  end
  for i = 1, figure.rows do
    for j = 1, figure.cols do
      local panel = figure.panels[i][j]
      if panel then add(panel) end
    end
  end
  local share_x, share_y = figure.share == "x" or figure.share == "both", figure.share == "y" or figure.share == "both"
  page.share_y = share_y
  fit_axes(page.views, "x", share_x, "extent_x")
  for _, view in ipairs(page.views) do
    if not view.sheet then resolve.functions(view) end
  end
  fit_axes(page.views, "y", share_y, "extent_y")
  for _, view in ipairs(page.views) do
    if view.uses_y2 then axes.fit(view.y2, view.extent_y2) end
    local panel = view.panel
    local below = figure.panels[panel.row] and figure.panels[panel.row + 1] and figure.panels[panel.row + 1][panel.col]
    view.x_labels = panel.inset_box ~= nil or not (share_x and below)
    view.y_labels = panel.inset_box ~= nil or not (share_y and panel.col > 1)
  end
  local grid_panels = 0
  for _, view in ipairs(page.views) do
    if not view.panel.inset_box then grid_panels = grid_panels + 1 end
  end
  page.ratio = 0
  for _, view in ipairs(page.views) do
    if not view.panel.inset_box then
      page.ratio = math.max(page.ratio, view.aspect or view.panel.aspect
        or (view.has_field and 0.86 or grid_panels > 1 and 0.74 or 0.66))
    end
  end
  page.ratio = math.min(page.ratio, 3)
  page.letters = figure.letters
  if page.letters == nil then page.letters = grid_panels > 1 end
  letters(page)
  bars(page)
  legends(page)
  arrange(page)
  for _, view in ipairs(page.views) do resolve.finish(view, view.box.x1 - view.box.x0, view.box.y1 - view.box.y0) end
  if place_legends(page) then
    for _, view in ipairs(page.views) do view.raised, view.retry = view.retry, nil end
    arrange(page)
    place_legends(page)
  end
  direct_labels(page)
  for _, view in ipairs(page.views) do
    for _, note in ipairs(view.notes) do page.notes[#page.notes + 1] = note end
  end
  return page
end

layout.TICK, layout.GAP, layout.BAR, layout.EDGE = TICK, GAP, BAR, EDGE

return layout
