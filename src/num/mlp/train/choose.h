/* choose.h: which algorithm trains a net. */
#ifndef LIMN_NUM_MLP_CHOOSE_H
#define LIMN_NUM_MLP_CHOOSE_H

#include "num/mlp/train/shared.h"

typedef struct limn_mlp_algorithm {
  const char *name;
  bool (*fits)(const limn_mlp_work *work);
  limn_status (*train)(limn_mlp_work *work, limn_err *err);
} limn_mlp_algorithm;

/* The first of the table that fits; never NULL. Data need not be known yet. */
const limn_mlp_algorithm *limn_mlp_choose(const limn_mlp_work *work);

/* The name of the algorithm that limn_mlp_train takes for such a call ("groups", "one_hidden",
 * "small", "lanes", "wide"); static storage. */
const char *limn_mlp_algorithm_name(limn_mlp *net, const limn_mlp_rule *rule, size_t points);

#endif
