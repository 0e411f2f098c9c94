-- picture.lua: faults of a figure that a reader would see: texts that overlap or are cut, texts too small in print, series
-- that no key explains or that differ in colour only, and colours too faint on white.

local layout = require "limn.plot.layout"
local text = require "limn.plot.text"

local picture = {}

local PRINT_WIDTH = 7.16 * 72 -- the widest text block of the venues, points
local LEAST_SIZE = 5 -- points in print
local LEAST_CONTRAST = 1.25 -- to white, of the luminances; WCAG's formula
local SLACK = 0.92 -- text boxes are slightly underestimated, for the widths are approximate

-- ---- texts ------------------------------------------------------------------------------------------------

-- All texts of an SVG: {text=, x=, y=, size=, anchor=, turned=}; scripts are read as part of their text.
function picture.texts(s)
  local out = {}
  for place, attributes, body in s:gmatch('<g transform="([^"]*)"([^>]*font%-size[^>]*)>%s*<text>(.-)</text>') do
    local x, y = place:match("translate%(([-%d.]+),([-%d.]+)%)")
    local plain = body:gsub("<[^>]*>", ""):gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&amp;", "&")
    if plain ~= "" then
      out[#out + 1] = { text = plain, x = tonumber(x), y = tonumber(y),
        size = tonumber(attributes:match('font%-size="([%d.]+)"')),
        anchor = attributes:match('text%-anchor="(%w+)"'), turned = place:find("rotate", 1, true) ~= nil }
    end
  end
  return out
end

local function boxes(svg, font)
  local out = {}
  for _, t in ipairs(picture.texts(svg)) do
    local w, h = text.width(text.label("picture", "text", t.text), t.size, font) * SLACK, t.size * 0.72
    local x = t.anchor == "middle" and t.x - w / 2 or t.anchor == "end" and t.x - w or t.x
    local box = { x, t.y - h, x + w, t.y, t.text, t.size }
    if t.turned then
      local low = t.anchor == "middle" and t.y - w / 2 or t.anchor == "end" and t.y or t.y - w
      box = { t.x - h, low, t.x, low + w, t.text, t.size }
    end
    if t.text:find "%S" then out[#out + 1] = box end
  end
  return out
end

local function text_faults(list, width, height, add)
  for i, a in ipairs(list) do
    if a[1] < -2 or a[3] > width + 2 or a[2] < -2 or a[4] > height + 2 then add("'%s' is cut at the page's edge", a[5]) end
    for j = i + 1, #list do
      local b = list[j]
      if a[1] < b[3] and b[1] < a[3] and a[2] < b[4] and b[2] < a[4] then add("'%s' overlaps '%s'", a[5], b[5]) end
    end
  end
end

-- ---- series ------------------------------------------------------------------------------------------------

local SERIES = { line = true, points = true, errorbars = true, steps = true, bars = true, histogram = true, func = true,
  violin = true }

local function style_of(d)
  return table.concat({ d.color, d.point or "", d.point and "" or table.concat(d.dash or {}, ","),
    (d.kind == "bars" or d.kind == "histogram" or d.kind == "violin") and "filled" or "" }, " ")
end

-- The looks that a list of legend entries explains.
local function add_explained(explained, entries)
  for _, e in ipairs(entries or {}) do
    for _, d in ipairs(e.list) do explained[style_of(d)], explained[d.color or ""] = true, true end
  end
end

-- Panels in which several looks occur need a key for each of them, in the panel itself or in the legend of the figure; insets
-- and the panels beside a panel (marginals, ratios) have its key. A line without marks may have the colour of a series with
-- a key; words in the panel may explain as many, and its title the lines of laws. Panels of pictures and fields are not series.
local function key_faults(page, add)
  local common = {}
  add_explained(common, page.entries)
  add_explained(common, page.blank and page.blank.entries_here)
  for k, view in ipairs(page.views) do
    local named = view.panel.title and view.panel.title.source:find("lines", 1, true) ~= nil
    local looks, count, words, explained = {}, 0, 0, setmetatable({}, { __index = common })
    local host = view.panel.inset_box or view.panel.host
    for _, other in ipairs(host and page.views or { view }) do
      add_explained(explained, other.entries)
      add_explained(explained, other.direct)
    end
    for _, d in ipairs(view.drawn) do
      words = words + (d.kind == "text" and 1 or 0)
      local look = SERIES[d.kind] and not d.coloured and not view.has_field and style_of(d)
      if look and not looks[look] then
        looks[look], count = d, count + 1
      end
    end
    for look, d in pairs(looks) do
      local known = explained[look] or d.law and named or (not d.point or host) and explained[d.color]
      if count > 1 and count > words and not known then add("panel %d: a %s has no key (%s)", k, d.kind, look) end
    end
  end
end

local function luminance(hex)
  local function linear(i)
    local u = tonumber(hex:sub(i, i + 1), 16) / 255
    return u <= 0.04045 and u / 12.92 or ((u + 0.055) / 1.055) ^ 2.4
  end
  return 0.2126 * linear(2) + 0.7152 * linear(4) + 0.0722 * linear(6)
end

local function look_faults(page, add)
  for k, view in ipairs(page.views) do
    local seen = {}
    for _, d in ipairs(view.drawn) do
      if SERIES[d.kind] and d.color and not d.coloured and not view.has_field then
        if 1.05 / (luminance(d.color) + 0.05) < LEAST_CONTRAST then add("panel %d: %s is too faint", k, d.color) end
        local filled = d.kind == "bars" or d.kind == "histogram" and d.fill ~= false or d.kind == "violin"
        if filled or d.kind == "line" or d.kind == "points" or d.kind == "errorbars" then
          local dashed = d.kind == "line" or not d.point
          local grey = filled and "hatch " .. (d.hatch or "none")
            or (d.point or "") .. " " .. (dashed and table.concat(d.dash or {}, ",") or "")
          if d.label and view.wish ~= "direct" and seen[grey] and seen[grey] ~= d.color and not d.law then
            add("panel %d: '%s' differs from another series in colour only", k, d.label.source)
          end
          if d.label then seen[grey] = seen[grey] or d.color end
        end
      end
    end
  end
end

-- faults(figure, svg) -> a list of sentences; svg: what figure:save wrote.
function picture.faults(figure, svg)
  local found = {}
  local function add(format, ...) found[#found + 1] = format:format(...) end
  local page = layout.page(figure)
  local list = boxes(svg, page.font)
  text_faults(list, page.width, page.height, add)
  local shrink = math.min(1, PRINT_WIDTH / page.width)
  for _, box in ipairs(list) do
    if box[6] * shrink < LEAST_SIZE then
      add("'%s' is %.1f pt in print, at least %g pt are readable", box[5], box[6] * shrink, LEAST_SIZE)
      break
    end
  end
  key_faults(page, add)
  look_faults(page, add)
  return found
end

return picture
