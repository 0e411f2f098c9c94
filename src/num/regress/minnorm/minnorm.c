/* minnorm.c: minimum-norm interpolation: the choice of a method, and the Gram method of
 * FeatureSets. The dense methods are in dense.c. */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "num/linalg/linalg.h"
#include "num/regress/minnorm/dense.h"

#define TRY LIMN_TRY

/* out = b - K a, in long double; K (d,d). */
static void defect(double *out, const double *b, const double *k, const double *a, size_t d) {
  for (size_t i = 0; i < d; i++) {
    long double sum = b[i];
    for (size_t j = 0; j < d; j++) sum -= (long double)k[i * d + j] * a[j];
    out[i] = (double)sum;
  }
}

/* Residual and norm of a dual: r = y - K a, |w|^2 = a'K a. */
static void measure(limn_fit *fit, double *r, const double *y, const double *k, const double *a,
                    size_t d, uint64_t n) {
  long double square = 0;
  defect(r, y, k, a, d);
  for (size_t i = 0; i < d; i++) square += (long double)a[i] * (y[i] - r[i]);
  fit->norm = square > 0 ? sqrt((double)square) : 0;
  fit->has_dual = true;
  limn_fit_judge(fit, limn_length(r, d), limn_length(y, d), d, (size_t)n);
}

/* Cholesky of K with refinement. *done: whether K was sufficiently well conditioned. */
static limn_status by_cholesky(bool *done, limn_fit *fit, double *a, const double *k, double floor,
                               const double *y, size_t d, limn_pool *pool, limn_err *err) {
  double *l = limn_take(pool, d * d), *r = limn_take(pool, d), rcond, last = INFINITY;
  size_t pivot;
  limn_err ignored;
  *done = false;
  if (pool->failed) return limn_nomem(err, "the Gram matrix", d * d, sizeof *l);
  memcpy(l, k, d * d * sizeof *l);
  limn_status st = limn_la_chol(l, d, &pivot, &ignored);
  if (st == LIMN_ENUMERIC) return LIMN_OK;
  if (st) return limn_pass(err, &ignored);
  TRY(limn_la_chol_rcond(&rcond, l, d, limn_la_norm1(k, d, d), err));
  if (!(rcond > floor)) return LIMN_OK;
  memset(a, 0, d * sizeof *a);
  for (int step = 0; step < 8; step++) {
    defect(r, y, k, a, d);
    TRY(limn_la_chol_solve(r, l, d, 1, err));
    double change = limn_length(r, d), size = limn_length(a, d);
    if (step > 1 && change > last / 2) break;
    for (size_t i = 0; i < d; i++) a[i] += r[i];
    fit->iterations = (uint64_t)step;
    last = change;
    if (step > 0 && change <= DBL_EPSILON / 4 * size) break;
  }
  fit->rank = d;
  fit->rcond = sqrt(rcond);
  *done = true;
  return LIMN_OK;
}

/* K = V diag(e) V', without eigenvalues of the size of rounding error. */
static limn_status by_eigen(limn_fit *fit, double *a, const double *k, const double *y, size_t d,
                            limn_pool *pool, limn_err *err) {
  double *v = limn_take(pool, d * d), *e = limn_take(pool, d), *c = limn_take(pool, d);
  if (pool->failed) return limn_nomem(err, "the eigenvectors of the Gram matrix", d * d, sizeof *v);
  memcpy(v, k, d * d * sizeof *v);
  TRY(limn_la_eigh(e, v, d, true, err));
  double least = 4 * (double)d * DBL_EPSILON * e[d - 1];
  TRY(limn_la_gemv(c, v, d, true, y, d, d, 1, 0, err));
  size_t rank = 0;
  double smallest = e[d - 1];
  for (size_t i = 0; i < d; i++) {
    bool kept = e[i] > least;
    if (kept && rank == 0) smallest = e[i];
    rank += kept;
    c[i] = kept ? c[i] / e[i] : 0;
  }
  TRY(limn_la_gemv(a, v, d, false, c, d, d, 1, 0, err));
  fit->rank = rank;
  fit->rcond = rank > 0 ? sqrt(smallest / e[d - 1]) : 0;
  return LIMN_OK;
}

