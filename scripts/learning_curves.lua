-- learning_curves.lua: does the theory of learning curves predict the test error of kernel regression and of wide nets?
--
-- Places: 1 the cube {-1,1}^16, target the parity of 2 bits; 2 the sphere in 10 dimensions, target a harmonic of degree 2
-- (x1 x2); 3 the points of a file (--data), or iris with versicolor as +1, target the labels. D random points are labelled, the
-- test points are 1000 other draws; of a file all other rows.
-- Rules: kernel regression without ridge with the NNGP and the NTK kernel of ReLU nets of 1 to 3 hidden layers (bias 0.1), and
-- wide nets in NTK parameterisation of the same depth, trained at one D to a loss of 1e-4, f_0 subtracted.
--
-- Theory. kernel.spectrum gives the eigenvalue of each level, degree or mode of points; theory.learning_curve the test error
-- (eigenlearning: Canatar, Bordelon and Pehlevan 2021; Simon et al. 2023). It is an estimate for many points and Gaussian-like
-- modes. Exact at any D: the learnabilities of an interpolant add up to D (measured on the cube of 8 bits, all 256 parities).
--
-- Margins, declared before the first run. Test error over theory at D = 256: 1 to within 0.1 on cube and sphere. Wide nets
-- over theory at D = 64: 0.15, as they have finite width. Conservation: a bound of 1e-6, an identity. Points of a file: described.
-- The training points of a file are among its n points and have error 0, so that the error on the others is n/(n - D) times that
-- of the theory; this factor was added after the first run.
--
-- Cost: two minutes on two cores.

local limn = require "limn"
local ledger_rows = dofile((debug.getinfo(1, "S").source:match "^@(.*/)" or "") .. "rows.lua")

local PLACES = { "cube", "sphere", "file" }
local BITS, DIM, TEST = 16, 10, 1000
local AT, NETS_AT = 256, 64
local KINDS = { "nngp", "ntk" }
local NAMES = { nngp = "NNGP", ntk = "NTK" }

-- ---- places: a function that draws n points and their target values --------------------------------------------

local function cube(rng, n)
  local X = rng:sign(n, BITS)
  return X, X:col(1) * X:col(2)
end

local function sphere(rng, n)
  local X = rng:normal(n, DIM)
  X = X / ((X ^ 2):sum(2):sqrt() / math.sqrt(DIM)):reshape(n, 1)
  return X, X:col(1) * X:col(2) * math.sqrt((DIM + 2) / DIM)
end

local function file(data)
  if data == "" then
    local X, y = limn.data.iris { positive = "versicolor" }
    return (X - X:mean(1)) / X:std(1), y
  end
  local images, labels = data:match "^(.-),(.+)$"
  local X, y = assert(limn.data[images and "idx" or "csv"](images or data, labels or nil))
  local middle = y:quantile(0.5)
  if y:gt(middle):sum() == 0 then middle = middle - 1e-9 end
  return X, y:gt(middle) * 2 - 1
end

-- The labelled points and the test points of a cell.
local function drawn(point, rng)
  local place = PLACES[point.place]
  if place ~= "file" then
    local draw = place == "cube" and cube or sphere
    local X, y = draw(rng, point.D)
    local Z, z = draw(rng, TEST)
    return X, y, Z, z
  end
  local X, y = file(point.data)
  local order, n = {}, #X
  for i, row in ipairs(rng:permutation(n):totable()) do order[i] = math.tointeger(row) end
  local known, other = table.move(order, 1, point.D, 1, {}), table.move(order, point.D + 1, n, 1, {})
  return X:take(known), y:take(known), X:take(other), y:take(other)
end

local function options(point) return { depth = point.depth, bias = 0.1 } end

-- ---- one cell ------------------------------------------------------------------------------------------------

-- The sum of the learnabilities of all parities of 8 bits, minus D: an identity.
local function conservation(point, rng)
  local n, D = 8, math.min(point.D, 128)
  local rows = {}
  for v = 0, 255 do
    rows[v + 1] = {}
    for i = 1, n do rows[v + 1][i] = (v >> (i - 1) & 1) == 1 and -1 or 1 end
  end
  local list = {}
  for i, v in ipairs(rng:permutation(256):totable()) do if i <= D then list[i] = math.tointeger(v) end end
  local K = limn.kernel.ntk(rows, nil, options(point))
  local fit = limn.kernel.regress(K:take(list):T():take(list), K:take(list):T(), limn.zeros(D))
  local modes = limn.eye(256):walsh() -- the parities, one a column
  local learnt = K:take(list):T():matmul(fit:solve(modes:take(list)))
  return (learnt * modes):sum() / 256 - D
