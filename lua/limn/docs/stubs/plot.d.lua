---@meta limn.plot
-- plot.d.lua: the functions of limn.plot. The methods of panels, figures and live curves are in plot_objects.d.lua.

---Figures for papers and for the screen, drawn by gnuplot. plot(x, y) draws immediately. plot(results, { x =, y =, by = }) is
---plot.ci: means with intervals; columns that are not named follow from the sweep: x and by are its parameters with the most
---values, y is the first column of measured numbers.
---```lua
---local fig = limn.plot({ 1, 2, 3 }, { 1, 4, 9 }, { show = false })
---print(fig)
---```
---@class limn.lib.plot
---@field colors string[] the colours of series (Okabe and Ito 2008)
---@field venues table page and column widths by venue
---@field format? string|string[] the forms of figures in notebooks: "svg", "png", "pdf" (default all three; the last is for an export through LaTeX)
---@overload fun(x: any, y?: any, options?: limn.plot.quick.options): limn.plot.figure
local plot = {}

---@class limn.plot.page.options
---@field title? string|limn.plot.math
---@field venue? string "neurips", "icml", "iclr", "jmlr", "ieee", "nature", "prx" or "aps": sets width, font and font size
---@field span? string "column" or "page" of the venue
---@field size? table {width, height, unit="in"|"cm"|"mm"|"pt"|"tex"}; tex: TeX's points, as \showthe\columnwidth prints
---@field width? number inches
---@field height? number inches (default: the height of the panels)
---@field legend? string|boolean "best", "above", "direct", "none", "top left", ...; for all panels "top", "bottom", "shared" (default "best")
---@field font? string family (default "DejaVu Sans"; of a venue, one with the metrics of Times or Helvetica)
---@field fontsize? number points (default 8, or the venue's)
---@field dpi? integer of .png (default 200)
---@field quiet? boolean no notes on stderr (default false)
---@field aspect? string|number "equal" or height over width

---@class limn.plot.axis.options
---@field label? string|limn.plot.math
---@field scale? string "linear", "log10", "log2" or "symlog" (default "linear")
---@field range? table {low, high}
---@field ticks? table
---@field minor? boolean small ticks (default true)
---@field format? string of tick labels: "plain", "percent", "thousands", "si", "power", "time" (seconds) or "date"
---@field grid? boolean (default false)
---@field linear? number symlog: linear between -linear and linear (default 1)
---@field reverse? boolean (default false)
---@field zero? boolean include 0 in an automatic range (default false)

---@class limn.plot.figure.options: limn.plot.page.options
---@field x? string|limn.plot.axis.options
---@field y? string|limn.plot.axis.options
---@field y2? string|limn.plot.axis.options the axis on the right
---@field rows? integer of panels (default 1)
---@field cols? integer of panels (default 1)
---@field share? string|boolean "x", "y", "both" or true: panels share axes
---@field letters? boolean|string on panels: "(a)", "a)", "a", "A", "(A)" (default: the venue's, "(a)")
---@field colorbar? string|boolean one bar for all panels
---@field colourbar? string|boolean same as colorbar

---A new figure with a grid of panels. Nothing is drawn until save or show.
---Errors: raises for an unknown venue, a size out of range, an unknown option.
---```lua
---local fig = limn.plot.figure { x = { label = "points", scale = "log2" }, y = "P/R", venue = "icml" }
---fig:line { x = { 1, 2, 4, 8 }, y = { 1, 2, 4, 8 }, label = "law" }
---print(fig)
---```
---@param options? limn.plot.figure.options
---@return limn.plot.figure
function plot.figure(options) end

---Maths for labels: "P/R", or text with maths between dollars. Greek, sub- and superscripts, fractions.
---Errors: raises when a brace or a dollar is not closed.
---```lua
---print(limn.plot.math "points $D$, $2^C - 1$")
---```
---@param source string
---@return limn.plot.math
function plot.math(source) end

---A label that is passed to LaTeX unchanged in a .tex figure and is otherwise drawn as by plot.math.
---Errors: raises when a brace or a dollar is not closed.
---```lua
---print(limn.plot.tex "$2^C$")
---```
---@param source string
---@return limn.plot.math
function plot.tex(source) end

---n colours "#rrggbb" of a colour map, dark to light, or from one end to the other of a diverging map; the suffix "_r"
---reverses it. The maps are computed in Oklab (Ottosson 2020), which is perceptually uniform.
---Errors: raises for an unknown map.
---```lua
---print(limn.plot.map("lagoon", 3)[1])
---```
---@param name string
---@param n? integer (default 33)
---@return string[]
function plot.map(name, n) end

---@class limn.plot.theme.options
---@field venue? string
---@field font? string family
---@field fontsize? number points
---@field width? number inches
---@field height? number inches
---@field dpi? integer of .png
---@field quiet? boolean
---@field legend? string|boolean
---@field letters? boolean|string
---@field colors? table of series, in order
---@field notebook? string "svg" or "png": the form of figures in notebooks (default "svg")

---Defaults for all later figures of the program; theme{} returns to limn's own.
---Errors: raises for values that plot.figure refuses.
---```lua
---limn.plot.theme { font = "DejaVu Serif", fontsize = 9 }
---print(limn.plot.figure().font)
---limn.plot.theme {}
---```
---@param options? limn.plot.theme.options
---@return table
function plot.theme(options) end

---@class limn.plot.quick.options: limn.plot.page.options
---@field show? boolean draw immediately (default true)
---@field xlabel? string
---@field ylabel? string
---@field xscale? string
---@field yscale? string
---@field xrange? table
---@field yrange? table
---@field marks? string "points": points instead of lines

---A matrix as colours, with row 1 at the top. Also accepts the options of heatmap.
---Errors: raises when z is not a matrix.
---```lua
---print(limn.plot.heat(limn.eye(4), { show = false }))
---```
---@param z limn.array|table
---@param options? limn.plot.quick.options
---@return limn.plot.figure
function plot.heat(z, options) end

---A histogram; bins by the rule of Freedman and Diaconis. Also accepts the options of histogram.
---Errors: raises when values are not numbers.
---```lua
---print(limn.plot.hist(limn.rng.stream(1):normal(100), { show = false }))
---```
---@param values limn.array|table
---@param options? limn.plot.quick.options
---@return limn.plot.figure
function plot.hist(values, options) end

---@class limn.plot.ci.options: limn.plot.page.options
---@field x string column
---@field y string column
---@field by? string column: a curve for each of its values
---@field error? string "ci" (95 %), "se", "sd" or "range" (default "ci")
---@field xscale? string (default: log2 or log10 for values in geometric progression)
---@field yscale? string
---@field xlabel? string
---@field ylabel? string
---@field xrange? table
---@field yrange? table
---@field show? boolean draw immediately (default true)
---@field panel? any

---The mean of y at every x with its interval, from rows with replicates. What it does not show is drawn below the panel,
---stands in the caption and is printed by figure:save: rows without numbers (NaN), how many places are means of fewer
---replicates for that, how many have one value and so no interval, and parameters of a sweep that are neither x nor by.
---Errors: raises when no row has numbers in both columns.
---Source: Student's interval of the mean (eq. 36).
---```lua
---local rows = { { D = 1, r = 2 }, { D = 1, r = 3 }, { D = 2, r = 4 }, { D = 2, r = 6 } }
---print(limn.plot.ci(rows, { x = "D", y = "r", show = false }))
---```
---@param results limn.results|table rows, or a table of columns
---@param options limn.plot.ci.options
---@return limn.plot.figure
function plot.ci(results, options) end

---@class limn.plot.live.options
---@field x? string|table the axis
---@field y? string|table the axis
---@field title? string
---@field rate? number redraws per second, at most (default 2)
---@field share? number fraction of the time spent on drawing, at most (default 0.01)
---@field path? string a figure file that is rewritten, instead of the screen
---@field keep? integer points kept for each curve (default 4000)
---@field to? file* (default io.stdout)
---@field clock? fun(): number seconds

---A curve that is updated during training.
---Errors: raises for an unknown option.
---```lua
---local sink = { write = function() end, flush = function() end }
---local live = limn.plot.live { x = "step", y = "loss", to = sink }
---live:add(1, { train = 0.5, test = 0.6 })
---print(live)
---```
---@param options? limn.plot.live.options
---@return limn.plot.live
function plot.live(options) end

return plot
