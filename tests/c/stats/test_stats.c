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

/* ---- intervals of proportions and differences ---- */

Test(stats, clopper_pearson) {
  double ends[2], p;
  /* R: binom.test(7, 20)$conf.int */
  cr_assert_eq(limn_stats_clopper_pearson(ends, 7, 20, 0.95, NULL), LIMN_OK);
  cr_assert(fabs(ends[0] - 0.15390920478454) < 1e-13 && fabs(ends[1] - 0.59218853453283) < 1e-13);
  /* with no success, and with successes only: 1 - (alpha/2)^(1/n) */
  cr_assert_eq(limn_stats_clopper_pearson(ends, 0, 10, 0.95, NULL), LIMN_OK);
  cr_assert(ends[0] == 0 && fabs(ends[1] - (1 - pow(0.025, 0.1))) < 1e-14);
  cr_assert_eq(limn_stats_clopper_pearson(ends, 10, 10, 0.95, NULL), LIMN_OK);
  cr_assert(ends[1] == 1 && fabs(ends[0] - pow(0.025, 0.1)) < 1e-14);
  /* its lower end is where k or more successes have probability alpha/2 */
  cr_assert_eq(limn_stats_clopper_pearson(ends, 3, 5, 0.9, NULL), LIMN_OK);
  p = ends[0];
  cr_assert(fabs(10 * p * p * p * (1 - p) * (1 - p) + 5 * pow(p, 4) * (1 - p) + pow(p, 5) - 0.05) <
            1e-14);
  const double bad[][2] = {{3, 2}, {-1, 2}, {0.5, 2}, {1, 0}, {1, 2.5}, {NAN, 2}};
  for (int i = 0; i < 6; i++)
    cr_assert_eq(limn_stats_clopper_pearson(ends, bad[i][0], bad[i][1], 0.9, NULL), LIMN_EINVAL);
}

Test(stats, difference) {
  double value, ends[2], df, m, theirs[2], t;
  /* equal variances and sizes: the degrees of freedom are those of the pooled test */
  const double a[] = {1, 2, 3}, b[] = {5, 4, 6}, flat[] = {1, 1, 1};
  cr_assert_eq(limn_stats_difference(&value, ends, &df, a, 3, b, 3, 0.9, NULL), LIMN_OK);
  cr_assert_eq(limn_stats_t_critical(&t, 0.9, 4, NULL), LIMN_OK);
  cr_assert(value == -3 && fabs(df - 4) < 1e-14);
  cr_assert(fabs(ends[1] + 3 - t * sqrt(2.0 / 3)) < 1e-14);
  /* a constant: the one-sample interval of the other */
  cr_assert_eq(limn_stats_difference(&value, ends, &df, a, 3, flat, 3, 0.9, NULL), LIMN_OK);
  cr_assert_eq(limn_stats_mean(&m, theirs, a, 3, 0.9, NULL), LIMN_OK);
  cr_assert(fabs(ends[0] + 1 - theirs[0]) < 1e-14 && fabs(df - 2) < 1e-14);
  cr_assert_eq(limn_stats_difference(&value, ends, NULL, flat, 3, flat, 3, 0.9, NULL), LIMN_EINVAL);
  cr_assert_eq(limn_stats_difference(&value, ends, NULL, a, 1, b, 3, 0.9, NULL), LIMN_EINVAL);
}

/* ---- power ---- */

static double power(double low, double high, double mean, double error, double df, double level) {
  double p = NAN;
  cr_assert_eq(limn_stats_interval_power(&p, low, high, mean, error, df, level, NULL), LIMN_OK);
  return p;
}

/* Published powers of two one-sided tests on the ratio of means in a crossover: R package
 * PowerTOST, sampleN.TOST(CV = 0.2) and (CV = 0.3): 0.834680 at n = 20, 0.815845 at n = 40. */
Test(stats, published_powers_of_equivalence) {
  const struct { double cv, n, power; } row[] = {{0.2, 20, 0.834680}, {0.3, 40, 0.815845}};
  for (int i = 0; i < 2; i++) {
    double sd = sqrt(log1p(row[i].cv * row[i].cv));
    double got = power(log(0.8), log(1.25), log(0.95), sd * sqrt(2 / row[i].n), row[i].n - 2, 0.9);
    cr_assert(fabs(got - row[i].power) < 5e-7, "%.9f", got);
  }
}

/* Of a one-sided range it is the power of Student's test: R power.t.test(n = 20, delta = 0.5,
 * type = "one.sample"): 0.5644829. With no true effect it is the error rate of one side. */
