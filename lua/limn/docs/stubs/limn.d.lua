---@meta limn
-- limn.d.lua: the module `require "limn"`, for help(), the reference, completion and lua-language-server. Its
-- submodules are in NAME.d.lua in this folder. limn/docs/init.lua describes the format of a stub.

---Numerics of ensemble priors: arrays and their constructors; all other functions are in submodules, which load at
---their first use.
---@class limn.lib
---@field version string the version of limn
---@field rng limn.lib.rng random streams
---@field features limn.lib.features pools of features
---@field regress limn.lib.regress rules that choose weights
---@field contrib limn.lib.contrib contributions of feature classes to a fit
---@field theory limn.lib.theory the laws of the toy model
---@field programs limn.lib.programs enumerated programs and their prior
---@field mlp limn.lib.mlp networks of finite width
---@field kernel limn.lib.kernel networks of infinite width
---@field functions limn.lib.functions functions that nets compute
---@field maps limn.lib.maps predictions over a plane
---@field stats limn.lib.stats distributions, and estimates with intervals
---@field data limn.lib.data small data sets
---@field experiment limn.lib.experiment sweeps
---@field results limn.lib.results tables of results
---@field claims limn.lib.claims predictions against measurements
---@field plot limn.lib.plot figures
---@field help limn.lib.help this help
---@field repl limn.lib.repl a prompt inside a script
local limn = {}

---@class limn.array.options
---@field dtype? limn.words.dtype (default "f64")

---An array of the numbers of a table: a list makes a vector, a list of rows a matrix, a list of arrays of one shape a
---stack, a list of booleans a mask. An array is copied.
---Errors: raises when rows differ in length or an entry is not a number.
---```lua
---local a = limn.array { { 1, 2 }, { 3, 4 } }
---print(a, a[2][1], limn.array({ 1, 2 }, { dtype = "f32" }):dtype())
---```
---@param entries table|limn.array numbers, rows of numbers, or arrays
---@param options? limn.array.options
---@return limn.array
function limn.array(entries, options) end

---An array of zeros: a vector, a matrix, or a stack of matrices.
---Errors: raises when a size is negative or the memory is not there.
---```lua
---print(limn.zeros(2, 3))
---```
---@param rows integer
---@param columns? integer
---@param depth? integer
---@param options? limn.array.options
---@return limn.array
function limn.zeros(rows, columns, depth, options) end

---An array of ones: a vector, a matrix, or a stack of matrices.
---Errors: raises when a size is negative or the memory is not there.
---```lua
---print(limn.ones(4):sum())
---```
---@param rows integer
---@param columns? integer
---@param depth? integer
---@param options? limn.array.options
---@return limn.array
function limn.ones(rows, columns, depth, options) end

---The n x n identity matrix.
---Errors: raises when n is negative or not a whole number.
---```lua
---print(limn.eye(3):sum())
---```
---@param n integer
---@param options? limn.array.options
---@return limn.array n x n
function limn.eye(n, options) end

---count numbers evenly spaced from first to last, both included.
---Errors: raises when an end is not finite or count is below 1.
---```lua
---print(limn.linspace(0, 1, 5))
---```
---@param first number
---@param last number
---@param count integer
---@param options? limn.array.options
---@return limn.array count numbers
function limn.linspace(first, last, count, options) end

---count numbers in geometric progression from first to last, both included.
---Errors: raises unless the ends are nonzero and of one sign, or when count is below 1.
---```lua
---print(limn.logspace(1, 1000, 4))
---```
---@param first number
---@param last number
---@param count integer
---@param options? limn.array.options
---@return limn.array count numbers
function limn.logspace(first, last, count, options) end

---first, first + step, ... up to last inclusive, as in Lua's for.
---Errors: raises when step is 0 or an end is not finite.
---```lua
---print(limn.range(0, 10, 2))
---```
---@param first number
---@param last number
---@param step? number (default 1)
---@param options? limn.array.options
---@return limn.array
function limn.range(first, last, step, options) end

---Concatenates arrays along a dimension; the other dimensions must be equal. A number counts as a vector of one entry. Of two
---arrays also a .. b.
---Errors: raises when the shapes do not fit, and for an empty list.
---```lua
---print(limn.concat { { 1, 2 }, limn.ones(2), 5 }, limn.concat({ limn.eye(2), limn.ones(2, 1) }, 2))
---```
---@param arrays (limn.array|table|number)[]
---@param dim? integer (default 1)
---@return limn.array
function limn.concat(arrays, dim) end

---Arrays of one shape joined along a new dimension.
---Errors: raises when the shapes differ, and for arrays of rank 3.
---```lua
---print(limn.stack { { 1, 2 }, { 3, 4 } }, limn.stack({ { 1, 2 }, { 3, 4 } }, 2))
---```
---@param arrays (limn.array|table)[]
---@param dim? integer (default 1)
---@return limn.array
function limn.stack(arrays, dim) end

---Arrays below one another; a vector is a row.
---Errors: raises when the shapes do not fit.
---```lua
---print(limn.vstack { { 1, 2 }, limn.eye(2) })
---```
---@param arrays (limn.array|table)[]
---@return limn.array
function limn.vstack(arrays) end

---Vectors end to end, or matrices side by side.
---Errors: raises when the shapes do not fit.
---```lua
---print(limn.hstack { { 1, 2 }, { 3 } }, limn.hstack { limn.eye(2), limn.ones(2, 1) })
---```
---@param arrays (limn.array|table)[]
---@return limn.array
function limn.hstack(arrays) end

