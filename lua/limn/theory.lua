-- limn/theory.lua: predictions for the toy model: laws, crossovers, exact draws for any D and N.
-- D points, fraction p = 2^-complexity of perfect features. P and R of the laws are components along the labels, so that
-- P + R is their length wherever a rule interpolates; for minimum-norm interpolants without a constant feature they are
-- also the lengths that limn.contrib calls P and R. With a ridge or a constant feature contrib's R is longer (its
-- .along is the R of the laws).

local native = require("limn.native").theory
local array = require("limn.native").array.array
local check = require "limn.base.check"
local vocabulary = require "limn.base.vocabulary"

local theory = {}
local huge, log2 = math.huge, 1 / math.log(2)

local POINTS = { type = "number", min = 1, required = true, help = "the number of data points" }
local COMPLEXITY = { type = "number", help = "bits" }
local FRACTION = { type = "number", min = 0, max = 1, was = "share", help = "a number in (0,1)" }
local COUNT = { type = "number", min = 1, finite = false }
local PERFECT = { type = "integer", min = 0 }
local FLIP = { type = "number", min = 0, default = 0, was = "noise" }
local NORM = { type = "number", min = 1, default = 2, finite = false }

-- log(p/(1-p)) from complexity or fraction; exactly one of them must be given.
local function log_odds(who, o)
  if (o.complexity == nil) == (o.fraction == nil) then
    check.fail("%s: give either complexity (bits) or fraction, got %s", who, o.fraction and "both" or "neither")
  end
  if o.complexity then
    if o.complexity <= 0 then check.fail("%s: complexity must be above 0 bits, got %s", who, o.complexity) end
    return native.log_odds(o.complexity)
  end
  if o.fraction <= 0 or o.fraction >= 1 then check.fail("%s: fraction must lie inside (0,1), got %s", who, o.fraction) end
  local p = o.fraction
  return native.log_odds(-math.log(p, 2))
end

-- Numbers of perfect and of random features in a pool of `count`, rounded as limn.features.toy does.
local function pool(who, o)
  local count = o.count
  if not count or count == huge or count % 1 ~= 0 then
    check.fail("%s: count must be a whole number, got %s", who, check.show(count))
  end
  local perfect = o.perfect
  if perfect then
    if o.complexity or o.fraction then
      check.fail("%s: give one of perfect, complexity and fraction, got two", who)
    end
  else
    log_odds(who, o)
    local p = o.fraction or 2.0 ^ -o.complexity
    perfect = (p * count + 0.5) // 1
    if perfect == 0 then
      check.fail("%s: a fraction of %.4g of %.15g features rounds to no perfect feature (count must be at least %.15g)",
        who, p, count, math.ceil(0.5 / p))
    end
  end
  if perfect > count then check.fail("%s: perfect must be at most count (%s), got %s", who, count, perfect) end
  return perfect, count - perfect
end

-- Refuses the named options beside option `name`, as the function would not read them.
local function alone(who, options, name, ...)
  if options[name] == nil then return end
  for _, other in ipairs { ... } do
    if options[other] ~= nil then check.fail("%s: %s cannot be combined with %s; give one of them", who, other, name) end
  end
end

-- Applies f, which returns two numbers, to one number or to each entry of a list; returns two numbers or two arrays.
local function each(points, f)
  if type(points) == "number" then return f(points) end
  local a, b = {}, {}
  for i = 1, #points do a[i], b[i] = f(points[i]) end
  return array(a), array(b)
end

local function points_of(who, points)
  if type(points) ~= "table" and check.typename(points) ~= "limn.array" then
    return check.value(who, "points", points, POINTS)
  end
  for i = 1, #points do check.value(who, "points[" .. i .. "]", points[i], POINTS) end
  if #points == 0 then check.fail("%s: points is empty", who) end
  return points
end

local ANY_POINTS = { type = "any", required = true, help = "the number of data points" }

-- P/R. Without count: the limit of many features, for weights of least p-norm, any p. With count: the mean over
-- Gaussian random features, norm 2. Returns the ratio and its base-2 logarithm (arrays if points is a list).
function theory.ratio(options)
  local who = "theory.ratio"
  local o = check.options(who, options, { points = ANY_POINTS, complexity = COMPLEXITY, fraction = FRACTION,
    perfect = PERFECT, norm = NORM, count = COUNT })
  local points = points_of(who, o.points)
  if o.count and o.count ~= huge then
    if o.norm ~= 2 then check.fail("%s: norm must be 2 with a finite count, got %s", who, o.norm) end
    local perfect, random = pool(who, o)
    return each(points, function(D)
      if perfect == 0 then return 0.0, -huge end -- P = 0 in every draw
      if random <= D + 1 then return huge, huge end -- the mean of 1/chi-square diverges; R = 0 for random < D
      local l = math.log(perfect) + math.log(D) - math.log(random - D - 1)
      return math.exp(l), l * log2
    end)
  end
  if o.perfect then check.fail("%s: perfect requires count (the number of features)", who) end
  local odds = log_odds(who, o)
  return each(points, function(D)
    local l = native.log_ratio(D, odds, o.norm)
    return math.exp(l), l * log2
  end)
