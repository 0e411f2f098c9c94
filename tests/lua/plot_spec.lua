-- plot_spec.lua: figures: what is drawn, where, what is refused, and what gnuplot's failures cannot spoil. The
-- hostile texts are in plot_hostile_spec.lua.
-- stock: yes
-- luacheck: ignore 111 112 113
local lu = require "luaunit"
local limn = require "limn"
local native = require "limn.native"
local plot = limn.plot

local scratch = assert(native.process.temp_dir())
local program = io.popen("readlink /proc/$PPID/exe"):read("l") -- the interpreter that runs this
local here = debug.getinfo(1, "S").source:match("^@(.*)/") or "tests/lua"

local function read(path)
  local f = assert(io.open(path, "rb"))
  local s = f:read("a")
  f:close()
  return s
end

local function write(path, s)
  local f = assert(io.open(path, "wb"))
  f:write(s)
  f:close()
end

local function count(s, what)
  local n, at = 0, 1
  while true do
    local i, j = s:find(what, at, true)
    if not i then return n end
    n, at = n + 1, j + 1
  end
end

local function simple()
  return plot.figure { x = { label = "x" }, y = { label = "y" }, quiet = true }:line { x = { 1, 2, 3 },
    y = { 1, 4, 9 }, label = "squares" }
end

local function svg(fig, name)
  local path = scratch .. "/" .. (name or "test") .. ".svg"
  local ok, why, notes = fig:save(path)
  lu.assertEquals(ok, path, why)
  return read(path), notes
end

-- All texts of an SVG: {text=, x=, y=, size=, anchor=, turned=}; scripts are read as part of their text.
local function texts(s)
  local out = {}
  for place, attributes, body in s:gmatch('<g transform="([^"]*)"([^>]*font%-size[^>]*)>%s*<text>(.-)</text>') do
    local x, y = place:match("translate%(([-%d.]+),([-%d.]+)%)")
    local plain = body:gsub("<[^>]*>", ""):gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&amp;", "&")
    if plain ~= "" then
      out[#out + 1] = { text = plain, x = tonumber(x), y = tonumber(y),
        size = tonumber(attributes:match('font%-size="([%d.]+)"')),
        anchor = attributes:match('text%-anchor="(%w+)"'), turned = place:find("rotate", 1, true) ~= nil }
    end
  end
  return out
end

