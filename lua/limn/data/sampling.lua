-- limn/data/sampling.lua: parts of a data set: split, kfold, batches; and its columns: standardise, onehot.

local native = require "limn.native"
local check = require "limn.base.check"
local rng = require "limn.rng"

local zeros = native.array.zeros
local module = {}

local SEED = { type = "integer", min = 0, default = 1 }

-- X and y as arrays of equally many rows; y may be nil.
local function rows_of(who, X, y)
  X = check.array(who, "X", X)
  if y == nil then return X end
  y = check.array(who, "y", y)
  if #y ~= #X then check.fail("%s: y must have %d rows like X, got %d", who, #X, #y) end
  return X, y
end

local function taken(order, from, to) return order:slice(from, to):copy() end

-- split(X, y[, {test=0.25, seed=1}]) -> X and y to learn from, X and y to test with, in random order. test: a share below
-- 1, or a number of rows.
function module.split(X, y, options)
  local who = "data.split"
  X, y = rows_of(who, X, y)
  local o = check.options(who, options, { test = { type = "number", min = 0, default = 0.25 }, seed = SEED })
  local count = o.test < 1 and math.floor(o.test * #X + 0.5) or math.tointeger(o.test)
  if not count or count < 1 or count >= #X then
    check.fail("%s: test must leave rows on both sides: a share below 1, or 1 .. %d rows, got %s", who, #X - 1,
      check.show(o.test))
  end
  local order = rng.stream { seed = o.seed }:permutation(#X)
  local test, train = taken(order, 1, count), taken(order, count + 1, #X)
  if not y then return X:take(train), nil, X:take(test), nil end
  return X:take(train), y:take(train), X:take(test), y:take(test)
end

-- kfold(X, y[, {folds=5, seed=1}]): for k, X_train, y_train, X_test, y_test in data.kfold(X, y, ..): each row is tested
-- once; the sizes of the folds differ by at most 1.
function module.kfold(X, y, options)
  local who = "data.kfold"
  X, y = rows_of(who, X, y)
  if not y then check.fail("%s: y is missing", who) end
  local o = check.options(who, options, { folds = { type = "integer", min = 2, default = 5 }, seed = SEED })
  if o.folds > #X then check.fail("%s: folds must be at most the %d rows, got %d", who, #X, o.folds) end
  local order, n, k = rng.stream { seed = o.seed }:permutation(#X), #X, 0
  return function()
    k = k + 1
    if k > o.folds then return nil end
    local first, last = (k - 1) * n // o.folds + 1, k * n // o.folds
    local test = taken(order, first, last)
    local train = first == 1 and taken(order, last + 1, n) or last == n and taken(order, 1, first - 1)
      or taken(order, 1, first - 1) .. taken(order, last + 1, n)
    return k, X:take(train), y:take(train), X:take(test), y:take(test)
  end
end

-- standardise(X) -> each column with mean 0 and standard deviation 1, and {mean =, sd =, apply = function(X)}, which treats
-- other rows in the same way. A column of equal entries becomes 0.
function module.standardise(X)
  X = check.array("data.standardise", "X", X)
  if select("#", X:shape()) ~= 2 then check.fail("data.standardise: X must be a matrix, got %s", X) end
  local mean, sd = X:mean(1), X:std(1)
  for j = 1, #sd do if sd[j] == 0 then sd[j] = 1 end end
  local scale = { mean = mean, sd = sd }
  function scale.apply(other)
    other = check.array("data.standardise", "X", other)
    local _, columns = other:shape()
    if columns ~= #mean then
      check.fail("data.standardise: X must have %d columns, got %s", #mean, tostring(columns))
    end
    return (other - mean) / sd
  end
  return scale.apply(X), scale
end

-- onehot(labels[, {classes=}]) -> a row per label with 1 in the column of its class, and the list of classes. labels:
-- numbers or texts. classes: all classes in order (default: those of labels, numbers ascending, texts as they appear).
function module.onehot(labels, options)
  local who = "data.onehot"
  local o = check.options(who, options, { classes = { type = "table" } })
  if check.typename(labels) == "limn.array" then labels = labels:totable() end
  if type(labels) ~= "table" or #labels == 0 then
    check.fail("%s: labels must be a list of numbers or texts, got %s", who, check.show(labels))
  end
  local classes, number, numbers = {}, {}, true
  for k, class in ipairs(o.classes or labels) do
    if type(class) ~= "string" and (type(class) ~= "number" or class ~= class) then
      check.fail("%s: %s[%d] must be a number or a text, got %s", who, o.classes and "classes" or "labels", k,
        check.show(class))
    end
    if not number[class] then
      numbers = numbers and type(class) == "number"
      classes[#classes + 1], number[class] = class, true
    end
  end
  if numbers and not o.classes then table.sort(classes) end
  for k, class in ipairs(classes) do number[class] = k end
  local out = zeros(#labels, #classes)
  for i, label in ipairs(labels) do
    if not number[label] then check.fail("%s: labels[%d], %s, is none of classes", who, i, check.show(label)) end
    out:set(i, number[label], 1)
  end
  return out, classes
end

-- batches(X, y[, {size=32, seed=1}]) -> a function of the step, from 1, that returns `size` rows of X and y, and the number
-- of steps of one pass. Each pass has each row once, in a random order of its own; its last batch may be smaller.
function module.batches(X, y, options)
  local who = "data.batches"
  X, y = rows_of(who, X, y)
  if not y then check.fail("%s: y is missing", who) end
  local o = check.options(who, options, { size = { type = "integer", min = 1, default = 32 }, seed = SEED })
  local n = #X
  local steps = (n + o.size - 1) // o.size
  local pass, order
  return function(step)
    check.value(who, "step", step, { type = "integer", required = true, min = 0 })
    step = math.max(step - 1, 0)
    if step // steps ~= pass then
      pass = step // steps
      order = rng.stream { seed = o.seed, point = pass }:permutation(n)
    end
    local first = step % steps * o.size + 1
    local rows = taken(order, first, math.min(first + o.size - 1, n))
    return X:take(rows), y:take(rows)
  end, steps
end

return module
