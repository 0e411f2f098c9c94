---@meta limn.programs
-- programs.d.lua: the programs of a small language up to a length.

---All programs of a small language up to a length: the 2^-K prior over functions of a few bits.
---@class limn.lib.programs
local programs = {}

---@class limn.programs.space.options
---@field inputs integer k input bits, 1 .. 6
---@field max_bits integer the longest code, 1 .. 48
---@field language? limn.words.language (default "circuits")

---Enumerates the programs.
---Errors: raises for inputs or max_bits out of range; stops at Ctrl-C.
---Source: Solomonoff 1964; self-delimiting programs (Chaitin 1975), so that 2^-length sums to at most 1 (Kraft 1949) (eq. 18).
---```lua
---local space = limn.programs.space { inputs = 2, max_bits = 16 }
---print(space, space.prior:max())
---```
---@param options limn.programs.space.options
---@return limn.programs.space
function programs.space(options) end

---@class limn.programs.posterior.options
---@field flip? number rate of wrong labels, below 0.5 (default 0)

---The posterior over functions after labels y at the rows of X.
---Errors: nil, message when no program fits.
---Source: Bayes' rule with the prior 2^-K (Solomonoff's mixture, truncated at max_bits) (eq. 19).
---```lua
---local space = limn.programs.space { inputs = 2, max_bits = 16 }
---print(limn.programs.posterior(space, { { -1, 1 }, { 1, 1 } }, { 1, -1 }))
---```
---@param space limn.programs.space
---@param X limn.array|table|nil rows of input bits, positive is 1 (default all inputs)
---@param y limn.array|table labels
---@param options? limn.programs.posterior.options
---@return limn.programs.posterior
function programs.posterior(space, X, y, options) end

---@class limn.programs.features.options
---@field truth? integer|table|fun(...): number the true function: its columns are the class "perfect"
---@field weighting? string "prior" (columns times the root of the prior) or "none" (default "prior")

---The programs as features of a regression, one column per function. Classes: perfect (the function truth; without
---truth all that give y), lucky (with truth: the others that give y), other.
---Errors: nil, message when no program computes truth.
---Source: the same regression as with 2^-K copies of every program (eq. 19).
---```lua
---local space = limn.programs.space { inputs = 2, max_bits = 16 }
---print(limn.programs.features(space, space:points(), { -1, 1, 1, -1 }))
---```
---@param space limn.programs.space
---@param X? limn.array|table rows of input bits (default all inputs)
---@param y? limn.array|table labels
---@param options? limn.programs.features.options
---@return limn.features
---@return integer[] the number of the function in each column
function programs.features(space, X, y, options) end

---Enumerated programs and the functions they compute.
---@class limn.programs.space
---@field inputs integer k
---@field language string
---@field max_bits integer
---@field programs integer number of programs that have an output
---@field evaluations integer truth tables computed (programs with the same last step share its table)
---@field functions integer number of distinct functions
---@field kraft number sum of 2^-length
---@field failed number mass that halts without output
---@field bits limn.array shortest length of each function
---@field count limn.array programs of each function
---@field prior limn.array mass of each function, normalised
local space = {}

---The truth table of f as an integer: bit v is the output at input number v.
---Errors: raises for a list of another length.
---```lua
---local space = limn.programs.space { inputs = 2, max_bits = 12 }
---print(space:table_of(function(a, b) return a ~ b end))
---```
---@param f integer|table|limn.array|fun(...): number 2^k outputs, or a function of the input bits (0 or 1)
---@return integer
function space:table_of(f) end

---The index of the function with that truth table.
---Errors: nil, message when no program of the space computes it.
---```lua
---local space = limn.programs.space { inputs = 2, max_bits = 12 }
---print(space:find { 0, 1, 1, 1 })
---```
---@param f integer|table|limn.array|fun(...): number
---@return integer
function space:find(f) end

---Function i: its truth table, the number of programs that compute it, the shortest length, its prior and a shortest
---program.
---Errors: raises when i is outside 1 .. functions.
---```lua
---local space = limn.programs.space { inputs = 2, max_bits = 12 }
---print(space:get(1).program, space:get(1).bits)
---```
---@param i integer
---@return table {table=, count=, bits=, prior=, program=}
function space:get(i) end

