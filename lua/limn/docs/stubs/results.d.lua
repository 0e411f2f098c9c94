---@meta limn.results
-- results.d.lua: tables of results.

---Tables of results: what a sweep has measured, or any rows with named columns. `report` and `plot` of an experiment
---receive such a table, `load` reads it back from the store or the CSV of a sweep.
---@class limn.lib.results
local results = {}

---@class limn.results.load.options
---@field separator? string of a text file: one character; " " means any number of blanks (default: found from the file)
---@field decimal? string "." or "," (default: found from the file; "." where commas separate fields)
---@field comment? string lines that begin so are left out, such as "#"

---Reads a table: a text file (.csv, .tsv or .txt, also followed by .gz) with a line of names, an .npz of vectors, or the
---store of a sweep (any other name). A column of a text file is one of whole numbers, numbers, booleans or arrays if all
---its fields are, else of texts, and `warning` names where some of them are numbers; an empty field is a missing value. A
---store gives its finished cells, with the columns seed and code if they differ.
---Errors: nil, message when the file cannot be read, or is no table.
---```lua
---local path = os.tmpname() .. ".csv"
---limn.results.new({ { n = 1, kind = "relu" }, { n = 2, kind = "tanh" } }):save(path)
---print(limn.results.load(path))
---os.remove(path)
---```
---@param path string
---@param options? limn.results.load.options of a text file
---@return limn.results
function results.load(path, options) end

---Results from rows.
---Errors: raises when a row is no table with names, or a column is named twice.
---```lua
---print(limn.results.new({ { n = 1, risk = 0.5 }, { n = 2, risk = 0.25 } }, { "n", "risk" }))
---```
---@param rows table[] tables by column
---@param columns? string[] their order (default that of the names)
---@return limn.results
function results.new(rows, columns) end

---A table of results. `#r` counts its rows, `r[i]` is a row, `for i, row in ipairs(r)` runs over them, `print(r)` shows
---them. Methods return new tables. Of a sweep's table with more than 100 000 rows, each row is made when it is asked for, and
---large arrays are read from the store: changes to a row are not kept (with makes new columns).
---```lua
---local r = limn.results.new { { n = 1, m = 2.5 }, { n = 2, m = 3.5 } }
---for i, row in ipairs(r) do print(i, row.n, row.m) end
---```
---@class limn.results
---@operator len: integer
---@field [integer] table the row
---@field warning string|nil why there are no rows, or what was left out
local rows_ = {}

---The rows, as tables: a list for #, [i] and ipairs.
---Errors: none.
---```lua
---print(limn.results.new({ { n = 1 }, { n = 2 } }):rows()[2].n)
---```
---@return table[]
function rows_:rows() end

---The names of the columns, in order.
---Errors: none.
---```lua
---print(table.concat(limn.results.new({ { n = 1, m = 2 } }):columns(), " "))
---```
---@return string[]
function rows_:columns() end

---The rows whose values equal those given. Numbers are compared up to the rounding of an evenly spaced grid, so that 0.3
---finds what "0:1:11" makes of it. A list stands for any of its values, a function is a test. If no row is found,
---`warning` says which values there are.
---Errors: raises for an unknown column, and an argument that is neither a table nor a function.
---```lua
---local r = limn.results.new { { n = 1, k = "a" }, { n = 2, k = "b" }, { n = 3, k = "c" } }
---print(#r:where { n = { 1, 3 } }, #r:where { n = function(n) return n > 1 end, k = "b" })
---print(r:where(function(row) return row.n < 3 and row.k ~= "a" end))
---print(r:where({ n = 5 }).warning)
---```
---@param conditions table|function name = value, list of values or function; or a function of the row
---@return limn.results
function rows_:where(conditions) end

---The rows that have a value in each of the columns; NaN is a value.
---Errors: raises for an unknown column.
---```lua
---print(#limn.results.new({ { n = 1, m = 2 }, { n = 2 } }):complete("m"))
---```
---@param ... string columns (default all)
---@return limn.results
function rows_:complete(...) end

---Some of the columns, in the order given.
---Errors: raises for an unknown column, or one given twice.
---```lua
---print(limn.results.new({ { n = 1, k = 2, m = 3 } }):select("m", "n"))
---```
---@param ... string columns
---@return limn.results
function rows_:select(...) end

