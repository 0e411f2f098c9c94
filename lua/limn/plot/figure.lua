-- limn/plot/figure.lua: figures and panels. A figure is a grid of panels, a panel a list of layers. Drawing happens in
-- save and show; these do not change the figure, so it can be saved in several formats.

local native = require "limn.native"
local check = require "limn.base.check"
local axes = require "limn.plot.axes"
local fonts = require "limn.plot.fonts"
local formats = require "limn.plot.formats"
local gnuplot = require "limn.plot.gnuplot"
local layers = require "limn.plot.layers"
local layout = require "limn.plot.layout"
local legend = require "limn.plot.legend"
local script = require "limn.plot.script"
local text = require "limn.plot.text"
local theme = require "limn.plot.theme"
local venues = require "limn.plot.venues"

local figure = {}

-- ---- panels ---------------------------------------------------------------------------------------------

local Panel = { __name = "limn.plot.panel" }
Panel.__index = Panel

local panel_rules = {
  title = { type = "any" }, x = { type = "any" }, y = { type = "any" }, y2 = { type = "any" },
    legend = { type = "any" },
  aspect = { type = "any" },
}

local function check_legend(who, value, more)
  if value == nil or value == false or value == true or legend.places[value]
    or (more and more[value]) then return value end
  local near = type(value) == "string" and check.nearest(value, legend.places)
  check.fail("%s: legend must be best, above, direct, none, shared (of a figure) or a corner such as \"top left\", got %s%s", who,
    check.show(value), near and string.format("; did you mean %q?", near) or "")
end

local function configure(panel, who, options)
  if options.title ~= nil then panel.title = text.label(who, "title", options.title) end
  for _, name in ipairs { "x", "y", "y2" } do
    if options[name] ~= nil or not panel[name] then panel[name] = axes.new(who, name, options[name]) end
  end
  if options.legend ~= nil then panel.legend = check_legend(who, options.legend) end
  if options.aspect ~= nil then
    if options.aspect ~= "equal" and not (type(options.aspect) == "number" and options.aspect > 0.01
      and options.aspect < 100) then
      check.fail("%s: aspect must be \"equal\" or a ratio of height to width, got %s", who, check.show(options.aspect))
    end
    panel.aspect = options.aspect == "equal" and 1 or options.aspect
  end
end

local function new_panel(who, options, row, col)
  local panel = setmetatable({ layers = {}, row = row, col = col }, Panel)
  configure(panel, who, options)
  return panel
end

