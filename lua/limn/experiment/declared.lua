-- limn/experiment/declared.lua: the claims of an experiment: declared before its cells are computed, kept with them in the
-- store, and written beside the table and the figure.
--
-- In the store's table meta, under claim/SCOPE/KEY, each row stands as it was first declared. SCOPE is the hash of the
-- parameters that the experiment's grid does not sweep. A row that differs from what was declared before the data came
-- says so. Under claim/looks/SCOPE/KEY: with which replicates and seeds the row was judged.

local check = require "limn.base.check"
local system = require "limn.base.system"
local native = require "limn.native"
local claims = require "limn.claims"
local plans = require "limn.claims.plan"
local grid = require "limn.experiment.grid"

local json = native.json
local declared = {}

-- What a verdict follows from: a change of one of these after the data is told.
local BINDING = { "test", "margin", "relative", "bound", "threshold", "essay", "theory", "refines", "level" }

-- The ledger of a sweep, every row declared. space: its cells (Experiment:cells).
function declared.ledger(experiment, space, seed)
  local ledger = claims.new(experiment.question, { level = experiment.level })
  local params, lists = {}, {}
  for name, v in pairs(space.base) do
    params[name], lists[name] = v, { v }
    if space.lists[name] then
      lists[name] = {}
      for i = 1, math.min(#space.lists[name], 10000) do lists[name][i] = space.lists[name][i] end
    end
  end
  local plan = { reps = space.reps, seed = seed, cells = space.count, grid = lists }
  local rows = experiment.claims
  if type(rows) == "function" then rows = rows(params, plan) end
  if type(rows) ~= "table" then
    check.fail("experiment: claims must be a list of rows, or a function that returns one, got %s", check.show(rows))
  end
  ledger:declare(rows)
  ledger.params, ledger.plan = params, plan -- for a report: the whole grid, whatever cells are finished
  local fixed = {}
  for name, list in pairs(lists) do
    if experiment.grid[name] == nil then
      for i, v in ipairs(list) do fixed[("%s.%d"):format(name, i)] = v end
    end
  end
  ledger.scope = native.posix.hash(grid.text(fixed))
  return ledger
end

local function as_stored(ledger, row)
  local out = { level = ledger.level }
  for _, name in ipairs(BINDING) do if name ~= "level" then out[name] = row[name] end end
  return json.decode(json.encode(out))
end

local function changes(was, now)
  local parts = {}
  for _, name in ipairs(BINDING) do
    if was[name] ~= now[name] then
      parts[#parts + 1] = ("%s changed after data (was %s)"):format(name, was[name] == nil and "not given"
        or tostring(was[name]))
    end
  end
  return parts[1] and table.concat(parts, "; ") or nil
end

local function holds_cells(store)
  return store:sql("SELECT 1 FROM cell WHERE value IS NOT NULL LIMIT 1")[1] ~= nil
end

-- ---- looks -------------------------------------------------------------------------------------------------------

local function looks_of(store, ledger, row)
  local key = ("claim/looks/%s/%s"):format(ledger.scope, row.key)
  local found = store:sql("SELECT value FROM meta WHERE key = ?", key)[1]
  return found and json.decode(found[1]) or {}, key
end

-- "look 2: 5 replicates were judged before", or nil; and whether the row was judged by these replicates already. plan: of
-- the ledger.
local function look(looks, plan)
  local parts, known = {}, false
  for _, one in ipairs(looks) do
    if one.reps == plan.reps and one.seed == plan.seed then known = true
    else
      parts[#parts + 1] = ("%d replicate%s%s"):format(one.reps, one.reps == 1 and "" or "s",
        one.seed ~= plan.seed and (" of seed %d"):format(one.seed) or "")
    end
  end
  return parts[1] and ("look %d: %s were judged before"):format(#parts + 1, table.concat(parts, ", ")) or nil, known
end

-- Keeps in the store by how many replicates of which seed the rows were judged, of those for which that is new. The level of
-- a row holds for one look: who adds replicates until a row agrees errs more often. Rows without a sampling error do not count.
function declared.keep_looks(store, ledger)
  local begun = false
  for _, row in ipairs(ledger.rows) do
    if row.estimate and plans.sampled(row) and not row.looked then
      if not begun then store:sql "BEGIN IMMEDIATE" end
      begun = true
      local looks, key = looks_of(store, ledger, row)
      looks[#looks + 1] = { reps = ledger.plan.reps, seed = ledger.plan.seed }
      store:sql("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, json.encode(looks))
    end
  end
  if begun then store:sql "COMMIT" end
end

-- Keeps the declaration in the store. seen: whether the store holds cells of this sweep already. A row that was declared
-- before is compared with its first declaration as soon as the store holds any cell: of another seed, say. A store that is
-- open to be read is left as it is.
function declared.remember(store, ledger, seen)
  local data = seen or holds_cells(store)
  for _, row in ipairs(ledger.rows) do
    local key, now = ("claim/%s/%s"):format(ledger.scope, row.key), as_stored(ledger, row)
    local before = store:sql("SELECT value FROM meta WHERE key = ?", key)[1]
    local was = data and before and json.decode(before[1])
    row.looks, row.looked = look(looks_of(store, ledger, row), ledger.plan)
    if was then
      local parts = { was.late and "declared after data" or nil }
      parts[#parts + 1] = changes(was, now)
      row.changed = parts[1] and table.concat(parts, "; ")
    else
      if seen then now.late, row.changed = true, "declared after data" end
      if store.lock then store:sql("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, json.encode(now)) end
    end
  end
end

-- ---- the file ----------------------------------------------------------------------------------------------------

local function command_of(script, args)
  local words = { "limn", system.quoted(script) }
  local skip = false
  for _, word in ipairs(args) do
    if skip then skip = false
    elseif word == "--row" then skip = true
    elseif not word:match "^%-%-row=" then words[#words + 1] = system.quoted(word) end
  end
  return table.concat(words, " ")
end

-- Gives each row the command that prints it alone.
function declared.name_commands(ledger, script, args)
  ledger.command = command_of(script, args)
  for _, row in ipairs(ledger.rows) do row.command = ("%s --row %s"):format(ledger.command, system.quoted(row.key)) end
end

-- The text of NAME.ledger.json: a row a line.
function declared.text(experiment, ledger, facts)
  local whole, rows = ledger:totable(), {}
  for i, row in ipairs(whole.rows) do rows[i] = json.encode(row) end
  local head = { experiment = experiment.name, title = whole.title, level = whole.level, family = whole.family,
    command = ledger.command }
  for k, v in pairs(facts) do head[k] = v end
  return ('%s,"rows":[\n%s]}\n'):format(json.encode(head):sub(1, -2), table.concat(rows, ",\n"))
end

-- Standard deviations of one replicate by key, from the ledger that an earlier run has left; empty without one.
function declared.spreads(path)
  local out, text = {}, system.text_of(path)
  if not text then return out end
  local fine, whole = pcall(json.decode, text)
  if not fine or type(whole) ~= "table" or type(whole.rows) ~= "table" then return out end
  for _, row in ipairs(whole.rows) do if type(row.sd) == "number" and row.sd > 0 then out[row.key] = row.sd end end
  return out
end

return declared
