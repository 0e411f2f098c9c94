-- limn/frontend/commands/docs.lua: limn docs DIR: writes the documentation site, and the reference and the tutorial as Markdown.

local native = require "limn.native"

return {
  summary = "write the documentation: a site of HTML pages, and Markdown",
  run = function(folder, ...)
    if folder == "--help" or type(folder) ~= "string" or folder == "" or ... ~= nil then
      io.stderr:write "usage: limn docs DIR   (writes index.html and the other pages into DIR; needs gnuplot for the figures)\n"
      return folder == "--help" and 0 or 2
    end
    local site, reference = require "limn.docs.site", require "limn.docs.reference"
    local count = 0
    local function put(name, text)
      count = count + 1
      return native.files.put(folder .. "/" .. name, text)
    end
    local made, why = native.posix.mkdir(folder)
    if made then made, why = put("reference.md", reference.markdown()) end
    if made then made, why = site.write(folder, put, native.session.program()) end
    if not made then
      io.stderr:write("limn docs: ", tostring(why), "\n")
      return 1
    end
    print(("wrote %s/index.html and %d more pages"):format(folder, count - 1))
    return 0
  end,
}
