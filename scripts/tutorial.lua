-- tutorial.lua: limn in five steps, from one point of a toy model to the limit of infinite width.
--   limn scripts/tutorial.lua [--out DIRECTORY]        (some seconds; two figures)
-- A document that runs: comments at the margin are its text, a line that begins with "-->" is what the code above it
-- printed; the tests hold the two together, and `make docs` makes a page of it.

-- # limn in five steps
--
-- A script is plain Lua 5.4. `require` brings the library; its parts (`limn.features`, `limn.regress`, ...) load when
-- first used. Type the same lines at the prompt (`limn` without a script), where `?features.toy` explains a name and
-- `<TAB>` completes it.

local limn = require "limn"
local out = arg and arg[1] == "--out" and arg[2] or "out" -- where figures go
os.execute(("mkdir -p %q"):format(out))

-- ## 1. One point of the toy model
--
-- A learning rule has D data points and a large pool of features. Most are random signs; a share `p = 2^-C` of them happens
-- to equal the labels on every point, and these are the ones that are right. C is their complexity in bits. `features.toy`
-- draws such a pool; options go in one table, and an unknown one is an error that names the nearest.

local pool = limn.features.toy { points = 32, count = 65536, complexity = 5, seed = 1 }
print(pool)
--> limn.features 32 points x 65536 features, sign, bits: perfect 2048, random 63488

-- Least squares has many solutions here; the one of least norm spreads its weights over all features that correlate with
-- the labels. How much of the answer comes from the right ones (P), how much from the random rest (R)?

local fit = limn.regress.minnorm(pool, pool.labels)
local parts = limn.contrib.analyse(pool, fit)
print(("P = %.2f, R = %.2f, P/R = %.2f"):format(parts.P, parts.R, parts.ratio))
--> P = 2.88, R = 2.77, P/R = 1.04

-- Theory says `P/R = p D/(1 - p)`: the right features begin to dominate when D reaches `2^C - 1`.

local ratio = limn.theory.ratio { points = 32, complexity = 5 }
local crossover = limn.theory.crossover { complexity = 5 }
print(("theory: P/R = %.2f, equal at D = %d"):format(ratio, crossover))
--> theory: P/R = 1.03, equal at D = 31

-- ## 2. A sweep
--
-- One point proves little. An experiment declares parameters, a grid and a measurement; limn runs every cell, on all cores,
-- each with a random stream of its own, so that the numbers do not depend on the order or on the number of workers. As a
-- script of its own it would also get a command line, a store that survives a kill, and figures: see `limn new`.

