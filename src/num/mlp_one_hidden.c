/* mlp_one_hidden.c: one hidden layer of ReLUs on four points of the plane, by gradient descent on
 * the squared loss: the essay's nets, all of a step in one pass (kernels/mlp_one_hidden_body.h).
 *
 * Many nets: one a lane, as many as a vector has lanes to a task. Few wide ones: a lane is a hidden
 * unit and the outputs are summed across. The widest are shared by a team of threads: a step goes
 * over blocks of units, each of which leaves its share of the outputs, and every thread adds up
 * those of all blocks in their order, so one barrier a step does and the number of threads does not
 * change a bit. */
#include "mlp_net.h"

enum { UNIT = 8, FEW = 8, WIDE = 64 }; /* vectors a unit; fewer nets of such width go across */
enum { SHARED = 4096, BLOCK = 128 };   /* units of a net for a team; vectors of a block */

typedef struct {
  const limn_mlp_work *work;
  const limn_mlp_kernels *k;
  limn_dtype type;
  limn_one_hidden shape;
  size_t order[4];      /* of the points */
  size_t group, groups; /* nets a task; vectors of units */
  size_t vector, bytes;
  char *memory;
  uint64_t *taken;
} one_job;

bool limn_mlp_one_hidden_fits(const limn_mlp_work *work) {
  const limn_mlp_spec *s = &work->net->spec;
  return s->layers == 2 && s->activation == LIMN_PHI_RELU && s->sizes[0] == 2 && s->sizes[2] == 1 &&
         work->points == 4 && work->plain && work->rule->loss == LIMN_LOSS_MSE &&
         work->net->twins == 1 && work->step_w[0] > 0 && work->step_w[1] > 0;
}

/* The corners of a rectangle along the axes go to the kernel as (a,c) (a,d) (b,c) (b,d), where
 * points share sums; other points in the order given. */
static void order_points(one_job *j, const double *x) {
  for (size_t p = 0; p < 4; p++) j->order[p] = p;
  size_t across = 0, along = 0, q; /* who shares point 0's first coordinate, and its second */
  for (size_t p = 1; p < 4; p++) {
    if (x[2 * p] == x[0]) across = p;
    if (x[2 * p + 1] == x[1]) along = p;
  }
  q = 6 - across - along;
  if (across && along && across != along && x[2 * q] == x[2 * along] &&
      x[2 * q + 1] == x[2 * across + 1])
    j->order[1] = across, j->order[2] = along, j->order[3] = q;
  for (size_t p = 0; p < 4; p++)
    for (size_t d = 0; d < 2; d++) j->shape.x[p][d] = x[2 * j->order[p] + d];
}

/* Between block and units; the place of hidden unit u of net r in a group. */
static void move(const one_job *j, char *units, char *c, size_t first, size_t nets, bool in) {
  limn_mlp *net = j->work->net;
  limn_dtype t = j->type;
  size_t n = net->spec.sizes[1], lanes = j->k->lanes;
  for (size_t r = 0; r < (j->shape.across || !in ? nets : lanes); r++) {
    char *p = limn_at(net->now, t, (first + (r < nets ? r : nets - 1)) * net->block);
    for (size_t u = 0; u < n; u++) {
      size_t vector = j->shape.across ? u / lanes : u, lane = j->shape.across ? u % lanes : r;
      size_t there[4] = {net->w_at[0] + u, net->w_at[0] + net->ld[0] + u, net->b_at[0] + u,
                         net->w_at[1] + u};
      for (size_t q = 0; q < 4; q++) {
        size_t at = (vector * UNIT + q) * lanes + lane;
        if (in)
          limn_set_real(units, t, at, limn_get_real(p, t, there[q]));
        else
          limn_set_real(p, t, there[q], limn_get_real(units, t, at));
      }
    }
    if (!in)
      limn_set_real(p, t, net->b_at[1], limn_get_real(c, t, j->shape.across ? 0 : r));
    else
      for (size_t k = 0; k < lanes; k++)
        if (j->shape.across || k == r) limn_set_real(c, t, k, limn_get_real(p, t, net->b_at[1]));
  }
}

