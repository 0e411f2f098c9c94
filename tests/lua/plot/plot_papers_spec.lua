-- plot_papers_spec.lua: what figures of papers need: one legend for all panels, ratio panels, enlarged parts, names on an
-- axis, forms of tick labels, panel letters, series that differ in black and white, colour maps for the colour-blind.
-- slow: 5 s
-- luacheck: ignore 111 112 113
local lu = require "luaunit"
local limn = require "limn"
local plot = limn.plot

local here = debug.getinfo(1, "S").source:match("^@(.*)/") or "tests/lua"
local tools = dofile(here .. "/../support/plot_tools.lua")
local picture = dofile(here .. "/../support/picture.lua")
local svg, texts, count = tools.svg, tools.texts, tools.count

local function shown(fig)
  local found = {}
  for _, t in ipairs(texts(svg(fig))) do found[t.text] = (found[t.text] or 0) + 1 end
  return found
end

-- ---- panels ---------------------------------------------------------------------------------------------

TestPanels = {}

function TestPanels:test_a_shared_legend_is_in_the_empty_panel_or_below()
  local function draw(last)
    local fig = plot.figure { rows = 1, cols = 3, legend = "shared", quiet = true }
    for k = 1, last do
      for m = 1, 3 do fig:panel(k):line { y = { m, k }, label = "series " .. m } end
    end
    return fig
  end
  local found, at = shown(draw(2)), {}
  lu.assertEquals({ found["series 1"], found["series 3"], found["(c)"] }, { 1, 1, nil })
  local s = svg(draw(2))
  for _, t in ipairs(texts(s)) do at[t.text] = t end
  local width = tonumber(s:match 'viewBox="0 0 (%d+)')
  lu.assertTrue(at["series 1"].x > width * 2 / 3)
  lu.assertTrue(at["series 2"].y > at["series 1"].y)
  at = {}
  for _, t in ipairs(texts(svg(draw(3)))) do at[t.text] = t end
  lu.assertTrue(at["series 1"].y > at["1.0"].y) -- under the axes
end

function TestPanels:test_a_ratio_panel_holds_measured_over_law()
  local fig = plot.figure { cols = 2, quiet = true }
  local p = fig:panel(1, 1, { x = { label = "n", scale = "log2" }, y = { scale = "log10" } })
  p:errorbars { x = { 1, 2, 4 }, y = { 2, 2, 2 }, error = { 1, 1, 1 }, label = "a" }
  p:line { x = { 1, 2, 4 }, y = { 9, 9, 9 }, label = "b" }:func { f = function(n) return n end, law = true }
  fig:panel(1, 2):ratio { of = p, law = { a = function(n) return n end } }
  local script = fig:script "pdf"
  lu.assertStrContains(script, "\n1 2 1 3\n2 1 0.5 1.5\n4 0.5 0.25 0.75\n")
  lu.assertEquals(count(script, "set logscale x 2"), 2)
  lu.assertEquals(count(script, "'measured / law'"), 1)
  lu.assertErrorMsgContains("of must be a panel, got 1", function() p:ratio { of = 1, law = math.exp } end)
  lu.assertErrorMsgContains("no line, points or errorbars with a law", function()
    fig:panel(1, 2):ratio { of = p, law = { c = math.exp } }
  end)
end

function TestPanels:test_an_inset_enlarges_a_part_and_marks_it()
  local fig = plot.figure { quiet = true }:line { y = { 1, 4, 9, 16 }, mark = false }
    :text { x = 4, y = 16, text = "far" }
  fig:inset { zoom = { x = { 1, 2 }, y = { 1, 4 } } }
  local script, notes = fig:script "pdf"
  lu.assertEquals(notes, {})
  lu.assertStrContains(script, "set xrange [1:2] noextend")
  lu.assertEquals(count(script, "with lines"), 2)
  lu.assertEquals(count(script, "fs empty border rgb '#7f7f7f'"), 1)
  lu.assertEquals(count(script, "nohead front lc rgb '#7f7f7f'"), 2)
  lu.assertErrorMsgContains("zoom must be {x = {low, high}, y = {low, high}}, got y = nil", function()
    fig:inset { zoom = { x = { 1, 2 } } }
  end)
