-- limn/frontend/jupyter/picture.lua: a figure of limn.plot for a notebook, in the forms of limn.plot.format: SVG for the
-- screen, PNG for what shows no SVG, PDF for an export through LaTeX. A large SVG is left out.

local base64 = require "limn.plot.base64"
local check = require "limn.base.check"
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

local MIME = { svg = "image/svg+xml", png = "image/png", pdf = "application/pdf" }
local ALL = { "svg", "png", "pdf" }

-- The forms that limn.plot.format asks for; plot.theme{notebook="png"} leaves SVG out.
local function formats()
  local format = require("limn.plot").format
  if type(format) == "string" then format = { format } end
  if format == nil then format = theme.notebook == "png" and { "png", "pdf" } or ALL end
  if type(format) ~= "table" or #format == 0 then
    check.fail("plot.format must be \"svg\", \"png\", \"pdf\" or a list of these, got %s", check.show(format))
  end
  for _, name in ipairs(format) do check.value("plot", "format", name, { type = "string", one_of = ALL }) end
  return format
end

-- The SVG enlarged for the screen. nbconvert refuses a text with an encoding declaration, which is left out.
local function on_screen(text)
  return (text:match "<svg.*$":gsub('width="(%d+)" height="(%d+)"', function(w, h)
    return ('width="%d" height="%d"'):format(math.floor(w * SCALE), math.floor(h * SCALE))
  end, 1))
end

-- -> JSON of the data and of the metadata of a display message; or nil, why the figure could not be drawn
function picture.bundle(fig)
  local data, wanted, large = { ["text/plain"] = tostring(fig) }, formats(), false
  for _, format in ipairs(wanted) do
    local drawn, why = draw(fig, format)
    if not drawn then return nil, why end
    large = large or format == "svg" and #drawn > HEAVY
    if format ~= "svg" then data[MIME[format]] = base64(drawn)
    elseif not large then data[MIME.svg] = on_screen(drawn) end
  end
  if large and not data[MIME.png] then
    local drawn, why = draw(fig, "png")
    if not drawn then return nil, why end
    data[MIME.png] = base64(drawn)
  end
  return json.encode(data), json.encode { [MIME.png] = data[MIME.png] and { width = math.floor(fig.width * SCALE) } }
end

return picture
