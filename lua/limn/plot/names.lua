-- limn/plot/names.lua: names below an axis. Names that do not fit beside each other are written in lines, else turned, else
-- only some of them are shown, which a note reports.

local axes = require "limn.plot.axes"
local measures = require "limn.plot.measures"
local text = require "limn.plot.text"

local names = {}

local MOST_LINES, LONGEST = 3, 110 -- LONGEST: of a turned name, points
local ELLIPSIS = "…"

-- A label that is cut so that it is no wider than `room` points; whether it was cut.
function names.cut(label, room, size, font)
  if not label.literal or text.width(label, size, font) <= room then return label, false end
  local letters = {}
  for _, code in utf8.codes(label.source, true) do letters[#letters + 1] = utf8.char(code) end
  local low, high = 0, #letters
  while low < high do -- the most letters that fit
    local mid = (low + high + 1) // 2
    local short = text.label("name", "name", table.concat(letters, "", 1, mid) .. ELLIPSIS)
    if text.width(short, size, font) <= room then low = mid else high = mid - 1 end
  end
  return text.label("name", "name", table.concat(letters, "", 1, low) .. ELLIPSIS), true
end

-- A name as lines no wider than `room`; nil if that is not possible.
local function wrapped(label, room, size, font)
  if text.width(label, size, font) <= room then return { label } end
  if not label.literal then return nil end
  local lines, line = {}, nil
  for word in label.source:gmatch "%S+" do
    local longer = line and line .. " " .. word or word
    if text.width(text.label("name", "name", longer), size, font) <= room then
      line = longer
    elseif not line or text.width(text.label("name", "name", word), size, font) > room then
      return nil
    else
      lines[#lines + 1], line = text.label("name", "name", line), word
    end
  end
  lines[#lines + 1] = text.label("name", "name", line or " ")
  return #lines <= MOST_LINES and lines or nil
end

local function in_lines(ticks, room, size, font)
  local all, most = {}, 1
  for i, t in ipairs(ticks) do
    all[i] = wrapped(t.label, room, size, font)
    if not all[i] then return nil end
    most = math.max(most, #all[i])
  end
  for i, t in ipairs(ticks) do t.lines = all[i] end
  return most
end

local function turned(view, ticks, pitch, size, font)
  local stride, shown, widest, short = math.max(1, math.ceil(size * 1.05 / pitch)), 0, 0, 0
  for i, t in ipairs(ticks) do
    if (i - 1) % stride == 0 then
      local cut
      t.label, cut = names.cut(t.label, LONGEST, size, font)
      t.turned, shown, short = true, shown + 1, short + (cut and 1 or 0)
      widest = math.max(widest, text.width(t.label, size, font))
    else
      t.label, t.minor = nil, true
    end
  end
  view.names_note = shown < #ticks and ("%d of %d names shown on the x axis"):format(shown, #ticks)
    or short > 0 and ("%d of %d names on the x axis are cut"):format(short, #ticks) or nil
  return widest
end

-- Arranges the names of a view whose axis is `width` points long -> the height of the names, points.
function names.arrange(view, page, width)
  local ticks, size, pitch = {}, page.small, width
  for _, t in ipairs(view.xticks) do
    if t.label and not t.minor then ticks[#ticks + 1] = t end
  end
  table.sort(ticks, function(a, b) return a.v < b.v end)
  for i = 2, #ticks do
    pitch = math.min(pitch, math.abs(axes.fraction(view.x, ticks[i].v) - axes.fraction(view.x, ticks[i - 1].v)) * width)
  end
  view.names_note = nil
  local lines = in_lines(ticks, pitch - 0.4 * size, size, page.font)
  if lines then return size * (1.5 + 1.15 * (lines - 1)) end
  if page.font == "typed" then return size * 1.5 end -- characters cannot be turned
  return turned(view, ticks, math.max(pitch, 0.01), size, page.font) + size * 0.6 + measures.TICK
end

return names
