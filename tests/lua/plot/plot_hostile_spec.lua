-- plot_hostile_spec.lua: texts that try to run a command, to end a string or a data block, or to break the
-- picture, for every option that accepts text. A canary file exists if a command was executed.
-- slow: 25 s
-- luacheck: ignore 111 112 113
local lu = require "luaunit"
local limn = require "limn"
local native = require "limn.native"
local plot = limn.plot
require("limn.plot.gnuplot").seconds = 1200 -- only a hang is ended
local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")

local scratch = assert(native.process.temp_dir())
local canary = scratch .. "/canary"
local touch = "touch " .. canary

local hostile = {
  "`" .. touch .. "`",
  "\n!" .. touch .. "\n",
  "\nsystem('" .. touch .. "')\n",
  "'\nsystem('" .. touch .. "')\n'",
  "'; system('" .. touch .. "') #",
  "\"; system(\"" .. touch .. "\") #",
  "EOD\n!" .. touch .. "\n$d1 << EOD",
  "\r\n!" .. touch .. "\r\n",
  "\\140" .. touch .. "\\140 \\U+0060" .. touch .. "\\U+0060 \\",
  "@m `" .. touch .. "` @n",
  "{/:Bold `" .. touch .. "`} ^{a} _{b} &{c} ~a{b} @x",
  "|" .. touch,
  "< " .. touch,
  "$(" .. touch .. ") ${HOME} %s %n %999999d 100%",
  "''`" .. touch .. "`'' \"`" .. touch .. "`\"",
  "\255\254 `" .. touch .. "` \237\160\128 \1\2\27[31m\127",
  "<script>&amp;]]><!-- </text>",
  "\\input{|\"" .. touch .. "\"}\\write18{" .. touch .. "}%",
  ("long `" .. touch .. "` "):rep(200),
  "\u{202E}right to left \u{2028}new line\u{2029} \u{85}`" .. touch .. "`",
}

-- Every place that takes text: name -> figure with the text there.
local places = {
  title = function(t) return plot.figure { title = t, quiet = true }:line { y = { 1, 2 } } end,
  xlabel = function(t) return plot.figure { x = t, quiet = true }:line { y = { 1, 2 } } end,
  ylabel = function(t) return plot.figure { y = { label = t }, y2 = t, quiet = true }:line { y = { 1, 2 },
    axis = "y2" } end,
  label = function(t) return plot.figure { quiet = true }:line { y = { 1, 2 }, label = t }:band { lo = { 1, 1 },
    hi = { 2, 2 }, label = t .. " 2" } end,
  direct = function(t) return plot.figure { legend = "direct", quiet = true }:line { y = { 1, 2 }, label = t,
    verdict = t } end,
  text = function(t) return plot.figure { quiet = true }:line { y = { 1, 2 } }:text { x = 1, y = 1,
    text = t }:arrow { from = { 1, 1 }, to = { 2, 2 }, text = t } end,
  tick = function(t) return plot.figure { x = { ticks = { { 1, t }, { 2, "b" } } },
    quiet = true }:line { y = { 1, 2 } } end,
  category = function(t) return plot.figure { quiet = true }:bars { x = { t, "b" }, y = { 1, 2 } } end,
  panel = function(t) local f = plot.figure { rows = 1, cols = 2, quiet = true, legend = "top" }; f:panel(1,
    { title = t }):line { y = { 1, 2 }, label = t }; return f end,
  bar = function(t) return plot.figure { quiet = true }:heatmap { z = { { 1, 2 }, { 3, 4 } }, bar = t } end,
  sheet = function(t) return plot.figure { quiet = true }:image { z = { { { 1, 2 }, { 3, 4 } } }, titles = { t } } end,
}

local exists, read = testing.exists, testing.read


TestHostile = {}

