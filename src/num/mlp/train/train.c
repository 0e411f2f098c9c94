/* mlp_train.c: training, seen from outside: checks, the choice of a way, outcomes.
 *
 * Four ways, all the same mathematics: one_hidden (one hidden layer of ReLUs, four points in the
 * plane, gradient descent: everything fused, or wide layers in groups), small (deeper nets of
 * ReLUs, four points, that stay in the caches: without what is shut), lanes (many small nets, one a
 * vector lane) and wide (one net at a time, vectors along a layer). Which one is taken depends on
 * the shape and the rule alone, never on threads or on how the steps are divided into calls. */
#include "limn/rng.h"
#include "num/linalg/linalg.h"
#include "num/mlp/net.h"

static limn_status check_rule(const limn_mlp *net, const limn_mlp_rule *r, size_t points,
                              limn_err *err) {
  if (!(r->rate > 0) || !isfinite(r->rate))
    return limn_fail(err, LIMN_EINVAL, "rate must be positive, got %g", r->rate);
  if (!(r->momentum >= 0 && r->momentum < 1))
    return limn_fail(err, LIMN_EINVAL, "momentum must be in [0, 1), got %g", r->momentum);
  if (r->optimizer == LIMN_MLP_ADAM && !(r->beta2 >= 0 && r->beta2 < 1 && r->epsilon > 0))
    return limn_fail(err, LIMN_EINVAL, "adam needs beta2 in [0, 1) and epsilon > 0, got %g, %g",
                     r->beta2, r->epsilon);
  if (r->batch > points)
    return limn_fail(err, LIMN_EINVAL, "batch must be at most the number of points, %zu, got %zu",
                     points, r->batch);
  bool moves = false;
  for (size_t l = 0; l < net->spec.layers; l++) {
    if (!(r->rates[l] >= 0) || !isfinite(r->rates[l]))
      return limn_fail(err, LIMN_EINVAL, "rates[%zu] must be >= 0, got %g", l + 1, r->rates[l]);
    if (!(r->l2[l] >= 0) || !isfinite(r->l2[l]))
      return limn_fail(err, LIMN_EINVAL, "l2[%zu] must be >= 0, got %g", l + 1, r->l2[l]);
    if (!(r->l1[l] >= 0) || !isfinite(r->l1[l]))
      return limn_fail(err, LIMN_EINVAL, "l1[%zu] must be >= 0, got %g", l + 1, r->l1[l]);
    moves |= r->rates[l] > 0;
  }
  if (!moves) return limn_fail(err, LIMN_EINVAL, "all rates are 0: nothing would train");
  return LIMN_OK;
}

limn_mlp_step limn_mlp_step_of(const limn_mlp_work *work, size_t layer, bool bias, uint64_t t) {
  const limn_mlp_rule *r = work->rule;
  const limn_mlp_layer *a = &work->net->layer[layer];
  limn_mlp_step s = {.rule = (int)r->optimizer,
                     .rate = r->rate * r->rates[layer] * a->rate,
                     .multiplier = bias ? a->bias_multiplier : a->multiplier,
                     .momentum = r->momentum,
                     .beta2 = r->beta2,
                     .epsilon = r->epsilon,
                     .correct1 = 1,
                     .correct2 = 1};
  if (r->optimizer == LIMN_MLP_ADAM) {
    t -= work->net->since;
    s.correct1 = 1 - pow(r->momentum, (double)t);
    s.correct2 = 1 - pow(r->beta2, (double)t);
  }
  if (!bias) s.l2 = r->l2[layer], s.l1 = r->l1[layer];
  return s;
}

size_t limn_mlp_batch(const limn_mlp_work *work, uint64_t step, uint64_t *order, uint64_t *epoch,
                      const uint64_t **which) {
  size_t batch = work->rule->batch, batches = (work->points + batch - 1) / batch;
  uint64_t now = step / batches, first = step % batches * batch;
  if (*epoch != now) {
    limn_rng rng = limn_rng_start(limn_key_of(work->rule->seed, 0, now, LIMN_FOR_FIT), 0);
    limn_rng_permutation(&rng, order, work->points);
    *epoch = now;
  }
  *which = order + first;
  return first + batch <= work->points ? batch : work->points - first;
}

limn_status limn_mlp_run(limn_mlp_work *work, limn_mlp_workers *w, size_t tasks, limn_task *body,
                         void *job, const char *what, limn_err *err) {
  size_t workers = (size_t)limn_workers(tasks);
  w->bytes = (w->bytes + 63) & ~(size_t)63;
  w->memory = limn_alloc(workers, w->bytes);
  w->taken = limn_alloc(workers, sizeof *w->taken);
  limn_status st = LIMN_OK;
  if (!w->memory || !w->taken)
    st = limn_nomem(err, what, workers, w->bytes);
  else
    st = limn_parallel(tasks, body, job, work->token, err);
  for (size_t i = 0; w->taken && i < workers; i++) /* of a run that was stopped too */
    if (w->taken[i] > work->taken) work->taken = w->taken[i];
  limn_free(w->memory), limn_free(w->taken);
  return st;
}

