-- limn/rng.lua: random streams. A stream is identified by (seed, point, rep): its numbers do not depend on the
-- machine, on the order in which cells are computed, or on the number of workers.
-- Philox4x32-10; normals by Box-Muller (cosine branch); unbiased integers; see limn/rng.h.

local native = require("limn.native").rng
local arrays = require("limn.native").array
local check = require "limn.base.check"

local rng = {}

local OPTIONS = {
  seed = { type = "integer", min = 0, default = 1 },
  point = { type = "integer", min = 0, default = 0 },
  rep = { type = "integer", min = 0, default = 0 },
}

-- stream{seed=1, point=0, rep=0} -> uniform(r[,c]) normal(r[,c]) sign(r[,c]) integer(lo,hi[,r[,c]])
-- permutation(n) fork([n]). Without a size a draw returns a number. stream(7) is stream{seed=7}.
function rng.stream(options)
  if type(options) == "number" then options = { seed = options } end
  local o = check.options("rng.stream", options, OPTIONS)
  return native.stream(o.seed, o.point, o.rep)
end

-- ---- sizes ---------------------------------------------------------------------------------------------------------

local SIZES = { "rows", "columns", "depth" }

-- A size is a number or a list of 1 to 3. Returns the list, and the number of entries; nil for a single number.
local function sizes(who, shape)
  if shape == nil then return nil end
  local dims, n = type(shape) == "table" and shape or { shape }, 1
  if #dims < 1 or #dims > 3 then check.fail("%s: shape must have 1 to 3 sizes, got %d", who, #dims) end
  for k, d in ipairs(dims) do
    if math.type(d) ~= "integer" and (type(d) ~= "number" or d ~= math.floor(d)) or d < 0 then
      check.fail("%s: %s must be a whole number >= 0, got %s", who, SIZES[k], check.show(d))
    end
    n = n * math.tointeger(d)
  end
  return dims, n
end

local function listed(...)
  if ... == nil then return nil end
  return { ... }
end

-- f(n) of so many numbers, or of one for nil, in that shape.
local function shaped(who, shape, f)
  local dims, n = sizes(who, shape)
  if not dims then return f(nil) end
  local a = f(n)
  return #dims == 1 and a or a:reshape(table.unpack(dims))
end

-- ---- named options -------------------------------------------------------------------------------------------------

local methods = native.methods
local NORMAL = { mean = { type = "number", default = 0 }, sd = { type = "number", min = 0, default = 1 }, shape = { type = "any" } }
local UNIFORM = { low = { type = "number", default = 0 }, high = { type = "number", default = 1 }, shape = { type = "any" } }

-- Called by the short forms when they are given a table, or three numbers.
native.named {
  normal = function(self, options, sd, n)
    local o = type(options) == "table" and options or { mean = options, sd = sd, shape = n }
    o = check.options("rng:normal", o, NORMAL)
    return shaped("rng:normal", o.shape, function(count) return o.mean + o.sd * methods.normal(self, count) end)
  end,
  uniform = function(self, options, high, n)
    local o = type(options) == "table" and options or { low = options, high = high, shape = n }
    o = check.options("rng:uniform", o, UNIFORM)
    if o.low > o.high then check.fail("rng:uniform: low must not exceed high, got %g and %g", o.low, o.high) end
    return shaped("rng:uniform", o.shape, function(count) return o.low + (o.high - o.low) * methods.uniform(self, count) end)
  end,
}

-- ---- further distributions -----------------------------------------------------------------------------------------

