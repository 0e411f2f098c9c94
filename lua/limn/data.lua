-- limn/data.lua: data sets, each as X (points x inputs) and y (one number per point; labels are -1 or +1).
-- Boolean inputs are -1 and +1; row r of a full table is the number r - 1 in binary, most significant bit first.

local native = require "limn.native"
local check = require "limn.base.check"
local read_files = require "limn.base.inputs"
local rng = require "limn.rng"

local array, zeros = native.array.array, native.array.zeros
local data = {}

local SEED = { type = "integer", min = 0, default = 1 }
local MOST_BITS = 20 -- limit on the size of a full table: 2^20 rows

-- ---- points in the plane ----

local CORNERS = { { -1, -1 }, { -1, 1 }, { 1, 1 }, { 1, -1 } } -- clockwise

-- One labelling of the four corners from each class under rotations and reflections of the square.
local PATTERNS = {
  { name = "constant", y = { 1, 1, 1, 1 } },
  { name = "one", y = { 1, -1, -1, -1 } },
  { name = "half", y = { 1, 1, -1, -1 } },
  { name = "xor", y = { -1, 1, -1, 1 } },
  { name = "three", y = { -1, 1, 1, 1 } },
  { name = "none", y = { -1, -1, -1, -1 } },
}

-- corners([pattern]): the four corners (+-1, +-1), labelled "xor", "half", "one", "three", "constant"
-- or "none", or by a table of four labels.
function data.corners(pattern)
  if pattern == nil then pattern = "xor" end
  if type(pattern) == "table" then
    if #pattern ~= 4 then check.fail("data.corners: expected 4 labels, got %d", #pattern) end
    for i, v in ipairs(pattern) do
      if v ~= 1 and v ~= -1 then check.fail("data.corners: label %d must be -1 or 1, got %s", i, check.show(v)) end
    end
    return array(CORNERS), array(pattern)
  end
  local names = {}
  for k, p in ipairs(PATTERNS) do
    if p.name == pattern then return array(CORNERS), array(p.y) end
    names[k] = p.name
  end
  check.fail("data.corners: pattern must be one of %s, got %s", table.concat(names, " "), check.show(pattern))
end

-- xor(): the corners of the square; +1 where the two inputs differ.
function data.xor() return data.corners "xor" end

