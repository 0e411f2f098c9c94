-- limn/plot/layers.lua: the kinds of layers of a panel. Each constructor checks its options and returns a layer: a
-- table with its kind, columns (f64 vectors) and style. Layers do not depend on the page or on gnuplot.

local check = require "limn.base.check"
local native = require("limn.native").plot
local style = require "limn.plot.style"
local text = require "limn.plot.text"
local axes = require "limn.plot.axes"

local layers = {}

-- ---- shared options -----------------------------------------------------------------------------

local common = {
  label = { type = "any" }, color = { type = "any" }, colour = { type = "any" },
  axis = { type = "string", one_of = { "y", "y2" }, default = "y" },
  alpha = { type = "number", min = 0, max = 1 },
  law = { type = "boolean", default = false }, verdict = { type = "any" },
}
local stroke = {
  width = { type = "number", min = 0, max = 20 },
  dash = { type = "any" },
}
local marking = {
  mark = { type = "any" }, size = { type = "number", min = 0, max = 50 },
}

local function rules(...)
  local out = {}
  for _, set in ipairs { common, ... } do
    for k, v in pairs(set) do out[k] = v end
  end
  return out
end

local function finish(who, layer)
  layer.who = who
  layer.label = text.label(who, "label", layer.label)
  if layer.n == 0 then
    layer.notes = { layer.kind .. (layer.label and " '" .. layer.label.source .. "'" or "") .. " is empty" }
  end
  layer.color = style.color(who, "color", layer.color or layer.colour)
  local verdict = text.label(who, "verdict", layer.verdict)
  if verdict then
    layer.label = text.join(layer.label, text.join(text.label(who, "verdict", layer.label and " (" or "("),
      text.join(verdict, text.label(who, "verdict", ")"))))
  end
  if layer.dash ~= nil and type(layer.dash) ~= "table" then
    if not style.dashes[layer.dash] then
      local near = type(layer.dash) == "string" and check.nearest(layer.dash, style.dashes)
      check.fail("%s: dash must be solid, dashed, dotted, dashdot, dashdotdot, long or a list of lengths, got %s%s",
        who,
        check.show(layer.dash), near and string.format("; did you mean %q?", near) or "")
    end
  elseif layer.dash then
    for i, v in ipairs(layer.dash) do
      if type(v) ~= "number"
        or not (v > 0 and v < 1000) then check.fail("%s: dash[%d] must be a positive number, got %s", who, i,
          check.show(v)) end
    end
    if #layer.dash % 2 == 1 or #layer.dash > 8 then check.fail("%s: dash must have 0, 2, 4, 6 or 8 lengths, got %d",
      who, #layer.dash) end
  end
  if layer.mark ~= nil and layer.mark ~= false and layer.mark ~= true and not style.mark_types[layer.mark] then
    local near = type(layer.mark) == "string" and check.nearest(layer.mark, style.mark_types)
    check.fail("%s: unknown mark %s%s", who, check.show(layer.mark), near
      and string.format("; did you mean %q?", near) or
      " (expected true, false, \"circle\", \"square\", ...)")
  end
  return layer
end

-- A column of numbers and its length.
local function column(who, name, value)
  if value == nil then check.fail("%s: %s is missing (expected an array or a table of numbers)", who, name) end
  if type(value) == "number" then value = { value } end
  if type(value) == "table" and next(value) == nil then -- an empty series is not drawn but has a legend entry
    return (native.column({ 0 / 0 }, who, name)), 0
  end
  local v, rows, cols, depth = native.column(value, who, name)
  if depth or (cols ~= 1 and rows ~= 1) then
    check.fail("%s: %s must be a vector, got %s", who, name, depth and rows .. "x" .. cols .. "x" .. depth or rows
      .. "x" .. cols)
  end
  return v, rows * cols
end

local function counting(n)
  if n == 0 then return (native.column({ 0 / 0 }, "plot", "x")) end
  local t = {}
  for i = 1, n do t[i] = i end
  return (native.column(t, "plot", "x"))
end

local function same(who, name, n, other, m)
  if n ~= m then check.fail("%s: %s has %d entries but %s has %d", who, other, m, name, n) end
end

