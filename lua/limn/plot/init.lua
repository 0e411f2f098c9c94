-- limn/plot/init.lua: figures for papers and screens, drawn by gnuplot.
--   fig = plot.figure{x={label="points", scale="log2"}, y={label="P/R"}, venue="icml"}
--   fig:line{x=, y=, label=}; fig:save("out/f.pdf")

local check = require "limn.base.check"
local figure = require "limn.plot.figure"
local gnuplot = require "limn.plot.gnuplot"
local style = require "limn.plot.style"
local quick = require "limn.plot.quick"
local theme = require "limn.plot.theme"
local text = require "limn.plot.text"

local plot = { figure = figure.new, math = text.math, tex = text.tex, venues = figure.venues, heat = quick.heat,
  hist = quick.hist,
  ci = quick.ci, live = require "limn.plot.live" }

-- map(name, n) -> n colours "#rrggbb", evenly spaced along a colour map.
function plot.map(name, n)
  check.value("plot.map", "name", name, { type = "string", required = true, help = "the name of a colour map" })
  return style.map("plot.map", name, check.value("plot.map", "n", n, { type = "integer", min = 1, default = 33 }))
end

-- theme{font=, fontsize=, width=, colors=, ...} -> the defaults that hold for later figures; theme{}: limn's own.
function plot.theme(options) return theme.set(options, figure.new) end

check.sealed("plot.", plot)
plot.colors = style.colors
plot.gnuplot = gnuplot

return setmetatable(plot, {
  __call = function(_, x, y, options, ...) -- plot(x, y)
    if select("#", ...) > 0 then check.surplus("plot", 3, 3 + select("#", ...)) end
    return quick.plot(x, y, options)
  end,
  __name = "limn.plot",
  __tostring = function() return "limn.plot: figure, heat, hist, ci, live; plot(x, y) shows a plot" end,
})