-- The vertices of the k-th drawn curve of a one-panel SVG.
local function curve(s, k)
  local body = s:match('<g id="gnuplot_plot_' .. k .. '"(.-)\n\t</g>')
  local points = {}
  for x, y in (body:match("%sd='(M.-)'")
    or ""):gmatch("[ML]([-%d.]+),([-%d.]+)") do points[#points + 1] = { tonumber(x), tonumber(y) } end
  return points
end

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

-- What cannot be seen is left out, so that a second of gnuplot's time is enough; and the caption says so.
function TestNumbers:test_long_series_are_thinned_and_say_so()
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
    local drawn, all, within = notes[1]:match("(%d+) of (%d+) points drawn; the others would lie within (%S+) pt")
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

-- ---- saving -------------------------------------------------------------------------------------------

TestSave = {}

function TestSave:test_every_format_and_the_script_beside_it()
  local starts = { pdf = "%PDF", png = "\137PNG", svg = "<?xml", tex = "% GNUPLOT", gp = "# Drawn" }
  for format, start in pairs(starts) do
    os.remove(scratch .. "/all.gp")
    local path = scratch .. "/all." .. format
    local saved, why = simple():save(path)
    lu.assertEquals(saved, path, why)
    lu.assertEquals(read(path):sub(1, #start), start)
    lu.assertStrContains(read(scratch .. "/all.gp"), "$d1 << EOD\n1 1\n2 4\n3 9\nEOD")
  end
  lu.assertStrContains(read(scratch .. "/all.tex"), "{all-art}")
  lu.assertEquals(read(scratch .. "/all-art.pdf"):sub(1, 4), "%PDF")
end

function TestSave:test_the_kept_script_draws_the_same_figure()
  local path = scratch .. "/kept.svg"
  assert(simple():save(path))
  local status, out = native.process.run({ "gnuplot", "-d", scratch .. "/kept.gp" }, {}, 60)
  lu.assertEquals(status, 0)
  lu.assertEquals(out:gsub('width="%d+" height="%d+"', "", 1),
    (read(path):gsub('width="%d+pt" height="%d+pt"', "", 1)))
end

function TestSave:test_same_input_same_bytes()
  local formats, first = { "pdf", "png", "svg", "gp", "tex" }, {}
  local function rich()
    local fig = simple():band { x = { 1, 3 }, lo = { 0, 5 }, hi = { 2, 9 } }:text { x = 1, y = 8, text = "é" }
    fig:inset {}:heatmap { z = { { 1, 2 }, { 3, 4 } } }
    return fig
  end
  local function save(format)
    assert(rich():save(scratch .. "/twice." .. format))
    return read(scratch .. "/twice." .. format) .. (format == "tex" and read(scratch .. "/twice-art.pdf") or "")
  end
  for _, format in ipairs(formats) do first[format] = save(format) end
  os.execute("sleep 1.1") -- a PDF stamps seconds
  for _, format in ipairs(formats) do
    lu.assertTrue(save(format) == first[format], format .. " differs between two saves")
  end
end

function TestSave:test_fonts_are_embedded_outlines()
  local path = scratch .. "/fonts.pdf"
  assert(plot.figure { x = { label = plot.math "α_1", scale = "log10" }, y = { label = "é ü λ" }, quiet = true }
    :line { x = { 1, 100 }, y = { 1, 2 }, label = plot.math "\\mathbf{b} x" }:save(path))
  local status, out = native.process.run({ "pdffonts", path }, {}, 60)
  lu.assertEquals(status, 0)
  lu.assertNotStrContains(out, "Type 3")
  local fonts = 0
  for line in out:gmatch("[^\n]+") do
    if line:find("DejaVu", 1, true) then
      fonts = fonts + 1
      lu.assertStrContains(line, "TrueType")
      lu.assertStrMatches(line, ".* yes yes .*") -- embedded, subset
    end
  end
  lu.assertTrue(fonts >= 2)
end

function TestSave:test_a_font_that_is_not_there_is_said()
  local function notes(font)
    return table.concat(select(3, plot.figure { font = font, quiet = true }:line { y = { 1, 2 } }
      :save(scratch .. "/font.svg")), "; ")
  end
  lu.skipIf(not os.execute("command -v fc-match >/dev/null 2>&1"), "fc-match is not installed")
  lu.assertStrContains(notes "No Such Family", "font 'No Such Family' is not installed: '")
  lu.assertEquals(notes "DejaVu Sans Mono", "")
end

function TestSave:test_page_size_is_exact()
  local path = scratch .. "/size.pdf"
  assert(plot.figure { size = { 3.25, 2 }, quiet = true }:line { y = { 1, 2 } }:save(path))
  lu.assertStrContains(read(path), "/MediaBox [ 0 0 234 144 ]")
  assert(plot.figure { size = { 8.25, 5, unit = "cm" }, quiet = true }:line { y = { 1, 2 } }:save(path))
  lu.assertStrContains(read(path), "/MediaBox [ 0 0 234 142 ]") -- 233.86 x 141.73 points
  local s = svg(plot.figure { venue = "icml", quiet = true }:line { y = { 1, 2 } })
  lu.assertStrContains(s, 'width="234pt"')
  s = svg(plot.figure { venue = "neurips", rows = 1, cols = 2, quiet = true }:line { y = { 1, 2 } })
  lu.assertStrContains(s, 'width="396pt"')
end

function TestSave:test_saving_changes_nothing()
  local fig = simple()
  local a = svg(fig)
  assert(fig:save(scratch .. "/x.pdf"))
  lu.assertTrue(a == svg(fig))
end

-- ---- failures -------------------------------------------------------------------------------------------

TestFailures = {}

local function with_program(body, f, limit)
  local fake = scratch .. "/fake-gnuplot"
  if body then
    write(fake, "#!/bin/sh\n" .. body .. "\n")
    os.execute("chmod +x " .. fake)
  end
  local old, seconds = plot.gnuplot.program, plot.gnuplot.seconds
  plot.gnuplot.program = body and fake or "limn-no-such-program"
  plot.gnuplot.seconds = limit or 30
  local ok, why = pcall(f)
  plot.gnuplot.program, plot.gnuplot.seconds = old, seconds
  if not ok then error(why, 0) end
end

function TestFailures:test_a_missing_gnuplot_leaves_the_script()
  with_program(nil, function()
    local path = scratch .. "/missing.pdf"
    local ok, why = simple():save(path)
    lu.assertNil(ok)
    lu.assertEquals(why, "gnuplot not found; the script was saved to " .. scratch .. "/missing.gp")
    lu.assertStrContains(read(scratch .. "/missing.gp"), "$d1 << EOD")
    lu.assertNil(io.open(path))
  end)
end

function TestFailures:test_an_empty_path_is_a_missing_gnuplot()
  local script = scratch .. "/nopath.lua"
  write(script, string.format([[
    package.path, package.cpath = %q, %q
    local plot = require("limn").plot
    print(plot.figure{quiet=true}:line{y={1,2}}:save(%q))]], package.path, package.cpath, scratch .. "/nopath.svg"))
  local status, out, err = native.process.run({ program, script }, { "PATH=/nonexistent" }, 60)
  lu.assertEquals(status, 0, err)
  lu.assertEquals(out, "nil\tgnuplot not found; the script was saved to " .. scratch .. "/nopath.gp\n")
end

function TestFailures:test_the_old_figure_survives_every_death()
  local path = scratch .. "/old.svg"
  local before = svg(simple(), "old")
  for body, expected in pairs {
    ["exit 3"] = "gnuplot failed (exit 3)", ["kill -9 $$"] = "gnuplot ended by signal 9",
      ["exit 0"] = "gnuplot drew nothing",
    ["echo '\"figure.gp\" line 7: no such thing' >&2; exit 1"] = "old.gp line 7: no such thing",
      ["echo rubbish"] = "gnuplot drew nothing",
    ["sleep 60"] = "gnuplot did not finish within 0.3 s", ["echo '<?xml'; kill -SEGV $$"] = "gnuplot ended by signal 11",
  } do
    with_program(body, function()
      local ok, why = plot.figure { quiet = true }:line { y = { 5, 6, 7 } }:save(path)
      lu.assertNil(ok, body)
      lu.assertStrContains(why, expected)
    end, body == "sleep 60" and 0.3)
    lu.assertTrue(read(path) == before, body)
  end
end

function TestFailures:test_places_that_cannot_be_written()
  local ok, why = simple():save(scratch .. "/no/such/dir/f.svg")
  lu.assertNil(ok)
  lu.assertStrContains(why, "No such file or directory")
  os.execute("mkdir -p " .. scratch .. "/taken.svg")
  ok, why = simple():save(scratch .. "/taken.svg")
  lu.assertNil(ok)
  lu.assertStrContains(why, "taken.svg")
  ok, why = simple():save("/dev/full/f.svg")
  lu.assertNil(ok)
  lu.assertStrContains(why, "Not a directory")
end

-- A file size limit stands for a full disk: a figure is written whole or not at all, and nothing is left over.
function TestFailures:test_a_full_disk_leaves_the_old_file()
  local dir = scratch .. "/full"
  os.execute("mkdir -p " .. dir)
  write(dir .. "/f.png", "old")
  local script = scratch .. "/full.lua"
  write(script, string.format([[
    package.path, package.cpath = %q, %q
    local limn = require("limn")
    local ok, why = require("limn.native").process.write_file(%q, ("x"):rep(100000))
    print(ok, why)
    local x = {}
    for i = 1, 3000 do x[i] = math.sin(i) end
    print(limn.plot.figure{quiet=true}:line{y=x}:save(%q))]], package.path, package.cpath, dir .. "/f.png", dir
      .. "/f.png"))
  local status, out, err = native.process.run({ "sh", "-c", "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$1\"", program,
    script }, {}, 60)
  lu.assertEquals(status, 0, err)
  lu.assertStrContains(out, "nil\tcannot write " .. dir .. "/f.png: File too large\n")
  lu.assertEquals(count(out, "nil\t"), 2)
  lu.assertEquals(read(dir .. "/f.png"), "old")
  local _, listing = native.process.run({ "ls", "-A", dir }, {}, 10)
  lu.assertNotStrContains(listing, ".limn-")
end

function TestFailures:test_the_environment_chooses_nothing()
  local home = scratch .. "/home"
  os.execute("mkdir -p " .. home .. "/.config/gnuplot")
  local canary = scratch .. "/canary-home"
  write(home .. "/.gnuplot", "system('touch " .. canary .. "')\n")
  write(home .. "/.config/gnuplot/gnuplotrc", "system('touch " .. canary .. "')\n")
  local script = scratch .. "/env.lua"
  write(script, string.format([[
    package.path, package.cpath = %q, %q
    local plot = require("limn").plot
    print(plot.figure{quiet=true}:line{y={1,2}}:save(%q))]], package.path, package.cpath, scratch .. "/env.svg"))
  local env = { "HOME=" .. home, "GNUTERM=dumb 40 10", "GNUPLOT_LIB=" .. home, "LC_ALL=de_DE.UTF-8" }
  local status, out, err = native.process.run({ program, script }, env, 60)
  lu.assertEquals(status, 0, err)
  lu.assertStrContains(out, "env.svg")
  lu.assertNil(io.open(canary))
  lu.assertEquals(read(scratch .. "/env.svg"):sub(1, 5), "<?xml")
end

function TestFailures:test_temporary_directories_are_removed()
  local root = scratch .. "/tmp"
  os.execute("mkdir -p " .. root)
  local script = scratch .. "/tmp.lua"
  write(script, string.format([[
    package.path, package.cpath = %q, %q
    local plot = require("limn").plot
    for _, e in ipairs{"svg","tex","pdf"} do assert(plot.figure{quiet=true}:line{y={1,2}}:save(%q .. e)) end
    plot.gnuplot.program = "/bin/false"
    assert(not plot.figure{quiet=true}:line{y={1,2}}:save(%q .. "svg"))]], package.path, package.cpath, scratch
      .. "/t.", scratch .. "/t."))
  local status, _, err = native.process.run({ program, script }, { "TMPDIR=" .. root }, 60)
  lu.assertEquals(status, 0, err)
  local _, listing = native.process.run({ "ls", "-A", root }, {}, 10)
  lu.assertEquals(listing, "")
end

-- ---- misuse raises, and says what was wrong -----------------------------------------------------------------

TestMisuse = {}

function TestMisuse:test_errors_name_the_argument()
  local fig = plot.figure {}
  for expected, f in pairs {
    ['plot.figure: unknown option "venu"; did you mean "venue"?'] = function() plot.figure { venu = "icml" } end,
    ['plot.figure: unknown venue "neurps"; did you mean "neurips"?'] = function() plot.figure { venue = "neurps" } end,
    ["plot.line: y has 3 entries but x has 2"] = function() fig:line { x = { 1, 2 }, y = { 1, 2, 3 } } end,
    ["plot.line: y is missing"] = function() fig:line { x = { 1 } } end,
    ['plot.line: unknown option "lable"; did you mean "label"?'] = function() fig:line { y = { 1 }, lable = "a" } end,
    ["plot.line: color must be"] = function() fig:line { y = { 1 }, color = "bleu" } end,
    ['did you mean "dashed"?'] = function() fig:line { y = { 1 }, dash = "dased" } end,
    ["y.range must be {low, high} with low < high, got {2, 1} (use reverse=true)"] = function()
      plot.figure { y = { range = { 2, 1 } } }
    end,
    ["must be positive on a log axis"] = function() plot.figure { y = { range = { 0, 1 }, scale = "log10" } } end,
    ["plot.heatmap: x has 3 entries but z has 2 columns"] = function() fig:heatmap { z = { { 1, 2 }, { 3, 4 } },
      x = { 1, 2, 3 } } end,
    ["plot.panel: (2,1) is outside the 1x1 grid"] = function() fig:panel(2, 1) end,
    ["plot.math: unknown command \\alpah"] = function() plot.math "\\alpah" end,
    ["must end in .pdf .svg .png .tex or .gp"] = function() fig:save("f.jpg") end,
    ["plot: a text must not hold a NUL byte"] = function() fig:text { x = 0, y = 0, text = "a\0b" } end,
    ["unknown colour map"] = function() fig:heatmap { z = { { 1 } }, map = "jet" } end,
    ["plot.errorbars: error is missing"] = function() fig:errorbars { y = { 1 } } end,
  } do
    local ok, why = pcall(f)
    lu.assertFalse(ok, expected)
    lu.assertStrContains(why, expected)
    lu.assertStrContains(why, "plot_spec.lua:") -- blames this file, not limn's
  end
end

-- ---- what is drawn ---------------------------------------------------------------------------------------------

TestDrawn = {}

function TestDrawn:test_a_line_lies_where_the_axes_say()
  local s = svg(plot.figure { x = { range = { 0, 10 } }, y = { range = { 0, 100 } },
    quiet = true }:line { x = { 0, 5, 10 }, y = { 0, 50, 100 }, mark = false })
  local p = curve(s, 1)
  lu.assertEquals(#p, 3)
  lu.assertAlmostEquals(p[2][1], (p[1][1] + p[3][1]) / 2, 0.011)
  lu.assertAlmostEquals(p[2][2], (p[1][2] + p[3][2]) / 2, 0.011)
  lu.assertTrue(p[3][2] < p[1][2]) -- up is up
  for _, t in ipairs(texts(s)) do -- tick labels stand under their values
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

function TestDrawn:test_empty_series_are_left_out_and_said()
  local fig = plot.figure { quiet = true }:line { x = {}, y = {}, label = "nothing", band = { {}, {} } }
  fig:points { x = {}, y = {}, z = {} }:steps { y = {} }:band { lo = {}, hi = {} }:errorbars { y = {}, error = 1 }
  fig:histogram { values = {} }:line { y = { 1, 2 } }
  local s, notes = svg(fig)
  lu.assertEquals(count(s, 'id="gnuplot_plot_'), 1)
  lu.assertEquals(notes[1], "line 'nothing' is empty")
  lu.assertEquals(#notes, 6)
  lu.assertErrorMsgContains("y has 0 entries but x has 1", function() fig:line { x = { 1 }, y = {} } end)
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
  local _, _, err = native.process.run({ program, script }, {}, 60)
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
  local status, out, err = native.process.run({ "python3", here .. "/png_stats.py", path, "ff0000", "0000ff" }, {}, 60)
  lu.assertEquals(status, 0, err)
  local width, height, ink, red, blue = out:match("(%d+) (%d+) (%d+) (%d+) (%d+)")
  lu.assertEquals({ tonumber(width), tonumber(height) }, { 200, 150 })
  lu.assertTrue(tonumber(red) > 4000, "red " .. red) -- two bars, more than half of the axes wide
  lu.assertTrue(tonumber(blue) > 500 and tonumber(blue) < 1200, "blue " .. blue)
  lu.assertTrue(tonumber(ink) < 200 * 150 * 0.75)
end

-- No text may touch another, at any venue, in any grid: boxes are estimated a little small.
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
      local list = boxes(svg(fig), "DejaVu Sans")
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
      lu.assertTrue(t.x + text.width(text.label("t", "t", t.text), t.size, "sans") <= 396, t.text)
    end
  end
  lu.assertTrue(#lines >= 2)
  lu.assertEquals(lines[1].x, lines[2].x)
  lu.assertTrue(lines[2].y > lines[1].y + lines[1].size)
  lu.assertStrContains(lines[1].text, "(c) standard")
end

function TestDrawn:test_direct_labels_stand_where_the_curve_is_last_seen()
  local s = svg(plot.figure { x = { range = { 0, 10 } }, y = { range = { 0, 1 } }, legend = "direct", quiet = true }
    :line { x = { 0, 10 }, y = { 0, 2 }, label = "leaves", mark = false }
    :line { x = { 0, 10 }, y = { 0, 0.5 }, label = "stays", mark = false })
  local at = {}
  for _, t in ipairs(texts(s)) do at[t.text] = t end
  local x0, x1 = at["0"].x, at["10"].x -- the first "0" found may be that of y: only the order matters
  lu.assertTrue(at.stays.x > x1 and at.leaves.x > (x0 + x1) / 2 - 10 and at.leaves.x < (x0 + x1) / 2 + 15)
  lu.assertTrue(at.leaves.y < at.stays.y - 30)
end

function TestDrawn:test_y_labels_of_a_column_stand_in_line()
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

-- ---- looks -------------------------------------------------------------------------------------------------------

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

function TestLooks:test_maths_knows_what_papers_write()
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

function TestPrompt:test_show_speaks_kitty_and_sixel()
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
  rows[5] = { D = 32, risk = 5, method = "a" }
  local fig = plot.ci(rows, { x = "D", y = "risk", by = "method", show = false })
  local script = fig:script("pdf")
  local lo, hi = script:match("\n16 (%S+) (%S+)\n")
  local half = 3.182446305 * math.sqrt(14 / 3 / 4) -- t with 3 degrees of freedom; mean 3, variance 14/3
  lu.assertAlmostEquals(tonumber(lo), 3 - half, 2e-4 * half)
  lu.assertAlmostEquals(tonumber(hi), 3 + half, 2e-4 * half)
  lu.assertStrContains(script, "\n16 3\n")
  lu.assertErrorMsgContains("no row has numbers", function() plot.ci(rows, { x = "D", y = "rsk", show = false }) end)
end

function TestPrompt:test_student_against_a_table() -- two-sided 95 % points, Abramowitz and Stegun 26.10
  local student = require("limn.plot.quick").student
  for df, t in pairs { [1] = 12.706, [2] = 4.303, [3] = 3.182, [4] = 2.776, [5] = 2.571, [10] = 2.228, [30] = 2.042,
    [120] = 1.980 } do
    lu.assertAlmostEquals(student(df), t, 0.002)
  end
end

function TestPrompt:test_live_rations_its_drawing()
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

local status = lu.LuaUnit.run()
os.execute("rm -rf " .. scratch)
os.exit(status)
