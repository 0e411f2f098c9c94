-- limn/plot/quick.lua: plots from one line at the prompt: plot(x, y), plot.heat(M), plot.hist(v), plot.ci(rows, {...}).
-- Each creates a figure, shows it (unless show=false) and returns it, so that it can be saved or extended.

local check = require "limn.base.check"
local native = require("limn.native").plot
local figure = require "limn.plot.figure"
local pooled = require "limn.base.pooled"
local stats = require "limn.stats"

local quick = {}

-- Splits options into those of the figure, `show`, and the rest (for the layer).
local figure_keys = { title = 1, size = 1, venue = 1, span = 1, height = 1, width = 1, legend = 1,
  font = 1, fontsize = 1, dpi = 1, quiet = 1, aspect = 1 }

local MOST_CURVES = 8 -- that plot(results) draws unasked

local function split(options, more)
  local f, layer, show = {}, {}, true
  for k, v in pairs(options or {}) do
    if k == "show" then show = v
    elseif figure_keys[k] then f[k] = v
    elseif more and more[k] then f[more[k]] = v
    else layer[k] = v end
  end
  return f, layer, show
end

local function finish(fig, show)
  if show then
    local ok, why = fig:show()
    if not ok then io.stderr:write("limn.plot: ", why, "\n") end
  end
  return fig
end

local axis_keys = { xlabel = "x", ylabel = "y", xscale = "xscale", yscale = "yscale", xrange = "xrange",
  yrange = "yrange" }

local function with_axes(f)
  local function axis(name)
    local a = { label = f[name], scale = f[name .. "scale"], range = f[name .. "range"] }
    if type(f[name]) == "table" and not getmetatable(f[name]) then a = f[name] end
    f[name .. "scale"], f[name .. "range"] = nil, nil
    f[name] = a
  end
  axis "x"
  axis "y"
  return f
end

