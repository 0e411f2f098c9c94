---@meta limn.array
-- array.d.lua: vectors, matrices and stacks of matrices.

---Numbers in 1 to 3 dimensions, row-major, f64 or f32; indices start at 1. a[i] is an entry of a vector or a row (a
---view) of a matrix; #a is the first dimension. + - * / ^ work entry by entry and broadcast as in numpy; for the matrix
---product use matmul. == compares identity, the method equal compares entries.
---@class limn.array
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
---@return string "f64" or "f32"
function array:dtype() end

---One entry.
---Errors: raises when an index is outside 1 .. its dimension.
---```lua
---print(limn.eye(2):get(1, 1))
---```
---@param i integer row
---@param j? integer column
---@param k? integer
---@return number
function array:get(i, j, k) end

---Writes one entry: set(i, v), set(i, j, v) or set(i, j, k, v).
---Errors: raises when an index is outside 1 .. its dimension or v is not a number.
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

---Rows r1 .. r2 and columns c1 .. c2, both ends included, as a view; nil means the first or the last.
---Errors: raises when an end is outside its dimension.
---```lua
---print(limn.range(1, 9):slice(3, 5), limn.eye(3):slice(nil, nil, 2, 3))
---```
---@param r1? integer
---@param r2? integer
---@param c1? integer
---@param c2? integer
---@param d1? integer of a stack
---@param d2? integer
---@return limn.array view
function array:slice(r1, r2, c1, c2, d1, d2) end

---The rows (entries of a vector) with the given indices, as a copy in that order; indices may repeat.
---Errors: raises for an index outside 1 .. the first dimension, and for an empty list.
---```lua
---print(limn.eye(3):take { 3, 1, 1 })
---```
---@param which integer[]|limn.array
---@return limn.array
function array:take(which) end

---The transpose (of each matrix of a stack), as a view; a vector becomes a 1 x n row.
---Errors: none.
---```lua
---print(limn.zeros(2, 3):T():shape())
---```
---@return limn.array view
function array:T() end

---A contiguous copy, optionally of another type.
---Errors: raises for a type other than "f64" and "f32".
---```lua
---print(limn.ones(2):copy("f32"):dtype())
---```
---@param dtype? string "f64" or "f32" (default that of self)
---@return limn.array
function array:copy(dtype) end

---The same entries, in row-major order, in another shape; a view where memory has that order, else a copy.
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

---A new array of f(x, i [, j [, k]]) for every entry x.
---Errors: raises errors of f, and when f does not return a number.
---```lua
---print(limn.range(1, 3):map(function(x) return x * x end))
---```
---@param f fun(x: number, i: integer, ...): number
---@return limn.array
function array:map(f) end

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

---1 where the entry is below b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):lt(3))
---```
---@param b limn.array|number
---@return limn.array
function array:lt(b) end

---1 where the entry is at most b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):le(3))
---```
---@param b limn.array|number
---@return limn.array
function array:le(b) end

---1 where the entry is above b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):gt(3))
---```
---@param b limn.array|number
---@return limn.array
function array:gt(b) end

---1 where the entry is at least b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):ge(3))
---```
---@param b limn.array|number
---@return limn.array
function array:ge(b) end

---1 where the entry equals b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):eq(3))
---```
---@param b limn.array|number
---@return limn.array
function array:eq(b) end

---1 where the entry differs from b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):ne(3))
---```
---@param b limn.array|number
---@return limn.array
function array:ne(b) end

---Whether b has the same shape and no entry is further than tol from its counterpart.
---Errors: raises when b is not an array.
---```lua
---print(limn.ones(2):equal(limn.ones(2) + 1e-9, 1e-6))
---```
---@param b limn.array
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

---Running sums along a dimension.
---Errors: raises when dim is not a dimension.
---```lua
---print(limn.ones(4):cumsum())
---```
---@param dim? integer (default all entries, in row-major order)
---@return limn.array
function array:cumsum(dim) end

---The p-norm (sum |x|^p)^(1/p) of all entries; math.huge gives the largest |x|.
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

---The permutation that sorts the entries in ascending order, counted from 1.
---Errors: raises when dim is not a dimension.
---```lua
---print(limn.array({ 3, 1, 2 }):argsort())
---```
---@param dim? integer (default the last)
---@return limn.array
function array:argsort(dim) end

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
