/* kinds.c: how many kinds a population has, and its entropy, from how often each kind was seen in a
 * sample; contracts in limn/stats.h.
 *
 * With n observations, f1 kinds seen once and f2 seen twice, the kinds seen with equal counts are
 * one entry of a table (count, times), so that leaving one observation out is done once an entry.
 */
#include "core/core.h"
#include "limn/stats.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  double *count, *times; /* of entries, ascending */
  size_t entries;
  double n, seen, once, twice;
} sample;

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double times_of(const sample *s, double count) {
  for (size_t i = 0; i < s->entries && s->count[i] <= count; i++)
    if (s->count[i] == count) return s->times[i];
  return 0;
}

/* room: 2 m numbers. */
static limn_status read_sample(sample *s, double *room, const double *counts, size_t m,
                               limn_err *err) {
  *s = (sample){.count = room, .times = room + m};
  size_t kinds = 0;
  for (size_t i = 0; i < m; i++) {
    if (!(counts[i] >= 0 && counts[i] <= LIMN_STATS_MOST_SEEN) || floor(counts[i]) != counts[i])
      return limn_fail_entry(err, LIMN_EINVAL, "counts", i, -1,
                             "must be a whole number in [0, %g], got %g", LIMN_STATS_MOST_SEEN,
                             counts[i]);
    if (counts[i] > 0) room[kinds++] = counts[i];
    s->n += counts[i];
  }
  if (!(s->n >= 2 && s->n <= LIMN_STATS_MOST_SEEN))
    return limn_fail_argument(err, LIMN_EINVAL, "counts",
                              "must be 2 to %g observations in all, got %g", LIMN_STATS_MOST_SEEN,
                              s->n);
  qsort(room, kinds, sizeof *room, ascending);
  for (size_t i = 0; i < kinds; i++) {
    double c = room[i];
    if (s->entries == 0 || s->count[s->entries - 1] != c) {
      s->count[s->entries] = c;
      s->times[s->entries++] = 0;
    }
    s->times[s->entries - 1]++;
  }
  s->seen = (double)kinds;
  s->once = times_of(s, 1);
  s->twice = times_of(s, 2);
  return LIMN_OK;
}

/* The probability that the next observation is of a kind already seen (Chao and Jost 2012). */
static double coverage_of(const sample *s) {
  if (s->once == 0) return 1;
  double rest = (s->n - 1) * s->once, twice = s->twice;
  if (twice == 0) rest = (s->n - 1) * (s->once - 1), twice = 1;
  return 1 - s->once / s->n * rest / (rest + 2 * twice);
}

/* ---- the number of kinds ---- */

/* What Chao1 adds to the kinds seen, and its variance. */
static double unseen(const sample *s, double *variance) {
  double shrink = (s->n - 1) / s->n, f1 = s->once;
  if (s->twice > 0) {
    double r = f1 / s->twice, square = r * r;
    *variance =
        s->twice * (shrink / 2 * square + shrink * shrink * (square * r + square * square / 4));
    return shrink * f1 * r / 2;
  }
  double more = shrink * f1 * (f1 - 1) / 2;
  *variance = more + shrink * shrink * f1 * (2 * f1 - 1) * (2 * f1 - 1) / 4 -
              shrink * shrink * f1 * f1 * f1 * f1 / (4 * (s->seen + more));
  return more;
}

/* A lower bound that holds for any population, from the pairs of observations of one kind: their
 * number is about Poisson's where coverage is low, with a mean of at least n (n-1)/(2 kinds). */
static limn_status bound_by_pairs(double *low, const sample *s, double level, limn_err *err) {
  double pairs = 0, twice_mean;
  for (size_t i = 0; i < s->entries; i++)
    pairs += s->times[i] * s->count[i] * (s->count[i] - 1) / 2;
  limn_status st =
      limn_stats_chi2_quantile(&twice_mean, (1 - level) / 2, 2 * pairs + 2, LIMN_UPPER, err);
  if (st == LIMN_OK) *low = fmax(s->seen, floor(s->n * (s->n - 1) / twice_mean));
  return st;
}

limn_status limn_stats_distinct(double *kinds, double *interval, double *coverage,
                                const double *counts, size_t m, double level, limn_err *err) {
  double z, variance, *room = limn_alloc(2 * m + 1, sizeof *room);
  if (!room) return limn_nomem(err, "counts", 2 * m + 1, sizeof *room);
  sample s;
  limn_status st = limn_stats_normal_critical(&z, level, err);
  if (st == LIMN_OK) st = read_sample(&s, room, counts, m, err);
  if (st == LIMN_OK) {
    double more = unseen(&s, &variance);
    *kinds = s.seen + more;
    if (coverage) *coverage = coverage_of(&s);
    if (more > 0) {
      double factor = exp(z * sqrt(log1p(variance / (more * more))));
      interval[0] = floor(s.seen + more / factor);
      interval[1] = s.seen + more * factor;
    } else { /* every kind is equally likely to be missed, with probability exp(-n/seen) */
      double p = exp(-s.n / s.seen), middle = s.seen / (1 - p);
      double half = z * sqrt(s.seen * p) / (1 - p);
      interval[0] = fmax(s.seen, floor(middle - half));
      interval[1] = middle + half;
    }
    double low = interval[0];
    if (coverage_of(&s) < LIMN_STATS_COVERED) st = bound_by_pairs(&low, &s, level, err);
    interval[0] = fmin(interval[0], low);
  }
  limn_free(room);
  return st;
}

