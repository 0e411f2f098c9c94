-- limn/mlp/own_activation.lua: nets whose activation is a Lua function. The numerics call it element by element in one
-- thread. An error in it must not cost the net's parameters: training makes one native step at a time, from a copy.

local limn_native = require "limn.native"
local check = require "limn.base.check"
local native, arrays = limn_native.mlp, limn_native.array

local own_activation = {}

-- Refuses functions that mix entries, before a net is made of them. Shapes and values that are not finite are refused by
-- the numerics at every call.
function own_activation.check(who, f)
  local h = arrays.array { -1.375, 0.25, 2.125 }
  local function values(x)
    local value, slope = f(x)
    for name, list in pairs { values = value or false, derivatives = slope or false } do
      if list == false or check.array(who, "what activation returns", list):size() ~= x:size() then
        check.fail("%s: activation must return %s of %d entries, as its argument has, got %s", who, name, x:size(),
          list and ("%d entries"):format(check.array(who, "what activation returns", list):size()) or "nil")
      end
    end
    return check.array(who, "what activation returns", value), check.array(who, "what activation returns", slope)
  end
  local value, slope = values(h)
  for i = 1, #h do
    local alone, derivative = values(h:slice(i, i))
    if math.abs(alone[1] - value[i]) > 1e-9 or math.abs(derivative[1] - slope[i]) > 1e-9 then
      check.fail("%s: activation must act on each entry by itself: at %g it is %g among others and %g alone", who, h[i], value[i], alone[1])
    end
  end
end

function own_activation.no_file(who, net)
  if net.activation == "function" then
    check.fail("%s: a net whose activation is a function cannot be stored in a file; keep net:parameters()", who)
  end
end

-- native.train, of a copy that takes the place of the nets when it has ended: an error in the activation, or a Ctrl-C at
-- any line, leaves the nets as before the call or as after it.
function own_activation.native_train(self, ...)
  if self.activation ~= "function" then return native.train(self.handle, ...) end
  local trial = native.copy(self.handle, 0, false)
  local out = table.pack(native.train(trial, ...))
  self.handle = trial
  return table.unpack(out, 1, out.n)
end

-- Makes up to o.steps steps, one native step at a time -> as native.train.
function own_activation.train(self, X, y, o)
  local total, losses, reasons, cancelled = arrays.zeros(self.count), nil, nil, nil
  local inner = setmetatable({}, { __index = o })
  for step = math.min(1, o.steps), o.steps do
    inner.steps = math.min(1, o.steps)
    inner.schedule_values = o.schedule_values and o.schedule_values:slice(step, step) or nil
    local steps
    losses, steps, reasons, cancelled = own_activation.native_train(self, X, y, inner)
    total = total + steps
    if cancelled or steps:max() == 0 then break end
  end
  return losses, total, reasons, cancelled, "wide, activation in Lua"
end

return own_activation
