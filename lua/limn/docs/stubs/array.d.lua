---@meta limn.array
-- array.d.lua: vectors, matrices and stacks of matrices.

---Numbers in 1 to 3 dimensions, row-major; indices start at 1, and -1 is the last. The dtype is f64, f32, i64 (whole
---numbers: positions, labels, counts) or bool (masks; the entries are 1 and 0). a[i] is an entry of a vector or a row (a
---view) of a matrix; #a is the first dimension. a[mask] and a[list] select entries or rows as a copy, and a[mask] = v
---writes them; a mask is the result of a comparison, a:gt(0). + - * / ^ % // work entry by entry and broadcast as in
---numpy, & | ~ combine masks, and .. joins two arrays; an operand may be a table. For the matrix product use matmul.
---a == b is true for equal shapes and entries (nan equals nothing); equal takes a tolerance or a table, eq gives a mask, and
---rawequal compares identity. print shows the entries, of large arrays those at the edges.
---@class limn.array
---@operator add(limn.array|number|table): limn.array
---@operator sub(limn.array|number|table): limn.array
---@operator mul(limn.array|number|table): limn.array
---@operator div(limn.array|number|table): limn.array
---@operator mod(limn.array|number|table): limn.array
---@operator pow(limn.array|number|table): limn.array
---@operator idiv(limn.array|number|table): limn.array
---@operator band(limn.array|number|table): limn.array
---@operator bor(limn.array|number|table): limn.array
---@operator concat(limn.array|number|table): limn.array
---@operator unm: limn.array
---@operator bnot: limn.array
---@operator len: integer
---@field [integer] limn.array|number
---@field [limn.array] limn.array
local array = {}

---The sizes of the dimensions, as several values.
---Errors: none.
---```lua
---local rows, columns = limn.zeros(2, 3):shape()
---print(rows, columns)
---```
---@return integer ...
function array:shape() end

---The number of entries.
---Errors: none.
---```lua
---print(limn.zeros(2, 3):size())
---```
---@return integer
function array:size() end

---The type of the entries.
---Errors: none.
---```lua
---print(limn.ones(2):dtype())
---```
---@return limn.words.dtype
function array:dtype() end

---One entry; an index below 0 counts from the end.
---Errors: raises when an index is outside its dimension.
---```lua
---print(limn.eye(2):get(1, 1))
---```
---@param i integer row
---@param j? integer column
---@param k? integer
---@return number
function array:get(i, j, k) end

---Writes one entry: set(i, v), set(i, j, v) or set(i, j, k, v).
---Errors: raises when an index is outside its dimension, v is not a number, or the dtype cannot hold it (2.5 in i64).
---```lua
---local a = limn.zeros(2, 2)
---a:set(1, 2, 7)
---print(a[1][2])
---```
---@param i integer row
---@param j integer|number column, or the value for a vector
---@param v? number the value
---@return limn.array self
function array:set(i, j, v) end

---Writes one number into every entry.
---Errors: raises when value is not a number.
---```lua
---local a = limn.zeros(3)
---a:fill(2)
---print(a:sum())
---```
---@param value number
---@return limn.array self
function array:fill(value) end

---Row i as a view: writing to it writes to the matrix.
---Errors: raises when i is outside 1 .. rows.
---```lua
---print(limn.array { { 1, 2 }, { 3, 4 } }:row(2))
---```
---@param i integer
---@return limn.array view
function array:row(i) end

---Column j as a view.
---Errors: raises when j is outside 1 .. columns or self is a vector.
---```lua
---print(limn.array { { 1, 2 }, { 3, 4 } }:col(2))
---```
---@param j integer
---@return limn.array view
function array:col(j) end

