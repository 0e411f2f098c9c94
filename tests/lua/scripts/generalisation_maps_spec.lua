-- generalisation_maps_spec.lua: the gallery, small, from sweep to ledger and pictures.
-- slow: 41 s
local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

TestGallery = {} -- luacheck: ignore

function TestGallery:test_sweep_ledger_and_figures()
  local e = assert(loadfile(here .. "/../../../scripts/generalisation_maps.lua"))()
  local results, failed = e:run { workers = 0, grid = { set = { 4 }, start = { "none", "random" }, width = { 4, 32, 64, 128, 256 } },
    params = { seeds = 24, n = 24, steps = 3000 } }
  lu.assertEquals(failed, 0)
  local by = {}
  for _, r in ipairs(results:rows()) do by[r.start .. r.width] = r end
  local narrow, wide, left = by.none4, by.none256, by.random256
  lu.assertTrue(narrow.failed > wide.failed)
  lu.assertTrue(wide.agreement_lo > narrow.agreement_hi)
  lu.assertTrue(wide.rms < 0.1 and wide.rms < 0.5 * narrow.rms)
  lu.assertTrue(math.abs(math.log(wide.spread / by.none64.spread, 4) + 1) < 0.5) -- as 1/n
  lu.assertTrue(left.spread > 5 * wide.spread) -- the offset stays
  lu.assertTrue(left.spread > left.predicted / 2 and left.spread < left.predicted * 2)
  lu.assertTrue(wide.mean_rms < wide.rms)

  local new, rows = limn.claims.new, nil
  limn.claims.new = function(...)
    local ledger = new(...)
    ledger.print = function() rows = ledger.rows end
    return ledger
  end
  local ok, message = pcall(e.report, results)
  limn.claims.new = new
  lu.assertTrue(ok, message)
  local ids = {}
  for _, row in ipairs(rows) do ids[row.id] = (ids[row.id] or 0) + 1 end
  for _, id in ipairs { "A33", "A34", "A35", "A36" } do lu.assertTrue((ids[id] or 0) >= 2, id) end
  local sum -- a run's squared distance is the variance and the mean's distance squared
  for _, row in ipairs(rows) do if row.claim:find("the same, against v/n", 1, true) then sum = row end end
  lu.assertTrue(sum.predicted <= -0.5 and sum.predicted > -0.6, sum.predicted)
  lu.assertTrue(math.abs(sum.measured - sum.predicted) < 0.1, sum.measured)
  local v, b, kernel = sum.note:match "v = (%S+), b = (%S+),.*: b = (%S+)"
  lu.assertTrue(math.abs(math.log(v / (wide.spread * wide.width))) < math.log(1.5), v)
  lu.assertTrue(math.abs(math.log(b / kernel)) < math.log(2), b) -- most of it is the first layer's kernel

  local folder, saved, say = os.tmpname(), {}, print
  os.remove(folder)
  assert(require("limn.native").posix.mkdir(folder))
  print = function(text) saved[#saved + 1] = text:match "wrote (.*)" end -- luacheck: ignore
  local drawn, why = e.plot(results, folder)
  print = say -- luacheck: ignore
  lu.assertTrue(drawn, why)
  lu.assertEquals(#saved, 6)
  for _, path in ipairs(saved) do
    local file = assert(io.open(path, "rb"))
    lu.assertTrue(#file:read "a" > 5000, path)
    file:close()
    os.remove(path)
  end
  os.remove(folder)
end

function TestGallery:test_every_set_has_labels_and_a_limit()
  local e = assert(loadfile(here .. "/../../../scripts/generalisation_maps.lua"))()
  local results, failed = e:run { workers = 0, grid = { set = "1:7", start = { "none" }, width = { 32 } },
    params = { seeds = 4, n = 12, steps = 500 } }
  lu.assertEquals(failed, 0)
  lu.assertEquals(#results:rows(), 7)
  local _, broken = e:run { workers = 0, grid = { set = { 4 }, start = { "sideways" }, width = { 8 } }, params = { seeds = 4 } }
  lu.assertEquals(broken, 1)
end

os.exit(lu.LuaUnit.run())
