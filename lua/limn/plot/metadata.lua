-- limn/plot/metadata.lua: title, limn's version and the command line as metadata of a figure, in the fields that viewers and
-- file managers display; the resolution of a PNG. The bytes depend on the figure and the command alone.

local native = require "limn.native"
local system = require "limn.base.system"

local metadata = {}

local MOST = 300 -- bytes of a command line in a figure

-- The command line that drew the figure, for a shell; "limn" at the prompt.
local function command()
  local line = system.command(arg):gsub("%c+", " ")
  if #line <= MOST then return line end
  return line:sub(1, (utf8.offset(line, 0, MOST) or MOST) - 1) .. " ..."
end

-- {title =, creator =, command =} of a page; title: nil if the figure has none.
function metadata.of(page)
  local title = page.title and page.title.source
  return { title = title and title ~= "" and title:gsub("%c+", " ") or nil, creator = "limn " .. native.machine.info().version,
    command = command() }
end

-- ---- PDF ---------------------------------------------------------------------------------------------------

-- A text string of PDF: ASCII in parentheses, anything else as UTF-16 (ISO 32000, 7.9.2.2).
local function pdf_string(s)
  if not s:find "[\128-\255]" then return "(" .. s:gsub("[\\()]", "\\%0") .. ")" end
  local ok, units = pcall(function()
    local out = { "FEFF" }
    for _, c in utf8.codes(s) do
      if c < 0x10000 then out[#out + 1] = ("%04X"):format(c)
      else out[#out + 1] = ("%04X%04X"):format(0xD800 + (c - 0x10000 >> 10), 0xDC00 + (c - 0x10000 & 0x3FF)) end
    end
    return "<" .. table.concat(out) .. ">"
  end)
  return ok and units or "()"
end

-- Adds to the information dictionary of a PDF by cairo, and moves the offsets behind it in the table of cross-references.
-- A PDF of another structure is returned unchanged.
function metadata.pdf(data, about)
  local number = data:match "trailer%s*<<.-/Info (%d+) 0 R"
  local start = tonumber(data:match "startxref%s+(%d+)%s+%%%%EOF%s*$")
  local object = number and data:find("\n" .. number .. " 0 obj\n<< ", 1, true)
  if not object or not start or data:sub(start + 1, start + 4) ~= "xref" then return data end
  local place = object + #number + 11 -- behind "<< "
  local entries = { ("/Creator %s\n   "):format(pdf_string(about.creator)), ("/Subject %s\n   "):format(pdf_string(about.command)) }
  if about.title then table.insert(entries, 1, ("/Title %s\n   "):format(pdf_string(about.title))) end
  local added = table.concat(entries)
  local references = data:sub(start + 1):gsub("(%d%d%d%d%d%d%d%d%d%d)( %d%d%d%d%d n)", function(offset, rest)
    return ("%010d"):format(tonumber(offset) + (tonumber(offset) >= place and #added or 0)) .. rest
  end):gsub("(startxref%s+)%d+", function(word) return word .. ("%d"):format(start + #added) end)
  return data:sub(1, place - 1) .. added .. data:sub(place, start) .. references
end

-- ---- PNG ---------------------------------------------------------------------------------------------------

local crcs = {}
for n = 0, 255 do
  local c = n
  for _ = 1, 8 do c = c & 1 == 1 and 0xEDB88320 ~ (c >> 1) or c >> 1 end
  crcs[n] = c
end

local function chunk(kind, body)
  local c = 0xFFFFFFFF
  for _, byte in ipairs { (kind .. body):byte(1, -1) } do c = crcs[(c ~ byte) & 255] ~ (c >> 8) end
  return string.pack(">I4", #body) .. kind .. body .. string.pack(">I4", c ~ 0xFFFFFFFF)
end

local function png_text(key, s)
  if not s:find "[\128-\255]" then return chunk("tEXt", key .. "\0" .. s) end
  return chunk("iTXt", key .. "\0\0\0\0\0" .. s)
end

-- Adds the resolution and texts behind the header, which has 33 bytes.
function metadata.png(data, about, dpi)
  local per_metre = math.floor(dpi / 0.0254 + 0.5)
  local parts = { data:sub(1, 33), chunk("pHYs", string.pack(">I4I4B", per_metre, per_metre, 1)) }
  if about.title then parts[#parts + 1] = png_text("Title", about.title) end
  parts[#parts + 1] = png_text("Software", about.creator)
  parts[#parts + 1] = png_text("Comment", about.command)
  parts[#parts + 1] = data:sub(34)
  return table.concat(parts)
end

-- ---- SVG ---------------------------------------------------------------------------------------------------

local function escaped(s) return (s:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" })) end

-- Replaces gnuplot's title and description; a generic family follows each font's name, for readers without that font.
function metadata.svg(data, about, family)
  local title = about.title and ("<title>%s</title>\n"):format(escaped(about.title)) or ""
  local words = ("%s<desc>Drawn by %s: %s</desc>"):format(title, escaped(about.creator), escaped(about.command))
  data = data:gsub("<title>Gnuplot</title>%s*<desc>.-</desc>", function() return words end, 1)
  return (data:gsub('font%-family="([^",]+)"', 'font-family="%1, ' .. family .. '"'))
end

return metadata
