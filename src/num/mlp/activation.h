/* activation.h: the activations of nets: vectorised ones (num/simd/mlp) and scalar ones. */
#ifndef LIMN_NUM_MLP_ACTIVATION_H
#define LIMN_NUM_MLP_ACTIVATION_H

#include "num/mlp/net.h"

/* Activations that num/simd/mlp implements; all of these map 0 to 0. */
static inline bool limn_mlp_vector_phi(limn_phi phi) {
  return phi <= LIMN_PHI_STEP;
}

/* x = phi(h) and, unless NULL, slope = phi'(h), n numbers of the nets' type; n a multiple of the
 * vector length. x may be h. */
void limn_mlp_activate(const limn_mlp *net, void *x, void *slope, const void *h, size_t n);

/* The same in double, for any n. */
void limn_mlp_phi(const limn_mlp *net, double *x, double *slope, const double *h, size_t n);

#endif
