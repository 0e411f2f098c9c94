-- limn/frontend/commands/docs.lua: limn docs DIR: writes the reference as one HTML page and as Markdown, and the tutorial, which
-- it runs for its figures.

local native = require "limn.native"

-- The tutorial's script: beside the sources, or where `make install` puts it.
local function tutorial()
  local root = debug.getinfo(1, "S").source:match "^@(.*)frontend/commands/docs%.lua$" or ""
  for _, folder in ipairs { "../../scripts/", "../../../limn/scripts/" } do
    local file = io.open(root .. folder .. "tutorial.lua", "r")
    if file then
      local text = file:read "a"
      file:close()
      return text
    end
  end
end

-- Draws the tutorial's figures into `folder`, quietly -> true; or nil, what went wrong
local function draw(text, folder)
  local env = setmetatable({ print = function() end, arg = { "--out", folder } }, { __index = _G })
  local f, message = load(text, "=tutorial.lua", "t", env)
  if not f then return nil, message end
  return pcall(f)
end

return {
  summary = "write the reference and the tutorial: HTML pages and Markdown",
  run = function(folder)
    if folder == "--help" or type(folder) ~= "string" or folder == "" then
      io.stderr:write "usage: limn docs DIR   (writes reference and tutorial into DIR, as .html and .md)\n"
      return 2
    end
    local reference, document, script = require "limn.docs.reference", require "limn.docs.document", tutorial()
    local made, why = native.posix.mkdir(folder)
    local function write(name, text)
      local path = folder .. "/" .. name
      if made then made, why = native.files.put(path, text) end
      if made then print("wrote " .. path) end
    end
    write("reference.html", reference.html(script and "tutorial"))
    write("reference.md", reference.markdown())
    if script then
      write("tutorial.html", document.html(script))
      write("tutorial.md", document.markdown(script))
      if made then made, why = draw(script, folder) end
    end
    if made then return 0 end
    io.stderr:write("limn docs: ", tostring(why), "\n")
    return 1
  end,
}
