-- plot_latex_spec.lua: figures in LaTeX documents: a two-column paper and beamer slides compile with them from any folder;
-- a .tex figure has the lines of its .pdf; metadata and resolution of PDF, PNG and SVG.
-- slow: 20 s
-- luacheck: ignore 111 112 113
local lu = require "luaunit"
local limn = require "limn"
local native = require "limn.native"

local here = debug.getinfo(1, "S").source:match("^@(.*)/") or "tests/lua"
local tools = dofile(here .. "/../support/plot_tools.lua")
local scratch, read, write = tools.scratch, tools.read, tools.write
local skip_if = tools.skip_if
local has_latex = os.execute("command -v pdflatex >/dev/null 2>&1")

local function run(words, folder)
  local status, out, err = native.process.run(words, {}, 600, folder)
  return status, (out or "") .. (err or "")
end

local function figure()
  local f = limn.plot.figure { title = "Loss at 50 % (é)", x = "width & depth", y = limn.plot.math "\\lambda_1", quiet = true }
  f:line { x = { 1, 2, 3 }, y = { 1, 4, 9 }, label = "one", dash = "dashed", mark = "circle" }
  f:line { x = { 1, 2, 3 }, y = { 2, 3, 5 }, label = "two_x", dash = "dotted" }
  f:text { x = 1.2, y = 6, text = "note" }
  return f
end

local function save(name)
  local path = scratch .. "/" .. name
  assert(figure():save(path))
  return path
end

-- ---- documents ----------------------------------------------------------------------------------------

TestDocuments = {}

-- Compiles a document in a folder below scratch -> its pages, width and text.
local function compiled(folder, name, document)
  skip_if(not has_latex, "LaTeX documents: pdflatex is not installed (texlive-latex-recommended)")
  folder = scratch .. "/" .. folder
  write(folder .. "/" .. name .. ".tex", document)
  local status, log = run({ "pdflatex", "-interaction=nonstopmode", "-halt-on-error", name .. ".tex" }, folder)
  lu.assertEquals(status, 0, log:match "\n!.-\n.-\n.-\n" or log:sub(-400))
  local _, text = run { "pdftotext", "-layout", folder .. "/" .. name .. ".pdf", "-" }
  local _, info = run { "pdfinfo", folder .. "/" .. name .. ".pdf" }
  return { text = text, pages = tonumber(info:match "Pages:%s+(%d+)"), log = log, path = folder .. "/" .. name .. ".pdf" }
end

local function article(class, preamble, body)
  return ("\\documentclass%s{article}\n\\usepackage{graphicx,color}\n%s\\begin{document}\n%s\n\\end{document}\n"):format(class,
    preamble, body)
end

local function inks(path) -- the share of dark pixels of the first page
  local _, out = run { "pdftoppm", "-gray", "-r", "40", "-singlefile", path }
  local w, h, start = out:match "^P5%s+(%d+)%s+(%d+)%s+255%s()"
  local _, dark = out:sub(start):gsub("[\0-\160]", "")
  return dark / (w * h)
end

function TestDocuments:test_a_two_column_paper_has_the_figure_in_each_kind()
  os.execute("mkdir -p " .. scratch .. "/out")
  for _, kind in ipairs { "tex", "pdf", "png" } do save("out/law." .. kind) end
  local with = compiled(".", "paper", article("[twocolumn]", "",
    "\\begin{figure}\\input{out/law.tex}\\caption{First}\\end{figure}\n"
    .. "\\begin{figure}\\includegraphics{out/law.pdf}\\caption{Second}\\end{figure}\n"
    .. "\\begin{figure}\\includegraphics{out/law.png}\\caption{Third}\\end{figure}\nWords."
    .. "\\newcommand\\wide[1]{\\sbox0{#1}\\typeout{WIDE \\the\\wd0}}\\wide{\\input{out/law.tex}}"
    .. "\\wide{\\includegraphics{out/law.pdf}}\\wide{\\includegraphics{out/law.png}}"))
  lu.assertEquals(with.pages, 1)
  local widths = 0
  for w in with.log:gmatch "WIDE ([%d.]+)pt" do
    widths = widths + 1
    lu.assertAlmostEquals(tonumber(w), 245 * 72.27 / 72, 0.4) -- a pixel of the PNG
  end
  lu.assertEquals(widths, 3)
  for _, word in ipairs { "50 %", "width & depth", "two_x", "Second", "Third" } do
    lu.assertTrue(with.text:find(word, 1, true) ~= nil, word)
  end
  local bare = compiled(".", "bare", article("[twocolumn]", "", "Words."))
  local drawn, empty = inks(with.path), inks(bare.path)
  lu.assertTrue(drawn > empty + 0.004, ("%g %g"):format(drawn, empty))
