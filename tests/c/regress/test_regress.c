/* test_regress.c: minimum-norm interpolation against plain references in long double and, since the
 * solution is unique, against its optimality conditions: w is the minimum-norm least-squares
 * solution if and only if F'(y - F w) = 0 and w = F'a for some a. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "limn/limn.h"

static limn_rng rng_of(uint64_t seed) {
  return limn_rng_start(limn_key_of(seed, 0, 0, LIMN_FOR_USER), 0);
}

static double *normals(limn_rng *r, size_t n) {
  double *x = malloc((n ? n : 1) * sizeof *x);
  limn_rng_fill_normal(r, x, n);
  return x;
}

/* Largest |F'(y - F w)| over |F||y|, and |w - F'a| over |w|, in long double. */
static void certificate(const double *x, const double *y, const double *w, const double *a,
                        size_t d, size_t n, double *normal, double *row_space) {
  long double *r = calloc(d, sizeof *r), size = 0, most = 0, off = 0, len = 0, ylen = 0;
  for (size_t i = 0; i < d; i++) {
    r[i] = y[i];
    ylen += (long double)y[i] * y[i];
    for (size_t j = 0; j < n; j++) {
      r[i] -= (long double)x[i * n + j] * w[j];
      size += (long double)x[i * n + j] * x[i * n + j];
    }
  }
  for (size_t j = 0; j < n; j++) {
    long double g = 0, t = w[j];
    for (size_t i = 0; i < d; i++) g += x[i * n + j] * r[i], t -= (long double)x[i * n + j] * a[i];
    most = fmaxl(most, fabsl(g));
    off += t * t, len += (long double)w[j] * w[j];
  }
  *normal = (double)(most / (sqrtl(size * ylen) + 1e-300L));
  *row_space = (double)(sqrtl(off) / (sqrtl(len) + 1e-300L));
  free(r);
}

/* Gaussian elimination with partial pivoting in long double: a (n,n) and b (n) are overwritten. */
static void eliminate(long double *a, long double *b, size_t n) {
  for (size_t k = 0; k < n; k++) {
    size_t p = k;
    for (size_t i = k + 1; i < n; i++)
      if (fabsl(a[i * n + k]) > fabsl(a[p * n + k])) p = i;
    for (size_t j = 0; j < n; j++) {
      long double t = a[k * n + j];
      a[k * n + j] = a[p * n + j], a[p * n + j] = t;
    }
    long double t = b[k];
    b[k] = b[p], b[p] = t;
    for (size_t i = k + 1; i < n; i++) {
      long double f = a[i * n + k] / a[k * n + k];
      for (size_t j = k; j < n; j++) a[i * n + j] -= f * a[k * n + j];
      b[i] -= f * b[k];
    }
  }
  for (size_t k = n; k-- > 0;) {
    for (size_t j = k + 1; j < n; j++) b[k] -= a[k * n + j] * b[j];
    b[k] /= a[k * n + k];
  }
}

/* The full-rank solution from the normal equations (tall) or the dual equations (wide). */
static void reference(long double *w, const double *x, const double *y, size_t d, size_t n) {
  size_t m = n <= d ? n : d;
  long double *g = calloc(m * m, sizeof *g), *b = calloc(m, sizeof *b);
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < m; j++)
      for (size_t k = 0; k < (n <= d ? d : n); k++)
        g[i * m + j] += n <= d ? (long double)x[k * n + i] * x[k * n + j]
                               : (long double)x[i * n + k] * x[j * n + k];
    if (n > d)
      b[i] = y[i];
    else
      for (size_t k = 0; k < d; k++) b[i] += (long double)x[k * n + i] * y[k];
  }
  eliminate(g, b, m);
  for (size_t j = 0; j < n; j++) {
    w[j] = n <= d ? b[j] : 0;
    for (size_t i = 0; n > d && i < d; i++) w[j] += (long double)x[i * n + j] * b[i];
  }
  free(g);
  free(b);
}

