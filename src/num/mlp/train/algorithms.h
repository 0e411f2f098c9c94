/* algorithms.h: the training algorithms. Each computes the steps that num/mlp/reference.c defines,
 * up to rounding; choose.c lists the cases that each is used for. Each takes at most
 * work->rule->steps steps per net and fills work->outcome, also after an error or a cancellation.
 */
#ifndef LIMN_NUM_MLP_ALGORITHMS_H
#define LIMN_NUM_MLP_ALGORITHMS_H

#include "num/mlp/train/shared.h"

limn_status limn_mlp_train_groups(limn_mlp_work *work, limn_err *err);
limn_status limn_mlp_train_one_hidden(limn_mlp_work *work, limn_err *err);
limn_status limn_mlp_train_small(limn_mlp_work *work, limn_err *err);

/* An algorithm that keeps its memory between the runs of a plan. */
typedef struct limn_mlp_keeper {
  /* Allocates *state for runs of `work`, whose address stays. On failure nothing is left. */
  limn_status (*begin)(void **state, const limn_mlp_work *work, limn_err *err);
  limn_status (*run)(void *state, limn_err *err);
  /* Copies parameters and moments back to the nets; NULL: they are there after each run. */
  void (*store)(void *state);
  void (*end)(void *state);
} limn_mlp_keeper;

extern const limn_mlp_keeper limn_mlp_lanes, limn_mlp_wide;

/* The arguments of the kernels for one hidden layer of ReLUs on four points of the plane that
 * follow from the run; the layout of the units (units, across, nets) is left 0. order (out): the
 * permutation of the points in which the kernels expect them. */
limn_one_hidden limn_mlp_one_hidden_of(const limn_mlp_work *work, size_t order[4]);

#endif
