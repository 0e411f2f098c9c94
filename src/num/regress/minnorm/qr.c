/* qr.c: pivoted QR in factors and residuals in long double, for the dense minimum-norm solvers.
 * Notation: A P = Q R, |r_11| >= |r_22| >= ...; rank r. */
#include "num/regress/minnorm/qr.h"

#include <float.h>
#include <string.h>

#include "num/linalg/linalg.h"

#define TRY LIMN_TRY

limn_status limn_qr_need(const limn_pool *pool, limn_err *err) {
  return pool->failed ? limn_nomem(err, "work space", pool->failed, sizeof(double)) : LIMN_OK;
}

limn_status limn_qr_factorise(limn_factors *q, limn_pool *pool, const double *a, size_t m, size_t n,
                              limn_err *err) {
  size_t k = m < n ? m : n;
  q->m = m, q->n = n, q->rank = 0;
  q->f = limn_take(pool, m * n);
  q->tau = limn_take(pool, k);
  q->perm = (size_t *)(void *)limn_take(pool, n);
  TRY(limn_qr_need(pool, err));
  TRY(limn_la_qrp(q->f, q->tau, q->perm, a, m, n, err));
  double least = DBL_EPSILON * (double)(m > n ? m : n) * fabs(q->f[0]);
  while (q->rank < k && fabs(q->f[q->rank * m + q->rank]) > least) q->rank++;
  return LIMN_OK;
}

limn_status limn_qr_solve(double *b, const limn_factors *q, bool transposed, limn_err *err) {
  if (q->rank == 0) return LIMN_OK;
  return limn_la_trsm(b, 1, q->f, q->m, false, !transposed, q->rank, 1, err);
}

limn_status limn_qr_apply(double *b, const limn_factors *q, bool transposed, limn_err *err) {
  return limn_la_qrp_apply(b, q->f, q->tau, transposed, q->m, q->n, 1, err);
}

limn_status limn_qr_condition(double *rcond, const limn_factors *q, limn_pool *pool,
                              limn_err *err) {
  size_t r = q->rank;
  *rcond = 0;
  if (r == 0) return LIMN_OK;
  double *l = limn_take(pool, r * r), *g = limn_take(pool, r * r);
  TRY(limn_qr_need(pool, err));
  for (size_t j = 0; j < r; j++) memcpy(l + j * r, q->f + j * q->m, (j + 1) * sizeof *l);
  TRY(limn_la_syrk(g, r, l, r, false, r, r, 1, 0, err));
  TRY(limn_la_chol_rcond(rcond, l, r, limn_la_norm1(g, r, r), err));
  *rcond = sqrt(*rcond);
  return LIMN_OK;
}

void limn_qr_defect(double *out, const double *y, const double *r, const double *a, const double *z,
                    size_t d, size_t n) {
  for (size_t i = 0; i < d; i++) {
    long double sum = y[i];
    if (r) sum -= r[i];
    for (size_t j = 0; j < n; j++) sum -= (long double)a[i * n + j] * z[j];
    out[i] = (double)sum;
  }
}
