-- limn/frontend/commands/new.lua: limn new NAME: writes NAME.lua, a small experiment that runs.

local put = require("limn.native").files.put

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
    return 0
  end,
}
