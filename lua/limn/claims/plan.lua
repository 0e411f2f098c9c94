-- limn/claims/plan.lua: declared rows: what is predicted, and by which test, level and margin it will be judged; all of it
-- is fixed before anything is measured.
--
-- A declared row becomes { key, id, claim, essay, theory, test, margin, relative, bound, threshold, refines, spread,
-- replicates, note, definition }: `test` is the name of its one test.

local check = require "limn.base.check"

local plan = {}

-- A prediction that is computed from the same data, and given with the measurement.
plan.later = "measured with the row"

local TESTS = { "equal", "bound", "above", "below", "slope", "count", "proportion", "describe", "definition" }
local WITH_MARGIN = { equal = true, slope = true, count = true, proportion = true }
local ONE_SIDED = { above = true, below = true }

local rules = {
  key = { type = "string" },
  id = { type = "string", default = "" },
  claim = { type = "string", required = true },
  essay = { type = "any" }, theory = { type = "any" },
  equal = { type = "table" }, slope = { type = "table" }, count = { type = "table" }, proportion = { type = "table" },
  bound = { type = "number", min = 0 },
  above = { type = "any" }, below = { type = "any" },
  describe = { type = "boolean" }, definition = { type = "boolean" },
  refines = { type = "string" },
  spread = { type = "number", min = 0 },
  replicates = { type = "integer", min = 1 },
  note = { type = "string", default = "" },
}

local margin_rules = {
  margin = { type = "number", required = true, min = 0 },
  relative = { type = "boolean", default = false },
}

-- The names of the tests that the options give.
local function given(options)
  local out = {}
  for _, name in ipairs(TESTS) do if options[name] then out[#out + 1] = name end end
  return out
end

local function a_prediction(who, name, value, one_sided)
  if value == nil or value == plan.later or one_sided and value == true then return end
  if type(value) ~= "number" or value - value ~= 0 then
    check.fail("%s: %s must be a finite number or %q, got %s (words belong to claim or note)", who, name, plan.later,
      check.show(value))
  end
end

local function check_margin(who, row, o)
  local m = check.options(("%s: %s"):format(who, row.test), o[row.test], margin_rules)
  if m.margin == 0 then
    check.fail("%s: %s.margin must be above 0; a number without sampling error is tested by bound", who, row.test)
  end
  row.margin, row.relative = m.margin, m.relative
  for _, side in ipairs { "essay", "theory" } do
    if row.relative and row[side] == 0 then
      check.fail("%s: a relative margin around %s = 0 is empty; give an absolute one (relative = false)", who, side)
    end
  end
end

-- above = x: each statement that is given is judged by x; above = true: by its own number. Where none is given, it is
-- the essay's.
local function check_threshold(who, row, o)
  local x = o[row.test]
  if x ~= true then
    if type(x) ~= "number" or x - x ~= 0 then
      check.fail("%s: %s must be a finite number, or true for the number of essay or theory, got %s", who, row.test,
        check.show(x))
    end
    row.threshold = x
    if row.essay == nil and row.theory == nil then row.essay = true end
  elseif row.essay == true or row.theory == true then
    check.fail("%s: %s = true needs a number in essay or theory", who, row.test)
  end
end

local function check_statements(who, row)
  local stated = row.essay ~= nil or row.theory ~= nil
  if (row.test == "describe" or row.test == "definition") and stated then
    check.fail("%s: %s rows have no verdict; leave essay and theory out, or give a test", who, row.test)
  end
  if (WITH_MARGIN[row.test] or ONE_SIDED[row.test]) and not stated then
    check.fail("%s: nothing is predicted: give essay or theory, or describe = true", who)
  end
  if row.refines and (row.essay == nil or row.theory == nil) then
    check.fail("%s: refines needs both essay and theory: the theory has to hold where the essay's statement does not", who)
  end
end

-- A row as it is declared, checked; raises what is wrong with it.
function plan.row(who, options)
  if type(options) ~= "table" then check.fail("%s: a row must be a table, got %s", who, check.show(options)) end
  local label = options.key or options.claim
  if type(label) == "string" then who = ("%s: row %q"):format(who, label) end
  local o = check.options(who, options, rules)
  local tests = given(o)
  if #tests ~= 1 then
    check.fail("%s: expected exactly one test (%s), got %s", who, table.concat(TESTS, ", "),
      #tests == 0 and "none" or table.concat(tests, " and "))
  end
  local row = { key = o.key or o.claim, id = o.id, claim = o.claim, essay = o.essay, theory = o.theory, test = tests[1],
    bound = o.bound, refines = o.refines, spread = o.spread, replicates = o.replicates, note = o.note }
  for _, side in ipairs { "essay", "theory" } do a_prediction(who, side, row[side], ONE_SIDED[row.test]) end
  if WITH_MARGIN[row.test] then check_margin(who, row, o)
  elseif ONE_SIDED[row.test] then check_threshold(who, row, o)
  elseif row.test == "bound" and row.essay == nil and row.theory == nil then row.theory = 0 end
  check_statements(who, row)
  return row
end

-- Whether the row's measurement has a sampling error, and takes its part of the error rate of the ledger.
function plan.sampled(row) return WITH_MARGIN[row.test] or ONE_SIDED[row.test] or false end

-- The level at which each row is tested, so that the whole ledger is right with probability `level` (Bonferroni).
function plan.row_level(level, rows)
  local family = 0
  for _, row in ipairs(rows) do if plan.sampled(row) then family = family + 1 end end
  return 1 - (1 - level) / math.max(1, family), family
end

-- The values that a prediction allows: lowest, highest, and whether the ends themselves are refused.
function plan.region(row, prediction)
  if row.test == "above" then return row.threshold or prediction, math.huge, true end
  if row.test == "below" then return -math.huge, row.threshold or prediction, true end
  local half = row.bound or row.margin * (row.relative and math.abs(prediction) or 1)
  return prediction - half, prediction + half, false
end

return plan
