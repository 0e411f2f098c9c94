/* posterior.c: Bayes' rule over the functions of a space, and their outputs as features.
 */
#include <math.h>
#include "num/programs/core.h"

limn_status limn_programs_posterior(double *log_posterior, double *log_evidence,
                                    const limn_space *space, const uint32_t *x, const double *y,
                                    size_t points, double flip, limn_err *err) {
  uint32_t inputs = (uint32_t)1 << space->inputs;
  if (!(flip >= 0) || !(flip < 0.5))
    return limn_fail_argument(err, LIMN_EINVAL, "flip", "must lie in [0, 0.5), got %g", flip);
  double seen[2][64] = {
      {0}}; /* counts of the labels -1, +1 at each input; sufficient for Bayes' rule */
  for (size_t d = 0; d < points; d++) {
    if (x[d] >= inputs)
      return limn_fail_entry(err, LIMN_EINVAL, "x", d, -1, "must be at most %u, got %u", inputs - 1,
                             x[d]);
    if (y[d] != 1 && y[d] != -1)
      return limn_fail_entry(err, LIMN_EINVAL, "y", d, -1, "must be -1 or +1, got %g", y[d]);
    seen[y[d] > 0][x[d]]++;
  }
  double right = log1p(-flip), wrong = log(flip), top = -INFINITY;
  for (size_t i = 0; i < space->functions; i++) {
    const limn_function *f = &space->function[i];
    double errors = 0, total = log((double)f->weight) - log((double)space->mass);
    for (uint32_t v = 0; v < inputs; v++) errors += seen[!(f->table >> v & 1)][v];
    total += ((double)points - errors) * right + (errors > 0 ? errors * wrong : 0);
    log_posterior[i] = total;
    top = fmax(top, total);
  }
  if (isinf(top))
    return limn_fail(err, LIMN_ENUMERIC, "none of the %zu functions gives the %zu labels",
                     space->functions, points);
  double sum = 0;
  for (size_t i = 0; i < space->functions; i++) sum += exp(log_posterior[i] - top);
  double evidence = top + log(fmax(sum, 1)); /* the largest term is 1 */
  for (size_t i = 0; i < space->functions; i++) log_posterior[i] -= evidence;
  if (log_evidence) *log_evidence = evidence;
  return LIMN_OK;
}

limn_status limn_programs_outputs(double *out, const limn_space *space, const size_t *pick,
                                  size_t functions, const uint32_t *x, size_t points, int prior,
                                  limn_err *err) {
  uint32_t inputs = (uint32_t)1 << space->inputs;
  for (size_t d = 0; d < points; d++)
    if (x[d] >= inputs)
      return limn_fail_entry(err, LIMN_EINVAL, "x", d, -1, "must be at most %u, got %u", inputs - 1,
                             x[d]);
  for (size_t j = 0; j < functions; j++)
    if (pick[j] >= space->functions)
      return limn_fail_entry(err, LIMN_EINVAL, "pick", j, -1,
                             "must be one of %zu functions, got number %zu", space->functions,
                             pick[j] + 1);
  for (size_t j = 0; j < functions; j++) {
    const limn_function *f = &space->function[pick[j]];
    double scale = prior ? sqrt((double)f->weight / (double)space->mass) : 1;
    for (size_t d = 0; d < points; d++)
      out[d * functions + j] = f->table >> x[d] & 1 ? scale : -scale;
  }
  return LIMN_OK;
}