end

function TestDocuments:test_slides()
  os.execute("mkdir -p " .. scratch .. "/out")
  save "out/slide.tex"
  local deck = compiled(".", "deck", "\\documentclass{beamer}\n\\begin{document}\n\\begin{frame}{A law}\\centering"
    .. "\\input{out/slide.tex}\\end{frame}\n\\end{document}\n")
  lu.assertEquals(deck.pages, 1)
  lu.assertTrue(deck.text:find("width & depth", 1, true) ~= nil)
  local _, fonts = run { "pdffonts", deck.path }
  lu.assertTrue(fonts:find "CMSS" ~= nil and fonts:find "DejaVu" == nil, fonts) -- the texts have the slides' fonts
end

function TestDocuments:test_the_picture_is_found_from_any_folder()
  os.execute(("mkdir -p %s/out %s/paper %s/moved"):format(scratch, scratch, scratch))
  save "out/from.tex"
  local input = "\\input{../out/from.tex}"
  compiled("paper", "above", article("", "", input)) -- by the folder in \input
  compiled("out", "beside", article("", "", "\\input{from.tex}"))
  compiled("paper", "nested", article("", "", "\\input{part.tex}", write(scratch .. "/paper/part.tex", input)))
  os.execute(("mkdir -p %s/carried && cp %s/out/from* %s/carried/"):format(scratch, scratch, scratch))
  os.remove(scratch .. "/out/from-art.pdf")
  compiled("paper", "carried", article("", "", "\\input{../carried/from.tex}"))
  save "out/from.tex"
  os.execute(("cp %s/out/from.tex %s/moved/; mv %s/out/from-art.pdf %s/moved/from-art.pdf"):format(scratch, scratch, scratch, scratch))
  compiled("paper", "path", article("", "\\graphicspath{{../moved/}}\n", input))
  compiled("paper", "named", article("", "\\newcommand\\limnfigures{../moved/}\n", input))
  write(scratch .. "/paper/lost.tex", article("", "", input))
  local status, log = run({ "pdflatex", "-interaction=nonstopmode", "-halt-on-error", "lost.tex" }, scratch .. "/paper")
  lu.assertTrue(status ~= 0 and log:find("from-art", 1, true) ~= nil)
end

function TestDocuments:test_two_figures_of_different_folders()
  os.execute(("mkdir -p %s/one %s/two"):format(scratch, scratch))
  save "one/a.tex"
  save "two/b.tex"
  compiled(".", "both", article("", "", "\\input{one/a.tex}\n\n\\input{two/b.tex}"))
end

-- ---- lines --------------------------------------------------------------------------------------------

TestLines = {}

