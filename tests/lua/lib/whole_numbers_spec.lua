-- whole_numbers_spec.lua: whole numbers are passed as integers: 2^53 + 1 differs from 2^53. A float that may have been
-- rounded is an error, and so is a number given as text.

local lu = require "luaunit"
local limn = require "limn"
local grid = require "limn.experiment.grid"

local testing = dofile(debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../support/testing.lua")

TestWhole = {}

local BIG = (1 << 53) + 1

function TestWhole.testSeedsBeyondDoubles()
  local function drawn(seed) return limn.rng.stream({ seed = seed }):integer(1, 1 << 40) end
  lu.assertNotEquals(drawn(BIG), drawn(BIG - 1))
  lu.assertEquals(drawn(3.0), drawn(3))
  local function weights(seed) return limn.mlp.new({ sizes = { 1, 1 }, seed = seed }):parameters()[1].weights[1][1] end
  lu.assertNotEquals(weights(BIG), weights(BIG - 1))
end

function TestWhole.testWhatIsNone()
  testing.fails_here("rng.stream: seed must be a whole number, got 9.007199254741e+15, a float too large to be exact; write it "
    .. "without decimal point and exponent", limn.rng.stream, { seed = 2.0 ^ 53 })
  testing.fails_here('rng.stream: seed must be a whole number, got "3"', limn.rng.stream, { seed = "3" })
  for value, text in pairs { [1.5] = "1.5", [math.huge] = "inf", [true] = "true" } do
    testing.fails_here("rng.stream: seed must be a whole number, got " .. text, limn.rng.stream, { seed = value })
  end
  testing.fails_here("rng.stream: seed must be a whole number, got nan", limn.rng.stream, { seed = 0 / 0 })
end

function TestWhole.testGrids()
  lu.assertEquals(grid.values("g", ("%d,%d"):format(BIG, BIG + 2), "integer"), { BIG, BIG + 2 })
  lu.assertEquals(grid.values("g", ("%d:%d"):format(BIG, BIG + 2), "integer"), { BIG, BIG + 1, BIG + 2 })
  local long = grid.values("g", ("%d:%d"):format(BIG, BIG + 2000000), "integer")
  lu.assertEquals({ #long, long[1], long[2], long[#long] }, { 2000001, BIG, BIG + 1, BIG + 2000000 })
  local e = limn.experiment { name = "big", run = false, params = { n = BIG }, grid = { n = ("%d:%d"):format(BIG, BIG + 1) },
    measure = function(point) return { odd = point.n % 2 } end }
  lu.assertEquals(e:run({ workers = 0 }):column("odd"):totable(), { 1, 0 })
end

os.exit(lu.LuaUnit.run())
