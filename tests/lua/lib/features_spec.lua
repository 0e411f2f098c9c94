-- features_spec.lua: FeatureSets from Lua: counts, storages, Gram matrices, classes, error messages.
-- stock: yes
-- isa: yes
local lu = require "luaunit"
local limn = require "limn"
local features = limn.features
local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")

local seed = tonumber(os.getenv "LIMN_TEST_SEED") or os.time()

local function same(a, b)
  lu.assertEquals({ a:shape() }, { b:shape() })
  lu.assertEquals(a:totable(), b:totable())
end

TestToy = {}

function TestToy:test_counts_are_exact_integers()
  local f = features.toy { points = 16, count = 1000, complexity = 3, seed = seed }
  lu.assertEquals(f.points, 16)
  lu.assertEquals(f.count, 1000)
  lu.assertEquals(f.classes.perfect.count, 125)
  lu.assertEquals(f.classes[2].name, "random")
  lu.assertEquals(f.classes.random.first, 126)
  lu.assertEquals(f.classes.random.last, 1000)
  lu.assertEquals(features.toy { points = 2, count = 10, share = 0.33 }.classes.perfect.count, 3)
  lu.assertEquals(features.toy { points = 2, count = 10, share = 0.33 }.share, 0.3)
  lu.assertEquals(features.toy { points = 2, count = 10, perfect = 0 }.share, 0)
  local b = features.toy { points = 3, count = 10, share = 0.5, bias = true }
  lu.assertEquals(b.count, 11)
  lu.assertEquals(b:columns(11):totable(), { { 1 }, { 1 }, { 1 } })
  lu.assertEquals(b.share, 0.5)
end

function TestToy:test_storages_give_the_same_bits()
  for _, kind in ipairs { "sign", "binary", "gaussian" } do
    local function make(storage)
      return features.toy { points = 21, count = 3000, complexity = 4, seed = seed, kind = kind, storage = storage }
    end
    local dense, stream = make "dense", make "stream"
    same(dense:dense(), stream:dense())
    same(dense:gram(), stream:gram())
    if kind ~= "gaussian" then
      lu.assertEquals(make("bits").storage, "bits")
      same(dense:gram(), make("bits"):gram())
    end
    lu.assertEquals(make("auto").storage, "dense")
  end
end

function TestToy:test_gram_is_the_product()
  for _, kind in ipairs { "sign", "binary" } do
    local f = features.toy { points = 13, count = 5001, complexity = 2, seed = seed, kind = kind, bias = true,
      storage = "stream" }
    local F = f:dense()
    same(f:gram(), F:matmul(F:T()))
  end
end

function TestToy:test_columns_count_from_one()
  local f = features.toy { points = 5, count = 400, perfect = 7, seed = seed, storage = "stream" }
  local all, some = f:dense(), f:columns(6, 300)
  for i = 1, 5 do
    lu.assertEquals(some:get(i, 1), f.labels:get(i))
    for _, j in ipairs { 2, 3, 100, 295 } do lu.assertEquals(some:get(i, j), all:get(i, j + 5)) end
  end
  lu.assertEquals({ f:columns(400):shape() }, { 5, 1 })
end

function TestToy:test_seed_point_rep_name_the_set()
  local function entries(o)
    o.points, o.count, o.perfect = 4, 64, 1
    return table.concat(features.toy(o):dense():reshape(256):totable(), " ")
  end
  local one = entries { seed = seed }
  lu.assertEquals(entries { seed = seed }, one)
  lu.assertNotEquals(entries { seed = seed + 1 }, one)
  lu.assertNotEquals(entries { seed = seed, point = 1 }, one)
  lu.assertNotEquals(entries { seed = seed, rep = 1 }, one)
end

function TestToy:test_given_labels()
  local f = features.toy { points = 4, count = 8, perfect = 2, labels = { 1, -1, -1, 1 } }
  lu.assertEquals(f.labels:totable(), { 1, -1, -1, 1 })
  lu.assertEquals(f:columns(1, 2):totable(), { { 1, 1 }, { -1, -1 }, { -1, -1 }, { 1, 1 } })
