-- limn/programs.lua: all programs of a small language up to a given length: the 2^-K prior over functions of
-- a few bits, the posterior from it, and the programs as features of a regression.

local native = require("limn.native").programs
local array = require("limn.native").array.array
local check = require "limn.base.check"
local vocabulary = require "limn.base.vocabulary"
local features = require "limn.features"

local programs = {}
local Space = {}

local function check_space(who, space)
  if getmetatable(space) ~= Space then
    check.fail("%s: space must be a limn.programs.space, got %s", who, check.show(space))
  end
  return space
end

-- space{inputs=k, language="circuits"|"stack", max_bits=n} -> enumerated programs. Fields: inputs,
-- language, max_bits, programs (number of programs with an output), evaluations (truth tables computed),
-- functions (number of distinct functions), kraft (sum of 2^-length), failed (mass that halts without output),
-- bits (shortest length per function), count (programs per function), prior (normalised).
function programs.space(options)
  local o = check.options("programs.space", options, {
    inputs = { type = "integer", min = 1, max = 6, required = true, help = "the number of input bits" },
    language = { type = "string", one_of = vocabulary.names "language", default = "circuits" },
    max_bits = { type = "integer", min = 1, max = 48, required = true, help = "the longest code" } })
  local self = { inputs = o.inputs, language = o.language, max_bits = o.max_bits }
  self.native = native.space(o.language, o.inputs, o.max_bits)
  self.programs, self.evaluations, self.functions, self.kraft, self.failed = native.info(self.native)
  self.bits, self.count, self.prior = native.columns(self.native)
  return setmetatable(self, Space)
end

Space.__name = "limn.programs.space"
Space.__index = Space
function Space:__tostring()
  return string.format("limn.programs.space: %s on %d inputs, %d programs of at most %d bits, "
    .. "%d functions, sum of 2^-K %.4g",
    self.language, self.inputs, self.programs, self.max_bits, self.functions, self.kraft)
end

-- One output of a function as a bit.
local function bit_of(who, v, y)
  if y == true or y == 1 then return 1 end
  if y == false or y == 0 or y == -1 then return 0 end
  return check.fail("%s: output %d must be -1, 0, 1 or a boolean, got %s", who, v + 1, check.show(y))
end