---Rows r1 .. r2 and columns c1 .. c2, both ends included, as a view; nil means the first or the last, -1 the last.
---Errors: raises when an end is outside its dimension.
---```lua
---print(limn.range(1, 9):slice(3, 5), limn.range(1, 9):slice(-3, -1), limn.eye(3):slice(nil, nil, 2, 3))
---```
---@param r1? integer
---@param r2? integer
---@param c1? integer
---@param c2? integer
---@param d1? integer of a stack
---@param d2? integer
---@return limn.array view
function array:slice(r1, r2, c1, c2, d1, d2) end

---The rows (entries of a vector) at the given positions, as a copy in that order, or those where a mask is 1; also
---written a[which]. Positions may repeat, and below 0 they count from the end. A mask of the shape of self gives its
---entries as a vector.
---Errors: raises for a position outside the first dimension, for an empty list, and for a mask of another shape.
---```lua
---local a = limn.array { 3, -1, 4 }
---print(limn.eye(3):take { 3, 1, 1 }, a:take { -1 }, a[a:gt(0)])
---```
---@param which integer[]|boolean[]|limn.array
---@return limn.array
function array:take(which) end

---The entries of self where mask is not 0, and those of b elsewhere; all three are broadcast.
---Errors: raises when the shapes do not broadcast.
---```lua
---local a = limn.array { 3, -1, 4 }
---print(a:where(a:gt(0), 0))
---```
---@param mask limn.array|table
---@param b limn.array|table|number
---@return limn.array
function array:where(mask, b) end

---The indices of the entries that are not 0, in row-major order: one i64 array per dimension.
---Errors: none.
---```lua
---print(limn.array({ 3, 0, 4 }):nonzero())
---local rows, columns = limn.eye(2):nonzero()
---print(rows, columns)
---```
---@return limn.array rows
---@return limn.array|nil columns
---@return limn.array|nil third
function array:nonzero() end

---The transpose (of each matrix of a stack), as a view; a vector becomes a 1 x n row.
---Errors: none.
---```lua
---print(limn.zeros(2, 3):T():shape())
---```
---@return limn.array view
function array:T() end

---A contiguous copy, optionally of another type.
---Errors: raises for another type, and for an entry that it cannot hold (2.5 as "i64"; only 0 and 1 are "bool").
---```lua
---print(limn.ones(2):copy("f32"):dtype())
---```
---@param dtype? limn.words.dtype (default that of self)
---@return limn.array
function array:copy(dtype) end

---The same entries, in row-major order, in another shape; a view where memory has that order, else a copy.
---One of the sizes may be -1: what is left for it.
---Errors: raises when the sizes do not multiply to size().
---```lua
---print(limn.range(1, 6):reshape(2, 3))
---```
---@param rows integer
---@param columns? integer
---@param depth? integer
---@return limn.array
function array:reshape(rows, columns, depth) end

---The entries as a Lua table: a list, or a list of lists.
---Errors: none.
---```lua
---print(limn.range(1, 3):totable()[3])
---```
---@return table
function array:totable() end

---A new array of f(x) for every entry x. Functions with a method of their own (a:sin(), a:round()) are faster by it.
---Errors: raises errors of f, and when f does not return a number.
---```lua
---print(limn.range(1, 3):map(function(x) return x * x end))
---print(limn.array({ 1, 8 }):map(math.sqrt))
---```
---@param f fun(x: number): number
---@return limn.array
function array:map(f) end

---A new array of f(x, i [, j [, k]]) for every entry x with its indices.
---Errors: as map.
---```lua
---print(limn.zeros(2, 3):map_indexed(function(_, i, j) return 10 * i + j end))
---```
---@param f fun(x: number, i: integer, ...): number
---@return limn.array
function array:map_indexed(f) end

---exp of every entry.
---Errors: none.
---```lua
---print(limn.zeros(2):exp())
---```
---@return limn.array
function array:exp() end

---The natural logarithm of every entry.
---Errors: none; 0 gives -inf and a negative entry nan.
---```lua
---print(limn.ones(2):log())
---```
---@return limn.array
function array:log() end

