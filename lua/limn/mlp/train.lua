-- limn/mlp/train.lua: training of nets, by net:train or step by step.

local limn_native = require "limn.native"
local check = require "limn.base.check"
local native, arrays = limn_native.mlp, limn_native.array
local rules = require "limn.mlp.options"
local Net = require("limn.mlp.net").Net

local Run = { __name = "limn.mlp.run" }
Run.__index = Run

function Run:__tostring()
  return ("limn.mlp.run: %d steps of %s, rate %.4g, loss %.6g, %s"):format(self.steps, self.optimizer, self.rate, self.loss,
    self.warning or self.reason)
end

-- Upper bounds of the second derivative of a loss by the outputs; hinge and exponential have none, and are treated as mse.
local CURVATURE = { logistic = 1 / 4, softmax = 1 / 2 }

-- Half the stability limit of gradient descent on the linearised net. With all points the limit is 2/lambda, where
-- lambda is the largest eigenvalue of the tangent kernel K divided by D (times the loss's curvature), here the maximum
-- over a sample of nets, on at most 200 points. With batches of b points it is 2 b/(max K_ii + (b - 1) lambda), in the mean
-- square (Ma, Bassily and Belkin 2018). l2 is a curvature too.
local function stable_rate(self, X, o)
  local most, all = 0, #X
  local points = math.min(all, 200)
  if points < all then X = X:slice(1, points, 1, self.sizes[1]) end
  for i = 1, self.count, math.max(1, self.count // 16) do
    local layers, sum = native.kernel(self.handle, i, X), nil
    for l = 1, #self.layers do
      local k = layers[l] * o.rates[l]
      sum = sum and sum + k or k
    end
    local w = sum:eigh()
    local curvature = w[#w] / points
    if o.batch > 0 and o.batch < all then
      local diagonal = 0
      for p = 1, points do diagonal = math.max(diagonal, sum:get(p, p)) end
      curvature = (diagonal + (o.batch - 1) * curvature) / o.batch
    end
    most = math.max(most, curvature)
  end
  local penalty = 0
  for l = 1, #self.layers do penalty = math.max(penalty, o.rates[l] * self.layers[l].rate * (o.l2[l] + o.decay[l])) end
  most = math.max(most * (CURVATURE[o.loss] or 1), penalty)
  if most <= 0 then return 1 end
  return 1 / most * (o.optimizer == "gd" and 1 or 1 - o.momentum)
end

local UNIT_RATES = { adam = 1e-3, sign = 1e-3, lion = 1e-4 } -- default rates of optimisers with steps of that size

-- Checks the arguments of a call -> X as an array, y, the options with all defaults.
local function arguments(self, who, X, y, options)
  check.self(who, self, "limn.mlp")
  local o = check.options(who, options, rules.train)
  X = rules.points(who, X)
  y = rules.targets(who, self, y, o.loss)
  o.tol = o.tol or (o.steps and 0 or 1e-6)
  o.steps = o.steps or 100000
  if o.optimizer == "sgd" then o.batch, o.optimizer = o.batch or math.min(32, #X), "gd" end
  if o.optimizer == "gd" and o.momentum and o.momentum > 0 then o.optimizer = "momentum" end
  if o.optimizer == "adamw" then o.optimizer, o.decay = "adam", o.decay or 0.01 end
  for name, default in pairs { rates = 1, l2 = 0, l1 = 0, decay = 0 } do
    o[name] = rules.per_layer(who, name, o[name], #self.layers, default)
  end
  o.momentum = o.momentum or (o.optimizer == "gd" and 0 or 0.9)
  o.beta2 = o.beta2 or (o.optimizer == "lion" and 0.99 or 0.999)
  o.batch = o.batch or 0
  if o.rate == nil then
    o.rate = UNIT_RATES[o.optimizer] or stable_rate(self, X, o)
  elseif o.rate <= 0 then
    check.fail("%s: rate must be positive, got %s", who, check.show(o.rate))
  end
  return X, y, o
end

-- Records which nets diverged, and after how many steps of this training.
local function mark(self, reasons, steps)
  local diverged
  for i, reason in ipairs(reasons) do
    if reason == "diverged" then
      diverged = diverged or {}
      diverged[i] = math.tointeger(steps[i])
    end
  end
  self.diverged = diverged
  self.warning = rules.warning(self)
end

-- From the worst: the reason of an ensemble is the worst of its nets' reasons.
local ORDER = { "diverged", "steps", "tolerance" }

local function merge(self, total, taken, losses, reasons)
  total.losses, total.reasons, total.steps_of = losses, reasons, taken:copy()
  mark(self, reasons, taken)
  total.warning = self.warning
  if self.count == 1 then
    total.loss, total.steps, total.reason = losses[1], math.tointeger(total.steps_of[1]), reasons[1]
  else
    total.loss, total.steps = losses:mean(), math.tointeger(total.steps_of:max())
    local tally = {}
    for _, r in ipairs(reasons) do tally[r] = (tally[r] or 0) + 1 end
    total.tally = tally
    for i = #ORDER, 1, -1 do total.reason = tally[ORDER[i]] and ORDER[i] or total.reason end
  end
end

local function interrupted(run)
  local e = limn_native.error("interrupted", limn_native.where() .. "interrupted!")
  e.run = run
  error(e, 0)
end

-- train(X, y, {optimizer=, rate=, steps=, tol=, loss=, momentum=, batch=, rates=, l2=, l1=, decay=, every=, on=}) -> run:
-- .loss .steps .reason ("steps", "tolerance", "diverged", "stopped" by on, "cancelled" by Ctrl-C), .rate; of an ensemble
-- .losses .steps_of .reasons, one per net, and .tally; .reason is the worst. .warning: how many diverged. every=k
-- records the loss every k steps in .curve = {steps=, loss=} (one row per record, one column per net) and calls on{step=,
-- loss=, net=, run=}; training stops if it returns false. Ctrl-C keeps the state of the nets and is raised as an error
-- of kind "interrupted", whose field run is the run so far; with interrupt="return" the run is returned. Default rate:
-- stable_rate; default steps: until loss 1e-6, at most 100 000.
function Net:train(X, y, options)
  local who = "net:train"
  local o
  X, y, o = arguments(self, who, X, y, options)
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

-- step(X, y, options) -> loss after one step, or after options.steps steps, and the reason why training ended, of an
-- ensemble one per net; for training loops in a script. Requires rate. Raises if no net can make a step because all have
-- diverged.
function Net:step(X, y, options)
  local who = "net:step"
  if type(options) ~= "table" or options.rate == nil then check.fail("%s: rate is missing", who) end
  for _, name in ipairs { "every", "on" } do
    if options[name] ~= nil then check.fail("%s: %s is an option of net:train only", who, name) end
  end
  local o
  X, y, o = arguments(self, who, X, y, options)
  o.steps = options.steps or 1
  o.tol = options.tol or 0
  self.trained_on = X
  local taken = arrays.zeros(self.count)
  local losses, _, reasons, cancelled = native.train(self.handle, X, y, o, taken)
  if cancelled then check.raise("interrupted", "interrupted!") end -- Ctrl-C ends the script's loop
  mark(self, reasons, taken)
  if o.steps > 0 and taken:max() == 0 then
    local diverged = 0
    for _, reason in ipairs(reasons) do diverged = diverged + (reason == "diverged" and 1 or 0) end
    if diverged == self.count then
      check.fail("%s: %s diverged (loss %.6g) and made no step; start again from net:initial() with a smaller rate than %g",
        who, self.count == 1 and "the net has" or "all nets have", losses:max(), o.rate)
    end
  end
  if self.count == 1 then return losses[1], reasons[1] end
  return losses, reasons
end

return { Run = Run }
