-- limn/claims/estimates.lua: measured numbers with intervals at any level.
--
-- An estimate is { value=, n=, sd=, method=, kind=, problem= } with interval(level). `problem` says why it has no
-- interval: too few replicates, replicates that are copies of each other, values that are not finite. A row whose
-- estimate has a problem is undecided; mistakes of the caller (a wrong type, k > n) are errors.

local native = require("limn.native").stats
local check = require "limn.base.check"
local leave_one_out = require "limn.base.leave_one_out"

local estimates = {}

local Estimate = { __name = "limn.claims.estimate" }
Estimate.__index = Estimate

local SAME = 1e-12 -- relative spread below which replicates count as copies: rounding alone makes that much

local function number(v) return ("%.6g"):format(v) end

-- options: value, n, kind, method, and problem or between(level) -> {low, high}; exact: there is no sampling error.
local function estimate(options) return setmetatable(options, Estimate) end

-- The interval at a level, {low, high}; or nil, why there is none.
function Estimate:interval(level)
  local who = "estimate:interval"
  check.value(who, "level", level, { type = "number", required = true })
  if not (level > 0 and level < 1) then check.fail("%s: level must lie in (0, 1), got %s", who, level) end
  if self.problem then return nil, self.problem end
  if self.exact then return { self.value, self.value } end
  local interval = self._between(level)
  if interval[1] ~= interval[1] or interval[2] ~= interval[2] then return nil, "the interval is not a number" end
  return interval
end

-- How many replicates (trials) more give an interval inside (or wholly outside) the range from..to with probability
-- `power`, if mean and spread stay as they are; nil if no number does, or none can be named.
function Estimate:more(from, to, level, power)
  local who = "estimate:more"
  local value = self.value
  if value <= from and from > -math.huge then from, to = -math.huge, from
  elseif value >= to and to < math.huge then from, to = to, math.huge end
  local n
  if self.kind == "proportion" then n = native.trials(who, from, to, value, level, power)
  elseif self.sd and self.df == self.n - 1 then n = native.replicates(who, from, to, value, self.sd, level, power) end
  return n and n < math.huge and math.max(1, math.tointeger(n) - self.n) or nil
end

function Estimate:__tostring()
  if self.problem then return ("limn.claims.estimate: none (%s)"):format(self.problem) end
  if self.exact then return ("limn.claims.estimate: %s (%s)"):format(number(self.value), self.method) end
  local interval = self:interval(0.95)
  return ("limn.claims.estimate: %s [%s, %s] (%s)"):format(number(self.value), interval and number(interval[1]) or "nan",
    interval and number(interval[2]) or "nan", self.method)
end

