/* regress_source.c: distinct columns with multiplicities, in blocks; see regress_source.h. */
#include "regress_source.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "linalg.h"

#define TRY(call)                                                                                  \
  do {                                                                                             \
    limn_status st_ = (call);                                                                      \
    if (st_) return st_;                                                                           \
  } while (0)

enum {
  BLOCK_ENTRIES = 1 << 19, /* 4 MiB of doubles a block */
  KEPT_ENTRIES = 1 << 23   /* columns of a FeatureSet up to this many are made once and kept */
};

static bool uniform(const limn_class *c) {
  return c->constant || fabs(c->rho) == 1;
}

void limn_source_free(limn_source *s) {
  limn_merge_free(&s->merge);
  limn_pool_free(&s->pool);
}

/* A basis of the range of F, from K, when K is not safely positive definite. */
static limn_status find_basis(limn_source *s, const double *y, const char *who,
                              const limn_token *token, limn_err *err) {
  size_t d = (size_t)s->x.points;
  double *k = limn_take(&s->pool, d * d), *e = limn_take(&s->pool, d), *c = limn_take(&s->pool, d);
  if (s->pool.failed) return limn_nomem(err, who, "the Gram matrix", d * d, sizeof *k);
  if (s->x.set)
    TRY(limn_features_gram(s->x.set, k, token, err));
  else
    TRY(limn_la_syrk(k, d, s->merged ? s->merged : s->x.dense, (size_t)s->count, false, d,
                     (size_t)s->count, 1, 0, who, err));
  TRY(limn_la_eigh(e, k, d, true, who, err));
  double least = 16 * (double)d * DBL_EPSILON * e[d - 1];
  size_t zero = 0;
  while (zero < d && !(e[zero] > least)) zero++;
  s->rows = d - zero;
  if (zero == 0) return LIMN_OK;
  if (s->rows == 0) {
    s->outside = limn_length(y, d);
    return LIMN_OK;
  }
  s->basis = limn_take(&s->pool, d * s->rows);
  if (!s->basis) return limn_nomem(err, who, "a basis", d * s->rows, sizeof *k);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < s->rows; j++) s->basis[i * s->rows + j] = k[i * d + zero + j];
  TRY(limn_la_gemv(s->y, s->basis, s->rows, true, y, d, s->rows, 1, 0, who, err));
  TRY(limn_la_gemv(c, s->basis, s->rows, false, s->y, d, s->rows, 1, 0, who, err));
  for (size_t i = 0; i < d; i++) c[i] = y[i] - c[i];
  s->outside = limn_length(c, d);
  return LIMN_OK;
}

/* Distinct columns of a FeatureSet: a uniform class gives one, the others all of theirs. Each of
 * out and copies may be NULL. */
static limn_status set_block(const limn_source *s, uint64_t first, size_t n, double *out,
                             double *copies, const limn_token *token, limn_err *err) {
  uint64_t at = 0, stop = first + n; /* distinct columns before this class */
  for (int k = 0; k < limn_features_classes(s->x.set); k++) {
    const limn_class *c = limn_features_class(s->x.set, k);
    uint64_t here = uniform(c) ? (c->count > 0) : c->count;
    uint64_t from = first > at ? first : at, to = stop < at + here ? stop : at + here;
    if (from < to) {
      if (out)
        TRY(limn_features_columns(s->x.set, c->first + (from - at), to - from, out + (from - first),
                                  n, token, err));
      for (uint64_t j = from; copies && j < to; j++)
        copies[j - first] = uniform(c) ? (double)c->count : 1;
    }
    at += here;
  }
  return LIMN_OK;
}

limn_status limn_source_open(limn_source *s, const limn_design *x, const double *y, bool basis,
                             const char *who, const limn_token *token, limn_err *err) {
  memset(s, 0, sizeof *s);
  s->x = *x;
  size_t d = (size_t)x->points;
  s->rows = d;
  s->count = limn_design_reduced_count(x);
  s->y = limn_take(&s->pool, d);
  if (!s->y) return limn_nomem(err, who, "the labels", d, sizeof *s->y);
  memcpy(s->y, y, d * sizeof *y);
  if (x->dense) {
    size_t n = (size_t)x->count;
    TRY(limn_merge_columns(&s->merge, x->dense, d, n, who, err));
    s->count = s->merge.kept;
    if (s->count == 0) {
      s->rows = basis ? 0 : d;
      s->outside = limn_length(y, d);
      return LIMN_OK;
    }
    int top = limn_exponent(x->dense, d * n, 1);
    if (abs(top) > 60) s->ex = top;
    if (s->count < n || s->ex) {
      s->merged = limn_take(&s->pool, d * s->merge.kept);
      if (!s->merged)
        return limn_nomem(err, who, "the distinct columns", d * s->merge.kept, sizeof *s->y);
      for (size_t i = 0; i < d; i++)
        for (size_t k = 0; k < s->merge.kept; k++)
          s->merged[i * s->merge.kept + k] = ldexp(x->dense[i * n + s->merge.first[k]], -s->ex);
    }
  }
  if (x->set && s->count <= KEPT_ENTRIES / d) {
    s->merged = limn_take(&s->pool, d * (size_t)s->count);
    if (!s->merged) return limn_nomem(err, who, "the features", d * (size_t)s->count, sizeof *s->y);
    TRY(set_block(s, 0, (size_t)s->count, s->merged, NULL, token, err));
  }
  if (basis) TRY(find_basis(s, y, who, token, err));
  s->block = BLOCK_ENTRIES / d < 64 ? 64 : BLOCK_ENTRIES / d;
  if (s->block > s->count) s->block = s->count;
  s->raw = limn_take(&s->pool, s->basis ? d * (size_t)s->block : 1);
  if (!s->raw)
    return limn_nomem(err, who, "a block of features", d * (size_t)s->block, sizeof *s->y);
  return LIMN_OK;
}

