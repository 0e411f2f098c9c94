/* regress.h: linear rules: which weights w solve F w = y, when many do.
 *
 * D points, N features; F is the D x N matrix of a limn_design: dense numbers or a FeatureSet,
 * which may be longer than memory. The dual is a D-vector a with w = F'a (for the rules that have
 * one), so that a fit on 10^12 features is D numbers. After a failure the outputs are undefined. */
#ifndef LIMN_REGRESS_H
#define LIMN_REGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include "limn/features.h"
#include "limn/status.h"
#include "limn/token.h"
#include "limn/vocabulary.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The matrix of a regression: exactly one of dense and set is not NULL. Nothing is owned. */
typedef struct limn_design {
  const double *dense; /* (points, count) row-major */
  const limn_features *set;
  uint64_t points, count;
} limn_design;

/* What every rule says about its answer. */
typedef struct limn_fit {
  uint64_t rank; /* numerical rank of F, as far as the route could tell */
  double rcond; /* estimate of 1/cond(F), 1-norm of the Gram matrix, after scaling by powers of 2 */
  double residual;     /* |y - F w|_2 */
  double norm;         /* |w|_2 (lp, l1: the norm that was minimised) */
  double gap;          /* duality gap, relative; NAN where the rule has none */
  uint64_t iterations; /* refinement, Newton, coordinate or gradient steps */
  uint64_t
      degenerate;    /* l1: dimension of the set of optima, equal columns counted once; 0: unique */
  bool has_dual;     /* the dual was filled */
  bool interpolates; /* the residual is rounding error */
  char method[200];  /* the route taken, and why */
  char warning[300]; /* "" or one sentence */
} limn_fit;

LIMN_API limn_design limn_design_dense(const double *x, uint64_t points, uint64_t count);
LIMN_API limn_design limn_design_set(const limn_features *f);

/* Among the w that minimise |y - F w|_2 the one with the least |w|_2.
 * weights: N numbers or NULL; dual: D numbers or NULL; y: D numbers.
 * Route: N > D: the dual Gram matrix K = F F' (integers, exact, for sign and binary sets), Cholesky
 * and refinement while K is well conditioned; else pivoted QR of F', and a complete orthogonal
 * factorisation when F has deficient rank. N <= D: columns scaled by powers of two, pivoted
 * Householder QR, refinement of w and the residual together with long double residuals; deficient:
 * the shortest of the least-squares solutions, by projection off the null space. In a FeatureSet
 * equal columns (perfect and constant classes) count as one column times sqrt(count) first. Ours
 * because LAPACK's drivers (gelsd, gelsy) neither scale nor refine, say nothing about cond(F) and
 * need F in memory. Errors: LIMN_EINVAL (D or N 0), LIMN_ENONFINITE (first bad index), LIMN_ENOMEM,
 * LIMN_ECANCELLED.
 *
 *   fit      out  rank, condition, residual, route
 *   weights  out  (N) or NULL
 *   dual     out  (D) with w = F'dual, or NULL
 *   x        in   the matrix F (D,N)
 *   y        in   (D) labels */
LIMN_API limn_status limn_regress_minnorm(limn_fit *fit, double *weights, double *dual,
                                          const limn_design *x, const double *y,
                                          const limn_token *token, limn_err *err);

/* Minimum |w|_p subject to F w = y, for p > 1; p = INFINITY is allowed. Equal columns share evenly.
 * 1 < p <= 2: damped Newton on the smooth dual min_a sum |f_j.a|^q/q - a.y, 1/p + 1/q = 1, so that
 * w_j = sign(f_j.a)|f_j.a|^(q-1); exact line search, continuation in q from 2. p > 2: a primal-dual
 * interior-point method (src/num/regress/lp_interior.c says why). Each step forms one D x D
 * matrix in one pass over the features, block by block, and takes one (p > 2: seven) of the cheap
 * passes that a sum or a price of every feature needs. fit->gap is |1 - dual bound/norm|, fit->norm
 * is |w|_p. When y is not in the range of F its projection is interpolated (least squares), with a
 * warning. Ours because general convex solvers need F in memory and stop at 1e-6..1e-8; the dual
 * has D unknowns. Work memory: 2 N (p > 2: 20 N) doubles. dual: the a above; p = inf, and where
 * |w|_p^(p-1) is no double: the a with |F'a|_q = 1. Errors: those of minnorm; LIMN_EINVAL p <= 1 or
 * NaN; LIMN_ENUMERIC no convergence (outputs hold the best iterate).
 *
 *   fit      out  gap, norm, iterations ...
 *   weights  out  (N) or NULL
 *   dual     out  (D) or NULL
 *   x        in   the matrix F (D,N)
 *   y        in   (D) labels
 *   p        in   > 1, INFINITY allowed */
LIMN_API limn_status limn_regress_lp(limn_fit *fit, double *weights, double *dual,
                                     const limn_design *x, const double *y, double p,
                                     const limn_token *token, limn_err *err);

