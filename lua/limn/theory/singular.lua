-- limn/theory/singular.lua: learning coefficients (real log canonical thresholds) known in closed form.
--
-- The free energy of a Bayesian model is n L + lambda ln n - (m - 1) ln ln n + O(1): lambda the coefficient, m its multiplicity.

local check = require "limn.base.check"

local MODELS = { "regular", "monomial", "deep_linear" }
local READS = { regular = { "dim" }, monomial = { "exponents", "prior" }, deep_linear = { "widths", "rank" } }

local function whole(who, name, list, least)
  if type(list) ~= "table" or #list == 0 then check.fail("%s: %s must be a list of whole numbers", who, name) end
  for i, v in ipairs(list) do
    check.value(who, ("%s[%d]"):format(name, i), v, { type = "integer", required = true, min = least })
  end
  return list
end

-- K(w) = product of w_i^(2 k_i), the prior proportional to the product of |w_i|^(h_i): the least of (h_i + 1)/(2 k_i).
local function monomial(who, o)
  local exponents = whole(who, "exponents", o.exponents, 0)
  local prior = o.prior and whole(who, "prior", o.prior, 0) or {}
  local least, times = math.huge, 0
  for i, k in ipairs(exponents) do
    local value = k > 0 and ((prior[i] or 0) + 1) / (2 * k) or math.huge
    if value < least then least, times = value, 1 elseif value == least then times = times + 1 end
  end
  if least == math.huge then check.fail("%s: exponents must not all be 0", who) end
  return least, times
end

-- Aoyagi's formula for a product of matrices of the given widths around a matrix of rank r.
local function deep_linear(who, o)
  local widths, r = whole(who, "widths", o.widths, 1), o.rank
  if #widths < 2 then check.fail("%s: widths needs inputs and outputs at least", who) end
  local excess = {}
  for i, h in ipairs(widths) do
    if h < r then check.fail("%s: widths[%d] is %d, but the rank is %d", who, i, h, r) end
    excess[i] = h - r
  end
  table.sort(excess)
  local count, sum = 2, excess[1] + excess[2] -- the narrow layers that decide
  while excess[count + 1] and sum + excess[count + 1] >= count * excess[count + 1] do
    count = count + 1
    sum = sum + excess[count]
  end
  local l, squares = count - 1, 0
  for i = 1, count do squares = squares + excess[i] ^ 2 end
  local up = -(-sum // l) -- rounded up
  local a = sum - (up - 1) * l
  local value = (-r * r + r * (widths[1] + widths[#widths])) / 2 + a * (l - a) / (4 * l) - (l - 1) / (4 * l) * sum ^ 2
    + (sum ^ 2 - squares) / 4
  return value, a * (l - a) + 1
end

-- learning_coefficient{model="regular", dim=} | {model="monomial", exponents=, prior=} | {model="deep_linear", widths=, rank=0}
-- -> lambda, multiplicity.
local function learning_coefficient(options)
  local who = "theory.learning_coefficient"
  local o = check.options(who, options, { model = { type = "string", one_of = MODELS, required = true },
    dim = { type = "integer", min = 1 }, exponents = { type = "table" }, prior = { type = "table" }, widths = { type = "table" },
    rank = { type = "integer", min = 0 } })
  local reads = {}
  for _, name in ipairs(READS[o.model]) do reads[name] = true end
  for _, name in ipairs { "dim", "exponents", "prior", "widths", "rank" } do
    if options[name] ~= nil and not reads[name] then check.fail('%s: %s is no option of model="%s"', who, name, o.model) end
  end
  local first = READS[o.model][1]
  if options[first] == nil then check.fail('%s: model="%s" requires %s', who, o.model, first) end
  o.rank = o.rank or 0
  if o.model == "regular" then return o.dim / 2, 1 end
  if o.model == "monomial" then return monomial(who, o) end
  return deep_linear(who, o)
end

return learning_coefficient