---The square root of every entry.
---Errors: none; a negative entry gives nan.
---```lua
---print(limn.array({ 4, 9 }):sqrt())
---```
---@return limn.array
function array:sqrt() end

---The absolute value of every entry.
---Errors: none.
---```lua
---print(limn.array({ -4, 9 }):abs())
---```
---@return limn.array
function array:abs() end

---The sign of every entry: -1, 0 or 1.
---Errors: none.
---```lua
---print(limn.array({ -4, 0, 9 }):sign())
---```
---@return limn.array
function array:sign() end

---The hyperbolic tangent of every entry.
---Errors: none.
---```lua
---print(limn.array({ -1, 0, 1 }):tanh())
---```
---@return limn.array
function array:tanh() end

---The largest whole number that is not above each entry.
---Errors: none.
---```lua
---print(limn.array({ -1.5, 2.5 }):floor())
---```
---@return limn.array
function array:floor() end

---The smallest whole number that is not below each entry.
---Errors: none.
---```lua
---print(limn.array({ -1.5, 2.5 }):ceil())
---```
---@return limn.array
function array:ceil() end

---Each entry without its digits after the point.
---Errors: none.
---```lua
---print(limn.array({ -1.5, 2.5 }):trunc())
---```
---@return limn.array
function array:trunc() end

---The sine of every entry, in radians.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):sin())
---```
---@return limn.array
function array:sin() end

---The cosine of every entry, in radians.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):cos())
---```
---@return limn.array
function array:cos() end

---The tangent of every entry, in radians.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):tan())
---```
---@return limn.array
function array:tan() end

---The arc sine of every entry, in radians; nan outside -1 .. 1.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):asin())
---```
---@return limn.array
function array:asin() end

---The arc cosine of every entry, in radians; nan outside -1 .. 1.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):acos())
---```
---@return limn.array
function array:acos() end

---The arc tangent of every entry, in radians.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):atan())
---```
---@return limn.array
function array:atan() end

---The hyperbolic sine of every entry.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):sinh())
---```
---@return limn.array
function array:sinh() end

---The hyperbolic cosine of every entry.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):cosh())
---```
---@return limn.array
function array:cosh() end

---The inverse hyperbolic sine of every entry.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):asinh())
---```
---@return limn.array
function array:asinh() end

---The inverse hyperbolic cosine of every entry; nan below 1.
---Errors: none.
---```lua
---print(limn.array({ 1, 2 }):acosh())
---```
---@return limn.array
function array:acosh() end

---The inverse hyperbolic tangent of every entry; nan outside -1 .. 1.
---Errors: none.
---```lua
---print(limn.array({ 0, 0.5 }):atanh())
---```
---@return limn.array
function array:atanh() end

---exp(x) - 1 of every entry, accurate near 0.
---Errors: none.
---```lua
---print(limn.array({ 0, 1e-9 }):expm1())
---```
---@return limn.array
function array:expm1() end

---2^x of every entry.
---Errors: none.
---```lua
---print(limn.array({ 0, 10 }):exp2())
---```
---@return limn.array
function array:exp2() end

---log(1 + x) of every entry, accurate near 0.
---Errors: none.
---```lua
---print(limn.array({ 0, 1e-9 }):log1p())
---```
---@return limn.array
function array:log1p() end

---The logarithm to base 2 of every entry.
---Errors: none.
---```lua
---print(limn.array({ 1, 8 }):log2())
---```
---@return limn.array
function array:log2() end

---The logarithm to base 10 of every entry.
---Errors: none.
---```lua
---print(limn.array({ 1, 1000 }):log10())
---```
---@return limn.array
function array:log10() end

---The cube root of every entry.
---Errors: none.
---```lua
---print(limn.array({ -8, 27 }):cbrt())
---```
---@return limn.array
function array:cbrt() end

---The error function of every entry.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):erf())
---```
---@return limn.array
function array:erf() end

---1 - erf of every entry, accurate for large ones.
---Errors: none.
---```lua
---print(limn.array({ 0, 10 }):erfc())
---```
---@return limn.array
function array:erfc() end

