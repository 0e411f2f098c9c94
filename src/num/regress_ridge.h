/* regress_ridge.h: what the files of ridge share. Internal. */
#ifndef LIMN_REGRESS_RIDGE_H
#define LIMN_REGRESS_RIDGE_H

#include "regress_core.h"

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

/* The scores of number l from its dual a, residual r, and the spectrum. */
void limn_ridge_score(const limn_ridge *p, uint64_t l, const limn_spectrum *f, const double *a,
                      const double *r, double lambda);

/* Solves with the D x D matrix K + lambda I, N > D. *done = false, nothing written: K (dense F) is
 * too ill-conditioned or F out of the safe range; a FeatureSet is always done. */
limn_status limn_ridge_dual(bool *done, const limn_ridge *p, limn_pool *pool, limn_err *err);

#endif
