-- report.lua: what a run of the mutants prints and writes.

local json = require("limn.native").json

local report = {}

function report.list(faults)
  for _, f in ipairs(faults) do print(("%-34s %s: %s"):format(f.name, f.file, f.what)) end
  return true
end

-- One line as soon as a fault is judged.
function report.line(r, fresh)
  local said = r.status == "killed" and table.concat(r.by, "; ") or r.detail
  if #said > 150 then said = said:sub(1, 147) .. "..." end
  print(("%-12s %-34s %s  %s"):format(r.status, r.name, fresh and ("%3d s"):format(r.seconds) or " kept", said))
  io.stdout:flush()
end

local function cell(text) return (tostring(text):gsub("[|\n]", " ")) end

-- The table of a document: fault, file, who noticed.
local function markdown(results, tally)
  local out = { ("%d faults: %s."):format(#results, tally), "", "| fault | file | result | noticed by | other rows that turn |",
    "|---|---|---|---|---|" }
  for _, r in ipairs(results) do
    local by = r.status == "killed" and table.concat(r.by, "; ") or r.detail
    out[#out + 1] = ("| %s | %s | %s | %s | %s |"):format(cell(r.what), r.file, r.status, cell(by), cell(table.concat(r.also, "; ")))
  end
  return table.concat(out, "\n") .. "\n"
end

-- How many faults each script, spec and test notices, most first.
local function catchers_of(results)
  local count, names = {}, {}
  for _, r in ipairs(results) do
    local seen = {}
    for _, by in ipairs(r.by) do
      local who = by:match "^[^:]+"
      if not seen[who] then
        seen[who] = true
        if not count[who] then names[#names + 1] = who end
        count[who] = (count[who] or 0) + 1
      end
    end
  end
  table.sort(names, function(a, b) return count[a] > count[b] or count[a] == count[b] and a < b end)
  local out = {}
  for i, who in ipairs(names) do out[i] = ("%s %d"):format(who, count[who]) end
  return table.concat(out, ", ")
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

-- The summary; writes DIR.json and DIR.md. True if every fault was killed.
function report.all(results, dir)
  local count, kinds, seconds = {}, {}, 0
  for _, r in ipairs(results) do
    if not count[r.status] then kinds[#kinds + 1] = r.status end
    count[r.status] = (count[r.status] or 0) + 1
    seconds = seconds + r.seconds
  end
  table.sort(kinds)
  local tally = {}
  for i, kind in ipairs(kinds) do tally[i] = ("%d %s"):format(count[kind], kind) end
  tally = table.concat(tally, ", ")
  write(dir .. ".json", json.encode { command = "make mutants", count = #results, tally = count, seconds = seconds,
    faults = json.list(results) })
  write(dir .. ".md", markdown(results, tally))
  print(("\n%d faults: %s; %d s. Noticed by: %s\nWritten: %s.json, %s.md"):format(#results, tally, seconds, catchers_of(results), dir, dir))
  return count.killed == #results
end

return report
