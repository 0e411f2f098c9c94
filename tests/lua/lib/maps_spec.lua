-- maps_spec.lua: grids and their measures against closed forms and naive loops.
local lu = require "luaunit"
local limn = require "limn"
local maps = limn.maps

local made = 0
local function stream() -- a new one each time
  made = made + 1
  return limn.rng.stream { seed = tonumber(os.getenv "LIMN_TEST_SEED") or os.time(), point = made }
end

local function of(values, rows, cols) -- maps from an array (count, cells)
  return maps.grid(function() return values end, { x = { 0, 1 }, n = { cols, rows } })
end

local function circle(r)
  return function(X) return X:col(1) * X:col(1) + X:col(2) * X:col(2) - r * r end
end

TestMaps = {} -- luacheck: ignore

function TestMaps:test_orientation()
  local calls = 0
  local m = maps.grid(function(X)
    calls = calls + 1
    lu.assertEquals({ X:shape() }, { 15, 2 })
    return X:col(1) + 100 * X:col(2)
  end, { x = { 0, 4 }, y = { -1, 1 }, n = { 5, 3 } })
  lu.assertEquals(calls, 1)
  lu.assertEquals({ m.values:shape() }, { 3, 5 })
  lu.assertEquals(m.values:get(1, 5), 4 - 100)
  lu.assertEquals(m.values:get(3, 2), 1 + 100)
  lu.assertEquals(m.x:totable(), { 0, 1, 2, 3, 4 })
  lu.assertEquals(m.y:totable(), { -1, 0, 1 })
end

function TestMaps:test_whatever_can_forward_or_predict()
  local y = limn.array { 1, 1, -1, -1 }
  local X = limn.array { { 1, 1 }, { -1, -1 }, { 1, -1 }, { -1, 1 } }
  local corners = { x = { -1, 1 }, n = 2 }
  local limit = maps.grid(limn.kernel.limit(X, y, { depth = 2 }), corners)
  lu.assertTrue((limit.values - limn.array { { 1, -1 }, { -1, 1 } }):abs():max() < 1e-9)
  local fit = limn.regress.minnorm(X, limn.array { 3, -3, -1, 1 })
  lu.assertTrue((maps.grid(fit, corners).values - limn.array { { -3, -1 }, { 1, 3 } }):abs():max() < 1e-9)
  local net = { forward = function(_, Z) return Z:col(1):reshape(4, 1) end }
  lu.assertEquals(maps.grid(net, corners).values:totable(), { { -1, 1 }, { -1, 1 } })
  local ensemble = { forward = function(_, Z) return limn.array { Z:col(1):totable(), Z:col(2):totable() } end }
  local m = maps.grid(ensemble, corners)
  lu.assertEquals(m.count, 2)
  lu.assertEquals(m:map(2):totable(), { { -1, -1 }, { 1, 1 } })
end

-- Straight and round contours, affine and quadratic functions: known lengths and integrals.
function TestMaps:test_geometry_closed_forms()
  local flat = maps.grid(function(X) return X:col(1) * 3 - X:col(2) * 4 + 0.1 end, { x = { 0, 2 }, y = { 0, 1 }, n = { 40, 30 } }):shape()
  lu.assertAlmostEquals(flat.variation:get(1), 5 * 2, 1e-12)
  lu.assertAlmostEquals(flat.energy:get(1), 25 * 2, 1e-11)
  lu.assertAlmostEquals(flat.mean:get(1), 3 - 2 + 0.1, 1e-12)
  lu.assertAlmostEquals(flat.boundary:get(1), 1.25 * 1.3, 1e-12) -- from (0, 0.025) to (1.3, 1)
  local m = maps.grid(circle(1.2), { n = 301 }):shape()
  lu.assertAlmostEquals(m.boundary:get(1), 2 * math.pi * 1.2, 1e-3)
  lu.assertAlmostEquals(m.energy:get(1), 4 * 8 * 16 / 3, 1e-2)
  lu.assertAlmostEquals(m.positive:get(1), 1 - math.pi * 1.44 / 16, 3e-3)
  -- xy - e: the saddle cell is cut by all four sides, and joined along the diagonal where it is positive
  for _, e in ipairs { -0.01, 0.01 } do
    local saddle = maps.grid(function(X) return X:col(1) * X:col(2) - e end, { x = { -1, 1 }, n = 2 }):shape()
    lu.assertAlmostEquals(saddle.boundary:get(1), 2 * math.sqrt(2) * (1 - 0.01), 1e-12)
  end
