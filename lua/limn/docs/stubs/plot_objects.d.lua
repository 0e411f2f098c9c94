---@meta
-- plot_objects.d.lua: panels and their layers.

---One panel of a figure. A figure has the same methods and draws on its first panel. Every method returns its receiver.
---Common options: label, color, alpha, axis="y2", law (a thin line behind the data), verdict.
---@class limn.plot.panel
local panel = {}

---@class limn.plot.named.options
---@field label? string|limn.plot.math for the legend
---@field color? string|integer name, "#rrggbb" or number of a series
---@field colour? string|integer same as color
---@field alpha? number 0 .. 1, of the band for a line with a band
---@field law? boolean a law: a thin line behind the data (default false)
---@field verdict? string appended to the label in brackets

---@class limn.plot.common.options: limn.plot.named.options
---@field axis? string "y" or "y2" (default "y")

---@class limn.plot.stroke.options: limn.plot.common.options
---@field width? number points
---@field dash? string|table "solid", "dashed", "dotted", "dashdot", "dashdotdot", "long" or lengths

---@class limn.plot.plain.options: limn.plot.named.options
---@field width? number points
---@field dash? string|table as of a line

---@class limn.plot.line.options: limn.plot.stroke.options
---@field y limn.array|table
---@field x? limn.array|table numbers or names (default 1, 2, ...)
---@field mark? any a mark, or false
---@field size? number of the marks
---@field band? table {lo, hi} shaded
---@field every? integer a mark at every this many points
---@field thin? boolean|integer omit points that do not change the picture

---A line through points, with gaps at nan.
---Errors: raises for lists of unequal length and unknown options.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:line { x = { 1, 2, 3 }, y = { 1, 4, 9 }, label = "square" }
---print(fig)
---```
---@param options limn.plot.line.options
---@return self
function panel:line(options) end

---@class limn.plot.points.options: limn.plot.common.options
---@field y limn.array|table
---@field x? limn.array|table numbers or names (default 1, 2, ...)
---@field z? limn.array|table values that set the colour
---@field map? string colour map
---@field range? table {low, high} of z
---@field bar? any colour bar, or its label
---@field mark? any
---@field size? number
---@field thin? boolean|integer

---Points, with z coloured by a third number.
---Errors: raises for lists of unequal length and unknown options.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:points { x = { 1, 2 }, y = { 3, 1 } }
---print(fig)
---```
---@param options limn.plot.points.options
---@return self
function panel:points(options) end

---@class limn.plot.band.options: limn.plot.common.options
---@field lo limn.array|table
---@field hi limn.array|table
---@field x? limn.array|table (default 1, 2, ...)

---A shaded band between lo and hi.
---Errors: raises for lists of unequal length and unknown options.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:band { x = { 1, 2 }, lo = { 0, 1 }, hi = { 1, 3 } }
---print(fig)
---```
---@param options limn.plot.band.options
---@return self
function panel:band(options) end

---@class limn.plot.errorbars.options: limn.plot.stroke.options
---@field y limn.array|table
---@field x? limn.array|table numbers or names (default 1, 2, ...)
---@field error? limn.array|table half lengths
---@field lo? limn.array|table
---@field hi? limn.array|table
---@field xerror? limn.array|table
---@field xlo? limn.array|table
---@field xhi? limn.array|table
---@field line? boolean join the points (default false)
---@field mark? any
---@field size? number

---Points with bars: error = half lengths, or lo and hi; xerror, xlo, xhi across.
---Errors: raises for lists of unequal length and unknown options.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:errorbars { x = { 1, 2 }, y = { 1, 2 }, error = { 0.1, 0.2 } }
---print(fig)
---```
---@param options limn.plot.errorbars.options
---@return self
function panel:errorbars(options) end

---@class limn.plot.steps.options: limn.plot.stroke.options
---@field y limn.array|table
---@field x? limn.array|table numbers or names (default 1, 2, ...)
---@field thin? boolean|integer
---@field where? string "post", "pre" or "mid" (default "post")

---A step function.
---Errors: raises for lists of unequal length and unknown options.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:steps { x = { 1, 2, 3 }, y = { 1, 4, 9 } }
---print(fig)
---```
---@param options limn.plot.steps.options
---@return self
function panel:steps(options) end

---@class limn.plot.func.options: limn.plot.stroke.options
---@field f fun(x: number): number
---@field from? number
---@field to? number
---@field samples? integer (default 400)

---A function of x over the panel's range; fig["function"] is the same.
---Errors: raises for lists of unequal length and unknown options.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:set { x = { range = { 0, 1 } } }:func { f = math.sqrt }
---print(fig)
---```
---@param options limn.plot.func.options
---@return self
function panel:func(options) end

