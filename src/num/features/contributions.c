/* contributions.c: contributions per class, from the dual in one streaming pass or from given
 * weights. */
#include "limn/contrib.h"

#include <math.h>
#include <string.h>
#include "core/core.h"

enum { BLOCK = 8192 }; /* weights in memory at a time */

static limn_status check_finite(const double *x, uint64_t n, const char *name, limn_err *err) {
  for (uint64_t i = 0; i < n; i++)
    if (!isfinite(x[i])) return limn_not_finite(err, name, i, -1, x[i]);
  return LIMN_OK;
}

/* Splits v into its components along and orthogonal to the labels; with v scaled by a power of two,
 * so that its square neither overflows nor underflows. */
static void split(limn_contribution *c, const double *v, const double *labels, uint64_t D) {
  double vv = 0, vl = 0, ll = 0, rest = 0, most = 0;
  int e = 0;
  for (uint64_t i = 0; i < D; i++) most = fmax(most, fabs(v[i]));
  if (isfinite(most)) frexp(most, &e);
  for (uint64_t i = 0; i < D; i++) {
    double x = ldexp(v[i], -e);
    vv += x * x;
    if (labels) vl += x * labels[i], ll += labels[i] * labels[i];
  }
  c->length = ldexp(sqrt(vv), e);
  c->along = c->across = NAN;
  if (!labels || ll == 0) return;
  c->along = ldexp(vl / sqrt(ll), e);
  for (uint64_t i = 0; i < D; i++) {
    double r = ldexp(v[i], -e) - vl / ll * labels[i];
    rest += r * r;
  }
  c->across = ldexp(sqrt(rest), e);
}

static void add_weights(limn_contribution *c, const double *w, uint64_t n, bool first) {
  if (first && n > 0) c->least = c->most = w[0];
  for (uint64_t j = 0; j < n; j++) {
    double sq = w[j] * w[j];
    c->weight_sq += sq;
    c->weight_abs += fabs(w[j]);
    c->weight_4 += sq * sq;
    if (sq > 0) c->entropy_sum += sq * log(sq);
    c->least = fmin(c->least, w[j]);
    c->most = fmax(c->most, w[j]);
  }
}

limn_status limn_contrib_dual(limn_contribution *out, const limn_features *f, const double *a,
                              bool fourth, const limn_token *token, limn_err *err) {
  uint64_t D = limn_features_points(f);
  int classes = limn_features_classes(f);
  limn_status status = check_finite(a, D, "dual", err);
  if (status != LIMN_OK) return status;
  limn_class_sums sums[LIMN_MAX_CLASSES];
  double *along = limn_alloc((size_t)D * (size_t)classes, sizeof *along);
  double *w = fourth ? limn_alloc(BLOCK, sizeof *w) : NULL;
  if (!along || (fourth && !w)) {
    limn_free(along), limn_free(w);
    return limn_nomem(err, "class sums", (size_t)D * (size_t)classes, sizeof *along);
  }
  status = limn_features_contributions(sums, along, f, a, token, err);
  for (int k = 0; status == LIMN_OK && k < classes; k++) {
    const limn_class *class = limn_features_class(f, k);
    limn_contribution *c = &out[k];
    *c = (limn_contribution){.weight_sq = sums[k].weight_sq,
                             .weight_abs = sums[k].weight_abs,
                             .weight_4 = fourth ? 0 : NAN,
                             .entropy_sum = sums[k].entropy_sum,
                             .least = sums[k].least,
                             .most = sums[k].most};
    split(c, along + (uint64_t)k * D, limn_features_labels(f), D);
    for (uint64_t j = 0; fourth && status == LIMN_OK && j < class->count; j += BLOCK) {
      uint64_t n = class->count - j < BLOCK ? class->count - j : BLOCK;
      status = limn_features_weights(w, f, a, class->first + j, n, token, err);
      for (uint64_t i = 0; status == LIMN_OK && i < n; i++) c->weight_4 += pow(w[i], 4);
    }
  }
  limn_free(along), limn_free(w);
  return status;
}

