-- limn/report/pdf.lua: the report as a paged document, by whichever of several programs is installed.

local native = require "limn.native"

local pdf = {}

local LIMIT = 300 -- seconds

-- Chromium refuses its sandbox to the superuser.
local function by_chromium(name)
  return function(html, path)
    local words = { name, "--headless", "--disable-gpu", "--no-pdf-header-footer", "--print-to-pdf=" .. path, "file://" .. html }
    local status, id = native.process.run({ "id", "-u" }, {}, 10)
    if status == 0 and id:match "^0%s" then table.insert(words, 2, "--no-sandbox") end
    return words
  end
end

local TOOLS = {
  { "chromium", by_chromium "chromium" }, { "chromium-browser", by_chromium "chromium-browser" },
  { "google-chrome", by_chromium "google-chrome" },
  { "weasyprint", function(html, path) return { "weasyprint", html, path } end },
}

local function begins_as_pdf(path)
  local file = io.open(path, "rb")
  local head = file and file:read(5)
  if file then file:close() end
  return head == "%PDF-"
end

-- Writes path from the file html, both absolute -> true, the program; or nil, message.
function pdf.write(html, path)
  local tried = {}
  os.remove(path)
  for _, tool in ipairs(TOOLS) do
    local status, why = native.process.run(tool[2](html, path), {}, LIMIT)
    if status == 0 and begins_as_pdf(path) then return true, tool[1] end
    if why ~= "missing" then tried[#tried + 1] = ("%s failed (%s)"):format(tool[1], status or why) end
  end
  os.remove(path)
  local names = {}
  for i, tool in ipairs(TOOLS) do names[i] = tool[1] end
  return nil, tried[1] and table.concat(tried, "; ") or ("none of %s is installed"):format(table.concat(names, ", "))
end

return pdf
