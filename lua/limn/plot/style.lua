-- limn/plot/style.lua: colours, marks, dashes and colour maps.
-- Series colours are based on the palette of Okabe and Ito (2008), which is distinguishable with colour-vision
-- deficiencies; marks and dashes change together with colours, so that grey copies are readable. Colour maps are
-- computed in Oklab (B. Ottosson, 2020); sequential maps have uniform lightness steps, so that equal differences of
-- the data look equal, also in grey.

local check = require "limn.base.check"

local style = {}

style.ink = "#262626" -- axes and text
style.law = "#1a1a1a" -- theory

style.colors = { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5A5A5A", "#8B6F00" }

style.named = {
  blue = "#0072B2", vermillion = "#D55E00", green = "#009E73", purple = "#CC79A7", orange = "#E69F00",
  sky = "#56B4E9", yellow = "#F0E442", black = "#000000", grey = "#7F7F7F", gray = "#7F7F7F", ink = style.ink,
  white = "#FFFFFF", red = "#D55E00", lightgrey = "#CCCCCC",
}

-- gnuplot's point types: filled shapes first, then open ones.
style.mark_types = {
  circle = 7, square = 5, triangle = 9, diamond = 13, down = 11, pentagon = 15,
  ocircle = 6, osquare = 4, otriangle = 8, odiamond = 12, odown = 10, plus = 1, cross = 2, star = 3, dot = 0,
}
style.marks = { "circle", "square", "triangle", "diamond", "down", "ocircle", "osquare", "otriangle", "odiamond", "odown",
  "pentagon", "plus", "cross", "star" }
-- Factors by which marks of different shape appear equally large.
style.mark_scale = { [7] = 1, [5] = 0.88, [9] = 1.12, [13] = 1.18, [11] = 1.12, [15] = 1, [6] = 1, [4] = 0.88,
  [8] = 1.12,
  [12] = 1.18, [10] = 1.12, [1] = 1, [2] = 0.9, [3] = 1, [0] = 1 }

-- Dash patterns in units of the line width: lengths of dash, gap, ...
style.dashes = {
  solid = {}, dashed = { 4.5, 2 }, dotted = { 1.2, 1.6 }, dashdot = { 5, 1.8, 1.2, 1.8 }, long = { 9, 2.5 },
  dashdotdot = { 5, 1.6, 1.2, 1.6, 1.2, 1.6 },
}
style.dash_order = { "solid", "dashed", "dashdot", "dotted", "long", "dashdotdot" }

style.hatches = { 4, 5, 1, 6, 7, 2 } -- gnuplot's fill patterns: lines one way, the other, both; dense

-- "#rrggbb" of a colour given by name, by number in the palette, or as "#rgb" / "#rrggbb".
function style.color(who, name, value)
  if value == nil then return nil end
  if math.type(value) == "integer" then return style.colors[(value - 1) % #style.colors + 1] end
  if type(value) == "string" then
    if style.named[value] then return style.named[value] end
    if value:match("^#%x%x%x%x%x%x$") then return value end
    local r, g, b = value:match("^#(%x)(%x)(%x)$")
    if r then return "#" .. r .. r .. g .. g .. b .. b end
    local near = check.nearest(value, style.named)
    check.fail("%s: %s must be a colour name, \"#rrggbb\" or a number of the palette, got %s%s", who, name,
      check.show(value),
      near and string.format("; did you mean %q?", near) or "")
  end
  check.fail("%s: %s must be a colour name, \"#rrggbb\" or a number of the palette, got %s", who, name,
    check.show(value))
end

-- ---- Oklab --------------------------------------------------------------------------------------

-- Linear sRGB of an Oklab colour (L in 0..1, a, b).
local function linear_rgb(L, a, b)
  local l = (L + 0.3963377774 * a + 0.2158037573 * b) ^ 3
  local m = (L - 0.1055613458 * a - 0.0638541728 * b) ^ 3
  local s = (L - 0.0894841775 * a - 1.2914855480 * b) ^ 3
  return 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s
end

local function gamma(u)
  u = math.max(0, math.min(1, u))
  return u <= 0.0031308 and 12.92 * u or 1.055 * u ^ (1 / 2.4) - 0.055
end

-- The sRGB colour (0..1) of lightness L and hue (degrees) with the largest displayable chroma that is at most c.
local function displayable(L, c, hue)
  local a, b = math.cos(math.rad(hue)), math.sin(math.rad(hue))
  local function fits(chroma)
    for _, u in ipairs { linear_rgb(L, chroma * a, chroma * b) } do
      if u < -1e-6 or u > 1 + 1e-6 then return false end
    end
    return true
  end
  if not fits(c) then
    local low, high = 0, c
    for _ = 1, 30 do
      local mid = (low + high) / 2
      if fits(mid) then low = mid else high = mid end
    end
    c = low
  end
  local r, g, b2 = linear_rgb(L, c * a, c * b)
  return gamma(r), gamma(g), gamma(b2)
end

-- Piecewise linear interpolation: knots = {{t, v}, ...}.
local function along(knots, t)
  for i = 2, #knots do
    local a, b = knots[i - 1], knots[i]
    if t <= b[1] then return a[2] + (b[2] - a[2]) * (t - a[1]) / (b[1] - a[1]) end
  end
  return knots[#knots][2]
end

-- Each map: knots of lightness, chroma and hue (degrees) over t in 0..1.
local recipes = {
  -- violet, blue, green, yellow: dark to light
  lagoon = {
    { { 0, 0.22 }, { 1, 0.92 } },
    { { 0, 0.11 }, { 0.25, 0.125 }, { 0.5, 0.105 }, { 0.75, 0.15 }, { 1, 0.18 } },
    { { 0, 305 }, { 0.25, 268 }, { 0.5, 205 }, { 0.75, 155 }, { 1, 103 } },
  },
  -- black, purple, red, yellow: dark to light
  ember = {
    { { 0, 0.12 }, { 1, 0.96 } },
    { { 0, 0.03 }, { 0.3, 0.16 }, { 0.55, 0.19 }, { 0.8, 0.15 }, { 1, 0.07 } },
    { { 0, 290 }, { 0.3, 325 }, { 0.55, 385 }, { 0.8, 428 }, { 1, 460 } },
  },
  -- white to dark blue: for counts and fractions
  tide = {
    { { 0, 0.985 }, { 1, 0.30 } },
    { { 0, 0.005 }, { 0.4, 0.07 }, { 0.75, 0.13 }, { 1, 0.10 } },
    { { 0, 220 }, { 0.5, 240 }, { 1, 262 } },
  },
  -- blue, near white, red: lightness symmetric about the centre
  diverging = {
    { { 0, 0.36 }, { 0.5, 0.97 }, { 1, 0.36 } },
    { { 0, 0.11 }, { 0.2, 0.135 }, { 0.5, 0.0 }, { 0.8, 0.15 }, { 1, 0.125 } },
    { { 0, 258 }, { 0.4999, 245 }, { 0.5, 45 }, { 1, 22 } },
  },
  -- green to purple through near white
  orchard = {
    { { 0, 0.36 }, { 0.5, 0.97 }, { 1, 0.36 } },
    { { 0, 0.09 }, { 0.2, 0.12 }, { 0.5, 0.0 }, { 0.8, 0.14 }, { 1, 0.12 } },
    { { 0, 155 }, { 0.4999, 150 }, { 0.5, 315 }, { 1, 310 } },
  },
  -- constant lightness, periodic: for angles and phases
  wheel = { { { 0, 0.68 }, { 1, 0.68 } }, { { 0, 0.12 }, { 1, 0.12 } }, { { 0, 20 }, { 1, 380 } } },
  grey = { { { 0, 0.12 }, { 1, 0.97 } }, { { 0, 0 }, { 1, 0 } }, { { 0, 0 }, { 1, 0 } } },
}
recipes.sequential, recipes.gray = recipes.lagoon, recipes.grey

style.maps = recipes

-- n colours "#rrggbb" of a map; the suffix "_r" of `name` reverses it.
function style.map(who, name, n)
  local base = name:gsub("_r$", "")
  local recipe = recipes[base]
  if not recipe then
    local near = check.nearest(base, recipes)
    check.fail("%s: unknown colour map %s%s", who, check.show(name), near
      and string.format("; did you mean %q?", near) or "")
  end
  local out = {}
  for i = 1, n do
    local t = (i - 1) / (n - 1)
    if base ~= name then t = 1 - t end
    local r, g, b = displayable(along(recipe[1], t), along(recipe[2], t), along(recipe[3], t) % 360)
    out[i] = string.format("#%02x%02x%02x", math.floor(r * 255 + 0.5), math.floor(g * 255 + 0.5),
      math.floor(b * 255 + 0.5))
  end
  return out
end

return style
