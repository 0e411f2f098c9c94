-- luacheck: allow defined top
-- failures_spec.lua: cells that fail are data: report, ledger and figure are made from the others, failures are summed by
-- message, and a sweep whose first cells all fail alike ends early.
-- slow: 5 s

local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")

TestFailures = {}

-- bad: how many of seven cells fail; slow: seconds that a cell takes.
local script = toy.write("f.lua", [[
local limn = require "limn"
local posix = require("limn.native").posix
return limn.experiment { name = "f", question = "q", params = { n = 1, bad = 0, slow = 0.0 }, grid = { n = "1:40" },
  measure = function(p)
    local stop = posix.now() + p.slow
    while posix.now() < stop do end
    if p.n % 7 < p.bad then error("bad luck at " .. p.n) end
    return { m = p.n, loss = p.n == 5 and 1 / 0 or 1, how = p.n == 6 and "diverged" or "steps" }
  end,
  claims = { { claim = "m grows", theory = 1, slope = { margin = 0.1 } }, { claim = "m at 7", theory = 7, equal = { margin = 1 } },
    { claim = "loss at 5", describe = true } },
  report = function(r, ledger)
    ledger:measure("m at 7", limn.claims.mean(r:where { n = 7 }:column "m"))
    print("grid", #ledger.plan.grid.n, ledger.params.bad, #r:where({ n = 7 }):pivot("rep", "n", "m"))
    ledger:measure("loss at 5", limn.claims.exact(#r))
    print("rows", #r, r:where { n = 7 }:rows()[1].m)
  end,
  plot = function(r, out)
    local fig = limn.plot.figure {}
    fig:line { x = r:column "n", y = r:column "m" }
    fig:save(out .. "/f.svg")
    print("caption: " .. fig:caption())
  end }
]])

local function run(options)
  return toy.sh("cd %s && %s %s --workers 2 --quiet %s", toy.dir, toy.program, script, options)
end

local function has(text, part)
  if not text:find(part, 1, true) then lu.fail(("no %q in:\n%s"):format(part, text)) end
end

-- What --json prints in place of a table for people.
function TestFailures.testJson()
  local decode = require("limn.native").json.decode
  local function answer(line, ...)
    local _, said = toy.sh(line, ...)
    return decode(said)
  end
  local options = "--bad 1 --grid n=1:9 --reps 1 --out json"
  local plan = answer("cd %s && %s %s --dry-run --json %s", toy.dir, toy.program, script, options)
  lu.assertEquals({ plan.name, plan.cells, plan.stored, #plan.plan, plan.plan[9].params.n, plan.plan[9].rep, plan.claims[1].claim },
    { "f", 9, nil, 9, 9, 1, "m grows" })
  run(options)
  plan = answer("cd %s && %s %s --dry-run --json %s", toy.dir, toy.program, script, options)
  lu.assertEquals({ plan.stored, plan.stale, plan.lost }, { 8, 0, 0 })
  local file = toy.dir .. "/json/f.db"
  local listed = answer("%s store ls --json %s", toy.program, file)
  lu.assertEquals({ listed.path, listed.name, listed.cells, listed.failed, listed.versions, listed.stale, listed.changed },
    { file, "f", 8, 1, 1, 0, {} })
  local shown = answer("%s store show %s --json", toy.program, file)
  lu.assertEquals({ #shown.runs, shown.runs[1].cells, shown.runs[1].failed, shown.runs[1].seed }, { 1, 8, 1, 1 })
  lu.assertStrContains(shown.runs[1].command, "--bad 1")
  local failed = answer("%s store failed %s --json", toy.program, file)
  lu.assertEquals({ #failed.failed, failed.failed[1].params.n, failed.failed[1].rep, failed.failed[1].stale, failed.kept },
    { 1, 7, 1, false, {} })
  has(failed.failed[1].failure, "bad luck at 7")
  has(failed.failed[1].kind, "bad luck at #")
  local status, said = toy.sh("cd %s && %s %s --json", toy.dir, toy.program, script)
  lu.assertEquals(status, 2)
  has(said, "--json goes with --dry-run")
end

-- 7, 14, .. 35 and 1, 8, .. 36 fail: the report needs 7.
function TestFailures.testReportAndFigureFromWhatIsThere()
  local status, said = run "--bad 2 --out some"
  lu.assertEquals(status, 1, said)
  has(said, "f: 11 of 40 cells failed\n")
  has(said, "f: the report failed, perhaps for lack of cells (11 of 40 cells failed): ")
  has(said, "undecided  not measured: 11 of 40 cells failed")
  has(said, "undecided  no values") -- a column of missing cells is empty
  has(said, "grid\t40\t2\t0\n") -- the plan has the whole grid
  lu.assertStrMatches(said, ".*loss at 5 +29 .*") -- rows after it are measured
  has(said, "caption: 11 of 40 cells failed")
  has(toy.read(toy.dir .. "/some/f.gp"), "\nset label 1 '11 of 40 cells failed' at screen")
  has(toy.read(toy.dir .. "/some/f.svg"), "11 of 40 cells failed</")
  has(toy.read(toy.dir .. "/some/f.json"), '"missing":11')
  has(toy.read(toy.dir .. "/some/f.ledger.json"), '"missing":11')
  lu.assertTrue(toy.read(toy.dir .. "/some/f.svg") ~= nil)
  local _, listed = toy.sh("%s store failed %s/some/f.db", toy.program, toy.dir) -- one traceback, all names
  lu.assertEquals({ select(2, listed:gsub("bad luck at", "")), select(2, listed:gsub("stack traceback", "")),
    select(2, listed:gsub("rep=1, seed=1\n", "")) }, { 1, 1, 11 })
  has(listed, "10 more failed alike:\n")
  status, said = run "--bad 2 --out some --plot-only" -- those cells have failed: nothing is left to compute
  lu.assertEquals(status, 1, said)
  has(said, "caption: 11 of 40 cells failed")
end

function TestFailures.testFailuresAreSummedByMessage()
  local _, said = run "--bad 2 --out sum"
  has(said, "11 cells failed alike: ")
  has(said, "in upvalue 'measure'")
  has(said, "bad luck at 1\n")
  local command = said:match "run it alone with: limn (store rerun [^\n]+)"
  local status, alone = toy.sh("cd %s && %s %s", toy.dir, toy.program, command)
  lu.assertEquals(status, 1)
  has(alone, "n=1, slow=0, rep=1, seed=1: fails: " .. script .. ":7: bad luck at 1\nstack traceback")
end

function TestFailures.testFirstCellsThatAllFailAlikeEndTheSweep()
  local status, said = run "--bad 7 --out alike"
  lu.assertEquals(status, 1, said)
  has(said, "20 cells failed alike: ")
  has(said, "f: stopped: the first 20 cells failed alike after 0 of 40 cells")
  status, said = run "--bad 7 --out alike --keep-going --retry 1"
  lu.assertEquals(status, 1, said)
  has(said, "40 cells failed alike: ")
  has(said, "no report, no figure")
end

-- One cell that is there, or one other message, and the sweep goes on.
function TestFailures.testOtherMessagesGoOn()
  local function sweep(measure, options)
    local e = limn.experiment { name = "a", run = false, params = { n = 1 }, grid = { n = "1:60" }, measure = measure }
    return e:run(options or { workers = 0 })
  end
  local _, failed, stopped, kind = sweep(function(p) error("no luck at " .. p.n) end)
  lu.assertEquals({ failed, kind }, { 20, "alike" }, stopped)
  _, failed, stopped = sweep(function(p) error("no luck at " .. p.n) end, { workers = 0, keep_going = true })
  lu.assertEquals({ failed, stopped }, { 60 })
  _, failed, stopped = sweep(function(p) error(p.n == 13 and "other" or "no luck") end)
  lu.assertEquals({ failed, stopped }, { 60 })
  _, failed, stopped = sweep(function(p) return p.n == 13 and { v = 1 } or error("no luck") end)
  lu.assertEquals({ failed, stopped }, { 59 })
end

function TestFailures.testValuesThatAreNotFiniteAreCounted()
  local status, said = toy.sh("cd %s && %s %s --workers 0 --out finite", toy.dir, toy.program, script)
  lu.assertEquals(status, 0, said)
  has(said, 'f: 2 of 40 cells hold values that are not finite or "diverged" (how 1, loss 1)')
  lu.assertNil(toy.read(toy.dir .. "/finite/f.gp"):find("cells", 1, true))
end

-- A later run with --retry computes the failed cells again; the counts of the first stay.
function TestFailures.testTheStoreCountsFailuresOfARun()
  run "--bad 2 --out runs"
  run "--bad 2 --out runs --retry 1"
  local _, shown = toy.sh("cd %s && %s store show runs/f.db", toy.dir, toy.program)
  has(shown:match "run 1:[^\n]*" or shown, "29 cells, 11 failed")
  has(shown:match "run 2:[^\n]*" or shown, "0 cells, 11 failed")
end

function TestFailures.testPartialAfterATimeLimit()
  local status, said = run "--slow 0.2 --time-limit 1 --out partial --partial"
  lu.assertEquals(status, 75, said)
  has(said, "stopped at its time limit after ")
  has(said, "caption: ")
  has(said, "cells are missing (0 failed)")
  status, said = run "--slow 0.2 --out partial --plot-only"
  lu.assertEquals(status, 1, said)
  has(said, "the command without --plot-only computes them, --partial draws without them")
  lu.assertNil(said:find("caption: ", 1, true))
  status, said = run "--slow 0.2 --out partial --plot-only --partial"
  lu.assertEquals(status, 1, said)
  has(said, "caption: ")
end

-- Cells that fail may be those that would refute a claim: nothing agrees without them.
local biased = toy.write("biased.lua", [[
local limn = require "limn"
return limn.experiment { name = "biased", question = "q", params = { n = 1, bad = 5 }, grid = { n = "1:8" }, reps = 3,
  measure = function(p, rng)
    if p.n == p.bad then error "bad luck" end
    return { error = p.n == 5 and 1 or 1e-12, x = 1 + rng:normal() / 1000 }
  end,
  claims = { { claim = "largest error over all n", bound = 1e-9 }, { claim = "mean", theory = 1, equal = { margin = 0.1 } },
    { claim = "refuted", theory = 2, equal = { margin = 0.1 } }, { claim = "law", essay = 2, theory = 1,
      equal = { margin = 0.1 }, refines = "so" }, { claim = "count", describe = true } },
  report = function(r, ledger)
    ledger:measure("largest error over all n", limn.claims.largest(r:column "error"))
    for _, key in ipairs { "mean", "refuted", "law" } do ledger:measure(key, limn.claims.mean(r:column "x")) end
    ledger:measure("count", limn.claims.exact(#r))
  end,
  plot = function(r, out)
    local fig = limn.plot.figure {}
    fig:line { x = r:column "n", y = r:column "x" }
    fig:save(out .. "/biased.svg")
    print("caption: " .. fig:caption())
  end }
]])

local function verdicts_in(folder)
  local out, notes = {}, {}
  for i, row in ipairs(require("limn.native").json.decode(toy.read(("%s/%s/biased.ledger.json"):format(toy.dir, folder))).rows) do
    out[i], notes[i] = row.essay_verdict .. " " .. row.theory_verdict, row.note
  end
  return out, notes
end

local function judged(options)
  return toy.sh("cd %s && %s %s --workers 0 --quiet %s", toy.dir, toy.program, biased, options)
end

function TestFailures.testNothingAgreesWhileCellsAreMissing()
  local _, said = judged "--bad 0 --out complete"
  lu.assertEquals(verdicts_in "complete", { "- disagrees", "- agrees", "- disagrees", "refines agrees", "described -" }, said)
  lu.assertEquals(select(2, verdicts_in "complete"), { "", "", "", "so", "" })
  _, said = judged "--out failed"
  local found, notes = verdicts_in "failed"
  lu.assertEquals(found, { "- undecided", "- undecided", "- disagrees", "undecided undecided", "described -" }, said)
  for _, note in ipairs(notes) do has(note, "3 of 24 cells failed") end
  has(said, "q\n3 of 24 cells failed\n") -- above the table
  lu.assertStrMatches(said, ".*\nlargest error over all n [^\n]*undecided +3 of 24 cells failed\n.*")
  _, said = judged "--out failed --row mean"
  lu.assertStrMatches(said, ".*\nmean [^\n]*undecided +3 of 24 cells failed\n.*")
  judged "--out part --shard 1/2" -- a store with half of the cells
  _, said = judged "--out part --store part/biased.1-of-2.db --plot-only --partial"
  found, notes = verdicts_in "part"
  lu.assertEquals(found, { "- undecided", "- undecided", "- disagrees", "undecided undecided", "described -" }, said)
  lu.assertStrMatches(notes[2], "%d+ of 24 cells are missing %(%d failed%)")
end

-- Cells of other code are named wherever their numbers are shown, and nothing agrees by them.
function TestFailures.testStaleCellsAreNamedInWhatIsPublished()
  local text = toy.read(biased)
  judged "--bad 0 --out old --reps 2"
  local code = toy.read(toy.dir .. "/old/biased.json"):match '"code":"(%x+)"'
  lu.assertNil(toy.read(toy.dir .. "/old/biased.json"):find "stale")
  toy.write("biased.lua", (text:gsub("/ 1000", "/ 2000")))
  local status, said = judged "--bad 0 --out old --stale"
  toy.write("biased.lua", text)
  lu.assertEquals(status, 0, said)
  local line = "16 of 24 cells are stale (computed by other code)"
  has(said, "q\n" .. line .. "\n")
  has(said, "caption: " .. line)
  has(toy.read(toy.dir .. "/old/biased.svg"), line .. "</")
  local json = require("limn.native").json
  local from = json.decode(toy.read(toy.dir .. "/old/biased.json")).from
  lu.assertEquals(from.stale, { cells = 16, codes = { code } })
  lu.assertNotEquals(from.code, code)
  lu.assertEquals(json.decode(toy.read(toy.dir .. "/old/biased.ledger.json")).stale, from.stale)
  local found, notes = verdicts_in "old"
  lu.assertEquals(found, { "- disagrees", "- undecided", "- disagrees", "undecided undecided", "described -" })
  for _, note in ipairs(notes) do has(note, line) end
  status, said = judged "--bad 0 --out old --fresh"
  lu.assertEquals(status, 0, said)
  lu.assertNil(said:find "stale")
  lu.assertEquals(verdicts_in "old", { "- disagrees", "- agrees", "- disagrees", "refines agrees", "described -" })
end

toy.finish(lu.LuaUnit.run())
