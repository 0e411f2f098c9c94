---@meta limn.features
-- features.d.lua: pools of features.

---Pools of features: D points (rows) x N features (columns) in classes, with labels.
---@class limn.lib.features
local features = {}

---@class limn.features.options
---@field points integer D, the number of data points
---@field labels? limn.array|table D entries -1 or 1 (default fair coins)
---@field kind? limn.words.kind (default "sign")
---@field storage? limn.words.storage (default "auto")
---@field seed? integer (default 1)
---@field point? integer number of the cell (default 0)
---@field rep? integer number of the replicate (default 0)

---@class limn.features.toy.options: limn.features.options
---@field count integer N, the number of features
---@field complexity? number C in bits: a fraction 2^-C is perfect; give one of complexity, fraction and perfect
---@field fraction? number p, the fraction of perfect features, 0 .. 1
---@field perfect? integer the number of perfect features
---@field bias? boolean one more column, of ones (default false)

---The toy model: p N copies of the labels among random features. Classes: perfect, random and, optionally, bias.
---Errors: raises unless one of complexity, fraction and perfect is given, and when p N rounds to no perfect feature.
---```lua
---local f = limn.features.toy { points = 8, count = 256, complexity = 4 }
---print(f, f.classes.perfect.count)
---```
---@param options limn.features.toy.options
---@return limn.features
function features.toy(options) end

---@class limn.features.correlated.options: limn.features.options
---@field classes table a list of {count=, rho=, name="class1"}: rho is the correlation with the labels, -1 .. 1

---Classes of features with any correlation with the labels L, independently at each point: features of kind "sign" and "binary"
---equal the label with probability $(1 + rho)/2$; those of kind "gaussian" are $rho L + sqrt(1 - rho^2) g$ with g normal.
---Errors: raises for an empty list, two classes of one name, |rho| > 1.
---```lua
---print(limn.features.correlated { points = 8, classes = { { count = 4, rho = 0.5 }, { count = 60, rho = 0 } } })
---```
---@param options limn.features.correlated.options
---@return limn.features
function features.correlated(options) end

---@class limn.features.from.options
---@field classes? table name = {first, last}: columns, both included; they cover all (default one class "all")
---@field labels? limn.array|table D numbers

---A matrix as a pool of features.
---Errors: raises when classes overlap or exceed the matrix, or the labels have another length.
---```lua
---local X = limn.rng.stream(1):normal(4, 10)
---print(limn.features.from(X, { classes = { early = { 1, 5 }, late = { 6, 10 } }, labels = { 1, -1, 1, -1 } }))
---```
---@param X limn.array|table D x N; copied
---@param options? limn.features.from.options
---@return limn.features
function features.from(X, options) end

---Enumerated programs as features: one column per function, times the square root of its prior; see programs.features.
---Errors: as programs.features.
---```lua
---local space = limn.programs.space { inputs = 2, max_bits = 16 }
---print(limn.features.programs(space, space:points(), { -1, 1, 1, -1 }))
---```
---@param space limn.programs.space
---@param X? limn.array|table rows of input bits (default all inputs)
---@param y? limn.array|table labels
---@param options? limn.programs.features.options
---@return limn.features
---@return integer[] the number of the function in each column
function features.programs(space, X, y, options) end

---@class limn.features.neurons.options
---@field labels? limn.array|table D numbers
---@field member? integer net of an ensemble (default 1)
---@field initial? boolean use the initial parameters (default false)
---@field complexity? integer also estimate the complexity of each feature, from this number of untrained nets

---The last hidden layer of a net as features.
---Errors: raises when net is not a net or has no hidden layer.
---Source: the complexity of a feature is -log2 of the fraction of neurons with its sign pattern (eq. 32).
---```lua
---local X, y = limn.data.xor()
---print(limn.features.neurons(limn.mlp.new { sizes = { 2, 16, 1 } }, X, { labels = y }))
---```
---@param net limn.mlp
---@param X limn.array|table D x inputs
---@param options? limn.features.neurons.options
---@return limn.features
---@return limn.array|nil bits, with complexity
function features.neurons(net, X, options) end

---A pool of features, called FeatureSet. Classes are indexed by number or name.
---@class limn.features
---@field points integer D
---@field count integer N
---@field kind limn.words.any_kind
---@field storage string how the entries are stored
---@field bytes integer allocated memory
---@field fraction number|nil the fraction of perfect features
---@field classes table classes[1] and classes.perfect: {name, first, last, count, rho}
---@field labels limn.array|nil D numbers
local set = {}

---All features as a matrix.
---Errors: raises when it would not fit into memory.
---```lua
---print(limn.features.toy { points = 2, count = 4, perfect = 1 }:dense())
---```
---@return limn.array D x N
function set:dense() end

---The Gram matrix F F', computed without forming F.
---Errors: raises when D x D would not fit into memory; stops at Ctrl-C.
---```lua
---print(limn.features.toy { points = 3, count = 1000, perfect = 1 }:gram())
---```
---@return limn.array D x D
function set:gram() end

---Columns first .. last, both included.
---Errors: raises when they lie outside 1 .. count.
---```lua
---print(limn.features.toy { points = 2, count = 1000, perfect = 1 }:columns(1, 3))
---```
---@param first integer
---@param last? integer (default first)
---@return limn.array D x columns
function set:columns(first, last) end

return features
