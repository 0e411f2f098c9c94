-- limn/experiment/rehearsal.lua: report and plot are tried on the first finished cells, in a process of their own and
-- without output, so that a mistake in them is known after seconds.

local check = require "limn.base.check"
local native = require "limn.native"
local results = require "limn.experiment.results"

local posix = native.posix
local rehearsal = {}

rehearsal.after = 5 -- seconds of a sweep
rehearsal.least = 2 -- finished cells
local LIMIT = 10 -- seconds that report and plot may take

local function nothing() end

-- What print and io write goes nowhere, figures are not saved.
local function silence()
  local sink = setmetatable({}, { __index = function() return nothing end })
  function sink:write() return self end
  print = nothing -- luacheck: ignore
  local files = package.loaded.io
  files.write, files.stdout, files.stderr = function() return sink end, sink, sink
  local figures = require("limn.plot.figure").Figure
  figures.save, figures.show = function(_, file) return file end, nothing
end

-- The messages of what fails, a line each.
local function try(experiment, table_, ledger, out)
  silence()
  local lines = {}
  for _, what in ipairs { "report", "plot" } do
    if experiment[what] then
      local ok, e = pcall(experiment[what], table_, what == "report" and ledger or out)
      if not ok then lines[#lines + 1] = ("%s fails on the first %d cells: %s"):format(what, #table_, check.first_line(tostring(e))) end
    end
  end
  return table.concat(lines, "\n")
end

-- The messages of what fails with the cells that are finished, a line each; nil if nothing does, or if it takes long.
function rehearsal.run(experiment, cells, ledger, out)
  if not experiment.report and not experiment.plot then return nil end
  io.stdout:flush()
  local mine, theirs = posix.channel()
  local pid = posix.fork()
  if pid == 0 then
    posix.close(mine)
    local first = results.from_cells(cells)
    first.partial = true
    local ok, text = pcall(try, experiment, first, ledger, out)
    posix.put(theirs, ok and text or "")
    posix.quit(0)
  end
  posix.close(theirs)
  local text = posix.ready({ mine }, LIMIT)[1] and posix.get(mine)
  if not text then posix.kill(pid, "KILL") end
  posix.wait(pid)
  posix.close(mine)
  return text and text ~= "" and text or nil
end

return rehearsal
