/* one_hidden.c: one hidden layer of ReLUs on four points of the plane, gradient descent on the
 * squared loss; a step is one pass over the units (num/simd/mlp/one_hidden_body.h).
 *
 * Many nets: one net per lane; a task is one vector of nets, or two interleaved vectors if both fit
 * in L1. Few nets ("across"): one hidden unit per lane, and the outputs are summed across the
 * vector (layout 3 of net.h). */
#include "num/mlp/train/algorithms.h"

enum { UNIT = 8 }; /* vectors per unit */
enum {
  /* With fewer nets than this, each of at least ACROSS_MIN_UNITS units, a lane is a unit instead of
   * a net: the sum across the vector then costs less than empty lanes. */
  ACROSS_BELOW_NETS = 8,
  ACROSS_MIN_UNITS = 64,
  /* Two vectors of nets are interleaved if both fit in this part of L1; that hides the latency
   * between two steps. */
  INTERLEAVE_MAX_BYTES = 20 << 10,
  /* With fewer vectors of nets per thread the last two would keep one thread busy and the others
   * idle. */
  INTERLEAVE_MIN_VECTORS = 32
};

typedef struct {
  const limn_mlp_work *work;
  const limn_mlp_kernels *k;
  limn_dtype type;
  limn_one_hidden shape;
  size_t order[4];                    /* of the points */
  size_t nets_per_task, unit_vectors; /* nets; vectors of units per vector of nets */
  size_t vector;                      /* bytes */
  limn_mlp_workers workers;
} one_job;

/* For the corners of a rectangle along the axes: the order (a,c) (a,d) (b,c) (b,d), in which points
 * share sums. Other points keep their order. */
static void order_points(size_t order[4], const double *x) {
  for (size_t p = 0; p < 4; p++) order[p] = p;
  size_t across = 0, along = 0,
         q; /* points that share the first, and the second coordinate of point 0 */
  for (size_t p = 1; p < 4; p++) {
    if (x[2 * p] == x[0]) across = p;
    if (x[2 * p + 1] == x[1]) along = p;
  }
  q = 6 - across - along;
  if (across && along && across != along && x[2 * q] == x[2 * along] &&
      x[2 * q + 1] == x[2 * across + 1])
    order[1] = across, order[2] = along, order[3] = q;
}

limn_one_hidden limn_mlp_one_hidden_of(const limn_mlp_work *work, size_t order[4]) {
  limn_one_hidden o = {.kw = work->rate_w[0],
                       .kb = work->rate_b[0],
                       .kv = work->rate_w[1],
                       .kc = work->rate_b[1],
                       .tolerance = work->rule->tolerance,
                       .limit = work->limit};
  order_points(order, work->x);
  for (size_t p = 0; p < 4; p++)
    for (size_t d = 0; d < 2; d++) o.x[p][d] = work->x[2 * order[p] + d];
  return o;
}

/* Copies n consecutive numbers to every stride-th place; gather is the reverse. */
static void scatter(void *to, size_t stride, const void *from, size_t n, limn_dtype t) {
  if (t == LIMN_F32)
    for (size_t i = 0; i < n; i++) ((float *)to)[i * stride] = ((const float *)from)[i];
  else
    for (size_t i = 0; i < n; i++) ((double *)to)[i * stride] = ((const double *)from)[i];
}

static void gather(void *to, const void *from, size_t stride, size_t n, limn_dtype t) {
  if (t == LIMN_F32)
    for (size_t i = 0; i < n; i++) ((float *)to)[i] = ((const float *)from)[i * stride];
  else
    for (size_t i = 0; i < n; i++) ((double *)to)[i] = ((const double *)from)[i * stride];
}

/* Copies nets from their blocks to layout 3 (`in`) or back. */
static void move(const one_job *j, char *units, char *c, size_t first, size_t nets, bool in) {
  limn_mlp *net = j->work->net;
  limn_dtype t = j->type;
  size_t n = net->spec.sizes[1], lanes = j->k->lanes;
  size_t from[4] = {net->w_at[0], net->w_at[0] + net->ld[0], net->b_at[0], net->w_at[1]};
  size_t filled = j->shape.across || !in ? nets : (nets + lanes - 1) / lanes * lanes;
  size_t run = j->shape.across ? lanes : n, stride = j->shape.across ? 1 : UNIT * lanes;
  for (size_t r = 0; r < filled; r++) {
    char *p = limn_at(net->now, t, (first + (r < nets ? r : nets - 1)) * net->block);
    char *to = units + r / lanes * j->unit_vectors * UNIT * j->vector;
    for (size_t q = 0; q < 4; q++)
      for (size_t u = 0; u < n; u += run) {
        size_t here = (u / lanes * UNIT + q) * lanes, some = n - u < run ? n - u : run;
        char *mine = limn_at(to, t, j->shape.across ? here : q * lanes + r % lanes);
        char *its = limn_at(p, t, from[q] + u);
        if (in)
          scatter(mine, stride, its, some, t);
        else
          gather(its, mine, stride, some, t);
      }
    double bias = limn_get_real(in ? p : c, t, in ? net->b_at[1] : r);
    if (!in)
      limn_set_real(p, t, net->b_at[1], bias);
    else
      for (size_t k = 0; k < (j->shape.across ? lanes : 1); k++) limn_set_real(c, t, r + k, bias);
  }
}

