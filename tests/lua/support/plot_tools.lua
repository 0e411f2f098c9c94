-- plot_tools.lua: common functions of the specs of figures: a scratch directory, files, and the contents of an SVG.

local lu = require "luaunit"
local native = require "limn.native"
local plot = require("limn").plot
local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/testing.lua")

local tools = { scratch = assert(native.process.temp_dir()) }
local scratch = tools.scratch

tools.program = io.popen("readlink /proc/$PPID/exe"):read("l") -- the interpreter that runs this

tools.read, tools.write, tools.skip_if = testing.read, testing.write, testing.skip_if


-- gnuplot's limit is wall time; here it only ends a hang, however loaded the machine is.
require("limn.plot.gnuplot").seconds = 1200

function tools.count(s, what)
  local n, at = 0, 1
  while true do
    local i, j = s:find(what, at, true)
    if not i then return n end
    n, at = n + 1, j + 1
  end
end

function tools.simple()
  return plot.figure { x = { label = "x" }, y = { label = "y" }, quiet = true }:line { x = { 1, 2, 3 },
    y = { 1, 4, 9 }, label = "squares" }
end

function tools.svg(fig, name)
  local path = scratch .. "/" .. (name or "test") .. ".svg"
  local ok, why, notes = fig:save(path)
  lu.assertEquals(ok, path, why)
  return tools.read(path), notes
end

-- All texts of an SVG; see picture.lua.
tools.texts = dofile(here .. "/picture.lua").texts

-- The vertices of the k-th drawn curve of a one-panel SVG.
function tools.curve(s, k)
  local body = s:match('<g id="gnuplot_plot_' .. k .. '"(.-)\n\t</g>')
  local points = {}
  for x, y in (body:match("%sd='(M.-)'")
    or ""):gmatch("[ML]([-%d.]+),([-%d.]+)") do points[#points + 1] = { tonumber(x), tonumber(y) } end
  return points
end

-- Runs the tests, takes the scratch directory away, and ends.
function tools.finish()
  local status = lu.LuaUnit.run()
  os.execute("rm -rf " .. scratch)
  os.exit(status)
end

return tools
