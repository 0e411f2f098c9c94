-- limn/plot/theme.lua: one's own defaults of figures. plot.theme{font="Liberation Sans", fontsize=9} holds for all later
-- figures of the program; plot.theme{} returns to limn's own.

local check = require "limn.base.check"
local style = require "limn.plot.style"

local theme = { figure = {} } -- figure: options of plot.figure; notebook: "svg" or "png"

local KEYS = { "venue", "font", "fontsize", "width", "height", "dpi", "quiet", "legend", "letters" }
local rules = { colors = { type = "table" },
  notebook = { type = "string", one_of = { "svg", "png" }, default = "svg", help = "the form of figures in notebooks" } }
for _, key in ipairs(KEYS) do rules[key] = { type = "any" } end
local own_colors = table.move(style.colors, 1, #style.colors, 1, {})

-- set(options, try): try(options) raises an error if plot.figure refuses them -> the defaults that hold now
function theme.set(options, try)
  local o = check.options("plot.theme", options, rules)
  local figure = {}
  for _, key in ipairs(KEYS) do figure[key] = o[key] end
  local colors = {}
  for i, c in ipairs(o.colors or own_colors) do colors[i] = style.color("plot.theme", ("colors[%d]"):format(i), c) end
  if #colors == 0 then check.fail("plot.theme: colors must not be empty") end
  theme.figure = {}
  try(figure)
  theme.figure, theme.notebook = figure, o.notebook
  for i = 1, math.max(#colors, #style.colors) do style.colors[i] = colors[i] end
  return o
end

-- The options of a figure, with the defaults of the theme where they give none.
function theme.applied(options)
  if next(theme.figure) == nil or (options ~= nil and type(options) ~= "table") then return options end
  local out = {}
  for k, v in pairs(theme.figure) do out[k] = v end
  for k, v in pairs(options or {}) do out[k] = v end
  return out
end

return theme
