-- limn/report/faults.lua: the section of the report on deliberate faults: which rows and tests noticed each of them, from the
-- file that such a run wrote. A verdict that agrees means something only if it would have disagreed with a faulty limn.

local check = require "limn.base.check"
local native = require "limn.native"
local system = require "limn.base.system"
local parts = require "limn.report.parts"

local faults = {}
local escape = parts.escape

-- What a run found, {command=, count=, tally = {killed = n, ...}, faults = list}; or nil, message.
function faults.read(path)
  local text = system.text_of(path)
  if not text then return nil, "there is no such file" end
  local ok, found = pcall(native.json.decode, text)
  if not ok then return nil, check.first_line(tostring(found)) end
  if type(found) ~= "table" or type(found.tally) ~= "table" or type(found.faults) ~= "table" or type(found.count) ~= "number" then
    return nil, "it is no list of faults: expected fields command, count, tally and faults"
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
    local file = escape(f.file):gsub("/", "/<wbr>") -- lines break only there
    rows[i] = { escape(f.what), ('<code class="path">%s</code>'):format(file), noticed, listed(f.also) }
  end
  return ("<p>%d faults were put into a copy of limn, one at a time; %s. <code>%s</code> repeats it.</p>\n%s"):format(
    found.count, missed == 0 and "each was noticed" or ("<b>%d were not noticed</b>"):format(missed), escape(found.command or ""),
    parts.table({ "fault", "file", "noticed by", "other rows that turn" }, rows, { caption = "Deliberate faults." }))
end

return faults
