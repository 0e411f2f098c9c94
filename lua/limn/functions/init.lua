-- limn/functions/init.lua: distributions over the functions that nets compute on a finite set of inputs: over random
-- nets (prior), over random nets that fit labels (posterior), and over trained nets. A function is its pattern of signs
-- on the rows of X; + where the output is above 0.

local native = require("limn.native").functions
local check = require "limn.base.check"
local vocabulary = require "limn.base.vocabulary"
local complexity = require "limn.functions.complexity"
local distribution = require "limn.functions.distribution"
local kernel = require "limn.kernel"
local mlp = require "limn.mlp"
local patterns = require "limn.functions.patterns"
local stats = require "limn.stats"

local functions = {}

local LARGEST = 1 << 36 -- bytes that a call may ask for

-- ---- distributions of nets -----------------------------------------------------------------------------------------

local function with(more)
  local rules = {
    sizes = { type = "table", required = true, help = "{inputs, hidden, ..., 1}" },
    X = { type = "array" },
    activation = { type = "string", default = "relu", one_of = vocabulary.names "kernel_activation" },
    weight = { type = "number", min = 0 },
    bias = { type = "number", default = 0, min = 0 },
    limit = { type = "boolean", default = false },
    samples = { type = "integer", default = 100000, min = 1, max = 1 << 50 },
    space = { type = "integer", default = 1 << 20, min = 1, max = 1 << 28 },
    seed = { type = "integer", default = 1 },
    point = { type = "integer", default = 0 },
    rep = { type = "integer", default = 0 },
  }
  for name, rule in pairs(more) do rules[name] = rule end
  return rules
end

