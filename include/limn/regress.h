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
  uint64_t degenerate;  /* l1: dimension of the set of optima, equal columns counted once; 0: unique */
  bool has_dual;        /* the dual was filled */
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

/* Minimum |w|_p subject to F w = y, for p > 1; p = INFINITY is allowed. Equal columns share evenly.
 * 1 < p < inf: damped Newton on the smooth dual min_a sum |f_j.a|^q/q - a.y, 1/p + 1/q = 1, so that
 * w_j = sign(f_j.a)|f_j.a|^(q-1); exact line search, continuation in q from 2. Each step is one pass
 * over the features, block by block. p = inf: a primal-dual interior-point method (predictor and corrector).
 * fit->gap is |1 - dual bound/norm|, fit->norm is |w|_p. When y is not in the range of F its
 * projection is interpolated (least squares), with a warning.
 * Ours because general convex solvers need F in memory and stop at 1e-6..1e-8; the dual has D unknowns.
 * Work memory: 2 N (p = inf: 8 N) doubles. dual: the a above; p = inf: the a with sum |f_j.a| <= 1.
 * Errors: those of minnorm; LIMN_EINVAL p <= 1 or NaN; LIMN_ENUMERIC no convergence (outputs hold the best
 * iterate). */
LIMN_API limn_status limn_regress_lp(limn_fit *fit, double *weights, double *dual, const limn_design *x,
                                     const double *y, double p, const limn_token *token, limn_err *err);

/* Minimum |w|_1 subject to F w = y; among several optima the one with the least |w|_2 (so equal columns
 * share evenly); fit->degenerate tells how many there are.
 * Route: columns are taken in as the dual asks for them (largest |f_j.a| first; a pass over F prices
 * all others), a primal-dual interior-point method solves the problem of the columns taken in, and
 * the columns at |f_j.a| = 1 then give the answer exactly, as nonnegative least-norm solution on that
 * face. Chosen over a homotopy because coin-flip features tie at every breakpoint.
 * fit->gap = 1 - (a.y/max|f_j.a|)/|w|_1 certifies it: |F'a| <= 1 for the dual returned.
 * Ours because LP solvers need all of F and give no least-norm point of a face.
 * weights: N numbers, or NULL. Errors and infeasible labels as for lp. */
LIMN_API limn_status limn_regress_l1(limn_fit *fit, double *weights, double *dual, const limn_design *x,
                                     const double *y, const limn_token *token, limn_err *err);

/* The lasso, min |y - F w|_2^2 / 2 + lambda |w|_1, for each of a list of lambda >= 0 in descending order.
 * weights: (lambdas, N) row-major or NULL; fits: one each; dual: (lambdas, D) or NULL: y - F w.
 * Coordinate descent with warm starts on the columns taken in so far, then the exact solution for the
 * support and signs found when it satisfies all optimality conditions; a pass over F takes in what
 * violates |f_j.r| <= lambda. fit->gap: duality gap over |y|^2/2. lambda = 0 gives least squares on the
 * columns taken in. Equal columns share evenly. *greatest (may be NULL): the least lambda with w = 0.
 * Ours because the known path codes need F in memory and stumble over equal columns.
 * LIMN_ENUMERIC: some lambda did not reach a gap of 1e-6; its fit holds the best iterate. */
LIMN_API limn_status limn_regress_lasso(limn_fit *fits, double *weights, double *dual, double *greatest,
                                        const limn_design *x, const double *y, const double *lambda,
                                        uint64_t lambdas, const limn_token *token, limn_err *err);

/* w (count) = sign(t)|t|^power with t = F'dual, for columns first .. first+count-1 of a set; power 1 for
 * the L2 rules, 1/(p-1) for lp. */
LIMN_API limn_status limn_regress_weights(double *w, const limn_features *set, const double *dual, double power,
                                          uint64_t first, uint64_t count, const limn_token *token, limn_err *err);

/* out (rows) = fresh * w, fresh dense or a FeatureSet with `count` columns; weights (count numbers), or
 * NULL with set, dual and power: then w is made block by block by limn_regress_weights. */
LIMN_API limn_status limn_regress_predict(double *out, const limn_design *fresh, const double *weights,
                                          const limn_features *set, const double *dual,
                                          double power, const limn_token *token, limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
