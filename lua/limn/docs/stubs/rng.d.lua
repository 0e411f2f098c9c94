---@meta limn.rng
-- rng.d.lua: random streams.

---Random streams as values: (seed, point, rep) determines the numbers on every machine, for any order of cells and any
---number of workers.
---@class limn.lib.rng
local rng = {}

---@class limn.rng.options
---@field seed? integer (default 1)
---@field point? integer number of the cell (default 0)
---@field rep? integer number of the replicate (default 0)

---The stream named by seed, point and replicate; stream(7) is stream{seed=7}.
---Errors: raises for a number that is negative or not whole, and for an unknown option.
---Source: Philox4x32-10 (Salmon et al. 2011); normal numbers: Box and Muller 1958 (eq. 43).
---```lua
---local s = limn.rng.stream { seed = 3, rep = 2 }
---print(s:normal(2, 3))
---```
---@param options? limn.rng.options
---@return limn.rng
function rng.stream(options) end

---A stream of random numbers. A draw without a size is a number, with a size an array.
---@class limn.rng
local stream = {}

---Uniform numbers in (0, 1): neither end occurs. Other ends go by name, or before a size: uniform(low, high, n).
---Names: low (0), high (1), shape (a size or a list of up to 3).
---Errors: raises for a size that is negative or not whole, and for 0 rows with columns.
---```lua
---local s = limn.rng.stream(1)
---print(s:uniform(3), s:uniform { low = -1, high = 1, shape = { 2, 2 } }, s:uniform(-1, 1, 3))
---```
---@param rows? integer|table|number
---@param columns? integer|number
---@param n? integer
---@return number|limn.array
---@overload fun(self: limn.rng, low: number, high: number, n: integer): limn.array
---@overload fun(self: limn.rng, options: { low?: number, high?: number, shape?: integer|integer[] }): number|limn.array
function stream:uniform(rows, columns, n) end

---Standard normal numbers (Box and Muller). Another mean and standard deviation go by name, or before a size:
---normal(mean, sd, n).
---Names: mean (0), sd (1), shape (a size or a list of up to 3).
---Errors: raises for a size that is negative or not whole, and for 0 rows with columns.
---```lua
---local s = limn.rng.stream(1)
---print(s:normal(2, 2), s:normal { mean = 5, sd = 2, shape = 3 }, s:normal(5, 2, 3))
---```
---@param rows? integer|table|number
---@param columns? integer|number
---@param n? integer
---@return number|limn.array
---@overload fun(self: limn.rng, mean: number, sd: number, n: integer): limn.array
---@overload fun(self: limn.rng, options: { mean?: number, sd?: number, shape?: integer|integer[] }): number|limn.array
function stream:normal(rows, columns, n) end

---Fair coins: -1 or 1.
---Errors: raises for a negative size.
---```lua
---print(limn.rng.stream(1):sign(4))
---```
---@param rows? integer
---@param columns? integer
---@return number|limn.array
function stream:sign(rows, columns) end

---Whole numbers low .. high, both included, without bias; an array has dtype i64.
---Errors: raises when high is below low.
---```lua
---print(limn.rng.stream(1):integer(1, 6), limn.rng.stream(1):integer(1, 6, 3))
---```
---@param low integer
---@param high integer
---@param rows? integer
---@param columns? integer
---@return integer|limn.array
function stream:integer(low, high, rows, columns) end

---Exponential numbers with mean `scale`, or 1.
---Names: scale (1), shape (a size or a list of up to 3).
---Errors: raises for a negative scale or size.
---```lua
---local s = limn.rng.stream(1)
---print(s:exponential(3), s:exponential { scale = 5 })
---```
---@param rows? integer|table
---@param columns? integer
---@param depth? integer
---@return number|limn.array
---@overload fun(self: limn.rng, options: { scale?: number, shape?: integer|integer[] }): number|limn.array
function stream:exponential(rows, columns, depth) end

---Gamma numbers of shape parameter k: the density is proportional to x^(k - 1) exp(-x / scale).
---Names: k, scale (1), shape (a size or a list of up to 3).
---Errors: raises unless k > 0.
---```lua
---local s = limn.rng.stream(1)
---print(s:gamma(2, 3), s:gamma { k = 2, scale = 5, shape = { 2, 2 } })
---```
---@param k number|table
---@param rows? integer
---@param columns? integer
---@param depth? integer
---@return number|limn.array
---@overload fun(self: limn.rng, options: { k: number, scale?: number, shape?: integer|integer[] }): number|limn.array
function stream:gamma(k, rows, columns, depth) end

