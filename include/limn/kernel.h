/* kernel.h: the kernels of infinitely wide networks, and regression with them.
 *
 * Convention (NTK parameterisation): `weight` and `bias` are variances,
 *     K0 = weight x.z/dim + bias,  Theta0 = K0,
 * and each of `depth` hidden layers does
 *     K <- weight E[phi(u) phi(v)] + bias,   Theta <- K + weight E[phi'(u) phi'(v)] Theta,
 * (u,v) normal with the covariance of the layer below. `readout` is the weight variance of the last
 * layer. A net with one hidden layer has depth 1. Layer shares are listed input side first; there
 * are depth + 1, they sum to Theta, and each holds its weights and its bias.
 *
 * With standard = true Theta is that of the standard parameterisation (W ~ N(0, weight/fan_in), one
 * rate for all weights) divided by the width n, in the limit n -> infinity:
 *     Theta_SP / n = sum over l = 1 .. depth of E[phi phi]_l  prod over k > l of weight E[phi'
 * phi']_k; the input layer and all biases drop out as 1/n. NNGP is the same in both
 * parameterisations.
 *
 * Closed forms: ReLU and step (Cho & Saul 2009; the step of 0 is 0), erf (Williams 1997), GELU,
 * sin, linear. tanh: where variances q are small by Mehler's series, E[phi phi] = sum_n a_n(q1)
 * a_n(q2) rho^n with Hermite coefficients a_n found by the trapezoidal rule; where they are large
 * as a sum of erf's, tanh x = E erf(x/(sqrt 2 K)), K Kolmogorov's. The relative error of E[phi^2]
 * and E[phi'^2] is returned. 1 - rho comes from the points' difference, and ReLU carries it through
 * the layers, so that nearly parallel inputs keep all their digits. */
#ifndef LIMN_KERNEL_H
#define LIMN_KERNEL_H

#include <stdbool.h>
#include "limn/status.h"
#include "limn/token.h"
#include "limn/vocabulary.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum limn_phi { LIMN_ACTIVATIONS(LIMN_ENUMERATOR) } limn_phi;

#define LIMN_MAX_DEPTH 64

typedef struct limn_kernel_spec {
  limn_phi phi;
  int depth;      /* hidden layers, 1 .. LIMN_MAX_DEPTH */
  double weight;  /* > 0 */
  double bias;    /* >= 0 */
  double readout; /* > 0: weight variance of the last layer */
  bool standard;  /* scaling of Theta, see above */
} limn_kernel_spec;

/* Kernels between the rows of x and of z.
 *   k        out (m, n)           NNGP; may be NULL
 *   theta    out (m, n)           NTK; may be NULL
 *   layers   out (depth+1, m, n)  what each weight layer adds to theta; may be NULL
 *   error    out                  bound on the relative error of the series, 0 for closed forms;
 *                                 may be NULL
 *   x        in  (m, d)           finite, m, d >= 1
 *   z        in  (n, d)           finite; NULL: x itself, n is m, one half is computed, and the
 *                                 result is symmetric to the bit
 *   spec     in
 *   token    in                   may be NULL
 * Errors: LIMN_EINVAL (also for variances past 1e306), LIMN_ENONFINITE with argument "X" or "Z" and
 * the entry, LIMN_ENOMEM, LIMN_ECANCELLED. Source: the papers named above. */
LIMN_API limn_status limn_kernel_evaluate(double *k, double *theta, double *layers, double *error,
                                          const double *x, size_t m, const double *z, size_t n,
                                          size_t d, const limn_kernel_spec *spec,
                                          const limn_token *token, limn_err *err);

/* The diagonal of the NNGP kernel of x with itself, at the cost of n.
 *   k        out (n)     variance of the output at each row
 *   x        in  (n, d)  finite
 *   spec     in
 * Errors: as there. */
LIMN_API limn_status limn_kernel_diagonal(double *k, const double *x, size_t n, size_t d,
                                          const limn_kernel_spec *spec, limn_err *err);

/* ---- regression with a kernel ----
 *
 * K (n,n) is a kernel between the data, Kz (m,n) between new points and the data. Everything below
 * is V f(w) V' b with the eigenvectors V and eigenvalues w of K; eigenvalues of rounding error
 * count as 0. Errors of all: LIMN_EINVAL, LIMN_ENONFINITE (names the entry), LIMN_ENOMEM,
 * LIMN_ENUMERIC (LAPACK did not converge). */

typedef struct limn_kernel_spectrum {
  size_t n;
  const double *values;  /* (n) ascending */
  const double *vectors; /* (n,n), eigenvectors as columns */
  double cut;            /* eigenvalues up to it count as 0: n * 2.2e-16 * the largest */
  size_t rank;           /* how many count */
  double rcond;          /* least over largest eigenvalue, not below 0 */
} limn_kernel_spectrum;

/* Eigenvalues and eigenvectors of a kernel matrix.
 *   out      (out)       the spectrum; points to values and vectors, which it does not own
 *   values   (n)   out
 *   vectors  (n,n) out
 *   k        (n,n) in    symmetric to 1e-12 of its largest entry, positive semidefinite
 * LIMN_EINVAL: not symmetric, or an eigenvalue clearly below 0. */
LIMN_API limn_status limn_kernel_factorise(limn_kernel_spectrum *out, double *values,
                                           double *vectors, const double *k, size_t n,
                                           limn_err *err);

/* out (n,r) = (K + ridge I)^+ b, b (n,r), ridge >= 0. The prediction on new points is Kz out. */
LIMN_API limn_status limn_kernel_solve(double *out, const limn_kernel_spectrum *s, double ridge,
                                       const double *b, size_t r, limn_err *err);

/* out (n) = K^+ (1 - exp(-t K)) b: gradient flow on |f - y|^2/2 for a time t >= 0 (INFINITY: the
 * end), b (n) = y - f0; the function moves by Kz out. */
LIMN_API limn_status limn_kernel_flow(double *out, const limn_kernel_spectrum *s, double t,
                                      const double *b, limn_err *err);

/* out (n) = K^+ (1 - (1 - rate K/n)^steps) b: gradient descent on the mean of (f - y)^2/2 over n
 * points; steps a whole number >= 0, or INFINITY (then rate is not read). */
LIMN_API limn_status limn_kernel_descent(double *out, const limn_kernel_spectrum *s, double rate,
                                         double steps, const double *b, limn_err *err);

/* Posterior variance of a Gaussian process with this kernel at m new points:
 * out (m) = kzz - diag(Kz (K + ridge I)^+ Kz'), kz (m,n), kzz (m) the kernel of each new point with
 * itself. Rounding below 0 is cut off. */
LIMN_API limn_status limn_kernel_variance(double *out, const limn_kernel_spectrum *s, double ridge,
                                          const double *kz, const double *kzz, size_t m,
                                          limn_err *err);

/* Variance over random starts of nets trained to the end with the tangent kernel T of this
 * spectrum, whose outputs at the start have covariance K: out (m) = kzz + diag(A K A' - 2 A kz'),
 * A = tz (T + ridge I)^+; tz (m,n) is T between new points and data, k (n,n), kz (m,n), kzz (m) the
 * covariance. Not the posterior variance of a Gaussian process with kernel T.
 * Source: Lee et al. 2019, section 2.3. */
LIMN_API limn_status limn_kernel_trained_variance(double *out, const limn_kernel_spectrum *s,
                                                  double ridge, const double *tz, const double *k,
                                                  const double *kz, const double *kzz, size_t m,
                                                  limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
