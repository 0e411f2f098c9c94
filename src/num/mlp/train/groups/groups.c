/* groups.c: one wide hidden layer of ReLUs on four points of the plane, at a cost per step that
 * hardly depends on the width.
 *
 * A step of gradient descent maps the units that are active at the same points by one linear map.
 * With theta = (w0, w1, b, v), x~ = (x, 1), e_p the errors and K = diag(kw, kw, kb)/4, a step is
 *     w' = w + G v,    G = -K sum_p e_p x~_p        (p: the points at which the unit is active)
 *     v' = v + D.w,    D = -kv/4 sum_p e_p x~_p     (both with the old w, v),
 * so after any number of steps theta = C theta0 with one 4 x 4 matrix C for all of them. Their
 * contribution to the outputs, sum x~_p.w v, depends on the units only through the sum S of theta0
 * theta0^T:
 *     f_p += x~_p . W S c,    W the first three rows of C, c the last.
 * This holds until a unit crosses its kink at some point, z_p = x~_p.w = 0. It cannot do so while
 * sum_dk |x~_pd| B_dk |theta0_k| < |z_p(0)|,    where |W - W(0)| <= B entry by entry. So each step
 * checks C against the bounds B. When C leaves them, they are widened, and the units that could
 * cross a kink within the new bounds leave their group ("near": the kernel of part_body.h steps
 * them one by one, with their own active points). The new bounds minimise cost: near units cost
 * time in each step, and widening costs a scan of all units. When near units have cost more than a
 * sort of all units, the units are sorted: C is applied, rounded to the nets' type, and reset to 1.
 * While groups do not reduce the cost (cost_model.c), all units are near.
 *
 * In nets whose units move little (width n with rates of order 1/n: by 1/sqrt n of their size)
 * hardly any unit is near; if all are, a step costs as much as without groups. All decisions depend
 * on the numbers alone, not on time or threads. */
#include "num/mlp/train/groups/groups.h"

enum {
  BLOCK = 128,         /* vectors per call, whose sums are in the nets' type */
  GROUP_MIN_UNITS = 16 /* smaller groups are cheaper one by one */
};

static double *column(double (*m)[4][4], size_t group, size_t k) {
  return m[group][k];
}

static void identity(double m[4][4]) {
  for (size_t k = 0; k < 4; k++)
    for (size_t i = 0; i < 4; i++) m[k][i] = i == k;
}

static size_t near_vectors(const limn_groups_run *r) {
  return (r->near_count + r->j->k->lanes - 1) / r->j->k->lanes;
}

void limn_near_step(limn_groups_run *r, const double *move) {
  size_t vectors = near_vectors(r);
  for (size_t p = 0; p < 4; p++) r->near_f[p] = 0;
  for (size_t first = 0; first < vectors; first += BLOCK) {
    size_t n = vectors - first < BLOCK ? vectors - first : BLOCK;
    double sum[4];
    r->j->k->one_hidden_part(r->near + first * LIMN_NEAR_UNIT * r->j->vector, n, r->j->shape, move,
                             sum);
    for (size_t p = 0; p < 4; p++) r->near_f[p] += sum[p];
  }
}

bool limn_groups_step(limn_groups_run *r, const double e[4]) {
  return r->j->k64->groups_step(r->g, r->slots, r->j->shape, e, r->group_f);
}

/* The matrix C of each group, the identity for near units. */
static void matrices(const limn_groups_run *r, double (*m)[4][4]) {
  for (size_t a = 0; a <= LIMN_NEAR; a++) identity(m[a]);
  for (size_t a = 0; a < LIMN_GROUPS; a++)
    if (r->slot_of[a] < LIMN_GROUPS)
      for (size_t k = 0; k < 4; k++) {
        for (size_t d = 0; d < 3; d++) column(m, a, k)[d] = r->g->w[d][k][r->slot_of[a]];
        column(m, a, k)[3] = r->g->c[k][r->slot_of[a]];
      }
}

