-- sequences.lua: how well does the mixture of all programs of a Turing-complete language predict bit sequences, and how much do code
-- lengths under different languages differ?
--
-- Every program of at most `bits` bits of limn.programs.sequences is run for at most 1000 operations, in 14 parts, one for each
-- cell: an unfinished enumeration resumes. The sequences are their first 16 printed bits; read as truth tables of 4 inputs they have
-- code lengths under limn's circuits and stack machine as well.
--
-- Theory. For every sequence of shortest program K the squared errors of the mixture's predictions add up to at most
-- (ln 2 / 2) K (Solomonoff 1978). Code lengths under two languages differ by at most a constant, the length of an interpreter of one
-- in the other; on a finite list of sequences that is no statement, and the differences are described. Only sequences listed under
-- both languages are compared: none is extrapolated.
--
-- Margins, declared before the first run. Errors beyond the bound: a bound of 1e-9, an identity. Kraft sum of all codes 1 - (7/8)^m for m
-- operations at most: a bound of 1e-12.
--
-- Cost: ten seconds on two cores; with --set bits=30 a minute.

local limn = require "limn"

local LENGTH, PARTS = 16, 14
local LANGUAGES = { "circuits", "stack" }

local function measure(point)
  local s = limn.programs.sequences { length = LENGTH, max_bits = point.bits, part = point.part, parts = PARTS }
  local listed = {}
  for x, k in ipairs(s.bits:totable()) do if k < math.huge then listed[#listed + 1] = x end end
  local out = { silent = s.silent, invalid = s.invalid, programs = s.programs, count = #listed }
  if #listed > 0 then
    out.index, out.weight, out.least = limn.array(listed), s.weight:take(listed), s.bits:take(listed)
  end
  return out
end

-- ---- from cells to claims ----------------------------------------------------------------------------------------

-- The parts put together; nil if one is missing.
local function joined(results)
  local rows = results:rows()
  if #rows < PARTS then return nil end
  local s = limn.programs.sequences { length = LENGTH, max_bits = 6 } -- of the class; its own programs are in the parts
  s.weight, s.bits = s.weight * 0, s.bits * 0 + math.huge
  s.silent, s.invalid, s.programs = 0, 0, 0
  for x = 1, 1 << LENGTH do s.bits:set(x, math.huge) end
  for _, row in ipairs(rows) do
    s.silent, s.invalid, s.programs = s.silent + row.silent, s.invalid + row.invalid, s.programs + row.programs
    for i = 1, row.count do
      local x = math.tointeger(row.index[i])
      s.weight:set(x, s.weight[x] + row.weight[i])
      s.bits:set(x, math.min(s.bits[x], row.least[i]))
    end
  end
  return s
end

-- Code lengths of the sequences that both list: under the tape language and under `language`.
local function both(s, language)
  local space = limn.programs.space { inputs = 4, language = language, max_bits = 24 }
  local x, y = {}, {}
  for i, k in ipairs(s.bits:totable()) do
    local found = k < math.huge and space:find(i - 1)
    if found then x[#x + 1], y[#y + 1] = k, space.bits[found] end
  end
  return x, y
end

local function claims(params)
  local rows = {
    { id = "A38", key = "errors", claim = "sum of squared errors beyond (ln 2 / 2) K, over it: largest", theory = 0, bound = 1e-9 },
    { id = "A38", key = "kraft", claim = "sum of 2^-length of all codes", theory = 1 - (7 / 8) ^ (params.bits // 3), bound = 1e-12 },
    { id = "A38", key = "used", claim = "sum of squared errors over (ln 2 / 2) K, mean over sequences", describe = true },
  }
  for _, language in ipairs(LANGUAGES) do
    rows[#rows + 1] = { id = "A8", key = "largest " .. language,
      claim = ("code length on the tape minus under %s: largest"):format(language),
      describe = true }
    rows[#rows + 1] = { id = "A8", key = "mean " .. language, claim = ("code length on the tape minus under %s: mean"):format(language),
      describe = true }
  end
  return rows
end

local function report(results, ledger)
  local s = joined(results)
  if not s then return end
  local errors, beyond, used = s:errors():totable(), 0, {}
  for x, k in ipairs(s.bits:totable()) do
    if k < math.huge then
      local part = errors[x] / (math.log(2) / 2 * k)
      beyond = math.max(beyond, part - 1)
      used[#used + 1] = part
    end
  end
  local note = { note = ("%d programs, %d sequences"):format(s.programs, #used) }
  ledger:measure("errors", limn.claims.largest { beyond }, note)
  ledger:measure("kraft", limn.claims.exact(s.weight:sum() + s.silent + s.invalid), { note = ("%.3g silent, %.3g invalid"):format(s.silent,
    s.invalid) })
  ledger:measure("used", limn.claims.mean(used))
  for _, language in ipairs(LANGUAGES) do
    local x, y = both(s, language)
    local off, largest = {}, -math.huge
    for i = 1, #x do
      off[i] = x[i] - y[i]
      largest = math.max(largest, math.abs(off[i]))
    end
    local also = { note = ("%d sequences listed under both"):format(#x) }
    ledger:measure("largest " .. language, #x > 0 and limn.claims.exact(largest) or nil, also)
    ledger:measure("mean " .. language, #x > 1 and limn.claims.mean(off) or nil, also)
  end
end

-- ---- the figure ----------------------------------------------------------------------------------------------------

local function plot(results)
  local fig = limn.plot.figure { rows = 1, cols = 2, size = { 7.2, 3 }, letters = true }
  local p = fig:panel(1, 1, { x = { label = "K (bits)" }, y = { label = "sum of squared errors" }, legend = "top left" })
  local q = fig:panel(1, 2, { x = { label = "K under the other language (bits)" }, y = { label = "K on the tape (bits)" },
    legend = "bottom right" })
  local s = joined(results)
  if not s then return fig end
  local x, y, errors = {}, {}, s:errors():totable()
  for i, k in ipairs(s.bits:totable()) do if k < math.huge then x[#x + 1], y[#y + 1] = k, errors[i] end end
  p:points { x = x, y = y, color = 1, mark = "circle", label = "sequences" }
  p:line { x = { 0, limn.array(x):max() }, y = { 0, math.log(2) / 2 * limn.array(x):max() }, color = "black", mark = false, law = true,
    label = "(ln 2 / 2) K" }
  for i, language in ipairs(LANGUAGES) do
    local tape, other = both(s, language)
    if #tape > 0 then
      q:points { x = limn.array(other) + 0.3 * (i - 1), y = tape, color = i + 1, mark = i == 1 and "circle" or "osquare",
        label = language }
    end
  end
  return fig
end

return limn.experiment {
  name = "sequences",
  question = "How well does the mixture of all programs predict bit sequences, and how much do code lengths depend on the language?",
  params = {
    part = { default = 1, help = "part of the enumeration", min = 1, max = PARTS },
    bits = { default = 27, help = "the longest code", min = 6, max = 33 },
  },
  grid = { part = "1:14" },
  reps = 1,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
