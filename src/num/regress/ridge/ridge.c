/* ridge.c: ridge regression for a list of lambda from one factorisation, with leave-one-out errors
 * (score.c): the choice of a method, and the SVD. With (K + lambda I) a = y, K = F F': w = F'a. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "num/linalg/linalg.h"
#include "num/regress/ridge/dual.h"

#define TRY LIMN_TRY

enum {
  LARGEST_LAMBDA = 400
}; /* its exponent; in sums with it the scaled features are rounded off */

/* ---- dense: SVD ---- */

/* lambda 2^-(2 ex + *by), for features that are scaled by 2^-ex, without overflow: the weights for
 * it are those for lambda multiplied by 2^*by. *by is 0 unless lambda is so large that w =
 * X'y/lambda. */
static double scaled_lambda(int *by, double lambda, int ex) {
  int e = 0;
  frexp(lambda, &e);
  *by = e - 2 * ex > LARGEST_LAMBDA ? e - 2 * ex - LARGEST_LAMBDA : 0;
  return ldexp(lambda, -2 * ex - *by);
}

/* w, a, z and r for one lambda from the SVD; w is refined once with the residual of the normal
 * equations. */
static limn_status from_svd(double *w, double *a, double *z, double *r, double *c, double *g,
                            double *full, const limn_spectrum *f, const double *x, const double *y,
                            double lambda, limn_err *err) {
  size_t d = f->d, n = f->n, k = f->k;
  TRY(limn_la_gemv(c, f->u, k, true, y, d, k, 1, 0, err));
  memcpy(z, y, d * sizeof *z);
  TRY(limn_la_gemv(z, f->u, k, false, c, d, f->rank, -1, 1, err));
  limn_ridge_clean(z, y, d);
  for (size_t j = 0; j < k; j++) g[j] = j < f->rank ? c[j] / (f->e[j] + lambda) : 0;
  TRY(limn_la_gemv(a, f->u, k, false, g, d, k, 1, 0, err));
  for (size_t j = 0; j < k; j++) g[j] *= f->s[j];
  TRY(limn_la_gemv(w, f->vt, n, true, g, k, n, 1, 0, err));
  for (int step = 0; step < 2; step++) {
    for (size_t i = 0; i < d; i++) {
      long double sum = y[i];
      for (size_t j = 0; j < n; j++) sum -= (long double)x[i * n + j] * w[j];
      r[i] = (double)sum;
    }
    if (step == 1) break;
    /* dw = V (s^2 + lambda)^-1 V'(X'r - lambda w); with X'r from the factors, whose error is that
     * of the largest singular value, the step would add error where the columns differ in scale */
    for (size_t j = 0; j < n; j++) {
      long double sum = -(long double)lambda * w[j];
      for (size_t i = 0; i < d; i++) sum += (long double)x[i * n + j] * r[i];
      full[j] = (double)sum;
    }
    TRY(limn_la_gemv(g, f->vt, n, false, full, k, n, 1, 0, err));
    for (size_t j = 0; j < k; j++) g[j] = j < f->rank ? g[j] / (f->e[j] + lambda) : 0;
    TRY(limn_la_gemv(w, f->vt, n, true, g, k, n, 1, 1, err));
  }
  return LIMN_OK;
}

