/* cost_model.c: predicts whether moving units in groups is cheaper than one by one.
 *
 * A unit can stay in a group until it reaches a kink. For a sample of units the model computes the
 * distance to the unit's kinks and the speed towards them, to first order in the input weights,
 * under the present errors and under their mean so far. Oscillating errors cancel in the mean. */
#include "num/mlp/train/groups/groups.h"

enum { SAMPLE_MAX_UNITS = 512 }; /* a larger sample would cost as much as a step of all units */

/* The present parameters of unit u. If near units exist, all units must be near, in order. */
static void parameters_of(const limn_groups_run *r, size_t u, double theta[4]) {
  bool near = r->units.group[u] == LIMN_NEAR;
  for (size_t q = 0; q < 4; q++)
    theta[q] = limn_get_real(near ? r->near : limn_groups_parameter(r, q), r->j->type,
                             near ? limn_near_at(r, u) + q * r->j->k->lanes : u);
}

/* Change per step, for output weight 1, of the pre-activation at point p of a unit with active
 * points a, under errors e. */
static double kink_speed(const limn_groups_run *r, const double e[4], size_t a, size_t p) {
  const limn_one_hidden *o = r->j->shape;
  double z = 0;
  for (size_t q = 0; q < 4; q++)
    if (a >> q & 1)
      z += e[q] / 4 * (o->kw * (o->x[p][0] * o->x[q][0] + o->x[p][1] * o->x[q][1]) + o->kb);
  return fabs(z);
}

bool limn_groups_cheaper(const limn_groups_run *r, const double e[4]) {
  const limn_one_hidden *o = r->j->shape;
  size_t n = r->units.n, most = n / 16 < SAMPLE_MAX_UNITS ? n / 16 : SAMPLE_MAX_UNITS, count = 0;
  size_t within[LIMN_BINS + 1] = {0};
  double jump[LIMN_GROUPS][4], drift[LIMN_GROUPS][4], mean[4];
  for (size_t p = 0; p < 4; p++) mean[p] = r->summed ? r->sum[p] / (double)r->summed : e[p];
  for (size_t a = 0; a < LIMN_GROUPS; a++)
    for (size_t p = 0; p < 4; p++)
      jump[a][p] = kink_speed(r, e, a, p), drift[a][p] = kink_speed(r, mean, a, p);
  for (size_t u = 0; u < n; u += n / most, count++) {
    double theta[4], z[4], steps = INFINITY;
    size_t a = 0;
    parameters_of(r, u, theta);
    for (size_t p = 0; p < 4; p++) {
      z[p] = theta[0] * o->x[p][0] + theta[1] * o->x[p][1] + theta[2];
      a |= (size_t)(z[p] > 0) << p;
    }
    for (size_t p = 0; p < 4 && a; p++) {
      double room = fabs(z[p]) - fabs(theta[3]) * jump[a][p], speed = fabs(theta[3]) * drift[a][p];
      steps = fmin(steps, room > 0 ? room / speed : 0);
    }
    within[limn_bin_of((float)(steps * steps))]++;
  }
  double least = INFINITY, cost = limn_groups_sort_cost(r->j) + limn_groups_scan_cost(r->j),
         near = (double)within[0];
  for (size_t i = 1; i < LIMN_BINS; i++) {
    near += (double)within[i];
    double steps = fmin(sqrt(limn_bin_end(i)), (double)r->left);
    least = fmin(least, near / (double)count + cost / steps);
  }
  return 2 * least < 1;
}
