-- stock: yes
-- rng_spec.lua: random streams from Lua, and the settings of the machine.

local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")
local fails = testing.fails_here


TestStreams = {}

function TestStreams.testSameNameSameNumbers()
  local a, b = limn.rng.stream { seed = 3, point = 4, rep = 5 }, limn.rng.stream { seed = 3, point = 4, rep = 5 }
  lu.assertTrue(a:normal(10, 3):equal(b:normal(10, 3)))
  local x = {}
  for i = 1, 5 do x[i] = a:uniform() end
  lu.assertTrue(b:uniform(5):equal(limn.array(x))) -- one by one or at once
  local other = limn.rng.stream { seed = 3, point = 5, rep = 5 }
  lu.assertFalse(other:uniform(4):equal(limn.rng.stream { seed = 3, point = 4, rep = 5 }:uniform(4)))
  lu.assertTrue(limn.rng.stream():uniform(4):equal(limn.rng.stream { seed = 1 }:uniform(4)))
  lu.assertEquals(tostring(a), "limn.rng seed=3 point=4 rep=5")
end

function TestStreams.testFirstNumbersArePinned() -- changing them breaks every published result
  local r = limn.rng.stream { seed = 1 }
  lu.assertEquals(string.format("%.17g", r:uniform()), "0.0012209035128235568")
  lu.assertEquals(r:integer(1, 1000000), 464104)
end

function TestStreams.testRanges()
  local r = limn.rng.stream { seed = 2 }
  local u = r:uniform(10000)
  lu.assertTrue(u:min() > 0 and u:max() < 1)
  lu.assertTrue(math.abs(u:mean() - 0.5) < 5 / math.sqrt(12 * 10000))
  local s = r:sign(100, 100)
  lu.assertTrue((s * s):equal(limn.ones(100, 100)))
  local k = r:integer(-2, 3, 10000)
  lu.assertEquals({ k:min(), k:max() }, { -2.0, 3.0 })
  for v = -2, 3 do
    lu.assertTrue(math.abs(k:eq(v):sum() - 10000 / 6) < 5 * math.sqrt(10000 * 5 / 36))
  end
  lu.assertEquals(math.type(r:integer(5, 5)), "integer")
  r:integer(math.mininteger, math.maxinteger)
  local p = r:permutation(1000)
  lu.assertTrue(p:sort():equal(limn.range(1, 1000)))
  lu.assertFalse(p:equal(limn.range(1, 1000)))
  lu.assertEquals(#r:uniform(0), 0)
  lu.assertEquals({ r:normal(2, 3):shape() }, { 2, 3 })
end

function TestStreams.testForks()
  local a, b = limn.rng.stream { seed = 9 }, limn.rng.stream { seed = 9 }
  b:uniform(17) -- what was drawn does not matter
  local a1, a2 = a:fork(), a:fork()
  lu.assertTrue(a1:uniform(5):equal(b:fork(1):uniform(5)))
  lu.assertTrue(a2:uniform(5):equal(b:fork(2):uniform(5)))
  lu.assertFalse(a:fork(1):uniform(5):equal(a:fork(2):uniform(5)))
  lu.assertFalse(a:uniform(5):equal(a:fork(1):uniform(5)))
  lu.assertStrContains(tostring(a1:fork(7)), "fork=1 fork=7")
end

function TestStreams.testBadInput()
  local r = limn.rng.stream()
  fails("rng.stream: seed must be at least 0, got -1", limn.rng.stream, { seed = -1 })
  fails("rng.stream: seed must be a whole number, got 1.5", limn.rng.stream, { seed = 1.5 })
  fails("seed must be a whole number", limn.rng.stream, { seed = 2 ^ 63 })
  fails("seed must be a whole number, got nan", limn.rng.stream, { seed = math.abs(0 / 0) })
  fails('unknown option "sed"; did you mean "seed"?', limn.rng.stream, { sed = 1 })
  fails("integer: lo must not exceed hi, got 2 and 1", r.integer, r, 2, 1)
  fails("integer: lo must be a whole number", r.integer, r)
  fails("within +-2^53", r.integer, r, 0, math.maxinteger, 3)
  fails("permutation: n must be a whole number", r.permutation, r, -1)
  fails("uniform: rows must be a whole number >= 0, got -3", r.uniform, r, -3)
  fails("do not fit into memory", r.uniform, r, 2 ^ 62)
  fails("self must be a limn.rng stream, got table", r.uniform, {})
end

TestMachine = {}

function TestMachine.testInfo()
  local info = limn.info()
  lu.assertEquals(info.version, limn.version)
  lu.assertEquals(info.lua, _VERSION)
  lu.assertStrContains(info.blas, "OpenBLAS")
  for _, key in ipairs { "cpu", "isa", "compiler", "blas_core" } do lu.assertTrue(#info[key] > 0, key) end
end

function TestMachine.testThreadsAndSets()
  local n = limn.threads()
  lu.assertEquals(limn.threads(3), 3)
  lu.assertEquals(limn.info().threads, 3)
  lu.assertEquals(limn.threads(0), n)
  fails("threads: n must be a whole number in 0 .. 1024, got -1", limn.threads, -1)
  local best = limn.isa()
  lu.assertEquals(limn.isa "ref", "ref")
  lu.assertEquals(limn.isa(best), best)
  fails('isa: name must be "ref", "avx2" or "avx512", got mmx', limn.isa, "mmx")
end

os.exit(lu.LuaUnit.run())
