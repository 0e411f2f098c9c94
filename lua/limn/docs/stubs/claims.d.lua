---@meta limn.claims
-- claims.d.lua: predictions against measurements.

---The ledger of claims: what was predicted, what was measured, and whether they agree.
---@class limn.lib.claims
local claims = {}

---A new, empty ledger.
---Errors: raises when title is no string, or for a level outside (0, 1).
---Source: an interval inside the region agrees, one outside disagrees, any other is undecided (eq. 42).
---```lua
---local ledger = limn.claims.new "coins"
---ledger:declare { claim = "share of heads", theory = 0.5, proportion = { margin = 0.1 } }
---ledger:measure("share of heads", limn.claims.proportion(4870, 10000))
---print(ledger:text())
---```
---@param title? string (default "")
---@param options? {level?: number} level: the probability that no verdict of the ledger is wrong by chance (default 0.95)
---@return limn.claims
function claims.new(title, options) end

---The mean of independent replicates.
---Errors: raises for values that are no numbers. Fewer than two, equal ones, or some that are not finite: an estimate
---without interval, whose row stays undecided.
---Source: Student 1908 (eq. 36).
---```lua
---print(limn.claims.mean { 1.1, 0.9, 1.2, 1.0 })
---```
---@param values table|limn.array
---@return limn.claims.estimate
function claims.mean(values) end

---The mean of a[i] - b[i], two measurements on each replicate.
---Errors: as mean; raises for lists of different length.
---```lua
---print(limn.claims.paired({ 3.1, 2.9, 3.3 }, { 2.0, 2.1, 2.1 }))
---```
---@param a table|limn.array
---@param b table|limn.array
---@return limn.claims.estimate
function claims.paired(a, b) end

---The difference of the means of two independent lists.
---Errors: as mean.
---Source: Welch 1947 (eq. 36).
---```lua
---print(limn.claims.difference({ 3.1, 2.9, 3.3 }, { 2.0, 2.1, 2.4, 1.9 }))
---```
---@param a table|limn.array
---@param b table|limn.array
---@return limn.claims.estimate
function claims.difference(a, b) end

---A number that independent measurements give together, by the jackknife.
---Errors: raises when statistic gives no number.
---Source: Tukey 1958; the bias of the statistic is not corrected (eq. 35).
---```lua
---print(limn.claims.statistic({ { 1, 2.1 }, { 2, 3.9 }, { 3, 6.2 } }, function(list)
---  local a, b = 0, 0
---  for _, p in ipairs(list) do a, b = a + p[1], b + p[2] end
---  return b / a
---end))
---```
---@param list table measurements of any kind
---@param statistic fun(list: table): number
---@return limn.claims.estimate
function claims.statistic(list, statistic) end

---The slope of y against x by least squares. For a list of lists: the mean slope over the replicates; for one list of
---numbers: the slope of that line, with the scatter of its points about it.
---Errors: raises for lists of different length, or one value of x only.
---```lua
---print(limn.claims.fit_slope({ 1, 2, 3 }, { { 2.1, 3.9, 6.2 }, { 2.0, 4.1, 5.9 }, { 1.8, 4.0, 6.1 } }))
---```
---@param x table|limn.array
---@param ys table one list per replicate, or one list
---@return limn.claims.estimate
function claims.fit_slope(x, ys) end

---k successes of n independent trials.
---Errors: raises for k > n.
---Source: Clopper and Pearson 1934 (eq. 38).
---```lua
---print(limn.claims.proportion(48, 100))
---```
---@param k integer
---@param n integer
---@return limn.claims.estimate
function claims.proportion(k, n) end

---A number without sampling error: computed, or counted in full.
---Errors: raises when value is no number.
---```lua
---print(limn.claims.exact(2 ^ 10 - 1))
---```
---@param value number
---@return limn.claims.estimate
function claims.exact(value) end

---The largest |value|: the error of an identity, for rows with a bound.
---Errors: raises for values that are no numbers.
---```lua
---print(limn.claims.largest { 1e-15, -3e-14, 0 })
---```
---@param values table|limn.array
---@return limn.claims.estimate
function claims.largest(values) end

---The number of kinds in a population, from how often each kind was seen. Its interval has no upper end, since kinds that
---are rare enough are never seen: "at least".
---Errors: raises for counts that are negative or no whole numbers.
---Source: Chao1 (Chao 1984, 1987): the kinds seen and (n-1)/n f1^2/(2 f2), f1 kinds seen once and f2 twice (eq. 39).
---```lua
---print(limn.claims.distinct { 9, 4, 2, 2, 1, 1, 1 })
---```
---@param counts table|limn.array
---@return limn.claims.estimate
function claims.distinct(counts) end