/* Minimum |w|_1 subject to F w = y; among several optima the one with the least |w|_2 (so equal
 * columns share evenly); fit->degenerate tells how many there are. Route: a working set of columns
 * grows by those with the largest |f_j.a| (a pass over F prices all others), a primal-dual
 * interior-point method solves the problem of the working set, and the columns at |f_j.a| = 1 then
 * give the answer exactly, as nonnegative least-norm solution on that face. Chosen over a
 * homotopy because coin-flip features tie at every breakpoint. fit->gap = 1 -
 * (a.y/max|f_j.a|)/|w|_1 certifies it: |F'a| <= 1 for the dual returned. Ours because LP solvers
 * need all of F and give no least-norm point of a face. weights: N numbers, or NULL. Errors and
 * infeasible labels as for lp.
 *
 *   fit      out  gap, degenerate ...
 *   weights  out  (N) or NULL
 *   dual     out  (D) or NULL; |F'dual| <= 1
 *   x        in   the matrix F (D,N)
 *   y        in   (D) labels */
LIMN_API limn_status limn_regress_l1(limn_fit *fit, double *weights, double *dual,
                                     const limn_design *x, const double *y, const limn_token *token,
                                     limn_err *err);

/* The lasso, min |y - F w|_2^2 / 2 + lambda |w|_1, for each of a list of lambda > 0; a descending
 * list is a path. weights: (lambdas, N) row-major or NULL; fits: one each; dual: (lambdas, D) or
 * NULL: y - F w. An active-set search with warm starts, exact on its working set
 * (coordinate descent where ties stop it); a pass over F adds what violates |f_j.r| <= lambda.
 * fit->gap: duality gap over the objective. Equal columns share evenly. *greatest (may be NULL):
 * the least lambda with w = 0. Ours because the known path codes need F in memory and stumble over
 * equal columns. LIMN_ENUMERIC: some lambda did not reach a gap of 1e-6; its fit holds the best
 * iterate.
 *
 *   fits     out  (lambdas)
 *   weights  out  (lambdas,N) or NULL
 *   dual     out  (lambdas,D) or NULL: y - F w
 *   greatest out  the least lambda with w = 0, or NULL
 *   x        in   the matrix F (D,N)
 *   y        in   (D) labels
 *   lambda   in   (lambdas) penalties > 0 */
LIMN_API limn_status limn_regress_lasso(limn_fit *fits, double *weights, double *dual,
                                        double *greatest, const limn_design *x, const double *y,
                                        const double *lambda, uint64_t lambdas,
                                        const limn_token *token, limn_err *err);

/* Ridge: min |y - F w|_2^2 + lambda |w|_2^2 for each of a list of lambda >= 0; lambda = 0 is
 * minnorm. fits: one each; weights (lambdas, N), dual (lambdas, D), loo and gcv (lambdas): each may
 * be NULL. w = F'dual. loo: mean squared leave-one-out error (exact, no refitting); gcv:
 * generalised cross-validation score; both have their limit for lambda -> 0 also where K is
 * singular. One factorisation serves all: N > D: Cholesky of K + lambda I (one lambda; fits->rank
 * is that of K + lambda I then, D) or K's tridiagonal form (several), refined on F; a dense F with
 * cond(K + lambda I) above 1e6 or labels far outside the range of F, or N <= D: the SVD of F, which
 * never squares the condition number; a FeatureSet then: eigenvectors of K. What is rounding counts
 * as 0, as in minnorm. Ours because the leave-one-out path from one factorisation, on features
 * longer than memory, is in no LAPACK driver. Errors: those of minnorm; LIMN_EINVAL lambda < 0, NaN
 * or infinite, or lambdas = 0.
 *
 *   fits     out  (lambdas)
 *   weights  out  (lambdas,N) or NULL
 *   dual     out  (lambdas,D) or NULL
 *   loo, gcv out  (lambdas) or NULL: mean squared leave-one-out error; generalised cross-validation
 *   x        in   the matrix F (D,N)
 *   y        in   (D) labels
 *   lambda   in   (lambdas) penalties >= 0 */
LIMN_API limn_status limn_regress_ridge(limn_fit *fits, double *weights, double *dual, double *loo,
                                        double *gcv, const limn_design *x, const double *y,
                                        const double *lambda, uint64_t lambdas,
                                        const limn_token *token, limn_err *err);

/* The posterior over the columns of F as hypotheses: column j says +1 where F_ij > 0, else -1;
 * every label was flipped with probability `flip` (0 <= flip < 1/2; 0: noise-free). Log space
 * throughout. */
typedef struct limn_posterior {
  double log_evidence; /* natural log of sum_j prior_j P(labels | j) */
  double entropy;      /* of the posterior, nats */
  uint64_t consistent; /* columns that match every label */
  uint64_t fewest;     /* least number of mismatches */
} limn_posterior;

