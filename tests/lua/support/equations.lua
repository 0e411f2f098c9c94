-- equations.lua: the numbered equations of the page "The mathematics of limn", and the frame of the tests that recompute them.
local lu = require "luaunit"
local testing = dofile(debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/testing.lua")

local equations = {}

equations.path = "lua/limn/docs/pages/mathematics.md"

-- By number: { tex = , text = what follows the equation }.
function equations.read()
  local list, current = {}, nil
  for line in (testing.read(equations.path) .. "\n"):gmatch "(.-)\n" do
    local tex, number = line:match "^%$%$(.*)%$%$ %((%d+)%)$"
    if tex then
      current = { tex = tex, lines = {} }
      assert(not list[tonumber(number)], "equation " .. number .. " occurs twice")
      list[tonumber(number)] = current
    elseif line:find "^#" then current = nil
    elseif current then current.lines[#current.lines + 1] = line end
  end
  for _, e in pairs(list) do e.text = table.concat(e.lines, "\n") end
  return list
end

local page = equations.read()

-- Adds test eq_n to `tests`. tex: the equation as on the page. f(c, close) recomputes it from its right side, in which c
-- stands for one coefficient that is 1, and calls close(computed by limn, recomputed, tolerance). The test fails if a pair
-- differs, or if with c = 1.1 no pair does.
function equations.test(tests, n, tex, f)
  tests[("test_eq_%02d"):format(n)] = function()
    lu.assertNotNil(page[n], "the page has no equation " .. n)
    lu.assertEquals(page[n].tex, tex)
    local function misses(c)
      local list, pairs_ = {}, 0
      f(c, function(got, want, tolerance)
        pairs_ = pairs_ + 1
        local near = got == want or math.abs(got - want) <= (tolerance or 1e-10)
        if not near then list[#list + 1] = ("%.15g for %.15g"):format(got, want) end
      end)
      lu.assertTrue(pairs_ > 0, "nothing was compared")
      return list
    end
    lu.assertEquals(table.concat(misses(1), "; "), "")
    lu.assertTrue(#misses(1.1) > 0, "a coefficient of 1.1 in place of 1 is not noticed")
  end
end

return equations
