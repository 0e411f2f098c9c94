-- limn/frontend/commands/new.lua: limn new NAME: writes NAME.lua, a small experiment that runs.

local native = require "limn.native"
local put = native.files.put
local text_of = require("limn.base.system").text_of

local stubs = (debug.getinfo(1, "S").source:match "^@(.*)frontend/commands/new%.lua$" or "") .. "docs/stubs"

-- Writes the settings of lua-language-server into the folder, so that editors complete and check limn's functions; a
-- file that is there stays. -> what was done, or nil, message
local function settings()
  local path = ".luarc.json"
  local old = text_of(path)
  if old then
    return old:find(stubs, 1, true) and path .. " is as it was"
      or ('%s is as it was; for completion in editors add %q to its "workspace.library"'):format(path, stubs)
  end
  local text = native.json.encode { ["runtime.version"] = "Lua 5.4", ["workspace.library"] = { stubs },
    ["workspace.checkThirdParty"] = false, ["diagnostics.globals"] = { "limn", "help", "apropos" } }
  local written, why = put(path, text .. "\n")
  return written and "wrote .luarc.json: with it lua-language-server completes limn's functions in editors", why
end

local template = [[
-- %s.lua: one line about the experiment. Run: limn %s.lua   See also: limn %s.lua --help
local limn = require "limn"

-- One cell: from its parameters and its own random stream to named values.
local function measure(point, rng)
  local x = rng:normal(point.n)
  return { mean = x:mean(), largest = x:max() }
end

local function plot(results, out)
  local mean = results:group("n"):mean("largest")
  local fig = limn.plot.figure { x = { label = "n", scale = "log2" }, y = { label = "largest of n" } }
  fig:line { x = mean:column("n"), y = mean:column("largest") }
  return fig:save(out .. "/%s.pdf")
end

return limn.experiment {
  name = "%s",
  question = "How does the largest of n normal numbers grow with n?",
  params = { n = { default = 16, min = 1, help = "how many numbers" } },
  grid = { n = "2:1024:log2" },
  reps = 20,
  measure = measure,
  plot = plot,
}
]]

return {
  summary = "write a small experiment that runs",
  run = function(name, ...)
    if type(name) ~= "string" or not name:match "^[%w_][%w_-]*$" or ... ~= nil then
      io.stderr:write("usage: limn new NAME   (letters, digits, _ and -)\n")
      return name == "--help" and 0 or 2
    end
    local path = name .. ".lua"
    local there = io.open(path, "rb")
    if there then
      there:close()
      io.stderr:write(("limn new: %s exists already\n"):format(path))
      return 1
    end
    local text = template:gsub("%%s", name)
    local written, why = put(path, text)
    if not written then
      io.stderr:write(("limn new: %s\n"):format(why))
      return 1
    end
    print("wrote " .. path .. "; run it: limn " .. path)
    local done, trouble = settings()
    if done then print(done) else io.stderr:write(("limn new: %s\n"):format(trouble)) end
    return 0
  end,
}