end

local function trained(point, X, y, Z, z, rng)
  local sizes = { (select(2, X:shape())) }
  for _ = 1, point.depth do sizes[#sizes + 1] = point.width end
  sizes[#sizes + 1] = 1
  local net = limn.mlp.new { sizes = sizes, param = "ntk", init = { weight = 2, bias = 0.1 }, start = "none", dtype = "f32",
    seed = rng:integer(1, 1 << 53) }
  local run = net:train(X, y, { tol = 1e-4, steps = point.steps })
  return run.loss <= 1e-4 and ((net:forward(Z) - z) ^ 2):mean() or nil
end

local function measure(point, rng)
  local place = PLACES[point.place]
  if place == "file" and point.D >= #file(point.data) then return { skipped = 1 } end
  local X, y, Z, z = drawn(point, rng)
  local out = { skipped = 0, failed = 0 }
  for _, kind in ipairs(KINDS) do
    local K, Kz = limn.kernel[kind](X, nil, options(point)), limn.kernel[kind](Z, X, options(point))
    out[kind] = ((limn.kernel.regress(K, Kz, y).mean - z) ^ 2):mean()
  end
  if place == "cube" then out.conservation = conservation(point, rng) end
  if place ~= "file" and point.D == NETS_AT and point.depth <= 2 then
    out.net = trained(point, X, y, Z, z, rng)
    if not out.net then out.failed = 1 end
  end
  return out
end

-- ---- theory --------------------------------------------------------------------------------------------------

local function curve_of(place, kind, depth, points, data)
  local o = options { depth = depth }
  o.kind = kind
  if place == "file" then
    local X, y = file(data)
    o.on = X
    local curve, n = limn.theory.learning_curve { spectrum = limn.kernel.spectrum(o), target = y, points = points }, #X
    for i = 1, #curve.points do curve.test:set(i, curve.test[i] * n / (n - curve.points[i])) end
    return curve
  end
  o.on, o.dim, o.degrees = place, place == "cube" and BITS or DIM, place == "sphere" and 30 or nil
  return limn.theory.learning_curve { spectrum = limn.kernel.spectrum(o), target = 2, points = points }
end

-- ---- from cells to claims --------------------------------------------------------------------------------------

local function ratio(place, name, depth, D)
  local theory = curve_of(PLACES[place], name == "net" and "ntk" or name, depth, { D }).test[1]
  return function(results)
    local values, failed = {}, 0
    for _, row in ipairs(results:where({ place = place, depth = depth, D = D, skipped = 0 }):rows()) do
      values[#values + 1] = row[name] and row[name] / theory
      failed = failed + row.failed
    end
    return #values > 1 and limn.claims.mean(values) or nil, failed > 0 and name == "net"
      and ("%d nets that did not reach the loss left out"):format(failed) or nil
  end
end

local function worst(results)
  local values = {}
  for _, row in ipairs(results:where({ place = 1 }):rows()) do values[#values + 1] = row.conservation end
  return #values > 0 and limn.claims.largest(values) or nil
end

local function mean_error(kind, depth, D)
  return function(results)
    local values = {}
    for _, row in ipairs(results:where({ place = 3, depth = depth, D = D, skipped = 0 }):rows()) do values[#values + 1] = row[kind] end
    return #values > 1 and limn.claims.mean(values) or nil
  end
end

local function rows_of(grid, data)
  local list, has = {}, { place = {}, depth = {}, D = {} }
  for name, seen in pairs(has) do for _, v in ipairs(grid[name]) do seen[v] = true end end
  local function add(what, claim, declaration)
    declaration.id, declaration.claim = "A9", claim
    list[#list + 1] = { what = what, declaration = declaration }
  end
  for place = 1, 2 do
    for depth = 1, 3 do
      local where = ("%s, %d hidden layer%s"):format(PLACES[place], depth, depth == 1 and "" or "s")
      if has.place[place] and has.depth[depth] then
        for _, kind in ipairs(has.D[AT] and KINDS or {}) do
          add(ratio(place, kind, depth, AT), ("test error over the learning curve, %s, %s, D = %d"):format(NAMES[kind], where, AT),
            { theory = 1, equal = { margin = 0.1 } })
        end
        if has.D[NETS_AT] and depth <= 2 then
          add(ratio(place, "net", depth, NETS_AT), ("test error over the learning curve, wide nets, %s, D = %d"):format(where, NETS_AT),
            { theory = 1, equal = { margin = 0.15 } })
        end
      end
    end
  end
  if has.place[1] then add(worst, "sum of the learnabilities of all parities minus D", { bound = 1e-6, theory = 0 }) end
  for _, kind in ipairs(has.place[3] and has.depth[1] and has.D[NETS_AT] and KINDS or {}) do
    local theory = curve_of("file", kind, 1, { NETS_AT }, data).test[1]
    add(mean_error(kind, 1, NETS_AT), ("test error, %s, 1 hidden layer, points of a file, D = %d"):format(NAMES[kind], NETS_AT),
      { describe = true, note = ("learning curve %.3g"):format(theory) })
  end
  return list
end

local function claims(params, plan) return ledger_rows.declared(rows_of(plan.grid, params.data)) end

local function report(results, ledger)
  ledger_rows.measure(ledger, rows_of(ledger.plan.grid, ledger.params.data), results)
end

-- ---- the figure: means with 95 % intervals over replicates -------------------------------------------------------

local LOOK = { nngp = { 2, "circle" }, ntk = { 3, "triangle" }, net = { 5, "ocircle" } }
local LABEL = { nngp = "NNGP regression", ntk = "NTK regression", net = "wide nets" }

local function draw(panel, results, place, depth, points, first)
  for _, kind in ipairs(KINDS) do
    local D = limn.logspace(points[1], points[#points], 30)
    local rows = results:where({ place = place, depth = depth, skipped = 0 }):rows()
    local y = curve_of(PLACES[place], kind, depth, D, rows[1] and rows[1].data or "").test
    panel:line { x = D, y = y, color = LOOK[kind][1], dash = "dashed", mark = false, law = true,
      label = first and kind == "nngp" and "theory" or nil }
  end
  for _, name in ipairs { "nngp", "ntk", "net" } do
    local o = { x = {}, y = {}, lo = {}, hi = {}, color = LOOK[name][1], mark = LOOK[name][2], label = first and LABEL[name] or nil }
    for _, D in ipairs(points) do
      local values = {}
      for _, row in ipairs(results:where({ place = place, depth = depth, D = D, skipped = 0 }):rows()) do
        values[#values + 1] = row[name]
      end
      if #values > 0 then
        local m, interval = values[1], { values[1], values[1] }
        if #values > 1 then m, interval = limn.claims.interval(values) end
        table.insert(o.x, D)
        table.insert(o.y, m)
        table.insert(o.lo, math.max(interval[1], m / 3))
        table.insert(o.hi, interval[2])
      end
    end
    if #o.x > 0 then panel:errorbars(o) end
  end
end

local function plot(results)
  local points, places, depths = results:distinct "D", results:distinct "place", results:distinct "depth"
  local fig = limn.plot.figure { rows = #places, cols = #depths, size = { 2.4 * #depths + 0.4, 2.3 * #places + 0.6 }, letters = true,
    legend = "top" }
  for r, place in ipairs(places) do
    local here = {}
    for _, D in ipairs(points) do
      if #results:where({ place = place, D = D, skipped = 0 }):rows() > 0 then here[#here + 1] = D end
    end
    for c, depth in ipairs(depths) do
      local p = fig:panel(r, c, { title = ("%s, depth %d"):format(PLACES[place], depth),
        x = { label = r == #places and "labelled points D" or nil, scale = "log2" },
        y = { label = c == 1 and "test error" or nil, scale = "log10" } })
      if #here > 1 then draw(p, results, place, depth, here, r == 1 and c == 1) end
    end
  end
  return fig
end

return limn.experiment {
  name = "learning_curves",
  question = "Does the theory of learning curves predict the test error of kernel regression and of wide nets?",
  params = {
    place = { default = 1, help = "1 the cube, 2 the sphere, 3 the points of --data, or iris", min = 1, max = 3 },
    depth = { default = 1, help = "number of hidden layers", min = 1, max = 3 },
    D = { default = 64, help = "number of labelled points", min = 2, max = 4096 },
    data = { default = "", help = "NAME.csv (labels last) or IMAGES.idx,LABELS.idx for place 3" },
    width = { default = 1024, help = "width of the nets", min = 1 },
    steps = { default = 20000, help = "largest number of gradient descent steps", min = 1 },
  },
  grid = { place = "1:3", depth = "1:3", D = { 32, 64, 128, 256, 512 } },
  reps = 16,
  cost = function(p) return p.D ^ 2 + (p.D == NETS_AT and p.depth == 2 and 1e7 or 0) end,
  measure = measure,
  claims = claims,
  report = report,
  plot = plot,
}
