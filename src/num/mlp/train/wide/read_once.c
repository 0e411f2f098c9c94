/* read_once.c: the lowest hidden-to-hidden layer of a large net. A forward and a backward pass
 * would read its weights twice per step; this algorithm reads them once.
 *
 * After a block of rows has produced the deltas of its input units, those units can update their
 * own few input weights and compute their activations for the next step. The same rows, still in
 * cache, then give their contribution to the layer above. Updates are deferred as low-rank factors
 * (wide.c) and applied to a block of rows while it is in cache. So per step a weight is read once
 * and written 1/FOLD times. (The top layer could be read once by columns, since its deltas depend
 * on one error per point only; but columns are strided, which costs more than reading rows twice.)
 *
 * Blocks form groups. Each group has its own partial sum for the layer above, and the partial sums
 * are added in order: the number of threads does not change a result by a bit. */
#include "num/mlp/train/wide/job.h"

enum {
  BLOCK_MAX_UNITS = 256, /* rows of a block, which must fit in cache */
  MIN_BLOCKS = 8,        /* narrower layers have smaller blocks, one per thread at least */
  MAX_GROUPS = 16        /* partial sums, and so the number of threads */
};

limn_status limn_wide_once_choose(limn_wide_job *j, limn_err *err) {
  const limn_mlp *net = j->work->net;
  limn_wide_once *o = &j->bottom;
  size_t r = limn_real(j->type), units = net->spec.sizes[1];
  if (net->spec.layers < 3 || !j->factor_at[1] || !j->sorted[1] || j->work->lowest > 0 ||
      j->factor_at[0] || limn_wide_narrow(j, 0))
    return LIMN_OK;
  size_t block = (units / MIN_BLOCKS + LIMN_WIDE_SLAB - 1) / LIMN_WIDE_SLAB * LIMN_WIDE_SLAB;
  if (block > BLOCK_MAX_UNITS) block = BLOCK_MAX_UNITS;
  size_t blocks = (units + block - 1) / block, each = (blocks + MAX_GROUPS - 1) / MAX_GROUPS;
  *o = (limn_wide_once){.layer = 1,
                        .block = block,
                        .per_group = each * block,
                        .groups = (blocks + each - 1) / each,
                        .ld = j->width[2]};
  size_t rows = net->halves * o->groups * j->rows;
  o->part = limn_alloc(rows * o->ld, r);
  o->list = limn_alloc(net->halves * blocks, sizeof *o->list);
  if (!o->part || !o->list) return limn_nomem(err, "one wide net", rows * o->ld, r);
  for (size_t b = 0; b < net->halves * blocks;
       b++) { /* parts of rank 0's lists of the whole layer */
    const limn_mlp_rows *list = limn_wide_list(j, 0, b / blocks, 1);
    o->list[b].row = list->row + b % blocks * block;
    o->list[b].on = list->on + b % blocks * block;
  }
  return LIMN_OK;
}

static void *part_of(const limn_wide_job *j, size_t half, size_t group) {
  const limn_wide_once *o = &j->bottom;
  return limn_wide_at(j, o->part, (half * o->groups + group) * j->rows * o->ld);
}

void limn_wide_once_sum(const limn_wide_job *j, void *to, size_t half, size_t n, size_t from,
                        size_t end) {
  const limn_wide_once *o = &j->bottom;
  for (size_t p = 0; p < n; p++)
    j->k->wide_forward(limn_wide_at(j, to, p * o->ld), o->ld, j->ones, 0,
                       limn_wide_at(j, part_of(j, half, 0), p * o->ld), j->rows * o->ld, 1,
                       o->groups, from, end, true);
}

/* Input units from .. end-1 of the bottom layer: their deltas from j->back, the update of their own
 * weights, their activations at the next step. */
static void move_units(limn_wide_job *j, size_t half, size_t n, size_t from, size_t end) {
  const limn_mlp *net = j->work->net;
  const limn_mlp_kernels *k = j->k;
  size_t in = j->width[0], out = j->width[1], columns = end - from;
  void *w = limn_wide_at(j, limn_wide_params(j, net->now, half, net->w_at[0]), from),
       *b = limn_wide_at(j, limn_wide_params(j, net->now, half, net->b_at[0]), from);
  void *x = limn_wide_at(j, j->x, j->x_at[half][0]),
       *h = limn_wide_at(j, j->x, j->x_at[half][1] + from),
       *s = limn_wide_at(j, j->s, j->x_at[half][1] + from);
  void *scaled = limn_wide_at(j, j->scaled[0], from), *back = limn_wide_at(j, j->back, from);
  for (size_t p = 0; p < n; p++)
    k->slope(limn_wide_at(j, scaled, p * out), limn_wide_at(j, back, p * out),
             limn_wide_at(j, s, p * out), -j->work->rate_w[0], columns);
  if (net->layer[0].bias_multiplier > 0)
    k->wide_update(b, 0, limn_wide_at(j, j->ratio, 0), 0, scaled, out, n, 0, 1, columns);
  k->wide_update(w, net->ld[0], x, in, scaled, out, n, 0, net->layer[0].in, columns);
  for (size_t p = 0; p < n; p++)
    memcpy(limn_wide_at(j, h, p * out), b, columns * limn_real(j->type));
  k->wide_forward(h, out, x, in, w, net->ld[0], n, net->layer[0].in, 0, columns, true);
  for (size_t p = 0; p < n; p++) {
    void *row = limn_wide_at(j, h, p * out);
    k->activate(net->spec.activation, row, limn_wide_at(j, s, p * out), row, columns);
  }
}

