-- limn/rng.lua: random streams. A stream is identified by (seed, point, rep): its numbers do not depend on the
-- machine, on the order in which cells are computed, or on the number of workers.
-- Philox4x32-10; normals by Box-Muller (cosine branch); unbiased integers; see limn/rng.h.

local native = require("limn.native").rng
local check = require "limn.base.check"

local rng = {}

local OPTIONS = {
  seed = { type = "integer", min = 0, default = 1 },
  point = { type = "integer", min = 0, default = 0 },
  rep = { type = "integer", min = 0, default = 0 },
}

-- stream{seed=1, point=0, rep=0} -> uniform(r[,c]) normal(r[,c]) sign(r[,c]) integer(lo,hi[,r[,c]])
-- permutation(n) fork([n]). Without a size a draw returns a number. stream(7) is stream{seed=7}.
function rng.stream(options)
  if type(options) == "number" then options = { seed = options } end
  local o = check.options("rng.stream", options, OPTIONS)
  return native.stream(o.seed, o.point, o.rep)
end

return check.sealed("rng.", rng)
