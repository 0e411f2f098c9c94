-- limn/base/modules.lua: the public modules, in the order in which documents list them. limn.NAME loads one on first use;
-- modules not listed here are not part of the API. One row per module:
--   name     the public name, limn.NAME
--   file     the argument of require (default "limn.NAME")
--   summary  one line, for the table of modules

return {
  { name = "rng", summary = "random streams named by (seed, point, replicate)" },
  { name = "features", summary = "pools of features" },
  { name = "regress", summary = "learning rules on features" },
  { name = "contrib", summary = "contributions of each class of features" },
  { name = "theory", summary = "the laws of the toy model" },
  { name = "programs", summary = "enumerated programs" },
  { name = "mlp", summary = "multilayer perceptrons and ensembles of them" },
  { name = "kernel", summary = "infinite-width kernels" },
  { name = "functions", summary = "distributions over the functions that nets compute" },
  { name = "maps", summary = "nets and fits on a grid" },
  { name = "stats", summary = "distributions, and estimates with intervals" },
  { name = "data", summary = "data sets" },
  { name = "experiment", summary = "declared experiments" },
  { name = "results", summary = "tables of results" },
  { name = "claims", summary = "the ledger of claims" },
  { name = "plot", summary = "figures" },
  { name = "help", file = "limn.docs.help", summary = "help on every function" },
  { name = "repl", file = "limn.frontend.repl", summary = "a prompt inside a script" },
}
