/* choose.h: the choice of the algorithm that trains a net. */
#ifndef LIMN_NUM_MLP_CHOOSE_H
#define LIMN_NUM_MLP_CHOOSE_H

#include "num/mlp/train/algorithms.h"

typedef struct limn_mlp_algorithm {
  const char *name;
  bool (*fits)(const limn_mlp_work *work);
  limn_status (*train)(limn_mlp_work *work, limn_err *err); /* or, with memory between runs: */
  const limn_mlp_keeper *keeper;
} limn_mlp_algorithm;

/* The first row of the table whose `fits` is true; never NULL. The run needs no data yet. */
const limn_mlp_algorithm *limn_mlp_choose(const limn_mlp_work *work);

#endif
