-- limn/plot/layers/curves.lua: lines, points, bands, error bars, steps and functions.

local check = require "limn.base.check"
local common = require "limn.plot.layers.common"
local style = require "limn.plot.style"

local curves = {}
local any, rules, finish, column = { type = "any" }, common.rules, common.finish, common.column
local series, stroke, marking = common.series, common.stroke, common.marking

function curves.line(who, o)
  local layer = check.options(who, o, rules(series, stroke, marking, { x = any, y = any, band = { type = "table" },
    every = { type = "integer", min = 1 }, thin = any }))
  common.xy(who, layer)
  if layer.band then
    local b = layer.band
    layer.band_lo, layer.band_hi = common.bounds(who, layer.n, layer.y, b.error, b.lo or b[1], b.hi or b[2])
  end
  layer.kind, layer.band = "line", nil
  return finish(who, layer)
end

function curves.points(who, o)
  local layer = check.options(who, o, rules(series, marking, { x = any, y = any, z = any, map = { type = "string" },
    range = { type = "table" }, bar = any, thin = any }))
  common.xy(who, layer)
  if layer.z == nil then
    common.only_with(who, layer, { "map", "range", "bar" }, "z")
  else
    if layer.alpha then check.fail("%s: alpha has no effect with z", who) end
    local z, n = column(who, "z", layer.z)
    common.same(who, "x", layer.n, "z", n)
    layer.z, layer.coloured = z, true
    layer.map = layer.map or "lagoon"
    style.map(who, layer.map, 3)
  end
  layer.kind = "points"
  return finish(who, layer)
end

function curves.band(who, o)
  local layer = check.options(who, o, rules(series, { x = any, lo = any, hi = any }))
  local lo, n = column(who, "lo", layer.lo)
  local hi, m = column(who, "hi", layer.hi)
  common.same(who, "lo", n, "hi", m)
  local x, k
  if layer.x == nil then x, k = common.counting(n), n else x, k = column(who, "x", layer.x) end
  common.same(who, "x", k, "lo", n)
  layer.x, layer.lo, layer.hi, layer.n, layer.kind = x, lo, hi, n, "band"
  return finish(who, layer)
end

function curves.errorbars(who, o)
  local layer = check.options(who, o, rules(series, marking, stroke, { x = any, y = any, error = any, lo = any,
    hi = any, line = { type = "boolean", default = false }, xerror = any, xlo = any, xhi = any }))
  common.xy(who, layer)
  if layer.error == nil and layer.lo == nil and layer.xerror == nil and layer.xlo == nil then
    check.fail("%s: error is missing (expected error=, or lo= and hi=)", who)
  end
  if layer.error ~= nil or layer.lo ~= nil or layer.hi ~= nil then
    layer.lo, layer.hi = common.bounds(who, layer.n, layer.y, layer.error, layer.lo, layer.hi)
  end
  if layer.xerror ~= nil or layer.xlo ~= nil or layer.xhi ~= nil then
    layer.xlo, layer.xhi = common.bounds(who, layer.n, layer.x, layer.xerror, layer.xlo, layer.xhi)
  end
  layer.kind = "errorbars"
  return finish(who, layer)
end

function curves.steps(who, o)
  local layer = check.options(who, o, rules(series, stroke, { x = any, y = any, thin = any,
    where = { type = "string", one_of = { "post", "pre", "mid" }, default = "post" } }))
  common.xy(who, layer)
  layer.kind = "steps"
  return finish(who, layer)
end

-- A function of x, by default over the range of the x axis.
function curves.func(who, o)
  if type(o) == "function" then o = { f = o } end
  local layer = check.options(who, o, rules(series, stroke, { f = { type = "function", required = true },
    from = { type = "number" }, to = { type = "number" },
    samples = { type = "integer", min = 2, max = 100000, default = 400 } }))
  layer.kind = "func"
  return finish(who, layer)
end

return curves
