-- limn/kernel/spectrum.lua: eigenvalues of infinite-width kernels on the cube, on the sphere and on given points.
--
-- On the cube {-1,1}^n and on the sphere the kernels depend on the distance alone. Their eigenfunctions are the parities of
-- k bits and the spherical harmonics of degree k; the eigenvalues are sums over Hamming distances, or integrals over the
-- angle (num/kernel/spectrum.c). On given points they are those of the Gram matrix over the number of points, with the
-- uniform distribution on the points. A kernel of the user, a function of two points or its Gram matrix, has no closed sum:
-- its spectrum is that of given points.

local native = require "limn.native"
local check = require "limn.base.check"
local vocabulary = require "limn.base.vocabulary"

local zeros = native.array.zeros

local Spectrum = { __name = "limn.kernel.spectrum" }
Spectrum.__index = Spectrum

local ON = { cube = "level", sphere = "degree", points = "mode" }

function Spectrum:__tostring()
  local resolved = 0
  for i = 1, #self.eigenvalues do if self.eigenvalues[i] > 0 then resolved = resolved + 1 end end
  local name = self.kind and ("%s of depth %d"):format(self.kind, self.options.depth) or "own kernel"
  return ("limn.kernel.spectrum: %s on %s, %d of %d %ss resolved, trace %.4g%s"):format(name,
    self.on == "points" and ("%d points"):format(self.dim) or ("the %s in %d dimensions"):format(self.on, self.dim), resolved,
    #self.eigenvalues, ON[self.on], self.trace,
    self.rest > 0 and (", %.3g of it in %ss not resolved"):format(self.rest, ON[self.on]) or "")
end

-- The kernel between one point x and the rows of Z: an array of 1 x n.
local function kernel_at(who, o, x, Z)
  local k, theta, _, error = native.kernel.evaluate(who, x, Z, o, o.kind == "ntk" and "t" or "k")
  return k or theta, error
end

-- Values below their error are 0: nothing is known of them but that they are small. A kernel's eigenvalues are not negative.
local function resolved(who, values, errors)
  for i = 1, #values do
    if values[i] < -8 * errors[i] then
      check.fail("%s: eigenvalue %d is %g with an error of %g; a kernel has none below 0", who, i, values[i], errors[i])
    end
    if values[i] <= errors[i] then values:set(i, 0) end
  end
end

local function choose(n, k)
  local c = 1.0
  for i = 1, math.min(k, n - k) do c = c * (n - i + 1) / i end
  return c
end

local function with_constant(o, X)
  if not o.constant then return X end
  return native.array.hstack { X, native.array.ones((X:shape()), 1) * o.constant }
end

local function cube(who, o)
  local n = o.dim
  local X = native.array.ones(n + 1, n)
  for j = 1, n do for i = 1, j do X:set(j + 1, i, -1) end end
  X = with_constant(o, X)
  local k, series = kernel_at(who, o, X:slice(1, 1, 1, (select(2, X:shape()))), X)
  local values, errors = native.kernel.cube(who, k)
  local times = zeros(n + 1)
  for level = 0, n do times:set(level + 1, choose(n, level)) end
  return values, errors, times, k:get(1, 1), series
end

-- The number of spherical harmonics of a degree in d dimensions.
local function harmonics(d, k)
  if k == 0 then return 1.0 end
  if d == 2 then return 2.0 end
  return (2 * k + d - 2) / k * choose(k + d - 3, k - 1)
end

