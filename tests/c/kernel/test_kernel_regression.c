/* test_kernel_regression.c: kernel regression against its defining equations on random matrices,
 * exactly known cases, and refused input. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "core/core.h"
#include "limn/kernel.h"
#include "limn/rng.h"

enum { N = 7, M = 4 };

static limn_rng stream;
static double normal(void) {
  return limn_rng_normal(&stream);
}

/* K = A A' of N points in `rank` dimensions, and Kz, kzz of M new points. */
static void draw(double *k, double *kz, double *kzz, int rank) {
  double a[N][N] = {{0}}, z[M][N] = {{0}};
  for (int i = 0; i < N; i++)
    for (int j = 0; j < rank; j++) a[i][j] = normal();
  for (int i = 0; i < M; i++)
    for (int j = 0; j < rank; j++) z[i][j] = normal();
  for (int i = 0; i < N; i++)
    for (int j = 0; j <= i; j++) {
      double s = 0;
      for (int c = 0; c < rank; c++) s += a[i][c] * a[j][c];
      k[i * N + j] = k[j * N + i] = s;
    }
  for (int i = 0; i < M; i++) {
    kzz[i] = 0;
    for (int c = 0; c < rank; c++) kzz[i] += z[i][c] * z[i][c];
    for (int j = 0; j < N; j++) {
      kz[i * N + j] = 0;
      for (int c = 0; c < rank; c++) kz[i * N + j] += z[i][c] * a[j][c];
    }
  }
}

static double k[N * N], kz[M * N], kzz[M], w[N], v[N * N], y[N], x[N], out[M];
static limn_kernel_spectrum s;
static limn_err e;

static void set(int rank) {
  stream = limn_rng_start(limn_key_of(11, 1, (uint64_t)rank, LIMN_FOR_USER), 0);
  draw(k, kz, kzz, rank);
  for (int i = 0; i < N; i++) y[i] = normal();
  cr_assert_eq(limn_kernel_factorise(&s, w, v, k, N, &e), LIMN_OK, "%s", e.text);
}

/* (K + ridge I) x = y up to rounding; for a singular K the residual is orthogonal to the range of
 * K. */
Test(kernel_regression, solve_meets_its_equation) {
  for (int rank = 3; rank <= N; rank += N - 3)
    for (double ridge = 0; ridge < 1; ridge += 0.4) {
      set(rank);
      cr_assert_eq(s.rank, (size_t)rank);
      cr_assert_eq(limn_kernel_solve(x, &s, ridge, y, 1, &e), LIMN_OK);
      double r[N];
      for (int i = 0; i < N; i++) {
        r[i] = ridge * x[i] - y[i];
        for (int j = 0; j < N; j++) r[i] += k[i * N + j] * x[j];
      }
      for (int i = 0; i < N; i++) {
        double left = 0;
        for (int j = 0; j < N; j++) left += k[i * N + j] * r[j];
        cr_assert_lt(fabs(left), 1e-9);
        if (rank == N || ridge > 0) cr_assert_lt(fabs(r[i]), 1e-9);
      }
    }
}

/* Descent follows f <- f + rate K (y - f)/n step by step; flow is its limit of small rates. */
Test(kernel_regression, descent_is_the_recursion_and_flow_its_limit) {
  set(N);
  double rate = 0.3 * N / w[N - 1], f[N] = {0}, g[N];
  for (int step = 0; step <= 9; step++) {
    cr_assert_eq(limn_kernel_descent(x, &s, rate, step, y, &e), LIMN_OK);
    for (int i = 0; i < N; i++) {
      g[i] = 0;
      for (int j = 0; j < N; j++) g[i] += k[i * N + j] * x[j];
      cr_assert_lt(fabs(g[i] - f[i]), 1e-10);
    }
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) f[i] += rate * k[i * N + j] * (y[j] - g[j]) / N;
  }
  double t = 2 / w[N - 1], flow[N];
  cr_assert_eq(limn_kernel_flow(flow, &s, t, y, &e), LIMN_OK);
  cr_assert_eq(limn_kernel_descent(x, &s, t * N / 1e6, 1e6, y, &e), LIMN_OK);
  for (int i = 0; i < N; i++) cr_assert_lt(fabs(flow[i] - x[i]), 1e-5 * (1 + fabs(x[i])));
  double end[N];
  cr_assert_eq(limn_kernel_flow(flow, &s, INFINITY, y, &e), LIMN_OK);
  cr_assert_eq(limn_kernel_solve(end, &s, 0, y, 1, &e), LIMN_OK);
  for (int i = 0; i < N; i++) cr_assert_lt(fabs(flow[i] - end[i]), 1e-9 * (1 + fabs(end[i])));
}

