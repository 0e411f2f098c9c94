/* kernel.h: kernels of infinitely wide networks (NNGP, NTK), and regression with a kernel.
 *
 * Convention (NTK parameterisation): `weight` and `bias` are variances,
 *     K0 = weight x.z/dim + bias,  Theta0 = K0,
 * and each of `depth` hidden layers maps
 *     K <- weight E[phi(u) phi(v)] + bias,   Theta <- K + weight E[phi'(u) phi'(v)] Theta,
 * (u,v) normal with the covariance of the layer below. `readout` is the weight variance of the last
 * layer. A net with one hidden layer has depth 1. Theta is the sum of the contributions of depth +
 * 1 layers, each with its weights and biases, listed from the input.
 *
 * With standard = true Theta is that of the standard parameterisation (W ~ N(0, weight/fan_in), one
 * rate for all weights) divided by the width n, in the limit n -> infinity:
 *     Theta_SP / n = sum over l = 1 .. depth of
 *                    E[phi phi]_l  prod over k > l of weight_k E[phi' phi']_k,
 * weight_k = readout for k = depth and weight below;
 * the input layer and all biases contribute only O(1/n). NNGP is the same in both
 * parameterisations.
 *
 * Closed forms: ReLU and step (Cho & Saul 2009; the step of 0 is 0), erf (Williams 1997), GELU,
 * sin, linear. tanh at small variances q: Mehler's series E[phi phi] = sum_n a_n(q1) a_n(q2) rho^n,
 * with Hermite coefficients a_n by the trapezoidal rule. tanh at large variances: a mixture of
 * erf's, tanh x = E erf(x/(sqrt 2 K)) with Kolmogorov's distribution of K. The relative error of
 * E[phi^2] and E[phi'^2] is returned. 1 - rho is computed from the difference of the points, and
 * for ReLU passed from layer to layer, so that nearly parallel inputs keep full relative
 * precision. */
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
  bool standard;  /* standard parameterisation of Theta, see above */
} limn_kernel_spec;

/* Kernels between the rows of x and of z.
 *   k        out (m, n)           NNGP, or NULL
 *   theta    out (m, n)           NTK, or NULL
 *   layers   out (depth+1, m, n)  contribution of each layer to theta, or NULL
 *   error    out                  bound on the relative error of the series, 0 for closed forms;
 *                                 or NULL
 *   x        in  (m, d)           finite, m, d >= 1
 *   z        in  (n, d)           finite; NULL: z = x and n = m; one triangle is computed and the
 *                                 result is exactly symmetric
 *   spec     in
 *   token    in                   may be NULL
 * Errors: LIMN_EINVAL (also for variances above 1e306), LIMN_ENONFINITE (argument "X" or "Z", and
 * the entry), LIMN_ENOMEM, LIMN_ECANCELLED.
 * Source: the papers named above. */
LIMN_API limn_status limn_kernel_evaluate(double *k, double *theta, double *layers, double *error,
                                          const double *x, size_t m, const double *z, size_t n,
                                          size_t d, const limn_kernel_spec *spec,
                                          const limn_token *token, limn_err *err);

/* The diagonal of the NNGP kernel of x with itself, in O(n).
 *   k        out (n)     variance of the output at each row
 *   x        in  (n, d)  finite
 *   spec     in
 * Errors: as for limn_kernel_evaluate. */
LIMN_API limn_status limn_kernel_diagonal(double *k, const double *x, size_t n, size_t d,
                                          const limn_kernel_spec *spec, limn_err *err);

/* ---- spectra ----
 *
 * Eigenvalues of the operator f -> E[k(x, Z) f(Z)] for kernels of the distance alone. `errors`
 * bounds the rounding errors, those of the kernel (a few epsilon) included. */

#define LIMN_CUBE_BITS 1000

/* Z uniform on {-1,1}^n: one eigenvalue per number k of bits in a parity, C(n,k) times each.
 *   values   out (n+1)
 *   errors   out (n+1)
 *   kernel   in  (n+1)  at Hamming distance 0 .. n
 *   n        in         1 .. LIMN_CUBE_BITS
 * Errors: LIMN_EINVAL, LIMN_ENOMEM.
 * Source: Krawtchouk polynomials; MacWilliams and Sloane 1977, chapter 5. */
LIMN_API limn_status limn_kernel_cube_levels(double *values, double *errors, const double *kernel,
                                             size_t n, limn_err *err);

/* Angles in (0, pi) and weights, of sum 1, of a quadrature for Z uniform on the sphere in dim
 * dimensions: Gauss and Legendre in the angle, in which kernels of nets are smooth.
 *   angle    out (n)
 *   weight   out (n)
 *   n        in       >= 2
 *   dim      in       >= 2
 * Errors: LIMN_EINVAL. */
LIMN_API limn_status limn_kernel_sphere_nodes(double *angle, double *weight, size_t n, size_t dim,
                                              limn_err *err);

/* Z uniform on the sphere: one eigenvalue per degree of spherical harmonics, without the error of
 * the quadrature.
 *   values   out (degrees+1)
 *   errors   out (degrees+1)
 *   degrees  in
 *   kernel   in  (n)  at the angles
 *   angle, weight, n, dim  in  from limn_kernel_sphere_nodes
 * Errors: LIMN_EINVAL, LIMN_ENOMEM.
 * Source: Funk and Hecke's formula; Mueller 1966. */
