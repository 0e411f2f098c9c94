/* reference.h: the definition of training, in plain double arithmetic. Not fast, not installed; the
 * algorithms of num/mlp/train are tested against it. */
#ifndef LIMN_NUM_MLP_REFERENCE_H
#define LIMN_NUM_MLP_REFERENCE_H

#include "num/mlp/net.h"

/* One layer of one net, with shapes; d<name> is the derivative of the loss by <name>. */
typedef struct limn_reference_layer {
  limn_mlp_layer is;        /* sizes, multipliers m and mb, rate factor */
  double *W, *dW, *uW, *vW; /* (out,in) raw weights, gradient, the optimiser's moments */
  double *b, *db, *ub, *vb; /* (out) raw biases, likewise */
  double *a, *z, *dz;       /* (in) input; (out) pre-activations */
} limn_reference_layer;

/* A member of a limn_mlp: f = scale[0] f_0 + scale[1] f_1 of one or two nets, of which the first
 * `moving` are trained. start = none: scale 1, -1; the second net is the start. antisymmetric:
 * 1/sqrt 2, -1/sqrt 2; both are trained. */
typedef struct limn_reference {
  size_t layers, nets, moving;
  limn_phi activation;
  double scale[2];
  limn_reference_layer layer[2][LIMN_MLP_LAYERS];
  const double *offset;    /* (points,outputs) subtracted from f; or NULL */
  double *f, *df, *memory; /* f and df (outputs) at the last point */
  uint64_t t;              /* steps taken */
} limn_reference;

double limn_reference_phi(limn_phi phi, double z);
double limn_reference_slope(limn_phi phi, double z); /* phi'(z); 0 at the kink of ReLU */

/* Copies member `member` with moments 0. Free with limn_reference_end. */
limn_status limn_reference_begin(limn_reference *r, const limn_mlp *net, size_t member,
                                 limn_err *err);
void limn_reference_end(limn_reference *r);

/* Returns the mean loss on x (points,in), y (points,outputs); sets dW and db to its gradient. */
double limn_reference_gradient(limn_reference *r, const double *x, const double *y, size_t points,
                               limn_mlp_loss loss);

/* Updates n raw parameters W of one layer with gradient dW and moments u, v: step t >= 1 of the
 * rule's optimiser at rate eta with penalties l2, l1; fade: the fraction of W that decays. */
void limn_reference_update(double *W, const double *dW, double *u, double *v, size_t n, double eta,
                           double l2, double l1, double fade, const limn_mlp_rule *rule, double t);

/* Projects the raw weights W (out,in) of one layer onto a constraint with the bound > 0. */
void limn_reference_project(double *W, size_t out, size_t in, limn_mlp_constraint constraint,
                            double bound);

/* Updates all parameters with the gradient that limn_reference_gradient computed. */
void limn_reference_apply(limn_reference *r, const limn_mlp_rule *rule);

/* Both: one step on all these points; returns the loss before the step. */
double limn_reference_step(limn_reference *r, const double *x, const double *y, size_t points,
                           const limn_mlp_rule *rule);

#endif
