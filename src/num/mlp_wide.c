/* mlp_wide.c: one net at a time, vectors along a layer's outputs, a team of threads within it.
 *
 * Few points (at most SMALL): products with the weights read them once for every four points, and
 * gradient descent adds its rank-`points` step to the rows just read. A layer too large for the
 * caches is read, not written, most of the time: its steps are kept as factors (inputs and scaled
 * deltas), which products add on the fly, and are folded in every FOLD steps; so a weight costs two
 * readings and 1/FOLD of a read and write a step in place of three movements more. Units that a
 * ReLU shut at a point take no part there: the rows that leave them are sorted by the points at
 * which they are on, which halves the work on average. Many points go through BLAS.
 *
 * A thread owns columns on the way forward and rows on the way back, and each sum runs in one
 * thread in one order: the number of threads does not change a bit. */
#include "linalg.h"
#include "mlp_net.h"

enum { SMALL = 16, FOLD = 4, DEFER_BYTES = 2 << 20, SLAB = 64, ROWS_AT_ONCE = 16 };

typedef struct {
  const limn_mlp_work *work;
  const limn_mlp_kernels *k;
  limn_dtype type;
  size_t member;
  bool fused, blas;
  size_t rows; /* most points of a step */
  size_t width[LIMN_MLP_LAYERS + 1];
  size_t x_at[2][LIMN_MLP_LAYERS + 1]; /* activations of each twin and layer */
  size_t factor_at[LIMN_MLP_LAYERS];   /* deferred: inputs, then deltas; 0: not deferred */
  bool sorted[LIMN_MLP_LAYERS];        /* rows by the points at which their input is on */
  limn_mlp_rows *lists;                /* of each rank, twin and layer; NULL: none sorted */
  uint32_t *row;                       /* their memory */
  uint8_t *on;
  size_t pending[LIMN_MLP_LAYERS]; /* rows of factors waiting (same for all twins) */
  size_t factors;                  /* numbers of one twin's factors */
  void *x, *s, *delta[2], *scaled[2], *back, *g, *ones, *ratio, *fold, *private;
  double *f, *target;
  uint64_t *order, epoch;
  size_t points; /* of this step */
  bool stop, active;
  size_t taken;
  double loss;
  limn_mlp_reason reason;
  limn_status status;
  limn_err err;
} wide_job;

static void *at(const wide_job *j, const void *p, size_t i) {
  return limn_at(p, j->type, i);
}

static void *params(const wide_job *j, const void *array, size_t twin, size_t offset) {
  const limn_mlp *net = j->work->net;
  return at(j, array, (j->member * net->twins + twin) * net->block + offset);
}

static bool narrow(const wide_job *j, size_t l) {
  return j->work->net->layer[l].out < LIMN_MLP_PAD;
}

/* This rank's share of n columns or rows, in whole slabs. */
static void share(size_t n, int rank, int size, size_t *from, size_t *to) {
  size_t slabs = (n + SLAB - 1) / SLAB;
  *from = slabs * (size_t)rank / (size_t)size * SLAB;
  *to = slabs * ((size_t)rank + 1) / (size_t)size * SLAB;
  if (*to > n) *to = n;
  if (*from > n) *from = n;
}

static void *factor(const wide_job *j, size_t twin, size_t l, bool deltas) {
  size_t rows = (size_t)FOLD * j->rows;
  return at(j, j->fold,
            twin * j->factors + j->factor_at[l] - 1 + (deltas ? rows * j->width[l] : 0));
}

/* The private coefficients of this rank: points x pending. */
static void *coefficients(const wide_job *j, int rank) {
  return at(j, j->private, (size_t)rank * j->rows * (FOLD * j->rows + LIMN_MLP_PAD));
}

static limn_mlp_rows *list_of(const wide_job *j, int rank, size_t twin, size_t l) {
  return &j->lists[((size_t)rank * j->work->net->twins + twin) * LIMN_MLP_LAYERS + l];
}

