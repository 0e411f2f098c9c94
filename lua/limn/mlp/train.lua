-- limn/mlp/train.lua: training of nets, by net:train or step by step.

local limn_native = require "limn.native"
local check = require "limn.base.check"
local native, arrays = limn_native.mlp, limn_native.array
local rules = require "limn.mlp.options"
local Net = require("limn.mlp.net").Net

local Run = { __name = "limn.mlp.run" }
Run.__index = Run

function Run:__tostring()
  return ("limn.mlp.run: %d steps of %s, rate %.4g, loss %.6g, %s"):format(self.steps, self.optimizer, self.rate, self.loss, self.reason)
end

-- Half the stability limit of gradient descent on the linearised net. The limit is 2/lambda, where lambda is the
-- largest eigenvalue of the tangent kernel divided by D (times 1/4 for the logistic loss), here the maximum over a
-- sample of nets, on at most 200 points.
local function stable_rate(self, X, o)
  local most, points = 0, math.min(#X, 200)
  if points < #X then X = X:slice(1, points, 1, self.sizes[1]) end
  for i = 1, self.count, math.max(1, self.count // 16) do
    local layers, sum = native.kernel(self.handle, i, X), nil
    for l = 1, #self.layers do
      local k = layers[l] * o.rates[l]
      sum = sum and sum + k or k
    end
    local w = sum:eigh()
    most = math.max(most, w[#w] / points)
  end
  if most <= 0 then return 1 end
  local curvature = most * (o.loss == "logistic" and 0.25 or 1)
  return 1 / curvature * (o.optimizer == "momentum" and 1 - o.momentum or 1)
end

-- Checks the arguments of a call -> X as an array, the options with all defaults.
local function arguments(self, who, X, y, options)
  check.self(who, self, "limn.mlp")
  local o = check.options(who, options, rules.train)
  X = rules.points(who, X)
  if y == nil then check.fail("%s: y is missing", who) end
  o.tol = o.tol or (o.steps and 0 or 1e-6)
  o.steps = o.steps or 100000
  o.rates = rules.per_layer(who, "rates", o.rates, #self.layers, 1)
  o.l2, o.l1 = rules.per_layer(who, "l2", o.l2, #self.layers), rules.per_layer(who, "l1", o.l1, #self.layers)
  if o.optimizer == "sgd" then o.batch, o.optimizer = o.batch or math.min(32, #X), "gd" end
  if o.optimizer == "gd" and o.momentum and o.momentum > 0 then o.optimizer = "momentum" end
  o.momentum = o.momentum or (o.optimizer == "gd" and 0 or 0.9)
  o.batch = o.batch or 0
  if o.rate == nil then
    o.rate = o.optimizer == "adam" and 1e-3 or stable_rate(self, X, o)
  elseif o.rate <= 0 then
    check.fail("%s: rate must be positive, got %s", who, check.show(o.rate))
  end
  return X, o
end

local function merge(self, total, taken, losses, reasons)
  total.losses, total.reasons, total.steps_of = losses, reasons, taken:copy()
  if self.count == 1 then
    total.loss, total.steps, total.reason = losses[1], math.tointeger(total.steps_of[1]), reasons[1]
  else
    total.loss, total.steps = losses:mean(), math.tointeger(total.steps_of:max())
    local tally = {}
    for _, r in ipairs(reasons) do tally[r] = (tally[r] or 0) + 1 end
    total.tally = tally
    total.reason = tally.tolerance == self.count and "tolerance" or tally.diverged == self.count and "diverged" or "steps"
  end
end

local function interrupted(run)
  local e = limn_native.error("interrupted", limn_native.where() .. "interrupted!")
  e.run = run
  error(e, 0)
end

-- train(X, y, {optimizer=, rate=, steps=, tol=, loss=, momentum=, batch=, rates=, l2=, l1=, every=, on=}) -> run:
-- .loss .steps .reason ("steps", "tolerance", "diverged", "stopped" by on, "cancelled" by Ctrl-C), .rate; of an ensemble
-- .losses .steps_of .reasons, one per net, and .tally. every=k records the loss every k steps in .curve = {steps=,
-- loss=} (one row per record, one column per net) and calls on{step=, loss=, net=, run=}; training stops if it returns
-- false. Ctrl-C keeps the state of the nets and is raised as an error of kind "interrupted", whose field run is the run so
-- far; with interrupt="return" the run is returned. Default rate: stable_rate; default steps: until loss 1e-6, at most 100 000.
function Net:train(X, y, options)
  local who = "net:train"
  local o
  X, o = arguments(self, who, X, y, options)
  local run, left, records = { rate = o.rate, optimizer = o.optimizer }, o.steps, {}
  local taken = arrays.zeros(self.count) -- steps of each net; native.train adds to it
  local function record() records[#records + 1] = { step = run.steps, losses = run.losses:copy() } end
  self.trained_on = X
  if o.every or o.on then o.every = o.every or math.max(1, o.steps // 100) end
  local function evaluate() -- the current losses and reasons: a call with 0 steps
    o.steps = 0
    local losses, _, reasons = native.train(self.handle, X, y, o, taken)
    return losses, reasons
  end
  local function go()
    if o.every then
      merge(self, run, taken, evaluate())
      record()
    end
    local over
    repeat
      o.steps = math.min(left, o.every or left)
      local losses, steps, reasons, cancelled = native.train(self.handle, X, y, o, taken)
      left = left - o.steps
      if cancelled then losses = evaluate() end -- nets that were not yet trained have no loss
      merge(self, run, taken, losses, reasons)
      if cancelled then run.reason = "cancelled" end
      if o.every and (cancelled or steps:max() > 0) then record() end
      over = cancelled or left == 0 or steps:max() == 0
      if o.on and o.on { step = run.steps, loss = run.loss, losses = losses, net = self, run = run } == false then
        run.reason, over = cancelled and run.reason or "stopped", true
      end
    until over
  end
  local ok, message = pcall(go)
  if not ok then
    -- A Ctrl-C between two calls of native.train is raised as an error from an arbitrary line: losses are recomputed.
    if check.kind(message) ~= "interrupted" then error(message, 0) end
    merge(self, run, taken, evaluate())
    run.reason = "cancelled"
  end
  if #records > 0 then
    local steps, curve = arrays.zeros(#records), arrays.zeros(#records, self.count)
    for r, entry in ipairs(records) do
      steps:set(r, entry.step)
      for i = 1, self.count do curve:set(r, i, entry.losses[i]) end
    end
    run.curve = { steps = steps, loss = self.count == 1 and curve:col(1) or curve }
  end
  setmetatable(run, Run)
  if run.reason == "cancelled" and (o.interrupt == "raise" or limn_native.measuring) then -- half a cell is not stored
    interrupted(run)
  end
  return run
end

-- step(X, y, options) -> loss after one step, or after options.steps steps; for training loops in a script. Requires
-- rate.
function Net:step(X, y, options)
  local who = "net:step"
  if type(options) ~= "table" or options.rate == nil then check.fail("%s: rate is missing", who) end
  for _, name in ipairs { "every", "on" } do
    if options[name] ~= nil then check.fail("%s: %s is an option of net:train only", who, name) end
  end
  local o
  X, o = arguments(self, who, X, y, options)
  o.steps = options.steps or 1
  o.tol = options.tol or 0
  self.trained_on = X
  local losses, _, _, cancelled = native.train(self.handle, X, y, o, arrays.zeros(self.count))
  if cancelled then check.raise("interrupted", "interrupted!") end -- Ctrl-C ends the script's loop
  return self.count == 1 and losses[1] or losses
end

return { Run = Run }