---The first rows.
---Errors: raises when count is no whole number >= 0.
---```lua
---print(limn.results.new({ { n = 1 }, { n = 2 }, { n = 3 } }):head(2))
---```
---@param count? integer (default 5)
---@return limn.results
function rows_:head(count) end

---The last rows.
---Errors: raises when count is no whole number >= 0.
---```lua
---print(limn.results.new({ { n = 1 }, { n = 2 }, { n = 3 } }):tail(2))
---```
---@param count? integer (default 5)
---@return limn.results
function rows_:tail(count) end

---One column: an array of numbers, or a list.
---Errors: raises when a row lacks it, or `where` found no row.
---```lua
---print(limn.results.new({ { n = 1, m = 2 }, { n = 2, m = 4 } }):column("m"):mean())
---```
---@param name string
---@return limn.array|table
function rows_:column(name) end

---The different values of a column, in order.
---Errors: raises for an unknown column.
---```lua
---print(table.concat(limn.results.new({ { n = 2 }, { n = 1 }, { n = 2 } }):distinct("n"), " "))
---```
---@param name string
---@return table
function rows_:distinct(name) end

---The rows with new columns, or with others in place of old ones. A function gets the row, a list or array has an entry
---for each row, another value stands in all rows.
---Errors: raises for a list of another length, and a value that is no number, text, boolean or array.
---```lua
---local r = limn.results.new { { D = 2, risk = 0.5 }, { D = 4, risk = 0.25 } }
---print(r:with { product = function(row) return row.D * row.risk end, rule = "ridge" })
---```
---@param columns table name = function(row), list, array or value
---@return limn.results
function rows_:with(columns) end

---The rows in the order of columns. Equal rows keep their order; NaN and missing values come last.
---Errors: raises for no column or an unknown one.
---```lua
---print(limn.results.new({ { n = 1, m = 3 }, { n = 2, m = 1 }, { n = 1, m = 5 } }):sort("n", "-m"))
---```
---@param ... string columns; "-name" descends
---@return limn.results
function rows_:sort(...) end

---@class limn.results.join.options
---@field on string|string[] columns that must agree
---@field keep? string "both": rows with a partner; "left": all rows of this table (default "both")
---@field suffix? string added to names of `other` that this table has too

---Each row beside the row of another table that has the same values in some columns; numbers are compared with 14 digits.
---`warning` counts the rows without a partner.
---Errors: raises for an unknown column, a column of both tables that is not in `on`, and values that several rows of both
---tables have.
---```lua
---local measured = limn.results.new { { D = 2, rep = 1, risk = 0.6 }, { D = 2, rep = 2, risk = 0.4 }, { D = 4, rep = 1, risk = 0.2 } }
---local theory = limn.results.new { { D = 2, law = 0.5 }, { D = 4, law = 0.25 } }
---print(measured:join(theory, { on = "D" }))
---```
---@param other limn.results
---@param options limn.results.join.options
---@return limn.results
function rows_:join(other, options) end

---A wide table: `pivot{rows="n", cols="k", value="m"}` has one row for each value of n (rows may be a list of columns), and a
---column k=VALUE for each value of k. `pivot("n", "k", "m")` gives the same as a matrix, NaN where no row is.
---Errors: raises for an unknown column, several rows for one entry, and, for a matrix, a value that is no number.
---```lua
---local r = limn.results.new { { n = 1, k = 1, m = 1 }, { n = 1, k = 2, m = 2 }, { n = 2, k = 1, m = 3 } }
---print(r:pivot { rows = "n", cols = "k", value = "m" })
---print(r:pivot("n", "k", "m"):show())
---```
---@param down string|table column, or rows, cols and value
---@param across? string column
---@param value? string column
---@return limn.results|limn.array
---@return table|nil down values of down, of a matrix
---@return table|nil across values of across, of a matrix
function rows_:pivot(down, across, value) end

---Groups rows by one or more columns, in the order of their values.
---Errors: raises for no column, an unknown one, or one that a row lacks.
---```lua
---local r = limn.results.new { { D = 2, a = 1, b = 5 }, { D = 2, a = 3, b = 6 }, { D = 4, a = 4, b = 7 } }
---print(r:by("D"):mean { "a", "b" })
---```
---@param ... string columns
---@return limn.results.groups
function rows_:by(...) end

