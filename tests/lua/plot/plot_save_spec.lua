-- plot_save_spec.lua: figures as files: all formats, reproducible bytes, fonts and sizes; failures of gnuplot leave
-- existing files unchanged.
-- stock: yes
-- slow: 3 s
-- luacheck: ignore 111 112 113
local lu = require "luaunit"
local limn = require "limn"
local native = require "limn.native"
local plot = limn.plot

local here = debug.getinfo(1, "S").source:match("^@(.*)/") or "tests/lua"
local tools = dofile(here .. "/../support/plot_tools.lua")
local scratch, program, read, write, count = tools.scratch, tools.program, tools.read, tools.write, tools.count
local simple, svg = tools.simple, tools.svg

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
  lu.assertStrContains(read(scratch .. "/all.tex"), "{\\limnfigures all-art}")
  lu.assertEquals(read(scratch .. "/all-art.pdf"):sub(1, 4), "%PDF")
end

function TestSave:test_the_kept_script_draws_the_same_figure()
  local path = scratch .. "/kept.svg"
  assert(simple():save(path))
  local status, out = native.process.run({ "gnuplot", "-d", scratch .. "/kept.gp" }, {}, 600)
  lu.assertEquals(status, 0)
  local function drawing(s) -- without size, title and generic families, which limn adds
    return (s:match "<g id=\"gnuplot_canvas\">.*":gsub(", sans%-serif", ""))
  end
  lu.assertTrue(drawing(out) == drawing(read(path)), "the drawings differ")
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
  local status, out = native.process.run({ "pdffonts", path }, {}, 600)
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

function TestSave:test_a_missing_font_gives_a_note()
  local function notes(font)
    return table.concat(select(3, plot.figure { font = font, quiet = true }:line { y = { 1, 2 } }
      :save(scratch .. "/font.svg")), "; ")
  end
  tools.skip_if(not os.execute("command -v fc-match >/dev/null 2>&1"), "the fonts that figures name: fc-match is not installed")
  lu.assertStrContains(notes "No Such Family", "font 'No Such Family' is not installed: '")
  lu.assertEquals(notes "DejaVu Sans Mono", "")
end

function TestSave:test_page_size_is_exact()
  local path = scratch .. "/size.pdf"
  assert(plot.figure { size = { 3.25, 2 }, quiet = true }:line { y = { 1, 2 } }:save(path))
  lu.assertStrContains(read(path), "/MediaBox [ 0 0 234 144 ]")
  assert(plot.figure { size = { 246, 150, unit = "tex" }, quiet = true }:line { y = { 1, 2 } }:save(path))
  lu.assertStrContains(read(path), "/MediaBox [ 0 0 245 149 ]") -- 72.27 of TeX's points are an inch: 245.08 x 149.44
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

-- ---- other people's files -----------------------------------------------------------------------------

TestNeighbours = {}

function TestNeighbours:test_a_script_or_picture_of_that_name_is_kept()
  local gp, art = scratch .. "/mine.gp", scratch .. "/mine-art.pdf"
  write(gp, "plot sin(x)\n")
  local ok, why = simple():save(scratch .. "/mine.svg")
  lu.assertNil(ok)
  lu.assertStrContains(why, scratch .. "/mine.svg: not written, for " .. gp .. " exists and was not written by limn")
  lu.assertEquals(read(gp), "plot sin(x)\n")
  lu.assertNil(io.open(scratch .. "/mine.svg"))
  os.remove(gp)
  write(art, "%PDF-1.4 a photograph")
  ok, why = simple():save(scratch .. "/mine.tex")
  lu.assertNil(ok and why)
  os.remove(art)
  assert(simple():save(scratch .. "/mine.tex"))
  assert(simple():save(scratch .. "/mine.tex")) -- its own files are replaced
  lu.assertEquals(simple():save(gp), gp) -- a script that the user names
end

