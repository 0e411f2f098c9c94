-- rules_tools.lua: common functions of ridge_spec.lua and rules_spec.lua: Gaussian tasks as tables, comparisons.

local t = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/testing.lua")

local tools = {}

tools.fails = testing.fails_like

function tools.gaussian(points, count, seed) -- as tables
  local f = limn.features.toy { points = points, count = count + 1, perfect = 0, kind = "gaussian", seed = seed }
  local X, y = f:dense():totable(), {}
  for i, row in ipairs(X) do y[i] = table.remove(row) end
  return X, y
end

function tools.close(a, b, tol, what)
  local scale = 0
  for _, v in ipairs(b) do scale = math.max(scale, math.abs(v)) end
  t.assertEquals(#a, #b)
  for i = 1, #b do
    t.assertTrue(math.abs(a[i] - b[i]) <= tol * math.max(scale, 1e-300),
      string.format("%s entry %d: %.17g, want %.17g", what or "", i, a[i], b[i]))
  end
end

function tools.dot(a, b)
  local sum = 0
  for i = 1, #a do sum = sum + a[i] * b[i] end
  return sum
end

return tools