---The older name of by.
---Errors: as by.
---```lua
---print(limn.results.new({ { n = 1, m = 2 }, { n = 1, m = 4 } }):group("n"):mean("m"))
---```
---@param ... string columns
---@return limn.results.groups
function rows_:group(...) end

---One row per column: kind, number of values, of missing ones, of NaN, of different ones; of numbers other than NaN the
---mean, standard deviation, minimum, median and maximum.
---Errors: none.
---```lua
---print(limn.results.new({ { n = 1, k = "a" }, { n = 2, k = "b" }, { n = 4 } }):describe())
---```
---@return limn.results
function rows_:describe() end

---@class limn.results.fit.options
---@field x string column
---@field y string column
---@field log? string natural logarithms of "x", "y" or "xy"
---@field level? number of the interval (default 0.95)

---A straight line, y = at_zero + slope x, by least squares.
---@class limn.results.fit
---@field slope number mean of the slopes of the replicates
---@field interval number[]|nil {low, high}; nil for fewer than 3 points of a single replicate
---@field at_zero number value of the line at 0 (with log: of the logarithms)
---@field n integer points
---@field replicates limn.results rep, slope, at_zero, n
---@field warning string|nil what was left out

---A least-squares line through two columns. With a column rep every replicate has a line of its own, and the interval is
---Student's over their slopes; with a single one it is that of the scatter about the line. Rows without numbers are left
---out, which `warning` says.
---Errors: raises for an unknown column, no rows, a single value of x, and numbers <= 0 under a logarithm.
---```lua
---local rows = {}
---for n = 1, 8 do for rep = 1, 3 do rows[#rows + 1] = { n = n, rep = rep, loss = (1 + rep / 100) / n ^ 2 } end end
---print(limn.results.new(rows):fit { x = "n", y = "loss", log = "xy" })
---```
---@param options limn.results.fit.options
---@return limn.results.fit
function rows_:fit(options) end

---@class limn.results.crossing.options
---@field x string column
---@field y string column
---@field level number
---@field log? string interpolates in logarithms of "x", "y" or "xy"
---@field confidence? number of the interval (default 0.95)

---Where a column crosses a level.
---@class limn.results.crossing
---@field at number|nil x at the crossing, mean over the replicates that cross (geometric with log = "x"); nil if none does
---@field interval number[]|nil {low, high} from two replicates on
---@field missing integer replicates that do not cross
---@field replicates limn.results rep, at, direction ("up", "down"; "above", "below" if it does not cross), count
---@field warning string|nil which do not cross, or several times

---Where y, as a function of x, first crosses a level, by straight lines between neighbouring points; for every replicate by
---itself if there is a column rep.
---Errors: raises for an unknown column, no rows, and two rows of a replicate with the same x.
---```lua
---local rows = {}
---for n = 1, 8 do for rep = 1, 3 do rows[#rows + 1] = { n = n, rep = rep, risk = (1 + rep / 10) / n } end end
---local half = limn.results.new(rows):crossing { x = "n", y = "risk", level = 0.5 }
---print(half)
---print(half.replicates)
---```
---@param options limn.results.crossing.options
---@return limn.results.crossing
function rows_:crossing(options) end

---The table as text, with the first and last rows and the columns that fit; what print and the prompt show.
---Errors: raises for numbers out of range.
---```lua
---print(limn.results.new({ { n = 1, m = 1 / 3 }, { n = 2, m = 2 / 3 } }):show(80, 3))
---```
---@param width? integer characters of a line (default that of the terminal)
---@param digits? integer significant digits (default 6)
---@param most? number rows from which on some are left out (default 20)
---@return string
function rows_:show(width, digits, most) end

---The table as HTML, as a notebook shows it.
---Errors: raises for most < 1.
---```lua
---print(limn.results.new({ { n = 1, k = "<a>" } }):html())
---```
---@param most? number rows from which on some are left out (default 20)
---@return string
function rows_:html(most) end

