/* activation.c: applies a net's activation to an array. */
#include "num/mlp/activation.h"
#include "num/mlp/reference.h"

void limn_mlp_activate(const limn_mlp *net, void *x, void *slope, const void *h, size_t n) {
  limn_phi phi = net->spec.activation;
  limn_dtype t = net->spec.dtype;
  if (limn_mlp_vector_phi(phi)) {
    limn_mlp_kernels_of(t)->activate(phi, x, slope, h, n);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    double z = limn_get_real(h, t, i);
    limn_set_real(x, t, i, limn_reference_phi(phi, z));
    if (slope) limn_set_real(slope, t, i, limn_reference_slope(phi, z));
  }
}