/* Moves unit u from its group to the near units; m: the matrix of its group. */
static void leave_group(limn_groups_run *r, size_t u, const double m[4][4]) {
  size_t slot = r->units.group[u] < LIMN_GROUPS ? r->slot_of[r->units.group[u]] : LIMN_GROUPS;
  double old[4], now[4] = {0};
  for (size_t k = 0; k < 4; k++) {
    old[k] = limn_get_real(limn_groups_parameter(r, k), r->j->type, u);
    for (size_t i = 0; i < 4; i++) now[i] += m[k][i] * old[k];
  }
  size_t at = limn_near_at(r, r->near_count);
  for (size_t q = 0; q < 4; q++) {
    limn_set_real(r->near, r->j->type, at + q * r->j->k->lanes, now[q]);
    for (size_t k = 0; k < 4 && slot < LIMN_GROUPS; k++) r->g->s[q][k][slot] -= old[q] * old[k];
  }
  if (slot < LIMN_GROUPS && --r->g->count[slot] == 0) { /* drop accumulated rounding error */
    for (size_t q = 0; q < 4; q++) {
      for (size_t k = 0; k < 4; k++) r->g->s[q][k][slot] = 0;
      for (size_t d = 0; d < 3; d++) r->g->x[q][d][slot] = 0;
    }
  }
  r->units.group[u] = LIMN_NEAR;
  r->who[r->near_count++] = (uint32_t)u;
}

void limn_near_store(limn_groups_run *r) {
  limn_dtype t = r->j->type;
  for (size_t q = 0; q < 4; q++)
    for (size_t i = 0; i < r->near_count; i++)
      limn_set_real(limn_groups_parameter(r, q), t, r->who[i],
                    limn_get_real(r->near, t, limn_near_at(r, i) + q * r->j->k->lanes));
  memset(r->near, 0, near_vectors(r) * LIMN_NEAR_UNIT * r->j->vector);
  r->near_count = 0;
}

void limn_groups_apply(limn_groups_run *r, limn_groups_sums *sums) {
  limn_near_store(r);
  if (r->slots) matrices(r, r->table);
  r->j->k->groups_apply(&r->units, r->j->shape, r->slots ? r->table : NULL, sums->moments,
                        sums->count);
  for (size_t p = 0; p < 4; p++) {
    const double *x = r->j->shape->x[p];
    sums->f[p] = r->c;
    for (size_t a = 0; a < LIMN_GROUPS; a++)
      if (a >> p & 1) {
        const double *v = sums->moments[a][3];
        sums->f[p] += x[0] * v[0] + x[1] * v[1] + v[2];
      }
  }
}

void limn_groups_dissolve(limn_groups_run *r) {
  limn_dtype t = r->j->type;
  limn_groups_pause(r, r->pause == 0 || r->steps > 4 * LIMN_PAUSE_STEPS);
  r->slots = r->steps = 0;
  for (size_t p = 0; p < 4; p++) r->group_f[p] = 0;
  for (size_t a = 0; a < LIMN_GROUPS; a++) r->slot_of[a] = LIMN_GROUPS;
  r->near_count = r->units.n;
  for (size_t u = 0; u < r->near_count; u++) r->units.group[u] = LIMN_NEAR, r->who[u] = (uint32_t)u;
  for (size_t q = 0; q < 4; q++)
    for (size_t u = 0; u < r->near_count; u++)
      limn_set_real(r->near, t, limn_near_at(r, u) + q * r->j->k->lanes,
                    limn_get_real(limn_groups_parameter(r, q), t, u));
  limn_near_step(r, NULL);
}

