---@meta limn.maps
-- maps.d.lua: functions of two inputs on a grid, measured over seeds.

---Functions of two inputs on a grid, and their measures over seeds. Lengths and areas are in the units of the
---coordinates; the sign map is 1 where the value is above 0, else 0.
---@class limn.lib.maps
local maps = {}

---@class limn.maps.frame.options
---@field x? number[] {first, last} (default {-2, 2})
---@field y? number[] {first, last} (default x)
---@field n? integer|integer[] cells per side, or {columns, rows} (default 256)

---The points of a grid, both ends included; the first coordinate runs fastest.
---Errors: raises for ranges that do not ascend and for more than 2^26 cells.
---```lua
---print(limn.maps.points { n = 3 })
---```
---@param options? limn.maps.frame.options
---@return limn.array cells x 2
function maps.points(options) end

---Evaluates a function on a grid in one call.
---Errors: raises for more than 2^26 cells (names the size), another number of outputs, and values that are not finite
---(names the cell).
---```lua
---local m = limn.maps.grid(function(X) return X:col(1) * X:col(2) end, { n = 64 })
---print(m, m:shape().boundary)
---```
---Nets of ReLUs are evaluated by exact affine patches (net:map).
---@param f function|table of all points (cells x 2), or of two columns; or anything with :forward or :predict
---@param options? limn.maps.frame.options
---@return limn.maps
function maps.grid(f, options) end

---@class limn.maps.interval.options
---@field resamples? integer (default 1000)
---@field level? number (default 0.95)
---@field seed? integer (default 1)

---Mean of one number per seed, with the percentile interval of the bootstrap over seeds.
---Errors: raises for values that are not numbers.
---Source: Efron 1979; percentiles: Efron 1981 (eq. 37).
---```lua
---local b = limn.maps.bootstrap { 1.2, 0.7, 1.1, 0.9 }
---print(b.value, b.interval[1], b.interval[2])
---```
---@param values limn.array|table one per seed
---@param options? limn.maps.interval.options
---@return table {value=, interval={low, high}}
function maps.bootstrap(values, options) end

---@class limn.maps.failed.options
---@field tol? number largest error of a run that fits (default 0.1)
---@field level? number (default 0.95)

---Fraction of runs that failed to fit, with Wilson's interval.
---Errors: raises when outputs are not runs x points.
---Source: Wilson 1927 (eq. 38).
---```lua
---print(limn.maps.failed({ { 1, -1 }, { 0.2, -1 } }, { 1, -1 }).value)
---```
---@param outputs limn.array|table runs x points: outputs of each run on the data
---@param labels limn.array|table points
---@param options? limn.maps.failed.options
---@return table {value=, interval={low, high}, failed=limn.array of 0 and 1}
function maps.failed(outputs, labels, options) end

---Number of linear regions of a ReLU net that contain a point of the grid: the distinct activation patterns. A lower
---bound of the number in the plane.
---Errors: raises for nets that are not of ReLUs on 2 inputs, and when the argument is not a matrix.
---```lua
---local net = limn.mlp.new { sizes = { 2, 8, 1 } }
---print(limn.maps.regions(net, { x = { -2, 2 }, n = 128 }))
---```
---@param what limn.mlp|limn.array|table a net, or preactivations: points x hidden units
---@param options? table with a net: x, y, n as for grid, and member of an ensemble (default 1)
---@return integer
function maps.regions(what, options) end

---Mean correlation over pairs of maps, with its bootstrap interval over seeds.
---Errors: raises for fewer than 2 maps.
---```lua
---local m = limn.maps.grid(function(X) return X:T() end, { n = 16 })
---print(limn.maps.consistency(m))
---```
---@param m limn.maps
---@param options? limn.maps.interval.options
---@return number
---@return number[] interval {low, high}
function maps.consistency(m, options) end

---Mean agreement of signs over pairs of maps, with its bootstrap interval over seeds.
---Errors: raises for fewer than 2 maps.
---```lua
---local m = limn.maps.grid(function(X) return X:T() end, { n = 16 })
---print(limn.maps.agreement(m))
---```
---@param m limn.maps
---@param options? limn.maps.interval.options
---@return number
---@return number[] interval {low, high}
function maps.agreement(m, options) end

