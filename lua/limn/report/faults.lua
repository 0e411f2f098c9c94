-- limn/report/faults.lua: the section of the report on deliberate faults: which rows and tests noticed each of them, as
-- `make mutants` wrote it. A verdict that agrees means something only if it would have disagreed with a faulty limn.

local check = require "limn.base.check"
local native = require "limn.native"
local system = require "limn.base.system"
local parts = require "limn.report.parts"

local faults = {}
local escape = parts.escape

-- Where `make mutants` writes: beside the folder of the scripts.
function faults.file(folder) return folder .. "/../build/mutants.json" end

-- What a run of the mutants found, {count=, tally = {killed = n, ...}, faults = list}; nil without the file; nil, message for
-- one that is something else.
function faults.read(path)
  local text = system.text_of(path)
  if not text then return nil end
  local ok, found = pcall(native.json.decode, text)
  if not ok then return nil, check.first_line(tostring(found)) end
  if type(found) ~= "table" or type(found.tally) ~= "table" or type(found.faults) ~= "table" then
    return nil, "it does not hold what `make mutants` writes"
  end
  return found
end

local function listed(names)
  local out = {}
  for i, name in ipairs(names or {}) do out[i] = escape(name) end
  return table.concat(out, "<br>")
end

-- The section's HTML.
function faults.html(found)
  local rows, missed = {}, found.count - (found.tally.killed or 0)
  for i, f in ipairs(found.faults) do
    local noticed = f.status == "killed" and listed(f.by) or ("<b>%s</b>: %s"):format(escape(f.status), escape(f.detail or ""))
    rows[i] = { escape(f.what), ("<code>%s</code>"):format(escape(f.file)), noticed, listed(f.also) }
  end
  return ("<p>%d faults were put into a copy of limn, one at a time; %s. <code>make mutants</code> repeats it.</p>\n%s"):format(
    found.count, missed == 0 and "each was noticed" or ("<b>%d were not noticed</b>"):format(missed),
    parts.table({ "fault", "file", "noticed by", "other rows that turn" }, rows, { caption = "Deliberate faults." }))
end

return faults