static limn_status by_svd(const limn_ridge *p, const limn_reduced *m, limn_pool *pool,
                          limn_err *err) {
  size_t d = m->points, n = m->count, k = d < n ? d : n;
  limn_spectrum f = {.d = d, .n = n, .k = k};
  f.u = limn_take(pool, d * k), f.s = limn_take(pool, k), f.e = limn_take(pool, k),
  f.vt = limn_take(pool, k * n), f.work = limn_take(pool, 2 * k);
  double *x = limn_take(pool, d * n), *b = limn_take(pool, d), *w = limn_take(pool, n),
         *a = limn_take(pool, d), *z = limn_take(pool, d);
  double *r = limn_take(pool, d), *c = limn_take(pool, k), *g = limn_take(pool, k),
         *full = limn_take(pool, n); /* the gradient */
  if (pool->failed) return limn_nomem(err, "work space", pool->failed, sizeof *x);
  int ex = limn_exponent(m->x, d * n, 1), ey = limn_exponent(p->y, d, 1);
  for (size_t i = 0; i < d * n; i++) x[i] = ldexp(m->x[i], -ex);
  for (size_t i = 0; i < d; i++) b[i] = ldexp(p->y[i], -ey);
  TRY(limn_la_svd(f.u, f.s, f.vt, x, d, n, err));
  for (size_t j = 0; j < k; j++) f.e[j] = f.s[j] * f.s[j];
  while (f.rank < k && f.s[f.rank] > (double)(d > n ? d : n) * DBL_EPSILON * f.s[0]) f.rank++;
  /* the others are rounding error; a small lambda would be divided by them */
  for (size_t j = f.rank; j < k; j++) f.s[j] = f.e[j] = 0;
  for (uint64_t l = 0; l < p->lambdas; l++) {
    limn_fit *fit = &p->fits[l];
    int by;
    double lambda = scaled_lambda(&by, p->lambda[l], ex);
    TRY(from_svd(w, a, z, r, c, g, full, &f, x, b, lambda, err));
    fit->rank = f.rank;
    fit->rcond = f.rank > 0 ? sqrt((f.e[f.rank - 1] + lambda) / (f.e[0] + lambda)) : 0;
    snprintf(fit->method, sizeof fit->method, "SVD of %zu x %zu, lambda %g", d, n, p->lambda[l]);
    limn_ridge_score(p, l, &f, a, z, lambda);
    if (p->loo) p->loo[l] = ldexp(p->loo[l], 2 * ey);
    if (p->gcv) p->gcv[l] = ldexp(p->gcv[l], 2 * ey);
    for (size_t j = 0; j < n; j++) w[j] = ldexp(w[j], ey - ex - by);
    fit->norm = limn_length(w, n);
    fit->residual = ldexp(limn_length(r, d), ey);
    if (p->weights) limn_reduced_expand(p->weights + l * p->x->count, m, w, true);
    for (size_t i = 0; i < d; i++) a[i] = ldexp(a[i], ey - 2 * ex - by);
    fit->has_dual = limn_la_nonfinite(a, d) == d;
    if (p->dual) memcpy(p->dual + l * d, a, d * sizeof *a);
    if (limn_cancelled(p->token)) return limn_stopped(err);
  }
  return LIMN_OK;
}

limn_status limn_regress_ridge(limn_fit *fits, double *weights, double *dual, double *loo,
                               double *gcv, const limn_design *x, const double *y,
                               const double *lambda, uint64_t lambdas, const limn_token *token,
                               limn_err *err) {
  if (lambdas == 0)
    return limn_fail_argument(err, LIMN_EINVAL, "lambda", "must have at least 1 entry, got 0");
  for (uint64_t l = 0; l < lambdas; l++)
    if (!(lambda[l] >= 0) || isinf(lambda[l]))
      return limn_fail_entry(err, LIMN_EINVAL, "lambda", lambdas > 1 ? (int64_t)l : -1, -1,
                             "must be finite and at least 0, got %g", lambda[l]);
  TRY(limn_design_check(x, y, err));
  memset(fits, 0, (size_t)lambdas * sizeof *fits);
  limn_ridge p = {x, y, lambda, lambdas, fits, weights, dual, loo, gcv, token};
  limn_pool pool = {.used = 0};
  limn_status st = LIMN_OK;
  bool done = false;
  uint64_t n = limn_design_reduced_count(x);
  bool few = x->set && limn_features_kind(x->set) == LIMN_REAL && n <= LIMN_DENSE_MOST / x->points;
  if (n > x->points && !few) st = limn_ridge_dual(&done, &p, &pool, err);
  if (!st && !done) {
    limn_reduced m;
    limn_pool_free(&pool);
    st = limn_design_reduce(&m, x, true, token, err);
    if (!st) st = by_svd(&p, &m, &pool, err);
    limn_reduced_free(&m);
  }
  double length = limn_length(y, (size_t)x->points);
  for (uint64_t l = 0; !st && l < lambdas; l++) {
    fits[l].gap = NAN;
    fits[l].interpolates = fits[l].residual <= 1e-9 * length;
  }
  limn_pool_free(&pool);
  return st;
}