static const size_t sizes[] = {1, 2, 3, 5, 10, 16, 50};

Test(minnorm, full_rank_agrees_with_elimination_in_long_double) {
  limn_rng rng = rng_of(11);
  limn_err e;
  for (size_t s = 0; s < 49; s++) {
    size_t d = sizes[s / 7], n = sizes[s % 7];
    double *x = normals(&rng, d * n), *y = normals(&rng, d), *w = calloc(n, sizeof *w),
           *a = calloc(d, sizeof *a);
    long double *ref = calloc(n, sizeof *ref), off = 0, len = 0;
    limn_design f = limn_design_dense(x, d, n);
    limn_fit fit;
    cr_assert_eq(limn_regress_minnorm(&fit, w, a, &f, y, NULL, &e), LIMN_OK, "%s", e.text);
    cr_assert_eq(fit.rank, d < n ? d : n);
    reference(ref, x, y, d, n);
    for (size_t j = 0; j < n; j++) off += (w[j] - ref[j]) * (w[j] - ref[j]), len += ref[j] * ref[j];
    /* the reference squares the condition number and has 64 bits; random square matrices reach cond
     * 1e3 */
    cr_assert(sqrtl(off / len) < 1e-11L, "%zu x %zu: off by %Lg", d, n, sqrtl(off / len));
    cr_assert(fit.interpolates == (n >= d), "%zu x %zu: residual %g", d, n, fit.residual);
    cr_assert(fabs(fit.norm / (double)sqrtl(len) - 1) < 1e-11);
    double normal, row;
    certificate(x, y, w, a, d, n, &normal, &row);
    cr_assert(normal < 1e-14 && (!fit.has_dual || row < 1e-10), "%zu x %zu: %g %g", d, n, normal,
              row);
    free(x), free(y), free(w), free(a), free(ref);
  }
}

/* F = A B with inner size r. */
Test(minnorm, deficient_rank_is_found_and_certified) {
  limn_rng rng = rng_of(12);
  limn_err e;
  static const size_t cases[][3] = {{6, 4, 2},    {4, 6, 2},    {20, 20, 7},  {50, 10, 9},
                                    {10, 50, 9},  {16, 12, 1},  {12, 16, 11}, {3, 3, 1},
                                    {40, 30, 29}, {30, 200, 12}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    size_t d = cases[c][0], n = cases[c][1], r = cases[c][2];
    double *p = normals(&rng, d * r), *q = normals(&rng, r * n), *y = normals(&rng, d);
    double *x = calloc(d * n, sizeof *x), *w = calloc(n, sizeof *w), *a = calloc(d, sizeof *a);
    for (size_t i = 0; i < d; i++)
      for (size_t j = 0; j < n; j++)
        for (size_t k = 0; k < r; k++) x[i * n + j] += p[i * r + k] * q[k * n + j];
    limn_design f = limn_design_dense(x, d, n);
    limn_fit fit;
    cr_assert_eq(limn_regress_minnorm(&fit, w, a, &f, y, NULL, &e), LIMN_OK, "%s", e.text);
    cr_assert_eq(fit.rank, r, "%zu x %zu of rank %zu: got %llu (%s)", d, n, r,
                 (unsigned long long)fit.rank, fit.method);
    cr_assert_not(fit.interpolates);
    cr_assert(fit.warning[0] != 0);
    double normal, row;
    certificate(x, y, w, a, d, n, &normal, &row);
    cr_assert(fit.has_dual && normal < 1e-13 && row < 1e-10, "%zu x %zu, %s: %g %g", d, n,
              fit.method, normal, row);
    free(p), free(q), free(y), free(x), free(w), free(a);
  }
}

/* Columns of U repeated m_j times, with signs, and zero columns: the weight of U's column is
 * divided equally. */
