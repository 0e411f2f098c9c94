/* tall.c: minimum-norm least squares of a dense matrix with no more columns than rows.
 *
 * Columns are scaled by powers of two, which is exact and does not change a full-rank solution.
 * Residuals are summed in long double, so that refinement can exceed the accuracy of double
 * residuals. */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "num/linalg/linalg.h"
#include "num/regress/minnorm/qr.h"
#include "num/regress/minnorm/routes.h"

#define TRY LIMN_TRY

/* out (n) = -A'r. sum: n long doubles. */
static void normal_defect(double *out, long double *sum, const double *a, const double *r, size_t d,
                          size_t n) {
  memset(sum, 0, n * sizeof *sum);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < n; j++) sum[j] -= (long double)a[i * n + j] * r[i];
  for (size_t j = 0; j < n; j++) out[j] = (double)sum[j];
}

static limn_status scale_columns(limn_scaled *s, limn_pool *pool, const double *x, size_t d,
                                 size_t n, const double *y, limn_err *err) {
  s->d = d, s->n = n;
  s->a = limn_take(pool, d * n);
  s->b = limn_take(pool, d);
  s->ex = (int *)(void *)limn_take(pool, n);
  double *by = limn_take(pool, n);
  TRY(limn_qr_need(pool, err));
  s->ey = limn_exponent(y, d, 1);
  for (size_t j = 0; j < n; j++) {
    s->ex[j] = limn_exponent(x + j, d, n);
    by[j] = ldexp(1, -s->ex[j]);
  }
  for (size_t i = 0; i < d; i++) {
    s->b[i] = ldexp(y[i], -s->ey);
    for (size_t j = 0; j < n; j++) s->a[i * n + j] = x[i * n + j] * by[j];
  }
  return LIMN_OK;
}

/* z of full rank, with the residual r: the augmented system r + A z = b, A'r = 0, refined
 * jointly. */
static limn_status tall_full(limn_fit *fit, double *z, double *r, const limn_scaled *s,
                             const limn_factors *q, limn_pool *pool, limn_err *err) {
  size_t d = s->d, n = s->n;
  double *f = limn_take(pool, d), *c = limn_take(pool, d), *g = limn_take(pool, n),
         *dz = limn_take(pool, n);
  long double *sum = (long double *)(void *)limn_take(pool, 2 * n);
  TRY(limn_qr_need(pool, err));
  double last = INFINITY;
  memset(z, 0, n * sizeof *z);
  memset(r, 0, d * sizeof *r);
  for (int step = 0; step <= LIMN_REFINE; step++) {
    limn_qr_defect(f, s->b, r, s->a, z, d, n);
    normal_defect(g, sum, s->a, r, d, n);
    memset(c, 0, d * sizeof *c);
    for (size_t j = 0; j < n; j++) c[j] = g[q->perm[j]];
    TRY(limn_qr_solve(c, q, true, err));
    TRY(limn_qr_apply(f, q, true, err));
    for (size_t j = 0; j < n; j++) dz[j] = f[j] - c[j];
    memcpy(c + n, f + n, (d - n) * sizeof *c);
    TRY(limn_qr_solve(dz, q, false, err));
    TRY(limn_qr_apply(c, q, false, err));
    double change = limn_length(dz, n), size = limn_length(z, n);
    if (step > 1 && change > last / 2)
      break; /* no longer contracting: only rounding error is left */
    for (size_t j = 0; j < n; j++) z[q->perm[j]] += dz[j];
    for (size_t i = 0; i < d; i++) r[i] += c[i];
    fit->iterations = (uint64_t)step;
    last = change;
    if (step > 0 && change <= DBL_EPSILON / 4 * size) break;
  }
  return LIMN_OK;
}

/* Rank deficient: a basic solution of b, then (in units of w) projected off the null space: w -= Q1
 * Q1'w. */
typedef struct {
  const limn_scaled *s;
  const limn_factors *q;
  limn_factors null; /* of the null space in units of w, (n, n - r) */
} basic;

