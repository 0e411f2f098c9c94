---@meta limn.theory
-- theory.d.lua: predictions for the toy model.

---The laws of the toy model: D points, a fraction $p = 2^{-C}$ of perfect features of complexity C. P and R are components
---along the labels; for minimum-norm interpolants without a constant feature they are also limn.contrib's lengths, but with a
---ridge or a constant feature contrib's R is longer (its .along is the R of the laws). Options give either complexity or
---fraction; m perfect and n random features.
---@class limn.lib.theory
local theory = {}

---@class limn.theory.pool.options
---@field complexity? number C in bits, above 0
---@field fraction? number p, inside 0 .. 1

---@class limn.theory.ratio.options: limn.theory.pool.options
---@field points number|table|limn.array D, or a list
---@field norm? number of the weights, 1 .. math.huge (default 2)
---@field count? number N: the mean over Gaussian random features, norm 2 only (default: the limit of large N)
---@field perfect? integer the number of perfect features, with count

---P/R, and its base-2 logarithm (which does not overflow). Without count: the limit of N far above D, any norm. With count: the
---mean over normal random features, for n > D + 1 (infinite at D and D + 1, and below D, where R = 0); for features of -1 and 1 it
---is lower by a relative 2/n. 0 without perfect features.
---Errors: raises unless one of complexity and fraction is given, and for a norm below 1.
---Source: $P/R = p/(1-p) D^q / E|S_D|^q$, $S_D$ a sum of D fair signs; with count $m D/(n - D - 1)$ (eq. 9, 15).
---```lua
---print(limn.theory.ratio { points = 63, complexity = 6 })
---```
---@param options limn.theory.ratio.options
---@return number|limn.array
---@return number|limn.array log2
function theory.ratio(options) end

---@class limn.theory.crossover.options: limn.theory.pool.options
---@field norm? number of the weights, 1 .. math.huge (default 2)
---@field rule? string "norm" (P/R >= 1) or "bayes" (posterior odds >= 1) (default "norm")
---@field flip? number rate of wrong labels, below 0.5; rule "bayes" only (default 0)
---@field count? number N, norm 2 only (default: the limit of large N)
---@field perfect? integer the number of perfect features, with count

---The smallest integer D at which the weight of the perfect features, or of the true hypothesis, is at least that of
---all others, in the limit of many features unless count is given.
---Errors: nil, message when D exceeds the range of numbers and for count with perfect = 0; raises for incompatible options.
---Source: $D = 2^C - 1$ for norm 2, C + 1 for norm 1, C for Bayes' rule, all for whole C of at least 2; in general
---$ceil((1-p)/p)$, $ceil(1 + log_2 ((1-p)/p))$ and $ceil(log_2 ((1-p)/p) / (1 - H))$, H the entropy of a flip in bits; with count
---$ceil((n-1)/(m+1))$ (eq. 9, 16).
---```lua
---print(limn.theory.crossover { complexity = 10 }, limn.theory.crossover { complexity = 10, rule = "bayes" })
---```
---@param options limn.theory.crossover.options
---@return integer|number
function theory.crossover(options) end

---@class limn.theory.posterior.options: limn.theory.pool.options
---@field points number|table|limn.array D, or a list
---@field flip? number rate of wrong labels, below 0.5 (default 0)
---@field errors? number number of labels that differ from the true feature (default flip times D)

---Posterior mass of the true feature after D labels, and its log2 odds. With flip it is the mass at one number of errors, by
---default their mean number, which is not the mean mass.
---Errors: raises for flip of 0.5 or more.
---Source: Bayes' rule: odds $p/(1-p) 2^D (1-flip)^{D-errors} flip^{errors}$ (eq. 17).
---```lua
---print(limn.theory.posterior { points = 12, complexity = 10 })
---```
---@param options limn.theory.posterior.options
---@return number|limn.array mass
---@return number|limn.array log2_odds
function theory.posterior(options) end

---@class limn.theory.shares.options
---@field points number D
---@field classes table a list of {fraction= | complexity= | count=, rho=}

---Fractions of several classes in the direction of the labels, in the limit of N far above D: relative errors of order D/N. For
---finite N: sample{classes=}. Classes are given all by count, or all by fraction or complexity.
---Errors: raises when every class is empty and for counts beside fractions.
---Source: $p_k (1 + (D - 1) rho_k^2)$, normalised to sum 1 (eq. 14).
---```lua
---local s = limn.theory.shares { points = 100, classes = { { fraction = 0.01, rho = 1 }, { fraction = 0.99, rho = 0 } } }
---print(s[1], s[2])
---```
---@param options limn.theory.shares.options
---@return number[]
function theory.shares(options) end