Test(minnorm, repeated_and_zero_columns_share_evenly) {
  limn_rng rng = rng_of(13);
  limn_err e;
  for (size_t d = 2; d <= 40; d += 7) {
    size_t k = d < 6 ? 2 : 5, n = 0, owner[64];
    double *u = normals(&rng, d * k), *y = normals(&rng, d), sign[64];
    for (size_t j = 0; j < k; j++)
      for (size_t m = 0; m <= j; m++) owner[n] = j, sign[n] = m % 2 ? -1 : 1, n++;
    owner[n] = 0, sign[n++] = 0;
    owner[n] = 0, sign[n++] = 0;
    double *x = calloc(d * n, sizeof *x), w[64];
    for (size_t i = 0; i < d; i++)
      for (size_t j = 0; j < n; j++) x[i * n + j] = sign[j] * u[i * k + owner[j]];
    long double v[8];
    reference(v, u, y, d, k);
    limn_design f = limn_design_dense(x, d, n);
    limn_fit fit;
    cr_assert_eq(limn_regress_minnorm(&fit, w, NULL, &f, y, NULL, &e), LIMN_OK, "%s", e.text);
    cr_assert_eq(fit.rank, k);
    for (size_t j = 0; j < n; j++) {
      double want = (double)(v[owner[j]] / (long double)(owner[j] + 1)) * sign[j];
      cr_assert(fabs(w[j] - want) < 1e-12 * (1 + fabs(want)), "d %zu column %zu: %.17g, want %.17g",
                d, j, w[j], want);
    }
    free(u), free(y), free(x);
  }
}

/* Scaling by powers of two is exact: the scaled problem has the scaled solution, bit for bit. */
Test(minnorm, scale_changes_no_bit) {
  limn_rng rng = rng_of(14);
  limn_err e;
  static const size_t cases[][2] = {{9, 4}, {4, 9}, {6, 6}, {1, 5}, {5, 1}};
  for (size_t c = 0; c < 5; c++) {
    size_t d = cases[c][0], n = cases[c][1];
    double *x = normals(&rng, d * n), *y = normals(&rng, d), *x2 = malloc(d * n * sizeof *x2),
           *y2 = malloc(d * sizeof *y2);
    double w[16], w2[16];
    limn_fit fit;
    limn_design f = limn_design_dense(x, d, n), g = limn_design_dense(x2, d, n);
    cr_assert_eq(limn_regress_minnorm(&fit, w, NULL, &f, y, NULL, &e), LIMN_OK);
    for (int s = -498; s <= 498; s += 166) {
      for (size_t i = 0; i < d * n; i++) x2[i] = ldexp(x[i], s);
      for (size_t i = 0; i < d; i++) y2[i] = ldexp(y[i], -s / 2);
      cr_assert_eq(limn_regress_minnorm(&fit, w2, NULL, &g, y2, NULL, &e), LIMN_OK);
      for (size_t j = 0; j < n; j++)
        cr_assert_eq(ldexp(w2[j], s + s / 2), w[j], "%zu x %zu at 2^%d: %.17g, %.17g", d, n, s,
                     ldexp(w2[j], s + s / 2), w[j]);
    }
    if (n < d) { /* a different scale per column, 1e-150 .. 1e150 */
      for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < n; j++)
          x2[i * n + j] = ldexp(x[i * n + j], (int)(j * 996 / n) - 498);
      cr_assert_eq(limn_regress_minnorm(&fit, w2, NULL, &g, y, NULL, &e), LIMN_OK);
      cr_assert_eq(fit.rank, n);
      for (size_t j = 0; j < n; j++) cr_assert_eq(ldexp(w2[j], (int)(j * 996 / n) - 498), w[j]);
    }
    free(x), free(y), free(x2), free(y2);
  }
}

