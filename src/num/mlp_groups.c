/* mlp_groups.c: one wide hidden layer of ReLUs on four points of the plane, at a cost per step that
 * hardly depends on the width.
 *
 * Gradient descent moves the units that are on at the same points by one linear map. With theta =
 * (w0, w1, b, v), x~ = (x, 1), e_p the errors and K = diag(kw, kw, kb)/4, a step takes
 *     w' = w + G v,    G = -K sum_p e_p x~_p        (p: the points at which the unit is on)
 *     v' = v + D.w,    D = -kv/4 sum_p e_p x~_p     (both with the old w, v),
 * so after any number of steps theta = C theta0 with one 4 x 4 matrix C for all of them, and what
 * they add to the outputs, sum x~_p.w v, needs of the units only their sum S of theta0 theta0^T:
 *     f_p += x~_p . W S c,    W the first three rows of C, c the last.
 * That holds until a unit crosses its kink at some point, z_p = x~_p.w = 0, which it cannot do
 * while sum_dk |x~_pd| B_dk |theta0_k| < |z_p(0)|,    where |W - W(0)| <= B entry by entry. So a
 * step checks C against B. Where it has left these bounds they are widened, and the units that
 * could cross within the new ones leave their group ("near": stepped one by one by the kernel of
 * mlp_part_body.h, with patterns of their own). How far is a matter of cost: near units cost each
 * step, and widening costs a look at every unit. When near units have cost more than it takes to
 * sort all units anew, that is done: C is applied, rounded to the nets' type, C = 1 again.
 *
 * In nets whose units move little (width n at rates of order 1/n: by 1/sqrt n of themselves) hardly
 * any unit is near; where all are, a step costs what it did without groups. All decisions follow
 * from the numbers alone, never from time or threads. */
#include "mlp_net.h"

enum {
  UNIT = 8,    /* vectors of a unit in the kernel's layout */
  BLOCK = 128, /* vectors a call: its sums are in the nets' type */
  NEAR = LIMN_GROUPS,
  FEWEST = 16,   /* units that make a group */
  PATIENCE = 64, /* of sorts that do not help, at most */
  PAUSE = 32,    /* steps without groups before it is seen whether they pay, at first and */
  LONGEST = 1024,
  SAMPLE = 512, /* units that are looked at for that, at most */
  FIRST = 254,  /* 1.0f >> 22: half octaves of a float */
  HALVES = 64
};

typedef struct {
  const limn_mlp_work *work;
  const limn_mlp_kernels *k, *k64;
  const limn_one_hidden *shape;
  const size_t *order;
  limn_dtype type;
  size_t vector, bytes; /* of a vector; of a worker's memory */
  char *memory;
  uint64_t *taken;
} groups_job;

/* What it costs to look at all units, and to sort them, in steps of all units one by one (a look
 * takes about a vector's time for each unit). */
static double look_cost(const groups_job *j) {
  return (double)j->k->lanes;
}

static double sort_cost(const groups_job *j) {
  return 1.5 * (double)j->k->lanes;
}

/* A net in training. */
typedef struct {
  const groups_job *j;
  limn_group_units units;
  limn_groups *g;
  double (*table)[4][4]; /* a matrix for each group's number and NEAR */
  size_t slot_of[LIMN_GROUPS], slots;
  char *near; /* near units: vectors in the kernel's layout, then who they are */
  uint32_t *who;
  float *reach;
  size_t nears;
  double c, near_f[4], group_f[4];
  /* Since units were sorted: steps, what near units cost in them, what looking at all did; when
   * that is to end; the near units of a step, on average, the time before. */
  size_t steps;
  double cost, looks, patience, before;
  double target[4];
  size_t left, pause, waited; /* steps to go; see PAUSE */
  double sum[4];              /* of errors, over `summed` steps */
  size_t summed;
} run;

static double *column(double (*m)[4][4], size_t group, size_t k) {
  return m[group][k];
}

static void identity(double m[4][4]) {
  for (size_t k = 0; k < 4; k++)
    for (size_t i = 0; i < 4; i++) m[k][i] = i == k;
}

