-- limn/plot/layers/marks.lua: texts, straight lines and arrows.

local check = require "limn.base.check"
local common = require "limn.plot.layers.common"
local text = require "limn.plot.text"

local marks = {}
local any, rules, finish = { type = "any" }, common.rules, common.finish
local series, stroke = common.series, common.stroke

local place = { x = { type = "number" }, y = { type = "number" } }

function marks.text(who, o)
  local layer = check.options(who, o, rules(common.without(series, "alpha", "law", "verdict"), place, { text = any,
    size = { type = "number", min = 1, max = 100 },
    align = { type = "string", one_of = { "left", "center", "centre", "right" }, default = "left" },
    at = { type = "string", one_of = { "data", "panel" }, default = "data" },
      rotate = { type = "number", default = 0 } }))
  common.one_of(who, layer, "text", "label")
  layer.text = text.label(who, "text", layer.text ~= nil and layer.text or layer.label)
  layer.label = nil
  if layer.x == nil or layer.y == nil then
    check.fail("%s: %s is missing (expected a number)", who, layer.x == nil and "x" or "y")
  end
  if layer.align == "centre" then layer.align = "center" end
  layer.kind = "text"
  return finish(who, layer)
end

function marks.hline(who, o)
  if type(o) == "number" then o = { y = o } end
  local layer = check.options(who, o, rules(series, stroke, { y = { type = "number", required = true } }))
  layer.kind = "hline"
  return finish(who, layer)
end

function marks.vline(who, o)
  if type(o) == "number" then o = { x = o } end
  local layer = check.options(who, o, rules(common.without(series, "axis"), stroke, { x = { type = "number", required = true } }))
  layer.kind = "vline"
  return finish(who, layer)
end

function marks.arrow(who, o)
  local layer = check.options(who, o, rules(series, stroke, { from = { type = "table", required = true },
    to = { type = "table", required = true },
    text = any, head = { type = "boolean", default = true } }))
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

return marks
