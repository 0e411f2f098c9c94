-- limn/stats.lua: distributions with their quantiles, and estimates with intervals. The numerics are in src/num/stats;
-- limn/stats.h states their accuracy.

local native = require("limn.native").stats
local check = require "limn.base.check"
local leave_one_out = require "limn.base.leave_one_out"

local stats = {}

local TAIL = { type = "string", default = "lower", one_of = { "lower", "upper" } }

local function number(who, name, value, default)
  local rule = { type = "number", required = default == nil, default = default, finite = false }
  return check.value(who, name, value, rule)
end

-- ---- distributions ------------------------------------------------------------------------------------------------
-- cdf(x, parameters [, tail]) is P(X <= x), or P(X > x) with tail = "upper"; quantile(p, parameters [, tail]) is its
-- inverse.

-- Each distribution is a class of its own, so that help and error messages show its name.
local function law_of(name)
  local law = { __name = "limn.stats." .. name, __tostring = function() return "limn.stats." .. name end }
  return setmetatable(law, law)
end

local function of_degrees(name)
  local law = law_of(name)
  local function make(key, first)
    local who, f = ("stats.%s.%s"):format(name, key), native[name .. "_" .. key]
    law[key] = function(x, df, tail)
      return f(who, number(who, first, x), number(who, "df", df), check.value(who, "tail", tail, TAIL))
    end
  end
  make("cdf", "x")
  make("quantile", "p")
  return law
end

stats.t = of_degrees "t"
stats.chi2 = of_degrees "chi2"
stats.normal = law_of "normal"
stats.beta = law_of "beta"

for key, first in pairs { cdf = "x", quantile = "p" } do
  local who, other = "stats.normal." .. key, "stats.beta." .. key
  stats.normal[key] = function(x, mean, sd, tail)
    return native["normal_" .. key](who, number(who, first, x), number(who, "mean", mean, 0), number(who, "sd", sd, 1),
      check.value(who, "tail", tail, TAIL))
  end
  stats.beta[key] = function(x, a, b, tail)
    return native["beta_" .. key](other, number(other, first, x), number(other, "a", a), number(other, "b", b),
      check.value(other, "tail", tail, TAIL))
  end
end

-- The t with P(|T| <= t) = level. normal.critical: the same for the standard normal.
function stats.t.critical(level, df)
  local who = "stats.t.critical"
  return native.t_critical(who, number(who, "level", level), number(who, "df", df))
end

function stats.normal.critical(level)
  return native.normal_critical("stats.normal.critical", number("stats.normal.critical", "level", level))
end

-- ---- estimates ----------------------------------------------------------------------------------------------------

-- stats.mean(values, level=0.95) -> mean, {low, high}: Student's interval.
function stats.mean(values, level)
  local who = "stats.mean"
  return native.mean(who, check.array(who, "values", values), level)
end

-- stats.jackknife(list, statistic, level=0.95) -> statistic(list), {low, high}, the bias-corrected statistic.
function stats.jackknife(list, statistic, level)
  local who = "stats.jackknife"
  local all, without = leave_one_out(who, list, statistic)
  local interval, corrected = native.jackknife(who, all, without, level)
  return all, interval, corrected
end

-- stats.bootstrap(values, {resamples=, level=, seed=, pairs=}) -> mean, {low, high} or nil: percentiles of resamples.
function stats.bootstrap(values, options)
  local who = "stats.bootstrap"
  local o = check.options(who, options, {
    resamples = { type = "integer", default = 1000, min = 20, max = 100000 },
    level = { type = "number", default = 0.95 },
    seed = { type = "integer", default = 1 },
    pairs = { type = "boolean", default = false },
  })
  values = check.array(who, "values", values)
  return native.bootstrap(who, o.pairs and "pairs" or "values", values, o.resamples, o.level, o.seed)
end

-- stats.wilson(successes, trials, level=0.95) -> proportion, {low, high}
function stats.wilson(successes, trials, level)
  local who = "stats.wilson"
  local interval = native.wilson(who, number(who, "successes", successes), number(who, "trials", trials), level)
  return successes / trials, interval
end

