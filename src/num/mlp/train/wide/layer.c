/* layer.c: one layer of a training step, by columns in the forward pass and by rows in the
 * backward pass; see wide.c for how the work is shared and when steps wait as factors. */
#include "num/linalg/linalg.h"
#include "num/mlp/train/wide/job.h"

enum { BYTES_AT_ONCE = 256 << 10 }; /* of rows that several kernels take in turn: part of L2 */

static void fail(limn_wide_job *j, limn_status st, const limn_err *err) {
  if (st && !j->status) j->status = st, j->err = *err;
}

void limn_wide_forward(limn_wide_job *j, size_t half, size_t l, size_t n, int rank, int size) {
  const limn_mlp *net = j->work->net;
  const limn_mlp_layer *a = &net->layer[l];
  const limn_mlp_kernels *k = j->k;
  size_t in = j->width[l], out = j->width[l + 1], from, to;
  void *h = limn_wide_at(j, j->x, j->x_at[half][l + 1]),
       *x = limn_wide_at(j, j->x, j->x_at[half][l]);
  void *w = limn_wide_params(j, net->now, half, net->w_at[l]),
       *b = limn_wide_params(j, net->now, half, net->b_at[l]);
  if (l == 0 && j->ready) return;
  if (limn_wide_narrow(j, l)) {
    if (rank > 0) return;
    for (size_t p = 0; p < n; p++)
      memcpy(limn_wide_at(j, h, p * out), b, a->out * limn_real(j->type));
    k->narrow_forward(h, out, x, in, w, n, a->in, a->out);
    from = 0, to = out;
  } else {
    limn_wide_share(out, rank, size, &from, &to);
    for (size_t p = 0; p < n && from < to; p++)
      memcpy(limn_wide_at(j, h, p * out + from), limn_wide_at(j, b, from),
             (to - from) * limn_real(j->type));
    limn_err err;
    if (l > 0 && l == j->bottom.layer)
      limn_wide_once_sum(j, h, half, n, from, to);
    else if (j->sorted[l]) {
      limn_mlp_rows *list = limn_wide_list(j, rank, half, l);
      limn_mlp_rows_sort(list, x, j->type, in, n, a->in);
      for (unsigned q = 1; q < LIMN_MLP_PATTERNS; q++)
        k->rows_forward(h, out, x, in, w, net->ld[l], list->row + list->start[q],
                        list->start[q + 1] - list->start[q], q, from, to);
    } else if (!j->blas)
      k->wide_forward(h, out, x, in, w, net->ld[l], n, a->in, from, to, true);
    else if (j->type == LIMN_F32)
      fail(j,
           limn_la_sgemm(h, out, x, in, false, w, net->ld[l], false, n, a->out, a->in, 1, 1, &err),
           &err);
    else
      fail(j,
           limn_la_gemm(h, out, x, in, false, w, net->ld[l], false, n, a->out, a->in, 1, 1, &err),
           &err);
    if (from == to) return;
    if (j->pending[l]) {
      void *c = limn_wide_coefficients(j, rank);
      size_t ldc = LIMN_WIDE_FOLD * j->rows;
      k->wide_backward(c, ldc, x, in, limn_wide_factor(j, half, l, false), in, n, 0, j->pending[l],
                       in);
      k->wide_forward(h, out, c, ldc, limn_wide_factor(j, half, l, true), out, n, j->pending[l],
                      from, to, true);
    }
  }
  if (l + 1 < net->spec.layers)
    for (size_t p = 0; p < n; p++) {
      void *row = limn_wide_at(j, h, p * out + from);
      k->activate(net->spec.activation, row,
                  limn_wide_at(j, j->s, j->x_at[half][l + 1] + p * out + from), row, to - from);
    }
}

