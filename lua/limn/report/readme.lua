-- limn/report/readme.lua: what scripts/README.md says about the claims. It is the one source of their statements, for the
-- documentation site and for the report.

local system = require "limn.base.system"

local readme = {}

local MINUTES = { s = 1 / 60, min = 1, h = 60 }

-- { claims = { { id = "A6", number = 6, title =, anchor text =, group =, text = Markdown } ... }, by_id =,
--   sections = { [title] = Markdown }, minutes = { [script] = cost of the declared grid } }
function readme.parse(text)
  local out = { claims = {}, by_id = {}, sections = {}, minutes = {} }
  local group, into = nil, {}
  local function close(lines) return (table.concat(lines, "\n"):gsub("^%s+", ""):gsub("%s+$", "")) end
  local open = {} -- { lines, where the text goes }
  local function finish()
    if open.put then open.put(close(into)) end
    into, open = {}, {}
  end
  for line in (text:gsub("\n*$", "\n")):gmatch "(.-)\n" do
    local heading, id, title = line:match "^## (.*)$", line:match "^### (A%d+): (.*)$"
    local script, unit_cost = line:match "^| `([%w_]+)` |.*| ([%d.]+ %a+) |$"
    if script then
      local n, unit = unit_cost:match "^(%S+) (%a+)$"
      if tonumber(n) and MINUTES[unit] then out.minutes[script] = tonumber(n) * MINUTES[unit] end
    end
    if heading then
      finish()
      group = heading
      open.put = function(body) out.sections[heading] = body end
    elseif id then
      finish()
      local claim = { id = id, number = math.tointeger(id:sub(2)), title = title, group = group, heading = id .. ": " .. title }
      out.claims[#out.claims + 1], out.by_id[id] = claim, claim
      open.put = function(body) claim.text = body end
    else into[#into + 1] = line end
  end
  finish()
  table.sort(out.claims, function(a, b) return a.number < b.number end)
  return out
end

-- Reads the list of claims of a folder of scripts; an empty one if there is none.
function readme.read(folder) return readme.parse(system.text_of(folder .. "/README.md") or "") end

-- The claims that a row belongs to: "A4, A24" -> { "A4", "A24" }.
function readme.ids(text)
  local ids = {}
  for id in (text or ""):gmatch "A%d+" do ids[#ids + 1] = id end
  return ids
end

return readme
