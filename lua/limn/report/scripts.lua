-- limn/report/scripts.lua: the experiments that a folder of scripts declares, the size at which each is run, its
-- command, and what it costs.
--
-- A script belongs to the ledger if it ends in `return limn.experiment {...}` with `claims`. Its field `sizes` has the
-- command-line options of each size, { quick = { "--reps", "4" }, paper = { ... } }. A size that is not listed is the
-- declared grid, paper the same with PAPER times the replicates.

local native = require "limn.native"
local check = require "limn.base.check"
local system = require "limn.base.system"
local cli = require "limn.experiment.cli"
local stores = require "limn.experiment.store"

local posix = native.posix
local scripts = {}

local DEFAULT_MINUTES = 1 -- of a script without recorded cells and without a cost in the list of scripts
local MAX_COUNTED = 1000000 -- cells whose declared costs are added; above that all count the same
local PAPER = 8 -- replicates at the size paper, in those of the declared grid
local FINISH = 3 -- seconds for table, ledger and figure of one script

function scripts.line(words)
  local out = {}
  for i, word in ipairs(words) do out[i] = system.quoted(word) end
  return table.concat(out, " ")
end

-- The comment at the head of a script, without its dashes.
function scripts.head(text)
  local lines = {}
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    local comment = line:match "^%-%- ?(.*)$" or line == "--" and ""
    if not comment then break end
    lines[#lines + 1] = comment
  end
  return table.concat(lines, "\n")
end

-- The experiment that a script declares, or nil, message. Its globals are its own.
local function load_experiment(path)
  local chunk, why = loadfile(path, "t", setmetatable({}, { __index = _G }))
  if not chunk then return nil, why end
  local fine, e = pcall(chunk)
  if not fine then
    if check.kind(e) == "interrupted" then error(e, 0) end
    return nil, check.first_line(tostring(e))
  end
  if check.typename(e) ~= "limn.experiment" then return nil, "returns no experiment" end
  return e
end

-- All experiments of a folder in the order of their names: { name =, path =, head =, experiment = | broken = message }.
-- An experiment without claims has silent = true. nil, message if the folder cannot be read.
function scripts.find(folder)
  local names, why = native.folder.list(folder)
  if not names then return nil, why end
  table.sort(names)
  local found = {}
  for _, file in ipairs(names) do
    local path = folder .. "/" .. file
    local text = file:match "%.lua$" and system.text_of(path)
    if text and ("\n" .. text):find "\nreturn limn%.experiment%f[%W]" then
      local entry = { name = file:gsub("%.lua$", ""), path = path, head = scripts.head(text) }
      local e, broken = load_experiment(path)
      entry.experiment, entry.broken = e, broken
      if e then entry.name, entry.question, entry.silent = e.name, e.question, e.claims == nil end
      found[#found + 1] = entry
    end
  end
  return found
end

-- The options of a size on the script's command line.
function scripts.args(entry, size)
  local e = entry.experiment
  if not e then return {} end
  if e.sizes[size] then return e.sizes[size] end
  return size == "paper" and e.reps > 1 and { "--reps", tostring(PAPER * e.reps) } or {}
end

-- The sum of the declared costs of all cells; each counts 1 in an experiment without `cost`.
local function weigh(e, space)
  if not e.cost or space.count > MAX_COUNTED then return space.count end
  local sum = 0
  for i = 1, space.count do sum = sum + e.cost(space.cell(i).point) end
  return sum
end

-- Fills in what a run of this size is: args, command, cells, weight, seed, reps and the declared rows. Sets `broken` where
-- the script does not accept its own declaration.
function scripts.plan(entry, size, out)
  entry.args = table.move(scripts.args(entry, size), 1, 99, 1, {})
  table.move({ "--out", out }, 1, 2, #entry.args + 1, entry.args)
  entry.command = "limn " .. scripts.line { entry.path, table.unpack(entry.args) }
  local e = entry.experiment
  if not e then return entry end
  local fine, why = pcall(function()
    local params, lists, o = cli.parse(e, entry.args)
    local what = { params = params, grid = lists, zip = o.zip, reps = o.reps, seed = o.seed }
    local space = e:cells(what)
    entry.cells, entry.weight, entry.reps, entry.seed = space.count, weigh(e, space), space.reps, o.seed or e.seed
    entry.whole = weigh(e, e:cells())
    entry.declared = e:ledger(what)
  end)
  if not fine then
    if check.kind(why) == "interrupted" then error(why, 0) end
    entry.broken, entry.experiment = check.first_line(tostring(why)), nil
  end
  return entry
end

-- Processor seconds of a unit of weight, from the cells that the script's store holds; nil without any.
local function recorded(entry, out)
  local store = stores.open(("%s/%s.db"):format(out, entry.name))
  if not store then return nil end
  local seconds, weight = 0, 0
  local fine = pcall(function()
    for params, took in store:each "SELECT params, seconds FROM cell WHERE seconds IS NOT NULL AND value IS NOT NULL" do
      seconds = seconds + took
      weight = weight + (entry.experiment.cost and entry.experiment.cost(native.json.decode(params)) or 1)
    end
  end)
  store:close()
  return fine and weight > 0 and seconds / weight or nil
end

-- Seconds that the run of this size is expected to take. minutes: those of the declared grid, as the list of scripts
-- states them (on two cores), or nil. Returns also how the number was found.
function scripts.estimate(entry, out, workers, minutes)
  if not entry.experiment then return 0, "broken" end
  local rate, source = recorded(entry, out), "recorded"
  if not rate then
    rate, source = 2 * 60 * (minutes or DEFAULT_MINUTES) / math.max(entry.whole, 1e-300), minutes and "stated" or "guessed"
  end
  return FINISH + rate * entry.weight / math.max(1, workers), source
end

-- 7 s, 3.5 min, 2.1 h
function scripts.duration(seconds)
  if seconds < 9.5 then return ("%.2g s"):format(seconds) end
  if seconds < 90 then return ("%.0f s"):format(seconds) end
  if seconds < 5400 then return ("%.2g min"):format(seconds / 60) end
  return ("%.3g h"):format(seconds / 3600)
end

-- Waits until no other process writes the store; `waiting` is called with the process id meanwhile.
function scripts.wait_for_store(path, waiting)
  while true do
    local lock, holder = native.sqlite.lock(path .. ".lock")
    if lock then
      lock:close()
      return
    end
    if math.type(holder) ~= "integer" then return end -- the script itself will say what is wrong with the file
    waiting(holder)
    posix.ready({}, 0.5)
  end
end

return scripts
