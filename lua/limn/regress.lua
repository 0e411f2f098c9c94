-- limn/regress.lua: the rules by which weights are chosen: options, defaults, the Fit object.
-- The numerics are in src/num/regress_*.c; limn/regress.h says what each rule promises.

local native = require("limn.native").regress
local check = require "limn.check"

local regress = {}

local KEEP = 2 ^ 24 -- weights of a FeatureSet longer than this stay implicit (w = F' dual)
local SMALL = 2 ^ 22 -- entries of a FeatureSet for which weights are filled at once

-- ---- the Fit object ----

local Fit = {}

-- `.weights` of a FeatureSet is made from the dual when it is first asked for.
local function lookup(self, key)
  if key == "weights" then
    local features, dual = rawget(self, "features"), rawget(self, "dual")
    if not features or not dual or self.count > KEEP then return nil end
    local w = native.weights(features, dual, 1, self.count, rawget(self, "power"))
    rawset(self, "weights", w)
    return w
  end
  return Fit[key]
end

local meta = { __index = lookup, __name = "limn.fit" }

function meta.__tostring(self)
  local rule = self.rule .. (self.p and " (norm " .. self.p .. ")" or "")
  return string.format("limn.fit %s: %d points, %d features, rank %d, |w| = %.6g, residual %.3g%s", rule, self.points,
    self.count, self.rank, self.norm, self.residual, self.warning and " (warning)" or "")
end

local function whole(who, name, value, low, high)
  return check.value(who, name, value, { type = "integer", required = true, min = low, max = high })
end

-- Weights first .. last (counted from 1, both included), whatever the length of the FeatureSet.
function Fit:weights_of(first, last)
  first = whole("weights_of", "first", first, 1, self.count)
  last = whole("weights_of", "last", last, first, self.count)
  local w = rawget(self, "weights")
  if w then return w:slice(first, last) end
  if not self.dual then check.fail("weights_of: this fit keeps no weights and has no dual") end
  return native.weights(self.features, self.dual, first, last - first + 1, rawget(self, "power"))
end

-- What the fit says about new points: rows of `features` (an array, a table, or a FeatureSet).
function Fit:predict(features)
  if features == nil then check.fail("predict: features is missing (expected rows of %d numbers)", self.count) end
  local w = rawget(self, "weights")
  if w then return native.predict(features, self.count, w) end
  if not self.dual then check.fail("predict: this fit keeps no weights and has no dual") end
  return native.predict(features, self.count, nil, self.features, self.dual, rawget(self, "power"))
end

-- Turns the native table into a Fit.
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
  return native.is_features(features) and features.points * features.count <= SMALL
end

-- ---- the rules ----

-- The shortest weights (L2) among those that fit best. It takes no options: nothing is left to choose.
function regress.minnorm(features, labels, options)
  labels = labels_of("minnorm", features, labels)
  check.options("minnorm", options, {})
  local fields, message = native.minnorm(features, labels, small(features))
  if not fields then return nil, message end
  return finish(fields, "minnorm", features)
end

-- A rule that may fail to converge: nil, message and the best iterate as a Fit.
local function settle(rule, features, fields, message, best)
  if fields then return finish(fields, rule, features) end
  return nil, message, best and finish(best, rule, features)
end

-- The weights of least |w|_p that fit: lp(X, y, {norm = 1.5}); norm > 1, math.huge included.
-- Fields beside those of every fit: gap (certified: relative duality gap), norm (the p-norm).
function regress.lp(features, labels, options)
  labels = labels_of("lp", features, labels)
  local o = check.options("lp", options, {
    norm = { type = "number", required = true, finite = false,
      help = "a number above 1; math.huge for the maximum norm" },
  })
  if o.norm <= 1 then
    check.fail("lp: norm must be above 1, got %s%s", o.norm, o.norm == 1 and " (for norm 1 use regress.l1)" or "")
  end
  local fields, message, best = native.lp(features, labels, o.norm, small(features))
  local f = fields or best
  if f then
    f.p = o.norm
    f.power = o.norm < math.huge and 1 / (o.norm - 1) or nil -- w = sign(t)|t|^power, t = F' dual
  end
  return settle("lp", features, fields, message, best)
end

-- The weights of least |w|_1 that fit; among equals those of least |w|_2. It takes no options.
-- Fields beside those of every fit: gap, degenerate (dimension of the set of optima), dual (|F' dual| <= 1).
function regress.l1(features, labels, options)
  labels = labels_of("l1", features, labels)
  check.options("l1", options, {})
  return settle("l1", features, native.l1(features, labels))
end

return regress
