-- slow: 15 s
-- luacheck: allow defined top
-- report_spec.lua: scripts/ledger.lua on toy scripts: one whose claims agree, one whose claim disagrees, one that fails, one
-- that does not load. What it writes equals what the scripts computed, failures are shown, and a killed run goes on.

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local testing = dofile(here .. "/../support/testing.lua")
local limn = require "limn"
local native = require "limn.native"
local stores = require "limn.experiment.store"
local parts = require "limn.report.parts"
local readme = require "limn.report.readme"

local dir = native.process.temp_dir()
local ledger_script = here .. "/../../../scripts/ledger.lua"

local AGREES = [[
-- agree.lua: is the mean of signs 0?
--
-- Theory: the mean of n < 2000 signs is
--   - 0, with the variance 1/n,
--     for every n
--       Var = 1/n

local limn = require "limn"
return limn.experiment { name = "agree", question = "Is the mean of signs < 1?", params = { n = 100 }, grid = { n = { 100, 400 } },
  reps = 50, sizes = { quick = { "--reps", "20" }, large = { "--reps", "100" } },
  measure = function(p, rng)
    local stop = require("limn.native").posix.now() + (tonumber(os.getenv "TOY_WORK") or 0)
    while require("limn.native").posix.now() < stop do end
    local log = os.getenv "TOY_LOG"
    if log then
      local file = assert(io.open(log, "a"))
      file:write "cell\n"
      file:close()
    end
    return { mean = rng:sign(p.n):mean() }
  end,
  claims = {
    { key = "mean", id = "A1", claim = "mean of n signs", essay = 0.5, theory = 0, equal = { margin = 0.1 }, refines = "0, not 1/2" },
    { key = "it's \"a\" key", id = "A1, A2", claim = "a < b & c", theory = 0, equal = { margin = 0.1 } },
  },
  report = function(results, ledger)
    local v = results:column("mean"):totable()
    ledger:measure("mean", limn.claims.mean(v))
    ledger:measure("it's \"a\" key", limn.claims.mean(v))
  end,
  plot = function(results)
    local fig = limn.plot.figure { title = "signs" }
    fig:points { x = results:column "n", y = results:column "mean" }
    return fig
  end }
]]
local CONTRARY = [[
local limn = require "limn"
return limn.experiment { name = "contrary", question = "Is it one?", params = { n = 1 }, reps = 3,
  measure = function(_, rng) return { v = 2 + 0.01 * rng:normal() } end,
  claims = { { id = "A2", claim = "one", theory = 1, equal = { margin = 0.1 } } },
  report = function(results, ledger) ledger:measure("one", limn.claims.mean(results:column("v"):totable())) end }
]]
local FAILS = [[
local limn = require "limn"
return limn.experiment { name = "fails", question = "?", params = { n = 1 },
  measure = function() error "no luck today" end, claims = { { id = "A3", claim = "never", theory = 0, bound = 1 } } }
]]
local SILENT = [[
local limn = require "limn"
return limn.experiment { name = "silent", params = { n = 1 }, measure = function() return { v = 1 } end }
]]
local README = [[
# The claims

| script | question | cost |
|---|---|---|
| `agree` | signs | 2 s |

## Reading a ledger

A row of `agree`, such as `mean`, is read so.

## Where the essay is imprecise

See [A1](#a1-the-mean), `it's "a" key`.

## Some claims

### A1: the mean

- Essay: it is 1/2.
- Theory: $\text{E} = 0$.

### A10: never measured

- Remark: nothing.

### A2: the other

- Essay: one.

### A3: the failing one

- Essay: nothing.
]]

local function folder(name, files)
  local path = dir .. "/" .. name
  assert(native.posix.mkdir(path))
  for file, text in pairs(files) do testing.write(path .. "/" .. file, text) end
  return path
end

local toys = folder("toys", { ["agree.lua"] = AGREES, ["contrary.lua"] = CONTRARY, ["fails.lua"] = FAILS, ["silent.lua"] = SILENT,
  ["torn.lua"] = "return limn.experiment {", ["tool.lua"] = "error 'is no experiment'", ["README.md"] = README })

local function ledger(out, options, environment)
  local status, printed, errors = native.process.run({ "sh", "-c", ("%s '%s' '%s' --scripts '%s' --workers 2 --out '%s' %s"):format(
    environment or "", testing.program, ledger_script, toys, out, options or "") }, {}, 600)
  return status, (printed or "") .. (errors or "")
end

local function decoded(path) return native.json.decode(testing.read(path)) end
local function by(list, field, value)
  for _, v in ipairs(list) do if v[field] == value then return v end end
end

local out = dir .. "/out"
local whole, html, said

TestReport = {}

function TestReport:setUp()
  if whole then return end
  local status
  status, said = ledger(out, "--no-pdf", "TOY_LOG=" .. dir .. "/cells")
  lu.assertEquals(status, 1, said)
  whole, html = decoded(out .. "/ledger.json"), testing.read(out .. "/report.html")
end

function TestReport.testEveryScriptHasAState()
  local states = {}
  for _, s in ipairs(whole.scripts) do states[s.name] = s.state end
  lu.assertEquals(states, { agree = "done", contrary = "done", fails = "failed", silent = "silent", torn = "failed" })
  lu.assertStrContains(said, "failed: fails (exit code 1), torn (")
  lu.assertStrContains(said, "on the essay: 1 refines")
end

function TestReport.testVerdictsAndCounts()
  lu.assertEquals(#whole.rows, 4)
  local mean, one, never = by(whole.rows, "key", "mean"), by(whole.rows, "key", "one"), by(whole.rows, "key", "never")
  lu.assertEquals({ mean.essay_verdict, mean.theory_verdict }, { "refines", "agrees" })
  lu.assertEquals(one.theory_verdict, "disagrees")
  lu.assertEquals({ never.theory_verdict, never.note }, { "undecided", "not measured: exit code 1" })
  lu.assertEquals(whole.counts.theory, { agrees = 2, refines = 0, undecided = 1, disagrees = 1 })
  lu.assertEquals(whole.counts.essay, { agrees = 0, refines = 1, undecided = 0, disagrees = 0 })
  lu.assertEquals(whole.counts.unmeasured, 1)
  lu.assertAlmostEquals(whole.counts.wrong, 2 * 0.025 + 0.05, 1e-12)
end

function TestReport.testNumbersAreThoseOfTheStores()
  local store = assert(stores.open(out .. "/agree.db"))
  local values = {}
  for i, cell in ipairs(store:cells()) do values[i] = cell.values.mean end
  store:close()
  lu.assertEquals(#values, 40)
  local row = by(whole.rows, "key", "mean")
  local estimate = limn.claims.mean(values)
  local interval = estimate:interval(row.level)
  lu.assertEquals({ row.measured, row.low, row.high, row.n }, { estimate.value, interval[1], interval[2], 40 })
  for _, written in ipairs(decoded(out .. "/agree.ledger.json").rows) do
    local mine = by(whole.rows, "key", written.key)
    for _, name in ipairs { "measured", "low", "high", "level", "essay", "theory", "essay_verdict", "theory_verdict" } do
      lu.assertEquals(mine[name], written[name])
    end
  end
end

function TestReport.testTheCommandOfARowComputesTheSameBits()
  local row = by(whole.rows, "key", "it's \"a\" key")
  lu.assertStrContains(row.command, "limn " .. toys .. "/agree.lua --reps 20 --out " .. out .. " --row ")
  local copy = dir .. "/again"
  local command = row.command:gsub("^limn ", "'" .. testing.program .. "' "):gsub(" %-%-out %S+", " --out " .. copy)
  local text, code = testing.run(command .. " 2>/dev/null")
  lu.assertEquals(code, 0)
  lu.assertStrContains(text, "a < b & c")
  local again = by(decoded(copy .. "/agree.ledger.json").rows, "key", row.key)
  lu.assertEquals({ again.measured, again.low, again.high, again.sd }, { row.measured, row.low, row.high, row.sd })
end

function TestReport.testThePageIsWhole()
  local ids = {}
  local body = html:gsub("<script>.-</script>", ""):gsub("<style>.-</style>", "")
  for id in body:gmatch '%sid="([^"]*)"' do
    lu.assertNil(ids[id], "twice: " .. id)
    ids[id] = true
  end
  for id in body:gmatch "%sid='([^']*)'" do ids[id] = true end
  local links = 0
  for target in body:gmatch "href=[\"']([^\"']*)[\"']" do
    lu.assertEquals(target:sub(1, 1), "#", target)
    lu.assertTrue(ids[target:sub(2)] ~= nil, "leads nowhere: " .. target)
    links = links + 1
  end
  for target in body:gmatch "url%(['\"]?#([%w_%-]+)" do lu.assertTrue(ids[target] ~= nil, "leads nowhere: " .. target) end
  lu.assertTrue(links > 20)
  lu.assertNil(html:find("http", 1, true))
  lu.assertNil(html:find "%ssrc=")
  lu.assertNil(html:find "@import")
  lu.assertNotNil(body:find('<svg viewBox="', 1, true))
  lu.assertNotNil(body:find("<math>", 1, true))
end

function TestReport.testThePageTellsWhatWasFound()
  for _, text in ipairs { "no luck today", 'id="failures"', "a &lt; b &amp; c", "mean of n signs", "0, not 1/2",
    "Is the mean of signs &lt; 1?",
    '<a href="#A1">A1</a>', '<a href="#script-agree"><code>agree</code></a>', "No row of this ledger belongs to this claim",
    "There is no script <code>comparison</code>", "--row 'it'\\''s", "declares no claims" } do
    lu.assertTrue(html:find(text, 1, true) ~= nil, text)
  end
  local anchor = html:match '<tr id="([^"]*)"><td data%-sort="a &lt; b &amp; c"'
  lu.assertNotNil(anchor)
  lu.assertTrue(html:find(('<a href="#%s"><code>it\'s'):format(anchor), 1, true) ~= nil, "the text leads to the row")
  lu.assertTrue(html:find 'id="A2"' < html:find 'id="A10"', "claims stand in the order of their numbers")
end

function TestReport.testRowsAsAMatrix()
  local text, others = parts.matrix { { key = "labels | a < b", measured = 8.40631, low = 7.3621, high = 9.4504, anchor = "one" },
    { key = "degree | other", measured = 1, anchor = "two" }, { key = "a test", measured = 0 } }
  lu.assertEquals(#others, 1)
  lu.assertEquals(others[1].key, "a test")
  local lines = {}
  for line in text:match "<tbody>(.*)</tbody>":gmatch "<tr>(.-)</tr>" do lines[#lines + 1] = line end
  lu.assertEquals(#lines, 2)
  lu.assertStrContains(lines[1], '<td>a &lt; b</td><td class="n" data-sort="8.40631"><span id="one">8.41</span>')
  lu.assertStrContains(lines[1], "[7.36, 9.45]")
  lu.assertStrContains(lines[2], '<td>other</td><td class="n"></td><td class="n" data-sort="1"><span id="two">1</span>')
  lu.assertNil((parts.matrix { { key = "a test" } }))
end

function TestReport.testFinishedScriptsAreTaken()
  local log = dir .. "/later"
  local status, text = ledger(out, "--no-pdf", "TOY_LOG=" .. log)
  lu.assertEquals(status, 1)
  lu.assertFalse(testing.exists(log), "a finished cell was computed again")
  lu.assertNil(text:find("agree  done", 1, true))
  local now = decoded(out .. "/ledger.json")
  lu.assertEquals(by(now.rows, "key", "mean").measured, by(whole.rows, "key", "mean").measured)
end

-- The run of all scripts of a slow sweep, ended by `signal` after the first cells; then the same command again.
local function disturbed(name, signal)
  local place, log, status = dir .. "/" .. name, dir .. "/" .. name .. ".log", dir .. "/" .. name .. ".status"
  local environment = ("TOY_WORK=0.1 TOY_LOG=%s"):format(log)
  native.process.run({ "sh", "-c", ([[
    %s '%s' '%s' --scripts '%s' --workers 2 --out '%s' --only agree --no-pdf >/dev/null 2>&1 & p=$!
    while [ "$(cat '%s' 2>/dev/null | wc -l)" -lt 5 ]; do sleep 0.01; done
    kill -%s $p; wait $p; echo $? $(wc -l <'%s') >'%s']]):format(environment, testing.program, ledger_script, toys, place, log,
    signal, log, status) }, {}, 600)
  local ended, by_then = testing.read(status):match "(%d+) (%d+)"
  local code, text = ledger(place, "--only agree --no-pdf", environment)
  lu.assertEquals(code, 1, text) -- torn.lua does not load
  local _, computed = testing.read(log):gsub("\n", "")
  lu.assertTrue(computed >= 40 and computed <= 40 + 2 * 9, ("%d cells computed for 40"):format(computed))
  local row = by(decoded(place .. "/ledger.json").rows, "key", "mean")
  lu.assertEquals(row.measured, by(whole.rows, "key", "mean").measured)
  return tonumber(ended), tonumber(by_then)
end

function TestReport.testKilledItGoesOn() lu.assertEquals((disturbed("killed", "KILL")), 137) end

-- The script is interrupted too: it does not compute on behind the ledger.
function TestReport.testInterruptedItGoesOn()
  local code, computed = disturbed("stopped", "INT")
  lu.assertEquals(code, 130)
  lu.assertTrue(computed < 40, "all cells were computed before the interrupt took effect")
end

function TestReport.testALongSizeIsAnnounced()
  local place = dir .. "/long"
  local status, text = ledger(place, "--size large --no-pdf")
  lu.assertEquals(status, 2)
  lu.assertStrContains(text, "agree                         200 cells")
  lu.assertStrContains(text, "(stated)")
  lu.assertStrContains(text, "add --yes")
  lu.assertFalse(testing.exists(place .. "/agree.db"))
  status = ledger(place, "--size large --no-pdf --yes --only A2")
  lu.assertEquals(status, 1)
  local now = decoded(place .. "/ledger.json")
  lu.assertEquals(by(now.rows, "key", "mean").n, 200)
  lu.assertEquals(by(now.scripts, "name", "fails").state, "not run")
end

function TestReport.testThePaperSizeHasEightTimesTheReplicates()
  local status, text = ledger(dir .. "/paper", "--size paper")
  lu.assertEquals(status, 2)
  lu.assertStrContains(text, "agree                         800 cells") -- 2 x 8 x 50
end

function TestReport.testWrongCommandLines()
  for options, text in pairs { ["--only agre"] = 'did you mean "agree"?', ["--sise quick"] = "did you mean --size?",
    ["--workers x"] = "--workers: expected a whole number", ["--size"] = "--size needs a value", ["--yes=1"] = "--yes takes no value" } do
    local status, printed = ledger(dir .. "/wrong", options)
    lu.assertEquals(status, 2, options)
    lu.assertStrContains(printed, text)
  end
end

function TestReport.testPaged()
  local place = dir .. "/paged"
  local status, text = ledger(place, "--only contrary")
  lu.assertEquals(status, 1, text)
  if text:find("none of chromium", 1, true) then
    lu.assertFalse(testing.exists(place .. "/report.pdf"))
    testing.skip_if(true, "no program that writes the PDF")
  end
  lu.assertEquals(testing.read(place .. "/report.pdf"):sub(1, 5), "%PDF-", text)
end

function TestReport.testWithoutAProgramForPdfTheReportIsHtml()
  local place = dir .. "/plain"
  local bin = folder("bin", {})
  testing.run(("ln -s $(command -v sh) $(command -v kill) '%s' 2>/dev/null"):format(bin))
  local status, text = ledger(place, "--only contrary", ("PATH='%s'"):format(bin))
  lu.assertEquals(status, 1, text)
  lu.assertStrContains(text, "no report.pdf: none of chromium")
  lu.assertTrue(testing.exists(place .. "/report.html"))
  lu.assertFalse(testing.exists(place .. "/report.pdf"))
end

-- ---- parts ---------------------------------------------------------------------------------------------------------

TestParts = {}

function TestParts.testIdsOfAFigureAreItsOwn()
  local svg = parts.svg([[<?xml version="1.0"?><svg width="5pt" viewBox="0 0 5 5" xmlns="x"><title>Gnuplot</title>
<g id="a"/><use xlink:href='#a'/><g clip-path="url(#a)"/></svg>]], "p1", "q")
  lu.assertEquals(svg, [[<svg viewBox="0 0 5 5" role="img" aria-label="q">
<g id="p1-a"/><use xlink:href='#p1-a'/><g clip-path="url(#p1-a)"/></svg>]])
  lu.assertNil(parts.svg("no picture", "p", ""))
end

function TestParts.testCommentsBecomeProse()
  lu.assertEquals(parts.comment "One\nline.\n\nList:\n  - a < b,\n    more\n  - c\n\n  x = 1\n", "<p>One line.</p>\n<p>List:</p>\n"
    .. "<ul><li>a &lt; b, more</li><li>c</li></ul>\n<pre>x = 1</pre>")
end

function TestParts.testClaimsOfTheRepositoryAreRead()
  local list = readme.read(here .. "/../../../scripts")
  lu.assertEquals(#list.claims, 38)
  for i, claim in ipairs(list.claims) do
    lu.assertEquals(claim.number, i)
    lu.assertStrContains(claim.text, "- ")
  end
  lu.assertNotNil(list.sections["Reading a ledger"])
  lu.assertEquals(list.minutes.weights, 1)
end

-- Rows that disagree with the essay are in the list of where it is imprecise, and the other way round.
function TestReport.testFindings()
  local findings = require "limn.report.findings"
  local list = readme.parse [==[
## Where the essay is imprecise
- One ([A1](#a1-one)), three ([A3](#a3-three)) and five ([A5](#a5-five)).
## Claims
### A1: one
### A2: two
### A3: three
### A4: four
### A5: five
]==]
  local function row(id, essay) return { id = id, essay_verdict = essay } end
  local rows = { row("A1", "refines"), row("A2, A1", "disagrees"), row("A2", "agrees"), row("A3", "agrees"), row("A4", "undecided"),
    row("A3", "undecided"), row("A4", "-") }
  lu.assertEquals(findings.remarks(list, rows), { "Disagree with the essay, or refine it, and are not in the list: A2 (1 row).",
    "In the list, and no row disagrees with the essay: A3 (1 row)." })
  lu.assertEquals(findings.remarks(list, { row("A1", "disagrees") }), {})
  lu.assertEquals(findings.remarks(readme.parse "## Claims\n### A1: one\n", rows), {})
end

-- Deliberate faults, those that were not noticed among them.
function TestReport.testFaults()
  local faults = require "limn.report.faults"
  local file = dir .. "/faults.json"
  native.files.put(file, native.json.encode { command = "again", count = 2,
    tally = { killed = 1, survived = 1 }, faults = native.json.list {
    { name = "a", what = "a < b", file = "x.c", status = "killed", by = native.json.list { "test_x: case" }, also = native.json.list {} },
    { name = "b", what = "B", file = "y.c", status = "survived", detail = "y_spec passed", by = native.json.list {},
      also = native.json.list { "weights: z" } } } })
  local section = faults.html(faults.read(file))
  for _, part in ipairs { "<b>1 were not noticed</b>", "a &lt; b", "test_x: case", "<b>survived</b>: y_spec passed", "weights: z" } do
    lu.assertStrContains(section, part)
  end
  lu.assertEquals({ faults.read(dir .. "/none.json") }, { nil, "there is no such file" })
  native.files.put(file, "{")
  lu.assertNotNil(select(2, faults.read(file)))
  native.files.put(file, "{}")
  lu.assertStrContains(select(2, faults.read(file)), "no list of faults")
  local command = ("%s %s --scripts %s --out %s/faults --no-pdf --quiet --faults %s 2>&1"):format(testing.program,
    ledger_script, dir, dir, file)
  local pipe = io.popen(command)
  local printed = pipe:read "a"
  pipe:close()
  lu.assertStrContains(printed, "--faults: ")
end

local code = lu.LuaUnit.run()
testing.run(("rm -rf '%s'"):format(dir))
os.exit(code)
