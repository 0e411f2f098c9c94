-- limn/plot/margins.lua: the margins of one panel, from the texts in them.

local axes = require "limn.plot.axes"
local colours = require "limn.plot.colours"
local measures = require "limn.plot.measures"
local names = require "limn.plot.names"
local text = require "limn.plot.text"

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

-- The room that the texts around a panel of the given size need -> left, right, top, bottom. Sets its ticks and lines.
return function(view, page, width, height)
  if view.blank then
    view.xticks, view.yticks, view.y2ticks, view.lines, view.ywide = {}, {}, {}, {}, 0
    return 0, 0, 0, 0
  end
  local panel = view.panel
  view.xticks = view.sheet and {} or axes.ticks(view.x, width, page.small, page.font, "x")
  view.yticks = view.sheet and {} or axes.ticks(view.y, height, page.small, page.font, "y")
  view.y2ticks = view.uses_y2 and axes.ticks(view.y2, height, page.small, page.font, "y") or {}
  view.ywide, view.y2wide = view.y_labels and widest_label(view.yticks, page) or 0, widest_label(view.y2ticks, page)
  local tick = view.sheet and 0 or measures.TICK
  local left = tick + (view.ywide > 0 and measures.GAP + view.ywide or 0)
  if view.y.label and view.y_labels and page.font ~= "typed" then left = left + page.size * 1.5 end
  local bottom = tick
  view.x_depth = view.named and names.arrange(view, page, width) or page.small * 1.5
  if view.x_labels and #view.xticks > 0 then bottom = bottom + view.x_depth end
  if view.x.label and view.x_labels then bottom = bottom + page.size * 1.25 end
  if page.font == "typed" then bottom = page.size * ((view.x.label and view.x_labels) and 2.9 or 1.6) end
  local right, overshoot = 1.5, 0
  for _, t in ipairs(view.x_labels and view.xticks or {}) do
    if t.label then
      local half = t.turned and page.small / 2 or 0
      for _, line in ipairs(not t.turned and (t.lines or { t.label }) or {}) do
        half = math.max(half, text.width(line, page.small, page.font) / 2)
      end
      local f = axes.fraction(view.x, t.v)
      overshoot = math.max(overshoot, half - (1 - f) * width)
      left = math.max(left, half - f * width)
    end
  end
  right = math.max(right, overshoot)
  if view.uses_y2 then right = math.max(right, measures.TICK + measures.GAP + view.y2wide + (view.y2.label and page.size * 1.5 or 0)) end
  if view.direct then
    for _, e in ipairs(view.direct) do right = math.max(right, 5 + text.width(e.label, page.small, page.font)) end
  end
  if view.bar then
    view.bar_room = colours.room(view.colour, height, page)
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
