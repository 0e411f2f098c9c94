-- limn/theory/learning.lua: learning curves of kernel regression from the spectrum of the kernel (eigenlearning).

local native = require("limn.native")
local check = require "limn.base.check"

local zeros = native.array.zeros

local Curve = { __name = "limn.theory.curve" }
Curve.__index = Curve

function Curve:__tostring()
  local n = #self.points
  return ("limn.theory.curve: %d modes in %d spaces, test error %.4g at D = %g%s"):format(self.modes, #self.eigenvalues,
    self.test[1], self.points[1], n > 1 and (", %.4g at D = %g"):format(self.test[n], self.points[n]) or "")
end

local function list_of(who, name, value, least)
  value = check.array(who, name, value)
  if #{ value:shape() } ~= 1 or #value == 0 then check.fail("%s: %s must be a list of numbers", who, name) end
  for i = 1, #value do
    check.value(who, ("%s[%d]"):format(name, i), value[i], { type = "number", required = true, min = least })
  end
  return value
end

-- The eigenvalues, multiplicities, the trace of modes that are not listed, and the target's coefficients.
local function modes_of(who, o)
  local s, values, times, rest = o.spectrum, nil, nil, 0
  if (o.target == nil) == (o.coefficients == nil) then
    check.fail("%s: give either target or coefficients (one per eigenvalue)", who)
  end
  if check.typename(s) == "limn.kernel.spectrum" then
    values, times, rest = s.eigenvalues, s.multiplicities, s.rest
    if o.target ~= nil then return values, times, rest, s:target(o.target) end
  elseif type(s) == "table" then
    if o.target ~= nil then check.fail("%s: target requires a limn.kernel.spectrum; give coefficients", who) end
    local given = check.options(who .. ": spectrum", s, { eigenvalues = { type = "array", required = true },
      multiplicities = { type = "array" }, rest = { type = "number", min = 0, default = 0 } })
    values = list_of(who, "spectrum.eigenvalues", given.eigenvalues, 0)
    times, rest = given.multiplicities, given.rest
    times = times and list_of(who, "spectrum.multiplicities", times, 0) or zeros(#values) + 1
    if #times ~= #values then
      check.fail("%s: spectrum.multiplicities has %d entries but eigenvalues has %d", who, #times, #values)
    end
  else
    check.fail("%s: spectrum must be a limn.kernel.spectrum or a table {eigenvalues=, multiplicities=}, got %s", who, check.show(s))
  end
  local c = list_of(who, "coefficients", o.coefficients)
  if #c ~= #values then check.fail("%s: coefficients has %d entries but the spectrum has %d", who, #c, #values) end
  return values, times, rest, c
end

-- One point of the curve: eq. 26 with the trace of the modes that are not listed added to the ridge.
local function at(D, o, values, times, ridge, c)
  local kappa, l = native.theory.learnability(values, times, D, ridge)
  local squares, total = (times * l ^ 2):sum(), (times * l):sum()
  local lost, power = ((1 - l) ^ 2 * c ^ 2):sum(), (l ^ 2 * c ^ 2):sum()
  local over = D > squares and D / (D - squares) or math.huge
  local risk = over * (lost + o.noise ^ 2)
  if kappa == 0 and lost + o.noise ^ 2 < 1e-24 then risk = 0.0 end -- every mode is known, without noise
  local variance = math.max(0, risk - o.noise ^ 2 - lost)
  return { kappa = kappa, learnability = l, risk = risk, test = math.max(0, risk - o.noise ^ 2), bias2 = lost, variance = variance,
    total = total + (kappa > 0 and ridge / kappa or 0), learned = (l * c ^ 2):sum(), power = power,
    train = kappa > 0 and o.ridge > 0 and (o.ridge / (D * kappa)) ^ 2 * risk or 0.0 }
end

local COLUMNS = { "kappa", "risk", "test", "bias2", "variance", "total", "train" }

-- learning_curve{spectrum=, target=|coefficients=, points=, noise=0, ridge=0} -> arrays by number of points: test (mean squared
-- error against the target), its parts bias2 and variance, risk (against noisy labels), train, kappa, total (conservation:
-- the number of points, or of modes), learnability (points x spaces), and accuracy for a target of -1 and 1 in one space.
local function learning_curve(options)
  local who = "theory.learning_curve"
  local o = check.options(who, options, { spectrum = { type = "any", required = true }, target = { type = "any" },
    coefficients = { type = "array" }, points = { type = "any", required = true, help = "the numbers of data points" },
    noise = { type = "number", min = 0, default = 0 }, ridge = { type = "number", min = 0, default = 0 } })
  local values, times, rest, c = modes_of(who, o)
  local points = type(o.points) == "number" and { o.points } or o.points
  points = list_of(who, "points", points, 0)
  local self = { points = points, eigenvalues = values, multiplicities = times, coefficients = c, ridge = o.ridge + rest,
    modes = times:sum(), learnability = zeros(#points, #values), accuracy = zeros(#points) }
  for _, name in ipairs(COLUMNS) do self[name] = zeros(#points) end
  local spaces = c:ne(0):sum()
  for i = 1, #points do
    local D = points[i]
    if D <= 0 then check.fail("%s: points[%d] must be above 0, got %g", who, i, D) end
    local p = at(D, o, values, times, self.ridge, c)
    for _, name in ipairs(COLUMNS) do self[name]:set(i, p[name]) end
    for k = 1, #values do self.learnability:set(i, k, p.learnability[k]) end
    local z = p.variance > 0 and p.learned / math.sqrt(p.variance) or p.learned > 0 and math.huge or 0
    self.accuracy:set(i, z == math.huge and 1 or native.theory.normal_cdf(z))
  end
  if spaces ~= 1 then self.accuracy = nil end
  return setmetatable(self, Curve)
end

return learning_curve
