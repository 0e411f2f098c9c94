-- called_names_spec.lua: error messages begin with the name that the user typed. Each name that Lua code passes to a
-- check is that of a documented function or method ("regress.ridge", "net:train"), or of a callable module.

local lu = require "luaunit"
local stubs = require "limn.docs"

local testing = dofile(debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../support/testing.lua")

TestNames = {}

-- Variables of the environment, SLURM_..., are named as they are.
local known = { limn = true, experiment = true, plot = true, help = true, repl = true, apropos = true }
local called = { ["limn.mlp"] = "net" } -- what an object is called in messages, if not by the end of its class's name
local inherited = { ["limn.plot.panel"] = { "panel" } }
for _, entry in ipairs(stubs.read().order) do
  known[entry.name] = true
  if entry.method then
    for _, object in ipairs(inherited[entry.class] or { called[entry.class] or entry.class:match "[%w_]+$" }) do
      known[object .. ":" .. entry.short] = true
    end
  end
end

local CHECKS = { fail = true, value = true, options = true, self = true, array = true, path = true, surplus = true }

-- Calls visit(name) for every name that a line hands to a check, or keeps as `who`.
local function each_name(line, visit)
  for check, name in line:gmatch "check%.(%l+)%(?%s*\"([%w_%.]+:?[%w_]*)[\":%s]" do
    if CHECKS[check] then visit((name:gsub(":$", ""))) end
  end
  for name in line:gmatch "%f[%w_]who%s*=%s*\"([%w_%.]+:?[%w_]*)" do visit((name:gsub(":$", ""))) end
  for _, helper in ipairs { "labels_of", "penalties", "whole", "column_of", "inputs", "rules%.probe%(self,", "rules%.points" } do
    for name in line:gmatch(helper .. "[%(%s]*\"([%w_%.]+:?[%w_]*)\"") do visit(name) end
  end
end

function TestNames.testEveryNameIsOneThatIsTyped()
  local wrong, seen = {}, 0
  for file in testing.run "find lua/limn -name '*.lua' | sort":gmatch "[^\n]+" do
    local public = not file:find "docs/stubs/" and not file:find "docs/site/" and not file:find "frontend/"
      and not file:find "base/check%.lua"
    local n = 0
    for line in io.lines(file) do
      n = n + 1
      if public then
        each_name(line, function(name)
          seen = seen + 1
          if not known[name] and not name:find "^SLURM_" then wrong[#wrong + 1] = ("%s:%d: %s"):format(file, n, name) end
        end)
      end
    end
  end
  lu.assertEquals(table.concat(wrong, "\n"), "")
  lu.assertTrue(seen > 150, seen)
end

function TestNames.testTheTestFindsWhatItShould()
  local found = {}
  local function visit(name) found[#found + 1] = name end
  each_name('check.fail("gd: rate must be above 0, got %s", o.rate)', visit)
  each_name('local o = check.options("stream", options, OPTIONS)', visit)
  each_name('local who = "net:train"', visit)
  each_name('check.fail "repl: needs the program limn; stock lua has no prompt for it"', visit)
  each_name('check.fail("net:features: this net has no hidden layer")', visit)
  lu.assertEquals(found, { "gd", "stream", "net:train", "repl", "net:features" })
end

os.exit(lu.LuaUnit.run())
