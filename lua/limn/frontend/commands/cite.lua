-- limn/frontend/commands/cite.lua: limn cite [SCRIPT|FUNCTION...]: how to cite limn, and what a script rests on.

local system = require "limn.base.system"

-- In the Citation File Format, for a file CITATION.cff; %s: title, version.
local CFF = [[
cff-version: 1.2.0
message: "If limn contributes to a publication, please cite it."
type: software
title: "%s"
authors:
  - name: "The limn authors"
version: %s
license: MIT]]

return {
  summary = "how to cite limn (CITATION.cff), or in BibTeX what scripts and functions rest on",
  run = function(...)
    if ... == "--help" then
      print "usage: limn cite                    limn in the Citation File Format (also: limn --cite)\n"
      print "       limn cite SCRIPT|FUNCTION... BibTeX: limn, and the literature of the functions"
      return 0
    end
    local limn = require "limn"
    if ... == nil then print(CFF:format(system.TITLE, limn.version)) else limn.cite { ... } end
    return 0
  end,
}