end

function TestToy:test_tostring_and_closing()
  local f = features.toy { points = 4, count = 100, complexity = 1 }
  lu.assertStrContains(tostring(f), "4 points x 100 features")
  lu.assertStrContains(tostring(f), "perfect 50")
  do
    local g <close> = f
    lu.assertEquals(g.points, 4)
  end
  lu.assertErrorMsgContains("closed", function() return f:gram() end)
  lu.assertStrContains(tostring(f), "closed")
end

function TestToy:test_long_streams_take_no_memory()
  local f = features.toy { points = 3, count = 1 << 40, complexity = 10 }
  lu.assertEquals(f.storage, "stream")
  lu.assertTrue(f.bytes < 1e6)
  local far = f:columns((1 << 40) - 1, 1 << 40):totable()
  for i = 1, 3 do lu.assertEquals(math.abs(far[i][2]), 1) end
end

TestClasses = {}

-- Agreement with the labels is (1 + rho)/2, within five standard deviations.
function TestClasses:test_correlation()
  local f = features.correlated { points = 20, seed = seed,
    classes = { { count = 20000, rho = 0.3, name = "a" }, { count = 20000, rho = -0.8 } } }
  lu.assertEquals(f.classes[2].name, "class2")
  local F = f:dense()
  local along = f.labels:reshape(1, 20):matmul(F)
  lu.assertAlmostEquals(along:slice(1, 1, 1, 20000):mean() / 20, 0.3, 5 / math.sqrt(4e5))
  lu.assertAlmostEquals(along:slice(1, 1, 20001, 40000):mean() / 20, -0.8, 5 / math.sqrt(4e5))
end

function TestClasses:test_from_a_matrix()
  local X = limn.array { { 1, 2, 3 }, { 4, 5, 6 } }
  local f = features.from(X, { classes = { left = { 1, 2 }, right = { 3, 3 } }, labels = { 0.5, -2 } })
  lu.assertEquals(f.kind, "real")
  lu.assertEquals(f.classes.right.first, 3)
  X:set(1, 1, 100) -- a copy was taken
  lu.assertEquals(f:gram():totable(), { { 14, 32 }, { 32, 77 } })
  lu.assertNil(features.from(X).labels)
  lu.assertEquals(features.from(X).classes[1].name, "all")
end

TestRefusals = {}

local function refuses(text, f, options)
  lu.assertErrorMsgContains(text, f, options)
end

function TestRefusals:test_toy()
  local toy = features.toy
  refuses("leaves 0 perfect ones", toy, { points = 4, count = 65536, complexity = 30 })
  refuses("at least 536870912", toy, { points = 4, count = 65536, complexity = 30 })
  refuses("points must be at least 1, got 0", toy, { points = 0, count = 8, share = 0.5 })
  refuses("points must be a whole number, got 4.5", toy, { points = 4.5, count = 8, share = 0.5 })
  refuses("points must be at most 2147483647", toy, { points = 1 << 62, count = 8, share = 0.5 })
  refuses("count must be at least 1, got -3", toy, { points = 4, count = -3, share = 0.5 })
  refuses("count must be at most 9007199254740992", toy, { points = 4, count = 1 << 62, share = 0.5 })
  refuses("share must be at most 1, got 1.5", toy, { points = 4, count = 8, share = 1.5 })
  refuses("share must be at least 0", toy, { points = 4, count = 8, share = -0.1 })
  refuses("share must be finite", toy, { points = 4, count = 8, share = 0 / 0 })
  refuses("give one of complexity, fraction and perfect", toy, { points = 4, count = 8 })
  refuses('did you mean "fraction"?', toy, { points = 4, count = 8, fracton = 0.5 })
  refuses("perfect = 9 exceeds count = 8", toy, { points = 4, count = 8, perfect = 9 })
  refuses("features.toy: labels[3] must be -1 or +1, got 0", toy,
    { points = 4, count = 8, share = 0.5, labels = { 1, -1, 0, 1 } })
  refuses("labels has 3 entries but points is 4", toy, { points = 4, count = 8, share = 0.5, labels = { 1, -1, 1 } })
  refuses("storage bits holds sign and binary features", toy,
    { points = 4, count = 8, share = 0.5, kind = "gaussian", storage = "bits" })
  refuses("kind must be", toy, { points = 4, count = 8, share = 0.5, kind = "cosine" })