---The gamma function of every entry: (x - 1)! of a whole number.
---Errors: none.
---```lua
---print(limn.array({ 1, 5 }):gamma())
---```
---@return limn.array
function array:gamma() end

---log |gamma| of every entry.
---Errors: none.
---```lua
---print(limn.array({ 1, 100 }):lgamma())
---```
---@return limn.array
function array:lgamma() end

---1 where the entry is nan, as a mask.
---Errors: none.
---```lua
---print(limn.array({ 0 / 0, 1 }):isnan())
---```
---@return limn.array
function array:isnan() end

---1 where the entry is infinite, as a mask.
---Errors: none.
---```lua
---print(limn.array({ math.huge, 1 }):isinf())
---```
---@return limn.array
function array:isinf() end

---1 where the entry is neither nan nor infinite, as a mask.
---Errors: none.
---```lua
---print(limn.array({ 0 / 0, 1 }):isfinite())
---```
---@return limn.array
function array:isfinite() end

---Every entry rounded to so many digits after the point (before it, if negative), halves to even as in numpy.
---Errors: raises when digits is not a whole number.
---```lua
---print(limn.array({ 0.5, 1.5, 2.346 }):round(), limn.array({ 2.346 }):round(2))
---```
---@param digits? integer (default 0)
---@return limn.array
function array:round(digits) end

---Every entry moved into low .. high; either may be nil, and both may be arrays.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 5):clip(2, 4))
---```
---@param low? limn.array|number
---@param high? limn.array|number
---@return limn.array
function array:clip(low, high) end

---The smaller of each entry and b; nan if either is.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):minimum(2))
---```
---@param b limn.array|table|number
---@return limn.array
function array:minimum(b) end

---The larger of each entry and b; nan if either is.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):maximum(2))
---```
---@param b limn.array|table|number
---@return limn.array
function array:maximum(b) end

---The remainder of x / b with the sign of b; also written a % b.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.array({ 5, -5 }):mod(3), limn.range(1, 4) % 2)
---```
---@param b limn.array|table|number
---@return limn.array
function array:mod(b) end

---The angle of the point (b, x), x being the entry, in -pi .. pi.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.array({ 1, -1 }):atan2(-1))
---```
---@param b limn.array|table|number
---@return limn.array
function array:atan2(b) end

---sqrt(x^2 + b^2) of every entry, without overflow.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.array({ 3, 5 }):hypot { 4, 12 })
---```
---@param b limn.array|table|number
---@return limn.array
function array:hypot(b) end

---1 where the entry is below b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):lt(3))
---```
---@param b limn.array|table|number
---@return limn.array mask, of dtype bool
function array:lt(b) end

---1 where the entry is at most b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):le(3))
---```
---@param b limn.array|table|number
---@return limn.array mask, of dtype bool
function array:le(b) end

---1 where the entry is above b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):gt(3))
---```
---@param b limn.array|table|number
---@return limn.array mask, of dtype bool
function array:gt(b) end

---1 where the entry is at least b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):ge(3))
---```
---@param b limn.array|table|number
---@return limn.array mask, of dtype bool
function array:ge(b) end

---1 where the entry equals b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):eq(3))
---```
---@param b limn.array|table|number
---@return limn.array mask, of dtype bool
function array:eq(b) end

---1 where the entry differs from b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):ne(3))
---```
---@param b limn.array|table|number
---@return limn.array mask, of dtype bool
function array:ne(b) end

---Whether b has the same shape and no entry is further than tol from its counterpart.
---nan is equal to nothing.
---Errors: raises when b is no array and no table of numbers.
---```lua
---print(limn.ones(2):equal(limn.ones(2) + 1e-9, 1e-6))
---```
---@param b limn.array|table
---@param tol? number (default 0)
---@return boolean
function array:equal(b, tol) end

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

