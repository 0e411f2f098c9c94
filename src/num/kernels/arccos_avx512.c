/* arccos_avx512.c: the ReLU layer of infinite-width kernels, compiled for AVX512. */
#include "arccos.h"

#if defined(__x86_64__)
void limn_arccos_avx512(size_t n, const double *restrict u, const double *restrict v,
                        double *restrict kappa, double *restrict gap, double *restrict slope,
                        double *restrict turn) {
  limn_arccos_body(n, u, v, kappa, gap, slope, turn);
}
#endif
