-- results_spec.lua: tables of results, against computation by hand on random tables with missing values, NaN, and texts
-- with commas, quotes and line breaks.

local lu = require "luaunit"
local limn = require "limn"
local support = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../support/"
local rows_tools = dofile(support .. "rows_tools.lua")
local testing = dofile(support .. "testing.lua")

TestResults = {}

local random_rows, same, assert_rows = rows_tools.random_rows, rows_tools.same, rows_tools.assert_rows

local function pick(rows, test)
  local out = {}
  for _, row in ipairs(rows) do if test(row) then out[#out + 1] = row end end
  return out
end

-- ---- the choice of rows ----

function TestResults.testWhere()
  local rows = random_rows(limn.rng.stream(1), 200)
  local r = limn.results.new(rows)
  assert_rows(r:where { n = 2 }, pick(rows, function(row) return row.n == 2 end), "n = 2")
  assert_rows(r:where { n = 2, flag = false }, pick(rows, function(row) return row.n == 2 and row.flag == false end), "two")
  assert_rows(r:where { n = { 1, 4 } }, pick(rows, function(row) return row.n == 1 or row.n == 4 end), "a list")
  assert_rows(r:where { a = 0 / 0 }, pick(rows, function(row) return row.a ~= row.a end), "NaN")
  assert_rows(r:where { word = rows_tools.WORDS[3] }, pick(rows, function(row) return row.word == rows_tools.WORDS[3] end), "a text")
  assert_rows(r:where { a = function(v) return v == nil end }, pick(rows, function(row) return row.a == nil end), "a test")
  local function test(row) return row.b > 0.5 and row.n == 3 end
  assert_rows(r:where(test), pick(rows, test), "a test of the row")
  assert_rows(r:complete("a", "word"), pick(rows, function(row) return row.a ~= nil and row.word ~= nil end), "complete")
  assert_rows(r:complete(), pick(rows, function(row) return row.a ~= nil and row.word ~= nil and row.flag ~= nil end), "all")
end

-- Every value of an evenly spaced grid is found by its decimal, and no value by that of a neighbour.
function TestResults.testWhereFindsWhatGridsMake()
  local grids = { { "0:1:11", 1 }, { "-1:1:21", 1 }, { "-0.3:0.3:7", 1 }, { "-0.9:0.9:181", 2 }, { "0:0.001:11", 4 }, { "100:101:11", 1 } }
  for _, g in ipairs(grids) do
    local e = limn.experiment { name = "g", run = false, params = { q = 0.5 }, grid = { q = g[1] },
      measure = function(p) return { m = p.q } end }
    local r = e:run { workers = 0 }
    lu.assertTrue(#r > 5)
    for _, row in ipairs(r) do
      local decimal = tonumber((("%%.%df"):format(g[2])):format(row.q))
      local found = r:where { q = decimal }
      lu.assertEquals(#found, 1, ("%s: %.17g"):format(g[1], decimal))
      lu.assertEquals(found[1].q, row.q)
    end
  end
  local r = limn.results.new { { q = 1e-20 }, { q = 2e-20 }, { q = 1e-3 }, { q = 1.0 } }
  lu.assertEquals(#r:where { q = 1e-20 }, 1)
  lu.assertEquals(#r:where { q = 0 }, 0)
  lu.assertEquals(#r:where { q = 1.5e-20 }, 0)
  lu.assertEquals(#r:where { q = 1 + 1e-12 }, 0)
  r = limn.results.new { { s = (1 << 53) + 1 }, { s = 1 << 53 }, { s = 3 } }
  lu.assertEquals(#r:where { s = 1 << 53 }, 1)
  lu.assertEquals(#r:where { s = 3.0 }, 1)
  lu.assertEquals(#limn.results.new({ { q = math.huge }, { q = 1.5 } }):where { q = math.huge }, 1)
  lu.assertEquals(#limn.results.new({ { q = math.huge }, { q = 1.5 } }):where { q = 1.0 }, 0)
  lu.assertEquals(#limn.results.new({ { q = 0.3 }, { q = 0.1 * 3 } }):where { q = 0.3 }, 2)
end

function TestResults.testWhereThatFindsNothing()
  local r = limn.results.new { { n = 0.1, k = "a" }, { n = 0.2, k = "b" } }
  local none = r:where { n = 0.3 }
  lu.assertEquals(#none, 0)
  lu.assertEquals(none.warning, "no row has n = 0.3; n has 0.1, 0.2")
  lu.assertTrue(tostring(none):find(none.warning, 1, true) ~= nil)
  lu.assertEquals(r:where({ n = 0.1, k = "b" }).warning, 'no row has k = "b" and has n = 0.1')
  lu.assertNil(r:where({ n = 0.1 }).warning)
  testing.fails_here("results:column: there are no rows: no row has n = 0.3", none.column, none, "k")
  testing.fails_here("no row has n = 0.3", none.fit, none:by("k").table, { x = "n", y = "k" })
  lu.assertEquals(none:by("k"):count().warning, none.warning)
  testing.fails_here('results:where: no column "m"', r.where, r, { m = 1 })
  testing.fails_here('did you mean "n"?', r.select, r, "nn")
end

-- ---- access ----

function TestResults.testRowsAndColumns()
  local rows = { { n = 2, m = 1.5 }, { n = 1, m = 2.5 }, { n = 2 } }
  local r = limn.results.new(rows, { "n", "m" })
  lu.assertEquals(#r, 3)
  local seen = {}
  for i, row in ipairs(r) do seen[i] = row end
  assert_rows(seen, rows, "ipairs")
  lu.assertNil(r[4])
  lu.assertEquals(r:columns(), { "n", "m" })
  lu.assertEquals(r:column("n"):totable(), { 2, 1, 2 })
  lu.assertEquals(r:distinct "n", { 1, 2 })
  testing.fails_here('row 3 has no "m"', r.column, r, "m")
  assert_rows(r:head(2), { rows[1], rows[2] }, "head")
  assert_rows(r:tail(1), { rows[3] }, "tail")
  lu.assertEquals(#r:head(100), 3)
  lu.assertEquals(#r:tail(0), 0)
  lu.assertEquals(r:select("m"):columns(), { "m" })
  testing.fails_here('no column "n"', r:select("m").column, r:select "m", "n")
  testing.fails_here('has the column "n" twice', r.select, r, "n", "n")
  testing.fails_here('columns must be different names, got "n" twice', limn.results.new, rows, { "n", "n" })
  testing.fails_here("the key 1 in row 1", limn.results.new, { { 5 } })
end

function TestResults.testEmpty()
  local r = limn.results.new({}, { "n", "m" })
  lu.assertEquals(#r, 0)
  for _ in ipairs(r) do lu.fail "a row" end
  lu.assertEquals(r:csv(), "n,m\n")
  for _, t in ipairs { r:where { n = 1 }, r:with { c = 1 }, r:sort "n", r:by("n"):mean "m", r:by("n"):summary "m", r:by("n"):count(),
    r:select "m", r:head(), r:pivot { rows = "n", cols = "m", value = "m" }, r:join(r:select "n", { on = "n" }), r:complete() } do
    lu.assertEquals(#t, 0)
  end
  lu.assertEquals(#r:describe(), 2)
  lu.assertEquals(tostring(r), "limn.results: 0 rows; n m")
  lu.assertTrue(r:html():find "<p>0 rows</p>" ~= nil)
  testing.fails_here("results:fit: there are no rows", r.fit, r, { x = "n", y = "m" })
  testing.fails_here("results:pivot: there are no rows", r.pivot, r, "n", "m", "m")
  lu.assertEquals(#limn.results.new {}, 0)
end

-- ---- new columns, order ----

function TestResults.testWith()
  local rows = random_rows(limn.rng.stream(2), 50)
  local r = limn.results.new(rows)
  local list = {}
  for i = 1, 50 do list[i] = 2 * i end
  local with = r:with { b = function(row) return row.b + 1 end, twice = limn.array(list), other = list, tag = "x",
    sum = function(row) return row.a and row.a + row.b end }
  for i, row in ipairs(rows) do
    lu.assertEquals(with[i].b, row.b + 1)
    lu.assertEquals(with[i].twice, 2 * i)
    lu.assertEquals(with[i].other, 2 * i)
    lu.assertEquals(with[i].tag, "x")
    lu.assertTrue(same(with[i].sum, row.a and row.a + row.b))
    lu.assertNil(row.tag) -- the rows of before are as they were
  end
  lu.assertEquals(table.concat(with:columns(), " "), table.concat(r:columns(), " ") .. " other sum tag twice")
  testing.fails_here("an entry for each of 50 rows, got 2", r.with, r, { c = { 1, 2 } })
  testing.fails_here("got table in row 1", r.with, r, { c = function() return {} end })
end

function TestResults.testSort()
  local rows = random_rows(limn.rng.stream(3), 300)
  local r = limn.results.new(rows)
  local function check_order(sorted, key, descending, before_key, ties)
    lu.assertEquals(#sorted, #rows)
    local seen = {}
    for i, row in ipairs(sorted) do
      lu.assertNil(seen[row.id])
      seen[row.id] = true
      local last = sorted[i - 1]
      if i > 1 and (not before_key or last[before_key] == row[before_key]) then
        local u, v = last[key], row[key]
        if u == nil then lu.assertNil(v)
        elseif u ~= u then lu.assertTrue(v == nil or v ~= v)
        elseif v == v and v ~= nil then lu.assertTrue(descending and u >= v or not descending and u <= v) end
        if same(u, v) and ties ~= false then lu.assertTrue(last.id < row.id, "equal rows keep their order") end
      end
    end
  end
  check_order(r:sort "a", "a", false)
  check_order(r:sort "-a", "a", true)
  check_order(r:sort "word", "word", false)
  check_order(r:sort("-n", "-a"), "a", true, "n")
  check_order(r:sort("-n", "-a"), "n", true, nil, false)
  local mixed = limn.results.new { { v = true }, { v = "a" }, { v = 2 }, {}, { v = 0 / 0 }, { v = 1.5 }, { v = false } }
  local order = {}
  for i, row in ipairs(mixed:sort "v") do order[i] = tostring(row.v):gsub("^%-", "") end
  lu.assertEquals(order, { "1.5", "2", "a", "false", "true", "nan", "nil" })
  local nans = limn.results.new { { v = 0 / 0, i = 1 }, { v = -(0 / 0), i = 2 }, { v = 0 / 0, i = 3 }, { v = -(0 / 0), i = 4 } }
  lu.assertEquals(nans:sort("v"):column("i"):totable(), { 1, 2, 3, 4 })
  testing.fails_here('no column "c"', r.sort, r, "-c")
end

-- ---- groups ----

local function collect(rows, by)
  local groups, list = {}, {}
  for _, row in ipairs(rows) do
    local key = ""
    for _, name in ipairs(by) do key = key .. tostring(row[name]) .. ";" end
    if not groups[key] then
      groups[key] = {}
      list[#list + 1] = groups[key]
    end
    table.insert(groups[key], row)
  end
  table.sort(list, function(u, v)
    for _, name in ipairs(by) do if u[1][name] ~= v[1][name] then return u[1][name] < v[1][name] end end
  end)
  return list
end

local function moments(values)
  local sum, square, low, high = 0, 0, math.huge, -math.huge
  for _, v in ipairs(values) do sum, low, high = sum + v, math.min(low, v), math.max(high, v) end
  for _, v in ipairs(values) do square = square + (v - sum / #values) ^ 2 end
  return sum / #values, math.sqrt(square / (#values - 1)), low, high
end

function TestResults.testGroups()
  local rows = random_rows(limn.rng.stream(4), 200)
  for i, row in ipairs(rows) do if i % 7 > 0 then row.c = row.b * 3 end end
  local r = limn.results.new(rows)
  local mean, summary = r:by("n", "k"):mean { "b", "id" }, r:by("n", "k"):summary({ "b", "c" }, { level = 0.9 })
  local counts = r:by("n", "k"):count()
  local groups = collect(rows, { "n", "k" })
  lu.assertEquals(#groups, 12)
  lu.assertEquals(#mean, #groups)
  lu.assertEquals(mean:columns(), { "n", "k", "b", "id" })
  for i, group in ipairs(groups) do
    local b, c, id = {}, {}, {}
    for j, row in ipairs(group) do b[j], id[j], c[#c + 1] = row.b, row.id, row.c end
    local m, sd, low, high = moments(b)
    lu.assertEquals({ mean[i].n, mean[i].k, counts[i].count, summary[i].b_n, summary[i].c_n }, { group[1].n, group[1].k, #group, #b, #c })
    lu.assertAlmostEquals(mean[i].b, m, 1e-12)
    lu.assertAlmostEquals(mean[i].id, (moments(id)), 1e-9)
    lu.assertAlmostEquals(summary[i].b_sd, sd, 1e-12)
    lu.assertEquals({ summary[i].b_min, summary[i].b_max }, { low, high })
    local half = limn.stats.t.critical(0.9, #b - 1) * sd / math.sqrt(#b)
    lu.assertAlmostEquals(summary[i].b_low, m - half, 1e-12)
    lu.assertAlmostEquals(summary[i].b_high, m + half, 1e-12)
    lu.assertAlmostEquals(summary[i].c, (moments(c)), 1e-12)
  end
  lu.assertEquals(r:group("n"):mean("b"):csv(), r:by("n"):mean("b"):csv())
  testing.fails_here('groups:mean: a row with n = ', r:by("n").mean, r:by "n", "c")
  testing.fails_here("name at least one column", r.by, r)
  testing.fails_here("has no \"a\"", r.by, r, "a")
  testing.fails_here('has the column "n" twice', r:by("n").mean, r:by "n", "n")
  testing.fails_here("word must be a column of numbers", r:complete().by(r:complete(), "n").mean, r:complete():by "n", "word")
end

-- Equal numbers are one group whatever their type; a number and its text are two.
function TestResults.testKeys()
  local r = limn.results.new { { k = 1, m = 1 }, { k = 1.0, m = 2 }, { k = "1", m = 3 }, { k = 0.3, m = 4 }, { k = 0.1 * 3, m = 5 },
    { k = 0 / 0, m = 6 }, { k = -(0 / 0), m = 7 }, { k = true, m = 8 }, { k = "true", m = 9 } }
  local sums = r:by("k"):sum "m"
  lu.assertEquals(sums:column("m"):totable(), { 9, 3, 3, 9, 8, 13 })
  local two = limn.results.new { { a = "x", b = "1:y" }, { a = "x1:", b = "y" } }
  lu.assertEquals(#two:by("a", "b"):count(), 2)
  two = limn.results.new { { a = "x", b = "sy" }, { a = "xs", b = "y" } }
  lu.assertEquals(#two:by("a", "b"):count(), 2)
end

function TestResults.testSummaryOfFew()
  local r = limn.results.new { { g = 1, m = 2.5 }, { g = 2 }, { g = 3, m = 1.0 }, { g = 3, m = 0 / 0 } }
  local s = r:by("g"):summary "m"
  lu.assertEquals({ s[1].m, s[1].m_n, s[1].m_low, s[1].m_sd }, { 2.5, 1 })
  lu.assertEquals({ s[2].m_n, s[2].m }, { 0 })
  lu.assertTrue(s[3].m ~= s[3].m and s[3].m_n == 2)
end

function TestResults.testDescribe()
  local rows = random_rows(limn.rng.stream(5), 100)
  local d = limn.results.new(rows):describe()
  for _, row in ipairs(d) do
    local values, nan, present, seen, different = {}, 0, 0, {}, 0
    for _, one in ipairs(rows) do
      local v = one[row.column]
      if v ~= nil then
        present = present + 1
        if v ~= v then nan = nan + 1 else values[#values + 1] = v end
        local key = v ~= v and "NaN" or type(v) == "number" and ("%.14g"):format(v) or tostring(v)
        if not seen[key] then seen[key], different = true, different + 1 end
      end
    end
    lu.assertEquals({ row.n, row.missing, row.distinct }, { present, 100 - present, different }, row.column)
    if row.kind == "numbers" then
      local m, sd, low, high = moments(values)
      lu.assertEquals({ row.nan, row.min, row.max }, { nan, low, high })
      lu.assertTrue(math.abs(row.mean / m - 1) < 1e-12)
      lu.assertTrue(sd == math.huge or math.abs(row.sd / sd - 1) < 1e-9)
    end
  end
  lu.assertEquals(d:where({ column = "word" })[1].kind, "texts")
  lu.assertEquals(d:where({ column = "flag" })[1].kind, "booleans")
  lu.assertEquals(limn.results.new({ { v = 1 }, { v = "a" } }):describe()[1].kind, "mixed")
  lu.assertEquals(limn.results.new({ { v = 1 } }, { "w" }):describe()[1].kind, "missing")
end

-- ---- wide tables, joins ----

function TestResults.testPivot()
  local rows = {}
  for n = 1, 4 do for k = 1, 3 do
    if n + k ~= 4 then rows[#rows + 1] = { n = n, k = k / 10, m = n * 10 + k, side = n % 2 == 0 and "even" or "odd" } end
  end end
  local r = limn.results.new(rows)
  local w = r:pivot { rows = "n", cols = "k", value = "m" }
  lu.assertEquals(w:columns(), { "n", "k=0.1", "k=0.2", "k=0.3" })
  local array, down, across = r:pivot("n", "k", "m")
  lu.assertEquals({ down, across }, { { 1, 2, 3, 4 }, { 0.1, 0.2, 0.3 } })
  for n = 1, 4 do for k = 1, 3 do
    local wanted = n + k ~= 4 and n * 10 + k or nil
    lu.assertEquals(w[n][("k=0.%d"):format(k)], wanted)
    lu.assertTrue(same(array:get(n, k), wanted or 0 / 0))
  end end
  lu.assertEquals(r:pivot({ rows = { "side", "n" }, cols = "k", value = "m" })[1].n, 2)
  testing.fails_here("several rows have side = \"odd\" and k = 0.2", r.pivot, r, { rows = "side", cols = "k", value = "m" })
  testing.fails_here("several rows have side = \"odd\" and k = 0.2", r.pivot, r, "side", "k", "m")
  testing.fails_here("pivot: cols is missing", r.pivot, r, { rows = "n", value = "m" })
end

function TestResults.testJoin()
  local stream = limn.rng.stream(6)
  local left, right = {}, {}
  for i = 1, 60 do left[i] = { n = stream:integer(1, 12), k = 0.1 * 3, v = i } end
  for n = 1, 9 do right[n] = { n = n + 0.0, k = 0.3, w = n * n, v = -n } end
  local l, r = limn.results.new(left), limn.results.new(right)
  local inner = l:join(r, { on = { "n", "k" }, suffix = "_right" })
  local outer = l:join(r, { on = { "n", "k" }, suffix = "_right", keep = "left" })
  local with = pick(left, function(row) return row.n <= 9 end)
  lu.assertEquals({ #inner, #outer }, { #with, 60 })
  for i, row in ipairs(inner) do
    lu.assertEquals({ row.v, row.w, row.v_right }, { with[i].v, with[i].n ^ 2, -with[i].n })
  end
  for i, row in ipairs(outer) do lu.assertEquals({ row.v, row.w }, { i, left[i].n <= 9 and left[i].n ^ 2 or nil }) end
  lu.assertEquals(inner.warning, ("%d of 60 rows have no partner with the same n, k and are left out"):format(60 - #with))
  lu.assertEquals(inner:columns(), { "k", "n", "v", "v_right", "w" })
  local many = r:join(l, { on = { "n", "k" }, suffix = "_l" }) -- one row of this table, several of the other
  lu.assertEquals(#many, #with)
  testing.fails_here('both tables have the column "v"', l.join, l, r, { on = { "n", "k" } })
  testing.fails_here("both tables have several rows with k = 0.3", l.join, l, r, { on = "k", suffix = "_r" })
  lu.assertEquals(#limn.results.new({ { x = 1 }, { x = 0 / 0 } }):join(limn.results.new { { x = 1, y = 2 } }, { on = "x" }), 1)
  lu.assertEquals(#limn.results.new({ {}, { x = 1 } }, { "x" }):join(limn.results.new { { y = 2 }, { x = 1 } }, { on = "x" }), 1)
end

-- ---- intervals ----

-- The interval of a mean is Student's, which covers the mean of 3 and 5 normal numbers as often as its level says; the
-- bootstrap, by name or by its options, covers it less often.
function TestResults.testIntervalsOfMeansAreStudents()
  local stream, rows = limn.rng.stream(5), {}
  for g = 1, 2000 do
    for _ = 1, g % 2 == 0 and 3 or 5 do rows[#rows + 1] = { g = g, m = stream:normal() } end
  end
  local groups = limn.results.new(rows):by "g"
  local function covered(options)
    local count = 0
    for _, row in ipairs(groups:interval("m", options)) do
      if row.m_low <= 0 and row.m_high >= 0 then count = count + 1 end
    end
    return count / 2000
  end
  lu.assertAlmostEquals(covered(), 0.95, 0.02) -- 4 standard errors
  lu.assertTrue(covered { method = "bootstrap", draws = 100 } < 0.85)
  local first, list = groups:interval("m", { level = 0.9 })[1], {}
  for i = 1, 5 do list[i] = rows[i].m end
  local mean, ends = limn.stats.mean(list, 0.9)
  lu.assertAlmostEquals(first.m, mean, 1e-14)
  lu.assertAlmostEquals(first.m_low, ends[1], 1e-13)
  lu.assertAlmostEquals(first.m_high, ends[2], 1e-13)
  local few = limn.results.new(rows):head(8):by "g"
  local named = few:interval("m", { method = "bootstrap" }):csv()
  lu.assertEquals(few:interval("m", { seed = 1 }):csv(), named)
  lu.assertEquals(few:interval("m", { draws = 2000 }):csv(), named)
  lu.assertErrorMsgContains('method "student" is for', few.interval, few, "m", { method = "student", of = "median" })
  lu.assertErrorMsgContains("groups:interval: level must lie in (0, 1)", few.interval, few, "m", { level = 1 })
end

-- Rows of a sweep that differ in another parameter than those of by are no replicates, and the table remarks it.
function TestResults.testPooledParameters()
  local e = limn.experiment { name = "pooled", run = false, params = { n = 1, rate = 1 }, grid = { n = "1:2", rate = "1:5" },
    reps = 2, measure = function(_, stream) return { m = stream:normal() } end }
  local r = e:run { workers = 0, quiet = true }
  for _, name in ipairs { "summary", "interval" } do
    local of_n, of_both = r:where(function(row) return row.rep < 3 end):by "n", r:by("n", "rate")
    lu.assertEquals(of_n[name](of_n, "m").warning, "pooled over rate: 5 values")
    lu.assertNil(of_both[name](of_both, "m").warning)
  end
end

-- A single row has no interval, by either method, and the table remarks it.
function TestResults.testASingleRowHasNoInterval()
  local g = limn.results.new({ { n = 1, m = 2 }, { n = 1, m = 4 }, { n = 2, m = 3 } }):by "n"
  for _, options in ipairs { {}, { method = "bootstrap" }, { of = "median" } } do
    local t = g:interval("m", options)
    lu.assertEquals(t[2].m, 3)
    lu.assertNaN(t[2].m_low)
    lu.assertNaN(t[2].m_high)
    lu.assertTrue(t[1].m_low < t[1].m_high)
    lu.assertEquals(t.warning, "1 of 2 groups have a single row, and no interval")
    lu.assertTrue(tostring(t):find(t.warning, 1, true) ~= nil)
    lu.assertTrue(t:csv():find("2,3%.?0?,nan,nan") ~= nil, t:csv())
  end
end

-- ---- lines and crossings ----

local function line(xs, ys)
  local mx, my = moments(xs), moments(ys)
  local xy, xx = 0, 0
  for i, x in ipairs(xs) do xy, xx = xy + (x - mx) * (ys[i] - my), xx + (x - mx) ^ 2 end
  return xy / xx, my - xy / xx * mx
end

function TestResults.testFit()
  local stream = limn.rng.stream(7)
  local rows, xs, ys, slopes = {}, {}, {}, {}
  for rep = 1, 5 do
    xs[rep], ys[rep] = {}, {}
    for k = 1, 8 do
      local row = { g = 1, n = 2 ^ k, rep = rep, loss = 2 ^ (-1.5 * k) * math.exp(0.1 * stream:normal()) }
      rows[#rows + 1] = row
      xs[rep][k], ys[rep][k] = math.log(row.n), math.log(row.loss)
    end
    slopes[rep] = line(xs[rep], ys[rep])
  end
  local r = limn.results.new(rows)
  local f = r:fit { x = "n", y = "loss", log = "xy", level = 0.9 }
  local mean, interval = limn.stats.mean(slopes, 0.9)
  lu.assertAlmostEquals(f.slope, mean, 1e-12)
  lu.assertAlmostEquals(f.interval[1], interval[1], 1e-12)
  lu.assertAlmostEquals(f.interval[2], interval[2], 1e-12)
  lu.assertEquals({ f.n, #f.replicates, f.warning }, { 40, 5 })
  for rep = 1, 5 do lu.assertAlmostEquals(f.replicates[rep].slope, slopes[rep], 1e-12) end
  local one = r:where({ rep = 2 }):fit { x = "n", y = "loss" }
  local slope, within, _, at_zero = limn.stats.slope(r:where({ rep = 2 }):column "n", r:where({ rep = 2 }):column "loss")
  lu.assertEquals({ one.slope, one.interval, one.at_zero }, { slope, within, at_zero })
  local g = r:by("g"):fit { x = "n", y = "loss", log = "xy", level = 0.9 }
  lu.assertEquals({ g[1].slope, g[1].slope_low, g[1].slope_high, g[1].n }, { f.slope, f.interval[1], f.interval[2], 40 })
  rows[41], rows[42] = { g = 1, n = 3, rep = 1 }, { g = 2, n = 3, rep = 1, loss = 0 / 0 }
  r = limn.results.new(rows)
  f = r:fit { x = "n", y = "loss", log = "xy" }
  lu.assertAlmostEquals(f.slope, mean, 1e-12)
  lu.assertEquals(f.warning, "2 of 42 rows have no finite number in n and loss and are left out")
  g = r:by("g"):fit { x = "n", y = "loss", log = "xy" }
  lu.assertNil(g[2].slope)
  lu.assertTrue(g.warning:find("g = 2: no row has numbers", 1, true) ~= nil)
  lu.assertNil(limn.results.new({ { x = 1, y = 1 }, { x = 2, y = 3 } }):fit({ x = "x", y = "y" }).interval)
  testing.fails_here("loss must be positive for its logarithm, got -1", function()
    limn.results.new({ { n = 1, loss = -1 } }):fit { x = "n", y = "loss", log = "y" }
  end)
  testing.fails_here("at least 2 different values", function() limn.results.new({ { n = 1, loss = 1 } }):fit { x = "n", y = "loss" } end)
end

local function crossing_of(ys, level, log)
  local rows = {}
  for i, y in ipairs(ys) do rows[i] = { x = 2 ^ (i - 1), y = y } end
  return limn.results.new(rows):sort("-x"):crossing { x = "x", y = "y", level = level, log = log }
end

function TestResults.testCrossing()
  lu.assertAlmostEquals(crossing_of({ 4, 2, 1 }, 1.5).at, 3, 1e-14)
  lu.assertAlmostEquals(crossing_of({ 4, 2, 1 }, math.sqrt(2), "xy").at, 2 ^ 1.5, 1e-12)
  lu.assertAlmostEquals(crossing_of({ 0, 1 }, 0.25, "x").at, 2 ^ 0.25, 1e-14)
  local function of(ys, level)
    local c = crossing_of(ys, level)
    return { c.at, c.replicates[1].direction, c.replicates[1].count }
  end
  lu.assertEquals(of({ 0, 1, 2 }, 1), { 2.0, "up", 1 })
  lu.assertEquals(of({ 0, 1, 1, 2 }, 1), { 2.0, "up", 1 })
  lu.assertEquals(of({ 1, 0, 0 }, 1), { 1.0, "down", 1 })
  lu.assertEquals(of({ 0, 0, 1 }, 1), { 4.0, "up", 1 })
  lu.assertEquals(of({ 2, 0, 2, 0 }, 1), { 1.5, "down", 3 })
  local infinite = crossing_of({ -1, math.huge, 1 }, 0)
  lu.assertEquals({ infinite.at, infinite.warning }, { 2.5, "1 of 3 rows have no finite number in x and y and are left out" })
  lu.assertEquals({ crossing_of({ 0, 1, 0 }, 1).at, crossing_of({ 0, 1, 0 }, 1).missing }, { nil, 1 })
  local none = crossing_of({ 3, 2 }, 1)
  lu.assertEquals({ none.missing, none.replicates[1].direction, none.warning },
    { 1, "above", "1 of 1 replicates do not cross: y stays above 1" })
  lu.assertTrue(tostring(none):find("y does not cross 1", 1, true) ~= nil)
  lu.assertTrue(crossing_of({ 2, 0, 2, 0 }, 1).warning:find("cross several times", 1, true) ~= nil)
  local rows = {}
  for rep = 1, 4 do for n = 1, 10 do rows[#rows + 1] = { n = n, rep = rep, k = 1, y = (rep == 4 and 0 or n) - rep / 2 } end end
  local r = limn.results.new(rows)
  local c = r:crossing { x = "n", y = "y", level = 3.25 }
  local mean, interval = limn.stats.mean { 3.75, 4.25, 4.75 }
  lu.assertEquals({ c.at, c.interval, c.missing, #c.replicates }, { mean, interval, 1, 4 })
  c = r:crossing { x = "n", y = "y", level = 3.25, log = "x" }
  local logs = {}
  for i = 1, 3 do logs[i] = math.log(c.replicates[i].at) end
  local log_mean, log_interval = limn.stats.mean(logs)
  lu.assertAlmostEquals(c.at, math.exp(log_mean), 1e-12)
  lu.assertAlmostEquals(c.interval[1], math.exp(log_interval[1]), 1e-12)
  local g = r:by("k"):crossing { x = "n", y = "y", level = 3.25 }
  lu.assertEquals({ g[1].n, g[1].n_low, g[1].n_high, g[1].missing }, { mean, interval[1], interval[2], 1 })
  testing.fails_here("two rows with rep = 1 have the same k", r.crossing, r, { x = "k", y = "y", level = 1 })
end

-- Groups answer #, [i] and ipairs as results do; JSON holds every row.
function TestResults.testSequences()
  local json = require("limn.native").json
  local rows = {}
  for i = 1, 7 do rows[i] = { k = i % 3, v = i * 0.1, s = "a\"" .. i } end
  local r = limn.results.new(rows)
  local groups, count = r:by "k", 0
  for i, group in ipairs(groups) do
    lu.assertEquals(group:distinct "k", { i - 1 })
    lu.assertEquals(#groups[i], i == 2 and 3 or 2)
    count = count + #group
  end
  lu.assertEquals({ count, #groups, groups[4] }, { 7, 3, nil })
  lu.assertAlmostEquals(groups[2]:column("v"):sum(), 1.2, 1e-15)
  lu.assertEquals(json.decode(r:json()), rows)
  lu.assertEquals(json.decode(r:where { k = 9 }:json()), {})
end

os.exit(lu.LuaUnit.run())
