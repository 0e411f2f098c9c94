-- limn/plot/layers/common.lua: options and columns that several kinds of layers share.

local check = require "limn.base.check"
local native = require("limn.native").plot
local style = require "limn.plot.style"
local text = require "limn.plot.text"

local common = {}

-- ---- options --------------------------------------------------------------------------------------

-- Options of the kinds that appear in a legend.
common.series = {
  label = { type = "any" }, color = { type = "any" }, colour = { type = "any" },
  axis = { type = "string", one_of = { "y", "y2" }, default = "y" },
  alpha = { type = "number", min = 0, max = 1 },
  law = { type = "boolean", default = false }, verdict = { type = "any" },
}
common.stroke = { width = { type = "number", min = 0, max = 20 }, dash = { type = "any" } }
common.marking = { mark = { type = "any" }, size = { type = "number", min = 0, max = 50 } }

-- The union of sets of rules.
function common.rules(...)
  local out = {}
  for _, set in ipairs { ... } do
    for k, v in pairs(set) do out[k] = v end
  end
  return out
end

-- A copy of a set of rules without some of them.
function common.without(set, ...)
  local out = common.rules(set)
  for _, name in ipairs { ... } do out[name] = nil end
  return out
end

-- Raises an error if options were given that have an effect only together with another one.
function common.only_with(who, given, names, condition)
  for _, name in ipairs(names) do
    if given[name] ~= nil then check.fail("%s: %s has no effect without %s", who, name, condition) end
  end
end

-- Raises an error if two options that exclude each other are both given.
function common.one_of(who, given, a, b)
  if given[a] ~= nil and given[b] ~= nil then check.fail("%s: %s and %s are both given; give one of them", who, a, b) end
end

local function checked_dash(who, dash)
  if dash == nil then return end
  if type(dash) ~= "table" then
    if style.dashes[dash] then return end
    local near = type(dash) == "string" and check.nearest(dash, style.dashes)
    check.fail("%s: dash must be solid, dashed, dotted, dashdot, dashdotdot, long or a list of lengths, got %s%s", who,
      check.show(dash), near and string.format("; did you mean %q?", near) or "")
  end
  for i, v in ipairs(dash) do
    if type(v) ~= "number" or not (v > 0 and v < 1000) then
      check.fail("%s: dash[%d] must be a positive number, got %s", who, i, check.show(v))
    end
  end
  if #dash % 2 == 1 or #dash > 8 then
    check.fail("%s: dash must have 0, 2, 4, 6 or 8 lengths, got %d", who, #dash)
  end
end

local function checked_mark(who, mark)
  if mark == nil or mark == false or mark == true or style.mark_types[mark] then return end
  local near = type(mark) == "string" and check.nearest(mark, style.mark_types)
  check.fail("%s: unknown mark %s%s", who, check.show(mark), near and string.format("; did you mean %q?", near)
    or " (expected true, false, \"circle\", \"square\", ...)")
end

-- The checks common to all kinds -> the layer.
function common.finish(who, layer)
  layer.who = who
  layer.label = text.label(who, "label", layer.label)
  if layer.n == 0 then
    layer.notes = { layer.kind .. (layer.label and " '" .. layer.label.source .. "'" or "") .. " is empty" }
  end
  common.one_of(who, layer, "color", "colour")
  layer.color = style.color(who, "color", layer.color or layer.colour)
  local verdict = text.label(who, "verdict", layer.verdict)
  if verdict then
    layer.label = text.join(layer.label, text.join(text.label(who, "verdict", layer.label and " (" or "("),
      text.join(verdict, text.label(who, "verdict", ")"))))
  end
  checked_dash(who, layer.dash)
  checked_mark(who, layer.mark)
  return layer
end

-- ---- columns --------------------------------------------------------------------------------------

-- A column of numbers and its length.
function common.column(who, name, value)
  if value == nil then check.fail("%s: %s is missing (expected an array or a table of numbers)", who, name) end
  if type(value) == "number" then value = { value } end
  if type(value) == "table" and next(value) == nil then -- an empty series is not drawn but has a legend entry
    return (native.column({ 0 / 0 }, who, name)), 0
  end
  local v, rows, cols, depth = native.column(value, who, name)
  if depth or (cols ~= 1 and rows ~= 1) then
    check.fail("%s: %s must be a vector, got %s", who, name,
      depth and rows .. "x" .. cols .. "x" .. depth or rows .. "x" .. cols)
  end
  return v, rows * cols
end

-- The column 1, 2, ..., n.
function common.counting(n)
  if n == 0 then return (native.column({ 0 / 0 }, "plot", "x")) end
  local t = {}
  for i = 1, n do t[i] = i end
  return (native.column(t, "plot", "x"))
end

function common.same(who, name, n, other, m)
  if n ~= m then check.fail("%s: %s has %d entries but %s has %d", who, other, m, name, n) end
end

-- If x is a list of names, sets layer.categories to their labels and leaves the places to the panel.
function common.names(who, layer)
  if type(layer.x) ~= "table" or (type(layer.x[1]) ~= "string" and not text.is_math(layer.x[1])) then return end
  layer.categories = {}
  for i, name in ipairs(layer.x) do
    layer.categories[i] = text.label(who, "x", name) or text.label(who, "x", " ")
  end
  layer.x = nil
end

-- Converts x (default 1, 2, ...; numbers or names) and y to columns; they must have the same length.
function common.xy(who, layer)
  common.names(who, layer)
  local y, n = common.column(who, "y", layer.y)
  local x, m
  if layer.x == nil then x, m = common.counting(n), n else x, m = common.column(who, "x", layer.x) end
  if layer.categories then m = #layer.categories end
  common.same(who, "x", m, "y", n)
  layer.x, layer.y, layer.n = x, y, n
end

-- The ends of intervals of half width e about c; a negative half width is an error, an unknown one (nan) a gap.
local function ends(who, n, centre, error_)
  local below, above = error_, error_
  if type(error_) == "table" and #error_ == 2 and type(error_[1]) ~= "number" then
    below, above = error_[1], error_[2]
  end
  if type(below) == "number" then
    local value = below
    below = {}
    for i = 1, n do below[i] = value end
    above = below
  end
  local b, nb = common.column(who, "error", below)
  local a, na = common.column(who, "error", above)
  common.same(who, "y", n, "error", nb)
  common.same(who, "y", n, "error", na)
  local c, tb, ta, lo, hi = native.totable(centre), native.totable(b), native.totable(a), {}, {}
  for i = 1, n do
    if tb[i] < 0 or ta[i] < 0 then
      check.fail("%s: error[%d] must be at least 0, got %s", who, i, check.show(tb[i] < 0 and tb[i] or ta[i]))
    end
    lo[i], hi[i] = c[i] - tb[i], c[i] + ta[i]
  end
  return lo, hi
end

-- Lower and upper bounds of y, from lo= and hi=, or from error= (a distance, or {below, above}).
function common.bounds(who, n, centre, error_, lo, hi)
  if error_ ~= nil then
    if lo ~= nil or hi ~= nil then check.fail("%s: error is given together with lo or hi; give one of them", who) end
    lo, hi = ends(who, n, centre, error_)
  end
  local l, nl = common.column(who, "lo", lo)
  local h, nh = common.column(who, "hi", hi)
  common.same(who, "y", n, "lo", nl)
  common.same(who, "y", n, "hi", nh)
  return l, h
end

return common