/* Everything that depends on this layer's delta: the error below, the step or the gradient. */
void limn_wide_backward(limn_wide_job *j, size_t half, size_t l, size_t n, limn_team *team,
                        int rank, int size) {
  const limn_mlp *net = j->work->net;
  const limn_mlp_work *work = j->work;
  const limn_mlp_layer *a = &net->layer[l];
  const limn_mlp_kernels *k = j->k;
  size_t in = j->width[l], out = j->width[l + 1], ld = net->ld[l], from, to;
  void *x = limn_wide_at(j, j->x, j->x_at[half][l]), *delta = j->delta[l % 2],
       *scaled = j->scaled[l % 2];
  void *w = limn_wide_params(j, net->now, half, net->w_at[l]),
       *b = limn_wide_params(j, net->now, half, net->b_at[l]);
  bool below = l > work->lowest, moves = work->step_w[l] > 0, biases = a->bias_multiplier > 0;
  limn_err err;
  if (l == 0 && j->bottom.layer) return; /* done with the layer above */
  if (j->fused && moves) {               /* scaled deltas, biases */
    limn_wide_share(out, rank, size, &from, &to);
    for (size_t p = 0; p < n && to > from; p++)
      k->slope(limn_wide_at(j, scaled, p * out + from), limn_wide_at(j, delta, p * out + from),
               j->ones, -work->step_w[l], to - from);
    if (biases && to > from) /* the inputs of a bias are the ratio of the two steps */
      k->wide_update(limn_wide_at(j, b, from), 0, limn_wide_at(j, j->ratio, l), 0,
                     limn_wide_at(j, scaled, from), out, n, 0, 1, to - from);
    limn_barrier(team);
  }
  if (l > 0 && l == j->bottom.layer) {
    limn_wide_bottom(j, half, n, false, team, rank, size);
    return;
  }
  limn_wide_share(in, rank, size, &from, &to);
  size_t last = to < a->in ? to : a->in; /* rows of weights, without the padding of x */
  size_t most = BYTES_AT_ONCE / (ld * limn_real(j->type)) / 8 * 8;
  if (most < 8) most = 8;
  bool defer = j->factor_at[l] > 0, fold = defer && limn_wide_full(j, l, n);
  size_t pending = j->pending[l];
  void *fx = defer ? limn_wide_factor(j, half, l, false) : NULL,
       *fd = defer ? limn_wide_factor(j, half, l, true) : NULL;
  if (j->sorted[l]) {
    for (size_t p = 0; p < n && below && to > from; p++)
      memset(limn_wide_at(j, j->back, p * in + from), 0, (to - from) * limn_real(j->type));
    for (unsigned q = 0; q < LIMN_MLP_PATTERNS; q++) {
      size_t rows, at_once;
      const uint32_t *row =
          limn_mlp_rows_within(limn_wide_list(j, rank, half, l), q, from, last, &rows);
      for (; rows; row += at_once, rows -= at_once) {
        at_once = rows < most ? rows : most;
        if (fold) k->rows_update(w, ld, fx, in, fd, out, pending, row, at_once, out);
        if (below) k->rows_backward(j->back, in, delta, out, w, ld, row, at_once, q, out);
        if (moves && !defer) k->rows_update(w, ld, x, in, scaled, out, n, row, at_once, out);
      }
    }
  }
  for (size_t i = from; i < last && !j->sorted[l]; i += most) {
    size_t end = i + most < last ? i + most : last;
    if (j->blas) end = last;
    if (fold) k->wide_update(w, ld, fx, in, fd, out, pending, i, end, out);
    if (below && limn_wide_narrow(j, l))
      k->narrow_backward(j->back, in, delta, out, w, n, i, end, a->out);
    else if (below && !j->blas)
      k->wide_backward(j->back, in, delta, out, w, ld, n, i, end, out);
    else if (below && j->type == LIMN_F32)
      fail(j,
           limn_la_sgemm(j->back, in, delta, out, false, w, ld, true, n, a->in, a->out, 1, 0, &err),
           &err);
    else if (below)
      fail(j,
           limn_la_gemm(j->back, in, delta, out, false, w, ld, true, n, a->in, a->out, 1, 0, &err),
           &err);
    if (j->fused && moves && !defer && !limn_wide_narrow(j, l))
      k->wide_update(w, ld, x, in, scaled, out, n, i, end, out);
    if (j->blas) break;
  }
  if (j->fused && moves && limn_wide_narrow(j, l)) {
    limn_barrier(team); /* others may still read these weights */
    if (rank == 0) k->narrow_update(w, x, in, scaled, out, n, a->in, a->out);
  }
  if (defer) {
    size_t slot = fold ? 0 : pending, o0, o1;
    if (below && slot && to > from) {
      void *c = limn_wide_coefficients(j, rank);
      size_t ldc = LIMN_WIDE_FOLD * j->rows;
      k->wide_backward(c, ldc, delta, out, fd, out, n, 0, slot, out);
      k->wide_forward(j->back, in, c, ldc, fx, in, n, slot, from, to, true);
    }
    if (fold) limn_barrier(team); /* others may still read the deltas that were here */
    for (size_t p = 0; p < n && to > from; p++)
      memcpy(limn_wide_at(j, fx, (slot + p) * in + from), limn_wide_at(j, x, p * in + from),
             (to - from) * limn_real(j->type));
    limn_wide_share(out, rank, size, &o0, &o1);
    for (size_t p = 0; p < n && o1 > o0; p++)
      memcpy(limn_wide_at(j, fd, (slot + p) * out + o0), limn_wide_at(j, scaled, p * out + o0),
             (o1 - o0) * limn_real(j->type));
  }
  void *g = limn_wide_at(j, j->g, half * net->block + net->w_at[l]);
  if (!j->fused && moves && limn_wide_narrow(j, l)) {
    if (rank == 0) { /* whatever rows are its own */
      memset(g, 0, limn_pad(a->in * a->out) * limn_real(j->type));
      k->narrow_update(g, x, in, delta, out, n, a->in, a->out);
    }
  } else if (!j->fused && moves && last > from) { /* the gradient of these rows */
    if (!j->blas) {
      memset(limn_wide_at(j, g, from * ld), 0, (last - from) * ld * limn_real(j->type));
      k->wide_update(g, ld, x, in, delta, out, n, from, last, out);
    } else if (j->type == LIMN_F32)
      fail(j, limn_la_sgemm(g, ld, x, in, true, delta, out, false, a->in, a->out, n, 1, 0, &err),
           &err);
    else
      fail(j, limn_la_gemm(g, ld, x, in, true, delta, out, false, a->in, a->out, n, 1, 0, &err),
           &err);
  }
  if (!j->fused && moves && biases && rank == 0) {
    g = limn_wide_at(j, j->g, half * net->block + net->b_at[l]);
    memset(g, 0, limn_pad(a->out) * limn_real(j->type));
    k->narrow_update(g, j->ones, 0, delta, out, n, 1, a->out);
  }
  if (below && to > from)
    for (size_t p = 0; p < n; p++)
      k->slope(limn_wide_at(j, j->delta[(l + 1) % 2], p * in + from),
               limn_wide_at(j, j->back, p * in + from),
               limn_wide_at(j, j->s, j->x_at[half][l] + p * in + from), 1, to - from);
  if (below && to > a->in) /* padding stays zero */
    for (size_t p = 0; p < n; p++)
      memset(limn_wide_at(j, j->delta[(l + 1) % 2], p * in + a->in), 0,
             (to - a->in) * limn_real(j->type));
  limn_barrier(team);
}

