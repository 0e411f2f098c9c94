/* train.c: what surrounds the steps of a training: checks of the rule, the optimiser's moments, the
 * loss and the outputs at the start. The steps are defined in num/mlp/reference.c. */
#include "num/mlp/loss.h"
#include "num/mlp/train/plan.h"

/* Factors of the rate must be positive, those of penalties >= 0. */
static limn_status check_factors(const limn_mlp *net, const limn_mlp_rule *r, limn_err *err) {
  const struct {
    const char *name;
    const double *values;
    size_t n;
    bool rate;
  } all[] = {{"schedule", r->schedule, r->steps, true},
             {"rate", r->net_rate, net->spec.count, true},
             {"l2", r->net_l2, net->spec.count, false},
             {"l1", r->net_l1, net->spec.count, false},
             {"decay", r->net_decay, net->spec.count, false}};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++)
    for (size_t i = 0; all[k].values && i < all[k].n; i++) {
      double v = all[k].values[i];
      if (!isfinite(v) || v < 0 || (all[k].rate && v == 0))
        return limn_fail_entry(err, LIMN_EINVAL, all[k].name, (int64_t)i, -1, "must be %s, got %g",
                               all[k].rate ? "positive" : ">= 0", v);
    }
  return LIMN_OK;
}

limn_status limn_mlp_check_rule(const limn_mlp *net, const limn_mlp_rule *r, size_t points,
                                limn_err *err) {
  limn_status st = limn_mlp_check_word(err, "optimizer", LIMN_WORDS_OPTIMIZER, (int)r->optimizer);
  if (!st) st = limn_mlp_check_word(err, "loss", LIMN_WORDS_LOSS, (int)r->loss);
  if (st) return st;
  if (!(r->rate > 0) || !isfinite(r->rate))
    return limn_fail_argument(err, LIMN_EINVAL, "rate", "must be positive, got %g", r->rate);
  if (!(r->momentum >= 0 && r->momentum < 1))
    return limn_fail_argument(err, LIMN_EINVAL, "momentum", "must be in [0, 1), got %g",
                              r->momentum);
  if ((r->optimizer == LIMN_MLP_ADAM || r->optimizer == LIMN_MLP_LION) &&
      !(r->beta2 >= 0 && r->beta2 < 1))
    return limn_fail_argument(err, LIMN_EINVAL, "beta2", "must be in [0, 1), got %g", r->beta2);
  if (r->optimizer == LIMN_MLP_ADAM && !(r->epsilon > 0))
    return limn_fail_argument(err, LIMN_EINVAL, "epsilon", "must be positive, got %g", r->epsilon);
  if (r->batch > points)
    return limn_fail_argument(err, LIMN_EINVAL, "batch",
                              "must be at most the number of points, %zu, got %zu", points,
                              r->batch);
  if (!(r->temperature >= 0) || !isfinite(r->temperature))
    return limn_fail_argument(err, LIMN_EINVAL, "temperature", "must be >= 0, got %g",
                              r->temperature);
  if (r->temperature > 0 && r->optimizer != LIMN_MLP_GD)
    return limn_fail_argument(err, LIMN_EINVAL, "temperature", "needs the optimizer gd");
  st = limn_mlp_check_word(err, "constraint", LIMN_WORDS_CONSTRAINT, (int)r->constraint);
  if (!st) st = check_factors(net, r, err);
  if (st) return st;
  bool moves = false;
  for (size_t l = 0; l < net->spec.layers; l++) {
    if (!(r->rates[l] >= 0) || !isfinite(r->rates[l]))
      return limn_fail_entry(err, LIMN_EINVAL, "rates", l, -1, "must be >= 0, got %g", r->rates[l]);
    if (!(r->l2[l] >= 0) || !isfinite(r->l2[l]))
      return limn_fail_entry(err, LIMN_EINVAL, "l2", l, -1, "must be >= 0, got %g", r->l2[l]);
    if (!(r->l1[l] >= 0) || !isfinite(r->l1[l]))
      return limn_fail_entry(err, LIMN_EINVAL, "l1", l, -1, "must be >= 0, got %g", r->l1[l]);
    if (!(r->decay[l] >= 0) || !isfinite(r->decay[l]))
      return limn_fail_entry(err, LIMN_EINVAL, "decay", l, -1, "must be >= 0, got %g", r->decay[l]);
    if (!(r->bound[l] >= 0) || !isfinite(r->bound[l]))
      return limn_fail_entry(err, LIMN_EINVAL, "bound", l, -1, "must be >= 0, got %g", r->bound[l]);
    moves |= r->rates[l] > 0;
  }
  if (!moves)
    return limn_fail_argument(err, LIMN_EINVAL, "rates", "must not all be 0: nothing would train");
  return LIMN_OK;
}

