/* theory.h: exact and asymptotic laws of the toy model: P, R and their crossover at any size.
 *
 * D points; p = 2^-C the fraction of perfect features; P and R the components along the labels of
 * the weighted sums of the perfect and of the random features. For minimum-norm interpolants
 * without a constant feature they are the lengths of these sums; with a ridge or a constant feature
 * the random sum is longer than R. Odds and ratios are given as natural logarithms, so that
 * C = 1000 or D = 1e300 neither overflow nor lose digits. `norm` is the norm of the weights that
 * the rule minimises (1 .. INFINITY); its conjugate is q = norm/(norm-1).
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

/* log(p/(1-p)) for p = 2^-bits, bits > 0; accurate for small and for large bits. */
LIMN_API double limn_theory_log_odds(double bits);

/* ---- dependence on the norm ---- */

/* Methods for log E(|S_D|/D)^q. AUTO: the exact binomial sum up to LIMN_EXACT_POINTS points; for
 * more points SERIES if q <= 8, else QUADRATURE. The other values select one method (for tests). */
typedef enum limn_moment_method {
  LIMN_MOMENT_AUTO = 0,
  LIMN_MOMENT_SUM,       /* all terms above rounding error; relative error about 1e-14 */
  LIMN_MOMENT_SERIES,    /* normal moment with cumulant corrections to 1/D^2: error O(q^6/D^3) */
  LIMN_MOMENT_QUADRATURE /* the same sum on a coarser grid around its peak (q > 8) */
} limn_moment_method;

#define LIMN_EXACT_POINTS 1e6

/* log E(|S_D|/D)^q <= 0, for points >= 1 and finite q >= 1; otherwise NAN. */
LIMN_API double limn_theory_log_moment(double points, double q, limn_moment_method method);

/* log(P/R) in the limit of many features.
 *   log_ratio out  natural logarithm of P/R
 *   points    in   D >= 1
 *   log_odds  in   log(p/(1-p))
 *   norm      in   1 .. INFINITY, norm of the weights
 * Errors: LIMN_EINVAL (points < 1, norm < 1 or NaN). */
LIMN_API limn_status limn_theory_log_ratio(double *log_ratio, double points, double log_odds,
                                           double norm, limn_err *err);

/* The smallest integer D with P/R >= 1, ties up to rounding included. Bisection is exact, because
 * P/R does not decrease with D (|S_D|/D is a reverse martingale). Above 2^53 the result has the
 * precision of a double.
 *   points    out  the smallest D
 *   log_odds  in   log(p/(1-p))
 *   norm      in   1 .. INFINITY
 * Errors: LIMN_EINVAL, LIMN_ENUMERIC (D > 1e300). */
LIMN_API limn_status limn_theory_crossover(double *points, double log_odds, double norm,
                                           limn_err *err);

/* ---- Bayesian inference over the same features ---- */

/* Log posterior odds of the true feature against all others after D labels, of which `errors`
 * disagree with it: log_odds + D log 2 + (D-errors) log(1-noise) + errors log noise.
 * The mean of the posterior mass over random errors is not the mass at their mean number.
 *   log_posterior out  natural logarithm of the odds; -INFINITY if noise = 0 < errors
 *   points, errors in  0 <= errors <= points
 *   log_odds       in  log(p/(1-p))
 *   noise          in  probability that a label is flipped, 0 <= noise < 1/2
 * Errors: LIMN_EINVAL. */
LIMN_API limn_status limn_theory_log_posterior(double *log_posterior, double points, double errors,
                                               double log_odds, double noise, limn_err *err);

/* ---- sampling in O(1) ---- */

/* log(X/dof) for X ~ chi-square(dof), dof > 0, also above 2^60. The acceptance test and the result
 * are rearranged without cancellation: at 2^60 degrees of freedom the fluctuation (about 1e-9) has
 * full precision.
 * Source: Marsaglia and Tsang, ACM TOMS 26, 2000 (gamma variates). */
LIMN_API double limn_theory_log_chi2(limn_rng *rng, double dof);