---The table as CSV text, numbers to the last bit.
---Errors: none.
---```lua
---print(limn.results.new({ { n = 1, m = 1 / 3, k = "a, b" } }):csv())
---```
---@return string
function rows_:csv() end

---The table as JSON: a list of objects, one a row. NaN and infinite numbers are texts, as in stores.
---Errors: none.
---```lua
---print(limn.results.new({ { n = 1, m = 0.5 } }):json())
---```
---@return string
function rows_:json() end

---Writes the table, whole or not at all: as CSV, or as .npz with an array for each column if the path ends in .npz
---(booleans as 0 and 1, missing values as NaN, arrays of one shape as one array).
---Errors: nil, message when it cannot be written; raises for texts in an .npz.
---```lua
---local path = os.tmpname()
---print(limn.results.new({ { n = 1, m = 2 } }):save(path) == path)
---os.remove(path)
---```
---@param path string
---@return string path
function rows_:save(path) end

---Rows in groups. Every method gives results with one row a group; columns are one name or a list of names.
---```lua
---local r = limn.results.new { { n = 1, a = 1, b = 2 }, { n = 1, a = 3, b = 5 }, { n = 2, a = 2, b = 2 } }
---print(r:by("n"):summary { "a", "b" })
---```
---@class limn.results.groups
local groups = {}

---The mean of columns in each group.
---Errors: raises for an unknown column, or one that lacks values or holds other than numbers.
---```lua
---local r = limn.results.new { { n = 1, m = 0.5 }, { n = 1, m = 0.7 }, { n = 2, m = 0.25 }, { n = 2, m = 0.35 } }
---print(r:by("n"):mean("m"))
---```
---@param columns string|string[]
---@return limn.results
function groups:mean(columns) end

---The sample standard deviation of columns in each group.
---Errors: raises for an unknown column, or one that lacks values or holds other than numbers.
---```lua
---local r = limn.results.new { { n = 1, m = 0.5 }, { n = 1, m = 0.7 }, { n = 2, m = 0.25 }, { n = 2, m = 0.35 } }
---print(r:by("n"):std("m"))
---```
---@param columns string|string[]
---@return limn.results
function groups:std(columns) end

---The least value of columns in each group.
---Errors: raises for an unknown column, or one that lacks values or holds other than numbers.
---```lua
---local r = limn.results.new { { n = 1, m = 0.5 }, { n = 1, m = 0.7 }, { n = 2, m = 0.25 }, { n = 2, m = 0.35 } }
---print(r:by("n"):min("m"))
---```
---@param columns string|string[]
---@return limn.results
function groups:min(columns) end

---The greatest value of columns in each group.
---Errors: raises for an unknown column, or one that lacks values or holds other than numbers.
---```lua
---local r = limn.results.new { { n = 1, m = 0.5 }, { n = 1, m = 0.7 }, { n = 2, m = 0.25 }, { n = 2, m = 0.35 } }
---print(r:by("n"):max("m"))
---```
---@param columns string|string[]
---@return limn.results
function groups:max(columns) end

---The sum of columns in each group.
---Errors: raises for an unknown column, or one that lacks values or holds other than numbers.
---```lua
---local r = limn.results.new { { n = 1, m = 0.5 }, { n = 1, m = 0.7 }, { n = 2, m = 0.25 }, { n = 2, m = 0.35 } }
---print(r:by("n"):sum("m"))
---```
---@param columns string|string[]
---@return limn.results
function groups:sum(columns) end

---The median of columns in each group.
---Errors: raises for an unknown column, or one that lacks values or holds other than numbers.
---```lua
---local r = limn.results.new { { n = 1, m = 0.5 }, { n = 1, m = 0.7 }, { n = 2, m = 0.25 }, { n = 2, m = 0.35 } }
---print(r:by("n"):median("m"))
---```
---@param columns string|string[]
---@return limn.results
function groups:median(columns) end

---A quantile of columns in each group.
---Errors: raises for an unknown column or q outside 0 .. 1.
---```lua
---local r = limn.results.new { { n = 1, m = 0.5 }, { n = 1, m = 0.7 }, { n = 2, m = 0.25 }, { n = 2, m = 0.35 } }
---print(r:by("n"):quantile("m", 0.9))
---```
---@param columns string|string[]
---@param q number
---@return limn.results
function groups:quantile(columns, q) end

