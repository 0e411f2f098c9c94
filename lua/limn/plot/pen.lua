-- limn/plot/pen.lua: gnuplot's options for the style of a stroke, a mark and a fill.

local native = require("limn.native").plot

local num = native.number
local DIAMETER = 6 -- diameter of a mark at `pointsize 1`, points

local pen = {}

function pen.dash(pattern)
  if not pattern or #pattern == 0 then return " dt solid" end
  local parts = {}
  for i, v in ipairs(pattern) do parts[i] = num(v) end
  return " dt (" .. table.concat(parts, ",") .. ")"
end

function pen.stroke(d) return string.format("lc rgb '%s' lw %s%s", d.color, num(d.width), pen.dash(d.dash)) end
function pen.shape(d, scale) return string.format("pt %d ps %s", d.point,
  num((d.size or 2.6) / DIAMETER * (scale or 1))) end

function pen.fill(d, alpha) return string.format("fc rgb '%s' fs transparent solid %s noborder", d.color,
  num(d.alpha or alpha)) end

return pen