static void fail(wide_job *j, limn_status st, const limn_err *err) {
  if (st && !j->status) j->status = st, j->err = *err;
}

static void forward_layer(wide_job *j, size_t twin, size_t l, size_t n, int rank, int size) {
  const limn_mlp *net = j->work->net;
  const limn_mlp_layer *a = &net->layer[l];
  const limn_mlp_kernels *k = j->k;
  size_t in = j->width[l], out = j->width[l + 1], from, to;
  void *h = at(j, j->x, j->x_at[twin][l + 1]), *x = at(j, j->x, j->x_at[twin][l]);
  void *w = params(j, net->now, twin, net->w_at[l]), *b = params(j, net->now, twin, net->b_at[l]);
  if (narrow(j, l)) {
    if (rank > 0) return;
    for (size_t p = 0; p < n; p++) memcpy(at(j, h, p * out), b, a->out * limn_real(j->type));
    k->narrow_forward(h, out, x, in, w, n, a->in, a->out);
    from = 0, to = out;
  } else {
    share(out, rank, size, &from, &to);
    for (size_t p = 0; p < n && from < to; p++)
      memcpy(at(j, h, p * out + from), at(j, b, from), (to - from) * limn_real(j->type));
    limn_err err;
    if (j->sorted[l]) {
      limn_mlp_rows *list = list_of(j, rank, twin, l);
      limn_mlp_rows_sort(list, x, j->type, in, n, a->in);
      for (unsigned q = 1; q < LIMN_MLP_PATTERNS; q++)
        k->rows_forward(h, out, x, in, w, net->ld[l], list->row + list->start[q],
                        list->start[q + 1] - list->start[q], q, from, to);
    } else if (!j->blas)
      k->wide_forward(h, out, x, in, w, net->ld[l], n, a->in, from, to, true);
    else if (j->type == LIMN_F32)
      fail(j,
           limn_la_sgemm(h, out, x, in, false, w, net->ld[l], false, n, a->out, a->in, 1, 1,
                         "mlp.train", &err),
           &err);
    else
      fail(j,
           limn_la_gemm(h, out, x, in, false, w, net->ld[l], false, n, a->out, a->in, 1, 1,
                        "mlp.train", &err),
           &err);
    if (from == to) return;
    if (j->pending[l]) {
      void *c = coefficients(j, rank);
      size_t ldc = FOLD * j->rows;
      k->wide_backward(c, ldc, x, in, factor(j, twin, l, false), in, n, 0, j->pending[l], in);
      k->wide_forward(h, out, c, ldc, factor(j, twin, l, true), out, n, j->pending[l], from, to,
                      true);
    }
  }
  if (l + 1 < net->spec.layers)
    for (size_t p = 0; p < n; p++) {
      void *row = at(j, h, p * out + from);
      k->activate(net->spec.activation, row, at(j, j->s, j->x_at[twin][l + 1] + p * out + from),
                  row, to - from);
    }
}

