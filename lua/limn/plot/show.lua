-- limn/plot/show.lua: shows a figure on the screen: in a window if there is a display and gnuplot can open one; else as
-- a picture in the terminal if the terminal supports one (kitty protocol or sixel); else as characters. If there is a
-- display but no window, one message is printed and the terminal is used. LIMN_SHOW=window|kitty|sixel|text overrides.

local base64 = require "limn.plot.base64"
local check = require "limn.base.check"
local native = require "limn.native"
local gnuplot = require "limn.plot.gnuplot"
local layout = require "limn.plot.layout"
local script = require "limn.plot.script"
local typed = require "limn.plot.typed"

local num = native.plot.number
local WINDOWS = { "qt", "wxt", "x11" }

-- ---- capabilities -----------------------------------------------------------------------------------

local function display()
  local function set(name) return (os.getenv(name) or "") ~= "" end
  return set("DISPLAY") or set("WAYLAND_DISPLAY")
end

local known_window -- determined once per program and display: {key=, name=|nil, why=|nil}

-- The gnuplot terminal that opens a window; or nil, the reason why there is none.
local function window()
  if not display() then return nil, "there is no display (DISPLAY and WAYLAND_DISPLAY are not set)" end
  local key = gnuplot.program .. (os.getenv("DISPLAY") or "")
  if not known_window or known_window.key ~= key then
    known_window = { key = key }
    local result, why = gnuplot.run("set terminal unknown\nset print '-'\nprint GPVAL_TERMINALS\n", "terminals")
    if result then
      local names = " " .. result.out:gsub("%s+", " ") .. " "
      for _, name in ipairs(WINDOWS) do
        if not known_window.name and names:find(" " .. name .. " ", 1, true) then known_window.name = name end
      end
      why = "this gnuplot has no terminal that opens windows (on Debian install gnuplot-qt or gnuplot-x11)"
    end
    known_window.why = why
  end
  return known_window.name, known_window.why
end

local known_pictures

-- The picture protocol of the terminal on standard output: "kitty", "sixel" or nil.
local function pictures()
  if not native.terminal.size() then return nil end
  if known_pictures == nil then
    known_pictures = false
    local inner = os.getenv("TMUX") or os.getenv("STY") -- tmux and screen inherit kitty's variables, not its protocol
    if not inner and (os.getenv("KITTY_WINDOW_ID") or (os.getenv("TERM") or ""):find("kitty")
      or os.getenv("TERM_PROGRAM") == "ghostty") then
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

local function draw(figure, page, terminal, target, zoom, seconds)
  local body, notes = script.body(page, target, nil, zoom)
  figure.notes = notes
  return gnuplot.run(terminal .. "\nset encoding utf8\n" .. body, "the figure's script", nil, seconds)
end

-- The figure as characters: columns x rows of them. -> string; or nil, message
local function as_text(figure, columns, rows, colours)
  local page = typed.page(figure, columns, rows)
  local terminal = string.format("set terminal dumb size %d,%d noenhanced %s aspect 1", columns, rows,
    colours and "ansi256" or "mono")
  local result, why = draw(figure, page, terminal, "typed")
  if not result then return nil, why end
  local out = typed.tidy(result.out)
  for _, note in ipairs(figure.notes) do out = out .. "(" .. note .. ")\n" end
  return out
end

-- The resolution, in dots per inch, at which the figure takes at most 0.7 of the width of the terminal and 0.9 of its
-- height. If the terminal does not report its size in pixels, 10 x 20 per character are assumed.
local function fitting_dpi(page)
  local columns, rows, across, down = native.terminal.size()
  if not columns or columns == 0 then return 110 end
  if across == 0 or down == 0 then across, down = columns * 10, rows * 20 end
  local fits = math.min(across * 0.7 / (page.width / 72), math.max(down - 40, 80) * 0.9 / (page.height / 72))
  return math.max(30, math.min(160, math.floor(fits)))
end

