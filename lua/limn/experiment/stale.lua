-- limn/experiment/stale.lua: cells of a store whose key has changed: which function, value or file it was, what the cells
-- cost, and whether they may be computed again unasked.

local native = require "limn.native"
local inputs = require "limn.experiment.inputs"
local keys = require "limn.experiment.key"

local stale = {}

local FREE = 60 -- seconds of recorded work that are computed again without asking
local MOST_NAMED = 4

-- "1:02:03", "2:03" or "4.5 s".
local function duration(seconds)
  if seconds < FREE then return ("%.3g s"):format(seconds) end
  local whole = math.floor(seconds + 0.5)
  local hours, minutes = whole // 3600, whole // 60 % 60
  if hours > 0 then return ("%d:%02d:%02d h"):format(hours, minutes, whole % 60) end
  return ("%d:%02d min"):format(minutes, whole % 60)
end

local function list(names)
  local out = table.move(names, 1, math.min(#names, MOST_NAMED), 1, {})
  if #names > MOST_NAMED then out[#out + 1] = ("%d more"):format(#names - MOST_NAMED) end
  return table.concat(out, ", ")
end

-- What has changed, in words. about: see Store:resume; code: of provenance.code.
function stale.reason(kept, code, about)
  local last
  for run in pairs(about.runs) do last = math.max(last or run, run) end
  local parts = {}
  if last then
    local key = kept:runs(last)[1].facts.key
    if not key then parts[1] = "an older limn computed them, which took the whole text of the script for their code"
    else
      local changed = keys.difference(key.parts, code.key.parts)
      parts[1] = #changed > 0 and "changed: " .. list(changed) or "the values that measure uses are connected in another way"
    end
  end
  if #about.files > 0 then parts[#parts + 1] = "changed: " .. list(about.files) end
  return table.concat(parts, "; ")
end

-- What is published of stale cells that are taken as they are: how many, and the hashes of the code that computed them; nil
-- without such cells. Where only the files that cells have read are others, the list of hashes is empty.
function stale.taken(kept, n, about)
  if n == 0 then return nil end
  local codes, known = {}, {}
  for id in pairs(about.runs) do
    local code = kept:sql("SELECT code FROM run WHERE id = ?", id)[1][1]
    if not known[code] then known[code], codes[#codes + 1] = true, code end
  end
  table.sort(codes)
  return { cells = n, codes = codes }
end

-- The line on what a store holds of a sweep. o: the options of run.
function stale.line(name, o, held, left, n, reason, about)
  local text = ("%s: %d of %d cells are in %s"):format(name, held, held + left, o.store)
  if n == 0 then return text end
  if o.stale then return ("%s; %d are stale (%s) and are taken as they are"):format(text, n, reason) end
  return ("%s; %d are stale (%s); they took %s; %s"):format(text, n, reason, duration(about.seconds),
    o.plot_only and "--stale takes them as they are"
      or "they are computed again (--stale takes them as they are, --fresh discards all that the store holds)")
end

-- Prints which files have changed since cells of this run read them -> whether any has. kept: the store; without one, read:
-- for inputs.outdated.
function stale.meanwhile(name, kept, read)
  local files, n
  if kept then files, n = kept:outdated() else files, n = inputs.outdated(read) end
  if n == 0 then return false end
  local one = n == 1
  io.stderr:write(("%s: %s changed while the sweep ran; %s that read %s before %s stale%s\n"):format(name, list(files),
    one and "1 cell" or n .. " cells", #files == 1 and "it" or "them", one and "is" or "are",
    kept and ("; the same command computes %s again"):format(one and "it" or "them") or ""))
  return true
end

-- Why stale cells must not be computed again, or nil. o.yes: asked before.
function stale.refusal(name, o, n, about)
  if n == 0 or o.stale or o.yes or about.seconds <= FREE then return nil end
  local cost = ("%d stale cells took %s"):format(n, duration(about.seconds))
  if not o.quiet and native.posix.terminal(0) and native.posix.terminal(2) then
    io.stderr:write(("%s: %s; compute them again? [y/N] "):format(name, cost))
    io.stderr:flush()
    local answer = io.read "l"
    if answer and answer:lower():match "^%s*y" then return nil end
  end
  return ("%s and are not computed again unasked: --stale takes them as they are, --fresh computes all cells again"):format(cost)
end

return stale