end

-- The smallest integer D at which the perfect features dominate (rule "norm": P/R >= 1), or the true hypothesis
-- does (rule "bayes": posterior odds >= 1, labels flipped at rate flip).
function theory.crossover(options)
  local who = "theory.crossover"
  local o = check.options(who, options, { complexity = COMPLEXITY, fraction = FRACTION, perfect = PERFECT, norm = NORM,
    count = COUNT, rule = { type = "string", one_of = { "norm", "bayes" }, default = "norm" },
    flip = FLIP })
  if o.flip >= 0.5 then check.fail("%s: flip must be below 0.5, got %s", who, o.flip) end
  if o.rule == "bayes" then
    for _, name in ipairs { "norm", "count", "perfect" } do
      if options[name] ~= nil then check.fail("%s: %s requires rule=\"norm\", got \"bayes\"", who, name) end
    end
    local gain = 1 + (o.flip > 0 and (o.flip * math.log(o.flip) + (1 - o.flip) * math.log(1 - o.flip)) * log2 or 0)
    local bits = -log_odds(who, o) * log2
    return math.max(0, math.ceil(bits / gain - 1e-12 * (1 + math.abs(bits / gain))))
  end
  if o.flip > 0 then check.fail("%s: flip requires rule=\"bayes\", got %q", who, o.rule) end
  if o.perfect and (not o.count or o.count == huge) then check.fail("%s: perfect requires count (the number of features)", who) end
  local d, message
  if o.count and o.count ~= huge then
    if o.norm ~= 2 then check.fail("%s: norm must be 2 with a finite count, got %s", who, o.norm) end
    local perfect, random = pool(who, o)
    if perfect == 0 then return nil, who .. ": without perfect features P is 0 at every number of points" end
    d = math.max(1, math.ceil((random - 1) / (perfect + 1)))
  elseif o.norm == 2 and o.complexity and o.complexity % 1 == 0 and o.complexity > 0 and o.complexity <= 62 then
    return (1 << math.tointeger(o.complexity)) - 1 -- in integers: from 2^53 on a double is not exact
  else
    d, message = native.crossover(log_odds(who, o), o.norm)
    if not d then return nil, message end
  end
  return d < 2 ^ 62 and math.tointeger(d) or d
end

-- Posterior mass of the true feature in the pool after D labels, and its log2 odds. With flip, the
-- labels are flipped at that rate and `errors` of them disagree with it (default: the mean number).
function theory.posterior(options)
  local who = "theory.posterior"
  local o = check.options(who, options, { points = ANY_POINTS, complexity = COMPLEXITY, fraction = FRACTION,
    flip = FLIP, errors = { type = "number", min = 0 } })
  if o.flip >= 0.5 then check.fail("%s: flip must be below 0.5, got %s", who, o.flip) end
  local odds = log_odds(who, o)
  local one = type(o.points) == "number" and check.value(who, "points", o.points, { type = "number", min = 0 })
  return each(one or points_of(who, o.points), function(D)
    local l = native.log_posterior(D, o.errors or o.flip * D, odds, o.flip)
    return l > 0 and 1 / (1 + math.exp(-l)) or math.exp(l) / (1 + math.exp(l)), l * log2
  end)
end

