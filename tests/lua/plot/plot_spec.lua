-- plot_spec.lua: figures: numbers and thinning, error messages, colours and marks, the prompt. Saving is tested in
-- plot_save_spec.lua, drawn elements in plot_drawn_spec.lua, hostile texts in plot_hostile_spec.lua.
-- stock: yes
-- luacheck: ignore 111 112 113
local lu = require "luaunit"
local limn = require "limn"
local native = require "limn.native"
local plot = limn.plot

local here = debug.getinfo(1, "S").source:match("^@(.*)/") or "tests/lua"
local tools = dofile(here .. "/../support/plot_tools.lua")
local scratch, count, simple, svg, texts = tools.scratch, tools.count, tools.simple, tools.svg, tools.texts

-- ---- numbers ------------------------------------------------------------------------------------------

TestNumbers = {}

function TestNumbers:test_text_reads_back_to_the_same_double()
  math.randomseed(os.time())
  for _ = 1, 100000 do
    local x = string.unpack("d", string.pack("I8", math.random(0)))
    if x == x and math.abs(x) < math.huge then
      local t = native.plot.number(x)
      if tonumber(t) + 0.0 ~= x or #t > 25 then lu.fail(t .. " is not " .. string.format("%a", x)) end
    end
  end
  for e = -1074, 1023 do lu.assertEquals(tonumber(native.plot.number(2.0 ^ e)) + 0.0, 2.0 ^ e) end
end

function TestNumbers:test_text_is_the_shortest()
  for _, s in ipairs { "0.1", "0.3", "1e+23", "5e-324", "1.7976931348623157e+308", "2.2250738585072014e-308",
    "123456.789", "1e+22",
    "4.35", "0.0001", "1e-5", "9007199254740991", "-2.5" } do
    lu.assertEquals(native.plot.number(tonumber(s) + 0.0), s)
  end
  lu.assertEquals(native.plot.number(1 / 0), "NaN")
  lu.assertEquals(native.plot.number(0 / 0), "NaN")
end

