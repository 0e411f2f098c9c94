-- limn/plot/fonts.lua: what the installed fonts can draw, as fontconfig reports it: the family of a venue, and characters
-- that no font has. cairo draws a box many times too large for such a character, so they are replaced and noted.

local native = require("limn.native").process

local fonts = {}

-- The output lines of a fontconfig program; nil if it is not available.
local function lines_of(...)
  local status, out = native.run({ ... }, { "LC_ALL=C.UTF-8" }, 10)
  if status ~= 0 then return nil end
  local lines = {}
  for line in out:gmatch "[^\n]+" do lines[#lines + 1] = line end
  return lines
end

-- ---- families --------------------------------------------------------------------------------------

-- Families with the metrics of Times and of Helvetica, in order of preference.
fonts.TIMES = { "Times New Roman", "TeX Gyre Termes", "Nimbus Roman", "Liberation Serif", "Tinos", "STIX Two Text",
  "FreeSerif" }
fonts.HELVETICA = { "Helvetica", "Arial", "TeX Gyre Heros", "Nimbus Sans", "Liberation Sans", "Arimo", "FreeSans" }

local installed -- the set of families, or false

local function families()
  if installed == nil then
    local lines = lines_of("fc-list", ":", "family")
    installed = lines and {} or false
    for _, line in ipairs(lines or {}) do
      for name in line:gmatch "[^,]+" do installed[name] = true end
    end
  end
  return installed
end

-- The first installed family of a list; or nil, and a note unless fontconfig is not available.
function fonts.first(list)
  local known = families()
  if not known then return nil end
  for _, name in ipairs(list) do
    if known[name] then return name end
  end
  return nil, ("none of the venue's fonts is installed (%s)"):format(table.concat(list, ", "))
end

local SERIF = { Times = true, Termes = true, Roman = true, Serif = true, Tinos = true, STIX = true, FreeSerif = true }

-- The generic family of CSS of a family's name.
function fonts.generic(family)
  if family:find "Sans" then return "sans-serif" end
  if family:find "Mono" then return "monospace" end
  for word in family:gmatch "%a+" do
    if SERIF[word] then return "serif" end
  end
  return "sans-serif"
end

-- ---- characters ---------------------------------------------------------------------------------------

local BOX = "\u{25A1}"
local SAFE = { [0x2212] = true, [0xD7] = true } -- minus and times are in every family; asking costs a process
local has = {} -- code point -> whether a font has it

local function query(codes)
  local set = {}
  for i, code in ipairs(codes) do set[i] = ("%x"):format(code) end
  return lines_of("fc-list", ":charset=" .. table.concat(set, " "), "family")
end

-- Sets has[] for a list of code points: one question for all, which mostly suffices, else one for each.
local function learn(codes)
  local answer = query(codes)
  if not answer then return false end
  for _, code in ipairs(codes) do
    has[code] = #answer > 0 or (#codes > 1 and #(query { code } or { "" }) > 0)
  end
  return true
end

-- Letters to draw in place of double-struck and script capitals.
local function plain(code)
  if code >= 0x1D49C and code <= 0x1D4B5 then return string.char(65 + code - 0x1D49C) end
  if code >= 0x1D538 and code <= 0x1D551 then return string.char(65 + code - 0x1D538) end
  return BOX
end

-- replaced(text) -> the text without characters that no font has, and a note for each of them.
function fonts.replaced(text)
  if not text:find "[\xC9-\xF4]" then return text, {} end -- all of it below U+0250
  local codes, seen = {}, {}
  for code in text:gmatch "[\xC9-\xF4][\x80-\xBF]+" do
    code = utf8.codepoint(code)
    if has[code] == nil and not seen[code] and not SAFE[code] and code ~= 0xFFFD then
      seen[code] = true
      codes[#codes + 1] = code
    end
  end
  if #codes > 0 and not learn(codes) then return text, {} end
  local notes, noted = {}, {}
  text = text:gsub("[\xC9-\xF4][\x80-\xBF]+", function(sign)
    local code = utf8.codepoint(sign)
    if has[code] ~= false then return nil end
    local shown = plain(code)
    if not noted[code] then
      noted[code] = true
      notes[#notes + 1] = ("no installed font has %s (U+%04X); %s is drawn"):format(sign, code, shown)
    end
    return shown
  end)
  return text, notes
end

return require("limn.base.check").sealed("fonts.", fonts)
