-- slow: 3 s
-- numpy_spec.lua: arrays against numpy, on random shapes, views with strides, stacks, NaN, infinities and empty arrays.

local lu = require "luaunit"
local limn = require "limn"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")

local python
for _, p in ipairs { "python3", "/usr/bin/python3" } do
  python = python or os.execute(p .. " -c 'import numpy' 2>/dev/null") and p
end

local BATCH = 400 -- cases per run of Python: an .npz holds at most 1000 arrays
local rng = limn.rng.stream(25)
local cases = {}

-- f(arrays) must equal the Python expression over the same names, within tol (relative; absolute below 1).
local function case(expression, arrays, f, tol)
  cases[#cases + 1] = { expression = expression, arrays = arrays, f = f, tol = tol or 1e-13 }
end

-- The same entries with other strides: transposed memory, or a part of a larger array.
local function view(a)
  local r, c, d = a:shape()
  if not c then return limn.stack({ a, a * 0 }, 2):col(1) end
  if d then return limn.concat({ a, limn.zeros(r, c, 2) }, 3):slice(nil, nil, nil, nil, 1, d) end
  return a:T():copy():T()
end

local function random(...)
  local dims, n = { ... }, 1
  for _, d in ipairs(dims) do n = n * d end
  local a = rng:normal(math.max(n, 1)):slice(1, math.max(n, 1))
  if n == 0 then return limn.zeros(...) end
  return ((a * 10):round() / 4):reshape(...) -- with equal entries
end

-- Arrays of one rank: plain, a view, with NaN and infinities.
local function variants(...)
  local out = {}
  for how = 0, 3 do
    local a = random(...)
    if how % 2 == 1 and a:size() > 0 then a = view(a) end
    if how >= 2 and a:size() > 2 then
      local flat = a:reshape(a:size()):copy()
      flat[2] = 0 / 0
      flat[-1] = how == 3 and math.huge or -0.0
      a = flat:reshape(...)
      if how == 3 then a = view(a) end
    end
    out[#out + 1] = a
  end
  return out
end

local SHAPES = { { 7 }, { 1 }, { 300 }, { 4, 5 }, { 1, 6 }, { 130, 3 }, { 2, 3, 4 }, { 0 }, { 0, 3 } }

local UNARY = { exp = "exp", sqrt = "sqrt", abs = "abs", sign = "sign", tanh = "tanh", floor = "floor", ceil = "ceil",
  trunc = "trunc", round = "round", sin = "sin", cos = "cos", tan = "tan", asin = "arcsin", acos = "arccos", atan = "arctan",
  sinh = "sinh", cosh = "cosh", asinh = "arcsinh", acosh = "arccosh", atanh = "arctanh", expm1 = "expm1", exp2 = "exp2",
  log = "log", log1p = "log1p", log2 = "log2", log10 = "log10", cbrt = "cbrt", isnan = "isnan", isinf = "isinf",
  isfinite = "isfinite" }
local BINARY = { lt = "less", le = "less_equal", gt = "greater", ge = "greater_equal", eq = "equal", ne = "not_equal",
  mod = "mod", minimum = "minimum", maximum = "maximum", atan2 = "arctan2", hypot = "hypot" }
local REDUCE = { sum = "sum", mean = "mean", prod = "prod", any = "any", all = "all", count = "count_nonzero" }
local NONEMPTY = { min = "min", max = "max", median = "median" }

local function elementwise(a)
  for name, theirs in pairs(UNARY) do case(("np.%s(a)"):format(theirs), { a = a }, function(v) return v.a[name](v.a) end) end
  local b = random(a:shape()) + 0.5
  for name, theirs in pairs(BINARY) do
    case(("np.%s(a, b)"):format(theirs), { a = a, b = b }, function(v) return v.a[name](v.a, v.b) end)
  end
  case("a - b", { a = a, b = b }, function(v) return v.a - v.b end)
  case("a[np.newaxis][0] % 3", { a = a }, function(v) return v.a % 3 end)
  case("np.clip(a, -1, 2)", { a = a }, function(v) return v.a:clip(-1, 2) end)
  case("np.round(a, 1)", { a = a }, function(v) return v.a:round(1) end)
  case("np.where(a > 0, a, b)", { a = a, b = b }, function(v) return v.a:where(v.a:gt(0), v.b) end)
  case("a[a > 0]", { a = a }, function(v) return v.a[v.a:gt(0)] end)
  case("~(a > 0) | (b < 1) & (a < b)", { a = a, b = b }, function(v) return ~v.a:gt(0) | v.b:lt(1) & v.a:lt(v.b) end)
  case("(a > 0) + 2 * (b > 0)", { a = a, b = b }, function(v) return v.a:gt(0) + 2 * v.b:gt(0) end)
end

local function reductions(a)
  local rank = select("#", a:shape())
  for name, theirs in pairs(REDUCE) do
    case(("np.%s(a)"):format(theirs), { a = a }, function(v) return v.a[name](v.a) end)
    for d = 1, rank > 1 and rank or 0 do
      case(("np.%s(a, axis=%d)"):format(theirs, d - 1), { a = a }, function(v) return v.a[name](v.a, d) end)
    end
  end
  case("np.cumsum(a)", { a = a }, function(v) return v.a:cumsum() end)
  case("np.cumprod(a)", { a = a }, function(v) return v.a:cumprod() end, 1e-12)
  if a:size() == 0 then return end
  for name, theirs in pairs(NONEMPTY) do
    case(("np.%s(a)"):format(theirs), { a = a }, function(v) return v.a[name](v.a) end)
    for d = 1, rank > 1 and rank or 0 do
      case(("np.%s(a, axis=%d)"):format(theirs, d - 1), { a = a }, function(v) return v.a[name](v.a, d) end)
    end
  end
  case("np.std(a)", { a = a }, function(v) return v.a:std(nil, 0) end)
  case("np.sort(a, axis=None)", { a = a }, function(v) return v.a:reshape(-1):sort() end)
  case("np.argsort(a, axis=None, kind='stable') + 1", { a = a }, function(v) return v.a:reshape(-1):argsort() end)
  case("np.quantile(a, 0.3)", { a = a }, function(v) return v.a:quantile(0.3) end, 1e-12)
  case("np.unique(a)", { a = a }, function(v) return (v.a:unique()) end)
  case("np.linalg.norm(a.ravel(), np.inf)", { a = a }, function(v) return v.a:norm(math.huge) end)
  case("np.linalg.norm(a.ravel(), 3)", { a = a }, function(v) return v.a:norm(3) end)
  for d = 1, rank do
    case(("np.diff(a, axis=%d)"):format(d - 1), { a = a }, function(v) return v.a:diff(d) end)
    case(("np.cumsum(a, axis=%d)"):format(d - 1), { a = a }, function(v) return v.a:cumsum(d) end)
    case(("np.sort(a, axis=%d)"):format(d - 1), { a = a }, function(v) return v.a:sort(d) end)
    case(("np.argmax(a, axis=%d) + 1"):format(d - 1), { a = a }, function(v)
      if rank > 1 then return v.a:argmax(d) end
      return (v.a:argmax())
    end)
    case(("np.concatenate([a, a[::-1]], axis=%d)"):format(d - 1), { a = a },
      function(v) return limn.concat({ v.a, v.a:take(limn.range(#v.a, 1, -1)) }, d) end)
  end
end

for _, shape in ipairs(SHAPES) do
  for _, a in ipairs(variants(table.unpack(shape))) do
    elementwise(a)
    reductions(a)
  end
end

-- Long lanes: beyond the chunk of elementwise functions, and sorted by digits.
for _, n in ipairs { 511, 1025, 5000, 9000 } do
  local a = random(n)
  a[3], a[7], a[9] = 0 / 0, -0.0, 0.0
  local b = rng:normal(n, 3)
  case("np.argsort(a, kind='stable') + 1", { a = a }, function(v) return v.a:argsort() end)
  case("np.sort(a)", { a = a }, function(v) return v.a:sort() end)
  case("np.sort(b, axis=0)", { b = b }, function(v) return v.b:sort(1) end)
  case("np.argsort(b.T, axis=1) + 1", { b = b }, function(v) return v.b:T():argsort(2) end)
  case("np.median(b, axis=0)", { b = b }, function(v) return v.b:median(1) end)
  case("np.quantile(b, [0, .1, .5, .9, 1])", { b = b }, function(v) return v.b:quantile { 0, 0.1, 0.5, 0.9, 1 } end)
  case("np.sin(b)", { b = b }, function(v) return v.b:sin() end)
  case("b.mean(axis=0)", { b = b }, function(v) return v.b:mean(1) end)
  case("b.T.std(axis=1, ddof=1)", { b = b }, function(v) return v.b:T():std(2) end)
end

-- Special functions against scipy.
for _, name in ipairs { "erf", "erfc", "gamma" } do
  case(("scipy.special.%s(a)"):format(name), { a = limn.linspace(0.1, 12, 50) }, function(v) return v.a[name](v.a) end, 1e-13)
end
case("scipy.special.gammaln(a)", { a = limn.linspace(0.1, 300, 50) }, function(v) return v.a:lgamma() end)

-- Searching and counting.
local labels = rng:integer(1, 5, 40)
local edges = limn.array { -2, -0.5, 0, 0.5, 2 }
local x = random(60) / 3
case("np.bincount(a.astype(int))[1:]", { a = labels }, function(v) return v.a:bincount() end)
case("np.bincount(a.astype(int), b)[1:]", { a = labels, b = rng:normal(40) }, function(v) return v.a:bincount(5, v.b) end)
case("np.unique(a, return_counts=True)[1]", { a = x }, function(v) return (select(2, v.a:unique())) end)
case("np.unique(a, return_inverse=True)[1] + 1", { a = x }, function(v) return (select(3, v.a:unique())) end)
case("np.digitize(a, e)", { a = x, e = edges }, function(v) return v.a:digitize(v.e) end)
case("np.searchsorted(e, a) + 1", { a = x, e = edges }, function(v) return v.e:searchsorted(v.a) end)
case("np.searchsorted(e, a, side='right') + 1", { a = x, e = edges }, function(v) return v.e:searchsorted(v.a, "right") end)
case("np.histogram(a, 7)[0]", { a = x }, function(v) return (v.a:histogram(7)) end)
case("np.histogram(a, 7)[1]", { a = x }, function(v) return (select(2, v.a:histogram(7))) end)
case("np.histogram(a, 9, (-1, 1))[0]", { a = x }, function(v) return (v.a:histogram(9, -1, 1)) end)
case("np.histogram(a, e)[0]", { a = x, e = edges }, function(v) return (v.a:histogram(v.e)) end)
case("np.interp(a, e, b)", { a = x, e = edges, b = rng:normal(5) }, function(v) return limn.interp(v.a, v.e, v.b) end)
case("np.interp(a, e, b, -7, 9)", { a = x, e = edges, b = rng:normal(5) }, function(v) return limn.interp(v.a, v.e, v.b, -7, 9) end)
case("np.argwhere(a > 0)[:, 1] + 1", { a = random(5, 6) }, function(v) return (select(2, v.a:gt(0):nonzero())) end)

-- Putting together.
local p, q = random(3, 4), view(random(2, 4))
case("np.vstack([p, q, q[0]])", { p = p, q = q }, function(v) return limn.vstack { v.p, v.q, v.q[1] } end)
case("np.hstack([p, p[:, :1]])", { p = p }, function(v) return limn.hstack { v.p, v.p:slice(nil, nil, 1, 1) } end)
for d = 1, 3 do
  case(("np.stack([p, 2 * p], axis=%d)"):format(d - 1), { p = p }, function(v) return limn.stack({ v.p, 2 * v.p }, d) end)
end
case("np.meshgrid(a, b)[0]", { a = random(3), b = random(4) }, function(v) return (limn.meshgrid(v.a, v.b)) end)
case("np.meshgrid(a, b)[1]", { a = random(3), b = random(4) }, function(v) return (select(2, limn.meshgrid(v.a, v.b))) end)

-- Matrices.
for n = 1, 6 do
  local m, w = rng:normal(n, n), rng:normal(n + 3, n)
  local some = view(m) or m
  case("np.linalg.det(a)", { a = some }, function(v) return (v.a:det()) end, 1e-12)
  case("np.linalg.slogdet(a)", { a = some }, function(v)
    local _, log_size, sign = v.a:det()
    return limn.array { sign, log_size }
  end, 1e-12)
  case("np.linalg.inv(a)", { a = some }, function(v) return (v.a:inv()) end, 1e-9)
  case("np.linalg.pinv(w)", { w = w }, function(v) return v.w:pinv() end, 1e-11)
  case("np.linalg.pinv(w.T)", { w = w }, function(v) return v.w:T():pinv() end, 1e-11)
  case("np.linalg.cond(w)", { w = w }, function(v) return v.w:cond() end, 1e-11)
  case("np.linalg.lstsq(w, w[:, 0] ** 2, rcond=None)[0]", { w = w }, function(v) return (v.w:lstsq(v.w:col(1) ^ 2)) end, 1e-11)
  case("scipy.linalg.expm(a)", { a = some * n }, function(v) return v.a:expm() end, 1e-9)
  case("np.sort(np.linalg.eigvals(a).real)", { a = some }, function(v) return (v.a:eig()):sort() end, 1e-9)
  case("a", { a = some }, function(v) -- a V = V diag(re + i im)
    local re, im, vr, vi = v.a:eig()
    lu.assertTrue((v.a:matmul(vr)):equal(vr * re - vi * im, 1e-10))
    lu.assertTrue((v.a:matmul(vi)):equal(vi * re + vr * im, 1e-10))
    return v.a
  end)
  case("np.trace(w, 1)", { w = w }, function(v) return v.w:trace(1) end)
  case("np.diag(w, -2)", { w = w }, function(v) return v.w:diag(-2) end)
  case("np.diag(a[0], 2)", { a = some }, function(v) return v.a[1]:diag(2) end)
  case("np.outer(w[0], w[1])", { w = w }, function(v) return v.w[1]:outer(v.w[2]) end)
  case("np.kron(w, a)", { w = w, a = some }, function(v) return v.w:kron(v.a) end)
  case("np.cov(w, rowvar=False)", { w = w }, function(v)
    local c = v.w:cov()
    return n == 1 and c:get(1, 1) or c
  end, 1e-12)
  case("np.corrcoef(w, rowvar=False)", { w = w }, function(v)
    local c = v.w:corrcoef()
    return n == 1 and c:get(1, 1) or c
  end, 1e-12)
end
local h = rng:normal(8, 3)
case("scipy.linalg.hadamard(8) @ h", { h = h }, function(v) return v.h:walsh(1) end, 1e-12)
case("h.T @ scipy.linalg.hadamard(8)", { h = h }, function(v) return v.h:T():walsh() end, 1e-12)

local A, B, S = view(random(3, 4)), random(4, 5), random(2, 3, 4)
local T, M, u = random(2, 4, 3), random(4, 4), random(4)
for _, spec in ipairs { "ij,jk->ik", "ij,jk->ki", "ij,jk", "ij,jk->", "ij,jk->i", "ij,jk->j" } do
  case(("np.einsum('%s', a, b)"):format(spec), { a = A, b = B }, function(v) return limn.einsum(spec, v.a, v.b) end, 1e-12)
end
for _, spec in ipairs { "bij,bjk->bik", "bij,bjk->kib", "bij,bji->b", "bij,cji->bc", "bij,bji->" } do
  case(("np.einsum('%s', a, b)"):format(spec), { a = S, b = T }, function(v) return limn.einsum(spec, v.a, v.b) end, 1e-12)
end
for _, spec in ipairs { "ii", "ii->i", "ij->ji", "ij->j", "ij->" } do
  case(("np.einsum('%s', a)"):format(spec), { a = M }, function(v) return limn.einsum(spec, v.a) end, 1e-12)
end
for _, spec in ipairs { "ii,i->i", "ij,j", "ij,j->ij", "ii,j->j" } do
  case(("np.einsum('%s', a, b)"):format(spec), { a = M, b = u }, function(v) return limn.einsum(spec, v.a, v.b) end, 1e-12)
end

TestNumpy = {}

local function as_array(v)
  if type(v) == "boolean" then v = v and 1 or 0 end
  return type(v) == "number" and limn.array { v } or v:copy "f64"
end

local function differs(ours, theirs, tol)
  local s, t = table.concat({ ours:shape() }, "x"), table.concat({ theirs:shape() }, "x")
  if s ~= t then return ("shape %s, numpy %s"):format(s, t) end
  if ours:size() == 0 then return nil end
  local a, b = ours:reshape(-1), theirs:reshape(-1)
  for i = 1, #a do
    local same = a[i] == b[i] or (a[i] ~= a[i] and b[i] ~= b[i]) or math.abs(a[i] - b[i]) <= tol * math.max(1, math.abs(b[i]))
    if not same then return ("entry %d: %.17g, numpy %.17g"):format(i, a[i], b[i]) end
  end
end

-- What numpy makes of cases first .. last, by "r<number>".
local function reference(first, last)
  local dir = testing.temp_dir()
  local arrays, lines = {}, {}
  for k = first, last do
    local names = {}
    for name, a in pairs(cases[k].arrays) do
      arrays[("c%d_%s"):format(k, name)] = a
      names[#names + 1] = name
    end
    lines[#lines + 1] = ("%d\t%s\t%s"):format(k, table.concat(names, " "), cases[k].expression)
  end
  assert(limn.save(dir .. "/in.npz", arrays))
  testing.write(dir .. "/cases", table.concat(lines, "\n") .. "\n")
  local out, code = testing.run(("%s %s/../support/numpy_reference.py %s/in.npz %s/cases %s/out.npz 2>&1"):format(python, here,
    dir, dir, dir))
  lu.assertEquals(code, 0, out)
  local theirs = assert(limn.load(dir .. "/out.npz"))
  testing.run("rm -r " .. dir)
  return theirs
end

function TestNumpy.testAgainstNumpy()
  testing.skip_if(not python, "numpy is not installed")
  local bad, compared, theirs = {}, 0, nil
  for k, c in ipairs(cases) do
    if k % BATCH == 1 then theirs = reference(k, math.min(k + BATCH - 1, #cases)) end
    local expected = theirs["r" .. k]
    if expected then
      local fine, ours = pcall(c.f, c.arrays)
      local why = not fine and tostring(ours) or differs(as_array(ours), expected, c.tol)
      compared = compared + 1
      if why then bad[#bad + 1] = ("%s on %s: %s"):format(c.expression, tostring(c.arrays.a):gsub("\n.*", ""), why) end
    end
  end
  lu.assertTrue(compared > 1500, compared)
  lu.assertEquals(#bad, 0, table.concat(bad, "\n", 1, math.min(#bad, 12)))
end

os.exit(lu.LuaUnit.run())
