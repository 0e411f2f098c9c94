-- script_run.lua: common functions of the specs of scripts: loading a script, and its ledger without printing.

local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

local testing = dofile(here .. "/testing.lua")
local picture = dofile(here .. "/picture.lua")

local run = {}

-- The experiment that scripts/NAME.lua declares.
function run.script(name) return assert(loadfile(here .. "/../../../scripts/" .. name .. ".lua"))() end

-- Runs the report without printing; returns the ledger's rows. options: those of the run (params, grid, ...), which an
-- experiment's claims may depend on.
function run.report(e, results, options)
  local declared = e:ledger(options)
  local new = limn.claims.new
  limn.claims.new = function(...)
    local ledger = new(...)
    ledger.print = function() end
    return ledger
  end
  local ok, ledger = pcall(e.report, results, declared)
  limn.claims.new = new
  if not ok then error(ledger, 0) end
  return (declared or ledger).rows
end

-- The report may raise on no part of the cells: a sweep tries it on the first ones, and --partial reports what is there.
local function assert_partial(e, results, options)
  local draw = limn.rng.stream { seed = 11 }
  for _, part in ipairs { 0.1, 0.3, 0.5, 0.8 } do
    local kept, count = {}, 0
    for i = 1, #results do
      kept[i] = part < 0.2 and i <= 2 or part >= 0.2 and draw:uniform() < part
      count = count + (kept[i] and 1 or 0)
    end
    local i = 0
    local some = results:where(function() i = i + 1 return kept[i] end)
    some.partial = true
    local ok, e_ = pcall(run.report, e, some, options)
    if not ok then error(("report of %d of %d cells: %s"):format(#some, #results, tostring(e_)), 0) end
  end
end

-- A small run of the script: its ledger's rows by key, the rows in order, and the results. Every row must be measured.
function run.ledger(e, options)
  options.workers = 0
  local results, failed = e:run(options)
  if failed ~= 0 then error(("%d cells failed"):format(failed), 0) end
  assert_partial(e, results, options)
  local rows, by_key = run.report(e, results, options), {}
  for _, row in ipairs(rows) do
    if row.measured == nil and row.test ~= "definition" then error("not measured: " .. row.key, 0) end
    by_key[row.key] = row
  end
  return by_key, rows, results
end

-- Asserts that a figure of a script has no fault that a reader would see; see picture.lua. In LIMN_PICTURES=FOLDER the
-- figures are kept as PNG, to be looked at.
local kept = 0
function run.well_drawn(fig)
  lu.assertEquals(tostring(fig):sub(1, 12), "limn.plot fi")
  fig.quiet = true
  local path, folder = os.tmpname(), os.getenv "LIMN_PICTURES"
  os.remove(path)
  assert(fig:save(path .. ".svg"))
  local text = testing.read(path .. ".svg")
  os.remove(path .. ".svg")
  os.remove(path .. ".gp")
  if folder then
    kept = kept + 1
    assert(fig:save(("%s/%s_%d.png"):format(folder, arg[0]:match "([%w_]+)_spec%.lua$" or "figure", kept)))
  end
  lu.assertEquals(picture.faults(fig, text), {})
end

-- The figures that f() makes, in order; what it prints is dropped.
function run.figures_of(f)
  local made, new = {}, limn.plot.figure
  run.with(_G, "print", function() end, function()
    run.with(limn.plot, "figure", function(options)
      made[#made + 1] = new(options)
      return made[#made]
    end, f)
  end)
  return made
end

-- Runs a small sweep, report and plot; returns the rows of the ledger by claim, and the results.
function run.rows_of(name, options)
  local e, rows = run.script(name), {}
  options.workers = 0
  local results, failed = e:run(options)
  lu.assertEquals(failed, 0)
  assert_partial(e, results, options)
  for _, row in ipairs(run.report(e, results, options)) do rows[row.claim] = row end
  run.well_drawn(e.plot(results))
  return rows, results
end

-- Asserts that a claim was measured, within the tolerance of its theory.
function run.near(rows, claim, tolerance)
  local row = rows[claim]
  lu.assertNotNil(row, claim)
  lu.assertNotNil(row.measured, claim)
  lu.assertTrue(math.abs(row.measured - row.theory) <= tolerance, ("%s: %g, theory %g"):format(claim, row.measured, row.theory))
end

-- The keys of the rows that disagree with the theory, in order.
function run.disagree(rows)
  local out = {}
  for _, row in ipairs(rows) do
    if row.theory_verdict == "disagrees" then out[#out + 1] = row.key end
  end
  return out
end

-- f() with module[name] replaced; what it returns.
function run.with(module, name, value, f)
  local old = module[name]
  module[name] = value
  local out = table.pack(pcall(f))
  module[name] = old
  if not out[1] then error(out[2], 0) end
  return table.unpack(out, 2, out.n)
end

return run
