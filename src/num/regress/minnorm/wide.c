/* wide.c: minimum-norm interpolation of a dense matrix with more columns than rows.
 *
 * Rows are scaled by powers of two, which does not change an interpolant. The Gram matrix is used
 * while it is well conditioned, then a pivoted QR of the transpose, and a complete orthogonal
 * factorisation if the rank is deficient. */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "num/linalg/linalg.h"
#include "num/regress/minnorm/qr.h"
#include "num/regress/minnorm/routes.h"

#define TRY LIMN_TRY

/* Rows scaled to about 1: B (d,n), and the labels b: y_i = b_i 2^(ex_i + ey). */
static limn_status scale_rows(limn_scaled *s, limn_pool *pool, const double *x, size_t d, size_t n,
                              const double *y, limn_err *err) {
  s->d = d, s->n = n, s->ey = -100000;
  s->a = limn_take(pool, d * n);
  s->b = limn_take(pool, d);
  s->ex = (int *)(void *)limn_take(pool, d);
  TRY(limn_qr_need(pool, err));
  for (size_t i = 0; i < d; i++) {
    int e = 0;
    s->ex[i] = limn_exponent(x + i * n, n, 1);
    double by = ldexp(1, -s->ex[i]);
    for (size_t j = 0; j < n; j++) s->a[i * n + j] = x[i * n + j] * by;
    frexp(y[i], &e);
    if (y[i] != 0 && e - s->ex[i] > s->ey) s->ey = e - s->ex[i];
  }
  if (s->ey == -100000) s->ey = 0;
  for (size_t i = 0; i < d; i++) s->b[i] = ldexp(y[i], -s->ex[i] - s->ey);
  return LIMN_OK;
}

/* K = B B' and Cholesky. *done: whether cond(F) is below about 1000. */
static limn_status wide_gram(bool *done, limn_fit *fit, double *w, double *u, const limn_scaled *s,
                             limn_pool *pool, limn_err *err) {
  size_t d = s->d, n = s->n, pivot;
  double *k = limn_take(pool, d * d), *r = limn_take(pool, d);
  TRY(limn_qr_need(pool, err));
  *done = false;
  TRY(limn_la_syrk(k, d, s->a, n, false, d, n, 1, 0, err));
  double size = limn_la_norm1(k, d, d), rcond;
  limn_err ignored;
  limn_status st = limn_la_chol(k, d, &pivot, &ignored);
  if (st == LIMN_ENUMERIC) return LIMN_OK;
  if (st) return limn_pass(err, &ignored);
  TRY(limn_la_chol_rcond(&rcond, k, d, size, err));
  if (rcond < 1e-6) return LIMN_OK;
  fit->rcond = sqrt(rcond);
  memcpy(u, s->b, d * sizeof *u);
  TRY(limn_la_chol_solve(u, k, d, 1, err));
  TRY(limn_la_gemv(w, s->a, n, true, u, d, n, 1, 0, err));
  double last = INFINITY;
  for (int step = 1; step <= LIMN_REFINE;
       step++) { /* residuals of F, not of K: K is only the preconditioner */
    limn_qr_defect(r, s->b, NULL, s->a, w, d, n);
    TRY(limn_la_chol_solve(r, k, d, 1, err));
    double change = limn_length(r, d), now = limn_length(u, d);
    if (change > last / 2) break;
    for (size_t i = 0; i < d; i++) u[i] += r[i];
    TRY(limn_la_gemv(w, s->a, n, true, u, d, n, 1, 0, err));
    fit->iterations = (uint64_t)step;
    last = change;
    if (change <= DBL_EPSILON * now) break;
  }
  snprintf(fit->method, sizeof fit->method,
           "dual Gram %zu x %zu, Cholesky, refined on the features (N > D, rcond %.1e)", d, d,
           fit->rcond);
  fit->rank = d;
  *done = true;
  return LIMN_OK;
}

/* out (n,d) = a' */
static void flip(double *out, const double *a, size_t d, size_t n) {
  for (size_t jb = 0; jb < n; jb += 64)
    for (size_t i = 0; i < d; i++)
      for (size_t j = jb; j < n && j < jb + 64; j++) out[j * d + i] = a[i * n + j];
}

/* Full row rank: B'P = Q R, w = Q R'^-1 P'b, refined with long double residuals. */
static limn_status wide_full(limn_fit *fit, double *w, double *u, const limn_scaled *s,
                             const limn_factors *q, limn_pool *pool, limn_err *err) {
  size_t d = s->d, n = s->n;
  double *r = limn_take(pool, d), *dw = limn_take(pool, n), *du = limn_take(pool, d),
         last = INFINITY;
  TRY(limn_qr_need(pool, err));
  for (int step = 0; step <= LIMN_REFINE; step++) {
    limn_qr_defect(r, s->b, NULL, s->a, w, d, n);
    memset(dw, 0, n * sizeof *dw);
    for (size_t i = 0; i < d; i++) dw[i] = r[q->perm[i]];
    TRY(limn_qr_solve(dw, q, true, err));
    memcpy(du, dw, d * sizeof *du);
    TRY(limn_qr_solve(du, q, false, err));
    TRY(limn_qr_apply(dw, q, false, err));
    double change = limn_length(dw, n), size = limn_length(w, n);
    if (step > 1 && change > last / 2) break;
    for (size_t j = 0; j < n; j++) w[j] += dw[j];
    for (size_t i = 0; i < d; i++) u[q->perm[i]] += du[i];
    fit->iterations = (uint64_t)step;
    last = change;
    if (step > 0 && change <= DBL_EPSILON / 4 * size) break;
  }
  return LIMN_OK;
}