---@class limn.plot.bars.options: limn.plot.common.options
---@field y limn.array|table
---@field x? limn.array|table numbers or names (default 1, 2, ...)
---@field error? limn.array|table half lengths
---@field lo? limn.array|table
---@field hi? limn.array|table
---@field width? number
---@field base? number (default 0)
---@field stack? boolean stack on all earlier bars, positive and negative ones apart (default false)

---Bars from a base; x may be names. Of several series of bars, histograms or violins in a panel all but the first are hatched.
---Errors: raises for lists of unequal length and unknown options.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:bars { x = { "a", "b" }, y = { 3, 5 } }
---print(fig)
---```
---@param options limn.plot.bars.options
---@return self
function panel:bars(options) end

---@class limn.plot.histogram.options: limn.plot.stroke.options
---@field values limn.array|table
---@field x? limn.array|table same as values
---@field bins? integer
---@field range? table {low, high}
---@field norm? string "count", "density" or "share" (default "count")
---@field fill? boolean (default true)

---A histogram; bins by the rule of Freedman and Diaconis unless given.
---Errors: raises for lists of unequal length and unknown options.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:histogram { values = { 1, 2, 2, 3 }, bins = 3 }
---print(fig)
---```
---@param options limn.plot.histogram.options
---@return self
function panel:histogram(options) end

---@class limn.plot.violin.options: limn.plot.common.options
---@field y table a list of values per place, or one list with a place in x for each value
---@field x? limn.array|table numbers or names of the places (default 1, 2, ...)
---@field width? number of a place, in distances between places (default 0.8)

---The distribution of replicates at each place: a mirrored Gaussian kernel density (Silverman's bandwidth, on the scale of
---the y axis) that ends at the least and the largest value, with the quartiles and the median.
---Violins are those of Hintze and Nelson, American Statistician 52 (1998); the bandwidth is eq. 3.31 of Silverman, Density
---Estimation (1986).
---Errors: raises for lists of unequal length and unknown options.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:violin { x = { "L1", "L2" }, y = { { 1, 2, 2, 3 }, { 2, 4, 4, 5 } } }
---print(fig)
---```
---@param options limn.plot.violin.options
---@return self
function panel:violin(options) end

---@class limn.plot.strip.options: limn.plot.violin.options
---@field mark? any
---@field size? number

---All replicates at each place as marks, spread sideways in proportion to their density, and a line at their mean.
---Errors: raises for lists of unequal length and unknown options.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:strip { x = { 8, 16 }, y = { { 1, 2, 2, 3 }, { 2, 4, 4, 5 } } }
---print(fig)
---```
---@param options limn.plot.strip.options
---@return self
function panel:strip(options) end

---@class limn.plot.colouring.options
---@field map? string colour map (default "lagoon", or "diverging" with centre)
---@field range? table {low, high}
---@field scale? string "linear" or "log10" (default "linear")
---@field centre? number the value in the middle of a diverging map
---@field center? number same as centre
---@field bar? any colour bar, or its label (default true)
---@field vector? boolean cells as vector shapes instead of a raster

---@class limn.plot.heatmap.options: limn.plot.colouring.options
---@field z limn.array|table rows x columns
---@field x? limn.array|table centres or edges of columns
---@field y? limn.array|table centres or edges of rows

---A matrix as colours, with row i at y[i].
---Errors: raises when z is not a matrix or x and y do not fit it.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:heatmap { z = limn.eye(3) }
---print(fig)
---```
---@param options limn.plot.heatmap.options
---@return self
function panel:heatmap(options) end

---@class limn.plot.contour.options: limn.plot.plain.options
---@field z limn.array|table
---@field x? limn.array|table
---@field y? limn.array|table
---@field levels? table|integer heights, or their number

---Contour lines of a matrix.
---Errors: raises when z is not a matrix.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:contour { z = limn.rng.stream(1):normal(4, 4), levels = { 0 } }
---print(fig)
---```
---@param options limn.plot.contour.options
---@return self
function panel:contour(options) end

---@class limn.plot.image.options: limn.plot.colouring.options
---@field z? limn.array|table
---@field stack? limn.array|table
---@field columns? integer
---@field titles? string[]
---@field gap? number between pictures (default 0.08)

