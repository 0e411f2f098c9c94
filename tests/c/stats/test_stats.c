/* test_stats.c: quantiles against certified values, tails as inverses of quantiles, and estimates
 * against plain formulas. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "core/core.h"
#include "limn/limn.h"
#include "stats/certified_quantiles.h"

enum { ROWS = sizeof certified / sizeof *certified };

static double quantile(int law, double p, double a, double b, limn_tail tail) {
  double x = NAN;
  limn_status st = law == NORMAL ? limn_stats_normal_quantile(&x, p, a, b, tail, NULL)
                   : law == T    ? limn_stats_t_quantile(&x, p, a, tail, NULL)
                   : law == BETA ? limn_stats_beta_quantile(&x, p, a, b, tail, NULL)
                                 : limn_stats_chi2_quantile(&x, p, a, tail, NULL);
  cr_assert_eq(st, LIMN_OK);
  return x;
}

static double cdf(int law, double x, double a, double b, limn_tail tail) {
  double p = NAN;
  limn_status st = law == NORMAL ? limn_stats_normal_cdf(&p, x, a, b, tail, NULL)
                   : law == T    ? limn_stats_t_cdf(&p, x, a, tail, NULL)
                   : law == BETA ? limn_stats_beta_cdf(&p, x, a, b, tail, NULL)
                                 : limn_stats_chi2_cdf(&p, x, a, tail, NULL);
  cr_assert_eq(st, LIMN_OK);
  return p;
}

Test(stats, certified_quantiles) {
  for (int i = 0; i < ROWS; i++) {
    double x = quantile(certified[i].law, certified[i].p, certified[i].a, certified[i].b,
                        certified[i].tail);
    double miss = fabs(x - certified[i].x) / fabs(certified[i].x);
    cr_assert(miss <= 1e-13, "row %d: %.17g, certified %.17g, relative error %g", i, x,
              certified[i].x, miss);
  }
}

/* Change of a tail when x changes by one rounding. */
static double rounding_of(int law, double x, double a, double b, limn_tail tail) {
  return fabs(cdf(law, nextafter(x, INFINITY), a, b, tail) - cdf(law, x, a, b, tail));
}

Test(stats, certified_tails) {
  for (int i = 0; i < ROWS; i++) {
    int law = certified[i].law;
    limn_tail tail = certified[i].tail;
    double x = certified[i].x, a = certified[i].a, b = certified[i].b, p = certified[i].p;
    double got = cdf(law, x, a, b, tail);
    cr_assert(fabs(got - p) <= 1e-13 * p + rounding_of(law, x, a, b, tail),
              "row %d: %.17g, expected %.17g", i, got, p);
  }
}

/* Random laws with parameters 0.05 .. 5e5 and probabilities 1e-300 .. 1, most of them small. */
Test(stats, a_quantile_has_its_probability) {
  limn_rng r = limn_rng_start(limn_key_of(3, 0, 0, LIMN_FOR_USER), 0);
  for (int i = 0; i < 2000; i++) {
    int law = (int)limn_rng_below(&r, 4);
    limn_tail tail = (limn_tail)limn_rng_below(&r, 2);
    double most = log(5e5 / 0.05), p = limn_rng_uniform(&r);
    double a = 0.05 * exp(most * limn_rng_uniform(&r)), b = 0.05 * exp(most * limn_rng_uniform(&r));
    if (limn_rng_below(&r, 2)) p = pow(10, -300 * p);
    if (law == T || law == CHI2) a *= 2;
    double x = quantile(law, p, a, b, tail);
    if (x == 0 || isinf(x) || (law == BETA && x > 0.9999))
      continue; /* out of range or near an end */
    double got = cdf(law, x, a, b, tail), rest = cdf(law, x, a, b, !tail);
    cr_assert(fabs(got - p) <= 1e-13 * p + 2 * rounding_of(law, x, a, b, tail),
              "law %d, a %.17g, b %.17g, tail %d: p %.17g, cdf(quantile) %.17g", law, a, b, tail, p,
              got);
    cr_assert(fabs(got + rest - 1) <= 4e-16);
  }
}

Test(stats, tails_are_monotone_and_end_at_0_and_1) {
  for (int law = 0; law < 4; law++) {
    double last = -1,
           ends[2] = {law == NORMAL || law == T ? -INFINITY : 0, law == BETA ? 1 : INFINITY};
    for (double x = -3; x < 60; x += 0.01) {
      double p = cdf(law, law == BETA ? x / 60 : x, 5.5, 3.25, LIMN_LOWER);
      cr_assert(p >= last && p <= 1, "law %d at %g", law, x);
      last = p;
    }
    for (int k = 0; k < 2; k++) {
      cr_assert_eq(cdf(law, ends[k], 2, 3, LIMN_LOWER), k);
      cr_assert_eq(cdf(law, ends[k], 2, 3, LIMN_UPPER), 1 - k);
      cr_assert_eq(quantile(law, k, 2, 3, LIMN_LOWER), ends[k]);
      cr_assert_eq(quantile(law, k, 2, 3, LIMN_UPPER), ends[1 - k]);
    }
  }
  cr_assert_eq(quantile(T, 0.5, 7, 0, LIMN_LOWER), 0);
  cr_assert_eq(quantile(NORMAL, 0.5, 4, 2, LIMN_UPPER), 4);
}