/* Rank deficient: F'P = Q [R11 R12], so F = P [R11 R12]' Q1': z by least squares of the (d,r)
 * factor; w = Q1 z then lies in the row space and has minimum norm. All rows have one common scale,
 * because inconsistent rows must not be weighted. */
static limn_status wide_deficient(limn_fit *fit, double *w, double *u, double *r, const double *g,
                                  double *b, size_t d, size_t n, const limn_factors *q,
                                  limn_pool *pool, limn_err *err) {
  size_t k = q->rank;
  limn_factors t = {.rank = 0};
  double *lower = limn_take(pool, d * (k ? k : 1)), *c = limn_take(pool, d),
         *dw = limn_take(pool, n);
  TRY(limn_qr_need(pool, err));
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < k && j <= i; j++) lower[i * k + j] = q->f[i * n + j];
  if (k > 0) TRY(limn_qr_factorise(&t, pool, lower, d, k, err));
  t.rank = k;
  for (int step = 0; step < 3 && k > 0; step++) {
    limn_qr_defect(r, b, NULL, g, w, d, n);
    for (size_t i = 0; i < d; i++) c[i] = r[q->perm[i]];
    TRY(limn_qr_apply(c, &t, true, err));
    TRY(limn_qr_solve(c, &t, false, err));
    memset(dw, 0, n * sizeof *dw);
    for (size_t i = 0; i < k; i++) dw[t.perm[i]] = c[i];
    memset(c, 0, d * sizeof *c);
    memcpy(c, dw, k * sizeof *c);
    TRY(limn_qr_solve(c, q, false, err));
    for (size_t i = 0; i < k; i++) u[q->perm[i]] += c[i];
    TRY(limn_qr_apply(dw, q, false, err));
    for (size_t j = 0; j < n; j++) w[j] += dw[j];
    fit->iterations = (uint64_t)step;
  }
  limn_qr_defect(r, b, NULL, g, w, d, n);
  return LIMN_OK;
}

limn_status limn_dense_wide(limn_fit *fit, double *w, double *a, const double *x, size_t d,
                            size_t n, const double *y, limn_pool *pool, const limn_token *token,
                            limn_err *err) {
  limn_scaled s;
  bool done;
  TRY(scale_rows(&s, pool, x, d, n, y, err));
  double *u = limn_take(pool, d), *r = limn_take(pool, d);
  TRY(limn_qr_need(pool, err));
  memset(w, 0, n * sizeof *w);
  TRY(wide_gram(&done, fit, w, u, &s, pool, err));
  if (!done) {
    limn_factors q;
    if (limn_cancelled(token)) return limn_stopped(err);
    double *t = limn_take(pool, n * d);
    TRY(limn_qr_need(pool, err));
    memset(w, 0, n * sizeof *w);
    memset(u, 0, d * sizeof *u);
    flip(t, s.a, d, n);
    TRY(limn_qr_factorise(&q, pool, t, n, d, err));
    TRY(limn_qr_condition(&fit->rcond, &q, pool, err));
    fit->rank = q.rank;
    if (q.rank == d) {
      TRY(wide_full(fit, w, u, &s, &q, pool, err));
      snprintf(fit->method, sizeof fit->method,
               "pivoted QR of the transpose, rows scaled, refined in long double (Gram matrix too "
               "ill-conditioned, rcond %.1e)",
               fit->rcond);
    } else {
      int top = limn_exponent(x, d * n, 1), ey = limn_exponent(y, d, 1);
      for (size_t i = 0; i < d; i++) {
        s.ex[i] = top;
        s.b[i] = ldexp(y[i], -ey);
        for (size_t j = 0; j < n; j++) s.a[i * n + j] = ldexp(x[i * n + j], -top);
      }
      s.ey = ey - top;
      flip(t, s.a, d, n);
      TRY(limn_qr_factorise(&q, pool, t, n, d, err));
      TRY(limn_qr_condition(&fit->rcond, &q, pool, err));
      fit->rank = q.rank;
      TRY(wide_deficient(fit, w, u, r, s.a, s.b, d, n, &q, pool, err));
      snprintf(fit->method, sizeof fit->method,
               "complete orthogonal factorisation of %zu x %zu (N > D, rank %zu < D)", d, n,
               q.rank);
    }
  }
  /* in the caller's units: w = w' 2^ey; y_i - (F w)_i = (b - B w')_i 2^(ex_i + ey) */
  limn_qr_defect(r, s.b, NULL, s.a, w, d, n);
  for (size_t i = 0; i < d; i++) r[i] = ldexp(r[i], s.ex[i] + s.ey);
  for (size_t j = 0; j < n; j++) w[j] = ldexp(w[j], s.ey);
  fit->norm = limn_length(w, n);
  limn_fit_judge(fit, limn_length(r, d), limn_length(y, d), d, n);
  if (a) {
    for (size_t i = 0; i < d; i++) a[i] = ldexp(u[i], s.ey - s.ex[i]);
    fit->has_dual = limn_la_nonfinite(a, d) == d;
  }
  return LIMN_OK;
}
