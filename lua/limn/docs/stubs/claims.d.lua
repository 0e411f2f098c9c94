---@meta limn.claims
-- claims.d.lua: predictions against measurements.

---The ledger of claims: what was predicted, what was measured, and whether they agree.
---@class limn.lib.claims
local claims = {}

---A new, empty ledger.
---Errors: raises when title is no string.
---```lua
---local ledger = limn.claims.new "coins"
---ledger:row { claim = "share of heads", predicted = 0.5, measured = 0.49, interval = { 0.47, 0.51 } }
---print(ledger:text())
---```
---@param title? string (default "")
---@return limn.claims
function claims.new(title) end

---Mean and Student's interval of the mean.
---Errors: raises for fewer than 2 measurements.
---Source: mean -+ t sqrt(s^2 / n).
---```lua
---local mean, interval = limn.claims.interval { 1, 2, 3 }
---print(mean, interval[1], interval[2])
---```
---@param values table|limn.array independent measurements
---@param level? number (default 0.95)
---@return number mean
---@return number[] {low, high}
function claims.interval(values, level) end

---A number that independent measurements give together, with its interval by the jackknife.
---Errors: raises for fewer than 2 measurements.
---Source: Tukey 1958: the statistic with each measurement left out once, spread times (n - 1)/sqrt(n).
---```lua
---local pairs_ = { { 1, 2.1 }, { 2, 3.9 }, { 3, 6.2 } }
---print(limn.claims.jackknife(pairs_, function(list)
---  local a, b = 0, 0
---  for _, p in ipairs(list) do a, b = a + p[1], b + p[2] end
---  return b / a
---end))
---```
---@param list table independent measurements, of any kind
---@param statistic fun(list: table): number
---@param level? number (default 0.95)
---@return number
---@return number[] {low, high}
function claims.jackknife(list, statistic, level) end

---Slope of y against x by least squares.
---Errors: raises for lists of different length, fewer than 2 points, or one value of x only.
---Source: ordinary least squares; the error is that of independent, equal scatter about the line.
---```lua
---print(limn.claims.slope({ 1, 2, 3 }, { 2.1, 3.9, 6.2 }))
---```
---@param x table|limn.array
---@param y table|limn.array
---@return number slope
---@return number error standard error of the slope; nan for two points
---@return number at_zero the line at x = 0
function claims.slope(x, y) end

---The t with P(|T| <= t) = level for Student's distribution.
---Errors: raises for less than 1 degree of freedom or a level outside 0 .. 0.999.
---```lua
---print(limn.claims.student(11, 0.95))
---```
---@param degrees integer degrees of freedom
---@param level number
---@return number
function claims.student(degrees, level) end

---A ledger: a list of rows, each a claim.
---@class limn.claims
---@field title string
---@field rows table[]
local ledger = {}

---@class limn.claims.row.options
---@field claim string
---@field measured number|string
---@field predicted? number|string
---@field interval? table {low, high} of the measurement
---@field tolerance? number relative, widens the interval (default 0)
---@field verdict? string "agrees", "refines" or "disagrees" (default from the numbers)
---@field id? string (default "")
---@field note? string (default "")

---Adds a row. A measurement agrees when the prediction lies in its interval.
---Errors: raises when there are neither numbers nor a verdict.
---```lua
---print(limn.claims.new():row { claim = "pi", predicted = 3.14, measured = math.pi, tolerance = 1e-3 })
---```
---@param options limn.claims.row.options
---@return string verdict
function ledger:row(options) end

---The table as text, columns aligned.
---Errors: none.
---```lua
---local ledger = limn.claims.new()
---ledger:row { claim = "one", predicted = 1, measured = 1 }
---print(ledger:text())
---```
---@return string
function ledger:text() end

---Writes title and table.
---Errors: raises when file is no file.
---```lua
---limn.claims.new("nothing yet"):print()
---```
---@param file? file* (default io.stdout)
function ledger:print(file) end

---How many rows have that verdict.
---Errors: none.
---```lua
---print(limn.claims.new():count "agrees")
---```
---@param verdict string
---@return integer
function ledger:count(verdict) end

return claims
