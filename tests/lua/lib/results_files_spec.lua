-- results_files_spec.lua: tables of results as text, CSV, .npz and from stores: what is written is read back, and by hand.
-- slow: 9 s

local lu = require "luaunit"
local limn = require "limn"
local support = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../support/"
local rows_tools = dofile(support .. "rows_tools.lua")
local testing = dofile(support .. "testing.lua")
local random_rows, same, assert_rows = rows_tools.random_rows, rows_tools.same, rows_tools.assert_rows

TestResultsFiles = {}

function TestResultsFiles.testText()
  local r = limn.results.new({ { a = 1, b = 1 / 3, c = "x\ny" }, { a = 20, c = ("long "):rep(20) } }, { "a", "b", "c" })
  local lines = {}
  for text in r:show(200):gmatch "[^\n]+" do lines[#lines + 1] = text end
  lu.assertEquals(lines[1], "limn.results: 2 rows; a b c")
  lu.assertEquals(#lines, 4)
  for i = 3, 4 do lu.assertEquals(#lines[i], #lines[2]) end
  lu.assertTrue(lines[3]:find("1  0.333333 ", 1, true) ~= nil and lines[3]:find("x\\ny", 1, true) ~= nil)
  local wide, names = {}, {}
  for j = 1, 10 do
    names[j] = "c" .. j
    wide[names[j]] = 99
  end
  wide = limn.results.new({ wide }, names)
  for width = 12, 60 do
    local shown = 0
    for text in wide:show(width):gmatch "\n([^\n]+)" do
      lu.assertTrue(#text <= width, text)
      shown = select(2, text:gsub("99", ""))
      lu.assertEquals(text:find "%.%.%.$" == nil, shown == 10 or text:find "c10" ~= nil)
    end
    lu.assertEquals(shown, width >= 41 and 10 or (width - 5) // 4)
  end
  for text in r:show(25):gmatch "\n([^\n]+)" do lu.assertTrue(text:find "%.%.%.$" and #text <= 25, text) end
  local many = {}
  for i = 1, 1000 do many[i] = { i = i } end
  local text = limn.results.new(many):show()
  lu.assertTrue(text:find "\n +10\n  %.%.%. 985 more\n +996\n" ~= nil)
  lu.assertNil(text:find "\n +11\n")
  lu.assertTrue(limn.results.new(many):show(80, 6, math.huge):find "\n +500\n" ~= nil)
  lu.assertEquals(tostring(r), r:show())
  local arrays = limn.results.new({ { a = limn.array { { 1, 2 }, { 3, 4 } }, n = 1 } }, { "a", "n" })
  lu.assertEquals(arrays:show():match "\n([^\n]*)$", "  limn.array 2x2 f64  1")
  lu.assertTrue(arrays:html():find("<td>limn.array 2x2 f64</td>", 1, true) ~= nil)
  local html = limn.results.new({ { a = "<b>&\"", n = 2 } }, { "a", "n" }):html()
  lu.assertTrue(html:find("<td>&lt;b&gt;&amp;&quot;</td>", 1, true) ~= nil)
  lu.assertTrue(html:find('<td style="text-align: right">2</td>', 1, true) ~= nil)
  local _, rows = limn.results.new(many):html():gsub("<tr>", "")
  lu.assertEquals(rows, 1 + 16)
end

-- ---- files ----

local folder = testing.temp_dir()

function TestResultsFiles.testCsvRoundTrip()
  for seed = 10, 15 do
    local rows = random_rows(limn.rng.stream(seed), 200)
    rows[1].a, rows[2].a, rows[3].a = math.huge, -math.huge, 5e-324
    rows[4].word, rows[5].word = "1", "" -- among other texts a number is text, and an empty one is not missing
    for i, row in ipairs(rows) do if i % 3 == 0 then row.v = limn.array { row.b, 0 / 0 } end end
    local r = limn.results.new(rows)
    local path = folder .. "/t.csv"
    lu.assertEquals(r:save(path), path)
    local back = assert(limn.results.load(path))
    lu.assertEquals(back:columns(), r:columns())
    for i, row in ipairs(rows) do
      if row.v then
        lu.assertEquals(back[i].v:get(1), row.b)
        lu.assertTrue(back[i].v:get(2) ~= back[i].v:get(2))
      end
    end
    for _, name in ipairs(r:columns()) do
      if name ~= "v" then
        for i, row in ipairs(rows) do
          lu.assertTrue(same(back[i][name], row[name]), ("row %d, %s: %s, %s"):format(i, name, back[i][name], row[name]))
        end
      end
    end
    lu.assertEquals(math.type(back[1].n), "integer")
    lu.assertEquals(back:csv(), r:csv())
  end
end

function TestResultsFiles.testCsvByHand()
  local path = folder .. "/h.csv"
  testing.write(path, '\xEF\xBB\xBFn,q,kind,on\r\n1,0.5,"a, ""b""",true\r\n2,1,,false\r\n,+3e2,x,\r\n')
  local r = limn.results.load(path)
  lu.assertEquals(r:columns(), { "n", "q", "kind", "on" })
  assert_rows(r, { { n = 1, q = 0.5, kind = 'a, "b"', on = true }, { n = 2, q = 1.0, on = false }, { q = 300.0, kind = "x" } }, "by hand")
  testing.write(path, "m\n1\n\n2\n")
  assert_rows(limn.results.load(path), { { m = 1 }, {}, { m = 2 } }, "one column")
  testing.write(path, "a,b\n")
  lu.assertEquals(#limn.results.load(path), 0)
  local function refused(text, why)
    testing.write(path, text)
    local got, message = limn.results.load(path)
    lu.assertNil(got)
    lu.assertTrue(message:find(why, 1, true) ~= nil, message)
  end
  refused("a,b,a\n1,2,3\n", 'columns 1 and 3 are both called "a"')
  refused("a,,c\n1,2,3\n", "column 2 has no name")
  refused("a,b\n1\n", "line 2: has 1 fields but line 1 has 2")
  refused("", "is empty")
  lu.assertNil((limn.results.load(folder .. "/none.csv")))
  lu.assertNil((limn.results.load(folder .. "/none.db")))
  testing.fails_here("results.load: path", limn.results.load, 5)
end

function TestResultsFiles.testNpz()
  local r = limn.results.new { { n = 1, on = true, v = limn.array { 1, 2 } }, { n = 2, m = 0.1, on = false, v = limn.array { 3, 4 } } }
  local path = folder .. "/t.npz"
  lu.assertEquals(r:save(path), path)
  local back = limn.load(path)
  lu.assertEquals({ back.n:totable(), back.on:totable(), back.v:totable() }, { { 1, 2 }, { 1, 0 }, { { 1, 2 }, { 3, 4 } } })
  lu.assertTrue(back.m[1] ~= back.m[1] and back.m[2] == 0.1)
  local _, message = limn.results.load(path)
  lu.assertTrue(message:find("is no table", 1, true) ~= nil)
  assert(r:select("n", "on"):save(path))
  assert_rows(limn.results.load(path), { { n = 1, on = 1 }, { n = 2, on = 0 } }, "npz")
  testing.fails_here('kind is "x" in row 1', function() limn.results.new({ { kind = "x" } }):save(path) end)
end

-- A store gives the rows of the run that filled it, arrays included; what failed is counted.
function TestResultsFiles.testStore()
  local path = folder .. "/s.db"
  local e = limn.experiment { name = "s", run = false, params = { q = 0.5, kind = "a" }, reps = 2,
    grid = { q = "0:1:11", kind = { "b", "a" } }, measure = function(p, stream)
      if p.q == 1 then error "too large" end
      return { m = stream:normal(), v = limn.array { p.q, stream:uniform() }, empty = p.q > 0.5 and 1 or nil }
    end }
  local ran = e:run { workers = 0, store = path }
  local r = limn.results.load(path)
  lu.assertEquals(#r, 40)
  lu.assertEquals(r:columns(), ran:columns())
  lu.assertEquals(r:csv(), ran:sort("kind", "q", "rep"):csv())
  lu.assertEquals(r:where({ q = 0.3, kind = "b" }):column("m"):totable(), ran:where({ q = 0.3, kind = "b" }):column("m"):totable())
  lu.assertTrue(r.warning:find("4 of 44 cells failed", 1, true) ~= nil)
  e:run { workers = 0, store = path, seed = 2 }
  r = limn.results.load(path)
  lu.assertEquals({ #r, r:distinct "seed" }, { 80, { 1, 2 } })
  lu.assertTrue(r.warning:find('cells of 2 seeds; they are in the column "seed"', 1, true) ~= nil)
end

-- A table of 10^5 rows goes through every method; anything quadratic would take minutes.
function TestResultsFiles.testLarge()
  local rows, count = {}, 100000
  for i = 1, count do rows[i] = { n = i % 100, rep = i // 100, k = "k" .. i % 7, x = i, y = (i * 7919) % 100003 / 100003 } end
  local r = limn.results.new(rows)
  local path = folder .. "/large.csv"
  assert(r:save(path))
  local back = limn.results.load(path)
  lu.assertEquals(#back, count)
  lu.assertEquals(#back:where { n = 5 }, 1000)
  lu.assertEquals(#back:where { x = 0.5 }, 0)
  lu.assertEquals(back:sort("-y")[count].y, r:by("k"):min("y"):sort("y")[1].y)
  lu.assertEquals(#back:by("n", "k"):summary { "x", "y" }, 700)
  lu.assertEquals(#back:join(r:select("x", "k"), { on = { "x", "k" } }), count)
  lu.assertEquals(#back:pivot { rows = "rep", cols = "n", value = "y" }, 1001)
  lu.assertEquals(#back:with({ z = function(row) return row.x + row.y end }):describe(), 6)
  lu.assertEquals(back:fit({ x = "n", y = "y" }).n, count - 1) -- of the last replicate there is a single row
  lu.assertTrue(#tostring(back) < 3000)
end

local result = lu.LuaUnit.run()
os.execute("rm -r " .. folder)
os.exit(result)
