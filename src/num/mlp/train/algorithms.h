/* algorithms.h: the training algorithms. All compute the steps that num/mlp/reference.c defines, to
 * rounding; what each is fast at, and when it is taken, is the table in choose.c. Each runs
 * work->rule->steps steps, fills work->outcome and leaves in work->taken the most steps of a net.
 */
#ifndef LIMN_NUM_MLP_ALGORITHMS_H
#define LIMN_NUM_MLP_ALGORITHMS_H

#include "num/mlp/train/shared.h"

limn_status limn_mlp_train_groups(limn_mlp_work *work, limn_err *err);
limn_status limn_mlp_train_one_hidden(limn_mlp_work *work, limn_err *err);
limn_status limn_mlp_train_small(limn_mlp_work *work, limn_err *err);
limn_status limn_mlp_train_lanes(limn_mlp_work *work, limn_err *err);
limn_status limn_mlp_train_wide(limn_mlp_work *work, limn_err *err);

/* What the kernels for one hidden layer of ReLUs on four points of the plane need to know of a run
 * but how units lie; order: of the points, as the kernels take them. */
limn_one_hidden limn_mlp_one_hidden_of(const limn_mlp_work *work, size_t order[4]);

#endif
