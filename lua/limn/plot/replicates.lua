-- limn/plot/replicates.lua: the shapes of violins and strips. Densities are those of Gaussian kernels with Silverman's
-- bandwidth, on the scale of the y axis, and end at the least and the largest value.

local native = require("limn.native").plot
local span = require "limn.plot.span"

local replicates = {}

local KINDS = { violin = true, strip = true }
local STEPS = 64 -- heights at which the outline of a violin is computed
local MOST_KERNELS = 2000 -- values of a place that make up its density

local function set(d, columns)
  for name, t in pairs(columns) do
    if #t == 0 then t = { 0 / 0 } end
    d[name] = (native.column(t, d.who, name))
  end
end

-- The places of a layer in ascending order: { x =, values = coordinates on the y axis, ascending }.
local function groups_of(d, axis)
  local x, y, by, list = native.totable(d.x), native.totable(d.y), {}, {}
  for i, place in ipairs(x) do
    local u = span.place(axis, y[i])
    if place == place and u - u == 0 then
      if not by[place] then
        by[place] = { x = place, values = {} }
        list[#list + 1] = by[place]
      end
      table.insert(by[place].values, u)
    end
  end
  table.sort(list, function(a, b) return a.x < b.x end)
  for _, g in ipairs(list) do table.sort(g.values) end
  return list
end

-- The least distance of the places of all layers, on the x axis; 1 if there is one place.
local function pitch(drawn, axis)
  local all, step = {}, math.huge
  for _, d in ipairs(drawn) do
    for _, v in ipairs(KINDS[d.kind] and native.totable(d.x) or {}) do
      local u = span.place(axis, v)
      if u - u == 0 then all[#all + 1] = u end
    end
  end
  table.sort(all)
  for i = 2, #all do
    if all[i] > all[i - 1] then step = math.min(step, all[i] - all[i - 1]) end
  end
  return step < math.huge and step or axis.log and math.log(axis.base) or 1
end

-- Sets d.slot = { shift, half width } of each layer, in coordinates of the x axis, and d.left and d.right of its places.
-- Layers of one kind are side by side.
function replicates.across(view)
  local axis, of = view.x, { violin = 0, strip = 0 }
  for _, d in ipairs(view.drawn) do
    if KINDS[d.kind] then of[d.kind] = of[d.kind] + 1 end
  end
  if of.violin + of.strip == 0 then return end
  local step, at = pitch(view.drawn, axis), { violin = 0, strip = 0 }
  for _, d in ipairs(view.drawn) do
    if KINDS[d.kind] then
      local whole = (d.width_given or 0.8) * step
      local one = whole / of[d.kind]
      d.slot = { at[d.kind] * one - whole / 2 + one / 2, one / 2 * (of[d.kind] > 1 and 0.92 or 1) }
      at[d.kind] = at[d.kind] + 1
      local left, right = {}, {}
      for i, v in ipairs(native.totable(d.x)) do
        local u = span.place(axis, v) + d.slot[1]
        left[i], right[i] = span.value(axis, u - d.slot[2]), span.value(axis, u + d.slot[2])
      end
      set(d, { left = left, right = right })
    end
  end
end

local function quantile(v, q)
  local at = q * (#v - 1) + 1
  local i = math.floor(at)
  return v[i] + (at - i) * ((v[i + 1] or v[i]) - v[i])
end

local function mean(v)
  local m = 0
  for i, u in ipairs(v) do m = m + (u - m) / i end
  return m
end

-- Silverman's bandwidth, 0.9 min(sd, IQR/1.34) n^(-1/5); nil if all values are equal.
local function bandwidth(v)
  local m, square = mean(v), 0
  for _, u in ipairs(v) do square = square + (u - m) ^ 2 end
  local sd, iqr = math.sqrt(square / math.max(1, #v - 1)), quantile(v, 0.75) - quantile(v, 0.25)
  local h = 0.9 * (iqr > 0 and math.min(sd, iqr / 1.34) or sd) * (#v) ^ -0.2
  return h > 0 and h < math.huge and h or nil
end

-- The density of the ascending values v at STEPS + 1 equidistant coordinates from the first to the last, relative to its
-- maximum: profile[0 .. STEPS].
local function profile(v)
  local h, stride, heights, most = bandwidth(v), math.max(1, #v // MOST_KERNELS), {}, 0
  for i = 0, STEPS do
    local u, sum = v[1] + (v[#v] - v[1]) * (i / STEPS), h and 0 or 1
    for k = 1, h and #v or 0, stride do
      local t = (u - v[k]) / h
      if t * t < 50 then sum = sum + math.exp(-t * t / 2) end
    end
    heights[i], most = sum, math.max(most, sum)
  end
  for i = 0, STEPS do heights[i] = most > 0 and heights[i] / most or 0 end
  return heights
end

-- The density at u, between the coordinates of a profile.
local function at(heights, v, u)
  if v[#v] <= v[1] then return 1 end
  local f = (u - v[1]) / (v[#v] - v[1]) * STEPS
  local i = math.max(0, math.min(STEPS - 1, math.floor(f)))
  return heights[i] + (f - i) * (heights[i + 1] - heights[i])
end

-- The outlines as columns shape_x, shape_y, one after the other, parted by nan; d.lo, d.hi: quartiles; d.top: medians;
-- d.middle: their places.
local function violins(d, view, axis)
  local sx, sy, middle, lo, hi, top = {}, {}, {}, {}, {}, {}
  for k, g in ipairs(groups_of(d, axis)) do
    local v, centre, heights = g.values, span.place(view.x, g.x) + d.slot[1], profile(g.values)
    if v[#v] > v[1] then
      if #sx > 0 then sx[#sx + 1], sy[#sy + 1] = 0 / 0, 0 / 0 end
      for _, side in ipairs { -1, 1 } do
        for i = side < 0 and 0 or STEPS, side < 0 and STEPS or 0, -side do
          sx[#sx + 1] = span.value(view.x, centre + side * d.slot[2] * heights[i])
          sy[#sy + 1] = span.value(axis, v[1] + (v[#v] - v[1]) * (i / STEPS))
        end
      end
    end
    middle[k], top[k] = span.value(view.x, centre), span.value(axis, quantile(v, 0.5))
    lo[k], hi[k] = span.value(axis, quantile(v, 0.25)), span.value(axis, quantile(v, 0.75))
  end
  set(d, { shape_x = sx, shape_y = sy, middle = middle, lo = lo, hi = hi, top = top })
end

-- The k-th term of van der Corput's sequence, between -1 and 1: successive terms are far apart.
local function spread(k)
  local v, step = 0, 1
  while k > 0 do
    step = step / 2
    v, k = v + step * (k % 2), k // 2
  end
  return 2 * v - 1
end

-- The marks as columns shape_x, shape_y: a value is moved sideways in proportion to the density at it. d.top: means;
-- d.middle: their places.
local function strips(d, view, axis)
  local sx, sy, middle, top = {}, {}, {}, {}
  for k, g in ipairs(groups_of(d, axis)) do
    local v, centre, heights, raw = g.values, span.place(view.x, g.x) + d.slot[1], profile(g.values), {}
    for i, u in ipairs(v) do
      local aside = #v > 1 and spread(i) * at(heights, v, u) or 0
      sx[#sx + 1], sy[#sy + 1] = span.value(view.x, centre + 0.8 * aside * d.slot[2]), span.value(axis, u)
      raw[i] = sy[#sy]
    end
    middle[k], top[k] = span.value(view.x, centre), mean(raw)
  end
  set(d, { shape_x = sx, shape_y = sy, middle = middle, top = top })
end

-- The shapes, when the units of both axes are settled.
function replicates.upward(view)
  for _, d in ipairs(view.drawn) do
    local axis = d.axis == "y2" and view.y2 or view.y
    if d.kind == "violin" then violins(d, view, axis) elseif d.kind == "strip" then strips(d, view, axis) end
  end
end

return replicates
