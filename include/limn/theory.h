/* theory.h: the laws of the toy model: what P, R and the crossover should be, at any scale.
 *
 * D points, p = 2^-C the fraction of perfect features, P and R the lengths of the weighted sums of
 * the perfect and of the random features. Odds and ratios travel as natural logarithms, so that C =
 * 1000 or D = 1e300 neither overflow nor lose digits. `norm` is the norm of the weights that the
 * rule minimises (1 .. INFINITY); its conjugate is q = norm/(norm-1).
 *
 * Limit of many features:  P/R = p/(1-p) / E(|S_D|/D)^q,  S_D the sum of D fair signs.
 * Finite N, norm 2, normal features: P/R = n_p s with s = D/X, X ~ chi-square(n_r - D + 1). */
#ifndef LIMN_THEORY_H
#define LIMN_THEORY_H

#include <stdbool.h>
#include <stdint.h>
#include "limn/rng.h"
#include "limn/status.h"
#include "limn/token.h"
#include "limn/vocabulary.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- odds ---- */

/* log(p/(1-p)) for p = 2^-bits; accurate for tiny and for huge bits. bits > 0. */
LIMN_API double limn_theory_log_odds(double bits);

/* ---- the ladder of norms ---- */

/* How log E(|S_D|/D)^q is computed. AUTO: the exact binomial sum up to LIMN_EXACT_POINTS points,
 * beyond it SERIES for q <= 8 and QUADRATURE above. The others force one method (for tests). */
typedef enum limn_moment_method {
  LIMN_MOMENT_AUTO = 0,
  LIMN_MOMENT_SUM,       /* every lattice term that matters; relative error about 1e-14 */
  LIMN_MOMENT_SERIES,    /* normal moment with cumulant corrections to 1/D^2: error O(q^6/D^3) */
  LIMN_MOMENT_QUADRATURE /* the same sum on a coarser grid round its peak (q > 8) */
} limn_moment_method;

#define LIMN_EXACT_POINTS 1e6

/* log E(|S_D|/D)^q, a number <= 0. points >= 1, q >= 1 finite. NAN outside that. */
LIMN_API double limn_theory_log_moment(double points, double q, limn_moment_method method);

/* log(P/R) in the limit of many features. Errors: LIMN_EINVAL (points < 1, norm < 1 or NaN).
 *
 *   log_ratio out  natural logarithm of P/R
 *   points    in   D >= 1
 *   log_odds  in   log(p/(1-p))
 *   norm      in   1 .. INFINITY, norm of the weights */
LIMN_API limn_status limn_theory_log_ratio(double *log_ratio, double points, double log_odds,
                                           double norm, limn_err *err);

/* The smallest integer D with P/R >= 1 (a tie within rounding counts). P/R never falls with D
 * (|S_D|/D is a reverse martingale), so bisection is exact; above 2^53 the answer has a double's
 * precision.
 *
 *   points    out  the smallest D
 *   log_odds  in   log(p/(1-p))
 *   norm      in   1 .. INFINITY
 * Errors: LIMN_EINVAL; LIMN_ENUMERIC beyond 1e300 points. */
LIMN_API limn_status limn_theory_crossover(double *points, double log_odds, double norm,
                                           limn_err *err);

/* ---- Bayes over the same pool ---- */

/* log posterior odds of the true feature against all others after D labels of which `errors`
 * disagree with it, when labels are flipped with probability `noise` (0 <= noise < 1/2):
 * log_odds + D log 2 + (D-errors) log(1-noise) + errors log noise; -INFINITY if noise = 0 < errors.
 *
 *   log_posterior out  natural logarithm of the odds
 *   points, errors in  0 <= errors <= points
 *   log_odds       in  log(p/(1-p))
 *   noise          in  0 <= noise < 1/2
 * Errors: LIMN_EINVAL. */
LIMN_API limn_status limn_theory_log_posterior(double *log_posterior, double points, double errors,
                                               double log_odds, double noise, limn_err *err);

/* ---- the O(1) engine ---- */

/* log(X/dof) for X ~ chi-square(dof), 0 < dof <= 2^60 and beyond: gamma by Marsaglia and Tsang
 * (ACM TOMS 26, 2000), with the acceptance test and the result rearranged so that nothing cancels:
 * at 2^60 degrees of freedom the fluctuation (about 1e-9) still has all its digits. */
LIMN_API double limn_theory_log_chi2(limn_rng *rng, double dof);

/* n such draws.
 *   out          out (n)  draw i is of the stream (seed, point, i), whatever the others are
 *   dof          in       degrees of freedom, finite and > 0
 *   seed, point  in       names of the streams
 * Errors: LIMN_EINVAL. */
