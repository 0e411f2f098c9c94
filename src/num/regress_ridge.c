/* regress_ridge.c: ridge regression for a list of lambda from one factorisation, with leave-one-out
 * errors.
 *
 * With (K + lambda I) a = y, K = F F': w = F'a, the residual is lambda a, and leaving point i out
 * costs a_i / [(K + lambda I)^-1]_ii: no difference of nearly equal numbers, so it holds for lambda
 * -> 0 too. Where K is singular and lambda = 0 the residual over 1 - h_ii (h the hat matrix) takes
 * its place. */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "linalg.h"
#include "regress_core.h"

#define WHO "ridge"
#define TRY(call)                                                                                  \
  do {                                                                                             \
    limn_status st_ = (call);                                                                      \
    if (st_) return st_;                                                                           \
  } while (0)

/* F = U diag(s) V' in squared singular values e = s^2: U (d,k), e (k); vt (k,n) or NULL (K's
 * eigenvectors). */
typedef struct {
  size_t d, n, k, rank;
  double *u, *e, *s, *vt;
} spectrum;

static limn_status need(const limn_pool *pool, limn_err *err) {
  return pool->failed ? limn_nomem(err, WHO, "work space", pool->failed, sizeof(double)) : LIMN_OK;
}

/* Scores from the residual r, the dual a and, per point, the diagonals of the inverse and of 1 -
 * hat. */
static void score(double *loo, double *gcv, const spectrum *f, const double *a, const double *r,
                  double lambda) {
  double sum = 0, trace = 0, squares = 0;
  bool whole = f->rank == f->d || lambda > 0; /* K + lambda I can be inverted */
  for (size_t i = 0; i < f->d; i++) {
    double inverse = 0, hat = 0, in_range = 0;
    for (size_t c = 0; c < f->k; c++) {
      double v = f->u[i * f->k + c] * f->u[i * f->k + c];
      if (!(c < f->rank) && lambda == 0) continue;
      inverse += v / (f->e[c] + lambda);
      hat += v * f->e[c] / (f->e[c] + lambda);
      in_range += v;
    }
    if (whole && f->k < f->d)
      inverse += (1 - in_range) / lambda; /* directions that no feature reaches */
    double left = whole ? a[i] / inverse : r[i] / (1 - hat);
    sum += left * left;
    trace += whole ? inverse : 1 - hat;
    squares += whole ? a[i] * a[i] : r[i] * r[i];
  }
  double d = (double)f->d;
  if (loo) *loo = sum / d;
  if (gcv) *gcv = d * squares / (trace * trace);
}

static void describe(limn_fit *fit, const spectrum *f, double lambda, const char *route,
                     uint64_t n) {
  fit->rank = f->rank;
  fit->rcond = f->rank > 0 ? sqrt((f->e[f->rank - 1] + lambda) / (f->e[0] + lambda)) : 0;
  snprintf(fit->method, sizeof fit->method, "%s of %zu x %llu, lambda %g", route, f->d,
           (unsigned long long)n, lambda);
}

/* ---- FeatureSets: eigenvectors of K ---- */

static limn_status eigen_of(spectrum *f, const double *k, size_t d, limn_pool *pool,
                            limn_err *err) {
  double *v = limn_take(pool, d * d), *w = limn_take(pool, d);
  f->d = f->k = d;
  f->u = limn_take(pool, d * d), f->e = limn_take(pool, d);
  TRY(need(pool, err));
  memcpy(v, k, d * d * sizeof *v);
  TRY(limn_la_eigh(w, v, d, true, WHO, err));
  for (size_t c = 0; c < d; c++) { /* descending */
    f->e[c] = w[d - 1 - c] > 0 ? w[d - 1 - c] : 0;
    for (size_t i = 0; i < d; i++) f->u[i * d + c] = v[i * d + d - 1 - c];
  }
  while (f->rank < d && f->e[f->rank] > 4 * (double)d * DBL_EPSILON * f->e[0]) f->rank++;
  return LIMN_OK;
}

