/* regress.h: linear regression: weights w with F w = y, usually underdetermined; each rule selects
 * one solution.
 *
 * F is the D x N matrix of D points and N features, described by a limn_design: a dense array or a
 * FeatureSet, which may exceed memory. For most rules there is a dual vector a (D) with w = F'a, so
 * that a fit on 10^12 features is stored as D numbers. After a failure the outputs are undefined,
 * unless the contract says otherwise. */
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

/* The matrix of a regression. Exactly one of dense and set is not NULL; neither is owned. */
typedef struct limn_design {
  const double *dense; /* (points, count) row-major */
  const limn_features *set;
  uint64_t points, count;
} limn_design;

/* Diagnostics of a fit, filled by every rule. */
typedef struct limn_fit {
  uint64_t rank; /* numerical rank of F, as determined by the method used */
  double rcond;  /* estimate of 1/cond(F): 1-norm of the Gram matrix, after scaling by powers of 2;
                    NAN for rules that factorise no matrix */
  double residual;     /* |y - F w|_2 */
  double norm;         /* |w|_2 (lp, l1: the minimised norm) */
  double gap;          /* relative duality gap; NAN for rules without one */
  uint64_t iterations; /* steps of refinement, Newton, coordinate or gradient descent */
  uint64_t degenerate; /* l1: dimension of the set of optima, duplicate columns counted once; 0:
                          unique */
  bool rank_unknown; /* ridge: rank is not computed, and 0; the Cholesky factorisation does not tell
                        it */
  bool has_dual;     /* the dual was computed */
  bool interpolates; /* the residual is of the size of rounding error */
  char method[200];  /* the method used, and why */
  char warning[300]; /* "" or one sentence */
} limn_fit;

LIMN_API limn_design limn_design_dense(const double *x, uint64_t points, uint64_t count);
LIMN_API limn_design limn_design_set(const limn_features *f);

/* Sets to 0 the singular values of a matrix that are within the rounding of its entries. To be
 * called before a rule if the entries were rounded to a type coarser than double, as float: the
 * rules take entries for exact to double precision, and would divide by that rounding error.
 *   x         in/out  (points, count) row-major; unchanged if no singular value is that small, or
 *                     if those that are are 0 in double precision too
 *   points, count  in
 *   rounding  in      relative error of an entry, e.g. FLT_EPSILON
 * Errors: LIMN_ENONFINITE (the first such entry), LIMN_ENOMEM.
 *
 * Method: the SVD after rows (count > points) or columns are scaled by powers of two; values below
 * 2 rounding |x|_F are dropped. It is skipped if Cholesky of the Gram matrix shows that there are
 * none. */
LIMN_API limn_status limn_regress_rounded(double *x, uint64_t points, uint64_t count,
                                          double rounding, limn_err *err);

/* Minimum-norm least squares: of the w that minimise |y - F w|_2, the one of smallest |w|_2.
 *   fit      out  rank, condition, residual, method
 *   weights  out  (N) or NULL
 *   dual     out  (D) with w = F'dual, or NULL
 *   x        in   the matrix F (D,N)
 *   y        in   (D) labels
 *   token    in   may be NULL
 * Errors: LIMN_EINVAL (D or N is 0), LIMN_ENONFINITE (the first such entry), LIMN_ENOMEM,
 * LIMN_ECANCELLED.
 *
 * Method for N > D: Cholesky factorisation of the Gram matrix K = F F' with iterative refinement
 * while K is well conditioned; K is exact (integers) for sign and binary sets. Otherwise pivoted QR
 * of F', and a complete orthogonal factorisation if F is rank deficient.
 * Method for N <= D: pivoted Householder QR with columns scaled by powers of two; w and the
 * residual are refined together with long double residuals. If F is rank deficient, a least-squares
 * solution is projected off the null space. Duplicate columns of a FeatureSet (perfect and constant
 * classes) are first merged to one column times sqrt(count).
 * LAPACK's drivers gelsd and gelsy are not used: they neither scale nor refine, give no cond(F),
 * and need F in memory. */
LIMN_API limn_status limn_regress_minnorm(limn_fit *fit, double *weights, double *dual,
                                          const limn_design *x, const double *y,
                                          const limn_token *token, limn_err *err);

/* Minimum |w|_p subject to F w = y, p > 1. Duplicate columns get equal weights. If y is not in the
 * range of F, its projection onto the range is interpolated (least squares), with a warning.
 *   fit      out  gap = |1 - dual bound/norm|, norm = |w|_p, iterations
 *   weights  out  (N) or NULL
 *   dual     out  (D) or NULL; the a below. For p = inf, and if |w|_p^(p-1) is out of range, scaled
 *                     to |F'a|_q = 1
 *   x        in   the matrix F (D,N)
 *   y        in   (D) labels
 *   p        in   > 1, INFINITY allowed
 *   token    in   may be NULL
 * Errors: as for limn_regress_minnorm; LIMN_EINVAL (p <= 1 or NaN), LIMN_ENUMERIC (no convergence;
 * the outputs are the best iterate).
 *
 * Method for 1 < p <= 2: damped Newton on the smooth dual min_a sum |f_j.a|^q/q - a.y, 1/p + 1/q =
 * 1, with exact line search and continuation in q from 2; w_j = sign(f_j.a)|f_j.a|^(q-1).
 * Method for p > 2: a primal-dual interior-point method (src/num/regress/lp_interior.c gives the
 * reason). Each step forms one D x D matrix in one blockwise pass over the features and does one
 * cheaper pass (p > 2: seven). Work memory is 2 N (p > 2: 20 N) doubles. General convex solvers are
 * not used: they need F in memory and stop at gaps of 1e-6 to 1e-8; the dual has D unknowns. */
