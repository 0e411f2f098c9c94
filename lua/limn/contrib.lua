-- limn/contrib.lua: the contribution of each class of features to a fit: P, R and further measures.

local native = require("limn.native").contrib
local check = require "limn.base.check"

local contrib = {}

local function text(self)
  local parts = {}
  for _, name in ipairs(self.names) do
    parts[#parts + 1] = string.format("%s %.6g", name, self.classes[name].length)
  end
  return string.format("limn.contrib: lengths %s; effective number of features %.4g", table.concat(parts, ", "),
    self.effective)
end

-- Rules whose weights are w = F'dual: the dual determines the fit, and the weights need not be computed.
local LINEAR = { minnorm = true, ridge = true }
local LEAST_DUAL = 1e-290 -- below it a dual has lost digits: it goes with 1/|F|^2
local SMALLEST <const> = 0x1p-1022 -- the smallest number with all digits

-- Which of dual and weights describes the fit.
local function solution(who, fit)
  if type(fit) ~= "table" then check.fail("%s: fit must be a fit of limn.regress, got %s", who, check.show(fit)) end
  local rule, dual = rawget(fit, "rule"), rawget(fit, "dual")
  if dual ~= nil and (LINEAR[rule] or (rule == nil and rawget(fit, "weights") == nil)) then
    if not LINEAR[rule] or fit.norm == 0 or dual:norm(math.huge) >= LEAST_DUAL then return dual, nil end
    if fit.weights ~= nil then return nil, fit.weights end
    check.fail("%s: the dual of the fit is below %g, where numbers lose their digits, and the fit stores no weights; "
      .. "scale the features down", who, LEAST_DUAL)
  end
  if fit.weights ~= nil then return nil, fit.weights end
  if dual == nil then check.fail("%s: fit has neither weights nor dual", who) end
  check.fail("%s: a fit by %s stores no weights for this many features, and they are not F'dual; use fewer features",
    who, tostring(rule))
end

-- Contributions of every class of `features` to `fit`: .classes[name] = {length, along, across,
-- weight_sq, weight_abs, count, least, most}; .P (class "perfect"), .R ("random", else "other"), .ratio,
-- .effective (exp of the entropy of w^2), .participation (with {participation = true}, or if the
-- fit stores its weights). :at(Xnew) gives the contribution of each class at new points.
function contrib.analyse(features, fit, options)
  local who = "contrib.analyse"
  local o = check.options(who, options, { participation = { type = "boolean", default = false } })
  if check.typename(features) ~= "limn.features" then
    check.fail("%s: features must be a FeatureSet (limn.features.from makes one of an array), got %s", who,
      check.show(features))
  end
  local dual, weights = solution(who, fit)
  if fit.count and fit.count ~= features.count then
    check.fail("%s: the fit has %d weights but features has %d columns", who, fit.count, features.count)
  end
  local list, effective, participation = native.analyse(features, dual, weights, o.participation)
  local self = { classes = {}, names = {}, effective = effective, participation = participation }
  for k, class in ipairs(list) do
    self.names[k] = class.name
    self.classes[class.name] = class
  end
  local most = 0
  for _, class in ipairs(list) do most = math.max(most, class.length) end
  if most < SMALLEST and (fit.norm or 0) > 0 then
    check.fail("%s: the contributions are below %.2g, where numbers lose their digits; scale the features up, or lambda down",
      who, SMALLEST)
  end
  local perfect, random = self.classes.perfect, self.classes.random or self.classes.other
  self.P, self.R = perfect and perfect.length, random and random.length
  if self.P and self.R then self.ratio = self.P / self.R end

  -- at(Xnew): an array (new points x features) or a FeatureSet with the same columns. Returns
  -- {name = vector per class, total = vector}.
  function self.at(first, ...)
    local new, more = first, select("#", ...)
    if first == self then new, more = (...), more - 1 end
    if more > 0 then check.surplus("contributions.at", 1, 1 + more) end
    if new == nil then check.fail("contributions.at: expected new points, got nil") end
    local all = native.at(features, dual, weights, new)
    local out = { total = all:sum(1) }
    for k, name in ipairs(self.names) do out[name] = all:row(k) end
    return out
  end
  return setmetatable(self, { __tostring = text, __name = "limn.contributions" })
end

return check.sealed("contrib.", contrib)