/* prior: N numbers >= 0, not all 0, normalised here; NULL: uniform. weights: N posterior
 * masses, or NULL; mass: one number per class of a FeatureSet (dense: 1 number), or NULL.
 * One pass over F, two with weights. labels must be -1 or +1. Ours: exact sums in a fixed order.
 * Errors: LIMN_EINVAL (labels, flip, prior), LIMN_ENUMERIC: flip = 0 and no column of positive
 * prior matches all labels (out is filled, evidence -inf).
 *
 *   out      out  evidence (natural logarithm), entropy (nats), counts
 *   weights  out  (N) posterior masses, or NULL
 *   mass     out  (classes) or NULL
 *   x        in   the matrix F (D,N)
 *   labels   in   (D), -1 or +1
 *   flip     in   0 <= flip < 1/2
 *   prior    in   (N) or NULL: uniform */
LIMN_API limn_status limn_regress_bayes(limn_posterior *out, double *weights, double *mass,
                                        const limn_design *x, const double *labels, double flip,
                                        const double *prior, const limn_token *token,
                                        limn_err *err);

typedef enum limn_descent { LIMN_DESCENTS(LIMN_ENUMERATOR) } limn_descent;

typedef struct limn_gd_options {
  limn_descent optimizer;
  double rate;     /* 0: 1/lambda_max(K) for gd and momentum, 1/trace(K) sgd, 1e-3 adam, sign */
  double momentum; /* [0, 1) */
  double tol;      /* stop when |y - F w| <= tol |y|; 0: take all the steps */
  uint64_t steps, batch, every; /* every: record each so many steps (>= 1) */
  const double *start;          /* N weights, or NULL: zero */
  double start_scale;           /* > 0: w0 normal with this standard deviation (start NULL) */
  bool antisymmetric;           /* fit y to F w - F w0: the start's function is subtracted */
  uint64_t seed;                /* of the start and of the batches */
} limn_gd_options;

/* Columns of the recorded path. P: length of the sum over the class "perfect"; R: of everything
 * else (P, R: NAN without such a class); distance: |w - w_minnorm|; flow_*: gradient flow in closed
 * form at the same time (NAN for adam and sign, and for the path of momentum time is step
 * rate/(1 - momentum)). */
enum {
  LIMN_GD_STEP = 0,
  LIMN_GD_TIME,
  LIMN_GD_LOSS,
  LIMN_GD_P,
  LIMN_GD_R,
  LIMN_GD_DISTANCE,
  LIMN_GD_FLOW_LOSS,
  LIMN_GD_FLOW_P,
  LIMN_GD_FLOW_R,
  LIMN_GD_COLUMNS
};

/* Gradient descent on |y - F w|^2/2. path: (steps/every + 2, LIMN_GD_COLUMNS); *rows: how many were
 * filled (the start, each `every` steps, and the end). weights: N or NULL; dual: D or NULL (filled
 * when the start is zero or antisymmetric, and the optimizer keeps w - w0 = F'a). *rate: the rate
 * that was used. gd, momentum and sgd never leave w0 + range(F'), so they run on a and K: D^2 work
 * a step, any N. adam and sign do leave it and need F dense. Ours because the path of contributions
 * together with the exact flow is the purpose. LIMN_EINVAL: options out of range; LIMN_ENUMERIC:
 * diverged, or tol > 0 not reached (outputs are filled).
 *
 *   fit      out  residual, norm, steps taken
 *   weights  out  (N) or NULL
 *   dual     out  (D) or NULL
 *   path     out  (steps/every + 2, LIMN_GD_COLUMNS)
 *   rows     out  rows of path that were filled
 *   rate     out  the rate that was used
 *   x        in   the matrix F (D,N)
 *   y        in   (D) labels
 *   options  in   see limn_gd_options */
LIMN_API limn_status limn_regress_gd(limn_fit *fit, double *weights, double *dual, double *path,
                                     uint64_t *rows, double *rate, const limn_design *x,
                                     const double *y, const limn_gd_options *options,
                                     const limn_token *token, limn_err *err);

/* Weights of columns first .. first+count-1 of a set from its dual: w = sign(t)|t|^power, t =
 * F'dual. Errors: LIMN_ENOMEM, LIMN_ECANCELLED.
 *
 *   w        out  (count)
 *   set      in   the features F (D,N)
 *   dual     in   (D)
 *   power    in   1 for the L2 rules, 1/(p-1) for lp
 *   first    in   the first column, counted from 0
 *   count    in   first + count <= N */
LIMN_API limn_status limn_regress_weights(double *w, const limn_features *set, const double *dual,
                                          double power, uint64_t first, uint64_t count,
                                          const limn_token *token, limn_err *err);

/* Predictions out = fresh w. Errors: LIMN_ENOMEM, LIMN_ECANCELLED.
 *
 *   out      out  (M), one per row of fresh
 *   fresh    in   (M,N), dense or a FeatureSet
 *   weights  in   (N), or NULL: then w is computed block by block by limn_regress_weights from
 *   set, dual, power  in  (D,N), (D), a number: of the fit */
LIMN_API limn_status limn_regress_predict(double *out, const limn_design *fresh,
                                          const double *weights, const limn_features *set,
                                          const double *dual, double power, const limn_token *token,
                                          limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
