---@meta limn.experiment
-- experiment.d.lua: sweeps.

---A question, its parameters, a grid, a measurement, a figure. limn.experiment{...} declares one; run as a script it gets
---its command line, workers, store, progress, table and figure for nothing (`limn SCRIPT --help`). Then the script goes on,
---with the table in the field results: several experiments in one file run in its order (`--only NAME` runs one of them).
---Replicates are independent by default: inside measure a `seed` that is not given is the cell's own instead of 1, another
---one at each call, and math.random starts from the cell. A stream made outside of measure is in the same state at the
---start of every cell. After a sweep of a script two cells are computed again in a fresh process and compared to the bit.
---```lua
---local e = limn.experiment {
---  name = "coins", question = "How far from half?", run = false,
---  params = { n = { default = 100, help = "throws" } }, grid = { n = "10:1000:log10" }, reps = 3,
---  measure = function(point, rng) return { share = rng:sign(point.n):mean() } end,
---}
---print(e:run { workers = 0 }:group("n"):mean("share"):csv())
---```
---@class limn.lib.experiment
---@overload fun(options: limn.experiment.options): limn.experiment
local experiment = {}

---@class limn.experiment.options
---@field name string letters, digits, _ and -
---@field measure fun(point: table, rng: limn.rng, cell: limn.cell): table one cell; must not depend on other cells
---@field question? string (default "")
---@field params? table name = default, or {default=, help=, type=, min=, max=, choices=, unit=}; type: "integer", "number" (also for a default without a fraction), "string" or "boolean"; choices: the only values; unit: for --help. No name of an option of the command line
---@field grid? table name = list, array, text ("16:4096:log2", "1:9", "0:1:11", "1e-4:1:lograndom/20", "0:1:latin/20", "relu,tanh", '"a,b",c', "@FILE": a value a line) or function(params)
---@field zip? table lists of names whose values run together, not crossed: {{"D", "N"}}; a list inside is crossed: {{"D", {"N", "rate"}}}
---@field reps? integer replicates of a cell (default 1)
---@field seed? integer of all random streams (default 1)
---@field claims? limn.claims.row[]|fun(params: table, plan: table): limn.claims.row[] what will be tested, and how; plan: {reps=, seed=, cells=, grid={name = values}}
---@field level? number the probability that no verdict of the ledger is wrong by chance (default 0.95)
---@field report? fun(results: limn.results, ledger: limn.claims|nil) ledger.params and ledger.plan are those of claims; cells may be missing
---@field plot? fun(results: limn.results, out: string): limn.plot.figure
---@field run? boolean false: only declare, also in the program's own script (default true)
---@field sizes? table command-line options by name of a size, {quick = {"--reps", "4"}, paper = {...}}; scripts/ledger.lua --size reads them
---@field cost? fun(point: table): number relative cost of a cell; expensive cells start first, and shards get equal shares of the cost

---A declared experiment.
---@class limn.experiment
---@field name string
---@field question string
---@field params table
---@field grid table
---@field reps integer
---@field results? limn.results of the script's own run, for the code that follows in the script
local declared = {}

---@class limn.experiment.run.options
---@field workers? string|integer "all" or how many processes, at most 1000; 0: in this one (default "all")
---@field reps? integer (default that declared)
---@field seed? integer (default that declared)
---@field params? table values for parameters
---@field grid? table lists or texts for parameters
---@field zip? table lists of names whose values run together
---@field quiet? boolean no progress (default: false in a notebook, where one line shows it, else true)
---@field shard? table {i, n}: the i-th of n parts of equal cost
---@field check? boolean warn of state outside of measure that cells change, and of equal replicates (default true)
---@field fail_fast? boolean stop at the first failed cell (default false)
---@field keep_going? boolean go on even if the first 20 cells that finish all fail with one message (default false)
---@field interrupt? string "raise": Ctrl-C keeps finished cells and is raised as an error, whose field results holds their rows; "return": they are returned (default "raise")
---@field each? fun(row: table, failure: string|nil): boolean|nil called in this process for each finished cell, in the order in which they finish: its parameters, rep and values, or the message of its failure; false ends the sweep
---@field store? string file of finished cells; the same call goes on where it stopped
---@field fresh? boolean forget what the store holds
---@field resume? boolean the store must be there
---@field plot_only? boolean run no cell, take all from the store
---@field stale? boolean take cells whose measure, values, modules or files have changed, and say how many on stderr
---@field yes? boolean compute stale cells again that took more than a minute (else nil, 0, message)
---@field base? string a store whose cells are not computed again, for shards; their number may then change
---@field costs? string a store by whose measured seconds cells are dealt to shards, which then take equal time
---@field time_limit? number seconds after which no cell starts
---@field grace? number seconds after the time limit until which running cells may finish or save; no cell begins that needs longer
---@field retry? integer how often a cell that has failed is begun again (default 0)
---@field cell_time? number seconds after which a cell has failed
---@field cell_memory? number bytes of each worker

