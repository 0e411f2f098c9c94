-- limn/functions/distribution.lua: a sample of functions, each a pattern of signs on the rows of X, with the measures of it.
--
-- Draws may be dependent (nets of a group share layers; chains): intervals then count `independent` draws instead of
-- `samples`, and counts in proportion.

local native = require("limn.native").functions
local check = require "limn.base.check"
local complexity = require "limn.functions.complexity"
local patterns = require "limn.functions.patterns"
local stats = require "limn.stats"

local Distribution = { __name = "limn.functions.distribution" }
Distribution.__index = Distribution
local CLASS = Distribution.__name

function Distribution:__tostring()
  return ("%s: %s, %d samples of functions on %d points, %s%d kinds%s"):format(CLASS, self.how, self.samples, self.points,
    self.error > 0 and "the most frequent of them: " or "", self.kinds,
    self.error > 0 and (", counts too small by at most %d"):format(self.error) or "")
end

-- Counts by pattern, read from the native table; pairs() runs by falling count.
local function counts_of(handle)
  return setmetatable({}, {
    __name = "limn.functions.table",
    __index = function(_, pattern) return (select(2, native.find(handle, pattern))) end,
    __newindex = function(_, pattern) check.fail("functions.prior: counts are fixed, got an assignment to %s", check.show(pattern)) end,
    __len = function() return (native.info(handle)) end,
    __pairs = function()
      local rank = 0
      return function()
        rank = rank + 1
        return native.get(handle, rank)
      end
    end,
  })
end

-- A distribution with the fields handle, how, X, independent and more.
local function make(fields)
  local kinds, total, error, points = native.info(fields.handle)
  fields.kinds, fields.samples, fields.error, fields.points = kinds, total, error, points
  fields.counts = counts_of(fields.handle)
  fields.independent = math.max(1, math.floor((fields.independent or total) + 0.5))
  return setmetatable(fields, Distribution)
end

local function check_self(who, self) check.self(who, self, CLASS) end

local LEVEL = { level = { type = "number", default = 0.95 } }

-- probability(pattern[, {level=}]) -> P, {low, high}
function Distribution:probability(pattern, options)
  local who = "distribution:probability"
  check_self(who, self)
  local o = check.options(who, options, LEVEL)
  pattern = patterns.checked(who, pattern, self.points)
  local count = self.counts[pattern] or 0
  local ratio = self.independent / self.samples
  local n = self.independent
  local function bounds(k) return select(2, stats.clopper_pearson(math.min(n, math.floor(k * ratio + 0.5)), n, o.level)) end
  return count / self.samples, { bounds(count)[1], bounds(math.min(self.samples, count + self.error))[2] }
end

-- bits(pattern[, {level=}]) -> -log2 P, {low, high}; infinite for a function that did not occur
function Distribution:bits(pattern, options)
  check_self("distribution:bits", self)
  local p, interval = self:probability(pattern, options)
  local function bits(q) return q > 0 and -math.log(q, 2) or math.huge end
  return bits(p), { bits(interval[2]), bits(interval[1]) }
end

-- entropy([{level=}]) -> bits, {low, high}, coverage; the estimator of stats.entropy
function Distribution:entropy(options)
  local who = "distribution:entropy"
  check_self(who, self)
  local o = check.options(who, options, LEVEL)
  if self.error > 0 then
    check.fail("%s: rare functions were not counted (counts are too small by up to %d); raise space above %d", who, self.error,
      self.kinds)
  end
  local bits, interval, coverage = stats.entropy(native.numbers(self.handle), o.level)
  local wide = math.sqrt(self.samples / self.independent)
  return bits, { math.max(0, bits - (bits - interval[1]) * wide), bits + (interval[2] - bits) * wide }, coverage
end

-- ranked([n]) -> the n most frequent functions, {pattern=, count=, probability=} each
function Distribution:ranked(n)
  local who = "distribution:ranked"
  check_self(who, self)
  n = check.value(who, "n", n, { type = "integer", min = 0, default = 20 })
  local list = {}
  for rank = 1, math.min(n, self.kinds) do
    local pattern, count = native.get(self.handle, rank)
    list[rank] = { pattern = pattern, count = count, probability = count / self.samples }
  end
  return list
end

-- probabilities() -> array by rank: the Zipf plot's ordinate
function Distribution:probabilities()
  check_self("distribution:probabilities", self)
  return native.numbers(self.handle) / self.samples
end

-- signs() -> array: mean sign at each row of X, in [-1, 1]
function Distribution:signs()
  check_self("distribution:signs", self)
  return native.plus(self.handle) * (2 / self.samples) - 1
end

-- generalisation{target=, S=} -> mean fraction of wrong signs off S, {low, high}, list of {error=, probability=} by error
function Distribution:generalisation(options)
  local who = "distribution:generalisation"
  check_self(who, self)
  local o = check.options(who, options, { target = { type = "any", required = true }, S = { type = "table", default = {} },
    level = LEVEL.level })
  local target = patterns.checked(who, o.target, self.points)
  local off, n = patterns.mask(who, o.S, self.points, true)
  if n == 0 then check.fail("%s: S has all %d points, so that none is left to judge by", who, self.points) end
  local wrong, counts = native.differ(self.handle, target, off), native.numbers(self.handle)
  local mean, square, mass, seen = 0, 0, {}, counts:sum()
  for rank = 1, self.kinds do
    local e, c = wrong[rank] / n, counts[rank] / seen
    mean, square = mean + c * e, square + c * e * e
    mass[wrong[rank]] = (mass[wrong[rank]] or 0) + c
  end
  local half = stats.normal.critical(o.level) * math.sqrt(math.max(0, square - mean * mean) / self.independent)
  local list = {}
  for k = 0, n do if mass[k] then list[#list + 1] = { error = k / n, probability = mass[k] } end end
  return mean, { math.max(0, mean - half), math.min(1, mean + half) }, list
end

-- complexity([{functions=, bits=, gates=, space=}]) -> arrays by rank of the measures of functions.complexity
function Distribution:complexity(options)
  local who = "distribution:complexity"
  check_self(who, self)
  return complexity.of_counts(who, self.handle, options, self.kinds)
end

-- orthant(pattern[, {samples=, seed=}]) -> -log2 P by Gaussian orthants, its standard error (bits)
function Distribution:orthant(pattern, options)
  local who = "distribution:orthant"
  check_self(who, self)
  local o = check.options(who, options, { samples = { type = "integer", default = 16384, min = 16, max = 1 << 30 },
    seed = { type = "integer", default = 1 } })
  if not self.covariance then
    check.fail("%s: nets of finite width are no Gaussian process; make the prior with limit=true", who)
  end
  pattern = patterns.checked(who, pattern, self.points)
  local log_p, error = native.orthant(who, self.covariance, pattern, o.samples, o.seed)
  return -log_p / math.log(2), error / math.log(2)
end

check.sealed("distribution:", Distribution)
return { make = make }
