/* kernel_reference.h: num/mlp/reference.c as the oracle of a training kernel. Kernels work on
 * effective parameters, each with a rate of its own; a reference net whose multipliers are the
 * square roots of these rates takes the same steps at rate 1. */
#ifndef LIMN_TEST_KERNEL_REFERENCE_H
#define LIMN_TEST_KERNEL_REFERENCE_H

#include "num/mlp/reference.h"
#include "support/every_kernel.h"

/* A reference net of this shape with the given rates by layer; 0: no biases. End it with
 * limn_reference_end. */
static inline void reference_of(limn_reference *r, const limn_mlp_spec *spec, const double *rate_w,
                                const double *rate_b) {
  limn_mlp *net;
  limn_err err;
  cr_assert_eq(limn_mlp_new(&net, spec, NULL, &err), LIMN_OK, "%s", err.text);
  cr_assert_eq(limn_reference_begin(r, net, 0, &err), LIMN_OK, "%s", err.text);
  limn_mlp_free(net);
  for (size_t n = 0; n < r->nets; n++)
    for (size_t l = 0; l < r->layers; l++) {
      limn_mlp_layer *a = &r->layer[n][l].is;
      a->multiplier = sqrt(rate_w[l]), a->bias_multiplier = sqrt(rate_b[l]), a->rate = 1;
    }
}

/* One step at these rates is a step of this rule. */
static inline limn_mlp_rule reference_rule(limn_mlp_loss loss) {
  limn_mlp_rule rule = {.optimizer = LIMN_MLP_GD, .loss = loss, .rate = 1};
  for (size_t l = 0; l < LIMN_MLP_LAYERS; l++) rule.rates[l] = 1;
  return rule;
}

/* The effective weight from input i to unit o, and the effective bias of unit o. */
static inline double effective_w(const limn_reference_layer *a, size_t i, size_t o) {
  return a->is.multiplier * a->W[o * a->is.in + i];
}

static inline double effective_b(const limn_reference_layer *a, size_t o) {
  return a->is.bias_multiplier * a->b[o];
}

static inline void set_effective_w(limn_reference_layer *a, size_t i, size_t o, double w) {
  a->W[o * a->is.in + i] = w / a->is.multiplier;
}

static inline void set_effective_b(limn_reference_layer *a, size_t o, double b) {
  a->b[o] = a->is.bias_multiplier > 0 ? b / a->is.bias_multiplier : 0;
}

#endif