limn_status limn_contrib_weights(limn_contribution *out, const limn_features *f, const double *w,
                                 const limn_token *token, limn_err *err) {
  uint64_t D = limn_features_points(f);
  limn_status status = check_finite(w, limn_features_count(f), "weights", err);
  if (status != LIMN_OK) return status;
  double *v = limn_alloc((size_t)D, sizeof *v);
  if (!v) return limn_nomem(err, "points", (size_t)D, sizeof *v);
  for (int k = 0; status == LIMN_OK && k < limn_features_classes(f); k++) {
    const limn_class *class = limn_features_class(f, k);
    memset(v, 0, (size_t)D * sizeof *v);
    if (class->count > 0)
      status =
          limn_features_combine(v, f, w + class->first, class->first, class->count, token, err);
    out[k] = (limn_contribution){0};
    add_weights(&out[k], w + class->first, class->count, true);
    split(&out[k], v, limn_features_labels(f), D);
  }
  limn_free(v);
  return status;
}

double limn_contrib_effective(const limn_contribution *c, int classes) {
  double total = 0, entropy = 0;
  for (int k = 0; k < classes; k++) total += c[k].weight_sq, entropy += c[k].entropy_sum;
  return total > 0 ? exp(log(total) - entropy / total) : 0;
}

double limn_contrib_participation(const limn_contribution *c, int classes) {
  double total = 0, fourth = 0;
  for (int k = 0; k < classes; k++) total += c[k].weight_sq, fourth += c[k].weight_4;
  return total > 0 ? total / fourth * total : fourth;
}

/* Adds the predictions at the new points of columns first .. first+n-1 with weights w. */
static limn_status say(double *out, const limn_newpoints *at, uint64_t count, const double *w,
                       uint64_t first, uint64_t n, double *part, const limn_token *token,
                       limn_err *err) {
  if (at->fresh) {
    limn_status status = limn_features_combine(part, at->fresh, w, first, n, token, err);
    for (uint64_t i = 0; status == LIMN_OK && i < at->points; i++) out[i] += part[i];
    return status;
  }
  for (uint64_t i = 0; i < at->points; i++) {
    const double *row = at->x + i * count + first;
    double sum = 0;
    for (uint64_t j = 0; j < n; j++) sum += row[j] * w[j];
    out[i] += sum;
  }
  return limn_cancelled(token) ? limn_stopped(err) : LIMN_OK;
}

limn_status limn_contrib_at(double *out, const limn_features *f, const double *weights,
                            const double *dual, const limn_newpoints *at, const limn_token *token,
                            limn_err *err) {
  uint64_t N = limn_features_count(f);
  if (at->fresh && limn_features_count(at->fresh) != N)
    return limn_fail_argument(err, LIMN_ESHAPE, "fresh",
                              "must have the fit's %llu features, got %llu", (unsigned long long)N,
                              (unsigned long long)limn_features_count(at->fresh));
  double *w = limn_alloc(BLOCK, sizeof *w),
         *part = limn_alloc((size_t)at->points + 1, sizeof *part);
  if (!w || !part) {
    limn_free(w), limn_free(part);
    return limn_nomem(err, "new points", (size_t)at->points, sizeof *part);
  }
  limn_status status = LIMN_OK;
  memset(out, 0, (size_t)limn_features_classes(f) * (size_t)at->points * sizeof *out);
  for (int k = 0; k < limn_features_classes(f); k++) {
    const limn_class *class = limn_features_class(f, k);
    for (uint64_t j = 0; status == LIMN_OK && j < class->count; j += BLOCK) {
      uint64_t first = class->first + j, n = class->count - j < BLOCK ? class->count - j : BLOCK;
      if (weights)
        memcpy(w, weights + first, (size_t)n * sizeof *w);
      else
        status = limn_features_weights(w, f, dual, first, n, token, err);
      if (status == LIMN_OK)
        status = say(out + (uint64_t)k * at->points, at, N, w, first, n, part, token, err);
    }
  }
  limn_free(w), limn_free(part);
  return status;
}
