-- limn/report/findings.lua: whether the section of scripts/README.md on where the essay is imprecise agrees with the rows.

local readme = require "limn.report.readme"

local findings = {}

findings.section = "Where the essay is imprecise"

-- The claims with rows whose verdict on the essay is "disagrees" or "refines" and that the section does not link, and those
-- that it links although rows of them agree and none has such a verdict: two lists of {id=, rows=} in order.
function findings.differences(list, rows)
  local named, against, agree = {}, {}, {}
  for number in (list.sections[findings.section] or ""):gmatch "%(#a(%d+)%-" do named["A" .. number] = true end
  for _, row in ipairs(rows) do
    for _, id in ipairs(readme.ids(row.id)) do
      local verdict = row.essay_verdict
      if verdict == "agrees" then agree[id] = (agree[id] or 0) + 1 end
      if verdict == "disagrees" or verdict == "refines" then against[id] = (against[id] or 0) + 1 end
    end
  end
  local unnamed, without = {}, {}
  for _, claim in ipairs(list.claims) do
    local id = claim.id
    if against[id] and not named[id] then unnamed[#unnamed + 1] = { id = id, rows = against[id] } end
    if named[id] and agree[id] and not against[id] then without[#without + 1] = { id = id, rows = agree[id] } end
  end
  return unnamed, without
end

local function names(found)
  local out = {}
  for i, f in ipairs(found) do out[i] = ("%s (%d row%s)"):format(f.id, f.rows, f.rows == 1 and "" or "s") end
  return table.concat(out, ", ")
end

-- The differences as sentences, a list; empty if there are none or if the folder has no such section.
function findings.remarks(list, rows)
  local out = {}
  if not list.sections[findings.section] then return out end
  local unnamed, without = findings.differences(list, rows)
  if #unnamed > 0 then out[#out + 1] = "Disagree with the essay, or refine it, and are not in the list: " .. names(unnamed) .. "." end
  if #without > 0 then out[#out + 1] = "In the list, and no row disagrees with the essay: " .. names(without) .. "." end
  return out
end

return findings