-- Converts x (default 1, 2, ...) and y to columns; they must have the same length.
local function xy(who, layer)
  local y, n = column(who, "y", layer.y)
  local x, m
  if layer.x == nil then x, m = counting(n), n else x, m = column(who, "x", layer.x) end
  same(who, "x", m, "y", n)
  layer.x, layer.y, layer.n = x, y, n
end

-- Lower and upper bounds of y, from lo= and hi=, or from error= (a distance, or {below, above}).
local function bounds(who, n, centre, error_, lo, hi)
  if error_ ~= nil then
    local below, above = error_, error_
    if type(error_) == "table" and #error_ == 2 and type(error_[1]) ~= "number" then below, above = error_[1],
      error_[2] end
    if type(below) == "number" then
      local value = below
      below = {}
      for i = 1, n do below[i] = value end
      above = below
    end
    local b, nb = column(who, "error", below)
    local a, na = column(who, "error", above)
    same(who, "y", n, "error", nb)
    same(who, "y", n, "error", na)
    local c, tb, ta = native.totable(centre), native.totable(b), native.totable(a)
    lo, hi = {}, {}
    for i = 1, n do lo[i], hi[i] = c[i] - tb[i], c[i] + ta[i] end
  end
  local l, nl = column(who, "lo", lo)
  local h, nh = column(who, "hi", hi)
  same(who, "y", n, "lo", nl)
  same(who, "y", n, "hi", nh)
  return l, h
end

-- ---- curves and points --------------------------------------------------------------------------

function layers.line(who, o)
  local layer = check.options(who, o, rules(stroke, marking, { x = { type = "any" }, y = { type = "any" },
    band = { type = "table" }, every = { type = "integer", min = 1 }, thin = { type = "any" } }))
  xy(who, layer)
  if layer.band then
    local b = layer.band
    layer.band_lo, layer.band_hi = bounds(who, layer.n, layer.y, b.error, b.lo or b[1], b.hi or b[2])
  end
  layer.kind, layer.band = "line", nil
  return finish(who, layer)
end

function layers.points(who, o)
  local layer = check.options(who, o, rules(marking, { x = { type = "any" }, y = { type = "any" },
    z = { type = "any" },
    map = { type = "string" }, range = { type = "table" }, bar = { type = "any" }, thin = { type = "any" } }))
  xy(who, layer)
  if layer.z ~= nil then
    local z, n = column(who, "z", layer.z)
    same(who, "x", layer.n, "z", n)
    layer.z, layer.coloured = z, true
    layer.map = layer.map or "lagoon"
    style.map(who, layer.map, 3)
  end
  layer.kind = "points"
  return finish(who, layer)
end

function layers.band(who, o)
  local layer = check.options(who, o, rules({ x = { type = "any" }, lo = { type = "any" }, hi = { type = "any" } }))
  local lo, n = column(who, "lo", layer.lo)
  local hi, m = column(who, "hi", layer.hi)
  same(who, "lo", n, "hi", m)
  local x, k
  if layer.x == nil then x, k = counting(n), n else x, k = column(who, "x", layer.x) end
  same(who, "x", k, "lo", n)
  layer.x, layer.lo, layer.hi, layer.n, layer.kind = x, lo, hi, n, "band"
  return finish(who, layer)
end

function layers.errorbars(who, o)
  local layer = check.options(who, o, rules(marking, stroke, { x = { type = "any" }, y = { type = "any" },
    error = { type = "any" }, lo = { type = "any" }, hi = { type = "any" },
      line = { type = "boolean", default = false },
    xerror = { type = "any" }, xlo = { type = "any" }, xhi = { type = "any" } }))
  xy(who, layer)
  if layer.error == nil and layer.lo == nil and layer.xerror == nil and layer.xlo == nil then
    check.fail("%s: error is missing (expected error=, or lo= and hi=)", who)
  end
  if layer.error ~= nil or layer.lo ~= nil or layer.hi ~= nil then
    layer.lo, layer.hi = bounds(who, layer.n, layer.y, layer.error, layer.lo, layer.hi)
  end
  if layer.xerror ~= nil or layer.xlo ~= nil then
    layer.xlo, layer.xhi = bounds(who, layer.n, layer.x, layer.xerror, layer.xlo, layer.xhi)
  end
  layer.kind = "errorbars"
  return finish(who, layer)
end

