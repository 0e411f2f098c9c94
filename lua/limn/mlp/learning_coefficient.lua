-- limn/mlp/learning_coefficient.lua: the local learning coefficient of a net at its parameters w*, by tempered sampling around
-- them (Lau, Furman, Wang, Murfet and Wei 2023; Watanabe 2013).
--
-- With n points, labels of noise s and the loss L the density of the chain is exp(-t (L(w) - L(w*)) - gamma |w - w*|^2/2),
-- t = n beta/s^2, beta = 1/ln n unless given. The estimate is t (mean of L - L(w*)). The paths are those of posterior.lua with
-- the normal prior of variance 1/gamma around w*; leapfrog = 1 is Langevin dynamics with rejection. A chain that did not mix,
-- or that finds losses below L(w*), gives no number.

local limn_native = require "limn.native"
local check = require "limn.base.check"
local native, arrays = limn_native.mlp, limn_native.array
local rng = require "limn.rng"
local stats = require "limn.stats"
local rules = require "limn.mlp.options"
local rule = require "limn.mlp.rule"
local posterior = require "limn.mlp.posterior"
local Net = require("limn.mlp.net").Net

local Coefficient = { __name = "limn.mlp.coefficient" }
Coefficient.__index = Coefficient

function Coefficient:__tostring()
  if not self.value then return "limn.mlp.coefficient: no number: " .. self.warning end
  return ("limn.mlp.coefficient: %.4g [%.4g, %.4g] at t = %.4g, %d chains, R-hat %.3f, effective samples %.0f"):format(self.value,
    self.interval[1], self.interval[2], self.t, self.chains, self.rhat, self.effective)
end

local OPTIONS = {
  noise = { type = "number", default = 1 },
  beta = { type = "number" },
  pull = { type = "number", default = 1 },
  chains = { type = "integer", min = 2, default = 4 },
  samples = { type = "integer", min = 20, default = 500 },
  warmup = { type = "integer", min = 0, default = 300 },
  leapfrog = { type = "integer", min = 1, default = 12 },
  rate = { type = "number", default = 0.05 },
  seed = { type = "integer", default = 1 },
}

local function options_of(self, who, options)
  local known = { loss = rules.loss }
  for name, r in pairs(OPTIONS) do known[name] = r end
  local o = rules.probe(self, who, options, known)
  for _, name in ipairs { "noise", "beta", "pull", "rate" } do
    if o[name] and o[name] <= 0 then check.fail("%s: %s must be positive, got %g", who, name, o[name]) end
  end
  posterior.sampled(self, who)
  if o.loss ~= "mse" and options.noise ~= nil then check.fail('%s: noise requires loss = "mse", got "%s"', who, o.loss) end
  return o
end

-- The layers with a prior of deviation 1/sqrt(pull) for each parameter, and w*.
local function around(self, o)
  local layers, center, zero = self:parameters { member = o.member }, {}, {}
  for l, layer in ipairs(layers) do
    layer.deviation = 1 / math.sqrt(o.pull)
    layer.bias_deviation = layer.bias_multiplier > 0 and layer.deviation or 0
    center[2 * l - 1], center[2 * l] = layer.weights, layer.bias
    zero[2 * l - 1], zero[2 * l] = layer.weights * 0, layer.bias * 0
  end
  return layers, center, zero
end

local TRIAL, ENOUGH = 40, 0.6 -- paths, and their mean acceptance

-- The step of the warm-up, which begins in the minimum, where the density is flat, is shortened while it is too long elsewhere.
local function step_of(chain, o)
  local rate = posterior.warm_up(chain, o)
  for _ = 1, 20 do
    local accepted = 0
    for _ = 1, TRIAL do accepted = accepted + posterior.path(chain, rate, posterior.lengths(chain, o.leapfrog)) / TRIAL end
    if accepted >= ENOUGH then break end
    rate = rate / 1.5
  end
  return rate
end

-- One chain: the losses of its samples and the mean acceptance.
local function run(chain, o)
  chain.energy, chain.now_loss = posterior.energy(chain, chain.u)
  local rate, accepted, list = step_of(chain, o), 0, {}
  for t = 1, o.samples do
    accepted = accepted + posterior.path(chain, rate, posterior.lengths(chain, o.leapfrog)) / o.samples
    list[t] = chain.now_loss
  end
  return list, accepted
end

local LOWER = 0.02 -- the largest fraction of samples with a loss below that of w*

-- What forbids a number, or nil.
local function refusal(self, lower)
  local unmixed = posterior.unmixed(self, " of the loss", "")
  if unmixed then return unmixed .. "; take more samples, leapfrog steps or pull" end
  if lower > LOWER then
    return ("%.2g %% of the samples have a lower loss than the net, which is in no minimum; train it further, with all points in "
      .. "each step"):format(100 * lower)
  end
end

-- learning_coefficient(X, y, {noise=1, beta=1/ln n, pull=1, chains=4, samples=500, warmup=300, leapfrog=12, rate=0.05, loss="mse",
-- member=1, seed=1}) -> {value, interval (0.95), ...}; nil, message, diagnosis where the chains support no number.
function Net:learning_coefficient(X, y, options)
  local who = "net:learning_coefficient"
  check.self(who, self, "limn.mlp")
  local o = options_of(self, who, options or {})
  local still
  X, y, still = rule.arguments(self, who, X, y, { rate = 1, steps = 0, loss = o.loss, tol = -1 })
  if type(X) == "function" then check.fail("%s: X must be points, got a function", who) end
  local n = #X
  if not o.beta and n < 3 then check.fail("%s: beta = 1/ln n needs at least 3 points, got %d; give beta", who, n) end
  local beta = o.beta or 1 / math.log(n)
  local t = n * beta / o.noise ^ 2
  local layers, center, zero = around(self, o)
  local out = setmetatable({ chains = o.chains, samples = o.chains * o.samples, beta = beta, t = t, points = n,
    acceptance = arrays.zeros(o.chains), values = arrays.zeros(o.chains) }, Coefficient)
  local lists, lower = {}, 0
  for i = 1, o.chains do
    local chain = { handle = native.copy(self.handle, o.member, false), layers = layers, center = center, X = X, y = y, loss = o.loss,
      still = still, temperature = 1 / t, stream = rng.stream { seed = o.seed, point = i }, u = zero }
    if i == 1 then out.loss = select(2, posterior.energy(chain, zero)) end
    local list, accepted = run(chain, o)
    lists[i] = list
    out.acceptance:set(i, accepted)
    local sum = 0
    for _, loss in ipairs(list) do
      sum = sum + loss - out.loss
      if loss < out.loss then lower = lower + 1 / out.samples end
    end
    out.values:set(i, t * sum / #list)
  end
  out.rhat, out.effective = posterior.diagnose(lists)
  local message = refusal(out, lower)
  if message then
    out.warning = message
    return nil, who .. ": " .. message, out
  end
  out.value, out.interval = stats.mean(out.values)
  return out
end

check.sealed("coefficient:", Coefficient)
