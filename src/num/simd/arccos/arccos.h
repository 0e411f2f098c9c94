/* arccos.h: the inner loops of infinite-width kernels over many pairs of points at once.
 *
 * Every array has room for n rounded up to LIMN_ARCCOS_LANES entries, and the loops fill all of
 * them; inputs beyond n must be finite, outputs beyond n are undefined. Each instruction set
 * compiles arccos_body.h in its own file. Without contraction all sets do the same operations in
 * the same order: the results are equal to the bit. */
#ifndef LIMN_ARCCOS_H
#define LIMN_ARCCOS_H

#include <stdbool.h>
#include <stddef.h>

enum { LIMN_ARCCOS_LANES = 32 };

/* The ReLU layer on pairs with u = 1 - cos(t) and v = 1 + cos(t), both to full relative accuracy:
 * kappa = (sin t + (pi - t) cos t)/pi, gap = 1 - kappa, slope = (pi - t)/pi, turn = t/pi, each with
 * a relative error of a few roundings over the whole range of t. */
typedef void limn_arccos_fn(size_t n, const double *u, const double *v, double *kappa, double *gap,
                            double *slope, double *turn);

/* 1 - cos and 1 + cos of the angle between the unit vector a (entries a[c*apart]) and the unit
 * vectors b (entries b[c*stride + j]), c < wide. For nearly parallel or opposite points the smaller
 * one is computed as |a - b|^2/2 or |a + b|^2/2, which avoids cancellation. */
typedef void limn_versines_fn(size_t n, size_t wide, const double *a, size_t apart, const double *b,
                              size_t stride, double *u, double *v);

/* One ReLU layer, point 1 fixed and point 2 varying. Between layers the tangent kernel is divided
 * by the standard deviations of the two pre-activations, like the covariance; so both start as rho,
 * and the deviations are needed only after the last layer. A bias rotates the outputs, of lengths
 * l1 and l2, by different angles: 1 - rho' = ((c1 - c2)^2 + (s1 - s2)^2)/2 + c1 c2 gap, a sum of
 * nonnegative terms, with c = l/sqrt(l^2 + bias) and s = sqrt(bias/(l^2 + bias)). */
typedef struct limn_relu_layer {
  size_t n;
  double *u; /* in: 1 - rho of this layer's input; out, except in the last layer: that of the next
                layer's input */
  const double *v; /* 1 + rho in the first layer; NULL: a later layer, rho >= 0 */
  double *theta;   /* in (except in the first layer) and out: tangent kernel; or NULL */
  double weight;   /* variance of the weights of the next layer */
  bool standard;   /* standard parameterisation: theta is 0 at first and gains E[phi phi] only */
  /* The last layer only: standard deviations, covariance of the output (or NULL), bias. */
  double root1, bias;
  const double *root2; /* NULL: not the last layer */
  double *k;
  /* The other layers: c/sqrt 2, s/sqrt 2. */
  double cosine1, sine1;
  const double *cosine2, *sine2; /* NULL: no bias */
} limn_relu_layer;

typedef void limn_relu_fn(const limn_relu_layer *layer);

limn_arccos_fn limn_arccos_ref, limn_arccos_avx2, limn_arccos_avx512;
limn_versines_fn limn_versines_ref, limn_versines_avx2, limn_versines_avx512;
limn_relu_fn limn_relu_ref, limn_relu_avx2, limn_relu_avx512;

/* The variants for the instruction set in use. */
limn_arccos_fn *limn_arccos(void);
limn_versines_fn *limn_versines(void);
limn_relu_fn *limn_relu(void);

#endif