local sweep = limn.experiment {
  name = "tutorial", run = false,
  question = "From how many points do the right features dominate?",
  params = {
    D = { default = 32, help = "data points" },
    C = { default = 5, help = "bits of complexity" },
  },
  grid = { D = "4:128:log2", C = "3,5" }, reps = 6,
  measure = function(point, rng)
    local features = limn.features.toy {
      points = point.D, count = 16384, complexity = point.C, seed = rng:integer(1, 1 << 53),
    }
    local rule = limn.regress.minnorm(features, features.labels)
    return { ratio = limn.contrib.analyse(features, rule).ratio }
  end,
}
local results = sweep:run {}
print(("%d cells"):format(#results))
--> 72 cells

-- Results are a table of rows that can be filtered and grouped. Intervals come from the replicates.

for _, row in ipairs(results:where({ C = 5 }):group("D"):mean("ratio"):rows()) do
  local law = limn.theory.ratio { points = row.D, complexity = 5 }
  print(("D = %3d  P/R = %.2f  theory %.2f"):format(row.D, row.ratio, law))
end
--> D =   4  P/R = 0.13  theory 0.13
--> D =   8  P/R = 0.26  theory 0.26
--> D =  16  P/R = 0.52  theory 0.52
--> D =  32  P/R = 1.04  theory 1.03
--> D =  64  P/R = 2.07  theory 2.06
--> D = 128  P/R = 4.17  theory 4.13

-- ## 3. A figure
--
-- A figure is built from layers and saved as PDF, SVG or PNG by gnuplot; the script that drew it can be saved as well
-- (`.gp`). At the prompt `fig:show()` draws it at once, in a window or in the terminal. Without gnuplot `save` returns nil
-- and says why.

local fig = limn.plot.figure {
  x = { label = "data points D", scale = "log2" }, y = { label = "P/R", scale = "log2" },
  size = { 3.4, 2.5 }, legend = "bottom right",
}
for i, C in ipairs { 3, 5 } do
  local means = results:where({ C = C }):group("D"):interval("ratio")
  local D, law = means:column "D", {}
  for k = 1, #D do law[k] = limn.theory.ratio { points = D:get(k), complexity = C } end
  fig:line { x = D, y = law, color = i, mark = false }
  fig:errorbars { x = D, y = means:column "ratio", lo = means:column "ratio_low",
    hi = means:column "ratio_high", color = i, label = ("C = %d bits"):format(C) }
end
fig:hline { y = 1, dash = "dotted" }
print((fig:save(out .. "/tutorial_sweep.svg")))
--> out/tutorial_sweep.svg

-- ![P/R against D: measured means with intervals, and the law as lines](tutorial_sweep.svg)

-- ## 4. A network
--
-- Networks of finite width are there too, one or many at a time. Four points on a line, with a constant as second input,
-- and 100 nets of 64 neurons at once, each trained from its own random start until it fits. `param = "ntk"` is the
-- parameterisation whose limit of infinite width is a kernel:

local X = limn.array { { -1, 1 }, { -0.4, 1 }, { 0.4, 1 }, { 1, 1 } }
local y = limn.array { -1, 1, -1, 1 }

local function trained(width)
  local nets = limn.mlp.ensemble {
    sizes = { 2, width, 1 }, activation = "relu", param = "ntk", bias = false, count = 100,
  }
  local run = nets:train(X, y, { tol = 1e-5 })
  return nets, run.reason
end

local narrow, reason = trained(64)
print(reason, narrow:forward(X):mean(1):show())
--> tolerance limn.array 4 f64
-->   -0.9975   0.9943  -0.9942   0.9975

-- Between the points, and beyond them, every net says something else. Their mean and spread on a line:

local xs = limn.linspace(-1.5, 1.5, 61)
local line = limn.ones(61, 2)
for i = 1, 61 do line:set(i, 1, xs:get(i)) end
local function said(nets)
  local outputs = nets:forward(line) -- a row for each net
  return outputs:mean(1), outputs:std(1)
end

-- ## 5. The limit
--
-- As the width grows, the mean over random starts tends to kernel regression with the neural tangent kernel, and the
-- spread to a variance that `kernel.limit` knows as well, without any network:

local limit = limn.kernel.limit(X, y, { activation = "relu", depth = 1 })
local limit_mean, limit_std = limit:predict(line), limit:variance(line):sqrt()
local wide = trained(1024)
for _, nets in ipairs { narrow, trained(256), wide } do
  local distance = (said(nets) - limit_mean):abs():max()
  print(("width %4d: farthest from the limit by %.2f"):format(nets.sizes[2], distance))
end
--> width   64: farthest from the limit by 0.66
--> width  256: farthest from the limit by 0.44
--> width 1024: farthest from the limit by 0.23

-- The distance falls slowly: these labels zigzag, so a net must move far from its start to fit them, and a narrow one
-- changes its features on the way. The limit cannot. Where the data say little, beyond the outer points, the two differ.

local outputs = limn.plot.figure { x = "input", y = "output", size = { 3.4, 2.5 }, legend = "top left" }
outputs:band { x = xs, lo = limit_mean - limit_std, hi = limit_mean + limit_std, color = 1,
  label = "limit, one std" }
outputs:line { x = xs, y = limit_mean, color = 1, mark = false, label = "limit" }
for k, nets in ipairs { wide, narrow } do
  outputs:line { x = xs, y = (said(nets)), color = k + 1, mark = false,
    label = ("100 nets of width %d"):format(nets.sizes[2]) }
end
outputs:points { x = X:col(1), y = y, color = "black", mark = "circle" }
print((outputs:save(out .. "/tutorial_limit.svg")))
--> out/tutorial_limit.svg

-- ![Output along a line: the limit with its spread, and the mean of nets of two widths](tutorial_limit.svg)

-- ## From here
--
-- `limn new NAME` writes an experiment to start from; `scripts/complexity_vs_data.lua` is the main one, in the same
-- form. `help(f)`, `?name` and `apropos "word"` explain everything above, and so does the reference beside this page.