/* a += (K + lambda I)^+ r, twice: the second time on the residual in long double. */
static limn_status dual_of(double *a, double *r, double *c, const spectrum *f, const double *k,
                           const double *y, double lambda, limn_err *err) {
  size_t d = f->d;
  memset(a, 0, d * sizeof *a);
  for (int step = 0; step < 2; step++) {
    for (size_t i = 0; i < d; i++) {
      long double sum = y[i] - (long double)lambda * a[i];
      for (size_t j = 0; j < d; j++) sum -= (long double)k[i * d + j] * a[j];
      r[i] = (double)sum;
    }
    TRY(limn_la_gemv(c, f->u, d, true, r, d, d, 1, 0, WHO, err));
    for (size_t i = 0; i < d; i++) c[i] = i < f->rank || lambda > 0 ? c[i] / (f->e[i] + lambda) : 0;
    TRY(limn_la_gemv(a, f->u, d, false, c, d, d, 1, 1, WHO, err));
  }
  return LIMN_OK;
}

static limn_status by_gram(limn_fit *fits, double *weights, double *dual, double *loo, double *gcv,
                           const limn_design *x, const double *y, const double *lambda,
                           uint64_t lambdas, limn_pool *pool, const limn_token *token,
                           limn_err *err) {
  size_t d = (size_t)x->points;
  double *k = limn_take(pool, d * d), *a = limn_take(pool, d), *r = limn_take(pool, d),
         *c = limn_take(pool, d);
  TRY(need(pool, err));
  TRY(limn_features_gram(x->set, k, token, err));
  spectrum f = {.rank = 0};
  TRY(eigen_of(&f, k, d, pool, err));
  for (uint64_t l = 0; l < lambdas; l++) {
    TRY(dual_of(a, r, c, &f, k, y, lambda[l], err));
    double square = 0;
    for (size_t i = 0; i < d; i++) {
      long double fitted = 0;
      for (size_t j = 0; j < d; j++) fitted += (long double)k[i * d + j] * a[j];
      r[i] = (double)(y[i] - fitted);
      square += a[i] * (double)fitted;
    }
    describe(&fits[l], &f, lambda[l], "eigenvectors of the Gram matrix", x->count);
    fits[l].norm = square > 0 ? sqrt(square) : 0;
    fits[l].residual = limn_length(r, d);
    fits[l].has_dual = true;
    score(loo ? loo + l : NULL, gcv ? gcv + l : NULL, &f, a, r, lambda[l]);
    if (dual) memcpy(dual + l * d, a, d * sizeof *a);
    if (weights) TRY(limn_design_weights(weights + l * x->count, x, a, WHO, token, err));
    if (limn_cancelled(token)) return limn_stopped(err, WHO);
  }
  return LIMN_OK;
}

/* ---- dense: SVD ---- */

/* w, a and r for one lambda from the SVD; w refined once on the normal equations' residual. */
static limn_status from_svd(double *w, double *a, double *r, double *c, double *g,
                            const spectrum *f, const double *x, const double *y, double lambda,
                            limn_err *err) {
  size_t d = f->d, n = f->n, k = f->k;
  TRY(limn_la_gemv(c, f->u, k, true, y, d, k, 1, 0, WHO, err));
  for (size_t i = 0; i < d; i++) a[i] = y[i];
  TRY(limn_la_gemv(a, f->u, k, false, c, d, k, -1, 1, WHO, err)); /* y's part outside the range */
  for (size_t i = 0; i < d; i++) a[i] = lambda > 0 && k < d ? a[i] / lambda : 0;
  for (size_t j = 0; j < k; j++) g[j] = j < f->rank || lambda > 0 ? c[j] / (f->e[j] + lambda) : 0;
  TRY(limn_la_gemv(a, f->u, k, false, g, d, k, 1, 1, WHO, err));
  for (size_t j = 0; j < k; j++) g[j] *= f->s[j];
  TRY(limn_la_gemv(w, f->vt, n, true, g, k, n, 1, 0, WHO, err));
  for (int step = 0; step < 2; step++) {
    for (size_t i = 0; i < d; i++) {
      long double sum = y[i];
      for (size_t j = 0; j < n; j++) sum -= (long double)x[i * n + j] * w[j];
      r[i] = (double)sum;
    }
    if (step == 1) break;
    /* dw = V (s^2 + lambda)^-1 (s U'r - lambda V'w) */
    TRY(limn_la_gemv(c, f->u, k, true, r, d, k, 1, 0, WHO, err));
    TRY(limn_la_gemv(g, f->vt, n, false, w, k, n, 1, 0, WHO, err));
    for (size_t j = 0; j < k; j++)
      g[j] = j < f->rank || lambda > 0 ? (f->s[j] * c[j] - lambda * g[j]) / (f->e[j] + lambda) : 0;
    TRY(limn_la_gemv(w, f->vt, n, true, g, k, n, 1, 1, WHO, err));
  }
  return LIMN_OK;
}

