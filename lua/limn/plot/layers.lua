-- limn/plot/layers.lua: the kinds of layers of a panel. Each constructor checks its options and returns a layer: a
-- table with its kind, columns (f64 vectors) and style. Layers do not depend on the page or on gnuplot.

local layers = {}

for _, kinds in ipairs { require "limn.plot.layers.curves", require "limn.plot.layers.bars",
  require "limn.plot.layers.fields", require "limn.plot.layers.replicates", (require "limn.plot.layers.marks") } do
  for kind, new in pairs(kinds) do layers[kind] = new end
end
layers["function"] = layers.func

-- The names of the layer methods of a panel.
layers.kinds = { "line", "points", "band", "errorbars", "steps", "func", "bars", "histogram", "violin", "strip", "heatmap",
  "contour", "image", "text", "hline", "vline", "arrow" }

return layers
