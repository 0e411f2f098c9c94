/* one_hidden.c: one hidden layer of ReLUs on four points of the plane, by gradient descent on
 * the squared loss: the essay's nets, all of a step in one pass (num/simd/mlp/one_hidden_body.h).
 *
 * Many nets: one a lane, a vector of them to a task, or two interleaved vectors where they fit in
 * L1. Few: a lane is a hidden unit and the outputs are summed across (layout 3 of net.h). */
#include "num/mlp/train/algorithms.h"

enum { UNIT = 8 }; /* vectors that hold a unit */
enum {
  /* With fewer nets than lanes, of at least so many units, a lane is a unit instead of a net: the
   * sum across the vector then costs less than empty lanes. */
  ACROSS_FEW_NETS = 8,
  ACROSS_LEAST_UNITS = 64,
  /* Two vectors of nets are interleaved while both fit in this part of L1: that hides the latency
   * between two steps. */
  INTERLEAVED_MOST_BYTES = 20 << 10,
  /* With fewer vectors of nets a thread, the other threads would wait for the last two. */
  INTERLEAVED_LEAST_VECTORS = 32
};

typedef struct {
  const limn_mlp_work *work;
  const limn_mlp_kernels *k;
  limn_dtype type;
  limn_one_hidden shape;
  size_t order[4];      /* of the points */
  size_t group, groups; /* nets a task; vectors of units of one vector of nets */
  size_t vector;        /* bytes */
  limn_mlp_workers workers;
} one_job;

/* The corners of a rectangle along the axes go to the kernel as (a,c) (a,d) (b,c) (b,d), where
 * points share sums; other points in the order given. */
static void order_points(size_t order[4], const double *x) {
  for (size_t p = 0; p < 4; p++) order[p] = p;
  size_t across = 0, along = 0,
         q; /* points that share point 0's first coordinate, and its second */
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
  limn_one_hidden o = {.kw = work->step_w[0],
                       .kb = work->step_b[0],
                       .kv = work->step_w[1],
                       .kc = work->step_b[1],
                       .tolerance = work->rule->tolerance,
                       .limit = work->limit};
  order_points(order, work->x);
  for (size_t p = 0; p < 4; p++)
    for (size_t d = 0; d < 2; d++) o.x[p][d] = work->x[2 * order[p] + d];
  return o;
}

/* n numbers, each `step` after the one before it. */
static void scatter(void *to, size_t step, const void *from, size_t n, limn_dtype t) {
  if (t == LIMN_F32)
    for (size_t i = 0; i < n; i++) ((float *)to)[i * step] = ((const float *)from)[i];
  else
    for (size_t i = 0; i < n; i++) ((double *)to)[i * step] = ((const double *)from)[i];
}

static void gather(void *to, const void *from, size_t step, size_t n, limn_dtype t) {
  if (t == LIMN_F32)
    for (size_t i = 0; i < n; i++) ((float *)to)[i] = ((const float *)from)[i * step];
  else
    for (size_t i = 0; i < n; i++) ((double *)to)[i] = ((const double *)from)[i * step];
}

/* Between block and units: a net a lane, or a unit a lane. */
static void move(const one_job *j, char *units, char *c, size_t first, size_t nets, bool in) {
  limn_mlp *net = j->work->net;
  limn_dtype t = j->type;
  size_t n = net->spec.sizes[1], lanes = j->k->lanes;
  size_t from[4] = {net->w_at[0], net->w_at[0] + net->ld[0], net->b_at[0], net->w_at[1]};
  size_t filled = j->shape.across || !in ? nets : (nets + lanes - 1) / lanes * lanes;
  size_t run = j->shape.across ? lanes : n, step = j->shape.across ? 1 : UNIT * lanes;
  for (size_t r = 0; r < filled; r++) {
    char *p = limn_at(net->now, t, (first + (r < nets ? r : nets - 1)) * net->block);
    char *to = units + r / lanes * j->groups * UNIT * j->vector;
    for (size_t q = 0; q < 4; q++)
      for (size_t u = 0; u < n; u += run) {
        size_t here = (u / lanes * UNIT + q) * lanes, some = n - u < run ? n - u : run;
        char *mine = limn_at(to, t, j->shape.across ? here : q * lanes + r % lanes);
        char *its = limn_at(p, t, from[q] + u);
        if (in)
          scatter(mine, step, its, some, t);
        else
          gather(its, mine, step, some, t);
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
  size_t lanes = j->k->lanes, first = task * j->group, nets = net->blocks - first;
  if (nets > j->group) nets = j->group;
  limn_one_hidden shape = j->shape;
  shape.nets = j->shape.across ? 1 : (nets + lanes - 1) / lanes;
  char *units = limn_mlp_memory(&j->workers, worker);
  char *c = units + shape.nets * j->groups * UNIT * j->vector, *target = c + shape.nets * j->vector,
       *loss = target + 4 * shape.nets * j->vector;
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
  /* Steps between two checks for cancellation: some 4 ms. */
  size_t most = 1 + 4000000 / (16 * shape.nets * (shape.units + 4));
  bool any = true;
  do {
    piece = steps - taken < most ? steps - taken : most;
    any = j->k->one_hidden(units, c, target, &shape, piece, loss, done, active);
    taken += piece;
  } while (any && taken < steps && !limn_cancelled(work->token));
  move(j, units, c, first, nets, false);
  for (size_t r = 0; r < nets; r++) {
    limn_mlp_outcome *out = &work->outcome[first + r];
    out->loss = limn_get_real(loss, j->type, r);
    out->steps = done[r];
    out->reason = limn_mlp_stopped_by(work, active[r] == 0, out->loss);
    limn_mlp_took(&j->workers, worker, (uint64_t)done[r]);
  }
}

limn_status limn_mlp_train_one_hidden(limn_mlp_work *work, limn_err *err) {
  limn_mlp *net = work->net;
  one_job j = {.work = work, .k = limn_mlp_kernels_of(net->spec.dtype), .type = net->spec.dtype};
  size_t lanes = j.k->lanes, n = net->spec.sizes[1];
  j.shape = limn_mlp_one_hidden_of(work, j.order);
  j.shape.across = net->blocks < ACROSS_FEW_NETS && n >= ACROSS_LEAST_UNITS;
  j.groups = j.shape.units = j.shape.across ? (n + lanes - 1) / lanes : n;
  j.vector = lanes * limn_real(j.type);
  size_t vectors = (net->blocks + lanes - 1) / lanes, threads = (size_t)limn_workers(vectors);
  bool interleaved = !j.shape.across && 2 * n * UNIT * j.vector <= INTERLEAVED_MOST_BYTES &&
                     (threads == 1 || vectors >= INTERLEAVED_LEAST_VECTORS * threads);
  j.group = j.shape.across ? 1 : interleaved ? 2 * lanes : lanes;
  j.workers.bytes = (interleaved ? 2 : 1) * (j.groups * UNIT + 6) * j.vector;
  size_t tasks = (net->blocks + j.group - 1) / j.group;
  return limn_mlp_run(work, &j.workers, tasks, one_task, &j, "nets in lanes", err);
}