---All 2^k inputs as rows of -1 and 1.
---Errors: none.
---```lua
---print(limn.programs.space({ inputs = 2, max_bits = 8 }):points())
---```
---@return limn.array 2^k x k
function space:points() end

---Outputs of functions (-1 or 1) at the rows of X.
---Errors: raises when a row has another number of entries.
---```lua
---local space = limn.programs.space { inputs = 2, max_bits = 8 }
---print(space:outputs(nil, { 1, 2 }))
---```
---@param X? limn.array|table (default all inputs)
---@param functions? integer[] (default all)
---@return limn.array rows x functions
function space:outputs(X, functions) end

---@class limn.programs.sample.options
---@field count? integer how many programs (default 100000)
---@field seed? integer (default 1)
---@field point? integer (default 0)

---Runs random programs, whose bits are fair coin flips.
---Errors: raises for a count below 1.
---```lua
---local space = limn.programs.space { inputs = 2, max_bits = 16 }
---print(space:sample({ count = 1000 }).hits:sum())
---```
---@param options? limn.programs.sample.options
---@return table {hits = one per function, failed=, open=, count=}
function space:sample(options) end

---A posterior over functions.
---@class limn.programs.posterior
---@field space limn.programs.space
---@field points integer
---@field mass limn.array one per function
---@field log_mass limn.array natural logarithm
---@field log_evidence number natural logarithm
---@field best integer index of the most probable function
---@field effective number exp of the entropy
local posterior = {}

---The mean output of the mixture, in [-1, 1], at the rows of X.
---Errors: raises when a row has another number of entries.
---```lua
---local space = limn.programs.space { inputs = 2, max_bits = 16 }
---print(limn.programs.posterior(space, { { 1, 1 } }, { 1 }):predict())
---```
---@param X? limn.array|table (default all inputs)
---@return limn.array
function posterior:predict(X) end

---@class limn.programs.sequences.options
---@field length integer n, the number of bits printed, at most 20
---@field max_bits integer the longest code, at most 33; 3 bits for each operation and 3 for the end
---@field steps? integer the most operations of a program (default 1000)
---@field part? integer 1 .. parts (default 1)
---@field parts? integer only one of so many disjoint parts is run (default 1)

---The first n bits that all programs of a Turing-complete language print: tape of one-bit cells; right, left, flip, print, brackets
---as loops, xor into the next cell; the program begins again at its end. 27 bits are 7 million programs, 30 bits 48 million.
---Errors: raises for part above parts, and for sequences of more than 20 bits, with the bytes that they need.
---Source: Solomonoff 1964; Kraft 1949 (eq. 59).
---```lua
---print(limn.programs.sequences { length = 8, max_bits = 15 })
---```
---@param options limn.programs.sequences.options
---@return limn.programs.sequences
function programs.sequences(options) end

---Sequences of n bits and the programs that print them. Sequence x has the index $1 + sum_i x_i 2^{i - 1}$.
---@class limn.programs.sequences
---@field length integer n
---@field weight limn.array 2^n: sums of 2^-length of the programs
---@field bits limn.array 2^n: length of a shortest program; inf: none
---@field programs integer codes run
---@field silent number sum of 2^-length of the programs that print fewer bits within the steps
---@field invalid number the same of unmatched brackets
---@field max_bits integer
---@field steps integer
local sequences = {}

---Adds another part of the same enumeration.
---Errors: raises for parts of other enumerations.
---```lua
---local a = limn.programs.sequences { length = 4, max_bits = 12, part = 1, parts = 2 }
---print(a:add(limn.programs.sequences { length = 4, max_bits = 12, part = 2, parts = 2 }))
---```
---@param other limn.programs.sequences
---@return limn.programs.sequences self
function sequences:add(other) end

---The sum over the bits of each sequence of (1 - probability of the bit given those before)^2, under the mixture of all programs;
---nan without a program. It is at most $(ln 2 / 2) K$, K the length of a shortest program.
---Errors: none.
---Source: Solomonoff 1964 (eq. 59).
---```lua
---print(limn.programs.sequences({ length = 6, max_bits = 15 }):errors())
---```
---@return limn.array 2^n
function sequences:errors() end

return programs
