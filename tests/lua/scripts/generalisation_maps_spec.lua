-- generalisation_maps_spec.lua: the gallery, small, from sweep to ledger and pictures.
-- slow: 30 s
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")

TestGallery = {} -- luacheck: ignore

function TestGallery:test_sweep_ledger_and_figures()
  local e = run.script "generalisation_maps"
  local options = { workers = 0, reps = 3, grid = { set = { 4 }, start = { "none", "random", "limit" }, width = { 2, 4, 16, 64, 256 } },
    params = { seeds = 16, n = 16, steps = 2000 } }
  local results, failed = e:run(options)
  lu.assertEquals(failed, 0)
  local by = {}
  for _, r in ipairs(results:where({ rep = 1, skipped = 0 }):rows()) do by[r.start .. r.width] = r end
  local narrow, wide, left = by.none4, by.none256, by.random256
  lu.assertTrue(narrow.failed / narrow.runs > wide.failed / wide.runs)
  lu.assertTrue(wide.agreement > narrow.agreement)
  lu.assertTrue(wide.rms < 0.1 and wide.rms < 0.5 * narrow.rms)
  lu.assertTrue(math.abs(math.log(wide.spread / by.none64.spread, 4) + 1) < 0.5) -- as 1/n
  lu.assertTrue(left.spread > 5 * wide.spread) -- the offset stays
  lu.assertTrue(left.spread > left.predicted / 2 and left.spread < left.predicted * 2)
  lu.assertTrue(wide.square < wide.rms ^ 2)
  lu.assertTrue(by.limit64.close < by.limit4.close) -- more units draw the limit better
  local first = results:where({ start = "none", width = 4 }):rows()
  lu.assertTrue(first[1].rms ~= first[2].rms) -- replicates have nets of their own

  local rows = {}
  for _, row in ipairs(run.report(e, results, options)) do rows[row.claim] = row end
  local function row(claim) return assert(rows["xor, " .. claim], claim) end
  lu.assertEquals(row("start none: kinds of sign map, width 4").essay_verdict, "agrees")
  lu.assertTrue(math.abs(row("start none: variance over seeds ~ n^s").measured + 1) < 0.4)
  lu.assertTrue(math.abs(row("start none: a run's distance to the limit ~ n^s").measured + 0.5) < 0.3)
  lu.assertTrue(row("start none: entropy of the sign maps in bits, width 4 minus width 256").measured > 3)
  lu.assertTrue(math.abs(row("start random: variance over seeds / GP posterior variance, width 256").measured - 1) < 0.5)
  lu.assertEquals(row("start none: Lempel-Ziv phrases, limit minus nets of width 4: more in the limit").essay_verdict, "disagrees")
  lu.assertEquals(row("start none: Lempel-Ziv phrases, limit minus nets of width 4: fewer in the limit").theory_verdict, "agrees")

  local folder, saved = os.tmpname(), {}
  os.remove(folder)
  assert(require("limn.native").posix.mkdir(folder))
  local made = run.figures_of(function()
    print = function(text) saved[#saved + 1] = text:match "wrote (.*)" end -- luacheck: ignore
    assert(e.plot(results, folder))
  end)
  for i = 1, 2 do run.well_drawn(made[i]) end -- the measures, and one sheet of seven
  lu.assertEquals(#saved, 7)
  for _, path in ipairs(saved) do
    local file = assert(io.open(path, "rb"))
    lu.assertTrue(#file:read "a" > 5000, path)
    file:close()
    os.remove(path)
  end
  os.remove(folder)
end

function TestGallery:test_every_set_has_labels_and_a_limit()
  local e = run.script "generalisation_maps"
  local results, failed = e:run { workers = 0, reps = 1, grid = { set = "1:7", start = { "none" }, width = { 32 } },
    params = { seeds = 4, n = 12, steps = 500 } }
  lu.assertEquals(failed, 0)
  lu.assertEquals(#results:rows(), 7)
  local _, broken = e:run { workers = 0, reps = 1, grid = { set = { 4 }, start = { "sideways" }, width = { 8 } }, params = { seeds = 4 } }
  lu.assertEquals(broken, 1)
end

os.exit(lu.LuaUnit.run())
