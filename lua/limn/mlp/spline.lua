-- limn/mlp/spline.lua: ReLU nets of one input as piecewise linear functions: knots, slopes and the integral of |f''|, exactly.
--
-- All units of a layer are lines a x + b on the segments between the knots found so far. An affine layer maps a and b; a unit
-- that changes its sign inside a segment adds a knot there, and is 0 on the segments where it is negative.

local limn_native = require "limn.native"
local check = require "limn.base.check"
local rules = require "limn.mlp.options"
local Net = require("limn.mlp.net").Net
local native, arrays = limn_native.mlp, limn_native.array

local Spline = { __name = "limn.mlp.spline" }
Spline.__index = Spline

function Spline:__tostring()
  return ("limn.mlp.spline: %d knots, integral of |f''| %.6g"):format(#self.knots, self.bend)
end

-- A point inside segment s of the sorted knots.
local function inside(knots, s)
  local low, high = knots[s - 1], knots[s]
  if not low and not high then return 0.0 end
  if not low then return high - 1 - math.abs(high) end
  if not high then return low + 1 + math.abs(low) end
  return low + (high - low) / 2
end

-- Where the lines change their signs: the knots of the next layer, and for each of its segments the present segment.
local function refined(knots, a, b)
  local next_knots, from = {}, { 1 }
  for s = 1, #knots + 1 do
    local low, high, zeros = knots[s - 1] or -math.huge, knots[s] or math.huge, {}
    for u = 1, #a do
      local slope = a[u][s]
      if slope ~= 0 then
        local x = -b[u][s] / slope
        if x > low and x < high then zeros[#zeros + 1] = x end
      end
    end
    table.sort(zeros)
    for i, x in ipairs(zeros) do
      if x ~= zeros[i - 1] then
        next_knots[#next_knots + 1] = x
        from[#from + 1] = s
      end
    end
    if knots[s] then
      next_knots[#next_knots + 1] = knots[s]
      from[#from + 1] = s + 1
    end
  end
  return next_knots, from
end

local function rectified(knots, a, b)
  local next_knots, from = refined(knots, a, b)
  local A, B = arrays.zeros(#a, #from), arrays.zeros(#a, #from)
  for s, old in ipairs(from) do
    local x = inside(next_knots, s)
    for u = 1, #a do
      local slope, offset = a[u][old], b[u][old]
      if slope * x + offset > 0 then
        A:set(u, s, slope)
        B:set(u, s, offset)
      end
    end
  end
  return next_knots, A, B
end

-- The slopes and offsets of the output on each segment.
local function lines_of(handle, member, layers)
  local knots, a, b = {}, arrays.ones(1, 1), arrays.zeros(1, 1)
  for l, layer in ipairs(layers) do
    local w, bias = native.get(handle, member, 1, l)
    w = w * layer.multiplier
    a, b = w:matmul(a), w:matmul(b)
    b = b + (bias * layer.bias_multiplier):reshape(#bias, 1)
    if l < #layers then knots, a, b = rectified(knots, a:totable(), b:totable()) end
  end
  return knots, a:row(1):totable(), b:row(1):totable()
end

-- The difference of two functions on the union of their knots.
local function minus(knots, a, b, other, c, d)
  local out, slopes, offsets, i, j = {}, { a[1] - c[1] }, { b[1] - d[1] }, 1, 1
  while knots[i] or other[j] do
    local x = math.min(knots[i] or math.huge, other[j] or math.huge)
    if knots[i] == x then i = i + 1 end
    if other[j] == x then j = j + 1 end
    out[#out + 1], slopes[#slopes + 1], offsets[#offsets + 1] = x, a[i] - c[j], b[i] - d[j]
  end
  return out, slopes, offsets
end

-- spline{member=1, from=, to=} -> the function of a ReLU net of one input: .knots, .slopes (one more), .offsets, .values at the
-- knots, .bend, the integral of |f''|: the sum of the absolute changes of slope. from, to: only knots between them.
function Net:spline(options)
  local who = "net:spline"
  local o = rules.probe(self, who, options, { from = { type = "number", default = -math.huge, finite = false },
    to = { type = "number", default = math.huge, finite = false } })
  if self.sizes[1] ~= 1 or self.sizes[#self.sizes] ~= 1 then
    check.fail("%s: the net must have 1 input and 1 output, got sizes %s", who, table.concat(self.sizes, "-"))
  end
  if self.activation ~= "relu" and self.activation ~= "linear" then
    check.fail('%s: only nets with activation="relu" are piecewise linear, got %q', who, tostring(self.activation))
  end
  if self.start == "antisymmetric" then check.fail('%s: start must be "random" or "none", got "antisymmetric"', who) end
  local layers = self:parameters { member = o.member }
  local knots, slopes, offsets
  if self.activation == "linear" then
    local at = native.forward(self.handle, arrays.array { { 0.0 }, { 1.0 } })
    local f0, f1 = at:reshape(self.count, 2):get(o.member, 1), at:reshape(self.count, 2):get(o.member, 2)
    knots, slopes, offsets = {}, { f1 - f0 }, { f0 }
  else
    knots, slopes, offsets = lines_of(self.handle, o.member, layers)
    if self.start == "none" then
      knots, slopes, offsets = minus(knots, slopes, offsets, lines_of(native.copy(self.handle, o.member, true), 1, layers))
    end
  end
  local list, values, bend, first, last = {}, {}, 0, nil, 1
  for i, x in ipairs(knots) do
    if x > o.from and x < o.to then
      first, last = first or i, i + 1
      list[#list + 1], values[#values + 1] = x, slopes[i] * x + offsets[i]
      bend = bend + math.abs(slopes[i + 1] - slopes[i])
    elseif x <= o.from then
      last = i + 1
    end
  end
  first = first or last
  local function vector(numbers) return #numbers > 0 and arrays.array(numbers) or arrays.zeros(0) end
  local function part(lines) return arrays.array(table.move(lines, first, last, 1, {})) end
  return setmetatable({ knots = vector(list), values = vector(values), bend = bend, slopes = part(slopes),
    offsets = part(offsets) }, Spline)
end

-- Values at the numbers of a list; beyond the outermost knots the outermost lines.
function Spline:at(points)
  check.self("spline:at", self, "limn.mlp.spline")
  points = check.array("spline:at", "points", points)
  local knots, a, b = self.knots:totable(), self.slopes:totable(), self.offsets:totable()
  local out = arrays.zeros(#points)
  for k = 1, #points do
    local x, low, high = points[k], 1, #knots + 1
    while low < high do
      local middle = (low + high) // 2
      if x <= knots[middle] then high = middle else low = middle + 1 end
    end
    out:set(k, a[low] * x + b[low])
  end
  return out
end

check.sealed("spline:", Spline)