/* Adds the waiting factors of the deferred layers to their weights. */
void limn_wide_fold(limn_wide_job *j, int rank, int size) {
  const limn_mlp *net = j->work->net;
  for (size_t l = 0; l < net->spec.layers; l++) {
    size_t from, to, in = j->width[l], out = j->width[l + 1];
    limn_wide_share(net->layer[l].in, rank, size, &from, &to);
    for (size_t half = 0; half < net->halves && j->pending[l]; half++) {
      void *w = limn_wide_params(j, net->now, half, net->w_at[l]);
      void *x = limn_wide_factor(j, half, l, false), *delta = limn_wide_factor(j, half, l, true);
      if (l > 0 && l == j->bottom.layer)
        limn_wide_once_fold(j, half, rank, size);
      else if (!j->sorted[l])
        j->k->wide_update(w, net->ld[l], x, in, delta, out, j->pending[l], from, to, out);
      for (unsigned q = 0; q < LIMN_MLP_PATTERNS && j->sorted[l] && l != j->bottom.layer; q++) {
        size_t rows;
        const uint32_t *row =
            limn_mlp_rows_within(limn_wide_list(j, rank, half, l), q, from, to, &rows);
        j->k->rows_update(w, net->ld[l], x, in, delta, out, j->pending[l], row, rows, out);
      }
    }
  }
}
