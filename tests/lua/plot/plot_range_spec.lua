-- plot_range_spec.lua: what a panel shows of lines and areas that reach beyond its range: exactly their part inside.
-- luacheck: ignore 111 112 113
local lu = require "luaunit"
local plot = require("limn").plot

local here = debug.getinfo(1, "S").source:match("^@(.*)/") or "tests/lua"
local tools = dofile(here .. "/../support/plot_tools.lua")
local svg, curve = tools.svg, tools.curve

TestRange = {}

local LOW, HIGH = 1, 100 -- of both axes

-- Coordinates from 0 to 1 over the range of an axis.
local function value(log, u) return log and LOW * (HIGH / LOW) ^ u or LOW + (HIGH - LOW) * u end

-- A figure with one diagonal, which is the first curve behind areas: its ends give the corners of the panel.
local function framed(log)
  local fig = plot.figure { x = { range = { LOW, HIGH } }, y = { range = { LOW, HIGH }, scale = log and "log10" or nil },
    size = { 9, 6 }, quiet = true } -- gnuplot 5.4 places the corners of large areas wrongly
  return fig:line { x = { LOW, HIGH }, y = { LOW, HIGH }, mark = false }
end

local function corners(s)
  local p = curve(s, 1)
  if #p == 0 then p = curve(s, 2) end
  return p[1][1], p[1][2], p[#p][1], p[#p][2]
end

local function random() return -2 + 5 * math.random() end

function TestRange:test_a_line_with_both_ends_outside_is_drawn()
  local drawn = 0
  for k = 1, 12 do
    local log = k % 2 == 0
    local x0, y0, x1, y1
    local far = k % 3 == 0 and 60 or 1
    repeat x0, y0, x1, y1 = far * random(), far * random(), -random(), -random()
    until math.abs(x1 - x0) > 0.1 and (x0 < 0 or x0 > 1 or y0 < 0 or y0 > 1) and (x1 < 0 or x1 > 1 or y1 < 0 or y1 > 1)
    local s = svg(framed(log):line { x = { value(false, x0), value(false, x1) }, y = { value(log, y0), value(log, y1) }, mark = false })
    local left, bottom, right, top = corners(s)
    local low, high -- the abscissae between which the line is inside
    for i = 0, 20000 do
      local u = i / 20000
      local t = (u - x0) / (x1 - x0)
      local v = y0 + t * (y1 - y0)
      if t >= 0 and t <= 1 and v >= 0 and v <= 1 then low, high = low or u, u end
    end
    local ends = curve(s, 2)
    if low and high - low > 1e-3 then
      drawn = drawn + 1
      lu.assertEquals(#ends, 2)
      if ends[1][1] > ends[2][1] then ends[1], ends[2] = ends[2], ends[1] end
      for i, u in ipairs { low, high } do
        local v = y0 + (u - x0) / (x1 - x0) * (y1 - y0)
        lu.assertAlmostEquals(ends[i][1], left + u * (right - left), 0.1)
        lu.assertAlmostEquals(ends[i][2], bottom + v * (top - bottom), 0.02 + 0.02 * math.abs((y1 - y0) / (x1 - x0)))
      end
    elseif not low then
      lu.assertEquals(#ends, 0)
    end
  end
  lu.assertTrue(drawn > 0)
end

-- Whether a point is in one of the polygons, by the crossings of a ray.
local function covered(polygons, x, y)
  for _, p in ipairs(polygons) do
    local inside, last = false, p[#p]
    for _, q in ipairs(p) do
      if (q[2] > y) ~= (last[2] > y) and x < q[1] + (y - q[2]) / (last[2] - q[2]) * (last[1] - q[1]) then inside = not inside end
      last = q
    end
    if inside then return true end
  end
  return false
end

function TestRange:test_an_area_covers_what_is_between_its_edges_inside_the_panel()
  for k = 1, 12 do
    local log, rows = k % 2 == 0, 2 + k % 3
    local x, lo, hi = {}, {}, {} -- coordinates
    for i = 1, rows do
      x[i] = -1 + 3 * (i - 1 + 0.8 * math.random()) / rows
      lo[i] = random()
      hi[i] = lo[i] + 2 * math.random()
    end
    local function values(of, scale)
      local out = {}
      for i, u in ipairs(of) do out[i] = value(scale, u) end
      return out
    end
    local area = { x = values(x, false), lo = values(lo, log), hi = values(hi, log) }
    local s = svg(k % 4 < 2 and framed(log):band(area)
      or framed(log):line { x = area.x, y = values(lo, log), band = { area.lo, area.hi }, mark = false })
    local left, bottom, right, top = corners(s)
    local polygons = {}
    for list in s:gmatch "<polygon fill = '[^']*' fill%-opacity = '0.200000' points = '([^']*)'" do
      local p = {}
      for a, b in list:gmatch "([-%d.]+),([-%d.]+)" do
        p[#p + 1] = { (tonumber(a) - left) / (right - left), (tonumber(b) - bottom) / (top - bottom) }
        for _, u in ipairs(p[#p]) do lu.assertTrue(u > -0.001 and u < 1.001, list) end
      end
      polygons[#polygons + 1] = p
    end
    for _ = 1, 300 do
      local u, v = math.random(), math.random()
      local expected, unsure = false, false
      for i = 2, rows do
        if u >= x[i - 1] and u <= x[i] then
          local t = (u - x[i - 1]) / (x[i] - x[i - 1])
          local a, b = lo[i - 1] + t * (lo[i] - lo[i - 1]), hi[i - 1] + t * (hi[i] - hi[i - 1])
          expected = v >= a and v <= b
          local slope = math.max(math.abs(lo[i] - lo[i - 1]), math.abs(hi[i] - hi[i - 1])) / (x[i] - x[i - 1])
          unsure = math.min(math.abs(v - a), math.abs(v - b)) < 0.002 * (1 + slope)
        end
        unsure = unsure or math.abs(u - x[i - 1]) < 0.002 or math.abs(u - x[i]) < 0.002
      end
      if not unsure then lu.assertEquals(covered(polygons, u, v), expected, ("figure %d at %g, %g"):format(k, u, v)) end
    end
  end
end

tools.finish()