LIMN_API limn_status limn_regress_lp(limn_fit *fit, double *weights, double *dual,
                                     const limn_design *x, const double *y, double p,
                                     const limn_token *token, limn_err *err);

/* Minimum |w|_1 subject to F w = y; among several optima the one of smallest |w|_2, so that
 * duplicate columns get equal weights. Labels outside the range of F are treated as by
 * limn_regress_lp.
 *   fit      out  gap = 1 - (a.y/max|f_j.a|)/|w|_1, which bounds the suboptimality; degenerate ...
 *   weights  out  (N) or NULL
 *   dual     out  (D) or NULL; |F'dual| <= 1
 *   x        in   the matrix F (D,N)
 *   y        in   (D) labels
 *   token    in   may be NULL
 * Errors: as for limn_regress_lp.
 *
 * Method: a working set of columns is extended by those of largest |f_j.a|, found in one pass over
 * F (pricing). A primal-dual interior-point method solves the problem of the working set. The final
 * answer is exact: the nonnegative minimum-norm solution on the optimal face, the columns with
 * |f_j.a| = 1. A homotopy is not used, because sign features tie at every breakpoint. LP solvers
 * are not used, because they need all of F and do not give the minimum-norm point of a face. */
LIMN_API limn_status limn_regress_l1(limn_fit *fit, double *weights, double *dual,
                                     const limn_design *x, const double *y, const limn_token *token,
                                     limn_err *err);

/* The lasso, min |y - F w|_2^2 / 2 + lambda |w|_1, for a list of lambda > 0; a descending list is a
 * path. Duplicate columns get equal weights.
 *   fits     out  (lambdas) gap = duality gap over the objective ...
 *   weights  out  (lambdas,N) row-major, or NULL
 *   dual     out  (lambdas,D) or NULL: y - F w
 *   greatest out  the smallest lambda with w = 0, or NULL
 *   x        in   the matrix F (D,N)
 *   y        in   (D) labels
 *   lambda   in   (lambdas) penalties > 0
 *   token    in   may be NULL
 * Errors: as for limn_regress_minnorm; LIMN_EINVAL (lambda), LIMN_ENUMERIC (a gap above 1e-6
 * remains for some lambda; its outputs are the best iterate).
 *
 * Method: active-set search with warm starts, exact on its working set (coordinate descent in case
 * of ties); a pass over F adds the columns that violate |f_j.r| <= lambda. Known path algorithms
 * are not used: they need F in memory and fail on duplicate columns. */
LIMN_API limn_status limn_regress_lasso(limn_fit *fits, double *weights, double *dual,
                                        double *greatest, const limn_design *x, const double *y,
                                        const double *lambda, uint64_t lambdas,
                                        const limn_token *token, limn_err *err);

/* Ridge regression, min |y - F w|_2^2 + lambda |w|_2^2, for a list of lambda >= 0; lambda = 0 is
 * minnorm. loo and gcv have their limits for lambda -> 0, also if K = F F' is singular.
 *   fits     out  (lambdas)
 *   weights  out  (lambdas,N) or NULL
 *   dual     out  (lambdas,D) with w = F'dual, or NULL
 *   loo      out  (lambdas) or NULL: mean squared leave-one-out error, exact and without refitting
 *   gcv      out  (lambdas) or NULL: generalised cross-validation score
 *   x        in   the matrix F (D,N)
 *   y        in   (D) labels
 *   lambda   in   (lambdas) penalties >= 0
 *   token    in   may be NULL
 * Errors: as for limn_regress_minnorm; LIMN_EINVAL (a lambda that is negative or not finite, or
 * lambdas = 0).
 *
 * Method: one factorisation for all lambda. N > D: for one lambda Cholesky of K + lambda I
 * (fit->rank is then known only if lambda is below K's smallest eigenvalue), for several the
 * tridiagonal form of K; refined with residuals of F. For N <= D, and for a dense F with cond(K +
 * lambda I) > 1e6 or labels far outside the range of F: the SVD of F, which does not square the
 * condition number; for such a FeatureSet the eigenvectors of K. Singular values of the size of
 * rounding error count as 0, as in minnorm. LAPACK has no driver for leave-one-out errors along a
 * path, or for features that exceed memory. */
LIMN_API limn_status limn_regress_ridge(limn_fit *fits, double *weights, double *dual, double *loo,
                                        double *gcv, const limn_design *x, const double *y,
                                        const double *lambda, uint64_t lambdas,
                                        const limn_token *token, limn_err *err);

