---@meta limn.functions
-- functions.d.lua: distributions over the functions that nets compute on a finite set of inputs.

---Distributions over the functions that nets compute on a finite set of inputs. A function is its pattern of signs on
---the rows of X: a string of + (output above 0) and -, the first row first.
---@class limn.lib.functions
local functions = {}

---@class limn.functions.prior.options
---@field sizes integer[] {inputs, hidden, ..., 1}
---@field X? limn.array|table inputs, at most 4096 rows, all different (default all inputs, -1 and 1, functions.cube)
---@field activation? limn.words.kernel_activation of hidden layers (default "relu")
---@field weight? number variance of the weights times fan-in (default 2 for relu with hidden layers, else 1)
---@field bias? number variance of the biases (default 0)
---@field limit? boolean infinitely wide hidden layers: a Gaussian process with the kernel limn.kernel.nngp (default false)
---@field samples? integer nets (default 100000)
---@field readouts? integer nets that share hidden layers, 1 .. 1024; more is faster, and intervals count groups (default 1)
---@field space? integer functions kept at least; counts are exact up to twice that many kinds (default 2^20)
---@field seed? integer (default 1)
---@field point? integer (default 0)
---@field rep? integer (default 0)

---The functions of random nets, counted in bounded space. Outputs are computed in single precision; the counts do not
---depend on the number of threads.
---Errors: raises for rows of X that are equal, for a table of counts above 64 GiB (names the size), and for sizes that do
---not end in 1.
---Source: Valle-Pérez, Camargo and Louis 2019; bounded space: Misra and Gries 1982 (eq. 50).
---```lua
---local prior = limn.functions.prior { sizes = { 5, 16, 1 }, bias = 0.2, samples = 20000 }
---print(prior, prior:ranked(1)[1].pattern)
---```
---@param options limn.functions.prior.options
---@return limn.functions.distribution
function functions.prior(options) end

---@class limn.functions.posterior.options
---@field sizes integer[] {inputs, hidden, ..., 1}
---@field S integer[] rows of X with labels
---@field y number[] labels, -1 or 1, of the rows S
---@field X? limn.array|table inputs, as for prior (default all inputs)
---@field method? string "rejection" or "slice", elliptical slice sampling of the parameters (default "rejection")
---@field activation? limn.words.kernel_activation (default "relu")
---@field weight? number variance of the weights times fan-in (default as for prior)
---@field bias? number variance of the biases (default 0)
---@field limit? boolean infinitely wide hidden layers (default false)
---@field samples? integer nets tried, or samples of a chain (default 100000; 5000 of a chain)
---@field chains? integer (default 4)
---@field burn? integer most steps until a chain fits S, and steps left out after that (default 1000)
---@field thin? integer steps per sample of a chain (default 1)
---@field space? integer as for prior (default 2^20)
---@field seed? integer (default 1)
---@field point? integer (default 0)
---@field rep? integer (default 0)

---The functions of random nets that give the labels y at the rows S. By rejection the result also has .tried, .evidence
---(P(S)) and .evidence_interval; by chains .rhat, .effective and .steps (until a chain fitted).
---Errors: nil, message when no net fits S, and when chains did not mix (R-hat above 1.05, or fewer than 100 effective
---samples); raises for samples of chains above 64 GiB.
---Source: Mingard et al. 2021; elliptical slice sampling: Murray, Adams and MacKay 2010 (eq. 52).
---```lua
---local d = limn.functions.posterior { sizes = { 3, 16, 1 }, S = { 1, 8 }, y = { -1, 1 }, samples = 20000 }
---print(d, d.evidence)
---```
---@param options limn.functions.posterior.options
---@return limn.functions.distribution|nil
---@return string|nil message
function functions.posterior(options) end

---@class limn.functions.trained.options
---@field sizes integer[] {inputs, hidden, ..., 1}
---@field S integer[] rows of X with labels
---@field y number[] labels, -1 or 1, of the rows S
---@field X? limn.array|table inputs, as for prior (default all inputs)
---@field count? integer nets (default 1024)
---@field net? table options of limn.mlp.ensemble: activation, init, param, dtype, ... (default {})
---@field train? table options of net:train: optimizer, rate, steps, tol, ... (default {})
---@field seed? integer (default 1)

