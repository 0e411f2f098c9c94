/* layer.c: the forward pass of one layer, by columns, and the application of the remaining factors
 * at the end. wide.c describes the division among threads and the deferred updates. */
#include "num/linalg/linalg.h"
#include "num/mlp/activation.h"
#include "num/mlp/train/wide/job.h"

void limn_wide_gemm(limn_wide_job *j, void *c, size_t ldc, const void *a, size_t lda, bool at,
                    const void *b, size_t ldb, bool bt, size_t rows, size_t columns, size_t inner,
                    double beta) {
  limn_err err;
  limn_status st;
  if (j->type == LIMN_F32)
    st = limn_la_sgemm(c, ldc, a, lda, at, b, ldb, bt, rows, columns, inner, 1, (float)beta, &err);
  else
    st = limn_la_gemm(c, ldc, a, lda, at, b, ldb, bt, rows, columns, inner, 1, beta, &err);
  if (st && !j->status) j->status = st, j->err = err;
}

/* Columns from .. to-1 of h (n,out), the pre-activations of layer l, become activations. */
static void activate(limn_wide_job *j, size_t half, size_t l, void *h, size_t n, size_t from,
                     size_t to) {
  const limn_mlp *net = j->work->net;
  size_t out = j->width[l + 1], units = net->layer[l].out;
  bool pads = !limn_mlp_vector_phi(net->spec.activation); /* phi(0) may differ from 0 */
  for (size_t p = 0; p < n; p++) {
    void *row = limn_wide_at(j, h, p * out + from),
         *slope = limn_wide_at(j, j->s, j->x_at[half][l + 1] + p * out + from);
    limn_mlp_activate(net, row, slope, row, to - from);
    for (size_t o = from > units ? from : units; pads && o < to; o++)
      limn_set_real(row, j->type, o - from, 0), limn_set_real(slope, j->type, o - from, 0);
  }
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
    limn_wide_slice(out, rank, size, &from, &to);
    for (size_t p = 0; p < n && from < to; p++)
      memcpy(limn_wide_at(j, h, p * out + from), limn_wide_at(j, b, from),
             (to - from) * limn_real(j->type));
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
    else
      limn_wide_gemm(j, h, out, x, in, false, w, net->ld[l], false, n, a->out, a->in, 1);
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
  if (l + 1 < net->spec.layers) activate(j, half, l, h, n, from, to);
}

/* Adds the remaining factors of the deferred layers to their weights. */
void limn_wide_fold(limn_wide_job *j, int rank, int size) {
  const limn_mlp *net = j->work->net;
  for (size_t l = 0; l < net->spec.layers; l++) {
    size_t from, to, in = j->width[l], out = j->width[l + 1];
    limn_wide_slice(net->layer[l].in, rank, size, &from, &to);
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