---Matrix product. A vector on the left is a row, on the right a column, and the result lacks that dimension.
---Errors: raises when the inner dimensions differ.
---Source: BLAS dgemm (sgemm for two f32 arrays) (eq. 44).
---```lua
---print(limn.eye(2):matmul { 1, 2 })
---```
---@param b limn.array|table
---@return limn.array|number
function array:matmul(b) end

---The sum of products of two vectors; for matrices the same as matmul.
---Errors: raises when the dimensions differ.
---```lua
---print(limn.range(1, 3):dot { 1, 1, 1 })
---```
---@param b limn.array|table
---@return number|limn.array
function array:dot(b) end

---x with self x = b, and the reciprocal condition number of self.
---Errors: nil, message when self is singular; raises when it is not square or b has another number of rows.
---Source: LAPACK dgesv (LU with partial pivoting) (eq. 44).
---```lua
---print(limn.array({ { 2, 0 }, { 0, 4 } }):solve { 2, 4 })
---```
---@param b limn.array|table n or n x k
---@return limn.array x
---@return number rcond
function array:solve(b) end

---The x of least norm among those with the least |self x - b|, the numerical rank, and the singular values.
---Errors: nil, message when it does not converge; raises when b has another number of rows.
---```lua
---print(limn.array({ { 1, 0 }, { 1, 1 }, { 1, 2 } }):lstsq { 1, 3, 5 })
---```
---@param b limn.array|table
---@param rcond? number singular values below rcond times the largest count as 0 (default rounding of the dtype)
---@return limn.array x
---@return integer rank
---@return limn.array s
function array:lstsq(b, rcond) end

---The inverse, and the reciprocal condition number of self. To solve equations use solve.
---Errors: nil, message when self is singular; raises when it is not square.
---```lua
---print(limn.array({ { 2, 0 }, { 0, 4 } }):inv())
---```
---@return limn.array
---@return number rcond
function array:inv() end

---The Moore-Penrose inverse.
---Errors: nil, message when it does not converge.
---```lua
---print(limn.array({ { 1, 2 } }):pinv())
---```
---@param rcond? number singular values of at most rcond times the largest count as 0 (default rounding of the dtype)
---@return limn.array
function array:pinv(rcond) end

---The determinant, the logarithm of its size, and its sign; the last two neither overflow nor underflow.
---Errors: raises when self is not square or not finite.
---```lua
---print(limn.array({ { 1, 2 }, { 3, 4 } }):det())
---```
---@return number
---@return number log_size
---@return integer sign
function array:det() end

---The condition number: the largest over the smallest singular value; inf for a singular matrix.
---Errors: nil, message when it does not converge.
---```lua
---print(limn.array({ { 1, 0 }, { 0, 4 } }):cond())
---```
---@return number
function array:cond() end

---Eigenvalues re + i im and eigenvectors v_re + i v_im (columns of length 1) of any square matrix. For a symmetric one
---use eigh.
---Errors: nil, message when it does not converge; raises when self is not square.
---```lua
---local re, im, v_re, v_im = limn.array({ { 0, -1 }, { 1, 0 } }):eig()
---print(re, im)
---```
---@return limn.array re
---@return limn.array im
---@return limn.array v_re
---@return limn.array v_im
function array:eig() end

---The matrix exponential (Higham 2005: scaling, a Pade approximant, squaring).
---Errors: raises when self is not square or not finite.
---```lua
---print(limn.zeros(2, 2):expm())
---```
---@return limn.array
function array:expm() end

---The k-th diagonal of a matrix as a view (k > 0 above the main one); the matrix with a vector there.
---Errors: raises for a stack.
---```lua
---print(limn.array({ { 1, 2 }, { 3, 4 } }):diag(), limn.array({ 5, 6 }):diag())
---```
---@param k? integer (default 0)
---@return limn.array
function array:diag(k) end

---The sum of the k-th diagonal.
---Errors: raises when self is not a matrix.
---```lua
---print(limn.eye(3):trace())
---```
---@param k? integer (default 0)
---@return number
function array:trace(k) end