/* n draws of limn_theory_log_chi2.
 *   out          out (n)  draw i uses the stream (seed, point, i)
 *   dof          in       degrees of freedom, finite and > 0
 *   seed, point  in       of the streams
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
  double bias;      /* weight variance of an additional constant feature; 0: none */
  double imbalance; /* mean of the labels; used with bias; |imbalance| < 1 */
  double ridge;     /* >= 0; > 0 only with perfect and random classes and no bias */
  double start; /* variance of the initial weights of gradient descent; 0: start at the origin */
  uint64_t seed, point;
} limn_theory_spec;

/* Outputs, each (reps) or NULL; fraction is (reps, classes). P and R: signed components along the
 * labels of the sums over the classes with |rho| = 1 and over the other classes. */
typedef struct limn_theory_draws {
  double *P, *R;
  double *s;           /* L' (K of the imperfect features)^-1 L; NAN if 0 < |rho| < 1 occurs */
  double *ratio;       /* P/R; INFINITY where R = 0 */
  double *log2ratio;   /* base-2 logarithm of P/R; neither overflows nor underflows */
  double *fluctuation; /* log(X/dof) of the chi-square variable X in s */
  double *noise;       /* variance due to the random features at a new point: sum of w_r^2 */
  double *offset;      /* variance due to random initial weights at a new point */
  double *accuracy;    /* probability of the correct sign at a new point */
  double *fraction;    /* along_k / sqrt(D) of each class */
} limn_theory_draws;

/* Independent draws of the toy model; draw i uses the stream (seed, point, i). Kind GAUSSIAN with
 * perfect and random classes is exact, with or without bias or ridge (the ridge costs O(depth) <=
 * O(D)); only accuracy with a random start, where offset is the mean of a variance that differs
 * from start to start, has an error of order 1/(n - D). With n_r < D and ridge 0: P = sqrt(D),
 * R = 0. Kind SIGN: the mean of s has relative error O(D/n^2), its variance O(1/n). Classes with
 * 0 < |rho| < 1 use noncentral chi-squares with the remaining degrees of freedom; the means of P, R
 * and noise then have a relative error of order 1/(n - D), n the number of imperfect features.
 *   out      out  arrays of the caller, each NULL or (reps); fraction (reps,classes)
 *   spec     in
 *   reps     in   >= 1
 *   token    in   may be NULL
 * Errors: LIMN_EINVAL, LIMN_ENUMERIC (no interpolation), LIMN_ECANCELLED. */
LIMN_API limn_status limn_theory_sample(limn_theory_draws out, const limn_theory_spec *spec,
                                        uint64_t reps, const limn_token *token, limn_err *err);

/* ---- learning theory ---- */

/* Learnability of kernel modes: the kappa >= 0 with sum_i m_i l_i/(l_i+kappa) + ridge/kappa =
 * points, and learnability_i = l_i/(l_i+kappa). kappa = 0 if ridge = 0 and there are no more modes
 * than points.
 *   kappa        out
 *   learnability out  (modes) or NULL
 *   eigenvalue   in   (modes) l_i >= 0
 *   multiplicity in   (modes) m_i >= 0, or NULL: 1
 *   points       in   > 0
 *   ridge        in   >= 0
 * Errors: LIMN_EINVAL.
 * Source: Bordelon, Canatar and Pehlevan 2020; Simon, Dickens, Karkada and DeWeese 2023. */
LIMN_API limn_status limn_theory_learnability(double *kappa, double *learnability,
                                              const double *eigenvalue, const double *multiplicity,
                                              size_t modes, double points, double ridge,
                                              limn_err *err);

/* Bias and variance of the prediction at a new point of the toy model (kind GAUSSIAN), averaged
 * over the law of s; their sum is the mean squared error, the double-descent curve. If the features
 * cannot interpolate, of the least-squares fit.
 *   bias2, variance out  squared bias (1-alpha)^2, variance; INFINITY if the mean diverges
 *   points          in   >= 1
 *   random, perfect in   numbers of features, >= 0
 * Errors: LIMN_EINVAL. */
LIMN_API limn_status limn_theory_risk(double *bias2, double *variance, double points, double random,
                                      double perfect, limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