static void *part_of(const run *r, size_t q) {
  void *parts[4] = {r->units.w0, r->units.w1, r->units.b, r->units.v};
  return parts[q];
}

/* Where parts 0 .. 3 of near unit i are, `lanes` apart. */
static size_t near_at(const run *r, size_t i) {
  size_t lane = i & (r->j->k->lanes - 1);
  return (i - lane) * UNIT + lane;
}

static size_t near_vectors(const run *r) {
  return (r->nears + r->j->k->lanes - 1) / r->j->k->lanes;
}

/* Near units: a step, or (move = NULL) only their activations and outputs. */
static void near_step(run *r, const double *move) {
  size_t vectors = near_vectors(r);
  for (size_t p = 0; p < 4; p++) r->near_f[p] = 0;
  for (size_t first = 0; first < vectors; first += BLOCK) {
    size_t n = vectors - first < BLOCK ? vectors - first : BLOCK;
    double sum[4];
    r->j->k->one_hidden_part(r->near + first * UNIT * r->j->vector, n, r->j->shape, move, sum);
    for (size_t p = 0; p < 4; p++) r->near_f[p] += sum[p];
  }
}

static bool group_step(run *r, const double e[4]) {
  return r->j->k64->groups_step(r->g, r->slots, r->j->shape, e, r->group_f);
}

/* The matrices that bring all units to where they are now. */
static void matrices(const run *r, double (*m)[4][4]) {
  for (size_t a = 0; a <= NEAR; a++) identity(m[a]);
  for (size_t a = 0; a < LIMN_GROUPS; a++)
    if (r->slot_of[a] < LIMN_GROUPS)
      for (size_t k = 0; k < 4; k++) {
        for (size_t d = 0; d < 3; d++) column(m, a, k)[d] = r->g->w[d][k][r->slot_of[a]];
        column(m, a, k)[3] = r->g->c[k][r->slot_of[a]];
      }
}

/* Unit u leaves its group; m: as above. */
static void leave(run *r, size_t u, const double m[4][4]) {
  size_t slot = r->units.group[u] < LIMN_GROUPS ? r->slot_of[r->units.group[u]] : LIMN_GROUPS;
  double old[4], now[4] = {0};
  for (size_t k = 0; k < 4; k++) {
    old[k] = limn_get_real(part_of(r, k), r->j->type, u);
    for (size_t i = 0; i < 4; i++) now[i] += m[k][i] * old[k];
  }
  size_t at = near_at(r, r->nears);
  for (size_t q = 0; q < 4; q++) {
    limn_set_real(r->near, r->j->type, at + q * r->j->k->lanes, now[q]);
    for (size_t k = 0; k < 4 && slot < LIMN_GROUPS; k++) r->g->s[q][k][slot] -= old[q] * old[k];
  }
  if (slot < LIMN_GROUPS && --r->g->count[slot] == 0) { /* nor rounding stays behind */
    for (size_t q = 0; q < 4; q++) {
      for (size_t k = 0; k < 4; k++) r->g->s[q][k][slot] = 0;
      for (size_t d = 0; d < 3; d++) r->g->x[q][d][slot] = 0;
    }
  }
  r->units.group[u] = NEAR;
  r->who[r->nears++] = (uint32_t)u;
}

static void come_back(run *r) {
  limn_dtype t = r->j->type;
  for (size_t q = 0; q < 4; q++)
    for (size_t i = 0; i < r->nears; i++)
      limn_set_real(part_of(r, q), t, r->who[i],
                    limn_get_real(r->near, t, near_at(r, i) + q * r->j->k->lanes));
  memset(r->near, 0, near_vectors(r) * UNIT * r->j->vector);
  r->nears = 0;
}

/* Applies C to all units; f: the outputs of the net as it then is. */
static void settle(run *r, double (*moments)[4][4], size_t *count, double f[4]) {
  come_back(r);
  if (r->slots) matrices(r, r->table);
  r->j->k->groups_settle(&r->units, r->j->shape, r->slots ? r->table : NULL, moments, count);
  for (size_t p = 0; p < 4; p++) {
    const double *x = r->j->shape->x[p];
    f[p] = r->c;
    for (size_t a = 0; a < LIMN_GROUPS; a++)
      if (a >> p & 1) f[p] += x[0] * moments[a][3][0] + x[1] * moments[a][3][1] + moments[a][3][2];
  }
}

