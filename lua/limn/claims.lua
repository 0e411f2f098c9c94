-- limn/claims.lua: the ledger of claims: what was predicted, what was measured, and whether they agree.
--   ledger = claims.new "complexity against data"
--   ledger:row { id = "A18", claim = "D* at C = 10", predicted = 1023, measured = 1022.1, interval = {1019, 1026} }
--   ledger:print()
-- The verdict follows from the numbers unless the row says "refines" itself: a measurement agrees when
-- the prediction lies in its interval, widened by `tolerance` (relative) where the row gives one.

local native = require("limn.native").stats
local check = require "limn.base.check"
local leave_one_out = require "limn.base.leave_one_out"

local claims = {}

-- ---- intervals ---------------------------------------------------------------------------------------

-- These are the estimates of limn.stats under the names that experiments use.

-- The t with P(|T| <= t) = level, k degrees of freedom.
function claims.student(k, level)
  local who = "claims.student"
  check.value(who, "degrees of freedom", k, { type = "integer", required = true, min = 1, max = 1000000 })
  check.value(who, "level", level, { type = "number", required = true, min = 0, max = 0.999 })
  return native.t_critical(who, level, k)
end

-- Mean and Student's interval of the mean from a list of at least two independent measurements.
function claims.interval(values, level)
  local who = "claims.interval"
  return native.mean(who, check.array(who, "values", values), level)
end

-- statistic(list), a number that independent measurements give together (a ratio of means, a fitted slope), with its
-- interval by the jackknife.
function claims.jackknife(list, statistic, level)
  local who = "claims.jackknife"
  local all, without = leave_one_out(who, list, statistic)
  return all, (native.jackknife(who, all, without, level))
end

-- Slope of y against x by least squares, its standard error (nan for two points), and the line's value at x = 0.
function claims.slope(x, y)
  local who = "claims.slope"
  local slope, _, error_, at_zero = native.slope(who, check.array(who, "x", x), check.array(who, "y", y))
  return slope, error_, at_zero
end

-- ---- the ledger ----------------------------------------------------------------------------------------

local Ledger = { __name = "limn.claims" }
Ledger.__index = Ledger

function claims.new(title)
  title = check.value("claims.new", "title", title, { type = "string", default = "" })
  return setmetatable({ title = title, rows = {} }, Ledger)
end

function Ledger:__tostring() return ("limn.claims %q: %d rows"):format(self.title, #self.rows) end

local rules = {
  id = { type = "string", default = "" },
  claim = { type = "string", required = true },
  predicted = { type = "any" }, -- a number, or text
  measured = { type = "any", required = true },
  interval = { type = "table" },
  tolerance = { type = "number", min = 0, default = 0 },
  verdict = { type = "string", one_of = { "agrees", "refines", "disagrees" } },
  note = { type = "string", default = "" },
}

local function verdict(row)
  local p, m = row.predicted, row.measured
  if type(p) ~= "number" or type(m) ~= "number" or p ~= p or m ~= m then return "disagrees" end
  local low, high = m, m
  if row.interval then low, high = row.interval[1], row.interval[2] end
  local slack = row.tolerance * math.max(math.abs(p), math.abs(m))
  return p >= low - slack and p <= high + slack and "agrees" or "disagrees"
end

-- Adds a row and returns its verdict.
function Ledger:row(options)
  local row = check.options("claims:row", options, rules)
  if row.verdict == nil then
    if type(row.predicted) ~= "number" or type(row.measured) ~= "number" then
      check.fail("claims:row: %q needs a verdict, or numbers for predicted and measured", row.claim)
    end
    row.verdict = verdict(row)
  end
  self.rows[#self.rows + 1] = row
  return row.verdict
end

local function number(v)
  if type(v) ~= "number" then return v == nil and "" or tostring(v) end
  if math.type(v) == "integer" or (v % 1 == 0 and math.abs(v) < 1e7) then return ("%d"):format(v) end
  return ("%.5g"):format(v)
end

local function cells(row)
  local interval = row.interval and ("[%s, %s]"):format(number(row.interval[1]), number(row.interval[2])) or ""
  return { row.id, row.claim, number(row.predicted), number(row.measured), interval, row.verdict, row.note }
end

-- The table as text, columns aligned.
function Ledger:text()
  local head = { "", "claim", "predicted", "measured", "interval", "verdict", "" }
  local lines, width = { head }, {}
  for _, row in ipairs(self.rows) do lines[#lines + 1] = cells(row) end
  for _, line in ipairs(lines) do
    for j, cell in ipairs(line) do width[j] = math.max(width[j] or 0, utf8.len(cell) or #cell) end
  end
  local out = {}
  for _, line in ipairs(lines) do
    local parts = {}
    for j, cell in ipairs(line) do
      local pad = (" "):rep(width[j] - (utf8.len(cell) or #cell))
      if width[j] > 0 then parts[#parts + 1] = (j == 3 or j == 4) and pad .. cell or cell .. pad end
    end
    out[#out + 1] = (table.concat(parts, "  "):gsub("%s+$", ""))
  end
  return table.concat(out, "\n")
end

function Ledger:print(file)
  file = file or io.stdout
  if self.title ~= "" then file:write(self.title, "\n") end
  file:write(self:text(), "\n")
end

-- How many rows have that verdict.
function Ledger:count(which)
  local n = 0
  for _, row in ipairs(self.rows) do if row.verdict == which then n = n + 1 end end
  return n
end

check.sealed("claims:", Ledger)
return check.sealed("claims.", claims)
