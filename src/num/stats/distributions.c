/* distributions.c: normal, Student's t, beta and chi-square; contracts in limn/stats.h.
 *
 * t: df/(df + T^2) is beta(df/2, 1/2), so one tail of t is half the lower tail of beta, and the
 * mass between 0 and t is half its upper tail. Chi-square: X/2 is gamma(df/2). */
#include "core/core.h"
#include "limn/stats.h"
#include "num/stats/tails.h"

#include <math.h>

static const long double half_root = 0.707106781186547524400844362105L;
static const long double root_two_pi = 2.506628274631000502415765284811L;

/* A probability as the tail on its side of the median, and the mass between x and the median. */
typedef struct {
  double tail, centre; /* tail + centre = 1/2; neither is computed from the other */
  int side;            /* -1: below the median, +1: above */
} split;

static split split_at(double p, limn_tail tail) {
  bool small = p < 0.5;
  int side = small == (tail == LIMN_LOWER) ? -1 : 1;
  return (split){small ? p : 1 - p, small ? 0.5 - p : p - 0.5, side};
}

/* The comparison is negated, so that it also refuses NaN. */
static limn_status parameter(const char *name, double x, limn_err *err) {
  if (x > 0 && x <= LIMN_STATS_LARGEST) return LIMN_OK;
  return limn_fail_argument(err, LIMN_EINVAL, name, "must lie in (0, %g], got %g",
                            LIMN_STATS_LARGEST, x);
}

static limn_status probability(const char *name, double p, limn_err *err) {
  if (p >= 0 && p <= 1) return LIMN_OK;
  return limn_fail_argument(err, LIMN_EINVAL, name, "must lie in [0, 1], got %g", p);
}

static limn_status abscissa(double x, limn_err *err) {
  if (!isnan(x)) return LIMN_OK;
  return limn_fail_argument(err, LIMN_EINVAL, "x", "must be a number, got nan");
}

/* ---- normal ---- */

double limn_stats_phi(double z) {
  if (!(z < -2)) return 0.5 * erfc(-z * 0.70710678118654752440);
  return (double)(0.5L *
                  erfcl(-z * half_root)); /* the rounding error of z/sqrt 2 is amplified by z^2 */
}

static limn_status normal_arguments(double mean, double sd, limn_err *err) {
  if (!isfinite(mean))
    return limn_fail_argument(err, LIMN_EINVAL, "mean", "must be finite, got %g", mean);
  if (!(sd > 0) || isinf(sd))
    return limn_fail_argument(err, LIMN_EINVAL, "sd", "must be finite and > 0, got %g", sd);
  return LIMN_OK;
}

limn_status limn_stats_normal_cdf(double *p, double x, double mean, double sd, limn_tail tail,
                                  limn_err *err) {
  limn_status st = abscissa(x, err);
  if (st == LIMN_OK) st = normal_arguments(mean, sd, err);
  if (st != LIMN_OK) return st;
  double sign = tail == LIMN_LOWER ? 1 : -1;
  if (mean == 0 && sd == 1)
    *p = limn_stats_phi(sign * x);
  else
    *p = (double)(0.5L * erfcl(-sign * half_root * (((long double)x - mean) / sd)));
  return LIMN_OK;
}

/* The z >= 0 with P(Z > z) = s.tail. Both starting points are bounds from which Newton's method on
 * a concave function is monotone: P(Z > z) <= exp(-z^2/2)/2 and P(0 < Z < z) <= z/sqrt(2 pi). */
static long double normal_distance(split s) {
  if (s.tail == 0) return INFINITY;
  bool central = s.tail > 0.25;
  long double z = central ? s.centre * root_two_pi : sqrtl(-2 * logl(2 * (long double)s.tail));
  for (int k = 0; k < 60; k++) {
    long double density = expl(-z * z / 2) / root_two_pi, step;
    if (central) {
      step = (s.centre - 0.5L * erfl(z * half_root)) / density;
    } else {
      long double tail = 0.5L * erfcl(z * half_root);
      step = logl(tail / s.tail) * tail / density;
    }
    z += step;
    if (fabsl(step) <= 1e-13L * z) break; /* the next step would be of the order of its square */
  }
  return z;
}

limn_status limn_stats_normal_quantile(double *x, double p, double mean, double sd, limn_tail tail,
                                       limn_err *err) {
  limn_status st = probability("p", p, err);
  if (st == LIMN_OK) st = normal_arguments(mean, sd, err);
  if (st != LIMN_OK) return st;
  split s = split_at(p, tail);
  *x = (double)(mean + sd * (s.side * normal_distance(s)));
  return LIMN_OK;
}

limn_status limn_stats_normal_critical(double *z, double level, limn_err *err) {
  limn_status st = probability("level", level, err);
  if (st != LIMN_OK) return st;
  *z = (double)normal_distance((split){(1 - level) / 2, level / 2, 1});
  return LIMN_OK;
}

/* ---- Student's t ---- */