for place, make in pairs(places) do
  TestHostile["test_text_in_" .. place] = function()
    for i, t in ipairs(hostile) do
      local path = scratch .. "/h.svg"
      os.remove(path)
      local ok, why = make(t):save(path)
      lu.assertFalse(exists(canary), string.format("text %d as %s ran a command", i, place))
      lu.assertEquals(ok, path, string.format("text %d as %s: %s", i, place, tostring(why)))
      local s = read(path)
      lu.assertStrContains(s, "</svg>", false, "text " .. i) -- drawn to the end
      lu.assertNotNil(utf8.len(s), "text " .. i .. " is not UTF-8")
      lu.assertNil(s:find("[\1-\8\11\12\14-\31]"), "text " .. i .. " left a control character")
    end
  end
end

function TestHostile:test_every_format()
  for i, t in ipairs(hostile) do
    for _, format in ipairs { "pdf", "png", "tex", "gp" } do
      local path = scratch .. "/f." .. format
      local ok, why = places.label(t):save(path)
      lu.assertEquals(ok, path, string.format("text %d as %s: %s", i, format, tostring(why)))
      lu.assertFalse(exists(canary), string.format("text %d in a .%s ran a command", i, format))
    end
    lu.assertNotNil(places.title(t):show { as = "text", columns = 60, rows = 16,
      to = { write = function() end, flush = function() end } })
    lu.assertFalse(exists(canary))
  end
end

function TestHostile:test_text_is_shown_as_it_was_written()
  local t = "a_b^2 {x} @y ~z \\U+03B1 100% %s & <b> 'q' \"r\" `s` $HOME"
  for _, place in ipairs { "title", "xlabel", "label", "text", "category", "tick" } do
    local path = scratch .. "/verbatim.svg"
    local fig = places[place](t)
    fig.width = 900 -- so that the text is neither wrapped nor cut
    assert(fig:save(path))
    local seen = false
    for body in read(path):gmatch("<text>(.-)</text>") do
      local plain = body:gsub("<[^>]*>", ""):gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&quot;", '"'):gsub("&amp;", "&")
      if plain == t then seen = true end
    end
    lu.assertTrue(seen, place .. " changed the text")
  end
end

function TestHostile:test_latex_gets_every_special_escaped()
  assert(places.xlabel("\\input{/etc/passwd} 5% $x$ a_b #1 ^ ~ & {"):save(scratch .. "/esc.tex"))
  lu.assertStrContains(read(scratch .. "/esc.tex"), "\\strut{}\\fontsize{8}{9.6}\\selectfont \\textbackslash{}input")
  lu.assertStrContains(read(scratch .. "/esc.tex"),
    "\\textbackslash{}input\\{/etc/passwd\\} 5\\% \\$x\\$ a\\_b \\#1 \\textasciicircum{} \\textasciitilde{} \\& \\{")
end