static limn_status by_svd(limn_fit *fits, double *weights, double *dual, double *loo, double *gcv,
                          const limn_reduced *m, uint64_t count, const double *y,
                          const double *lambda, uint64_t lambdas, limn_pool *pool,
                          const limn_token *token, limn_err *err) {
  size_t d = m->points, n = m->count, k = d < n ? d : n;
  spectrum f = {.d = d, .n = n, .k = k};
  f.u = limn_take(pool, d * k), f.s = limn_take(pool, k), f.e = limn_take(pool, k),
  f.vt = limn_take(pool, k * n);
  double *x = limn_take(pool, d * n), *b = limn_take(pool, d), *w = limn_take(pool, n),
         *a = limn_take(pool, d);
  double *r = limn_take(pool, d), *c = limn_take(pool, k), *g = limn_take(pool, k);
  TRY(need(pool, err));
  int ex = limn_exponent(m->x, d * n, 1), ey = limn_exponent(y, d, 1);
  for (size_t i = 0; i < d * n; i++) x[i] = ldexp(m->x[i], -ex);
  for (size_t i = 0; i < d; i++) b[i] = ldexp(y[i], -ey);
  TRY(limn_la_svd(f.u, f.s, f.vt, x, d, n, WHO, err));
  for (size_t j = 0; j < k; j++) f.e[j] = f.s[j] * f.s[j];
  while (f.rank < k && f.s[f.rank] > (double)(d > n ? d : n) * DBL_EPSILON * f.s[0]) f.rank++;
  for (uint64_t l = 0; l < lambdas; l++) {
    double scaled = ldexp(lambda[l], -2 * ex);
    TRY(from_svd(w, a, r, c, g, &f, x, b, scaled, err));
    describe(&fits[l], &f, scaled, "SVD", count);
    snprintf(fits[l].method, sizeof fits[l].method, "SVD of %zu x %zu, lambda %g", d, n, lambda[l]);
    score(loo ? loo + l : NULL, gcv ? gcv + l : NULL, &f, a, r, scaled);
    if (loo) loo[l] = ldexp(loo[l], 2 * ey);
    if (gcv) gcv[l] = ldexp(gcv[l], 2 * ey);
    for (size_t j = 0; j < n; j++) w[j] = ldexp(w[j], ey - ex);
    fits[l].norm = limn_length(w, n);
    fits[l].residual = ldexp(limn_length(r, d), ey);
    if (weights) limn_reduced_expand(weights + l * count, m, w, true);
    for (size_t i = 0; i < d; i++) a[i] = ldexp(a[i], ey - 2 * ex);
    fits[l].has_dual = limn_la_nonfinite(a, d) == d;
    if (dual) memcpy(dual + l * d, a, d * sizeof *a);
    if (limn_cancelled(token)) return limn_stopped(err, WHO);
  }
  return LIMN_OK;
}

/* ---- one lambda, N > D: Cholesky ---- */

