/* regress_dense.c: minimum-norm least squares of a dense matrix, tall or wide.
 *
 * All scaling is by powers of two and therefore free of rounding. Tall matrices are scaled by
 * columns (a full-rank solution does not care), wide ones by rows (nor does an interpolant).
 * Residuals are summed in long double, which is what lets refinement gain digits and not only
 * repair them. Notation: QR with column pivoting, A P = Q R, |r_11| >= |r_22| >= ...; r is the
 * rank. */
#include "regress_core.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "linalg.h"

#define WHO "minnorm"
#define TRY(call)                                                                                  \
  do {                                                                                             \
    limn_status st_ = (call);                                                                      \
    if (st_) return st_;                                                                           \
  } while (0)

enum { REFINE = 8 }; /* refinement steps at most; two or three are usual */

/* A pivoted QR of an (m,n) matrix: r_ij is f[j*m + i]. */
typedef struct {
  double *f, *tau;
  size_t *perm;
  size_t m, n, rank;
} factors;

static limn_status need(const limn_pool *pool, limn_err *err) {
  return pool->failed ? limn_nomem(err, WHO, "work space", pool->failed, sizeof(double)) : LIMN_OK;
}

static limn_status factorise(factors *q, limn_pool *pool, const double *a, size_t m, size_t n,
                             limn_err *err) {
  size_t k = m < n ? m : n;
  q->m = m, q->n = n, q->rank = 0;
  q->f = limn_take(pool, m * n);
  q->tau = limn_take(pool, k);
  q->perm = (size_t *)(void *)limn_take(pool, n);
  TRY(need(pool, err));
  TRY(limn_la_qrp(q->f, q->tau, q->perm, a, m, n, WHO, err));
  double least = DBL_EPSILON * (double)(m > n ? m : n) * fabs(q->f[0]);
  while (q->rank < k && fabs(q->f[q->rank * m + q->rank]) > least) q->rank++;
  return LIMN_OK;
}

/* In place: the leading r entries of b become R11^-1 b, or R11'^-1 b. */
static limn_status solve_r(double *b, const factors *q, bool transposed, limn_err *err) {
  if (q->rank == 0) return LIMN_OK;
  return limn_la_trsm(b, 1, q->f, q->m, false, !transposed, q->rank, 1, WHO, err);
}

/* In place: b (m) becomes Q b or Q'b. */
static limn_status apply_q(double *b, const factors *q, bool transposed, limn_err *err) {
  return limn_la_qrp_apply(b, q->f, q->tau, transposed, q->m, q->n, 1, WHO, err);
}

/* rcond of the factored matrix (of R11 when it is deficient), from the estimate for R11'R11. */
static limn_status condition(double *rcond, const factors *q, limn_pool *pool, limn_err *err) {
  size_t r = q->rank;
  *rcond = 0;
  if (r == 0) return LIMN_OK;
  double *l = limn_take(pool, r * r), *g = limn_take(pool, r * r);
  TRY(need(pool, err));
  for (size_t j = 0; j < r; j++) memcpy(l + j * r, q->f + j * q->m, (j + 1) * sizeof *l);
  TRY(limn_la_syrk(g, r, l, r, false, r, r, 1, 0, WHO, err));
  TRY(limn_la_chol_rcond(rcond, l, r, limn_la_norm1(g, r, r), WHO, err));
  *rcond = sqrt(*rcond);
  return LIMN_OK;
}

/* out (d) = y - r - A z, A (d,n); r may be NULL. */
static void defect(double *out, const double *y, const double *r, const double *a, const double *z,
                   size_t d, size_t n) {
  for (size_t i = 0; i < d; i++) {
    long double sum = y[i];
    if (r) sum -= r[i];
    for (size_t j = 0; j < n; j++) sum -= (long double)a[i * n + j] * z[j];
    out[i] = (double)sum;
  }
}

/* out (n) = -A'r. sum: n long doubles. */
static void normal_defect(double *out, long double *sum, const double *a, const double *r, size_t d,
                          size_t n) {
  memset(sum, 0, n * sizeof *sum);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < n; j++) sum[j] -= (long double)a[i * n + j] * r[i];
  for (size_t j = 0; j < n; j++) out[j] = (double)sum[j];
}