function TestLines:test_a_tex_figure_has_the_line_widths_dashes_and_marks_of_its_pdf()
  save "same.tex"
  save "same.pdf"
  local status, one = run { "python3", here .. "/../support/pdf_strokes.py", scratch .. "/same.pdf" }
  lu.assertEquals(status, 0, one)
  local _, two = run { "python3", here .. "/../support/pdf_strokes.py", scratch .. "/same-art.pdf" }
  lu.assertStrContains(one, " 1.2 ")
  lu.assertTrue(#one:match "dashes ([^\n]*)" > 0)
  lu.assertEquals(two, one)
end

-- ---- sweeps -------------------------------------------------------------------------------------------

TestSweep = {}

function TestSweep:test_a_sweep_writes_the_kinds_of_format()
  local script = write(scratch .. "/grow.lua", [[
local limn = require "limn"
return limn.experiment { name = "grow", question = "q", params = { n = 1 }, grid = { n = "1:3" },
  measure = function(p) return { m = p.n } end,
  plot = function(r) return limn.plot.figure {}:line { x = r:column "n", y = r:column "m" } end }
]])
  local function sweep(formats, more)
    return run({ tools.program, script, "--workers", "0", "--out", "g", formats, more }, scratch)
  end
  local status, said = sweep("--format=svg,tex", "--quiet")
  lu.assertEquals({ status, said }, { 0, "" })
  status, said = sweep "--format=svg,tex"
  lu.assertEquals(status, 0)
  lu.assertStrContains(said, "wrote g/grow.svg\nwrote g/grow.tex\n")
  lu.assertNil(io.open(scratch .. "/g/grow.pdf"))
  for wrong, hint in pairs { ["svg,tx"] = "; did you mean tex?", [""] = "", ["gif"] = "" } do
    status, said = sweep("--format=" .. wrong)
    lu.assertTrue(status ~= 0)
    lu.assertStrContains(said, ("--format: expected pdf, svg, png, tex, html or gp, or several of them with commas, got %q%s")
      :format(wrong, hint))
  end
end

-- ---- metadata -----------------------------------------------------------------------------------------

TestMetadata = {}

local version = native.machine.info().version

function TestMetadata:test_pdf()
  local path = save "meta.pdf"
  local status, out = run { "pdfinfo", path }
  lu.assertEquals(status, 0, out)
  lu.assertStrContains(out, "Loss at 50 % (é)")
  lu.assertEquals(out:match "Creator:%s+([^\n]*)", "limn " .. version)
  lu.assertStrContains(out:match "Subject:%s+([^\n]*)", "limn ")
  lu.assertNil(out:find "rror") -- of the table of cross-references
  local data = read(path)
  local start = tonumber(data:match "startxref%s+(%d+)")
  lu.assertEquals(data:sub(start + 1, start + 4), "xref")
  for number, offset in data:sub(start):gmatch "()(%d%d%d%d%d%d%d%d%d%d) 00000 n" do
    lu.assertNotNil(data:match("^%d+ 0 obj", tonumber(offset) + 1), number)
  end
end

function TestMetadata:test_png_has_its_resolution_and_texts()
  local path = scratch .. "/meta.png"
  assert(limn.plot.figure { size = { 3.25, 2 }, dpi = 300, title = "T", quiet = true }:line { y = { 1, 2 } }:save(path))
  local data, chunks, i = read(path), {}, 9
  while i < #data do
    local size, kind = string.unpack(">I4c4", data, i)
    chunks[kind] = (chunks[kind] or "") .. data:sub(i + 8, i + 7 + size)
    i = i + 12 + size
  end
  local x, y, unit = string.unpack(">I4I4B", chunks.pHYs)
  lu.assertEquals({ x, y, unit }, { 11811, 11811, 1 }) -- 300 / 0.0254
  local width = string.unpack(">I4", chunks.IHDR)
  lu.assertAlmostEquals(width / x / 0.0254, 3.25, 0.01)
  lu.assertStrContains(chunks.tEXt, "Title\0T")
  lu.assertStrContains(chunks.tEXt, "Software\0limn " .. version)
  local status, out = run { "python3", "-c", ("import zlib,struct\nd=open(%q,'rb').read()\ni=8\nwhile i<len(d):\n"
    .. " n,=struct.unpack('>I',d[i:i+4])\n assert zlib.crc32(d[i+4:i+8+n])==struct.unpack('>I',d[i+8+n:i+12+n])[0]\n i+=12+n")
    :format(path) }
  lu.assertEquals(status, 0, out)
end

function TestMetadata:test_svg()
  local s = read(save "meta.svg")
  lu.assertStrContains(s, "<title>Loss at 50 % (é)</title>")
  lu.assertStrContains(s, "<desc>Drawn by limn " .. version .. ": limn ")
  lu.assertStrContains(s, 'font-family="DejaVu Sans, sans-serif"')
  lu.assertNil(s:find('font-family="DejaVu Sans"', 1, true))
end

function TestMetadata:test_a_title_with_markup_is_inert()
  local f = limn.plot.figure { title = [[</title><script>&(\)%%EOF]], quiet = true }:line { y = { 1, 2 } }
  assert(f:save(scratch .. "/inert.svg"))
  lu.assertNil(read(scratch .. "/inert.svg"):find("<script", 1, true))
  assert(f:save(scratch .. "/inert.pdf"))
  local status, out = run { "pdfinfo", scratch .. "/inert.pdf" }
  lu.assertEquals(status, 0)
  lu.assertEquals(out:match "Title:%s+([^\n]*)", [[</title><script>&(\)%%EOF]])
end

tools.finish()
