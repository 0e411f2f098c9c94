---@meta limn.regress
-- regress.d.lua: the rules by which weights are chosen.

---Rules that choose weights w for $F w = y$. F is an array (D x N), a table of rows or a FeatureSet; y has D numbers
---(default the FeatureSet's labels). Of an F of dtype f32, minnorm, l1, lp and ridge drop singular values that are within
---the rounding of its entries (2.4e-7 of its Frobenius norm). Entries that were rounded to f32 and then stored in an f64
---array cannot be told from exact ones: give them as `F:copy "f32"`.
---@class limn.lib.regress
local regress = {}

---The weights of least L2 norm among those that fit best (least squares where none fits).
---Errors: nil, message when LAPACK does not converge; raises when labels and points differ in number.
---Source: $w = F^+ y$, the pseudo-inverse; rank by a rank-revealing factorisation (eq. 1).
---```lua
---local f = limn.features.toy { points = 8, count = 64, complexity = 3 }
---local fit = limn.regress.minnorm(f, f.labels)
---print(fit, fit.weights:norm())
---```
---@param features limn.array|table|limn.features D x N
---@param labels? limn.array|table D numbers (default features.labels)
---@return limn.fit
function regress.minnorm(features, labels) end

---@class limn.regress.ridge.options
---@field lambda number|table|limn.array the penalty, or a list: a path from one factorisation

---Minimises $|y - F w|^2 + lambda |w|^2$; lambda = 0 is minnorm.
---Errors: raises for a negative lambda or an empty list.
---Source: Hoerl and Kennard 1970; leave-one-out error (Allen 1974) and generalised cross-validation (Golub, Heath and
---Wahba 1979) in closed form (eq. 4).
---```lua
---local X, y = limn.rng.stream(1):normal(20, 3), limn.rng.stream(2):normal(20)
---local path = limn.regress.ridge(X, y, { lambda = { 0.01, 0.1, 1 } })
---print(path, path[path.best].loo)
---```
---@param features limn.array|table|limn.features D x N
---@param labels? limn.array|table D numbers (default features.labels)
---@param options limn.regress.ridge.options
---@return limn.fit|limn.path fit with .lambda, .loo (mean squared leave-one-out error) and .gcv (its rotation-invariant form, a mean too)
function regress.ridge(features, labels, options) end

---@class limn.regress.lp.options
---@field norm number above 1; math.huge for the maximum norm

---The weights of least $|w|_p$ that fit.
---Errors: nil, message and the best iterate when it does not converge; raises when norm is 1 or less.
---Source: $w = sign(t) |t|^{q-1}$ with $t = F' dual$, $1/p + 1/q = 1$; Newton's method on the dual for p <= 2, above it
---a primal-dual interior-point method; the gap is certified (eq. 6).
---```lua
---local f = limn.features.toy { points = 6, count = 40, perfect = 2 }
---print(limn.regress.lp(f, f.labels, { norm = 1.5 }))
---```
---@param features limn.array|table|limn.features D x N
---@param labels? limn.array|table D numbers (default features.labels)
---@param options limn.regress.lp.options
---@return limn.fit with .gap (relative duality gap) and .p
function regress.lp(features, labels, options) end

---The weights of least $|w|_1$ that fit; if they are not unique, those of least $|w|_2$.
---Errors: nil, message and the best iterate when it does not converge.
---Source: basis pursuit (Chen, Donoho and Saunders 1998) by an interior-point method with column generation; the dual
---has $|F' dual| <= 1$ (eq. 7).
---```lua
---local f = limn.features.toy { points = 6, count = 40, perfect = 2 }
---print(limn.regress.l1(f, f.labels).norm)
---```
---@param features limn.array|table|limn.features D x N
---@param labels? limn.array|table D numbers (default features.labels)
---@return limn.fit with .gap and .degenerate (dimension of the set of optima)
function regress.l1(features, labels) end

---@class limn.regress.lasso.options
---@field lambda? number|table the penalty, or a list of them; give one of lambda and path
---@field path? integer number of penalties, in geometric progression from the smallest for which all weights are 0
---@field ratio? number last penalty of a path over its first (default 1e-3)

---Minimises $|y - F w|^2 / 2 + lambda |w|_1$.
---Errors: nil, message and the best iterates when it does not converge; raises unless one of lambda and path is given.
---Source: Tibshirani 1996; an active-set method, exact on the active columns (eq. 7).
---```lua
---local X, y = limn.rng.stream(1):normal(20, 5), limn.rng.stream(2):normal(20)
---print(limn.regress.lasso(X, y, { path = 10 }))
---```
---@param features limn.array|table|limn.features D x N
---@param labels? limn.array|table D numbers (default features.labels)
---@param options limn.regress.lasso.options
---@return limn.fit|limn.path
function regress.lasso(features, labels, options) end

---@class limn.regress.gd.options
---@field optimizer? limn.words.descent (default "gd"; "momentum" or "sgd" if momentum or batch is given)
---@field rate? number step size (default: a stable one)
---@field steps? integer number of steps; without tol it is exact, else a maximum (default 100000)
---@field tol? number stop when $|y - F w| <= tol |y|$ (default 1e-8 when no steps are given)
---@field momentum? number (default 0.9 for optimizer "momentum")
---@field batch? integer points per step of optimizer "sgd" (default 1)
---@field start? string|table|limn.array "zero", N weights, or {scale=s}: normal with standard deviation s (default "zero")
---@field antisymmetric? boolean subtract the initial function, so that training starts at 0 (default false)
---@field record? integer record the path every this many steps (default steps/200)
---@field seed? integer (default 1)

---Gradient descent on $|y - F w|^2 / 2$ from initial weights. path.P and path.R are the lengths of the contributions of
---the classes "perfect" and "random", as in contrib.analyse: a constant feature (bias=true) belongs to neither.
---Errors: nil, message and the best fit when tol is not reached; raises for incompatible options.
---Source: gradient descent from 0 converges to minnorm; flow_* columns are gradient flow in closed form (eq. 5).
---```lua
---local f = limn.features.toy { points = 6, count = 64, complexity = 3 }
---local fit = limn.regress.gd(f, f.labels, { steps = 200 })
---print(fit, fit.path.loss[1], fit.path.loss[#fit.path.loss])
---```
---@param features limn.array|table|limn.features D x N
---@param labels? limn.array|table D numbers (default features.labels)
---@param options? limn.regress.gd.options
---@return limn.fit with .rate and .path (arrays step, time, loss, P, R, distance, flow_loss, flow_P, flow_R)
function regress.gd(features, labels, options) end

---@class limn.regress.bayes.options
---@field flip? number rate at which labels are wrong, below 0.5 (default 0)
---@field prior? limn.array|table N numbers (default uniform)

---The posterior over the columns as hypotheses: the output of column j is 1 where its entry is positive, else -1.
---Errors: nil, message when no hypothesis fits; raises for flip outside 0 .. 0.5.
---Source: Bayes' rule (eq. 17).
---```lua
---local f = limn.features.toy { points = 6, count = 64, complexity = 3 }
---print(limn.regress.bayes(f, f.labels).classes.perfect)
---```
---@param features limn.array|table|limn.features D x N
---@param labels? limn.array|table D numbers (default features.labels)
---@param options? limn.regress.bayes.options
---@return limn.posterior
function regress.bayes(features, labels, options) end

---The weights that a rule chose.
---@class limn.fit
---@field rule string which rule
---@field points integer D
---@field count integer N
---@field weights limn.array|nil N numbers; nil where they were not computed (see weights_of)
---@field dual limn.array|nil D numbers with $w = F' dual$ (L2 rules)
---@field rank integer|nil numerical rank of F; nil where ridge does not compute it: for one lambda that is not below the smallest eigenvalue of $F F'$
---@field rcond number|nil reciprocal condition number of the factorised matrix; nil for rules that factorise none
---@field residual number $|y - F w|$
---@field norm number norm of the weights
---@field method string how it was computed
---@field iterations integer
---@field interpolates boolean whether $F w = y$ to rounding
---@field warning string|nil
local fit = {}

---Weights first .. last, also of a fit that does not store its weights.
---Errors: raises when they are outside 1 .. count or the fit has neither weights nor a dual.
---```lua
---local f = limn.features.toy { points = 6, count = 64, complexity = 3 }
---print(limn.regress.minnorm(f, f.labels):weights_of(1, 4))
---```
---@param first integer
---@param last integer
---@return limn.array
function fit:weights_of(first, last) end

---The predictions of the fit at new points.
---Errors: raises when the rows have another number of columns.
---```lua
---local fit = limn.regress.minnorm({ { 1, 0 }, { 0, 1 } }, { 1, -1 })
---print(fit:predict { { 1, 1 } })
---```
---@param features limn.array|table|limn.features m x N
---@return limn.array m numbers
function fit:predict(features) end

---Several fits of one rule, in the order of their penalties: path[i] is a fit.
---@class limn.path
---@field rule string
---@field lambda table the penalties
---@field loo limn.array|nil leave-one-out errors (ridge)
---@field gcv limn.array|nil (ridge)
---@field best integer|nil the index of the least loo (ridge)
local path = {}

---A posterior over hypotheses.
---@class limn.posterior
---@field weights limn.array|nil posterior masses; nil beyond 2^24 hypotheses
---@field classes table mass of each class by name
---@field names string[]
---@field log_evidence number natural logarithm
---@field entropy number in nats
---@field consistent integer number of hypotheses that fit
---@field fewest integer least number of mismatches
local posterior = {}

---The posterior mean of the outputs of the hypotheses at new points, in [-1, 1].
---Errors: raises when the rows have another number of columns, or the masses were not stored.
---```lua
---local p = limn.regress.bayes({ { 1, -1, 1 }, { -1, -1, 1 } }, { 1, -1 })
---print(p:predict { { 1, 1, 1 } })
---```
---@param features limn.array|table|limn.features m x N
---@return limn.array m numbers
function posterior:predict(features) end

return regress