Test(stats, relations_between_laws) {
  limn_rng r = limn_rng_start(limn_key_of(4, 0, 0, LIMN_FOR_USER), 0);
  for (int i = 0; i < 200; i++) {
    double p = limn_rng_uniform(&r), x = 3 * limn_rng_normal(&r), level = 1 - p, t, z;
    cr_assert(fabs(cdf(CHI2, x * x, 1, 0, LIMN_UPPER) -
                   2 * cdf(NORMAL, fabs(x), 0, 1, LIMN_UPPER)) <= 1e-14);
    cr_assert(fabs(cdf(T, x, 1, 0, LIMN_LOWER) - (0.5 + atan(x) / M_PI)) <= 1e-15);
    cr_assert(fabs(quantile(CHI2, p, 2, 0, LIMN_UPPER) / (-2 * log(p)) - 1) <= 1e-14);
    cr_assert(fabs(quantile(BETA, p, 1, 3, LIMN_UPPER) / (1 - cbrt(p)) - 1) <= 1e-12);
    cr_assert_eq(limn_stats_t_critical(&t, level, 4.5, NULL), LIMN_OK);
    cr_assert_eq(limn_stats_normal_critical(&z, level, NULL), LIMN_OK);
    cr_assert(fabs(t - quantile(T, (1 - level) / 2, 4.5, 0, LIMN_UPPER)) <= 1e-15 * t + 1e-15);
    cr_assert(fabs(z - quantile(NORMAL, (1 - level) / 2, 0, 1, LIMN_UPPER)) <= 1e-15 * z + 1e-15);
    cr_assert(fabs(limn_stats_phi(x) - cdf(NORMAL, x * 5 + 2, 2, 5, LIMN_LOWER)) <= 1e-15);
  }
}

Test(stats, mean_and_slope_by_hand) {
  double m, ends[2], b, e, a, infinite[2];
  const double v[] = {1, 2, 6}, x[] = {0, 1, 2, 3}, y[] = {0, 1, 0, 1};
  cr_assert_eq(limn_stats_mean(&m, ends, v, 3, 0.9, NULL), LIMN_OK);
  double half = 0.9 * sqrt(2 / (1 - 0.81)) * sqrt(7.0 / 3); /* t with 2 degrees of freedom */
  cr_assert_eq(m, 3);
  cr_assert(fabs(ends[0] - (3 - half)) < 1e-14 && fabs(ends[1] - (3 + half)) < 1e-14);
  cr_assert_eq(limn_stats_slope(&b, &e, &a, ends, x, y, 4, 0.95, NULL), LIMN_OK);
  cr_assert(fabs(b - 0.2) < 1e-15 && fabs(a - 0.2) < 1e-15 && fabs(e - sqrt(0.08)) < 1e-15);
  half = 0.95 * sqrt(2 / (1 - 0.95 * 0.95)) * sqrt(0.08); /* t with 2 degrees of freedom */
  cr_assert(fabs(ends[0] - (0.2 - half)) < 1e-14 && fabs(ends[1] - (0.2 + half)) < 1e-14);
  cr_assert_eq(limn_stats_slope(&b, &e, NULL, infinite, x, y, 2, 0.95, NULL), LIMN_OK);
  cr_assert(b == 1 && isnan(e) && infinite[0] == -INFINITY && infinite[1] == INFINITY);
}

/* For a mean the jackknife is Student's interval; times are multiplicities of entries. */
Test(stats, jackknife) {
  const double v[] = {1, 2, 2, 6, 2}, grouped[] = {3, 2.75, 1.75}, times[] = {1, 3, 1};
  double all, mine[2], theirs[2], without[5], corrected;
  cr_assert_eq(limn_stats_mean(&all, theirs, v, 5, 0.95, NULL), LIMN_OK);
  for (int i = 0; i < 5; i++) without[i] = (5 * all - v[i]) / 4;
  cr_assert_eq(limn_stats_jackknife(mine, &corrected, all, without, NULL, 5, 0.95, NULL), LIMN_OK);
  for (int k = 0; k < 2; k++) cr_assert(fabs(mine[k] - theirs[k]) < 1e-14);
  cr_assert(fabs(corrected - all) < 1e-14);
  cr_assert_eq(limn_stats_jackknife(mine, NULL, all, grouped, times, 3, 0.95, NULL), LIMN_OK);
  for (int k = 0; k < 2; k++) cr_assert(fabs(mine[k] - theirs[k]) < 1e-14);
}

