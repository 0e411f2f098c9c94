-- limn/regress.lua: learning rules for linear models: options, defaults, the Fit object.
-- The numerics are in src/num/regress; limn/regress.h has the contract of each rule.

local native = require("limn.native").regress
local check = require "limn.base.check"
local vocabulary = require "limn.base.vocabulary"

local regress = {}

local MOST_WEIGHTS = 2 ^ 24 -- with more features than this weights are not stored; w = F' dual
local EAGER_ENTRIES = 2 ^ 22 -- FeatureSets of up to this many entries have their weights computed with the fit

-- ---- the Fit object ----

local Fit = {}

-- For a FeatureSet `.weights` is computed from the dual on first access.
local function lookup(self, key)
  if key == "weights" then
    local features, dual = rawget(self, "features"), rawget(self, "dual")
    if not features or not dual or self.count > MOST_WEIGHTS then return nil end
    local w = native.weights(features, dual, 1, self.count, rawget(self, "power"))
    rawset(self, "weights", w)
    return w
  end
  return Fit[key]
end

local meta = { __index = lookup, __name = "limn.fit" }

function meta.__tostring(self)
  local rule = self.rule .. (self.p and " (norm " .. self.p .. ")" or "")
  return string.format("limn.fit %s: %d points, %d features%s, |w| = %.6g, residual %.3g%s", rule, self.points,
    self.count, self.rank and (", rank %d"):format(self.rank) or "", self.norm, self.residual, self.warning and " (warning)" or "")
end

local function whole(who, name, value, low, high)
  return check.value(who, name, value, { type = "integer", required = true, min = low, max = high })
end

-- Weights first .. last (from 1, inclusive), also where the FeatureSet is too long for `.weights`.
function Fit:weights_of(first, last)
  check.self("fit:weights_of", self, "limn.fit")
  first = whole("fit:weights_of", "first", first, 1, self.count)
  last = whole("fit:weights_of", "last", last, first, self.count)
  local w = rawget(self, "weights")
  if w then return w:slice(first, last) end
  if not self.dual then check.fail("fit:weights_of: this fit has neither weights nor dual; use fewer features") end
  return native.weights(self.features, self.dual, first, last - first + 1, rawget(self, "power"))
end

-- The outputs of the fit at new points, the rows of `features` (an array, a table, or a FeatureSet).
function Fit:predict(features)
  check.self("fit:predict", self, "limn.fit")
  if features == nil then check.fail("fit:predict: features is missing (expected rows of %d numbers)", self.count) end
  local w = rawget(self, "weights")
  if w then return native.predict(features, self.count, w) end
  if not self.dual then check.fail("fit:predict: this fit has neither weights nor dual; use fewer features") end
  return native.predict(features, self.count, nil, self.features, self.dual, rawget(self, "power"))
end

-- Turns the table that C returns into a Fit.
local function finish(fields, rule, features)
  if native.is_features(features) then fields.features = features end
  fields.rule = rule
  return setmetatable(fields, meta)
end

-- The labels: given, or those of the FeatureSet.
local function labels_of(who, features, labels)
  if labels ~= nil then return labels end
  if features == nil then check.fail("%s: features is missing (expected an array, a table or a FeatureSet)", who) end
  labels = native.is_features(features) and features.labels or nil
  if labels == nil then check.fail("%s: labels is missing (expected an array or a table of numbers)", who) end
  return labels
end

local function small(features)
  return native.is_features(features) and features.points * features.count <= EAGER_ENTRIES
end

-- ---- the rules ----

-- The least-squares weights of smallest L2 norm. Has no options.
function regress.minnorm(features, labels, options)
  labels = labels_of("regress.minnorm", features, labels)
  check.options("regress.minnorm", options, {})
  local fields, message = native.minnorm(features, labels, small(features))
  if not fields then return nil, message end
  return finish(fields, "minnorm", features)
end

-- The result of an iterative rule: a Fit; or, without convergence, nil, message and the best iterate as a Fit.
local function settle(rule, features, fields, message, best)
  if fields then return finish(fields, rule, features) end
  return nil, message, best and finish(best, rule, features)
