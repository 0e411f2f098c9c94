-- limn/plot/show.lua: a figure on the screen. A window if there is a display and gnuplot can open one; else a
-- picture in the terminal if the terminal says it shows pictures (kitty protocol or sixel); else characters.
-- LIMN_SHOW=window|kitty|sixel|text overrides the choice.

local base64 = require "limn.plot.base64"
local check = require "limn.check"
local native = require "limn.native"
local gnuplot = require "limn.plot.gnuplot"
local layout = require "limn.plot.layout"
local script = require "limn.plot.script"
local typed = require "limn.plot.typed"

local WINDOWS = { "qt", "wxt", "x11" }

-- ---- what can be shown ------------------------------------------------------------------------------

local known_window -- asked once a session: nil = not yet, false = none

local function window()
  if not (os.getenv("DISPLAY") or os.getenv("WAYLAND_DISPLAY")) then return nil end
  if known_window == nil then
    known_window = false
    local result = gnuplot.run("set terminal unknown\nprint GPVAL_TERMINALS\n", "terminals")
    local names = result and " " .. (result.warnings or "") .. " " or ""
    for _, name in ipairs(WINDOWS) do
      if not known_window and names:find(" " .. name .. " ", 1, true) then known_window = name end
    end
  end
  return known_window or nil
end

local known_pictures

-- "kitty", "sixel" or nil: what the terminal on standard output says it can show.
local function pictures()
  if not native.terminal.size() then return nil end
  if known_pictures == nil then
    known_pictures = false
    if os.getenv("KITTY_WINDOW_ID") or (os.getenv("TERM") or ""):find("kitty")
      or os.getenv("TERM_PROGRAM") == "ghostty" then
      known_pictures = "kitty"
    else
      local answer = native.terminal.ask("\27[c", "c", 150) -- device attributes: 4 stands for sixel
      if answer and (answer:sub(4):gsub("c$", ";")):find(";4;", 1, true) then known_pictures = "sixel" end
    end
  end
  return known_pictures or nil
end

-- ---- pictures -----------------------------------------------------------------------------------------

-- kitty's graphics protocol: a PNG in chunks of 4096 characters.
local function kitty(png)
  local text, out = base64(png), {}
  for i = 1, #text, 4096 do
    local last = i + 4096 > #text
    out[#out + 1] = string.format("\27_G%sm=%d;%s\27\\", i == 1 and "a=T,f=100," or "", last and 0 or 1,
      text:sub(i, i + 4095))
  end
  return table.concat(out) .. "\n"
end

-- ---- show ------------------------------------------------------------------------------------------------

local function draw(figure, terminal, target, page)
  page = page or layout.page(figure)
  local body, notes = script.body(page, target)
  figure.notes = notes
  return gnuplot.run(terminal(page) .. "\nset encoding utf8\n" .. body, "the figure's script")
end

-- The figure as characters: columns x rows of them. -> string; or nil, message
local function as_text(figure, columns, rows, colours)
  local page = typed.page(figure, columns, rows)
  local result, why = draw(figure, function()
    return string.format("set terminal dumb size %d,%d noenhanced %s aspect 1", columns, rows, colours and "ansi256"
      or "mono")
  end, "typed", page)
  if not result then return nil, why end
  local out = typed.tidy(result.out)
  for _, note in ipairs(figure.notes) do out = out .. "(" .. note .. ")\n" end
  return out
end

local function as_picture(figure, how)
  local _, _, across = native.terminal.size()
  local dpi = figure.dpi
  local wish = across and across > 0 and math.floor(across * 0.7 / (figure.width / 72)) or 110
  figure.dpi = math.max(60, math.min(160, wish))
  local result, why
  if how == "kitty" then
    result, why = draw(figure, function(page) return gnuplot.terminal(page, "png") end)
  else
    result, why = draw(figure, function(page)
      local k = page.dpi / 72
      return string.format("set terminal sixelgd enhanced truecolor size %d,%d font '%s,%g' linewidth %g",
        math.floor(page.width * k),
        math.floor(page.height * k), page.font, page.font_size * k * 0.75, math.max(1, k))
    end)
  end
  figure.dpi = dpi
  if not result then return nil, why end
  return how == "kitty" and kitty(result.out) or result.out .. "\n"
end

local rules = {
  as = { type = "string", one_of = { "auto", "window", "kitty", "sixel", "text" }, default = "auto" },
  columns = { type = "integer", min = 20, max = 500 }, rows = { type = "integer", min = 8, max = 300 },
  to = { type = "any", default = io.stdout, help = "a file to write to" },
}

-- figure:show{as=, columns=, rows=} -> the figure; or nil, message
return function(figure, options)
  local o = check.options("plot.show", options, rules)
  local how = o.as
  if how == "auto" then how = os.getenv("LIMN_SHOW") or "auto" end
  if how == "auto" then how = window() and "window" or pictures() or "text" end
  if how == "window" then
    local name = window()
    if not name then return nil, "no window: there is no display, or gnuplot was built without windows" end
    local result, why = draw(figure, function(page)
      return string.format("set terminal %s persist enhanced size %d,%d font '%s,%g'", name,
        math.floor(page.width * 2), math.floor(page.height * 2),
        page.font, page.font_size * 1.5)
    end)
    if not result then return nil, why end
    return figure
  end
  local text, why
  if how == "kitty" or how == "sixel" then
    text, why = as_picture(figure, how)
  else
    local columns, rows = native.terminal.size()
    columns = o.columns or (columns and columns > 20 and math.min(columns, 160)) or 79
    rows = o.rows or (rows and rows > 8 and math.min(rows - 2, math.ceil(columns * 0.4))) or 24
    text, why = as_text(figure, columns, rows, native.terminal.size() ~= nil and not os.getenv("NO_COLOR"))
  end
  if not text then return nil, why end
  o.to:write(text)
  o.to:flush()
  return figure
end