end

function TestPanels:test_letters_have_the_style_of_the_venue()
  local function letters(o)
    o.cols, o.quiet = 2, true
    local found = shown(plot.figure(o))
    return found["(a)"] and "(a)" or found["a"] and "a" or found["A"] and "A" or nil
  end
  lu.assertEquals(letters {}, "(a)")
  lu.assertEquals(letters { venue = "nature" }, "a")
  lu.assertEquals(letters { venue = "nature", letters = "A" }, "A")
  lu.assertNil(letters { letters = false })
  lu.assertErrorMsgContains("letters must be", function() plot.figure { letters = "(i)" } end)
end

-- ---- axes -----------------------------------------------------------------------------------------------

TestAxes = {}

function TestAxes:test_equal_names_of_several_layers_have_one_place()
  local fig = plot.figure { quiet = true }:errorbars { x = { "a", "b", "c" }, y = { 1, 2, 3 }, error = 1 }
    :points { x = { "c", "d", "a" }, y = { 4, 5, 6 } }
  local script = fig:script "pdf"
  lu.assertStrContains(script, "\n3 4\n4 5\n1 6\n")
  local found = shown(fig)
  for _, name in ipairs { "a", "b", "c", "d" } do lu.assertEquals(found[name], 1) end
  fig = plot.figure { quiet = true }:bars { x = { "a", "b" }, y = { 1, 2 } }:bars { x = { "b", "a" }, y = { 5, 4 } }
  local found_bars = fig:script "pdf"
  lu.assertStrMatches(found_bars:gsub("\n", ";"), ".*;2%.%d+ 5 .*;1%.%d+ 4 .*")
end

function TestAxes:test_forms_of_tick_labels()
  for format, want in pairs { percent = { { 0, 0.5 }, "50 %" }, thousands = { { 0, 20000 }, "20\u{2009}000" },
    time = { { 0, 7200 }, "1 h" }, si = { { 0, 2e6 }, "2M" }, power = { { 0, 2000 }, "1×103" },
    plain = { { 0, 200000 }, "200000" }, date = { { 0, 86400 * 10 }, "1970-01-01" } } do
    local found = shown(plot.figure { y = { format = format }, quiet = true }:line { y = want[1] })
    lu.assertNotNil(found[want[2]], format)
  end
  lu.assertErrorMsgContains("y.format has no effect with a list of ticks", function()
    plot.figure { y = { format = "si", ticks = { 1, 2 } } }
  end)
end

-- ---- replicates and their distributions -------------------------------------------------------------------

TestReplicates = {}