-- A list as a table of numbers; what is wrong with it as measurements, or nil.
local function measurements(who, name, values)
  if type(values) == "table" and next(values) == nil then return {}, "no values" end
  local list, odd = check.array(who, name, values):totable(), 0
  for _, v in ipairs(list) do if v - v ~= 0 then odd = odd + 1 end end
  if #list == 0 then return list, "no values" end
  return list, odd > 0 and ("%d of %d values are not finite"):format(odd, #list) or nil
end

local function copies(list)
  local low, high = math.huge, -math.huge
  for _, v in ipairs(list) do low, high = math.min(low, v), math.max(high, v) end
  return high - low <= SAME * math.max(math.abs(low), math.abs(high))
end

local function plain_mean(list)
  local sum = 0
  for _, v in ipairs(list) do sum = sum + v end
  return #list > 0 and sum / #list or 0 / 0
end

-- Standard deviation of one replicate, from a Student interval of n replicates.
local function deviation(between, n, df)
  local interval = between(0.5)
  return (interval[2] - interval[1]) / 2 / native.t_critical("estimate", 0.5, df) * math.sqrt(n)
end

-- Student's interval of a mean, from checked replicates.
local function student(who, list, problem, kind, method)
  local n = #list
  if not problem and n < 2 then problem = "one replicate has no interval" end
  if not problem and copies(list) then problem = ("all %d replicates are equal: copies?"):format(n) end
  if problem then
    return estimate { value = plain_mean(list), n = n, kind = kind, method = method, problem = problem }
  end
  local values = check.array(who, "values", list)
  local function between(level) return (select(2, native.mean(who, values, level))) end
  return estimate { value = (native.mean(who, values)), n = n, sd = deviation(between, n, n - 1), df = n - 1, kind = kind,
    method = method, _between = between }
end

-- The mean of independent replicates.
function estimates.mean(values)
  local who = "claims.mean"
  local list, problem = measurements(who, "values", values)
  return student(who, list, problem, "mean", ("mean of %d, Student"):format(#list))
end

-- The mean of a[i] - b[i]: two measurements on the same replicate.
function estimates.paired(a, b)
  local who = "claims.paired"
  local first, wrong = measurements(who, "a", a)
  local second, also = measurements(who, "b", b)
  if #first ~= #second then check.fail("%s: a and b must be of one length, got %d and %d", who, #first, #second) end
  local list = {}
  for i, v in ipairs(first) do list[i] = v - second[i] end
  return student(who, list, wrong or also, "mean", ("mean of %d differences of pairs, Student"):format(#list))
end

-- mean(a) - mean(b) of two independent lists.
function estimates.difference(a, b)
  local who = "claims.difference"
  local first, problem = measurements(who, "a", a)
  local second, also = measurements(who, "b", b)
  problem = problem or also or (#first < 2 or #second < 2) and "one replicate has no interval"
    or copies(first) and copies(second) and "all replicates are equal: copies?" or nil
  local method = ("difference of means of %d and %d, Welch"):format(#first, #second)
  if problem then
    return estimate { value = plain_mean(first) - plain_mean(second), n = #first + #second, kind = "mean", method = method,
      problem = problem }
  end
  local x, y = check.array(who, "a", first), check.array(who, "b", second)
  local value, _, df = native.difference(who, x, y)
  local function between(level) return (select(2, native.difference(who, x, y, level))) end
  local n = #first + #second
  return estimate { value = value, n = n, sd = deviation(between, n, df), df = df, kind = "mean", method = method,
    _between = between }
end

-- statistic(list): one number from independent measurements of any kind, by the jackknife.
function estimates.statistic(list, statistic)
  local who = "claims.statistic"
  check.value(who, "list", list, { type = "array", required = true, help = "a list of measurements" })
  check.value(who, "statistic", statistic, { type = "function", required = true })
  local n, method = #list, ("statistic of %d, jackknife"):format(#list)
  if n < 2 then
    return estimate { value = 0 / 0, n = n, kind = "statistic", method = method,
      problem = n == 0 and "no measurements" or "one measurement has no interval" }
  end
  local all, without = leave_one_out(who, list, statistic)
  local odd = all - all ~= 0
  for _, v in ipairs(without) do odd = odd or v - v ~= 0 end
  local problem = odd and "the statistic is not finite, or not without one of the measurements"
    or copies(without) and ("all %d measurements are equal: copies?"):format(n) or nil
  if problem then return estimate { value = all, n = n, kind = "statistic", method = method, problem = problem } end
  local function between(level) return (native.jackknife(who, all, without, level)) end
  return estimate { value = all, n = n, sd = deviation(between, n, n - 1), df = n - 1, kind = "statistic", method = method,
    _between = between }
end

-- The slope of one line: its only scatter is that of the points about it.
local function one_line(who, x, list, problem)
  local n, method = #list, ("slope of one line of %d points, scatter about it"):format(#list)
  if not problem and n < 3 then problem = "a line through two points has no scatter" end
  if problem then return estimate { value = 0 / 0, n = n, kind = "slope", method = method, problem = problem } end
  local y = check.array(who, "ys", list)
  local function between(level) return (select(2, native.slope(who, x, y, level))) end
  local value, _, error_ = native.slope(who, x, y)
  if error_ <= SAME * math.abs(value) then problem = "the points lie on a line to rounding: copies of a law?" end
  return estimate { value = value, n = n, kind = "slope", method = method, _between = between, problem = problem }
end

-- The slope of y against x by least squares. ys: a list of lists, one per replicate: Student over their slopes; or one
-- list of numbers.
function estimates.fit_slope(x, ys)
  local who = "claims.fit_slope"
  local points, problem = measurements(who, "x", x)
  if problem then check.fail("%s: x: %s", who, problem) end
  x = check.array(who, "x", points)
  check.value(who, "ys", ys, { type = "array", required = true, help = "a list of lists" })
  local single = check.typename(ys) == "limn.array" and ys:ndim() == 1 or type(ys) == "table" and type(ys[1]) == "number"
  if single then
    local list, wrong = measurements(who, "ys", ys)
    if #list ~= #points then check.fail("%s: x and ys must be of one length, got %d and %d", who, #points, #list) end
    return one_line(who, x, list, wrong)
  end
  local slopes
  for i = 1, #ys do
    local list, wrong = measurements(who, ("ys[%d]"):format(i), ys[i])
    if #list ~= #points then check.fail("%s: x and ys[%d] must be of one length, got %d and %d", who, i, #points, #list) end
    problem, slopes = problem or wrong, slopes or {}
    slopes[i] = not wrong and native.slope(who, x, check.array(who, "ys", list)) or 0 / 0
  end
  slopes = slopes or {}
  return student(who, slopes, problem or #slopes == 0 and "no values" or nil, "slope",
    ("mean of %d slopes, Student"):format(#slopes))
end

-- k of n.
function estimates.proportion(k, n)
  local who = "claims.proportion"
  k = check.value(who, "k", k, { type = "integer", required = true, min = 0 })
  n = check.value(who, "n", n, { type = "integer", required = true, min = 0 })
  if k > n then check.fail("%s: k must be at most n, got %d of %d", who, k, n) end
  local method = ("%d of %d, Clopper-Pearson"):format(k, n)
  return estimate { value = k / n, n = n, kind = "proportion", method = method, problem = n == 0 and "no trials" or nil,
    sd = n > 0 and math.sqrt(k / n * (1 - k / n)) or nil,
    _between = function(level) return native.clopper_pearson(who, k, n, level) end }
end

-- A number without sampling error: computed, or counted in full.
function estimates.exact(value)
  value = check.value("claims.exact", "value", value, { type = "any", required = true })
  if type(value) ~= "number" then check.fail("claims.exact: value must be a number, got %s", check.show(value)) end
  return estimate { value = value, n = 1, kind = "exact", method = "exact", exact = true,
    problem = value ~= value and "the value is not a number" or nil }
end

-- The largest |value|: the error of an identity that was checked n times.
function estimates.largest(values)
  local list, problem = measurements("claims.largest", "values", values)
  local most = 0
  for _, v in ipairs(list) do most = math.max(most, math.abs(v)) end
  return estimate { value = most, n = #list, kind = "largest", method = ("largest of %d"):format(#list), exact = true,
    problem = problem }
end

-- Checked counts of kinds; what is wrong with them, or nil.
local function counted(who, counts)
  local list, problem = measurements(who, "counts", counts)
  local n = 0
  for _, v in ipairs(list) do n = n + v end
  return list, n, problem or n < 2 and "fewer than two observations" or nil
end

-- The number of kinds in a population, from how often each kind was seen: Chao1. Kinds as rare as one likes may be left,
-- so the interval has a lower end only: "at least".
function estimates.distinct(counts)
  local who = "claims.distinct"
  local list, n, problem = counted(who, counts)
  local value, _, coverage
  if not problem then value, _, coverage = native.distinct(who, list) end
  return estimate { value = value or 0 / 0, n = n, kind = "distinct", problem = problem, coverage = coverage,
    method = ("Chao1 of %d observations, at least"):format(n),
    _between = function(level)
      local _, interval = native.distinct(who, list, level)
      return { interval[1], math.huge }
    end }
end

-- The entropy of a population in bits, likewise: Chao, Wang and Jost's estimator, jackknife. Where more than half of the
-- population was never seen it has a lower end only.
function estimates.entropy(counts)
  local who = "claims.entropy"
  local list, n, problem = counted(who, counts)
  local value, interval, coverage
  if not problem then value, interval, coverage = native.entropy(who, list) end
  if interval and interval[1] == interval[2] then problem = "no spread: all kinds were seen equally often" end
  local open = interval and interval[2] == math.huge
  return estimate { value = value or 0 / 0, n = n, kind = "entropy", problem = problem, coverage = coverage,
    method = ("entropy of %d observations, Chao-Wang-Jost%s"):format(n, open and ", at least" or ""),
    _between = function(level) return (select(2, native.entropy(who, list, level))) end }
end

-- A number from elsewhere with its interval. At other levels the interval is that of a normal law with the same ends.
function estimates.outside(value, low, high, level)
  local who = "claims.outside"
  for name, v in pairs { value = value, low = low, high = high } do
    check.value(who, name, v, { type = "number", required = true, finite = false })
  end
  level = check.value(who, "level", level, { type = "number", required = true })
  if not (level > 0 and level < 1) then check.fail("%s: level must lie in (0, 1), got %s", who, level) end
  if not (low <= value and value <= high) then
    check.fail("%s: value must lie in its interval, got %s outside [%s, %s]", who, number(value), number(low), number(high))
  end
  local z = native.normal_critical(who, level)
  local problem = high == math.huge and low == -math.huge and "the interval is infinite" or value - value ~= 0
    and "the value is not finite" or low == high and "the interval has no width; a number without sampling error is exact"
    or nil
  return estimate { value = value, kind = "outside", method = ("given, %g %% interval"):format(100 * level),
    problem = problem, _between = function(wanted)
      local scale = native.normal_critical(who, wanted) / z
      return { value - scale * (value - low), value + scale * (high - value) }
    end }
end

check.sealed("estimate:", Estimate)
estimates.class = Estimate
return estimates
