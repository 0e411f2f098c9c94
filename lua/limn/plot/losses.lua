-- limn/plot/losses.lua: counts the data that a figure does not show, the same way for all kinds of layers, and puts the
-- counts into the notes of the figure. Notes {lost=} are also printed by figure:save.

local native = require("limn.native").plot

local losses = {}

local function named(d) return d.label and (d.kind .. " '" .. d.label.source .. "'") or d.kind end

-- Indices at which one of the columns is not finite, at which one that is on a log axis is <= 0, and their numbers.
local function count(columns, logs, n)
  local bad, low, all = 0, 0, {}
  for k, c in ipairs(columns) do
    local _, _, _, finite, refused = native.extent(c)
    if finite < n or (logs[k] and refused > 0) then all[#all + 1] = { native.totable(c), logs[k] } end
  end
  if #all == 0 then return 0, 0 end
  for i = 1, n do
    local gap, below = false, false
    for _, pair in ipairs(all) do
      local v = pair[1][i]
      if v - v ~= 0 then gap = true elseif pair[2] and v <= 0 then below = true end
    end
    if gap then bad = bad + 1 elseif below then low = low + 1 end
  end
  return bad, low
end

local function report(view, d, columns, logs, n, what)
  local bad, low = count(columns, logs, n)
  if bad > 0 then
    view.notes[#view.notes + 1] = { lost = string.format("%s of %d %s not finite, left as gaps (%s)",
      bad == n and "all" or tostring(bad), n, what, named(d)) }
  end
  if low > 0 then
    view.notes[#view.notes + 1] = { lost = string.format("%d of %d %s <= 0 not shown on log axis (%s)", low, n, what,
      named(d)) }
  end
end

-- Intervals: lower ends without a place are drawn from the edge of the panel, which a note reports; intervals that lie
-- at or below 0 as a whole are lost. centres: columns of the points that the intervals are about, which may be gaps themselves.
local function intervals(view, d, lo, hi, axis, centres)
  if not lo or d.intervals_reported then return end
  local _, _, _, finite, refused = native.extent(lo)
  local _, _, _, finite_hi, refused_hi = native.extent(hi)
  if finite == d.n and finite_hi == d.n and not (axis.log and (refused > 0 or refused_hi > 0)) then return end
  local a, b, cut, gone, open, unknown = native.totable(lo), native.totable(hi), 0, 0, 0, 0
  local x, y = centres and native.totable(centres[1]), centres and native.totable(centres[2])
  for i = 1, d.n do
    if a[i] ~= a[i] or b[i] ~= b[i] then
      unknown = unknown + ((not centres or x[i] - x[i] == 0 and y[i] - y[i] == 0) and 1 or 0)
    elseif axis.log and b[i] <= 0 then gone = gone + 1
    elseif axis.log and a[i] <= 0 then cut = cut + 1
    elseif a[i] == -math.huge or b[i] == math.huge then open = open + 1 end
  end
  local function note(k, text)
    if k > 0 then view.notes[#view.notes + 1] = { lost = ("%d of %d intervals "):format(k, d.n) .. text
      .. " (" .. named(d) .. ")" } end
  end
  note(cut, "reach to 0 or below: drawn from the edge of the log axis")
  note(gone, "lie at or below 0, not shown on log axis")
  note(open, "without end: drawn to the edge of the panel")
  note(unknown, centres and "not known (nan): points without one" or "not known (nan), left as gaps")
end

local LINES = { line = true, points = true, errorbars = true, steps = true, func = true, violin = true, strip = true }

-- Notes on one layer; its columns are the user's, neither thinned nor rescaled.
function losses.note(view, d)
  local axis = d.axis == "y2" and view.y2 or view.y
  if d.n == 0 or view.panel.zoom then return end -- an enlarged part says no more than its host
  if LINES[d.kind] then
    report(view, d, d.z and { d.x, d.y, d.z } or { d.x, d.y }, { view.x.log, axis.log }, d.n,
      d.kind == "func" and "samples" or (d.kind == "violin" or d.kind == "strip") and "values" or "points")
    intervals(view, d, d.lo or d.band_lo, d.hi or d.band_hi, axis, { d.x, d.y })
    intervals(view, d, d.xlo, d.xhi, view.x, { d.x, d.y })
  elseif d.kind == "bars" then
    report(view, d, { d.x, d.y }, { view.x.log, axis.log }, d.n, "bars")
    intervals(view, d, d.lo, d.hi, axis, { d.x, d.y })
  elseif d.kind == "band" then
    report(view, d, { d.x }, { view.x.log }, d.n, "points")
    intervals(view, d, d.lo, d.hi, axis)
  elseif d.kind == "heatmap" or d.kind == "contour" then
    d.void = select(4, native.extent(d.z)) == 0
    report(view, d, { d.z }, {}, d.rows * d.cols, "cells")
    for _, side in ipairs { { d.x, view.x, d.cols, "columns" }, { d.y, view.y, d.rows, "rows" } } do
      report(view, d, { side[1] }, { side[2].log }, side[3], side[4])
    end
  elseif d.kind == "hline" and axis.log and d.y <= 0 then
    view.notes[#view.notes + 1] = { lost = ("line at y = %s not shown on log axis (%s)"):format(native.number(d.y), named(d)) }
  elseif d.kind == "vline" and view.x.log and d.x <= 0 then
    view.notes[#view.notes + 1] = { lost = ("line at x = %s not shown on log axis (%s)"):format(native.number(d.x), named(d)) }
  end
end

-- Notes on the colours of the layers of a view, before colour values are rescaled. d.void: no value has a colour.
function losses.colours(view, axis)
  for _, d in ipairs(view.drawn) do
    local below, finite, n = 0, 0, 0
    for _, c in ipairs(d.pictures or (d.coloured and d.z and { d.z }) or {}) do
      local column, rows, cols = native.column(c, "plot", "z")
      local _, _, _, known, refused = native.extent(column)
      below, finite, n = below + refused, finite + known, n + rows * cols
    end
    if d.coloured and n > 0 then
      d.void = finite == 0 or (axis.log and below == finite)
      if axis.log and below > 0 then
        view.notes[#view.notes + 1] = { lost = string.format("%d of %d %s <= 0 not shown on log colour scale (%s)", below, n,
          d.kind == "points" and "points" or "cells", named(d)) }
      end
      if finite < n and d.pictures then
        view.notes[#view.notes + 1] = { lost = string.format("%d of %d cells not finite, left as gaps (%s)", n - finite, n,
          named(d)) }
      end
    end
  end
end

return losses
