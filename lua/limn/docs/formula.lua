-- limn/docs/formula.lua: formulas in the stubs, between dollars in plain notation that reads well in an editor:
--   $f_t = y + exp(-t K/D) (f_0 - y)$
-- Words of several letters are functions, Greek letters, or names (upright); sqrt(x) is a root, * a product, ' a
-- transpose or a derivative; <- <= >= ~ +- are signs; braces group exponents and indices. They become TeX for the pages
-- and plain text for a terminal.

local mathml = require "limn.docs.site.mathml"

local formula = {}

local signs = { { "<%-", "\\leftarrow " }, { "<=", "\\le " }, { ">=", "\\ge " }, { "%+%-", "\\pm " }, { "~", "\\sim " },
  { "%*", "\\cdot " } }

-- "lambda |w|_1" -> "\lambda |w|_1"
function formula.tex(plain)
  local s = plain
  repeat
    local count
    s, count = s:gsub("sqrt(%b())", function(inside) return "\1{" .. inside:sub(2, -2) .. "}" end)
  until count == 0
  s = s:gsub("%f[%a]%a%a+", function(word)
    if word == "grad" then return "\\nabla" end
    return mathml.knows(word) and "\\" .. word or "\\mathrm{" .. word .. "}"
  end)
  for _, sign in ipairs(signs) do s = s:gsub(sign[1], (sign[2]:gsub("%%", "%%%%"))) end
  return (s:gsub("\1", "\\sqrt"))
end

-- A text with its formulas as TeX between dollars.
function formula.marked(text)
  return (text:gsub("%$([^$]+)%$", function(plain) return "$" .. formula.tex(plain) .. "$" end))
end

-- A text with its formulas as plain text: "n^{-1/2}" -> "n^(-1/2)", "k_{zz}" -> "k_zz".
function formula.plain(text)
  return (text:gsub("%$([^$]+)%$", function(plain)
    return (plain:gsub("([_^])(%b{})", function(mark, group)
      local inside = group:sub(2, -2)
      return mark .. (inside:find "^%-?%w+$" and inside or "(" .. inside .. ")")
    end))
  end))
end

return formula