end

-- The interpolating weights of smallest |w|_p: lp(X, y, {norm = 1.5}); norm > 1, including math.huge.
-- Additional fields: gap (the relative duality gap, a certificate), norm (the p-norm).
function regress.lp(features, labels, options)
  labels = labels_of("regress.lp", features, labels)
  local o = check.options("regress.lp", options, {
    norm = { type = "number", required = true, finite = false,
      help = "a number above 1; math.huge for the maximum norm" },
  })
  if o.norm <= 1 then
    check.fail("regress.lp: norm must be above 1, got %s%s", o.norm, o.norm == 1 and " (for norm 1 use regress.l1)" or "")
  end
  -- for norm > 2 computing the weights from the dual amplifies rounding errors: the weights are stored
  local keep = native.is_features(features)
    and features.count <= (o.norm > 2 and MOST_WEIGHTS or EAGER_ENTRIES / features.points)
  local fields, message, best = native.lp(features, labels, o.norm, keep)
  local f = fields or best
  if f then
    f.p = o.norm
    local units = f.norm ^ (o.norm - 1) -- w = sign(t)|t|^power, t = F' dual, if this scale of the dual is in range
    f.power = units > 1e-300 and units < 1e300 and 1 / (o.norm - 1) or nil
  end
  return settle("lp", features, fields, message, best)
end

