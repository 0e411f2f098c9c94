---@meta limn.data
-- data.d.lua: small data sets.

---Small data sets: X (points x inputs) and y (one number per point; -1 or 1 for a label). Boolean inputs are -1 and 1;
---row r of a full table is the number r - 1 in binary, most significant bit first.
---@class limn.lib.data
local data = {}

---The corners of the square; 1 where the two inputs differ.
---Errors: none.
---```lua
---print(limn.data.xor())
---```
---@return limn.array X 4 x 2
---@return limn.array y
function data.xor() end

---The four corners of the square, in cyclic order, with one of the labellings.
---Errors: raises for an unknown pattern, and unless there are 4 labels of -1 or 1.
---```lua
---local X, y = limn.data.corners "one"
---print(y)
---```
---@param pattern? string|number[] "xor", "half", "one", "three", "constant", "none", or four labels (default "xor")
---@return limn.array X 4 x 2
---@return limn.array y
function data.corners(pattern) end

---@class limn.data.enumerate.options
---@field signs? boolean identify a labelling with its negative: 4 instead of 6 (default false)

---The labellings of the four corners up to rotations and reflections of the square.
---Errors: none.
---```lua
---for _, task in ipairs(limn.data.enumerate()) do print(task.name, task.y) end
---```
---@param options? limn.data.enumerate.options
---@return table[] {X=, y=, name=}
function data.enumerate(options) end

---@class limn.data.collinear.options
---@field points? integer at least 2 (default 4)
---@field angle? number of the line, in radians (default pi/4)

---Points evenly spaced from -1 to 1 on a line through the origin, with alternating labels (1 first).
---Errors: raises for fewer than 2 points.
---```lua
---print(limn.data.collinear { points = 3 })
---```
---@param options? limn.data.collinear.options
---@return limn.array X points x 2
---@return limn.array y
function data.collinear(options) end

---@class limn.data.random.options
---@field points? integer (default 4)
---@field dim? integer (default 2)
---@field kind? string "uniform" in [-1, 1]^dim, or "normal" (default "uniform")
---@field balanced? boolean half of the labels 1, for an odd number one more of 1 (default false)
---@field seed? integer (default 1)

---Random points with random labels.
---Errors: raises for sizes below 1.
---```lua
---local X, y = limn.data.random { points = 6, balanced = true }
---print(X, y:sum())
---```
---@param options? limn.data.random.options
---@return limn.array X points x dim
---@return limn.array y
function data.random(options) end

---@class limn.data.bits.options
---@field bits integer inputs, at most 20
---@field points? integer number of distinct rows, drawn at random (default all 2^bits)
---@field seed? integer (default 1)

---@class limn.data.parity.options: limn.data.bits.options
---@field relevant? integer number of inputs in the product (default bits)

---The product of the first `relevant` inputs.
---Errors: raises for more than 20 bits or more points than rows.
---```lua
---print(select(2, limn.data.parity { bits = 3 }))
---```
---@param options limn.data.parity.options
---@return limn.array X points x bits
---@return limn.array y
function data.parity(options) end

---The sign of the sum of the inputs; bits must be odd.
---Errors: raises for an even number of bits.
---```lua
---print(select(2, limn.data.majority { bits = 3 }))
---```
---@param options limn.data.bits.options
---@return limn.array X points x bits
---@return limn.array y
function data.majority(options) end

---A random function: a fair coin for each of the 2^bits inputs.
---Errors: raises for more than 20 bits or more points than rows.
---```lua
---print(select(2, limn.data.boolean { bits = 3, seed = 2 }))
---```
---@param options limn.data.bits.options
---@return limn.array X points x bits
---@return limn.array y
function data.boolean(options) end

---@class limn.data.needle.options: limn.data.bits.options
---@field at? integer number of the input (default 0)

---1 at one input, -1 elsewhere.
---Errors: raises when at is not below 2^bits.
---```lua
---print(select(2, limn.data.needle { bits = 2, at = 3 }))
---```
---@param options limn.data.needle.options
---@return limn.array X points x bits
---@return limn.array y
function data.needle(options) end

---@class limn.data.stream.options
---@field kind string "parity", "staircase", "gaussian" or "teacher"
---@field inputs integer
---@field points? integer points at each step (default 32)
---@field relevant? integer inputs that y depends on (default 2)
---@field teacher? limn.mlp|function a net, or a function X -> y; kind "teacher" only
---@field noise? number standard deviation of normal noise on y (default 0)
---@field seed? integer (default 1)