---Runs the cells.
---Errors: raises for unknown parameters, values out of their bounds, options that contradict, and at a Ctrl-C; nil, 0, message when
---the store refuses; a cell that raises, or calls a result as a parameter is called, has failed and is left out.
---```lua
---local e = limn.experiment { name = "sq", run = false, params = { n = 2 }, grid = { n = "1:3" },
---  measure = function(point) return { square = point.n ^ 2 } end }
---print(e:run { workers = 0 }:csv())
---```
---@param options? limn.experiment.run.options
---@return limn.results
---@return integer failed number of failed cells
---@return string|nil stopped what ended the sweep early
---@return string|nil kind "interrupted", "time_limit", "too_long" (no cell finishes within the time limit), "stopped" (by each) or "alike" (the first 20 cells failed alike), where it has one
function declared:run(options) end

---The cells of the grid, counted but not made. A cell is {index=, point=, rep=, id=, key=}; its id is the hash of its
---parameters' canonical JSON.
---Errors: raises when a grid has no values, a value is not of the parameter's type or out of its bounds, zipped lists
---differ in length, or there are more cells than can be counted.
---```lua
---local e = limn.experiment { name = "sq", run = false, params = { n = 2 }, grid = { n = "1:3" }, reps = 2,
---  measure = function() return {} end }
---print(e:cells().count, e:cells().cell(3).point.n)
---```
---@param options? table params, grid, zip, reps and seed, as for run
---@return table space {count=, cell=function(i)}
function declared:cells(options) end

---The ledger of a sweep, every row declared and none measured; nil for an experiment without claims.
---Errors: as cells, and those of a row that is declared badly.
---```lua
---local e = limn.experiment { name = "sq", run = false, params = { n = 2 }, measure = function() return {} end,
---  claims = { { claim = "squares grow", theory = 2, slope = { margin = 0.1 } } } }
---print(e:ledger():text())
---```
---@param options? table params, grid, zip, reps and seed, as for run
---@return limn.claims|nil
function declared:ledger(options) end

---What the script does: command line, sweep, table, report, figure.
---Errors: none; the exit code says how it went.
---```lua
---local e = limn.experiment { name = "sq", run = false, params = { n = 2 }, measure = function() return {} end }
---print(e:main({ "--dry-run" }, "sq.lua"))
---```
---@param args string[] the command line
---@param script string its name in messages
---@return integer exit code: 0, 1 failed, 2 usage, 75 time limit, 130 interrupted
---@return limn.results|nil results nil if the sweep was cut short, or there was none
function declared:main(args, script) end

---The third argument of measure: the cell, and where a long one saves how far it is.
---@class limn.cell
---@field id string the hash of its parameters
---@field rep integer
---@field seed integer
local cell = {}

---Saves how far a measurement is, so that it goes on from there after its process has ended, at a time limit or by a
---kill: with random streams, nets and plain tables of numbers, texts, booleans, arrays and tables, by name. The first call
---of a cell takes up what was saved; the later ones save, once in `every` seconds. When the sweep is to end, the cell ends at
---its next checkpoint. A cell in parts gives the bits of one that was not interrupted.
---Errors: an object that cannot be saved, or that was not saved under its name.
---```lua
---local e = limn.experiment { name = "slow", run = false, params = { n = 3 },
---  measure = function(point, rng, cell)
---    local state = { step = 0, sum = 0 }
---    cell:checkpoint { rng = rng, state = state }
---    while state.step < point.n do
---      state.step, state.sum = state.step + 1, state.sum + rng:normal()
---      cell:checkpoint { rng = rng, state = state }
---    end
---    return { sum = state.sum }
---  end }
---print(e:run { workers = 0 }:rows()[1].sum)
---```
---@param objects table name = limn.rng, limn.mlp or plain table; every = seconds (default 30)
---@return boolean taken whether this call took up what was saved
function cell:checkpoint(objects) end

return experiment