---Pictures: a matrix, a stack (n x h x w) or a list, side by side with one colour scale.
---Errors: raises when pictures differ in size.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:image { stack = limn.zeros(2, 3, 3) }
---print(fig)
---```
---@param options limn.plot.image.options
---@return self
function panel:image(options) end

---@class limn.plot.hline.options: limn.plot.stroke.options
---@field y number

---A horizontal line; hline(0.5) is hline{y=0.5}.
---Errors: raises for lists of unequal length and unknown options.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:hline { y = 1, label = "even" }
---print(fig)
---```
---@param options limn.plot.hline.options
---@return self
function panel:hline(options) end

---@class limn.plot.vline.options: limn.plot.plain.options
---@field x number

---A vertical line; vline(3) is vline{x=3}.
---Errors: raises for lists of unequal length and unknown options.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:vline { x = 3 }
---print(fig)
---```
---@param options limn.plot.vline.options
---@return self
function panel:vline(options) end

---@class limn.plot.text.options
---@field label? string|limn.plot.math same as text
---@field color? string|integer
---@field colour? string|integer same as color
---@field axis? string "y" or "y2" (default "y")
---@field x number
---@field y number
---@field text string|limn.plot.math
---@field size? number points
---@field align? string "left", "center" or "right" (default "left")
---@field at? string "data", or "panel" for fractions of the panel (default "data")
---@field rotate? number degrees (default 0)

---A text at a position.
---Errors: raises for lists of unequal length and unknown options.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:text { x = 0.1, y = 0.9, text = "here", at = "panel" }
---print(fig)
---```
---@param options limn.plot.text.options
---@return self
function panel:text(options) end

---@class limn.plot.arrow.options: limn.plot.stroke.options
---@field from table {x, y}
---@field to table {x, y}
---@field text? string
---@field head? boolean (default true)

---An arrow, with a text at its tail.
---Errors: raises for lists of unequal length and unknown options.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:arrow { from = { 1, 1 }, to = { 2, 2 } }
---print(fig)
---```
---@param options limn.plot.arrow.options
---@return self
function panel:arrow(options) end

---@class limn.plot.set.options
---@field title? string|limn.plot.math
---@field x? string|limn.plot.axis.options
---@field y? string|limn.plot.axis.options
---@field y2? string|limn.plot.axis.options
---@field legend? string|boolean
---@field aspect? string|number

---Changes title, axes or legend.
---Errors: raises for unknown options.
---```lua
---local fig = limn.plot.figure():set { title = "later", y = { scale = "log10" } }
---print(fig)
---```
---@param options limn.plot.set.options
---@return self
function panel:set(options) end

---@class limn.plot.ratio.options
---@field of limn.plot.panel the panel whose lines, points and error bars are divided
---@field law fun(x: number): number or a table of such functions by label
---@field label? string|limn.plot.math of the y axis (default "measured / law")

---The series of another panel over a law, with a line at 1; series keep their colours and marks.
---Errors: raises when no series has a law.
---```lua
---local fig = limn.plot.figure { cols = 2, quiet = true }
---local p = fig:panel(1, 1, { x = { scale = "log2" }, y = { scale = "log10" } })
---p:errorbars { x = { 1, 2, 4 }, y = { 1.1, 1.9, 4.2 }, error = 0.2 }
---fig:panel(1, 2):ratio { of = p, law = function(n) return n end }
---print(fig)
---```
---@param options limn.plot.ratio.options
---@return limn.plot.panel
function panel:ratio(options) end

---@class limn.plot.marginals.options
---@field x? boolean a histogram above the panel (default true)
---@field y? boolean a histogram to the right of the panel (default true)
---@field bins? integer (default: the square root of the number of points, 8 to 60)
---@field size? number of a histogram, as a fraction of the panel (default 0.2)

---Histograms of the points of this panel beside it, on its axes; one per layer of points.
---Errors: raises for unknown options.
---```lua
---local fig = limn.plot.figure { quiet = true }
---fig:points({ x = { 1, 2, 2 }, y = { 3, 1, 1 } }):marginals()
---print(fig)
---```
---@param options? limn.plot.marginals.options
---@return self
function panel:marginals(options) end

---@class limn.plot.inset.options: limn.plot.set.options
---@field zoom? table {x = {low, high}, y = {low, high}}: the layers of this panel in these ranges, which are marked
---@field box? table {left, right, bottom, top} in fractions of the panel (default {0.58, 0.97, 0.58, 0.95})

---A small panel inside this one; with zoom, an enlarged part of it.
---Errors: raises for a box outside 0 .. 1.
---```lua
---local fig = limn.plot.figure():line { y = { 1, 4, 9 } }
---fig:inset({ box = { 0.1, 0.4, 0.6, 0.9 } }):line { y = { 1, 2 } }
---print(fig)
---```
---@param options? limn.plot.inset.options
---@return limn.plot.panel
function panel:inset(options) end