---Distinct sign maps.
---Errors: raises unless m has the class limn.maps.
---```lua
---local m = limn.maps.grid(function(X) return X:T() end, { n = 16 })
---print(limn.maps.distinct(m))
---```
---@param m limn.maps
---@return integer the number of distinct maps
---@return limn.array the index of each map's sign map, counted from 1
function maps.distinct(m) end

---Entropy of the sign maps in bits: the entropy of the sample (at most log2 of the number of maps), an interval for the
---entropy over all seeds (by the jackknife; it contains the sample's), and the sample's entropy with its bias removed.
---Where nearly all maps differ, the upper end is not informative.
---Errors: raises unless m has the class limn.maps.
---Source: jackknife of the entropy (Zahl 1977) (eq. 35).
---```lua
---local m = limn.maps.grid(function(X) return X:T() end, { n = 16 })
---print(limn.maps.entropy(m))
---```
---@param m limn.maps
---@param options? limn.maps.interval.options
---@return number
---@return number[]|nil interval {low, high}; nil of fewer than 3 maps
---@return number|nil corrected
function maps.entropy(m, options) end

---Length of the zero contour of each map.
---Errors: raises unless m has the class limn.maps.
---Source: marching squares (Lorensen and Cline 1987), ambiguous cells by the bilinear saddle (Nielson and Hamann 1991) (eq. 33).
---```lua
---local m = limn.maps.grid(function(X) return X:T() end, { n = 16 })
---print(limn.maps.boundary(m))
---```
---@param m limn.maps
---@return limn.array
function maps.boundary(m) end

---Total variation of each map: the integral of $|grad f|$.
---Errors: raises unless m has the class limn.maps.
---Source: the gradient at the centre of each cell (eq. 33).
---```lua
---local m = limn.maps.grid(function(X) return X:T() end, { n = 16 })
---print(limn.maps.variation(m))
---```
---@param m limn.maps
---@return limn.array
function maps.variation(m) end

---Distance of each map to one function.
---Errors: raises when it lies on another grid.
---```lua
---local m = limn.maps.grid(function(X) return X:T() end, { n = 16 })
---print(limn.maps.distance(m, m:mean()))
---```
---@param m limn.maps
---@param limit limn.maps|limn.array
---@return table {sup=, rms=}: limn.arrays of count numbers
function maps.distance(m, limit) end

---Number of phrases in the exhaustive history of a string of signs (positive entries count as 1).
---Errors: raises when the argument is not an array.
---Source: Lempel and Ziv 1976 (eq. 34).
---```lua
---print(limn.maps.phrases { 0, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 1 })
---```
---@param signs limn.array|table
---@return integer
function maps.phrases(signs) end

---One or more functions on a grid.
---@class limn.maps
---@field values limn.array (ny, nx), or (count, ny, nx): row j is y[j], column i is x[i]
---@field stack limn.array count x cells
---@field x limn.array coordinates across
---@field y limn.array coordinates up
---@field count integer
local m = {}

---Map number k.
---Errors: raises when there is no such map.
---```lua
---print(limn.maps.grid(function(X) return X:col(1) end, { n = 4 }):map(1))
---```
---@param k integer
---@return limn.array ny x nx
function m:map(k) end

---The mean over seeds.
---Errors: none.
---```lua
---print(limn.maps.grid(function(X) return X:T() end, { n = 4 }):mean())
---```
---@return limn.maps
function m:mean() end

---The variance over seeds, divisor count - 1.
---Errors: raises for a single map.
---```lua
---print(limn.maps.grid(function(X) return X:T() end, { n = 4 }):variance())
---```
---@return limn.array ny x nx
function m:variance() end

---Measures of each map: mean (over the grid's points, both ends included, not an integral), positive (fraction above 0),
---boundary (length of the zero contour, bilinear in each cell), variation (integral of $|grad f|$), energy (integral of
---$|grad f|^2$), phrases (Lempel-Ziv 1976, mean of the row and the column scan) and bytes (zlib, one bit a cell) of the sign
---map.
---Errors: none.
---```lua
---print(limn.maps.grid(function(X) return X:col(1) - 0.3 end, { n = 64 }):shape().boundary)
---```
---@return table<string, limn.array> count numbers each
function m:shape() end

---Matrices over pairs of maps: correlation (nan with a constant map), agreement of signs, spread (half the mean squared
---difference, whose mean over pairs is the variance over seeds).
---Errors: none.
---```lua
---print(limn.maps.grid(function(X) return X:T() end, { n = 16 }):pairs().agreement)
---```
---@return table<string, limn.array> count x count each
function m:pairs() end

---Distinct sign maps.
---Errors: none.
---```lua
---print(limn.maps.grid(function(X) return X:T() end, { n = 16 }):distinct())
---```
---@return integer the number of distinct maps
---@return limn.array the index of each map's sign map, counted from 1
function m:distinct() end

---Distance of each map to one function.
---Errors: raises when it lies on another grid.
---```lua
---local a = limn.maps.grid(function(X) return X:col(1) end, { n = 16 })
---print(a:distance(limn.maps.grid(function(X) return X:col(1) + 0.5 end, { n = 16 })).rms)
---```
---@param limit limn.maps|limn.array
---@return table {sup=, rms=}: limn.arrays of count numbers
function m:distance(limit) end

---Mean correlation over pairs of maps, with its bootstrap interval over seeds.
---Errors: raises for fewer than 2 maps.
---```lua
---print(limn.maps.grid(function(X) return X:T() end, { n = 16 }):consistency())
---```
---@param options? limn.maps.interval.options
---@return number
---@return number[] interval {low, high}
function m:consistency(options) end

---Mean agreement of signs over pairs, with its bootstrap interval over seeds.
---Errors: raises for fewer than 2 maps.
---```lua
---print(limn.maps.grid(function(X) return X:T() end, { n = 16 }):agreement())
---```
---@param options? limn.maps.interval.options
---@return number
---@return number[] interval {low, high}
function m:agreement(options) end

---Entropy of the sign maps in bits: the entropy of the sample (at most log2 of the number of maps), an interval for the
---entropy over all seeds (by the jackknife; it contains the sample's), and the sample's entropy with its bias removed.
---Where nearly all maps differ, the upper end is not informative.
---Errors: none.
---```lua
---print(limn.maps.grid(function(X) return X:T() end, { n = 16 }):entropy())
---```
---@param options? limn.maps.interval.options
---@return number
---@return number[]|nil interval {low, high}; nil of fewer than 3 maps
---@return number|nil corrected
function m:entropy(options) end

---Length of the zero contour of each map.
---Errors: none.
---```lua
---print(limn.maps.grid(function(X) return X:T() end, { n = 16 }):boundary())
---```
---@return limn.array
function m:boundary() end

---Total variation of each map.
---Errors: none.
---```lua
---print(limn.maps.grid(function(X) return X:T() end, { n = 16 }):variation())
---```
---@return limn.array
function m:variation() end

---@class limn.maps.measure.options
---@field limit? limn.maps|limn.array also compute sup, rms and mean_rms
---@field variance? limn.maps|limn.array predicted variance over seeds: also compute variance_ratio
---@field resamples? integer (default 1000)
---@field level? number (default 0.95)
---@field seed? integer (default 1)

---All measures with bootstrap intervals over seeds: those of shape, of pairs (correlation, agreement, spread) with
---constant (the number of constant maps), distinct and entropy; with limit also sup, rms and mean_rms, with variance also
---variance_ratio.
---Errors: raises when limit or variance lies on another grid.
---```lua
---local m = limn.maps.grid(function(X) return X:T() end, { n = 32 }):measure()
---print(m.agreement.value, m.distinct.value, m.entropy.value)
---```
---@param options? limn.maps.measure.options
---@return table<string, table> {value=, interval={low, high}} by name
function m:measure(options) end
