/* power.c: how often an interval falls into a given range; contracts in limn/stats.h.
 *
 * The estimate is mean + error Z with a standard normal Z, its estimated error is error U with an
 * independent U^2 df of the chi-square distribution, and the interval is estimate -+ t error U.
 * With a = (low - mean)/error and b = (high - mean)/error it lies inside for t U <= Z - a and
 * t U <= b - Z, so that
 *
 *   power = integral from a to b of phi(z) P(U <= min(z - a, b - z)/t) dz.
 *
 * For b infinite this is the upper tail of the noncentral t distribution. The integrand has a kink
 * halfway between a and b, and for many degrees of freedom a step where t U is near t; the integral
 * is split there. */
#include "core/core.h"
#include "limn/stats.h"
#include "num/stats/tails.h"

#include <math.h>

/* Beyond this many standard deviations the normal density is below 1e-22. */
static const double far = 10;
static const double absolute = 1e-12;
enum { DEEPEST = 30 };

typedef struct {
  double a, b, t, df;
  limn_law law;
} problem;

static double integrand(const problem *p, double z) {
  double u = fmin(z - p->a, p->b - z) / p->t;
  if (!(u > 0)) return 0;
  double inside =
      isinf(u) ? 1 : (double)expl(p->law.at(&p->law, logl(p->df / 2) + 2 * logl(u)).lower);
  return inside * exp(-z * z / 2) / sqrt(2 * acos(-1));
}

/* Gauss and Kronrod's pair of 7 and 15 nodes (Piessens et al., QUADPACK, 1983). */
static double panel(const problem *p, double from, double to, double *miss) {
  static const double node[8] = {
      0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
      0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
      0.586087235467691130294144691693013, 0.405845151377397166906606412076961,
      0.207784955007898467600689403773245, 0};
  static const double kronrod[8] = {
      0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
      0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
      0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
      0.204432940075298892414161999234649, 0.209482141084727828012999174891714};
  static const double gauss[4] = {
      0.129484966168869693270611432679082, 0.279705391489276667901467771423780,
      0.381830050505118944950369775488975, 0.417959183673469387755102040816327};
  double middle = (from + to) / 2, half = (to - from) / 2, fine = 0, coarse = 0;
  for (int k = 0; k < 8; k++) {
    double f = integrand(p, middle - half * node[k]);
    if (k < 7) f += integrand(p, middle + half * node[k]);
    fine += kronrod[k] * f;
    if (k % 2) coarse += gauss[k / 2] * f;
  }
  *miss = fabs(fine - coarse) * half;
  return fine * half;
}

static double integral(const problem *p, double from, double to, int depth) {
  if (!(from < to)) return 0;
  double miss, value = panel(p, from, to, &miss);
  if (miss <= absolute || depth == DEEPEST) return value;
  double middle = (from + to) / 2;
  return integral(p, from, middle, depth + 1) + integral(p, middle, to, depth + 1);
}

static double probability(const problem *p) {
  double start = fmax(p->a, -far), end = fmin(p->b, far), sum = 0, at = start;
  double kink = p->a / 2 + p->b / 2,
         cuts[3] = {fmin(p->a + p->t, kink), kink, fmax(p->b - p->t, kink)};
  for (int k = 0; k < 3; k++)
    if (cuts[k] > at && cuts[k] < end) {
      sum += integral(p, at, cuts[k], 0);
      at = cuts[k];
    }
  return fmin(1, fmax(0, sum + integral(p, at, end, 0)));
}

static limn_status check_range(double low, double high, double mean, limn_err *err) {
  if (!(low < high))
    return limn_fail_argument(err, LIMN_EINVAL, "high", "must be above low = %g, got %g", low,
                              high);
  if (isinf(low) && isinf(high))
    return limn_fail_argument(err, LIMN_EINVAL, "low", "and high must not both be infinite");
  if (!isfinite(mean))
    return limn_fail_argument(err, LIMN_EINVAL, "mean", "must be finite, got %g", mean);
  return LIMN_OK;
}

