/* backward.c: the backward pass of one layer, by rows of weights: the error below, and the layer's
 * step or gradient. The strategy of each layer is chosen once, before the first step:
 *
 *                          rows (the error below)      step
 *   fused                  in chunks, or by lists      in the same pass over the rows
 *   fused, narrow          narrow kernel               rank 0, after a barrier
 *   deferred               in chunks, or by lists      kept as factors; full factors are applied
 * first few points, other      in chunks                   gradient by rows, then the optimiser
 *   many points            BLAS                        gradient by BLAS, then the optimiser
 *
 * A frozen layer has no step. read_once.c handles the layer that is read once per step and the
 * layer below it. */
#include "num/mlp/train/wide/job.h"

enum {
  CHUNK_BYTES = 256 << 10
}; /* rows that several kernels process in turn must fit in a part of L2 */

/* The arguments of one rank: rows from .. to-1 of layer l; last: `to` without the padding. */
typedef struct limn_wide_pass {
  limn_wide_job *j;
  const limn_mlp_kernels *k;
  limn_team *team;
  int rank, size;
  size_t half, l, n; /* n: points */
  size_t in, out, ld, from, to, last;
  void *x, *w, *delta, *scaled; /* (n,in), [in][ld], (n,out), (n,out): -rate delta */
  bool below;                   /* a lower layer trains: it needs the error */
  bool fold;                    /* the factors are full: apply them while rows are read */
} pass;

static const limn_mlp_layer *layer_of(const pass *s) {
  return &s->j->work->net->layer[s->l];
}

static void *at(const pass *s, const void *p, size_t i) {
  return limn_wide_at(s->j, p, i);
}

/* ---- rows: j->back = delta w^T, and updates in the same pass over the rows ---- */

static size_t chunk_rows(const pass *s) {
  size_t rows = CHUNK_BYTES / (s->ld * limn_real(s->j->type)) / 8 * 8;
  return rows < 8 ? 8 : rows;
}

static void rows_in_chunks(const pass *s) {
  const limn_wide_strategy *how = &s->j->strategy[s->l];
  size_t most = chunk_rows(s), pending = s->j->pending[s->l];
  void *fx = NULL, *fd = NULL;
  if (s->fold)
    fx = limn_wide_factor(s->j, s->half, s->l, false),
    fd = limn_wide_factor(s->j, s->half, s->l, true);
  for (size_t i = s->from; i < s->last; i += most) {
    size_t end = i + most < s->last ? i + most : s->last;
    if (s->fold) s->k->wide_update(s->w, s->ld, fx, s->in, fd, s->out, pending, i, end, s->out);
    if (s->below)
      s->k->wide_backward(s->j->back, s->in, s->delta, s->out, s->w, s->ld, s->n, i, end, s->out);
    if (how->rows_move)
      s->k->wide_update(s->w, s->ld, s->x, s->in, s->scaled, s->out, s->n, i, end, s->out);
  }
}

/* Rows sorted by the points at which their input is active: inactive units are skipped. */
static void rows_by_lists(const pass *s) {
  const limn_wide_strategy *how = &s->j->strategy[s->l];
  size_t most = chunk_rows(s), pending = s->j->pending[s->l], rows, some;
  const limn_mlp_rows *list = limn_wide_list(s->j, s->rank, s->half, s->l);
  void *fx = NULL, *fd = NULL;
  if (s->fold)
    fx = limn_wide_factor(s->j, s->half, s->l, false),
    fd = limn_wide_factor(s->j, s->half, s->l, true);
  for (size_t p = 0; p < s->n && s->below && s->to > s->from; p++)
    memset(at(s, s->j->back, p * s->in + s->from), 0, (s->to - s->from) * limn_real(s->j->type));
  for (unsigned q = 0; q < LIMN_MLP_PATTERNS; q++) {
    const uint32_t *row = limn_mlp_rows_within(list, q, s->from, s->last, &rows);
    for (; rows; row += some, rows -= some) {
      some = rows < most ? rows : most;
      if (s->fold)
        s->k->rows_update(s->w, s->ld, fx, s->in, fd, s->out, pending, row, some, s->out);
      if (s->below)
        s->k->rows_backward(s->j->back, s->in, s->delta, s->out, s->w, s->ld, row, some, q, s->out);
      if (how->rows_move)
        s->k->rows_update(s->w, s->ld, s->x, s->in, s->scaled, s->out, s->n, row, some, s->out);
    }
  }
}