---The functions of trained nets that give the labels y at the rows S. Nets that do not are counted apart: .unfitted, with
---.unfitted_interval of their fraction of .tried. With a given rate net k is
---the same whatever the count; the default rate is that of 256 nets at once.
---Errors: nil, message when no net fits; raises for options that ensemble or train refuse.
---Source: Mingard et al. 2021 (eq. 50, 52).
---```lua
---local d = limn.functions.trained { sizes = { 2, 8, 1 }, S = { 1, 2, 3 }, y = { -1, 1, 1 }, count = 50 }
---print(d, d.unfitted)
---```
---@param options limn.functions.trained.options
---@return limn.functions.distribution|nil
---@return string|nil message
function functions.trained(options) end

---@class limn.functions.compare.options
---@field least? integer smallest count in both of a function that enters the correlation (default 5)
---@field level? number of the intervals (default 0.95)

---Two distributions on the same inputs: correlation and slope of log2 probabilities (with correlation_interval, functions:
---how many, scatter: the pairs); tv, total variation, with tv_interval and noise, its expectation for equal distributions;
---kl in bits, with kl_interval; common: the mass of a on functions that b has.
---Errors: raises for distributions with other numbers of points.
---Source: by definition; intervals by the delta method, of the correlation by Fisher's transformation (eq. 54).
---```lua
---local a = limn.functions.prior { sizes = { 3, 8, 1 }, samples = 5000 }
---local b = limn.functions.prior { sizes = { 3, 8, 1 }, samples = 5000, limit = true }
---local c = limn.functions.compare(a, b)
---print(c.tv, c.noise, c.correlation)
---```
---@param a limn.functions.distribution
---@param b limn.functions.distribution
---@param options? limn.functions.compare.options
---@return table
function functions.compare(a, b, options) end

---@class limn.functions.orthant.options
---@field covariance limn.array|table of the outputs, points x points
---@field signs string|number[] one per point
---@field samples? integer points of the lattice, at least 16 (default 16384)
---@field seed? integer of its shifts (default 1)

---The probability of a pattern of signs of a normal vector with mean 0, as bits, -log2 P. Exact up to 4 points; else an
---estimate, whose standard error is the second result.
---Errors: raises for a covariance that is not symmetric, or larger off the diagonal than its variances allow.
---Source: Plackett 1954 (4 points); Genz 1992 (eq. 51).
---```lua
---print(limn.functions.orthant { covariance = { { 1, 0.5 }, { 0.5, 1 } }, signs = "++" })
---```
---@param options limn.functions.orthant.options
---@return number bits
---@return number error bits; 0 where exact
function functions.orthant(options) end

---@class limn.functions.complexity.options
---@field bits? integer number of input bits; 0: X is no cube (default log2 of the length, if that is whole)
---@field gates? boolean also the gates of a formula, for at most 8 bits (default false)
---@field space? limn.programs.space also program and prior: length of the shortest program and -log2 of the prior

---Measures of the complexity of a function: ones (number of +), entropy (bits, of their fraction), phrases (Lempel-Ziv, times
---log2 of the length); of all 2^n inputs in the order of functions.cube also degree, influence, sensitivity and, if asked
---for, gates (with gates_exact: least up to 4 bits, else an upper bound).
---Errors: raises for bits that do not match the length.
---Source: O'Donnell 2014; Lempel and Ziv 1976; Knuth 2011, section 7.1.2 (eq. 53).
---```lua
---print(limn.functions.complexity("-++-+--+", { gates = true }).gates)
---```
---@param pattern string|number[]
---@param options? limn.functions.complexity.options
---@return table<string, number>
function functions.complexity(pattern, options) end

---@class limn.functions.bound.options
---@field bits number -log2 P(S), as of posterior's evidence
---@field points integer labelled inputs m
---@field confidence? number (default 0.95)

---PAC-Bayes bound: the error, on new inputs, of a function drawn from the posterior.
---Errors: raises for a confidence outside (0, 1).
---Source: McAllester 1999; Valle-Pérez, Camargo and Louis 2019 (eq. 55).
---```lua
---print(limn.functions.bound { bits = 12, points = 64 })
---```
---@param options limn.functions.bound.options
---@return number
function functions.bound(options) end

---Signs as a pattern: + where a value is above 0.
---Errors: raises for values that are no numbers.
---```lua
---print(limn.functions.pattern { 0.3, -1, 2 })
---```
---@param values limn.array|number[]
---@return string
function functions.pattern(values) end

---All inputs of a number of bits as rows of -1 and 1: bit i of the number of a row, from 0, is column i + 1.
---Errors: raises for more than 12 bits.
---```lua
---print(limn.functions.cube(3))
---```
---@param bits integer 1 .. 12
---@return limn.array 2^bits x bits
function functions.cube(bits) end