-- The numbers of the data block k of a figure's script, as rows.
local function block(fig, k)
  local rows = {}
  local body = fig:script("pdf"):match("%$d" .. k .. " << EOD\n(.-)EOD\n")
  for line in body:gmatch "[^\n]+" do
    local row = {}
    for v in line:gmatch "%S+" do row[#row + 1] = tonumber(v) end
    rows[#rows + 1] = row
  end
  return rows
end

-- The outline of a violin: as wide as a place at the mode, symmetric, from the least to the largest value; its quartiles.
function TestReplicates:test_a_violin_is_a_density_with_quartiles()
  local values = {}
  for i = 1, 99 do values[i] = limn.stats.normal.quantile(i / 100) end
  local fig = plot.figure { quiet = true }:violin { x = { "a", "b" }, y = { values, { 1, 1, 1 } } }
  local outline, low, high = block(fig, 1), math.huge, -math.huge
  local left, right = math.huge, -math.huge
  for _, p in ipairs(outline) do
    low, high, left, right = math.min(low, p[2]), math.max(high, p[2]), math.min(left, p[1]), math.max(right, p[1])
    if math.abs(p[2]) < 1e-9 then lu.assertAlmostEquals(math.abs(p[1] - 1), 0.4, 1e-3) end
  end
  lu.assertAlmostEquals(low, values[1], 1e-12)
  lu.assertAlmostEquals(high, values[99], 1e-12)
  lu.assertAlmostEquals(right - 1, 1 - left, 1e-12)
  local h = 0.9 * (values[75] - values[25]) / 1.34 * 99 ^ -0.2 -- of a normal density convolved with the kernel, at 1
  local expected = 0.4 * math.exp(-0.5 / (1 + h * h))
  local nearest, at = math.huge, 0
  for _, p in ipairs(outline) do
    if math.abs(p[2] - 1) < nearest then nearest, at = math.abs(p[2] - 1), p[1] - 1 end
  end
  lu.assertAlmostEquals(math.abs(at), expected, 0.02)
  local quartiles = block(fig, 2)
  lu.assertEquals(#quartiles, 2) -- equal values have no outline, but a median
  lu.assertAlmostEquals(quartiles[1][3], (values[25] + values[26]) / 2, 1e-9)
  lu.assertEquals(quartiles[2], { 2, 1, 1, 1 })
end

-- One mark per value at its height, none outside of its place; layers are side by side; lines at the means.
function TestReplicates:test_a_strip_shows_every_value()
  local fig = plot.figure { quiet = true }:strip { x = { 1, 1, 1, 2, 2 }, y = { 1, 2, 6, 4, 0 / 0 } }
  fig:strip { x = { 1, 2 }, y = { { 5 }, { 7, 9 } } }
  local marks, means = block(fig, 1), block(fig, 2)
  lu.assertEquals(#marks, 4)
  for _, p in ipairs(marks) do lu.assertTrue(p[1] > math.floor(p[1] + 0.5) - 0.4 and p[1] < math.floor(p[1] + 0.5)) end
  lu.assertEquals({ means[1][3], means[2][3] }, { 3, 4 })
  for _, p in ipairs(block(fig, 3)) do lu.assertTrue(p[1] > math.floor(p[1] + 0.5)) end
  local _, notes = svg(fig)
  lu.assertStrContains(table.concat(notes, "\n"), "1 of 5 values not finite")
  lu.assertErrorMsgContains("y has 1 entries but x has 2", function() fig:strip { x = { 1, 2 }, y = { { 5 } } } end)
  lu.assertErrorMsgContains("y[2] must be a list of values, got 3", function() fig:violin { y = { { 5 }, 3 } } end)
end

function TestReplicates:test_marginal_histograms_count_the_points()
  local fig = plot.figure { quiet = true, x = { scale = "log10" } }:points { x = { 1, 10, 100, 100 }, y = { 1, 2, 3, 3 } }
  fig:marginals { bins = 3 }
  local above, beside = block(fig, 2), block(fig, 3)
  lu.assertEquals({ above[1][6], above[2][6], above[3][6] }, { 1, 1, 2 })
  lu.assertEquals({ beside[1][4], beside[2][4], beside[3][4] }, { 1, 1, 2 })
  lu.assertAlmostEquals(above[1][4] / above[1][3], above[3][4] / above[3][3], 1e-9) -- equal bins on the scale of the axis
  local s = svg(fig)
  lu.assertTrue(#s > 1000)
  fig:line { y = { 1, 2 }, axis = "y2" }
  local _, notes = svg(fig)
  lu.assertStrContains(table.concat(notes, "\n"), "no histogram on the right")
end

-- ---- texts that need room ----------------------------------------------------------------------------------

TestRoom = {}

local function faults(fig) return picture.faults(fig, (svg(fig))) end

function TestRoom:test_names_are_wrapped_turned_or_thinned()
  local function bars(n, name)
    local x, y = {}, {}
    for i = 1, n do x[i], y[i] = name:format(i), i end
    return plot.figure { quiet = true }:bars { x = x, y = y }
  end
  for _, case in ipairs { { 3, "n%d", "n2" }, { 6, "name of twenty %d", "twenty 2" }, { 6, "unbreakable%dnames", "unbreakable2names" },
    { 24, "n%d", "n2" }, { 100, "name %d", "name 1" }, { 3, ("long"):rep(60) .. "%d", nil } } do
    local fig = bars(case[1], case[2])
    lu.assertEquals(faults(fig), {}, case[2])
    if case[3] then lu.assertNotNil(shown(fig)[case[3]], case[3]) end
  end
  local _, notes = svg(bars(100, "name %d"))
  lu.assertStrContains(table.concat(notes, "\n"), "of 100 names shown on the x axis")
  _, notes = svg(bars(3, ("long"):rep(60) .. "%d"))
  lu.assertStrContains(table.concat(notes, "\n"), "3 of 3 names on the x axis are cut")
end

function TestRoom:test_a_legend_that_does_not_fit_is_above_the_panel()
  local fig = plot.figure { quiet = true, legend = "top left", height = 1.4 }
  for i = 1, 14 do fig:line { y = { i, 2, 3 }, label = "entry " .. i } end
  lu.assertEquals(faults(fig), {})
  fig = plot.figure { quiet = true, legend = "top left" }:line { y = { 1, 2 }, label = ("word "):rep(60) }
  lu.assertEquals(faults(fig), {})
  local _, notes = svg(fig)
  lu.assertStrContains(table.concat(notes, "\n"), "is cut at the width of the page")
end

-- A line that leaves the panel far away is cut, so that it has more vertices than its band.
function TestRoom:test_a_cut_line_with_a_band_has_a_legend()
  local y = { 0.5, 1e9, 0.5, -1e9, 0.5 }
  local fig = plot.figure { quiet = true, y = { range = { 0, 1 } } }:line { y = y, band = { y, y }, label = "cut" }
  lu.assertEquals(shown(fig).cut, 1)
end

function TestRoom:test_direct_labels_do_not_overlap()
  for _, top in ipairs { 4, 1, 0.3 } do -- curves end at the right, or leave through the top
    local fig = plot.figure { quiet = true, legend = "direct", y = { range = { 0, top } } }
    for i = 1, 12 do fig:line { x = { 0, 1 }, y = { 0, 1 + 0.001 * i }, mark = false, label = "series " .. i } end
    lu.assertEquals(faults(fig), {})
  end
end

function TestRoom:test_ticks_far_from_0_are_relative_to_a_round_value()
  local found = shown(plot.figure { quiet = true, y = "loss" }:line { y = { 1e9 + 1, 1e9 + 2, 1e9 + 3 } })
  lu.assertEquals({ found["2.0"] ~= nil, found["loss (relative to 109)"] }, { true, 1 })
  found = shown(plot.figure { quiet = true }:line { y = { -123456.5, -123456.25, -123456 } })
  lu.assertEquals(found["relative to −123457"], 1)
  found = shown(plot.figure { quiet = true }:line { x = { 1, 2, 3 }, y = { 100000, 150000, 2e5 } })
  lu.assertNil(found["relative to 105"])
end

function TestRoom:test_dates_and_durations_have_ticks_of_the_calendar()
  local function at(format, from, step, n)
    local x, y = {}, {}
    for i = 1, n do x[i], y[i] = from + step * i, i end
    return shown(plot.figure { quiet = true, x = { format = format } }:line { x = x, y = y })
  end
  lu.assertEquals(at("date", 1.78e9, 32 * 86400, 20)["2027-07-01"], 1)
  lu.assertEquals(at("date", 1.78e9, 332 * 86400, 20)["2040-01-01"], 1)
  lu.assertEquals(at("date", 1.78e9, 2 * 86400, 20)["2026-06-08"], 1) -- a Monday
  lu.assertEquals(at("date", 1.78e9, 3000, 20)["05-29 06:00"], 1)
  lu.assertEquals(at("time", 0, 700, 20)["2 h"], 1)
  lu.assertEquals(at("date", -1e300, 1e299, 20)["1970-01-01"], nil)
end

-- ---- series in black and white, colours for the colour-blind ----------------------------------------

TestColours = {}

function TestColours:test_sixteen_series_differ_without_colour()
  local fig = plot.figure { quiet = true, legend = "none" }
  for k = 1, 16 do fig:line { x = { 1, 2 }, y = { k, k } } end
  local seen = {}
  for dash, mark in fig:script("pdf"):gmatch "dt ([^\n]-) pt (%d+)" do
    local key = dash .. " " .. mark
    lu.assertNil(seen[key], key)
    seen[key] = true
  end
  local n = 0
  for _ in pairs(seen) do n = n + 1 end
  lu.assertEquals(n, 16)
end

-- Linear RGB as seen without one kind of cones (Machado, Oliveira and Fernandes 2009, severity 1).
local DEFICIENCIES = {
  protanopia = { 0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998 },
  deuteranopia = { 0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881 },
  tritanopia = { 1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900 },
  none = { 1, 0, 0, 0, 1, 0, 0, 0, 1 },
}

local function seen_as(hex, m)
  local c = {}
  for i = 1, 3 do
    local u = tonumber(hex:sub(2 * i, 2 * i + 1), 16) / 255
    c[i] = u <= 0.04045 and u / 12.92 or ((u + 0.055) / 1.055) ^ 2.4
  end
  local out = {}
  for i = 1, 3 do
    out[i] = math.max(0, m[3 * i - 2] * c[1] + m[3 * i - 1] * c[2] + m[3 * i] * c[3])
  end
  return out, 0.2126 * out[1] + 0.7152 * out[2] + 0.0722 * out[3]
end

-- Along a sequential map luminance rises for every kind of sight, hence also in grey; that of a diverging map rises to
-- its centre, and its arms have different hues.
function TestColours:test_maps_are_ordered_for_every_kind_of_sight()
  for sight, m in pairs(DEFICIENCIES) do
    for _, name in ipairs { "lagoon", "ember", "tide", "grey" } do
      local map, last = plot.map(name, 33), nil
      if name == "tide" then map = plot.map("tide_r", 33) end
      for i = 1, 33 do
        local _, light = seen_as(map[i], m)
        lu.assertTrue(last == nil or light > last, ("%s, %s, at %d"):format(sight, name, i))
        last = light
      end
    end
    for _, name in ipairs { "diverging", "orchard" } do
      local map = plot.map(name, 33)
      for i = 2, 17 do
        lu.assertTrue(select(2, seen_as(map[i], m)) > select(2, seen_as(map[i - 1], m)), sight .. name .. i)
      end
      local a, b = seen_as(map[5], m), seen_as(map[29], m)
      local distance = math.abs(a[1] - b[1]) + math.abs(a[2] - b[2]) + math.abs(a[3] - b[3])
      lu.assertTrue(distance > 0.06, ("%s, %s: arms %.3f"):format(sight, name, distance))
    end
  end
end

-- ---- one's own defaults ------------------------------------------------------------------------------------

TestTheme = {}

function TestTheme:test_a_theme_holds_until_it_is_reset()
  local own = plot.colors[1]
  plot.theme { font = "DejaVu Serif", fontsize = 11, colors = { "#ff0000", "green" } }
  local fig = plot.figure { fontsize = 9, quiet = true }:line { y = { 1, 2 } }:line { y = { 2, 1 } }
  lu.assertEquals({ fig.font, fig.font_size }, { "DejaVu Serif", 9 })
  local script = fig:script "pdf"
  lu.assertStrContains(script, "with linespoints lc rgb '#ff0000'")
  lu.assertStrContains(script, "with linespoints lc rgb '#009E73'")
  plot.theme {}
  lu.assertEquals({ plot.figure().font, plot.figure().font_size, plot.colors[1] }, { "DejaVu Sans", 8, own })
  lu.assertErrorMsgContains('unknown option "fnt"; did you mean "font"?', function() plot.theme { fnt = "a" } end)
  lu.assertErrorMsgContains("colors[1] must be a colour name", function() plot.theme { colors = { "blu" } } end)
end

tools.finish()