-- Points in two coordinates, or three with the constant, whose products over their number are those in d dimensions over d.
local function on_circle(o, angle)
  local columns = o.constant and o.dim + 1 or o.dim
  local now = o.constant and 3 or 2
  local scale, Z = math.sqrt(now / columns), zeros(#angle, now)
  for i = 1, #angle do
    Z:set(i, 1, scale * o.radius * math.cos(angle[i]))
    Z:set(i, 2, scale * o.radius * math.sin(angle[i]))
    if o.constant then Z:set(i, 3, scale * o.constant) end
  end
  return Z
end

local function sphere(who, o)
  local x = on_circle(o, { 0.0 })
  local function degrees(nodes)
    local angle, weight = native.kernel.sphere_nodes(who, nodes, o.dim)
    local k, series = kernel_at(who, o, x, on_circle(o, angle))
    local values, errors = native.kernel.sphere(who, k, angle, weight, o.dim, o.degrees)
    return values, errors, series
  end
  local nodes = 200 + 2 * o.degrees + math.ceil(8 * math.sqrt(o.dim))
  local values, errors, series = degrees(2 * nodes)
  errors = errors + (values - degrees(nodes)):abs()
  local times = zeros(o.degrees + 1)
  for k = 0, o.degrees do times:set(k + 1, harmonics(o.dim, k)) end
  return values, errors, times, kernel_at(who, o, x, x):get(1, 1), series
end

local MOST = 1 << 33 -- bytes of a Gram matrix and its eigenvectors

-- The Gram matrix of the user's kernel on the rows of X.
local function own_gram(who, k, X)
  local n = #X
  local K
  if type(k) == "function" then
    K = zeros(n, n)
    local rows = {}
    for i = 1, n do rows[i] = X:row(i) end
    for i = 1, n do
      for j = 1, n do
        local value = k(rows[i], rows[j])
        if math.type(value) == nil or value - value ~= 0 then
          check.fail("%s: kernel must return a finite number, got %s for points %d and %d", who, check.show(value), i, j)
        end
        K:set(i, j, value)
      end
    end
  else
    K = check.array(who, "kernel", k)
    local rows, columns = K:shape()
    if rows ~= n or columns ~= n then
      check.fail("%s: kernel must be a %d x %d Gram matrix of the %d points, got %d x %s", who, n, n, n, rows, columns or "1 vector")
    end
  end
  local uneven = (K - K:T()):abs():max()
  if uneven > 1e-12 * K:abs():max() then
    check.fail("%s: kernel must be symmetric, but k(x, z) and k(z, x) differ by %g", who, uneven)
  end
  return (K + K:T()) * 0.5, uneven
end

local function points(who, o, X)
  local n = X:shape()
  if 16 * n * n > MOST then
    check.fail("%s: %d points need %.3g GB for the Gram matrix and its eigenvectors, at most %.3g GB are allowed; take a sample of at "
      .. "most %d points", who, n, 16 * n * n / 2 ^ 30, MOST / 2 ^ 30, math.floor(math.sqrt(MOST / 16)))
  end
  local series, uneven = 0, 0
  local K
  if o.kernel then K, uneven = own_gram(who, o.kernel, X) else K, series = kernel_at(who, o, with_constant(o, X), nil) end
  local w, V, facts = native.kernel.factorise(who, K * (1 / n), 0)
  local values, back = zeros(n), {}
  for i = 1, n do
    values:set(i, w[n + 1 - i])
    back[i] = n + 1 - i
  end
  return values, zeros(n) + facts.cut + uneven, native.array.ones(n), w:sum(), series, V:T():take(back)
end

local RULES = {
  kind = { type = "string", default = "ntk", one_of = vocabulary.names "limit_kind" },
  dim = { type = "integer", min = 1, help = "the number of bits, or of dimensions" },
  radius = { type = "number", help = "of the sphere" },
  degrees = { type = "integer", min = 0, default = 20 },
  constant = { type = "number", help = "the value of an input added to each point" },
  kernel = { type = "any", help = "a function of two points, or a Gram matrix" },
}

-- spectrum(options, spec) of kernel.lua -> the object. spec(who, options, rules) checks the options of a kernel.
local function spectrum(who, options, spec)
  local rules = { on = { type = "any", required = true, help = '"cube", "sphere" or points' } }
  for name, rule in pairs(RULES) do rules[name] = rule end
  local o = spec(who, options, rules)
  local on, X = o.on, nil
  if on ~= "cube" and on ~= "sphere" then
    if type(on) == "string" then check.fail('%s: on must be "cube", "sphere" or an array of points, got "%s"', who, on) end
    X, on = check.array(who, "on", o.on), "points"
    if #{ X:shape() } ~= 2 then check.fail("%s: on must be a matrix with a point in each row", who) end
    for _, name in ipairs { "dim", "radius", "degrees" } do
      if options[name] ~= nil then check.fail('%s: %s requires on="cube" or "sphere"; the points fix it', who, name) end
    end
  elseif not o.dim then
    check.fail('%s: on="%s" requires dim, the number of %s', who, on, on == "cube" and "bits" or "dimensions")
  end
  if o.kernel ~= nil then
    if on ~= "points" then
      check.fail("%s: kernel, a function or a Gram matrix, has no closed spectrum on the %s; give a sample of points as on", who,
        on)
    end
    for name in pairs(options) do
      if name ~= "on" and name ~= "kernel" then
        check.fail("%s: %s is an option of limn's kernels; leave it out with kernel", who, name)
      end
    end
  end
  if on == "cube" then
    for _, name in ipairs { "radius", "degrees" } do
      if options[name] ~= nil then check.fail('%s: %s requires on="sphere", got "cube"', who, name) end
    end
    if o.dim > 1000 then check.fail("%s: dim must be at most 1000 on the cube, got %d", who, o.dim) end
  elseif on == "sphere" then
    if o.dim < 2 then check.fail("%s: dim must be at least 2 on the sphere, got %d", who, o.dim) end
    o.radius = o.radius or math.sqrt(o.dim)
    if o.radius <= 0 then check.fail("%s: radius must be positive, got %g", who, o.radius) end
    if o.degrees > 400 then check.fail("%s: degrees must be at most 400, got %d", who, o.degrees) end
  end
  local compute = on == "cube" and cube or on == "sphere" and sphere or points
  local values, errors, times, trace, series, vectors = compute(who, o, X)
  errors = errors + values:abs() * series
  resolved(who, values, errors)
  local self = { on = on, kind = not o.kernel and o.kind or nil, dim = X and (X:shape()) or o.dim, options = o,
    eigenvalues = values, errors = errors, multiplicities = times, trace = trace, vectors = vectors }
  self.rest = on == "points" and 0 or math.max(0, trace - (values * times):sum())
  if self.rest <= 1e-13 * trace then self.rest = 0 end
  return setmetatable(self, Spectrum)
end

-- ---- targets ---------------------------------------------------------------------------------------------------

local function of_labels(who, self, f)
  if self.on == "sphere" then
    check.fail("%s: a function on the sphere is given by its powers: a list of one coefficient per degree, or one degree", who)
  end
  if self.on == "points" then
    local y = check.array(who, "target", f)
    if #y ~= self.dim then check.fail("%s: target must have one label for each of the %d points, got %d", who, self.dim, #y) end
    return self.vectors:matmul(y) * (1 / math.sqrt(self.dim))
  end
  local n = self.dim
  if n > 24 then
    check.fail("%s: a function of %d bits has 2^%d values, %.3g GB; at most 24 bits are transformed: give one coefficient per level", who,
      n, n, 2.0 ^ n * 8 / 2 ^ 30)
  end
  local y
  if type(f) == "function" then
    y = zeros(1 << n)
    local bits = {}
    for v = 0, (1 << n) - 1 do
      for i = 1, n do bits[i] = (v >> (i - 1) & 1) == 1 and -1 or 1 end
      y:set(v + 1, f(bits))
    end
  else
    y = check.array(who, "target", f)
  end
  if #y ~= 1 << n then check.fail("%s: target must have 2^%d = %d values, got %d", who, n, 1 << n, #y) end
  local power = {}
  for k = 0, n do power[k] = 0 end
  for s, c in ipairs((y:walsh() * 2.0 ^ -n):totable()) do
    local k, rest = 0, s - 1
    while rest > 0 do k, rest = k + (rest & 1), rest >> 1 end
    power[k] = power[k] + c * c
  end
  local out = zeros(n + 1)
  for k = 0, n do out:set(k + 1, math.sqrt(power[k])) end
  return out
end

-- The root of a target's power in each eigenspace. f: a degree or level (a function of mean square 1 in it); on the cube a
-- function of the bits, or its 2^n values; on points their labels.
function Spectrum:target(f)
  local who = "spectrum:target"
  check.self(who, self, "limn.kernel.spectrum")
  local count = #self.eigenvalues
  if math.type(f) == "integer" then
    local first = self.on == "points" and 1 or 0
    if f < first or f >= first + count then
      check.fail("%s: the %s must be %d .. %d, got %d", who, ON[self.on], first, first + count - 1, f)
    end
    local out = zeros(count)
    out:set(f - first + 1, 1)
    return out
  end
  if type(f) ~= "function" and type(f) ~= "table" and check.typename(f) ~= "limn.array" then
    check.fail("%s: target must be a %s, a function or values, got %s", who, ON[self.on], check.show(f))
  end
  return of_labels(who, self, f)
end

check.sealed("spectrum:", Spectrum)
return spectrum
