-- limn/functions/compare.lua: two distributions of functions: correlation of their logarithms, total variation, divergence.
--
-- Total variation is that of the samples, TV = sum |p - q|/2; `noise` is its expectation if both distributions were equal to
-- the pooled one, since it does not vanish at finite samples. The divergence KL(p || q) = sum p log2(p/q) has q with half a
-- count added to each function seen in either, so that it is finite. Intervals: normal, by the delta method.

local native = require("limn.native").functions
local check = require "limn.base.check"
local stats = require "limn.stats"

local compare = {}

local function seen_in(d, list, index)
  for rank = 1, d.kinds do
    local pattern = native.get(d.handle, rank)
    if not index[pattern] then
      index[pattern] = true
      list[#list + 1] = pattern
    end
  end
end

-- Pearson's correlation of log counts over functions with at least `least` in both, with Fisher's interval.
local function correlation(pairs_, z)
  local n, sx, sy, sxx, syy, sxy = #pairs_, 0, 0, 0, 0, 0
  for _, q in ipairs(pairs_) do
    sx, sy, sxx, syy, sxy = sx + q[1], sy + q[2], sxx + q[1] * q[1], syy + q[2] * q[2], sxy + q[1] * q[2]
  end
  local across, along, up = n * sxy - sx * sy, n * sxx - sx * sx, n * syy - sy * sy
  if n < 4 or along <= 0 or up <= 0 then return nil end
  local r = across / math.sqrt(along * up)
  if math.abs(r) >= 1 then return r, { r, r }, across / along end
  local f, half = 0.5 * math.log((1 + r) / (1 - r)), z / math.sqrt(n - 3)
  local function back(v) return (math.exp(2 * v) - 1) / (math.exp(2 * v) + 1) end
  return r, { back(f - half), back(f + half) }, across / along
end

local function distribution(who, name, d)
  if check.typename(d) ~= "limn.functions.distribution" then
    check.fail("%s: %s must be a limn.functions.distribution, got %s", who, name, check.show(d))
  end
end

-- compare(a, b[, {least=, level=}]) -> {correlation=, tv=, kl=, ...}
function compare.compare(a, b, options)
  local who = "functions.compare"
  distribution(who, "a", a)
  distribution(who, "b", b)
  local o = check.options(who, options, { least = { type = "integer", default = 5, min = 1 },
    level = { type = "number", default = 0.95 } })
  if a.points ~= b.points then check.fail("%s: a has %d points, b has %d", who, a.points, b.points) end
  local z, list, na, nb = stats.normal.critical(o.level), {}, a.independent, b.independent
  local index = {}
  seen_in(a, list, index)
  seen_in(b, list, index)
  local tv, noise, plus_a, plus_b, kl, square, chi, both, common = 0, 0, 0, 0, 0, 0, 0, {}, 0
  for _, pattern in ipairs(list) do
    local ca, cb = a.counts[pattern] or 0, b.counts[pattern] or 0
    local p, q = ca / a.samples, cb / b.samples
    local pool = (p * na + q * nb) / (na + nb)
    tv, noise = tv + math.abs(p - q) / 2, noise + math.sqrt(2 / math.pi * pool * (1 - pool) * (1 / na + 1 / nb)) / 2
    if p > q then plus_a, plus_b = plus_a + p, plus_b + q end
    local smooth = (q * nb + 0.5) / (nb + #list / 2)
    if p > 0 then
      local ratio = math.log(p / smooth, 2)
      kl, square, chi = kl + p * ratio, square + p * ratio * ratio, chi + p * p / smooth
      if q > 0 then common = common + p end
    end
    if ca >= o.least and cb >= o.least then both[#both + 1] = { math.log(p, 2), math.log(q, 2) } end
  end
  local tv_half = z * math.sqrt(plus_a * (1 - plus_a) / na + plus_b * (1 - plus_b) / nb)
  local kl_half = z * math.sqrt(math.max(0, square - kl * kl) / na + math.max(0, chi - 1) / nb / math.log(2) ^ 2)
  local r, interval, slope = correlation(both, z)
  return { correlation = r, correlation_interval = interval, slope = slope, functions = #both, tv = tv,
    tv_interval = { math.max(0, tv - tv_half), math.min(1, tv + tv_half) }, noise = noise, kl = kl,
    kl_interval = { math.max(0, kl - kl_half), kl + kl_half }, common = common, scatter = both }
end

return compare
