-- limn/plot/typed.lua: figures drawn with characters. A character cell is 0.6 x 1.2 of the font size, so that the
-- layout for paper applies to the terminal; the values of fields are shown as characters of increasing darkness.

local native = require("limn.native").plot
local axes = require "limn.plot.axes"
local layout = require "limn.plot.layout"
local resolve = require "limn.plot.resolve"
local style = require "limn.plot.style"

local typed = {}

local SIZE = 10
local CELL_X, CELL_Y = SIZE * 0.6, SIZE * 1.2

-- The layout of a figure on columns x rows characters.
function typed.page(figure, columns, rows)
  local proxy = setmetatable({ width = columns * CELL_X, height = rows * CELL_Y, font_size = SIZE, small_size = SIZE,
    font = "typed", foot = {} }, -- losses are printed below the characters
    { __index = figure })
  local page = layout.page(proxy)
  page.typed = { x = CELL_X, y = CELL_Y }
  return page
end

-- Removes form feeds, trailing spaces, and blank lines at both ends.
function typed.tidy(text)
  local lines = {}
  for line in (text:gsub("\f", "") .. "\n"):gmatch("([^\n]*)\n") do lines[#lines + 1] = (line:gsub("%s+$", "")) end
  local first, last = 1, #lines
  while first < last and lines[first] == "" do first = first + 1 end
  while last > first and lines[last] == "" do last = last - 1 end
  return table.concat(lines, "\n", first, last) .. "\n"
end

-- Characters for fractions 0..1 of the range of a field.
local RAMP = { " ", ".", ":", "-", "=", "+", "*", "#", "%", "@" }

-- gnuplot's characters for the k-th curve of a plot (k from 0) and for a point type.
function typed.pen(k) return ("*#$%@&="):sub(k % 7 + 1, k % 7 + 1) end
function typed.mark(point) return point == 0 and "." or string.char(64 + (point - 1) % 26 + 1) end

-- The index of the cell that contains v, by bisection on ascending or descending edges; nil outside.
local function cell(edges, v)
  local n = #edges - 1
  local up = edges[n + 1] > edges[1]
  local low, high = 1, n
  if (up and (v < edges[1] or v > edges[n + 1])) or (not up and (v > edges[1] or v < edges[n + 1])) then return nil end
  while low < high do
    local mid = (low + high + 1) // 2
    if (v >= edges[mid]) == up then low = mid else high = mid - 1 end
  end
  return low
end

-- A heatmap or a grid of pictures as plot elements, one per character of RAMP.
function typed.field(w, view, d)
  local b, axis = view.box, view.colour
  local nx, ny = math.floor((b.x1 - b.x0) / CELL_X), math.floor((b.y1 - b.y0) / CELL_Y)
  local value
  if d.pictures then
    function value(x, y)
      local j, i = math.floor(x / d.pitch_x), math.floor((d.total_h - y) / d.pitch_y)
      local px = math.floor(x - j * d.pitch_x)
      local py = math.floor(d.total_h - y - i * d.pitch_y - (d.titles and d.h * 0.2 or 0))
      local picture = d.pictures[i * d.across + j + 1]
      return picture and j < d.across and px >= 0 and px < d.w and py >= 0 and py < d.h and picture[py * d.w + px + 1]
        or nil
    end
  else
    local ex, ey = resolve.cell_edges(d.x, d.cols, view.x), resolve.cell_edges(d.y, d.rows, view.y)
    local z = native.totable(d.z)
    function value(x, y)
      local j, i = cell(ex, x), cell(ey, y)
      return j and i and z[(i - 1) * d.cols + j]
    end
  end
  local xs, ys = {}, {}
  for level = 1, #RAMP do xs[level], ys[level] = {}, {} end
  for i = 0, ny do
    for j = 0, nx do
      local x = axes.value(view.x, axes.place(view.x, view.x.low) + (axes.place(view.x,
        view.x.high) - axes.place(view.x, view.x.low)) * (j + 0.5) / (nx + 1))
      local y = axes.value(view.y, axes.place(view.y, view.y.low) + (axes.place(view.y,
        view.y.high) - axes.place(view.y, view.y.low)) * (i + 0.5) / (ny + 1))
      local v = value(x, y)
      if v and v == v and not (axis.log and v <= 0) then
        local fraction = math.max(0, math.min(1, axes.fraction(axis, v)))
        local level = math.min(#RAMP, math.floor(fraction * #RAMP) + 1)
        xs[level][#xs[level] + 1], ys[level][#ys[level] + 1] = x, y
      end
    end
  end
  local list, colours = {}, style.map("plot", axis.map, #RAMP)
  for level = 2, #RAMP do
    if #xs[level] > 0 then
      list[#list + 1] = string.format("%s using 1:2 with points pt '%s' lc rgb '%s'",
        w:data({ xs[level], ys[level] }), RAMP[level], colours[level])
    end
  end
  w.notes[#w.notes + 1] = string.format("characters: '%s' is %s, '%s' is %s", RAMP[1], native.number(axis.low),
    RAMP[#RAMP], native.number(axis.high))
  return list
end

return typed