/* No groups: all units are near. */
static void explicit_only(run *r) {
  limn_dtype t = r->j->type;
  r->pause = r->steps > 4 * PAUSE || !r->pause ? PAUSE
             : r->pause < LONGEST              ? 2 * r->pause
                                               : LONGEST;
  r->waited = r->summed = 0;
  r->slots = 0;
  for (size_t p = 0; p < 4; p++) r->group_f[p] = r->sum[p] = 0;
  for (size_t a = 0; a < LIMN_GROUPS; a++) r->slot_of[a] = LIMN_GROUPS;
  r->nears = r->units.n;
  for (size_t u = 0; u < r->nears; u++) r->units.group[u] = NEAR, r->who[u] = (uint32_t)u;
  for (size_t q = 0; q < 4; q++)
    for (size_t u = 0; u < r->nears; u++)
      limn_set_real(r->near, t, near_at(r, u) + q * r->j->k->lanes,
                    limn_get_real(part_of(r, q), t, u));
  near_step(r, NULL);
}

/* Half octaves of x: those below i have x < half_octave(i). */
static size_t half_octaves(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  if (!(x >= 1)) return 0;
  return (bits >> 22) - FIRST < HALVES ? (bits >> 22) - FIRST + 1 : HALVES;
}

static double half_octave(size_t i) {
  uint32_t bits = (uint32_t)(i + FIRST) << 22;
  float x;
  memcpy(&x, &bits, sizeof x);
  return (double)x;
}

/* Where unit u is, if it is not in a group that has moved; near units must be all, in order. */
static void where(const run *r, size_t u, double theta[4]) {
  bool near = r->units.group[u] == NEAR;
  for (size_t q = 0; q < 4; q++)
    theta[q] = limn_get_real(near ? r->near : part_of(r, q), r->j->type,
                             near ? near_at(r, u) + q * r->j->k->lanes : u);
}

/* What errors e make of v in a step, at point p of units that are on at a. */
static double shift(const run *r, const double e[4], size_t a, size_t p) {
  const limn_one_hidden *o = r->j->shape;
  double z = 0;
  for (size_t q = 0; q < 4; q++)
    if (a >> q & 1)
      z += e[q] / 4 * (o->kw * (o->x[p][0] * o->x[q][0] + o->x[p][1] * o->x[q][1]) + o->kb);
  return fabs(z);
}

/* Whether groups are likely to pay with the errors as they are: how many steps some units are away
 * from their kinks, where errors go on as they were on average, and once as now. */
static bool worth(const run *r, const double e[4]) {
  const limn_one_hidden *o = r->j->shape;
  size_t n = r->units.n, most = n / 16 < SAMPLE ? n / 16 : SAMPLE, count = 0;
  size_t within[HALVES + 1] = {0};
  double jump[LIMN_GROUPS][4], drift[LIMN_GROUPS][4], mean[4];
  for (size_t p = 0; p < 4; p++) mean[p] = r->summed ? r->sum[p] / (double)r->summed : e[p];
  for (size_t a = 0; a < LIMN_GROUPS; a++)
    for (size_t p = 0; p < 4; p++)
      jump[a][p] = shift(r, e, a, p), drift[a][p] = shift(r, mean, a, p);
  for (size_t u = 0; u < n; u += n / most, count++) {
    double theta[4], z[4], steps = INFINITY;
    size_t a = 0;
    where(r, u, theta);
    for (size_t p = 0; p < 4; p++) {
      z[p] = theta[0] * o->x[p][0] + theta[1] * o->x[p][1] + theta[2];
      a |= (size_t)(z[p] > 0) << p;
    }
    for (size_t p = 0; p < 4 && a; p++) {
      double room = fabs(z[p]) - fabs(theta[3]) * jump[a][p], speed = fabs(theta[3]) * drift[a][p];
      steps = fmin(steps, room > 0 ? room / speed : 0);
    }
    within[half_octaves((float)(steps * steps))]++;
  }
  double least = INFINITY, cost = sort_cost(r->j) + look_cost(r->j), near = (double)within[0];
  for (size_t i = 1; i < HALVES; i++) {
    near += (double)within[i];
    double steps = fmin(sqrt(half_octave(i)), (double)r->left);
    least = fmin(least, near / (double)count + cost / steps);
  }
  return 2 * least < 1;
}

