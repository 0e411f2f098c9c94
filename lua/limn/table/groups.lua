-- limn/table/groups.lua: rows in groups, reduced to one row per group.

local native = require "limn.native"
local check = require "limn.base.check"
local class = require "limn.table.class"
local lists = require "limn.table.lists"
local pooled = require "limn.base.pooled"
local order = require "limn.table.order"
local rng = require "limn.rng"
local stats = require "limn.stats"

local Results = class.Results
local Groups = { __name = "limn.results.groups" }

-- groups[i] is the table of the i-th group, so that ipairs runs over them.
function Groups:__index(key)
  if math.type(key) then
    local group = rawget(self, "order")[key]
    return group and class.derived(rawget(self, "table"), group.rows)
  end
  return Groups[key]
end

local function grouped(self, who, ...)
  local by = { ... }
  if #by == 0 then check.fail("%s: name at least one column", who) end
  if #by == 1 and type(by[1]) == "table" then by = by[1] end
  by = class.names(self, who, "columns", by)
  local groups, sorted = {}, {}
  for i, row in ipairs(self.list) do
    local key, gap = order.keys(row, by)
    if not key and row[gap] == nil then
      check.fail("%s: row %d has no %q; results:complete(%q) leaves such rows out", who, i, gap, gap)
    elseif not key then
      check.fail("%s: %s must be numbers, texts or booleans, got %s in row %d", who, gap, check.show(row[gap]), i)
    end
    if not groups[key] then
      groups[key] = {}
      sorted[#sorted + 1] = groups[key]
    end
    table.insert(groups[key], i)
  end
  for k, places in ipairs(sorted) do sorted[k] = { rows = lists.pick(self.list, places) } end
  table.sort(sorted, function(a, b)
    for _, name in ipairs(by) do
      local c = order.compare(a.rows[1][name], b.rows[1][name])
      if c ~= 0 then return c < 0 end
    end
    return false
  end)
  return setmetatable({ by = by, order = sorted, table = self }, Groups)
end

-- Groups by one or more columns, in the order of their values. group is the older name of by.
function Results:by(...) return grouped(self, "results:by", ...) end
function Results:group(...) return grouped(self, "results:group", ...) end

function Groups:__tostring()
  return ("limn.results: %d groups by %s"):format(#self.order, table.concat(self.by, ", "))
end

function Groups:__len() return #self.order end

-- ---- reductions ----------------------------------------------------------------------------------------------------

-- The values of a column in a group as an array. All must be numbers.
local function values_of(self, who, group, column)
  local out = {}
  for i, row in ipairs(group.rows) do
    local v = row[column]
    if v == nil then
      check.fail("%s: a row with %s has no %q; results:complete(%q) leaves such rows out, and groups:summary counts them",
        who, class.place(row, self.by), column, column)
    elseif type(v) ~= "number" then
      check.fail("%s: %s must be a column of numbers, got %s", who, column, check.show(v))
    end
    out[i] = v
  end
  return native.array.array(out)
end

-- One row per group: the grouping columns, and what f(row, column, group) sets. suffixes: of the new columns.
local function reduce(self, who, given, suffixes, f)
  local columns, names, rows = class.names(self.table, who, "columns", given), { table.unpack(self.by) }, {}
  for _, column in ipairs(columns) do
    for _, suffix in ipairs(suffixes) do names[#names + 1] = column .. suffix end
  end
  class.names(class.new({}, names), who, "the table of groups", names)
  for i, group in ipairs(self.order) do
    local row = native.rows.new(#names)
    for _, name in ipairs(self.by) do row[name] = group.rows[1][name] end
    for _, column in ipairs(columns) do f(row, column, group) end
    rows[i] = row
  end
  return class.derived(self.table, rows, names)
end

local PLAIN = { "" }

for _, name in ipairs { "mean", "std", "min", "max", "sum" } do
  local who = ("groups:%s"):format(name)
  Groups[name] = function(self, columns)
    return reduce(self, who, columns, PLAIN, function(row, column, group)
      local v = values_of(self, who, group, column)
      row[column] = v[name](v)
    end)
  end
end

-- The number of rows of each group, in the column "count".
function Groups:count()
  local names, rows = { table.unpack(self.by) }, {}
  names[#names + 1] = "count"
  class.names(class.new({}, names), "groups:count", "the table of groups", names)
  for i, group in ipairs(self.order) do
    rows[i] = { count = #group.rows }
    for _, name in ipairs(self.by) do rows[i][name] = group.rows[1][name] end
  end
  return class.derived(self.table, rows, names)
end

local function quantile(self, who, columns, q)
  return reduce(self, who, columns, PLAIN, function(row, column, group)
    row[column] = values_of(self, who, group, column):quantile(q)
  end)
end

function Groups:quantile(columns, q) return quantile(self, "groups:quantile", columns, q) end
function Groups:median(columns) return quantile(self, "groups:median", columns, 0.5) end

-- Several quantiles at once: columns NAME_0.25, NAME_0.75, ...
function Groups:quantiles(columns, list)
  check.value("groups:quantiles", "list", list, { type = "table", required = true })
  local suffixes = {}
  for i, q in ipairs(list) do suffixes[i] = ("_%g"):format(q) end
  return reduce(self, "groups:quantiles", columns, suffixes, function(row, column, group)
    local v = values_of(self, "groups:quantiles", group, column)
    for i, q in ipairs(list) do row[column .. suffixes[i]] = v:quantile(q) end
  end)
end

-- The table with the remark, if any, that its groups hold rows of several values of a parameter.
local function with_pooled(self, out)
  local groups = {}
  for i, group in ipairs(self.order) do groups[i] = group.rows end
  local over = pooled(self.table.parameters, groups, self.by)
  if over then out.warning = out.warning and out.warning .. "; " .. over or over end
  return out
end

-- ---- intervals -----------------------------------------------------------------------------------------------------

local INTERVAL = { level = { type = "number", default = 0.95, min = 0, max = 1 },
  of = { type = "string", default = "mean", one_of = { "mean", "median", "std" } },
  method = { type = "string", one_of = { "student", "bootstrap" } },
  draws = { type = "integer", min = 10 }, seed = { type = "integer", min = 0 } }

-- The options of an interval. The percentile bootstrap covers too little for few rows, so that the mean has Student's
-- unless draws or seed, which only the bootstrap has, are given.
local function interval_options(options)
  local who = "groups:interval"
  local o = check.options(who, options, INTERVAL)
  if o.method == "student" and (o.of ~= "mean" or o.draws or o.seed) then
    check.fail("%s: method \"student\" is for of = \"mean\" without draws and seed; method = \"bootstrap\" takes these", who)
  end
  o.method = o.method or (o.of ~= "mean" or o.draws or o.seed) and "bootstrap" or "student"
  if o.method == "student" and (o.level <= 0 or o.level >= 1) then
    check.fail("%s: level must lie in (0, 1) for Student's interval, got %g; method = \"bootstrap\" takes it", who, o.level)
  end
  o.draws, o.seed = o.draws or 2000, o.seed or 1
  return o
end

local function percentiles(v, statistic, o)
  local stream, n, found = rng.stream { seed = o.seed }, #v, native.array.zeros(o.draws)
  local list, drawn = v:totable(), native.array.zeros(#v)
  for b = 1, o.draws do
    for i = 1, n do drawn[i] = list[stream:integer(1, n)] end
    found[b] = statistic(drawn)
  end
  return found:quantile((1 - o.level) / 2), found:quantile((1 + o.level) / 2)
end

-- Mean, median or std with an interval: columns NAME, NAME_low, NAME_high; of a single row the ends are NaN.
-- {of="mean", level=0.95, method="student" for the mean and "bootstrap" for the others, draws=2000, seed=1}
function Groups:interval(columns, options)
  local o, single = interval_options(options), {}
  local function statistic(v) return o.of == "median" and v:quantile(0.5) or o.of == "std" and v:std() or v:mean() end
  local out = reduce(self, "groups:interval", columns, { "", "_low", "_high" }, function(row, column, group)
    local v = values_of(self, "groups:interval", group, column)
    local low, high = 0 / 0, 0 / 0
    if #v == 1 then
      single[group] = true
    elseif o.method == "student" then
      local _, ends = stats.mean(v, o.level)
      low, high = ends[1], ends[2]
    else
      low, high = percentiles(v, statistic, o)
    end
    row[column], row[column .. "_low"], row[column .. "_high"] = statistic(v), low, high
  end)
  local count = 0
  for _ in pairs(single) do count = count + 1 end
  if count > 0 then
    out.warning = ("%d of %d groups have a single row, and no interval"):format(count, #self.order)
  end
  return with_pooled(self, out)
end

-- Per column: the mean under its name, Student's interval of the mean (from two values on), and NAME_n, NAME_sd,
-- NAME_min, NAME_max. Missing values are left out, which shows in n; NaN is not.
function Groups:summary(columns, options)
  local o = check.options("groups:summary", options, { level = { type = "number", default = 0.95, min = 0, max = 1 } })
  local suffixes = { "", "_low", "_high", "_n", "_sd", "_min", "_max" }
  return with_pooled(self, reduce(self, "groups:summary", columns, suffixes, function(row, column, group)
    local present = { rows = {} }
    for _, r in ipairs(group.rows) do if r[column] ~= nil then table.insert(present.rows, r) end end
    local n = #present.rows
    row[column .. "_n"] = n
    if n == 0 then return end
    local v = values_of(self, "groups:summary", present, column)
    row[column], row[column .. "_min"], row[column .. "_max"] = v:mean(), v:min(), v:max()
    if n == 1 then return end
    local _, interval = stats.mean(v, o.level)
    row[column .. "_low"], row[column .. "_high"], row[column .. "_sd"] = interval[1], interval[2], v:std()
  end))
end

-- ---- columns -------------------------------------------------------------------------------------------------------

-- What a column holds: "numbers", "texts", "booleans", "arrays" or "mixed".
local function kind_of(values)
  local kind
  for _, v in ipairs(values) do
    local one = ({ number = "numbers", string = "texts", boolean = "booleans" })[type(v)] or "arrays"
    if kind and kind ~= one then return "mixed" end
    kind = one
  end
  return kind or "missing"
end

-- One row per column: its kind, how many values, how many are missing, NaN, different; of numbers other than NaN the
-- mean, standard deviation, minimum, median and maximum.
function Results:describe()
  local rows = {}
  for i, name in ipairs(self.names) do
    local values, numbers = {}, {}
    for _, row in ipairs(self.list) do values[#values + 1] = row[name] end
    for _, v in ipairs(values) do if type(v) == "number" and v == v then numbers[#numbers + 1] = v end end
    local row = { column = name, kind = kind_of(values), n = #values, missing = #self.list - #values,
      distinct = #order.distinct(self.list, name) }
    if row.kind == "numbers" then
      row.nan = #values - #numbers
      if #numbers > 0 then
        local v = native.array.array(numbers)
        row.mean, row.min, row.median, row.max = v:mean(), v:min(), v:quantile(0.5), v:max()
        if #numbers > 1 then row.sd = v:std() end
      end
    end
    rows[i] = row
  end
  return class.new(rows, { "column", "kind", "n", "missing", "nan", "distinct", "mean", "sd", "min", "median", "max" },
    self.warning)
end

return Groups
