/* points.h: what infinite-width kernels know about each point by itself. Internal. */
#ifndef LIMN_KERNEL_POINTS_H
#define LIMN_KERNEL_POINTS_H

#include "num/kernel/dual_activation.h"

/* Arrays over points are `stride` entries apart: n rounded up, with zeros behind, so that the inner
 * loops may run over their ends. q[l] variance of the pre-activation going into hidden layer l (l =
 * depth: of the output), e[l] = E[phi^2] there; root = sqrt(q). unit[c]: coordinate c of the inputs
 * scaled to length 1 (0 for a point without norm), the bias as a last one. ReLU with a bias:
 * cosine[l] and sine[l] by which the output of hidden layer l is turned (num/simd/arccos/arccos.h).
 */
typedef struct limn_kernel_points {
  size_t n, stride, wide; /* wide: input dimension + 1 */
  double *q, *e, *root, *unit, *cosine, *sine;
  limn_series *series; /* one a layer, or NULL */
} limn_kernel_points;

/* Room for n points in p (zeroed before). After a failure, too, it is for limn_kernel_points_free
 * to release what p holds. */
limn_status limn_kernel_points_room(limn_kernel_points *p, size_t n, size_t d,
                                    const limn_kernel_spec *spec, limn_err *err);

/* Fills points first .. first+n-1 of p from the n rows of x; no series. False: some entry of x is
 * not finite or some variance is not. */
bool limn_kernel_points_part(limn_kernel_points *p, size_t first, const double *x, size_t n,
                             const limn_kernel_spec *spec);

/* Both for the whole of x (n,d), which is called `name` in messages. */
limn_status limn_kernel_points_fill(limn_kernel_points *p, const double *x, size_t n, size_t d,
                                    const char *name, const limn_kernel_spec *spec,
                                    const limn_token *token, limn_err *err);

void limn_kernel_points_free(limn_kernel_points *p, int depth);

#endif