local function as_picture(figure, how)
  local page = layout.page(figure)
  page.dpi = fitting_dpi(page)
  local result, why
  if how == "kitty" then
    result, why = draw(figure, page, gnuplot.terminal(page, "png"))
  else
    local k = page.dpi / 72
    local terminal = string.format("set terminal sixelgd enhanced truecolor size %d,%d font '%s,%s' linewidth %s",
      math.floor(page.width * k), math.floor(page.height * k), page.font, num(page.font_size * k * 0.75),
      num(math.max(1, k)))
    result, why = draw(figure, page, terminal, nil, { text = 0.75 * k, marks = k })
  end
  if not result then return nil, why end
  return how == "kitty" and kitty(result.out) or result.out .. "\n"
end

-- Corrections per window terminal for text and for `pointsize 1`, so that they have the same size as on paper.
local TEXT, MARKS = { qt = 0.69, wxt = 0.75, x11 = 0.75 }, { qt = 1.25, wxt = 1, x11 = 1 }

local WINDOW_SECONDS = 15 -- time limit; gnuplot's qt terminal blocks if the display does not respond

-- Opens a window that persists after the program ends -> true; or nil, message
local function as_window(figure)
  local name, missing = window()
  if not name then return nil, "no window: " .. missing end
  local page = layout.page(figure)
  local k = math.min(2, 1600 / page.width, 900 / page.height) -- pixels per point
  local terminal = string.format("set terminal %s persist enhanced size %d,%d font '%s,%s'%s title 'limn'", name,
    math.floor(page.width * k), math.floor(page.height * k), page.font, num(page.font_size * k * 0.75),
    name == "x11" and "" or " linewidth " .. num(k * 0.75))
  local result, why = draw(figure, page, terminal, nil, { text = k * TEXT[name], marks = k * MARKS[name] },
    WINDOW_SECONDS)
  if result then return true end
  known_window.name, known_window.why = nil, why -- further figures do not try again
  return nil, "no window: " .. why
end

local CHOICES = { auto = true, window = true, kitty = true, sixel = true, text = true }

local rules = {
  as = { type = "string", one_of = { "auto", "window", "kitty", "sixel", "text" }, default = "auto" },
  columns = { type = "integer", min = 20, max = 500 }, rows = { type = "integer", min = 8, max = 300 },
  to = { type = "any", help = "a file to write to (default: standard output)" },
}

local warned = false -- whether the message on a missing window was printed

-- figure:show{as=, columns=, rows=, to=} -> the figure; or nil, message
return function(figure, options)
  local o = check.options("figure:show", options, rules)
  local how = o.as
  if how == "auto" then
    how = os.getenv("LIMN_SHOW") or "auto"
    if not CHOICES[how] then
      return nil, string.format("LIMN_SHOW must be auto, window, kitty, sixel or text, got %s", check.show(how))
    end
  end
  if how == "window" or (how == "auto" and not o.to and display()) then
    local ok, why = as_window(figure)
    if ok then return figure end
    if how == "window" then return nil, why end
    if not warned then
      warned = true
      io.stderr:write("limn.plot: ", why, "; drawn in the terminal\n")
    end
  end
  if how == "auto" then how = not o.to and pictures() or "text" end
  local text, why
  if how == "kitty" or how == "sixel" then
    text, why = as_picture(figure, how)
  else
    local columns, rows = native.terminal.size()
    if columns and columns < 20 then columns = nil end
    if rows and rows < 8 then rows = nil end
    columns = o.columns or (columns and math.min(columns, 160)) or 79
    rows = o.rows or math.min(rows and rows - 2 or 24, math.ceil(columns * 0.4))
    text, why = as_text(figure, columns, math.max(rows, 8), not o.to and native.terminal.size() ~= nil
      and not os.getenv("NO_COLOR"))
  end
  if not text then return nil, why end
  local out = o.to or io.stdout
  out:write(text)
  out:flush()
  return figure
end