---A function of the step that returns fresh points and their targets: data for net:train that are not stored. Inputs are
----1 or +1, with kind gaussian and teacher normal. parity: y is the product of the first `relevant` inputs. staircase:
---the sum of the products of the first 1, 2, .. relevant inputs, divided by the root of relevant. gaussian: the sum of the
---first `relevant` inputs, divided by that root. teacher: the outputs of the teacher. A step gives the same points again.
---Errors: raises when relevant exceeds inputs, and where a teacher is missing or not asked for.
---Source: staircases after Abbe et al. 2021 (eq. 45).
---```lua
---local X, y = limn.data.stream { kind = "parity", inputs = 10, relevant = 3, points = 4 } (1)
---print(X:shape(), y)
---```
---@param options limn.data.stream.options
---@return fun(step: integer): limn.array, limn.array
function data.stream(options) end

---@class limn.data.modular.options
---@field modulus integer at least 2
---@field terms? integer (default 2)
---@field points? integer number of distinct rows, drawn at random (default all)
---@field target? integer label 1 where the sum equals target, else -1 (default: the sum is the label)
---@field seed? integer (default 1)

---Sums of numbers modulo a modulus; each number is encoded by modulus inputs, one of them 1.
---Errors: raises when modulus^terms exceeds 2^20.
---```lua
---local X, y = limn.data.modular { modulus = 3 }
---print(X:shape(), y)
---```
---@param options limn.data.modular.options
---@return limn.array X points x (modulus terms)
---@return limn.array y
function data.modular(options) end

---@class limn.data.csv.options
---@field labels? string|integer the column of labels, by name or position (default the last)
---@field positive? string the word for label 1, all others -1
---@field classes? string[] the labels, in the order of their numbers; any other label is an error (default those of the file, in order of appearance)
---@field targets? string "sign": 1 and -1; "number": the number of the class, from 1; "onehot": a column per class (default: a column of numbers is unchanged; of words "sign" for two classes, else "number"). Of two classes true, yes, t, y, positive, pos and on are 1, of others the first in the file
---@field columns? table the columns of X, by name or position (default all others)
---@field header? boolean whether the first row contains names (default: true if it contains no number)
---@field separator? string one character; " " means any number of blanks (default: found from the file; a comma if in doubt)
---@field decimal? string "." or "," (default: found from the file; "." where commas separate fields)
---@field comment? string lines that begin so are left out, such as "#"
---@field missing? string what becomes of an empty field, NA, N/A, NULL or ?: "error"; "drop": the row is left out; "nan": the number is NaN (default "error")