---The coordinates of a grid as two #y x #x matrices: X[i][j] = x[j] and Y[i][j] = y[i].
---Errors: raises when x or y is not a vector.
---```lua
---local X, Y = limn.meshgrid({ 1, 2, 3 }, { 10, 20 })
---print(X, Y)
---```
---@param x limn.array|table
---@param y limn.array|table
---@return limn.array X
---@return limn.array Y
function limn.meshgrid(x, y) end

---Piecewise linear interpolation: the values at x of the polygon through (at[k], values[k]).
---Errors: raises when at does not strictly increase, or the sizes differ.
---```lua
---print(limn.interp({ 0.5, 1.5, 9 }, { 0, 1, 2 }, { 0, 10, 30 }))
---```
---@param x number|limn.array|table
---@param at limn.array|table
---@param values limn.array|table
---@param left? number below at[1] (default values[1])
---@param right? number above at[#at] (default the last value)
---@return number|limn.array
function limn.interp(x, at, values, left, right) end

---A sum of products of one or two arrays over named indices: "ij,jk->ik" is a matrix product, "ii->" a trace,
---"bij,bjk->bik" products of stacks. An index that is not in the result is summed over; without "->" the result has the
---indices that occur once, in alphabetical order.
---Errors: raises for another form of spec, when sizes of an index differ, and for a result of more than 3 indices.
---```lua
---local a = limn.array { { 1, 2 }, { 3, 4 } }
---print(limn.einsum("ij,jk->ik", a, a), limn.einsum("ii->i", a), limn.einsum("ij,ij->", a, a))
---```
---@param spec string
---@param a limn.array|table
---@param b? limn.array|table
---@return number|limn.array
function limn.einsum(spec, a, b) end

---@class limn.load.options
---@field dtype? limn.words.dtype (default that of the file)
---@field only? string|string[] .npz: the names of the arrays to read (default all)
---@field header? boolean .csv: whether the first row contains names (default: true if it contains no number)
---@field separator? string .csv: one character; " " means any number of blanks (default: found from the file)
---@field decimal? string .csv: "." or "," (default: found from the file; "." where commas separate fields)
---@field comment? string .csv: lines that begin so are left out, such as "#"
---@field missing? string .csv: what becomes of an empty field or NA: "error", "drop" (the row is left out) or "nan" (default "error")

---Reads a file by its suffix: .npy an array, .npz a table of arrays by name, .csv (or .tsv, .txt; also followed by .gz) a
---matrix and the names of its columns. Whole numbers are read as f64 unless dtype is given; one that a double would round
---is an error. Arrays of an .npz that limn cannot hold, such as texts, are left out and listed in the second result.
---Errors: nil, message when the file cannot be read; raises for another suffix.
---```lua
---local path = os.tmpname() .. ".csv"
---limn.save(path, limn.array { { 1, 2 }, { 3, 4 } }, { "D", "ratio" })
---local a, names = limn.load(path)
---print(a:shape(), names[2])
---os.remove(path)
---```
---@param path string
---@param options? limn.load.options
---@return limn.array|table
---@return string[]|table[]|nil names of a .csv file; what was left out of an .npz, as {name =, why =}
---@return table|nil info of a .csv file: {separator =, decimal =, dropped = rows left out}
function limn.load(path, options) end

---Writes an array (.npy, .csv) or a table of arrays, lists of numbers, numbers and booleans by name (.npz). Dtypes are kept: i64
---and bool arrays are whole numbers and masks in numpy, a number or boolean is a scalar. The file is written completely or not at all. Numbers in a
---.csv have 17 digits, so that reading gives the same bits.
---Errors: nil, message when it cannot be written; raises for another suffix or value.
---```lua
---local path = os.tmpname() .. ".npz"
---limn.save(path, { X = limn.eye(2), y = limn.ones(2) })
---print(limn.load(path).X:sum())
---os.remove(path)
---```
---@param path string
---@param value limn.array|table
---@param names? string[] columns of a .csv
---@return string path
function limn.save(path, value, names) end

---Prints BibTeX entries: of limn, and of the literature that functions rest on, as the page "The mathematics of limn" lists it.
---Without an argument those of the script that runs. Of a method, every object that has it counts, if the script names its
---module.
---Errors: raises for a script that cannot be read and for names that are no functions of limn.
---```lua
---limn.cite { "kernel.ntk", "theory.risk" }
---```
---@param what? string|string[] scripts (paths that end in .lua) and names of functions
function limn.cite(what) end

---Properties of the machine and the build: version, lua, cpu, isa, threads, blas, blas_core, compiler.
---Errors: none.
---```lua
---print(limn.info().isa, limn.info().threads)
---```
---@return table
function limn.info() end

---The maximum number of threads of numerics and BLAS; n sets it first (0: all cores). Results do not depend on it.
---Errors: raises when n is negative or above 1024.
---```lua
---local before = limn.threads()
---print(limn.threads(1))
---limn.threads(before)
---```
---@param n? integer
---@return integer
function limn.threads(n) end

---The instruction set in use; name selects one. The environment variable LIMN_ISA selects it at the start.
---Errors: nil, message when this machine lacks it; raises for another name.
---```lua
---print(limn.isa())
---```
---@param name? string "ref", "avx2" or "avx512"
---@return string
function limn.isa(name) end

return limn