static void rows_narrow(const pass *s) {
  size_t most = chunk_rows(s);
  if (s->j->blas) return; /* deltas_below, point by point */
  for (size_t i = s->from; i < s->last && s->below; i += most) {
    size_t end = i + most < s->last ? i + most : s->last;
    s->k->narrow_backward(s->j->back, s->in, s->delta, s->out, s->w, s->n, i, end,
                          layer_of(s)->out);
  }
}

static void rows_by_blas(const pass *s) {
  const limn_mlp_layer *a = layer_of(s);
  if (s->below && s->from < s->last)
    limn_wide_gemm(s->j, s->j->back, s->in, s->delta, s->out, false, s->w, s->ld, true, s->n, a->in,
                   a->out, 0);
}

/* ---- steps: the updates that `rows` did not do ---- */

static void step_narrow(const pass *s) {
  const limn_mlp_layer *a = layer_of(s);
  limn_barrier(s->team); /* others may still read these weights */
  if (s->rank == 0) s->k->narrow_update(s->w, s->x, s->in, s->scaled, s->out, s->n, a->in, a->out);
}

/* Adds the deferred updates to the error below, then appends this step's factors to them. */
static void step_deferred(const pass *s) {
  limn_wide_job *j = s->j;
  size_t slot = s->fold ? 0 : j->pending[s->l], from, to, real = limn_real(j->type);
  void *fx = limn_wide_factor(j, s->half, s->l, false),
       *fd = limn_wide_factor(j, s->half, s->l, true);
  if (s->below && slot && s->to > s->from) {
    void *c = limn_wide_coefficients(j, s->rank);
    size_t ldc = LIMN_WIDE_FOLD * j->rows;
    s->k->wide_backward(c, ldc, s->delta, s->out, fd, s->out, s->n, 0, slot, s->out);
    s->k->wide_forward(j->back, s->in, c, ldc, fx, s->in, s->n, slot, s->from, s->to, true);
  }
  if (s->fold) limn_barrier(s->team); /* others may still read the factors that this overwrites */
  for (size_t p = 0; p < s->n && s->to > s->from; p++)
    memcpy(at(s, fx, (slot + p) * s->in + s->from), at(s, s->x, p * s->in + s->from),
           (s->to - s->from) * real);
  limn_wide_slice(s->out, s->rank, s->size, &from, &to);
  for (size_t p = 0; p < s->n && to > from; p++)
    memcpy(at(s, fd, (slot + p) * s->out + from), at(s, s->scaled, p * s->out + from),
           (to - from) * real);
}

static void *gradient_at(const pass *s, size_t offset) {
  return at(s, s->j->g, s->half * s->j->work->net->block + offset);
}

static void bias_gradient(const pass *s) {
  const limn_mlp_layer *a = layer_of(s);
  if (s->rank > 0 || a->bias_multiplier == 0) return;
  void *g = gradient_at(s, s->j->work->net->b_at[s->l]);
  memset(g, 0, limn_pad(a->out) * limn_real(s->j->type));
  s->k->narrow_update(g, s->j->ones, 0, s->delta, s->out, s->n, 1, a->out);
}

static void gradient_few_points(const pass *s) {
  void *g = gradient_at(s, s->j->work->net->w_at[s->l]);
  if (s->last > s->from) {
    memset(at(s, g, s->from * s->ld), 0, (s->last - s->from) * s->ld * limn_real(s->j->type));
    s->k->wide_update(g, s->ld, s->x, s->in, s->delta, s->out, s->n, s->from, s->last, s->out);
  }
  bias_gradient(s);
}

static void gradient_narrow(const pass *s) {
  const limn_mlp_layer *a = layer_of(s);
  if (s->rank == 0) { /* all rows, not only its slice */
    void *g = gradient_at(s, s->j->work->net->w_at[s->l]);
    memset(g, 0, limn_pad(a->in * a->out) * limn_real(s->j->type));
    s->k->narrow_update(g, s->x, s->in, s->delta, s->out, s->n, a->in, a->out);
  }
  bias_gradient(s);
}

static void gradient_by_blas(const pass *s) {
  const limn_mlp_layer *a = layer_of(s);
  if (s->last > s->from)
    limn_wide_gemm(s->j, gradient_at(s, s->j->work->net->w_at[s->l]), s->ld, s->x, s->in, true,
                   s->delta, s->out, false, a->in, a->out, s->n, 0);
  bias_gradient(s);
}

