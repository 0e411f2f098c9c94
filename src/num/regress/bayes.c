/* bayes.c: the posterior over the columns of F, each taken as a hypothesis about the labels. */
#include <string.h>

#include "num/regress/core.h"

#define TRY LIMN_TRY

enum { BLOCK = 8192 };

/* Sums of exp(l) and of l exp(l), scaled by the largest l so far. */
typedef struct {
  double top, sum, moment;
} logsum;

static void add(logsum *s, double l) {
  if (l == -INFINITY) return;
  if (l > s->top) {
    double by = s->top == -INFINITY ? 0 : exp(s->top - l);
    s->sum *= by, s->moment *= by, s->top = l;
  }
  double e = exp(l - s->top);
  s->sum += e;
  s->moment += e * l;
}

static double value(const logsum *s) {
  return s->sum > 0 ? s->top + log(s->sum) : -INFINITY;
}

typedef struct {
  const limn_design *x;
  const double *y, *prior;
  double log_total, hit,
      miss;               /* log of the prior's sum; log probability of a match, of a mismatch */
  double *dots, *columns; /* BLOCK; D x BLOCK if columns must be read */
  uint64_t *wrong;        /* BLOCK */
  double sum_y;
  const limn_token *token;
} work;

/* Mismatches of columns first .. first+n-1 (n <= BLOCK). For sign and binary sets from the exact
 * products f.y. */
static limn_status mismatches(work *w, uint64_t first, size_t n, limn_err *err) {
  size_t d = (size_t)w->x->points;
  const limn_features *f = w->x->set;
  limn_kind kind = f ? limn_features_kind(f) : LIMN_REAL;
  if (kind == LIMN_SIGN || kind == LIMN_BINARY) {
    TRY(limn_features_weights(w->dots, f, w->y, first, n, w->token, err));
    for (size_t j = 0; j < n; j++) {
      double agree =
          kind == LIMN_SIGN ? w->dots[j] : 2 * w->dots[j] - w->sum_y; /* of -1/+1 columns */
      w->wrong[j] = (uint64_t)llround(((double)d - agree) / 2);
    }
    return LIMN_OK;
  }
  const double *c = w->x->dense ? w->x->dense + first : w->columns;
  size_t stride = w->x->dense ? (size_t)w->x->count : n;
  if (f) TRY(limn_features_columns(w->columns, n, f, first, n, w->token, err));
  memset(w->wrong, 0, n * sizeof *w->wrong);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < n; j++) w->wrong[j] += (c[i * stride + j] > 0) != (w->y[i] > 0);
  return LIMN_OK;
}

static double log_weight(const work *w, uint64_t j, uint64_t wrong) {
  double prior = w->prior ? log(w->prior[j]) : 0;
  if (wrong > 0 && w->miss == -INFINITY) return -INFINITY;
  return prior - w->log_total + (wrong > 0 ? (double)wrong * w->miss : 0) +
         (double)(w->x->points - wrong) * w->hit;
}

/* First pass (weights NULL): the sums. Second pass: the weights, given the evidence. */
static limn_status pass(work *w, limn_posterior *out, logsum *total, logsum *classes,
                        double *weights, limn_err *err) {
  int count = w->x->set ? limn_features_classes(w->x->set) : 1;
  for (int k = 0; k < count; k++) {
    uint64_t from = 0, to = w->x->count;
    if (w->x->set) {
      const limn_class *c = limn_features_class(w->x->set, k);
      from = c->first, to = c->first + c->count;
    }
    for (uint64_t first = from; first < to; first += BLOCK) {
      size_t n = (size_t)(to - first < BLOCK ? to - first : BLOCK);
      TRY(mismatches(w, first, n, err));
      for (size_t j = 0; j < n; j++) {
        double l = log_weight(w, first + j, w->wrong[j]);
        if (weights) {
          weights[first + j] = exp(l - out->log_evidence);
          continue;
        }
        add(total, l);
        add(&classes[k], l);
        out->consistent += w->wrong[j] == 0;
        if (w->wrong[j] < out->fewest) out->fewest = w->wrong[j];
      }
      if (limn_tick(w->token, (double)(first + n), (double)w->x->count)) return limn_stopped(err);
    }
  }
  return LIMN_OK;
}

static limn_status check(work *w, const double *labels, double flip, limn_err *err) {
  size_t d = (size_t)w->x->points;
  TRY(limn_design_check(w->x, labels, err));
  for (size_t i = 0; i < d; i++) {
    if (labels[i] != 1 && labels[i] != -1)
      return limn_fail_entry(err, LIMN_EINVAL, "labels", i, -1, "must be -1 or +1, got %g",
                             labels[i]);
    w->sum_y += labels[i];
  }
  if (!(flip >= 0 && flip < 0.5))
    return limn_fail_argument(err, LIMN_EINVAL, "flip", "must be in [0, 0.5), got %g", flip);
  double total = w->prior ? 0 : (double)w->x->count;
  for (uint64_t j = 0; w->prior && j < w->x->count; j++) {
    if (!(w->prior[j] >= 0) || isinf(w->prior[j]))
      return limn_fail_entry(err, LIMN_EINVAL, "prior", j, -1,
                             "must be finite and at least 0, got %g", w->prior[j]);
    total += w->prior[j];
  }
  if (!(total > 0 && total < INFINITY))
    return limn_fail_argument(err, LIMN_EINVAL, "prior", "must have a finite sum above 0, got %g",
                              total);
  w->log_total = log(total);
  return LIMN_OK;
}

limn_status limn_regress_bayes(limn_posterior *out, double *weights, double *mass,
                               const limn_design *x, const double *labels, double flip,
                               const double *prior, const limn_token *token, limn_err *err) {
  work w = {.x = x, .y = labels, .prior = prior, .token = token};
  w.hit = log1p(-flip), w.miss = flip > 0 ? log(flip) : -INFINITY;
  TRY(check(&w, labels, flip, err));
  *out = (limn_posterior){.fewest = x->points};
  limn_kind kind = x->set ? limn_features_kind(x->set) : LIMN_REAL;
  bool read = x->set && kind != LIMN_SIGN && kind != LIMN_BINARY;
  limn_pool pool = {.used = 0};
  w.dots = limn_take(&pool, BLOCK);
  w.wrong = (uint64_t *)(void *)limn_take(&pool, BLOCK);
  w.columns = limn_take(&pool, read ? (size_t)x->points * BLOCK : 1);
  limn_status st =
      pool.failed ? limn_nomem(err, "a block of features", pool.failed, sizeof(double)) : LIMN_OK;
  logsum total = {.top = -INFINITY}, classes[LIMN_MAX_CLASSES];
  for (int k = 0; k < LIMN_MAX_CLASSES; k++) classes[k] = (logsum){.top = -INFINITY};
  if (!st) st = pass(&w, out, &total, classes, NULL, err);
  if (!st) {
    out->log_evidence = value(&total);
    out->entropy = total.sum > 0 ? fmax(0, out->log_evidence - total.moment / total.sum) : 0;
    for (int k = 0; mass && k < (x->set ? limn_features_classes(x->set) : 1); k++)
      mass[k] = total.sum > 0 ? exp(value(&classes[k]) - out->log_evidence) : 0;
    if (!(total.sum > 0))
      st = limn_fail(err, LIMN_ENUMERIC,
                     "no feature matches all %llu labels (the nearest misses %llu); give flip > 0",
                     (unsigned long long)x->points, (unsigned long long)out->fewest);
    else if (weights)
      st = pass(&w, out, NULL, NULL, weights, err);
  }
  limn_pool_free(&pool);
  return st;
}