---The entropy of a population in bits, from how often each kind was seen. Where more than half of the population belongs
---to kinds never seen, its interval has no upper end: "at least".
---Errors: as distinct.
---Source: Chao, Wang and Jost 2013; the interval by the jackknife over the observations (eq. 39).
---```lua
---print(limn.claims.entropy { 9, 4, 2, 2, 1, 1, 1 })
---```
---@param counts table|limn.array
---@return limn.claims.estimate
function claims.entropy(counts) end

---A number from elsewhere with its interval. At other levels its ends move as those of a normal law.
---Errors: raises for a value outside its interval.
---```lua
---print(limn.claims.outside(15.006, 14.986, 15.025, 0.95))
---```
---@param value number
---@param low number
---@param high number
---@param level number of that interval
---@return limn.claims.estimate
function claims.outside(value, low, high, level) end

---A measured number with an interval at any level.
---@class limn.claims.estimate
---@field value number
---@field n? integer replicates, trials or measurements
---@field sd? number standard deviation of one replicate
---@field method string in words
---@field problem? string why there is no interval
local estimate = {}

---The interval at a level.
---Errors: nil, reason where there is none; raises for a level outside (0, 1).
---```lua
---print(limn.claims.mean({ 1, 2, 3 }):interval(0.95)[1])
---```
---@param level number
---@return number[]|nil {low, high}
---@return string? reason
function estimate:interval(level) end

---How many more replicates (trials, for a proportion) give an interval inside a range, or wholly outside where the value
---lies outside, if value and spread stay as they are.
---Errors: none; nil where no number below 10^6 does, or the kind of estimate has none.
---```lua
---print(limn.claims.mean({ 1, 2, 3 }):more(1, 3, 0.95, 0.8))
---```
---@param from number
---@param to number
---@param level number of the interval
---@param power number the probability
---@return integer|nil
function estimate:more(from, to, level, power) end

---Mean and Student's interval of the mean.
---Errors: raises for fewer than 2 measurements.
---Source: mean -+ t sqrt(s^2 / n) (eq. 36).
---```lua
---local mean, interval = limn.claims.interval { 1, 2, 3 }
---print(mean, interval[1], interval[2])
---```
---@param values table|limn.array independent measurements
---@param level? number (default 0.95)
---@return number mean
---@return number[] {low, high}
function claims.interval(values, level) end

---A number that independent measurements give together, with its interval by the jackknife.
---Errors: raises for fewer than 2 measurements.
---Source: Tukey 1958: the statistic with each measurement left out once; its bias is not corrected (eq. 35).
---```lua
---local pairs_ = { { 1, 2.1 }, { 2, 3.9 }, { 3, 6.2 } }
---print(limn.claims.jackknife(pairs_, function(list)
---  local a, b = 0, 0
---  for _, p in ipairs(list) do a, b = a + p[1], b + p[2] end
---  return b / a
---end))
---```
---@param list table independent measurements, of any kind
---@param statistic fun(list: table): number
---@param level? number (default 0.95)
---@return number
---@return number[] {low, high}
function claims.jackknife(list, statistic, level) end

---Slope of y against x by least squares.
---Errors: raises for lists of different length, fewer than 2 points, or one value of x only.
---Source: ordinary least squares; the error is that of independent, equal scatter about the line (eq. 36).
---```lua
---print(limn.claims.slope({ 1, 2, 3 }, { 2.1, 3.9, 6.2 }))
---```
---@param x table|limn.array
---@param y table|limn.array
---@return number slope
---@return number error standard error of the slope; nan for two points
---@return number at_zero the line at x = 0
function claims.slope(x, y) end

---The t with P(|T| <= t) = level for Student's distribution.
---Errors: raises for less than 1 degree of freedom or a level outside 0 .. 0.999.
---```lua
---print(limn.claims.student(11, 0.95))
---```
---@param degrees integer degrees of freedom
---@param level number
---@return number
function claims.student(degrees, level) end

---A ledger: rows, each a claim with its measurement and a verdict on the essay and on the theory.
---Verdicts: "agrees" (the whole interval lies inside the margin), "disagrees" (it lies wholly outside), "undecided",
---"refines" (of the essay: its statement disagrees, the theory agrees, and the row announced it), "described",
---"definition", "-" (no statement).
---@class limn.claims
---@field title string
---@field level number of the whole ledger
---@field params? table of an experiment's ledger: the parameters that claims was called with
---@field plan? {reps: integer, seed: integer, cells: integer, grid: table} likewise; the whole grid, whatever cells are finished
---@field rows table[] each with the declared fields and measured, interval, level, essay_verdict, theory_verdict, note
local ledger = {}

