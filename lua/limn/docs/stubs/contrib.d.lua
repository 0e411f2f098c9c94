---@meta limn.contrib
-- contrib.d.lua: contributions of classes of features to a fit.

---Contributions of classes of features to a fit.
---@class limn.lib.contrib
local contrib = {}

---@class limn.contrib.options
---@field participation? boolean also compute (sum w^2)^2 / sum w^4 (default: true if the fit has its weights)

---The contribution of every class: the vector F_k w_k at the data points, its length, its components along and
---orthogonal to the labels, and the sum of squared weights. P and R are lengths; P + R = |L| only for minimum-norm interpolants
---with perfect and random classes and no constant feature.
---Errors: raises when features is not a FeatureSet, or fit has neither weights nor a dual.
---Source: P = |F_perfect w_perfect|, R = |F_random w_random| (eq. 2, 3, 8).
---```lua
---local f = limn.features.toy { points = 16, count = 4096, complexity = 4 }
---local parts = limn.contrib.analyse(f, limn.regress.minnorm(f, f.labels))
---print(parts.P, parts.R, parts.ratio, parts.classes.perfect.along)
---```
---@param features limn.features
---@param fit limn.fit
---@param options? limn.contrib.options
---@return limn.contributions
function contrib.analyse(features, fit, options) end

---The contributions of the classes of features.
---@class limn.contributions
---@field classes table by name: {length, along, across, weight_sq, weight_abs, count, least, most}
---@field names string[] the classes in order
---@field P number|nil length of the class "perfect"
---@field R number|nil length of the class "random" (else "other")
---@field ratio number|nil P / R
---@field effective number $exp(-sum v ln v)$ with $v = w^2 / sum w^2$, the effective number of features
---@field participation number|nil $(sum w^2)^2 / sum w^4$
local contributions = {}

---The contribution of each class at new points.
---Errors: raises when the new points have another number of columns.
---```lua
---local f = limn.features.from(limn.eye(2), { classes = { perfect = { 1, 1 }, random = { 2, 2 } }, labels = { 1, -1 } })
---local parts = limn.contrib.analyse(f, limn.regress.minnorm(f, f.labels))
---print(parts.at({ { 1, 1 } }).total)
---```
---@param features limn.array|table|limn.features m x N
---@return table name = m numbers, total = m numbers
function contributions.at(features) end

return contrib
