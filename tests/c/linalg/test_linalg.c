/* test_linalg.c: all routines of linalg.h against their definitions, as in LAPACK's own tests: the
 * residual divided by (size of the data x dimension x eps) must be below 30, for sizes 0 .. 50. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num/linalg/linalg.h"
#include "core/core.h"
#include "limn/limn.h"

static const size_t sizes[] = {0, 1, 2, 3, 5, 10, 16, 50};
enum { COUNT = sizeof sizes / sizeof *sizes };
static const double THRESHOLD = 30;

static double *fresh(size_t n, uint64_t seed) {
  double *x = malloc((n + 1) * sizeof *x);
  limn_rng r = limn_rng_start(limn_key_of(seed, 7, 0, LIMN_FOR_USER), 0);
  limn_rng_fill_normal(&r, x, n);
  return x;
}

static double *zeros(size_t n) {
  return calloc(n + 1, sizeof(double));
}

/* c (m,n) = op(a) op(b) by plain loops. */
static double *product(const double *a, bool ta, const double *b, bool tb, size_t m, size_t n,
                       size_t k) {
  double *c = zeros(m * n);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++)
      for (size_t l = 0; l < k; l++)
        c[i * n + j] += (ta ? a[l * m + i] : a[i * k + l]) * (tb ? b[j * k + l] : b[l * n + j]);
  return c;
}