Test(stats, power_of_student) {
  cr_assert(fabs(power(0, INFINITY, 0.5, 1 / sqrt(20), 19, 0.95) - 0.5644829) < 5e-8);
  cr_assert(fabs(power(-INFINITY, 0, -0.5, 1 / sqrt(20), 19, 0.95) - 0.5644829) < 5e-8);
  const double freedoms[] = {1, 2, 7.5, 100, 1e4, 1e6};
  for (int i = 0; i < 6; i++) {
    double df = freedoms[i];
    cr_assert(fabs(power(0, INFINITY, 0, 3, df, 0.9) - 0.05) < 1e-10, "df %g", df);
    /* far inside: certain; far outside: impossible; wide: both sides miss independently at most */
    cr_assert(power(-1, INFINITY, 1e9, 1, df, 0.9) > 1 - 1e-3);
    cr_assert(power(-1, 1, 50, 1, df, 0.9) < 1e-10);
  }
  double normal = 2 * limn_stats_phi(3 - 1.959963984540054) - 1; /* of many degrees of freedom */
  cr_assert(fabs(power(-3, 3, 0, 1, 1e9, 0.95) - normal) < 1e-6);
}

/* Against the frequency in simulated samples. */
Test(stats, power_is_a_frequency) {
  enum { RUNS = 20000, N = 6 };
  limn_rng r = limn_rng_start(limn_key_of(5, 0, 0, LIMN_FOR_USER), 0);
  int inside = 0;
  for (int k = 0; k < RUNS; k++) {
    double v[N], m, ends[2];
    for (int i = 0; i < N; i++) v[i] = 0.3 + 0.8 * limn_rng_normal(&r);
    cr_assert_eq(limn_stats_mean(&m, ends, v, N, 0.9, NULL), LIMN_OK);
    inside += ends[0] >= -1 && ends[1] <= 1;
  }
  double p = power(-1, 1, 0.3, 0.8 / sqrt(N), N - 1, 0.9);
  cr_assert(fabs((double)inside / RUNS - p) < 5 * sqrt(p * (1 - p) / RUNS), "%g, computed %g",
            (double)inside / RUNS, p);
}

Test(stats, how_many_replicates) {
  double n, sd;
  for (double mean = -0.9; mean < 1; mean += 0.3)
    for (double s = 0.02; s < 5; s *= 3) {
      cr_assert_eq(limn_stats_replicates(&n, -1, 1, mean, s, 0.95, 0.8, NULL), LIMN_OK);
      if (n > LIMN_STATS_MANY_REPLICATES) continue;
      cr_assert(power(-1, 1, mean, s / sqrt(n), n - 1, 0.95) >= 0.8);
      if (n > 2) cr_assert(power(-1, 1, mean, s / sqrt(n - 1), n - 2, 0.95) < 0.8);
      cr_assert_eq(limn_stats_largest_spread(&sd, -1, 1, mean, n, 0.95, 0.8, NULL), LIMN_OK);
      cr_assert(sd >= s * (1 - 1e-12) &&
                fabs(power(-1, 1, mean, sd / sqrt(n), n - 1, 0.95) - 0.8) < 1e-9);
    }
  cr_assert_eq(limn_stats_replicates(&n, -1, 1, 1, 1, 0.95, 0.8, NULL), LIMN_OK);
  cr_assert(isinf(n)); /* at the edge */
  cr_assert_eq(limn_stats_replicates(&n, -1, 1, 0, 1e6, 0.95, 0.8, NULL), LIMN_OK);
  cr_assert(isinf(n));
  cr_assert_eq(limn_stats_largest_spread(&sd, -1, 1, 2, 5, 0.95, 0.8, NULL), LIMN_OK);
  cr_assert_eq(sd, 0);
}

/* Against the sum over all outcomes. */
Test(stats, power_of_a_proportion) {
  const double n = 30, p = 0.35;
  double sum = 0, weight = pow(1 - p, n), got, trials;
  for (int k = 0; k <= 30; k++) {
    double ends[2];
    cr_assert_eq(limn_stats_clopper_pearson(ends, k, n, 0.9, NULL), LIMN_OK);
    if (ends[0] >= 0.1 && ends[1] <= 0.55) sum += weight;
    weight *= (n - k) / (k + 1) * p / (1 - p);
  }
  cr_assert_eq(limn_stats_proportion_power(&got, 0.1, 0.55, p, n, 0.9, NULL), LIMN_OK);
  cr_assert(sum > 0.3 && sum < 0.95 && fabs(got - sum) < 1e-12, "%g, by hand %g", got, sum);
  cr_assert_eq(limn_stats_trials(&trials, 0.1, 0.55, p, 0.9, 0.8, NULL), LIMN_OK);
  cr_assert_eq(limn_stats_proportion_power(&got, 0.1, 0.55, p, trials, 0.9, NULL), LIMN_OK);
  cr_assert(got >= 0.8 && trials < 60);
}