limn_status limn_stats_t_cdf(double *p, double x, double df, limn_tail tail, limn_err *err) {
  limn_status st = abscissa(x, err);
  if (st == LIMN_OK) st = parameter("df", df, err);
  if (st != LIMN_OK) return st;
  double outer = 0.5;
  if (x != 0) {
    limn_law law = limn_beta_law(df / 2.0L, 0.5L);
    outer = isinf(x) ? 0 : (double)expl(law.at(&law, logl(df) - 2 * logl(fabsl(x))).lower) / 2;
  }
  *p = (x < 0) == (tail == LIMN_LOWER) ? outer : 1 - outer;
  return LIMN_OK;
}

/* The t >= 0 with P(T > t) = s.tail. */
static double t_distance(split s, double df) {
  if (s.tail == 0) return INFINITY;
  if (s.centre == 0) return 0;
  limn_law law = limn_beta_law(df / 2.0L, 0.5L);
  long double log_df = logl(df);
  long double logit = limn_tails_solve(&law, logl(2 * (long double)s.tail),
                                       logl(2 * (long double)s.centre), log_df);
  return (double)expl((log_df - logit) / 2);
}

limn_status limn_stats_t_quantile(double *x, double p, double df, limn_tail tail, limn_err *err) {
  limn_status st = probability("p", p, err);
  if (st == LIMN_OK) st = parameter("df", df, err);
  if (st != LIMN_OK) return st;
  split s = split_at(p, tail);
  *x = s.centre == 0 ? 0 : s.side * t_distance(s, df);
  return LIMN_OK;
}

limn_status limn_stats_t_critical(double *t, double level, double df, limn_err *err) {
  limn_status st = probability("level", level, err);
  if (st == LIMN_OK) st = parameter("df", df, err);
  if (st == LIMN_OK) *t = t_distance((split){(1 - level) / 2, level / 2, 1}, df);
  return st;
}

/* ---- beta and chi-square ---- */

static double tail_of(limn_tails t, limn_tail tail) {
  return (double)expl(tail == LIMN_LOWER ? t.lower : t.upper);
}

/* The abscissa u of the quantile; p inside (0,1). */
static long double solve(const limn_law *law, double p, limn_tail tail, long double start) {
  long double mine = logl(p), rest = log1pl(-(long double)p);
  return tail == LIMN_LOWER ? limn_tails_solve(law, mine, rest, start)
                            : limn_tails_solve(law, rest, mine, start);
}

limn_status limn_stats_beta_cdf(double *p, double x, double a, double b, limn_tail tail,
                                limn_err *err) {
  limn_status st = abscissa(x, err);
  if (st == LIMN_OK) st = parameter("a", a, err);
  if (st == LIMN_OK) st = parameter("b", b, err);
  if (st != LIMN_OK) return st;
  limn_law law = limn_beta_law(a, b);
  if (x > 0 && x < 1)
    *p = tail_of(law.at(&law, logl(x) - log1pl(-(long double)x)), tail);
  else
    *p = (x <= 0) == (tail == LIMN_LOWER) ? 0 : 1;
  return LIMN_OK;
}

limn_status limn_stats_beta_quantile(double *x, double p, double a, double b, limn_tail tail,
                                     limn_err *err) {
  limn_status st = probability("p", p, err);
  if (st == LIMN_OK) st = parameter("a", a, err);
  if (st == LIMN_OK) st = parameter("b", b, err);
  if (st != LIMN_OK) return st;
  limn_law law = limn_beta_law(a, b);
  if (p > 0 && p < 1)
    *x = (double)(1 / (1 + expl(-solve(&law, p, tail, logl(a) - logl(b)))));
  else
    *x = (p == 0) == (tail == LIMN_LOWER) ? 0 : 1;
  return LIMN_OK;
}

limn_status limn_stats_chi2_cdf(double *p, double x, double df, limn_tail tail, limn_err *err) {
  limn_status st = abscissa(x, err);
  if (st == LIMN_OK) st = parameter("df", df, err);
  if (st != LIMN_OK) return st;
  limn_law law = limn_gamma_law(df / 2.0L);
  if (x > 0 && !isinf(x))
    *p = tail_of(law.at(&law, logl(x / 2.0L)), tail);
  else
    *p = (x <= 0) == (tail == LIMN_LOWER) ? 0 : 1;
  return LIMN_OK;
}

limn_status limn_stats_chi2_quantile(double *x, double p, double df, limn_tail tail,
                                     limn_err *err) {
  limn_status st = probability("p", p, err);
  if (st == LIMN_OK) st = parameter("df", df, err);
  if (st != LIMN_OK) return st;
  limn_law law = limn_gamma_law(df / 2.0L);
  if (p > 0 && p < 1)
    *x = (double)(2 * expl(solve(&law, p, tail, logl(df / 2.0L))));
  else
    *x = (p == 0) == (tail == LIMN_LOWER) ? 0 : INFINITY;
  return LIMN_OK;
}
