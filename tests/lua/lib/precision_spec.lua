-- precision_spec.lua: reductions and norms lose no NaN and leave the range of doubles only where the result does; checks
-- of f32 matrices allow the rounding of f32.

local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")

local nan, inf = 0 / 0, math.huge

local function close(x, want, tol) lu.assertTrue(math.abs(x / want - 1) <= (tol or 1e-14), ("%.17g, expected %.17g"):format(x, want)) end

TestPrecision = {}

-- A NaN at each position of lanes of several lengths.
function TestPrecision.testNanIsNeverLost()
  for _, n in ipairs { 1, 2, 3, 8, 9, 127, 130, 1100 } do
    for _, at in ipairs { 1, n // 2 + 1, n } do
      for _, other in ipairs { 1, inf, -inf } do
        local a = limn.ones(n) * other
        a[at] = nan
        for _, p in ipairs { 1, 2, 3, inf } do lu.assertNotEquals(a:norm(p), a:norm(p), ("norm %g of %d"):format(p, n)) end
        for _, name in ipairs { "sum", "mean", "min", "max", "prod", "median", "std" } do
          lu.assertNotEquals(a[name](a), a[name](a), name)
          if n > 1 then
            local m = limn.stack { limn.ones(n), a } -- lanes along both dimensions
            lu.assertTrue(m[name](m, 2):isnan()[2] == 1, name)
            lu.assertTrue(m:T()[name](m:T(), 1):isnan()[2] == 1, name)
          end
        end
        lu.assertEquals({ a:argmax(), a:argmin() }, { at, at })
        lu.assertNotEquals(a:sort()[n], a:sort()[n])
        lu.assertEquals(a:argsort()[n], at)
        lu.assertFalse(a:equal(a, 1))
        lu.assertNotEquals(a:maximum(0)[at], a:maximum(0)[at])
        lu.assertNotEquals(a:clip(0, 1)[at], a:clip(0, 1)[at])
      end
    end
  end
end

function TestPrecision.testScaledMoments()
  for _, scale in ipairs { 1e300, 1e-300, 1, 1e160, 1e-160 } do
    local a = limn.array { 3, -1, 4, 1, -5 } * scale
    local plain = limn.array { 3, -1, 4, 1, -5 }
    close(a:std(), plain:std() * scale)
    close(a:norm(), plain:norm() * scale)
    close(limn.stack({ a, a }, 2):std(1)[2], plain:std() * scale) -- lanes with strides
    close(limn.stack({ a, a }):std(2)[1], plain:std() * scale)
    close(limn.mlp.spectral(limn.array { { 3 * scale, 0 }, { 4 * scale, 5 * scale } }), math.sqrt(45) * scale, 1e-12)
  end
  close(limn.array({ 1.5e308, 1.7e308 }):mean(), 1.6e308)
  close(limn.stack({ limn.ones(3) * 1.5e308, limn.ones(3) * 1.7e308 }):mean(1)[2], 1.6e308)
  lu.assertEquals(limn.array({ 2e-300, 2e-300 }):std(), 0)
  lu.assertEquals(limn.array({ inf, 1 }):mean(), inf)
  lu.assertNotEquals(limn.array({ inf, 1 }):std(), limn.array({ inf, 1 }):std())
end

-- A Gram matrix of f32 products is symmetric up to rounding of f32.
function TestPrecision.testSinglePrecisionMatrices()
  for _, n in ipairs { 20, 120 } do
    local X = limn.rng.stream(50):normal(n, 3 * n):copy "f32"
    local G = X:matmul(X:T())
    G:set(1, 2, G:get(2, 1) * (1 + 2e-7)) -- as another order of summation would give
    local w = G:eigh()
    lu.assertTrue(w:min() > 0)
    lu.assertNotNil(G:chol())
    G:set(1, 2, G:get(2, 1) + 1)
    testing.fails_here("needs a symmetric matrix", G.eigh, G)
  end
  -- the message has digits enough to see the difference
  local bad = limn.array { { 1, 0.1 }, { 0.1 + 1e-9, 1 } }
  testing.fails_here("are 0.10000000100000001 and 0.10000000000000001", bad.eigh, bad)
end

-- A kernel exported as f32 has eigenvalues slightly below 0; with a ridge K + ridge I is positive definite.
function TestPrecision.testSinglePrecisionKernels()
  local X = limn.rng.stream(100):normal(100, 2)
  local K = limn.kernel.ntk(X, nil, { depth = 2, activation = "erf", bias = 0.05 })
  local y = limn.rng.stream(7):sign(100)
  local exact = limn.kernel.regress(K, K, y, { ridge = 1e-2 })
  local single = limn.kernel.regress(K:copy "f32", K, y, { ridge = 1e-2 })
  lu.assertTrue(single.mean:equal(exact.mean, 5e-3))
  lu.assertTrue(single.rank < exact.rank or exact.rank == 100) -- what lies below the rounding of f32 does not count
  lu.assertNotNil(limn.kernel.regress(K:copy "f32", K, limn.ones(100), { ridge = 1e-4 }))
  local indefinite = limn.eye(3) - 2 * limn.array({ 1, 0, 0 }):outer { 1, 0, 0 }
  testing.fails_here("is not positive semidefinite", limn.kernel.regress, indefinite, indefinite, { 1, 1, 1 })
  testing.fails_here("is not positive semidefinite", limn.kernel.regress, indefinite, indefinite, { 1, 1, 1 }, { ridge = 1e-3 })
end

-- A kernel of doubles whose entries carry the rounding of single precision, or of products in blocks, is taken with a warning.
TestAsymmetry = {}

function TestAsymmetry.testKernelsSymmetricToRounding()
  local rng = limn.rng.stream(31)
  local X = rng:normal(12, 30)
  local K, y = X:matmul(X:T()), rng:normal(12)
  local want = limn.kernel.regress(K, K, y)
  lu.assertNil(want.warning)
  for _, size in ipairs { 1e-11, 1e-8, 3e-7 } do
    local noise = rng:uniform { low = -1, high = 1, shape = { 12, 12 } } * (size / 3 * K:abs():max())
    local got = limn.kernel.regress(K + noise, K, y:reshape(12, 1))
    lu.assertStrContains(got.warning, "K is symmetric only to ")
    local asymmetry = (noise - noise:T()):abs():max() / (K + noise):abs():max()
    lu.assertStrContains(got.warning, ("%.2g"):format(asymmetry))
    lu.assertEquals(got.rank, 12)
    lu.assertTrue((got.mean - want.mean):abs():max() < 1e3 * size, size)
    -- the mean of K and its transpose, to the bit
    local mean = limn.kernel.regress(((K + noise) + (K + noise):T()) / 2, K, y)
    lu.assertTrue((got.mean - mean.mean):abs():max() < 1e-12 * mean.mean:abs():max())
  end
  local low = X:slice(1, 5):T():matmul(X:slice(1, 5)) -- 30 x 30 of rank 5
  local noise = rng:uniform { low = -1, high = 1, shape = { 30, 30 } } * 1e-8
  lu.assertEquals(limn.kernel.regress(low + noise, low, limn.ones(30)).rank, 5) -- no eigenvalue of the noise counts
  local far = rng:uniform { low = -1, high = 1, shape = { 12, 12 } } * 1e-3
  testing.fails("K is not symmetric (K - K' reaches ", limn.kernel.regress, K + far, K, y)
end

local RULES = { { "minnorm" }, { "l1" }, { "lp", { norm = 1.5 } }, { "lp", { norm = 4 } }, { "ridge", { lambda = 0 } },
  { "ridge", { lambda = 1e-3 } } }

-- A product of rank k in f32 has singular values of the size of the rounding of f32, which are no features.
function TestPrecision.testSinglePrecisionRanks()
  for _, shape in ipairs { { 40, 30, 5 }, { 30, 40, 5 }, { 20, 100, 3 } } do
    local d, n, k = table.unpack(shape)
    local B, C = limn.rng.stream(1):normal(d, k):copy "f32", limn.rng.stream(2):normal(k, n):copy "f32"
    local X, y = B:matmul(C), limn.rng.stream(3):normal(d)
    lu.assertEquals(X:dtype(), "f32")
    for _, rule in ipairs(RULES) do
      local name = ("%s of %d x %d"):format(rule[1], d, n)
      local want = assert(limn.regress[rule[1]](B:copy "f64":matmul(C:copy "f64"), y, rule[2]))
      for _, scale in ipairs { 1, 2 ^ -20, 2 ^ 20 } do
        local penalty = rule[2] and rule[2].lambda
        local options = penalty and { lambda = penalty * scale ^ 2 } or rule[2]
        local fit = assert(limn.regress[rule[1]](X * scale, y, options))
        lu.assertEquals(fit.rank, k, name)
        close(fit.norm * scale, want.norm, 1e-5)
        lu.assertTrue((fit.weights * scale - want.weights):norm() < 1e-5 * want.weights:norm(), name)
      end
    end
  end
end

-- Entries of f32 that are exact give the fit of the same entries in f64, to the bit: of full rank, badly scaled, and
-- with equal columns.
function TestPrecision.testSinglePrecisionFitsThatNeedNothing()
  local powers = {}
  for i = 1, 12 do
    powers[i] = {}
    for k = 0, 6 do powers[i][k + 1] = (i / 4) ^ k * 1000 ^ (k - 3) end
  end
  local whole = limn.rng.stream(4):integer(-3, 3, 48):reshape(12, 4)
  for what, X in pairs { normal = limn.rng.stream(1):normal(12, 30), tall = limn.rng.stream(1):normal(30, 12), powers = limn.array(powers),
    equal = limn.concat({ whole, whole }, 2) } do
    local single = X:copy "f32"
    local y = limn.rng.stream(3):normal((X:shape()))
    for _, rule in ipairs(RULES) do
      local got, want = limn.regress[rule[1]](single, y, rule[2]), limn.regress[rule[1]](single:copy "f64", y, rule[2])
      lu.assertEquals(got and got.rank, want and want.rank, what .. " " .. rule[1])
      lu.assertTrue(got == nil and want == nil or got.weights:equal(want.weights), what .. " " .. rule[1])
    end
  end
end

-- A number that f64 holds and f32 does not is refused where it enters a net of f32, with its place.
function TestPrecision.testNumbersBeyondSinglePrecision()
  local net = limn.mlp.new { sizes = { 2, 3, 1 }, dtype = "f32", seed = 1 }
  local far, X = limn.array { { 1, 2 }, { 3, -1e200 } }, limn.array { { 1, 2 }, { 3, 4 } }
  local text = " must be at most 3.4e38 in a net of dtype f32, got "
  testing.fails_here("X[2,2]" .. text .. "-1e+200", net.forward, net, far)
  testing.fails_here("X[2,2]" .. text .. "-1e+200", net.train, net, far, { 1, -1 }, { steps = 2, rate = 0.1 })
  testing.fails_here("y[2]" .. text .. "1e+39", net.train, net, X, { 1, 1e39 }, { steps = 2, rate = 0.1 })
  testing.fails_here("weights[1,2]" .. text .. "1e+39", net.set, net, 1, { weights = limn.array { { 0, 1e39 }, { 0, 0 }, { 0, 0 } } })
  lu.assertTrue(net:forward(limn.array { { 3e38, 0 } })[1] ~= 0) -- the largest f32 is 3.4e38
  lu.assertTrue(limn.mlp.new({ sizes = { 2, 3, 1 }, seed = 1 }):forward(far):max() < math.huge) -- dtype f64
end

os.exit(lu.LuaUnit.run())
