/* columns.c: distinct columns with multiplicities, in blocks; contracts in columns.h. */
#include "num/regress/columns.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "num/linalg/linalg.h"

#define TRY LIMN_TRY

enum {
  BLOCK_ENTRIES = 1 << 19, /* 4 MiB of doubles per block */
  KEPT_ENTRIES =
      1 << 23 /* a FeatureSet with at most this many entries is converted once and kept */
};

static bool uniform(const limn_class *c) {
  return c->constant || fabs(c->rho) == 1;
}

void limn_source_free(limn_source *s) {
  limn_merge_free(&s->merge);
  limn_pool_free(&s->pool);
}

/* Rank, basis and columns from an SVD of the columns, which resolves singular values down to
 * rounding error; K resolves them only down to its square root. */
static limn_status from_svd(limn_source *s, const double *y, bool white, limn_err *err) {
  size_t d = (size_t)s->x.points, n = (size_t)s->count, k = d < n ? d : n, r = 0;
  double *u = limn_take(&s->pool, d * k), *e = limn_take(&s->pool, k);
  double *vt = limn_take(&s->pool, k * n), *basis = limn_take(&s->pool, d * k);
  if (s->pool.failed) return limn_nomem(err, "a basis", s->pool.failed, sizeof *e);
  TRY(limn_la_svd(u, e, vt, s->merged ? s->merged : s->x.dense, d, n, err));
  while (r < k && e[r] > (double)(d > n ? d : n) * DBL_EPSILON * e[0]) r++;
  for (size_t i = 0; i < d; i++) /* in place, to a shorter row stride */
    for (size_t j = 0; j < r; j++) u[i * r + j] = u[i * k + j];
  s->rows = r, s->u = u;
  if (r == 0) return LIMN_OK;
  TRY(limn_la_gemv(s->y, u, r, true, y, d, r, 1, 0, err));
  if (!white) {
    if (r < d) s->basis = u;
    if (r == d) memcpy(s->y, y, d * sizeof *y);
    return LIMN_OK;
  }
  s->basis = basis, s->white = vt;
  for (size_t j = 0; j < r; j++) s->y[j] /= e[j];
  double length = limn_length(s->y, r),
         by = length > 0 ? 1 / length : 1; /* scale the labels to length 1 */
  for (size_t j = 0; j < r; j++) {
    s->y[j] *= by;
    for (size_t i = 0; i < n; i++) vt[j * n + i] *= by;
    for (size_t i = 0; i < d; i++) basis[i * r + j] = u[i * r + j] / e[j] * by;
  }
  return LIMN_OK;
}

/* A basis of the range of F, if K is not positive definite by a safe margin. */
static limn_status find_basis(limn_source *s, const double *y, limn_basis kind,
                              const limn_token *token, limn_err *err) {
  size_t d = (size_t)s->x.points;
  double *k = limn_take(&s->pool, d * d), *e = limn_take(&s->pool, d), *c = limn_take(&s->pool, d);
  if (s->pool.failed) return limn_nomem(err, "the Gram matrix", d * d, sizeof *k);
  if (s->x.set)
    TRY(limn_features_gram(k, s->x.set, token, err));
  else
    TRY(limn_la_syrk(k, d, s->merged ? s->merged : s->x.dense, (size_t)s->count, false, d,
                     (size_t)s->count, 1, 0, err));
  TRY(limn_la_eigh(e, k, d, true, err));
  double least = 16 * (double)d * DBL_EPSILON * e[d - 1];
  size_t zero = 0;
  while (zero < d && !(e[zero] > least)) zero++;
  s->rows = d - zero;
  bool exact = s->x.set && limn_features_kind(s->x.set) != LIMN_REAL;
  /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): there are points */
  bool whole = (s->merged || s->x.dense) && !exact && s->count <= LIMN_DENSE_MOST / 8 / d;
  const double *u = NULL;
  if (whole && (kind == LIMN_WHITE ? !(e[0] > 1e-4 * e[d - 1]) : zero > 0)) {
    TRY(from_svd(s, y, kind == LIMN_WHITE, err));
    u = s->u;
  } else if (zero == 0) {
    return LIMN_OK;
  } else if (s->rows > 0) {
    s->basis = limn_take(&s->pool, d * s->rows);
    if (!s->basis) return limn_nomem(err, "a basis", d * s->rows, sizeof *k);
    for (size_t i = 0; i < d; i++)
      for (size_t j = 0; j < s->rows; j++) s->basis[i * s->rows + j] = k[i * d + zero + j];
    TRY(limn_la_gemv(s->y, s->basis, s->rows, true, y, d, s->rows, 1, 0, err));
    u = s->basis;
  }
  if (s->rows == d) return LIMN_OK;
  memset(c, 0, d * sizeof *c);
  if (s->rows > 0) {
    TRY(limn_la_gemv(e, u, s->rows, true, y, d, s->rows, 1, 0, err));
    TRY(limn_la_gemv(c, u, s->rows, false, e, d, s->rows, 1, 0, err));
  }
  for (size_t i = 0; i < d; i++) c[i] = y[i] - c[i];
  s->outside = limn_length(c, d);
  return LIMN_OK;
}

