---@meta limn.rng
-- rng.d.lua: random streams.

---Random streams as values: (seed, point, rep) determines the numbers on every machine, for any order of cells and any
---number of workers.
---@class limn.lib.rng
local rng = {}

---@class limn.rng.options
---@field seed? integer (default 1)
---@field point? integer number of the cell (default 0)
---@field rep? integer number of the replicate (default 0)

---The stream named by seed, point and replicate; stream(7) is stream{seed=7}.
---Errors: raises for a number that is negative or not whole, and for an unknown option.
---Source: Philox4x32-10 (Salmon et al. 2011); normal numbers: Box and Muller 1958 (eq. 43).
---```lua
---local s = limn.rng.stream { seed = 3, rep = 2 }
---print(s:normal(2, 3))
---```
---@param options? limn.rng.options
---@return limn.rng
function rng.stream(options) end

---A stream of random numbers. A draw without a size is a number, with a size an array.
---@class limn.rng
local stream = {}

---Uniform numbers in (0, 1): neither end occurs.
---Errors: raises for a negative size.
---```lua
---print(limn.rng.stream(1):uniform(3))
---```
---@param rows? integer
---@param columns? integer
---@return number|limn.array
function stream:uniform(rows, columns) end

---Standard normal numbers (Box and Muller).
---Errors: raises for a negative size.
---```lua
---print(limn.rng.stream(1):normal(2, 2))
---```
---@param rows? integer
---@param columns? integer
---@return number|limn.array
function stream:normal(rows, columns) end

---Fair coins: -1 or 1.
---Errors: raises for a negative size.
---```lua
---print(limn.rng.stream(1):sign(4))
---```
---@param rows? integer
---@param columns? integer
---@return number|limn.array
function stream:sign(rows, columns) end

---Whole numbers low .. high, both included, without bias.
---Errors: raises when high is below low.
---```lua
---print(limn.rng.stream(1):integer(1, 6), limn.rng.stream(1):integer(1, 6, 3))
---```
---@param low integer
---@param high integer
---@param rows? integer
---@param columns? integer
---@return integer|limn.array
function stream:integer(low, high, rows, columns) end

---1 .. n in random order.
---Errors: raises when n is negative.
---```lua
---print(limn.rng.stream(1):permutation(5))
---```
---@param n integer
---@return limn.array
function stream:permutation(n) end

---Child stream number n (or the next one), independent of its parent, of its siblings, and of the draws made so far.
---Errors: raises when n is below 1.
---```lua
---print(limn.rng.stream(1):fork(2):uniform())
---```
---@param n? integer (default the next)
---@return limn.rng
function stream:fork(n) end

return rng