limn_status limn_mlp_prepare_moments(limn_mlp_moments *before, limn_mlp *net,
                                     limn_mlp_optimizer optimizer, limn_err *err) {
  size_t numbers = net->blocks * net->block, size = limn_real(net->spec.dtype);
  *before = (limn_mlp_moments){net->u, net->v, net->since, net->optimizer, false};
  bool first = optimizer != LIMN_MLP_GD && optimizer != LIMN_MLP_SIGN,
       second = optimizer == LIMN_MLP_ADAM;
  if (net->optimizer == optimizer && (net->u || !first)) return LIMN_OK;
  void *u = NULL, *v = NULL;
  uint64_t *since = limn_alloc(net->spec.count, sizeof *since);
  if (first) u = limn_alloc(numbers, size);
  if (second) v = limn_alloc(numbers, size);
  if (!since || (first && !u) || (second && !v)) {
    limn_free(u), limn_free(v), limn_free(since);
    return limn_nomem(err, "the optimiser's moments", numbers, size);
  }
  memcpy(since, net->steps, net->spec.count * sizeof *since);
  net->u = u, net->v = v, net->since = since, net->optimizer = optimizer;
  before->fresh = true;
  return LIMN_OK;
}

void limn_mlp_end_moment_change(limn_mlp_moments *before, limn_mlp *net, bool undo) {
  if (!before->fresh) return;
  limn_free(undo ? net->u : before->u);
  limn_free(undo ? net->v : before->v);
  limn_free(undo ? net->since : before->since);
  if (!undo) return;
  net->u = before->u, net->v = before->v;
  net->since = before->since, net->optimizer = before->optimizer;
}

limn_status limn_mlp_start_outputs(double **offset, const limn_mlp *net, const double *x,
                                   size_t points, limn_err *err) {
  size_t n = net->spec.count * points * net->spec.sizes[net->spec.layers];
  void *scratch = limn_alloc(limn_mlp_scratch(net), limn_real(net->spec.dtype));
  *offset = limn_alloc(n, sizeof **offset);
  if (!scratch || !*offset) {
    limn_free(scratch), limn_free(*offset);
    *offset = NULL;
    return limn_nomem(err, "outputs at the start", n, sizeof **offset);
  }
  for (size_t r = 0; r < net->spec.count; r++)
    limn_mlp_outputs(net, net->start, r, *offset + r * (n / net->spec.count), x, points, scratch);
  limn_free(scratch);
  return LIMN_OK;
}

limn_status limn_mlp_measure_start(limn_mlp *net, const double *x, const double *y, size_t points,
                                   limn_mlp_loss loss, limn_err *err) {
  if (!isnan(net->start_loss) || loss == LIMN_LOSS_LINEAR) return LIMN_OK;
  bool present = limn_mlp_steps(net) == 0 || net->was_set;
  if (net->spec.start != LIMN_START_RANDOM && !present) return net->start_loss = 0, LIMN_OK;
  size_t outputs = net->spec.sizes[net->spec.layers], n = net->spec.count * points;
  double *f = limn_alloc(n * outputs, sizeof *f), most = 0;
  if (!f) return limn_nomem(err, "outputs at the start", n * outputs, sizeof *f);
  limn_mlp view = *net;
  if (!present) view.now = net->start;
  limn_status st = limn_mlp_forward(f, &view, x, points, NULL, err);
  for (size_t r = 0; r < net->spec.count && !st; r++) {
    double sum = 0;
    for (size_t p = 0; p < points; p++)
      sum = limn_mlp_add_loss(sum, loss, f + (r * points + p) * outputs, y + p * outputs, outputs,
                              NULL);
    if (isfinite(sum)) most = fmax(most, sum / (double)points);
  }
  limn_free(f);
  if (!st) net->start_loss = most;
  return st;
}

bool limn_mlp_restore_overflowed(limn_mlp *net, const limn_mlp_outcome *outcome) {
  size_t real = limn_real(net->spec.dtype);
  bool restored = false;
  for (size_t b = 0; b < net->blocks; b++) {
    if (outcome[b / net->halves].reason != LIMN_MLP_DIVERGED) continue;
    bool finite = true;
    for (size_t i = 0; i < net->block && finite; i++)
      finite = isfinite(limn_get_real(net->now, net->spec.dtype, b * net->block + i));
    size_t first = b / net->halves * net->halves * net->block;
    if (finite) continue;
    memcpy(limn_at(net->now, net->spec.dtype, first), limn_at(net->start, net->spec.dtype, first),
           net->halves * net->block * real);
    restored = true;
  }
  return restored;
}