static double largest(const double *x, size_t n) {
  double most = 0;
  for (size_t i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
  return most;
}

/* max |x - y| / (scale dim eps) < THRESHOLD */
static void close_to(const double *x, const double *y, size_t n, double scale, size_t dim,
                     const char *what) {
  double most = 0;
  for (size_t i = 0; i < n; i++) {
    double d = fabs(x[i] - y[i]);
    if (!(d <= most)) most = d; /* a NaN stays */
  }
  double ratio =
      n == 0 ? 0 : most / ((scale > 0 ? scale : 1) * (double)(dim ? dim : 1) * DBL_EPSILON);
  cr_assert(ratio < THRESHOLD, "%s: ratio %g (dim %zu)", what, ratio, dim);
}

static void orthonormal(const double *q, size_t m, size_t k, const char *what) {
  double *g = product(q, true, q, false, k, k, m), *i = zeros(k * k);
  for (size_t j = 0; j < k; j++) i[j * k + j] = 1;
  close_to(g, i, k * k, 1, m > k ? m : k, what);
  free(g);
  free(i);
}

#define OK(call)                                                                                   \
  do {                                                                                             \
    limn_status st_ = (call);                                                                      \
    cr_assert(st_ == LIMN_OK, "%s: %s", #call, e.text);                                            \
  } while (0)

Test(linalg, gemm_syrk_gemv_dot) {
  limn_err e = {0};
  for (int im = 0; im < COUNT; im++)
    for (int in = 0; in < COUNT; in++)
      for (int ik = 0; ik < COUNT; ik += 2) {
        size_t m = sizes[im], n = sizes[in], k = sizes[ik];
        double *a = fresh(m * k, 1), *b = fresh(k * n, 2), *c = fresh(m * n, 3);
        for (int t = 0; t < 4; t++) {
          bool ta = t & 1, tb = t & 2;
          double *want = product(a, ta, b, tb, m, n, k);
          OK(limn_la_gemm(c, n, a, ta ? m : k, ta, b, tb ? k : n, tb, m, n, k, 1, 0, &e));
          close_to(c, want, m * n, largest(a, m * k) * largest(b, k * n), k + 1, "gemm");
          OK(limn_la_gemm(c, n, a, ta ? m : k, ta, b, tb ? k : n, tb, m, n, k, -2, 3, &e));
          close_to(c, want, m * n, largest(a, m * k) * largest(b, k * n), k + 1, "gemm, beta");
          free(want);
        }
        float *fa = calloc(m * k + 1, 4), *fb = calloc(k * n + 1, 4), *fc = calloc(m * n + 1, 4);
        for (size_t i = 0; i < m * k; i++) a[i] = fa[i] = (float)a[i];
        for (size_t i = 0; i < k * n; i++) b[i] = fb[i] = (float)b[i];
        double *want = product(a, false, b, false, m, n, k);
        OK(limn_la_sgemm(fc, n, fa, k, false, fb, n, false, m, n, k, 1, 0, &e));
        for (size_t i = 0; i < m * n; i++)
          cr_assert(fabs((double)fc[i] - want[i]) <
                    THRESHOLD * FLT_EPSILON * (double)(k + 1) *
                        (1 + largest(a, m * k) * largest(b, k * n)));
        free(want), free(fa), free(fb), free(fc);
        if (n == 1) {
          double *y = zeros(m), *w = product(a, false, b, false, m, 1, k);
          OK(limn_la_gemv(y, a, k, false, b, m, k, 1, 0, &e));
          close_to(y, w, m, largest(a, m * k) * largest(b, k), k + 1, "gemv");
          double *x = fresh(m, 9), *z = zeros(k), *wz = product(a, true, x, false, k, 1, m);
          OK(limn_la_gemv(z, a, k, true, x, m, k, 1, 0, &e));
          close_to(z, wz, k, largest(a, m * k) * largest(x, m), m + 1, "gemv'");
          free(y), free(w), free(x), free(z), free(wz);
        }
        double *g = fresh(m * m, 4), *w = product(a, false, a, true, m, m, k);
        OK(limn_la_syrk(g, m, a, k, false, m, k, 1, 0, &e));
        close_to(g, w, m * m, largest(a, m * k) * largest(a, m * k), k + 1, "syrk");
        OK(limn_la_syrk(g, m, a, k, false, m, k, 1, 1, &e));
        for (size_t i = 0; i < m * m; i++) w[i] *= 2;
        close_to(g, w, m * m, largest(a, m * k) * largest(a, m * k), k + 1, "syrk, beta");
        free(g), free(w);
        g = zeros(k * k), w = product(a, true, a, false, k, k, m);
        OK(limn_la_syrk(g, k, a, k, true, k, m, 1, 0, &e));
        close_to(g, w, k * k, largest(a, m * k) * largest(a, m * k), m + 1, "syrk'");
        for (size_t i = 0; i < k; i++)
          for (size_t j = 0; j < i; j++) cr_assert_eq(g[i * k + j], g[j * k + i]);
        free(g), free(w);
        free(a), free(b), free(c);
      }
  double *x = fresh(20000, 5), *y = fresh(20000, 6);
  long double dot = 0;
  for (int i = 0; i < 20000; i++) dot += (long double)x[i] * y[i];
  cr_assert(fabs((double)dot - limn_la_dot(x, y, 20000)) < 1e-10);
  cr_assert_eq(limn_la_dot(x, y, 0), 0);
  free(x), free(y);
}

Test(linalg, cholesky_solve_inverse_rcond) {
  limn_err e = {0};
  for (int i = 0; i < COUNT; i++) {
    size_t n = sizes[i], r = 3;
    double *f = fresh(n * (n + 2), 11), *a = product(f, false, f, true, n, n, n + 2),
           *l = zeros(n * n);
    memcpy(l, a, n * n * sizeof *l);
    OK(limn_la_chol(l, n, NULL, &e));
    double norm = limn_la_norm1(a, n, n), rcond = -1;
    OK(limn_la_chol_rcond(&rcond, l, n, norm, &e));
    double *b = fresh(n * r, 12), *x = zeros(n * r), *inverse = zeros(n * n);
    memcpy(x, b, n * r * sizeof *x);
    OK(limn_la_chol_solve(x, l, n, r, &e));
    double *ax = product(a, false, x, false, n, r, n);
    close_to(ax, b, n * r, largest(a, n * n) * largest(x, n * r), n, "chol solve");
    for (size_t p = 0; p < n; p++) inverse[p * n + p] = 1;
    OK(limn_la_chol_solve(inverse, l, n, n, &e));
    double *diagonal = zeros(n);
    OK(limn_la_chol_inverse_diagonal(diagonal, l, n, &e));
    for (size_t p = 0; p < n; p++)
      cr_assert(fabs(diagonal[p] / inverse[p * n + p] - 1) < 1e-8, "diagonal of the inverse");
    free(diagonal);
    double exact = n ? 1 / (norm * limn_la_norm1(inverse, n, n)) : 1;
    cr_assert(rcond >= exact * 0.99 && rcond <= exact * 10, "rcond %g exact %g", rcond, exact);
    for (size_t p = 0; p < n; p++)
      for (size_t q = p + 1; q < n; q++) l[p * n + q] = 0;
    double *ll = product(l, false, l, true, n, n, n);
    close_to(ll, a, n * n, largest(a, n * n), n, "chol");
    free(f), free(a), free(l), free(b), free(x), free(inverse), free(ax), free(ll);
  }
  double bad[4] = {1, 0, 2, 1};
  size_t pivot = 9;
  cr_assert_eq(limn_la_chol(bad, 2, &pivot, &e), LIMN_ENUMERIC);
  cr_assert_str_eq(e.argument, "matrix");
  cr_assert(strstr(e.text, "block of 2 of 2 rows") != NULL, "%s", e.text);
  cr_assert_eq(pivot, 1);
}

Test(linalg, eigen_svd_qr) {
  limn_err e = {0};
  for (int i = 0; i < COUNT; i++) {
    size_t n = sizes[i];
    double *f = fresh(n * n, 21), *a = zeros(n * n), *v = zeros(n * n), *w = zeros(n);
    for (size_t p = 0; p < n; p++)
      for (size_t q = 0; q < n; q++) a[p * n + q] = f[p * n + q] + f[q * n + p];
    memcpy(v, a, n * n * sizeof *v);
    OK(limn_la_eigh(w, v, n, true, &e));
    orthonormal(v, n, n, "eigh");
    double *av = product(a, false, v, false, n, n, n), *vw = zeros(n * n);
    for (size_t p = 0; p < n * n; p++) vw[p] = v[p] * w[p % n];
    close_to(av, vw, n * n, n ? largest(w, n) : 1, n, "eigh");
    for (size_t p = 1; p < n; p++) cr_assert(w[p - 1] <= w[p]);
    double *w2 = zeros(n);
    OK(limn_la_eigh(w2, a, n, false, &e));
    close_to(w2, w, n, n ? largest(w, n) : 1, n, "eigh values");
    free(f), free(a), free(v), free(w), free(av), free(vw), free(w2);
    for (int j = 0; j < COUNT; j++) {
      size_t m = sizes[j], k = m < n ? m : n, big = m < n ? n : m;
      double *x = fresh(m * n, 22), *u = zeros(m * k), *s = zeros(k), *vt = zeros(k * n),
             *s2 = zeros(k);
      OK(limn_la_svd(u, s, vt, x, m, n, &e));
      orthonormal(u, m, k, "svd u");
      double *us = zeros(m * k), *vtt = zeros(k * n);
      for (size_t p = 0; p < m * k; p++) us[p] = u[p] * s[p % (k ? k : 1)];
      for (size_t p = 0; p < k; p++)
        for (size_t q = 0; q < n; q++) vtt[q * k + p] = vt[p * n + q];
      orthonormal(vtt, n, k, "svd v");
      double *back = product(us, false, vt, false, m, n, k);
      close_to(back, x, m * n, k ? s[0] : 1, big, "svd");
      for (size_t p = 1; p < k; p++) cr_assert(s[p - 1] >= s[p]);
      OK(limn_la_svd(NULL, s2, NULL, x, m, n, &e));
      close_to(s2, s, k, k ? s[0] : 1, big, "singular values");
      double *q = zeros(m * k), *r = zeros(k * n);
      OK(limn_la_qr(q, r, x, m, n, NULL, &e));
      orthonormal(q, m, k, "qr");
      double *qr = product(q, false, r, false, m, n, k);
      close_to(qr, x, m * n, k ? s[0] : 1, big, "qr");
      for (size_t p = 0; p < k; p++)
        for (size_t t = 0; t < p; t++) cr_assert_eq(r[p * n + t], 0);
      free(back), free(us), free(vtt), free(qr);
      /* pivoted: Q' x P = R, and R's diagonal does not increase */
      double *g = zeros(n * m), *tau = zeros(k), *b = zeros(m * n);
      size_t *perm = calloc(n + 1, sizeof *perm);
      OK(limn_la_qrp(g, tau, perm, x, m, n, &e));
      memcpy(b, x, m * n * sizeof *b);
      OK(limn_la_qrp_apply(b, g, tau, true, m, n, n, &e));
      double *want = zeros(m * n);
      for (size_t c = 0; c < n; c++)
        for (size_t p = 0; p <= c && p < m; p++) want[p * n + perm[c]] = g[c * m + p];
      close_to(b, want, m * n, k ? s[0] : 1, big, "pivoted qr");
      for (size_t p = 1; p < k; p++)
        cr_assert(fabs(g[p * m + p]) <= fabs(g[(p - 1) * m + p - 1]) * (1 + 1e-12));
      OK(limn_la_qrp_apply(b, g, tau, false, m, n, n, &e));
      close_to(b, x, m * n, k ? s[0] : 1, big, "Q Q'");
      if (m >= n && n > 0) {
        double *y = fresh(n * 2, 23), *z = zeros(n * 2), *rm = zeros(n * n);
        memcpy(z, y, n * 2 * sizeof *z);
        OK(limn_la_trsm(z, 2, g, m, false, true, n, 2, &e));
        for (size_t p = 0; p < n; p++)
          for (size_t c = p; c < n; c++) rm[p * n + c] = g[c * m + p];
        double *rz = product(rm, false, z, false, n, 2, n);
        close_to(rz, y, n * 2, largest(rm, n * n) * largest(z, n * 2), n, "trsm");
        free(y), free(z), free(rm), free(rz);
      }
      free(x), free(u), free(s), free(vt), free(s2), free(q), free(r), free(g), free(tau), free(b);
      free(perm), free(want);
    }
  }
}

Test(linalg, least_squares_every_shape_both_methods) {
  limn_err e = {0};
  for (int i = 0; i < COUNT; i++)
    for (int j = 0; j < COUNT; j++)
      for (int method = 0; method < 2; method++) {
        size_t m = sizes[i], n = sizes[j], k = m < n ? m : n, r = 2, big = m < n ? n : m, rank = 99;
        double *a = fresh(m * n, 31), *b = fresh(m * r, 32), *x = fresh(n * r, 33), *s = zeros(k);
        OK(limn_la_lstsq(x, &rank, s, a, b, m, n, r, -1, (limn_la_method)method, &e));
        cr_assert_eq(rank, k, "%zu x %zu: rank %zu", m, n, rank);
        if (m <= n) {
          double *ax = product(a, false, x, false, m, r, n);
          close_to(ax, b, m * r, largest(a, m * n) * largest(x, n * r), big, "lstsq wide");
          free(ax);
        } else { /* the residual is orthogonal to the columns */
          double *res = product(a, false, x, false, m, r, n), *zero = zeros(n * r);
          for (size_t p = 0; p < m * r; p++) res[p] -= b[p];
          double *ar = product(a, true, res, false, n, r, m);
          close_to(ar, zero, n * r, largest(a, m * n) * (1 + largest(b, m * r)), big, "lstsq tall");
          free(res), free(ar), free(zero);
        }
        free(a), free(b), free(x), free(s);
      }
}

Test(linalg, rank_deficient_min_norm) {
  limn_err e = {0};
  size_t m = 12, n = 20, d = 4, rank;
  double *f = fresh(m * d, 41), *g = fresh(d * n, 42), *a = product(f, false, g, false, m, n, d);
  double *t = fresh(n, 43), *b = product(a, false, t, false, m, 1, n);
  double *x = zeros(n), *y = zeros(n), *s = zeros(m), *zero = zeros(d);
  OK(limn_la_lstsq(x, &rank, s, a, b, m, n, 1, -1, LIMN_LA_GELSD, &e));
  cr_assert_eq(rank, d);
  OK(limn_la_lstsq(y, &rank, NULL, a, b, m, n, 1, 1e-12, LIMN_LA_GELSY, &e));
  cr_assert_eq(rank, d);
  for (size_t i = 0; i < n; i++) cr_assert(fabs(x[i] - y[i]) < 1e-12 * (1 + largest(x, n)));
  double *ax = product(a, false, x, false, m, 1, n);
  close_to(ax, b, m, s[0] * largest(x, n), n, "consistent");
  /* minimum norm: x lies in the row space, spanned by the rows of g */
  double *u = zeros(n * d), *sv = zeros(d), *vt = zeros(d * n);
  OK(limn_la_svd(zero, sv, NULL, g, d, n, &e));
  double *q = zeros(n * d), *r = zeros(d * d), *gt = zeros(n * d);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < n; j++) gt[j * d + i] = g[i * n + j];
  OK(limn_la_qr(q, r, gt, n, d, NULL, &e));
  double *qx = product(q, true, x, false, d, 1, n), *qqx = product(q, false, qx, false, n, 1, d);
  close_to(qqx, x, n, 1 + largest(x, n), n, "in the row space");
  free(f), free(g), free(a), free(t), free(b), free(x), free(y), free(s), free(zero), free(ax),
      free(u);
  free(sv), free(vt), free(q), free(r), free(gt), free(qx), free(qqx);
}

Test(linalg, lu_solve) {
  limn_err e = {0};
  for (int i = 0; i < COUNT; i++) {
    size_t n = sizes[i], r = 4;
    double *a = fresh(n * n, 51), *b = fresh(n * r, 52), *x = zeros(n * r), rcond = -1;
    OK(limn_la_solve(x, &rcond, a, b, n, r, &e));
    double *ax = product(a, false, x, false, n, r, n);
    close_to(ax, b, n * r, largest(a, n * n) * largest(x, n * r), n, "solve");
    cr_assert(rcond > 0 && rcond <= 1 + 1e-12);
    free(a), free(b), free(x), free(ax);
  }
  double one[4] = {1, 2, 2, 4}, rhs[2] = {1, 1}, rcond = 5;
  cr_assert_eq(limn_la_solve(rhs, &rcond, one, rhs, 2, 1, &e), LIMN_ENUMERIC);
  cr_assert_str_eq(e.argument, "matrix");
  double corner[4] = {1, 0, 0, 0};
  cr_assert_eq(limn_la_trsm(rhs, 1, corner, 2, true, false, 2, 1, &e), LIMN_ENUMERIC);
  cr_assert(e.row == 1 && e.column == 1, "%d %d", (int)e.row, (int)e.column);
  cr_assert_eq(rcond, 0);
}

Test(linalg, non_finite_input_is_refused_by_every_solver, .timeout = 20) {
  double bad[] = {NAN, INFINITY, -INFINITY};
  for (int i = 0; i < 3; i++)
    for (int at = 0; at < 9; at += 3) { /* the lower triangle's first column */
      limn_err e = {0};
      double a[9] = {2, 0, 0, 0, 2, 0, 0, 0, 2}, b[3] = {1, 1, 1}, x[9], y[9], s[3], w[3];
      size_t rank, perm[3];
      a[at] = bad[i];
      cr_assert_eq(limn_la_svd(x, s, y, a, 3, 3, &e), LIMN_ENONFINITE);
      cr_assert(e.row >= 0 && e.column >= 0);
      cr_assert_eq(limn_la_qr(x, y, a, 3, 3, NULL, &e), LIMN_ENONFINITE);
      cr_assert_eq(limn_la_qrp(x, s, perm, a, 3, 3, &e), LIMN_ENONFINITE);
      cr_assert_eq(limn_la_lstsq(x, &rank, s, a, b, 3, 3, 1, -1, LIMN_LA_GELSD, &e),
                   LIMN_ENONFINITE);
      cr_assert_eq(limn_la_lstsq(x, &rank, s, a, b, 3, 3, 1, -1, LIMN_LA_GELSY, &e),
                   LIMN_ENONFINITE);
      cr_assert_eq(limn_la_solve(x, s, a, b, 3, 1, &e), LIMN_ENONFINITE);
      cr_assert_eq(limn_la_eigh(w, a, 3, true, &e), LIMN_ENONFINITE);
      cr_assert_eq(limn_la_chol(a, 3, NULL, &e), LIMN_ENONFINITE);
      a[at] = 2;
      b[1] = bad[i];
      cr_assert_eq(limn_la_lstsq(x, &rank, s, a, b, 3, 3, 1, -1, LIMN_LA_GELSD, &e),
                   LIMN_ENONFINITE);
      cr_assert_eq(limn_la_solve(x, s, a, b, 3, 1, &e), LIMN_ENONFINITE);
    }
  double *x = fresh(1000, 61);
  for (size_t i = 0; i < 1000; i += 37) {
    double keep = x[i];
    x[i] = INFINITY;
    cr_assert_eq(limn_la_nonfinite(x, 1000), i);
    x[i] = keep;
  }
  cr_assert_eq(limn_la_nonfinite(x, 1000), 1000);
  free(x);
}

Test(linalg, sizes_beyond_lapack_are_refused) {
  limn_err e = {0};
  double a[1] = {1}, x[1];
  size_t huge = (size_t)1 << 31, rank, perm[1];
  cr_assert_eq(limn_la_gemm(x, huge, a, 1, false, a, huge, false, 1, huge, 1, 1, 0, &e),
               LIMN_EINVAL);
  cr_assert_eq(limn_la_gemm(x, 1, a, 1, false, a, 1, false, 1, 2, 1, 1, 0, &e), LIMN_ESHAPE);
  cr_assert_str_eq(e.argument, "c");
  cr_assert_eq(limn_la_svd(NULL, x, NULL, a, huge, 1, &e), LIMN_EINVAL);
  cr_assert_eq(limn_la_qr(x, x, a, 1, huge, NULL, &e), LIMN_EINVAL);
  cr_assert_eq(limn_la_qrp(x, x, perm, a, huge, 1, &e), LIMN_EINVAL);
  cr_assert_eq(limn_la_chol(x, huge, NULL, &e), LIMN_EINVAL);
  cr_assert_eq(limn_la_eigh(x, x, huge, true, &e), LIMN_EINVAL);
  cr_assert_eq(limn_la_lstsq(x, &rank, NULL, a, a, huge, 1, 1, -1, LIMN_LA_GELSD, &e), LIMN_EINVAL);
}

/* Each allocation in turn is refused: an error without leaks each time, then success. */
Test(linalg, survives_each_refused_allocation) {
  for (int which = 0; which < 8; which++) {
    int failures = 0;
    for (long k = 1;; k++) {
      limn_err e = {0};
      double *a = fresh(30, 71), *b = fresh(12, 72), u[36], s[6], vt[36], x[12], rcond;
      size_t rank, perm[6];
      if (which == 4 || which == 5 || which == 7)
        for (int i = 0; i < 5; i++) a[i * 5 + i] += 20;
      limn_memory_fail_at(k);
      limn_status st = LIMN_OK;
      switch (which) {
      case 0:
        st = limn_la_svd(u, s, vt, a, 6, 5, &e);
        break;
      case 1:
        st = limn_la_qr(u, vt, a, 6, 5, NULL, &e);
        break;
      case 2:
        st = limn_la_lstsq(x, &rank, s, a, b, 6, 5, 2, -1, LIMN_LA_GELSD, &e);
        break;
      case 3:
        st = limn_la_lstsq(x, &rank, s, a, b, 6, 5, 2, -1, LIMN_LA_GELSY, &e);
        break;
      case 4:
        st = limn_la_eigh(s, a, 5, true, &e);
        break;
      case 5:
        st = limn_la_solve(x, &rcond, a, b, 5, 2, &e);
        break;
      case 6:
        st = limn_la_qrp(u, s, perm, a, 6, 5, &e);
        break;
      case 7:
        st = limn_la_chol_rcond(&rcond, a, 5, 1, &e);
        break;
      }
      limn_memory_fail_at(0);
      free(a), free(b);
      if (st == LIMN_OK) break;
      cr_assert_eq(st, LIMN_ENOMEM, "routine %d, allocation %ld: %s", which, k, e.text);
      failures++;
      cr_assert(k < 50);
    }
    cr_assert(failures > 0);
  }
}

/* Sizes that are divided into tiles: correct, and the same bits with 1, 2 and 5 threads. */
Test(linalg, tiles_and_threads, .timeout = 120) {
  limn_err e = {0};
  size_t n = 601, m = 530, k = 280;
  double *a = fresh(m * k, 91), *b = fresh(k * n, 92), *want = product(a, false, b, false, m, n, k);
  double *f = fresh(n * (n + 5), 93), *g = zeros(n * n), *x0 = fresh(n * 300, 94),
         *rhs = zeros(n * 300);
  memcpy(rhs, x0, n * 300 * sizeof *rhs);
  double *first[4] = {0};
  for (int threads = 1; threads <= 5; threads += threads == 1 ? 1 : 3) {
    cr_assert_eq(limn_threads_set(threads, &e), LIMN_OK);
    double *c = fresh(m * n, 95), *l = zeros(n * n), *x = zeros(n * 300), *h = zeros(n * n);
    OK(limn_la_gemm(c, n, a, k, false, b, n, false, m, n, k, 1, 0, &e));
    close_to(c, want, m * n, largest(a, m * k) * largest(b, k * n), k, "tiled gemm");
    OK(limn_la_syrk(g, n, f, n + 5, false, n, n + 5, 1, 0, &e));
    OK(limn_la_syrk(h, n, b, n, true, n, k, 1, 0, &e));
    memcpy(l, g, n * n * sizeof *l);
    OK(limn_la_chol(l, n, NULL, &e));
    memcpy(x, rhs, n * 300 * sizeof *x);
    OK(limn_la_chol_solve(x, l, n, 300, &e));
    double *got[4] = {c, l, x, h};
    size_t count[4] = {m * n, n * n, n * 300, n * n};
    if (threads == 1) {
      double *gg = product(f, false, f, true, n, n, n + 5),
             *hh = product(b, true, b, false, n, n, k);
      close_to(g, gg, n * n, largest(f, n * (n + 5)) * largest(f, n * (n + 5)), n, "tiled syrk");
      close_to(h, hh, n * n, largest(b, k * n) * largest(b, k * n), k, "tiled syrk'");
      double *gx = product(g, false, x, false, n, 300, n);
      close_to(gx, rhs, n * 300, largest(g, n * n) * largest(x, n * 300), n, "tiled Cholesky");
      for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) l[i * n + j] = 0;
      double *ll = product(l, false, l, true, n, n, n);
      close_to(ll, g, n * n, largest(g, n * n), n, "tiled factor");
      free(gg), free(hh), free(gx), free(ll);
      memcpy(first, got, sizeof first);
      continue;
    }
    for (size_t i = 0; i < n; i++)
      for (size_t j = i + 1; j < n; j++) l[i * n + j] = 0;
    for (int t = 0; t < 4; t++) {
      cr_assert_eq(memcmp(got[t], first[t], count[t] * sizeof(double)), 0, "result %d, %d threads",
                   t, threads);
      free(got[t]);
    }
  }
  size_t pivot = 0;
  g[555 * n + 555] = -1; /* in the third block */
  cr_assert_eq(limn_la_chol(g, n, &pivot, &e), LIMN_ENUMERIC);
  cr_assert_eq(pivot, 555);
  for (int t = 0; t < 4; t++) free(first[t]);
  free(a), free(b), free(want), free(f), free(g), free(x0), free(rhs);
}

Test(linalg, threads_are_limns_to_set) {
  limn_err e = {0};
  size_t n = 300;
  double *a = fresh(n * n, 81), *b = fresh(n * n, 82), *c = zeros(n * n), *d = zeros(n * n);
  int before = limn_la_threads(1);
  cr_assert_eq(before, 0);
  OK(limn_la_gemm(c, n, a, n, false, b, n, false, n, n, n, 1, 0, &e));
  cr_assert_eq(limn_la_threads(2), 1);
  OK(limn_la_gemm(d, n, a, n, false, b, n, false, n, n, n, 1, 0, &e));
  close_to(c, d, n * n, largest(a, n * n) * largest(b, n * n), n, "threads");
  cr_assert_eq(limn_la_threads(0), 2);
  cr_assert(strstr(limn_la_config(), "OpenBLAS") != NULL);
  cr_assert(strlen(limn_la_core()) > 0);
  free(a), free(b), free(c), free(d);
}
