-- limn/features.lua: pools of features: matrices of D points x N columns, grouped in classes, with labels.
--
-- toy: the essay's model, n_p = p N copies of the labels and N - n_p random features, p = 2^-complexity.
-- correlated: classes of given correlation with the labels. from: a matrix given by the user.

local native = require "limn.native"
local check = require "limn.base.check"
local vocabulary = require "limn.base.vocabulary"

local features = {}

local MOST_FEATURES = 1 << 53 -- larger counts are not exact in a double

local common = {
  points = { type = "integer", required = true, min = 1, max = 0x7fffffff, help = "the number of data points, D" },
  labels = { type = "array" },
  kind = { type = "string", default = "sign", one_of = vocabulary.names "kind" },
  storage = { type = "string", default = "auto", one_of = vocabulary.names "storage" },
  seed = { type = "integer", default = 1 },
  point = { type = "integer", default = 0 },
  rep = { type = "integer", default = 0 },
}

local function with(rules)
  for name, rule in pairs(common) do rules[name] = rules[name] or rule end
  return rules
end

local toy_rules = with {
  count = { type = "integer", required = true, min = 1, max = MOST_FEATURES, help = "the number of features, N" },
  complexity = { type = "number", min = 0 },
  fraction = { type = "number", min = 0, max = 1, was = "share" },
  perfect = { type = "integer", min = 0 },
  bias = { type = "boolean", default = false },
}

-- The number of perfect features among `count`. A positive fraction that rounds to 0 features is an error.
local function perfect_count(who, o)
  local given = (o.complexity and 1 or 0) + (o.fraction and 1 or 0) + (o.perfect and 1 or 0)
  if given ~= 1 then
    check.fail("%s: give one of complexity, fraction and perfect, got %s", who, given == 0 and "none" or given)
  end
  if o.perfect then
    if o.perfect > o.count then check.fail("%s: perfect = %d exceeds count = %d", who, o.perfect, o.count) end
    return o.perfect
  end
  local fraction = o.fraction or 2 ^ -o.complexity
  local perfect = math.tointeger(math.floor(fraction * o.count + 0.5))
  if perfect == 0 and fraction > 0 then
    local name = o.complexity and "complexity" or "fraction"
    local least = 0.5 / fraction -- the smallest count at which p N rounds to 1
    check.fail("%s: %s %s of %d features leaves 0 perfect ones (p N = %.3g); "
      .. "raise count to at least %s, or give perfect=0", who, name, check.show(o[name]), o.count, fraction * o.count,
      least < MOST_FEATURES and string.format("%.0f", math.ceil(least)) or string.format("%.3g", least))
  end
  return perfect
end

-- toy{points=D, count=N, complexity=C | fraction=p | perfect=n_p, labels=, kind=, storage=, bias=, seed=}
-- -> FeatureSet with the classes perfect and random, and, with bias=true, a column of ones as class bias.
-- labels: D entries of -1/+1 (default: random, fair). p N is rounded to the nearest integer.
function features.toy(options)
  local who = "features.toy"
  local o = check.options(who, options, toy_rules)
  local perfect = perfect_count(who, o)
  o.classes = {
    { name = "perfect", count = perfect, rho = 1 },
    { name = "random", count = o.count - perfect, rho = 0 },
  }
  if o.bias then o.classes[3] = { name = "bias", count = 1, constant = true } end
  return native.features.make(who, o)
end

local correlated_rules = with { classes = { type = "table", required = true, help = "a list of {count=, rho=}" } }
local class_rules = {
  name = { type = "string" },
  count = { type = "integer", required = true, min = 0, max = MOST_FEATURES },
  rho = { type = "number", required = true, min = -1, max = 1, help = "the correlation with the labels" },
}

-- correlated{points=D, classes={{count=, rho=, name=}, ...}, ...} -> FeatureSet. A feature of a class
-- agrees with the label with probability (1 + rho)/2 at each point, independently.
function features.correlated(options)
  local who = "features.correlated"
  local o = check.options(who, options, correlated_rules)
  if #o.classes == 0 then check.fail("%s: classes must be a list of {count=, rho=}, got an empty table", who) end
  local classes, seen = {}, {}
  for k, class in ipairs(o.classes) do
    local c = check.options(("%s: class %d"):format(who, k), class, class_rules)
    c.name = c.name or ("class" .. k)
    if seen[c.name] then check.fail("%s: two classes are called %q", who, c.name) end
    seen[c.name] = true
    classes[k] = c
  end
  o.classes = classes
  return native.features.make(who, o)
end

local from_rules = { classes = { type = "table", default = {} }, labels = { type = "array" } }

-- from(X, {classes={name={first,last}, ...}, labels=}) -> FeatureSet over a copy of the matrix X.
function features.from(X, options)
  local who = "features.from"
  local o = check.options(who, options, from_rules)
  local list = {}
  for name, range in pairs(o.classes) do
    if type(name) ~= "string" or type(range) ~= "table" or math.type(range[1]) ~= "integer"
      or math.type(range[2]) ~= "integer" or range[2] < range[1] then
      check.fail("%s: classes must be name = {first, last} with first <= last, got %s", who, check.show(name))
    end
    list[#list + 1] = { name = name, first = range[1], count = range[2] - range[1] + 1 }
  end
  table.sort(list, function(a, b) return a.first < b.first end)
  return native.features.from(who, X, list, o.labels)
end

-- neurons(net, X, {labels=, member=1, initial=false, complexity=nets}) -> FeatureSet of the last hidden layer at the rows
-- of X. With complexity=k also an array of each feature's complexity in bits: -log2 of the fraction of neurons, in k
-- untrained nets, that have its sign pattern (math.huge if none has).
function features.neurons(net, X, options)
  local who = "features.neurons"
  local o = check.options(who, options, { labels = { type = "array" }, member = { type = "integer", min = 1, default = 1 },
    initial = { type = "boolean", default = false }, complexity = { type = "integer", min = 1 } })
  if check.typename(net) ~= "limn.mlp" then check.fail("%s: net must be a net, got %s", who, check.show(net)) end
  X = check.array(who, "X", X)
  local set = features.from(net:features(X, { member = o.member, initial = o.initial }), { labels = o.labels })
  if not o.complexity then return set end
  local mlp = require "limn.mlp"
  local init = net.init
  if init == "custom" or init == "orthogonal" then
    init = { weight = net.weight, bias = net.bias_variance, orthogonal = init == "orthogonal" }
  end
  local law = mlp.complexity(X, { sizes = net.sizes, activation = net.activation, param = net.param, bias = net.bias,
    init = init, seed = type(net.seed) == "table" and net.seed[o.member] or net.seed, rep = 1 << 20, nets = o.complexity })
  local pre = native.mlp.activations(net.handle, o.member, net.depth, true, o.initial, X)
  local bits = native.array.zeros(set.count)
  for j = 1, set.count do bits[j] = law.bits(pre:col(j)) end
  return set, bits
end

-- programs(space[, X, y, options]) -> FeatureSet of the outputs of every function of a limn.programs.space at
-- the rows of X (nil: all inputs); see limn.programs.features.
function features.programs(space, X, y, options)
  local class = getmetatable(space)
  local make = type(space) == "table" and class and class.__features
  if not make then check.fail("features.programs: space must be a limn.programs.space, got %s", check.show(space)) end
  return make(space, X, y, options)
end

return check.sealed("features.", features)
