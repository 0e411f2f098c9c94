-- limn/mlp/probes.lua: gradients, the empirical tangent kernel, and the movement of hidden layers.

local native = require("limn.native").mlp
local check = require "limn.base.check"
local arrays = require("limn.native").array
local rng = require "limn.rng"
local rules = require "limn.mlp.options"
local Net = require("limn.mlp.net").Net

-- The largest singular value of a matrix, by power iteration on the smaller of w w' and w' w.
local function spectral(w)
  w = check.array("mlp.spectral", "w", w)
  local rows, columns = w:shape()
  if not columns then return w:norm() end -- a vector
  if rows == 1 or columns == 1 then return w:norm() end
  local most = w:norm(math.huge)
  if most == 0 or most - most ~= 0 then return most end
  if most > 1e100 or most < 1e-100 then return spectral(w / most) * most end -- squares would leave the range of doubles
  local v = arrays.ones(columns)
  for j = 1, columns do v[j] = 1 + 0.5 * math.cos(j) end -- unlikely to be orthogonal to the leading singular vector
  local last = 0
  for _ = 1, 500 do
    local norm = v:norm()
    if norm == 0 then return 0 end
    v = w:T():matmul(w:matmul(v / norm))
    local now = math.sqrt(v:norm())
    if math.abs(now - last) <= 1e-13 * now then return now end
    last = now
  end
  return last
end

-- The largest singular value of a matrix of rank at most `rank`: rank + 2 random combinations of its columns span its
-- range (with probability 1).
local function spectral_of_rank(w, rank)
  local rows, columns = w:shape()
  if 2 * (rank + 2) >= math.min(rows, columns) then return spectral(w) end
  local q = w:matmul(rng.stream({ seed = 1 }):normal(columns, rank + 2)):qr()
  local _, s = q:T():matmul(w):svd()
  return s:max()
end

-- gradients(X, y, {loss="mse", member=1}) -> one table per layer: {weights=, bias=, rms= (over the entries of weights),
-- frobenius=, spectral=}; derivatives of the mean loss with respect to the raw parameters.
function Net:gradients(X, y, options)
  local o = rules.probe(self, "net:gradients", options, { loss = rules.loss })
  local list = {}
  y = rules.targets("net:gradients", self, y, o.loss)
  for l = 1, #self.layers do
    local w, b = native.gradient(self.handle, o.member, l, X, y, o.loss)
    local frobenius = w:norm()
    local rows, columns = w:shape()
    list[l] = { weights = w, bias = b, frobenius = frobenius, rms = frobenius / math.sqrt(rows * columns) }
    list[l].spectral = spectral_of_rank(w, #X) -- the gradient is a sum of one outer product per point
  end
  list.warning = rules.warning(self, o.member)
  return list
end

-- kernel(X [, Z], {member=1}) -> {total=, layers={...}, shares={...}}: the empirical tangent kernel; layers: its terms,
-- one per weight layer from the input on; shares: each layer's fraction of the trace (with Z: of the sum of all
-- entries).
function Net:kernel(X, Z, options)
  if Z ~= nil and check.typename(Z) ~= "limn.array" and type(Z) == "table" and Z.member then Z, options = nil, Z end
  local o = rules.probe(self, "net:kernel", options)
  local stack = native.kernel(self.handle, o.member, X, Z)
  local out = { layers = {}, shares = {}, total = nil }
  local sizes = {}
  for l = 1, #self.layers do
    local k = stack[l]:copy()
    out.layers[l] = k
    out.total = out.total and out.total + k or k
    local rows = k:shape()
    local sum = 0
    if Z == nil then for i = 1, rows do sum = sum + k:get(i, i) end else sum = k:sum() end
    sizes[l] = sum
  end
  local all = 0
  for _, v in ipairs(sizes) do all = all + v end
  for l, v in ipairs(sizes) do out.shares[l] = v / all end
  out.warning = rules.warning(self, o.member)
  return out
end

-- movement([X, {member=1}]) -> one table per hidden layer: {rms= |x - x0|/|x0| over points and units, max= the largest
-- |x - x0| divided by the root mean square of x0}; X: by default the points of the last training.
function Net:movement(X, options)
  local who = "net:movement"
  local o = rules.probe(self, who, options)
  X = X or self.trained_on
  if X == nil then check.fail("%s: X is missing (by default the points of the last training; there was none)", who) end
  local list = {}
  for l = 1, self.depth do
    local now = native.activations(self.handle, o.member, l, false, false, X)
    local start = native.activations(self.handle, o.member, l, false, true, X)
    local scale = math.sqrt((start ^ 2):mean())
    local moved = (now - start):abs()
    list[l] = { rms = math.sqrt((moved ^ 2):mean()) / scale, max = moved:max() / scale, absolute = math.sqrt((moved ^ 2):mean()) }
  end
  list.warning = rules.warning(self, o.member)
  return list
end

return { spectral = spectral }
