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

-- The colour of strokes and marks: "#rrggbb", or "#ttrrggbb" with the transparency tt. Of a line with a band, alpha is
-- that of the band.
function pen.color(d)
  if not d.alpha or d.band_lo then return d.color end
  return string.format("#%02x%s", math.floor((1 - d.alpha) * 255 + 0.5), d.color:sub(2))
end

function pen.stroke(d) return string.format("lc rgb '%s' lw %s%s", pen.color(d), num(d.width), pen.dash(d.dash)) end
function pen.shape(d, scale) return string.format("pt %d ps %s", d.point,
  num((d.size or 2.6) / DIAMETER * (scale or 1))) end

function pen.fill(d, alpha) return string.format("fc rgb '%s' fs transparent solid %s noborder", d.color,
  num(d.alpha or alpha)) end

-- The lines of a hatch over a fill of that opacity: white on a dark fill, else of the colour of the series.
function pen.hatch(d, alpha)
  return string.format("fc rgb '%s' fs transparent pattern %d noborder", alpha > 0.7 and "#ffffff" or d.color, d.hatch)
end

return pen