/* Everything that depends on this layer's delta: the error below, the step or the gradient. */
static void backward_layer(wide_job *j, size_t twin, size_t l, size_t n, limn_team *team, int rank,
                           int size) {
  const limn_mlp *net = j->work->net;
  const limn_mlp_work *work = j->work;
  const limn_mlp_layer *a = &net->layer[l];
  const limn_mlp_kernels *k = j->k;
  size_t in = j->width[l], out = j->width[l + 1], ld = net->ld[l], from, to;
  void *x = at(j, j->x, j->x_at[twin][l]), *delta = j->delta[l % 2], *scaled = j->scaled[l % 2];
  void *w = params(j, net->now, twin, net->w_at[l]), *b = params(j, net->now, twin, net->b_at[l]);
  bool below = l > work->lowest, moves = work->step_w[l] > 0, biases = a->bias_multiplier > 0;
  limn_err err;
  if (j->fused && moves) { /* scaled deltas, biases */
    share(out, rank, size, &from, &to);
    for (size_t p = 0; p < n && to > from; p++)
      k->slope(at(j, scaled, p * out + from), at(j, delta, p * out + from), j->ones,
               -work->step_w[l], to - from);
    if (biases && to > from) /* the inputs of a bias are the ratio of the two steps */
      k->wide_update(at(j, b, from), 0, at(j, j->ratio, l), 0, at(j, scaled, from), out, n, 0, 1,
                     to - from);
    limn_barrier(team);
  }
  share(in, rank, size, &from, &to);
  size_t last = to < a->in ? to : a->in; /* rows of weights, without the padding of x */
  bool defer = j->factor_at[l] > 0;
  if (j->sorted[l]) {
    for (size_t p = 0; p < n && below && to > from; p++)
      memset(at(j, j->back, p * in + from), 0, (to - from) * limn_real(j->type));
    for (unsigned q = 0; q < LIMN_MLP_PATTERNS; q++) {
      size_t rows, at_once;
      const uint32_t *row = limn_mlp_rows_within(list_of(j, rank, twin, l), q, from, last, &rows);
      for (; rows; row += at_once, rows -= at_once) {
        at_once = rows < ROWS_AT_ONCE ? rows : ROWS_AT_ONCE;
        if (below) k->rows_backward(j->back, in, delta, out, w, ld, row, at_once, q, out);
        if (moves && !defer) k->rows_update(w, ld, x, in, scaled, out, n, row, at_once, out);
      }
    }
  }
  for (size_t i = from; i < last && !j->sorted[l]; i += ROWS_AT_ONCE) {
    size_t end = i + ROWS_AT_ONCE < last ? i + ROWS_AT_ONCE : last;
    if (j->blas) end = last;
    if (below && narrow(j, l))
      k->narrow_backward(j->back, in, delta, out, w, n, i, end, a->out);
    else if (below && !j->blas)
      k->wide_backward(j->back, in, delta, out, w, ld, n, i, end, out);
    else if (below && j->type == LIMN_F32)
      fail(j,
           limn_la_sgemm(j->back, in, delta, out, false, w, ld, true, n, a->in, a->out, 1, 0,
                         "mlp.train", &err),
           &err);
    else if (below)
      fail(j,
           limn_la_gemm(j->back, in, delta, out, false, w, ld, true, n, a->in, a->out, 1, 0,
                        "mlp.train", &err),
           &err);
    if (j->fused && moves && !defer && !narrow(j, l))
      k->wide_update(w, ld, x, in, scaled, out, n, i, end, out);
    if (j->blas) break;
  }
  if (j->fused && moves && narrow(j, l)) {
    limn_barrier(team); /* others may still read these weights */
    if (rank == 0) k->narrow_update(w, x, in, scaled, out, n, a->in, a->out);
  }
  if (defer) {
    size_t rows = j->pending[l];
    if (below && rows && to > from) {
      void *c = coefficients(j, rank);
      size_t ldc = FOLD * j->rows;
      k->wide_backward(c, ldc, delta, out, factor(j, twin, l, true), out, n, 0, rows, out);
      k->wide_forward(j->back, in, c, ldc, factor(j, twin, l, false), in, n, rows, from, to, true);
    }
    for (size_t p = 0; p < n && to > from; p++)
      memcpy(at(j, factor(j, twin, l, false), (rows + p) * in + from), at(j, x, p * in + from),
             (to - from) * limn_real(j->type));
    size_t o0, o1;
    share(out, rank, size, &o0, &o1);
    for (size_t p = 0; p < n && o1 > o0; p++)
      memcpy(at(j, factor(j, twin, l, true), (rows + p) * out + o0), at(j, scaled, p * out + o0),
             (o1 - o0) * limn_real(j->type));
  }
  void *g = at(j, j->g, twin * net->block + net->w_at[l]);
  if (!j->fused && moves && narrow(j, l)) {
    if (rank == 0) { /* whatever rows are its own */
      memset(g, 0, limn_pad(a->in * a->out) * limn_real(j->type));
      k->narrow_update(g, x, in, delta, out, n, a->in, a->out);
    }
  } else if (!j->fused && moves && last > from) { /* the gradient of these rows */
    if (!j->blas) {
      memset(at(j, g, from * ld), 0, (last - from) * ld * limn_real(j->type));
      k->wide_update(g, ld, x, in, delta, out, n, from, last, out);
    } else if (j->type == LIMN_F32)
      fail(j,
           limn_la_sgemm(g, ld, x, in, true, delta, out, false, a->in, a->out, n, 1, 0, "mlp.train",
                         &err),
           &err);
    else
      fail(j,
           limn_la_gemm(g, ld, x, in, true, delta, out, false, a->in, a->out, n, 1, 0, "mlp.train",
                        &err),
           &err);
  }
  if (!j->fused && moves && biases && rank == 0) {
    g = at(j, j->g, twin * net->block + net->b_at[l]);
    memset(g, 0, limn_pad(a->out) * limn_real(j->type));
    k->narrow_update(g, j->ones, 0, delta, out, n, 1, a->out);
  }
  if (below && to > from)
    for (size_t p = 0; p < n; p++)
      k->slope(at(j, j->delta[(l + 1) % 2], p * in + from), at(j, j->back, p * in + from),
               at(j, j->s, j->x_at[twin][l] + p * in + from), 1, to - from);
  if (below && to > a->in) /* padding stays zero */
    for (size_t p = 0; p < n; p++)
      memset(at(j, j->delta[(l + 1) % 2], p * in + a->in), 0, (to - a->in) * limn_real(j->type));
  limn_barrier(team);
}

