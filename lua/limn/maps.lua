-- limn/maps.lua: functions of two inputs evaluated on a grid, and statistics of them over seeds.
--   m = maps.grid(ensemble, { x = {-2, 2}, y = {-2, 2}, n = 256 })
--   m:measure { limit = maps.grid(limit, ...), seed = 1 }.agreement --> { value =, interval = {low, high} }
-- The numerics are in src/num/maps; limn/maps.h defines each measure.

local native = require("limn.native").maps
local statistics = require("limn.native").stats
local arrays = require("limn.native").array
local check = require "limn.base.check"

local maps = {}

local Maps = { __name = "limn.maps" }
Maps.__index = Maps

function Maps:__tostring()
  return ("limn.maps: %d map%s of %d x %d cells, x %g .. %g, y %g .. %g%s"):format(self.count, self.count == 1 and "" or "s",
    self.ny, self.nx, self.frame.x0, self.frame.x1, self.frame.y0, self.frame.y1, self.warning and "; " .. self.warning or "")
end

-- ---- the grid --------------------------------------------------------------------------------------------

local function range(who, name, value)
  check.value(who, name, value, { type = "table", required = true, help = "{first, last}" })
  if #value ~= 2 then check.fail("%s: %s must be {first, last}, got %d entries", who, name, #value) end
  for i = 1, 2 do check.value(who, ("entry %d of %s"):format(i, name), value[i], { type = "number", required = true }) end
  if value[1] >= value[2] then check.fail("%s: %s must ascend, got {%g, %g}", who, name, value[1], value[2]) end
  return value[1], value[2]
end

local function frame_of(who, options)
  local o = check.options(who, options, { x = { type = "table", default = { -2, 2 } }, y = { type = "table" },
    n = { type = "any", default = 256, help = "cells a side, or {across, up}" } })
  local g = {}
  g.x0, g.x1 = range(who, "x", o.x)
  g.y0, g.y1 = range(who, "y", o.y or o.x)
  local n = type(o.n) == "table" and o.n or { o.n, o.n }
  for i = 1, 2 do n[i] = check.value(who, "n", n[i], { type = "integer", required = true, min = 2 }) end
  g.nx, g.ny = n[1], n[2]
  return g
end

-- A function from an array of points, one per row, to the outputs of `f` at them.
local function evaluator(who, f)
  if type(f) == "function" then
    local facts = debug.getinfo(f, "u")
    if facts.nparams == 2 and not facts.isvararg then return function(X) return f(X:col(1), X:col(2)) end end
    return f
  end
  local t = type(f)
  for _, name in ipairs { "forward", "predict" } do
    local ok, method = pcall(function() return f[name] end)
    if ok and method then return function(X) return method(f, X) end end
  end
  if check.typename(f) == "limn.kernel.predictor" then return function() return f.mean end end
  check.fail("%s: expected a function, or something with :forward or :predict, got %s", who, t == "table" and
    check.typename(f) or check.show(f))
end

