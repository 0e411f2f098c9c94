-- limn/plot/layers/fields.lua: heatmaps, contour lines, and pictures.

local check = require "limn.base.check"
local native = require("limn.native").plot
local common = require "limn.plot.layers.common"
local style = require "limn.plot.style"
local text = require "limn.plot.text"

local fields = {}
local any, rules, finish, column = { type = "any" }, common.rules, common.finish, common.column

-- Converts z (rows x cols; row i at y[i], column j at x[j]) and the centres x and y of its cells.
local function field(who, layer)
  if layer.z == nil then check.fail("%s: z is missing (expected a matrix: rows along y, columns along x)", who) end
  local z, rows, cols, depth = native.column(layer.z, who, "z")
  if depth then check.fail("%s: z must be a matrix, got %dx%dx%d", who, rows, cols, depth) end
  layer.z, layer.rows, layer.cols = z, rows, cols
  local function centres(name, count)
    local v = layer[name]
    if v == nil then return common.counting(count), true end
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
  common.one_of(who, layer, "centre", "center")
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
  if layer.scale == "log10" and layer.centre and layer.centre <= 0 then
    check.fail("%s: centre must be positive on a log scale, got %g", who, layer.centre)
  end
  layer.map = layer.map or (layer.centre and "diverging" or "lagoon")
  style.map(who, layer.map, 3)
  layer.coloured = true
  if layer.bar ~= nil and type(layer.bar) ~= "boolean" then layer.bar_label = text.label(who, "bar", layer.bar) end
end

function fields.heatmap(who, o)
  local layer = check.options(who, o, rules(colouring, { z = any, x = any, y = any }))
  field(who, layer)
  colours(who, layer)
  layer.kind = "heatmap"
  return finish(who, layer)
end

function fields.contour(who, o)
  local layer = check.options(who, o, rules(common.without(common.series, "axis"), common.stroke, { z = any, x = any,
    y = any, levels = any }))
  field(who, layer)
  local levels = layer.levels
  if type(levels) == "number" then levels = { levels } end
  if levels == nil then levels = { 0 } end
  layer.levels = native.totable((column(who, "levels", levels)))
  layer.kind = "contour"
  return finish(who, layer)
end

-- One picture (a matrix), or a grid of pictures (an array count x h x w, or a list of matrices).
function fields.image(who, o)
  local layer = check.options(who, o, rules(colouring, { z = any, stack = any,
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
  common.one_of(who, layer, "z", "stack")
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

return fields