-- stats.slope(x, y, level=0.95) -> slope, {low, high}, standard error, value of the line at 0
function stats.slope(x, y, level)
  local who = "stats.slope"
  return native.slope(who, check.array(who, "x", x), check.array(who, "y", y), level)
end

-- stats.clopper_pearson(successes, trials, level=0.95) -> proportion, {low, high}: exact, never too narrow.
function stats.clopper_pearson(successes, trials, level)
  local who = "stats.clopper_pearson"
  local interval = native.clopper_pearson(who, number(who, "successes", successes), number(who, "trials", trials), level)
  return successes / trials, interval
end

-- stats.difference(a, b, level=0.95) -> mean of a - mean of b, {low, high}, degrees of freedom: Welch's interval.
function stats.difference(a, b, level)
  local who = "stats.difference"
  return native.difference(who, check.array(who, "a", a), check.array(who, "b", b), level)
end

-- stats.distinct(counts, level=0.95) -> number of kinds, {low, high}, coverage of the sample
function stats.distinct(counts, level)
  local who = "stats.distinct"
  return native.distinct(who, check.array(who, "counts", counts), level)
end

-- stats.entropy(counts, level=0.95) -> bits, {low, high}, coverage of the sample
function stats.entropy(counts, level)
  local who = "stats.entropy"
  return native.entropy(who, check.array(who, "counts", counts), level)
end

-- ---- power --------------------------------------------------------------------------------------------------------

local range_rules = {
  low = { type = "number", default = -math.huge, finite = false },
  high = { type = "number", default = math.huge, finite = false },
  level = { type = "number", default = 0.95 },
}

local function with(more)
  for name, rule in pairs(range_rules) do more[name] = more[name] or rule end
  return more
end

local power_rules = with { mean = { type = "number" }, sd = { type = "number" }, proportion = { type = "number" },
  n = { type = "integer", required = true, min = 1 } }
local replicates_rules = with { mean = { type = "number" }, sd = { type = "number" }, proportion = { type = "number" },
  power = { type = "number", default = 0.8 } }
local spread_rules = with { mean = { type = "number", required = true }, n = { type = "integer", required = true, min = 2 },
  power = { type = "number", default = 0.8 } }

-- Whether the options describe a proportion; raises unless they describe it or a mean, and not both.
local function is_proportion(who, o)
  if o.proportion and (o.mean or o.sd) then check.fail("%s: give proportion, or mean and sd", who) end
  if not o.proportion and not (o.mean and o.sd) then
    check.fail("%s: %s is missing (expected mean and sd, or proportion)", who, o.mean and "sd" or "mean")
  end
  return o.proportion ~= nil
end

-- stats.power{low=, high=, mean=, sd=, n=, level=} -> the probability that the interval of n replicates lies in low..high;
-- with proportion= in place of mean and sd: of n trials.
function stats.power(options)
  local who = "stats.power"
  local o = check.options(who, options, power_rules)
  if is_proportion(who, o) then return native.proportion_power(who, o.low, o.high, o.proportion, o.n, o.level) end
  if o.n < 2 then check.fail("%s: n must be at least 2, got %d", who, o.n) end
  return native.interval_power(who, o.low, o.high, o.mean, o.sd / math.sqrt(o.n), o.n - 1, o.level)
end

-- stats.replicates{low=, high=, mean=, sd=, level=, power=0.8} -> the least n with that power; infinite beyond 10^6.
function stats.replicates(options)
  local who = "stats.replicates"
  local o = check.options(who, options, replicates_rules)
  local n
  if is_proportion(who, o) then n = native.trials(who, o.low, o.high, o.proportion, o.level, o.power)
  else n = native.replicates(who, o.low, o.high, o.mean, o.sd, o.level, o.power) end
  return math.tointeger(n) or n
end

-- stats.largest_spread{low=, high=, mean=, n=, level=, power=0.8} -> the largest sd with which n replicates have it.
function stats.largest_spread(options)
  local who = "stats.largest_spread"
  local o = check.options(who, options, spread_rules)
  return native.largest_spread(who, o.low, o.high, o.mean, o.n, o.level, o.power)
end

for name, law in pairs(stats) do
  if type(law) == "table" then check.sealed(("stats.%s."):format(name), law) end
end

return check.sealed("stats.", stats)
