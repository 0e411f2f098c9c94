/* mlp_net.h: how nets lie in memory. Internal to the mlp files.
 *
 * A block holds the effective parameters of one net: layer by layer the weights, [in][ld] (row i is
 * what leaves input i; ld = out where out < 16, else padded with zeros so that rows start on cache
 * lines and do not all map to one cache set), then the biases, padded. A limn_mlp holds count *
 * twins blocks one after the other; the two nets of an antisymmetric pair are neighbours. */
#ifndef LIMN_MLP_NET_H
#define LIMN_MLP_NET_H

#include <math.h>
#include <string.h>
#include "core/core.h"
#include "num/simd/mlp/mlp_simd.h"
#include "limn/mlp.h"

enum { LIMN_MLP_PAD = 16 }; /* a whole number of vectors of any instruction set */

struct limn_mlp {
  limn_mlp_spec spec;
  limn_mlp_layer layer[LIMN_MLP_LAYERS];
  size_t ld[LIMN_MLP_LAYERS], w_at[LIMN_MLP_LAYERS], b_at[LIMN_MLP_LAYERS];
  size_t block; /* numbers of a block */
  size_t twins, blocks;
  void *now, *start;            /* blocks * block numbers each */
  void *u, *v;                  /* the optimiser's moments, or NULL */
  limn_mlp_optimizer optimizer; /* whose moments they are */
  uint64_t steps, since;        /* so far; when the moments began */
};

static inline size_t limn_pad(size_t n) {
  return (n + LIMN_MLP_PAD - 1) / LIMN_MLP_PAD * LIMN_MLP_PAD;
}

static inline size_t limn_real(limn_dtype dtype) {
  return dtype == LIMN_F32 ? sizeof(float) : sizeof(double);
}

/* Entry i of numbers of that type, and where it lies. */
static inline double limn_get_real(const void *p, limn_dtype dtype, size_t i) {
  return dtype == LIMN_F32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

static inline void limn_set_real(void *p, limn_dtype dtype, size_t i, double x) {
  if (dtype == LIMN_F32)
    ((float *)p)[i] = (float)x;
  else
    ((double *)p)[i] = x;
}

static inline void *limn_at(const void *p, limn_dtype dtype, size_t i) {
  return (char *)(uintptr_t)p + i * limn_real(dtype);
}

/* Fills layers, offsets and sizes from the spec; LIMN_EINVAL names the field. */
limn_status limn_mlp_shape(limn_mlp *net, limn_err *err);

/* A net with memory but no parameters yet. */
limn_status limn_mlp_hollow(limn_mlp **net, const limn_mlp_spec *spec, limn_err *err);

/* Draws block `block` of `to`. */
limn_status limn_mlp_draw(const limn_mlp *net, void *to, size_t block, limn_err *err);

/* One block's weights (in,out) and biases (out) of a layer as doubles, effective. */
void limn_mlp_effective(const limn_mlp *net, const void *from, size_t block, size_t layer,
                        double *w, double *b);

/* Outputs of block `block` of `from` at points rows of x: f (points, outputs) in double. scratch:
 * limn_mlp_scratch numbers of the nets' type. Cheapest for a multiple of LIMN_MLP_POINTS. */
enum { LIMN_MLP_POINTS = 96 }; /* a multiple of every instruction set's point_group */
size_t limn_mlp_scratch(const limn_mlp *net);
void limn_mlp_outputs(const limn_mlp *net, const void *from, size_t block, double *f,
                      const double *x, size_t points, void *scratch);

/* LIMN_ESHAPE without rows, LIMN_ENONFINITE with the place of a NaN or Inf. */
limn_status limn_mlp_refuse_data(const limn_mlp *net, const double *x, size_t points,
                                 limn_err *err);

/* LIMN_ENONFINITE likewise; LIMN_EINVAL for labels that are not +-1 where the loss wants such. */
limn_status limn_mlp_refuse_labels(const limn_mlp *net, const double *y, size_t points,
                                   limn_mlp_loss loss, limn_err *err);

/* Ways to train; each runs `steps` steps on the nets in place. See mlp_train.c. */
typedef struct limn_mlp_work {
  limn_mlp *net;
  const limn_mlp_rule *rule;
  const double *x, *y;  /* (points, in), (points, outputs) */
  const double *offset; /* (count, points, outputs): what to take from each net's f, or NULL */
  size_t points;
  double limit;
  limn_mlp_outcome *outcome;
  const limn_token *token;
  double step_w[LIMN_MLP_LAYERS], step_b[LIMN_MLP_LAYERS]; /* rates of effective parameters */
  bool plain;     /* gradient descent without decay, all data at once */
  size_t lowest;  /* the lowest layer that moves */
  uint64_t taken; /* out: the most steps that any net took */
} limn_mlp_work;

/* The units of a layer of ReLUs, ascending within each set of points at which they are on. */
enum { LIMN_MLP_PATTERNS = 1 << LIMN_TILE_POINTS };
typedef struct limn_mlp_rows {
  uint32_t *row; /* n of them; those that are on at the points in the bits of q: from start[q] on */
  uint8_t *on;   /* the bits of each unit */
  size_t start[LIMN_MLP_PATTERNS + 1];
} limn_mlp_rows;

/* From activations x (points, ldx), at most LIMN_TILE_POINTS points of n units. */
void limn_mlp_rows_sort(limn_mlp_rows *rows, const void *x, limn_dtype type, size_t ldx,
                        size_t points, size_t n);

/* Those that are on at `on` and lie in from .. to-1: *n of them. */
const uint32_t *limn_mlp_rows_within(const limn_mlp_rows *rows, unsigned on, size_t from, size_t to,
                                     size_t *n);

/* What each worker has while a way goes over its tasks: `bytes` of memory, aligned, and the most
 * steps that a net took. */
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

limn_status limn_mlp_train_lanes(limn_mlp_work *work, limn_err *err);
limn_status limn_mlp_train_wide(limn_mlp_work *work, limn_err *err);
bool limn_mlp_one_hidden_fits(const limn_mlp_work *work);
limn_status limn_mlp_train_one_hidden(limn_mlp_work *work, limn_err *err);
limn_status limn_mlp_train_groups(limn_mlp_work *work, const limn_one_hidden *shape,
                                  const size_t order[4], limn_err *err);
bool limn_mlp_small_fits(const limn_mlp_work *work);
limn_status limn_mlp_train_small(limn_mlp_work *work, limn_err *err);

/* The points of step `step` (counted from the net's first) when batches are used: *which (count)
 * points into order (`points` numbers), kept from call to call with *epoch (UINT64_MAX at first).
 */
size_t limn_mlp_batch(const limn_mlp_work *work, uint64_t step, uint64_t *order, uint64_t *epoch,
                      const uint64_t **which);

/* The optimiser's constants for one layer at step t (counted from 1). */
limn_mlp_step limn_mlp_step_of(const limn_mlp_work *work, size_t layer, bool bias, uint64_t t);

#endif
