-- limn/plot/colours.lua: colour axes, of one panel or of all, and the width of colour bars.

local axes = require "limn.plot.axes"
local losses = require "limn.plot.losses"
local measures = require "limn.plot.measures"
local native = require("limn.native").plot
local text = require "limn.plot.text"
local units = require "limn.plot.units"

local colours = {}

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
  return axis
end

-- Makes the range of a colour axis symmetric about the centre that its first layer asks for, on the scale of the axis.
local function centred(axis, first)
  if not first.centre or first.range then return axis end
  local centre = axis.source and axes.place(axis.source, first.centre) or first.centre / 10.0 ^ (axis.exponent or 0)
  local middle, low, high = axes.place(axis, centre), axes.place(axis, axis.low), axes.place(axis, axis.high)
  local reach = math.max(high - middle, middle - low)
  axis.low, axis.high = axes.value(axis, middle - reach), axes.value(axis, middle + reach)
  return axis
end

-- The colour axis of the layers in `list` of `views`; their extreme values are replaced.
local function settled(list, views)
  local axis = colour_axis(list)
  for _, view in ipairs(views) do losses.colours(view, axis) end
  return centred(units.colour(axis, list), list[1])
end

-- Sets the colour axes of the views: view.colour, view.bar; page.colour if one bar is shared.
function colours.settle(page)
  local shared = {}
  for _, view in ipairs(page.views) do
    local own = {}
    for _, d in ipairs(view.drawn) do
      if d.coloured then
        own[#own + 1] = d
        shared[#shared + 1] = d
      end
    end
    if #own > 0 and not page.shared_bar then view.colour = settled(own, { view }) end
    if #own > 0 then view.colour = view.colour or true end
    view.bar = view.colour and own[1].bar ~= false and own[1].bar ~= nil and not page.shared_bar
    if view.colour and own[1].kind == "points" and own[1].bar == nil and not page.shared_bar then view.bar = true end
  end
  if page.shared_bar and #shared > 0 then
    local axis = settled(shared, page.views)
    axis.label = page.bar_label or axis.label
    for _, view in ipairs(page.views) do
      if view.colour then view.colour = axis end
    end
    page.colour = axis
  end
end

-- The width of a colour bar with its ticks and label, for a panel `length` points high.
function colours.room(axis, length, page)
  if page.font == "typed" then return 0 end
  axis.ticks_drawn = axes.ticks(axis, length, page.small, page.font, "y")
  local widest = 0
  for _, t in ipairs(axis.ticks_drawn) do
    if t.label then widest = math.max(widest, text.width(t.label, page.small, page.font)) end
  end
  axis.tick_room = widest
  return 6 + measures.BAR + measures.TICK + measures.GAP + widest + (axis.label and page.size * 1.45 or 0)
end

return colours
