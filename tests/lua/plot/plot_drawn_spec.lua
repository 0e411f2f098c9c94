-- plot_drawn_spec.lua: figures: the drawn elements and their positions: curves, axes, marks, cells, labels.
-- stock: yes
-- slow: 4 s
-- luacheck: ignore 111 112 113
local lu = require "luaunit"
local native = require "limn.native"
local plot = require("limn").plot

local here = debug.getinfo(1, "S").source:match("^@(.*)/") or "tests/lua"
local tools = dofile(here .. "/../support/plot_tools.lua")
local scratch, program, read, write, count = tools.scratch, tools.program, tools.read, tools.write, tools.count
local svg, texts, curve = tools.svg, tools.texts, tools.curve

-- ---- what is drawn ---------------------------------------------------------------------------------------------

TestDrawn = {}

function TestDrawn:test_a_line_has_the_coordinates_of_the_axes()
  local s = svg(plot.figure { x = { range = { 0, 10 } }, y = { range = { 0, 100 } },
    quiet = true }:line { x = { 0, 5, 10 }, y = { 0, 50, 100 }, mark = false })
  local p = curve(s, 1)
  lu.assertEquals(#p, 3)
  lu.assertAlmostEquals(p[2][1], (p[1][1] + p[3][1]) / 2, 0.011)
  lu.assertAlmostEquals(p[2][2], (p[1][2] + p[3][2]) / 2, 0.011)
  lu.assertTrue(p[3][2] < p[1][2]) -- up is up
  for _, t in ipairs(texts(s)) do -- tick labels are below their values
    local v = tonumber(t.text)
    if v and t.anchor == "middle" then lu.assertAlmostEquals(t.x, p[1][1] + (p[3][1] - p[1][1]) * v / 10, 0.02) end
  end
end

function TestDrawn:test_log_axes_space_powers_evenly_and_label_them()
  local s = svg(plot.figure { x = { scale = "log2" }, y = { scale = "log10" }, quiet = true }
    :line { x = { 2, 4, 8, 16 }, y = { 1, 10, 100, 1000 }, mark = false })
  local p = curve(s, 1)
  for i = 2, 3 do
    lu.assertAlmostEquals(p[i + 1][1] - p[i][1], p[2][1] - p[1][1], 0.03)
    lu.assertAlmostEquals(p[i + 1][2] - p[i][2], p[2][2] - p[1][2], 0.03)
  end
  local found = {}
  for _, t in ipairs(texts(s)) do found[t.text] = true end
  -- 2^1, 2^3, 10^0, 10^3 with raised exponents
  lu.assertTrue(found["21"] and found["23"] and found["100"] and found["103"])
end

function TestDrawn:test_symlog_is_odd_around_zero()
  local s = svg(plot.figure { x = { scale = "symlog", range = { -100, 100 } },
    quiet = true }:line { x = { -100, -1, 0, 1, 100 }, y = { 0, 1, 2, 3, 4 }, mark = false })
  local p = curve(s, 1)
  lu.assertAlmostEquals(p[3][1] - p[1][1], p[5][1] - p[3][1], 0.03)
  lu.assertAlmostEquals(p[3][1] - p[2][1], p[4][1] - p[3][1], 0.03)
  lu.assertTrue(p[4][1] - p[3][1] > 0.05 * (p[5][1] - p[1][1]))
end

function TestDrawn:test_empty_series_are_omitted_with_a_note()
  local fig = plot.figure { quiet = true }:line { x = {}, y = {}, label = "nothing", band = { {}, {} } }
  fig:points { x = {}, y = {}, z = {} }:steps { y = {} }:band { lo = {}, hi = {} }:errorbars { y = {}, error = 1 }
  fig:histogram { values = {} }:line { y = { 1, 2 } }
  local s, notes = svg(fig)
  lu.assertEquals(count(s, 'id="gnuplot_plot_'), 1)
  lu.assertEquals(notes[1], "line 'nothing' is empty")
  lu.assertEquals(#notes, 6)
  lu.assertErrorMsgContains("y has 0 entries but x has 1", function() fig:line { x = { 1 }, y = {} } end)
end

-- Of several filled series all but the first are hatched, in the panel and in the legend.
function TestDrawn:test_filled_series_are_hatched()
  local function hatches(fig)
    local out = {}
    for _, pattern in fig:script("svg"):gmatch "(fc rgb '#%x+') fs transparent pattern (%d)" do out[#out + 1] = pattern end
    return table.concat(out, " ")
  end
  lu.assertEquals(hatches(plot.figure():bars { y = { 1, 2 }, label = "a" }), "")
  local three = plot.figure()
  for k = 1, 3 do three:bars { y = { k, 2 }, label = "s" .. k } end
  lu.assertEquals(hatches(three), "4 5 4 5")
  local two, mixed = plot.figure(), plot.figure():line { y = { 1, 2 } }:bars { y = { 1, 2 } }
  for k = 1, 2 do two:violin { x = { "a" }, y = { { k, 2, 4, 5, 6 } } } end
  lu.assertEquals(hatches(two), "4")
  lu.assertEquals(hatches(mixed), "")
  local histograms = plot.figure()
  for k = 1, 2 do histograms:histogram { values = { k, 2, 4, 5, 6 }, fill = k == 1 } end
  lu.assertEquals(hatches(histograms), "") -- an outline is none of them
end

function TestDrawn:test_gaps_break_the_line_and_infinities_are_gaps()
  local s = svg(plot.figure { quiet = true }:line { x = { 1, 2, 3, 4, 5, 6 }, y = { 1, 2, 0 / 0, 3, 1 / 0, 5 },
    mark = false })
  local body = s:match('<g id="gnuplot_plot_1"(.-)\n\t</g>')
  lu.assertEquals(count(body:match("%sd='(M.-)'"), "L"), 1) -- one stroke, from 1 to 2: nothing bridges a gap
  local script = read(scratch .. "/test.gp")
  lu.assertStrContains(script, "3 NaN\n")
  lu.assertStrContains(script, "5 NaN\n")
  lu.assertNil(script:lower():find("[%s]%-?inf"))
end

function TestDrawn:test_nonpositive_values_on_log_axes_are_counted()
  local fig = plot.figure { y = { scale = "log10" }, quiet = true }:line { x = { 1, 2, 3, 4 }, y = { 0, -1, 10, 100 },
    label = "loss" }
  local _, notes = svg(fig)
  lu.assertEquals(notes, { "2 of 4 points <= 0 not shown on log axis (line 'loss')" })
  lu.assertStrContains(fig:caption(), "2 of 4 points")
  local script = scratch .. "/stderr.lua"
  write(script, string.format([[
    package.path, package.cpath = %q, %q
    require("limn").plot.figure{y={scale="log10"}}:line{y={0,1,2}}:save(%q)]], package.path, package.cpath, scratch
      .. "/s.svg"))
  local _, _, err = native.process.run({ program, script }, {}, 600)
  lu.assertStrContains(err, "1 of 3 points <= 0 not shown on log axis")
end

function TestDrawn:test_every_kind_of_layer_leaves_its_mark()
  local fig = plot.figure { rows = 2, cols = 3, venue = "neurips", quiet = true }
  fig:panel(1, 1):band { x = { 1, 2, 3 }, lo = { 0, 1, 1 }, hi = { 2, 2, 3 },
    label = "band" }:steps { x = { 1, 2, 3 }, y = { 1, 2, 1 }, label = "steps" }
  fig:panel(1, 2):errorbars { x = { 1, 2 }, y = { 1, 2 }, error = 0.3, label = "bars" }:points { x = { 1, 2 },
    y = { 2, 1 }, mark = "square", color = "green" }
  fig:panel(1, 3):bars { x = { "a", "b" }, y = { 1, 2 } }:hline(1.5)
  fig:panel(2, 1):histogram { values = { 1, 2, 2, 3, 3, 3 }, bins = 3 }:vline(2)
  fig:panel(2, 2):heatmap { z = { { 1, 2, 3 }, { 4, 5, 6 } } }:contour { z = { { 1, 2, 3 }, { 4, 5, 6 } },
    levels = { 3.5 } }
  fig:panel(2, 3):func { f = function(x) return x * x end, from = 0, to = 1 }:arrow { from = { 0, 1 }, to = { 1, 0 },
    text = "here" }
  local s = svg(fig)
  lu.assertStrContains(s, "fill-opacity = '0.200000'") -- the band
  lu.assertTrue(count(s, "gpPt4'") >= 3) -- squares: two points
  local found = {}
  for _, t in ipairs(texts(s)) do found[t.text] = true end
  for _, t in ipairs { "(a)", "(b)", "(c)", "(d)", "(e)", "(f)", "band", "steps", "bars", "a", "b", "here" } do
    lu.assertTrue(found[t], t .. " is missing")
  end
end

function TestDrawn:test_heatmap_cells_have_their_colours()
  local low, high = plot.map("lagoon", 2)[1], plot.map("lagoon", 2)[2]
  local function rgb(hex)
    return string.format("rgb(%3d, %3d, %3d)", tonumber(hex:sub(2, 3), 16), tonumber(hex:sub(4, 5), 16),
      tonumber(hex:sub(6, 7), 16))
  end
  local s = svg(plot.figure { quiet = true }:heatmap { z = { { 0, 1 }, { 1, 1 } }, bar = false })
  local body = s:match('<g id="gnuplot_plot_1"(.-)\n\t</g>')
  lu.assertEquals(count(body, "<polygon fill = '" .. rgb(low) .. "'"), 1)
  lu.assertEquals(count(body, "<polygon fill = '" .. rgb(high) .. "'"), 3)
  lu.assertEquals(count(body, "<polygon"), 4)
end

function TestDrawn:test_contour_is_a_circle_where_the_field_is()
  local contour = require "limn.plot.contour"
  local x, z = {}, {}
  for i = 1, 41 do x[i] = (i - 21) / 10 end
  for i = 1, 41 do
    for j = 1, 41 do z[(i - 1) * 41 + j] = x[i] ^ 2 + x[j] ^ 2 end
  end
  local cx, cy = contour.trace(x, x, z, 41, 41, 1)
  lu.assertTrue(#cx > 60)
  for i = 1, #cx do lu.assertAlmostEquals(math.sqrt(cx[i] ^ 2 + cy[i] ^ 2), 1, 0.003) end
  lu.assertEquals({ cx[1], cy[1] }, { cx[#cx], cy[#cy] }) -- closed, one curve
end

function TestDrawn:test_colours_reach_the_pixels()
  local path = scratch .. "/pixels.png"
  assert(plot.figure { size = { 2, 1.5 }, dpi = 100, quiet = true }:bars { x = { 1, 2 }, y = { 1, 1 },
    color = "#ff0000", alpha = 1 }
    :line { x = { 0.5, 2.5 }, y = { 1.5, 1.5 }, color = "#0000ff", width = 4, mark = false,
      dash = "solid" }:save(path))
  local status, out, err = native.process.run({ "python3", here .. "/../support/png_stats.py", path, "ff0000", "0000ff" }, {}, 600)
  lu.assertEquals(status, 0, err)
  local width, height, ink, red, blue = out:match("(%d+) (%d+) (%d+) (%d+) (%d+)")
  lu.assertEquals({ tonumber(width), tonumber(height) }, { 200, 150 })
  lu.assertTrue(tonumber(red) > 4000, "red " .. red) -- two bars, more than half of the axes wide
  lu.assertTrue(tonumber(blue) > 500 and tonumber(blue) < 1200, "blue " .. blue)
  lu.assertTrue(tonumber(ink) < 200 * 150 * 0.75)
end

-- No two texts overlap, for every venue and grid; the boxes of texts are slightly underestimated.
function TestDrawn:test_labels_do_not_overlap()
  local text = require "limn.plot.text"
  local function boxes(s, font)
    local out = {}
    for _, t in ipairs(texts(s)) do
      local label = text.label("t", "t", t.text)
      local w, h = text.width(label, t.size, font) * 0.92, t.size * 0.72
      local x = t.anchor == "middle" and t.x - w / 2 or t.anchor == "end" and t.x - w or t.x
      local box = { x, t.y - h, x + w, t.y, t.text }
      if t.turned then box = { t.x - h, t.y - w / 2, t.x, t.y + w / 2, t.text } end
      out[#out + 1] = box
    end
    return out
  end
  for _, venue in ipairs { "neurips", "icml", "jmlr", "ieee", "nature", "prx" } do
    for _, grid in ipairs { { 1, 1 }, { 1, 2 }, { 2, 3 }, { 1, 3 } } do
      local fig = plot.figure { venue = venue, rows = grid[1], cols = grid[2], quiet = true,
        x = { label = "training points", scale = "log10" },
        y = { label = "error of the mean", scale = "log10" } }
      for k = 1, grid[1] * grid[2] do
        local p = fig:panel(k)
        for m = 1, 3 do
          p:line { x = { 1, 10, 100, 1000, 10000 }, y = { m * 1e-4, m * 1e-2, m * 0.1, m * 10, m * 10 ^ k },
            label = "series " .. m }
        end
      end
      local list = boxes(svg(fig), fig.font)
      for i = 1, #list do
        for j = i + 1, #list do
          local a, b = list[i], list[j]
          if a[1] < b[3] and b[1] < a[3] and a[2] < b[4] and b[2] < a[4] then
            lu.fail(string.format("%s %dx%d: '%s' touches '%s'", venue, grid[1], grid[2], a[5], b[5]))
          end
        end
      end
    end
  end
end

function TestDrawn:test_long_titles_are_broken_not_cut()
  local fig = plot.figure { venue = "neurips", rows = 1, cols = 3, quiet = true }
  fig:panel(1, 3, { title = "standard nets trained on every point of a long set" }):line { y = { 1, 2 } }
  local s = svg(fig)
  local lines, text = {}, require "limn.plot.text"
  for _, t in ipairs(texts(s)) do
    if t.text:find("standard", 1, true) or t.text:find("set", 1, true) or t.text:find("point", 1, true) then
      lines[#lines + 1] = t
      lu.assertTrue(t.x + text.width(text.label("t", "t", t.text), t.size, fig.font) <= 396, t.text)
    end
  end
  lu.assertTrue(#lines >= 2)
  lu.assertEquals(lines[1].x, lines[2].x)
  lu.assertTrue(lines[2].y > lines[1].y + lines[1].size)
  lu.assertStrContains(lines[1].text, "(c) standard")
end

function TestDrawn:test_direct_labels_are_at_the_last_visible_point()
  local s = svg(plot.figure { x = { range = { 0, 10 } }, y = { range = { 0, 1 } }, legend = "direct", quiet = true }
    :line { x = { 0, 10 }, y = { 0, 2 }, label = "leaves", mark = false }
    :line { x = { 0, 10 }, y = { 0, 0.5 }, label = "stays", mark = false })
  local at = {}
  for _, t in ipairs(texts(s)) do at[t.text] = t end
  local x0, x1 = at["0"].x, at["10"].x -- the first "0" found may be that of y: only the order matters
  lu.assertTrue(at.stays.x > x1 and at.leaves.x > (x0 + x1) / 2 - 10 and at.leaves.x < (x0 + x1) / 2 + 15)
  lu.assertTrue(at.leaves.y < at.stays.y - 30)
end

function TestDrawn:test_y_labels_of_a_column_are_aligned()
  local fig = plot.figure { rows = 2, cols = 1, y = { label = "loss" }, quiet = true }
  fig:panel(1, 1):line { y = { 0, 1 } }
  fig:panel(2, 1):line { y = { 0.001, 0.002 } }
  local xs = {}
  for _, t in ipairs(texts(svg(fig))) do
    if t.text == "loss" then xs[#xs + 1] = t.x end
  end
  lu.assertEquals(#xs, 2)
  lu.assertEquals(xs[1], xs[2])
end

-- ---- glyphs -----------------------------------------------------------------------------------------------

TestGlyphs = {}

local function notes_and_script(o, suffix)
  o.quiet = true
  local fig = plot.figure(o):line { y = { 1, 2 } }
  local _, why, notes = fig:save(scratch .. "/glyphs." .. suffix)
  lu.assertNil(why)
  return table.concat(notes, "; "), read(scratch .. "/glyphs.gp")
end

function TestGlyphs:test_characters_without_a_font_are_replaced_and_noted()
  tools.skip_if(not os.execute "command -v fc-list >/dev/null 2>&1", "characters without a font: fc-list is not installed")
  local private = "\u{10FFFD}" -- of no font
  for _, suffix in ipairs { "png", "pdf" } do
    local notes, script = notes_and_script({ x = "rate " .. private }, suffix)
    lu.assertEquals(notes, "no installed font has " .. private .. " (U+10FFFD); □ is drawn")
    lu.assertStrContains(script, "'rate □'")
  end
  local notes, script = notes_and_script({ x = "rate " .. private }, "svg") -- its viewer may have the font
  lu.assertEquals(notes, "")
  lu.assertStrContains(script, private)
  lu.assertEquals((notes_and_script({ x = "−1 × α ≤ é" }, "pdf")), "")
end

function TestGlyphs:test_maths_in_a_plain_label_is_noted()
  for text, noted in pairs { ["loss $x^2$"] = true, ["10^{-5}"] = true, ["\\alpha"] = true, ["$HOME"] = false, ["5 $ or 6 $"] = false,
    ["a_b {c}"] = false } do
    local notes = notes_and_script({ x = text }, "gp")
    lu.assertEquals(notes, noted and "'" .. text .. "' is drawn as it stands; plot.math draws maths" or "", text)
  end
end

function TestGlyphs:test_norms_and_script_letters()
  lu.assertStrContains(plot.math("\\|w\\|_2").enhanced, "‖{/:Italic w}‖")
  lu.assertStrContains(plot.math("\\lVert w\\rVert").enhanced, "‖{/:Italic w}‖")
  lu.assertEquals(plot.math("\\mathcal{N}").enhanced, "𝒩")
  lu.assertEquals(plot.math("10^{-5}").enhanced, "10^{−5}")
end

function TestGlyphs:test_a_venue_sets_the_family()
  local fonts = require "limn.plot.fonts"
  local times, why = fonts.first(fonts.TIMES)
  local fig = plot.figure { venue = "icml", quiet = true }
  lu.assertEquals(fig.font, times or "DejaVu Sans")
  lu.assertEquals(plot.figure { venue = "icml", font = "DejaVu Sans" }.font, "DejaVu Sans")
  lu.assertEquals(plot.figure().font, "DejaVu Sans")
  local list = fonts.TIMES
  fonts.TIMES = { "No Such Times" }
  fig = plot.figure { venue = "icml", quiet = true }:line { y = { 1, 2 } }
  fonts.TIMES = list
  lu.assertEquals(fig.font, "DejaVu Sans")
  local _, _, notes = fig:save(scratch .. "/venue.svg")
  lu.assertStrContains(table.concat(notes), "none of the venue's fonts is installed (No Such Times): 'DejaVu Sans' is used")
  lu.assertTrue(why == nil or times == nil)
end

tools.finish()
