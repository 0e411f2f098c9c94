-- claims_spec.lua: verdicts follow from the numbers.
-- stock: yes
local lu = require "luaunit"
local limn = require "limn"

TestClaims = {} -- luacheck: ignore

-- The shorthand: prediction, measurement and interval at once.
function TestClaims:test_rows_in_one_piece()
  local c = limn.claims.new "t"
  local function row(o)
    o.claim = o.claim or ("row %d"):format(#c.rows + 1)
    return c:row(o)
  end
  lu.assertEquals(row { predicted = 2, measured = 2.1, interval = { 1.9, 2.3 }, tolerance = 0.2 }, "agrees")
  lu.assertEquals(row { predicted = 2, measured = 2.1, interval = { 1.9, 2.3 }, tolerance = 0.1 }, "undecided")
  lu.assertEquals(row { predicted = 2, measured = 2.1, interval = { 1.9, 2.3 } }, "undecided")
  lu.assertEquals(c.rows[3].reason, "no margin given")
  lu.assertEquals(row { predicted = 3, measured = 2.1, interval = { 1.9, 2.3 } }, "disagrees")
  lu.assertEquals(row { predicted = 100, measured = 101, tolerance = 0.02 }, "agrees")
  lu.assertEquals(row { predicted = 100, measured = 103, tolerance = 0.02 }, "disagrees")
  lu.assertEquals(row { predicted = 0 / 0, measured = 1 }, "undecided")
  lu.assertEquals(row { predicted = 0, measured = math.huge, bound = 1 }, "undecided")
  lu.assertEquals(c.rows[#c.rows].reason, "the measurement is not finite")
  lu.assertEquals(row { predicted = 0, measured = 1e-12, bound = 1e-9 }, "agrees")
  lu.assertEquals(row { predicted = 0, measured = 1e9, bound = 1e-9 }, "disagrees")
  lu.assertEquals(row { predicted = 1, measured = 2, interval = { -math.huge, math.huge }, tolerance = 5 }, "undecided")
  lu.assertEquals({ c:count "agrees", c:count "disagrees", c:count "undecided", c:count("agrees", "essay") }, { 3, 3, 5, 0 })
  lu.assertStrContains(c:text(), "[1.9, 2.3]")
  -- an interval that excludes the measurement is an error
  lu.assertErrorMsgContains("measured must lie in its interval", c.row, c, { claim = "c", predicted = 0, measured = 1e9,
    interval = { -1e-9, 1e-9 } })
  lu.assertErrorMsgContains("interval must be {low, high}", c.row, c, { claim = "c", predicted = 0, measured = 1, interval = { 1 } })
end

-- Published quantiles of Student's t.
function TestClaims:test_student()
  for _, row in ipairs { { 1, 0.95, 12.70620 }, { 2, 0.95, 4.302653 }, { 5, 0.99, 4.032143 }, { 11, 0.95, 2.200985 },
    { 120, 0.95, 1.979930 } } do
    lu.assertAlmostEquals(limn.claims.student(row[1], row[2]), row[3], 2e-5)
  end
  -- closed forms: tan(pi level/2) for 1, level sqrt(2/(1 - level^2)) for 2; both ways of summing meet at 1000
  for _, level in ipairs { 0.01, 0.5, 0.95, 0.999 } do
    lu.assertAlmostEquals(limn.claims.student(1, level) / math.tan(math.pi * level / 2), 1, 1e-11)
    lu.assertAlmostEquals(limn.claims.student(2, level) / (level * math.sqrt(2 / (1 - level ^ 2))), 1, 1e-11)
    local a, b, c = limn.claims.student(999, level), limn.claims.student(1000, level), limn.claims.student(1001, level)
    lu.assertAlmostEquals((a + c) / 2 / b, 1, 1e-8)
    lu.assertAlmostEquals(limn.theory.normal_cdf(limn.claims.student(1000000, level)), (1 + level) / 2, 1e-6)
  end
  local mean, interval = limn.claims.interval { 1, 2, 3 }
  lu.assertEquals(mean, 2)
  lu.assertAlmostEquals(interval[2] - mean, 4.302653 / math.sqrt(3), 1e-5)
  lu.assertErrorMsgContains("at least 2", limn.claims.interval, { 1 })
end

-- Of several errors the same is named first, in every run of the program.
function TestClaims:test_which_error_comes_first()
  local c = limn.claims.new "t"
  for _ = 1, 20 do
    lu.assertErrorMsgContains("unknown option \"clam\"", c.row, c, { measurd = 1, clam = "x", notee = 2 })
    lu.assertErrorMsgContains("claim must be a string", c.row, c, { claim = 1, id = 2, measured = 3, note = 4 })
  end
end

function TestClaims:test_bad_rows()
  local c = limn.claims.new "t"
  lu.assertErrorMsgContains("did you mean \"measured\"", c.row, c, { claim = "x", mesured = 1 })
  lu.assertErrorMsgContains("measured must be a number", c.row, c, { claim = "x", predicted = 1, measured = "text" })
  lu.assertErrorMsgContains("predicted is missing", c.row, c, { claim = "x", measured = 1 })
  lu.assertErrorMsgContains("unknown option \"verdict\"", c.row, c, { claim = "x", predicted = 1, measured = 1, verdict = "agrees" })
end

-- Of a mean the jackknife is Student's interval; of a ratio it is what the delta method gives.
function TestClaims:test_jackknife()
  local claims = limn.claims
  local values = { 1, 4, 2, 8, 5, 7 }
  local function mean(list)
    local sum = 0
    for _, v in ipairs(list) do sum = sum + v end
    return sum / #list
  end
  local a, i = claims.interval(values)
  local b, j = claims.jackknife(values, mean)
  lu.assertAlmostEquals(a, b, 1e-12)
  lu.assertAlmostEquals(i[1], j[1], 1e-9)
  lu.assertAlmostEquals(i[2], j[2], 1e-9)
  lu.assertEquals(#values, 6)
  lu.assertErrorMsgContains("at least 2", claims.jackknife, { 1 }, mean)
  lu.assertErrorMsgContains("statistic", claims.jackknife, { 1, 2 })
end

-- A line is its own fit; of scatter the error is sqrt(RSS/(n-2)/Sxx).
function TestClaims:test_slope()
  local slope = limn.claims.slope
  local b, e, a = slope({ 1, 2, 4 }, { 5, 7, 11 })
  lu.assertAlmostEquals(b, 2, 1e-14)
  lu.assertAlmostEquals(e, 0, 1e-14)
  lu.assertAlmostEquals(a, 3, 1e-14)
  b, e = slope(limn.array { 0, 1, 2, 3 }, { 0, 1, 0, 1 })
  lu.assertAlmostEquals(b, 0.2, 1e-14)
  lu.assertAlmostEquals(e, math.sqrt(0.8 / 2 / 5), 1e-14)
  lu.assertErrorMsgContains("got 2 and 1", slope, { 1, 2 }, { 1 })
  lu.assertErrorMsgContains("2 different values", slope, { 2, 2 }, { 1, 3 })
end

os.exit(lu.LuaUnit.run())
