/* plan.h: plans, and what surrounds the steps of a training. */
#ifndef LIMN_NUM_MLP_PLAN_H
#define LIMN_NUM_MLP_PLAN_H

#include "num/mlp/train/choose.h"

struct limn_mlp_plan {
  limn_mlp_holder holder;
  limn_mlp_rule rule;
  limn_mlp_work work; /* of `net` and `rule` */
  const limn_mlp_algorithm *algorithm;
  void *state;      /* of the algorithm's keeper */
  double *offset;   /* the outputs at the start, which start = none subtracts */
  double square;    /* mean y^2 */
  uint64_t changes; /* net->changes at the end of the last run */
  void *copies[8];  /* of x, y and the lists of the rule; NULL: borrowed */
};

/* The rule's values are possible for this net. */
limn_status limn_mlp_check_rule(const limn_mlp *net, const limn_mlp_rule *r, size_t points,
                                limn_err *err);

/* The moments that a change of optimiser replaced; kept until training has begun, so that a failed
 * call can restore them. */
typedef struct limn_mlp_moments {
  void *u, *v;
  uint64_t *since;
  limn_mlp_optimizer optimizer;
  bool fresh; /* the net's moments were replaced */
} limn_mlp_moments;

limn_status limn_mlp_prepare_moments(limn_mlp_moments *before, limn_mlp *net,
                                     limn_mlp_optimizer optimizer, limn_err *err);

/* Frees the replaced moments; with `undo`, restores them: no step was taken. */
void limn_mlp_end_moment_change(limn_mlp_moments *before, limn_mlp *net, bool undo);

/* The outputs at the start, which start = none subtracts. */
limn_status limn_mlp_start_outputs(double **offset, const limn_mlp *net, const double *x,
                                   size_t points, limn_err *err);

/* Sets net->start_loss, once per net: from the parameters at the start, or from the present ones if
 * no step was taken, or parameters were set, since. */
limn_status limn_mlp_measure_start(limn_mlp *net, const double *x, const double *y, size_t points,
                                   limn_mlp_loss loss, limn_err *err);

/* If a step overflowed, restores the net's initial parameters; returns whether there was one. */
bool limn_mlp_restore_overflowed(limn_mlp *net, const limn_mlp_outcome *outcome);

#endif
