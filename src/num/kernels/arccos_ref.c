/* arccos_ref.c: the ReLU layer of infinite-width kernels, compiled for any CPU. */
#include "arccos.h"

void limn_arccos_ref(size_t n, const double *restrict u, const double *restrict v,
                     double *restrict kappa, double *restrict gap, double *restrict slope,
                     double *restrict turn) {
  limn_arccos_body(n, u, v, kappa, gap, slope, turn);
}
