-- limn/claims/init.lua: the ledger of claims: what the essay and the theory predict, what was measured, and a verdict on
-- each.
--   ledger = claims.new "complexity against data"
--   ledger:declare { id = "A17", claim = "crossover D* at C = 4", theory = 15, equal = { margin = 0.02, relative = true } }
--   ledger:measure("crossover D* at C = 4", claims.mean { 15.02, 14.98, 15.01 })
--   ledger:print()
-- Rows are declared, with test and margin, before anything is measured; a verdict follows from them and an interval.

local native = require("limn.native").stats
local check = require "limn.base.check"
local leave_one_out = require "limn.base.leave_one_out"
local estimates = require "limn.claims.estimates"
local plan = require "limn.claims.plan"
local verdicts = require "limn.claims.verdicts"
local tables = require "limn.claims.table"

local claims = {}

for _, name in ipairs { "mean", "paired", "difference", "statistic", "fit_slope", "proportion", "exact", "largest",
  "distinct", "entropy", "outside" } do
  claims[name] = estimates[name]
end

-- ---- intervals ---------------------------------------------------------------------------------------

-- These are the estimates of limn.stats under the names that experiments use.

-- The t with P(|T| <= t) = level, k degrees of freedom.
function claims.student(k, level)
  local who = "claims.student"
  check.value(who, "degrees of freedom", k, { type = "integer", required = true, min = 1, max = 1000000 })
  check.value(who, "level", level, { type = "number", required = true, min = 0, max = 0.999 })
  return native.t_critical(who, level, k)
end

-- Mean and Student's interval of the mean from a list of at least two independent measurements.
function claims.interval(values, level)
  local who = "claims.interval"
  return native.mean(who, check.array(who, "values", values), level)
end

-- statistic(list), a number that independent measurements give together (a ratio of means, a fitted slope), with its
-- interval by the jackknife.
function claims.jackknife(list, statistic, level)
  local who = "claims.jackknife"
  local all, without = leave_one_out(who, list, statistic)
  return all, (native.jackknife(who, all, without, level))
end

-- Slope of y against x by least squares, its standard error (nan for two points), and the line's value at x = 0.
function claims.slope(x, y)
  local who = "claims.slope"
  local slope, _, error_, at_zero = native.slope(who, check.array(who, "x", x), check.array(who, "y", y))
  return slope, error_, at_zero
end

-- ---- the ledger ----------------------------------------------------------------------------------------

local Ledger = { __name = "limn.claims" }
Ledger.__index = Ledger

-- claims.new(title, {level=}): level is the probability that no verdict of the whole ledger is wrong by chance.
-- A sweep sets the field doubt before the report, where cells are missing or stale: a text, with which no row agrees.
function claims.new(title, options)
  title = check.value("claims.new", "title", title, { type = "string", default = "" })
  local o = check.options("claims.new", options, { level = { type = "number", default = 0.95 } })
  if not (o.level > 0 and o.level < 1) then check.fail("claims.new: level must lie in (0, 1), got %s", o.level) end
  return setmetatable({ title = title, level = o.level, rows = {}, by_key = {}, sealed = false }, Ledger)
end

