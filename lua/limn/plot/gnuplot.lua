-- limn/plot/gnuplot.lua: runs gnuplot on a script and saves its output. gnuplot writes to its standard
-- output or into a private directory; limn writes the user's file, atomically. No path given by the user
-- is passed to gnuplot.

local native = require("limn.native").process
local plot_native = require("limn.native").plot
local put = require("limn.native").files.put
local beside = require "limn.base.beside"
local fonts = require "limn.plot.fonts"
local html = require "limn.plot.html"
local latex = require "limn.plot.latex"
local metadata = require "limn.plot.metadata"
local text = require "limn.plot.text"

-- seconds: limit on the processor time of a figure. The limit on wall time is WALL_FACTOR times that, since the machine
-- may be loaded.
local gnuplot = { program = "gnuplot", seconds = 120 }
local WALL_FACTOR = 10

local num = plot_native.number

-- Variables removed from gnuplot's environment, since they select a terminal or load files (-d skips start-up files),
-- and the fixed locale.
local ENVIRONMENT = { "GNUTERM", "GNUPLOT_LIB", "FIT_SCRIPT", "GNUPLOT_FONTPATH", "GNUPLOT_DEFAULT_GDFONT",
  "GDFONTPATH",
  "GNUPLOT_PDF_FONT", "LC_ALL=C.UTF-8", "LANGUAGE" }

-- ---- terminals ---------------------------------------------------------------------------------------

local function inches(points) return num(points / 72 + 1e-6) end -- the excess prevents truncation to fewer points

-- The `set terminal` line for a format.
function gnuplot.terminal(figure, format)
  local font = string.format("font '%s,%s'", figure.font, num(figure.font_size))
  if format == "svg" then
    return string.format("set terminal svg size %d,%d fixed enhanced background '#ffffff' %s dashlength 2.03",
      figure.width, figure.height, font)
  elseif format == "png" then
    local k = figure.dpi / 72
    local terminal = "set terminal pngcairo size %d,%d enhanced background '#ffffff' %s "
      .. "fontscale %s linewidth %s pointscale %s dashlength %s"
    return string.format(terminal,
      math.floor(figure.width * k + 0.5), math.floor(figure.height * k + 0.5), font, num(0.75 * k), num(k), num(k),
      num(1.45 * k))
  elseif format == "tex" then
    return string.format("set terminal cairolatex pdf input color size %sin,%sin font ',%s' "
      .. "fontscale 0.75 linewidth 4 dashlength 3.66", inches(figure.width), inches(figure.height),
      num(figure.font_size)) -- twice the line width of pdfcairo: gnuplot halves it
  end
  return string.format("set terminal pdfcairo enhanced color size %sin,%sin %s "
    .. "fontscale 0.75 linewidth 2 dashlength 3.66", inches(figure.width), inches(figure.height), font)
end

-- ---- running -------------------------------------------------------------------------------------------

-- Warnings of gnuplot on what limn's own notes report: cells without a value, and a page too small for its axes.
local KNOWN = { "matrix contains missing or undefined values", "Terminal canvas area too small to hold plot",
  "Check plot boundary and font sizes", "difficulty making room for" }

local function is_known(line)
  for _, part in ipairs(KNOWN) do
    if line:find(part, 1, true) then return true end
  end
end