void limn_fit_judge(limn_fit *fit, double residual, double length_of_y, size_t d, size_t n) {
  fit->residual = residual;
  fit->interpolates = residual <= 1e-9 * length_of_y;
  size_t left = sizeof fit->warning - strlen(fit->warning);
  char *at = fit->warning + strlen(fit->warning);
  if (!fit->interpolates && !*fit->warning)
    snprintf(at, left,
             "no weights fit the labels exactly (rank %llu, %zu points, %zu features): least "
             "squares, residual %.3g",
             (unsigned long long)fit->rank, d, n, residual);
  left = sizeof fit->warning - strlen(fit->warning), at = fit->warning + strlen(fit->warning);
  if (fit->rcond < 1e-7)
    snprintf(at, left,
             "%sill-conditioned (rcond %.1e): a change of the data in the last digit changes the "
             "weights by up to %.0e of their size",
             *fit->warning ? "; " : "", fit->rcond,
             DBL_EPSILON / (fit->rcond > 1e-16 ? fit->rcond : 1e-16));
}

/* ---- tall: d >= n ---- */

/* The scaled problem A z = b, and what w is: w_j = z_j 2^(ey - ex_j). */
typedef struct {
  size_t d, n;
  double *a, *b;
  int *ex, ey;
} scaled;

