---@meta
-- array_reductions.d.lua: sums, extremes, running sums, order, counts.

---@class limn.array
local array = {}

---The sum of all entries, or along a dimension, which the result lacks (1: over the rows, one number per column).
---Errors: raises when dim is not a dimension.
---```lua
---print(limn.eye(3):sum(), limn.eye(3):sum(1))
---```
---@param dim? integer
---@return number|limn.array
function array:sum(dim) end

---The mean of all entries, or along a dimension; nan where there are none.
---Errors: raises when dim is not a dimension.
---```lua
---print(limn.range(1, 4):mean())
---```
---@param dim? integer
---@return number|limn.array
function array:mean(dim) end

---The standard deviation, the root of var.
---Errors: as var.
---```lua
---print(limn.range(1, 4):std())
---```
---@param dim? integer
---@param ddof? number the divisor is n - ddof (default 1)
---@return number|limn.array
function array:std(dim, ddof) end

---The sample variance (divisor n - 1) of all entries, or along a dimension; nan for one entry.
---Errors: raises when dim is not a dimension.
---```lua
---print(limn.range(1, 4):var())
---```
---@param dim? integer
---@param ddof? number the divisor is n - ddof (default 1)
---@return number|limn.array
function array:var(dim, ddof) end

---The smallest entry, or the smallest along a dimension.
---Errors: raises when dim is not a dimension or there are no entries.
---```lua
---print(limn.range(1, 4):min())
---```
---@param dim? integer
---@return number|limn.array
function array:min(dim) end

---The largest entry, or the largest along a dimension.
---Errors: raises when dim is not a dimension or there are no entries.
---```lua
---print(limn.range(1, 4):max())
---```
---@param dim? integer
---@return number|limn.array
function array:max(dim) end

---The indices of the smallest entry (of the first of equals); with dim an array of positions along it.
---Errors: raises when dim is not a dimension or there are no entries.
---```lua
---print(limn.array({ 3, 1, 2 }):argmin())
---```
---@param dim? integer
---@return integer|limn.array
---@return integer|nil column
function array:argmin(dim) end

---The indices of the largest entry (of the first of equals); with dim an array of positions along it.
---Errors: raises when dim is not a dimension or there are no entries.
---```lua
---print(limn.array({ 3, 1, 2 }):argmax())
---```
---@param dim? integer
---@return integer|limn.array
---@return integer|nil column
function array:argmax(dim) end

---The product of all entries, or along a dimension; 1 where there are none.
---Errors: raises when dim is not a dimension.
---```lua
---print(limn.range(1, 5):prod())
---```
---@param dim? integer
---@return number|limn.array
function array:prod(dim) end

---Whether any entry is not 0 (nan is not), or a mask of that along a dimension.
---Errors: raises when dim is not a dimension.
---```lua
---print(limn.array({ 0, 2 }):gt(1):any())
---```
---@param dim? integer
---@return boolean|limn.array
function array:any(dim) end

---Whether all entries are not 0, or a mask of that along a dimension; true where there are none.
---Errors: raises when dim is not a dimension.
---```lua
---print(limn.array({ 0, 2 }):isfinite():all())
---```
---@param dim? integer
---@return boolean|limn.array
function array:all(dim) end

---The number of entries that are not 0, as an integer, or along a dimension.
---Errors: raises when dim is not a dimension.
---```lua
---print(limn.range(1, 9):gt(3):count())
---```
---@param dim? integer
---@return integer|limn.array
function array:count(dim) end

---The median of all entries, or along a dimension: the mean of the two in the middle of an even number.
---Errors: raises when dim is not a dimension or there are no entries.
---```lua
---print(limn.array({ 5, 1, 3, 9 }):median())
---```
---@param dim? integer
---@return number|limn.array
function array:median(dim) end

---The most frequent entry, the smallest of several, and how often it occurs.
---Errors: raises when there are no entries.
---```lua
---print(limn.array({ 3, 1, 3 }):mode())
---```
---@return number
---@return integer count
function array:mode() end

---Running sums along a dimension.
---Errors: raises when dim is not a dimension.
---```lua
---print(limn.ones(4):cumsum())
---```
---@param dim? integer (default all entries, in row-major order)
---@return limn.array
function array:cumsum(dim) end