-- Contribution of each class along the labels, as a fraction, in the limit of many features: p_k (1 + (D-1) rho_k^2),
-- normalised to sum 1.
-- classes = {{fraction=|complexity=|count=, rho=}, ...}; returns a list in the same order.
function theory.shares(options)
  local who = "theory.shares"
  local o = check.options(who, options, { points = POINTS, classes = { type = "table", required = true } })
  local total, out, unit = 0, {}, nil
  for k, class in ipairs(o.classes) do
    local c = check.options(who .. ": classes[" .. k .. "]", class, { fraction = FRACTION, complexity = COMPLEXITY,
      count = { type = "number", min = 0 }, name = { type = "string" },
      rho = { type = "number", min = -1, max = 1, required = true } })
    local weight = c.count or c.fraction or c.complexity and 2.0 ^ -c.complexity
    if not weight then check.fail("%s: classes[%d] needs count, fraction or complexity", who, k) end
    local place = ("%s: classes[%d]"):format(who, k)
    alone(place, c, "count", "fraction", "complexity")
    alone(place, c, "fraction", "complexity")
    unit = unit or (c.count and "count" or "fraction")
    if (c.count and "count" or "fraction") ~= unit then
      check.fail("%s: give either counts or fractions of the pool; classes[1] has a %s, classes[%d] does not", who, unit, k)
    end
    out[k] = weight * (1 + (o.points - 1) * c.rho ^ 2)
    total = total + out[k]
  end
  if total <= 0 then check.fail("%s: every class is empty", who) end
  for k = 1, #out do out[k] = out[k] / total end
  return out
end

-- Variance of each initial weight, from the option start.
local function start_variance(who, start, count)
  if start == nil or start == "zero" or start == "antisymmetric" then return 0 end
  if start == "random" then return 1 / count end
  if type(start) == "number" and start >= 0 and start < huge then return start end
  check.fail("%s: start must be \"zero\", \"antisymmetric\", \"random\" or a variance, got %s", who, check.show(start))
end

local function draws_text(self)
  return string.format("limn.theory.sample: %d draws at %.15g points, %s", self.reps, self.points, self.law)
end

-- reps draws of (P, R, ...) from the finite-N laws; the cost of a draw does not depend on D and N. Options: count with
-- complexity, fraction or perfect, or classes = {{count=, rho=}, ...}; kind "gaussian" or "sign"; bias (the
-- variance of a constant feature) with imbalance (mean label); ridge; start "zero", "random" (variance 1/N)
-- or a variance. Returns arrays P, R, s, ratio, log2ratio, fluctuation (log of X over its degrees of
-- freedom), noise, offset (variances on a new point), accuracy, share (reps x classes); .law describes their
-- accuracy. nil, message if a very small ridge with D near N would take too long.
function theory.sample(options)
  local who = "theory.sample"
  local o = check.options(who, options, {
    points = POINTS, count = COUNT, complexity = COMPLEXITY, fraction = FRACTION, perfect = PERFECT,
    classes = { type = "table" }, kind = { type = "string", one_of = vocabulary.names "theory_kind", default = "gaussian" },
    bias = { type = "number", min = 0, default = 0 }, imbalance = { type = "number", min = -1, max = 1, default = 0 },
    ridge = { type = "number", min = 0, default = 0 }, start = { type = "any" },
    reps = { type = "integer", min = 1, default = 1000 }, seed = { type = "integer", default = 1 },
    point = { type = "integer", default = 0 } })
  local counts, rhos, names, total = {}, {}, {}, 0
  local partial = false
  if o.classes then
    alone(who, o, "classes", "count", "complexity", "fraction", "perfect")
    for k, class in ipairs(o.classes) do
      local c = check.options(who .. ": classes[" .. k .. "]", class, {
        count = { type = "number", min = 0, required = true },
        rho = { type = "number", min = -1, max = 1, required = true }, name = { type = "string" } })
      counts[k], rhos[k], names[k] = c.count, c.rho, c.name or ("class" .. k)
      total = total + c.count
      partial = partial or (c.rho ~= 0 and math.abs(c.rho) ~= 1)
    end
    if #counts == 0 then check.fail("%s: classes is empty", who) end
  else
    local perfect, random = pool(who, o)
    counts, rhos, names, total = { perfect, random }, { 1, 0 }, { "perfect", "random" }, perfect + random
  end
  local out, message = native.sample(o.kind, o.points, counts, rhos,
    { o.bias, o.imbalance, o.ridge, start_variance(who, o.start, total) }, o.seed, o.point, o.reps)
  if not out then return nil, message end
  out.points, out.count, out.reps, out.names = o.points, total, o.reps, names
  out.exact = o.kind == "gaussian" and not partial
  out.law = out.exact and "exact for Gaussian features"
    or partial and "noncentral chi-squares, relative error O(1/(N - D))"
    or "sign features, mean of s right to relative O(D/N^2), variance to O(1/N)"
  return setmetatable(out, { __tostring = draws_text, __name = "limn.theory.sample" })
end