/* The ends solve (p - k/n)^2 = z^2 p (1-p)/n. */
Test(stats, wilson) {
  for (int k = 0; k <= 20; k++) {
    double ends[2];
    cr_assert_eq(limn_stats_wilson(ends, k, 20, 0.95, NULL), LIMN_OK);
    for (int j = 0; j < 2; j++) {
      double p = ends[j], off = p - k / 20.0, z = 1.959963984540054;
      cr_assert(p >= 0 && p <= 1 && fabs(off * off - z * z * p * (1 - p) / 20) < 1e-15);
    }
    cr_assert(ends[0] < ends[1]);
  }
}

Test(stats, bootstrap) {
  enum { N = 40, DRAWS = 2000 };
  double v[N], pairs[N * N], draws[DRAWS], again[DRAWS], value, ends[2], student[2], m;
  limn_rng r = limn_rng_start(limn_key_of(5, 0, 0, LIMN_FOR_USER), 0);
  limn_rng_fill_normal(&r, v, N);
  cr_assert_eq(limn_stats_bootstrap(&value, ends, draws, v, NULL, N, DRAWS, 0.9, 7, NULL), LIMN_OK);
  cr_assert_eq(limn_stats_mean(&m, student, v, N, 0.9, NULL), LIMN_OK);
  cr_assert(fabs(value - m) < 1e-15);
  for (int k = 0; k < 2; k++)
    cr_assert(fabs(ends[k] - student[k]) < 0.1 * (student[1] - student[0]));
  double inside = 0;
  for (int i = 0; i < DRAWS; i++) inside += draws[i] >= ends[0] && draws[i] <= ends[1];
  cr_assert(fabs(inside / DRAWS - 0.9) < 2e-3);
  cr_assert_eq(limn_stats_bootstrap(&value, ends, again, v, NULL, N, DRAWS, 0.9, 7, NULL), LIMN_OK);
  cr_assert_eq(memcmp(draws, again, sizeof draws), 0);
  for (int i = 0; i < N; i++) /* for sums of two, the mean over pairs is twice the mean */
    for (int j = 0; j < N; j++) pairs[i * N + j] = v[i] + v[j];
  cr_assert_eq(limn_stats_bootstrap(&value, ends, draws, NULL, pairs, N, 50, 0.9, 7, NULL),
               LIMN_OK);
  cr_assert(fabs(value - 2 * m) < 1e-14);
  for (int i = 0; i < N * N; i++) pairs[i] = NAN;
  cr_assert_eq(limn_stats_bootstrap(&value, ends, draws, NULL, pairs, N, 50, 0.9, 7, NULL),
               LIMN_OK);
  cr_assert(isnan(value) && isnan(ends[0]));
  limn_memory_fail_at(1);
  cr_assert_eq(limn_stats_bootstrap(&value, ends, draws, v, NULL, N, 50, 0.9, 7, NULL),
               LIMN_ENOMEM);
  limn_memory_fail_at(0);
}

Test(stats, errors_name_the_argument) {
  double out, ends[2];
  const double v[] = {1, 1}, bad[] = {0.5, 2};
  limn_err e = {0};
#define REFUSED(name, call)                                                                        \
  do {                                                                                             \
    cr_assert_eq(call, LIMN_EINVAL, "%s", #call);                                                  \
    cr_assert_str_eq(e.argument, name);                                                            \
  } while (0)
  REFUSED("df", limn_stats_t_cdf(&out, 1, 0, LIMN_LOWER, &e));
  REFUSED("df", limn_stats_t_critical(&out, 0.5, 2e10, &e));
  REFUSED("df", limn_stats_chi2_quantile(&out, 0.5, NAN, LIMN_LOWER, &e));
  REFUSED("p", limn_stats_beta_quantile(&out, 1.5, 1, 1, LIMN_LOWER, &e));
  REFUSED("b", limn_stats_beta_cdf(&out, 0.5, 1, -1, LIMN_LOWER, &e));
  REFUSED("x", limn_stats_beta_cdf(&out, NAN, 1, 1, LIMN_LOWER, &e));
  REFUSED("sd", limn_stats_normal_cdf(&out, 0, 0, 0, LIMN_LOWER, &e));
  REFUSED("level", limn_stats_normal_critical(&out, 1.5, &e));
  REFUSED("level", limn_stats_mean(&out, ends, v, 2, 1, &e));
  REFUSED("values", limn_stats_mean(&out, ends, v, 1, 0.9, &e));
  REFUSED("x", limn_stats_slope(&out, NULL, NULL, NULL, v, v, 2, 0.9, &e));
  REFUSED("successes", limn_stats_wilson(ends, 3, 2, 0.9, &e));
  REFUSED("times", limn_stats_jackknife(ends, NULL, 1, v, bad, 2, 0.9, &e));
  cr_assert_eq(e.row, 0);
  REFUSED("without", limn_stats_jackknife(ends, NULL, 1, v, NULL, 1, 0.9, &e));
  REFUSED("values", limn_stats_bootstrap(&out, ends, NULL, v, NULL, 0, 0, 0.9, 1, &e));
}