/* The variance is 0 at the data and the prior's far from them; with K = T both variances are
 * equal. */
Test(kernel_regression, variances) {
  set(N);
  double at_data[N], diagonal[N], none[N * M] = {0};
  for (int i = 0; i < N; i++) diagonal[i] = k[i * N + i];
  cr_assert_eq(limn_kernel_variance(at_data, &s, 0, k, diagonal, N, &e), LIMN_OK);
  for (int i = 0; i < N; i++) cr_assert_lt(at_data[i], 1e-10 * diagonal[i]);
  cr_assert_eq(limn_kernel_variance(out, &s, 0, none, kzz, M, &e), LIMN_OK);
  for (int i = 0; i < M; i++) cr_assert_eq(out[i], kzz[i]);
  double same[M], wide[M];
  for (int i = 0; i < M; i++) wide[i] = kzz[i] + 3; /* so that no variance is clipped at 0 */
  cr_assert_eq(limn_kernel_variance(out, &s, 0, kz, wide, M, &e), LIMN_OK);
  cr_assert_eq(limn_kernel_trained_variance(same, &s, 0, kz, k, kz, wide, M, &e), LIMN_OK);
  for (int i = 0; i < M; i++) cr_assert_lt(fabs(same[i] - out[i]), 1e-8 * wide[i]);
  double half[N * N],
      other[M]; /* doubling the tangent kernel changes nothing, halving the covariance does */
  for (int i = 0; i < N * N; i++) half[i] = 0.5 * k[i];
  cr_assert_eq(limn_kernel_trained_variance(other, &s, 0, kz, half, kz, wide, M, &e), LIMN_OK);
  for (int i = 0; i < M; i++) cr_assert_gt(fabs(other[i] - same[i]), 1e-3);
}

Test(kernel_regression, refusals) {
  set(N);
  double bad[N * N];
  memcpy(bad, k, sizeof bad);
  bad[1] += 1;
  cr_assert_eq(limn_kernel_factorise(&s, w, v, bad, N, &e), LIMN_EINVAL);
  memcpy(bad, k, sizeof bad);
  bad[2 * N + 3] = NAN;
  cr_assert_eq(limn_kernel_factorise(&s, w, v, bad, N, &e), LIMN_ENONFINITE);
  cr_assert(e.row == 2 && e.column == 3);
  for (int i = 0; i < N * N; i++) bad[i] = -k[i];
  cr_assert_eq(limn_kernel_factorise(&s, w, v, bad, N, &e), LIMN_EINVAL);
  cr_assert_eq(limn_kernel_factorise(&s, w, v, k, N, &e), LIMN_OK);
  cr_assert_eq(limn_kernel_solve(x, &s, -1, y, 1, &e), LIMN_EINVAL);
  cr_assert_eq(limn_kernel_flow(x, &s, NAN, y, &e), LIMN_EINVAL);
  cr_assert_eq(limn_kernel_descent(x, &s, 0, 3, y, &e), LIMN_EINVAL);
  cr_assert_eq(limn_kernel_descent(x, &s, 1, 2.5, y, &e), LIMN_EINVAL);
  kzz[1] = INFINITY;
  cr_assert_eq(limn_kernel_variance(out, &s, 0, kz, kzz, M, &e), LIMN_ENONFINITE);
}
