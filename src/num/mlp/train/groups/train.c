/* train.c: training of nets whose units move in groups (groups.c): when units are sorted, when a
 * net stops, nets in parallel. */
#include "num/mlp/train/algorithms.h"
#include "num/mlp/train/groups/groups.h"

enum {
  MAX_PATIENCE = 64
}; /* largest ratio of near_cost to the cost of a sort before the next sort */

static void step(limn_groups_run *r, const double e[4]) {
  const limn_one_hidden *o = r->j->shape;
  double move[8], n = (double)r->units.n;
  for (size_t p = 0; p < 4; p++) move[p] = -o->kv / 4 * e[p], move[4 + p] = -o->kw / 4 * e[p];
  r->c = r->c - o->kc / 4 * ((e[0] + e[1]) + (e[2] + e[3]));
  if (r->j->type == LIMN_F32) r->c = (double)(float)r->c;
  if (r->near_count) limn_near_step(r, move);
  r->left--, r->summed++;
  for (size_t p = 0; p < 4; p++) r->sum[p] += e[p];
  if (r->slots == 0) {
    if (++r->waited < r->pause) return;
    if (limn_groups_cheaper(r, e))
      limn_groups_sort(r);
    else
      limn_groups_pause(r, false);
    return;
  }
  bool wide = limn_groups_step(r, e);
  r->steps++;
  r->near_cost += (double)r->near_count;
  if (!wide) {
    limn_groups_widen(r);
    if (r->slots == 0) return;
    if ((double)r->near_count * (double)r->steps >
        limn_groups_sort_cost(r->j) * n + r->near_cost + r->scans_cost) {
      r->patience = 1;
      limn_groups_sort(r);
    }
  } else if (r->near_cost >= r->patience * limn_groups_sort_cost(r->j) * n) {
    double near = r->near_cost / (double)r->steps;
    r->patience = 2 * near < r->before ? 1 : fmin(2 * r->patience, MAX_PATIENCE);
    limn_groups_sort(r);
  }
}

static limn_groups_run prepare(const limn_groups_job *j, size_t net, int worker) {
  const limn_mlp_work *work = j->work;
  const limn_mlp *nets = work->net;
  size_t n = nets->spec.sizes[1], vectors = (n + j->k->lanes - 1) / j->k->lanes;
  char *p = limn_at(nets->now, j->type, net * nets->block);
  char *memory = limn_mlp_memory(&j->workers, worker);
  limn_groups_run r = {.j = j,
                       .patience = 1,
                       .left = work->rule->steps,
                       .c = limn_get_real(p, j->type, nets->b_at[1])};
  r.g = (void *)memory, memory += sizeof *r.g;
  r.table = (void *)memory, memory += (LIMN_NEAR + 1) * sizeof *r.table;
  r.near = memory, memory += vectors * LIMN_NEAR_UNIT * j->vector;
  r.who = (void *)memory, memory += n * sizeof *r.who;
  r.margin = (void *)memory, memory += n * sizeof *r.margin;
  r.units = (limn_group_units){.w0 = limn_at(p, j->type, nets->w_at[0]),
                               .w1 = limn_at(p, j->type, nets->w_at[0] + nets->ld[0]),
                               .b = limn_at(p, j->type, nets->b_at[0]),
                               .v = limn_at(p, j->type, nets->w_at[1]),
                               .group = (void *)memory,
                               .n = n};
  for (size_t q = 0; q < 4; q++)
    r.target[q] = work->y[j->order[q]] + (work->offset ? work->offset[net * 4 + j->order[q]] : 0);
  for (size_t a = 0; a < LIMN_GROUPS; a++) r.slot_of[a] = LIMN_GROUPS;
  return r;
}

/* Stores the parameters in the net's block; returns their loss. */
static double write_back(limn_groups_run *r, double loss) {
  if (r->slots == 0) {
    limn_near_store(r);
    return loss;
  }
  limn_groups_sums sums;
  limn_groups_apply(r, &sums);
  loss = 0;
  for (size_t p = 0; p < 4; p++)
    loss += (sums.f[p] - r->target[p]) * (sums.f[p] - r->target[p]) / 8;
  return loss;
}

static limn_mlp_outcome train(limn_groups_run *r) {
  const limn_groups_job *j = r->j;
  const limn_mlp_work *work = j->work;
  size_t steps = work->rule->steps, taken = 0, retry = 0, wait = 64;
  bool rounded = false;
  double loss;
  if ((double)steps < 2 * (limn_groups_sort_cost(j) + limn_groups_scan_cost(j)))
    limn_groups_dissolve(r);
  else
    limn_groups_sort(r);
  limn_mlp_reason reason = LIMN_MLP_STEPS;
  for (;; taken++) {
    double e[4], square = 0;
    for (size_t p = 0; p < 4; p++) {
      e[p] = r->c + r->near_f[p] + r->group_f[p] - r->target[p];
      square += e[p] * e[p];
    }
    loss = square / 8;
    if (!(loss <= j->shape->limit)) {
      reason = LIMN_MLP_DIVERGED;
      break;
    }
    if (loss <= j->shape->tolerance && taken >= retry) {
      if (r->slots == 0 || rounded) {
        reason = LIMN_MLP_TOLERANCE;
        break;
      }
      limn_groups_sort(r); /* round to the nets' type; then check again */
      rounded = true, taken--;
      continue;
    }
    if (rounded) retry = taken + wait, wait *= 2, rounded = false;
    if (taken == steps || limn_cancelled(work->token)) break;
    if (taken % 64 == 0 && work->net->spec.count == 1 &&
        limn_mlp_tick(work, (double)taken, (double)steps))
      break;
    step(r, e);
  }
  loss = write_back(r, loss);
  return (limn_mlp_outcome){.loss = loss, .steps = (double)taken, .reason = reason};
}

static void train_net(void *ctx, size_t net, int worker) {
  const limn_groups_job *j = ctx;
  const limn_mlp *nets = j->work->net;
  limn_groups_run r = prepare(j, net, worker);
  j->work->outcome[net] = train(&r);
  limn_set_real(nets->now, j->type, net * nets->block + nets->b_at[1], r.c);
}

limn_status limn_mlp_train_groups(limn_mlp_work *work, limn_err *err) {
  limn_mlp *net = work->net;
  size_t order[4];
  limn_one_hidden shape = limn_mlp_one_hidden_of(work, order);
  limn_groups_job j = {.work = work,
                       .k = limn_mlp_kernels_of(net->spec.dtype),
                       .k64 = limn_mlp_kernels_of(LIMN_F64),
                       .shape = &shape,
                       .order = order,
                       .type = net->spec.dtype};
  size_t n = net->spec.sizes[1], lanes = j.k->lanes;
  j.vector = lanes * limn_real(j.type);
  j.workers.bytes = sizeof(limn_groups) + (LIMN_NEAR + 1) * sizeof(double[4][4]) +
                    (n + lanes - 1) / lanes * LIMN_NEAR_UNIT * j.vector +
                    n * (sizeof(uint32_t) + sizeof(float) + 1);
  return limn_mlp_run(work, &j.workers, net->blocks, train_net, &j, "units in groups", err);
}
