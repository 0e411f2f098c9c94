-- stats_spec.lua: limn.stats from Lua: names, defaults, misuse, and the functions of other modules that call it.
-- stock: yes
local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local fails = dofile(here .. "/../support/testing.lua").fails
local stats = limn.stats

TestStats = {} -- luacheck: ignore

-- Values by mpmath 1.3.0, 30 digits.
function TestStats:test_known_values()
  for _, row in ipairs {
    { stats.t.critical(0.95, 7), 2.3646242515927847 },
    { stats.t.quantile(0.975, 7), 2.3646242515927847 },
    { stats.normal.quantile(0.975), 1.9599639845400538 },
    { stats.normal.quantile(0.975, 10, 2), 10 + 2 * 1.9599639845400538 },
    { stats.normal.critical(0.95), 1.9599639845400543 },
    { stats.chi2.quantile(0.95, 3), 7.8147279032511765 },
    { stats.beta.cdf(0.3, 2, 3), 0.3483 },
    { stats.t.cdf(1, 1), 0.75 },
  } do lu.assertAlmostEquals(row[1] / row[2], 1, 1e-14) end
  lu.assertEquals(stats.t.cdf(-2.5, 7), stats.t.cdf(2.5, 7, "upper"))
  lu.assertEquals(stats.normal.cdf(-1), limn.theory.normal_cdf(-1))
  lu.assertEquals(stats.chi2.cdf(math.huge, 3), 1)
  lu.assertEquals(tostring(stats.beta), "limn.stats.beta")
end

-- The other names give what limn.stats gives, to the last bit.
function TestStats:test_one_implementation()
  local values, x = { 1.2, 0.7, 1.1, 0.9, 2 }, { 1, 2, 3, 5, 8 }
  lu.assertEquals(limn.claims.student(7, 0.95), stats.t.critical(0.95, 7))
  lu.assertEquals({ limn.claims.interval(values, 0.9) }, { stats.mean(values, 0.9) })
  local slope, _, error_, at_zero = stats.slope(x, values)
  lu.assertEquals({ limn.claims.slope(x, values) }, { slope, error_, at_zero })
  local function log2(list)
    local out = {}
    for i, v in ipairs(list) do out[i] = math.log(v, 2) end
    return out
  end
  local e = limn.mlp.exponent(x, values)
  local exponent, interval = stats.slope(log2(x), log2(values))
  lu.assertEquals({ e.slope, e.interval }, { exponent, interval })
  local b = limn.maps.bootstrap(values, { resamples = 300, level = 0.9, seed = 4 })
  lu.assertEquals({ b.value, b.interval }, { stats.bootstrap(values, { resamples = 300, level = 0.9, seed = 4 }) })
  local f = limn.maps.failed({ { 1, -1 }, { 0.2, -1 }, { 0.95, -0.99 } }, { 1, -1 })
  lu.assertEquals({ f.value, f.interval }, { stats.wilson(1, 3) })
  local function mean(list) return (stats.mean(list)) end
  local all, ends, corrected = stats.jackknife(values, mean)
  lu.assertEquals({ limn.claims.jackknife(values, mean) }, { all, ends })
  lu.assertAlmostEquals(corrected, all, 1e-14)
end

-- The band of plot.ci is Student's interval for 8 values; an expansion used to be 2e-5 off here.
function TestStats:test_plot_ci_uses_it()
  local rows, values = {}, {}
  for i = 1, 8 do
    rows[i] = { D = 4, r = i * i }
    values[i] = i * i
  end
  local script = limn.plot.ci(rows, { x = "D", y = "r", show = false, quiet = true }):script()
  local _, interval = stats.mean(values)
  local high, low = script:match "EOD\n4 ([%d%.]+)\n4 ([%d%.]+)\n" -- the outline of the band
  lu.assertAlmostEquals(tonumber(low), interval[1], 1e-12)
  lu.assertAlmostEquals(tonumber(high), interval[2], 1e-12)
end

function TestStats:test_pairs()
  local m, interval = stats.bootstrap({ { 0, 1, 2 }, { 1, 0, 3 }, { 2, 3, 0 } }, { pairs = true })
  lu.assertEquals(m, 2)
  lu.assertTrue(interval[1] >= 1 and interval[2] <= 3)
  lu.assertNil(select(2, stats.bootstrap { 0 / 0, 1 }))
end

function TestStats:test_misuse()
  fails("stats.t.cdf: df is missing", stats.t.cdf, 1)
  fails("stats.t.quantile: df must lie in (0, 1e+10], got -1", stats.t.quantile, 0.5, -1)
  fails("stats.beta.quantile: p must lie in [0, 1], got 2", stats.beta.quantile, 2, 1, 1)
  fails('stats.chi2.cdf: tail must be "lower" or "upper", got "up"', stats.chi2.cdf, 1, 1, "up")
  fails('stats.normal.cdf: x must be a number, got "1"', stats.normal.cdf, "1")
  fails("stats.normal.quantile: sd must be finite and > 0, got 0", stats.normal.quantile, 0.5, 0, 0)
  fails("stats.mean: values must be at least 2 measurements, got 1", stats.mean, { 1 })
  fails("stats.mean: values must be a list of numbers, got 2 x 2", stats.mean, { { 1, 2 }, { 3, 4 } })
  fails("stats.mean: level must lie in (0, 1), got 95", stats.mean, { 1, 2 }, 95)
  fails("stats.slope: x and y must be of one length, got 2 and 1", stats.slope, { 1, 2 }, { 1 })
  fails("stats.wilson: successes must lie in [0, 3], got 4", stats.wilson, 4, 3)
  fails("stats.jackknife: statistic must give a number, got nil", stats.jackknife, { 1, 2 }, function() end)
  fails("stats.bootstrap: pairs must be square, got 1 x 2", stats.bootstrap, { { 1, 2 } }, { pairs = true })
  fails("unknown option", stats.bootstrap, { 1, 2 }, { sead = 1 })
end

os.exit(lu.LuaUnit.run())
