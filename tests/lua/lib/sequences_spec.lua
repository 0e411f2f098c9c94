-- sequences_spec.lua: the enumeration of a Turing-complete language: parts, step limit, bounds and refused options. Equation 59
-- recomputes it from the definition of the language.
local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local testing = dofile(here .. "/../support/testing.lua")
local fails = testing.fails

TestSequences = {}

function TestSequences.testPartsAddUp()
  local whole = limn.programs.sequences { length = 8, max_bits = 15 }
  for _, parts in ipairs { 2, 5, 49, 60 } do
    local sum = limn.programs.sequences { length = 8, max_bits = 15, part = 1, parts = parts }
    for part = 2, parts do sum:add(limn.programs.sequences { length = 8, max_bits = 15, part = part, parts = parts }) end
    lu.assertEquals(sum.programs, whole.programs)
    lu.assertEquals((sum.weight - whole.weight):abs():max(), 0)
    lu.assertEquals(sum.bits:totable(), whole.bits:totable())
    lu.assertEquals(sum.silent, whole.silent)
    lu.assertEquals(sum.invalid, whole.invalid)
  end
end

-- All codes of at most m operations: 1 - (7/8)^(m + 1); 7^0 + .. + 7^m of them.
function TestSequences.testKraft()
  local s = limn.programs.sequences { length = 10, max_bits = 18 }
  lu.assertEquals(s.programs, 1 + 7 + 49 + 343 + 2401 + 16807)
  lu.assertAlmostEquals(s.weight:sum() + s.silent + s.invalid, 1 - (7 / 8) ^ 6, 1e-15)
end

-- "print" repeats 0; "flip print" alternates from 1; both are the shortest.
function TestSequences.testKnownPrograms()
  local s = limn.programs.sequences { length = 8, max_bits = 12 }
  lu.assertEquals(s.bits[1], 6)
  lu.assertEquals(s.bits[1 + 0x55], 9)
  lu.assertEquals(s.bits[1 + 0xFF], 12) -- flip print flip
  lu.assertEquals(s.bits[1 + 0xAA], 9) -- print flip
end

-- A program that prints its last bit with operation number 2 n needs as many steps.
function TestSequences.testStepLimit()
  local function bits(steps) return limn.programs.sequences { length = 8, max_bits = 9, steps = steps }.bits[1 + 0x55] end
  lu.assertEquals(bits(15), math.huge)
  lu.assertEquals(bits(16), 9)
end

function TestSequences.testBound()
  local s = limn.programs.sequences { length = 12, max_bits = 18 }
  local errors, seen = s:errors(), 0
  for x = 1, 1 << 12 do
    if s.bits[x] < math.huge then
      seen = seen + 1
      lu.assertTrue(errors[x] <= math.log(2) / 2 * s.bits[x])
    else
      lu.assertTrue(errors[x] ~= errors[x])
    end
  end
  lu.assertTrue(seen > 20)
end

function TestSequences.testRefused()
  local of = limn.programs.sequences
  fails("programs.sequences: part must be at most parts (2), got 3", of, { length = 4, max_bits = 9, part = 3, parts = 2 })
  fails("length must be at most 20, got 30: weights and code lengths of 2^30 sequences need 1.72e+10 bytes", of,
    { length = 30, max_bits = 9 })
  fails("length", of, { length = 0, max_bits = 9 })
  fails("max_bits must be", of, { length = 4, max_bits = 36 })
  local a, b = of { length = 4, max_bits = 9 }, of { length = 5, max_bits = 9 }
  fails("sequences:add: length is 4 in one part and 5 in the other", a.add, a, b)
end

os.exit(lu.LuaUnit.run())