function layers.steps(who, o)
  local layer = check.options(who, o, rules(stroke, { x = { type = "any" }, y = { type = "any" },
    where = { type = "string", one_of = { "post", "pre", "mid" }, default = "post" } }))
  xy(who, layer)
  layer.kind = "steps"
  return finish(who, layer)
end

-- A function of x, by default over the range of the x axis.
layers["function"] = function(who, o)
  if type(o) == "function" then o = { f = o } end
  local layer = check.options(who, o, rules(stroke, { f = { type = "function", required = true },
    from = { type = "number" }, to = { type = "number" }, samples = { type = "integer", min = 2, max = 100000,
      default = 400 } }))
  layer.kind = "func"
  return finish(who, layer)
end
layers.func = layers["function"]

-- ---- bars and histograms -------------------------------------------------------------------------

function layers.bars(who, o)
  local layer = check.options(who, o, rules({ x = { type = "any" }, y = { type = "any" }, error = { type = "any" },
    lo = { type = "any" }, hi = { type = "any" }, width = { type = "number", min = 0 },
      base = { type = "number", default = 0 },
    stack = { type = "boolean", default = false } }))
  if type(layer.x) == "table" and type(layer.x[1]) == "string" then
    layer.categories = {}
    for i, name in ipairs(layer.x) do layer.categories[i] = text.label(who, "x", name) or text.label(who, "x", " ") end
    layer.x = nil
  end
  xy(who, layer)
  if layer.n == 0 then check.fail("%s: y must not be empty", who) end
  if layer.categories then same(who, "x", #layer.categories, "y", layer.n) end
  if layer.error ~= nil or layer.lo ~= nil or layer.hi ~= nil then
    layer.lo, layer.hi = bounds(who, layer.n, layer.y, layer.error, layer.lo, layer.hi)
  end
  layer.kind = "bars"
  return finish(who, layer)
end

-- Freedman-Diaconis rule: bins of width 2 IQR / n^(1/3). If the quartiles coincide, Sturges' rule. At most 500 bins.
local function bin_count(v, n, low, high)
  local sorted = native.totable(v)
  local finite = {}
  for _, x in ipairs(sorted) do
    if x == x and math.abs(x) < math.huge then finite[#finite + 1] = x end
  end
  table.sort(finite)
  local function quantile(q)
    local at = q * (#finite - 1) + 1
    local i = math.floor(at)
    return finite[i] + (at - i) * ((finite[i + 1] or finite[i]) - finite[i])
  end
  local width = 2 * (quantile(0.75) - quantile(0.25)) / (#finite) ^ (1 / 3)
  local count = width > 0 and math.ceil((high - low) / width) or math.ceil(math.log(n, 2)) + 1
  return math.max(1, math.min(count, 500))
end

function layers.histogram(who, o)
  local layer = check.options(who, o, rules(stroke, { values = { type = "any" }, x = { type = "any" },
    bins = { type = "integer", min = 1, max = 100000 }, range = { type = "table" },
    norm = { type = "string", one_of = { "count", "density", "share" }, default = "count" },
    fill = { type = "boolean", default = true } }))
  local v, n = column(who, "values", layer.values ~= nil and layer.values or layer.x)
  local low, high, _, finite = native.extent(v)
  if layer.range then
    low, high = layer.range[1], layer.range[2]
    if type(low) ~= "number" or type(high) ~= "number"
      or high <= low then check.fail("%s: range must be {low, high} with low < high, got {%s, %s}", who,
        check.show(low), check.show(high)) end
  end
  layer.kind, layer.n = "histogram", n
  layer.notes = {}
  if finite == 0 then
    layer.n, layer.x, layer.y = 0, nil, nil
    return finish(who, layer)
  end
  if high <= low then low, high = low - 0.5, high + 0.5 end
  local bins = layer.bins or bin_count(v, finite, low, high)
  local counts, outside = native.bins(v, low, high, bins)
  local width = (high - low) / bins
  local scale = layer.norm == "density" and 1 / ((n - outside) * width) or layer.norm == "share" and 1 / (n - outside)
    or 1
  local left, right, height = {}, {}, native.totable(counts)
  for i = 1, bins do
    left[i], right[i] = low + (i - 1) * width, low + i * width
    height[i] = height[i] * scale
  end
  layer.left, layer.right = (native.column(left, who, "values")), (native.column(right, who, "values"))
  layer.y = (native.column(height, who, "values"))
  if outside > 0 then
    layer.notes[1] = { lost = string.format("%d of %d values outside the bins or not finite", outside, n) }
  end
  layer.notes[#layer.notes + 1] = string.format("histogram of %d values in %d bins of width %.4g%s", n - outside,
    bins, width,
    layer.bins and "" or " (Freedman-Diaconis)")
  return finish(who, layer)
end

-- ---- fields over the plane -----------------------------------------------------------------------

-- Converts z (rows x cols; row i at y[i], column j at x[j]) and the centres x and y of its cells.
local function field(who, layer)
  if layer.z == nil then check.fail("%s: z is missing (expected a matrix: rows along y, columns along x)", who) end
  local z, rows, cols, depth = native.column(layer.z, who, "z")
  if depth then check.fail("%s: z must be a matrix, got %dx%dx%d", who, rows, cols, depth) end
  layer.z, layer.rows, layer.cols = z, rows, cols
  local function centres(name, count)
    local v = layer[name]
    if v == nil then return counting(count), true end
    local c, n = column(who, name, v)
    if n == 2 and count > 2 then -- {low, high}: the outer edges of the field
      local ends, t = native.totable(c), {}
      for i = 1, count do t[i] = ends[1] + (ends[2] - ends[1]) * (i - 0.5) / count end
      return (native.column(t, who, name)), true
    end
    if n ~= count then check.fail("%s: %s has %d entries but z has %d %s", who, name, n, count, name == "x"
      and "columns" or "rows") end
    local t = native.totable(c)
    for i = 1, n do
      if t[i] ~= t[i] or math.abs(t[i]) == math.huge then
        check.fail("%s: %s[%d] must be finite, got %s", who, name, i, check.show(t[i]))
      end
      if i > 2 and (t[i] - t[i - 1]) * (t[2] - t[1]) <= 0 then
        check.fail("%s: %s must be strictly increasing or strictly decreasing, got %s at %d", who, name,
          check.show(t[i]), i)
      end
    end
    local uniform = true
    for i = 3, n do
      if math.abs((t[i] - t[i - 1]) - (t[2] - t[1])) > 1e-6 * math.abs(t[n] - t[1]) / n then uniform = false end
    end
    return c, uniform
  end
  layer.x, layer.x_uniform = centres("x", cols)
  layer.y, layer.y_uniform = centres("y", rows)
end

local colouring = {
  map = { type = "string" }, range = { type = "table" }, scale = { type = "string",
    one_of = { "linear", "log", "log10" }, default = "linear" },
  centre = { type = "number" }, center = { type = "number" }, bar = { type = "any", default = true },
    vector = { type = "boolean" },
}

local function colours(who, layer)
  layer.centre = layer.centre or layer.center
  if layer.scale == "log" then layer.scale = "log10" end
  if layer.range and not (type(layer.range[1]) == "number" and type(layer.range[2]) == "number"
    and layer.range[2] > layer.range[1]) then
    check.fail("%s: range must be {low, high} with low < high, got {%s, %s}", who, check.show(layer.range[1]),
      check.show(layer.range[2]))
  end
  if layer.scale == "log10" and layer.range and layer.range[1] <= 0 then
    check.fail("%s: range must be positive on a log scale, got %g", who, layer.range[1])
  end
  layer.map = layer.map or (layer.centre and "diverging" or "lagoon")
  style.map(who, layer.map, 3)
  layer.coloured = true
  if layer.bar ~= nil and type(layer.bar) ~= "boolean" then layer.bar_label = text.label(who, "bar", layer.bar) end
end

function layers.heatmap(who, o)
  local layer = check.options(who, o, rules(colouring, { z = { type = "any" }, x = { type = "any" },
    y = { type = "any" } }))
  field(who, layer)
  colours(who, layer)
  layer.kind = "heatmap"
  return finish(who, layer)
end

function layers.contour(who, o)
  local layer = check.options(who, o, rules(stroke, { z = { type = "any" }, x = { type = "any" }, y = { type = "any" },
    levels = { type = "any" } }))
  field(who, layer)
  local levels = layer.levels
  if type(levels) == "number" then levels = { levels } end
  if levels == nil then levels = { 0 } end
  layer.levels = native.totable((column(who, "levels", levels)))
  layer.kind = "contour"
  return finish(who, layer)
end

-- One picture (a matrix), or a grid of pictures (an array count x h x w, or a list of matrices).
function layers.image(who, o)
  local layer = check.options(who, o, rules(colouring, { z = { type = "any" }, stack = { type = "any" },
    columns = { type = "integer", min = 1 }, titles = { type = "table" },
      gap = { type = "number", min = 0, max = 1, default = 0.08 } }))
  local pictures, h, w = {}, nil, nil
  local function add(value, name)
    local z, rows, cols, depth = native.column(value, who, name)
    if depth then
      local all, count = native.totable(z), rows
      for k = 1, count do
        pictures[#pictures + 1] = table.move(all, (k - 1) * cols * depth + 1, k * cols * depth, 1, {})
      end
      rows, cols = cols, depth
    else
      pictures[#pictures + 1] = native.totable(z)
    end
    if h and (rows ~= h or cols ~= w) then check.fail("%s: %s is %dx%d but the first picture is %dx%d", who, name,
      rows, cols, h, w) end
    h, w = rows, cols
  end
  local source = layer.stack ~= nil and layer.stack or layer.z
  if source == nil then check.fail("%s: z is missing (expected a matrix, a stack or a list of matrices)", who) end
  local first = type(source) == "table" and source[1]
  if type(first) == "userdata" or (type(first) == "table" and type(first[1]) == "table") then
    for k, picture in ipairs(source) do add(picture, "picture " .. k) end
  else
    add(source, layer.stack ~= nil and "stack" or "z")
  end
  layer.pictures, layer.h, layer.w = pictures, h, w
  local across = layer.columns or math.ceil(math.sqrt(#pictures * h / w))
  layer.across = math.min(across, #pictures)
  layer.down = math.ceil(#pictures / layer.across)
  if layer.titles then
    local titles = {}
    for k, title in pairs(layer.titles) do titles[k] = text.label(who, "titles", title) end
    layer.titles = titles
  end
  colours(who, layer)
  layer.kind = "image"
  return finish(who, layer)
end

-- ---- annotations ---------------------------------------------------------------------------------

local place = { x = { type = "number" }, y = { type = "number" } }

function layers.text(who, o)
  local layer = check.options(who, o, rules(place, { text = { type = "any" },
    size = { type = "number", min = 1, max = 100 },
    align = { type = "string", one_of = { "left", "center", "centre", "right" }, default = "left" },
    at = { type = "string", one_of = { "data", "panel" }, default = "data" },
      rotate = { type = "number", default = 0 } }))
  layer.text = text.label(who, "text", layer.text ~= nil and layer.text or layer.label)
  layer.label = nil
  if layer.x == nil or layer.y == nil then
    check.fail("%s: %s is missing (expected a number)", who, layer.x == nil and "x" or "y")
  end
  if layer.align == "centre" then layer.align = "center" end
  layer.kind = "text"
  return finish(who, layer)
end

function layers.hline(who, o)
  if type(o) == "number" then o = { y = o } end
  local layer = check.options(who, o, rules(stroke, { y = { type = "number", required = true } }))
  layer.kind = "hline"
  return finish(who, layer)
end

function layers.vline(who, o)
  if type(o) == "number" then o = { x = o } end
  local layer = check.options(who, o, rules(stroke, { x = { type = "number", required = true } }))
  layer.kind = "vline"
  return finish(who, layer)
end

function layers.arrow(who, o)
  local layer = check.options(who, o, rules(stroke, { from = { type = "table", required = true },
    to = { type = "table", required = true },
    text = { type = "any" }, head = { type = "boolean", default = true } }))
  for _, name in ipairs { "from", "to" } do
    for i = 1, 2 do
      local v = layer[name][i]
      if type(v) ~= "number" or v ~= v
        or math.abs(v) == math.huge then check.fail("%s: %s must be {x, y}, two finite numbers, got %s at %d", who,
          name, check.show(v), i) end
    end
  end
  layer.text = text.label(who, "text", layer.text)
  layer.kind = "arrow"
  return finish(who, layer)
end

-- The names of the layer methods of a panel.
layers.kinds = { "line", "points", "band", "errorbars", "steps", "func", "bars", "histogram", "heatmap", "contour",
  "image",
  "text", "hline", "vline", "arrow" }

layers.include = axes.include

return layers