/* Adds the waiting factors of every deferred layer to its weights. */
static void fold(wide_job *j, limn_team *team, int rank, int size) {
  const limn_mlp *net = j->work->net;
  for (size_t l = 0; l < net->spec.layers; l++) {
    size_t from, to;
    share(net->layer[l].in, rank, size, &from, &to);
    for (size_t twin = 0; twin < net->twins && j->pending[l]; twin++) {
      void *w = params(j, net->now, twin, net->w_at[l]);
      void *x = factor(j, twin, l, false), *delta = factor(j, twin, l, true);
      size_t in = j->width[l], out = j->width[l + 1], rows;
      for (unsigned q = 0; q < LIMN_MLP_PATTERNS && j->sorted[l]; q++) {
        const uint32_t *row = limn_mlp_rows_within(list_of(j, rank, twin, l), q, from, to, &rows);
        j->k->rows_update(w, net->ld[l], x, in, delta, out, j->pending[l], row, rows, out);
      }
      if (!j->sorted[l])
        j->k->wide_update(w, net->ld[l], x, in, delta, out, j->pending[l], from, to, out);
    }
  }
  limn_barrier(team);
  if (rank == 0) memset(j->pending, 0, sizeof j->pending);
  limn_barrier(team);
}

static void optimise(wide_job *j, uint64_t t, int rank, int size) {
  limn_mlp *net = j->work->net;
  for (size_t twin = 0; twin < net->twins; twin++)
    for (size_t l = j->work->lowest; l < net->spec.layers; l++)
      for (int bias = 0; bias < 2; bias++) {
        const limn_mlp_layer *a = &net->layer[l];
        if (j->work->step_w[l] == 0 || (bias && a->bias_multiplier == 0)) continue;
        limn_mlp_step step = limn_mlp_step_of(j->work, l, bias, t);
        size_t from, to, here = bias ? net->b_at[l] : net->w_at[l];
        share(limn_pad(bias ? a->out : a->in * net->ld[l]), rank, size, &from, &to);
        here += from;
        j->k->update(params(j, net->now, twin, here), at(j, j->g, twin * net->block + here),
                     net->u ? params(j, net->u, twin, here) : NULL,
                     net->v ? params(j, net->v, twin, here) : NULL, to - from, &step, NULL);
      }
}