/* Distinct columns of a FeatureSet: one for a uniform class, all columns of other classes. out and
 * copies may be NULL. */
static limn_status set_block(const limn_source *s, uint64_t first, size_t n, double *out,
                             double *copies, const limn_token *token, limn_err *err) {
  uint64_t at = 0, stop = first + n; /* number of distinct columns before this class */
  for (int k = 0; k < limn_features_classes(s->x.set); k++) {
    const limn_class *c = limn_features_class(s->x.set, k);
    uint64_t here = uniform(c) ? (c->count > 0) : c->count;
    uint64_t from = first > at ? first : at, to = stop < at + here ? stop : at + here;
    if (from < to) {
      if (out)
        TRY(limn_features_columns(out + (from - first), n, s->x.set, c->first + (from - at),
                                  to - from, token, err));
      for (uint64_t j = from; copies && j < to; j++)
        copies[j - first] = uniform(c) ? (double)c->count : 1;
    }
    at += here;
  }
  return LIMN_OK;
}

limn_status limn_source_open(limn_source *s, const limn_design *x, const double *y,
                             limn_basis basis, const limn_token *token, limn_err *err) {
  memset(s, 0, sizeof *s);
  s->x = *x;
  s->labels = y;
  size_t d = (size_t)x->points;
  s->rows = d;
  s->count = limn_design_reduced_count(x);
  s->y = limn_take(&s->pool, d);
  if (!s->y) return limn_nomem(err, "the labels", d, sizeof *s->y);
  memcpy(s->y, y, d * sizeof *y);
  if (x->dense) {
    size_t n = (size_t)x->count;
    TRY(limn_merge_columns(&s->merge, x->dense, d, n, err));
    s->count = s->merge.kept;
    if (s->count == 0) {
      s->rows = basis == LIMN_AS_IS ? d : 0;
      s->outside = limn_length(y, d);
      return LIMN_OK;
    }
    int top = limn_exponent(x->dense, d * n, 1);
    if (abs(top) > 60) s->ex = top;
    if (s->count < n || s->ex) {
      s->merged = limn_take(&s->pool, d * s->merge.kept);
      if (!s->merged)
        return limn_nomem(err, "the distinct columns", d * s->merge.kept, sizeof *s->y);
      for (size_t i = 0; i < d; i++)
        for (size_t k = 0; k < s->merge.kept; k++)
          s->merged[i * s->merge.kept + k] = ldexp(x->dense[i * n + s->merge.first[k]], -s->ex);
    }
  }
  if (x->set && s->count <= KEPT_ENTRIES / d) {
    s->merged = limn_take(&s->pool, d * (size_t)s->count);
    if (!s->merged) return limn_nomem(err, "the features", d * (size_t)s->count, sizeof *s->y);
    TRY(set_block(s, 0, (size_t)s->count, s->merged, NULL, token, err));
  }
  if (basis != LIMN_AS_IS) TRY(find_basis(s, y, basis, token, err));
  s->block = BLOCK_ENTRIES / d < 64 ? 64 : BLOCK_ENTRIES / d;
  if (s->block > s->count) s->block = s->count;
  s->raw = limn_take(&s->pool, s->basis ? d * (size_t)s->block : 1);
  if (!s->raw) return limn_nomem(err, "a block of features", d * (size_t)s->block, sizeof *s->y);
  return LIMN_OK;
}

limn_status limn_source_block(limn_source *s, uint64_t first, size_t n, double *out, double *copies,
                              const limn_token *token, limn_err *err) {
  size_t d = (size_t)s->x.points;
  double *raw = s->basis ? s->raw : out;
  if (limn_cancelled(token)) return limn_stopped(err);
  for (size_t i = 0; s->white && i < s->rows; i++)
    memcpy(out + i * n, s->white + i * (size_t)s->count + first, n * sizeof *out);
  if (s->white && s->x.set) return set_block(s, first, n, NULL, copies, token, err);
  for (size_t j = 0; s->white && copies && j < n; j++) copies[j] = s->merge.copies[first + j];
  if (s->white) return LIMN_OK;
  const double *x = s->merged ? s->merged : s->x.dense;
  for (size_t i = 0; x && i < d; i++)
    memcpy(raw + i * n, x + i * (size_t)s->count + first, n * sizeof *raw);
  if (s->x.set)
    TRY(set_block(s, first, n, x ? NULL : raw, copies, token, err));
  else
    for (size_t j = 0; copies && j < n; j++) copies[j] = s->merge.copies[first + j];
  if (!s->basis) return LIMN_OK;
  return limn_la_gemm(out, n, s->basis, s->rows, true, raw, n, false, s->rows, n, d, 1, 0, err);
}

double limn_source_norm(const double *x, const double *copies, size_t n, double p) {
  double top = 0, sum = 0;
  for (size_t j = 0; j < n; j++) top = fabs(x[j]) > top ? fabs(x[j]) : top;
  if (isinf(p) || top == 0) return top;
  for (size_t j = 0; j < n; j++) sum += copies[j] * pow(fabs(x[j]) / top, p);
  return top * pow(sum, 1 / p);
}

