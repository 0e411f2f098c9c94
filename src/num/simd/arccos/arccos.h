/* arccos.h: the inner loops of infinite-width kernels over many pairs of points at once.
 *
 * Every array has room for n rounded up to LIMN_ARCCOS_LANES entries, and the loops fill all of
 * them; what stands in the entries beyond n must be finite and comes out as anything. Each
 * instruction set compiles arccos_body.h in a file of its own. Without contraction every set does
 * the same operations in the same order: equal results to the bit. */
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
 * vectors b (entries b[c*stride + j]), c < wide. Of nearly parallel and nearly opposite points the
 * smaller is |a - b|^2/2 or |a + b|^2/2, which keeps all its digits. */
typedef void limn_versines_fn(size_t n, size_t wide, const double *a, size_t apart, const double *b,
                              size_t stride, double *u, double *v);

/* One ReLU layer as a whole, point 1 fixed and point 2 running. Between layers the tangent kernel
 * is divided by the standard deviations of the two pre-activations, as the covariance is: so both
 * start as rho, and the deviations are only wanted after the last layer. On the way to the next
 * layer a bias turns the outputs, of lengths l1 and l2, by different angles: 1 - rho' = ((c1 -
 * c2)^2 + (s1 - s2)^2)/2 + c1 c2 gap, a sum of terms that are not negative, with c = l/sqrt(l^2 +
 * bias) and s = sqrt(bias/(l^2 + bias)). */
typedef struct limn_relu_layer {
  size_t n;
  double *u;       /* in: 1 - rho of this layer's input; out, but for the last: of the next one's */
  const double *v; /* 1 + rho: this is the first layer; NULL: rho is known to be >= 0 */
  double *theta;   /* in, but for the first, and out: tangent kernel; NULL: not wanted */
  double weight;   /* variance of the weights that follow */
  bool standard;   /* theta starts as 0 and grows by E[phi phi] alone */
  /* The last layer only: standard deviations, the output's covariance (NULL: not wanted), bias. */
  double root1, bias;
  const double *root2; /* NULL: not the last layer */
  double *k;
  /* Before the last layer: c/sqrt 2, s/sqrt 2. */
  double cosine1, sine1;
  const double *cosine2, *sine2; /* NULL: no bias to mind */
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
