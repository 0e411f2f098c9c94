-- Faults in the nets: initialisation, parameterisation, training, tangent kernel.
return {
  { name = "adam_without_bias_correction", what = "Adam does not correct its second moment for its start at 0",
    file = "src/num/mlp/train/shared.c", from = "s.correct2 = 1 - pow(r->beta2, (double)t);", to = "s.correct2 = 1;",
    caught_by = { { test = "test_mlp_reference" } } },
}