limn_status limn_source_copies(limn_source *s, double *copies, const limn_token *token,
                               limn_err *err) {
  if (s->x.set) return set_block(s, 0, (size_t)s->count, NULL, copies, token, err);
  memcpy(copies, s->merge.copies, (size_t)s->count * sizeof *copies);
  return LIMN_OK;
}

void limn_source_dual(const limn_source *s, const double *a, double *out) {
  size_t d = (size_t)s->x.points;
  for (size_t i = 0; i < d; i++) {
    out[i] = s->basis ? 0 : a[i];
    for (size_t j = 0; s->basis && j < s->rows; j++) out[i] += s->basis[i * s->rows + j] * a[j];
  }
}

limn_status limn_source_dots(limn_source *s, const double *a, double *t, const limn_token *token,
                             limn_err *err) {
  size_t d = (size_t)s->x.points;
  if (s->white)
    return limn_la_gemv(t, s->white, (size_t)s->count, true, a, s->rows, (size_t)s->count, 1, 0,
                        err);
  double *full = limn_alloc(d, sizeof *full);
  if (!full) return limn_nomem(err, "the dual", d, sizeof *full);
  limn_source_dual(s, a, full);
  limn_status st = LIMN_OK;
  if (s->x.set && !s->merged) {
    uint64_t at = 0;
    for (int k = 0; !st && k < limn_features_classes(s->x.set); k++) {
      const limn_class *c = limn_features_class(s->x.set, k);
      uint64_t here = uniform(c) ? (c->count > 0) : c->count;
      if (here) st = limn_features_weights(t + at, s->x.set, full, c->first, here, token, err);
      at += here;
    }
  } else {
    st = limn_la_gemv(t, s->merged ? s->merged : s->x.dense, (size_t)s->count, true, full, d,
                      (size_t)s->count, 1, 0, err);
  }
  limn_free(full);
  if (!st && limn_cancelled(token)) st = limn_stopped(err);
  return st;
}

limn_status limn_source_apply(limn_source *s, const double *v, double *out, const limn_token *token,
                              limn_err *err) {
  size_t d = (size_t)s->x.points;
  if (s->white)
    return limn_la_gemv(out, s->white, (size_t)s->count, false, v, s->rows, (size_t)s->count, 1, 0,
                        err);
  double *sum = limn_alloc(d, sizeof *sum), *part = limn_alloc(d, sizeof *part);
  limn_status st = sum && part ? LIMN_OK : limn_nomem(err, "a sum of features", 2 * d, sizeof *sum);
  if (!st && s->x.set && !s->merged) {
    uint64_t at = 0;
    for (int k = 0; !st && k < limn_features_classes(s->x.set); k++) {
      const limn_class *c = limn_features_class(s->x.set, k);
      uint64_t here = uniform(c) ? (c->count > 0) : c->count;
      if (here) st = limn_features_combine(part, s->x.set, v + at, c->first, here, token, err);
      for (size_t i = 0; !st && here && i < d; i++) sum[i] += part[i];
      at += here;
    }
  } else if (!st) {
    st = limn_la_gemv(sum, s->merged ? s->merged : s->x.dense, (size_t)s->count, false, v, d,
                      (size_t)s->count, 1, 0, err);
  }
  if (!st && s->basis)
    st = limn_la_gemv(out, s->basis, s->rows, true, sum, d, s->rows, 1, 0, err);
  else if (!st)
    memcpy(out, sum, d * sizeof *out);
  limn_free(sum);
  limn_free(part);
  if (!st && limn_cancelled(token)) st = limn_stopped(err);
  return st;
}

limn_status limn_source_missed(limn_source *s, const double *v, double *missed,
                               const limn_token *token, limn_err *err) {
  size_t d = (size_t)s->x.points, n = (size_t)s->count;
  double *r = limn_alloc(d, sizeof *r), *c = limn_alloc(d, sizeof *c);
  limn_status st = r && c ? LIMN_OK : limn_nomem(err, "a residual", 2 * d, sizeof *r);
  if (!st && s->white) {
    memcpy(r, s->labels, d * sizeof *r);
    st = limn_la_gemv(r, s->merged ? s->merged : s->x.dense, n, false, v, d, n, -1, 1, err);
    if (!st) st = limn_la_gemv(c, s->u, s->rows, true, r, d, s->rows, 1, 0, err);
  } else if (!st) {
    st = limn_source_apply(s, v, c, token, err);
    for (size_t i = 0; i < s->rows; i++) c[i] = s->y[i] - c[i];
  }
  if (!st) *missed = limn_length(c, s->rows);
  limn_free(r), limn_free(c);
  return st;
}

limn_status limn_source_gather(limn_source *s, const size_t *index, size_t n, double *out,
                               double *copies, const limn_token *token, limn_err *err) {
  double *one = limn_alloc(s->rows, sizeof *one), many;
  limn_status st = one ? LIMN_OK : limn_nomem(err, "a column", s->rows, sizeof *one);
  for (size_t j = 0; !st && j < n; j++) {
    st = limn_source_block(s, index[j], 1, one, &many, token, err);
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
