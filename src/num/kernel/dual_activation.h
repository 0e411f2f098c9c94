/* dual_activation.h: one layer of an infinite-width network: from the covariance of its inputs to
 * the moments of its outputs. Internal to src/num. */
#ifndef LIMN_KERNEL_DUAL_H
#define LIMN_KERNEL_DUAL_H

#include "core/core.h"
#include "limn/kernel.h"

/* Hermite coefficients of phi at one layer: row i holds a_0 .. a_{terms-1} of point i. */
typedef struct limn_series {
  double *a; /* (points, stride) */
  size_t terms, stride;
  double error; /* largest relative error of E[phi^2] and E[phi'^2] so far */
} limn_series;

/* Maximum number of terms of a series, and maximum variance q for a series (its terms decay like
 * exp(-pi sqrt(2 n/q))). */
enum { LIMN_SERIES_TERMS = 400, LIMN_SERIES_VARIANCE = 2 };

/* Whether phi needs a series rather than a closed form. */
bool limn_dual_is_series(limn_phi phi);

/* Fills row i of s for a point whose pre-activation has variance q (above LIMN_SERIES_VARIANCE:
 * leaves it zero); returns E[phi^2] of phi = tanh. Increases s->terms and s->error as needed. s->a
 * must be zeroed and have LIMN_SERIES_TERMS columns. */
double limn_series_row(limn_series *s, size_t i, double q);

/* E[phi(u)^2] in closed form, var u = q; not for activations that need a series. */
double limn_dual_diagonal(limn_phi phi, double q);

/* A block of n pairs of one point 1 and n points 2.
 * In: q1, q2[j] variances; e1, e2[j] = E[phi^2]; u[j] = 1 - rho, v[j] = 1 + rho; a1, a2 series
 * rows, or NULL. Out: e[j] = E[phi phi], gap[j] = 1 - e/sqrt(e1 e2), d[j] = E[phi' phi']. spare: n
 * doubles of scratch. Arrays indexed by j have room for n rounded up (num/simd/arccos/arccos.h). */
typedef struct limn_dual_block {
  size_t n;
  double q1, e1;
  const double *q2, *e2, *u, *v;
  const double *a1, *a2;
  size_t terms, stride;
  double *e, *gap, *d, *spare;
} limn_dual_block;

void limn_dual(limn_phi phi, const limn_dual_block *b);

#endif