/* The loss of n points and the deltas of the output layer; which: the points, or NULL. */
static void error(wide_job *j, size_t n, const uint64_t *which, size_t twin_for_delta) {
  const limn_mlp_work *work = j->work;
  const limn_mlp *net = work->net;
  size_t L = net->spec.layers, outputs = net->spec.sizes[L], out = j->width[L];
  double loss = 0, root = 0.70710678118654752440;
  memset(j->delta[(L - 1) % 2], 0, n * out * limn_real(j->type));
  for (size_t p = 0; p < n; p++)
    for (size_t o = 0; o < outputs; o++) {
      size_t q = (which ? which[p] : p) * outputs + o;
      double f = limn_get_real(at(j, j->x, j->x_at[0][L]), j->type, p * out + o), y = work->y[q];
      if (net->twins == 2)
        f = (f - limn_get_real(at(j, j->x, j->x_at[1][L]), j->type, p * out + o)) * root;
      if (work->offset) f -= work->offset[j->member * work->points * outputs + q];
      double d;
      if (work->rule->loss == LIMN_LOSS_LOGISTIC) {
        double z = y * f;
        loss += log1p(exp(-fabs(z))) + (z < 0 ? -z : z != z ? z : 0);
        d = -y / (1 + exp(z));
      } else {
        d = f - y;
        loss += 0.5 * d * d;
      }
      if (net->twins == 2) d *= twin_for_delta ? -root : root;
      limn_set_real(j->delta[(L - 1) % 2], j->type, p * out + o, d / (double)n);
    }
  j->loss = loss / (double)n;
}

static size_t gather(wide_job *j, size_t step, const uint64_t **which) {
  const limn_mlp_work *work = j->work;
  size_t d = work->net->spec.sizes[0], n = work->points;
  bool whole = work->rule->batch == 0 || step == work->rule->steps;
  *which = NULL;
  if (!whole) n = limn_mlp_batch(work, work->net->steps + step, j->order, &j->epoch, which);
  if (whole && work->rule->batch == 0 && step > 0) return n; /* already there */
  for (size_t p = 0; p < n; p++)
    for (size_t i = 0; i < d; i++)
      for (size_t twin = 0; twin < work->net->twins; twin++)
        limn_set_real(at(j, j->x, j->x_at[twin][0]), j->type, p * j->width[0] + i,
                      work->x[(*which ? (*which)[p] : p) * d + i]);
  return n;
}

static void run(void *ctx, limn_team *team, int rank, int size) {
  wide_job *j = ctx;
  const limn_mlp_work *work = j->work;
  const limn_mlp *net = work->net;
  const uint64_t *which = NULL;
  size_t L = net->spec.layers;
  for (size_t step = 0;; step++) {
    if (rank == 0) j->points = gather(j, step, &which);
    limn_barrier(team);
    size_t n = j->points;
    for (size_t l = 0; l < L; l++) {
      for (size_t twin = 0; twin < net->twins; twin++) forward_layer(j, twin, l, n, rank, size);
      limn_barrier(team);
    }
    if (rank == 0) {
      error(j, n, which, 0);
      bool whole = work->rule->batch == 0 || step == work->rule->steps;
      if (!(j->loss <= work->limit))
        j->reason = LIMN_MLP_DIVERGED, j->stop = true;
      else if (whole && j->loss <= work->rule->tolerance)
        j->reason = LIMN_MLP_TOLERANCE, j->stop = true;
      else if (step == work->rule->steps || j->status || limn_cancelled(work->token))
        j->stop = true;
      if (step % 16 == 0 && net->spec.count == 1)
        limn_tick(work->token, (double)step, (double)work->rule->steps);
      j->taken = step;
    }
    limn_barrier(team);
    if (j->stop) break;
    for (size_t twin = 0; twin < net->twins; twin++) {
      if (twin && rank == 0) error(j, n, which, twin);
      if (twin) limn_barrier(team);
      for (size_t l = L; l-- > work->lowest;) backward_layer(j, twin, l, n, team, rank, size);
    }
    bool full = false, deferred = false;
    if (rank == 0)
      for (size_t l = 0; l < L; l++)
        if (j->factor_at[l]) j->pending[l] += n;
    for (size_t l = 0; l < L; l++) deferred |= j->factor_at[l] > 0;
    if (deferred) {
      limn_barrier(team);
      for (size_t l = 0; l < L; l++) full |= j->pending[l] + j->rows > FOLD * j->rows;
      if (full) fold(j, team, rank, size);
    }
    if (!j->fused) optimise(j, net->steps + step + 1, rank, size);
  }
  fold(j, team, rank, size);
}