static void sort(run *r) {
  double moments[LIMN_GROUPS][4][4] __attribute__((aligned(64))), f[4];
  size_t count[LIMN_GROUPS];
  settle(r, moments, count, f);
  for (size_t p = 0; p < 4; p++) f[p] -= r->target[p];
  r->slots = 0;
  if (!worth(r, f)) {
    explicit_only(r);
    return;
  }
  memset(r->g, 0, sizeof *r->g);
  bool lone = false;
  for (size_t a = 0; a < LIMN_GROUPS; a++) {
    r->slot_of[a] = LIMN_GROUPS;
    if (a > 0 && count[a] > 0 && count[a] < FEWEST) lone = true;
    if (a == 0 || count[a] < FEWEST) continue;
    size_t s = r->slot_of[a] = r->slots++;
    for (size_t p = 0; p < 4; p++)
      for (size_t d = 0; d < 3 && (a >> p & 1); d++)
        r->g->x[p][d][s] = d < 2 ? r->j->shape->x[p][d] : 1;
    for (size_t d = 0; d < 3; d++) r->g->w[d][d][s] = r->g->low[d][d][s] = r->g->high[d][d][s] = 1;
    r->g->c[3][s] = 1;
    r->g->count[s] = (double)count[a];
    for (size_t k = 0; k < 4; k++)
      for (size_t i = 0; i < 4; i++) r->g->s[k][i][s] = moments[a][k][i];
  }
  double still[4][4];
  identity(still);
  for (size_t u = 0; lone && u < r->units.n; u++) {
    size_t a = r->units.group[u];
    if (a > 0 && r->slot_of[a] == LIMN_GROUPS) leave(r, u, still);
  }
  near_step(r, NULL);
  group_step(r, (double[4]){0});
  r->before = r->steps ? r->cost / (double)r->steps : 0;
  r->steps = r->summed = 0, r->cost = r->looks = 0;
  memset(r->sum, 0, sizeof r->sum);
}

/* How far each entry of W is from where it was: at least a 16th of what moves units most, so that
 * small entries, which may grow fast, do not end it soon. by column; slots in place of groups. */
static void moved(const run *r, size_t s, double by[4][3]) {
  double size[4], most = 0;
  double count = fmax(r->g->count[s], 1);
  for (size_t k = 0; k < 4; k++) {
    size[k] = sqrt(fmax(r->g->s[k][k][s], 0) / count);
    for (size_t d = 0; d < 3; d++) {
      by[k][d] = fabs(r->g->w[d][k][s] - (d == k));
      most = fmax(most, by[k][d] * size[k]);
    }
  }
  for (size_t k = 0; k < 4; k++)
    for (size_t d = 0; d < 3; d++)
      by[k][d] = fmax(by[k][d], size[k] > 0 ? fmin(most / 16 / size[k], 1e100) : 1e100);
}

/* Widens the bounds: by a factor that makes near units and further looks cost least, if movement
 * goes on as it did. */