/* *done = false when K + lambda I is too ill-conditioned, or F out of the safe range, for it. */
static limn_status by_cholesky(bool *done, limn_fit *fit, double *weights, double *dual,
                               double *loo, double *gcv, const limn_design *x, const double *y,
                               double lambda, limn_pool *pool, limn_err *err) {
  size_t d = (size_t)x->points, n = (size_t)x->count;
  int ex = limn_exponent(x->dense, d * n, 1);
  *done = false;
  if (ex > 200 || ex < -200) return LIMN_OK;
  double *k = limn_take(pool, d * d), *a = limn_take(pool, d), *w = limn_take(pool, n),
         *r = limn_take(pool, d), rcond;
  TRY(need(pool, err));
  TRY(limn_la_syrk(k, d, x->dense, n, false, d, n, 1, 0, WHO, err));
  for (size_t i = 0; i < d; i++) k[i * d + i] += lambda;
  double size = limn_la_norm1(k, d, d);
  limn_err ignored;
  limn_status st = limn_la_chol(k, d, NULL, WHO, &ignored);
  if (st == LIMN_ENUMERIC) return LIMN_OK;
  if (st) return limn_fail(err, st, "%s", ignored.text);
  TRY(limn_la_chol_rcond(&rcond, k, d, size, WHO, err));
  if (rcond < 1e-8) return LIMN_OK;
  memcpy(r, y, d * sizeof *r);
  for (int step = 0; step < 3; step++) { /* the solve, and two refinements on F itself */
    TRY(limn_la_chol_solve(r, k, d, 1, WHO, err));
    for (size_t i = 0; i < d; i++) a[i] += r[i];
    TRY(limn_la_gemv(w, x->dense, n, true, a, d, n, 1, 0, WHO, err));
    for (size_t i = 0; i < d; i++) r[i] = y[i] - lambda * a[i];
    TRY(limn_la_gemv(r, x->dense, n, false, w, d, n, -1, 1, WHO, err));
  }
  for (size_t i = 0; i < d; i++) r[i] = lambda * a[i];
  fit->rank = d, fit->rcond = sqrt(rcond), fit->has_dual = true, fit->iterations = 2;
  fit->norm = limn_length(w, n), fit->residual = limn_length(r, d);
  snprintf(fit->method, sizeof fit->method,
           "Cholesky of the dual %zu x %zu, refined on the features, lambda %g", d, d, lambda);
  if (weights) memcpy(weights, w, n * sizeof *w);
  if (dual) memcpy(dual, a, d * sizeof *a);
  *done = true;
  if (!loo && !gcv) return LIMN_OK;
  TRY(limn_la_chol_inverse(k, d, WHO, err));
  double sum = 0, trace = 0, squares = 0;
  for (size_t i = 0; i < d; i++) {
    double left = a[i] / k[i * d + i];
    sum += left * left, trace += k[i * d + i], squares += a[i] * a[i];
  }
  if (loo) *loo = sum / (double)d;
  if (gcv) *gcv = (double)d * squares / (trace * trace);
  return LIMN_OK;
}

limn_status limn_regress_ridge(limn_fit *fits, double *weights, double *dual, double *loo,
                               double *gcv, const limn_design *x, const double *y,
                               const double *lambda, uint64_t lambdas, const limn_token *token,
                               limn_err *err) {
  if (lambdas == 0)
    return limn_fail(err, LIMN_EINVAL, "ridge: lambda must have at least 1 entry, got 0");
  for (uint64_t l = 0; l < lambdas; l++)
    if (!(lambda[l] >= 0) || isinf(lambda[l]))
      return limn_fail(err, LIMN_EINVAL, "ridge: lambda must be finite and at least 0, got %g",
                       lambda[l]);
  TRY(limn_design_check(x, y, WHO, err));
  memset(fits, 0, (size_t)lambdas * sizeof *fits);
  limn_pool pool = {.used = 0};
  limn_status st = LIMN_OK;
  bool done = false;
  uint64_t n = limn_design_reduced_count(x);
  bool gram = x->set && n > x->points &&
              !(limn_features_kind(x->set) == LIMN_REAL && n <= LIMN_DENSE_MOST / x->points);
  if (gram) st = by_gram(fits, weights, dual, loo, gcv, x, y, lambda, lambdas, &pool, token, err);
  if (x->dense && lambdas == 1 && *lambda > 0 && n > x->points)
    st = by_cholesky(&done, fits, weights, dual, loo, gcv, x, y, *lambda, &pool, err);
  if (!st && !gram && !done) {
    limn_reduced m;
    st = limn_design_reduce(&m, x, true, WHO, token, err);
    if (!st)
      st = by_svd(fits, weights, dual, loo, gcv, &m, x->count, y, lambda, lambdas, &pool, token,
                  err);
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