---Data from a text file of columns, also one packed by gzip. Blanks around a field do not count, unless it is quoted. A
---column of numbers in which one field is no number is an error, never a column of labels.
---Errors: nil, message (with line and column) when the file cannot be read, for a field that is no number, for a whole
---number that a double would round, and where the separator, the decimal sign or the header is ambiguous; raises for an
---unknown column.
---```lua
---local path = os.tmpname()
---io.open(path, "w"):write("a,b,kind\n1,2,cat\n3,4,dog\n5,,emu\n"):close()
---local X, y, info = limn.data.csv(path, { missing = "drop", targets = "onehot" })
---print(X, y, info.classes[1], info.dropped)
---os.remove(path)
---```
---@param path string
---@param options? limn.data.csv.options
---@return limn.array X
---@return limn.array y
---@return table info {names = of X's columns, classes = the labels, targets = "value" or as the option, positive = the word for 1, separator =, decimal =, dropped = rows left out}
function data.csv(path, options) end

---@class limn.data.iris.options
---@field positive? string "setosa", "versicolor" or "virginica" (default "setosa")

---150 flowers with 4 measurements in cm; y is 1 for one species, else -1. The data of R. A. Fisher, The use of multiple
---measurements in taxonomic problems, 1936.
---Errors: raises for another species.
---```lua
---local X, y = limn.data.iris()
---print(X:shape(), y:sum())
---```
---@param options? limn.data.iris.options
---@return limn.array X 150 x 4
---@return limn.array y
---@return table info
function data.iris(options) end

---X and y from two .npy files.
---Errors: nil, message when one cannot be read or their lengths differ.
---```lua
---local x, y = os.tmpname() .. ".npy", os.tmpname() .. ".npy"
---limn.save(x, limn.eye(2))
---limn.save(y, limn.ones(2))
---print(limn.data.npy(x, y))
---os.remove(x)
---os.remove(y)
---```
---@param x_path string
---@param y_path string
---@return limn.array X
---@return limn.array y
function data.npy(x_path, y_path) end

---@class limn.data.idx.options
---@field count? integer number of images, from the first on (default all)
---@field scale? number factor of every entry (default 1)

---X and y from two IDX files, the format of MNIST, also compressed by gzip; each image is a row.
---Errors: nil, message when one cannot be read or their lengths differ.
---```lua
---print(limn.data.idx("images.idx3-ubyte", "labels.idx1-ubyte", { count = 100, scale = 1 / 255 }))
---```
---@param images string path
---@param labels string path
---@param options? limn.data.idx.options
---@return limn.array X
---@return limn.array y
function data.idx(images, labels, options) end

---@class limn.data.split.options
---@field test? number share of the rows to test with, below 1, or their number (default 0.25)
---@field seed? integer (default 1)

---A random split into rows to learn from and rows to test with (train/test split).
---Errors: raises when X and y have unequal numbers of rows, and when no row is left on one side.
---```lua
---local X, y, X_test, y_test = limn.data.split(limn.eye(8), limn.range(1, 8), { test = 0.25 })
---print(#X, #y, #X_test, y_test)
---```
---@param X limn.array|table
---@param y? limn.array|table
---@param options? limn.data.split.options
---@return limn.array X to learn from
---@return limn.array y
---@return limn.array X_test
---@return limn.array y_test
function data.split(X, y, options) end

---@class limn.data.kfold.options
---@field folds? integer at least 2 (default 5)
---@field seed? integer (default 1)

---Cross-validation: for k, X, y, X_test, y_test in limn.data.kfold(...). Each row is tested in one fold; the sizes of the
---folds differ by at most 1.
---Errors: raises when X and y have unequal numbers of rows, and for more folds than rows.
---```lua
---for k, X, y, X_test, y_test in limn.data.kfold(limn.eye(6), limn.range(1, 6), { folds = 3 }) do
---  print(k, #X, #y, #X_test, y_test)
---end
---```
---@param X limn.array|table
---@param y limn.array|table
---@param options? limn.data.kfold.options
---@return fun(): integer, limn.array, limn.array, limn.array, limn.array
function data.kfold(X, y, options) end

---Each column with mean 0 and standard deviation 1 (standardized); a column of equal entries becomes 0. The second
---result treats other rows in the same way, such as those to test with.
---Errors: raises unless X is a matrix, and for another number of columns.
---```lua
---local Z, scale = limn.data.standardise { { 1, 10 }, { 3, 30 } }
---print(Z, scale.apply { { 2, 20 } })
---```
---@param X limn.array|table points x inputs
---@return limn.array Z
---@return table scale {mean =, sd =, apply = a function of X}
function data.standardise(X) end

---@class limn.data.onehot.options
---@field classes? table all classes in the order of their columns (default those of labels: numbers ascending, texts as they appear)

---One-hot encoding of labels of several classes (multiclass): a row per label, 1 in the column of its class, else 0.
---Errors: raises for an empty list, and for a label that is none of classes.
---```lua
---print(limn.data.onehot { "cat", "dog", "cat" })
---```
---@param labels limn.array|table numbers or texts
---@param options? limn.data.onehot.options
---@return limn.array Y labels x classes
---@return table classes
function data.onehot(labels, options) end

---@class limn.data.batches.options
---@field size? integer rows of a batch (default 32)
---@field seed? integer (default 1)

---Random batches: a function of the step, as net:train takes it. Each pass through the data (epoch) has each row once, in
---an order of its own; its last batch may be smaller.
---Errors: raises when X and y have unequal numbers of rows.
---```lua
---local batch, steps = limn.data.batches(limn.eye(10), limn.range(1, 10), { size = 4 })
---for step = 1, steps do print(select(2, batch(step))) end
---```
---@param X limn.array|table
---@param y limn.array|table
---@param options? limn.data.batches.options
---@return fun(step: integer): limn.array, limn.array
---@return integer steps of one pass
function data.batches(X, y, options) end

return data