limn_status limn_source_block(limn_source *s, uint64_t first, size_t n, double *out, double *copies,
                              const char *who, const limn_token *token, limn_err *err) {
  size_t d = (size_t)s->x.points;
  double *raw = s->basis ? s->raw : out;
  if (limn_cancelled(token)) return limn_stopped(err, who);
  const double *x = s->merged ? s->merged : s->x.dense;
  for (size_t i = 0; x && i < d; i++)
    memcpy(raw + i * n, x + i * (size_t)s->count + first, n * sizeof *raw);
  if (s->x.set)
    TRY(set_block(s, first, n, x ? NULL : raw, copies, token, err));
  else
    for (size_t j = 0; copies && j < n; j++) copies[j] = s->merge.copies[first + j];
  if (!s->basis) return LIMN_OK;
  return limn_la_gemm(out, n, s->basis, s->rows, true, raw, n, false, s->rows, n, d, 1, 0, who,
                      err);
}

void limn_source_dual(const limn_source *s, const double *a, double *out) {
  size_t d = (size_t)s->x.points;
  for (size_t i = 0; i < d; i++) {
    out[i] = s->basis ? 0 : a[i];
    for (size_t j = 0; s->basis && j < s->rows; j++) out[i] += s->basis[i * s->rows + j] * a[j];
  }
}

limn_status limn_source_dots(limn_source *s, const double *a, double *t, const char *who,
                             const limn_token *token, limn_err *err) {
  size_t d = (size_t)s->x.points;
  double *full = limn_alloc(d, sizeof *full);
  if (!full) return limn_nomem(err, who, "the dual", d, sizeof *full);
  limn_source_dual(s, a, full);
  limn_status st = LIMN_OK;
  if (s->x.set && !s->merged) {
    uint64_t at = 0;
    for (int k = 0; !st && k < limn_features_classes(s->x.set); k++) {
      const limn_class *c = limn_features_class(s->x.set, k);
      uint64_t here = uniform(c) ? (c->count > 0) : c->count;
      if (here) st = limn_features_weights(s->x.set, full, c->first, here, t + at, token, err);
      at += here;
    }
  } else {
    st = limn_la_gemv(t, s->merged ? s->merged : s->x.dense, (size_t)s->count, true, full, d,
                      (size_t)s->count, 1, 0, who, err);
  }
  limn_free(full);
  if (!st && limn_cancelled(token)) st = limn_stopped(err, who);
  return st;
}

limn_status limn_source_apply(limn_source *s, const double *v, double *out, const char *who,
                              const limn_token *token, limn_err *err) {
  size_t d = (size_t)s->x.points;
  double *sum = limn_alloc(d, sizeof *sum), *part = limn_alloc(d, sizeof *part);
  limn_status st =
      sum && part ? LIMN_OK : limn_nomem(err, who, "a sum of features", 2 * d, sizeof *sum);
  if (!st && s->x.set && !s->merged) {
    uint64_t at = 0;
    for (int k = 0; !st && k < limn_features_classes(s->x.set); k++) {
      const limn_class *c = limn_features_class(s->x.set, k);
      uint64_t here = uniform(c) ? (c->count > 0) : c->count;
      if (here) st = limn_features_combine(s->x.set, v + at, c->first, here, part, token, err);
      for (size_t i = 0; !st && here && i < d; i++) sum[i] += part[i];
      at += here;
    }
  } else if (!st) {
    st = limn_la_gemv(sum, s->merged ? s->merged : s->x.dense, (size_t)s->count, false, v, d,
                      (size_t)s->count, 1, 0, who, err);
  }
  if (!st && s->basis)
    st = limn_la_gemv(out, s->basis, s->rows, true, sum, d, s->rows, 1, 0, who, err);
  else if (!st)
    memcpy(out, sum, d * sizeof *out);
  limn_free(sum);
  limn_free(part);
  if (!st && limn_cancelled(token)) st = limn_stopped(err, who);
  return st;
}

limn_status limn_source_gather(limn_source *s, const size_t *index, size_t n, double *out,
                               double *copies, const char *who, const limn_token *token,
                               limn_err *err) {
  double *one = limn_alloc(s->rows, sizeof *one), many;
  limn_status st = one ? LIMN_OK : limn_nomem(err, who, "a column", s->rows, sizeof *one);
  for (size_t j = 0; !st && j < n; j++) {
    st = limn_source_block(s, index[j], 1, one, &many, who, token, err);
    for (size_t i = 0; !st && i < s->rows; i++) out[i * n + j] = one[i];
    if (copies) copies[j] = many;
  }
  limn_free(one);
  return st;
}

void limn_source_expand(const limn_source *s, const double *v, double *weights) {
  if (s->x.dense) {
    for (uint64_t j = 0; j < s->x.count; j++)
      weights[j] = s->merge.sign[j] * v[s->merge.owner[j]] / s->merge.copies[s->merge.owner[j]];
    return;
  }
  uint64_t at = 0;
  for (int k = 0; k < limn_features_classes(s->x.set); k++) {
    const limn_class *c = limn_features_class(s->x.set, k);
    for (uint64_t j = 0; j < c->count; j++)
      weights[c->first + j] = uniform(c) ? v[at] / (double)c->count : v[at + j];
    at += uniform(c) ? (c->count > 0) : c->count;
  }
}