static limn_status check_positive(const char *name, double x, limn_err *err) {
  if (x > 0 && isfinite(x)) return LIMN_OK;
  return limn_fail_argument(err, LIMN_EINVAL, name, "must be finite and > 0, got %g", x);
}

static limn_status check_share(const char *name, double x, limn_err *err) {
  if (x > 0 && x < 1) return LIMN_OK;
  return limn_fail_argument(err, LIMN_EINVAL, name, "must lie in (0, 1), got %g", x);
}

limn_status limn_stats_interval_power(double *power, double low, double high, double mean,
                                      double error, double df, double level, limn_err *err) {
  double t;
  limn_status st = check_range(low, high, mean, err);
  if (st == LIMN_OK) st = check_positive("error", error, err);
  if (st == LIMN_OK) st = check_share("level", level, err);
  if (st == LIMN_OK) st = limn_stats_t_critical(&t, level, df, err);
  if (st != LIMN_OK) return st;
  problem p = {(low - mean) / error, (high - mean) / error, t, df, limn_gamma_law(df / 2)};
  *power = probability(&p);
  return LIMN_OK;
}

/* What is measured: the mean of replicates with standard deviation sd, or a proportion. */
typedef struct {
  double low, high, truth, sd, level;
  bool proportion;
} design;

/* The same with the standard error known, as it nearly is for many replicates. */
static limn_status normal_power(double *power, const design *d, double n, limn_err *err) {
  double z, error = d->sd / sqrt(n);
  limn_status st = limn_stats_normal_critical(&z, d->level, err);
  if (st != LIMN_OK) return st;
  double low = (d->low - d->truth) / error + z, high = (d->high - d->truth) / error - z;
  *power = fmax(0, limn_stats_phi(high) - limn_stats_phi(low));
  return LIMN_OK;
}

static limn_status power_of(double *power, const design *d, double n, limn_err *err) {
  if (d->proportion)
    return limn_stats_proportion_power(power, d->low, d->high, d->truth, n, d->level, err);
  if (n > LIMN_STATS_MANY_REPLICATES) return normal_power(power, d, n, err);
  return limn_stats_interval_power(power, d->low, d->high, d->truth, d->sd / sqrt(n), n - 1,
                                   d->level, err);
}

typedef limn_status power_at(double *power, const design *d, double n, limn_err *err);

/* The least n >= 2 with that power: from `start` up or down in doubling steps, then by bisection;
 * infinite beyond LIMN_STATS_MOST_REPLICATES. */
static limn_status find(double *n, const design *d, double power, power_at *at, double start,
                        limn_err *err) {
  double few = 1, enough = INFINITY, next = start, got;
  for (double step = 1; enough - few > 1; step *= 2) {
    limn_status st = at(&got, d, next, err);
    if (st != LIMN_OK) return st;
    *(got < power ? &few : &enough) = next;
    if (few >= LIMN_STATS_MOST_REPLICATES) break;
    if (isinf(enough))
      next = fmin(next + step, LIMN_STATS_MOST_REPLICATES);
    else
      next = fmax(floor((few + enough) / 2), few == 1 ? enough - step : 0);
  }
  *n = enough;
  return LIMN_OK;
}

/* The normal law is near the answer, and costs less. */
static limn_status least_count(double *n, const design *d, double power, limn_err *err) {
  *n = INFINITY;
  if (!(d->low < d->truth && d->truth < d->high)) return LIMN_OK;
  double start = 2;
  limn_status st = LIMN_OK;
  if (!d->proportion) st = find(&start, d, power, normal_power, 2, err);
  if (st != LIMN_OK || isinf(start)) return st;
  return find(n, d, power, power_of, start, err);
}

