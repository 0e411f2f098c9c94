-- limn/docs/synonyms.lua: words of other libraries, and the entries of limn that apropos lists for them.

local synonyms = {}

local words = {
  groupby = { "results:group" }, aggregate = { "results:group" }, savefig = { "plot.figure:save" }, subplots = { "plot.figure" },
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
}

synonyms.all = words

-- The names of the entries for a word, or nil. Upper and lower case are the same.
function synonyms.of(word) return words[word:lower()] end

return require("limn.base.check").sealed("synonyms.", synonyms)
