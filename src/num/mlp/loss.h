/* loss.h: the losses of training. Internal to num/mlp. */
#ifndef LIMN_NUM_MLP_LOSS_H
#define LIMN_NUM_MLP_LOSS_H

#include <stddef.h>
#include "limn/mlp.h"

/* Returns total plus the loss of one point with outputs f and targets y (outputs entries each). d:
 * the derivative of the loss by f, or NULL. NaN in f gives NaN. */
double limn_mlp_add_loss(double total, limn_mlp_loss loss, const double *f, const double *y,
                         size_t outputs, double *d);

/* Whether the loss needs labels of -1 and +1. */
static inline bool limn_mlp_signed_labels(limn_mlp_loss loss) {
  return loss == LIMN_LOSS_LOGISTIC || loss == LIMN_LOSS_HINGE || loss == LIMN_LOSS_EXPONENTIAL;
}

/* Whether the loops of num/simd/mlp for nets in lanes compute it. */
static inline bool limn_mlp_vector_loss(limn_mlp_loss loss) {
  return loss == LIMN_LOSS_MSE || loss == LIMN_LOSS_LOGISTIC;
}

#endif