function Ledger:__tostring() return ("limn.claims %q: %d rows"):format(self.title, #self.rows) end

local function add(self, row)
  self.rows[#self.rows + 1], self.by_key[row.key] = row, row
end

-- Declares a row, or each of a list of them.
function Ledger:declare(rows)
  local who = "claims:declare"
  if type(rows) ~= "table" then check.fail("%s: expected a row or a list of rows, got %s", who, check.show(rows)) end
  if rows[1] ~= nil or next(rows) == nil then
    for _, row in ipairs(rows) do self:declare(row) end
    return self
  end
  if self.sealed then check.fail("%s: rows are declared before the first is measured", who) end
  local row = plan.row(who, rows)
  if self.by_key[row.key] then
    check.fail("%s: two rows have the key %q; give one of them another key", who, row.key)
  end
  local idle = row.test == "definition" and "definition" or row.test == "describe" and "described" or "undecided"
  row.essay_verdict = (row.essay ~= nil or row.theory == nil) and idle or "-"
  row.theory_verdict = row.theory ~= nil and idle or "-"
  if row.test ~= "definition" then row.reason = "not measured" end
  add(self, row)
  return self
end

local measure_rules = { note = { type = "string", default = "" }, theory = { type = "any" }, essay = { type = "any" } }

-- Puts a prediction that comes with the measurement into the row.
local function predict(who, row, o)
  for _, side in ipairs { "essay", "theory" } do
    if row[side] == plan.later then
      if o[side] == nil then
        check.fail("%s: %q declares its %s as %q: give %s = NUMBER here", who, row.key, side, plan.later, side)
      end
      if type(o[side]) ~= "number" then
        check.fail("%s: %q: %s must be a number, got %s", who, row.key, side, check.show(o[side]))
      end
      row[side], row.late = o[side], true
    elseif o[side] ~= nil then
      check.fail("%s: %q has declared its %s as %s; a prediction given afterwards is refused", who, row.key, side,
        check.show(row[side]))
    end
  end
end

-- measure(key, estimate [, {note=, theory=, essay=}]) -> verdict on the essay, on the theory. With nil for the estimate
-- the row stays undecided, and the note says why it was not measured.
function Ledger:measure(key, estimate, options)
  local who = "claims:measure"
  local row = self.by_key[key]
  if not row then
    local near = type(key) == "string" and check.nearest(key, self.by_key)
    check.fail("%s: no row with the key %s is declared%s", who, check.show(key),
      near and ("; did you mean %q?"):format(near) or "")
  end
  if row.measured ~= nil or row.estimate then check.fail("%s: %q is measured already", who, key) end
  if row.test == "definition" then check.fail("%s: %q is a definition, which nothing measures", who, key) end
  local o = check.options(who, options, measure_rules)
  self.sealed = true
  if estimate == nil then
    row.reason = "not measured" .. (o.note ~= "" and ": " .. o.note or "")
    return row.essay_verdict, row.theory_verdict
  end
  if check.typename(estimate) ~= "limn.claims.estimate" then
    check.fail("%s: %q: expected an estimate (claims.mean, claims.exact, ...), got %s", who, key, check.show(estimate))
  end
  predict(who, row, o)
  verdicts.match(who, row, estimate)
  local level = plan.sampled(row) and plan.row_level(self.level, self.rows) or self.level
  if o.note ~= "" then row.note = row.note == "" and o.note or row.note .. "; " .. o.note end
  row.estimate, row.measured = estimate, estimate.value
  row.essay_verdict, row.theory_verdict, row.interval, row.reason = verdicts.of(row, estimate, level)
  if estimate.exact then row.interval = nil else row.level = level end
  if self.doubt then verdicts.doubt(row, self.doubt) end
  return row.essay_verdict, row.theory_verdict
end

-- ---- rows in one piece -----------------------------------------------------------------------------------------------

local rules = {
  id = { type = "string", default = "" },
  claim = { type = "string", required = true },
  predicted = { type = "any", required = true }, -- a number; nan is one
  measured = { type = "any", required = true },
  interval = { type = "table" },
  tolerance = { type = "number", min = 0 },
  bound = { type = "number", min = 0 },
  note = { type = "string", default = "" },
}

local function finite(v) return type(v) == "number" and v - v == 0 end

local function check_interval(who, row)
  local low, high = row.interval[1], row.interval[2]
  if type(low) ~= "number" or type(high) ~= "number" then
    check.fail("%s: %q: interval must be {low, high}, got {%s, %s}", who, row.claim, check.show(low), check.show(high))
  end
  if finite(row.measured) and not (low <= row.measured and row.measured <= high) and low == low and high == high then
    check.fail("%s: %q: measured must lie in its interval, got %g outside [%g, %g]", who, row.claim, row.measured, low, high)
  end
end

-- The verdict of a row that gives prediction, measurement and interval at once, and its reason.
local function verdict_of(row)
  local p, m = row.predicted, row.measured
  if not finite(p) then return "undecided", "the prediction is not finite" end
  if not finite(m) then return "undecided", "the measurement is not finite" end
  if row.bound then return math.abs(m - p) <= row.bound and "agrees" or "disagrees" end
  local low, high = m, m
  if row.interval then low, high = row.interval[1], row.interval[2] end
  local half = row.tolerance and row.tolerance * math.abs(p) or 0
  if low ~= low or high ~= high then return "undecided", "the interval is not a number" end
  local verdict = verdicts.judge(low, high, p - half, p + half)
  return verdict, verdict == "undecided" and not row.tolerance and "no margin given" or nil
end

-- Adds a row with its measurement and returns its verdict, which follows from the numbers: a shorthand for rows that state
-- one prediction. `tolerance` is the relative margin around it. Declared rows say more (claims:declare).
function Ledger:row(options)
  local who = "claims:row"
  local row = check.options(who, options, rules)
  for _, name in ipairs { "predicted", "measured" } do
    if type(row[name]) ~= "number" then check.fail("%s: %q: %s must be a number, got %s", who, row.claim, name, check.show(row[name])) end
  end
  if row.interval then check_interval(who, row) end
  row.verdict, row.reason = verdict_of(row)
  row.theory, row.margin, row.relative = row.predicted, row.tolerance, row.tolerance and true
  row.test, row.key = row.bound and "bound" or "equal", row.claim
  row.essay_verdict, row.theory_verdict = "-", row.verdict
  if self.doubt then verdicts.doubt(row, self.doubt) end
  row.verdict = row.theory_verdict
  self.rows[#self.rows + 1] = row
  return row.verdict
end

-- ---- what comes of it ------------------------------------------------------------------------------------------------

-- The table as text, columns aligned; with a key that row alone.
function Ledger:text(key)
  if key == nil then return tables.text(self.rows) end
  local row = self.by_key[key]
  if not row then
    local near = type(key) == "string" and check.nearest(key, self.by_key)
    check.fail("claims:text: no row with the key %s%s", check.show(key), near and ("; did you mean %q?"):format(near) or "")
  end
  return tables.text { row }
end

function Ledger:print(file)
  file = file or io.stdout
  if self.title ~= "" then file:write(self.title, "\n") end
  if self.doubt then file:write(self.doubt, "\n") end
  file:write(self:text(), "\n")
end

-- How many rows have that verdict on the essay, on the theory, or on either.
function Ledger:count(which, side)
  local who = "claims:count"
  check.value(who, "verdict", which, { type = "string", required = true, one_of = verdicts.names })
  check.value(who, "side", side, { type = "string", one_of = { "essay", "theory" } })
  local n = 0
  for _, row in ipairs(self.rows) do
    local on_essay, on_theory = row.essay_verdict == which, row.theory_verdict == which
    if side == "essay" and on_essay or side == "theory" and on_theory or side == nil and (on_essay or on_theory) then
      n = n + 1
    end
  end
  return n
end

-- The ledger as plain tables: { title=, level=, family=, rows={...} }.
function Ledger:totable()
  local _, family = plan.row_level(self.level, self.rows)
  local rows = {}
  for i, row in ipairs(self.rows) do rows[i] = tables.plain(row) end
  return { title = self.title, level = self.level, family = family, rows = rows }
end

check.sealed("claims:", Ledger)
return check.sealed("claims.", claims)
