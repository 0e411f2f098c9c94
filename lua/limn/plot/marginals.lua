-- limn/plot/marginals.lua: histograms of the points of a panel above it and to its right, on its axes.

local native = require("limn.native").plot
local axes = require "limn.plot.axes"

local marginals = {}

local GAP = 3 -- between the panel and a histogram, points
local MOST_BINS, LEAST_BINS = 60, 8

-- Bins for n values: as many as the square root, within limits.
local function bins_of(given, n) return given or math.max(LEAST_BINS, math.min(MOST_BINS, math.ceil(math.sqrt(n)))) end

-- The histogram of a layer's column over the range of an axis, in equal bins on its scale.
local function histogram(d, column, axis, bins)
  local t, places = native.totable(column), {}
  for i, v in ipairs(t) do
    local u = axes.place(axis, v)
    places[i] = u - u == 0 and u or 0 / 0
  end
  local low, high = axes.place(axis, axis.low), axes.place(axis, axis.high)
  local counts = native.totable((native.bins((native.column(places, d.who, "x")), low, high, bins)))
  local left, right = {}, {}
  for i = 1, bins do
    left[i] = axes.value(axis, low + (high - low) * ((i - 1) / bins))
    right[i] = axes.value(axis, low + (high - low) * (i / bins))
  end
  return { kind = "histogram", who = d.who, order = d.order, axis = "y", color = d.color, alpha = 0.45, fill = true, n = bins,
    left = (native.column(left, d.who, "left")), right = (native.column(right, d.who, "right")),
    y = (native.column(counts, d.who, "count")) }, math.max(table.unpack(counts))
end

local function view_of(host, name, options)
  local shared, drawn, most = host[name], {}, 1
  for _, d in ipairs(host.drawn) do
    if d.kind == "points" and (d.axis or "y") == "y" then
      local bins = bins_of(options.bins, d.n)
      local h, top = histogram(d, d[name], shared, bins)
      h.sideways = name == "y"
      drawn[#drawn + 1], most = h, math.max(most, top)
    end
  end
  local along = setmetatable({ ticks = false, grid = false, label = false }, { __index = shared })
  local counts = { name = "count", who = "panel:marginals", scale = "linear", log = false, low = 0, high = most * 1.05,
    ticks = false, minor = false, linear = 1, base = 10 }
  local panel = { layers = {}, inset_box = {}, row = host.panel.row, col = host.panel.col, legend = "none" }
  return { panel = panel, host = host, drawn = drawn, notes = {}, marginal = name, border = name == "x" and 1 or 2,
    x = name == "x" and along or counts, y = name == "x" and counts or along, x_labels = false, y_labels = false,
    thinned = true, aspect = false }
end

-- Adds the views of the histograms of a page, when the ranges of all axes are set. A panel whose right side is taken has
-- none there.
function marginals.add(page)
  local more = {}
  for _, view in ipairs(page.views) do
    local o = view.panel.marginal_options
    if o then
      local taken = view.uses_y2 and "an axis" or nil
      view.marginal_room = o.size
      if o.y and taken then
        view.notes[#view.notes + 1] = { lost = "no histogram on the right of the panel, where it has " .. taken }
      end
      for _, name in ipairs { "x", "y" } do
        if o[name] and not (name == "y" and taken) then
          more[#more + 1] = view_of(view, name, o)
          view["beside_" .. name] = true
        end
      end
    end
  end
  table.move(more, 1, #more, #page.views + 1, page.views)
end

-- Makes room in the box of a panel for its histograms: sets view.room_up and view.room_right, points.
function marginals.shrink(view)
  if not view.marginal_room then return end
  local b = view.box
  local depth = view.marginal_room * math.min(b.x1 - b.x0, b.y1 - b.y0)
  view.room_up, view.room_right = view.beside_x and depth + GAP or 0, view.beside_y and depth + GAP or 0
  b.y1, b.x1 = b.y1 - view.room_up, b.x1 - view.room_right
end

-- The box of a histogram beside its host.
function marginals.place(view)
  local b, host = view.host.box, view.host
  view.margins = { 0, 0, 0, 0 }
  view.xticks, view.yticks, view.y2ticks, view.lines, view.ywide = {}, {}, {}, {}, 0
  if view.marginal == "x" then
    view.box = { x0 = b.x0, x1 = b.x1, y0 = b.y1 + GAP, y1 = b.y1 + host.room_up }
  else
    view.box = { x0 = b.x1 + GAP, x1 = b.x1 + host.room_right, y0 = b.y0, y1 = b.y1 }
  end
end

return marginals
