-- spectrum_spec.lua: spectra of kernels against eigenvalues of Gram matrices and closed forms, and learning curves against
-- kernel regression.
local lu = require "luaunit"
local limn = require "limn"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local testing = dofile(here .. "/../support/testing.lua")
local fails = testing.fails

local function cube(n)
  local rows = {}
  for v = 0, (1 << n) - 1 do
    rows[v + 1] = {}
    for i = 1, n do rows[v + 1][i] = (v >> (i - 1) & 1) == 1 and -1 or 1 end
  end
  return limn.array(rows)
end

TestSpectrum = {}

-- Every kernel and depth against the eigenvalues of the Gram matrix of the enumerated cube.
function TestSpectrum.testEnumeratedCube()
  local X = cube(8)
  for _, activation in ipairs { "relu", "erf", "tanh", "gelu", "sin", "step" } do
    for depth = 1, 3 do
      for _, kind in ipairs(activation == "step" and { "nngp" } or { "nngp", "ntk" }) do
        local s = limn.kernel.spectrum { on = "cube", dim = 8, kind = kind, activation = activation, depth = depth, bias = 0.1 }
        local w = limn.kernel[kind](X, nil, { activation = activation, depth = depth, bias = 0.1 }):eigh()
        local list, known = {}, w:totable()
        for k = 1, 9 do for _ = 1, s.multiplicities[k] do list[#list + 1] = s.eigenvalues[k] * 256 end end
        table.sort(list)
        table.sort(known)
        local error = s.errors:max() * 256 + 1e-14 * known[256] * 256
        for i = 1, 256 do
          lu.assertTrue(math.abs(list[i] - known[i]) <= error, ("%s %s, depth %d: %g for %g"):format(kind, activation, depth, list[i],
            known[i]))
        end
        lu.assertAlmostEquals((s.eigenvalues * s.multiplicities):sum() + s.rest, s.trace, 1e-12 * s.trace)
      end
    end
  end
end

function TestSpectrum.testAConstantInput()
  local X = limn.hstack { cube(6), limn.ones(64, 1) * 0.7 }
  local w = limn.kernel.ntk(X, nil, { depth = 2 }):eigh()
  local s = limn.kernel.spectrum { on = "cube", dim = 6, depth = 2, constant = 0.7 }
  lu.assertAlmostEquals(s.eigenvalues:max() * 64, w:max(), 1e-11)
  local points = limn.kernel.spectrum { on = cube(6), depth = 2, constant = 0.7 }
  lu.assertAlmostEquals(points.eigenvalues[1], s.eigenvalues[1], 1e-13)
  local sphere = limn.kernel.spectrum { on = "sphere", dim = 6, depth = 2, constant = 0.7, degrees = 4 }
  lu.assertAlmostEquals(sphere.trace, s.trace, 1e-12)
end

-- A kernel of the user: limn's NTK as a function and as a Gram matrix has limn's spectrum; the product of points that of their
-- covariance, with zeros beyond its rank.
function TestSpectrum.testAnOwnKernel()
  local X = cube(5)
  local K = limn.kernel.ntk(X, nil, { depth = 2, bias = 0.1 })
  local known = limn.kernel.spectrum { on = X, depth = 2, bias = 0.1 }
  local gram = limn.kernel.spectrum { on = X, kernel = K }
  local entry = limn.kernel.spectrum { on = X, kernel = function(x, z)
    return limn.kernel.ntk(x:reshape(1, 5), z:reshape(1, 5), { depth = 2, bias = 0.1 }):get(1, 1)
  end }
  for i = 1, 32 do
    lu.assertAlmostEquals(gram.eigenvalues[i], known.eigenvalues[i], known.errors[i])
    lu.assertAlmostEquals(entry.eigenvalues[i], known.eigenvalues[i], known.errors[i] + 1e-14)
  end
  lu.assertStrContains(tostring(gram), "own kernel on 32 points, ")
  local function product(x, z) return (x * z):sum() end
  local s = limn.kernel.spectrum { on = X, kernel = product }
  for i = 1, 32 do lu.assertAlmostEquals(s.eigenvalues[i], i <= 5 and 1 or 0, s.errors[i] + 1e-14) end
  lu.assertTrue(s.errors:max() > 0 and s.errors:max() < 1e-11)
  fails("kernel must be symmetric", limn.kernel.spectrum, { on = X, kernel = function(x, z) return x[1] - z[2] end })
  fails("32 x 32 Gram matrix", limn.kernel.spectrum, { on = X, kernel = limn.eye(3) })
  fails("must return a finite number", limn.kernel.spectrum, { on = X, kernel = function() return 0 / 0 end })
  fails("no closed spectrum on the cube", limn.kernel.spectrum, { on = "cube", dim = 5, kernel = product })
  fails("leave it out with kernel", limn.kernel.spectrum, { on = X, kernel = product, depth = 2 })
  fails("K is not positive semidefinite: its least eigenvalue is -1", limn.kernel.spectrum,
    { on = X, kernel = function(x, z) return -product(x, z) end })
end

function TestSpectrum.testSixteenBitsAreFast()
  local start = os.clock()
  for depth = 1, 3 do limn.kernel.spectrum { on = "cube", dim = 16, depth = depth } end
  lu.assertTrue(os.clock() - start < 1)
end

-- ReLU kernels without biases are even above degree 1: odd levels from 3 on are 0.
function TestSpectrum.testOddLevelsVanish()
  local s = limn.kernel.spectrum { on = "cube", dim = 16, kind = "nngp" }
  for k = 3, 15, 2 do lu.assertEquals(s.eigenvalues[k + 1], 0) end
  for k = 0, 16, 2 do lu.assertTrue(s.eigenvalues[k + 1] > 0) end
end

-- The sphere against a sample of it: the mean of k(x, z) h(z) over z for h of degree 2.
function TestSpectrum.testSphere()
  local d, n = 5, 200000
  local s = limn.kernel.spectrum { on = "sphere", dim = d, kind = "ntk", depth = 2, degrees = 6 }
  local Z = limn.rng.stream(3):normal(n, d)
  local length = (Z ^ 2):sum(2):sqrt()
  local x = limn.zeros(1, d)
  x:set(1, 1, math.sqrt(d))
  for c = 1, d do
    local column = Z:col(c) / length * math.sqrt(d)
    for i = 1, c == 1 and n or 0 do Z:set(i, 1, column[i]) end
    if c > 1 then for i = 1, n do Z:set(i, c, column[i]) end end
  end
  local k = limn.kernel.ntk(x, Z, { depth = 2 }):reshape(n)
  local t = Z:col(1) / math.sqrt(d)
  local harmonic = (t ^ 2 * d - 1) / (d - 1) -- 1 at x
  local values = k * harmonic
  lu.assertTrue(math.abs(values:mean() - s.eigenvalues[3]) < 5 * values:std() / math.sqrt(n))
  lu.assertAlmostEquals((s.eigenvalues * s.multiplicities):sum() + s.rest, s.trace, 1e-12)
  lu.assertEquals(s.multiplicities:totable(), { 1, 5, 14, 30, 55, 91, 140 })
end

function TestSpectrum.testTargets()
  local s = limn.kernel.spectrum { on = "cube", dim = 4 }
  lu.assertEquals(s:target(2):totable(), { 0, 0, 1, 0, 0 })
  lu.assertEquals(s:target(function(x) return x[1] * x[3] end):totable(), { 0, 0, 1, 0, 0 })
  local X = cube(4)
  lu.assertEquals(s:target(X:col(1) * X:col(2) * X:col(4)):totable(), { 0, 0, 0, 1, 0 })
  local points = limn.kernel.spectrum { on = X, bias = 0.1 }
  local c = points:target(X:col(1))
  lu.assertAlmostEquals((c ^ 2):sum(), 1, 1e-12)
  local same, of_level = 0, limn.kernel.spectrum { on = "cube", dim = 4, bias = 0.1 }.eigenvalues[2]
  for i = 1, 16 do
    if math.abs(points.eigenvalues[i] - of_level) < 1e-12 then same = same + c[i] ^ 2 end
  end
  lu.assertAlmostEquals(same, 1, 1e-12)
end

function TestSpectrum.testRefused()
  local spectrum = limn.kernel.spectrum
  fails('on="cube" requires dim', spectrum, { on = "cube" })
  fails('on must be "cube", "sphere" or an array of points, got "ball"', spectrum, { on = "ball", dim = 3 })
  fails("dim must be at most 1000", spectrum, { on = "cube", dim = 1001 })
  fails("dim must be at least 2 on the sphere", spectrum, { on = "sphere", dim = 1 })
  fails('radius requires on="sphere"', spectrum, { on = "cube", dim = 3, radius = 2 })
  fails("dim requires on=", spectrum, { on = cube(2), dim = 2 })
  fails("points need 9.31 GB for the Gram matrix", spectrum, { on = limn.zeros(25000, 1) })
  local s = spectrum { on = "cube", dim = 30 }
  fails("a function of 30 bits has 2^30 values, 8 GB", s.target, s, function() return 1 end)
  fails("the level must be 0 .. 30, got 31", s.target, s, 31)
  fails("a function on the sphere is given by its powers", function() spectrum { on = "sphere", dim = 3 }:target { 1, 2 } end)
  fails("target must have 2^3 = 8 values, got 3", function() spectrum { on = "cube", dim = 3 }:target { 1, 2, 3 } end)
end

TestCurve = {}

-- Measured learnabilities of an interpolant add up to the number of points, at any number.
function TestCurve.testConservation()
  local n, D = 6, 20
  local X = cube(n)
  local K = limn.kernel.ntk(X, nil, { depth = 2, bias = 0.1 })
  local list = {}
  for i, v in ipairs(limn.rng.stream(5):permutation(64):totable()) do if i <= D then list[i] = math.tointeger(v) end end
  local fit = limn.kernel.regress(K:take(list):T():take(list), K:take(list):T(), limn.zeros(D))
  local total = 0
  for set = 0, 63 do
    local f = limn.ones(64)
    for i = 1, n do if set >> (i - 1) & 1 == 1 then f = f * X:col(i) end end
    total = total + (K:take(list):T():matmul(fit:solve(f:take(list))) * f):mean()
  end
  lu.assertAlmostEquals(total, D, 1e-9)
  local s = limn.kernel.spectrum { on = "cube", dim = n, depth = 2, bias = 0.1 }
  lu.assertAlmostEquals(limn.theory.learning_curve { spectrum = s, target = 1, points = D }.total[1], D, 1e-9)
end

-- Parity of 2 of 12 bits, NNGP: the mean test error of regressions and the accuracy of their signs.
function TestCurve.testRegression()
  local s = limn.kernel.spectrum { on = "cube", dim = 12, kind = "nngp", bias = 0.1 }
  local noise, D, reps = 0.3, 48, 60
  local curve = limn.theory.learning_curve { spectrum = s, target = 2, points = D, noise = noise, ridge = 0.01 }
  local errors, right = {}, 0
  for rep = 1, reps do
    local rng = limn.rng.stream { seed = 4, rep = rep }
    local X, Z = rng:sign(D, 12), rng:sign(300, 12)
    local o = { bias = 0.1 }
    local y, z = X:col(1) * X:col(2), Z:col(1) * Z:col(2)
    local f = limn.kernel.regress(limn.kernel.nngp(X, nil, o), limn.kernel.nngp(Z, X, o), y + rng:normal(D) * noise, { ridge = 0.01 }).mean
    errors[rep] = ((f - z) ^ 2):mean()
    right = right + (f * z):gt(0):mean() / reps
  end
  lu.assertTrue(math.abs(limn.stats.mean(errors) / curve.test[1] - 1) < 0.1, ("%g for %g"):format(limn.stats.mean(errors), curve.test[1]))
  lu.assertTrue(math.abs(right - curve.accuracy[1]) < 0.03, ("%g for %g"):format(right, curve.accuracy[1]))
  lu.assertNil(limn.theory.learning_curve { spectrum = s, target = function(x) return x[1] > 0 and x[2] or 1 end, points = 9 }.accuracy)
end

function TestCurve.testRefused()
  local curve, s = limn.theory.learning_curve, { eigenvalues = { 1, 0.5 } }
  fails("give either target or coefficients", curve, { spectrum = s, points = 3 })
  fails("target requires a limn.kernel.spectrum", curve, { spectrum = s, points = 3, target = 1 })
  fails("coefficients has 1 entries but the spectrum has 2", curve, { spectrum = s, points = 3, coefficients = { 1 } })
  fails("points[2] must be above 0, got 0", curve, { spectrum = s, points = { 3, 0 }, coefficients = { 1, 0 } })
  fails("spectrum must be a limn.kernel.spectrum or a table", curve, { spectrum = 3, points = { 3 }, coefficients = { 1, 0 } })
end

os.exit(lu.LuaUnit.run())
