---@meta limn.stats
-- stats.d.lua: distributions, and estimates with intervals.

---Distributions with their quantiles, and estimates with intervals. Quantiles are exact to 1e-13, tails to 1e-300. The
---upper tail is computed directly, since 1 - p loses its digits.
---@class limn.lib.stats
---@field t limn.stats.t Student's t
---@field normal limn.stats.normal the normal distribution
---@field beta limn.stats.beta the beta distribution
---@field chi2 limn.stats.chi2 chi-square
local stats = {}

---Mean and Student's interval of the mean.
---Errors: raises for fewer than 2 measurements and a level outside (0, 1).
---Source: $mean +- t sqrt(s^2 / n)$, n - 1 degrees of freedom (Student 1908) (eq. 36).
---```lua
---local mean, interval = limn.stats.mean { 1.2, 0.7, 1.1, 0.9 }
---print(mean, interval[1], interval[2])
---```
---@param values limn.array|table independent measurements
---@param level? number (default 0.95)
---@return number mean
---@return number[] {low, high}
function stats.mean(values, level) end

---A statistic of a list, its interval by the jackknife, and the statistic with its bias removed to first order.
---Errors: raises for fewer than 2 measurements, and when the statistic is not a number.
---Source: Tukey 1958: the statistic with each measurement left out once (eq. 35).
---```lua
---local ratio, interval = limn.stats.jackknife({ { 1, 2.1 }, { 2, 3.9 }, { 3, 6.2 } }, function(list)
---  local a, b = 0, 0
---  for _, p in ipairs(list) do a, b = a + p[1], b + p[2] end
---  return b / a
---end)
---print(ratio, interval[1], interval[2])
---```
---@param list table independent measurements, of any kind
---@param statistic fun(list: table): number
---@param level? number (default 0.95)
---@return number
---@return number[] {low, high}
---@return number corrected
function stats.jackknife(list, statistic, level) end

---@class limn.stats.bootstrap.options
---@field resamples? integer (default 1000)
---@field level? number (default 0.95)
---@field seed? integer (default 1)
---@field pairs? boolean values is a square matrix over pairs: the mean is over those above the diagonal (default false)

---Mean with the percentile interval of resamples with replacement. With pairs, nan is omitted, and a measurement that
---is drawn twice is not paired with itself.
---Errors: raises for values that are not a list (with pairs, not a square matrix) and a level outside (0, 1).
---Source: Efron 1979; percentiles: Efron 1981 (eq. 37).
---```lua
---local mean, interval = limn.stats.bootstrap({ 1.2, 0.7, 1.1, 0.9 }, { seed = 3 })
---print(mean, interval[1], interval[2])
---```
---@param values limn.array|table
---@param options? limn.stats.bootstrap.options
---@return number
---@return number[]|nil {low, high}; nil when the mean is nan or fewer than 20 resamples have one
function stats.bootstrap(values, options) end

---A proportion with an interval of positive length, also at 0 and 1.
---Errors: raises unless 0 <= successes <= trials and trials > 0.
---Source: Wilson 1927 (eq. 38).
---```lua
---local p, interval = limn.stats.wilson(0, 20)
---print(p, interval[1], interval[2])
---```
---@param successes number
---@param trials number
---@param level? number (default 0.95)
---@return number
---@return number[] {low, high}
function stats.wilson(successes, trials, level) end

---A straight line by least squares.
---Errors: raises for lists of different length, fewer than 2 points, or equal values of x.
---Source: ordinary least squares; error and interval for independent errors of equal variance (eq. 36).
---```lua
---local slope, interval, error, at_zero = limn.stats.slope({ 1, 2, 3 }, { 2.1, 3.9, 6.2 })
---print(slope, interval[1], interval[2], error, at_zero)
---```
---@param x limn.array|table
---@param y limn.array|table
---@param level? number (default 0.95)
---@return number slope
---@return number[] {low, high} of the slope; infinite for two points
---@return number error standard error of the slope; nan for two points
---@return number at_zero the line at x = 0
function stats.slope(x, y, level) end

---The exact interval of a proportion: it covers with at least the probability level, for any number of trials.
---Errors: raises unless successes and trials are whole numbers with successes <= trials.
---Source: Clopper and Pearson 1934 (eq. 38).
---```lua
---print(limn.stats.clopper_pearson(7, 20))
---```
---@param successes integer
---@param trials integer
---@param level? number (default 0.95)
---@return number proportion
---@return number[] {low, high}
function stats.clopper_pearson(successes, trials, level) end

