-- limn/table/results.lua: the class of results with all its methods.
--   results:where{C = 6}:by("D"):mean("ratio") -> {{D = 2, ratio = ..}, ...}

local check = require "limn.base.check"
local class = require "limn.table.class"

for _, name in ipairs { "where", "reshape", "fit", "show", "files" } do require("limn.table." .. name) end

check.sealed("results:", class.Results)
check.sealed("groups:", require "limn.table.groups")

return { new = class.new, read_csv = require("limn.table.files").read_csv, read_npz = require("limn.table.files").read_npz }