---Running products along a dimension.
---Errors: raises when dim is not a dimension.
---```lua
---print(limn.range(1, 5):cumprod())
---```
---@param dim? integer (default all entries, in row-major order)
---@return limn.array
function array:cumprod(dim) end

---Differences of neighbours, a[i + 1] - a[i], along a dimension.
---Errors: raises when dim is not a dimension.
---```lua
---print(limn.array({ 1, 4, 9 }):diff())
---```
---@param dim? integer (default the last)
---@return limn.array
function array:diff(dim) end

---The p-norm (sum |x|^p)^(1/p) of all entries; math.huge gives the largest |x|. nan where an entry is.
---Errors: raises when p is below 1.
---```lua
---print(limn.array({ 3, 4 }):norm(), limn.array({ 3, 4 }):norm(math.huge))
---```
---@param p? number (default 2)
---@return number
function array:norm(p) end

---The entries in ascending order along a dimension, with nan last.
---Errors: raises when dim is not a dimension.
---```lua
---print(limn.array({ 3, 1, 2 }):sort())
---```
---@param dim? integer (default the last)
---@return limn.array
function array:sort(dim) end

---The permutation that sorts the entries in ascending order, counted from 1, as whole numbers (i64).
---Errors: raises when dim is not a dimension.
---```lua
---print(limn.array({ 3, 1, 2 }):argsort())
---```
---@param dim? integer (default the last)
---@return limn.array
function array:argsort(dim) end

---The distinct entries in ascending order, how often each occurs, and for each entry of self its position among them.
---Errors: none.
---```lua
---local values, counts, where = limn.array({ 3, 1, 3 }):unique()
---print(values, counts, where)
---```
---@return limn.array values
---@return limn.array counts
---@return limn.array positions
function array:unique() end

---How many entries are 1, 2, .. most (class numbers); with weights the sums of those.
---Errors: raises when an entry is not a whole number in 1 .. most, and when the sizes differ.
---```lua
---print(limn.array({ 3, 1, 3 }):bincount(), limn.array({ 1, 2 }):bincount(3))
---```
---@param most? integer (default the largest entry)
---@param weights? limn.array|table
---@return limn.array
function array:bincount(most, weights) end

---How many entries lie in each bin, and the edges of the bins: equal bins of low .. high, or the given edges. A bin
---contains its lower edge, the last one also its upper edge; entries outside are not counted.
---Errors: raises when edges do not ascend, and without low and high when an entry is not finite.
---```lua
---local counts, edges = limn.range(1, 10):histogram(3)
---print(counts, edges)
---print(limn.range(1, 10):histogram { 0, 5, 10 })
---```
---@param bins? integer|limn.array|table number of bins (default 10), or their edges
---@param low? number (default the smallest entry)
---@param high? number (default the largest entry)
---@return limn.array counts
---@return limn.array edges
function array:histogram(bins, low, high) end

---The bin of each entry, k where edges[k] <= x < edges[k + 1]: 0 below the first edge, #edges from the last one on.
---Errors: raises when edges do not ascend.
---```lua
---print(limn.array({ 0.5, 2, 9 }):digitize { 0, 1, 2, 3 })
---```
---@param edges limn.array|table
---@return limn.array
function array:digitize(edges) end

---Where each v is to be inserted into self, which is sorted, to keep the order: before equal entries, or after them.
---Errors: raises when self does not ascend.
---```lua
---print(limn.array({ 1, 2, 2, 5 }):searchsorted(2), limn.array({ 1, 2, 2, 5 }):searchsorted({ 0, 2 }, "right"))
---```
---@param v number|limn.array|table
---@param side? "left"|"right" (default "left")
---@return integer|limn.array
function array:searchsorted(v, side) end

---Quantiles by linear interpolation between order statistics: q a number, or without dim a list of them.
---Errors: raises when q is outside 0 .. 1 or there are no entries.
---```lua
---print(limn.range(0, 10):quantile(0.5), limn.range(0, 10):quantile { 0.25, 0.75 })
---```
---@param q number|table|limn.array
---@param dim? integer
---@return number|limn.array
function array:quantile(q, dim) end
