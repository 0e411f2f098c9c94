-- limn/claims/power.lua: what the declared rows of a ledger can tell, before they are measured: the probability that a
-- row agrees if its prediction is right, or the largest spread with which that probability is 80 %.

local native = require("limn.native").stats
local plan = require "limn.claims.plan"
local tables = require "limn.claims.table"

local power = {}

local ENOUGH = 0.8

local function number(v) return ("%.3g"):format(v) end

-- The prediction for which the power is computed, the theory's before the essay's; nil if it is known with the data only.
local function truth_of(row)
  for _, side in ipairs { "theory", "essay" } do if type(row[side]) == "number" then return row[side] end end
end

local function percent(p) return ("%d %%"):format(math.floor(100 * p)) end

local function with_needed(p, needed, what)
  if p >= ENOUGH then return percent(p) end
  return ("%s; 80 %% needs %s %s"):format(percent(p), number(needed), what)
end

-- The power where the spread is known, or the largest spread that has enough.
local function of_mean(who, from, to, truth, n, spread, level)
  if not spread then
    return ("80 %% up to a spread of %s"):format(number(native.largest_spread(who, from, to, truth, n, level, ENOUGH)))
  end
  if spread == 0 then return "100 %" end
  return with_needed(native.interval_power(who, from, to, truth, spread / math.sqrt(n), n - 1, level),
    native.replicates(who, from, to, truth, spread, level, ENOUGH), "replicates")
end

-- A mean beyond the bound x: if the row predicts it, the power there; otherwise how far from x it has to lie.
local function of_one_sided(who, row, truth, n, spread, level)
  local from, to = plan.region(row, truth or 0)
  if truth and from < truth and truth < to then return of_mean(who, from, to, truth, n, spread, level) end
  local deviations = 1 / native.largest_spread(who, 0, math.huge, 1, n, level, ENOUGH)
  if spread then return ("80 %% at %s from the bound"):format(number(deviations * spread)) end
  return ("80 %% at %s standard deviations from the bound"):format(number(deviations))
end

local function of_proportion(who, row, truth, n, level)
  if not truth then return "" end
  local from, to = plan.region(row, truth)
  return with_needed(native.proportion_power(who, from, to, truth, n, level),
    native.trials(who, from, to, truth, level, ENOUGH), "trials")
end

-- The last column of a row: n replicates at a level, `spread` the standard deviation of one, if it is known.
function power.of(row, n, spread, level)
  local who, truth = "claims: power", truth_of(row)
  if row.test == "bound" then return "no sampling error" end
  if not plan.sampled(row) then return "" end
  if n < 2 then return "none: one replicate has no interval" end
  if row.test == "proportion" then return of_proportion(who, row, truth, n, level) end
  if row.test == "above" or row.test == "below" then return of_one_sided(who, row, truth, n, spread, level) end
  local from, to = plan.region(row, truth or row.relative and 1 or 0)
  if not truth and row.relative then -- the prediction comes with the data: in units of it
    return of_mean(who, from, to, 1, n, nil, level) .. " of the prediction"
  end
  return of_mean(who, from, to, truth or 0, n, spread, level)
end

-- The declared rows with test, level, replicates and power. reps: of each cell; known: key -> standard deviation of one
-- replicate in an earlier run, or nil.
function power.text(ledger, reps, known)
  local level = plan.row_level(ledger.level, ledger.rows)
  local lines = { { "", "claim", "essay", "theory", "test", "level", "replicates", "spread", "power" } }
  for _, row in ipairs(ledger.rows) do
    local sampled, n = plan.sampled(row), row.replicates or reps
    local spread = row.spread or known and known[row.key]
    lines[#lines + 1] = { row.id, row.claim, tables.statement(row, "essay"), tables.statement(row, "theory"), row.test,
      sampled and tables.level(level) or "", sampled and ("%d"):format(n) or "", sampled and spread and number(spread) or "",
      power.of(row, n, spread, level) }
  end
  return tables.aligned(lines, {})
end

return power
