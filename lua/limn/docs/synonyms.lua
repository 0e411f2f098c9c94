-- limn/docs/synonyms.lua: words of other libraries, and the entries of limn that apropos lists for them.

local synonyms = {}

local words = {
  groupby = { "results:by", "results:group" }, aggregate = { "results:by", "results:group" },
  savefig = { "plot.figure:save" }, subplots = { "plot.figure" },
  subplot = { "plot.figure" }, annotate = { "plot.panel:text", "plot.panel:arrow" }, ["twin axis"] = { "plot.figure" },
  twinx = { "plot.figure" }, ["log scale"] = { "plot.figure" }, loglog = { "plot.figure" },
  ["error bar"] = { "plot.panel:errorbars", "plot.ci", "plot.panel:band" }, errorbar = { "plot.panel:errorbars", "plot.ci" },
  fill_between = { "plot.panel:band" }, scatter = { "plot.panel:points" }, imshow = { "plot.panel:image", "plot.panel:heatmap" },
  ["double descent"] = { "theory.risk" }, ["one-hot"] = { "data.onehot", "data.csv" }, multiclass = { "data.onehot", "data.csv" },
  standardize = { "data.standardise" }, standardscaler = { "data.standardise" }, normalise = { "data.standardise" },
  train_test_split = { "data.split" }, ["cross validation"] = { "data.kfold" }, dataloader = { "data.batches" },
  minibatch = { "data.batches" }, read_csv = { "load", "data.csv", "results.load" }, ["histogram counts"] = { "array:histogram" },
  mask = { "array:take", "array:where" }, append = { "concat" }, concatenate = { "concat" }, percentile = { "array:quantile" },
  ["histogram-counts"] = { "array:histogram" },
  -- arrays
  astype = { "array" }, tolist = { "array:totable" }, ravel = { "array:reshape" }, flatten = { "array:reshape" },
  col = { "results:column" },
  squeeze = { "array:reshape" }, transpose = { "array:T" }, swapaxes = { "array:T" }, len = { "array:size" }, arange = { "range" },
  full = { "array:fill", "ones" }, asarray = { "array" }, absolute = { "array:abs" }, argwhere = { "array:nonzero" },
  flatnonzero = { "array:nonzero" }, eigvals = { "array:eig" }, eigvalsh = { "array:eigh" }, cholesky = { "array:chol" },
  column_stack = { "hstack" }, polyfit = { "stats.slope" }, linregress = { "stats.slope" }, curve_fit = { "results:fit" },
  pca = { "array:svd" }, linearregression = { "regress.minnorm" }, fft = { "array:walsh" },
  -- random numbers
  random = { "rng.stream" }, seed = { "rng.stream" }, default_rng = { "rng.stream" }, randomstate = { "rng.stream" },
  rand = { "rng:uniform", "rng.stream" }, randn = { "rng:normal", "rng.stream" }, randint = { "rng:integer", "rng.stream" },
  integers = { "rng:integer", "rng.stream" }, standard_normal = { "rng:normal", "rng.stream" },
  -- nets
  fit = { "mlp:train", "regress.ridge" }, backward = { "mlp:gradients" }, learning_rate = { "mlp:train" }, epochs = { "mlp:train" },
  sequential = { "mlp.new" }, mlpclassifier = { "mlp.new" }, mlpregressor = { "mlp.new" },
  -- figures
  plot = { "plot.panel:line" }, hist = { "plot.panel:histogram", "plot.hist" }, bar = { "plot.panel:bars" },
  axhline = { "plot.panel:hline" }, axvline = { "plot.panel:vline" }, contourf = { "plot.panel:contour" },
  boxplot = { "plot.panel:violin" }, show = { "plot.figure:show" }, figsize = { "plot.figure" }, xlabel = { "plot.figure" },
  ylabel = { "plot.figure" }, set_xlabel = { "plot.panel:set" }, set_ylabel = { "plot.panel:set" }, set_title = { "plot.panel:set" },
  set_xlim = { "plot.panel:set" }, set_ylim = { "plot.panel:set" }, set_xscale = { "plot.panel:set" },
  set_yscale = { "plot.panel:set" }, colormap = { "plot.panel:heatmap" }, cmap = { "plot.panel:heatmap" },
  -- tables
  dataframe = { "results.new", "results.load" }, assign = { "results:with" }, mutate = { "results:with" },
  sort_values = { "results:sort" }, merge = { "results:join" }, pivot_table = { "results:pivot" }, to_csv = { "results:csv" },
  agg = { "results:by" }, query = { "results:where" }, filter = { "results:where" },
}

synonyms.all = words

-- The names of the entries for a word, or nil. Upper and lower case are the same.
function synonyms.of(word) return words[word:lower()] end

return require("limn.base.check").sealed("synonyms.", synonyms)