static limn_status prepare(wide_job *j, const limn_mlp_work *work, int threads, limn_err *err) {
  const limn_mlp *net = work->net;
  const limn_mlp_spec *s = &net->spec;
  *j = (wide_job){.work = work, .k = limn_mlp_kernels_of(s->dtype), .type = s->dtype};
  size_t most = work->rule->batch ? work->rule->batch : work->points;
  j->rows = work->points; /* the loss needs them all */
  j->blas = most > SMALL;
  j->fused = work->plain && !j->blas;
  size_t numbers = 0, widest = 0;
  for (size_t l = 0; l <= s->layers; l++) {
    j->width[l] = limn_pad(s->sizes[l]);
    if (j->width[l] > widest) widest = j->width[l];
    for (size_t twin = 0; twin < net->twins; twin++) {
      j->x_at[twin][l] = numbers;
      numbers += j->rows * j->width[l];
    }
  }
  for (size_t l = 0; l < s->layers && j->fused; l++)
    if (s->sizes[l] * net->ld[l] * limn_real(j->type) >= DEFER_BYTES && !narrow(j, l) &&
        work->step_w[l] > 0) {
      j->factor_at[l] = 1 + j->factors;
      j->factors += FOLD * j->rows * (j->width[l] + j->width[l + 1]);
    }
  size_t r = limn_real(j->type), lists = 0, units = 0;
  for (size_t l = 1; l < s->layers; l++) {
    j->sorted[l] =
        j->fused && j->rows <= LIMN_TILE_POINTS && s->activation == LIMN_PHI_RELU && !narrow(j, l);
    if (j->sorted[l]) units += s->sizes[l], lists = (size_t)threads * net->twins;
  }
  j->lists = limn_alloc(lists * LIMN_MLP_LAYERS + 1, sizeof *j->lists);
  j->row = limn_alloc(lists * units + 1, sizeof *j->row);
  j->on = limn_alloc(lists * units + 1, sizeof *j->on);
  j->x = limn_alloc(numbers, r), j->s = limn_alloc(numbers, r);
  j->delta[0] = limn_alloc(j->rows * widest, r), j->delta[1] = limn_alloc(j->rows * widest, r);
  j->scaled[0] = limn_alloc(j->rows * widest, r), j->scaled[1] = limn_alloc(j->rows * widest, r);
  j->back = limn_alloc(j->rows * widest, r), j->ones = limn_alloc(widest, r);
  j->ratio = limn_alloc(s->layers, r);
  j->g = limn_alloc(j->fused ? 1 : net->twins * net->block, r);
  j->fold = limn_alloc(net->twins * j->factors + 1, r);
  j->private =
      limn_alloc(j->fused ? (size_t)threads * j->rows * (FOLD * j->rows + LIMN_MLP_PAD) : 1, r);
  j->order = limn_alloc(work->points, sizeof *j->order);
  if (!j->lists || !j->row || !j->on || !j->x || !j->s || !j->delta[0] || !j->delta[1] ||
      !j->scaled[0] || !j->scaled[1] || !j->back || !j->ones || !j->ratio || !j->g || !j->fold ||
      !j->private || !j->order)
    return limn_nomem(err, "mlp.train", "one wide net", 2 * numbers + net->block, r);
  for (size_t k = 0, from = 0; k < lists; k++)
    for (size_t l = 1; l < s->layers; l++)
      if (j->sorted[l]) {
        limn_mlp_rows *list = &j->lists[k * LIMN_MLP_LAYERS + l];
        list->row = j->row + from, list->on = j->on + from;
        from += s->sizes[l];
      }
  for (size_t i = 0; i < widest; i++) limn_set_real(j->ones, j->type, i, 1);
  for (size_t l = 0; l < s->layers; l++)
    limn_set_real(j->ratio, j->type, l,
                  work->step_w[l] > 0 ? work->step_b[l] / work->step_w[l] : 0);
  return LIMN_OK;
}

