/* regress_ridge.h: what the files of ridge share. Internal. */
#ifndef LIMN_REGRESS_RIDGE_H
#define LIMN_REGRESS_RIDGE_H

#include "num/regress/core.h"

/* A ridge problem and where its answers go: weights (lambdas, N), dual (lambdas, D), loo and gcv
 * (lambdas), each may be NULL. */
typedef struct limn_ridge {
  const limn_design *x;
  const double *y, *lambda;
  uint64_t lambdas;
  limn_fit *fits;
  double *weights, *dual, *loo, *gcv;
  const limn_token *token;
} limn_ridge;

/* F = U diag(s) V' in squared singular values e = s^2: u (d,k), e (k) descending; vt (k,n), s (k):
 * NULL where only K = U diag(e) U' is known. */
typedef struct limn_spectrum {
  size_t d, n, k, rank;
  double *u, *e, *s, *vt, *work; /* work (2k): of the scores */
} limn_spectrum;

/* The scores of number l from its dual a, the spectrum, and z, the labels' part outside the range
 * of F (not read where rank = d). */
void limn_ridge_score(const limn_ridge *p, uint64_t l, const limn_spectrum *f, const double *a,
                      const double *z, double lambda);

/* z = 0 where it is the rounding of a projection of y. */
void limn_ridge_clean(double *z, const double *y, size_t d);

/* Counts e that rounding cannot tell from 0 out of the rank. */
void limn_ridge_rank(limn_spectrum *f);

/* K = Q T Q' and T + lambda I for l lambdas: see regress_ridge_path.c. */
typedef struct limn_tridiagonal {
  size_t d, l;
  double *qt, *diagonal, *beside; /* (d,d): row c is column c of Q; d; d */
  double *pivot, *ratio;          /* (l,d): T + lambda I = L diag(pivot) L' */
} limn_tridiagonal;

/* K (d,d; spoilt), and its eigenvalues and rank into f. */
limn_status limn_ridge_tridiagonal(limn_tridiagonal *t, limn_spectrum *f, double *k, size_t d,
                                   limn_pool *pool, limn_err *err);

/* The factors; every K + lambda I must be positive definite. */
limn_status limn_ridge_path_factor(limn_tridiagonal *t, const double *lambda, size_t l,
                                   limn_pool *pool, limn_err *err);

/* In place, x (l,d) in Q's coordinates: row i becomes (T + lambda_i I)^-1 of itself. */
void limn_ridge_path_solve(const limn_tridiagonal *t, double *x);

/* out (l,d): the diagonals of (K + lambda I)^-1. */
limn_status limn_ridge_path_inverse(const limn_tridiagonal *t, double *out, const limn_token *token,
                                    limn_err *err);

/* Solves with the D x D matrix K + lambda I, N > D. *done = false, nothing written: K (dense F) is
 * too ill-conditioned or F out of the safe range; a FeatureSet is always done. */
limn_status limn_ridge_dual(bool *done, const limn_ridge *p, limn_pool *pool, limn_err *err);

#endif