---The difference of the means of two independent samples.
---Errors: raises for fewer than 2 measurements in one of them, or when both are constant.
---Source: Welch 1947 (eq. 36).
---```lua
---print(limn.stats.difference({ 3.1, 2.9, 3.3 }, { 2.0, 2.1, 2.4, 1.9 }))
---```
---@param a table|limn.array
---@param b table|limn.array
---@param level? number (default 0.95)
---@return number
---@return number[] {low, high}
---@return number degrees of freedom
function stats.difference(a, b, level) end

---How many kinds a population has, from how often each was seen in a sample. A lower bound unless rare kinds are about
---equally likely; the interval's upper end holds for those only.
---Errors: raises for counts that are negative or no whole numbers, and fewer than two observations.
---Source: Chao1 (Chao 1984, 1987) (eq. 39).
---```lua
---print(limn.stats.distinct { 9, 4, 2, 2, 1, 1, 1 })
---```
---@param counts table|limn.array
---@param level? number (default 0.95)
---@return number kinds
---@return number[] {low, high}
---@return number coverage the estimated probability that the next observation is of a kind already seen
function stats.distinct(counts, level) end

---Entropy of a population in bits, from how often each kind was seen in a sample. Below a coverage of 0.5 the interval's
---upper end is infinite.
---Errors: as distinct.
---Source: Chao, Wang and Jost 2013; the interval by the jackknife over the observations (eq. 39).
---```lua
---print(limn.stats.entropy { 9, 4, 2, 2, 1, 1, 1 })
---```
---@param counts table|limn.array
---@param level? number (default 0.95)
---@return number bits
---@return number[] {low, high}
---@return number coverage
function stats.entropy(counts, level) end

---@class limn.stats.power.options
---@field low? number lower end of the range (default -math.huge)
---@field high? number upper end (default math.huge)
---@field mean? number the true mean
---@field sd? number standard deviation of one replicate
---@field proportion? number the true proportion, in place of mean and sd
---@field n integer replicates, or trials
---@field level? number of the interval (default 0.95)

---The probability that the interval of a mean (Student) or of a proportion (Clopper-Pearson) lies wholly inside a range:
---the power of two one-sided tests.
---Errors: raises for an empty range, and unless either proportion or mean and sd are given.
---Source: Schuirmann 1987; an exact integral over the noncentral t distribution (eq. 40).
---```lua
---print(limn.stats.power { low = -1, high = 1, mean = 0, sd = 1, n = 13 })
---```
---@param options limn.stats.power.options
---@return number
function stats.power(options) end

---@class limn.stats.replicates.options
---@field low? number lower end of the range (default -math.huge)
---@field high? number upper end (default math.huge)
---@field mean? number the true mean
---@field sd? number standard deviation of one replicate
---@field proportion? number the true proportion, in place of mean and sd
---@field level? number of the interval (default 0.95)
---@field power? number (default 0.8)

---The least number of replicates (trials, for a proportion) with which the interval lies inside the range with a
---probability of at least power.
---Errors: as power; infinite where no number up to 10^6 has it.
---```lua
---print(limn.stats.replicates { low = -1, high = 1, mean = 0, sd = 1 })
---```
---@param options limn.stats.replicates.options
---@return integer|number
function stats.replicates(options) end

---@class limn.stats.largest_spread.options
---@field low? number lower end of the range (default -math.huge)
---@field high? number upper end (default math.huge)
---@field mean number the true mean
---@field n integer replicates
---@field level? number of the interval (default 0.95)
---@field power? number (default 0.8)

---The largest standard deviation of one replicate with which the interval lies inside the range with that probability; 0
---where the mean is not inside.
---Errors: as power.
---```lua
---print(limn.stats.largest_spread { low = -1, high = 1, mean = 0, n = 12 })
---```
---@param options limn.stats.largest_spread.options
---@return number
function stats.largest_spread(options) end

---Student's t distribution.
---@class limn.stats.t
local t = {}

---Probability of a tail: P(T <= x), or P(T > x).
---Errors: raises for df outside (0, 1e10].
---Source: incomplete beta function, by a continued fraction (eq. 41).
---```lua
---print(limn.stats.t.cdf(-2.5, 7), limn.stats.t.cdf(2.5, 7, "upper"))
---```
---@param x number
---@param df number degrees of freedom, not necessarily whole
---@param tail? string "lower" or "upper" (default "lower")
---@return number
function t.cdf(x, df, tail) end

