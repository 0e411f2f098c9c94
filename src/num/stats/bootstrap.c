/* bootstrap.c: percentile intervals from resamples; contract in limn/stats.h. */
#include "core/core.h"
#include "limn/array_ops.h"
#include "limn/rng.h"
#include "limn/stats.h"

#include <math.h>

static double mean_of(const double *values, const double *times, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += times[i] * values[i];
  return sum / (double)n;
}

static double pair_mean(const double *pairs, const double *times, size_t n) {
  double sum = 0, weight = 0;
  for (size_t a = 0; a < n; a++)
    for (size_t b = a + 1; times[a] > 0 && b < n; b++) {
      double w = times[a] * times[b], v = pairs[a * n + b];
      if (isnan(v)) continue;
      sum += w * v;
      weight += w;
    }
  return weight > 0 ? sum / weight : NAN;
}

/* The interval between two quantiles of the draws that are not NaN. kept: (count) work. */
static limn_status percentiles(double *interval, double *kept, const double *draws, size_t count,
                               double level, limn_err *err) {
  size_t n = 0;
  double low = (1 - level) / 2, q[2] = {low, 1 - low};
  for (size_t i = 0; i < count; i++)
    if (!isnan(draws[i])) kept[n++] = draws[i];
  if (n < LIMN_STATS_DRAWS) return LIMN_OK;
  limn_array out = limn_array_view(LIMN_F64, 1, (size_t[]){2}, interval);
  limn_array all = limn_array_view(LIMN_F64, 1, &n, kept);
  return limn_array_quantile(&out, &all, -1, q, 2, err);
}

limn_status limn_stats_bootstrap(double *value, double *interval, double *draws,
                                 const double *values, const double *pairs, size_t n,
                                 size_t resamples, double level, uint64_t seed, limn_err *err) {
  if ((values != NULL) == (pairs != NULL))
    return limn_fail(err, LIMN_EINVAL, "expected values or pairs, got %s",
                     values ? "both" : "neither");
  if (n == 0)
    return limn_fail_argument(err, LIMN_EINVAL, values ? "values" : "pairs",
                              "must be at least 1 measurement, got 0");
  if (!(level > 0 && level < 1))
    return limn_fail_argument(err, LIMN_EINVAL, "level", "must lie in (0, 1), got %g", level);
  double *times = limn_alloc(n, sizeof *times), *kept = limn_alloc(resamples + 1, sizeof *kept);
  limn_status st = LIMN_OK;
  if (!times || !kept) {
    st = limn_nomem(err, "resamples", n + resamples + 1, sizeof *times);
  } else {
    limn_rng rng = limn_rng_start(limn_key_of(seed, 0, 0, LIMN_FOR_FIT), 0);
    for (size_t i = 0; i < n; i++) times[i] = 1;
    *value = values ? mean_of(values, times, n) : pair_mean(pairs, times, n);
    for (size_t r = 0; r < resamples; r++) {
      for (size_t i = 0; i < n; i++) times[i] = 0;
      for (size_t i = 0; i < n; i++) times[limn_rng_below(&rng, n)] += 1;
      draws[r] = values ? mean_of(values, times, n) : pair_mean(pairs, times, n);
    }
    interval[0] = interval[1] = NAN;
    if (!isnan(*value)) st = percentiles(interval, kept, draws, resamples, level, err);
  }
  limn_free(times);
  limn_free(kept);
  return st;
}