---@class limn.theory.sample.options: limn.theory.pool.options
---@field points number D
---@field count? number N, with complexity, fraction or perfect
---@field perfect? integer the number of perfect features
---@field classes? table a list of {count=, rho=, name=} instead of count
---@field kind? limn.words.theory_kind (default "gaussian")
---@field bias? number variance of a constant feature (default 0)
---@field imbalance? number mean label, -1 .. 1 (default 0)
---@field ridge? number (default 0)
---@field start? string|number "zero", "antisymmetric", "random" (variance 1/N) or a variance (default "zero")
---@field reps? integer (default 1000)
---@field seed? integer (default 1)
---@field point? integer number of the cell (default 0)

---Samples of (P, R, ...) from their laws at finite N; the cost of a sample does not depend on D or N. s is the number in $P/R =
---m s$; fluctuation is the logarithm of X over its degrees of freedom in $s = D/X$; noise and offset are the variances, at a new
---point, due to the random features and to a random start; accuracy is the probability of the right sign; share is the part of each
---class along the labels. Exact for normal features with perfect and random classes, except that accuracy with a random start takes
---the mean of the offset's variance: an error of order 1/(n - D), too low near the peak at n = D. With other correlations relative
---errors of order 1/(n - D), n the number of features that are not perfect; for kind "sign" O(D/n^2) in the mean of s and O(1/n) in
---its variance.
---Errors: nil, message where a small ridge at D near N would take too long; raises for a fraction that rounds to no
---feature.
---Source: $s = D/X$, X chi-square with n - D + 1 degrees of freedom; deterministic equivalents for several classes
---(eq. 2, 3, 9, 10, 11, 12).
---```lua
---local s = limn.theory.sample { points = 1023, count = 2 ^ 40, complexity = 10, reps = 100 }
---print(s, s.ratio:mean())
---```
---@param options limn.theory.sample.options
---@return limn.theory.sample arrays P, R, s, ratio, log2ratio, fluctuation, noise, offset, accuracy, share (reps x classes)
function theory.sample(options) end

---@class limn.theory.sign_accuracy.options: limn.theory.pool.options
---@field points number D
---@field count? number N (default: the limit of large N)
---@field perfect? integer the number of perfect features, with count
---@field start? string|number "zero", "antisymmetric", "random" (variance 1/N) or a variance (default "zero")

---Approximate probability that the sign of the output at a new point is right: s is set to its mean D/(n - D - 1), or to D for n of
---at most D + 1, and the laws are not linear in s; a random start enters by its mean variance. The mean over s is
---limn.theory.sample{...}.accuracy:mean().
---Errors: raises unless one of complexity, fraction and (with count) perfect is given.
---Source: $Phi(margin / sqrt(noise + offset))$, $margin = m s/(1 + m s)$, $noise = s/(1 + m s)^2$ (eq. 11, 12).
---```lua
---print(limn.theory.sign_accuracy { points = 64, complexity = 6, count = 65536 })
---```
---@param options limn.theory.sign_accuracy.options
---@return number
---@return table {margin=, noise=, offset=}: mean output per unit label, and the two variances
function theory.sign_accuracy(options) end

---The standard normal distribution function.
---Errors: raises when z is not a number.
---Source: $erfc(-z/sqrt(2))/2$ (eq. 41).
---```lua
---print(limn.theory.normal_cdf(1.96))
---```
---@param z number
---@return number
function theory.normal_cdf(z) end

---@class limn.theory.eigenlearning.options
---@field eigenvalues limn.array|table of the kernel operator (not of a Gram matrix, whose eigenvalues are about D times larger)
---@field points number D
---@field multiplicities? limn.array|table how often each eigenvalue occurs (default once)
---@field coefficients? limn.array|table roots of the target's power in each whole eigenspace (not in each of its modes)
---@field ridge? number added to the diagonal of the Gram matrix, which is not divided by D (default 0)
---@field noise? number standard deviation of the labels' noise (default 0)