static void release(wide_job *j) {
  void *all[] = {j->x,     j->s,     j->delta[0], j->delta[1], j->scaled[0], j->scaled[1],
                 j->back,  j->ones,  j->ratio,    j->g,        j->fold,      j->private,
                 j->order, j->lists, j->row,      j->on};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) limn_free(all[i]);
}

/* Trains net `member` with up to `threads` threads. */
static limn_status train_one(limn_mlp_work *work, size_t member, int threads, uint64_t *taken,
                             limn_err *err) {
  wide_job j;
  limn_status st = prepare(&j, work, threads, err);
  if (!st) {
    j.member = member;
    j.epoch = UINT64_MAX;
    limn_team_run(j.blas ? 1 : threads, run, &j);
    st = j.status;
    if (st && err) *err = j.err;
    work->outcome[member] =
        (limn_mlp_outcome){.loss = j.loss, .steps = (double)j.taken, .reason = j.reason};
    *taken = j.taken;
  }
  release(&j);
  return st;
}

typedef struct {
  limn_mlp_work *work;
  uint64_t *taken;
  limn_status *status;
  limn_err *errors; /* by worker */
} many_job;

static void many_task(void *ctx, size_t task, int worker) {
  many_job *m = ctx;
  limn_err err;
  uint64_t taken = 0;
  limn_status st = train_one(m->work, task, 1, &taken, &err);
  if (st) m->status[worker] = st, m->errors[worker] = err;
  if (taken > m->taken[worker]) m->taken[worker] = taken;
}

limn_status limn_mlp_train_wide(limn_mlp_work *work, limn_err *err) {
  const limn_mlp_spec *s = &work->net->spec;
  size_t threads = (size_t)limn_threads_get(), most = work->rule->batch, largest = 0;
  if (most == 0) most = work->points;
  for (size_t r = 0; r < s->count; r++) work->outcome[r] = (limn_mlp_outcome){.loss = NAN};
  for (size_t l = 0; l < s->layers; l++)
    if (s->sizes[l] * s->sizes[l + 1] > largest) largest = s->sizes[l] * s->sizes[l + 1];
  if (s->count == 1 || most > SMALL || (s->count < threads && largest >= 1 << 16)) {
    limn_status st = LIMN_OK;
    uint64_t taken = 0;
    int team = largest >= 1 << 15 ? (int)threads : 1;
    for (size_t r = 0; r < s->count && !st && !limn_cancelled(work->token); r++) {
      st = train_one(work, r, team, &taken, err);
      if (taken > work->taken) work->taken = taken;
    }
    return st;
  }
  size_t workers = (size_t)limn_workers(s->count);
  many_job m = {work, limn_alloc(workers, sizeof *m.taken), limn_alloc(workers, sizeof *m.status),
                limn_alloc(workers, sizeof *m.errors)};
  limn_status st = LIMN_OK;
  if (!m.taken || !m.status || !m.errors)
    st = limn_nomem(err, "mlp.train", "threads", workers, 512);
  if (!st) st = limn_parallel(s->count, many_task, &m, work->token, "mlp.train", err);
  for (size_t w = 0; w < workers && m.taken; w++) {
    if (m.taken[w] > work->taken) work->taken = m.taken[w];
    if (!st && m.status[w]) {
      st = m.status[w];
      if (err) *err = m.errors[w];
    }
  }
  limn_free(m.taken), limn_free(m.status), limn_free(m.errors);
  return st;
}