-- plot(results, options): as plot.ci. Where options do not name them, x is the parameter of the sweep that has the most
-- values, by the one of the others that has the most (up to MOST_CURVES), y the first column of numbers that is measured.
local function of_results(results, options)
  local o, counts, swept, fixed = {}, {}, {}, { rep = true }
  for k, v in pairs(options or {}) do o[k] = v end
  for _, name in ipairs(results.parameters or {}) do
    fixed[name] = true
    counts[name] = #results:distinct(name)
    if counts[name] > 1 and name ~= o.x and name ~= o.by then swept[#swept + 1] = name end
  end
  table.sort(swept, function(a, b)
    if counts[a] ~= counts[b] then return counts[a] > counts[b] end
    return a < b
  end)
  local function numbers(name) return type(results:rows()[1] and results:rows()[1][name]) == "number" end
  for i, name in ipairs(o.x and {} or swept) do
    if numbers(name) then
      o.x = table.remove(swept, i)
      break
    end
  end
  for _, name in ipairs(o.by and {} or swept) do
    if counts[name] <= MOST_CURVES then
      o.by = name
      break
    end
  end
  for _, name in ipairs(o.y and {} or results:columns()) do
    if not fixed[name] and name ~= o.x and numbers(name) then
      o.y = name
      break
    end
  end
  if not (o.x and o.y) then
    check.fail("plot: %s is not known of this table; name the columns: plot(results, {x=, y=, by=})",
      o.x and "y, a measured number," or "x, a number that the sweep varies,")
  end
  return quick.ci(results, o)
end

-- plot(y), plot(x, y), plot(x, {name = y1, ...}), plot(f, {low, high}): curves; plot(results, options): means with
-- intervals, see `of_results`. Options: xlabel, ylabel, xscale,
-- yscale, xrange, yrange, marks="points", and those of line and figure.
function quick.plot(x, y, options)
  if check.typename(x) == "limn.results" then
    if options ~= nil then check.fail("plot: options of a table are its second argument: plot(results, {x=, y=, by=})") end
    return of_results(x, y)
  end
  if type(x) == "function" then
    local range = type(y) == "table" and y or { -1, 1 }
    local f, layer, show = split(options, axis_keys)
    f.xrange = f.xrange or range
    layer.f = x
    return finish(figure.new(with_axes(f)):func(layer), show)
  end
  if y == nil or (options == nil and type(y) == "table" and #y == 0 and next(y) ~= nil
    and type(select(2, next(y))) ~= "table"
      and type(select(2, next(y))) ~= "userdata") then
    x, y, options = nil, x, y
  end
  local f, layer, show = split(options, axis_keys)
  local points = layer.marks == "points"
  layer.marks = nil
  local fig = figure.new(with_axes(f))
  local function add(values, label)
    local o = { x = x, y = values, label = label }
    for k, v in pairs(layer) do o[k] = v end
    if points then fig:points(o) else fig:line(o) end
  end
  if type(y) == "table" and #y == 0 and next(y) ~= nil then
    local names = {}
    for name in pairs(y) do names[#names + 1] = tostring(name) end
    table.sort(names)
    for _, name in ipairs(names) do add(y[name], name) end
  else
    local ok, rows, cols = pcall(function() return select(2, native.column(y, "plot", "y")) end)
    if not ok then check.fail("plot: y must be numbers (an array, a table, or a table of named ones), got %s",
      check.show(y)) end
    if cols and cols > 1 and rows > 1 then -- a matrix: one curve per column, at most 20
      local flat = native.totable((native.column(y, "plot", "y")))
      for j = 1, math.min(cols, 20) do
        local c = {}
        for i = 1, rows do c[i] = flat[(i - 1) * cols + j] end
        add(c, "column " .. j)
      end
    else
      add(y)
    end
  end
  return finish(fig, show)
end

-- plot.heat(M): a matrix as colours, row 1 at the top.
function quick.heat(z, options)
  local f, layer, show = split(options, axis_keys)
  layer.z = z
  if not layer.x and not layer.y and not f.y then f.y = { reverse = true, label = f.y } end
  return finish(figure.new(with_axes(f)):heatmap(layer), show)
end

-- plot.hist(v): a histogram, by default with bins by the Freedman-Diaconis rule.
function quick.hist(values, options)
  local f, layer, show = split(options, axis_keys)
  layer.values = values
  f.y = f.y or ({ density = "density", share = "share" })[layer.norm] or "count"
  return finish(figure.new(with_axes(f)):histogram(layer), show)
end

-- ---- means with intervals -----------------------------------------------------------------------------

-- Rows (tables with fields) from a list of rows, a table of columns, or an object with rows.
local function rows_of(results, names)
  if type(results) ~= "table" and type(results) ~= "userdata" then
    check.fail("plot.ci: results must be a table, got %s", check.show(results))
  end
  local rows = results
  local ok, field = pcall(function() return results.rows end) -- a results object, or a table with a field rows
  if ok and type(field) == "function" then
    rows = results:rows()
  elseif ok and type(field) == "table" then
    rows = field
  end
  if type(rows) == "table" and #rows == 0 and rows[names[1]] ~= nil then
    local columns, out = {}, {}
    for _, name in ipairs(names) do
      local c = rows[name]
      columns[name] = type(c) == "userdata" and native.totable(c) or c
    end
    for i = 1, #columns[names[1]] do
      out[i] = {}
      for _, name in ipairs(names) do out[i][name] = columns[name] and columns[name][i] end
    end
    rows = out
  end
  if type(rows) ~= "table" or #rows == 0 then
    check.fail("plot.ci: results must have at least 1 row, got %s", type(rows) == "table" and 0 or check.show(rows))
  end
  return rows
end

local function guess_scale(values)
  local low, high, powers = math.huge, -math.huge, true
  for _, v in ipairs(values) do
    low, high = math.min(low, v), math.max(high, v)
    if v <= 0 or math.abs(math.log(v, 2) - math.floor(math.log(v, 2) + 0.5)) > 1e-9 then powers = false end
  end
  if low > 0 and #values >= 3 and powers and high / low >= 8 then return "log2" end
  if low > 0 and #values >= 3 and high / low >= 100 then return "log10" end
  return "linear"
end

local ci_rules = {
  x = { type = "string", required = true }, y = { type = "string", required = true }, by = { type = "string" },
  error = { type = "string", one_of = { "ci", "se", "sd", "range" }, default = "ci" },
  xscale = { type = "string" }, yscale = { type = "string" }, xlabel = { type = "any" }, ylabel = { type = "any" },
  xrange = { type = "table" }, yrange = { type = "table" }, show = { type = "boolean", default = true },
    panel = { type = "any" },
}
for key in pairs(figure_keys) do ci_rules[key] = ci_rules[key] or { type = "any" } end

local ERRORS = { ci = "95 % interval of the mean (Student's t)", se = "one standard error", sd = "one standard deviation",
  range = "minimum to maximum" }

local function by_number(a, b)
  local na, nb = tonumber(a), tonumber(b)
  if na and nb then return na < nb end
  return a < b
end

-- The rows by their value of `by` and by x: curves, key -> x -> { values =, rows =, missing = }; the keys of those with
-- values, in order; how many rows lack a number.
local function gathered(rows, o)
  local curves, names, missing = {}, {}, 0
  for _, row in ipairs(rows) do
    local x, y = row[o.x], row[o.y]
    local value = o.by and row[o.by]
    local key = value == nil and "" or math.type(value) == "float" and ("%.14g"):format(value) or tostring(value) -- 1, not 1.0
    local placed, known = type(x) == "number" and x == x, type(y) == "number" and y == y
    if placed then
      local curve = curves[key] or {}
      local place = curve[x] or { values = {}, rows = {}, missing = 0 }
      curves[key], curve[x] = curve, place
      table.insert(known and place.values or {}, y)
      place.missing = place.missing + (known and 0 or 1)
      table.insert(place.rows, row)
    end
    if not (placed and known) then missing = missing + 1 end
  end
  for key, curve in pairs(curves) do
    for _, place in pairs(curve) do
      if #place.values > 0 then names[#names + 1] = key break end
    end
  end
  table.sort(names, by_number)
  return curves, names, missing
end

-- The mean of some values and the ends of its interval; of a single value the ends are NaN.
local function summarised(values, kind)
  local n, sum, square, low, high = #values, 0, 0, math.huge, -math.huge
  for _, v in ipairs(values) do sum = sum + v end
  local m = sum / n
  if n == 1 then return m, 0 / 0, 0 / 0 end
  for _, v in ipairs(values) do
    square, low, high = square + (v - m) ^ 2, math.min(low, v), math.max(high, v)
  end
  if kind == "range" then return m, low, high end
  local sd = math.sqrt(square / (n - 1))
  local half = kind == "sd" and sd or sd / math.sqrt(n) * (kind == "ci" and stats.t.critical(0.95, n - 1) or 1)
  return m, m - half, m + half
end

-- A curve as columns, and what it hides: places of fewer replicates, places of one value, the rows of each place.
local function series_of(curve, kind, hidden)
  local xs, out = {}, { x = {}, y = {}, lo = {}, hi = {} }
  for x in pairs(curve) do xs[#xs + 1] = x end
  table.sort(xs)
  for _, x in ipairs(xs) do
    local place = curve[x]
    local n = #place.values
    if n > 0 then
      local i = #out.x + 1
      out.x[i] = x
      out.y[i], out.lo[i], out.hi[i] = summarised(place.values, kind)
      hidden.least = math.min(hidden.least, n)
      hidden.fewer = hidden.fewer + (place.missing > 0 and 1 or 0)
      hidden.single = hidden.single + (n == 1 and 1 or 0)
      hidden.groups[#hidden.groups + 1] = place.rows
    else
      hidden.empty = hidden.empty + 1
    end
  end
  return out
end

local function places(n, one, several) return ("%d place%s"):format(n, n == 1 and " " .. one or "s " .. several) end

-- Reports, as the losses of other layers, what the means and intervals of a figure do not show.
local function report(fig, hidden, missing, rows, o, parameters)
  if hidden.fewer > 0 then
    figure.loss(fig, places(hidden.fewer, "is a mean of fewer replicates", "are means of fewer replicates"))
  end
  if hidden.empty > 0 then figure.loss(fig, places(hidden.empty, "has no number", "have no number")) end
  if hidden.single > 0 then
    figure.loss(fig, places(hidden.single, "has one value: no interval", "have one value: no interval"))
  end
  local over = pooled(parameters, hidden.groups, { o.x, o.by })
  if over then figure.loss(fig, over) end
  if missing > 0 then
    figure.loss(fig, ("%d of %d rows omitted: no numbers in %s and %s"):format(missing, rows, o.x, o.y))
  end
end

-- plot.ci(results, {x="D", y="risk", by="method"}): the mean of y at each x, one curve per value of `by`, with a
-- band: the 95 % interval of the mean by Student's t (error="ci"), one standard error ("se"), one standard
-- deviation ("sd"), or minimum to maximum ("range"). A single value has no band.
function quick.ci(results, options)
  local o = check.options("plot.ci", options, ci_rules)
  local rows = rows_of(results, { o.x, o.y, o.by })
  local parameters = check.typename(results) == "limn.results" and results.parameters or nil
  local curves, names, missing = gathered(rows, o)
  if #names == 0 then
    local known = {}
    for k in pairs(rows[1]) do known[#known + 1] = tostring(k) end
    table.sort(known)
    check.fail("plot.ci: no row has numbers in both %q and %q; the first row has %s", o.x, o.y,
      table.concat(known, ", "))
  end
  local series, all, hidden = {}, {}, { least = math.huge, fewer = 0, single = 0, empty = 0, groups = {} }
  for i, key in ipairs(names) do
    series[i] = series_of(curves[key], o.error, hidden)
    series[i].label = o.by and (o.by .. " = " .. key) or nil
    table.move(series[i].x, 1, #series[i].x, #all + 1, all)
  end
  local f = {}
  for key in pairs(figure_keys) do f[key] = o[key] end
  f.x = { label = o.xlabel or o.x, scale = o.xscale or guess_scale(all), range = o.xrange }
  f.y = { label = o.ylabel or o.y, scale = o.yscale, range = o.yrange }
  local fig = figure.new(f)
  for _, s in ipairs(series) do
    fig:line { x = s.x, y = s.y, label = s.label, band = hidden.single < #all and { s.lo, s.hi } or nil }
    local layers = fig.panels[1][1].layers
    layers[#layers].intervals_reported = true -- by `report`
  end
  fig.remarks = { ("line: mean of at least %d values; band: %s"):format(hidden.least, ERRORS[o.error]) }
  report(fig, hidden, missing, #rows, o, parameters)
  return finish(fig, o.show)
end

return quick
