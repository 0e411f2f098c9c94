---@meta
-- plot_figure.d.lua: figures of several panels, live figures, formulas in texts.

---A figure: a grid of panels. Methods of a panel draw on the first one.
---@class limn.plot.figure: limn.plot.panel
---@field rows integer
---@field cols integer
local figure = {}

---The panel in row i, column j, or panel number i, counted row by row; options are applied to it.
---Errors: raises outside the grid.
---```lua
---local fig = limn.plot.figure { cols = 2 }
---fig:panel(1, 2, { title = "right" }):line { y = { 1, 2 } }
---print(fig:panel(2))
---```
---@param i integer
---@param j? integer
---@param options? limn.plot.set.options
---@return limn.plot.panel
function figure:panel(i, j, options) end

---Writes the figure and, beside it, the gnuplot script that drew it.
---Errors: nil, message without gnuplot or when the file cannot be written; raises for another suffix.
---```lua
---local path = os.tmpname()
---print(limn.plot.figure({ quiet = true }):line({ y = { 1, 4 } }):save(path .. ".gp") ~= nil)
---os.remove(path .. ".gp")
---os.remove(path)
---```
---@param path string .pdf, .svg, .png, .tex, .gp, or .html: interactive, with values at the pointer, zoom and toggled series
---@return string path
---@return nil
---@return string[] notes on data that the picture does not show
function figure:save(path) end

---@class limn.plot.show.options
---@field as? string "auto", "window", "kitty", "sixel" or "text" (default "auto", or LIMN_SHOW)
---@field columns? integer of text
---@field rows? integer of text
---@field to? file* (default io.stdout)

---Draws on the screen: in a window, as a picture in the terminal, or with characters.
---Errors: nil, message when that is not possible.
---```lua
---local sink = { write = function() end, flush = function() end }
---print(limn.plot.figure():line({ y = { 1, 4 } }):show { as = "text", to = sink })
---```
---@param options? limn.plot.show.options
---@return limn.plot.figure
function figure:show(options) end

---The gnuplot script.
---Errors: none.
---```lua
---print((limn.plot.figure():line({ y = { 1, 4 } }):script "pdf"):match "plot")
---```
---@param format? string "pdf", "svg", "png", "tex" or "gp"
---@return string script
---@return string[] notes
function figure:script(format) end

---Notes of the last save: data that the picture does not show.
---Errors: none.
---```lua
---local fig = limn.plot.figure { quiet = true }
---print("notes:", fig:caption())
---```
---@return string
function figure:caption() end

---A curve that is updated during training.
---@class limn.plot.live
local live = {}

---Adds a point to one curve, or to several by name; draws at the rate of plot.live.
---Errors: raises when a value is not a number.
---```lua
---local sink = { write = function() end, flush = function() end }
---print(limn.plot.live({ to = sink }):add(1, 0.5))
---```
---@param x number
---@param y number|table
---@return boolean drawn
function live:add(x, y) end

---The figure of the points added so far.
---Errors: none.
---```lua
---print(limn.plot.live({ rate = 1 }):figure())
---```
---@return limn.plot.figure
function live:figure() end

---Draws now.
---Errors: nil, message when it cannot be drawn.
---```lua
---local sink = { write = function() end, flush = function() end }
---local live = limn.plot.live { to = sink }
---live:add(1, 2)
---print(live:draw())
---```
---@return limn.plot.live
function live:draw() end

---Draws a last time.
---Errors: nil, message when it cannot be drawn.
---```lua
---local sink = { write = function() end, flush = function() end }
---print(limn.plot.live({ to = sink }):close())
---```
---@return limn.plot.live
function live:close() end

---A label with maths.
---@class limn.plot.math
---@field source string
local label = {}