void limn_wide_choose_strategies(limn_wide_job *j) {
  for (size_t l = 0; l < j->work->net->spec.layers; l++) {
    bool moves = j->work->rate_w[l] > 0, narrow = limn_wide_narrow(j, l),
         defer = j->factor_at[l] > 0;
    limn_wide_strategy *s = &j->strategy[l];
    s->rows = j->sorted[l] ? rows_by_lists
              : narrow     ? rows_narrow
              : j->blas    ? rows_by_blas
                           : rows_in_chunks;
    s->scales = j->fused && moves;
    s->rows_move = s->scales && !defer && !narrow;
    if (!moves || s->rows_move) continue;
    if (j->fused)
      s->step = narrow ? step_narrow : step_deferred;
    else
      s->step = narrow ? gradient_narrow : j->blas ? gradient_by_blas : gradient_few_points;
  }
}

/* ---- the pass ---- */

/* scaled = -rate delta; updates the biases. */
static void scale_deltas(const pass *s) {
  const limn_wide_job *j = s->j;
  const limn_mlp *net = j->work->net;
  size_t from, to;
  limn_wide_slice(s->out, s->rank, s->size, &from, &to);
  for (size_t p = 0; p < s->n && to > from; p++)
    s->k->slope(at(s, s->scaled, p * s->out + from), at(s, s->delta, p * s->out + from), j->ones,
                -j->work->rate_w[s->l], to - from);
  if (layer_of(s)->bias_multiplier > 0 && to > from) /* the input of a bias is rate_b / rate_w */
    s->k->wide_update(limn_wide_params(j, net->now, s->half, net->b_at[s->l] + from), 0,
                      at(s, j->ratio, s->l), 0, at(s, s->scaled, from), s->out, s->n, 0, 1,
                      to - from);
  limn_barrier(s->team);
}

/* The deltas of the layer below, from j->back; their padding stays 0. */
static void deltas_below(const pass *s) {
  const limn_wide_job *j = s->j;
  void *to = j->delta[(s->l + 1) % 2];
  size_t units = layer_of(s)->in;
  bool narrow = j->blas && limn_wide_narrow(j, s->l);
  for (size_t p = 0; p < s->n && s->to > s->from; p++) {
    const void *back = at(s, j->back, (narrow ? 0 : p) * s->in + s->from);
    if (narrow) /* one row of `back`, which stays in the first cache */
      s->k->narrow_backward(j->back, s->in, at(s, s->delta, p * s->out), s->out, s->w, 1, s->from,
                            s->last, layer_of(s)->out);
    s->k->slope(at(s, to, p * s->in + s->from), back,
                at(s, j->s, j->x_at[s->half][s->l] + p * s->in + s->from), 1, s->to - s->from);
  }
  for (size_t p = 0; p < s->n && s->to > units; p++)
    memset(at(s, to, p * s->in + units), 0, (s->to - units) * limn_real(j->type));
}

void limn_wide_backward(limn_wide_job *j, size_t half, size_t l, size_t n, limn_team *team,
                        int rank, int size) {
  const limn_mlp *net = j->work->net;
  const limn_wide_strategy *how = &j->strategy[l];
  pass s = {.j = j,
            .k = j->k,
            .team = team,
            .rank = rank,
            .size = size,
            .half = half,
            .l = l,
            .n = n,
            .in = j->width[l],
            .out = j->width[l + 1],
            .ld = net->ld[l],
            .x = limn_wide_at(j, j->x, j->x_at[half][l]),
            .w = limn_wide_params(j, net->now, half, net->w_at[l]),
            .delta = j->delta[l % 2],
            .scaled = j->scaled[l % 2],
            .below = l > j->work->lowest,
            .fold = j->factor_at[l] > 0 && limn_wide_full(j, l, n)};
  if (l == 0 && j->bottom.layer) return; /* computed together with the layer above */
  if (how->scales) scale_deltas(&s);
  if (l > 0 && l == j->bottom.layer) {
    limn_wide_bottom(j, half, n, false, team, rank, size);
    return;
  }
  limn_wide_slice(s.in, rank, size, &s.from, &s.to);
  s.last = s.to < net->layer[l].in ? s.to : net->layer[l].in;
  how->rows(&s);
  if (how->step) how->step(&s);
  if (s.below) deltas_below(&s);
  limn_barrier(team);
}