static void one_task(void *ctx, size_t task, int worker) {
  const one_job *j = ctx;
  const limn_mlp_work *work = j->work;
  limn_mlp *net = work->net;
  size_t lanes = j->k->lanes, first = task * j->nets_per_task, nets = net->blocks - first;
  if (nets > j->nets_per_task) nets = j->nets_per_task;
  limn_one_hidden shape = j->shape;
  shape.nets = j->shape.across ? 1 : (nets + lanes - 1) / lanes;
  char *units = limn_mlp_memory(&j->workers, worker);
  char *c = units + shape.nets * j->unit_vectors * UNIT * j->vector,
       *target = c + shape.nets * j->vector, *loss = target + 4 * shape.nets * j->vector;
  double done[128] = {0}, active[128] = {0};
  memset(units, 0, j->workers.bytes);
  move(j, units, c, first, nets, true);
  for (size_t r = 0; r < shape.nets * lanes; r++) {
    size_t its = j->shape.across ? 0 : r < nets ? r : nets - 1;
    active[r] = j->shape.across || r < nets;
    for (size_t p = 0; p < 4; p++) {
      double offset = work->offset ? work->offset[(first + its) * 4 + j->order[p]] : 0;
      limn_set_real(target, j->type, (r / lanes * 4 + p) * lanes + r % lanes,
                    work->y[j->order[p]] + offset);
    }
  }
  size_t steps = work->rule->steps, taken = 0, piece;
  /* Steps between two checks for cancellation, some 4 ms. */
  size_t check_steps = 1 + 4000000 / (16 * shape.nets * (shape.units + 4));
  bool any = true;
  do {
    piece = steps - taken < check_steps ? steps - taken : check_steps;
    any = j->k->one_hidden(units, c, target, &shape, piece, loss, done, active);
    taken += piece;
  } while (any && taken < steps && !limn_cancelled(work->token));
  move(j, units, c, first, nets, false);
  for (size_t r = 0; r < nets; r++) {
    limn_mlp_outcome *out = &work->outcome[first + r];
    out->loss = limn_get_real(loss, j->type, r);
    out->steps = done[r];
    out->reason = limn_mlp_stopped_by(work, active[r] == 0, out->loss);
  }
}

limn_status limn_mlp_train_one_hidden(limn_mlp_work *work, limn_err *err) {
  limn_mlp *net = work->net;
  one_job j = {.work = work, .k = limn_mlp_kernels_of(net->spec.dtype), .type = net->spec.dtype};
  size_t lanes = j.k->lanes, n = net->spec.sizes[1];
  j.shape = limn_mlp_one_hidden_of(work, j.order);
  j.shape.across = net->blocks < ACROSS_BELOW_NETS && n >= ACROSS_MIN_UNITS;
  j.unit_vectors = j.shape.units = j.shape.across ? (n + lanes - 1) / lanes : n;
  j.vector = lanes * limn_real(j.type);
  size_t vectors = (net->blocks + lanes - 1) / lanes, threads = (size_t)limn_workers(vectors);
  bool interleaved = !j.shape.across && 2 * n * UNIT * j.vector <= INTERLEAVE_MAX_BYTES &&
                     (threads == 1 || vectors >= INTERLEAVE_MIN_VECTORS * threads);
  j.nets_per_task = j.shape.across ? 1 : interleaved ? 2 * lanes : lanes;
  j.workers.bytes = (interleaved ? 2 : 1) * (j.unit_vectors * UNIT + 6) * j.vector;
  size_t tasks = (net->blocks + j.nets_per_task - 1) / j.nets_per_task;
  return limn_mlp_run(work, &j.workers, tasks, one_task, &j, "nets in lanes", err);
}