void limn_wide_bottom(limn_wide_job *j, size_t half, size_t n, bool first, limn_team *team,
                      int rank, int size) {
  const limn_mlp *net = j->work->net;
  const limn_mlp_kernels *k = j->k;
  size_t l = j->bottom.layer, units = net->layer[l].in, in = j->width[l], out = j->width[l + 1],
         ld = net->ld[l], ldc = LIMN_WIDE_FOLD * j->rows, block = j->bottom.block,
         blocks = (units + block - 1) / block;
  bool fold = limn_wide_full(j, l, n);
  size_t pending = j->pending[l], slot = fold ? 0 : pending;
  void *x = limn_wide_at(j, j->x, j->x_at[half][l]);
  void *delta = j->delta[l % 2], *c = limn_wide_coefficients(j, rank);
  void *fx = limn_wide_factor(j, half, l, false), *fd = limn_wide_factor(j, half, l, true);
  if (!first && pending && !fold) k->wide_backward(c, ldc, delta, out, fd, out, n, 0, pending, out);
  size_t from = j->bottom.groups * (size_t)rank / (size_t)size,
         to = j->bottom.groups * ((size_t)rank + 1) / (size_t)size;
  for (size_t group = from; group < to; group++) {
    void *part = part_of(j, half, group);
    size_t i = group * j->bottom.per_group, end = i + j->bottom.per_group;
    memset(part, 0, n * out * limn_real(j->type));
    for (; i < end && i < units; i += block) {
      size_t rows = i + block < units ? block : units - i, padded = i + block < in ? block : in - i;
      limn_mlp_rows *list = &j->bottom.list[half * blocks + i / block];
      void *w = limn_wide_params(j, net->now, half, net->w_at[l] + i * ld),
           *xi = limn_wide_at(j, x, i), *back = limn_wide_at(j, j->back, i);
      for (size_t p = 0; p < n && !first; p++)
        memset(limn_wide_at(j, back, p * in), 0, padded * limn_real(j->type));
      for (unsigned q = 0; q < LIMN_MLP_PATTERNS && !first; q++) {
        const uint32_t *row = list->row + list->start[q];
        size_t count = list->start[q + 1] - list->start[q];
        if (fold)
          k->rows_update(w, ld, limn_wide_at(j, fx, i), in, fd, out, pending, row, count, out);
        if (q) k->rows_backward(back, in, delta, out, w, ld, row, count, q, out);
      }
      if (!first) {
        if (pending && !fold)
          k->wide_forward(j->back, in, c, ldc, fx, in, n, pending, i, i + padded, true);
        for (size_t p = 0; p < n; p++)
          memcpy(limn_wide_at(j, fx, (slot + p) * in + i), limn_wide_at(j, xi, p * in),
                 padded * limn_real(j->type));
        move_units(j, half, n, i, i + padded);
      }
      limn_mlp_rows_sort(list, xi, j->type, in, n, rows);
      for (unsigned q = 1; q < LIMN_MLP_PATTERNS; q++)
        k->rows_forward(part, out, xi, in, w, ld, list->row + list->start[q],
                        list->start[q + 1] - list->start[q], q, 0, out);
    }
  }
  if (first) return;
  limn_barrier(team); /* others may still read the factors that this overwrites */
  limn_wide_slice(out, rank, size, &from, &to);
  for (size_t p = 0; p < n && to > from; p++)
    memcpy(limn_wide_at(j, fd, (slot + p) * out + from),
           limn_wide_at(j, j->scaled[l % 2], p * out + from), (to - from) * limn_real(j->type));
  limn_barrier(team);
}

void limn_wide_once_fold(limn_wide_job *j, size_t half, int rank, int size) {
  const limn_mlp *net = j->work->net;
  size_t l = j->bottom.layer, in = j->width[l], out = j->width[l + 1], ld = net->ld[l],
         block = j->bottom.block, blocks = (net->layer[l].in + block - 1) / block;
  for (size_t b = blocks * (size_t)rank / (size_t)size;
       b < blocks * ((size_t)rank + 1) / (size_t)size; b++) {
    const limn_mlp_rows *list = &j->bottom.list[half * blocks + b];
    for (unsigned q = 0; q < LIMN_MLP_PATTERNS; q++)
      j->k->rows_update(limn_wide_params(j, net->now, half, net->w_at[l] + b * block * ld), ld,
                        limn_wide_at(j, limn_wide_factor(j, half, l, false), b * block), in,
                        limn_wide_factor(j, half, l, true), out, j->pending[l],
                        list->row + list->start[q], list->start[q + 1] - list->start[q], out);
  }
}
