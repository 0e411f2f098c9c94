-- limn/mlp/gauss_newton.lua: Gauss-Newton steps with damping (Levenberg and Marquardt), for small nets and the squared
-- loss. In the space of functions a step is w -= rate J' a, (K + damping mean(diag K) I) a = f - y, where K = J J' is the
-- tangent kernel at the data; it is a native step of gradient descent on the linear loss D a.f.

local limn_native = require "limn.native"
local check = require "limn.base.check"
local native, arrays = limn_native.mlp, limn_native.array
local own_activation = require "limn.mlp.own_activation"

local gauss_newton = {}

-- The dual a of one net's step, or nil, message.
local function dual_of(self, X, y, f, i, o)
  local miss, layers, K = f - y, native.kernel(self.handle, i, X), nil
  for l = 1, #self.layers do
    if o.rates[l] > 0 then K = K and K + layers[l] * o.rates[l] or layers[l] * o.rates[l] end
  end
  local n, trace = #y, 0
  for p = 1, n do trace = trace + K:get(p, p) end
  for p = 1, n do K:set(p, p, K:get(p, p) + o.damping * trace / n) end
  return K:solve(miss)
end

-- What the options of a training allow.
function gauss_newton.check(who, self, o)
  if self.sizes[#self.sizes] ~= 1 then check.fail('%s: optimizer = "gauss_newton" needs a net with 1 output', who) end
  if o.loss ~= "mse" then check.fail('%s: optimizer = "gauss_newton" needs loss = "mse"', who) end
  local moves = false
  for l = 1, #self.layers do
    moves = moves or o.rates[l] > 0
    for _, name in ipairs { "l1", "l2", "decay" } do
      if o[name][l] > 0 then check.fail('%s: %s cannot be combined with optimizer = "gauss_newton"', who, name) end
    end
  end
  if not moves then check.fail("%s: rates must not all be 0: nothing would train", who) end
  if o.batch > 0 then check.fail('%s: batch cannot be combined with optimizer = "gauss_newton"', who) end
end

-- Makes up to o.steps steps -> losses, steps, reasons, cancelled, as native.train.
function gauss_newton.train(who, self, X, y, o)
  local count, steps, reasons, skip, left = self.count, arrays.zeros(self.count), {}, arrays.zeros(self.count), self.count
  local inner = setmetatable({ loss = "linear", steps = 1, tol = -math.huge, own_targets = true, skip = skip, optimizer = "gd" },
    { __index = o })
  y = check.array(who, "y", y)
  y = y:reshape(y:size())
  local limit = 1e9 * math.max(1, (y ^ 2):mean())
  local function outputs(i)
    local f = native.forward(self.handle, X)
    return count == 1 and f or f[i]
  end
  local losses = arrays.zeros(count)
  for step = 0, o.steps do
    local targets = arrays.zeros(count, #y)
    for i = 1, count do
      if not reasons[i] then
        local f, reason = outputs(i), nil
        losses:set(i, ((f - y) ^ 2):mean() / 2)
        if losses[i] ~= losses[i] or losses[i] > limit then reason = "diverged" elseif losses[i] <= o.tol then reason = "tolerance" end
        if reason then
          reasons[i], left = reason, left - 1
          skip:set(i, 1)
        elseif step < o.steps then
          local dual, message = dual_of(self, X, y, f, i, o)
          if not dual then check.fail("%s: %s: damping must be larger than %g", who, message, o.damping) end
          targets[i] = dual * #y
        end
      end
    end
    if left == 0 or step == o.steps then break end
    inner.schedule_values = o.schedule_values and o.schedule_values:slice(step + 1, step + 1) or nil
    local _, _, _, cancelled = own_activation.native_train(self, X, targets:reshape(count * #y, 1), inner)
    for i = 1, count do if not reasons[i] then steps:set(i, steps[i] + 1) end end
    if cancelled then
      for i = 1, count do reasons[i] = reasons[i] or "steps" end
      return losses, steps, reasons, true
    end
  end
  for i = 1, count do reasons[i] = reasons[i] or "steps" end
  return losses, steps, reasons, false
end

return gauss_newton
