-- limn/mlp/train.lua: training of nets, by net:train or step by step.

local limn_native = require "limn.native"
local check = require "limn.base.check"
local native, arrays = limn_native.mlp, limn_native.array
local rules = require "limn.mlp.options"
local rule = require "limn.mlp.rule"
local own_loss = require "limn.mlp.own_loss"
local gauss_newton = require "limn.mlp.gauss_newton"
local own_activation = require "limn.mlp.own_activation"
local Net = require("limn.mlp.net").Net

local Run = { __name = "limn.mlp.run" }
Run.__index = Run

function Run:__tostring()
  return ("limn.mlp.run: %d steps of %s, rate %.4g, loss %.6g, %s"):format(self.steps, self.optimizer, self.rate, self.loss,
    self.warning or self.reason)
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

-- `begun`: native.steps at the start of the training. The steps made are those that the nets count, whatever line a Ctrl-C
-- hits.
local function merge(self, total, begun, losses, reasons)
  local taken = native.steps(self.handle) - begun
  total.losses, total.reasons, total.steps_of = losses, reasons, taken
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

-- ---- running ---------------------------------------------------------------------------------------------

-- Makes up to n steps on X, y -> losses, steps, reasons, cancelled, algorithm. first: the number, in this call of
-- net:train, of the first of them. By a plan where all calls with these o have the same X and y, which o.same_data states.
local function advance(self, who, X, y, o, n, first)
  o.steps = n
  o.schedule_values = o.schedule and n > 0 and rule.factors(who, o.schedule, first, n, o.all_steps) or nil
  if type(o.loss) == "function" then
    local losses, steps, reasons, cancelled = own_loss.train(who, self, X, y, o)
    return losses, steps, reasons, cancelled, "wide, loss in Lua"
  end
  if o.optimizer == "gauss_newton" then
    local losses, steps, reasons, cancelled = gauss_newton.train(who, self, X, y, o)
    return losses, steps, reasons, cancelled, "wide, steps in Lua"
  end
  if self.activation == "function" then return own_activation.train(self, X, y, o) end
  if o.schedule_values or not o.same_data then return native.train(self.handle, X, y, o) end
  o.plan = o.plan or native.plan(self.handle, X, y, o)
  return native.run(o.plan, n)
end

-- The present losses and reasons, without a step.
local function evaluate(self, who, X, y, o)
  local losses, _, reasons = advance(self, who, X, y, o, 0, 1)
  return losses, reasons
end

-- n steps, each on the points that the function X gives for its number.
local function advance_on_fresh(self, who, X, o, n, first)
  local total, losses, reasons, cancelled, algorithm = arrays.zeros(self.count), nil, nil, nil, nil
  for step = first, first + math.max(n, 1) - 1 do
    local x, y = X(step)
    if x == nil then check.fail("%s: X must return points and targets, got nil at step %d", who, step) end
    x = rules.points(who, x, "what X returns")
    y = rules.targets(who, self, y, o.loss)
    local steps
    losses, steps, reasons, cancelled, algorithm = advance(self, who, x, y, o, n > 0 and 1 or 0, step)
    total = total + steps
    o.latest = { x, y }
    self.trained_on = x
    if cancelled or n > 0 and steps:max() == 0 then break end
  end
  return losses, total, reasons, cancelled, algorithm
end

local MOST_FACTORS = 100000 -- steps of one native call with a schedule, whose factors are an array

local SIGNED = { logistic = true, hinge = true, exponential = true } -- losses of labels -1 and 1

-- Refuses values that are not finite, and with `signed` other than -1 and 1.
local function held_out_values(who, name, values, signed)
  for i, v in ipairs(values:reshape(values:size()):totable()) do
    if v - v ~= 0 or signed and v ~= 1 and v ~= -1 then
      check.fail("%s: validate: entry %d of %s must be %s, got %s", who, i, name, signed and "-1 or 1" or "finite", check.show(v))
    end
  end
end

-- The held-out set of the option validate, {X, y}.
local function held_out(who, self, o)
  local X, y = o.validate[1] or o.validate.X, o.validate[2] or o.validate.y
  if X == nil or y == nil then check.fail("%s: validate must be {X, y}", who) end
  X = rules.points(who, X, "the X of validate")
  local _, columns = X:shape()
  if columns ~= self.sizes[1] then
    check.fail("%s: validate: X has %d columns but the net has %d inputs", who, columns, self.sizes[1])
  end
  y = check.array(who, "the y of validate", rules.targets(who .. ": validate", self, y, o.loss))
  if #y ~= #X then check.fail("%s: validate: y has %d rows but X has %d", who, #y, #X) end
  held_out_values(who, "X", X)
  held_out_values(who, "y", y, SIGNED[o.loss])
  return { X = X, y = y, losses = {}, since = 0 }