-- Probability that the predicted sign on a new point is correct, and {margin=, noise=, offset=}: the mean output
-- per unit label and the two variances. s is set to its mean; limn.theory.sample draws from its law.
function theory.sign_accuracy(options)
  local who = "theory.sign_accuracy"
  local o = check.options(who, options, { points = POINTS,
    count = { type = "number", min = 1, default = huge, finite = false },
    complexity = COMPLEXITY, fraction = FRACTION, perfect = PERFECT, start = { type = "any" } })
  local margin, noise, offset
  if o.count == huge then
    if o.perfect then check.fail("%s: perfect requires count (the number of features)", who) end
    local r = math.exp(log_odds(who, o)) * o.points
    local p = o.fraction or 2.0 ^ -o.complexity
    margin, noise = r / (1 + r), 0
    offset = o.start == "random" and 1 - p or start_variance(who, o.start, 1) > 0 and huge or 0
    if r == huge then margin = 1 end
  else
    local m, n = pool(who, o)
    local D = o.points
    local sigma = start_variance(who, o.start, o.count)
    if n < D then
      margin, noise, offset = 1, 0, 0
    else
      local s = n > D + 1 and D / (n - D - 1) or D -- the mean, or the median's order where it diverges
      margin, noise = m * s / (1 + m * s), s / (1 + m * s) ^ 2
      offset = sigma * (n - D + (m + m * s) / (1 + m * s))
    end
  end
  local detail = { margin = margin, noise = noise, offset = offset }
  if noise + offset == 0 then return margin > 0 and 1.0 or 0.5, detail end
  return theory.normal_cdf(margin / math.sqrt(noise + offset)), detail
end

-- The standard normal distribution function.
function theory.normal_cdf(z)
  z = check.value("theory.normal_cdf", "z", z, { type = "number", required = true, finite = false })
  return native.normal_cdf(z)
end

-- Eigenlearning: the learnability of each eigenmode of a kernel from D points. Returns {kappa=, learnability=, total=,
-- bound=} and, with coefficients (of the target in each mode), also risk= and train= for label noise `noise`.
function theory.eigenlearning(options)
  local who = "theory.eigenlearning"
  local o = check.options(who, options, { eigenvalues = { type = "array", required = true },
    multiplicities = { type = "array" },
    coefficients = { type = "array" }, points = { type = "number", required = true },
    ridge = { type = "number", min = 0, default = 0 }, noise = { type = "number", min = 0, default = 0 } })
  for _, name in ipairs { "multiplicities", "coefficients" } do
    local list = o[name]
    for i = 1, list and #list or 0 do
      check.value(who, ("%s[%d]"):format(name, i), list[i], { type = "number", required = true })
    end
  end
  if options.noise ~= nil and not o.coefficients then
    check.fail("%s: noise requires coefficients; without them no risk is computed", who)
  end
  local kappa, l = native.learnability(o.eigenvalues, o.multiplicities, o.points, o.ridge)
  if o.coefficients and #o.coefficients ~= #l then
    check.fail("%s: coefficients has %d entries but eigenvalues has %d", who, #o.coefficients, #l)
  end
  local total, squares, modes, lost = 0, 0, 0, 0
  for i = 1, #l do
    local m = o.multiplicities and o.multiplicities[i] or 1
    total, squares = total + m * l[i], squares + m * l[i] ^ 2
    if l[i] > 0 then modes = modes + m end
    if o.coefficients then lost = lost + (1 - l[i]) ^ 2 * o.coefficients[i] ^ 2 end
  end
  local out = { kappa = kappa, learnability = l, total = total, bound = math.min(o.points, modes) }
  if o.coefficients then
    local over = o.points / (o.points - squares)
    out.risk = over * (lost + o.noise ^ 2)
    out.train = o.ridge > 0 and (o.ridge / (o.points * kappa)) ^ 2 * out.risk or 0
  end
  return out
end

-- Learning curves of kernel regression; see theory/learning.lua.
theory.learning_curve = require "limn.theory.learning"

-- Exact learning coefficients; see theory/singular.lua.
theory.learning_coefficient = require "limn.theory.singular"

-- Mean squared error of the toy model on new points as a function of D and N: the double-descent curve.
-- Returns the total and {bias2=, variance=}.
function theory.risk(options)
  local who = "theory.risk"
  local o = check.options(who, options, { points = POINTS, count = COUNT, random = PERFECT, perfect = PERFECT,
    complexity = COMPLEXITY, fraction = FRACTION })
  local perfect, random = o.perfect, o.random
  alone(who, o, "random", "count", "complexity", "fraction")
  if not random then perfect, random = pool(who, o) end
  local bias2, variance = native.risk(o.points, random, perfect or 0)
  return bias2 + variance, { bias2 = bias2, variance = variance }
end

return check.sealed("theory.", theory)
