-- limn/plot/text.lua: text in figures. User text is literal; only plot.math and plot.tex are interpreted, by this
-- folder and not by gnuplot. All text passes through one quoting function.

local check = require "limn.base.check"
local maths = require "limn.plot.maths"

local text = {}

local escape_enhanced = maths.escape

-- ---- quoting ------------------------------------------------------------------------------------

local REPLACEMENT = "\u{FFFD}"

-- Text as valid UTF-8 on one line: control characters become spaces, invalid or unprintable sequences U+FFFD.
function text.clean(s)
  if s:find("\0", 1, true) then check.fail("plot: a text must not contain a NUL byte, got %s", check.show(s)) end
  local out, at = {}, 1
  while at <= #s do
    local len, bad = utf8.len(s, at)
    if len then
      out[#out + 1] = s:sub(at)
      break
    end
    out[#out + 1] = s:sub(at, bad - 1)
    out[#out + 1] = REPLACEMENT
    at = bad + 1
  end
  s = table.concat(out)
  s = s:gsub("[\1-\31\127]", " "):gsub("\u{FFFE}", REPLACEMENT):gsub("\u{FFFF}", REPLACEMENT)
  return (s:gsub("\u{2028}", " "):gsub("\u{2029}", " "):gsub("\u{85}", " "))
end

-- All strings of a script are written by this function: cleaned, in single quotes, where gnuplot interprets nothing.
-- Apostrophes are written by their octal code as separate strings in double quotes, joined by dots. A doubled apostrophe
-- at the end of a string is parsed wrongly by gnuplot 5.4.4 (''''x' is an empty string followed by more text), and the
-- rest of the string would be executed as commands. An apostrophe in double quotes opens a string for gnuplot's
-- expansion of macros, and @NAME in the text that follows is replaced.
function text.quote(s)
  s = text.clean(s)
  local parts = {}
  for other, marks in (s .. "\0"):gmatch("([^'%z]*)('*)") do
    if other ~= "" then parts[#parts + 1] = "'" .. other .. "'" end
    if marks ~= "" then parts[#parts + 1] = '"' .. ("\\47"):rep(#marks) .. '"' end
  end
  return #parts > 0 and table.concat(parts, " . ") or "''"
end

local tex_special = {
  ["\\"] = "\\textbackslash{}", ["{"] = "\\{", ["}"] = "\\}", ["$"] = "\\$", ["&"] = "\\&", ["#"] = "\\#",
  ["^"] = "\\textasciicircum{}", ["_"] = "\\_", ["~"] = "\\textasciitilde{}", ["%"] = "\\%",
  ["<"] = "$<$", [">"] = "$>$", ["|"] = "$|$", -- in the OT1 encoding their codes are other characters
  ["−"] = "$-$", ["×"] = "$\\times$", ["≤"] = "$\\le$", ["≥"] = "$\\ge$",
}

do -- the Greek letters and mathematical symbols of plot.math
  local names = {}
  for name in pairs(maths.symbols) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local sign = maths.symbols[name]
    if #sign > 1 and not tex_special[sign] then tex_special[sign] = "$\\" .. name .. "$" end
  end
end

local function escape_tex(s)
  return (s:gsub("[\\{}$&#^_~%%<>|]", tex_special):gsub("[\xC2-\xF4][\x80-\xBF]+", tex_special))
end

-- The first character of a literal text that LaTeX cannot typeset without an additional package; nil if none.
function text.not_in_latex(label)
  if not label.literal then return nil end
  for sign in label.source:gmatch("[\xC2-\xF4][\x80-\xBF]+") do
    local code = utf8.codepoint(sign)
    local known = tex_special[sign] or code < 0x180 or (code >= 0x2010 and code <= 0x2030)
    if not known then return sign end
  end
end

-- ---- labels ------------------------------------------------------------------------------------

local Math = { __name = "limn.plot.math" }
Math.__index = Math
function Math:__tostring() return "limn.plot.math " .. self.source end

-- plot.math"P/R": maths; plot.math"points $D$": literal text with maths between dollar signs.
function text.math(source)
  if type(source) ~= "string" then check.fail("plot.math: expected a string, got %s", check.show(source)) end
  source = text.clean(source)
  local enhanced, plain, tex = {}, {}, {}
  if source:find("$", 1, true) then
    if select(2, source:gsub("%$", "")) % 2 == 1 then check.fail("plot.math: a $ is not closed in %q", source) end
    local is_math = false
    for part in (source .. "$"):gmatch("([^$]*)%$") do
      local e, p = escape_enhanced(part), part
      if is_math then e, p = maths.run(part) end
      enhanced[#enhanced + 1], plain[#plain + 1] = e, p
      tex[#tex + 1] = is_math and "$" .. part .. "$" or escape_tex(part)
      is_math = not is_math
    end
  else
    local e, p = maths.run(source)
    enhanced[1], plain[1], tex[1] = e, p, "$" .. source .. "$"
  end
  return setmetatable({ source = source, enhanced = table.concat(enhanced), plain = table.concat(plain),
    tex = table.concat(tex) }, Math)
end

-- plot.tex"...": passed to LaTeX unchanged in a .tex figure; in other formats drawn like plot.math. Text that plot.math
-- cannot convert is then shown without commands, braces and dollar signs.
function text.tex(source)
  if type(source) ~= "string" then check.fail("plot.tex: expected a string, got %s", check.show(source)) end
  local ok, label = pcall(text.math, source)
  if not ok then
    local plain = text.clean(source):gsub("\\%a*{", ""):gsub("[\\{}$]", "")
    label = setmetatable({ source = plain, enhanced = escape_enhanced(plain), plain = plain }, Math)
  end
  label.tex = text.clean(source)
  return label
end

-- Whether a text holds maths as LaTeX writes it: $x$, 10^{-5} or \alpha.
function text.looks_like_latex(source)
  if source:find "%$[^%s%d$][^$]*%$" or source:find "[%w)][_^]{" then return true end
  for name in source:gmatch "\\(%a+)" do
    if maths.symbols[name] then return true end
  end
  return false
end

-- A number as a tick label: with a minus sign (U+2212), and as 2x10^{5} if an exponent is given.
function text.number(mantissa, exponent)
  local body = mantissa:gsub("^-", "−")
  if not exponent then
    return setmetatable({ source = mantissa, enhanced = body, plain = body, tex = "$" .. mantissa .. "$" }, Math)
  end
  local power = tostring(exponent):gsub("^-", "−")
  local times = body == "" and "" or "×"
  return setmetatable({
    source = mantissa .. "e" .. exponent,
    enhanced = body .. times .. "10^{" .. power .. "}",
    plain = body .. times .. "10{" .. power .. "}",
    tex = "$" .. mantissa .. (body == "" and "" or "\\times ") .. "10^{" .. exponent .. "}$",
  }, Math)
end

function text.power(base, exponent)
  local power = tostring(exponent):gsub("^-", "−")
  return setmetatable({ source = base .. "^" .. exponent, enhanced = base .. "^{" .. power .. "}",
    plain = base .. "{" .. power .. "}", tex = "$" .. base .. "^{" .. exponent .. "}$" }, Math)
end

-- A panel letter, such as "(a)", in bold.
function text.letter(s)
  return setmetatable({ source = s, enhanced = "{/:Bold " .. s .. "}", plain = s .. " ", tex = "\\textbf{" .. s
    .. "}" }, Math)
end

-- A label from a string or number (literal), or from the result of plot.math or plot.tex; nil for nil, false and "".
function text.label(who, name, value)
  if value == nil or value == false then return nil end
  if getmetatable(value) == Math then return value end
  if type(value) == "number" then value = string.format("%.14g", value) end
  if type(value) ~= "string" then
    check.fail("%s: %s must be a string or plot.math\"...\", got %s", who, name, check.show(value))
  end
  value = text.clean(value)
  if value == "" then return nil end
  return setmetatable({ source = value, plain = value:gsub("[{}]", "|"), tex = escape_tex(value), literal = true },
    Math)
end

function text.is_math(value) return getmetatable(value) == Math end

-- The concatenation of two labels.
function text.join(a, b)
  if not a then return b end
  if not b then return a end
  return setmetatable({
    source = a.source .. b.source, plain = a.plain .. b.plain, tex = a.tex .. b.tex,
    enhanced = (a.enhanced or escape_enhanced(a.source)) .. (b.enhanced or escape_enhanced(b.source)),
    literal = a.literal and b.literal,
  }, Math)
end

-- A label as plain characters: maths without dollar signs and braces.
function text.typed(label)
  if label.literal then return label.source end
  local s = label.source:gsub("%$", ""):gsub("\\(%a+)%s?", maths.symbols):gsub("\\%a+", function(w) return w:sub(2) end)
  return (s:gsub("[{}]", ""))
end

-- emit(label, target, size) -> the quoted string for a script, "enhanced" or "noenhanced". target: "tex", "typed" or
-- nil. For LaTeX the string sets the size in points, because gnuplot does not; it also prevents a leading { or [, which
-- gnuplot would interpret.
function text.emit(label, target, size)
  local quote = text.quote
  if target == "tex" then
    local s = string.format("\\fontsize{%.4g}{%.4g}\\selectfont ", size, 1.2 * size):gsub(",", ".")
    return quote(s .. label.tex), "noenhanced"
  end
  if target == "typed" then return quote(text.typed(label)), "noenhanced" end
  if label.literal then return quote(label.source), "noenhanced" end
  return quote(label.enhanced), "enhanced"
end

-- ---- approximate advance widths, in thousandths of the font size --------------------------------

local function widths(default, groups)
  local t = { default = default }
  for chars, w in pairs(groups) do
    for _, c in utf8.codes(chars) do t[c] = w end
  end
  return t
end

local sans = widths(640, {
  ["0123456789"] = 636, ["il'j|I"] = 290, ["f"] = 352, ["t"] = 392, ["r"] = 411, ["s"] = 521, ["c"] = 550,
  ["z"] = 525, ["abdeghnopqu"] = 625, ["kvxy"] = 590, ["w"] = 818, ["m"] = 974, ["ABCSXKRVZ"] = 690,
  ["DGHNOQU"] = 770, ["EFLPTY"] = 605, ["MW"] = 940, [" .,;:"] = 318, ["()[]{}"] = 390, ["-/\\"] = 350,
  ["=+<>~−×≈≤≥±∝"] = 838, ["∞∼≡∑∏∇√"] = 838, ["%"] = 950, ["_"] = 500, ["@"] = 1000, ["…→"] = 900,
})
local serif = widths(530, {
  ["0123456789"] = 500, ["ilj'|"] = 285, ["f"] = 306, ["trs"] = 392, ["cez"] = 444, ["abdghnopqukvxy"] = 535,
  ["w"] = 722, ["m"] = 833, ["ABCDEFGHKLNOPQRSTUVXYZ"] = 710, ["I"] = 361, ["MW"] = 950, [" .,;:"] = 310,
  ["()[]"] = 389, ["-/\\"] = 400, ["=+<>~−×≈≤≥±∝"] = 778, ["%"] = 833, ["_"] = 500, ["@"] = 778,
    ["…→"] = 1000,
})

-- The width of a label in points at a font size; sub- and superscripts, in {} in the plain text, are scaled by 0.8.
function text.width(label, size, font)
  if not label then return 0 end
  if font == "typed" then return utf8.len(text.typed(label)) * size * 0.6 end -- one cell per character
  local family = font:lower()
  local serifed = family:find("roman") or family:find("serif") or family:find("times") or family:find("termes")
    or family:find("stix") or family:find("tinos")
  local table_ = serifed and serif or sans
  local total, scale = 0, 1
  for _, c in utf8.codes(label.plain) do
    if c == 123 then
      scale = scale * 0.8
    elseif c == 125 then
      scale = scale / 0.8
    else
      total = total + scale * (table_[c] or (c > 0x2E80 and 1000) or table_.default)
    end
  end
  return total * size / 1000
end

return text