---@class limn.claims.row
---@field claim string
---@field key? string unique in the ledger (default: claim)
---@field id? string (default "")
---@field essay? number|string what the essay says; "measured with the row": given to measure
---@field theory? number|string what the theory says; likewise
---@field equal? {margin: number, relative?: boolean} the interval has to lie in prediction -+ margin
---@field slope? {margin: number, relative?: boolean} the same for an exponent
---@field count? {margin: number, relative?: boolean} the same for a number of things
---@field proportion? {margin: number, relative?: boolean} the same for k of n
---@field bound? number |measured - predicted| <= bound, for identities (predicted: 0 unless given)
---@field above? number|boolean the interval has to lie above it; true: above the number in essay or theory
---@field below? number|boolean likewise below
---@field describe? boolean a number that nothing predicts
---@field definition? boolean nothing to be measured
---@field refines? string which refinement of the essay is meant, if its own number should fail and the theory's hold
---@field spread? number expected standard deviation of one replicate, for the power that --dry-run prints
---@field replicates? integer how many replicates the row will have, likewise (default: those of a cell)
---@field note? string (default "")

---Declares a row, or a list of rows. Each has exactly one test; margins are fixed before the first row is measured.
---Errors: raises for none or several tests, a prediction that is no number, a key that is taken, or after the first
---measurement.
---```lua
---local ledger = limn.claims.new "identities"
---ledger:declare { claim = "sin^2 + cos^2 = 1: largest error", bound = 1e-12 }
---print(ledger)
---```
---@param rows limn.claims.row|limn.claims.row[]
---@return limn.claims
function ledger:declare(rows) end

---@class limn.claims.measure.options
---@field note? string added to the row's note
---@field theory? number for a row that declares "measured with the row"
---@field essay? number likewise

---Measures a declared row. Without an estimate the row stays undecided, and the note says why.
---Errors: raises for a key that is not declared or measured already, an estimate of a kind that the test does not take,
---and predictions that were declared otherwise.
---```lua
---local ledger = limn.claims.new():declare { key = "pi", claim = "circumference", theory = math.pi, equal = { margin = 0.1 } }
---print(ledger:measure("pi", limn.claims.mean { 3.14, 3.15, 3.13, 3.14 }))
---```
---@param key string
---@param estimate limn.claims.estimate|nil
---@param options? limn.claims.measure.options
---@return string verdict on the essay
---@return string verdict on the theory
function ledger:measure(key, estimate, options) end

---@class limn.claims.shorthand
---@field claim string
---@field measured number
---@field predicted number
---@field interval? table {low, high} of the measurement
---@field tolerance? number relative margin around the prediction
---@field bound? number |measured - predicted| <= bound
---@field id? string (default "")
---@field note? string (default "")

---Adds a row with its prediction and measurement at once. It agrees when its interval lies inside the tolerance, disagrees
---when it lies outside, and is undecided otherwise, also when a number is not finite.
---Errors: raises when measured lies outside its interval.
---```lua
---print(limn.claims.new():row { claim = "pi", predicted = 3.14, measured = math.pi, tolerance = 1e-3 })
---```
---@param options limn.claims.shorthand
---@return string verdict
function ledger:row(options) end

---The table as text, columns aligned; with a key that row alone.
---Errors: raises for a key that no row has.
---```lua
---local ledger = limn.claims.new()
---ledger:row { claim = "one", predicted = 1, measured = 1 }
---print(ledger:text())
---```
---@param key? string
---@return string
function ledger:text(key) end

---Writes title and table.
---Errors: raises when file is no file.
---```lua
---limn.claims.new("nothing yet"):print()
---```
---@param file? file* (default io.stdout)
function ledger:print(file) end

---How many rows have that verdict, on the essay, on the theory, or on either.
---Errors: raises for a word that is no verdict.
---```lua
---print(limn.claims.new():count("agrees", "theory"))
---```
---@param verdict string
---@param side? string "essay" or "theory" (default: either)
---@return integer
function ledger:count(verdict, side) end

---Everything as plain tables: {title=, level=, family=, rows={...}}. family: how many rows have a sampling error; each is
---tested at level 1 - (1 - level)/family.
---Errors: none.
---```lua
---print(limn.claims.new("nothing yet"):totable().family)
---```
---@return table
function ledger:totable() end

return claims