---Beta numbers: the density is proportional to x^(a - 1) (1 - x)^(b - 1).
---Names: a, b, shape (a size or a list of up to 3).
---Errors: raises unless a and b are above 0.
---```lua
---local s = limn.rng.stream(1)
---print(s:beta(2, 5, 3), s:beta { a = 1, b = 1 })
---```
---@param a number|table
---@param b? number
---@param rows? integer
---@param columns? integer
---@param depth? integer
---@return number|limn.array
---@overload fun(self: limn.rng, options: { a: number, b: number, shape?: integer|integer[] }): number|limn.array
function stream:beta(a, b, rows, columns, depth) end

---The number of successes in so many trials of probability p, as whole numbers (i64).
---Names: trials, p, shape (a size or a list of up to 3).
---Errors: raises unless p is in 0 .. 1.
---```lua
---local s = limn.rng.stream(1)
---print(s:binomial(10, 0.5, 4), s:binomial { trials = 10, p = 0.1 })
---```
---@param trials integer|table
---@param p? number
---@param rows? integer
---@param columns? integer
---@param depth? integer
---@return integer|limn.array
---@overload fun(self: limn.rng, options: { trials: integer, p: number, shape?: integer|integer[] }): integer|limn.array
function stream:binomial(trials, p, rows, columns, depth) end

---Poisson numbers, as whole numbers (i64).
---Names: mean, shape (a size or a list of up to 3).
---Errors: raises for a negative mean.
---```lua
---local s = limn.rng.stream(1)
---print(s:poisson(3, 4), s:poisson { mean = 100 })
---```
---@param mean number|table
---@param rows? integer
---@param columns? integer
---@param depth? integer
---@return integer|limn.array
---@overload fun(self: limn.rng, options: { mean: number, shape?: integer|integer[] }): integer|limn.array
function stream:poisson(mean, rows, columns, depth) end

---Normal vectors with the given mean and covariance: one vector, or n as rows. cov may be singular.
---Errors: raises when the sizes differ, and when cov is not symmetric or not positive semidefinite.
---```lua
---print(limn.rng.stream(1):multivariate_normal({ 0, 1 }, { { 2, 1 }, { 1, 2 } }, 3))
---```
---@param mean limn.array|table
---@param cov limn.array|table
---@param n? integer
---@return limn.array
function stream:multivariate_normal(mean, cov, n) end

---@class limn.rng.choice.options
---@field replace? boolean whether an entry may be drawn again (default true)
---@field weights? limn.array|table probabilities, up to a factor

---Random entries (rows) of an array, or of 1 .. n: one, or `count` of them.
---Errors: raises when there are not enough without replacement, and for weights that are negative or all 0.
---```lua
---local s = limn.rng.stream(1)
---print(s:choice({ 10, 20, 30 }, 5), s:choice(10, 3, { replace = false }), s:choice(3, 4, { weights = { 1, 0, 2 } }))
---```
---@param from integer|limn.array|table
---@param count? integer (default one, not an array)
---@param options? limn.rng.choice.options
---@return number|limn.array
function stream:choice(from, count, options) end

---The rows (entries of a vector) in random order, as a copy.
---Errors: raises when a is no array and no table of numbers.
---```lua
---print(limn.rng.stream(1):shuffle { 1, 2, 3, 4 })
---```
---@param a limn.array|table
---@return limn.array
function stream:shuffle(a) end

---1 .. n in random order, as whole numbers (i64).
---Errors: raises when n is negative.
---```lua
---print(limn.rng.stream(1):permutation(5))
---```
---@param n integer
---@return limn.array
function stream:permutation(n) end

---Child stream number n (or the next one), independent of its parent, of its siblings, and of the draws made so far.
---Errors: raises when n is below 1.
---```lua
---print(limn.rng.stream(1):fork(2):uniform())
---```
---@param n? integer (default the next)
---@return limn.rng
function stream:fork(n) end

return rng
