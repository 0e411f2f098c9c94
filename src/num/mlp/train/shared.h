/* shared.h: what all training algorithms use: the training run, the memory of the workers, batches,
 * the constants of the optimiser. */
#ifndef LIMN_NUM_MLP_TRAIN_SHARED_H
#define LIMN_NUM_MLP_TRAIN_SHARED_H

#include "num/mlp/net.h"

/* One training run: at most rule->steps steps of each net. */
typedef struct limn_mlp_work {
  limn_mlp *net;
  const limn_mlp_rule *rule;
  const double *x, *y;  /* (points, in), (points, outputs) */
  const double *offset; /* (count, points, outputs): subtracted from each net's f; or NULL */
  size_t points;
  double limit; /* a net with a loss that is not <= limit has diverged */
  limn_mlp_outcome *outcome;
  const limn_token *token;
  bool *stopped; /* set when the token's progress callback cancels */
  double rate_w[LIMN_MLP_LAYERS],
      rate_b[LIMN_MLP_LAYERS]; /* rates of the effective weights and biases */
  bool plain;                  /* gradient descent at one rate, without penalties and batches */
  bool each;      /* nets have rates, penalties, targets or factors alpha of their own */
  bool projected; /* a layer has a constraint */
  size_t lowest;  /* the lowest layer that is not frozen */
  bool unchanged; /* the nets are as the previous run of the same plan left them */
} limn_mlp_work;

/* The run of `rule` on `points` points; data, outcome and token are left NULL. `net` is not
 * changed. */
limn_mlp_work limn_mlp_work_of(limn_mlp *net, const limn_mlp_rule *rule, size_t points);

/* `bytes` of aligned memory for each worker of a parallel loop. */
typedef struct limn_mlp_workers {
  size_t bytes;
  char *memory;
  size_t count; /* of workers that the memory suffices for */
} limn_mlp_workers;

static inline char *limn_mlp_memory(const limn_mlp_workers *w, int worker) {
  return w->memory + (size_t)worker * w->bytes;
}

/* Allocates memory for the workers of `tasks` tasks, unless *w has it; `bytes` is set. what: the
 * name of that memory in the error if it cannot be allocated. */
limn_status limn_mlp_reserve(limn_mlp_workers *w, size_t tasks, const char *what, limn_err *err);

/* Runs all tasks in parallel, with memory for the workers (`w`, which is part of *job) that is
 * freed afterwards. */
limn_status limn_mlp_run(limn_mlp_work *work, limn_mlp_workers *w, size_t tasks, limn_task *body,
                         void *job, const char *what, limn_err *err);

/* The batch of step `step`, counted over all calls on this net. Returns the number of points;
 * *which points to their indices inside `order` (`points` entries). `order` and *epoch keep their
 * values between calls; *epoch is UINT64_MAX at first. */
size_t limn_mlp_batch(const limn_mlp_work *work, uint64_t step, uint64_t *order, uint64_t *epoch,
                      const uint64_t **which);

/* The optimiser's constants for the weights or biases of one layer of net `member` in the step that
 * follows `step` steps of this call. */
limn_mlp_step limn_mlp_step_of(const limn_mlp_work *work, size_t member, size_t layer, bool bias,
                               size_t step);

/* The corrections of adam's moments for their start at 0, 1 - beta^t, after t steps with them. */
void limn_mlp_corrections(const limn_mlp_rule *rule, uint64_t t, double *first, double *second);

/* Reports progress, on the calling thread only. Returns whether the training is cancelled. */
static inline bool limn_mlp_tick(const limn_mlp_work *work, double done, double total) {
  if (!limn_tick(work->token, done, total)) return false;
  *work->stopped = true;
  return true;
}

/* The reason for which a net with this loss stopped; LIMN_MLP_STEPS if it did not. */
static inline limn_mlp_reason limn_mlp_stopped_by(const limn_mlp_work *work, bool stopped,
                                                  double loss) {
  if (!stopped) return LIMN_MLP_STEPS;
  return loss <= work->rule->tolerance ? LIMN_MLP_TOLERANCE : LIMN_MLP_DIVERGED;
}

#endif
