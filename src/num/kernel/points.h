/* points.h: the quantities that infinite-width kernels need for each single point. Internal. */
#ifndef LIMN_KERNEL_POINTS_H
#define LIMN_KERNEL_POINTS_H

#include "num/kernel/dual_activation.h"

/* Arrays over points have stride `stride`: n rounded up, padded with zeros, so that inner loops may
 * run past n. q[l]: variance of the pre-activation of hidden layer l (l = depth: of the output);
 * e[l] = E[phi^2] there; root = sqrt(q). unit[c]: coordinate c of the inputs scaled to length 1 (0
 * for a point of length 0), the last one for the bias. ReLU with a bias: cosine[l] and sine[l] of
 * the rotation of the output of hidden layer l (num/simd/arccos/arccos.h). */
typedef struct limn_kernel_points {
  size_t n, stride, wide; /* wide: input dimension + 1 */
  double *q, *e, *root, *unit, *cosine, *sine;
  limn_series *series; /* one per layer, or NULL */
} limn_kernel_points;

/* Allocates p (zeroed before) for n points. The caller must call limn_kernel_points_free, also
 * after a failure. */
limn_status limn_kernel_points_room(limn_kernel_points *p, size_t n, size_t d,
                                    const limn_kernel_spec *spec, limn_err *err);

/* Computes points first .. first+n-1 of p from the n rows of x, without series. Returns false if
 * some entry of x or some variance is not finite. */
bool limn_kernel_points_part(limn_kernel_points *p, size_t first, const double *x, size_t n,
                             const limn_kernel_spec *spec);

/* Allocates and computes all of x (n,d); `name` is its name in errors. */
limn_status limn_kernel_points_fill(limn_kernel_points *p, const double *x, size_t n, size_t d,
                                    const char *name, const limn_kernel_spec *spec,
                                    const limn_token *token, limn_err *err);

void limn_kernel_points_free(limn_kernel_points *p, int depth);

#endif
