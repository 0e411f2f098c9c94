/* mixing.c: split R-hat and effective number of samples of chains of patterns. With m half chains
 * of n samples, within-chain variance W and between-chain variance B of the means, total = (n-1)/n
 * W + B,  R-hat = sqrt(total/W),  rho_t = 1 - V_t/(2 total), V_t the mean squared change over t
 * samples; ESS = m n/(1 + 2 sum rho_t), summed over pairs of lags until a pair is negative. Source:
 * Gelman et al. 2013, section 11; Geyer 1992. */
#include <math.h>
#include <string.h>

#include "core/core.h"
#include "limn/functions.h"

typedef struct {
  double rhat, ess;
  bool varies;
} judged;

static judged judge(const double *series, size_t halves, size_t n) {
  double mean = 0, within = 0, between = 0;
  for (size_t h = 0; h < halves; h++) {
    double m = 0;
    for (size_t t = 0; t < n; t++) m += series[h * n + t];
    mean += m / (double)n / (double)halves;
  }
  for (size_t h = 0; h < halves; h++) {
    double m = 0, v = 0;
    for (size_t t = 0; t < n; t++) m += series[h * n + t];
    m /= (double)n;
    for (size_t t = 0; t < n; t++) v += (series[h * n + t] - m) * (series[h * n + t] - m);
    within += v / (double)(n - 1) / (double)halves;
    between += (m - mean) * (m - mean) / (double)(halves - 1);
  }
  if (within == 0 && between == 0) return (judged){1, 0, false};
  if (within == 0) return (judged){INFINITY, 1, true};
  double total = (double)(n - 1) / (double)n * within + between, sum = 0, last = 0;
  for (size_t lag = 1; lag + 1 < n; lag++) {
    double change = 0;
    for (size_t h = 0; h < halves; h++)
      for (size_t t = lag; t < n; t++) {
        double d = series[h * n + t] - series[h * n + t - lag];
        change += d * d / (double)(n - lag) / (double)halves;
      }
    double rho = 1 - change / (2 * total);
    if (lag % 2 == 1) {
      last = rho;
    } else {
      if (last + rho < 0) break;
      sum += last + rho;
    }
  }
  double all = (double)(halves * n), ess = all / (1 + 2 * sum);
  return (judged){sqrt(total / within), ess < all ? ess : all, true};
}

/* The most frequent of n patterns. */
static limn_status commonest(const uint64_t **out, limn_functions_counts **counts,
                             const uint64_t *patterns, size_t n, size_t points, limn_err *err) {
  limn_status status = limn_functions_counts_new(counts, points, n, err);
  if (!status) status = limn_functions_count(*counts, patterns, n, err);
  if (!status) status = limn_functions_rank(*counts, err);
  if (!status) *out = limn_functions_pattern(*counts, 0);
  return status;
}

limn_status limn_functions_mixing(double *rhat, double *ess, const uint64_t *patterns,
                                  size_t chains, size_t samples, size_t points, limn_err *err) {
  size_t words = limn_functions_words(points), n = samples / 2, halves = 2 * chains;
  const uint64_t *top = NULL;
  limn_functions_counts *counts = NULL;
  if (chains < 1 || samples < 4)
    return limn_fail(err, LIMN_EINVAL, "needs at least 4 samples of a chain, got %zu", samples);
  double *series = limn_alloc(halves * n, sizeof *series);
  if (!series) return limn_nomem(err, "a series of signs", halves * n, sizeof *series);
  limn_status status = commonest(&top, &counts, patterns, chains * samples, points, err);
  *rhat = 1, *ess = (double)(chains * samples);
  for (size_t p = 0; !status && p < points + 2;
       p++) { /* signs, then the number of +, then the top */
    for (size_t c = 0; c < chains; c++)
      for (size_t t = 0; t < 2 * n; t++) {
        const uint64_t *at = patterns + (c * samples + samples - 2 * n + t) * words;
        double v = 0;
        if (p < points)
          v = (double)(at[p / 64] >> p % 64 & 1);
        else if (p == points)
          for (size_t w = 0; w < words; w++) v += __builtin_popcountll(at[w]);
        else
          v = memcmp(at, top, words * sizeof *at) == 0;
        series[c * 2 * n + t] = v;
      }
    judged j = judge(series, halves, n);
    if (!j.varies) continue;
    if (j.rhat > *rhat) *rhat = j.rhat;
    if (j.ess < *ess) *ess = j.ess;
  }
  limn_functions_counts_free(counts);
  limn_free(series);
  return status;
}