LIMN_API limn_status limn_theory_log_chi2_draws(double *out, size_t n, double dof, uint64_t seed,
                                                uint64_t point, limn_err *err);

typedef enum limn_theory_kind { LIMN_THEORY_KINDS(LIMN_ENUMERATOR) } limn_theory_kind;

#define LIMN_THEORY_CLASSES 64

typedef struct limn_theory_spec {
  limn_theory_kind kind;
  double points;                     /* D >= 1 */
  int classes;                       /* 1 .. LIMN_THEORY_CLASSES */
  double count[LIMN_THEORY_CLASSES]; /* features of each class, >= 0 */
  double rho[LIMN_THEORY_CLASSES];   /* correlation with the labels, -1 .. 1 */
  double bias;      /* weight variance of a constant feature added to the pool; 0 = none */
  double imbalance; /* mean of the labels, used with bias; |imbalance| < 1 */
  double ridge;     /* >= 0; > 0 only with perfect and random classes and no bias */
  double start;     /* variance of each starting weight of gradient descent; 0 = from the origin */
  uint64_t seed, point;
} limn_theory_spec;

/* Outputs, each NULL or `reps` long (fraction: reps x classes, row-major). P and R: sums over the
 * classes with |rho| = 1 and over the others, signed along the labels. */
typedef struct limn_theory_draws {
  double *P, *R;
  double *s;         /* L' (K without the perfect ones)^-1 L; NAN for spectra with 0 < |rho| < 1 */
  double *ratio;     /* P/R; INFINITY where R = 0 */
  double *log2ratio; /* its base-2 logarithm, which neither overflows nor underflows */
  double *fluctuation; /* log(X/dof) of the chi-square behind s */
  double *noise;       /* variance that the random features add on a new point: sum of w_r^2 */
  double *offset;      /* variance that the random start adds on a new point */
  double *accuracy;    /* probability that the sign on a new point is right */
  double *fraction;    /* along_k / sqrt(D) of each class */
} limn_theory_draws;

/* reps independent draws; draw i uses the stream (seed, point, i), whatever the other draws are.
 * Exact for kind GAUSSIAN with perfect and random classes, with or without bias or ridge (the ridge
 * costs O(depth) <= O(D)); n_r < D gives P = sqrt(D), R = 0 (with ridge 0). SIGN: the mean of s is
 * right to a relative O(D/n^2), its variance to O(1/n). Classes with 0 < |rho| < 1: noncentral
 * chi-squares with the degrees of freedom that the other points leave, a relative error O(1/n).
 *
 *   out      out  arrays of the caller, each NULL or (reps); fraction (reps,classes)
 *   spec     in
 *   reps     in   >= 1
 * Errors: LIMN_EINVAL, LIMN_ENUMERIC (no interpolation), LIMN_ECANCELLED. */
LIMN_API limn_status limn_theory_sample(limn_theory_draws out, const limn_theory_spec *spec,
                                        uint64_t reps, const limn_token *token, limn_err *err);

/* ---- learning theory ---- */

/* Eigenlearning: kappa >= 0 with sum_i m_i l_i/(l_i+kappa) + ridge/kappa = points, for kernel
 * eigenvalues l_i >= 0 of multiplicity m_i (NULL = 1); learnability_i = l_i/(l_i+kappa) (may be
 * NULL). kappa = 0 when ridge = 0 and there are no more modes than points.
 *
 *   kappa        out
 *   learnability out  (modes) or NULL
 *   eigenvalue   in   (modes), >= 0
 *   multiplicity in   (modes), >= 0, or NULL: 1
 *   points       in   > 0
 *   ridge        in   >= 0
 * Errors: LIMN_EINVAL. */
LIMN_API limn_status limn_theory_learnability(double *kappa, double *learnability,
                                              const double *eigenvalue, const double *multiplicity,
                                              size_t modes, double points, double ridge,
                                              limn_err *err);

/* Mean squared error on a new point of the toy pool (kind GAUSSIAN), least squares where it cannot
 * interpolate: bias2 = (1-alpha)^2 and variance, each averaged over the law of s; their sum is the
 * double-descent curve. random, perfect: numbers of features. INFINITY where the mean diverges.
 *
 *   bias2, variance out
 *   points          in   >= 1
 *   random, perfect in   numbers of features, >= 0
 * Errors: LIMN_EINVAL. */
LIMN_API limn_status limn_theory_risk(double *bias2, double *variance, double points, double random,
                                      double perfect, limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
