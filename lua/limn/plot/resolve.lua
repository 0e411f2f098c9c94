-- limn/plot/resolve.lua: prepares the layers of a panel for drawing: assigns styles, computes the ranges of the axes,
-- samples functions and thins long series. Notes report what the picture does not show.

local native = require("limn.native").plot
local replicates = require "limn.plot.replicates"
local stacks = require "limn.plot.stacks"
local style = require "limn.plot.style"
local axes = require "limn.plot.axes"
local clip = require "limn.plot.clip"
local losses = require "limn.plot.losses"

local resolve = {}

resolve.common = {} -- a key of the table of known series: whether one legend explains all panels

local SERIES = { line = true, points = true, errorbars = true, steps = true, bars = true, histogram = true,
  func = true, violin = true, strip = true }
-- Drawing order, from back to front: fields, bands, bars, theory, measured lines and marks, text.
local DEPTH = { heatmap = 0, image = 0, band = 1, bars = 2, histogram = 2, violin = 2, contour = 3, hline = 3.2, vline = 3.2,
  func = 4,
  line = 5, steps = 5, strip = 5.5, points = 6, errorbars = 6, arrow = 7, text = 8 }

-- ---- styles --------------------------------------------------------------------------------------

-- Numbers the series of a panel; the number selects colour, mark and dash. Series with equal labels have equal numbers
-- in all panels of a figure.
local function number_series(drawn, known)
  local reserved, next_free = {}, 1
  if known[resolve.common] then -- one legend for all panels: the series of other panels keep their looks
    for name, k in pairs(known) do
      if name ~= resolve.common then reserved[k] = true end
    end
  end
  for _, d in ipairs(drawn) do
    local name = d.label and d.label.source
    if name and known[name] and SERIES[d.kind] and not d.law then reserved[known[name]] = true end
  end
  for _, d in ipairs(drawn) do
    if SERIES[d.kind] and not d.law then
      local name = d.label and d.label.source
      if name and known[name] then
        d.series = known[name]
      else
        while reserved[next_free] do next_free = next_free + 1 end
        d.series = next_free
        reserved[next_free] = true
        if name then known[name] = next_free end
      end
    end
  end
end