/* What each block adds to the outputs: one step is read while the next is written. */
typedef struct {
  double f[8]; /* at the four points; a cache line */
} part;

typedef struct {
  const one_job *j;
  char *units;
  part *parts[2];
  size_t blocks;
  double c, target[4];
  double loss;
  size_t taken;
  limn_mlp_reason reason;
  bool cancelled[2];
} shared_job;

static double rounded(limn_dtype type, double x) {
  return type == LIMN_F32 ? (double)(float)x : x;
}

static void shared_steps(void *ctx, limn_team *team, int rank, int size) {
  shared_job *s = ctx;
  const one_job *j = s->j;
  const limn_mlp_work *work = j->work;
  const limn_one_hidden *o = &j->shape;
  size_t from = s->blocks * (size_t)rank / (size_t)size,
         to = s->blocks * ((size_t)rank + 1) / (size_t)size, step = 0;
  double c = s->c, loss, move[8];
  limn_mlp_reason reason = LIMN_MLP_STEPS;
  for (;; step++) {
    part *parts = s->parts[step % 2];
    for (size_t b = from; b < to; b++) {
      size_t first = b * BLOCK;
      size_t n = j->groups - first < BLOCK ? j->groups - first : BLOCK;
      j->k->one_hidden_part(s->units + first * UNIT * j->vector, n, o, step ? move : NULL,
                            parts[b].f);
    }
    if (rank == 0) s->cancelled[step % 2] = step % 64 == 0 && limn_cancelled(work->token);
    limn_barrier(team);
    double f[4] = {c, c, c, c}, sum = 0, square = 0;
    for (size_t b = 0; b < s->blocks; b++)
      for (size_t p = 0; p < 4; p++) f[p] += parts[b].f[p];
    for (size_t p = 0; p < 4; p++) {
      double e = f[p] - s->target[p];
      square += e * e;
      sum += e;
      move[p] = -o->kv / 4 * e;
      move[4 + p] = -o->kw / 4 * e;
    }
    loss = square / 8;
    if (!(loss <= o->limit))
      reason = LIMN_MLP_DIVERGED;
    else if (loss <= o->tolerance)
      reason = LIMN_MLP_TOLERANCE;
    if (reason != LIMN_MLP_STEPS || step == work->rule->steps || s->cancelled[step % 2]) break;
    c = rounded(j->type, c - o->kc / 4 * sum); /* so that a call continues to the bit */
    if (rank == 0 && step % 64 == 0 && work->net->spec.count == 1)
      limn_tick(work->token, (double)step, (double)work->rule->steps);
  }
  if (rank == 0) s->c = c, s->loss = loss, s->reason = reason, s->taken = step;
}

/* Net `net` by a team, its units in the job's memory. */
static void train_shared(one_job *j, size_t net, part *parts) {
  const limn_mlp_work *work = j->work;
  size_t blocks = (j->groups + BLOCK - 1) / BLOCK;
  shared_job s = {.j = j, .units = j->memory, .parts = {parts, parts + blocks}, .blocks = blocks};
  char *c = j->memory + j->groups * UNIT * j->vector;
  memset(j->memory, 0, j->bytes);
  move(j, j->memory, c, net, 1, true);
  s.c = limn_get_real(c, j->type, 0);
  for (size_t p = 0; p < 4; p++)
    s.target[p] = work->y[j->order[p]] + (work->offset ? work->offset[net * 4 + j->order[p]] : 0);
  limn_team_run(limn_workers(blocks), shared_steps, &s);
  limn_set_real(c, j->type, 0, s.c);
  move(j, j->memory, c, net, 1, false);
  work->outcome[net] =
      (limn_mlp_outcome){.loss = s.loss, .steps = (double)s.taken, .reason = s.reason};
  if (s.taken > j->taken[0]) j->taken[0] = s.taken;
}

