-- gallery.lua: every layer and option of limn.plot on one page. The data are made up; none is a measurement.
--   limn scripts/gallery.lua [--out DIRECTORY] [FORMAT...]      formats: pdf svg png tex gp (default: pdf png)
--   limn scripts/gallery.lua --each [--out DIRECTORY]           every plot as a separate figure: gallery_1.svg, ...
-- A block that begins with "-- (a) text" is one plot; the gallery page of the documentation prints its code.
-- Cost: a second or two.
local limn = require "limn"
local plot = limn.plot
local math_ = plot.math

local out, formats, each = "out", {}, false
do
  local args, i = { ... }, 1
  if #args == 0 and arg then args = arg end
  while args[i] do
    if args[i] == "--out" then
      out, i = args[i + 1] or out, i + 1
    elseif args[i] == "--each" then
      each = true
    elseif args[i] == "--help" then
      print("limn scripts/gallery.lua [--each] [--out DIRECTORY] [pdf|svg|png|tex|gp ...]: draws every kind of plot")
      return
    else
      formats[#formats + 1] = args[i]
    end
    i = i + 1
  end
  if #formats == 0 then formats = { "pdf", "png" } end
end

-- Reproducible normal numbers from a linear congruential generator.
local state = 12345
local function uniform()
  state = (state * 1103515245 + 12345) % 2 ^ 31
  return (state + 0.5) / 2 ^ 31
end
local function normal() return math.sqrt(-2 * math.log(uniform())) * math.cos(2 * math.pi * uniform()) end

local function grid(n, f)
  local z = {}
  for i = 1, n do
    z[i] = {}
    for j = 1, n do z[i][j] = f((j - 0.5) / n * 4 - 2, (i - 0.5) / n * 4 - 2) end
  end
  return z
end

local function tanh(v) return 1 - 2 / (math.exp(2 * v) + 1) end

local function table_of(n, f)
  local t = {}
  for i = 1, n do t[i] = f(i) end
  return t
end

local fig = plot.figure { rows = 6, cols = 4, width = 11, fontsize = 9, quiet = true }
local k, alone = 0, {}
local function panel(options)
  k = k + 1
  if not each then return fig:panel(k, options) end
  alone[k] = plot.figure { size = { 3.4, 2.6 }, quiet = true }
  return alone[k]:panel(1, options)
end

-- (a) lines with marks and bands; a law with its verdict
local p = panel { title = "line, band, law", x = { label = math_ "training points $D$", scale = "log2" },
  y = { label = math_ "P/R", scale = "log10" } }
for _, bits in ipairs { 4, 8 } do
  local x = table_of(9, function(i) return 2.0 ^ (i + 1) end)
  local y = table_of(9, function(i) return x[i] / 2 ^ bits * math.exp(0.12 * normal()) end)
  p:line { x = x, y = y, label = bits .. " bits",
    band = { table_of(9, function(i) return y[i] * 0.7 end), table_of(9, function(i) return y[i] * 1.4 end) } }
  p:func { f = function(D) return D / 2 ^ bits end, law = true, label = bits == 4 and math_ "p D/(1-p)" or nil,
    verdict = bits == 4 and "agrees" or nil }
end
p:hline(1)

-- (b) curves without marks, distinguished by dashes; labels at their ends
p = panel { title = "direct labels", x = "depth", y = "signal", legend = "direct" }
for m = 1, 5 do
  local x = table_of(120, function(i) return i / 12 end)
  p:line { x = x, y = table_of(120, function(i) return math.exp(-x[i] * m / 12) end), label = math_("λ = " .. m) }
end

-- (c) points coloured by a third variable
p = panel { title = "points, colour", x = math_ "x_1", y = math_ "x_2" }
local px, py = table_of(300, normal), table_of(300, normal)
p:points { x = px, y = py, z = table_of(300, function(i) return px[i] ^ 2 + py[i] ^ 2 end), bar = math_ "|x|^2" }

-- (d) error bars, steps, a vertical rule and an arrow with text
p = panel { title = "errorbars, steps", x = "epoch", y = { label = "error", zero = true } }
p:errorbars { x = table_of(8, function(i) return i end), y = table_of(8, function(i) return 1 / i end),
  error = table_of(8, function(i) return 0.25 / i end), label = "test", line = true }
p:steps { x = table_of(8, function(i) return i end), y = table_of(8, function(i) return 0.7 / i end), label = "train" }
p:vline(6):arrow { from = { 4.2, 0.75 }, to = { 5.9, 0.35 }, text = "early stop" }

-- (e) grouped bars with error bars
p = panel { title = "bars", y = "accuracy" }
p:bars { x = { "ridge", "L1", "Bayes" }, y = { 0.61, 0.88, 0.95 }, error = 0.03, label = "parity" }
p:bars { x = { "ridge", "L1", "Bayes" }, y = { 0.92, 0.90, 0.96 }, error = 0.02, label = "majority" }

-- (f) stacked bars
p = panel { title = "stacked bars", y = "fraction", legend = "above" }
for m, name in ipairs { "last", "hidden", "input" } do
  p:bars { x = { "1", "2", "3" }, y = ({ { 0.96, 0.64, 0.48 }, { 0, 0.32, 0.48 }, { 0.04, 0.04, 0.04 } })[m],
    stack = true, label = name }
end

-- (g) histograms, bin width by the Freedman-Diaconis rule
p = panel { title = "histogram", x = "margin", y = "density" }
p:histogram { values = table_of(2000, normal), norm = "density", label = "narrow" }
p:histogram { values = table_of(2000, function() return 2.5 + 1.5 * normal() end), norm = "density", label = "wide" }

-- (h) functions on logarithmic axes with a grid
p = panel { title = "log-log, grid", x = { label = math_ "n", scale = "log10", range = { 1, 1e4 }, grid = true },
  y = { label = math_ "n^{-1/2}", scale = "log10", grid = true } }
p:func { f = function(n) return n ^ -0.5 end, label = math_ "n^{-1/2}" }
p:func { f = function(n) return 1 / n end, label = math_ "n^{-1}" }

-- (i) an axis linear near 0 and logarithmic beyond (symlog)
p = panel { title = "symlog", x = { label = "update", scale = "symlog", linear = 1 }, y = "response" }
local sx = table_of(81, function(i) return (i - 41) ^ 3 / 60 end)
p:line { x = sx, y = table_of(81, function(i) return math.atan(sx[i] / 10) end) }

-- (j) two y axes
p = panel { title = "two axes", x = "step", y = "loss", y2 = "rate", legend = "above" }
local steps = table_of(60, function(i) return i end)
p:line { x = steps, y = table_of(60, function(i) return 1 / (1 + i / 6) end), label = "loss" }
p:line { x = steps, y = table_of(60, function(i) return 0.5 * (1 + math.cos(math.pi * i / 60)) end), axis = "y2",
  label = "rate" }

-- (k) an inset
p = panel { title = "inset", x = { label = math_ "t" }, y = { label = math_ "f(t)", range = { -1, 3 } } }
local wave = function(t) return math.sin(t) + 0.05 * math.sin(40 * t) end
p:func { f = wave, from = 0, to = 6, samples = 800 }
p:inset { box = { 0.55, 0.96, 0.62, 0.95 }, x = { range = { 1.4, 1.8 } } }:func { f = wave, samples = 400 }

-- (l) values that are not finite leave gaps; values that a log axis cannot show are counted
p = panel { title = "gaps", x = "x", y = "y" }
p:line { x = table_of(40, function(i) return i end), y = table_of(40, function(i)
  return (i > 12 and i < 18) and 0 / 0 or i == 30 and 1 / 0 or math.sin(i / 6)
end), mark = true, every = 2 }

-- (m) a scalar field in a sequential colour map
local bump = grid(48, function(x, y) return math.exp(-x * x - y * y) end)
panel { title = "heatmap", x = math_ "x_1", y = math_ "x_2" }:heatmap { z = bump, x = { -2, 2 }, y = { -2, 2 } }

-- (n) a scalar field in a diverging colour map, with its zero contour and marks
local saddle = grid(48, function(x, y) return tanh(1.5 * x * y + 0.4 * math.sin(3 * x)) end)
panel { title = "diverging, zero line", x = math_ "x_1", y = math_ "x_2" }
  :heatmap { z = saddle, x = { -2, 2 }, y = { -2, 2 }, centre = 0, bar = math_ "f(x)" }
  :contour { z = saddle, x = { -2, 2 }, y = { -2, 2 } }
  :points { x = { -1, 1, -1, 1 }, y = { -1, 1, 1, -1 }, color = "black", mark = "ocircle", size = 4 }

-- (o) log axes and a log colour scale
local widths, sizes = table_of(9, function(i) return 2.0 ^ i end), table_of(7, function(i) return 10.0 ^ (i / 2) end)
local z = table_of(7, function(i) return table_of(9, function(j) return widths[j] / sizes[i] end) end)
panel { title = "log axes and colours", x = { label = "width", scale = "log2" },
  y = { label = "data", scale = "log10" } }
  :heatmap { z = z, x = widths, y = sizes, scale = "log10", map = "ember" }

-- (p) contour lines
panel { title = "contours", x = math_ "x_1", y = math_ "x_2", legend = "none" }
  :contour { z = bump, x = { -2, 2 }, y = { -2, 2 }, levels = { 0.1, 0.3, 0.5, 0.7, 0.9 }, color = "blue" }

-- (q) a stack of small maps
panel { title = "contact sheet" }:image { stack = table_of(9, function(m)
  return grid(20, function(x, y) return math.sin(m * x) + math.cos(m * y) end)
end), map = "grey", bar = false }

-- (r) the colour maps
p = panel { title = "maps", y = { ticks = { { 1, "wheel" }, { 2, "orchard" }, { 3, "diverging" }, { 4, "tide" },
  { 5, "ember" },
  { 6, "lagoon" } }, range = { 0.4, 6.6 } }, x = { ticks = false, range = { 0, 1 } } }
for row, name in ipairs { "wheel", "orchard", "diverging", "tide", "ember", "lagoon" } do
  local colours = plot.map(name, 40)
  for i = 1, 40 do
    local x = { (i - 1) / 40, i / 40 + (i < 40 and 0.002 or 0) }
    p:band { x = x, lo = { row - 0.35, row - 0.35 }, hi = { row + 0.35, row + 0.35 }, color = colours[i], alpha = 1 }
  end
end

-- (s) the palette and its dashes
p = panel { title = "palette, dashes", x = { ticks = false }, y = { ticks = false }, legend = "direct" }
for m, name in ipairs { "solid", "dashed", "dashdot", "dotted", "long", "dashdotdot" } do
  p:line { x = { 0, 1 }, y = { -m, -m }, mark = false, width = 1.6, label = name }
end

-- (t) the marks
p = panel { title = "marks", x = { ticks = false, range = { -0.6, 2.6 } },
  y = { ticks = false, range = { -4.8, 0.5 } },
  legend = "none" }
for m, name in ipairs { "circle", "square", "triangle", "diamond", "down", "pentagon", "ocircle", "osquare",
  "otriangle", "odiamond",
  "odown", "plus", "cross", "star" } do
  p:points { x = { (m - 1) % 3 }, y = { -((m - 1) // 3) }, mark = name, size = 5, label = name }
  p:text { x = (m - 1) % 3, y = -((m - 1) // 3) - 0.45, text = name, align = "center", size = 8 }
end

-- (u) replicates as violins: densities with quartiles and medians
p = panel { title = "violins", y = "accuracy" }
local function draws(n, mean, sd) return table_of(n, function() return mean + sd * normal() end) end
p:violin { x = { "ridge", "L1", "Bayes" }, y = { draws(60, 0.6, 0.08), draws(60, 0.85, 0.05), draws(60, 0.95, 0.02) } }

-- (v) all replicates, and their means
p = panel { title = "strips", x = { label = "width", scale = "log2" }, y = { label = "loss", scale = "log10" } }
for m, name in ipairs { "standard", "muP" } do
  p:strip { x = { 64, 128, 256 }, y = table_of(3, function(i)
    return table_of(16, function() return 4 ^ -i / m * math.exp(0.3 * normal()) end)
  end), label = name }
end

-- (w) a scatter plot with the histograms of its coordinates
p = panel { title = "marginal histograms", x = math_ "x_1", y = math_ "x_2" }
p:points { x = table_of(400, normal), y = table_of(400, normal), label = "initial" }
p:points { x = draws(400, 2.5, 0.7), y = draws(400, 1, 1.5), label = "trained" }
p:marginals()

-- (x) long names below an axis
p = panel { title = "names", y = "labels needed" }
p:bars { x = { "minimum L1 norm", "minimum L2 norm", "Bayes' rule", "wide nets", "muP nets" }, y = { 10, 36, 8, 50, 31 } }

assert(os.execute("mkdir -p '" .. out:gsub("'", "'\\''") .. "'"))
for i, figure in ipairs(alone) do assert(figure:save(("%s/gallery_%d.svg"):format(out, i))) end
for _, format in ipairs(each and {} or formats) do
  local path, why = fig:save(out .. "/gallery." .. format)
  if not path then
    io.stderr:write("gallery: ", why, "\n")
    os.exit(1)
  end
  print(path)
end
