/* nets.h: the outputs of one group of random nets on shared inputs. Shared by the files of this
 * room. */
#ifndef LIMN_NUM_FUNCTIONS_NETS_H
#define LIMN_NUM_FUNCTIONS_NETS_H

#include "core/core.h"
#include "limn/functions.h"
#include "limn/rng.h"

/* Normals are laid out by layers: ins * outs weights, then outs biases if there are any; each part
 * starts at a multiple of 32. */
typedef struct limn_function_plan {
  const limn_functions_net *spec;
  const float *x; /* (sizes[0], stride): one row for each coordinate */
  size_t points, words, stride;
  size_t outs[LIMN_FUNCTIONS_LAYERS];       /* units of each layer; the last: readouts */
  size_t weights_at[LIMN_FUNCTIONS_LAYERS]; /* places of the weights */
  size_t biases_at[LIMN_FUNCTIONS_LAYERS];  /* and of the biases among the normals */
  size_t normals;                           /* of a group; a multiple of 32 */
  size_t widest;                            /* most units of a layer */
  limn_key key;
} limn_function_plan;

/* Checks the arguments of limn_functions_sample and fills the plan; `x` is a copy that
 * limn_function_plan_free releases. */
limn_status limn_function_plan_make(limn_function_plan *plan, const double *x, size_t points,
                                    const limn_functions_net *spec, limn_err *err);
void limn_function_plan_free(limn_function_plan *plan);

/* Number of floats that limn_function_outputs needs. */
static inline size_t limn_function_room(const limn_function_plan *plan) {
  return plan->widest * (2 * plan->stride + 1);
}

/* Normals `first` .. of the plan's stream; n and first are multiples of 32. words: n numbers. */
void limn_function_normals(float *out, uint64_t *words, const limn_function_plan *plan,
                           uint64_t first, size_t n);

/* The patterns (readouts, words) of the group with these normals; room: limn_function_room()
 * floats. */
void limn_function_outputs(uint64_t *patterns, const float *normals, float *room,
                           const limn_function_plan *plan);

#endif