void limn_groups_sort(limn_groups_run *r) {
  limn_groups_sums sums;
  limn_groups_apply(r, &sums);
  double e[4];
  for (size_t p = 0; p < 4; p++) e[p] = sums.f[p] - r->target[p];
  r->slots = 0;
  if (!limn_groups_cheaper(r, e)) {
    limn_groups_dissolve(r);
    return;
  }
  memset(r->g, 0, sizeof *r->g);
  bool stragglers = false;
  for (size_t a = 0; a < LIMN_GROUPS; a++) {
    r->slot_of[a] = LIMN_GROUPS;
    if (a > 0 && sums.count[a] > 0 && sums.count[a] < GROUP_MIN_UNITS) stragglers = true;
    if (a == 0 || sums.count[a] < GROUP_MIN_UNITS) continue;
    size_t s = r->slot_of[a] = r->slots++;
    for (size_t p = 0; p < 4; p++)
      for (size_t d = 0; d < 3 && (a >> p & 1); d++)
        r->g->x[p][d][s] = d < 2 ? r->j->shape->x[p][d] : 1;
    for (size_t d = 0; d < 3; d++) r->g->w[d][d][s] = r->g->low[d][d][s] = r->g->high[d][d][s] = 1;
    r->g->c[3][s] = 1;
    r->g->count[s] = (double)sums.count[a];
    for (size_t k = 0; k < 4; k++)
      for (size_t i = 0; i < 4; i++) r->g->s[k][i][s] = sums.moments[a][k][i];
  }
  if (r->slots == 0) {
    limn_groups_dissolve(r);
    return;
  }
  double at_rest[4][4];
  identity(at_rest);
  for (size_t u = 0; stragglers && u < r->units.n; u++) {
    size_t a = r->units.group[u];
    if (a > 0 && r->slot_of[a] == LIMN_GROUPS) leave_group(r, u, at_rest);
  }
  limn_near_step(r, NULL);
  limn_groups_step(r, (double[4]){0});
  r->before = r->steps ? r->near_cost / (double)r->steps : 0;
  r->steps = r->summed = 0, r->near_cost = r->scans_cost = 0;
  memset(r->sum, 0, sizeof r->sum);
}

/* Displacement of each entry of W, at least a 16th of the one that moves units most: small entries
 * may grow fast and would soon leave tighter bounds. by: [column][row]. */
static void displacements(const limn_groups_run *r, size_t s, double by[4][3]) {
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

/* The factor between new bounds and displacement minimises the cost of near units and further
 * scans, assuming that the movement continues at the same speed. */
void limn_groups_widen(limn_groups_run *r) {
  double by[LIMN_GROUPS][4][3];
  size_t n = r->units.n, before[LIMN_BINS + 1] = {0};
  memset(r->table, 0, (LIMN_NEAR + 1) * sizeof *r->table);
  for (size_t a = 0; a < LIMN_GROUPS; a++) {
    size_t s = r->slot_of[a];
    if (s == LIMN_GROUPS) continue;
    displacements(r, s, by[s]);
    for (size_t k = 0; k < 4; k++)
      for (size_t p = 0; p < 4; p++)
        column(r->table, a, k)[p] = fabs(r->j->shape->x[p][0]) * by[s][k][0] +
                                    fabs(r->j->shape->x[p][1]) * by[s][k][1] + by[s][k][2];
  }
  r->j->k->groups_margins(&r->units, r->j->shape, (const double(*)[4][4])r->table, r->margin);
  for (size_t u = 0; u < n; u++) {
    if (r->units.group[u] == LIMN_NEAR || r->slot_of[r->units.group[u]] == LIMN_GROUPS) {
      r->margin[u] = INFINITY;
      continue;
    }
    before[limn_bin_of(r->margin[u])]++;
  }
  size_t best = 2, near_count = 0, near = r->near_count + before[0] + before[1];
  double least = INFINITY;
  for (size_t i = 2; i < LIMN_BINS; i++) {
    near += before[i];
    double price = (double)near + limn_groups_scan_cost(r->j) * (double)n /
                                      ((sqrt(limn_bin_end(i)) - 1) * (double)(r->steps + 1));
    if (price < least) least = price, best = i, near_count = near;
  }
  if (2 * near_count > n) {
    limn_groups_sums sums;
    limn_groups_apply(r, &sums);
    limn_groups_dissolve(r);
    return;
  }
  double factor = sqrt(limn_bin_end(best)), square = limn_bin_end(best);
  matrices(r, r->table);
  for (size_t u = 0; u < n; u++)
    if (!((double)r->margin[u] >= square))
      leave_group(r, u, (const double(*)[4])r->table[r->units.group[u]]);
  for (size_t s = 0; s < r->slots; s++)
    for (size_t d = 0; d < 3; d++)
      for (size_t k = 0; k < 4; k++) {
        r->g->low[d][k][s] = (d == k) - factor * by[s][k][d];
        r->g->high[d][k][s] = (d == k) + factor * by[s][k][d];
      }
  limn_near_step(r, NULL);
  limn_groups_step(r, (double[4]){0});
  r->scans_cost += limn_groups_scan_cost(r->j) * (double)n;
}
