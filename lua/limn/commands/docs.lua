-- limn/commands/docs.lua: limn docs DIR: writes the reference as one HTML page and as Markdown.

return {
  summary = "write the reference: one HTML page and Markdown",
  run = function(folder)
    if folder == "--help" or type(folder) ~= "string" or folder == "" then
      io.stderr:write "usage: limn docs DIR   (writes DIR/reference.html and DIR/reference.md)\n"
      return 2
    end
    local native = require "limn.native"
    local reference = require "limn.stubs.reference"
    local made, why = native.posix.mkdir(folder)
    for _, kind in ipairs { "html", "markdown" } do
      local path = folder .. "/reference." .. (kind == "html" and "html" or "md")
      if made then made, why = native.process.write_file(path, reference[kind]()) end
      if made then print("wrote " .. path) end
    end
    if made then return 0 end
    io.stderr:write("limn docs: ", why, "\n")
    return 1
  end,
}