static void one_task(void *ctx, size_t task, int worker) {
  const one_job *j = ctx;
  const limn_mlp_work *work = j->work;
  limn_mlp *net = work->net;
  size_t lanes = j->k->lanes, first = task * j->group, nets = net->blocks - first;
  if (nets > j->group) nets = j->group;
  char *units = j->memory + (size_t)worker * j->bytes, *c = units + j->groups * UNIT * j->vector;
  char *target = c + j->vector, *loss = target + 4 * j->vector;
  double done[64] = {0}, active[64] = {0};
  memset(units, 0, j->bytes);
  move(j, units, c, first, nets, true);
  for (size_t p = 0; p < 4; p++)
    for (size_t k = 0; k < lanes; k++) {
      size_t r = j->shape.across ? 0 : k < nets ? k : nets - 1;
      double offset = work->offset ? work->offset[(first + r) * 4 + j->order[p]] : 0;
      limn_set_real(target, j->type, p * lanes + k, work->y[j->order[p]] + offset);
    }
  for (size_t k = 0; k < lanes; k++) active[k] = j->shape.across || k < nets;
  size_t steps = work->rule->steps, taken = 0, piece;
  /* In pieces, so that Ctrl-C is heard: some 4 ms each. */
  size_t most = 1 + 4000000 / (16 * (j->shape.units + 4));
  bool any = true;
  do {
    piece = steps - taken < most ? steps - taken : most;
    any = j->k->one_hidden(units, c, target, &j->shape, piece, loss, done, active);
    taken += piece;
  } while (any && taken < steps && !limn_cancelled(work->token));
  move(j, units, c, first, nets, false);
  for (size_t r = 0; r < nets; r++) {
    limn_mlp_outcome *out = &work->outcome[first + r];
    out->loss = limn_get_real(loss, j->type, r);
    out->steps = done[r];
    out->reason = active[r] != 0                       ? LIMN_MLP_STEPS
                  : out->loss <= work->rule->tolerance ? LIMN_MLP_TOLERANCE
                                                       : LIMN_MLP_DIVERGED;
    if ((uint64_t)done[r] > j->taken[worker]) j->taken[worker] = (uint64_t)done[r];
  }
}

limn_status limn_mlp_train_one_hidden(limn_mlp_work *work, limn_err *err) {
  limn_mlp *net = work->net;
  one_job j = {.work = work, .k = limn_mlp_kernels_of(net->spec.dtype), .type = net->spec.dtype};
  size_t lanes = j.k->lanes, n = net->spec.sizes[1];
  j.shape = (limn_one_hidden){.across = net->blocks < FEW && n >= WIDE,
                              .kw = work->step_w[0],
                              .kb = work->step_b[0],
                              .kv = work->step_w[1],
                              .kc = work->step_b[1],
                              .tolerance = work->rule->tolerance,
                              .limit = work->limit};
  order_points(&j, work->x);
  j.group = j.shape.across ? 1 : lanes;
  j.groups = j.shape.units = j.shape.across ? (n + lanes - 1) / lanes : n;
  j.vector = lanes * limn_real(j.type);
  j.bytes = (j.groups * UNIT + 6) * j.vector + 63;
  j.bytes -= j.bytes % 64;
  size_t tasks = (net->blocks + j.group - 1) / j.group, workers = (size_t)limn_workers(tasks);
  bool shared = j.shape.across && n >= SHARED;
  if (shared) workers = 1;
  j.memory = limn_alloc(workers, j.bytes);
  j.taken = limn_alloc(workers, sizeof *j.taken);
  part *parts = shared ? limn_alloc(2 * (j.groups / BLOCK + 1), sizeof *parts) : NULL;
  limn_status st = LIMN_OK;
  if (!j.memory || !j.taken || (shared && !parts))
    st = limn_nomem(err, "mlp.train", "nets in lanes", workers, j.bytes);
  for (size_t r = 0; r < net->blocks && !st; r++)
    work->outcome[r] = (limn_mlp_outcome){.loss = NAN};
  for (size_t r = 0; r < net->blocks && shared && !st && !limn_cancelled(work->token); r++)
    train_shared(&j, r, parts);
  if (!st && !shared) st = limn_parallel(tasks, one_task, &j, work->token, "mlp.train", err);
  for (size_t w = 0; j.taken && w < workers; w++)
    if (j.taken[w] > work->taken) work->taken = j.taken[w];
  limn_free(j.memory), limn_free(j.taken), limn_free(parts);
  return st;
}
