/* path.h: (K + lambda I)^-1 for many lambda. Internal. */
#ifndef LIMN_REGRESS_RIDGE_PATH_H
#define LIMN_REGRESS_RIDGE_PATH_H

#include "num/regress/ridge/score.h"

/* K = Q T Q' and T + lambda I for l values of lambda: see path.c. */
typedef struct limn_tridiagonal {
  size_t d, l;
  double *qt, *diagonal, *off_diagonal; /* (d,d): row c is column c of Q; d; d */
  double *pivot, *ratio;                /* (l,d): T + lambda I = L diag(pivot) L' */
} limn_tridiagonal;

/* Reduces K (d,d), which is overwritten; writes its eigenvalues and rank to f. */
limn_status limn_ridge_tridiagonal(limn_tridiagonal *t, limn_spectrum *f, double *k, size_t d,
                                   limn_pool *pool, limn_err *err);

/* Factors T + lambda I; all K + lambda I must be positive definite. */
limn_status limn_ridge_path_factor(limn_tridiagonal *t, const double *lambda, size_t l,
                                   limn_pool *pool, limn_err *err);

/* In place, x (l,d) in the coordinates of Q: row i becomes (T + lambda_i I)^-1 x_i. */
void limn_ridge_path_solve(const limn_tridiagonal *t, double *x);

/* out (l,d): the diagonals of (K + lambda I)^-1. */
limn_status limn_ridge_path_inverse(const limn_tridiagonal *t, double *out, const limn_token *token,
                                    limn_err *err);

#endif
