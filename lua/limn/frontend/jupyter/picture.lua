-- limn/frontend/jupyter/picture.lua: a figure of limn.plot for a notebook: as SVG, or as PNG when the SVG would be
-- large or plot.theme{notebook="png"} asks for it.

local base64 = require "limn.plot.base64"
local figure = require "limn.plot.figure"
local gnuplot = require "limn.plot.gnuplot"
local json = require("limn.native").json
local theme = require "limn.plot.theme"

local picture = {}

local HEAVY = 600 * 1024 -- bytes of SVG that a browser draws without delay
local SCALE = 1.7 -- figures have the size of print, which is small on a screen

function picture.is_figure(value)
  return getmetatable(value) == figure.Figure
end

local function draw(fig, format)
  local body, notes, page = fig:script(format)
  fig.notes = notes
  local result, why = gnuplot.run(gnuplot.terminal(page, format) .. "\nset encoding utf8\n" .. body, "the figure's script")
  return result and result.out, why
end

-- -> JSON of the data and of the metadata of a display message; or nil, why the figure could not be drawn
function picture.bundle(fig)
  local text = tostring(fig)
  local data, why = draw(fig, "svg")
  if not data then return nil, why end
  data = data:match "<svg.*$" -- nbconvert refuses a text with an encoding declaration
  if #data <= HEAVY and theme.notebook ~= "png" then
    data = data:gsub('width="(%d+)" height="(%d+)"', function(w, h)
      return ('width="%d" height="%d"'):format(math.floor(w * SCALE), math.floor(h * SCALE))
    end, 1)
    return json.encode { ["text/plain"] = text, ["image/svg+xml"] = data }, "{}"
  end
  data, why = draw(fig, "png")
  if not data then return nil, why end
  return json.encode { ["text/plain"] = text, ["image/png"] = base64(data) },
    json.encode { ["image/png"] = { width = math.floor(fig.width * SCALE) } }
end

return picture
