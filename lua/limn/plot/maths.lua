-- limn/plot/maths.lua: conversion of a subset of TeX's maths to gnuplot's enhanced text, for plot.math and plot.tex.

local check = require "limn.base.check"

local maths = {}

-- Literal text inside an enhanced string. Without the empty group gnuplot reads "\U+03B1" as one character.
local function escape_enhanced(s)
  return (s:gsub("[\\^_{}@&~]", "\\%0"):gsub("U%+", "U{}+"))
end

maths.escape = escape_enhanced

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
  cdots = "⋯", ldots = "…", dots = "…", star = "⋆", ast = "∗", prime = "′", mid = "|", Vert = "‖", lVert = "‖",
  rVert = "‖", lvert = "|", rvert = "|", vert = "|", lfloor = "⌊", rfloor = "⌋", lceil = "⌈", rceil = "⌉",
  setminus = "∖", cup = "∪", cap = "∩", subset = "⊂", notin = "∉", mapsto = "↦", odot = "⊙", otimes = "⊗",
  lesssim = "≲", gtrsim = "≳", hbar = "ℏ",
    ll = "≪",
  gg = "≫", equiv = "≡", perp = "⊥", circ = "∘", oplus = "⊕", forall = "∀", exists = "∃", dagger = "†",
}
local upright = { log = 1, exp = 1, ln = 1, sin = 1, cos = 1, tan = 1, tanh = 1, sinh = 1, cosh = 1, max = 1, min = 1,
  arg = 1, det = 1, Pr = 1, sup = 1, inf = 1, lim = 1, erf = 1, sign = 1, tr = 1 }
-- Accents are combining characters, which follow the letter; double-struck letters are separate code points.
local accents = { hat = "\u{302}", widehat = "\u{302}", bar = "\u{304}", overline = "\u{304}", tilde = "\u{303}",
  vec = "\u{20D7}", dot = "\u{307}" }
local doubled = { C = "ℂ", H = "ℍ", N = "ℕ", P = "ℙ", Q = "ℚ", R = "ℝ", Z = "ℤ", E = "𝔼" }
local curly = { -- those outside the block of script capitals
  B = "ℬ", E = "ℰ", F = "ℱ", H = "ℋ", I = "ℐ", L = "ℒ", M = "ℳ", R = "ℛ" }
for code = 65, 90 do
  local letter = string.char(code)
  curly[letter] = curly[letter] or utf8.char(0x1D49C + code - 65)
end
local invisible = { left = 1, right = 1, big = 1, Big = 1, bigl = 1, bigr = 1, displaystyle = 1, quad = " ",
  qquad = "  " }
local verbatim = { text = 1, mathrm = 1, mathsf = 1, mathbf = 1, operatorname = 1 }
-- Commands of one character that is not a letter.
local spaces = { ["|"] = "‖", [","] = " ", [";"] = " ", [":"] = " ", [" "] = " ", ["!"] = "" }

local math_run

-- One group or token after "_", "^" or a command.
local function script(s, at)
  if s:sub(at, at) == "{" then return math_run(s, at + 1, "}") end
  local token = s:match("^\\%a+", at) or s:match("^[%z\1-\127\194-\244][\128-\191]*", at)
  if not token then check.fail("plot.math: expected a letter or {...} at the end of %q, got nothing", s) end
  local piece, plain = math_run(token, 1, nil)
  return piece, plain, at + #token
end

-- Converts the maths from `at` up to the closing brace (or the end) -> enhanced text, plain text with scripts
-- in {}, the next position.
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
        if not body then check.fail("plot.math: expected {...} after \\%s in %q", name, s) end
        local inner = body:sub(2, -2)
        put((name == "mathbf" and "{/:Bold %s}" or "%s"):gsub("%%s", function() return escape_enhanced(inner) end),
          inner)
        at = at + 1 + #name + #body
      elseif accents[name] then
        local inner, visible, after = script(s, at + 1 + #name)
        local letter = inner:match("^{/:Italic (%a)}$")
        put(letter and "{/:Italic " .. letter .. accents[name] .. "}" or inner .. accents[name], visible)
        at = after
      elseif name == "mathbb" or name == "mathcal" then
        local map, body = name == "mathbb" and doubled or curly, s:match("^%b{}", at + 1 + #name)
        if not body then check.fail("plot.math: expected {...} after \\%s in %q", name, s) end
        local visible = body:sub(2, -2):gsub("%a", map)
        put(escape_enhanced(visible), visible)
        at = at + 1 + #name + #body
      elseif name == "frac" then
        local over, seen, middle = script(s, at + 1 + #name)
        local under, seen2, after = script(s, middle)
        local function group(inner, visible) -- 1/2 but (a+b)/c
          if #visible:gsub("{[^{}]*}", ""):gsub("[\128-\191]", "") <= 1 then return inner, visible end
          return "(" .. inner .. ")", "(" .. visible .. ")"
        end
        over, seen = group(over, seen)
        under, seen2 = group(under, seen2)
        put(over .. "/" .. under, seen .. "/" .. seen2)
        at = after
      elseif invisible[name] then
        if invisible[name] ~= 1 then put(invisible[name], invisible[name]) end
        at = at + 1 + #name
      elseif symbols[name] or upright[name] then
        local visible = symbols[name] or name
        put(visible, visible)
        at = at + 1 + #name
        if s:find("^ [^=<>+-]", at) then at = at + 1 end -- this space only ends the name; before = < > + - it is kept
        if upright[name] and s:find("^[%w\\]", at) then put(" ", " ") end
      else
        local near = check.nearest(name, symbols)
        check.fail("plot.math: unknown command \\%s in %q%s", name, s, near and "; did you mean \\" .. near .. "?"
          or "")
      end
    elseif c == "_" or c == "^" then
      local inner, visible, after = script(s, at + 1)
      local other = s:sub(after, after)
      if (other == "_" or other == "^") and other ~= c then -- sub- and superscript: "@" gives the first width 0
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

-- run(formula) -> enhanced text, plain text with scripts in {}.
function maths.run(source)
  local enhanced, plain = math_run(source, 1, nil)
  return enhanced, plain
end

maths.symbols = symbols

return maths
