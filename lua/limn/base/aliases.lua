-- limn/base/aliases.lua: names that people type from other libraries, and the options of limn that mean the same. An error
-- for an unknown option suggests the first of them that the function has; no alias is accepted.

local AXIS = { xlabel = "label", ylabel = "label", xlim = "range", ylim = "range", xrange = "range", yrange = "range",
  xscale = "scale", yscale = "scale", xticks = "ticks", yticks = "ticks", logx = "scale", logy = "scale" }

local aliases = {
  lr = { "rate" }, learning_rate = { "rate" }, eta = { "rate" }, step_size = { "rate" },
  epochs = { "steps" }, n_epochs = { "steps" }, iterations = { "steps" }, max_iter = { "steps" }, n_iter = { "steps" },
  niter = { "steps" }, num_steps = { "steps" },
  optim = { "optimizer" }, optimiser = { "optimizer" }, solver = { "optimizer" }, algorithm = { "optimizer" },
  method = { "optimizer" }, batch_size = { "batch" }, batchsize = { "batch" }, weight_decay = { "l2", "decay" },
  tolerance = { "tol" }, callback = { "on" }, reg = { "lambda", "ridge", "l2" }, alpha = { "lambda", "ridge" },
  C = { "lambda" }, ridge = { "lambda" }, lambda = { "ridge", "l2" }, layers = { "sizes", "depth" },
  hidden = { "sizes" }, units = { "sizes" }, width = { "sizes" }, hidden_layer_sizes = { "sizes" },
  nonlinearity = { "activation" }, act = { "activation" }, initialization = { "init" }, nets = { "count" },
  noise = { "flip", "temperature" }, flip = { "noise" }, label_noise = { "flip", "noise" }, std = { "sd" }, sigma = { "sd" },
  scale = { "sd" }, loc = { "mean" }, mu = { "mean" }, stddev = { "sd" },
  n = { "points", "count", "samples" }, n_samples = { "points", "count" }, size = { "shape", "points", "count" },
  num = { "count", "points" }, d = { "inputs", "dim", "bits" }, dims = { "dim", "inputs", "sizes" }, axis = { "dim" },
  dimension = { "dim" }, n_features = { "inputs", "dim", "count" }, random_state = { "seed" }, random_seed = { "seed" },
  one_of = { "choices" }, enum = { "choices" }, options = { "choices" }, values = { "choices" },
  repeats = { "reps" }, replicates = { "reps" }, trials = { "reps" }, n_jobs = { "workers" }, jobs = { "workers" },
  processes = { "workers" }, name = { "label" },
  lw = { "width" }, linewidth = { "width" }, ls = { "dash" }, linestyle = { "dash" }, style = { "dash" }, c = { "color", "map" },
  col = { "color" }, colour = { "color", "map" }, color = { "map" }, marker = { "mark" }, m = { "mark" }, ms = { "size" },
  markersize = { "size" }, s = { "size" }, figsize = { "width", "size" }, cmap = { "map" }, colormap = { "map" },
  log = { "scale" }, vmin = { "range" }, vmax = { "range" }, label = { "bar", "name" }, legend_label = { "label" },
  yerr = { "error" }, err = { "error" }, xerr = { "xerror" }, suptitle = { "title" }, nrows = { "rows" }, ncols = { "cols" },
  sharex = { "share" }, sharey = { "share" }, bins = { "bins" }, opacity = { "alpha" }, text = { "label" },
  sep = { "separator" }, delimiter = { "separator" }, na_values = { "missing" }, na = { "missing" }, usecols = { "columns" },
  names = { "header" }, comments = { "comment" }, target = { "labels" }, test_size = { "test" }, n_splits = { "folds" },
  shuffle = { "seed" }, stratify = { "balanced" },
}

local suggest = {}

-- The text that follows "did you mean" for an unknown option, among the rules of a function; nil without one.
function suggest.option(typed, rules)
  for _, name in ipairs(aliases[typed] or {}) do
    if rules[name] then return ("%q"):format(name) end
  end
  local field, axis = AXIS[typed], typed:find "x" and not typed:find "^y" and "x" or "y"
  if field and rules[axis] and rules.title then return ("%s = { %s = .. }"):format(axis, field) end
end

return suggest