local function sizes_of(who, sizes)
  local out = {}
  for i = 1, #sizes do
    out[i] = check.value(who, ("sizes[%d]"):format(i), sizes[i], { type = "integer", min = 1, max = 1 << 20 })
  end
  if #out < 2 or #out > 17 then check.fail("%s: sizes must have 2 to 17 entries, got %d", who, #out) end
  if out[#out] ~= 1 then check.fail("%s: sizes must end in 1 output, got %d", who, out[#out]) end
  return out
end

local function inputs_of(who, X, sizes)
  if X == nil then
    if sizes[1] > 12 then check.fail("%s: X is missing; all inputs of %d bits are more than 4096", who, sizes[1]) end
    return patterns.cube(sizes[1])
  end
  X = check.array(who, "X", X)
  if #{ X:shape() } == 1 then X = X:reshape(#X, 1) end
  local rows, columns = X:shape()
  if #{ X:shape() } ~= 2 or columns ~= sizes[1] then
    check.fail("%s: X must have %d columns, the inputs of the nets, got %s", who, sizes[1], table.concat({ X:shape() }, " x "))
  end
  if rows > 4096 then check.fail("%s: X must have at most 4096 rows, got %d", who, rows) end
  patterns.distinct_rows(who, X)
  return X
end

-- Checks what all distributions of nets have in common; o.rows and o.net are what the native functions take. A Gaussian
-- process with covariance K = V V' is a perceptron on the rows of V with weights N(0, 1).
local function prepare(who, o)
  local sizes = sizes_of(who, o.sizes)
  local X = inputs_of(who, o.X, sizes)
  o.weight = o.weight or (o.activation == "relu" and #sizes > 2 and 2 or 1)
  if o.weight == 0 then check.fail("%s: weight must be above 0, got 0", who) end
  o.X, o.rows, o.points = X, X, (X:shape())
  o.net = { sizes = sizes, activation = o.activation, weight = o.weight, bias = o.bias, readouts = o.readouts or 1, seed = o.seed,
    point = o.point, rep = o.rep }
  if #sizes == 2 then
    o.covariance = X:matmul(X:T()) * (o.weight / sizes[1]) + o.bias
  elseif o.limit then
    o.covariance = kernel.nngp(X, nil, { depth = #sizes - 2, activation = o.activation, weight = o.weight, bias = o.bias })
  end
  if o.limit and #sizes > 2 then
    local values, V = o.covariance:eigh()
    local n, top = o.points, values:max()
    o.rows = V * values:map(function(v) return v > 1e-13 * top and math.sqrt(v) or 0 end)
    o.net.sizes, o.net.weight, o.net.bias, o.net.activation = { n, 1 }, n, 0, "linear"
  end
  local bytes = 2 * o.space * (8 * ((o.points + 63) // 64) + 24)
  if bytes > LARGEST then
    check.fail("%s: space = %d functions of %d points may take %.3g GiB; lower space", who, o.space, o.points, bytes / 2 ^ 30)
  end
  return o
end

-- prior{sizes=, X=, samples=, ...} -> distribution of the functions of random nets
function functions.prior(options)
  local who = "functions.prior"
  local o = prepare(who, check.options(who, options, with {
    readouts = { type = "integer", default = 1, min = 1, max = 1024 },
  }))
  local groups = (o.samples + o.readouts - 1) // o.readouts
  local handle = native.tally(who, o.rows, o.net, groups, o.space)
  return distribution.make { handle = handle, how = o.limit and "infinite-width prior" or "prior", X = o.X,
    covariance = o.covariance, independent = groups }
end

-- ---- posteriors ------------------------------------------------------------------------------------------------------

local DATA = {
  S = { type = "table", required = true, help = "rows of X with labels" },
  y = { type = "array", required = true, help = "labels, -1 or 1, of the rows S" },
}

local function data_of(who, o)
  local S, y = {}, {}
  for i = 1, #o.S do S[i] = o.S[i] end
  for i = 1, #o.y do y[i] = o.y[i] end
  local mask, n = patterns.mask(who, S, o.points)
  if n == 0 then check.fail("%s: S is empty; functions.prior has no labels", who) end
  return mask, patterns.labels(who, S, y, o.points), S, y
end

local RHAT, EFFECTIVE = 1.05, 100 -- what chains that mixed satisfy

local function by_chains(who, o, mask, labels)
  local bytes = o.chains * o.samples * 8 * ((o.points + 63) // 64)
  if bytes > LARGEST then
    check.fail("%s: %d chains of %d samples of %d points take %.3g GiB; take fewer samples and a larger thin", who, o.chains, o.samples,
      o.points, bytes / 2 ^ 30)
  end
  local handle, rhat, effective, steps = native.chains(who, o.rows, o.net, labels, mask,
    { chains = o.chains, samples = o.samples, burn = o.burn, thin = o.thin })
  if not handle then return nil, rhat end
  if rhat > RHAT or effective < EFFECTIVE then
    return nil, ("%s: the chains did not mix: R-hat %.3g (at most %g), %.0f effective samples (at least %d); raise samples, thin or burn")
      :format(who, rhat, RHAT, effective, EFFECTIVE)
  end
  return distribution.make { handle = handle, how = "posterior by elliptical slice sampling", X = o.X, independent = effective,
    rhat = rhat, effective = effective, steps = steps }
end

local function by_rejection(who, o, mask, labels)
  local handle, tried = native.tally(who, o.rows, o.net, o.samples, o.space, labels, mask)
  local _, accepted = native.info(handle)
  local evidence, interval = stats.clopper_pearson(accepted, tried)
  if accepted == 0 then
    return nil, ("%s: none of %d nets fits the %d labels of S, so P(S) < %.2g; take more samples, or method = \"slice\"")
      :format(who, tried, #o.S, interval[2])
  end
  return distribution.make { handle = handle, how = "posterior by rejection", X = o.X, tried = tried, evidence = evidence,
    evidence_interval = interval, effective = accepted }
end

-- posterior{sizes=, X=, S=, y=, method=, ...} -> distribution of the functions of random nets that fit; nil, message
function functions.posterior(options)
  local who = "functions.posterior"
  local o = prepare(who, check.options(who, options, with {
    S = DATA.S, y = DATA.y,
    method = { type = "string", default = "rejection", one_of = { "rejection", "slice" } },
    chains = { type = "integer", default = 4, min = 2, max = 4096 },
    burn = { type = "integer", default = 1000, min = 1, max = 1 << 30 },
    thin = { type = "integer", default = 1, min = 1, max = 1 << 20 },
    samples = { type = "integer", min = 4, max = 1 << 50 },
  }))
  local mask, labels, S, y = data_of(who, o)
  o.samples = o.samples or (o.method == "slice" and 5000 or 100000)
  local d, message
  if o.method == "slice" then d, message = by_chains(who, o, mask, labels) else d, message = by_rejection(who, o, mask, labels) end
  if not d then return nil, message end
  d.S, d.y = S, y
  return d
end

-- ---- trained nets ------------------------------------------------------------------------------------------------------

local BATCH = 256 -- nets trained together; they share a default rate

-- trained{sizes=, X=, S=, y=, count=, net={...}, train={...}} -> distribution of the functions of trained nets that fit S
function functions.trained(options)
  local who = "functions.trained"
  local o = check.options(who, options, { sizes = { type = "table", required = true, help = "{inputs, hidden, ..., 1}" },
    X = { type = "array" }, S = DATA.S, y = DATA.y, count = { type = "integer", default = 1024, min = 1, max = 1 << 32 },
    net = { type = "table", default = {} }, train = { type = "table", default = {} }, seed = { type = "integer", default = 1 } })
  local sizes = sizes_of(who, o.sizes)
  o.X = inputs_of(who, o.X, sizes)
  o.points = (o.X:shape())
  local mask, labels, S, y = data_of(who, o)
  local list, rows, off = {}, {}, 0
  for i = 1, #S do rows[i] = o.X:row(S[i]):totable() end
  for first = 0, o.count - 1, BATCH do
    local spec = { sizes = sizes, count = math.min(BATCH, o.count - first), seed = o.seed, rep = first }
    for name, value in pairs(o.net) do
      if spec[name] then check.fail("%s: net.%s is set by functions.trained", who, name) end
      spec[name] = value
    end
    local nets = mlp.ensemble(spec)
    nets:train(rows, y, o.train)
    local outputs = native.count(who, nets:forward(o.X):reshape(spec.count, o.points), o.points, spec.count)
    for rank = 1, (native.info(outputs)) do
      local pattern, times = native.get(outputs, rank)
      list[#list + 1] = { pattern, times }
    end
  end
  local fit = {}
  for _, entry in ipairs(list) do
    local good = true
    for i = 1, #S do good = good and entry[1]:byte(S[i]) == labels:byte(S[i]) end
    for _ = 1, good and entry[2] or 0 do fit[#fit + 1] = entry[1] end
    off = off + (good and 0 or entry[2])
  end
  if #fit == 0 then
    return nil, ("%s: none of %d trained nets fits the %d labels of S; raise train.steps or change the rate"):format(who, o.count, #S)
  end
  local _, interval = stats.clopper_pearson(off, o.count)
  return distribution.make { handle = native.count(who, fit, o.points, #fit), how = "trained nets that fit", X = o.X, S = S, y = y,
    tried = o.count, mask = mask, unfitted = off, unfitted_interval = interval }
end

-- ---- orthants, complexity, bounds ------------------------------------------------------------------------------------------

-- orthant{covariance=, signs=, samples=, seed=} -> -log2 P, its standard error in bits
function functions.orthant(options)
  local who = "functions.orthant"
  local o = check.options(who, options, { covariance = { type = "array", required = true },
    signs = { type = "any", required = true }, samples = { type = "integer", default = 16384, min = 16, max = 1 << 30 },
    seed = { type = "integer", default = 1 } })
  local C = check.array(who, "covariance", o.covariance)
  local rows = C:shape()
  local log_p, error = native.orthant(who, C, patterns.checked(who, o.signs, rows), o.samples, o.seed)
  return -log_p / math.log(2), error / math.log(2)
end

-- complexity(pattern[, {gates=, bits=, space=}]) -> table of measures
function functions.complexity(pattern, options)
  local who = "functions.complexity"
  pattern = patterns.checked(who, pattern)
  if #pattern == 0 then check.fail("%s: the pattern is empty", who) end
  local out = complexity.of_counts(who, native.count(who, { pattern }, #pattern, 1), options)
  for name, value in pairs(out) do if check.typename(value) == "limn.array" then out[name] = value[1] end end
  return out
end

-- pattern(values) -> string of + and -
function functions.pattern(values)
  local who = "functions.pattern"
  values = check.array(who, "values", values)
  if #{ values:shape() } ~= 1 then values = values:reshape(values:size()) end
  return patterns.checked(who, values)
end

-- cube(bits) -> all inputs, the rows that prior and the others take for X where none is given
function functions.cube(bits)
  return patterns.cube(check.value("functions.cube", "bits", bits, { type = "integer", required = true, min = 1, max = 12 }))
end

-- bound{bits=, points=, confidence=} -> PAC-Bayes bound on the error of a random function of the posterior
function functions.bound(options)
  local who = "functions.bound"
  local o = check.options(who, options, { bits = { type = "number", required = true, min = 0 },
    points = { type = "integer", required = true, min = 2 }, confidence = { type = "number", default = 0.95 } })
  if not (o.confidence > 0 and o.confidence < 1) then
    check.fail("%s: confidence must be between 0 and 1, got %s", who, o.confidence)
  end
  local m = o.points
  return 1 - math.exp(-(o.bits * math.log(2) + math.log(2 * m / (1 - o.confidence))) / (m - 1))
end

functions.compare = require("limn.functions.compare").compare

return check.sealed("functions.", functions)