-- Typeset by LaTeX, with \write18 allowed: every text becomes words, without a complaint.
function TestHostile:test_latex_typesets_every_text()
  testing.skip_if(not os.execute("command -v pdflatex >/dev/null 2>&1"), "a picture in a paper: pdflatex is not installed")
  local dir = scratch .. "/latex"
  assert(native.process.run({ "mkdir", dir }, {}, 600))
  local texts = table.move(hostile, 1, #hostile, 1, {})
  for _, t in ipairs { "[rb]x [l]", "{x}", "\\end{document}", "50% a_b^2 #1 & ~ $x$ <b> | \"q\" D² λ ≤ ∞ ü", "\\\\" } do
    texts[#texts + 1] = t
  end
  local fig = plot.figure { rows = 5, cols = #texts // 5, size = { 20, 20 }, quiet = true }
  for i, t in ipairs(texts) do
    fig:panel(i, { title = t, x = { label = t, ticks = { { 1, t } } }, y = t }):line { y = { 1, 2 }, label = t,
      verdict = t }:text { x = 1, y = 1.5, text = t }
  end
  assert(fig:save(dir .. "/all.tex"))
  assert(native.files.put(dir .. "/paper.tex", "\\documentclass{article}\\usepackage{graphicx,color}"
    .. "\\paperwidth90cm\\paperheight90cm\\textheight80cm"
    .. "\\DeclareUnicodeCharacter{FFFD}{?}\\DeclareUnicodeCharacter{202E}{}"
    .. "\\begin{document}\\noindent\\input{all}\n\nTHE END\\end{document}\n"))
  local _, out = native.process.run({ "pdflatex", "-shell-escape", "-interaction=nonstopmode", "paper.tex" }, {}, 600,
    dir)
  lu.assertNil(out:match("\n!.*"))
  lu.assertFalse(exists(canary))
  local _, words = native.process.run({ "pdftotext", "-raw", dir .. "/paper.pdf", "-" }, {}, 600)
  lu.assertStrContains(words, "THE END")
  lu.assertStrContains(words, "\\end{document}")
  lu.assertStrContains(words, "[rb]x [l]")
end

function TestHostile:test_file_names_are_plain_files()
  for _, name in ipairs { "`touch canary`.svg", "|touch canary|.svg", "ü λ 漢.svg", "two  spaces.svg", "$HOME.svg",
    "-o x.svg", "|touch canary.svg", "$(touch canary).svg", "; touch canary;.svg",
    "-.svg", "< touch canary.svg",
    "a'b\"c.svg", "new\nline.svg", "~root.svg", "--help.svg", "*.svg", " .svg" } do
    local path = scratch .. "/" .. name
    local ok, why = places.title("t"):save(path)
    lu.assertEquals(ok, path, why)
    lu.assertEquals(read(path):sub(1, 5), "<?xml")
    lu.assertFalse(exists(canary))
  end
  lu.assertFalse(exists("canary"))
  local ok, why = places.title("t"):save(scratch .. "/`" .. "x`.tex")
  lu.assertNil(ok)
  lu.assertStrContains(why, "letters, digits")
end

function TestHostile:test_a_font_cannot_carry_code()
  for _, font in ipairs { "a'; system('" .. touch .. "') #", "a\nb", "`" .. touch .. "`", "x,y" } do
    lu.assertFalse(pcall(plot.figure, { font = font }))
  end
end

function TestHostile:test_random_bytes_do_no_harm()
  local seed = os.time()
  math.randomseed(seed)
  local alphabet = { "`", "'", '"', "\\", "\n", "\r", "$", "(", ")", "{", "}", "@", "|", "<", "!", "EOD", "\n!",
    touch, "\240\159", "\255", "%", ";", " ", "&", "^", "_", "U+" }
  for round = 1, 60 do
    local parts = {}
    for i = 1, math.random(1, 12) do parts[i] = alphabet[math.random(#alphabet)] end
    local t = table.concat(parts)
    local ok, why = places.panel(t):save(scratch .. "/r.svg")
    lu.assertNotNil(ok, string.format("seed %d round %d %q: %s", seed, round, t, tostring(why)))
    lu.assertFalse(exists(canary), string.format("seed %d round %d: %q ran a command", seed, round, t))
  end
end

-- gnuplot's own reading of what text.quote writes, over every short string of the characters that matter.
function TestHostile:test_quoting_is_exact()
  local quote = require("limn.plot.text").quote
  local letters, strings = { "'", '"', "a", "`", "\\", " " }, { "" }
  local from = 1
  for _ = 1, 4 do
    local last = #strings
    for k = from, last do
      for _, c in ipairs(letters) do strings[#strings + 1] = strings[k] .. c end
    end
    from = last + 1
  end
  local parts = { "set print '-'\n" }
  for i, s in ipairs(strings) do parts[i + 1] = "print '['.(" .. quote(s) .. ").']'\n" end
  local script = scratch .. "/quote.gp"
  assert(native.files.put(script, table.concat(parts)))
  local status, out, err = native.process.run({ "gnuplot", "-d", script }, { "LC_ALL=C.UTF-8" }, 600)
  lu.assertEquals(status, 0, err)
  local i = 0
  for line in out:gmatch("([^\n]*)\n") do
    i = i + 1
    lu.assertEquals(line, "[" .. strings[i] .. "]")
  end
  lu.assertEquals(i, #strings)
end

-- Pieces that gnuplot could read as code: macros after apostrophes, ends of strings, variables that hold text.
local pieces = { "'", "''", '"', '""', "\\", "\\47", "\\140", "`", "@", "@home", "@GPVAL_TERM", "@GPVAL_PWD", "@ARG0",
  "@GPVAL_VERSION,", "#", ";", "\n", "\\\n", "$", "$d1", "${HOME}", "{", "}", "_", "^", "&{x}", "~a{b}", "%s", "%g", "!", "|",
  "<", "/:Bold", " ", "a", "Bob's", "it's @GPVAL_TERM, isn't it", ".", ",", "\u{3B1}", "\u{202E}", "[", "]", "EOD",
  "\\U+0060", "(", ")", "-", "\\n", "sprintf('%s',@x)", "\255", touch, "#'@m", "'#'@m" }

local function nasty()
  local parts = {}
  for i = 1, math.random(1, 9) do parts[i] = pieces[math.random(#pieces)] end
  return table.concat(parts)
end

-- gnuplot prints random texts as they were written, whatever variables are there to be expanded.
-- LIMN_QUOTED_TEXTS: how many (default 2000); LIMN_QUOTED_SEED: of which seed.
function TestHostile:test_random_texts_come_back_from_gnuplot()
  local quote, clean = require("limn.plot.text").quote, require("limn.plot.text").clean
  local count = tonumber(os.getenv "LIMN_QUOTED_TEXTS") or 2000
  local seed = tonumber(os.getenv "LIMN_QUOTED_SEED") or 1
  math.randomseed(seed)
  local strings, lines = {}, { "set print '-'\nm = \"EXPANDED\"; x = m; y = m; home = m\n" }
  for i = 1, count do
    strings[i] = clean(nasty())
    lines[i + 1] = "print '['.(" .. quote(strings[i]) .. ").']'\n"
  end
  local script = scratch .. "/random.gp"
  assert(native.files.put(script, table.concat(lines)))
  local status, out, err = native.process.run({ "gnuplot", "-d", script }, { "LC_ALL=C.UTF-8" }, 600)
  lu.assertEquals(status, 0, err)
  local i = 0
  for line in out:gmatch("([^\n]*)\n") do
    i = i + 1
    if line ~= "[" .. tostring(strings[i]) .. "]" then
      lu.fail(("seed %d, text %d: %q was printed as %q"):format(seed, i, tostring(strings[i]), line))
    end
  end
  lu.assertEquals(i, count)
  lu.assertFalse(exists(canary))
end

-- In every place that takes text, what is drawn of it holds the value of no variable, and no text after it is lost.
function TestHostile:test_no_macro_is_expanded_in_any_place()
  for place, make in pairs(places) do
    for _, t in ipairs { "Bob's @home END", "it's @GPVAL_TERM END", "' @GPVAL_PWD ' @GPVAL_TERM END" } do
      local path = scratch .. "/macro.svg"
      local fig = make(t)
      fig.width = 900 -- so that the text is neither wrapped nor cut
      assert(fig:save(path))
      local words = read(path):gsub("<[^>]*>", ""):gsub("&#39;", "'")
      lu.assertTrue(words:find(t, 1, true) ~= nil, ("%s: %q is not drawn as it was written"):format(place, t))
    end
  end
end

-- The canary works: the same text is executed if it is passed to gnuplot in double quotes.
function TestHostile:test_the_canary_can_be_detected()
  local script = scratch .. "/bare.gp"
  local f = assert(io.open(script, "w"))
  f:write('set title "' .. hostile[1] .. '"\n')
  f:close()
  native.process.run({ "gnuplot", "-d", script }, {}, 600)
  lu.assertTrue(exists(canary))
  os.remove(canary)
end

local status = lu.LuaUnit.run()
os.execute("rm -rf " .. scratch)
os.exit(status)
