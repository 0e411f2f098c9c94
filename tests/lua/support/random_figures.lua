-- random_figures.lua: figures of random data and options, extremes of both among them. A figure depends only on its
-- seed, so that a failure can be drawn again.

local limn = require "limn"
local plot = limn.plot

local random = {}

-- ---- numbers ------------------------------------------------------------------------------------------

local EXTREMES = { 0, -0.0, 5e-324, -5e-324, 1e-320, 2.2250738585072014e-308, 1e-300, 1e-100, 1, -1, 1e9, 1e9 + 1, 2 ^ 53,
  1e100, 1e297, 1e300, 1e308, -1e308, 0x1.fffffffffffffp+1023, -0x1.fffffffffffffp+1023 }
local UNKNOWN = { 0 / 0, 1 / 0, -1 / 0 }

-- A source of decisions from a seed.
local function source(seed)
  local r = limn.rng.stream { seed = seed }
  local s = {}
  function s.whole(low, high) return r:integer(low, high) end
  function s.chance(p) return r:uniform() < p end
  function s.pick(list) return list[r:integer(1, #list)] end
  -- Numbers of one column: a few kinds of columns, each with its own share of extremes and gaps.
  function s.column(n)
    local kind = s.whole(1, 8)
    local scale = kind == 1 and 10.0 ^ s.whole(-300, 300) or kind == 2 and 1e-12 or 1
    local wild = s.chance(0.3) and 0.3 or 0
    local gaps = s.chance(0.3) and s.pick { 0.1, 0.5, 1 } or 0
    local t = {}
    for i = 1, n do
      local v = kind == 3 and 7 or kind == 4 and i or kind == 5 and 2.0 ^ (i % 64) or kind == 6 and 1e9 + i
        or r:normal() * scale
      if s.chance(wild) then v = s.pick(EXTREMES) end
      if s.chance(gaps) then v = s.pick(UNKNOWN) end
      t[i] = v
    end
    return t
  end
  function s.sorted(n)
    local t, at = {}, r:normal()
    local step = s.pick { 1, 1e-9, 1e6, 10.0 ^ s.whole(-200, 200) }
    for i = 1, n do
      at = at + (r:uniform() + 0.01) * step
      t[i] = at
    end
    return t
  end
  -- Places of values on the x axis, a few numbers or names.
  function s.places(n)
    local t, from, named = {}, s.column(3), s.chance(0.4)
    for i = 1, n do t[i] = named and "place " .. i % 4 or s.pick(from) end
    return t
  end
  function s.matrix(rows, cols)
    local flat, z = s.column(rows * cols), {}
    for i = 1, rows do z[i] = table.move(flat, (i - 1) * cols + 1, i * cols, 1, {}) end
    return z
  end
  return s
end

-- ---- options --------------------------------------------------------------------------------------------

local TEXTS = { "a", "", "learning rate", "$x^2$", "100 %", "学習率", "🙂", "a_b {c} \\n 'q' \"d\"", ("long "):rep(60),
  "\255\254", "−1", "\\alpha", "$", "line\nbreak" }

local function maybe(s, p, value) return s.chance(p) and value or nil end

local function look(s)
  return { label = maybe(s, 0.5, s.pick(TEXTS)), color = maybe(s, 0.2, s.whole(1, 20)), axis = s.chance(0.15) and "y2" or nil,
    law = maybe(s, 0.1, true), alpha = maybe(s, 0.1, s.pick { 0, 0.02, 0.5, 1 }) }
end

local function with(options, more)
  for k, v in pairs(more) do options[k] = v end
  return options
end

local function interval(s, n)
  local how = s.whole(1, 3)
  if how == 1 then return { lo = s.column(n), hi = s.column(n) } end
  local e = s.column(n)
  for i, v in ipairs(e) do e[i] = math.abs(v) end
  return { error = how == 2 and e or { e, e } }
end

local LAYERS = {
  line = function(s, n) return with(look(s), { x = maybe(s, 0.7, s.column(n)), y = s.column(n),
    band = maybe(s, 0.3, interval(s, n)), mark = maybe(s, 0.3, s.chance(0.5)) }) end,
  points = function(s, n)
    local o = with(look(s), { x = s.column(n), y = s.column(n), size = maybe(s, 0.2, s.pick { 0, 0.1, 50 }) })
    if s.chance(0.3) then o.z = s.column(n) end
    return o
  end,
  band = function(s, n) return with(look(s), { x = s.sorted(n), lo = s.column(n), hi = s.column(n) }) end,
  errorbars = function(s, n) return with(with(look(s), { x = s.column(n), y = s.column(n), line = s.chance(0.3) }),
    interval(s, n)) end,
  steps = function(s, n) return with(look(s), { x = s.sorted(n), y = s.column(n), where = s.pick { "post", "pre", "mid" } }) end,
  func = function(s) return with(look(s), { f = s.pick { math.exp, math.log, math.sin, function() return nil end,
    function(x) return x * 1e300 end }, from = maybe(s, 0.5, s.pick { 0, -1e308, 1 }), to = maybe(s, 0.5, s.pick { 800, 1e308, 2 }),
    samples = s.pick { 2, 400 } }) end,
  bars = function(s, n)
    local names = {}
    for i = 1, n do names[i] = s.pick(TEXTS) .. i end
    return with(look(s), { x = s.chance(0.4) and names or s.column(n), y = s.column(n), stack = s.chance(0.4),
      width = maybe(s, 0.2, s.pick { 0, 1, 1e300 }) })
  end,
  histogram = function(s, n)
    local o = { values = s.column(n), bins = maybe(s, 0.4, s.pick { 1, 7, 1000 }), norm = s.pick { "count", "density", "share" },
      label = maybe(s, 0.5, s.pick(TEXTS)), fill = s.chance(0.7) }
    return o
  end,
  violin = function(s, n) return with(look(s), { x = maybe(s, 0.7, s.places(n)), y = s.column(n),
    width = maybe(s, 0.2, s.pick { 0, 0.5, 1e300 }) }) end,
  strip = function(s, n) return with(look(s), { x = s.places(n), y = s.column(n), size = maybe(s, 0.2, s.pick { 0, 50 }) }) end,
  heatmap = function(s, n)
    local rows, cols = math.max(1, n // 4), s.whole(1, 12)
    return { z = s.matrix(rows, cols), x = maybe(s, 0.5, s.sorted(cols)), y = maybe(s, 0.5, s.sorted(rows)),
      scale = s.pick { "linear", "log10" }, centre = maybe(s, 0.2, s.pick { 0, 1e308, -5e-324 }), bar = s.chance(0.7) }
  end,
  contour = function(s, n)
    local rows, cols = math.max(2, n // 4), s.whole(2, 12)
    return { z = s.matrix(rows, cols), levels = s.pick { 0, { 0, 1 }, { 1e308 } } }
  end,
  image = function(s) return { z = { s.matrix(3, 4), s.matrix(3, 4) }, titles = maybe(s, 0.3, { s.pick(TEXTS) }) } end,
  hline = function(s) return { y = s.pick(EXTREMES), label = maybe(s, 0.3, s.pick(TEXTS)) } end,
  vline = function(s) return { x = s.pick(EXTREMES) } end,
  text = function(s) return { x = s.pick(EXTREMES), y = s.pick(EXTREMES), text = s.pick(TEXTS), at = s.pick { "data", "panel" } } end,
  arrow = function(s) return { from = { s.pick(EXTREMES), s.pick(EXTREMES) }, to = { s.pick(EXTREMES), s.pick(EXTREMES) },
    text = maybe(s, 0.5, s.pick(TEXTS)) } end,
}
local NAMES = {}
for name in pairs(LAYERS) do NAMES[#NAMES + 1] = name end
table.sort(NAMES)

local function axis(s)
  local o = { label = maybe(s, 0.6, s.pick(TEXTS)), scale = s.pick { "linear", "linear", "log10", "log2", "symlog" },
    reverse = s.chance(0.1), grid = s.chance(0.1), zero = s.chance(0.1) }
  if o.scale == "symlog" then o.linear = s.pick { 1, 1e-300, 1e300, 0.01 } end
  if s.chance(0.2) then
    local low = s.pick(EXTREMES)
    if o.scale:find "log%d" then low = math.abs(low) end
    o.range = { maybe(s, 0.7, low), maybe(s, 0.7, s.pick(EXTREMES)) }
  end
  if s.chance(0.15) then o.format = s.pick { "plain", "percent", "thousands", "si", "power", "time", "date" } end
  if not o.format and s.chance(0.1) then o.ticks = s.pick { false, 3, { { 0, "none" }, 1, 1e308 } } end
  return o
end

-- figure(seed) -> a figure; or nil, the message of the error that an option raised
function random.figure(seed)
  local s = source(seed)
  local ok, fig = pcall(function()
    local fig = plot.figure { rows = s.pick { 1, 1, 2 }, cols = s.pick { 1, 1, 3 }, x = axis(s), y = axis(s), y2 = axis(s),
      title = maybe(s, 0.3, s.pick(TEXTS)), venue = maybe(s, 0.3, s.pick { "icml", "neurips", "nature" }),
      share = maybe(s, 0.2, s.pick { "x", "y", "both" }), colorbar = maybe(s, 0.1, true), quiet = true,
      legend = maybe(s, 0.4, s.pick { "best", "direct", "above", "top left", "none", "top" }),
      width = maybe(s, 0.2, s.pick { 0.3, 0.8, 12 }), height = maybe(s, 0.2, s.pick { 0.3, 1, 9 }),
      aspect = maybe(s, 0.1, s.pick { "equal", 0.02, 50 }) }
    for i = 1, fig.rows * fig.cols do
      for _ = 1, s.whole(0, 4) do
        local kind = s.pick(NAMES)
        local n = s.pick { 0, 1, 2, 5, 40, 40, 3000 }
        if kind == "bars" then n = s.pick { 1, 2, 6, 40 } end
        if kind == "heatmap" or kind == "contour" then n = s.pick { 4, 40, 400 } end
        fig:panel(i)[kind](fig:panel(i), LAYERS[kind](s, n))
      end
      if s.chance(0.1) then fig:panel(i):marginals { x = s.chance(0.8), bins = maybe(s, 0.3, s.pick { 1, 1000 }) } end
      if s.chance(0.05) then fig:panel(i):inset { zoom = { x = { 0, 1 }, y = { 0, s.pick { 1, 1e300 } } } } end
    end
    return fig
  end)
  if ok then return fig end
  return nil, tostring(fig)
end

-- Whether an error message names the function at fault and is no fault of limn's own code.
function random.names_its_cause(message)
  local text = message:gsub("^[^:]*:%d+: ", "")
  return text:find "^plot%.%w+: " ~= nil or text:find "^panel:%w+: " ~= nil or text:find "^figure:%w+: " ~= nil
end

-- ---- the check ------------------------------------------------------------------------------------------

local MOST_SECONDS = 5
local FORMATS = { "svg", "pdf", "png", "html" }

-- CPU seconds of this process and of the programs it has waited for.
function random.cpu_seconds()
  local file = assert(io.open "/proc/self/stat")
  local fields, sum, k = file:read("a"):match "%)(.*)$", 0, 2
  file:close()
  for field in fields:gmatch "%S+" do
    k = k + 1
    if k >= 14 and k <= 17 then sum = sum + tonumber(field) / 100 end
  end
  return sum
end

-- Draws the figure of a seed into `folder` -> nil, or what is wrong; and "file" or "error", and its CPU seconds.
function random.check(seed, folder)
  local start = random.cpu_seconds()
  local fig, why = random.figure(seed)
  local wrong
  if not fig then
    if not random.names_its_cause(why) then wrong = why end
  else
    local path = folder .. "/random." .. FORMATS[seed % #FORMATS + 1]
    local ok, saved, message, notes = pcall(fig.save, fig, path)
    if not ok then
      if not random.names_its_cause(saved) then wrong = saved end
      fig = nil
    elseif saved ~= path then wrong = tostring(message)
    else
      for _, note in ipairs(notes) do
        if note:find "^gnuplot: " then wrong = note end
      end
    end
  end
  local seconds = random.cpu_seconds() - start
  if seconds > MOST_SECONDS then wrong = ("took %.1f s"):format(seconds) end
  return wrong, fig and "file" or "error", seconds
end

return random