local function dash_of(d, order)
  if type(d.dash) == "table" then return d.dash end
  if d.dash then return style.dashes[d.dash] end
  return style.dashes[style.dash_order[(order - 1) % #style.dash_order + 1]]
end

-- The mark of a layer that has one: its type and its size.
local function assign_mark(d, k)
  local name = type(d.mark) == "string" and d.mark or style.marks[(k - 1) % #style.marks + 1]
  local size = d.size or ((d.kind == "points" or d.kind == "strip") and (d.n > 400 and 1.2 or d.n > 100 and 1.8 or 2.4)) or 2.7
  d.point = style.mark_types[name]
  d.size = size * style.mark_scale[d.point]
end

local function is_marked(d)
  if d.kind == "points" or d.kind == "errorbars" or d.kind == "strip" then return true end
  if d.kind ~= "line" or d.mark == false then return false end
  return d.mark ~= nil or (d.n <= 30 and not d.law)
end

local function assign_series(d, k)
  d.color = d.color or style.colors[(k - 1) % #style.colors + 1]
  if is_marked(d) then assign_mark(d, k) end
  d.width = d.width or (d.kind == "errorbars" and 0.8 or 1.2)
  d.dash = dash_of(d, d.point and (k - 1) // #style.colors + 1 or (d.kind == "line" or d.kind == "func" or d.kind == "steps") and k or 1)
end

local function assign_band(d, bands, by_order)
  local partner = by_order[bands]
  d.color = d.color or (partner and (style.color("band", "color", partner.color)
    or style.colors[(partner.series - 1) % #style.colors + 1])) or style.colors[(bands - 1) % #style.colors + 1]
end

local FILLED = { bars = true, histogram = true, violin = true }

-- Of several filled series in a panel all but the first are hatched, each in another way: colour alone does not tell them apart.
local function assign_hatches(drawn)
  local count, seen = 0, {}
  for _, d in ipairs(drawn) do
    if FILLED[d.kind] and d.fill ~= false and d.series then
      if not seen[d.series] then count, seen[d.series] = count + 1, count % (#style.hatches + 1) end
      d.hatch = style.hatches[seen[d.series]]
    end
  end
end

local function assign_styles(drawn, known)
  number_series(drawn, known)
  local laws, bands, by_order = 0, 0, {}
  for _, d in ipairs(drawn) do
    if d.series then by_order[#by_order + 1] = d end
  end
  for _, d in ipairs(drawn) do
    if d.law then
      if d.label or laws == 0 then laws = laws + 1 end -- laws without a label share one style
      d.color = d.color or style.law
      d.width = d.width or 0.8
      d.dash = dash_of(d, laws)
      if is_marked(d) then assign_mark(d, laws) end
    elseif d.series then
      assign_series(d, d.series)
    elseif d.kind == "band" then
      bands = bands + 1
      assign_band(d, bands, by_order)
    elseif d.kind == "hline" or d.kind == "vline" then
      d.color, d.width, d.dash = d.color or "#7F7F7F", d.width or 0.7, d.dash and dash_of(d, 1) or style.dashes.dashed
    elseif d.kind == "contour" then
      d.color, d.width, d.dash = d.color or style.law, d.width or 0.9, dash_of(d, 1)
    else
      d.color, d.width, d.dash = d.color or style.ink, d.width or 0.8, dash_of(d, 1)
    end
  end
  assign_hatches(drawn)
end

-- ---- ranges ----------------------------------------------------------------------------------------

local function edges_of(v, n)
  local t = native.totable(v)
  local half_first = n > 1 and (t[2] - t[1]) / 2 or 0.5
  local half_last = n > 1 and (t[n] - t[n - 1]) / 2 or 0.5
  local a, b = t[1] - half_first, t[n] + half_last
  return math.min(a, b), math.max(a, b)
end

-- The edges of the cells of a field along an axis: midpoints between the centres, on the scale of the axis.
function resolve.cell_edges(v, n, axis)
  local t, out = native.totable(v), {}
  for i = 1, n do t[i] = axes.place(axis, t[i]) end
  local first = n > 1 and (t[2] - t[1]) / 2 or 0.5
  local last = n > 1 and (t[n] - t[n - 1]) / 2 or 0.5
  out[1] = axes.value(axis, t[1] - first)
  for i = 2, n do out[i] = axes.value(axis, (t[i - 1] + t[i]) / 2) end
  out[n + 1] = axes.value(axis, t[n] + last)
  return out
end

local function field_extent(extent, v, n, axis)
  local low, high
  if axis.log then
    local e = resolve.cell_edges(v, n, axis)
    low, high = math.min(e[1], e[n + 1]), math.max(e[1], e[n + 1])
  else
    low, high = edges_of(v, n)
  end
  if low == low then axes.include_values(extent, low, high) end
  extent.tight = extent.tight == nil or extent.tight
end

local function x_extent(view)
  local extent = {}
  local only_fields = true
  for _, d in ipairs(view.drawn) do
    if d.kind == "heatmap" or d.kind == "contour" then
      field_extent(extent, d.x, d.cols, view.x)
    elseif d.kind == "histogram" and d.n == 0 then
      only_fields = false
    elseif d.left or d.kind == "bars" or d.kind == "histogram" then
      axes.include(extent, d.left or d.x or d.y)
      if d.right then axes.include(extent, d.right) end
      only_fields = false
    elseif d.x and type(d.x) ~= "number" then
      axes.include(extent, d.x)
      if d.xlo then
        axes.include(extent, d.xlo)
        axes.include(extent, d.xhi)
      end
      only_fields = false
    elseif d.kind == "func" and d.from then
      axes.include_values(extent, d.from, d.to or d.from)
    elseif d.kind == "vline" then
      axes.include_values(extent, d.x, d.x)
    end
  end
  if not only_fields and not view.has_field then extent.tight = nil end
  return extent
end

local function y_extent(view, which)
  local extent = {}
  local only_fields = true
  for _, d in ipairs(view.drawn) do
    if d.axis == which or (which == "y" and not d.axis) then
      if d.kind == "heatmap" or d.kind == "contour" then
        field_extent(extent, d.y, d.rows, view.y)
      elseif d.kind == "hline" then
        axes.include_values(extent, d.y, d.y)
      elseif d.kind == "bars" then
        axes.include(extent, d.top)
        if d.bottom then axes.include(extent, d.bottom) end
        extent.tight_zero, only_fields = true, false
      elseif d.kind == "histogram" and d.y then
        axes.include(extent, d.y)
        axes.include_values(extent, 0, 0)
        extent.tight_zero, only_fields = true, false
      elseif d.y and type(d.y) ~= "number" then
        axes.include(extent, d.y)
        only_fields = false
      end
      for _, name in ipairs { "lo", "hi", "band_lo", "band_hi" } do
        if d[name] and type(d[name]) == "userdata" then
          axes.include(extent, d[name])
          only_fields = false
        end
      end
    end
  end
  if not only_fields and not view.has_field then extent.tight = nil end
  return extent
end

-- ---- functions and thinning -----------------------------------------------------------------------

local function sample(d, axis)
  local from, to = axes.place(axis, d.from or axis.low), axes.place(axis, d.to or axis.high)
  local x, y, unit = {}, {}, 10.0 ^ (axis.exponent or 0)
  for i = 1, d.samples do
    local v = axes.value(axis, from + (to - from) * (i - 1) / (d.samples - 1))
    local ok = d.f(v * unit)
    x[i], y[i] = v, type(ok) == "number" and ok or 0 / 0
  end
  d.x, d.y, d.n = (native.column(x, d.who, "f")), (native.column(y, d.who, "f")), d.samples
end

local MOST_MARKS = 25000 -- gnuplot draws as many in about a second

-- Thins a scatter plot on a grid of cells, which is made coarser until at most `most` points are left -> the size of a
-- cell in points.
local function thin_marks(d, x, y, width, height, most)
  local cell, step = 1 / 3, 1.25
  local function grid(axis, length)
    return { axis.low, axis.high, math.max(16, math.ceil(length / cell)), axis.log }
  end
  while true do
    local kx, ky, kz = native.thin_points(d.x, d.y, grid(x, width), grid(y, height), d.z)
    local _, left = native.column(kx, d.who, "x")
    if left <= most or cell > 2 then
      d.x, d.y, d.z, d.n = kx, ky, kz, left
      return cell
    end
    cell = cell * math.max(step, math.min(2, math.sqrt(left / most)))
  end
end

-- Removes points of long series that are not visible at the size of the page; a note reports their number.
local function thin(d, view, width, height, notes)
  if d.thin == false or d.n == nil then return end
  local limit = math.type(d.thin) == "integer" and d.thin or 20000
  if d.n <= limit or (d.kind == "points" and d.alpha and d.alpha < 1) then return end -- marks that show through add up
  local before, within = d.n, 0.25
  local x, y = view.x, d.axis == "y2" and view.y2 or view.y
  local columns = math.max(64, math.ceil(width * 4)) -- a quarter of a point, less than the width of a line
  if d.kind == "line" or d.kind == "steps" or d.kind == "band" then
    if x.scale == "symlog" then return end
    if d.kind == "band" then
      d.x, d.lo, d.hi = native.thin_band(d.x, d.lo, d.hi, x.low, x.high, columns, x.log)
    else
      local at = d.x
      if d.band_lo then
        d.band_x, d.band_lo, d.band_hi = native.thin_band(at, d.band_lo, d.band_hi, x.low, x.high, columns, x.log)
      end
      d.x, d.y = native.thin_line(at, d.y, x.low, x.high, columns, x.log)
    end
    d.n = select(2, native.column(d.x, d.who, "x"))
  elseif d.kind == "points" and x.scale ~= "symlog" and y.scale ~= "symlog" then
    within = thin_marks(d, x, y, width, height, math.max(limit, MOST_MARKS))
  else
    return
  end
  if d.n < before then
    notes[#notes + 1] = string.format("%s%s: %d of %d points drawn; each omitted point is within %.2g pt of these",
      d.kind, d.label and " '" .. d.label.source .. "'" or "", d.n, before, within)
  end
end

-- ---- a panel ----------------------------------------------------------------------------------------

-- Names on the x axis: 1, 2, ... in the order in which the layers of the panel name them first; equal names of several
-- layers have the same place.
local function place_names(view)
  local places, ticks = {}, {}
  for _, d in ipairs(view.drawn) do
    if d.categories then
      local x = {}
      for i, name in ipairs(d.categories) do
        local key = name.source
        if not places[key] then
          ticks[#ticks + 1] = { #ticks + 1, name }
          places[key] = #ticks
        end
        x[i] = places[key] + (d.shift and d.shift[i] or 0)
      end
      d.x = (native.column(x, d.who, "x"))
    end
  end
  if #ticks > 0 and not view.x.ticks then view.x.ticks, view.x.minor, view.named = ticks, false, true end
  if #ticks > 0 then view.x.scale, view.x.log = "linear", false end -- places are counted
end

-- Stage 1: copies of the layers with their styles, and the notes on data that have no place on the axes.
function resolve.begin(panel, known)
  local view = { panel = panel, drawn = {}, notes = {} }
  for name, axis in pairs { x = panel.x, y = panel.y, y2 = panel.y2 } do
    view[name] = setmetatable({}, { __index = axis })
  end
  for i, layer in ipairs(panel.layers) do
    local d = setmetatable({ order = i, width_given = layer.width }, { __index = layer })
    view.drawn[i] = d
    if d.kind == "heatmap" or d.kind == "image" or d.kind == "contour" then view.has_field = view.has_field
      or d.kind ~= "contour" end
    if d.kind == "image" then view.sheet = d end
    if d.axis == "y2" then view.uses_y2 = true end
  end
  assign_styles(view.drawn, known)
  place_names(view)
  for _, d in ipairs(view.drawn) do
    if d.kind ~= "func" then losses.note(view, d) end
  end
  return view
end

-- Stage 2, after the unit of x is set: the places of bars and the extent of the x axis.
function resolve.across(view)
  stacks.across(view.drawn)
  replicates.across(view)
  view.extent_x = x_extent(view)
end

-- Stage 3, after the range of x is set: samples functions.
function resolve.functions(view)
  for _, d in ipairs(view.drawn) do
    if d.kind == "func" then
      sample(d, view.x)
      losses.note(view, d)
    end
  end
end

-- Stage 4, after the units of y are set: the heights of bars and the extents of the y axes.
function resolve.upward(view)
  stacks.upward(view.drawn, view)
  replicates.upward(view)
  view.extent_y = y_extent(view, "y")
  view.extent_y2 = y_extent(view, "y2")
end

-- Stage 5, after the range of y and the size of the axes in points are set: thins, collects notes, sorts by depth.
function resolve.finish(view, width, height)
  for _, d in ipairs(view.drawn) do
    if not view.thinned then
      thin(d, view, width, height, view.notes)
      clip.layer(d, view.x, d.axis == "y2" and view.y2 or view.y)
    end
    for _, note in ipairs(d.notes or {}) do
      if not view.thinned then view.notes[#view.notes + 1] = note end
    end
  end
  view.thinned = true
  table.sort(view.drawn, function(a, b)
    local da, db = a.law and a.kind ~= "text" and 3.5 or DEPTH[a.kind], b.law and b.kind ~= "text" and 3.5
      or DEPTH[b.kind]
    if da ~= db then return da < db end
    return a.order < b.order
  end)
end

-- The union of a list of extents.
function resolve.union(extents)
  local all = {}
  local tight = true
  for _, e in ipairs(extents) do
    axes.include_values(all, e.low, e.high, e.positive)
    if e.low and not e.tight then tight = false end
    all.tight_zero = all.tight_zero or e.tight_zero
  end
  all.tight = tight and #extents > 0 or nil
  return all
end

return resolve