end

-- The curve of a run, and the best nets on the held-out set.
local function finish(self, run, records, o)
  if #records > 0 then
    local steps, curve = arrays.zeros(#records), arrays.zeros(#records, self.count)
    for r, entry in ipairs(records) do
      steps:set(r, entry.step)
      for i = 1, self.count do curve:set(r, i, entry.losses[i]) end
    end
    run.curve = { steps = steps, loss = self.count == 1 and curve:col(1) or curve }
    if o.held and #o.held.losses > 0 then run.curve.validation = arrays.array(o.held.losses) end
  end
  if o.held and o.held.handle and run.reason ~= "cancelled" then self.handle = o.held.handle end
  setmetatable(run, Run)
end

-- The loss on the held-out set, mean over nets; keeps the nets with the least one.
local function validate(self, who, run, o)
  local own = {} -- evaluate changes it
  for name, value in pairs(o) do own[name] = value end
  own.batch, own.schedule, own.limit, own.plan = 0, nil, nil, o.held.plan
  local losses = evaluate(self, who, o.held.X, o.held.y, own)
  o.held.plan = own.plan
  local loss, held = losses:mean(), o.held
  held.losses[#held.losses + 1] = loss
  if loss < (run.best and run.best.loss or math.huge) then
    run.best, held.handle, held.since = { step = run.steps, loss = loss }, native.copy(self.handle, 0, false), 0
  else
    held.since = held.since + 1
  end
  return held.since >= o.patience
end

-- train(X, y, {optimizer=, rate=, steps=, tol=, loss=, momentum=, batch=, rates=, l2=, l1=, decay=, schedule=, every=, on=,
-- validate=, ...}) -> run: .loss .steps .reason ("steps", "tolerance", "diverged", "validation", "stopped" by on,
-- "cancelled" by Ctrl-C), .rate, .algorithm; of an ensemble .losses .steps_of .reasons, one per net, and .tally; .reason
-- is the worst. .warning: how many diverged. X may be a function of the step that returns X, y: new points each step.
-- loss may be a function(f, y) -> value, gradient. every=k records the loss every k steps in .curve = {steps=, loss=} (one
-- row per record, one column per net) and calls on{step=, loss=, net=, run=}; training stops if it returns false.
-- Ctrl-C keeps the state of the nets and is raised as an error of kind "interrupted", whose field run is the run so far;
-- with interrupt="return" the run is returned. Default rate: rule.lua; default steps: until loss 1e-6, at most 100 000.
function Net:train(X, y, options)
  local who = "net:train"
  local o
  X, y, o = rule.arguments(self, who, X, y, options)
  local fresh = type(X) == "function"
  local run, left, records = { rate = o.most_rate or o.rate, optimizer = o.named }, o.steps, {}
  o.all_steps, o.same_data = o.steps, not fresh
  local begun = native.steps(self.handle)
  local function record() records[#records + 1] = { step = run.steps, losses = run.losses:copy() } end
  if not fresh then self.trained_on = X end
  if o.every or o.on or o.validate or o.checkpoint then o.every = o.every or math.max(1, o.steps // 100) end
  if o.validate then o.held = held_out(who, self, o) end
  if o.checkpoint then
    check.path(who, "checkpoint", o.checkpoint)
    own_activation.no_file(who .. ": checkpoint", self)
  end
  local function now() -- the current losses and reasons
    if not fresh then return evaluate(self, who, X, y, o) end
    if o.latest then return evaluate(self, who, o.latest[1], o.latest[2], o) end
    local losses, _, reasons = advance_on_fresh(self, who, X, o, 0, 1)
    return losses, reasons
  end
  local function save()
    local saved, message = self:save(o.checkpoint)
    if not saved then check.fail("%s: checkpoint: %s", who, message) end
  end
  local function go()
    if o.checkpoint then save() end -- a path that cannot be written is refused before the first step
    if o.every then
      merge(self, run, begun, now())
      record()
      if o.held then validate(self, who, run, o) end
    end
    local over
    repeat
      local n, first = math.min(left, o.every or left, o.schedule and MOST_FACTORS or left), o.all_steps - left + 1
      local losses, steps, reasons, cancelled, algorithm
      if fresh then
        losses, steps, reasons, cancelled, algorithm = advance_on_fresh(self, who, X, o, n, first)
      else
        losses, steps, reasons, cancelled, algorithm = advance(self, who, X, y, o, n, first)
      end
      left, run.algorithm = left - n, algorithm
      if cancelled then losses = now() end -- nets that were not yet trained have no loss
      merge(self, run, begun, losses, reasons)
      if cancelled then run.reason = "cancelled" end
      if o.every and (cancelled or steps:max() > 0) then record() end
      over = cancelled or left == 0 or steps:max() == 0
      if o.checkpoint then save() end
      if o.held and steps:max() > 0 and validate(self, who, run, o) and not over then run.reason, over = "validation", true end
      if o.on and o.on { step = run.steps, loss = run.loss, losses = losses, net = self, run = run } == false then
        run.reason, over = cancelled and run.reason or "stopped", true
      end
    until over
  end
  local ok, message = pcall(go)
  if not ok then
    -- A Ctrl-C between two calls of native.train is raised as an error from an arbitrary line: losses are recomputed.
    if check.kind(message) ~= "interrupted" then error(message, 0) end
    merge(self, run, begun, now())
    run.reason = "cancelled"
  end
  finish(self, run, records, o)
  if run.reason == "cancelled" and (o.interrupt == "raise" or limn_native.measuring) then -- half a cell is not stored
    interrupted(run)
  end
  return run
end

-- ---- single steps ----------------------------------------------------------------------------------------

local PLAIN = { number = true, string = true, boolean = true }

-- What a later net:step may reuse: the plan, and copies of the arguments that it is for. nil where an option is a list or a
-- function, which may change unnoticed.
local function keep(self, X, y, options, o)
  if not o.plan or type(X) ~= "userdata" or type(y) ~= "userdata" then return nil end
  local same, n = {}, 0
  for name, value in pairs(options) do
    if not PLAIN[type(value)] then return nil end
    same[name], n = value, n + 1
  end
  return { handle = self.handle, X = X, y = y, X0 = X:copy(), y0 = y:copy(), options = same, n = n, o = o }
end

-- The options with all defaults of the last net:step, which has a plan for these arguments; or nil.
local function kept(self, X, y, options)
  local k = self.stepping
  if not k or k.handle ~= self.handle or not rawequal(k.X, X) or not rawequal(k.y, y) then return nil end
  local n = 0
  for name, value in pairs(options) do
    if k.options[name] ~= value or math.type(k.options[name]) ~= math.type(value) then return nil end
    n = n + 1
  end
  return n == k.n and k.X0:equal(X) and k.y0:equal(y) and k.o or nil
end

-- step(X, y, options) -> loss after one step, or after options.steps steps, and the reason why training ended, of an
-- ensemble one per net; for training loops in a script. Requires rate. Raises if no net can make a step because all have
-- diverged. A loop with the same X, y and options checks them and lays out the nets once.
function Net:step(X, y, options)
  local who = "net:step"
  if type(options) ~= "table" or options.rate == nil then check.fail("%s: rate is missing", who) end
  local o = getmetatable(self) == Net and kept(self, X, y, options)
  local losses, taken, reasons, cancelled
  if o then
    losses, taken, reasons, cancelled = native.run(o.plan, o.steps)
  else
    for _, name in ipairs { "every", "on", "validate", "checkpoint", "schedule" } do
      if options[name] ~= nil then check.fail("%s: %s is an option of net:train only", who, name) end
    end
    local points, targets
    points, targets, o = rule.arguments(self, who, X, y, options)
    o.steps = options.steps or 1
    o.tol = options.tol or type(o.loss) == "function" and -math.huge or 0
    if type(points) == "function" then check.fail("%s: X must be points, got a function", who) end
    self.trained_on, self.stepping, o.same_data = points, nil, true
    losses, taken, reasons, cancelled = advance(self, who, points, targets, o, o.steps, 1)
    self.stepping = keep(self, X, y, options, o)
  end
  if cancelled then check.raise("interrupted", "interrupted!") end -- Ctrl-C ends the script's loop
  mark(self, reasons, taken)
  if o.steps > 0 and taken:max() == 0 then
    local diverged = 0
    for _, reason in ipairs(reasons) do diverged = diverged + (reason == "diverged" and 1 or 0) end
    if diverged == self.count then
      check.fail("%s: %s diverged (loss %.6g) and made no step; start again from net:initial() with a smaller rate than %g",
        who, self.count == 1 and "the net has" or "all nets have", losses:max(), o.most_rate or o.rate)
    end
  end
  if self.count == 1 then return losses[1], reasons[1] end
  return losses, reasons
end

return { Run = Run }
