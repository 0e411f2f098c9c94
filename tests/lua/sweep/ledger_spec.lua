-- ledger_spec.lua: the claims of an experiment from declaration to file: printed before and after the run, kept in the
-- store, compared with what was declared before the data.
-- slow: 3 s
local lu = require "luaunit"
local limn = require "limn"
local native = require "limn.native"

local testing = dofile(debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../support/testing.lua")
local dir = testing.temp_dir()

-- M, THEORY, LEVEL, MORE and REPORT of the environment change the declaration; nothing else does.
testing.write(dir .. "/coin.lua", [[
local limn = require "limn"
local function set(name, otherwise) return tonumber(os.getenv(name)) or otherwise end
return limn.experiment { name = "coin", question = "Is it fair?", level = set("LEVEL", 0.9), reps = 8,
  params = { n = 10, p = 0.5 }, grid = { n = "10:12" },
  measure = function(point, rng) return { x = point.p + rng:normal() / 10, e = point.n * 1e-12 } end,
  claims = function(params, plan)
    local rows = { { key = "identity", id = "A1", claim = "sum of parts", bound = 1e-9 } }
    for _, n in ipairs(plan.grid.n) do
      rows[#rows + 1] = { key = "mean at " .. n, id = "A2", claim = ("mean of %d"):format(n), theory = set("THEORY", params.p),
        essay = 0.9, refines = "so", equal = { margin = set("M", 0.2) }, spread = n == 11 and 0.1 or nil }
    end
    rows[#rows + 1] = { claim = "what is left out", theory = 1, slope = { margin = 0.1 } }
    if os.getenv "MORE" then rows[#rows + 1] = { claim = "thought of later", describe = true } end
    return rows
  end,
  report = function(results, ledger)
    ledger:measure("identity", limn.claims.largest(results:column "e"))
    for _, n in ipairs { 10, 11, 12 } do
      local at = results:where { n = n }
      if #at > 0 then ledger:measure("mean at " .. n, limn.claims.mean(at:column "x")) end
    end
    print "reported"
  end }
]])

local function run(options, environment)
  return testing.run(("cd %s; (%s %s coin.lua --quiet --workers 0 %s) 2>&1"):format(dir, environment or "", testing.program,
    options or ""))
end

local function ledger_of(folder)
  return native.json.decode(assert(testing.read(("%s/%s/coin.ledger.json"):format(dir, folder))))
end

local function row_of(whole, key)
  for _, row in ipairs(whole.rows) do if row.key == key then return row end end
end

TestLedger = {} -- luacheck: ignore

function TestLedger:test_from_declaration_to_file()
  local said = run "--dry-run --out one"
  lu.assertStrContains(said, "claims (90 % for all of them together):")
  lu.assertStrMatches(said, ".*\nA1 +sum of parts .* bound .* no sampling error\n.*")
  lu.assertStrMatches(said, ".*\nA2 +mean of 10 +0.9 ±0.2 +0.5 ±0.2 +equal +0.975 +8 .* 80 %% up to a spread of 0%.%d+\n.*")
  local power = limn.stats.power { low = 0.3, high = 0.7, mean = 0.5, sd = 0.1, n = 8, level = 0.975 }
  lu.assertStrMatches(said, (".*\nA2 +mean of 11 .* 8 +0.1 +%d %%%%\n.*"):format(100 * power // 1))
  said = run "--out one"
  lu.assertStrContains(said, "reported\nIs it fair?\n") -- the table follows the report
  lu.assertStrMatches(said, ".*A2 +mean of 10 +0.9 ±0.2 +0.5 ±0.2 .* 0.975 +refines +agrees +so\n.*")
  lu.assertStrMatches(said, ".*what is left out .* undecided +not measured.*")
  local whole = ledger_of "one"
  lu.assertEquals({ whole.experiment, whole.level, whole.family, #whole.rows, whole.cells, whole.reps }, { "coin", 0.9, 4, 5, 24, 8 })
  local row = row_of(whole, "mean at 10")
  lu.assertEquals({ row.essay, row.theory, row.test, row.margin, row.n, row.essay_verdict, row.theory_verdict },
    { 0.9, 0.5, "equal", 0.2, 8, "refines", "agrees" })
  lu.assertTrue(row.low < row.measured and row.measured < row.high and row.sd > 0)
  lu.assertEquals(row.method, "mean of 8, Student")
  lu.assertNil(row.changed)
  -- the command in the row prints the row
  lu.assertEquals(row.command, "limn coin.lua --quiet --workers 0 --out one --row 'mean at 10'")
  local alone = testing.run(("cd %s; %s %s"):format(dir, testing.program, row.command:match "^limn (.*)"))
  testing.run(("cd %s; %s coin.lua --row 'mean at 10' --out one 2>&1"):format(dir, testing.program))
  lu.assertStrContains(alone, "mean of 10")
  lu.assertNotStrContains(alone, "mean of 11")
  lu.assertEquals(row_of(ledger_of "one", "mean at 11").command, -- of that run the option is left out
    "limn coin.lua --out one --row 'mean at 11'")
  -- the spread that was measured is what the next dry run plans with
  said = run "--dry-run --out one"
  lu.assertStrMatches(said, (".*\nA2 +mean of 10 .* 8 +%s .*"):format((("%.3g"):format(row.sd):gsub("%.", "%%."))))
end

function TestLedger:test_row_that_is_not_there()
  lu.assertStrContains(run "--row 'mean at 13'", 'no row with the key "mean at 13"; did you mean "mean at 10"?')
  testing.write(dir .. "/plain.lua", "return require('limn').experiment { name = 'plain', measure = function() return {} end }")
  lu.assertStrContains(testing.run(("cd %s; %s plain.lua --row x 2>&1"):format(dir, testing.program)), "declares no claims")
end

function TestLedger:test_changes_after_the_data_are_reported()
  run "--out two --reps 4"
  lu.assertNil(row_of(ledger_of "two", "mean at 10").changed)
  local changes = { { "M=0.4", "margin changed after data (was 0.2)" }, { "THEORY=0.6", "theory changed after data (was 0.5)" },
    { "LEVEL=0.8", "level changed after data (was 0.9)" } }
  for _, options in ipairs { "--reps 4", "--reps 5", "--seed 2", "--plot-only --stale --reps 4", "--grid n=10" } do
    for _, change in ipairs(changes) do
      local said = run("--out two " .. options, change[1])
      lu.assertEquals(row_of(ledger_of "two", "mean at 10").changed, change[2], options)
      lu.assertStrContains(said, change[2])
      local alone = run("--out two --row 'mean at 10' " .. options, change[1])
      lu.assertStrContains(alone, change[2])
    end
  end
  run("--out two --reps 4", "MORE=1")
  lu.assertEquals(row_of(ledger_of "two", "thought of later").changed, "declared after data")
  lu.assertNil(row_of(ledger_of "two", "mean at 10").changed) -- as it was declared
  run("--out two --reps 4", "MORE=1 M=0.4")
  lu.assertEquals(row_of(ledger_of "two", "thought of later").changed, "declared after data") -- for good
  run("--out two --reps 4 --fresh", "M=0.4")
  lu.assertNil(row_of(ledger_of "two", "mean at 10").changed) -- the data are gone
end

-- The level of a row holds for one look: the rows that were judged by other replicates or seeds before report it.
function TestLedger:test_looks_are_counted()
  local function note(options, key)
    local said = run("--out looks " .. options)
    local text = row_of(ledger_of "looks", key or "mean at 10").note
    lu.assertTrue(said:find(text, 1, true) ~= nil)
    return text
  end
  lu.assertEquals(note "--reps 5", "so")
  lu.assertEquals(note "--reps 5 --plot-only", "so") -- the same look
  lu.assertEquals(note "--reps 7", "look 2: 5 replicates were judged before; so")
  lu.assertStrContains(run "--out looks --reps 7 --row 'mean at 10'", "look 2: 5 replicates were judged before")
  lu.assertEquals(note "--reps 7 --seed 2", "look 3: 5 replicates of seed 1, 7 replicates of seed 1 were judged before; so")
  lu.assertEquals(note "--reps 8", "look 4: 5 replicates, 7 replicates, 7 replicates of seed 2 were judged before; so")
  lu.assertEquals(note("--reps 8", "identity"), "") -- no sampling error
  lu.assertEquals(row_of(ledger_of "looks", "what is left out").note, "not measured")
  lu.assertNotStrContains(note "--reps 5 --p 0.6", "judged before") -- other claims
  lu.assertEquals(note "--reps 5 --fresh", "so") -- the looks are gone with the cells
end

-- Other parameters are other claims.
function TestLedger:test_scope()
  run "--out three --reps 4"
  run("--out three --reps 4 --p 0.6", "M=0.4")
  local row = row_of(ledger_of "three", "mean at 10")
  lu.assertEquals({ row.theory, row.margin, row.changed }, { 0.6, 0.4, nil })
  run("--out three --reps 4 --p 0.6", "M=0.3")
  lu.assertEquals(row_of(ledger_of "three", "mean at 10").changed, "margin changed after data (was 0.4)")
  run "--out three --reps 4 --fresh" -- discards the cells of p = 0.6, too, and what was declared for them
  run("--out three --reps 4 --p 0.6", "M=0.3")
  lu.assertNil(row_of(ledger_of "three", "mean at 10").changed)
end

-- Shards carry their declarations into the store that they are merged in.
function TestLedger:test_shards()
  run "--out four --shard 1/2"
  run("--out four --shard 2/2")
  lu.assertFalse(testing.exists(dir .. "/four/coin.1-of-2.ledger.json"))
  local said = testing.run(("cd %s/four; %s store merge all.db coin.1-of-2.db coin.2-of-2.db 2>&1"):format(dir, testing.program))
  lu.assertStrContains(said, "24")
  run "--out four --store four/all.db --plot-only"
  lu.assertNil(row_of(ledger_of "four", "mean at 10").changed)
  run("--out four --store four/all.db --plot-only --stale", "M=0.3")
  lu.assertEquals(row_of(ledger_of "four", "mean at 10").changed, "margin changed after data (was 0.2)")
end

function TestLedger:test_without_a_script()
  local seen
  local e = limn.experiment { name = "e", run = false, params = { n = 2, k = 1 }, grid = { n = { 2, 4 } }, reps = 3, seed = 5,
    measure = function(p) return { m = p.n } end,
    claims = function(params, plan)
      seen = { params.k, plan.reps, plan.seed, plan.cells, plan.grid.n, plan.grid.k }
      return { { claim = "c", theory = params.k, equal = { margin = 1 } } }
    end }
  local ledger = e:ledger { params = { k = 7 }, reps = 2 }
  lu.assertEquals(seen, { 7, 2, 5, 4, { 2, 4 }, { 7 } })
  lu.assertEquals({ ledger.level, ledger.rows[1].theory }, { 0.95, 7 })
  lu.assertNil(limn.experiment { name = "e", run = false, measure = print }:ledger())
  lu.assertErrorMsgContains("claims must be a list of rows or a function", limn.experiment,
    { name = "e", run = false, measure = print, claims = 3 })
  local bad = limn.experiment { name = "e", run = false, measure = print, claims = { { claim = "c" } } }
  lu.assertErrorMsgContains("expected exactly one test", bad.ledger, bad)
end

local code = lu.LuaUnit.run()
os.execute("rm -rf " .. dir)
os.exit(code)