static limn_status null_space(basic *t, limn_pool *pool, limn_err *err) {
  size_t n = t->s->n, r = t->q->rank, k = n - r;
  const int *ex = t->s->ex;
  size_t d = t->s->d;
  double *v = limn_take(pool, n * k), *b = limn_take(pool, r), *z = limn_take(pool, n),
         *f = limn_take(pool, d);
  double *zero = limn_take(pool, d);
  TRY(limn_qr_need(pool, err));
  for (size_t c = 0; c < k; c++) {
    for (size_t i = 0; i < r; i++) b[i] = -t->q->f[(r + c) * t->q->m + i];
    TRY(limn_qr_solve(b, t->q, false, err));
    memset(z, 0, n * sizeof *z);
    for (size_t i = 0; i < r; i++) z[t->q->perm[i]] = b[i];
    z[t->q->perm[r + c]] = 1;
    for (int step = 0; step < 2;
         step++) { /* refined, because unscaling may amplify rounding error */
      limn_qr_defect(f, zero, NULL, t->s->a, z, d, n);
      TRY(limn_qr_apply(f, t->q, true, err));
      TRY(limn_qr_solve(f, t->q, false, err));
      for (size_t i = 0; i < r; i++) z[t->q->perm[i]] += f[i];
    }
    for (size_t i = 0; i < r; i++) b[i] = z[t->q->perm[i]];
    int top = -10000; /* the largest exponent of the column, so that it does not overflow */
    for (size_t i = 0; i <= r; i++) {
      int e = 0;
      size_t j = t->q->perm[i < r ? i : r + c];
      double value = i < r ? b[i] : 1;
      frexp(value, &e);
      if (value != 0 && e - ex[j] > top) top = e - ex[j];
    }
    for (size_t i = 0; i < r; i++) v[t->q->perm[i] * k + c] = ldexp(b[i], -ex[t->q->perm[i]] - top);
    v[t->q->perm[r + c] * k + c] = ldexp(1, -ex[t->q->perm[r + c]] - top);
  }
  TRY(limn_qr_factorise(&t->null, pool, v, n, k, err));
  t->null.rank = k; /* independent by construction */
  return LIMN_OK;
}

/* w (n, in units of 2^ey) += the minimum-norm solution for the right-hand side b (d, overwritten).
 */
static limn_status basic_step(double *w, double *b, double *work, const basic *t, limn_err *err) {
  size_t n = t->s->n, r = t->q->rank;
  TRY(limn_qr_apply(b, t->q, true, err));
  TRY(limn_qr_solve(b, t->q, false, err));
  for (size_t i = 0; i < r; i++) w[t->q->perm[i]] += ldexp(b[i], -t->s->ex[t->q->perm[i]]);
  int e = limn_exponent(w, n, 1);
  for (size_t j = 0; j < n; j++) w[j] = ldexp(w[j], -e);
  for (int twice = 0; twice < 2;
       twice++) { /* the second time removes the rounding error of the first */
    memcpy(work, w, n * sizeof *work);
    TRY(limn_qr_apply(work, &t->null, true, err));
    memset(work + (n - r), 0, r * sizeof *work);
    TRY(limn_qr_apply(work, &t->null, false, err));
    for (size_t j = 0; j < n; j++) w[j] -= work[j];
  }
  for (size_t j = 0; j < n; j++) w[j] = ldexp(w[j], e);
  return LIMN_OK;
}

static limn_status tall_deficient(limn_fit *fit, double *z, double *r, const limn_scaled *s,
                                  const limn_factors *q, limn_pool *pool, limn_err *err) {
  size_t d = s->d, n = s->n;
  basic t = {.s = s, .q = q};
  TRY(null_space(&t, pool, err));
  double *w = limn_take(pool, n), *b = limn_take(pool, d), *work = limn_take(pool, n);
  TRY(limn_qr_need(pool, err));
  for (int step = 0; step < 3; step++) {
    limn_qr_defect(r, s->b, NULL, s->a, z, d, n);
    memcpy(b, r, d * sizeof *b);
    TRY(basic_step(w, b, work, &t, err));
    for (size_t j = 0; j < n; j++) z[j] = ldexp(w[j], s->ex[j]);
    fit->iterations = (uint64_t)step;
  }
  limn_qr_defect(r, s->b, NULL, s->a, z, d, n);
  return LIMN_OK;
}

