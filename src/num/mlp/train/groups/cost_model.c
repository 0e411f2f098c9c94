/* cost_model.c: predicts whether moving units in groups is cheaper than one by one.
 *
 * A unit can stay in a group until it reaches a kink. A sample of units is examined: their distance
 * from their kinks, and the speed at which the present errors, or their mean so far, move them
 * there (to first order, input weights only). Oscillating errors cancel in the mean. */
#include "num/mlp/train/groups/groups.h"

enum { SAMPLE_MOST_UNITS = 512 }; /* more would cost as much as a step of all units */

/* Where unit u is, if it is not in a group that has moved; near units must be all, in order. */
static void where(const limn_groups_run *r, size_t u, double theta[4]) {
  bool near = r->units.group[u] == LIMN_NEAR;
  for (size_t q = 0; q < 4; q++)
    theta[q] = limn_get_real(near ? r->near : limn_groups_part(r, q), r->j->type,
                             near ? limn_near_at(r, u) + q * r->j->k->lanes : u);
}

/* What errors e make of v in a step, at point p of units that are on at a. */
static double shift(const limn_groups_run *r, const double e[4], size_t a, size_t p) {
  const limn_one_hidden *o = r->j->shape;
  double z = 0;
  for (size_t q = 0; q < 4; q++)
    if (a >> q & 1)
      z += e[q] / 4 * (o->kw * (o->x[p][0] * o->x[q][0] + o->x[p][1] * o->x[q][1]) + o->kb);
  return fabs(z);
}

bool limn_groups_pay(const limn_groups_run *r, const double e[4]) {
  const limn_one_hidden *o = r->j->shape;
  size_t n = r->units.n, most = n / 16 < SAMPLE_MOST_UNITS ? n / 16 : SAMPLE_MOST_UNITS, count = 0;
  size_t within[LIMN_OCTAVES + 1] = {0};
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
    within[limn_octaves((float)(steps * steps))]++;
  }
  double least = INFINITY, cost = limn_groups_sorting(r->j) + limn_groups_look(r->j),
         near = (double)within[0];
  for (size_t i = 1; i < LIMN_OCTAVES; i++) {
    near += (double)within[i];
    double steps = fmin(sqrt(limn_octave(i)), (double)r->left);
    least = fmin(least, near / (double)count + cost / steps);
  }
  return 2 * least < 1;
}
