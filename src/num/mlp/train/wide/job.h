/* job.h: what training one net at a time works on, shared by wide.c (the steps),
 * layer.c and backward.c (a layer's passes) and read_once.c (a layer that a step reads once).
 */
#ifndef LIMN_NUM_MLP_WIDE_JOB_H
#define LIMN_NUM_MLP_WIDE_JOB_H

#include "num/mlp/train/active_rows.h"
#include "num/mlp/train/shared.h"

enum { LIMN_WIDE_FOLD = 4, LIMN_WIDE_SLAB = 64 };

/* A layer that a step reads once, see read_once.c. */
typedef struct {
  size_t layer;            /* 0: there is none */
  size_t block, per_group; /* units of a block and of a group */
  size_t groups, ld;       /* numbers of a row of `part` */
  void *part;              /* [half][group][point][ld] */
  limn_mlp_rows *list;     /* of each half and block */
} limn_wide_once;

/* How the backward pass of a layer is done, see backward.c. */
struct limn_wide_pass;
typedef struct {
  void (*rows)(const struct limn_wide_pass *s);
  void (*step)(const struct limn_wide_pass *s); /* NULL: `rows` took it, or the layer is frozen */
  bool scales;    /* deltas are scaled by -rate first, and biases take their step */
  bool rows_move; /* weights take their step while their rows are read */
} limn_wide_strategy;

typedef struct {
  const limn_mlp_work *work;
  const limn_mlp_kernels *k;
  limn_dtype type;
  size_t member;
  bool fused, blas;
  size_t rows; /* most points of a step */
  size_t width[LIMN_MLP_LAYERS + 1];
  size_t x_at[2][LIMN_MLP_LAYERS + 1]; /* activations of each half and layer */
  size_t factor_at[LIMN_MLP_LAYERS];   /* deferred: inputs, then deltas; 0: not deferred */
  bool sorted[LIMN_MLP_LAYERS];        /* rows by the points at which their input is on */
  limn_mlp_rows *lists;                /* of each rank, half and layer; NULL: none sorted */
  uint32_t *row;                       /* their memory */
  uint8_t *on;
  limn_wide_once bottom;
  limn_wide_strategy strategy[LIMN_MLP_LAYERS];
  size_t pending[LIMN_MLP_LAYERS]; /* rows of factors waiting (same for all halves) */
  size_t factors;                  /* numbers of one half's factors */
  void *x, *s, *delta[2], *scaled[2], *back, *g, *ones, *ratio, *fold, *private;
  double *f, *target;
  uint64_t *order, epoch;
  size_t points; /* of this step */
  bool stop;
  bool ready; /* the step before left the first layer's units and the bottom's parts */
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

/* This rank's share of n columns or rows, in whole slabs. */
static inline void limn_wide_share(size_t n, int rank, int size, size_t *from, size_t *to) {
  size_t slabs = (n + LIMN_WIDE_SLAB - 1) / LIMN_WIDE_SLAB;
  *from = slabs * (size_t)rank / (size_t)size * LIMN_WIDE_SLAB;
  *to = slabs * ((size_t)rank + 1) / (size_t)size * LIMN_WIDE_SLAB;
  if (*to > n) *to = n;
  if (*from > n) *from = n;
}

/* The factors of a layer whose steps wait, LIMN_WIDE_FOLD * rows of them; the private coefficients
 * of a rank, points x pending. */
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

/* Whether a step of n points finds no room among the factors of a layer. */
static inline bool limn_wide_full(const limn_wide_job *j, size_t l, size_t n) {
  return j->pending[l] + n > LIMN_WIDE_FOLD * j->rows;
}

/* Each is called by every member of the team. Forward: columns of layer l at the job's points, n of
 * them. Backward: the step of layer l and the deltas below it; when no more steps can wait, those
 * that do are folded in. Fold: at the end, the waiting steps of every layer. */
void limn_wide_forward(limn_wide_job *j, size_t half, size_t l, size_t n, int rank, int size);
void limn_wide_backward(limn_wide_job *j, size_t half, size_t l, size_t n, limn_team *team,
                        int rank, int size);
void limn_wide_fold(limn_wide_job *j, int rank, int size);

/* Fills j->strategy, when all else about the layers is known. */
void limn_wide_choose_strategies(limn_wide_job *j);

/* c = op(a) op(b) + beta c in the nets' type; a failure goes to j->status. */
void limn_wide_gemm(limn_wide_job *j, void *c, size_t ldc, const void *a, size_t lda, bool at,
                    const void *b, size_t ldb, bool bt, size_t rows, size_t columns, size_t inner,
                    double beta);

/* The bottom layer, if it is read once a step. Choose: after factor_at, sorted and lists are known.
 * Bottom: in place of its backward and that of the layer below it, and of the next step's forward
 * of both but for the sum over parts; at the `first` step only its part of forward. Sum: adds the
 * parts to columns from .. end-1 of `to`, the layer above. Fold: the waiting steps, at the end. */
limn_status limn_wide_once_choose(limn_wide_job *j, limn_err *err);
void limn_wide_bottom(limn_wide_job *j, size_t half, size_t n, bool first, limn_team *team,
                      int rank, int size);
void limn_wide_once_sum(const limn_wide_job *j, void *to, size_t half, size_t n, size_t from,
                        size_t end);
void limn_wide_once_fold(limn_wide_job *j, size_t half, int rank, int size);

#endif