end

-- The Lempel-Ziv 1976 parsing by direct search in the text.
local function naive_phrases(text)
  local n, at, count = #text, 1, 0
  while at <= n do
    local length = 1
    while at + length - 1 <= n and text:sub(1, at + length - 2):find(text:sub(at, at + length - 1), 1, true) do
      length = length + 1
    end
    at, count = at + length, count + 1
  end
  return count
end

function TestMaps:test_phrases()
  local function bits(text)
    local out = {}
    for c in text:gmatch "." do out[#out + 1] = tonumber(c) end
    return out
  end
  lu.assertEquals(maps.phrases(bits "0001101001000101"), 6) -- the example of Lempel and Ziv
  lu.assertEquals(maps.phrases(bits "0"), 1)
  lu.assertEquals(maps.phrases(bits "00000000"), 2)
  lu.assertEquals(maps.phrases(bits "01010101"), 3)
  local s = stream()
  for _ = 1, 60 do
    local text, bias = {}, s:uniform()
    for i = 1, s:integer(1, 200) do text[i] = s:uniform() < bias and 1 or 0 end
    lu.assertEquals(maps.phrases(text), naive_phrases(table.concat(text)))
  end
end

function TestMaps:test_complexity_of_sign_maps()
  local s = stream()
  local noise, half = s:normal(1, 4096), maps.grid(function(X) return X:col(1) end, { n = 64 })
  local rough, plain = of(noise, 64, 64):shape(), half:shape()
  lu.assertTrue(plain.phrases:get(1) < 40 and plain.bytes:get(1) < 40)
  lu.assertTrue(rough.phrases:get(1) > 300 and rough.bytes:get(1) >= 512)
  local turned = of(noise:reshape(64, 64):T():copy():reshape(1, 4096), 64, 64):shape()
  lu.assertEquals(turned.phrases:get(1), rough.phrases:get(1)) -- row and column scans count alike
end

function TestMaps:test_pairs_against_loops()
  local count, cells = 5, 70
  local F = stream():normal(count, cells)
  local p = of(F, 7, 10):pairs()
  for a = 1, count do
    for b = 1, count do
      local x, y = F:row(a), F:row(b)
      local mx, my = x:mean(), y:mean()
      local r = ((x - mx) * (y - my)):sum() / math.sqrt(((x - mx) * (x - mx)):sum() * ((y - my) * (y - my)):sum())
      lu.assertAlmostEquals(p.correlation:get(a, b), r, 1e-12)
      lu.assertAlmostEquals(p.spread:get(a, b), ((x - y) * (x - y)):sum() / cells / 2, 1e-12)
      lu.assertAlmostEquals(p.agreement:get(a, b), x:gt(0):eq(y:gt(0)):mean(), 1e-15)
    end
  end
  -- the mean over pairs of the spread is the variance over seeds, averaged over the grid
  local m = of(F, 7, 10)
  lu.assertAlmostEquals(m:measure().spread.value, m:variance():mean(), 1e-12)
end

function TestMaps:test_constant_maps_make_no_correlation()
  local F = stream():normal(3, 16)
  for k = 1, 16 do F:set(2, k, 0.3) end
  local m = of(F, 4, 4)
  local r = m:pairs().correlation
  lu.assertTrue(r:get(1, 2) ~= r:get(1, 2))
  local all = m:measure()
  lu.assertEquals(all.constant.value, 1)
  lu.assertAlmostEquals(all.correlation.value, r:get(1, 3), 1e-15)
  local none = of(limn.ones(2, 16), 4, 4):measure()
  lu.assertTrue(none.correlation.value ~= none.correlation.value)
  lu.assertNil(none.correlation.interval)
end

function TestMaps:test_distinct_and_entropy()
  local rows = { { 1, 1, -1, -1 }, { 2, 0.1, -5, 0 }, { -1, 1, 1, 1 }, { 1, 3, -1, -2 } }
  local m = of(limn.array(rows), 2, 2)
  local groups, group = m:distinct()
  lu.assertEquals(groups, 2)
  lu.assertEquals(group:totable(), { 1, 1, 2, 1 })
  local all = m:measure()
  lu.assertAlmostEquals(all.entropy.value, -(0.75 * math.log(0.75, 2) + 0.25 * math.log(0.25, 2)), 1e-12)
  -- many rows of few signs: as many groups as a table of strings finds
  local s, seen, count = stream(), {}, 0
  local V = s:normal(3000, 9)
  for _, row in ipairs(V:gt(0):totable()) do
    local key = table.concat(row, " ")
    if not seen[key] then seen[key], count = true, count + 1 end
  end
  lu.assertEquals(maps.regions(V), count)
end

-- The interval is for the entropy of the population, which the sample's own underestimates, and holds both.
function TestMaps:test_entropy_interval_covers_the_population()
  local shares, truth = { 0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.05 }, 0
  for _, p in ipairs(shares) do truth = truth - p * math.log(p, 2) end
  local s, trials, n, held, plain, better = stream(), 1000, 40, 0, 0, 0 -- coverage 0.938: five standard deviations above 0.9
  for _ = 1, trials do
    local rows = {}
    for i, u in ipairs(s:uniform(n):totable()) do
      local kind, sum = 1, shares[1]
      while u > sum and kind < #shares do
        kind = kind + 1
        sum = sum + shares[kind]
      end
      rows[i] = { kind & 1 > 0 and 1 or -1, kind & 2 > 0 and 1 or -1, kind & 4 > 0 and 1 or -1, kind & 8 > 0 and 1 or -1 }
    end
    local bits, interval, corrected = of(limn.array(rows), 2, 2):entropy()
    lu.assertTrue(interval[1] <= bits and bits <= interval[2])
    if interval[1] <= truth and truth <= interval[2] then held = held + 1 end
    plain, better = plain + (bits - truth) / trials, better + (corrected - truth) / trials
  end
  lu.assertTrue(held / trials > 0.9, held)
  lu.assertTrue(plain < -0.08 and math.abs(better) < 0.04, plain)
  local one, sure = of(limn.ones(5, 4), 2, 2):entropy()
  lu.assertEquals({ one, sure }, { 0, { 0, 0 } })
end

-- Cuts through the plane by lines: n lines in general position make 1 + n + n(n-1)/2 regions.
function TestMaps:test_regions_of_lines()
  local X = maps.points { x = { -3, 3 }, n = 400 }
  local W = limn.array { { 1, 0.2, -0.3, 1 }, { 0.1, 1, 1, -1.2 } }
  lu.assertEquals(maps.regions(X:matmul(W) + limn.array { 0.1, 0.2, -0.3, 0.4 }), 1 + 4 + 6)
end

function TestMaps:test_distance_and_variance_ratio()
  local limit = maps.grid(circle(1), { n = 20 })
  local off = maps.grid(function(X) return circle(1)(X) + 0.25 end, { n = 20 })
  local d = off:distance(limit)
  lu.assertAlmostEquals(d.sup:get(1), 0.25, 1e-14)
  lu.assertAlmostEquals(d.rms:get(1), 0.25, 1e-14)
  local s = stream()
  local F = s:normal(200, 400)
  local all = maps.grid(function() return F end, { n = 20 }):measure { variance = limn.ones(20, 20) * 4, limit = limit }
  lu.assertTrue(math.abs(all.variance_ratio.value - 0.25) < 0.02)
  lu.assertTrue(all.variance_ratio.interval[1] < 0.25 * 1.01 and all.variance_ratio.interval[2] > 0.25 * 0.99)
  lu.assertTrue(all.mean_rms.value < all.rms.value)
end

-- The interval of a mean of normal numbers is near the textbook's, and the same seed gives it again.
function TestMaps:test_bootstrap()
  local values = stream():normal(400)
  local b = maps.bootstrap(values, { resamples = 4000 })
  local half = 1.96 * values:std() / 20
  lu.assertAlmostEquals(b.value, values:mean(), 1e-14)
  lu.assertAlmostEquals(b.interval[1], b.value - half, 0.2 * half)
  lu.assertAlmostEquals(b.interval[2], b.value + half, 0.2 * half)
  lu.assertEquals(maps.bootstrap(values, { resamples = 4000 }), b)
  lu.assertNotEquals(maps.bootstrap(values, { resamples = 4000, seed = 2 }).interval, b.interval)
end

function TestMaps:test_failed()
  local f = maps.failed({ { 1, -1 }, { 1.05, -0.95 }, { 0.5, -1 }, { 0 / 0, -1 } }, { 1, -1 })
  lu.assertEquals(f.value, 0.5)
  lu.assertEquals(f.failed:totable(), { 0, 0, 1, 1 })
  lu.assertAlmostEquals(f.interval[1], 0.15004, 1e-4) -- Wilson, 2 of 4
  lu.assertAlmostEquals(f.interval[2], 0.84996, 1e-4)
  local none = maps.failed(limn.ones(10, 1), { 1 })
  lu.assertEquals(none.value, 0)
  lu.assertAlmostEquals(none.interval[2], 0.27753, 1e-4)
end

-- For nets of every shape the outputs by affine patches equal those computed point by point.
function TestMaps:test_patches_against_forward()
  local X, y = limn.data.xor()
  local shapes = { { 2, 1 }, { 2, 1, 1 }, { 2, 7, 1 }, { 2, 40, 1 }, { 2, 9, 5, 1 }, { 2, 30, 12, 33, 1 }, { 2, 64, 64, 64, 1 } }
  for i, sizes in ipairs(shapes) do
    for _, dtype in ipairs { "f64", "f32" } do
      for _, start in ipairs { "random", "none", "antisymmetric" } do
        local nets = limn.mlp.ensemble { sizes = sizes, count = 2, dtype = dtype, start = start, seed = i,
          init = { weight = 2, bias = i % 2 } } -- without biases all units kink in the patches at the origin
        nets:train(X, y, { steps = 20 })
        local o = { x = { -1.5, 2 }, y = { -2, 0.7 }, n = { 21, 34 } }
        local direct = nets:forward(maps.points(o))
        local m = maps.grid(nets, o)
        lu.assertEquals(m.count, 2)
        local off = (m.stack - direct:reshape(2, 21 * 34)):abs():max() / (0.1 + direct:abs():max())
        lu.assertTrue(off < (dtype == "f64" and 1e-12 or 2e-4), ("%s %s %s: %g"):format(table.concat(sizes, "-"), dtype, start, off))
      end
    end
  end
  local tanh = limn.mlp.new { sizes = { 2, 5, 1 }, activation = "tanh" }
  lu.assertEquals({ maps.grid(tanh, { n = 9 }).values:shape() }, { 9, 9 })
end

function TestMaps:test_names_one_by_one()
  local X, y = limn.data.xor()
  local nets = limn.mlp.ensemble { sizes = { 2, 12, 1 }, count = 8, dtype = "f32", init = { weight = 2, bias = 0.5 } }
  nets:train(X, y, { steps = 500 })
  local m = maps.grid(nets, { n = 48 })
  local all = m:measure()
  local value, interval = maps.consistency(m)
  lu.assertEquals(value, all.correlation.value)
  lu.assertEquals(interval, all.correlation.interval)
  lu.assertEquals((m:agreement()), all.agreement.value)
  lu.assertEquals((maps.entropy(m)), all.entropy.value)
  lu.assertEquals((maps.distinct(m)), all.distinct.value)
  lu.assertAlmostEquals(maps.boundary(m):mean(), all.boundary.value, 1e-12)
  lu.assertAlmostEquals(m:variation():mean(), all.variation.value, 1e-12)
  lu.assertEquals(maps.distance(m, m:mean()).rms:totable(), m:distance(m:mean()).rms:totable())
  local pre = nets:activations(maps.points { n = 48 }, { pre = true, member = 3 })[1]
  lu.assertEquals(maps.regions(nets, { n = 48, member = 3 }), maps.regions(pre))
  local deep = limn.mlp.new { sizes = { 2, 6, 5, 1 }, seed = 4, init = { weight = 2, bias = 1 } }
  local P, seen, count = deep:activations(maps.points { n = 40 }, { pre = true }), {}, 0
  local a, b = P[1]:gt(0):totable(), P[2]:gt(0):totable()
  for i = 1, #a do
    local key = table.concat(a[i]) .. table.concat(b[i])
    if not seen[key] then seen[key], count = true, count + 1 end
  end
  lu.assertEquals(maps.regions(deep, { n = 40 }), count)
  lu.assertErrorMsgContains("needs at least 2 maps", maps.consistency, m:mean())
  lu.assertErrorMsgContains("maps.entropy: expected maps, got 3", maps.entropy, 3)
  lu.assertErrorMsgContains("ReLU net of 2 inputs", maps.regions, limn.mlp.new { sizes = { 3, 4, 1 } })
  lu.assertErrorMsgContains("did you mean", m.agreement, m, { resample = 100 })
end

function TestMaps:test_what_else_is_a_function()
  local o = { x = { -1, 1 }, n = 5 }
  lu.assertEquals(maps.grid(function(x, y) return x - y * 2 end, o).values:totable(),
    maps.grid(function(X) return X:col(1) - X:col(2) * 2 end, o).values:totable())
  local X, y = limn.data.xor()
  local K, Kz = limn.kernel.ntk(X), limn.kernel.ntk(maps.points(o), X)
  local m = maps.grid(limn.kernel.regress(K, Kz, y), o)
  lu.assertTrue((m.values - maps.grid(limn.kernel.limit(X, y, { param = "ntk" }), o).values):abs():max() < 1e-12)
  lu.assertErrorMsgContains("expected 49 outputs", maps.grid, limn.kernel.regress(K, Kz, y), { n = 7 })
  local net = limn.mlp.new { sizes = { 2, 4, 1 } }
  lu.assertErrorMsgContains("maps.grid: n gives too many cells", maps.grid, net, { n = 31623 })
  net:train(X, y, { rate = 1e300, steps = 50 })
  lu.assertErrorMsgContains("maps.grid: maps[1,1] must be finite", maps.grid, net, o)
end

function TestMaps:test_misuse()
  local f = circle(1)
  lu.assertErrorMsgContains("maps.grid: n gives too many cells: 31623 x 31623 = 1e+09", maps.grid, f, { n = 31623 })
  lu.assertErrorMsgContains("8192 x 8192", maps.points, { n = 1e5 })
  lu.assertErrorMsgContains("n must be at least 2", maps.grid, f, { n = 1 })
  lu.assertErrorMsgContains("x must ascend", maps.grid, f, { x = { 2, 2 } })
  lu.assertErrorMsgContains("must be finite", maps.grid, f, { x = { 0, math.huge } })
  lu.assertErrorMsgContains("it takes n, x, y", maps.grid, f, { z = { 0, 1 } })
  lu.assertErrorMsgContains("something with :forward or :predict", maps.grid, 3)
  lu.assertErrorMsgContains("something with :forward or :predict", maps.grid, {})
  lu.assertErrorMsgContains("expected 16 outputs", maps.grid, function() return limn.zeros(15) end, { n = 4 })
  lu.assertErrorMsgContains("must give an array", maps.grid, function() end, { n = 4 })
  local function hole(X)
    local out = X:col(1) * 1
    out:set(7, 0 / 0)
    return out
  end
  lu.assertErrorMsgContains("maps.grid: maps[1,7] must be finite, got nan at x = -1, y = -1", maps.grid, hole,
    { x = { -2, 2 }, n = 5, y = { -2, 2 } })
  local m = maps.grid(f, { n = 8 })
  lu.assertErrorMsgContains("limit must be on the same grid", m.distance, m, maps.grid(f, { n = 9 }))
  lu.assertErrorMsgContains("needs at least 2 maps", m.variance, m)
  lu.assertErrorMsgContains("outputs must be runs x 2", maps.failed, limn.ones(3, 4), { 1, 2 })
  local function says(text, call, ...) lu.assertErrorMsgContains(text, call, ...) end
  says("maps.failed: labels must be one number per point, got 2 x 2", maps.failed, limn.ones(3, 2), limn.ones(2, 2))
  says("maps.failed: outputs must not be empty", maps.failed, {}, { 1 })
  says("maps.bootstrap: values must be a list of numbers, got 2 x 2", maps.bootstrap, limn.ones(2, 2))
  says("maps.bootstrap: entry 1 of values must be a number, got string", maps.bootstrap, { "a" })
  says("maps.phrases: signs must be an array or a table of numbers, got 3", maps.phrases, 3)
  says("maps.regions: row 2 of what must be a table of 2 numbers", maps.regions, { { 1, 2 }, { 3 } })
  says("maps:distance: limit has 3 cells but the maps have 64", m.distance, m, { 1, 2, 3 })
  says("maps:distance: limit is missing (expected maps", m.distance, m)
  says("maps.grid: entry 1 of what the function gives must be a number", maps.grid, function() return { "a" } end, { n = 4 })
end

os.exit(lu.LuaUnit.run())