static void widen(run *r) {
  double by[LIMN_GROUPS][4][3];
  size_t n = r->units.n, before[HALVES + 1] = {0};
  memset(r->table, 0, (NEAR + 1) * sizeof *r->table);
  for (size_t a = 0; a < LIMN_GROUPS; a++) {
    size_t s = r->slot_of[a];
    if (s == LIMN_GROUPS) continue;
    moved(r, s, by[s]);
    for (size_t k = 0; k < 4; k++)
      for (size_t p = 0; p < 4; p++)
        column(r->table, a, k)[p] = fabs(r->j->shape->x[p][0]) * by[s][k][0] +
                                    fabs(r->j->shape->x[p][1]) * by[s][k][1] + by[s][k][2];
  }
  r->j->k->groups_reach(&r->units, r->j->shape, (const double(*)[4][4])r->table, r->reach);
  for (size_t u = 0; u < n; u++) {
    if (r->units.group[u] == NEAR || r->slot_of[r->units.group[u]] == LIMN_GROUPS) {
      r->reach[u] = INFINITY;
      continue;
    }
    before[half_octaves(r->reach[u])]++;
  }
  size_t best = 2, nears = 0, near = r->nears + before[0] + before[1];
  double least = INFINITY;
  for (size_t i = 2; i < HALVES; i++) {
    near += before[i];
    double price = (double)near + look_cost(r->j) * (double)n /
                                      ((sqrt(half_octave(i)) - 1) * (double)(r->steps + 1));
    if (price < least) least = price, best = i, nears = near;
  }
  if (2 * nears > n) {
    double moments[LIMN_GROUPS][4][4] __attribute__((aligned(64))), f[4];
    size_t count[LIMN_GROUPS];
    settle(r, moments, count, f);
    explicit_only(r);
    return;
  }
  double factor = sqrt(half_octave(best)), square = half_octave(best);
  matrices(r, r->table);
  for (size_t u = 0; u < n; u++)
    if (!((double)r->reach[u] >= square))
      leave(r, u, (const double(*)[4])r->table[r->units.group[u]]);
  for (size_t s = 0; s < r->slots; s++)
    for (size_t d = 0; d < 3; d++)
      for (size_t k = 0; k < 4; k++) {
        r->g->low[d][k][s] = (d == k) - factor * by[s][k][d];
        r->g->high[d][k][s] = (d == k) + factor * by[s][k][d];
      }
  near_step(r, NULL);
  group_step(r, (double[4]){0});
  r->looks += look_cost(r->j) * (double)n;
}

static void step(run *r, const double e[4]) {
  const limn_one_hidden *o = r->j->shape;
  double move[8], n = (double)r->units.n;
  for (size_t p = 0; p < 4; p++) move[p] = -o->kv / 4 * e[p], move[4 + p] = -o->kw / 4 * e[p];
  r->c = r->c - o->kc / 4 * ((e[0] + e[1]) + (e[2] + e[3]));
  if (r->j->type == LIMN_F32) r->c = (double)(float)r->c;
  if (r->nears) near_step(r, move);
  r->left--, r->summed++;
  for (size_t p = 0; p < 4; p++) r->sum[p] += e[p];
  if (r->slots == 0) {
    if (++r->waited < r->pause) return;
    if (worth(r, e))
      sort(r);
    else {
      r->pause = r->pause < LONGEST ? 2 * r->pause : LONGEST;
      r->waited = r->summed = 0;
      memset(r->sum, 0, sizeof r->sum);
    }
    return;
  }
  bool wide = group_step(r, e);
  r->steps++;
  r->cost += (double)r->nears;
  if (!wide) {
    widen(r);
    if (r->slots == 0) return;
    if ((double)r->nears * (double)r->steps > sort_cost(r->j) * n + r->cost + r->looks) {
      r->patience = 1;
      sort(r);
    }
  } else if (r->cost >= r->patience * sort_cost(r->j) * n) {
    double near = r->cost / (double)r->steps;
    r->patience = 2 * near < r->before ? 1 : fmin(2 * r->patience, PATIENCE);
    sort(r);
  }
}