local function tidy(message, script_path, inner)
  message = message:gsub("\27%[[%d;]*m", "")
  message = message:gsub('"[^"\n]*' .. inner:gsub("%p", "%%%0") .. '"', function() return script_path end)
  local lines = {}
  for line in message:gmatch("[^\n]+") do
    local trimmed = line:match("^%s*(.-)%s*$")
    if trimmed ~= "" and trimmed ~= "^" and not line:match("^%s*%^") and not is_known(line) then lines[#lines + 1] = #trimmed > 200
      and trimmed:sub(1, 197) .. "..." or trimmed end
  end
  return table.concat(lines, "; ")
end

-- Runs a script in a private directory -> {out=, warnings=, files=}; or nil, message, "missing"|nil.
-- script_path: the name of the script in messages; wanted: files to read; seconds: time limit (gnuplot.seconds).
function gnuplot.run(source, script_path, wanted, seconds)
  seconds = seconds or gnuplot.seconds
  local dir, reason = native.temp_dir()
  if not dir then return nil, reason end
  local inner = dir .. "/figure.gp"
  local created = { inner }
  local guard <close> = setmetatable({}, { __close = function()
    for _, path in ipairs(created) do os.remove(path) end
    for _, name in ipairs(wanted or {}) do os.remove(dir .. "/" .. name) end
    os.remove(dir)
  end })
  local ok, why = put(inner, source)
  if not ok then return nil, why end
  local status, a, b, c = native.run({ gnuplot.program, "-d", inner }, ENVIRONMENT, WALL_FACTOR * seconds, dir, seconds)
  if status == nil and a == "missing" then return nil, "gnuplot not found", "missing" end
  if status == nil then
    local output = c and tidy(c, script_path, "figure.gp") or ""
    output = output ~= "" and ": " .. output or ""
    if a == "time" then
      return nil, string.format("gnuplot did not finish within %g s of processor time and %g s of wall time%s", seconds,
        WALL_FACTOR * seconds, output)
    end
    return nil, string.format("gnuplot was ended by %s%s", a, output)
  end
  local out, err = a, tidy(b, script_path, "figure.gp")
  if status ~= 0 then return nil, string.format("gnuplot failed (exit %d): %s", status, err ~= "" and err
    or "no message") end
  local files = {}
  for _, name in ipairs(wanted or {}) do
    local f = io.open(dir .. "/" .. name, "rb")
    files[name] = f and f:read("a")
    if f then f:close() end
    if not files[name] or #files[name] == 0 then return nil, "gnuplot wrote nothing"
      .. (err ~= "" and ": " .. err or "") end
  end
  return { out = out, warnings = err ~= "" and err or nil, files = files, guard = guard and nil }
end

-- A note if fontconfig substitutes another family for the given one; nil if not, or if fc-match is not available.
local families = {}
function gnuplot.font_note(family)
  if families[family] == nil then
    local status, out = native.run({ "fc-match", "-f", "%{family}", family }, ENVIRONMENT, 10)
    local got = status == 0 and out ~= "" and out or nil
    families[family] = got and not (got:lower() .. ","):find(family:lower() .. ",", 1, true)
      and string.format("font '%s' is not installed: '%s' is used instead", family, got) or false
  end
  return families[family] or nil
end

-- ---- identical bytes ---------------------------------------------------------------------------------------

-- cairo writes the creation time into a PDF. Its digits are overwritten in place, which keeps the byte offsets valid.
local function undate_pdf(data)
  return (data:gsub("(/CreationDate %(D:)(%d%d%d%d%d%d%d%d%d%d%d%d%d%d)", "%120000101000000"))
end

local function sized_svg(data, figure)
  return (data:gsub('width="%d+" height="%d+"', string.format('width="%dpt" height="%dpt"', figure.width,
    figure.height), 1))
end

local signatures = { pdf = "%PDF-", png = "\137PNG", svg = "<?xml", html = "<?xml" }

-- ---- saving ---------------------------------------------------------------------------------------------------

-- The files written beside `path`, and how each begins if limn wrote it. -> true; or nil, message, if one of them is
-- another file.
local function neighbours(path, stem, format)
  local files = {}
  if format ~= "gp" then files[1] = { stem .. ".gp", gnuplot.MARK } end
  if format == "tex" then files[2] = { stem .. "-art.pdf", "%PDF", path, "% GNUPLOT" } end
  for _, file in ipairs(files) do
    local ok, why = beside.free(file[1], file[2])
    if ok and file[3] and beside.exists(file[1]) then ok, why = beside.free(file[3], file[4]) end
    if not ok then return nil, ("%s: not written, for %s"):format(path, why) end
  end
  return true
end

-- Draws the script `body` and writes the result to `path`, and the script to the same path with suffix .gp. Neither is
-- written if that is a file that limn did not write.
-- -> path, warnings; or nil, message
function gnuplot.save(figure, body, path, format, header)
  local stem = path:gsub("%.[^./]*$", "")
  local script_path = stem .. ".gp"
  local base = stem:match("[^/]*$")
  local drawn = format == "gp" and "pdf" or format == "html" and "svg" or format
  local source = header .. gnuplot.terminal(figure, drawn) .. "\nset encoding utf8\n"
  if format == "tex" then
    if not base:match("^[%w][%w%-_.]*$") then
      return nil, string.format("cannot write %s: LaTeX reads the name of a .tex figure; "
        .. "use only letters, digits and - _ .", path)
    end
    source = source .. string.format("set output '%s-art.tex'\n", base)
  end
  source = source .. body .. (format == "tex" and "set output\n" or "")
  local kept, why = neighbours(path, stem, format)
  if not kept then return nil, why end
  kept, why = put(script_path, source)
  if not kept then return nil, ("%s: its script cannot be kept beside it: %s"):format(path, why) end
  if format == "gp" then return path end
  local wanted = format == "tex" and { base .. "-art.tex", base .. "-art.pdf" } or nil
  local result, message, kind = gnuplot.run(source, script_path, wanted)
  if kind == "missing" then return nil, string.format("gnuplot not found; the script was saved to %s", script_path) end
  if not result then return nil, string.format("%s: %s; the script is %s", path, message, script_path) end
  local about = metadata.of(figure)
  if format == "tex" then
    local art = stem .. "-art.pdf"
    local ok, reason = put(art, metadata.pdf(undate_pdf(result.files[wanted[2]]), about))
    if ok then ok, reason = put(path, latex.document(result.files[wanted[1]], path, base, about)) end
    if not ok then return nil, reason end
    return path, result.warnings
  end
  local data = result.out
  if #data == 0 or data:sub(1, #signatures[format]) ~= signatures[format] then
    return nil, string.format("%s: gnuplot drew nothing%s; the script is %s", path, result.warnings and ": "
      .. result.warnings or "", script_path)
  end
  if format == "pdf" then data = metadata.pdf(undate_pdf(data), about) end
  if format == "png" then data = metadata.png(data, about, figure.dpi) end
  if format == "svg" then data = sized_svg(data, figure) end
  if drawn == "svg" then data = metadata.svg(data, about, fonts.generic(figure.font)) end
  if format == "html" then data = html.document(data, figure, figure.groups, figure.group_count) end
  local ok, reason = put(path, data)
  if not ok then return nil, reason end
  return path, result.warnings
end

gnuplot.MARK = "# Drawn by limn" -- the beginning of every script
gnuplot.ENVIRONMENT = ENVIRONMENT
gnuplot.quote = text.quote

return gnuplot
