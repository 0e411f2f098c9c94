-- limn/mlp/posterior.lua: samples from the posterior of small nets by Hamiltonian Monte Carlo (Duane, Kennedy, Pendleton and
-- Roweth 1987; Neal 2011), one chain for each net of an ensemble.
--
-- The prior of a parameter is its initial distribution N(0, deviation^2); parameters of deviation 0 stay at 0. With
-- u = w/deviation the density is exp(-U), U = |u|^2/2 + loss/temperature; for D points with noise of variance s^2 and
-- loss = "mse" the temperature of the posterior is s^2/D. A sample is a path of leapfrog steps from u with a normal
-- momentum, accepted with probability min(1, exp(-change of U + |p|^2/2)). During the warm-up the step is fitted to an
-- acceptance of 0.8 by dual averaging (Hoffman and Gelman 2014, algorithm 5).

local limn_native = require "limn.native"
local check = require "limn.base.check"
local native, arrays = limn_native.mlp, limn_native.array
local rng = require "limn.rng"
local rules = require "limn.mlp.options"
local rule = require "limn.mlp.rule"
local Net = require("limn.mlp.net").Net

local Posterior = { __name = "limn.mlp.posterior" }
Posterior.__index = Posterior

function Posterior:__tostring()
  return ("limn.mlp.posterior: %d samples of %d chain%s, acceptance %.2f, R-hat %.3f, effective samples %.0f%s"):format(self.samples,
    self.chains, self.chains == 1 and "" or "s", self.acceptance:mean(), self.rhat, self.effective,
    self.warning and "; " .. self.warning or "")
end

-- ---- diagnosis -------------------------------------------------------------------------------------------