function TestNumbers:test_thinning_keeps_every_extreme()
  local x, y = {}, {}
  for i = 1, 50000 do x[i], y[i] = i, math.sin(i / 500) end
  y[12345], y[23456] = 50, -40
  local kx, ky = native.plot.thin_line(limn.array(x), limn.array(y), 1, 50000, 300, false)
  local n = select(2, native.plot.column(kx, "t", "x"))
  lu.assertTrue(n <= 1200 and n >= 300)
  local low, high = native.plot.extent(ky)
  lu.assertEquals({ low, high }, { -40, 50 })
  local tx = native.plot.totable(kx)
  lu.assertEquals({ tx[1], tx[#tx] }, { 1, 50000 })
  for i = 2, #tx do lu.assertTrue(tx[i] > tx[i - 1]) end
end

function TestNumbers:test_thinning_a_band_keeps_its_outline_and_gaps()
  local n = 40000
  local x = limn.linspace(1, n, n)
  local lo, hi = x * 0 - 1, x * 0 + 1
  lo:set(777, -9)
  hi:set(888, 9)
  lo:set(20000, 0 / 0)
  local kx, klo, khi = native.plot.thin_band(x, lo, hi, 1, n, 100, false)
  local tx, tl, th = native.plot.totable(kx), native.plot.totable(klo), native.plot.totable(khi)
  lu.assertTrue(#tx >= 200 and #tx <= 210)
  lu.assertEquals({ tx[1], tx[#tx], math.min(table.unpack(tl, 1, 50)), math.max(table.unpack(th, 1, 50)) }, { 1, n, -9, 9 })
  local gaps = 0
  for i = 1, #tx do
    if tl[i] ~= tl[i] then gaps = gaps + 1 end
  end
  lu.assertEquals(gaps, 1)
end

function TestNumbers:test_thinned_points_keep_the_colour_on_top()
  local x, y, z = { 0.1, 0.9, 0.12 }, { 0.1, 0.9, 0.12 }, { 1, 2, 3 }
  local grid = { 0, 1, 10, false }
  local kx, _, kz = native.plot.thin_points(limn.array(x), limn.array(y), grid, grid, limn.array(z))
  lu.assertEquals({ native.plot.totable(kx), native.plot.totable(kz) }, { { 0.9, 0.12 }, { 2, 3 } })
end

-- Points that are not visible are omitted, so that gnuplot needs at most a second; the caption reports their number.
function TestNumbers:test_long_series_are_thinned_with_a_note()
  local r = limn.rng.stream { seed = 3 }
  local x, y = r:normal(200000), r:normal(200000)
  local at = limn.linspace(1, 200000, 200000)
  for what, draw in pairs {
    points = function(f) f:points { x = x, y = y } end,
    ["points "] = function(f) f:points { x = x, y = y, z = x * y } end,
    line = function(f) f:line { x = at, y = y, band = { y - 1, y + 1 } } end,
    band = function(f) f:band { x = at, lo = y - 1, hi = y + 1 } end,
    steps = function(f) f:steps { x = at, y = y } end,
  } do
    local fig = plot.figure { quiet = true }
    draw(fig)
    local script, notes = fig:script("pdf")
    lu.assertTrue(#script < 2e6, what)
    local drawn, all, within = notes[1]:match("(%d+) of (%d+) points drawn; each omitted point is within (%S+) pt")
    lu.assertEquals(all, "200000", notes[1])
    lu.assertTrue(tonumber(drawn) <= 25000, notes[1])
    lu.assertTrue(tonumber(within) <= 1.2, notes[1]) -- no more than a mark is wide
  end
  local fig = plot.figure { quiet = true }:points { x = x, y = y, thin = false }
  lu.assertEquals(select(2, fig:script("pdf")), {})
end

function TestNumbers:test_large_fields_on_log_axes_are_rasters_of_the_right_cells()
  local n = 256
  local z = limn.zeros(n, n) + limn.linspace(1, n, n) -- column j holds j
  local c = limn.logspace(1, 1000, n)
  local fig = plot.figure { x = { scale = "log10" }, y = { scale = "log10", reverse = true }, quiet = true }
  fig:heatmap { z = z, x = c, y = c, bar = false }
  local script, notes = fig:script("svg")
  local rows, cols = notes[1]:match("heatmap of 256x256 unequal cells drawn as a raster of (%d+)x(%d+) pixels")
  local line = script:match("<< EOD\n([^\n]*)")
  local values = {}
  for v in line:gmatch("%S+") do values[#values + 1] = tonumber(v) end
  lu.assertEquals(#values, tonumber(cols))
  lu.assertTrue(tonumber(rows) > 100)
  for i, v in ipairs(values) do -- evenly spaced on the page, evenly spaced in the logarithm
    lu.assertAlmostEquals(v, (i - 0.5) / cols * n + 0.5, 0.51)
  end
  lu.assertStrContains(script, "set y2range [" .. rows - 0.5 .. ":-0.5]")
  lu.assertNotNil(fig:save(scratch .. "/logfield.svg"))
end

function TestNumbers:test_bins_hold_every_value_once()
  local v, want = {}, { 0, 0, 0, 0 }
  for i = 1, 1000 do
    v[i] = math.random()
    want[math.floor(v[i] * 4) + 1] = want[math.floor(v[i] * 4) + 1] + 1
  end
  v[1001], v[1002], v[1003] = 2, 0 / 0, -1
  local counts, outside = native.plot.bins(limn.array(v), 0, 1, 4)
  lu.assertEquals(native.plot.totable(counts), want)
  lu.assertEquals(outside, 3)
end

-- ---- error messages -----------------------------------------------------------------------------------------

TestMisuse = {}

function TestMisuse:test_errors_name_the_argument()
  local fig = plot.figure {}
  for expected, f in pairs {
    ['plot.figure: unknown option "venu"; did you mean "venue"?'] = function() plot.figure { venu = "icml" } end,
    ['plot.figure: unknown venue "neurps"; did you mean "neurips"?'] = function() plot.figure { venue = "neurps" } end,
    ["panel:line: y has 3 entries but x has 2"] = function() fig:line { x = { 1, 2 }, y = { 1, 2, 3 } } end,
    ["panel:line: y is missing"] = function() fig:line { x = { 1 } } end,
    ['panel:line: unknown option "lable"; did you mean "label"?'] = function() fig:line { y = { 1 }, lable = "a" } end,
    ["panel:line: color must be"] = function() fig:line { y = { 1 }, color = "bleu" } end,
    ['did you mean "dashed"?'] = function() fig:line { y = { 1 }, dash = "dased" } end,
    ["y.range must be {low, high} with low < high, got {2, 1} (use reverse=true)"] = function()
      plot.figure { y = { range = { 2, 1 } } }
    end,
    ["must be positive on a log axis"] = function() plot.figure { y = { range = { 0, 1 }, scale = "log10" } } end,
    ["panel:heatmap: x has 3 entries but z has 2 columns"] = function() fig:heatmap { z = { { 1, 2 }, { 3, 4 } },
      x = { 1, 2, 3 } } end,
    ["figure:panel: (2,1) is outside the 1x1 grid"] = function() fig:panel(2, 1) end,
    ["plot.math: unknown command \\alpah"] = function() plot.math "\\alpah" end,
    ["must end in .pdf .svg .png .tex .html or .gp"] = function() fig:save("f.jpg") end,
    ['plot: a text must not contain a NUL byte, got "a\\0b"'] = function() fig:text { x = 0, y = 0, text = "a\0b" } end,
    ["unknown colour map"] = function() fig:heatmap { z = { { 1 } }, map = "jet" } end,
    ["panel:errorbars: error is missing"] = function() fig:errorbars { y = { 1 } } end,
  } do
    local ok, why = pcall(f)
    lu.assertFalse(ok, expected)
    lu.assertStrContains(why, expected)
    lu.assertStrContains(why, "plot_spec.lua:") -- the position is in this file, not in limn's
  end
end

-- ---- styles ------------------------------------------------------------------------------------------------------

TestLooks = {}

local function lightness(hex)
  local function linear(i)
    local u = tonumber(hex:sub(i, i + 1), 16) / 255
    return u <= 0.04045 and u / 12.92 or ((u + 0.055) / 1.055) ^ 2.4
  end
  return 0.2126 * linear(2) + 0.7152 * linear(4) + 0.0722 * linear(6)
end

function TestLooks:test_sequential_maps_grow_lighter_all_the_way()
  for _, name in ipairs { "lagoon", "ember", "grey" } do
    local map = plot.map(name, 64)
    for i = 2, 64 do lu.assertTrue(lightness(map[i]) > lightness(map[i - 1]), name .. " at " .. i) end
  end
end

function TestLooks:test_diverging_maps_have_equal_arms()
  for _, name in ipairs { "diverging", "orchard" } do
    local map = plot.map(name, 65)
    for i = 1, 32 do
      lu.assertTrue(lightness(map[i]) < lightness(map[i + 1]))
      lu.assertAlmostEquals(lightness(map[i]) ^ (1 / 3), lightness(map[66 - i]) ^ (1 / 3), 0.075)
    end
  end
end

function TestLooks:test_error_bars_reach_from_low_to_high()
  for _, o in ipairs { { error = { { 2 }, { 5 } } }, { lo = { 8 }, hi = { 15 } } } do
    o.x, o.y = { 1 }, { 10 }
    lu.assertEquals(count(plot.figure { quiet = true }:errorbars(o):script("pdf"), "\n1 10 8 15\n"), 1)
  end
end

function TestLooks:test_series_differ_in_colour_and_mark_or_dash()
  local fig = plot.figure { quiet = true }
  for k = 1, 6 do fig:line { x = { 1, 2 }, y = { k, k + 1 } } end
  local s = fig:script("pdf")
  local seen = {}
  for color, mark in s:gmatch("with linespoints lc rgb '(#%x+)'.-pt (%d+)") do
    lu.assertNil(seen[color])
    lu.assertNil(seen[mark])
    seen[color], seen[mark] = true, true
  end
  lu.assertEquals(count(s, "with linespoints"), 6)
end

function TestLooks:test_maths_of_papers()
  for source, shown in pairs {
    ["\\hat{f}"] = "f\u{302}", ["\\frac{1}{n}"] = "1/n", ["\\frac{a+b}{c}"] = "(a+b)/c", ["\\mathbb{E}[x]"] = "𝔼[x]",
    ["\\mathcal{L}"] = "ℒ", ["\\left(\\theta\\right)"] = "(θ)",
  } do
    local found = false
    for _, t in ipairs(texts(svg(plot.figure { x = plot.math(source), quiet = true }:line { y = { 1, 2 } }))) do
      found = found or t.text == shown
    end
    lu.assertTrue(found, source)
  end
  assert(plot.figure { x = plot.tex "$\\unknown{x}$", quiet = true }:line { y = { 1, 2 } }:save(scratch .. "/u.svg"))
end

function TestLooks:test_theory_is_drawn_apart_with_its_verdict()
  local fig = plot.figure { quiet = true }:line { y = { 1, 2, 3 }, label = "measured" }
    :func { f = function(x) return x end, law = true, label = "theory", verdict = "agrees" }
  local s = fig:script("pdf")
  lu.assertStrContains(s, "'theory (agrees)'")
  lu.assertStrContains(s, "lc rgb '#1a1a1a' lw 0.8")
  lu.assertTrue(s:find("#1a1a1a' lw 0.8", 1, true) < s:find("with linespoints", 1, true)) -- behind the data
end

-- ---- at the prompt -------------------------------------------------------------------------------------------------

TestPrompt = {}

local function sink()
  local parts = {}
  return { write = function(_, s) parts[#parts + 1] = s end, flush = function() end,
    all = function() return table.concat(parts) end }
end

function TestPrompt:test_show_draws_characters_that_fit()
  local out = sink()
  lu.assertNotNil(simple():show { as = "text", columns = 60, rows = 18, to = out })
  local s = out.all()
  local lines = 0
  for line in s:gmatch("[^\n]+") do
    lines = lines + 1
    lu.assertTrue(utf8.len(line) <= 60)
  end
  lu.assertTrue(lines <= 18 and lines > 10)
  lu.assertStrContains(s, "squares")
  lu.assertStrContains(s, "G")
end

function TestPrompt:test_show_writes_kitty_and_sixel()
  local out = sink()
  lu.assertNotNil(simple():show { as = "kitty", to = out })
  lu.assertStrContains(out.all(), "\27_Ga=T,f=100,m=")
  lu.assertStrContains(out.all(), "iVBORw0KGgo") -- a PNG in base64
  out = sink()
  lu.assertNotNil(simple():show { as = "sixel", to = out })
  lu.assertStrContains(out.all(), "\27P")
end

function TestPrompt:test_one_liners()
  lu.assertStrContains(tostring(plot({ 1, 2 }, { 3, 4 }, { show = false })), "1 layer")
  lu.assertStrContains(tostring(plot({ 1, 2, 3 }, { a = { 1, 2, 3 }, b = { 3, 2, 1 } }, { show = false })), "2 layers")
  lu.assertStrContains(tostring(plot.heat({ { 1, 2 }, { 3, 4 } }, { show = false })), "1 layer")
  local fig = plot.hist({ 1, 2, 2, 3 }, { show = false })
  assert(fig:save(scratch .. "/h.svg"))
  lu.assertStrContains(fig:caption(), "histogram of 4 values")
end

function TestPrompt:test_ci_means_and_intervals()
  local rows = {}
  for seed, v in ipairs { 1, 2, 3, 6 } do rows[seed] = { D = 16, risk = v, method = "a", seed = seed } end
  for seed, v in ipairs { 5, 5 } do rows[4 + seed] = { D = 32, risk = v, method = "a", seed = seed } end
  local fig = plot.ci(rows, { x = "D", y = "risk", by = "method", show = false })
  local script = fig:script("pdf")
  local hi, lo = script:match("\n16 (%S+)\n32 %S+\n32 %S+\n16 (%S+)\n") -- the outline of the band
  local half = 3.182446305284263 * math.sqrt(14 / 3 / 4) -- t with 3 degrees of freedom; mean 3, variance 14/3
  lu.assertAlmostEquals(tonumber(lo), 3 - half, 2e-4 * half)
  lu.assertAlmostEquals(tonumber(hi), 3 + half, 2e-4 * half)
  lu.assertStrContains(script, "\n16 3\n")
  lu.assertErrorMsgContains("no row has numbers", function() plot.ci(rows, { x = "D", y = "rsk", show = false }) end)
end

-- What a mean does not show is drawn below the panel, stands in the caption, and is printed when the figure is saved: places
-- with fewer replicates, without interval, without numbers; rows that are omitted; parameters that are pooled.
function TestPrompt:test_ci_reports_what_it_leaves_out()
  local nan, rows = 0 / 0, {}
  for x, values in ipairs { { 1, 2, nan }, { 3, 4, 5 }, { 6 }, { nan, nan }, { 1, 3 } } do
    for rep, y in ipairs(values) do rows[#rows + 1] = { x = x, y = y, rep = rep, rate = rep * 10 } end
  end
  local losses = { "1 place is a mean of fewer replicates", "1 place has no number", "1 place has one value: no interval",
    "3 of 11 rows omitted: no numbers in x and y" }
  local fig = plot.ci(rows, { x = "x", y = "y", show = false, quiet = true })
  assert(fig:save(scratch .. "/ci.svg"))
  local script, _, _, lost = fig:script "svg"
  lu.assertEquals(lost, losses)
  for _, sentence in ipairs(losses) do
    lu.assertTrue(fig:caption():find(sentence, 1, true) ~= nil, sentence)
    lu.assertTrue(script:find(sentence, 1, true) ~= nil, sentence)
  end
  lu.assertNil(script:find("\n3 6\n3 6\n", 1, true)) -- the band of a single value
  local swept = limn.results.new(rows)
  swept.parameters = { "rate", "x" }
  lost = select(4, plot.ci(swept, { x = "x", y = "y", show = false }):script "svg")
  lu.assertEquals(lost[4], "pooled over rate: 3 values")
  lu.assertEquals(#select(4, plot.ci(swept, { x = "x", y = "y", by = "rate", show = false }):script "svg"), 3)
  lost = select(4, plot.ci({ { x = 1, y = 2, rep = 1 } }, { x = "x", y = "y", show = false }):script "svg")
  lu.assertEquals(lost, { "1 place has one value: no interval" })
end

-- plot(results) is plot.ci; columns that are not named follow from the sweep.
function TestPrompt:test_a_table_of_results_is_drawn_with_intervals()
  local e = limn.experiment { name = "r", run = false, params = { n = 1, rate = 1.0, fixed = 1, kind = "a" },
    grid = { n = "1:8", rate = { 0.1, 0.2 } }, reps = 4,
    measure = function(p, rng) return { label = "x", loss = p.rate * p.n + rng:normal(), other = 1 } end }
  local r = e:run { workers = 0 }
  local function same(given, full)
    given.show, full.show = false, false
    lu.assertEquals(plot(r, given):script "svg", plot.ci(r, full):script "svg")
  end
  same({}, { x = "n", y = "loss", by = "rate" })
  same({ y = "other" }, { x = "n", y = "other", by = "rate" })
  same({ x = "rate" }, { x = "rate", y = "loss", by = "n" })
  lu.assertStrContains(plot(r, { show = false }):script "svg", "with filledcurves closed")
  lu.assertErrorMsgContains("name the columns: plot(results, {x=, y=, by=})", plot, limn.results.new { { a = 1 } })
  lu.assertErrorMsgContains("its second argument", plot, r, "n", {})
end

function TestPrompt:test_live_limits_the_rate_of_drawing()
  local time, out = 0, sink()
  local live = plot.live { x = "step", y = "loss", rate = 2, share = 0.01, to = out,
    clock = function() time = time + 0.001; return time end }
  local drew, first = 0, nil
  for i = 1, 14000 do
    if live:add(i, { train = 1 / i, test = 2 / i }) then
      drew = drew + 1
      first = first or time
    end
  end
  lu.assertTrue(drew >= 2)
  lu.assertTrue(drew <= 2 * time + 1)
  lu.assertTrue(live.spent <= 0.01 * time + 0.001)
  lu.assertTrue(first >= 10, first) -- not before its share of the time has passed
  live:close()
  lu.assertStrContains(out.all(), "train")
end

-- Large fields go to axes that count cells; the frame follows the ranges, also reversed ones.
function TestPrompt:test_large_fields_need_no_expressions()
  local base = scratch .. "/field"
  local fig = limn.plot.figure { rows = 1, cols = 2 }
  local z, at = limn.zeros(300, 300) + limn.linspace(0, 1, 300), limn.linspace(0, 299, 300)
  fig:panel(1, 1):heatmap { z = z, x = at, y = at }
  fig:panel(1, 2, { y = { reverse = true } }):heatmap { z = z, x = at, y = at }
  lu.assertNotNil(fig:save(base .. ".svg"))
  local f = assert(io.open(base .. ".gp"))
  local script = f:read "a"
  f:close()
  local _, fields = script:gsub("matrix using 1:2:3 axes x2y2 with image", "")
  lu.assertEquals(fields, 2)
  lu.assertStrContains(script, "set x2range [-0.5:299.5]; set y2range [-0.5:299.5]")
  lu.assertStrContains(script, "set x2range [-0.5:299.5]; set y2range [299.5:-0.5]")
end

tools.finish()
