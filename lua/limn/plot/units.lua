-- limn/plot/units.lua: axes whose values are near the ends of the doubles. A linear axis is drawn in a unit, a power of
-- ten (axis.exponent); a logarithmic or symlog axis in its own coordinate (axis.source is the axis before). gnuplot's
-- arithmetic then neither overflows nor vanishes. All other axes and columns stay as they are.

local native = require("limn.native").plot
local span = require "limn.plot.span"

local units = {}

-- The fields of a layer that hold coordinates on x, and on y.
local COLUMNS = {
  x = { "x", "xlo", "xhi", "left", "right", "middle", "band_x", "from", "to",
    "width_given", "shape_x" },
  y = { "y", "lo", "hi", "band_lo", "band_hi", "top", "bottom", "base", "shape_y" },
}

local function on_axis(d, name)
  if d.kind == "image" or (d.kind == "text" and d.at == "panel") then return false end
  return name == "x" or (d.axis or "y") == name
end

-- Replaces the coordinates of a layer on an axis: columns by column(c), numbers by number(v).
local function convert(d, name, column, number)
  for _, field in ipairs(COLUMNS[name == "x" and "x" or "y"]) do
    local v = d[field]
    if type(v) == "userdata" then d[field] = column(v) elseif type(v) == "number" then d[field] = number(v) end
  end
  if d.kind == "arrow" then
    local k = name == "x" and 1 or 2
    for _, field in ipairs { "from", "to" } do
      local at = { d[field][1], d[field][2] }
      at[k] = number(at[k])
      d[field] = at
    end
  end
end

-- ---- linear axes --------------------------------------------------------------------------------------

-- The largest magnitude on an axis: of its range if that is given, else of the data. Arrows and texts have no part in the
-- range of an axis.
local function reach_of(view, name)
  local axis, reach = view[name], 0
  local given = axis.range or {}
  for k = 1, 2 do
    if given[k] then reach = math.max(reach, math.abs(given[k])) end
  end
  if given[1] and given[2] then return reach end
  local function include(v) if v - v == 0 then reach = math.max(reach, math.abs(v)) end end
  for _, d in ipairs(view.drawn) do
    if on_axis(d, name) and d.kind ~= "arrow" and d.kind ~= "text" then
      convert(setmetatable({}, { __index = d }), name, function(c)
        local low, high = native.extent(c)
        if low then include(low); include(high) end
        return c
      end, function(v)
        include(v)
        return v
      end)
    end
  end
  return reach
end

local function rescale(view, name, exponent)
  local axis, unit = view[name], 10.0 ^ exponent
  axis.exponent = exponent
  local given = axis.range
  if given then axis.range = { given[1] and given[1] / unit, given[2] and given[2] / unit } end
  local function number(v) return v / unit end
  for _, d in ipairs(view.drawn) do
    if on_axis(d, name) then convert(d, name, function(c) return c / unit end, number) end
  end
end

-- Gives each linear axis `name` of the views its unit; a common one if they share the axis. A symlog axis whose values
-- all lie in its linear part becomes linear.
function units.settle(views, name, share)
  local pool, own = 0, {}
  for _, view in ipairs(views) do
    local axis = view[name]
    if axis and (not view.sheet or name == "y2") and not axis.log and (name ~= "y2" or view.uses_y2) then
      own[view] = reach_of(view, name)
      if not view.panel.inset_box then pool = math.max(pool, own[view]) end
    end
  end
  for view, reach in pairs(own) do
    local axis = view[name]
    if share and not view.panel.inset_box then reach = pool end
    if axis.scale == "symlog" and reach < 1e-3 * axis.linear then axis.scale = "linear" end -- as good as
    local exponent = axis.scale == "linear" and span.exponent(reach) or 0
    if exponent ~= 0 then rescale(view, name, exponent) end
  end
end

-- ---- logarithmic axes -----------------------------------------------------------------------------------

-- Whether gnuplot computes with the ends of a logarithmic axis without overflow.
local function extreme(axis)
  local reach = math.max(math.abs(axis.low), math.abs(axis.high))
  if axis.log then return reach > 1e300 or axis.low < 1e-300 end
  return axis.scale == "symlog" and (reach > 1e290 or axis.linear < 1e-290 or axis.linear > 1e290
    or reach / axis.linear > 1e100)
end

-- The coordinates of a column on an axis, nan where it has none.
local function placed(axis, c)
  local t = native.totable(c)
  for i, v in ipairs(t) do
    local u = span.place(axis, v)
    t[i] = u - u == 0 and u or 0 / 0
  end
  return (native.column(t, "plot", "column"))
end

-- The linear axis whose values are the coordinates of a fitted axis; axes.ticks takes the ticks from axis.source.
local function straightened(axis)
  return setmetatable({ source = axis, scale = "linear", log = false, low = span.place(axis, axis.low),
    high = span.place(axis, axis.high), range = {} }, { __index = axis })
end

-- Straightens the axis `name` of a view, after its range is set, if its ends are extreme.
function units.straighten(view, name)
  local axis = view[name]
  if (view.sheet and name ~= "y2") or not axis or not axis.low then return end
  local reach = math.max(math.abs(axis.low), math.abs(axis.high))
  if axis.scale == "symlog" and reach < 1e-3 * axis.linear then axis.scale = "linear" end
  if not extreme(axis) then return end
  for _, d in ipairs(view.drawn) do
    if on_axis(d, name) then
      convert(d, name, function(c) return placed(axis, c) end, function(v)
        local u = span.place(axis, v)
        return u == -math.huge and axis.low and span.place(axis, axis.low) - 1 or u
      end)
      d.x_uniform, d.y_uniform = d.x_uniform and name ~= "x", d.y_uniform and name == "x"
    end
  end
  view[name] = straightened(axis)
end

-- ---- colours ----------------------------------------------------------------------------------------------

-- A colour axis with extreme values: the values of its layers are replaced, and an axis for them is returned.
function units.colour(axis, list)
  local reach = math.max(math.abs(axis.low), math.abs(axis.high), math.abs(list[1].centre or 0))
  local exponent = axis.log and 0 or span.exponent(reach)
  if exponent == 0 and not extreme(axis) then return axis end
  local function convert_column(c) return exponent ~= 0 and c / 10.0 ^ exponent or placed(axis, c) end
  for _, d in ipairs(list) do
    if not d.pictures then
      d.z = convert_column(d.z)
    else
      local pictures = {}
      for k, p in ipairs(d.pictures) do
        pictures[k] = native.totable(convert_column((native.column(p, d.who, "z"))))
      end
      d.pictures = pictures
    end
  end
  if exponent == 0 then return straightened(axis) end
  local unit = 10.0 ^ exponent
  axis.low, axis.high, axis.exponent = axis.low / unit, axis.high / unit, exponent
  return axis
end

return units