Test(stats, bad_ranges) {
  double x;
  cr_assert_eq(limn_stats_interval_power(&x, 1, 1, 0, 1, 5, 0.9, NULL), LIMN_EINVAL);
  cr_assert_eq(limn_stats_interval_power(&x, -INFINITY, INFINITY, 0, 1, 5, 0.9, NULL), LIMN_EINVAL);
  cr_assert_eq(limn_stats_interval_power(&x, 0, 1, NAN, 1, 5, 0.9, NULL), LIMN_EINVAL);
  cr_assert_eq(limn_stats_interval_power(&x, 0, 1, 0, 0, 5, 0.9, NULL), LIMN_EINVAL);
  cr_assert_eq(limn_stats_interval_power(&x, 0, 1, 0, 1, 5, 1, NULL), LIMN_EINVAL);
  cr_assert_eq(limn_stats_replicates(&x, 0, 1, 0.5, 1, 0.9, 1, NULL), LIMN_EINVAL);
  cr_assert_eq(limn_stats_largest_spread(&x, 0, 1, 0.5, 1, 0.9, 0.8, NULL), LIMN_EINVAL);
  cr_assert_eq(limn_stats_proportion_power(&x, 0, 1, 1.5, 9, 0.9, NULL), LIMN_EINVAL);
}

/* ---- kinds ---- */

/* By hand: 7 kinds in 20, f1 = 3, f2 = 2: 7 + 19/20 9/4; coverage 1 - 3/20 57/(57 + 4). */
Test(stats, kinds_by_hand) {
  const double counts[] = {9, 0, 4, 2, 2, 1, 1, 1}, whole[] = {5, 5, 5}, bad[] = {1, 0.5},
               one[] = {1};
  double kinds, ends[2], coverage;
  cr_assert_eq(limn_stats_distinct(&kinds, ends, &coverage, counts, 8, 0.95, NULL), LIMN_OK);
  cr_assert(fabs(kinds - (7 + 0.95 * 9 / 4)) < 1e-14);
  cr_assert(fabs(coverage - (1 - 0.15 * 57 / 61)) < 1e-14);
  cr_assert(ends[0] == 7 && ends[1] > kinds && ends[1] < 40);
  cr_assert_eq(limn_stats_distinct(&kinds, ends, &coverage, whole, 3, 0.95, NULL), LIMN_OK);
  cr_assert(kinds == 3 && coverage == 1 && ends[0] == 3);
  cr_assert_eq(limn_stats_distinct(&kinds, ends, NULL, bad, 2, 0.95, NULL), LIMN_EINVAL);
  cr_assert_eq(limn_stats_distinct(&kinds, ends, NULL, one, 1, 0.95, NULL), LIMN_EINVAL);
  cr_assert_eq(limn_stats_entropy(&kinds, ends, NULL, bad, 2, 0.95, NULL), LIMN_EINVAL);
}

/* Chao, Wang and Jost's formula term by term, in bits. */
static double plain_entropy(const double *counts, size_t m) {
  double n = 0, once = 0, twice = 0, sum = 0;
  for (size_t i = 0; i < m; i++) n += counts[i], once += counts[i] == 1, twice += counts[i] == 2;
  for (size_t i = 0; i < m; i++)
    for (double k = counts[i]; counts[i] > 0 && k < n; k++) sum += counts[i] / n / k;
  double a = twice > 0  ? 2 * twice / ((n - 1) * once + 2 * twice)
             : once > 0 ? 2 / ((n - 1) * (once - 1) + 2)
                        : 1;
  double rest = -log(a), q = 1 - a;
  for (double r = 1; r < n; r++) rest -= pow(q, r) / r;
  if (once > 0 && q > 0) sum += once / n * pow(q, 1 - n) * rest;
  return sum / log(2);
}

Test(stats, entropy_is_the_published_formula) {
  limn_rng r = limn_rng_start(limn_key_of(6, 0, 0, LIMN_FOR_USER), 0);
  for (int trial = 0; trial < 300; trial++) {
    double counts[30], bits, ends[2], without[30], times[30], theirs[2], n = 0;
    size_t m = 2 + (size_t)limn_rng_below(&r, 28), k = 0;
    for (size_t i = 0; i < m; i++)
      n += counts[i] = (double)limn_rng_below(&r, 1 + limn_rng_below(&r, 6));
    if (n < 3) continue;
    cr_assert_eq(limn_stats_entropy(&bits, ends, NULL, counts, m, 0.95, NULL), LIMN_OK);
    cr_assert(fabs(bits - plain_entropy(counts, m)) < 1e-9, "%.12g, plainly %.12g", bits,
              plain_entropy(counts, m));
    for (size_t i = 0; i < m; i++) /* the jackknife, each kind by itself */
      if (counts[i] > 0) {
        times[k] = counts[i]--;
        without[k++] = plain_entropy(counts, m);
        counts[i]++;
      }
    cr_assert_eq(limn_stats_jackknife(theirs, NULL, bits, without, times, k, 0.95, NULL), LIMN_OK);
    if (!isinf(ends[1]))
      cr_assert(fabs(ends[1] - theirs[1]) < 1e-8 && fabs(ends[0] - fmax(0, theirs[0])) < 1e-8);
  }
}