-- The truth table of f as an integer: an integer, a list of 2^inputs outputs (+-1, 0/1 or booleans, in the
-- order of space:points()), or a function of the input bits (each 0 or 1).
local function table_of(who, space, f)
  local n, kind = 1 << space.inputs, type(f)
  if math.type(f) == "integer" then
    if space.inputs < 6 and (f < 0 or f >= 1 << n) then
      check.fail("%s: the truth table of %d bits must be 0 .. 2^%d - 1, got %d", who, space.inputs, n, f)
    end
    return f
  elseif kind ~= "function" and kind ~= "table" and check.typename(f) ~= "limn.array" then
    check.fail("%s: expected a truth table (an integer), a list of outputs or a function, got %s", who, check.show(f))
  elseif kind ~= "function" and #f ~= n then
    check.fail("%s: a function of %d bits has %d outputs, got %d", who, space.inputs, n, #f)
  end
  local table_ = 0
  for v = 0, n - 1 do
    local y
    if kind == "function" then
      local bits = {}
      for i = 1, space.inputs do bits[i] = v >> (i - 1) & 1 end
      y = f(table.unpack(bits))
    else
      y = f[v + 1]
    end
    table_ = table_ | bit_of(who, v, y) << v
  end
  return table_
end

function Space:table_of(f)
  return table_of("space:table_of", check_space("space:table_of", self), f)
end

-- The number of the function with that truth table; nil, message if no program of the space computes it.
function Space:find(f)
  check_space("space:find", self)
  local i = native.find(self.native, table_of("space:find", self, f))
  if i then return i end
  return nil, string.format("programs: no program of at most %d bits computes that function", self.max_bits)
end

-- Function number i: {table=, count=, bits=, prior=, program=}; program is a shortest one, as text.
function Space:get(i)
  check_space("space:get", self)
  local t, count, bits, prior, source = native.get(self.native, i)
  return { table = t, count = count, bits = bits, prior = prior, program = source }
end

-- All 2^inputs inputs as rows of -1/+1.
function Space:points()
  check_space("space:points", self)
  local rows = {}
  for v = 0, (1 << self.inputs) - 1 do
    rows[v + 1] = {}
    for i = 1, self.inputs do rows[v + 1][i] = (v >> (i - 1) & 1) == 1 and 1 or -1 end
  end
  return array(rows)
end

-- Rows of X (k columns; positive is 1, zero or negative is 0) as input numbers; nil means all inputs.
local function numbers(who, space, X)
  local out = {}
  if X == nil then
    for v = 0, (1 << space.inputs) - 1 do out[v + 1] = v end
    return out
  end
  X = check.value(who, "X", X, { type = "array" })
  for d = 1, #X do
    local row, v = X[d], 0
    if (type(row) ~= "table" and check.typename(row) ~= "limn.array") or #row ~= space.inputs then
      check.fail("%s: row %d of X must have %d entries", who, d, space.inputs)
    end
    for i = 1, space.inputs do
      local x = row[i]
      if type(x) ~= "number" or x ~= x then
        check.fail("%s: X[%d][%d] must be a number, positive for 1, got %s", who, d, i, check.show(x))
      end
      if x > 0 then v = v | 1 << (i - 1) end
    end
    out[d] = v
  end
  return out
end

-- Outputs (+-1) of the functions at the rows of X (nil: all inputs): (rows, functions).
function Space:outputs(X, functions)
  local who = "space:outputs"
  check_space(who, self)
  local x = numbers(who, self, X)
  if #x == 0 then check.fail("%s: X has no rows", who) end
  if functions ~= nil then
    functions = check.value(who, "functions", functions, { type = "array" })
    if #functions == 0 then check.fail("%s: functions is empty", who) end
    for j = 1, #functions do
      local i = functions[j]
      if type(i) ~= "number" or i ~= math.floor(i) or i < 1 or i > self.functions then
        check.fail("%s: functions[%d] must be a whole number in 1 .. %d, got %s", who, j, self.functions, check.show(i))
      end
    end
  end
  return native.outputs(self.native, functions, x, false)
end

-- Draws `count` programs of independent fair bits -> {hits = per function, failed =, open =}.
function Space:sample(options)
  check_space("space:sample", self)
  local o = check.options("space:sample", options, { count = { type = "integer", min = 1, default = 100000 },
    seed = { type = "integer", default = 1 }, point = { type = "integer", default = 0 } })
  local hits, failed, open = native.sample(self.native, o.count, o.seed, o.point)
  return { hits = hits, failed = failed, open = open, count = o.count }
end

local function none(who, space)
  return string.format("%s: the space is empty: no program has %d bits or fewer; raise max_bits", who, space.max_bits)
end

local Posterior = { __name = "limn.programs.posterior" }
Posterior.__index = Posterior
function Posterior:__tostring()
  return string.format("limn.programs.posterior: after %d labels, best function %d (%s) with mass %.4g, "
    .. "effective number %.4g",
    self.points, self.best, self.space:get(self.best).program, self.mass[self.best], self.effective)
end

-- Mean output (in [-1,1]) of the mixture at the rows of X (nil: all inputs).
function Posterior:predict(X)
  check.self("posterior:predict", self, "limn.programs.posterior")
  return self.space:outputs(X):matmul(self.mass)
end

-- posterior(space, X, y[, {flip=}]) -> {mass = per function, log_mass, log_evidence, best, effective
-- (exp of the entropy)}; predict(Xnew). flip: the rate of wrong labels. nil, message if nothing fits.
function programs.posterior(space, X, y, options)
  local who = "programs.posterior"
  check_space(who, space)
  local o = check.options(who, options, { flip = { type = "number", min = 0, default = 0 } })
  if o.flip >= 0.5 then check.fail("%s: flip must be below 0.5, got %s", who, o.flip) end
  local x = numbers(who, space, X)
  if space.functions == 0 then return nil, none(who, space) end
  local log_mass, evidence
  if #x == 0 then
    check.value(who, "labels", y, { type = "array" })
    if y ~= nil and #y > 0 then check.fail("%s: labels has %d entries but X has 0 rows", who, #y) end
    log_mass, evidence = space.prior:log(), 0
  else
    log_mass, evidence = native.posterior(space.native, x, y, o.flip)
    if not log_mass then return nil, evidence end
  end
  local mass = log_mass:exp()
  local entropy, best = 0, mass:argmax()
  local list, logs = mass:totable(), log_mass:totable()
  for i = 1, #list do if list[i] > 0 then entropy = entropy - list[i] * logs[i] end end
  return setmetatable({ space = space, points = #x, mass = mass, log_mass = log_mass, log_evidence = evidence,
    best = best, effective = math.exp(entropy) }, Posterior)
end

-- features(space, X, y[, {truth=, weighting="prior"|"none"}]) -> FeatureSet, the function number of each column.
-- One column per function, times the square root of its prior; this regression is equivalent to one with a
-- feature per program, each repeated in proportion to 2^-K. X = nil: all inputs. Classes: "perfect" (truth; without
-- truth, all functions that give the labels y), "lucky" (with truth: other functions that give y), "other".
function programs.features(space, X, y, options)
  local who = "programs.features"
  check_space(who, space)
  local o = check.options(who, options, { truth = { type = "any" },
    weighting = { type = "string", one_of = { "prior", "none" }, default = "prior" } })
  local x = numbers(who, space, X)
  if #x == 0 then check.fail("%s: X has no rows", who) end
  if space.functions == 0 then return nil, none(who, space) end
  local truth
  if o.truth ~= nil then
    local message
    truth, message = space:find(o.truth)
    if not truth then return nil, message end
  end
  local fits = {}
  if y ~= nil then
    local log_mass = native.posterior(space.native, x, y, 0)
    if log_mass then
      for i, l in ipairs(log_mass:totable()) do if l > -math.huge then fits[i] = true end end
    end
  end
  local groups = { perfect = {}, lucky = {}, other = {} }
  for i = 1, space.functions do
    local name = i == truth and "perfect" or fits[i] and (truth and "lucky" or "perfect") or "other"
    table.insert(groups[name], i)
  end
  local order, classes = {}, {}
  for _, name in ipairs { "perfect", "lucky", "other" } do
    if #groups[name] > 0 then
      classes[name] = { #order + 1, #order + #groups[name] }
      table.move(groups[name], 1, #groups[name], #order + 1, order)
    end
  end
  local F = native.outputs(space.native, order, x, o.weighting == "prior")
  return features.from(F, { classes = classes, labels = y }), order
end

-- ---- bit sequences of a Turing-complete language ------------------------------------------------------------

local Sequences = { __name = "limn.programs.sequences" }
Sequences.__index = Sequences

function Sequences:__tostring()
  return ("limn.programs.sequences: %d programs of at most %d bits, %d of %d sequences of %d bits, mass %.4g printed, %.4g silent, "
    .. "%.4g invalid"):format(self.programs, self.max_bits, self.bits:lt(math.huge):sum(), #self.bits, self.length, self.weight:sum(),
    self.silent, self.invalid)
end

local LONGEST = 20 -- bits of a sequence; two numbers of 8 bytes for each sequence

-- sequences{length=n, max_bits=, steps=1000, part=1, parts=1} -> the first n bits that the programs of a Turing-complete language
-- print: weight (2^n: sums of 2^-length), bits (the least length; inf: no program). Sequence x has the index 1 + the sum of
-- x_i 2^(i-1). parts: only one of so many disjoint parts; :add joins them.
function programs.sequences(options)
  local o = check.options("programs.sequences", options, {
    length = { type = "integer", min = 1, required = true, help = "the number of bits printed" },
    max_bits = { type = "integer", min = 6, max = 33, required = true, help = "the longest code" },
    steps = { type = "integer", min = 1, max = 1 << 30, default = 1000 },
    part = { type = "integer", min = 1, default = 1 }, parts = { type = "integer", min = 1, max = 1 << 20, default = 1 } })
  if o.length > LONGEST then
    check.fail("programs.sequences: length must be at most %d, got %d: weights and code lengths of 2^%d sequences need %.3g bytes, at "
      .. "most %d are allowed", LONGEST, o.length, o.length, 2.0 ^ (o.length + 4), 1 << (LONGEST + 4))
  end
  if o.part > o.parts then check.fail("programs.sequences: part must be at most parts (%d), got %d", o.parts, o.part) end
  local weight, bits, count, silent, invalid = native.sequences(o.length, o.max_bits, o.steps, o.part, o.parts)
  return setmetatable({ length = o.length, max_bits = o.max_bits, steps = o.steps, weight = weight, bits = bits, programs = count,
    silent = silent, invalid = invalid }, Sequences)
end

-- Adds another part of the same enumeration.
function Sequences:add(other)
  local who = "sequences:add"
  check.self(who, self, "limn.programs.sequences")
  check.self(who, other, "limn.programs.sequences")
  for _, name in ipairs { "length", "max_bits", "steps" } do
    if self[name] ~= other[name] then check.fail("%s: %s is %d in one part and %d in the other", who, name, self[name], other[name]) end
  end
  for _, name in ipairs { "weight", "programs", "silent", "invalid" } do self[name] = self[name] + other[name] end
  self.bits = -((-self.bits):maximum(-other.bits))
  return self
end

-- The mixture's predictions: the sum over the bits of a sequence of (1 - probability of the next bit)^2, for all sequences.
function Sequences:errors()
  check.self("sequences:errors", self, "limn.programs.sequences")
  local n, mass = self.length, self.weight
  local size, out = 1 << n, self.weight * 0
  local levels = { [n] = mass:totable() } -- the mass of each beginning of k bits
  for k = n - 1, 0, -1 do
    local up, list = levels[k + 1], {}
    for x = 1, 1 << k do list[x] = up[x] + up[x + (1 << k)] end
    levels[k] = list
  end
  for x = 0, size - 1 do
    local sum = 0
    if levels[n][x + 1] > 0 then
      for k = 1, n do
        local before, now = levels[k - 1][(x & (1 << (k - 1)) - 1) + 1], levels[k][(x & (1 << k) - 1) + 1]
        sum = sum + (1 - now / before) ^ 2
      end
      out:set(x + 1, sum)
    else
      out:set(x + 1, 0 / 0)
    end
  end
  return out
end

check.sealed("sequences:", Sequences)
check.sealed("programs.", programs)
check.sealed("space:", Space)
check.sealed("posterior:", Posterior)
Space.__features = programs.features -- what limn.features.programs calls

return programs