Test(minnorm, trivial_systems) {
  limn_err e;
  limn_fit fit;
  double zero[6] = {0}, y[2] = {1, -1}, w[3] = {9, 9, 9}, a[2];
  limn_design f = limn_design_dense(zero, 2, 3);
  cr_assert_eq(limn_regress_minnorm(&fit, w, a, &f, y, NULL, &e), LIMN_OK, "%s", e.text);
  cr_assert(fit.rank == 0 && w[0] == 0 && w[1] == 0 && w[2] == 0 && fit.norm == 0);
  cr_assert(fabs(fit.residual - sqrt(2)) < 1e-15 && *fit.warning);
  f = limn_design_dense(zero, 2, 2);
  cr_assert_eq(limn_regress_minnorm(&fit, w, a, &f, y, NULL, &e), LIMN_OK, "%s", e.text);
  cr_assert(fit.rank == 0 && w[0] == 0 && w[1] == 0);
  double x[4] = {3, 0, 0, 4}, none[2] = {0, 0};
  f = limn_design_dense(x, 2, 2);
  cr_assert_eq(limn_regress_minnorm(&fit, w, a, &f, none, NULL, &e), LIMN_OK, "%s", e.text);
  cr_assert(w[0] == 0 && w[1] == 0 && fit.interpolates && !*fit.warning, "%s", fit.warning);
  double row[3] = {1, 2, 2}, nine = 9;
  f = limn_design_dense(row, 1, 3);
  cr_assert_eq(limn_regress_minnorm(&fit, w, a, &f, &nine, NULL, &e), LIMN_OK, "%s", e.text);
  cr_assert(fabs(w[0] - 1) < 1e-15 && fabs(w[1] - 2) < 1e-15 && fabs(fit.norm - 3) < 1e-15);
}

Test(minnorm, refuses_what_is_not_finite_and_says_where) {
  limn_err e;
  limn_fit fit;
  double x[6] = {1, 2, 3, 4, 5, 6}, y[2] = {1, 2}, w[3];
  limn_design f = limn_design_dense(x, 2, 3);
  x[4] = INFINITY;
  cr_assert_eq(limn_regress_minnorm(&fit, w, NULL, &f, y, NULL, &e), LIMN_ENONFINITE);
  cr_assert(e.row == 1 && e.column == 1 && strcmp(e.argument, "features") == 0, "%s", e.text);
  x[4] = 5, y[1] = NAN;
  cr_assert_eq(limn_regress_minnorm(&fit, w, NULL, &f, y, NULL, &e), LIMN_ENONFINITE);
  cr_assert(e.row == 1 && strcmp(e.argument, "labels") == 0, "%s", e.text);
  f.count = 0;
  cr_assert_eq(limn_regress_minnorm(&fit, w, NULL, &f, y, NULL, &e), LIMN_EINVAL);
}

Test(minnorm, every_refused_allocation_is_reported_and_nothing_leaks) {
  limn_rng rng = rng_of(15);
  limn_err e;
  static const size_t cases[][2] = {{9, 4}, {4, 9}};
  for (size_t c = 0; c < 4; c++) {
    size_t d = cases[c % 2][0], n = cases[c % 2][1];
    double *x = normals(&rng, d * n), *y = normals(&rng, d), w[16];
    if (c > 1) /* rank deficient: the other methods */
      for (size_t i = 0; i < d; i++) x[i * n + 1] = x[i * n];
    if (c == 3) memcpy(x + n, x, n * sizeof *x);
    limn_design f = limn_design_dense(x, d, n);
    limn_fit fit;
    limn_status st = LIMN_ENOMEM;
    long k = 0;
    while (st != LIMN_OK && k < 200) {
      limn_memory_fail_at(++k);
      st = limn_regress_minnorm(&fit, w, NULL, &f, y, NULL, &e);
      limn_memory_fail_at(0);
      cr_assert(st == LIMN_OK || st == LIMN_ENOMEM, "%s", e.text);
    }
    cr_assert(k > 3 && k < 200);
    free(x), free(y);
  }
}
