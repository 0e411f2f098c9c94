-- limn/functions/complexity.lua: measures of the complexity of functions.

local native = require("limn.native").functions
local check = require "limn.base.check"

local complexity = {}

local NAMES = { "ones", "entropy", "phrases", "degree", "influence", "sensitivity" }
local CUBE = 3 -- the names after this one need a function of all inputs
local PROGRAM_BITS = 6

local rules = {
  bits = { type = "integer", min = 0, max = 12 },
  gates = { type = "boolean", default = false },
  space = { type = "any" },
}

local all = { functions = { type = "integer", min = 1, max = 1 << 24 } }
for name, rule in pairs(rules) do all[name] = rule end

-- The truth table of a pattern as an integer, for programs.space.
local function table_of(pattern)
  local code = 0
  for v = 1, #pattern do if pattern:byte(v) == 43 then code = code | 1 << (v - 1) end end
  return code
end

-- The measures of the first `functions` kinds of the counts, as arrays; of the only one if kinds is nil.
function complexity.of_counts(who, handle, options, kinds)
  local o = check.options(who, options, kinds and all or rules)
  local n = math.min(o.functions or kinds or 1, kinds or 1)
  local points = select(4, native.info(handle))
  local log = math.tointeger(math.log(points, 2))
  if o.bits and o.bits > 0 and (not log or o.bits ~= log) then
    check.fail("%s: a function of %d bits has %d signs, got %d", who, o.bits, 1 << o.bits, points)
  end
  local bits = o.bits or log or 0
  local values, out = native.measures(who, handle, n, bits), {}
  for i, name in ipairs(NAMES) do if i <= CUBE or bits > 0 then out[name] = values:col(i) end end
  if o.gates then
    if bits < 1 or bits > 8 then check.fail("%s: gates needs a function of 1 to 8 bits, got %d points", who, points) end
    out.gates, out.gates_exact = native.gates(who, handle, n, bits), bits <= 4
  end
  if o.space then
    local space = o.space
    if check.typename(space) ~= "limn.programs.space" or space.inputs ~= bits or bits > PROGRAM_BITS then
      check.fail("%s: space must be a limn.programs.space on %d inputs (at most %d), got %s", who, bits, PROGRAM_BITS,
        check.typename(space) == "limn.programs.space" and ("one on %d"):format(space.inputs) or check.show(space))
    end
    local length, prior = values:col(1):copy(), values:col(1):copy()
    for rank = 1, n do
      local i = space:find(table_of((native.get(handle, rank))))
      length:set(rank, i and space.bits[i] or 0 / 0)
      prior:set(rank, i and -math.log(space.prior[i], 2) or 0 / 0)
    end
    out.program, out.prior = length, prior
  end
  return out
end

return complexity
