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

-- How far from the bound of a one-sided test a mean has to lie to be found.
local function one_sided(who, row, truth, n, spread, level)
  local from, to = plan.region(row, truth or 0)
  local beyond = truth and row.threshold and from < truth and truth < to
  if not beyond then
    local deviations = 1 / native.largest_spread(who, 0, math.huge, 1, n, level, ENOUGH)
    return ("80 %% at %s %s from the bound"):format(spread and number(deviations * spread) or number(deviations),
      spread and "" or "standard deviations"):gsub("  ", " ")
  end
  if spread then return nil, from, to, truth end
  return ("80 %% up to a spread of %s"):format(number(native.largest_spread(who, from, to, truth, n, level, ENOUGH)))
end

local function of_proportion(who, from, to, truth, n, level)
  local p = native.proportion_power(who, math.max(from, 0), math.min(to, 1), truth, n, level)
  if p >= ENOUGH then return ("%d %%"):format(math.floor(100 * p)) end
  local needed = native.trials(who, from, to, truth, level, ENOUGH)
  return ("%d %%; 80 %% needs %s trials"):format(math.floor(100 * p), number(needed))
end

-- The last column of a row: n replicates at a level, `spread` the standard deviation of one, if it is known.
function power.of(row, n, spread, level)
  local who = "claims: power"
  if not plan.sampled(row) then return row.test == "bound" and "no sampling error" or "" end
  if n < 2 then return "none: one replicate has no interval" end
  local truth, from, to = truth_of(row), nil, nil
  if row.test == "above" or row.test == "below" then
    local text
    text, from, to, truth = one_sided(who, row, truth, n, spread, level)
    if text then return text end
  else
    local relative = not truth and row.relative
    truth = truth or (row.relative and 1 or 0)
    from, to = plan.region(row, truth)
    if row.test == "proportion" then
      if truth_of(row) then return of_proportion(who, from, to, truth, n, level) end
      return ""
    end
    if not spread then
      return ("80 %% up to a %sspread of %s"):format(relative and "relative " or "",
        number(native.largest_spread(who, from, to, truth, n, level, ENOUGH)))
    end
    if relative then return "" end
  end
  if spread == 0 then return "100 %" end
  local p = native.interval_power(who, from, to, truth, spread / math.sqrt(n), n - 1, level)
  if p >= ENOUGH then return ("%d %%"):format(math.floor(100 * p)) end
  return ("%d %%; 80 %% needs %s replicates"):format(math.floor(100 * p),
    number(native.replicates(who, from, to, truth, spread, level, ENOUGH)))
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
