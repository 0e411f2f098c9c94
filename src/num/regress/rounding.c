/* rounding.c: a matrix whose entries were rounded to a type coarser than double.
 *
 * Rounding of the entries to eps changes the matrix by at most eps |A|_F in the 2-norm. Singular
 * values below that are rounding error, and weights that divide by them are as well. The rules
 * compute in double and would keep all singular values above the rounding of doubles. */
#include <float.h>
#include <string.h>

#include "num/linalg/linalg.h"
#include "num/regress/core.h"

#define TRY LIMN_TRY

enum { MARGIN = 2 }; /* the entries are results of a few operations, each rounded */

/* A (d,n): rows (n > d) or columns scaled by powers of two to about 1; such scaling does not change
 * the relative error of an entry. ex: the exponents. */
static void scale(double *a, int *ex, const double *x, size_t d, size_t n) {
  bool rows = n > d;
  for (size_t k = 0; k < (rows ? d : n); k++)
    ex[k] = rows ? limn_exponent(x + k * n, n, 1) : limn_exponent(x + k, d, n);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < n; j++) a[i * n + j] = ldexp(x[i * n + j], -ex[rows ? i : j]);
}

/* Whether Cholesky of the smaller Gram matrix shows that no singular value is below `least`, which
 * costs less than the SVD. */
static limn_status regular(bool *is, const double *a, double least, size_t d, size_t n,
                           limn_pool *pool, limn_err *err) {
  size_t k = d < n ? d : n, pivot;
  double *g = limn_take(pool, k * k), rcond;
  limn_err ignored;
  *is = false;
  if (!g) return limn_nomem(err, "the Gram matrix", k * k, sizeof *g);
  TRY(limn_la_syrk(g, k, a, n, n < d, k, n < d ? d : n, 1, 0, err));
  double size = limn_la_norm1(g, k, k);
  limn_status st = limn_la_chol(g, k, &pivot, &ignored);
  if (st == LIMN_ENUMERIC) return LIMN_OK;
  if (st) return limn_pass(err, &ignored);
  TRY(limn_la_chol_rcond(&rcond, g, k, size, err));
  *is = rcond > 1e-10 && sqrt(rcond * size / 10) > least; /* 10: rcond is an estimate */
  return LIMN_OK;
}

/* x = the scaled A without its singular values of `least` and below, in the caller's units. */
static limn_status drop_rounding(double *x, const double *a, const int *ex, double least, size_t d,
                                 size_t n, limn_pool *pool, limn_err *err) {
  size_t k = d < n ? d : n, r = 0;
  double *u = limn_take(pool, d * k), *s = limn_take(pool, k), *vt = limn_take(pool, k * n);
  if (pool->failed) return limn_nomem(err, "singular vectors", pool->failed, sizeof *u);
  TRY(limn_la_svd(u, s, vt, a, d, n, err));
  while (r < k && s[r] > least) r++;
  /* If the others are 0 in double precision too, the entries are left as they are: equal columns
   * remain equal. */
  if (r == k || s[r] <= DBL_EPSILON * (double)(d > n ? d : n) * s[0]) return LIMN_OK;
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < r; j++) u[i * k + j] *= s[j];
  memset(x, 0, d * n * sizeof *x);
  if (r > 0) TRY(limn_la_gemm(x, n, u, k, false, vt, n, false, d, n, r, 1, 0, err));
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < n; j++) x[i * n + j] = ldexp(x[i * n + j], ex[n > d ? i : j]);
  return LIMN_OK;
}

limn_status limn_regress_rounded(double *x, uint64_t points, uint64_t count, double rounding,
                                 limn_err *err) {
  size_t d = (size_t)points, n = (size_t)count, bad = limn_la_nonfinite(x, d * n);
  if (d == 0 || n == 0) return LIMN_OK;
  if (bad < d * n) return limn_not_finite(err, "features", bad / n, bad % n, x[bad]);
  limn_pool pool = {.used = 0};
  double *a = limn_take(&pool, d * n);
  int *ex = (int *)(void *)limn_take(&pool, d < n ? d : n);
  limn_status st = LIMN_OK;
  if (pool.failed) st = limn_nomem(err, "work space", pool.failed, sizeof *a);
  if (!st) {
    scale(a, ex, x, d, n);
    double least = MARGIN * rounding * limn_length(a, d * n);
    bool is;
    st = regular(&is, a, least, d, n, &pool, err);
    if (!st && !is) st = drop_rounding(x, a, ex, least, d, n, &pool, err);
  }
  limn_pool_free(&pool);
  return st;
}