-- The interpolating weights of smallest |w|_1; if several are optimal, the one of smallest |w|_2. Has no options.
-- Additional fields: gap, degenerate (dimension of the set of optima), dual (|F' dual| <= 1).
function regress.l1(features, labels, options)
  labels = labels_of("regress.l1", features, labels)
  check.options("regress.l1", options, {})
  return settle("l1", features, native.l1(features, labels))
end

-- ---- rules with a list of penalties ----

-- Several fits of one rule, in the order of their penalties: path[i] is a Fit.
local pathmeta = { __name = "limn.path" }
pathmeta.__index = pathmeta

function pathmeta.__tostring(self)
  local from, to = self[1].lambda, self[#self].lambda
  return string.format("limn.path %s: %d fits, lambda %.4g .. %.4g", self.rule, #self, from, to)
end

-- The penalties as a list, and whether a single number was given.
local function penalties(who, lambda, least)
  if type(lambda) == "number" then
    check.value(who, "lambda", lambda, { type = "number" })
    lambda = { lambda }
  else
    check.value(who, "lambda", lambda, { type = "array", required = true, help = "a number or a list of numbers" })
    if #lambda == 0 then check.fail("%s: lambda must have at least 1 entry, got 0", who) end
    lambda = type(lambda) == "table" and lambda or lambda:totable()
    for i, v in ipairs(lambda) do check.value(who, string.format("entry %d of lambda", i), v, { type = "number" }) end
    return lambda, false
  end
  if lambda[1] < least then check.fail("%s: lambda must be at least %s, got %s", who, least, lambda[1]) end
  return lambda, true
end

local function finish_all(rule, features, fits)
  for i = 1, #fits do finish(fits[i], rule, features) end
  return fits
end

-- ridge(X, y, {lambda = number}) -> Fit; {lambda = list} -> path of Fits, from one factorisation.
-- Minimises |y - F w|^2 + lambda |w|^2; lambda = 0 is minnorm. Each Fit has .lambda, .loo (mean squared
-- leave-one-out error) and .gcv; a path has them as arrays, and .best, the index of the smallest .loo.
function regress.ridge(features, labels, options)
  labels = labels_of("regress.ridge", features, labels)
  local o = check.options("regress.ridge", options, { lambda = { type = "any", required = true, help = "a number or a list" } })
  local lambda, single = penalties("regress.ridge", o.lambda, 0)
  local fits, loo, gcv = native.ridge(features, labels, lambda, small(features))
  if not fits then return nil, loo end
  finish_all("ridge", features, fits)
  local a, b = loo:totable(), gcv:totable()
  for i, fit in ipairs(fits) do fit.loo, fit.gcv = a[i], b[i] end
  if single then return fits[1] end
  fits.rule, fits.loo, fits.gcv, fits.lambda, fits.best = "ridge", loo, gcv, lambda, 1
  for i = 2, #a do if a[i] < a[fits.best] then fits.best = i end end
  return setmetatable(fits, pathmeta)
end

-- lasso(X, y, {lambda = number}) -> Fit; {lambda = list} or {path = n [, ratio = 1e-3]} -> path of Fits.
-- Minimises |y - F w|^2 / 2 + lambda |w|_1. path = n: n penalties in geometric progression, from the smallest one at
-- which all weights are 0 down to ratio times that. A Fit's .rank is its number of distinct columns of nonzero weight.
function regress.lasso(features, labels, options)
  labels = labels_of("regress.lasso", features, labels)
  local o = check.options("regress.lasso", options, {
    lambda = { type = "any" },
    path = { type = "integer", min = 2, max = 10000 },
    ratio = { type = "number", default = 1e-3 },
  })
  if (o.lambda == nil) == (o.path == nil) then
    check.fail("regress.lasso: give one of lambda and path, got %s", o.path and "both" or "neither")
  end
  if o.ratio <= 0 or o.ratio >= 1 then check.fail("regress.lasso: ratio must lie between 0 and 1, got %s", o.ratio) end
  local lambda, single
  if o.path then
    local top = native.greatest(features, labels)
    if top == 0 then check.fail("regress.lasso: every feature is orthogonal to the labels, so there is no path") end
    lambda = {}
    for i = 1, o.path do lambda[i] = top * o.ratio ^ ((i - 1) / (o.path - 1)) end
  else
    lambda, single = penalties("regress.lasso", o.lambda, 0)
  end
  local fits, message, best = native.lasso(features, labels, lambda)
  local all = finish_all("lasso", features, fits or best)
  all.rule, all.lambda = "lasso", lambda
  local result = single and all[1] or setmetatable(all, pathmeta)
  if fits then return result end
  return nil, message, result
end

-- ---- gradient descent ----

local gd_rules = {
  optimizer = { type = "string", was = "rule", default = nil, one_of = vocabulary.names "descent" },
  rate = { type = "number" },
  steps = { type = "integer", min = 0, max = 2 ^ 40 },
  tol = { type = "number", min = 0 },
  momentum = { type = "number" },
  batch = { type = "integer", min = 1 },
  start = { type = "any", default = "zero" },
  antisymmetric = { type = "boolean", default = false },
  record = { type = "integer", min = 1 },
  seed = { type = "integer", default = 1, min = 0 },
}

local COLUMNS = { "step", "time", "loss", "P", "R", "distance", "flow_loss", "flow_P", "flow_R" }

-- gd(X, y, {optimizer=, rate=, steps=, tol=, momentum=, batch=, start=, antisymmetric=, record=, seed=})
-- Minimises |y - F w|^2/2. optimizer: "gd" (full batch), "momentum", "sgd" (with batch=), "adam", "sign"; the default
-- is "sgd" with batch=, "momentum" with momentum=, else "gd". start: "zero", an array of weights, or {scale = s}
-- (normal, s.d. s). With steps only, that many steps are made. tol: stop at |y - F w| <= tol |y| (default 1e-8 without
-- steps); if this is not reached, returns nil, message and the best fit. record: steps between records of the path.
-- -> Fit with .rate and .path: arrays step, time, loss, P, R, distance (to minnorm), and flow_loss, flow_P, flow_R:
-- gradient flow in closed form at the same times.
function regress.gd(features, labels, options)
  labels = labels_of("regress.gd", features, labels)
  local o = check.options("regress.gd", options, gd_rules)
  o.optimizer = o.optimizer or (o.batch and "sgd") or (o.momentum and "momentum") or "gd"
  if o.batch and o.optimizer ~= "sgd" then
    check.fail("regress.gd: batch requires optimizer=\"sgd\", got %q", o.optimizer)
  end
  if o.momentum and o.optimizer ~= "momentum" then
    check.fail("regress.gd: momentum requires optimizer=\"momentum\", got %q", o.optimizer)
  end
  if o.rate and o.rate <= 0 then check.fail("regress.gd: rate must be above 0, got %s", o.rate) end
  if o.optimizer == "momentum" then o.momentum = o.momentum or 0.9 end
  if o.optimizer == "sgd" then o.batch = o.batch or 1 end
  o.tol = o.tol or (o.steps and 0 or 1e-8)
  o.steps = o.steps or 100000
  o.record = o.record or math.max(1, o.steps // 200)
  local start
  if type(o.start) == "table" and o.start.scale ~= nil then
    local s = check.options("regress.gd: start", o.start, { scale = { type = "number", required = true } })
    if s.scale <= 0 then check.fail("regress.gd: start.scale must be above 0, got %s", s.scale) end
    o.scale = s.scale
  elseif o.start ~= "zero" then
    if type(o.start) == "string" then
      check.fail("regress.gd: start must be \"zero\", an array or {scale=}, got %q", o.start)
    end
    start = o.start
  end
  local fields, message, best = native.gd(features, labels, o, start, small(features))
  local fit = finish(fields or best, "gd", features)
  local rows = fit.path
  fit.path = {}
  for j, name in ipairs(COLUMNS) do fit.path[name] = rows:col(j) end
  fit.descent = o.optimizer
  if fields then return fit end
  return nil, message, fit
end

-- ---- Bayes ----

local Posterior = {}
local posterior = { __index = Posterior, __name = "limn.posterior" }

function posterior.__tostring(self)
  local parts = {}
  for _, class in ipairs(self.names) do parts[#parts + 1] = string.format("%s %.6g", class, self.classes[class]) end
  return string.format("limn.posterior: %d points, %d hypotheses, %d consistent, mass %s, entropy %.4g bits",
    self.points, self.count, self.consistent, table.concat(parts, ", "), self.entropy / math.log(2))
end

-- The posterior mean of the hypotheses' outputs at new points, in [-1, 1].
function Posterior:predict(features)
  check.self("posterior:predict", self, "limn.posterior")
  if features == nil then check.fail("posterior:predict: features is missing (expected rows of %d numbers)", self.count) end
  if not self.weights then
    check.fail("posterior:predict: the posterior of %d hypotheses is not stored (at most 2^24 are)", self.count)
  end
  if native.is_features(features) then
    if features.kind == "binary" then return native.predict(features, self.count, self.weights) * 2 - 1 end
    if features.kind == "sign" then return native.predict(features, self.count, self.weights) end
    features = features:dense()
  end
  local signs = native.signs(features)
  return native.predict(signs, self.count, self.weights)
end

-- bayes(X, y, {flip = 0, prior = nil}): the posterior over the columns as hypotheses. Hypothesis j predicts +1 where
-- column j is positive, else -1; labels are flipped with probability flip; prior: N numbers (default uniform).
-- -> .weights (posterior masses; nil beyond 2^24 hypotheses), .classes[name] mass, .log_evidence (natural log),
-- .entropy (nats), .consistent, .fewest (mismatches), predict(Xnew). No hypothesis fits: nil, message.
function regress.bayes(features, labels, options)
  labels = labels_of("regress.bayes", features, labels)
  local o = check.options("regress.bayes", options, {
    flip = { type = "number", default = 0 },
    prior = { type = "array" },
  })
  local isset = native.is_features(features)
  local keep = not isset or features.count <= MOST_WEIGHTS
  local out, message = native.bayes(features, labels, o.flip, o.prior, keep)
  if not out then return nil, message end
  out.rule, out.names, out.classes = "bayes", {}, {}
  local classes = isset and features.classes or { { name = "all" } }
  for k, class in ipairs(classes) do
    out.names[k] = class.name
    out.classes[class.name] = out.mass[k]
  end
  out.mass = nil
  return setmetatable(out, posterior)
end

check.sealed("fit:", Fit, "limn.fit")
check.sealed("posterior:", Posterior, "limn.posterior")
return check.sealed("regress.", regress)
