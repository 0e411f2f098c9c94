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