---The learnability of the modes of a kernel from D points: kappa, learnability (one per eigenvalue), total, bound and, with
---coefficients, risk and train. Learnability and risk are estimates for many points (at 8 points some percent off); the sum of
---the learnabilities is exact. The risk is against noisy labels, so that it tends to noise^2.
---Errors: raises when the lists differ in length.
---Source: Bordelon, Canatar and Pehlevan 2020; Simon, Dickens, Karkada and DeWeese 2023 (eq. 26).
---```lua
---print(limn.theory.eigenlearning({ eigenvalues = { 1, 0.5, 0.25 }, points = 2 }).learnability)
---```
---@param options limn.theory.eigenlearning.options
---@return table {kappa=, learnability=, total=, bound=, risk=, train=}
function theory.eigenlearning(options) end

---@class limn.theory.learning_curve.options
---@field spectrum limn.kernel.spectrum|table or {eigenvalues=, multiplicities=, rest=}
---@field points number|limn.array|table numbers D of data points
---@field target? any what spectrum:target takes: a level, a function of bits, labels
---@field coefficients? limn.array|table instead: the root of the target's power in each eigenspace
---@field noise? number standard deviation of the labels' noise (default 0)
---@field ridge? number added to the diagonal of the Gram matrix (default 0)

---The learning curve of kernel regression on D random points, by the number of points: test error against the target and its
---parts, learnability of each eigenspace, and the number of points as the conservation law adds it up. accuracy, that of the sign,
---is given for targets in one eigenspace. The trace that the spectrum does not list is added to the ridge.
---Errors: raises unless one of target and coefficients is given, and for points of 0 or less.
---Source: Canatar, Bordelon and Pehlevan 2021; Simon et al. 2023 (eq. 48).
---```lua
---local s = limn.kernel.spectrum { on = "cube", dim = 16, kind = "nngp", bias = 0.1 }
---local curve = limn.theory.learning_curve { spectrum = s, target = 2, points = { 64, 256 } }
---print(curve, curve.accuracy)
---```
---@param options limn.theory.learning_curve.options
---@return limn.theory.curve
function theory.learning_curve(options) end

---A learning curve; each array has an entry for each number of points.
---@class limn.theory.curve
---@field points limn.array
---@field test limn.array mean squared error against the target without noise
---@field bias2 limn.array of the mean prediction
---@field variance limn.array over training sets and noise
---@field risk limn.array error against noisy labels: test + noise^2
---@field train limn.array error on the training points
---@field kappa limn.array
---@field total limn.array sum of the learnabilities, with the ridge's part: the number of points, or of modes
---@field learnability limn.array points x eigenspaces
---@field accuracy? limn.array of the sign, for targets of -1 and 1 in one eigenspace

---@class limn.theory.learning_coefficient.options
---@field model string "regular", "monomial" or "deep_linear" (reduced rank regression: three widths)
---@field dim? integer regular: the number of parameters
---@field exponents? integer[] monomial: k of the loss $prod w_i^{2 k_i}$
---@field prior? integer[] monomial: h of a prior proportional to $prod |w_i|^{h_i}$ (default 0)
---@field widths? integer[] deep_linear: inputs, hidden widths, outputs
---@field rank? integer deep_linear: the rank of the true matrix (default 0)

---Exact learning coefficients (real log canonical thresholds) and their multiplicities.
---Errors: raises for options of another model, and for a rank above a width.
---Source: Watanabe 2009; Aoyagi and Watanabe 2005; Aoyagi 2024 (eq. 56, 57).
---```lua
---print(limn.theory.learning_coefficient { model = "deep_linear", widths = { 4, 2, 3 }, rank = 1 })
---```
---@param options limn.theory.learning_coefficient.options
---@return number lambda
---@return integer multiplicity
function theory.learning_coefficient(options) end

---@class limn.theory.risk.options: limn.theory.pool.options
---@field points number D
---@field count? number N
---@field random? integer number of random features, instead of count
---@field perfect? integer the number of perfect features

---Mean squared error on new points of the toy model as a function of D and N: the double-descent curve. The mean over normal
---features, of the interpolant of minimum norm for n of at least D, else of least squares.
---Errors: raises when neither count nor random is given, and for random beside count, complexity or fraction.
---Source: Belkin, Hsu and Xu 2020; Hastie et al. 2022 (eq. 13).
---```lua
---print(limn.theory.risk { points = 64, count = 256, complexity = 4 })
---```
---@param options limn.theory.risk.options
---@return number
---@return table {bias2=, variance=}
function theory.risk(options) end

return theory