-- Nets of two inputs and one output are evaluated by net:map, which uses exact affine patches for ReLU nets.
local function drawn(f, g)
  if check.typename(f) ~= "limn.mlp" or f.sizes[1] ~= 2 or f.sizes[#f.sizes] ~= 1 then return nil end
  local stack = f:map { x = { g.x0, g.x1 }, y = { g.y0, g.y1 }, n = { g.nx, g.ny } }
  return stack:reshape(f.count, g.nx * g.ny), f.count == 1
end

-- The outputs as an array (count, cells), and whether they are a single map.
local function stack_of(who, out, cells)
  if check.typename(out) ~= "limn.array" then
    if type(out) ~= "table" then
      check.fail("%s: the function is called once with all points and must give an array, got %s", who, check.show(out))
    end
    out = check.array(who, "what the function gives", out)
  end
  local shape = { out:shape() }
  if #shape == 1 and shape[1] == cells then return out:reshape(1, cells), true end
  if #shape == 2 and shape[1] == cells and shape[2] == 1 then return out:reshape(1, cells), true end
  if #shape == 2 and shape[2] == cells then return out, false end
  if #shape == 3 and shape[2] == cells and shape[3] == 1 then return out:reshape(shape[1], cells), false end
  check.fail("%s: expected %d outputs (one per point), or seeds x %d, got %s", who, cells, cells,
    table.concat(shape, " x "))
end

local function build(who, stack, g, single)
  local self = setmetatable({ frame = g, nx = g.nx, ny = g.ny, stack = stack }, Maps)
  self.count = stack:shape()
  self.values = single and stack:reshape(g.ny, g.nx) or stack:reshape(self.count, g.ny, g.nx)
  self.x, self.y = arrays.linspace(g.x0, g.x1, g.nx), arrays.linspace(g.y0, g.y1, g.ny)
  native.finite(who, stack, g)
  return self
end

-- maps.points{x=, y=, n=} -> array (cells, 2): row j*nx + i is (x_i, y_j), counted from 0.
function maps.points(options) return native.points("maps.points", frame_of("maps.points", options)) end

-- maps.grid(f, {x={-2,2}, y={-2,2}, n=256 or {nx,ny}}) -> maps. f: a function, called once with all points as an
-- array (cells, 2), or, if it takes two arguments, with the two columns; or an object with :forward or :predict (a net,
-- an ensemble, a fit, a kernel's limit); or a predictor of kernel.regress at the points of maps.points. Fields:
-- .values (ny, nx), or (count, ny, nx) of an ensemble; row j is y[j], column i is x[i]; .x, .y, .count.
function maps.grid(f, options)
  local who = "maps.grid"
  local g = frame_of(who, options)
  native.check(who, g)
  local stack, single = drawn(f, g)
  if not stack then stack, single = stack_of(who, evaluator(who, f)(native.points(who, g)), g.nx * g.ny) end
  local built = build(who, stack, g, single)
  local class = check.typename(f) -- nets that diverged, limits that do not fit
  if class == "limn.mlp" or class == "limn.kernel.limit" or class == "limn.kernel.predictor" then built.warning = f.warning end
  return built
end

-- ---- single maps -------------------------------------------------------------------------------------------

-- Map number k as an array (ny, nx).
function Maps:map(k)
  check.self("maps:map", self, "limn.maps")
  k = check.value("maps:map", "k", k, { type = "integer", required = true, min = 1, max = self.count })
  return self.stack:row(k):reshape(self.ny, self.nx)
end

-- The mean over seeds, as maps of one map; and the variance over seeds (divisor count - 1), an array (ny, nx).
function Maps:mean()
  check.self("maps:mean", self, "limn.maps")
  return build("maps:mean", self.stack:mean(1):reshape(1, self.nx * self.ny), self.frame, true)
end

function Maps:variance()
  check.self("maps:variance", self, "limn.maps")
  if self.count < 2 then check.fail("maps:variance: needs at least 2 maps, got %d", self.count) end
  return self.stack:var(1):reshape(self.ny, self.nx)
end

local COLUMNS = { "mean", "positive", "boundary", "variation", "energy", "phrases", "bytes" }

-- One array (count) per measure: mean; positive (fraction of cells above 0); boundary (length of the zero contour);
-- variation (integral of |grad|); energy (of |grad|^2); phrases (Lempel-Ziv 1976) and bytes (zlib) of the sign map.
function Maps:shape()
  check.self("maps:shape", self, "limn.maps")
  if not self.shapes then
    local table_ = native.shape("maps:shape", self.stack, self.frame)
    self.shapes = {}
    for j, name in ipairs(COLUMNS) do self.shapes[name] = table_:col(j):copy() end
  end
  return self.shapes
end

-- ---- comparison of maps --------------------------------------------------------------------------------------

-- Matrices over pairs of maps: correlation (NaN for constant maps), agreement of signs, spread (half the mean
-- squared difference; its mean over pairs is the variance over seeds).
function Maps:pairs()
  check.self("maps:pairs", self, "limn.maps")
  if not self.matrices then
    local c, a, s = native.pairs("maps:pairs", self.stack)
    self.matrices = { correlation = c, agreement = a, spread = s }
  end
  return self.matrices
end

-- The number of distinct sign maps, and for each map the index of its sign map (from 1, in order of appearance).
function Maps:distinct()
  check.self("maps:distinct", self, "limn.maps")
  local group, groups = native.classes("maps:distinct", self.stack)
  return groups, group + 1
end

local function same_frame(who, name, self, other)
  if getmetatable(other) == Maps then
    for _, key in ipairs { "nx", "ny", "x0", "x1", "y0", "y1" } do
      if self.frame[key] ~= other.frame[key] then
        check.fail("%s: %s must be on the same grid: expected %s = %s, got %s", who, name, key, self.frame[key],
          other.frame[key])
      end
    end
    if other.count ~= 1 then check.fail("%s: %s must be one map, got %d", who, name, other.count) end
    return other.stack
  end
  if other == nil then check.fail("%s: %s is missing (expected maps of one map, or an array)", who, name) end
  other = check.array(who, name, other)
  if other:size() ~= self.nx * self.ny then
    check.fail("%s: %s has %d cells but the maps have %d", who, name, other:size(), self.nx * self.ny)
  end
  return other
end

-- Distance of each map to one function: .sup and .rms (root mean square over the grid: the L2 norm divided by the
-- square root of the area), arrays (count).
function Maps:distance(limit)
  check.self("maps:distance", self, "limn.maps")
  local d = native.distance("maps:distance", self.stack, same_frame("maps:distance", "limit", self, limit))
  return { sup = d:col(1):copy(), rms = d:col(2):copy() }
end

-- ---- intervals over seeds --------------------------------------------------------------------------------------

local rules = {
  resamples = { type = "integer", default = 1000, min = 20, max = 100000 },
  level = { type = "number", default = 0.95, min = 0.5, max = 0.999 },
  seed = { type = "integer", default = 1 },
}

-- { value =, interval = {low, high} }: percentiles of the bootstrap resamples; kind: "values" or "pairs".
local function summary(who, kind, statistic, o)
  local value, interval = statistics.bootstrap(who, kind, statistic, o.resamples, o.level, o.seed)
  return { value = value, interval = interval }
end

-- Entropy in bits of group indices (one per seed), and the jackknife interval for the entropy of their distribution.
local function entropy_summary(who, group, o)
  local value, corrected, low, high = native.entropy(who, group - 1, o.level)
  if not corrected then return { value = value } end
  return { value = value, corrected = corrected, interval = { low, high } }
end

-- maps.bootstrap(values, {resamples=1000, level=0.95, seed=1}): mean of one number per seed -> {value=, interval=}.
function maps.bootstrap(values, options)
  local who = "maps.bootstrap"
  return summary(who, "values", check.array(who, "values", values), check.options(who, options, rules))
end

-- Fraction of runs that failed to fit: outputs (count, points) of each run on the data, labels (points). A run failed
-- if an output differs from its label by more than tol or is not finite. -> {value=, interval=, failed = array of 0
-- and 1}. The interval is Wilson's: a bootstrap interval has width 0 at fractions 0 and 1.
function maps.failed(outputs, labels, options)
  local who = "maps.failed"
  local o = check.options(who, options, { tol = { type = "number", default = 0.1, min = 0 },
    level = { type = "number", default = 0.95, min = 0.5, max = 0.999 } })
  outputs, labels = check.array(who, "outputs", outputs), check.array(who, "labels", labels)
  local shape = { outputs:shape() }
  if #labels ~= labels:size() then
    check.fail("%s: labels must be one number per point, got %s", who, table.concat({ labels:shape() }, " x "))
  end
  if #shape ~= 2 or shape[2] ~= #labels then
    check.fail("%s: outputs must be runs x %d, got %s", who, #labels, table.concat(shape, " x "))
  end
  -- 1 - (error <= tol), so that NaN counts as a failure
  local failed = (1 - (outputs - labels):abs():le(o.tol)):max(2)
  return { value = failed:mean(), failed = failed,
    interval = statistics.wilson(who, failed:sum(), shape[1], o.level) }
end

-- The number of distinct entries of an array.
local function different(values)
  local v = values:sort()
  return #v < 2 and #v or 1 + math.tointeger((v:slice(2, #v) - v:slice(1, #v - 1)):gt(0):sum())
end

-- The number of linear regions that contain a grid point, a lower bound on the number of regions. Points with equal
-- signs of all hidden units are in the same region. what: a ReLU net, with the options of grid and member=; or the
-- pre-activations (cells, units) of all hidden units at the grid points.
function maps.regions(what, options)
  local who = "maps.regions"
  if check.typename(what) ~= "limn.mlp" then
    if options ~= nil then check.fail("%s: options are accepted only with a net, got %s", who, check.show(what)) end
    local _, groups = native.classes(who, check.array(who, "what", what))
    return groups
  end
  if what.sizes[1] ~= 2 or what.activation ~= "relu" then
    check.fail("%s: expected a ReLU net of 2 inputs, got %s", who, tostring(what))
  end
  local o = {}
  for k, v in pairs(check.value(who, "options", options, { type = "table", default = {} })) do o[k] = v end
  local member = check.value(who, "member", o.member, { type = "integer", min = 1, max = what.count, default = 1 })
  o.member = nil
  local pre = what:activations(native.points(who, frame_of(who, o)), { pre = true, member = member })
  local code, groups = nil, 1
  for l = 1, what.depth do
    local mine, count = native.classes(who, pre[l])
    code, groups = code and code * count + mine or mine, groups * count
    if groups > 2 ^ 53 then check.fail("%s: more than 2^53 possible sign patterns; use a coarser grid", who) end
  end
  return code and different(code) or 1
end

-- Lempel-Ziv 1976 phrases of a string of signs (numbers; above 0 counts as 1).
function maps.phrases(signs) return native.lz("maps.phrases", check.array("maps.phrases", "signs", signs)) end

-- ---- single measures -------------------------------------------------------------------------------------------

-- Length of the zero contour, and total variation: one number per map.
function Maps:boundary()
  check.self("maps:boundary", self, "limn.maps")
  return self:shape().boundary
end

function Maps:variation()
  check.self("maps:variation", self, "limn.maps")
  return self:shape().variation
end

local function over_pairs(self, who, name, options)
  check.self(who, self, "limn.maps")
  local o = check.options(who, options, rules)
  if self.count < 2 then check.fail("%s: needs at least 2 maps, got %d", who, self.count) end
  local s = summary(who, "pairs", self:pairs()[name], o)
  return s.value, s.interval
end

-- Mean correlation, and mean agreement of signs, over pairs of maps, each with its interval over seeds.
function Maps:consistency(options) return over_pairs(self, "maps:consistency", "correlation", options) end
function Maps:agreement(options) return over_pairs(self, "maps:agreement", "agreement", options) end

-- Entropy in bits of the empirical distribution of sign maps (at most log2 count); the jackknife interval for the
-- entropy of the distribution over all seeds; and the bias-corrected estimate of that entropy.
function Maps:entropy(options)
  check.self("maps:entropy", self, "limn.maps")
  local o = check.options("maps:entropy", options, rules)
  local _, group = self:distinct()
  local s = entropy_summary("maps:entropy", group, o)
  return s.value, s.interval, s.corrected
end

-- The methods as functions of the module: maps.consistency(m), maps.distance(m, limit) ...
local function checked(name, m)
  if getmetatable(m) ~= Maps then check.fail("maps.%s: expected maps, got %s", name, check.show(m)) end
  return m
end
for _, name in ipairs { "distinct", "boundary", "variation" } do
  maps[name] = function(m) return checked(name, m)[name](m) end
end
for _, name in ipairs { "consistency", "agreement", "entropy", "distance" } do -- options, or the limit
  maps[name] = function(m, what) return checked(name, m)[name](m, what) end
end

-- All measures, each as {value=, interval=}: the mean of each measure of shape(); over pairs of seeds: correlation,
-- agreement, spread (variance over seeds averaged over the grid); distinct (a count, no interval); entropy in bits of
-- the empirical distribution of sign maps (at most log2 count); constant (the number of constant maps). With limit=:
-- sup, rms, and mean_rms, the distance of the mean map. With variance= (the predicted variance on the grid):
-- variance_ratio = measured/predicted, both averaged over the grid.
function Maps:measure(options)
  local who = "maps:measure"
  check.self(who, self, "limn.maps")
  local o = check.options(who, options, { limit = { type = "any" }, variance = { type = "any" },
    resamples = rules.resamples, level = rules.level, seed = rules.seed })
  local out = {}
  for name, values in pairs(self:shape()) do out[name] = summary(who, "values", values, o) end
  local groups, group = self:distinct()
  out.distinct = { value = groups }
  out.entropy = entropy_summary(who, group, o)
  if self.count > 1 then
    for name, matrix in pairs(self:pairs()) do out[name] = summary(who, "pairs", matrix, o) end
  end
  local constant = 0
  local least, most = self.stack:min(2):totable(), self.stack:max(2):totable()
  for k = 1, self.count do if least[k] == most[k] then constant = constant + 1 end end
  out.constant = { value = constant }
  if o.limit then
    local d = self:distance(o.limit)
    out.sup, out.rms = summary(who, "values", d.sup, o), summary(who, "values", d.rms, o)
    out.mean_rms = { value = self:mean():distance(o.limit).rms:get(1) }
  end
  if o.variance and self.count > 1 then
    local predicted = same_frame(who, "variance", self, o.variance):mean()
    out.variance_ratio = summary(who, "pairs", self:pairs().spread / predicted, o)
  end
  return out
end

check.sealed("maps:", Maps)
return check.sealed("maps.", maps)
