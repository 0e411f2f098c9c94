/* test_blas_threads.c: the thread count of OpenBLAS is the host's: every limn call restores it,
 * after success and after failure, and its results have the same bits for any host count. */
#include <criterion/criterion.h>
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num/linalg/linalg.h"
#include "core/core.h"
#include "limn/limn.h"

#define OK(call) cr_assert_eq((call), LIMN_OK, "%s", e.text)

static double *fresh(size_t n, uint64_t seed) {
  double *x = malloc((n + 1) * sizeof *x);
  limn_rng r = limn_rng_start(limn_key_of(seed, 7, 0, LIMN_FOR_USER), 0);
  limn_rng_fill_normal(&r, x, n);
  return x;
}

static double *zeros(size_t n) {
  return calloc(n + 1, sizeof(double));
}

/* Runs in several threads at once; calls overlap, and the last one restores the count. */
static void overlapping(void *ctx, size_t task, int worker) {
  limn_err e = {0};
  double *c = (double *)ctx + task * 64 * 64, *a = fresh(64 * 64, 90 + task);
  (void)worker;
  for (int k = 0; k < 50; k++)
    OK(limn_la_gemm(c, 64, a, 64, false, a, 64, true, 64, 64, 64, 1, 0, &e));
  free(a);
}

/* Calls every routine that uses BLAS, and some functions above them; out: their results. */
static void call_all(double *out) {
  limn_err e = {0};
  size_t n = 96, at = 0, rank, perm[96];
  double *a = fresh(n * n, 83), *b = fresh(n * n, 84), *g = zeros(n * n), *l = zeros(n * n);
  double *u = zeros(n * n), *v = zeros(n * n), s[96], t[96], rcond;
  OK(limn_la_gemm(out, n, a, n, false, b, n, true, n, n, n, 1, 0, &e));
  at += n * n;
  OK(limn_la_syrk(g, n, a, n, false, n, n, 1, 0, &e));
  memcpy(out + at, g, n * n * sizeof *g), at += n * n;
  OK(limn_la_gemv(out + at, a, n, false, b, n, n, 1, 0, &e));
  at += n;
  memcpy(l, g, n * n * sizeof *g);
  OK(limn_la_chol(l, n, NULL, &e));
  OK(limn_la_chol_rcond(out + at++, l, n, limn_la_norm1(g, n, n), &e));
  OK(limn_la_chol_inverse_diagonal(out + at, l, n, &e));
  at += n;
  memcpy(out + at, b, n * n * sizeof *b);
  OK(limn_la_chol_solve(out + at, l, n, n, &e));
  at += n * n;
  OK(limn_la_svd(u, s, v, a, n, n, &e));
  memcpy(out + at, u, n * n * sizeof *u), at += n * n;
  OK(limn_la_qr(u, v, a, n, n, NULL, &e));
  memcpy(out + at, u, n * n * sizeof *u), at += n * n;
  OK(limn_la_qrp(u, s, perm, a, n, n, &e));
  OK(limn_la_qrp_apply(out + at, u, s, true, n, n, n, &e));
  at += n * n;
  OK(limn_la_lstsq(out + at, &rank, NULL, a, b, n, n, n, -1, LIMN_LA_GELSD, &e));
  at += n * n;
  OK(limn_la_solve(out + at, &rcond, a, b, n, n, &e));
  at += n * n;
  memcpy(l, g, n * n * sizeof *g);
  OK(limn_la_tridiagonal(out + at, s, t, l, n, &e));
  at += n * n;
  OK(limn_la_eigh(s, g, n, true, &e));
  memcpy(out + at, g, n * n * sizeof *g), at += n * n;
  limn_design x = limn_design_dense(a, n / 2, 2 * n);
  limn_fit fit;
  OK(limn_regress_minnorm(&fit, out + at, NULL, &x, b, NULL, &e));
  at += 2 * n;
  OK(limn_regress_ridge(&fit, out + at, NULL, NULL, NULL, &x, b, (double[]){0.1}, 1, NULL, &e));
  at += 2 * n;
  OK(limn_parallel(8, overlapping, out + at, NULL, &e));
  free(a), free(b), free(g), free(l), free(u), free(v);
}

Test(blas_threads, the_hosts_blas_threads_are_restored) {
  enum { MOST = 150000 };
  double *first = zeros(MOST), *again = zeros(MOST);
  limn_err e = {0};
  OK(limn_threads_set(4, &e));
  for (int threads = 1; threads <= 3; threads++) {
    openblas_set_num_threads(threads);
    call_all(threads == 1 ? first : again);
    cr_assert_eq(openblas_get_num_threads(), threads, "%d, not %d", openblas_get_num_threads(),
                 threads);
    if (threads > 1)
      cr_assert_eq(memcmp(first, again, MOST * sizeof *first), 0, "%d BLAS threads", threads);
  }
  size_t bad;
  first[0] = NAN; /* calls that fail restore it too */
  cr_assert_eq(limn_la_svd(NULL, again, NULL, first, 4, 4, &e), LIMN_ENONFINITE);
  first[0] = 0, first[1] = -1;
  cr_assert_eq(limn_la_chol(first, 2, &bad, &e), LIMN_ENUMERIC);
  cr_assert_eq(limn_la_solve(again, NULL, zeros(4), first, 2, 1, &e), LIMN_ENUMERIC);
  limn_memory_fail_at(2);
  cr_assert_eq(limn_la_qr(first, first, again, 2, 2, NULL, &e), LIMN_ENOMEM);
  limn_memory_fail_at(0);
  cr_assert_eq(openblas_get_num_threads(), 3);
  limn_la_enter(); /* held, as over the forks of a sweep */
  cr_assert_eq(openblas_get_num_threads(), 1);
  call_all(again);
  cr_assert_eq(openblas_get_num_threads(), 1);
  limn_la_leave();
  cr_assert_eq(openblas_get_num_threads(), 3);
  free(first), free(again);
}