static limn_status scale_columns(scaled *s, limn_pool *pool, const double *x, size_t d, size_t n,
                                 const double *y, limn_err *err) {
  s->d = d, s->n = n;
  s->a = limn_take(pool, d * n);
  s->b = limn_take(pool, d);
  s->ex = (int *)(void *)limn_take(pool, n);
  double *by = limn_take(pool, n);
  TRY(need(pool, err));
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

/* z of full rank, with the residual r: the augmented system r + A z = b, A'r = 0, refined as one.
 */
static limn_status tall_full(limn_fit *fit, double *z, double *r, const scaled *s, const factors *q,
                             limn_pool *pool, limn_err *err) {
  size_t d = s->d, n = s->n;
  double *f = limn_take(pool, d), *c = limn_take(pool, d), *g = limn_take(pool, n),
         *dz = limn_take(pool, n);
  long double *sum = (long double *)(void *)limn_take(pool, 2 * n);
  TRY(need(pool, err));
  double last = INFINITY;
  memset(z, 0, n * sizeof *z);
  memset(r, 0, d * sizeof *r);
  for (int step = 0; step <= REFINE; step++) {
    defect(f, s->b, r, s->a, z, d, n);
    normal_defect(g, sum, s->a, r, d, n);
    memset(c, 0, d * sizeof *c);
    for (size_t j = 0; j < n; j++) c[j] = g[q->perm[j]];
    TRY(solve_r(c, q, true, err));
    TRY(apply_q(f, q, true, err));
    for (size_t j = 0; j < n; j++) dz[j] = f[j] - c[j];
    memcpy(c + n, f + n, (d - n) * sizeof *c);
    TRY(solve_r(dz, q, false, err));
    TRY(apply_q(c, q, false, err));
    double change = limn_length(dz, n), size = limn_length(z, n);
    if (step > 1 && change > last / 2) break; /* no longer contracting: what is left is rounding */
    for (size_t j = 0; j < n; j++) z[q->perm[j]] += dz[j];
    for (size_t i = 0; i < d; i++) r[i] += c[i];
    fit->iterations = (uint64_t)step;
    last = change;
    if (step > 0 && change <= DBL_EPSILON / 4 * size) break;
  }
  return LIMN_OK;
}

/* Deficient: a basic solution of b, then (in units of w) off the null space: w -= Q1 Q1'w. */
typedef struct {
  const scaled *s;
  const factors *q;
  factors null; /* of the null space in units of w, (n, n - r) */
} basic;

static limn_status null_space(basic *t, limn_pool *pool, limn_err *err) {
  size_t n = t->s->n, r = t->q->rank, k = n - r;
  const int *ex = t->s->ex;
  size_t d = t->s->d;
  double *v = limn_take(pool, n * k), *b = limn_take(pool, r), *z = limn_take(pool, n),
         *f = limn_take(pool, d);
  double *zero = limn_take(pool, d);
  TRY(need(pool, err));
  for (size_t c = 0; c < k; c++) {
    for (size_t i = 0; i < r; i++) b[i] = -t->q->f[(r + c) * t->q->m + i];
    TRY(solve_r(b, t->q, false, err));
    memset(z, 0, n * sizeof *z);
    for (size_t i = 0; i < r; i++) z[t->q->perm[i]] = b[i];
    z[t->q->perm[r + c]] = 1;
    for (int step = 0; step < 2; step++) { /* refined: unscaling may magnify what rounding left */
      defect(f, zero, NULL, t->s->a, z, d, n);
      TRY(apply_q(f, t->q, true, err));
      TRY(solve_r(f, t->q, false, err));
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
  TRY(factorise(&t->null, pool, v, n, k, err));
  t->null.rank = k; /* independent by construction */
  return LIMN_OK;
}

/* w (n, in units of 2^ey) += the shortest solution for the right-hand side b (d, overwritten). */
static limn_status basic_step(double *w, double *b, double *work, const basic *t, limn_err *err) {
  size_t n = t->s->n, r = t->q->rank;
  TRY(apply_q(b, t->q, true, err));
  TRY(solve_r(b, t->q, false, err));
  for (size_t i = 0; i < r; i++) w[t->q->perm[i]] += ldexp(b[i], -t->s->ex[t->q->perm[i]]);
  int e = limn_exponent(w, n, 1);
  for (size_t j = 0; j < n; j++) w[j] = ldexp(w[j], -e);
  for (int twice = 0; twice < 2; twice++) { /* the second time removes what rounding left */
    memcpy(work, w, n * sizeof *work);
    TRY(apply_q(work, &t->null, true, err));
    memset(work + (n - r), 0, r * sizeof *work);
    TRY(apply_q(work, &t->null, false, err));
    for (size_t j = 0; j < n; j++) w[j] -= work[j];
  }
  for (size_t j = 0; j < n; j++) w[j] = ldexp(w[j], e);
  return LIMN_OK;
}

static limn_status tall_deficient(limn_fit *fit, double *z, double *r, const scaled *s,
                                  const factors *q, limn_pool *pool, limn_err *err) {
  size_t d = s->d, n = s->n;
  basic t = {.s = s, .q = q};
  TRY(null_space(&t, pool, err));
  double *w = limn_take(pool, n), *b = limn_take(pool, d), *work = limn_take(pool, n);
  TRY(need(pool, err));
  for (int step = 0; step < 3; step++) {
    defect(r, s->b, NULL, s->a, z, d, n);
    memcpy(b, r, d * sizeof *b);
    TRY(basic_step(w, b, work, &t, err));
    for (size_t j = 0; j < n; j++) z[j] = ldexp(w[j], s->ex[j]);
    fit->iterations = (uint64_t)step;
  }
  defect(r, s->b, NULL, s->a, z, d, n);
  return LIMN_OK;
}

static limn_status tall(limn_fit *fit, double *w, double *a, const double *x, size_t d, size_t n,
                        const double *y, bool merged, limn_pool *pool, limn_err *err);

/* Deficient because columns repeat: solve for distinct columns times sqrt(copies), which has the
 * same w'w, and share each weight out evenly. Exact, where a computed null space would be rounded.
 */
static limn_status without_copies(bool *done, limn_fit *fit, double *w, double *a, const double *x,
                                  size_t d, size_t n, const double *y, limn_pool *pool,
                                  limn_err *err) {
  limn_merge m;
  limn_status st = limn_merge_columns(&m, x, d, n, WHO, err);
  *done = !st && m.kept > 0 && m.kept < n;
  if (*done) {
    double *u = limn_take(pool, d * m.kept), *v = limn_take(pool, m.kept);
    st = need(pool, err);
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
  scaled s;
  factors q;
  TRY(scale_columns(&s, pool, x, d, n, y, err));
  TRY(factorise(&q, pool, s.a, d, n, err));
  TRY(condition(&fit->rcond, &q, pool, err));
  double *z = limn_take(pool, n), *r = limn_take(pool, d), *c = limn_take(pool, d);
  TRY(need(pool, err));
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
  /* the dual: A'a' = S w, where A = X S; so R'(Q'a') = P'S w in its leading rows, 0 in the others
   */
  memset(c, 0, d * sizeof *c);
  for (size_t j = 0; j < q.rank; j++) c[j] = ldexp(w[q.perm[j]], -s.ex[q.perm[j]]);
  fit->has_dual = limn_la_nonfinite(c, d) == d;
  TRY(solve_r(c, &q, true, err));
  TRY(apply_q(c, &q, false, err));
  memcpy(a, c, d * sizeof *a);
  fit->has_dual = fit->has_dual && limn_la_nonfinite(a, d) == d;
  return LIMN_OK;
}

/* ---- wide: n > d ---- */

/* Rows scaled to about 1: B (d,n), and the labels with them. y_i = b_i 2^(ex_i + ey). */
static limn_status scale_rows(scaled *s, limn_pool *pool, const double *x, size_t d, size_t n,
                              const double *y, limn_err *err) {
  s->d = d, s->n = n, s->ey = -100000;
  s->a = limn_take(pool, d * n);
  s->b = limn_take(pool, d);
  s->ex = (int *)(void *)limn_take(pool, d);
  TRY(need(pool, err));
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

/* K = B B' and Cholesky, when cond(F) is below about 1000; *done says whether it was. */
static limn_status wide_gram(bool *done, limn_fit *fit, double *w, double *u, const scaled *s,
                             limn_pool *pool, limn_err *err) {
  size_t d = s->d, n = s->n, pivot;
  double *k = limn_take(pool, d * d), *r = limn_take(pool, d);
  TRY(need(pool, err));
  *done = false;
  TRY(limn_la_syrk(k, d, s->a, n, false, d, n, 1, 0, WHO, err));
  double size = limn_la_norm1(k, d, d), rcond;
  limn_err ignored;
  limn_status st = limn_la_chol(k, d, &pivot, WHO, &ignored);
  if (st == LIMN_ENUMERIC) return LIMN_OK;
  if (st) return limn_fail(err, st, "%s", ignored.text);
  TRY(limn_la_chol_rcond(&rcond, k, d, size, WHO, err));
  if (rcond < 1e-6) return LIMN_OK;
  fit->rcond = sqrt(rcond);
  memcpy(u, s->b, d * sizeof *u);
  TRY(limn_la_chol_solve(u, k, d, 1, WHO, err));
  TRY(limn_la_gemv(w, s->a, n, true, u, d, n, 1, 0, WHO, err));
  double last = INFINITY;
  for (int step = 1; step <= REFINE;
       step++) { /* on F itself, not on K: K is only the preconditioner */
    defect(r, s->b, NULL, s->a, w, d, n);
    TRY(limn_la_chol_solve(r, k, d, 1, WHO, err));
    double change = limn_length(r, d), now = limn_length(u, d);
    if (change > last / 2) break;
    for (size_t i = 0; i < d; i++) u[i] += r[i];
    TRY(limn_la_gemv(w, s->a, n, true, u, d, n, 1, 0, WHO, err));
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
static limn_status wide_full(limn_fit *fit, double *w, double *u, const scaled *s, const factors *q,
                             limn_pool *pool, limn_err *err) {
  size_t d = s->d, n = s->n;
  double *r = limn_take(pool, d), *dw = limn_take(pool, n), *du = limn_take(pool, d),
         last = INFINITY;
  TRY(need(pool, err));
  for (int step = 0; step <= REFINE; step++) {
    defect(r, s->b, NULL, s->a, w, d, n);
    memset(dw, 0, n * sizeof *dw);
    for (size_t i = 0; i < d; i++) dw[i] = r[q->perm[i]];
    TRY(solve_r(dw, q, true, err));
    memcpy(du, dw, d * sizeof *du);
    TRY(solve_r(du, q, false, err));
    TRY(apply_q(dw, q, false, err));
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

/* Deficient: F'P = Q [R11 R12], so F = P [R11 R12]' Q1': z by least squares of the (d,r) factor,
 * then w = Q1 z lies in the row space and is the shortest. One common scale, since rows may not be
 * weighted where they contradict each other. */
static limn_status wide_deficient(limn_fit *fit, double *w, double *u, double *r, const double *g,
                                  double *b, size_t d, size_t n, const factors *q, limn_pool *pool,
                                  limn_err *err) {
  size_t k = q->rank;
  factors t = {.rank = 0};
  double *lower = limn_take(pool, d * (k ? k : 1)), *c = limn_take(pool, d),
         *dw = limn_take(pool, n);
  TRY(need(pool, err));
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < k && j <= i; j++) lower[i * k + j] = q->f[i * n + j];
  if (k > 0) TRY(factorise(&t, pool, lower, d, k, err));
  t.rank = k;
  for (int step = 0; step < 3 && k > 0; step++) {
    defect(r, b, NULL, g, w, d, n);
    for (size_t i = 0; i < d; i++) c[i] = r[q->perm[i]];
    TRY(apply_q(c, &t, true, err));
    TRY(solve_r(c, &t, false, err));
    memset(dw, 0, n * sizeof *dw);
    for (size_t i = 0; i < k; i++) dw[t.perm[i]] = c[i];
    memset(c, 0, d * sizeof *c);
    memcpy(c, dw, k * sizeof *c);
    TRY(solve_r(c, q, false, err));
    for (size_t i = 0; i < k; i++) u[q->perm[i]] += c[i];
    TRY(apply_q(dw, q, false, err));
    for (size_t j = 0; j < n; j++) w[j] += dw[j];
    fit->iterations = (uint64_t)step;
  }
  defect(r, b, NULL, g, w, d, n);
  return LIMN_OK;
}

static limn_status wide(limn_fit *fit, double *w, double *a, const double *x, size_t d, size_t n,
                        const double *y, limn_pool *pool, const limn_token *token, limn_err *err) {
  scaled s;
  bool done;
  TRY(scale_rows(&s, pool, x, d, n, y, err));
  double *u = limn_take(pool, d), *r = limn_take(pool, d);
  TRY(need(pool, err));
  memset(w, 0, n * sizeof *w);
  TRY(wide_gram(&done, fit, w, u, &s, pool, err));
  if (!done) {
    factors q;
    if (limn_cancelled(token)) return limn_stopped(err, WHO);
    double *t = limn_take(pool, n * d);
    TRY(need(pool, err));
    memset(w, 0, n * sizeof *w);
    memset(u, 0, d * sizeof *u);
    flip(t, s.a, d, n);
    TRY(factorise(&q, pool, t, n, d, err));
    TRY(condition(&fit->rcond, &q, pool, err));
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
      TRY(factorise(&q, pool, t, n, d, err));
      TRY(condition(&fit->rcond, &q, pool, err));
      fit->rank = q.rank;
      TRY(wide_deficient(fit, w, u, r, s.a, s.b, d, n, &q, pool, err));
      snprintf(fit->method, sizeof fit->method,
               "complete orthogonal factorisation of %zu x %zu (N > D, rank %zu < D)", d, n,
               q.rank);
    }
  }
  /* back to the caller's units: w = w' 2^ey; y_i - (F w)_i = (b - B w')_i 2^(ex_i + ey) */
  defect(r, s.b, NULL, s.a, w, d, n);
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

limn_status limn_dense_minnorm(limn_fit *fit, double *w, double *a, const double *x, size_t d,
                               size_t n, const double *y, const limn_token *token, limn_err *err) {
  limn_pool pool = {.used = 0};
  memset(w, 0, n * sizeof *w);
  limn_status st = n <= d ? tall(fit, w, a, x, d, n, y, false, &pool, err)
                          : wide(fit, w, a, x, d, n, y, &pool, token, err);
  limn_pool_free(&pool);
  return st;
}