static limn_status tall(limn_fit *fit, double *w, double *a, const double *x, size_t d, size_t n,
                        const double *y, bool merged, limn_pool *pool, limn_err *err);

/* Rank deficient because of duplicate columns: solve for distinct columns times sqrt(copies), which
 * has the same w'w, and divide each weight equally. This is exact; a computed null space would have
 * rounding error. */
static limn_status without_copies(bool *done, limn_fit *fit, double *w, double *a, const double *x,
                                  size_t d, size_t n, const double *y, limn_pool *pool,
                                  limn_err *err) {
  limn_merge m;
  limn_status st = limn_merge_columns(&m, x, d, n, err);
  *done = !st && m.kept > 0 && m.kept < n;
  if (*done) {
    double *u = limn_take(pool, d * m.kept), *v = limn_take(pool, m.kept);
    st = limn_qr_need(pool, err);
    for (size_t i = 0; !st && i < d; i++)
      for (size_t k = 0; k < m.kept; k++)
        u[i * m.kept + k] = x[i * n + m.first[k]] * sqrt(m.copies[k]);
    if (!st) st = tall(fit, v, a, u, d, m.kept, y, true, pool, err);
    for (size_t j = 0; !st && j < n; j++)
      w[j] = m.sign[j] * v[m.owner[j]] / sqrt(m.copies[m.owner[j]]);
    size_t used = strlen(fit->method);
    snprintf(fit->method + used, sizeof fit->method - used, "; equal columns merged, %zu -> %zu", n,
             m.kept);
  }
  limn_merge_free(&m);
  return st;
}

static limn_status tall(limn_fit *fit, double *w, double *a, const double *x, size_t d, size_t n,
                        const double *y, bool merged, limn_pool *pool, limn_err *err) {
  limn_scaled s;
  limn_factors q;
  TRY(scale_columns(&s, pool, x, d, n, y, err));
  TRY(limn_qr_factorise(&q, pool, s.a, d, n, err));
  TRY(limn_qr_condition(&fit->rcond, &q, pool, err));
  double *z = limn_take(pool, n), *r = limn_take(pool, d), *c = limn_take(pool, d);
  TRY(limn_qr_need(pool, err));
  fit->rank = q.rank;
  bool full = q.rank == n;
  if (!full && !merged) {
    bool done;
    TRY(without_copies(&done, fit, w, a, x, d, n, y, pool, err));
    if (done) return LIMN_OK;
  }
  if (full)
    TRY(tall_full(fit, z, r, &s, &q, pool, err));
  else
    TRY(tall_deficient(fit, z, r, &s, &q, pool, err));
  snprintf(
      fit->method, sizeof fit->method,
      full ? "pivoted QR of %zu x %zu, columns scaled, refined in long double (N <= D, full rank)"
           : "pivoted QR of %zu x %zu, columns scaled, least norm off the null space (N <= D, rank "
             "%zu)",
      d, n, q.rank);
  for (size_t j = 0; j < n; j++) w[j] = ldexp(z[j], s.ey - s.ex[j]);
  fit->norm = limn_length(w, n);
  limn_fit_judge(fit, ldexp(limn_length(r, d), s.ey), limn_length(y, d), d, n);
  if (!a) return LIMN_OK;
  /* the dual: A'a' = S w, where A = X S; so R'(Q'a') = P'S w in its leading rows, 0 in the
   * others */
  memset(c, 0, d * sizeof *c);
  for (size_t j = 0; j < q.rank; j++) c[j] = ldexp(w[q.perm[j]], -s.ex[q.perm[j]]);
  fit->has_dual = limn_la_nonfinite(c, d) == d;
  TRY(limn_qr_solve(c, &q, true, err));
  TRY(limn_qr_apply(c, &q, false, err));
  memcpy(a, c, d * sizeof *a);
  fit->has_dual = fit->has_dual && limn_la_nonfinite(a, d) == d;
  return LIMN_OK;
}

limn_status limn_dense_tall(limn_fit *fit, double *w, double *a, const double *x, size_t d,
                            size_t n, const double *y, limn_pool *pool, limn_err *err) {
  return tall(fit, w, a, x, d, n, y, false, pool, err);
}
