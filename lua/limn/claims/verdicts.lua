-- limn/claims/verdicts.lua: from a declared row and an estimate to one verdict on the essay and one on the theory.
--
--   agrees     the whole interval lies inside the margin (two one-sided tests)
--   disagrees  the interval lies wholly outside the margin
--   undecided  neither: the data do not tell, or there is no interval; or it would agree, but cells are missing or stale;
--              the note says what is missing
--   refines    on the essay only: its statement disagrees, the theory agrees, and the row had said which refinement is meant
--   described  the row states nothing
--   definition the row cannot be measured
--   -          no statement of that side

local check = require "limn.base.check"
local plan = require "limn.claims.plan"

local verdicts = { names = { "agrees", "refines", "undecided", "disagrees", "described", "definition", "-" } }

local ENOUGH = 0.8 -- the power that "N more replicates" is computed for

-- Which kinds of estimates a test takes, where not all.
local TAKES = {
  bound = { exact = true, largest = true },
  slope = { slope = true, mean = true, statistic = true, outside = true, exact = true },
  proportion = { proportion = true, mean = true, statistic = true, outside = true, exact = true },
}
local HINT = {
  bound = "claims.exact or claims.largest", slope = "claims.fit_slope", proportion = "claims.proportion",
}

-- Raises where the estimate cannot belong to the row's test.
function verdicts.match(who, row, estimate)
  local takes = TAKES[row.test]
  if takes and not takes[estimate.kind] then
    check.fail("%s: %q is tested by %s, which takes %s, got an estimate by claims.%s", who, row.key, row.test,
      HINT[row.test], estimate.kind)
  end
  if estimate.kind == "largest" then
    if row.test ~= "bound" and row.test ~= "describe" then
      check.fail("%s: %q: claims.largest has no sampling error and belongs to a bound, not to %s", who, row.key, row.test)
    end
    for _, side in ipairs { "essay", "theory" } do
      if row.test == "bound" and row[side] and row[side] ~= 0 then
        check.fail("%s: %q: claims.largest is the largest error, whose prediction is 0, got %s = %s", who, row.key, side,
          row[side])
      end
    end
  end
end

-- The verdict of an interval on a region of allowed values; open: the region's ends do not belong to it.
function verdicts.judge(low, high, from, to, open)
  if open then
    if (low > from or from == -math.huge) and (high < to or to == math.huge) then return "agrees" end
    if high <= from or low >= to then return "disagrees" end
    return "undecided"
  end
  if low >= from and high <= to then return "agrees" end
  if high < from or low > to then return "disagrees" end
  return "undecided"
end

-- How many replicates more would decide, as a text.
local function missing(row, estimate, prediction, level)
  local from, to = plan.region(row, prediction)
  local n, value = estimate:more(from, to, level, ENOUGH), estimate.value
  if n then return ("about %d more %s"):format(n, estimate.kind == "proportion" and "trials" or "replicates") end
  if value == from or value == to then return "the estimate lies at the edge of the margin" end
  return nil
end

-- The verdict on one side, and what it lacks if it is undecided.
local function on_side(row, side, estimate, interval, level)
  local prediction = row[side]
  if prediction == nil then return "-" end
  if type(prediction) == "number" and prediction - prediction ~= 0 then return "undecided", "the prediction is not finite" end
  local from, to, open = plan.region(row, prediction)
  local verdict = verdicts.judge(interval[1], interval[2], from, to, open)
  return verdict, verdict == "undecided" and missing(row, estimate, prediction, level) or nil
end

-- What both sides lack, each named where both are stated.
local function reason(row, essay, theory)
  if row.essay == nil or row.theory == nil then return essay or theory end
  local parts = {}
  if essay then parts[1] = "essay: " .. essay end
  if theory then parts[#parts + 1] = "theory: " .. theory end
  return parts[1] and table.concat(parts, ", ") or nil
end

-- Both verdicts of a row, its interval and the reason, from an estimate at the row's level. The row's predictions are
-- numbers by now.
function verdicts.of(row, estimate, level)
  if row.test == "describe" then
    local interval, why = estimate:interval(level)
    return "described", "-", interval, why
  end
  local interval, why = estimate:interval(level)
  if not interval then
    return row.essay ~= nil and "undecided" or "-", row.theory ~= nil and "undecided" or "-", nil, why
  end
  local theory, lacks = on_side(row, "theory", estimate, interval, level)
  local essay, wants = on_side(row, "essay", estimate, interval, level)
  if essay == "disagrees" and theory == "agrees" and row.refines then
    return "refines", theory, interval, row.refines
  end
  return essay, theory, interval, reason(row, wants, lacks)
end

-- A row that was judged by a part of the cells, or by cells of other code: what is left out may follow from the values, so
-- that nothing agrees; a disagreement stays.
function verdicts.doubt(row, why)
  for _, side in ipairs { "essay_verdict", "theory_verdict" } do
    if row[side] == "agrees" or row[side] == "refines" then row[side] = "undecided" end
  end
  row.reason = row.reason and ("%s; %s"):format(row.reason, why) or why
end

return verdicts
