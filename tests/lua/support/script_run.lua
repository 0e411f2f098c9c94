-- script_run.lua: common functions of the specs of scripts: loading a script, and its ledger without printing.

local limn = require "limn"
local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

local run = {}

-- The experiment that scripts/NAME.lua declares.
function run.script(name) return assert(loadfile(here .. "/../../../scripts/" .. name .. ".lua"))() end

-- Runs the report without printing; returns the ledger's rows. options: those of the run (params, grid, ...), which an
-- experiment's claims may depend on.
function run.report(e, results, options)
  local declared = e:ledger(options)
  local new = limn.claims.new
  limn.claims.new = function(...)
    local ledger = new(...)
    ledger.print = function() end
    return ledger
  end
  local ok, ledger = pcall(e.report, results, declared)
  limn.claims.new = new
  if not ok then error(ledger, 0) end
  return (declared or ledger).rows
end

return run
