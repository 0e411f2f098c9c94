-- limn/plot/layers/replicates.lua: violins and strips, which show all values at a place on the x axis. A layer holds one row
-- per value: y, and the place x (a number or a name) that it belongs to.

local check = require "limn.base.check"
local native = require("limn.native").plot
local common = require "limn.plot.layers.common"

local replicates = {}
local any, rules, finish = { type = "any" }, common.rules, common.finish

local function is_list(v) return type(v) == "table" or type(v) == "userdata" end

-- y as one list of values per place becomes one list; x is repeated for each value.
local function flatten(who, layer)
  local groups = layer.y
  if type(groups) ~= "table" or not is_list(groups[1]) then return end
  if layer.x ~= nil and type(layer.x) ~= "table" then layer.x = native.totable((common.column(who, "x", layer.x))) end
  if layer.x ~= nil then common.same(who, "x", #layer.x, "y", #groups) end
  local x, y = {}, {}
  for i, values in ipairs(groups) do
    if not is_list(values) then check.fail("%s: y[%d] must be a list of values, got %s", who, i, check.show(values)) end
    local list = native.totable((common.column(who, "y", values)))
    for _, v in ipairs(list) do
      y[#y + 1] = v
      if layer.x then x[#y] = layer.x[i] else x[#y] = i end
    end
  end
  layer.x, layer.y = x, y
end

local function new(who, o, kind, more)
  local layer = check.options(who, o, rules(common.series, more, { x = any, y = any, width = { type = "number", min = 0 } }))
  if layer.y == nil then check.fail("%s: y is missing (expected a list of values per place)", who) end
  flatten(who, layer)
  common.xy(who, layer)
  layer.kind = kind
  return finish(who, layer)
end

-- The density of the values at each place, mirrored, with the median and the quartiles.
function replicates.violin(who, o) return new(who, o, "violin", {}) end

-- Every value as a mark, spread so that marks do not hide each other, and a line at the mean of each place.
function replicates.strip(who, o) return new(who, o, "strip", common.marking) end

return replicates