function TestNeighbours:test_a_link_stays_one_and_a_mode_is_kept()
  local folder = scratch .. "/paper"
  os.execute("mkdir -p " .. folder .. "; touch " .. folder .. "/f.svg; chmod 640 " .. folder .. "/f.svg; ln -sf paper/f.svg "
    .. scratch .. "/link.svg")
  assert(simple():save(scratch .. "/link.svg"))
  lu.assertEquals(read(folder .. "/f.svg"):sub(1, 5), "<?xml")
  local _, out = native.process.run({ "stat", "-c", "%F %a", scratch .. "/link.svg", folder .. "/f.svg" }, {}, 60)
  lu.assertEquals(out, "symbolic link 777\nregular file 640\n")
  os.execute("chmod 444 " .. folder .. "/f.svg")
  local ok, why = simple():save(scratch .. "/link.svg")
  lu.assertNil(ok)
  lu.assertStrContains(why, "the file is read-only")
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
  local status, out, err = native.process.run({ program, script }, { "PATH=/nonexistent" }, 600)
  lu.assertEquals(status, 0, err)
  lu.assertEquals(out, "nil\tgnuplot not found; the script was saved to " .. scratch .. "/nopath.gp\n")
end

function TestFailures:test_the_old_figure_survives_every_death()
  local path = scratch .. "/old.svg"
  local before = svg(simple(), "old")
  for body, expected in pairs {
    ["exit 3"] = "gnuplot failed (exit 3)", ["kill -9 $$"] = "gnuplot was ended by signal 9",
      ["exit 0"] = "gnuplot drew nothing",
    ["echo '\"figure.gp\" line 7: no such thing' >&2; exit 1"] = "old.gp line 7: no such thing",
      ["echo noise"] = "gnuplot drew nothing",
    ["sleep 60"] = "gnuplot did not finish within 0.3 s of processor time and 3 s of wall time",
    ["echo '<?xml'; kill -SEGV $$"] = "gnuplot was ended by signal 11",
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

-- A file size limit simulates a full disk: a figure is written atomically, and no temporary files remain.
function TestFailures:test_a_full_disk_leaves_the_old_file()
  local dir = scratch .. "/full"
  os.execute("mkdir -p " .. dir)
  write(dir .. "/f.png", "old")
  local script = scratch .. "/full.lua"
  write(script, string.format([[
    package.path, package.cpath = %q, %q
    local limn = require("limn")
    local ok, why = require("limn.native").files.put(%q, ("x"):rep(100000))
    print(ok, why)
    local x = {}
    for i = 1, 3000 do x[i] = math.sin(i) end
    print(limn.plot.figure{quiet=true}:line{y=x}:save(%q))]], package.path, package.cpath, dir .. "/f.png", dir
      .. "/f.png"))
  local status, out, err = native.process.run({ "sh", "-c", "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$1\"", program,
    script }, {}, 60)
  lu.assertEquals(status, 0, err)
  lu.assertStrContains(out, "nil\t" .. dir .. "/f.png: cannot write: File too large\n")
  lu.assertEquals(count(out, "nil\t"), 2)
  lu.assertEquals(read(dir .. "/f.png"), "old")
  local _, listing = native.process.run({ "ls", "-A", dir }, {}, 600)
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
  local status, out, err = native.process.run({ program, script }, env, 600)
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
  local status, _, err = native.process.run({ program, script }, { "TMPDIR=" .. root }, 600)
  lu.assertEquals(status, 0, err)
  local _, listing = native.process.run({ "ls", "-A", root }, {}, 600)
  lu.assertEquals(listing, "")
end

-- Notes on missing data are printed at once, selected by their kind and not by their text; others appear in caption().
function TestSave:test_notes_on_missing_data()
  local script = scratch .. "/notes.lua"
  write(script, ([[
    local limn = require "limn"
    local fig = limn.plot.figure { y = { scale = "log10" } }
    fig:line { x = { 1, 2, 3 }, y = { 1, -1, 2 }, label = "loss" }
    fig:line { x = {}, y = {}, label = "gnuplot: font not shown outside the bins" }
    fig:text { x = 20, y = 20, text = "far", at = "panel" }
    fig:histogram { values = { 1, 2, 3, 9 }, range = { 0, 4 } }
    assert(fig:save(%q))
    print(fig:caption())]]):format(scratch .. "/notes.svg"))
  local _, out, said = native.process.run({ program, script }, {}, 600)
  lu.assertStrContains(said, "1 of 3 points <= 0 not shown on log axis")
  lu.assertStrContains(said, "text 'far' lies outside the panel and is not shown")
  lu.assertStrContains(said, "1 of 4 values outside the bins or not finite")
  lu.assertNotStrContains(said, "is empty")
  lu.assertNotStrContains(said, "histogram of")
  lu.assertStrContains(out, "outside the bins' is empty")
end

tools.finish()
