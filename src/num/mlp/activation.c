/* activation.c: applies a net's activation to an array. */
#include "num/mlp/activation.h"
#include "num/mlp/reference.h"

void limn_mlp_phi(const limn_mlp *net, double *x, double *slope, const double *h, size_t n) {
  limn_phi phi = net->spec.activation;
  if (phi == LIMN_PHI_FUNCTION) {
    net->spec.function.apply(net->spec.function.context, x, slope, h, n);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    double z = h[i];
    x[i] = limn_reference_phi(phi, z);
    if (slope) slope[i] = limn_reference_slope(phi, z);
  }
}

enum { PIECE = 512 }; /* numbers that are converted at once */

void limn_mlp_activate(const limn_mlp *net, void *x, void *slope, const void *h, size_t n) {
  limn_phi phi = net->spec.activation;
  limn_dtype t = net->spec.dtype;
  if (limn_mlp_vector_phi(phi)) {
    limn_mlp_kernels_of(t)->activate(phi, x, slope, h, n);
    return;
  }
  double z[PIECE], value[PIECE], derivative[PIECE] = {0};
  for (size_t from = 0; from < n; from += PIECE) {
    size_t count = n - from < PIECE ? n - from : PIECE;
    for (size_t i = 0; i < count; i++) z[i] = limn_get_real(h, t, from + i);
    limn_mlp_phi(net, value, slope ? derivative : NULL, z, count);
    for (size_t i = 0; i < count; i++) {
      limn_set_real(x, t, from + i, value[i]);
      if (slope) limn_set_real(slope, t, from + i, derivative[i]);
    }
  }
}