limn_status limn_stats_replicates(double *n, double low, double high, double mean, double sd,
                                  double level, double power, limn_err *err) {
  limn_status st = check_range(low, high, mean, err);
  if (st == LIMN_OK) st = check_positive("sd", sd, err);
  if (st == LIMN_OK) st = check_share("level", level, err);
  if (st == LIMN_OK) st = check_share("power", power, err);
  if (st != LIMN_OK) return st;
  return least_count(n, &(design){low, high, mean, sd, level, false}, power, err);
}

limn_status limn_stats_largest_spread(double *sd, double low, double high, double mean, double n,
                                      double level, double power, limn_err *err) {
  limn_status st = check_range(low, high, mean, err);
  if (st == LIMN_OK && !(n >= 2 && n <= LIMN_STATS_LARGEST))
    st = limn_fail_argument(err, LIMN_EINVAL, "n", "must be at least 2 replicates, got %g", n);
  if (st == LIMN_OK) st = check_share("power", power, err);
  if (st != LIMN_OK) return st;
  *sd = 0;
  if (!(low < mean && mean < high)) return LIMN_OK;
  /* With sd = room sqrt(n) the interval's ends alone miss the range half the time. */
  double room = fmin(mean - low, high - mean), most = log(room) + log(n), least = most - 50, got;
  for (int k = 0; k < 60; k++) {
    double middle = (least + most) / 2;
    st = power_of(&got, &(design){low, high, mean, exp(middle), level, false}, n, err);
    if (st != LIMN_OK) return st;
    if (got < power)
      most = middle;
    else
      least = middle;
  }
  *sd = exp(least);
  return LIMN_OK;
}

/* ---- proportions ---- */

/* The least k whose interval's lower end is at least low, or n + 1. The ends grow with k. */
static limn_status least_inside(double *k, double low, double n, double level, limn_err *err) {
  double below = -1, inside = n + 1, interval[2];
  while (inside - below > 1) {
    double middle = floor((below + inside) / 2);
    limn_status st = limn_stats_clopper_pearson(interval, middle, n, level, err);
    if (st != LIMN_OK) return st;
    if (interval[0] >= low)
      inside = middle;
    else
      below = middle;
  }
  *k = inside;
  return LIMN_OK;
}

/* P(K >= k) of n trials. */
static limn_status at_least(double *p, double k, double n, double proportion, limn_err *err) {
  if (k <= 0 || k > n) {
    *p = k <= 0 ? 1 : 0;
    return LIMN_OK;
  }
  return limn_stats_beta_cdf(p, proportion, k, n - k + 1, LIMN_LOWER, err);
}

limn_status limn_stats_proportion_power(double *power, double low, double high, double proportion,
                                        double n, double level, limn_err *err) {
  limn_status st = check_range(low, high, proportion, err);
  if (st == LIMN_OK && !(proportion >= 0 && proportion <= 1))
    st = limn_fail_argument(err, LIMN_EINVAL, "proportion", "must lie in [0, 1], got %g",
                            proportion);
  double first, rest, from, beyond = 0;
  if (st == LIMN_OK) st = least_inside(&first, low, n, level, err);
  if (st == LIMN_OK) st = least_inside(&rest, 1 - high, n, level, err); /* of the failures */
  if (st == LIMN_OK) st = at_least(&from, first, n, proportion, err);
  if (st == LIMN_OK) st = at_least(&beyond, n - rest + 1, n, proportion, err);
  if (st == LIMN_OK) *power = fmax(0, from - beyond);
  return st;
}

limn_status limn_stats_trials(double *n, double low, double high, double proportion, double level,
                              double power, limn_err *err) {
  limn_status st = check_range(low, high, proportion, err);
  if (st == LIMN_OK) st = check_share("level", level, err);
  if (st == LIMN_OK) st = check_share("power", power, err);
  if (st != LIMN_OK) return st;
  return least_count(n, &(design){low, high, proportion, 0, level, true}, power, err);
}
