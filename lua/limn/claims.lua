-- limn/claims.lua: the ledger of claims: what was predicted, what was measured, and whether they agree.
--   ledger = claims.new "complexity against data"
--   ledger:row { id = "A18", claim = "D* at C = 10", predicted = 1023, measured = 1022.1, interval = {1019, 1026} }
--   ledger:print()
-- The verdict follows from the numbers unless the row says "refines" itself: a measurement agrees when
-- the prediction lies in its interval, widened by `tolerance` (relative) where the row gives one.

local check = require "limn.base.check"

local claims = {}

-- ---- intervals ---------------------------------------------------------------------------------------

-- Student's t with k degrees of freedom: P(|T| <= t), and the density at t. With tan a = t/sqrt(k) the probability is a
-- finite sum of powers of cos a (Abramowitz and Stegun 26.7.3-4); for large k Simpson's rule on cos(a)^(k-1).
local function student_at(t, k)
  local a = math.atan(t / math.sqrt(k))
  local sine, square = math.sin(a), math.cos(a) ^ 2
  if k <= 1000 then
    local odd = k % 2 == 1
    local term, sum = odd and math.cos(a) or 1.0, 0.0
    for m = odd and 3 or 2, k, 2 do
      sum = sum + term
      term = term * square * (m - 1) / m
    end
    local p = sine * sum
    if odd then p = 2 / math.pi * (a + p) end
    local ratio = odd and 1 / math.sqrt(math.pi) or math.sqrt(math.pi) / 2
    for j = odd and 1 or 2, k - 1 do ratio = j / 2 / ratio end -- Gamma((k+1)/2)/Gamma(k/2), from r(j) r(j+1) = j/2
    return p, ratio / math.sqrt(math.pi * k) * square ^ ((k + 1) / 2)
  end
  local ratio = math.sqrt(k / 2) * (1 - 1 / (4 * k) + 1 / (32 * k ^ 2) + 5 / (128 * k ^ 3) - 21 / (2048 * k ^ 4))
  local scale, steps, sum = ratio / math.sqrt(math.pi), 200, 0
  for i = 0, steps do
    sum = sum + math.cos(a * i / steps) ^ (k - 1) * ((i == 0 or i == steps) and 1 or i % 2 == 1 and 4 or 2)
  end
  return 2 * scale * sum * a / steps / 3, scale / math.sqrt(k) * square ^ ((k + 1) / 2)
end

-- The t with P(|T| <= t) = level: Newton from 0, which the concave P never lets pass the answer.
function claims.student(k, level)
  check.value("claims.student", "degrees of freedom", k, { type = "integer", required = true, min = 1, max = 1000000 })
  check.value("claims.student", "level", level, { type = "number", required = true, min = 0, max = 0.999 })
  local t = 0
  for _ = 1, 100 do
    local p, density = student_at(t, k)
    local step = (level - p) / (2 * density)
    t = t + step
    if math.abs(step) <= 1e-14 * t then break end
  end
  return t
end

-- An array or a list of numbers; returns its length.
local function count(who, name, values)
  check.value(who, name, values, { type = "array", required = true, help = "a list of numbers" })
  for i = 1, #values do
    if type(values[i]) ~= "number" then
      check.fail("%s: %s[%d] must be a number, got %s", who, name, i, check.show(values[i]))
    end
  end
  return #values
end

-- Mean and Student's interval of the mean from a list of at least two independent measurements.
function claims.interval(values, level)
  local n = count("claims.interval", "values", values)
  if n < 2 then check.fail("claims.interval: expected at least 2 measurements, got %d", n) end
  local sum, square = 0, 0
  for i = 1, n do sum = sum + values[i] end
  local mean = sum / n
  for i = 1, n do square = square + (values[i] - mean) ^ 2 end
  local half = claims.student(n - 1, level or 0.95) * math.sqrt(square / (n - 1) / n)
  return mean, { mean - half, mean + half }
end

-- statistic(list), a number that independent measurements give together (a ratio of means, a fitted slope), with its
-- interval by the jackknife: each measurement is left out once (Tukey 1958).
function claims.jackknife(list, statistic, level)
  check.value("claims.jackknife", "list", list, { type = "array", required = true, help = "a list of measurements" })
  local n, without = #list, {}
  if n < 2 then check.fail("claims.jackknife: expected at least 2 measurements, got %d", n) end
  check.value("claims.jackknife", "statistic", statistic, { type = "function", required = true })
  local all, sum, square = statistic(list), 0, 0
  for i = 1, n do
    local rest = table.move(list, 1, i - 1, 1, {})
    without[i] = statistic(table.move(list, i + 1, n, i, rest))
    sum = sum + without[i]
  end
  for i = 1, n do square = square + (without[i] - sum / n) ^ 2 end
  local half = claims.student(n - 1, level or 0.95) * math.sqrt(square * (n - 1) / n)
  return all, { all - half, all + half }
end

-- Slope of y against x by least squares, its standard error (nan for two points), and the line's value at x = 0.
function claims.slope(x, y)
  local n, m = count("claims.slope", "x", x), count("claims.slope", "y", y)
  if n < 2 or n ~= m then check.fail("claims.slope: expected two lists of one length of at least 2, got %d and %d", n, m) end
  local sx, sy = 0, 0
  for i = 1, n do sx, sy = sx + x[i] / n, sy + y[i] / n end
  local sxx, sxy, left = 0, 0, 0
  for i = 1, n do sxx, sxy = sxx + (x[i] - sx) ^ 2, sxy + (x[i] - sx) * (y[i] - sy) end
  if sxx == 0 then check.fail "claims.slope: x has only one value" end
  local b = sxy / sxx
  for i = 1, n do left = left + (y[i] - sy - b * (x[i] - sx)) ^ 2 end
  return b, n > 2 and math.sqrt(left / (n - 2) / sxx) or 0 / 0, sy - b * sx
end

-- ---- the ledger ----------------------------------------------------------------------------------------

local Ledger = { __name = "limn.claims" }
Ledger.__index = Ledger

function claims.new(title)
  return setmetatable({ title = check.value("claims.new", "title", title, { type = "string", default = "" }), rows = {} }, Ledger)
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
  local row = check.options("claims.row", options, rules)
  if row.verdict == nil then
    if type(row.predicted) ~= "number" or type(row.measured) ~= "number" then
      check.fail("claims.row: %q needs a verdict, or numbers for predicted and measured", row.claim)
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

return claims
