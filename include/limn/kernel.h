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

/* Kernels between the rows of x (m,d) and of z (n,d); z = NULL means x itself: then n = m, only one
 * half is computed, and the result is symmetric to the bit.
 * Outputs, each (m,n) row-major or NULL: k (NNGP), theta (NTK), layers (depth+1 matrices, one after
 * the other). error: NULL or the bound on the relative error of the series (0 = closed form).
 * Errors: LIMN_EINVAL (also for variances past 1e306), LIMN_ENONFINITE (names the entry),
 * LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_kernel_evaluate(double *k, double *theta, double *layers, double *error,
                                          const double *x, size_t m, const double *z, size_t n,
                                          size_t d, const limn_kernel_spec *spec,
                                          const limn_token *token, limn_err *err);

/* NNGP variance of each row of x (n,d) with itself: k (n), the diagonal of what
 * limn_kernel_evaluate gives for z = NULL, at the cost of n. Errors: as there. */
LIMN_API limn_status limn_kernel_diagonal(double *k, const double *x, size_t n, size_t d,
                                          const limn_kernel_spec *spec, limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
