/* score.h: a ridge problem, the spectrum of K, and the scores that follow from it. Internal. */
#ifndef LIMN_REGRESS_RIDGE_SCORE_H
#define LIMN_REGRESS_RIDGE_SCORE_H

#include "num/regress/core.h"

/* A ridge problem and its outputs: weights (lambdas, N), dual (lambdas, D), loo and gcv (lambdas);
 * each may be NULL. */
typedef struct limn_ridge {
  const limn_design *x;
  const double *y, *lambda;
  uint64_t lambdas;
  limn_fit *fits;
  double *weights, *dual, *loo, *gcv;
  const limn_token *token;
} limn_ridge;

/* F = U diag(s) V' in squared singular values e = s^2: u (d,k), e (k) descending; vt (k,n) and s
 * (k) are NULL if only K = U diag(e) U' is known. */
typedef struct limn_spectrum {
  size_t d, n, k, rank;
  double *u, *e, *s, *vt, *work; /* work (2k): for the scores */
} limn_spectrum;

/* The scores of lambda number l from its dual a, the spectrum, and z, the component of the labels
 * outside the range of F (not read if rank = d). */
void limn_ridge_score(const limn_ridge *p, uint64_t l, const limn_spectrum *f, const double *a,
                      const double *z, double lambda);

/* Sets z to 0 if it is only the rounding error of a projection of y. */
void limn_ridge_clean(double *z, const double *y, size_t d);

/* Sets the rank: the number of e above rounding error. */
void limn_ridge_rank(limn_spectrum *f);

#endif