---Several quantiles of columns in each group, in the columns NAME_0.25 and so on.
---Errors: raises for an unknown column or a quantile outside 0 .. 1.
---```lua
---local r = limn.results.new { { n = 1, m = 0.5 }, { n = 1, m = 0.7 }, { n = 2, m = 0.25 }, { n = 2, m = 0.35 } }
---print(r:by("n"):quantiles("m", { 0.25, 0.75 }))
---```
---@param columns string|string[]
---@param list number[]
---@return limn.results
function groups:quantiles(columns, list) end

---How many rows each group has, in the column "count".
---Errors: none.
---```lua
---local r = limn.results.new { { n = 1, m = 0.5 }, { n = 1, m = 0.7 }, { n = 2, m = 0.25 }, { n = 2, m = 0.35 } }
---print(r:by("n"):count())
---```
---@return limn.results
function groups:count() end

---@class limn.results.interval.options
---@field of? string "mean", "median" or "std" (default "mean")
---@field level? number (default 0.95)
---@field method? string "student" or "bootstrap" (default: "student" for the mean without draws and seed, else "bootstrap")
---@field draws? integer of the bootstrap (default 2000)
---@field seed? integer of the bootstrap (default 1)

---Mean (or median, std) with an interval, in the columns NAME, NAME_low and NAME_high: of a mean Student's, of the others the
---percentile bootstrap, which covers too little for few rows (of 0.95 about 0.83 at 5, 0.89 at 10, 0.94 at 60). A single row
---has no interval: NaN, and the table remarks it.
---Errors: raises for an unknown column, and for method = "student" with median, std, draws or seed.
---Source: Student's t; the percentile bootstrap: Efron 1981 (eq. 36, 37).
---```lua
---local r = limn.results.new { { n = 1, m = 0.5 }, { n = 1, m = 0.7 }, { n = 2, m = 0.25 }, { n = 2, m = 0.35 } }
---print(r:by("n"):interval("m"))
---print(r:by("n"):interval("m", { of = "median", draws = 200 }))
---```
---@param columns string|string[]
---@param options? limn.results.interval.options
---@return limn.results
function groups:interval(columns, options) end

---@class limn.results.summary.options
---@field level? number (default 0.95)

---Mean with Student's interval, number of values, standard deviation, minimum and maximum: NAME, NAME_low, NAME_high, NAME_n,
---NAME_sd, NAME_min, NAME_max. Missing values are left out, which shows in NAME_n; NaN is not. A single value has no interval.
---Rows of a sweep that differ in another parameter than those of by are no replicates: the table remarks "pooled over rate: 5 values".
---Errors: raises for an unknown column, or one that holds other than numbers.
---Source: Student's t (eq. 36).
---```lua
---local r = limn.results.new { { n = 1, m = 0.5 }, { n = 1, m = 0.7 }, { n = 2, m = 0.25 }, { n = 2, m = 0.35 } }
---print(r:by("n"):summary("m"))
---```
---@param columns string|string[]
---@param options? limn.results.summary.options
---@return limn.results
function groups:summary(columns, options) end

---A line in each group (results:fit), in the columns slope, slope_low, slope_high, at_zero and n.
---Errors: as results:fit.
---```lua
---local rows = {}
---for k = 1, 2 do for n = 1, 8 do rows[#rows + 1] = { k = k, n = n, loss = n ^ -k } end end
---print(limn.results.new(rows):by("k"):fit { x = "n", y = "loss", log = "xy" })
---```
---@param options limn.results.fit.options
---@return limn.results
function groups:fit(options) end

---The crossing of a level in each group (results:crossing): NAME, the crossing, under the name of x; NAME_low, NAME_high;
---missing, the number of replicates that do not cross.
---Errors: as results:crossing.
---```lua
---local rows = {}
---for k = 1, 3 do for n = 1, 8 do rows[#rows + 1] = { k = k, n = n, risk = k / n } end end
---print(limn.results.new(rows):by("k"):crossing { x = "n", y = "risk", level = 0.4 })
---```
---@param options limn.results.crossing.options
---@return limn.results
function groups:crossing(options) end

return results