LIMN_API limn_status limn_kernel_sphere_degrees(double *values, double *errors, size_t degrees,
                                                const double *kernel, const double *angle,
                                                const double *weight, size_t n, size_t dim,
                                                limn_err *err);

/* ---- regression with a kernel ----
 *
 * K (n,n) is the kernel between data points, Kz (m,n) between new points and data. All functions
 * compute V f(w) V' b with the eigenvectors V and eigenvalues w of K; eigenvalues of the size of
 * rounding error count as 0. Errors of all: LIMN_EINVAL, LIMN_ENONFINITE (with the entry),
 * LIMN_ENOMEM, LIMN_ENUMERIC (LAPACK did not converge). */

typedef struct limn_kernel_spectrum {
  size_t n;
  const double *values;  /* (n) ascending */
  const double *vectors; /* (n,n), eigenvectors as columns */
  double cut;            /* eigenvalues <= cut count as 0; n * 2.2e-16 * the largest */
  size_t rank;           /* number of eigenvalues > cut */
  double rcond;          /* smallest over largest eigenvalue, at least 0 */
} limn_kernel_spectrum;

/* Eigenvalues and eigenvectors of a kernel matrix.
 *   out      out        the spectrum; points to values and vectors, which it does not own
 *   values   out (n)
 *   vectors  out (n,n)
 *   k        in  (n,n)  symmetric to 1e-12 of its largest entry, positive semidefinite
 * Errors: also LIMN_EINVAL (not symmetric, or an eigenvalue below 0 by more than rounding
 * error). */
LIMN_API limn_status limn_kernel_factorise(limn_kernel_spectrum *out, double *values,
                                           double *vectors, const double *k, size_t n,
                                           limn_err *err);

/* The same for a matrix whose entries are rounded to `rounding` (relative; 1.2e-7 for numbers that
 * were f32), and for use with a ridge only, if that is not 0. With a rounding above that of doubles
 * K may be asymmetric by n * rounding, the mean of K and K' is factored, and eigenvalues up to n *
 * rounding * the largest are rounding error: they do not count in the rank, and without a ridge
 * they are left out. An eigenvalue may be below 0 by rounding error and half the ridge. */
LIMN_API limn_status limn_kernel_factorise_rounded(limn_kernel_spectrum *out, double *values,
                                                   double *vectors, const double *k, size_t n,
                                                   double rounding, double ridge, limn_err *err);

/* Kernel ridge regression: out = (K + ridge I)^+ b. The prediction at new points is Kz out.
 *   out      out (n,r)
 *   s        in         spectrum of K
 *   ridge    in         >= 0
 *   b        in  (n,r) */
LIMN_API limn_status limn_kernel_solve(double *out, const limn_kernel_spectrum *s, double ridge,
                                       const double *b, size_t r, limn_err *err);

/* Gradient flow on |f - y|^2/2: out = K^+ (1 - exp(-t K)) b. The function changes by Kz out.
 *   out      out (n)
 *   s        in       spectrum of K
 *   t        in       time >= 0, INFINITY: the limit
 *   b        in  (n)  y - f0 */
LIMN_API limn_status limn_kernel_flow(double *out, const limn_kernel_spectrum *s, double t,
                                      const double *b, limn_err *err);

/* Gradient descent on the mean of (f - y)^2/2 over n points: out = K^+ (1 - (1 - rate K/n)^steps)
 * b. The function changes by Kz out.
 *   out      out (n)
 *   s        in       spectrum of K
 *   rate     in       not read if steps is INFINITY
 *   steps    in       a whole number >= 0, or INFINITY
 *   b        in  (n)  y - f0 */
LIMN_API limn_status limn_kernel_descent(double *out, const limn_kernel_spectrum *s, double rate,
                                         double steps, const double *b, limn_err *err);

/* Posterior variance of a Gaussian process with this kernel at new points: out = kzz - diag(Kz (K +
 * ridge I)^+ Kz'). Negative values, which are rounding error, are set to 0.
 *   out      out (m)
 *   s        in         spectrum of K
 *   ridge    in         >= 0
 *   kz       in  (m,n)  kernel between new points and data
 *   kzz      in  (m)    kernel of each new point with itself */
LIMN_API limn_status limn_kernel_variance(double *out, const limn_kernel_spectrum *s, double ridge,
                                          const double *kz, const double *kzz, size_t m,
                                          limn_err *err);

/* Variance, over random initialisations, of nets trained to convergence: out = kzz + diag(A K A' -
 * 2 A kz') with A = tz (T + ridge I)^+. T is the tangent kernel, K the covariance of the initial
 * outputs. This is not the posterior variance of a Gaussian process with kernel T.
 *   out      out (m)
 *   s        in         spectrum of T
 *   ridge    in         >= 0
 *   tz       in  (m,n)  T between new points and data
 *   k        in  (n,n)  covariance between data points
 *   kz       in  (m,n)  covariance between new points and data
 *   kzz      in  (m)    variance at each new point
 * Source: Lee et al. 2019, section 2.3. */
LIMN_API limn_status limn_kernel_trained_variance(double *out, const limn_kernel_spectrum *s,
                                                  double ridge, const double *tz, const double *k,
                                                  const double *kz, const double *kzz, size_t m,
                                                  limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