---The matrix x_i b_j of two vectors.
---Errors: raises when one is not a vector.
---```lua
---print(limn.array({ 1, 2 }):outer { 3, 4 })
---```
---@param b limn.array|table
---@return limn.array
function array:outer(b) end

---The Kronecker product of two matrices: block (i, j) is x_ij b.
---Errors: raises when one is not a matrix.
---```lua
---print(limn.eye(2):kron { { 1, 2 } })
---```
---@param b limn.array|table
---@return limn.array
function array:kron(b) end

---The covariances of the columns; of a vector, or of two, a number.
---Errors: raises when the lengths of two vectors differ.
---```lua
---print(limn.array({ { 1, 2 }, { 2, 4 }, { 3, 7 } }):cov(), limn.array({ 1, 2, 3 }):cov { 2, 4, 7 })
---```
---@param b? limn.array|table
---@param ddof? number the divisor is n - ddof (default 1)
---@return limn.array|number
function array:cov(b, ddof) end

---The correlations of the columns; of two vectors a number. nan for a constant column.
---Errors: raises when the lengths of two vectors differ.
---```lua
---print(limn.array({ 1, 2, 3 }):corrcoef { 2, 4, 7 })
---```
---@param b? limn.array|table
---@return limn.array|number
function array:corrcoef(b) end

---The Walsh-Hadamard transform along a dimension of 2^n entries: y_s = sum_x f_x (-1)^(number of bits that x and s
---share), x and s counted from 0. Divided by 2^n it is the spectrum of a function on n bits; twice it is 2^n times self.
---Errors: raises when the number of entries is not a power of 2.
---```lua
---local parity = limn.array { 1, -1, -1, 1 } -- of two bits
---print(parity:walsh() / 4)
---```
---@param dim? integer (default the last)
---@return limn.array
function array:walsh(dim) end

---u, s, vt with self = u diag(s) vt, s descending; the thin form.
---Errors: nil, message when it does not converge.
---Source: LAPACK dgesdd (eq. 44).
---```lua
---local u, s, vt = limn.array({ { 3, 0 }, { 0, 4 } }):svd()
---print(s)
---```
---@return limn.array u rows x k, k = the smaller dimension
---@return limn.array s k numbers
---@return limn.array vt k x columns
function array:svd() end

---Eigenvalues (ascending) and eigenvectors (columns) of a symmetric matrix.
---Errors: raises when it is not square or not symmetric; nil, message when it does not converge.
---Source: LAPACK dsyevd (eq. 44).
---```lua
---local w, v = limn.array({ { 2, 1 }, { 1, 2 } }):eigh()
---print(w)
---```
---@return limn.array w n numbers
---@return limn.array v n x n
function array:eigh() end

---q with orthonormal columns and r upper triangular, self = q r.
---Errors: raises when self is not a matrix.
---Source: LAPACK dgeqrf (Householder) (eq. 44).
---```lua
---local q, r = limn.array({ { 1, 2 }, { 3, 4 } }):qr()
---print(q:matmul(r))
---```
---@return limn.array q
---@return limn.array r
function array:qr() end

---The lower triangle l with self = l l' of a symmetric positive definite matrix.
---Errors: nil, message when it is not positive definite; raises when it is not symmetric.
---Source: LAPACK dpotrf (eq. 44).
---```lua
---print(limn.array({ { 4, 0 }, { 0, 9 } }):chol())
---```
---@return limn.array l
function array:chol() end

---The array as text: shape and dtype on the first line, then the entries in at most width columns; of a large array
---only the edges. With digits the largest entry has so many significant digits; by default four follow the point.
---Errors: none.
---```lua
---print(limn.eye(2):show(60))
---print(limn.linspace(0, 1, 4):show(60, 2))
---```
---@param width? integer (default 80)
---@param digits? integer 1 .. 17
---@return string
function array:show(width, digits) end

return array
