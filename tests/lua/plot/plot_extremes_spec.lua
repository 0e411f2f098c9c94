-- plot_extremes_spec.lua: data and options at the ends of the doubles, values that are not numbers, and random figures.
-- Every figure is saved, or an error names its cause; what a picture does not show is in its notes.
-- slow: 60 s
-- luacheck: ignore 111 112 113
local lu = require "luaunit"
local limn = require "limn"
local plot = limn.plot

local here = debug.getinfo(1, "S").source:match("^@(.*)/") or "tests/lua"
local tools = dofile(here .. "/../support/plot_tools.lua")
local random = dofile(here .. "/../support/random_figures.lua")
local scratch, read, svg, texts, curve = tools.scratch, tools.read, tools.svg, tools.texts, tools.curve

local function figure(o)
  o = o or {}
  o.quiet = true
  return plot.figure(o)
end

local LARGEST, LEAST = 0x1.fffffffffffffp+1023, 5e-324

-- ---- scales ---------------------------------------------------------------------------------------------

TestEnds = {}

-- The curve has as many vertices as points, at distinct places inside the page, for every scale and range of values.
function TestEnds:test_a_line_on_every_scale()
  for _, axis in ipairs { {}, { scale = "log10" }, { scale = "log2" }, { scale = "symlog" },
    { scale = "symlog", linear = 1e-300 } } do
    for _, ends in ipairs { { LEAST, LARGEST }, { 1, 1e300 }, { LEAST, 1e-323 }, { 1.2e308, 1.4e308 }, { 1e-300, 2e-300 },
      { -LARGEST, LARGEST }, { -LEAST, LEAST }, { 1e9 + 1, 1e9 + 3 }, { 1, 1 + 2 ^ -52 } } do
      local possible = ends[1] > 0 or not (axis.scale or ""):find "log%d"
      if axis.scale == "symlog" and ends[2] - ends[1] < 1e-15 and ends[1] == 1 then possible = false end -- one coordinate
      if possible then
        local name = (axis.scale or "linear") .. " " .. ends[1] .. " " .. ends[2]
        local own = { scale = axis.scale, linear = axis.linear }
        local s, notes = svg(figure { y = own }:line { y = ends, mark = false })
        local p = curve(s, 1)
        lu.assertEquals(#p, 2, name)
        local height = tonumber(s:match 'viewBox="0 0 %d+ (%d+)"')
        lu.assertTrue(p[1][2] > p[2][2] + height / 4, name) -- the range is that of the data
        lu.assertTrue(p[2][2] >= 0 and p[1][2] <= height, name)
        lu.assertEquals(notes, {}, name)
      end
    end
  end
end

function TestEnds:test_labels_of_extreme_axes_are_the_values()
  local found = {}
  for _, t in ipairs(texts(svg(figure { y = { range = { -1.5e308, 1.5e308 } } }:line { y = { 0, 1e308 } }))) do
    found[t.text] = true
  end
  lu.assertTrue(found["1.0×10308"] or found["1×10308"])
  found = {}
  for _, t in ipairs(texts(svg(figure { y = { scale = "log10", ticks = { LEAST, { 1, "one" }, 1e308 } } }
    :line { y = { LEAST, LARGEST } }))) do
    found[t.text] = true
  end
  lu.assertTrue(found.one and found["1e+308"])
end

function TestEnds:test_functions_and_histograms_overflow_into_gaps()
  local _, notes = svg(figure { y = { scale = "log10" } }:func { f = math.exp, from = 0, to = 800 })
  lu.assertEquals(notes, { "45 of 400 samples not finite, left as gaps (func)" })
  _, notes = svg(figure():histogram { values = { -1e308, 0, 1e308 }, bins = 4 })
  lu.assertEquals(notes, { "histogram of 3 values in 4 bins of width 5e+307" })
end

-- gnuplot omits the segments to points far outside the panel; limn cuts them.
function TestEnds:test_a_line_that_leaves_the_panel_is_drawn_up_to_its_edge()
  for _, far in ipairs { 1e5, 1e30, 1e300, LARGEST } do
    local s = svg(figure { y = { range = { 0, 1 } } }:line { y = { 0.5, far, 0.5 }, mark = false })
    local body = s:match('<g id="gnuplot_plot_1"(.-)\n\t</g>')
    lu.assertEquals(select(2, body:gsub("L", "")), 2, far)
  end
end

function TestEnds:test_colours_of_extreme_fields()
  for z, o in pairs { [{ { -LARGEST, 0 }, { 1, LARGEST } }] = {}, [{ { LEAST, 1 }, { 1, LARGEST } }] = { scale = "log10" },
    [{ { 1, 2 }, { 3, 4 } }] = { centre = 1e308 } } do
    o.z = z
    local s = svg(figure():heatmap(o))
    local body = s:match('<g id="gnuplot_plot_1"(.-)\n\t</g>')
    lu.assertEquals(select(2, body:gsub("<polygon", "")), 4)
  end
end

-- ---- what is not shown is in the notes ---------------------------------------------------------------

TestLosses = {}

local function notes_of(fig) return (select(2, svg(fig))) end

function TestLosses:test_every_kind_of_layer_counts_its_gaps()
  local nan, inf = 0 / 0, 1 / 0
  for expected, draw in pairs {
    ["all of 2 points not finite, left as gaps (line 'a')"] = function(f) f:line { y = { nan, inf }, label = "a" } end,
    ["1 of 2 points not finite, left as gaps (points)"] = function(f) f:points { x = { 1, inf }, y = { 1, 2 } } end,
    ["1 of 2 points <= 0 not shown on log axis (steps)"] = function(f) f:steps { y = { 0, 2 } } end,
    ["1 of 3 intervals not known (nan): points without one (line)"] = function(f)
      f:line { y = { 1, 2, 3 }, band = { { 0.5, nan, 1 }, { 2, 3, 4 } } }
    end,
    ["1 of 2 intervals not known (nan): points without one (errorbars)"] = function(f)
      f:errorbars { y = { 1, 2 }, lo = { 0.5, 1 }, hi = { 2, nan } }
    end,
    ["1 of 2 bars not finite, left as gaps (bars)"] = function(f) f:bars { y = { nan, 2 } } end,
    ["1 of 4 cells not finite, left as gaps (heatmap)"] = function(f) f:heatmap { z = { { 1, 2 }, { nan, 3 } } } end,
    ["1 of 4 cells <= 0 not shown on log colour scale (heatmap)"] = function(f)
      f:heatmap { z = { { 1, 2 }, { 0, 3 } }, scale = "log10" }
    end,
    ["1 of 4 cells not finite, left as gaps (contour)"] = function(f) f:contour { z = { { 1, 2 }, { nan, 3 } } } end,
    ["histogram: none of 1 values is finite"] = function(f) f:histogram { values = { nan } } end,
    ["line at y = -1 not shown on log axis (hline)"] = function(f) f:hline(-1) end,
    ["1 of 2 intervals lie at or below 0, not shown on log axis (band)"] = function(f)
      f:band { lo = { 1, -2 }, hi = { 2, -1 } }
    end,
    ["1 of 2 intervals without end: drawn to the edge of the panel (band)"] = function(f)
      f:band { lo = { 1, 1 }, hi = { 2, inf } }
    end,
    ["arrow lies outside the panel and is not shown"] = function(f) f:arrow { from = { 0, -1 }, to = { 0, -2 } } end,
  } do
    local fig = figure { y = { scale = "log10" } }:line { y = { 1, 10 } }
    draw(fig)
    lu.assertEquals(notes_of(fig)[1], expected)
  end
end

-- A band is clipped where error bars are: the widest intervals stay.
function TestLosses:test_intervals_below_zero_reach_the_edge_of_a_log_axis()
  local s, notes = svg(figure { y = { scale = "log10", range = { 0.1, 10 } } }
    :line { x = { 1, 2, 3 }, y = { 1, 1, 1 }, band = { { 0.5, -1, -2 }, { 2, 3, 4 } }, mark = false })
  local body = s:match('<g id="gnuplot_plot_1"(.-)\n\t</g>')
  lu.assertEquals(select(2, body:gsub("<polygon", "")), 1)
  lu.assertEquals(notes, { "2 of 3 intervals reach to 0 or below: drawn from the edge of the log axis (line)" })
  lu.assertStrContains(read(scratch .. "/test.gp"), "\n1 2\n2 3\n3 4\n3 0.1\n2 0.1\n1 0.5\n")
end

-- A place of a band whose neighbours have no interval has no area: it is drawn as a bar.
function TestLosses:test_a_lone_interval_of_a_band_is_seen()
  local nan = 0 / 0
  for _, kind in ipairs { "line", "band" } do
    local f, lo, hi = plot.figure { y = { scale = "log10" } }, { 1, nan, 0, 3 }, { 2, 3, 5, 6 }
    f[kind](f, kind == "band" and { lo = lo, hi = hi } or { y = { 1, 2, 3, 4 }, band = { lo, hi } })
    local s = f:script "svg"
    lu.assertStrContains(s, "\n1 1 2\nEOD\n")
    lu.assertStrContains(s, ":(0):($3-$2) with vectors nohead lc rgb '#0072B2' lw 1")
  end
end

function TestLosses:test_stacks_are_on_all_earlier_bars_and_signs_are_apart()
  local fig = figure():bars { x = { "a", "b" }, y = { 3, 2 } }:bars { x = { "a", "b" }, y = { 1, 2 }, stack = true }
  local script = fig:script "pdf"
  lu.assertStrContains(script, " 3 4\n") -- of a: from 3 to 4
  lu.assertStrContains(script, " 2 4\n")
  script = figure():bars { y = { 3 }, stack = true }:bars { y = { -1 }, stack = true }:bars { y = { 1 }, stack = true }
    :script "pdf"
  lu.assertStrContains(script, " 0 3\n")
  lu.assertStrContains(script, " 0 -1\n")
  lu.assertStrContains(script, " 3 4\n")
end

function TestLosses:test_transparent_points_are_all_drawn()
  local r = limn.rng.stream { seed = 3 }
  local x, y = r:normal(60000), r:normal(60000)
  local notes = select(2, figure():points { x = x, y = y, alpha = 0.02 }:script "pdf")
  lu.assertEquals(notes, {})
  notes = select(2, figure():points { x = x, y = y }:script "pdf")
  lu.assertStrContains(notes[1], "of 60000 points drawn")
end

function TestLosses:test_options_without_effect_raise()
  for expected, draw in pairs {
    ['panel:heatmap: unknown option "label"'] = function(f) f:heatmap { z = { { 1 } }, label = "a" } end,
    ['panel:heatmap: unknown option "color"'] = function(f) f:heatmap { z = { { 1 } }, color = "red" } end,
    ['panel:image: unknown option "axis"'] = function(f) f:image { z = { { 1 } }, axis = "y2" } end,
    ["panel:points: map has no effect without z"] = function(f) f:points { y = { 1 }, map = "ember" } end,
    ["panel:histogram: dash has no effect without fill=false"] = function(f) f:histogram { values = { 1 }, dash = "dotted" } end,
    ["panel:errorbars: error is given together with lo or hi"] = function(f) f:errorbars { y = { 1 }, error = 1, lo = { 0 } } end,
    ["panel:errorbars: error[1] must be at least 0, got -0.5"] = function(f) f:errorbars { y = { 1 }, error = -0.5 } end,
    ['panel:text: unknown option "alpha"'] = function(f) f:text { x = 1, y = 1, text = "a", alpha = 0.5 } end,
  } do
    local ok, why = pcall(draw, figure())
    lu.assertFalse(ok, expected)
    lu.assertStrContains(why, expected)
  end
end

-- ---- random figures ---------------------------------------------------------------------------------------

TestRandom = {}

-- tests/random_figures.lua draws as many more as asked for.
function TestRandom:test_random_figures_are_saved_or_name_what_is_wrong()
  local files = 0
  for seed = 1, 150 do
    local wrong, kind = random.check(seed, scratch)
    lu.assertNil(wrong, seed .. ": " .. tostring(wrong))
    if kind == "file" then files = files + 1 end
  end
  lu.assertTrue(files > 75)
end

tools.finish()
