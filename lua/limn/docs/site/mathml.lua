-- limn/docs/site/mathml.lua: converts formulas in a subset of TeX to MathML, which browsers draw without scripts or
-- special fonts.
--   mathml "P/R = pD/(1-p)"           -> <math>...</math>
--   mathml("\\sum_i w_i^2", "block")  -> the same as a displayed formula
-- Known: letters, numbers, operators, ^ _ {}, \frac \sqrt \text \mathrm \mathbf \hat \bar \tilde \left \right, Greek
-- letters and the symbols below. An unknown command is an error, so that no page with a misspelt command is written.

local check = require "limn.base.check"

local letters = {
  alpha = "α", beta = "β", gamma = "γ", delta = "δ", epsilon = "ε", varepsilon = "ε", zeta = "ζ", eta = "η", theta = "θ",
  kappa = "κ", lambda = "λ", mu = "μ", nu = "ν", xi = "ξ", pi = "π", rho = "ρ", sigma = "σ", tau = "τ", phi = "φ",
  varphi = "φ", chi = "χ", psi = "ψ", omega = "ω", Gamma = "Γ", Delta = "Δ", Theta = "Θ", Lambda = "Λ", Sigma = "Σ",
  Phi = "Φ", Psi = "Ψ", Omega = "Ω", infty = "∞", ell = "ℓ", partial = "∂", nabla = "∇", top = "⊤",
}
local operators = {
  times = "×", cdot = "·", pm = "±", approx = "≈", sim = "∼", propto = "∝", le = "≤", leq = "≤", ge = "≥", geq = "≥",
  ne = "≠", neq = "≠", to = "→", rightarrow = "→", sum = "∑", prod = "∏", int = "∫", ["in"] = "∈", ll = "≪", gg = "≫",
  equiv = "≡", langle = "⟨", rangle = "⟩", cdots = "⋯", ldots = "…", dots = "…", mid = "|", Vert = "‖", ["|"] = "‖",
  lesssim = "≲",
  lceil = "⌈", rceil = "⌉", lfloor = "⌊", rfloor = "⌋", subseteq = "⊆", cap = "∩",
  circ = "∘", forall = "∀", leftarrow = "←", otimes = "⊗", prime = "′", ["{"] = "{", ["}"] = "}",
}
local functions = { log = 1, ln = 1, exp = 1, sin = 1, cos = 1, tan = 1, tanh = 1, max = 1, min = 1, arg = 1, sign = 1, tr = 1,
  erf = 1, arccos = 1, arcsin = 1, sinh = 1, det = 1, Pr = 1, rank = 1, lim = 1 }
local accents = { hat = "^", bar = "¯", tilde = "~", dot = "˙", vec = "→" }
local spaces = { [","] = "0.17em", [";"] = "0.28em", [":"] = "0.22em", [" "] = "0.28em", quad = "1em", qquad = "2em" }
local under = { ["∑"] = true, ["∏"] = true }

