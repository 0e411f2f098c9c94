-- limn/plot/keys.lua: which legends a figure has, and where.

local axes = require "limn.plot.axes"
local legend = require "limn.plot.legend"
local names = require "limn.plot.names"

local keys = {}

-- Entries whose texts are no wider than the page; a note names those that are cut.
local function shortened(page, view, entries)
  for _, e in ipairs(entries) do
    local label, cut = names.cut(e.label, page.width - legend.sample - 3 * legend.gap - 8, page.small, page.font)
    if cut then view.notes[#view.notes + 1] = { lost = ("the legend entry '%s' is cut at the width of the page"):format(label.source) } end
    e.label = label
  end
  return entries
end

-- Collects the legend entries: of the figure (page.entries), or of each panel (view.entries, or view.direct for labels
-- at the ends of curves).
function keys.collect(page)
  local common = page.legend == "top" or page.legend == "bottom" or page.legend == "shared"
  local main = {}
  for _, view in ipairs(page.views) do -- a panel with a legend of its own, or none, has no part in the common one
    if not view.panel.inset_box and view.panel.legend == nil then main[#main + 1] = view end
  end
  if page.legend == "shared" and page.blank then
    page.blank.entries_here = legend.entries(main)
  elseif common then
    if page.legend == "shared" then page.legend = "bottom" end
    page.entries = legend.entries(main)
  end
  for _, view in ipairs(page.views) do
    local wish = view.panel.legend
    if wish == nil and not common then wish = page.legend end
    if wish == nil and common then wish = "none" end
    if wish == nil then wish = "best" end
    view.wish = wish
    if wish ~= false and wish ~= "none" then
      local entries = shortened(page, view, legend.entries { view })
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

-- Places the legends of the panels -> whether the page must be arranged again, with more room for them.
function keys.place(page)
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
        local columns = 1
        if h + 8 > height then columns = legend.columns(view.entries, width - 8, page.small, page.font) end
        if columns > 1 then w, h = legend.measure(view.entries, columns, page.small, page.font) end
        if w + 8 > width or h + 8 > height then -- it does not fit: above the panel
          changed = true
        else
          local x, y = legend.corner(wish, w, h, width, height)
          view.inside = { x = x, y = y, w = w, h = h, columns = columns }
        end
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

return keys
