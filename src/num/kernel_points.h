/* kernel_points.h: what infinite-width kernels know about each point by itself. Internal. */
#ifndef LIMN_KERNEL_POINTS_H
#define LIMN_KERNEL_POINTS_H

#include "kernel_dual.h"

/* Arrays over points are `stride` entries apart: n rounded up, with zeros behind, so that the inner
 * loops may run over their ends. q[l] variance of the pre-activation going into hidden layer l (l =
 * depth: of the output), e[l] = E[phi^2] there; root = sqrt(q), inverse = 1/root (0 for a point
 * without norm). unit[c]: coordinate c of the inputs scaled to length 1, the bias as a last one. */
typedef struct limn_kernel_points {
  size_t n, stride, wide; /* wide: input dimension + 1 */
  double *q, *e, *root, *inverse, *unit;
  limn_series *series; /* one a layer, or NULL */
} limn_kernel_points;

/* Fills p (zeroed before) from x (n,d), called `name` in messages. After a failure, too, it is for
 * limn_kernel_points_free to release what p holds. */
limn_status limn_kernel_points_fill(limn_kernel_points *p, const double *x, size_t n, size_t d,
                                    const char *name, const limn_kernel_spec *spec,
                                    const limn_token *token, limn_err *err);

void limn_kernel_points_free(limn_kernel_points *p, int depth);

#endif
