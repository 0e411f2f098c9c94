-- limn/claims/table.lua: a ledger as text for people, and as plain tables for files.

local plan = require "limn.claims.plan"

local out = {}

local function number(v)
  if type(v) ~= "number" then return v == nil and "" or tostring(v) end
  if math.type(v) == "integer" or (v % 1 == 0 and math.abs(v) < 1e7) then return ("%d"):format(v) end
  return ("%.5g"):format(v)
end

-- A level to six digits: 0.95, 0.998333.
function out.level(level)
  return level and (("%.6f"):format(level):gsub("0+$", "")) or ""
end

-- A statement with what it allows: "15 +-2 %", "> 0.5".
local function statement(row, side)
  local value = row[side]
  if value == nil then return "" end
  if row.test == "above" or row.test == "below" then
    local bound = row.threshold or value
    return (row.test == "above" and "> " or "< ") .. (bound == plan.later and "measured law" or number(bound))
  end
  local half = row.bound or row.margin
  local text = value == plan.later and "measured law" or number(value)
  if not half then return text end
  return ("%s ±%s"):format(text, row.relative and number(100 * half) .. " %" or number(half))
end
out.statement = statement

local function interval_text(interval)
  return interval and ("[%s, %s]"):format(number(interval[1]), number(interval[2])) or ""
end

-- What changed, what was judged before, what is missing, then what the script remarks.
function out.note(row)
  local parts = {}
  for _, text in ipairs { row.changed or "", row.estimate and row.looks or "", row.reason or "", row.note or "" } do
    if text ~= "" then parts[#parts + 1] = text end
  end
  return table.concat(parts, "; ")
end

local HEAD = { "", "claim", "essay", "theory", "measured", "interval", "level", "on essay", "on theory", "" }
local RIGHT = { [3] = true, [4] = true, [5] = true }

local function cells(row)
  return { row.id, row.claim, statement(row, "essay"), statement(row, "theory"), number(row.measured),
    interval_text(row.interval), out.level(row.level), row.essay_verdict, row.theory_verdict, out.note(row) }
end

-- Lines of cells, the first of them the heads, as aligned columns; columns without an entry are left out. right: the
-- columns that are flush right.
function out.aligned(lines, right)
  local width, used, text = {}, {}, {}
  for i, line in ipairs(lines) do
    for j, cell in ipairs(line) do
      width[j], used[j] = math.max(width[j] or 0, utf8.len(cell) or #cell), used[j] or i > 1 and cell ~= ""
    end
  end
  for i, line in ipairs(lines) do
    local parts = {}
    for j, cell in ipairs(line) do
      local pad = (" "):rep(width[j] - (utf8.len(cell) or #cell))
      if used[j] then parts[#parts + 1] = right[j] and pad .. cell or cell .. pad end
    end
    text[i] = table.concat(parts, "  "):gsub("%s+$", "")
  end
  return table.concat(text, "\n")
end

-- The rows as text.
function out.text(rows)
  local lines = { HEAD }
  for i, row in ipairs(rows) do lines[i + 1] = cells(row) end
  return out.aligned(lines, RIGHT)
end

-- Everything about a row, as a table without functions.
function out.plain(row)
  local estimate = row.estimate
  return { key = row.key, id = row.id, claim = row.claim, essay = row.essay, theory = row.theory, test = row.test,
    margin = row.margin, relative = row.relative, bound = row.bound, threshold = row.threshold, refines = row.refines,
    spread = row.spread, level = row.level, measured = row.measured, low = row.interval and row.interval[1],
    high = row.interval and row.interval[2], n = estimate and estimate.n, sd = estimate and estimate.sd,
    method = estimate and estimate.method, essay_verdict = row.essay_verdict, theory_verdict = row.theory_verdict,
    note = out.note(row), changed = row.changed, command = row.command }
end

return out