/* What a change of optimiser puts aside, until it is sure that training takes place. */
typedef struct {
  void *u, *v;
  limn_mlp_optimizer optimizer;
  uint64_t since;
  bool fresh; /* the net has other moments now */
} moments;

static limn_status prepare_moments(moments *before, limn_mlp *net, limn_mlp_optimizer optimizer,
                                   limn_err *err) {
  size_t numbers = net->blocks * net->block, size = limn_real(net->spec.dtype);
  *before = (moments){net->u, net->v, net->optimizer, net->since, false};
  bool second = optimizer == LIMN_MLP_ADAM;
  if (net->optimizer == optimizer && (net->u || optimizer == LIMN_MLP_GD)) return LIMN_OK;
  void *u = NULL, *v = NULL;
  if (optimizer != LIMN_MLP_GD) u = limn_alloc(numbers, size);
  if (second) v = limn_alloc(numbers, size);
  if ((optimizer != LIMN_MLP_GD && !u) || (second && !v)) {
    limn_free(u), limn_free(v);
    return limn_nomem(err, "the optimiser's moments", numbers, size);
  }
  net->u = u, net->v = v, net->optimizer = optimizer, net->since = net->steps;
  before->fresh = true;
  return LIMN_OK;
}

/* Ends the change of optimiser; `back`: nothing was trained, the net is as before. */
static void settle_moments(moments *before, limn_mlp *net, bool back) {
  if (!before->fresh) return;
  limn_free(back ? net->u : before->u);
  limn_free(back ? net->v : before->v);
  if (!back) return;
  net->u = before->u, net->v = before->v;
  net->optimizer = before->optimizer, net->since = before->since;
}

/* What the nets said at the start, which the option start="none" takes away. */
static limn_status start_outputs(double **offset, const limn_mlp *net, const double *x,
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

/* A step that leaps past the range of numbers leaves nothing to keep: such a net goes back to its
 * start. */
static void mend(limn_mlp *net, const limn_mlp_outcome *outcome) {
  size_t real = limn_real(net->spec.dtype);
  for (size_t b = 0; b < net->blocks; b++) {
    if (outcome[b / net->twins].reason != LIMN_MLP_DIVERGED) continue;
    bool finite = true;
    for (size_t i = 0; i < net->block && finite; i++)
      finite = isfinite(limn_get_real(net->now, net->spec.dtype, b * net->block + i));
    size_t first = b / net->twins * net->twins * net->block;
    if (!finite)
      memcpy(limn_at(net->now, net->spec.dtype, first), limn_at(net->start, net->spec.dtype, first),
             net->twins * net->block * real);
  }
}

limn_status limn_mlp_train(limn_mlp *net, limn_mlp_outcome *outcome, const double *x,
                           const double *y, size_t points, const limn_mlp_rule *rule,
                           const limn_token *token, limn_err *err) {
  limn_status st = limn_mlp_refuse_data(net, x, points, err);
  if (!st) st = check_rule(net, rule, points, err);
  if (!st) st = limn_mlp_refuse_labels(net, y, points, rule->loss, err);
  moments before;
  if (!st) st = prepare_moments(&before, net, rule->optimizer, err);
  if (st) return st;
  for (size_t r = 0; r < net->spec.count; r++) outcome[r] = (limn_mlp_outcome){.loss = NAN};
  limn_mlp_work work = {.net = net,
                        .rule = rule,
                        .x = x,
                        .y = y,
                        .points = points,
                        .outcome = outcome,
                        .token = token};
  double square = 0;
  for (size_t j = 0; j < points * net->spec.sizes[net->spec.layers]; j++) square += y[j] * y[j];
  work.limit = 1e9 * (square > (double)points ? square / (double)points : 1);
  work.plain = rule->optimizer == LIMN_MLP_GD && rule->batch == 0;
  work.lowest = net->spec.layers;
  for (size_t l = net->spec.layers; l-- > 0;) {
    const limn_mlp_layer *a = &net->layer[l];
    double rate = rule->rate * rule->rates[l] * a->rate;
    work.step_w[l] = rate * a->multiplier * a->multiplier;
    work.step_b[l] = rate * a->bias_multiplier * a->bias_multiplier;
    work.plain = work.plain && rule->l1[l] == 0 && rule->l2[l] == 0;
    if (rate > 0) work.lowest = l;
  }
  double *offset = NULL;
  if (net->spec.start == LIMN_START_NONE) st = start_outputs(&offset, net, x, points, err);
  if (st) return settle_moments(&before, net, true), st;
  work.offset = offset;
  bool lanes = net->block <= 40000 && points <= 4096;
  if (limn_mlp_one_hidden_fits(&work))
    st = limn_mlp_train_one_hidden(&work, err);
  else if (limn_mlp_small_fits(&work))
    st = limn_mlp_train_small(&work, err);
  else if (lanes && net->blocks >= 4)
    st = limn_mlp_train_lanes(&work, err);
  else
    st = limn_mlp_train_wide(&work, err);
  limn_free(offset);
  mend(net, outcome);
  net->steps += work.taken;
  settle_moments(&before, net, st == LIMN_ENOMEM && work.taken == 0);
  if (!st && limn_cancelled(token)) st = limn_stopped(err);
  return st;
}
