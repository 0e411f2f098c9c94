-- tutorial.lua: limn in five steps, from one point of a toy model to the infinite-width limit.
--   limn scripts/tutorial.lua [--out DIRECTORY]        (a few seconds; two figures)
-- A document that runs: comments at the margin are its text; lines that begin with "-->" are the output of the code
-- above them, which the tests compare. `make docs` renders it as a page.

-- # limn in five steps
--
-- A script is plain Lua 5.4. `require` loads the library; its modules (`limn.features`, `limn.regress`, ...) are loaded
-- on first use. The same lines work at the prompt (`limn` without a script), where `?features.toy` prints the
-- documentation of a name and `<TAB>` completes it.

local limn = require "limn"
local out = arg and arg[1] == "--out" and arg[2] or "out" -- directory of the figures
os.execute(("mkdir -p %q"):format(out))

-- ## 1. One point of the toy model
--
-- Given are D data points with labels and a large pool of features. Most features are random signs; a fraction
-- `p = 2^-C` of them, the perfect features, equal the label at every point. C is their complexity in bits.
-- `features.toy` draws such a pool. Options are given in one table; an unknown option is an error that names the
-- nearest known one.

local pool = limn.features.toy { points = 32, count = 65536, complexity = 5, seed = 1 }
print(pool)
--> limn.features 32 points x 65536 features, sign, bits: perfect 2048, random 63488

-- Many weight vectors fit the labels; the one of minimum norm spreads the weight over all features that correlate with
-- the labels. P is the contribution of the perfect features to the fitted labels, R that of the random ones.

local fit = limn.regress.minnorm(pool, pool.labels)
local parts = limn.contrib.analyse(pool, fit)
print(("P = %.2f, R = %.2f, P/R = %.2f"):format(parts.P, parts.R, parts.ratio))
--> P = 2.88, R = 2.77, P/R = 1.04

-- Theory: `P/R = p D/(1 - p)`. The perfect features contribute the larger part from `D = 2^C - 1` on.

local ratio = limn.theory.ratio { points = 32, complexity = 5 }
local crossover = limn.theory.crossover { complexity = 5 }
print(("theory: P/R = %.2f, equal at D = %d"):format(ratio, crossover))
--> theory: P/R = 1.03, equal at D = 31

-- ## 2. A sweep
--
-- An experiment declares parameters, a grid and a measurement. limn runs every cell of the grid, in parallel. Each cell
-- has its own random stream; results therefore do not depend on the order of the cells or on the number of workers. A
-- script that returns an experiment also has a command line, a store from which an interrupted run resumes, and
-- figures: see `limn new`.

local sweep = limn.experiment {
  name = "tutorial", run = false,
  question = "From how many points do the perfect features dominate?",
  params = {
    D = { default = 32, help = "number of data points" },
    C = { default = 5, help = "complexity of the perfect features, bits" },
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

-- Results are a table of rows, which can be filtered and grouped. Intervals are computed from the replicates.

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
-- A figure is built from layers and saved by gnuplot as PDF, SVG or PNG; its gnuplot script can be saved as well
-- (`.gp`). At the prompt `fig:show()` draws it in a window or in the terminal. Without gnuplot `save` returns nil and a
-- message.

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

-- ![P/R against D: measured means with intervals; lines: theory](tutorial_sweep.svg)

-- ## 4. A network
--
-- `limn.mlp` trains nets of finite width, one or many at a time. Here the data are four points on a line with a
-- constant as second input, and 100 nets of 64 hidden units are trained, each from its own random initialisation, until
-- they fit. With `param = "ntk"` the infinite-width limit is regression with the neural tangent kernel:

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

-- Between the points and beyond them the nets differ. Mean and standard deviation over the nets, along a line:

local xs = limn.linspace(-1.5, 1.5, 61)
local line = limn.ones(61, 2)
for i = 1, 61 do line:set(i, 1, xs:get(i)) end
local function moments(nets)
  local outputs = nets:forward(line) -- a row for each net
  return outputs:mean(1), outputs:std(1)
end

-- ## 5. The limit
--
-- As the width grows, the mean over initialisations tends to kernel regression with the neural tangent kernel, and the
-- variance to a limit as well. `kernel.limit` computes both, for the depth, the activation and the parameterisation of a net:

local limit = limn.kernel.limit(narrow, X, y)
local limit_mean, limit_std = limit:predict(line), limit:variance(line):sqrt()
local wide = trained(1024)
for _, nets in ipairs { narrow, trained(256), wide } do
  local distance = (moments(nets) - limit_mean):abs():max()
  print(("width %4d: largest distance to the limit %.2f"):format(nets.sizes[2], distance))
end
--> width   64: largest distance to the limit 0.66
--> width  256: largest distance to the limit 0.44
--> width 1024: largest distance to the limit 0.23

-- The distance falls slowly. The labels alternate; to fit them the weights must move far from their initial values, and
-- in a net of finite width this changes the features. In the limit the features are fixed. The difference is largest
-- beyond the outer points, where the data determine the function least.

local outputs = limn.plot.figure { x = "input", y = "output", size = { 3.4, 2.5 }, legend = "top left" }
outputs:band { x = xs, lo = limit_mean - limit_std, hi = limit_mean + limit_std, color = 1,
  label = "limit, one std" }
outputs:line { x = xs, y = limit_mean, color = 1, mark = false, label = "limit" }
for k, nets in ipairs { wide, narrow } do
  outputs:line { x = xs, y = (moments(nets)), color = k + 1, mark = false,
    label = ("100 nets of width %d"):format(nets.sizes[2]) }
end
outputs:points { x = X:col(1), y = y, color = "black", mark = "circle", label = "data" }
print((outputs:save(out .. "/tutorial_limit.svg")))
--> out/tutorial_limit.svg

-- ![Output along a line: the limit with its standard deviation; means of nets of two widths](tutorial_limit.svg)

-- ## From here
--
-- `limn new NAME` writes the skeleton of an experiment; `scripts/complexity_vs_data.lua` is a complete one. `help(f)`,
-- `?name` and `apropos "word"` print the documentation of the functions used above, which is also in the reference.