local function escape(text) return (text:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" })) end

local parse

local function row(nodes)
  if #nodes == 1 then return nodes[1] end
  return "<mrow>" .. table.concat(nodes) .. "</mrow>"
end

-- The text between the braces at `at`, verbatim, and the position behind them.
local function verbatim(s, at)
  local inside = s:match("^%b{}", at)
  if not inside then check.fail("docs: %q: expected { at %d", s, at) end
  return inside:sub(2, -2), at + #inside
end

local function command(s, at)
  local name = s:match("^\\(%a+)", at) or s:sub(at + 1, at + 1)
  local next_ = at + 1 + #name
  if letters[name] then return "<mi>" .. letters[name] .. "</mi>", next_ end
  if operators[name] then return "<mo>" .. escape(operators[name]) .. "</mo>", next_ end
  if functions[name] then return "<mi>" .. name .. "</mi><mo>&#x2061;</mo>", next_ end
  if spaces[name] then return ('<mspace width="%s"/>'):format(spaces[name]), next_ end
  if name == "left" or name == "right" or name == "!" then return "", next_ end
  if name == "text" or name == "mathrm" or name == "mathbf" then
    local text, behind = verbatim(s, next_)
    if name == "text" then return "<mtext>" .. escape(text):gsub(" ", "&#xA0;") .. "</mtext>", behind end
    return ('<mi mathvariant="%s">%s</mi>'):format(name == "mathbf" and "bold" or "normal", escape(text)), behind
  end
  if name == "frac" then
    local above, middle = parse(s, next_)
    local below, behind = parse(s, middle)
    return "<mfrac>" .. above .. below .. "</mfrac>", behind
  end
  if name == "sqrt" then
    local inside, behind = parse(s, next_)
    return "<msqrt>" .. inside .. "</msqrt>", behind
  end
  if accents[name] then
    local inside, behind = parse(s, next_)
    return ('<mover accent="true">%s<mo>%s</mo></mover>'):format(inside, accents[name]), behind
  end
  check.fail("docs: %q has the unknown command \\%s", s, name)
end

-- One atom without scripts: a group, a command, a number, a letter or an operator.
local function atom(s, at)
  local c = s:sub(at, at)
  if c == "{" then
    local nodes = {}
    at = at + 1
    while s:sub(at, at) ~= "}" do
      if at > #s then check.fail("docs: %q lacks a }", s) end
      local node
      node, at = parse(s, at)
      nodes[#nodes + 1] = node
    end
    return row(nodes), at + 1
  end
  if c == "\\" then return command(s, at) end
  local number = s:match("^%d+%.?%d*", at)
  if number then return "<mn>" .. number .. "</mn>", at + #number end
  if c:find "%a" then return "<mi>" .. c .. "</mi>", at + 1 end
  local sign = s:match("^[%z\1-\127\194-\244][\128-\191]*", at)
  if c == "-" then return "<mo>−</mo>", at + 1 end
  if c == "'" then return "<mo>′</mo>", at + 1 end
  return "<mo>" .. escape(sign) .. "</mo>", at + #sign
end

-- One atom with its scripts -> MathML and the position behind it.
function parse(s, at)
  at = s:match("^%s*()", at)
  local base, behind = atom(s, at)
  local sub, sup
  while true do
    local mark, after = s:match("^%s*([_^])()", behind)
    if not mark then break end
    after = s:match("^%s*()", after)
    local node
    node, behind = atom(s, after)
    if mark == "_" then sub = node else sup = node end
  end
  -- the invisible sign of application follows the scripts of a function's name
  local name = base:match "^(<mi>%a+</mi>)<mo>&#x2061;</mo>$"
  local applied = name and (sub or sup) and "<mo>&#x2061;</mo>" or ""
  if applied ~= "" then base = name end
  local stacked = under[base:match "<mo>(.-)</mo>" or ""]
  if sub and sup then
    local tag = stacked and "munderover" or "msubsup"
    base = ("<%s>%s%s%s</%s>"):format(tag, base, sub, sup, tag)
  elseif sub then
    local tag = stacked and "munder" or "msub"
    base = ("<%s>%s%s</%s>"):format(tag, base, sub, tag)
  elseif sup then
    base = ("<msup>%s%s</msup>"):format(base, sup)
  end
  return base .. applied, behind
end

local function formula(_, tex, display)
  local nodes, at = {}, 1
  while at <= #tex do
    if not tex:find("%S", at) then break end
    nodes[#nodes + 1], at = parse(tex, at)
  end
  local open = display == "block" and '<math display="block">' or "<math>"
  return open .. "<mrow>" .. table.concat(nodes) .. "</mrow></math>"
end

return setmetatable({
  -- Whether \name is a letter or a function.
  knows = function(name) return (letters[name] or functions[name]) ~= nil end,
}, { __call = formula })
