/* job.h: the state of training one net at a time, shared by wide.c (the steps), layer.c and
 * backward.c (the passes of one layer) and read_once.c (a layer that each step reads once). */
#ifndef LIMN_NUM_MLP_WIDE_JOB_H
#define LIMN_NUM_MLP_WIDE_JOB_H

#include "num/mlp/train/active_rows.h"
#include "num/mlp/train/shared.h"

enum { LIMN_WIDE_FOLD = 4, LIMN_WIDE_SLAB = 64 };

/* The layer that each step reads once; see read_once.c. */
typedef struct {
  size_t layer;            /* 0: none */
  size_t block, per_group; /* units per block and per group */
  size_t groups, ld;       /* `part` has rows of ld entries */
  void *part;              /* [half][group][point][ld] */
  limn_mlp_rows *list;     /* one per half and block */
} limn_wide_once;

/* The strategy for the backward pass of a layer; see backward.c. */
struct limn_wide_pass;
typedef struct {
  void (*rows)(const struct limn_wide_pass *s);
  void (*step)(const struct limn_wide_pass *s); /* NULL: done by `rows`, or the layer is frozen */
  bool scales;    /* first scale the deltas by -rate and update the biases */
  bool rows_move; /* update the weights while their rows are read */
} limn_wide_strategy;

typedef struct {
  const limn_mlp_work *work;
  const limn_mlp_kernels *k;
  limn_dtype type;
  size_t member;
  bool fused, blas;
  size_t rows; /* largest number of points of a step */
  size_t width[LIMN_MLP_LAYERS + 1];
  size_t x_at[2][LIMN_MLP_LAYERS + 1]; /* activations of each half and layer */
  size_t factor_at[LIMN_MLP_LAYERS];   /* deferred layers: 1 + offset of the factors (inputs, then
                                          deltas); others: 0 */
  bool sorted[LIMN_MLP_LAYERS]; /* inactive inputs are skipped: rows are sorted by active points */
  limn_mlp_rows *lists;         /* one per rank, half and layer; NULL: no layer is sorted */
  uint32_t *row;                /* their memory */
  uint8_t *on;
  limn_wide_once bottom;
  limn_wide_strategy strategy[LIMN_MLP_LAYERS];
  size_t pending[LIMN_MLP_LAYERS]; /* deferred factor rows per layer (the same for all halves) */
  size_t factors;                  /* entries of one half's factors */
  void *data; /* (points,width[0]) with batches: all points, in the nets' type */
  void *x, *s, *delta[2], *scaled[2], *back, *g, *ones, *ratio, *fold, *private;
  double *f; /* (2,outputs) the outputs at a point, and the derivatives of the loss by them */
  uint64_t *order, epoch;
  size_t points; /* of this step */
  bool stop;
  bool loaded;    /* x has all points */
  bool forwarded; /* x and s have the activations of this step */
  bool ready; /* the previous step computed the first layer's units and the bottom layer's parts */
  size_t taken;
  double loss;
  limn_mlp_reason reason;
  limn_status status;
  limn_err err;
} limn_wide_job;

static inline void *limn_wide_at(const limn_wide_job *j, const void *p, size_t i) {
  return limn_at(p, j->type, i);
}

static inline void *limn_wide_params(const limn_wide_job *j, const void *array, size_t half,
                                     size_t offset) {
  const limn_mlp *net = j->work->net;
  return limn_wide_at(j, array, (j->member * net->halves + half) * net->block + offset);
}

static inline bool limn_wide_narrow(const limn_wide_job *j, size_t l) {
  return j->work->net->layer[l].out < LIMN_MLP_PAD;
}

/* This rank's slice of n columns or rows, in whole slabs. */
static inline void limn_wide_slice(size_t n, int rank, int size, size_t *from, size_t *to) {
  size_t slabs = (n + LIMN_WIDE_SLAB - 1) / LIMN_WIDE_SLAB;
  *from = slabs * (size_t)rank / (size_t)size * LIMN_WIDE_SLAB;
  *to = slabs * ((size_t)rank + 1) / (size_t)size * LIMN_WIDE_SLAB;
  if (*to > n) *to = n;
  if (*from > n) *from = n;
}

/* The factors of a deferred layer (LIMN_WIDE_FOLD * rows of them): inputs or deltas. A rank's
 * private coefficients: (points, pending). */
static inline void *limn_wide_factor(const limn_wide_job *j, size_t half, size_t l, bool deltas) {
  size_t rows = (size_t)LIMN_WIDE_FOLD * j->rows;
  return limn_wide_at(j, j->fold,
                      half * j->factors + j->factor_at[l] - 1 + (deltas ? rows * j->width[l] : 0));
}

static inline void *limn_wide_coefficients(const limn_wide_job *j, int rank) {
  return limn_wide_at(j, j->private,
                      (size_t)rank * j->rows * (LIMN_WIDE_FOLD * j->rows + LIMN_MLP_PAD));
}

static inline limn_mlp_rows *limn_wide_list(const limn_wide_job *j, int rank, size_t half,
                                            size_t l) {
  return &j->lists[((size_t)rank * j->work->net->halves + half) * LIMN_MLP_LAYERS + l];
}

/* Whether the factors of a layer have no room for a step of n points. */
static inline bool limn_wide_full(const limn_wide_job *j, size_t l, size_t n) {
  return j->pending[l] + n > LIMN_WIDE_FOLD * j->rows;
}

/* Every member of the team calls each of these functions. forward: this rank's columns of layer l
 * at the job's n points. backward: the step of layer l and the deltas below it; if the factors are
 * full, they are applied to the weights. fold: applies the remaining factors of all layers, at the
 * end. */
void limn_wide_forward(limn_wide_job *j, size_t half, size_t l, size_t n, int rank, int size);
void limn_wide_backward(limn_wide_job *j, size_t half, size_t l, size_t n, limn_team *team,
                        int rank, int size);
void limn_wide_fold(limn_wide_job *j, int rank, int size);

/* Sets j->strategy. Call it last: it depends on the other fields about layers. */
void limn_wide_choose_strategies(limn_wide_job *j);

/* c = op(a) op(b) + beta c in the nets' type; sets j->status on failure. */
void limn_wide_gemm(limn_wide_job *j, void *c, size_t ldc, const void *a, size_t lda, bool at,
                    const void *b, size_t ldb, bool bt, size_t rows, size_t columns, size_t inner,
                    double beta);

/* The bottom layer, if it is read once per step. choose: decides it; requires factor_at, sorted and
 * lists. bottom: replaces the backward passes of this layer and the one below, and their forward
 * passes of the next step except for the sum over parts; with `first` it computes only its part of
 * the forward pass. sum: adds the parts to columns from .. end-1 of `to`, the layer above. fold:
 * applies the remaining factors, at the end. */
limn_status limn_wide_once_choose(limn_wide_job *j, limn_err *err);
void limn_wide_bottom(limn_wide_job *j, size_t half, size_t n, bool first, limn_team *team,
                      int rank, int size);
void limn_wide_once_sum(const limn_wide_job *j, void *to, size_t half, size_t n, size_t from,
                        size_t end);
void limn_wide_once_fold(limn_wide_job *j, size_t half, int rank, int size);

#endif