end

function TestRefusals:test_the_rest()
  refuses("rho must be at most 1", features.correlated, { points = 4, classes = { { count = 5, rho = 1.5 } } })
  refuses("two classes are called", features.correlated,
    { points = 4, classes = { { count = 5, rho = 0, name = "x" }, { count = 5, rho = 0, name = "x" } } })
  refuses("X[2,1] must be finite", features.from, { { 1, 2 }, { 0 / 0, 1 } })
  local f = features.toy { points = 10000000, count = 10, complexity = 1, storage = "stream" }
  refuses("gram: K is 10000000 x 10000000 and would take", f.gram, f)
  local g = features.toy { points = 4, count = 10, complexity = 1 }
  lu.assertErrorMsgContains("last must be a whole number in 5 .. 10, got 11", g.columns, g, 5, 11)
  lu.assertErrorMsgContains("must be a FeatureSet", g.gram, 3)
end

-- LIMN_ISA and LIMN_THREADS affect only the speed: the digits of a complete analysis are equal.
function TestRefusals:test_results_do_not_depend_on_the_machine()
  local host = testing.program
  local script = os.tmpname()
  local file = assert(io.open(script, "w"))
  file:write [[
    local limn = require "limn"
    local f = limn.features.toy{points = 40, count = 30000, complexity = 5, seed = 3, storage = "stream"}
    local c = limn.contrib.analyse(f, limn.regress.minnorm(f, f.labels))
    print(("%a %a %a %a"):format(c.P, c.R, c.classes.random.weight_sq, c.effective))
  ]]
  file:close()
  local first
  for _, isa in ipairs { "ref", "avx2", "avx512" } do
    for threads = 1, 3 do
      local pipe = assert(io.popen(("LIMN_ISA=%s LIMN_THREADS=%d '%s' '%s' 2>&1"):format(isa, threads, host, script)))
      local line = pipe:read "a"
      pipe:close()
      if line:match "this CPU has no" then
        testing.note_skip(isa .. ": this CPU has none")
      else
        lu.assertStrContains(line, "0x1")
        first = first or line
        lu.assertEquals(line, first, isa .. ", " .. threads .. " threads")
      end
    end
  end
  os.remove(script)
end

-- P/R does not depend on the units of the features, and P and R are those of the fit at any scale.
TestContributionsAtScales = {}
function TestContributionsAtScales:test_powers_of_two()
  local X, y = limn.rng.stream(1):normal(6, 40), limn.rng.stream(2):sign(6)
  local function parts(e, rule, options)
    local f = features.from(X * 2.0 ^ e, { classes = { perfect = { 1, 3 }, random = { 4, 40 } }, labels = y })
    return limn.contrib.analyse(f, limn.regress[rule](f, y, options)), f
  end
  local one, shrunk = parts(0, "minnorm"), parts(-100, "ridge", { lambda = 1 })
  for _, e in ipairs { -990, -600, -300, 300, 500, 515, 532, 600, 990 } do
    local got, f = parts(e, "minnorm")
    lu.assertAlmostEquals(got.P / one.P, 1, 1e-12, e)
    lu.assertAlmostEquals(got.R / one.R, 1, 1e-12, e)
    lu.assertAlmostEquals(got:at(f).total:get(1) / y:get(1), 1, 1e-9, e)
    if e < -500 then -- of the square of the scale, which no double holds
      lu.assertErrorMsgContains("numbers lose their digits", parts, e, "ridge", { lambda = 1 })
    elseif e < 0 then
      lu.assertAlmostEquals(parts(e, "ridge", { lambda = 1 }).ratio / shrunk.ratio, 1, 1e-12, e)
    end
  end
end

os.exit(lu.LuaUnit.run())
