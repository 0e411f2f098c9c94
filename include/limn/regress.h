/* regress.h: linear rules: which weights w solve F w = y, when many do.
 *
 * D points, N features; F is the D x N matrix of a limn_design: dense numbers or a FeatureSet, which
 * may be longer than memory. The dual is a D-vector a with w = F'a (for the rules that have one), so
 * that a fit on 10^12 features is D numbers. After a failure the outputs are undefined. */
#ifndef LIMN_REGRESS_H
#define LIMN_REGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include "limn/features.h"
#include "limn/status.h"
#include "limn/token.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The matrix of a regression: exactly one of dense and set is not NULL. Nothing is owned. */
typedef struct limn_design {
  const double *dense;      /* (points, count) row-major */
  const limn_features *set;
  uint64_t points, count;
} limn_design;

/* What every rule says about its answer. */
typedef struct limn_fit {
  uint64_t rank;        /* numerical rank of F, as far as the route could tell */
  double rcond;         /* estimate of 1/cond(F), 1-norm of the Gram matrix, after scaling by powers of 2 */
  double residual;      /* |y - F w|_2 */
  double norm;          /* |w|_2 (lp, l1: the norm that was minimised) */
  double gap;           /* duality gap, relative; NAN where the rule has none */
  uint64_t iterations;  /* refinement, Newton, coordinate or gradient steps */
  uint64_t degenerate;  /* l1: columns that tie for a place in the solution and are not in it */
  bool has_dual;        /* the dual was filled and w = F'a (or its rule's map of F'a) */
  bool interpolates;    /* the residual is rounding error */
  char method[200];     /* the route taken, and why */
  char warning[300];    /* "" or one sentence */
} limn_fit;

LIMN_API limn_design limn_design_dense(const double *x, uint64_t points, uint64_t count);
LIMN_API limn_design limn_design_set(const limn_features *f);

/* Among the w that minimise |y - F w|_2 the one with the least |w|_2.
 * weights: N numbers or NULL; dual: D numbers or NULL; y: D numbers.
 * Route: N > D: the dual Gram matrix K = F F' (integers, exact, for sign and binary sets), Cholesky and
 * refinement while K is well conditioned; else pivoted QR of F', and a complete orthogonal
 * factorisation when F has deficient rank. N <= D: columns scaled by powers of two, pivoted Householder
 * QR, refinement of w and the residual together with long double residuals; deficient: the
 * shortest of the least-squares solutions, by projection off the null space. In a FeatureSet equal columns (perfect
 * and constant classes) count as one column times sqrt(count) first.
 * Ours because LAPACK's drivers (gelsd, gelsy) neither scale nor refine, say nothing about
 * cond(F) and need F in memory.
 * Errors: LIMN_EINVAL (D or N 0), LIMN_ENONFINITE (first bad index), LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_regress_minnorm(limn_fit *fit, double *weights, double *dual,
                                          const limn_design *x, const double *y,
                                          const limn_token *token, limn_err *err);

/* out (rows) = new * w, new dense or a FeatureSet with `count` columns; weights (count numbers), or
 * NULL with set and dual: then w = set'dual is made block by block. */
LIMN_API limn_status limn_regress_predict(double *out, const limn_design *fresh, const double *weights,
                                          const limn_features *set, const double *dual,
                                          const limn_token *token, limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
