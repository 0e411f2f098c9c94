/* qr.h: functions shared by the tall and the wide dense minimum-norm solvers. Internal. */
#ifndef LIMN_REGRESS_QR_H
#define LIMN_REGRESS_QR_H

#include "num/regress/core.h"

enum { LIMN_REFINE = 8 }; /* maximum number of refinement steps; two or three are usual */

/* A pivoted QR of an (m,n) matrix, A P = Q R: r_ij is f[j*m + i]; rank: number of diagonal entries
 * of R above rounding error. */
typedef struct limn_factors {
  double *f, *tau;
  size_t *perm;
  size_t m, n, rank;
} limn_factors;

/* The scaled problem A z = b, and its relation to w: w_j = z_j 2^(ey - ex_j). */
typedef struct {
  size_t d, n;
  double *a, *b;
  int *ex, ey;
} limn_scaled;

/* LIMN_ENOMEM if the pool was refused memory. */
limn_status limn_qr_need(const limn_pool *pool, limn_err *err);

/* Factors a (m,n) row-major; memory from the pool. */
limn_status limn_qr_factorise(limn_factors *q, limn_pool *pool, const double *a, size_t m, size_t n,
                              limn_err *err);

/* In place: the leading rank entries of b become R11^-1 b, or R11'^-1 b. */
limn_status limn_qr_solve(double *b, const limn_factors *q, bool transposed, limn_err *err);

/* In place: b (m) becomes Q b or Q'b. */
limn_status limn_qr_apply(double *b, const limn_factors *q, bool transposed, limn_err *err);

/* rcond of the factored matrix (of R11 if rank deficient), from the estimate for R11'R11. */
limn_status limn_qr_condition(double *rcond, const limn_factors *q, limn_pool *pool, limn_err *err);

/* out (d) = y - r - A z in long double, A (d,n); r may be NULL. */
void limn_qr_defect(double *out, const double *y, const double *r, const double *a, const double *z,
                    size_t d, size_t n);

#endif
