/* small.c: gradient descent of nets of ReLUs with two or more hidden layers and one output, on up
 * to four points, that fit in the caches. One net at a time, in place (layout 1 of net.h).
 *
 * A ReLU unit is inactive at half of the points on average; its weights are not needed there. One
 * net at a time can skip them; nets in lanes cannot (num/simd/mlp/small_body.h). All steps of a net
 * run in one thread. */
#include "num/mlp/train/algorithms.h"

typedef struct {
  const limn_mlp_work *work;
  const limn_mlp_kernels *k;
  limn_dtype type;
  limn_small shape;
  limn_small_layer layer[LIMN_MLP_LAYERS];
  limn_mlp_workers workers;
} small_job;

/* Divides a worker's memory at `base` into the state of the hidden layers, of each net of a pair,
 * and the points. Returns the number of bytes needed; with base NULL does nothing else. */
static size_t carve(const small_job *j, char *base, limn_small_units **units, void **x) {
  const limn_mlp_spec *spec = &j->work->net->spec;
  size_t at = 0, n = j->work->points, real = limn_real(j->type), hidden = spec->layers - 1;
#define TAKE(pointer, bytes)                                                                       \
  pointer = base ? (void *)(base + at) : NULL, at += ((bytes) + 63) & ~(size_t)63
  for (size_t t = 0; t < j->shape.halves; t++) {
    TAKE(units[t], hidden * sizeof **units);
    for (size_t l = 0; l < hidden; l++) {
      size_t lanes = j->k->lanes, vectors = (spec->sizes[l + 1] + lanes - 1) / lanes,
             size = vectors * lanes;
      limn_small_units none = {0}, *u = base ? &units[t][l] : &none;
      u->vectors = vectors;
      TAKE(u->x, n * size * real);
      TAKE(u->delta, n * size * real);
      TAKE(u->on, n * vectors * sizeof *u->on);
      TAKE(u->row, n * size * sizeof *u->row);
      TAKE(u->order, size * sizeof *u->order);
      TAKE(u->set, size * sizeof *u->set);
      TAKE(u->tile, size * sizeof *u->tile);
    }
  }
  TAKE(*x, n * spec->sizes[0] * real);
#undef TAKE
  return at;
}

static void train_task(void *ctx, size_t task, int worker) {
  const small_job *j = ctx;
  const limn_mlp_work *work = j->work;
  limn_mlp *net = work->net;
  const limn_mlp_spec *spec = &net->spec;
  char *base = limn_mlp_memory(&j->workers, worker);
  limn_small_units *units[2];
  void *x, *block[2];
  memset(base, 0, j->workers.bytes);
  carve(j, base, units, &x);
  for (size_t t = 0; t < net->halves; t++)
    block[t] = limn_at(net->now, j->type, (task * net->halves + t) * net->block);
  for (size_t i = 0; i < work->points * spec->sizes[0]; i++)
    limn_set_real(x, j->type, i, work->x[i]);
  limn_small shape = j->shape;
  if (work->offset) shape.offset = work->offset + task * work->points;
  limn_mlp_outcome *out = &work->outcome[task];
  size_t steps = work->rule->steps, taken = 0, done;
  size_t check_steps =
      1 + 4000000 / net->block; /* steps between two checks for cancellation, some 2 ms */
  bool on;
  do {
    size_t piece = steps - taken < check_steps ? steps - taken : check_steps;
    on = j->k->small(&shape, units, block, x, piece, &out->loss, &done);
    taken += done;
    if (spec->count == 1 && limn_mlp_tick(work, (double)taken, (double)steps)) break;
  } while (on && taken < steps && !limn_cancelled(work->token));
  out->steps = (double)taken;
  out->reason = limn_mlp_stopped_by(work, !on, out->loss);
}

limn_status limn_mlp_train_small(limn_mlp_work *work, limn_err *err) {
  const limn_mlp *net = work->net;
  const limn_mlp_spec *spec = &net->spec;
  small_job j = {.work = work, .k = limn_mlp_kernels_of(spec->dtype), .type = spec->dtype};
  for (size_t l = 0; l < spec->layers; l++)
    j.layer[l] = (limn_small_layer){.in = spec->sizes[l],
                                    .ld = net->ld[l],
                                    .w_at = net->w_at[l],
                                    .b_at = net->b_at[l],
                                    .rate = work->rate_w[l],
                                    .kb = work->rate_b[l] / work->rate_w[l],
                                    .ratio = l ? work->rate_w[l - 1] / work->rate_w[l] : 0};
  j.shape = (limn_small){.layers = spec->layers,
                         .points = work->points,
                         .halves = net->halves,
                         .layer = j.layer,
                         .y = work->y,
                         .logistic = work->rule->loss == LIMN_LOSS_LOGISTIC,
                         .tolerance = work->rule->tolerance,
                         .limit = work->limit};
  limn_small_units *units[2];
  void *x;
  j.workers.bytes = carve(&j, NULL, units, &x);
  return limn_mlp_run(work, &j.workers, spec->count, train_task, &j, "units of nets", err);
}