/* ---- entropy ---- */

/* The sum over j >= 1 of q^j/(n-1+j), q = 1 - a: its terms where they fall fast, and where a n is
 * small -log a less the first n-1 terms of its series. */
static double tail_sum(double a, double n) {
  double q = 1 - a, power = 1, sum = 0;
  if (a * n > 1) {
    for (double j = 1; power > 1e-17 * a; j++) {
      power *= q;
      sum += power / (n - 1 + j);
    }
    return sum;
  }
  for (double r = 1; r < n; r++) {
    power *= q;
    sum += power / r;
  }
  return (-log(a) - sum) / power;
}

/* What unseen kinds add in nats: f1/n times the tail. */
static double unseen_nats(double n, double once, double twice) {
  if (once == 0) return 0;
  double a = twice > 0  ? 2 * twice / ((n - 1) * once + 2 * twice)
             : once > 1 ? 2 / ((n - 1) * (once - 1) + 2)
                        : 1;
  return a < 1 ? once / n * tail_sum(a, n) : 0;
}

/* The sum over kinds of (x/n) (1/x + ... + 1/(n-1)), harmonic[x] = 1 + ... + 1/(x-1). */
static double seen_nats(const sample *s, const double *harmonic) {
  double sum = 0;
  for (size_t i = 0; i < s->entries; i++)
    sum += s->times[i] * s->count[i] * (harmonic[(size_t)s->n] - harmonic[(size_t)s->count[i]]);
  return sum / s->n;
}

/* The entropy of the sample itself, in bits: on the average below that of the population. */
static double sample_bits(const sample *s) {
  double sum = 0;
  for (size_t i = 0; i < s->entries; i++) sum += s->times[i] * s->count[i] * log2(s->count[i]);
  return fmax(0, log2(s->n) - sum / s->n);
}

/* The estimate without one observation of a kind seen x times. */
static double without_one(const sample *s, const double *harmonic, double all, double x,
                          double *tails) {
  double n = s->n - 1, last = harmonic[(size_t)n];
  double sum = s->n * (all - harmonic[(size_t)s->n] + last);
  sum -= x * (last - harmonic[(size_t)x]);
  if (x > 1) sum += (x - 1) * (last - harmonic[(size_t)x - 1]);
  int shape = x == 1 ? 0 : x == 2 ? 1 : x == 3 ? 2 : 3;
  if (isnan(tails[shape])) {
    double once = s->once + (x == 2) - (x == 1), twice = s->twice + (x == 3) - (x == 2);
    tails[shape] = unseen_nats(n, once, twice);
  }
  return sum / n + tails[shape];
}

static limn_status estimate_entropy(double *bits, double *interval, const sample *s, double *room,
                                    double level, limn_err *err) {
  double *harmonic = room, *without = room + (size_t)s->n + 1, *times = without + s->entries;
  double tails[4] = {NAN, NAN, NAN, NAN}, two = log(2);
  harmonic[0] = harmonic[1] = 0;
  for (size_t x = 2; x <= (size_t)s->n; x++) harmonic[x] = harmonic[x - 1] + 1 / (double)(x - 1);
  double all = seen_nats(s, harmonic);
  *bits = (all + unseen_nats(s->n, s->once, s->twice)) / two;
  for (size_t i = 0; i < s->entries; i++) {
    without[i] = without_one(s, harmonic, all, s->count[i], tails) / two;
    times[i] = s->times[i] * s->count[i];
  }
  limn_status st =
      limn_stats_jackknife(interval, NULL, *bits, without, times, s->entries, level, err);
  if (st == LIMN_OK) interval[0] = fmax(0, interval[0]);
  return st;
}

limn_status limn_stats_entropy(double *bits, double *interval, double *coverage,
                               const double *counts, size_t m, double level, limn_err *err) {
  double *room = limn_alloc(2 * m + 1, sizeof *room), *work = NULL;
  if (!room) return limn_nomem(err, "counts", 2 * m + 1, sizeof *room);
  sample s;
  limn_status st = read_sample(&s, room, counts, m, err);
  if (st == LIMN_OK) {
    size_t size = (size_t)s.n + 1 + 2 * s.entries;
    work = limn_alloc(size, sizeof *work);
    st = work ? estimate_entropy(bits, interval, &s, work, level, err)
              : limn_nomem(err, "counts", size, sizeof *work);
  }
  if (st == LIMN_OK) {
    double seen = coverage_of(&s);
    if (coverage) *coverage = seen;
    if (seen < LIMN_STATS_COVERED) {
      interval[0] = fmin(interval[0], sample_bits(&s));
      interval[1] = INFINITY;
    }
  }
  limn_free(room);
  limn_free(work);
  return st;
}