function Panel:__tostring()
  return string.format("limn.plot panel (%d,%d): %d layers", self.row, self.col, #self.layers)
end

for _, kind in ipairs(layers.kinds) do
  Panel[kind] = function(self, options)
    local layer = layers[kind]("panel:" .. kind, options)
    for _, other in ipairs(kind == "image" and self.layers or {}) do
      if other.kind == "image" then check.fail("panel:image: the panel has pictures already; give all in one call, "
        .. "as a list") end
    end
    self.layers[#self.layers + 1] = layer
    return self
  end
end
Panel["function"] = Panel.func

-- Sets the title, axes, legend or aspect of the panel.
function Panel:set(options)
  configure(self, "panel:set", check.options("panel:set", options, panel_rules))
  return self
end

local inset_rules = { box = { type = "table", default = { 0.58, 0.97, 0.58, 0.95 } }, zoom = { type = "table" } }
for k, v in pairs(panel_rules) do inset_rules[k] = v end

local function checked_box(b)
  for i = 1, 4 do
    if type(b[i]) ~= "number" or b[i] < 0 or b[i] > 1 then
      check.fail("panel:inset: box must be {left, right, bottom, top}, four fractions in 0 .. 1, got %s at %d",
        check.show(b[i]), i)
    end
  end
  if b[1] >= b[2] or b[3] >= b[4] then
    check.fail("panel:inset: box must be {left, right, bottom, top} with left < right and bottom < top, "
      .. "got {%g, %g, %g, %g}", b[1], b[2], b[3], b[4])
  end
end

-- The axes of an inset that enlarges a part of its host: {x = {low, high}, y = {low, high}}.
local function zoomed(host, o)
  for _, name in ipairs { "x", "y" } do
    if type(o.zoom[name]) ~= "table" then
      check.fail("panel:inset: zoom must be {x = {low, high}, y = {low, high}}, got %s = %s", name,
        check.show(o.zoom[name]))
    end
    if o[name] then check.fail("panel:inset: zoom and %s are both given; give one of them", name) end
    local axis = host[name]
    o[name] = { scale = axis.scale, linear = axis.linear, reverse = axis.reverse, range = o.zoom[name] }
  end
end

-- A small panel inside this one; box = {left, right, bottom, top} as fractions of the box of the axes. With zoom it shows
-- the layers of this panel in smaller ranges, which are marked here.
function Panel:inset(options)
  local o = check.options("panel:inset", options, inset_rules)
  checked_box(o.box)
  if o.zoom then zoomed(self, o) end
  local panel = new_panel("panel:inset", o, self.row, self.col)
  panel.inset_box, panel.legend = o.box, o.legend == nil and "none" or o.legend
  if o.zoom then panel.layers, panel.zoom = self.layers, true end
  self.insets = self.insets or {}
  self.insets[#self.insets + 1] = { panel = panel, box = o.box }
  return panel
end

-- Fills this panel with the quotients of the series of another panel and a law; see ratio.lua.
function Panel:ratio(options) return require("limn.plot.ratio")(self, options) end

-- Histograms of the points of the panel above it and to its right; see marginals.lua.
function Panel:marginals(options)
  local o = check.options("panel:marginals", options, { x = { type = "boolean", default = true },
    y = { type = "boolean", default = true }, bins = { type = "integer", min = 1, max = 1000 },
    size = { type = "number", min = 0.05, max = 0.5, default = 0.2, help = "fraction of the panel" } })
  self.marginal_options = o
  return self
end

-- ---- figures ----------------------------------------------------------------------------------------------

local Figure = { __name = "limn.plot.figure" }
Figure.__index = Figure

local figure_rules = {
  title = { type = "any" }, x = { type = "any" }, y = { type = "any" }, y2 = { type = "any" },
  size = { type = "table" }, venue = { type = "string" }, span = { type = "string", one_of = { "column", "page" } },
  height = { type = "number", min = 0.3, max = 60 }, width = { type = "number", min = 0.3, max = 60 },
  rows = { type = "integer", min = 1, max = 30, default = 1 },
    cols = { type = "integer", min = 1, max = 30, default = 1 },
  share = { type = "any" }, legend = { type = "any" }, letters = { type = "any" }, colorbar = { type = "any" },
  colourbar = { type = "any" }, font = { type = "string" },
  fontsize = { type = "number", min = 2, max = 72 }, dpi = { type = "integer", min = 20, max = 2400, default = 200 },
  quiet = { type = "boolean", default = false }, aspect = { type = "any" },
}

local units = { ["in"] = 72, cm = 72 / 2.54, mm = 72 / 25.4, pt = 1, tex = 72 / 72.27 }

local function page_size(who, o)
  local venue
  if o.venue then
    venue = venues[o.venue:lower()]
    if not venue then
      local near = check.nearest(o.venue:lower(), venues)
      check.fail("%s: unknown venue %s%s", who, check.show(o.venue), near
        and string.format("; did you mean %q?", near) or
        " (neurips, icml, iclr, jmlr, ieee, nature, prx, aps)")
    end
  end
  local width, height
  if o.size then
    for key in pairs(o.size) do
      if key ~= 1 and key ~= 2
        and key ~= "unit" then check.fail("%s: size must be {width, height, unit=\"in\"|\"cm\"|\"mm\"|\"pt\"|\"tex\"}, "
          .. "got an entry %s", who, check.show(key)) end
    end
    local unit = units[o.size.unit or "in"]
    if not unit then check.fail("%s: size.unit must be \"in\", \"cm\", \"mm\", \"pt\" or \"tex\", got %s", who,
      check.show(o.size.unit)) end
    for i = 1, 2 do
      local v = o.size[i]
      if type(v) ~= "number" or not (v * unit >= 30 and v * unit <= 6000) then
        check.fail("%s: size[%d] must be a length between 30 and 6000 points, got %s", who, i, check.show(v))
      end
    end
    width, height = o.size[1] * unit, o.size[2] * unit
  end
  if venue and not width then
    local span = o.span or (o.cols > 1 and "page" or "column")
    width = (span == "column" and venue.column or venue.page) * 72
    if not venue.column and o.cols == 1 and not o.span then width = width * 0.6 end
  end
  width = o.width and o.width * 72 or width or 72 * (o.cols == 1 and 3.4 or math.min(7, 2.5 * o.cols))
  height = o.height and o.height * 72 or height -- nil: determined by the panels
  return math.floor(width + 0.5), height and math.floor(height + 0.5), o.fontsize or (venue and venue.font) or 8, venue
end

local FONT = "DejaVu Sans"

-- The family of the texts: the given one, else the venue's where it is installed -> family, a note or nil.
local function family(who, given, venue)
  if given and not given:match("^[%w][%w %-]*$") then
    check.fail("%s: font must be a family name of letters, digits, spaces and -, got %s", who, check.show(given))
  end
  if given or not venue then return given or FONT end
  local found, why = fonts.first(fonts[venue.family])
  return found or FONT, why and why .. (": '%s' is used instead"):format(FONT)
end

local LETTERS = { ["(a)"] = true, ["a"] = true, ["a)"] = true, ["A"] = true, ["(A)"] = true }

local function letter_style(who, value)
  if value == nil or type(value) == "boolean" or LETTERS[value] then return value end
  check.fail("%s: letters must be true, false, \"(a)\", \"a)\", \"a\", \"A\" or \"(A)\", got %s", who, check.show(value))
end

function figure.new(options)
  local who = "plot.figure"
  local o = check.options(who, theme.applied(options), figure_rules)
  local self = setmetatable({ rows = o.rows, cols = o.cols, panels = {}, quiet = o.quiet, dpi = o.dpi,
    letters = letter_style(who, o.letters) }, Figure)
  local venue
  self.letter_style = type(self.letters) == "string" and self.letters
  self.width, self.height, self.font_size, venue = page_size(who, o)
  self.letter_style = self.letter_style or venue and venue.letters or "(a)"
  self.small_size = math.max(5, self.font_size - 1)
  if self.font_size <= 7 then self.small_size = self.font_size - 0.5 end
  self.font, self.font_note = family(who, o.font, venue)
  self.title = text.label(who, "title", o.title)
  self.legend = check_legend(who, o.legend, { top = true, bottom = true, shared = true })
  local share = o.share
  if share == true then share = "both" end
  if share ~= nil and share ~= false and share ~= "x" and share ~= "y" and share ~= "both" then
    check.fail("%s: share must be \"x\", \"y\" or \"both\", got %s", who, check.show(share))
  end
  self.share = share or nil
  local bar = o.colorbar
  if bar == nil then bar = o.colourbar end
  if bar ~= nil and bar ~= false then self.colorbar = bar == true or text.label(who, "colorbar", bar) end
  self.axes = { x = o.x, y = o.y, y2 = o.y2, aspect = o.aspect }
  for i = 1, o.rows do
    self.panels[i] = {}
    for j = 1, o.cols do self.panels[i][j] = new_panel(who, self.axes, i, j) end
  end
  self.notes, self.losses, self.foot = {}, {}, {} -- foot: labels of the lines below the panels
  return self
end

-- The panel in row i, column j (or panel number i, counted row by row); options as those of panel:set.
function Figure:panel(i, j, options)
  if type(j) == "table" then j, options = nil, j end
  if math.type(i) ~= "integer" or (j ~= nil and math.type(j) ~= "integer") then
    check.fail("figure:panel: row and column must be whole numbers, got %s and %s", check.show(i), check.show(j))
  end
  if j == nil then i, j = (i - 1) // self.cols + 1, (i - 1) % self.cols + 1 end
  if i < 1 or i > self.rows or j < 1 or j > self.cols then
    check.fail("figure:panel: (%d,%d) is outside the %dx%d grid", i, j, self.rows, self.cols)
  end
  local panel = self.panels[i][j]
  if options then panel:set(options) end
  return panel
end

for name, method in pairs(Panel) do -- the methods of a panel, called on a figure, act on its first panel
  if type(method) == "function" and not name:match("^__") then
    Figure[name] = function(self, options)
      local result = method(self.panels[1][1], options)
      return name == "inset" and result or self
    end
  end
end

function Figure:__tostring()
  local count = 0
  for i = 1, self.rows do
    for j = 1, self.cols do count = count + #self.panels[i][j].layers end
  end
  return string.format("limn.plot figure %.3g in wide, %dx%d panel%s, %d layer%s", self.width / 72, self.rows,
    self.cols,
    self.rows * self.cols == 1 and "" or "s", count, count == 1 and "" or "s")
end

-- ---- saving --------------------------------------------------------------------------------------------------

local HEADER = [[
# Drawn by limn %s: this script holds the data and the looks of one figure. To draw it again:
#   gnuplot -d %s
]]

-- script(format) -> the gnuplot script, the notes, the page, and those notes that report omitted data.
function Figure:script(format)
  local page = layout.page(self)
  local body, notes, lost, groups, count = script.body(page, format == "tex" and "tex" or nil, format)
  page.groups, page.group_count = groups, count
  if self.remarks then table.move(self.remarks, 1, #self.remarks, #notes + 1, notes) end
  return body, notes, page, lost
end

-- Adds a sentence to the caption; with `drawn` it also stands in small letters at the foot of the figure.
function figure.remark(self, sentence, drawn)
  self.remarks = self.remarks or {}
  for _, known in ipairs(self.remarks) do
    if known == sentence then return end
  end
  table.insert(self.remarks, sentence)
  if drawn then table.insert(self.foot, text.label("figure", "note", sentence)) end
end

-- Reports data that the figure does not show: in its caption, at its foot, and on stderr when it is saved.
function figure.loss(self, sentence)
  table.insert(self.losses, { lost = sentence })
  table.insert(self.foot, text.label("figure", "note", sentence))
end

-- The notes of the last save or show: facts that the picture does not show (thinned or omitted points, bins).
function Figure:caption()
  return table.concat(self.notes, ". ")
end

-- Writes path (.pdf .svg .png .tex .html .gp), and the script with suffix .gp. -> path, nil, notes; or nil, message
function Figure:save(path)
  local format = check.path("figure:save", "path", path):match("%.(%w+)$")
  format = format and format:lower()
  if not formats.files[format] then check.fail("figure:save: %s must end in .pdf .svg .png .tex .html or .gp", check.show(path)) end
  local body, notes, page, warnings = self:script(format == "html" and "svg" or format)
  self.lost = table.move(warnings, 1, #warnings, 1, {}) -- notes on data that the picture does not show, or not as they are
  local function warn(note) notes[#notes + 1], warnings[#warnings + 1] = note, note end
  local redraw = format == "tex" and "figure.gp" or string.format("figure.gp > figure.%s", format == "gp" and "pdf"
    or format == "html" and "svg" or format)
  local saved, why = gnuplot.save(page, body, path, format, string.format(HEADER, native.machine.info().version, redraw))
  local other = format ~= "tex" and (self.font_note or self.font ~= FONT and gnuplot.font_note(self.font))
  if other then warn(other) end
  self.notes = notes
  if not saved then return nil, why end
  if why then warn("gnuplot: " .. why) end
  if not self.quiet then
    for _, note in ipairs(warnings) do io.stderr:write("limn.plot: ", path, ": ", note, "\n") end
  end
  return saved, nil, notes
end

-- Shows the figure in a window, or as a picture or characters in the terminal; see show.lua.
function Figure:show(options) return require("limn.plot.show")(self, options) end

check.sealed("panel:", Panel, nil, true)
check.sealed("figure:", Figure, nil, true)

figure.Figure, figure.Panel, figure.venues = Figure, Panel, venues

return figure
