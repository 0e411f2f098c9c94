/* shared.c: what all training algorithms use; see shared.h. */
#include "num/mlp/train/shared.h"
#include "limn/rng.h"

limn_mlp_work limn_mlp_work_of(limn_mlp *net, const limn_mlp_rule *rule, size_t points) {
  limn_mlp_work work = {.net = net, .rule = rule, .points = points};
  work.each = rule->net_rate || rule->net_l2 || rule->net_l1 || rule->net_decay ||
              rule->own_targets || rule->skip || net->alphas;
  for (size_t l = 0; l < net->spec.layers; l++) work.projected |= rule->bound[l] > 0;
  work.plain = rule->optimizer == LIMN_MLP_GD && rule->batch == 0 && !work.each &&
               !work.projected && !rule->schedule && rule->temperature == 0;
  work.lowest = net->spec.layers;
  for (size_t l = net->spec.layers; l-- > 0;) {
    const limn_mlp_layer *a = &net->layer[l];
    double rate = rule->rate * rule->rates[l] * a->rate;
    work.rate_w[l] = rate * a->multiplier * a->multiplier;
    work.rate_b[l] = rate * a->bias_multiplier * a->bias_multiplier;
    work.plain = work.plain && rule->l1[l] == 0 && rule->l2[l] == 0 && rule->decay[l] == 0;
    if (rate > 0) work.lowest = l;
  }
  return work;
}

static double factor(const double *each, size_t i) {
  return each ? each[i] : 1;
}

void limn_mlp_corrections(const limn_mlp_rule *rule, uint64_t t, double *first, double *second) {
  *first = 1 - pow(rule->momentum, (double)t);
  *second = 1 - pow(rule->beta2, (double)t);
}

limn_mlp_step limn_mlp_step_of(const limn_mlp_work *work, size_t member, size_t layer, bool bias,
                               size_t step) {
  const limn_mlp_rule *r = work->rule;
  const limn_mlp_layer own = limn_mlp_layer_at(work->net, member, layer), *a = &own;
  double base = r->rate * r->rates[layer] * factor(r->net_rate, member) * factor(r->schedule, step);
  limn_mlp_step s = {.rule = (int)r->optimizer,
                     .rate = base * limn_mlp_rate_factor(a, bias, r->optimizer),
                     .multiplier = bias ? a->bias_multiplier : a->multiplier,
                     .momentum = r->momentum,
                     .beta2 = r->beta2,
                     .epsilon = r->epsilon * (bias ? a->bias_gradient : a->gradient),
                     .correct1 = 1,
                     .correct2 = 1};
  if (r->optimizer == LIMN_MLP_ADAM)
    limn_mlp_corrections(r, work->net->steps[member] - work->net->since[member] + step + 1,
                         &s.correct1, &s.correct2);
  if (!bias) {
    s.l2 = r->l2[layer] * factor(r->net_l2, member);
    s.l1 = r->l1[layer] * factor(r->net_l1, member);
    s.fade = base * r->decay[layer] * factor(r->net_decay, member);
  }
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

limn_status limn_mlp_reserve(limn_mlp_workers *w, size_t tasks, const char *what, limn_err *err) {
  size_t workers = (size_t)limn_workers(tasks);
  if (w->memory && workers <= w->count) return LIMN_OK;
  limn_free(w->memory);
  w->bytes = (w->bytes + 63) & ~(size_t)63;
  w->memory = limn_alloc(workers, w->bytes);
  w->count = workers;
  return w->memory ? LIMN_OK : limn_nomem(err, what, workers, w->bytes);
}

limn_status limn_mlp_run(limn_mlp_work *work, limn_mlp_workers *w, size_t tasks, limn_task *body,
                         void *job, const char *what, limn_err *err) {
  limn_status st = limn_mlp_reserve(w, tasks, what, err);
  if (!st) st = limn_parallel(tasks, body, job, work->token, err);
  limn_free(w->memory);
  return st;
}
