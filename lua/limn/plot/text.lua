-- limn/plot/text.lua: everything that becomes text in a figure. User text is literal; only plot.math and
-- plot.tex are interpreted, and only by this file. One quoting function stands between text and gnuplot.

local check = require "limn.check"

local text = {}

-- ---- quoting ------------------------------------------------------------------------------------

local REPLACEMENT = "\u{FFFD}"

-- Valid UTF-8 on one line: control characters become spaces, broken or unprintable sequences U+FFFD.
function text.clean(s)
  if s:find("\0", 1, true) then check.fail("plot: a text must not hold a NUL byte") end
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

-- The only way a string enters a script: cleaned, in single quotes, where gnuplot interprets nothing. Apostrophes
-- stand in strings of their own, joined by dots: doubling them is misread at the ends of a string (5.4.4: ''''x'
-- is an empty string followed by more), which would let the rest run as commands.
function text.quote(s)
  s = text.clean(s)
  local parts = {}
  for other, marks in (s .. "\0"):gmatch("([^'%z]*)('*)") do
    if other ~= "" then parts[#parts + 1] = "'" .. other .. "'" end
    if marks ~= "" then parts[#parts + 1] = '"' .. marks .. '"' end
  end
  return #parts > 0 and table.concat(parts, " . ") or "''"
end

-- Literal text inside an enhanced string. The empty group keeps "\U+03B1" from being read as a character.
local function escape_enhanced(s)
  return (s:gsub("[\\^_{}@&~]", "\\%0"):gsub("U%+", "U{}+"))
end

local tex_special = {
  ["\\"] = "\\textbackslash{}", ["{"] = "\\{", ["}"] = "\\}", ["$"] = "\\$", ["&"] = "\\&", ["#"] = "\\#",
  ["^"] = "\\textasciicircum{}", ["_"] = "\\_", ["~"] = "\\textasciitilde{}", ["%"] = "\\%",
  ["−"] = "$-$", ["×"] = "$\\times$", ["≤"] = "$\\le$", ["≥"] = "$\\ge$",
}

local function escape_tex(s)
  return (s:gsub("[\\{}$&#^_~%%]", tex_special):gsub("[\xE2\xC3][\x80-\xBF]+", tex_special))
end

-- ---- maths: a small part of TeX, drawn by gnuplot's enhanced text ------------------------------

local symbols = {
  alpha = "α", beta = "β", gamma = "γ", delta = "δ", epsilon = "ε", varepsilon = "ε", zeta = "ζ", eta = "η",
  theta = "θ", iota = "ι", kappa = "κ", lambda = "λ", mu = "μ", nu = "ν", xi = "ξ", pi = "π", rho = "ρ",
  sigma = "σ", tau = "τ", phi = "φ", varphi = "φ", chi = "χ", psi = "ψ", omega = "ω", Gamma = "Γ",
    Delta = "Δ",
  Theta = "Θ", Lambda = "Λ", Xi = "Ξ", Pi = "Π", Sigma = "Σ", Phi = "Φ", Psi = "Ψ", Omega = "Ω",
  times = "×", cdot = "·", pm = "±", approx = "≈", sim = "∼", propto = "∝", infty = "∞", le = "≤",
    leq = "≤",
  ge = "≥", geq = "≥", ne = "≠", neq = "≠", to = "→", rightarrow = "→", leftarrow = "←", sum = "∑",
    prod = "∏",
  int = "∫", partial = "∂", nabla = "∇", sqrt = "√", ["in"] = "∈", langle = "⟨", rangle = "⟩",
    ell = "ℓ",
  cdots = "⋯", ldots = "…", dots = "…", star = "⋆", ast = "∗", prime = "′", mid = "|", Vert = "‖",
    ll = "≪",
  gg = "≫", equiv = "≡", perp = "⊥", circ = "∘", oplus = "⊕", forall = "∀", exists = "∃", dagger = "†",
}
local upright = { log = 1, exp = 1, ln = 1, sin = 1, cos = 1, tan = 1, tanh = 1, sinh = 1, cosh = 1, max = 1, min = 1,
  arg = 1, det = 1, Pr = 1, sup = 1, inf = 1, lim = 1, erf = 1, sign = 1, tr = 1 }
local verbatim = { text = 1, mathrm = 1, mathsf = 1, mathbf = 1, operatorname = 1 }
local spaces = { [","] = " ", [";"] = " ", [":"] = " ", [" "] = " ", ["!"] = "" }

local math_run -- (source, position, closing) -> pieces, width in em-units list, next position

-- One group or token after "_" or "^".
local function script(s, at)
  if s:sub(at, at) == "{" then return math_run(s, at + 1, "}") end
  local token = s:match("^\\%a+", at) or s:match("^[%z\1-\127\194-\244][\128-\191]*", at)
  if not token then check.fail("plot.math: %q ends after _ or ^", s) end
  local piece, plain = math_run(token, 1, nil)
  return piece, plain, at + #token
end

-- Enhanced text of the maths from `at` up to the closing brace (or the end), its plain text with scripts
-- in {}, and the next position.
function math_run(s, at, closing)
  local out, plain = {}, {}
  local function put(enhanced, visible)
    out[#out + 1] = enhanced
    plain[#plain + 1] = visible
  end
  while at <= #s do
    local c = s:match("^[%z\1-\127\194-\244][\128-\191]*", at) or s:sub(at, at)
    if c == closing then return table.concat(out), table.concat(plain), at + 1 end
    if c == "\\" then
      local name = s:match("^%a+", at + 1)
      if not name then
        local escaped = s:sub(at + 1, at + 1)
        local visible = spaces[escaped] or escaped
        put(escape_enhanced(visible), visible)
        at = at + 2
      elseif verbatim[name] then
        local body = s:match("^%b{}", at + 1 + #name)
        if not body then check.fail("plot.math: \\%s needs {...} in %q", name, s) end
        local inner = body:sub(2, -2)
        put((name == "mathbf" and "{/:Bold %s}" or "%s"):gsub("%%s", function() return escape_enhanced(inner) end),
          inner)
        at = at + 1 + #name + #body
      elseif symbols[name] or upright[name] then
        local visible = symbols[name] or name
        put(visible, visible)
        at = at + 1 + #name
        if s:sub(at, at) == " " then at = at + 1 end
        if upright[name] and s:find("^[%w\\]", at) then put(" ", " ") end
      else
        local near = check.nearest(name, symbols)
        check.fail("plot.math: unknown command \\%s in %q%s", name, s, near and "; did you mean \\" .. near .. "?"
          or "")
      end
    elseif c == "_" or c == "^" then
      local inner, visible, after = script(s, at + 1)
      local other = s:sub(after, after)
      if (other == "_" or other == "^") and other ~= c then -- both: the first takes no room
        local inner2, visible2, after2 = script(s, after + 1)
        put("@" .. c .. "{" .. inner .. "}" .. other .. "{" .. inner2 .. "}",
          "{" .. (#visible > #visible2 and visible or visible2) .. "}")
        at = after2
      else
        put(c .. "{" .. inner .. "}", "{" .. visible .. "}")
        at = after
      end
    elseif c == "{" then
      local inner, visible, after = math_run(s, at + 1, "}")
      put("{" .. inner .. "}", visible)
      at = after
    elseif c:match("%a") then
      local letters = s:match("^%a+", at)
      put("{/:Italic " .. letters .. "}", letters)
      at = at + #letters
    else
      local visible = c == "-" and "−" or c == "'" and "′" or c == "*" and "∗" or c
      put(escape_enhanced(visible), visible)
      at = at + #c
    end
  end
  if closing then check.fail("plot.math: a brace is not closed in %q", s) end
  return table.concat(out), table.concat(plain), at
end

local Math = { __name = "limn.plot.math" }
Math.__index = Math
function Math:__tostring() return "limn.plot.math " .. self.source end

-- plot.math"P/R": all maths; plot.math"points $D$": literal text with maths between dollars.
function text.math(source)
  if type(source) ~= "string" then check.fail("plot.math: expected a string, got %s", check.show(source)) end
  source = text.clean(source)
  local enhanced, plain, tex = {}, {}, {}
  if source:find("$", 1, true) then
    if select(2, source:gsub("%$", "")) % 2 == 1 then check.fail("plot.math: a $ is not closed in %q", source) end
    local is_math = false
    for part in (source .. "$"):gmatch("([^$]*)%$") do
      local e, p = escape_enhanced(part), part
      if is_math then e, p = math_run(part, 1, nil) end
      enhanced[#enhanced + 1], plain[#plain + 1] = e, p
      tex[#tex + 1] = is_math and "$" .. part .. "$" or escape_tex(part)
      is_math = not is_math
    end
  else
    local e, p = math_run(source, 1, nil)
    enhanced[1], plain[1], tex[1] = e, p, "$" .. source .. "$"
  end
  return setmetatable({ source = source, enhanced = table.concat(enhanced), plain = table.concat(plain),
    tex = table.concat(tex) }, Math)
end

-- plot.tex"...": goes to LaTeX untouched in a .tex figure; elsewhere it is drawn as plot.math would.
function text.tex(source)
  local label = text.math(source)
  label.tex = source
  return label
end

-- A number as an axis writes it: a true minus sign, and 2x10^{5} for a mantissa and an exponent.
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

-- A bold "(a)".
function text.letter(s)
  return setmetatable({ source = s, enhanced = "{/:Bold " .. s .. "}", plain = s .. " ", tex = "\\textbf{" .. s
    .. "}" }, Math)
end

-- Anything a caller may give as a label: a string or number (literal), or the result of plot.math / plot.tex.
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

-- Two labels one after the other.
function text.join(a, b)
  if not a then return b end
  if not b then return a end
  return setmetatable({
    source = a.source .. b.source, plain = a.plain .. b.plain, tex = a.tex .. b.tex,
    enhanced = (a.enhanced or escape_enhanced(a.source)) .. (b.enhanced or escape_enhanced(b.source)),
    literal = a.literal and b.literal,
  }, Math)
end

-- A label for a terminal of characters: maths loses its dollars and braces.
function text.typed(label)
  if label.literal then return label.source end
  local s = label.source:gsub("%$", ""):gsub("\\(%a+)%s?", symbols):gsub("\\%a+", function(w) return w:sub(2) end)
  return (s:gsub("[{}]", ""))
end

-- The quoted string for a script and the word that says how gnuplot is to read it. `target`: "tex", "typed" or nil.
function text.emit(label, target)
  local quote = text.quote
  if target == "tex" then return quote(label.tex), "noenhanced" end
  if target == "typed" then return quote(text.typed(label)), "noenhanced" end
  if label.literal then return quote(label.source), "noenhanced" end
  return quote(label.enhanced), "enhanced"
end

-- ---- widths: advance widths in thousandths of the font size, enough to lay a figure out ---------

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
  ["=+<>~−×≈≤≥±∝"] = 838, ["%"] = 950, ["_"] = 500, ["@"] = 1000, ["…→"] = 900,
})
local serif = widths(530, {
  ["0123456789"] = 500, ["ilj'|"] = 285, ["f"] = 306, ["trs"] = 392, ["cez"] = 444, ["abdghnopqukvxy"] = 535,
  ["w"] = 722, ["m"] = 833, ["ABCDEFGHKLNOPQRSTUVXYZ"] = 710, ["I"] = 361, ["MW"] = 950, [" .,;:"] = 310,
  ["()[]"] = 389, ["-/\\"] = 400, ["=+<>~−×≈≤≥±∝"] = 778, ["%"] = 833, ["_"] = 500, ["@"] = 778,
    ["…→"] = 1000,
})

-- The width of a label in points at a font size; scripts (in {} in its plain text) count 0.8.
function text.width(label, size, font)
  if not label then return 0 end
  if font == "typed" then return utf8.len(text.typed(label)) * size * 0.6 end -- one character, one cell
  local family = font:lower()
  local serifed = family:find("roman") or family:find("serif") or family:find("times") or family:find("termes")
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