/* The posterior over the columns of F as hypotheses: column j predicts +1 if F_ij > 0, else -1.
 * Each label is flipped with probability `flip`. All sums are computed in log space. */
typedef struct limn_posterior {
  double log_evidence; /* natural log of sum_j prior_j P(labels | j) */
  double entropy;      /* of the posterior, nats */
  uint64_t consistent; /* columns that match every label */
  uint64_t fewest;     /* smallest number of mismatches of a column */
} limn_posterior;

/* Bayes' rule over the columns of F. One pass over F, two with weights; exact sums in a fixed
 * order.
 *   out      out  evidence (natural logarithm), entropy (nats), counts
 *   weights  out  (N) posterior probabilities, or NULL
 *   mass     out  (classes; 1 for a dense F) posterior probability of each class, or NULL
 *   x        in   the matrix F (D,N)
 *   labels   in   (D), -1 or +1
 *   flip     in   0 <= flip < 1/2; 0: noise-free
 *   prior    in   (N) numbers >= 0, not all 0, normalised by the function; or NULL: uniform
 *   token    in   may be NULL
 * Errors: LIMN_EINVAL (labels, flip, prior), LIMN_ENOMEM, LIMN_ECANCELLED, LIMN_ENUMERIC (flip = 0
 * and no column of positive prior matches all labels; out is filled, with evidence -inf). */
LIMN_API limn_status limn_regress_bayes(limn_posterior *out, double *weights, double *mass,
                                        const limn_design *x, const double *labels, double flip,
                                        const double *prior, const limn_token *token,
                                        limn_err *err);

typedef enum limn_descent { LIMN_DESCENTS(LIMN_ENUMERATOR) } limn_descent;

typedef struct limn_gd_options {
  limn_descent optimizer;
  double rate;     /* 0: 1/lambda_max(K) for gd and momentum, 1/trace(K) sgd, 1e-3 adam, sign */
  double momentum; /* [0, 1) */
  double tol;      /* stop when |y - F w| <= tol |y|; 0: run all steps */
  uint64_t steps, batch, every; /* every: recording interval in steps (>= 1) */
  const double *start;          /* N weights, or NULL: zero */
  double start_scale; /* if start is NULL and this > 0: w0 normal with this standard deviation */
  bool antisymmetric; /* fit F w - F w0 to y: the initial function is subtracted */
  uint64_t seed;      /* of the initial weights and of the batches */
} limn_gd_options;

/* Columns of the recorded path. P, R: lengths of the contributions of the classes "perfect" and
 * "random" (else "other", else all but "perfect"); NAN without a class "perfect". Distance: |w -
 * w_minnorm|. FLOW_*: gradient flow in closed form at the same time; NAN for adam and sign. Time is
 * step * rate, for momentum step * rate/(1 - momentum). */
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

/* Gradient descent on |y - F w|^2/2, with its path recorded.
 *   fit      out  residual, norm, number of steps
 *   weights  out  (N) or NULL
 *   dual     out  (D) or NULL; filled if the start is zero or antisymmetric and w - w0 = F'a
 *   path     out  (steps/every + 2, LIMN_GD_COLUMNS): the start, every `every` steps, the end
 *   rows     out  number of rows of path that were filled
 *   rate     out  the rate used
 *   x        in   the matrix F (D,N); must be dense for adam and sign
 *   y        in   (D) labels
 *   options  in   see limn_gd_options
 *   token    in   may be NULL
 * Errors: as for limn_regress_minnorm; LIMN_EINVAL (options), LIMN_ENUMERIC (divergence, or tol > 0
 * not reached; the outputs are filled).
 *
 * Method: gd, momentum and sgd stay in w0 + range(F') and therefore run on a and K, at D^2
 * operations per step for any N. adam and sign leave it and run on the weights. */
LIMN_API limn_status limn_regress_gd(limn_fit *fit, double *weights, double *dual, double *path,
                                     uint64_t *rows, double *rate, const limn_design *x,
                                     const double *y, const limn_gd_options *options,
                                     const limn_token *token, limn_err *err);

/* Weights of some columns of a set from its dual: w = sign(t)|t|^power with t = F'dual.
 *   w        out  (count)
 *   set      in   the features F (D,N)
 *   dual     in   (D)
 *   power    in   1 for the L2 rules, 1/(p-1) for lp
 *   first    in   the first column, counted from 0
 *   count    in   first + count <= N
 *   token    in   may be NULL
 * Errors: LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_regress_weights(double *w, const limn_features *set, const double *dual,
                                          double power, uint64_t first, uint64_t count,
                                          const limn_token *token, limn_err *err);

/* Predictions out = fresh w.
 *   out      out  (M), one per row of fresh
 *   fresh    in   (M,N), dense or a FeatureSet
 *   weights  in   (N), or NULL: w is computed block by block by limn_regress_weights from
 *   set, dual, power  in  (D,N), (D), a number: of the fit
 *   token    in   may be NULL
 * Errors: LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_regress_predict(double *out, const limn_design *fresh,
                                          const double *weights, const limn_features *set,
                                          const double *dual, double power, const limn_token *token,
                                          limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
