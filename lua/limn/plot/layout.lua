-- limn/plot/layout.lua: the layout of the page. Lengths are in points; the origin is the lower left corner. Margins are
-- computed from the text in them, so that nothing overlaps; the axes of all panels of a grid have the same size.

local axes = require "limn.plot.axes"
local colours = require "limn.plot.colours"
local direct_labels = require "limn.plot.direct"
local keys = require "limn.plot.keys"
local legend = require "limn.plot.legend"
local marginals = require "limn.plot.marginals"
local measure = require "limn.plot.margins"
local measures = require "limn.plot.measures"
local resolve = require "limn.plot.resolve"
local text = require "limn.plot.text"
local units = require "limn.plot.units"

local layout = {}

local EDGE = measures.EDGE
local LEAST = 12 -- width and height of axes, points

-- ---- the page ---------------------------------------------------------------------------------------------

-- Panels share the axis `name` with those that have it on the same scale, in the same unit.
local function fit_axes(views, name, share, extent_name)
  local pools = {}
  local function key(view)
    if not share or view.sheet or view.panel.inset_box then return nil end
    return view[name].scale .. (view[name].exponent or 0)
  end
  for _, view in ipairs(views) do
    local k = key(view)
    if k then
      pools[k] = pools[k] or {}
      table.insert(pools[k], view[extent_name])
    end
  end
  for _, view in ipairs(views) do
    if view.sheet then
      local s = view.sheet
      local pitch_x, pitch_y = s.w * (1 + s.gap), s.h * (1 + s.gap) + (s.titles and s.h * 0.2 or 0)
      local w, h = s.across * pitch_x - s.w * s.gap, s.down * pitch_y - s.h * s.gap
      s.pitch_x, s.pitch_y, s.total_w, s.total_h = pitch_x, pitch_y, w, h
      local axis = view[name]
      axis.low, axis.high, axis.scale, axis.log, axis.reverse = 0, name == "x" and w or h, "linear", false, false
      view.aspect = h / w
    else
      local k = key(view)
      axes.fit(view[name], k and resolve.union(pools[k]) or view[extent_name])
    end
  end
end

local function letters(page)
  local n = 0
  for _, view in ipairs(page.views) do
    local panel = view.panel
    if not panel.inset_box and not view.blank then
      n = n + 1
      local letter
      if page.letters then
        local upper = page.letter_style:find "A" and 64 or 96
        local sign = n <= 26 and string.char(upper + n) or tostring(n)
        letter = text.letter((page.letter_style:gsub("[aA]", sign)))
      end
      local title = panel.title
      if letter and title then letter = text.join(letter, text.label("figure", "letters", " ")) end
      view.letter = text.join(letter, title)
      view.head, view.headline = letter, title
    end
  end
end

local function arrange(page)
  local rows, cols = page.rows, page.cols
  local grid = {}
  for _, view in ipairs(page.views) do
    if not view.panel.inset_box then grid[#grid + 1] = view end
  end
  local head = EDGE + (page.title and page.size * 1.7 or 0)
  page.foot = EDGE + #page.lines * page.small * (page.font == "typed" and 2 or 1.5)
  local foot = page.foot
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
      page.bar_room = colours.room(page.colour, height * rows, page)
      side = side + page.bar_room
    end
    local w, h = page.width - EDGE - side - gap_x * (cols - 1), page.height - head - foot - gap_y * (rows - 1)
    for j = 1, cols do w = w - (left[j] or 0) - (right[j] or 0) end
    for i = 1, rows do h = h - (top[i] or 0) - (bottom[i] or 0) end
    page.crowded = w / cols < LEAST or (h / rows < LEAST and not page.auto_height)
    width, height = math.max(LEAST, w / cols), math.max(LEAST, h / rows)
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
    marginals.shrink(view)
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
    if view.marginal then
      marginals.place(view)
    elseif inset then
      local host = view.host.box
      local w, h = host.x1 - host.x0, host.y1 - host.y0
      view.box = { x0 = host.x0 + inset[1] * w, x1 = host.x0 + inset[2] * w, y0 = host.y0 + inset[3] * h,
        y1 = host.y0 + inset[4] * h }
      view.margins = { measure(view, page, view.box.x1 - view.box.x0, view.box.y1 - view.box.y0) }
    end
  end
end

-- page(figure) -> the layout: views (panels and insets) with their boxes, ticks, legends and colour bars.
function layout.page(figure)
  local page = {
    width = figure.width, height = figure.height, auto_height = figure.height == nil, dpi = figure.dpi,
      font_size = figure.font_size, size = figure.font_size, small = figure.small_size, font = figure.font,
    rows = figure.rows, cols = figure.cols, title = figure.title, lines = figure.foot, legend = figure.legend, views = {},
      notes = {},
    shared_bar = figure.colorbar ~= nil, bar_label = type(figure.colorbar) == "table" and figure.colorbar or nil,
  }
  local known = { [resolve.common] = figure.legend == "top" or figure.legend == "bottom" or figure.legend == "shared" }
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
  units.settle(page.views, "x", share_x)
  for _, view in ipairs(page.views) do resolve.across(view) end
  fit_axes(page.views, "x", share_x, "extent_x")
  for _, view in ipairs(page.views) do resolve.functions(view) end
  units.settle(page.views, "y", share_y)
  units.settle(page.views, "y2", false)
  for _, view in ipairs(page.views) do resolve.upward(view) end
  fit_axes(page.views, "y", share_y, "extent_y")
  for _, view in ipairs(page.views) do
    if view.uses_y2 then axes.fit(view.y2, view.extent_y2) end
    for _, name in ipairs { "x", "y", "y2" } do units.straighten(view, name) end
    local panel = view.panel
    local below = figure.panels[panel.row] and figure.panels[panel.row + 1] and figure.panels[panel.row + 1][panel.col]
    view.x_labels = panel.inset_box ~= nil or not (share_x and below)
    view.y_labels = panel.inset_box ~= nil or not (share_y and panel.col > 1)
  end
  marginals.add(page)
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
  if figure.legend == "shared" then -- in the first empty panel, if there is one
    for _, view in ipairs(page.views) do
      local panel = view.panel
      if not page.blank and not panel.inset_box and #panel.layers == 0 and not panel.title then
        page.blank, view.blank = view, true
      end
    end
  end
  page.letters, page.letter_style = figure.letters, figure.letter_style
  if page.letters == nil then page.letters = grid_panels > 1 end
  letters(page)
  colours.settle(page)
  keys.collect(page)
  arrange(page)
  for _, view in ipairs(page.views) do resolve.finish(view, view.box.x1 - view.box.x0, view.box.y1 - view.box.y0) end
  if keys.place(page) then
    for _, view in ipairs(page.views) do view.raised, view.retry = view.retry, nil end
    arrange(page)
    keys.place(page)
  end
  direct_labels(page)
  if page.crowded then
    page.notes[1] = { lost = ("the page of %.3g x %.3g in is too small for its axes and texts: parts overlap or are cut; "
      .. "enlarge width= or height="):format(page.width / 72, page.height / 72) }
  end
  for _, note in ipairs(figure.losses) do page.notes[#page.notes + 1] = note end
  for _, view in ipairs(page.views) do
    if view.names_note then page.notes[#page.notes + 1] = { lost = view.names_note } end
    for _, note in ipairs(view.notes) do page.notes[#page.notes + 1] = note end
  end
  return page
end

return layout
