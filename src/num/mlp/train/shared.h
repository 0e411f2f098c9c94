/* shared.h: what the training algorithms share: the run they work on, their memory, batches, the
 * optimiser's constants. */
#ifndef LIMN_NUM_MLP_TRAIN_SHARED_H
#define LIMN_NUM_MLP_TRAIN_SHARED_H

#include "num/mlp/net.h"

/* A run: `rule->steps` steps on the nets in place. */
typedef struct limn_mlp_work {
  limn_mlp *net;
  const limn_mlp_rule *rule;
  const double *x, *y;  /* (points, in), (points, outputs) */
  const double *offset; /* (count, points, outputs): subtracted from each net's f; NULL: nothing */
  size_t points;
  double limit; /* a loss that is not <= limit has diverged */
  limn_mlp_outcome *outcome;
  const limn_token *token;
  double step_w[LIMN_MLP_LAYERS], step_b[LIMN_MLP_LAYERS]; /* rates of effective parameters */
  bool plain;     /* gradient descent without penalties, all data at once */
  size_t lowest;  /* the lowest layer that moves */
  uint64_t taken; /* out: the most steps that any net took */
} limn_mlp_work;

/* A run of `rule` on `points` points, without data, outcome and token. The net is not written. */
limn_mlp_work limn_mlp_work_of(limn_mlp *net, const limn_mlp_rule *rule, size_t points);

/* What each worker has while an algorithm goes over its tasks: `bytes` of memory, aligned, and the
 * most steps that a net took. */
typedef struct limn_mlp_workers {
  size_t bytes;
  char *memory;
  uint64_t *taken;
} limn_mlp_workers;

static inline char *limn_mlp_memory(const limn_mlp_workers *w, int worker) {
  return w->memory + (size_t)worker * w->bytes;
}

static inline void limn_mlp_took(const limn_mlp_workers *w, int worker, uint64_t steps) {
  if (steps > w->taken[worker]) w->taken[worker] = steps;
}

/* Gives every worker its memory (w, a part of job, has `bytes` set), runs all tasks over threads
 * and leaves in work->taken the most steps of any net. what: names the memory where there is none.
 */
limn_status limn_mlp_run(limn_mlp_work *work, limn_mlp_workers *w, size_t tasks, limn_task *body,
                         void *job, const char *what, limn_err *err);

/* The points of step `step` (counted from the net's first) when batches are used: *which (count)
 * points into order (`points` numbers), kept from call to call with *epoch (UINT64_MAX at first).
 */
size_t limn_mlp_batch(const limn_mlp_work *work, uint64_t step, uint64_t *order, uint64_t *epoch,
                      const uint64_t **which);

/* The optimiser's constants for one layer at step t (counted from 1). */
limn_mlp_step limn_mlp_step_of(const limn_mlp_work *work, size_t layer, bool bias, uint64_t t);

/* Why a net stopped, or LIMN_MLP_STEPS where it did not: for the loss that it has. */
static inline limn_mlp_reason limn_mlp_stopped_by(const limn_mlp_work *work, bool stopped,
                                                  double loss) {
  if (!stopped) return LIMN_MLP_STEPS;
  return loss <= work->rule->tolerance ? LIMN_MLP_TOLERANCE : LIMN_MLP_DIVERGED;
}

#endif