---The x whose tail has probability p.
---Errors: raises for p outside [0, 1] and df outside (0, 1e10].
---Source: Newton's method on the logarithm of the smaller tail (eq. 41).
---```lua
---print(limn.stats.t.quantile(0.975, 7))
---```
---@param p number
---@param df number degrees of freedom, not necessarily whole
---@param tail? string "lower" or "upper" (default "lower")
---@return number
function t.quantile(p, df, tail) end

---Two-sided critical value: the t with P(|T| <= t) = level.
---Errors: raises for level outside [0, 1] and df outside (0, 1e10].
---Source: as t.quantile (eq. 41).
---```lua
---print(limn.stats.t.critical(0.95, 7))
---```
---@param level number
---@param df number degrees of freedom
---@return number
function t.critical(level, df) end

---The normal distribution.
---@class limn.stats.normal
local normal = {}

---Probability of a tail: P(X <= x), or P(X > x).
---Errors: raises for sd that is not above 0.
---Source: $erfc(-z/sqrt(2))/2$ (eq. 41).
---```lua
---print(limn.stats.normal.cdf(1.96), limn.stats.normal.cdf(130, 100, 15, "upper"))
---```
---@param x number
---@param mean? number (default 0)
---@param sd? number standard deviation (default 1)
---@param tail? string "lower" or "upper" (default "lower")
---@return number
function normal.cdf(x, mean, sd, tail) end

---The x whose tail has probability p.
---Errors: raises for p outside [0, 1] and sd that is not above 0.
---Source: Newton's method on the logarithm of the tail, near the median on the mass between (eq. 41).
---```lua
---print(limn.stats.normal.quantile(0.975), limn.stats.normal.quantile(1e-300))
---```
---@param p number
---@param mean? number (default 0)
---@param sd? number standard deviation (default 1)
---@param tail? string "lower" or "upper" (default "lower")
---@return number
function normal.quantile(p, mean, sd, tail) end

---Two-sided critical value: the z with P(|Z| <= z) = level.
---Errors: raises for level outside [0, 1].
---Source: as normal.quantile (eq. 41).
---```lua
---print(limn.stats.normal.critical(0.95))
---```
---@param level number
---@return number
function normal.critical(level) end

---The beta distribution on [0, 1], density $x^{a-1} (1-x)^{b-1}/B(a,b)$.
---@class limn.stats.beta
local beta = {}

---Probability of a tail: P(X <= x), or P(X > x).
---Errors: raises for a or b outside (0, 1e10].
---Source: incomplete beta function, by a continued fraction (eq. 41).
---```lua
---print(limn.stats.beta.cdf(0.3, 2, 3))
---```
---@param x number
---@param a number
---@param b number
---@param tail? string "lower" or "upper" (default "lower")
---@return number
function beta.cdf(x, a, b, tail) end

---The x whose tail has probability p.
---Errors: raises for p outside [0, 1] and a or b outside (0, 1e10].
---Source: Newton's method on the logarithm of the smaller tail (eq. 41).
---```lua
---print(limn.stats.beta.quantile(0.5, 2, 3))
---```
---@param p number
---@param a number
---@param b number
---@param tail? string "lower" or "upper" (default "lower")
---@return number
function beta.quantile(p, a, b, tail) end

---The chi-square distribution.
---@class limn.stats.chi2
local chi2 = {}

---Probability of a tail: P(X <= x), or P(X > x).
---Errors: raises for df outside (0, 1e10].
---Source: incomplete gamma function, by its series or continued fraction (eq. 41).
---```lua
---print(limn.stats.chi2.cdf(7.8, 3, "upper"))
---```
---@param x number
---@param df number degrees of freedom, not necessarily whole
---@param tail? string "lower" or "upper" (default "lower")
---@return number
function chi2.cdf(x, df, tail) end

---The x whose tail has probability p.
---Errors: raises for p outside [0, 1] and df outside (0, 1e10].
---Source: Newton's method on the logarithm of the smaller tail (eq. 41).
---```lua
---print(limn.stats.chi2.quantile(0.95, 3))
---```
---@param p number
---@param df number degrees of freedom, not necessarily whole
---@param tail? string "lower" or "upper" (default "lower")
---@return number
function chi2.quantile(p, df, tail) end

return stats
