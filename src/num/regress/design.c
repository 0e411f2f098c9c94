/* design.c: access to the matrix of a regression, dense or a FeatureSet. */
#include "num/regress/core.h"

#include <string.h>

#include "num/linalg/linalg.h"

enum { BLOCK = 4096 }; /* columns per block of a pass */

limn_design limn_design_dense(const double *x, uint64_t points, uint64_t count) {
  return (limn_design){.dense = x, .points = points, .count = count};
}

limn_design limn_design_set(const limn_features *f) {
  return (limn_design){
      .set = f, .points = limn_features_points(f), .count = limn_features_count(f)};
}

limn_status limn_design_check(const limn_design *x, const double *y, limn_err *err) {
  if (!x->dense == !x->set)
    return limn_fail_argument(err, LIMN_EINVAL, "features",
                              "must have one of dense and set, got %s", x->set ? "both" : "none");
  if (x->set &&
      (x->points != limn_features_points(x->set) || x->count != limn_features_count(x->set)))
    return limn_fail_argument(err, LIMN_ESHAPE, "features", "must have the sizes of its set");
  if (x->points == 0 || x->count == 0)
    return limn_fail_argument(err, LIMN_EINVAL, "features",
                              "must have at least 1 row and 1 column, got %llu x %llu",
                              (unsigned long long)x->points, (unsigned long long)x->count);
  if (x->dense) {
    size_t total = (size_t)(x->points * x->count), bad = limn_la_nonfinite(x->dense, total);
    if (bad < total)
      return limn_not_finite(err, "features", bad / x->count, bad % x->count, x->dense[bad]);
  }
  size_t bad = limn_la_nonfinite(y, (size_t)x->points);
  if (bad < x->points) return limn_not_finite(err, "labels", bad, -1, y[bad]);
  return LIMN_OK;
}

/* Whether all columns of a class are equal by definition. */
static bool uniform(const limn_class *c) {
  return c->constant || fabs(c->rho) == 1;
}

uint64_t limn_design_reduced_count(const limn_design *x) {
  if (x->dense) return x->count;
  uint64_t n = 0;
  for (int k = 0; k < limn_features_classes(x->set); k++) {
    const limn_class *c = limn_features_class(x->set, k);
    n += uniform(c) ? (c->count > 0) : c->count;
  }
  return n;
}

void limn_reduced_free(limn_reduced *r) {
  limn_free(r->owned);
  limn_free(r->first);
  limn_free(r->copies);
  memset(r, 0, sizeof *r);
}

limn_status limn_design_reduce(limn_reduced *r, const limn_design *x, bool scaled,
                               const limn_token *token, limn_err *err) {
  memset(r, 0, sizeof *r);
  r->points = (size_t)x->points;
  r->count = (size_t)limn_design_reduced_count(x);
  if (x->dense) {
    r->x = x->dense;
    return LIMN_OK;
  }
  r->owned = limn_alloc(r->points * r->count, sizeof *r->owned);
  r->first = limn_alloc(r->count, sizeof *r->first);
  r->copies = limn_alloc(r->count, sizeof *r->copies);
  r->x = r->owned;
  if (!r->owned || !r->first || !r->copies)
    return limn_nomem(err, "the features as numbers", r->points * r->count, sizeof *r->owned);
  size_t j = 0;
  for (int k = 0; k < limn_features_classes(x->set); k++) {
    const limn_class *c = limn_features_class(x->set, k);
    if (c->count == 0) continue;
    size_t n = uniform(c) ? 1 : (size_t)c->count;
    limn_status st = limn_features_columns(r->owned + j, r->count, x->set, c->first, n, token, err);
    if (st) return st;
    for (size_t i = 0; i < n; i++) {
      r->first[j + i] = c->first + i;
      r->copies[j + i] = uniform(c) ? (double)c->count : 1;
    }
    if (scaled && uniform(c))
      for (size_t i = 0; i < r->points; i++) r->owned[i * r->count + j] *= sqrt((double)c->count);
    j += n;
  }
  return LIMN_OK;
}

void limn_reduced_expand(double *weights, const limn_reduced *r, const double *w, bool scaled) {
  for (size_t j = 0; j < r->count; j++) {
    if (!r->first) {
      weights[j] = w[j];
      continue;
    }
    double each = scaled ? w[j] / sqrt(r->copies[j]) : w[j] / r->copies[j];
    for (uint64_t i = 0; i < (uint64_t)r->copies[j]; i++) weights[r->first[j] + i] = each;
  }
}

limn_status limn_design_weights(double *w, const limn_design *x, const double *a,
                                const limn_token *token, limn_err *err) {
  if (x->set) return limn_features_weights(w, x->set, a, 0, x->count, token, err);
  return limn_la_gemv(w, x->dense, (size_t)x->count, true, a, (size_t)x->points, (size_t)x->count,
                      1, 0, err);
}

limn_status limn_design_apply(double *out, const limn_design *x, const double *w,
                              const limn_token *token, limn_err *err) {
  if (x->set) return limn_features_combine(out, x->set, w, 0, x->count, token, err);
  return limn_la_gemv(out, x->dense, (size_t)x->count, false, w, (size_t)x->points,
                      (size_t)x->count, 1, 0, err);
}

limn_status limn_regress_weights(double *w, const limn_features *set, const double *dual,
                                 double power, uint64_t first, uint64_t count,
                                 const limn_token *token, limn_err *err) {
  limn_status st = limn_features_weights(w, set, dual, first, count, token, err);
  for (uint64_t j = 0; !st && power != 1 && j < count; j++)
    w[j] = copysign(pow(fabs(w[j]), power), w[j]);
  return st;
}

limn_status limn_regress_predict(double *out, const limn_design *fresh, const double *weights,
                                 const limn_features *set, const double *dual, double power,
                                 const limn_token *token, limn_err *err) {
  if (weights) return limn_design_apply(out, fresh, weights, token, err);
  size_t rows = (size_t)fresh->points;
  double *w = limn_alloc(BLOCK, sizeof *w), *part = limn_alloc(rows, sizeof *part);
  limn_status st = LIMN_OK;
  if (!w || !part) st = limn_nomem(err, "a block of weights", BLOCK + rows, sizeof *w);
  memset(out, 0, rows * sizeof *out);
  for (uint64_t first = 0; !st && first < fresh->count; first += BLOCK) {
    uint64_t n = fresh->count - first < BLOCK ? fresh->count - first : BLOCK;
    st = limn_regress_weights(w, set, dual, power, first, n, token, err);
    if (!st && fresh->set) st = limn_features_combine(part, fresh->set, w, first, n, token, err);
    if (!st && fresh->dense)
      st = limn_la_gemv(part, fresh->dense + first, (size_t)fresh->count, false, w, rows, (size_t)n,
                        1, 0, err);
    for (size_t i = 0; !st && i < rows; i++) out[i] += part[i];
    if (!st && limn_tick(token, (double)(first + n), (double)fresh->count)) st = limn_stopped(err);
  }
  limn_free(w);
  limn_free(part);
  return st;
}
