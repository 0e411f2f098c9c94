/* entropy.c: entropy of the groups of seeds, with a jackknife interval; contract in limn/maps.h. */
#include "core/core.h"
#include "limn/maps.h"
#include "limn/stats.h"

#include <math.h>
#include <stdlib.h>

static double bits(double x) {
  return x > 0 ? x * log2(x) : 0;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Sizes of the groups in ascending order, so that sums do not depend on the numbering of groups. */
static limn_status sizes_of(double *size, size_t *groups, const double *group, size_t count,
                            limn_err *err) {
  for (size_t i = 0; i < count; i++) {
    if (!(group[i] >= 0 && group[i] < (double)count) || floor(group[i]) != group[i])
      return limn_fail_entry(err, LIMN_EINVAL, "group", i, -1,
                             "must be a whole number in [0, %zu), got %g", count, group[i]);
    size[(size_t)group[i]]++;
  }
  size_t n = 0;
  for (size_t g = 0; g < count; g++)
    if (size[g] > 0) size[n++] = size[g];
  qsort(size, n, sizeof *size, ascending);
  *groups = n;
  return LIMN_OK;
}

limn_status limn_maps_entropy(double *entropy, double *corrected, double *interval,
                              const double *group, size_t count, double level, limn_err *err) {
  if (count == 0)
    return limn_fail_argument(err, LIMN_EINVAL, "group", "must be at least 1 seed, got 0");
  size_t groups = 0;
  double *size = limn_alloc(2 * count, sizeof *size);
  if (!size) return limn_nomem(err, "groups", 2 * count, sizeof *size);
  double *without = size + count;
  limn_status st = sizes_of(size, &groups, group, count, err);
  if (st == LIMN_OK) {
    double n = (double)count, all = 0;
    for (size_t i = 0; i < groups; i++) all += bits(size[i]);
    double value = fmax(0, log2(n) - all / n);
    *entropy = value;
    *corrected = interval[0] = interval[1] = NAN;
    if (count >= 3) {
      double ends[2];
      for (size_t i = 0; i < groups; i++)
        without[i] = log2(n - 1) - (all - bits(size[i]) + bits(size[i] - 1)) / (n - 1);
      st = limn_stats_jackknife(ends, corrected, 0, without, size, groups, level, err);
      if (st == LIMN_OK) { /* the estimate passed was 0, so ends[1] is half the interval's length */
        *corrected = fmax(0, n * value + *corrected);
        interval[0] = fmax(0, fmin(value, *corrected - ends[1]));
        interval[1] = fmax(value, *corrected + ends[1]);
      }
    }
  }
  limn_free(size);
  return st;
}
