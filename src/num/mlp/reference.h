/* reference.h: what training means, written out plainly in double. Not fast, not installed: the
 * definition that the algorithms of num/mlp/train are tested against, and to read first. */
#ifndef LIMN_NUM_MLP_REFERENCE_H
#define LIMN_NUM_MLP_REFERENCE_H

#include "num/mlp/net.h"

/* One layer of one net. Shapes in brackets; d... is the derivative of the loss. */
typedef struct limn_reference_layer {
  limn_mlp_layer is;        /* sizes, multipliers m and mb, factor of the rates */
  double *W, *dW, *uW, *vW; /* (out,in) raw weights w, gradient, the optimiser's moments */
  double *b, *db, *ub, *vb; /* (out) raw biases, likewise */
  double *a, *z, *dz;       /* (in) input; (out) pre-activations */
} limn_reference_layer;

/* A member of a limn_mlp: f = scale[0] f_0 + scale[1] f_1 of one or two nets, of which the first
 * `moving` train. start = none: scale 1, -1, the second net is the start; antisymmetric: 1/sqrt 2,
 * -1/sqrt 2, both train. */
typedef struct limn_reference {
  size_t layers, nets, moving;
  limn_phi activation;
  double scale[2];
  limn_reference_layer layer[2][LIMN_MLP_LAYERS];
  double *f, *memory; /* f (outputs) at the last point */
  uint64_t t;         /* steps taken */
} limn_reference;

double limn_reference_phi(limn_phi phi, double z);
double limn_reference_slope(limn_phi phi, double z); /* phi'(z); at the kink of ReLU 0 */

/* A copy of member `member`, its moments 0. Free with limn_reference_end. */
limn_status limn_reference_begin(limn_reference *r, const limn_mlp *net, size_t member,
                                 limn_err *err);
void limn_reference_end(limn_reference *r);

/* The mean loss of x (points,in), y (points,outputs); with dW, db its gradient. */
double limn_reference_gradient(limn_reference *r, const double *x, const double *y, size_t points,
                               limn_mlp_loss loss);

/* One step of the rule's optimiser on all these points; returns the loss before it. */
double limn_reference_step(limn_reference *r, const double *x, const double *y, size_t points,
                           const limn_mlp_rule *rule);

#endif