/* The dense methods on the reduced form of a FeatureSet. */
static limn_status by_columns(limn_fit *fit, double *weights, double *dual, const limn_design *x,
                              const double *y, limn_pool *pool, const limn_token *token,
                              limn_err *err) {
  limn_reduced r;
  limn_status st = limn_design_reduce(&r, x, true, token, err);
  double *w = limn_take(pool, r.count);
  if (!st && !w) st = limn_nomem(err, "weights", r.count, sizeof *w);
  if (!st) st = limn_dense_minnorm(fit, w, dual, r.x, r.points, r.count, y, token, err);
  if (!st && weights) limn_reduced_expand(weights, &r, w, true);
  if (!st && r.count < x->count) {
    size_t used = strlen(fit->method);
    snprintf(fit->method + used, sizeof fit->method - used, "; equal columns merged, %llu -> %zu",
             (unsigned long long)x->count, r.count);
  }
  limn_reduced_free(&r);
  return st;
}

static limn_status by_gram(bool *done, limn_fit *fit, double *dual, const limn_design *x,
                           const double *y, bool fallback, limn_pool *pool, const limn_token *token,
                           limn_err *err) {
  size_t d = (size_t)x->points;
  limn_kind kind = limn_features_kind(x->set);
  bool exact = kind == LIMN_SIGN || kind == LIMN_BINARY;
  double *k = limn_take(pool, d * d), *b = limn_take(pool, d), *r = limn_take(pool, d);
  if (pool->failed) return limn_nomem(err, "the Gram matrix", d * d, sizeof *k);
  TRY(limn_features_gram(k, x->set, token, err));
  int ey = limn_exponent(y, d, 1);
  for (size_t i = 0; i < d; i++) b[i] = ldexp(y[i], -ey);
  /* An exact K is usable up to its full precision, a rounded K only while cond(F) is moderate. */
  double floor = exact ? 16 * (double)d * DBL_EPSILON : 1e-10;
  TRY(by_cholesky(done, fit, dual, k, floor, b, d, pool, err));
  if (*done)
    snprintf(fit->method, sizeof fit->method,
             "dual Gram %zu x %zu (%s), Cholesky, refined in long double (N > D, rcond %.1e)", d, d,
             exact ? "exact integers" : "rounded", fit->rcond);
  if (!*done && !fallback) return LIMN_OK;
  if (!*done) {
    TRY(by_eigen(fit, dual, k, b, d, pool, err));
    snprintf(fit->method, sizeof fit->method,
             "eigenvalues of the dual Gram %zu x %zu (K not positive definite; features too many "
             "to factorise); singular values below %.0e of the largest count as 0",
             d, d, sqrt(4 * (double)d * DBL_EPSILON));
  }
  measure(fit, r, b, k, dual, d, x->count);
  for (size_t i = 0; i < d; i++) dual[i] = ldexp(dual[i], ey);
  fit->norm = ldexp(fit->norm, ey);
  fit->residual = ldexp(fit->residual, ey);
  *done = true;
  return LIMN_OK;
}

static limn_status of_set(limn_fit *fit, double *weights, double *dual, const limn_design *x,
                          const double *y, limn_pool *pool, const limn_token *token,
                          limn_err *err) {
  uint64_t n = limn_design_reduced_count(x), d = x->points;
  bool dense = n <= LIMN_DENSE_MOST / d, done = false;
  bool small = dense && (n <= d || limn_features_kind(x->set) == LIMN_REAL);
  if (!small) TRY(by_gram(&done, fit, dual, x, y, !dense, pool, token, err));
  if (!done) return by_columns(fit, weights, dual, x, y, pool, token, err);
  return weights ? limn_design_weights(weights, x, dual, token, err) : LIMN_OK;
}

limn_status limn_regress_minnorm(limn_fit *fit, double *weights, double *dual, const limn_design *x,
                                 const double *y, const limn_token *token, limn_err *err) {
  memset(fit, 0, sizeof *fit);
  fit->gap = NAN;
  TRY(limn_design_check(x, y, err));
  size_t d = (size_t)x->points;
  limn_pool pool = {.used = 0};
  limn_status st = LIMN_OK;
  if (!dual) dual = limn_take(&pool, d);
  if (!weights && x->dense) weights = limn_take(&pool, (size_t)x->count);
  if (pool.failed) st = limn_nomem(err, "weights", pool.failed, sizeof *dual);
  if (!st && x->dense)
    st = limn_dense_minnorm(fit, weights, dual, x->dense, d, (size_t)x->count, y, token, err);
  else if (!st)
    st = of_set(fit, weights, dual, x, y, &pool, token, err);
  limn_pool_free(&pool);
  return st;
}
