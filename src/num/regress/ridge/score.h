/* score.h: a ridge problem, the spectrum of K, and the scores that follow from it. Internal. */
#ifndef LIMN_REGRESS_RIDGE_SCORE_H
#define LIMN_REGRESS_RIDGE_SCORE_H

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

#endif
