-- plot_papers_spec.lua: what figures of papers need: one legend for all panels, ratio panels, enlarged parts, names on an
-- axis, forms of tick labels, panel letters, series that differ in black and white, colour maps for the colour-blind.
-- slow: 5 s
-- luacheck: ignore 111 112 113
local lu = require "luaunit"
local limn = require "limn"
local plot = limn.plot

local here = debug.getinfo(1, "S").source:match("^@(.*)/") or "tests/lua"
local tools = dofile(here .. "/../support/plot_tools.lua")
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
    time = { { 0, 7200 }, "1 h 23 min" }, si = { { 0, 2e6 }, "2M" }, power = { { 0, 2000 }, "1×103" },
    plain = { { 0, 200000 }, "200000" }, date = { { 0, 86400 * 10 }, "1970-01-01" } } do
    local found = shown(plot.figure { y = { format = format }, quiet = true }:line { y = want[1] })
    if format == "time" then -- 5000 s
      lu.assertNotNil(found["1 h 23 min"] or found["33 min 20 s"], format)
    else
      lu.assertNotNil(found[want[2]], format)
    end
  end
  lu.assertErrorMsgContains("y.format has no effect with a list of ticks", function()
    plot.figure { y = { format = "si", ticks = { 1, 2 } } }
  end)
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
