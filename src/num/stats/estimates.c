/* estimates.c: means, proportions, slopes and the jackknife, with intervals; contracts in
 * limn/stats.h. Sums are in the order of the measurements. */
#include "core/core.h"
#include "limn/stats.h"

#include <math.h>

static limn_status check_level(double level, limn_err *err) {
  if (level > 0 && level < 1) return LIMN_OK;
  return limn_fail_argument(err, LIMN_EINVAL, "level", "must lie in (0, 1), got %g", level);
}

static limn_status about(double *interval, double middle, double error, double df, double level,
                         limn_err *err) {
  double t;
  limn_status st = limn_stats_t_critical(&t, level, df, err);
  if (st != LIMN_OK) return st;
  interval[0] = middle - t * error;
  interval[1] = middle + t * error;
  return LIMN_OK;
}

limn_status limn_stats_mean(double *mean, double *interval, const double *values, size_t n,
                            double level, limn_err *err) {
  limn_status st = check_level(level, err);
  if (st != LIMN_OK) return st;
  if (n < 2)
    return limn_fail_argument(err, LIMN_EINVAL, "values",
                              "must be at least 2 measurements, got %zu", n);
  double sum = 0, square = 0, count = (double)n;
  for (size_t i = 0; i < n; i++) sum += values[i];
  double m = sum / count;
  for (size_t i = 0; i < n; i++) square += (values[i] - m) * (values[i] - m);
  *mean = m;
  return about(interval, m, sqrt(square / (count - 1) / count), count - 1, level, err);
}

limn_status limn_stats_jackknife(double *interval, double *corrected, double estimate,
                                 const double *without, const double *times, size_t m, double level,
                                 limn_err *err) {
  limn_status st = check_level(level, err);
  if (st != LIMN_OK) return st;
  double n = 0, sum = 0, square = 0;
  for (size_t i = 0; i < m; i++) {
    double weight = times ? times[i] : 1;
    if (!(weight >= 1) || floor(weight) != weight || isinf(weight))
      return limn_fail_entry(err, LIMN_EINVAL, "times", i, -1,
                             "must be a whole number of at least 1, got %g", weight);
    n += weight;
    sum += weight * without[i];
  }
  if (n < 2)
    return limn_fail_argument(err, LIMN_EINVAL, "without",
                              "must sum to at least 2 measurements, got %g", n);
  double mean = sum / n;
  for (size_t i = 0; i < m; i++)
    square += (times ? times[i] : 1) * ((without[i] - mean) * (without[i] - mean));
  if (corrected) *corrected = n * estimate - (n - 1) * mean;
  return about(interval, estimate, sqrt(square * (n - 1) / n), n - 1, level, err);
}

limn_status limn_stats_wilson(double *interval, double successes, double trials, double level,
                              limn_err *err) {
  limn_status st = check_level(level, err);
  if (st != LIMN_OK) return st;
  if (!(trials > 0) || isinf(trials))
    return limn_fail_argument(err, LIMN_EINVAL, "trials", "must be finite and > 0, got %g", trials);
  if (!(successes >= 0 && successes <= trials))
    return limn_fail_argument(err, LIMN_EINVAL, "successes", "must lie in [0, %g], got %g", trials,
                              successes);
  double z, n = trials, p = successes / n;
  st = limn_stats_normal_critical(&z, level, err);
  if (st != LIMN_OK) return st;
  double middle = p + z * z / (2 * n), scale = 1 + z * z / n;
  double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  interval[0] = fmax(0, (middle - half) / scale);
  interval[1] = fmin(1, (middle + half) / scale);
  return LIMN_OK;
}

limn_status limn_stats_clopper_pearson(double *interval, double successes, double trials,
                                       double level, limn_err *err) {
  limn_status st = check_level(level, err);
  if (st != LIMN_OK) return st;
  if (!(trials >= 1 && trials <= LIMN_STATS_LARGEST) || floor(trials) != trials)
    return limn_fail_argument(err, LIMN_EINVAL, "trials",
                              "must be a whole number in [1, %g], got %g", LIMN_STATS_LARGEST,
                              trials);
  if (!(successes >= 0 && successes <= trials) || floor(successes) != successes)
    return limn_fail_argument(err, LIMN_EINVAL, "successes",
                              "must be a whole number in [0, %g], got %g", trials, successes);
  double rest = trials - successes, half = (1 - level) / 2;
  interval[0] = 0, interval[1] = 1;
  if (successes > 0)
    st = limn_stats_beta_quantile(&interval[0], half, successes, rest + 1, LIMN_LOWER, err);
  if (st == LIMN_OK && rest > 0)
    st = limn_stats_beta_quantile(&interval[1], half, successes + 1, rest, LIMN_UPPER, err);
  return st;
}

/* Mean of a sample and the squared standard error of it. */
static void sample(double *mean, double *square, const double *values, size_t n) {
  double sum = 0, left = 0, count = (double)n;
  for (size_t i = 0; i < n; i++) sum += values[i];
  *mean = sum / count;
  for (size_t i = 0; i < n; i++) left += (values[i] - *mean) * (values[i] - *mean);
  *square = left / (count - 1) / count;
}

limn_status limn_stats_difference(double *value, double *interval, double *df, const double *a,
                                  size_t n, const double *b, size_t m, double level,
                                  limn_err *err) {
  limn_status st = check_level(level, err);
  if (st != LIMN_OK) return st;
  if (n < 2 || m < 2)
    return limn_fail_argument(err, LIMN_EINVAL, n < 2 ? "a" : "b",
                              "must be at least 2 measurements, got %zu", n < 2 ? n : m);
  double first, second, u, v;
  sample(&first, &u, a, n);
  sample(&second, &v, b, m);
  if (!(u + v > 0))
    return limn_fail_argument(err, LIMN_EINVAL, "a", "and b must not both be constant");
  double freedom = (u + v) * (u + v) / (u * u / (double)(n - 1) + v * v / (double)(m - 1));
  *value = first - second;
  if (df) *df = freedom;
  return about(interval, *value, sqrt(u + v), freedom, level, err);
}

limn_status limn_stats_slope(double *slope, double *error, double *intercept, double *interval,
                             const double *x, const double *y, size_t n, double level,
                             limn_err *err) {
  limn_status st = check_level(level, err);
  if (st != LIMN_OK) return st;
  if (n < 2)
    return limn_fail_argument(err, LIMN_EINVAL, "x", "must be at least 2 points, got %zu", n);
  double count = (double)n, mx = 0, my = 0, sxx = 0, sxy = 0, left = 0;
  for (size_t i = 0; i < n; i++) mx += x[i] / count, my += y[i] / count;
  for (size_t i = 0; i < n; i++) {
    sxx += (x[i] - mx) * (x[i] - mx);
    sxy += (x[i] - mx) * (y[i] - my);
  }
  if (sxx == 0)
    return limn_fail_argument(err, LIMN_EINVAL, "x",
                              "must have at least 2 different values, got %g %zu times", x[0], n);
  double b = sxy / sxx;
  for (size_t i = 0; i < n; i++) {
    double off = y[i] - my - b * (x[i] - mx);
    left += off * off;
  }
  double deviation = n > 2 ? sqrt(left / (count - 2) / sxx) : NAN;
  *slope = b;
  if (error) *error = deviation;
  if (intercept) *intercept = my - b * mx;
  if (interval && n > 2) return about(interval, b, deviation, count - 2, level, err);
  if (interval) interval[0] = -INFINITY, interval[1] = INFINITY;
  return LIMN_OK;
}