-- A distribution with the parameters `names`, each a rule for check.options: method(a, b, rows, columns), or
-- method{a=, b=, scale=, shape=}.
local function distribution(kind, names, rules, scaled)
  local who = ("rng:%s"):format(kind)
  rules.shape = { type = "any" }
  if scaled then rules.scale = { type = "number", min = 0, default = 1 } end
  return function(self, ...)
    local first = ...
    local o = first
    if type(first) ~= "table" then
      local most = #names + 3
      if select("#", ...) > most then check.surplus(who, most, select("#", ...)) end
      o = { shape = listed(select(#names + 1, ...)) }
      for k, name in ipairs(names) do o[name] = (select(k, ...)) end
    elseif select("#", ...) > 1 then
      check.surplus(who, 1, select("#", ...))
    end
    o = check.options(who, o, rules)
    for _, name in ipairs(names) do
      if o[name] == nil then check.fail("%s: %s is missing", who, name) end
    end
    return shaped(who, o.shape, function(count)
      local x = native.fill(self, kind, count, o[names[1]], o[names[2]])
      return scaled and o.scale ~= 1 and x * o.scale or x
    end)
  end
end

local TINY = 1e-300 -- parameters that must be positive
methods.exponential = distribution("exponential", {}, {}, true)
methods.gamma = distribution("gamma", { "k" }, { k = { type = "number", min = TINY } }, true)
methods.beta = distribution("beta", { "a", "b" }, { a = { type = "number", min = TINY }, b = { type = "number", min = TINY } })
methods.binomial = distribution("binomial", { "trials", "p" },
  { trials = { type = "integer", min = 0, max = 1 << 53 }, p = { type = "number", min = 0, max = 1 } })
methods.poisson = distribution("poisson", { "mean" }, { mean = { type = "number", min = 0, max = 2 ^ 53 } })

-- ---- choice ----------------------------------------------------------------------------------------------------------

local function array_of(who, name, v)
  return check.typename(v) == "limn.array" and v or check.array(who, name, v)
end

-- Positions of `count` draws among n with these weights. Without replacement: the smallest of exponential numbers
-- divided by the weights (Efraimidis and Spirakis 2006), which is drawing one after another.
local function weighted(self, n, count, weights, replace)
  if not replace then return (methods.exponential(self, n) / weights):argsort():slice(1, count) end
  local sums = weights:cumsum()
  return (sums / sums[-1]):searchsorted(methods.uniform(self, count), "right"):minimum(n)
end

local CHOICE = { replace = { type = "boolean", default = true }, weights = { type = "any" } }

-- choice(from[, count[, {replace=true, weights=}]]): entries (rows) of an array, or of 1 .. n.
function methods.choice(self, from, count, options)
  local who = "rng:choice"
  local o = check.options(who, options, CHOICE)
  local pool = type(from) ~= "number" and array_of(who, "from", from) or nil
  local n = pool and #pool or math.tointeger(from)
  if not n or n < 1 then check.fail("%s: from must be a whole number >= 1 or an array with entries, got %s", who, check.show(from)) end
  local _, draws = sizes(who, count)
  if type(count) == "table" then check.fail("%s: count must be a whole number, got a table", who) end
  draws = draws or 1
  if not o.replace and draws > n then check.fail("%s: count is %d, but there are %d to choose from without replacement", who, draws, n) end
  local which
  if o.weights then
    local w = array_of(who, "weights", o.weights)
    if #w ~= n then check.fail("%s: weights must have %d entries, got %d", who, n, #w) end
    if not (w:ge(0):all() and w:isfinite():all() and w:sum() > 0) then
      check.fail("%s: weights must be finite and at least 0, and one of them above 0", who)
    end
    if not o.replace and w:count() < draws then check.fail("%s: count is %d, but %d weights are above 0", who, draws, w:count()) end
    which = weighted(self, n, draws, w, o.replace)
  elseif o.replace then
    which = methods.integer(self, 1, n, draws)
  else
    which = methods.permutation(self, n):slice(draws > 0 and 1 or nil, draws > 0 and draws or nil)
  end
  if count == nil then return pool and pool[which[1]] or which[1] end
  if draws == 0 then return pool and pool:take(arrays.zeros(n, { dtype = "bool" })) or arrays.zeros(0, { dtype = "i64" }) end
  return pool and pool:take(which) or which
end

-- shuffle(a): the rows (entries of a vector) in random order, as a copy.
function methods.shuffle(self, a)
  a = array_of("rng:shuffle", "a", a)
  if #a == 0 then return a:copy() end
  return a:take(methods.permutation(self, #a))
end

-- multivariate_normal(mean, cov[, n]): vectors, as rows; without n one vector. cov is factored by eigenvectors, so it
-- may be singular.
function methods.multivariate_normal(self, mean, cov, n)
  local who = "rng:multivariate_normal"
  mean, cov = array_of(who, "mean", mean), array_of(who, "cov", cov)
  local d = #mean
  local rows, columns = cov:shape()
  if rows ~= d or columns ~= d then check.fail("%s: cov must be %d x %d like mean, got %d x %s", who, d, d, rows, columns) end
  local w, v = cov:eigh()
  if not w then check.fail("%s: %s", who, v) end
  if w:min() < -1e-8 * math.max(w:max(), 0) then
    check.fail("%s: cov is not positive semidefinite: its least eigenvalue is %g", who, w:min())
  end
  local _, count = sizes(who, n)
  local z = methods.normal(self, count or 1, d)
  local x = (z * w:maximum(0):sqrt()):matmul(v:T()) + mean
  return count and x or x[1]
end

for _, name in ipairs { "choice", "shuffle", "multivariate_normal" } do
  methods[name] = check.sealed("rng:", { [name] = methods[name] }, "limn.rng")[name]
end

return check.sealed("rng.", rng)
