-- limn/mlp/own_loss.lua: training with a loss that is a Lua function. Each step evaluates the nets, calls the function,
-- and makes one native step on the linear loss f.g, whose derivative by the outputs is the gradient g that the function
-- returned: so every optimiser and penalty is available.

local limn_native = require "limn.native"
local check = require "limn.base.check"
local native, arrays = limn_native.mlp, limn_native.array
local rng = require "limn.rng"
local own_activation = require "limn.mlp.own_activation"

local own_loss = {}

-- The value and the gradient (as an array like f) that loss(f, y) gives for the outputs f of net `i`.
local function call(who, o, f, y, i, step)
  local value, gradient = o.loss(f, y)
  if type(value) ~= "number" then
    check.fail("%s: loss must return a number and a gradient, got %s at step %d", who, check.show(value), step)
  end
  gradient = gradient ~= nil and check.array(who, "the gradient that loss returns", gradient) or nil
  local rows, columns = f:shape()
  local fits = gradient and gradient:size() == f:size()
  if fits and columns and columns > 1 then -- 3 x 4 is not 4 x 3
    local r, c = gradient:shape()
    fits = c == nil or r == rows and c == columns
  end
  if not fits then
    check.fail("%s: loss must return a gradient of %s entries, as f has, got %s at step %d", who,
      table.concat({ f:shape() }, " x "), gradient and table.concat({ gradient:shape() }, " x ") or "nil", step)
  end
  local sum, outputs = value + gradient:sum(), f:sum()
  if sum - sum ~= 0 and outputs - outputs == 0 and value - value ~= 0 then
    check.fail("%s: loss returned %s for finite outputs at step %d%s", who, value, step, i > 1 and ", net " .. i or "")
  end
  if outputs - outputs == 0 and value - value == 0 and sum - sum ~= 0 then
    check.fail("%s: loss returned a gradient that is not finite, for finite outputs at step %d%s", who, step,
      i > 1 and ", net " .. i or "")
  end
  return value, gradient
end

-- The outputs of each net as a list of arrays (points) or (points, outputs).
local function outputs_of(self, X)
  local f = native.forward(self.handle, X)
  if self.count == 1 then return { f } end
  local list = {}
  for i = 1, self.count do list[i] = f[i] end
  return list
end

-- The rows of the batch of step `step`, counted over all calls on this net: permutations as for the other losses, but
-- from a stream of their own.
local function batch(o, X, y, step)
  if o.batch == 0 or o.batch >= #X then return X, y end
  local batches = (#X + o.batch - 1) // o.batch
  local epoch, first = step // batches, step % batches * o.batch
  if o.epoch ~= epoch then
    o.epoch, o.order = epoch, rng.stream({ seed = o.seed, point = epoch }):permutation(#X)
  end
  local rows = {}
  for k = first + 1, math.min(first + o.batch, #X) do rows[#rows + 1] = o.order[k] end
  return X:take(rows), y:take(rows)
end

-- Evaluates without training -> losses.
function own_loss.evaluate(who, self, X, y, o)
  local losses = arrays.zeros(self.count)
  for i, f in ipairs(outputs_of(self, X)) do losses:set(i, (call(who, o, f, y, i, self:steps()))) end
  return losses
end

-- Makes up to o.steps steps -> losses, steps, reasons, cancelled, as native.train.
function own_loss.train(who, self, X, y, o)
  local count, outputs = self.count, self.sizes[#self.sizes]
  local reasons, skip, steps, left = {}, arrays.zeros(count), arrays.zeros(count), count
  local inner = setmetatable({ loss = "linear", steps = 1, tol = -math.huge, batch = 0, own_targets = true, skip = skip },
    { __index = o })
  y = check.array(who, "y", y)
  if #y ~= #X then check.fail("%s: y has %d rows but X has %d", who, #y, #X) end
  local made = native.steps(self.handle)
  if o.batch > 0 and o.batch < #X and made:min() ~= made:max() then
    check.fail("%s: the batches of a loss that is a function are the same for all nets, but these have made %d to %d steps; train "
      .. "net:member(i) each, or without batch", who, made:min(), made:max())
  end
  local function stop(i, reason)
    reasons[i], left = reason, left - 1
    skip:set(i, 1)
  end
  local all = o.limit or {}
  o.limit = all
  for step = 1, o.steps do
    local rows, labels = batch(o, X, y, self:steps())
    local points = #rows
    local targets = arrays.zeros(count, points * outputs)
    for i, f in ipairs(outputs_of(self, rows)) do
      if not reasons[i] then
        local value, gradient = call(who, o, f, labels, i, self:steps() + 1)
        all[i] = all[i] or 1e9 * math.max(1, math.abs(value))
        if value ~= value or math.abs(value) > all[i] then stop(i, "diverged")
        elseif o.batch == 0 and value <= o.tol then stop(i, "tolerance")
        else targets[i] = gradient:reshape(points * outputs) * points end
      end
    end
    if left == 0 then break end
    inner.schedule_values = o.schedule_values and o.schedule_values:slice(step, step) or nil
    local _, _, given, cancelled = own_activation.native_train(self, rows, targets:reshape(count * points, outputs), inner)
    for i = 1, count do if not reasons[i] then steps:set(i, steps[i] + 1) end end
    if cancelled then return own_loss.evaluate(who, self, X, y, o), steps, given, true end
  end
  local losses = own_loss.evaluate(who, self, X, y, o)
  for i = 1, count do
    local value = losses[i]
    reasons[i] = reasons[i] or (value ~= value or all[i] and math.abs(value) > all[i]) and "diverged"
      or value <= o.tol and "tolerance" or "steps"
  end
  return losses, steps, reasons, false
end

return own_loss