---A sample of functions.
---@class limn.functions.distribution
---@field counts table<string, integer> by pattern; pairs() runs by falling count
---@field samples integer functions counted
---@field independent integer independent draws that intervals assume
---@field kinds integer different functions in counts
---@field error integer counts are too small by at most this
---@field points integer rows of X
---@field X limn.array
---@field how string
local distribution = {}

---@class limn.functions.level.options
---@field level? number (default 0.95)

---Probability of a function with Clopper and Pearson's interval; 0 for one that did not occur.
---Errors: raises for a pattern of another length.
---Source: counts (eq. 50, 38).
---```lua
---print(limn.functions.prior({ sizes = { 2, 4, 1 }, samples = 1000 }):probability "----")
---```
---@param pattern string|number[]
---@param options? limn.functions.level.options
---@return number
---@return number[] interval {low, high}
function distribution:probability(pattern, options) end

---Complexity -log2 of the probability of a function, with its interval.
---Errors: raises for a pattern of another length.
---Source: Valle-Pérez, Camargo and Louis 2019 (eq. 50, 38).
---```lua
---print(limn.functions.prior({ sizes = { 2, 4, 1 }, samples = 1000 }):bits "----")
---```
---@param pattern string|number[]
---@param options? limn.functions.level.options
---@return number
---@return number[] interval {low, high}
function distribution:bits(pattern, options) end

---Entropy of the functions in bits, corrected for those that were not seen, its interval, and the coverage of the sample.
---Errors: raises where rare functions were not counted (error above 0).
---Source: Chao, Wang and Jost 2013 (eq. 39).
---```lua
---print(limn.functions.prior({ sizes = { 2, 4, 1 }, samples = 1000 }):entropy())
---```
---@param options? limn.functions.level.options
---@return number
---@return number[] interval {low, high}
---@return number coverage
function distribution:entropy(options) end

---The most frequent functions.
---Errors: raises for a negative n.
---```lua
---print(limn.functions.prior({ sizes = { 2, 4, 1 }, samples = 1000 }):ranked(3)[1].count)
---```
---@param n? integer (default 20)
---@return table[] {pattern=, count=, probability=}
function distribution:ranked(n) end

---Probabilities by rank, for Zipf's plot.
---Errors: none.
---```lua
---print(limn.functions.prior({ sizes = { 2, 4, 1 }, samples = 1000 }):probabilities())
---```
---@return limn.array
function distribution:probabilities() end

---Mean sign at each row of X.
---Errors: none.
---```lua
---print(limn.functions.prior({ sizes = { 2, 4, 1 }, samples = 1000 }):signs())
---```
---@return limn.array in [-1, 1]
function distribution:signs() end

---@class limn.functions.generalisation.options
---@field target string|number[] the true function
---@field S? integer[] rows of X that are left out, as labelled (default {})
---@field level? number (default 0.95)

---Mean fraction of wrong signs on the rows of X that are not in S, its interval, and the probability of each error.
---Errors: raises when S holds all rows.
---```lua
---local d = limn.functions.posterior { sizes = { 2, 4, 1 }, S = { 1, 2 }, y = { -1, 1 }, samples = 1000 }
---print(d:generalisation { target = "-+-+", S = d.S })
---```
---@param options limn.functions.generalisation.options
---@return number
---@return number[] interval {low, high}
---@return table[] {error=, probability=}
function distribution:generalisation(options) end

---@class limn.functions.measures.options
---@field functions? integer only the most frequent ones (default all)
---@field bits? integer number of input bits; 0: X is no cube (default log2 of the points, if that is whole)
---@field gates? boolean (default false)
---@field space? limn.programs.space

---The measures of functions.complexity, of all functions by rank.
---Errors: as functions.complexity.
---Source: as functions.complexity (eq. 53).
---```lua
---print(limn.functions.prior({ sizes = { 3, 4, 1 }, samples = 1000 }):complexity({ functions = 3 }).influence)
---```
---@param options? limn.functions.measures.options
---@return table<string, limn.array>
function distribution:complexity(options) end

---@class limn.functions.orthants.options
---@field samples? integer (default 16384)
---@field seed? integer (default 1)

---The probability of a function at infinite width (limit=true), or of a perceptron, by its Gaussian orthant, as bits.
---Errors: raises for nets of finite width.
---Source: Genz 1992 (eq. 51).
---```lua
---print(limn.functions.prior({ sizes = { 3, 8, 1 }, samples = 1000, limit = true }):orthant "--------")
---```
---@param pattern string|number[]
---@param options? limn.functions.orthants.options
---@return number bits
---@return number error bits
function distribution:orthant(pattern, options) end

return functions