static void train_net(void *ctx, size_t task, int worker) {
  const groups_job *j = ctx;
  const limn_mlp_work *work = j->work;
  limn_mlp *net = work->net;
  size_t n = net->spec.sizes[1], steps = work->rule->steps, taken = 0, retry = 0, wait = 64;
  bool rounded = false;
  char *p = limn_at(net->now, j->type, task * net->block);
  char *memory = j->memory + (size_t)worker * j->bytes;
  run r = {.j = j, .patience = 1, .left = steps, .c = limn_get_real(p, j->type, net->b_at[1])};
  r.g = (void *)memory, memory += sizeof *r.g;
  r.table = (void *)memory, memory += (NEAR + 1) * sizeof *r.table;
  r.near = memory, memory += (n + j->k->lanes - 1) / j->k->lanes * UNIT * j->vector;
  r.who = (void *)memory, memory += n * sizeof *r.who;
  r.reach = (void *)memory, memory += n * sizeof *r.reach;
  r.units = (limn_group_units){.w0 = limn_at(p, j->type, net->w_at[0]),
                               .w1 = limn_at(p, j->type, net->w_at[0] + net->ld[0]),
                               .b = limn_at(p, j->type, net->b_at[0]),
                               .v = limn_at(p, j->type, net->w_at[1]),
                               .group = (void *)memory,
                               .n = n};
  double loss;
  for (size_t q = 0; q < 4; q++)
    r.target[q] = work->y[j->order[q]] + (work->offset ? work->offset[task * 4 + j->order[q]] : 0);
  for (size_t a = 0; a < LIMN_GROUPS; a++) r.slot_of[a] = LIMN_GROUPS;
  if ((double)steps < 2 * (sort_cost(j) + look_cost(j)))
    explicit_only(&r);
  else
    sort(&r);
  limn_mlp_reason reason = LIMN_MLP_STEPS;
  for (;;) {
    double e[4], square = 0;
    for (size_t q = 0; q < 4; q++) {
      e[q] = r.c + r.near_f[q] + r.group_f[q] - r.target[q];
      square += e[q] * e[q];
    }
    loss = square / 8;
    if (!(loss <= j->shape->limit)) {
      reason = LIMN_MLP_DIVERGED;
      break;
    }
    if (loss <= j->shape->tolerance && taken >= retry) {
      if (r.slots && !rounded) { /* as the net will be kept */
        sort(&r);
        rounded = true;
        continue;
      }
      reason = LIMN_MLP_TOLERANCE;
      break;
    }
    if (rounded) retry = taken + wait, wait *= 2, rounded = false;
    if (taken == steps || limn_cancelled(work->token)) break;
    if (taken % 64 == 0 && net->spec.count == 1)
      limn_tick(work->token, (double)taken, (double)steps);
    step(&r, e);
    taken++;
  }
  if (r.slots) {
    double moments[LIMN_GROUPS][4][4] __attribute__((aligned(64))), f[4];
    size_t count[LIMN_GROUPS];
    settle(&r, moments, count, f);
    loss = 0;
    for (size_t q = 0; q < 4; q++) loss += (f[q] - r.target[q]) * (f[q] - r.target[q]) / 8;
  } else
    come_back(&r);
  limn_set_real(p, j->type, net->b_at[1], r.c);
  work->outcome[task] = (limn_mlp_outcome){.loss = loss, .steps = (double)taken, .reason = reason};
  if (taken > j->taken[worker]) j->taken[worker] = taken;
}

limn_status limn_mlp_train_groups(limn_mlp_work *work, const limn_one_hidden *shape,
                                  const size_t order[4], limn_err *err) {
  limn_mlp *net = work->net;
  groups_job j = {.work = work,
                  .k = limn_mlp_kernels_of(net->spec.dtype),
                  .k64 = limn_mlp_kernels_of(LIMN_F64),
                  .shape = shape,
                  .order = order,
                  .type = net->spec.dtype};
  size_t n = net->spec.sizes[1], lanes = j.k->lanes, workers = (size_t)limn_workers(net->blocks);
  j.vector = lanes * limn_real(j.type);
  j.bytes = sizeof(limn_groups) + (NEAR + 1) * sizeof(double[4][4]) +
            (n + lanes - 1) / lanes * UNIT * j.vector + n * (sizeof(uint32_t) + sizeof(float) + 1) +
            63;
  j.bytes -= j.bytes % 64;
  j.memory = limn_alloc(workers, j.bytes);
  j.taken = limn_alloc(workers, sizeof *j.taken);
  limn_status st = LIMN_OK;
  if (!j.memory || !j.taken) st = limn_nomem(err, "mlp.train", "units in groups", workers, j.bytes);
  for (size_t r = 0; r < net->blocks && !st; r++)
    work->outcome[r] = (limn_mlp_outcome){.loss = NAN};
  if (!st) st = limn_parallel(net->blocks, train_net, &j, work->token, "mlp.train", err);
  for (size_t w = 0; j.taken && w < workers; w++)
    if (j.taken[w] > work->taken) work->taken = j.taken[w];
  limn_free(j.memory), limn_free(j.taken);
  return st;
}