-- enumerate([{signs=true}]): a list of {X=, y=, name=}: the labellings of the four corners, one from each
-- class under rotations and reflections of the square (6). With signs = true a labelling and its negative
-- are in the same class (4).
function data.enumerate(options)
  local o = check.options("data.enumerate", options, { signs = { type = "boolean", default = false } })
  local list = {}
  for k, p in ipairs(PATTERNS) do
    if k <= 4 or not o.signs then list[#list + 1] = { X = array(CORNERS), y = array(p.y), name = p.name } end
  end
  return list
end

-- collinear{points=4, angle=pi/4}: points evenly spaced from -1 to 1 on a line through the origin, with
-- alternating labels (+1 first).
function data.collinear(options)
  local o = check.options("data.collinear", options, {
    points = { type = "integer", min = 2, default = 4 },
    angle = { type = "number", default = math.pi / 4 },
  })
  local X, y = zeros(o.points, 2), zeros(o.points)
  for i = 1, o.points do
    local t = 2 * (i - 1) / (o.points - 1) - 1
    X:set(i, 1, t * math.cos(o.angle))
    X:set(i, 2, t * math.sin(o.angle))
    y[i] = i % 2 == 1 and 1 or -1
  end
  return X, y
end

-- random{points=4, dim=2, kind="uniform", balanced=false, seed=1}: points uniform in the cube [-1,1]^dim, or
-- standard normal (kind = "normal"). Labels are independent and fair; with balanced = true ceil(points/2) are +1.
function data.random(options)
  local o = check.options("data.random", options, {
    points = { type = "integer", min = 1, default = 4 },
    dim = { type = "integer", min = 1, default = 2 },
    kind = { type = "string", one_of = { "uniform", "normal" }, default = "uniform" },
    balanced = { type = "boolean", default = false },
    seed = SEED,
  })
  local stream = rng.stream { seed = o.seed }
  local X = o.kind == "normal" and stream:normal(o.points, o.dim) or stream:uniform(o.points, o.dim) * 2 - 1
  if not o.balanced then return X, stream:sign(o.points) end
  local y = zeros(o.points)
  for i, k in ipairs(stream:permutation(o.points)) do y[i] = k % 2 == 1 and 1 or -1 end
  return X, y
end

-- ---- Boolean functions ----

local function bit_options(extra)
  local rules = {
    bits = { type = "integer", min = 1, required = true },
    points = { type = "integer", min = 1 },
    seed = SEED,
  }
  for name, rule in pairs(extra or {}) do rules[name] = rule end
  return rules
end

-- The rows, and the numbers whose binary digits they are: all 2^bits, or `points` of them drawn without replacement.
local function inputs(who, o)
  if o.bits > MOST_BITS then check.fail("%s: bits must be at most %d, got %d", who, MOST_BITS, o.bits) end
  local all = 1 << o.bits
  if o.points and o.points > all then
    check.fail("%s: points must be at most 2^bits = %d, got %d", who, all, o.points)
  end
  local codes = {}
  if o.points then
    local order = rng.stream { seed = o.seed }:permutation(all)
    for i = 1, o.points do codes[i] = order[i] // 1 | 0 end
    for i = 1, o.points do codes[i] = codes[i] - 1 end
  else
    for i = 1, all do codes[i] = i - 1 end
  end
  local rows = {}
  for i, code in ipairs(codes) do
    local row = {}
    for j = 1, o.bits do row[j] = (code >> (o.bits - j) & 1) * 2 - 1 end
    rows[i] = row
  end
  return rows, codes
end

local function labelled(rows, codes, label)
  local y = {}
  for i, row in ipairs(rows) do y[i] = label(row, codes[i]) end
  return array(rows), array(y)
end

-- parity{bits=, relevant=bits, points=all, seed=1}: the product of the first `relevant` inputs.
function data.parity(options)
  local o = check.options("data.parity", options, bit_options { relevant = { type = "integer", min = 1 } })
  local relevant = o.relevant or o.bits
  if relevant > o.bits then check.fail("data.parity: relevant must be at most bits = %d, got %d", o.bits, relevant) end
  local rows, codes = inputs("data.parity", o)
  return labelled(rows, codes, function(row)
    local product = 1
    for j = 1, relevant do product = product * row[j] end
    return product
  end)
end

-- majority{bits= (odd), points=all, seed=1}: the sign of the sum.
function data.majority(options)
  local o = check.options("data.majority", options, bit_options())
  if o.bits % 2 == 0 then check.fail("data.majority: bits must be odd, got %d", o.bits) end
  local rows, codes = inputs("data.majority", o)
  return labelled(rows, codes, function(row)
    local sum = 0
    for j = 1, o.bits do sum = sum + row[j] end
    return sum > 0 and 1 or -1
  end)
end

-- boolean{bits=, points=all, seed=1}: a random function; its 2^bits values are independent and fair.
function data.boolean(options)
  local o = check.options("data.boolean", options, bit_options())
  local rows, codes = inputs("data.boolean", o)
  local truth = rng.stream { seed = o.seed, point = 1 }:sign(1 << o.bits)
  return labelled(rows, codes, function(_, code) return truth[code + 1] end)
end

-- needle{bits=, at=0, points=all, seed=1}: +1 at input number `at`, -1 at all others.
function data.needle(options)
  local o = check.options("data.needle", options, bit_options { at = { type = "integer", min = 0, default = 0 } })
  if o.bits <= MOST_BITS and o.at >= 1 << o.bits then
    check.fail("data.needle: at must be below 2^bits = %d, got %d", 1 << o.bits, o.at)
  end
  local rows, codes = inputs("data.needle", o)
  return labelled(rows, codes, function(_, code) return code == o.at and 1 or -1 end)
end

-- modular{modulus=, terms=2, points=all, target=nil, seed=1}: `terms` numbers 0 .. modulus-1, each one-hot encoded
-- in modulus inputs; y is their sum modulo modulus. With target, y is +1 where the sum equals target, else -1.
function data.modular(options)
  local o = check.options("data.modular", options, {
    modulus = { type = "integer", min = 2, required = true },
    terms = { type = "integer", min = 1, default = 2 },
    points = { type = "integer", min = 1 },
    target = { type = "integer", min = 0 },
    seed = SEED,
  })
  local p, all = o.modulus, o.modulus ^ o.terms
  if all > 1 << MOST_BITS then check.fail("data.modular: modulus^terms must be at most 2^%d, got %g", MOST_BITS, all) end
  all = math.tointeger(all)
  if o.target and o.target >= p then check.fail("data.modular: target must be below modulus = %d, got %d", p, o.target) end
  if o.points and o.points > all then
    check.fail("data.modular: points must be at most modulus^terms = %d, got %d", all, o.points)
  end
  local order = o.points and rng.stream { seed = o.seed }:permutation(all)
  local count = o.points or all
  local X, y = zeros(count, p * o.terms), zeros(count)
  for i = 1, count do
    local code, sum = (order and math.tointeger(order[i]) or i) - 1, 0
    for t = o.terms, 1, -1 do
      local digit = code % p
      X:set(i, (t - 1) * p + digit + 1, 1)
      sum, code = sum + digit, code // p
    end
    sum = sum % p
    y[i] = not o.target and sum or sum == o.target and 1 or -1
  end
  return X, y
end

-- ---- files ----

-- csv(path, {labels=, columns=, positive=, ..}) -> X, y, info; or nil, message.
data.csv = require("limn.data.table").csv

-- iris([{positive="setosa"}]): Fisher's 150 flowers, 4 measurements in cm -> X, y, info; y is +1 for the
-- species `positive`. (R. A. Fisher, The use of multiple measurements in taxonomic problems, 1936.)
function data.iris(options)
  local o = check.options("data.iris", options, {
    positive = { type = "string", one_of = { "setosa", "versicolor", "virginica" }, default = "setosa" },
  })
  local here = debug.getinfo(1, "S").source:match "^@(.*)data%.lua$" or ""
  return data.csv(here .. "data/iris.csv", { labels = "species", positive = o.positive })
end

-- npy(x_path, y_path) -> X, y from two .npy files; or nil, message.
function data.npy(x_path, y_path)
  local load = require("limn.base.files").load
  check.path("data.npy", "x_path", x_path)
  check.path("data.npy", "y_path", y_path)
  local X, why = load(x_path)
  if not X then return nil, why end
  local y, message = load(y_path)
  if not y then return nil, message end
  if #X ~= #y then return nil, ("data.npy: %s has %d rows but %s has %d entries"):format(x_path, #X, y_path, #y) end
  return X, y
end

-- idx(images, labels[, {count=, scale=1}]) -> X, y from two IDX files (the format of MNIST, unpacked):
-- one row per image, entries multiplied by scale; or nil, message.
function data.idx(images, labels, options)
  local o = check.options("data.idx", options, {
    count = { type = "integer", min = 1 }, scale = { type = "number", default = 1 },
  })
  check.path("data.idx", "images", images)
  check.path("data.idx", "labels", labels)
  read_files.note(images)
  read_files.note(labels)
  local X, why = native.files.idx_load(images, o.count)
  if not X then return nil, why end
  local y, message = native.files.idx_load(labels, o.count)
  if not y then return nil, message end
  if #X ~= #y then return nil, ("data.idx: %s has %d items but %s has %d"):format(images, #X, labels, #y) end
  if #X > 0 then X = X:reshape(#X, X:size() // #X) end
  if o.scale ~= 1 then X = X * o.scale end
  return X, y
end

-- ---- fresh data ----

local STREAM = {
  kind = { type = "string", required = true, one_of = { "parity", "staircase", "gaussian", "teacher" } },
  points = { type = "integer", min = 1, default = 32, help = "points a step" },
  inputs = { type = "integer", min = 1, required = true },
  relevant = { type = "integer", min = 1, help = "inputs that the label depends on" },
  teacher = { type = "any", help = "a net, or a function X -> y" },
  noise = { type = "number", min = 0, default = 0, help = "standard deviation of noise on y" },
  seed = SEED,
}

-- The product of columns 1 .. k of X, and the sum of the products of columns 1 .. j for j = 1 .. k, over sqrt(k).
local function products(X, k)
  local product = X:col(1):copy()
  local sum = product
  for j = 2, k do
    product = product * X:col(j)
    sum = sum + product
  end
  return product, sum / math.sqrt(k)
end

-- stream{kind=, inputs=, points=32, relevant=, teacher=, noise=0, seed=1} -> a function of the step that returns X
-- (points x inputs) and y, drawn anew for each step: net:train(data.stream{...}, nil, options). Inputs are -1 or +1, of
-- gaussian and teacher normal. y: parity: the product of the first `relevant` inputs; staircase: the sum of the products
-- of the first 1, 2, .. relevant inputs, over sqrt(relevant); gaussian: the mean of the first `relevant` inputs times
-- sqrt(relevant); teacher: the outputs of a net or of a function of X. The same step gives the same points.
function data.stream(options)
  local who = "data.stream"
  local o = check.options(who, options, STREAM)
  local k = o.relevant or math.min(2, o.inputs)
  if k > o.inputs then check.fail("%s: relevant must be at most inputs, %d, got %d", who, o.inputs, k) end
  local teacher = o.teacher
  if (o.kind == "teacher") ~= (teacher ~= nil) then
    check.fail('%s: teacher is needed with kind = "teacher", and only there', who)
  end
  local outputs = { parity = function(X) return (products(X, k)) end,
    staircase = function(X) return select(2, products(X, k)) end,
    gaussian = function(X) return X:slice(1, #X, 1, k):sum(2) / math.sqrt(k) end,
    teacher = function(X) return type(teacher) == "function" and teacher(X) or teacher:forward(X) end }
  local signs, label = o.kind == "parity" or o.kind == "staircase", outputs[o.kind]
  return function(step)
    check.value(who, "step", step, { type = "integer", required = true, min = 0 })
    local s = rng.stream { seed = o.seed, point = step }
    local X = signs and s:sign(o.points, o.inputs) or s:normal(o.points, o.inputs)
    local y = label(X)
    if o.noise > 0 then y = y + o.noise * s:normal(y:size()):reshape(y:shape()) end
    return X, y
  end
end

-- ---- parts ----

-- split, kfold, standardise, onehot, batches
for name, f in pairs(require "limn.data.sampling") do data[name] = f end

return check.sealed("data.", data)