-- Potential scale reduction of halves of the chains, and the effective number of samples (Gelman et al. 2013, section 11).
-- chains: lists of numbers of equal length.
local function diagnose(chains)
  local halves, n = {}, #chains[1] // 2
  for _, chain in ipairs(chains) do
    for half = 0, 1 do
      local part, mean, variance = {}, 0, 0
      for t = 1, n do
        part[t] = chain[half * (#chain - n) + t]
        mean = mean + part[t] / n
      end
      for t = 1, n do variance = variance + (part[t] - mean) ^ 2 / (n - 1) end
      halves[#halves + 1] = { part = part, mean = mean, variance = variance }
    end
  end
  local m, mean, between, within = #halves, 0, 0, 0
  for _, half in ipairs(halves) do mean, within = mean + half.mean / m, within + half.variance / m end
  for _, half in ipairs(halves) do between = between + (half.mean - mean) ^ 2 / (m - 1) end
  if within == 0 then return between == 0 and 1 or math.huge, between == 0 and m * n or 1 end
  local total = (n - 1) / n * within + between
  local sum, last = 0, nil -- of autocorrelations, until a pair of neighbours has a negative sum (Geyer 1992)
  for lag = 1, n - 1 do
    local change = 0
    for _, half in ipairs(halves) do
      for t = lag + 1, n do change = change + (half.part[t] - half.part[t - lag]) ^ 2 / (n - lag) / m end
    end
    local rho = 1 - change / (2 * total)
    if lag % 2 == 1 then last = rho else
      if last + rho < 0 then break end
      sum = sum + last + rho
    end
  end
  return math.sqrt(total / within), math.min(m * n, m * n / (1 + 2 * sum))
end

local RHAT, EFFECTIVE, ACCEPTED = 1.05, 50, 0.4 -- what a run that mixed satisfies

-- The reasons why a run did not mix, as a sentence without an end, or nil. rhat_of, effective_of: the quantities measured.
local function unmixed(self, rhat_of, effective_of)
  local faults = {}
  if self.rhat ~= self.rhat or self.rhat > RHAT then faults[1] = ("R-hat %.3g%s is above %g"):format(self.rhat, rhat_of, RHAT) end
  if self.effective < EFFECTIVE then
    faults[#faults + 1] = ("%.0f effective samples%s are fewer than %d"):format(self.effective, effective_of, EFFECTIVE)
  end
  if self.acceptance:min() < ACCEPTED then
    faults[#faults + 1] = ("the acceptance of a chain is %.2f, below %g"):format(self.acceptance:min(), ACCEPTED)
  end
  return #faults > 0 and "the chains did not mix: " .. table.concat(faults, ", ") or nil
end

local function warning(self)
  local message = unmixed(self, " of " .. (self.worst or ""), " of " .. (self.fewest or ""))
  return message and message .. "; take more samples or leapfrog steps"
end

-- ---- one chain -------------------------------------------------------------------------------------------

local function point_of(handle, layers)
  local u = {}
  for l, layer in ipairs(layers) do
    local w, b = native.get(handle, 1, 1, l)
    u[2 * l - 1] = layer.deviation > 0 and w / layer.deviation or w * 0
    u[2 * l] = layer.bias_deviation > 0 and b / layer.bias_deviation or b * 0
  end
  return u
end

-- center: the parameters at u = 0, by default all 0.
local function move_to(handle, layers, u, center)
  for l, layer in ipairs(layers) do
    local w, b = u[2 * l - 1] * layer.deviation, layer.bias_multiplier > 0 and u[2 * l] * layer.bias_deviation or nil
    if center then w, b = w + center[2 * l - 1], b and b + center[2 * l] end
    native.set(handle, 1, 1, l, w, b)
  end
end

local function square(list)
  local sum = 0
  for _, a in ipairs(list) do sum = sum + (a ^ 2):sum() end
  return sum
end

-- U and the loss at u.
local function energy(chain, u)
  move_to(chain.handle, chain.layers, u, chain.center)
  local losses = native.train(chain.handle, chain.X, chain.y, chain.still)
  return square(u) / 2 + losses[1] / chain.temperature, losses[1]
end

-- dU/du at the present parameters, which are those of u.
local function slope(chain, u)
  local g = {}
  for l, layer in ipairs(chain.layers) do
    local w, b = native.gradient(chain.handle, 1, l, chain.X, chain.y, chain.loss)
    g[2 * l - 1] = u[2 * l - 1] + w * (layer.deviation / chain.temperature)
    g[2 * l] = u[2 * l] + b * (layer.bias_deviation / chain.temperature)
  end
  return g
end

local function drawn(chain)
  local p = {}
  for k, a in ipairs(chain.u) do
    local rows, columns = a:shape()
    local layer = chain.layers[(k + 1) // 2]
    local moves = (k % 2 == 1 and layer.deviation or layer.bias_deviation) > 0
    p[k] = moves and chain.stream:normal(rows, columns) or a * 0
  end
  return p
end

local function shifted(a, b, by)
  local out = {}
  for k in ipairs(a) do out[k] = a[k] + b[k] * by end
  return out
end

-- One path of `steps` leapfrog steps -> the probability of acceptance.
local function path(chain, rate, steps)
  local u, p, now = chain.u, drawn(chain), chain.energy
  local before = now + square(p) / 2
  p = shifted(p, slope(chain, u), -rate / 2)
  for step = 1, steps do
    u = shifted(u, p, rate)
    local size = square(u)
    if size - size ~= 0 then -- the step is too large: the path left the numbers
      move_to(chain.handle, chain.layers, chain.u, chain.center)
      return 0
    end
    move_to(chain.handle, chain.layers, u, chain.center)
    p = shifted(p, slope(chain, u), step < steps and -rate or -rate / 2)
  end
  local after, loss = energy(chain, u)
  local change = before - after - square(p) / 2
  local probability = change ~= change and 0 or math.min(1, math.exp(math.min(change, 0)))
  if chain.stream:uniform() < probability then
    chain.u, chain.energy, chain.now_loss = u, after, loss
  else
    move_to(chain.handle, chain.layers, chain.u, chain.center)
  end
  return probability
end

local function lengths(chain, leapfrog) return chain.stream:integer((leapfrog + 1) // 2, leapfrog) end

local TARGET = 0.8

-- Fits the step during the warm-up.
local function warm_up(chain, o)
  local start, mean, log_rate, smooth = math.log(10 * o.rate), 0, math.log(o.rate), 0
  for t = 1, o.warmup do
    local accepted = path(chain, math.exp(log_rate), lengths(chain, o.leapfrog))
    mean = mean + (TARGET - accepted - mean) / (t + 10)
    log_rate = start - math.sqrt(t) / 0.05 * mean
    local part = t ^ -0.75
    smooth = part * log_rate + (1 - part) * smooth
  end
  return o.warmup > 0 and math.exp(smooth) or o.rate
end

-- ---- all chains ------------------------------------------------------------------------------------------

local OPTIONS = {
  samples = { type = "integer", min = 4, default = 1000 },
  warmup = { type = "integer", min = 0, default = 500 },
  leapfrog = { type = "integer", min = 1, default = 20 },
  rate = { type = "number", default = 0.1 },
  temperature = { type = "number", required = true },
  at = { type = "array" },
  seed = { type = "integer", default = 1 },
}

local WATCHED = 16 -- outputs whose mixing is measured, besides the loss

-- What a net must satisfy for paths around it.
local function sampled(self, who)
  if self.dtype ~= "f64" then check.fail('%s: paths are reversible with dtype = "f64" only, got "%s"', who, self.dtype) end
  if self.start == "antisymmetric" then check.fail('%s: start must be "random" or "none", got "antisymmetric"', who) end
end

local function options_of(self, who, options)
  local known = { loss = rules.loss }
  for name, r in pairs(OPTIONS) do known[name] = r end
  local o = check.options(who, options, known)
  for _, name in ipairs { "temperature", "rate" } do
    if o[name] <= 0 then check.fail("%s: %s must be positive, got %g", who, name, o[name]) end
  end
  sampled(self, who)
  if self.init == "uniform" then
    check.fail('%s: the prior is the initial distribution, which must be normal, got init = "uniform"', who)
  end
  if self.sizes[#self.sizes] ~= 1 then check.fail("%s: the net must have 1 output, got %d", who, self.sizes[#self.sizes]) end
  return o
end

-- Runs one chain; writes its samples to rows of out.
local function run(self, chain, o, i, out)
  chain.energy, chain.now_loss = energy(chain, chain.u)
  local rate, accepted = warm_up(chain, o), 0
  for t = 1, o.samples do
    accepted = accepted + path(chain, rate, lengths(chain, o.leapfrog)) / o.samples
    local row = (i - 1) * o.samples + t
    out.loss:set(row, chain.now_loss)
    out.outputs[row] = native.forward(chain.handle, o.at)
  end
  out.acceptance:set(i, accepted)
  out.rates:set(i, rate)
  return self
end

-- sample(X, y, {temperature=, samples=1000, warmup=500, leapfrog=20, rate=0.1, loss="mse", at=X, seed=1}) -> samples from
-- the posterior: .outputs (chains * samples x rows of at, chain by chain), .mean, .variance, .loss, .acceptance and .rates by
-- chain, .rhat, .effective, .warning where the chains did not mix. The nets keep the last sample of their chains, also
-- after an error or Ctrl-C.
function Net:sample(X, y, options)
  local who = "net:sample"
  check.self(who, self, "limn.mlp")
  local o = options_of(self, who, options)
  local still
  X, y, still = rule.arguments(self, who, X, y, { rate = 1, steps = 0, loss = o.loss, tol = -1 })
  if type(X) == "function" then check.fail("%s: X must be points, got a function", who) end
  o.at = o.at and rules.points(who, o.at, "at") or X
  local chains, points = self.count, #o.at
  local out = setmetatable({ chains = chains, samples = chains * o.samples, temperature = o.temperature, acceptance = arrays.zeros(chains),
    rates = arrays.zeros(chains), loss = arrays.zeros(chains * o.samples), outputs = arrays.zeros(chains * o.samples, points) }, Posterior)
  for i = 1, chains do
    local handle = native.copy(self.handle, i, false)
    local chain = { handle = handle, layers = self:parameters { member = i }, X = X, y = y, loss = o.loss, still = still,
      temperature = o.temperature, stream = rng.stream { seed = o.seed, point = i } }
    chain.u = point_of(handle, chain.layers)
    local ok, message = pcall(run, self, chain, o, i, out)
    move_to(handle, chain.layers, chain.u)
    for l in ipairs(chain.layers) do
      local w, b = native.get(handle, 1, 1, l)
      native.set(self.handle, i, 1, l, w, chain.layers[l].bias_multiplier > 0 and b or nil)
    end
    if not ok then error(message, 0) end
  end
  self.trained_on = X
  out.mean, out.variance = out.outputs:mean(1), out.outputs:var(1)
  out.rhat, out.effective = 0, math.huge
  local function watch(name, column)
    local list, all = {}, column:totable()
    for i = 1, chains do list[i] = table.move(all, (i - 1) * o.samples + 1, i * o.samples, 1, {}) end
    local rhat, effective = diagnose(list)
    if rhat ~= rhat or rhat > out.rhat then out.rhat, out.worst = rhat, name end
    if effective < out.effective then out.effective, out.fewest = effective, name end
  end
  watch("the loss", out.loss)
  for p = 1, math.min(points, WATCHED) do watch(("the output at point %d"):format(p), out.outputs:col(p)) end
  out.warning = warning(out)
  return out
end

check.sealed("posterior:", Posterior)

-- What learning_coefficient.lua uses.
return { energy = energy, path = path, warm_up = warm_up, lengths = lengths, diagnose = diagnose, unmixed = unmixed, sampled = sampled }
