-- limn/plot/ratio.lua: a panel of quotients: the series of another panel over a law. On a log-log plot a deviation of
-- 10 % is invisible; here it is a tenth of the way to 1.1.

local check = require "limn.base.check"
local native = require("limn.native").plot

local rules = {
  of = { type = "any", required = true, help = "a panel" },
  law = { type = "any", required = true, help = "a function of x, or a table of functions by label" },
  label = { type = "any" },
}

-- The law of a layer; nil if there is none for its label.
local function law_of(o, layer)
  if type(o.law) == "function" then return o.law end
  return layer.label and o.law[layer.label.source]
end

-- A column over the law at x, nan where the law is not a number or 0.
local function over(column, x, law)
  if column == nil then return nil end
  local t, at = native.totable(column), native.totable(x)
  for i, v in ipairs(t) do
    local expected = law(at[i])
    t[i] = type(expected) == "number" and expected ~= 0 and v / expected or 0 / 0
  end
  return t
end

local function add(panel, layer, law)
  local common = { x = native.totable(layer.x), y = over(layer.y, layer.x, law), label = layer.label, color = layer.color,
    mark = layer.mark, size = layer.size }
  local lo, hi = over(layer.lo or layer.band_lo, layer.x, law), over(layer.hi or layer.band_hi, layer.x, law)
  if layer.kind == "errorbars" and lo then
    common.lo, common.hi, common.line = lo, hi, layer.line
    panel:errorbars(common)
  elseif layer.kind == "points" then
    panel:points(common)
  else
    if lo then common.band = { lo, hi } end
    panel:line(common)
  end
end

local KINDS = { line = true, points = true, errorbars = true }

-- ratio(panel, {of=, law=, label=}) -> panel, with the series of the panel `of` over the law, and a line at 1.
return function(panel, options)
  local o = check.options("panel:ratio", options, rules)
  if check.typename(o.of) ~= "limn.plot.panel" then
    check.fail("panel:ratio: of must be a panel, got %s", check.show(o.of))
  end
  if type(o.law) ~= "function" and type(o.law) ~= "table" then
    check.fail("panel:ratio: law must be a function of x, or a table of functions by label, got %s", check.show(o.law))
  end
  local count, x = 0, o.of.x
  for _, layer in ipairs(o.of.layers) do
    local law = KINDS[layer.kind] and not layer.law and not layer.categories and law_of(o, layer)
    if law then
      count = count + 1
      add(panel, layer, law)
    end
  end
  if count == 0 then check.fail("panel:ratio: the other panel has no line, points or errorbars with a law") end
  panel.x.scale, panel.x.log, panel.x.base, panel.x.linear = x.scale, x.log, x.base, x.linear
  panel.x.label, panel.x.range, panel.x.reverse = panel.x.label or x.label, panel.x.range or x.range, x.reverse
  if o.label ~= nil or not panel.y.label then panel:set { y = { label = o.label or "measured / law" } } end
  panel.host = o.of -- its legend explains the series
  if panel.legend == nil then panel.legend = "none" end
  return panel:hline { y = 1, dash = "solid" }
end
